"""What the processes of one submission use together, as its supervisor sees it."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbjudge.sandbox.inside.family import (
    available_files,
    available_memory,
    family,
    held,
    myself,
    share,
    sockets_at_most,
)

if TYPE_CHECKING:
    from nbjudge.sandbox.cgroups import Member
    from nbjudge.sandbox.inside.family import Relative

_RESERVE = 2**30
_RARELY, _AT_LEAST = 50, 5.0
"""Memory is not counted exactly again before so many times as long as that took have passed, or so many seconds."""


@dataclass(frozen=True)
class _Count:
    """Bytes of memory as counted at one time, in full and exactly, and until when that tells enough."""

    in_full: int
    exact: int
    ends: float


class Use:
    """Counts what the descendants of the calling process use.

    Args:
        most_memory: bytes that they may hold together.
        counts_sockets: whether all Unix sockets that this process can see belong to its descendants.
        member: the cgroup that they are in, if there is one; it counts what is hidden from this process.
    """

    def __init__(self, most_memory: int, *, counts_sockets: bool, member: Member | None = None) -> None:
        self._most_memory = most_memory
        self._counts_sockets = counts_sockets
        self._member = member
        self._own_memory = held(os.getpid())
        self._own_program = myself().program
        self._available = available_memory()
        self._available_files = available_files()
        self._machine_memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        self._buffer = _socket_buffer()
        self._counted: _Count | None = None
        self._seconds = self._vanished = 0.0
        self.peak = 0

    def cpu(self, relatives: dict[int, Relative]) -> float:
        """Processor seconds so far; what was seen once stays counted, also of a child whose end was hidden."""
        seconds = _seconds(relatives)
        if seconds < self._seconds:  # or a child was waited for while the list was read
            seconds = _seconds(family())
        self._vanished += max(0.0, self._seconds - seconds)
        self._seconds = seconds
        return max(seconds + self._vanished, self._member.seconds() if self._member else 0.0)

    def uses_too_much_memory(self, relatives: dict[int, Relative]) -> bool:
        """Whether they hold more memory than they may.

        Counted exactly only where a cheap count in full exceeds it, as snapshots make it do, and seldom.
        """
        if self.ran_out_of_memory():
            return True
        sockets = self._sockets()
        in_full = self.note_memory(relatives) + sockets
        if in_full <= self._most_memory or in_full <= self._enough_until(time.monotonic()):
            return False
        began = time.monotonic()
        inherited = share(os.getpid()) if self._copies(relatives) else 0
        memory = sum(map(share, relatives)) - inherited + sockets
        self.peak = max(self.peak, memory)
        now = time.monotonic()
        self._counted = _Count(in_full, memory, ends=now + min(_RARELY * (now - began), _AT_LEAST))
        return memory > self._most_memory

    def _enough_until(self, now: float) -> float:
        """Bytes counted in full that cannot be too many, by the last exact count; 0 if that was long ago."""
        if self._counted is None or now > self._counted.ends:
            return 0.0
        return self._counted.in_full + self._most_memory - self._counted.exact

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended one of them for that since this was last asked."""
        return self._member is not None and self._member.ran_out_of_memory()

    def note_memory(self, relatives: dict[int, Relative]) -> int:
        """Bytes that they hold, all counted in full; notes what they hold beyond what they share with this process."""
        memory = {pid: held(pid) for pid in relatives}
        shared = sum(min(memory[pid], self._own_memory) for pid in self._copies(relatives))
        total = sum(memory.values())
        self.peak = max(self.peak, total - shared)
        return total

    def _copies(self, relatives: dict[int, Relative]) -> list[int]:
        """Those that run the program of this process and so share its memory."""
        return [pid for pid, one in relatives.items() if one.program == self._own_program]

    def starves_the_machine(self) -> bool:
        """Whether the machine is short of memory or files, and has less than half of what it had at the beginning."""
        is_short = available_memory() < least_available(self._available, of=self._machine_memory)
        return is_short or available_files() < self._available_files // 2

    def _sockets(self) -> int:
        if not self._counts_sockets:
            return 0
        with open("/proc/net/unix", "rb") as file:  # noqa: PTH123, read often
            return sockets_at_most(file.read().splitlines()[1:], self._buffer)


def least_available(at_first: int, *, of: int) -> int:
    """Bytes of memory that a machine should keep available while a submission runs.

    Args:
        at_first: bytes that were available when it began.
        of: bytes of memory that the machine has.
    """
    return min(_RESERVE, of // 16, at_first // 2)


def _seconds(relatives: dict[int, Relative]) -> float:
    reaped = os.times()
    return reaped.children_user + reaped.children_system + sum(one.seconds for one in relatives.values())


def _socket_buffer() -> int:
    """Bytes that a Unix socket may send before they are read."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
