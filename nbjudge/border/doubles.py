"""Doubles of student objects: everything crosses the border in bytes, inside one process.

A test that gives the same verdict with the objects and with their doubles is ready for a judge in another process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbjudge.border.judge_side import MOST_LINES, JudgeSide
from nbjudge.border.student_side import StudentSide

if TYPE_CHECKING:
    from collections.abc import Callable


def doubled(objects: dict[str, Any], *, place_of: Callable[[str], str | None]) -> dict[str, Any]:
    """Wrap each of a student's names in a double.

    Args:
        objects: the student's names.
        place_of: gives the name of the student's cell for the filename of its code, None for other code.

    Returns:
        The same names: data by value, the others as handles over a loop-back.
    """
    student = StudentSide(objects, place_of=place_of, call_back=lambda message: judge.answer(message))  # noqa: PLW0108, each side needs the other
    judge = JudgeSide(student.answer, lines_of=lambda _cell: MOST_LINES)
    return judge.names(list(objects))
