"""The files beside a notebook: which of them may come along."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from nbjudge.messages import presentable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbgrader.coursedir import CourseDirectory

MOST_FILES = 200
MOST_BYTES = 20_000_000
MOST_BYTES_IN_ALL = 50_000_000
MOST_NAME = 200
MOST_DEPTH = 5

_OF_TOOLS = (".ipynb_checkpoints", "__pycache__", "*.pyc")
_DATA = (".csv", ".tsv", ".txt", ".dat", ".npy", ".npz", ".png", ".jpg", ".jpeg", ".pdf")


class LeftOut(Exception):
    """A file may not come along; the text says why and ends a sentence."""


@dataclass(frozen=True)
class Content:
    """What a regular file held.

    Args:
        data: all of it.
        changed: when it last changed, in nanoseconds since the epoch; its owner cannot set that back.
    """

    data: bytes
    changed: int


@dataclass
class Companions:
    """The files beside a notebook.

    Args:
        files: contents by path in the folder.
        refused: paths that may not come along.
        oddities: why not, a sentence each.
        released: paths that belong to the course.
        changed: when the latest of the files changed, in nanoseconds since the epoch.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    released: frozenset[str] = frozenset()
    changed: int = 0

    @property
    def shelf(self) -> dict[str, bytes]:
        """The files as they lie beside the graded notebook, where the TA opens it.

        Tools that are started there import modules and read settings from that folder. So a student's file that is not
        data by its name gets ``.txt`` behind it: ``helper.py.txt``. The name of a folder gets no dot: in
        ``x.dist-info``, ``entry_points.txt`` names functions that ``import torch`` calls.
        """
        shelf = {path: self.files[path] for path in self.released}
        for path in sorted(self.files.keys() - self.released):
            folder, mark, name = path.rpartition("/")
            name = folder.replace(".", "_") + mark + (name if name.lower().endswith(_DATA) else f"{name}.txt")
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
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return Companions()
    try:
        return files_below(descriptor, ignored=[*ignored, "*.ipynb"])
    finally:
        os.close(descriptor)


def files_below(
    folder: int, *, ignored: Iterable[str], most_bytes: int = MOST_BYTES, owner: int | None = None
) -> Companions:
    """Read the regular files of an open folder, whatever is done to it meanwhile.

    Args:
        folder: descriptor of the folder.
        ignored: patterns of names that are passed over.
        most_bytes: size of a file that is read.
        owner: the user whose files they must be; None if that does not matter.
    """
    found = Companions()
    left = MOST_BYTES_IN_ALL
    for path, inside in _entries(folder, list(ignored)):
        try:
            _refuse_path(path, len(found.files))
            content = read_regular(path.rpartition("/")[2], inside, most=min(left, most_bytes), owner=owner)
        except LeftOut as reason:
            found.refuse(path, str(reason))
        else:
            left -= len(content.data)
            found.files[path] = content.data
            found.changed = max(found.changed, content.changed)
    return found


def _refuse_path(path: str, taken: int) -> None:
    if path.count("/") >= MOST_DEPTH or len(path) > MOST_NAME or presentable(path) != path:
        raise LeftOut("its name is too long or holds signs that do not print")
    if taken >= MOST_FILES:
        raise LeftOut(f"there are more than {MOST_FILES} files")


def read_regular(name: str, folder: int, *, most: int, owner: int | None = None) -> Content:
    """Read a regular file of an open folder.

    Args:
        name: of the file.
        folder: descriptor of the folder.
        most: bytes that it may hold.
        owner: the user whose file it must be; None if that does not matter.

    Raises:
        LeftOut: if it is anything else, or cannot be read.
    """
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise LeftOut(
            "it is a link" if error.errno == errno.ELOOP else f"it cannot be read ({error.strerror})"
        ) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise LeftOut("it is no regular file")
        if status.st_nlink > 1:
            raise LeftOut("it is a link")
        if owner not in (None, status.st_uid):
            raise LeftOut("it belongs to somebody else")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(most + 1)
        changed = os.fstat(descriptor).st_ctime_ns  # asked after the last byte: no later change is missed
    except OSError as error:
        raise LeftOut(f"it cannot be read ({error.strerror})") from None
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise LeftOut("it is too large, by itself or together with the others")
    return Content(data, changed)


def _entries(folder: int, ignored: list[str], above: str = "") -> Iterator[tuple[str, int]]:
    """Path and open folder of all that is no folder itself, those of a folder before those of the folders in it."""
    folders = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if any(fnmatch(entry.name, pattern) for pattern in ignored):
            continue
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.name)
        else:
            yield above + entry.name, folder
    for name in folders if above.count("/") <= MOST_DEPTH else []:
        try:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        except OSError:
            yield above + name, folder  # reading it tells why it is no folder
            continue
        try:
            yield from _entries(inner, ignored, f"{above}{name}/")
        finally:
            os.close(inner)


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
