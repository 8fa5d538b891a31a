"""The gates hold in the judge too: every known answer is handed in and graded as a TA grades it."""

import os
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.classroom import Student, make_course, run_command
from course.exercises import read_exercises
from course.release import gradebook_url, make_releases
from nbjudge import walls
from tests.attempts import attempts_in
from tests.attempts import jacobian as attempts

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "ps1-jacobian"
REASON = walls.why_not()

pytestmark = pytest.mark.skipif(bool(REASON) and "CI" not in os.environ, reason=f"no sandbox: {REASON}")


def test_every_attempt_earns_in_the_judge_what_is_known_of_it(tmp_path):
    make_course(ROOT, tmp_path)
    make_releases(tmp_path)
    exercises = read_exercises(tmp_path / "source" / ASSIGNMENT / "jacobian.ipynb")
    students = [Student(attempt.name.replace("_", "-"), "en", (attempt,)) for attempt in attempts_in(attempts)]
    students += [Student("the-reference", "ko"), Student("the-release", "ko", untouched=True)]
    for student in students:
        student.hand_in(tmp_path, ASSIGNMENT, exercises)
    run_command(tmp_path, "nbjudge", "autograde", ASSIGNMENT, "--skip-figures")
    differences = []
    with Gradebook(gradebook_url(tmp_path), "calculus") as gradebook:
        for student in students:
            submission = gradebook.find_submission_notebook("jacobian", ASSIGNMENT, student.name)
            scores = {grade.name: grade.score for grade in submission.grades if grade.cell.type == "GradeCell"}
            known = student.scores(exercises)
            differences += [(student.name, name) for name in known if scores[name] != known[name]]
    assert len(students) > 100
    assert differences == []
