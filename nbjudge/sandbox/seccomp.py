"""A filter of system calls in the language of the kernel (BPF), which the kernel itself applies (seccomp)."""

from __future__ import annotations

import ctypes
import errno
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbjudge.sandbox import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Step = tuple[int, int, int, int]
    """What is done, how many steps to skip if true and if false, a value."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# What a step does, as in linux/bpf_common.h: load a word of the call, keep bits of it, compare it, return.
_LD_ABS, _AND, _JEQ, _JGT, _JGE, _RET = 0x20, 0x54, 0x15, 0x25, 0x35, 0x06

# Where the words of struct seccomp_data lie, in bytes.
_NR, _ARCH, _ARGS, _ARGUMENT_BYTES = 0, 4, 16, 8

_SECCOMP_RET_ALLOW, _SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000


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
        (_LD_ABS, 0, 0, _ARCH),
        (_JEQ, 1, 0, _ARCHITECTURES[machine]),
        (_RET, 0, 0, _SECCOMP_RET_ERRNO | errno.ENOSYS),
        (_LD_ABS, 0, 0, _NR),
    ]
    for number, rule in rules.items():
        body = _obeyed(rule)
        steps += [(_JEQ, 0, len(body), number), *body]
    for first, last in _runs(refused):
        steps += [(_JGE, 0, 2, first), (_JGT, 1, 0, last), (_RET, 0, 0, _SECCOMP_RET_ERRNO | errno.EPERM)]
    for first, last in _runs(allowed):
        steps += [(_JGE, 0, 2, first), (_JGT, 1, 0, last), (_RET, 0, 0, _SECCOMP_RET_ALLOW)]
    return [*steps, (_RET, 0, 0, _SECCOMP_RET_ERRNO | errno.ENOSYS)]


def install(steps: list[Step]) -> None:
    """Put a filter up for the calling process and all that it starts, for good.

    Raises:
        OSError: if the kernel has no such filters.
    """
    content = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    header = struct.pack("HP", len(steps), ctypes.addressof(content))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)  # the condition under which an ordinary user may set a filter
    try:
        kernel.prctl(kernel.PR_SET_SECCOMP, kernel.SECCOMP_MODE_FILTER, ctypes.c_char_p(header))
    except OSError as error:
        raise OSError(error.errno, "the kernel refuses a filter of calls") from None


def _obeyed(rule: Rule) -> list[Step]:
    """Allow the call if the low half of its argument, of which the kernel reads no more, is one of the values."""
    skipped = len(rule.values) + len(rule.feigned)
    ends = dict.fromkeys(rule.values, skipped + 1) | dict.fromkeys(rule.feigned, skipped)
    checks = [(_JEQ, end - position, 0, value & 0xFFFFFFFF) for position, (value, end) in enumerate(ends.items())]
    return [
        (_LD_ABS, 0, 0, _ARGS + _ARGUMENT_BYTES * rule.argument),
        (_AND, 0, 0, rule.mask),
        *checks,
        (_RET, 0, 0, _SECCOMP_RET_ERRNO | rule.error),
        (_RET, 0, 0, _SECCOMP_RET_ERRNO | 0),
        (_RET, 0, 0, _SECCOMP_RET_ALLOW),
    ]


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The numbers as runs without a gap, each by its first and its last."""
    ordered = sorted(numbers)
    firsts = [number for number in ordered if number - 1 not in ordered]
    lasts = [number for number in ordered if number + 1 not in ordered]
    return zip(firsts, lasts, strict=True)
