"""What right answers to a notebook took when they were graded, from which the limits of a submission come."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from nbjudge.files import write_whole

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".run.json"
"""Of the file beside an instructor notebook; it is not released."""

_DIGITS = 4
_SIGNS = 16


class NoReferenceRun(Exception):
    """There is no reference run that can be read; the text is a sentence."""


@dataclass(frozen=True)
class ReferenceRun:
    """What one run of the reference took.

    Args:
        cells: processor seconds of each of the course's own cells, by `digest_of` its source.
        tests: processor seconds of the reference in each test, by grade id.
        slow_cells: the most processor seconds of each of the course's own cells with the slowest right answers known.
        slow_tests: the most processor seconds of these answers in each test.
        slowest: processor seconds of the slowest cell, answers among them.
        seconds: processor seconds of everything.
        memory: most bytes of memory.
        workload: processor seconds of the workload of `nbjudge.judging.speed` on that machine at that time.
    """

    cells: dict[str, float]
    tests: dict[str, float]
    slow_cells: dict[str, float]
    slow_tests: dict[str, float]
    slowest: float
    seconds: float
    memory: int
    workload: float

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            NoReferenceRun: if there is no such file or it is damaged.
        """
        try:
            data = json.loads(path.read_text("utf-8"))["run"]
            return cls(
                cells=_numbers(data["cells"]),
                tests=_numbers(data["tests"]),
                slow_cells=_numbers(data["slow_cells"]),
                slow_tests=_numbers(data["slow_tests"]),
                slowest=_number(data["slowest"]),
                seconds=_number(data["seconds"]),
                memory=int(_number(data["memory"])),
                workload=_number(data["workload"]),
            )
        except OSError:
            raise NoReferenceRun(f"{path.name} is missing") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NoReferenceRun(f"{path.name} is damaged") from None

    def write(self, path: Path, key: str) -> None:
        """Write the run with a name for all that decides it."""
        content = json.dumps({"key": key, "run": _rounded(asdict(self))}, indent=1, sort_keys=True)
        write_whole(path, f"{content}\n".encode())


def key_of_run(path: Path) -> str | None:
    """The name that a run was written with, None if there is none that can be read."""
    try:
        ReferenceRun.read(path)
        key: str = json.loads(path.read_text("utf-8"))["key"]
    except (NoReferenceRun, KeyError):
        return None
    return key


def digest_of(source: str) -> str:
    """A short name for the source of a cell."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:_SIGNS]


def _numbers(values: Any) -> dict[str, float]:
    return {name: _number(value) for name, value in values.items()}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError("not a number of seconds or bytes")
    return value


def _rounded(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    return round(data, _DIGITS)
