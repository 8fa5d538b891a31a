"""How a course grades, set in ``nbgrader_config.py`` as ``c.NbJudge.… = …``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Dict, Enum, List, Unicode
from traitlets.config import LoggingConfigurable

from nbjudge.limits import Limits
from nbjudge.reference import SUFFIX, NoReferenceRun, ReferenceRun

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


class NbJudge(LoggingConfigurable):
    """The settings of a course."""

    language = Unicode("en", help="Language of the messages in graded notebooks and feedback.").tag(config=True)

    sandbox = Enum(
        ["required", "none"],
        "required",
        help="`none` runs submitted code without walls: it may then do whatever you may.",
    ).tag(config=True)

    figures = Enum(["draw", "skip"], "draw", help="`skip` leaves a note in the place of figures; faster.").tag(
        config=True
    )

    limits = Dict(help="Limits that hold in the place of those by the reference run, see `nbjudge.limits.Limits`.").tag(
        config=True
    )

    assignment_limits = Dict(help="Limits of single assignments, by the name of the assignment.").tag(config=True)

    private_modules = List(
        Unicode(),
        ["solutions", "tests"],
        help="Modules of the course that submitted code must not find; grading refuses to start if it could.",
    ).tag(config=True)

    def limits_of(self, coursedir: CourseDirectory, assignment: str, notebook: str) -> Limits:
        """The limits of a notebook of an assignment; without a reference run, which is told, the defaults."""
        source = coursedir.format_path(coursedir.source_directory, ".", assignment)
        try:
            reference = ReferenceRun.read(Path(source) / f"{notebook}{SUFFIX}")
        except NoReferenceRun as reason:
            coursedir.log.warning(
                "%s: %s, so the default limits hold; release the assignment again.", assignment, reason
            )
            reference = None
        return Limits.of({**self.limits, **self.assignment_limits.get(assignment, {})}, reference)

    @property
    def walled(self) -> bool:
        """Whether submitted code is walled in."""
        return self.sandbox == "required"
