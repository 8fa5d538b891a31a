"""References for ps0-differences: derivatives by automatic differentiation, difference quotients by integration.

A difference quotient is the mean of the derivative over its step. The references form that mean by quadrature, so they
subtract no neighbouring values of f and know no rounding branch. All values are float64. Array arguments may be NumPy
arrays, torch tensors or lists; results are torch tensors that carry no graph, or Python numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.func import grad as gradient_of
from torch.func import vmap

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Scalar = Callable[[Tensor], Tensor]

_NODES, _WEIGHTS = (torch.from_numpy(part) for part in np.polynomial.legendre.leggauss(24))


def hello_grader(x: Any) -> Tensor:
    """Sum of squares.

    Args:
        x: numbers, shape (n,).

    Returns:
        The sum, 0-d; 14 for (1, 2, 3).
    """
    x = _float64(x)
    return torch.dot(x, x)


def forward_difference(f: Scalar, x: Any, h: float = 1e-8) -> Tensor:
    """Forward difference quotients in exact arithmetic.

    Args:
        f: a function from shape (n,) to a 0-d tensor, written in torch.
        x: the point, shape (n,).
        h: the step.

    Returns:
        The quotients (f(x + h e_i) - f(x)) / h, shape (n,); the gradient up to O(h).

    Source:
        The fundamental theorem of calculus: each is the mean of the partial derivative between x and x + h e_i.
    """
    return _mean_partials(f, _float64(x), 0.0, h)


def central_difference(f: Scalar, x: Any, h: float = 1e-5) -> Tensor:
    """Central difference quotients in exact arithmetic.

    Args:
        f: a function from shape (n,) to a 0-d tensor, written in torch.
        x: the point, shape (n,).
        h: the step.

    Returns:
        The quotients (f(x + h e_i) - f(x - h e_i)) / (2 h), shape (n,); the gradient up to O(h^2).

    Source:
        As for `forward_difference`, the mean over the segment from x - h e_i to x + h e_i.
    """
    return _mean_partials(f, _float64(x), -h, h)


def complex_step(f: Scalar, x: Any, h: float = 1e-30) -> Tensor:
    """The gradient that the complex step gives to the last digit.

    Args:
        f: a function from shape (n,) to a 0-d tensor, written in torch.
        x: the point, shape (n,).
        h: the step; below 1e-10 the result does not depend on it.

    Returns:
        The gradient, shape (n,).

    Raises:
        ValueError: if `h` is too large to leave no trace.
    """
    if not 0 < h <= 1e-10:
        raise ValueError(f"the reference holds for steps in (0, 1e-10], got {h}")
    return gradient_of(f)(_float64(x))


def error_curve(f: Any, df: Scalar, x: float | Tensor, hs: Any, scheme: str) -> Tensor:
    """Errors of difference quotients in exact arithmetic: the truncation branch of the V.

    Args:
        f: the function, not called: its derivative says everything.
        df: its derivative, written in torch, on tensors of any shape.
        x: the point.
        hs: the steps, shape (k,).
        scheme: "forward" or "central".

    Returns:
        Absolute errors, shape (k,).

    Source:
        The error is the mean of f'(x + t) - f'(x) over the step.
    """
    del f
    low, high = {"forward": (0.0, 1.0), "central": (-1.0, 1.0)}[scheme]
    hs, x = _float64(hs), _float64(x)
    offsets = hs[:, None] * _between(low, high)
    return ((df(x + offsets) - df(x)) @ (_WEIGHTS / 2)).abs()


def best_h(hs: Any, errs: Any) -> float:
    """The step of the smallest error.

    Args:
        hs: steps, shape (k,).
        errs: their errors, shape (k,), some of which may be nan.

    Returns:
        The step.
    """
    known = [(float(err), float(h)) for h, err in zip(_float64(hs), _float64(errs), strict=True) if not err.isnan()]
    return min(known)[1]


def gradient_ok(f: Scalar, grad: Callable[[Tensor], Any], x: Any) -> bool:
    """Whether a function is the gradient of another at a point.

    Args:
        f: a function from shape (n,) to a 0-d tensor, written in torch.
        grad: the function in doubt, from shape (n,) to shape (n,).
        x: the point, shape (n,).

    Returns:
        True if no entry is off by more than 1e-8 times the largest one.
    """
    x = _float64(x)
    right = gradient_of(f)(x)
    error = (_float64(grad(x.clone())) - right).abs().max()
    return bool(error <= 1e-8 * right.abs().max())


def _mean_partials(f: Scalar, x: Tensor, low: float, high: float) -> Tensor:
    """The mean of each partial derivative while its own coordinate moves from x_i + low to x_i + high."""
    offsets = _between(low, high)
    means = []
    for i, direction in enumerate(torch.eye(len(x), dtype=torch.float64)):
        partials = vmap(gradient_of(f))(x + offsets[:, None] * direction)[:, i]
        means.append(partials @ (_WEIGHTS / 2))
    return torch.stack(means)


def _between(low: float, high: float) -> Tensor:
    """The nodes of the quadrature on an interval."""
    return (low + high) / 2 + (high - low) / 2 * _NODES


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()
