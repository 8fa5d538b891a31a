"""Signs that steer instead of being seen: escape sequences, controls, and those that turn the direction of text."""

from __future__ import annotations

import re

_NUMBER = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_COLOUR = rf"(?:[34]8;(?:5;{_NUMBER}|2;{_NUMBER};{_NUMBER};{_NUMBER})|(?![34]8[;m])(?:10[0-7]|[1-9]?\d))"
_SGR = rf"\x1b\[(?:{_COLOUR}(?:;{_COLOUR}){{0,15}})?m"
_SEQUENCE = re.compile(
    rf"(?P<sgr>{_SGR})|\x1b(?:\[[0-?]{{0,64}}[ -/]{{0,8}}[@-~]|\][^\x07\x1b]{{0,2000}}(?:\x07|\x1b\\)|)"
)
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Text of several lines in which nothing steers: controls are shown as the replacement character."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text).replace("\x1b", "\N{REPLACEMENT CHARACTER}")


def coloured(text: str) -> str:
    """The same, but colours stay: escape sequences that select a colour as ECMA-48 has them; others are dropped."""
    return _SEQUENCE.sub(lambda found: found["sgr"] or "", _STEERING.sub("\N{REPLACEMENT CHARACTER}", text))
