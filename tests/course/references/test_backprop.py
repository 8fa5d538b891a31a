"""The references against oracles that share nothing with them: closed forms, complex steps, differences and paths."""

import math
from itertools import pairwise
from pathlib import Path

import jupytext
import numpy as np
import pytest
import torch

from solutions import backprop as reference
from tests.hidden import backprop as hidden

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).parents[3] / "source" / "ps2-backprop" / "backprop.py"


class Stacked:
    """The one name of torch that the maps below use besides functions that NumPy has too."""

    def __getattr__(self, name):
        return getattr(np, name)

    stack = staticmethod(np.array)


def complex_step(f, x):
    """Exact derivatives of analytic code: the imaginary part of f(x + ih) over h."""
    return np.stack([np.imag(f(x + 1e-200j * e)) / 1e-200 for e in np.eye(len(x))], axis=1)


def in_numpy(monkeypatch, f):
    """A map of the hidden checks, which is written in torch, on complex NumPy arrays."""

    def evaluated(x):
        with monkeypatch.context() as patch:
            patch.setattr(hidden, "torch", Stacked())
            return f(x)

    return evaluated


@pytest.mark.parametrize(("g", "f", "sizes"), hidden.OBLONG_CHAINS + hidden.SQUARE_CHAINS)
def test_chains_and_products_agree_with_the_complex_step(monkeypatch, g, f, sizes):
    m, k, n = sizes
    rng = np.random.default_rng(m + n)
    x, v, w = rng.normal(size=n), rng.normal(size=k), rng.normal(size=m)
    J_f = complex_step(in_numpy(monkeypatch, f), x)
    J_g = complex_step(in_numpy(monkeypatch, g), in_numpy(monkeypatch, f)(x))
    np.testing.assert_allclose(reference.chain_jacobian(g, f, x), J_g @ J_f, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(reference.vjp(f, x, v), v @ J_f, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(reference.vjp(lambda p: g(f(p)), x, w), w @ J_g @ J_f, rtol=1e-12, atol=1e-13)


def test_the_examples_of_the_course():
    def f(x):
        return torch.stack([x[0] * x[1], x[0] + x[1] ** 2])

    def g(y):
        return torch.stack([y[0] + y[1], y[0] * y[1]])

    assert reference.chain_jacobian(g, f, [1.0, 2.0]).tolist() == [[3.0, 5.0], [12.0, 13.0]]
    assert reference.vjp(lambda x: g(f(x)), [1.0, 2.0], [1.0, 1.0]).tolist() == [15.0, 18.0]
    pair = lambda x: torch.stack([x[0] ** 2 + x[1], x[0] * x[1]])  # noqa: E731
    assert reference.vjp(pair, [1.0, 2.0], [1.0, 1.0]).tolist() == [4.0, 2.0]
    assert reference.jvp(lambda x: [x[0] * x[1], x[0] + x[1] ** 2], [1.0, 2.0], [1.0, -1.0]).tolist() == [1.0, -3.0]


def test_the_large_map_has_a_closed_form():
    x, v = np.random.default_rng(6).normal(size=(2, hidden.LARGE))
    closed = v * np.cos(x) * np.roll(x, 1) + np.roll(v * np.sin(x), -1) + np.roll(v, 2) * x
    np.testing.assert_allclose(reference.vjp(hidden.large_map(), x, v), closed, rtol=1e-12, atol=1e-12)


def test_the_large_map_refuses_a_pass_for_each_row():
    f, x = hidden.large_map(), torch.zeros(hidden.LARGE, requires_grad=True)
    y = f(x)
    for row in range(hidden.MOST_PASSES - 1):
        torch.autograd.grad(y[row], x, retain_graph=True)
    with pytest.raises(RuntimeError, match=hidden.SPENT):
        torch.autograd.grad(y[-1], x, retain_graph=True)


@pytest.mark.parametrize("case", [*hidden.ARITHMETIC, *hidden.QUOTIENTS, *hidden.FUNCTIONS])
def test_dual_numbers_agree_with_the_complex_step(case):
    class Complex(complex):
        """A complex number whose functions are methods, as those of a dual number are."""

        def __getattr__(self, name):
            return lambda: Complex(getattr(np, name)(complex(self)))

    operation = (hidden.ARITHMETIC | hidden.QUOTIENTS | hidden.FUNCTIONS)[case]
    dual = operation(reference.Dual(*hidden.A), reference.Dual(*hidden.B))
    step = operation(*(Complex(value, 1e-200 * deriv) for value, deriv in (hidden.A, hidden.B)))
    np.testing.assert_allclose([dual.value, dual.deriv], [step.real, step.imag / 1e-200], rtol=1e-13)


@pytest.mark.parametrize("f", [hidden.products, hidden.three_products, hidden.far_from_zero, hidden.nested])
def test_jacobian_vector_products_agree_with_the_complex_step(f):
    n = {"products": 3, "three_products": 1, "far_from_zero": 3, "nested": 2}[f.__name__]
    x, u = np.random.default_rng(7).normal(size=(2, n))
    expected = np.imag(f(list(x + 1e-200j * u))) / 1e-200
    duals = f([reference.Dual(*pair) for pair in zip(x, u, strict=True)])
    np.testing.assert_allclose([output.deriv for output in duals], expected, rtol=1e-12)
    if f is not hidden.nested:
        np.testing.assert_allclose(reference.jvp(f, x, u), expected, rtol=1e-12)


def test_the_map_of_many_inputs_agrees_with_the_complex_step_and_refuses_a_pass_for_each():
    x, u = np.random.default_rng(7).normal(size=(2, hidden.MANY))
    expected = np.imag(hidden.many_inputs()(list(x + 1e-200j * u))) / 1e-200
    np.testing.assert_allclose(reference.jvp(hidden.many_inputs(), x, u), expected, rtol=1e-12)
    f = hidden.many_inputs()
    for _ in range(hidden.MOST_PASSES):
        f(x)
    with pytest.raises(RuntimeError, match=hidden.SPENT):
        f(x)


def test_jacobians_from_products():
    J = np.random.default_rng(8).normal(size=(2, 5))
    matrix = torch.tensor(J)
    np.testing.assert_array_equal(reference.jacobian_by_vjps(lambda v: v @ matrix, 2), J)
    np.testing.assert_array_equal(reference.jacobian_by_jvps(lambda u: matrix @ u, 5), J)
    assert [reference.passes_needed(2, 5, mode) for mode in ("reverse", "forward")] == [2, 5]
    assert [reference.cheapest_mode(m, n) for m, n in [(2, 5), (5, 2)]] == ["reverse", "forward"]


def test_the_gap_of_a_vjp_that_ignores_v():
    J = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0]])
    u, v = np.array([1.0, 1.0, 2.0]), np.array([2.0, -1.0])
    assert reference.adjoint_gap(J, J, u, v) == 0.0
    ignoring = np.outer(v, J.sum(axis=0)) / (v @ v)  # v times this matrix is the sum of the rows of J
    np.testing.assert_allclose(reference.adjoint_gap(J, ignoring, u, v), 17.0)


@pytest.fixture(scope="module")
def bug_cells():
    """The functions that the notebook gives for the bug hunt."""
    namespace = {"np": np}
    for cell in jupytext.read(NOTEBOOK).cells:
        if cell.metadata.get("key", "").startswith("e2-10-bug"):
            exec(cell.source, namespace)
    return namespace


@pytest.mark.parametrize("number", hidden.BUGS)
def test_the_bugs_of_the_notebook_are_those_of_the_judge(bug_cells, number):
    bug = hidden.BUGS[number]
    f, right, wrong = (bug_cells[f"{name}_{number}"] for name in ("f", "right", "wrong"))
    rng = np.random.default_rng(number)
    for _ in range(20):
        x, v = 2 * rng.normal(size=bug.n), 2 * rng.normal(size=bug.m)
        np.testing.assert_allclose(bug.f(torch.tensor(x)), f(x), rtol=1e-14, atol=1e-14)
        np.testing.assert_allclose(reference.vjp(bug.f, x, v), right(x, v), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(bug.wrong(x, v), wrong(x, v), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(
            hidden.relative_gap(bug, x, v), bug_cells["relative_gap"](right, wrong, x, v), rtol=1e-9, atol=1e-15
        )


@pytest.mark.parametrize("number", hidden.BUGS)
def test_usual_inputs_hide_every_bug(number):
    bug = hidden.BUGS[number]
    assert hidden.relative_gap(bug, np.zeros(bug.n), np.array([3.0, -2.0, 5.0][: bug.m])) == 0.0
    assert hidden.relative_gap(bug, np.ones(bug.n), np.ones(bug.m)) == 0.0
    for x in np.random.default_rng(9).normal(size=(5, bug.n)):
        assert not bug.hides_from_ones or hidden.relative_gap(bug, x, np.ones(bug.m)) < 1e-14


@pytest.mark.parametrize("number", hidden.BUGS)
def test_one_input_exposes_every_bug(number):
    x, v = getattr(reference, f"counterexample_{number}")()
    assert hidden.relative_gap(hidden.BUGS[number], x.numpy(), v.numpy()) > 0.1


@pytest.mark.parametrize("dims", hidden.CHAINS)
def test_costs_have_a_closed_form(dims):
    layers = [a * b for a, b in pairwise(dims)]
    assert reference.chain_cost(dims, "reverse") == dims[-1] * sum(layers[:-1])
    assert reference.chain_cost(dims, "forward") == dims[0] * sum(layers[1:])


def test_the_costs_of_the_notebook():
    assert [reference.chain_cost([3, 4, 5, 1], order) for order in ("reverse", "forward")] == [32, 75]
    assert [reference.chain_cost([2, 10, 10, 2], order) for order in ("reverse", "forward")] == [240, 240]
    assert [reference.chain_cost([64] * 4 + [1], order) for order in ("reverse", "forward")] == [12288, 528384]


def normal(*shape, seed=3):
    return np.random.default_rng(seed).normal(size=shape)


def complex_gradient(f, x):
    """The gradient of analytic code with one output: the imaginary part of f(x + ih) over h."""
    grad = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1e-200j
        grad[index] = f(moved).imag / 1e-200
    return grad


def cross_entropy(logits, y):
    return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean()


def net_loss(params, X, y, use):
    hidden_values = X
    for entry in use[:2]:
        hidden_values = np.tanh(hidden_values @ params[entry][0].T + params[entry][1])
    return cross_entropy(hidden_values @ params[use[2]][0].T + params[use[2]][1], y)


def test_linear_layer_by_complex_steps():
    v, X, W = normal(4, 2, seed=1), normal(4, 3, seed=2), normal(2, 3, seed=3)
    dX, dW, db = reference.linear_vjp(v, X, W)
    np.testing.assert_allclose(dX, complex_gradient(lambda X: (v * (X @ W.T)).sum(), X), rtol=1e-13)
    np.testing.assert_allclose(dW, complex_gradient(lambda W: (v * (X @ W.T)).sum(), W), rtol=1e-13)
    np.testing.assert_allclose(db, [v[:, 0].sum(), v[:, 1].sum()], rtol=1e-13)


def test_activations_closed_form():
    v, x = normal(3, 4, seed=4), normal(3, 4, seed=5)
    np.testing.assert_allclose(reference.tanh_vjp(v, x), v / np.cosh(x) ** 2, rtol=1e-12)
    np.testing.assert_array_equal(reference.relu_vjp([2.0, 3.0, 5.0], [-1.0, 0.0, 0.5]), [0.0, 0.0, 5.0])


def test_cross_entropy_by_complex_steps_and_without_overflow():
    logits, y = normal(5, 3, seed=6), np.array([2, 0, 1, 1, 2])
    right = complex_gradient(lambda z: cross_entropy(z, y), logits)
    np.testing.assert_allclose(reference.softmax_xent_vjp(logits, y), right, atol=1e-15)
    np.testing.assert_array_equal(reference.softmax_xent_vjp([[1e4, 0.0, -1e4]], [1]), [[1.0, -1.0, 0.0]])


@pytest.mark.parametrize("eps", [1e-12, 0.5])
def test_layer_normalisation_by_complex_steps(eps):
    v, x, gamma = normal(3, 5, seed=7), normal(3, 5, seed=8), normal(5, seed=9)

    def output(x, gamma):
        centred = x - x.mean(axis=1, keepdims=True)
        return (v * gamma * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + eps)).sum()

    dx, dgamma, dbeta = reference.layernorm_vjp(v, x, gamma, eps)
    np.testing.assert_allclose(dx, complex_gradient(lambda x: output(x, gamma), x), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(dgamma, complex_gradient(lambda gamma: output(x, gamma), gamma), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(dbeta, v.sum(axis=0), rtol=1e-13)


def test_layer_normalisation_of_the_notebook():
    dx, _, _ = reference.layernorm_vjp([[1.0, 0.0, 0.0]], [[1.0, 2.0, 3.0]], [1.0, 1.0, 1.0], 0.0)
    np.testing.assert_allclose(dx, [[1 / 24**0.5, -2 / 24**0.5, 1 / 24**0.5]], rtol=1e-12)


def test_unbroadcast_counts_the_copies():
    assert reference.unbroadcast(np.ones((5, 4, 3)), (4, 1)).tolist() == [[15.0]] * 4
    assert reference.unbroadcast(np.ones((2, 3)), ()).item() == 6.0
    v, a = normal(2, 4, 3, seed=10), normal(4, 1, seed=11)
    inner = (v * np.broadcast_to(a, v.shape)).sum()
    assert (reference.unbroadcast(v, a.shape).numpy() * a).sum() == pytest.approx(inner, rel=1e-13)


@pytest.mark.parametrize("use", [(0, 1, 2), (0, 1, 1), (2, 0, 0)])
def test_net_by_complex_steps(use):
    params = [(normal(3, 3, seed=20 + k), normal(3, seed=30 + k)) for k in range(4)]
    X, y = normal(7, 3, seed=12), np.array([0, 2, 1, 1, 0, 2, 2])
    loss, grads = reference.mlp_backward(params, X, y, use)
    assert loss.item() == pytest.approx(net_loss(params, X, y, use), rel=1e-13)
    for entry, pair in enumerate(params):
        for side in (0, 1):

            def moved(array, entry=entry, side=side):
                changed = [list(pair) for pair in params]
                changed[entry][side] = array
                return net_loss(changed, X, y, use)

            np.testing.assert_allclose(grads[entry][side], complex_gradient(moved, pair[side]), rtol=1e-11, atol=1e-15)


def test_net_of_zeros_has_the_entropy_of_a_guess():
    zeros = [(np.zeros((2, 2)), np.zeros(2)), (np.zeros((2, 2)), np.zeros(2)), (np.zeros((4, 2)), np.zeros(4))]
    loss, grads = reference.mlp_backward(zeros, [[1.0, 2.0]], [3])
    assert loss.item() == pytest.approx(math.log(4))
    assert grads[2][1].tolist() == [0.25, 0.25, 0.25, -0.75]
    assert not any(array.any() for pair in grads[:2] for array in pair)


def paths(tape, node, target):
    """Sum over all paths from a node down to another of the products of the local derivatives."""
    return float(node == target) + sum(d * paths(tape, parent, target) for parent, d in tape[node])


@pytest.mark.parametrize(
    ("out", "tape"), [*hidden.TREES, *hidden.DIAMONDS, hidden._web(12, seed=2930), hidden._web(12, seed=2931)]
)
def test_backward_sums_over_paths(out, tape):
    found = reference.backward(tape, out)
    assert found == pytest.approx({name: paths(tape, out, name) for name in tape}, rel=1e-12)


def test_backward_solves_a_linear_system_on_the_ladder():
    out, tape, right = hidden._ladder()
    place = {name: i for i, name in enumerate(tape)}
    A = np.zeros((len(tape), len(tape)))
    for name, parents in tape.items():
        for parent, d in parents:
            A[place[name], place[parent]] += d
    grads = np.linalg.solve((np.eye(len(A)) - A).T, np.eye(len(A))[place[out]])
    np.testing.assert_allclose([right[name] for name in tape], grads, rtol=1e-12)


def test_backward_multiplies_along_the_chain():
    out, tape, right = hidden._chain()
    node, product = out, 1.0
    while tape[node]:
        assert right[node] == pytest.approx(product, rel=1e-11)
        [(parent, d)] = tape[node]
        node, product = parent, product * d
    assert len(right) == 5000
    assert 0.1 < abs(product) < 10


def test_fixed_point_closed_form():
    g = hidden._affine(np.array([[0.5]]), np.array([[1.0, -3.0]]))
    np.testing.assert_allclose(reference.implicit_vjp(g, [0.0], [3.0, 1.0], [4.0]), [8.0, -24.0], rtol=1e-13)


@pytest.mark.parametrize("seed", [2980, 2981, 2982])
def test_fixed_point_by_differences_and_by_recorded_iterations(seed):
    k, p = {2980: (3, 5), 2981: (5, 2), 2982: (2, 4)}[seed]
    g = hidden._recurrent(hidden._of_radius(k, 0.6, seed=seed), normal(k, p, seed=seed + 10))
    theta, v = normal(p, seed=seed + 20), normal(k, seed=seed + 30)
    z_star = hidden._settled(g, theta, k)
    np.testing.assert_allclose(g(torch.tensor(z_star), torch.tensor(theta)), z_star, atol=1e-14)
    found = reference.implicit_vjp(g, z_star, theta, v).numpy()
    moved = [v @ (hidden._settled(g, theta + h, k) - hidden._settled(g, theta - h, k)) for h in 1e-5 * np.eye(p)]
    np.testing.assert_allclose(found, np.array(moved) / 2e-5, rtol=1e-7, atol=1e-9)
    leaf = torch.tensor(theta, requires_grad=True)
    z = torch.zeros(k, dtype=torch.float64)
    for _ in range(500):
        z = g(z, leaf)
    np.testing.assert_allclose(found, torch.autograd.grad(z, leaf, torch.tensor(v))[0], rtol=1e-10, atol=1e-12)
