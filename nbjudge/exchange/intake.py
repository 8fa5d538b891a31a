"""Read a submission in the exchange, where its author and others may change it at any moment."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbjudge.exchange.names import Refused
from nbjudge.submission.companions import Companions, LeftOut, files_below, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from nbjudge.exchange.names import Name

STAMP_FILE = "timestamp.txt"
SECRET_FILE = "submission_secret.txt"  # noqa: S105, the name of nbgrader's file

_SECRET = re.compile(rb"[0-9a-f]{128}")
_COMPLETE = 0o777


@dataclass(frozen=True)
class Attempt:
    """A complete submission in the exchange.

    Args:
        name: what its name claims.
        owner: the user who made its folder.
        changed: when its folder last changed, in nanoseconds since the epoch; only root can set that back.
        secret: names its feedback.
    """

    name: Name
    owner: int
    changed: int
    secret: str


@contextmanager
def opened(path: str | Path, *, inside: int | None = None) -> Iterator[int]:
    """Open a folder that is no link.

    Args:
        path: of the folder.
        inside: descriptor of the folder that a relative path starts from.

    Raises:
        Refused: if it is no folder or cannot be opened.
    """
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inside)
    except OSError as error:
        is_other = error.errno in (errno.ENOTDIR, errno.ELOOP)
        reason = "it is no folder, or a link" if is_other else f"it cannot be opened ({error.strerror})"
        raise Refused(reason) from None
    try:
        yield folder
    finally:
        os.close(folder)


def look(inbound: int, name: Name) -> Attempt:
    """Find out whose a submission is and whether it is complete.

    Args:
        inbound: descriptor of the folder of all submissions.
        name: of the submission.

    Raises:
        Refused: if it is not complete or no folder.
    """
    with opened(name.entry, inside=inbound) as folder:
        return _attempt(folder, name)


def take(inbound: int, attempt: Attempt, *, ignored: Iterable[str] = (), most_bytes: int) -> tuple[Attempt, Companions]:
    """Read a submission; nothing but regular files of its owner comes along.

    Args:
        inbound: descriptor of the folder of all submissions.
        attempt: what a look at it gave.
        ignored: patterns of names that are passed over.
        most_bytes: size of a file that is read.

    Returns:
        The attempt as it is now, and its files, without the two that `Attempt` stands for.

    Raises:
        Refused: if it is not what it was.
    """
    with opened(attempt.name.entry, inside=inbound) as folder:
        again = _attempt(folder, attempt.name)
        if again.owner != attempt.owner:
            raise Refused("it changed hands while it was read")
        found = files_below(
            folder, ignored=[*ignored, STAMP_FILE, SECRET_FILE], most_bytes=most_bytes, owner=attempt.owner
        )
    return again, found


def read_secret(folder: int, *, owner: int | None = None) -> str:
    """Read the secret of a submission, which names its feedback.

    Raises:
        LeftOut: if there is none that nbgrader wrote.
    """
    data = read_regular(SECRET_FILE, folder, most=len("0" * 128), owner=owner).data
    if not _SECRET.fullmatch(data):
        raise LeftOut("it holds no secret")
    return data.decode("ascii")


def _attempt(folder: int, name: Name) -> Attempt:
    status = os.fstat(folder)
    try:
        secret = read_secret(folder, owner=status.st_uid)
    except LeftOut as reason:
        raise Refused(f"it is not complete, {SECRET_FILE}: {reason}") from None
    if stat.S_IMODE(status.st_mode) & _COMPLETE != _COMPLETE:  # `nbgrader submit` sets it as its last step
        raise Refused("it is not complete, its copying has not ended")
    return Attempt(name, status.st_uid, status.st_ctime_ns, secret)
