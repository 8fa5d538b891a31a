"""Workers: processes that grade one submission after the other and know no gradebook.

All workers of a run are forks of one process, which has imported what tests import and started the sandbox.

What a file may cost a worker by itself is limited: processor time and memory for reading and writing it, and the time
after which the grader gives up waiting. A worker that met a limit ends, and another one takes its place.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NoReturn, Self

from nbjudge import PACKAGE
from nbjudge.border.channel import ChannelClosed
from nbjudge.errors import CourseSetupError
from nbjudge.judging.dependencies import digest_of_tests
from nbjudge.sandbox.forks import die_with_parent, limit_memory, reap
from nbjudge.sandbox.walls import NoSandboxError
from nbjudge.submission.reading import Unreadable, parse_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nbjudge.judging.graded import Graded
    from nbjudge.limits import Limits
    from nbjudge.sandbox.outside import Sandbox
    from nbjudge.settings import NbJudge
    from nbjudge.submission.blueprint import Blueprint

_MOST_CPU = 60.0
"""Processor seconds of a worker for one submission, those of the submission and of the judge apart."""

_MOST_MEMORY = 2**30
"""Bytes of address space of a worker, above what a new one has."""

_GRACE = 300.0
"""Seconds that a submission may take beyond its own limits, on a busy machine whose sandbox is not yet warm."""

_START = (
    "import sys; sys.modules.setdefault('rfc3987_syntax'); from nbjudge.judging.worker import main; main({descriptors})"
)


@dataclass(frozen=True)
class Task:
    """What a worker needs for one submission.

    Args:
        notebook: name of the notebook.
        content: the file that was handed in.
        limits: what the submission may use, on a machine as fast as that of the reference run.
        language: of the messages.
        files: companion files by their path in the working directory.
    """

    notebook: str
    content: bytes
    limits: Limits
    language: str
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """What all workers of a run share.

    Args:
        blueprints: the course's own cells of each notebook.
        folder: that of the modules which tests import; also the working directory of the tests.
        walled: whether submitted code is walled in.
        figures: ``draw`` or ``skip``.
        private: modules that submitted code must not find.
    """

    blueprints: Mapping[str, Blueprint]
    folder: Path
    walled: bool = True
    figures: str = "draw"
    private: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Warm:
    """What is ready in the process that workers are forks of.

    Args:
        setup: what all workers share.
        sandbox: where submissions run.
        digests: names for everything that decides the verdicts of each notebook.
        workload: seconds of the workload of `nbjudge.judging.speed`, None if they could not be measured.
    """

    setup: Setup
    sandbox: Sandbox
    digests: Mapping[str, str]
    workload: float | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the sandbox was ended from outside."""
        return self.sandbox.has_ended


@dataclass(frozen=True)
class _Unready:
    """Why nothing can be graded, which its workers answer to every task."""

    problem: Exception
    workload: float | None = None
    has_ended: bool = False


class WorkerDied(Exception):
    """The worker ended before it answered; the submission is as it was and can be graded again."""

    def __init__(self) -> None:
        super().__init__("the process that graded it was ended; grade it again.")


class Unforeseen(Exception):
    """The grader failed on a submission in a way that nobody foresaw; the note of this error is the traceback.

    Args:
        name: of the error.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def __str__(self) -> str:
        return f"the grader failed on it ({self.args[0]}); please report this."

    @classmethod
    def of(cls, error: Exception) -> Self:
        """What is told of an error that is being handled."""
        unforeseen = cls(type(error).__name__)
        unforeseen.add_note("".join(traceback.format_exception(error)))
        return unforeseen


class Overrun(Unreadable):
    """A file cost the worker more than one may; the worker has ended or is to be ended."""


class Workers:
    """The process that workers are forks of.

    Args:
        blueprints: the course's own cells of each notebook.
        root: the folder that holds the modules which tests import; also the working directory of the tests.
        walled: whether submitted code is walled in.
        figures: ``draw`` or ``skip``.
        private: modules that submitted code must not find.
    """

    def __init__(
        self,
        blueprints: Mapping[str, Blueprint],
        root: Path,
        *,
        walled: bool = True,
        figures: str = "draw",
        private: Sequence[str] = (),
    ) -> None:
        (asked, asks), (told, tells) = socket.socketpair(), socket.socketpair()
        paths = [str(PACKAGE.parent), str(root), os.environ.get("PYTHONPATH", "")]
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
        with Connection(tells.detach()) as connection:
            connection.send(Setup(dict(blueprints), root, walled, figures, tuple(private)))

    @classmethod
    def of_course(cls, settings: NbJudge, root: Path, blueprints: Mapping[str, Blueprint]) -> Workers:
        """Workers with the settings of a course, which lies in the folder `root`."""
        private = settings.private_modules
        return cls(blueprints, root, walled=settings.walled, figures=settings.figures, private=private)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def start(self) -> Worker:
        """Start a worker, as soon as the sandbox is warm.

        Raises:
            WorkerDied: if the process was ended.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                with self._lock:
                    socket.send_fds(self._asks, [b"."], [theirs.fileno()])
            except OSError:
                raise WorkerDied from None
        return Worker(Connection(ours.detach()))

    def close(self) -> None:
        """End the process, all workers and the sandbox, whatever they are doing."""
        self._process.kill()
        self._process.wait()
        self._asks.close()


class Worker:
    """Talks to one worker.

    Args:
        connection: on which it first says which process it is and how fast the machine.
        grace: seconds that a submission may take beyond its own limits.
    """

    def __init__(self, connection: Connection, *, grace: float = _GRACE) -> None:
        self._connection = connection
        self._grace = grace
        self._pid: int | None = None
        self.workload: float | None = None
        """Seconds of the workload of `nbjudge.judging.speed` on this machine, None if they could not be measured."""

    @property
    def has_ended(self) -> bool:
        """Whether another worker is needed."""
        return self._connection.closed

    def grade(self, task: Task) -> Graded:
        """Grade one submission.

        Raises:
            Unreadable: if it is no notebook.
            Overrun: if it cost more than a submission may; the worker has ended.
            CourseSetupError: if the course's own cells cannot be run.
            NoSandboxError: if there is no sandbox.
            WorkerDied: if the worker was ended from outside.
            Unforeseen: if the worker failed.
        """
        try:
            if self._pid is None:
                self._pid = self._introduced()
            task = replace(task, limits=task.limits.on_machine(self.workload))
            seconds = task.limits.total_wall + task.limits.test_wall + self._grace
            self._connection.send(task)
            has_answered = self._connection.poll(seconds)
            answer: Graded | Exception = (
                self._connection.recv() if has_answered else self._late(self._pid, task, seconds)
            )
        except (EOFError, OSError):
            self._connection.close()
            raise WorkerDied from None
        if isinstance(answer, Overrun):
            self._connection.close()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _introduced(self) -> int:
        """The process of the worker, which it tells first."""
        pid: int
        pid, self.workload = self._connection.recv()
        return pid

    def _late(self, pid: int, task: Task, seconds: float) -> Overrun:
        """End the worker."""
        os.kill(pid, signal.SIGKILL)
        return Overrun(f"{task.notebook}.ipynb was not graded after {seconds:.0f} seconds; look at what it runs.")


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
        setup: Setup = connection.recv()
    try:
        warm = _warmed(setup)
    except ChannelClosed:  # the sandbox was ended from outside; the grader starts all anew
        return
    requests = socket.socket(fileno=asked)
    while True:
        byte, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
        if not byte or warm.has_ended:
            return
        if os.fork() == 0:
            requests.close()
            _serve(Connection(descriptors[0]), warm)
        os.close(descriptors[0])
        reap()


def _warmed(setup: Setup) -> _Warm | _Unready:
    """Start the sandbox and import what tests import, side by side."""
    try:
        sandbox = _sandbox(setup)
        _prepare(setup.blueprints)
        digests = {name: digest_of_tests(one, setup.folder) for name, one in setup.blueprints.items()}
        sandbox.wait()
        return _Warm(setup, sandbox, digests, _workload_seconds())
    except (CourseSetupError, NoSandboxError) as reason:
        return _Unready(reason)


def _serve(connection: Connection, warm: _Warm | _Unready) -> NoReturn:
    """Be a worker, until the grader hangs up, the sandbox is ended from outside or a submission costs too much."""
    die_with_parent()
    limit_memory(_MOST_MEMORY)
    answer = None
    try:
        connection.send((os.getpid(), warm.workload))
        while not isinstance(answer, Overrun):
            task: Task = connection.recv()
            with _Clock(_MOST_CPU):
                answer = warm.problem if isinstance(warm, _Unready) else _graded(task, warm)
            connection.send(answer)
    except (EOFError, ChannelClosed):
        os._exit(0)
    finally:
        os._exit(1)


def _graded(task: Task, warm: _Warm) -> Graded | Exception:
    from nbjudge.judging.grading import grade

    try:
        return grade(
            parse_notebook(f"{task.notebook}.ipynb", task.content),
            warm.setup.blueprints[task.notebook],
            task.limits,
            sandbox=warm.sandbox,
            files=task.files,
            folder=warm.setup.folder,
            language=task.language,
            seed=hashlib.sha256(warm.digests[task.notebook].encode() + task.content).hexdigest(),
        )
    except (Unreadable, CourseSetupError, NoSandboxError) as reason:
        return reason
    except ChannelClosed:
        raise
    except _TimeIsUp:
        return Overrun(f"{task.notebook}.ipynb cost the grader more than {_MOST_CPU:.0f} processor seconds; {_ASK}.")
    except MemoryError:
        return Overrun(f"{task.notebook}.ipynb cost the grader more than {_MOST_MEMORY // 2**20} MB; {_ASK}.")
    except Exception as error:  # noqa: BLE001, one submission must not cost the others
        return Unforeseen.of(error)


_AGAIN = 1.0
_ASK = "ask for it with outputs cleared and without what is not needed"


class _TimeIsUp(BaseException):
    """The worker used up its processor time; no ``except Exception`` of what it does may go on."""


class _Clock:
    """Raises `_TimeIsUp` inside when this process, its children apart, has used so many processor seconds.

    It rings again every second: Python swallows what is raised while an object is deleted.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._ring)
        signal.setitimer(signal.ITIMER_PROF, self._seconds, _AGAIN)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    @staticmethod
    def _ring(*_: object) -> NoReturn:
        raise _TimeIsUp


def _sandbox(setup: Setup) -> Sandbox:
    """The sandbox of these workers, who have no network either."""
    from nbjudge.sandbox.outside import Sandbox
    from nbjudge.sandbox.walls import leave_network

    if setup.walled:
        try:
            leave_network()
        except OSError as error:
            raise NoSandboxError(f"the grader cannot leave the network: {error}.") from None
    return Sandbox(walled=setup.walled, figures=setup.figures, private=setup.private)


def _workload_seconds() -> float | None:
    """How fast this machine is; None, which is told, if that cannot be measured."""
    from nbjudge.judging.speed import workload_seconds

    try:
        return workload_seconds()
    except Exception as error:  # noqa: BLE001, whatever it is, a class can be graded without it
        sys.stderr.write(f"the speed of this machine could not be measured ({error!r}); limits are made larger.\n")
        return None


def _prepare(blueprints: Mapping[str, Blueprint]) -> None:
    from nbjudge.judging.judge import preload

    try:
        preload(blueprints.values())
    except Exception as error:
        raise CourseSetupError(f"a locked cell cannot import what it needs: {error!r}.") from error
