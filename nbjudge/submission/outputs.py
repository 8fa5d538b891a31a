"""What the cells of a submission show, as JupyterLab would have stored it, and harmless wherever it is shown.

Only text, PNG and JPEG are kept. The events come from the submission's process and are trusted in nothing.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode, v4

from nbjudge.messages import Text
from nbjudge.submission.pictures import JPEG, PNG, picture
from nbjudge.submission.signs import coloured

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbjudge.limits import Limits

_STREAMS = ("stdout", "stderr")
_MOST_PIXELS = 100_000_000
_MOST_OUTPUTS = 500
_MOST_OUTPUTS_IN_ALL = 2_000
_MOST_LINES = 100
_MOST_EXECUTIONS = 10**6


@dataclass
class Allowance:
    """What may still be shown: characters of text, bytes of images, their pixels, and outputs whatever they hold."""

    text: int
    images: int
    pixels: int = _MOST_PIXELS
    outputs: int = _MOST_OUTPUTS_IN_ALL

    @classmethod
    def of_notebook(cls, limits: Limits) -> Allowance:
        """The room of all cells together."""
        return cls(limits.total_output, limits.total_images)


class Outputs:
    """The outputs of one cell, made from events (see `nbjudge.sandbox.inside.shell`).

    Args:
        limits: how much is kept.
        language: of the note that tells what was cut.
        room: what all cells of the notebook share; it becomes less.
    """

    def __init__(self, limits: Limits, language: str, room: Allowance) -> None:
        self._rooms = (Allowance(limits.output, limits.images, outputs=_MOST_OUTPUTS), room)
        self._language = language
        self._cut = False
        self._clear_next = False
        self._entries: list[NotebookNode] = []
        self._displays: dict[str, NotebookNode] = {}

    def add(self, event: Any) -> None:
        """Take one event; what is malformed is passed over."""
        try:
            kind, *fields = event
            take: dict[str, Callable[..., None]] = {
                "stream": self._stream,
                "display": self._display,
                "result": self._result,
                "error": self._error,
                "clear": self._clear,
            }
            take[kind](*fields)
        except Exception:  # noqa: BLE001, whatever is malformed about it
            return

    def note(self, text: Text) -> None:
        """Add a remark of the grader."""
        self._entries.append(v4.new_output("stream", name="stderr", text=[text.form(self._language) + "\n"]))

    def finished(self) -> list[NotebookNode]:
        """The outputs, with a note if something was cut."""
        if self._cut:
            self.note(_CUT)
        for entry in self._entries:
            if entry.output_type == "stream":
                entry.text = coloured(_overwritten("".join(entry.text)))
        return self._entries

    def _stream(self, name: str, text: str) -> None:
        text = self._kept(text)
        if name not in _STREAMS or not text:
            return
        last = self._entries[-1] if self._entries else None
        if last is not None and last.output_type == "stream" and last.name == name and not self._clear_next:
            last.text.append(text)
        else:
            self._append(v4.new_output("stream", name=name, text=[text]))

    def _display(self, data: dict[str, Any], display_id: Any, is_update: bool) -> None:  # noqa: FBT001, it comes as data
        """Show a bundle; an identifier names the newest display that has it."""
        bundle = self._bundle(data)
        if is_update is True:
            if str(display_id) in self._displays:
                self._displays[str(display_id)].data = bundle
            return
        entry = v4.new_output("display_data", data=bundle)
        self._append(entry)
        if display_id is not None:
            self._displays[str(display_id)] = entry

    def _result(self, data: dict[str, Any], number: int) -> None:
        self._append(v4.new_output("execute_result", data=self._bundle(data), execution_count=execution_number(number)))

    def _error(self, type_name: str, text: str, traceback: list[str]) -> None:
        self._append(
            v4.new_output(
                "error",
                ename=coloured(self._kept(type_name)),
                evalue=coloured(self._kept(text)),
                traceback=[coloured(self._kept(line)) for line in traceback[:_MOST_LINES]],
            )
        )

    def _clear(self, wait: bool) -> None:  # noqa: FBT001, it comes as data
        if wait:
            self._clear_next = True
        else:
            self._forget()

    def _append(self, entry: NotebookNode) -> None:
        if self._clear_next:
            self._forget()
            self._clear_next = False
        if not all(room.outputs for room in self._rooms):
            self._cut = True
            return
        self._entries.append(entry)
        for room in self._rooms:
            room.outputs -= 1

    def _forget(self) -> None:
        """Take away what was shown so far, which makes room for other outputs."""
        for room in self._rooms:
            room.outputs += len(self._entries)
        self._entries.clear()

    def _bundle(self, data: dict[str, Any]) -> NotebookNode:
        bundle = NotebookNode()
        for kind in (PNG, JPEG):
            if shown := self._picture(kind, data.get(kind)):
                bundle[kind] = shown
        if "text/plain" in data or not bundle:
            bundle["text/plain"] = coloured(self._kept(data.get("text/plain", "")))
        return bundle

    def _picture(self, kind: str, content: Any) -> str:
        """A picture as a notebook holds it, an empty text if it is none or does not fit."""
        found = picture(content) if isinstance(content, bytes) else None
        if found is None or found.kind != kind:
            return ""
        if any(len(found.content) > room.images or found.pixels > room.pixels for room in self._rooms):
            self._cut = True
            return ""
        for room in self._rooms:
            room.images -= len(found.content)
            room.pixels -= found.pixels
        return base64.b64encode(found.content).decode("ascii")

    def _kept(self, text: str) -> str:
        """The beginning of a text that fits."""
        if not isinstance(text, str):
            raise TypeError
        left = min(room.text for room in self._rooms)
        if len(text) > left:
            text = text[:left]
            self._cut = True
        for room in self._rooms:
            room.text -= len(text)
        return text


def execution_number(number: Any) -> int | None:
    """The number of an execution, None if it is not one that a notebook can hold."""
    return number if type(number) is int and 0 <= number < _MOST_EXECUTIONS else None


def _overwritten(text: str) -> str:
    """What remains to be seen of text with carriage returns and backspaces, as of a progress bar."""
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_seen(line) for line in text.replace("\r\n", "\n").split("\n"))


def _seen(line: str) -> str:
    """A line of which each part, behind a carriage return, hides as much of the parts before it as it is long."""
    seen: list[str] = []
    width = 0
    for part in reversed(line.split("\r")):
        kept = _without_backspaces(part)
        if len(kept) > width:
            seen.append(kept[width:])
            width = len(kept)
    return "".join(seen)


def _without_backspaces(text: str) -> str:
    if "\b" not in text:
        return text
    kept: list[str] = []
    for sign in text:
        if sign != "\b":
            kept.append(sign)
        elif kept:
            kept.pop()
    return "".join(kept)


_CUT = Text(en="[more was shown here; it is cut]", ko="[출력이 너무 길어 뒷부분을 잘랐습니다]")
