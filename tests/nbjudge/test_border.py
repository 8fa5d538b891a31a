"""The vocabulary of hidden tests, on student objects themselves and on their doubles."""

import random

import numpy as np
import pytest
import torch

from nbjudge.border import StudentError, by_hand, counted, raises, repeat, there, unchanged, value
from nbjudge.doubles import doubled
from nbjudge.messages import CheckFailed

THIS_FILE = __file__


@pytest.fixture(params=["itself", "doubled"])
def student(request):
    """Give a student's object as a test sees it, in both ways."""

    def give(thing):
        if request.param == "itself":
            return thing
        return doubled({"it": thing}, place_of=lambda name: "cell" if name == THIS_FILE else None)["it"]

    return give


def test_value_refuses_what_is_not_data(student):
    class Thing:
        pass

    for make, words in [(Thing, "Thing"), (lambda: (n for n in [1]), "generator"), (lambda: [Thing()], "Thing")]:
        with pytest.raises(CheckFailed, match=words):
            value(student(make)())


def test_unchanged_shows_arguments_and_gradients(student):
    def spoils(x, y):
        x[0] = 5.0
        y.requires_grad_()
        (y * 2).sum().backward()
        return x.sum()

    x, y = np.zeros(2), torch.zeros(3, dtype=torch.float64)
    result, (x_after, y_after) = unchanged(student(spoils), x, y)
    assert result == 5.0
    assert x.tolist() == [0.0, 0.0] and x_after.tolist() == [5.0, 0.0]
    assert y.grad is None and y_after.grad.tolist() == [2.0, 2.0, 2.0]


def test_counted_counts_the_calls_of_a_callback(student):
    f = counted(lambda x: x**2)
    assert student(lambda g, x: g(x) + g(x))(f, 3.0) == 18.0
    assert f.calls == 2


@pytest.mark.parametrize(
    ("points", "calls"),
    [
        (lambda g: g(np.ones(3)), 1),
        (lambda g: g([1.0, 2.0, 3.0]), 1),
        (lambda g: g(torch.ones(3, requires_grad=True, dtype=torch.float64)), 1),
        (lambda g: g(np.ones((3, 1))), 1),
        (lambda g: g(np.eye(3)), 3),
        (lambda g: g([[1.0] * 7] * 3), 7),
        (lambda g: g(np.ones((3, 2, 5))), 10),
        (lambda g: g([torch.ones(4), torch.ones(4), torch.ones(4)]), 4),
        (lambda g: g(np.ones(3) + 1j * np.ones(3)), 2),
        (lambda g: g([1.0, 1j, 2.0]), 2),
        (lambda g: g(np.eye(3) * 1j), 6),
    ],
)
def test_a_batch_is_not_one_call(student, points, calls):
    f = counted(lambda x: x[0], (3,))
    student(points)(f)
    assert f.calls == calls


@pytest.mark.parametrize(
    "mixture", [[np.ones(9), 1.0, 1.0], {0: np.ones(9), 1: 1.0, 2: 1.0}, "abc", [np.ones(2), np.ones(9), 1]]
)
def test_points_of_several_sizes_cannot_be_counted(student, mixture):
    def tries(g):
        try:
            return g(mixture)
        except (TypeError, ValueError):
            return "refused"

    f = counted(lambda x: x[0], (3,))
    assert student(tries)(f) == "refused"
    assert f.calls == 0


def test_batches_in_two_arguments_may_meet_in_all_combinations(student):
    f = counted(lambda x, v: x[0] * v[0], (2,), (2,))
    student(lambda g: g(np.ones((2, 3, 1)), np.ones((2, 1, 4))))(f)
    assert f.calls == 12


def test_a_complex_point_of_a_holomorphic_function_counts_once(student):
    f = counted(lambda x: x[0], (3,), holomorphic=True)
    student(lambda g: g(np.ones(3) + 1e-30j))(f)
    assert f.calls == 1


def test_there_ships_what_torch_must_differentiate(student):
    factor = torch.tensor(3.0)
    shipped = there(lambda x: factor * x**2)
    result = student(lambda f, x: torch.func.grad(f)(x))(shipped, torch.tensor(2.0))
    assert float(result) == 12.0


def test_there_never_ships_a_reference():
    from solutions import jacobian

    double = doubled({"f": lambda g: g(2)}, place_of=lambda _: None)["f"]
    for leak in (jacobian.jac_cumsum, lambda n: jacobian.jac_cumsum(n), lambda n, f=jacobian.jac_cumsum: f(n)):
        with pytest.raises(Exception, match="must not be sent"):
            double(there(leak))


def test_repeat_changes_random_states_and_global_arrays(student):
    namespace = {"np": np, "random": random, "torch": torch, "W": np.ones(2), "step": 0.5, "t": torch.ones(2)}
    exec("def pure(x): return x * step\ndef noisy(x): return x + np.random.rand()", namespace)
    exec("def drawn(x): return x + random.random()\ndef torch_noise(x): return x + float(torch.rand(()))", namespace)
    exec("def reads_global(x): return x + W.sum()\ndef reads_tensor(x): return x + float(t.sum())", namespace)
    assert len(set(repeat(student(namespace["pure"]), 2.0))) == 1
    for name in ("noisy", "drawn", "torch_noise", "reads_global", "reads_tensor"):
        assert len(set(repeat(student(namespace[name]), 2.0))) == 2, name
    assert namespace["W"].tolist() == [1.0, 1.0]


def test_raises_accepts_the_expected_exception_only(student):
    def divides(x):
        return 1 / x

    assert isinstance(raises(ZeroDivisionError, student(divides), 0), ZeroDivisionError)
    with pytest.raises(CheckFailed, match="returned without one"):
        raises(ZeroDivisionError, student(divides), 1)
    with pytest.raises(CheckFailed, match="raised ZeroDivisionError"):
        raises(ValueError, student(divides), 0)


@pytest.mark.parametrize(
    "shortcut",
    [
        lambda x: torch.tensor(x).sum().item(),
        lambda x: torch.from_numpy(x).sum().item(),
        lambda x: torch.func.jacrev(torch.tanh)(torch.ones(2)).numpy(),
        lambda x: torch.autograd.functional.jacobian(torch.tanh, torch.ones(2)).numpy(),
        lambda x, solve=torch.linalg.solve: solve(torch.eye(2), torch.ones(2)).numpy(),
    ],
)
def test_by_hand_refuses_torch(student, shortcut):
    with pytest.raises(CheckFailed, match="torch was used"):
        by_hand(lambda f: f(np.ones(2)))(student(shortcut))
    with pytest.raises(CheckFailed, match="torch was used"):
        by_hand(lambda f: raises(ValueError, f, np.ones(2)))(student(shortcut))


def test_by_hand_shows_changed_lists_and_dicts(student):
    def spoils(sizes, names, f):
        sizes.reverse()
        names["b"] = f(2)
        return 0

    seen = []

    @by_hand
    def check(f):
        seen.append(unchanged(f, [1, 2, 3], {"a": 1}, lambda x: x + 1)[1][:2])

    check(student(spoils))
    assert seen == [([3, 2, 1], {"a": 1, "b": 3})]


def test_by_hand_allows_numpy_callbacks_and_a_caught_refusal(student):
    def falls_back(f, x):
        try:
            return torch.ones(2).sum().item()
        except Exception:  # noqa: BLE001, a student may write so
            return f(x)

    @by_hand
    def check(fn):
        return fn(lambda x: float(torch.tensor(x).sum()), np.ones(3))

    assert check(student(falls_back)) == 3.0


class Number:
    def __init__(self, amount):
        self.amount = amount

    def __add__(self, other):
        return Number(self.amount + getattr(other, "amount", other))

    __radd__ = __add__

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1

    def __len__(self):
        return 2

    def __getitem__(self, index):
        if index >= 2:
            raise IndexError(index)
        return self.amount + index


def test_a_handle_computes_there_and_decides_nothing_here():
    double = doubled({"make": Number, "read": lambda number: number.amount}, place_of=lambda _: None)
    number = double["make"](3)
    assert (number + 1).amount == 4 and (1 + number).amount == 4 and (number + number).amount == 6
    assert len(number) == 2 and list(number) == [3, 4] and number[1] == 4
    assert double["read"](number) == 3
    for decide in (bool, float, int, hash, np.asarray, lambda n: n == 1, lambda n: n != 1):
        with pytest.raises(CheckFailed, match="type Number"):
            decide(number)


def test_an_exception_arrives_as_the_builtin_it_was_with_its_place():
    kinds = (ValueError, KeyError, np.linalg.LinAlgError, SystemExit, KeyboardInterrupt, StopIteration)

    def fails(number):
        raise kinds[number]("why")

    fails = doubled({"f": fails}, place_of=lambda name: "cell e1" if name == THIS_FILE else None)["f"]

    for number, kind in enumerate(kinds):
        with pytest.raises(StudentError) as caught:
            fails(number)
        assert caught.value.place[0] == "cell e1"
        assert isinstance(caught.value, kind) == (number < 3)


def test_an_endless_object_is_cut_off():
    class Endless:
        def __iter__(self):
            return iter(int, 1)

    endless = doubled({"make": Endless}, place_of=lambda _: None)["make"]()
    with pytest.raises(CheckFailed, match="more than 10000"):
        list(endless)
