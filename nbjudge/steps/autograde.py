"""The road of ``nbgrader autograde`` and of the formgrader's button: nbgrader chooses, the engine grades and saves."""

from __future__ import annotations

import glob
import weakref
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties

from nbjudge.classrun.handin import HandInGrading
from nbjudge.errors import CourseSetupError, SubmissionError
from nbjudge.messages import presentable
from nbjudge.sandbox.walls import NO_SANDBOX_WARNING, NoSandboxError
from nbjudge.settings import NbJudge
from nbjudge.store.locks import lock_each_submission
from nbjudge.store.timestamps import BadTimestamp, read_timestamp

if TYPE_CHECKING:
    import datetime as dt
    import logging

    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.classrun.handin import HandIn


class SubmissionExporter(NotebookExporter):
    """The exporter of ``nbgrader autograde``: ``c.Autograde.exporter_class = SubmissionExporter``.

    nbgrader makes it before it looks at a submission, so that this is the place to take over: of nbgrader's converter
    stays what it chooses, skips, reports and calls before and after; what it does with files and notebooks is done by
    `HandInGrading`, as in a class run.
    """

    def __init__(self, parent: Autograde, **keywords: Any) -> None:
        super().__init__(parent=parent, **keywords)
        self._converter = parent
        self._grading: HandInGrading | None = None
        parent.init_destination = self._is_wanted
        lock_each_submission(parent)
        self.log.addFilter(_has_no_known_reason)
        _list_submissions_without_notebook(parent)
        _pass_over_folders_of_no_name(parent)
        parent.init_assignment = self._grade
        parent.convert_single_notebook = _done_already

    def _is_wanted(self, assignment: str, student: str) -> bool:
        """Whether a submission is to be graded, as nbgrader decides it; the old folder stays until it is replaced."""
        converter, coursedir = self._converter, self._converter.coursedir
        if student in (coursedir.student_id_exclude or "").split(","):
            return False
        submitted, graded = (
            Path(coursedir.format_path(step, student, assignment))
            for step in (coursedir.submitted_directory, coursedir.autograded_directory)
        )
        names = [f"{Path(notebook).stem}.ipynb" for notebook in converter.notebooks]
        if converter.force or not all((graded / name).exists() for name in names):
            return True
        newer, older = _time(coursedir, submitted), _time(coursedir, graded)
        if newer and older and newer > older:
            return True
        self.log.info("Skipping existing assignment: %s", graded)
        return False

    def _grade(self, assignment: str, student: str) -> None:
        """Grade and save what a student handed in.

        Raises:
            SubmissionError: if it cannot be graded; the reason was logged as one line.
        """
        try:
            hand_in = self._started(assignment).grade(student)
            problem = hand_in.problem
        except (CourseSetupError, NoSandboxError) as reason:
            problem = str(reason)
        if problem:
            error = SubmissionError(student, assignment, problem)
            self.log.error("%s", error)
            raise error from None
        self._tell(assignment, hand_in)

    def _started(self, assignment: str) -> HandInGrading:
        """What grades in this run, started when the first submission comes."""
        if self._grading is None:
            settings = NbJudge(parent=self)
            if not settings.walled:
                self.log.warning(NO_SANDBOX_WARNING)
            self._grading = HandInGrading(
                self._converter.coursedir,
                settings,
                assignment,
                penalties=AssignLatePenalties(parent=self),
                force=True,  # nbgrader has chosen
                lock=lambda *_: nullcontext(),  # the converter holds it all the time
            )
            weakref.finalize(self, self._grading.close)
        return self._grading

    def _tell(self, assignment: str, hand_in: HandIn) -> None:
        """Log what is odd about a hand-in; the record says it, too."""
        for graded in hand_in.graded.values():
            for oddity in graded.oddities:
                self.log.warning("%s, %s: %s", hand_in.student, assignment, oddity)
            for cell, reason in graded.stops.items():
                self.log.warning("%s, %s: %s was stopped (%s)", hand_in.student, assignment, cell, reason)
        for oddity in hand_in.left_out:
            self.log.warning("%s, %s: %s", hand_in.student, assignment, oddity)


def _time(coursedir: CourseDirectory, folder: Path) -> dt.datetime | None:
    """When what lies in a folder was handed in, None if nobody knows."""
    try:
        return read_timestamp(coursedir, folder)
    except BadTimestamp:  # told when it is graded
        return None


def _done_already(_notebook: str) -> None:
    """What nbgrader would do with each notebook."""


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
