"""Whatever is killed, and whenever: after another run every grade is right, none lost and none doubled."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.nbjudge import small_course
from tests.nbjudge.small_course import ASSIGNMENT, RIGHT, WRONG_DOUBLE, WRONG_MEAN

pytestmark = [pytest.mark.sandbox, pytest.mark.proof, pytest.mark.xdist_group("kills")]

KILLS = 8
"""Of the coordinator, each at another moment that chance chooses; every run of the tests tries new ones."""

IN_TRANSACTION = 5
KILLS_OF_OTHERS = 12
SIZE = 60

PLUGIN = """
import pathlib
import time

from nbgrader.plugins import LateSubmissionPlugin


class Marks(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        pathlib.Path("in-transaction").touch()
        time.sleep(0.15)
        pathlib.Path("in-transaction").unlink()


c.AssignLatePenalties.plugin_class = Marks
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a course whose late penalties are decided slowly, inside the gradebook's transaction."""
    course = tmp_path_factory.mktemp("kills")
    small_course.make(course, config=PLUGIN)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-01-01 12:00:00 UTC")
    for number, student in enumerate(students()):
        path = small_course.hand_in(course, student, [RIGHT, WRONG_MEAN, WRONG_DOUBLE][number % 3])
        (path.parent / "timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
    return course


def students():
    return [f"student-{number:02}" for number in range(SIZE)]


def known():
    return {student: [(2, 3), (0, 0), (2, 0)][number % 3] for number, student in enumerate(students())}


def forget(course):
    """Make a course whose class was never graded."""
    for path in course.glob(f".nbjudge/{ASSIGNMENT}/*.json"):
        path.unlink()
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        for submission in gradebook.find_assignment(ASSIGNMENT).submissions:
            gradebook.remove_submission(ASSIGNMENT, submission.student.id)


@pytest.fixture
def chance(request):
    """Give the choices of this test, whose seed is printed if it fails."""
    seed = int(os.environ.get("NBJUDGE_SEED", time.time_ns() % 10**6))
    sys.stdout.write(f"{request.node.name}: NBJUDGE_SEED={seed}\n")
    return random.Random(seed)  # noqa: S311, no secret


def start(course):
    return subprocess.Popen(
        small_course.command("nbjudge", "autograde", ASSIGNMENT, "--jobs=2"),
        cwd=course,
        env=small_course.environment(course),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish(course):
    """Run once more; then every grade is there once and right."""
    small_course.run(course, "nbjudge", "autograde", ASSIGNMENT, "--jobs=2")
    assert small_course.points(course) == known()
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "small") as gradebook:
        submissions = gradebook.find_assignment(ASSIGNMENT).submissions
        assert len(submissions) == SIZE
        assert all(len(submission.notebooks[0].grades) == 3 for submission in submissions)
    for student in students():
        record = json.loads((course / ".nbjudge" / ASSIGNMENT / f"{student}.json").read_text())
        scores = [verdict["score"] for verdict in record["notebooks"]["numbers"]["verdicts"].values()]
        assert tuple(scores) == known()[student]


def saved(course):
    return len(list(course.glob(f".nbjudge/{ASSIGNMENT}/*.json")))


def test_the_coordinator(course, chance):
    forget(course)
    inside = 0
    for number in range(KILLS):
        process, before = start(course), saved(course)
        while saved(course) == before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.3))
        if number < IN_TRANSACTION:
            until = time.monotonic() + 10
            while not (course / "in-transaction").exists() and time.monotonic() < until:
                time.sleep(0.002)
        assert process.poll() is None, "the class is too small for this test"
        process.kill()
        process.wait()
        inside += (course / "in-transaction").exists()
        (course / "in-transaction").unlink(missing_ok=True)
    assert inside >= 4
    finish(course)


@pytest.mark.parametrize("victims", ["workers", "sandbox"])
def test_a_process_of(course, chance, victims):
    forget(course)
    process = start(course)
    killed = 0
    while killed < KILLS_OF_OTHERS:
        assert process.poll() is None, f"the run ended after {killed} kills"
        candidates = [pid for pid, words in descendants(process.pid).items() if is_of(victims, words, pid)]
        if candidates and saved(course):
            try:
                os.kill(chance.choice(candidates), signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed += 1
        time.sleep(chance.uniform(0, 0.4))
    process.wait(timeout=300)
    finish(course)


def is_of(victims, words, pid):
    """Whether a process is one of the workers and their judges, or of the servers and supervisors behind walls."""
    is_inside = "nbjudge.sandbox.inside.server" in words
    return is_inside == (victims == "sandbox") and "nbjudge" in words and not (is_inside and is_submitted(pid))


def is_submitted(pid):
    """Whether a process runs a submission: it could end itself, and so is not graded again for that.

    Such a process is behind both walls, and there not the first one, as the supervisor is.
    """
    try:
        numbers = re.search(r"^NSpid:(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1].split()
    except OSError:
        return True
    return len(numbers) > 2 and numbers[-1] != "1"


def descendants(pid):
    """The command lines of all processes that descend from one."""
    parents, words = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            number = int(path.name)
            parents[number] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            words[number] = (path / "cmdline").read_text("utf-8", "replace")
        except (OSError, ValueError):
            continue
    found = {}
    for number, line in words.items():
        ancestor = parents.get(number)
        while ancestor not in (None, 0, pid):
            ancestor = parents.get(ancestor)
        if ancestor == pid:
            found[number] = line
    return found
