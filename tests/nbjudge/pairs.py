"""Pairs of submissions that are graded at the same time: one helps the other, or one harms the other.

In all of them ``MEET`` stands for the time at which both begin, ``PART`` for the time at which both have ended.
"""

from dataclasses import dataclass
from textwrap import dedent, indent

from nbformat import v4

from tests.nbjudge import toy
from tests.nbjudge.hostile.submission import Hostile

LOOT = "square = lambda x: x * x"
LOOT_POINTS = toy.POINTS["test-square"] + toy.POINTS["test-square-arrays"]

_LIMITS = {"cell_wall": 180, "test_wall": 60, "total_wall": 400, "cell_cpu": 5, "total_cpu": 20}
_LIMITS |= {"descriptors": 256, "processes": 60}

_TOGETHER = """
import time
time.sleep(max(0.0, MEET - time.time()))
began = time.time()
{act}
time.sleep(max(0.0, PART - time.time()))
print("together from", began, "to", time.time())
"""

_BITS = f"""
import fcntl, os, struct
folder = os.path.dirname(np.__file__)
files = sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names if name.endswith(".py"))
bits = [byte >> place & 1 for byte in {LOOT!r}.encode() for place in range(8)]
files = files[:len(bits)]
def text_of(bits):
    values = [sum(bit << place for place, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8)]
    return bytes(values).decode("ascii", "replace")
"""

_PARTS = (
    _BITS
    + """
device = open("/dev/null", "r+b", 0)
def lock(at, kind):
    fcntl.fcntl(device, fcntl.F_SETLK, struct.pack("hhqqi4x", kind, 0, at, 1, 0))
"""
)

_FLAGS = (
    _BITS
    + """
given = [int(name) for name in os.listdir("/proc/self/fd") if os.path.realpath("/proc/self/fd/" + name) == "/dev/null"]
first, last = min(given), max(given)
def flag(descriptor, number):
    return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & number)
def set_flag(descriptor, number, value):
    others = fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~number
    fcntl.fcntl(descriptor, fcntl.F_SETFL, others | number if value else others)
"""
)


@dataclass(frozen=True)
class Pair:
    """Two submissions and what they may earn.

    Args:
        name: what the pair is called in the report of the tests.
        tries: one sentence.
        first: a submission.
        second: another.
        earn: the points of both.
        told: what the outputs of both must hold, or the attack did not run.
    """

    name: str
    tries: str
    first: Hostile
    second: Hostile
    earn: tuple[float, float]
    told: tuple[str, str]


def _submission(name: str, tries: str, act: str, answers: dict[str, str]) -> Hostile:
    source = _TOGETHER.format(act=dedent(act).strip())
    return Hostile(name, tries, answers, (v4.new_code_cell(source, id="together"),), limits=_LIMITS)


def _helping(name: str, tries: str, *, offers: str, takes: str) -> Pair:
    """A right submission that offers an answer, and one without answers that runs what `take` gives until they part."""
    helper = dedent(offers).strip() + '\nprint("offered")'
    taker = f"""
def take():
{indent(dedent(takes).strip(), "    ")}
while time.time() < PART:
    try:
        found = take()
    except OSError:
        found = ""
    if found == LOOT:
        exec(found)
        print("found")
        break
    time.sleep(0.05)
print("tried")
""".replace("LOOT", repr(LOOT))
    return Pair(
        name,
        tries,
        _submission(f"{name}_helper", tries, helper.replace("LOOT", repr(LOOT)), toy.ANSWERS),
        _submission(f"{name}_taker", tries, taker, {}),
        (toy.FULL, 0.0),
        ("offered", "tried"),
    )


def _harming(name: str, tries: str, *, attacks: str, works: str) -> Pair:
    """A submission that attacks until they part, and a right one that works meanwhile, or loses its answers."""
    attacker = dedent(attacks).strip() + '\nprint("attacked")'
    stubs = "\n".join(toy.STUBS.values())
    victim = f"""
time.sleep((PART - MEET) / 2)
try:
{indent(dedent(works).strip(), "    ")}
    print("worked")
except OSError:
    exec({stubs!r})
"""
    return Pair(
        name,
        tries,
        _submission(f"{name}_attacker", tries, attacker, {}),
        _submission(f"{name}_victim", tries, victim, toy.ANSWERS),
        (0.0, toy.FULL),
        ("attacked", "worked"),
    )


HELPING = (
    _helping(
        "loopback",
        "Offers an answer on a port of 127.0.0.1.",
        offers="""
        import socket, threading
        def serve():
            with socket.create_server(("127.0.0.1", 17351)) as server:
                while True:
                    server.accept()[0].sendall(LOOT.encode())
        try:
            socket.socket().close()
            threading.Thread(target=serve, daemon=True).start()
        except OSError:
            pass
        """,
        takes="""
        import socket
        with socket.create_connection(("127.0.0.1", 17351), 1) as end:
            return end.recv(1000).decode()
        """,
    ),
    _helping(
        "abstract_socket",
        "Offers an answer on a socket whose name is no file.",
        offers="""
        import socket, threading
        server = socket.socket(socket.AF_UNIX)
        server.bind("\\0pair")
        server.listen()
        def serve():
            while True:
                server.accept()[0].sendall(LOOT.encode())
        threading.Thread(target=serve, daemon=True).start()
        """,
        takes="""
        import socket
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(1)
            end.connect("\\0pair")
            return end.recv(1000).decode()
        """,
    ),
    _helping(
        "terminals",
        "Offers an answer in a terminal that others may open.",
        offers="""
        import os, tty
        inner, outer = os.openpty()
        tty.setraw(outer)
        os.chmod(os.ttyname(outer), 0o666)
        os.write(inner, LOOT.encode())
        """,
        takes="""
        import os
        for number in range(64):
            try:
                return os.read(os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY), 1000).decode()
            except OSError:
                pass
        """,
    ),
    _helping(
        "locks",
        "Offers an answer by locks on files of NumPy, one for each bit.",
        offers=_BITS
        + """
held = [open(file) for file, bit in zip(files, bits) if bit]
for file in held:
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
    except OSError:
        pass
""",
        takes=_BITS
        + """
def is_locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
return text_of([is_locked(open(file)) for file in files])
""",
    ),
    _helping(
        "record_locks",
        "Offers an answer by read locks on files of NumPy, of which the other asks who would be in its way.",
        offers=_BITS
        + """
held = [open(file) for file, bit in zip(files, bits) if bit]
for file in held:
    fcntl.fcntl(file, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
""",
        takes=_BITS
        + """
def is_locked(file):
    asked = fcntl.fcntl(file, 36, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
    return struct.unpack("hhqqi4x", asked)[0] != fcntl.F_UNLCK
return text_of([is_locked(open(file)) for file in files])
""",
    ),
    _helping(
        "locks_of_a_device",
        "Offers an answer by write locks on parts of /dev/null, which the other tries to have, too.",
        offers=_PARTS
        + """
for at, bit in enumerate(bits):
    if bit:
        lock(at, fcntl.F_WRLCK)
""",
        takes=_PARTS
        + """
def is_locked(at):
    try:
        lock(at, fcntl.F_WRLCK)
    except OSError:
        return True
    lock(at, fcntl.F_UNLCK)
    return False
return text_of([is_locked(at) for at in range(len(bits))])
""",
    ),
    _helping(
        "flags_of_descriptors",
        "Offers an answer by flags of descriptors that both were given, one bit after the other.",
        offers=_FLAGS
        + """
clock = False
for bit in bits:
    clock = not clock
    set_flag(first, os.O_NONBLOCK, bit)
    set_flag(first, os.O_APPEND, clock)
    while flag(last, os.O_APPEND) != clock and time.time() < PART:
        time.sleep(0)
""",
        takes=_FLAGS
        + """
clock, found = False, []
while len(found) < len(bits) and time.time() < PART:
    if flag(first, os.O_APPEND) != clock:
        clock = not clock
        found.append(flag(first, os.O_NONBLOCK))
        set_flag(last, os.O_APPEND, clock)
return text_of(found)
""",
    ),
    _helping(
        "files",
        "Offers an answer in every folder that can be written.",
        offers="""
        import os
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/", ".", os.environ["HOME"], os.path.dirname(np.__file__)):
            try:
                open(os.path.join(folder, "pair"), "w").write(LOOT)
            except OSError:
                pass
        """,
        takes="""
        import os
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/", ".", os.environ["HOME"], os.path.dirname(np.__file__)):
            try:
                return open(os.path.join(folder, "pair")).read()
            except OSError:
                pass
        """,
    ),
)
"""Pairs of a right submission and one that has no answers."""

_CAPACITY = """
import fcntl, os, resource
def is_small():
    ends = os.pipe()
    small = fcntl.fcntl(ends[1], 1032) < 65536
    os.close(ends[0])
    os.close(ends[1])
    return small
"""

HELPING_OF_ONE_USER = (
    _helping(
        "pipe_pages",
        "Tells that the answer is the one agreed on by the size of pipes, whose pages are counted for a user.",
        offers=_CAPACITY
        + """
import signal
def use_up():
    for _ in range(110):
        os.pipe()
    signal.pause()
users = []
for _ in range(40):
    users.append(os.fork())
    if not users[-1]:
        use_up()
time.sleep(1)
print("small here:", is_small())
""",
        takes=_CAPACITY
        + """
if is_small():
    return LOOT
""",
    ),
)
"""Pairs that meet in what the system counts for a user; they fail where submissions are different users."""

HARMING = (
    _harming(
        "signals",
        "Sends every signal to every process that it can name.",
        attacks="""
        import os, signal
        while time.time() < PART - 0.5:
            for pid in range(2, 400):
                if pid not in (os.getpid(), os.getpgid(0)):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except OSError:
                        pass
        """,
        works="""
        import subprocess
        subprocess.run(["/bin/sleep", "0.5"], check=True)
        """,
    ),
    _harming(
        "terminals_used_up",
        "Opens all the terminals that the system has.",
        attacks="""
        import os
        def use_up():
            try:
                while True:
                    os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
            except OSError:
                time.sleep(max(0.0, PART - time.time()))
                os._exit(0)
        for _ in range(40):
            if not os.fork():
                use_up()
        time.sleep(0.2)
        """,
        works="""
        import os
        os.openpty()
        """,
    ),
    _harming(
        "pipe_pages_used_up",
        "Opens so many pipes that a user may have no more pages for them.",
        attacks="""
        import os
        for _ in range(40):
            if not os.fork():
                for _ in range(110):
                    os.pipe()
                time.sleep(max(0.0, PART - time.time()))
                os._exit(0)
        time.sleep(0.2)
        """,
        works="""
        import subprocess
        assert len(subprocess.check_output(["/usr/bin/seq", "100000"])) == 588895
        """,
    ),
    _harming(
        "leases",
        "Leases files of the Python environment, so that whoever opens them waits.",
        attacks="""
        import fcntl, glob, os
        leased = []
        for file in glob.glob(os.path.dirname(np.__file__) + "/*/tests/*.py")[:100]:
            try:
                leased.append(os.open(file, os.O_RDONLY))
                fcntl.fcntl(leased[-1], fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except OSError:
                pass
        """,
        works="""
        import glob, os
        for file in glob.glob(os.path.dirname(np.__file__) + "/*/tests/*.py")[:100]:
            os.close(os.open(file, os.O_RDONLY | os.O_NONBLOCK))
        """,
    ),
    _harming(
        "group_signalled",
        "Sends signals that it ignores itself to all processes of the group that it was started in.",
        attacks="""
        import os, signal
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT}:
            kept = signal.signal(number, signal.SIG_IGN)
            os.kill(0, number)
            signal.signal(number, kept)
        """,
        works="""
        import subprocess
        assert subprocess.check_output(["/bin/echo", "works"]) == b"works\\n"
        """,
    ),
    _harming(
        "processors_used_up",
        "Keeps every processor busy with many processes.",
        attacks="""
        import os
        for _ in range(30):
            if not os.fork():
                while time.time() < PART:
                    pass
                os._exit(0)
        """,
        works="""
        import torch
        torch.linalg.eigh(torch.eye(50))
        """,
    ),
    _harming(
        "memory_used_up",
        "Holds as much memory as it can get.",
        attacks="""
        held = []
        try:
            while len(held) < 30:
                held.append(np.ones(2**22))
        except MemoryError:
            pass
        """,
        works="""
        np.ones(2**24).sum()
        """,
    ),
)
"""Pairs of a submission that has no answers and a right one."""

USES_UP = _submission(
    "uses_up",
    "Uses up what the system counts for a user, or for all: notices, asynchronous reads, descriptors on their way, "
    "descriptors that are waited for.",
    """
import ctypes, fcntl, os, select, socket
libc = ctypes.CDLL(None, use_errno=True)
try:
    epolls = [select.epoll() for _ in range(100)]
    end = os.pipe()[0]
    for number in range(150, 250):
        os.dup2(end, number)
        for epoll in epolls:
            epoll.register(number, select.EPOLLIN)
        os.close(number)
    print("waits for 10,000 descriptors, and could for millions")
except OSError:
    pass
inotify = [libc.inotify_init1(0) for _ in range(200)]
context = ctypes.c_ulong()
number = {"x86_64": 206, "aarch64": 0}[os.uname().machine]
asked = [2**16, *[2**12] * 16, *[2**8] * 64, *[1] * 16]
contexts = [libc.syscall(number, events, ctypes.byref(ctypes.c_ulong())) for events in asked]
flying, left = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM), 600
try:
    while left:
        socket.send_fds(flying[0], [b"."], [0] * 100)
        left -= 100
except OSError:
    pass
print("attacked")
""",
    {},
)
