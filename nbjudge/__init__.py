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

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
"""The folder of this package."""
