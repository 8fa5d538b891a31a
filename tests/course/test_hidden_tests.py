"""Hidden tests reach student objects only through calls and the helpers of the border."""

import ast
from pathlib import Path

import pytest

TOPICS = sorted(
    path
    for path in (Path(__file__).parents[1] / "hidden").glob("*.py")
    if path.stem not in ("__init__", "cases", "compare")
)
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
