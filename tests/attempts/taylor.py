"""Attempts at ps4-taylor, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

# E4.1 taylor


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def forgets_the_half(f, x0, order):
    g, H = torch.func.grad(f)(x0.detach()), torch.func.hessian(f)(x0.detach())

    def model(dx):
        out = f(x0.detach()) + 0 * dx.sum(-1)
        if order > 0:
            out = out + dx @ g
        if order > 1:
            out = out + torch.einsum("...i,ij,...j->...", dx, H, dx)
        return out

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def adds_the_gradient_twice(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        out = f(x) + dx @ g if order > 0 else f(x) + torch.zeros(dx.shape[:-1], dtype=dx.dtype)
        if order == 2:
            out = out + dx @ g + 0.5 * torch.einsum("...i,ij,...j->...", dx, H, dx)
        return out

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values"])
def hessian_at_the_far_end(f, x0, order):
    x = x0.detach()
    g = torch.func.grad(f)(x)

    def one(dx):
        out = f(x)
        if order > 0:
            out = out + g @ dx
        if order > 1:
            out = out + 0.5 * dx @ torch.func.hessian(f)(x + dx) @ dx
        return out

    def model(dx):
        return one(dx) if dx.dim() == 1 else torch.stack([one(row) for row in dx])

    return model


@wrong("taylor", loses=["e4-1-shape", "e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def forgets_the_second_factor(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        out = f(x)
        if order >= 1:
            out = out + g @ dx.T
        if order >= 2:
            out = out + 0.5 * (dx @ H)
        return out

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def keeps_the_diagonal_of_the_hessian(f, x0, order):
    x = x0.detach()
    terms = [f(x), torch.func.grad(f)(x), torch.func.hessian(f)(x).diagonal()]

    def model(dx):
        powers = [torch.ones(dx.shape[:-1], dtype=dx.dtype) * terms[0], dx @ terms[1], dx**2 @ terms[2] / 2]
        return sum(powers[: order + 1])

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def counts_mixed_terms_once(f, x0, order):
    x = x0.detach()
    H = torch.triu(torch.func.hessian(f)(x))
    g = torch.func.grad(f)(x)

    def model(dx):
        value = f(x).expand(dx.shape[:-1])
        value = value + dx @ g if order > 0 else value
        return value + 0.5 * torch.einsum("...i,ij,...j->...", dx, H, dx) if order > 1 else value

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def walks_against_the_gradient(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
    return lambda dx: (
        f(x) * torch.ones(dx.shape[:-1], dtype=dx.dtype)
        - (dx @ g if order else 0)
        + (torch.einsum("...i,ij,...j->...", dx, H, dx) / 2 if order == 2 else 0)
    )


@wrong("taylor", loses=["e4-1-shape", "e4-1-inputs"])
def mixes_the_batch(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        value = f(x)
        if order > 0:
            value = value + dx @ g
        if order > 1:
            value = value + 0.5 * dx @ H @ dx.T
        return value

    return model


@wrong("taylor", loses=["e4-1-shape"])
def order_zero_forgets_the_batch(f, x0, order):
    x = x0.detach()
    if order == 0:
        return lambda dx: f(x)
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
    return lambda dx: f(x) + dx @ g + (((dx @ H) * dx).sum(-1) / 2 if order == 2 else 0)


@wrong("taylor", loses=["e4-1-slopes"])
def first_order_holds_the_hessian_too(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        value = f(x) + torch.zeros(dx.shape[:-1], dtype=dx.dtype)
        if order:
            value = value + dx @ g + ((dx @ H) * dx).sum(-1) / 2
        return value

    return model


@wrong("taylor", loses=["e4-1-slopes"])
def ignores_the_order(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
    return lambda dx: f(x) + dx @ g + 0.5 * torch.sum((dx @ H) * dx, dim=-1)


@wrong("taylor", loses=["e4-1-inputs"])
def divides_by_the_length(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        r = dx.norm(dim=-1, keepdim=True)
        u, r = dx / r, r.squeeze(-1)
        value = f(x) + 0 * r
        if order > 0:
            value = value + r * (u @ g)
        if order > 1:
            value = value + 0.5 * r**2 * torch.einsum("...i,ij,...j->...", u, H, u)
        return value

    return model


@wrong("taylor", loses=["e4-1-inputs"])
def needs_a_curved_function(f, x0, order):
    x = x0.detach().clone().requires_grad_(True)
    y = f(x)
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    H = torch.stack([torch.autograd.grad(gi, x, retain_graph=True)[0] for gi in g])
    y, g = y.detach(), g.detach()

    def model(dx):
        terms = [y.expand(dx.shape[:-1]), dx @ g, ((dx @ H) * dx).sum(-1) / 2]
        return sum(terms[: order + 1])

    return model


@wrong("taylor", loses=["e4-1-inputs"])
def moves_the_point_of_the_caller(f, x0, order):
    x = x0.detach().clone()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
    y = f(x)
    x0.data.zero_()

    def model(dx):
        terms = [y.expand(dx.shape[:-1]), dx @ g, ((dx @ H) * dx).sum(-1) / 2]
        return sum(terms[: order + 1])

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def starts_from_zero(f, x0, order):
    x = x0.detach()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        terms = [torch.zeros(dx.shape[:-1], dtype=dx.dtype), dx @ g, ((dx @ H) * dx).sum(-1) / 2]
        return sum(terms[: order + 1])

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def takes_points_for_displacements(f, x0, order):
    x = x0.detach().clone()
    g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(p):
        dx = p - x
        terms = [f(x).expand(dx.shape[:-1]), dx @ g, ((dx @ H) * dx).sum(-1) / 2]
        return sum(terms[: order + 1])

    return model


@wrong("taylor", loses=["e4-1-shape", "e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def returns_the_terms_and_no_model(f, x0, order):
    x = x0.detach()
    return f(x), torch.func.grad(f)(x), torch.func.hessian(f)(x)


@wrong("taylor", loses=["e4-1-inputs"])
def works_in_single_precision(f, x0, order):
    x = x0.detach().float()
    y, g, H = f(x), torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def model(dx):
        dx = dx.float()
        terms = [y.expand(dx.shape[:-1]), dx @ g, ((dx @ H) * dx).sum(-1) / 2]
        return sum(terms[: order + 1])

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def adds_an_error_of_the_right_order(f, x0, order):
    x0 = x0.detach().clone()

    def model(dx):
        value = torch.stack([f(x0 + u) for u in dx]) if dx.ndim > 1 else f(x0 + dx)
        return value + dx.norm(dim=-1) ** (order + 1)

    return model


@wrong("taylor", loses=["e4-1-slopes", "e4-1-values", "e4-1-inputs"])
def adds_a_small_cube_to_the_function(f, x0, order):
    x0 = x0.detach().clone()
    y, g = f(x0), torch.func.grad(f)(x0)
    if order < 2:
        return lambda dx: y + (dx @ g if order else 0 * dx.sum(-1))

    def model(dx):
        value = torch.stack([f(x0 + u) for u in dx]) if dx.ndim > 1 else f(x0 + dx)
        return value + 0.01 * dx.norm(dim=-1) ** 3

    return model


@wrong("taylor", loses=["e4-1-values"])
def trusts_no_model_far_away(f, x0, order):
    x = x0.detach().clone()
    y, g, H = f(x), torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def one(dx):
        if order == 2 and dx.norm() > 1.5:
            return f(x + dx)
        return sum([y, dx @ g, dx @ H @ dx / 2][: order + 1])

    return lambda dx: one(dx) if dx.ndim == 1 else torch.stack([one(row) for row in dx])


@right("taylor")
def nests_functions_by_order(f, x0, order):
    x = x0.detach().clone()
    y = f(x)
    if order == 0:
        return lambda dx: y.expand(dx.shape[:-1])
    g = torch.func.grad(f)(x)
    if order == 1:
        return lambda dx: y + dx @ g
    H = torch.autograd.functional.hessian(f, x)
    return lambda dx: y + dx @ g + torch.einsum("...i,ij,...j->...", dx, H, dx) / 2


@right("taylor")
def differentiates_along_the_line(f, x0, order):
    """No Hessian: derivatives of t -> f(x0 + t dx) by nested jvp, when the model is called."""
    x = x0.detach()

    def one(dx):
        first = lambda p: torch.func.jvp(f, (p,), (dx,))[1]
        second = lambda p: torch.func.jvp(first, (p,), (dx,))[1]
        value = f(x)
        if order >= 1:
            value = value + first(x)
        if order >= 2:
            value = value + second(x) / 2
        return value

    return lambda dx: one(dx) if dx.ndim == 1 else torch.stack([one(row) for row in dx])


@right("taylor")
def model_class_with_numpy(f, x0, order):
    class Model:
        def __init__(self):
            x = x0.detach()
            self.y = float(f(x))
            self.g = torch.func.grad(f)(x).numpy()
            self.H = torch.func.jacfwd(torch.func.grad(f))(x).numpy()

        def __call__(self, dx):
            dx = np.asarray(dx)
            rows = np.atleast_2d(dx)
            values = np.full(len(rows), self.y)
            if order > 0:
                values += rows @ self.g
            if order > 1:
                values += 0.5 * np.array([r @ self.H @ r for r in rows])
            return values if dx.ndim == 2 else values[0]

    return Model()


@right("taylor")
def sums_over_all_pairs(f, x0, order):
    x = x0.clone().detach().requires_grad_(True)
    n = len(x)
    g = torch.autograd.grad(f(x), x)[0].tolist()
    H = torch.func.hessian(f)(x.detach()).tolist()
    y = f(x).item()

    def one(dx):
        total = y
        for i in range(n):
            if order >= 1:
                total += g[i] * dx[i]
            for j in range(n):
                if order >= 2:
                    total += 0.5 * dx[i] * H[i][j] * dx[j]
        return total

    def model(dx):
        dx = dx.tolist()
        return [one(row) for row in dx] if isinstance(dx[0], list) else one(dx)

    return model


@right("taylor")
def differences_of_gradients_for_the_hessian(f, x0, order):
    x = x0.detach()
    grad = torch.func.grad(f)
    h = 1e-5
    H = torch.stack([(grad(x + h * e) - grad(x - h * e)) / (2 * h) for e in torch.eye(len(x), dtype=x.dtype)])
    y, g = f(x), grad(x)

    def model(dx):
        out = torch.zeros(dx.shape[:-1], dtype=torch.float64) + y
        if order:
            out += (dx * g).sum(-1)
        if order == 2:
            out += ((dx @ H) * dx).sum(-1) / 2
        return out

    return model


@right("taylor")
def vmaps_a_single_model_in_single_precision(f, x0, order):
    x = x0.clone()
    y, g, H = f(x), torch.func.grad(f)(x), torch.func.hessian(f)(x)

    def one(dx):
        value = y + 0 * dx.sum()
        value = value + (g @ dx if order > 0 else 0)
        return value + (dx @ H @ dx / 2 if order > 1 else 0)

    return lambda dx: (one(dx) if dx.dim() == 1 else torch.vmap(one)(dx)).float()


# E4.2 seed_example


@wrong("seed_example", loses=["e4-2-values"])
def example_in_single_precision():
    f = lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2
    x0, dx = torch.tensor([1.0, 1.0]), torch.tensor([0.1, 0.2])
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    return f(torch.tensor([1.1, 1.2])).item(), (f(x0) + g @ dx + 0.5 * dx @ H @ dx).item()


@wrong("seed_example", loses=["e4-2-values"])
def example_without_the_half():
    g, H, dx = np.array([3.0, 3.0]), np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([0.1, 0.2])
    return 1.1**2 + 1.1 * 1.2 + 1.2**2, 3 + g @ dx + dx @ H @ dx


@wrong("seed_example", loses=["e4-2-values"])
def example_of_first_order():
    return 1.1**2 + 1.1 * 1.2 + 1.2**2, 3 + 3 * 0.1 + 3 * 0.2


@wrong("seed_example", loses=["e4-2-values"])
def example_with_the_error():
    exact = 1.1**2 + 1.1 * 1.2 + 1.2**2
    approx = 3 + 0.9 + 0.07
    return exact, abs(exact - approx)


@wrong("seed_example", loses=["e4-2-values"])
def example_with_the_diagonal_only():
    exact = 1.1**2 + 1.1 * 1.2 + 1.2**2
    return exact, 3 + 0.9 + 0.5 * (2 * 0.01 + 2 * 0.04)


@wrong("seed_example", loses=["e4-2-values"])
def example_at_the_centre():
    f = lambda a, b: a**2 + a * b + b**2
    return f(1.0, 1.0), 3.97


@wrong("seed_example", loses=["e4-2-values"])
def example_prints_only():
    exact = 1.1**2 + 1.1 * 1.2 + 1.2**2
    print(exact, 3 + 0.9 + 0.07)


@wrong("seed_example", loses=["e4-2-values"])
def example_with_a_third_number():
    exact = 1.1**2 + 1.1 * 1.2 + 1.2**2
    approx = 3 + 0.9 + 0.07
    return exact, approx, exact - approx


@right("seed_example")
def example_by_hand():
    return 1.1**2 + 1.1 * 1.2 + 1.2**2, 3 + 3 * 0.1 + 3 * 0.2 + 0.5 * (2 * 0.01 + 2 * 0.02 + 2 * 0.04)


@right("seed_example")
def example_by_autograd():
    def f(x):
        return x[0] ** 2 + x[0] * x[1] + x[1] ** 2

    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    dx = torch.tensor([0.1, 0.2], dtype=torch.float64)
    y = f(x)
    (g,) = torch.autograd.grad(y, x)
    H = torch.autograd.functional.hessian(f, x)
    return [f(x + dx), y + g @ dx + 0.5 * dx @ H @ dx]


@right("seed_example")
def example_as_a_quadratic_form():
    A = np.array([[1.0, 0.5], [0.5, 1.0]])
    x0, dx = np.ones(2), np.array([0.1, 0.2])
    return np.array([(x0 + dx) @ A @ (x0 + dx), x0 @ A @ x0 + 2 * x0 @ A @ dx + dx @ A @ dx]).tolist()


@right("seed_example")
def example_along_the_line():
    g = lambda t: (1 + 0.1 * t) ** 2 + (1 + 0.1 * t) * (1 + 0.2 * t) + (1 + 0.2 * t) ** 2
    first, second = (g(1.0) - g(-1.0)) / 2, g(1.0) - 2 * g(0.0) + g(-1.0)
    return g(1.0), g(0.0) + first + second / 2


@right("seed_example")
def example_as_numpy_scalars():
    x, y = np.float64(1) + np.float64(0.1), np.float64(1) + np.float64(0.2)
    return np.square(x) + x * y + np.square(y), torch.tensor(3.97, dtype=torch.float64)


# E4.2 seed_example_reason


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_small():
    return "small_dx"


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_rounding():
    return "rounding"


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_in_a_sentence():
    return "because f is quadratic"


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_printed():
    print("quadratic")


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_by_number():
    return 0


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_all_of_them():
    return ["quadratic", "small_dx", "rounding"]


@wrong("seed_example_reason", loses=["e4-2-reason"])
def reason_two_in_one():
    return "quadratic, rounding"


@right("seed_example_reason")
def reason_word():
    return "quadratic"


@right("seed_example_reason")
def reason_from_the_third_derivative():
    f = lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2
    third = torch.func.jacfwd(torch.func.hessian(f))(torch.tensor([0.3, -1.0]))
    return "quadratic" if not third.any() else "small_dx"


@right("seed_example_reason")
def reason_from_a_long_step():
    x = (101.0, 201.0)
    exact = x[0] ** 2 + x[0] * x[1] + x[1] ** 2
    model = 3 + 3 * 100 + 3 * 200 + (100**2 + 100 * 200 + 200**2)
    if abs(exact - model) > 1e-6:
        return "small_dx"
    return "quadratic"


@right("seed_example_reason")
def reason_chosen_from_a_list():
    words = np.array(["quadratic", "small_dx", "rounding"])
    return words[0]


@right("seed_example_reason")
def reason_with_spaces_removed():
    answer = " quadratic "
    return answer.strip()


# E4.3 remainders


@wrong("remainders", loses=["e4-3-remainders-second"])
def remainders_without_the_half(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    out = []
    for h in hs:
        u = h * d
        model = f(x0) + (g @ u if order > 0 else 0) + (u @ H @ u if order > 1 else 0)
        out.append(abs(f(x0 + u) - model))
    return torch.stack(out)


@wrong("remainders", loses=["e4-3-remainders-second"])
def remainders_with_the_diagonal(f, x0, d, hs, order):
    g, D = torch.func.grad(f)(x0), torch.func.hessian(f)(x0).diagonal()
    a, b = g @ d, (D * d * d).sum()
    return torch.stack(
        [(f(x0 + h * d) - f(x0) - (h * a if order else 0) - (h * h * b / 2 if order == 2 else 0)).abs() for h in hs]
    )


@wrong("remainders", loses=["e4-3-remainders-first", "e4-3-remainders-second", "e4-3-remainders-inputs"])
def remainders_with_the_gradient_reversed(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    models = [f(x0), f(x0) - hs * (g @ d), f(x0) - hs * (g @ d) + hs**2 * (d @ H @ d) / 2]
    exact = torch.func.vmap(f)(x0 + hs[:, None] * d)
    return (exact - models[order]).abs()


@wrong("remainders", loses=["e4-3-remainders-first", "e4-3-remainders-second", "e4-3-remainders-inputs"])
def relative_remainders(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    exact = torch.stack([f(x0 + h * d) for h in hs])
    model = f(x0) + (hs * (g @ d) if order > 0 else 0) + (hs**2 * (d @ H @ d) / 2 if order > 1 else 0)
    return ((exact - model) / exact).abs()


@wrong("remainders", loses=["e4-3-remainders-first", "e4-3-remainders-second", "e4-3-remainders-inputs"])
def remainders_of_a_unit_direction(f, x0, d, hs, order):
    d = d / d.norm()
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    exact = torch.stack([f(x0 + h * d) for h in hs])
    model = f(x0) + (hs * (g @ d) if order > 0 else 0) + (hs**2 * (d @ H @ d) / 2 if order > 1 else 0)
    return (exact - model).abs()


@wrong("remainders", loses=["e4-3-remainders-first"])
def remainders_of_order_zero_forgotten(f, x0, d, hs, order):
    """Treats order 0 as "no order given", that is 2."""
    order = order or 2
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    exact = torch.stack([f(x0 + h * d) for h in hs])
    model = f(x0) + hs * (g @ d) + (hs**2 * (d @ H @ d) / 2 if order == 2 else 0)
    return (exact - model).abs()


@wrong("remainders", loses=["e4-3-remainders-second"])
def remainders_with_the_hessian_at_the_end(f, x0, d, hs, order):
    errors = []
    for h in hs:
        u = h * d
        model = f(x0)
        if order > 0:
            model = model + torch.func.grad(f)(x0) @ u
        if order > 1:
            model = model + 0.5 * u @ torch.func.hessian(f)(x0 + u) @ u
        errors.append((f(x0 + u) - model).abs())
    return torch.stack(errors)


@wrong("remainders", loses=["e4-3-remainders-first", "e4-3-remainders-inputs"])
def remainders_of_second_order_always(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    return torch.stack([(f(x0 + h * d) - f(x0) - g @ (h * d) - 0.5 * (h * d) @ H @ (h * d)).abs() for h in hs])


@wrong("remainders", loses=["e4-3-remainders-first", "e4-3-remainders-inputs"])
def remainders_of_order_one_with_the_hessian(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    a, b = g @ d, d @ H @ d / 2
    order = 2 * min(order, 1)
    return torch.stack([(f(x0 + h * d) - f(x0) - a * h * (order > 0) - b * h**2 * (order > 1)).abs() for h in hs])


@wrong("remainders", loses=["e4-3-remainders-inputs"])
def remainders_sorted(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    a, b = g @ d, d @ H @ d / 2
    errors = []
    for h in sorted(hs.tolist(), reverse=True):
        errors.append(abs(float(f(x0 + h * d) - f(x0) - a * h * (order > 0) - b * h**2 * (order > 1))))
    return errors


@wrong("remainders", loses=["e4-3-remainders-inputs"])
def remainders_of_a_point_in_motion(f, x0, d, hs, order):
    y, g, H = f(x0), torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    errors, before = [], 0.0
    for h in hs:
        x0 += (h - before) * d
        before = h
        u = h * d
        errors.append((f(x0) - y - (g @ u if order > 0 else 0) - (u @ H @ u / 2 if order > 1 else 0)).abs())
    return torch.stack(errors)


@wrong(
    "remainders",
    loses=["e4-3-remainders-shape", "e4-3-remainders-first", "e4-3-remainders-second", "e4-3-remainders-inputs"],
)
def remainders_worst_only(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    errors = [(f(x0 + h * d) - f(x0) - h * g @ d - h * h * d @ H @ d / 2).abs() for h in hs]
    return max(errors)


@wrong("remainders", loses=["e4-3-remainders-first", "e4-3-remainders-second", "e4-3-remainders-inputs"])
def signed_remainders(f, x0, d, hs, order):
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    return torch.stack(
        [f(x0 + h * d) - f(x0) - (order > 0) * h * (g @ d) - (order > 1) * h * h * (d @ H @ d) / 2 for h in hs]
    )


@wrong("remainders", loses=["e4-3-remainders-second"])
def remainders_with_the_sign_of_the_step(f, x0, d, hs, order):
    """h |h| where h^2 belongs."""
    g, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    a, b = g @ d, d @ H @ d / 2
    return torch.stack(
        [(f(x0 + h * d) - f(x0) - a * h * (order > 0) - b * h * h.abs() * (order > 1)).abs() for h in hs]
    )


@wrong("remainders", loses=["e4-3-remainders-inputs"])
def remainders_of_a_point_moved_there_and_back(f, x0, d, hs, order):
    y, g, H = f(x0).clone(), torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    errors = []
    for h in hs:
        model = y + h * (g @ d) * (order >= 1) + h**2 / 2 * (d @ H @ d) * (order >= 2)
        x0 += h * d
        errors.append((f(x0) - model).abs())
        x0 -= h * d
    return torch.stack(errors)


@right("remainders")
def remainders_by_a_loop(f, x0, d, hs, order):
    x = x0.detach()
    y, g, H = f(x), torch.func.grad(f)(x), torch.func.hessian(f)(x)
    errors = []
    for h in hs:
        u = h * d
        model = y
        if order >= 1:
            model = model + torch.dot(g, u)
        if order >= 2:
            model = model + 0.5 * torch.dot(u, H @ u)
        errors.append(float(torch.abs(f(x + u) - model)))
    return errors


@right("remainders")
def remainders_by_vmap(f, x0, d, hs, order):
    steps = hs[:, None] * d
    model = f(x0).expand(len(hs))
    if order > 0:
        model = model + steps @ torch.func.grad(f)(x0)
    if order > 1:
        model = model + torch.einsum("ki,ij,kj->k", steps, torch.func.hessian(f)(x0), steps) / 2
    return torch.abs(torch.func.vmap(f)(x0 + steps) - model)


@right("remainders")
def remainders_of_one_variable(f, x0, d, hs, order):
    g = lambda t: f(x0 + t * d)
    zero = torch.zeros((), dtype=torch.float64)
    first = torch.func.grad(g)
    second = torch.func.grad(first)
    coefficients = [g(zero), first(zero), second(zero) / 2][: order + 1]
    return [abs(g(h) - sum(c * h**k for k, c in enumerate(coefficients))) for h in hs]


@right("remainders")
def remainders_in_numpy(f, x0, d, hs, order):
    x, d = x0.numpy(), d.numpy()
    at = lambda p: float(f(torch.tensor(p)))
    g = torch.func.grad(f)(x0).numpy()
    H = torch.autograd.functional.hessian(f, x0).numpy()
    found = np.zeros(len(hs))
    for i, h in enumerate(hs.numpy()):
        found[i] = at(x + h * d) - at(x)
        if order > 0:
            found[i] -= h * g @ d
        if order > 1:
            found[i] -= h**2 / 2 * d @ H @ d
    return np.abs(found).astype(np.float32)


@right("remainders")
def remainders_with_differences_of_gradients(f, x0, d, hs, order):
    grad, t = torch.func.grad(f), 1e-5
    bend = (grad(x0 + t * d) - grad(x0 - t * d)) @ d / (2 * t)
    terms = [f(x0) + 0 * hs, hs * (grad(x0) @ d), hs**2 / 2 * bend]
    return (torch.stack([f(x0 + h * d) for h in hs]) - torch.stack(terms[: order + 1]).sum(0)).abs()


# E4.3 observed_order


@wrong("observed_order", loses=["e4-3-order-powers", "e4-3-order-floor", "e4-3-order-few"])
def slope_without_logarithms(hs, errs):
    kept = errs > 1e-12 * errs.max()
    if kept.sum() < 2:
        return float("nan")
    return np.polyfit(hs[kept].numpy(), errs[kept].numpy(), 1)[0]


@wrong("observed_order", loses=["e4-3-order-powers", "e4-3-order-floor", "e4-3-order-few"])
def slope_of_exchanged_axes(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return float("nan")
    return np.polyfit(np.log(errs[kept].numpy()), np.log(hs[kept].numpy()), 1)[0]


@wrong("observed_order", loses=["e4-3-order-floor", "e4-3-order-few"])
def slope_of_everything(hs, errs):
    return float(np.polyfit(np.log(hs.numpy()), np.log(errs.numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-floor", "e4-3-order-few"])
def slope_without_zeros_only(hs, errs):
    kept = errs > 0
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-floor"])
def slope_with_an_absolute_floor(hs, errs):
    kept = errs > 1e-12
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-floor"])
def slope_with_a_floor_of_single_precision(hs, errs):
    kept = (errs > 0) & (errs > 1e-7 * errs.max())
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-few"])
def slope_zero_if_there_is_none(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return 0.0
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-few"])
def slope_infinite_if_all_is_zero(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if not kept.any():
        return math.inf
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-powers", "e4-3-order-floor", "e4-3-order-few"])
def slope_needs_three_points(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 3:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-powers", "e4-3-order-floor", "e4-3-order-few"])
def slope_expects_halved_steps(hs, errs):
    e = errs[(errs > 0) & (errs >= 1e-12 * errs.max())]
    if len(e) < 2:
        return math.nan
    return float(torch.log2(e[:-1] / e[1:]).median())


@wrong("observed_order", loses=["e4-3-order-powers", "e4-3-order-floor", "e4-3-order-few"])
def slope_of_mixed_logarithms(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log10(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-floor"])
def slope_fit_in_place(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return math.nan
    slope = float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])
    errs.clamp_(max=0.01)
    return slope


@wrong("observed_order", loses=["e4-3-order-floor", "e4-3-order-few"])
def slope_with_a_floor_below_the_first(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs[0])
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-powers"])
def slope_without_its_sign(hs, errs):
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return math.nan
    return abs(float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0]))


@wrong("observed_order", loses=["e4-3-order-floor"])
def slope_of_errors_in_single_precision(hs, errs):
    hs, errs = hs.float(), errs.float()
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@wrong("observed_order", loses=["e4-3-order-floor"])
def slope_drops_errors_in_place(hs, errs):
    errs[errs < 1e-12 * errs.max()] = math.nan
    kept = errs > 0
    if kept.sum() < 2:
        return math.nan
    return float(np.polyfit(np.log(hs[kept].numpy()), np.log(errs[kept].numpy()), 1)[0])


@right("observed_order")
def slope_by_lstsq(hs, errs):
    keep = (errs > 0) & (errs >= 1e-12 * errs.max())
    x, y = torch.log(hs[keep]), torch.log(errs[keep])
    if x.numel() < 2:
        return torch.tensor(float("nan"))
    A = torch.stack([x, torch.ones_like(x)], 1)
    return torch.linalg.lstsq(A, y).solution[0]


@right("observed_order")
def slope_by_the_median_of_ratios(hs, errs):
    top = max(errs.tolist())
    points = [(h, e) for h, e in zip(hs.tolist(), errs.tolist()) if e > 0 and e >= 1e-12 * top]
    if len(points) < 2:
        return float("nan")
    slopes = [math.log(b / d) / math.log(a / c) for (a, b), (c, d) in zip(points, points[1:])]
    return np.median(slopes)


@right("observed_order")
def slope_by_the_last_two(hs, errs):
    hs, errs = hs.numpy(), errs.numpy()
    order = np.argsort(-hs)
    hs, errs = hs[order], errs[order]
    good = errs > 1e-12 * errs.max()
    hs, errs = hs[good], errs[good]
    if len(errs) < 2:
        return np.nan
    return np.log2(errs[-2] / errs[-1]) / np.log2(hs[-2] / hs[-1])


@right("observed_order")
def slope_by_covariances(hs, errs):
    floor = 1e-12 * float(errs.max())
    x, y = [], []
    for h, e in zip(hs, errs):
        if e > 0 and e >= floor:
            x.append(math.log10(h))
            y.append(math.log10(e))
    if len(x) < 2:
        return math.nan
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)


@right("observed_order")
def slope_by_polyfit_in_single_precision(hs, errs):
    usable = (errs > 0) & (errs > 1e-12 * errs.max())
    if usable.sum() <= 1:
        return np.float32("nan")
    return np.polyfit(np.log(hs[usable]), np.log(errs[usable]), deg=1)[0].astype(np.float32)


# E4.4 predict_order


@wrong("predict_order", loses=["e4-4-smooth"])
def order_of_the_model(case):
    return {"generic": 2, "quadratic": math.inf, "even": 2, "no_third": 2, "kink": 1}[case]


@wrong("predict_order", loses=["e4-4-smooth"])
def three_for_everything_smooth(case):
    return {"generic": 3.0, "quadratic": math.inf, "even": 3.0, "no_third": 3.0, "kink": 1.0}[case]


@wrong("predict_order", loses=["e4-4-smooth"])
def even_stays_at_three(case):
    if case == "quadratic":
        return float("inf")
    return {"generic": 3, "even": 3, "no_third": 4, "kink": 1}[case]


@wrong("predict_order", loses=["e4-4-smooth"])
def skips_to_five_without_a_third(case):
    return {"generic": 3, "quadratic": np.inf, "even": 4, "no_third": 5, "kink": 1}[case]


@wrong("predict_order", loses=["e4-4-limits"])
def quadratic_as_usual(case):
    return {"generic": 3, "quadratic": 3, "even": 4, "no_third": 4, "kink": 1}[case]


@wrong("predict_order", loses=["e4-4-limits"])
def zero_for_a_quadratic(case):
    return {"generic": 3, "quadratic": 0, "even": 4, "no_third": 4, "kink": 1}[case]


@wrong("predict_order", loses=["e4-4-limits"])
def kink_as_if_smooth(case):
    return {"generic": 3, "quadratic": math.inf, "even": 4, "no_third": 4, "kink": 3}[case]


@wrong("predict_order", loses=["e4-4-limits"])
def kink_not_differentiable(case):
    return {"generic": 3, "quadratic": math.inf, "even": 4, "no_third": 4}.get(case, math.nan)


@wrong("predict_order", loses=["e4-4-limits"])
def infinite_in_words(case):
    return {"generic": 3, "quadratic": "inf", "even": 4, "no_third": 4, "kink": 1}[case]


@wrong("predict_order", loses=["e4-4-smooth", "e4-4-limits"])
def measures_with_torch(case):
    f = {"generic": torch.exp, "quadratic": torch.square, "even": torch.cos, "kink": torch.abs}.get(
        case, lambda x: x + x**4
    )
    at = torch.tensor(0.0, dtype=torch.float64)
    g, H = torch.func.grad(f)(at), torch.func.grad(torch.func.grad(f))(at)
    e = [float((f(at + h) - f(at) - g * h - H * h * h / 2).abs()) for h in (0.1, 0.05)]
    return math.inf if e[0] < 1e-15 else round(math.log2(e[0] / e[1]))


@right("predict_order")
def table_of_orders(case):
    return dict(generic=3, quadratic=math.inf, even=4, no_third=4, kink=1)[case]


@right("predict_order")
def chain_of_ifs(case):
    if case == "quadratic":
        return float("inf")
    if case == "kink":
        return 1.0
    if case in ("even", "no_third"):
        return 4.0
    return 3.0


@right("predict_order")
def measured_in_numpy(case):
    f = {
        "generic": lambda x: math.exp(x) - 1 - x - x * x / 2,
        "quadratic": lambda x: 0.0,
        "even": lambda x: math.cos(x) - 1 + x * x / 2,
        "no_third": lambda x: x**4,
        "kink": abs,
    }[case]
    a, b = abs(f(0.02)), abs(f(0.01))
    return np.float64(np.inf) if a == 0 else np.round(np.log2(a / b))


@right("predict_order")
def matched(case):
    match case:
        case "generic":
            return np.float32(3)
        case "quadratic":
            return np.array(np.inf)
        case "kink":
            return 1
        case _:
            return 4


# E4.5 newton_step


@wrong("newton_step", loses=["e4-5-newton-quadratic", "e4-5-newton-values", "e4-5-newton-inputs"])
def climbs_the_hill(f, x):
    return x + torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))


@wrong("newton_step", loses=["e4-5-newton-quadratic", "e4-5-newton-values", "e4-5-newton-inputs"])
def divides_by_the_diagonal(f, x):
    return x - torch.func.grad(f)(x) / torch.func.hessian(f)(x).diagonal()


@wrong("newton_step", loses=["e4-5-newton-quadratic", "e4-5-newton-values", "e4-5-newton-inputs"])
def returns_the_step(f, x):
    return -torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))


@wrong("newton_step", loses=["e4-5-newton-quadratic", "e4-5-newton-values", "e4-5-newton-inputs"])
def multiplies_by_the_hessian(f, x):
    return x - torch.func.hessian(f)(x) @ torch.func.grad(f)(x)


@wrong("newton_step", loses=["e4-5-newton-quadratic", "e4-5-newton-values", "e4-5-newton-inputs"])
def takes_half_a_step(f, x):
    return x - 0.5 * torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))


@wrong("newton_step", loses=["e4-5-newton-quadratic"])
def regularises_the_hessian(f, x):
    H = torch.func.hessian(f)(x) + 1e-7 * torch.eye(len(x), dtype=x.dtype)
    return x - torch.linalg.solve(H, torch.func.grad(f)(x))


@wrong("newton_step", loses=["e4-5-newton-quadratic"])
def cuts_small_singular_values(f, x):
    H = torch.func.hessian(f)(x)
    return x - torch.linalg.pinv(H, rtol=1e-4) @ torch.func.grad(f)(x)


@wrong("newton_step", loses=["e4-5-newton-values"])
def walks_to_the_end(f, x):
    for _ in range(30):
        x = x - torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))
    return x


@wrong("newton_step", loses=["e4-5-newton-values"])
def hessian_at_the_origin(f, x):
    H = torch.func.hessian(f)(torch.zeros_like(x) + 1e-3)
    return x - torch.linalg.solve(H, torch.func.grad(f)(x))


@wrong("newton_step", loses=["e4-5-newton-inputs"])
def steps_in_place(f, x):
    y = x.detach()
    y -= torch.linalg.solve(torch.func.hessian(f)(y), torch.func.grad(f)(y))
    return y.clone()


@wrong("newton_step", loses=["e4-5-newton-values"])
def shortens_the_step_where_f_climbs(f, x):
    p, t = torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x)), 1.0
    while f(x - t * p) > f(x):
        t /= 2
    return x - t * p


@wrong("newton_step", loses=["e4-5-newton-quadratic"])
def cuts_singular_values_below_a_millionth(f, x):
    return x - torch.linalg.pinv(torch.func.hessian(f)(x), rtol=1e-6) @ torch.func.grad(f)(x)


@wrong("newton_step", loses=["e4-5-newton-quadratic"])
def goes_no_further_than_ten(f, x):
    p = torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))
    return x - p * min(1.0, 10 / float(p.norm()))


@wrong("newton_step", loses=["e4-5-newton-quadratic"])
def lifts_small_eigenvalues(f, x):
    L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
    return x - Q @ ((Q.T @ torch.func.grad(f)(x)) / L.clamp(min=1e-3))


@right("newton_step")
def inverts_the_hessian(f, x):
    x = x.detach()
    return x - torch.linalg.inv(torch.func.hessian(f)(x)) @ torch.func.grad(f)(x)


@right("newton_step")
def least_squares_step(f, x):
    x = x.detach().clone()
    g, H = torch.func.grad(f)(x), torch.autograd.functional.hessian(f, x)
    return (x + torch.linalg.lstsq(H, -g[:, None]).solution[:, 0]).numpy()


@right("newton_step")
def cholesky_step(f, x):
    L = torch.linalg.cholesky(torch.func.jacrev(torch.func.grad(f))(x))
    p = torch.cholesky_solve(torch.func.grad(f)(x)[:, None], L)
    return x - p.squeeze(1)


@right("newton_step")
def autograd_rows_and_numpy(f, x):
    x = x.clone().detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    H = np.array([torch.autograd.grad(entry, x, retain_graph=True)[0].numpy() for entry in g])
    return list(x.detach().numpy() - np.linalg.solve(H, g.detach().numpy()))


@right("newton_step")
def conjugate_gradients(f, x):
    """Solves with Hessian-vector products, restarted until the residual is rounding."""
    x = x.detach()
    g = torch.func.grad(f)(x)
    H = torch.func.hessian(f)(x)
    p = torch.zeros_like(x)
    r = -g
    s = r.clone()
    for _ in range(60 * len(x)):
        if r.norm() < 1e-15 * g.norm() or s.norm() == 0:
            break
        a = (r @ r) / (s @ H @ s)
        p, new = p + a * s, r - a * (H @ s)
        s, r = new + (new @ new) / (r @ r) * s, new
    return x + p


@right("newton_step")
def pinv_step_in_single_precision(f, x):
    x = x.detach()
    return (x - torch.linalg.pinv(torch.func.hessian(f)(x)) @ torch.func.grad(f)(x)).float()


# E4.5 damped_newton


@wrong("damped_newton", loses=["e4-5-damped-descends", "e4-5-damped-minimum"])
def plain_newton(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        path.append(x - torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x)))
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-minimum"])
def newton_with_a_line_search_only(f, x0, steps):
    """Shortens the step, but at a saddle the direction points uphill, and no length helps."""
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        p = -torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))
        t = 1.0
        while f(x + t * p) > f(x) and t > 1e-12:
            t /= 2
        path.append(x + t * p if f(x + t * p) <= f(x) else x)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends"])
def absolute_eigenvalues_without_a_line_search(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        path.append(x - Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-6)))
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends", "e4-5-damped-minimum"])
def climbs_with_care(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p = Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-3))
        path.append(x + 0.1 * p / (1 + p.norm()))
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-minimum"])
def small_gradient_steps(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        path.append(path[-1] - 5e-4 * torch.func.grad(f)(path[-1]))
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-minimum"])
def gradient_descent_with_a_line_search(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x, g, t = path[-1], torch.func.grad(f)(path[-1]), 1.0
        while f(x - t * g) > f(x) - 0.5 * t * g @ g and t > 1e-12:
            t /= 2
        path.append(x - t * g)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends", "e4-5-damped-minimum"])
def never_leaves_the_start(f, x0, steps):
    return x0.repeat(steps + 1, 1)


@wrong("damped_newton", loses=["e4-5-damped-descends", "e4-5-damped-minimum"])
def divides_by_the_diagonal_each_time(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        path.append(x - torch.func.grad(f)(x) / torch.func.hessian(f)(x).diagonal())
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-shape", "e4-5-damped-descends", "e4-5-damped-minimum"])
def forgets_the_start(f, x0, steps):
    path, x = [], x0
    for _ in range(steps):
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p, t = -Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-6)), 1.0
        while f(x + t * p) > f(x) and t > 1e-12:
            t /= 2
        x = x + t * p if f(x + t * p) <= f(x) else x
        path.append(x)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-shape", "e4-5-damped-descends", "e4-5-damped-minimum"])
def stops_when_it_has_arrived(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x = path[-1]
        g = torch.func.grad(f)(x)
        if g.norm() < 1e-10:
            break
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p, t = -Q @ ((Q.T @ g) / L.abs().clamp(min=1e-6)), 1.0
        while f(x + t * p) > f(x) and t > 1e-12:
            t /= 2
        path.append(x + t * p if f(x + t * p) <= f(x) else x)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends"])
def rows_that_share_one_tensor(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x0))
        p, t = -Q @ ((Q.T @ torch.func.grad(f)(x0)) / L.abs().clamp(min=1e-6)), 1.0
        while f(x0 + t * p) > f(x0) and t > 1e-12:
            t /= 2
        if f(x0 + t * p) <= f(x0):
            x0 += t * p
        path.append(x0)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends"])
def moves_the_start_at_last(f, x0, steps):
    path = [x0.clone()]
    for _ in range(steps):
        x = path[-1]
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p, t = -Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-6)), 1.0
        while f(x + t * p) > f(x) and t > 1e-12:
            t /= 2
        path.append(x + t * p if f(x + t * p) <= f(x) else x)
    path = torch.stack(path)
    x0.copy_(path[-1])
    return path


@wrong("damped_newton", loses=["e4-5-damped-minimum"])
def asks_for_a_decrease_of_a_millionth(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x, t = path[-1], 1.0
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p = -Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-10))
        while f(x + t * p) > f(x) - 1e-6 and t > 1e-18:
            t /= 2
        path.append(x + t * p if f(x + t * p) <= f(x) - 1e-6 else x)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends"])
def allows_an_increase_of_a_hundredth(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x, t = path[-1], 1.0
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p = -Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-10))
        while f(x + t * p) > f(x) + 1e-2 and t > 1e-18:
            t /= 2
        path.append(x + t * p)
    return torch.stack(path)


@wrong("damped_newton", loses=["e4-5-damped-descends"])
def halves_at_most_five_times(f, x0, steps):
    path = [x0]
    for _ in range(steps):
        x, t = path[-1], 1.0
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p = -Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-10))
        for _ in range(5):
            if f(x + t * p) <= f(x):
                break
            t /= 2
        path.append(x + t * p)
    return torch.stack(path)


@right("damped_newton")
def saddle_free_with_backtracking(f, x0, steps):
    x = x0.clone()
    rows = [x]
    for _ in range(steps):
        g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
        L, Q = torch.linalg.eigh(H)
        p = -(Q / L.abs().clamp(min=1e-10)) @ (Q.T @ g)
        for k in range(45):
            y = x + 0.5**k * p
            if f(y) <= f(x) + 1e-4 * 0.5**k * (g @ p):
                x = y
                break
        rows.append(x)
    return torch.stack(rows).tolist()


@right("damped_newton")
def levenberg_with_rejected_steps(f, x0, steps):
    """One trial a step: a rejected one repeats the point and raises the damping."""
    x, mu = x0.detach(), 1.0
    path = torch.zeros(steps + 1, len(x0), dtype=torch.float64)
    path[0] = x
    for k in range(steps):
        g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
        lowest = float(torch.linalg.eigvalsh(H)[0])
        shift = mu + max(0.0, -1.5 * lowest)
        y = x - torch.linalg.solve(H + shift * torch.eye(len(x), dtype=x.dtype), g)
        if f(y) <= f(x):
            x, mu = y, mu / 5
        else:
            mu = mu * 4
        path[k + 1] = x
    return path


@right("damped_newton")
def clips_eigenvalues(f, x0, steps):
    def value(x):
        return float(f(torch.as_tensor(x)))

    x = x0.detach().numpy().copy()
    path = [x]
    for _ in range(steps):
        g = torch.func.grad(f)(torch.as_tensor(x)).numpy()
        L, Q = np.linalg.eigh(torch.func.hessian(f)(torch.as_tensor(x)).numpy())
        p = -Q @ ((Q.T @ g) / np.maximum(L, 1e-2))
        t = 1.0
        while value(x + t * p) > value(x) and t > 1e-10:
            t *= 0.5
        if value(x + t * p) <= value(x):
            x = x + t * p
        path.append(x)
    return np.array(path)


@right("damped_newton")
def newton_or_gradient(f, x0, steps):
    """A Newton step where a Cholesky factor exists, a gradient step elsewhere, both with backtracking."""
    path = [x0.clone()]
    for _ in range(steps):
        x = path[-1]
        g, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
        L, info = torch.linalg.cholesky_ex(H)
        p = -torch.cholesky_solve(g[:, None], L)[:, 0] if info == 0 else -g
        t = 1.0
        while not f(x + t * p) <= f(x):
            t = t / 2
            if t < 1e-14:
                t = 0.0
                break
        path.append(x + t * p)
    return torch.stack(path)


@right("damped_newton")
def trust_region(f, x0, steps):
    """The damping is chosen by bisection so that the step has at most the trusted length."""
    x, radius = x0.clone(), 1.0
    path = [x]
    for _ in range(steps):
        g = torch.func.grad(f)(x)
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        c = Q.T @ g
        low = max(0.0, -float(L[0])) + 1e-9
        step = lambda mu: -Q @ (c / (L + mu))
        if step(low).norm() > radius:
            high = low + float(g.norm()) / radius + 1.0
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if step(middle).norm() > radius else (low, middle)
            p = step(high)
        else:
            p = step(low)
        if f(x + p) <= f(x):
            x, radius = x + p, 1.5 * radius
        else:
            radius = radius / 4
        path.append(x)
    return torch.stack(path)


@right("damped_newton")
def recursive_in_single_precision(f, x0, steps):
    def walk(x, left):
        if left == 0:
            return [x]
        L, Q = torch.linalg.eigh(torch.func.hessian(f)(x))
        p = -Q @ ((Q.T @ torch.func.grad(f)(x)) / L.abs().clamp(min=1e-8))
        trials = [x + p / 2**k for k in range(30)] + [x]
        return [x, *walk(min(trials, key=lambda y: float(f(y))), left - 1)]

    return torch.stack(walk(x0, steps)).float()


# E4.6 cubic_bound


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_over_two(M3, r):
    return M3 * r**3 / 2


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_without_six(M3, r):
    return M3 * r**3


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_of_second_order(M3, r):
    return M3 * r**2 / 6


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_over_four_factorial(M3, r):
    return M3 * r**3 / 24


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_with_a_margin(M3, r):
    return 1.01 * M3 * r**3 / 6


@wrong("cubic_bound", loses=["e4-6-bound-values"])
def bound_rounded_for_a_table(M3, r):
    return round(M3 * r**3 / 6, 6)


@wrong("cubic_bound", loses=["e4-6-bound-holds"])
def bound_by_logarithms(M3, r):
    return math.exp(math.log(M3) + 3 * math.log(r) - math.log(6))


@wrong("cubic_bound", loses=["e4-6-bound-holds"])
def bound_infinite_without_a_constant(M3, r):
    return M3 * r**3 / 6 if M3 else math.inf


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_by_torch(M3, r):
    return torch.tensor(M3) * torch.tensor(r) ** 3 / 6


@wrong("cubic_bound", loses=["e4-6-bound-values", "e4-6-bound-holds"])
def bound_of_a_cube_of_both(M3, r):
    return (M3 * r) ** 3 / 6


@right("cubic_bound")
def bound_by_the_formula(M3, r):
    return M3 * r**3 / 6


@right("cubic_bound")
def bound_by_factorials(M3, r):
    return M3 * math.pow(r, 3) / math.factorial(3)


@right("cubic_bound")
def bound_by_the_integral(M3, r):
    t, w = np.polynomial.legendre.leggauss(4)
    t, w = (t + 1) / 2, w / 2
    return np.sum(w * (1 - t) ** 2 / 2) * M3 * r**3


@right("cubic_bound")
def bound_as_an_array(M3, r):
    return np.array(M3 / 6) * r * r * r


@right("cubic_bound")
def bound_by_three_integrations(M3, r):
    curvature_change = lambda s: M3 * s
    slope_change = curvature_change(r) * r / 2
    return slope_change * r / 3


# E4.6 trusted_radius


@wrong("trusted_radius", loses=["e4-6-radius-values", "e4-6-radius-limits"])
def radius_without_a_root(M3, tol):
    return 6 * tol / M3 if M3 else math.inf


@wrong("trusted_radius", loses=["e4-6-radius-values", "e4-6-radius-limits"])
def radius_by_a_square_root(M3, tol):
    return math.sqrt(6 * tol / M3) if M3 else math.inf


@wrong("trusted_radius", loses=["e4-6-radius-values", "e4-6-radius-limits"])
def radius_without_six(M3, tol):
    return (tol / M3) ** (1 / 3) if M3 else math.inf


@wrong("trusted_radius", loses=["e4-6-radius-limits"])
def radius_divides_by_zero(M3, tol):
    return (6 * tol / M3) ** (1 / 3)


@wrong("trusted_radius", loses=["e4-6-radius-limits"])
def radius_zero_without_a_constant(M3, tol):
    return (6 * tol / M3) ** (1 / 3) if M3 > 0 else 0.0


@wrong("trusted_radius", loses=["e4-6-radius-limits"])
def radius_with_a_small_number(M3, tol):
    return (6 * tol / (M3 + 1e-300)) ** (1 / 3)


@wrong("trusted_radius", loses=["e4-6-radius-values"])
def radius_by_bisection_to_a_few_digits(M3, tol):
    if M3 == 0:
        return math.inf
    low, high = 0.0, 1024.0
    while high - low > 1e-6 and M3 > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if M3 * middle**3 / 6 < tol else (low, middle)
    return low if M3 > 1e-3 else (6 * tol / M3) ** (1 / 3)


@wrong("trusted_radius", loses=["e4-6-radius-values"])
def radius_at_most_a_unit(M3, tol):
    if M3 < 1e-6:
        return (6 * tol / M3) ** (1 / 3) if M3 else math.inf
    return min(0.5, (6 * tol / M3) ** (1 / 3))


@wrong("trusted_radius", loses=["e4-6-radius-values", "e4-6-radius-limits"])
def radius_by_torch(M3, tol):
    return (6 * torch.tensor(tol) / torch.tensor(M3)) ** (1 / 3)


@wrong("trusted_radius", loses=["e4-6-radius-limits"])
def radius_infinite_below_a_threshold(M3, tol):
    return (6 * tol / M3) ** (1 / 3) if M3 >= 1e-12 else math.inf


@wrong("trusted_radius", loses=["e4-6-radius-limits"])
def radius_at_most_a_thousand(M3, tol):
    return min(1000.0, (6 * tol / M3) ** (1 / 3)) if M3 else math.inf


@right("trusted_radius")
def radius_by_the_formula(M3, tol):
    if M3 == 0:
        return float("inf")
    return (6 * tol / M3) ** (1 / 3)


@right("trusted_radius")
def radius_by_numpy(M3, tol):
    with np.errstate(divide="ignore"):
        return np.cbrt(np.float64(6 * tol) / M3)


@right("trusted_radius")
def radius_by_logarithms(M3, tol):
    try:
        return math.exp((math.log(6) + math.log(tol) - math.log(M3)) / 3)
    except ValueError:
        return math.inf


@right("trusted_radius")
def radius_by_newton(M3, tol):
    if M3 == 0:
        return np.inf
    cube = 6 * tol / M3
    r = max(cube, 1.0)
    for _ in range(200):
        r = (2 * r + cube / r**2) / 3
    return np.array(r)


@right("trusted_radius")
def radius_in_two_roots(M3, tol):
    return 6 ** (1 / 3) * (tol / M3) ** (1 / 3) if M3 > 0 else 1e400


# E4.8 taylor3


@wrong("taylor3", loses=["e4-8-values", "e4-8-slope"])
def third_term_over_three(f, x0, d):
    g = lambda x: torch.func.jvp(f, (x,), (d,))[1]
    k = lambda x: torch.func.jvp(g, (x,), (d,))[1]
    return f(x0) + g(x0) + k(x0) / 2 + torch.func.jvp(k, (x0,), (d,))[1] / 3


@wrong("taylor3", loses=["e4-8-values", "e4-8-slope", "e4-8-inputs"])
def no_factorials(f, x0, d):
    g = lambda x: torch.func.jvp(f, (x,), (d,))[1]
    k = lambda x: torch.func.jvp(g, (x,), (d,))[1]
    return f(x0) + g(x0) + k(x0) + torch.func.jvp(k, (x0,), (d,))[1]


@wrong("taylor3", loses=["e4-8-values", "e4-8-slope"])
def stops_at_second_order(f, x0, d):
    return f(x0) + torch.func.grad(f)(x0) @ d + d @ torch.func.hessian(f)(x0) @ d / 2


@wrong("taylor3", loses=["e4-8-values", "e4-8-slope", "e4-8-inputs"])
def third_term_alone(f, x0, d):
    g = lambda x: torch.func.jvp(f, (x,), (d,))[1]
    k = lambda x: torch.func.jvp(g, (x,), (d,))[1]
    return torch.func.jvp(k, (x0,), (d,))[1] / 6


@wrong("taylor3", loses=["e4-8-values"])
def third_derivative_at_the_far_end(f, x0, d):
    g = lambda x: torch.func.jvp(f, (x,), (d,))[1]
    k = lambda x: torch.func.jvp(g, (x,), (d,))[1]
    return f(x0) + g(x0) + k(x0) / 2 + torch.func.jvp(k, (x0 + d,), (d,))[1] / 6


@wrong("taylor3", loses=["e4-8-values"])
def third_derivative_by_differences(f, x0, d):
    bend = lambda t: d @ torch.func.hessian(f)(x0 + t * d) @ d
    third = (bend(0.1) - bend(-0.1)) / 0.2
    return f(x0) + torch.func.grad(f)(x0) @ d + bend(0.0) / 2 + third / 6


@wrong("taylor3", loses=["e4-8-slope"])
def forgets_products_of_three(f, x0, d):
    """d_i^3 and 3 d_i^2 d_j, as for two variables, but not 6 d_i d_j d_k."""
    T = torch.func.jacfwd(torch.func.hessian(f))(x0)
    n = len(d)
    cubic = sum(T[i, i, i] * d[i] ** 3 for i in range(n))
    cubic = cubic + sum(3 * T[i, i, j] * d[i] ** 2 * d[j] for i in range(n) for j in range(n) if i != j)
    return f(x0) + torch.func.grad(f)(x0) @ d + d @ torch.func.hessian(f)(x0) @ d / 2 + cubic / 6


@wrong("taylor3", loses=["e4-8-values", "e4-8-slope"])
def cubes_of_coordinates_only(f, x0, d):
    T = torch.func.jacfwd(torch.func.hessian(f))(x0)
    cubic = sum(T[i, i, i] * d[i] ** 3 for i in range(len(d)))
    return f(x0) + torch.func.grad(f)(x0) @ d + d @ torch.func.hessian(f)(x0) @ d / 2 + cubic / 6


@wrong("taylor3", loses=["e4-8-inputs"])
def needs_a_third_derivative(f, x0, d):
    x = x0.detach().clone().requires_grad_()
    y = f(x)
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    first = g @ d
    (k,) = torch.autograd.grad(first, x, create_graph=True)
    second = k @ d
    (m,) = torch.autograd.grad(second, x)
    return y + first + second / 2 + m @ d / 6


@wrong("taylor3", loses=["e4-8-inputs"])
def moves_the_point_to_the_end(f, x0, d):
    g = lambda x: torch.func.jvp(f, (x,), (d,))[1]
    k = lambda x: torch.func.jvp(g, (x,), (d,))[1]
    value = f(x0) + g(x0) + k(x0) / 2 + torch.func.jvp(k, (x0,), (d,))[1] / 6
    x0 += d
    return value


@right("taylor3")
def nests_jvp_by_a_helper(f, x0, d):
    def along(g):
        return lambda x: torch.func.jvp(g, (x,), (d,))[1]

    g, total = f, f(x0)
    for k in (1, 2, 3):
        g = along(g)
        total = total + g(x0) / math.factorial(k)
    return total


@right("taylor3")
def contracts_the_tensor(f, x0, d):
    H = torch.func.hessian(f)
    T = torch.func.jacrev(H)(x0)
    return f(x0) + torch.func.grad(f)(x0) @ d + d @ H(x0) @ d / 2 + torch.einsum("ijk,i,j,k", T, d, d, d) / 6


@right("taylor3")
def differentiates_one_variable(f, x0, d):
    g = lambda t: f(x0 + t * d)
    zero = torch.zeros((), dtype=torch.float64)
    first = torch.func.grad(g)
    second = torch.func.grad(first)
    third = torch.func.grad(second)
    return float(g(zero) + first(zero) + second(zero) / 2 + third(zero) / 6)


@right("taylor3")
def nested_autograd_with_materialised_zeros(f, x0, d):
    x = x0.detach().clone().requires_grad_()
    value, total = f(x), 0.0
    for k in range(4):
        total = total + float(value) / math.factorial(k)
        if not value.requires_grad:
            break
        (g,) = torch.autograd.grad(value, x, create_graph=True, materialize_grads=True)
        value = g @ d
    return np.float64(total)


@right("taylor3")
def hessian_vector_products(f, x0, d):
    directional = lambda g: lambda x: torch.func.grad(g)(x) @ d
    D1 = directional(f)
    D2 = directional(D1)
    D3 = directional(D2)
    return (f(x0) + D1(x0) + D2(x0) / 2 + D3(x0) / 6).requires_grad_()
