"""The exercises of one assignment, read from its instructor notebook."""

from __future__ import annotations

import ast
import functools
import symtable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader.preprocessors import ClearSolutions

from course.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType

SETUP = "setup"
SHAPE_CHECK = "-shape"
NO_SETUP = f"cell {SETUP}: it is missing; add a locked code cell with this grade id at the top."


@dataclass(frozen=True)
class TestCell:
    """A test cell: its grade id, its whole source and the most that it earns."""

    __test__ = False

    name: str
    source: str
    points: float
    bonus: float

    @property
    def most(self) -> float:
        """Points or bonus points, whichever the cell gives."""
        return self.bonus or self.points

    @property
    def is_shape_check(self) -> bool:
        """Whether the cell looks at shapes and types only."""
        return self.name.endswith(SHAPE_CHECK)

    def uses(self, name: str) -> bool:
        """Whether the cell mentions a name."""
        return name in names_in(self.source)


@dataclass(frozen=True)
class Exercises:
    """What a notebook asks for, and how it is tested.

    Args:
        topic: name of the notebook.
        setup: source of the setup cell.
        solutions: sources of the solution cells by grade id, solved.
        stubs: the same cells as students get them.
        tests: the test cells in order.
    """

    topic: str
    setup: str
    solutions: dict[str, str]
    stubs: dict[str, str]
    tests: tuple[TestCell, ...]

    @functools.cached_property
    def functions(self) -> dict[str, str]:
        """The grade id of the solution cell that defines each name asked for."""
        return {name: grade_id for grade_id, source in self.solutions.items() for name in defined_names(source)}

    def tests_of(self, function: str) -> list[TestCell]:
        """The test cells that a function takes part in, itself or inside functions that use it."""
        names = self._users_of(function)
        return [test for test in self.tests if any(test.uses(name) for name in names)]

    def _users_of(self, function: str) -> set[str]:
        """A function with all functions whose solutions use it, directly or not."""
        found, waiting = {function}, [function]
        while waiting:
            used = waiting.pop()
            users = {name for name, cell in self.functions.items() if used in names_in(self.solutions[cell])}
            waiting += users - found
            found |= users
        return found


def read_exercises(path: Path) -> Exercises:
    """Read the instructor notebook at `path`.

    Raises:
        CourseError: if it has no setup cell.
    """
    cells = nbformat.read(path, as_version=4).cells
    graded = {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}
    if SETUP not in graded:
        raise CourseError(f"{path.parent.name}, {NO_SETUP}")
    solutions = {name: cell.source for name, cell in graded.items() if cell.metadata.nbgrader.solution}
    return Exercises(
        topic=path.stem,
        setup=graded[SETUP].source,
        solutions=solutions,
        stubs={name: stub(source) for name, source in solutions.items()},
        tests=tuple(
            TestCell(name, cell.source, cell.metadata.nbgrader.points, cell.metadata.get("bonus", 0))
            for name, cell in graded.items()
            if cell.metadata.nbgrader.grade
        ),
    )


def stub(solution: str) -> str:
    """A solution cell as students get it."""
    cell = nbformat.v4.new_code_cell(solution)
    cell.metadata["nbgrader"] = {"solution": True}
    return ClearSolutions().preprocess_cell(cell, {"language": "python"}, 0)[0].source


def defined_names(source: str) -> list[str]:
    """The functions and classes that a cell defines at its top level."""
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


@functools.lru_cache(maxsize=1000)
def names_in(source: str) -> frozenset[str]:
    """The names that a cell reads or writes beyond its functions, whose parameters and local names are their own."""
    return frozenset(_shared_names(symtable.symtable(source, "cell", "exec")))


def _shared_names(scope: symtable.SymbolTable) -> Iterator[str]:
    at_the_top = scope.get_type() == "module"
    for symbol in scope.get_symbols():
        only_defined = symbol.is_namespace() and not symbol.is_referenced()
        if not only_defined if at_the_top else symbol.is_global():
            yield symbol.get_name()
    for inner in scope.get_children():
        yield from _shared_names(inner)


def setup_namespace(exercises: Exercises) -> dict[str, Any]:
    """The names that the setup cell makes."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(exercises.setup, "<setup>", "exec"), namespace)  # noqa: S102, running cells is the purpose
    return namespace


def student_namespace(setup: dict[str, Any], sources: dict[str, str]) -> dict[str, Any]:
    """The names after setup and a student's cells, whose code says in its file name which cell it is."""
    namespace = dict(setup)
    for name, source in sources.items():
        exec(_compiled(source, cell_filename(name)), namespace)  # noqa: S102, running cells is the purpose
    return namespace


@functools.lru_cache(maxsize=1000)
def _compiled(source: str, filename: str) -> CodeType:
    return compile(source, filename, "exec")


def cell_filename(name: str) -> str:
    """File name of the code of a student's cell."""
    return f"<cell {name}>"


def place_of(filename: str) -> str | None:
    """The cell whose code has this file name, None for other code."""
    return filename.strip("<>") if filename.startswith("<cell ") else None
