"""A small nbgrader course that adopts the engine by configuration, made for a test."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "sums"
NOTEBOOK = "numbers"

CONFIG = """
import nbjudge

c = get_config()
nbjudge.configure(c)
c.CourseDirectory.course_id = "small"
c.NbJudge.private_modules = ["answers"]
c.NbJudge.figures = "skip"
c.NbJudge.limits = {"cell_cpu": 3, "cell_wall": 60, "test_cpu": 3, "test_wall": 60}
"""

ANSWERS = """
def mean(values):
    return sum(values) / len(values)
"""

HIDDEN = """### BEGIN HIDDEN TESTS
import answers
from nbjudge.testing import CheckFailed, Text

for values in ([1.0, 2.0, 6.0], [5.0]):
    if abs({name}(values) - answers.mean(values) * {factor}) > 1e-9:
        raise CheckFailed(Text(en="the {name} is wrong."))
### END HIDDEN TESTS"""

STUB = "### BEGIN SOLUTION\n    return {body}\n    ### END SOLUTION"

RIGHT = {
    "mean": "def mean(values):\n    return sum(values) / len(values)",
    "double": "def double(v):\n    return 2 * mean(v)",
}
WRONG_MEAN = {**RIGHT, "mean": "def mean(values):\n    return values[0]"}
WRONG_DOUBLE = {**RIGHT, "double": "def double(v):\n    return mean(v)"}


def make(root, config=""):
    """Write a course into a folder and release its assignment."""
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG + config)
    (root / "answers.py").write_text(ANSWERS)
    (folder / "data.txt").write_text("3 4 5")
    cells = [
        _graded(new_code_cell("import math"), "setup", locked=True),
        _graded(new_code_cell("def mean(values):\n    " + STUB.format(body="sum(values) / len(values)")), "mean"),
        _graded(new_code_cell(HIDDEN.format(name="mean", factor=1)), "mean-test", points=2),
        _graded(new_code_cell("def double(v):\n    " + STUB.format(body="2 * mean(v)")), "double"),
        _graded(new_code_cell(HIDDEN.format(name="double", factor=2)), "double-test", points=3),
        _graded(
            new_markdown_cell("Why?\n\n=== BEGIN MARK SCHEME ===\nbecause\n=== END MARK SCHEME ==="), "why", task=1
        ),
    ]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / f"{NOTEBOOK}.ipynb")
    run(root, "nbgrader", "generate_assignment", ASSIGNMENT)
    return root


def _graded(cell, name, *, locked=False, points=None, task=None):
    is_test, is_task = points is not None, task is not None
    cell.metadata["nbgrader"] = {
        "grade_id": name,
        "locked": locked or is_test or is_task,
        "grade": is_test,
        "solution": not (locked or is_test or is_task),
        "task": is_task,
        "schema_version": 3,
    } | ({"points": points or task} if is_test or is_task else {})
    return cell


def hand_in(root, student, answers=RIGHT, change=lambda cells: None):
    """Write a submission and return the path of its notebook."""
    notebook = nbformat.read(root / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    change(notebook.cells)
    path = root / "submitted" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def command(*words):
    """A command of the running Python."""
    return [sys.executable, "-m", *words]


def environment(root):
    """The environment in which a TA works."""
    commands = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": commands, "PYTHONPATH": str(ROOT), "HOME": str(root)}


def run(root, *words, status=0):
    """Run a command in a course and return what it wrote."""
    result = subprocess.run(
        command(*words), cwd=root, env=environment(root), capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout + result.stderr


def grades(root, db_url=None):
    """What the gradebook holds: for each student the automatic score of each test, the manual one and the penalty."""
    with Gradebook(db_url or f"sqlite:///{root / 'gradebook.db'}", "small") as gradebook:
        return {
            submission.student.id: {
                **{grade.name: grade.auto_score for grade in submission.notebooks[0].grades if grade.name != "why"},
                "total": submission.score,
                "penalty": submission.notebooks[0].late_submission_penalty,
            }
            for submission in gradebook.find_assignment(ASSIGNMENT).submissions
        }


def points(root, db_url=None):
    """The automatic scores of each student, in the order mean, double."""
    return {student: (found["mean-test"], found["double-test"]) for student, found in grades(root, db_url).items()}
