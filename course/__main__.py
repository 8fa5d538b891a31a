"""The commands of this course, ``python -m course --help``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

from course.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m course", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("release", help="keep the twins in step and build every release")
    gates = commands.add_parser(
        "gates", help="try every known answer on every test cell, here and in the judge, and write docs/gates.md"
    )
    gates.add_argument("--only", metavar="ASSIGNMENT", help="one assignment, not in the judge; writes no page")
    gates.add_argument("--function", action="append", help="one function of it; may be given several times")
    commands.add_parser("demo", help="grade a simulated class in demo/ and compare with the grades known in advance")
    translated = commands.add_parser("translated", help="record that Korean cells were checked against the English")
    translated.add_argument("assignment", help="for example ps1-jacobian")
    translated.add_argument("keys", nargs="+", metavar="key", help="key of a pair of cells that you read, both of them")
    arguments = vars(parser.parse_args())
    command = {"release": _release, "gates": _gates, "demo": _demo, "translated": _translated}[arguments.pop("command")]
    try:
        return command(**arguments)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _release() -> int:
    from course import coverage
    from course.release import make_releases

    make_releases(ROOT, report=print)
    page = coverage.as_page(sorted((ROOT / "source").glob("*/*.ipynb")))
    (ROOT / "docs" / "coverage.md").write_text(page, "utf-8")
    return 0


def _demo() -> int:
    from course import demo

    demo.run(ROOT, ROOT / "demo", report=lambda line: print(line, flush=True))
    return 0


def _translated(assignment: str, keys: list[str]) -> int:
    from course.twins import mark_translated

    texts = [*(ROOT / "source" / assignment).glob("*.py")]
    if not texts:
        raise CourseError(f"there is no assignment {assignment!r} in source/.")
    for text in texts:
        mark_translated(text, keys)
    return 0


def _gates(only: str | None, function: list[str] | None) -> int:
    from course import demo, gates

    paths = sorted((ROOT / "source").glob(f"{only or '*'}/*.ipynb"))
    if not paths:
        raise CourseError(f"there is no assignment {only!r} in source/.")
    if function and not only:
        raise CourseError("name the assignment of a function with --only.")
    warnings.simplefilter("ignore")
    if function:
        proofs = [gates.prove(path, functions=function, report=print) for path in paths]
    else:
        proofs = gates.prove_all(paths, report=print)
    problems = [problem for proof in proofs for problem in proof.problems]
    page = gates.as_page(proofs)
    if only is None:
        (ROOT / "docs" / "gates.md").write_text(page, "utf-8")
        with tempfile.TemporaryDirectory() as scratch:
            problems += demo.grade_classes(ROOT, Path(scratch), experiments=False, report=print)
    print(page, *problems, f"{len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
