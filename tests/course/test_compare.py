"""A failing comparison names the first wrong entry and the likely mistake, and does no work for a right answer."""

import numpy as np
import pytest

from nbjudge.messages import CheckFailed, Text
from tests.hidden.compare import assert_matches, assert_same_shape_tuple, assert_word

CASE = Text(en="a case", ko="한 경우")
HALVED = Text(en="half of it.", ko="절반입니다.")
RIGHT = np.array([[1.0, 1.375], [3.0, 5.0]])


def failure(answer, **words):
    with pytest.raises(CheckFailed) as caught:
        assert_matches(answer, RIGHT, about=CASE, **words)
    return caught.value


@pytest.mark.parametrize("likely", [{HALVED: RIGHT / 2}, lambda: {HALVED: RIGHT / 2}], ids=["given", "worked out"])
def test_a_known_mistake_is_recognised(likely):
    assert failure(RIGHT / 2, likely=likely).likely == HALVED


@pytest.mark.parametrize(
    ("answer", "word"), [(RIGHT.T, "transpose"), (-RIGHT, "sign"), (0 * RIGHT, "zero"), (3 * RIGHT, "factor")]
)
def test_usual_mistakes_are_recognised_everywhere(answer, word):
    assert word in str(failure(answer).likely)


def test_an_unknown_mistake_is_not_guessed_at():
    assert failure(RIGHT + np.eye(2), likely={HALVED: RIGHT / 2}).likely is None


def test_the_first_wrong_entry_is_told_and_the_right_one_is_not():
    message = str(failure(RIGHT + np.array([[0.0, 0.25], [0.0, 0.0]])).message)
    assert "a case" in message
    assert "1.625" in message
    assert "1.375" not in message


def test_mistakes_are_not_worked_out_for_a_right_answer():
    assert_matches(RIGHT, RIGHT, about=CASE, likely=lambda: pytest.fail("worked out in vain"))


@pytest.mark.parametrize(
    "found", [(10**15, 3), (0,) * 4_000_000, (123456, 654321), (1,) * 7], ids=lambda found: len(found)
)
def test_a_shape_is_quoted_only_if_it_is_short(found):
    with pytest.raises(CheckFailed) as caught:
        assert_same_shape_tuple(found, (2, 3), about=CASE)
    for form in caught.value.message.forms.values():
        assert len(form) < 100
        assert sum(sign.isdigit() for sign in form) <= 10
        assert "…" in form


def test_the_shape_of_an_array_is_quoted_only_if_it_is_short():
    with pytest.raises(CheckFailed) as caught:
        assert_matches(np.zeros((0, 123456, 1, 23456)), RIGHT, about=CASE)
    assert "(0, 123456, 1, …)" in str(caught.value)


def test_an_ordinary_shape_is_quoted():
    assert "(20000, 2, 2)" in str(failure(np.zeros((20000, 2, 2))).message)


def test_a_word_is_quoted_only_if_it_is_expected_from_somebody():
    for word, is_quoted in [("sadle", True), ("0.4967141530112327", False)]:
        with pytest.raises(CheckFailed) as caught:
            assert_word(word, "saddle", about=CASE, likely={HALVED: "sadle"})
        assert all((word in form) == is_quoted for form in caught.value.message.forms.values())
