"""The student's side: it owns the student's objects and does with them what the judge asks.

It runs together with submitted code and may be changed by it. What it answers is data, and the judge's side believes
none of it.
"""

from __future__ import annotations

import functools
import operator
import traceback
from typing import TYPE_CHECKING, Any

import torch

from nbjudge.border.circumstances import TorchRefused, elsewhere, refused, torch_allowed
from nbjudge.border.names import BINARY, UNARY, catchable, exception_name, object_name
from nbjudge.border.rules import MOST_ENTRIES, RuleBroken
from nbjudge.border.shipping import received
from nbjudge.border.wire import Reference, WireError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbjudge.border.names import CellLine

_MOST_WORDS = 1000


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
            with TorchRefused():  # type: ignore[no-untyped-call]  # torch does not annotate it
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
            raise (catchable(answer) or RuntimeError)(_GIVEN_FUNCTION_RAISED)
        return answer

    def _place(self, error: BaseException) -> CellLine | None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [(cell, frame.lineno or 1) for frame in frames if (cell := self._place_of(frame.filename))]
        return places[-1] if places else None


def _bounded_list(thing: Any) -> list[Any]:
    entries: list[Any] = []
    for entry in thing:
        if len(entries) == MOST_ENTRIES:
            raise RuleBroken("endless")
        entries.append(entry)
    return entries


def _reflected(apply: Callable[[Any, Any], Any], target: Any, other: Any) -> Any:
    return apply(other, target)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda target, *arguments, **keywords: target(*arguments, **keywords),
    "unchanged": lambda target, *arguments, **keywords: (target(*arguments, **keywords), arguments),
    "elsewhere": lambda target, *arguments, **keywords: elsewhere(target, arguments, keywords),
    "getattr": getattr,
    "getitem": operator.getitem,
    "len": len,
    "list": _bounded_list,
    **{name: getattr(operator, name) for name in (*BINARY, *UNARY)},
    **{f"r{name}": functools.partial(_reflected, getattr(operator, name)) for name in BINARY},
}


def _words(error: BaseException) -> str:
    try:
        return str(error)[:_MOST_WORDS]
    except Exception:  # noqa: BLE001, a student's __str__ may raise anything
        return ""


_GIVEN_FUNCTION_RAISED = "the function that you were given raised this"
