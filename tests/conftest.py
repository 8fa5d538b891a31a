"""What the marks of tests do: `sandbox` skips where there are no walls, and what is one piece comes first."""

import functools
import os

import pytest

from nbjudge.sandbox import walls


@functools.cache
def why_no_sandbox():
    return walls.why_not()


def pytest_runtest_setup(item):
    """Skip what needs the walls where they cannot be put up; in CI it fails instead."""
    if item.get_closest_marker("sandbox") and "CI" not in os.environ and (reason := why_no_sandbox()):
        pytest.skip(f"no sandbox: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Let processes begin with the groups, which they cannot share, so that small tests are left for the end."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
