"""What the gates read from an assignment."""

import pytest

from course.exercises import names_in


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
