"""The page on what the course teaches is made from the notebooks."""

from pathlib import Path

from course import coverage

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))


def test_the_committed_page_is_up_to_date():
    assert (ROOT / "docs" / "coverage.md").read_text("utf-8") == coverage.as_page(NOTEBOOKS), "run `make release`"


def test_an_item_that_no_exercise_teaches_is_missing():
    found = coverage.exercises_by_item([path for path in NOTEBOOKS if path.stem == "jacobian"])
    assert found["F1"] == ["E1.3", "E1.4", "E1.9"]
    assert found["F7"] == []
    assert "| F7 | change of variables for densities | **missing** |" in coverage.as_page(NOTEBOOKS[:0])


def test_every_item_is_taught_and_the_course_has_its_points():
    assert [item for item, exercises in coverage.exercises_by_item(NOTEBOOKS).items() if not exercises] == []
    exercises = [one for path in NOTEBOOKS for one in coverage.points_by_exercise(path).values()]
    assert coverage.total(exercises).points == 160
