"""The page on what the course teaches is made from the notebooks."""

import re
from pathlib import Path

import pytest

from course import coverage, readme
from course.errors import CourseError

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))


def test_the_committed_page_is_up_to_date():
    assert (ROOT / "docs" / "coverage.md").read_text("utf-8") == coverage.as_page(NOTEBOOKS), "run `make release`"


def test_an_item_that_no_exercise_teaches_is_missing():
    found = coverage.exercises_by_item([path for path in NOTEBOOKS if path.stem == "jacobian"])
    assert found["F1"] == ["E1.3", "E1.4", "E1.9"]
    assert found["F7"] == []
    assert "| F7 | change of variables for densities | **missing** |" in coverage.as_page(NOTEBOOKS[:0])


def test_every_item_is_taught():
    assert [item for item, exercises in coverage.exercises_by_item(NOTEBOOKS).items() if not exercises] == []


def test_numbers_of_the_front_page_are_those_of_the_notebooks():
    front = (ROOT / "README.md").read_text("utf-8")
    assert readme.updated(front, NOTEBOOKS) == front, "run `make release`"
    wrong = re.sub(r"(?m)^[\d.]+ points, about", "161 points, about", front).replace("| 18 | 75 |", "| 18.5 | 70 |")
    assert wrong != front
    assert readme.updated(wrong, NOTEBOOKS) == front


def test_an_assignment_without_a_row_on_the_front_page_is_told():
    front = (ROOT / "README.md").read_text("utf-8")
    with pytest.raises(CourseError, match="has no row for ps1-jacobian"):
        readme.updated(front.replace("| `ps1-jacobian` |", "| ps1 |"), NOTEBOOKS)
    with pytest.raises(CourseError, match="has a row for ps7-capstone, which"):
        readme.updated(front, NOTEBOOKS[:-1])
