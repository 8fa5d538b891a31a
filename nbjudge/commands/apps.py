"""The commands ``nbjudge autograde``, ``nbjudge feedback`` and ``nbjudge doctor``, with nbgrader's own flags."""

from __future__ import annotations

import os
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

from nbgrader.apps import NbGrader
from nbgrader.apps.baseapp import nbgrader_aliases, nbgrader_flags
from nbgrader.preprocessors import AssignLatePenalties
from tqdm import tqdm
from traitlets import Bool, Float, Integer, default

from nbjudge.classrun.feedback import FeedbackRun
from nbjudge.classrun.grading import ClassRun
from nbjudge.errors import CourseSetupError
from nbjudge.messages import presentable
from nbjudge.sandbox import walls
from nbjudge.settings import NbJudge

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbjudge.classrun.handin import HandIn

_ALIASES = {**nbgrader_aliases, "course": "CourseDirectory.course_id", "jobs": "ClassApp.jobs"}
_FORCE = ({"ClassApp": {"force": True}}, "Do again what was done before.")
_FLAGS = {**nbgrader_flags, "force": _FORCE, "f": _FORCE}


class ClassApp(NbGrader):  # type: ignore[misc]  # nbgrader has no types
    """A command on the submissions of one assignment."""

    jobs = Integer(min(8, os.cpu_count() or 1), min=1, help="How many submissions are worked on side by side.").tag(
        config=True
    )
    force = Bool(False, help="Do again what was done before.").tag(config=True)

    aliases: ClassVar = _ALIASES
    flags: ClassVar = _FLAGS

    @default("classes")
    def _classes_default(self) -> list[type]:
        return [*super()._classes_default(), ClassApp, NbJudge, AssignLatePenalties]

    @default("log_level")
    def _log_level_default(self) -> str:
        return "WARN"

    def start(self) -> None:
        """Find the assignment, do the work, end with a status that says whether all went well."""
        super().start()
        named = self.extra_args or [self.coursedir.assignment_id]
        if len(named) != 1 or not named[0]:
            self.fail(f"name one assignment, for example: {self.name.replace('-', ' ')} ps1")
        self.coursedir.assignment_id = named[0]
        try:
            sys.exit(self.work())
        except (CourseSetupError, walls.NoSandboxError) as reason:
            self.fail(str(reason))
        except KeyboardInterrupt:
            sys.stderr.write("\nStopped. What is finished is saved; the same command goes on with the rest.\n")
            sys.exit(130)

    def work(self) -> int:
        """Do the work of the command; the exit status."""
        raise NotImplementedError


class AutogradeApp(ClassApp):
    """Grade a class."""

    name = "nbjudge-autograde"
    description = """
        Grade the submissions of an assignment, several side by side.

        What was graded before is graded again only if something changed that can change its grade: the submission, a
        test, a reference, a limit, a version. Interrupted, the same command goes on. The exit status is 1 if a
        submission could not be graded.
    """
    examples = """
        nbjudge autograde ps1-jacobian --jobs 4
        nbjudge autograde ps1-jacobian --student alice --force
        nbjudge autograde ps1-jacobian --student alice --scale-limits 4
    """
    aliases: ClassVar = {**_ALIASES, "scale-limits": "AutogradeApp.scale", "sandbox": "NbJudge.sandbox"}
    flags: ClassVar = {
        **_FLAGS,
        "skip-figures": ({"NbJudge": {"figures": "skip"}}, "Leave a note in the place of figures; faster."),
    }

    scale = Float(1.0, min=0.01, help="Factor on all limits of time and memory.").tag(config=True)

    def work(self) -> int:
        """Grade, show progress, then a table and a line for each submission that could not be graded."""
        settings = NbJudge(parent=self)
        if not settings.walled:
            sys.stderr.write(walls.NO_SANDBOX_WARNING + "\n")
        run = ClassRun(
            self.coursedir,
            settings,
            self.coursedir.assignment_id,
            penalties=AssignLatePenalties(parent=self),
            jobs=self.jobs,
            force=self.force,
            scale=self.scale,
        )
        students = run.students()
        if not students:
            self.fail(f"there are no submissions at {self._where()}.")
        done = _with_progress(run.run(students), len(students), told=lambda one: one.problem and _problem(self, one))
        return _summary(done, run)

    def _where(self) -> str:
        coursedir = self.coursedir
        path: str = coursedir.format_path(coursedir.submitted_directory, coursedir.student_id, coursedir.assignment_id)
        return path


class FeedbackApp(ClassApp):
    """Write feedback pages."""

    name = "nbjudge-feedback"
    description = "Write the feedback pages of an assignment, several side by side; existing pages are written again."
    examples = "nbjudge feedback ps1-jacobian --jobs 4"

    def work(self) -> int:
        """Write the pages and show progress."""
        run = FeedbackRun(self.coursedir, self.config, self.coursedir.assignment_id, jobs=self.jobs)
        students = run.students()
        if not students:
            self.fail(f"nothing of {self.coursedir.assignment_id} is graded; run `nbjudge autograde` first.")
        pages = _with_progress(run.run(students), len(students), told=lambda page: page.problem)
        failed = sum(bool(page.problem) for page in pages)
        sys.stdout.write(f"{len(pages) - failed} feedback pages written, {failed} failed\n")
        return 1 if failed else 0


class DoctorApp(NbGrader):  # type: ignore[misc]  # nbgrader has no types
    """Say what holds on this machine."""

    name = "nbjudge-doctor"
    description = "Say which protections hold on this machine and how to get those that do not."

    def start(self) -> None:
        """Check and tell."""
        from nbjudge.commands.doctor import checks

        super().start()
        settings = NbJudge(parent=self)
        found = list(checks(settings, self.coursedir))
        for check in found:
            word = "ok" if check.holds else "NO" if check.is_needed else "hint"
            sys.stdout.write(f"{word:5} {check.what}\n")
            if not check.holds:
                sys.stdout.write(f"      {check.remedy}\n")
        sys.exit(0 if all(check.holds for check in found if check.is_needed) else 1)


class NbJudgeApp(NbGrader):  # type: ignore[misc]  # nbgrader has no types
    """The command ``nbjudge``."""

    name = "nbjudge"
    description = "Grade nbgrader assignments from outside the submissions' processes."
    subcommands: ClassVar = {
        "autograde": (AutogradeApp, "Grade the submissions of an assignment."),
        "feedback": (FeedbackApp, "Write the feedback pages of an assignment."),
        "doctor": (DoctorApp, "Say which protections hold on this machine."),
    }

    def start(self) -> None:
        """Start the subcommand, or say which there are."""
        super().start()
        if self.subapp is None:
            self.print_help()
            sys.exit(1)


def launch() -> None:
    """Run the command of the line."""
    warnings.filterwarnings("ignore", module=r"nbgrader\.api")  # it tells SQLAlchemy's remarks on itself
    NbJudgeApp.launch_instance()


def _with_progress(items: Any, total: int, *, told: Callable[[Any], str]) -> list[Any]:
    done, began = [], time.monotonic()
    often = 0.5 if sys.stderr.isatty() else 5
    with tqdm(total=total, unit="submission", smoothing=0.1, mininterval=often, file=sys.stderr) as bar:
        failed = 0
        for item in items:
            done.append(item)
            if problem := told(item):
                failed += 1
                bar.write(problem, file=sys.stderr)
            bar.set_postfix(failed=failed, refresh=False)
            bar.update()
    sys.stderr.write(f"{len(done)} in {time.monotonic() - began:.1f} s\n")
    return done


def _problem(app: NbGrader, submission: HandIn) -> str:
    return f"{presentable(submission.student)}, {app.coursedir.assignment_id}: {submission.problem}"


def _summary(done: list[HandIn], run: ClassRun) -> int:
    graded = [submission for submission in done if submission.graded and not submission.problem]
    failed = sorted((submission for submission in done if submission.problem), key=lambda one: one.student)
    rows = [("student", "points", "bonus", "seconds", "")]
    for submission in sorted(graded, key=lambda one: one.student):
        stops = [stop for one in submission.graded.values() for stop in one.stops]
        remark = f"stopped: {', '.join(stops)}" if stops else ""
        points, bonus = run.score(submission)
        rows.append((submission.student, f"{points:g}", f"{bonus:g}", f"{submission.seconds:.1f}", remark))
    if graded:
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for student, *numbers, remark in rows:
            columns = [f"{number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True)]
            sys.stdout.write("  ".join([f"{student:{widths[0]}}", *columns, remark]).rstrip() + "\n")
    same = sum(submission.is_done for submission in done)
    sys.stdout.write(f"{len(graded)} graded (tests: {run.most:g} points), {same} unchanged, {len(failed)} failed\n")
    for submission in failed:
        sys.stdout.write(f"  {presentable(submission.student)}: {submission.problem}\n")
    return 1 if failed else 0
