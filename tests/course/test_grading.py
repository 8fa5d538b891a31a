"""A small class, graded by the commands that a TA uses."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from course.classroom import Student, make_course, run_command
from course.errors import CourseError
from course.exercises import read_exercises
from course.release import gradebook_url, make_releases
from tests.attempts import attempts_in
from tests.attempts import jacobian as attempts

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("grading")]

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "ps1-jacobian"
CANARY = "7351946"


def attempt(name):
    return next(found for found in attempts_in(attempts) if found.name == name)


@pytest.fixture(scope="module")
def exercises():
    return read_exercises(ROOT / "source" / ASSIGNMENT / "jacobian.ipynb")


STUDENTS = [
    Student("right", "en"),
    Student("untouched", "ko", answered=frozenset()),
    Student(
        "mixed",
        "ko",
        (attempt("transposes_the_example"), attempt("frees_the_graph"), attempt("conv1d_flips_the_kernel")),
    ),
    Student("tampered", "en", (attempt("softmax_follows_the_definition"),)),
    Student("old", "en", (attempt("frees_the_graph"),)),
    Student("dying", "en"),
    Student("shadowing", "en"),
]

SHADOWS = ("solutions", "nbjudge", "numpy")

UNREADABLE = {
    "truncated": ('{"cells": [{"cell_', "jacobian.ipynb", "jacobian.ipynb is truncated or no notebook"),
    "prose": ("Dear TA, I did it on paper.", "jacobian.ipynb", "jacobian.ipynb is truncated or no notebook"),
    "data": ('{"grade": 18}', "jacobian.ipynb", "jacobian.ipynb holds other data than a notebook"),
    "empty": ("", "jacobian.ipynb", "jacobian.ipynb is empty"),
    "later": ('{"nbformat": 5, "cells": []}', "jacobian.ipynb", "jacobian.ipynb has a format later than 4"),
    "malformed": ('{"nbformat": 4, "cells": [1]}', "jacobian.ipynb", "jacobian.ipynb is a malformed notebook"),
    "misnamed": ("{}", "final.ipynb", "jacobian.ipynb is missing, found final.ipynb"),
    "missing": ("not a notebook", "notes.txt", "jacobian.ipynb is missing, found no notebook"),
}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course whose assignment is released, to copy."""
    course = tmp_path_factory.mktemp("released")
    make_course(ROOT, course, only=ASSIGNMENT)
    make_releases(course)
    return course


@pytest.fixture(scope="module")
def graded(released, tmp_path_factory, exercises):
    """A course with honest submissions, one of them rearranged, and some that cannot be graded."""
    course = shutil.copytree(released, tmp_path_factory.mktemp("graded") / "course")
    for student in STUDENTS:
        path = student.hand_in(course, ASSIGNMENT, exercises)
        if student.name == "tampered":
            rearrange(path)
        if student.name == "old":
            path.write_text(nbformat.writes(nbformat.convert(nbformat.read(path, as_version=4), 3)))
        if student.name == "dying":
            edit(path, lambda cells: cells.insert(9, nbformat.v4.new_code_cell("import os; os._exit(1)")))
        if student.name == "shadowing":
            for name in SHADOWS:
                (path.parent / f"{name}.py").write_text("jac_example = None")
    for name, (content, filename, _) in UNREADABLE.items():
        folder = course / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / filename).write_text(content)
    with pytest.raises(CourseError) as failure:
        run_command(course, "nbgrader", "autograde", ASSIGNMENT)
    run_command(course, "nbgrader", "generate_feedback", ASSIGNMENT)
    return course, str(failure.value)


def rearrange(path):
    """Delete, duplicate, move, invent and re-flag cells, as no honest student would."""

    def change(cells):
        by_id = {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}
        cells.remove(by_id["e1-1-vectors"])
        cells.remove(by_id["setup"])
        cells.append(by_id["e1-2"])
        by_id["e1-3-values"].metadata.nbgrader.points = 100
        by_id["e1-3-values"].source = "assert True"
        by_id["e1-4-values"].metadata.nbgrader |= {"grade": False, "solution": True, "locked": False}
        by_id["e1-5"].metadata.tags = ["skip-execution"]
        invented = nbformat.v4.new_code_cell("50.0")
        invented.metadata["nbgrader"] = dict(by_id["e1-5-shape"].metadata.nbgrader, grade_id="invented", points=50)
        cells.insert(3, invented)

    edit(path, change)


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def scores(course, student):
    with Gradebook(gradebook_url(course), "calculus") as gradebook:
        submission = gradebook.find_submission_notebook("jacobian", ASSIGNMENT, student)
        return {grade.name: grade.score for grade in submission.grades if grade.cell.type == "GradeCell"}


@pytest.mark.parametrize("student", STUDENTS, ids=lambda student: student.name)
def test_every_grade_is_as_known_in_advance(graded, exercises, student):
    assert scores(graded[0], student.name) == student.scores(exercises)


def test_the_total_leaves_the_bonus_out(graded):
    with Gradebook(gradebook_url(graded[0]), "calculus") as gradebook:
        assert gradebook.find_assignment(ASSIGNMENT).max_score == 18


REASONS = {name: reason for name, (_, _, reason) in UNREADABLE.items()}


@pytest.mark.parametrize(("student", "reason"), REASONS.items(), ids=REASONS)
def test_a_submission_that_cannot_be_graded_is_told_in_a_line(graded, student, reason):
    assert re.search(rf"ERROR\S* {student}, {ASSIGNMENT}: {reason}", graded[1])


def test_a_cell_that_ends_the_process_is_marked_and_costs_nothing_else(graded):
    cells = nbformat.read(graded[0] / "autograded" / "dying" / ASSIGNMENT / "jacobian.ipynb", as_version=4).cells
    dying = next(cell for cell in cells if cell.source == "import os; os._exit(1)")
    assert "이 셀은 중단되었습니다" in dying.outputs[-1].text


def test_a_reason_needs_no_traceback(graded):
    assert "SubmissionError" not in graded[1]


def test_no_line_of_a_hidden_test_is_shown(graded):
    course, log = graded
    pages = [*course.glob("feedback/**/*.html"), *course.glob("autograded/**/*.ipynb")]
    assert len(pages) == 2 * len(STUDENTS)
    hidden = (ROOT / "tests" / "hidden" / "jacobian.py").read_text() + (ROOT / "solutions" / "jacobian.py").read_text()
    code = {
        line.strip() for line in hidden.splitlines() if re.search(r"hidden|reference|normal\(|jacrev\(lambda", line)
    }
    assert len(code) > 40
    for text in [log, *(page.read_text("utf-8") for page in pages)]:
        assert not [line for line in code if line in text]
        assert "tests.hidden" not in text


def test_the_message_is_in_the_course_language_with_the_likely_mistake(graded):
    page = (graded[0] / "feedback" / "mixed" / ASSIGNMENT / "jacobian.html").read_text("utf-8")
    assert "의심되는 실수: 결과가 올바른 행렬의 전치입니다." in page
    assert "MARK SCHEME" not in page


@pytest.mark.proof
def test_no_digit_of_a_reference_is_shown(released, tmp_path, exercises):
    """References that return canary numbers: their digits reach no page, no graded notebook and no log."""
    course = shutil.copytree(released, tmp_path / "course")
    with (course / "solutions" / "jacobian.py").open("a") as module:
        module.write(f"""

def _canary(function):
    def spoil(part):
        return torch.full_like(part, {CANARY}.25) if isinstance(part, torch.Tensor) else {CANARY}

    def spoiled(*arguments, **keywords):
        right = function(*arguments, **keywords)
        if isinstance(right, tuple):
            return tuple(spoil(part) for part in right)
        return spoil(right)

    return spoiled


for _name in {sorted(exercises.functions)}:
    globals()[_name] = _canary(globals()[_name])
""")
    for student in (Student("right", "en"), STUDENTS[2]):
        student.hand_in(course, ASSIGNMENT, exercises)
    log = run_command(course, "nbgrader", "autograde", ASSIGNMENT)
    log += run_command(course, "nbgrader", "generate_feedback", ASSIGNMENT)
    value_cells = {test.name for test in exercises.tests if not test.is_shape_check}
    assert not any(scores(course, "right")[name] for name in value_cells), "the canaries were not compared with"
    for page in (*course.glob("feedback/**/*.html"), *course.glob("autograded/**/*.ipynb")):
        log += page.read_text("utf-8")
    assert CANARY not in re.sub("[,._ ]", "", log)


def test_an_honest_submission_is_rebuilt_as_it_was(graded):
    """Every cell once, in the order of the release, the question with its mark scheme for the TA."""
    course, _ = graded
    rebuilt = nbformat.read(course / "autograded" / "right" / ASSIGNMENT / "jacobian.ipynb", as_version=4).cells
    released = nbformat.read(course / "release" / "en" / ASSIGNMENT / "jacobian.ipynb", as_version=4).cells
    assert [cell.id for cell in rebuilt] == [cell.id for cell in released]
    question = next(cell for cell in rebuilt if cell.id == "e1-9")
    assert "MARK SCHEME" in question.source


def test_what_a_ta_wrote_survives_another_grading(graded):
    course, _ = graded
    question = ("e1-9", "jacobian", ASSIGNMENT, "right")
    with Gradebook(gradebook_url(course), "calculus") as gradebook:
        gradebook.find_grade(*question).manual_score = 0.5
        gradebook.find_comment(*question).manual_comment = "Which input does column 3 belong to?"
        gradebook.db.commit()
    run_command(course, "nbgrader", "autograde", ASSIGNMENT, "--student", "right", "--force")
    with Gradebook(gradebook_url(course), "calculus") as gradebook:
        assert gradebook.find_grade(*question).score == 0.5
        assert gradebook.find_comment(*question).comment == "Which input does column 3 belong to?"
        assert gradebook.find_submission(ASSIGNMENT, "right").score == 17 + 4 + 0.5


def test_locked_cells_are_those_of_the_course_whatever_was_handed_in(graded):
    locked = []
    for student in ("right", "tampered"):
        path = graded[0] / "autograded" / student / ASSIGNMENT / "jacobian.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        locked.append({cell.id: cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("locked")})
    assert len(locked[0]) > 30
    assert locked[0] == locked[1]
