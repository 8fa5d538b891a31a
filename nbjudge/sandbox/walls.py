"""The two walls around submitted code.

The outer wall is bubblewrap around one server process: no network, a read-only system, and of the course nothing. The
inner wall is entered by the fork that runs one submission: namespaces of its own, no capabilities, no way to more.
Both hold for an ordinary user and for root, who becomes an unprivileged user between the walls, another one for each
submission: what the kernel counts for a user is then not shared by submissions that run side by side.
"""

from __future__ import annotations

import os
import resource
import secrets
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from nbjudge import PACKAGE
from nbjudge.sandbox import bubblewrap, kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NO_SANDBOX_WARNING = (
    "WARNING: there is no sandbox: submitted code runs with all your rights and can read and change everything."
)
"""What is said whenever submitted code runs without walls."""

NOBODY = 65534
"""User and group that root becomes where it has no further users."""

USERS = 2**14
"""Of how many users a run by root makes use: its server is one of them, submissions are the others."""

_FREE_USERS = range(0x70000000, 0x80000000)  # given to nobody by any system, and no negative numbers to any program
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
_NAMESPACES = ("--unshare-ipc", "--unshare-net", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try")
_DEVICES = ("full", "null", "random", "urandom")
"""Not zero, whose shared memory belongs to no limited file, and not tty, which keeps when a terminal was used by it."""

_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "ptmx": "pts/ptmx",
    "stderr": "/proc/self/fd/2",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
}
_MOST_TERMINALS = 16
_MOST_PENDING_SIGNALS = 1024
_CAPABILITIES_OF_ROOT = ("CAP_SETGID", "CAP_SETUID", "CAP_SYS_ADMIN")


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
    program = bubblewrap.path()
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
    words += [*_devices(), "--perms", "1777", "--size", str(tmp_bytes), "--tmpfs", "/tmp"]  # noqa: S108, inside
    words += _readable([*map(Path, (*_SYSTEM, sys.prefix, sys.base_prefix, sys.executable)), *readable])
    for folder in ("/dev", "/"):  # of an ordinary user, these would be the submission's to write
        words += ["--remount-ro", folder]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", "/", "--", *command]


def become_nobody() -> Sequence[int]:
    """Between the walls: root mounts the process table and becomes an unprivileged user; others are that already.

    Returns:
        The users that submissions may become; where it is only one, it is oneself.
    """
    if os.geteuid() == 0:
        _mount_processes()
        os.setgroups([])
        if own := has_free_users():
            _enter_free_users()
        _become(0 if own else NOBODY)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    return (os.geteuid(),) if os.geteuid() else range(1, USERS)


def has_free_users() -> bool:
    """Whether submissions that run side by side can be different users of the system."""
    return os.geteuid() == 0 and all(
        any(int(first) <= _FREE_USERS[0] and _FREE_USERS[-1] < int(first) + int(count) for first, _, count in rows)
        for rows in ([line.split() for line in Path(f"/proc/self/{kind}_map").open()] for kind in ("uid", "gid"))
    )


def leave_network() -> None:
    """Cut the calling process and its children off from every network, loopback included."""
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWNET if user == 0 else kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET)
    if user != 0:
        _map_to_itself(user, group)


def enter_inner_wall(*, user: int, tmp_bytes: int = 2**26, kept: Sequence[str] = ()) -> None:
    """Wall in the calling process, a fresh single-threaded fork; it goes on as the first process of its namespaces.

    The caller's own process waits for that one and ends as it does. Ending it ends everything started in it.

    Args:
        user: whom it becomes, one of those that `become_nobody` gives; each submission at one time is another.
        tmp_bytes: size of ``/tmp`` and of ``/dev/shm``.
        kept: folders below ``/tmp`` that stay readable.

    Raises:
        OSError: if the machine refuses a part of the wall; nothing may be run then.
    """
    _become(user)
    resource.setrlimit(resource.RLIMIT_SIGPENDING, (_MOST_PENDING_SIGNALS, _MOST_PENDING_SIGNALS))
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # or the maps below are not ours to write
    group = os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC)
    kernel.unshare(kernel.CLONE_NEWNET)
    _map_to_itself(user, group)
    first = os.fork()
    if first:
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    os.setsid()  # a signal to the own group, and the patience of a session, reach its members in all namespaces
    kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_PRIVATE)
    _mount_processes()
    held = {folder: os.open(folder, os.O_PATH) for folder in kept}
    room = f"size={tmp_bytes},nr_inodes={tmp_bytes // 2**12},mode=1777"  # empty files cost the system memory, too
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108, its own
        kernel.mount("tmpfs", folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, room)
    terminals = f"newinstance,ptmxmode=0666,mode=0600,max={_MOST_TERMINALS}"
    kernel.mount("devpts", "/dev/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, terminals)
    read_only = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NOEXEC
    for device in _DEVICES:  # it can be written as before, but its dates, which the next submission sees, cannot be set
        kernel.mount("none", f"/dev/{device}", "none", read_only)
    for folder, descriptor in held.items():
        Path(folder).mkdir(parents=True)
        kernel.mount(f"/proc/self/fd/{descriptor}", folder, "none", kernel.MS_BIND | kernel.MS_REC)
        os.close(descriptor)
    Path("/proc/sys/user/max_user_namespaces").write_text("0", "ascii")
    kernel.drop_capabilities(int(Path("/proc/sys/kernel/cap_last_cap").read_text("ascii")))
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)


def _become(user: int) -> None:
    if user != os.geteuid():
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def _enter_free_users() -> None:
    """Enter a user namespace whose users are some that this machine has not given to anybody.

    Which, is left to chance, so that two runs at one time, in containers or not, do not have the same.
    """
    first = _FREE_USERS[0] + USERS * secrets.randbelow(len(_FREE_USERS) // USERS)
    entered, enters = os.pipe()
    namespace = Path(f"/proc/{os.getpid()}")
    helper = os.fork()  # it keeps the right to say who is whom
    if helper == 0:
        status = 1
        try:
            os.read(entered, 1)
            for kind in ("uid_map", "gid_map"):
                (namespace / kind).write_text(f"0 {first} {USERS}", "ascii")
            status = 0
        finally:
            os._exit(status)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER)
    finally:
        os.write(enters, b".")
        _, status = os.waitpid(helper, 0)
        os.close(entered)
        os.close(enters)
    if status != 0:
        raise OSError("the users of submissions cannot be set")


def _map_to_itself(user: int, group: int) -> None:
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")


def _devices() -> list[str]:
    """The words for a small ``/dev``; terminals and shared memory are each submission's own."""
    words = ["--perms", "0755", "--tmpfs", "/dev", "--dir", "/dev/pts", "--dir", "/dev/shm"]  # noqa: S108, inside
    for name in _DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in _DEVICE_LINKS.items():
        words += ["--symlink", target, f"/dev/{name}"]
    return words


def _readable(paths: Sequence[Path]) -> list[str]:
    """The words for files and folders that may be read, with the links by which they are reached."""
    links = {link: target for path in paths for link, target in _links(path)}
    real = {path.resolve() for path in paths}
    bound = [path for path in sorted(real) if real.isdisjoint(path.parents)]
    made = [link for link in links if not any(link.is_relative_to(path) for path in bound)]
    words = []
    for folder in dict.fromkeys(parent for path in (*bound, *made) for parent in list(path.parents)[-2::-1]):
        if folder not in (*bound, Path("/tmp")):  # noqa: S108, inside
            words += ["--perms", "0755", "--dir", str(folder)]
    for path in bound:
        words += ["--ro-bind-try", str(path), str(path)]
    for link in made:
        words += ["--symlink", str(links[link]), str(link)]
    return words


def _links(path: Path) -> Iterator[tuple[Path, Path]]:
    """The links on the way to a file, each with what it says."""
    for place in [*reversed(path.parents), path]:
        if place.is_symlink():
            yield place, place.readlink()
            yield from _links(Path(os.path.normpath(place.parent / place.readlink() / path.relative_to(place))))
            return


def _mount_processes() -> None:
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)


def why_not() -> str | None:
    """Why submitted code cannot be walled in here, None if it can."""
    probe = f"import sys; sys.path.append({str(PACKAGE.parent)!r}); from nbjudge.sandbox import walls"
    probe += "; from nbjudge.sandbox.syscalls import refuse_calls; users = walls.become_nobody()"
    probe += "; walls.enter_inner_wall(user=users[0]); refuse_calls()"
    try:
        command = outer_wall([sys.executable, "-I", "-c", probe], readable=[PACKAGE])
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603, a command of our own
    except NoSandboxError as reason:
        return str(reason)
    except OSError as reason:
        return f"{command[0]} does not run: {reason.strerror}."
    return None if result.returncode == 0 else (result.stderr.strip().splitlines() or ["it ended without a word"])[-1]
