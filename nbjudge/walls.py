"""The two walls around submitted code.

The outer wall is bubblewrap around one server process: no network, a read-only system, and of the course nothing. The
inner wall is entered by the fork that runs one submission: namespaces of its own, no capabilities, no way to more.
Both hold for an ordinary user and for root, who becomes an unprivileged user between the walls.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NONE = "WARNING: there is no sandbox: submitted code runs with all your rights and can read and change everything."
"""What is said whenever submitted code runs without walls."""

NOBODY = 65534
"""User and group that root becomes."""

_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
_NAMESPACES = ("--unshare-ipc", "--unshare-net", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try")
_CAPABILITIES_OF_ROOT = ("CAP_SETGID", "CAP_SETUID", "CAP_SYS_ADMIN")

_NEW_USER, _NEW_MOUNTS, _NEW_PIDS, _NEW_IPC, _NEW_NETWORK = (
    0x10000000, 0x00020000, 0x20000000, 0x08000000, 0x40000000,
)  # fmt: skip
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_NO_SET_UID, _NO_DEVICES, _NO_PROGRAMS = 0x2, 0x4, 0x8
_DROP_BOUNDING, _NO_NEW_PRIVILEGES, _DUMPABLE = 24, 38, 4
_CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class NoSandboxError(Exception):
    """Submitted code cannot be walled in on this machine; the text says why and what to do."""


def outer_wall(
    command: Sequence[str],
    *,
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
    tmp_bytes: int = 2**28,
) -> list[str]:
    """The command that runs another one behind the outer wall.

    Args:
        command: what is run; its first act must be `become_nobody`.
        readable: folders that it may read, besides the system and the running Python.
        environment: its whole environment.
        tmp_bytes: size of its ``/tmp``.

    Raises:
        NoSandboxError: if bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise NoSandboxError("bubblewrap is not installed; install the package bubblewrap.")
    as_root = os.geteuid() == 0
    words = [program, *_NAMESPACES, "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    if as_root:  # the process table that bubblewrap mounts for root has covers, below which no other may be mounted
        words += ["--dir", "/proc"]
        for capability in _CAPABILITIES_OF_ROOT:
            words += ["--cap-add", capability]
    else:
        words += ["--unshare-user", "--proc", "/proc"]
    words += ["--dev", "/dev", "--perms", "1777", "--size", str(tmp_bytes), "--tmpfs", "/tmp"]  # noqa: S108, inside
    paths = dict.fromkeys([*map(Path, _SYSTEM), Path(sys.prefix), Path(sys.base_prefix), *readable])
    for folder in dict.fromkeys(parent for path in paths for parent in list(path.parents)[-2::-1]):
        if str(folder) not in (*_SYSTEM, "/tmp"):  # noqa: S108, inside
            words += ["--perms", "0755", "--dir", str(folder)]
    for path in paths:
        words += ["--symlink", str(path.readlink()), str(path)] if path.is_symlink() else _read_only(path)
    for folder in ("/dev", "/"):  # of an ordinary user, these would be the submission's to write
        words += ["--remount-ro", folder]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", "/", "--", *command]


def become_nobody() -> None:
    """Between the walls: root mounts the process table and becomes an unprivileged user; others are that already."""
    if os.geteuid() == 0:
        _mount("proc", "/proc", _NO_SET_UID | _NO_DEVICES | _NO_PROGRAMS)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _check(_libc.prctl(_DUMPABLE, 0, 0, 0, 0), "prctl")


def leave_network() -> None:
    """Cut the calling process and its children off from every network, loopback included."""
    user, group = os.geteuid(), os.getegid()
    _check(_libc.unshare(_NEW_NETWORK if user == 0 else _NEW_USER | _NEW_NETWORK), "unshare")
    if user != 0:
        _map_to_itself(user, group)


def enter_inner_wall(*, tmp_bytes: int = 2**26, kept: Sequence[str] = ()) -> None:
    """Wall in the calling process, a fresh single-threaded fork; it goes on as the first process of its namespaces.

    The caller's own process waits for that one and ends as it does. Ending it ends everything started in it.

    Args:
        tmp_bytes: size of ``/tmp`` and of ``/dev/shm``.
        kept: folders below ``/tmp`` that stay readable.

    Raises:
        OSError: if the machine refuses a part of the wall; nothing may be run then.
    """
    user, group = os.geteuid(), os.getegid()
    _check(_libc.prctl(_DUMPABLE, 1, 0, 0, 0), "prctl")  # or the maps below are not ours to write
    _check(_libc.unshare(_NEW_USER | _NEW_MOUNTS | _NEW_PIDS | _NEW_IPC), "unshare")
    _map_to_itself(user, group)
    first = os.fork()
    if first:
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _mount("none", "/", _RECURSIVE | _PRIVATE, kind="none")
    _mount("proc", "/proc", _NO_SET_UID | _NO_DEVICES | _NO_PROGRAMS)
    held = {folder: os.open(folder, os.O_PATH) for folder in kept}
    room = f"size={tmp_bytes},nr_inodes={tmp_bytes // 2**12},mode=1777"  # empty files cost the system memory, too
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108, its own
        _mount("tmpfs", folder, _NO_SET_UID | _NO_DEVICES, options=room)
    for folder, descriptor in held.items():
        Path(folder).mkdir(parents=True)
        _mount(f"/proc/self/fd/{descriptor}", folder, _BIND | _RECURSIVE, kind="none")
        os.close(descriptor)
    Path("/proc/sys/user/max_user_namespaces").write_text("0", "ascii")
    _drop_capabilities()
    _check(_libc.prctl(_DUMPABLE, 0, 0, 0, 0), "prctl")


def _map_to_itself(user: int, group: int) -> None:
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")


def _read_only(path: Path) -> list[str]:
    return ["--ro-bind-try", str(path), str(path)]


def _mount(source: str, target: str, flags: int, *, kind: str | None = None, options: str = "") -> None:
    words = [word.encode() for word in (source, target, kind or source)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def _drop_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text("ascii"))
    for capability in range(last + 1):
        _check(_libc.prctl(_DROP_BOUNDING, capability, 0, 0, 0), "prctl")
    header, none = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, none), "capset")
    _check(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")


def _check(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def why_not() -> str | None:
    """Why submitted code cannot be walled in here, None if it can."""
    package = Path(__file__).resolve().parent
    probe = f"import sys; sys.path.append({str(package.parent)!r}); from nbjudge import walls"
    probe += "; walls.become_nobody(); walls.enter_inner_wall()"
    try:
        command = outer_wall([sys.executable, "-I", "-c", probe], readable=[package])
    except NoSandboxError as reason:
        return str(reason)
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603, a command of our own
    return None if result.returncode == 0 else (result.stderr.strip().splitlines() or ["it ended without a word"])[-1]
