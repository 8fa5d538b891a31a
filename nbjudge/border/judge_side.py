"""The judge's side: it asks, and knows the student's objects by handles.

The judge sends a request and receives a reply; while a request runs, the student side may call back a function of the
judge. Neither side knows what carries the bytes: the next call in the same process (`doubles`) or a socket.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from typing import TYPE_CHECKING, Any

import torch

from nbjudge.border.calls import Remote, StudentError, not_numbers
from nbjudge.border.names import BINARY, EXCEPTIONS, OBJECTS, UNARY, catchable, exception_name
from nbjudge.border.rules import RULES, RuleBroken
from nbjudge.border.shipping import shipped
from nbjudge.border.wire import Reference, WireError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbjudge.border.names import CellLine

MOST_LINES = 999
"""The last line of a cell that is told."""


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

    def call_unchanged(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call it and see the arguments afterwards."""
        return self._ask("unchanged", *arguments, **keywords)

    def call_elsewhere(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
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
        length: int = self._ask("len")  # `len` takes nothing else
        return length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ask("list"))

    def __repr__(self) -> str:
        return f"<an object of the student, type {self.type_name or 'of their own'}>"

    def _ask(self, operation: str, *arguments: Any, **keywords: Any) -> Any:
        return self._side.ask(self, operation, arguments, keywords, by_hand=self._by_hand)

    def _no(self, *_: Any) -> Any:
        raise not_numbers(self.type_name)

    __bool__ = __eq__ = __ne__ = __hash__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _no


def _asks(operation: str) -> Callable[..., Any]:
    return lambda self, *arguments: self._ask(operation, *arguments)


for _name in BINARY:
    setattr(Handle, f"__{_name}__", _asks(_name))
    if _name not in ("lt", "le", "gt", "ge"):
        setattr(Handle, f"__r{_name}__", _asks(f"r{_name}"))
for _name in UNARY:
    setattr(Handle, f"__{_name}__", _asks(_name))


class Lent:
    """A function of a test as the student side may call it: with data for the parameters that have no default.

    A parameter with a default is the test's own, such as ``J`` in ``lambda v, J=J: v @ J``.
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self._f = f
        try:
            self._signature = _without_defaults(inspect.signature(f))
        except (TypeError, ValueError):  # functions written in C may have none
            self._signature = inspect.Signature([inspect.Parameter("data", inspect.Parameter.VAR_POSITIONAL)])

    def __call__(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
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

    def ask(
        self, target: Handle, operation: str, arguments: tuple[Any, ...], keywords: dict[str, Any], *, by_hand: bool
    ) -> Any:
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

    def _believable(self, place: Any) -> CellLine | None:
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


@functools.cache
def _student_error_type(name: str | None) -> type[StudentError]:
    kind = catchable(name)
    return type(f"Student{kind.__name__}", (StudentError, kind), {}) if kind else StudentError
