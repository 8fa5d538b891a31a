"""What the pages for authors and contributors say is what the code knows."""

import ast
import re
from pathlib import Path

import pytest

import nbjudge.testing
from course import metadata
from nbjudge.sandbox.protocol import Message
from tests.hidden import compare

ROOT = Path(__file__).parents[2]
AUTHORING, ARCHITECTURE = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("authoring", "architecture"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
OTHERS = {"nbjudge", "magics_language", "language_info", "twin"}
"""Keys of whole notebooks and of graded ones, which nobody writes into a source."""


def keys_in(source):
    """The keys of a cell's metadata that a module names."""
    for node in ast.walk(ast.parse(source)):
        named = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
            named, key = node.func.value, node.args[0] if node.args else None
        if isinstance(node, ast.Subscript):
            named, key = node.value, node.slice
        if isinstance(named, ast.Attribute) and named.attr == "metadata" and isinstance(key, ast.Constant):
            yield key.value


@pytest.mark.parametrize(
    "path", sorted([*(ROOT / "course").glob("*.py"), *(ROOT / "nbjudge").rglob("*.py")]), ids=lambda path: path.stem
)
def test_no_key_is_used_that_the_table_lacks(path):
    assert set(keys_in(path.read_text("utf-8"))) <= {*metadata.KEYS, *OTHERS}


def test_a_key_that_the_table_lacks_is_seen():
    assert [*keys_in('cell.metadata.get("colour")\ncell.metadata["size"]\ncell.metadata.pop("key", None)')] == [
        *("colour", "size", "key")
    ]


def test_the_page_for_authors_has_the_table_of_keys():
    assert metadata.as_table() in AUTHORING


def test_the_page_for_authors_knows_all_words_of_hidden_tests():
    own = [word for word in vars(compare) if word.startswith("assert_") and word not in TOLD_WITH_OTHERS]
    assert [word for word in [*nbjudge.testing.__all__, *own] if word not in AUTHORING] == []


TOLD_WITH_OTHERS = {"assert_same_shape_tuple", "assert_left_alone"}
"""Special cases of `assert_shape` and of `assert_pure`."""


def test_the_drawing_knows_all_messages_and_rooms():
    assert [one.__name__ for one in Message.__subclasses__() if f"`{one.__name__}`" not in ARCHITECTURE] == []
    rooms = {path.parent.relative_to(ROOT / "nbjudge") for path in (ROOT / "nbjudge").rglob("__init__.py")}
    assert [str(room) for room in rooms if str(room) != "." and f"`{room}/`" not in ARCHITECTURE] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
