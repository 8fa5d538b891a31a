"""The cells that belong to the course: what the gradebook stores of a notebook and how the release orders it."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

ALONE = "### ALONE"
"""A line of a test that must meet no state that another one left."""

FORMAT = 4
"""Notebook format that everything is read as."""


@dataclass(frozen=True)
class BlueprintCell:
    """One cell that the gradebook knows.

    Args:
        grade_id: the name that the instructor gave.
        cell_type: ``code`` or ``markdown``.
        source: the whole source, hidden tests and mark scheme included; the stub for a solution cell.
        released_source: the source as students got it, without hidden tests and mark scheme.
        checksum: nbgrader's checksum of the released cell.
        locked: whether the source is the course's and not the student's.
        grade, solution, task: nbgrader's flags.
        points: the most that the cell earns.
        bonus: the most that it earns outside the total of the assignment.
    """

    grade_id: str
    cell_type: str
    source: str
    released_source: str
    checksum: str | None
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float
    bonus: float

    @property
    def is_test(self) -> bool:
        """Whether the cell is judged automatically."""
        return self.grade and not self.solution and self.cell_type == "code"

    @property
    def is_alone(self) -> bool:
        """Whether this test must meet no state that another one left."""
        return ALONE in self.source.splitlines()

    @property
    def graded_source(self) -> str:
        """The source of a locked cell in a graded notebook: a mark scheme is for the TA who reads it."""
        return self.source if self.task else self.released_source

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata that the cell has in a graded notebook."""
        nbgrader: dict[str, Any] = {
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            "grade": self.grade,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
        }
        if self.grade or self.task:
            nbgrader["points"] = self.points
        metadata: dict[str, Any] = {"nbgrader": nbgrader}
        if self.locked:
            metadata |= {"deletable": False, "editable": False}
        if self.bonus:
            metadata["bonus"] = self.bonus
        return metadata


@dataclass(frozen=True)
class Blueprint:
    """The course's own view of one notebook of an assignment.

    Args:
        released: the notebook that students were given.
        cells: the cells of the course by grade id, in the order of the release.
    """

    released: NotebookNode
    cells: dict[str, BlueprintCell]

    @functools.cached_property
    def key(self) -> str:
        """A name for this content: another one as soon as a cell or the release changes."""
        content = repr((list(self.cells.values()), json.dumps(self.released, sort_keys=True)))
        return hashlib.sha256(content.encode()).hexdigest()

    def known(self, cell: NotebookNode) -> BlueprintCell | None:
        """The course's cell that a cell claims to be, None for one that is not of the course."""
        name = grade_id(cell)
        return None if name is None else self.cells.get(name)

    @property
    def tests(self) -> list[BlueprintCell]:
        """The cells that are judged automatically."""
        return [cell for cell in self.cells.values() if cell.is_test]


def grade_id(cell: NotebookNode) -> str | None:
    """The grade id that a cell claims, None without one."""
    nbgrader = cell.metadata.get("nbgrader")
    claimed = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return claimed if isinstance(claimed, str) else None
