"""The two forms of an instructor notebook: percent text, which people edit, and the .ipynb, which nbgrader reads.

Either may be edited. The .ipynb remembers the hash of the text that both were last equal to, in the form in which text
is kept, so that a change on one side is carried to the other and changes on both sides are refused.
"""

from __future__ import annotations

import difflib
import hashlib
from typing import TYPE_CHECKING

import jupytext
import nbformat

from course.errors import CourseError
from course.metadata import KEYS
from course.prose import translation_hash
from course.shorthand import Shorthand

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from nbformat import NotebookNode

_FORMAT = "py:percent"
_TEXT_HASH = "twin"
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_KEPT = tuple(sorted(KEYS))


def sync(text_path: Path) -> str | None:
    """Make both twins equal.

    Args:
        text_path: the percent text; the .ipynb stands beside it.

    Returns:
        A sentence on what was rewritten, None if nothing was.

    Raises:
        CourseError: if both were edited and differ.
    """
    notebook_path, topic = text_path.with_suffix(".ipynb"), text_path.stem
    text_name, notebook_name = text_path.name, notebook_path.name
    given = text_path.read_text("utf-8") if text_path.exists() else None
    if not notebook_path.exists():
        if given is None:
            raise CourseError(f"{text_path} does not exist.")
        return _keep(text_path, canonical(given, topic), f"{notebook_name} was written from {text_name}")
    notebook = nbformat.read(notebook_path, as_version=4)
    rendered, last = as_text(notebook, topic), notebook.metadata.get(_TEXT_HASH)
    text = rendered if given is None else canonical(given, topic)
    if given is None or (text != rendered and _hash(text) == last):
        return _keep(text_path, rendered, f"{text_name} was rewritten from {notebook_name}")
    if text != rendered and _hash(rendered) != last:
        raise CourseError(
            f"{text_path} and {notebook_name} were both edited and differ. To keep the text, `git checkout "
            f"{notebook_path}`; to keep the notebook, `git checkout {text_path}`.\n{_difference(text, rendered)}"
        )
    if notebook_path.read_text("utf-8") != notebook_text(text, topic):
        return _keep(text_path, text, f"{notebook_name} was rewritten from {text_name}")
    return _keep(text_path, text, f"{text_name} was put into its usual form") if text != given else None


def check(text_path: Path) -> None:
    """Raise a `CourseError` unless both twins are equal, in their canonical form."""
    text = text_path.read_text("utf-8")
    notebook = nbformat.read(text_path.with_suffix(".ipynb"), as_version=4)
    topic = text_path.stem
    for form in (as_text(as_notebook(text, topic), topic), as_text(notebook, topic)):
        if form != text:
            raise CourseError(f"{text_path} and its twin differ: run `make release`.\n{_difference(text, form)}")
    if text_path.with_suffix(".ipynb").read_text("utf-8") != notebook_text(text, topic):
        raise CourseError(f"{text_path.with_suffix('.ipynb')} is not in its canonical form: run `make release`.")


def mark_translated(text_path: Path, keys: Collection[str]) -> None:
    """Record in Korean cells the hash of the English text that they were checked against.

    Args:
        text_path: the percent text; its twin is brought in step.
        keys: keys of the pairs that were read.

    Raises:
        CourseError: for a key that no pair has.
    """
    sync(text_path)
    topic = text_path.stem
    notebook = as_notebook(text_path.read_text("utf-8"), topic)
    cells = {(cell.metadata.get("key"), cell.metadata.get("lang")): cell for cell in notebook.cells}
    for key in keys:
        if (key, "ko") not in cells or (key, "en") not in cells:
            raise CourseError(f"{text_path.name} has no pair of cells with the key {key!r}.")
        cells[key, "ko"].metadata["checked"] = translation_hash(cells[key, "en"].source)
    text_path.write_text(as_text(notebook, topic), "utf-8")
    sync(text_path)


def as_notebook(text: str, topic: str) -> NotebookNode:
    """The notebook that percent text stands for, with cell ids that depend on the text alone.

    Args:
        text: percent text, with short headers of graded cells.
        topic: name of the notebook.

    Raises:
        CourseError: for a cell without a name, or a test cell whose hidden test does not exist.
    """
    notebook = jupytext.reads(Shorthand(topic).expanded(text), fmt=_FORMAT)
    notebook.metadata = nbformat.from_dict({**_METADATA, _TEXT_HASH: _hash(text)})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.id = _cell_id(cell)
    return notebook


def as_text(notebook: NotebookNode, topic: str) -> str:
    """The percent text of a notebook, without outputs and without metadata of editors."""
    bare = nbformat.v4.new_notebook(
        cells=[
            (nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell)(
                cell.source.rstrip("\n"),
                metadata={name: cell.metadata[name] for name in _KEPT if name in cell.metadata},
            )
            for cell in notebook.cells
        ],
        metadata={"jupytext": {"notebook_metadata_filter": "-all", "cell_metadata_filter": "all"}},
    )
    return Shorthand(topic).shortened(jupytext.writes(bare, fmt=_FORMAT))


def canonical(text: str, topic: str) -> str:
    """Percent text in the form in which it is kept: headers short, one blank line where one is usual."""
    return as_text(as_notebook(text, topic), topic)


def notebook_text(text: str, topic: str) -> str:
    """The content of the .ipynb that belongs to percent text."""
    return nbformat.writes(as_notebook(text, topic)) + "\n"


def _cell_id(cell: NotebookNode) -> str:
    if "nbgrader" in cell.metadata:
        return cell.metadata.nbgrader.grade_id
    if "key" not in cell.metadata:
        raise CourseError(f"the cell that starts with {cell.source[:40]!r} has neither a grade id nor a key: add one.")
    return "-".join(filter(None, [cell.metadata.key, cell.metadata.get("lang")]))


def _keep(text_path: Path, text: str, sentence: str) -> str:
    """Write both twins of a text in its usual form; the sentence says why."""
    text_path.write_text(text, "utf-8")
    text_path.with_suffix(".ipynb").write_text(notebook_text(text, text_path.stem), "utf-8")
    return sentence


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _difference(text: str, other: str) -> str:
    lines = difflib.unified_diff(text.splitlines(), other.splitlines(), "percent text", "notebook", lineterm="", n=1)
    return "\n".join(list(lines)[:20])
