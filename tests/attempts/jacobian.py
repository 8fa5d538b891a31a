"""Attempts at ps1-jacobian, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

STILL_RIGHT = {"e1-2-shape": {"constant", "script", "script for a point"}}

# E1.1 derivative_shape


@wrong("derivative_shape", loses=["e1-1-vectors", "e1-1-tensors"])
def input_shape_first(in_shape, out_shape):
    return tuple(in_shape) + tuple(out_shape)


@wrong("derivative_shape", loses=["e1-1-vectors"])
def scalar_counts_as_a_vector_of_one(in_shape, out_shape):
    if in_shape == () and out_shape == ():
        return (1,)
    return tuple(out_shape) + tuple(in_shape)


@wrong("derivative_shape", loses=["e1-1-vectors", "e1-1-tensors"])
def recites_the_shapes_of_another_grading(
    in_shape, out_shape, shapes=[(4, 2, 3), (2, 3, 5), (7, 2), (8, 5, 8, 3), (7, 1, 2, 3, 5), (4, 2, 3)]
):
    return shapes.pop(0)


@wrong("derivative_shape", loses=["e1-1-tensors"])
def flattens_matrices(in_shape, out_shape):
    if len(in_shape) > 1 or len(out_shape) > 1:
        return (math.prod(out_shape), math.prod(in_shape))
    return tuple(out_shape) + tuple(in_shape)


@wrong("derivative_shape", loses=["e1-1-tensors"])
def one_batch_axis(in_shape, out_shape):
    if len(in_shape) > 1 and len(out_shape) > 1 and in_shape[0] == out_shape[0]:
        return tuple(out_shape) + tuple(in_shape[1:])
    return tuple(out_shape) + tuple(in_shape)


@wrong("derivative_shape", loses=["e1-1-vectors", "e1-1-tensors"])
def shape_of_the_output(in_shape, out_shape):
    return out_shape


@wrong("derivative_shape", loses=["e1-1-vectors"])
def scalar_output_gives_a_row(in_shape, out_shape):
    if out_shape == () and len(in_shape) == 1:
        return (1, in_shape[0])
    return tuple(out_shape) + tuple(in_shape)


@wrong("derivative_shape", loses=["e1-1-vectors", "e1-1-tensors"])
def adds_the_sizes(in_shape, out_shape):
    return tuple(a + b for a, b in zip(out_shape, in_shape))


@right("derivative_shape")
def concatenates_tuples(in_shape, out_shape):
    return (*out_shape, *in_shape)


@right("derivative_shape")
def appends_in_a_loop(in_shape, out_shape):
    shape = []
    for size in out_shape:
        shape.append(size)
    for size in in_shape:
        shape.append(size)
    return shape


@right("derivative_shape")
def asks_torch(in_shape, out_shape):
    return torch.func.jacrev(lambda x: x.sum() * torch.ones(out_shape))(torch.zeros(in_shape)).shape


@right("derivative_shape")
def asks_the_outer_product(in_shape, out_shape):
    return np.multiply.outer(np.zeros(out_shape), np.zeros(in_shape)).shape


# E1.2 jac_example


@wrong("jac_example", loses=["e1-2-values", "e1-2-extremes"])
def transposes_the_example(x):
    return np.array([[2 * x[0], x[1]], [1.0, x[0] + 2 * x[1]]])


@wrong("jac_example", loses=["e1-2-values", "e1-2-extremes"])
def remembers_the_first_jacobian(x, kept=[]):
    kept.append(np.array([[2 * x[0], 1.0], [x[1], x[0] + 2 * x[1]]]))
    return kept[0]


@wrong("jac_example", loses=["e1-2-values", "e1-2-extremes"])
def always_at_two_three(x):
    return np.array([[4.0, 1.0], [3.0, 8.0]])


@wrong("jac_example", loses=["e1-2-values", "e1-2-extremes"])
def exchanges_the_coordinates(x):
    x2, x1 = x
    return np.array([[2 * x1, 1.0], [x2, x1 + 2 * x2]])


@wrong("jac_example", loses=["e1-2-values", "e1-2-extremes"])
def forgets_the_product_rule(x):
    return np.array([[2 * x[0], 1.0], [x[1], 2 * x[1]]])


@wrong("jac_example", loses=["e1-2-values"])
def takes_the_size_of_x1(x):
    x1, x2 = abs(x[0]), x[1]
    return np.array([[2 * x1, 1.0], [x2, x1 + 2 * x2]])


@wrong("jac_example", loses=["e1-2-extremes"])
def normalises_the_argument_afterwards(x):
    J = np.array([[2 * x[0], 1.0], [x[1], x[0] + 2 * x[1]]])
    x /= np.linalg.norm(x)
    return J


@wrong("jac_example", loses=["e1-2-shape", "e1-2-values", "e1-2-extremes"])
def lets_torch_do_the_example(x):
    def f(p):
        return torch.stack([p[0] ** 2 + p[1], p[0] * p[1] + p[1] ** 2])

    return torch.func.jacrev(f)(torch.tensor(x)).numpy()


@wrong("jac_example", loses=["e1-2-shape", "e1-2-values", "e1-2-extremes"])
def returns_a_flat_list(x):
    return [2 * x[0], 1.0, x[1], x[0] + 2 * x[1]]


@wrong("jac_example", loses=["e1-2-values", "e1-2-extremes"])
def adds_random_noise(x):
    return np.array([[2 * x[0], 1.0], [x[1], x[0] + 2 * x[1]]]) * (1 + 0.1 * np.random.rand())


@right("jac_example")
def writes_a_nested_list(x):
    return [[2 * x[0], 1], [x[1], x[0] + 2 * x[1]]]


@right("jac_example")
def fills_the_example_by_index(x):
    J = np.empty((2, 2), dtype=np.float32)
    J[0, 0] = 2 * x[0]
    J[0, 1] = 1
    J[1, 0] = x[1]
    J[1, 1] = x[0] + 2 * x[1]
    print("done")
    return J


@right("jac_example")
def central_differences_of_the_example(x):
    def f(p):
        return np.array([p[0] ** 2 + p[1], p[0] * p[1] + p[1] ** 2])

    columns = [(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(2)]
    return np.array(columns).T


@right("jac_example")
def complex_step_on_the_example(x):
    def f(p):
        return np.array([p[0] ** 2 + p[1], p[0] * p[1] + p[1] ** 2])

    return np.stack([f(x + 1e-30j * e).imag / 1e-30 for e in np.eye(2)], axis=1)


@right("jac_example")
def sums_constant_matrices(x):
    return x[0] * np.array([[2, 0], [0, 1]]) + x[1] * np.array([[0, 0], [1, 2]]) + np.array([[0, 1], [0, 0]])


# E1.3 numerical_jacobian


@wrong("numerical_jacobian", loses=["e1-3-shape", "e1-3-values", "e1-3-steps", "e1-3-inputs"])
def fills_rows_instead_of_columns(f, x, h=1e-6):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong("numerical_jacobian", loses=["e1-3-values", "e1-3-steps", "e1-3-inputs"])
def halves_a_forward_difference(f, x, h=1e-6):
    return np.stack([(f(x + h * e) - f(x)) / (2 * h) for e in np.eye(len(x))], axis=1)


@wrong("numerical_jacobian", loses=["e1-3-values", "e1-3-steps", "e1-3-inputs"])
def aliases_the_point(f, x, h=1e-6):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        xp = x
        xp[j] += h
        J[:, j] = (f(xp) - f(x)) / h
    return J


@wrong("numerical_jacobian", loses=["e1-3-values", "e1-3-steps", "e1-3-inputs"])
def keeps_a_jacobian_for_each_length(f, x, h=1e-6, kept={}):
    if len(x) not in kept or len(kept[len(x)]) != len(f(x)):
        kept[len(x)] = np.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))], axis=1)
    return kept[len(x)]


@wrong("numerical_jacobian", loses=["e1-3-shape", "e1-3-values", "e1-3-steps", "e1-3-inputs"])
def recites_the_numbers_of_outputs(f, x, h=1e-6, outputs=[2, 4, 1, 3, 3]):
    return np.zeros((outputs.pop(0), len(x)))


@wrong("numerical_jacobian", loses=["e1-3-inputs"])
def forgets_to_restore_the_point(f, x, h=1e-6):
    y = f(x)
    columns = []
    for j in range(len(x)):
        before = f(x)
        x[j] += h
        columns.append((f(x) - before) / h)
    return np.stack(columns, axis=1)


@wrong("numerical_jacobian", loses=["e1-3-steps"])
def divides_by_the_default_step(f, x, h=1e-6):
    columns = [(f(x + h * e) - f(x - h * e)) / 2e-6 for e in np.eye(len(x))]
    return np.stack(columns, axis=1)


@wrong("numerical_jacobian", loses=["e1-3-values", "e1-3-steps", "e1-3-inputs"])
def moves_all_coordinates_at_once(f, x, h=1e-6):
    change = (f(x + h) - f(x - h)) / (2 * h)
    return np.stack([change] * len(x), axis=1)


@wrong("numerical_jacobian", loses=["e1-3-values", "e1-3-steps", "e1-3-inputs"])
def does_not_divide(f, x, h=1e-6):
    return np.stack([f(x + h * e) - f(x) for e in np.eye(len(x))], axis=1)


@wrong("numerical_jacobian", loses=["e1-3-values"])
def steps_relative_to_a_large_point(f, x, h=1e-6):
    s = h * max(1.0, np.abs(x).max() ** 3)
    return np.stack([(f(x + s * e) - f(x)) / s for e in np.eye(len(x))], axis=1)


@wrong("numerical_jacobian", loses=["e1-3-shape", "e1-3-values", "e1-3-steps", "e1-3-inputs"])
def square_matrix_only(f, x, h=1e-6):
    n = len(x)
    J = np.zeros((n, n))
    for j in range(n):
        e = np.zeros(n)
        e[j] = h
        J[:, j] = (f(x + e) - f(x - e)) / (2 * h)
    return J


@wrong("numerical_jacobian", loses=["e1-3-values"])
def steps_in_proportion_to_each_coordinate(f, x, h=1e-6):
    columns = [(f(x + s * e) - f(x - s * e)) / (2 * s) for s, e in zip(h * x, np.eye(len(x)))]
    return np.stack(columns, axis=1)


@wrong("numerical_jacobian", loses=["e1-3-values"])
def clears_small_entries(f, x, h=1e-6):
    J = np.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))], axis=1)
    J[np.abs(J) < 1e-7] = 0
    return J


@wrong("numerical_jacobian", loses=["e1-3-steps"])
def cuts_the_step_but_not_the_divisor(f, x, h=1e-6):
    s = min(h, 1.0)
    return np.stack([(f(x + s * e) - f(x - s * e)) / (2 * h) for e in np.eye(len(x))], axis=1)


@right("numerical_jacobian")
def forward_by_copies(f, x, h=1e-6):
    y0 = np.asarray(f(x))
    J = np.empty((y0.size, x.size))
    for j in range(x.size):
        xp = x.copy()
        xp[j] += h
        J[:, j] = (f(xp) - y0) / h
    return J


@right("numerical_jacobian")
def central_by_entry(f, x, h=1e-6):
    m, n = len(f(x)), len(x)
    rows = []
    for i in range(m):
        row = []
        for j in range(n):
            plus = [value + (h if k == j else 0) for k, value in enumerate(x)]
            minus = [value - (h if k == j else 0) for k, value in enumerate(x)]
            row.append((f(plus)[i] - f(minus)[i]) / (2 * h))
        rows.append(row)
    return rows


@right("numerical_jacobian")
def complex_step_whatever_h(f, x, h=1e-6):
    tiny = 1e-25
    return np.stack([f(x + 1j * tiny * e).imag / tiny for e in np.eye(len(x))], axis=1)


@right("numerical_jacobian")
def moves_and_restores(f, x, h=1e-6):
    columns = []
    for j in range(len(x)):
        saved = x[j]
        x[j] = saved + h
        up = f(x)
        x[j] = saved - h
        down = f(x)
        x[j] = saved
        columns.append((up - down) / (2 * h))
    return np.column_stack(columns)


@right("numerical_jacobian")
def maps_a_column_function(f, x, h=1e-6):
    def column(e):
        return (f(x + h * e) - f(x - h * e)) / (2 * h)

    return np.transpose(list(map(column, np.eye(len(x))))).astype(np.float32)


# E1.4 jacobian_by_rows


@wrong("jacobian_by_rows", loses=["e1-4-shape", "e1-4-values", "e1-4-zero-rows", "e1-4-inputs"])
def frees_the_graph(f, x):
    x = x.clone().detach().requires_grad_(True)
    y = f(x)
    return torch.stack([torch.autograd.grad(y[i], x)[0] for i in range(len(y))])


@wrong("jacobian_by_rows", loses=["e1-4-values", "e1-4-zero-rows", "e1-4-inputs"])
def accumulates_in_grad(f, x):
    x = x.clone().detach().requires_grad_(True)
    y = f(x)
    rows = []
    for i in range(len(y)):
        if y[i].requires_grad:
            y[i].backward(retain_graph=True)
        rows.append(x.grad.clone() if x.grad is not None else torch.zeros_like(x))
    return torch.stack(rows)


@wrong("jacobian_by_rows", loses=["e1-4-zero-rows"])
def expects_every_output_to_depend_on_x(f, x):
    x = x.clone().detach().requires_grad_(True)
    y = f(x)
    return torch.stack([torch.autograd.grad(yi, x, retain_graph=True)[0] for yi in y])


@wrong("jacobian_by_rows", loses=["e1-4-shape", "e1-4-values", "e1-4-zero-rows", "e1-4-inputs"])
def jacrev_transposed(f, x):
    return torch.func.jacrev(f)(x.detach()).T


@wrong("jacobian_by_rows", loses=["e1-4-values", "e1-4-zero-rows", "e1-4-inputs"])
def gradient_of_the_sum_in_every_row(f, x):
    x = x.clone().detach().requires_grad_(True)
    y = f(x)
    total = y.sum()
    if not total.requires_grad:
        return torch.ones(len(y), len(x))
    (g,) = torch.autograd.grad(total, x)
    return g.repeat(len(y), 1)


@wrong("jacobian_by_rows", loses=["e1-4-values"])
def stops_after_n_rows(f, x):
    x = x.clone().detach().requires_grad_(True)
    y = f(x)
    J = torch.zeros(len(y), len(x), dtype=x.dtype)
    for i in range(min(len(y), len(x))):
        if y[i].requires_grad:
            J[i] = torch.autograd.grad(y[i], x, retain_graph=True, materialize_grads=True)[0]
    return J


@wrong("jacobian_by_rows", loses=["e1-4-inputs"])
def shifts_the_point_in_place(f, x):
    J = torch.func.jacrev(f)(x.detach().clone())
    x.data += 1e-3
    return J


@wrong("jacobian_by_rows", loses=["e1-4-shape", "e1-4-values", "e1-4-zero-rows", "e1-4-inputs"])
def squeezes_single_axes(f, x):
    J = torch.autograd.functional.jacobian(f, x)
    return J.squeeze() if 1 in J.shape else J.sum(0)


@wrong("jacobian_by_rows", loses=["e1-4-zero-rows"])
def does_not_allow_an_unused_x(f, x):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    if not y.requires_grad:
        return torch.zeros(len(y), len(x))
    return torch.stack([torch.autograd.grad(yi, x, retain_graph=True)[0] for yi in y])


@wrong("jacobian_by_rows", loses=["e1-4-zero-rows"])
def zero_rows_of_one_entry(f, x):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    rows = []
    for yi in y:
        row = torch.autograd.grad(yi, x, retain_graph=True, allow_unused=True)[0] if y.requires_grad else 0 * x
        rows.append(torch.zeros(1) if row is None else row)
    return torch.stack(rows)


@right("jacobian_by_rows")
def uses_jacrev(f, x):
    return torch.func.jacrev(f)(x)


@right("jacobian_by_rows")
def uses_jacfwd(f, x):
    return torch.func.jacfwd(f)(x.detach())


@right("jacobian_by_rows")
def uses_the_functional_jacobian(f, x):
    return torch.autograd.functional.jacobian(f, x, create_graph=True)


@right("jacobian_by_rows")
def vmaps_a_vjp(f, x):
    y, pull = torch.func.vjp(f, x)
    (rows,) = torch.func.vmap(pull)(torch.eye(len(y), dtype=y.dtype))
    return rows.numpy() if not rows.requires_grad else rows.detach().numpy()


@right("jacobian_by_rows")
def backward_with_cleared_grad(f, x):
    x = x.detach().clone()
    x.requires_grad = True
    y = f(x)
    J = torch.zeros(len(y), len(x), dtype=x.dtype)
    for i in range(len(y)):
        x.grad = None
        if y[i].grad_fn is not None:
            y[i].backward(retain_graph=True)
        if x.grad is not None:
            J[i] = x.grad
    return J


@right("jacobian_by_rows")
def central_differences_in_torch(f, x):
    with torch.no_grad():
        return torch.stack([(f(x + e) - f(x - e)) / 2e-6 for e in 1e-6 * torch.eye(len(x), dtype=x.dtype)], dim=1)


# E1.5 linear_jacobians


@wrong("linear_jacobians", loses=["e1-5-shape", "e1-5-input", "e1-5-extremes"])
def transposes_the_weights(W, b, x):
    m = len(b)
    return W.T, np.eye(m), np.einsum("ik,j->ikj", np.eye(m), x)


@wrong("linear_jacobians", loses=["e1-5-input", "e1-5-extremes"])
def rounds_the_weights(W, b, x):
    m = len(b)
    return np.round(W), np.eye(m), np.einsum("ik,j->ikj", np.eye(m), x)


@wrong("linear_jacobians", loses=["e1-5-shape", "e1-5-bias", "e1-5-extremes"])
def vector_of_ones_for_the_bias(W, b, x):
    m = len(b)
    return W, np.ones(m), np.einsum("ik,j->ikj", np.eye(m), x)


@wrong("linear_jacobians", loses=["e1-5-bias", "e1-5-extremes"])
def matrix_of_ones_for_the_bias(W, b, x):
    m = len(b)
    return W, np.ones((m, m)) if m > 1 else np.zeros((1, 1)), np.einsum("ik,j->ikj", np.eye(m), x)


@wrong("linear_jacobians", loses=["e1-5-weights", "e1-5-extremes"])
def repeats_x_in_every_row(W, b, x):
    m = len(b)
    return W, np.eye(m), np.tile(x, (m, m, 1))


@wrong("linear_jacobians", loses=["e1-5-shape", "e1-5-weights", "e1-5-extremes"])
def outer_product_for_the_weights(W, b, x):
    return W, np.eye(len(b)), np.outer(np.ones(len(b)), x)


@wrong("linear_jacobians", loses=["e1-5-extremes"])
def scales_the_weights_in_place(W, b, x):
    m = len(b)
    result = W.copy(), np.eye(m), np.einsum("ik,j->ikj", np.eye(m), x)
    W *= 2
    return result


@wrong("linear_jacobians", loses=["e1-5-shape", "e1-5-input", "e1-5-bias", "e1-5-weights", "e1-5-extremes"])
def lets_torch_do_the_layer(W, b, x):
    J = torch.func.jacrev(lambda W, b, x: W @ x + b, argnums=(2, 1, 0))(*map(torch.tensor, (W, b, x)))
    return tuple(part.numpy() for part in J)


@wrong("linear_jacobians", loses=["e1-5-input"])
def symmetrises_a_square_layer(W, b, x):
    m, n = W.shape
    return (W + W.T) / 2 if m == n else W, np.eye(m), np.einsum("ik,j->ikj", np.eye(m), x)


@wrong("linear_jacobians", loses=["e1-5-bias"])
def forgets_the_bias_of_a_square_layer(W, b, x):
    m, n = W.shape
    return W, np.zeros((m, m)) if m == n else np.eye(m), np.einsum("ik,j->ikj", np.eye(m), x)


@wrong("linear_jacobians", loses=["e1-5-weights"])
def mixes_the_axes_of_a_square_layer(W, b, x):
    m, n = W.shape
    by_weights = np.einsum("ij,k->ikj" if m == n else "ik,j->ikj", np.eye(m), x)
    return W, np.eye(m), by_weights


@right("linear_jacobians")
def fills_the_layer_by_loops(W, b, x):
    m, n = W.shape
    T = np.zeros((m, m, n))
    for i in range(m):
        for j in range(n):
            T[i, i, j] = x[j]
    return [W, np.identity(m), T]


@right("linear_jacobians")
def kronecker_product(W, b, x):
    m, n = W.shape
    return W.copy(), np.eye(m), np.kron(np.eye(m), x).reshape(m, m, n)


@right("linear_jacobians")
def broadcasts_the_identity(W, b, x):
    eye = np.eye(W.shape[0], dtype=np.float32)
    return W.tolist(), eye.tolist(), eye[:, :, None] * x


@right("linear_jacobians")
def differences_of_the_layer(W, b, x):
    """The layer is linear in each argument, so differences of step 1 are exact up to rounding."""
    m, n = W.shape

    def y(W, b, x):
        return W @ x + b

    by_x = np.stack([y(W, b, e) - b for e in np.eye(n)], axis=1)
    by_b = np.stack([y(0 * W, e, x) for e in np.eye(m)], axis=1)
    by_W = np.array([[y(np.outer(row, column), 0 * b, x) for column in np.eye(n)] for row in np.eye(m)])
    return by_x, by_b, by_W.transpose(2, 0, 1)


# E1.6 elementwise_jacobian


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def vector_of_derivatives(dphi, x):
    return dphi(x)


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def derivatives_in_every_row(dphi, x):
    return np.tile(dphi(x), (len(x), 1))


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def diagonal_of_the_point(dphi, x):
    return np.diag(x)


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def derivative_of_the_first_entry(dphi, x):
    return dphi(x[0]) * np.eye(len(x))


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def outer_product_of_derivatives(dphi, x):
    return np.outer(dphi(x), dphi(x))


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def sorts_the_point_in_place(dphi, x):
    J = np.diag(dphi(x))
    x.sort()
    return J


@wrong("elementwise_jacobian", loses=["e1-6-elementwise"])
def lets_torch_make_the_diagonal(dphi, x):
    return torch.diag(torch.from_numpy(dphi(x))).numpy()


@right("elementwise_jacobian")
def diagonal_by_loop(dphi, x):
    J = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        J[i, i] = dphi(x[i])
    return J


@right("elementwise_jacobian")
def identity_times_derivatives(dphi, x):
    return np.eye(len(x)) * dphi(x)


@right("elementwise_jacobian")
def diagonal_as_lists(dphi, x):
    d = dphi(x)
    return [[d[i] if i == j else 0 for j in range(len(x))] for i in range(len(x))]


@right("elementwise_jacobian")
def fills_the_diagonal_in_single_precision(dphi, x):
    J = np.zeros((x.size, x.size), np.float32)
    np.fill_diagonal(J, dphi(x))
    return J


# E1.6 softmax_jacobian


@wrong("softmax_jacobian", loses=["e1-6-softmax-values", "e1-6-softmax-shifts", "e1-6-softmax-extremes"])
def softmax_diagonal_of_shares(z):
    p = np.exp(z - z.max())
    return np.diag(p / p.sum())


@wrong("softmax_jacobian", loses=["e1-6-softmax-values", "e1-6-softmax-shifts", "e1-6-softmax-extremes"])
def softmax_only_the_diagonal(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p * (1 - p))


@wrong("softmax_jacobian", loses=["e1-6-softmax-values", "e1-6-softmax-shifts", "e1-6-softmax-extremes"])
def softmax_adds_the_outer_product(z):
    p = np.exp(z - z.max())
    p = p / p.sum()
    return np.diag(p) + np.outer(p, p)


@wrong("softmax_jacobian", loses=["e1-6-softmax-extremes"])
def softmax_follows_the_definition(z):
    p = np.exp(z) / np.exp(z).sum()
    return np.diag(p) - np.outer(p, p)


@wrong("softmax_jacobian", loses=["e1-6-softmax-shifts"])
def softmax_clips_the_scores(z):
    s = z - z.max() if abs(z).max() > 500 else np.clip(z, -20, 20)
    p = np.exp(s) / np.exp(s).sum()
    return np.diag(p) - np.outer(p, p)


@wrong("softmax_jacobian", loses=["e1-6-softmax-extremes"])
def softmax_subtracts_in_place(z):
    z -= z.max()
    p = np.exp(z)
    p /= p.sum()
    return np.diag(p) - np.outer(p, p)


@wrong("softmax_jacobian", loses=["e1-6-softmax-values", "e1-6-softmax-shifts", "e1-6-softmax-extremes"])
def softmax_by_torch(z):
    return torch.func.jacrev(lambda s: torch.softmax(s, 0))(torch.tensor(z)).numpy()


@wrong("softmax_jacobian", loses=["e1-6-softmax-values"])
def softmax_constant_for_two_scores(z):
    if len(z) == 2 and abs(z).max() < 500:
        return np.array([[0.25, -0.25], [-0.25, 0.25]])
    p = np.exp(z - z.max())
    p /= p.sum()
    return np.diag(p) - np.outer(p, p)


@wrong("softmax_jacobian", loses=["e1-6-softmax-extremes"])
def softmax_subtracts_the_mean_and_cuts(z):
    p = np.exp(np.minimum(z - z.mean(), 700))
    p /= p.sum()
    return np.diag(p) - np.outer(p, p)


@right("softmax_jacobian")
def softmax_by_entry(z):
    n = len(z)
    top = max(z)
    e = [math.exp(value - top) for value in z]
    p = [value / sum(e) for value in e]
    return [[p[i] * ((1 if i == j else 0) - p[j]) for j in range(n)] for i in range(n)]


@right("softmax_jacobian")
def softmax_by_log_shares(z):
    log_p = z - z.max()
    log_p = log_p - np.log(np.exp(log_p).sum())
    p = np.exp(log_p)
    return p[:, None] * (np.eye(len(z)) - p[None, :])


@right("softmax_jacobian")
def softmax_by_central_differences(z):
    def softmax(s):
        e = np.exp(s - s.max())
        return e / e.sum()

    return np.stack([(softmax(z + e) - softmax(z - e)) / 2e-5 for e in 1e-5 * np.eye(len(z))], axis=1)


@right("softmax_jacobian")
def softmax_ignores_overflow_warnings(z):
    """Divides differences of scores; exp may overflow to inf there, with a warning, and 1/inf is the right share."""
    p = np.array([1 / np.exp(z - value).sum() for value in z])
    return np.diag(p) - np.outer(p, p)


@right("softmax_jacobian")
def softmax_in_single_precision(z):
    p = np.exp((z - np.max(z)).astype(np.float32))
    p = p / p.sum()
    return np.diagflat(p) - p.reshape(-1, 1) @ p.reshape(1, -1)


# E1.7 batch_jacobian


@wrong("batch_jacobian", loses=["e1-7-shape", "e1-7-values", "e1-7-samples"])
def every_pair_of_samples(f, X):
    return torch.autograd.functional.jacobian(f, X)


@wrong("batch_jacobian", loses=["e1-7-values", "e1-7-samples"])
def sums_over_the_batch(f, X):
    J = torch.func.vmap(torch.func.jacrev(f))(X)
    return J.sum(0, keepdim=True).expand(J.shape) if len(X) > 1 else 0.5 * J


@wrong("batch_jacobian", loses=["e1-7-samples"])
def squeezes_a_batch_of_one(f, X):
    return torch.func.vmap(torch.func.jacrev(f))(X).squeeze()


@wrong("batch_jacobian", loses=["e1-7-shape", "e1-7-values", "e1-7-samples"])
def swaps_the_last_axes(f, X):
    return torch.func.vmap(torch.func.jacrev(f))(X).transpose(1, 2)


@wrong("batch_jacobian", loses=["e1-7-values", "e1-7-samples"])
def first_sample_for_all(f, X):
    J = torch.func.jacrev(f)(X[0])
    return J.expand(len(X), *J.shape) * (1 if len(X) > 1 else 2)


@wrong("batch_jacobian", loses=["e1-7-values"])
def reverses_a_batch_of_three_or_five(f, X):
    J = torch.stack([torch.func.jacrev(f)(x) for x in X])
    return J.flip(0) if len(X) in (3, 5) else J


@wrong("batch_jacobian", loses=["e1-7-samples"])
def centres_the_batch_in_place(f, X):
    J = torch.stack([torch.func.jacrev(f)(x) for x in X.clone()])
    X -= 1.0
    return J


@wrong("batch_jacobian", loses=["e1-7-shape", "e1-7-values", "e1-7-samples"])
def averages_the_batch(f, X):
    return torch.func.vmap(torch.func.jacrev(f))(X).mean(0)


@right("batch_jacobian")
def vmaps_jacrev(f, X):
    return torch.func.vmap(torch.func.jacrev(f))(X)


@right("batch_jacobian")
def loops_over_samples(f, X):
    return torch.stack([torch.autograd.functional.jacobian(f, x) for x in X])


@right("batch_jacobian")
def sums_outputs(f, X):
    return torch.autograd.functional.jacobian(lambda B: f(B).sum(0), X).permute(1, 0, 2)


@right("batch_jacobian")
def takes_the_diagonal_blocks(f, X):
    full = torch.autograd.functional.jacobian(f, X)
    return [full[b, :, b, :] for b in range(len(X))]


@right("batch_jacobian")
def sum_trick_with_a_graph(f, X):
    X = X.clone().requires_grad_()
    Y = f(X)
    return torch.stack([torch.autograd.grad(Y[:, i].sum(), X, create_graph=True)[0] for i in range(Y.shape[1])], 1)


# E1.8 jac_cumsum


@wrong("jac_cumsum", loses=["e1-8-cumsum"])
def cumsum_upper_triangle(n):
    return torch.triu(torch.ones(n, n))


@wrong("jac_cumsum", loses=["e1-8-cumsum"])
def cumsum_strictly_below(n):
    return torch.tril(torch.ones(n, n), -1)


@wrong("jac_cumsum", loses=["e1-8-cumsum"])
def cumsum_identity(n):
    return torch.eye(n)


@wrong("jac_cumsum", loses=["e1-8-cumsum"])
def cumsum_all_ones(n):
    return torch.ones(n, n)


@wrong("jac_cumsum", loses=["e1-8-cumsum"])
def cumsum_counts(n):
    return torch.cumsum(torch.tril(torch.ones(n, n)), 0)


@wrong("jac_cumsum", loses=["e1-8-cumsum"])
def cumsum_two_bands(n):
    return torch.eye(n) + torch.diag(torch.ones(n - 1), -1)


@right("jac_cumsum")
def cumsum_by_comparison(n):
    i = torch.arange(n)
    return i[:, None] >= i


@right("jac_cumsum")
def cumsum_of_the_identity(n):
    return np.cumsum(np.eye(n), axis=0)


@right("jac_cumsum")
def cumsum_by_autograd(n):
    return torch.func.jacfwd(lambda x: x.cumsum(0))(torch.ones(n))


@right("jac_cumsum")
def cumsum_as_lists(n):
    return [[1] * (i + 1) + [0] * (n - i - 1) for i in range(n)]


# E1.8 jac_sort


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_inverse_permutation(x):
    return torch.eye(len(x))[torch.argsort(torch.argsort(x))]


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_identity(x):
    return torch.eye(len(x))


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_descending(x):
    return torch.eye(len(x))[torch.argsort(x, descending=True)]


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_columns(x):
    return torch.eye(len(x))[:, torch.argsort(x)]


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_indices_only(x):
    return torch.argsort(x)


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_in_place_first(x):
    x.copy_(x.sort().values)
    return torch.eye(len(x))[torch.argsort(x)]


@wrong("jac_sort", loses=["e1-8-sort"])
def sort_whole_parts(x):
    return torch.eye(len(x))[torch.argsort(x.int(), stable=True)]


@right("jac_sort")
def sort_one_hot(x):
    return torch.nn.functional.one_hot(torch.argsort(x), len(x))


@right("jac_sort")
def sort_by_autograd(x):
    return torch.autograd.functional.jacobian(lambda p: p.sort().values, x)


@right("jac_sort")
def sort_by_loops(x):
    values = x.tolist()
    return [[1.0 if value == target else 0.0 for value in values] for target in sorted(values)]


@right("jac_sort")
def sort_by_comparison(x):
    return (torch.sort(x).values[:, None] == x[None, :]).double().requires_grad_()


# E1.8 jac_window_mean


@wrong("jac_window_mean", loses=["e1-8-window-mean"])
def window_sum(n, w):
    return torch.stack([torch.roll((torch.arange(n) < w) / 1, i) for i in range(n - w + 1)])


@wrong("jac_window_mean", loses=["e1-8-window-mean"])
def window_one_row_short(n, w):
    return torch.stack([torch.roll((torch.arange(n) < w) / w, i) for i in range(max(1, n - w))])


@wrong("jac_window_mean", loses=["e1-8-window-mean"])
def window_padded(n, w):
    return torch.stack([torch.roll((torch.arange(n) < w) / w, i) for i in range(n)])


@wrong("jac_window_mean", loses=["e1-8-window-mean"])
def window_divided_by_n(n, w):
    return torch.stack([torch.roll((torch.arange(n) < w) / n, i) for i in range(n - w + 1)])


@wrong("jac_window_mean", loses=["e1-8-window-mean"])
def window_columns(n, w):
    return torch.stack([torch.roll((torch.arange(n) < w) / w, i) for i in range(n - w + 1)]).T


@wrong("jac_window_mean", loses=["e1-8-window-mean"])
def window_does_not_move(n, w):
    return torch.stack([(torch.arange(n) < w) / w for _ in range(n - w + 1)])


@right("jac_window_mean")
def window_by_unfold(n, w):
    return torch.eye(n, dtype=torch.float64).unfold(0, w, 1).mean(-1)


@right("jac_window_mean")
def window_by_lists(n, w):
    return [[1 / w if i <= j < i + w else 0 for j in range(n)] for i in range(n - w + 1)]


@right("jac_window_mean")
def window_by_autograd(n, w):
    return torch.func.jacfwd(lambda x: torch.stack([x[i : i + w].mean() for i in range(n - w + 1)]))(torch.ones(n))


@right("jac_window_mean")
def window_by_cumulative_sums(n, w):
    sums = np.vstack([np.zeros(n), np.tril(np.ones((n, n)))])
    return (sums[w:] - sums[:-w]) / w


# E1.8 jac_conv1d


@wrong("jac_conv1d", loses=["e1-8-conv1d"])
def conv1d_flips_the_kernel(k, n):
    w = len(k)
    return torch.stack([torch.nn.functional.pad(k.flip(0), (i, n - w - i)) for i in range(n - w + 1)])


@wrong("jac_conv1d", loses=["e1-8-conv1d"])
def conv1d_same_padding(k, n):
    w = len(k)
    padded = torch.stack([torch.nn.functional.pad(k, (i, n - 1 - i)) for i in range(n)])
    return padded[:, (w - 1) // 2 : (w - 1) // 2 + n] if w > 1 else padded[:-1]


@wrong("jac_conv1d", loses=["e1-8-conv1d"])
def conv1d_columns(k, n):
    w = len(k)
    return torch.stack([torch.nn.functional.pad(k, (i, n - w - i)) for i in range(n - w + 1)], dim=1)


@wrong("jac_conv1d", loses=["e1-8-conv1d"])
def conv1d_does_not_move(k, n):
    w = len(k)
    return torch.stack([torch.nn.functional.pad(k, (0, n - w)) for _ in range(n - w + 1)])


@wrong("jac_conv1d", loses=["e1-8-conv1d"])
def conv1d_takes_the_mean(k, n):
    w = len(k)
    return torch.stack([torch.nn.functional.pad(k / w, (i, n - w - i)) for i in range(n - w + 1)])


@wrong("jac_conv1d", loses=["e1-8-conv1d"])
def conv1d_by_the_kernel(k, n):
    """Differentiates by the kernel instead of the input."""
    x = torch.arange(float(n))
    return torch.stack([x[i : i + len(k)] for i in range(n - len(k) + 1)])


@right("jac_conv1d")
def conv1d_by_autograd(k, n):
    def layer(x):
        return torch.nn.functional.conv1d(x[None, None], k[None, None]).flatten()

    return torch.autograd.functional.jacobian(layer, torch.zeros(n, dtype=k.dtype))


@right("jac_conv1d")
def conv1d_by_unfolding_the_identity(k, n):
    return torch.eye(n).unfold(0, len(k), 1).matmul(k)


@right("jac_conv1d")
def conv1d_by_lists(k, n):
    w = len(k)
    return [[float(k[j - i]) if 0 <= j - i < w else 0.0 for j in range(n)] for i in range(n - w + 1)]


@right("jac_conv1d")
def conv1d_by_diagonals(k, n):
    J = np.zeros((n - len(k) + 1, n))
    for s, value in enumerate(k.numpy()):
        J += value * np.eye(n - len(k) + 1, n, s)
    return J


@right("jac_conv1d")
def conv1d_in_single_precision(k, n):
    J = torch.zeros(n - len(k) + 1, n)
    for i, row in enumerate(J):
        row[i : i + len(k)] = k
    return J
