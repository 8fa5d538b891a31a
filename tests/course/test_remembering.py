"""References are worked out once where that cannot be told from working them out each time."""

import types

import numpy as np
import pytest
import torch

from course import remembering
from nbjudge.border.calls import counted
from nbjudge.border.doubles import doubled
from tests.hidden import capstone as hidden
from tests.hidden.cases import tensor


@pytest.fixture
def references(monkeypatch):
    """A module of references that all are slow enough, and the names of those that were worked out."""
    monkeypatch.setattr(remembering, "_WORTH_REMEMBERING", -1.0)
    module, calls = types.ModuleType("solutions.toy"), []

    def slope(f, x):
        calls.append("slope")
        return torch.func.grad(f)(torch.as_tensor(x, dtype=torch.float64))

    def doubles(x):
        calls.append("doubles")
        return 2 * x

    def pair(x):
        calls.append("pair")
        return {"x": x, "f": lambda y: x + y}

    def clears(x):
        calls.append("clears")
        x[:] = 0.0
        return 1.0

    def draws(generator):
        calls.append("draws")
        return generator.normal()

    for function in (slope, doubles, pair, clears, draws):
        function.__module__ = "solutions.toy"
        setattr(module, function.__name__, function)
    with remembering.References(module).remembered():
        yield module, calls


def network():
    return hidden.network(3, seed=1)


def test_the_same_question_is_worked_out_once(references):
    module, calls = references
    x = 0.1 * np.arange(13.0)
    first, second = module.slope(network(), x), module.slope(network(), x.copy())
    assert calls == ["slope"]
    assert torch.equal(first, second) and second.dtype == torch.float64
    second[0] = 7.0
    assert torch.equal(module.slope(network(), x), first)


def test_another_question_is_worked_out(references):
    module, calls = references
    x = 0.1 * np.arange(13.0)
    results = [
        module.slope(network(), x),
        module.slope(network(), x + 1),
        module.slope(hidden.network(3, seed=2), x),
        module.slope(lambda theta: 2 * hidden.wavy(theta), x[:3]),
        module.slope(lambda theta: 3 * hidden.wavy(theta), x[:3]),
    ]
    assert len(calls) == len({str(result) for result in results}) == len(results)
    for question in (np.ones(2), np.ones(2, dtype=np.float32), np.ones((2, 1)), torch.ones(2), [1.0, 1.0], (1.0, 1.0)):
        module.doubles(question)
    assert calls.count("doubles") == 6


def student_square(x):
    return x @ x


student_square.__module__ = "__main__"

OF_SOMEBODY_ELSE = {
    "a student's function": lambda: student_square,
    "a function that uses one": lambda: torch.func.vjp(student_square, torch.ones(2))[1],
    "a double": lambda: doubled({"f": student_square}, place_of=lambda _: None)["f"],
    "a counter": lambda: counted(hidden.wavy),
    "a graph": lambda: 2 * tensor([1.0, 2.0], requires_grad=True),
}


@pytest.mark.parametrize("make", OF_SOMEBODY_ELSE.values(), ids=OF_SOMEBODY_ELSE)
def test_what_belongs_to_somebody_else_is_not_remembered(make):
    assert remembering._content((hidden.wavy, 1.0)) is not None
    assert remembering._content((make(), 1.0)) is None


def test_calls_that_do_more_than_give_data_are_made_each_time(references):
    module, calls = references
    for _ in range(2):
        x = np.ones(2)
        assert module.clears(x) == 1.0 and not x.any()
        assert module.pair(1.0)["f"](2.0) == 3.0
    generator = np.random.default_rng(0)
    assert module.draws(generator) != module.draws(generator)
    x = tensor([1.0], requires_grad=True)
    for _ in range(2):
        assert module.doubles(x).requires_grad
    assert sorted(calls) == sorted(2 * ["clears", "pair", "draws", "doubles"])


def test_the_references_are_themselves_again():
    module = types.ModuleType("solutions.toy")

    def one():
        return 1

    one.__module__ = "solutions.toy"
    module.one = one
    with remembering.References(module).remembered():
        assert module.one is not one
        assert module.one() == 1
    assert module.one is one
