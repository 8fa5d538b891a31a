"""Tables of grades are read by spreadsheets and run by none."""

import csv
import os
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.grades import ExerciseGrades, Totals, as_text

pytestmark = pytest.mark.slow

STUDENTS = ["+A1-B2", "-2+3", "=cmd|' /C calc'!A0", "@x", "\tx", "김민수", "alice"]


@pytest.fixture
def gradebook(monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # nbgrader calls alembic
    with Gradebook("sqlite:///:memory:") as opened:
        opened.add_assignment("ps0")
        opened.add_notebook("differences", "ps0")
        opened.add_grade_cell("e0-1-values", "differences", "ps0", max_score=2, cell_type="code")
        for student in STUDENTS:
            opened.add_student(student, last_name="=1+1", first_name="-x", email=None)
            submission = opened.add_submission("ps0", student)
            submission.notebooks[0].grades[0].auto_score = 1.5
        opened.add_student("late", last_name="Kim")
        opened.db.commit()
        yield opened


@pytest.mark.parametrize("exporter", [Totals, ExerciseGrades])
def test_no_cell_of_a_table_is_a_formula(gradebook, tmp_path, exporter):
    path = tmp_path / "grades.csv"
    exporter(to=str(path)).export(gradebook)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student_id"].removeprefix("'") for row in rows} >= set(STUDENTS)
    assert {float(row["score"]) for row in rows if row["student_id"] != "late"} == {1.5}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_totals_have_the_columns_of_nbgrader_and_everybody(gradebook, tmp_path):
    path = tmp_path / "grades.csv"
    Totals(to=str(path), assignment=["ps0"], student=["late", "alice"]).export(gradebook)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"late", "alice"}
    assert (rows["late"]["score"], rows["late"]["last_name"], rows["late"]["timestamp"]) == ("0.0", "Kim", "")
    assert (rows["alice"]["raw_score"], rows["alice"]["max_score"]) == ("1.5", "2.0")


def test_numbers_stay_numbers():
    assert [as_text(value) for value in (-1.5, 0, True, None, "20261234", "김", "-1")] == [
        *(-1.5, 0, True, None, "20261234", "김"),
        "'-1",
    ]
