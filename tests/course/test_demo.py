"""The demo grades a class, and a grade that is not the known one is an error."""

import csv
from pathlib import Path

import pytest

from course import demo
from course.classroom import Student
from course.exercises import read_exercises

ROOT = Path(__file__).parents[2]
SIZE = 7


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    lines = []
    demo.run(ROOT, folder, report=lines.append, size=SIZE)
    return folder, "\n".join(lines)


def test_it_says_what_it_does_and_where_to_look(scratch):
    folder, told = scratch
    assert f"{SIZE}/{SIZE}" in told
    assert "Every grade is as known in advance" in told
    assert len([*folder.glob("feedback/*/ps1-jacobian/jacobian.html")]) == SIZE


def test_grades_are_written_by_exercise(scratch):
    with (scratch[0] / "grades.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == "ps1-jacobian"]
    right = {row["exercise"]: row for row in rows if row["student_id"] == "student-01"}
    assert list(right) == [f"E1.{number}" for number in range(1, 10)]
    assert sum(float(row["max_score"]) for row in right.values()) == 18
    assert sum(float(row["score"]) for row in right.values()) == 17
    assert float(right["E1.8"]["bonus"]) == 4
    assert right["E1.9"]["needs_manual_grade"] == "True"
    assert not any(float(row["score"]) for row in rows if row["student_id"] == "student-02")


def test_another_grade_than_the_known_one_is_told(scratch):
    exercises = read_exercises(ROOT / "source" / "ps1-jacobian" / "jacobian.ipynb")
    students = [Student("student-01", "ko", untouched=True)]
    differences = demo._compare(scratch[0], "ps1-jacobian", exercises, students, lambda _: None)
    assert "student-01, ps1-jacobian, e1-1-vectors: 0.5 instead of 0.0" in differences


def test_the_class_meets_every_attempt_of_a_topic():
    exercises = read_exercises(ROOT / "source" / "ps1-jacobian" / "jacobian.ipynb")
    students = demo.simulated_class(exercises, demo.CLASS_SIZE)
    met = {attempt.name for student in students for attempt in student.attempts}
    assert len(students) >= 24
    assert {student.language for student in students} == {"ko", "en"}
    assert len(met) > 100
