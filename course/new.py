"""A new assignment, or a new exercise in one: every place that it needs, with what is left to write marked.

Nothing that is marked can be released: the checks, the gates and the tests of references each say what to fill in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course import twins
from course.errors import CourseError
from course.gates import LEAST_RIGHT, LEAST_WRONG
from course.prose import TO_WRITE
from course.release import assignments, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ASSIGNMENT = re.compile(r"ps\d+-(?P<topic>[a-z][a-z0-9_]*)")
_EXERCISE = re.compile(r"e(?P<number>\d+-\d+)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CELL = re.compile(r"[a-z0-9]+")
_CLOSING = re.compile(r'^# %% \[markdown\] (question |.*key="mistakes")', re.MULTILINE)
"""The header of the first of the closing sections."""

_LOOKS_AT_STATE = "inputs"
"""Name of a test cell that looks at arguments and state, and so is alone."""

_NOTEBOOK = """# %% [markdown] key="title" lang="ko"
# # {name}. {mark}
#
# {mark}: 무엇을 배우는지 두 문장으로 씁니다.
#
# 0분, 0점입니다. 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # {name}. {mark}
#
# {mark}: what is learned, in two sentences.
#
# 0 minutes, 0 points. Run the cells in order, starting with the one below.

# %% locked setup
import numpy as np
import torch
"""

_REFERENCES = '''"""References for {assignment}: {mark}."""

from __future__ import annotations

from typing import Any
'''

_HIDDEN = '''"""Hidden checks of {assignment}: one function a test cell, named like its grade id."""

from nbjudge.testing import Text, shuffled
from solutions import {topic} as reference
from tests.hidden.cases import normal
from tests.hidden.compare import assert_matches, assert_shape
'''

_ATTEMPTS = '''"""Attempts at {assignment}, as different students would write them."""

import numpy as np
import torch

from tests.attempts import right, wrong
'''

_ORACLES = '''"""The references against oracles that share nothing with them."""

import numpy as np
import pytest

from solutions import {topic} as reference

pytestmark = pytest.mark.slow
'''

_PROSE = """# %% [markdown] key="{exercise}" lang="ko"
# ### {title} `{function}`
# 난이도 1/5 · 중요도 3/5 · 10분 · {points:g}점
#
# {mark}: 무엇을 하는 함수인지 씁니다.

# %% [markdown] key="{exercise}" lang="en"
# ### {title} `{function}`
# difficulty 1/5 · importance 3/5 · 10 minutes · {points:g} points
#
# {mark}: what the function does.

# %% answer {exercise}
def {function}({parameters}):
    \"\"\"{mark}: one sentence.

    Args:
        {parameters}: shape and meaning of each, with its type in the line above.

    Returns:
        The shape and the meaning of the result.

    Example:
        {function}({parameters}) -> {mark}
    \"\"\"
    ### BEGIN SOLUTION
    raise NotImplementedError("{mark}: the solution")
    ### END SOLUTION


# %% [markdown] key="{exercise}-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. {mark}
#
# </details>

# %% [markdown] key="{exercise}-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. {mark}
#
# </details>

"""

_TEST = """# %% test {exercise}-{cell} 1.0{alone}
# {mark}: what this cell looks at, for the student.

"""

_REFERENCE = '''

def {function}({typed}) -> Any:
    """{mark}: one sentence, shapes, source of the formula."""
    raise NotImplementedError("{mark}: the reference of {function} in solutions/{topic}.py")
'''

_CHECK = '''

def {check}({function}):
    """{mark}: what this test looks at."""
    raise NotImplementedError("{mark}: the test {check} in tests/hidden/{topic}.py")
'''

_WRONG = """

@wrong("{function}", loses=["{first}"])
def {function}_wrong_{number}({parameters}):
    raise NotImplementedError("{mark}: a mistake that a student would make; name the function after it")
"""

_RIGHT = """

@right("{function}")
def {function}_right_{number}({parameters}):
    raise NotImplementedError("{mark}: a right answer of another style; name the function after it")
"""

_ORACLE = """

def test_{function}_agrees_with_an_oracle():
    pytest.fail("{mark}: compare reference.{function} with a closed form, a complex step or differences")
"""


@dataclass(frozen=True)
class _Places:
    """The files of one topic."""

    notebook: Path
    references: Path
    hidden: Path
    attempts: Path
    oracles: Path

    @classmethod
    def of(cls, root: Path, assignment: str, topic: str) -> _Places:
        """The files, whether they exist or not."""
        name = f"{topic}.py"
        return cls(
            root / "source" / assignment / name,
            root / "solutions" / name,
            root / "tests" / "hidden" / name,
            root / "tests" / "attempts" / name,
            root / "tests" / "course" / "references" / f"test_{name}",
        )

    def told(self, root: Path) -> list[str]:
        """Their paths in the course."""
        return [str(path.relative_to(root)) for path in vars(self).values()]


def new_assignment(root: Path, assignment: str) -> list[str]:
    """Write the files of an assignment without an exercise.

    Args:
        root: the folder of the course.
        assignment: its name, as ``ps8-lagrange``.

    Returns:
        The paths that were written.

    Raises:
        CourseError: if the name is none, or something of it is there already; nothing was written then.
    """
    found = _ASSIGNMENT.fullmatch(assignment)
    if not found:
        raise CourseError(f"{assignment!r} is no name of an assignment; write one like ps8-lagrange.")
    topic = found["topic"]
    places = _Places.of(root, assignment, topic)
    taken = [path for path in vars(places).values() if path.exists()]
    if taken or assignment in assignments(root):
        raise CourseError(f"{assignment} is there already ({', '.join(map(str, taken)) or 'its folder'}).")
    texts = (_NOTEBOOK, _REFERENCES, _HIDDEN, _ATTEMPTS, _ORACLES)
    words = {"assignment": assignment, "name": assignment.split("-", maxsplit=1)[0], "topic": topic, "mark": TO_WRITE}
    for path, text in zip(vars(places).values(), texts, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**words), "utf-8")
    twins.sync(places.notebook)
    return places.told(root)


def new_exercise(
    root: Path, assignment: str, exercise: str, function: str, cells: Iterable[str], *, parameters: str = "x"
) -> list[str]:
    """Add an exercise to the files of an assignment, above the closing sections of its notebook.

    Args:
        root: the folder of the course.
        assignment: its name.
        exercise: grade id of the answer, as ``e3-14``.
        function: what the student writes.
        cells: the last words of the grade ids of its test cells, as ``values``.
        parameters: of the function, as ``f, x``.

    Returns:
        The paths that were changed.

    Raises:
        CourseError: if a name is none or taken; nothing was written then.
    """
    cells = list(cells)
    (notebook,) = texts_of(root, assignment) if assignment in assignments(root) else (None,)
    if notebook is None:
        raise CourseError(f"there is no assignment {assignment!r} in source/; make it first.")
    number = _EXERCISE.fullmatch(exercise)
    if not number or not _NAME.fullmatch(function) or not cells or not all(map(_CELL.fullmatch, cells)):
        raise CourseError("write, for example: e3-14 trace --cells values,inputs")
    twins.sync(notebook)
    topic, text = notebook.stem, notebook.read_text("utf-8")
    places = _Places.of(root, assignment, topic)
    if re.search(rf"^# %% answer {exercise}\b|^def {function}\(", text, re.MULTILINE):
        raise CourseError(f"{assignment} has {exercise} or {function} already.")
    words = {
        "exercise": exercise,
        "title": f"E{number['number'].replace('-', '.')}",
        "function": function,
        "topic": topic,
        "points": len(cells),
        "mark": TO_WRITE,
        "first": f"{exercise}-{cells[0]}",
        "parameters": parameters,
        "typed": ", ".join(f"{name}: Any" for name in parameters.split(", ")),
    }
    checks = [f"{exercise}-{cell}".replace("-", "_") for cell in cells]
    _append(places.references, _REFERENCE.format(**words))
    heading = f"\n\n# {words['title']} {function}\n"
    _append(places.hidden, heading + "".join(_CHECK.format(**words, check=check) for check in checks))
    wrongs = "".join(_WRONG.format(**words, number=number) for number in range(1, LEAST_WRONG + 1))
    rights = "".join(_RIGHT.format(**words, number=number) for number in range(1, LEAST_RIGHT + 1))
    _append(places.attempts, heading + wrongs + rights)
    _append(places.oracles, _ORACLE.format(**words))
    block = _PROSE.format(**words) + "".join(_test(words, cell) for cell in cells)
    closing = _CLOSING.search(text)
    end = closing.start() if closing else len(text)
    notebook.write_text(f"{text[:end].rstrip()}\n\n\n{block}{text[end:]}", "utf-8")
    twins.sync(notebook)
    return places.told(root)


def _test(words: dict[str, object], cell: str) -> str:
    alone = " alone" if cell == _LOOKS_AT_STATE else ""
    return _TEST.format(**words, cell=cell, alone=alone)


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n" + text, "utf-8")
