"""The proof of the grader holds, and breaking it on purpose is seen."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from course import __main__ as commands
from course import classes, gates, trialcache, trialrun, trials
from course.errors import CourseError
from course.exercises import read_exercises
from course.trialcache import TrialCache
from nbjudge.judging.verdict import Outcome, Verdict
from nbjudge.messages import Text
from tests.attempts import Attempt
from tests.attempts import jacobian as attempts
from tests.hidden import jacobian as hidden

SOURCE = Path(__file__).parents[2] / "source"
NOTEBOOKS = sorted(SOURCE.glob("*/*.ipynb"))
JACOBIAN = SOURCE / "ps1-jacobian" / "jacobian.ipynb"

pytestmark = pytest.mark.slow
TOGETHER = pytest.mark.xdist_group("gates")
WITH_ONE_CACHE = pytest.mark.xdist_group("cache of the gates")


@pytest.fixture(scope="module")
def known():
    return dict(zip(NOTEBOOKS, gates.prove_attempts(NOTEBOOKS), strict=True))


@pytest.fixture(scope="module")
def proofs():
    return dict(zip(NOTEBOOKS, gates.prove_all(NOTEBOOKS), strict=True))


@TOGETHER
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_every_attempt_meets_its_cells_as_known(known, path):
    proof = known[path]
    assert proof.problems == []
    assert len(proof.table) == sum(proof.attempts) > 30
    assert (proof.universal, proof.patterns) == (0, 0)


@TOGETHER
@pytest.mark.proof
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_every_gate_holds(proofs, path):
    proof = proofs[path]
    assert proof.problems == []
    assert proof.universal > 100
    assert proof.patterns > 20


MARGIN = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e\+?\d+)?")

MOST_APART = 10
"""By which factor a margin may differ from the committed one, since its last digits depend on the machine."""

LARGE = 1e6
"""From here on, margins rest on rounding errors, and are not compared."""


def words_and_margins(page):
    """A page of the gates without its margins, and these, one after the other."""
    words, margins = [], []
    for line in page.splitlines():
        cells = line.split(" | ")
        told = " | ".join(cells[4:]) if line.startswith("| `") else ""
        words += [line.removesuffix(told), MARGIN.sub("n", told)]
        margins += [min(float(found.replace(",", "")), LARGE) for found in MARGIN.findall(told)]
    return words, margins


@TOGETHER
@pytest.mark.proof
def test_the_committed_page_is_up_to_date(proofs):
    committed = (SOURCE.parent / "docs" / "gates.md").read_text("utf-8")
    (words, margins), (known, earlier) = map(words_and_margins, (gates.as_page(proofs.values()), committed))
    assert words == known, "docs/gates.md is out of date: run `make gates`"
    apart = [pair for pair in zip(margins, earlier, strict=True) if max(pair) > MOST_APART * min(pair)]
    assert apart == []


def test_another_margin_or_verdict_on_the_page_is_seen():
    row = "| `e1` | 0.5 | 10 | 2 | 3,000 | 8e+06, 1.5 (slope) |"
    assert words_and_margins(row)[1] == [3000.0, LARGE, 1.5]
    for old, new in (("10", "11"), ("slope", "statistic"), ("2 |", "3 |"), ("3,000", "–")):
        assert words_and_margins(row.replace(old, new))[0] != words_and_margins(row)[0]


def problems(function):
    return gates.prove(JACOBIAN, functions=[function]).problems


def test_a_loosened_tolerance_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "ANY_METHOD", 10.0)
    assert any("takes_the_size_of_x1 keeps cell e1-2-values" in problem for problem in problems("jac_example"))


def test_the_author_of_a_test_reads_by_which_error_it_breaks(monkeypatch):
    monkeypatch.setattr(hidden, "assert_shape", None)
    (told,) = {problem for problem in problems("jac_example") if "the reference loses cell e1-2-shape" in problem}
    assert re.search(r"TypeError: 'NoneType' object is not callable \(tests/hidden/jacobian.py, line \d+\)\]$", told)


def test_a_removed_check_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "e1_2_values", lambda jac_example: None)
    found = problems("jac_example")
    assert any("keeps cell e1-2-values" in problem for problem in found)
    assert any("cell e1-2-values is idle" in problem for problem in found)


def test_swapped_attempts_are_seen(monkeypatch):
    wrong, right = attempts.transposes_the_example, attempts.writes_a_nested_list
    monkeypatch.setattr(wrong, "attempt", Attempt("jac_example", {}, wrong))
    monkeypatch.setattr(right, "attempt", Attempt("jac_example", {"e1-2-values": 0.0}, right))
    found = problems("jac_example")
    assert any("transposes_the_example loses cell e1-2-values" in problem for problem in found)
    assert any("writes_a_nested_list keeps cell e1-2-values" in problem for problem in found)


def test_a_broken_reference_is_seen(monkeypatch):
    monkeypatch.setattr(hidden.reference, "jac_example", lambda x: 2 * hidden.torch.ones(2, 2))
    assert any("the reference loses cell e1-2-values" in problem for problem in problems("jac_example"))


def test_an_unknown_cell_is_seen(monkeypatch):
    monkeypatch.setattr(
        attempts.transposes_the_example,
        "attempt",
        Attempt("jac_example", {"e9": 0.0}, attempts.transposes_the_example),
    )
    assert any("names the unknown cell e9" in problem for problem in problems("jac_example"))


def test_what_is_still_right_in_one_cell_must_be_kept_there_alone(monkeypatch):
    monkeypatch.setattr(attempts, "STILL_RIGHT", {"e1-2-values": {"zeros"}}, raising=False)
    found = [problem for problem in problems("jac_example") if "zeros" in problem]
    assert len(found) == 1
    assert "which is still right, loses cell e1-2-values" in found[0]


def test_an_order_that_is_known_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "shuffled", list)
    found = problems("derivative_shape")
    assert any("the pattern 'script' of derivative_shape keeps cell e1-1-vectors" in problem for problem in found)
    assert any("the pattern 'script' of derivative_shape keeps cell e1-1-tensors" in problem for problem in found)


def test_a_cell_with_one_right_result_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "e1_1_tensors", lambda derivative_shape: derivative_shape((2, 3), (4,)))
    found = problems("derivative_shape")
    assert any(
        "the pattern 'constant (4, 2, 3)' of derivative_shape keeps cell e1-1-tensors" in problem for problem in found
    )
    assert any("cell e1-1-tensors asks derivative_shape in fewer than 100 orders" in problem for problem in found)


def test_a_cell_that_asks_at_one_point_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "shuffled", lambda cases: cases[:1])
    found = problems("numerical_jacobian")
    assert any("the pattern 'first' of numerical_jacobian keeps cell e1-3-inputs" in problem for problem in found)


def test_attempts_start_afresh_in_each_test(monkeypatch):
    def counts_its_calls(x, calls=[]):  # noqa: B006, what an attempt remembers is the point
        calls.append(x)
        return [[2 * x[0], 1.0], [x[1], x[0] + 2 * x[1]]] if len(calls) < 9 else None

    attempt = Attempt("jac_example", {}, counts_its_calls)
    monkeypatch.setattr(attempts.writes_a_nested_list, "attempt", attempt)
    assert not any("counts_its_calls" in problem for problem in problems("jac_example"))


@pytest.fixture(scope="module")
def tried_once(tmp_path_factory):
    """A cache after the gates of one function, and what they reported and found."""
    folder = tmp_path_factory.mktemp("gates")
    return folder, *tried(folder)


@pytest.fixture
def folder(tried_once, tmp_path):
    return shutil.copytree(tried_once[0], tmp_path / "gates")


def tried(folder):
    lines = []
    cache = TrialCache(folder, report=lines.append)
    proof = gates.prove_all([JACOBIAN], functions=["jac_example"], cache=cache, processes=1, report=lines.append)[0]
    return lines, proof


def taken_over(lines):
    return tuple(int(count.replace(",", "")) for count in re.match(r"([\d,]+) of ([\d,]+) trials", lines[-1]).groups())


def nothing_is_tried(monkeypatch):
    monkeypatch.setattr(trials.Prover, "tried", lambda *_: pytest.fail("it was tried again"))


@WITH_ONE_CACHE
def test_a_second_run_takes_everything_over_and_finds_the_same(tried_once, folder, monkeypatch):
    _, first_lines, first = tried_once
    assert taken_over(first_lines) == (0, 109)
    assert any(
        re.match(r"jacobian jac_example: 1 of 1 functions in \d+:\d\d, about 0:00 left", line) for line in first_lines
    )
    nothing_is_tried(monkeypatch)
    lines, proof = tried(folder)
    assert taken_over(lines) == (109, 109)
    assert proof == first


@WITH_ONE_CACHE
def test_what_is_taken_over_is_what_was_found(tried_once, folder):
    _, _, first = tried_once
    assert first.problems == []
    keeps = Verdict(Outcome.PASSED, 1.0, Text(en="passed.", ko="통과했습니다."))
    path = folder / "jacobian" / "jac_example.e1-2-values.json"
    entries = json.loads(path.read_text())
    for entry in entries.values():
        for trial in entry["trials"]:
            trial["verdict"] = keeps.as_data()
    path.write_text(json.dumps(entries))
    _, proof = tried(folder)
    assert any("keeps cell e1-2-values" in problem for problem in proof.problems)


@WITH_ONE_CACHE
def test_only_a_changed_attempt_is_tried_again(folder, monkeypatch):
    def transposes_the_example(x):
        return [[2 * x[0], x[1]], [1.0, x[0] + 2 * x[1]]]

    changed = Attempt("jac_example", attempts.transposes_the_example.attempt.loses, transposes_the_example)
    monkeypatch.setattr(attempts.transposes_the_example, "attempt", changed)
    lines, _ = tried(folder)
    over, made = taken_over(lines)
    assert 1 <= made - over <= 4


DAMAGES = {
    "emptied": lambda _: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "a list": lambda _: b"[]",
    "no text": lambda _: b"\xff\xfe",
    "other words": lambda whole: whole.replace(b'"verdict"', b'"word"'),
    "another outcome": lambda whole: whole.replace(b'"passed"', b'"perhaps"'),
}


@WITH_ONE_CACHE
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_told_and_tried_anew(folder, damage):
    path = folder / "jacobian" / "reference.e1-2-values.json"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    lines, proof = tried(folder)
    assert f"{path} is damaged: what it held is tried anew." in lines
    assert taken_over(lines) == (106, 109)
    assert proof.problems == []
    assert json.loads(path.read_bytes()).keys() == json.loads(whole).keys()


def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "gates").write_text("a file in the place of the folder")
    cache = TrialCache(tmp_path / "gates" / "deeper", report=(lines := []).append)
    cache.write("jacobian", "jac_example", "e1-2-values", {})
    assert lines and "cannot be written" in lines[0]


HIDDEN = """
import math
LIMIT = 1.0
def helper(): return LIMIT
def e1_1_vectors(f): helper()
@math.cos
def e1_1_tensors(f): e1_2_values(f)
def e1_2_values(f): helper()
"""


def keys_with(hidden, monkeypatch):
    """The keys of the reference at three cells of which the hidden module is another one."""
    exercises = read_exercises(JACOBIAN)
    with monkeypatch.context() as other:
        other.setattr(trialcache, "_parts", lambda _, parts=trialcache._parts: parts(hidden))
        keys = trialcache.Keys(JACOBIAN, exercises)
    cells = {test.name: test for test in exercises.tests}
    return [keys.of(cells[name], trials.Answer(trials.REFERENCE)) for name in CELLS]


CELLS = ("e1-1-vectors", "e1-1-tensors", "e1-2-values")
EDITS = {
    "layout and comments": (("LIMIT = 1.0", "LIMIT  =  1.0  # large"), ()),
    "one test": (("def e1_1_vectors(f): helper()", "def e1_1_vectors(f): pass"), ("e1-1-vectors",)),
    "a test that another one uses": (("e1_2_values(f): helper()", "e1_2_values(f): pass"), CELLS[1:]),
    "a decorator": (("@math.cos", "@math.sin"), ("e1-1-tensors",)),
    "a constant": (("LIMIT = 1.0", "LIMIT = 2.0"), CELLS),
    "a helper": (("return LIMIT", "return 2 * LIMIT"), CELLS),
    "an import": (("import math", "import math, cmath"), CELLS),
}


@pytest.mark.parametrize(("edit", "changed"), EDITS.values(), ids=EDITS)
def test_a_key_changes_with_what_its_test_depends_on(monkeypatch, edit, changed):
    before, after = keys_with(HIDDEN, monkeypatch), keys_with(HIDDEN.replace(*edit), monkeypatch)
    assert HIDDEN.replace(*edit) != HIDDEN
    assert tuple(name for name, *pair in zip(CELLS, before, after, strict=True) if len(set(pair)) == 2) == changed


IMPORTED = [
    "tests/hidden/compare.py",
    "solutions/jacobian.py",
    "nbjudge/border/judge_side.py",
    "course/patterns.py",
    "course/trials.py",
]


@pytest.mark.parametrize("name", IMPORTED)
def test_a_key_covers_imported_modules(monkeypatch, name):
    exercises = read_exercises(JACOBIAN)
    answer = trials.Answer(trials.REFERENCE)
    before = trialcache.Keys(JACOBIAN, exercises).of(exercises.tests[0], answer)
    digest = trialcache._digest
    monkeypatch.setattr(trialcache, "_digest", lambda path: digest(path) + str(path).endswith(name) * "changed")
    assert trialcache.Keys(JACOBIAN, exercises).of(exercises.tests[0], answer) != before


def test_a_key_covers_answers_cells_setup_and_versions(monkeypatch):
    exercises = read_exercises(JACOBIAN)
    cell = exercises.tests[0]
    answer = trials.Answer(trials.ATTEMPT, "derivative_shape", "one", "def derivative_shape(): ...")

    def key(exercises=exercises, cell=cell, answer=answer):
        return trialcache.Keys(JACOBIAN, exercises).of(cell, answer)

    keys = [
        key(),
        key(answer=replace(answer, source="def derivative_shape(): pass")),
        key(answer=replace(answer, name="other")),
        key(cell=replace(cell, points=7.0)),
        key(cell=replace(cell, source=cell.source + "\nNone")),
        key(exercises=replace(exercises, setup=exercises.setup + "\n1")),
        key(exercises=replace(exercises, solutions=exercises.solutions | {"more": "1"})),
    ]
    monkeypatch.setattr(trialcache, "versions", lambda: {"torch": "0"})
    keys.append(key())
    assert len(set(keys)) == len(keys)


def test_an_unknown_function_is_told():
    with pytest.raises(CourseError, match=r"^ps1-jacobian asks for no jac_exmple; it asks for derivative_shape, .*\.$"):
        gates.prove(JACOBIAN, functions=["jac_exmple"])


@pytest.mark.proof
@WITH_ONE_CACHE
def test_processes_find_what_one_process_finds(tried_once, monkeypatch):
    monkeypatch.setattr(trialrun, "_WORTH_PROCESSES", 0.0)
    assert gates.prove_all([JACOBIAN], functions=["jac_example"], processes=2) == [tried_once[2]]


@pytest.fixture
def command(tmp_path, monkeypatch):
    """The command `gates` in a course of one notebook, of which nothing is tried; it tells how it was called."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "source" / "ps9").mkdir(parents=True)
    (tmp_path / "source" / "ps9" / "topic.py").write_text('# %% key="one"\n1 + 1\n')
    called = {}
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.setattr(trialrun, "become_a_prover", lambda: None)
    monkeypatch.setattr(gates, "prove_all", lambda _, **options: called.update(options) or [])
    monkeypatch.setattr(classes, "grade_classes", lambda *_, **__: called.update(judge=True) or [])

    def run(*words, ci=None):
        called.clear()
        monkeypatch.delenv("CI", raising=False)
        if ci:
            monkeypatch.setenv("CI", ci)
        monkeypatch.setattr("sys.argv", ["course", "gates", *words])
        return commands.main(), called

    return run


def test_the_cache_is_used_unless_refused_and_never_by_ci(command):
    assert command("--plain")[1]["cache"] is not None
    assert command("--plain", "--no-cache")[1]["cache"] is None
    assert command("--plain", ci="true")[1]["cache"] is None


def test_only_the_whole_of_the_gates_goes_into_the_judge_and_writes_the_page(command, tmp_path):
    for words in (["--plain"], ["--only", "ps9"], ["--only", "ps9", "--function", "one"]):
        status, called = command(*words)
        assert status == 0 and "judge" not in called
        assert called["functions"] == (["one"] if "--function" in words else None)
    assert not (tmp_path / "docs" / "gates.md").exists()
    assert command()[1]["judge"]
    assert (tmp_path / "docs" / "gates.md").read_text().startswith("# How we know")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "ps8"], "there is no assignment 'ps8' in source/."),
        (["--function", "one"], "name the assignment of a function with --only."),
    ],
)
def test_what_cannot_be_tried_is_told(command, capsys, words, sentence):
    assert command(*words) == (1, {})
    assert capsys.readouterr().err == f"error: {sentence}\n"
