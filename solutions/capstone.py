"""References for ps7-capstone: networks, curvature and the judgement of VJPs by automatic differentiation.

All values are float64. Array arguments may be NumPy arrays, torch tensors or lists; arrays in results are torch
tensors that carry no graph.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch.func import grad, hessian

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

WIDTH = 16
_STEPS = 500
_LEARNING_RATE = 0.02
_SHAPES = ((4, 2, 3), (1, 3, 2), (3, 3, 3), (5, 1, 4), (2, 4, 1))
_ROUNDING = 1e-5


def train_classifier(X: Any, y: Any, n_classes: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """Train a net with the layers tanh, tanh, linear on the mean cross-entropy.

    Args:
        X: the samples, shape (N, d).
        y: the right classes, integers of shape (N,).
        n_classes: the number C of classes.
        seed: of the start.

    Returns:
        The layers as pairs (W, b) with W of shapes (16, d), (16, 16), (C, 16).

    Source:
        torch.optim.Adam on the gradients of torch.autograd, all samples in every step.
    """
    X, y = _float64(X), torch.as_tensor(y, dtype=torch.int64)
    generator = torch.Generator().manual_seed(seed)
    widths = [X.shape[1], WIDTH, WIDTH, n_classes]
    layers = []
    for n, m in pairwise(widths):
        W = torch.randn(m, n, dtype=torch.float64, generator=generator) / n**0.5
        layers += [W.requires_grad_(), torch.zeros(m, dtype=torch.float64, requires_grad=True)]
    optimizer = torch.optim.Adam(layers, lr=_LEARNING_RATE)
    for _ in range(_STEPS):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores(list(zip(layers[::2], layers[1::2], strict=True)), X), y).backward()
        optimizer.step()
    return [(W.detach(), b.detach()) for W, b in zip(layers[::2], layers[1::2], strict=True)]


def scores(params: list[tuple[Any, Any]], X: Any) -> Tensor:
    """Outputs of a net with the layers tanh, tanh, linear.

    Args:
        params: the layers as pairs (W, b).
        X: the samples, shape (N, d).

    Returns:
        The scores of the classes, shape (N, C).
    """
    h = _float64_or_graph(X)
    for k, (W, b) in enumerate(params):
        h = h @ _float64_or_graph(W).T + _float64_or_graph(b)
        h = torch.tanh(h) if k < len(params) - 1 else h
    return h


def curvature_diary(loss: Callable[[Tensor], Tensor], theta0: Any, lr: float, steps: int, every: int) -> Tensor:
    """The sharpness along gradient descent.

    Args:
        loss: a loss of all parameters in one vector, written in torch.
        theta0: the start, shape (p,).
        lr: the learning rate.
        steps: number of steps of gradient descent.
        every: steps from one entry to the next.

    Returns:
        The largest eigenvalue of the Hessian at the steps 0, every, 2 every, ..., shape (steps // every + 1,).

    Source:
        The whole Hessian of torch.func and torch.linalg.eigvalsh.
    """
    theta = _float64(theta0)
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(torch.linalg.eigvalsh(hessian(loss)(theta))[-1])
        theta = theta - lr * grad(loss)(theta)
    return torch.stack(diary)


def verdicts() -> dict[int, tuple[bool, str]]:
    """What is true of the twelve statements, and which correction mends a false one.

    Returns:
        For each statement whether it is true, and the code of the correction, "" for a true one.
    """
    mended = {1: "M8", 3: "M5", 5: "M3", 6: "M4", 7: "M11", 9: "M12", 11: "M20"}
    return {number: (number not in mended, mended.get(number, "")) for number in range(1, 13)}


def test_vjp(vjp: Callable) -> bool:
    """Whether a function is the VJP of ``Y = X W^T + b``.

    Args:
        vjp: a function from v of shape (B, m), X of shape (B, n), W of shape (m, n) to (dX, dW, db).

    Returns:
        True if its results are those of automatic differentiation, up to rounding in single precision.

    Source:
        torch.autograd.functional.vjp.
    """
    generator = torch.Generator().manual_seed(0)
    for B, m, n in _SHAPES:
        v, X, W, b = (torch.randn(s, dtype=torch.float64, generator=generator) for s in ((B, m), (B, n), (m, n), (m,)))
        _, right = torch.autograd.functional.vjp(lambda X, W, b: X @ W.T + b, (X, W, b), v)
        found = vjp(v.numpy(), X.numpy(), W.numpy())
        if len(found) != len(right) or not all(map(_close, found, right)):
            return False
    return True


def _close(found: Any, right: Tensor) -> bool:
    found = _float64(found)
    return found.shape == right.shape and bool((found - right).abs().max() <= _ROUNDING * right.abs().max())


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()


def _float64_or_graph(values: Any) -> Tensor:
    return values if isinstance(values, torch.Tensor) else _float64(values)
