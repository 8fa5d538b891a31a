"""The calls of the kernel that submitted code may make; all others do not exist for it.

Allowed is what Python, NumPy, torch, matplotlib, IPython, shells and compilers use, as far as it concerns nothing but
the caller's own processes and files. Left out is what is counted for a user or the whole system and so is felt by
others (inotify, epoll, asynchronous input and output, leases, descriptors sent through sockets), what keeps memory that
belongs to no process and no file, and what acts on other processes. A call that is left out fails as on a kernel
without it, so that libraries do without. Locks, which others would meet on devices and files of the system, succeed
without being set.
"""

from __future__ import annotations

import errno
import fcntl
import platform
import socket
import termios
from typing import TYPE_CHECKING

from nbjudge.sandbox import kernel
from nbjudge.sandbox.seccomp import Rule, install, program

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS = {"x86_64": 0, "aarch64": 1}

ALLOWED = {  # number on x86_64, on aarch64
    "accept": (43, 202),
    "accept4": (288, 242),
    "access": (21, None),
    "alarm": (37, None),
    "arch_prctl": (158, None),
    "bind": (49, 200),
    "brk": (12, 214),
    "capget": (125, 90),
    "chdir": (80, 49),
    "chmod": (90, None),
    "chown": (92, None),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "clone": (56, 220),
    "close": (3, 57),
    "close_range": (436, 436),
    "connect": (42, 203),
    "copy_file_range": (326, 285),
    "creat": (85, None),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "eventfd": (284, None),
    "eventfd2": (290, 19),
    "execve": (59, 221),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "fallocate": (285, 47),
    "fchdir": (81, 50),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "fcntl": (72, 25),
    "fdatasync": (75, 83),
    "fgetxattr": (193, 10),
    "flistxattr": (196, 13),
    "flock": (73, 32),
    "fork": (57, None),
    "fstat": (5, 80),
    "fstatfs": (138, 44),
    "fsync": (74, 82),
    "ftruncate": (77, 46),
    "futex": (202, 98),
    "futimesat": (261, None),
    "getcpu": (309, 168),
    "getcwd": (79, 17),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getgroups": (115, 158),
    "getitimer": (36, 102),
    "getpeername": (52, 205),
    "getpgid": (121, 155),
    "getpgrp": (111, None),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getpriority": (140, 141),
    "getrandom": (318, 278),
    "getresgid": (120, 150),
    "getresuid": (118, 148),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "getsid": (124, 156),
    "getsockname": (51, 204),
    "getsockopt": (55, 209),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "getxattr": (191, 8),
    "ioctl": (16, 29),
    "kill": (62, 129),
    "lchown": (94, None),
    "lgetxattr": (192, 9),
    "link": (86, None),
    "linkat": (265, 37),
    "listen": (50, 201),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "lseek": (8, 62),
    "lstat": (6, None),
    "madvise": (28, 233),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "msync": (26, 227),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "newfstatat": (262, 79),
    "open": (2, None),
    "openat": (257, 56),
    "pause": (34, None),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "poll": (7, None),
    "ppoll": (271, 73),
    "prctl": (157, 167),
    "pread64": (17, 67),
    "preadv": (295, 69),
    "prlimit64": (302, 261),
    "pselect6": (270, 72),
    "pwrite64": (18, 68),
    "pwritev": (296, 70),
    "read": (0, 63),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "readv": (19, 65),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "restart_syscall": (219, 128),
    "rmdir": (84, None),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigpending": (127, 136),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigsuspend": (130, 133),
    "rt_sigtimedwait": (128, 137),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "sched_getaffinity": (204, 123),
    "sched_getattr": (315, 275),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_setaffinity": (203, 122),
    "sched_yield": (24, 124),
    "select": (23, None),
    "sendfile": (40, 71),
    "sendto": (44, 206),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "setitimer": (38, 103),
    "setpgid": (109, 154),
    "setrlimit": (160, 164),
    "setsid": (112, 157),
    "setsockopt": (54, 208),
    "shutdown": (48, 210),
    "sigaltstack": (131, 132),
    "signalfd": (282, None),
    "signalfd4": (289, 74),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "stat": (4, None),
    "statfs": (137, 43),
    "statx": (332, 291),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "sysinfo": (99, 179),
    "tgkill": (234, 131),
    "time": (201, None),
    "times": (100, 153),
    "tkill": (200, 130),
    "truncate": (76, 45),
    "umask": (95, 166),
    "uname": (63, 160),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "utime": (132, None),
    "utimensat": (280, 88),
    "utimes": (235, None),
    "vfork": (58, None),
    "wait4": (61, 260),
    "waitid": (247, 95),
    "write": (1, 64),
    "writev": (20, 66),
}

REFUSED = {  # programs go on without these if they are told that they may not
    "ioprio_set": (251, 30),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "setpriority": (141, 140),
}

_NEW_NAMESPACES = 0x7E020000
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_HUGETLB = 0x1, 0x20, 0x40000
_F_OFD_SETLK, _F_OFD_SETLKW, _F_GETPIPE_SZ = 37, 38, 1032
_MADVICE = (*range(5), *range(8, 12), *range(14, 20), 25)  # NORMAL to DONTNEED, FREE to DOFORK, HUGEPAGE to KEEPONFORK
_TCGETS2, _TIOCGSID, _TIOCGPTN, _TIOCSPTLCK, _TIOCGPTPEER = 0x802C542A, 0x5429, 0x80045430, 0x40045431, 0x5441

RULES = {
    "clone": Rule(argument=0, values=(0,), mask=_NEW_NAMESPACES),
    "fcntl": Rule(  # no lease and no notice, which reach others
        argument=1,
        values=(
            fcntl.F_DUPFD,
            fcntl.F_GETFD,
            fcntl.F_SETFD,
            fcntl.F_GETFL,
            fcntl.F_SETFL,
            fcntl.F_DUPFD_CLOEXEC,
            _F_GETPIPE_SZ,
        ),
        feigned=(fcntl.F_SETLK, fcntl.F_SETLKW, _F_OFD_SETLK, _F_OFD_SETLKW),  # others would meet these locks
    ),
    "flock": Rule(  # as above, with or without waiting
        argument=1, values=(), feigned=(fcntl.LOCK_SH, fcntl.LOCK_EX, fcntl.LOCK_UN), mask=0xFFFFFFFF & ~fcntl.LOCK_NB
    ),
    "ioctl": Rule(  # of terminals, and what all descriptors have
        argument=1,
        values=(
            termios.TCGETS,
            termios.TCSETS,
            termios.TCSETSW,
            termios.TCSETSF,
            termios.TCSBRK,
            termios.TCXONC,
            termios.TCFLSH,
            termios.TIOCSCTTY,
            termios.TIOCNOTTY,
            termios.TIOCGPGRP,
            termios.TIOCSPGRP,
            _TIOCGSID,
            termios.TIOCOUTQ,
            termios.TIOCGWINSZ,
            termios.TIOCSWINSZ,
            termios.FIONREAD,
            termios.FIONBIO,
            termios.FIOCLEX,
            termios.FIONCLEX,
            _TCGETS2,
            _TIOCGPTN,
            _TIOCSPTLCK,
            _TIOCGPTPEER,
        ),
        error=errno.ENOTTY,
    ),
    "madvise": Rule(argument=2, values=_MADVICE, error=errno.EINVAL),
    "mmap": Rule(  # shared memory is that of files, which are limited
        argument=3, values=(0, _MAP_SHARED, _MAP_ANONYMOUS), mask=_MAP_SHARED | _MAP_ANONYMOUS | _MAP_HUGETLB
    ),
    "prctl": Rule(
        argument=0,
        values=(
            kernel.PR_SET_PDEATHSIG,
            kernel.PR_GET_PDEATHSIG,
            kernel.PR_GET_DUMPABLE,
            kernel.PR_SET_NAME,
            kernel.PR_GET_NAME,
            kernel.PR_CAPBSET_READ,
            kernel.PR_SET_TIMERSLACK,
            kernel.PR_GET_TIMERSLACK,
            kernel.PR_SET_NO_NEW_PRIVS,
            kernel.PR_GET_NO_NEW_PRIVS,
            kernel.PR_SET_VMA,
        ),
        error=errno.EINVAL,
    ),
    "prlimit64": Rule(argument=0, values=(0,)),  # of oneself
    "sched_setaffinity": Rule(argument=0, values=(0,)),
    "setsockopt": Rule(  # no size of buffers
        argument=2,
        values=(
            socket.SO_REUSEADDR,
            socket.SO_KEEPALIVE,
            socket.SO_LINGER,
            socket.SO_PASSCRED,
            socket.SO_RCVTIMEO,
            socket.SO_SNDTIMEO,
        ),
        error=errno.ENOPROTOOPT,
    ),
    "socket": Rule(argument=0, values=(socket.AF_UNIX,), error=errno.EAFNOSUPPORT),
    "socketpair": Rule(argument=0, values=(socket.AF_UNIX,), error=errno.EAFNOSUPPORT),
}


def refuse_calls() -> None:
    """Leave only these calls to the calling process and all that it starts, for good.

    Raises:
        OSError: if the kernel has no such filters, or the machine is of a kind that is not known here.
    """
    machine = platform.machine()
    if machine not in _COLUMNS:
        raise OSError(f"the calls of a machine of type {machine} are not known")
    allowed, refused = _numbers(ALLOWED, machine), _numbers(REFUSED, machine)
    rules = {allowed.pop(name): rule for name, rule in RULES.items()}
    install(program(machine, allowed=allowed.values(), refused=refused.values(), rules=rules))


def _numbers(calls: Mapping[str, tuple[int, int | None]], machine: str) -> dict[str, int]:
    numbers = {name: both[_COLUMNS[machine]] for name, both in calls.items()}
    return {name: number for name, number in numbers.items() if number is not None}
