"""References for ps5-adam: torch's own optimisers, and differentiation by autograd.

All values are float64. Array arguments may be NumPy arrays, torch tensors, lists or floats; results are torch tensors
that carry no graph, Python numbers or words. Where the notebook gives a gradient, a reference takes the loss.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import torch
from torch.func import grad, hessian, vmap

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Loss = Callable[[Tensor], Tensor]

BORDER = 1e-9
"""How near to 1 or 2 the product of learning rate and eigenvalue counts as equal to it."""


def gd_path(loss: Loss, x0: Any, lr: float, steps: int) -> Tensor:
    """The points that gradient descent visits.

    Args:
        loss: the loss (not its gradient), from shape (n,) to shape (), written in torch.
        x0: the start, shape (n,).
        lr: the learning rate.
        steps: number of steps.

    Returns:
        The path, shape (steps + 1, n).

    Source:
        torch.optim.SGD.
    """
    return _path(loss, x0, steps, lambda parameter: torch.optim.SGD([parameter], lr=lr))


def max_stable_lr(H: Any) -> Tensor:
    """The learning rate beyond which gradient descent diverges on a quadratic.

    Args:
        H: the Hessian, symmetric and positive definite, shape (n, n).

    Returns:
        2 over the largest eigenvalue, which is the largest singular value of such a matrix; shape ().
    """
    return 2 / torch.linalg.matrix_norm(_float64(H), 2)


def regime(lr: float, lam: float) -> str:
    """How gradient descent moves along a direction of positive curvature.

    Args:
        lr: the learning rate, positive.
        lam: the eigenvalue, positive.

    Returns:
        The word that fits where one step of torch.optim.SGD from 1 on ``lam c^2 / 2`` arrives.
    """
    after = gd_path(lambda c: lam * (c**2).sum() / 2, [1.0], lr, 1)[1].item()
    if abs(after) <= BORDER:
        return "one_step"
    if abs(after + 1) <= BORDER:
        return "marginal"
    if after > 0:
        return "monotone"
    return "oscillating" if after > -1 else "diverging"


def adam_step(
    p: Any,
    g: Any,
    state: dict[str, Any],
    lr: float,
    *,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, dict[str, Any]]:
    """One step of Adam from a given state.

    Args:
        p: the parameters, any shape.
        g: the gradient, like p.
        state: steps done "t", moments "m" and "v" like p, not corrected.
        lr: the learning rate.
        b1: decay of the first moment.
        b2: decay of the second moment.
        eps: added to the root of the corrected second moment.

    Returns:
        The new parameters and the new state.

    Source:
        torch.optim.Adam, whose state is set before the step.
    """
    return _step(torch.optim.Adam, p, g, state, lr=lr, betas=(b1, b2), eps=eps)


def first_step_ratio(b1: float, b2: float) -> float:
    """Length of Adam's first step without bias correction, divided by that with it.

    Args:
        b1: decay of the first moment.
        b2: decay of the second moment.

    Returns:
        The ratio of the step that follows from the moments of torch.optim.Adam to the step that it takes.
    """
    zero = torch.zeros((), dtype=torch.float64)
    after, state = adam_step(zero, 2.0, {"t": 0, "m": zero, "v": zero}, 1.0, b1=b1, b2=b2, eps=0.0)
    return (state["m"] / state["v"].sqrt() / -after).item()


def ema_bias(beta: float, t: int) -> float:
    """The share of a constant that an exponential moving average from 0 has reached.

    Args:
        beta: the decay.
        t: number of steps done.

    Returns:
        The sum of the weights that the average gives to the values of all steps.
    """
    ages = torch.arange(t, dtype=torch.float64)
    return ((1 - beta) * torch.as_tensor(beta, dtype=torch.float64) ** ages).sum().item()


def run_adam(
    loss: Loss,
    x0: Any,
    lr: float,
    steps: int,
    *,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Tensor:
    """The points that Adam visits.

    Args:
        loss: the loss (not its gradient), from shape (n,) to shape (), written in torch.
        x0: the start, shape (n,).
        lr: the learning rate.
        steps: number of steps.
        b1: decay of the first moment.
        b2: decay of the second moment.
        eps: added to the root of the corrected second moment.

    Returns:
        The path, shape (steps + 1, n).

    Source:
        torch.optim.Adam.
    """
    return _path(loss, x0, steps, lambda parameter: torch.optim.Adam([parameter], lr=lr, betas=(b1, b2), eps=eps))


def adam_l2_step(
    p: Any,
    g: Any,
    state: dict[str, Any],
    lr: float,
    wd: float,
    *,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, dict[str, Any]]:
    """One step of Adam with the decay added to the gradient.

    Args:
        p: the parameters, any shape.
        g: the gradient of the loss alone, like p.
        state: as for `adam_step`.
        lr: the learning rate.
        wd: strength of the decay.
        b1: decay of the first moment.
        b2: decay of the second moment.
        eps: added to the root of the corrected second moment.

    Returns:
        The new parameters and the new state.

    Source:
        torch.optim.Adam with weight_decay.
    """
    return _step(torch.optim.Adam, p, g, state, lr=lr, betas=(b1, b2), eps=eps, weight_decay=wd)


def adamw_step(
    p: Any,
    g: Any,
    state: dict[str, Any],
    lr: float,
    wd: float,
    *,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, dict[str, Any]]:
    """One step of AdamW: the parameters decay by the factor 1 - lr wd, then make a step of Adam.

    Args:
        p: the parameters, any shape.
        g: the gradient, like p.
        state: as for `adam_step`.
        lr: the learning rate.
        wd: strength of the decay.
        b1: decay of the first moment.
        b2: decay of the second moment.
        eps: added to the root of the corrected second moment.

    Returns:
        The new parameters and the new state.

    Source:
        torch.optim.AdamW.
    """
    return _step(torch.optim.AdamW, p, g, state, lr=lr, betas=(b1, b2), eps=eps, weight_decay=wd)


def adamw_step_decay_last(
    p: Any,
    g: Any,
    state: dict[str, Any],
    lr: float,
    wd: float,
    *,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, dict[str, Any]]:
    """One step of Adam, after which the parameters decay by the factor 1 - lr wd; arguments as for `adamw_step`."""
    after, state = adam_step(p, g, state, lr, b1=b1, b2=b2, eps=eps)
    return (1 - lr * wd) * after, state


def _path(loss: Loss, x0: Any, steps: int, make: Callable[[Tensor], torch.optim.Optimizer]) -> Tensor:
    parameter = _float64(x0).requires_grad_()
    optimizer = make(parameter)
    path = [parameter.detach().clone()]
    for _ in range(steps):
        (parameter.grad,) = torch.autograd.grad(loss(parameter), parameter)
        optimizer.step()
        path.append(parameter.detach().clone())
    return torch.stack(path)


def _step(
    make: Callable[..., torch.optim.Optimizer], p: Any, g: Any, state: dict[str, Any], **settings: Any
) -> tuple[Tensor, dict[str, Any]]:
    parameter = _float64(p).requires_grad_()
    parameter.grad = _float64(g)
    optimizer = make([parameter], foreach=False, **settings)
    optimizer.state[parameter] = {
        "step": torch.tensor(float(state["t"])),
        "exp_avg": _float64(state["m"]),
        "exp_avg_sq": _float64(state["v"]),
    }
    optimizer.step()
    found = optimizer.state[parameter]
    return parameter.detach(), {"t": int(found["step"]), "m": found["exp_avg"], "v": found["exp_avg_sq"]}


OPTIMIZERS = {"gd": torch.optim.SGD, "adam": torch.optim.Adam}
"""The methods that run races."""


def fair_race(loss: Loss, x0: Any, steps: int, lr_grid: Any) -> dict[str, tuple[float, float]]:
    """The best learning rate and the final loss of gradient descent and of Adam.

    Args:
        loss: the loss (alone, without its gradient), from shape (n,) to shape (), written in torch.
        x0: the start, shape (n,).
        steps: number of steps.
        lr_grid: learning rates to try, shape (k,).

    Returns:
        For "gd" and "adam" the learning rate of the smallest finite loss after the last step, and that loss.

    Source:
        torch.optim.SGD and torch.optim.Adam.
    """
    race = {}
    for method in OPTIMIZERS:
        finals = {float(lr): losses(method, loss, x0, float(lr), steps)[-1] for lr in lr_grid}
        finite = {lr: final for lr, final in finals.items() if math.isfinite(final)}
        best = min(finite, key=finite.__getitem__)
        race[method] = (best, finite[best])
    return race


def rotate(loss: Loss, R: Any) -> Callable[[Any], tuple[float, Tensor]]:
    """A loss whose landscape is turned, and its gradient.

    Args:
        loss: the loss (alone, without its gradient), from shape (n,) to shape (), written in torch.
        R: an orthogonal matrix, shape (n, n).

    Returns:
        A function from shape (n,) to the value of x -> loss(R^T x) and its gradient by autograd.
    """
    back = _float64(R).T

    def turned(x: Any) -> tuple[float, Tensor]:
        point = _float64(x).requires_grad_()
        value = loss(back @ point)
        return value.item(), torch.autograd.grad(value, point)[0]

    return turned


def steps_to_tol(opt: str, loss: Loss, x0: Any, tol: float, lr: float, *, max_steps: int = 10000) -> int | None:
    """The first step at which a loss is at most a tolerance.

    Args:
        opt: "gd" or "adam".
        loss: the loss (alone, without its gradient), from shape (n,) to shape (), written in torch.
        x0: the start, shape (n,).
        tol: the loss to reach.
        lr: the learning rate.
        max_steps: number of the last step that counts.

    Returns:
        The number of the step, 0 for the start; None if there is none.

    Source:
        torch.optim.SGD and torch.optim.Adam.
    """
    values = losses(opt, loss, x0, lr, max_steps)
    return next((t for t, value in enumerate(values) if value <= tol), None)


def v_is_not_hessian_a() -> tuple[Loss, Tensor]:
    """A loss of constant curvature on which v_hat changes: the bowl 100 x^2 + y^2 from (1, 1)."""
    return lambda x: 100 * x[0] ** 2 + x[1] ** 2, _float64([1.0, 1.0])


def v_is_not_hessian_b() -> tuple[Loss, Tensor]:
    """A loss with slope and curvature: a logistic loss."""
    return lambda x: torch.nn.functional.softplus(2 * x).sum(), _float64([0.5, -1.0])


def v_is_not_hessian_c() -> tuple[Loss, Tensor]:
    """A linear loss."""
    return lambda x: 3 * x[0] - x[1], _float64([0.0, 0.0])


def v_is_not_hessian_d() -> tuple[Loss, Tensor]:
    """A loss with negative curvature: a saddle."""
    return lambda x: x[0] ** 2 - x[1] ** 2, _float64([1.0, 1.0])


def hessian_diag(theta: Any, X: Any) -> Tensor:
    """Diagonal of the Hessian of the mean logistic loss, which depends on no label.

    Args:
        theta: the weights, shape (d,).
        X: the samples, shape (N, d).

    Returns:
        The diagonal, shape (d,).

    Source:
        torch.func.hessian.
    """
    X = _float64(X)
    labels = torch.zeros(len(X), dtype=torch.float64)
    return hessian(lambda weights: vmap(_nll, (None, 0, 0))(weights, X, labels).mean())(_float64(theta)).diagonal()


def fisher_diag(theta: Any, X: Any) -> Tensor:
    """Diagonal of the Fisher information of logistic regression.

    Args:
        theta: the weights, shape (d,).
        X: the samples, shape (N, d).

    Returns:
        The mean over samples of the squared gradients for both labels, weighted as the model does; shape (d,).
    """
    theta, X = _float64(theta), _float64(X)
    scores = X @ theta
    squares: Any = 0.0
    for label, probability in ((1.0, torch.sigmoid(scores)), (0.0, torch.sigmoid(-scores))):
        squares = squares + probability[:, None] * _gradients(theta, X, torch.full_like(scores, label)) ** 2
    return squares.mean(dim=0)


def empirical_fisher_diag(theta: Any, X: Any, y: Any) -> Tensor:
    """Diagonal of the empirical Fisher of logistic regression.

    Args:
        theta: the weights, shape (d,).
        X: the samples, shape (N, d).
        y: the labels, 0 or 1, shape (N,).

    Returns:
        The mean over samples of the squared gradients, shape (d,).
    """
    return (_gradients(_float64(theta), _float64(X), _float64(y)) ** 2).mean(dim=0)


def hutchinson_diag(H: Any, n: int, samples: int, seed: int) -> Tensor:
    """What Hutchinson's estimator gives on average: the mean over all vectors of signs.

    Args:
        H: the Hessian itself, shape (n, n).
        n: number of rows, small.
        samples: number of products; the expectation does not depend on it.
        seed: of the generator of signs; nor on it.

    Returns:
        The expectation, shape (n,).

    Raises:
        ValueError: if there are no samples, or the seed is negative.
    """
    if samples < 1 or seed < 0:
        raise ValueError(f"at least one sample and a seed from 0 are needed, got {samples} and {seed}")
    signs = _float64(list(itertools.product([-1.0, 1.0], repeat=n)))
    return (signs * (signs @ _float64(H))).mean(dim=0)


def diag_newton_step(x: Any, g: Any, h: Any, lr: float, eps: float) -> Tensor:
    """One step against the gradient, divided by the size of the curvature.

    Args:
        x: the point, shape (n,).
        g: the gradient, shape (n,).
        h: the diagonal of the Hessian, shape (n,).
        lr: the learning rate.
        eps: the least number to divide by.

    Returns:
        The new point, shape (n,).
    """
    return torch.addcdiv(_float64(x), _float64(g), _float64(h).abs().clamp(min=eps), value=-lr)


def losses(method: str, loss: Loss, x0: Any, lr: float, steps: int) -> list[float]:
    """The loss at the start and after each step, with torch.optim.SGD or torch.optim.Adam.

    Args:
        method: "gd" or "adam".
        loss: the loss, from shape (n,) to shape (), written in torch.
        x0: the start, shape (n,).
        lr: the learning rate.
        steps: number of steps.

    Returns:
        The losses, steps + 1 of them.
    """
    parameter = _float64(x0).requires_grad_()
    optimizer = OPTIMIZERS[method]([parameter], lr=lr)
    values = []
    for _ in range(steps):
        value = loss(parameter)
        values.append(value.item())
        (parameter.grad,) = torch.autograd.grad(value, parameter)
        optimizer.step()
    return [*values, loss(parameter).item()]


def _nll(theta: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Negative log-likelihood of a label in nats."""
    z = theta @ x
    return torch.logsumexp(torch.stack([torch.zeros_like(z), z]), dim=0) - y * z


def _gradients(theta: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """The gradient of each sample, shape (N, d)."""
    return vmap(grad(_nll), (None, 0, 0))(theta, X, y)


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach().clone()
