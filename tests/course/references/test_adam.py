"""The references against oracles that share nothing with them: closed forms, loops by hand and known numbers."""

import numpy as np
import pytest
import torch

from solutions import adam as reference
from tests.hidden import adam as hidden

pytestmark = pytest.mark.slow


def adam_by_hand(p, g, state, lr, *, b1=0.9, b2=0.999, eps=1e-8):
    """The formula of Adam, entry by entry, in the order of the notebook."""
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


def random_step(shape, t, seed):
    rng = np.random.default_rng(seed)
    p, g, m = rng.normal(size=(3, *shape))
    return p, g, {"t": t, "m": m, "v": rng.uniform(0.3, 2.0, shape)}


def assert_same_step(found, expected):
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    assert found[1]["t"] == expected[1]["t"]
    for name in "mv":
        np.testing.assert_allclose(found[1][name], expected[1][name], rtol=1e-13)


@pytest.mark.parametrize("problem", [hidden.TURNED, hidden.VALLEY, hidden.LOGISTIC, hidden.WAVE, hidden.HALF])
def test_gradients_by_hand_agree_with_autograd(problem):
    loss, gradient, start, _ = problem
    for x in (start, start + 0.3):
        right = torch.func.grad(loss)(torch.tensor(x))
        np.testing.assert_allclose(gradient(x), right, rtol=1e-12, atol=1e-14)


def bowl(x):
    return 100 * x[0] ** 2 + x[1] ** 2


def test_the_end_points_of_the_course():
    descent = reference.gd_path(bowl, [1.0, 1.0], 0.005, 100)
    assert descent[1].tolist() == pytest.approx([0.0, 0.99], abs=1e-15)
    assert descent[-1].tolist() == pytest.approx([0.0, 0.366], abs=5e-4)
    assert bowl(descent[-1]).item() == pytest.approx(0.134, abs=5e-4)
    adam = reference.run_adam(bowl, [1.0, 1.0], 0.1, 100)
    assert adam[-1].tolist() == pytest.approx([0.0029, 0.0029], abs=5e-5)
    assert bowl(adam[-1]).item() == pytest.approx(0.00087, abs=5e-6)


def test_descent_on_a_quadratic_in_closed_form():
    lr, steps = 0.045, 12
    eigenvalues, V = np.linalg.eigh(hidden._TURNED_H)
    rest = np.linalg.solve(hidden._TURNED_H, hidden._TURNED_B)
    x0 = np.array([2.0, -1.5])
    path = reference.gd_path(hidden.turned, x0, lr, steps)
    for k in range(steps + 1):
        c = (1 - lr * eigenvalues) ** k * (V.T @ (x0 - rest))
        np.testing.assert_allclose(path[k], rest + V @ c, rtol=1e-11)


def test_limits_of_the_learning_rate():
    assert reference.max_stable_lr([[200.0, 0.0], [0.0, 2.0]]).item() == pytest.approx(0.01)
    for n in (1, 2, 4):
        A = np.random.default_rng(n).normal(size=(n, n))
        H = A @ A.T + np.eye(n)
        np.testing.assert_allclose(reference.max_stable_lr(H), 2 / np.linalg.eigvalsh(H)[-1], rtol=1e-13)


@pytest.mark.parametrize(
    ("product", "word"),
    [
        (0.5, "monotone"),
        (1 - 1e-6, "monotone"),
        (1.0, "one_step"),
        (1 + 1e-11, "one_step"),
        (1.5, "oscillating"),
        (2.0, "marginal"),
        (2 - 1e-11, "marginal"),
        (2 + 1e-6, "diverging"),
        (2.5, "diverging"),
    ],
)
def test_regimes(product, word):
    for lam in (0.3, 1.0, 200.0):
        assert reference.regime(product / lam, lam) == word


@pytest.mark.parametrize(("shape", "t"), [((), 0), ((3,), 5), ((2, 3), 40), ((3,), 2000)])
def test_steps_agree_with_the_formula(shape, t):
    p, g, state = random_step(shape, t, seed=t)
    settings = {"b1": 0.8, "b2": 0.99, "eps": 0.1}
    assert_same_step(reference.adam_step(p, g, state, 0.1), adam_by_hand(p, g, state, 0.1))
    assert_same_step(reference.adam_step(p, g, state, 0.1, **settings), adam_by_hand(p, g, state, 0.1, **settings))
    coupled = adam_by_hand(p, g + 0.7 * p, state, 0.1)
    assert_same_step(reference.adam_l2_step(p, g, state, 0.1, 0.7), coupled)
    before = adam_by_hand(p * (1 - 0.07), g, state, 0.1)
    assert_same_step(reference.adamw_step(p, g, state, 0.1, 0.7), before)
    after, state_after = adam_by_hand(p, g, state, 0.1)
    assert_same_step(reference.adamw_step_decay_last(p, g, state, 0.1, 0.7), ((1 - 0.07) * after, state_after))


def test_where_eps_stands():
    zero = {"t": 0, "m": 0.0, "v": 0.0}
    assert reference.adam_step(0.0, 0.5, zero, 0.1, eps=0.1)[0].item() == pytest.approx(-0.05 / 0.6, rel=1e-12)


def test_the_example_of_the_notebook():
    p, state = reference.adam_step(1.0, 2.0, {"t": 0, "m": 0.0, "v": 0.0}, 0.1)
    assert (p.item(), state["t"], state["m"].item(), state["v"].item()) == pytest.approx((0.9, 1, 0.2, 0.004))
    p, state = reference.adam_step(p, 1.0, state, 0.1)
    assert (p.item(), state["m"].item(), state["v"].item()) == pytest.approx((0.8068, 0.28, 0.004996), abs=5e-5)


def test_a_reference_leaves_its_arguments_alone():
    p, g, state = random_step((4,), 5, seed=9)
    copies = p.copy(), g.copy(), {name: np.copy(part) for name, part in state.items()}
    for step in (
        reference.adam_step,
        lambda *a: reference.adamw_step(*a, 0.5),
        lambda *a: reference.adam_l2_step(*a, 0.5),
    ):
        step(p, g, state, 0.1)
        for now, before in [(p, copies[0]), (g, copies[1]), *((state[name], copies[2][name]) for name in state)]:
            np.testing.assert_array_equal(now, before)


def test_runs_agree_with_a_loop():
    for loss, gradient, x0, _ in (hidden.TURNED, hidden.VALLEY, hidden.LOGISTIC):
        p, state = x0, {"t": 0, "m": np.zeros(len(x0)), "v": np.zeros(len(x0))}
        path = reference.run_adam(loss, x0, 0.05, 60, b1=0.8, b2=0.99)
        for t in range(61):
            np.testing.assert_allclose(path[t], p, rtol=1e-9, atol=1e-12)
            p, state = adam_by_hand(p, gradient(p), state, 0.05, b1=0.8, b2=0.99)


def test_bias_and_first_step():
    assert reference.first_step_ratio(0.9, 0.999) == pytest.approx(10**0.5)
    for b1, b2 in [(0.0, 0.0), (0.8, 0.99), (0.95, 0.9999)]:
        assert reference.first_step_ratio(b1, b2) == pytest.approx((1 - b1) / (1 - b2) ** 0.5, rel=1e-9)
    for beta, t in [(0.9, 0), (0.0, 0), (0.0, 4), (0.9, 7), (0.999, 1), (0.999, 10**6)]:
        assert reference.ema_bias(beta, t) == pytest.approx(1 - beta**t, rel=1e-9)


def test_the_kinds_of_decay_differ_by_more_than_a_thousandth():
    for number in range(len(hidden.DECAY_RUNS)):
        none, coupled, decoupled = (
            hidden._decay_reference(number, step)
            for step in (lambda p, g, state, lr, wd: reference.adam_step(p, g, state, lr), hidden.L2[0], hidden.W[0])
        )
        for one, other in [(none, coupled), (none, decoupled), (coupled, decoupled)]:
            assert np.abs(one - other)[-1].max() > 1e-3


TURN_45 = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)


def turned_bowl(x):
    return bowl(torch.as_tensor(TURN_45.T) @ x)


def by_hand_losses(method, track, lr, steps):
    """The losses along a run written out in NumPy."""
    x, m, v = track.start, 0.0, 0.0
    values = [track.pair(x)[0]]
    for t in range(1, steps + 1):
        step = track.pair(x)[1]
        if method == "adam":
            m, v = 0.9 * m + 0.1 * step, 0.999 * v + 0.001 * step**2
            step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        x = x - lr * step
        values.append(track.pair(x)[0])
    return values


@pytest.mark.parametrize(
    "track",
    [hidden.SLANTED, hidden.BENT, hidden.BENT_5, hidden.QUARTIC, hidden.SEPARATE, hidden.FAINT, hidden.TURNED_BENT],
)
def test_gradients_by_hand_agree_with_differences_and_runs_with_torch(track):
    x = track.start
    differences = [(track.loss(x + h, np) - track.loss(x - h, np)) / 2e-6 for h in 1e-6 * np.eye(len(x))]
    np.testing.assert_allclose(track.gradient(x), differences, rtol=1e-6, atol=1e-7 * np.abs(differences).max())
    for method in ("gd", "adam"):
        found = reference.losses(method, track.in_torch, track.start, 0.03, 40)
        np.testing.assert_allclose(found, by_hand_losses(method, track, 0.03, 40), rtol=1e-9)


def test_the_race_of_the_course():
    for loss, start, expected in [
        (bowl, [1.0, 1.0], {"gd": 0.1339797, "adam": 0.000871031}),
        (turned_bowl, TURN_45 @ [1.0, 1.0], {"gd": 0.1339797, "adam": 0.3757816}),
        (turned_bowl, [1.0, 1.0], {"gd": 0.0, "adam": 0.0017248}),
        (lambda x: bowl(torch.as_tensor(TURN_45) @ x), [1.0, 1.0], {"gd": 0.2679594, "adam": 0.000017248}),
    ]:
        for method, lr in (("gd", 0.005), ("adam", 0.1)):
            final = reference.losses(method, loss, start, lr, 100)[-1]
            assert final == pytest.approx(expected[method], rel=1e-4, abs=1e-12)
    race = reference.fair_race(bowl, [1.0, 1.0], 100, [0.002, 10.0, 0.005, 0.0095, 0.1])
    assert race["gd"] == pytest.approx((0.0095, 0.0215677), rel=1e-4)
    assert race["adam"] == pytest.approx((0.1, 0.000871031), rel=1e-4)


def test_grids_have_a_clear_winner_and_the_dangers_that_they_are_meant_for():
    def finals(track, method, steps, grid):
        return np.array([by_hand_losses(method, track, lr, steps)[-1] for lr in grid])

    for track, steps, grid in [
        (hidden.SLANTED, 25, (0.3, 0.003, 0.03, 1.0, 0.01, 0.1, 0.05)),
        (hidden.BENT, 30, (0.01, 0.3, 0.03, 0.1, 1.0, 0.6)),
        (hidden.BENT_5, 12, (0.05, 0.2, 0.8, 2.0)),
        (hidden.FAINT, 30, (0.1, 0.3, 2e7, 3e6)),
        (hidden.SLANTED, 60, (0.1, 0.08, 50.0)),
        (hidden.QUARTIC, 20, (10.0, 0.02, 0.05, 0.1)),
        (hidden.SLANTED, 150, (0.003, 5.0, 0.01, 0.02)),
        (hidden.SLANTED, 12, (0.01, 0.05, 0.02)),
    ]:
        for method in ("gd", "adam"):
            with np.errstate(all="ignore"):
                best, second = np.sort(finals(track, method, steps, grid))[:2]
            assert second - best > 0.1 * abs(best)
    with np.errstate(all="ignore"):
        assert max(finals(hidden.FAINT, "gd", 30, [2e7]), finals(hidden.FAINT, "adam", 30, [0.3])) < 0
        assert finals(hidden.SLANTED, "gd", 60, [0.1, 0.08]).min() > 1e15
        assert np.isinf(finals(hidden.SLANTED, "gd", 60, [50.0]))
        assert np.isnan(finals(hidden.SLANTED, "gd", 150, [5.0]))
        assert np.isnan(finals(hidden.QUARTIC, "gd", 20, [10.0]))


def test_a_turned_function_has_the_values_of_the_original():
    R = hidden._turn(5)
    x = np.linspace(-1, 1, 5)
    value, gradient = reference.rotate(hidden.BENT_5.in_torch, R)(x)
    assert value == pytest.approx(hidden.bent(R.T @ x, np))
    np.testing.assert_allclose(gradient, R @ hidden.bent_gradient(R.T @ x), rtol=1e-12)
    assert np.abs(hidden.PLANE - hidden.PLANE.T).max() > 1


@pytest.mark.parametrize(("method", "lr", "before", "after"), [("gd", 0.005, 230, 230), ("adam", 0.1, 11, 266)])
def test_steps_on_the_bowl_and_on_the_turned_bowl(method, lr, before, after):
    assert reference.steps_to_tol(method, bowl, [1.0, 1.0], 0.01, lr, max_steps=300) == before
    assert reference.steps_to_tol(method, turned_bowl, TURN_45 @ [1.0, 1.0], 0.01, lr, max_steps=300) == after
    assert reference.steps_to_tol(method, bowl, [1.0, 1.0], 0.01, lr, max_steps=before - 1) is None
    assert reference.steps_to_tol(method, bowl, [1.0, 1.0], 101.0, lr) == 0


def test_tolerances_are_reached_where_they_are_meant_to():
    for opt, track, lr, t in [
        ("gd", hidden.SLANTED, 0.02, 37),
        ("adam", hidden.SLANTED, 0.05, 60),
        ("adam", hidden.BENT, 0.1, 30),
        ("adam", hidden.TURNED_BENT, 0.1, 24),
        ("adam", hidden.SEPARATE, 0.1, 16),
        ("adam", hidden.FAINT, 0.5, 12),
    ]:
        tol = hidden._tolerance(opt, track, lr, t)
        values = np.array(by_hand_losses(opt, track, lr, 60))
        assert np.flatnonzero(values <= tol)[0] == t
        assert np.abs(values / tol - 1).min() > 1e-3
    values = reference.losses("gd", hidden.SLANTED.in_torch, hidden.SLANTED.start, 0.002, 1010)
    np.testing.assert_allclose(values[-2:], 1.9**2 * 0.996 ** (2.0 * np.array([1009, 1010])), rtol=1e-9)


def test_refutations_pass_their_own_checks():
    hidden.e5_8_a(reference.v_is_not_hessian_a)
    hidden.e5_8_b(reference.v_is_not_hessian_b)
    hidden.e5_8_c(reference.v_is_not_hessian_c)
    hidden.e5_8_d(reference.v_is_not_hessian_d)


def test_the_second_moment_on_the_bowl():
    _, v_hats = hidden._adam_run(bowl, np.array([1.0, 1.0]), 200)
    assert v_hats[0, 0] == pytest.approx(40000)
    assert v_hats[-1, 0] == pytest.approx(867.83, rel=1e-4)
    np.testing.assert_allclose(v_hats[:, 0] / v_hats[:, 1], 10000, rtol=1e-4)
    np.testing.assert_allclose(hidden._curvature(bowl, np.array([0.3, -2.0])), [200, 2], rtol=1e-5)


def test_diagonals_of_logistic_regression_closed_form():
    theta, X, y = hidden._data(8, 3, seed=77)
    p = 1 / (1 + np.exp(-X @ theta))
    np.testing.assert_allclose(reference.hessian_diag(theta, X), p * (1 - p) @ X**2 / 8, rtol=1e-12)
    np.testing.assert_allclose(reference.fisher_diag(theta, X), p * (1 - p) @ X**2 / 8, rtol=1e-12)
    np.testing.assert_allclose(reference.empirical_fisher_diag(theta, X, y), (p - y) ** 2 @ X**2 / 8, rtol=1e-12)
    measured = hidden._curvature(lambda w: np.mean(np.logaddexp(0, X @ w) - y * (X @ w)), theta)
    np.testing.assert_allclose(reference.hessian_diag(theta, X), measured, rtol=1e-5)
    example = [np.log(3), 0.0], [[1.0, 2.0], [-1.0, 1.0]]
    np.testing.assert_allclose(reference.hessian_diag(*example), [0.1875, 0.46875])
    np.testing.assert_allclose(reference.empirical_fisher_diag(*example, [1, 1]), [0.3125, 0.40625])
    for diagonal in (reference.hessian_diag([1000.0], [[1.0]]), reference.fisher_diag([1000.0], [[1.0]])):
        assert diagonal.tolist() == [0.0]


def test_labels_of_the_data_are_unbalanced_and_surprising():
    theta, X, y = hidden._data(11, 5, seed=612)
    ratio = reference.empirical_fisher_diag(theta, X, y) / reference.fisher_diag(theta, X)
    assert ((ratio - 1).abs() > 0.5).all()


def test_hutchinson_and_newton_closed_form():
    np.testing.assert_allclose(reference.hutchinson_diag(hidden.FULL_H, 4, 10, 0), np.diag(hidden.FULL_H))
    with pytest.raises(ValueError, match="sample"):
        reference.hutchinson_diag(hidden.FULL_H, 4, 0, 0)
    found = reference.diag_newton_step([1.0, 1.0], [6.0, 6.0], [3.0, 0.0], 0.5, 2.0)
    np.testing.assert_allclose(found, [0.0, -0.5])
    assert reference.diag_newton_step([1.0], [6.0], [-3.0], 0.5, 0.1).item() == 0.0
