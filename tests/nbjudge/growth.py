"""How the work of a function grows with its input, in processor time of one run compared with another."""

import gc
import time
from contextlib import contextmanager

FACTOR = 8
MOST_GROWTH = 30
"""Of input that is eight times as long: linear work grows by 8, quadratic work by 64."""


def growth(function, pattern, length):
    """How many times the work for `length` repetitions grows if there are eight times as many.

    Args:
        function: takes a text.
        pattern: what is repeated, or a function of the number of repetitions.
        length: repetitions of the smaller input; its work must not be lost in the noise.
    """
    make = pattern if callable(pattern) else lambda number: pattern * number
    small, large = (min(_seconds(function, make(number)) for _ in range(2)) for number in (length, FACTOR * length))
    return large / max(small, 0.002)


def _seconds(function, text):
    with _without_collector():
        began = time.process_time()
        function(text)
        return time.process_time() - began


@contextmanager
def _without_collector():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
