"""Messages over a stream socket: a length and so many bytes. Descriptors may go along with a message."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

import msgpack

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 80 * 2**20
"""Bytes of one message; more ends the conversation."""

_MOST_ENTRIES = 1_000_000
"""Entries of all lists and dicts of one message, and these themselves."""

_LENGTH = struct.Struct("!I")
_PIECE = 2**20


class ChannelClosed(Exception):
    """The other side is gone, or does not keep to the protocol."""


class Channel:
    """One end of a conversation.

    Nothing that the other side sends makes this side allocate much more than it received, or raise anything but
    `ChannelClosed`.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._pending = bytearray()
        self.received_bytes = 0
        self.received_messages = 0

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        """Both ends of a new conversation."""
        ours, theirs = socket.socketpair()
        return cls(ours), cls(theirs)

    @classmethod
    def on(cls, descriptor: int) -> Channel:
        """The end that a descriptor stands for."""
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        """The descriptor, for `select`."""
        return self._socket.fileno()

    def detach(self) -> int:
        """The descriptor, which this object gives up."""
        return self._socket.detach()

    def send_bytes(self, message: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send a message.

        Raises:
            ChannelClosed: if nobody listens any more.
        """
        header = _LENGTH.pack(len(message))
        try:
            if descriptors:
                socket.send_fds(self._socket, [header], descriptors)
            else:
                self._socket.sendall(header)
            self._socket.sendall(message)
        except OSError as error:
            raise ChannelClosed(str(error)) from None

    def receive_bytes(self) -> bytes:
        """Wait for a message.

        Raises:
            ChannelClosed: if there will be none, or a message is too long.
        """
        return self._body(self._exactly(_LENGTH.size))

    def send(self, message: Any, descriptors: Sequence[int] = ()) -> None:
        """Send data: None, bool, int, float, str, bytes and lists and dicts of these."""
        self.send_bytes(msgpack.packb(message, unicode_errors="surrogatepass"), descriptors)

    def receive(self) -> Any:
        """Wait for data; tuples arrive as lists."""
        return _unpacked(self.receive_bytes())

    def hand_over(self, other: Channel) -> None:
        """Give another end to the process at the other side. Several processes may do so on one channel."""
        try:
            socket.send_fds(self._socket, [b"."], [other.fileno()])
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        other.close()

    def handed_over(self) -> Channel:
        """Wait for an end that `hand_over` gives."""
        try:
            byte, descriptors, _, _ = socket.recv_fds(self._socket, 1, 1)
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        if not byte:
            raise ChannelClosed("the other side ended")
        return Channel.on(descriptors[0])

    def receive_with_descriptors(self, most: int = 2) -> tuple[Any, list[int]]:
        """Wait for data and the descriptors that came along."""
        try:
            header, descriptors, _, _ = socket.recv_fds(self._socket, _LENGTH.size, most)
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        header += self._exactly(_LENGTH.size - len(header)) if header else b""
        if not header:
            raise ChannelClosed("the other side ended")
        return _unpacked(self._body(header)), descriptors

    def received(self) -> list[Any]:
        """The complete messages among the bytes that wait now; this never waits for the rest of one.

        Raises:
            ChannelClosed: if there will be no more.
        """
        try:
            piece = self._socket.recv(_PIECE)
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        if not piece:
            raise ChannelClosed("the other side ended")
        self._pending += piece
        self.received_bytes += len(piece)
        messages, begin = [], 0
        while len(self._pending) - begin >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._pending, begin)
            if length > MOST_BYTES:
                raise ChannelClosed(f"a message of {length} bytes")
            end = begin + _LENGTH.size + length
            if len(self._pending) < end:
                break
            messages.append(_unpacked(bytes(self._pending[begin + _LENGTH.size : end])))
            begin = end
        del self._pending[:begin]
        self.received_messages += len(messages)
        return messages

    def hang_up(self) -> None:
        """End the conversation for everyone who holds either end."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        """Give up this end."""
        self._socket.close()

    def _body(self, header: bytes) -> bytes:
        (length,) = _LENGTH.unpack(header)
        if length > MOST_BYTES:
            raise ChannelClosed(f"a message of {length} bytes")
        return self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        received = bytearray()
        while len(received) < length:
            try:
                piece = self._socket.recv(min(length - len(received), _PIECE))
            except OSError as error:
                raise ChannelClosed(str(error)) from None
            if not piece:
                raise ChannelClosed("the other side ended")
            received += piece
        return bytes(received)


def _unpacked(message: bytes) -> Any:
    left = _MOST_ENTRIES

    def counted(container: Any) -> Any:
        nonlocal left
        left -= 1 + len(container)
        if left < 0:
            raise ChannelClosed
        return container

    try:
        return msgpack.unpackb(
            message,
            unicode_errors="surrogatepass",
            strict_map_key=False,
            list_hook=counted,
            object_hook=counted,
            max_array_len=_MOST_ENTRIES,
            max_map_len=_MOST_ENTRIES // 2,  # of keys and values
            max_ext_len=0,
        )
    except Exception as error:  # noqa: BLE001, malformed data may fail anywhere
        raise ChannelClosed(f"malformed data ({type(error).__name__})") from None
