"""A simulated class: students who hand in known answers, so that their grades are known in advance."""

from __future__ import annotations

import importlib
from itertools import cycle, islice
from typing import TYPE_CHECKING

from course.classroom import Student
from tests.attempts import attempts_in

if TYPE_CHECKING:
    from course.exercises import Exercises
    from tests.attempts import Attempt


def simulated_class(exercises: Exercises, size: int | None = None, *, experiments: bool = True) -> list[Student]:
    """Students in both languages: the reference, the untouched release, then known answers until each was handed in.

    A student hands in one answer to each function at most, and no two answers that take part in the same test cell,
    so that each lost cell tells of one answer. What these test cells do not use is left blank. Right answers come
    first.

    Args:
        exercises: what the assignment asks for.
        size: number of students; by default each of them is another one.
        experiments: whether those who hand in known answers keep the cells to experiment in.

    Returns:
        The students. In a larger class the same answers come again.
    """
    module = importlib.import_module(f"tests.attempts.{exercises.topic}")
    tested = {function: {test.name for test in exercises.tests_of(function)} for function in exercises.functions}
    packs = _packed(attempts_in(module), tested)
    hands: list[tuple[tuple[Attempt, ...], frozenset[str] | None, bool]] = [((), None, True), ((), frozenset(), True)]
    hands += [(pack, _answered(pack, tested), experiments) for pack in packs]
    return [
        Student(f"student-{number + 1:02}", ("ko", "en")[number % 2], *hand)
        for number, hand in enumerate(islice(cycle(hands), size or len(hands)))
    ]


def _answered(pack: tuple[Attempt, ...], tested: dict[str, set[str]]) -> frozenset[str]:
    """The functions that the test cells of some answers use."""
    cells = set().union(*(tested[attempt.function] for attempt in pack))
    return frozenset(function for function, own in tested.items() if own & cells)


def _packed(attempts: list[Attempt], tested: dict[str, set[str]]) -> list[tuple[Attempt, ...]]:
    """Every attempt once, in as few submissions as the first that has room for it gives.

    Args:
        attempts: the attempts.
        tested: the test cells that each function takes part in, by grade id.
    """
    packs: list[list[Attempt]] = []
    taken: list[set[str]] = []
    for attempt in sorted(attempts, key=lambda attempt: not attempt.is_right):
        cells = tested[attempt.function]
        number = next((number for number, used in enumerate(taken) if not used & cells), len(packs))
        if number == len(packs):
            packs.append([])
            taken.append(set())
        packs[number].append(attempt)
        taken[number] |= cells
    return [tuple(pack) for pack in packs]
