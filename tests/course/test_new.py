"""A new assignment or exercise has all its files, and each says what is left to write."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course import new, release, twins
from course.checks import check_notebook
from course.errors import CourseError
from course.prose import TO_WRITE

ROOT = Path(__file__).parents[2]
FOLDERS = ("solutions", "tests/hidden", "tests/attempts", "tests/course/references")


@pytest.fixture
def course(tmp_path):
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "source" / "ps3-hessian", tmp_path / "source" / "ps3-hessian")
    for folder in FOLDERS:
        name = "test_hessian.py" if folder.endswith("references") else "hessian.py"
        shutil.copy(ROOT / folder / name, tmp_path / folder / name)
    return tmp_path


def problems(course, assignment):
    (text,) = release.texts_of(course, assignment)
    with pytest.raises(CourseError) as caught:
        check_notebook(text.with_suffix(".ipynb"), references=course / "solutions" / text.name)
    return str(caught.value).splitlines()


def test_a_new_assignment_has_all_its_files(course):
    written = new.new_assignment(course, "ps8-lagrange")
    assert all((course / path).is_file() for path in written)
    assert "ps8-lagrange" in release.assignments(course)
    twins.check(course / "source" / "ps8-lagrange" / "lagrange.py")
    assert all(TO_WRITE in problem for problem in problems(course, "ps8-lagrange"))


def test_a_new_exercise_stands_above_the_written_question(course, monkeypatch):
    monkeypatch.setattr("course.shorthand._HIDDEN", course / "tests" / "hidden")
    before = {path: path.read_text("utf-8") for path in course.rglob("*hessian.py")}
    new.new_exercise(course, "ps3-hessian", "e3-14", "trace", ["values", "inputs"], parameters="f, x")
    text = (course / "source" / "ps3-hessian" / "hessian.py").read_text("utf-8")
    assert (
        text.index("# %% test e3-13") < text.index("# %% answer e3-14") < text.index("# %% [markdown] question e3-12")
    )
    assert text.index("# %% test e3-14-inputs") < text.index('key="mistakes"')
    assert "def trace(f, x):" in text
    assert "# %% test e3-14-values 1.0\n" in text and "# %% test e3-14-inputs 1.0 alone\n" in text
    assert all(path.read_text("utf-8").count(TO_WRITE) > before[path].count(TO_WRITE) for path in before)
    assert {problem.split(", ")[1].split(":")[0] for problem in problems(course, "ps3-hessian")} == {
        *("cell e3-14 (ko)", "cell e3-14 (en)", "cell e3-14", "cell e3-14-hints (ko)", "cell e3-14-hints (en)"),
        *("cell e3-14-values", "cell e3-14-inputs"),
    }


def test_what_was_written_is_python_that_the_linter_takes(course, monkeypatch):
    monkeypatch.setattr("course.shorthand._HIDDEN", course / "tests" / "hidden")
    new.new_assignment(course, "ps8-lagrange")
    paths = new.new_exercise(course, "ps8-lagrange", "e8-1", "multiplier", ["values"])
    shutil.copy(ROOT / "pyproject.toml", course)
    command = [sys.executable, "-m", "ruff", "check", "--ignore", "F401,I001,INP001", *paths[1:]]
    result = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


REFUSED = {
    "no name": (("lagrange",), "is no name of an assignment"),
    "taken": (("ps3-hessian",), "is there already"),
}


@pytest.mark.parametrize(("words", "sentence"), REFUSED.values(), ids=REFUSED)
def test_an_assignment_that_cannot_be_made_is_told(course, words, sentence):
    before = sorted(course.rglob("*"))
    with pytest.raises(CourseError, match=sentence):
        new.new_assignment(course, *words)
    assert sorted(course.rglob("*")) == before


REFUSED_EXERCISES = {
    "no such assignment": (("ps9-none", "e9-1", "f", ["values"]), "there is no assignment"),
    "no grade id": (("ps3-hessian", "14", "trace", ["values"]), "write, for example"),
    "no name": (("ps3-hessian", "e3-14", "Trace!", ["values"]), "write, for example"),
    "no cells": (("ps3-hessian", "e3-14", "trace", []), "write, for example"),
    "a taken id": (("ps3-hessian", "e3-2", "trace", ["values"]), "has e3-2 or trace already"),
    "a taken name": (("ps3-hessian", "e3-14", "hessian", ["values"]), "has e3-14 or hessian already"),
}


@pytest.mark.parametrize(("words", "sentence"), REFUSED_EXERCISES.values(), ids=REFUSED_EXERCISES)
def test_an_exercise_that_cannot_be_made_is_told(course, words, sentence):
    before = {path: path.read_bytes() for path in course.rglob("*.*")}
    with pytest.raises(CourseError, match=sentence):
        new.new_exercise(course, *words)
    assert {path: path.read_bytes() for path in course.rglob("*.*")} == before
