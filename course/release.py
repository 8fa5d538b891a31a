"""Make the releases: twins in step, every language built in a scratch directory, then swapped in."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course import twins
from course.checks import check_notebook
from course.errors import CourseError
from course.languages import LANGUAGES, KeepLanguage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AUTHORS_FILES = ["*.py", "*.pyc", "__pycache__", ".ipynb_checkpoints"]
"""Files beside an instructor notebook that are not released."""

RELEASE_STEPS = [KeepLanguage, *GenerateAssignment.preprocessors.default()]
"""The steps from an instructor notebook to a student's one."""


def assignments(root: Path) -> list[str]:
    """The assignments of a course, by name."""
    return sorted(path.parent.name for path in (root / "source").glob("*/*.py"))


def make_releases(root: Path, *, report: Callable[[str], None] = lambda _: None) -> None:
    """Build the release of every assignment in every language and register it in the gradebook.

    Args:
        root: the folder of the course.
        report: receives a line for each step.

    Raises:
        CourseError: if something must be mended first; the old releases stay.
    """
    for assignment in assignments(root):
        for text in sorted((root / "source" / assignment).glob("*.py")):
            if change := twins.sync(text):
                report(change)
            check_notebook(text.with_suffix(".ipynb"), references=root / "solutions" / text.name)
        with tempfile.TemporaryDirectory() as scratch:
            built = build(root, assignment, Path(scratch), register_in=gradebook_url(root))
            for language, folder in built.items():
                _swap(folder, root / "release" / language / assignment)
                report(f"release/{language}/{assignment} was built")


def build(course: Path, assignment: str, scratch: Path, *, register_in: str | None = None) -> dict[str, Path]:
    """Build an assignment in every language below a scratch directory.

    Args:
        course: the folder of the course.
        assignment: its name.
        scratch: an empty directory.
        register_in: database of the gradebook to register the assignment in, by default none. The last language
            registers it, once the others are built.

    Returns:
        The folder of each language.
    """
    databases = dict.fromkeys(LANGUAGES, f"sqlite:///{scratch / 'gradebook.db'}")
    if register_in:
        databases[LANGUAGES[-1]] = register_in
    return {
        language: _generate(course, assignment, language, root=scratch / language, db_url=database)
        for language, database in databases.items()
    }


def gradebook_url(root: Path) -> str:
    """The database of a course that names no other."""
    return f"sqlite:///{root / 'gradebook.db'}"


def _generate(course: Path, assignment: str, language: str, *, root: Path, db_url: str) -> Path:
    shutil.copytree(
        course / "source" / assignment, root / "source" / assignment, ignore=shutil.ignore_patterns(*AUTHORS_FILES)
    )
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = db_url
    config.KeepLanguage.language = language
    config.GenerateAssignment.preprocessors = RELEASE_STEPS
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    with _own_commands_found():  # nbgrader starts alembic by its name
        result = api.generate_assignment(assignment)
    if not result["success"]:
        raise CourseError(f"{assignment} cannot be released: {result['log'] or result['error']}")
    return root / "release" / assignment


@contextmanager
def _own_commands_found() -> Iterator[None]:
    """Put the commands of the running Python first on the path."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        yield
    finally:
        os.environ["PATH"] = path


def _swap(new: Path, old: Path) -> None:
    """Put a complete release in the place of the old one."""
    old.parent.mkdir(parents=True, exist_ok=True)
    staged, retired = (old.with_name(f".{old.name}.{word}") for word in ("new", "old"))
    for leftover in (staged, retired):  # of a run that was interrupted
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(new, staged)
    if old.exists():
        old.rename(retired)
    staged.rename(old)
    shutil.rmtree(retired, ignore_errors=True)
