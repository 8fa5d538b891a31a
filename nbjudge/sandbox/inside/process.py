"""The process of one submission: it runs the cells and leaves a snapshot of itself at each place where tests stand.

A snapshot is a fork that stands still. Once all cells have run it forks itself for tests, so that these meet what was
there at their place, whatever the cells below it did.

Everything in this module runs together with submitted code and may be changed by it. That costs the submission itself
and nothing else: what leaves here is data, and the other side trusts none of it.
"""

from __future__ import annotations

import gc
import io
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Any

import torch

from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.border.conversation import begun, call, serve
from nbjudge.border.seeds import seed_everything
from nbjudge.border.student_side import StudentSide
from nbjudge.sandbox.forks import NO_CORE, reap
from nbjudge.sandbox.protocol import Arrives, Ends, Left, Ready, Shows, Starts
from nbjudge.sandbox.syscalls import refuse_calls

if TYPE_CHECKING:
    from nbjudge.limits import Limits
    from nbjudge.sandbox.inside.shell import Shell

_PRINTED = 20_000
_MOST_SIGNALS = 1024
_COST_OF_EVENT = 500
"""Bytes that an event counts beyond what it shows, so that their number is limited too."""
_ROOM_FOR_TESTS = 8
"""Processes and threads beyond the limit and the snapshots, which only forks for tests need."""


def restrain(limits: Limits, *, places: int) -> None:
    """Set the limits that the system enforces for a process and all that it starts.

    Args:
        limits: what the submission may use.
        places: how many snapshots there will be.
    """
    held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: PTH123, SIM115
    for kind, most in (
        (resource.RLIMIT_AS, held + limits.memory),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_CORE, NO_CORE),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, _MOST_SIGNALS),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
        (resource.RLIMIT_CPU, int(limits.total_cpu) + 5),
    ):
        allowed = _allowed(kind, most)
        resource.setrlimit(kind, (allowed, allowed))
    most = _allowed(resource.RLIMIT_NPROC, limits.processes + places + _ROOM_FOR_TESTS)
    resource.setrlimit(resource.RLIMIT_NPROC, (min(limits.processes, most), most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    refuse_calls()


def _allowed(kind: int, most: int) -> int:
    """A limit, or the lower one that is set already."""
    _, hard = resource.getrlimit(kind)
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def run(channel: Channel, shell: Shell, steps: list[list[str] | int], limits: Limits) -> None:
    """Run cells, tell what they show, leave snapshots; all else of this process ends with it.

    Args:
        channel: where events go, and where the channel of each snapshot comes from.
        shell: the shell to run in.
        steps: name and source of a cell, or the number of a place.
        limits: how much the cells may show.
    """
    torch.set_num_threads(1)
    shell.find_modules_beside()
    shell.listen_to_interrupts()
    events = _Events(channel, limits)
    shell.tell_to(events.send)
    for position, step in enumerate(steps):
        match step:
            case [name, source]:
                events.begin_cell()
                channel.send(Starts(position).as_data())
                channel.send(Ends(position, shell.run_named(name, source)).as_data())
            case int():
                _leave_snapshot(channel, shell, step)
    channel.send(Ready().as_data())


class _Events:
    """Sends what cells show, up to twice the limits; what is beyond would be cut anyway, and the cell goes on."""

    def __init__(self, channel: Channel, limits: Limits) -> None:
        self._channel = channel
        self._limits = limits
        self._left = 0
        self._left_in_all = 2 * (limits.total_output + limits.total_images)

    def begin_cell(self) -> None:
        """Give the next cell its share."""
        self._left = min(2 * (self._limits.output + self._limits.images), self._left_in_all)

    def send(self, event: list[Any]) -> None:
        """Send an event if there is room."""
        if self._left > 0:
            event = [self._cut(field) for field in event]
            cost = _COST_OF_EVENT + sum(map(_size, event))
            self._left -= cost
            self._left_in_all -= cost
            self._channel.send(Shows(event).as_data())

    def _cut(self, field: Any) -> Any:
        match field:
            case str():
                return field[: 2 * self._limits.output]
            case bytes():
                return field[: 2 * self._limits.images]
            case list():
                return [self._cut(one) for one in field]
            case dict():
                return {name: self._cut(one) for name, one in field.items()}
        return field


def _size(field: Any) -> int:
    match field:
        case str() | bytes():
            return len(field)
        case list():
            return sum(map(_size, field))
        case dict():
            return sum(map(_size, field.values()))
    return 1


def _leave_snapshot(channel: Channel, shell: Shell, place: int) -> None:
    """Leave a fork of this process for the tests of a place; where there is no room for one, these are lost."""
    channel.send(Arrives(place).as_data())
    _, (descriptor,) = channel.receive_with_descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
    pid = _forked()
    if pid == 0:
        channel.close()
        _stand_still(Channel.on(descriptor), shell)
        os._exit(0)
    resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
    os.close(descriptor)
    channel.send(Left(place, pid).as_data())


def _forked() -> int | None:
    """Fork; 0 in the child, otherwise its number, None where there is no room for one."""
    try:
        return os.fork()
    except OSError:
        return None


def _stand_still(channel: Channel, shell: Shell) -> None:
    """Be a snapshot: fork for each company of tests until nobody asks any more."""
    gc.freeze()  # a collection in a fork would copy the pages of all that is here
    shell.tell_to(lambda _event: None)
    while True:
        try:
            _, (descriptor,) = channel.receive_with_descriptors()
        except ChannelClosed:
            return
        reap()
        pid = _forked()
        if pid == 0:
            channel.close()
            _answer_for_tests(Channel.on(descriptor), shell)
            os._exit(0)
        os.close(descriptor)
        channel.send(pid is not None)


def _answer_for_tests(channel: Channel, shell: Shell) -> None:
    """Answer the requests of one test after the other; what is printed in a test is sent at its end, for the record."""
    try:
        while True:
            seed_everything(begun(channel))
            sys.stdout = sys.stderr = printed = _Printed()
            side = StudentSide(
                shell.names,
                place_of=shell.place_of,
                call_back=lambda message: call(channel, message, side.answer),  # noqa: B023, of this test
            )
            serve(channel, side.answer)
            channel.send_bytes(printed.getvalue().encode("utf-8", "replace"))
    except ChannelClosed:
        return


class _Printed(io.StringIO):
    """Keeps the beginning of what is written."""

    def write(self, text: str) -> int:
        if self.tell() < _PRINTED:
            super().write(text[:_PRINTED])
        return len(text)
