"""The laws of the house: what a room may import, and what is loaded where submitted code or its tests run."""

import ast
import json

import pytest

from nbjudge import PACKAGE
from tests.nbjudge import toy

COMMON = {"messages", "errors", "reasons", "files", "reference", "limits", "settings"}
"""Modules without a room, which every process may load."""

MAY_IMPORT = {
    "border": {"messages"},
    "submission": {"messages"},
    "sandbox.inside": {"border", "limits", "reasons", "sandbox"},
    "sandbox": {"border", "reasons"},
    "judging": {"border", "errors", "messages", "reasons", "sandbox", "submission"},
    "store": {"errors", "files", "judging", "messages", "submission"},
    "exchange": {"files", "messages", "store", "submission"},
    "": {"steps"},
    "steps": {"classrun", "errors", "exchange", "judging", "messages", "sandbox", "settings", "store", "submission"},
    "classrun": {"errors", "files", "judging", "messages", "sandbox", "store", "submission"},
    "commands": {"classrun", "errors", "messages", "sandbox", "settings"},
    "messages": set(),
    "errors": set(),
    "files": set(),
    "reasons": {"messages"},
    "reference": {"files"},
    "limits": {"errors", "reasons", "reference"},
    "settings": {"limits", "reference"},
    "testing": {"border", "messages"},
    "__main__": {"commands"},
}
"""From which rooms and modules each room or module may import something at run time."""

KNOW_NBGRADER = {"commands", "classrun", "steps", "store", "exchange"}
COURSE = {"course", "solutions", "source", "tests"}

BESIDE_SUBMITTED_CODE = {
    *("border", "border.channel", "border.circumstances", "border.conversation", "border.names", "border.rules"),
    *("border.seeds", "border.shipping", "border.student_side", "border.wire"),
    *("limits", "messages", "errors", "reasons", "reference", "files"),
    *("sandbox", "sandbox.bubblewrap", "sandbox.cgroups", "sandbox.forks", "sandbox.kernel", "sandbox.protocol"),
    *("sandbox.seccomp", "sandbox.syscalls", "sandbox.walls", "sandbox.warmth", "sandbox.inside"),
    *("sandbox.inside.family", "sandbox.inside.process", "sandbox.inside.server", "sandbox.inside.shell"),
    *("sandbox.inside.supervisor", "sandbox.inside.use"),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(name):
    """The room of a module, itself for one without a room."""
    parts = name.split(".")[1:]
    if parts[:2] == ["sandbox", "inside"]:
        return "sandbox.inside"
    return parts[0] if parts else ""


def name_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(source):
    """The full names that a module imports at run time."""
    found = []
    waiting = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        waiting += ast.iter_child_nodes(node)
    return found


def broken_laws(name, source):
    """What a module imports and may not."""
    room, names = room_of(name), imported(source)
    own = [one for one in names if one.startswith("nbjudge.") and one != "nbjudge.PACKAGE"]
    broken = [one for one in own if room_of(one) not in {room, *MAY_IMPORT[room]}]
    if room not in KNOW_NBGRADER:
        broken += [one for one in names if one.split(".")[0] in {"nbgrader", "sqlalchemy"}]
    return broken + [one for one in names if one.split(".")[0] in COURSE]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_what_its_room_may(path):
    name = name_of(path)
    assert room_of(name) in MAY_IMPORT
    assert broken_laws(name, path.read_text("utf-8")) == []


def test_rooms_stand_on_floors():
    floors, left = [], dict(MAY_IMPORT)
    while left:
        floor = {room for room, below in left.items() if not below & set(left) - {room}}
        assert floor, f"{', '.join(left)} import each other"
        floors.append(floor)
        left = {room: below for room, below in left.items() if room not in floor}


BREAKS = {
    "a gradebook behind the walls": ("nbjudge.sandbox.inside.process", "from nbjudge.store.gradebook import save"),
    "a gradebook in the judge": ("nbjudge.judging.grading", "def f():\n    import nbjudge.store.gradebook"),
    "nbgrader in the judge": ("nbjudge.judging.worker", "from nbgrader.api import Gradebook"),
    "the judge's side beside submitted code": ("nbjudge.sandbox.inside.shell", "import nbjudge.judging.judge"),
    "the course": ("nbjudge.store.record", "from course import release"),
}


@pytest.mark.parametrize(("name", "source"), BREAKS.values(), ids=BREAKS)
def test_a_broken_law_is_seen(name, source):
    assert len(broken_laws(name, source)) == 1


SHOWS = """
import json, sys
def loaded():
    return sorted(name for name in sys.modules if name.split(".")[0] in ("nbjudge", "nbgrader", "sqlalchemy"))
"""


@pytest.mark.sandbox
def test_beside_submitted_code_are_the_modules_that_must_be(worker):
    shows = f"{SHOWS}print(json.dumps(loaded()))\n{toy.ANSWERS['square']}"
    graded = toy.grade(worker, toy.honest(square=shows))
    (output,) = toy.outputs_of(graded, "square")
    assert set(json.loads(output["text"])) == {"nbjudge", *(f"nbjudge.{name}" for name in BESIDE_SUBMITTED_CODE)}


@pytest.mark.sandbox
def test_where_tests_run_nothing_knows_a_gradebook(worker):
    tells = "def square(names):\n    print(*names)"
    graded = toy.grade(worker, toy.squared(toy.ASKING_WITH_MODULES, tells), name=toy.ASKING_WITH_MODULES)
    loaded = graded.remarks["test-modules"]["printed"].split()
    assert "nbjudge.border.judge_side" in loaded
    rooms = {"", "border", "judging", "sandbox", "submission", *COMMON, "testing"} - {"settings"}
    assert {room_of(name) for name in loaded} <= rooms
    assert not [name for name in loaded if name.startswith(("nbgrader", "sqlalchemy", "nbjudge.sandbox.inside."))]
