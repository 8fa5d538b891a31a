"""Functions of tests as bytes that run on the student side and hold nothing but what they compute with.

Whoever receives them can read them. So no name, path, line or docstring tells where they come from, and nothing of the
private packages is among them.
"""

from __future__ import annotations

import dis
import functools
import io
import sys
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import cloudpickle

from nbjudge.border.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Callable

PRIVATE_PACKAGES = ("solutions",)
"""Packages of which nothing is ever sent to the student side."""

_NAME = "given"
_OF_A_MODULE = {"__name__", "__file__", "__path__", "__package__", "__doc__", "__spec__", "__loader__"}
_MOST_UNITS = 8
_NO_COLUMNS = 0x80 | 13 << 3


def shipped(f: Callable[..., Any]) -> bytes:
    """A function as bytes, with the globals that it uses; its module need not exist on the other side.

    Raises:
        WireError: if something private or a class would go along.
    """
    module = sys.modules.get(f.__module__)
    stream = io.BytesIO()
    cloudpickle.register_pickle_by_value(module)
    try:
        _Pickler(stream).dump(f)
    finally:
        cloudpickle.unregister_pickle_by_value(module)
    return stream.getvalue()


def received(payload: bytes) -> Callable[..., Any]:
    """The function that `shipped` made bytes of; only for bytes of the judge."""
    function: Callable[..., Any] = cloudpickle.loads(payload)
    return function


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Pickles the functions of tests by value and without their names, and nothing of a private package."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self._globals: dict[int, dict[str, Any]] = {}

    def reducer_override(self, thing: Any) -> Any:
        """Refuse what is private, by name, and classes, whose names and docstrings would go along."""
        module = thing.__name__ if isinstance(thing, type(sys)) else getattr(thing, "__module__", None) or ""
        if module.split(".")[0] in PRIVATE_PACKAGES:
            raise WireError(f"{getattr(thing, '__qualname__', module)} of {module} must not be sent to a submission")
        reduced = super().reducer_override(thing)
        if reduced is NotImplemented or module == "builtins":
            return reduced
        if isinstance(thing, type):
            raise WireError(f"the class {thing.__qualname__} of {module} cannot be sent: send functions and data")
        return super().reducer_override(self._nameless(thing)) if isinstance(thing, FunctionType) else reduced

    def _nameless(self, f: FunctionType) -> FunctionType:
        names = self._globals.get(id(f.__globals__))
        if names is None:  # functions of one module share their globals on the other side too
            names = {name: thing for name, thing in f.__globals__.items() if name not in _OF_A_MODULE}
            self._globals[id(f.__globals__)] = names
        nameless = FunctionType(_nameless_code(f.__code__), names, _NAME, f.__defaults__, f.__closure__)
        nameless.__kwdefaults__ = f.__kwdefaults__
        nameless.__module__ = "__main__"
        nameless.__dict__.update({name: thing for name, thing in f.__dict__.items() if name != "__wrapped__"})
        return nameless


@functools.cache
def _nameless_code(code: CodeType) -> CodeType:
    """The same code, with that of the functions in it, without name, file, lines and docstring."""
    loaded = {step.arg for step in dis.get_instructions(code) if step.opcode in dis.hasconst}
    return code.replace(
        co_filename=_NAME,
        co_name=_NAME,
        co_qualname=_NAME,
        co_firstlineno=1,
        co_linetable=_all_in_one_line(len(code.co_code) // 2),
        co_consts=tuple(
            _nameless_code(const)
            if isinstance(const, CodeType)
            else None
            if isinstance(const, str) and position not in loaded
            else const
            for position, const in enumerate(code.co_consts)
        ),
    )


def _all_in_one_line(units: int) -> bytes:
    """A table of locations, as Objects/locations.md of CPython describes it, in which no line follows another."""
    sizes = [_MOST_UNITS] * (units // _MOST_UNITS) + [units % _MOST_UNITS] * (units % _MOST_UNITS > 0)
    return b"".join(bytes([_NO_COLUMNS | size - 1, 0]) for size in sizes)
