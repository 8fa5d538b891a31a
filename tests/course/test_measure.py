"""What the reference takes is measured in the judge, kept beside the notebook, and not measured again without need."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import measure, release
from course.errors import CourseError
from nbjudge.reference import SUFFIX, ReferenceRun, digest_of, key_of_run

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))

SETUP = "import math"
WORKS = "sum(i * i for i in range(10**6))"
SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = "### BEGIN HIDDEN TESTS\nimport right\nassert double(3) == right.double(3)\n### END HIDDEN TESTS"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_reference_of_every_notebook_was_measured_as_it_is(notebook):
    measured = notebook.with_suffix(SUFFIX)
    assert key_of_run(measured) == measure.key_of(notebook, ROOT), f"{measured} is out of date: run `make release`"
    tests = [
        cell for cell in nbformat.read(notebook, as_version=4).cells if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert {cell.metadata.nbgrader.grade_id for cell in tests if cell.cell_type == "code"} == {
        *ReferenceRun.read(measured).tests
    }


def test_what_was_measured_is_not_released():
    assert release.AUTHORS_FILES[-1] == f"*{SUFFIX}"
    assert not [*ROOT.glob(f"release/**/*{SUFFIX}")]


def graded(source, name, **flags):
    flags = {"locked": True, "grade": False, "solution": False, "task": False, "schema_version": 3} | flags
    return new_code_cell(source, metadata={"nbgrader": {"grade_id": name} | flags})


@pytest.fixture
def course(tmp_path):
    cells = [
        graded(SETUP, "setup"),
        new_code_cell(WORKS),
        graded(SOLUTION, "double", locked=False, solution=True),
        graded(TEST, "double-test", grade=True, points=1),
        new_markdown_cell("Read."),
    ]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    (tmp_path / "source" / "sums").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata=kernel), tmp_path / "source" / "sums" / "numbers.ipynb")
    (tmp_path / "right.py").write_text("def double(x):\n    return 2 * x\n")
    return tmp_path


@pytest.mark.proof
@pytest.mark.slow
def test_a_reference_run_is_measured_only_when_something_changed(course):
    told, path = [], course / "source" / "sums" / f"numbers{SUFFIX}"

    def refresh():
        told.clear()
        measure.refresh(course, "sums", report=told.append)

    refresh()
    assert len(told) == 1
    run = ReferenceRun.read(path)
    assert set(run.cells) == {digest_of(SETUP), digest_of(WORKS)}, "an answer is no cell of the course"
    assert run.slowest == run.cells[digest_of(WORKS)] > 0
    assert set(run.tests) == {"double-test"}
    assert run.slow_tests == {}, "nobody wrote other right answers"
    assert run.seconds >= run.slowest
    assert run.workload > 0
    first = path.read_bytes()

    notebook = nbformat.read(course / "source" / "sums" / "numbers.ipynb", as_version=4)
    notebook.cells[-1].source = "Read it."
    nbformat.write(notebook, course / "source" / "sums" / "numbers.ipynb")
    refresh()
    assert told == []
    assert path.read_bytes() == first

    (course / "right.py").write_text("def double(x):\n    return 3 * x\n")
    with pytest.raises(CourseError, match="numbers: right answers cannot be measured: double-test"):
        refresh()
    assert path.read_bytes() == first
    (course / "right.py").write_text("def double(x):\n    return x + x\n")
    refresh()
    assert len(told) == 1
    assert json.loads(path.read_text())["key"] != json.loads(first)["key"]
