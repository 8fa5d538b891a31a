"""Short headers stand for all metadata of a graded cell and for the hidden region of a test."""

import json
from pathlib import Path

import pytest

from course.errors import CourseError
from course.shorthand import Shorthand

JACOBIAN = Shorthand("jacobian")
SOURCES = sorted((Path(__file__).parents[2] / "source").glob("*/*.py"))

TEST = """# %% test e1-1-vectors 0.5
# A gradient has the shape of x.
assert derivative_shape((), ()) == ()
"""
REGION = """### BEGIN HIDDEN TESTS
from tests.hidden import jacobian as hidden

hidden.e1_1_vectors(derivative_shape)
### END HIDDEN TESTS
"""

HEADERS = {
    "# %% test e1-1-vectors 0.5": {"grade": True, "locked": True, "points": 0.5},
    "# %% test e1-1-vectors 0.5 bonus alone": {"grade": True, "locked": True, "points": 0.0},
    "# %% answer e1-1": {"solution": True},
    "# %% locked setup": {"locked": True},
    "# %% [markdown] question e1-9 1.0": {"locked": True, "task": True, "points": 1.0},
}


@pytest.mark.parametrize(("header", "flags"), HEADERS.items())
def test_a_header_says_what_nbgrader_is_told(header, flags):
    long = JACOBIAN.expanded(header + "\n").splitlines()[0]
    told = json.loads(long[long.index("{") :])
    plain = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    name = next(word for word in header.split() if word.startswith("e1-") or word == "setup")
    assert told == {**plain, "grade_id": name, **flags}
    assert ("bonus=0.5" in long) == ("bonus" in header)


def test_a_hidden_region_stands_below_the_first_comment():
    _, comment, *rest = TEST.splitlines(keepends=True)
    lines = JACOBIAN.expanded(TEST).splitlines(keepends=True)
    assert "".join(lines[1:]) == comment + REGION + "".join(rest)
    assert "### ALONE" in JACOBIAN.expanded(TEST.replace("0.5", "0.5 alone")).splitlines()


def test_a_region_that_is_written_out_holds():
    own = TEST.replace("assert", "### BEGIN HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS\nassert", 1)
    expanded = JACOBIAN.expanded(own)
    assert expanded.splitlines()[1:] == own.splitlines()[1:]
    assert JACOBIAN.shortened(expanded) == own


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_is_written_out_that_follows(path):
    text, shorthand = path.read_text("utf-8"), Shorthand(path.stem)
    assert "nbgrader=" not in text
    assert "tests.hidden" not in text
    assert shorthand.shortened(shorthand.expanded(text)) == text


def test_a_hidden_test_that_does_not_exist_is_told():
    with pytest.raises(CourseError, match=r"^tests/hidden/jacobian.py has no test e1_1_vector, which cell "):
        JACOBIAN.expanded(TEST.replace("vectors", "vector"))
