"""The references against oracles that share nothing with them: closed forms, complex steps and known numbers."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from course.exercises import read_exercises, setup_namespace, student_namespace
from solutions import hessian as reference
from tests.hidden import hessian as hidden
from tests.hidden.cases import normal

pytestmark = pytest.mark.slow


def differences_of_complex_steps(f, x, h=1e-5):
    """A Hessian without automatic differentiation: central differences of gradients by the complex step."""

    def gradient(p):
        return np.array([f(p + 1e-200j * e).imag / 1e-200 for e in np.eye(len(p))])

    return np.stack([(gradient(x + e) - gradient(x - e)) / (2 * h) for e in h * np.eye(len(x))], axis=1)


@pytest.mark.parametrize(
    ("f", "n"),
    [(hidden.steep, 3), (hidden.mixed, 2), (hidden.wide, 5), (hidden.single, 1), (hidden.gentle, 3), (hidden.bowl, 3)],
    ids=lambda case: getattr(case, "__name__", case),
)
def test_hessians_agree_with_complex_steps(f, n):
    x = 0.5 * normal(n, seed=1)
    expected = differences_of_complex_steps(f, x)
    for hessian in (reference.hessian, reference.numerical_hessian):
        np.testing.assert_allclose(hessian(lambda p: f(p, torch), x), expected, rtol=1e-7, atol=1e-7)


def test_the_example_of_the_course():
    H = reference.hessian(hidden.seed_bowl, [1.0, 2.0])
    assert H.tolist() == [[2.0, 3.0], [3.0, 4.0]]
    np.testing.assert_allclose(torch.linalg.eigvalsh(H), [3 - math.sqrt(10), 3 + math.sqrt(10)])
    assert reference.classify_matrix(H) == "indefinite"


def test_straight_and_constant_functions_have_no_curvature():
    assert not reference.hessian(hidden.linear, [1.0, 2.0]).any()
    assert not reference.hessian(hidden.constant, [1.0, 2.0, 3.0]).any()
    np.testing.assert_array_equal(reference.hessian(hidden.ignores_most, [1.0, 2.0, 3.0]), np.diag([2.0, 0, 0]))


def test_zero_gradient_beside_a_hessian():
    x = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    assert torch.func.grad(hidden.at_rest)(x).abs().max() == 0
    x = [1.0, -2.0, 0.5]
    np.testing.assert_allclose(reference.hessian(hidden.at_rest, x), [[7, -1, 0], [-1, 1, -2], [0, -2, 0]], atol=1e-15)


def test_products_need_no_hessian():
    x, v = normal(2, 9, seed=2)
    H = np.diag(x**2 - 1) + np.diag(np.ones(8), 1) + np.diag(np.ones(8), -1)
    np.testing.assert_allclose(hidden.neighbours_hvp(x, v), H @ v, rtol=1e-13)
    np.testing.assert_allclose(reference.hvp(hidden.neighbours, x, v), H @ v, rtol=1e-13)
    eigenvalues = np.linalg.eigvalsh(H)
    assert eigenvalues[0] < -0.5 < 0.5 < eigenvalues[-1]


@pytest.mark.parametrize(
    ("word", "diagonal"),
    [
        ("positive_definite", [1.0, 2.0, 3.0]),
        ("positive_semidefinite", [1.0, 0.0, 3.0]),
        ("negative_definite", [-1.0, -2.0, -3.0]),
        ("negative_semidefinite", [-1.0, 0.0, -3.0]),
        ("indefinite", [1.0, 0.0, -3.0]),
        ("zero", [0.0, 0.0, 0.0]),
    ],
)
def test_definiteness_survives_a_change_of_basis(word, diagonal):
    """Sylvester's law of inertia."""
    for seed in range(5):
        S = normal(3, 3, seed=seed) + 2 * np.eye(3)
        H = S.T @ np.diag(diagonal) @ S
        for scale in (1e-9, 1.0, 1e9):
            assert reference.classify_matrix(scale * (H + H.T) / 2) == word


def test_a_matrix_that_is_not_symmetric_is_refused():
    with pytest.raises(ValueError, match="symmetric"):
        reference.classify_matrix([[1.0, 5.0], [0.0, 1.0]])
    assert reference.classify_matrix([[2.0, 1.0], [1.0001, 2.0]], rtol=1e-3) == "positive_definite"
    assert reference.classify_matrix(np.diag([2e-5, 1.0]), rtol=1e-3) == "positive_semidefinite"


@pytest.mark.parametrize(
    ("word", "f", "x"),
    [
        ("saddle", hidden.saddle, [0.0, 0.0]),
        ("saddle", hidden.seed_bowl, [0.0, 0.0]),
        ("not_critical", hidden.seed_bowl, [1.0, 2.0]),
        ("saddle", hidden.flat_saddle, [0.0, 0.0, 0.0]),
        ("min", hidden.cubic_valley, [1.0, 0.0]),
        ("saddle", hidden.cubic_valley, [-1.0, 0.0]),
        ("max", lambda x: -(x @ x), [0.0, 0.0, 0.0]),
        ("min", hidden.steep_bowl, [math.log(3.0), -2.0]),
        ("inconclusive", hidden.quartic_bowl, [0.0, 0.0]),
        ("inconclusive", hidden.quartic_saddle, [0.0, 0.0]),
        ("inconclusive", hidden.monkey_saddle, [0.0, 0.0]),
        ("inconclusive", hidden.half_pipe, [1.0, -2.0]),
    ],
)
def test_the_second_order_test(word, f, x):
    assert reference.classify_point(f, x) == word


def test_rounding_leaves_a_gradient_at_the_minimum_of_the_steep_bowl():
    x = torch.tensor([math.log(3.0), -2.0], dtype=torch.float64)
    assert 1e-5 < torch.func.grad(hidden.steep_bowl)(x).abs().max() < 1e-2


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (hidden.peano, (-1.0, 1.0)),
        (hidden.tilted_peano, (-1.8, 3.2)),
        (hidden.smooth, (5.0, 5.0)),
        (hidden.separate, (0.0, 0.0)),
    ],
)
def test_mixed_partial_derivatives_at_zero(f, expected):
    found = reference.mixed_partials_at_zero(lambda x, y: f(x, y, torch), 1e-3)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_symmetry_gap_closed_form():
    assert reference.symmetry_gap([[0.0, 1.0], [2.0, 0.0]]) == 0.5
    assert reference.symmetry_gap([[0.0, 1e-9], [-1e-9, 0.0]]) == 2.0
    assert reference.symmetry_gap([[1.0, -5.0], [-5.0, 2.0]]) == 0.0
    assert reference.symmetry_gap(np.zeros((3, 3))) == 0.0


def test_refusals():
    with pytest.raises(ValueError, match="positive"):
        reference.numerical_hessian(hidden.linear, [1.0, 2.0], h=0.0)


NOTEBOOK = Path(__file__).parents[3] / "source" / "ps3-hessian" / "hessian.ipynb"
SEEDS = range(200)


@pytest.fixture(scope="module")
def solved():
    exercises = read_exercises(NOTEBOOK)
    return student_namespace(setup_namespace(exercises), exercises.solutions)


def test_the_logarithm_of_many_coins():
    assert 10 ** reference.log10_prob_all_positive(100) == pytest.approx(7.888609052210118e-31, rel=1e-12)
    assert reference.log10_prob_all_positive(1_000_000) == pytest.approx(-math.log10(2**1_000_000), rel=1e-14)


def test_the_exact_probabilities_of_small_matrices():
    assert reference.prob_minimum(1, 100, 0)[0] == pytest.approx(0.5, abs=1e-12)
    assert reference.prob_minimum(2, 100, 0)[0] == pytest.approx((2 - math.sqrt(2)) / 4, abs=1e-12)
    exact = (math.pi - 2 * math.sqrt(2)) / (4 * math.pi)
    assert reference.prob_minimum(3, 100, 0)[0] == pytest.approx(exact, abs=1e-12)
    assert reference.prob_minimum(3, 400, 0)[1] == pytest.approx(math.sqrt(exact * (1 - exact) / 400), abs=1e-12)
    with pytest.raises(ValueError, match="seed"):
        reference.prob_minimum(2, 100, -1)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_the_exact_law_agrees_with_its_sample(n):
    smallest = torch.linalg.eigvalsh(reference.goe(n, 200_000, seed=n))[:, 0]
    exact, standard_error = reference.prob_minimum(n, 200_000, 0)
    assert abs((smallest > 0).double().mean().item() - exact) < 4 * standard_error


def test_the_laws_hold_for_the_references_themselves():
    hidden.assert_goe_law(reference.goe, seed=11)
    hidden.assert_escape_slope(reference.escape_steps, 0.05, seed=12)
    hidden.assert_escape_level(reference.escape_steps, range(100))
    assert reference.escape_steps(0.1, 0.0, 0) is None
    assert reference.escape_steps(0.1, 1e-6, 0, max_steps=3) is None


@pytest.mark.parametrize("n", [2, 3])
def test_no_seed_makes_a_right_estimate_fail(solved, n):
    for seed in SEEDS:
        hidden.assert_minimum_law(solved["prob_minimum"], n, 20_000, seed)


def test_no_seed_makes_a_right_ensemble_fail(solved):
    for seed in SEEDS:
        hidden.assert_goe_law(solved["goe"], seed)


@pytest.mark.parametrize("lr", [0.01, 0.05, 0.2])
def test_no_seed_makes_a_right_escape_fail(solved, lr):
    for seed in SEEDS:
        hidden.assert_escape_slope(solved["escape_steps"], lr, seed)


def test_no_seeds_make_a_right_escape_time_fail(solved):
    for first in SEEDS:
        hidden.assert_escape_level(solved["escape_steps"], range(100 * first, 100 * first + 100))


@pytest.mark.parametrize("n", [3, 7, 12])
def test_lanczos_is_the_reflected_matrix(solved, n):
    A = np.random.default_rng(n).normal(size=(n, n))
    A = A + A.T
    for k in (1, n // 2, n):
        for mine, theirs in zip(
            solved["lanczos"](lambda v: A @ v, n, k, 5), reference.lanczos(lambda v: A @ v, n, k, 5), strict=True
        ):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-10)


def test_the_density_is_the_resolvent():
    alpha, beta = np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.4, 1.1, 0.7])
    nodes, weights = (part.numpy() for part in reference.spectral_density(alpha, beta))
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    fraction = 0.0
    for a, b in zip(alpha[::-1], [0.0, *beta[::-1]], strict=True):
        fraction = 1 / (2.0 + 1.5j - a - b**2 * fraction)
    assert (weights / (2.0 + 1.5j - nodes)).sum() == pytest.approx(fraction, abs=1e-14)


def test_power_iteration_takes_the_sign():
    lam, v = reference.power_iteration(lambda v: np.array([1.0, 2.0, -5.0]) * v, 3, 0)
    assert lam == -5.0
    assert v.abs().tolist() == [0.0, 0.0, 1.0]
    with pytest.raises(ValueError, match="iterations"):
        reference.power_iteration(lambda v: v, 1, 0, 0)


def test_sharpness_closed_form():
    def loss(t):
        return t[0] ** 2 - 10 * t[1] ** 2 + t[0] * t[1]

    assert reference.sharpness(loss, [0.3, 0.2]) == pytest.approx(-9 + math.sqrt(122), abs=1e-13)
    assert reference.lr_limit(loss, [0.3, 0.2]) == pytest.approx(2 / (-9 + math.sqrt(122)), abs=1e-13)


def test_sharpness_agrees_with_complex_steps_of_a_gradient_by_hand():
    def gradient(t):
        a, b, c = t
        return np.array(
            [
                a**3 + b * np.cos(a * b) + 2 * (a - c),
                a * np.cos(a * b) - np.exp(0.5 * c - b),
                0.5 * np.exp(0.5 * c - b) - 2 * (a - c),
            ]
        )

    theta = np.array([0.4, -0.3, 1.1])
    H = np.stack([gradient(theta + 1e-200j * e).imag / 1e-200 for e in np.eye(3)])
    assert reference.sharpness(hidden.quartic, theta) == pytest.approx(np.linalg.eigvalsh(H)[-1], abs=1e-12)


def test_the_network_of_the_notebook_is_the_network_of_the_tests(solved):
    points, moons = solved["two_moons"](100, 7)
    theta = torch.tensor(np.random.default_rng(8).normal(size=33))
    loss = solved["network_loss"](theta, torch.tensor(points), torch.tensor(moons, dtype=torch.float64))
    assert hidden.network(seed=7)(theta).item() == pytest.approx(loss.item(), rel=1e-15)
