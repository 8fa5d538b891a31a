"""Rebuild a submission on the course's own cells.

Nothing locked is taken from a submission: its tests, points and flags come from the gradebook, in the order of the
release. From the submission come the source of each solution cell and every other cell as a plain one. So a deleted,
duplicated, moved, invented or re-flagged cell costs nothing but itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbformat import NotebookNode, v4

from nbjudge.messages import presentable
from nbjudge.submission.blueprint import Blueprint, BlueprintCell, grade_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    _NewCell = Callable[..., NotebookNode]

_START = None


@dataclass
class Rebuilt:
    """A rebuilt notebook and what was put right in it, a sentence each."""

    notebook: NotebookNode
    oddities: list[str] = field(default_factory=list)


def rebuild(submission: NotebookNode, blueprint: Blueprint) -> Rebuilt:
    """Rebuild a submission on the cells of the course.

    Args:
        submission: the notebook as it was handed in, in format 4.
        blueprint: the course's own cells.

    Returns:
        A notebook with every cell of the course exactly once, in the order of the release. A plain cell stands behind
        the one of these that it followed in the submission.
    """
    answers = _last_copies(submission.cells, blueprint)
    plain: dict[str | None, list[NotebookNode]] = defaultdict(list)
    oddities = [f"cell {name} is missing; it was put back." for name in blueprint.cells if name not in answers.claimed]
    anchor: str | None = _START
    for position, cell in enumerate(submission.cells):
        known = blueprint.known(cell)
        if known and position == answers.claimed[known.grade_id]:
            anchor = known.grade_id
        if known and (position == answers.chosen.get(known.grade_id) or _is_untouched(cell, known)):
            continue
        if known:
            oddities.append(f"a changed or second copy of cell {known.grade_id} was kept as a plain cell.")
        elif name := grade_id(cell):
            oddities.append(f"cell {presentable(name)} is not part of the assignment; it was kept as a plain cell.")
        plain[anchor].append(_plain(cell, f"extra-{position}"))

    cells = [*plain[_START]]
    for name, known in blueprint.cells.items():
        cells += [_restored(known, answers.sources.get(name)), *plain[name]]
    notebook = v4.new_notebook(cells=_with_unique_ids(cells), metadata=blueprint.released.metadata)
    return Rebuilt(notebook, oddities)


@dataclass
class _Answers:
    """Where the submission holds the cells of the course, by grade id."""

    claimed: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


def _last_copies(cells: Iterable[NotebookNode], blueprint: Blueprint) -> _Answers:
    answers = _Answers()
    for position, cell in enumerate(cells):
        known = blueprint.known(cell)
        if known is None:
            continue
        answers.claimed[known.grade_id] = position
        if not known.locked and cell.cell_type == known.cell_type:
            answers.chosen[known.grade_id] = position
            answers.sources[known.grade_id] = cell.source
    return answers


def _is_untouched(cell: NotebookNode, known: BlueprintCell) -> bool:
    return known.locked and cell.source.strip() in (known.released_source.strip(), known.source.strip(), "")


def _restored(known: BlueprintCell, answer: str | None) -> NotebookNode:
    source = known.graded_source if answer is None else answer
    new_cell: _NewCell = v4.new_code_cell if known.cell_type == "code" else v4.new_markdown_cell
    return new_cell(source, id=known.grade_id, metadata=known.metadata)


def _plain(cell: NotebookNode, identity: str) -> NotebookNode:
    new_cell: _NewCell = {"code": v4.new_code_cell, "raw": v4.new_raw_cell}.get(cell.cell_type, v4.new_markdown_cell)
    own = str(cell.get("id", identity))
    return new_cell(cell.source, id=own if _is_valid_id(own) else "plain")


def _with_unique_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells with their own ids, as far as these are not taken by a cell of the course or an earlier one."""
    taken = {cell.id for cell in cells if "nbgrader" in cell.metadata}
    for position, cell in enumerate(cells):
        if "nbgrader" in cell.metadata:
            continue
        if cell.id in taken:
            cell.id = f"plain-{position}"
        taken.add(cell.id)
    return cells


def _is_valid_id(identity: str) -> bool:
    return 0 < len(identity) <= 64 and identity.isascii() and identity.replace("-", "").replace("_", "").isalnum()
