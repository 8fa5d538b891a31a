"""Workers: processes that grade one submission after the other and know no gradebook.

All workers of a run are forks of one process, which has imported what tests import and started the sandbox.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nbjudge.channel import ChannelClosed
from nbjudge.errors import CourseSetupError
from nbjudge.forks import die_with_parent, reap
from nbjudge.submissions import Unreadable, parse_notebook
from nbjudge.walls import NoSandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbjudge.graded import Graded
    from nbjudge.limits import Limits
    from nbjudge.sandbox import Sandbox
    from nbjudge.settings import NbJudge
    from nbjudge.stored import StoredNotebook

_PACKAGE = Path(__file__).resolve().parent
_START = "import sys; sys.modules.setdefault('rfc3987_syntax'); from nbjudge.worker import main; main({descriptors})"


@dataclass(frozen=True)
class Task:
    """What a worker needs for one submission.

    Args:
        notebook: name of the notebook.
        content: the file that was handed in.
        limits: what the submission may use.
        language: of the messages.
        files: companion files by their path in the working directory.
    """

    notebook: str
    content: bytes
    limits: Limits
    language: str
    files: dict[str, bytes] = field(default_factory=dict)


class WorkerDied(Exception):
    """The worker ended before it answered; the submission is as it was and can be graded again."""

    def __init__(self) -> None:
        super().__init__("the process that graded it was ended; grade it again.")


class Workers:
    """The process that workers are forks of.

    Args:
        stored: the course's own cells of each notebook.
        root: the folder that holds the modules which tests import; also the working directory of the tests.
        walled: whether submitted code is walled in.
        figures: ``draw`` or ``skip``.
        private: modules that submitted code must not find.
    """

    def __init__(
        self,
        stored: Mapping[str, StoredNotebook],
        root: Path,
        *,
        walled: bool = True,
        figures: str = "draw",
        private: Sequence[str] = (),
    ) -> None:
        (asked, asks), (told, tells) = socket.socketpair(), socket.socketpair()
        paths = [str(_PACKAGE.parent), str(root), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603, a command of our own
            [sys.executable, "-P", "-c", _START.format(descriptors=f"{asked.fileno()}, {told.fileno()}")],
            pass_fds=[asked.fileno(), told.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        asked.close()
        told.close()
        self._asks = asks
        self._lock = threading.Lock()
        sandbox = {"walled": walled, "figures": figures, "private": list(private)}
        with Connection(tells.detach()) as settings:
            settings.send({"stored": dict(stored), "folder": root, "sandbox": sandbox})

    @classmethod
    def of_course(cls, settings: NbJudge, root: Path, stored: Mapping[str, StoredNotebook]) -> Workers:
        """Workers with the settings of a course, which lies in the folder `root`."""
        private = settings.private_modules
        return cls(stored, root, walled=settings.walled, figures=settings.figures, private=private)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def start(self) -> Worker:
        """Start a worker.

        Raises:
            WorkerDied: if the process was ended.
        """
        ours, theirs = socket.socketpair()
        try:
            with self._lock:
                socket.send_fds(self._asks, [b"."], [theirs.fileno()])
        except OSError:
            raise WorkerDied from None
        theirs.close()
        return Worker(Connection(ours.detach()))

    def close(self) -> None:
        """End the process, all workers and the sandbox, whatever they are doing."""
        self._process.kill()
        self._process.wait()
        self._asks.close()


class Worker:
    """Talks to one worker."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def grade(self, task: Task) -> Graded:
        """Grade one submission.

        Raises:
            Unreadable: if it is no notebook.
            CourseSetupError: if the course's own cells cannot be run.
            NoSandboxError: if there is no sandbox.
            WorkerDied: if the worker was ended.
        """
        try:
            self._connection.send(task)
            answer = self._connection.recv()
        except (EOFError, OSError):
            self._connection.close()
            raise WorkerDied from None
        if isinstance(answer, Exception):
            raise answer
        return answer


def main(asked: int, told: int) -> None:
    """Start workers until the grader is gone.

    Args:
        asked: descriptor of a socket; each byte comes with the descriptor of a worker's connection.
        told: descriptor of the connection on which the settings come.
    """
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then ends this process
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Connection(told) as connection:
        settings = connection.recv()
    problem, sandbox = None, None
    try:
        sandbox = _sandbox(settings["sandbox"])
        _prepare(settings["stored"])
        sandbox.wait()
    except (CourseSetupError, NoSandboxError) as reason:
        problem = reason
    except ChannelClosed:  # the sandbox was ended from outside; the grader starts all anew
        return
    requests = socket.socket(fileno=asked)
    while True:
        byte, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
        if not byte or (problem is None and sandbox.has_ended):
            return
        if os.fork() == 0:
            requests.close()
            _serve(Connection(descriptors[0]), problem, sandbox, settings)
        os.close(descriptors[0])
        reap()


def _serve(connection: Connection, problem: Exception | None, sandbox: Sandbox | None, settings: dict) -> NoReturn:
    """Be a worker, until the grader hangs up or the sandbox is ended from outside."""
    die_with_parent()
    try:
        while True:
            task: Task = connection.recv()
            connection.send(problem or _graded(task, sandbox, settings))
    except (EOFError, ChannelClosed):
        os._exit(0)
    finally:
        os._exit(1)


def _graded(task: Task, sandbox: Sandbox, settings: dict[str, Any]) -> Graded | Exception:
    from nbjudge.grading import grade

    try:
        return grade(
            parse_notebook(f"{task.notebook}.ipynb", task.content),
            settings["stored"][task.notebook],
            task.limits,
            sandbox=sandbox,
            files=task.files,
            folder=settings["folder"],
            language=task.language,
        )
    except (Unreadable, CourseSetupError, NoSandboxError) as reason:
        return reason
    except ChannelClosed:
        raise
    except Exception as error:  # noqa: BLE001, one submission must not cost the others
        traceback.print_exc()
        return Unreadable(f"{task.notebook}.ipynb made the grader fail ({type(error).__name__}); please report this.")


def _sandbox(settings: dict[str, Any]) -> Sandbox:
    """The sandbox of these workers, who have no network either."""
    from nbjudge.sandbox import Sandbox
    from nbjudge.walls import leave_network

    if settings["walled"]:
        try:
            leave_network()
        except OSError as error:
            raise NoSandboxError(f"the grader cannot leave the network: {error}.") from None
    return Sandbox(**settings)


def _prepare(stored: Mapping[str, StoredNotebook]) -> None:
    from nbjudge.judge import preload

    try:
        preload(stored.values())
    except Exception as error:
        raise CourseSetupError(f"a locked cell cannot import what it needs: {error!r}.") from error
