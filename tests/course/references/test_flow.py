"""The references against oracles that share nothing with them: closed forms, known numbers and other algorithms."""

import functools
import math

import numpy as np
import pytest
import torch

from solutions import flow as reference
from tests.hidden.cases import two_moons


def test_polar_jacobian_of_the_course():
    root = math.sqrt(0.5)
    np.testing.assert_allclose(
        reference.polar_jacobian(2.0, math.pi / 4), [[root, -2 * root], [root, 2 * root]], atol=1e-15
    )
    assert torch.linalg.det(reference.polar_jacobian(2.0, math.pi / 4)) == pytest.approx(2.0)


def test_polar_jacobian_closed_form_and_order():
    r, theta = np.random.default_rng(1).normal(size=(2, 4, 3))
    right = np.empty((4, 3, 2, 2))
    right[..., 0, 0], right[..., 0, 1] = np.cos(theta), -r * np.sin(theta)
    right[..., 1, 0], right[..., 1, 1] = np.sin(theta), r * np.cos(theta)
    np.testing.assert_allclose(reference.polar_jacobian(r, theta), right, atol=1e-15)
    np.testing.assert_allclose(reference.polar_jacobian(r, theta, "tr"), right[..., ::-1], atol=1e-15)
    np.testing.assert_allclose(torch.linalg.det(reference.polar_jacobian(r, theta, "tr")), -r, atol=1e-14)


def test_polar_logabsdet_is_the_logarithm_of_the_radius():
    np.testing.assert_allclose(
        reference.polar_logabsdet([2.0, -0.5, 0.0, 1e-9]), [math.log(2), math.log(0.5), -math.inf, math.log(1e-9)]
    )
    assert reference.polar_logabsdet(1.0).shape == ()


@pytest.mark.parametrize(
    ("g", "R", "right"),
    [
        (lambda x, y: torch.ones_like(x), 1.7, math.pi * 1.7**2),
        (lambda x, y: torch.exp(-(x**2) - y**2), 6.0, math.pi),
        (lambda x, y: 3 + x + x**2 * y**2, 2.0, 12 * math.pi + 2**6 * math.pi / 24),
    ],
)
def test_integrals_over_discs(g, R, right):
    assert reference.polar_integral(g, R, 80, 80) == pytest.approx(right, rel=1e-13)


def test_pushforward_to_the_lognormal_up_and_down():
    y = np.array([0.2, 1.0, 3.5])
    right = -np.log(y) - np.log(y) ** 2 / 2 - math.log(2 * math.pi) / 2
    up = reference.pushforward_density(torch.special.ndtr, torch.log, increasing=True)
    down = reference.pushforward_density(torch.special.ndtr, lambda y: -torch.log(y), increasing=False)
    for log_q in (up, down):
        np.testing.assert_allclose(log_q(y), right, rtol=1e-12)
        assert log_q(1.0).shape == ()


def test_affine_log_prob_by_the_change_of_variables():
    rng = np.random.default_rng(2)
    A, b, z = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=(5, 3))
    right = -(z**2).sum(axis=1) / 2 - 1.5 * math.log(2 * math.pi) - math.log(abs(np.linalg.det(A)))
    np.testing.assert_allclose(reference.affine_log_prob(z @ A.T + b, A, b), right, rtol=1e-10)
    assert reference.affine_log_prob((A @ z[0] + b), A, b).shape == ()


def test_log_abs_det_by_eigenvalues_and_known_determinants():
    for n in (1, 2, 5, 60):
        A = np.random.default_rng(n).normal(size=(n, n))
        eigenvalues = np.linalg.eigvals(A)
        sign, logabs = reference.log_abs_det(A)
        assert sign == pytest.approx(np.prod(eigenvalues / np.abs(eigenvalues)).real)
        assert logabs == pytest.approx(np.log(np.abs(eigenvalues)).sum())
    x = np.array([0.5, -1.0, 2.0, 3.0])
    vandermonde = math.prod(x[j] - x[i] for j in range(4) for i in range(j))
    sign, logabs = reference.log_abs_det(np.vander(x, increasing=True))
    assert (sign, logabs) == (np.sign(vandermonde), pytest.approx(math.log(abs(vandermonde))))
    assert reference.log_abs_det([[0.0, 0.0], [1.0, 2.0]]) == (0.0, -math.inf)


def test_triangular_logdet_is_a_sum_over_the_diagonal():
    L = np.tril(np.random.default_rng(3).normal(size=(6, 6)))
    assert reference.triangular_logdet(L) == pytest.approx(np.log(np.abs(np.diag(L))).sum())


def test_planar_flow_by_the_determinant_lemma():
    rng = np.random.default_rng(4)
    z, u, w, b = rng.normal(size=(7, 4)), rng.normal(size=4), -rng.normal(size=4), 0.3
    x, logdet = reference.planar_flow(z, u, w, b)
    h = np.tanh(z @ w + b)
    np.testing.assert_allclose(x, z + h[:, None] * u, atol=1e-14)
    np.testing.assert_allclose(logdet, np.log(np.abs(1 + u @ w * (1 - h**2))), atol=1e-12)


MASK = np.array([1.0, 0.0, 1.0])


def waves(points):
    """Logarithms of scales and shifts of a coupling layer in three dimensions."""
    s = torch.stack([0.3 * points[:, 2], torch.sin(points[:, 0]) - 0.2 * points[:, 2], points[:, 0]], dim=1)
    return s, points.flip(dims=[1]) ** 2 + 0.1


def test_coupling_layer_closed_form():
    z = np.random.default_rng(61).normal(size=(4, 3))
    s = np.sin(z[:, 0]) - 0.2 * z[:, 2]
    x, logdet = reference.coupling_forward(z, MASK, waves)
    np.testing.assert_allclose(x, np.stack([z[:, 0], z[:, 1] * np.exp(s) + 0.1, z[:, 2]], axis=1), atol=1e-14)
    np.testing.assert_allclose(logdet, s, atol=1e-13)
    back, inverse_logdet = reference.coupling_inverse(x, MASK, waves)
    np.testing.assert_allclose(back, z, atol=1e-13)
    np.testing.assert_allclose(inverse_logdet, -s, atol=1e-13)


def test_affine_layers_give_a_normal_density():
    def constant(s, t):
        return lambda points: (torch.full_like(points, s), torch.full_like(points, t))

    layers = [((1.0, 0.0), constant(0.7, -1.0)), ((0.0, 1.0), constant(-0.4, 2.0))]
    x = np.random.default_rng(62).normal(size=(5, 2))
    u = np.stack([(x[:, 0] - 2.0) * np.exp(0.4), (x[:, 1] + 1.0) * np.exp(-0.7)], axis=1)
    expected = -0.5 * (u**2).sum(axis=1) - math.log(2 * math.pi) - (0.7 - 0.4)
    np.testing.assert_allclose(reference.flow_log_prob(x, layers), expected, atol=1e-12)


def test_the_order_of_layers_matters_and_the_mass_stays():
    def bends(points):
        return 0.4 * torch.tanh(points.flip(dims=[1])), 0.5 * torch.sin(points.flip(dims=[1]))

    layers = [((1.0, 0.0), bends), ((0.0, 1.0), bends)]
    x = np.random.default_rng(63).normal(size=(6, 2))
    there, back = reference.flow_log_prob(x, layers), reference.flow_log_prob(x, layers[::-1])
    assert (there - back).abs().max() > 1e-2
    for order in (layers, layers[::-1]):
        log_prob = functools.partial(reference.flow_log_prob, layers=order)
        assert reference.grid_mass(log_prob, (-9, 9, -9, 9), 80) == pytest.approx(1.0, abs=1e-4)


def test_mass_of_densities_in_closed_form():
    half = reference.grid_mass(lambda p: -0.5 * (p**2).sum(dim=1) - math.log(2 * math.pi), (0.0, 9.0, -9.0, 9.0), 60)
    assert half == pytest.approx(0.5, abs=1e-10)
    flat = reference.grid_mass(lambda p: torch.zeros(len(p), dtype=torch.float64), (-1.0, 2.0, 0.0, 5.0), 3)
    assert flat == pytest.approx(15.0, abs=1e-12)


def test_a_trained_flow_beats_the_normal_fit_and_keeps_its_mass():
    X, fresh = two_moons(1000, 64)[0], two_moons(1000, 65)[0]
    layers = reference.train_flow(X, seed=3)
    nll = -reference.flow_log_prob(fresh, layers).mean().item()
    mass = reference.grid_mass(lambda p: reference.flow_log_prob(p, layers), (-4.0, 4.0, -4.0, 4.0), 100)
    covariance = np.cov(X.T)
    normal_fit = 1 + math.log(2 * math.pi) + 0.5 * np.linalg.slogdet(covariance)[1]
    assert nll < 1.3
    assert normal_fit > 1.8
    assert mass == pytest.approx(1.0, abs=0.01)


def test_gradient_of_the_logarithm_of_a_determinant():
    A = np.array([[1.0, 4.0], [2.0, 3.0]])
    np.testing.assert_allclose(reference.logdet_gradient(A), [[-0.6, 0.4], [0.8, -0.2]], atol=1e-14)


def test_trace_estimate_is_unbiased_and_exact_for_the_identity_in_the_mean():
    J = np.array([[2.0, 5.0], [-1.0, 3.0]])
    spread = math.sqrt(((J + J.T) ** 2).sum() / 2)
    assert abs(reference.trace_estimate(J, 2, 40_000, 1).item() - 5.0) < 5 * spread / math.sqrt(40_000)


def test_tanh_gaussian_closed_form_and_its_mass():
    a, mu, sigma = 0.6, 0.2, 1.5
    u = math.atanh(a)
    expected = -0.5 * ((u - mu) / sigma) ** 2 - math.log(sigma * math.sqrt(2 * math.pi)) - math.log(1 - a**2)
    assert reference.tanh_gaussian_log_prob(a, mu, sigma).item() == pytest.approx(expected, abs=1e-13)
    u = np.linspace(-12, 12, 4001)
    a = np.tanh(u)
    inside = np.abs(a) < 1
    density = np.exp(reference.tanh_gaussian_log_prob(a[inside], mu, sigma).numpy())
    assert np.trapezoid(density, a[inside]) == pytest.approx(1.0, abs=1e-4)
