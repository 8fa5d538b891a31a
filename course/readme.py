"""The numbers of README.md that follow from the notebooks: points and minutes of each assignment and of the course."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from course import coverage
from course.announced import Announced
from course.errors import CourseError

if TYPE_CHECKING:
    from pathlib import Path

_ROW = re.compile(r"^\| `(?P<assignment>ps[\w-]+)` \| (?P<topic>[^|]+) \| [\d.]+ \| \d+ \|$", re.MULTILINE)
_TOTAL = re.compile(r"^[\d.]+ points, about \d+ hours for a student\.", re.MULTILINE)


def updated(text: str, notebooks: list[Path]) -> str:
    """The page with the numbers of today; what each assignment is about is typed there and stays.

    Raises:
        CourseError: if the table has no row for an assignment, or one for an assignment that is not there.
    """
    points = {path.parent.name: coverage.total(coverage.points_by_exercise(path).values()).points for path in notebooks}
    minutes = {path.parent.name: _minutes(path) for path in notebooks}
    rows = {row["assignment"] for row in _ROW.finditer(text)}
    if missing := sorted(set(points) - rows):
        raise CourseError(f"README.md has no row for {', '.join(missing)}: add `| `{missing[0]}` | topic | 0 | 0 |`.")
    if strange := sorted(rows - set(points)):
        raise CourseError(f"README.md has a row for {', '.join(strange)}, which source/ does not have.")
    text = _ROW.sub(
        lambda row: (
            f"| `{row['assignment']}` | {row['topic']} | {points[row['assignment']]:g} | {minutes[row['assignment']]} |"
        ),
        text,
    )
    hours = round(sum(minutes.values()) / 60)
    return _TOTAL.sub(f"{sum(points.values()):g} points, about {hours} hours for a student.", text)


def _minutes(path: Path) -> int:
    announced = Announced.in_notebook(path, "en")
    return announced.minutes if announced else 0
