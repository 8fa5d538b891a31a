"""References for ps6-flow: volumes by automatic differentiation, densities by torch's distributions.

All values are float64. Array arguments may be NumPy arrays, torch tensors or lists; results are torch tensors that
carry no graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import distributions
from torch.func import jacrev, vmap

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Net = Callable[[Tensor], tuple[Tensor, Tensor]]
    "From masked points (B, d) to the logarithms of the scales and to the shifts, both (B, d)."


def polar_jacobian(r: Any, theta: Any, order: str = "rt") -> Tensor:
    """Jacobian of the map ``(r cos(theta), r sin(theta))`` at each point.

    Args:
        r: radii, shape S.
        theta: angles in radians, shape S.
        order: "rt" if column 0 belongs to r and column 1 to theta, "tr" for the other order.

    Returns:
        The Jacobians, shape S + (2, 2); row 0 belongs to the first coordinate of the plane.

    Source:
        torch.func.jacrev of the map, one point at a time.
    """
    radius, angle = order.index("r"), order.index("t")
    r, theta = torch.broadcast_tensors(_float64(r), _float64(theta))
    entries = {radius: r.reshape(-1), angle: theta.reshape(-1)}
    points = torch.stack([entries[0], entries[1]], dim=1)

    def plane(p: Tensor) -> Tensor:
        return torch.stack([p[radius] * torch.cos(p[angle]), p[radius] * torch.sin(p[angle])])

    return vmap(jacrev(plane))(points).reshape(*r.shape, 2, 2)


def polar_logabsdet(r: Any) -> Tensor:
    """Logarithm of the absolute determinant of the polar map.

    Args:
        r: radii, shape S, also zero or negative.

    Returns:
        The logarithms, shape S; -inf where the radius is 0.

    Source:
        torch.linalg.slogdet of the Jacobian at the angle 1, as the determinant is the same at every angle.
    """
    r = _float64(r)
    return torch.linalg.slogdet(polar_jacobian(r, torch.ones_like(r))).logabsdet


def polar_integral(g: Callable[[Tensor, Tensor], Tensor], R: float, nr: int, nt: int) -> Tensor:
    """Integral of a function over the disc of radius R around the origin.

    Args:
        g: the function of x and y, written in torch.
        R: the radius.
        nr: nodes of the quadrature along a chord.
        nt: number of chords.

    Returns:
        The integral.

    Source:
        Gauss-Legendre quadrature in Cartesian coordinates, along the vertical chords at x = R sin(phi): no polar
        coordinates take part.
    """
    phi, chords = _gauss_legendre(nt)
    share, weights = _gauss_legendre(nr)
    phi, chords = phi[:, None] * torch.pi / 2, chords[:, None] * torch.pi / 2
    half = R * torch.cos(phi)
    x, y = (R * torch.sin(phi)).expand(nt, nr), half * share
    return (g(x, y) * weights * half * half * chords).sum()


def pushforward_density(
    cdf: Callable[[Tensor], Tensor], finv: Callable[[Tensor], Tensor], *, increasing: bool
) -> Callable[[Any], Tensor]:
    """Log-density of ``y = f(x)``.

    Args:
        cdf: the distribution function of x, P(X <= x), written in torch; not its density.
        finv: the inverse of f, written in torch.
        increasing: whether f is increasing, otherwise it is decreasing.

    Returns:
        A function that gives the log-densities at y, in the shape of y.

    Source:
        The density is the derivative of P(Y <= y), which is P(X <= finv(y)) for an increasing f and
        P(X >= finv(y)) for a decreasing one.
    """

    def probability(y: Tensor) -> Tensor:
        below = cdf(finv(y))
        return below if increasing else 1.0 - below

    def log_q(y: Any) -> Tensor:
        y = _float64(y).clone().requires_grad_()
        (density,) = torch.autograd.grad(probability(y).sum(), y)
        return torch.log(density)

    return log_q


def affine_log_prob(y: Any, A: Any, b: Any) -> Tensor:
    """Log-density of ``y = A z + b`` for a standard normal z.

    Args:
        y: points, shape (d,) or (B, d).
        A: an invertible matrix, shape (d, d).
        b: the shift, shape (d,).

    Returns:
        The log-density of one point, or of each of B points.

    Source:
        y is normal with mean b and covariance A A^T: torch.distributions.MultivariateNormal.
    """
    A = _float64(A)
    return torch.distributions.MultivariateNormal(_float64(b), A @ A.T).log_prob(_float64(y))


def log_abs_det(A: Any) -> tuple[Tensor, Tensor]:
    """Sign and logarithm of the absolute value of a determinant.

    Args:
        A: a matrix, shape (n, n); singular ones too.

    Returns:
        The sign, one of -1, 0 and 1, and the logarithm, -inf for a singular matrix.

    Source:
        torch.linalg.slogdet in double precision.
    """
    sign, logabs = torch.linalg.slogdet(_float64(A))
    return sign, logabs


def triangular_logdet(L: Any) -> Tensor:
    """Logarithm of the absolute determinant of a triangular matrix.

    Args:
        L: a triangular matrix, shape (n, n), without a zero on its diagonal.

    Returns:
        The logarithm.

    Source:
        torch.linalg.slogdet, which does not know of the triangle.
    """
    return torch.linalg.slogdet(_float64(L)).logabsdet


def planar_flow(z: Any, u: Any, w: Any, b: float) -> tuple[Tensor, Tensor]:
    """The planar flow ``x = z + u tanh(w.z + b)`` and the logarithm of its absolute Jacobian determinant.

    Args:
        z: points, shape (B, d).
        u: direction of the push, shape (d,).
        w: direction that decides the push, shape (d,).
        b: the shift.

    Returns:
        The images, shape (B, d), and the logarithms, shape (B,).

    Source:
        torch.linalg.slogdet of the whole Jacobian of each point, by automatic differentiation.
    """
    z, u, w = _float64(z), _float64(u), _float64(w)

    def push(point: Tensor) -> Tensor:
        return point + u * torch.tanh(point @ w + b)

    return vmap(push)(z), torch.linalg.slogdet(vmap(jacrev(push))(z)).logabsdet


def coupling_forward(z: Any, mask: Any, net: Net) -> tuple[Tensor, Tensor]:
    """A coupling layer and the logarithms of its absolute Jacobian determinants.

    Args:
        z: points, shape (B, d).
        mask: 1 for coordinates that stay, 0 for those that move, shape (d,).
        net: gives logarithms of scales and shifts from the coordinates that stay, the others being 0.

    Returns:
        The images, shape (B, d), and the logarithms, shape (B,).

    Source:
        Selection by torch.where instead of products with the mask; the determinant is torch.linalg.slogdet of the
        whole Jacobian of each point, by automatic differentiation.
    """
    z = _float64(z)
    push = _coupling(mask, net)
    return push(z).detach(), _logdets(push, z)


def coupling_inverse(x: Any, mask: Any, net: Net) -> tuple[Tensor, Tensor]:
    """The inverse of a coupling layer and the logarithms of its absolute Jacobian determinants.

    Args:
        x: points, shape (B, d).
        mask: 1 for coordinates that stay, 0 for those that move, shape (d,).
        net: gives logarithms of scales and shifts from the coordinates that stay, the others being 0.

    Returns:
        The originals, shape (B, d), and the logarithms, shape (B,).

    Source:
        Newton's method on the forward layer, which is exact after a second step since the layer is affine once the
        coordinates that stay are right; the determinant is 1 over that of the forward Jacobian.
    """
    x = _float64(x)
    push = _coupling(mask, net)
    z = x
    for _ in range(3):
        z = z - torch.linalg.solve(_jacobians(push, z), (push(z).detach() - x)[..., None])[..., 0]
    return z, -_logdets(push, z)


def flow_log_prob(x: Any, layers: list[tuple[Any, Net]]) -> Tensor:
    """Log-density of a stack of coupling layers on a standard normal base.

    Args:
        x: points, shape (B, d).
        layers: pairs (mask, net) in the order in which they lead from the base to x.

    Returns:
        The log-densities, shape (B,).

    Source:
        torch.linalg.slogdet of the Jacobian of the whole map at the original z, by automatic differentiation, and
        torch.distributions.MultivariateNormal at z.
    """
    z = _float64(x)
    d = z.shape[1]
    for mask, net in reversed(layers):
        z, _ = coupling_inverse(z, mask, net)

    def push(points: Tensor) -> Tensor:
        for mask, net in layers:
            points = _coupling(mask, net)(points)
        return points

    base = distributions.MultivariateNormal(torch.zeros(d, dtype=torch.float64), torch.eye(d, dtype=torch.float64))
    return base.log_prob(z) - _logdets(push, z)


def train_flow(X: Any, seed: int) -> list[tuple[Tensor, Net]]:
    """Coupling layers fitted to points of the plane by maximum likelihood.

    Args:
        X: the points, shape (N, 2).
        seed: of the first weights and of the batches.

    Returns:
        Pairs (mask, net) in the order from the base to the data.

    Source:
        Real NVP (Dinh, Sohl-Dickstein, Bengio 2017), with torch.nn for the networks and torch.optim.Adam.
    """
    X = _float64(X)
    generator = torch.Generator().manual_seed(seed)
    masks = [torch.tensor([k % 2, 1.0 - k % 2], dtype=torch.float64) for k in range(4)]
    nets = [_Conditioner(generator) for _ in masks]
    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=500)
    for _ in range(500):
        z = X[torch.randint(len(X), (256,), generator=generator)]
        loss = torch.zeros((), dtype=torch.float64)
        for mask, net in zip(reversed(masks), reversed(nets), strict=True):
            s, t = net(mask * z)
            moves = 1.0 - mask
            z = mask * z + moves * (z - t) * torch.exp(-s)
            loss = loss + (moves * s).sum(dim=1).mean()
        loss = loss + 0.5 * (z**2).sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return list(zip(masks, nets, strict=True))


def grid_mass(log_prob: Callable[[Tensor], Tensor], box: tuple[float, float, float, float], n: int) -> Tensor:
    """Integral of a density over a rectangle.

    Args:
        log_prob: the log-density of points of shape (N, 2), written in torch.
        box: (xmin, xmax, ymin, ymax).
        n: nodes of the quadrature along each side.

    Returns:
        The integral.

    Source:
        Gauss-Legendre quadrature in both directions.
    """
    xmin, xmax, ymin, ymax = box
    nodes, weights = _gauss_legendre(n)
    x = (xmin + xmax) / 2 + (xmax - xmin) / 2 * nodes
    y = (ymin + ymax) / 2 + (ymax - ymin) / 2 * nodes
    values = torch.exp(log_prob(torch.cartesian_prod(x, y))).reshape(n, n)
    return weights @ values @ weights * (xmax - xmin) * (ymax - ymin) / 4


def logdet_gradient(A: Any) -> Tensor:
    """Gradient of log |det A|.

    Args:
        A: an invertible matrix, shape (n, n).

    Returns:
        The gradient, shape (n, n): entry (i, j) is the derivative by A_ij.

    Source:
        Automatic differentiation of torch.linalg.slogdet.
    """
    return torch.func.grad(lambda matrix: torch.linalg.slogdet(matrix).logabsdet)(_float64(A))


def trace_estimate(J: Any, d: int, samples: int, seed: int) -> Tensor:
    """Hutchinson's estimate of a trace.

    Args:
        J: the matrix itself, shape (d, d); not a function.
        d: its size.
        samples: number of probes.
        seed: of the probes.

    Returns:
        The mean of v^T J v over standard normal probes v.

    Source:
        All probes at once, from torch's generator; Hutchinson (1990), and Grathwohl et al. (2019) for flows.
    """
    probes = torch.randn(samples, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.einsum("ki,ij,kj->k", probes, _float64(J), probes).mean()


def tanh_gaussian_log_prob(a: Any, mu: Any, sigma: Any) -> Tensor:
    """Log-density of a = tanh(u) for a normal u.

    Args:
        a: numbers strictly between -1 and 1, shape S.
        mu: means of u, a number or shape S.
        sigma: standard deviations of u, a number or shape S.

    Returns:
        The log-densities, shape S.

    Source:
        torch.distributions.TransformedDistribution with TanhTransform, whose determinant is computed from u.
    """
    base = distributions.Normal(_float64(mu), _float64(sigma))
    return distributions.TransformedDistribution(base, distributions.TanhTransform(), validate_args=False).log_prob(
        _float64(a)
    )


class _Conditioner(torch.nn.Module):
    """Bounded logarithms of scales and free shifts from a hidden layer."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.hidden = torch.nn.Linear(2, 32, dtype=torch.float64)
        self.out = torch.nn.Linear(32, 4, dtype=torch.float64)
        with torch.no_grad():
            self.hidden.weight.normal_(0.0, 2.0, generator=generator)
            self.hidden.bias.normal_(0.0, 1.0, generator=generator)
            self.out.weight.normal_(0.0, 0.01, generator=generator)
            self.out.bias.zero_()

    def forward(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        s, t = self.out(torch.tanh(self.hidden(kept))).chunk(2, dim=1)
        return 2.0 * torch.tanh(s / 2.0), t


def _coupling(mask: Any, net: Net) -> Callable[[Tensor], Tensor]:
    """The layer as a function of a batch of points."""
    stays = _float64(mask) == 1.0

    def push(points: Tensor) -> Tensor:
        s, t = net(torch.where(stays, points, 0.0))
        return torch.where(stays, points, points * torch.exp(s) + t)

    return push


def _jacobians(push: Callable[[Tensor], Tensor], points: Tensor) -> Tensor:
    """The Jacobian of each point of a batch, by reverse passes through sums over the batch."""
    points = points.detach().requires_grad_()
    images = push(points)
    rows = [torch.autograd.grad(column.sum(), points, retain_graph=True)[0] for column in images.unbind(dim=1)]
    return torch.stack(rows, dim=1)


def _logdets(push: Callable[[Tensor], Tensor], points: Tensor) -> Tensor:
    return torch.linalg.slogdet(_jacobians(push, points)).logabsdet


def _gauss_legendre(n: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights on [-1, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return torch.from_numpy(nodes), torch.from_numpy(weights)


def _float64(values: Any) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float64).detach()
