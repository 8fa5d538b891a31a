"""Hidden tests reach student objects only through calls and the helpers of the border."""

import ast
import re
from pathlib import Path

import pytest

from course.exercises import read_exercises

TOPICS = sorted(
    path
    for path in (Path(__file__).parents[1] / "hidden").glob("*.py")
    if path.stem not in ("__init__", "cases", "compare")
)
NOTEBOOKS = sorted((Path(__file__).parents[2] / "source").glob("*/*.ipynb"))
STATE = {"assert_pure", "repeat", "assert_calls"}
WORDS = {"assert_word", "assert_truth", "_assert_verdicts"}
LOOKING_INSIDE = {"isinstance", "issubclass", "type", "id", "vars", "dir", "getattr", "hasattr", "eval", "exec"}


def questionable(tree):
    """Expressions whose answer depends on what an object is, not on what it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOOKING_INSIDE:
            yield node.lineno, node.func.id
        elif isinstance(node, ast.Import | ast.ImportFrom) and "inspect" in ast.unparse(node):
            yield node.lineno, "inspect"
        elif isinstance(node, ast.Compare) and any(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops):
            if not all(isinstance(other, ast.Constant) and other.value is None for other in node.comparators):
                yield node.lineno, "is"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            yield node.lineno, node.attr


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_a_topic_asks_only_through_calls(path):
    assert list(questionable(ast.parse(path.read_text("utf-8")))) == []


def test_the_lint_sees_what_it_looks_for():
    source = "import inspect\nisinstance(x, int)\nx is y\nx is None\ntype(x)\nx.__class__"
    assert [word for _, word in sorted(questionable(ast.parse(source)))] == [
        "inspect",
        "isinstance",
        "is",
        "type",
        "__class__",
    ]


def words_used(function, functions):
    """The names that a function of a hidden module uses, those included that its helpers use."""
    found, waiting = set(), [function]
    while waiting:
        for node in ast.walk(functions[waiting.pop()]):
            if isinstance(node, ast.Name) and node.id not in found:
                found.add(node.id)
                waiting += [node.id] if node.id in functions else []
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_that_look_at_state_or_at_words_are_alone(path):
    tree = ast.parse((Path(__file__).parents[1] / "hidden" / f"{path.stem}.py").read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    tests = read_exercises(path).tests
    called = {test.name: re.findall(r"hidden\.(\w+)", test.source) for test in tests}
    alone = {
        name
        for name, used in called.items()
        if (STATE | WORDS) & set().union(*(words_used(one, functions) for one in used))
    }
    assert {test.name for test in tests if "### ALONE" in test.source.splitlines()} == alone
