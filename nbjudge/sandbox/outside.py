"""The grader's side of the sandbox: a server behind the outer wall, a session for each submission."""

from __future__ import annotations

import dataclasses
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge import PACKAGE
from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.sandbox import cgroups, walls
from nbjudge.sandbox.protocol import Failed, Open, Warm, read
from nbjudge.sandbox.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbjudge.limits import Limits

_WARM_SECONDS = 120
_GRACE = 10.0
_KILLED = (-9, 128 + 9)
_START = """
import sys
sys.path.append({root!r})
from nbjudge.sandbox.inside.server import main
main({descriptor}, walled={walled}, figures={figures!r}, private={private!r}, kept={kept!r})
"""
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LOGNAME": "student",
    "HOME": "/tmp",  # noqa: S108, inside
    "TMPDIR": "/tmp",  # noqa: S108, inside
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108, inside
    "IPYTHONDIR": "/tmp/ipython",  # noqa: S108, inside
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "NBGRADER_EXECUTION": "autograde",
}


class Sandbox:
    """A server that starts sessions; it warms up by itself meanwhile.

    Args:
        walled: whether submitted code is walled in; without, it may do whatever the grader may.
        figures: ``draw``, or ``skip`` for a note in the place of figures.
        private: modules that submitted code must not find.

    Raises:
        NoSandboxError: if bubblewrap is missing.
    """

    def __init__(self, *, walled: bool = True, figures: str = "draw", private: Sequence[str] = ()) -> None:
        self.walled = walled
        self._cgroups = cgroups.delegated() if walled else None
        self._channel, theirs = Channel.pair()
        given = (PACKAGE, Path(sys.prefix), Path(sys.base_prefix))
        paths = {str(path) for path in (*given, *(path.resolve() for path in given))}
        start = _START.format(
            root=str(PACKAGE.parent),
            descriptor=theirs.fileno(),
            walled=walled,
            figures=figures,
            private=list(private),
            kept=sorted(path for path in paths if path.startswith(("/tmp/", "/dev/shm/"))),  # noqa: S108, inside
        )
        command = [sys.executable, "-I", "-c", start]
        if walled:
            command = walls.outer_wall(command, readable=[PACKAGE], environment=_ENVIRONMENT)
        self._process = subprocess.Popen(  # noqa: S603, a command of our own
            command,
            env={**os.environ, **_ENVIRONMENT},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        theirs.close()
        self._is_warm = False

    @property
    def has_ended(self) -> bool:
        """Whether the server is gone."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait until the server is warm.

        Raises:
            NoSandboxError: if it does not start.
            ChannelClosed: if it was ended from outside.
        """
        if not self._is_warm:
            self._await_warmth()
            self._is_warm = True

    def open(self, limits: Limits, files: dict[str, bytes]) -> Session:
        """Start a session with its own wall, files and limits.

        Raises:
            NoSandboxError: if the server does not start or the inner wall cannot be put up.
            ChannelClosed: if the server was ended.
        """
        self.wait()
        ours, theirs = Channel.pair()
        self._channel.hand_over(theirs)
        cgroup = self._cgroup(limits)
        held = cgroup.opened() if cgroup else []
        ours.send([dataclasses.asdict(limits.without_reference()), files], held)
        for descriptor in held:
            os.close(descriptor)
        if isinstance(answer := read(ours.receive(), Open, Failed), Failed):
            raise walls.NoSandboxError(f"the inner wall cannot be put up: {answer.words.strip()}")
        return Session(ours, limits, cgroup)

    def close(self) -> None:
        """End the server and everything behind its wall."""
        self._channel.hang_up()
        self._channel.close()
        with self._process:  # leaving it closes the pipe of its errors
            try:
                self._process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _cgroup(self, limits: Limits) -> cgroups.Cgroup | None:
        """A cgroup for a session; without one, its supervisor counts alone."""
        try:
            return cgroups.Cgroup(self._cgroups, limits) if self._cgroups else None
        except OSError:
            return None

    def _await_warmth(self) -> None:
        ready, _, _ = select.select([self._channel], [], [], _WARM_SECONDS)
        reason = "" if ready else f"it is not ready after {_WARM_SECONDS} seconds"
        if ready:
            try:
                answer = read(self._channel.receive(), Warm, Failed)
            except ChannelClosed:
                if self._process.wait() in _KILLED:
                    raise ChannelClosed("the server was ended from outside") from None
            else:
                if not isinstance(answer, Failed):
                    return
                reason = answer.words
        self._process.kill()
        _, told = self._process.communicate()
        lines = (reason or told.decode("utf-8", "replace")).strip().splitlines() or ["it ended without a word"]
        raise walls.NoSandboxError(f"the sandbox does not start: {lines[-1]}")
