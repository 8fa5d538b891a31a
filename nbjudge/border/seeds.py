"""The global random states, and the order in which a test asks."""

from __future__ import annotations

import hashlib
import random
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_orders: ContextVar[np.random.Generator | None] = ContextVar("orders", default=None)


def seed_everything(name: str) -> None:
    """Start from global random states that depend on a name alone, so that a verdict can be repeated."""
    number = zlib.crc32(name.encode())
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002, students use the global state
    torch.default_generator.manual_seed(number)


@contextmanager
def ordered(seed: str) -> Iterator[None]:
    """Make the orders that are drawn inside the block those of a seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    token = _orders.set(np.random.default_rng(int.from_bytes(digest)))
    try:
        yield
    finally:
        _orders.reset(token)


def shuffled(cases: Iterable[Any]) -> list[Any]:
    """Cases in an order that nobody knows who hands something in, so that no answer can follow it by memory.

    A submission that is graded again meets the same order; another submission meets another one. Tests use it wherever
    right answers are short: truths, words, shapes, small whole numbers. All cases of a test belong into one call, and
    so many of them that a guess among their orders is hopeless. The verdict on a right answer does not depend on it.
    """
    cases = list(cases)
    orders = _orders.get() or np.random.default_rng()  # without a seed the system's own random numbers
    return [cases[place] for place in orders.permutation(len(cases))]
