"""One at a time works on a submission: who collects it, grades it, writes its feedback or hands that out."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.store.record import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbgrader.converters.base import BaseConverter
    from nbgrader.coursedir import CourseDirectory


@contextmanager
def submission_lock(coursedir: CourseDirectory, assignment: str, student: str) -> Iterator[None]:
    """Wait until nobody else works on a submission, and keep others waiting; whoever dies lets go.

    Args:
        coursedir: nbgrader's directories of the course.
        assignment: name of the assignment.
        student: whose submission it is; the name of a folder.
    """
    path = Path(coursedir.root) / FOLDER / assignment / "locks" / student
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)  # the file stays: a removed one would lock nobody out
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing would not do if a process was forked meanwhile
        os.close(descriptor)


def lock_each_submission(converter: BaseConverter) -> None:
    """Have one of nbgrader's converters hold the lock of the submission that it is working on.

    Args:
        converter: it has not started yet.
    """
    held = ExitStack()
    begin, convert = converter.init_destination, converter.convert_notebooks

    def init_destination(assignment_id: str, student_id: str) -> bool:
        held.close()
        held.enter_context(submission_lock(converter.coursedir, assignment_id, student_id))
        is_wanted: bool = begin(assignment_id, student_id)
        return is_wanted

    def convert_notebooks() -> None:
        with held:
            convert()

    converter.init_destination, converter.convert_notebooks = init_destination, convert_notebooks
