"""What forks need: their dead are reaped, none outlives its parent, memory is limited, nothing is said."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import stat

from nbjudge.sandbox import kernel

NO_CORE = 1
"""Bytes of memory that a process may leave when it breaks; at 0 the kernel would still give all of it to a program."""


def reap() -> None:
    """Forget the children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def mute() -> None:
    """Read and write nothing by the standard descriptors, through an opening whose flags nobody else shares."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def reopen_files() -> None:
    """Open anew every file that this process has open, so that it shares place and flags of none with other forks.

    matplotlib, for one, keeps fonts open that it has used: what one submission sets there, all later ones would see.
    """
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208, numbers
        descriptor = int(name)
        try:
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        except OSError:  # the listing's own
            continue
        if is_file:
            access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
            own = os.open(f"/proc/self/fd/{descriptor}", access | os.O_CLOEXEC)
            os.lseek(own, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
            os.dup2(own, descriptor, inheritable=os.get_inheritable(descriptor))
            os.close(own)


def limit_memory(most: int) -> None:
    """Limit the address space of this process to what it has now and `most` bytes more."""
    with open("/proc/self/statm") as file:  # noqa: PTH123, it cannot be a path that is missing
        held = int(file.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + most if hard == resource.RLIM_INFINITY else hard, hard))
