"""The result of a test cell: a finite number of points and what the student is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from nbjudge.messages import Text
from nbjudge.reasons import Reason

if TYPE_CHECKING:
    from nbjudge.limits import Bound


class Outcome(Enum):
    """How a test cell ended."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_GRADED = "not graded"
    BROKEN_TEST = "broken test"


@dataclass(frozen=True)
class Verdict:
    """The result of one test cell.

    Args:
        outcome: how the cell ended.
        score: points earned, finite, between 0 and the points of the cell.
        message: what the student reads.
        likely: the mistake that would explain a failure, if one was recognised.
    """

    outcome: Outcome
    score: float
    message: Text
    likely: Text | None = None

    def as_data(self) -> dict[str, Any]:
        """The verdict as JSON data."""
        return {
            "outcome": self.outcome.value,
            "score": self.score,
            "message": dict(self.message.forms),
            "likely": dict(self.likely.forms) if self.likely else None,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Verdict:
        """The verdict that `as_data` wrote."""
        likely = Text(**data["likely"]) if data["likely"] else None
        return cls(Outcome(data["outcome"]), data["score"], Text(**data["message"]), likely)


def not_graded() -> Verdict:
    """The verdict of a test cell that never answered: nothing earned, and said so."""
    return Verdict(Outcome.NOT_GRADED, 0.0, _NO_VERDICT)


def not_completed() -> Verdict:
    """The verdict of a test that ended or stalled the judge itself."""
    return Verdict(Outcome.BROKEN_TEST, 0.0, Reason.JUDGE.sentence)


def stopped(reason: Reason, bound: Bound | None = None) -> Verdict:
    """The verdict of a test in which the student's process ended.

    Args:
        reason: why it ended.
        bound: this limit, if it is one of time or memory.
    """
    return Verdict(Outcome.FAILED, 0.0, why_stopped(reason, bound, _THIS_TEST))


def why_stopped(reason: Reason, bound: Bound | None, what: Text | None = None) -> Text:
    """What a student reads about a stop.

    Args:
        reason: why it was stopped.
        bound: this limit, if it is one of time or memory.
        what: what was stopped, by default a cell.
    """
    text = reason.sentence
    return text.format(most=f"{bound.most:.3g}", what=what or _THIS_CELL) if bound else text


_NO_VERDICT = Text(
    en="not graded: the test gave no result.",
    ko="채점되지 않았습니다. 테스트가 결과를 내지 못했습니다.",
)
_THIS_TEST, _THIS_CELL = Text(en="this test", ko="이 테스트"), Text(en="this cell", ko="이 셀")
LIKELY = Text(en="Likely mistake:", ko="의심되는 실수:")
