"""Students of a simulated class, whose grades are known in advance."""

import importlib
from pathlib import Path

import nbformat
import pytest

from course import release
from course.exercises import read_exercises
from course.simulation import simulated_class
from tests.attempts import attempts_in

ROOT = Path(__file__).parents[2]


def exercises_of(assignment):
    return read_exercises(next((ROOT / "source" / assignment).glob("*.ipynb")))


@pytest.mark.parametrize("assignment", release.assignments(ROOT))
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
