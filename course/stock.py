"""What stock nbgrader needs for submissions: tests and submission in one kernel, one submission after the other.

Run as a module, it grades submissions and tells the seconds that one of them takes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONFIGURATION = "nbgrader_config.py"
_MOST_SECONDS_MORE = 60


class Measurement:
    """Stock nbgrader at work in the background.

    Args:
        process: which does it.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def seconds_each(self) -> float:
        """Wait, not for long, for the seconds that grading and feedback of one submission take.

        Raises:
            CourseError: if they cannot be had.
        """
        try:
            told, log = self._process.communicate(timeout=_MOST_SECONDS_MORE)
        except subprocess.TimeoutExpired as reason:
            raise CourseError(f"it was not ready {_MOST_SECONDS_MORE} s after the class.") from reason
        if self._process.returncode:
            raise CourseError((told or log or "it ended without a word.").strip().splitlines()[-1])
        return float(told)


@contextlib.contextmanager
def measured(course: Path, assignment: str, students: Sequence[str]) -> Iterator[Measurement]:
    """Measure stock nbgrader on some submissions, in a copy of a course and beside what else is done.

    Args:
        course: the folder of the course.
        assignment: name of the assignment, which is released.
        students: whose submissions are graded.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "course"
        shutil.copytree(course, copy, ignore=shutil.ignore_patterns("submitted", _CONFIGURATION))
        for student in students:
            shutil.copytree(course / "submitted" / student / assignment, copy / "submitted" / student / assignment)
        process = subprocess.Popen(  # noqa: S603, a command of our own
            [sys.executable, "-m", "course.stock", assignment, *students],
            cwd=copy,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield Measurement(process)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)  # the kernel ends without its parent


def main() -> int:
    """Grade submissions of the course in the working directory, write their feedback, tell the seconds."""
    parser = argparse.ArgumentParser(prog="python -m course.stock", description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("students", nargs="+")
    arguments = parser.parse_args()
    config = Config()
    config.CourseDirectory.root = str(Path.cwd())
    config.CourseDirectory.course_id = "calculus"
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.py", "*.pyc", "__pycache__"]
    config.ExecutePreprocessor.timeout = 120
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    began = time.monotonic()
    for student in arguments.students:
        for work in (api.autograde, api.generate_feedback):
            result = work(arguments.assignment, student)
            if not result["success"]:
                sys.stdout.write(f"{(result['error'] or result['log']).strip()}\n")
                return 1
    sys.stdout.write(f"{(time.monotonic() - began) / len(arguments.students)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
