"""Comparisons of a student's answer with the right one, and the sentences that explain a difference.

A comparison checks the shape, then finiteness, then the values; it fails with a `CheckFailed` that names the first
wrong entry and the student's value there, never the right one.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import torch

from nbjudge.border import value
from nbjudge.messages import CheckFailed, Text

EXACT = 1e-8
"""Relative tolerance for methods without truncation error."""

DIFFERENCES = 1e-5
"""Relative tolerance where central differences are a fair answer."""

ANY_METHOD = 1e-4
"""Relative tolerance where one-sided differences are a fair answer."""

SINGLE = 1e-4
"""Relative tolerance for answers in single precision, whatever the method."""

_measurements = ContextVar("measurements", default=None)


@dataclass(frozen=True)
class Answer:
    """A student's numbers: the values as float64 and whether they came in single precision."""

    values: np.ndarray
    is_single: bool


@contextmanager
def measured():
    """Collect error ÷ tolerance of every comparison of values made inside the block, in a list."""
    ratios = []
    token = _measurements.set(ratios)
    try:
        yield ratios
    finally:
        _measurements.reset(token)


def assert_matches(actual, expected, *, about, rtol=EXACT, scale=None, likely=None):
    """Fail unless an answer has the shape and the values of the expected one.

    Args:
        actual: the student's answer: numbers, lists, NumPy arrays or tensors.
        expected: the right answer, never printed.
        about: a Text that names the case, for the message.
        rtol: tolerance relative to the largest right entry; raised to `SINGLE` for answers in single precision.
        scale: natural size of the entries; counts where all right entries are smaller.
        likely: known mistakes, a dict from Text to the wrong answer that each would give.

    Raises:
        CheckFailed: with the first difference and, if recognised, the likely mistake.
    """
    expected = as_numbers(expected)
    answer = assert_shape(actual, expected.shape, about=about, likely=_only_shape(expected))
    largest = max(np.abs(expected).max(initial=0.0), scale or 0.0)
    if not largest > 0:
        raise ValueError("the expected answer is zero everywhere: state the natural scale of the entries")
    tolerance = (max(rtol, SINGLE) if answer.is_single else rtol) * largest
    errors = np.abs(answer.values - expected)
    worst = errors.max(initial=0.0)
    _record(worst / tolerance)
    if not worst <= tolerance:
        entry = _first(~(errors <= tolerance))
        raise CheckFailed(
            about + _WRONG_ENTRY.format(place=_place(entry), found=_short(answer.values[entry])),
            likely=_recognised(answer.values, expected, tolerance, likely or {}),
        )


def assert_shape(actual, shape, *, about, likely=None):
    """Fail unless an answer consists of finite numbers in the given shape; return it as an `Answer`."""
    answer = as_answer(actual, about=about)
    if answer.values.shape != tuple(shape):
        raise CheckFailed(
            about + _WRONG_SHAPE.format(found=_sized(answer.values.shape), wanted=_sized(shape)),
            likely=likely(answer.values) if likely else None,
        )
    finite = np.isfinite(answer.values)
    if not finite.all():
        entry = _first(~finite)
        raise CheckFailed(about + _NOT_FINITE.format(place=_place(entry), found=_short(answer.values[entry])))
    return answer


def assert_same_shape_tuple(actual, expected, *, about, likely=None):
    """Fail unless an answer is the expected shape: a tuple, list or torch.Size of whole numbers.

    Args:
        actual: the student's answer.
        expected: the right tuple.
        about: a Text that names the case.
        likely: known mistakes, a dict from Text to the wrong tuple that each would give.
    """
    found = value(actual)
    if type(found) not in (tuple, list):
        raise CheckFailed(about + _NOT_A_SHAPE.format(found=_kind(found)))
    if any(type(size) not in (int, np.int64, np.int32) for size in found):
        raise CheckFailed(about + _NOT_SIZES)
    found = tuple(int(size) for size in found)
    if found != tuple(expected):
        mistakes = {wrong: mistake for mistake, wrong in (likely or {}).items()}
        raise CheckFailed(about + _WRONG_SIZES.format(found=_sized(found)), likely=mistakes.get(found))


def parts(actual, names, *, about):
    """The entries of an answer that must be a tuple or list of ``len(names)`` results."""
    found = value(actual)
    if type(found) not in (tuple, list):
        raise CheckFailed(about + _NOT_A_TUPLE.format(names=", ".join(names), found=_kind(found)))
    if len(found) != len(names):
        raise CheckFailed(about + _WRONG_COUNT.format(names=", ".join(names), found=len(found)))
    return found


def as_answer(actual, *, about):
    """A student's answer as numbers; fails with a sentence for anything else."""
    values, is_single = _numbers(value(actual), about)
    return Answer(values, is_single)


def as_numbers(right):
    """The course's own numbers (list, NumPy array or tensor) as a float64 array."""
    if isinstance(right, torch.Tensor):
        right = right.detach().numpy()
    return np.asarray(right, dtype=np.float64)


def _numbers(found, about):
    if isinstance(found, torch.Tensor):
        is_single = found.dtype in (torch.float32, torch.float16, torch.bfloat16, torch.complex64)
        found = found.detach()
        found = found.to(torch.complex128 if found.is_complex() else torch.float64).numpy()
        return _real(found, about), is_single
    if isinstance(found, np.ndarray | np.generic):
        is_single = found.dtype in (np.float32, np.float16, np.complex64)
        return _real(np.asarray(found), about), is_single
    if isinstance(found, bool | int | float | complex):
        return _real(np.asarray(found), about), False
    if isinstance(found, list | tuple):
        entries = [_numbers(entry, about) for entry in found]
        if len({values.shape for values, _ in entries}) > 1:
            raise CheckFailed(about + _RAGGED)
        return np.array([values for values, _ in entries], dtype=np.float64), any(single for _, single in entries)
    raise CheckFailed(about + _NOT_NUMBERS.format(found=_kind(found)))


def _real(values, about):
    if np.iscomplexobj(values):
        if values.imag.any():
            raise CheckFailed(about + _COMPLEX)
        values = values.real
    return values.astype(np.float64)


def _recognised(found, expected, tolerance, likely):
    """The mistake that explains a wrong answer of the right shape, or None."""
    mistakes = {mistake: as_numbers(wrong) for mistake, wrong in likely.items()}
    if expected.ndim == 2:
        mistakes |= {_TRANSPOSED: expected.T}
    mistakes |= {_NEGATED: -expected, _ALL_ZERO: np.zeros_like(expected)}
    for mistake, wrong in mistakes.items():
        if wrong.shape == found.shape and np.abs(found - wrong).max(initial=0.0) <= tolerance:
            return mistake
    return _SAME_FACTOR if _is_multiple(found, expected) else None


def _is_multiple(found, expected):
    factor = (found * expected).sum() / (expected**2).sum() if expected.any() else 0.0
    return factor != 0 and np.abs(found - factor * expected).max(initial=0.0) <= SINGLE * np.abs(found).max(initial=0.0)


def _only_shape(expected):
    """What a wrong shape suggests, given the right answer."""

    def recognise(found):
        if expected.ndim == 2 and found.shape == expected.T.shape:
            return _TRANSPOSED_SHAPE
        if found.size == expected.size and np.squeeze(found).shape == np.squeeze(expected).shape:
            return _EXTRA_AXIS
        return None

    return recognise


def _record(ratio):
    measurements = _measurements.get()
    if measurements is not None:
        measurements.append(float(ratio))


def _first(mask):
    return tuple(int(index) for index in np.argwhere(mask)[0])


def _place(entry):
    if not entry:
        return Text(en="the value", ko="값")
    index = f"[{', '.join(map(str, entry))}]"
    return Text(en=f"entry {index}", ko=f"원소 {index}")


def _short(number):
    return f"{number:.4g}"


def _sized(shape):
    return str(tuple(int(size) for size in shape))


def _kind(found):
    return "None" if found is None else type(found).__name__


_WRONG_ENTRY = Text(
    en=": {place} of your result is {found}, which is not the right value.",
    ko=": 결과의 {place}: {found}, 올바른 값이 아닙니다.",
)
_WRONG_SHAPE = Text(
    en=": your result has shape {found}, expected is {wanted}.",
    ko=": 결과의 모양이 {found}입니다. 기대하는 모양은 {wanted}입니다.",
)
_NOT_FINITE = Text(
    en=": {place} of your result is {found}; every entry must be a finite number.",
    ko=": 결과의 {place}: {found}. 모든 원소는 유한한 수여야 합니다.",
)
_NOT_NUMBERS = Text(
    en=": expected numbers in an array, your function returned {found}. Is a `return` missing?",
    ko=": 수로 이루어진 배열이 와야 하는데 함수가 {found} 값을 돌려주었습니다. `return`을 빠뜨리지 않았습니까?",
)
_COMPLEX = Text(
    en=": your result is complex; return the real numbers.",
    ko=": 결과가 복소수입니다. 실수를 돌려주어야 합니다.",
)
_RAGGED = Text(
    en=": the rows of your result have different lengths.",
    ko=": 결과의 행마다 길이가 다릅니다.",
)
_NOT_A_SHAPE = Text(
    en=": expected a shape, a tuple of whole numbers; your function returned {found}.",
    ko=": 모양, 곧 정수의 튜플이 와야 하는데 함수가 {found} 값을 돌려주었습니다.",
)
_NOT_SIZES = Text(
    en=": a shape consists of whole numbers only.",
    ko=": 모양은 정수로만 이루어집니다.",
)
_WRONG_SIZES = Text(
    en=": your function returned {found}, which is not the shape of the derivative.",
    ko=": 함수가 돌려준 {found} 값은 도함수의 모양이 아닙니다.",
)
_NOT_A_TUPLE = Text(
    en=": expected the tuple ({names}), your function returned {found}.",
    ko=": 튜플 ({names}) 형태가 와야 하는데 함수가 {found} 값을 돌려주었습니다.",
)
_WRONG_COUNT = Text(
    en=": expected the tuple ({names}), your function returned {found} results.",
    ko=": 튜플 ({names}) 형태가 와야 하는데 결과가 {found}개입니다.",
)
_TRANSPOSED = Text(
    en="your result is the transpose of the right one: rows are outputs, columns are inputs.",
    ko="결과가 올바른 행렬의 전치입니다. 행은 출력이고 열은 입력입니다.",
)
_TRANSPOSED_SHAPE = Text(
    en="rows and columns look exchanged: rows are outputs, columns are inputs.",
    ko="행과 열이 바뀐 것 같습니다. 행은 출력이고 열은 입력입니다.",
)
_EXTRA_AXIS = Text(
    en="the numbers are there, with an axis of length 1 too many or too few.",
    ko="수의 개수는 맞지만 길이가 1인 축이 더 있거나 모자랍니다.",
)
_NEGATED = Text(
    en="every entry has the wrong sign.",
    ko="모든 원소의 부호가 반대입니다.",
)
_ALL_ZERO = Text(
    en="every entry is zero: is the result ever filled in?",
    ko="모든 원소가 0입니다. 결과를 채우는 부분이 실행됩니까?",
)
_SAME_FACTOR = Text(
    en="every entry is wrong by the same factor: look at what you divide by.",
    ko="모든 원소가 같은 배수만큼 어긋납니다. 무엇으로 나누는지 살펴보십시오.",
)
