"""The grading engine: rebuilds submissions, judges test cells and records verdicts for nbgrader.

Its rooms, by the process that runs what is in them:

``commands``, ``classrun``, ``steps``, ``exchange``, ``store``
    the TA's process, which knows nbgrader and the gradebook and never a line of submitted code;
``judging``
    workers and their judges, which know no gradebook;
``submission``
    what may be said of a notebook without running it;
``border``
    what crosses between the judge and the student's process, one side in `border.judge_side`, the other in
    `border.student_side`;
``sandbox``
    the walls and their outer side; ``sandbox.inside`` runs beside submitted code, and nothing else does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = ["PACKAGE", "configure"]

PACKAGE = Path(__file__).resolve().parent
"""The folder of this package."""


def configure(c: Config, *, language: str = "en") -> None:
    """Have nbgrader's commands, its formgrader and its exchange use this engine.

    A course's ``nbgrader_config.py`` calls it once; what it sets afterwards holds in the place of this.

    Args:
        c: the configuration that nbgrader gives.
        language: of the messages in graded notebooks and on feedback pages, ``en`` or ``ko``.
    """
    from nbjudge.steps.configuration import configure as configure_steps  # here, as this module is behind the walls too

    configure_steps(c, language=language)
