"""Show that no honest answer is lost to a limit: the slowest right answers, graded while other processes are busy.

``python -m bench.headroom`` times every known right answer, hands in the slowest to each function, grades them in the
judge beside four busy processes, and writes how much smaller each limit could have been. It fails if a limit stopped
anything or a point was lost.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import torch

from course import release
from course.exercises import read_exercises
from course.measure import each_alone, released, seconds_of_cells, slowest_answers, with_clocks
from nbjudge.judging.worker import Task, Workers
from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, ReferenceRun, digest_of
from nbjudge.sandbox import walls
from nbjudge.settings import NbJudge
from nbjudge.submission.blueprint import FORMAT, grade_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbjudge.judging.graded import Graded

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
        for answers in slowest_answers(exercises):
            graded, found, stopped = graded_under_load(assignment, source, answers)
            points = sum(verdict.score for verdict in graded.verdicts.values())
            sys.stdout.write(f"{assignment}: {points:g} points in {graded.cpu:.1f} s\n")
            for one in sorted(found, key=lambda one: one.times)[:3]:
                sys.stdout.write(f"  {one.what}: {one.used:.2f} of {one.limit:.3g} s, {one.times:.1f} times\n")
            sys.stdout.flush()
            lost += [f"{assignment}, {what}" for what in stopped]
    sys.stdout.write("".join(f"LOST: {what}\n" for what in lost) or "Nothing was lost.\n")
    return 1 if lost else 0


def graded_under_load(
    assignment: str, source: Path, answers: dict[str, str]
) -> tuple[Graded, list[Headroom], list[str]]:
    """Grade a submission with these answers, by grade id, beside busy processes.

    Returns:
        What became of it, the headroom of each limit, and what was lost.
    """
    blueprints, files = released(ROOT, assignment)
    own = each_alone(blueprints[source.stem])
    content = nbformat.writes(with_clocks(own.released, answers)).encode()
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
