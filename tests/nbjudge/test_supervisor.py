"""The supervisor counts all that a submission uses, whatever that does to hide it."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from nbjudge.sandbox.cgroups import HELD, Member
from nbjudge.sandbox.inside.family import available_files, available_memory, family, held, share, sockets_at_most
from nbjudge.sandbox.inside.use import Use, least_available
from tests.nbjudge.hostile.ends import END_FIRST_THREAD

pytestmark = pytest.mark.ordinary_user

MIB = 2**20
HEADLESS = f"""
import threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
print(flush=True)
{END_FIRST_THREAD}
"""
HOLDS = "held = bytearray({bytes}); print(flush=True); input()"


@contextmanager
def program(source):
    """Run a program, up to its first line."""
    command = [sys.executable, "-S", "-c", source]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            yield process.pid
        finally:
            process.kill()


@contextmanager
def forks(number):
    """Forks of this process that do nothing."""
    pids = []
    try:
        for _ in range(number):
            pid = os.fork()
            if not pid:
                signal.pause()
            pids.append(pid)
        yield pids
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def until(holds):
    """Wait for something that will happen."""
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def only(pids):
    """The family without the workers that tests of this process share."""
    return {pid: one for pid, one in family().items() if pid in pids}


def test_a_process_lives_as_long_as_any_of_its_threads():
    with program(HEADLESS) as pid:
        until(lambda: family()[pid].is_zombie)
        assert family()[pid].is_headless
        assert family()[pid].is_alive
        os.kill(pid, signal.SIGKILL)
        until(lambda: not family()[pid].is_alive)
        assert family()[pid].is_zombie
        assert not family()[pid].is_headless


def test_memory_of_other_programs_is_counted_in_full():
    this = bytearray(os.urandom(MIB)) * 300  # what a fork would share
    use = Use(400 * MIB, counts_sockets=False)
    with program(HOLDS.format(bytes=250 * MIB)) as one, program(HOLDS.format(bytes=250 * MIB)) as other:
        assert use.uses_too_much_memory(only([one, other]))
    assert use.peak > 500 * MIB
    assert len(this) == 300 * MIB


def test_memory_that_forks_share_is_counted_once():
    this = bytearray(os.urandom(MIB)) * 300
    once = held(os.getpid())  # with all that earlier tests left in this process
    use = Use(once + 100 * MIB, counts_sockets=False)
    with forks(5) as pids:
        assert sum(map(held, pids)) > 4 * once
        assert not use.uses_too_much_memory(only(pids))
    assert use.peak < once + 100 * MIB
    assert len(this) == 300 * MIB


def test_a_process_that_cannot_be_read_is_counted_in_full():
    source = "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0);" + HOLDS.format(bytes=100 * MIB)
    with program(source) as pid:
        assert share(pid) >= 100 * MIB


def test_connections_that_nobody_accepted_are_counted():
    def counted():
        return sockets_at_most(Path("/proc/net/unix").read_bytes().splitlines()[1:], 1000)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")
        server.listen(400)
        before, ends = counted(), [socket.socket(socket.AF_UNIX) for _ in range(400)]
        for end in ends:
            end.connect(server.getsockname())
            end.close()
        assert counted() >= before + 200 * 1000  # other programs of this machine may have closed some of theirs


def test_datagrams_of_many_senders_are_counted():
    line = b"0000000000000000: 00000002 00000000 00000000 %s 01 1234"
    assert sockets_at_most([line % b"0001", line % b"0002", line % b"0005"], 10) == 10 + 110 + 10


def test_who_opens_half_of_the_files_of_the_machine_starves_it(monkeypatch):
    left = [1000]
    monkeypatch.setattr("nbjudge.sandbox.inside.use.available_files", lambda: left[-1])
    use = Use(MIB, counts_sockets=False)
    for now, starves in ((1000, False), (500, False), (499, True)):
        left.append(now)
        assert use.starves_the_machine() == starves


def test_open_files_are_counted():
    before = available_files()
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(Path(os.devnull).open())
        assert available_files() <= before - 250  # other programs of this machine may have closed some of theirs


def test_the_name_of_a_socket_may_hold_line_ends():
    line = b"0000000000000000: 00000002 00000000 00000000 0001 01 1234 @a"
    assert sockets_at_most([line, b"", b"b c", line], 10) >= 20


def test_processor_time_of_a_child_whose_end_is_hidden_stays_counted():
    use = Use(MIB, counts_sockets=False)
    before = use.cpu(family())
    handler = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        pid = os.fork()
        if not pid:
            while True:
                pass
        try:
            until(lambda: use.cpu(family()) > before + 0.2)
        finally:
            os.kill(pid, signal.SIGKILL)
        until(lambda: pid not in family())
        assert use.cpu(family()) > before + 0.2
        assert use.cpu(family()) < before + 20
    finally:
        signal.signal(signal.SIGCHLD, handler)


@pytest.mark.parametrize(
    ("at_first", "machine", "least"),
    [(20 * 2**30, 24 * 2**30, 2**30), (3 * 2**30, 4 * 2**30, 2**28), (2**28, 4 * 2**30, 2**27)],
)
def test_a_machine_keeps_some_memory_but_who_began_with_little_goes_on(at_first, machine, least):
    assert least_available(at_first, of=machine) == least
    assert available_memory() < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_what_a_cgroup_counts_is_believed_where_it_is_more(tmp_path):
    counts = {
        "cgroup.procs": "",
        "cpu.stat": "usage_usec 2500000\nuser_usec 1\n",
        "memory.events": "oom 4\noom_kill 1\n",
    }
    for name, content in counts.items():
        (tmp_path / name).write_text(content)
    descriptors = [os.open(tmp_path / name, flags) for name, flags in HELD.items()]
    use = Use(MIB, counts_sockets=False, member=Member(descriptors))
    assert use.cpu({}) >= 2.5
    assert [use.uses_too_much_memory({}) for _ in range(2)] == [True, False]
    (tmp_path / "memory.events").write_text("oom 5\noom_kill 2\n")
    assert [use.ran_out_of_memory() for _ in range(2)] == [True, False]
    for descriptor in descriptors:
        os.close(descriptor)
