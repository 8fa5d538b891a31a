"""What a hostile submission is: as data, what it tries, and what it changes in the release."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import dedent

import nbformat
from nbformat import v4

from tests.nbjudge import toy

# On a busy machine a second of processor time may take many; what stops an attack must not depend on that.
LONG_WALL = {"cell_wall": 60, "test_wall": 60, "total_wall": 120}
LONG = {**LONG_WALL, "cell_cpu": 20, "total_cpu": 60}


@dataclass(frozen=True)
class Hostile:
    """A hostile submission.

    Args:
        name: what it is called in the report of the tests.
        tries: one sentence.
        answers: source of solution cells.
        cells: cells above the tests.
        below: cells below the tests, at the end.
        change: what else is done to the notebook, which is given as JSON data.
        files: companion files.
        limits: limits that differ from those of the toy course.
        shows: what its outputs hold, or the record of its tests, if the attack ran.
        stopped: the limit that must have ended a cell or a test of it.
    """

    name: str
    tries: str
    answers: dict[str, str] = field(default_factory=dict)
    cells: tuple[nbformat.NotebookNode, ...] = ()
    below: tuple[nbformat.NotebookNode, ...] = ()
    change: Callable[[dict], None] = lambda _notebook: None
    files: dict[str, bytes] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
    shows: str = ""
    stopped: str = ""

    def content(self, **places: object) -> bytes:
        """The file that is handed in, with names in capitals replaced by what they stand for."""
        notebook = toy.solved(self.answers)
        toy.insert_above_tests(notebook, [nbformat.from_dict(cell) for cell in self.cells])
        notebook.cells.extend(nbformat.from_dict(cell) for cell in self.below)
        data = json.loads(nbformat.writes(notebook))
        for cell in data["cells"]:
            for name, place in places.items():
                cell["source"] = [line.replace(name, str(place)) for line in cell["source"]]
        self.change(data)
        return json.dumps(data).encode()


def hostile(name, tries, square="", *, answers=None, code=(), below=(), **more):
    """A hostile submission whose solution cell `square` is given, with plain code cells above and below the tests."""
    answers = {"square": square, **(answers or {})}
    answers = {name: dedent(source) for name, source in answers.items() if source}
    above, under = ([v4.new_code_cell(dedent(source).strip()) for source in cells] for cells in (code, below))
    return Hostile(name, tries, answers, (*above, *more.pop("cells", ())), tuple(under), **more)


def everywhere(body):
    """All three exercises answered by the same body, after what it needs; the body may use x."""
    square, gradient, slope = "def square(x):", "def gradient(f, x):", "def slope(f, x):"
    indented = "\n".join("    " + line for line in dedent(body).strip().splitlines())
    return {
        "square": f"{square}\n{indented}",
        "gradient": f"{gradient}\n{indented}",
        "slope": f"{slope}\n{indented}",
    }
