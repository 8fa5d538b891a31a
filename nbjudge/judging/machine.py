"""Whether the machine, and not a submission, may have stopped a test: what the kernel counts for all processes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

_PRESSURE, _COUNTS = Path("/proc/pressure/cpu"), Path("/proc/vmstat")
_WAITED = re.compile(r"^some .*total=(\d+)$", re.MULTILINE)
_KILLED = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_BUSY = 0.5


@dataclass(frozen=True)
class Moment:
    """What had been counted at one time.

    Args:
        time: seconds of a clock.
        waited: seconds in which some process waited for a processor, None if the kernel does not count them.
        killed: processes that were killed for want of memory.
    """

    time: float
    waited: float | None
    killed: int

    @classmethod
    def now(cls) -> Moment:
        """What is counted now."""
        microseconds = _counted(_PRESSURE, _WAITED)
        waited = None if microseconds is None else microseconds / 1e6
        return cls(time.monotonic(), waited, _counted(_COUNTS, _KILLED) or 0)

    def was_busy(self, since: Moment) -> bool:
        """Whether processes had to wait for a processor for half of the time; nobody knows if that is not counted.

        A submission cannot feign it within the limit of one kind of time: who makes others wait uses all processors,
        and so meets the limit of processor time before half of the limit of wall time.
        """
        if self.waited is None or since.waited is None:
            return True
        return self.waited - since.waited >= _BUSY * (self.time - since.time)

    def was_short_of_memory(self, since: Moment) -> bool:
        """Whether the kernel killed a process for want of memory."""
        return self.killed > since.killed


def _counted(path: Path, pattern: re.Pattern[str]) -> int | None:
    try:
        found = pattern.search(path.read_text("ascii"))
    except OSError:
        return None
    return int(found[1]) if found else None
