"""What the cells of a submission show, as JupyterLab would have stored it, and harmless wherever it is shown.

Only text, PNG and JPEG are kept. The events come from the submission's process and are trusted in nothing.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbformat import v4

from nbjudge.messages import Text

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from nbjudge.limits import Limits

_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_STREAMS = ("stdout", "stderr")
_UNPRINTABLE = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|[\ud800-\udfff]")
_NOT_COLOUR = re.compile(r"\x1b(?!\[[0-9;]*m)")
_MOST_OUTPUTS = 500
_MOST_LINES = 100
_MOST_EXECUTIONS = 10**6


@dataclass
class Room:
    """What may still be shown: characters of text, and bytes of images."""

    text: int
    images: int

    @classmethod
    def of_notebook(cls, limits: Limits) -> Room:
        """The room of all cells together."""
        return cls(limits.total_output, limits.total_images)


class Outputs:
    """The outputs of one cell, made from events (see `nbjudge.inside.shell`).

    Args:
        limits: how much is kept.
        language: of the note that tells what was cut.
        room: what all cells of the notebook share; it becomes less.
    """

    def __init__(self, limits: Limits, language: str, room: Room) -> None:
        self._rooms = (Room(limits.output, limits.images), room)
        self._language = language
        self._cut = False
        self._clear_next = False
        self._entries: list[NotebookNode] = []
        self._displays: dict[str, list[NotebookNode]] = {}

    def add(self, event: Any) -> None:
        """Take one event; what is malformed is passed over."""
        try:
            kind, *fields = event
            {
                "stream": self._stream,
                "display": self._display,
                "result": self._result,
                "error": self._error,
                "clear": self._clear,
            }[kind](*fields)
        except Exception:  # noqa: BLE001, whatever is malformed about it
            return

    def note(self, text: Text) -> None:
        """Add a remark of the grader."""
        self._entries.append(v4.new_output("stream", name="stderr", text=text.form(self._language) + "\n"))

    def finished(self) -> list[NotebookNode]:
        """The outputs, with a note if something was cut."""
        for entry in self._entries:
            if entry.output_type == "stream":
                entry.text = _overwritten(entry.text)
        if self._cut:
            self.note(_CUT)
        return self._entries

    def _stream(self, name: str, text: str) -> None:
        if name not in _STREAMS:
            return
        text = self._kept(text)
        last = self._entries[-1] if self._entries else None
        if last is not None and last.output_type == "stream" and last.name == name and not self._clear_next:
            last.text += text
        elif text:
            self._append(v4.new_output("stream", name=name, text=text))

    def _display(self, data: dict, display_id: Any, is_update: bool) -> None:  # noqa: FBT001, it comes as data
        bundle = self._bundle(data)
        if is_update is True:
            for entry in self._displays.get(str(display_id), []):
                entry.data = bundle
            return
        entry = v4.new_output("display_data", data=bundle)
        self._append(entry)
        if display_id is not None:
            self._displays.setdefault(str(display_id), []).append(entry)

    def _result(self, data: dict, number: int) -> None:
        self._append(v4.new_output("execute_result", data=self._bundle(data), execution_count=execution_number(number)))

    def _error(self, type_name: str, text: str, traceback: list[str]) -> None:
        self._append(
            v4.new_output(
                "error",
                ename=self._kept(type_name),
                evalue=self._kept(text),
                traceback=[self._kept(line) for line in traceback[:_MOST_LINES]],
            )
        )

    def _clear(self, wait: bool) -> None:  # noqa: FBT001, it comes as data
        if wait:
            self._clear_next = True
        else:
            self._entries.clear()

    def _append(self, entry: NotebookNode) -> None:
        if self._clear_next:
            self._entries.clear()
            self._clear_next = False
        if len(self._entries) < _MOST_OUTPUTS:
            self._entries.append(entry)
        else:
            self._cut = True

    def _bundle(self, data: dict) -> dict[str, str]:
        bundle = {}
        for kind, signature in _SIGNATURES.items():
            image = data.get(kind)
            if isinstance(image, bytes) and image.startswith(signature):
                if len(image) <= min(room.images for room in self._rooms):
                    for room in self._rooms:
                        room.images -= len(image)
                    bundle[kind] = base64.b64encode(image).decode("ascii")
                else:
                    self._cut = True
        if "text/plain" in data or not bundle:
            bundle["text/plain"] = self._kept(data.get("text/plain", ""))
        return bundle

    def _kept(self, text: str) -> str:
        """The beginning of a text that fits, without signs that steer a terminal, but for its colours."""
        if not isinstance(text, str):
            raise TypeError
        left = min(room.text for room in self._rooms)
        if len(text) > left:
            text = text[:left]
            self._cut = True
        for room in self._rooms:
            room.text -= len(text)
        return _NOT_COLOUR.sub("", _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def execution_number(number: Any) -> int | None:
    """The number of an execution, None if it is not one that a notebook can hold."""
    return number if type(number) is int and 0 <= number < _MOST_EXECUTIONS else None


def _overwritten(text: str) -> str:
    """What remains to be seen of text with carriage returns, as of a progress bar."""
    if "\r" not in text and "\b" not in text:
        return text
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        seen = ""
        for part in line.split("\r"):
            while "\b" in part:
                part = re.sub("[^\b]?\b", "", part, count=1)  # noqa: PLW2901, one backspace after the other
            seen = part + seen[len(part) :]
        lines.append(seen)
    return "\n".join(lines)


_CUT = Text(en="[more was shown here; it is cut]", ko="[출력이 너무 길어 뒷부분을 잘랐습니다]")
