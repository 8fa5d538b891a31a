"""The process of one submission: it runs the cells, then forks itself for each test.

Everything in this module runs together with submitted code and may be changed by it. That costs the submission itself
and nothing else: what leaves here is data, and the other side trusts none of it.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Any

import torch

from nbjudge.channel import Channel, ChannelClosed
from nbjudge.conversation import call, serve
from nbjudge.forks import NO_CORE, reap
from nbjudge.handles import StudentSide
from nbjudge.seeds import seed_everything
from nbjudge.syscalls import refuse_calls
from nbjudge.warmth import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbjudge.inside.shell import Shell
    from nbjudge.limits import Limits

_PRINTED = 20_000
_MOST_SIGNALS = 1024
_ROOM_FOR_TESTS = 8
"""Processes and threads beyond the limit, which only forks for tests need."""
_WALL = 2
"""Processes that are no submission's and count for its limit: its supervisor and who waits for that."""


def restrain(limits: Limits) -> None:
    """Set the limits that the system enforces for a process and all that it starts."""
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
    most = _allowed(resource.RLIMIT_NPROC, limits.processes + _ROOM_FOR_TESTS)
    resource.setrlimit(resource.RLIMIT_NPROC, (min(limits.processes, most), most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    refuse_calls()


def _allowed(kind: int, most: int) -> int:
    """A limit, or the lower one that is set already."""
    _, hard = resource.getrlimit(kind)
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def most_threads(limits: Limits) -> int:
    """With so many processes and threads there is no room for the fork for a test."""
    return limits.processes + _ROOM_FOR_TESTS - _WALL


def run(channel: Channel, shell: Shell, cells: list[tuple[str, str]], limits: Limits) -> None:
    """Run cells, tell what they show, then answer for tests until nobody asks any more.

    Args:
        channel: where events go and tests are announced.
        shell: the shell to run in.
        cells: name and source of each cell.
        limits: how much a cell may show.
    """
    torch.set_num_threads(1)
    shell.find_modules_beside()
    for position, (name, source) in enumerate(cells):
        shell.tell_to(_sparing(channel, limits))
        channel.send(["starts", position])
        number = shell.run_named(name, source)
        channel.send(["ends", position, number])
    shell.tell_to(lambda _event: None)
    settle()
    channel.send(["ready"])
    _serve(channel, shell)


def _sparing(channel: Channel, limits: Limits) -> Callable[[list[Any]], None]:
    """Send the events of one cell, up to a size: what is told beyond twice the limits would be cut anyway."""
    left = 2 * (limits.output + limits.images)

    def send(event: list[Any]) -> None:
        nonlocal left
        if left > 0:
            left -= sum(map(_size, event))
            channel.send(["shows", event])

    return send


def _size(field: Any) -> int:
    if isinstance(field, dict):
        return sum(map(len, field.values()))
    return len(field) if isinstance(field, str) else 1


def _serve(channel: Channel, shell: Shell) -> None:
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    while True:
        try:
            name, descriptors = channel.receive_with_descriptors()
        except ChannelClosed:
            return
        reap()
        if _forked():
            channel.close()
            _answer_for_test(name, Channel.on(descriptors[0]), shell)
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)


def _forked() -> bool:
    """Fork; whether this is the child. Where there is no room for one, that test is lost, but not the process."""
    try:
        return os.fork() == 0
    except OSError:
        return False


def _answer_for_test(name: str, channel: Channel, shell: Shell) -> None:
    """Answer the requests of one test; what is printed meanwhile is sent at the end, for the record."""
    seed_everything(name)
    printed = _Printed()
    sys.stdout = sys.stderr = printed
    side = StudentSide(
        shell.names,
        place_of=shell.place_of,
        call_back=lambda message: call(channel, message, side.answer),
    )
    try:
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
