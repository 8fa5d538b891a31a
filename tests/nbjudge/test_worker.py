"""What a submission may cost the process that grades it, and what is graded once more."""

import os
import signal
import socket
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from nbjudge.border.channel import Channel, ChannelClosed
from nbjudge.judging import grading, speed, worker
from nbjudge.judging.graded import Graded
from nbjudge.judging.machine import Moment
from nbjudge.judging.worker import Overrun, Task, Unforeseen, Worker, WorkerDied
from nbjudge.limits import Limits
from nbjudge.reasons import Reason
from nbjudge.reference import ReferenceRun
from nbjudge.sandbox.session import Session, Use
from tests.nbjudge import toy
from tests.nbjudge.hostile.submission import LONG_WALL, everywhere, hostile
from tests.nbjudge.samples import sampled

pytestmark = pytest.mark.ordinary_user

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

    def start(grade, workload=None):
        monkeypatch.setattr(grading, "grade", grade)
        monkeypatch.setattr(worker, "_MOST_CPU", 0.2)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            setup = worker.Setup({toy.NOTEBOOK: toy.blueprint()}, Path("/"))
            warm = worker._Warm(setup, None, {toy.NOTEBOOK: ""}, workload)
            worker._serve(Connection(theirs.detach()), warm)
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


REFERENCE = ReferenceRun(
    cells={}, tests={}, slow_cells={}, slow_tests={}, slowest=1.0, seconds=2.0, memory=0, workload=0.02
)


def tells_limits(_submission, _blueprint, limits, **_):
    return Graded(limits=limits.as_record())


@pytest.mark.parametrize(("workload", "slowness"), [(0.05, 2.5), (0.01, 1.0), (None, 4.0)])
def test_on_a_slower_machine_limits_by_the_reference_are_larger(replaced, workload, slowness):
    measured, given = (Limits.of(settings, REFERENCE) for settings in ({}, {"total_cpu": 30}))
    machine = replaced(tells_limits, workload)
    limits = machine.grade(replace(TASK, limits=measured)).limits
    assert (limits["slowness"], limits["total_cpu"]) == (slowness, 30 * slowness)
    assert machine.grade(replace(TASK, limits=given)).limits["total_cpu"] == 30


def test_a_speed_that_cannot_be_measured_is_told_and_ends_nothing(monkeypatch, capsys):
    monkeypatch.setattr(speed, "workload_seconds", fails)
    assert worker._workload_seconds() is None
    assert "speed of this machine could not be measured" in capsys.readouterr().err


@pytest.mark.sandbox
def test_a_worker_that_does_not_answer_is_ended_after_a_time_above_the_limits(toy_workers):
    first = toy_workers.start()
    assert toy.score(toy.grade(first, toy.honest())) == toy.FULL
    first._grace = 0
    os.kill(first._pid, signal.SIGSTOP)
    with pytest.raises(Overrun, match="was not graded after 4 seconds"):
        toy.grade(first, toy.honest(), limits=toy.limits(total_wall=1))
    assert first.has_ended
    assert toy.score(toy.grade(toy_workers.start(), toy.honest())) == toy.FULL


# A set of numbers that all have one hash is built in quadratic time; the sender writes it as the list of its entries.
COSTLY = """
from nbjudge.border import wire

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


@pytest.mark.sandbox
@pytest.mark.parametrize("attack", sampled({attack.name: attack for attack in NO_SECOND_GUESS}))
def test_what_a_submission_can_do_by_itself_is_not_graded_again(worker, attack):
    graded = toy.grade(worker, attack.content(), limits=toy.limits(**attack.limits))
    assert toy.score(graded) == 0
    assert graded.doubts == []
    assert attack.stopped in {"", *(test.get("limit") for test in graded.remarks.values())}


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
            session._clear()
        grading._Run(toy.honest(), graded, toy.blueprint(), session, limits=toy.LIMITS, language="en").lost()
        doubts.append(graded.doubts)
    assert doubts == [["the sandbox ended"], ["the sandbox ended"], []]


BUSY, QUIET = (Moment(time=200.0, waited=waited, killed=0) for waited in (60.0, 10.0))


@pytest.mark.parametrize("limit", [Reason.WALL, Reason.TOTAL_WALL])
def test_who_works_all_the_time_ran_out_of_it_by_itself_also_on_a_busy_machine(monkeypatch, limit):
    session = SimpleNamespace()
    began = Moment(time=110.0, waited=10.0, killed=0)
    run = grading._Run(toy.honest(), Graded(), toy.blueprint(), session, limits=toy.LIMITS, language="en")
    run._began = began

    def is_by_machine(now, used):
        session.use = Use(10 * used, used, 0)
        monkeypatch.setattr(Moment, "now", lambda: now)
        return run._is_by_machine(limit, began, used, toy.LIMITS.of_test("test-square"))

    assert is_by_machine(BUSY, used=0.1)
    assert not is_by_machine(BUSY, used=0.6)
    assert not is_by_machine(QUIET, used=0.1)
    monkeypatch.setattr(Moment, "now", lambda: BUSY)
    assert not run._is_by_machine(Reason.CPU, began, 1.0, toy.LIMITS.of_test("test-square"))


HANGS = "def square(x):\n    while True:\n        pass"


@pytest.mark.sandbox
def test_a_function_that_hangs_is_graded_once_and_told_by_its_limit(worker):
    notebook = toy.honest(square=HANGS)
    notebook.cells.append(nbformat.v4.new_code_cell("square(3)", id="loops"))
    graded = toy.grade(worker, notebook, limits=toy.limits(cell_wall=60, test_wall=60, total_wall=120))
    assert graded.doubts == []
    assert toy.score(graded) == toy.FULL - toy.POINTS["test-square"] - toy.POINTS["test-square-arrays"]
    assert graded.stops == {"code cell 5": "cpu"}
    for test in ("test-square", "test-square-arrays"):
        assert graded.remarks[test]["limit"] == "cpu"
        assert "1 s of processor time that this test may take" in str(graded.verdicts[test].message)
        assert graded.bounds[test] == "1: the default"
    assert graded.bounds["code cell 5"] == "1: the default"
    assert graded.cpu < toy.LIMITS.total_cpu


class Ending:
    """A session whose snapshots end whenever they are asked to fork."""

    def __init__(self):
        self.runs = 0
        self.crowded = set()
        self.snapshots = set()

    def run(self, steps, **_):
        self.runs += 1
        self.snapshots = {step for step in steps if isinstance(step, int)}

    def has_snapshot(self, place):
        return place in self.snapshots

    @contextmanager
    def company(self, place):
        self.snapshots.remove(place)
        yield None


def test_tests_that_end_the_process_do_not_run_all_cells_for_ever(tmp_path):
    session, graded = Ending(), Graded()
    run = grading._Run(toy.honest(), graded, toy.blueprint(), session, limits=toy.LIMITS, language="en")
    run.cells()
    run.tests(tmp_path, "seed")
    assert session.runs == grading._MOST_ATTEMPTS
    assert set(graded.verdicts.values()) == {grading.stopped(Reason.CRASH)}
