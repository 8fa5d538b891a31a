"""The proof of the grader: every graded cell against known answers.

For each test cell the reference must pass, the untouched release must fail, every right attempt must keep all points
and every wrong attempt must lose exactly the cells named for it. That is tried on the objects themselves, where
margins can be measured; a class hands all of them in to the judge.

Behind the border the reference must pass, and universal wrong answers are lost where they differ from the right ones,
as are answers that follow the pattern of a test's calls (`course.patterns`, which says what a test has to do). A topic
whose answers are free in some way says so: ``STILL_RIGHT = {"goe": {"ten times", "negated"}}`` in its attempts names
those that must be kept. The grade id of a cell in the place of the function says so for that cell alone.
"""

from __future__ import annotations

import importlib
import math
import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course import universal
from course.errors import CourseError
from course.exercises import read_exercises
from course.patterns import LEAST_ORDERS
from course.prose import TO_WRITE
from course.trialrun import TrialRun, Unit
from course.trials import ATTEMPT, BEHIND_BORDER, PATTERNS, REFERENCE, UNIVERSAL, UNTOUCHED, Answer
from nbjudge.judging.verdict import Outcome, Verdict
from nbjudge.messages import CheckFailed
from tests.attempts import Attempt, attempts_in
from tests.hidden.compare import Kind, Measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import ModuleType

    from course.exercises import TestCell
    from course.trialcache import TrialCache
    from course.trialrun import Results
    from course.trials import Trial

LEAST_WRONG = 6
LEAST_RIGHT = 4

_REFERENCE = Answer(REFERENCE)
_BEHIND_BORDER = Answer(BEHIND_BORDER)
_UNTOUCHED = Answer(UNTOUCHED)


@dataclass
class CellProof:
    """What is known of one test cell.

    Args:
        cell: the test cell.
        killed: wrong attempts that lose it.
        alone: wrong attempts that lose it and no other cell.
        right_margins: of each kind of comparison, the smallest margin of a right answer.
        wrong_margins: of each kind, the smallest margin of a wrong attempt that such a comparison rejects.
    """

    cell: TestCell
    killed: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    right_margins: dict[Kind, float] = field(default_factory=dict)
    wrong_margins: dict[Kind, float] = field(default_factory=dict)


@dataclass
class Proof:
    """The result of the gates for one topic: the proof of each cell and all problems, a sentence each."""

    topic: str
    cells: dict[str, CellProof]
    problems: list[str] = field(default_factory=list)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    table: dict[str, dict[str, bool]] = field(default_factory=dict)
    universal: int = 0
    patterns: int = 0

    @property
    def attempts(self) -> tuple[int, int]:
        """Wrong and right attempts at all functions."""
        wrong, right = (sum(counts) for counts in zip(*self.counts.values(), strict=True))
        return wrong, right


def prove(
    source: Path, *, functions: Iterable[str] | None = None, report: Callable[[str], None] = lambda _: None
) -> Proof:
    """Run the gates for one instructor notebook, in this process.

    Args:
        source: the instructor notebook.
        functions: the functions to look at, all by default.
        report: receives lines of progress.

    Returns:
        The proof; it holds if it lists no problems.
    """
    return prove_all([source], functions=functions, processes=1, report=report)[0]


def prove_all(
    sources: list[Path],
    *,
    functions: Iterable[str] | None = None,
    cache: TrialCache | None = None,
    processes: int | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> list[Proof]:
    """Run the gates for several notebooks.

    Args:
        sources: the instructor notebooks.
        functions: the functions to look at, all by default.
        cache: what was tried before; without one everything is tried.
        processes: how many may work at the same time, by default one for each processor.
        report: receives lines of progress.

    Returns:
        A proof for each notebook, in their order.

    Raises:
        CourseError: for a function that no exercise asks for.
    """
    gates = [_Gates(source, list(functions or []), whole=True) for source in sources]
    return _proved(gates, cache=cache, processes=processes, report=report)


def prove_attempts(sources: list[Path], *, functions: Iterable[str] | None = None) -> list[Proof]:
    """Run the part of the gates that tells most in a fraction of the time.

    Right attempts meet all test cells of their function, wrong ones those that they must lose, on the objects
    themselves.

    Args:
        sources: the instructor notebooks.
        functions: the functions to look at, all by default.

    Returns:
        A proof for each notebook, in their order, with all its margins.
    """
    return _proved([_Gates(source, list(functions or []), whole=False) for source in sources])


def _proved(
    gates: list[_Gates],
    *,
    cache: TrialCache | None = None,
    processes: int | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> list[Proof]:
    exercises = {one.source: one.exercises for one in gates}
    processes = processes or os.cpu_count() or 1
    with TrialRun(exercises, cache=cache, processes=processes, report=report) as run:
        results = run.results([unit for one in gates for unit in one.of_all()])
        results |= run.results([unit for one in gates for unit in one.of_each_function(results)])
    if cache:
        report(f"{run.taken_over:,} of {run.trials:,} trials taken over from the cache")
    return [one.proof(results) for one in gates]


class _Gates:
    """What one notebook's answers have to show, first as units of work and then as a proof.

    Args:
        source: the instructor notebook.
        functions: the functions to look at; none means all.
        whole: whether to try everything, and not only attempts at the cells that they must keep or lose.
    """

    def __init__(self, source: Path, functions: list[str], *, whole: bool) -> None:
        self.source = source
        self._whole = whole
        self.exercises = read_exercises(source)
        module = _attempts_module(self.exercises.topic)
        self._attempts = attempts_in(module)
        self._still_right: dict[str, set[str]] = getattr(module, "STILL_RIGHT", {})
        self._functions = functions or list(self.exercises.functions)
        if unknown := set(self._functions) - set(self.exercises.functions):
            asked = ", ".join(self.exercises.functions)
            raise CourseError(f"{source.parent.name} asks for no {', '.join(sorted(unknown))}; it asks for {asked}.")
        chosen = {test.name for function in self._functions for test in self.exercises.tests_of(function)}
        self._tests = [test for test in self.exercises.tests if test.name in chosen]
        self._proof = Proof(self.exercises.topic, {test.name: CellProof(test) for test in self._tests})
        self._results: Results = {}

    def of_all(self) -> list[Unit]:
        """The answers that answer every function, for each test cell."""
        answers = (_REFERENCE, _UNTOUCHED, *((_BEHIND_BORDER,) if self._whole else ()))
        return [Unit(self.source, "", test.name, answers, of_one=0.5) for test in self._tests]

    def of_each_function(self, results: Results) -> list[Unit]:
        """The answers to one function each, for each test cell that it takes part in.

        Args:
            results: what came of the others; an answer takes about as long as the reference.
        """
        units = []
        for function in self._functions:
            attempts = self._attempts_at(function)
            universals = tuple(Answer(UNIVERSAL, function, name) for name in universal.NUMBERS)
            for test in self.exercises.tests_of(function):
                others = (*universals, *((Answer(PATTERNS, function),) if test.uses(function) else ()))
                known = tuple(self._answer(attempt) for attempt in attempts if self._meets(attempt, test))
                answers = (*known, *others) if self._whole else known
                seconds = results[self.exercises.topic, test.name, _REFERENCE].seconds
                units.append(Unit(self.source, function, test.name, answers, of_one=seconds))
        return units

    def proof(self, results: Results) -> Proof:
        """What the results show."""
        self._results = results
        self._unknown_names()
        for test in self._tests:
            self._keeps("the reference", test, self._trial(test, _REFERENCE))
            if self._whole:
                self._keeps("the reference behind the border", test, self._trial(test, _BEHIND_BORDER))
        for test in self._tests:
            self._loses("the untouched release", test, self._trial(test, _UNTOUCHED))
        for function in self._functions:
            attempts = self._attempts_at(function)
            rights = sum(attempt.is_right for attempt in attempts)
            self._proof.counts[function] = (len(attempts) - rights, rights)
            if len(attempts) - rights < LEAST_WRONG or rights < LEAST_RIGHT:
                self._problem(f"{function} needs {LEAST_WRONG} wrong and {LEAST_RIGHT} right attempts")
            for attempt in attempts:
                self._attempt(attempt)
            if self._whole:
                self._universal(function)
                self._patterns(function)
        for proof in self._proof.cells.values():
            self._judge_proof(proof)
        return self._proof

    def _meets(self, attempt: Attempt, test: TestCell) -> bool:
        """Whether an attempt at a function is tried on a test cell of this function."""
        return self._whole or attempt.is_right or test.name in attempt.loses

    def _attempts_at(self, function: str) -> list[Attempt]:
        return [attempt for attempt in self._attempts if attempt.function == function]

    def _answer(self, attempt: Attempt) -> Answer:
        return Answer(ATTEMPT, attempt.function, attempt.name, attempt.source)

    def _trial(self, test: TestCell, answer: Answer) -> Trial:
        return self._results[self.exercises.topic, test.name, answer].trials[0]

    def _unknown_names(self) -> None:
        cells = {test.name for test in self.exercises.tests}
        for attempt in self._attempts:
            if attempt.function not in self.exercises.functions:
                self._problem(f"attempt {attempt.name} answers {attempt.function}, which no exercise asks for")
            if unknown := set(attempt.loses) - cells:
                self._problem(f"attempt {attempt.name} names the unknown cell {', '.join(sorted(unknown))}")

    def _attempt(self, attempt: Attempt) -> None:
        if TO_WRITE in attempt.source:
            self._problem(f"attempt {attempt.name} at {attempt.function} is not written yet")
            return
        answer = self._answer(attempt)
        tests = [test for test in self.exercises.tests_of(attempt.function) if self._meets(attempt, test)]
        trials = {test.name: self._trial(test, answer) for test in tests}
        self._proof.table[f"{attempt.function} {attempt.name}"] = {
            name: _lost(trial.verdict, self._proof.cells[name].cell) for name, trial in trials.items()
        }
        for name, trial in trials.items():
            proof = self._proof.cells[name]
            if name not in attempt.loses:
                self._keeps(f"attempt {attempt.name}", proof.cell, trial, may_be_wrong=not attempt.is_right)
                continue
            self._loses(f"attempt {attempt.name}", proof.cell, trial)
            if trial.verdict.score != attempt.loses[name]:
                left = attempt.loses[name]
                self._problem(f"attempt {attempt.name} has {trial.verdict.score:g} points of {name}, not {left:g}")
            if not _lost(trial.verdict, proof.cell):
                continue
            proof.killed.append(attempt.name)
            if set(attempt.loses) == {name}:
                proof.alone.append(attempt.name)
            if trial.measurements and not trial.measurements[-1].held:
                _keep_smallest(proof.wrong_margins, trial.measurements[-1])

    def _universal(self, function: str) -> None:
        for name in universal.NUMBERS:
            for test in self.exercises.tests_of(function):
                for trial in self._results[self.exercises.topic, test.name, Answer(UNIVERSAL, function, name)].trials:
                    if any(name in self._still_right.get(free, ()) for free in (function, test.name)):
                        self._keeps(f"{function} with {name!r}, which is still right,", test, trial)
                    elif trial.was_wrong:
                        self._proof.universal += 1
                        self._loses(f"the universal wrong answer {name!r} of {function}", test, trial)

    def _patterns(self, function: str) -> None:
        for test in self.exercises.tests:
            if not test.uses(function):
                continue
            tried = self._results[self.exercises.topic, test.name, Answer(PATTERNS, function)]
            still_right = self._still_right.get(test.name, ())
            if tried.orders < LEAST_ORDERS and "script" not in still_right:
                self._problem(f"cell {test.name} asks {function} in fewer than {LEAST_ORDERS} orders")
            for trial in tried.trials:
                kind, detail = trial.pattern
                name = f"{kind} {detail}".strip()
                if kind in still_right:
                    self._keeps(f"{function} with {name!r}, which is still right,", test, trial)
                elif trial.was_wrong:
                    self._proof.patterns += 1
                    self._loses(f"the pattern {name!r} of {function}", test, trial)

    def _judge_proof(self, proof: CellProof) -> None:
        name = proof.cell.name
        if not proof.cell.is_shape_check and not proof.alone:
            self._problem(f"cell {name} is idle: no wrong attempt loses it alone")
        for kind, margin in proof.right_margins.items():
            if margin < kind.least_right:
                self._problem(_too_small(name, "right", kind, margin, kind.least_right))
        for kind, margin in proof.wrong_margins.items():
            if margin < kind.least_wrong:
                self._problem(_too_small(name, "wrong", kind, margin, kind.least_wrong))

    def _keeps(self, who: str, test: TestCell, trial: Trial, *, may_be_wrong: bool = False) -> None:
        if _lost(trial.verdict, test):
            self._problem(f"{who} loses cell {test.name}: {trial.verdict.message}{_as_note(trial)}")
        elif not may_be_wrong:
            for measurement in trial.measurements:
                if measurement.held:
                    _keep_smallest(self._proof.cells[test.name].right_margins, measurement)

    def _loses(self, who: str, test: TestCell, trial: Trial) -> None:
        if not _lost(trial.verdict, test):
            self._problem(f"{who} keeps cell {test.name}")
        if trial.verdict.outcome is Outcome.BROKEN_TEST:
            self._problem(f"{who} breaks the test {test.name}: {trial.verdict.message}{_as_note(trial)}")

    def _problem(self, sentence: str) -> None:
        self._proof.problems.append(f"{self.exercises.topic}: {sentence}")


def _attempts_module(topic: str) -> ModuleType:
    name = f"tests.attempts.{topic}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise CourseError(
            f"tests/attempts/{topic}.py is missing: write {LEAST_WRONG} wrong and {LEAST_RIGHT} right answers to each "
            "function there, as docs/authoring.md says."
        ) from None


_HEAD = """# How we know the grader is right

Written by `make gates`.

Every test cell has met the known answers of the tables below: on the objects themselves, and handed in by a class in
the judge. Behind the border it has met the reference, wrong answers that every function meets (None, zeros, the
transpose, ten times the result and others), and answers that compute nothing but know the pattern of a test's calls:
one short result for every call, the right short results in the order of another grading, what is usual for the first,
second, third call with the same data, and the first right result remembered for all calls or for all calls of a kind.
A result is short if it can be guessed or learned from a few messages: a truth, a word, None, an exception, a few whole
numbers; in a check of shapes every array. A script of long results is not among them, since it needs the right numbers
for inputs that nobody has seen. Tests with short results ask in an order that differs from one submission to the next.

"""


def as_page(proofs: Iterable[Proof]) -> str:
    """All proofs as the page that the documentation shows."""
    return _HEAD + "\n".join(map(as_markdown, proofs))


def as_markdown(proof: Proof) -> str:
    """The proof as a page: margins of each cell and the table of attempts × cells."""
    wrong, right = proof.attempts
    lines = [
        f"## {proof.topic}",
        "",
        f"{wrong} wrong and {right} right attempts at {len(proof.counts)} functions.",
        f"Universal wrong answers were tried {proof.universal} times, patterns of calls {proof.patterns} times.",
        "A margin is tolerance ÷ error of a right answer, error ÷ tolerance of a wrong one.",
        "",
        "| cell | points | lost by | lost alone by | margin to right | margin to wrong |",
        "|---|---|---|---|---|---|",
    ]
    for name, cell in proof.cells.items():
        points = f"{cell.cell.bonus:g} bonus" if cell.cell.bonus else f"{cell.cell.points:g}"
        alone = "shape check" if cell.cell.is_shape_check else str(len(cell.alone))
        lines.append(
            f"| `{name}` | {points} | {len(cell.killed)} | {alone} "
            f"| {_told(cell.right_margins)} | {_told(cell.wrong_margins)} |"
        )
    by_function = defaultdict(list)
    for attempt, cells in proof.table.items():
        function, name = attempt.split(" ")
        by_function[function].append((name, cells))
    for function, rows in by_function.items():
        columns = list(rows[0][1])
        lines += ["", f"### `{function}`", "", f"| attempt | {' | '.join(f'`{column}`' for column in columns)} |"]
        lines.append("|---|" + "---|" * len(columns))
        lines += [
            f"| {name.replace('_', ' ')} | {' | '.join('loses' if cells[column] else 'keeps' for column in columns)} |"
            for name, cells in rows
        ]
    return "\n".join(lines) + "\n"


def _as_note(trial: Trial) -> str:
    """The error that ended a test, for its author; a check that fails has said it all."""
    return f" [{trial.error}]" if trial.error and not trial.error.startswith(CheckFailed.__name__) else ""


def _keep_smallest(margins: dict[Kind, float], measurement: Measurement) -> None:
    margins[measurement.kind] = min(margins.get(measurement.kind, math.inf), measurement.margin)


def _too_small(cell: str, side: str, kind: Kind, margin: float, least: float) -> str:
    return f"cell {cell}: the margin to {side} answers ({kind.label}) is {margin:.1f}, below {least:g}"


def _told(margins: dict[Kind, float]) -> str:
    """The margins of a cell in a few words; no comparison gives none."""
    finite = {kind: margin for kind, margin in margins.items() if not math.isinf(margin)}
    return (
        ", ".join(
            _rounded(margin) if kind is Kind.VALUE else f"{margin:.1f} ({kind.label})"
            for kind, margin in finite.items()
        )
        or "–"
    )


def _lost(verdict: Verdict, test: TestCell) -> bool:
    return verdict.score < test.most


def _rounded(margin: float) -> str:
    """A margin to one digit, since the last digits depend on the machine."""
    return f"{float(f'{margin:.0e}'):,.0f}" if margin < 1e6 else f"{margin:.0e}"
