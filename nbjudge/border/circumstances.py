"""The circumstances under which a student's function is called, on either side: without torch, in another world."""

from __future__ import annotations

import inspect
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from nbjudge.border.rules import RuleBroken
from nbjudge.border.wire import GeneratorRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbjudge.border.wire import WireError

_OTHER_SEED = 2


class TorchRefused(TorchDispatchMode):
    """While active, every operation of torch breaks a rule."""

    def __torch_dispatch__(self, *_: Any, **__: Any) -> Any:
        """Refuse the operation."""
        raise RuleBroken("torch")


@contextmanager
def torch_allowed() -> Iterator[None]:
    """Suspend `TorchRefused`, for the course's own functions."""
    with _disable_current_modes():
        yield


def elsewhere(fn: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Call a function in another state of the world: other random states and other global arrays."""
    names = getattr(inspect.unwrap(fn), "__globals__", {})
    arrays = {name: thing for name, thing in names.items() if _is_array(name, thing)}
    with torch_allowed():
        states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002, the global state is the point
        random.seed(_OTHER_SEED)
        np.random.seed(_OTHER_SEED)  # noqa: NPY002
        torch.default_generator.manual_seed(_OTHER_SEED)
        names.update({name: _other(array) for name, array in arrays.items()})
    try:
        return fn(*arguments, **keywords)
    finally:
        names.update(arrays)
        with torch_allowed():
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002
            torch.set_rng_state(states[2])


def refused(refusal: WireError) -> RuleBroken:
    """The failure that says why a result is not data."""
    return RuleBroken("generator" if isinstance(refusal, GeneratorRefused) else "size")


def _is_array(name: str, thing: Any) -> bool:
    return not name.startswith("_") and isinstance(thing, np.ndarray | torch.Tensor)


def _other(array: Any) -> Any:
    """An array of the same shape and type with other entries."""
    if isinstance(array, torch.Tensor):
        moved = array.detach().clone()
        return (~moved if moved.dtype == torch.bool else moved + 1).requires_grad_(array.requires_grad)
    return ~array if array.dtype == bool else (array + 1).astype(array.dtype) if array.dtype.kind in "iufc" else array
