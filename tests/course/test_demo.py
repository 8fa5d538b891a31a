"""The demo grades every known answer in the judge, and a grade that is not the known one is an error."""

import csv
import importlib
import json
from math import fsum
from pathlib import Path

import nbformat
import pytest

from course import demo, release
from course.classroom import Student
from course.exercises import read_exercises
from course.simulation import simulated_class
from tests.attempts import attempts_in

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = release.assignments(ROOT)

MOST_CPU = 30
"""Processor seconds of the cells and tests of a reference notebook."""

MOST_MEMORY = 10**9
"""Bytes of memory that they need."""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    lines = []
    demo.run(ROOT, folder, experiments=False, report=lines.append)
    return folder, "\n".join(lines)


def exercises_of(assignment):
    return read_exercises(next((ROOT / "source" / assignment).glob("*.ipynb")))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_attempt_is_handed_in_once(assignment):
    exercises = exercises_of(assignment)
    students = simulated_class(exercises)
    met = [attempt.name for student in students for attempt in student.attempts]
    known = attempts_in(importlib.import_module(f"tests.attempts.{exercises.topic}"))
    assert sorted(met) == sorted(attempt.name for attempt in known)
    assert {student.language for student in students} == {"ko", "en"}
    assert [student.summary for student in students[:2]] == ["right", "untouched"]


def test_a_class_of_any_size_can_be_had():
    students = simulated_class(exercises_of("ps1-jacobian"), 100)
    assert len({student.name for student in students}) == 100


def test_students_with_known_answers_may_leave_the_experiments_out(tmp_path):
    (tmp_path / "release").symlink_to(ROOT / "release")
    exercises = exercises_of("ps1-jacobian")
    kept = []
    for student in simulated_class(exercises, 3, experiments=False):
        cells = nbformat.read(student.hand_in(tmp_path, "ps1-jacobian", exercises), as_version=4).cells
        kept.append(any(cell.cell_type == "code" and "nbgrader" not in cell.metadata for cell in cells))
    assert kept == [True, True, False]


def test_it_says_what_it_does_and_where_to_look(scratch):
    folder, told = scratch
    assert "Every grade is as known in advance" in told
    for assignment in ASSIGNMENTS:
        size = len(simulated_class(exercises_of(assignment)))
        assert f"{size}/{size}" in told
        assert len([*folder.glob(f"feedback/*/{assignment}/*.html")]) == size


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_grades_are_written_by_exercise(scratch, assignment):
    exercises = exercises_of(assignment)
    with (scratch[0] / "grades.csv").open(encoding="utf-8-sig") as file:
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
def test_a_reference_run_keeps_its_limits(scratch, assignment):
    """Its experiments and figures among them."""
    record = json.loads((scratch[0] / ".nbjudge" / assignment / "student-01.json").read_text("utf-8"))
    for notebook in record["notebooks"].values():
        assert notebook["cpu"] < MOST_CPU
        assert notebook["memory"] < MOST_MEMORY


def test_another_grade_than_the_known_one_is_told(scratch):
    students = [Student("student-01", "ko", answered=frozenset())]
    differences = demo._compare(scratch[0], "ps1-jacobian", exercises_of("ps1-jacobian"), students, lambda _: None)
    assert "student-01, ps1-jacobian, e1-1-vectors: 0.5 instead of 0.0" in differences
