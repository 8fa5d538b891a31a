"""How fast a machine is, by a small fixed workload of the kind that submissions are made of."""

from __future__ import annotations

import time

import numpy as np
import torch

_REPEATS = 16
_MOST_SECONDS = 10.0


def workload_seconds() -> float:
    """Processor seconds of the workload, the least of several times; on a very slow machine, of fewer."""
    began = time.monotonic()
    found: list[float] = []
    while len(found) < _REPEATS and time.monotonic() - began < _MOST_SECONDS:
        start = time.process_time()
        _workload()
        found.append(time.process_time() - start)
    return min(found)


def _workload() -> None:
    """About 12 milliseconds: plain Python, small arrays, derivatives of a small network."""
    counts: dict[int, int] = {}
    for number in range(20_000):
        counts[number % 97] = counts.get(number % 97, 0) + number * number
    x = np.linspace(0.0, 1.0, 40)
    for _ in range(150):
        x = np.tanh(np.outer(x, x) @ x) + 0.5
    weights = torch.full((20, 20), 0.01, requires_grad=True)
    for _ in range(20):
        hidden = torch.ones(20)
        for _ in range(4):
            hidden = torch.tanh(weights @ hidden)
        hidden.sum().backward()
