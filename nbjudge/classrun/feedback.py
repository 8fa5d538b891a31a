"""Write the feedback pages of a class by nbgrader's own converter, several side by side."""

from __future__ import annotations

import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbconvert.writers.files import FilesWriter
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from nbjudge.messages import presentable
from nbjudge.store.handins import students_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from traitlets.config import Config


_MOST_PROBLEM = 500


@dataclass(frozen=True)
class Page:
    """The feedback of one student, and the problem if there is none."""

    student: str
    problem: str = ""


class FeedbackRun:
    """Writes the feedback pages of an assignment; pages that exist are written again.

    Args:
        coursedir: nbgrader's directories and database of the course; its student pattern chooses the submissions.
        config: the configuration of the course.
        assignment: name of the assignment.
        jobs: how many pages are written side by side.
    """

    def __init__(self, coursedir: CourseDirectory, config: Config, assignment: str, *, jobs: int = 1) -> None:
        self._coursedir = coursedir
        self._config = config
        self._assignment = assignment
        self._jobs = jobs

    def students(self) -> list[str]:
        """Whose submissions are graded, as far as chosen."""
        return students_of(self._coursedir, self._coursedir.autograded_directory, self._assignment)

    def run(self, students: list[str]) -> Iterator[Page]:
        """Write the pages and give each student as theirs is written."""
        with ProcessPoolExecutor(
            min(self._jobs, len(students)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(self._config, self._coursedir.root, self._assignment),
        ) as pool:
            try:
                futures = [pool.submit(_write, student) for student in students]
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


class _Converter(GenerateFeedback):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's converter, which keeps its templates from one student to the next."""

    def prepare(self) -> None:
        """Make the exporter."""
        self.force = True
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        for preprocessor in self.preprocessors:
            self.exporter.register_preprocessor(preprocessor)

    def write(self, student: str) -> None:
        """Write the pages of one student."""
        self.coursedir.student_id = student
        self.init_notebooks()
        self.convert_notebooks()


_converter: _Converter


def _start(config: Config, root: str, assignment: str) -> None:
    """In a process of the pool: make its converter."""
    global _converter  # noqa: PLW0603, a process of the pool has no other place
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    coursedir = CourseDirectory(config=config, root=root, assignment_id=assignment)
    _converter = _Converter(coursedir=coursedir, config=config)
    _converter.prepare()
    os.chdir(root)


def _write(student: str) -> Page:
    try:
        _converter.write(student)
    except Exception as reason:  # noqa: BLE001, one page must not cost the others
        return Page(student, presentable(f"{student}: no feedback was written ({reason}).", _MOST_PROBLEM))
    return Page(student)
