"""The first process inside the inner wall: it starts the submission's process, watches it and ends it.

It never runs a submitted line, cannot be traced, and as the first process of its namespace cannot be killed by the
others in it. When it ends, everything inside the wall ends.
"""

from __future__ import annotations

import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.reasons import Reason
from nbjudge.sandbox import kernel
from nbjudge.sandbox.inside import process
from nbjudge.sandbox.inside.family import family
from nbjudge.sandbox.inside.use import Use
from nbjudge.sandbox.protocol import Clear, Cleared, Ended, Interrupted, Keep, LimitMet, Steps, Watch, read

if TYPE_CHECKING:
    from pathlib import Path

    from nbjudge.limits import Limits
    from nbjudge.sandbox.cgroups import Member
    from nbjudge.sandbox.inside.family import Relative
    from nbjudge.sandbox.inside.shell import Shell

_FIRST_LOOK, _LAST_LOOK = 0.04, 0.2
_KILL_SECONDS = 5.0
_LISTENING_CPU, _LISTENING_WALL = 1.0, 5.0
"""Seconds that a cell which is interrupted has to end."""
_MOST_REAPED = 1000
"""At one time; whoever makes zombies faster than they are reaped cannot keep the supervisor busy with that."""


class Supervisor:
    """Obeys the messages `Steps`, `Keep`, `Watch` and `Clear` of one channel (see `nbjudge.sandbox.protocol`).

    To clear takes it twice `_KILL_SECONDS` at most; if a process outlives that, the supervisor ends, and everything
    with it.

    Args:
        control: the grader's channel.
        shell: the warm shell.
        limits: what the submission may use.
        work: its working directory.
        member: the cgroup that it joins, if there is one.
    """

    def __init__(
        self, control: Channel, shell: Shell, limits: Limits, work: Path, member: Member | None = None
    ) -> None:
        self._control = control
        self._shell = shell
        self._limits = limits
        self._work = work
        self._began = time.monotonic()
        self._is_first = os.getpid() == 1
        self._member = member
        self._use = Use(limits.total_memory, counts_sockets=self._is_first, member=member)
        self._student: _Student | None = None
        self._kept: set[int] = set()
        self._watch: _Watched | None = None
        self._used_before = 0.0

    def run(self) -> None:
        """Obey until the grader hangs up."""
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        while True:
            try:
                self._look()
                if self._wait():
                    self._obey(*self._control.receive_with_descriptors())
            except ChannelClosed:
                break
        self._kept.clear()
        self._kill()

    def _obey(self, data: object, descriptors: list[int]) -> None:
        match read(data, Steps, Keep, Watch, Clear):
            case Steps(steps=steps):
                self._start_student(steps, *descriptors)
            case Keep(pid=pid):
                self._kept.add(pid)
            case Watch() as watch:
                self._start_watch(watch)
            case Clear():
                self._clear()

    def _wait(self) -> bool:
        """Wait for a command, the end of the submission's process or the next look; whether there is a command."""
        ends = [self._control] + ([self._student.ended] if self._student else [])
        ready, _, _ = select.select(ends, [], [], self._pause())
        return self._control in ready

    def _pause(self) -> float | None:
        """Seconds to the next look, None if none is due."""
        return max(0.0, self._watch.next_look - time.monotonic()) if self._watch else None

    def _start_student(self, steps: list[list[str] | int], descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_student(steps, descriptor)
        os.close(descriptor)
        self._student = _Student(pid, os.pidfd_open(pid))

    def _become_student(self, steps: list[list[str] | int], descriptor: int) -> NoReturn:
        """In a fork: run the submission, and end."""
        status = 1
        try:
            self._control.close()
            os.setsid()
            if self._member:
                self._member.join()
            kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
            os.chdir(self._work)
            process.restrain(self._limits, places=sum(isinstance(step, int) for step in steps))
            process.run(Channel.on(descriptor), self._shell, steps, self._limits)
            status = 0
        finally:
            os._exit(status)

    def _start_watch(self, watch: Watch) -> None:
        self._reap()
        self._used_before = self._use.cpu(family())
        self._watch = _Watched(watch.cpu, watch.wall, watch.interrupts, began=time.monotonic(), used=self._used_before)

    def _clear(self) -> None:
        """End what the submission left running."""
        self._watch = None
        self._use.note_memory(family())
        self._kill()
        used = self._use.cpu(family())
        self._control.send(Cleared(used, used - self._used_before, self._use.peak).as_data())

    def _look(self) -> None:
        """Reap the dead, compare with the limits."""
        self._reap()
        watch = self._watch
        if watch is None or time.monotonic() < watch.next_look:
            return
        relatives, now = family(), time.monotonic()
        watch.looked(now)
        for pid, one in relatives.items():
            if one.is_headless:
                _signal(pid, signal.SIGKILL)
        if limit := self._broken_limit(watch, relatives, now):
            if limit.is_overtime and watch.interrupts:
                self._interrupt(watch, limit)
            else:
                self._end_by(limit)

    def _broken_limit(self, watch: _Watched, relatives: dict[int, Relative], now: float) -> Reason | None:
        """The first limit that is broken, if any."""
        limits, cpu = self._limits, self._use.cpu(relatives)
        broken = {
            Reason.TOTAL_CPU: cpu > limits.total_cpu,
            Reason.TOTAL_WALL: now - self._began > limits.total_wall,
            Reason.CPU: cpu - watch.used > watch.cpu,
            Reason.WALL: now - watch.began > watch.wall,
            Reason.MEMORY: self._use.uses_too_much_memory(relatives),
            Reason.SHORTAGE: self._use.starves_the_machine(),
        }
        return next((limit for limit, is_broken in broken.items() if is_broken), None)

    def _interrupt(self, watch: _Watched, limit: Reason) -> None:
        """Press the button; the process has a little more time to listen."""
        watch.interrupts = False
        watch.cpu += _LISTENING_CPU
        watch.wall += _LISTENING_WALL
        if self._student is not None:
            _signal(self._student.pid, signal.SIGINT)
            self._control.send(Interrupted(limit, self._use.cpu(family()) - self._used_before).as_data())

    def _end_by(self, limit: Reason) -> None:
        self._watch = None
        self._control.send(LimitMet(limit).as_data())
        if limit is Reason.SHORTAGE:
            self._kept.clear()  # the machine needs what they hold, too
        self._kill()

    def _reap(self) -> None:
        for _ in range(_MOST_REAPED):
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if self._student and pid == self._student.pid:
                os.close(self._student.ended)
                self._student = None
                if self._use.ran_out_of_memory():
                    self._control.send(LimitMet(Reason.MEMORY).as_data())
                self._control.send(Ended(os.waitstatus_to_exitcode(status)).as_data())

    def _kill(self) -> None:
        """End every process of the submission that is not kept; if that takes too long, the kept ones too.

        Raises:
            TimeoutError: if processes outlive even that.
        """
        if self._kill_all_but(self._kept) or self._kill_all_but(set()):
            return
        raise TimeoutError("processes of the submission do not end")

    def _kill_all_but(self, kept: set[int]) -> bool:
        """End all but some; whether they ended in time. All stand still meanwhile, so that none of them forks."""
        until = time.monotonic() + _KILL_SECONDS
        while living := [pid for pid, one in family().items() if one.is_alive and pid not in kept]:
            if time.monotonic() > until:
                return False
            self._signal_all(signal.SIGSTOP if kept else signal.SIGKILL)
            for pid in living:
                _signal(pid, signal.SIGKILL)
            self._reap()
            time.sleep(0.001)
        for pid in kept & set(family()):
            _signal(pid, signal.SIGCONT)
        self._reap()  # so that nothing is told of them later
        return True

    def _signal_all(self, number: int) -> None:
        """Send a signal to every process at one moment, as only the first of a namespace can."""
        if self._is_first:
            _signal(-1, number)
        else:
            for pid in family():
                _signal(pid, number)


@dataclass(frozen=True)
class _Student:
    """The submission's process, and a descriptor that can be read once it has ended."""

    pid: int
    ended: int


@dataclass
class _Watched:
    """What runs now and what it may take."""

    cpu: float
    wall: float
    interrupts: bool
    began: float
    used: float
    next_look: float = field(init=False)

    def __post_init__(self) -> None:
        self.looked(self.began)

    def looked(self, now: float) -> None:
        """Plan the next look: soon at first, so that a short excess is seen, then later."""
        self.next_look = now + min(max(_FIRST_LOOK, (now - self.began) / 2), _LAST_LOOK)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
