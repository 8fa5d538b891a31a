"""One submission inside its wall, as the grader drives it."""

from __future__ import annotations

import contextlib
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.reasons import Reason
from nbjudge.sandbox.protocol import (
    FROM_STUDENT,
    Arrives,
    Clear,
    Cleared,
    Ended,
    Ends,
    Failed,
    Interrupted,
    Keep,
    Left,
    LimitMet,
    Message,
    Ready,
    Shows,
    Starts,
    Steps,
    Watch,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from nbjudge.limits import Limits, Span
    from nbjudge.sandbox.cgroups import Cgroup

_MOST_BYTES = 128 * 2**20
_MOST_MESSAGES = 200_000


@dataclass(frozen=True)
class Use:
    """What a session has used so far.

    Args:
        cpu: processor seconds.
        latest: those since the last cell or test began.
        memory: the most bytes at one time.
    """

    cpu: float
    latest: float
    memory: int


@dataclass(frozen=True)
class Cell:
    """A cell to run: what the student would call it, and its source."""

    name: str
    source: str


@dataclass(frozen=True)
class Stop:
    """Why the cells did not all run.

    Args:
        position: of the cell that ran last.
        reason: why it was stopped.
    """

    position: int
    reason: Reason


class _Control:
    """The line to the supervisor."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.has_failed = False

    def fileno(self) -> int:
        """The descriptor, for `select`."""
        return self._channel.fileno()

    def tell(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Tell the supervisor something."""
        try:
            self._channel.send(message.as_data(), descriptors)
        except ChannelClosed:
            while True:  # until its last words are heard
                self.heard()

    def heard(self) -> Message:
        """Wait for what it says; one that failed, and not for want of what the machine gives, says so."""
        message = read(self._channel.receive(), Ended, LimitMet, Interrupted, Cleared, Failed)
        if message is None:
            raise TypeError("a supervisor says what is no message")
        if isinstance(message, Failed) and not message.is_by_machine:
            self.has_failed = True
        return message

    def close(self) -> None:
        """Give up the line."""
        self._channel.close()


def _ready(ends: Sequence[Channel | _Control], seconds: float | None = None) -> list[Channel | _Control]:
    """Those of some ends on which something waits; None of the seconds waits until there is one."""
    ready, _, _ = select.select(ends, [], [], seconds)
    return ready


class Session:
    """Drives the supervisor of one submission (see `nbjudge.sandbox.inside.supervisor`).

    Args:
        control: the channel to the supervisor.
        limits: what the submission may use.
        cgroup: what it runs in, if anything.
    """

    def __init__(self, control: Channel, limits: Limits, cgroup: Cgroup | None = None) -> None:
        self._control = _Control(control)
        self._limits = limits
        self._cgroup = cgroup
        self._snapshots: dict[int, Channel] = {}
        self.crowded: set[int] = set()
        """Places without a snapshot because there were too many processes to fork one."""

        self.use = Use(0.0, 0.0, 0)

    @property
    def has_failed(self) -> bool:
        """Whether the supervisor failed by itself."""
        return self._control.has_failed

    def run(
        self,
        steps: list[Cell | int],
        *,
        started: Callable[[int], None],
        shows: Callable[[Any], None],
        ended: Callable[[int, object], None],
        interrupted: Callable[[int, Reason, float], None],
    ) -> Stop | None:
        """Run cells in a fresh process and leave snapshots of it, which stay when it ends.

        Args:
            steps: cells, and the numbers of places, each of which gets a snapshot.
            started: learns the position of a cell that begins.
            shows: learns what it shows.
            ended: learns its position and the number of its execution.
            interrupted: learns the position of a cell that was interrupted, the limit and its processor seconds.

        Returns:
            None if all cells ran, otherwise why not.
        """
        ours, theirs = Channel.pair()
        try:
            data = [step if isinstance(step, int) else [step.name, step.source] for step in steps]
            self._control.tell(Steps(data), [theirs.fileno()])
            theirs.close()
            return self._run(ours, steps, started=started, shows=shows, ended=ended, interrupted=interrupted)
        finally:
            ours.hang_up()
            ours.close()
            self.use = self._clear()

    def _run(
        self,
        student: Channel,
        steps: list[Cell | int],
        *,
        started: Callable[[int], None],
        shows: Callable[[Any], None],
        ended: Callable[[int, object], None],
        interrupted: Callable[[int, Reason, float], None],
    ) -> Stop | None:
        sources = {position: step.source for position, step in enumerate(steps) if isinstance(step, Cell)}
        cells = list(sources)
        awaited: dict[int, type[Message]] = {step: Arrives for step in steps if isinstance(step, int)}
        position = cells[0] if cells else 0
        running = None
        self._watch(self._limits.of_cell(""), interrupts=False)
        for message in self._told(student):
            match message:
                case Stop(reason=reason):
                    return Stop(position, reason)
                case Interrupted(reason=reason, used=used):
                    interrupted(position, reason, used)
                case Starts(position=now) if cells[:1] == [now]:  # none begins twice, or before its turn
                    position = running = cells.pop(0)
                    self._watch(self._limits.of_cell(sources[position]), interrupts=True)
                    started(position)
                case Shows(event=event) if running is not None:
                    shows(event)
                case Ends(position=now, number=number) if now == running:
                    ended(now, number)
                case Arrives(place=place) if awaited.get(place) is Arrives:
                    awaited[place] = Left
                    self._hand_over(student, place)
                case Left(place=place, pid=pid) if awaited.get(place) is Left:
                    del awaited[place]
                    self._keep(place, pid)
                case Ready():
                    return None
        return Stop(position, Reason.CRASH)

    def _hand_over(self, student: Channel, place: int) -> None:
        """Give the process a channel for the snapshot that it is about to leave."""
        self._snapshots[place], theirs = Channel.pair()
        with contextlib.suppress(ChannelClosed):  # seen as soon as somebody listens for it
            student.send(None, [theirs.fileno()])
        theirs.close()

    def _keep(self, place: int, pid: object) -> None:
        """Have a snapshot outlive its process. Whoever names another process keeps that one: it is the submission's."""
        if isinstance(pid, int):
            self._control.tell(Keep(pid))
        else:
            self.crowded.add(place)

    def has_snapshot(self, place: int) -> bool:
        """Whether a place has a snapshot, as far as one knows."""
        return place in self._snapshots

    @contextlib.contextmanager
    def company(self, place: int) -> Iterator[Company | None]:
        """Have the snapshot of a place fork itself for tests, one after the other; all that they leave is ended.

        Gives None, and the place has no snapshot any more, if that does not fork.
        """
        ours, theirs = Channel.pair()
        try:
            has_forked = self._forks(self._snapshots[place], theirs)
            if not has_forked:
                self._snapshots.pop(place).close()
            yield Company(ours, self._control) if has_forked else None
        finally:
            ours.hang_up()
            ours.close()
            self.use = self._clear()

    def _forks(self, snapshot: Channel, theirs: Channel) -> bool:
        """Ask a snapshot to fork itself with an end of a channel; whether it did."""
        self._watch(self._limits.of_cell(""), interrupts=False)
        try:
            snapshot.send(None, [theirs.fileno()])
        except ChannelClosed:
            return False
        finally:
            theirs.close()
        while True:
            ready = _ready([snapshot, self._control])
            if snapshot in ready:
                try:
                    if told := snapshot.received():
                        return told == [True]
                except ChannelClosed:
                    return False
            if self._control in ready and isinstance(self._control.heard(), LimitMet):
                return False

    def close(self) -> None:
        """End everything inside the wall."""
        for snapshot in self._snapshots.values():
            snapshot.close()
        self._control.close()
        if self._cgroup:
            self._cgroup.remove()

    def _watch(self, span: Span, *, interrupts: bool) -> None:
        self._control.tell(Watch(span.cpu, span.wall, interrupts))

    def _clear(self) -> Use:
        self._control.tell(Clear())
        while not isinstance(cleared := self._control.heard(), Cleared):
            pass  # what ended meanwhile
        return Use(cleared.cpu, cleared.latest, cleared.memory)

    def _told(self, student: Channel) -> Iterator[Message | Stop | None]:
        """What the process tells, at last a `Stop` if it ended; of that this side believes the supervisor alone."""
        reason = Reason.CRASH
        ends: list[Channel | _Control] = [student, self._control]
        while True:
            ready = _ready(ends)
            if student in ready and not (yield from _messages(student)):
                ends.remove(student)
            if student.received_bytes > _MOST_BYTES or student.received_messages > _MOST_MESSAGES:
                yield Stop(0, Reason.OUTPUT)
                return
            if self._control in ready:
                match self._control.heard():
                    case Interrupted() as interrupted:
                        yield interrupted
                    case LimitMet(reason=limit):
                        reason = limit
                    case Ended():
                        while _ready([student], 0) and (yield from _messages(student)):
                            pass
                        yield Stop(0, reason)
                        return


def _messages(student: Channel) -> Generator[Message | None, None, bool]:
    """Tell what waits now; whether there may be more."""
    try:
        messages = student.received()
    except ChannelClosed:
        student.hang_up()  # who does not keep to the protocol is heard no more, and learns it
        return False
    yield from (read(message, *FROM_STUDENT) for message in messages)
    return True


class Company:
    """A fork of a snapshot in which tests run, one after the other, each with what the ones before it left.

    Args:
        channel: the judge's end of the conversation with the fork.
        control: the line to the supervisor.
    """

    def __init__(self, channel: Channel, control: _Control) -> None:
        self.channel = channel
        self.reason: Reason | None = None
        self._control = control

    def begin_test(self, span: Span) -> None:
        """Limit the test that comes now."""
        self._control.tell(Watch(span.cpu, span.wall, interrupts=False))

    def wait(self, judge: Channel, seconds: float) -> bool:
        """Wait until the judge says something; whether it does.

        When a limit ends the test, the judge's conversation is hung up and `reason` says which.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready = _ready([judge, self._control], left)
            if judge in ready:
                return True
            if ready:
                match self._control.heard():
                    case LimitMet(reason=limit):
                        self.reason = limit
                self.channel.hang_up()
        return False
