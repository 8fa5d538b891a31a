"""The references against oracles that share nothing with them: closed forms, known numbers and other algorithms."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch

from solutions import flow as reference
from tests.hidden import flow as hidden
from tests.hidden.cases import two_moons

pytestmark = pytest.mark.slow


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
        reference.polar_logabsdet([2.0, -0.5, 0.0, 1e-50]), [math.log(2), math.log(0.5), -math.inf, math.log(1e-50)]
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
    for size in (1.0, 1e200, 1e-200):
        L = size * np.tril(np.random.default_rng(3).normal(size=(6, 6)))
        assert reference.triangular_logdet(L) == pytest.approx(np.log(np.abs(np.diag(L))).sum())


def test_planar_flow_by_the_determinant_lemma():
    rng = np.random.default_rng(4)
    z, u, w, b = rng.normal(size=(7, 4)), rng.normal(size=4), -rng.normal(size=4), 0.3
    x, logdet = reference.planar_flow(z, u, w, b)
    h = np.tanh(z @ w + b)
    np.testing.assert_allclose(x, z + h[:, None] * u, atol=1e-14)
    np.testing.assert_allclose(logdet, np.log(np.abs(1 + u @ w * (1 - h**2))), atol=1e-12)


def formula(z, mask, net):
    """A coupling layer as the course writes it."""
    z, mask = torch.as_tensor(z), torch.as_tensor(mask, dtype=torch.float64)
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), ((1 - mask) * s).sum(dim=1)


@pytest.mark.parametrize("mask", hidden.FIVE_MASKS)
def test_coupling_layers_by_the_formula(mask):
    z = np.random.default_rng(1).normal(size=(4, len(mask)))
    net = hidden.random_net(len(mask), seed=2)
    for found, right in zip(reference.coupling_forward(z, mask, net), formula(z, mask, net), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("mask", hidden.FIVE_MASKS)
def test_coupling_layers_come_back(mask):
    x = np.random.default_rng(3).normal(size=(4, len(mask)))
    net = hidden.random_net(len(mask), seed=4)
    z, inverse = reference.coupling_inverse(x, mask, net)
    again, forward = formula(z, mask, net)
    np.testing.assert_allclose(again, x, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(inverse, -forward, rtol=1e-12)


def test_the_coupling_layer_of_the_course():
    def net(kept):
        s = kept[:, :1] * torch.tensor([1.0, 0.5], dtype=torch.float64)
        return s, (kept[:, :1] ** 2).expand(-1, 2)

    x, logdet = reference.coupling_forward([[2.0, 3.0]], [1, 0], net)
    np.testing.assert_allclose(x, [[2.0, 3 * math.e + 4]])
    np.testing.assert_allclose(logdet, [1.0])
    log_p = reference.flow_log_prob(x, [([1, 0], net)])
    np.testing.assert_allclose(log_p, [-6.5 - math.log(2 * math.pi) - 1])


def test_networks_of_the_hidden_checks_say_something_everywhere():
    for d in (2, 3, 5):
        points = torch.randn(50, d, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
        for part in hidden.random_net(d, seed=5)(points):
            assert part.abs().mean(dim=0).min() > 0.1
            assert part.std(dim=0).min() > 0.01


def test_a_flow_that_is_a_normal_distribution():
    """Layers with constant answers make an affine map, whose density torch knows."""

    def constant(s, t):
        return lambda kept: (
            torch.tensor(s, dtype=torch.float64).expand(kept.shape),
            torch.tensor(t, dtype=torch.float64).expand(kept.shape),
        )

    layers = [([1, 0], constant([9.0, 0.4], [9.0, -1.0])), ([0, 1], constant([-0.3, 9.0], [2.0, 9.0]))]
    x = torch.tensor([[0.3, -1.0], [2.5, 0.2], [1.0, 1.0]], dtype=torch.float64)
    scales = torch.exp(torch.tensor([-0.3, 0.4], dtype=torch.float64))
    right = torch.distributions.Normal(torch.tensor([2.0, -1.0]), scales).log_prob(x).sum(dim=1)
    np.testing.assert_allclose(reference.flow_log_prob(x, layers), right, rtol=1e-12)


def test_a_flow_is_known_by_its_layers_in_order():
    layers = hidden.random_layers([[1, 0, 1], [0, 1, 1], [1, 0, 0]], seed=6)
    z = torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    x, total = z, torch.zeros(3, dtype=torch.float64)
    for mask, net in layers:
        x, logdet = formula(x, mask, net)
        total += logdet
    base = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(dim=1)
    np.testing.assert_allclose(reference.flow_log_prob(x, layers), base - total, rtol=1e-10)
    np.testing.assert_allclose(hidden._log_prob_under(layers, x.numpy()), base - total, rtol=1e-10)


def test_a_trained_flow_is_likely_and_keeps_its_mass():
    X, fresh = (torch.tensor(hidden.moved_moons(n, seed, hidden.MOVES[1])) for n, seed in [(2000, 8), (2000, 9)])
    layers = reference.train_flow(X, seed=10)
    lattice, cell = hidden._lattice(X.mean(dim=0).numpy(), side=8.0, width=0.04, angle=0.3)
    assert -hidden._log_prob_under(layers, fresh.numpy()).mean() < 1.35
    assert np.exp(hidden._log_prob_under(layers, lattice)).sum() * cell == pytest.approx(1.0, abs=0.005)
    np.testing.assert_allclose(
        hidden._log_prob_under(layers, fresh[:9].numpy()), reference.flow_log_prob(fresh[:9], layers), rtol=1e-9
    )


def test_the_threshold_of_training_lies_between_entropy_and_normal_density():
    points, _ = two_moons(2000, seed=11)
    angles = np.pi * (np.arange(600) + 0.5) / 600
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    centres = np.concatenate([upper, [1.0, 0.5] - upper])
    distances = ((points[:, None] - centres) ** 2).sum(axis=-1)
    entropy = -np.log(np.exp(-distances / 0.02).mean(axis=1) / (2 * np.pi * 0.01)).mean()
    normal = 0.5 * np.linalg.slogdet(np.cov(points.T))[1] + 1 + math.log(2 * math.pi)
    assert entropy == pytest.approx(1.01, abs=0.03)
    assert normal == pytest.approx(1.91, abs=0.03)
    assert entropy < hidden.MOST_NLL < normal


def test_mass_of_normal_densities_by_the_error_function():
    def log_prob(points):
        z = (points - torch.tensor([1.0, -2.0])) / torch.tensor([0.5, 2.0])
        return -0.5 * (z**2).sum(dim=1) - math.log(2 * math.pi)

    def share(a, b):
        return (math.erf(b / math.sqrt(2)) - math.erf(a / math.sqrt(2))) / 2

    right = share(-4.0, 1.0) * share(0.0, 3.0)
    assert reference.grid_mass(log_prob, (-1.0, 1.5, -2.0, 4.0), 60) == pytest.approx(right, rel=1e-10)


def test_gradient_of_the_logdet_closed_form():
    A = np.random.default_rng(12).normal(size=(4, 4))
    np.testing.assert_allclose(reference.logdet_gradient(A), np.linalg.inv(A).T, rtol=1e-10)
    np.testing.assert_allclose(reference.logdet_gradient([[2.0, 1.0], [0.0, 4.0]]), [[0.5, 0.0], [-0.125, 0.25]])


def test_trace_estimates_follow_their_law():
    J = np.random.default_rng(13).normal(size=(5, 5)) + 3 * np.eye(5)
    estimates = [float(reference.trace_estimate(J, 5, 200, seed)) for seed in range(200)]
    law = math.sqrt(2 * (((J + J.T) / 2) ** 2).sum() / 200)
    assert np.mean(estimates) == pytest.approx(np.trace(J), abs=5 * law / math.sqrt(200))
    assert np.std(estimates) == pytest.approx(law, rel=0.3)


@pytest.mark.parametrize(("a", "mu", "sigma"), [(0.5, 0.0, 1.0), (1 - 2**-53, 0.5, 1.5), (-1 + 3e-14, -7.0, 4.0)])
def test_squashed_normal_in_fifty_digits(a, mu, sigma):
    with localcontext() as context:
        context.prec = 50
        exact = Decimal(a)
        u = ((1 + exact) / (1 - exact)).ln() / 2
        z = (u - Decimal(mu)) / Decimal(sigma)
        two_pi = 2 * Decimal("3.14159265358979323846264338327950288419716939937511")
        right = -z * z / 2 - Decimal(sigma).ln() - two_pi.ln() / 2 - (1 - exact * exact).ln()
    assert float(reference.tanh_gaussian_log_prob(a, mu, sigma)) == pytest.approx(float(right), rel=1e-12)


def test_squashed_normal_integrates_to_one():
    nodes, weights = np.polynomial.legendre.leggauss(400)
    density = torch.exp(reference.tanh_gaussian_log_prob(nodes, 0.3, 0.6))
    assert float(density @ torch.from_numpy(weights)) == pytest.approx(1.0, rel=1e-8)
