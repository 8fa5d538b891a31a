"""What a submission may cost the process that grades it, and what is graded once more."""

import os
import signal
import socket
from multiprocessing.connection import Connection

import pytest

from nbjudge import grading, walls, worker
from nbjudge.channel import Channel, ChannelClosed
from nbjudge.machine import Moment
from nbjudge.session import Session
from nbjudge.worker import Overrun, Task, Unforeseen, Worker, WorkerDied
from tests.nbjudge import toy
from tests.nbjudge.hostile.submission import LONG_WALL, everywhere, hostile

REASON = walls.why_not()

needs_sandbox = pytest.mark.skipif(bool(REASON) and "CI" not in os.environ, reason=f"no sandbox: {REASON}")

TASK = Task(toy.NOTEBOOK, b'{"nbformat": 4, "cells": []}', toy.LIMITS, "en")


def forever(*_, **__):
    while True:
        try:
            sum(range(100))
        except Exception:  # noqa: BLE001, S112, as code that passes over what is malformed
            continue


def too_large(*_, **__):
    return bytes(2**32)


def ends(*_, **__):
    os._exit(3)


def fails(*_, **__):
    raise KeyError("cell")


@pytest.fixture
def replaced(monkeypatch):
    """Start a worker that has something else in the place of `grade`."""

    def start(grade):
        monkeypatch.setattr(grading, "grade", grade)
        monkeypatch.setattr(worker, "_MOST_CPU", 0.2)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            stored, tests = {toy.NOTEBOOK: toy.stored()}, {toy.NOTEBOOK: ""}
            settings = {"stored": stored, "tests": tests, "folder": "/", "sandbox": {}}
            worker._serve(Connection(theirs.detach()), None, None, settings)
        theirs.close()
        started.append(pid)
        return Worker(Connection(ours.detach()))

    started = []
    yield start
    for pid in started:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.mark.parametrize(
    ("grade", "words"),
    [(forever, "cost the grader more than 0 processor seconds"), (too_large, "cost the grader more than 1024 MB")],
)
def test_a_file_that_costs_too_much_is_told_and_the_worker_replaced(replaced, grade, words):
    costly = replaced(grade)
    with pytest.raises(Overrun, match=words):
        costly.grade(TASK)
    assert costly.has_ended


def test_a_worker_that_ends_can_be_told_from_a_file_that_costs_too_much(replaced):
    ended = replaced(ends)
    with pytest.raises(WorkerDied):
        ended.grade(TASK)
    assert ended.has_ended


def test_an_unforeseen_error_is_told_with_its_traceback_and_costs_nobody_else(replaced):
    failing = replaced(fails)
    for _ in range(2):
        with pytest.raises(Unforeseen, match=r"the grader failed on it \(KeyError\)") as told:
            failing.grade(TASK)
        assert "in fails" in told.value.__notes__[0]
    assert not failing.has_ended


@needs_sandbox
def test_a_worker_that_does_not_answer_is_ended_after_a_time_above_the_limits(tmp_path):
    with toy.workers(tmp_path) as workers:
        first = workers.start()
        assert toy.score(toy.grade(first, toy.honest())) == toy.FULL
        first._grace = 0
        os.kill(first._pid, signal.SIGSTOP)
        with pytest.raises(Overrun, match="was not graded after 4 seconds"):
            toy.grade(first, toy.honest(), limits=toy.limits(total_wall=1))
        assert first.has_ended
        assert toy.score(toy.grade(workers.start(), toy.honest())) == toy.FULL


# A set of numbers that all have one hash is built in quadratic time; the sender writes it as the list of its entries.
COSTLY = """
from nbjudge import wire

SET = 6

def as_set(self, value, depth):
    code = SET if len(value) > 1000 else wire._LIST
    return self.packed(code, self.entries(value, len(value), depth))

wire._BY_KIND = ((list, as_set), *wire._BY_KIND)

def square(x):
    return [n * (2**61 - 1) for n in range(100_000)]
"""

ENDS_ITSELF = everywhere("import os\nos._exit(1)")
ENDS_ALL = everywhere("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(1)")

NO_SECOND_GUESS = (
    hostile("fork_ends_itself", "Ends a test that it does not like.", answers=ENDS_ITSELF),
    hostile("fork_ends_the_process", "Ends the process of all tests in one that it does not like.", answers=ENDS_ALL),
    hostile("memory", "Uses up memory in a test.", "def square(x):\n    return len(bytes(2**33))"),
    hostile(
        "costly_set", "Returns what the judge must compute for minutes.", COSTLY, limits=LONG_WALL, stopped="judge"
    ),
    hostile(
        "name_of_a_socket",
        "Gives a socket a name that the list of sockets shows as lines, in a test that it does not like.",
        """
        import socket, time
        def square(x):
            end = socket.socket(socket.AF_UNIX)
            end.bind("\\0a\\n\\nb c\\n")
            time.sleep(1)
            return 0.0
        """,
        limits=LONG_WALL,
    ),
)


@pytest.fixture(scope="module")
def grader(tmp_path_factory):
    with toy.workers(tmp_path_factory.mktemp("course")) as workers:
        yield workers.start()


@needs_sandbox
@pytest.mark.parametrize("attack", NO_SECOND_GUESS, ids=lambda attack: attack.name)
def test_what_a_submission_can_do_by_itself_is_not_graded_again(grader, attack):
    graded = toy.grade(grader, attack.content(), limits=toy.limits(**attack.limits))
    assert toy.score(graded) == 0
    assert graded.doubts == []
    assert attack.stopped in {"", *(test.get("limit") for test in graded.tests.values())}


def test_only_the_machine_makes_a_stop_doubtful():
    began = Moment(time=100.0, waited=10.0, killed=1)
    assert Moment(time=190.0, waited=60.0, killed=1).was_busy(began)
    assert not Moment(time=190.0, waited=40.0, killed=1).was_busy(began)
    assert Moment(time=190.0, waited=None, killed=1).was_busy(began)
    assert Moment(time=190.0, waited=10.0, killed=2).was_short_of_memory(began)
    assert not Moment(time=190.0, waited=10.0, killed=1).was_short_of_memory(began)
    assert Moment.now().time > 0


def test_a_supervisor_that_fails_by_itself_makes_nothing_doubtful():
    doubts = []
    for words in ([], [["failed", "TimeoutError", True]], [["limit", "cpu"], ["failed", "IndexError", False]]):
        control, supervisor = Channel.pair()
        for word in words:
            supervisor.send(word)
        supervisor.close()
        session, graded = Session(control, toy.LIMITS), grading.Graded()
        with pytest.raises(ChannelClosed):
            session.end_process()
        grading._Run(toy.honest(), graded, toy.stored(), session, limits=toy.LIMITS, language="en").lost()
        doubts.append(graded.doubts)
    assert doubts == [["the sandbox ended"], ["the sandbox ended"], []]


class Stopping:
    """A session whose process ends whenever it is asked."""

    def __init__(self):
        self.runs = 0
        self.has_ended = False
        self.use = None

    def run(self, *_, **__):
        self.runs += 1

    def end_process(self):
        pass


class EndingJudge:
    """A judge whose every test ends the process."""

    def test(self, *_):
        return grading.Judged(grading.stopped("crash"), limit="crash")


def test_tests_that_end_the_process_do_not_run_all_cells_for_ever():
    stored = toy.stored()
    test = stored.cells["test-square"]
    session = Stopping()
    run = grading._Run(toy.honest(), grading.Graded(), stored, session, limits=toy.LIMITS, language="en")
    run.cells()
    for _ in range(30):
        run._judged(EndingJudge(), test)
    assert session.runs == grading._MOST_ATTEMPTS
