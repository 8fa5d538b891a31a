"""Calls of the Linux kernel that Python does not offer, under the names of its manual pages."""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (
    0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE = 1, 2, 3, 4
PR_SET_NAME, PR_GET_NAME, PR_SET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP = 15, 16, 22, 23, 24
PR_SET_TIMERSLACK, PR_GET_TIMERSLACK, PR_SET_CHILD_SUBREAPER = 29, 30, 36
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_VMA = 38, 39, 0x53564D41
SECCOMP_MODE_FILTER = 2
MADV_COLLAPSE = 25

_LINUX_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def prctl(option: int, *arguments: int | ctypes.c_char_p) -> None:
    """Set something of the calling process, as in its manual page.

    Raises:
        OSError: if the kernel refuses.
    """
    _checked(_libc.prctl(option, *arguments, *(0,) * (4 - len(arguments))), "prctl")


def unshare(flags: int) -> None:
    """Have the calling process enter namespaces of its own, as in its manual page.

    Raises:
        OSError: if the kernel refuses.
    """
    _checked(_libc.unshare(flags), f"unshare {flags:#x}")


def mount(source: str, target: str, filesystem: str, flags: int, options: str = "") -> None:
    """Mount a file system or change how one is mounted, as in its manual page.

    Raises:
        OSError: if the kernel refuses.
    """
    words = [word.encode() for word in (source, target, filesystem)]
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def drop_capabilities(last: int) -> None:
    """Give up all capabilities from 0 to the last, also those that a program could bring back, see capabilities(7).

    Raises:
        OSError: if the kernel refuses.
    """
    for capability in range(last + 1):
        prctl(PR_CAPBSET_DROP, capability)
    header, none = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def madvise(start: int, length: int, advice: int) -> bool:
    """Advise how pages are to be held, as in its manual page; whether the kernel took the advice."""
    result: int = _libc.madvise(start, length, advice)
    return result == 0


def _checked(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
