"""The result of a test cell: a finite number of points and what the student is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from nbjudge.messages import Text

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
    return Verdict(Outcome.BROKEN_TEST, 0.0, _TEST_ENDED)


def stopped(reason: str, bound: Bound | None = None) -> Verdict:
    """The verdict of a test in which the student's process ended.

    Args:
        reason: the limit that ended it, or ``crash``.
        bound: this limit, if it is one of time or memory.
    """
    return Verdict(Outcome.FAILED, 0.0, why_stopped(reason, bound, _THIS_TEST))


def why_stopped(reason: str, bound: Bound | None, what: Text | None = None) -> Text:
    """What a student reads about a stop.

    Args:
        reason: the limit, or ``crash``.
        bound: this limit, if it is one of time or memory.
        what: what was stopped, by default a cell.
    """
    text = _STOPPED.get(reason, _STOPPED["crash"])
    return text.format(most=f"{bound.most:.3g}", what=what or _THIS_CELL) if bound else text


_NO_VERDICT = Text(
    en="not graded: the test gave no result.",
    ko="채점되지 않았습니다. 테스트가 결과를 내지 못했습니다.",
)
_THIS_TEST, _THIS_CELL = Text(en="this test", ko="이 테스트"), Text(en="this cell", ko="이 셀")
_STOPPED = {
    "cpu": Text(
        en="your code ran longer than the {most} s of processor time that {what} may take and was stopped.",
        ko="코드가 {what}에 허용된 프로세서 시간 {most}초보다 오래 실행되어 중단되었습니다.",
    ),
    "wall": Text(
        en="your code took longer than the {most} s that {what} may take, waiting included, and was stopped.",
        ko="코드가 기다린 시간까지 합해 {what}에 허용된 {most}초보다 오래 걸려 중단되었습니다.",
    ),
    "total_cpu": Text(
        en="the notebook had used up the {most} s of processor time that all its cells and tests together may take.",
        ko="노트북이 모든 셀과 테스트에 허용된 전체 프로세서 시간 {most}초를 다 썼습니다.",
    ),
    "total_wall": Text(
        en="the notebook had used up the {most} s that all its cells and tests together may take, waiting included.",
        ko="노트북이 기다린 시간까지 합해 모든 셀과 테스트에 허용된 전체 시간 {most}초를 다 썼습니다.",
    ),
    "memory": Text(
        en="your code used more than the {most} GiB of memory that it may use and was stopped.",
        ko="코드가 허용된 메모리 {most}GiB보다 많이 써서 중단되었습니다.",
    ),
    "shortage": Text(
        en="the grading machine ran short of memory or of files while your code ran, so it was stopped.",
        ko="코드가 실행되는 동안 채점 컴퓨터의 메모리나 열 수 있는 파일이 부족해져 코드를 중단했습니다.",
    ),
    "processes": Text(
        en="your code left more processes and threads running than allowed, so that this test could not start.",
        ko="코드가 허용된 것보다 많은 프로세스와 스레드를 남겨 두어 이 테스트를 시작할 수 없었습니다.",
    ),
    "output": Text(
        en="your code showed far more than a notebook can hold and was stopped.",
        ko="코드가 노트북에 담을 수 없을 만큼 많은 것을 출력하여 중단되었습니다.",
    ),
    "crash": Text(
        en="your code ended the process in which it ran.",
        ko="코드가 자신이 실행되던 프로세스를 끝냈습니다.",
    ),
}
"""What a student reads about a stop, by its reason."""
_TEST_ENDED = Text(
    en="not graded: the test could not be completed on what your function returned.",
    ko="채점되지 않았습니다. 함수가 돌려준 값으로는 테스트를 끝낼 수 없습니다.",
)
LIKELY = Text(en="Likely mistake:", ko="의심되는 실수:")
