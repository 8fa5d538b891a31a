"""References for ps3-hessian: curvature by automatic differentiation, laws in closed form, spectra of whole matrices.

The Hessian is the Jacobian of the gradient map. All values are float64. Array arguments may be NumPy arrays, torch
tensors or lists; arrays come back as torch tensors that carry no graph.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch.func import grad

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Scalar = Callable[[Tensor], Tensor]
    Map = Callable[[Any], Any]


def numerical_hessian(f: Scalar, x: Any, h: float = 1e-4) -> Tensor:
    """The Hessian that second differences approximate.

    Args:
        f: a scalar function of shape (n,), written in torch.
        x: the point, shape (n,).
        h: step of the approximation; the limit does not depend on it.

    Returns:
        The Hessian, shape (n, n).

    Raises:
        ValueError: if `h` is not positive.
    """
    if not h > 0:
        raise ValueError(f"the step h must be positive, got {h}")
    return hessian(f, x)


def hessian(f: Scalar, x: Any) -> Tensor:
    """Hessian of a torch function, zeros where it does not depend on the input.

    Args:
        f: a scalar function of shape (n,), written in torch.
        x: the point, shape (n,).

    Returns:
        The Hessian, shape (n, n).

    Source:
        torch.autograd.functional.hessian, one reverse pass over the gradient a row.
    """
    return torch.autograd.functional.hessian(f, _float64(x))


def hvp(f: Scalar, x: Any, v: Any) -> Tensor:
    """Product of the Hessian and a vector, without the Hessian.

    Args:
        f: a scalar function of shape (n,), written in torch.
        x: the point, shape (n,).
        v: the direction, shape (n,).

    Returns:
        ``H v``, shape (n,).

    Source:
        Pearlmutter, Fast exact multiplication by the Hessian (1994), as a forward derivative of the gradient.
    """
    _, product = torch.func.jvp(grad(f), (_float64(x),), (_float64(v),))  # type: ignore[misc]  # three only with has_aux
    return product


def classify_matrix(H: Any, rtol: float = 1e-8) -> str:
    """Definiteness of a symmetric matrix, from the signs of its eigenvalues.

    Args:
        H: the matrix, shape (n, n).
        rtol: tolerance, relative to the largest entry for the symmetry and to the largest eigenvalue for a zero.

    Returns:
        "positive_definite", "positive_semidefinite", "negative_definite", "negative_semidefinite", "indefinite" or
        "zero".

    Raises:
        ValueError: if the matrix is not symmetric.
    """
    H = _float64(H)
    size = H.abs().max()
    if (H - H.T).abs().max() > rtol * size:
        raise ValueError("the matrix is not symmetric")
    if size == 0:
        return "zero"
    eigenvalues = torch.linalg.eigvalsh(H)
    threshold = rtol * eigenvalues.abs().max()
    positive, negative = (eigenvalues > threshold).sum(), (eigenvalues < -threshold).sum()
    if positive and negative:
        return "indefinite"
    sign = "positive" if positive else "negative"
    return f"{sign}_definite" if positive + negative == len(H) else f"{sign}_semidefinite"


def classify_point(f: Scalar, x: Any) -> str:
    """What the second-order test says about a point.

    Args:
        f: a scalar function of shape (n,), written in torch.
        x: the point, shape (n,).

    Returns:
        "not_critical", "min", "max", "saddle" or "inconclusive".
    """
    H = hessian(f, x)
    if grad(f)(_float64(x)).abs().max() > 1e-6 * max(1.0, float(H.abs().max())):
        return "not_critical"
    verdicts = {"positive_definite": "min", "negative_definite": "max", "indefinite": "saddle"}
    return verdicts.get(classify_matrix(H), "inconclusive")


def mixed_partials_at_zero(f: Callable[[Tensor, Tensor], Tensor], h: float | Tensor) -> tuple[Tensor, Tensor]:
    """Mixed partial derivatives at the origin, in both orders.

    The inner derivative is exact; the outer one is a central difference, since an inner derivative may not be
    differentiable at the origin by the rules of automatic differentiation.

    Args:
        f: a function of x and y, written in torch, differentiable on the axes away from the origin.
        h: step of the outer difference.

    Returns:
        The derivative by y of df/dx, and the derivative by x of df/dy.

    Source:
        Peano (1884): f = xy (x^2 - y^2) / (x^2 + y^2) gives -1 and +1.
    """
    zero, h = _float64(0.0), _float64(h)
    by_x, by_y = grad(f, argnums=0), grad(f, argnums=1)
    return (by_x(zero, h) - by_x(zero, -h)) / (2 * h), (by_y(h, zero) - by_y(-h, zero)) / (2 * h)


def symmetry_gap(H: Any) -> Tensor:
    """How far a matrix is from symmetric, relative to its largest entry.

    Args:
        H: the matrix, shape (n, n).

    Returns:
        ``max|H - H^T| / max|H|``, 0 for a matrix of zeros.
    """
    H = _float64(H)
    size = H.abs().max()
    return (H - H.T).abs().max() / size if size > 0 else torch.zeros((), dtype=torch.float64)


def log10_prob_all_positive(n: int) -> float:
    """Decimal logarithm of the probability that n independent fair signs are all positive.

    Args:
        n: number of signs, at least 1.

    Returns:
        ``log10(2^-n)``, finite for every n.

    Source:
        The number of decimal digits of n bits, n / log2(10).
    """
    return -n / math.log2(10.0)


def goe(n: int, size: int, seed: int) -> Tensor:
    """Matrices of the Gaussian orthogonal ensemble, entry by entry.

    Args:
        n: rows and columns of each matrix.
        size: number of matrices.
        seed: of torch's generator.

    Returns:
        The matrices, shape (size, n, n), symmetric; variance 2 on the diagonal and 1 off it.
    """
    generator = torch.Generator().manual_seed(seed)
    entries = torch.randn(size, n, n, dtype=torch.float64, generator=generator)
    upper = torch.triu(entries, diagonal=1)
    return upper + upper.mT + math.sqrt(2.0) * torch.diag_embed(entries.diagonal(dim1=1, dim2=2))


def prob_minimum(n: int, trials: int, seed: int) -> tuple[float, float]:
    """The exact probability that all eigenvalues of a GOE matrix are positive, and the standard error of an estimate.

    Args:
        n: rows and columns of the matrix, at most 8.
        trials: number of matrices of the estimate.
        seed: of the estimate; the law does not depend on it.

    Returns:
        The probability p and ``sqrt(p (1 - p) / trials)``.

    Raises:
        ValueError: if `seed` is negative, as a generator would.

    Source:
        N. G. de Bruijn, On some multiple integrals involving determinants (1955): the integral of
        ``prod |x_i - x_j| exp(-x_i^2 / 2)`` over ordered points is a Pfaffian. Mehta's integral normalises it.
    """
    if seed < 0:
        raise ValueError(f"a seed is not negative, got {seed}")
    y = torch.linspace(0.0, 14.0, 14001, dtype=torch.float64)
    moments, partial = [], []
    for i in range(n):
        order = torch.tensor((i + 1) / 2, dtype=torch.float64)
        whole = 2 ** ((i - 1) / 2) * math.gamma((i + 1) / 2)
        moments.append(whole)
        partial.append(whole * torch.special.gammainc(order, y**2 / 2))
    size = n + n % 2
    form = torch.zeros(size, size, dtype=torch.float64)
    for i in range(n):
        for j in range(i):
            form[j, i] = _simpson((y**i * partial[j] - y**j * partial[i]) * torch.exp(-(y**2) / 2), y)
        if size > n:
            form[i, n] = moments[i]
    pfaffian = math.sqrt(torch.linalg.det(form - form.mT).item())
    mehta = (2 * math.pi) ** (n / 2) * math.prod(math.gamma(1 + j / 2) / math.gamma(1.5) for j in range(1, n + 1))
    p = math.factorial(n) * pfaffian / mehta
    return p, math.sqrt(p * (1 - p) / trials)


def power_iteration(matvec: Map, n: int, seed: int, iters: int = 1000) -> tuple[float, Tensor]:
    """The eigenvalue of largest size of a symmetric matrix, with its sign, and a unit eigenvector.

    Args:
        matvec: multiplies a vector of shape (n,) by the matrix.
        n: rows and columns of the matrix.
        seed: of an iteration; the spectrum does not depend on it.
        iters: number of iterations, at least 1; the limit does not depend on it.

    Returns:
        The eigenvalue, and the eigenvector of shape (n,).

    Raises:
        ValueError: if `seed` is negative or `iters` is not positive.

    Source:
        The whole matrix, column by column, and torch.linalg.eigh.
    """
    if seed < 0 or iters < 1:
        raise ValueError(f"expected a seed and a number of iterations, got {seed} and {iters}")
    values, vectors = torch.linalg.eigh(_matrix(matvec, n))
    top = values.abs().argmax()
    return values[top].item(), vectors[:, top]


def escape_steps(lr: float, noise: float, seed: int, max_steps: int = 10000) -> int | None:
    """Steps of gradient descent on ``x^2 - y^2`` from (1, 0) until |y| > 1, noise added to the start only.

    Args:
        lr: learning rate, positive.
        noise: standard deviation of the first y.
        seed: of the noise.
        max_steps: last step that counts.

    Returns:
        The number of the first step after which |y| > 1, at least 1; None if there is none up to `max_steps`.

    Source:
        The closed form ``|y_t| = noise |xi| (1 + 2 lr)^t``.
    """
    start = abs(noise * torch.randn((), dtype=torch.float64, generator=torch.Generator().manual_seed(seed)).item())
    if start == 0:
        return None
    steps = max(1, math.floor(-math.log(start) / math.log1p(2 * lr)) + 1)
    return steps if steps <= max_steps else None


def sharpness(loss: Map, theta: Any) -> float:
    """The largest eigenvalue of the Hessian of a loss.

    Args:
        loss: a map from shape (p,) to a scalar, written in torch.
        theta: the point, shape (p,).

    Returns:
        The largest eigenvalue in the order of the real line, negative if all are.

    Source:
        torch.autograd.functional.hessian and torch.linalg.eigvalsh.
    """
    hessian = torch.autograd.functional.hessian(loss, _float64(theta))
    return torch.linalg.eigvalsh(hessian).max().item()


def lr_limit(loss: Map, theta: Any) -> float:
    """The learning rate above which gradient descent diverges on the second-order model of a loss.

    Args:
        loss: a map from shape (p,) to a scalar, written in torch.
        theta: the point, shape (p,), with a positive `sharpness`.

    Returns:
        ``2 / sharpness``.
    """
    return 2.0 / sharpness(loss, theta)


def lanczos(matvec: Map, n: int, k: int, seed: int) -> tuple[Tensor, Tensor]:
    """The tridiagonal matrix that k steps of Lanczos give from a random unit vector, by reflections.

    Args:
        matvec: multiplies a vector of shape (n,) by a symmetric matrix.
        n: rows and columns of the matrix.
        k: number of steps, at most n.
        seed: of NumPy's generator, which draws the start.

    Returns:
        The diagonal, shape (k,), and the positive off-diagonal, shape (k - 1,).

    Source:
        Householder's reduction of ``Q A Q`` with Q e_1 = v; by the implicit Q theorem it is the matrix of Lanczos.
    """
    import numpy as np

    start = _float64(np.random.default_rng(seed).normal(size=n))
    reduced = _reflected(_matrix(matvec, n), start, 0)
    for j in range(n - 2):
        reduced = _reflected(reduced, reduced[j + 1 :, j].clone(), j + 1)
    return reduced.diagonal()[:k].clone(), reduced.diagonal(1)[: k - 1].abs()


def spectral_density(alpha: Any, beta: Any) -> tuple[Tensor, Tensor]:
    """Nodes and weights of the Gauss quadrature that belongs to a tridiagonal matrix.

    Args:
        alpha: the diagonal, shape (k,).
        beta: the off-diagonal, shape (k - 1,), nowhere zero.

    Returns:
        The nodes in ascending order and their weights, shape (k,) each; the weights sum to one.

    Source:
        Residues of the resolvent ``e_1^T (z - T)^-1 e_1``: no eigenvector is formed.
    """
    alpha, beta = _float64(alpha), _float64(beta)
    T = torch.diag(alpha) + torch.diag(beta, 1) + torch.diag(beta, -1)
    nodes, inner = torch.linalg.eigvalsh(T), torch.linalg.eigvalsh(T[1:, 1:])
    weights = [
        torch.prod(node - inner) / torch.prod(torch.cat([node - nodes[:i], node - nodes[i + 1 :]]))
        for i, node in enumerate(nodes)
    ]
    return nodes, torch.stack(weights)


def _matrix(matvec: Map, n: int) -> Tensor:
    return torch.stack([_float64(matvec(column)) for column in torch.eye(n, dtype=torch.float64).numpy()], dim=1)


def _reflected(matrix: Tensor, vector: Tensor, first: int) -> Tensor:
    """The matrix seen through the reflection that turns a vector of the coordinates from `first` on into the first."""
    normal = vector / vector.norm()
    normal[0] += 1.0 if normal[0] >= 0 else -1.0
    normal /= normal.norm()
    mirror = torch.eye(len(matrix), dtype=torch.float64)
    mirror[first:, first:] -= 2 * torch.outer(normal, normal)
    return mirror @ matrix @ mirror


def _simpson(values: Tensor, y: Tensor) -> float:
    step = (y[1] - y[0]).item()
    return step / 3 * (values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()).item()


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()
