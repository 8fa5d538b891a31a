"""Judge test cells inside the kernel that ran the submission.

`judging.run` sends these calls into the kernel as cells of their own. A verdict leaves the kernel as
one display message of the type `VERDICT_TYPE`, marked with a token so that a display by other code is not taken for it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.display import display

from nbjudge.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable

VERDICT_TYPE = "application/vnd.nbjudge.verdict+json"
_SETUP_NAMES = "nbjudge_setup_names"


def remember_setup() -> None:
    """Keep the names that the setup cell made, so that tests see them whatever the submission rebinds."""
    shell = get_ipython()
    names = {name: value for name, value in shell.user_ns.items() if name not in shell.user_ns_hidden}
    setattr(shell, _SETUP_NAMES, names)


def judge_cell(request: dict[str, Any]) -> None:
    """Judge one test cell in a copy of the namespace and display its verdict.

    Args:
        request: ``token``, ``name`` (grade id), ``source``, ``points`` and ``cells``, the names of the student's
            cells by the number of their execution.
    """
    shell = get_ipython()
    namespace = {**shell.user_ns, **getattr(shell, _SETUP_NAMES)}
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123, what a student's code prints in a test is not feedback
        sys.stdout, shown = nowhere, sys.stdout
        try:
            verdict = judge(
                request["source"],
                namespace,
                name=request["name"],
                points=request["points"],
                place_of=_student_cells(shell, request["cells"]),
            )
        finally:
            sys.stdout = shown
    display({VERDICT_TYPE: {"token": request["token"], **verdict.as_data()}}, raw=True)


def _student_cells(shell: Any, cells: dict[int, str]) -> Callable[[str], str | None]:
    """Find the student's cell for the file name that IPython gave to its code."""
    executions = shell.compile._filename_map  # noqa: SLF001, IPython has no public way back from file name to cell
    return lambda filename: cells.get(executions.get(filename))
