"""Wrong answers that every function meets: what comes out when something is forgotten or mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTICEABLE = 0.01

ANSWERS: dict[str, Callable[[np.ndarray], Any]] = {
    "None": lambda _: None,
    "nan": lambda right: np.full(right.shape, np.nan),
    "inf": lambda right: np.full(right.shape, np.inf),
    "zeros": lambda right: np.zeros(right.shape),
    "ones": lambda right: np.ones(right.shape),
    "empty": lambda _: np.zeros(0),
    "scalar": lambda _: 1.0,
    "extra axis": lambda right: right[None],
    "transpose": lambda right: right.T,
    "integer cast": lambda right: right.astype(np.int64),
    "string": lambda _: "the result",
    "ragged list": lambda _: [[1.0], [1.0, 2.0]],
    "ten times": lambda right: 10 * right,
    "negated": lambda right: -right,
}


class Transformed:
    """A right function whose results are spoiled.

    Args:
        right: the reference.
        transform: spoils one array.
        shape_only: whether only the shape, the type and finiteness count as a difference.
    """

    def __init__(self, right: Callable, transform: Callable[[np.ndarray], Any], *, shape_only: bool) -> None:
        self._right = right
        self._transform = transform
        self._shape_only = shape_only
        self.differed = False

    @property
    def function(self) -> Callable:
        """The spoiled function; `differed` tells whether a result, or every part of a tuple, was noticeably wrong."""

        def spoiled(*arguments: Any, **keywords: Any) -> Any:
            return self._spoil(self._right(*arguments, **keywords))

        return spoiled

    def _spoil(self, right: Any, *, all_parts: bool = True) -> Any:
        if isinstance(right, tuple) and not all(isinstance(entry, int) for entry in right):
            all_differ = all(self._differs(self._transform(_array(part)), _array(part)) for part in right)
            return tuple(self._spoil(part, all_parts=all_differ) for part in right)
        array = _array(right)
        spoiled = self._transform(array)
        self.differed |= all_parts and self._differs(spoiled, array)
        if isinstance(right, tuple) and isinstance(spoiled, np.ndarray) and spoiled.dtype.kind == "i":
            return tuple(spoiled.tolist())
        return spoiled

    def _differs(self, spoiled: Any, right: np.ndarray) -> bool:
        if not isinstance(spoiled, np.ndarray) or spoiled.shape != right.shape or not np.isfinite(spoiled).all():
            return True
        if self._shape_only or not right.size:
            return False
        return bool(np.abs(spoiled - right).max() > _NOTICEABLE * np.abs(right).max())


def _array(right: Any) -> np.ndarray:
    return right.detach().numpy() if isinstance(right, torch.Tensor) else np.asarray(right)
