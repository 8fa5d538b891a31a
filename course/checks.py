"""What an instructor notebook must fulfil before it is released; every problem is a sentence on one cell."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

import nbformat

from course import announced, prose
from course.coverage import ITEMS
from course.errors import CourseError
from course.exercises import NO_SETUP, SETUP, defined_names, read_exercises, setup_namespace, stub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat import NotebookNode

MOST_LINES = 40
"""Lines of a code cell, so that it is read on one screen."""

MOST_COLUMNS = 100
"""Characters of a line of code, so that it is read without scrolling."""

_REGIONS = {"solution": "### {} SOLUTION", "grade": "### {} HIDDEN TESTS"}


def check_notebook(path: Path, *, references: Path) -> None:
    """Check an instructor notebook and its reference solutions.

    Args:
        path: the instructor notebook.
        references: the module of reference solutions of the same topic.

    Raises:
        CourseError: with a sentence for each problem.
    """
    notebook = nbformat.read(path, as_version=4)
    found = [*_structure(notebook)]
    found = found or [*_content(path, references), *announced.problems(path), *prose.problems(notebook)]
    if found:
        raise CourseError("\n".join(f"{path.parent.name}, {problem}" for problem in found))


def _structure(notebook: NotebookNode) -> Iterator[str]:
    """Problems of metadata and regions, which all further checks rely on."""
    for kind, names in (("grade id", map(_grade_id, notebook.cells)), ("key", map(_key, notebook.cells))):
        for name, times in Counter(filter(None, names)).items():
            if times > 1:
                yield f"cell {name}: its {kind} is used {times} times; give each cell its own."
    if SETUP not in map(_grade_id, notebook.cells):
        yield NO_SETUP
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            yield from (f"cell {_grade_id(cell)}: {problem}" for problem in _graded_cell(cell))
        elif cell.cell_type == "markdown" and "lang" not in cell.metadata:
            yield f"cell {_key(cell)}: prose needs a language; add lang to its metadata."
        called = _grade_id(cell) or _key(cell)
        if prose.TO_WRITE in cell.source:
            yield f"cell {called}: {prose.TO_WRITE!r} is left in it; write what stands there."
        if cell.cell_type == "code":
            yield from (f"cell {called}: {problem}" for problem in _size(cell.source))


def _size(source: str) -> Iterator[str]:
    lines = source.splitlines()
    if len(lines) > MOST_LINES:
        yield f"it has more than {MOST_LINES} lines; split it."
    if long := [line.strip() for line in lines if len(line) > MOST_COLUMNS]:
        yield f"{long[0][:30]!r} is longer than {MOST_COLUMNS} characters; break it."


def _graded_cell(cell: NotebookNode) -> Iterator[str]:
    flags = cell.metadata.nbgrader
    if cell.cell_type == "markdown" and not flags.task:
        yield "prose must not be locked or graded; make it a pair of plain cells, ko and en, or a task."
    if (flags.grade or flags.task) and not _number(flags.get("points")):
        yield "points are missing; write a number into its metadata."
    elif (flags.grade or flags.task) and not flags.points and not cell.metadata.get("bonus"):
        yield "it earns 0 points; give it points, or a bonus."
    if unknown := set(cell.metadata.get("covers", "").split()) - set(ITEMS):
        yield f"it covers {', '.join(sorted(unknown))}, which course/coverage.py does not know."
    for flag, marker in _REGIONS.items():
        if cell.cell_type == "code" and flags[flag]:
            counts = [cell.source.count(marker.format(word)) for word in ("BEGIN", "END")]
            if counts != [1, 1]:
                begin, end = marker.format("BEGIN"), marker.format("END")
                yield f"it needs one region between {begin!r} and {end!r}, found {counts[0]} and {counts[1]} markers."


def _content(path: Path, references: Path) -> Iterator[str]:
    """Problems of the code itself."""
    exercises = read_exercises(path)
    try:
        setup_namespace(exercises)
    except Exception as error:  # noqa: BLE001, whatever it raises is told
        yield f"cell {SETUP}: it does not run alone ({type(error).__name__}: {error}); it may use no student's name."
    if not references.is_file():
        asked = ", ".join(exercises.functions)
        yield f"{references.parent.name}/{references.name} is missing; write the references there: {asked}."
        return
    expected = _signatures(references.read_text("utf-8"))
    for name, source in exercises.solutions.items():
        solved, released = _signatures(source), _signatures(stub(source))
        if solved != released:
            yield f"cell {name}: the stub and the solution define different names or parameters; move the def line out."
        for function in defined_names(source):
            if function not in expected:
                yield f"cell {name}: {references.parent.name}/{references.name} has no {function}; write the reference."
            elif len(expected[function]) != len(solved[function]):
                yield (
                    f"cell {name}: {function} takes {_told(solved[function])}, but the reference in "
                    f"{references.parent.name}/{references.name} takes {_told(expected[function])}; make them agree."
                )


def _signatures(source: str) -> dict[str, list[str]]:
    """The parameters of each function, and of the constructor of each class, that a source defines."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            methods = {method.name: method for method in node.body if isinstance(method, ast.FunctionDef)}
            found[node.name] = _parameters(methods["__init__"])[1:] if "__init__" in methods else []
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = _parameters(node)
    return found


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in [*function.args.args, *function.args.kwonlyargs]]


def _told(parameters: list[str]) -> str:
    return f"({', '.join(parameters)})"


def _number(points: object) -> bool:
    return isinstance(points, int | float) and points >= 0


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _key(cell: NotebookNode) -> str | None:
    key = cell.metadata.get("key")
    return f"{key} ({cell.metadata.lang})" if key and "lang" in cell.metadata else key
