"""The references against oracles that share nothing with them: closed forms, complex steps and differences."""

import numpy as np
import pytest
import torch

from solutions import jacobian as reference
from tests.hidden import jacobian as hidden

pytestmark = pytest.mark.slow


def complex_step(f, x):
    """Exact derivatives of analytic code: the imaginary part of f(x + ih) over h."""
    return np.stack([f(x + 1e-200j * e).imag / 1e-200 for e in np.eye(len(x))], axis=1)


@pytest.mark.parametrize(
    "f", [hidden.three_to_two, hidden.two_to_four, hidden.five_to_three, hidden.four_to_one, hidden.one_to_three]
)
def test_jacobians_agree_with_the_complex_step(f):
    n = {"three": 3, "two": 2, "five": 5, "four": 4, "one": 1}[f.__name__.split("_")[0]]
    x = np.random.default_rng(3).normal(size=n)
    for jacobian in (reference.jacobian_by_rows, reference.numerical_jacobian):
        np.testing.assert_allclose(jacobian(lambda p: f(p, torch), x), complex_step(f, x), rtol=1e-13, atol=1e-14)


def test_the_example_of_the_course():
    assert reference.jac_example([2.0, 3.0]).tolist() == [[4.0, 1.0], [3.0, 8.0]]
    x1, x2 = -1.3, 0.7
    np.testing.assert_allclose(reference.jac_example([x1, x2]), [[2 * x1, 1], [x2, x1 + 2 * x2]])


def test_outputs_that_ignore_the_input_have_zero_rows():
    np.testing.assert_array_equal(
        reference.jacobian_by_rows(hidden.ignores_an_input, [1.0, 2.0, 3.0]), [[1, 0, 0], [0, 0, 0], [0, 3, 2]]
    )
    assert not reference.jacobian_by_rows(hidden.ignores_everything, [1.0, 2.0]).any()
    assert not reference.jacobian_by_rows(hidden.constant_with_a_graph, [1.0, 2.0]).any()


def test_linear_layer_closed_form():
    rng = np.random.default_rng(4)
    W, b, x = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
    by_input, by_bias, by_weights = reference.linear_jacobians(W, b, x)
    np.testing.assert_array_equal(by_input, W)
    np.testing.assert_array_equal(by_bias, np.eye(2))
    for i, k, j in np.ndindex(2, 2, 3):
        assert by_weights[i, k, j] == (x[j] if i == k else 0.0)


def test_softmax_closed_form_without_overflow():
    z = np.array([0.3, -1.0, 2.0])
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(reference.softmax_jacobian(z), np.diag(p) - np.outer(p, p), atol=1e-15)
    assert reference.softmax_jacobian([1000.0, 0.0]).isfinite().all()


def test_elementwise_closed_form():
    x = np.array([0.2, -0.7])
    np.testing.assert_allclose(reference.elementwise_jacobian(torch.tanh, x), np.diag(1 - np.tanh(x) ** 2), atol=1e-15)


def test_batches_hold_the_jacobian_of_each_sample():
    X = np.random.default_rng(5).normal(size=(4, 3))
    for jacobian, (x0, x1, x2) in zip(reference.batch_jacobian(hidden.crossed, X), X, strict=True):
        np.testing.assert_allclose(jacobian, [[x1, x0, 0], [2 * x0, 0, np.cos(x2)]], atol=1e-15)


def test_puzzles_closed_form():
    np.testing.assert_array_equal(reference.jac_cumsum(3), np.tril(np.ones((3, 3))))
    np.testing.assert_array_equal(reference.jac_sort([3.0, 1.0, 2.0]), [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(reference.jac_window_mean(3, 2), [[0.5, 0.5, 0], [0, 0.5, 0.5]])
    np.testing.assert_allclose(reference.jac_conv1d([1.0, 2.0], 3), [[1, 2, 0], [0, 1, 2]])


def test_shapes_and_refusals():
    assert reference.derivative_shape((2, 3), (4,)) == (4, 2, 3)
    assert reference.derivative_shape((), ()) == ()
    with pytest.raises(ValueError, match="positive"):
        reference.numerical_jacobian(torch.sin, [1.0], h=0.0)
