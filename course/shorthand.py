"""The short headers of graded cells in percent text.

``# %% test e1-1-vectors 0.5``
    a test cell of half a point, ``… 0.5 bonus`` one of half a bonus point; ``… alone`` means that it meets no state of
    other tests. Its hidden region, which calls the function ``e1_1_vectors`` of the topic's module in ``tests/hidden``,
    follows from that and stands below the first comment. Where a region is written out, that one holds.
``# %% answer e1-2``
    a cell that the student fills.
``# %% locked setup``
    a cell of the course that earns nothing.
``# %% [markdown] question e1-9 1``
    a question that a person grades.

More metadata may follow, as ``covers="F1"``.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.errors import CourseError
from nbjudge.submission.blueprint import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDDEN = Path(__file__).resolve().parent.parent / "tests" / "hidden"
_FLAGS = {
    "test": {"grade": True, "locked": True, "solution": False, "task": False},
    "answer": {"grade": False, "locked": False, "solution": True, "task": False},
    "locked": {"grade": False, "locked": True, "solution": False, "task": False},
    "question": {"grade": False, "locked": True, "solution": False, "task": True},
}
"""What nbgrader is told of each kind of cell."""

_SCHEMA = 3
_CELL = "# %%"
_SHORT = re.compile(
    rf"{_CELL} (?P<markdown>\[markdown\] )?(?P<kind>{'|'.join(_FLAGS)}) (?P<name>\S+)(?P<points> \d+(\.\d+)?)?"
    r"(?P<bonus> bonus)?(?P<alone> alone)?(?P<more> .*)?"
)
_LONG = re.compile(
    rf"{_CELL} (?P<markdown>\[markdown\] )?(bonus=(?P<bonus>[\d.]+) )?(?P<covers>covers=\"[^\"]*\" )?"
    r"nbgrader=(?P<nbgrader>\{[^}]*\})(?P<more> .*)?"
)
_BEGIN, _END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@dataclass
class _Header:
    """The header of a graded cell.

    Args:
        kind: ``test``, ``answer``, ``locked`` or ``question``.
        name: the grade id.
        points: as they are written, empty if the cell has none.
        is_markdown: whether the cell is prose.
        is_bonus: whether the points are a bonus.
        is_alone: whether a test meets no state of others.
        more: further metadata.
    """

    kind: str
    name: str
    points: str = ""
    is_markdown: bool = False
    is_bonus: bool = False
    is_alone: bool = False
    more: str = ""

    @classmethod
    def of_short(cls, line: str) -> _Header | None:
        """The header of a short line, None for another one."""
        short = _SHORT.fullmatch(line)
        if not short:
            return None
        return cls(
            short["kind"],
            short["name"],
            (short["points"] or "").strip(),
            is_markdown=bool(short["markdown"]),
            is_bonus=bool(short["bonus"]),
            is_alone=bool(short["alone"]),
            more=(short["more"] or "").strip(),
        )

    @classmethod
    def of_long(cls, line: str) -> _Header | None:
        """The header of a line in which all metadata are written out, None for another one."""
        long = _LONG.fullmatch(line)
        flags = json.loads(long["nbgrader"]) if long else {}
        kind = next((kind for kind, own in _FLAGS.items() if own.items() <= flags.items()), None)
        if not long or not kind:
            return None
        points = long["bonus"] or (json.dumps(flags["points"]) if "points" in flags else "")
        more = " ".join(filter(None, ((long["covers"] or "").strip(), (long["more"] or "").strip())))
        is_markdown, is_bonus = bool(long["markdown"]), bool(long["bonus"])
        return cls(kind, flags["grade_id"], points, is_markdown=is_markdown, is_bonus=is_bonus, more=more)

    def short(self) -> str:
        """The short line."""
        words = [_CELL, "[markdown]" if self.is_markdown else "", self.kind, self.name, self.points]
        words += ["bonus" if self.is_bonus else "", "alone" if self.is_alone else "", self.more]
        return " ".join(filter(None, words))

    def long(self) -> str:
        """The line in which all metadata are written out."""
        flags: dict[str, Any] = {**_FLAGS[self.kind], "grade_id": self.name, "schema_version": _SCHEMA}
        if self.points:
            flags["points"] = 0.0 if self.is_bonus else json.loads(self.points)
        words = [_CELL, "[markdown]" if self.is_markdown else "", f"bonus={self.points}" if self.is_bonus else ""]
        return " ".join(filter(None, [*words, f"nbgrader={json.dumps(flags, sort_keys=True)}", self.more]))


class Shorthand:
    """The short headers of one topic.

    Args:
        topic: name of the notebook and of its hidden module.
    """

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._calls: dict[str, str] | None = None

    def expanded(self, text: str) -> str:
        """Percent text with the headers and hidden regions that short ones stand for.

        Raises:
            CourseError: for a test cell whose hidden test does not exist.
        """
        lines: list[str] = []
        for first, *body in _cells(text):
            header = _Header.of_short(first)
            if header and header.kind == "test" and _BEGIN not in body:
                body = self._with_region(body, header)  # noqa: PLW2901, what it stands for
            lines += [header.long() if header else first, *body]
        return "\n".join(lines)

    def shortened(self, text: str) -> str:
        """Percent text with short headers, and without the hidden regions that follow from them."""
        lines: list[str] = []
        for first, *body in _cells(text):
            header = _Header.of_long(first)
            if header and header.kind == "test":
                body = self._without_region(body, header)  # noqa: PLW2901, what follows from it
            lines += [header.short() if header else first, *body]
        return "\n".join(lines)

    def _with_region(self, body: list[str], header: _Header) -> list[str]:
        region = self._region(header)
        if not region:
            function = _function(header.name)
            raise CourseError(
                f"tests/hidden/{self._topic}.py has no test {function}, which cell {header.name} asks for: write it."
            )
        below = _below_comment(body)
        return [*body[:below], *region, *body[below:]]

    def _without_region(self, body: list[str], header: _Header) -> list[str]:
        """The body without its hidden region; `header` learns whether the test is alone."""
        below = _below_comment(body)
        for header.is_alone in (True, False):
            region = self._region(header)
            if region and body[below : below + len(region)] == region:
                return [*body[:below], *body[below + len(region) :]]
        return body

    def _region(self, header: _Header) -> list[str]:
        """The lines of the hidden region, none if there is no such test."""
        call = self._found_calls().get(_function(header.name))
        alone = [ALONE] if header.is_alone else []
        return [_BEGIN, *alone, f"from tests.hidden import {self._topic} as hidden", "", call, _END] if call else []

    def _found_calls(self) -> dict[str, str]:
        """How each hidden test is called, by its name; the module is read when the first is asked for."""
        if self._calls is None:
            path = _HIDDEN / f"{self._topic}.py"
            body = ast.parse(path.read_text("utf-8")).body if path.is_file() else []
            functions = [node for node in body if isinstance(node, ast.FunctionDef)]
            self._calls = {
                node.name: f"hidden.{node.name}({', '.join(each.arg for each in node.args.args)})" for node in functions
            }
        return self._calls


def _cells(text: str) -> Iterator[list[str]]:
    """The lines of each cell; what stands above the first one comes first."""
    cell: list[str] = []
    for line in text.split("\n"):
        if line.startswith(_CELL) and cell:
            yield cell
            cell = []
        cell.append(line)
    yield cell


def _below_comment(body: list[str]) -> int:
    """Where the first comment of a cell ends."""
    return next((number for number, line in enumerate(body) if not line.startswith("# ")), len(body))


def _function(name: str) -> str:
    return name.replace("-", "_")
