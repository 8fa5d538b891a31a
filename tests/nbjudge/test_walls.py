"""Behind both walls nothing of the machine can be reached, and nothing stays."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from nbjudge import walls

ROOT = Path(__file__).parents[2]
REASON = walls.why_not()

pytestmark = pytest.mark.skipif(bool(REASON) and "CI" not in os.environ, reason=f"no sandbox: {REASON}")

SERVER = """
import os, sys
sys.path.append({root!r})
from nbjudge import walls
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


def walled(*sources):
    """What pieces of code print, each behind an inner wall of its own, all behind one outer wall."""
    server = SERVER.format(root=str(ROOT), sources=[textwrap.dedent(source) for source in sources])
    command = walls.outer_wall([sys.executable, "-I", "-c", server], readable=[ROOT / "nbjudge"])
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert result.stderr == ""
    return result.stdout.split()


def test_it_is_the_first_and_only_process():
    assert walled("print(os.getpid(), *sorted(name for name in os.listdir('/proc') if name.isdigit()))") == ["1", "1"]


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


def test_without_bubblewrap_it_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert walls.why_not() == "bubblewrap is not installed; install the package bubblewrap."
