"""The judge: a disposable process that runs the tests of one submission and nothing of the submission.

It is a fork of the worker. It holds the course's own cells and, for each test, one end of a conversation with the
student's process, through which only data comes. What that data makes it cost is limited: memory and processor time of
each test, and processor time of all tests together.
"""

from __future__ import annotations

import ast
import builtins
import copy
import gc
import math
import os
import resource
import select
import signal
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nbjudge.border import conversation
from nbjudge.border.calls import by_hand, repeat, there, unchanged
from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.border.doubles import doubled
from nbjudge.border.judge_side import JudgeSide
from nbjudge.judging.names_asked import names_asked
from nbjudge.judging.testcell import run_test
from nbjudge.judging.verdict import Outcome, Verdict, not_completed, stopped
from nbjudge.reasons import Reason
from nbjudge.sandbox.forks import NO_CORE, die_with_parent, limit_memory, mute
from nbjudge.sandbox.warmth import warm_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbjudge.limits import Limits, Span
    from nbjudge.messages import Text
    from nbjudge.sandbox.session import Company
    from nbjudge.submission.blueprint import Blueprint, BlueprintCell

_GRACE = 30.0
_CPU_GRACE = 10.0
_END_SECONDS = 2.0
_MOST_PRINTED = 20_000
_DATA = (list, tuple, dict, set, np.ndarray, torch.Tensor)


@dataclass(frozen=True)
class TestResult:
    """How one test went.

    Args:
        verdict: the result.
        printed: what the student's code printed meanwhile.
        reason: why it was stopped, if it was.
    """

    verdict: Verdict
    printed: str = ""
    reason: Reason | None = None

    @property
    def has_passed(self) -> bool:
        """Whether it earned all points."""
        return self.verdict.outcome is Outcome.PASSED


class JudgeProcess:
    """A judge process, started when it is first needed and again if a test ended it.

    Args:
        blueprint: the course's own cells.
        folder: the working directory of the tests.
        limits: what the submission may use.
        lines: how many lines each of the student's cells has, by its name.
        missing: what is told of a name that is not there because its cell was stopped.
        seed: of the orders in which tests ask.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        folder: Path,
        limits: Limits,
        *,
        lines: dict[str, int],
        missing: dict[str, Text],
        seed: str,
    ) -> None:
        self._blueprint = blueprint
        self._folder = folder
        self._limits = limits
        self._lines = lines
        self._missing = missing
        self._seed = seed
        self._running: _Running | None = None
        self._used = 0.0

    def test(self, company: Company, name: str, span: Span) -> TestResult:
        """Judge one test cell in a fork of the student's process."""
        if self._running is None:
            left = self._limits.total_cpu + _CPU_GRACE - self._used
            if left < 1:
                return TestResult(not_completed(), reason=Reason.JUDGE)
            self._running = self._start(left)
        judge = self._running
        company.begin_test(span)
        try:
            judge.channel.send([name, span.cpu + _CPU_GRACE], [company.channel.fileno()])
            if not company.wait(judge.channel, span.wall + _GRACE):
                self.close()
                return TestResult(not_completed(), reason=Reason.JUDGE)
            verdict, printed = judge.channel.receive()
        except ChannelClosed:
            return TestResult(not_completed(), reason=Reason.JUDGE_KILLED if self._was_killed(judge) else Reason.JUDGE)
        if company.reason:
            bound = self._limits.test_bound(company.reason, name, span)
            return TestResult(stopped(company.reason, bound), printed, company.reason)
        judged = Verdict.from_data(verdict)
        return TestResult(judged, printed, Reason.FORK_ENDED if judged == stopped(Reason.CRASH) else None)

    def close(self) -> None:
        """End the process."""
        if self._running is not None:
            os.kill(self._running.pid, signal.SIGKILL)
            self._reap(self._running)

    def _was_killed(self, judge: _Running) -> bool:
        """Whether the process, which says nothing more, was killed from outside."""
        ended = os.pidfd_open(judge.pid)
        try:
            if not select.select([ended], [], [], _END_SECONDS)[0]:
                self.close()
                return False
        finally:
            os.close(ended)
        status = self._reap(judge)
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL

    def _reap(self, judge: _Running) -> int:
        judge.channel.close()
        _, status, use = os.wait4(judge.pid, 0)
        self._used += use.ru_utime + use.ru_stime
        self._running = None
        return status

    def _start(self, cpu: float) -> _Running:
        ours, theirs = Channel.pair()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                ours.close()
                _restrain(parent, memory=self._limits.memory, cpu=cpu)
                os.chdir(self._folder)
                _Sitting(self._blueprint, self._lines, self._missing, self._seed).serve(theirs)
                status = 0
            finally:
                os._exit(status)
        theirs.close()
        return _Running(pid, ours)


@dataclass(frozen=True)
class _Running:
    """A judge that runs: its process, and the line to it."""

    pid: int
    channel: Channel


def preload(blueprints: Iterable[Blueprint]) -> None:
    """Import and warm up what tests use, so that no judge has to."""
    for notebook in blueprints:
        for cell in notebook.cells.values():
            if cell.locked and cell.cell_type == "code":
                for statement in _imports(cell.source):
                    exec(compile(statement, "<preload>", "exec"), {})  # noqa: S102, the course's own
    warm_up()
    _cross_the_border()
    gc.collect()
    gc.freeze()


def _cross_the_border() -> None:
    """Ask doubles what tests will ask of students' functions."""
    double = doubled({"double": lambda f, v: 2 * f(v)}, place_of=lambda _filename: None)["double"]
    for f in (torch.sin, there(lambda v: v)):
        unchanged(double, f, torch.ones(3))
    by_hand(lambda double: repeat(double, lambda v: v, np.ones(3)))(double)


def _imports(source: str) -> list[ast.Module]:
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError:
        return []
    return [ast.Module([node], []) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def _restrain(parent: int, *, memory: int, cpu: float) -> None:
    die_with_parent()
    if os.getppid() != parent:
        os._exit(1)
    limit_memory(memory)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    seconds = math.ceil(cpu)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # at the second one, the signal is that of a kill
    resource.setrlimit(resource.RLIMIT_CORE, (NO_CORE, NO_CORE))
    mute()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)


class _Sitting:
    """One sitting of the judge: what it knows before a test is named."""

    def __init__(self, blueprint: Blueprint, lines: Mapping[str, int], missing: Mapping[str, Text], seed: str) -> None:
        self._tests = {cell.grade_id: cell for cell in blueprint.tests}
        self._setup = setup_names(blueprint)
        self._lines = lines
        self._missing = missing
        self._seed = seed

    def serve(self, channel: Channel) -> None:
        """Judge tests as they are named."""
        while True:
            try:
                (name, cpu), (descriptor,) = channel.receive_with_descriptors()
            except ChannelClosed:
                return
            signal.setitimer(signal.ITIMER_PROF, cpu)  # its signal ends this process
            student = _Student(Channel.on(descriptor), self._lines)
            channel.send([self._verdict(self._tests[name], student).as_data(), student.end()])

    def _verdict(self, test: BlueprintCell, student: _Student) -> Verdict:
        try:
            student.begin(test.grade_id)
            names = student.side.names(names_asked(test.source, self._setup))
        except _StudentGone:
            return stopped(Reason.CRASH)
        verdict = run_test(
            test.source,
            names | _copied(self._setup),
            name=test.grade_id,
            points=test.bonus or test.points,
            seed=self._seed,
            missing=self._missing,
        )
        return stopped(Reason.CRASH) if student.gone else verdict


def setup_names(blueprint: Blueprint) -> dict[str, Any]:
    """The names that the course's own cells define, the tests apart."""
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    for cell in blueprint.cells.values():
        if cell.locked and cell.cell_type == "code" and not cell.is_test:
            exec(compile(cell.source, f"<{cell.grade_id}>", "exec"), names)  # noqa: S102, the course's own
    return names


def _copied(names: dict[str, Any]) -> dict[str, Any]:
    """The names with data of their own, so that no test changes what another sees."""
    return {name: copy.deepcopy(thing) if type(thing) in _DATA else thing for name, thing in names.items()}


class _StudentGone(BaseException):
    """The student's process ended before it replied; no ``except Exception`` of a test makes that a success."""


class _Student:
    """The judge's end of one test."""

    def __init__(self, channel: Channel, lines: Mapping[str, int]) -> None:
        self._channel = channel
        self.gone = False
        self.side = JudgeSide(self._send, lines_of=lambda cell: lines.get(cell, 0))

    def begin(self, name: str) -> None:
        try:
            conversation.begin(self._channel, name)
        except ChannelClosed:
            self.gone = True
            raise _StudentGone from None

    def _send(self, request: bytes) -> bytes:
        if self.gone:
            raise _StudentGone
        try:
            return conversation.ask(self._channel, request, self.side.answer)
        except ChannelClosed:
            self.gone = True
            raise _StudentGone from None

    def end(self) -> str:
        if self.gone:
            return ""
        try:
            return _printable(conversation.end(self._channel)[:_MOST_PRINTED])
        except ChannelClosed:
            return ""


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)
