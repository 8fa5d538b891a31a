"""What protects the grader on this machine."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.sandbox import bubblewrap, walls
from nbjudge.sandbox.cgroups import memory_protection
from nbjudge.sandbox.outside import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbgrader.coursedir import CourseDirectory

    from nbjudge.settings import NbJudge


_REMEDIES = {
    "unshare the network": "the kernel must allow network namespaces: `sysctl user.max_net_namespaces` must not be 0.",
    "mount /dev/pts": "each submission has terminals of its own: the kernel must allow to mount devpts in a namespace.",
    "users of submissions": "root must be allowed to write /proc/PID/uid_map; a container may need `--cap-add SETUID`.",
    "a filter of calls": "the kernel must have filters of system calls (CONFIG_SECCOMP_FILTER).",
    "a machine of type": "submissions can be walled in on x86_64 and aarch64 only; grade on such a machine.",
}
"""What to do when a part of the inner wall cannot be put up, by words of the error."""


@dataclass(frozen=True)
class Check:
    """One protection.

    Args:
        what: what it is.
        holds: whether it holds here.
        remedy: how to get it.
        is_needed: whether grading is unsafe without it.
    """

    what: str
    holds: bool
    remedy: str = ""
    is_needed: bool = True


def checks(settings: NbJudge, coursedir: CourseDirectory) -> Iterator[Check]:
    """Try every protection."""
    program = bubblewrap.found()
    yield Check(
        f"bubblewrap is installed{f' ({program})' if program else ''}",
        program is not None,
        "install it: `apt-get install bubblewrap`, `dnf install bubblewrap`.",
    )
    reason = walls.why_not() if program else "bubblewrap is missing."
    yield Check(f"both walls stand{f': {reason}' if reason else ''}", reason is None, remedy(reason or ""))
    if reason is None:
        yield Check(
            "submissions that are graded side by side are different users of the system",
            walls.has_free_users(),
            "they share what the system counts for a user, such as pages of pipes, and two that cooperate could tell "
            "each other something by that; grade as root, who becomes other users, or with `--jobs 1`.",
            is_needed=False,
        )
        yield Check(
            "the kernel itself limits all memory of a submission together (a cgroup)",
            memory_protection() == "cgroup",
            "start nbjudge by `systemd-run --scope -p Delegate=yes` (`--user` for an ordinary user); without, memory "
            "is counted several times a second.",
            is_needed=False,
        )
        try:
            sandbox = Sandbox(figures=settings.figures, private=settings.private_modules)
            sandbox.wait()
            sandbox.close()
            problem = None
        except walls.NoSandboxError as error:
            problem = str(error)
        yield Check(
            f"the sandbox starts, and {', '.join(settings.private_modules)} do not exist in it"
            + (f": {problem}" if problem else ""),
            problem is None,
            "install the course as editable (`pip install -e .`), so that its modules are not in the environment.",
        )
    yield Check(
        "the course is set to refuse grading without a sandbox",
        settings.walled,
        "remove `c.NbJudge.sandbox = 'none'` from nbgrader_config.py.",
    )
    database = Path(coursedir.db_url.removeprefix("sqlite:///"))
    if coursedir.db_url.startswith("sqlite:///") and database.exists():
        open_to_all = bool(database.stat().st_mode & stat.S_IROTH)
        yield Check(
            f"other users of this machine cannot read the gradebook ({database})",
            not open_to_all,
            f"`chmod o= {database}`; submissions cannot reach it, but other users can.",
            is_needed=False,
        )


def remedy(reason: str) -> str:
    """What to do when the walls do not stand.

    Args:
        reason: why, in the words of `walls.why_not`.
    """
    for part, remedy_of_part in _REMEDIES.items():
        if part in reason:
            return remedy_of_part
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "a container must allow namespaces: `docker run --security-opt seccomp=unconfined "
            "--security-opt systempaths=unconfined --security-opt apparmor=unconfined …`, as root or not."
        )
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.exists() and restricted.read_text().strip() == "1":
        return (
            "Ubuntu 24.04 and later forbid user namespaces to programs without a profile; allow them to bwrap and "
            "Python by a profile with `userns,` in /etc/apparmor.d/, or for all by "
            "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`."
        )
    cloned = Path("/proc/sys/kernel/unprivileged_userns_clone")
    if cloned.exists() and cloned.read_text().strip() == "0":
        return "user namespaces are switched off: `sysctl -w kernel.unprivileged_userns_clone=1`."
    if os.geteuid() == 0 and not _readable_by_others(Path(sys.prefix)):
        return (
            f"root's worker becomes an unprivileged user, who cannot read {sys.prefix}; "
            "put the virtual environment where everybody may read it."
        )
    return "the kernel must allow user namespaces: `sysctl user.max_user_namespaces` must not be 0."


def _readable_by_others(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])
