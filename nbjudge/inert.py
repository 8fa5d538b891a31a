"""Make prose of a submission harmless: no raw HTML, no links but to pages and mail, no commands of TeX that act."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=[(:])")
_MOST_TARGET = 2000
_TARGET = re.compile(rf"[\s<]*([^)>]{{0,{_MOST_TARGET}}})")
_SAFE = ("http", "https", "mailto")
_ACTIVE_TEX = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|csname|mmlToken|require|unicode|data|html[A-Za-z]*|includegraphics)\b)"
)


def inert(source: str) -> str:
    """Markdown that shows the same and does nothing.

    A space is put where something would begin to act: behind the ``<`` of a tag, before the target of a link whose
    scheme is not http, https or mailto, behind the backslash of a command of TeX that makes links or styles.
    """
    source = _TAG.sub("< ", source)
    source = _ACTIVE_TEX.sub(r"\\ ", source)
    return _LINK.sub(lambda match: "]" if _is_safe(source[match.end() :]) else "] ", source)


def _is_safe(behind: str) -> bool:
    """Whether the target of a link, which stands behind its bracket, goes to a page or to mail."""
    target = _TARGET.match(behind[1 : 2 * _MOST_TARGET]).group(1)
    if len(target) == _MOST_TARGET:
        return False
    plain = re.sub(r"[\s\x00-\x20\\]", "", html.unescape(html.unescape(target)))
    scheme, colon, _ = re.split(r"[/?#]", plain, maxsplit=1)[0].partition(":")
    return not colon or scheme.lower() in _SAFE
