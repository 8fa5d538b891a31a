"""Metadata and the notebook itself."""

from tests.nbjudge import toy
from tests.nbjudge.hostile.submission import hostile


def _nbgrader(name, *, points=1000.0, **flags):
    """Metadata as nbgrader writes it."""
    metadata = {"grade_id": name, "grade": True, "locked": True, "solution": False, "task": False, "points": points}
    return {"nbgrader": metadata | {"schema_version": 3, "cell_type": "code"} | flags}


def _cell(source, name=None, **flags):
    """A code cell that claims a grade id, as JSON data."""
    metadata = _nbgrader(name, **flags) if name else {}
    return {
        "cell_type": "code",
        "id": f"{name}-{len(source)}",
        "source": source,
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
    }


def _cells(notebook, name):
    return [cell for cell in notebook["cells"] if cell["id"] == name]


def _set_on_all(**metadata):
    def change(notebook):
        for cell in notebook["cells"]:
            cell["metadata"].update(metadata)

    return change


def _skip_tests(notebook):
    for cell in notebook["cells"]:
        cell["metadata"].update(tags=["skip-execution", "raises-exception", "remove-cell", "remove_input"])


def _raise_points(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"].update(points=1e9, grade=True, max_score=-1, checksum="0", locked=False)


def _empty_tests(notebook):
    for name in toy.TESTS:
        for cell in _cells(notebook, name):
            cell["source"] = "1000.0"
            cell["metadata"]["nbgrader"].update(locked=False, solution=True)


def _double_tests(notebook):
    doubles = [_cell("pass", name) for name in toy.TESTS]
    notebook["cells"] = [*doubles, *notebook["cells"], *doubles]


def _steal_ids(notebook):
    notebook["cells"].append(_cell("pass", "test-square", solution=True))
    for cell in notebook["cells"]:
        cell["id"] = "test-square"


def _turn_tests_into_prose(notebook):
    for name, kind in zip(toy.TESTS, ("markdown", "raw", "markdown", "heading"), strict=True):
        for cell in _cells(notebook, name):
            cell.update(cell_type=kind, source="passed")


def _odd_metadata(notebook):
    oddities = [[], "", 5, None, {"grade_id": 5}, {"grade_id": ["setup"]}, {"grade_id": None}, {"grade_id": ""}]
    for number, oddity in enumerate(oddities):
        notebook["cells"].append({**_cell(f"number = {number}"), "metadata": {"nbgrader": oddity}})


def _odd_ids(notebook):
    for identity in ("", "a" * 500, "<script>", "../x", "square", "square"):
        notebook["cells"].append({**_cell("pass"), "id": identity})
    notebook["nbformat_minor"] = 4


def _acting_names(notebook):
    notebook["cells"] += [_cell("pass", name) for name in ("\x1b]0;title\x07\r", "a\n2026-01-01 passed", "x" * 100_000)]
    notebook["cells"].append(_cell("pass", "\ud800"))


def _other_kernel(notebook):
    notebook["metadata"] = {
        "kernelspec": {"name": "bash", "display_name": "<script>alert(1)</script>", "language": "bash"},
        "language_info": {"name": "bash", "mimetype": "text/html"},
        "title": "<script>alert(1)</script>",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        "celltoolbar": "Create Assignment",
        "limits": {"cell_cpu": 1e9},
    }


def _forged_verdicts(notebook):
    for name in toy.TESTS:
        for cell in _cells(notebook, name):
            cell["metadata"]["nbjudge"] = {"outcome": "passed", "message": "passed.", "likely": ""}
            cell["metadata"]["nbgrader"]["score"] = 1000.0
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": f"{name}: 1000 of 1 points\npassed."}
            ]


def _own_setup(notebook):
    for cell in _cells(notebook, "setup"):
        cell["source"] = "class np:\n    allclose = lambda *_, **__: True\nclass torch(np): pass\nprint('own setup')"
        cell["metadata"]["nbgrader"]["locked"] = False


METADATA = (
    hostile("skip_tags", "Tags every cell, so that none is executed or shown.", change=_skip_tests),
    hostile("raised_points", "Gives every cell a thousand million points.", change=_raise_points),
    hostile("emptied_tests", "Replaces the tests by their highest score and unlocks them.", change=_empty_tests),
    hostile("doubled_tests", "Puts passing tests with the same names before and behind.", change=_double_tests),
    hostile("stolen_ids", "Gives every cell the id of a test.", change=_steal_ids),
    hostile(
        "deleted_tests",
        "Deletes every cell but its own.",
        change=lambda notebook: notebook.update(cells=[_cell("def square(x): return 0.0", "square", solution=True)]),
    ),
    hostile(
        "invented_cells",
        "Adds locked tests of its own.",
        change=lambda notebook: notebook["cells"].extend(_cell("pass", f"test-{n}") for n in range(5)),
    ),
    hostile("tests_as_prose", "Turns the tests into prose, which always passes.", change=_turn_tests_into_prose),
    hostile(
        "solutions_as_tests",
        "Calls its own cells tests and the tests solutions.",
        change=lambda notebook: notebook["cells"].extend(
            [_cell("pass", "square"), _cell("pass", "test-square", grade=False, solution=True, locked=False)]
        ),
    ),
    hostile("odd_metadata", "Writes metadata of all types where nbgrader writes its own.", change=_odd_metadata),
    hostile("odd_ids", "Gives cells ids that are none.", change=_odd_ids),
    hostile("acting_names", "Gives cells names that act in a terminal or a log.", change=_acting_names),
    hostile("other_kernel", "Asks for another kernel, other limits and a title that acts.", change=_other_kernel),
    hostile("forged_verdicts", "Hands in the outputs and metadata of a graded notebook.", change=_forged_verdicts),
    hostile("own_setup", "Replaces the setup by one of its own.", change=_own_setup, shows="own setup"),
    hostile(
        "frozen_cells",
        "Marks every cell as read-only, hidden and collapsed.",
        change=_set_on_all(
            editable=False, deletable=False, collapsed=True, jupyter={"source_hidden": True}, init_cell=True
        ),
    ),
)
