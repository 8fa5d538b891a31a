"""Measure what the reference of an assignment takes in the judge, from which the limits of submissions come."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.errors import CourseError
from course.exercises import read_exercises
from course.languages import LANGUAGES
from course.release import build
from nbjudge import walls
from nbjudge.companions import companions
from nbjudge.dependencies import imported_files
from nbjudge.gradebook import stored_notebooks
from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, ReferenceRun, digest_of, key_of_run
from nbjudge.settings import NbJudge
from nbjudge.stored import ALONE, FORMAT, grade_id
from nbjudge.verdict import Outcome
from nbjudge.worker import Task, Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode

    from nbjudge.graded import Graded
    from nbjudge.stored import StoredNotebook
    from nbjudge.worker import Worker

_RUNS = 2
_CLOCK = "sum(__import__('os').times()[:4])"
"""A cell that shows how many processor seconds the process has used."""


def refresh(root: Path, assignment: str, *, report: Callable[[str], None] = lambda _: None) -> None:
    """Measure the reference runs of an assignment, as far as something has changed that decides them.

    Args:
        root: the folder of the course.
        assignment: its name.
        report: receives a line for each notebook that is measured.

    Raises:
        CourseError: if the reference is stopped or does not pass; what was measured before stays.
    """
    sources = sorted((root / "source" / assignment).glob("*.ipynb"))
    keys = {path: key_of(path, root) for path in sources}
    changed = {path: key for path, key in keys.items() if key_of_run(_place(path)) != key}
    if not changed:
        return
    stored, files = released(root, assignment)
    stored = {name: each_alone(notebook) for name, notebook in stored.items()}
    workers = Workers(stored, root, walled=walls.why_not() is None, private=NbJudge().private_modules)
    try:
        for path, key in changed.items():
            run = _measured(path, stored[path.stem], files, workers.start())
            run.write(_place(path), key)
            report(f"{_place(path).relative_to(root)}: the reference takes {run.seconds:.2g} s")
    finally:
        workers.close()


def released(root: Path, assignment: str) -> tuple[dict[str, StoredNotebook], dict[str, bytes]]:
    """What a release would be: its notebooks and its files."""
    with tempfile.TemporaryDirectory() as scratch:
        built = build(root, assignment, Path(scratch))[LANGUAGES[0]]
        config = Config()
        config.CourseDirectory.root = str(built.parents[1])
        config.CourseDirectory.db_url = f"sqlite:///{scratch}/gradebook.db"
        stored = stored_notebooks(CourseDirectory(config=config), assignment)
        return stored, companions(built).files


def key_of(source: Path, root: Path) -> str:
    """A name for everything of the course that decides a reference run: code cells, hidden tests, solutions.

    Args:
        source: the instructor notebook.
        root: the folder of the course.
    """
    cells = [cell for cell in nbformat.read(source, as_version=FORMAT).cells if cell.cell_type == "code"]
    digest = hashlib.sha256(repr([(grade_id(cell), cell.source) for cell in cells]).encode())
    for path in sorted(imported_files([cell.source for cell in cells], root)):
        if not path.is_relative_to(root / "nbjudge"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _place(source: Path) -> Path:
    return source.with_suffix(SUFFIX)


def each_alone(stored: StoredNotebook) -> StoredNotebook:
    """The same with a fork for each test, which then takes what it takes in the worst case, and that can be told."""
    alone = {test.grade_id: replace(test, source=f"{test.source}\n{ALONE}") for test in stored.tests}
    return replace(stored, cells=stored.cells | alone)


def _measured(source: Path, stored: StoredNotebook, files: dict[str, bytes], worker: Worker) -> ReferenceRun:
    """The least of several runs, so that what else the machine did meanwhile counts little."""
    solutions = read_exercises(source).solutions
    content = nbformat.writes(with_clocks(stored.released, solutions)).encode()
    task = Task(source.stem, content, Limits(), LANGUAGES[0], files)
    runs = [_passed(source.stem, worker.grade(task)) for _ in range(_RUNS)]
    if worker.workload is None:
        raise CourseError("the speed of this machine could not be measured, and so no reference run.")
    tests = {test.grade_id for test in stored.tests}
    cells = _least([seconds_of_cells(nbformat.reads(run.text, as_version=FORMAT), tests) for run in runs])
    answers = set(map(digest_of, solutions.values()))
    return ReferenceRun(
        cells={name: seconds for name, seconds in cells.items() if name not in answers},
        tests=_least([run.seconds for run in runs]),
        slowest=max(cells.values()),
        seconds=min(run.cpu for run in runs),
        memory=max(run.memory for run in runs),
        workload=worker.workload,
    )


def with_clocks(released: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """A release with answers in it, by grade id, and a clock before each code cell and at the end."""
    notebook = nbformat.from_dict(released)
    cells = []
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell), cell.source)
        cells += [new_code_cell(_CLOCK), cell] if cell.cell_type == "code" else [cell]
    notebook.cells = [*cells, new_code_cell(_CLOCK)]
    return notebook


def seconds_of_cells(graded: NotebookNode, tests: set[str]) -> dict[str, float]:
    """What was used from clock to clock, by the cell between; tests do not run with the cells."""
    found, cell, before = {}, None, 0.0
    for each in graded.cells:
        if each.source == _CLOCK:
            now = float(each.outputs[0].data["text/plain"])
            if cell:
                found[cell] = max(found.get(cell, 0.0), now - before)
            cell, before = None, now
        elif each.cell_type == "code" and grade_id(each) not in tests:
            cell = digest_of(each.source)
    return found


def _least(runs: list[dict[str, float]]) -> dict[str, float]:
    """The least of each number."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def _passed(name: str, graded: Graded) -> Graded:
    lost = [test for test, verdict in graded.verdicts.items() if verdict.outcome is not Outcome.PASSED]
    if lost or graded.stops:
        raise CourseError(f"{name}: the reference run cannot be measured: {', '.join([*graded.stops, *lost])} fails.")
    return graded
