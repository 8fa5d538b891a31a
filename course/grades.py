"""Grades as tables that a spreadsheet reads: totals, and by exercise.

Names of students are the students' own words. A spreadsheet runs a text that begins like a formula; so such a text
gets an apostrophe before it, which a spreadsheet takes as the sign of a text.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.plugins import ExportPlugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbgrader.api import Gradebook, SubmittedAssignment

_EXERCISE = re.compile(r"e(\d+)-(\d+)")
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


@dataclass
class ExerciseGrade:
    """What one student earned in one exercise, over all its cells."""

    score: float = 0.0
    max_score: float = 0.0
    bonus: float = 0.0
    needs_manual_grade: bool = False

    @property
    def columns(self) -> tuple[float, float, float, bool]:
        """The grade as it is written, without the last digits that a sum leaves (0.4 + 0.4 + 0.4)."""
        return round(self.score, 6), round(self.max_score, 6), round(self.bonus, 6), self.needs_manual_grade


class _Table(ExportPlugin):
    """A table of comma-separated values, in the encoding that spreadsheets recognise."""

    columns: tuple[str, ...]

    def export(self, gradebook: Gradebook) -> None:
        """Write the file."""
        path = Path(self.to or "grades.csv")
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows([as_text(value) for value in row] for row in self._rows(gradebook))
        self.log.info("Grades are in %s", path)

    def _rows(self, gradebook: Gradebook) -> Iterator[tuple]:
        raise NotImplementedError

    def _wanted(self, assignment: str, student: str) -> bool:
        return (not self.assignment or assignment in self.assignment) and (not self.student or student in self.student)


class Totals(_Table):
    """``nbgrader export``: a row an assignment and student, with the columns of nbgrader's own exporter."""

    columns = (
        *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
        *("raw_score", "late_submission_penalty", "score", "max_score"),
    )

    def _rows(self, gradebook: Gradebook) -> Iterator[tuple]:
        for assignment in gradebook.assignments:
            submissions = {submission.student.id: submission for submission in assignment.submissions}
            for student in gradebook.students:
                if self._wanted(assignment.name, student.id):
                    submission = submissions.get(student.id)
                    score, penalty = (
                        (submission.score, submission.late_submission_penalty) if submission else (0.0, 0.0)
                    )
                    yield (
                        *(assignment.name, assignment.duedate, submission and submission.timestamp, student.id),
                        *(student.last_name, student.first_name, student.email),
                        *(score, penalty, max(0.0, score - penalty), assignment.max_score),
                    )


class ExerciseGrades(_Table):
    """``nbgrader export --exporter course.grades.ExerciseGrades --to grades.csv``: a row a student and exercise."""

    columns = ("assignment", "exercise", "student_id", "score", "max_score", "bonus", "needs_manual_grade")

    def _rows(self, gradebook: Gradebook) -> Iterator[tuple]:
        for assignment in gradebook.assignments:
            for submission in sorted(assignment.submissions, key=lambda submission: submission.student.id):
                if self._wanted(assignment.name, submission.student.id):
                    for exercise, grade in by_exercise(submission).items():
                        yield assignment.name, exercise, submission.student.id, *grade.columns


def as_text(value: object) -> object:
    """A value as it stands in a table: numbers as they are, texts so that no spreadsheet runs them."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def exercise_of(grade_id: str) -> str:
    """The exercise of a cell: its grade id begins with the exercise's id, ``e1-6-values`` belongs to E1.6."""
    found = _EXERCISE.match(grade_id)
    return f"E{found[1]}.{found[2]}" if found else grade_id


def by_exercise(submission: SubmittedAssignment) -> dict[str, ExerciseGrade]:
    """The grades of a submission by exercise, in order."""
    grades: dict[str, ExerciseGrade] = defaultdict(ExerciseGrade)
    cells = [grade for notebook in submission.notebooks for grade in notebook.grades]
    for cell in sorted(cells, key=lambda cell: [int(part) for part in re.findall(r"\d+", cell.name)[:2]]):
        exercise = grades[exercise_of(cell.name)]
        exercise.score += cell.score - (cell.extra_credit or 0.0)
        exercise.max_score += cell.max_score
        exercise.bonus += cell.extra_credit or 0.0
        exercise.needs_manual_grade |= bool(cell.needs_manual_grade)
    return grades
