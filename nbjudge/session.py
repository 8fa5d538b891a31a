"""One submission inside its wall, as the grader drives it."""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbjudge.channel import Channel, ChannelClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbjudge.cgroups import Cgroup
    from nbjudge.limits import Limits

CRASH = "crash"
OUTPUT = "output"
_MOST_BYTES = 64 * 2**20
_MOST_MESSAGES = 200_000


@dataclass(frozen=True)
class Use:
    """What a session has used so far: processor seconds, and the most bytes of memory at one time."""

    cpu: float
    memory: int


@dataclass(frozen=True)
class Stop:
    """Why the cells did not all run.

    Args:
        position: of the cell that ran last.
        reason: a limit (``cpu``, ``wall``, ``memory``, ``total_cpu``, ``total_wall``, ``output``) or ``crash``.
    """

    position: int
    reason: str


class Session:
    """Drives the supervisor of one submission (see `nbjudge.inside.supervisor`).

    Args:
        control: the channel to the supervisor.
        limits: what the submission may use.
        cgroup: what it runs in, if anything.
    """

    def __init__(self, control: Channel, limits: Limits, cgroup: Cgroup | None = None) -> None:
        self._control = control
        self._limits = limits
        self._cgroup = cgroup
        self._data: Channel | None = None
        self.use = Use(0.0, 0)
        self.has_ended = False
        self.has_failed = False

    def run(
        self,
        cells: list[tuple[str, str]],
        *,
        started: Callable[[int], None],
        shows: Callable[[Any], None],
        ended: Callable[[int, object], None],
    ) -> Stop | None:
        """Run cells in a fresh process.

        Args:
            cells: name and source of each.
            started: learns the position of a cell that begins.
            shows: learns what it shows.
            ended: learns its position and the number of its execution.

        Returns:
            None if the process is ready for tests, otherwise why not.
        """
        self.has_ended = False
        self._data, theirs = Channel.pair()
        self._tell(["cells", cells], [theirs.fileno()])
        theirs.close()
        self._watch(self._limits.cell_cpu, self._limits.cell_wall, spares=False)
        position, running = 0, None
        for message in self._told():
            match message:
                case Stop(reason=reason):
                    return Stop(position, reason)
                case ["starts", int(now)] if now == (0 if running is None else position + 1) and now < len(cells):
                    position = running = now
                    self._watch(self._limits.cell_cpu, self._limits.cell_wall, spares=False)
                    started(position)
                case ["shows", event] if running is not None:
                    shows(event)
                case ["ends", int(now), number] if now == running:
                    ended(now, number)
                case ["ready"]:
                    self.use = self._clear(everything=False)
                    return None
        return Stop(position, CRASH)

    def end_process(self) -> None:
        """End the submission's process and all that it started."""
        if self._data:
            self._data.close()
            self._data = None
        self.use = self._clear(everything=True)

    @contextmanager
    def test(self, name: str) -> Iterator[Test]:
        """Have the process fork itself for a test; all that the test leaves is ended."""
        ours, theirs = Channel.pair()
        try:
            try:
                self._data.send(name, [theirs.fileno()])
            except ChannelClosed:
                ours.hang_up()
            theirs.close()
            self._watch(self._limits.test_cpu, self._limits.test_wall, spares=True)
            yield Test(ours, self._control, self._heard)
        finally:
            ours.hang_up()
            ours.close()
            self.use = self._clear(everything=False)

    def close(self) -> None:
        """End everything inside the wall."""
        if self._data:
            self._data.close()
        self._control.close()
        if self._cgroup:
            self._cgroup.remove()

    def _watch(self, cpu: float, wall: float, *, spares: bool) -> None:
        self._tell(["watch", cpu, wall, spares])

    def _clear(self, *, everything: bool) -> Use:
        self._tell(["clear", everything])
        while (answer := self._heard())[0] != "cleared":
            self.has_ended = self.has_ended or answer[0] == "ended"
        return Use(*answer[1:])

    def _tell(self, message: list[Any], descriptors: Sequence[int] = ()) -> None:
        try:
            self._control.send(message, descriptors)
        except ChannelClosed:
            while True:  # until its last words are heard
                self._heard()

    def _heard(self) -> list[Any]:
        """Wait for what the supervisor says; one that failed, and not for want of what the machine gives, says so."""
        match told := self._control.receive():
            case ["failed", _, False]:
                self.has_failed = True
        return told

    def _told(self) -> Iterator[Any]:
        """What the process tells, at last a `Stop` if it ended; of that this side believes the supervisor alone."""
        reason, sources = CRASH, [self._data, self._control]
        while True:
            ready, _, _ = select.select(sources, [], [])
            if self._data in ready and not (yield from self._messages()):
                sources.remove(self._data)
            if self._data.received_bytes > _MOST_BYTES or self._data.received_messages > _MOST_MESSAGES:
                yield Stop(0, OUTPUT)
                return
            if self._control in ready:
                match self._heard():
                    case ["limit", name]:
                        reason = name
                    case ["ended", _]:
                        while select.select([self._data], [], [], 0)[0] and (yield from self._messages()):
                            pass
                        yield Stop(0, reason)
                        return

    def _messages(self) -> Iterator[Any]:
        """Tell what waits now; whether there may be more."""
        try:
            messages = self._data.received()
        except ChannelClosed:
            self._data.hang_up()  # who does not keep to the protocol is heard no more, and learns it
            return False
        yield from messages
        return True


class Test:
    """One test, as long as it runs.

    Args:
        channel: the judge's end of the conversation with the student's process.
        control: the channel to the supervisor.
        heard: waits for what the supervisor says.
    """

    __test__ = False

    def __init__(self, channel: Channel, control: Channel, heard: Callable[[], list[Any]]) -> None:
        self.channel = channel
        self.reason: str | None = None
        self._control = control
        self._heard = heard

    def wait(self, judge: Channel, seconds: float) -> bool:
        """Wait until the judge says something; whether it does.

        When a limit ends the test, the judge's conversation is hung up and `reason` says which.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([judge, self._control], [], [], left)
            if judge in ready:
                return True
            if ready:
                match self._heard():
                    case ["limit", name]:
                        self.reason = name
                    case ["ended", _]:
                        self.reason = self.reason or CRASH
                self.channel.hang_up()
        return False
