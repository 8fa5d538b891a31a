"""Progress of a long command: on a terminal a line that is rewritten, elsewhere a line now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_SECONDS_BETWEEN_LINES = 15
_CLEAR = "\r\x1b[K"


class Progress:
    """Tells how far a command is.

    Args:
        stream: where it is told.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rewrites = stream.isatty()
        self._told_at = 0.0

    def step(self, text: str) -> None:
        """Say what is done from now on, in a line that stays."""
        self._write(f"{_CLEAR if self._rewrites else ''}{text}\n")

    def so_far(self, text: str) -> None:
        """Say how far the step is, in the place of what was said of it before or only if that is a while ago."""
        if self._rewrites:
            self._write(f"{_CLEAR}  {text}")
        elif time.monotonic() > self._told_at + _SECONDS_BETWEEN_LINES:
            self._write(f"  {text}\n")

    def _write(self, text: str) -> None:
        self._told_at = time.monotonic()
        self._stream.write(text)
        self._stream.flush()
