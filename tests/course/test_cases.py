"""Orders differ from one grading to the next, and are those of a seed where runs are compared."""

from nbjudge.seeds import seed_everything
from tests.hidden.cases import ordered, shuffled

CASES = range(50)


def test_all_cases_are_asked_once():
    assert sorted(shuffled(CASES)) == list(CASES)


def test_no_two_gradings_have_one_order():
    assert len({tuple(shuffled(CASES)) for _ in range(20)}) == 20


def test_global_seeds_do_not_decide_the_order():
    orders = set()
    for _ in range(5):
        seed_everything("e0-5-mistakes")
        orders.add(tuple(shuffled(CASES)))
    assert len(orders) == 5


def test_the_order_of_a_seed_is_one():
    orders = []
    for seed in (0, 0, 1):
        with ordered(seed):
            orders.append((shuffled(CASES), shuffled(CASES)))
    assert orders[0] == orders[1] != orders[2]
    assert orders[0][0] != orders[0][1]
