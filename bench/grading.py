"""How long grading takes against stock nbgrader: one run, one machine, the same submissions, ratios of medians.

Stock nbgrader runs tests and submission in one kernel. `make bench` grades a small simulated class in both ways, in
turn, several times, and writes docs/performance.md.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from course import release
from course.classroom import make_course, nbgrader
from course.demo import simulated_class
from course.exercises import read_exercises

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "ps1-jacobian"
STOCK = """
c.CourseDirectory.course_id = "calculus"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.py", "*.pyc", "__pycache__"]
c.ExecutePreprocessor.timeout = 120
"""


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=8, help="size of the class")
    parser.add_argument("--repeats", type=int, default=3, help="number of runs of each way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder) / "ours", Path(folder) / "stock"
        for course in (ours, stock):
            make_course(ROOT, course)
            release.make_releases(course)
            exercises = read_exercises(course / "source" / ASSIGNMENT / "jacobian.ipynb")
            for student in simulated_class(exercises, options.students):
                student.hand_in(course, ASSIGNMENT, exercises)
        (stock / "nbgrader_config.py").write_text(STOCK, "utf-8")
        times = {"nbjudge": [], "stock": []}
        for _ in range(options.repeats):
            for name, course in (("nbjudge", ours), ("stock", stock)):
                times[name].append(
                    _measured(lambda course=course: nbgrader(course, "autograde", ASSIGNMENT, "--force"))
                )
                sys.stderr.write(f"{name}: {times[name][-1][0]:.1f} s wall, {times[name][-1][1]:.1f} s CPU\n")
    page = _page(times, options.students, options.repeats)
    (ROOT / "docs" / "performance.md").write_text(page, "utf-8")
    sys.stdout.write(page)


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of work that runs in child processes."""
    wall, cpu = time.perf_counter(), _children_cpu()
    work()
    return time.perf_counter() - wall, _children_cpu() - cpu


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _page(times: dict[str, list[tuple[float, float]]], students: int, repeats: int) -> str:
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in times.items()}
    ratios = [stock / own for stock, own in zip(medians["stock"], medians["nbjudge"], strict=True)]
    rows = [f"| {name} | {wall / students:.2f} | {cpu / students:.2f} |" for name, (wall, cpu) in medians.items()]
    return "\n".join(
        [
            "# Performance",
            "",
            f"Made by `make bench`: {students} simulated submissions of {ASSIGNMENT}, graded {repeats} times",
            "in each way, in turn; medians, seconds a submission.",
            "",
            "| | wall | CPU |",
            "|---|---|---|",
            *rows,
            f"| stock ÷ nbjudge | {ratios[0]:.2f} | {ratios[1]:.2f} |",
            "",
        ]
    )


if __name__ == "__main__":
    main()
