"""Wrong answers that follow the order of a test's calls and compute nothing from what they are asked.

A test whose verdict follows from the pattern of its calls gives points without an answer. Each cell therefore meets

- ``constant``: one short result for every call; each that is right for some call of the cell is tried;
- ``script``: the right short results, in the order in which another grading of the same cell asked for them;
- ``script for a point``: what is usual for a first, a second, a third call with the same data among the arguments, so
  that an answer which knows "the first function at a new point is the right one" is tried as well;
- ``first``: the right result of the first call, again and again;
- ``first of its kind``: the same, remembered for each combination of shapes, words and whole numbers in the arguments.

A result is short if it can be guessed, or learned from a few messages: a truth, a word, None, an exception, zeros, or
at most `MOST_SHORT` whole numbers below `LARGEST_SHORT`; in a check of shapes every array, since only its shape counts.
Where all right results of a cell are short, each constant and both scripts must lose it, and they can be asked for in
`LEAST_ORDERS` orders or more, so that a guess is hopeless. A script of long results is no pattern of calls: it needs
the right numbers for inputs that nobody has seen. The two that remember must lose every cell in which they gave a
noticeably wrong result. A function without arguments meets none of them.

Where one of them is right nevertheless, as each zero matrix of a shape that the question states, the topic says so:
``STILL_RIGHT = {"e1-2-shape": {"constant", "script", "script for a point"}}``.

A test holds against all of these if each cell asks for several right results and `nbjudge.testing.shuffled` draws the
order of the cell's cases, anew for each submission.
"""

from __future__ import annotations

import math
import numbers
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course.universal import as_array, differs
from nbjudge.border.wire import Reference, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

MOST_SHORT = 9
LARGEST_SHORT = 1000
MOST_CONSTANTS = 5
LEAST_ORDERS = 100


@dataclass(frozen=True)
class Call:
    """A call that a test made of a right function.

    Args:
        point: the data among its arguments.
        result: what it returned; an exception stands for itself.
    """

    point: bytes
    result: Any


@dataclass(frozen=True)
class Pattern:
    """A wrong answer that a cell meets.

    Args:
        kind: its name.
        make: makes the answer anew, as it remembers what it was asked.
        detail: what tells it from others of its kind.
        knows_order: whether it goes by the order in one grading, so that it must meet others.
    """

    kind: str
    make: Callable[[], Constant | Script | Memory]
    detail: str = ""
    knows_order: bool = False


class Recorder:
    """A right function that writes down its calls.

    Args:
        right: the reference.
    """

    def __init__(self, right: Callable) -> None:
        self._right = right
        self.calls: list[Call] = []

    def function(self, *arguments: Any, **keywords: Any) -> Any:
        """The right result."""
        point = data_of((arguments, keywords))
        result = _outcome(self._right, arguments, keywords)
        self.calls.append(Call(point, result))
        return _given(result)


class Constant:
    """An answer that gives one short result for every call.

    Args:
        result: the result.
    """

    must_lose = True

    def __init__(self, result: Any) -> None:
        self._result = result

    def function(self, *_: Any, **__: Any) -> Any:
        """The result."""
        return _given(self._result)


class Script:
    """An answer by memory of short results.

    Args:
        calls: the record of another grading.
        for_a_point: whether calls with other data are counted apart.
    """

    must_lose = True

    def __init__(self, calls: list[Call], *, for_a_point: bool) -> None:
        self._count = (lambda point: point) if for_a_point else (lambda _: None)
        self._turns: Counter[Hashable] = Counter()
        lines: dict[int, list[Any]] = defaultdict(list)
        turns: Counter[Hashable] = Counter()
        for call in calls:
            lines[turns[self._count(call.point)]].append(call.result)
            turns[self._count(call.point)] += 1
        self._usual = [_usual(results)[0] for _, results in sorted(lines.items())]

    def function(self, *arguments: Any, **keywords: Any) -> Any:
        """The result whose turn it is, the last one when all have had theirs."""
        counted = self._count(data_of((arguments, keywords)))
        result = self._usual[min(self._turns[counted], len(self._usual) - 1)]
        self._turns[counted] += 1
        return _given(result)


class Memory:
    """An answer that remembers the first right result.

    Args:
        right: the reference.
        of_its_kind: whether it has one memory for each kind of arguments instead of one for all.
        only_shapes: whether only the shape of an array counts.
    """

    def __init__(self, right: Callable, *, of_its_kind: bool, only_shapes: bool) -> None:
        self._right = right
        self._kind = kind_of if of_its_kind else lambda _: None
        self._only_shapes = only_shapes
        self._first: dict[Hashable, Any] = {}
        self.must_lose = False

    def function(self, *arguments: Any, **keywords: Any) -> Any:
        """The result of the first call; the answer must lose once that is noticeably wrong."""
        kind = self._kind((arguments, keywords))
        right = _outcome(self._right, arguments, keywords)
        first = self._first.setdefault(kind, right)
        self.must_lose |= differs(first, right, shape_only=self._only_shapes)
        return _given(first)


def patterns(right: Callable, calls: list[Call], *, only_shapes: bool) -> Iterator[Pattern]:
    """The wrong answers that a cell meets.

    Args:
        right: the reference.
        calls: what the cell asked of it in one grading.
        only_shapes: whether the cell looks at shapes and types only.
    """
    if only_shapes:
        calls = [replace(call, result=emptied(call.result)) for call in calls]
    if all(is_short(call.result) for call in calls):
        for result in _usual([call.result for call in calls])[:MOST_CONSTANTS]:
            yield Pattern("constant", partial(Constant, result), repr(result))
        yield Pattern("script", lambda: Script(calls, for_a_point=False), knows_order=True)
        yield Pattern("script for a point", lambda: Script(calls, for_a_point=True), knows_order=True)
    yield Pattern("first", lambda: Memory(right, of_its_kind=False, only_shapes=only_shapes))
    yield Pattern("first of its kind", lambda: Memory(right, of_its_kind=True, only_shapes=only_shapes))


def orders(calls: list[Call], *, only_shapes: bool) -> float:
    """In how many orders the right results of a cell can be asked for at most; infinite if they are not all short."""
    results = [emptied(call.result) if only_shapes else call.result for call in calls]
    if not all(map(is_short, results)):
        return math.inf
    return math.factorial(len(results)) / math.prod(map(math.factorial, Counter(map(_written, results)).values()))


def is_short(result: Any) -> bool:
    """Whether a result can be guessed, or learned from a few messages."""
    if result is None or isinstance(result, bool | np.bool_ | str | Exception):
        return True
    if isinstance(result, list | tuple) and not all(isinstance(entry, numbers.Number) for entry in result):
        return bool(result) and all(map(is_short, result))
    if not isinstance(result, numbers.Number | np.ndarray | torch.Tensor | list | tuple):
        return False
    entries = as_array(result)
    if not entries.any():
        return True
    return entries.size <= MOST_SHORT and bool(np.all((entries == np.round(entries)) & (abs(entries) < LARGEST_SHORT)))


def has_arguments(calls: list[Call]) -> bool:
    """Whether a function is asked anything: without arguments there is one right result."""
    return any(call.point != data_of(((), {})) for call in calls)


def emptied(result: Any) -> Any:
    """A result with zeros in place of all numbers."""
    if isinstance(result, dict):
        return {key: emptied(part) for key, part in result.items()}
    if isinstance(result, list | tuple):
        return type(result)(map(emptied, result))
    return np.zeros(np.shape(as_array(result))) if isinstance(result, np.ndarray | torch.Tensor) else result


def data_of(arguments: Any) -> bytes:
    """The data among arguments, whatever functions stand beside them."""
    return encode(arguments, refer=lambda _: Reference("kept", 0))


def kind_of(arguments: Any) -> Hashable:
    """Shapes, words and whole numbers of arguments."""
    if isinstance(arguments, dict):
        return tuple((key, kind_of(entry)) for key, entry in sorted(arguments.items()))
    if isinstance(arguments, list | tuple):
        return tuple(map(kind_of, arguments))
    if isinstance(arguments, np.ndarray | torch.Tensor):
        return tuple(arguments.shape)
    return arguments if isinstance(arguments, str | int | None) else type(arguments).__name__


def _outcome(right: Callable, arguments: tuple, keywords: dict) -> Any:
    """The result of a call or the exception that it raised."""
    try:
        return right(*arguments, **keywords)
    except Exception as error:  # noqa: BLE001, a right exception is a result
        return error


def _given(result: Any) -> Any:
    if isinstance(result, Exception):
        raise result
    return result


def _usual(results: list[Any]) -> list[Any]:
    """The different ones among results, the most frequent first."""
    written = list(map(_written, results))
    return [results[written.index(one)] for one, _ in Counter(written).most_common()]


def _written(result: Any) -> Hashable:
    return repr(result) if isinstance(result, Exception) else encode(result)
