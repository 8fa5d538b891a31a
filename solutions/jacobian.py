"""References for ps1-jacobian: every Jacobian by automatic differentiation.

Rows are outputs and columns are inputs: ``J[i, j] = d f_i / d x_j``. All values are float64. Array arguments may be
NumPy arrays, torch tensors or lists; results are torch tensors that carry no graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.func import jacrev, vmap

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Map = Callable[[Tensor], Tensor]


def derivative_shape(in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of the derivative of a map between arrays, as torch returns it.

    Args:
        in_shape: shape of the input, () for a scalar.
        out_shape: shape of the output.

    Returns:
        `out_shape` followed by `in_shape`.

    Source:
        torch.func.jacrev, whose result is measured here.
    """
    derivative = jacrev(lambda x: x.sum() * torch.ones(out_shape))(torch.zeros(in_shape))
    return tuple(derivative.shape)


def jac_example(x: Any) -> Tensor:
    """Jacobian of ``f(x) = (x1^2 + x2, x1 x2 + x2^2)``.

    Args:
        x: the point, shape (2,).

    Returns:
        The Jacobian, shape (2, 2); [[4, 1], [3, 8]] at (2, 3).
    """
    return jacrev(lambda p: torch.stack([p[0] ** 2 + p[1], p[0] * p[1] + p[1] ** 2]))(_float64(x))


def numerical_jacobian(f: Map, x: Any, h: float = 1e-6) -> Tensor:
    """The Jacobian that finite differences approximate.

    Args:
        f: a map from shape (n,) to shape (m,), written in torch.
        x: the point, shape (n,).
        h: step of the approximation; the limit does not depend on it.

    Returns:
        The Jacobian, shape (m, n).

    Raises:
        ValueError: if `h` is not positive.
    """
    if not h > 0:
        raise ValueError(f"the step h must be positive, got {h}")
    return jacobian_by_rows(f, x)


def jacobian_by_rows(f: Map, x: Any) -> Tensor:
    """Jacobian of a torch function, zero rows for outputs that ignore the input.

    Args:
        f: a map from shape (n,) to shape (m,), written in torch.
        x: the point, shape (n,).

    Returns:
        The Jacobian, shape (m, n).

    Source:
        torch.autograd.functional.jacobian, one reverse pass a row.
    """
    return torch.autograd.functional.jacobian(f, _float64(x))


def linear_jacobians(W: Any, b: Any, x: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Jacobians of the linear layer ``y = W x + b`` with respect to x, b and W.

    Args:
        W: weights, shape (m, n).
        b: bias, shape (m,).
        x: input, shape (n,).

    Returns:
        dy/dx of shape (m, n), dy/db of shape (m, m), dy/dW of shape (m, m, n) with ``[i, k, j] = d y_i / d W_kj``.
    """
    by_weights, by_bias, by_input = jacrev(lambda W, b, x: W @ x + b, argnums=(0, 1, 2))(
        _float64(W), _float64(b), _float64(x)
    )
    return by_input, by_bias, by_weights


def elementwise_jacobian(phi: Map, x: Any) -> Tensor:
    """Jacobian of an activation that acts on each entry by itself.

    Args:
        phi: the activation (not its derivative), written in torch.
        x: the point, shape (n,).

    Returns:
        The Jacobian, shape (n, n), diagonal.
    """
    return jacrev(phi)(_float64(x))


def softmax_jacobian(z: Any) -> Tensor:
    """Jacobian of the softmax.

    Args:
        z: scores, shape (n,), any finite values.

    Returns:
        The Jacobian, shape (n, n), symmetric, with rows that sum to zero.
    """
    return jacrev(lambda scores: torch.softmax(scores, dim=0))(_float64(z))


def batch_jacobian(f: Map, X: Any) -> Tensor:
    """Jacobian of each sample of a batch.

    Args:
        f: a map from shape (..., n) to shape (..., m) that acts on the last axis, written in torch.
        X: the samples, shape (B, n).

    Returns:
        The Jacobians, shape (B, m, n).
    """
    return vmap(jacrev(f))(_float64(X))


def jac_cumsum(n: int) -> Tensor:
    """Jacobian of the running sum of n numbers.

    Args:
        n: number of entries, at least 1.

    Returns:
        The Jacobian, shape (n, n): ones on and below the diagonal.
    """
    return jacrev(lambda x: torch.cumsum(x, dim=0))(torch.zeros(n, dtype=torch.float64))


def jac_sort(x: Any) -> Tensor:
    """Jacobian of sorting into ascending order.

    Args:
        x: distinct numbers, shape (n,).

    Returns:
        The Jacobian, shape (n, n): ``J[i, j] = 1`` where the i-th smallest number is ``x[j]``.
    """
    return jacrev(lambda p: torch.sort(p).values)(_float64(x))


def jac_window_mean(n: int, w: int) -> Tensor:
    """Jacobian of the mean over a sliding window.

    Args:
        n: number of entries.
        w: width of the window, at most n.

    Returns:
        The Jacobian, shape (n - w + 1, n).

    Source:
        torch.nn.functional.avg_pool1d.
    """
    mean = torch.nn.functional.avg_pool1d
    return jacrev(lambda x: mean(x[None], w, stride=1)[0])(torch.zeros(n, dtype=torch.float64))


def jac_conv1d(k: Any, n: int) -> Tensor:
    """Jacobian of torch's 1-D convolution (a cross-correlation, without padding) with respect to its input.

    Args:
        k: the kernel, shape (w,), not flipped.
        n: number of entries of the input, at least w.

    Returns:
        The Jacobian, shape (n - w + 1, n).

    Source:
        torch.nn.functional.conv1d.
    """
    kernel = _float64(k)[None, None]
    conv1d = torch.nn.functional.conv1d
    return jacrev(lambda x: conv1d(x[None, None], kernel)[0, 0])(torch.zeros(n, dtype=torch.float64))


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()
