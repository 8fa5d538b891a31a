"""The names that may be told of a student's exceptions and objects: those of Python, NumPy and torch.

All others are words of the student's own, through which code could tell what it was called with.
"""

from __future__ import annotations

import builtins
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nbjudge.messages import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

CellLine = tuple[str, int]
"""Name of a student's cell and a line in it."""

BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lt", "le", "gt", "ge"]
UNARY = ["neg", "pos", "abs"]
"""Operators, as `operator` names them, that may be applied to a student's object."""

_REAL_MRO = type.__dict__["__mro__"].__get__

_CATCHABLE = (
    ArithmeticError, AssertionError, AttributeError, FloatingPointError, ImportError, IndexError, KeyError, LookupError,
    MemoryError, NameError, NotImplementedError, OverflowError, RecursionError, RuntimeError, TypeError, ValueError,
    ZeroDivisionError, np.linalg.LinAlgError,
)  # fmt: skip


def _classes(*modules: Any) -> Iterable[type]:
    """The public classes of modules, without the exceptions."""
    for module in modules:
        for name, kind in vars(module).items():
            if isinstance(kind, type) and not issubclass(kind, BaseException) and not name.startswith("_"):
                yield kind


def _exceptions(*modules: Any) -> Iterable[tuple[str, type[BaseException]]]:
    for module in modules:
        for name, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, BaseException) and not name.startswith("_"):
                yield kind.__name__, kind


EXCEPTIONS: dict[str, type[BaseException]] = {
    **dict(_exceptions(torch, np.exceptions, np.linalg, builtins)),
    "torch.linalg.LinAlgError": torch.linalg.LinAlgError,  # type: ignore[attr-defined]  # torch imports it there
}
"""The exceptions of which the name may be told."""

_EMPTY: dict[str, Any] = {}
_OBJECTS = (
    *_classes(builtins, types, np),
    *(type(view) for view in (_EMPTY.keys(), _EMPTY.values(), _EMPTY.items(), iter([]), iter(()), iter(_EMPTY))),
    *(torch.Tensor, torch.nn.Parameter, torch.Generator, torch.Size, torch.dtype, torch.device),
)

OBJECTS = frozenset(kind.__name__ for kind in _OBJECTS)
"""The names of classes of which an object may be told."""

# By identity: a class of the student's may hash and compare as it likes.
_EXCEPTION_NAMES = {id(kind): name for name, kind in EXCEPTIONS.items()}
_OBJECT_NAMES = {id(kind): kind.__name__ for kind in _OBJECTS}


def exception_name(error: BaseException) -> str | None:
    """The name of the next class of Python, NumPy or torch that an exception belongs to, None if it is of no kind."""
    kind = type(error)
    name = next(_EXCEPTION_NAMES[id(base)] for base in _REAL_MRO(kind) if id(base) in _EXCEPTION_NAMES)
    return None if EXCEPTIONS[name] in (Exception, BaseException) and kind is not EXCEPTIONS[name] else name


def catchable(name: str | None) -> type[Exception] | None:
    """The exception as which one of some name can be caught on the other side."""
    kinds = EXCEPTIONS[name].__mro__ if name else ()
    return next((kind for kind in kinds if kind in _CATCHABLE), None)


def object_name(thing: Any) -> str | None:
    """The name of an object's class, None unless that is one of Python, NumPy or torch."""
    return _OBJECT_NAMES.get(id(type(thing)))


def told_exception(name: str | None) -> str | Text:
    """An exception in the words of a message; in Korean, the word 예외 follows."""
    return _EXCEPTION_OF_YOUR_OWN if name is None else name


def told_object(name: str | None) -> Text:
    """An object in the words of a message."""
    return _OBJECT_OF_YOUR_OWN if name is None else _OBJECT.format(name=name)


_EXCEPTION_OF_YOUR_OWN = Text(en="an exception of your own", ko="직접 정의한")
_OBJECT_OF_YOUR_OWN = Text(en="an object of a class of your own", ko="직접 정의한 클래스의 객체")
_OBJECT = Text(en="an object of type {name}", ko="{name} 형의 객체")
