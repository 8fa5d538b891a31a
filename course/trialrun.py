"""Trials shared between the processors: what is known is taken over, the longest of the others come first."""

from __future__ import annotations

import functools
import time
import warnings
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Self

import torch

from course.exercises import read_exercises
from course.trialcache import Keys
from course.trials import PATTERNS, Answer, Prover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from course.exercises import Exercises
    from course.trialcache import TrialCache
    from course.trials import Tried

    Results = dict[tuple[str, str, Answer], Tried]
    """What came of the trials, by topic, grade id and answer."""

_OF_PATTERNS = 8
"""About how many answers the patterns of a cell are."""

_WORTH_PROCESSES = 10.0
"""Seconds of work for which it takes longer to start processes than they save."""


@dataclass(frozen=True)
class Unit:
    """What one process tries in one go: answers to one function on one test cell.

    Args:
        source: the instructor notebook.
        function: the function, empty for what answers all of them.
        cell: the grade id of the test cell.
        answers: the answers.
        of_one: about how many seconds one answer takes.
    """

    source: Path
    function: str
    cell: str
    answers: tuple[Answer, ...]
    of_one: float

    @property
    def topic(self) -> str:
        """Name of the notebook."""
        return self.source.stem

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return self.of_one * sum(_OF_PATTERNS if answer.kind == PATTERNS else 1 for answer in self.answers)


class TrialRun:
    """Tries answers on test cells, a context that ends the processes that it started.

    Args:
        exercises: of each instructor notebook.
        cache: what was tried before; without one everything is tried.
        processes: how many may work at the same time; with one it is this process.
        report: receives lines of progress.
    """

    def __init__(
        self,
        exercises: dict[Path, Exercises],
        *,
        cache: TrialCache | None,
        processes: int,
        report: Callable[[str], None],
    ) -> None:
        self._exercises = exercises
        self._cache = cache
        self._keys = {source: Keys(source, own) for source, own in exercises.items()} if cache else {}
        self._cells = {source: {test.name: test for test in own.tests} for source, own in exercises.items()}
        self._processes = processes
        self._report = report
        self._pool: ProcessPoolExecutor | None = None
        self._provers: dict[Path, Prover] = {}
        self.trials = 0
        self.taken_over = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def results(self, units: list[Unit]) -> Results:
        """What comes of all answers of some units."""
        found: Results = {}
        waiting: dict[Unit, Unit] = {}
        for unit in units:
            known = self._known(unit)
            self.taken_over += sum(map(_count, known.values()))
            found |= _placed(unit, known)
            missing = tuple(answer for answer in unit.answers if answer not in known)
            if missing:
                waiting[replace(unit, answers=missing)] = unit
        progress = _Progress(list(waiting), self._report)
        for unit, tried in self._tried(list(waiting)):
            found |= _placed(unit, tried)
            self._keep(waiting[unit], found)
            progress.ended(unit)
        self.trials += sum(_count(found[unit.topic, unit.cell, answer]) for unit in units for answer in unit.answers)
        return found

    def _tried(self, units: list[Unit]) -> Iterator[tuple[Unit, dict[Answer, Tried]]]:
        seconds: dict[tuple[str, str], float] = defaultdict(float)
        for unit in units:
            seconds[unit.topic, unit.function] += unit.seconds
        ordered = sorted(units, key=lambda unit: (-seconds[unit.topic, unit.function], unit.function, -unit.seconds))
        if self._processes == 1 or (not self._pool and sum(seconds.values()) < _WORTH_PROCESSES):
            for unit in ordered:
                yield unit, _tried_by(self._prover(unit.source), unit)
            return
        self._pool = self._pool or _pool(self._processes)
        futures = {self._pool.submit(_try_there, unit): unit for unit in ordered}
        for future in as_completed(futures):
            yield futures[future], future.result()

    def _prover(self, source: Path) -> Prover:
        if source not in self._provers:
            self._provers[source] = Prover(self._exercises[source])
        return self._provers[source]

    def _known(self, unit: Unit) -> dict[Answer, Tried]:
        if not self._cache:
            return {}
        entries = self._cache.read(unit.topic, unit.function, unit.cell)
        keys = {answer: self._key(unit, answer) for answer in unit.answers}
        return {answer: entries[key] for answer, key in keys.items() if key in entries}

    def _keep(self, unit: Unit, found: Results) -> None:
        if self._cache:
            entries = {self._key(unit, answer): found[unit.topic, unit.cell, answer] for answer in unit.answers}
            self._cache.write(unit.topic, unit.function, unit.cell, entries)

    def _key(self, unit: Unit, answer: Answer) -> str:
        return self._keys[unit.source].of(self._cells[unit.source][unit.cell], answer)


class _Progress:
    """Lines on the functions that are done and the time that is left."""

    def __init__(self, units: list[Unit], report: Callable[[str], None]) -> None:
        self._left = Counter((unit.topic, unit.function) for unit in units)
        self._functions = len(self._left)
        self._seconds_left = sum(unit.seconds for unit in units)
        self._seconds_done = 0.0
        self._start = time.monotonic()
        self._report = report

    def ended(self, unit: Unit) -> None:
        """Tell that a function is done with the last of its units."""
        name = (unit.topic, unit.function)
        self._left[name] -= 1
        self._seconds_left -= unit.seconds
        self._seconds_done += unit.seconds
        if self._left[name] == 0 and unit.function:
            done = sum(left == 0 for left in self._left.values())
            elapsed = time.monotonic() - self._start
            left = elapsed * self._seconds_left / self._seconds_done
            self._report(
                f"{unit.topic} {unit.function}: {done} of {self._functions} functions in {_clock(elapsed)}, "
                f"about {_clock(left)} left"
            )


def become_a_prover() -> None:
    """Prepare a process: one thread each, and no word on warnings, which wrong answers give in plenty."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


def _pool(processes: int) -> ProcessPoolExecutor:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(processes, context, become_a_prover)


def _try_there(unit: Unit) -> dict[Answer, Tried]:
    return _tried_by(_prover_there(unit.source), unit)


@functools.cache
def _prover_there(source: Path) -> Prover:
    return Prover(read_exercises(source))


def _tried_by(prover: Prover, unit: Unit) -> dict[Answer, Tried]:
    return dict(zip(unit.answers, prover.tried(unit.cell, unit.answers), strict=True))


def _placed(unit: Unit, tried: dict[Answer, Tried]) -> Results:
    return {(unit.topic, unit.cell, answer): one for answer, one in tried.items()}


def _count(tried: Tried) -> int:
    return len(tried.trials)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
