"""A simulated class, released, graded and given feedback by nbgrader's own commands, its grades known in advance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbgrader.api import Gradebook

from course import release
from course.classroom import make_course, run_command
from course.errors import CourseError
from course.exercises import read_exercises
from course.simulation import simulated_class
from nbjudge import walls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from course.classroom import Student
    from course.exercises import Exercises

    Report = Callable[[str], None]


def run(root: Path, scratch: Path, *, experiments: bool = True, report: Report) -> None:
    """Simulate a class on every assignment, from the release to the feedback.

    Args:
        root: the folder of the course.
        scratch: where the simulated course is made; what was there is removed.
        experiments: whether students with known answers keep the cells to experiment in.
        report: receives lines of progress and the tables.

    Raises:
        CourseError: if a grade is not the one known in advance.
    """
    differences = grade_classes(root, scratch, experiments=experiments, report=report)
    for assignment in release.assignments(scratch):
        report(f"{assignment}: writing feedback with `nbjudge feedback`")
        run_command(scratch, "nbjudge", "feedback", assignment, watch=_progress(report))
    run_command(scratch, "nbgrader", "export", "--exporter", "course.grades.ExerciseGrades", "--to", "grades.csv")
    if differences:
        raise CourseError("\n".join(["some grades differ from those known in advance:", *differences]))
    report(f"Every grade is as known in advance. Look at\n{_where_to_look(scratch)}")


def grade_classes(root: Path, scratch: Path, *, experiments: bool, report: Report) -> list[str]:
    """Release every assignment of a course in a scratch folder and grade a simulated class on it.

    Returns:
        A sentence for each grade that is not the one known in advance.
    """
    how = _sandbox(report)
    make_course(root, scratch)
    report("Building the releases")
    release.make_releases(scratch, report=lambda line: report(f"  {line}"))
    differences = []
    for assignment in release.assignments(scratch):
        exercises = read_exercises(next((scratch / "source" / assignment).glob("*.ipynb")))
        students = simulated_class(exercises, experiments=experiments)
        for student in students:
            student.hand_in(scratch, assignment, exercises)
        report(f"{assignment}: grading {len(students)} students with `nbjudge autograde`")
        run_command(scratch, "nbjudge", "autograde", assignment, *how, watch=_progress(report))
        differences += _compare(scratch, assignment, exercises, students, report)
    return differences


def _sandbox(report: Report) -> list[str]:
    """How to grade here: without walls only where there are none, and never silently."""
    reason = walls.why_not()
    if reason is None:
        return []
    report(f"THE SANDBOX IS OFF: {reason}")
    report("The submissions of this demo are our own, so they are graded without walls. Never grade real ones so.")
    return ["--sandbox=none"]


def _progress(report: Report) -> Callable[[str], None]:
    """Report how far a class run is, each time that it says so."""

    def watch(line: str) -> None:
        if "submission" in line and "%" in line:
            report(f"  {line.strip().splitlines()[-1]}")

    return watch


def _compare(course: Path, assignment: str, exercises: Exercises, students: list[Student], report: Report) -> list[str]:
    """Report a table of grades; return a sentence for each cell that differs from the known grade."""
    differences = []
    report(f"\n  {'student':12} {'release':8} {'answers':24} {'known':>8} {'graded':>8}")
    with Gradebook(release.gradebook_url(course)) as gradebook:
        for student in students:
            submission = gradebook.find_submission_notebook(exercises.topic, assignment, student.name)
            graded = {grade.name: grade.score for grade in submission.grades if grade.cell.type == "GradeCell"}
            known = student.scores(exercises)
            differences += [
                f"{student.name}, {assignment}, {name}: {graded.get(name)} instead of {known[name]}"
                for name in known
                if graded.get(name) != known[name]
            ]
            report(
                f"  {student.name:12} {student.language:8} {student.summary:24} "
                f"{sum(known.values()):8g} {sum(graded.values()):8g}"
            )
    report("")
    return differences


def _where_to_look(scratch: Path) -> str:
    place = os.path.relpath(scratch)
    return (
        f"  {place}/feedback/<student>/<assignment>/   what students read\n"
        f"  {place}/grades.csv                         grades by exercise\n"
        f"  cd {place} && jupyter lab                  menu Nbgrader, Formgrader: what the TA grades by hand"
    )
