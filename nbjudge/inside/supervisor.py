"""The first process inside the inner wall: it starts the submission's process, watches it and ends it.

It never runs a submitted line, cannot be traced, and as the first process of its namespace cannot be killed by the
others in it. When it ends, everything inside the wall ends.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbjudge.channel import Channel, ChannelClosed
from nbjudge.inside import process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbjudge.inside.shell import Shell
    from nbjudge.limits import Limits

_DUMPABLE, _SUBREAPER = 4, 36
_TICKS = os.sysconf("SC_CLK_TCK")
_FIRST_LOOK, _LAST_LOOK = 0.01, 0.2
_KILL_SECONDS = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


class Supervisor:
    """Obeys one channel: ``["cells", cells]`` with a descriptor, ``["watch", cpu, wall, spares]``, ``["clear", all]``.

    It tells ``["ended", status]`` when the submission's process ends and ``["limit", name]`` when it ended something
    because of a limit, and answers ``clear`` by ``["cleared", processor seconds so far, most bytes so far]``.

    Args:
        control: the grader's channel.
        shell: the warm shell.
        limits: what the submission may use.
        work: its working directory.
    """

    def __init__(self, control: Channel, shell: Shell, limits: Limits, work: Path) -> None:
        self._control = control
        self._shell = shell
        self._limits = limits
        self._work = work
        self._began = time.monotonic()
        self._own_memory = _memory(os.getpid())
        self._peak = 0
        self._student: int | None = None
        self._student_ended: int | None = None
        self._watch: _Watch | None = None

    def run(self) -> None:
        """Obey until the grader hangs up."""
        _check(_libc.prctl(_SUBREAPER, 1, 0, 0, 0))
        commands: dict[str, Callable] = {"cells": self._cells, "watch": self._start_watch, "clear": self._clear}
        while True:
            try:
                self._look()
                if self._wait():
                    (name, *arguments), descriptors = self._control.receive_with_descriptors()
                    commands[name](*arguments, *descriptors)
            except ChannelClosed:
                break
        self._kill(spare=None)

    def _wait(self) -> bool:
        """Wait for a command, the end of the submission's process or the next look; whether there is a command."""
        ends = [self._control] + ([self._student_ended] if self._student_ended is not None else [])
        ready, _, _ = select.select(ends, [], [], self._pause())
        return self._control in ready

    def _pause(self) -> float | None:
        """Seconds to the next look, None if none is due."""
        return max(0.0, self._watch.next_look - time.monotonic()) if self._watch else None

    def _cells(self, cells: list[list[str]], descriptor: int) -> None:
        self._student = os.fork()
        if self._student == 0:
            self._become_student(cells, descriptor)
        os.close(descriptor)
        self._student_ended = os.pidfd_open(self._student)

    def _become_student(self, cells: list[list[str]], descriptor: int) -> None:
        """In a fork: run the submission, and end."""
        status = 1
        try:
            self._control.close()
            _check(_libc.prctl(_DUMPABLE, 1, 0, 0, 0))
            os.chdir(self._work)
            process.restrain(self._limits)
            process.run(Channel.on(descriptor), self._shell, cells, self._limits)
            status = 0
        finally:
            os._exit(status)

    def _start_watch(self, cpu: float, wall: float, spares: bool) -> None:  # noqa: FBT001, it comes as data
        self._watch = _Watch(cpu, wall, spares=spares, began=time.monotonic(), used=self._cpu(_family()))

    def _clear(self, everything: bool) -> None:  # noqa: FBT001, it comes as data
        """End what the submission left running."""
        self._watch = None
        self._look_at_memory(_family())
        self._kill(spare=None if everything else self._student)
        self._control.send(["cleared", self._cpu(_family()), self._peak])

    def _look(self) -> None:
        """Reap the dead, compare with the limits."""
        self._reap()
        if self._watch is None or time.monotonic() < self._watch.next_look:
            return
        family = _family()
        watch, limits, now, cpu = self._watch, self._limits, time.monotonic(), self._cpu(family)
        watch.looked(now)
        if cpu > limits.total_cpu:
            self._end_by("total_cpu")
        elif now - self._began > limits.total_wall:
            self._end_by("total_wall")
        elif cpu - watch.used > watch.cpu:
            self._end_by("cpu")
        elif now - watch.began > watch.wall:
            self._end_by("wall")
        elif self._look_at_memory(family) > limits.total_memory:
            self._end_by("memory")

    def _end_by(self, limit: str) -> None:
        spares = self._watch.spares
        self._watch = None
        self._control.send(["limit", limit])
        self._kill(spare=self._student if spares else None)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self._student:
                os.close(self._student_ended)
                self._student = self._student_ended = None
                self._control.send(["ended", os.waitstatus_to_exitcode(status)])

    def _kill(self, *, spare: int | None) -> None:
        """End every process of the submission but one; whoever forks faster than this loses that one too."""
        until = time.monotonic() + _KILL_SECONDS
        while living := [pid for pid, relative in _family().items() if relative.alive and pid != spare]:
            if time.monotonic() > until:
                spare = None
            for pid in living:
                _signal(pid, signal.SIGSTOP)
            for pid in living:
                _signal(pid, signal.SIGKILL)
            self._reap()
            time.sleep(0.001)
        self._reap()  # so that nothing is told of them later

    def _cpu(self, family: dict[int, _Relative]) -> float:
        reaped = os.times()
        return reaped.children_user + reaped.children_system + sum(relative.seconds for relative in family.values())

    def _look_at_memory(self, family: dict[int, _Relative]) -> int:
        memory = sum(max(0, _memory(pid) - self._own_memory) for pid in family)
        self._peak = max(self._peak, memory)
        return memory


@dataclass
class _Watch:
    cpu: float
    wall: float
    spares: bool
    began: float
    used: float
    next_look: float = field(init=False)

    def __post_init__(self) -> None:
        self.looked(self.began)

    def looked(self, now: float) -> None:
        """Plan the next look: soon at first, so that a short excess is seen, then later."""
        self.next_look = now + min(max(_FIRST_LOOK, (now - self.began) / 4), _LAST_LOOK)


@dataclass(frozen=True)
class _Relative:
    parent: int
    seconds: float
    alive: bool


def _family() -> dict[int, _Relative]:
    """Every descendant: its processor seconds, with those of its own dead children."""
    known: dict[int, _Relative] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208, read often
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123, read often
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        known[int(name)] = _Relative(int(fields[1]), sum(map(int, fields[11:15])) / _TICKS, alive=fields[0] != b"Z")
    return {pid: relative for pid, relative in known.items() if _descends(relative, known)}


def _descends(relative: _Relative, known: dict[int, _Relative]) -> bool:
    while relative.parent != os.getpid():
        if relative.parent not in known:
            return False
        relative = known[relative.parent]
    return True


def _memory(pid: int) -> int:
    """Bytes of memory that belong to a process and not to a file."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:  # noqa: PTH123, read often
            lines = file.read().split(b"\n")
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith((b"RssAnon", b"RssShmem")))


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _check(result: int) -> Any:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
