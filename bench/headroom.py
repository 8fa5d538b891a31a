"""Show that no honest answer is lost to a limit: the slowest right answers, graded while other processes are busy.

``python -m bench.headroom`` times every known right answer, hands in the slowest to each function, grades them in the
judge beside four busy processes, and writes how much smaller each limit could have been. It fails if a limit stopped
anything or a point was lost.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import torch

from course import release
from course.exercises import read_exercises, setup_namespace, student_namespace
from course.measure import each_alone, released, seconds_of_cells, with_clocks
from nbjudge import walls
from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, ReferenceRun, digest_of
from nbjudge.settings import NbJudge
from nbjudge.stored import FORMAT, grade_id
from nbjudge.testcell import judge
from nbjudge.worker import Task, Workers
from tests.attempts import attempts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from course.exercises import Exercises
    from nbjudge.graded import Graded
    from tests.attempts import Attempt

ROOT = Path(__file__).resolve().parent.parent
BUSY = 4
_LEAST = 0.01
"""The kernel's tick, below which a time tells nothing."""


@dataclass(frozen=True)
class Headroom:
    """How far one limit was from stopping an answer.

    Args:
        what: the cell, test or total.
        used: processor seconds.
        limit: processor seconds.
    """

    what: str
    used: float
    limit: float

    @property
    def times(self) -> float:
        """How many times as long it might have taken."""
        return self.limit / max(self.used, _LEAST)


def main() -> int:
    """Time, grade and report; the exit status says whether everything was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignments", nargs="*", default=release.assignments(ROOT))
    warnings.simplefilter("ignore")  # of the answers
    torch.set_num_threads(1)
    lost = []
    for assignment in parser.parse_args().assignments:
        source = next((ROOT / "source" / assignment).glob("*.ipynb"))
        exercises = read_exercises(source)
        slowest = slowest_answers(exercises)
        sys.stdout.write(f"{assignment}: {', '.join(sorted(one.name for one in slowest.values()))}\n")
        graded, found, stopped = graded_under_load(assignment, source, exercises, slowest)
        for one in sorted(found, key=lambda one: one.times)[:3]:
            sys.stdout.write(f"  {one.what}: {one.used:.2f} of {one.limit:.3g} s, {one.times:.1f} times\n")
        sys.stdout.write(f"  {sum(verdict.score for verdict in graded.verdicts.values()):g} points\n")
        sys.stdout.flush()
        lost += [f"{assignment}, {what}" for what in stopped]
    sys.stdout.write("".join(f"LOST: {what}\n" for what in lost) or "Nothing was lost.\n")
    return 1 if lost else 0


def slowest_answers(exercises: Exercises) -> dict[str, Attempt]:
    """The right answer to each function that takes longest in the tests of this function."""
    attempts = attempts_in(importlib.import_module(f"tests.attempts.{exercises.topic}"))
    setup = setup_namespace(exercises)
    slowest: dict[str, tuple[float, Attempt]] = {}
    for attempt in attempts:
        if attempt.is_right:
            seconds = _seconds(attempt, exercises, setup)
            if seconds > slowest.get(attempt.function, (0.0,))[0]:
                slowest[attempt.function] = seconds, attempt
    return {function: attempt for function, (_, attempt) in slowest.items()}


def _seconds(attempt: Attempt, exercises: Exercises, setup: dict[str, object]) -> float:
    sources = {**exercises.solutions, exercises.functions[attempt.function]: attempt.source}
    began = time.process_time()
    for test in exercises.tests_of(attempt.function):
        names = {**setup, **student_namespace(setup, sources)}
        judge(test.source, names, name=test.name, points=test.most, seed="headroom")
    return time.process_time() - began


def graded_under_load(
    assignment: str, source: Path, exercises: Exercises, answers: dict[str, Attempt]
) -> tuple[Graded, list[Headroom], list[str]]:
    """Grade a submission with these answers beside busy processes.

    Returns:
        What became of it, the headroom of each limit, and what was lost.
    """
    stored, files = released(ROOT, assignment)
    own = each_alone(stored[source.stem])
    solved = exercises.solutions | {exercises.functions[name]: attempt.source for name, attempt in answers.items()}
    content = nbformat.writes(with_clocks(own.released, solved)).encode()
    limits = Limits.of({}, ReferenceRun.read(source.with_suffix(SUFFIX)))
    workers = Workers({source.stem: own}, ROOT, walled=walls.why_not() is None, private=NbJudge().private_modules)
    try:
        worker = workers.start()
        with _busy_processes():
            graded = worker.grade(Task(source.stem, content, limits, "en", files))
    finally:
        workers.close()
    limits = limits.on_machine(worker.workload)
    notebook = nbformat.reads(graded.text, as_version=FORMAT)
    used = seconds_of_cells(notebook, {test.grade_id for test in own.tests})
    found = [Headroom("in all", graded.cpu, limits.total_cpu)]
    found += [Headroom(f"test {name}", took, limits.of_test(name).cpu) for name, took in graded.seconds.items()]
    found += [
        Headroom(f"cell {grade_id(cell) or repr(cell.source[:40])}", used[digest], limits.of_cell(cell.source).cpu)
        for cell in notebook.cells
        if cell.cell_type == "code" and (digest := digest_of(cell.source)) in used
    ]
    lost = [f"{name}: {reason}" for name, reason in graded.stops.items()]
    most = {test.grade_id: test.bonus or test.points for test in own.tests}
    lost += [f"{name}: {one.message}" for name, one in graded.verdicts.items() if one.score < most[name]]
    return graded, found, lost


@contextmanager
def _busy_processes() -> Iterator[None]:
    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(command) for _ in range(BUSY)]  # noqa: S603, our own
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
