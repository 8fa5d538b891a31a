"""The overview of simulated classes: a page with a row for each student, which links to the feedback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from course.classes import Outcome, SimulatedClass
    from course.classroom import Student

_TEMPLATES = Path(__file__).parent / "templates"
_TEMPLATE = "overview.html.j2"
_LANGUAGES = {"ko": "Korean", "en": "English"}


def feedback_page(simulated: SimulatedClass, student: Student) -> str:
    """Where the feedback of a student lies in the course."""
    return f"feedback/{student.name}/{simulated.assignment}/{simulated.exercises.topic}.html"


def write_overview(
    path: Path, happened: Sequence[str], graded: Sequence[tuple[SimulatedClass, Sequence[Outcome]]]
) -> None:
    """Write the page.

    Args:
        path: of the page, in the folder of the course.
        happened: sentences for its top.
        graded: each class with what its students earned.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(_TEMPLATE).render(
        happened=happened,
        languages=_LANGUAGES,
        classes=[
            {
                "assignment": simulated.assignment,
                "points": sum(test.points for test in simulated.exercises.tests),
                "rows": [_row(simulated, outcome) for outcome in outcomes],
            }
            for simulated, outcomes in graded
        ],
    )
    path.write_text(page, "utf-8")


def _row(simulated: SimulatedClass, outcome: Outcome) -> dict[str, object]:
    bonus = [test.name for test in simulated.exercises.tests if test.bonus]
    return {
        "student": outcome.student,
        "page": feedback_page(simulated, outcome.student),
        "points": sum(score for name, score in outcome.graded.items() if name not in bonus),
        "bonus": sum(score for name, score in outcome.graded.items() if name in bonus),
        "differences": outcome.differences,
    }
