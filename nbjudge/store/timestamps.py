"""When a submission was handed in, by the file ``timestamp.txt`` that collecting leaves in its folder."""

from __future__ import annotations

import datetime as dt
import os
import stat
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from nbgrader.utils import parse_utc

from nbjudge.messages import presentable

if TYPE_CHECKING:
    from pathlib import Path

    from nbgrader.coursedir import CourseDirectory

NAME = "timestamp.txt"
_MOST_BYTES = 100
_MOST_QUOTED = 40
_FIRST_YEAR = 2000
_MOST_AHEAD = dt.timedelta(days=2)


class BadTimestamp(ValueError):
    """The file holds no time at which something can have been handed in; the text is a sentence."""


def read_timestamp(coursedir: CourseDirectory, folder: Path) -> dt.datetime | None:
    """The time in the folder of a submission, in UTC without a time zone as nbgrader keeps it.

    Args:
        coursedir: of the course; a course that ignores files of this name believes none of them.
        folder: of the submission.

    Returns:
        None if there is no such file, or an empty one.

    Raises:
        BadTimestamp: if the file holds anything else than one time between the year 2000 and now.
    """
    if any(fnmatch(NAME, pattern) for pattern in coursedir.ignore):
        return None
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadTimestamp(_sentence(f"cannot be read ({error.strerror})")) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadTimestamp(_sentence("is no file"))
        content = os.read(descriptor, _MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    return _time(content) if content.strip() else None


def _time(content: bytes) -> dt.datetime:
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise BadTimestamp(_sentence("is not UTF-8 text")) from None
    try:
        time: dt.datetime | None = parse_utc(text) if len(content) <= _MOST_BYTES else None
    except Exception:  # noqa: BLE001, the parser of dates fails in many ways
        time = None
    if time is None:
        raise BadTimestamp(_sentence(f"holds no time but {presentable(text, _MOST_QUOTED)!r}"))
    if time.year < _FIRST_YEAR or time > dt.datetime.now(dt.UTC).replace(tzinfo=None) + _MOST_AHEAD:
        raise BadTimestamp(_sentence(f"names a time at which nothing was handed in, {time}"))
    return time


def _sentence(what: str) -> str:
    return f"{NAME} {what}; it was passed over, so no late penalty is taken off: look when the work was handed in."
