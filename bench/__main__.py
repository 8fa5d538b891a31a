"""Measure what is promised about speed and write docs/performance.md: ``make bench``, or ``make bench BENCH=full``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from bench.hang import EVERY, hangs
from bench.processes import tell
from bench.stock import ASSIGNMENT, Classes

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = {"demo": 120, "quick": 60, "test": 600}
"""What people type and wait for, and the most seconds that each should take."""

HANGS = "softmax_jacobian"
"""The function that never returns."""


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Args:
        name: what the page calls it.
        students: size of the class.
        stock: how many of them stock nbgrader grades.
        sizes: of the classes for the scaling.
    """

    name: str
    students: int
    stock: int
    sizes: tuple[int, ...]


EXTENTS = {
    "short": Extent("make bench", students=24, stock=3, sizes=(8, 24)),
    "full": Extent("make bench BENCH=full", students=100, stock=100, sizes=(10, 100, 1000)),
}


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("extent", nargs="?", choices=EXTENTS, default="short", help="how large the classes are")
    extent = EXTENTS[parser.parse_args().extent]
    warnings.simplefilter("ignore")  # the wrong answers' own, where their cells run in this process
    began = time.monotonic()
    lines = [*commands(), *hanging()]
    with tempfile.TemporaryDirectory() as folder:
        classes = Classes(Path(folder), extent.students, extent.stock)
        lines += [*classes.against_stock(), *classes.scaling(extent.sizes), *classes.single()]
    head = [
        "# Performance",
        "",
        f"Made by `{extent.name}` on {os.cpu_count()} processors in {(time.monotonic() - began) / 60:.0f} minutes.",
        "",
    ]
    page = "\n".join([*head, *lines]) + "\n"
    (ROOT / "docs" / "performance.md").write_text(page, "utf-8")
    sys.stdout.write(page)


def commands() -> list[str]:
    """What people type and wait for, as lines of the page."""
    lines = ["## Commands", "", "With `.venv` made.", "", "| | seconds | target |", "|---|---|---|"]
    for name, most in COMMANDS.items():
        tell(f"`make {name}`")
        began = time.monotonic()
        subprocess.run(["make", name], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607, our own
        lines.append(f"| `make {name}` | {time.monotonic() - began:.0f} | {most} |")
    return [*lines, ""]


def hanging() -> list[str]:
    """What functions that never return cost, as lines of the page."""
    tell("functions that never return")
    targets = {HANGS: 10, EVERY: 30}
    lines = [
        f"## Endless loops in {ASSIGNMENT}",
        "",
        "| | CPU | wall | target CPU | graded again |",
        "|---|---|---|---|---|",
    ]
    for hang in hangs(ASSIGNMENT, [HANGS]):
        again = hang.again or "no"
        lines.append(f"| {hang.name} | {hang.cpu:.1f} | {hang.wall:.1f} | {targets[hang.name]} | {again} |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
