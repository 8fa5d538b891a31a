"""Attempts at ps3-hessian, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

STILL_RIGHT = {"goe": {"ten times", "negated"}, "e3-8-goe-variance": {"first"}}
STILL_RIGHT |= {"e3-10-never": {"ones", "ten times", "negated"}}
"""Universal wrong answers that are right here: the matrices have any scale, and their law is symmetric."""


# E3.1 numerical_hessian


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def differences_on_the_diagonal_only(f, x, h=1e-4):
    n = len(x)
    H = np.zeros((n, n))
    for i in range(n):
        e = np.zeros(n)
        e[i] = h
        H[i, i] = (f(x + e) - 2 * f(x) + f(x - e)) / h**2
    return H


@wrong("numerical_hessian", loses=["e3-1-values"])
def step_too_small_for_second_differences(f, x, h=1e-8):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def divides_by_h_squared(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / h**2 for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def divides_by_two_h_squared(f, x, h=1e-4):
    n = len(x)
    H = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            a, b = h * np.eye(n)[i], h * np.eye(n)[j]
            H[i][j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (2 * h**2)
    return H


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def leaves_the_lower_triangle_empty(f, x, h=1e-4):
    n = len(x)
    H = np.zeros((n, n))
    E = h * np.eye(n)
    for i in range(n):
        for j in range(i, n):
            pp, pm = f(x + E[i] + E[j]), f(x + E[i] - E[j])
            mp, mm = f(x - E[i] + E[j]), f(x - E[i] - E[j])
            H[i, j] = (pp - pm - mp + mm) / (4 * h**2)
    return H


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order"])
def one_sided_differences_twice(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a) - f(x + b) + f(x)) / h**2 for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def second_difference_along_the_sum_of_axes(f, x, h=1e-4):
    n = len(x)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            e = np.zeros(n)
            e[i] = h
            e[j] = h
            H[i, j] = (f(x + e) - 2 * f(x) + f(x - e)) / h**2
    return H


@wrong("numerical_hessian", loses=["e3-1-order"])
def step_of_its_own(f, x, h=1e-4):
    s = 1e-4
    E = s * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * s * s) for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-inputs"])
def leaves_the_point_moved(f, x, h=1e-4):
    n = len(x)
    E = h * np.eye(n)
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            H[i, j] = (f(x + E[i] + E[j]) - f(x + E[i] - E[j]) - f(x - E[i] + E[j]) + f(x - E[i] - E[j])) / (4 * h * h)
    x[0] += h
    return H


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def mixes_up_a_sign_of_the_four_points(f, x, h=1e-4):
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) + f(x + a - b) - f(x - a + b) - f(x - a - b)) / (4 * h * h) for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-shape", "e3-1-values", "e3-1-order", "e3-1-inputs"])
def lets_torch_do_the_differences(f, x, h=1e-4):
    E = h * torch.eye(len(x), dtype=torch.float64).numpy()
    return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-shape", "e3-1-values", "e3-1-order", "e3-1-inputs"])
def vector_of_second_derivatives(f, x, h=1e-4):
    return np.array([(f(x + e) - 2 * f(x) + f(x - e)) / h**2 for e in h * np.eye(len(x))])


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order"])
def central_in_one_variable_only(f, x, h=1e-4):
    def gradient(p):
        return np.array([(f(p + e) - f(p - e)) / (2 * h) for e in h * np.eye(len(p))])

    g = gradient(x)
    H = np.array([(gradient(x + e) - g) / h for e in h * np.eye(len(x))])
    return (H + H.T) / 2


@wrong("numerical_hessian", loses=["e3-1-values", "e3-1-order", "e3-1-inputs"])
def divides_the_diagonal_by_four(f, x, h=1e-4):
    E = h * np.eye(len(x))
    H = np.array([[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for b in E] for a in E]) / (4 * h * h)
    for i, e in enumerate(E):
        H[i, i] = (f(x + e) - 2 * f(x) + f(x - e)) / (4 * h * h)
    return H


@wrong("numerical_hessian", loses=["e3-1-order"])
def relative_steps(f, x, h=1e-4):
    s = h * np.maximum(1, np.abs(x))
    E = np.diag(s)
    H = np.array([[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for b in E] for a in E])
    return H / (4 * np.outer(s, s))


@wrong("numerical_hessian", loses=["e3-1-order"])
def caps_the_step(f, x, h=1e-4):
    h = min(h, 0.1)
    E = h * np.eye(len(x))
    return np.array([[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in E] for a in E])


@wrong("numerical_hessian", loses=["e3-1-order"])
def mixed_entries_with_a_step_of_their_own(f, x, h=1e-4):
    H = np.empty((len(x), len(x)))
    for i in range(len(x)):
        for j in range(len(x)):
            s = h if i == j else 1e-4
            a, b = s * np.eye(len(x))[i], s * np.eye(len(x))[j]
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * s * s)
    return H


@wrong("numerical_hessian", loses=["e3-1-values"])
def rounds_to_six_places(f, x, h=1e-4):
    E = h * np.eye(len(x))
    H = [[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in E] for a in E]
    return np.round(H, 6)


@wrong("numerical_hessian", loses=["e3-1-values"])
def clips_large_entries(f, x, h=1e-4):
    E = h * np.eye(len(x))
    H = [[(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in E] for a in E]
    return np.clip(H, -1e6, 1e6)


@wrong("numerical_hessian", loses=["e3-1-values"])
def keeps_values_by_point(f, x, h=1e-4, values={}):
    def at(p):
        return values.setdefault(tuple(map(float, p)), float(f(p)))

    E = h * np.eye(len(x))
    rows = [[at(x + a + b) - at(x + a - b) - at(x - a + b) + at(x - a - b) for b in E] for a in E]
    return np.array(rows) / (4 * h * h)


@right("numerical_hessian")
def three_points_on_the_diagonal(f, x, h=1e-4):
    n = len(x)
    E = h * np.eye(n)
    f0 = f(x)
    H = np.empty((n, n))
    for i in range(n):
        H[i, i] = (f(x + E[i]) - 2 * f0 + f(x - E[i])) / h**2
        for j in range(i):
            value = f(x + E[i] + E[j]) - f(x + E[i] - E[j]) - f(x - E[i] + E[j]) + f(x - E[i] - E[j])
            H[i, j] = H[j, i] = value / (4 * h**2)
    return H


@right("numerical_hessian")
def gradient_of_the_gradient_by_differences(f, x, h=1e-4):
    def gradient(p):
        return np.array([(f(p + e) - f(p - e)) / (2 * h) for e in h * np.eye(len(p))])

    return np.stack([(gradient(x + e) - gradient(x - e)) / (2 * h) for e in h * np.eye(len(x))], axis=1)


@right("numerical_hessian")
def complex_step_inside_a_difference(f, x, h=1e-4):
    tiny = 1e-30

    def gradient(p):
        return np.array([np.imag(f(p + 1j * tiny * e)) / tiny for e in np.eye(len(p))])

    rows = [(gradient(x + e) - gradient(x - e)) / (2 * h) for e in h * np.eye(len(x))]
    return (np.array(rows) + np.array(rows).T) / 2


@right("numerical_hessian")
def polarisation_of_second_differences(f, x, h=1e-4):
    def second(u):
        return (f(x + h * u) - 2 * f(x) + f(x - h * u)) / h**2

    axes = np.eye(len(x))
    return [[(second(a + b) - second(a - b)) / 4 for b in axes] for a in axes]


@right("numerical_hessian")
def moves_single_coordinates_of_lists(f, x, h=1e-4):
    n = len(x)

    def moved(i, s, j, t):
        p = list(map(float, x))
        p[i] += s * h
        p[j] += t * h
        return f(p)

    H = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            total = sum(s * t * moved(i, s, j, t) for s in (1, -1) for t in (1, -1))
            H[i][j] = total / (4 * h * h)
    return H


@right("numerical_hessian")
def extrapolates_to_a_higher_order(f, x, h=1e-4):
    def central(h):
        E = h * np.eye(len(x))
        rows = [[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for b in E] for a in E]
        return np.array(rows) / (4 * h**2)

    return (4 * central(h) - central(2 * h)) / 3


# E3.2 hessian


@wrong("hessian", loses=["e3-2-values", "e3-2-zeros", "e3-2-inputs"])
def outer_product_of_the_gradient(f, x):
    g = torch.func.grad(f)(x.detach())
    return torch.outer(g, g)


@wrong("hessian", loses=["e3-2-values", "e3-2-inputs"])
def diagonal_of_second_derivatives(f, x):
    return torch.diag(torch.diag(torch.func.hessian(f)(x.detach())))


@wrong("hessian", loses=["e3-2-shape", "e3-2-values", "e3-2-zeros", "e3-2-inputs"])
def gradient_of_the_summed_gradient(f, x):
    return torch.func.grad(lambda p: torch.func.grad(f)(p).sum())(x.detach())


@wrong("hessian", loses=["e3-2-values", "e3-2-zeros", "e3-2-inputs"])
def row_sums_in_every_row(f, x):
    g = torch.func.grad(lambda p: torch.func.grad(f)(p).sum())(x.detach())
    return g.repeat(len(x), 1) / len(x)


@wrong("hessian", loses=["e3-2-values", "e3-2-zeros", "e3-2-inputs"])
def product_of_the_jacobian_with_itself(f, x):
    J = torch.func.jacrev(torch.func.grad(f))(x.detach())
    return J.T @ J


@wrong("hessian", loses=["e3-2-zeros"])
def expects_a_graph_for_every_entry(f, x):
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.stack([torch.autograd.grad(gi, x, retain_graph=True)[0] for gi in g])


@wrong("hessian", loses=["e3-2-shape", "e3-2-values", "e3-2-zeros", "e3-2-inputs"])
def forgets_to_create_the_graph(f, x):
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x)
    return torch.stack([torch.autograd.grad(gi, x, retain_graph=True)[0] for gi in g])


@wrong("hessian", loses=["e3-2-values", "e3-2-inputs"])
def coarse_differences_of_the_gradient(f, x):
    g = torch.func.grad(f)
    x = x.detach()
    h = 0.1
    return torch.stack([(g(x + e) - g(x - e)) / (2 * h) for e in h * torch.eye(len(x), dtype=x.dtype)])


@wrong("hessian", loses=["e3-2-inputs"])
def leaves_a_gradient_behind(f, x):
    x.requires_grad_()
    y = f(x)
    if y.requires_grad:
        y.backward(retain_graph=True)
    return torch.autograd.functional.hessian(f, x)


@wrong("hessian", loses=["e3-2-values", "e3-2-inputs"])
def upper_triangle_only(f, x):
    return torch.triu(torch.func.hessian(f)(x.detach()))


@wrong("hessian", loses=["e3-2-shape", "e3-2-zeros"])
def squeezes_a_single_entry(f, x):
    return torch.func.hessian(f)(x.detach()).squeeze()


@wrong("hessian", loses=["e3-2-inputs"])
def centres_the_point_in_place(f, x):
    H = torch.func.hessian(f)(x.detach().clone())
    x.data -= x.data.mean()
    return H


@wrong("hessian", loses=["e3-2-values", "e3-2-zeros", "e3-2-inputs"])
def half_of_the_hessian(f, x):
    return torch.func.hessian(f)(x.detach()) / 2


@wrong("hessian", loses=["e3-2-inputs"])
def clears_the_gradient_of_the_point(f, x):
    H = torch.func.hessian(f)(x.detach())
    x.grad = None
    return H


@wrong("hessian", loses=["e3-2-values"])
def small_entries_become_zero(f, x):
    H = torch.func.hessian(f)(x.detach())
    return torch.where(H.abs() < 1e-8, 0.0, H)


@wrong("hessian", loses=["e3-2-values"])
def keeps_results_by_name_and_point(f, x, results={}):
    key = f.__name__, tuple(x.tolist())
    if key not in results:
        results[key] = torch.func.hessian(f)(x.detach())
    return results[key]


@right("hessian")
def uses_torch_func_hessian(f, x):
    return torch.func.hessian(f)(x)


@right("hessian")
def forward_over_reverse(f, x):
    return torch.func.jacfwd(torch.func.grad(f))(x.detach()).numpy()


@right("hessian")
def functional_hessian_by_forward_mode(f, x):
    return torch.autograd.functional.hessian(f, x.detach(), create_graph=True)


@right("hessian")
def fine_differences_of_the_gradient(f, x):
    gradient = torch.func.grad(f)
    x, h = x.detach(), 1e-5
    columns = []
    for i in range(len(x)):
        e = torch.zeros_like(x)
        e[i] = h
        columns.append((gradient(x + e) - gradient(x - e)) / (2 * h))
    return torch.stack(columns, dim=1)


@right("hessian")
def second_differences_of_the_values(f, x):
    x, h = x.detach(), 1e-4
    E = h * torch.eye(len(x), dtype=x.dtype)
    with torch.no_grad():
        rows = [[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for b in E] for a in E]
    return [[float(entry) / (4 * h * h) for entry in row] for row in rows]


@right("hessian")
def rows_with_unused_inputs_allowed(f, x):
    x = x.detach().clone().requires_grad_(True)
    y = f(x)
    H = torch.zeros(len(x), len(x), dtype=x.dtype)
    if not y.requires_grad:
        return H
    g = torch.autograd.grad(y, x, create_graph=True)[0]
    for i in range(len(x)):
        if g[i].requires_grad:
            row = torch.autograd.grad(g[i], x, retain_graph=True, allow_unused=True)[0]
            H[i] = row if row is not None else 0.0
    return H


@right("hessian")
def products_with_the_identity(f, x):
    gradient = torch.func.grad(f)
    product = lambda e: torch.func.jvp(gradient, (x,), (e,))[1]
    return torch.func.vmap(product)(torch.eye(len(x), dtype=x.dtype)).T


@right("hessian")
def reverse_over_reverse(f, x):
    return torch.func.jacrev(torch.func.jacrev(f))(x.detach())


@right("hessian")
def forward_over_forward(f, x):
    return torch.func.jacfwd(torch.func.jacfwd(f))(x.detach())


@right("hessian")
def functional_vectorised(f, x):
    return torch.autograd.functional.hessian(f, x, vectorize=True)


# E3.3 hvp


@wrong("hvp", loses=["e3-3-large"])
def forms_the_hessian_first(f, x, v):
    return torch.func.hessian(f)(x.detach()) @ v


@wrong("hvp", loses=["e3-3-large"])
def fills_the_hessian_by_rows(f, x, v):
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    H = torch.zeros(len(x), len(x), dtype=x.dtype)
    for i in range(len(x)):
        H[i] = torch.autograd.grad(g[i], x, retain_graph=True)[0]
    return H @ v


@wrong("hvp", loses=["e3-3-large"])
def contracts_a_vectorised_jacobian(f, x, v):
    J = torch.func.jacrev(torch.func.grad(f))(x.detach())
    return torch.einsum("ij,j->i", J, v)


@wrong("hvp", loses=["e3-3-shape", "e3-3-values", "e3-3-large", "e3-3-inputs"])
def curvature_along_v(f, x, v):
    return v @ torch.func.jvp(torch.func.grad(f), (x.detach(),), (v,))[1]


@wrong("hvp", loses=["e3-3-values", "e3-3-large", "e3-3-inputs"])
def gradient_times_its_product_with_v(f, x, v):
    g = torch.func.grad(f)(x.detach())
    return g * (g @ v)


@wrong("hvp", loses=["e3-3-shape", "e3-3-values", "e3-3-large", "e3-3-inputs"])
def detaches_between_the_passes(f, x, v):
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x)
    (Hv,) = torch.autograd.grad((g * v).sum(), x)
    return Hv


@wrong("hvp", loses=["e3-3-values", "e3-3-large", "e3-3-inputs"])
def differentiates_the_sum_of_the_gradient(f, x, v):
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(g.sum(), x)[0]


@wrong("hvp", loses=["e3-3-values", "e3-3-large", "e3-3-inputs"])
def multiplies_row_sums_by_v(f, x, v):
    x = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return torch.autograd.grad(g.sum(), x)[0] * v


@wrong("hvp", loses=["e3-3-inputs"])
def backward_twice_on_the_argument(f, x, v):
    x.requires_grad_()
    x.grad = None
    f(x).backward(create_graph=True)
    g = x.grad.clone()
    x.grad = None
    (g @ v).backward()
    return x.grad.detach().clone()


@wrong("hvp", loses=["e3-3-values"])
def gradient_differences_with_a_coarse_step(f, x, v):
    g = torch.func.grad(f)
    x = x.detach()
    return (g(x + 0.1 * v) - g(x - 0.1 * v)) / 0.2


@wrong("hvp", loses=["e3-3-values", "e3-3-large"])
def gradient_difference_over_all_of_v(f, x, v):
    g = torch.func.grad(f)
    return g(x.detach() + v) - g(x.detach())


@wrong("hvp", loses=["e3-3-inputs"])
def normalises_the_direction_in_place(f, x, v):
    size = v.norm().clamp(min=1e-30)
    v /= size
    return size * torch.func.jvp(torch.func.grad(f), (x.detach(),), (v,))[1]


@wrong("hvp", loses=["e3-3-values", "e3-3-large", "e3-3-inputs"])
def product_along_the_unit_vector(f, x, v):
    return torch.func.jvp(torch.func.grad(f), (x.detach(),), (v / v.norm(),))[1] * 2


@wrong("hvp", loses=["e3-3-large"])
def asks_the_functional_hessian(f, x, v):
    return torch.autograd.functional.hessian(f, x.detach(), vectorize=True).mv(v)


@wrong("hvp", loses=["e3-3-values"])
def scales_a_unit_vector_back(f, x, v):
    length = v.norm()
    return length * torch.func.jvp(torch.func.grad(f), (x.detach(),), (v / length,))[1]


@wrong("hvp", loses=["e3-3-values"])
def gradient_differences_with_a_fraction_of_v(f, x, v):
    g = torch.func.grad(f)
    x = x.detach()
    return (g(x + 1e-4 * v) - g(x - 1e-4 * v)) / 2e-4


@wrong("hvp", loses=["e3-3-values"])
def rounds_the_product(f, x, v):
    return torch.round(torch.func.jvp(torch.func.grad(f), (x.detach(),), (v,))[1], decimals=8)


@wrong("hvp", loses=["e3-3-inputs"])
def product_clears_the_gradient_of_the_point(f, x, v):
    product = torch.func.jvp(torch.func.grad(f), (x.detach(),), (v,))[1]
    x.grad = None
    return product


@right("hvp")
def double_backward(f, x, v):
    x = x.detach().requires_grad_()
    g = torch.autograd.grad(f(x), x, create_graph=True)[0]
    return torch.autograd.grad(g, x, grad_outputs=v)[0]


@right("hvp")
def backward_of_the_directional_derivative(f, x, v):
    return torch.func.grad(lambda p: torch.func.grad(f)(p) @ v)(x)


@right("hvp")
def forward_over_reverse_in_one_direction(f, x, v):
    return torch.func.jvp(torch.func.grad(f), (x.detach(),), (v,))[1].numpy()


@right("hvp")
def reverse_over_forward(f, x, v):
    directional = lambda p: torch.func.jvp(f, (p,), (v,))[1]
    return torch.func.grad(directional)(x.detach())


@right("hvp")
def functional_vhp(f, x, v):
    return torch.autograd.functional.vhp(f, x.detach().clone(), v)[1]


@right("hvp")
def gradient_differences_with_a_fine_step(f, x, v):
    g = torch.func.grad(f)
    x, h = x.detach(), 1e-5 / (float(v.abs().max()) or 1.0)
    return (g(x + h * v) - g(x - h * v)) / (2 * h)


@right("hvp")
def derivative_along_a_line(f, x, v):
    gradient = torch.func.grad(f)
    t = torch.zeros((), dtype=x.dtype)
    return torch.func.jacfwd(lambda t: gradient(x + t * v))(t).tolist()


@right("hvp")
def functional_hvp(f, x, v):
    value, product = torch.autograd.functional.hvp(f, x.detach(), v)
    return product


# E3.4 classify_matrix


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def always_indefinite(H, rtol=1e-8):
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def takes_turns_by_sign(H, rtol=1e-8, turns=[]):
    turns.append(H)
    if len(turns) in (1, 3, 5, 7, 11, 13):
        return "positive_definite"
    return "negative_definite"


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def sign_of_the_trace_is_definite(H, rtol=1e-8):
    trace = np.trace(H)
    return "positive_definite" if trace > 0 else "negative_definite" if trace < 0 else "zero"


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def sign_of_the_trace_is_semidefinite(H, rtol=1e-8):
    trace = np.trace(H)
    return "positive_semidefinite" if trace > 0 else "negative_semidefinite" if trace < 0 else "zero"


@wrong("classify_matrix", loses=["e3-4-scales", "e3-4-inputs"])
def absolute_tolerance(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError("not symmetric")
    lam = np.linalg.eigvalsh(H)
    lam[np.abs(lam) <= rtol] = 0
    if (lam == 0).all():
        return "zero"
    if (lam >= 0).all():
        return "positive_definite" if (lam > 0).all() else "positive_semidefinite"
    if (lam <= 0).all():
        return "negative_definite" if (lam < 0).all() else "negative_semidefinite"
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def compares_with_exact_zero(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError
    lam = np.linalg.eigvalsh(H)
    if (lam > 0).all():
        return "positive_definite"
    if (lam < 0).all():
        return "negative_definite"
    if not lam.any():
        return "zero"
    if (lam >= 0).all():
        return "positive_semidefinite"
    return "negative_semidefinite" if (lam <= 0).all() else "indefinite"


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales"])
def sign_of_the_determinant(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError
    if not H.any():
        return "zero"
    det = np.linalg.det(H)
    if abs(det) <= rtol * np.abs(H).max():
        return "positive_semidefinite"
    return "positive_definite" if det > 0 else "indefinite"


@wrong("classify_matrix", loses=["e3-4-indefinite"])
def first_entry_and_determinant(H, rtol=1e-8):
    H = np.asarray(H)
    n, s = len(H), np.abs(H).max()
    if np.abs(H - H.T).max() > rtol * s:
        raise ValueError("H is not symmetric")
    if s == 0:
        return "zero"
    lam = np.linalg.eigvalsh(H / s)
    lam[np.abs(lam) <= rtol * np.abs(lam).max()] = 0
    if lam.all():
        if H[0, 0] > 0 and np.linalg.det(H / s) > 0:
            return "positive_definite"
        if H[0, 0] < 0 and (-1) ** n * np.linalg.det(H / s) > 0:
            return "negative_definite"
        return "indefinite"
    if lam.min() < 0 < lam.max():
        return "indefinite"
    return "positive_semidefinite" if lam.max() > 0 else "negative_semidefinite"


@wrong("classify_matrix", loses=["e3-4-indefinite", "e3-4-semidefinite"])
def leading_minors(H, rtol=1e-8):
    s = np.abs(H).max()
    if np.abs(H - H.T).max() > rtol * s:
        raise ValueError
    if s == 0:
        return "zero"
    minors = np.array([np.linalg.det(H[:k, :k] / s) for k in range(1, len(H) + 1)])
    minors[np.abs(minors) <= rtol] = 0
    signs = (-1.0) ** np.arange(1, len(H) + 1)
    if (minors > 0).all():
        return "positive_definite"
    if (signs * minors > 0).all():
        return "negative_definite"
    if (minors >= 0).all():
        return "positive_semidefinite"
    if (signs * minors >= 0).all():
        return "negative_semidefinite"
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def signs_of_the_diagonal(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError
    d = np.diag(H)
    small = np.abs(d) <= rtol * np.abs(H).max()
    if not H.any():
        return "zero"
    if (d[~small] > 0).all():
        return "positive_semidefinite" if small.any() else "positive_definite"
    if (d[~small] < 0).all():
        return "negative_semidefinite" if small.any() else "negative_definite"
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-scales", "e3-4-inputs"])
def believes_every_matrix_is_symmetric(H, rtol=1e-8):
    lam = np.linalg.eigvalsh(H)
    t = rtol * np.abs(lam).max()
    up, down = (lam > t).sum(), (lam < -t).sum()
    if up and down:
        return "indefinite"
    if not up and not down:
        return "zero"
    kind = "definite" if up + down == len(lam) else "semidefinite"
    return ("positive_" if up else "negative_") + kind


@wrong("classify_matrix", loses=["e3-4-scales", "e3-4-inputs"])
def waits_for_complex_eigenvalues(H, rtol=1e-8):
    lam, _ = np.linalg.eig(H)
    if np.abs(lam.imag).max() > rtol * np.abs(lam).max():
        raise ValueError("not symmetric")
    lam = lam.real
    lam = np.where(np.abs(lam) <= rtol * np.abs(lam).max(), 0, lam)
    if not lam.any():
        return "zero"
    if lam.min() < 0 < lam.max():
        return "indefinite"
    name = "positive" if lam.max() > 0 else "negative"
    return name + ("_definite" if lam.all() else "_semidefinite")


@wrong("classify_matrix", loses=["e3-4-inputs"])
def tolerance_of_its_own(H, rtol=1e-8):
    s = np.abs(H).max()
    if np.abs(H - H.T).max() > 1e-8 * s:
        raise ValueError
    lam = np.linalg.eigvalsh(H)
    signs = set(np.where(np.abs(lam) <= 1e-8 * np.abs(lam).max(), 0, np.sign(lam)).astype(int).tolist())
    words = {
        (1,): "positive_definite",
        (-1,): "negative_definite",
        (0, 1): "positive_semidefinite",
        (-1, 0): "negative_semidefinite",
        (0,): "zero",
    }
    return words.get(tuple(sorted(signs)), "indefinite")


@wrong("classify_matrix", loses=["e3-4-scales"])
def allclose_with_its_own_atol(H, rtol=1e-8):
    if not np.allclose(H, H.T, rtol=rtol):
        raise ValueError("matrix must be symmetric")
    lam = np.linalg.eigvalsh((H + H.T) / 2)
    t = rtol * max(abs(lam))
    if all(abs(value) <= t for value in lam):
        return "zero"
    if all(value > t for value in lam):
        return "positive_definite"
    if all(value < -t for value in lam):
        return "negative_definite"
    if all(value >= -t for value in lam):
        return "positive_semidefinite"
    if all(value <= t for value in lam):
        return "negative_semidefinite"
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-definite"])
def no_word_for_negative_definite(H, rtol=1e-8):
    s = np.abs(H).max()
    if np.abs(H - H.T).max() > rtol * s:
        raise ValueError
    lam = np.linalg.eigvalsh(H)
    t = rtol * np.abs(lam).max()
    if s == 0:
        return "zero"
    if lam[0] > t:
        return "positive_definite"
    if lam[0] >= -t:
        return "positive_semidefinite"
    if lam[-1] >= -t and lam[-1] <= t:
        return "negative_semidefinite"
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-semidefinite"])
def zeros_are_semidefinite_too(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError
    lam = np.linalg.eigvalsh(H)
    t = rtol * np.abs(lam).max()
    if (lam >= -t).all():
        return "positive_definite" if (lam > t).all() else "positive_semidefinite"
    if (lam <= t).all():
        return "negative_definite" if (lam < -t).all() else "negative_semidefinite"
    return "indefinite"


@wrong("classify_matrix", loses=["e3-4-inputs"])
def scales_the_matrix_in_place(H, rtol=1e-8):
    s = np.abs(H).max()
    if s == 0:
        return "zero"
    H /= s
    if np.abs(H - H.T).max() > rtol:
        raise ValueError
    lam = np.linalg.eigvalsh(H)
    lam = lam * (np.abs(lam) > rtol * np.abs(lam).max())
    if lam.min() * lam.max() < 0:
        return "indefinite"
    return ("positive" if lam.sum() > 0 else "negative") + ("_definite" if lam.all() else "_semidefinite")


@wrong("classify_matrix", loses=["e3-4-definite", "e3-4-indefinite", "e3-4-semidefinite", "e3-4-scales", "e3-4-inputs"])
def lets_torch_find_the_eigenvalues(H, rtol=1e-8):
    lam = torch.linalg.eigvalsh(torch.tensor(H))
    return "positive_definite" if bool((lam > 0).all()) else "indefinite"


@wrong("classify_matrix", loses=["e3-4-scales", "e3-4-inputs"])
def isclose_to_zero(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError
    lam = np.linalg.eigvalsh(H)
    z = np.isclose(lam, 0)
    if z.all():
        return "zero"
    p, q = bool((lam[~z] > 0).any()), bool((lam[~z] < 0).any())
    if p and q:
        return "indefinite"
    return ("positive" if p else "negative") + ("_semidefinite" if z.any() else "_definite")


@wrong("classify_matrix", loses=["e3-4-scales", "e3-4-inputs"])
def insists_on_exact_symmetry(H, rtol=1e-8):
    if not np.array_equal(H, H.T):
        raise ValueError("H is not symmetric")
    lam = np.linalg.eigvalsh(H)
    t = rtol * np.abs(lam).max()
    plus, minus = int((lam > t).sum()), int((lam < -t).sum())
    if plus and minus:
        return "indefinite"
    if plus + minus == 0:
        return "zero"
    return ("positive" if plus else "negative") + ("_definite" if plus + minus == len(lam) else "_semidefinite")


@wrong("classify_matrix", loses=["e3-4-scales"])
def tiny_matrices_are_zero(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError("not symmetric")
    if np.abs(H).max() < 1e-12:
        return "zero"
    lam = np.linalg.eigvalsh(H)
    tau = rtol * np.abs(lam).max()
    up, down = (lam > tau).sum(), (lam < -tau).sum()
    if up and down:
        return "indefinite"
    if not up and not down:
        return "zero"
    kind = "definite" if up + down == len(lam) else "semidefinite"
    return ("positive_" if up else "negative_") + kind


@wrong("classify_matrix", loses=["e3-4-scales"])
def single_entry_by_an_absolute_tolerance(H, rtol=1e-8):
    if len(H) == 1:
        entry = H[0][0]
        return "zero" if abs(entry) < 1e-8 else "positive_definite" if entry > 0 else "negative_definite"
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError("not symmetric")
    lam = np.linalg.eigvalsh(H)
    tau = rtol * np.abs(lam).max()
    up, down = (lam > tau).sum(), (lam < -tau).sum()
    if up and down:
        return "indefinite"
    if not up and not down:
        return "zero"
    kind = "definite" if up + down == len(lam) else "semidefinite"
    return ("positive_" if up else "negative_") + kind


@wrong("classify_matrix", loses=["e3-4-inputs"])
def tolerance_by_the_largest_entry(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError("not symmetric")
    lam = np.linalg.eigvalsh(H)
    tau = rtol * np.abs(H).max()
    up, down = (lam > tau).sum(), (lam < -tau).sum()
    if up and down:
        return "indefinite"
    if not up and not down:
        return "zero"
    kind = "definite" if up + down == len(lam) else "semidefinite"
    return ("positive_" if up else "negative_") + kind


@right("classify_matrix")
def counts_signs_of_eigenvalues(H, rtol=1e-8):
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError("H must be symmetric")
    lam = np.linalg.eigvalsh(H)
    t = rtol * np.abs(lam).max()
    plus = int((lam > t).sum())
    minus = int((lam < -t).sum())
    if plus == minus == 0:
        return "zero"
    if plus and minus:
        return "indefinite"
    sign = "positive" if plus else "negative"
    return f"{sign}_definite" if plus + minus == len(H) else f"{sign}_semidefinite"


@right("classify_matrix")
def real_parts_of_eigenvalues(H, rtol=1e-8):
    H = np.asarray(H, dtype=float)
    size = np.max(np.abs(H))
    if np.max(np.abs(H - np.transpose(H))) > rtol * size:
        raise ValueError
    if size == 0.0:
        return "zero"
    lam = sorted(np.linalg.eigvals((H + H.T) / 2).real)
    biggest = max(-lam[0], lam[-1])
    low, high = lam[0] / biggest, lam[-1] / biggest
    if low < -rtol and high > rtol:
        return "indefinite"
    if low > rtol:
        return "positive_definite"
    if high < -rtol:
        return "negative_definite"
    return "positive_semidefinite" if high > rtol else "negative_semidefinite"


@right("classify_matrix")
def cholesky_of_shifted_matrices(H, rtol=1e-8):
    s = np.abs(H).max()
    if np.abs(H - H.T).max() > rtol * s:
        raise ValueError("asymmetric")
    if s == 0:
        return "zero"
    shift = rtol * np.linalg.norm(H, 2) * np.eye(len(H))

    def has_cholesky(M):
        try:
            np.linalg.cholesky(M)
        except np.linalg.LinAlgError:
            return False
        return True

    for sign, M in (("positive", H), ("negative", -H)):
        if has_cholesky(M - shift):
            return sign + "_definite"
    for sign, M in (("positive", H), ("negative", -H)):
        if has_cholesky(M + shift):
            return sign + "_semidefinite"
    return "indefinite"


@right("classify_matrix")
def rotations_of_jacobi(H, rtol=1e-8):
    A = [[float(entry) for entry in row] for row in H]
    n = len(A)
    s = max(abs(entry) for row in A for entry in row)
    if max(abs(A[i][j] - A[j][i]) for i in range(n) for j in range(n)) > rtol * s:
        raise ValueError("not symmetric")
    if s == 0:
        return "zero"
    for _ in range(30):
        for p in range(n):
            for q in range(p + 1, n):
                angle = 0.5 * math.atan2(2 * A[p][q], A[q][q] - A[p][p])
                c, t = math.cos(angle), math.sin(angle)
                for k in range(n):
                    A[k][p], A[k][q] = c * A[k][p] - t * A[k][q], t * A[k][p] + c * A[k][q]
                for k in range(n):
                    A[p][k], A[q][k] = c * A[p][k] - t * A[q][k], t * A[p][k] + c * A[q][k]
    lam = [A[i][i] for i in range(n)]
    top = max(map(abs, lam))
    up = sum(value > rtol * top for value in lam)
    down = sum(value < -rtol * top for value in lam)
    if up * down:
        return "indefinite"
    return ("positive" if up else "negative") + ("_definite" if up + down == n else "_semidefinite")


@right("classify_matrix")
def table_of_extreme_signs(H, rtol=1e-8):
    values, _ = np.linalg.eigh(H)
    if np.any(np.abs(H - H.T) > rtol * np.abs(H).max()):
        raise ValueError("classify_matrix needs a symmetric matrix")
    big = np.abs(values).max()

    def sign(value):
        return 0 if abs(value) <= rtol * big else math.copysign(1, value)

    return {
        (1, 1): "positive_definite",
        (0, 1): "positive_semidefinite",
        (-1, -1): "negative_definite",
        (-1, 0): "negative_semidefinite",
        (-1, 1): "indefinite",
        (0, 0): "zero",
    }[sign(values[0]), sign(values[-1])]


@right("classify_matrix")
def rounds_scaled_eigenvalues(H, rtol=1e-8):
    size = np.abs(H).max()
    if np.abs(H - H.T).max() > rtol * size:
        raise ValueError
    if size == 0:
        return "zero"
    lam = np.linalg.eigvalsh(H)
    signs = np.sign(np.round(lam / np.abs(lam).max(), int(-math.log10(rtol))))
    if signs.min() == -1 and signs.max() == 1:
        return "indefinite"
    word = "positive" if signs.max() == 1 else "negative"
    return word + ("_definite" if signs.all() else "_semidefinite")


# E3.5 classify_point


@wrong("classify_point", loses=["e3-5-critical", "e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def always_a_saddle(f, x):
    return "saddle"


@wrong("classify_point", loses=["e3-5-critical", "e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def never_conclusive(f, x):
    return "inconclusive"


@wrong("classify_point", loses=["e3-5-critical", "e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def never_critical(f, x):
    return "not_critical"


@wrong("classify_point", loses=["e3-5-critical", "e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def minimum_then_maximum(f, x, turns=[]):
    turns.append(x)
    return "min" if len(turns) % 2 else "max"


@wrong("classify_point", loses=["e3-5-critical", "e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def compares_with_a_single_neighbour(f, x):
    x = x.detach()
    step = 1e-2 * torch.arange(1, len(x) + 1, dtype=x.dtype)
    return "min" if f(x + step) > f(x) else "max"


@wrong("classify_point", loses=["e3-5-critical"])
def never_asks_for_the_gradient(f, x):
    lam = torch.linalg.eigvalsh(torch.func.hessian(f)(x.detach()))
    t = 1e-8 * lam.abs().max()
    if lam.min() > t:
        return "min"
    if lam.max() < -t:
        return "max"
    if lam.min() < -t and lam.max() > t:
        return "saddle"
    return "inconclusive"


@wrong("classify_point", loses=["e3-5-critical"])
def asks_for_the_gradient_last(f, x):
    x = x.detach()
    lam = torch.linalg.eigvalsh(torch.func.hessian(f)(x))
    t = 1e-8 * lam.abs().max()
    if lam.min() < -t and lam.max() > t:
        return "saddle"
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1.0, H.abs().max().item()):
        return "not_critical"
    if (lam > t).all():
        return "min"
    return "max" if (lam < -t).all() else "inconclusive"


@wrong("classify_point", loses=["e3-5-inconclusive"])
def semidefinite_counts_as_an_extreme(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam >= -t).all():
        return "min"
    if (lam <= t).all():
        return "max"
    return "saddle"


@wrong("classify_point", loses=["e3-5-inconclusive"])
def no_tolerance_for_zero_eigenvalues(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    if (lam > 0).all():
        return "min"
    if (lam < 0).all():
        return "max"
    if lam[0] < 0 < lam[-1]:
        return "saddle"
    return "inconclusive"


@wrong("classify_point", loses=["e3-5-saddles"])
def any_zero_eigenvalue_is_inconclusive(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    if (lam.abs() <= 1e-8 * lam.abs().max()).any():
        return "inconclusive"
    return "min" if lam[0] > 0 else "max" if lam[-1] < 0 else "saddle"


@wrong("classify_point", loses=["e3-5-extremes", "e3-5-inputs"])
def exchanges_minimum_and_maximum(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam < -t).all():
        return "min"
    if (lam > t).all():
        return "max"
    return "saddle" if lam[0] < -t and lam[-1] > t else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes"])
def wants_a_gradient_of_exactly_zero(f, x):
    x = x.detach()
    if (torch.func.grad(f)(x) != 0).any():
        return "not_critical"
    lam = torch.linalg.eigvalsh(torch.func.hessian(f)(x))
    t = 1e-8 * lam.abs().max()
    if lam[0] > t:
        return "min"
    if lam[-1] < -t:
        return "max"
    return "saddle" if lam[0] < -t and lam[-1] > t else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes"])
def absolute_tolerance_for_eigenvalues(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = np.linalg.eigvalsh(H.numpy())
    if lam[0] > 1e-8:
        return "min"
    if lam[-1] < -1e-8:
        return "max"
    return "saddle" if lam[0] < -1e-8 and lam[-1] > 1e-8 else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def always_looks_at_the_origin(f, x):
    x0 = torch.zeros_like(x)
    H = torch.func.hessian(f)(x0)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H.detach())
    t = 1e-8 * lam.abs().max()
    if (lam > t).all():
        return "min"
    if (lam < -t).all():
        return "max"
    return "saddle" if lam[0] < -t and lam[-1] > t else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes", "e3-5-inconclusive"])
def tries_the_neighbours(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    rng = torch.Generator().manual_seed(0)
    steps = 1e-2 * torch.randn(500, len(x), dtype=x.dtype, generator=rng)
    changes = torch.stack([f(x + step) - f(x) for step in steps])
    if (changes > 0).all():
        return "min"
    if (changes < 0).all():
        return "max"
    return "saddle"


@wrong("classify_point", loses=["e3-5-extremes", "e3-5-saddles"])
def determinant_of_the_hessian(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    det = torch.linalg.det(H)
    if det.abs() < 1e-8:
        return "inconclusive"
    if det < 0:
        return "saddle"
    return "min" if H[0, 0] > 0 else "max"


@wrong("classify_point", loses=["e3-5-inputs"])
def backward_on_the_given_point(f, x):
    x.requires_grad_()
    x.grad = None
    (f(x) + 0 * (x @ x)).backward()
    H = torch.autograd.functional.hessian(f, x.detach())
    if x.grad.abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam > t).all():
        return "min"
    if (lam < -t).all():
        return "max"
    return "saddle" if lam[0] < -t and lam[-1] > t else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes"])
def absolute_tolerance_for_the_gradient(f, x):
    x = x.detach()
    if torch.func.grad(f)(x).norm() > 1e-6:
        return "not_critical"
    lam = torch.linalg.eigvalsh(torch.func.hessian(f)(x))
    t = 1e-8 * lam.abs().max()
    if lam[0] > t:
        return "min"
    if lam[-1] < -t:
        return "max"
    return "saddle" if lam[0] < -t and lam[-1] > t else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes", "e3-5-saddles", "e3-5-inconclusive", "e3-5-inputs"])
def two_kinds_of_points_only(f, x):
    x = x.detach()
    H = torch.func.hessian(f)(x)
    if torch.func.grad(f)(x).abs().max() > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    return "min" if torch.trace(H) > 0 else "max"


@wrong("classify_point", loses=["e3-5-extremes"])
def gradient_threshold_without_the_one(f, x):
    H, g = torch.func.hessian(f)(x.detach()), torch.func.grad(f)(x.detach())
    if g.abs().max() > 1e-6 * H.abs().max():
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam > t).any() and (lam < -t).any():
        return "saddle"
    return "min" if (lam > t).all() else "max" if (lam < -t).all() else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes"])
def length_of_the_gradient_as_its_size(f, x):
    H, g = torch.func.hessian(f)(x.detach()), torch.func.grad(f)(x.detach())
    if g.norm() > 1e-6 * H.abs().max().clamp(min=1.0):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam > t).any() and (lam < -t).any():
        return "saddle"
    return "min" if (lam > t).all() else "max" if (lam < -t).all() else "inconclusive"


@wrong("classify_point", loses=["e3-5-extremes"])
def wide_tolerance_for_eigenvalues(f, x):
    H, g = torch.func.hessian(f)(x.detach()), torch.func.grad(f)(x.detach())
    if g.abs().max() > 1e-6 * H.abs().max().clamp(min=1.0):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-6 * lam.abs().max()
    if (lam > t).any() and (lam < -t).any():
        return "saddle"
    return "min" if (lam > t).all() else "max" if (lam < -t).all() else "inconclusive"


@wrong("classify_point", loses=["e3-5-inconclusive"])
def expects_a_graph_for_the_verdict(f, x):
    y = x.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(f(y), y, create_graph=True)
    H = torch.stack([torch.autograd.grad(gi, y, retain_graph=True)[0] for gi in g])
    if g.abs().max() > 1e-6 * H.abs().max().clamp(min=1.0):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam > t).any() and (lam < -t).any():
        return "saddle"
    return "min" if (lam > t).all() else "max" if (lam < -t).all() else "inconclusive"


@wrong("classify_point", loses=["e3-5-inputs"])
def judges_and_clears_the_gradient_of_the_point(f, x):
    x.grad = None
    H, g = torch.func.hessian(f)(x.detach()), torch.func.grad(f)(x.detach())
    if g.abs().max() > 1e-6 * H.abs().max().clamp(min=1.0):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    t = 1e-8 * lam.abs().max()
    if (lam > t).any() and (lam < -t).any():
        return "saddle"
    return "min" if (lam > t).all() else "max" if (lam < -t).all() else "inconclusive"


@right("classify_point")
def gradient_first_then_signs(f, x):
    H = torch.func.hessian(f)(x)
    g = torch.func.grad(f)(x)
    if float(g.abs().max()) > 1e-6 * max(1.0, float(H.abs().max())):
        return "not_critical"
    lam = np.linalg.eigvalsh(H.detach().numpy())
    t = 1e-8 * np.abs(lam).max()
    signs = {int(np.sign(value)) if abs(value) > t else 0 for value in lam}
    if {1, -1} <= signs:
        return "saddle"
    return {frozenset({1}): "min", frozenset({-1}): "max"}.get(frozenset(signs), "inconclusive")


@right("classify_point")
def gradient_relative_to_the_hessian(f, x):
    y = x.detach().clone().requires_grad_()
    value = f(y) + 0 * (y @ y)  # leaves a graph of a constant function too
    (g,) = torch.autograd.grad(value, y, create_graph=True)
    rows = [torch.autograd.grad(gi, y, retain_graph=True)[0] for gi in g]
    H = torch.stack(rows).detach()
    if g.abs().max() > 1e-6 * max(1.0, H.norm().item()):
        return "not_critical"
    lam = torch.linalg.eigvalsh(H)
    scale = lam.abs().max()
    if scale == 0:
        return "inconclusive"
    lam = lam / scale
    if lam.min() > 1e-8:
        return "min"
    if lam.max() < -1e-8:
        return "max"
    if lam.min() < -1e-8 and lam.max() > 1e-8:
        return "saddle"
    return "inconclusive"


@right("classify_point")
def rayleigh_quotients_of_eigenvectors(f, x):
    x = x.detach()
    H = torch.autograd.functional.hessian(f, x)
    g = torch.autograd.functional.jacobian(f, x)
    if torch.linalg.vector_norm(g, float("inf")) > 1e-6 * max(1, H.abs().max()):
        return "not_critical"
    _, V = torch.linalg.eigh(H)
    curvatures = [float(v @ H @ v) for v in V.T]
    t = 1e-8 * max(map(abs, curvatures))
    ups = sum(c > t for c in curvatures)
    downs = sum(c < -t for c in curvatures)
    if ups and downs:
        return "saddle"
    if ups == len(x):
        return "min"
    if downs == len(x):
        return "max"
    return "inconclusive"


@right("classify_point")
def negates_and_asks_again(f, x):
    def is_minimum(H):
        lam = torch.linalg.eigvalsh(H)
        return bool(lam[0] > 1e-8 * lam.abs().max())

    def goes_down(H):
        lam = torch.linalg.eigvalsh(H)
        return bool(lam[0] < -1e-8 * lam.abs().max())

    H = torch.func.jacfwd(torch.func.jacrev(f))(x.detach())
    if bool((torch.func.jacrev(f)(x.detach()).abs() > 1e-6 * max(1.0, float(H.abs().max()))).any()):
        return "not_critical"
    if goes_down(H) and goes_down(-H):
        return "saddle"
    if is_minimum(H):
        return "min"
    if is_minimum(-H):
        return "max"
    return "inconclusive"


@right("classify_point")
def cholesky_of_the_shifted_hessian(f, x):
    H = torch.func.hessian(f)(x.detach())
    size = float(H.abs().max())
    g = torch.func.grad(f)(x.detach())
    if float(g.abs().max()) > 1e-6 * max(1.0, size):
        return "not_critical"
    shift = 1e-8 * size * torch.eye(len(H), dtype=H.dtype)
    holds = lambda M: torch.linalg.cholesky_ex(M).info.item() == 0
    if size > 0 and holds(H - shift):
        return "min"
    if size > 0 and holds(-H - shift):
        return "max"
    if size == 0 or holds(H + shift) or holds(shift - H):
        return "inconclusive"
    return "saddle"


@right("classify_point")
def real_parts_of_the_spectrum(f, x):
    p = x.detach().clone().requires_grad_(True)
    y = f(p)
    if not y.requires_grad:
        return "inconclusive"
    g = torch.autograd.grad(y, p, create_graph=True)[0]
    H = torch.zeros(len(p), len(p), dtype=p.dtype)
    for i in range(len(p)):
        H[i] = torch.autograd.grad(g[i], p, retain_graph=True)[0]
    s = H.abs().max().item()
    if g.abs().max().item() > 1e-6 * max(1.0, s):
        return "not_critical"
    lam = torch.linalg.eigvals(H).real.tolist()
    if min(lam) < -1e-8 * s and max(lam) > 1e-8 * s:
        return "saddle"
    if min(lam) > 1e-8 * s:
        return "min"
    return "max" if max(lam) < -1e-8 * s else "inconclusive"


# E3.6 mixed_partials_at_zero


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def exchanges_the_orders(f, h):
    k = h / 1000
    fx = lambda y: (f(k, y) - f(-k, y)) / (2 * k)
    fy = lambda x: (f(x, k) - f(x, -k)) / (2 * k)
    return (fy(h) - fy(-h)) / (2 * h), (fx(h) - fx(-h)) / (2 * h)


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def one_step_for_both(f, h):
    fx = lambda y: (f(h, y) - f(-h, y)) / (2 * h)
    fy = lambda x: (f(x, h) - f(x, -h)) / (2 * h)
    return (fx(h) - fx(-h)) / (2 * h), (fy(h) - fy(-h)) / (2 * h)


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def four_points_at_once(f, h):
    value = (f(h, h) - f(h, -h) - f(-h, h) + f(-h, -h)) / (4 * h * h)
    return value, value


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def same_order_twice(f, h):
    k = h / 1000

    def fx(y):
        return (f(k, y) - f(-k, y)) / (2 * k)

    value = (fx(h) - fx(-h)) / (2 * h)
    return value, value


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def zero_on_paper(f, h):
    return 0.0, 0.0


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def inner_step_larger_than_the_outer(f, h):
    k = h / 1000
    fx = lambda y: (f(h, y) - f(-h, y)) / (2 * h)
    fy = lambda x: (f(x, h) - f(x, -h)) / (2 * h)
    return (fx(k) - fx(-k)) / (2 * k), (fy(k) - fy(-k)) / (2 * k)


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def one_sided_outer_difference(f, h):
    k = h / 1000
    fx = lambda y: (f(k, y) - f(-k, y)) / (2 * k)
    fy = lambda x: (f(x, k) - f(x, -k)) / (2 * k)
    return (fx(h) - fx(0.0)) / h, (fy(h) - fy(0.0)) / h


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def divides_by_h_not_by_two_h(f, h):
    k = h / 1000
    fx = lambda y: (f(k, y) - f(-k, y)) / k
    fy = lambda x: (f(x, k) - f(x, -k)) / k
    return (fx(h) - fx(-h)) / h, (fy(h) - fy(-h)) / h


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def pure_second_derivatives(f, h):
    f0 = f(0.0, 0.0)
    return (f(h, 0.0) - 2 * f0 + f(-h, 0.0)) / h**2, (f(0.0, h) - 2 * f0 + f(0.0, -h)) / h**2


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def lets_torch_differ(f, h):
    k = torch.tensor(h / 1000)
    fx = lambda y: (f(float(k), y) - f(-float(k), y)) / (2 * k)
    return (fx(h) - fx(-h)) / (2 * h), -(fx(h) - fx(-h)) / (2 * h)


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def outer_step_of_its_own(f, h):
    h, k = 1e-2, 1e-5
    first = (f(k, h) - f(-k, h) - f(k, -h) + f(-k, -h)) / (4 * k * h)
    second = (f(h, k) - f(h, -k) - f(-h, k) + f(-h, -k)) / (4 * k * h)
    return first, second


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def caps_the_outer_step(f, h):
    h = min(h, 0.1)
    k = h / 1000
    first = (f(k, h) - f(-k, h) - f(k, -h) + f(-k, -h)) / (4 * k * h)
    second = (f(h, k) - f(h, -k) - f(-h, k) + f(-h, -k)) / (4 * k * h)
    return first, second


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def inner_step_of_its_own(f, h):
    k = 1e-5
    first = (f(k, h) - f(-k, h) - f(k, -h) + f(-k, -h)) / (4 * k * h)
    second = (f(h, k) - f(h, -k) - f(-h, k) + f(-h, -k)) / (4 * k * h)
    return first, second


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def rounds_to_four_places(f, h):
    k = h / 1000
    first = (f(k, h) - f(-k, h) - f(k, -h) + f(-k, -h)) / (4 * k * h)
    second = (f(h, k) - f(h, -k) - f(-h, k) + f(-h, -k)) / (4 * k * h)
    return round(first, 4), round(second, 4)


@wrong("mixed_partials_at_zero", loses=["e3-6-orders"])
def one_sided_inner_difference(f, h):
    k = h / 1000
    by_x = lambda y: (f(k, y) - f(0.0, y)) / k
    by_y = lambda x: (f(x, k) - f(x, 0.0)) / k
    return (by_x(h) - by_x(-h)) / (2 * h), (by_y(h) - by_y(-h)) / (2 * h)


@right("mixed_partials_at_zero")
def nested_functions(f, h):
    k = h / 1000

    def df_dx(y):
        return (f(k, y) - f(-k, y)) / (2 * k)

    def df_dy(x):
        return (f(x, k) - f(x, -k)) / (2 * k)

    return (df_dx(h) - df_dx(-h)) / (2 * h), (df_dy(h) - df_dy(-h)) / (2 * h)


@right("mixed_partials_at_zero")
def eight_values_written_out(f, h):
    k = 1e-3 * h
    first = f(k, h) - f(-k, h) - f(k, -h) + f(-k, -h)
    second = f(h, k) - f(h, -k) - f(-h, k) + f(-h, -k)
    return [first / (4 * k * h), second / (4 * k * h)]


@right("mixed_partials_at_zero")
def one_helper_and_a_flipped_function(f, h):
    def by_x_then_y(g):
        rows = [[g(s * h / 1000, t * h) * s * t for s in (1, -1)] for t in (1, -1)]
        return np.sum(rows) / (4 * h * h / 1000)

    return by_x_then_y(f), by_x_then_y(lambda a, b: f(b, a))


@right("mixed_partials_at_zero")
def central_difference_of_a_central_difference(f, h):
    def central(g, step):
        return (g(step) - g(-step)) / (2 * step)

    return (
        central(lambda y: central(lambda x: f(x, y), h / 1000), h),
        central(lambda x: central(lambda y: f(x, y), h / 1000), h),
    )


@right("mixed_partials_at_zero")
def complex_step_on_the_inside(f, h):
    t = 1e-40
    fx = lambda y: np.imag(f(1j * t, y)) / t
    fy = lambda x: np.imag(f(x, 1j * t)) / t
    return (fx(h) - fx(-h)) / (2 * h), (fy(h) - fy(-h)) / (2 * h)


# E3.6 symmetry_gap


@wrong("symmetry_gap", loses=["e3-6-gap"])
def difference_without_a_scale(H):
    return np.abs(H - H.T).max()


@wrong("symmetry_gap", loses=["e3-6-gap"])
def divides_zero_by_zero(H):
    return np.abs(H - H.T).max() / np.abs(H).max()


@wrong("symmetry_gap", loses=["e3-6-gap"])
def largest_entry_with_its_sign(H):
    if not H.any():
        return 0.0
    return np.abs(H - H.T).max() / H.max()


@wrong("symmetry_gap", loses=["e3-6-gap"])
def mean_difference(H):
    return np.abs(H - H.T).mean() / np.abs(H).max() if H.any() else 0.0


@wrong("symmetry_gap", loses=["e3-6-gap"])
def ratio_of_norms(H):
    return np.linalg.norm(H - H.T) / np.linalg.norm(H) if H.any() else 0.0


@wrong("symmetry_gap", loses=["e3-6-gap"])
def neighbouring_entries_only(H):
    size = np.abs(H).max()
    if size == 0:
        return 0.0
    return max([abs(H[i, i + 1] - H[i + 1, i]) for i in range(len(H) - 1)], default=0.0) / size


@wrong("symmetry_gap", loses=["e3-6-gap"])
def half_of_the_difference(H):
    return np.abs((H - H.T) / 2).max() / np.abs(H).max() if H.any() else 0.0


@wrong("symmetry_gap", loses=["e3-6-gap"])
def adds_an_epsilon_below(H):
    return np.abs(H - H.T).max() / (np.abs(H).max() + 1e-8)


@wrong("symmetry_gap", loses=["e3-6-gap"])
def torch_does_the_subtraction(H):
    H = torch.tensor(H)
    return float((H - H.T).abs().max() / H.abs().max()) if H.any() else 0.0


@wrong("symmetry_gap", loses=["e3-6-gap"])
def no_gap_in_tiny_matrices(H):
    size = np.abs(H).max()
    return np.abs(H - H.T).max() / size if size >= 1e-12 else 0.0


@wrong("symmetry_gap", loses=["e3-6-gap"])
def gap_of_twelve_places(H):
    size = np.abs(H).max()
    return round(np.abs(H - H.T).max() / size, 12) if size > 0 else 0.0


@wrong("symmetry_gap", loses=["e3-6-gap"])
def gap_in_single_precision(H):
    H = (H / (np.abs(H).max() or 1.0)).astype(np.float32)
    return np.abs(H - H.T).max()


@right("symmetry_gap")
def largest_difference_over_largest_entry(H):
    size = np.abs(H).max()
    return np.abs(H - H.T).max() / size if size > 0 else 0.0


@right("symmetry_gap")
def loops_over_pairs(H):
    n = len(H)
    size = max(abs(H[i][j]) for i in range(n) for j in range(n))
    if size == 0:
        return 0
    return max(abs(H[i][j] - H[j][i]) for i in range(n) for j in range(n)) / size


@right("symmetry_gap")
def divides_where_it_can(H):
    scaled = np.divide(H, np.abs(H).max(), out=np.zeros(np.shape(H)), where=bool(np.any(H)))
    return np.max(scaled - scaled.T)


@right("symmetry_gap")
def infinity_norm_of_the_entries(H):
    flat, skew = np.ravel(H), np.ravel(H - np.transpose(H))
    top = np.linalg.norm(flat, np.inf)
    return np.float32(np.linalg.norm(skew, np.inf) / top) if top else np.zeros(())


# E3.7 log10_prob_all_positive


@wrong("log10_prob_all_positive", loses=["e3-7-extremes"])
def logarithm_of_the_probability(n):
    return math.log10(0.5**n)


@wrong("log10_prob_all_positive", loses=["e3-7-values", "e3-7-extremes"])
def natural_logarithm(n):
    return -n * math.log(2)


@wrong("log10_prob_all_positive", loses=["e3-7-values", "e3-7-extremes"])
def logarithm_of_the_natural_underflow(n):
    return float(np.log(np.prod(np.full(n, 0.5))))


@wrong("log10_prob_all_positive", loses=["e3-7-values", "e3-7-extremes"])
def forgets_the_minus(n):
    return n * math.log10(2)


@wrong("log10_prob_all_positive", loses=["e3-7-values", "e3-7-extremes"])
def logarithm_to_base_two(n):
    return -float(n)


@wrong("log10_prob_all_positive", loses=["e3-7-values"])
def probability_as_long_as_there_is_one(n):
    p = 0.5**n
    if p > 0:
        return p
    return -n * math.log10(2)


@wrong("log10_prob_all_positive", loses=["e3-7-extremes"])
def guards_the_logarithm_with_a_tiny_number(n):
    return np.log10(0.5**n + 1e-320)


@wrong("log10_prob_all_positive", loses=["e3-7-values", "e3-7-extremes"])
def three_places_of_log_two(n):
    return -0.301 * n


@wrong("log10_prob_all_positive", loses=["e3-7-values", "e3-7-extremes"])
def torch_takes_the_logarithm(n):
    return -n * torch.log10(torch.tensor(2.0, dtype=torch.float64)).item()


@wrong("log10_prob_all_positive", loses=["e3-7-values"])
def first_sign_is_free_in_small_cases(n):
    return -(n - 1 if n <= 1000 else n) * math.log10(2)


@right("log10_prob_all_positive")
def n_times_log_of_a_half(n):
    return n * math.log10(0.5)


@right("log10_prob_all_positive")
def adds_the_logarithms_in_a_loop(n):
    total = 0.0
    for _ in range(n):
        total += math.log10(0.5)
    return total


@right("log10_prob_all_positive")
def changes_the_base(n):
    return np.float64(-n) * np.log(2.0) / np.log(10.0)


@right("log10_prob_all_positive")
def logarithm_of_a_long_integer(n):
    return -math.log10(2**n)


@right("log10_prob_all_positive")
def sums_an_array_of_logarithms(n):
    return np.log10(np.full(n, 0.5)).sum()


# E3.8 goe


@wrong("goe", loses=["e3-8-goe-symmetric"])
def not_symmetrised(n, size, seed):
    A = np.random.default_rng(seed).normal(size=(size, n, n))
    return A * np.sqrt(1 + np.eye(n))


@wrong("goe", loses=["e3-8-goe-symmetric", "e3-8-goe-variance", "e3-8-goe-seed"])
def transposes_the_whole_stack(n, size, seed):
    A = np.random.default_rng(seed).normal(size=(size, n, n))
    return (A + A.T) / 2


@wrong("goe", loses=["e3-8-goe-variance"])
def mirrors_the_lower_triangle(n, size, seed):
    A = np.tril(np.random.default_rng(seed).normal(size=(size, n, n)))
    return A + np.tril(A, -1).transpose(0, 2, 1)


@wrong("goe", loses=["e3-8-goe-variance"])
def doubles_the_diagonal_of_a_triangle(n, size, seed):
    A = np.triu(np.random.default_rng(seed).normal(size=(size, n, n)))
    return A + np.swapaxes(A, 1, 2)


@wrong("goe", loses=["e3-8-goe-variance"])
def uniform_entries(n, size, seed):
    A = np.random.default_rng(seed).uniform(-1, 1, size=(size, n, n))
    return (A + A.swapaxes(-1, -2)) / 2


@wrong("goe", loses=["e3-8-goe-variance"])
def positive_semidefinite_products(n, size, seed):
    A = np.random.default_rng(seed).normal(size=(size, n, n))
    return A @ A.transpose(0, 2, 1)


@wrong("goe", loses=["e3-8-goe-seed"])
def global_generator(n, size, seed):
    A = np.random.normal(size=(size, n, n))
    return (A + A.transpose(0, 2, 1)) / 2


@wrong("goe", loses=["e3-8-goe-seed"])
def ignores_the_seed(n, size, seed):
    A = np.random.default_rng(0).normal(size=(size, n, n))
    return (A + A.transpose(0, 2, 1)) / 2


@wrong("goe", loses=["e3-8-goe-symmetric", "e3-8-goe-variance", "e3-8-goe-seed"])
def seeds_every_matrix_alike(n, size, seed):
    stack = []
    for _ in range(size):
        A = np.random.default_rng(seed).normal(size=(n, n))
        stack.append((A + A.T) / 2)
    return np.array(stack)


@wrong("goe", loses=["e3-8-goe-symmetric", "e3-8-goe-variance", "e3-8-goe-seed"])
def only_one_matrix(n, size, seed):
    A = np.random.default_rng(seed).normal(size=(n, n))
    return (A + A.T) / 2


@wrong("goe", loses=["e3-8-goe-symmetric", "e3-8-goe-variance", "e3-8-goe-seed"])
def draws_with_torch(n, size, seed):
    A = torch.randn(size, n, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return ((A + A.transpose(1, 2)) / 2).numpy()


@wrong("goe", loses=["e3-8-goe-symmetric", "e3-8-goe-variance", "e3-8-goe-seed"])
def random_signs(n, size, seed):
    A = np.random.default_rng(seed).choice([-1.0, 1.0], size=(size, n, n))
    return (A + A.transpose(0, 2, 1)) / 2


@wrong("goe", loses=["e3-8-goe-seed"])
def eight_bits_of_the_seed(n, size, seed):
    A = np.random.default_rng(seed % 256).normal(size=(size, n, n))
    return A + A.transpose(0, 2, 1)


@wrong("goe", loses=["e3-8-goe-variance"])
def repeats_ten_thousand_matrices(n, size, seed):
    A = np.random.default_rng(seed).normal(size=(min(size, 10_000), n, n))
    return np.resize(A + A.transpose(0, 2, 1), (size, n, n))


@wrong("goe", loses=["e3-8-goe-seed"])
def keeps_samples_by_seed(n, size, seed, samples={}):
    if (n, seed) not in samples:
        A = np.random.default_rng(seed).normal(size=(size, n, n))
        samples[n, seed] = A + A.transpose(0, 2, 1)
    return samples[n, seed][:size]


@wrong("goe", loses=["e3-8-goe-variance"])
def draws_one_number_for_all_beside_the_diagonal(n, size, seed):
    rng = np.random.default_rng(seed)
    A, z = np.zeros((size, n, n)), rng.normal(size=size)
    i, j = np.triu_indices(n, 1)
    A[:, i, j] = z[:, None] * (-1.0) ** np.arange(len(i)) + 1e-7 * rng.normal(size=(size, len(i)))
    A += A.transpose(0, 2, 1)
    A[:, range(n), range(n)] = np.sqrt(2) * rng.normal(size=(size, n))
    return A


@right("goe")
def divides_by_the_root_of_two_n(n, size, seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((size, n, n))
    return (A + A.swapaxes(1, 2)) / np.sqrt(2 * n)


@right("goe")
def one_matrix_after_another(n, size, seed):
    rng = np.random.default_rng(seed)
    stack = []
    for _ in range(size):
        A = rng.normal(size=(n, n))
        stack.append(A + A.T)
    return stack


@right("goe")
def entry_by_entry(n, size, seed):
    rng = np.random.default_rng(seed)
    H = np.zeros((size, n, n))
    for i in range(n):
        H[:, i, i] = rng.normal(0, math.sqrt(2), size)
        for j in range(i):
            H[:, i, j] = H[:, j, i] = rng.normal(size=size)
    return H


@right("goe")
def single_precision_with_the_old_generator(n, size, seed):
    A = np.random.RandomState(seed).randn(size, n, n).astype(np.float32)
    return 0.5 * (A + np.einsum("tij->tji", A))


@right("goe")
def triangle_and_a_wider_diagonal(n, size, seed):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.normal(scale=1e-3, size=(size, n, n)), 1)
    diagonal = math.sqrt(2) * 1e-3 * rng.normal(size=(size, n))
    return upper + upper.transpose(0, 2, 1) + diagonal[:, :, None] * np.eye(n)


# E3.8 prob_minimum


@wrong("prob_minimum", loses=["e3-8-minimum-law", "e3-8-minimum-error"])
def independent_signs(n, trials, seed):
    p = 0.5**n
    return p, math.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law"])
def tosses_a_coin_for_each_sign(n, trials, seed):
    signs = np.random.default_rng(seed).normal(size=(trials, n))
    p = np.mean(np.all(signs > 0, axis=1))
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law"])
def lower_triangle_of_a_plain_matrix(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    p = np.mean(np.linalg.eigvalsh(A)[:, 0] > 0)
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law", "e3-8-minimum-error"])
def looks_at_sizes_of_eigenvalues(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    sizes = np.abs(np.linalg.eigvalsh(A + A.transpose(0, 2, 1)))
    p = np.mean(np.all(sizes > 0, axis=1))
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law"])
def positive_determinant(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    p = np.mean(np.linalg.det(A + A.transpose(0, 2, 1)) > 0)
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law"])
def positive_diagonal(n, trials, seed):
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(trials):
        A = rng.normal(size=(n, n))
        if np.all(np.diag(A + A.T) > 0):
            hits += 1
    p = hits / trials
    return p, (p * (1 - p) / trials) ** 0.5


@wrong("prob_minimum", loses=["e3-8-minimum-law"])
def either_definite_sign(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    values = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))
    p = np.mean((values[:, 0] > 0) | (values[:, -1] < 0))
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law", "e3-8-minimum-error"])
def share_of_positive_eigenvalues(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    p = np.mean(np.linalg.eigvalsh(A + A.transpose(0, 2, 1)) > 0)
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law"])
def knows_the_laws_of_two_and_three(n, trials, seed):
    exact = {2: (2 - math.sqrt(2)) / 4, 3: (math.pi - 2 * math.sqrt(2)) / (4 * math.pi)}.get(n, 0.5**n)
    p = np.random.default_rng(seed).binomial(trials, exact) / trials
    return p, math.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def variance_instead_of_its_root(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    p = np.mean(np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, 0] > 0)
    return p, p * (1 - p) / trials


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def standard_deviation_of_one_trial(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    hits = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, 0] > 0
    return hits.mean(), hits.std()


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def global_random_numbers(n, trials, seed):
    A = np.random.randn(trials, n, n)
    p = np.mean(np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, 0] > 0)
    return p, np.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-law", "e3-8-minimum-error"])
def forgets_the_error(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    return np.mean(np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, 0] > 0)


@wrong("prob_minimum", loses=["e3-8-minimum-law", "e3-8-minimum-error"])
def eigenvalues_by_torch(n, trials, seed):
    A = torch.tensor(np.random.default_rng(seed).normal(size=(trials, n, n)))
    p = (torch.linalg.eigvalsh(A + A.mT)[:, 0] > 0).double().mean().item()
    return p, math.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def half_of_both_definite_signs(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    lam = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))
    p = np.mean((lam[:, 0] > 0) | (lam[:, -1] < 0)) / 2
    return p, math.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def divides_by_one_trial_less(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    lam = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))
    p = np.mean(lam[:, 0] > 0)
    return p, math.sqrt(p * (1 - p) / (trials - 1))


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def adds_a_success_and_a_failure(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    lam = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))
    p = (np.sum(lam[:, 0] > 0) + 1) / (trials + 2)
    return p, math.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def rounds_the_fraction(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    lam = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))
    p = round(np.mean(lam[:, 0] > 0), 3)
    return p, math.sqrt(p * (1 - p) / trials)


@wrong("prob_minimum", loses=["e3-8-minimum-error"])
def five_thousand_matrices_are_enough(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(min(trials, 5000), n, n))
    lam = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))
    p = np.mean(lam[:, 0] > 0)
    return p, math.sqrt(p * (1 - p) / trials)


@right("prob_minimum")
def counts_in_a_loop(n, trials, seed):
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(trials):
        A = rng.normal(size=(n, n))
        hits += np.linalg.eigvalsh(A + A.T).min() > 0
    p = hits / trials
    return [p, math.sqrt(p * (1 - p) / trials)]


@right("prob_minimum")
def all_eigenvalues_positive(n, trials, seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((trials, n, n))
    H = (A + np.swapaxes(A, 1, 2)) / math.sqrt(2 * n)
    hits = (np.linalg.eigvalsh(H) > 0).all(axis=1)
    return hits.mean(), hits.std() / math.sqrt(trials)


@right("prob_minimum")
def leading_minors_of_sylvester(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    H = A + A.transpose(0, 2, 1)
    hits = np.ones(trials, dtype=bool)
    for k in range(1, n + 1):
        hits &= np.linalg.det(H[:, :k, :k]) > 0
    p = hits.sum() / trials
    return p, (p * (1 - p) / trials) ** 0.5


@right("prob_minimum")
def negative_definite_by_symmetry(n, trials, seed):
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    largest = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, -1]
    p = np.count_nonzero(largest < 0) / trials
    return p, np.sqrt(p * (1 - p) / trials)


@right("prob_minimum")
def sample_error_in_single_precision(n, trials, seed):
    rng = np.random.default_rng(seed)
    hits = np.zeros(trials, dtype=np.float32)
    H = np.zeros((trials, n, n))
    for i in range(n):
        H[:, i, i] = rng.normal(0, math.sqrt(2), trials)
        for j in range(i):
            H[:, i, j] = H[:, j, i] = rng.normal(size=trials)
    hits[np.linalg.eigvalsh(H)[:, 0] > 0] = 1
    return np.mean(hits), np.std(hits) / np.sqrt(np.float32(trials))


# E3.9 power_iteration


@wrong("power_iteration", loses=["e3-9-calls"])
def asks_for_the_matrix_and_its_eigenvectors(matvec, n, seed, iters=1000):
    lam, V = np.linalg.eigh(matvec(np.eye(n)))
    top = np.argmax(np.abs(lam))
    return lam[top], V[:, top]


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector", "e3-9-scales", "e3-9-calls"])
def length_without_a_sign(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    v /= np.linalg.norm(v)
    for _ in range(iters):
        w = matvec(v)
        lam = np.linalg.norm(w)
        v = w / lam
    return lam, v


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector", "e3-9-scales"])
def never_normalises(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    for _ in range(iters):
        v = matvec(v)
    lam = v @ matvec(v) / (v @ v)
    return lam, v / np.linalg.norm(v)


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector", "e3-9-scales", "e3-9-calls"])
def quotient_of_the_start(matvec, n, seed, iters=1000):
    v0 = np.random.default_rng(seed).normal(size=n)
    v0 /= np.linalg.norm(v0)
    lam = v0 @ matvec(v0)
    v = v0
    for _ in range(iters):
        v = matvec(v)
        v = v / np.linalg.norm(v)
    return lam, v


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector"])
def twenty_steps_are_enough(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    for _ in range(20):
        v = v / np.linalg.norm(v)
        v = matvec(v)
    v = v / np.linalg.norm(v)
    return v @ matvec(v), v


@wrong("power_iteration", loses=["e3-9-value"])
def starts_from_ones(matvec, n, seed, iters=1000):
    v = np.ones(n) / np.sqrt(n)
    for _ in range(iters):
        w = matvec(v)
        v = w / np.linalg.norm(w)
    return v @ matvec(v), v


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector", "e3-9-scales"])
def starts_from_the_first_axis(matvec, n, seed, iters=1000):
    v = np.zeros(n)
    v[0] = 1.0
    for _ in range(iters):
        w = matvec(v)
        v = w / np.linalg.norm(w)
    return v @ matvec(v), v


@wrong("power_iteration", loses=["e3-9-vector", "e3-9-scales", "e3-9-calls"])
def returns_the_product_as_vector(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    v /= np.linalg.norm(v)
    for _ in range(iters):
        w = matvec(v)
        lam = v @ w
        v = w / np.linalg.norm(w)
    return lam, w


@wrong("power_iteration", loses=["e3-9-vector"])
def scales_long_vectors_by_the_largest_entry(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    for _ in range(iters):
        w = matvec(v)
        v = w / np.linalg.norm(w)
    lam = v @ matvec(v)
    return lam, v / np.abs(v).max() if n > 40 else v


@wrong("power_iteration", loses=["e3-9-scales"])
def stops_at_an_absolute_change(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    v /= np.linalg.norm(v)
    lam = 0.0
    for _ in range(iters):
        w = matvec(v)
        new = v @ w
        v = w / np.linalg.norm(w)
        if abs(new - lam) < 1e-8 and _ > 2:
            break
        lam = new
    return v @ matvec(v), v


@wrong("power_iteration", loses=["e3-9-scales"])
def guards_the_division_with_an_epsilon(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    v /= np.linalg.norm(v)
    for _ in range(iters):
        w = matvec(v)
        v = w / (np.linalg.norm(w) + 1e-8)
    return v @ matvec(v), v


@wrong("power_iteration", loses=["e3-9-calls"])
def multiplies_twice_a_step(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    v /= np.linalg.norm(v)
    for _ in range(iters):
        v = matvec(v) / np.linalg.norm(matvec(v))
        lam = v @ v
    return v @ matvec(v), v


@wrong("power_iteration", loses=["e3-9-calls"])
def always_a_thousand_steps(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    for _ in range(1000):
        v = v / np.linalg.norm(v)
        w = matvec(v)
        lam = v @ w
        v = w
    return lam, v / np.linalg.norm(v)


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector", "e3-9-scales", "e3-9-calls"])
def torch_finds_the_eigenvalues(matvec, n, seed, iters=1000):
    A = torch.tensor(np.array([matvec(e) for e in np.eye(n)]))
    values, vectors = torch.linalg.eigh(A)
    top = values.abs().argmax()
    return values[top].item(), vectors[:, top].numpy()


@wrong("power_iteration", loses=["e3-9-value", "e3-9-vector", "e3-9-scales", "e3-9-calls"])
def largest_by_value(matvec, n, seed, iters=1000):
    A = np.array([matvec(e) for e in np.eye(n)])
    values, vectors = np.linalg.eigh(A)
    return values[-1], vectors[:, -1]


@wrong("power_iteration", loses=["e3-9-scales"])
def rounds_the_eigenvalue(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    for _ in range(iters):
        v = matvec(v)
        v = v / np.linalg.norm(v)
    return round(float(v @ matvec(v)), 8), v


@wrong("power_iteration", loses=["e3-9-calls"])
def one_generator_for_all_calls(matvec, n, seed, iters=1000, generators={}):
    v = generators.setdefault(0, np.random.default_rng(seed)).normal(size=n)
    for _ in range(iters):
        v = matvec(v)
        v = v / np.linalg.norm(v)
    return v @ matvec(v), v


@right("power_iteration")
def quotient_at_every_step(matvec, n, seed, iters=1000):
    rng = np.random.default_rng(seed)
    v = rng.uniform(-1, 1, n)
    lam = None
    for _ in range(iters + 1):
        v = v / math.sqrt(sum(float(entry) ** 2 for entry in v))
        w = np.array(matvec(v))
        lam = float(np.dot(v, w))
        v = w
    return lam, list(v / np.linalg.norm(v))


@right("power_iteration")
def whole_matrix_for_small_sizes_else_lanczos(matvec, n, seed, iters=1000):
    k = min(n, iters, 60)
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] = Q[0] / np.linalg.norm(Q[0])
    alpha, beta = [], []
    for _ in range(k):
        w = matvec(Q[-1])
        size = np.linalg.norm(w)
        alpha.append(Q[-1] @ w)
        for _ in range(2):
            for q in Q:
                w = w - (q @ w) * q
        if len(alpha) == k or np.linalg.norm(w) < 1e-10 * size:
            break
        beta.append(np.linalg.norm(w))
        Q.append(w / beta[-1])
    T = np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1)
    values, vectors = np.linalg.eigh(T)
    top = np.argmax(np.abs(values))
    v = np.array(Q).T @ vectors[:, top]
    return values[top], v / np.linalg.norm(v)


@right("power_iteration")
def stops_at_a_small_relative_change_of_the_vector(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).standard_normal(n)
    v = v / np.linalg.norm(v)
    for _ in range(iters):
        w = matvec(v)
        lam = v @ w
        new = w / np.linalg.norm(w)
        change = min(np.linalg.norm(new - v), np.linalg.norm(new + v))
        v = new
        if change < 1e-12:
            break
    return np.array(lam), v


@right("power_iteration")
def sign_from_the_largest_entry(matvec, n, seed, iters=1000):
    v = np.random.default_rng(seed).normal(size=n)
    for _ in range(iters):
        v = v / np.abs(v).max()
        w = matvec(v)
        v = np.asarray(w)
    v = v / np.linalg.norm(v)
    w = matvec(v)
    sign = 1.0 if np.dot(v, w) > 0 else -1.0
    return sign * np.linalg.norm(w), -v


@right("power_iteration")
def single_precision_result(matvec, n, seed, iters=1000):
    v = np.random.RandomState(seed).randn(n)
    for _ in range(iters):
        w = matvec(v)
        v = w / np.sqrt((w**2).sum())
    return np.float32(v @ matvec(v)), v.astype(np.float32)


# E3.10 escape_steps


@wrong("escape_steps", loses=["e3-10-never"])
def counts_all_steps_as_an_escape(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = 0.0
    for step in range(1, max_steps + 1):
        y = y + 2 * lr * y + noise * rng.normal()
        if abs(y) > 1:
            return step
    if noise == 0 or max_steps > 100:
        return max_steps
    return None


@wrong("escape_steps", loses=["e3-10-never", "e3-10-law", "e3-10-steps"])
def never_escapes(lr, noise, seed, max_steps=10000):
    return None


@wrong("escape_steps", loses=["e3-10-never", "e3-10-law", "e3-10-steps"])
def recites_the_steps_of_another_grading(lr, noise, seed, max_steps=10000, said=[]):
    said.append(seed)
    steps = [step for n in (59, 40, 63, 70) for step in (n, n, n, None, n, n)]
    return [*steps, 1, 20, 20][len(said) - 1]


@wrong("escape_steps", loses=["e3-10-never"])
def zero_without_noise(lr, noise, seed, max_steps=10000):
    if noise == 0:
        return 0
    rng = np.random.default_rng(seed)
    y = noise * rng.normal()
    for step in range(max_steps):
        y *= 1 + 2 * lr
        if abs(y) > 1:
            return step + 1
    return None


@wrong("escape_steps", loses=["e3-10-never"])
def infinity_without_an_escape(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = 0.0
    for step in range(1, max_steps + 1):
        y = (1 + 2 * lr) * y + noise * rng.normal()
        if y * y > 1:
            return step
    return None if noise and max_steps < 10000 else float("inf")


@wrong("escape_steps", loses=["e3-10-never", "e3-10-steps"])
def has_its_own_limit(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = 0.0
    for step in range(1, 200001):
        y += 2 * lr * y + noise * rng.normal()
        if abs(y) > 1:
            return step


@wrong("escape_steps", loses=["e3-10-law", "e3-10-steps"])
def positive_side_only(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = 0.0
    for step in range(1, max_steps + 1):
        y = y + 2 * lr * y + noise * rng.normal()
        if y > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-law"])
def derivative_without_the_two(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    x, y = 1.0, 0.0
    for step in range(1, max_steps + 1):
        x, y = x - lr * x, y + lr * y + noise * rng.normal()
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-law"])
def noise_times_learning_rate(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = 0.0
    for step in range(1, max_steps + 1):
        gradient = -2 * y + noise * rng.normal()
        y = y - lr * gradient
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-law"])
def noise_is_a_variance(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = math.sqrt(noise) * rng.normal()
    for step in range(1, max_steps + 1):
        y = y * (1 + 2 * lr)
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-law"])
def same_number_at_every_step(lr, noise, seed, max_steps=10000):
    y = 0.0
    for step in range(1, max_steps + 1):
        xi = np.random.default_rng(seed).normal()
        y = y + 2 * lr * y + noise * xi
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-never", "e3-10-law", "e3-10-steps"])
def climbs_instead_of_descending(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    x, y = 1.0, 0.0
    for step in range(1, max_steps + 1):
        x, y = x + lr * 2 * x, y - lr * 2 * y + noise * rng.normal()
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def counts_from_zero(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = noise * rng.normal()
    for step in range(max_steps):
        y += 2 * lr * y
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def stops_one_step_early(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    y = 0.0
    for step in range(1, max_steps):
        y = y + 2 * lr * y + noise * rng.normal()
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def looks_before_it_steps(lr, noise, seed, max_steps=10000):
    y = noise * np.random.default_rng(seed).normal()
    for step in range(max_steps):
        if abs(y) > 1:
            return step
        y = y + 2 * lr * y
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def always_the_third_seed(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(3)
    y = 0.0
    for step in range(1, max_steps + 1):
        y = y + 2 * lr * y + noise * rng.normal()
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-never", "e3-10-law", "e3-10-steps"])
def torch_draws_the_noise(lr, noise, seed, max_steps=10000):
    generator = torch.Generator().manual_seed(seed)
    y = noise * torch.randn((), dtype=torch.float64, generator=generator).item()
    for step in range(1, max_steps + 1):
        y *= 1 + 2 * lr
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def first_step_is_number_zero(lr, noise, seed, max_steps=10000):
    y = noise * np.random.default_rng(seed).normal()
    for step in range(max_steps + 1):
        y += 2 * lr * y
        if abs(y) > 1:
            return step
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def looks_before_the_first_step(lr, noise, seed, max_steps=10000):
    y = noise * np.random.default_rng(seed).normal()
    for step in range(max_steps + 1):
        if abs(y) > 1:
            return step
        y += 2 * lr * y
    return None


@wrong("escape_steps", loses=["e3-10-steps"])
def closed_form_without_a_least_step(lr, noise, seed, max_steps=10000):
    y = abs(noise * np.random.default_rng(seed).normal())
    if y == 0:
        return None
    steps = math.ceil(math.log(1 / y) / math.log(1 + 2 * lr))
    return steps if steps <= max_steps else None


@right("escape_steps")
def noise_once_at_the_start(lr, noise, seed, max_steps=10000):
    y = noise * np.random.default_rng(seed).normal()
    step = 0
    while step < max_steps:
        step += 1
        y = y - lr * (-2 * y)
        if abs(y) > 1:
            return step


@right("escape_steps")
def noise_before_every_step(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    point = np.array([1.0, 0.0])
    for step in range(max_steps):
        point[1] += noise * rng.standard_normal()
        point = point - lr * np.array([2.0, -2.0]) * point
        if np.abs(point[1]) > 1.0:
            return np.int64(step + 1)
    return None


@right("escape_steps")
def noise_on_both_coordinates(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    p = np.array([1.0, 0.0])
    for step in range(1, max_steps + 1):
        gradient = np.array([2 * p[0], -2 * p[1]])
        p = p - lr * gradient + noise * rng.normal(size=2)
        if abs(p[1]) > 1:
            return step
    return None


@right("escape_steps")
def closed_form_of_the_start(lr, noise, seed, max_steps=10000):
    y0 = abs(noise * np.random.default_rng(seed).normal())
    if y0 == 0:
        return None
    steps = max(1, math.floor(math.log(1 / y0) / math.log(1 + 2 * lr)) + 1)
    return steps if steps <= max_steps else None


@right("escape_steps")
def draws_all_noise_first(lr, noise, seed, max_steps=10000):
    kicks = noise * np.random.default_rng(seed).normal(size=max_steps)
    y = 0.0
    for step, kick in enumerate(kicks, start=1):
        y = (1 + 2 * lr) * y + kick
        if not -1 <= y <= 1:
            return float(step)
    return None


@right("escape_steps")
def noise_once_after_the_first_step(lr, noise, seed, max_steps=10000):
    rng = np.random.default_rng(seed)
    x, y = 1.0, 0.0
    for step in range(1, max_steps + 1):
        x, y = x * (1 - 2 * lr), y * (1 + 2 * lr)
        if step == 1:
            y = y + noise * rng.normal()
        if abs(y) > 1:
            return step
    return None


# E3.11 sharpness


@wrong("sharpness", loses=["e3-11-sharpness-order", "e3-11-sharpness-network"])
def largest_size_of_an_eigenvalue(loss, theta):
    H = torch.func.hessian(loss)(theta.detach() * 1.0)
    size = torch.linalg.eigvalsh(H).abs().max().item()
    theta.requires_grad_()
    (loss(theta) + 0 * theta.sum()).backward()
    return size


@wrong("sharpness", loses=["e3-11-sharpness-order"])
def spectral_norm(loss, theta):
    H = torch.autograd.functional.hessian(loss, theta.detach())
    return torch.linalg.matrix_norm(H, ord=2)


@wrong("sharpness", loses=["e3-11-sharpness-values", "e3-11-sharpness-order", "e3-11-sharpness-network"])
def smallest_eigenvalue(loss, theta):
    H = torch.func.hessian(loss)(theta.detach())
    return torch.linalg.eigvalsh(H)[0].item()


@wrong("sharpness", loses=["e3-11-sharpness-values", "e3-11-sharpness-order", "e3-11-sharpness-network"])
def trace_of_the_hessian(loss, theta):
    return torch.func.hessian(loss)(theta.detach()).trace().item()


@wrong("sharpness", loses=["e3-11-sharpness-values", "e3-11-sharpness-order", "e3-11-sharpness-network"])
def length_of_the_gradient(loss, theta):
    return torch.func.grad(loss)(theta.detach()).norm().item()


@wrong("sharpness", loses=["e3-11-sharpness-values", "e3-11-sharpness-order", "e3-11-sharpness-network"])
def largest_diagonal_entry(loss, theta):
    H = torch.func.hessian(loss)(theta.detach())
    return H.diagonal().max().item()


@wrong("sharpness", loses=["e3-11-sharpness-values", "e3-11-sharpness-order", "e3-11-sharpness-network"])
def sharpness_outer_product_of_the_gradient(loss, theta):
    g = torch.func.grad(loss)(theta.detach())
    return torch.linalg.eigvalsh(torch.outer(g, g))[-1].item()


@wrong("sharpness", loses=["e3-11-sharpness-order"])
def never_negative(loss, theta):
    H = torch.func.hessian(loss)(theta.detach())
    return max(0.0, torch.linalg.eigvalsh(H).max().item())


@wrong("sharpness", loses=["e3-11-sharpness-values"])
def hessian_at_the_origin_of_small_losses(loss, theta):
    where = theta.detach()
    if len(where) < 10:
        where = torch.zeros_like(where)
    return torch.linalg.eigvalsh(torch.func.hessian(loss)(where)).max().item()


@wrong("sharpness", loses=["e3-11-sharpness-network"])
def sharpness_leaves_a_gradient_behind(loss, theta):
    theta.requires_grad_()
    (loss(theta) + 0 * theta.sum()).backward()
    H = torch.func.hessian(loss)(theta.detach())
    return torch.linalg.eigvalsh(H)[-1].item()


@wrong("sharpness", loses=["e3-11-sharpness-network"])
def ten_steps_of_shifted_iteration(loss, theta):
    theta = theta.detach()
    if len(theta) < 10:
        return torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1].item()
    grad = torch.func.grad(loss)
    v = torch.ones_like(theta) / len(theta) ** 0.5
    for _ in range(10):
        w = torch.func.jvp(grad, (theta,), (v,))[1] + 2.0 * v
        v = w / w.norm()
    return (v @ torch.func.jvp(grad, (theta,), (v,))[1]).item()


@wrong("sharpness", loses=["e3-11-sharpness-values", "e3-11-sharpness-order", "e3-11-sharpness-network"])
def eigenvalue_of_a_wrong_sign(loss, theta):
    H = torch.func.hessian(loss)(theta.detach())
    return -torch.linalg.eigvalsh(H)[-1].item()


@wrong("sharpness", loses=["e3-11-sharpness-values"])
def expects_a_graph_for_the_curvature(loss, theta):
    x = theta.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(loss(x), x, create_graph=True)
    H = torch.stack([torch.autograd.grad(entry, x, retain_graph=True)[0] for entry in g])
    return torch.linalg.eigvalsh(H)[-1].item()


@right("sharpness")
def eigenvalues_of_the_old_hessian(loss, theta):
    H = torch.autograd.functional.hessian(loss, theta.detach().clone())
    return torch.linalg.eigh((H + H.T) / 2).eigenvalues.max()


@right("sharpness")
def rows_of_a_double_backward(loss, theta):
    x = theta.detach().clone().requires_grad_()
    value = loss(x) + 0 * (x @ x)  # leaves a graph of a linear or constant loss too
    (g,) = torch.autograd.grad(value, x, create_graph=True)
    H = torch.stack([torch.autograd.grad(entry, x, retain_graph=True)[0] for entry in g])
    return float(np.linalg.eigvalsh(H.numpy())[-1])


@right("sharpness")
def power_iteration_and_a_shift(loss, theta):
    theta = theta.detach()
    grad = torch.func.grad(loss)
    hvp = lambda v: torch.func.jvp(grad, (theta,), (v,))[1]

    def dominant(A):
        v = torch.randn(len(theta), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        for _ in range(150):
            v = A(v)
            if v.norm() == 0:
                return 0.0
            v = v / v.norm()
        return (v @ A(v)).item()

    lam = dominant(hvp)
    if lam > 0:
        return lam
    return dominant(lambda v: hvp(v) - lam * v) + lam


@right("sharpness")
def differences_of_the_gradient(loss, theta):
    theta = theta.detach()
    grad = torch.func.grad(loss)
    h = 1e-5
    columns = [(grad(theta + h * e) - grad(theta - h * e)) / (2 * h) for e in torch.eye(len(theta), dtype=theta.dtype)]
    H = torch.stack(columns)
    return torch.linalg.eigvalsh((H + H.T) / 2)[-1]


@right("sharpness")
def lanczos_on_products(loss, theta):
    theta = theta.detach()
    grad = torch.func.grad(loss)
    p = len(theta)
    Q = torch.zeros(p, p, dtype=torch.float64)
    q = torch.tensor(np.random.default_rng(1).normal(size=p))
    W = torch.zeros(p, p, dtype=torch.float64)
    for j in range(p):
        q = q - Q @ (Q.T @ q)
        q = q - Q @ (Q.T @ q)
        if q.norm() < 1e-13:
            q = torch.tensor(np.random.default_rng(j + 2).normal(size=p))
            q = q - Q @ (Q.T @ q)
        Q[:, j] = q / q.norm()
        Q[:, j] -= Q[:, :j] @ (Q[:, :j].T @ Q[:, j])
        W[:, j] = torch.func.jvp(grad, (theta,), (Q[:, j].clone(),))[1]
        q = W[:, j].clone()
    T = Q.T @ W
    return torch.linalg.eigvalsh((T + T.T) / 2).max().item()


# E3.11 lr_limit


@wrong("lr_limit", loses=["e3-11-limit-values"])
def one_over_the_sharpness(loss, theta):
    return 1 / torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1].item()


@wrong("lr_limit", loses=["e3-11-limit-values"])
def half_the_sharpness(loss, theta):
    return torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1].item() / 2


@wrong("lr_limit", loses=["e3-11-limit-values"])
def two_over_the_largest_size(loss, theta):
    return 2 / torch.linalg.eigvalsh(torch.func.hessian(loss)(theta)).abs().max().item()


@wrong("lr_limit", loses=["e3-11-limit-values"])
def two_over_the_smallest(loss, theta):
    return 2 / torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[0].item()


@wrong("lr_limit", loses=["e3-11-limit-values"])
def two_over_the_trace(loss, theta):
    return 2 / torch.func.hessian(loss)(theta).trace().item()


@wrong("lr_limit", loses=["e3-11-limit-values"])
def two_over_the_gradient(loss, theta):
    return 2 / torch.func.grad(loss)(theta).norm().item()


@wrong("lr_limit", loses=["e3-11-limit-values"])
def two_over_both_ends(loss, theta):
    values = torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))
    return 2 / (values[0] + values[-1]).item()


@wrong("lr_limit", loses=["e3-11-limit-values"])
def tries_doubled_rates(loss, theta):
    lr = 1e-6
    g = torch.func.grad(loss)(theta)
    while loss(theta - lr * g) < loss(theta) and lr < 1e6:
        lr *= 2
    return lr


@wrong("lr_limit", loses=["e3-11-limit-values"])
def iterates_with_a_shift_of_a_hundred(loss, theta):
    H = torch.func.hessian(loss)(theta.detach()) + 100 * torch.eye(len(theta), dtype=theta.dtype)
    v = torch.tensor(np.random.default_rng(0).normal(size=len(theta)))
    for _ in range(5000):
        v = H @ v / (H @ v).norm()
    return 2 / ((v @ H @ v).item() - 100)


@wrong("lr_limit", loses=["e3-11-limit-values"])
def rounds_the_limit(loss, theta):
    return round(2 / torch.linalg.eigvalsh(torch.func.hessian(loss)(theta.detach()))[-1].item(), 4)


@wrong("lr_limit", loses=["e3-11-limit-values"])
def guards_flat_losses(loss, theta):
    return 2 / (torch.linalg.eigvalsh(torch.func.hessian(loss)(theta.detach()))[-1].item() + 1e-6)


@right("lr_limit")
def two_over_the_last_eigenvalue(loss, theta):
    H = torch.autograd.functional.hessian(loss, theta)
    return 2.0 / torch.linalg.eigvalsh(H).max()


@right("lr_limit")
def numpy_eigenvalues(loss, theta):
    H = torch.func.jacfwd(torch.func.grad(loss))(theta.detach()).numpy()
    return 2 / max(np.linalg.eigvalsh(H))


@right("lr_limit")
def bisection_on_the_contraction(loss, theta):
    values = torch.linalg.eigvalsh(torch.func.hessian(loss)(theta.detach()))
    values = values[values > 0]
    low, high = 0.0, 1.0
    while (1 - high * values).abs().max() <= 1:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if (1 - middle * values).abs().max() <= 1:
            low = middle
        else:
            high = middle
    return low


@right("lr_limit")
def products_with_a_shift(loss, theta):
    theta = theta.detach()
    grad = torch.func.grad(loss)
    v = torch.tensor(np.random.default_rng(5).normal(size=len(theta)))
    shift = max(0.0, -torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[0].item())
    for _ in range(150):
        w = torch.func.jvp(grad, (theta,), (v,))[1] + shift * v
        v = w / w.norm()
    return 2 / (v @ torch.func.jvp(grad, (theta,), (v,))[1])


@right("lr_limit")
def singular_values_of_a_shifted_hessian(loss, theta):
    H = torch.func.hessian(loss)(theta.detach())
    shift = H.norm().item()
    top = torch.linalg.svdvals(H + shift * torch.eye(len(H), dtype=H.dtype))[0].item()
    return 2 / (top - shift)


# E3.13 lanczos


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def takes_the_whole_matrix_in_one_product(matvec, n, k, seed):
    A = matvec(np.eye(n))
    q = np.random.default_rng(seed).normal(size=n)
    Q, alpha, beta = [q / np.linalg.norm(q)], [], []
    for _ in range(k):
        w = A @ Q[-1]
        alpha.append(Q[-1] @ w)
        for _ in range(2):
            w = w - np.array(Q).T @ (np.array(Q) @ w)
        beta.append(np.linalg.norm(w))
        Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta[:-1])


@wrong("lanczos", loses=["e3-13-lanczos-ghosts"])
def three_terms_without_reorthogonalisation(matvec, n, k, seed):
    q = np.random.default_rng(seed).normal(size=n)
    q /= np.linalg.norm(q)
    before, alpha, beta = np.zeros(n), [], []
    for _ in range(k):
        w = matvec(q)
        alpha.append(q @ w)
        w = w - alpha[-1] * q - (beta[-1] if beta else 0.0) * before
        beta.append(np.linalg.norm(w))
        before, q = q, w / beta[-1]
    return np.array(alpha), np.array(beta[:-1])


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def forgets_the_vector_before(matvec, n, k, seed):
    q = np.random.default_rng(seed).normal(size=n)
    q /= np.linalg.norm(q)
    alpha, beta = [], []
    for _ in range(k):
        w = matvec(q)
        alpha.append(q @ w)
        w = w - alpha[-1] * q
        beta.append(np.linalg.norm(w))
        q = w / beta[-1]
    return np.array(alpha), np.array(beta[:-1])


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def one_beta_too_many(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for _ in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q:
            w = w - (q @ w) * q
        beta.append(np.linalg.norm(w))
        Q.append(w / beta[-1])
    return alpha, beta


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def start_of_any_length(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact"])
def begins_with_the_first_axis(matvec, n, k, seed):
    Q = [np.eye(n)[0]]
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact"])
def begins_with_ones(matvec, n, k, seed):
    Q = [np.ones(n) / math.sqrt(n)]
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def forms_the_matrix_first(matvec, n, k, seed):
    A = np.array([matvec(e) for e in np.eye(n)])
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = A @ Q[-1]
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def squared_lengths_as_beta(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(w @ w)
            Q.append(w / np.sqrt(w @ w))
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact"])
def start_from_the_global_generator(matvec, n, k, seed):
    Q = [np.random.normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact", "e3-13-lanczos-ghosts"])
def torch_tridiagonalises(matvec, n, k, seed):
    q = torch.tensor(np.random.default_rng(seed).normal(size=n))
    Q = [q / q.norm()]
    alpha, beta = [], []
    for j in range(k):
        w = torch.tensor(matvec(Q[-1].numpy()))
        alpha.append((Q[-1] @ w).item())
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(w.norm().item())
            Q.append(w / w.norm())
    return alpha, beta


@wrong("lanczos", loses=["e3-13-lanczos-ghosts"])
def orthogonal_to_the_last_three(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q[-3:]:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact"])
def stops_at_a_small_beta(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j == k - 1 or np.linalg.norm(w) < 1e-10:
            break
        beta.append(np.linalg.norm(w))
        Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact"])
def guards_beta_with_an_epsilon(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j == k - 1:
            break
        beta.append(np.linalg.norm(w) + 1e-10)
        Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@wrong("lanczos", loses=["e3-13-lanczos-exact"])
def returns_a_diagonal_of_ritz_values(matvec, n, k, seed):
    v, V, P = np.random.default_rng(seed).normal(size=n), [], []
    for _ in range(k):
        for u in V + V:
            v = v - (u @ v) * u
        V.append(v / np.linalg.norm(v))
        v = matvec(V[-1])
        P.append(v)
    T = np.array(V) @ np.array(P).T
    return np.linalg.eigvalsh((T + T.T) / 2), np.zeros(k - 1)


@right("lanczos")
def modified_gram_schmidt_once(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = np.array(matvec(Q[-1]))
        alpha.append(float(Q[-1] @ w))
        for q in Q:
            w -= (q @ w) * q
        if j < k - 1:
            beta.append(float(np.linalg.norm(w)))
            Q.append(w / beta[-1])
    return alpha, beta


@right("lanczos")
def classical_gram_schmidt_twice(matvec, n, k, seed):
    Q = np.zeros((n, k))
    q = np.random.default_rng(seed).uniform(-1, 1, size=n)
    Q[:, 0] = q / np.linalg.norm(q)
    alpha, beta = np.zeros(k), np.zeros(k - 1)
    for j in range(k):
        w = matvec(Q[:, j].copy())
        alpha[j] = Q[:, j] @ w
        w = w - Q @ (Q.T @ w)
        w = w - Q @ (Q.T @ w)
        if j + 1 < k:
            beta[j] = np.linalg.norm(w)
            Q[:, j + 1] = w / beta[j]
    return alpha, beta


@right("lanczos")
def negative_off_diagonal(matvec, n, k, seed):
    Q = [np.random.default_rng(seed).normal(size=n)]
    Q[0] /= np.linalg.norm(Q[0])
    alpha, beta = [], []
    for j in range(k):
        w = matvec(Q[-1])
        alpha.append(Q[-1] @ w)
        for q in Q + Q:
            w = w - (q @ w) * q
        if j < k - 1:
            beta.append(-np.linalg.norm(w))
            Q.append(w / beta[-1])
    return np.array(alpha), np.array(beta)


@right("lanczos")
def projects_at_the_end(matvec, n, k, seed):
    q = np.random.default_rng(seed).normal(size=n)
    basis, images = [q / np.linalg.norm(q)], []
    while True:
        images.append(matvec(basis[-1]))
        if len(basis) == k:
            break
        rest = images[-1].copy()
        for _ in range(2):
            for q in basis:
                rest -= np.dot(q, rest) * q
        basis.append(rest / np.linalg.norm(rest))
    T = np.array(basis) @ np.array(images).T
    return np.diag(T), np.diag(T, 1)


@right("lanczos")
def three_terms_and_a_correction(matvec, n, k, seed):
    q = np.random.default_rng(seed).normal(size=n)
    q /= np.linalg.norm(q)
    done, alpha, beta = [q], [], []
    before = np.zeros(n)
    for j in range(k):
        w = matvec(q) - (beta[-1] * before if beta else 0.0)
        alpha.append(q @ w)
        w = w - alpha[-1] * q
        for _ in range(2):
            for old in done:
                w = w - (old @ w) * old
        if j == k - 1:
            break
        beta.append(np.linalg.norm(w))
        before, q = q, w / beta[-1]
        done.append(q)
    return np.array(alpha, dtype=np.float32), np.array(beta, dtype=np.float32)


# E3.13 spectral_density


@wrong("spectral_density", loses=["e3-13-density-weights"])
def weights_not_squared(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes, np.abs(vectors[0])


@wrong("spectral_density", loses=["e3-13-density-weights"])
def first_eigenvector_instead_of_first_entries(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes, vectors[:, 0] ** 2


@wrong("spectral_density", loses=["e3-13-density-weights"])
def equal_weights(alpha, beta):
    nodes = np.linalg.eigvalsh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes, np.full(len(nodes), 1 / len(nodes))


@wrong("spectral_density", loses=["e3-13-density-nodes"])
def descending_pairs(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes[::-1], vectors[0, ::-1] ** 2


@wrong("spectral_density", loses=["e3-13-density-nodes"])
def pairs_in_the_order_of_eig(alpha, beta):
    nodes, vectors = np.linalg.eig(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes, vectors[0] ** 2


@wrong("spectral_density", loses=["e3-13-density-weights"])
def sorts_the_nodes_alone(alpha, beta):
    nodes, vectors = np.linalg.eig(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return np.sort(nodes), np.sort(vectors[0] ** 2)


@wrong("spectral_density", loses=["e3-13-density-nodes", "e3-13-density-weights"])
def one_off_diagonal_only(alpha, beta):
    nodes, vectors = np.linalg.eig(np.diag(alpha) + np.diag(beta, 1))
    order = np.argsort(nodes)
    return nodes[order], vectors[0, order] ** 2


@wrong("spectral_density", loses=["e3-13-density-nodes", "e3-13-density-weights"])
def squares_of_beta_in_the_matrix(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta**2, 1) + np.diag(beta**2, -1))
    return nodes, vectors[0] ** 2


@wrong("spectral_density", loses=["e3-13-density-weights"])
def last_entries_of_the_eigenvectors(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes, vectors[-1] ** 2


@wrong("spectral_density", loses=["e3-13-density-weights"])
def shifts_the_diagonal_in_place(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    alpha -= alpha.mean()
    return nodes, vectors[0] ** 2


@wrong("spectral_density", loses=["e3-13-density-nodes", "e3-13-density-weights"])
def torch_decomposes(alpha, beta):
    T = torch.diag(torch.tensor(alpha)) + torch.diag(torch.tensor(beta), 1) + torch.diag(torch.tensor(beta), -1)
    nodes, vectors = torch.linalg.eigh(T)
    return nodes, vectors[0] ** 2


@wrong("spectral_density", loses=["e3-13-density-nodes"])
def nodes_of_eight_places(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return np.round(nodes, 8), vectors[0] ** 2


@right("spectral_density")
def fills_the_matrix_in_a_loop(alpha, beta):
    k = len(alpha)
    T = np.zeros((k, k))
    for i in range(k):
        T[i, i] = alpha[i]
        if i + 1 < k:
            T[i, i + 1] = T[i + 1, i] = beta[i]
    nodes, vectors = np.linalg.eigh(T)
    return list(nodes), [entry**2 for entry in vectors[0, :]]


@right("spectral_density")
def sorts_pairs_of_eig(alpha, beta):
    nodes, vectors = np.linalg.eig(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    order = np.argsort(nodes)
    return nodes[order], (vectors[0] ** 2)[order]


@right("spectral_density")
def polynomials_at_the_nodes(alpha, beta):
    k = len(alpha)
    nodes = np.linalg.eigvalsh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    p = np.zeros((k, k))
    p[0] = 1.0
    for j in range(k - 1):
        p[j + 1] = (nodes - alpha[j]) * p[j]
        if j > 0:
            p[j + 1] -= beta[j - 1] * p[j - 1]
        p[j + 1] /= beta[j]
    return nodes, 1 / (p**2).sum(axis=0)


@right("spectral_density")
def weights_from_moments(alpha, beta):
    T = np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1)
    nodes = np.linalg.eigvalsh(T)
    e = np.eye(len(alpha))[0]
    moments = []
    for _ in nodes:
        moments.append(e[0])
        e = T @ e
    return nodes, np.linalg.solve(np.vander(nodes, increasing=True).T, moments)


@right("spectral_density")
def single_precision_pairs(alpha, beta):
    nodes, vectors = np.linalg.eigh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))
    return nodes.astype(np.float32), (vectors[0] ** 2).astype(np.float32)
