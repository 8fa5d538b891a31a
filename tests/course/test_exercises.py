"""What the gates read from an assignment, and what its setup cell gives."""

from pathlib import Path

import numpy as np
import pytest

from course.exercises import names_in, read_exercises, setup_namespace
from tests.hidden.cases import two_moons

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(g, x):\n    y = g(x)\n    return y", set()),
        ("def f(x):\n    return g(x) + f(0)", {"f", "g"}),
        ("class C:\n    def twice(self):\n        return C(self), abs(self)", {"C", "abs"}),
        ("x = f(2)\nassert max(k for k in x) > y", {"x", "f", "max", "y"}),
        ("g = lambda f: f(h)", {"g", "h"}),
    ],
)
def test_names_that_cells_share(source, names):
    assert names_in(source) == names


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*/*.ipynb")), ids=lambda path: path.parent.name)
def test_the_moons_of_a_notebook_are_those_of_its_tests(path):
    drawn = setup_namespace(read_exercises(path)).get("two_moons", two_moons)
    for found, expected in zip(drawn(101, 3, noise=0.2), two_moons(101, 3, noise=0.2), strict=True):
        np.testing.assert_array_equal(found, expected)
