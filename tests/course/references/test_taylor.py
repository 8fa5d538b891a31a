"""The references against closed forms and known numbers, worked out without automatic differentiation."""

import math

import numpy as np
import pytest
import torch

from solutions import taylor as reference
from tests.hidden import taylor as hidden

pytestmark = pytest.mark.slow


def product(x):
    return x[0] ** 2 * x[1]


def test_models_of_a_product_by_hand():
    displacement = [0.1, 0.1]
    for order, value in [(0, 2.0), (1, 2.5), (2, 2.54)]:
        assert float(reference.taylor(product, [1.0, 2.0], order)(displacement)) == pytest.approx(value, rel=1e-14)
    assert float(reference.taylor3(product, [1.0, 2.0], displacement)) == pytest.approx(1.1**2 * 2.1, rel=1e-14)


def test_models_of_a_batch_are_those_of_its_rows():
    batch = np.array([[0.1, 0.1], [-0.3, 0.2], [0.0, 0.0]])
    model = reference.taylor(product, [1.0, 2.0], 2)
    by_hand = [2 + 4 * a + b + 2 * a * a + 2 * a * b for a, b in batch]
    np.testing.assert_allclose(model(batch), by_hand, rtol=1e-14)
    with pytest.raises(ValueError, match="order"):
        reference.taylor(product, [1.0, 2.0], 3)


def test_models_agree_with_complex_steps_and_differences():
    x0, d = np.array([0.6, -0.4]), np.array([0.2, -0.3])

    def exp_sin(x):
        return np.exp(0.7 * x[0]) * np.sin(x[1]) + x[0] ** 2 * x[1]

    first = exp_sin(x0 + 1e-200j * d).imag / 1e-200
    h = 1e-4
    second = (exp_sin(x0 + (h + 1e-200j) * d) - exp_sin(x0 - (h - 1e-200j) * d)).imag / 1e-200 / (2 * h)
    value = float(reference.taylor(hidden.coupled_two, x0, 2)(d))
    assert value == pytest.approx(exp_sin(x0) + first + second / 2, rel=1e-9)


def test_the_example_of_the_course():
    exact, approx = reference.seed_example()
    assert exact == pytest.approx(3.97, rel=1e-15)
    assert approx == pytest.approx(3.97, rel=1e-15)
    assert reference.seed_example_reason() == "quadratic"


def test_remainders_of_a_product_are_cubes():
    hs = np.array([0.1, 0.05, 0.2])
    np.testing.assert_allclose(reference.remainders(product, [1.0, 2.0], [1.0, 1.0], hs, 2), hs**3, rtol=1e-9)
    np.testing.assert_allclose(
        reference.remainders(product, [1.0, 2.0], [1.0, 1.0], hs, 1), 4 * hs**2 + hs**3, rtol=1e-9
    )


def test_orders_of_exact_powers():
    hs = np.array([0.5, 0.1, 0.02, 0.004])
    for order in (-1.0, 1.0, 2.0, 3.0, 4.5):
        assert reference.observed_order(hs, 7e-5 * hs**order) == pytest.approx(order, rel=1e-12)
    assert reference.observed_order(hs, [1.0, 0.04, 0.0, 1e-14]) == pytest.approx(2.0, rel=1e-12)
    for errs in ([0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1e-13, 0.0]):
        assert math.isnan(reference.observed_order(hs, errs))


def test_predicted_orders():
    table = {"generic": 3, "quadratic": math.inf, "even": 4, "no_third": 4, "kink": 1}
    assert {case: reference.predict_order(case) for case in table} == table


def test_newton_steps_closed_form():
    # f = x^4 + y^2: the step leaves 2/3 of x and nothing of y

    def quartic(x):
        return x[0] ** 4 + x[1] ** 2

    np.testing.assert_allclose(reference.newton_step(quartic, [3.0, -2.0]), [2.0, 0.0], atol=1e-14)
    # sqrt(1 + u^2) + sqrt(1 + v^2): the step takes u to -u^3 and v to -v^3
    axes, shift = np.array([[1.5, -1.0], [1.0, 0.8]]), np.array([0.3, -2.0])
    x = np.array([1.2, 0.1])
    after = np.linalg.solve(axes, -((axes @ x + shift) ** 3) - shift)
    np.testing.assert_allclose(reference.newton_step(hidden.funnel, x), after, rtol=1e-12)


@pytest.mark.parametrize("problem", [hidden.WELL, hidden.VALLEY, hidden.FUNNEL], ids=lambda problem: problem.about)
def test_damped_newton_descends_to_a_minimiser(problem):
    path = reference.damped_newton(problem.f, problem.start, problem.steps)
    values = np.array([float(problem.f(x)) for x in path])
    assert (np.diff(values) <= 0).all()
    assert min(np.abs(path[-1].numpy() - minimiser).max() for minimiser in problem.minimisers) < 1e-9


def test_known_minimisers_have_a_zero_gradient():
    for problem in (hidden.WELL, hidden.VALLEY, hidden.FUNNEL):
        for minimiser in problem.minimisers:
            at = torch.tensor(minimiser)
            for e in 1e-5 * torch.eye(len(at), dtype=torch.float64):
                assert float(problem.f(at + e)) > float(problem.f(at))
                assert abs(float(problem.f(at + e) - problem.f(at - e))) / 2e-5 < 1e-6


def test_bounds_closed_form():
    for M3, r in [(2.0, 3.0), (0.5, 1e-3), (7.0, 1e3)]:
        assert reference.cubic_bound(M3, r) == pytest.approx(M3 * r**3 / 6, rel=1e-15)
        assert reference.trusted_radius(M3, 1e-4) == pytest.approx((6e-4 / M3) ** (1 / 3), rel=1e-14)
    assert reference.cubic_bound(0.0, 2.0) == 0.0
    assert reference.trusted_radius(0.0, 1e-3) == math.inf
