"""A class on every assignment hands in every known answer: in the judge, each grade is the one known in advance."""

import csv
import json
from math import fsum
from pathlib import Path

import pytest

from course import release
from course.classes import SimulatedClass, grade_classes
from course.classroom import Student, run_command
from course.exercises import read_exercises
from course.simulation import simulated_class

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("classes")]

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = release.assignments(ROOT)

GIVEN_PAGES = "student-0?"
"""Who gets a feedback page: the reference, the untouched release, and right and wrong answers to each function."""

MOST_CPU = 30
"""Processor seconds of the cells and tests of a reference notebook."""

MOST_MEMORY = 10**9
"""Bytes of memory that they need."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of a course whose classes are graded, what was told, and the differences."""
    folder = tmp_path_factory.mktemp("classes")
    lines = []
    differences = grade_classes(ROOT, folder, experiments=False, report=lines.append)
    for assignment in ASSIGNMENTS:
        run_command(folder, "nbjudge", "feedback", assignment, f"--student={GIVEN_PAGES}")
    run_command(folder, "nbgrader", "export", "--exporter", "course.grades.ExerciseGrades", "--to", "grades.csv")
    return folder, "\n".join(lines), differences


def exercises_of(assignment):
    return read_exercises(next((ROOT / "source" / assignment).glob("*.ipynb")))


def test_every_grade_is_as_known_in_advance(graded):
    assert graded[2] == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_everybody_is_graded_and_nine_get_a_page(graded, assignment):
    folder, told, _ = graded
    size = len(simulated_class(exercises_of(assignment)))
    assert f"{assignment}: grading {size} students" in told
    assert f"{size}/{size}" in told
    assert len([*folder.glob(f"feedback/{GIVEN_PAGES}/{assignment}/*.html")]) == min(size, 9)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_grades_are_written_by_exercise(graded, assignment):
    exercises = exercises_of(assignment)
    with (graded[0] / "grades.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == assignment]
    right = {row["exercise"]: row for row in rows if row["student_id"] == "student-01"}
    numbers = [int(name.split(".")[1]) for name in right]
    assert numbers == list(range(1, len(numbers) + 1))
    assert fsum(float(row["score"]) for row in right.values()) == fsum(test.points for test in exercises.tests)
    assert fsum(float(row["bonus"]) for row in right.values()) == fsum(test.bonus for test in exercises.tests)
    by_hand = fsum(float(row["max_score"]) for row in right.values() if row["needs_manual_grade"] == "True")
    assert by_hand == fsum(float(row["max_score"]) - float(row["score"]) for row in right.values())
    assert not any(float(row["score"]) for row in rows if row["student_id"] == "student-02")


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_reference_run_keeps_its_limits(graded, assignment):
    """Its experiments and figures among them."""
    record = json.loads((graded[0] / ".nbjudge" / assignment / "student-01.json").read_text("utf-8"))
    for notebook in record["notebooks"].values():
        assert notebook["cpu"] < MOST_CPU
        assert notebook["memory"] < MOST_MEMORY


def test_another_grade_than_the_known_one_is_told(graded):
    students = [Student("student-01", "ko", answered=frozenset())]
    wrong = SimulatedClass(graded[0], "ps1-jacobian", exercises_of("ps1-jacobian"), students)
    differences = wrong.outcomes()[0].told_differences("ps1-jacobian")
    assert "student-01, ps1-jacobian, e1-1-vectors: 0.5 instead of 0.0" in differences
