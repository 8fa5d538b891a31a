"""Submitted code may make the calls of the list, with the arguments of the rules, and no others."""

import ctypes
import errno
import fcntl
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from nbjudge.sandbox import seccomp, syscalls

pytestmark = pytest.mark.ordinary_user

ROOT = Path(__file__).parents[2]
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
NEVER_FILTERED = (335, 336) if platform.machine() == "x86_64" else ()  # of traced programs; others end by them

TRY = """
import ctypes, sys
sys.path.append({root!r})
from nbjudge.sandbox.syscalls import refuse_calls
libc = ctypes.CDLL(None, use_errno=True)
calls = {calls!r}
refuse_calls()
def error(call):
    number, *arguments = call
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return ctypes.get_errno()
print(*[error(call) for call in calls])
"""


def errors(calls):
    """The errors of calls in a process that is restrained, each call a number and its arguments."""
    result = subprocess.run(
        [sys.executable, "-I", "-c", TRY.format(root=str(ROOT), calls=calls)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(error) for error in result.stdout.split()]


def numbers(calls, machine=None):
    column = list(MACHINES).index(machine or platform.machine())
    return {name: both[column] for name, both in calls.items() if both[column] is not None}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_kernel(machine):
    known = ctypes.CDLL("libseccomp.so.2")
    known.seccomp_syscall_resolve_name_arch.argtypes = [ctypes.c_uint32, ctypes.c_char_p]
    calls = {**syscalls.ALLOWED, **syscalls.REFUSED}
    found = {name: known.seccomp_syscall_resolve_name_arch(MACHINES[machine], name.encode()) for name in calls}
    assert {name: number for name, number in found.items() if number >= 0} == numbers(calls, machine)


def test_no_other_call_reaches_the_kernel():
    listed = {*numbers(syscalls.ALLOWED).values(), *numbers(syscalls.REFUSED).values()}
    others = [number for number in range(1024) if number not in {*listed, *NEVER_FILTERED}]
    read = numbers(syscalls.ALLOWED)["read"]
    calls = [(number, -1, -1, -1, -1, -1, -1) for number in [*others, X32 + read]]
    assert set(errors(calls)) == {errno.ENOSYS}


def test_some_calls_are_refused_as_programs_expect():
    assert set(errors([(number, 0, 0, 0) for number in numbers(syscalls.REFUSED).values()])) == {errno.EPERM}


RULES = {
    "a new user namespace": ("clone", (0x10000011, 0, 0, 0, 0), errno.EPERM),
    "a lease": ("fcntl", (0, 1024, 0), errno.EPERM),
    "notices of a folder": ("fcntl", (0, 1026, 0), errno.EPERM),
    "a larger pipe": ("fcntl", (1, 1031, 2**20), errno.EPERM),
    "a question for record locks": ("fcntl", (0, 5, 0), errno.EPERM),
    "a question for locks of open files": ("fcntl", (0, 36, 0), errno.EPERM),
    "who gets signals of a descriptor": ("fcntl", (0, 8, 1), errno.EPERM),
    "typing into a terminal": ("ioctl", (0, 0x5412, 0), errno.ENOTTY),
    "merged memory": ("madvise", (0, 0, 12), errno.EINVAL),
    "shared memory without a file": ("mmap", (0, 4096, 3, 0x21, -1, 0), errno.EPERM),
    "the same, validated": ("mmap", (0, 4096, 3, 0x23, -1, 0), errno.EPERM),
    "huge pages of the system": ("mmap", (0, 2**21, 3, 0x40022, -1, 0), errno.EPERM),
    "being readable by nobody": ("prctl", (4, 0, 0, 0, 0), errno.EINVAL),
    "the orphans": ("prctl", (36, 1, 0, 0, 0), errno.EINVAL),
    "a filter of its own": ("prctl", (22, 2, 0, 0, 0), errno.EINVAL),
    "limits of another": ("prlimit64", (1, 7, 0, 0), errno.EPERM),
    "processors of another": ("sched_setaffinity", (1, 0, 0), errno.EPERM),
    "larger buffers": ("setsockopt", (0, 1, 7, 0, 0), errno.ENOPROTOOPT),
    "larger buffers by force": ("setsockopt", (0, 1, 32, 0, 0), errno.ENOPROTOOPT),
    **{
        f"{call} of family {family}": (call, (family, 1, 0, 0), errno.EAFNOSUPPORT)
        for call in ("socket", "socketpair")
        for family in [0, *range(2, 64), 2**32 + 2]
    },
}


def test_arguments_are_refused():
    known = numbers(syscalls.ALLOWED)
    found = errors([(known[call], *arguments) for call, arguments, _ in RULES.values()])
    assert dict(zip(RULES, found, strict=True)) == {name: error for name, (_, _, error) in RULES.items()}


def test_locks_are_said_to_be_set_and_are_not():
    lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
    program = f"""
import fcntl, sys
sys.path.append({str(ROOT)!r})
from nbjudge.sandbox.syscalls import refuse_calls
refuse_calls()
file = open("/dev/null", "r+b", 0)
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
fcntl.lockf(file, fcntl.LOCK_EX)
fcntl.fcntl(file, 37, {lock!r})
print("set", flush=True)
sys.stdin.read()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen([sys.executable, "-I", "-c", program], **pipes) as process,
        Path("/dev/null").open("r+b", 0) as file,
    ):
        assert process.stdout.readline() == b"set\n"
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_UN)


def test_no_program_of_the_machine_is_given_the_memory_of_a_process_that_breaks():
    program = f"""
import resource, sys
sys.path.append({str(ROOT)!r})
from nbjudge.sandbox.inside.process import restrain
from nbjudge.limits import Limits
restrain(Limits(), places=0)
print(*resource.getrlimit(resource.RLIMIT_CORE))
"""
    result = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["1", "1"]  # the only limit that the kernel heeds before it starts a program


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_decides_as_the_tables_say(machine):
    allowed, refused = numbers(syscalls.ALLOWED, machine), numbers(syscalls.REFUSED, machine)
    rules = {allowed.pop(name): rule for name, rule in syscalls.RULES.items()}
    steps = seccomp.program(machine, allowed=allowed.values(), refused=refused.values(), rules=rules)
    expected = dict.fromkeys(allowed.values(), 0x7FFF0000) | dict.fromkeys(refused.values(), 0x50000 | errno.EPERM)
    for number in range(1024):
        if number not in rules:
            assert decided(steps, machine, number) == expected.get(number, 0x50000 | errno.ENOSYS), number
    for number, rule in rules.items():
        for value in range(-1, 2**12):
            decision = dict.fromkeys(rule.values, 0x7FFF0000) | dict.fromkeys(rule.feigned, 0x50000)
            expected = decision.get(value & rule.mask, 0x50000 | rule.error)
            assert decided(steps, machine, number, {rule.argument: value}) == expected, (number, value)
    other = next(name for name in MACHINES if name != machine)
    assert decided(steps, other, allowed["read"]) == 0x50000 | errno.ENOSYS


def decided(steps, machine, number, arguments=None):
    """What the kernel would decide: the language of its filters, as far as ours use it."""
    data = {0: number, 4: MACHINES[machine]}
    data |= {16 + 8 * position: value & 0xFFFFFFFF for position, value in (arguments or {}).items()}
    tests = {0x15: int.__eq__, 0x25: int.__gt__, 0x35: int.__ge__}
    at, register = 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            register = data[value]
        elif code == 0x54:
            register &= value
        else:
            at += if_true if tests[code](register, value) else if_false


def test_an_unknown_machine_is_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(OSError, match="type vax"):
        syscalls.refuse_calls()
