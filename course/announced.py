"""The minutes and points that a notebook announces: in its title for the whole, in a heading for each exercise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat

from course import coverage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IN_TITLE = {
    "ko": re.compile(r"(?P<minutes>\d+)분, (?P<points>[\d.]+)점"),
    "en": re.compile(r"(?P<minutes>\d+) minutes, (?P<points>[\d.]+) points"),
}
_IN_HEADING = {
    "ko": re.compile(
        r"### (?P<name>E\d+\.\d+) .*\n난이도 .* · (?P<minutes>\d+)분 · (?P<bonus>보너스 )?(?P<points>[\d.]+)점"
    ),
    "en": re.compile(
        r"### (?P<name>E\d+\.\d+) .*\n"
        r"difficulty .* · (?P<minutes>\d+) minutes? · (?P<points>[\d.]+) (?P<bonus>bonus )?points?"
    ),
}
_EXAMPLES = {"ko": "75분, 18점입니다.", "en": "75 minutes, 18 points."}

_TO_EXPLAIN = 7
"""Minutes that a title may hold beyond those of the exercises, for the written question."""


@dataclass(frozen=True)
class Announced:
    """What a notebook announces in one language.

    Args:
        minutes: of the whole notebook.
        points: of the whole notebook, without the bonus.
        exercises: minutes, and points or bonus points, of each exercise, by its name.
        bonuses: the exercises that announce bonus points.
    """

    minutes: int
    points: float
    exercises: dict[str, tuple[int, float]]
    bonuses: frozenset[str]

    @classmethod
    def in_notebook(cls, path: Path, language: str) -> Announced | None:
        """What the prose of a language announces, None if no title does."""
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.metadata.get("lang") == language)
        title = _IN_TITLE[language].search(text)
        if not title:
            return None
        headings = [*_IN_HEADING[language].finditer(text)]
        return cls(
            int(title["minutes"]),
            float(title["points"]),
            {heading["name"]: (int(heading["minutes"]), float(heading["points"])) for heading in headings},
            frozenset(heading["name"] for heading in headings if heading["bonus"]),
        )


def problems(path: Path) -> Iterator[str]:
    """Where a notebook announces other minutes or points than there are, a sentence each."""
    earned = coverage.points_by_exercise(path)
    points = coverage.total(earned.values()).points
    for language, example in _EXAMPLES.items():
        announced = Announced.in_notebook(path, language)
        if announced is None:
            yield f"title ({language}): it announces no minutes and points; write, for example, {example!r}."
            continue
        if announced.points != points:
            yield f"title ({language}): it announces {announced.points:g} points, the cells give {points:g}."
        for name, (_, number) in announced.exercises.items():
            given = earned.get(name, coverage.Points())
            here = given.bonus if name in announced.bonuses else given.points
            if number != here:
                yield f"{name} ({language}): its heading announces {number:g} points, its cells give {here:g}."
        taken = sum(minutes for name, (minutes, _) in announced.exercises.items() if name not in announced.bonuses)
        if not announced.minutes - _TO_EXPLAIN <= taken <= announced.minutes:
            yield (
                f"title ({language}): it announces {announced.minutes} minutes, the headings {taken} without bonus; "
                f"leave at most {_TO_EXPLAIN} for the written question."
            )
