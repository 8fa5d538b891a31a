"""The references against oracles that share nothing with them, and the inputs of E0.5 against honest checkers."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from nbjudge.messages import CheckFailed
from solutions import differences as reference
from tests.hidden import differences as hidden

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).parents[3] / "source" / "ps0-differences" / "differences.py"
POINT = np.array([0.3, -0.8, 0.5, 0.9, -0.4])
FUNCTIONS = [
    (hidden.crossed, 3),
    (hidden.single, 1),
    (hidden.chained, 5),
    (hidden.straight_in_one, 3),
    (hidden.linear, 4),
    (hidden.oscillating, 2),
]


def complex_step(f, x):
    """Exact derivatives of analytic code: the imaginary part of f(x + ih) over h."""
    return np.array([f(x + 1e-200j * e).imag / 1e-200 for e in np.eye(len(x))])


def in_torch(f):
    return lambda x: f(x, torch)


def test_sum_of_squares():
    assert reference.hello_grader([1.0, 2.0, 3.0]) == 14


@pytest.mark.parametrize(("f", "n"), FUNCTIONS)
def test_the_gradient_agrees_with_the_complex_step(f, n):
    x = POINT[:n]
    np.testing.assert_allclose(reference.complex_step(in_torch(f), x), complex_step(f, x), rtol=2e-15, atol=2e-15)


@pytest.mark.parametrize("h", [1e-3, 0.1, 0.5, 1.5])
@pytest.mark.parametrize(("f", "n"), FUNCTIONS[:-1])
def test_quotients_agree_with_subtraction(f, n, h):
    x, steps = POINT[:n], h * np.eye(n)
    forward = [(f(x + step) - f(x)) / h for step in steps]
    central = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]
    np.testing.assert_allclose(reference.forward_difference(in_torch(f), x, h), forward, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(reference.central_difference(in_torch(f), x, h), central, rtol=1e-9, atol=1e-12)


def test_quotients_of_a_cube_in_exact_fractions():
    for h in (0.1, 1e-8):
        x, step = Fraction(2), Fraction(h)
        forward = float(((x + step) ** 3 - x**3) / step)
        central = float(((x + step) ** 3 - (x - step) ** 3) / (2 * step))
        assert float(reference.forward_difference(lambda p: p[0] ** 3, [2.0], h)) == pytest.approx(forward, rel=1e-14)
        assert float(reference.central_difference(lambda p: p[0] ** 3, [2.0], h)) == pytest.approx(central, rel=1e-14)


@pytest.mark.parametrize(("scheme", "order"), [("forward", 1), ("central", 2)])
def test_errors_agree_with_subtraction_and_have_the_order_of_the_scheme(scheme, order):
    hs = np.array([0.1, 0.03, 1e-2, 1e-3])
    for _, f, df, x in hidden.CURVES:
        low = x - hs if scheme == "central" else x
        quotients = (f(x + hs, np) - f(low, np)) / (order * hs)
        found = np.asarray(reference.error_curve(f, in_torch(df), x, hs, scheme))
        np.testing.assert_allclose(found, np.abs(quotients - df(x)), rtol=1e-5)
        slope = np.polyfit(np.log(hs), np.log(found), 1)[0]
        assert slope == pytest.approx(order, abs=0.1)


def test_best_step():
    nan = float("nan")
    assert reference.best_h([1e-2, 1e-5, 1e-8], [3.0, 1.0, 2.0]) == 1e-5
    assert reference.best_h([1e-2, 1e-5, 1e-8], [3.0, nan, 0.0]) == 1e-8


def test_gradients_are_told_apart():
    right, x = lambda p: 2 * p, [1.0, -3.0]
    assert reference.gradient_ok(lambda p: (p**2).sum(), right, x) is True
    assert reference.gradient_ok(lambda p: (p**2).sum(), lambda p: 2 * p + 1e-6, x) is False
    assert reference.gradient_ok(lambda p: (p**2).sum(), lambda p: p * float("nan"), x) is False


def test_refusals():
    with pytest.raises(ValueError, match="steps"):
        reference.complex_step(torch.sum, [1.0], h=1e-3)


def test_the_message_that_the_notebook_quotes_is_the_one_that_a_student_reads():
    with pytest.raises(CheckFailed) as failure:
        hidden.e0_1_values(np.sum)
    text = NOTEBOOK.read_text("utf-8")
    for language, word in (("en", "Likely mistake:"), ("ko", "의심되는 실수:")):
        message, likely = failure.value.message.form(language), failure.value.likely.form(language)
        assert f"{message}<br>**{word}** {likely} |" in text


# The gradients of E0.5

RIGHT = [*hidden.ORDINARY, *hidden.SUBTLE, *hidden.SCALED, *hidden.DEGENERATE, hidden.STATIONARY]


MISTAKES = [
    (hidden.ORDINARY, (hidden.SIGN, hidden.ONE_SIGN, hidden.TWICE_AS_LONG, hidden.ZERO, hidden.AT_ZERO)),
    (hidden.SUBTLE, (hidden.SLIGHTLY_LONG, hidden.PERMUTED, hidden.LAST_ENTRY, hidden.OPPOSITE, hidden.SIDEWAYS)),
    (hidden.SUBTLE, (hidden.NEARBY, hidden.HERE)),
    (hidden.SCALED, (hidden.SLIGHTLY_LONG, hidden.LAST_ENTRY)),
    (hidden.DEGENERATE, (hidden.TWICE_AS_LONG, hidden.LAST_LONG)),
]


def wrong_gradients():
    for problems, mistakes in MISTAKES:
        for f, x, _ in problems:
            for _, make in mistakes:
                yield f, x, make(lambda p, f=f: complex_step(f, p), x)(x)


STEPS = {
    "1e-5": lambda x: 1e-5 + 0 * x,
    "1e-6": lambda x: 1e-6 + 0 * x,
    "1e-5 relative": lambda x: 1e-5 * np.maximum(1, abs(x)),
    "1e-6 relative": lambda x: 1e-6 * np.maximum(1, abs(x)),
    "1e-5 shifted": lambda x: 1e-5 * (1 + abs(x)),
    "cube root": lambda x: np.cbrt(np.finfo(float).eps) * np.maximum(1, abs(x)),
    "norm": lambda x: 1e-5 * max(1, np.linalg.norm(x)) + 0 * x,
}
CRITERIA = {
    "norms": lambda a, n: np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)),
    "largest entry": lambda a, n: abs(a - n).max() / abs(n).max(),
    "entries, floor 1e-8": lambda a, n: (abs(a - n) / np.maximum(1e-8, abs(a) + abs(n))).max(),
    "entries, floor a thousandth": lambda a, n: (abs(a - n) / np.maximum(abs(n), 1e-3 * abs(n).max())).max(),
}


def differences(f, x, steps, directions):
    return np.array([(f(x + s * d) - f(x - s * d)) / (2 * s) for s, d in zip(steps, directions, strict=True)])


def test_the_right_gradients_agree_with_the_complex_step_and_have_entries_of_one_size():
    for f, x, _ in RIGHT:
        g = complex_step(f, x)
        np.testing.assert_allclose(hidden._gradient(f)(x), g, rtol=1e-14)
        entries = abs(g[g != 0])
        assert entries.max() < 10 * entries.min()
        assert (g != 0).all() or f in (hidden.ignores_one, hidden.stationary_in_one)


def test_every_wrong_gradient_is_off_by_a_thousandth():
    for f, x, g in wrong_gradients():
        right = complex_step(f, x)
        assert abs(g - right).max() > 0.999e-3 * abs(right).max()


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_honest_checkers_tell_them_apart_with_room(steps, criterion):
    for f, x, _ in RIGHT:
        numerical = differences(f, x, STEPS[steps](x), np.eye(len(x)))
        assert CRITERIA[criterion](complex_step(f, x), numerical) < 2.5e-7
    for f, x, g in wrong_gradients():
        numerical = differences(f, x, STEPS[steps](x), np.eye(len(x)))
        assert CRITERIA[criterion](g, numerical) > 4e-4


def test_honest_checkers_along_random_directions_tell_them_apart():
    """With 5 directions and a tolerance of 1e-5 of the norm, in 200 random states."""
    for f, x, g, is_right in [
        *((f, x, complex_step(f, x), True) for f, x, _ in RIGHT),
        *((f, x, g, False) for f, x, g in wrong_gradients()),
    ]:
        directions = np.random.default_rng(1).normal(size=(1000, len(x)))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        steps = np.full(1000, 1e-5 * max(1, abs(x).max()))
        gaps = abs(differences(f, x, steps, directions) - directions @ g) / np.linalg.norm(complex_step(f, x))
        held = (gaps <= 1e-5).reshape(200, 5).all(axis=1)
        assert held.all() if is_right else not held.any()
