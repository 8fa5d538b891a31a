"""Why a cell or a test was stopped: a word for the record, a sentence for the student, and whether to doubt it."""

from __future__ import annotations

from enum import Enum, StrEnum, auto

from nbjudge.messages import Text


class Doubt(Enum):
    """When a stop may be the machine's fault, so that the submission is to be graded again."""

    NEVER = auto()
    IF_BUSY = auto()
    IF_SHORT_OF_MEMORY = auto()
    ALWAYS = auto()


class Reason(StrEnum):
    """A reason to stop; its value is the word that records keep."""

    CPU = "cpu"
    WALL = "wall"
    TOTAL_CPU = "total_cpu"
    TOTAL_WALL = "total_wall"
    MEMORY = "memory"
    SHORTAGE = "shortage"
    OUTPUT = "output"
    PROCESSES = "processes"
    CRASH = "crash"
    FORK_ENDED = "fork ended"
    """The fork of the student's process in which a test ran ended by itself, while the process lives on."""

    JUDGE = "judge"
    """The test cost the judge too much because of what the student's code answered."""

    JUDGE_KILLED = "judge killed"
    """The test's judge was killed, which no submission can do."""

    @property
    def is_overtime(self) -> bool:
        """Whether one cell or test took too long."""
        return self in (Reason.CPU, Reason.WALL)

    @property
    def is_total(self) -> bool:
        """Whether nothing of the submission may run any more."""
        return self in (Reason.TOTAL_CPU, Reason.TOTAL_WALL)

    @property
    def doubt(self) -> Doubt:
        """When the machine may be the cause.

        Who works all the time meets a limit of processor time first on a quiet machine, and the limit of time on a busy
        one: a limit of processor time is never the machine's fault.
        """
        return _DOUBTS.get(self, Doubt.NEVER)

    @property
    def sentence(self) -> Text:
        """What a student reads; ``{most}`` stands for the limit, ``{what}`` for what was stopped."""
        return _SENTENCES[self]


_DOUBTS = {
    Reason.WALL: Doubt.IF_BUSY,
    Reason.TOTAL_WALL: Doubt.IF_BUSY,
    Reason.CRASH: Doubt.IF_SHORT_OF_MEMORY,
    Reason.FORK_ENDED: Doubt.IF_SHORT_OF_MEMORY,
    Reason.SHORTAGE: Doubt.ALWAYS,
    Reason.JUDGE_KILLED: Doubt.ALWAYS,
}

_ENDED = Text(
    en="your code ended the process in which it ran.",
    ko="코드가 자신이 실행되던 프로세스를 끝냈습니다.",
)
_NOT_COMPLETED = Text(
    en="not graded: the test could not be completed on what your function returned.",
    ko="채점되지 않았습니다. 함수가 돌려준 값으로는 테스트를 끝낼 수 없습니다.",
)
_SENTENCES = {
    Reason.CPU: Text(
        en="your code ran longer than the {most} s of processor time that {what} may take and was stopped.",
        ko="코드가 {what}에 허용된 프로세서 시간 {most}초보다 오래 실행되어 중단되었습니다.",
    ),
    Reason.WALL: Text(
        en="your code took longer than the {most} s that {what} may take, waiting included, and was stopped.",
        ko="코드가 기다린 시간까지 합해 {what}에 허용된 {most}초보다 오래 걸려 중단되었습니다.",
    ),
    Reason.TOTAL_CPU: Text(
        en="the notebook had used up the {most} s of processor time that all its cells and tests together may take.",
        ko="노트북이 모든 셀과 테스트에 허용된 전체 프로세서 시간 {most}초를 다 썼습니다.",
    ),
    Reason.TOTAL_WALL: Text(
        en="the notebook had used up the {most} s that all its cells and tests together may take, waiting included.",
        ko="노트북이 기다린 시간까지 합해 모든 셀과 테스트에 허용된 전체 시간 {most}초를 다 썼습니다.",
    ),
    Reason.MEMORY: Text(
        en="your code used more than the {most} GiB of memory that it may use and was stopped.",
        ko="코드가 허용된 메모리 {most}GiB보다 많이 써서 중단되었습니다.",
    ),
    Reason.SHORTAGE: Text(
        en="the grading machine ran short of memory or of files while your code ran, so it was stopped.",
        ko="코드가 실행되는 동안 채점 컴퓨터의 메모리나 열 수 있는 파일이 부족해져 코드를 중단했습니다.",
    ),
    Reason.PROCESSES: Text(
        en="your code left more processes and threads running than allowed, so that this test could not start.",
        ko="코드가 허용된 것보다 많은 프로세스와 스레드를 남겨 두어 이 테스트를 시작할 수 없었습니다.",
    ),
    Reason.OUTPUT: Text(
        en="your code showed far more than a notebook can hold and was stopped.",
        ko="코드가 노트북에 담을 수 없을 만큼 많은 것을 출력하여 중단되었습니다.",
    ),
    Reason.CRASH: _ENDED,
    Reason.FORK_ENDED: _ENDED,
    Reason.JUDGE: _NOT_COMPLETED,
    Reason.JUDGE_KILLED: _NOT_COMPLETED,
}
