"""Measure what functions that never return cost: ``python -m bench.hang`` grades them once with the course's limits."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from course.exercises import read_exercises
from course.measure import released
from nbjudge.judging.worker import Task, Workers
from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, ReferenceRun
from nbjudge.sandbox import walls
from nbjudge.settings import NbJudge
from nbjudge.submission.blueprint import grade_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbformat import NotebookNode

    from course.exercises import Exercises

ROOT = Path(__file__).resolve().parent.parent
_HANGS = "\n\n\ndef {name}(*_, **__):\n    while True:\n        pass\n"


@dataclass(frozen=True)
class Hang:
    """What a submission cost in which some functions never return.

    Args:
        name: of the function, or `EVERY`.
        cpu: processor seconds.
        wall: seconds.
        again: why it would be graded again, empty if it would not.
    """

    name: str
    cpu: float
    wall: float
    again: str


EVERY = "every function"


def main() -> None:
    """Grade one submission for each function that hangs, and one in which all do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment", nargs="?", default="ps1-jacobian")
    parser.add_argument("--function", action="append", help="one of those that hang alone, by default each")
    options = parser.parse_args()
    for hang in hangs(options.assignment, options.function):
        again = f", graded again: {hang.again}" if hang.again else ""
        sys.stdout.write(f"{hang.name}: {hang.cpu:.1f} s of CPU, {hang.wall:.1f} s{again}\n")
        sys.stdout.flush()


def hangs(assignment: str, functions: Sequence[str] | None = None) -> Iterator[Hang]:
    """Grade submissions with the limits of a course that sets none.

    Args:
        assignment: name of the assignment.
        functions: those that hang alone, by default each; at last all hang.
    """
    source = next((ROOT / "source" / assignment).glob("*.ipynb"))
    exercises = read_exercises(source)
    blueprints, files = released(ROOT, assignment)
    limits = Limits.of({}, ReferenceRun.read(source.with_suffix(SUFFIX)))
    workers = Workers(blueprints, ROOT, walled=walls.why_not() is None, private=NbJudge().private_modules)
    try:
        worker = workers.start()
        for hanging in [*([name] for name in functions or exercises.functions), [*exercises.functions]]:
            notebook = _answered(blueprints[source.stem].released, exercises, hanging)
            began = time.monotonic()
            graded = worker.grade(Task(source.stem, nbformat.writes(notebook).encode(), limits, "en", files))
            name = hanging[0] if len(hanging) == 1 else EVERY
            again = str(graded.doubts) if graded.is_doubtful else ""
            yield Hang(name, graded.cpu, time.monotonic() - began, again)
    finally:
        workers.close()


def _answered(released_notebook: NotebookNode, exercises: Exercises, hanging: list[str]) -> NotebookNode:
    """A submission with the reference, in which some functions never return."""
    notebook = nbformat.from_dict(released_notebook)
    for cell in notebook.cells:
        if (name := grade_id(cell)) in exercises.solutions:
            own = [function for function in hanging if exercises.functions[function] == name]
            cell.source = exercises.solutions[name] + "".join(_HANGS.format(name=function) for function in own)
    return notebook


if __name__ == "__main__":
    main()
