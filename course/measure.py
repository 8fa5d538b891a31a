"""Measure what right answers to an assignment take in the judge, from which the limits of submissions come."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import tempfile
import time
import warnings
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.errors import CourseError
from course.exercises import read_exercises, setup_namespace, student_namespace
from course.languages import LANGUAGES
from course.release import build
from nbjudge.judging.dependencies import imported_files
from nbjudge.judging.testcell import run_test
from nbjudge.judging.verdict import Outcome
from nbjudge.judging.worker import Task, Workers
from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, ReferenceRun, digest_of, key_of_run
from nbjudge.sandbox import walls
from nbjudge.settings import NbJudge
from nbjudge.store.gradebook import blueprints_of
from nbjudge.submission.blueprint import ALONE, FORMAT, grade_id
from nbjudge.submission.companions import companions
from tests.attempts import attempts_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nbformat import NotebookNode

    from course.exercises import Exercises
    from nbjudge.judging.graded import Graded
    from nbjudge.judging.worker import Worker
    from nbjudge.submission.blueprint import Blueprint
    from tests.attempts import Attempt

_RUNS = 2
_SLOW_RUNS = 2
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
    blueprints, files = released(root, assignment)
    blueprints = {name: each_alone(notebook) for name, notebook in blueprints.items()}
    workers = Workers(blueprints, root, walled=walls.why_not() is None, private=NbJudge().private_modules)
    try:
        for path, key in changed.items():
            run = _measured(path, blueprints[path.stem], files, workers.start())
            run.write(_place(path), key)
            report(f"{_place(path).relative_to(root)}: the reference takes {run.seconds:.2g} s")
    finally:
        workers.close()


def released(root: Path, assignment: str) -> tuple[dict[str, Blueprint], dict[str, bytes]]:
    """What a release would be: its notebooks and its files."""
    with tempfile.TemporaryDirectory() as scratch:
        built = build(root, assignment, Path(scratch))[LANGUAGES[0]]
        config = Config()
        config.CourseDirectory.root = str(built.parents[1])
        config.CourseDirectory.db_url = f"sqlite:///{scratch}/gradebook.db"
        blueprints = blueprints_of(CourseDirectory(config=config), assignment)
        return blueprints, companions(built).files


def key_of(source: Path, root: Path) -> str:
    """A name for everything of the course that decides a run: code cells, hidden tests, solutions, right attempts.

    Args:
        source: the instructor notebook.
        root: the folder of the course.
    """
    cells = [cell for cell in nbformat.read(source, as_version=FORMAT).cells if cell.cell_type == "code"]
    digest = hashlib.sha256(repr([(grade_id(cell), cell.source) for cell in cells]).encode())
    for path in sorted(imported_files([cell.source for cell in cells], root)):
        if not path.is_relative_to(root / "nbjudge"):
            digest.update(path.read_bytes())
    for attempt in right_attempts(source.stem):
        digest.update(attempt.source.encode())
    return digest.hexdigest()


def _place(source: Path) -> Path:
    return source.with_suffix(SUFFIX)


def each_alone(blueprint: Blueprint) -> Blueprint:
    """The same with a fork for each test, which then takes what it takes in the worst case, and that can be told."""
    alone = {test.grade_id: replace(test, source=f"{test.source}\n{ALONE}") for test in blueprint.tests}
    return replace(blueprint, cells=blueprint.cells | alone)


def right_attempts(topic: str) -> list[Attempt]:
    """The right attempts at a topic; none where nobody wrote any."""
    module = f"tests.attempts.{topic.replace('-', '_')}"
    if importlib.util.find_spec(module) is None:
        return []
    return [attempt for attempt in attempts_in(importlib.import_module(module)) if attempt.is_right]


def slowest_answers(exercises: Exercises) -> list[dict[str, str]]:
    """Answers to every exercise, by grade id, with the slowest right attempts known.

    Each attempt is timed here in the test cells of its function. Of those that take longest in some cell, the first
    answers are those that take longest in all of them, the second ones the next.
    """
    setup = setup_namespace(exercises)
    ranked: dict[str, list[Attempt]] = {}
    for function in exercises.functions:
        attempts = {one.name: one for one in right_attempts(exercises.topic) if one.function == function}
        with warnings.catch_warnings(action="ignore"), redirect_stdout(io.StringIO()):
            seconds = {name: _seconds(attempt, exercises, setup) for name, attempt in attempts.items()}
        if seconds:
            slowest = {max(seconds, key=lambda name: seconds[name][test]) for test in next(iter(seconds.values()))}
            ordered = sorted(slowest, key=lambda name: sum(seconds[name].values()), reverse=True)
            ranked[exercises.functions[function]] = [attempts[name] for name in ordered]
    return [
        exercises.solutions | {name: ones[min(place, len(ones) - 1)].source for name, ones in ranked.items()}
        for place in range(min(_SLOW_RUNS, max(map(len, ranked.values()), default=0)))
    ]


def _seconds(attempt: Attempt, exercises: Exercises, setup: dict[str, Any]) -> dict[str, float]:
    """Processor seconds of the test cells of a function with an attempt at it."""
    sources = {**exercises.solutions, exercises.functions[attempt.function]: attempt.source}
    found = {}
    for test in exercises.tests_of(attempt.function):
        names = {**setup, **student_namespace(setup, sources)}
        began = time.process_time()
        run_test(test.source, names, name=test.name, points=test.most, seed="slowest")
        found[test.name] = time.process_time() - began
    return found


def _measured(source: Path, blueprint: Blueprint, files: dict[str, bytes], worker: Worker) -> ReferenceRun:
    """The least of several runs, so that what else the machine did meanwhile counts little."""
    exercises = read_exercises(source)
    tests = {test.grade_id for test in blueprint.tests}

    def graded(answers: dict[str, str]) -> Graded:
        content = nbformat.writes(with_clocks(blueprint.released, answers)).encode()
        return _passed(source.stem, worker.grade(Task(source.stem, content, Limits(), LANGUAGES[0], files)))

    def cells(run: Graded) -> dict[str, float]:
        return seconds_of_cells(nbformat.reads(run.text, as_version=FORMAT), tests)

    runs = [graded(exercises.solutions) for _ in range(_RUNS)]
    slow = [graded(answers) for answers in slowest_answers(exercises)]
    if worker.workload is None:
        raise CourseError("the speed of this machine could not be measured, and so no reference run.")
    all_cells = _each(min, [cells(run) for run in runs])
    answers = set(map(digest_of, exercises.solutions.values()))
    own = {name: seconds for name, seconds in all_cells.items() if name not in answers}
    slow_cells = _each(max, [cells(run) for run in slow])
    return ReferenceRun(
        cells=own,
        tests=_each(min, [run.seconds for run in runs]),
        slow_cells={name: slow_cells[name] for name in own if name in slow_cells},
        slow_tests=_each(max, [run.seconds for run in slow]),
        slowest=max(all_cells.values()),
        seconds=min(run.cpu for run in runs),
        memory=max(run.memory for run in runs),
        workload=worker.workload,
    )


def with_clocks(released: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """A release with answers in it, by grade id, and a clock before each code cell and at the end."""
    notebook = nbformat.from_dict(released)
    cells = []
    for cell in notebook.cells:
        if (name := grade_id(cell)) in answers:
            cell.source = answers[name]
        cells += [new_code_cell(_CLOCK), cell] if cell.cell_type == "code" else [cell]
    notebook.cells = [*cells, new_code_cell(_CLOCK)]
    return notebook


def seconds_of_cells(graded: NotebookNode, tests: set[str]) -> dict[str, float]:
    """What was used from clock to clock, by the cell between; tests do not run with the cells."""
    found: dict[str, float] = {}
    cell, before = None, 0.0
    for each in graded.cells:
        if each.source == _CLOCK:
            now = float(each.outputs[0].data["text/plain"])
            if cell:
                found[cell] = max(found.get(cell, 0.0), now - before)
            cell, before = None, now
        elif each.cell_type == "code" and grade_id(each) not in tests:
            cell = digest_of(each.source)
    return found


def _each(choose: Callable[[Iterable[float]], float], runs: list[dict[str, float]]) -> dict[str, float]:
    """One of the numbers that all of several runs have under the same name."""
    names = set.intersection(*map(set, runs)) if runs else set()
    return {name: choose(run[name] for run in runs) for name in names}


def _passed(name: str, graded: Graded) -> Graded:
    lost = [test for test, verdict in graded.verdicts.items() if verdict.outcome is not Outcome.PASSED]
    if lost or graded.stops:
        raise CourseError(f"{name}: right answers cannot be measured: {', '.join([*graded.stops, *lost])} fails.")
    return graded
