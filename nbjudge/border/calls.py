"""The whole vocabulary of hidden tests towards student code.

``value unchanged counted there repeat raises says by_hand`` work the same in a plain kernel, where a student's name is
the object itself, and in the judge, where it is a `Handle` on an object in another process.

A function that a test hands to a student's code is lent to it: for one call, and for what that call returned. It takes
data, for the parameters that have no default, since one with a default is the test's own.
"""

from __future__ import annotations

import functools
import inspect
import math
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nbjudge.border.circumstances import TorchRefused, elsewhere, refused, torch_allowed
from nbjudge.border.names import exception_name, object_name, told_exception, told_object
from nbjudge.border.wire import Reference, WireError, decode, encode
from nbjudge.messages import CheckFailed, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nbjudge.border.names import CellLine


class StudentError(Exception):
    """An exception of a student's code, as it arrives in the judge.

    Args:
        type_name: what it is, one of `nbjudge.border.names.EXCEPTIONS`; None for an exception of the student's own.
        words: what it said; `says` looks into it, and nothing shows it.
        place: the student's cell and line where it was raised, None if no line of theirs took part.
    """

    def __init__(self, type_name: str | None, words: str = "", place: CellLine | None = None) -> None:
        super().__init__(str(told_exception(type_name)))
        self.type_name = type_name
        self.words = words
        self.place = place


class Remote:
    """A student's object in another process; `handles` says what may be done with it."""

    type_name: str | None

    def with_torch_refused(self) -> Remote:
        """The same object, whose calls run while torch is refused."""
        raise NotImplementedError

    def call_unchanged(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call it and see the arguments afterwards: a pair, unless the other side says something else."""
        raise NotImplementedError

    def call_elsewhere(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call it in another state of the world."""
        raise NotImplementedError

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it."""
        raise NotImplementedError


def value(result: Any) -> Any:
    """A result as data: what the border carries by value, with subclasses as their base.

    Raises:
        CheckFailed: for anything that is not data; a generator is told to be a list.
    """
    try:
        return decode(encode(result, refer=_not_data))
    except WireError as refusal:
        raise refused(refusal) from None


def unchanged(fn: Any, *arguments: Any, **keywords: Any) -> Any:
    """Call a student's function and show its arguments afterwards.

    Returns:
        The result, and the positional arguments as they are after the call. A tensor among them has a ``grad`` if the
        call left one there.
    """
    if isinstance(fn, Remote):
        return fn.call_unchanged(arguments, keywords)
    arguments, keywords = copied((arguments, keywords))
    return fn(*arguments, **keywords), arguments


def repeat(fn: Any, *arguments: Any, **keywords: Any) -> tuple[Any, Any]:
    """Call a student's function twice, the second time with other global random states and other global arrays.

    The first call is one like all others, so that a function which keeps a state shows it.

    Returns:
        Both results; they are equal for a function of its arguments.
    """
    if isinstance(fn, Remote):
        return fn(*arguments, **keywords), fn.call_elsewhere(arguments, keywords)
    (first, named), (second, named_again) = (copied((arguments, keywords)) for _ in range(2))
    return fn(*first, **named), elsewhere(fn, second, named_again)


def counted(f: Callable[..., Any], *shapes: tuple[int, ...], holomorphic: bool = False) -> Callable[..., Any]:
    """A function that counts in the attribute ``calls`` at how many points it was called.

    Args:
        f: the function.
        shapes: of its first arguments at one point. A call with k points at once counts k times, so that a batch is
            no way around a budget. Without shapes, every call counts once.
        holomorphic: whether f is meant for complex points. Elsewhere one counts twice: it holds two real points.
    """

    @functools.wraps(f)
    def counting(*arguments: Any, **keywords: Any) -> Any:
        vars(counting)["calls"] += _points(arguments, shapes, holomorphic=holomorphic)
        return f(*arguments, **keywords)

    vars(counting)["calls"] = 0
    return counting


def there(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is sent to the student's side and runs there, for what torch must differentiate."""

    @functools.wraps(f)
    def shipped(*arguments: Any, **keywords: Any) -> Any:
        return f(*arguments, **keywords)

    vars(shipped)["runs_there"] = f
    return shipped


def raises(expected: type[Exception], fn: Any, *arguments: Any, **keywords: Any) -> Exception:
    """Call a student's function that must raise an exception, and return that exception.

    Raises:
        CheckFailed: if nothing or something else is raised, or a rule such as `by_hand` was broken.
    """
    try:
        fn(*arguments, **keywords)
    except expected as error:
        return error
    except CheckFailed:
        raise
    except Exception as error:  # noqa: BLE001, whatever else was raised is told
        raise CheckFailed(_OTHER_ERROR.format(expected=expected.__name__, found=name_of(error))) from None
    raise CheckFailed(_NO_ERROR.format(expected=expected.__name__))


def says(error: Exception, words: str) -> bool:
    """Whether an exception that a student's code raised contains some words; its own are never shown."""
    return words in (error.words if isinstance(error, StudentError) else str(error))


def name_of(error: BaseException) -> str | Text:
    """What an exception is, in the words of a message."""
    return told_exception(error.type_name if isinstance(error, StudentError) else exception_name(error))


def by_hand(check: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a check: while a student's function runs in it, torch is refused.

    It stops short cuts, by references taken earlier too; it is no security promise. Functions that the check hands to
    the student run without the refusal.
    """

    @functools.wraps(check)
    def checked(*objects: Any) -> Any:
        return check(*(_by_hand(fn) if callable(fn) or isinstance(fn, Remote) else fn for fn in objects))

    return checked


def copied(arguments: Any) -> Any:
    """A copy by the rules of the border; what is not data passes as it is."""
    kept: list[Any] = []

    def keep(thing: Any) -> Reference:
        kept.append(thing)
        return Reference("kept", len(kept) - 1)

    return decode(encode(arguments, refer=keep), resolve=lambda reference: kept[reference.number])


def not_numbers(name: str | None) -> CheckFailed:
    """The failure that says what came in the place of numbers, given its name."""
    return CheckFailed(_NOT_NUMBERS.format(thing=told_object(name)))


def _points(arguments: tuple[Any, ...], shapes: tuple[tuple[int, ...], ...], *, holomorphic: bool) -> int:
    """At how many points a function is called; batches in several arguments may meet in all combinations."""
    if not shapes:
        return 1
    if len(arguments) < len(shapes):
        raise TypeError("an argument is missing, or it was given by name")
    parts = 1 if holomorphic or not any(map(_is_complex, arguments)) else 2
    sizes = [math.prod(_shape(argument)) / math.prod(shape) for argument, shape in zip(arguments, shapes, strict=False)]
    return parts * math.prod(max(1, math.ceil(size)) for size in sizes)


def _shape(thing: Any) -> tuple[int, ...]:
    """The shape of numbers: one, an array or a tensor of them, or a list or tuple of such of one shape."""
    if isinstance(thing, list | tuple):
        shapes = {_shape(entry) for entry in thing}
        if len(shapes) > 1:
            raise ValueError("the entries of a list have different shapes")
        return (len(thing), *(shapes.pop() if shapes else ()))
    if not isinstance(thing, Number | np.generic | np.ndarray | torch.Tensor):
        raise TypeError("expected numbers, or an array of them")
    return tuple(np.shape(thing))  # type: ignore[arg-type]  # numpy takes all of these


def _is_complex(thing: Any) -> bool:
    if isinstance(thing, list | tuple):
        return any(map(_is_complex, thing))
    return thing.is_complex() if isinstance(thing, torch.Tensor) else np.iscomplexobj(thing)


def _not_data(thing: Any) -> Reference:
    raise not_numbers(thing.type_name if isinstance(thing, Remote) else object_name(thing))


def _by_hand(fn: Any) -> Any:
    if isinstance(fn, Remote):
        return fn.with_torch_refused()

    @functools.wraps(fn, updated=())
    def refusing(*arguments: Any, **keywords: Any) -> Any:
        arguments, keywords = _map_callables((arguments, keywords), _course_function)
        with TorchRefused():  # type: ignore[no-untyped-call]  # torch does not annotate it
            return fn(*arguments, **keywords)

    return refusing


def _course_function(f: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(f, updated=())
    def allowed(*arguments: Any, **keywords: Any) -> Any:
        with torch_allowed():
            return f(*arguments, **keywords)

    return allowed


def _map_callables(thing: Any, change: Callable[[Any], Any]) -> Any:
    """Change all functions in data; a container without any stays the same object, so that a change of it shows."""
    if inspect.isfunction(thing):
        return change(thing)
    if type(thing) in (list, tuple):
        entries = [_map_callables(entry, change) for entry in thing]
        return type(thing)(entries) if _any_other(entries, thing) else thing
    if type(thing) is dict:
        changed = {key: _map_callables(entry, change) for key, entry in thing.items()}
        return changed if _any_other(changed.values(), thing.values()) else thing
    return thing


def _any_other(entries: Iterable[Any], originals: Iterable[Any]) -> bool:
    return any(entry is not original for entry, original in zip(entries, originals, strict=True))


_NOT_NUMBERS = Text(
    en="expected numbers, your function returned {thing}.",
    ko="수가 와야 하는데 함수가 {thing}를 돌려주었습니다.",
)
_OTHER_ERROR = Text(
    en="expected a {expected}, your function raised {found}.",
    ko="{expected} 예외가 발생해야 하는데 {found} 예외가 발생했습니다.",
)
_NO_ERROR = Text(
    en="expected a {expected}, your function returned without one.",
    ko="{expected} 예외가 발생해야 하는데 함수가 그대로 끝났습니다.",
)
