"""Two sides that speak in bytes: the judge, which asks, and the student side, which owns the student's objects.

The judge sends a request and receives a reply; while a request runs, the student side may call back a function of the
judge. Neither side knows what carries the bytes: the next call in the same process (`doubles`) or a socket.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import operator
import traceback
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nbjudge.border import Remote, StudentError, TorchRefused, elsewhere, not_numbers, refused, torch_allowed
from nbjudge.names import EXCEPTIONS, OBJECTS, exception_name, object_name
from nbjudge.rules import MOST_ENTRIES, RULES, RuleBroken
from nbjudge.shipping import received, shipped
from nbjudge.wire import Reference, WireError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbjudge.border import Place

MOST_LINES = 999
"""The last line of a cell that is told."""

_MOST_WORDS = 1000

_CATCHABLE = (
    ArithmeticError, AssertionError, AttributeError, FloatingPointError, ImportError, IndexError, KeyError, LookupError,
    MemoryError, NameError, NotImplementedError, OverflowError, RecursionError, RuntimeError, TypeError, ValueError,
    ZeroDivisionError, np.linalg.LinAlgError,
)  # fmt: skip

_BINARY = "add sub mul truediv floordiv mod pow matmul lt le gt ge"
_UNARY = "neg pos abs"


class Handle(Remote):
    """The judge's view of an object that stays with the student.

    It can be called, read by attribute and index, iterated, measured and computed with; all of that happens on the
    student side. It has no truth value, no equality, no hash and no conversion, so that no test decides by them.
    """

    def __init__(
        self, side: JudgeSide, number: int, type_name: str | None, lent: dict[int, Lent], *, by_hand: bool = False
    ) -> None:
        self._side = side
        self._number = number
        self._lent = lent
        self._by_hand = by_hand
        self.type_name = type_name

    def with_torch_refused(self) -> Handle:
        """The same object, whose calls run while torch is refused."""
        return Handle(self._side, self._number, self.type_name, self._lent, by_hand=True)

    def call_unchanged(self, arguments: tuple, keywords: dict) -> tuple[Any, tuple]:
        """Call it and see the arguments afterwards."""
        return self._ask("unchanged", *arguments, **keywords)

    def call_elsewhere(self, arguments: tuple, keywords: dict) -> Any:
        """Call it in another state of the world."""
        return self._ask("elsewhere", *arguments, **keywords)

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
        return f"<an object of the student, type {self.type_name or 'of their own'}>"

    def _ask(self, operation: str, *arguments: Any, **keywords: Any) -> Any:
        return self._side.ask(self, operation, arguments, keywords, by_hand=self._by_hand)

    def _no(self, *_: Any) -> Any:
        raise not_numbers(self.type_name)

    __bool__ = __eq__ = __ne__ = __hash__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _no


def _asks(operation: str) -> Callable:
    return lambda self, *arguments: self._ask(operation, *arguments)


for _name in _BINARY.split():
    setattr(Handle, f"__{_name}__", _asks(_name))
    if _name not in ("lt", "le", "gt", "ge"):
        setattr(Handle, f"__r{_name}__", _asks(f"r{_name}"))
for _name in _UNARY.split():
    setattr(Handle, f"__{_name}__", _asks(_name))


class Lent:
    """A function of a test as the student side may call it: with data for the parameters that have no default.

    A parameter with a default is the test's own, such as ``J`` in ``lambda v, J=J: v @ J``.
    """

    def __init__(self, f: Callable) -> None:
        self._f = f
        try:
            self._signature = _without_defaults(inspect.signature(f))
        except (TypeError, ValueError):  # functions written in C may have none
            self._signature = inspect.Signature([inspect.Parameter("data", inspect.Parameter.VAR_POSITIONAL)])

    def __call__(self, arguments: tuple, keywords: dict[str, Any]) -> Any:
        """Call it as the student side asks."""
        bound = self._signature.bind(*arguments, **keywords)
        return self._f(*bound.args, **bound.kwargs)


def _without_defaults(signature: inspect.Signature) -> inspect.Signature:
    parameters = signature.parameters.values()
    return signature.replace(parameters=[each for each in parameters if each.default is inspect.Parameter.empty])


class JudgeSide:
    """The side of the tests.

    A function that a request takes to the student side is lent: it can be called until the reply comes, and later
    during requests to what the reply brought, such as a closure that calls it. Nothing else calls it again.

    Args:
        send: carries a request to the student side and brings its reply.
        lines_of: gives the number of lines of the student's cell of some name, 0 if there is none.
    """

    def __init__(self, send: Callable[[bytes], bytes], *, lines_of: Callable[[str], int]) -> None:
        self._send = send
        self._lines_of = lines_of
        self._numbers = itertools.count()
        self._lent: list[dict[int, Lent]] = []

    def ask(self, target: Handle, operation: str, arguments: tuple, keywords: dict, *, by_hand: bool) -> Any:
        """Have the student side do something with one of its objects."""
        return self._asked(operation, target, arguments, keywords, torch.is_grad_enabled(), by_hand)

    def names(self, names: list[str]) -> dict[str, Any]:
        """The student's objects of these names: data by value, the others as handles."""
        found = self._asked("names", None, (names,), {}, True, False)
        return {name: found[name] for name in names if name in found}  # those asked for and no others

    def answer(self, message: bytes) -> bytes:
        """Run a function of the judge for the student side; of an error, only the name goes there."""
        try:
            number, arguments, keywords = _data(message)
            return encode(("value", self._lent_as(number)(arguments, keywords)), refer=self._refer)
        except RuleBroken as broken:
            return encode(("broken", broken.rule))
        except Exception as error:  # noqa: BLE001, the error belongs to the student's call
            return encode(("error", error.type_name if isinstance(error, StudentError) else exception_name(error)))

    def _lent_as(self, number: Any) -> Lent:
        for lent in self._lent:
            if number in lent:
                return lent[number]
        raise RuleBroken("retired")

    def _asked(self, *request: Any) -> Any:
        self._lent.append({})
        try:
            reply = decode(self._send(encode(request, refer=self._refer)), resolve=self._resolve)
        finally:
            self._lent.pop()
        match reply:
            case ("value", found):
                return found
            case ("broken", str(rule)) if rule in RULES:
                raise RuleBroken(rule)
            case ("error", name, str(words), place) if name is None or (type(name) is str and name in EXCEPTIONS):
                raise _student_error_type(name)(name, words, self._believable(place))
        raise WireError("malformed message (reply)")

    def _believable(self, place: Any) -> Place | None:
        """A place that exists, None for anything else."""
        match place:
            case (str(cell), line) if type(line) is int and 1 <= line <= min(self._lines_of(cell), MOST_LINES):
                return cell, line
        return None

    def _refer(self, thing: Any) -> Reference:
        if isinstance(thing, Handle):
            self._lent[-1].update(object.__getattribute__(thing, "_lent"))
            return Reference("object", object.__getattribute__(thing, "_number"))
        if hasattr(thing, "runs_there"):
            return Reference("shipped", payload=shipped(thing.runs_there))
        if callable(thing):
            number = next(self._numbers)
            self._lent[-1][number] = Lent(thing)
            return Reference("callback", number)
        raise WireError(f"an object of type {type(thing).__name__} is not data")

    def _resolve(self, reference: Reference) -> Handle:
        if reference.kind != "object":
            raise WireError("malformed message (reference)")
        name = reference.payload.decode("utf-8", "replace")
        return Handle(self, reference.number, name if name in OBJECTS else None, self._lent[-1])


def _data(message: bytes) -> Any:
    """What a call to a function of the judge brings: data, and no object of the student's, which could act."""
    try:
        return decode(message)
    except WireError:
        raise RuleBroken("argument") from None


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
        except RuleBroken as broken:
            return encode(("broken", broken.rule))
        except WireError as refusal:
            return encode(("broken", refused(refusal).rule))
        except BaseException as error:  # noqa: BLE001, whatever a student raises becomes a reply
            return encode(("error", exception_name(error), _words(error), self._place(error)))

    def _do(self, message: bytes) -> Any:
        operation, target, arguments, keywords, grad, by_hand = decode(message, resolve=self._resolve)
        if operation == "names":
            return {name: self._objects[name] for name in arguments[0] if name in self._objects}
        with torch.set_grad_enabled(grad):
            if not by_hand:
                return _OPERATIONS[operation](target, *arguments, **keywords)
            with TorchRefused():
                return _OPERATIONS[operation](target, *arguments, **keywords)

    def _refer(self, thing: Any) -> Reference:
        self._table.append(thing)
        return Reference("object", len(self._table) - 1, (object_name(thing) or "").encode())

    def _resolve(self, reference: Reference) -> Any:
        if reference.kind == "object":
            return self._table[reference.number]
        if reference.kind == "shipped":
            return received(reference.payload)
        return functools.partial(self._callback, reference.number)

    def _callback(self, number: int, *arguments: Any, **keywords: Any) -> Any:
        try:
            request = encode((number, arguments, keywords))
        except WireError:
            raise RuleBroken("argument") from None
        with torch_allowed():
            reply = self._call_back(request)
        kind, answer = decode(reply, resolve=self._resolve)
        if kind == "broken":
            raise RuleBroken(answer)
        if kind == "error":
            raise (_catchable(answer) or RuntimeError)(_GIVEN_FUNCTION_RAISED)
        return answer

    def _place(self, error: BaseException) -> Place | None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [(self._place_of(frame.filename), frame.lineno or 1) for frame in frames]
        return next((place for place in reversed(places) if place[0]), None)


def _bounded_list(thing: Any) -> list[Any]:
    entries = []
    for entry in thing:
        if len(entries) == MOST_ENTRIES:
            raise RuleBroken("endless")
        entries.append(entry)
    return entries


def _reflected(apply: Callable, target: Any, other: Any) -> Any:
    return apply(other, target)


_OPERATIONS: dict[str, Callable] = {
    "call": lambda target, *arguments, **keywords: target(*arguments, **keywords),
    "unchanged": lambda target, *arguments, **keywords: (target(*arguments, **keywords), arguments),
    "elsewhere": lambda target, *arguments, **keywords: elsewhere(target, arguments, keywords),
    "getattr": getattr,
    "getitem": operator.getitem,
    "len": len,
    "list": _bounded_list,
    **{name: getattr(operator, name) for name in (_BINARY + " " + _UNARY).split()},
    **{f"r{name}": functools.partial(_reflected, getattr(operator, name)) for name in _BINARY.split()},
}


def _catchable(name: str | None) -> type[Exception] | None:
    """The exception as which one of some name can be caught on the other side."""
    kinds = EXCEPTIONS[name].__mro__ if name else ()
    return next((kind for kind in kinds if kind in _CATCHABLE), None)


@functools.cache
def _student_error_type(name: str | None) -> type[StudentError]:
    kind = _catchable(name)
    return type(f"Student{kind.__name__}", (StudentError, kind), {}) if kind else StudentError


def _words(error: BaseException) -> str:
    try:
        return str(error)[:_MOST_WORDS]
    except Exception:  # noqa: BLE001, a student's __str__ may raise anything
        return ""


_GIVEN_FUNCTION_RAISED = "the function that you were given raised this"
