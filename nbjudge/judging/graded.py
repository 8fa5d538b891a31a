"""The result of grading one submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbjudge.judging.verdict import Verdict


@dataclass
class Graded:
    """A graded submission.

    Args:
        text: the graded notebook as a file: outputs, and below each test what the student may read of it.
        verdicts: one for each test cell, by grade id.
        unanswered: solution cells that are as they were released.
        oddities: what was put right in the submission, a sentence each.
        stops: names of cells that were stopped, with the reason.
        bounds: names of cells and tests that a limit stopped, with its value and how it came about.
        doubts: what was stopped by the machine, as far as one can tell, and not by the submission.
        remarks: limits and prints of tests that have some, for the TA's record.
        seconds: processor seconds of submitted code in each test, by grade id.
        limits: those that held, by name.
        cpu: processor seconds of submitted code.
        memory: most bytes of memory of submitted code.
    """

    text: str = ""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    stops: dict[str, str] = field(default_factory=dict)
    bounds: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    remarks: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    cpu: float = 0.0
    memory: int = 0

    @property
    def is_doubtful(self) -> bool:
        """Whether it should be graded again."""
        return bool(self.doubts)
