"""Pictures made of pixels: PNG and JPEG of checked size, without anything else that such a file can hold."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

PNG, JPEG = "image/png", "image/jpeg"
MOST_PIXELS = 16_000_000
"""Pixels of a picture that is shown; a browser needs 4 bytes for each."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"pHYs", b"IDAT", b"IEND")
_JPEG_SIGNATURE = b"\xff\xd8\xff"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_START_OF_SCAN = 0xDA


@dataclass(frozen=True)
class Picture:
    """A picture that may be shown.

    Args:
        kind: its MIME type.
        content: the file.
        pixels: width times height.
    """

    kind: str
    content: bytes
    pixels: int


def picture(content: bytes) -> Picture | None:
    """The picture that a file holds; None if it is no well-formed PNG or JPEG, or has too many pixels."""
    read = _png if content.startswith(_PNG_SIGNATURE) else _jpeg if content.startswith(_JPEG_SIGNATURE) else None
    found = read(content) if read else None
    return found if found and 0 < found.pixels <= MOST_PIXELS else None


def _png(content: bytes) -> Picture | None:
    """A PNG of the chunks that make pixels; text, profiles and further frames are left out."""
    kept, position, pixels = [_PNG_SIGNATURE], len(_PNG_SIGNATURE), 0
    while position + 12 <= len(content):
        end = position + 12 + int.from_bytes(content[position : position + 4], "big")
        name, chunk = content[position + 4 : position + 8], content[position:end]
        if end > len(content) or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            return None
        if (name == b"IHDR") != (len(kept) == 1):
            return None
        if name == b"IHDR":
            pixels = int.from_bytes(chunk[8:12], "big") * int.from_bytes(chunk[12:16], "big")
        if name in _PNG_CHUNKS:
            kept.append(chunk)
        if name == b"IEND":
            return Picture(PNG, b"".join(kept), pixels)
        position = end
    return None


def _jpeg(content: bytes) -> Picture | None:
    """A JPEG whose header says how large it is, up to its end marker."""
    position = 2
    pixels = 0
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        if marker in _JPEG_FRAMES:
            if pixels:
                return None
            frame = content[position + 5 : position + 9]
            pixels = int.from_bytes(frame[:2], "big") * int.from_bytes(frame[2:], "big")
        if marker == _JPEG_START_OF_SCAN:
            end = content.rfind(b"\xff\xd9")
            return Picture(JPEG, content[: end + 2], pixels) if end > position else None
        if length < 2:
            return None
        position += 2 + length
    return None
