"""One hand-in after the other: collect it, grade it, save it. Every road to a grade leads through here.

A hand-in is saved in this order: its old record is removed, its folder in ``autograded/`` is replaced, its grades are
committed, its record is written. Whenever this is interrupted, the next run finds no record and does it again.
"""

from __future__ import annotations

import contextlib
import threading
import time
import traceback
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.errors import CourseSetupError
from nbjudge.files import replace_folder
from nbjudge.judging.dependencies import digest_of_tests, versions
from nbjudge.judging.worker import Task, Unforeseen, WorkerDied, Workers
from nbjudge.sandbox import bubblewrap
from nbjudge.sandbox.walls import NoSandboxError
from nbjudge.store import record
from nbjudge.store.gradebook import assign_penalty, blueprints_of, one_transaction, register, save_verdicts
from nbjudge.store.handins import students_of
from nbjudge.store.locks import submission_lock
from nbjudge.store.timestamps import BadTimestamp, read_timestamp
from nbjudge.submission.companions import Companions, assignment_files
from nbjudge.submission.reading import Unreadable, notebook_content, refuse_link, refuse_student

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from nbgrader.coursedir import CourseDirectory

    from nbjudge.judging.graded import Graded
    from nbjudge.judging.worker import Worker
    from nbjudge.limits import Limits
    from nbjudge.settings import NbJudge

_ATTEMPTS = 3


@dataclass
class HandIn:
    """One submission on its way.

    Args:
        student: whose it is.
        key: names everything that decides its grade.
        tasks: one for each notebook.
        companions: the files beside the notebooks.
        handed_in: when, if that is known.
        oddities: what is odd about it as a whole, a sentence each.
        left_out: which of the files beside the notebooks may not come along, a sentence each.
        graded: the graded notebooks by name.
        problem: why it could not be graded, a sentence.
        is_done: whether an earlier run graded it.
        seconds: how long it took.
    """

    student: str
    key: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    companions: Companions = field(default_factory=Companions)
    handed_in: dt.datetime | None = None
    oddities: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    graded: dict[str, Graded] = field(default_factory=dict)
    problem: str = ""
    is_done: bool = False
    seconds: float = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether something happened that may be the machine's fault and not the submission's."""
        return any(graded.is_doubtful for graded in self.graded.values())

    def without_contents(self) -> HandIn:
        """The same without the files, which no memory would hold of a whole class."""
        graded = {name: replace(one, text="") for name, one in self.graded.items()}
        return replace(self, tasks={}, companions=Companions(), graded=graded)


class HandInGrading:
    """Grades single hand-ins of an assignment.

    Args:
        coursedir: nbgrader's directories and database of the course; its student pattern chooses the hand-ins.
        settings: how the course grades.
        assignment: name of the assignment.
        penalties: nbgrader's preprocessor with the course's late penalty plugin.
        force: whether to grade again what was graded before.
        scale: factor on all limits of time and memory.
        lock: holds the lock of a hand-in while it is read or saved.

    Raises:
        CourseSetupError: if the assignment cannot be graded at all.
    """

    def __init__(
        self,
        coursedir: CourseDirectory,
        settings: NbJudge,
        assignment: str,
        *,
        penalties: AssignLatePenalties,
        force: bool = False,
        scale: float = 1.0,
        lock: Callable[[CourseDirectory, str, str], AbstractContextManager[None]] = submission_lock,
    ) -> None:
        self._coursedir = coursedir
        self._settings = settings
        self._assignment = assignment
        self._penalties = penalties
        self._penalties.init_plugin()
        self._force = force
        self._lock_of = lock
        self._root = Path(coursedir.root)
        self._blueprints = blueprints_of(coursedir, assignment)
        self._tests = {name: digest_of_tests(blueprint, self._root) for name, blueprint in self._blueprints.items()}
        self._limits: dict[str, Limits] = {
            name: settings.limits_of(coursedir, assignment, name).times(scale) for name in self._blueprints
        }
        self._workers: Workers | None = None
        program = bubblewrap.found() if settings.walled else None
        self._bubblewrap = asdict(program) if program else None
        self._lock = threading.Lock()
        self._own = threading.local()
        self.most = sum(test.points for blueprint in self._blueprints.values() for test in blueprint.tests)
        """The points of all tests together, those graded by hand and bonus points not among them."""

    def score(self, submission: HandIn) -> tuple[float, float]:
        """The points and the bonus points of all tests of a submission."""
        scores = [0.0, 0.0]
        for notebook, graded in submission.graded.items():
            for name, verdict in graded.verdicts.items():
                scores[bool(self._blueprints[notebook].cells[name].bonus)] += verdict.score
        return scores[0], scores[1]

    def students(self) -> list[str]:
        """Who handed something in, as far as chosen."""
        return students_of(self._coursedir, self._coursedir.submitted_directory, self._assignment)

    def grade(self, student: str) -> HandIn:
        """Grade the hand-in of one student and save it; once more if the machine may have stopped it."""
        hand_in = self._graded(student)
        if hand_in.is_doubtful:
            hand_in = self._graded(student)
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            if not self._save_unless_replaced(gradebook, hand_in):
                hand_in.problem = "it was replaced while it was graded; the same command grades it."
        return hand_in.without_contents()

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        if self._workers:
            self._workers.close()

    def _graded(self, student: str) -> HandIn:
        """Read and grade one submission, in a thread of the pool."""
        submission = HandIn(student)
        began = time.monotonic()
        try:
            refuse_student(student)
            with self._lock_of(self._coursedir, self._assignment, student):
                self._read(submission)
            if not self._force and self._is_done(submission):
                submission.is_done = True
                return submission
            for name, task in submission.tasks.items():
                submission.graded[name] = self._grade(task)
        except (Unreadable, WorkerDied, OSError) as reason:
            submission.problem = str(reason)
        except (CourseSetupError, NoSandboxError):  # nobody can be graded
            raise
        except Exception as error:  # noqa: BLE001, one submission must not cost the others
            self._keep_traceback(submission, error)
        submission.seconds = time.monotonic() - began
        return submission

    def _keep_traceback(self, submission: HandIn, error: Exception) -> None:
        """Say that grading failed in a way that nobody foresaw, and keep the traceback beside the records."""
        path = record.record_path(self._coursedir, self._assignment, submission.student).with_suffix(".traceback")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), "utf-8", "replace")
        unforeseen = error if isinstance(error, Unforeseen) else Unforeseen.of(error)
        submission.problem = f"{unforeseen} The traceback is in {path.relative_to(self._root)}."

    def _read(self, submission: HandIn) -> None:
        folder = self._folder(self._coursedir.submitted_directory, submission.student)
        refuse_link(folder, top=self._root / self._coursedir.submitted_directory)
        try:
            submission.handed_in = read_timestamp(self._coursedir, folder)
        except BadTimestamp as oddity:
            submission.oddities.append(str(oddity))
        submission.companions = assignment_files(self._coursedir, submission.student, self._assignment)
        submission.left_out = submission.companions.oddities
        present = [name for name in self._blueprints if (folder / f"{name}.ipynb").exists()] or list(self._blueprints)
        for name in present:
            submission.tasks[name] = Task(
                notebook=name,
                content=notebook_content(folder / f"{name}.ipynb"),
                limits=self._limits[name],
                language=self._settings.language,
                files=submission.companions.files,
            )
        submission.key = record.key_of(
            [
                [[name, path] for name in submission.tasks for path in sorted(submission.companions.files)],
                *(task.content for task in submission.tasks.values()),
                *(submission.companions.files[path] for path in sorted(submission.companions.files)),
                self._tests,
                [asdict(self._limits[name]) for name in submission.tasks],
                [self._settings.language, self._settings.figures, self._settings.sandbox],
            ]
        )

    def _is_done(self, submission: HandIn) -> bool:
        path = record.record_path(self._coursedir, self._assignment, submission.student)
        folder = self._folder(self._coursedir.autograded_directory, submission.student)
        if record.read_key(path) != submission.key:
            return False
        if not all((folder / f"{name}.ipynb").exists() for name in submission.tasks):
            return False
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            try:
                gradebook.find_submission(self._assignment, submission.student)
            except MissingEntry:
                return False
        return True

    def _grade(self, task: Task) -> Graded:
        """Grade in this thread's worker; in another one if that, or the sandbox, is ended from outside."""
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(WorkerDied):
                return self._worker().grade(task)
        return self._worker().grade(task)

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None or worker.has_ended:
            worker = self._own.worker = self._start_worker()
        return worker

    def _start_worker(self) -> Worker:
        with self._lock:
            if self._workers:
                try:
                    return self._workers.start()
                except WorkerDied:
                    self._workers.close()
            self._workers = Workers.of_course(self._settings, self._root, self._blueprints)
            return self._workers.start()

    def _save_unless_replaced(self, gradebook: Gradebook, submission: HandIn) -> bool:
        """Save what became of a submission; False if it was replaced while it was graded."""
        if submission.problem or submission.is_done:
            return True
        with self._lock_of(self._coursedir, self._assignment, submission.student):
            is_current = self._is_as_read(submission)
            if is_current:
                self._write(gradebook, submission)
        return is_current

    def _is_as_read(self, submission: HandIn) -> bool:
        present = HandIn(submission.student)
        try:
            self._read(present)
        except Exception:  # noqa: BLE001, grading it again tells what it is
            return False
        return present.key == submission.key

    def _write(self, gradebook: Gradebook, submission: HandIn) -> None:
        try:
            path = record.record_path(self._coursedir, self._assignment, submission.student)
            for old in (path, path.with_suffix(".traceback")):
                old.unlink(missing_ok=True)
            self._write_folder(submission)
            with one_transaction(gradebook):
                self._save(gradebook, submission)
            record.write(path, self._as_record(submission))
        except (OSError, SQLAlchemyError) as reason:
            words = str(getattr(reason, "orig", None) or reason)
            submission.problem = f"its grades could not be saved ({words}); nothing of it was changed in the gradebook."
        except Exception as error:  # noqa: BLE001, one submission must not cost the others
            self._keep_traceback(submission, error)
        for oddity in submission.oddities:
            self._coursedir.log.warning("%s, %s: %s", submission.student, self._assignment, oddity)

    def _save(self, gradebook: Gradebook, submission: HandIn) -> None:
        student, assignment = submission.student, self._assignment
        register(gradebook, assignment, student, submission.handed_in)
        for name, blueprint in self._blueprints.items():
            graded = submission.graded.get(name)
            save_verdicts(gradebook, blueprint, graded, student=student, assignment=assignment, notebook=name)
            assign_penalty(gradebook, self._penalties, student=student, assignment=assignment, notebook=name)

    def _write_folder(self, submission: HandIn) -> None:
        """Replace the folder of graded notebooks as a whole."""
        folder = self._folder(self._coursedir.autograded_directory, submission.student)
        notebooks = {f"{name}.ipynb": graded.text.encode("utf-8") for name, graded in submission.graded.items()}
        replace_folder(folder, {**submission.companions.shelf, **notebooks}, file_mode=0o444)

    def _as_record(self, submission: HandIn) -> dict[str, Any]:
        return {
            "key": submission.key,
            "student": submission.student,
            "assignment": self._assignment,
            "graded_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "seconds": round(submission.seconds, 2),
            "sandbox": self._settings.sandbox,
            "bubblewrap": self._bubblewrap,
            "versions": versions(),
            "handed_in": f"{submission.handed_in} UTC" if submission.handed_in else None,
            "oddities": submission.oddities,
            "left_out": submission.left_out,
            "notebooks": {name: record.as_data(graded) for name, graded in submission.graded.items()},
        }

    def _folder(self, step: str, student: str) -> Path:
        return Path(self._coursedir.format_path(step, student, self._assignment))
