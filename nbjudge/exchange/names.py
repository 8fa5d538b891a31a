"""What the name of a submission in the exchange claims, and what of its date is believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nbgrader.utils import parse_utc

MOST_STAMP = 100

_STUDENT = re.compile(r"\w[\w .@+-]{0,99}")
_RANDOM = re.compile(r"\+[A-Za-z0-9_-]{12}$")


class Refused(Exception):
    """An entry of the exchange is passed over; the text says why and ends a sentence."""


@dataclass(frozen=True)
class Name:
    """What the name of a submission's folder claims.

    Args:
        entry: the name itself.
        student: who hands in.
        stamp: when, in UTC without a zone, as nbgrader's gradebook has it.
    """

    entry: str
    student: str
    stamp: datetime


def parse(entry: str, assignment: str) -> Name | None:
    """Read a name ``<student>+<assignment>+<stamp>+<random>``, where a student's name may hold a ``+`` too.

    Args:
        entry: name of a folder, made by anybody.
        assignment: the assignment that is collected.

    Returns:
        None if the name does not speak of this assignment.

    Raises:
        Refused: if it names no student or no date.
    """
    student, mark, end = f"{entry}+".rpartition(f"+{assignment}+")
    if not mark:
        return None
    if not _STUDENT.fullmatch(student):
        raise Refused("its name does not begin with the name of a student")
    stamp = stamp_of(_RANDOM.sub("", end.removesuffix("+")))
    if stamp is None:
        raise Refused("its name holds no date")
    return Name(entry, student, stamp)


def stamp_of(text: str) -> datetime | None:
    """Read a date and time that a student may have written; None if it is none."""
    if len(text) > MOST_STAMP:
        return None
    try:
        stamp: datetime = parse_utc(text)
    except Exception:  # noqa: BLE001, dateutil may fail anywhere on what is no date
        return None
    return stamp


def checked_stamp(claimed: datetime, changed: int, *, tolerance: float) -> datetime:
    """When a submission was handed in: as claimed if the file system agrees, else when it last changed.

    Args:
        claimed: by the student, in UTC without a zone.
        changed: by the clock of the file system, in nanoseconds since the epoch.
        tolerance: seconds by which the clocks may differ.
    """
    known = datetime.fromtimestamp(changed / 1e9, UTC).replace(tzinfo=None)
    return min(claimed, known) if abs(known - claimed) <= timedelta(seconds=tolerance) else known
