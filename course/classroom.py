"""A simulated course: its folder, nbgrader's commands in it, and students whose grades are known in advance."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from course.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from course.exercises import Exercises
    from tests.attempts import Attempt


_COURSE_FILES = ("constraints.txt", "nbgrader_config.py")
_OWN_GRADEBOOK = """
c.CourseDirectory.db_url = {database!r}  # whatever the course uses
"""
_COURSE_FOLDERS = ("course", "nbjudge", "solutions", "source", "tests")


@dataclass(frozen=True)
class Student:
    """One simulated student.

    Args:
        name: the student's id.
        language: the language of the release that the student worked on.
        attempts: the answers that differ from the reference.
        answered: the functions that the student answered, all by default; the others stay as they were released.
        experiments: whether the cells to experiment in, which earn no points, were kept.
    """

    name: str
    language: str
    attempts: tuple[Attempt, ...] = ()
    answered: frozenset[str] | None = None
    experiments: bool = True

    @property
    def summary(self) -> str:
        """What the student did, in a few words."""
        if self.answered == frozenset():
            return "untouched"
        wrong = sum(not attempt.is_right for attempt in self.attempts)
        return f"{wrong} of {len(self.attempts)} wrong" if wrong else "right"

    @property
    def has_wrong_answers(self) -> bool:
        """Whether an answer is wrong."""
        return any(not attempt.is_right for attempt in self.attempts)

    def scores(self, exercises: Exercises) -> dict[str, float]:
        """The points and bonus points of each test cell, known in advance."""
        filled = self._filled(exercises)
        blank = [function for function, grade_id in exercises.functions.items() if grade_id not in filled]
        left = {name: points for attempt in self.attempts for name, points in attempt.loses.items()}
        left |= {test.name: 0.0 for function in blank for test in exercises.tests_of(function)}
        return {test.name: float(left.get(test.name, test.most)) for test in exercises.tests}

    def hand_in(self, course: Path, assignment: str, exercises: Exercises) -> Path:
        """Write the student's submission into a course and return the path of the notebook."""
        released = course / "release" / self.language / assignment / f"{exercises.topic}.ipynb"
        notebook = nbformat.read(released, as_version=4)
        filled, functions = self._filled(exercises), exercises.functions
        answers = exercises.solutions | {functions[attempt.function]: attempt.source for attempt in self.attempts}
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in filled:
                cell.source = answers[cell.metadata.nbgrader.grade_id]
        if not self.experiments:
            notebook.cells = [
                cell for cell in notebook.cells if cell.cell_type != "code" or "nbgrader" in cell.metadata
            ]
        path = course / "submitted" / self.name / assignment / released.name
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        return path

    def _filled(self, exercises: Exercises) -> set[str]:
        """The solution cells with an answer, by grade id."""
        functions = exercises.functions
        return {functions[name] for name in (functions if self.answered is None else self.answered)}


def make_course(root: Path, scratch: Path, *, only: str = "*") -> None:
    """Copy what a course run needs into an empty folder.

    Args:
        root: the folder of the course.
        scratch: where the copy is made; what was there is removed.
        only: name of the assignment to copy, all by default.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name in _COURSE_FILES:
        shutil.copy(root / name, scratch)
    with (scratch / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(_OWN_GRADEBOOK.format(database=f"sqlite:///{scratch.resolve() / 'gradebook.db'}"))
    for name in _COURSE_FOLDERS:
        shutil.copytree(root / name, scratch / name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in set((scratch / "source").iterdir()) - set((scratch / "source").glob(only)):
        shutil.rmtree(folder)


def run_command(course: Path, command: str, *words: str, watch: Callable[[str], None] = lambda _: None) -> str:
    """Run a command in a course.

    Args:
        course: the folder of the course.
        command: ``nbgrader`` or ``nbjudge``.
        words: its arguments.
        watch: receives each line that it writes.

    Returns:
        All that it wrote.

    Raises:
        CourseError: with what it wrote, if the command fails.
    """
    commands = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    process = subprocess.Popen(  # noqa: S603, a command of our own
        [sys.executable, "-m", command, *words],
        cwd=course,
        env={**os.environ, "PATH": commands},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log = []
    with process:
        assert process.stdout, "its output was asked for as a pipe"
        for line in process.stdout:
            log.append(line)
            watch(line)
    if process.returncode:
        raise CourseError(f"`{command} {' '.join(words)}` failed:\n{''.join(log)}")
    return "".join(log)
