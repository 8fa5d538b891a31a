"""Inputs that the hidden checks of several topics share, and the order in which they are asked."""

from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import torch

_orders = ContextVar("orders", default=None)


def shuffled(cases):
    """Cases in an order that differs from one grading to the next, so that no answer can follow it by memory.

    Checks use it wherever right answers are short: truths, words, shapes, small whole numbers. All cases of a check
    belong into one call, and so many of them that a guess among their orders is hopeless. The verdict on a right
    answer does not depend on the order.

    Args:
        cases: any number of cases.
    """
    cases = list(cases)
    orders = _orders.get() or np.random.default_rng()  # without a seed the system's own random numbers
    return [cases[place] for place in orders.permutation(len(cases))]


@contextmanager
def ordered(seed):
    """Make the orders inside the block those of a seed, for runs that are compared with each other."""
    token = _orders.set(np.random.default_rng(seed))
    try:
        yield
    finally:
        _orders.reset(token)


def normal(*shape, seed):
    """Independent standard normal numbers in a shape."""
    return np.random.default_rng(seed).normal(size=shape)


def tensor(values, *, requires_grad=False):
    """A float64 tensor with the values of an array or a list."""
    return torch.tensor(np.asarray(values), dtype=torch.float64, requires_grad=requires_grad)


def rotation(n, *, seed):
    """A random orthogonal matrix of shape (n, n)."""
    return np.linalg.qr(normal(n, n, seed=seed))[0]


def two_moons(n, seed, noise=0.1):
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
