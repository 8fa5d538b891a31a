"""The demo grades a class whose grades are known, beside stock nbgrader, and ends with what there is to see."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from course import demo, release, stock
from course.classes import Outcome, SimulatedClass
from course.errors import CourseError
from course.exercises import read_exercises
from course.overview import write_overview
from course.progress import Progress
from course.simulation import simulated_class

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

ASSIGNMENT = "ps0-differences"
SIZE = 8  # the last of them has wrong answers


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tour")
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stock, "_MOST_SECONDS_MORE", 600)  # a busy machine is no failure
        lines = demo.run(ROOT, folder, ASSIGNMENT, size=SIZE, progress=Progress(told))
    return folder, lines, told.getvalue()


@pytest.fixture(scope="module")
def exercises():
    return read_exercises(ROOT / "source" / ASSIGNMENT / "differences.ipynb")


@pytest.fixture
def students(exercises):
    return simulated_class(exercises, SIZE)


@pytest.mark.proof
def test_it_says_what_happened(tour, exercises, students):
    told = "\n".join(tour[1])
    assert len(tour[1]) <= 15
    assert f"{SIZE} students handed in {ASSIGNMENT}" in told
    assert f"{sum(len(student.attempts) for student in students)} answers known in advance" in told
    grades = SIZE * len(exercises.tests)
    assert f"{grades} of {grades} grades of test cells are as known in advance" in told
    assert re.search(r"Grading took \d+ s with every figure drawn, feedback \d+ s, all of it \d+ s", told)
    assert re.search(r"Stock nbgrader would have taken about \d+ s for the same: extrapolated from two", told)


@pytest.mark.proof
def test_it_names_three_files_to_open_first_the_overview(tour):
    folder, lines, _ = tour
    named = [Path(line.split()[0]) for line in lines[lines.index("Open") + 1 :]]
    assert len(named) == 3
    assert all(path.is_file() for path in named)
    assert named[0].resolve() == (folder / "index.html").resolve()
    assert f"student-{SIZE:02}" in named[1].parts


@pytest.mark.proof
def test_it_builds_what_it_needs_and_no_more(tour):
    assert release.assignments(tour[0]) == [ASSIGNMENT]
    assert {path.name for path in tour[0].glob("release/*/*")} == {ASSIGNMENT}


@pytest.mark.proof
def test_its_figures_are_drawn(tour):
    assert "image/png" in (tour[0] / "autograded" / "student-01" / ASSIGNMENT / "differences.ipynb").read_text("utf-8")


@pytest.mark.proof
def test_progress_takes_a_few_lines(tour):
    lines = tour[2].splitlines()
    assert any(line.startswith(f"{ASSIGNMENT}: grading {SIZE} students") for line in lines)
    assert not any("student-" in line for line in lines)


@pytest.mark.proof
def test_the_overview_leads_to_the_feedback_of_everybody(tour, exercises, students):
    folder = tour[0]
    page = (folder / "index.html").read_text("utf-8")
    rows = re.findall(
        r'<tr>\s*<td><a href="(.*?)">(.*?)</a></td>\s*<td>(.*?)</td>\s*<td>(.*?)</td>\s*<td.*?>\s*(\S+)', page
    )
    assert len(rows) == SIZE
    bonus = {test.name for test in exercises.tests if test.bonus}
    for student, (link, name, language, answers, points) in zip(students, rows, strict=True):
        assert (folder / link).is_file()
        assert (name, answers) == (student.name, student.summary)
        assert language == {"ko": "Korean", "en": "English"}[student.language]
        assert float(points) == sum(score for cell, score in student.scores(exercises).items() if cell not in bonus)


@pytest.mark.proof
def test_the_overview_needs_nothing_else(tour):
    page = (tour[0] / "index.html").read_text("utf-8")
    assert not re.search(r"<script|<link|<img|https?:|@import|url\(", page)


def test_another_grade_than_the_known_one_stands_in_the_overview(tmp_path, exercises, students):
    simulated = SimulatedClass(tmp_path, ASSIGNMENT, exercises, students[:1])
    known = students[0].scores(exercises)
    cell = exercises.tests[0]
    outcome = Outcome(students[0], known, {**known, cell.name: 0.0})
    assert outcome.told_differences(ASSIGNMENT) == [
        f"student-01, {ASSIGNMENT}, {cell.name}: 0.0 instead of {cell.most}"
    ]
    write_overview(tmp_path / "index.html", [], [(simulated, [outcome])])
    assert f"{cell.name}: 0.0 instead of {cell.most}" in (tmp_path / "index.html").read_text("utf-8")


def seen(course, assignment, *, lost=None):
    """What a demo sees of a class of two, where a grade may be another one than it should be."""
    exercises = read_exercises(next((ROOT / "source" / assignment).glob("*.ipynb")))
    pair = simulated_class(exercises, 2)
    simulated = SimulatedClass(course, assignment, exercises, pair)
    outcomes = [Outcome(student, student.scores(exercises), student.scores(exercises)) for student in pair]
    visit = demo.Visit(simulated, outcomes, grading=1.0, feedback=1.0, stock=10.0)
    if lost:
        spoiled = replace(outcomes[0], graded={**outcomes[0].graded, lost: -1.0})
        visit = replace(visit, outcomes=[spoiled, outcomes[1]])
    return visit


@pytest.fixture
def quick(monkeypatch):
    """A demo that releases and grades nothing."""
    monkeypatch.setattr(release, "make_releases", lambda _: None)
    monkeypatch.setattr(demo, "run_command", lambda *_: "")
    monkeypatch.setattr(demo, "_visit", lambda course, assignment, *_: seen(course, assignment))


@pytest.mark.usefixtures("quick")
def test_all_assignments_can_be_had(tmp_path):
    lines = demo.run(ROOT, tmp_path / "demo", demo.ALL, progress=Progress(io.StringIO()))
    number = len(release.assignments(ROOT))
    assert f"{2 * number} students handed in {number} assignments" in lines[0]
    assert any(f"about {10 * number} s" in line for line in lines)
    page = (tmp_path / "demo" / "index.html").read_text("utf-8")
    assert re.findall(r"<h2>(.*)</h2>", page) == release.assignments(ROOT)


@pytest.mark.usefixtures("quick")
def test_another_grade_than_the_known_one_is_an_error(tmp_path, monkeypatch, exercises):
    cell = exercises.tests[0]
    monkeypatch.setattr(demo, "_visit", lambda course, assignment, *_: seen(course, assignment, lost=cell.name))
    with pytest.raises(CourseError, match=f"student-01, {ASSIGNMENT}, {cell.name}: -1.0 instead of {cell.most}"):
        demo.run(ROOT, tmp_path / "demo", ASSIGNMENT, progress=Progress(io.StringIO()))


@pytest.mark.parametrize("name", ["ps9-nothing", "", "*", "../source"])
def test_an_unknown_assignment_is_a_sentence_and_changes_nothing(tmp_path, name):
    (tmp_path / "index.html").write_text("of an earlier run")
    with pytest.raises(CourseError, match="there is no assignment") as failure:
        demo.run(ROOT, tmp_path, name, progress=Progress(io.StringIO()))
    assert all(known in str(failure.value) for known in release.assignments(ROOT))
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.proof
def test_stock_nbgrader_that_fails_is_left_out(tour):
    with stock.measured(tour[0], ASSIGNMENT, ["student-01"]) as measurement:
        measurement._process.kill()
        with pytest.raises(CourseError):
            measurement.seconds_each()
    assert "left out" in demo._of_stock([10.0, None])


def test_a_terminal_keeps_one_line_for_progress():
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        progress = Progress(stream)
        progress.step("grading")
        for number in range(20):
            progress.so_far(f"{number} of 20")
        progress.step("done")
    assert terminal.getvalue().count("\n") == 2
    assert "19 of 20" in terminal.getvalue()
    assert file.getvalue() == "grading\ndone\n"
