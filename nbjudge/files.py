"""Put a file or a folder in the place of another, so that nobody finds a part of it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def replace_folder(
    folder: Path, contents: Mapping[str, bytes], *, file_mode: int | None = None, folder_mode: int | None = None
) -> None:
    """Write a folder beside the present one and put it in its place; nobody finds a part of it.

    Args:
        folder: what is replaced, if it is there.
        contents: of the files, by path in the folder.
        file_mode: permissions of the files, if not those that the process gives.
        folder_mode: permissions of the folder and those in it, if not those that the process gives.

    Raises:
        OSError: if it cannot be written; the present folder stays.
    """
    staged, former = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    for rest in (staged, former):
        shutil.rmtree(rest, ignore_errors=True)
    try:
        staged.mkdir(parents=True)
        for name, content in contents.items():
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for path in (staged, *staged.rglob("*")):
            mode = folder_mode if path.is_dir() else file_mode
            if mode is not None:
                path.chmod(mode)
        if folder.exists():
            folder.rename(former)
        staged.rename(folder)
    except OSError:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    shutil.rmtree(former, ignore_errors=True)


def write_whole(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file that is there as a whole or not at all, also after a power cut.

    Args:
        path: of the file.
        content: of the file.
        mode: its permissions, if not those that the process gives.
    """
    staged = path.with_name(f".{path.name}.new")
    try:
        with staged.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if mode is not None:
                os.fchmod(file.fileno(), mode)
        staged.replace(path)
    except OSError:
        staged.unlink(missing_ok=True)
        raise
