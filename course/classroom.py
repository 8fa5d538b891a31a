"""Simulated students: released notebooks solved with known answers, whose grades are known in advance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from pathlib import Path

    from course.exercises import Exercises
    from tests.attempts import Attempt


@dataclass(frozen=True)
class Student:
    """One simulated student.

    Args:
        name: the student's id.
        language: the language of the release that the student worked on.
        attempts: the answers that differ from the reference.
        untouched: whether the student handed in the release as it was.
    """

    name: str
    language: str
    attempts: tuple[Attempt, ...] = ()
    untouched: bool = False
    lost: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        lost = frozenset().union(*(attempt.loses for attempt in self.attempts))
        object.__setattr__(self, "lost", lost)

    def scores(self, exercises: Exercises) -> dict[str, float]:
        """The points and bonus points of each test cell, known in advance."""
        return {
            test.name: 0.0 if self.untouched or test.name in self.lost else float(test.most) for test in exercises.tests
        }

    def hand_in(self, course: Path, assignment: str, exercises: Exercises) -> Path:
        """Write the student's submission into a course and return the path of the notebook."""
        released = course / "release" / self.language / assignment / f"{exercises.topic}.ipynb"
        notebook = nbformat.read(released, as_version=4)
        if not self.untouched:
            answers = dict(exercises.solutions)
            answers |= {exercises.functions[attempt.function]: attempt.source for attempt in self.attempts}
            for cell in notebook.cells:
                if cell.metadata.get("nbgrader", {}).get("solution"):
                    cell.source = answers[cell.metadata.nbgrader.grade_id]
        path = course / "submitted" / self.name / assignment / released.name
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        return path
