"""A class is graded into PostgreSQL, on a server of the test's own."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.nbjudge import small_course
from tests.nbjudge.small_course import ASSIGNMENT, RIGHT, WRONG_MEAN

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.proof,
    pytest.mark.ordinary_user,
    pytest.mark.skipif(not PROGRAMS and "CI" not in os.environ, reason="PostgreSQL is not installed"),
]


@pytest.fixture
def database():
    """Start a server that listens on a socket file only, and give its address."""
    with TemporaryDirectory(prefix="pg-") as name:  # pytest's own folder is closed to the user nobody
        folder = Path(name)
        data = folder / "data"
        user = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            nobody = pwd.getpwnam("nobody")
            user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
        quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([PROGRAMS / "initdb", "-D", data, "-U", "ta", "-A", "trust"], check=True, **quiet, **user)
        control = [PROGRAMS / "pg_ctl", "-D", data, "-w", "-o", f"-k {folder} -h ''"]
        subprocess.run([*control, "start"], check=True, **quiet, **user)
        yield f"postgresql+psycopg://ta@/postgres?host={folder}"
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet, **user)


def test_a_class(tmp_path, database):
    small_course.make(tmp_path, config=f'c.CourseDirectory.db_url = "{database}"\n')
    for number in range(4):
        small_course.hand_in(tmp_path, f"student-{number}", (RIGHT, WRONG_MEAN)[number % 2])
    small_course.run(tmp_path, "nbjudge", "autograde", ASSIGNMENT, "--jobs=2")
    assert small_course.points(tmp_path, database) == {f"student-{n}": ((2, 3), (0, 0))[n % 2] for n in range(4)}
    assert "4 unchanged" in small_course.run(tmp_path, "nbjudge", "autograde", ASSIGNMENT)
    assert "4 feedback pages written" in small_course.run(tmp_path, "nbjudge", "feedback", ASSIGNMENT, "--jobs=2")
    assert not list(tmp_path.glob("*.db"))
