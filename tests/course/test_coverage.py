"""The page on what the course teaches is made from the notebooks."""

import re
from pathlib import Path

import nbformat
import pytest

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


ANNOUNCED = {
    "ko": (r"(\d+)분, (\d+)점", r"### (E\d\.\d+) .*\n난이도 .* · (\d+)분 · (보너스 )?([\d.]+)점"),
    "en": (
        r"(\d+) minutes, (\d+) points",
        r"### (E\d\.\d+) .*\ndifficulty .* · (\d+) minutes? · ([\d.]+) (bonus )?points?",
    ),
}

TO_EXPLAIN = 7
"""Minutes that a notebook leaves for its written question."""


@pytest.mark.parametrize("language", ANNOUNCED)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_prose_announces_the_points_and_minutes_that_there_are(path, language):
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.metadata.get("lang") == language)
    in_title, in_heading = ANNOUNCED[language]
    minutes, points = map(int, re.search(in_title, text).groups())
    exercises = coverage.points_by_exercise(path)
    assert points == coverage.total(exercises.values()).points
    taken = 0
    for name, time, *words in re.findall(in_heading, text):
        bonus = any("bonus" in word or "보너스" in word for word in words)
        announced = float(next(word for word in words if word[:1].isdigit()))
        assert announced == (exercises[name].bonus if bonus else exercises[name].points), name
        taken += 0 if bonus else int(time)
    assert minutes - TO_EXPLAIN <= taken <= minutes
