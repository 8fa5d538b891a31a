"""Grading against stock nbgrader: one run, one machine, the same submissions; ratios, not seconds, count.

Stock nbgrader runs tests and submission in one kernel, one submission after the other.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from bench.overhead import overhead, seconds_in_a_warm_worker
from bench.processes import PeakMemory, busy, tell
from course import release
from course.classroom import make_course, run_command
from course.exercises import read_exercises
from course.simulation import simulated_class
from nbjudge.classrun.grading import ClassRun
from nbjudge.settings import NbJudge

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "ps1-jacobian"
NOTEBOOK = "jacobian"
STOCK = """
c.CourseDirectory.course_id = "calculus"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.py", "*.pyc", "__pycache__"]
c.ExecutePreprocessor.timeout = 120
"""
_PLOTS = re.compile(r"\bplt\b|\bplot_|matplotlib")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processors, and the most memory at one time."""

    wall: float
    cpu: float
    memory: float = 0.0

    def over(self, submissions: int) -> Cost:
        """The cost of one submission."""
        return Cost(self.wall / submissions, self.cpu / submissions, self.memory)


class Classes:
    """Simulated classes in a scratch folder.

    Args:
        folder: the scratch folder.
        students: size of the class.
        stock: how many of them stock nbgrader grades.
    """

    def __init__(self, folder: Path, students: int, stock: int) -> None:
        self._folder = folder
        self._students = students
        self._stock_students = stock
        make_course(ROOT, folder / "course", only=ASSIGNMENT)
        release.make_releases(folder / "course")
        self._exercises = read_exercises(folder / "course" / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
        self._drawn = self._class("drawn", students)
        self._plain = self._class("plain", students, plots=False)

    def against_stock(self) -> list[str]:
        """Grading and feedback against stock nbgrader, as lines of the page."""
        rows = []
        stock = {course: self._stock(course) for course in (self._drawn, self._plain)}
        for name, course, words, target in (
            ("figures drawn", self._drawn, (), 9),
            ("figures skipped by nbjudge", self._drawn, ("--skip-figures",), 18),
            ("no plots in the notebook", self._plain, (), 18),
        ):
            ours = self._ours(course, "--jobs=2", *words).over(self._students)
            rows.append(_row(name, stock[course], ours, target))
        rows.append(_row("feedback", *self._feedback(), 3))
        memory = max(self._ours(self._drawn, "--jobs=2", watched=True).memory, 1)
        return [
            "## Against stock nbgrader",
            "",
            f"{self._students} simulated submissions of {ASSIGNMENT}, nbjudge with two jobs; stock nbgrader graded",
            f"{self._stock_students} of them. Seconds a submission, starts included; the ratio is what counts.",
            "",
            "| | stock wall | stock CPU | nbjudge wall | nbjudge CPU | ratio wall | ratio CPU | target wall |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"Memory of a run with two jobs, shared pages counted once: {memory / 1e9:.2f} GB (target below 1.5).",
            "",
        ]

    def scaling(self, sizes: list[int]) -> list[str]:
        """Wall time by jobs and by the size of the class, as lines of the page."""
        lines = [
            "## Scaling",
            "",
            "Notebook without plots, seconds a submission.",
            "",
            "| jobs | wall | CPU |",
            "|---|---|---|",
        ]
        for jobs in (1, 2, 4):
            cost = self._ours(self._plain, f"--jobs={jobs}").over(self._students)
            lines.append(f"| {jobs} | {cost.wall:.2f} | {cost.cpu:.2f} |")
        lines += ["", "| submissions | wall | CPU |", "|---|---|---|"]
        for size in sizes:
            cost = self._ours(self._class(f"class-{size}", size, plots=False), "--jobs=2").over(size)
            lines.append(f"| {size} | {cost.wall:.2f} | {cost.cpu:.2f} |")
        return [*lines, ""]

    def single(self) -> list[str]:
        """What one submission takes alone, and what it costs above its cells, as lines of the page."""
        tell("one submission alone")
        cold = self._ours(self._drawn, "--jobs=1", "--skip-figures", "--student=student-01").wall
        warm = seconds_in_a_warm_worker(_coursedir(self._drawn), self._drawn, ASSIGNMENT, NOTEBOOK)
        cost = overhead(_coursedir(self._drawn), self._drawn, ASSIGNMENT, NOTEBOOK)
        above = 1000 * (cost["graded"] - cost["cells"] - cost["tests"])
        allowed = 80 + 15 * cost["tests_run"]
        return [
            "## One submission",
            "",
            "A right one, figures skipped.",
            "",
            "| | seconds |",
            "|---|---|",
            f"| `nbjudge autograde --student NAME`, start to end | {cold:.2f} |",
            f"| in a warm worker | {warm:.2f} |",
            f"| in a warm worker, above its own cells (target 0.5) | {warm - cost['cells']:.2f} |",
            "",
            "What it costs, in processor milliseconds:",
            "",
            "| | ms |",
            "|---|---|",
            f"| cells in a warm process | {1000 * cost['cells']:.0f} |",
            f"| tests in a warm process | {1000 * cost['tests']:.0f} |",
            f"| graded: server, walls, forks, judge, worker | {1000 * cost['graded']:.0f} |",
            f"| overhead (target {allowed:.0f} = 80 + 15 × {cost['tests_run']:.0f} tests) | {above:.0f} |",
            f"| coordinator, one transaction (target 20) | {1000 * self._coordinator():.0f} |",
        ]

    def _class(self, name: str, size: int, *, plots: bool = True) -> Path:
        """A copy of the course with a class of its own, whose students answered every exercise or none."""
        course = self._folder / name
        shutil.copytree(self._folder / "course", course)
        for student in simulated_class(self._exercises, size):
            whole = replace(student, answered=None) if student.attempts else student
            path = whole.hand_in(course, ASSIGNMENT, self._exercises)
            if not plots:
                _remove_plots(path)
        return course

    def _stock(self, course: Path) -> Cost:
        copy = self._folder / f"{course.name}-stock"
        shutil.copytree(course, copy)
        for path in sorted((copy / "submitted").iterdir())[self._stock_students :]:
            shutil.rmtree(path)
        (copy / "nbgrader_config.py").write_text(STOCK, "utf-8")
        tell(f"{self._stock_students} of the class `{course.name}` graded by stock nbgrader")
        cost = _measured(lambda: run_command(copy, "nbgrader", "autograde", ASSIGNMENT, "--force"))
        return cost.over(self._stock_students)

    def _ours(self, course: Path, *words: str, watched: bool = False) -> Cost:
        def work() -> None:
            run_command(course, "nbjudge", "autograde", ASSIGNMENT, "--force", *words)

        tell(f"the class `{course.name}` graded by nbjudge {' '.join(words)}")
        if not watched:
            return _measured(work)
        with PeakMemory() as peak:
            cost = _measured(work)
        return Cost(cost.wall, cost.cpu, peak.bytes)

    def _feedback(self) -> tuple[Cost, Cost]:
        copy = self._folder / f"{self._drawn.name}-stock"
        tell("feedback, by both")
        stock = _measured(lambda: run_command(copy, "nbgrader", "generate_feedback", ASSIGNMENT, "--force"))
        ours = _measured(lambda: run_command(self._drawn, "nbjudge", "feedback", ASSIGNMENT, "--jobs=2"))
        return stock.over(self._stock_students), ours.over(self._students)

    def _coordinator(self) -> float:
        """Processor seconds of the process that writes the gradebook, for one submission."""
        tell("the coordinator alone")
        coursedir = _coursedir(self._plain)
        penalties = AssignLatePenalties()
        run = ClassRun(coursedir, NbJudge(figures="skip"), ASSIGNMENT, penalties=penalties, jobs=2, force=True)
        results = run.run(run.students())
        next(results)
        began = time.process_time()
        rest = sum(1 for _ in results)
        return (time.process_time() - began) / rest


def _coursedir(course: Path) -> CourseDirectory:
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.course_id = "calculus"
    config.CourseDirectory.release_directory = "release/ko"
    return CourseDirectory(config=config)


def _remove_plots(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "nbgrader" not in cell.metadata and _PLOTS.search(cell.source):
            cell.source = ""
    nbformat.write(notebook, path)


def _row(name: str, stock: Cost, ours: Cost, target: int) -> str:
    return (
        f"| {name} | {stock.wall:.2f} | {stock.cpu:.2f} | {ours.wall:.2f} | {ours.cpu:.2f} "
        f"| **{stock.wall / ours.wall:.1f}** | {stock.cpu / ours.cpu:.1f} | {target} |"
    )


def _measured(work: Callable[[], object]) -> Cost:
    """The cost of work that runs in child processes, those included that it ends without waiting for them."""
    wall, cpu = time.perf_counter(), busy()
    work()
    return Cost(time.perf_counter() - wall, busy() - cpu)
