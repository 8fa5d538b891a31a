"""What a grade depends on besides the submission: the course's modules that tests import, the engine, the versions."""

from __future__ import annotations

import ast
import functools
import hashlib
from importlib import metadata
from typing import TYPE_CHECKING

from nbjudge import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbjudge.submission.blueprint import Blueprint

_DISTRIBUTIONS = ("cloudpickle", "ipython", "matplotlib", "msgpack", "nbgrader", "numpy", "torch")


def versions() -> dict[str, str]:
    """The versions of what submissions and tests run on."""
    return {name: metadata.version(name) for name in _DISTRIBUTIONS}


def digest_of_tests(blueprint: Blueprint, root: Path) -> str:
    """A name for everything that decides a verdict and is not in the submission.

    Args:
        blueprint: the course's own cells.
        root: the folder that holds the modules which tests import.
    """
    digest = hashlib.sha256(blueprint.key.encode())
    sources = [cell.source for cell in blueprint.cells.values() if cell.locked]
    for path in sorted({*imported_files(sources, root), *_engine_files()}):
        digest.update(path.read_bytes())
    digest.update(repr(versions()).encode())
    return digest.hexdigest()


def imported_files(sources: Iterable[str], root: Path) -> set[Path]:
    """The files below a folder that some sources import, and what those import in turn."""
    found: set[Path] = set()
    waiting = list(sources)
    while waiting:
        for name in _imported(waiting.pop()):
            stem = root.joinpath(*name.split("."))
            for path in (stem.with_suffix(".py"), stem / "__init__.py"):
                if path.is_file() and path not in found:
                    found.add(path)
                    waiting.append(path.read_text("utf-8"))
    return found


@functools.cache
def _engine_files() -> tuple[Path, ...]:
    return tuple(PACKAGE.rglob("*.py"))


@functools.lru_cache(maxsize=1000)
def _imported(source: str) -> tuple[str, ...]:
    """The modules that a source may import by absolute names; packages come before what is in them."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return ()
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            found += [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return tuple(found)
