"""Tests are judged where they stand, in company first; a cell that takes too long is interrupted before it is ended."""

import dataclasses

import nbformat
import pytest
from nbformat import v4

from tests.nbjudge import toy
from tests.nbjudge.samples import sampled

pytestmark = [pytest.mark.sandbox, pytest.mark.ordinary_user]

PATIENT = toy.limits(cell_cpu=2, cell_wall=60, test_wall=60, total_cpu=30, total_wall=240)
"""On a busy machine a second of processor time may take many."""

NEVER_LISTENS = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def graded_with_below(worker, *sources, **answers):
    """Right answers, but for those that are given, with cells below the tests."""
    notebook = toy.honest(**answers)
    notebook.cells += [v4.new_code_cell(source, id=f"below-{number}") for number, source in enumerate(sources)]
    return toy.grade(worker, notebook, limits=PATIENT)


def text_of(graded, name):
    """What a graded cell shows, as text."""
    cell = toy.cell_of(nbformat.reads(graded.text, as_version=4), name)
    return "".join(output.get("text", "") + output.get("ename", "") for output in cell.outputs)


@pytest.mark.parametrize(
    "source",
    [
        "square = 3",
        "def square(x):\n    return 0.0",
        "%reset -f",
        "np = torch = None",
        "import builtins\nbuiltins.abs = lambda _: 1e9",
        "import os\nos._exit(0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "while True:\n    pass",
    ],
)
def test_what_stands_below_takes_nothing(worker, source):
    graded = graded_with_below(worker, source)
    assert toy.score(graded) == toy.FULL, graded.verdicts


def test_a_test_meets_what_stands_above_it(worker):
    notebook = toy.honest()
    toy.insert_above_tests(notebook, [v4.new_code_cell("def square(x):\n    return 0.0")])
    graded = toy.grade(worker, notebook)
    assert toy.score(graded) == toy.FULL - toy.POINTS["test-square"] - toy.POINTS["test-square-arrays"]


def test_a_snapshot_that_a_cell_below_ends_is_made_again(worker):
    graded = graded_with_below(worker, "import os\nos.system('kill -9 -1')")
    assert toy.score(graded) == toy.FULL, graded.verdicts


def test_a_snapshot_that_a_test_ends_costs_that_test(worker):
    graded = graded_with_below(
        worker, gradient="import os\ndef gradient(f, x):\n    os.kill(os.getppid(), 9)\n    os._exit(1)"
    )
    assert toy.score(graded) == toy.FULL - toy.POINTS["test-gradient"]


def test_nothing_is_lost_by_what_another_test_left(worker):
    tired = "calls = 0\ndef square(x):\n    global calls\n    calls += 1\n    return x * x if calls < 6 else 0.0"
    graded = graded_with_below(worker, square=tired)
    assert toy.score(graded) == toy.FULL, graded.verdicts


def test_a_test_that_is_alone_meets_nothing_of_others(worker):
    late = (
        "warm = False\ndef square(x):\n    global warm\n    was, warm = warm, True\n    return x * x if was else 0 * x"
    )
    graded = graded_with_below(worker, square=late)
    assert graded.verdicts["test-square-arrays"].score == 0.0


def test_a_cell_that_listens_keeps_what_it_had_defined(worker):
    graded = graded_with_below(worker, square=toy.ANSWERS["square"] + "\nwhile True:\n    pass")
    assert toy.score(graded) == toy.FULL, graded.verdicts
    assert graded.stops == {"cell square": "cpu"}
    assert "interrupted" in text_of(graded, "square")
    assert "KeyboardInterrupt" in text_of(graded, "square")


def test_a_cell_that_waits_is_interrupted_too(worker):
    notebook = toy.honest(square=toy.ANSWERS["square"] + "\nimport time\ntime.sleep(1000)")
    graded = toy.grade(worker, notebook, limits=toy.limits(cell_wall=2, test_wall=60, total_wall=240))
    assert toy.score(graded) == toy.FULL, graded.verdicts
    assert graded.stops == {"cell square": "wall"}


def test_a_cell_that_does_not_listen_is_ended(worker):
    graded = graded_with_below(worker, square=toy.ANSWERS["square"] + NEVER_LISTENS)
    assert toy.score(graded) == toy.FULL - toy.POINTS["test-square"] - toy.POINTS["test-square-arrays"]
    assert "This cell was stopped" in text_of(graded, "square")


def test_the_message_of_a_lost_function_names_limit_and_cell(worker):
    graded = graded_with_below(worker, square="while True:\n    pass\n" + toy.ANSWERS["square"])
    message = str(graded.verdicts["test-square"].message)
    assert "square is not defined, because cell square was stopped" in message
    assert "time" in message


@pytest.mark.parametrize("much", ["print('x' * 10**8)", "for _ in range(20_000):\n    display(1)"])
def test_much_output_is_cut_and_the_cell_goes_on(worker, much):
    notebook = toy.honest(square=f"{much}\n{toy.ANSWERS['square']}")
    graded = toy.grade(worker, notebook, limits=dataclasses.replace(PATIENT, cell_cpu=20, total_cpu=60))
    assert toy.score(graded) == toy.FULL, graded.verdicts


SLOW = """
import time
def square(x):
    began = time.process_time()
    while time.process_time() < began + SECONDS[x]:
        pass
    return x * x
"""


TWICE = {
    "both of two": ((100, 100, 0.5), []),
    "the first of two": ((100, 0, 0.5), [2, 3]),
    "the second of two": ((0, 100, 0.5), [1, 3]),
}


@pytest.mark.parametrize("case", sampled(TWICE))
def test_a_function_that_ran_out_of_time_twice_is_not_waited_for_as_long(worker, case):
    seconds, passed = case
    answer = f"SECONDS = {dict(zip((1, 2, 3), seconds, strict=True))}\n{SLOW.strip()}"
    notebook = toy.squared(toy.ASKING_THRICE, answer)
    graded = toy.grade(worker, notebook, limits=PATIENT, name=toy.ASKING_THRICE)
    assert [x for x in (1, 2, 3) if graded.verdicts[f"test-{x}"].score] == passed
    assert not graded.doubts


def test_data_of_the_course_are_new_for_each_test(worker):
    notebook = toy.squared(toy.ASKING_WITH_DATA, toy.ANSWERS["square"])
    graded = toy.grade(worker, notebook, name=toy.ASKING_WITH_DATA)
    assert toy.score(graded) == 2, graded.verdicts
