"""The proof of the grader: every graded cell against known answers.

For each test cell the reference must pass, the untouched release must fail, every right attempt must keep all points
and every wrong attempt must lose exactly the cells named for it. Everything runs twice, on the objects themselves
and on their doubles behind the border, and must end the same.

Universal wrong answers are lost as well, where they differ from the right ones, and so are answers that follow the
pattern of a test's calls (`course.patterns`, which says what a test has to do). A topic whose answers are free in some
way says so: ``STILL_RIGHT = {"goe": {"ten times", "negated"}}`` in its attempts names those that must be kept. The
grade id of a cell in the place of the function says so for that cell alone.
"""

from __future__ import annotations

import importlib
import inspect
import math
import os
import resource
import warnings
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from course import universal
from course.exercises import place_of, read_exercises, setup_namespace, student_namespace
from course.patterns import LEAST_ORDERS, Recorder, has_arguments, orders, patterns
from nbjudge.doubles import doubled
from nbjudge.limits import Limits
from nbjudge.rules import RULES
from nbjudge.testcell import judge
from nbjudge.verdict import Outcome, Verdict
from nbjudge.wire import WireError, encode
from tests.attempts import Attempt, attempts_in
from tests.hidden.compare import Kind, Measurement, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from course.exercises import Exercises, TestCell
    from course.patterns import Pattern

LEAST_WRONG = 6
LEAST_RIGHT = 4
ORDER = 0
"""Seed of the order in which tests ask, for runs whose verdicts are compared."""

OTHER_ORDERS = (1, 2, 3)
"""Seeds of other orders, in which answers by memory are tried."""


Answers = dict[str, "Callable"]
"""What an exercise asks for, by name."""


@dataclass(frozen=True)
class Trial:
    """One answer met one test cell.

    Args:
        verdict: as judged on the objects themselves.
        behind_border: as judged on their doubles.
        measurements: the comparisons that the test made, in order.
    """

    verdict: Verdict
    behind_border: Verdict
    measurements: tuple[Measurement, ...]


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
    """Run the gates for one instructor notebook.

    Args:
        source: the instructor notebook.
        functions: the functions to look at, all by default.
        report: receives a line of progress for each function.

    Returns:
        The proof; it holds if it lists no problems.
    """
    exercises = read_exercises(source)
    module = importlib.import_module(f"tests.attempts.{exercises.topic.replace('-', '_')}")
    still_right = getattr(module, "STILL_RIGHT", {})
    return _Gates(exercises, attempts_in(module), still_right, report).run(list(functions or exercises.functions))


def prove_all(sources: list[Path], *, report: Callable[[str], None] = lambda _: None) -> list[Proof]:
    """Run the gates for several notebooks, on all processors.

    Args:
        sources: the instructor notebooks.
        report: receives a line of progress for each of them.

    Returns:
        A proof for each notebook, in their order.
    """
    proofs: dict[Path, Proof] = {}
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _become_a_prover) as pool:
        largest_first = sorted(sources, key=lambda path: -path.stat().st_size)
        waiting = {pool.submit(prove, source): source for source in largest_first}
        for future in as_completed(waiting):
            proof = proofs[waiting[future]] = future.result()
            wrong, right = proof.attempts
            report(f"{proof.topic}: {wrong} wrong and {right} right attempts, {len(proof.problems)} problems")
    return [proofs[source] for source in sources]


def _become_a_prover() -> None:
    """Prepare a process: one thread each, and no word on warnings, which wrong answers give in plenty."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


class _Gates:
    def __init__(
        self,
        exercises: Exercises,
        attempts: list[Attempt],
        still_right: dict[str, set[str]],
        report: Callable[[str], None],
    ) -> None:
        self.exercises = exercises
        self.attempts = attempts
        self.still_right = still_right
        self.report = report
        self.setup = setup_namespace(exercises)
        self.proof = Proof(exercises.topic, {test.name: CellProof(test) for test in exercises.tests})

    def run(self, functions: list[str]) -> Proof:
        self._unknown_names()
        chosen = {test.name for function in functions for test in self.exercises.tests_of(function)}
        self._reference(chosen)
        self._untouched(chosen)
        for function in functions:
            attempts = [attempt for attempt in self.attempts if attempt.function == function]
            rights = sum(attempt.is_right for attempt in attempts)
            self.proof.counts[function] = (len(attempts) - rights, rights)
            self.report(f"{function}: {len(attempts) - rights} wrong and {rights} right attempts")
            if len(attempts) - rights < LEAST_WRONG or rights < LEAST_RIGHT:
                self._problem(f"{function} needs {LEAST_WRONG} wrong and {LEAST_RIGHT} right attempts")
            for attempt in attempts:
                self._attempt(attempt)
            self._universal(function)
            self._patterns(function)
        for proof in self.proof.cells.values():
            if proof.cell.name in chosen:
                self._judge_proof(proof)
        self.proof.cells = {name: proof for name, proof in self.proof.cells.items() if name in chosen}
        return self.proof

    def _unknown_names(self) -> None:
        cells = set(self.proof.cells)
        for attempt in self.attempts:
            if attempt.function not in self.exercises.functions:
                self._problem(f"attempt {attempt.name} answers {attempt.function}, which no exercise asks for")
            if unknown := set(attempt.loses) - cells:
                self._problem(f"attempt {attempt.name} names the unknown cell {', '.join(sorted(unknown))}")

    def _reference(self, chosen: set[str]) -> None:
        for test in self.exercises.tests:
            if test.name in chosen:
                self._keeps("the reference", test, self._trial(test, self.exercises.solutions))

    def _untouched(self, chosen: set[str]) -> None:
        for test in self.exercises.tests:
            if test.name in chosen:
                self._loses("the untouched release", test, self._trial(test, self.exercises.stubs))

    def _attempt(self, attempt: Attempt) -> None:
        grade_id = self.exercises.functions[attempt.function]
        sources = {**self.exercises.solutions, grade_id: attempt.source}
        trials = {test.name: self._trial(test, sources) for test in self.exercises.tests_of(attempt.function)}
        self.proof.table[f"{attempt.function} {attempt.name}"] = {
            name: _lost(trial.verdict, self.proof.cells[name].cell) for name, trial in trials.items()
        }
        for name, trial in trials.items():
            proof = self.proof.cells[name]
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
        right = self._student(self.exercises.solutions)[function]
        if inspect.isclass(right):
            return  # a class has no result to spoil; the functions that use it meet the universal answers
        right = _remembered(right)
        for name in universal.NUMBERS:
            for test in self.exercises.tests_of(function):
                answer = universal.Transformed(right, name, shape_only=test.is_shape_check)
                trial = self._trial(test, self.exercises.solutions, {function: answer.function})
                if any(name in self.still_right.get(free, ()) for free in (function, test.name)):
                    self._keeps(f"{function} with {name!r}, which is still right,", test, trial)
                elif answer.differed:
                    self.proof.universal += 1
                    self._loses(f"the universal wrong answer {name!r} of {function}", test, trial)

    def _patterns(self, function: str) -> None:
        right = self._student(self.exercises.solutions)[function]
        if inspect.isclass(right):
            return  # what a class does is asked by operations, which have no order to remember
        right = _remembered(right)
        for test in self.exercises.tests:
            if not test.uses(function):
                continue
            recorder = Recorder(right)
            self._answered(test, function, recorder)
            if not has_arguments(recorder.calls):
                continue
            allowed = "script" in self.still_right.get(test.name, ())
            if orders(recorder.calls, only_shapes=test.is_shape_check) < LEAST_ORDERS and not allowed:
                self._problem(f"cell {test.name} asks {function} in fewer than {LEAST_ORDERS} orders")
            for pattern in patterns(right, recorder.calls, only_shapes=test.is_shape_check):
                for order in OTHER_ORDERS if pattern.knows_order else [ORDER]:
                    self._pattern(test, function, pattern, order)

    def _pattern(self, test: TestCell, function: str, pattern: Pattern, order: int) -> None:
        answer = pattern.make()
        verdict = self._answered(test, function, answer, order=order)
        trial = Trial(verdict, verdict, ())
        name = f"{pattern.kind} {pattern.detail}".strip()
        if pattern.kind in self.still_right.get(test.name, ()):
            self._keeps(f"{function} with {name!r}, which is still right,", test, trial)
        elif answer.must_lose:
            self.proof.patterns += 1
            self._loses(f"the pattern {name!r} of {function}", test, trial)

    def _answered(self, test: TestCell, function: str, answer: Any, *, order: int = ORDER) -> Verdict:
        """The verdict behind the border alone: such an answer remembers what it was asked in another run."""
        with _memory_limit():
            return self._behind_border(test, self.exercises.solutions, {function: answer.function}, order=order)

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

    def _trial(self, test: TestCell, sources: dict[str, str], instead: Answers | None = None) -> Trial:
        with _memory_limit():
            with measured() as measurements:
                verdict = _judged(test, {**self.setup, **self._student(sources, instead)}, order=ORDER)
            behind_border = self._behind_border(test, sources, instead)
        return Trial(verdict, behind_border, tuple(measurements))

    def _behind_border(
        self, test: TestCell, sources: dict[str, str], instead: Answers | None = None, *, order: int = ORDER
    ) -> Verdict:
        doubles = doubled(self._student(sources, instead), place_of=place_of)
        return _judged(test, {**self.setup, **doubles}, order=order)

    def _student(self, sources: dict[str, str], instead: Answers | None = None) -> Answers:
        """A student's names as they are after the last cell, so that no test sees what another left behind."""
        namespace = student_namespace(self.setup, sources)
        namespace.update(instead or {})  # in place, so that the student's other functions use it as well
        return {name: namespace[name] for name in self.exercises.functions}

    def _keeps(self, who: str, test: TestCell, trial: Trial, *, may_be_wrong: bool = False) -> None:
        self._same_behind_border(who, test, trial)
        if _lost(trial.verdict, test):
            self._problem(f"{who} loses cell {test.name}: {trial.verdict.message}")
        elif not may_be_wrong:
            for measurement in trial.measurements:
                if measurement.held:
                    _keep_smallest(self.proof.cells[test.name].right_margins, measurement)

    def _loses(self, who: str, test: TestCell, trial: Trial) -> None:
        self._same_behind_border(who, test, trial)
        if not _lost(trial.verdict, test):
            self._problem(f"{who} keeps cell {test.name}")
        if trial.verdict.outcome is Outcome.BROKEN_TEST:
            self._problem(f"{who} breaks the test {test.name}: {trial.verdict.message}")

    def _same_behind_border(self, who: str, test: TestCell, trial: Trial) -> None:
        if trial.verdict != trial.behind_border and not _is_only_told_otherwise(trial):
            self._problem(
                f"{who}, cell {test.name}: the verdict differs behind the border: "
                f"{trial.verdict.message} / {trial.behind_border.message}"
            )

    def _problem(self, sentence: str) -> None:
        self.proof.problems.append(f"{self.exercises.topic}: {sentence}")


_HEAD = """# How we know the grader is right

Written by `make gates`.

Every test cell has met the known answers of the tables below, wrong answers that every function meets (None, zeros, the
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
        "Every verdict was reached twice, on the objects and behind the border.",
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


def _is_only_told_otherwise(trial: Trial) -> bool:
    """Whether both ways lose, behind the border by the use of a function that was lent to an earlier call."""
    plain, behind_border = trial.verdict, trial.behind_border
    return plain.score == behind_border.score == 0 and behind_border.message == RULES["retired"]


def _judged(test: TestCell, namespace: dict[str, Any], *, order: int) -> Verdict:
    return judge(test.source, namespace, name=test.name, points=test.most, seed=str(order), place_of=place_of)


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


def _remembered(function: Callable) -> Callable:
    """The same function, which works out the results for arguments that are all data only once."""
    results: dict[bytes, Any] = {}

    def remembering(*arguments: Any, **keywords: Any) -> Any:
        try:
            key = encode((arguments, keywords))
        except WireError:
            return function(*arguments, **keywords)
        if key not in results:
            results[key] = function(*arguments, **keywords)
        return results[key]

    return remembering


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
