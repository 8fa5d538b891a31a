"""What a course puts into ``c.ExchangeFactory``: collecting submissions and handing out feedback, safely."""

from __future__ import annotations

import os
import pwd
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import check_directory, notebook_hash
from traitlets import Enum, Float

from nbjudge.exchange.intake import SECRET_FILE, STAMP_FILE, Attempt, look, opened, read_secret, take
from nbjudge.exchange.names import Refused, checked_stamp, parse
from nbjudge.files import replace_folder, write_whole
from nbjudge.messages import presentable
from nbjudge.store.handins import students_of
from nbjudge.store.locks import submission_lock
from nbjudge.store.timestamps import BadTimestamp, read_timestamp
from nbjudge.submission.companions import LeftOut, read_regular
from nbjudge.submission.reading import MOST_BYTES, Unreadable, refuse_student

if TYPE_CHECKING:
    from datetime import datetime

_MOST_ODDITIES = 10
_MOST_PAGE_BYTES = 200_000_000
_PAGE_MODE = 0o644


@dataclass(frozen=True)
class _Taken:
    """A submission as it is put into the course: its files, what was left out, when it counts as handed in."""

    attempt: Attempt
    files: dict[str, bytes]
    oddities: list[str]
    stamp: datetime


class SafeCollect(ExchangeCollect):  # type: ignore[misc]  # nbgrader has no types
    """Collect submissions whoever made them: ``c.ExchangeFactory.collect = SafeCollect``.

    Of each student the complete submission that arrived last is read: its regular files, no link is followed. What
    cannot be taken is told in one line, and never keeps others from being collected.
    """

    students = Enum(
        ["owner", "gradebook"],
        "owner",
        help="""Who may hand in. `owner`: the student whose login owns the folder in the exchange. `gradebook`: whoever
        the gradebook knows, for courses whose students are all one user of the system; they can then hand in as each
        other.""",
    ).tag(config=True)

    clock_tolerance = Float(
        120,
        min=0,
        help="""Seconds by which the date in a submission's name may differ from its date in the file system; beyond
        that the latter counts. Raise it after the exchange was restored from a copy.""",
    ).tag(config=True)

    def init_src(self) -> None:
        """Find the folder of all submissions and what the gradebook says of the assignment."""
        coursedir = self.coursedir
        if not coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        self.inbound_path = str((Path(self.root) / coursedir.course_id / "inbound").resolve())
        if not check_directory(self.inbound_path, read=True, execute=True):
            self.fail(f"{self.inbound_path} is missing or cannot be read; release an assignment of the course first.")
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            self._known = {student.id for student in gradebook.students}
            try:
                self.duedate = gradebook.find_assignment(coursedir.assignment_id).duedate
            except MissingEntry:
                self.duedate = None

    def copy_files(self) -> None:
        """Collect each student's submission."""
        if self.students == "gradebook" or not self.check_owner:
            self.log.warning(
                "Owners of submissions are not compared: whoever may write into the exchange can hand in as another."
            )
        failed = 0
        with opened(self.inbound_path) as inbound:
            attempts = self._attempts(inbound)
            if not attempts:
                self.log.warning("There are no submissions of %s to collect.", self.coursedir.assignment_id)
            for student in sorted(attempts):
                try:
                    self._collect(inbound, student, attempts[student])
                except OSError as error:
                    failed += 1
                    self.log.error("%s: the submission could not be stored (%s).", student, error.strerror or error)
        if failed:
            self.fail(f"{failed} submissions could not be stored; mend what the lines above say and collect again.")

    def _attempts(self, inbound: int) -> dict[str, list[Attempt]]:
        """The complete submissions of each chosen student, the last to arrive first."""
        found = defaultdict(list)
        for entry in sorted(os.listdir(inbound)):
            try:
                name = parse(entry, self.coursedir.assignment_id)
                if name and fnmatchcase(name.student, self.coursedir.student_id or "*"):
                    attempt = look(inbound, name)
                    self._refuse_stranger(attempt)
                    found[name.student].append(attempt)
            except Refused as reason:
                self._pass_over(entry, reason)
        return {student: sorted(those, key=lambda one: -one.changed) for student, those in found.items()}

    def _refuse_stranger(self, attempt: Attempt) -> None:
        student = attempt.name.student
        if self.students == "gradebook":
            if student not in self._known:
                raise Refused(f"the gradebook has no student {student}")
        elif self.check_owner and (owner := _login(attempt.owner)) != student:
            is_own = attempt.owner == os.geteuid()
            hint = " (where all students are one user of the system: c.SafeCollect.students)" if is_own else ""
            raise Refused(f"it belongs to {owner}, not to {student}{hint}")

    def _pass_over(self, entry: str, reason: Refused) -> None:
        self.log.warning("'%s' was passed over: %s.", presentable(entry), reason)

    def _collect(self, inbound: int, student: str, attempts: list[Attempt]) -> None:
        assignment = self.coursedir.assignment_id
        folder = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, assignment))
        with submission_lock(self.coursedir, assignment, student):
            if folder.is_dir() and not (self.update or self.before_duedate):
                self.log.info("Submission already exists, use --update to update: %s %s", student, assignment)
                return
            taken = self._taken(inbound, attempts)
            if taken is None:
                return
            if folder.is_dir() and not self._is_wanted(folder, taken.stamp):
                self.log.info("No newer submission to collect: %s %s", student, assignment)
                return
            self.log.info("Collecting submission: %s %s", student, assignment)
            self._tell(taken)
            self._store(folder, taken)

    def _taken(self, inbound: int, attempts: list[Attempt]) -> _Taken | None:
        """The last submission, or with ``--before-duedate`` the last that was in time, if one was."""
        last = None
        for attempt in attempts:
            try:
                taken = self._read(inbound, attempt)
            except Refused as reason:
                self._pass_over(attempt.name.entry, reason)
                continue
            if self.duedate is None or not self.before_duedate or taken.stamp <= self.duedate:
                return taken
            last = last or taken
        return last

    def _read(self, inbound: int, attempt: Attempt) -> _Taken:
        coursedir = self.coursedir
        attempt, found = take(
            inbound, attempt, ignored=coursedir.ignore, most_bytes=min(MOST_BYTES, 1000 * coursedir.max_file_size)
        )
        files = {
            path: data
            for path, data in found.files.items()
            if any(fnmatch(Path(path).name, pattern) for pattern in coursedir.include)
        }
        if sum(map(len, files.values())) > 1000 * coursedir.max_dir_size:
            raise Refused(f"it holds more than {coursedir.max_dir_size} kB")
        stamp = checked_stamp(attempt.name.stamp, max(attempt.changed, found.changed), tolerance=self.clock_tolerance)
        return _Taken(attempt, files, found.oddities, stamp)

    def _tell(self, taken: _Taken) -> None:
        """Say what a TA should know of a submission that is collected."""
        name, others = taken.attempt.name, len(taken.oddities) - _MOST_ODDITIES
        for oddity in taken.oddities[:_MOST_ODDITIES]:
            self.log.warning("%s: %s", name.student, oddity)
        if others > 0:
            self.log.warning("%s: %d other files were left out too.", name.student, others)
        if abs(taken.stamp - name.stamp).total_seconds() > self.clock_tolerance:
            told = "%s: dated %s by the student, but last changed at %s UTC, which counts."
            self.log.warning(told, name.student, name.stamp, taken.stamp)

    def _is_wanted(self, folder: Path, stamp: datetime) -> bool:
        """Whether a submission takes the place of the one that was collected before."""
        try:
            present = read_timestamp(self.coursedir, folder)
        except BadTimestamp:
            present = None
        is_newer = present is None or stamp > present
        return (self.update and is_newer) or (self.before_duedate and stamp != present)

    def _store(self, folder: Path, taken: _Taken) -> None:
        own = {
            STAMP_FILE: f"{taken.stamp.isoformat(' ')} UTC".encode("ascii"),
            SECRET_FILE: taken.attempt.secret.encode("ascii"),
        }
        modes = {"file_mode": 0o660, "folder_mode": 0o2770} if self.coursedir.groupshared else {}
        replace_folder(folder, {**taken.files, **own}, **modes)


class SafeReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader has no types
    """Hand out feedback pages: ``c.ExchangeFactory.release_feedback = SafeReleaseFeedback``.

    Only the pages of the assignment's notebooks are handed out, each as a whole. A student whose pages cannot be handed
    out is told in one line, and never keeps others from theirs.
    """

    def copy_files(self) -> None:
        """Hand out each student's pages."""
        coursedir, failed = self.coursedir, 0
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            try:
                names = [notebook.name for notebook in gradebook.find_assignment(coursedir.assignment_id).notebooks]
            except MissingEntry:
                self.fail(f"The gradebook has no assignment {coursedir.assignment_id}.")
        for student in students_of(coursedir, coursedir.feedback_directory, coursedir.assignment_id):
            try:
                refuse_student(student)
                with submission_lock(coursedir, coursedir.assignment_id, student):
                    self._release(student, names)
            except (LeftOut, Refused, Unreadable) as reason:
                self.log.warning("%s: no feedback was released: %s", presentable(student), reason)
            except OSError as error:
                failed += 1
                self.log.error("%s: the feedback could not be released (%s).", student, error.strerror or error)
        if failed:
            self.fail(f"Feedback of {failed} students could not be released; mend it and release again.")

    def _release(self, student: str, notebooks: list[str]) -> None:
        coursedir = self.coursedir
        path = Path(coursedir.format_path(coursedir.feedback_directory, student, coursedir.assignment_id))
        with opened(path) as folder:
            present = os.listdir(folder)  # noqa: PTH208, an open folder has no path
            pages = [name for name in notebooks if f"{name}.html" in present]
            if not pages:
                raise LeftOut("there is no page; run `nbjudge feedback` first")
            try:
                secret = read_secret(folder)
            except LeftOut as reason:
                raise LeftOut(f"{SECRET_FILE}: {reason}; it was not handed in through the exchange") from None
            for name in pages:
                page = read_regular(f"{name}.html", folder, most=_MOST_PAGE_BYTES).data
                released = Path(self.dest_path) / f"{notebook_hash(secret=secret, notebook_id=name)}.html"
                write_whole(released, page, mode=_PAGE_MODE)
        self.log.info("Feedback released: %s %s", student, coursedir.assignment_id)


def _login(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
