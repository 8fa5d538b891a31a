"""Read what was handed in, and say in one sentence why that cannot be done.

Of a notebook only what grading needs is read: the kind, the source, the grade id and the id of each cell. Outputs,
attachments and other metadata are dropped unseen, so that nothing in them can cost anything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from nbjudge.messages import presentable
from nbjudge.submission.blueprint import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 50_000_000
"""Size of a notebook that is read."""

MOST_CELLS = 2_000
"""Cells of a notebook that is read."""

MOST_CONTAINERS = 1_000_000
"""Lists and objects of a notebook that is read: each takes far more memory than it has signs in the file."""

MOST_SOURCE = 20_000_000
"""Characters of all cells together, pictures that are pasted into prose as data among them."""

_OLDEST_FORMAT = 2
_MOST_HEADING = 6


class Unreadable(Exception):
    """A file is no notebook that can be graded; the text is a sentence that begins with its name."""


def parse_notebook(name: str, content: bytes) -> NotebookNode:
    """Read a notebook of any format from 2 up to the present one.

    Args:
        name: of the file, for the sentences.
        content: of the file.

    Returns:
        Cells with ``cell_type``, ``source``, ``metadata`` with a grade id or nothing, ``id`` if they have one, and no
        outputs.

    Raises:
        Unreadable: if the file is truncated, too large, of another format or no notebook at all.
    """
    data = _data(name, content)
    if type(data["nbformat"]) is not int:
        raise Unreadable(f"{name} holds other data than a notebook; ask for the notebook.")
    if data["nbformat"] > FORMAT:
        raise Unreadable(f"{name} has a format later than {FORMAT}; ask for it saved in format 4.")
    if data["nbformat"] < _OLDEST_FORMAT:
        raise Unreadable(f"{name} has a format before {_OLDEST_FORMAT}; ask for it saved in format 4.")
    try:
        cells = _cells(data)
        if len(cells) > MOST_CELLS:
            raise Unreadable(f"{name} has more than {MOST_CELLS} cells; ask for it without those that are not needed.")
        read = [_read(cell) for cell in cells]
        is_text = all(map(_is_text, read))
    except (AttributeError, KeyError, TypeError, ValueError):
        is_text = False
    if not is_text:
        raise Unreadable(f"{name} is a malformed notebook; ask for it as Jupyter saved it.")
    if sum(len(cell.source) for cell in read) > MOST_SOURCE:
        raise Unreadable(f"{name} holds more than {MOST_SOURCE:,} characters; ask for it without pasted data.")
    return NotebookNode(nbformat=FORMAT, nbformat_minor=5, metadata=NotebookNode(), cells=read)


def refuse_student(name: str) -> None:
    """Refuse the name of a student's folder that could act where it is shown.

    Raises:
        Unreadable: if it holds other signs than letters, digits, spaces and ``._@+-``.
    """
    if not all(sign.isalnum() or sign in " ._@+-" for sign in name) or name.startswith("."):
        raise Unreadable("the name of the student's folder holds signs that are not allowed; rename the folder.")


def refuse_link(folder: Path, *, top: Path) -> None:
    """Refuse a submission that lies elsewhere.

    Args:
        folder: the folder of the submission.
        top: the folder of all submissions, which may itself be a link.

    Raises:
        Unreadable: if the folder of the submission is a link, or one between `top` and it.
    """
    below = len(folder.relative_to(top).parts) if folder.is_relative_to(top) else 1
    if any(place.is_symlink() for place in [folder, *folder.parents][:below]):
        raise Unreadable("the folder of the submission is a link; put the submitted files themselves there.")


def notebook_content(path: Path) -> bytes:
    """Read the file of a notebook.

    Raises:
        Unreadable: if it is missing, empty, too large or no file.
    """
    name = path.name
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Unreadable(f"{name} is a link or a folder, not a file; ask for the notebook itself.")
    if not path.is_file():
        others = presentable(", ".join(sorted(other.name for other in path.parent.glob("*.ipynb"))) or "no notebook")
        raise Unreadable(f"{name} is missing, found {others}; ask for it, or rename the right one to {name}.")
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"{name} is larger than {MOST_BYTES // 1_000_000} MB; ask for it with outputs cleared.")
    content = path.read_bytes()
    if not content.strip():
        raise Unreadable(f"{name} is empty; ask for it again.")
    return content


def _data(name: str, content: bytes) -> dict[str, Any]:
    """The JSON data of a notebook, whose size is checked before any of it is built."""
    if content.count(b"{") + content.count(b"[") > MOST_CONTAINERS:
        raise Unreadable(f"{name} holds more than {MOST_CONTAINERS:,} lists; ask for it with outputs cleared.")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not UTF-8 text; ask for the notebook as Jupyter saved it.") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{name} is truncated or no notebook; ask for it again.") from None
    if not isinstance(data, dict) or "nbformat" not in data:
        raise Unreadable(f"{name} holds other data than a notebook; ask for the notebook.")
    return data


def _cells(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of a notebook; before format 4 they are those of its worksheets."""
    if data["nbformat"] == FORMAT:
        return list(data["cells"])
    return [_upgraded(cell) for sheet in data["worksheets"] for cell in sheet["cells"]]


def _upgraded(cell: dict[str, Any]) -> dict[str, Any]:
    """A cell in the terms of format 4, as nbformat's own upgrade makes it."""
    kind = cell["cell_type"]
    source = cell.get("input" if kind == "code" else "source", "")
    if isinstance(source, list):  # in old files the lines have no ends
        source = ("" if source and source[0].endswith(("\n", "\r")) else "\n").join(source)
    if kind == "heading":
        source = "#" * min(max(1, int(cell.get("level", 1))), _MOST_HEADING) + " " + " ".join(source.splitlines())
    return {**cell, "cell_type": "markdown" if kind in ("heading", "html") else kind, "source": source}


def _read(cell: dict[str, Any]) -> NotebookNode:
    """What grading needs of a cell."""
    source, metadata, identity = cell["source"], cell.get("metadata") or {}, cell.get("id")
    if isinstance(source, list):
        source = "".join(source)
    nbgrader = metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    named = {"nbgrader": NotebookNode(grade_id=name)} if isinstance(name, str) else {}
    read = NotebookNode(cell_type=cell["cell_type"], source=source, metadata=NotebookNode(named))
    if read.cell_type == "code":
        read |= {"outputs": [], "execution_count": None}
    if isinstance(identity, str):
        read |= {"id": identity}
    return read


def _is_text(cell: NotebookNode) -> bool:
    """Whether a cell is text that can be written: a lone surrogate cannot."""
    if not isinstance(cell.cell_type, str) or not isinstance(cell.source, str):
        return False
    try:
        cell.source.encode()
    except UnicodeEncodeError:
        return False
    return True
