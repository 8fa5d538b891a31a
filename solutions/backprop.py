"""References for ps2-backprop: products with Jacobians by automatic differentiation.

Rows of a Jacobian are outputs and columns are inputs; ``v^T J`` has the shape of x. All values are float64. Array
arguments may be NumPy arrays, torch tensors or lists; results are torch tensors that carry no graph.
"""

from __future__ import annotations

from functools import reduce
from graphlib import TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch.func import jacfwd
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    Map = Callable[[Tensor], Tensor]
    Tape = dict[str, list[tuple[str, float]]]


def chain_jacobian(g: Map, f: Map, x: Any) -> Tensor:
    """Jacobian of the composition ``g(f(x))``, differentiated as one function.

    Args:
        g: a map from shape (k,) to shape (m,), written in torch.
        f: a map from shape (n,) to shape (k,), written in torch.
        x: the point, shape (n,).

    Returns:
        The Jacobian, shape (m, n).

    Source:
        torch.autograd.functional.jacobian; no product of Jacobians is formed.
    """
    return torch.autograd.functional.jacobian(lambda p: g(f(p)), _float64(x))


def vjp(f: Map, x: Any, v: Any) -> Tensor:
    """Vector-Jacobian product ``v^T J``.

    Args:
        f: a map from shape (n,) to shape (m,), written in torch.
        x: the point, shape (n,).
        v: the cotangent, shape (m,).

    Returns:
        The product, shape (n,).

    Source:
        torch.autograd.functional.vjp.
    """
    return torch.autograd.functional.vjp(f, _float64(x), _float64(v))[1]


class Dual:
    """A number with its derivative along one direction; torch.func.jvp differentiates every operation.

    Args:
        value: the number.
        deriv: its derivative.
    """

    def __init__(self, value: Any, deriv: Any = 0.0) -> None:
        self.value = _float64(value)
        self.deriv = _float64(deriv)

    def __add__(self, other: Any) -> Dual:
        return _dual(torch.add, self, other)

    def __radd__(self, other: Any) -> Dual:
        return _dual(torch.add, other, self)

    def __sub__(self, other: Any) -> Dual:
        return _dual(torch.sub, self, other)

    def __rsub__(self, other: Any) -> Dual:
        return _dual(torch.sub, other, self)

    def __mul__(self, other: Any) -> Dual:
        return _dual(torch.mul, self, other)

    def __rmul__(self, other: Any) -> Dual:
        return _dual(torch.mul, other, self)

    def __truediv__(self, other: Any) -> Dual:
        return _dual(torch.div, self, other)

    def __rtruediv__(self, other: Any) -> Dual:
        return _dual(torch.div, other, self)

    def __pow__(self, exponent: float) -> Dual:
        return _dual(lambda base: base**exponent, self)

    def __neg__(self) -> Dual:
        return _dual(torch.neg, self)

    def sin(self) -> Dual:
        """The sine."""
        return _dual(torch.sin, self)

    def exp(self) -> Dual:
        """The exponential."""
        return _dual(torch.exp, self)

    def log(self) -> Dual:
        """The natural logarithm."""
        return _dual(torch.log, self)

    def tanh(self) -> Dual:
        """The hyperbolic tangent."""
        return _dual(torch.tanh, self)


def _dual(operation: Callable[..., Tensor], *operands: Any) -> Dual:
    duals = [operand if isinstance(operand, Dual) else Dual(operand) for operand in operands]
    values, derivs = zip(*((dual.value, dual.deriv) for dual in duals), strict=True)
    return Dual(*torch.func.jvp(operation, values, derivs))


def jvp(f: Callable[[list[Tensor]], Tensor | list[Tensor]], x: Any, u: Any) -> Tensor:
    """Jacobian-vector product ``J u``.

    Args:
        f: a map from a list of n tensors of shape () to one such tensor or a list of m.
        x: the point, shape (n,).
        u: the tangent, shape (n,).

    Returns:
        The product, shape (m,); shape (1,) where `f` returns one tensor.

    Source:
        torch.func.jvp; `Dual` takes no part.
    """

    def outputs(point: Tensor) -> Tensor:
        results = f(list(point.unbind()))
        return torch.stack(results) if isinstance(results, list) else results[None]

    return torch.func.jvp(outputs, (_float64(x),), (_float64(u),))[1]


def adjoint_gap(jvp: Any, vjp: Any, u: Any, v: Any) -> Tensor:
    """How far two matrices are from being the same one, in the direction of u and v.

    Args:
        jvp: the matrix J that the forward product multiplies by, shape (m, n).
        vjp: the matrix K that the reverse product multiplies by, shape (m, n).
        u: a tangent, shape (n,).
        v: a cotangent, shape (m,).

    Returns:
        ``|v^T (J - K) u|``, shape ().
    """
    return torch.einsum("i,ij,j->", _float64(v), _float64(jvp) - _float64(vjp), _float64(u)).abs()


def jacobian_by_vjps(vjp: Map, m: int) -> Tensor:
    """Jacobian from the products of all basis vectors, in one batch.

    Args:
        vjp: the map ``v -> v^T J``, written in torch.
        m: number of outputs.

    Returns:
        The Jacobian, shape (m, n).
    """
    return torch.func.vmap(vjp)(torch.eye(m, dtype=torch.float64))


def jacobian_by_jvps(jvp: Map, n: int) -> Tensor:
    """Jacobian from the products with all basis vectors, in one batch.

    Args:
        jvp: the map ``u -> J u``, written in torch.
        n: number of inputs.

    Returns:
        The Jacobian, shape (m, n).
    """
    return torch.func.vmap(jvp, out_dims=1)(torch.eye(n, dtype=torch.float64))


def passes_needed(m: int, n: int, mode: str) -> int:
    """Passes that a whole Jacobian takes.

    Args:
        m: number of outputs.
        n: number of inputs.
        mode: "reverse" or "forward".

    Returns:
        One reverse pass a row, one forward pass a column.

    Raises:
        KeyError: for another mode.
    """
    return {"reverse": m, "forward": n}[mode]


def cheapest_mode(m: int, n: int) -> str:
    """The mode that gives a whole Jacobian in fewer passes.

    Args:
        m: number of outputs.
        n: number of inputs.

    Returns:
        "reverse" or "forward"; "reverse" if both take equally many.
    """
    return min(("reverse", "forward"), key=lambda mode: passes_needed(m, n, mode))


def linear_vjp(v: Any, X: Any, W: Any) -> tuple[Tensor, ...]:
    """VJP of a linear layer on a batch, ``Y = X W^T + b``.

    Args:
        v: cotangent of Y, shape (B, m).
        X: the samples, shape (B, n).
        W: weights, shape (m, n).

    Returns:
        The cotangents of X, W and b, shapes (B, n), (m, n) and (m,).

    Source:
        torch.nn.functional.linear.
    """
    v, W = _float64(v), _float64(W)
    return _pulled(functional.linear, v, X, W, torch.zeros(len(W)))


def tanh_vjp(v: Any, x: Any) -> Tensor:
    """VJP of tanh, entry by entry.

    Args:
        v: cotangent of the output.
        x: the input of tanh (not its output), of the same shape.

    Returns:
        The cotangent of x, shaped like v.
    """
    return _pulled(torch.tanh, v, x)[0]


def relu_vjp(v: Any, x: Any) -> Tensor:
    """VJP of the rectifier, entry by entry, with derivative 0 at x = 0.

    Args:
        v: cotangent of the output.
        x: the input, of the same shape.

    Returns:
        The cotangent of x, shaped like v.
    """
    return _pulled(torch.relu, v, x)[0]


def softmax_xent_vjp(logits: Any, y: Any) -> Tensor:
    """Gradient of the mean softmax cross-entropy with respect to the logits.

    Args:
        logits: shape (B, C).
        y: the right classes, integers of shape (B,).

    Returns:
        The gradient, shape (B, C), whose rows sum to zero.

    Source:
        torch.nn.functional.cross_entropy.
    """
    return _pulled(lambda scores: functional.cross_entropy(scores, _classes(y)), 1.0, logits)[0]


def layernorm_vjp(v: Any, x: Any, gamma: Any, eps: float) -> tuple[Tensor, ...]:
    """VJP of layer normalisation over the last axis.

    Args:
        v: cotangent of the output, shape (B, n).
        x: the samples, shape (B, n).
        gamma: the factors after normalising, shape (n,).
        eps: what is added to the (population) variance.

    Returns:
        The cotangents of x, gamma and beta, shapes (B, n), (n,) and (n,).

    Source:
        torch.nn.functional.layer_norm.
    """
    gamma = _float64(gamma)

    def normalised(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        return functional.layer_norm(x, gamma.shape, gamma, beta, eps)

    return _pulled(normalised, v, x, gamma, torch.zeros_like(gamma))


def unbroadcast(v: Any, shape: tuple[int, ...]) -> Tensor:
    """Cotangent of an array that was broadcast.

    Args:
        v: cotangent of the broadcast array.
        shape: the shape before broadcasting.

    Returns:
        The cotangent, of that shape.

    Source:
        torch.broadcast_to, whose VJP is taken.
    """
    v = _float64(v)
    return _pulled(lambda a: torch.broadcast_to(a, v.shape), v, torch.zeros(shape))[0]


def mlp_backward(
    params: Sequence[tuple[Any, Any]], X: Any, y: Any, use: Sequence[int] = (0, 1, 2)
) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
    """Loss and gradients of a net of the layers tanh, tanh, linear under the mean softmax cross-entropy.

    Args:
        params: pairs (W, b) of shapes (out, in) and (out,).
        X: the samples, shape (B, d).
        y: their classes, integers of shape (B,).
        use: layer k computes with ``params[use[k]]``.

    Returns:
        The loss, and for each pair of `params` the pair of gradients; zeros where a pair is not used.
    """
    flat = [_float64(array).requires_grad_() for pair in params for array in pair]
    pairs = list(zip(flat[::2], flat[1::2], strict=True))
    first, second, last = (pairs[entry] for entry in use)
    hidden = torch.tanh(functional.linear(_float64(X), *first))
    hidden = torch.tanh(functional.linear(hidden, *second))
    loss = functional.cross_entropy(functional.linear(hidden, *last), _classes(y))
    grads = torch.autograd.grad(loss, flat, materialize_grads=True)
    return loss.detach(), list(zip(grads[::2], grads[1::2], strict=True))


def backward(tape: Tape, out: str) -> dict[str, float]:
    """Derivatives of one node of a computation graph by every node.

    Args:
        tape: for each node its parents, with the local derivative of the node by that parent; in no order.
        out: the node to differentiate.

    Returns:
        For each node the derivative of `out` by it, 0.0 if `out` does not depend on it.

    Source:
        The graph as torch sees it: every node is nudged by a leaf of its own.
    """
    order = TopologicalSorter({name: {parent for parent, _ in parents} for name, parents in tape.items()})
    nudges = {name: torch.zeros((), dtype=torch.float64, requires_grad=True) for name in tape}
    values: dict[str, Tensor] = {}
    for name in order.static_order():
        values[name] = nudges[name] + sum(local * values[parent] for parent, local in tape[name])
    grads = torch.autograd.grad(values[out], list(nudges.values()), materialize_grads=True)
    return {name: grad.item() for name, grad in zip(nudges, grads, strict=True)}


def counterexample_1() -> tuple[Tensor, Tensor]:
    """An input that exposes a VJP which ignores v.

    Returns:
        x of shape (3,) and v of shape (2,).
    """
    return _exposing(3, 2)


def counterexample_2() -> tuple[Tensor, Tensor]:
    """An input that exposes a VJP which multiplies by v twice.

    Returns:
        x of shape (3,) and v of shape (2,).
    """
    return _exposing(3, 2)


def counterexample_3() -> tuple[Tensor, Tensor]:
    """An input that exposes a transposed VJP.

    Returns:
        x of shape (3,) and v of shape (3,).
    """
    return _exposing(3, 3)


def counterexample_4() -> tuple[Tensor, Tensor]:
    """An input that exposes a VJP which loses one path of a fan-out.

    Returns:
        x of shape (3,) and v of shape (2,).
    """
    return _exposing(3, 2)


def counterexample_5() -> tuple[Tensor, Tensor]:
    """An input that exposes a VJP which is wrong for negative x.

    Returns:
        x of shape (2,) and v of shape (3,).
    """
    return _exposing(2, 3)


def _exposing(n: int, m: int) -> tuple[Tensor, Tensor]:
    """Numbers of both signs and different sizes: they expose every one of the five."""
    return _float64([1.5, -0.5, 2.0][:n]), _float64([2.0, -1.0, 3.0][:m])


def chain_cost(dims: Sequence[int], order: str) -> int:
    """Multiplications in the product of a chain of Jacobians.

    Args:
        dims: the sizes [n_0, ..., n_L]; factor k has shape (n_k, n_{k-1}).
        order: "reverse" starts at the last factor, "forward" at the first.

    Returns:
        The multiplications, counted by torch on tensors without storage.

    Source:
        torch.utils.flop_counter, which counts a multiplication and an addition as 2.

    Raises:
        KeyError: for another order.
    """
    factors = [torch.empty(a, b, device="meta") for b, a in pairwise(dims)]
    multiply, chain = {
        "reverse": (lambda left, right: left @ right, factors[::-1]),
        "forward": (lambda right, left: left @ right, factors),
    }[order]
    with FlopCounterMode(display=False) as counter:
        reduce(multiply, chain)
    return counter.get_total_flops() // 2


def implicit_vjp(g: Callable[[Tensor, Tensor], Tensor], z_star: Any, theta: Any, v: Any) -> Tensor:
    """VJP through the solution of ``z = g(z, theta)`` with respect to theta.

    Args:
        g: a map of shapes (k,) and (p,) to (k,), written in torch.
        z_star: a solution, shape (k,).
        theta: the parameters, shape (p,).
        v: cotangent of the solution, shape (k,).

    Returns:
        The cotangent of theta, shape (p,).

    Source:
        The implicit function theorem forwards: the whole derivative of the solution, then its product with v.
    """
    by_z, by_theta = jacfwd(g, argnums=(0, 1))(_float64(z_star), _float64(theta))
    moves = torch.linalg.solve(torch.eye(len(by_z), dtype=torch.float64) - by_z, by_theta)
    return _float64(v) @ moves


def _pulled(f: Callable[..., Tensor], v: Any, *inputs: Any) -> tuple[Tensor, ...]:
    """The cotangents of all inputs of a function, given that of its output."""
    leaves = [_float64(values).requires_grad_() for values in inputs]
    return torch.autograd.grad(f(*leaves), leaves, _float64(v))


def _classes(y: Any) -> Tensor:
    return torch.as_tensor(y, dtype=torch.int64)


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()
