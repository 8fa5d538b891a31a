"""The record of a graded submission: what happened, for the TA, and the journal by which a class run goes on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbjudge.files import write_whole

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from nbjudge.judging.graded import Graded

FOLDER = ".nbjudge"
"""Folder of the records in the course."""


def record_path(coursedir: CourseDirectory, assignment: str, student: str) -> Path:
    """Where the record of a submission lies."""
    return Path(coursedir.root) / FOLDER / assignment / f"{student}.json"


def key_of(parts: list[Any]) -> str:
    """A name for everything that decides the grade of a submission."""
    digest = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def as_data(graded: Graded) -> dict[str, Any]:
    """What the record keeps of one graded notebook."""
    data = asdict(graded)
    del data["text"]
    data["verdicts"] = {name: verdict.as_data() for name, verdict in graded.verdicts.items()}
    return data


def read_key(path: Path) -> str | None:
    """The key of a record, None if there is none that can be read."""
    try:
        key: str = json.loads(path.read_text("utf-8"))["key"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return key


def write(path: Path, record: dict[str, Any]) -> None:
    """Write a record; it is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(record, indent=1, ensure_ascii=False).encode("utf-8", "replace"))
