"""The vocabulary of hidden tests, on student objects themselves and on their doubles."""

import gc
import random
import weakref

import numpy as np
import pytest
import torch

from nbjudge.border.calls import StudentError, by_hand, counted, raises, repeat, says, there, unchanged, value
from nbjudge.border.doubles import doubled
from nbjudge.border.judge_side import JudgeSide
from nbjudge.border.rules import RuleBroken
from nbjudge.border.wire import Reference, encode
from nbjudge.judging.testcell import run_test
from nbjudge.messages import CheckFailed, Text

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

    own = "an object of a class of your own"
    for make, words in [
        (Thing, own),
        (lambda: [Thing()], own),
        (lambda: (n for n in [1]), "generator"),
        (lambda: map(abs, [1]), "type map"),
        (lambda: {}.values(), "type dict_values"),
    ]:
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
        with pytest.raises(CheckFailed, match="a class of your own"):
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


def told(objects, source="f(3.0)"):
    """What a test that does no more than `source` tells about a student's objects."""
    place_of = lambda name: "cell e1" if name == THIS_FILE else None  # noqa: E731, a callback
    message = str(run_test(source, doubled(objects, place_of=place_of), name="e1", points=1.0).message)
    plain = str(run_test(source, dict(objects), name="e1", points=1.0, place_of=place_of).message)
    assert message == plain
    return message


FOREIGN = "x is 7351946"
FOREIGN_TEXT = Text(en=FOREIGN)


def test_an_exception_of_the_students_own_has_no_name_and_no_text():
    def fails(_):
        raise type(FOREIGN, (Exception,), {})(FOREIGN)

    def fails_like_python(_):
        raise type(FOREIGN, (KeyError,), {})(FOREIGN)

    def renamed(_):
        error = type("StopIteration", (BaseException,), {"__module__": "builtins"})
        error.__qualname__ = FOREIGN
        raise error

    def grouped(_):
        raise type(FOREIGN, (ExceptionGroup,), {})(FOREIGN, [ValueError(FOREIGN)])

    assert told({"f": fails}).startswith("your code raised an exception of your own in cell e1, line ")
    assert told({"f": fails_like_python}).startswith("your code raised KeyError in cell e1, line ")
    assert told({"f": renamed}).startswith("your code raised an exception of your own in cell e1, line ")
    assert told({"f": grouped}).startswith("your code raised ExceptionGroup in cell e1, line ")


def test_an_exception_of_the_students_own_is_caught_as_the_builtin_it_is_of(student):
    def fails(_):
        raise type(FOREIGN, (ValueError,), {})(FOREIGN)

    raises(ValueError, student(fails), 1)
    with pytest.raises(CheckFailed) as caught:
        raises(TypeError, student(fails), 1)
    assert caught.value.message.form("ko") == "TypeError 예외가 발생해야 하는데 ValueError 예외가 발생했습니다."


def test_words_of_an_exception_are_looked_for_and_not_shown(student):
    def fails(_):
        raise RuntimeError("cannot allocate 7351946 bytes")

    with pytest.raises(RuntimeError) as caught:
        student(fails)(1)
    assert says(caught.value, "allocate") and not says(caught.value, "deny")
    assert "7351946" not in str(judge_side_error(fails))


def judge_side_error(fn):
    with pytest.raises(StudentError) as caught:
        doubled({"f": fn}, place_of=lambda _: None)["f"](1)
    return caught.value


def replied(*fields):
    """What a test meets whose request the student side answers with a reply of its own making."""

    def send(_request):
        return encode(fields)

    side = JudgeSide(send, lines_of=lambda cell: {"cell e1": 5, "cell e2": 10**6}.get(cell, 0))
    with pytest.raises(Exception) as caught:  # noqa: PT011, whatever it is
        side.names(["f"])
    return caught.value


@pytest.mark.parametrize(
    "place",
    [
        ("cell " + FOREIGN, 1),
        ("cell e1", 6),
        ("cell e1", 0),
        ("cell e1", True),
        ("cell e1", 2.0),
        ("cell e1", FOREIGN),
        ("cell e2", 1000),
        (["cell e1"], 1),
        ("cell e1", 1, 1),
        FOREIGN,
        7,
    ],
)
def test_a_place_that_no_cell_has_is_not_told(place):
    assert replied("error", "ValueError", "", place).place is None


def test_a_place_that_exists_is_told():
    assert replied("error", "ValueError", "", ("cell e1", 5)).place == ("cell e1", 5)
    assert replied("error", None, "", ("cell e2", 999)).place == ("cell e2", 999)


@pytest.mark.parametrize(
    "fields",
    [
        ("error", FOREIGN, "", None),
        ("error", [FOREIGN], "", None),
        ("error", "ValueError", 5, None),
        ("broken", FOREIGN),
        ("broken", {"en": FOREIGN}),
        ("failed", {"en": FOREIGN}),
        ("refused", FOREIGN),
        (FOREIGN,),
        (),
    ],
)
def test_a_reply_in_words_of_its_own_says_nothing(fields):
    assert str(replied(*fields)) == "malformed message (reply)"


def test_a_type_with_a_name_of_its_own_is_not_told():
    own = replied("value", Reference("object", 0, FOREIGN.encode()))
    assert FOREIGN not in str(own)
    thing = doubled({"it": type(FOREIGN, (), {})()}, place_of=lambda _: None)["it"]
    assert thing.type_name is None and FOREIGN not in repr(thing)


def test_a_failed_check_of_the_students_own_is_an_exception_of_theirs():
    def fails(_):
        raise CheckFailed(FOREIGN_TEXT)

    double = doubled({"f": fails}, place_of=lambda _: "cell e1")
    verdict = run_test("f(3.0)", double, name="e1", points=1.0)
    assert str(verdict.message).startswith("your code raised AssertionError in cell e1, line ")


# Functions that a test lends


def test_an_error_of_a_lent_function_arrives_without_its_words():
    def hidden(_):
        raise type("HiddenError", (ValueError,), {})(FOREIGN)

    def caught(f):
        try:
            f(1.0)
        except ValueError as error:
            return [type(error).__name__, *error.args]

    name, *words = doubled({"f": caught}, place_of=lambda _: None)["f"](hidden)
    assert name == "ValueError"
    assert FOREIGN not in " ".join(words) and "hidden" not in " ".join(words)


class Symbol:
    """Records what is done with it, as a student's object would who wants to know the formula of a hidden function."""

    def __init__(self, words="x"):
        self.words = words

    def __getattr__(self, name):
        return lambda other: Symbol(f"{name}({other.words})")

    def __mul__(self, other):
        return Symbol(f"({self.words} * {other})")

    __rmul__ = __mul__

    def __getitem__(self, index):
        return Symbol(f"{self.words}[{index}]")


def formula_of(f):
    """Everything that different kinds of calls with symbols tell."""
    told = []
    for call in (
        lambda: f(Symbol()),
        lambda: f([Symbol()] * 2),
        lambda: f({0: Symbol()}),
        lambda: f(np.full(1, lambda _: 0, dtype=object)),
        lambda: f(1.0, xp=Symbol()),
        lambda: f(1.0, Symbol()),
        lambda: f(1.0, xp=2.0),
        lambda: f(1.0, 2.0),
        lambda: f(x=Symbol()),
    ):
        try:
            told.append(call())
        except Exception as error:  # noqa: BLE001, anything but an answer
            told.append(type(error).__name__)
    return told


def test_a_lent_function_takes_data_for_its_own_parameters_only():
    seen = []

    def hidden(x, xp=np):
        seen.append((x, xp))
        return xp.sin(3 * x)

    told = doubled({"f": formula_of}, place_of=lambda _: None)["f"](hidden)
    assert seen == []
    assert set(told) <= {"RuleBroken", "TypeError"}


@pytest.mark.parametrize(
    "argument",
    [2, 2.0, 2j, True, None, np.float32(2), np.ones((2, 3)), torch.ones(2), [1, [2.0]], (np.ones(1),), {"a": 1}, "a"],
)
def test_a_lent_function_takes_all_data(student, argument):
    seen = []
    student(lambda f: f(argument) and None)(lambda x: seen.append(x))
    assert [type(x) for x in seen] == [type(argument)]


def test_a_lent_function_takes_an_argument_by_name(student):
    assert student(lambda f: f(2.0, power=3))(lambda x, power: x**power) == 8.0
    assert student(lambda f: f(np.ones(2)).tolist())(np.exp) == [np.e, np.e]


def test_a_lent_function_is_retired_with_the_call_it_was_lent_for():
    kept = []

    def keeps(f, x):
        kept.append(f)
        return f(x)

    def cheats(_, x):
        return kept[0](x)

    first, second = counted(lambda x: x), counted(lambda x: x)
    both = doubled({"keeps": keeps, "cheats": cheats}, place_of=lambda _: None)
    assert both["keeps"](first, 2.0) == 2.0
    with pytest.raises(RuleBroken, match="in an earlier call"):
        both["cheats"](second, 2.0)
    assert (first.calls, second.calls) == (1, 0)


def test_a_lent_function_lives_as_long_as_what_the_call_returned(student):
    class Walker:
        def __init__(self, f):
            self.f = f

        def step(self, x):
            return self.f(x) + 1

        def faster(self):
            return lambda x: 2 * self.step(x)

    walker = student(Walker)(lambda x: x**2)
    assert walker.step(3.0) == 10.0
    assert walker.faster()(3.0) == 20.0
    assert by_hand(lambda make: make(lambda x: -x)(5.0))(student(lambda f: lambda x: f(x))) == -5.0


def test_a_closure_is_no_way_to_the_function_of_another_one():
    kept = []

    def make(f):
        kept.append(f)
        return lambda x: f(x)

    def other(_):
        return lambda x: kept[0](x)

    both = doubled({"make": make, "other": other}, place_of=lambda _: None)
    closure, cheat = both["make"](lambda x: x), both["other"](lambda x: -x)
    assert closure(1.0) == 1.0
    with pytest.raises(RuleBroken, match="in an earlier call"):
        cheat(1.0)
    assert closure(1.0) == 1.0


def test_nothing_of_a_lent_function_is_kept():
    function = lambda x: x  # noqa: E731, it is referred to weakly
    alive = weakref.ref(function)
    double = doubled({"f": lambda f: f(1.0)}, place_of=lambda _: None)["f"]
    double(function)
    del function
    gc.collect()
    assert alive() is None


# Functions that a test ships


def hidden_helper(x):
    """Tell nobody that 7351946 is the number."""
    return 2 * x


def hidden_function(x: "Hidden" = 1.0, *, scale: "Hidden" = 1.0) -> "Hidden":  # noqa: F821, it is never evaluated
    """Tell nobody that 7351946 is the number."""

    def hidden_inner(y):
        """Tell nobody that 7351946 is the number."""
        return [hidden_helper(entry) for entry in (y, -y)]

    return scale * max(hidden_inner(x), key=lambda entry: entry * x)


def walk(thing, seen=None):
    """Everything that a student's code can reach from a function, as words."""
    seen = {} if seen is None else seen
    if id(thing) in seen or isinstance(thing, type(random)):
        return
    seen[id(thing)] = thing
    yield repr(thing)
    if isinstance(thing, dict):
        children = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple):
        children = thing
    else:
        names = (
            "__code__",
            "__globals__",
            "__closure__",
            "__defaults__",
            "__kwdefaults__",
            "__annotations__",
            "__doc__",
        )
        names += ("__name__", "__qualname__", "__module__", "__dict__", "cell_contents", "co_consts", "co_filename")
        names += ("co_name", "co_qualname", "co_firstlineno", "co_linetable", "__wrapped__")
        children = [getattr(thing, name) for name in names if hasattr(thing, name)]
    for child in children:
        if not (isinstance(child, dict) and "__loader__" in child):
            yield from walk(child, seen)


def test_a_shipped_function_tells_nothing_but_what_it_computes():
    words = []

    def reads(f):
        f.__globals__.pop("__builtins__")
        words.extend(walk(f))
        return 0

    double = doubled({"f": lambda f: f(3.0), "reads": reads}, place_of=lambda _: None)
    assert double["f"](there(hidden_function)) == 6.0
    double["reads"](there(hidden_function))
    told = " ".join(words)
    assert "given" in told
    for secret in (
        THIS_FILE,
        "test_border",
        "tests.",
        "7351946",
        "hidden_function",
        "hidden_inner",
        "Hidden",
        "<lambda>",
    ):
        assert secret not in told, secret


def test_all_of_a_shipped_function_is_in_one_line():
    def lines(f):
        return [[line for *_, line in code.co_lines()] for code in (f.__code__, *map_codes(f.__code__))]

    found = doubled({"f": lines}, place_of=lambda _: None)["f"](there(hidden_function))
    assert len(found) == 4 and all(set(each) == {1} for each in found)


def map_codes(code):
    for const in code.co_consts:
        if isinstance(const, type(code)):
            yield const
            yield from map_codes(const)


def test_functions_that_call_each_other_are_shipped():
    def is_even(n):
        return n == 0 or is_odd(n - 1)

    def is_odd(n):
        return n != 0 and is_even(n - 1)

    double = doubled({"f": lambda f, n: f(n)}, place_of=lambda _: None)["f"]
    assert double(there(is_even), 10) is True
    assert double(there(counted(is_odd)), 10) is False


def test_a_class_is_not_shipped():
    double = doubled({"f": lambda f: f(2)}, place_of=lambda _: None)["f"]
    with pytest.raises(Exception, match="cannot be sent"):
        double(there(lambda amount: Number(amount).amount))


def test_a_function_that_keeps_a_state_shows_it_in_an_ordinary_call(student):
    """Even where the call in another state of the world is answered with what is expected there."""

    def makes():
        calls = []

        def forgets(x):
            calls.append(x)
            return x + len(calls)

        return forgets

    first, second = repeat(student(makes()), 2.0)
    assert first != second


def test_a_text_is_short_and_harmless_whatever_is_filled_in():
    template = Text(en="shape {shape}, size {size}, value {value}, of {part}.", ko="{shape} {size} {value} {part}")
    filled = template.format(
        shape=str((0,) * 4_000_000), size=10**1000, value=0.1234567890123456, part=Text(en="a part", ko="부분")
    )
    for form in filled.forms.values():
        assert len(form) < 200
    assert "0.123457" in str(filled) and "a part" in str(filled)
    assert Text(en="\x1b[31m\u202e\ud800").forms["en"].isprintable()
    assert len(str(Text(en="x" * 10**6) + Text(en="y" * 10**6))) == len(str(Text(en="x" * 10**6))) == 1000
