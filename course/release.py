"""Make the releases: twins in step, every language built in a scratch directory, then swapped in.

What is as the last run left it is not built again.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.apps import NbGraderAPI
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course import twins
from course.checks import check_notebook
from course.errors import CourseError
from course.languages import LANGUAGES, KeepLanguage
from nbjudge.errors import CourseSetupError
from nbjudge.files import write_whole
from nbjudge.judging.dependencies import imported_files, versions
from nbjudge.reference import SUFFIX
from nbjudge.store.gradebook import blueprint_of
from nbjudge.store.record import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

AUTHORS_FILES = ["*.py", "*.pyc", "__pycache__", ".ipynb_checkpoints", f"*{SUFFIX}"]
"""Files beside an instructor notebook that are not released."""

RELEASE_STEPS = [KeepLanguage, *GenerateAssignment.preprocessors.default()]
"""The steps from an instructor notebook to a student's one."""

_HERE = Path(__file__).resolve().parent
_MEMORY = Path(".cache") / "release"
_CONFIGURATION = "nbgrader_config.py"
_SQLITE = "sqlite:///"
_BUILDERS = ("jupytext", "markdown-it-py", "nbconvert", "nbformat", "nbgrader")


def assignments(root: Path) -> list[str]:
    """The assignments of a course, by name."""
    return sorted({path.parent.name for path in (root / "source").glob("*/*") if path.suffix in (".py", ".ipynb")})


def make_releases(root: Path, *, only: str | None = None, report: Callable[[str], None] = lambda _: None) -> None:
    """Bring the release of assignments up to date in every language and register them in the gradebook.

    An assignment is built if anything is not as the last run left it: its folder in `source/` or its references, what
    checks and builds it, the release itself, or what the gradebook stores of it.

    Args:
        root: the folder of the course.
        only: one assignment, all by default.
        report: receives a line for each step.

    Raises:
        CourseError: if something must be mended first; the old releases stay.
    """
    chosen = assignments(root)
    if only is not None and only not in chosen:
        raise CourseError(f"there is no assignment {only!r} in source/.")
    chosen = [only] if only else chosen
    for text in (text for assignment in chosen for text in texts_of(root, assignment)):
        if change := twins.sync(text):
            report(change)
    code = _digest_of_code()
    stale = [assignment for assignment in chosen if _remembered(root, assignment) != _state(root, assignment, code)]
    for assignment in sorted(set(chosen) - set(stale)):
        report(f"{assignment} is up to date")
    with _processes(len(stale)) as do_each:
        if problems := [problem for problem in do_each(functools.partial(_problem, root), stale) if problem]:
            raise CourseError("\n".join(problems))
        for assignment, _ in zip(stale, do_each(functools.partial(_rebuild, root), stale), strict=True):
            _remember(root, assignment, _state(root, assignment, code))
            report(f"{assignment} was built in {' and '.join(LANGUAGES)}")


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
    built = {}
    for language in LANGUAGES:
        shared = register_in if language == LANGUAGES[-1] else None
        database = f"sqlite:///{scratch / 'gradebook.db'}" if shared is None else shared
        with nullcontext() if shared is None else _one_at_a_time(course):
            built[language] = _generate(course, assignment, language, root=scratch / language, db_url=database)
    return built


def gradebook_url(root: Path) -> str:
    """The database of a course: the one that its configuration names, or ``gradebook.db`` in its folder."""
    config = Config()
    if (root / _CONFIGURATION).is_file():
        config = PyFileConfigLoader(_CONFIGURATION, str(root)).load_config()
    config.CourseDirectory.root = str(root)
    return CourseDirectory(config=config).db_url


def texts_of(root: Path, assignment: str) -> list[Path]:
    """The percent texts of an assignment; one that has only a notebook so far is among them."""
    found = (root / "source" / assignment).iterdir()
    return sorted({path.with_suffix(".py") for path in found if path.suffix in (".py", ".ipynb")})


def _problem(root: Path, assignment: str) -> str | None:
    """What must be mended before an assignment is built, if anything."""
    try:
        for text in texts_of(root, assignment):
            check_notebook(text.with_suffix(".ipynb"), references=root / "solutions" / text.name)
    except CourseError as error:
        return str(error)
    return None


def _rebuild(root: Path, assignment: str) -> None:
    """Build an assignment and put it in the place of the old release."""
    with tempfile.TemporaryDirectory() as scratch:
        for language, folder in build(root, assignment, Path(scratch), register_in=gradebook_url(root)).items():
            _swap(folder, root / "release" / language / assignment)


@contextmanager
def _processes(count: int) -> Iterator[Callable]:
    """A map over as many processes as are of use; over this one if one is."""
    count = min(count, os.cpu_count() or 1)
    if count < 2:
        yield map
        return
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(count, context) as pool:
        yield pool.map


def _remembered(root: Path, assignment: str) -> str | None:
    path = root / _MEMORY / assignment
    return path.read_text("ascii", "replace") if path.is_file() else None


def _remember(root: Path, assignment: str, state: str) -> None:
    (root / _MEMORY).mkdir(parents=True, exist_ok=True)
    write_whole(root / _MEMORY / assignment, state.encode())


def _state(root: Path, assignment: str, code: str) -> str:
    """A name for everything that decides a release, for the release and for what the gradebook stores of it."""
    folders = [root / "source" / assignment, *(root / "release" / language / assignment for language in LANGUAGES)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files = [path for path in files if not path.name.endswith(SUFFIX)]
    files += [path for text in texts_of(root, assignment) if (path := root / "solutions" / text.name).is_file()]
    return key_of(
        [code, _contents(files, root), *(_registered(root, assignment, text) for text in texts_of(root, assignment))]
    )


def _registered(root: Path, assignment: str, text: Path) -> str | None:
    """A name for what the gradebook stores of a notebook, None if that is nothing."""
    database = gradebook_url(root)
    if database.startswith(_SQLITE) and not Path(database.removeprefix(_SQLITE)).is_file():
        return None
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = database
    config.CourseDirectory.release_directory = str(root / "release" / LANGUAGES[-1])
    try:
        return blueprint_of(CourseDirectory(config=config), assignment, text.stem).key
    except (CourseSetupError, SQLAlchemyError):
        return None


def _digest_of_code() -> str:
    """A name for what checks and builds releases: modules of this project, templates, pins and versions."""
    files = [*imported_files([f"import {__name__}"], _HERE.parent), *(_HERE / "templates").iterdir()]
    packages = {name: metadata.version(name) for name in _BUILDERS}
    contents = _contents([*files, _HERE.parent / "constraints.txt"], _HERE.parent)
    return key_of([contents, packages, versions(), platform.python_version()])


def _contents(files: Iterable[Path], root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Wait until no other process registers an assignment."""
    path = root / _MEMORY / "gradebook.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
