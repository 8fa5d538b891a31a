"""Answers meet test cells: attempts as the objects themselves, answers that are put together as their doubles."""

from __future__ import annotations

import importlib
import inspect
import io
import math
import resource
import time
import traceback
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course import universal
from course.exercises import place_of, setup_namespace, student_namespace
from course.patterns import Recorder, has_arguments, orders, patterns
from course.remembering import References, remembered
from nbjudge.border.calls import StudentError
from nbjudge.border.doubles import doubled
from nbjudge.judging.testcell import run_test
from nbjudge.limits import Limits
from tests.hidden.compare import Measurement, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from course.exercises import Exercises, TestCell
    from nbjudge.judging.verdict import Verdict

ORDER = 0
"""Seed of the order in which tests ask, for runs whose verdicts are compared."""

OTHER_ORDERS = (1, 2, 3)
"""Seeds of other orders, in which answers by memory are tried."""

REFERENCE = "the reference"
BEHIND_BORDER = "the reference behind the border"
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
        kind: `REFERENCE`, `BEHIND_BORDER`, `UNTOUCHED`, `ATTEMPT`, `UNIVERSAL` or `PATTERNS`.
        function: the function that it answers, empty for the first three kinds, which answer all of them.
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
        verdict: what the test gave.
        measurements: the comparisons that the test made on the objects themselves, in order.
        was_wrong: whether it gave a noticeably wrong result.
        pattern: the kind of a pattern of calls, and what tells it from others of its kind.
        error: that ended the test, with its words and place, for the author.
    """

    verdict: Verdict
    measurements: tuple[Measurement, ...] = ()
    was_wrong: bool = True
    pattern: tuple[str, str] = ("", "")
    error: str = ""


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

    The reference, the untouched release and attempts meet them on the objects themselves, where margins can be
    measured; a class of all attempts meets them in the judge (`course.classes`). The reference once more, universal
    wrong answers and patterns of calls meet them behind the border, in this process.

    Args:
        exercises: of the topic.
    """

    def __init__(self, exercises: Exercises) -> None:
        self._exercises = exercises
        self._references = References(importlib.import_module(f"solutions.{exercises.topic}"))
        self._setup = setup_namespace(exercises)
        self._cells = {test.name: test for test in exercises.tests}

    def tried(self, cell: str, answers: Sequence[Answer]) -> list[Tried]:
        """Try answers to one function on one cell, which share what is right.

        Args:
            cell: the grade id of the test cell.
            answers: the answers; they answer the same function, or all of them.
        """
        meeting = _Meeting(self._exercises, self._setup, self._cells[cell])
        with self._references.remembered(), redirect_stdout(io.StringIO()):
            return [_timed(meeting.tried, answer) for answer in answers]


class _Meeting:
    """One test cell, and the right answers that wrong ones are made of."""

    def __init__(self, exercises: Exercises, setup: dict[str, Any], test: TestCell) -> None:
        self._exercises = exercises
        self._setup = setup
        self._test = test
        self._error = ""
        self._rights: Names = {}

    def tried(self, answer: Answer) -> Tried:
        solutions = self._exercises.solutions
        if answer.kind == REFERENCE:
            return Tried((self._trial(solutions),))
        if answer.kind == BEHIND_BORDER:
            return Tried((Trial(self._behind_border({}), error=self._error),))
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
            right = self._student(self._exercises.solutions, {})[function]
            self._rights[function] = right if inspect.isclass(right) else remembered(right)
        return self._rights[function]

    def _universal(self, answer: Answer, right: Callable) -> Tried:
        wrong = universal.Transformed(right, answer.name, shape_only=self._test.is_shape_check)
        verdict = self._behind_border({answer.function: wrong.function})
        return Tried((Trial(verdict, was_wrong=wrong.differed, error=self._error),))

    def _patterns(self, function: str, right: Callable) -> Tried:
        only_shapes = self._test.is_shape_check
        recorder = Recorder(right)
        self._behind_border({function: recorder.function})
        if not has_arguments(recorder.calls):
            return Tried(())
        trials = []
        for pattern in patterns(right, recorder.calls, only_shapes=only_shapes):
            for order in OTHER_ORDERS if pattern.knows_order else [ORDER]:
                answer = pattern.make()
                verdict = self._behind_border({function: answer.function}, order=order)
                trials.append(Trial(verdict, (), answer.must_lose, (pattern.kind, pattern.detail)))
        return Tried(tuple(trials), orders(recorder.calls, only_shapes=only_shapes))

    def _trial(self, sources: dict[str, str]) -> Trial:
        with _memory_limit(), measured() as measurements:
            verdict = self._judged(self._student(sources, {}), order=ORDER)
        return Trial(verdict, tuple(measurements), error=self._error)

    def _behind_border(self, instead: Names, *, order: int = ORDER) -> Verdict:
        with _memory_limit():
            names = self._student(self._exercises.solutions, instead)
            return self._judged(doubled(names, place_of=place_of), order=order)

    def _judged(self, names: dict[str, Any], *, order: int) -> Verdict:
        def ended_by(error: BaseException) -> None:
            self._error = _told(error, self._exercises.topic)

        self._error = ""
        test, seen = self._test, {**self._setup, **names}
        return run_test(
            test.source, seen, name=test.name, points=test.most, seed=str(order), place_of=place_of, ended_by=ended_by
        )

    def _student(self, sources: dict[str, str], instead: Names) -> Names:
        """A student's names as they are after the last cell, so that no test sees what another left behind."""
        namespace = student_namespace(self._setup, sources)
        namespace.update(instead)  # in place, so that the student's other functions use it as well
        return {name: namespace[name] for name in self._exercises.functions}


def _told(error: BaseException, topic: str) -> str:
    """What an error says and where the test met it: in the hidden module of the topic, else in the cell itself."""
    frames = traceback.extract_tb(error.__traceback__)
    hidden = [frame for frame in frames if frame.filename.endswith(f"hidden/{topic}.py")]
    in_cell = [frame for frame in frames if frame.filename.startswith("<test ")]
    place = (hidden or in_cell or frames)[-1]
    words = error.words if isinstance(error, StudentError) else str(error)
    return f"{type(error).__name__}: {words} ({'/'.join(Path(place.filename).parts[-3:])}, line {place.lineno})"


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
