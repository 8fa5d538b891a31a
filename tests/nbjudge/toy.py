"""A tiny course without a gradebook: three exercises, four test cells, and canaries that no submission may ever see."""

import ctypes
import dataclasses
import platform
import re
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import v4

from nbjudge.judging.grading import Graded
from nbjudge.judging.worker import Task, Worker, Workers
from nbjudge.limits import Limits
from nbjudge.submission.blueprint import Blueprint, BlueprintCell

HIDDEN = "hidden-canary-7351946"
MODULE = "module-canary-8264057"
SOLUTION = "solution-canary-9175168"
GRADEBOOK = "gradebook-canary-1386279"
ENVIRONMENT = "environment-canary-2497381"
KEY = "key-canary-3518492"
OTHER = "other-canary-4629503"
CANARIES = (HIDDEN, MODULE, SOLUTION, GRADEBOOK, ENVIRONMENT, KEY, OTHER)

NOTEBOOK = "toy"
PRIVATE = ("tests_of_toy", "solutions_of_toy")

LIMITS = Limits(
    cell_cpu=1,
    cell_wall=3,
    test_cpu=1,
    test_wall=3,
    total_cpu=10,
    total_wall=20,
    memory=2**30,
    total_memory=2**30,
    processes=40,
    descriptors=128,
    disk=2**24,
    output=20_000,
    images=500_000,
)

SETUP = """
import numpy as np
import torch
"""

STUBS = {
    "square": """
def square(x):
    raise NotImplementedError
""",
    "gradient": """
def gradient(f, x):
    raise NotImplementedError
""",
    "slope": """
def slope(f, x):
    raise NotImplementedError
""",
}

ANSWERS = {
    "square": """
def square(x):
    return x * x
""",
    "gradient": """
def gradient(f, x):
    h = 1e-6
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
""",
    "slope": """
def slope(f, x):
    return torch.func.grad(f)(x)
""",
}

TESTS = {
    "test-square": f"""
# The square of a number.
### BEGIN HIDDEN TESTS
from nbjudge.testing import value
secret = "{HIDDEN}"
for x in (1.5, -2.25, 7351946.0):
    assert abs(value(square(x)) - x**2) <= 1e-9 * x**2, secret
### END HIDDEN TESTS
assert abs(square(3.0) - 9.0) <= 1e-9
""",
    "test-square-arrays": """
# The square of every entry of an array, which stays as it was.
### BEGIN HIDDEN TESTS
### ALONE
import tests_of_toy
tests_of_toy.check_arrays(square)
### END HIDDEN TESTS
np.testing.assert_allclose(square(np.array([1.0, -2.0])), [1.0, 4.0])
""",
    "test-gradient": """
# A gradient, one point for each right entry.
### BEGIN HIDDEN TESTS
import tests_of_toy
tests_of_toy.points_of_gradient(gradient)
### END HIDDEN TESTS
""",
    "test-slope": """
# A derivative by torch.
### BEGIN HIDDEN TESTS
import tests_of_toy
tests_of_toy.check_slope(slope)
### END HIDDEN TESTS
""",
}

POINTS = {"test-square": 2.0, "test-square-arrays": 1.0, "test-gradient": 2.0, "test-slope": 2.0}
FULL = sum(POINTS.values())

_TESTS_MODULE = f'''
"""{MODULE}"""
import numpy as np
import torch

import solutions_of_toy
from nbjudge.testing import counted, there, unchanged, value
from nbjudge.testing import CheckFailed, Text

WRONG = CheckFailed(Text(en="the values are wrong.", ko="값이 틀렸습니다."))


def check_arrays(square):
    x = np.array([0.5, -1.25, 3.75])
    squares, (x_after,) = unchanged(square, x)
    squares = np.asarray(value(squares))
    if squares.shape != x.shape or not np.allclose(squares, solutions_of_toy.square(x), atol=0.0):
        raise WRONG
    if not np.array_equal(x, x_after):
        raise CheckFailed(Text(en="the argument was changed."))


def points_of_gradient(gradient):
    f = counted(lambda x: x[0] ** 3 + 5.0 * x[1])
    found = np.asarray(value(gradient(f, np.array([2.0, 1.0]))))
    if found.shape != (2,) or f.calls == 0:
        raise WRONG
    return sum(bool(abs(entry - right) <= 1e-4) for entry, right in zip(found, (12.0, 5.0)))


def check_slope(slope):
    found = value(slope(there(lambda x: x**3), torch.tensor(2.0, dtype=torch.float64)))
    if not isinstance(found, torch.Tensor) or found.shape != () or not torch.allclose(found, torch.tensor(12.0, dtype=found.dtype)):
        raise WRONG
'''

_SOLUTIONS_MODULE = f'''
"""{SOLUTION}"""


def square(x):
    return x * x
'''

_WITNESS = """
import builtins, fcntl, glob, json, os, resource, signal, stat, sys
def is_file(descriptor):
    try:
        return descriptor > 7 and stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False
def files(top):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names)
print(json.dumps({
    "files": [files(top) for top in (os.environ["HOME"], "/dev/shm", "/var", ".")],
    "tmp": sorted(os.listdir("/tmp")),
    "processes": sorted(filter(str.isdigit, os.listdir("/proc"))),
    "threads": len(os.listdir("/proc/self/task")),
    "descriptors": [fcntl.fcntl(descriptor, fcntl.F_GETFL) for descriptor in range(len(os.listdir("/proc/self/fd")) - 1)],
    "places": [os.lseek(descriptor, 0, os.SEEK_CUR) for descriptor in range(128) if is_file(descriptor)],
    "environment": sorted(os.environ.items()),
    "memory": [open(path).read().count("7351946") for path in glob.glob("/proc/sysvipc/*")],
    "sockets": open("/proc/net/unix").read().count("@"),
    "limits": [resource.getrlimit(kind) for kind in range(16) if kind != resource.RLIMIT_AS],
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "priority": [os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, 1)],
    "session": [os.getsid(0) == os.getpid(), *(open(path).read().split()[1:] for path in glob.glob("/proc/self/autogroup"))],
    "processors": [sorted(os.sched_getaffinity(pid)) for pid in (0, 1)],
    "umask": os.umask(0o22),
    "names": [hasattr(place, "planted") for place in (builtins, np, torch)],
    "modules": len(sys.modules),
    "path": sys.path,
    "hooks": [str(sys.gettrace()), str(sys.getprofile()), sys.getrecursionlimit()],
    "numbers": [np.pi, abs(-2), sum([2, 3]), bool(np.allclose(1, 2)), bool(torch.equal(torch.ones(1), torch.zeros(1)))],
}))
""".strip()


def blueprint() -> Blueprint:
    """The course's own view of its notebook."""
    cells = [blueprint_cell("setup", SETUP, locked=True)]
    cells += [blueprint_cell(name, source, locked=False) for name, source in STUBS.items()]
    cells += [blueprint_cell(name, source, locked=True, points=POINTS[name]) for name, source in TESTS.items()]
    return blueprint_of_cells(cells)


def blueprint_of_cells(cells: list[BlueprintCell]) -> Blueprint:
    """The course's own view of a notebook with these cells, all of them code."""
    released = v4.new_notebook(
        cells=[v4.new_code_cell(cell.released_source, id=cell.grade_id, metadata=cell.metadata) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    return Blueprint(released, {cell.grade_id: cell for cell in cells})


def blueprint_cell(name: str, source: str, *, locked: bool, points: float = 0.0) -> BlueprintCell:
    """A cell of the course; one with points is a test."""
    return BlueprintCell(
        grade_id=name,
        cell_type="code",
        source=source.strip(),
        released_source=_without_hidden_tests(source.strip()),
        checksum=None,
        locked=locked,
        grade=points > 0,
        solution=not locked,
        task=False,
        points=points,
        bonus=0.0,
    )


def _without_hidden_tests(source: str) -> str:
    return re.sub(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", "", source, flags=re.DOTALL)


ASKING_THRICE, ASKING_IN_AN_ORDER, ASKING_WITH_MODULES = "thrice", "order", "modules"
ASKING_WITH_DATA = "data"

_ASKING = {
    ASKING_THRICE: {f"test-{x}": f"assert square({x}) == {x**2}" for x in (1, 2, 3)},
    ASKING_IN_AN_ORDER: {
        "test-order": "from nbjudge.testing import shuffled\nfor x in shuffled(range(50)): square(x)",
    },
    ASKING_WITH_MODULES: {
        "test-modules": "import sys\n"
        "loaded = [name for name in sys.modules if name.split('.')[0] in ('nbjudge', 'nbgrader', 'sqlalchemy')]\n"
        "square(sorted(loaded))"
    },
    ASKING_WITH_DATA: {
        "setup": "counts = [0]",
        **{f"test-{x}": f"counts[0] += 1\nassert counts == [1] and square({x}) == {x**2}" for x in (1, 2)},
    },
}

OTHERS = {
    name: blueprint_of_cells(
        [
            blueprint_cell("square", STUBS["square"], locked=False),
            *(
                blueprint_cell(test, source, locked=True, points=float(test != "setup"))
                for test, source in tests.items()
            ),
        ]
    )
    for name, tests in _ASKING.items()
}
"""Notebooks that ask for a square only, in other ways than the toy notebook."""


def untouched() -> nbformat.NotebookNode:
    """The release as a student gets it."""
    return nbformat.from_dict(blueprint().released)


def squared(name: str, source: str) -> nbformat.NotebookNode:
    """One of the other notebooks with an answer."""
    notebook = nbformat.from_dict(OTHERS[name].released)
    cell_of(notebook, "square").source = source.strip()
    return notebook


def honest(**answers: str) -> nbformat.NotebookNode:
    """The release with right answers, but for those that are given."""
    return solved({**ANSWERS, **answers})


def solved(answers: dict[str, str]) -> nbformat.NotebookNode:
    """The release with the source of some solution cells replaced."""
    notebook = untouched()
    for name, source in answers.items():
        cell_of(notebook, name).source = source.strip()
    return notebook


def insert_above_tests(notebook: nbformat.NotebookNode, cells: Iterable[nbformat.NotebookNode]) -> None:
    """Put cells where tests meet what they did: between the answers and the tests."""
    first = position_of(notebook, next(iter(TESTS)))
    notebook.cells[first:first] = cells


def witness() -> nbformat.NotebookNode:
    """A right submission that also shows what it sees of the world, as JSON."""
    notebook = honest()
    insert_above_tests(notebook, [v4.new_code_cell(_WITNESS, id="witness")])
    return notebook


def limits(**others: float) -> Limits:
    """The limits of the toy course, some of them replaced."""
    return dataclasses.replace(LIMITS, **others)


def cell_of(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """The cell with an id; in a graded notebook every cell of the course has its grade id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def outputs_of(graded: Graded, name: str) -> list[nbformat.NotebookNode]:
    """What a cell of a graded notebook shows."""
    return cell_of(nbformat.reads(graded.text, as_version=4), name).outputs


def position_of(notebook: nbformat.NotebookNode, name: str) -> int:
    """Where the cell with an id stands."""
    return notebook.cells.index(cell_of(notebook, name))


def write_course(folder: Path) -> None:
    """Write what the tests import, and a gradebook that nobody may read."""
    (folder / "tests_of_toy.py").write_text(_TESTS_MODULE, "utf-8")
    (folder / "solutions_of_toy.py").write_text(_SOLUTIONS_MODULE, "utf-8")
    (folder / "gradebook.db").write_text(GRADEBOOK, "utf-8")


def keep_key() -> None:
    """Give this process a keyring of its own, as a login does, with a key in it."""
    if platform.machine() == "x86_64":
        add_key, keyctl, join, session = 248, 250, 1, -3
        libc = ctypes.CDLL(None)
        libc.syscall(keyctl, join, None)
        libc.syscall(add_key, b"user", b"toy", KEY.encode(), len(KEY), session)


@contextmanager
def workers(folder: Path):
    """Workers of all notebooks of the toy course, which is written to a folder."""
    write_course(folder)
    started = Workers({NOTEBOOK: blueprint(), **OTHERS}, folder, private=PRIVATE)
    try:
        yield started
    finally:
        started.close()


def grade(
    grader: Worker,
    notebook: nbformat.NotebookNode | bytes,
    *,
    files: dict[str, bytes] | None = None,
    limits: Limits = LIMITS,
    language: str = "en",
    name: str = NOTEBOOK,
) -> Graded:
    """Grade a notebook, or the bytes of one, as that of a name."""
    content = notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
    return grader.grade(Task(name, content, limits, language, files or {}))


def score(graded: Graded) -> float:
    """The points of all tests together."""
    return sum(verdict.score for verdict in graded.verdicts.values())
