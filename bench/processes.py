"""What a process and its descendants use, and which of them is looked at."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def cpu_of(pids: list[int]) -> float:
    """Processor seconds of processes and of those of their children that have ended."""
    seconds = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        seconds += sum(map(int, fields[11:15])) / _TICKS
    return seconds


def busy() -> float:
    """Processor seconds of the whole machine so far; nothing else should run while it is measured."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq = map(int, fields[:7])
    return (user + nice + system + irq + softirq) / _TICKS


def memory_of(pids: list[int]) -> int:
    """Bytes of memory of processes, pages that several share counted once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


class PeakMemory:
    """Samples the memory of this process's descendants while a block runs."""

    def __init__(self) -> None:
        self.bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(1.0):
            self.bytes = max(self.bytes, memory_of(family(os.getpid())[1:]))


def tell(measured: str) -> None:
    """Say what is measured now."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {measured}\n")
