"""The cells that belong to the course: what the gradebook stores of a notebook and how the release orders it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

from nbjudge.errors import CourseSetupError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

FORMAT = 4
"""Notebook format that everything is read as."""


@dataclass(frozen=True)
class StoredCell:
    """One cell that the gradebook knows.

    Args:
        grade_id: the name that the instructor gave.
        cell_type: ``code`` or ``markdown``.
        source: the whole source, hidden tests and mark scheme included; the stub for a solution cell.
        checksum: nbgrader's checksum of the released cell.
        locked: whether the source is the course's and not the student's.
        grade, solution, task: nbgrader's flags.
        points: the most that the cell earns.
        bonus: the most that it earns outside the total of the assignment.
    """

    grade_id: str
    cell_type: str
    source: str
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
    def released_source(self) -> str:
        """The source as students got it, without hidden tests and mark scheme."""
        cell = nbformat.v4.new_code_cell(self.source, metadata={"nbgrader": {"grade": self.grade, "task": self.task}})
        for clear in (ClearHiddenTests(), ClearMarkScheme()):
            cell, _ = clear.preprocess_cell(cell, {}, 0)
        return cell.source

    @property
    def graded_source(self) -> str:
        """The source of a locked cell in a graded notebook: a mark scheme is for the TA who reads it."""
        return self.source if self.task else self.released_source

    @property
    def metadata(self) -> dict:
        """The metadata that the cell has in a graded notebook."""
        nbgrader = {
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
        metadata = {"nbgrader": nbgrader}
        if self.locked:
            metadata |= {"deletable": False, "editable": False}
        if self.bonus:
            metadata["bonus"] = self.bonus
        return metadata


@dataclass(frozen=True)
class StoredNotebook:
    """The course's own view of one notebook of an assignment.

    Args:
        released: the notebook that students were given.
        cells: the stored cells by grade id, in the order of the release.
    """

    released: NotebookNode
    cells: dict[str, StoredCell]

    @property
    def tests(self) -> list[StoredCell]:
        """The cells that are judged automatically."""
        return [cell for cell in self.cells.values() if cell.is_test]


def stored_notebook(coursedir: CourseDirectory, assignment: str, notebook: str) -> StoredNotebook:
    """Read what the course stores of a notebook.

    Args:
        coursedir: nbgrader's directories and database of the course.
        assignment: name of the assignment.
        notebook: name of the notebook, without extension.

    Raises:
        CourseSetupError: if the assignment was never released or its release is missing.
    """
    path = Path(coursedir.format_path(coursedir.release_directory, ".", assignment)) / f"{notebook}.ipynb"
    if not path.is_file():
        raise CourseSetupError(
            f"{assignment}: the release {path} is missing; release the assignment before grading it."
        )
    released = nbformat.read(path, as_version=FORMAT)
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            entry = gradebook.find_notebook(notebook, assignment)
        except MissingEntry:
            raise CourseSetupError(
                f"{assignment}: the gradebook has no notebook {notebook!r}; release the assignment before grading it."
            ) from None
        cells = _stored_cells(entry, _bonuses(released))
    order = {name: position for position, name in enumerate(map(grade_id, released.cells)) if name}
    return StoredNotebook(released, dict(sorted(cells.items(), key=lambda item: order.get(item[0], len(order)))))


def grade_id(cell: NotebookNode) -> str | None:
    """The grade id that a cell claims, None without one."""
    nbgrader = cell.metadata.get("nbgrader")
    claimed = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return claimed if isinstance(claimed, str) else None


def _stored_cells(entry: object, bonuses: dict[str, float]) -> dict[str, StoredCell]:
    points = {cell.name: cell.max_score for cell in [*entry.grade_cells, *entry.task_cells]}
    grade, solution, task = (
        {cell.name for cell in cells} for cells in (entry.grade_cells, entry.solution_cells, entry.task_cells)
    )
    return {
        cell.name: StoredCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=cell.locked,
            grade=cell.name in grade,
            solution=cell.name in solution,
            task=cell.name in task,
            points=points.get(cell.name, 0.0),
            bonus=bonuses.get(cell.name, 0.0),
        )
        for cell in entry.source_cells
    }


def _bonuses(released: NotebookNode) -> dict[str, float]:
    return {name: float(cell.metadata.get("bonus", 0)) for cell in released.cells if (name := grade_id(cell))}
