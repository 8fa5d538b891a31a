"""What `make setup` says where something is missing, and that what it installs goes together."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_debians_missing_venv_is_a_sentence(tmp_path):
    for name in ("Makefile", "bubblewrap.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    result = subprocess.run(
        [shutil.which("make"), "--silent", "setup", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "`apt-get install python3-venv`" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.xdist_group("setup")
def test_groups_of_tests_stay_together(request):
    """Processes take groups by this end of a test's name; without it each of them would do a group's work."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@setup")
