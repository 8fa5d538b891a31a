"""Read submissions for ``nbgrader autograde`` and hold the worker that grades them."""

from __future__ import annotations

import glob
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry

from nbjudge.errors import CourseSetupError, SubmissionError
from nbjudge.judging.worker import Worker, WorkerDied, Workers
from nbjudge.messages import presentable
from nbjudge.sandbox.walls import NO_SANDBOX_WARNING, NoSandboxError
from nbjudge.settings import NbJudge
from nbjudge.store.gradebook import blueprints_of, one_transaction, register
from nbjudge.store.locks import lock_each_submission
from nbjudge.store.timestamps import BadTimestamp, read_timestamp
from nbjudge.submission.companions import assignment_files
from nbjudge.submission.reading import Unreadable, notebook_content, parse_notebook, refuse_link, refuse_student

if TYPE_CHECKING:
    import datetime as dt
    import logging
    from collections.abc import Iterator

    from nbgrader.converters import Autograde

    from nbjudge.judging.graded import Graded
    from nbjudge.judging.worker import Task
    from nbjudge.limits import Limits


class SubmissionExporter(NotebookExporter):
    """The exporter of ``nbgrader autograde``: ``c.Autograde.exporter_class = SubmissionExporter``.

    nbgrader passes over a submission without its notebook, and copies whatever lies beside a notebook, also what a link
    points to. This exporter puts the first back on the list and keeps the second away.
    """

    def __init__(self, parent: Autograde, **keywords: Any) -> None:
        super().__init__(parent=parent, **keywords)
        self._converter = parent
        self.settings = NbJudge(parent=self)
        lock_each_submission(parent)
        self._worker: Worker | None = None
        self._limits: dict[tuple[str, str], Limits] = {}
        self.log.addFilter(_has_no_known_reason)
        _list_submissions_without_notebook(parent)
        _pass_over_folders_of_no_name(parent)
        self._copy_files = parent.init_assignment
        parent.init_assignment = self._copy_permitted_files

    def grade(self, assignment: str, task: Task) -> Graded:
        """Grade in this run's worker, which is started when it is first needed or was ended."""
        if self._worker is None or self._worker.has_ended:
            if not self.settings.walled:
                self.log.warning(NO_SANDBOX_WARNING)
            coursedir = self._converter.coursedir
            blueprints = blueprints_of(coursedir, assignment)
            workers = Workers.of_course(self.settings, Path(coursedir.root), blueprints)
            weakref.finalize(self, workers.close)
            self._worker = workers.start()
        return self._worker.grade(task)

    def limits_of(self, assignment: str, notebook: str) -> Limits:
        """The limits of a notebook, looked up once in a run."""
        key = assignment, notebook
        if key not in self._limits:
            self._limits[key] = self.settings.limits_of(self._converter.coursedir, assignment, notebook)
        return self._limits[key]

    def from_filename(  # type: ignore[override]  # nbconvert's own exporters give a text, too
        self, filename: str, resources: dict[str, Any], **keywords: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert one notebook.

        Raises:
            SubmissionError: if it cannot be graded; the reason was logged as one line.
        """
        path, names = Path(filename), resources["nbgrader"]
        with self.told(names["student"], names["assignment"]):
            notebook = parse_notebook(path.name, notebook_content(path))
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        converted: tuple[str, dict[str, Any]] = self.from_notebook_node(notebook, resources=resources, **keywords)
        return converted

    @contextmanager
    def told(self, student: str, assignment: str) -> Iterator[None]:
        """Log a known reason why a submission cannot be graded as one line, and raise it as a `SubmissionError`."""
        try:
            yield
        except (Unreadable, CourseSetupError, NoSandboxError, WorkerDied) as reason:
            error = SubmissionError(student, assignment, str(reason))
            self.log.error("%s", error)
            raise error from None

    def _copy_permitted_files(self, assignment_id: str, student_id: str) -> None:
        """Copy the files beside a notebook in the place of nbgrader, as far as they may come along."""
        coursedir = self._converter.coursedir
        submitted, graded = (
            Path(coursedir.format_path(step, student_id, assignment_id))
            for step in (coursedir.submitted_directory, coursedir.autograded_directory)
        )
        ignored = coursedir.ignore
        with self.told(student_id, assignment_id):
            refuse_student(student_id)
            refuse_link(submitted, top=Path(coursedir.root) / coursedir.submitted_directory)
            companions = assignment_files(coursedir, student_id, assignment_id)
            for oddity in companions.oddities:
                self.log.warning("%s, %s: %s", student_id, assignment_id, oddity)
            handed_in = self._timestamp(submitted)
            coursedir.get_existing_timestamp = lambda _folder: handed_in  # nbgrader's own may end the run
            with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook, one_transaction(gradebook):
                register(gradebook, assignment_id, student_id, handed_in)
            coursedir.ignore = ["*"]
            try:
                self._copy_files(assignment_id, student_id)
            finally:
                coursedir.ignore = ignored
            for name, content in companions.shelf.items():
                (graded / name).parent.mkdir(parents=True, exist_ok=True)
                (graded / name).write_bytes(content)

    def _timestamp(self, folder: Path) -> dt.datetime | None:
        """When a submission was handed in; what is no time is told and passed over."""
        try:
            return read_timestamp(self._converter.coursedir, folder)
        except BadTimestamp as oddity:
            self.log.warning("%s: %s", presentable(str(folder)), oddity)
            return None


def _list_submissions_without_notebook(converter: Autograde) -> None:
    coursedir = converter.coursedir
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            expected = [notebook.name for notebook in gradebook.find_assignment(coursedir.assignment_id).notebooks]
        except MissingEntry:
            return
    pattern = coursedir.format_path(coursedir.submitted_directory, coursedir.student_id, coursedir.assignment_id)
    for folder in glob.glob(pattern):  # noqa: PTH207, the pattern may be absolute
        paths = [str(Path(folder) / f"{name}.ipynb") for name in expected]
        if not any(Path(path).exists() for path in paths):
            converter.assignments[folder] = paths


def _pass_over_folders_of_no_name(converter: Autograde) -> None:
    """Take off the list whatever nbgrader would show with signs that do not print, or fail to read a name from."""
    for folder in [folder for folder in converter.assignments if not folder.isprintable()]:
        del converter.assignments[folder]
        converter.log.error("%s: the name of this folder holds signs that are not allowed.", presentable(folder))


def _has_no_known_reason(record: logging.LogRecord) -> bool:
    """Whether a log record is worth showing: not the traceback of an error that was told in a sentence."""
    message = record.getMessage()
    return not (message.startswith("Traceback") and f"{SubmissionError.__module__}.SubmissionError" in message)
