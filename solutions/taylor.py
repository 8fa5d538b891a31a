"""References for ps4-taylor: models along lines, steps from eigenvalues, orders that are measured.

All values are float64. Array arguments may be NumPy arrays, torch tensors or lists; results are torch tensors that
carry no graph, plain numbers or words. A gradient has the shape of the point.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch.func import grad, hessian, jacfwd, jvp

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Scalar = Callable[[Tensor], Tensor]

FLOOR = 1e-12
"""Errors below this share of the largest one are rounding."""


def taylor(f: Scalar, x0: Any, order: int) -> Callable[[Any], Tensor]:
    """Taylor model of a function around a point.

    Args:
        f: a smooth function from shape (n,) to a 0-d tensor, written in torch.
        x0: the point, shape (n,).
        order: 0, 1 or 2.

    Returns:
        The model: a function of the displacement, from shape (n,) to a 0-d tensor and from (B, n) to (B,).

    Raises:
        ValueError: if the order is another one.

    Source:
        The Taylor polynomial of t -> f(x0 + t dx) at t = 1, by nested forward differentiation along dx.
    """
    if order not in (0, 1, 2):
        raise ValueError(f"the order must be 0, 1 or 2, got {order}")
    point = _float64(x0)

    def model(dx: Any) -> Tensor:
        dx = _float64(dx)
        if dx.ndim == 2:
            return torch.stack([model(row) for row in dx])
        return _along(f, point, dx, order)

    return model


def seed_example() -> tuple[float, float]:
    """The value of x1^2 + x1 x2 + x2^2 at (1.1, 1.2) and of its second-order model around (1, 1).

    Returns:
        Both numbers; they are 3.97 up to rounding.
    """
    f = lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2  # noqa: E731, a formula
    return float(f(_float64([1.1, 1.2]))), float(taylor(f, [1.0, 1.0], 2)([0.1, 0.2]))


def seed_example_reason() -> str:
    """Why the error of `seed_example` vanishes: the third derivatives of the function are zero everywhere.

    Returns:
        "quadratic".
    """
    f = lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2  # noqa: E731, a formula
    third = jacfwd(jacfwd(jacfwd(f)))(_float64([0.3, -2.0]))
    return "rounding" if third.any() else "quadratic"


def remainders(f: Scalar, x0: Any, d: Any, hs: Any, order: int) -> Tensor:
    """Absolute errors of the Taylor model along a line.

    Args:
        f: a smooth function from shape (n,) to a 0-d tensor, written in torch.
        x0: the point, shape (n,).
        d: the direction, shape (n,).
        hs: the steps, shape (k,).
        order: order of the model, 0, 1 or 2.

    Returns:
        ``|f(x0 + h d) - model(h d)|`` for each step, shape (k,).
    """
    point, direction = _float64(x0), _float64(d)
    model = taylor(f, point, order)
    return torch.stack([(f(point + h * direction) - model(h * direction)).abs() for h in _float64(hs)])


def observed_order(hs: Any, errs: Any) -> float:
    """Slope of the errors over the steps on logarithmic axes.

    Args:
        hs: the steps, positive and distinct, shape (k,).
        errs: the errors, not negative, shape (k,); zeros and errors below `FLOOR` of the largest are left out.

    Returns:
        The slope of the regression line, nan if fewer than 2 errors are left.

    Source:
        Least squares by torch.linalg.lstsq.
    """
    hs, errs = _float64(hs), _float64(errs)
    kept = (errs > 0) & (errs >= FLOOR * errs.max())
    if kept.sum() < 2:
        return math.nan
    lines = torch.stack([torch.log(hs[kept]), torch.ones(int(kept.sum()), dtype=torch.float64)], dim=1)
    return float(torch.linalg.lstsq(lines, torch.log(errs[kept])[:, None]).solution[0, 0])


def predict_order(case: str) -> float:
    """Order of the error of a second-order model, measured on a function of the case.

    Args:
        case: "generic", "quadratic", "even", "no_third" or "kink".

    Returns:
        The order, inf if the error is zero.

    Source:
        `remainders` and `observed_order` on one representative of each case.
    """
    f, at = {
        "generic": (lambda x: torch.exp(x[0]), 0.0),
        "quadratic": (lambda x: 3 * x[0] ** 2 - x[0] + 2, 0.5),
        "even": (lambda x: torch.cos(x[0]), 0.0),
        "no_third": (lambda x: 2 * x[0] + x[0] ** 2 + x[0] ** 4, 0.0),
        "kink": (lambda x: torch.abs(x[0]), 0.0),
    }[case]
    hs = 2.0 ** -torch.arange(2, 8, dtype=torch.float64)
    errs = remainders(f, [at], [1.0], hs, 2)
    return float(round(observed_order(hs, errs))) if errs.max() > 1e-14 else math.inf


def newton_step(f: Scalar, x: Any) -> Tensor:
    """The minimiser of the second-order model at a point where the Hessian is positive definite.

    Args:
        f: a smooth function from shape (n,) to a 0-d tensor, written in torch.
        x: the point, shape (n,).

    Returns:
        The next point, shape (n,).

    Source:
        The eigenvalues of the Hessian, one coordinate at a time along their axes.
    """
    x = _float64(x)
    curvatures, axes = torch.linalg.eigh(hessian(f)(x))
    return x - axes @ ((axes.T @ grad(f)(x)) / curvatures)


def damped_newton(f: Scalar, x0: Any, steps: int) -> Tensor:
    """Newton steps with enough damping that the function never increases, by the method of Levenberg.

    Args:
        f: a smooth function from shape (n,) to a 0-d tensor, written in torch.
        x0: the start, shape (n,).
        steps: number of steps.

    Returns:
        The points, shape (steps + 1, n); row 0 is the start.

    Source:
        (H + mu I) p = -g with mu grown until the matrix is positive definite and the step does not climb.
    """
    x = _float64(x0)
    path = [x]
    for _ in range(steps):
        gradient, curvature = grad(f)(x), hessian(f)(x)
        lowest = torch.linalg.eigvalsh(curvature)[0]
        size = curvature.abs().max() + 1e-12
        damping = torch.clamp(1e-6 * size - lowest, min=0.0)
        for _ in range(60):
            step = torch.linalg.solve(curvature + damping * torch.eye(len(x), dtype=x.dtype), -gradient)
            if f(x + step) <= f(x):
                x = x + step
                break
            damping = torch.clamp(4 * damping, min=1e-3 * size)
        path.append(x)
    return torch.stack(path)


def cubic_bound(M3: float, r: float) -> float:
    """Largest error that a second-order model can have at a distance.

    Args:
        M3: bound of the third derivative along every unit vector.
        r: the distance, not negative.

    Returns:
        The error of the model of ``M3 t^3 / 6``, the function that attains the bound, at t = r.
    """
    extremal = lambda x: M3 * x[0] ** 3 / 6  # noqa: E731, a formula
    return float(remainders(extremal, [0.0], [1.0], [r], 2)[0])


def trusted_radius(M3: float, tol: float) -> float:
    """Distance within which a second-order model is off by at most a tolerance.

    Args:
        M3: bound of the third derivative along every unit vector, not negative.
        tol: the tolerance, positive.

    Returns:
        The radius, inf if M3 is zero.

    Source:
        The inverse of `cubic_bound`, by logarithms.
    """
    return float(torch.exp((math.log(6 * tol) - torch.log(_float64(M3))) / 3))


def taylor3(f: Scalar, x0: Any, d: Any) -> Tensor:
    """Value of the third-order Taylor model at a displacement.

    Args:
        f: a smooth function from shape (n,) to a 0-d tensor, written in torch.
        x0: the point, shape (n,).
        d: the displacement, shape (n,).

    Returns:
        The value, 0-d.

    Source:
        The gradient, the Hessian and the tensor of third derivatives, contracted with d.
    """
    x0, d = _float64(x0), _float64(d)
    third = jacfwd(hessian(f))(x0)
    return f(x0) + grad(f)(x0) @ d + d @ hessian(f)(x0) @ d / 2 + torch.einsum("ijk,i,j,k->", third, d, d, d) / 6


def _along(f: Scalar, x0: Tensor, d: Tensor, order: int) -> Tensor:
    """The Taylor polynomial of t -> f(x0 + t d) at t = 1."""
    derivative, total = f, torch.zeros((), dtype=torch.float64)
    for k in range(order + 1):
        total = total + derivative(x0) / math.factorial(k)
        derivative = _differentiated(derivative, d)
    return total


def _differentiated(f: Scalar, d: Tensor) -> Scalar:
    return lambda x: jvp(f, (x,), (d,))[1]


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()
