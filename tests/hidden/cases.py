"""Inputs that the hidden checks of several topics share."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def normal(*shape: int, seed: int) -> np.ndarray:
    """Independent standard normal numbers in a shape."""
    return np.random.default_rng(seed).normal(size=shape)


def tensor(values: Any, *, requires_grad: bool = False) -> torch.Tensor:
    """A float64 tensor with the values of an array or a list."""
    return torch.tensor(np.asarray(values), dtype=torch.float64, requires_grad=requires_grad)


def rotation(n: int, *, seed: int) -> np.ndarray:
    """A random orthogonal matrix of shape (n, n)."""
    return np.linalg.qr(normal(n, n, seed=seed))[0]


def two_moons(n: int, seed: int, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Points on two interleaved half circles, as the notebooks draw them.

    Args:
        n: number of points; they belong to the two moons in turn.
        seed: of the generator.
        noise: standard deviation of the noise of each coordinate.

    Returns:
        The points, shape (n, 2), and their moons 0 and 1, shape (n,).
    """
    rng = np.random.default_rng(seed)
    moon = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[moon == 1] = [1.0, 0.5] - points[moon == 1]
    return points + noise * rng.normal(size=(n, 2)), moon
