"""The tour: a simulated class, graded beside stock nbgrader and given feedback, its grades known in advance."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course import release, stock
from course.classes import Outcome, SimulatedClass, warn_without_walls
from course.classroom import make_course, run_command
from course.errors import CourseError
from course.overview import feedback_page, write_overview
from nbjudge.sandbox import bubblewrap, walls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from course.classroom import Student
    from course.progress import Progress

ALL = "all"
"""Stands for every assignment."""

_OVERVIEW = "index.html"
_GRADES = "grades.csv"


@dataclass(frozen=True)
class Visit:
    """What was seen of one assignment.

    Args:
        simulated: the class.
        outcomes: what its students earned.
        grading: seconds that grading took.
        feedback: seconds that the feedback pages took.
        stock: seconds that stock nbgrader would have taken for both, None if that could not be measured.
    """

    simulated: SimulatedClass
    outcomes: list[Outcome]
    grading: float
    feedback: float
    stock: float | None


def run(root: Path, scratch: Path, assignment: str, *, size: int | None = None, progress: Progress) -> list[str]:
    """Simulate a class, from the release to the feedback.

    Args:
        root: the folder of the course.
        scratch: where the simulated course is made; what was there is removed.
        assignment: what the class hands in, or `ALL`.
        size: number of students; by default as many as it takes to hand in every known answer.
        progress: is told what is done.

    Returns:
        What happened and what to look at, in lines.

    Raises:
        CourseError: if there is no such assignment, or if a grade is not the one known in advance.
    """
    known = release.assignments(root)
    if assignment not in (*known, ALL):
        raise CourseError(f"there is no assignment {assignment!r}; take one of {', '.join(known)}, or {ALL}.")
    began = time.monotonic()
    warn_without_walls(progress.step)
    make_course(root, scratch, only="*" if assignment == ALL else assignment)
    names = release.assignments(scratch)
    progress.step(f"Building the release of {', '.join(names)}")
    release.make_releases(scratch)
    visits = [_visit(scratch, name, size, progress) for name in names]
    progress.step("Writing the overview of the class and the table of grades")
    run_command(scratch, "nbgrader", "export", "--exporter", "course.grades.ExerciseGrades", "--to", _GRADES)
    happened = _what_happened(visits, time.monotonic() - began)
    write_overview(scratch / _OVERVIEW, happened, [(visit.simulated, visit.outcomes) for visit in visits])
    if differences := list(_differences(visits)):
        raise CourseError("\n".join(["some grades differ from those known in advance:", *differences]))
    return [*happened, *_what_to_open(scratch, visits[0].simulated)]


def _visit(course: Path, assignment: str, size: int | None, progress: Progress) -> Visit:
    """Let a class hand in, grade it while stock nbgrader grades two of it, compare, write feedback."""
    simulated = SimulatedClass.hand_in(course, assignment, size=size)
    count = len(simulated.students)
    pair = [simulated.students[0].name, _example(simulated).name]
    with stock.measured(course, assignment, pair) as measurement:
        progress.step(f"{assignment}: grading {count} students with `nbjudge autograde`, two of them also with stock")
        began = time.monotonic()
        simulated.run("autograde", done=lambda number: progress.so_far(f"{number} of {count} graded"))
        graded = time.monotonic()
        outcomes = simulated.outcomes()
        progress.step(f"{assignment}: every grade was compared; writing feedback with `nbjudge feedback`")
        compared = time.monotonic()
        simulated.run("feedback", done=lambda number: progress.so_far(f"{number} of {count} pages written"))
        written = time.monotonic()
        try:
            progress.so_far("waiting for stock nbgrader")
            expected = count * measurement.seconds_each()
        except CourseError as reason:
            progress.step(f"{assignment}: stock nbgrader could not be measured: {reason}")
            expected = None
    return Visit(simulated, outcomes, graded - began, written - compared, expected)


def _example(simulated: SimulatedClass) -> Student:
    """The first student of whose answers one is wrong, or the last one."""
    return next((student for student in simulated.students if student.has_wrong_answers), simulated.students[-1])


def _differences(visits: list[Visit]) -> Iterator[str]:
    for visit in visits:
        for outcome in visit.outcomes:
            yield from outcome.told_differences(visit.simulated.assignment)


def _what_happened(visits: list[Visit], seconds: float) -> list[str]:
    """The run in sentences."""
    outcomes = [outcome for visit in visits for outcome in visit.outcomes]
    cells = sum(len(outcome.known) for outcome in outcomes)
    answers = sum(len(outcome.student.attempts) for outcome in outcomes)
    differences = sum(1 for _ in _differences(visits))
    where = visits[0].simulated.assignment if len(visits) == 1 else f"{len(visits)} assignments"
    program = None if walls.why_not() else bubblewrap.found()
    grading, feedback = (sum(getattr(visit, name) for visit in visits) for name in ("grading", "feedback"))
    return [
        f"{len(outcomes)} students handed in {where}, in Korean and English, with {answers} answers known in advance.",
        f"{cells - differences} of {cells} grades of test cells are as known in advance.",
        f"Submitted code ran behind two walls ({program})." if program else "Submitted code ran WITHOUT WALLS.",
        f"Grading took {grading:.0f} s with every figure drawn, feedback {feedback:.0f} s, all of it {seconds:.0f} s.",
        _of_stock([visit.stock for visit in visits]),
    ]


def _of_stock(expected: list[float | None]) -> str:
    measured = [seconds for seconds in expected if seconds is not None]
    if len(measured) < len(expected):
        return "What stock nbgrader would have taken is left out, because it could not be measured."
    return (
        f"Stock nbgrader would have taken about {sum(measured):.0f} s for the same: "
        "extrapolated from two of the submissions, which it graded meanwhile."
    )


def _what_to_open(scratch: Path, simulated: SimulatedClass) -> list[str]:
    example = _example(simulated)
    files = {
        _OVERVIEW: "the class, and the feedback page of each student",
        feedback_page(simulated, example): f"what a student reads ({example.summary})",
        _GRADES: "grades by exercise, for a spreadsheet",
    }
    places = {os.path.relpath(scratch / name): what for name, what in files.items()}
    width = max(map(len, places))
    return ["", "Open", *(f"  {place:{width}}  {what}" for place, what in places.items())]
