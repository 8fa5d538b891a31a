"""Read what was handed in, and say in one sentence why that cannot be done."""

from __future__ import annotations

import ast
import glob
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from traitlets import List, Unicode

from nbjudge.errors import CourseSetupError, SubmissionError
from nbjudge.stored import FORMAT, stored_notebook

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable

    from nbgrader.converters import Autograde

MOST_BYTES = 50_000_000
"""Size of a notebook that is read."""

_ENGINE = __name__.partition(".")[0]
"""Top-level module of this package, which tests import too."""


class Unreadable(Exception):
    """A file is no notebook that can be graded; the text is a sentence that begins with its name."""


class SubmissionExporter(NotebookExporter):
    """Read each submission for ``nbgrader autograde``: ``c.Autograde.exporter_class = SubmissionExporter``.

    nbgrader passes over a submission without its notebook. This exporter puts it back on the list, so that it is told
    like any other that cannot be graded.
    """

    own_names = List(
        Unicode(),
        ["solutions", "tests"],
        help="Top-level modules of the course. A submission with files of these names is refused.",
    ).tag(config=True)

    def __init__(self, parent: Autograde, **keywords: Any) -> None:
        super().__init__(parent=parent, **keywords)
        self.log.addFilter(_has_no_known_reason)
        _list_submissions_without_notebook(parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **keywords: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert one notebook.

        Raises:
            SubmissionError: if it cannot be graded; the reason was logged as one line.
        """
        names = resources["nbgrader"]
        path = Path(filename)
        try:
            notebook = read_notebook(path)
            stored = stored_notebook(self.parent.coursedir, names["assignment"], names["notebook"])
            imported = _imported(cell.source for cell in stored.cells.values())
            refuse_shadows(path.parent, {_ENGINE, *self.own_names, *imported})
        except (Unreadable, CourseSetupError) as reason:
            error = SubmissionError(names["student"], names["assignment"], str(reason))
            self.log.error("%s", error)
            raise error from None
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(notebook, resources=resources, **keywords)


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of any format up to the present one, upgraded.

    Raises:
        Unreadable: if the file is missing, empty, truncated, too large, of a later format or no notebook at all.
    """
    name = path.name
    try:
        data = json.loads(_content(path).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not UTF-8 text; ask for the notebook as Jupyter saved it.") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{name} is truncated or no notebook; ask for it again.") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise Unreadable(f"{name} holds other data than a notebook; ask for the notebook.")
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


def refuse_shadows(folder: Path, names: Iterable[str]) -> None:
    """Refuse a submission whose own files would be imported instead of modules that its tests need.

    Raises:
        Unreadable: naming the first such file.
    """
    reserved = set(names)
    for path in sorted(folder.iterdir()):
        if path.name.split(".")[0] in reserved and (path.is_dir() or path.suffix in (".py", ".so", ".pyc")):
            raise Unreadable(f"{path.name} would hide a module that the tests need; ask for the work without it.")


def _content(path: Path) -> bytes:
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


def _imported(sources: Iterable[str]) -> set[str]:
    """The top-level modules that the course's own cells import."""
    found = set()
    for source in sources:
        try:
            nodes = [*ast.walk(ast.parse(source))]
        except SyntaxError:  # prose, magics
            continue
        found |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        found |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in found}


def _list_submissions_without_notebook(converter: Autograde) -> None:
    coursedir = converter.coursedir
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            expected = [notebook.name for notebook in gradebook.find_assignment(coursedir.assignment_id).notebooks]
        except MissingEntry:
            return
    pattern = coursedir.format_path(coursedir.submitted_directory, coursedir.student_id, coursedir.assignment_id)
    for folder in glob.glob(pattern):  # noqa: PTH207, the pattern may be absolute
        paths = [str(Path(folder) / f"{name}.ipynb") for name in expected]
        if not any(Path(path).exists() for path in paths):
            converter.assignments[folder] = paths


def _has_no_known_reason(record: logging.LogRecord) -> bool:
    """Whether a log record is worth showing: not the traceback of an error that was told in a sentence."""
    message = record.getMessage()
    return not (message.startswith("Traceback") and f"{SubmissionError.__module__}.SubmissionError" in message)
