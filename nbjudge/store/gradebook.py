"""nbgrader's gradebook: shared by many readers and one writer, read for the course's cells, written in transactions."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import joinedload, scoped_session, sessionmaker

from nbjudge.errors import CourseSetupError
from nbjudge.judging.verdict import not_graded
from nbjudge.submission.blueprint import FORMAT, Blueprint, BlueprintCell, grade_id

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from nbformat import NotebookNode
    from nbgrader.api import Notebook, SourceCell, SubmittedNotebook
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import AssignLatePenalties

    from nbjudge.judging.graded import Graded

BUSY_SECONDS = 30

_ONE_WRITER = MappingProxyType(
    {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE student IN SHARE ROW EXCLUSIVE MODE"}
)
"""What makes a transaction wait for another one that writes, from its first look on, by the kind of database."""


@event.listens_for(Engine, "connect")
def _share_sqlite(connection: Any, _record: Any) -> None:
    """Let readers and a writer work on one SQLite file at a time, and wait for each other."""
    if type(connection).__module__.startswith("sqlite3"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {1000 * BUSY_SECONDS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()


def blueprint_of(coursedir: CourseDirectory, assignment: str, notebook: str) -> Blueprint:
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
        cells = _blueprint_cells(entry, _bonuses(released))
    order = {name: position for position, name in enumerate(map(grade_id, released.cells)) if name}
    return Blueprint(released, dict(sorted(cells.items(), key=lambda item: order.get(item[0], len(order)))))


def blueprints_of(coursedir: CourseDirectory, assignment: str) -> dict[str, Blueprint]:
    """What the course stores of each notebook of an assignment.

    Raises:
        CourseSetupError: if the assignment was never released or its release is missing.
    """
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            names = [notebook.name for notebook in gradebook.find_assignment(assignment).notebooks]
        except MissingEntry:
            names = []
    if not names:
        raise CourseSetupError(f"{assignment} was never released; release it before grading it.")
    return {name: blueprint_of(coursedir, assignment, name) for name in names}


@contextmanager
def one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make everything that nbgrader commits meanwhile one transaction: all of it is written, or nothing.

    Nobody else writes meanwhile, so what is found missing may be added.
    """
    outside = gradebook.db
    with gradebook.engine.connect() as connection, connection.begin():
        if begin := _ONE_WRITER.get(connection.dialect.name):
            connection.exec_driver_sql(begin)
        session = sessionmaker(bind=connection, future=True, join_transaction_mode="rollback_only")
        gradebook.db = scoped_session(session)
        try:
            yield
            gradebook.db.flush()
        finally:
            gradebook.db.remove()
            gradebook.db = outside


def register(gradebook: Gradebook, assignment: str, student: str, handed_in: dt.datetime | None) -> None:
    """Enter a student and a submission, as far as they are new.

    Args:
        gradebook: inside `one_transaction`.
        assignment: what was handed in.
        student: by whom.
        handed_in: when, if that is known.
    """
    gradebook.update_or_create_student(student)
    when = {"timestamp": handed_in} if handed_in else {}
    gradebook.update_or_create_submission(assignment, student, **when)


def save_verdicts(
    gradebook: Gradebook,
    blueprint: Blueprint,
    graded: Graded | None,
    *,
    student: str,
    assignment: str,
    notebook: str,
) -> None:
    """Write the grades and comments of one notebook; what a TA wrote stays.

    Args:
        gradebook: where the submission is registered.
        blueprint: the course's own cells.
        graded: what became of the notebook, None if it was not handed in; a test without a verdict earns nothing.
        student: whose it is.
        assignment: what it belongs to.
        notebook: its name.
    """
    submission = gradebook.find_submission_notebook(notebook, assignment, student)
    grades, comments = (by_cell(gradebook, entry, submission) for entry in (Grade, Comment))
    for name, cell in blueprint.cells.items():
        is_answered = graded is not None and name not in graded.unanswered
        if cell.is_test:
            verdict = (graded.verdicts.get(name) if graded else None) or not_graded()
            grades[name].auto_score = 0.0 if cell.bonus else verdict.score
            if cell.bonus:
                grades[name].extra_credit = verdict.score
            grades[name].needs_manual_grade = grades[name].manual_score is not None
        elif cell.grade:
            grades[name].auto_score = None if is_answered else 0.0
            grades[name].needs_manual_grade = is_answered or grades[name].manual_score is not None
        if cell.solution or cell.task:
            comments[name].auto_comment = None if cell.task or is_answered else "No response."


def assign_penalty(
    gradebook: Gradebook, penalties: AssignLatePenalties, *, student: str, assignment: str, notebook: str
) -> None:
    """Set the late penalty of a notebook by the course's own plugin."""
    submission = gradebook.find_submission_notebook(notebook, assignment, student)
    submission.late_submission_penalty = None
    gradebook.db.flush()
    gradebook.db.refresh(submission)
    late = submission.assignment.total_seconds_late
    penalty = penalties.plugin_inst.late_submission_penalty(student, submission.score, late) if late > 0 else None
    if penalty is not None:
        submission.late_submission_penalty = min(max(0.0, penalty), submission.score)


def by_cell(gradebook: Gradebook, entry: type[Grade | Comment], submission: SubmittedNotebook) -> dict[str, Any]:
    """The grades or comments of a submitted notebook by the name of their cell."""
    found = gradebook.db.query(entry).options(joinedload(entry.cell)).filter(entry.notebook_id == submission.id)
    return {one.cell.name: one for one in found}


def _blueprint_cells(entry: Notebook, bonuses: dict[str, float]) -> dict[str, BlueprintCell]:
    points = {cell.name: cell.max_score for cell in [*entry.grade_cells, *entry.task_cells]}
    grade, solution, task = (
        {cell.name for cell in cells} for cells in (entry.grade_cells, entry.solution_cells, entry.task_cells)
    )
    return {
        cell.name: BlueprintCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            released_source=_released_source(cell, is_graded=cell.name in grade, is_task=cell.name in task),
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


def _released_source(cell: SourceCell, *, is_graded: bool, is_task: bool) -> str:
    """The source of a cell without its hidden tests and mark scheme."""
    copy = nbformat.v4.new_code_cell(cell.source, metadata={"nbgrader": {"grade": is_graded, "task": is_task}})
    for clear in (ClearHiddenTests(), ClearMarkScheme()):
        copy, _ = clear.preprocess_cell(copy, {}, 0)
    source: str = copy.source
    return source
