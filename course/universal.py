"""Wrong answers that every function meets: what comes out when something is forgotten or mixed up."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTICEABLE = 0.01

NUMBERS: dict[str, Callable[[np.ndarray], Any]] = {
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
"""What becomes of an array of numbers."""

OTHERS: dict[str, Callable[[Any], Any]] = {
    "negated": lambda right: not right if isinstance(right, bool | np.bool_) else None,
    "string": lambda _: "the result",
    "empty": lambda right: "" if isinstance(right, str) else [],
    "scalar": lambda _: 7.5,
    "zeros": lambda right: 0 if right is None else None,
}
"""What becomes of a truth, a word or None; None under all other names."""


class Transformed:
    """A right function whose results are spoiled.

    Args:
        right: the reference.
        name: which of the wrong answers it gives, a key of `NUMBERS`.
        shape_only: whether only the shape, the type and finiteness count as a difference.
    """

    def __init__(self, right: Callable, name: str, *, shape_only: bool) -> None:
        self._right = right
        self._of_numbers = NUMBERS[name]
        self._of_others = OTHERS.get(name, lambda _: None)
        self._shape_only = shape_only
        self.differed = False

    @property
    def function(self) -> Callable:
        """The spoiled function; `differed` tells whether a result, or every part of a tuple, was noticeably wrong."""
        return self._spoiling(self._right)

    def _spoiling(self, right: Callable) -> Callable:
        def spoiled(*arguments: Any, **keywords: Any) -> Any:
            result = self._spoiled(right(*arguments, **keywords))
            self.differed |= result.differs
            return result.value

        return spoiled

    def _spoiled(self, right: Any) -> _Spoiled:
        if callable(right):
            return _Spoiled(self._spoiling(right), differs=False)
        if isinstance(right, dict):
            parts = {key: self._spoiled(part) for key, part in right.items()}
            return _Spoiled({key: part.value for key, part in parts.items()}, _all_differ(parts.values()))
        if _has_parts(right):
            entries = [self._spoiled(entry) for entry in right]
            return _Spoiled(type(right)(entry.value for entry in entries), _all_differ(entries))
        if right is None or isinstance(right, bool | np.bool_ | str):
            value = self._of_others(right)
            return _Spoiled(value, type(value) is not type(right) or (value != right and not self._shape_only))
        return self._spoiled_numbers(right)

    def _spoiled_numbers(self, right: Any) -> _Spoiled:
        array = as_array(right)
        value = self._of_numbers(array)
        is_wrong = _numbers_differ(value, array, shape_only=self._shape_only)
        if isinstance(right, tuple) and isinstance(value, np.ndarray) and value.dtype.kind == "i":
            return _Spoiled(tuple(value.tolist()), is_wrong)
        return _Spoiled(value, is_wrong)


class _Spoiled:
    """A spoiled result and whether it is noticeably wrong."""

    def __init__(self, value: Any, differs: bool) -> None:  # noqa: FBT001, the two belong together
        self.value = value
        self.differs = differs


def differs(found: Any, right: Any, *, shape_only: bool) -> bool:
    """Whether a result is noticeably wrong, in each of its parts; functions among them are not looked at.

    Args:
        found: the result.
        right: the right one.
        shape_only: whether only the shape, the type and finiteness count as a difference.
    """
    if callable(right):
        return False
    if isinstance(right, dict) or _has_parts(right):
        if type(found) is not type(right) or len(found) != len(right):
            return True
        keys = right if isinstance(right, dict) else range(len(right))
        parts = [(found.get(key) if isinstance(found, dict) else found[key], right[key]) for key in keys]
        return bool(parts) and all(differs(*pair, shape_only=shape_only) for pair in parts)
    if right is None or isinstance(right, bool | np.bool_ | str | Exception):
        return type(found) is not type(right) or (found != right and not (shape_only or isinstance(right, Exception)))
    return _numbers_differ(as_array(found), as_array(right), shape_only=shape_only)


def as_array(result: Any) -> np.ndarray:
    """Numbers of any kind as an array."""
    return result.detach().numpy() if isinstance(result, torch.Tensor) else np.asarray(result)


def _numbers_differ(found: Any, right: np.ndarray, *, shape_only: bool) -> bool:
    if not isinstance(found, np.ndarray | np.generic) or found.dtype.kind not in "biufc" or found.shape != right.shape:
        return True
    found = np.asarray(found)
    if not np.array_equal(np.isfinite(found), np.isfinite(right)):
        return True
    if shape_only or not right.size:
        return False
    finite = np.isfinite(right)
    if not np.array_equal(found[~finite], right[~finite], equal_nan=True):
        return True
    return bool(np.abs(found - right)[finite].max(initial=0) > _NOTICEABLE * np.abs(right[finite]).max(initial=0))


def _has_parts(right: Any) -> bool:
    """Whether a result is a sequence of results, not one array or one shape."""
    if isinstance(right, list):
        return any(not isinstance(entry, numbers.Number | list) for entry in right)
    return isinstance(right, tuple) and not all(isinstance(entry, int) for entry in right)


def _all_differ(parts: Any) -> bool:
    parts = list(parts)
    return bool(parts) and all(part.differs for part in parts)
