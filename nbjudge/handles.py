"""Two sides that speak in bytes: the judge, which asks, and the student side, which owns the student's objects.

The judge sends a request and receives a reply; while a request runs, the student side may call back a function of the
judge. Neither side knows what carries the bytes: the next call in the same process (`doubles`) or a socket.
"""

from __future__ import annotations

import builtins
import functools
import io
import operator
import sys
import traceback
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
import torch

from nbjudge.border import Remote, StudentError, TorchRefused, in_two_worlds, refused, torch_allowed
from nbjudge.messages import CheckFailed, Text, presentable
from nbjudge.wire import GeneratorRefused, Reference, WireError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbjudge.border import Place

MOST_ITERATED = 10_000
"""Entries of a student's object that a test may iterate over."""

_MOST_NAME = 80
_MOST_SENTENCE = 1000

PRIVATE_PACKAGES = ("solutions",)
"""Packages of which nothing is ever sent to the student side."""

_CATCHABLE_NAMES = """
    ArithmeticError AssertionError AttributeError FloatingPointError ImportError IndexError KeyError LookupError
    MemoryError NameError NotImplementedError OverflowError RecursionError RuntimeError TypeError ValueError
    ZeroDivisionError
"""
_CATCHABLE = {name: getattr(builtins, name) for name in _CATCHABLE_NAMES.split()} | {
    "LinAlgError": np.linalg.LinAlgError
}

_BINARY = "add sub mul truediv floordiv mod pow matmul lt le gt ge"
_UNARY = "neg pos abs"


class Handle(Remote):
    """The judge's view of an object that stays with the student.

    It can be called, read by attribute and index, iterated, measured and computed with; all of that happens on the
    student side. It has no truth value, no equality, no hash and no conversion, so that no test decides by them.
    """

    def __init__(self, side: JudgeSide, number: int, type_name: str, *, by_hand: bool = False) -> None:
        self._side = side
        self._number = number
        self._by_hand = by_hand
        self.type_name = type_name

    def with_torch_refused(self) -> Handle:
        """The same object, whose calls run while torch is refused."""
        return Handle(self._side, self._number, self.type_name, by_hand=True)

    def call_unchanged(self, arguments: tuple, keywords: dict) -> tuple[Any, tuple]:
        """Call it and see the arguments afterwards."""
        return self._ask("unchanged", *arguments, **keywords)

    def call_twice(self, arguments: tuple, keywords: dict) -> tuple[Any, Any]:
        """Call it in two states of the world."""
        return self._ask("twice", *arguments, **keywords)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the object there."""
        return self._ask("call", *arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ask("getattr", name)

    def __getitem__(self, index: Any) -> Any:
        return self._ask("getitem", index)

    def __len__(self) -> int:
        return self._ask("len")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ask("list"))

    def __repr__(self) -> str:
        return f"<an object of the student, type {self.type_name}>"

    def _ask(self, operation: str, *arguments: Any, **keywords: Any) -> Any:
        return self._side.ask(self, operation, arguments, keywords, by_hand=self._by_hand)

    def _no(self, *_: Any) -> Any:
        raise CheckFailed(_NOT_DATA.format(type=self.type_name))

    __bool__ = __eq__ = __ne__ = __hash__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _no


def _asks(operation: str) -> Callable:
    return lambda self, *arguments: self._ask(operation, *arguments)


for _name in _BINARY.split():
    setattr(Handle, f"__{_name}__", _asks(_name))
    if _name not in ("lt", "le", "gt", "ge"):
        setattr(Handle, f"__r{_name}__", _asks(f"r{_name}"))
for _name in _UNARY.split():
    setattr(Handle, f"__{_name}__", _asks(_name))


class JudgeSide:
    """The side of the tests.

    Args:
        send: carries a request to the student side and brings its reply.
    """

    def __init__(self, send: Callable[[bytes], bytes]) -> None:
        self._send = send
        self._callbacks: list[Callable] = []

    def ask(self, target: Handle, operation: str, arguments: tuple, keywords: dict, *, by_hand: bool) -> Any:
        """Have the student side do something with one of its objects."""
        request = (operation, target, arguments, keywords, torch.is_grad_enabled(), by_hand)
        kind, *fields = decode(self._send(encode(request, refer=self._refer)), resolve=self._resolve)
        if kind == "value":
            return fields[0]
        raise _failure(kind, fields)

    def names(self, names: list[str]) -> dict[str, Any]:
        """The student's objects of these names: data by value, the others as handles."""
        request = encode(("names", None, (names,), {}, True, False))
        kind, *fields = decode(self._send(request), resolve=self._resolve)
        if kind != "value":
            raise _failure(kind, fields)
        found = fields[0]
        return {name: found[name] for name in names if name in found}  # those asked for and no others

    def answer(self, message: bytes) -> bytes:
        """Run a function of the judge for the student side."""
        number, arguments, keywords = decode(message, resolve=self._resolve)
        try:
            return encode(("value", self._callbacks[number](*arguments, **keywords)), refer=self._refer)
        except Exception as error:  # noqa: BLE001, the error belongs to the student's call
            return encode(("error", type(error).__name__, str(error), None))

    def _refer(self, thing: Any) -> Reference:
        if isinstance(thing, Handle):
            return Reference("object", object.__getattribute__(thing, "_number"))
        if hasattr(thing, "runs_there"):
            return Reference("shipped", payload=_shipped(thing.runs_there))
        if callable(thing):
            self._callbacks.append(thing)
            return Reference("callback", len(self._callbacks) - 1)
        raise WireError(f"an object of type {type(thing).__name__} is not data")

    def _resolve(self, reference: Reference) -> Handle:
        if reference.kind != "object":
            raise WireError("malformed message (reference)")
        return Handle(self, reference.number, presentable(reference.payload.decode("utf-8", "replace"), _MOST_NAME))


class StudentSide:
    """The side of the student's code.

    Args:
        objects: the student's names.
        place_of: gives the name of the student's cell for the filename of its code, None for other code.
        call_back: carries a call to a function of the judge and brings its reply.
    """

    def __init__(
        self,
        objects: dict[str, Any],
        *,
        place_of: Callable[[str], str | None],
        call_back: Callable[[bytes], bytes],
    ) -> None:
        self._objects = objects
        self._place_of = place_of
        self._call_back = call_back
        self._table: list[Any] = []

    def answer(self, message: bytes) -> bytes:
        """Do what a request asks for and reply."""
        try:
            return encode(("value", self._do(message)), refer=self._refer)
        except CheckFailed as failure:
            return encode(("failed", dict(failure.message.forms)))
        except GeneratorRefused:
            return encode(("generator",))
        except WireError as refusal:
            return encode(("refused", str(refusal)))
        except BaseException as error:  # noqa: BLE001, whatever a student raises becomes a reply
            return encode(("error", type(error).__name__, _text(error), self._place(error)))

    def _do(self, message: bytes) -> Any:
        operation, target, arguments, keywords, grad, by_hand = decode(message, resolve=self._resolve)
        if operation == "names":
            return {name: self._objects[name] for name in arguments[0] if name in self._objects}
        with torch.set_grad_enabled(grad):
            if not by_hand:
                return self._perform(operation, target, arguments, keywords, message)
            with TorchRefused():
                return self._perform(operation, target, arguments, keywords, message)

    def _perform(self, operation: str, target: Any, arguments: tuple, keywords: dict, message: bytes) -> Any:
        if operation == "unchanged":
            return target(*arguments, **keywords), arguments
        if operation == "twice":
            return in_two_worlds(target, lambda: decode(message, resolve=self._resolve)[2:4])
        return _OPERATIONS[operation](target, *arguments, **keywords)

    def _refer(self, thing: Any) -> Reference:
        self._table.append(thing)
        return Reference("object", len(self._table) - 1, type(thing).__name__.encode())

    def _resolve(self, reference: Reference) -> Any:
        if reference.kind == "object":
            return self._table[reference.number]
        if reference.kind == "shipped":
            return cloudpickle.loads(reference.payload)
        return functools.partial(self._callback, reference.number)

    def _callback(self, number: int, *arguments: Any, **keywords: Any) -> Any:
        request = encode((number, arguments, keywords), refer=self._refer)
        with torch_allowed():
            reply = self._call_back(request)
        kind, *fields = decode(reply, resolve=self._resolve)
        if kind == "value":
            return fields[0]
        raise _CATCHABLE.get(fields[0], RuntimeError)(fields[1])

    def _place(self, error: BaseException) -> Place | None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [(self._place_of(frame.filename), frame.lineno or 1) for frame in frames]
        return next((place for place in reversed(places) if place[0]), None)


def _bounded_list(thing: Any) -> list[Any]:
    entries = []
    for entry in thing:
        if len(entries) == MOST_ITERATED:
            raise WireError(f"more than {MOST_ITERATED} entries")
        entries.append(entry)
    return entries


def _reflected(apply: Callable, target: Any, other: Any) -> Any:
    return apply(other, target)


_OPERATIONS: dict[str, Callable] = {
    "call": lambda target, *arguments, **keywords: target(*arguments, **keywords),
    "getattr": getattr,
    "getitem": operator.getitem,
    "len": len,
    "list": _bounded_list,
    **{name: getattr(operator, name) for name in (_BINARY + " " + _UNARY).split()},
    **{f"r{name}": functools.partial(_reflected, getattr(operator, name)) for name in _BINARY.split()},
}


class _CoursePickler(cloudpickle.Pickler):
    """Pickles the functions of hidden checks by value, and nothing of a private package."""

    def reducer_override(self, thing: Any) -> Any:
        """Refuse what is private, by name."""
        module = thing.__name__ if isinstance(thing, type(sys)) else getattr(thing, "__module__", None) or ""
        if module.split(".")[0] in PRIVATE_PACKAGES:
            raise WireError(f"{getattr(thing, '__qualname__', module)} of {module} must not be sent to a submission")
        return super().reducer_override(thing)


def _shipped(f: Callable) -> bytes:
    """A function as bytes, with the globals that it uses; its module need not exist on the other side."""
    module = sys.modules.get(f.__module__)
    stream = io.BytesIO()
    cloudpickle.register_pickle_by_value(module)
    try:
        _CoursePickler(stream).dump(f)
    finally:
        cloudpickle.unregister_pickle_by_value(module)
    return stream.getvalue()


def _failure(kind: str, fields: list[Any]) -> Exception:
    """The exception that a reply without a value stands for."""
    if kind == "failed":
        return CheckFailed(Text(**{name: presentable(str(form), _MOST_SENTENCE) for name, form in fields[0].items()}))
    if kind == "generator":
        return refused(GeneratorRefused())
    if kind == "refused":
        return refused(WireError(fields[0]))
    type_name, text, place = fields
    name = presentable(str(type_name), _MOST_NAME)
    return _student_error_type(name)(name, str(text), _believable(place))


def _believable(place: Any) -> Place | None:
    """A place as it should be told, None for anything else."""
    match place:
        case (str(cell), int(line)):
            return presentable(cell, _MOST_NAME), line
    return None


@functools.cache
def _student_error_type(type_name: str) -> type[StudentError]:
    if type_name not in _CATCHABLE:
        return StudentError
    return type(f"Student{type_name}", (StudentError, _CATCHABLE[type_name]), {})


def _text(error: BaseException) -> str:
    try:
        return str(error)[:1000]
    except Exception:  # noqa: BLE001, a student's __str__ may raise anything
        return ""


_NOT_DATA = Text(
    en="expected numbers, your function returned an object of type {type}.",
    ko="수가 와야 하는데 함수가 {type} 형의 객체를 돌려주었습니다.",
)
