"""A filter of system calls in the language of the kernel (BPF), which the kernel itself applies (seccomp)."""

from __future__ import annotations

import ctypes
import errno
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Step = tuple[int, int, int, int]
    """What is done, how many steps to skip if true and if false, a value."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_LOAD, _AND, _EQUAL, _ABOVE, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _ARGUMENT_BYTES = 0, 4, 16, 8
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38


@dataclass(frozen=True)
class Rule:
    """What an argument of a call must be.

    Args:
        argument: its position, from 0.
        values: what it may be.
        feigned: with what else the call succeeds without being made.
        mask: the bits of it that count.
        error: number of the error that the call gives otherwise.
    """

    argument: int
    values: tuple[int, ...]
    feigned: tuple[int, ...] = ()
    mask: int = 0xFFFFFFFF
    error: int = errno.EPERM


def program(machine: str, *, allowed: Iterable[int], refused: Iterable[int], rules: Mapping[int, Rule]) -> list[Step]:
    """The filter that allows some calls; others fail as if the kernel did not have them.

    Args:
        machine: ``x86_64`` or ``aarch64``.
        allowed: numbers of calls.
        refused: numbers of calls that fail for want of permission.
        rules: for numbers of further calls, when they are allowed.
    """
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number, rule in rules.items():
        body = _obeyed(rule)
        steps += [(_EQUAL, 0, len(body), number), *body]
    for first, last in _runs(refused):
        steps += [(_AT_LEAST, 0, 2, first), (_ABOVE, 1, 0, last), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    for first, last in _runs(allowed):
        steps += [(_AT_LEAST, 0, 2, first), (_ABOVE, 1, 0, last), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]


def install(steps: list[Step]) -> None:
    """Put a filter up for the calling process and all that it starts, for good.

    Raises:
        OSError: if the kernel has no such filters.
    """
    content = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    header = struct.pack("HP", len(steps), ctypes.addressof(content))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # the condition under which an ordinary user may set a filter
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(header), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refuses a filter of calls")


def _obeyed(rule: Rule) -> list[Step]:
    """Allow the call if the low half of its argument, of which the kernel reads no more, is one of the values."""
    skipped = len(rule.values) + len(rule.feigned)
    ends = dict.fromkeys(rule.values, skipped + 1) | dict.fromkeys(rule.feigned, skipped)
    checks = [(_EQUAL, end - position, 0, value & 0xFFFFFFFF) for position, (value, end) in enumerate(ends.items())]
    return [
        (_LOAD, 0, 0, _FIRST_ARGUMENT + _ARGUMENT_BYTES * rule.argument),
        (_AND, 0, 0, rule.mask),
        *checks,
        (_RETURN, 0, 0, _ERROR | rule.error),
        (_RETURN, 0, 0, _ERROR | 0),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The numbers as runs without a gap, each by its first and its last."""
    ordered = sorted(numbers)
    firsts = [number for number in ordered if number - 1 not in ordered]
    lasts = [number for number in ordered if number + 1 not in ordered]
    return zip(firsts, lasts, strict=True)
