"""Behind both walls nothing of the machine can be reached, and nothing stays."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from nbjudge.commands import doctor
from nbjudge.sandbox import walls
from tests.nbjudge.samples import sampled

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.sandbox, pytest.mark.ordinary_user]

SERVER = """
from nbjudge.sandbox import walls
users = walls.become_nobody()
for number, source in enumerate({sources!r}):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        walls.enter_inner_wall(user=users[number % len(users)], tmp_bytes=2**20)
        try:
            exec(source)
        except BaseException as error:
            print(type(error).__name__)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
"""


def behind_outer_wall(server):
    """What a program prints behind an outer wall."""
    program = f"import os, sys; sys.path.append({str(ROOT)!r})\n{server}"
    command = walls.outer_wall([sys.executable, "-I", "-c", program], readable=[ROOT / "nbjudge"])
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert result.stderr == ""
    return result.stdout


def walled(*sources):
    """What pieces of code print, each behind an inner wall of its own, all behind one outer wall."""
    return behind_outer_wall(SERVER.format(sources=[textwrap.dedent(source) for source in sources])).split()


def test_it_is_the_first_and_only_process():
    assert walled("print(os.getpid(), *sorted(name for name in os.listdir('/proc') if name.isdigit()))") == ["1", "1"]


def test_it_has_a_session_of_its_own():
    assert walled("print(os.getsid(0), os.getpgrp())") == ["1", "1"]


def test_it_is_nobody_without_capabilities():
    status = walled("print(os.getuid() > 0, open('/proc/self/status').read())")
    assert status[0] == "True"
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[status.index(f"{name}:") + 1], 16) == 0
    assert status[status.index("NoNewPrivs:") + 1] == "1"


def test_no_further_namespace_can_be_made():
    assert walled("import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))") == ["-1"]


@pytest.mark.parametrize("path", [ROOT / "solutions", ROOT / "tests", ROOT / "README.md", Path("/home"), Path("/var")])
def test_what_is_not_needed_does_not_exist(path):
    assert walled(f"print(os.path.exists({str(path)!r}))") == ["False"]


@pytest.mark.parametrize(
    "path", ["/", "/usr", "/usr/bin", "/etc", "/dev", "/proc/sys/kernel", sys.prefix, str(ROOT / "nbjudge")]
)
def test_the_system_cannot_be_written(path):
    assert walled(f"open({path!r} + '/planted', 'w')")[0] in ("OSError", "PermissionError", "FileNotFoundError")


def test_there_is_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert walled(f"import socket; socket.create_connection({address!r}, 2)")[0] in (
            "ConnectionRefusedError",
            "OSError",
        )


def test_it_has_a_network_of_its_own():
    networks = walled(*["print(os.readlink('/proc/self/ns/net'))"] * 2)
    assert len({str(Path("/proc/self/ns/net").readlink()), *networks}) == 3


def test_neighbours_are_different_users_where_that_is_possible():
    users = walled(*["print(os.getuid(), os.getgid())"] * 2)
    assert (users[:2] != users[2:]) == walls.has_free_users()


def test_root_makes_use_of_users_whom_nobody_else_is():
    if walls.has_free_users():
        code = "users = walls.become_nobody(); print(len(users), open('/proc/self/uid_map').read())"
        runs = [behind_outer_wall(f"from nbjudge.sandbox import walls; {code}").split() for _ in range(2)]
        assert all(run[0] == str(walls.USERS - 1) and run[1] == "0" for run in runs)
        assert all(0x70000000 <= int(run[2]) < 0x80000000 and int(run[3]) == walls.USERS for run in runs)


def test_there_are_few_devices():
    devices = ["fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "urandom"]
    assert walled("print(*sorted(os.listdir('/dev')))") == devices


def test_terminals_are_its_own_and_few():
    opens = """
        print(os.listdir("/dev/pts"))
        try:
            for number in range(17):
                os.openpty()
        except OSError:
            print(number)
    """
    assert walled(opens, opens) == ["['ptmx']", "16"] * 2


def test_signals_that_wait_are_few():
    assert walled("import resource; print(*resource.getrlimit(resource.RLIMIT_SIGPENDING))") == ["1024", "1024"]


LINKS = {
    "to_the_environment": lambda folder, prefix: (folder / "environment").symlink_to(prefix),
    "to_a_link": lambda folder, prefix: (
        (folder / "other").symlink_to(prefix),
        (folder / "environment").symlink_to("other"),
    ),
    "to_its_parent": lambda folder, prefix: (folder / "environment").symlink_to(prefix.parent),
}


@pytest.mark.parametrize("make", sampled(LINKS))
def test_the_environment_may_be_reached_by_links(make, tmp_path):
    prefix = Path(sys.prefix)
    make(tmp_path, prefix)
    found = tmp_path / "environment"
    python = (found if (found / "bin").exists() else found / prefix.name) / "bin" / "python"
    command = [python, "-c", SESSION]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert result.stdout.split() == [str(python.parents[1]), "started"], result.stderr


SESSION = """
import sys
from nbjudge.limits import Limits
from nbjudge.sandbox.outside import Sandbox
from nbjudge.sandbox.session import Cell
sandbox = Sandbox(figures="skip")
session = sandbox.open(Limits(), {})
print(sys.prefix)
source = "import subprocess, sys; _ = subprocess.run([sys.executable, '-c', 'import numpy; print(\\"started\\")'])"
nothing = lambda *_: None
shows = lambda event: print(event[-1])
session.run([Cell("cell", source)], started=nothing, shows=shows, ended=nothing, interrupted=nothing)
session.close()
sandbox.close()
"""


def test_no_file_stays_for_the_next_submission():
    plant = "open('/tmp/planted', 'w'); open('/dev/shm/planted', 'w'); print(os.listdir('/tmp'))"
    assert walled(plant, "print(os.listdir('/tmp'), os.listdir('/dev/shm'))") == ["['planted']", "[]", "[]"]


def test_temporary_space_is_limited():
    assert walled("open('/tmp/large', 'wb').write(b'0' * 2**21)") == ["OSError"]


def test_no_process_stays():
    daemon = """
        import time
        if not os.fork():
            os.setsid()
            time.sleep(60)
        print("left")
    """
    assert walled(daemon, "print(len([name for name in os.listdir('/proc') if name.isdigit()]))") == ["left", "1"]


def test_the_environment_is_empty(monkeypatch):
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "secret")
    assert "secret" not in " ".join(walled("print(dict(os.environ))"))


def test_the_doctor_knows_what_to_do_for_each_part_of_the_inner_wall():
    reasons = {
        "OSError: [Errno 28] unshare the network: No space left on device": "max_net_namespaces",
        "PermissionError: [Errno 1] mount /dev/pts: Operation not permitted": "devpts",
        "OSError: the users of submissions cannot be set": "uid_map",
        "OSError: [Errno 22] the kernel refuses a filter of calls": "CONFIG_SECCOMP_FILTER",
        "OSError: the calls of a machine of type vax are not known": "aarch64",
    }
    for reason, words in reasons.items():
        assert words in doctor.remedy(reason)
