"""What processes that fork themselves need: their dead are reaped, and none outlives its parent."""

from __future__ import annotations

import ctypes
import os
import signal

_DIE_WITH_PARENT = 1


def reap() -> None:
    """Forget the children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
