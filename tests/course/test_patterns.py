"""Answers that know the pattern of calls are what they are said to be."""

import numpy as np
import pytest
import torch

from course.patterns import Memory, Recorder, Script, is_short, kind_of, orders, patterns


def record(right, *inputs):
    recorder = Recorder(right)
    for arguments in inputs:
        try:
            recorder.function(*arguments)
        except ValueError:
            continue
    return recorder.calls


def is_positive(x):
    if np.isnan(x):
        raise ValueError("no sign")
    return bool(x > 0)


@pytest.mark.parametrize(
    "result",
    [
        True,
        "saddle",
        None,
        0.0,
        np.zeros(50),
        17,
        (2, 3),
        [1.0, -1.0],
        np.eye(3),
        torch.zeros(2),
        ("min", None),
        ValueError(),
    ],
)
def test_what_can_be_guessed_is_short(result):
    assert is_short(result)


@pytest.mark.parametrize("result", [0.5, 12345, np.array([1.0, 2.5]), np.ones(10), float("nan"), {"a": 1}, (0.3, True)])
def test_what_needs_the_right_numbers_is_not(result):
    assert not is_short(result)


def test_a_script_gives_the_recorded_results_whatever_it_is_asked():
    script = Script(record(is_positive, (1.0,), (float("nan"),), (-1.0,)), for_a_point=False)
    assert script.function(-5.0)
    with pytest.raises(ValueError, match="no sign"):
        script.function(1.0)
    assert not script.function(1.0)
    assert not script.function(1.0)


def test_a_script_for_a_point_counts_each_point_apart_and_functions_not_at_all():
    def belongs(f, x):
        return f(x) == 2 * x

    doubled, others = (lambda x: 2 * x), (lambda x: 3 * x)
    calls = record(belongs, (doubled, 1.0), (others, 1.0), (others, 1.0), (doubled, 5.0), (others, 5.0))
    script = Script(calls, for_a_point=True)
    assert [script.function(others, x) for x in (8.0, 9.0, 8.0, 8.0)] == [True, True, False, False]


def test_a_memory_is_wrong_once_another_result_is_due():
    memory = Memory(is_positive, of_its_kind=False, only_shapes=False)
    assert memory.function(1.0)
    assert not memory.must_lose
    assert memory.function(-1.0)
    assert memory.must_lose


def test_a_memory_for_kinds_tells_shapes_words_and_whole_numbers_apart():
    a, b = np.zeros(2), np.ones(2)
    assert kind_of((a, "x", 3, {"h": 0.1})) == kind_of((b, "x", 3, {"h": 0.2}))
    assert len({kind_of(x) for x in ((a,), (np.zeros(3),), ("x",), ("y",), (3,), (4,), (0.5,))}) == 7


def test_scripts_are_tried_only_where_all_results_are_short():
    kinds = {pattern.kind for pattern in patterns(is_positive, record(is_positive, (1.0,)), only_shapes=False)}
    assert kinds == {"constant", "script", "script for a point", "first", "first of its kind"}
    kinds = {pattern.kind for pattern in patterns(np.sin, record(np.sin, (1.0,)), only_shapes=False)}
    assert kinds == {"first", "first of its kind"}


def test_in_a_check_of_shapes_every_array_is_short():
    calls = record(np.sin, (np.ones((2, 9)),), (np.ones(4),))
    assert orders(calls, only_shapes=True) == 2
    assert orders(calls, only_shapes=False) == float("inf")


def test_orders_are_those_of_different_results():
    assert orders(record(is_positive, (1.0,), (2.0,), (-1.0,), (-2.0,)), only_shapes=False) == 6
