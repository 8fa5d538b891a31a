"""The commands of this course, ``python -m course --help``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from course.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m course", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    release = commands.add_parser("release", help="keep the twins in step and build every release that is out of date")
    release.add_argument("--only", metavar="ASSIGNMENT", help="one assignment")
    gates = commands.add_parser(
        "gates", help="try every known answer on every test cell, here and in the judge, and write docs/gates.md"
    )
    gates.add_argument("--only", metavar="ASSIGNMENT", help="one assignment, not in the judge; writes no page")
    gates.add_argument("--function", action="append", help="one function of it; may be given several times")
    gates.add_argument("--plain", action="store_true", help="not in the judge; writes no page")
    gates.add_argument("--no-cache", action="store_true", help="try again what was tried before, as CI does")
    demo = commands.add_parser(
        "demo", help="grade a simulated class in demo/ and compare with the grades known in advance"
    )
    demo.add_argument("assignment", nargs="?", default="ps1-jacobian", help="ps1-jacobian by default; `all` of them")
    translated = commands.add_parser("translated", help="record that Korean cells were checked against the English")
    translated.add_argument("assignment", help="for example ps1-jacobian")
    translated.add_argument("keys", nargs="+", metavar="key", help="key of a pair of cells that you read, both of them")
    new = commands.add_parser("new", help="write a new assignment, or a new exercise in one, with what is left marked")
    new.add_argument("assignment", help="for example ps8-lagrange")
    new.add_argument("exercise", nargs="?", help="grade id of the answer, for example e3-14")
    new.add_argument("function", nargs="?", help="what the student writes, for example trace")
    new.add_argument("--cells", default="shape,values,inputs", help="names of its test cells; %(default)s by default")
    new.add_argument("--parameters", default="x", help="of the function, for example 'f, x'; %(default)s by default")
    arguments = vars(parser.parse_args())
    functions: dict[str, Callable[..., int]] = {
        "release": _release,
        "gates": _gates,
        "demo": _demo,
        "translated": _translated,
        "new": _new,
    }
    command = functions[arguments.pop("command")]
    try:
        return command(**arguments)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _release(only: str | None) -> int:
    from course import coverage, readme
    from course.measure import refresh
    from course.release import assignments, make_releases
    from course.trialrun import become_a_prover

    make_releases(ROOT, only=only, report=print)
    become_a_prover()
    for assignment in [only] if only else assignments(ROOT):
        refresh(ROOT, assignment, report=print)
    notebooks = sorted((ROOT / "source").glob("*/*.ipynb"))
    (ROOT / "docs" / "coverage.md").write_text(coverage.as_page(notebooks), "utf-8")
    front = ROOT / "README.md"
    front.write_text(readme.updated(front.read_text("utf-8"), notebooks), "utf-8")
    return 0


def _demo(assignment: str) -> int:
    from course import demo
    from course.progress import Progress

    progress = Progress(sys.stdout)
    told = demo.run(ROOT, ROOT / "demo", assignment, progress=progress)
    progress.step("")
    print(*told, sep="\n")
    return 0


def _translated(assignment: str, keys: list[str]) -> int:
    from course.twins import mark_translated

    texts = [*(ROOT / "source" / assignment).glob("*.py")]
    if not texts:
        raise CourseError(f"there is no assignment {assignment!r} in source/.")
    for text in texts:
        mark_translated(text, keys)
    print(f"{len(keys)} texts are marked as checked: {', '.join(keys)}")
    return 0


def _new(assignment: str, exercise: str | None, function: str | None, cells: str, parameters: str) -> int:
    from course.new import new_assignment, new_exercise

    if exercise is None:
        paths = new_assignment(ROOT, assignment)
    elif function is None:
        raise CourseError(f"name the function of {exercise}, for example: {exercise} trace --cells values,inputs")
    else:
        paths = new_exercise(ROOT, assignment, exercise, function, cells.split(","), parameters=parameters)
    print("Written, with what is left marked:", *(f"  {path}" for path in paths), sep="\n")
    print("docs/authoring.md says what comes next.")
    return 0


def _gates(only: str | None, function: list[str] | None, plain: bool, no_cache: bool) -> int:  # noqa: FBT001, options
    from course import classes, gates
    from course.release import assignments, texts_of
    from course.trialcache import TrialCache
    from course.trialrun import become_a_prover
    from course.twins import sync

    def report(line: str) -> None:
        print(line, flush=True)

    chosen = assignments(ROOT)
    if only is not None and only not in chosen:
        raise CourseError(f"there is no assignment {only!r} in source/.")
    texts = [text for assignment in ([only] if only else chosen) for text in texts_of(ROOT, assignment)]
    for text in texts:
        if change := sync(text):
            report(change)
    paths = [text.with_suffix(".ipynb") for text in texts]
    if function and not only:
        raise CourseError("name the assignment of a function with --only.")
    become_a_prover()
    is_kept = not (no_cache or os.environ.get("CI"))
    cache = TrialCache(ROOT / ".cache" / "gates", report=report) if is_kept else None
    proofs = gates.prove_all(paths, functions=function, cache=cache, report=report)
    problems = [problem for proof in proofs for problem in proof.problems]
    page = gates.as_page(proofs)
    if only is None and not plain:
        (ROOT / "docs" / "gates.md").write_text(page, "utf-8")
        with tempfile.TemporaryDirectory() as scratch:
            problems += classes.grade_classes(ROOT, Path(scratch), experiments=False, report=report)
    print(page, *problems, f"{len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
