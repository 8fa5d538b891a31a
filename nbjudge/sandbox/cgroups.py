"""A cgroup for each submission, where the system gives the grader a part of its tree (cgroup v2, delegated).

The kernel then counts all memory and processor time of a submission, also what belongs to no process. systemd delegates
to who asks: ``systemd-run --scope -p Delegate=yes nbjudge autograde …``, with ``--user`` for an ordinary user.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbjudge.limits import Limits

_TREE = Path("/sys/fs/cgroup")
_GRADER = "nbjudge-grader"
_CONTROLLERS = {"memory", "pids"}
HELD = {"cgroup.procs": os.O_WRONLY, "cpu.stat": os.O_RDONLY, "memory.events": os.O_RDONLY}
"""The files of a cgroup of which its supervisor holds descriptors."""
_REMOVAL_SECONDS = 5.0


def delegated() -> Path | None:
    """The part of the tree that this process may arrange, None if there is none.

    The processes in it are moved into a cgroup of their own below it, since it may not hold both processes and limits.
    """
    try:
        (own,) = (line[3:] for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines() if line[:3] == "0::")
        top = _TREE / own.lstrip("/")
        if top.name == _GRADER:
            return top.parent
        if os.getxattr(top, "user.delegate") != b"1":
            return None
        if not set((top / "cgroup.controllers").read_text("ascii").split()) >= _CONTROLLERS:
            return None
        _move_away(top)
    except (OSError, ValueError):
        return None
    return top


def memory_protection() -> str:
    """What limits the memory of all processes of a submission together: ``cgroup`` or ``watched``."""
    return "cgroup" if delegated() else "watched"


def _move_away(top: Path) -> None:
    below = top / _GRADER
    below.mkdir(exist_ok=True)
    for pid in (top / "cgroup.procs").read_text("ascii").split():
        with contextlib.suppress(ProcessLookupError):
            (below / "cgroup.procs").write_text(pid, "ascii")
    (top / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in sorted(_CONTROLLERS)), "ascii")


class Cgroup:
    """The cgroup of one submission, as the grader makes and removes it.

    Args:
        top: the part of the tree that is delegated.
        limits: what the submission may use.

    Raises:
        OSError: if it cannot be made.
    """

    def __init__(self, top: Path, limits: Limits) -> None:
        names = (f"nbjudge-{os.getpid()}-{number}" for number in itertools.count())
        self._path = next(path for name in names if not (path := top / name).exists())
        self._path.mkdir()
        self._write("memory.max", limits.total_memory + 2 * limits.disk)
        self._write("pids.max", 2 * limits.processes)
        with contextlib.suppress(FileNotFoundError):  # without swap
            self._write("memory.swap.max", 0)

    def opened(self) -> list[int]:
        """Descriptors for `Member`; the caller closes them."""
        return [os.open(self._path / name, flags) for name, flags in HELD.items()]

    def remove(self) -> None:
        """End what is in it, and remove it."""
        with contextlib.suppress(OSError):
            self._write("cgroup.kill", 1)
        until = time.monotonic() + _REMOVAL_SECONDS
        while time.monotonic() < until:
            try:
                self._path.rmdir()
            except OSError:
                time.sleep(0.005)
            else:
                return

    def _write(self, name: str, value: int) -> None:
        (self._path / name).write_text(str(value), "ascii")


class Member:
    """The same cgroup behind the walls, where it is known by its descriptors only.

    Args:
        descriptors: those of `Cgroup.opened`.
    """

    def __init__(self, descriptors: Sequence[int]) -> None:
        self._processes, self._cpu, self._events = self._descriptors = descriptors
        self._killed = 0

    def join(self) -> None:
        """Move the calling process into it, with all that it will start, and forget about it.

        Where old kernels refuse that to another user, the supervisor counts alone.
        """
        with contextlib.suppress(OSError):
            os.write(self._processes, b"0")
        for descriptor in self._descriptors:
            os.close(descriptor)

    def seconds(self) -> float:
        """Processor seconds of all that was ever in it."""
        return _number(self._cpu, b"usage_usec") / 1e6

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has killed a process in it since this was last asked, because of its memory."""
        before, self._killed = self._killed, _number(self._events, b"oom_kill")
        return self._killed > before


def _number(descriptor: int, name: bytes) -> int:
    lines = os.pread(descriptor, 4096, 0).splitlines()
    return next(int(line.split()[1]) for line in lines if line.split()[0] == name)
