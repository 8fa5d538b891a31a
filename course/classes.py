"""Simulated classes, graded by nbjudge's own command and compared with the grades known in advance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbgrader.api import Gradebook

from course import release
from course.classroom import make_course, run_command
from course.exercises import read_exercises
from course.simulation import simulated_class
from nbjudge.sandbox import walls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from course.classroom import Student
    from course.exercises import Exercises

    Report = Callable[[str], None]

_DONE = re.compile(r"% ?\|.*\| ([1-9]\d*)/\d+ ")


@dataclass(frozen=True)
class Outcome:
    """What a student earned in each test cell: known in advance, and graded."""

    student: Student
    known: dict[str, float]
    graded: dict[str, float]

    @property
    def differences(self) -> list[str]:
        """A few words for each cell whose grade is not the known one."""
        return [
            f"{name}: {self.graded.get(name)} instead of {score}"
            for name, score in self.known.items()
            if self.graded.get(name) != score
        ]

    def told_differences(self, assignment: str) -> list[str]:
        """The same with the names of student and assignment."""
        return [f"{self.student.name}, {assignment}, {difference}" for difference in self.differences]


@dataclass(frozen=True)
class SimulatedClass:
    """A class that handed in one assignment.

    Args:
        course: the folder of the course.
        assignment: name of the assignment.
        exercises: what it asks for.
        students: who handed in.
    """

    course: Path
    assignment: str
    exercises: Exercises
    students: list[Student]

    @classmethod
    def hand_in(
        cls, course: Path, assignment: str, *, size: int | None = None, experiments: bool = True
    ) -> SimulatedClass:
        """Write the submissions of a class into a course in which the assignment is released.

        Args:
            course: the folder of the course.
            assignment: name of the assignment.
            size: number of students; by default each of them is another one.
            experiments: whether students with known answers keep the cells to experiment in.
        """
        exercises = read_exercises(next((course / "source" / assignment).glob("*.ipynb")))
        students = simulated_class(exercises, size, experiments=experiments)
        for student in students:
            student.hand_in(course, assignment, exercises)
        return cls(course, assignment, exercises, students)

    def run(self, command: str, *, done: Callable[[int], None]) -> None:
        """Grade the class, or write its feedback pages.

        Args:
            command: ``autograde`` or ``feedback``.
            done: receives the number of students that are finished, each time that it is told.
        """
        options = ["--sandbox=none"] if command == "autograde" and walls.why_not() else []

        def watch(line: str) -> None:
            if found := _DONE.search(line):
                done(int(found[1]))

        run_command(self.course, "nbjudge", command, self.assignment, *options, watch=watch)

    def outcomes(self) -> list[Outcome]:
        """What the students earned."""
        with Gradebook(release.gradebook_url(self.course)) as gradebook:
            found = []
            for student in self.students:
                submission = gradebook.find_submission_notebook(self.exercises.topic, self.assignment, student.name)
                graded = {grade.name: grade.score for grade in submission.grades if grade.cell.type == "GradeCell"}
                found.append(Outcome(student, student.scores(self.exercises), graded))
        return found


def warn_without_walls(report: Report) -> None:
    """Say so where the submissions of a simulated class are graded without walls because there are none."""
    if reason := walls.why_not():
        report(f"THE SANDBOX IS OFF: {reason}")
        report("These submissions are our own, so they are graded without walls. Never grade real ones so.")


def grade_classes(root: Path, scratch: Path, *, experiments: bool, report: Report) -> list[str]:
    """Release every assignment of a course in a scratch folder and grade a simulated class on it.

    Args:
        root: the folder of the course.
        scratch: where the simulated course is made; what was there is removed.
        experiments: whether students with known answers keep the cells to experiment in.
        report: receives lines of progress and the tables.

    Returns:
        A sentence for each grade that is not the one known in advance.
    """
    warn_without_walls(report)
    make_course(root, scratch)
    report("Building the releases")
    release.make_releases(scratch, report=lambda line: report(f"  {line}"))
    differences = []
    for assignment in release.assignments(scratch):
        simulated = SimulatedClass.hand_in(scratch, assignment, experiments=experiments)
        size = len(simulated.students)
        report(f"{assignment}: grading {size} students with `nbjudge autograde`")

        def done(number: int, size: int = size) -> None:
            report(f"  {number}/{size}")

        simulated.run("autograde", done=done)
        outcomes = simulated.outcomes()
        report("\n".join(_table(outcomes)))
        differences += [difference for outcome in outcomes for difference in outcome.told_differences(assignment)]
    return differences


def _table(outcomes: list[Outcome]) -> list[str]:
    lines = ["", f"  {'student':12} {'release':8} {'answers':24} {'known':>8} {'graded':>8}"]
    for outcome in outcomes:
        student = outcome.student
        known, graded = sum(outcome.known.values()), sum(outcome.graded.values())
        lines.append(f"  {student.name:12} {student.language:8} {student.summary:24} {known:8g} {graded:8g}")
    return [*lines, ""]
