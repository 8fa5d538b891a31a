"""Run a rebuilt notebook and judge its test cells, with nbgrader's own execution.

Nothing hidden is written into the notebook: the cells run in a copy, test sources travel to the kernel in requests, and
only outputs and verdicts come back.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, v4
from nbgrader.preprocessors import Execute
from nbgrader.utils import setenv

from nbjudge.messages import Text
from nbjudge.plain import VERDICT_TYPE
from nbjudge.stored import grade_id
from nbjudge.verdict import Verdict, not_graded

if TYPE_CHECKING:
    from pathlib import Path

    from nbjudge.stored import StoredCell, StoredNotebook


class KernelDiedError(Exception):
    """The kernel ended while a cell ran.

    Args:
        cell: name of the cell that was running.
    """

    def __init__(self, cell: str) -> None:
        super().__init__(cell)
        self.cell = cell


def run(
    notebook: NotebookNode,
    stored: StoredNotebook,
    *,
    execute: Execute,
    resources: dict[str, Any],
    course_root: Path,
) -> dict[str, Verdict]:
    """Run every cell of a rebuilt notebook but the tests, then judge each test on the state that is left.

    Args:
        notebook: the rebuilt notebook; its code cells receive their outputs.
        stored: the course's own cells.
        execute: nbgrader's executor.
        resources: nbconvert's resources, for the working directory.
        course_root: the folder that holds the modules which hidden tests import.

    Returns:
        A verdict for each test cell, by grade id.

    Raises:
        KernelDiedError: if the kernel ended before all was run.
    """
    token = secrets.token_hex(16)
    tests = {cell.grade_id: cell for cell in stored.tests}
    own = [cell for cell in notebook.cells if cell.cell_type == "code" and grade_id(cell) not in tests]
    script = _script(own, tests, token)
    path = os.pathsep.join(filter(None, [str(course_root), os.environ.get("PYTHONPATH")]))
    started: list[NotebookNode] = []
    execute.on_cell_execute = lambda cell, cell_index: started.append(cell)  # noqa: ARG005, the hook's signature
    try:
        with setenv(PYTHONPATH=path):
            execute.preprocess(script, resources)
    except DeadKernelError:
        raise KernelDiedError(_name(started[-1], own)) from None
    ran = {cell.id: cell for cell in script.cells}
    for count, cell in enumerate((cell for cell in own if cell.source.strip()), start=1):
        cell.outputs, cell.execution_count = ran[cell.id].outputs, count
    return {name: _verdict(ran[_request_id(name)], token) for name in tests}


def show(notebook: NotebookNode, stored: StoredNotebook, verdicts: dict[str, Verdict], *, language: str) -> None:
    """Write the verdict of each test below its visible source, in one language."""
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in verdicts:
            verdict = verdicts[name]
            text = verdict_text(verdict, stored.cells[name], language)
            cell.outputs = [v4.new_output("stream", name="stdout", text=text)]
            cell.metadata["nbjudge"] = {
                "outcome": verdict.outcome.value,
                "message": verdict.message.form(language),
                "likely": verdict.likely.form(language) if verdict.likely else "",
            }
            cell.execution_count = None


def verdict_text(verdict: Verdict, cell: StoredCell, language: str) -> str:
    """Name, result, message and likely mistake of a test, a line each."""
    points = _BONUS if cell.bonus else _POINTS
    result = points.format(name=cell.grade_id, score=f"{verdict.score:g}", most=f"{cell.bonus or cell.points:g}")
    lines = [result, verdict.message]
    if verdict.likely:
        lines.append(LIKELY + " " + verdict.likely)
    return "\n".join(line.form(language) for line in lines) + "\n"


def _script(own: list[NotebookNode], tests: dict[str, StoredCell], token: str) -> NotebookNode:
    """The notebook that is executed: the submission's cells, then one request for each test."""
    cells, numbers = [], {}
    executions = 0
    for cell in own:
        copy = v4.new_code_cell(cell.source, id=cell.id)
        cells.append(copy)
        if cell.source.strip():
            executions += 1
            numbers[executions] = _name(cell, own)
        if grade_id(cell) == "setup":
            executions += 1
            cells.append(v4.new_code_cell("import nbjudge.plain\nnbjudge.plain.remember_setup()", id="nbjudge-setup"))
    for name, test in tests.items():
        request = {
            "token": token,
            "name": name,
            "source": test.source,
            "points": test.bonus or test.points,
            "cells": numbers,
        }
        source = f"import nbjudge.plain\nnbjudge.plain.judge_cell({request!r})"
        cells.append(v4.new_code_cell(source, id=_request_id(name)))
    return v4.new_notebook(cells=cells)


def _name(cell: NotebookNode, own: list[NotebookNode]) -> str:
    """What a student would call a cell that is executed."""
    for count, known in enumerate(own, start=1):
        if known.id == cell.id:
            return f"cell {grade_id(known)}" if grade_id(known) else f"code cell {count}"
    return cell.id.removeprefix(_REQUEST)


def _request_id(name: str) -> str:
    return f"{_REQUEST}{name}"


def _verdict(request: NotebookNode, token: str) -> Verdict:
    """The one verdict that a request displayed; two or none are not graded."""
    found = [
        output.data[VERDICT_TYPE]
        for output in request.outputs
        if output.output_type == "display_data" and output.data.get(VERDICT_TYPE, {}).get("token") == token
    ]
    return Verdict.from_data(found[0]) if len(found) == 1 else not_graded()


_REQUEST = "nbjudge-"
_POINTS = Text(en="{name}: {score} of {most} points", ko="{name}: {most}점 만점에 {score}점")
_BONUS = Text(en="{name}: {score} of {most} bonus points", ko="{name}: 보너스 {most}점 중 {score}점")
LIKELY = Text(en="Likely mistake:", ko="의심되는 실수:")
