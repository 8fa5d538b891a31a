"""What the system tells of a process's descendants: their processor time, their threads and their memory.

All of it is read from ``/proc`` several times a second, so it is read in the cheapest way that submitted code cannot
deceive.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TICKS = os.sysconf("SC_CLK_TCK")
_OF_NO_FILE = (b"RssAnon:", b"RssShmem:", b"VmSwap:")
_SHARES_OF_NO_FILE = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")
_SHORT = 2**16
_DATAGRAM = b"0002"
_MOST_DATAGRAMS = 11
"""That wait in a socket at one time, each of another sender: net.unix.max_dgram_qlen and one more."""


@dataclass(frozen=True)
class Relative:
    """One process.

    Args:
        parent: its parent.
        seconds: its processor time, with that of its children that ended and were waited for.
        threads: that live or were not waited for; at least 1.
        is_zombie: whether its first thread ended, which stands for the process in ``/proc``.
        program: where its program lies in memory, which a fork inherits and ``exec`` changes.
    """

    parent: int
    seconds: float
    threads: int
    is_zombie: bool
    program: tuple[bytes, ...]

    @property
    def is_alive(self) -> bool:
        """Whether any of its threads lives."""
        return not self.is_zombie or self.is_headless

    @property
    def is_headless(self) -> bool:
        """Whether it lives on without its first thread; its memory cannot be read then."""
        return self.is_zombie and self.threads > 1


def myself() -> Relative:
    """The calling process.

    Raises:
        OSError: if the machine lacks what it takes to read about it.
    """
    return _relative(os.getpid())


def relative(pid: int) -> Relative | None:
    """A process, None if there is none."""
    try:
        return _relative(pid)
    except OSError:
        return None


def _relative(pid: int) -> Relative:
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return Relative(
        parent=int(fields[1]),
        seconds=sum(map(int, fields[11:15])) / _TICKS,
        threads=max(1, int(fields[17])),
        is_zombie=fields[0] in b"ZX",
        program=(fields[23], fields[45]),
    )


def family() -> dict[int, Relative]:
    """Every descendant of this process, parents before the children that they forked."""
    found = {int(name): relative(int(name)) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208, often
    known = {pid: one for pid, one in found.items() if one is not None}
    return {pid: one for pid, one in known.items() if _descends(one, known)}


def _descends(one: Relative, known: dict[int, Relative]) -> bool:
    while one.parent != os.getpid():
        if one.parent not in known:
            return False
        one = known[one.parent]
    return True


def held(pid: int) -> int:
    """Bytes of memory and swap that a process holds and that belong to no file; shared ones are counted in full."""
    return _sum_of(f"/proc/{pid}/status", _OF_NO_FILE)


def share(pid: int) -> int:
    """The same, but what several processes share is divided among them: true for all together, and 100 times slower.

    A process that does not let itself be read is counted in full.
    """
    return _sum_of(f"/proc/{pid}/smaps_rollup", _SHARES_OF_NO_FILE) or held(pid)


def _read(path: str) -> bytes:
    """A short file of the system, read in the cheapest way."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _SHORT)
    finally:
        os.close(descriptor)


def _sum_of(path: str, names: tuple[bytes, ...]) -> int:
    try:
        lines = _read(path).split(b"\n")
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(names))


def sockets_at_most(lines: Iterable[bytes], buffer: int) -> int:
    """Bytes that wait in Unix sockets, at most.

    Args:
        lines: of ``/proc/net/unix``, without the first.
        buffer: bytes that one socket may have sent before they are read.
    """
    kinds = [line.split(maxsplit=5)[4:5] for line in lines]  # empty after a line end in the name of a socket
    return sum(buffer * (_MOST_DATAGRAMS if kind == [_DATAGRAM] else 1) for kind in kinds)


def available_files() -> int:
    """Files that the machine can still open for all; a mapping holds one open without a descriptor."""
    with open("/proc/sys/fs/file-nr", "rb") as file:  # noqa: PTH123, read often
        allocated, _, most = map(int, file.read().split())
    return most - allocated


def available_memory() -> int:
    """Bytes that the machine can still give without swapping."""
    return _sum_of("/proc/meminfo", (b"MemAvailable:",))
