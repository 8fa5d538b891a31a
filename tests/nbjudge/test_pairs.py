"""Submissions that are graded at the same time neither help nor harm each other, nor whoever else uses the machine."""

import array
import ctypes
import os
import platform
import re
import resource
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from nbjudge.sandbox import walls
from tests.nbjudge import pairs, toy
from tests.nbjudge.samples import sampled

pytestmark = [pytest.mark.sandbox, pytest.mark.ordinary_user]

FAMILIES = (pairs.HELPING, pairs.HARMING, pairs.HELPING_OF_ONE_USER if walls.has_free_users() else ())
TOGETHER = 2.0
WAITS = (2, 6, 20, 60)


@pytest.fixture(scope="module")
def workers(toy_workers):
    """Two workers of one run."""
    return toy_workers.start(), toy_workers.start()


def grade_together(workers, submissions, meanwhile=lambda: None):
    """Grade submissions at one time, and again with more patience if they did not meet."""
    for wait in WAITS:
        meet = time.time() + wait
        with ThreadPoolExecutor() as pool:
            graded = [
                pool.submit(grade, worker, submission, meet)
                for worker, submission in zip(workers, submissions, strict=False)
            ]
            time.sleep(wait + TOGETHER / 2)
            found = meanwhile()
        shown = [outputs_of(each.result()) for each in graded]
        times = [re.search(r"together from (\S+) to (\S+)", text) for text in shown]
        assert all(times), shown
        if all(float(at[1]) < meet + TOGETHER / 4 and float(at[2]) >= meet + TOGETHER for at in times):
            return [each.result() for each in graded], shown, found
    raise AssertionError(f"they never met: {shown}")


def grade(worker, submission, meet):
    content = submission.content(MEET=meet, PART=meet + TOGETHER)
    return toy.grade(worker, content, limits=toy.limits(**submission.limits))


def outputs_of(graded):
    outputs = toy.cell_of(nbformat.reads(graded.text, as_version=4), "together").outputs
    return "".join(output.get("text", "\n".join(output.get("traceback", []))) for output in outputs)


@pytest.mark.parametrize("pair", sampled(*({pair.name: pair for pair in family} for family in FAMILIES)))
def test_pair(workers, pair):
    graded, shown, _ = grade_together(workers, (pair.first, pair.second))
    assert all(told in text for told, text in zip(pair.told, shown, strict=True)), shown
    assert tuple(map(toy.score, graded)) == pair.earn, shown


@pytest.mark.proof
def test_what_the_system_counts_is_left_for_others(workers):
    _, (shown,), missing = grade_together(workers, (pairs.USES_UP,), what_is_missing)
    assert "attacked" in shown and "waits" not in shown
    assert missing == []


def what_is_missing():
    """What this process, another user or the same, cannot have now."""
    libc = ctypes.CDLL(None)
    context = ctypes.c_ulong()
    setup, destroy = {"x86_64": (206, 207), "aarch64": (0, 1)}[platform.machine()]
    missing = []
    if libc.syscall(setup, 1024, ctypes.byref(context)) != 0:
        missing.append("asynchronous reads")
    libc.syscall(destroy, context)
    notices = libc.inotify_init1(0)
    if notices < 0:
        missing.append("notices")
    else:
        os.close(notices)
    if flying() < 200:
        missing.append("descriptors on their way")
    return missing


def flying():
    """How many descriptors this process can have on their way, up to 200, if it may open few."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    sent = 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        for _ in range(4):
            ends[0].sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 50))])
            sent += 50
    except OSError:
        pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for end in ends:
        end.close()
    return sent
