"""The references of ps7-capstone against closed forms, differences and known numbers."""

import numpy as np
import pytest
import torch

from solutions import capstone as reference
from tests.hidden import capstone as hidden
from tests.hidden.cases import normal, tensor, two_moons

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def moons_net():
    return reference.train_classifier(*two_moons(200, seed=7), 2, seed=1)


def test_a_trained_net_tells_fresh_moons_apart(moons_net):
    points, moons = two_moons(2000, seed=8)
    (W1, b1), (W2, b2), (W3, b3) = [(W.numpy(), b.numpy()) for W, b in moons_net]
    scores = np.tanh(np.tanh(points @ W1.T + b1) @ W2.T + b2) @ W3.T + b3
    assert (scores.argmax(axis=1) == moons).mean() > 0.99
    np.testing.assert_allclose(reference.scores(moons_net, points), scores, rtol=1e-12)


def test_a_trained_net_has_the_sizes_asked_for_and_is_decided_by_its_seed(moons_net):
    assert [tuple(W.shape) for W, _ in moons_net] == [(16, 2), (16, 16), (2, 16)]
    again = reference.train_classifier(*two_moons(200, seed=7), 2, seed=1)
    assert all(torch.equal(W, V) and torch.equal(b, c) for (W, b), (V, c) in zip(moons_net, again, strict=True))


def test_iris_is_the_table_of_fishers_paper():
    X, y = hidden.iris()
    assert X.shape == (150, 4)
    assert np.bincount(y).tolist() == [50, 50, 50]
    np.testing.assert_allclose(X.mean(axis=0), [5.8433333, 3.0573333, 3.758, 1.1993333], rtol=1e-6)
    np.testing.assert_allclose(X[y == 2].mean(axis=0), [6.588, 2.974, 5.552, 2.026], rtol=1e-9)
    assert X[[34, 37]].tolist() == [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]], "the UCI copy differs here"


def test_the_diary_of_a_quadratic_is_constant():
    diary = reference.curvature_diary(lambda t: 3 * t[0] ** 2 - 10 * t[1] ** 2, [0.3, 0.2], 0.01, 7, 3)
    np.testing.assert_allclose(diary, [6.0, 6.0, 6.0], rtol=1e-14)


def test_the_diary_of_one_parameter_follows_the_closed_form():
    theta, expected = 1.5, []
    for step in range(9):
        if step % 2 == 0:
            expected.append(3 * theta**2)
        theta -= 0.1 * theta**3
    np.testing.assert_allclose(reference.curvature_diary(lambda t: t[0] ** 4 / 4, [1.5], 0.1, 8, 2), expected)


@pytest.mark.parametrize("loss", [hidden.network(8, seed=3), hidden.softmax_regression(seed=3)])
def test_the_first_entry_agrees_with_differences_of_the_loss(loss):
    p = 33 if loss.__code__.co_freevars[0] != "classes" else 30
    theta, h = 0.5 * normal(p, seed=4), 1e-4
    steps = h * np.eye(p)
    H = np.empty((p, p))
    for i in range(p):
        for j in range(i + 1):
            ends = [s * steps[i] + r * steps[j] for s, r in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            a, b, c, d = (float(loss(tensor(theta + end))) for end in ends)
            H[i, j] = H[j, i] = (a - b - c + d) / (4 * h * h)
    np.testing.assert_allclose(
        reference.curvature_diary(loss, theta, 0.1, 0, 1), [np.linalg.eigvalsh(H)[-1]], rtol=1e-5
    )


def test_the_false_statements_fail_in_numbers():
    verdicts = reference.verdicts()
    assert sorted(verdicts) == list(range(1, 13))
    assert [number for number, (is_true, _) in verdicts.items() if not is_true] == [1, 3, 5, 6, 7, 9, 11]
    assert all((code == "") == is_true for is_true, code in verdicts.values())
    x, inner, outer = 0.7, np.sin, np.exp  # 1: the outer derivative is taken at the inner value
    slope = (outer(inner(x + 1e-6)) - outer(inner(x - 1e-6))) / 2e-6
    assert np.isclose(slope, np.exp(np.sin(x)) * np.cos(x))
    assert not np.isclose(slope, np.exp(x) * np.cos(x))
    assert 0.1 / np.sqrt(0.001) > 3.1  # 9: the first step without correction over that with it
    z = 0.4  # 11: the density of 2 z under a standard normal z
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) / 2
    assert np.isclose(density, np.exp(-((2 * z) ** 2) / 8) / np.sqrt(8 * np.pi))


@pytest.mark.parametrize("make", hidden.RIGHT.values(), ids=hidden.RIGHT)
def test_right_vjps_are_accepted(make):
    assert reference.test_vjp(hidden._callback(make()))


MUTANTS = {
    str(name): make
    for family in (hidden.SUMS, hidden.SWAPS, hidden.COTANGENTS, hidden.SUBTLE)
    for name, make in family.items()
}


@pytest.mark.parametrize("make", MUTANTS.values(), ids=MUTANTS)
def test_wrong_vjps_are_rejected(make):
    assert not reference.test_vjp(hidden._callback(make()))


def test_the_right_vjp_agrees_with_differences():
    v, X, W = normal(4, 2, seed=1), normal(4, 3, seed=2), normal(2, 3, seed=3)
    dX, dW, db = hidden._right(v, X, W)
    U, V, u = normal(4, 3, seed=4), normal(2, 3, seed=5), normal(2, seed=6)
    change = [(v * ((X + s * U) @ (W + s * V).T + s * u)).sum() for s in (1e-5, -1e-5)]
    assert np.isclose((dX * U).sum() + (dW * V).sum() + (db * u).sum(), (change[0] - change[1]) / 2e-5)
