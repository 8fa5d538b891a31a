"""What the judge and a student's process say to each other over a channel while tests run, one after the other.

The judge begins a test and asks, the student side replies; before its reply it may call functions of the judge, which
may ask in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbjudge.border.channel import Channel

    Answer = Callable[[bytes], bytes]

_BEGIN, _REQUEST, _REPLY, _CALL, _END = b"B", b"Q", b"R", b"C", b"E"


def begin(channel: Channel, name: str) -> None:
    """Begin a test.

    Raises:
        ChannelClosed: if nobody is there to answer.
    """
    channel.send_bytes(_BEGIN + name.encode())


def begun(channel: Channel) -> str:
    """Wait for the next test to begin; its name."""
    return channel.receive_bytes().removeprefix(_BEGIN).decode()


def ask(channel: Channel, request: bytes, answer_call: Answer) -> bytes:
    """Send a request of the judge and wait for its reply, answering calls meanwhile.

    Raises:
        ChannelClosed: if no reply will come.
    """
    return _exchange(channel, _REQUEST + request, awaited=_CALL, answer=answer_call)


def call(channel: Channel, message: bytes, answer_request: Answer) -> bytes:
    """Call a function of the judge and wait for its reply, answering requests meanwhile."""
    return _exchange(channel, _CALL + message, awaited=_REQUEST, answer=answer_request)


def serve(channel: Channel, answer: Answer) -> None:
    """Answer requests of the judge until it ends the test."""
    while (message := channel.receive_bytes())[:1] == _REQUEST:
        channel.send_bytes(_REPLY + answer(message[1:]))


def end(channel: Channel) -> str:
    """End a test; what the student's code printed in it comes back."""
    channel.send_bytes(_END)
    return channel.receive_bytes().decode("utf-8", "replace")


def _exchange(channel: Channel, message: bytes, *, awaited: bytes, answer: Answer) -> bytes:
    channel.send_bytes(message)
    while (received := channel.receive_bytes())[:1] == awaited:
        channel.send_bytes(_REPLY + answer(received[1:]))
    return received[1:]
