"""A test asks in an order that a submission has to itself, and that another grading of it repeats."""

import pytest

from nbjudge.border.seeds import ordered, seed_everything, shuffled
from nbjudge.judging.testcell import run_test
from tests.nbjudge import toy

CASES = range(50)
ASKS = "from nbjudge.border.seeds import shuffled\nfor x in shuffled(range(50)): {}(x)"


def order_of(seed):
    """The order in which a test cell asks."""
    asked = []
    run_test(
        "from nbjudge.border.seeds import shuffled\nask(shuffled(range(50)))",
        {"ask": asked.extend},
        name="e1",
        points=1,
        seed=seed,
    )
    return tuple(asked)


def test_all_cases_are_asked_once():
    assert sorted(shuffled(CASES)) == list(CASES)


def test_without_a_seed_no_two_orders_are_the_same():
    orders = set()
    for _ in range(20):
        seed_everything("e1")  # global seeds, which a student's code knows, decide nothing
        orders.add(tuple(shuffled(CASES)))
    assert len(orders) == 20


def test_the_order_is_that_of_the_seed():
    with ordered("a"):
        first = shuffled(CASES)
        assert shuffled(CASES) != first
    with ordered("a"):
        assert shuffled(CASES) == first
    assert order_of("a") == order_of("a") != order_of("b")


@pytest.mark.sandbox
@pytest.mark.ordinary_user
def test_a_submission_meets_its_own_order_each_time(worker):
    name, tells = toy.ASKING_IN_AN_ORDER, "def square(x):\n    print(x, end=' ')\n    return x * x"
    one, again, other = (
        toy.grade(worker, toy.squared(name, source), name=name).remarks["test-order"]["printed"]
        for source in (tells, tells, tells + "  # another one")
    )
    assert one == again != other
    assert sorted(map(int, one.split())) == sorted(map(int, other.split())) == list(range(50))
