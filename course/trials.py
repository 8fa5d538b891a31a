"""Answers meet test cells, on the objects themselves and on their doubles behind the border."""

from __future__ import annotations

import importlib
import inspect
import io
import math
import resource
import time
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course import universal
from course.exercises import place_of, setup_namespace, student_namespace
from course.patterns import Recorder, has_arguments, orders, patterns
from course.remembering import References, remembered
from nbjudge.doubles import doubled
from nbjudge.limits import Limits
from nbjudge.testcell import judge
from tests.hidden.compare import Measurement, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from course.exercises import Exercises, TestCell
    from nbjudge.verdict import Verdict

ORDER = 0
"""Seed of the order in which tests ask, for runs whose verdicts are compared."""

OTHER_ORDERS = (1, 2, 3)
"""Seeds of other orders, in which answers by memory are tried."""

REFERENCE = "the reference"
UNTOUCHED = "the untouched release"
ATTEMPT = "attempt"
UNIVERSAL = "universal"
PATTERNS = "patterns"

Names = dict[str, "Callable"]
"""What an exercise asks for, by name."""


@dataclass(frozen=True)
class Answer:
    """What is handed in.

    Args:
        kind: `REFERENCE`, `UNTOUCHED`, `ATTEMPT`, `UNIVERSAL` or `PATTERNS`.
        function: the function that it answers, empty for the first two kinds, which answer all of them.
        name: of the attempt or of the universal wrong answer.
        source: of the attempt.
    """

    kind: str
    function: str = ""
    name: str = ""
    source: str = ""


@dataclass(frozen=True)
class Trial:
    """One answer met one test cell.

    Args:
        verdict: as judged on the objects themselves.
        behind_border: as judged on their doubles, None if it did not meet those.
        measurements: the comparisons that the test made, in order.
        was_wrong: whether it gave a noticeably wrong result.
        pattern: the kind of a pattern of calls, and what tells it from others of its kind.
    """

    verdict: Verdict
    behind_border: Verdict | None
    measurements: tuple[Measurement, ...] = ()
    was_wrong: bool = True
    pattern: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Tried:
    """What came of one answer at one test cell.

    Args:
        trials: one; of patterns, one for each of them and each order.
        orders: in how many orders the right results can be asked for, for patterns.
        seconds: how long it took.
    """

    trials: tuple[Trial, ...]
    orders: float = math.inf
    seconds: float = 0.0


class Prover:
    """Tries answers on the test cells of one topic.

    Args:
        exercises: of the topic.
    """

    def __init__(self, exercises: Exercises) -> None:
        self._exercises = exercises
        self._references = References(importlib.import_module(f"solutions.{exercises.topic}"))
        self._setup = setup_namespace(exercises)
        self._cells = {test.name: test for test in exercises.tests}

    def tried(self, cell: str, answers: Sequence[Answer], *, twice: bool) -> list[Tried]:
        """Try answers to one function on one cell, which share what is right.

        Args:
            cell: the grade id of the test cell.
            answers: the answers; they answer the same function, or all of them.
            twice: whether to try them behind the border as well.
        """
        meeting = _Meeting(self._exercises, self._setup, self._cells[cell], twice=twice)
        with self._references.remembered(), redirect_stdout(io.StringIO()):
            return [_timed(meeting.tried, answer) for answer in answers]


class _Meeting:
    """One test cell, and the right answers that wrong ones are made of."""

    def __init__(self, exercises: Exercises, setup: dict[str, Any], test: TestCell, *, twice: bool) -> None:
        self._exercises = exercises
        self._setup = setup
        self._test = test
        self._twice = twice
        self._rights: Names = {}

    def tried(self, answer: Answer) -> Tried:
        solutions = self._exercises.solutions
        if answer.kind == REFERENCE:
            return Tried((self._trial(solutions),))
        if answer.kind == UNTOUCHED:
            return Tried((self._trial(self._exercises.stubs),))
        if answer.kind == ATTEMPT:
            grade_id = self._exercises.functions[answer.function]
            return Tried((self._trial({**solutions, grade_id: answer.source}),))
        right = self._right(answer.function)
        if inspect.isclass(right):  # it has no result to spoil, and operations ask what it does, in no order
            return Tried(())
        return self._universal(answer, right) if answer.kind == UNIVERSAL else self._patterns(answer.function, right)

    def _right(self, function: str) -> Callable:
        if function not in self._rights:
            right = self._student(self._exercises.solutions)[function]
            self._rights[function] = right if inspect.isclass(right) else remembered(right)
        return self._rights[function]

    def _universal(self, answer: Answer, right: Callable) -> Tried:
        wrong = universal.Transformed(right, answer.name, shape_only=self._test.is_shape_check)
        trial = self._trial(self._exercises.solutions, {answer.function: wrong.function})
        return Tried((replace(trial, was_wrong=wrong.differed),))

    def _patterns(self, function: str, right: Callable) -> Tried:
        only_shapes = self._test.is_shape_check
        recorder = Recorder(right)
        self._answered(function, recorder)
        if not has_arguments(recorder.calls):
            return Tried(())
        trials = []
        for pattern in patterns(right, recorder.calls, only_shapes=only_shapes):
            for order in OTHER_ORDERS if pattern.knows_order else [ORDER]:
                answer = pattern.make()
                verdict = self._answered(function, answer, order=order)
                trials.append(Trial(verdict, verdict, (), answer.must_lose, (pattern.kind, pattern.detail)))
        return Tried(tuple(trials), orders(recorder.calls, only_shapes=only_shapes))

    def _answered(self, function: str, answer: Any, *, order: int = ORDER) -> Verdict:
        """The verdict behind the border alone: such an answer remembers what it was asked in another run."""
        with _memory_limit():
            return self._behind_border(self._exercises.solutions, {function: answer.function}, order=order)

    def _trial(self, sources: dict[str, str], instead: Names | None = None) -> Trial:
        with _memory_limit():
            with measured() as measurements:
                verdict = self._judged(self._student(sources, instead), order=ORDER)
            behind_border = self._behind_border(sources, instead) if self._twice else None
        return Trial(verdict, behind_border, tuple(measurements))

    def _behind_border(self, sources: dict[str, str], instead: Names | None = None, *, order: int = ORDER) -> Verdict:
        return self._judged(doubled(self._student(sources, instead), place_of=place_of), order=order)

    def _judged(self, names: dict[str, Any], *, order: int) -> Verdict:
        test, seen = self._test, {**self._setup, **names}
        return judge(test.source, seen, name=test.name, points=test.most, seed=str(order), place_of=place_of)

    def _student(self, sources: dict[str, str], instead: Names | None = None) -> Names:
        """A student's names as they are after the last cell, so that no test sees what another left behind."""
        namespace = student_namespace(self._setup, sources)
        namespace.update(instead or {})  # in place, so that the student's other functions use it as well
        return {name: namespace[name] for name in self._exercises.functions}


def _timed(try_: Callable[[Answer], Tried], answer: Answer) -> Tried:
    start = time.perf_counter()
    return replace(try_(answer), seconds=time.perf_counter() - start)


@contextmanager
def _memory_limit() -> Iterator[None]:
    """Allow as much new memory as a submission has in the judge, so that a size forbids here what it forbids there."""
    old = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + Limits().memory, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, old)
