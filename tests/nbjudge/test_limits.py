"""Limits come from what the reference took, what a course sets wins, and what stopped something is told."""

import logging
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbjudge import limits
from nbjudge.errors import CourseSetupError
from nbjudge.judging.verdict import stopped, why_stopped
from nbjudge.limits import Limits, Span
from nbjudge.reasons import Reason
from nbjudge.reference import NoReferenceRun, ReferenceRun, digest_of, key_of_run
from nbjudge.settings import NbJudge

PLOT, ANSWER = "plot(jacobian)", "def jacobian(): ..."
REFERENCE = ReferenceRun(
    cells={digest_of("import torch"): 0.01, digest_of(PLOT): 0.4},
    tests={"e1-quick": 0.05, "e1-slow": 0.5, "e1-loops": 0.05},
    slow_cells={digest_of(PLOT): 0.6},
    slow_tests={"e1-quick": 0.06, "e1-slow": 0.7, "e1-loops": 3.0},
    slowest=0.75,
    seconds=2.0,
    memory=10**9,
    workload=0.02,
)
MEASURED = Limits.of({}, REFERENCE)


def test_limits_are_multiples_of_what_the_reference_took_and_have_a_least_value():
    assert MEASURED.of_test("e1-quick") == Span(3, 30)
    assert MEASURED.of_test("e1-slow") == Span(10, 100)
    assert MEASURED.of_test("e1-loops") == Span(15, 150), "right answers take longer than the reference"
    assert MEASURED.of_cell("import torch\n") == Span(3, 30)
    assert MEASURED.of_cell(PLOT) == Span(4, 40)
    assert MEASURED.of_cell(ANSWER) == Span(15, 150)
    assert (MEASURED.total_cpu, MEASURED.total_wall) == (30, 300)
    assert (MEASURED.memory, MEASURED.total_memory) == (4 * 10**9, 4 * 10**9)


def test_without_a_reference_run_the_defaults_hold():
    assert Limits.of({}) == Limits()
    assert Limits().of_test("e1-quick") == Span(30, 90)
    assert Limits().of_cell(PLOT) == Span(60, 180)
    assert MEASURED.of_test("of a later release") == Span(30, 90)


def test_what_a_course_sets_holds_for_all_cells_and_tests():
    given = Limits.of({"cell_cpu": 120, "test_wall": 7, "total_memory": 2**20}, REFERENCE)
    assert {given.of_cell(source).cpu for source in (PLOT, ANSWER)} == {120}
    assert [given.of_test(name) for name in ("e1-quick", "e1-slow")] == [Span(3, 7), Span(10, 7)]
    assert given.total_memory == 2**20
    assert given.total_cpu == 120, "a cell can use up what it was given"
    assert given.on_machine(0.2).of_cell(PLOT).cpu == 120
    assert given.times(2).of_cell(PLOT).cpu == 240


@pytest.mark.parametrize("setting", [{"reference": 1}, {"scale": 2}, {"cpu": 3}, {"cell_cpu": 0}, {"cell_cpu": True}])
def test_what_is_no_limit_cannot_be_set(setting):
    with pytest.raises(CourseSetupError):
        Limits.of(setting, REFERENCE)


def test_a_part_of_a_second_can_be_set():
    assert Limits.of({"test_cpu": 0.5}).test_cpu == 0.5


def test_one_student_may_get_more_of_everything():
    twice = MEASURED.times(2)
    assert twice.of_test("e1-quick") == Span(6, 60)
    assert twice.of_cell(PLOT) == Span(8, 80)
    assert (twice.total_cpu, twice.total_wall, twice.memory) == (60, 600, 8 * 10**9)


def test_a_slower_machine_gets_more_time_and_a_faster_one_no_less():
    slower = MEASURED.on_machine(0.03)
    assert slower.of_test("e1-slow") == Span(15, 150)
    assert slower.of_cell(ANSWER) == Span(22.5, 225)
    assert (slower.total_cpu, slower.memory) == (45, MEASURED.memory)
    assert MEASURED.on_machine(0.01) == MEASURED
    assert slower.on_machine(0.03) == slower
    assert MEASURED.on_machine(None).of_test("e1-slow").cpu == 40, "nobody knows how slow it is"
    assert Limits().on_machine(1.0) == Limits()


def test_the_sandbox_does_not_learn_what_the_reference_took():
    assert asdict(MEASURED.without_reference())["reference"] is None
    assert MEASURED.without_reference().total_cpu == MEASURED.total_cpu


ORIGINS = {
    (Reason.CPU, "e1-slow"): (10, "20 times the reference's 0.5 s"),
    (Reason.CPU, "e1-quick"): (3, "the least, more than 20 times the reference's 0.05 s"),
    (Reason.WALL, "e1-slow"): (100, "10 times its 10 s of processor time"),
    (Reason.CPU, "e1-loops"): (15, "5 times the 3 s of the slowest right answers known"),
    (Reason.TOTAL_CPU, "e1-slow"): (30, "15 times the reference's 2 s"),
}


@pytest.mark.parametrize(("asked", "told"), ORIGINS.items(), ids=lambda value: str(value[0]))
def test_it_is_told_how_a_limit_came_about(asked, told):
    bound = MEASURED.test_bound(*asked, MEASURED.of_test(asked[1]))
    assert (bound.most, bound.origin) == told


def test_it_is_told_what_changed_a_limit():
    span = Span(30, 90)
    assert Limits.of({"test_cpu": 7}).test_bound(Reason.CPU, "e1", span).origin == "set by the course"
    assert Limits().test_bound(Reason.CPU, "e1", span).origin == "the default"
    assert MEASURED.cell_bound(Reason.CPU, ANSWER).origin == "20 times the 0.75 s of the reference's slowest cell"
    slower = MEASURED.on_machine(0.03).times(4)
    assert slower.test_bound(Reason.CPU, "e1-slow", slower.of_test("e1-slow")).origin == (
        "20 times the reference's 0.5 s, scaled by 1.5 for this machine, scaled by 4 as asked for"
    )
    tenth = MEASURED.test_bound(Reason.CPU, "e1-slow", MEASURED.of_test("e1-slow").times(0.1))
    assert tenth.most == 1
    assert "times 0.1" in tenth.origin
    assert MEASURED.cell_bound(Reason.CRASH, ANSWER) is None


def test_a_student_reads_which_limit_it_was_and_its_value():
    bound = MEASURED.test_bound(Reason.CPU, "e1-quick", MEASURED.of_test("e1-quick"))
    text = stopped(Reason.CPU, bound).message
    assert str(text) == ("your code ran longer than the 3 s of processor time that this test may take and was stopped.")
    assert text.form("ko") == "코드가 이 테스트에 허용된 프로세서 시간 3초보다 오래 실행되어 중단되었습니다."
    assert "4 s of processor time that this cell may take" in str(
        why_stopped(Reason.CPU, MEASURED.cell_bound(Reason.CPU, PLOT))
    )
    assert "30 s of processor time that all" in str(
        why_stopped(Reason.TOTAL_CPU, MEASURED.cell_bound(Reason.TOTAL_CPU, PLOT))
    )
    assert "ended the process" in str(why_stopped(Reason.CRASH, None))


@pytest.fixture
def course(tmp_path, caplog):
    """Directories of a course as nbgrader knows them, with a log."""
    (tmp_path / "source" / "ps1").mkdir(parents=True)
    return SimpleNamespace(
        source_directory="source",
        format_path=lambda step, student, assignment: str(tmp_path / step / student / assignment),
        log=logging.getLogger("course"),
        path=tmp_path / "source" / "ps1" / "jacobian.run.json",
        told=lambda: [record.getMessage() for record in caplog.records],
    )


def test_a_reference_run_is_kept_beside_its_notebook(course):
    REFERENCE.write(course.path, "key")
    assert ReferenceRun.read(course.path) == REFERENCE
    assert key_of_run(course.path) == "key"
    assert NbJudge().limits_of(course, "ps1", "jacobian") == MEASURED
    assert course.told() == []


@pytest.mark.parametrize(
    "content",
    [None, "", "{", "[]", '{"run": {}}', '{"key": "k", "run": null}', "NaN"],
    ids=lambda content: str(content),
)
def test_without_one_that_can_be_read_a_sentence_is_told_and_the_defaults_hold(course, content):
    if content is not None:
        course.path.write_text(content)
    with pytest.raises(NoReferenceRun):
        ReferenceRun.read(course.path)
    assert key_of_run(course.path) is None
    assert NbJudge(limits={"cell_cpu": 5}).limits_of(course, "ps1", "jacobian") == Limits.of({"cell_cpu": 5})
    (sentence,) = course.told()
    assert sentence.startswith("ps1: jacobian.run.json is ")
    assert "default limits hold" in sentence


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1", '"1"', "true", "null"])
def test_a_damaged_number_is_no_limit(course, number):
    REFERENCE.write(course.path, "key")
    course.path.write_text(course.path.read_text().replace('"e1-slow": 0.5', f'"e1-slow": {number}'))
    with pytest.raises(NoReferenceRun, match="is damaged"):
        ReferenceRun.read(course.path)


def test_the_documentation_names_every_rule():
    text = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
    table = {row.split(" | ")[0]: row for row in text.split("## Limits")[1].split("## ")[0].splitlines()}
    assert f"{limits.OF_SLOWEST:g} times" in text.split("## Limits")[1]
    for what, rule, unit in (
        ("`test_cpu`, processor seconds of a test", limits.TEST, "s"),
        ("`cell_cpu`, processor seconds of a cell of the course, unchanged", limits.OWN_CELL, "s"),
        ("`cell_cpu`, processor seconds of any other cell", limits.OTHER_CELL, "s"),
        ("`total_cpu`, processor seconds of everything", limits.TOTAL, "s"),
        ("`test_wall`, `cell_wall`, seconds of a test or cell", limits.WALL, "s"),
        ("`total_wall`, seconds of everything", limits.TOTAL_WALL, "s"),
        ("`memory`, of one process", limits.MEMORY, "GiB"),
        ("`total_memory`, of all processes", limits.TOTAL_MEMORY, "GiB"),
    ):
        row = table[f"| {what}"]
        assert f"| {rule.multiple:g} times " in row
        assert row.endswith(f"| {rule.least / (2**30 if unit == 'GiB' else 1):g} {unit} |")
