"""Read what was handed in, and say in one sentence why that cannot be done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat

from nbjudge.stored import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

MOST_BYTES = 50_000_000
"""Size of a notebook that is read."""

MOST_CELLS = 2_000
"""Cells of a notebook that is read."""


class Unreadable(Exception):
    """A file is no notebook that can be graded; the text is a sentence that begins with its name."""


def parse_notebook(name: str, content: bytes) -> NotebookNode:
    """Read a notebook of any format up to the present one, upgraded.

    Args:
        name: of the file, for the sentences.
        content: of the file.

    Raises:
        Unreadable: if the file is truncated, of a later format or no notebook at all.
    """
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not UTF-8 text; ask for the notebook as Jupyter saved it.") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{name} is truncated or no notebook; ask for it again.") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise Unreadable(f"{name} holds other data than a notebook; ask for the notebook.")
    if isinstance(data.get("cells"), list) and len(data["cells"]) > MOST_CELLS:
        raise Unreadable(f"{name} has more than {MOST_CELLS} cells; ask for it without those that are not needed.")
    if data["nbformat"] > FORMAT:
        raise Unreadable(f"{name} has format {data['nbformat']}, later than {FORMAT}; ask for it saved in format 4.")
    try:
        notebook = nbformat.reads(json.dumps(data), as_version=FORMAT)
        sound = all(_is_sound(cell) for cell in notebook.cells)
    except Exception:  # noqa: BLE001, the upgrade of a malformed notebook may fail anywhere
        sound = False
    if not sound:
        raise Unreadable(f"{name} is a malformed notebook; ask for it as Jupyter saved it.")
    return notebook


def refuse_student(name: str) -> None:
    """Refuse the name of a student's folder that could act where it is shown.

    Raises:
        Unreadable: if it holds other signs than letters, digits, spaces and ``._@+-``.
    """
    if not all(sign.isalnum() or sign in " ._@+-" for sign in name) or name.startswith("."):
        raise Unreadable("the name of the student's folder holds signs that are not allowed; rename the folder.")


def notebook_content(path: Path) -> bytes:
    """Read the file of a notebook.

    Raises:
        Unreadable: if it is missing, empty, too large or no file.
    """
    name = path.name
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Unreadable(f"{name} is a link or a folder, not a file; ask for the notebook itself.")
    if not path.is_file():
        others = ", ".join(sorted(other.name for other in path.parent.glob("*.ipynb"))) or "no notebook"
        raise Unreadable(f"{name} is missing, found {others}; ask for it, or rename the right one to {name}.")
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"{name} is larger than {MOST_BYTES // 1_000_000} MB; ask for it with outputs cleared.")
    content = path.read_bytes()
    if not content.strip():
        raise Unreadable(f"{name} is empty; ask for it again.")
    return content


def _is_sound(cell: NotebookNode) -> bool:
    return (
        isinstance(cell.cell_type, str)
        and isinstance(cell.source, str)
        and isinstance(cell.metadata, dict)
        and _is_text(cell.source)
    )


def _is_text(source: str) -> bool:
    """Whether a source can be written: a lone surrogate cannot."""
    try:
        source.encode()
    except UnicodeEncodeError:
        return False
    return True
