"""The files beside a notebook: which of them may come along."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.messages import presentable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbgrader.coursedir import CourseDirectory

MOST_FILES = 200
MOST_BYTES = 20_000_000
MOST_BYTES_IN_ALL = 50_000_000
MOST_NAME = 200
MOST_DEPTH = 5

_OF_TOOLS = (".ipynb_checkpoints", "__pycache__", "*.pyc")
_DATA = (".csv", ".tsv", ".txt", ".dat", ".npy", ".npz", ".png", ".jpg", ".jpeg", ".pdf")


@dataclass
class Companions:
    """The files beside a notebook.

    Args:
        files: contents by path in the folder.
        refused: paths that may not come along.
        oddities: why not, a sentence each.
        released: paths that belong to the course.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    released: frozenset[str] = frozenset()

    @property
    def shelf(self) -> dict[str, bytes]:
        """The files as they lie beside the graded notebook, where the TA opens it.

        Tools that are started there import modules and read settings from that folder. So a student's file that is not
        data by its name gets ``.txt`` behind it: ``helper.py.txt``.
        """
        shelf = {path: self.files[path] for path in self.released}
        for path in sorted(self.files.keys() - self.released):
            name = path if path.lower().endswith(_DATA) else f"{path}.txt"
            while name in shelf:
                name += ".txt"
            shelf[name] = self.files[path]
        return shelf

    def refuse(self, name: str, reason: str) -> None:
        """Leave a file out."""
        self.refused.append(name)
        self.oddities.append(f"{presentable(name)} was left out: {reason}.")


def companions(folder: Path, *, ignored: Iterable[str] = ()) -> Companions:
    """Read the regular files of a folder, without notebooks; links are never followed.

    Args:
        folder: the folder of a submission or a release.
        ignored: patterns of names that are passed over.
    """
    found = Companions()
    patterns = [*ignored, "*.ipynb"]
    left = MOST_BYTES_IN_ALL
    for root, folders, names in os.walk(folder):
        inside = os.path.relpath(root, folder)
        is_deep = inside.count("/") >= MOST_DEPTH
        folders[:] = [] if is_deep else sorted(name for name in folders if not _matches(name, patterns))
        links = [name for name in folders if os.path.islink(os.path.join(root, name))]  # noqa: PTH114, PTH118, any name
        for name in sorted([*names, *links]):
            path = os.path.normpath(os.path.join(inside, name))  # noqa: PTH118, any name
            if _matches(name, patterns):
                continue
            if path.count("/") >= MOST_DEPTH or len(path) > MOST_NAME or presentable(path) != path:
                found.refuse(path, "its name is too long or holds signs that do not print")
                continue
            if len(found.files) >= MOST_FILES:
                found.refuse(path, f"there are more than {MOST_FILES} files")
                continue
            content = _content(os.path.join(root, name), min(left, MOST_BYTES))  # noqa: PTH118, any name
            if isinstance(content, str):
                found.refuse(path, content)
            else:
                left -= len(content)
                found.files[path] = content
    return found


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _content(path: str, most: int) -> bytes | str:
    """What a regular file holds, or why it is refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return "it is a link" if os.path.islink(path) else f"it cannot be read ({error.strerror})"  # noqa: PTH114, any name
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return "it is no regular file"
        if status.st_nlink > 1:
            return "it is a link"
        content = file.read(most + 1)
    return content if len(content) <= most else "it is too large, by itself or together with the others"


def assignment_files(coursedir: CourseDirectory, student: str, assignment: str) -> Companions:
    """The files that code of a submission finds: its own, and over them those of the release."""
    submitted, released = (
        Path(coursedir.format_path(folder, owner, assignment))
        for folder, owner in ((coursedir.submitted_directory, student), (coursedir.release_directory, "."))
    )
    found = companions(submitted, ignored=_OF_TOOLS)
    ours = companions(released, ignored=coursedir.ignore).files
    found.files |= ours
    found.released = frozenset(ours)
    return found
