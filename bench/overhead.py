"""What walls, forks and messages cost: processor time of grading above that of the same cells in a warm process."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from typing import TYPE_CHECKING

import nbformat

from bench.processes import cpu_of, family
from nbjudge.judging.grading import grade
from nbjudge.judging.judge import preload, setup_names
from nbjudge.judging.testcell import run_test
from nbjudge.judging.worker import Task, Workers
from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, ReferenceRun
from nbjudge.sandbox.inside.server import _warm
from nbjudge.sandbox.outside import Sandbox
from nbjudge.settings import NbJudge
from nbjudge.store.gradebook import blueprint_of
from nbjudge.submission.blueprint import grade_id

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.judging.worker import Worker
    from nbjudge.sandbox.inside.shell import Shell
    from nbjudge.submission.blueprint import Blueprint

_REPEATS = 12


def overhead(coursedir: CourseDirectory, root: Path, assignment: str, notebook: str) -> dict[str, float]:
    """Measure one right submission, figures skipped.

    Returns:
        Processor seconds of ``cells`` alone and with ``tests`` in a warm process, of ``graded`` in all, and the number
        of ``tests_run``.
    """
    sys.path.insert(0, str(root))
    blueprint = blueprint_of(coursedir, assignment, notebook)
    submission = nbformat.read(_right_one(root, assignment, notebook), as_version=4)
    preload([blueprint])
    graded = _graded(submission, blueprint, root)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    shell = _warm("skip")
    rows = [_in_fork(shell, submission, blueprint) for _ in range(_REPEATS)]
    cells, tests = (statistics.median(column) for column in zip(*rows, strict=True))
    return {"cells": cells, "tests": tests, "graded": graded, "tests_run": len(blueprint.tests)}


def seconds_in_a_warm_worker(coursedir: CourseDirectory, root: Path, assignment: str, notebook: str) -> float:
    """Seconds from handing a right submission to a worker that graded before until it is graded, figures skipped."""
    blueprint = blueprint_of(coursedir, assignment, notebook)
    path = _right_one(root, assignment, notebook)
    limits = Limits.of({}, ReferenceRun.read((root / "source" / assignment / notebook).with_suffix(SUFFIX)))
    task = Task(notebook, path.read_bytes(), limits, "ko")
    workers = Workers({notebook: blueprint}, root, figures="skip", private=NbJudge().private_modules)
    try:
        worker = workers.start()
        worker.grade(task)
        return statistics.median(_clocked(worker, task) for _ in range(_REPEATS))
    finally:
        workers.close()


def _clocked(worker: Worker, task: Task) -> float:
    began = time.perf_counter()
    worker.grade(task)
    return time.perf_counter() - began


def _right_one(root: Path, assignment: str, notebook: str) -> Path:
    """Of a simulated class, the first hands in a right answer to everything."""
    return min((root / "submitted").glob(f"*/{assignment}/{notebook}.ipynb"))


def _graded(submission: NotebookNode, blueprint: Blueprint, root: Path) -> float:
    sandbox = Sandbox(figures="skip")

    def once() -> None:
        grade(submission, blueprint, Limits(), sandbox=sandbox, files={}, folder=root, language="ko", seed="")

    once()
    before = _all_cpu()
    for _ in range(_REPEATS):
        once()
    sandbox.open(Limits(), {}).close()  # the server reaps the sessions before it
    time.sleep(1)
    seconds = _all_cpu() - before
    sandbox.close()
    return seconds / _REPEATS


def _all_cpu() -> float:
    """Processor seconds of this process, its judges and everything behind the wall."""
    return cpu_of(family(os.getpid()))


def _in_fork(shell: Shell, submission: NotebookNode, blueprint: Blueprint) -> tuple[float, float]:
    """Processor seconds of the cells, and of the tests, in a fork of this warm process."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        tests = {test.grade_id for test in blueprint.tests}
        began = _own_cpu()
        for cell in submission.cells:
            if cell.cell_type == "code" and grade_id(cell) not in tests:
                shell.run_named("cell", cell.source)
        between = _own_cpu()
        setup = setup_names(blueprint)
        for test in blueprint.tests:
            run_test(test.source, {**shell.names, **setup}, name=test.grade_id, points=test.points or test.bonus)
        os.write(writes, f"{between - began} {_own_cpu() - between}".encode())
        os._exit(0)
    os.waitpid(pid, 0)
    cells, tests = map(float, os.read(reads, 100).split())
    os.close(reads)
    os.close(writes)
    return cells, tests


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
