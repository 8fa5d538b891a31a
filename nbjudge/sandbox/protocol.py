"""Every message between the grader, the server behind the outer wall, a supervisor and a submission's process.

On the wire a message is a list: its kind, then its fields. Who reads says which kinds may come; anything else is no
message. Nothing is believed of what the submission's process says but that it said so.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_origin, get_type_hints

from nbjudge.reasons import Reason


@dataclass(frozen=True)
class Message:
    """One message."""

    kind: ClassVar[str]

    def __init_subclass__(cls, kind: str) -> None:
        cls.kind = kind

    def as_data(self) -> list[Any]:
        """The message as it is sent; beside submitted code, which may have patched them, without builtins."""
        return [self.kind, *self.__dict__.values()]


def read(data: Any, *expected: type[Message]) -> Message | None:
    """The message that was sent as `as_data` says, None if it is none of the expected kinds."""
    match data:
        case [str(kind), *values]:
            found = next((one for one in expected if one.kind == kind), None)
            types = _types(found) if found else ()  # type: ignore[arg-type]  # mypy asks its instances for a hash
            if found and len(types) == len(values) and all(map(_is_of, values, types)):
                return found(*map(_converted, values, types))
    return None


@functools.cache
def _types(message: type[Message]) -> tuple[Any, ...]:
    hints = get_type_hints(message)
    return tuple(hints[field.name] for field in fields(message))


def _is_of(value: Any, expected: Any) -> bool:
    if expected is Any:
        return True
    if expected is Reason:
        return value in Reason.__members__.values()
    if expected is float:
        return type(value) in (int, float)
    return type(value) is (get_origin(expected) or expected)


def _converted(value: Any, expected: Any) -> Any:
    return Reason(value) if expected is Reason else value


# From the server to the grader, and from a supervisor before it obeys.


@dataclass(frozen=True)
class Warm(Message, kind="warm"):
    """The server is ready."""


@dataclass(frozen=True)
class Open(Message, kind="open"):
    """The inner wall stands."""


@dataclass(frozen=True)
class Failed(Message, kind="failed"):
    """The server or a supervisor cannot go on.

    Args:
        words: the last line of its traceback.
        is_by_machine: whether that was for want of what the machine gives.
    """

    words: str
    is_by_machine: bool


# From the grader to a supervisor.


@dataclass(frozen=True)
class Steps(Message, kind="steps"):
    """Start the submission's process; a descriptor of its channel comes along.

    Args:
        steps: name and source of a cell, or the number of a place that gets a snapshot.
    """

    steps: list[Any]


@dataclass(frozen=True)
class Keep(Message, kind="keep"):
    """A process stays when others are ended: it is a snapshot."""

    pid: int


@dataclass(frozen=True)
class Watch(Message, kind="watch"):
    """Limit what comes now.

    Args:
        cpu: processor seconds.
        wall: seconds.
        interrupts: whether the process is interrupted first, as a person would press the button.
    """

    cpu: float
    wall: float
    interrupts: bool


@dataclass(frozen=True)
class Clear(Message, kind="clear"):
    """End all that is not kept, and say so."""


# From a supervisor to the grader.


@dataclass(frozen=True)
class Ended(Message, kind="ended"):
    """The submission's process has ended, with an exit code."""

    status: int


@dataclass(frozen=True)
class LimitMet(Message, kind="limit"):
    """A limit ended everything that is not kept."""

    reason: Reason

    def as_data(self) -> list[Any]:
        """The message as it is sent."""
        return [self.kind, self.reason.value]


@dataclass(frozen=True)
class Interrupted(Message, kind="interrupted"):
    """The process was interrupted because of a limit, after so many processor seconds."""

    reason: Reason
    used: float

    def as_data(self) -> list[Any]:
        """The message as it is sent."""
        return [self.kind, self.reason.value, self.used]


@dataclass(frozen=True)
class Cleared(Message, kind="cleared"):
    """All that is not kept has ended.

    Args:
        cpu: processor seconds so far.
        latest: those since the last watch began.
        memory: the most bytes so far.
    """

    cpu: float
    latest: float
    memory: int


# From the submission's process to the grader.


@dataclass(frozen=True)
class Starts(Message, kind="starts"):
    """A cell begins."""

    position: int


@dataclass(frozen=True)
class Shows(Message, kind="shows"):
    """A cell shows something, see `nbjudge.sandbox.inside.shell`."""

    event: Any


@dataclass(frozen=True)
class Ends(Message, kind="ends"):
    """A cell has ended; the number of its execution is whatever the process says."""

    position: int
    number: Any


@dataclass(frozen=True)
class Arrives(Message, kind="place"):
    """The process is at a place and asks for the channel of its snapshot."""

    place: int


@dataclass(frozen=True)
class Left(Message, kind="left"):
    """The snapshot of a place was left: the number of its process, None if there was no room for one."""

    place: int
    pid: Any


@dataclass(frozen=True)
class Ready(Message, kind="ready"):
    """All cells have run."""


FROM_STUDENT = (Starts, Shows, Ends, Arrives, Left, Ready)
