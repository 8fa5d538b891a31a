"""Comparisons of a student's answer with the right one, and the sentences that explain a difference.

A comparison checks the shape, then finiteness, then the values; it fails with a `CheckFailed` that names the first
wrong entry and the student's value there, never the right one. Of what a student returned, a message quotes one number
of four digits with its place, a shape of few digits, or a word that the test expects from somebody: a hidden input that
an answer returns must not come out in a sentence.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from nbjudge.testing import CheckFailed, Text, repeat, unchanged, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

EXACT = 1e-8
"""Relative tolerance for methods without truncation error."""

DIFFERENCES = 1e-5
"""Relative tolerance where central differences are a fair answer."""

ANY_METHOD = 1e-4
"""Relative tolerance where one-sided differences are a fair answer."""

SINGLE = 1e-4
"""Relative tolerance for answers in single precision, whatever the method."""

STANDARD_ERRORS = 5.0
"""How far a right statistic may be from the true law: a false verdict has a probability of 6e-7."""

SLOPE_WINDOW = 0.3
"""How far a right slope may be from the order of the method."""

MOST_AXES = 6
MOST_DIGITS = 10
"""How many axes and digits a shape that a message quotes may have."""

_measurements: ContextVar[list[Measurement] | None] = ContextVar("measurements", default=None)


class Kind(Enum):
    """What a comparison measures, and the least margins that it must keep to right and to wrong answers."""

    VALUE = ("value", 30.0, 30.0)
    SLOPE = ("slope", 3.0, 3.0)
    STATISTIC = ("statistic", 1.0, 3.0)
    THRESHOLD = ("spreads from the threshold", 3.0, 3.0)

    def __init__(self, label: str, least_right: float, least_wrong: float) -> None:
        self.label = label
        self.least_right = least_right
        self.least_wrong = least_wrong


@dataclass(frozen=True)
class Measurement:
    """One comparison: what it measured, whether the answer held, and how far from the border it lies.

    Args:
        kind: the unit of the margin.
        held: whether the answer was accepted.
        margin: tolerance ÷ error if it held, else error ÷ tolerance; for a threshold the distance in spreads.
    """

    kind: Kind
    held: bool
    margin: float


@dataclass(frozen=True)
class Answer:
    """A student's numbers: the values as float64 and whether they came in single precision."""

    values: np.ndarray
    is_single: bool


@contextmanager
def measured() -> Iterator[list[Measurement]]:
    """Collect the `Measurement` of every comparison made inside the block, in a list."""
    measurements: list[Measurement] = []
    token = _measurements.set(measurements)
    try:
        yield measurements
    finally:
        _measurements.reset(token)


def assert_matches(
    actual: Any,
    expected: Any,
    *,
    about: Text,
    rtol: float = EXACT,
    scale: float | None = None,
    likely: Mapping[Text, Any] | Callable[[], Mapping[Text, Any]] | None = None,
) -> None:
    """Fail unless an answer has the shape and the values of the expected one.

    Args:
        actual: the student's answer: numbers, lists, NumPy arrays or tensors.
        expected: the right answer, never printed; where it is infinite or nan, the student's must be just that.
        about: a Text that names the case, for the message.
        rtol: tolerance relative to the largest right entry; raised to `SINGLE` for answers in single precision.
        scale: natural size of the entries; counts where all right entries are smaller.
        likely: known mistakes, a dict from Text to the wrong answer that each would give; a function that returns it,
            where that takes long, is called only if the answer is wrong.

    Raises:
        CheckFailed: with the first difference and, if recognised, the likely mistake.
    """
    expected = as_numbers(expected)
    finite = np.isfinite(expected)
    answer = assert_shape(actual, expected.shape, about=about, likely=_only_shape(expected), finite=finite)
    largest = max(np.abs(expected[finite]).max(initial=0.0), scale or 0.0)
    if not largest > 0 and finite.any():
        raise ValueError("the expected answer is zero everywhere: state the natural scale of the entries")
    tolerance = (max(rtol, SINGLE) if answer.is_single else rtol) * largest
    errors = _errors(answer.values, expected)
    worst = errors.max(initial=0.0)
    if not _holds(Kind.VALUE, worst, tolerance):
        entry = _first(~(errors <= tolerance))
        raise CheckFailed(
            about + _WRONG_ENTRY.format(place=_place(entry), found=_short(answer.values[entry])),
            likely=_recognised(answer.values, expected, tolerance, likely() if callable(likely) else likely or {}),
        )


def assert_shape(
    actual: Any,
    shape: Sequence[int],
    *,
    about: Text,
    likely: Callable[[np.ndarray], Text | None] | None = None,
    finite: np.ndarray | bool = True,
) -> Answer:
    """Fail unless an answer consists of finite numbers in the given shape; return it as an `Answer`.

    Args:
        actual: the student's answer.
        shape: the right shape.
        about: a Text that names the case.
        likely: tells the likely mistake, a Text or None, from the values of a wrong shape.
        finite: which entries must be finite, an array of truths; all by default.
    """
    answer = as_answer(actual, about=about)
    if answer.values.shape != tuple(shape):
        raise CheckFailed(
            about + _WRONG_SHAPE.format(found=_sized(answer.values.shape), wanted=_sized(shape)),
            likely=likely(answer.values) if likely else None,
        )
    broken = finite & ~np.isfinite(answer.values)
    if broken.any():
        entry = _first(broken)
        raise CheckFailed(about + _NOT_FINITE.format(place=_place(entry), found=_short(answer.values[entry])))
    return answer


def assert_same_shape_tuple(
    actual: Any, expected: Sequence[int], *, about: Text, likely: Mapping[Text, Sequence[int] | None] | None = None
) -> None:
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


def parts(actual: Any, names: Sequence[str], *, about: Text) -> Sequence[Any]:
    """The entries of an answer that must be a tuple or list of ``len(names)`` results."""
    found = value(actual)
    if type(found) not in (tuple, list):
        raise CheckFailed(about + _NOT_A_TUPLE.format(names=", ".join(names), found=_kind(found)))
    if len(found) != len(names):
        raise CheckFailed(about + _WRONG_COUNT.format(names=", ".join(names), found=len(found)))
    return found


def assert_slope(
    found: Any,
    order: float,
    *,
    about: Text,
    window: float = SLOPE_WINDOW,
    likely: Mapping[Text, float] | None = None,
) -> None:
    """Fail unless a measured slope is the order of the method, within a window.

    Args:
        found: the slope, a number of the student's or measured from the student's results.
        order: the right slope.
        about: a Text that names the case.
        window: how far the slope may be from it.
        likely: known mistakes, a dict from Text to the slope that each would give.
    """
    slope = float(assert_shape(found, (), about=about).values)
    if not _holds(Kind.SLOPE, abs(slope - order), window):
        raise CheckFailed(
            about + _WRONG_SLOPE.format(found=_short(slope)),
            likely=next((text for text, wrong in (likely or {}).items() if abs(slope - wrong) <= window), None),
        )


def assert_statistic(
    found: Any, truth: float, standard_error: float, *, about: Text, likely: Mapping[Text, float] | None = None
) -> None:
    """Fail unless a random result is within `STANDARD_ERRORS` of the true law.

    Args:
        found: the statistic, a number of the student's or computed from the student's sample.
        truth: its expectation under the true law.
        standard_error: its standard deviation under the true law.
        about: a Text that names the case.
        likely: known mistakes, a dict from Text to the expectation that each would give.
    """
    statistic = float(assert_shape(found, (), about=about).values)
    tolerance = STANDARD_ERRORS * standard_error
    if not _holds(Kind.STATISTIC, abs(statistic - truth), tolerance):
        raise CheckFailed(
            about + _WRONG_STATISTIC.format(found=_short(statistic)),
            likely=next((text for text, wrong in (likely or {}).items() if abs(statistic - wrong) <= tolerance), None),
        )


def assert_at_least(
    found: float, least: float, *, about: Text, spread: float | None = None, likely: Text | None = None
) -> None:
    """Fail unless a measured quantity reaches a threshold.

    Args:
        found: the quantity, a number.
        least: the threshold.
        about: a Text that says what is too small if this fails.
        spread: standard deviation of the quantity over random seeds; without it the margin is the quotient.
        likely: a Text on the probable mistake.
    """
    found = float(found)
    if spread is None:
        held = _holds(Kind.VALUE, least, found)
    else:
        held = found >= least
        _record(Kind.THRESHOLD, held, abs(found - least) / spread)
    if not held:
        raise CheckFailed(about + _TOO_SMALL.format(found=_short(found), least=_short(least)), likely=likely)


def assert_word(
    actual: Any, accepted: str | set[str], *, about: Text, likely: Mapping[Text, str] | None = None
) -> None:
    """Fail unless an answer is one of the accepted words.

    Args:
        actual: the student's answer, a str.
        accepted: the right word, or a set of words that are all right.
        about: a Text that names the case.
        likely: known mistakes, a dict from Text to the wrong word; only such a word is quoted.
    """
    found = value(actual)
    accepted = {accepted} if isinstance(accepted, str) else set(accepted)
    if type(found) not in (str, np.str_):
        raise CheckFailed(about + _NOT_A_WORD.format(found=_kind(found)))
    if str(found) not in accepted:
        mistakes = {wrong: mistake for mistake, wrong in (likely or {}).items()}
        if found not in mistakes:
            raise CheckFailed(about + _OTHER_WORD)
        raise CheckFailed(about + _WRONG_WORD.format(found=str(found)), likely=mistakes[found])


def assert_truth(
    actual: Any,
    expected: bool,  # noqa: FBT001, truths are compared
    *,
    about: Text,
    likely: Text | None = None,
) -> None:
    """Fail unless an answer is the expected one of True and False; NumPy's and torch's count as well.

    Args:
        actual: the student's answer.
        expected: True or False.
        about: a Text that names the case.
        likely: a Text on the probable mistake.
    """
    found = value(actual)
    is_truth = isinstance(found, bool | np.bool_) or (
        isinstance(found, np.ndarray | torch.Tensor) and found.shape == () and found.dtype in (np.bool_, torch.bool)
    )
    if not is_truth:
        raise CheckFailed(about + _NOT_A_TRUTH.format(found=_kind(found)))
    if bool(found) != expected:
        raise CheckFailed(about + _WRONG_TRUTH.format(found=bool(found)), likely=likely)


def assert_calls(found: int, expected: int, *, about: Text, likely: Mapping[Text, int] | None = None) -> None:
    """Fail unless a function that the test gave was called exactly as often as expected.

    Args:
        found: calls that were counted.
        expected: the right number.
        about: a Text that names the case.
        likely: known mistakes, a dict from Text to the number of calls that each would make.
    """
    if found != expected:
        mistakes = {wrong: mistake for mistake, wrong in (likely or {}).items()}
        raise CheckFailed(about + _WRONG_CALLS.format(found=found, expected=expected), likely=mistakes.get(found))


def assert_pure(fn: Any, *arguments: Any, check: Callable[[Any, Text], object], grads: bool = False) -> None:
    """Fail if a call changes its arguments or depends on anything but them.

    Args:
        fn: the student's function.
        arguments: its arguments.
        check: called as ``check(result, about)`` for a first call, and for more calls in another world.
        grads: whether a gradient left in a tensor counts as a change.
    """
    result, after = unchanged(fn, *arguments)
    check(result, FIRST_CALL)
    assert_left_alone(after, arguments, grads=grads)
    for result in repeat(fn, *arguments):
        check(result, TWICE)


def assert_left_alone(after: Any, before: Any, *, grads: bool = False) -> None:
    """Fail unless arguments are as they were before a call: arrays, and lists, tuples and dicts of them.

    Args:
        after: the arguments after the call, from `unchanged`.
        before: the arguments as they were given; functions among them are passed over.
        grads: whether a gradient left in a tensor counts as a change.
    """
    if isinstance(before, np.ndarray | torch.Tensor):
        assert_matches(after, before, about=ARGUMENT_AFTER, scale=1.0)
        if grads and isinstance(after, torch.Tensor) and after.grad is not None:
            raise CheckFailed(_GRAD_LEFT)
    elif isinstance(before, list | tuple | dict):
        if len(after) != len(before):
            raise CheckFailed(_OTHER_LENGTH)
        keys = before if isinstance(before, dict) else range(len(before))
        for key in keys:
            if isinstance(before, dict) and key not in after:
                raise CheckFailed(_OTHER_LENGTH)
            assert_left_alone(after[key], before[key], grads=grads)


def as_answer(actual: Any, *, about: Text) -> Answer:
    """A student's answer as numbers; fails with a sentence for anything else."""
    values, is_single = _numbers(value(actual), about)
    return Answer(values, is_single)


def as_numbers(right: Any) -> np.ndarray:
    """The course's own numbers (list, NumPy array or tensor) as a float64 array."""
    if isinstance(right, torch.Tensor):
        right = right.detach().numpy()
    return np.asarray(right, dtype=np.float64)


def _numbers(found: Any, about: Text) -> tuple[np.ndarray, bool]:
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


def _real(values: np.ndarray, about: Text) -> np.ndarray:
    if np.iscomplexobj(values):
        if values.imag.any():
            raise CheckFailed(about + _COMPLEX)
        values = values.real
    return values.astype(np.float64)


def _errors(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Distances of the finite entries; elsewhere 0 or infinity, as the entry is the right one or not."""
    finite = np.isfinite(expected)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    distances = np.abs(np.subtract(found, expected, where=finite, out=np.zeros(expected.shape)))
    return np.where(finite, distances, np.where(same, 0.0, np.inf))


@np.errstate(invalid="ignore")
def _recognised(found: np.ndarray, expected: np.ndarray, tolerance: float, likely: Mapping[Text, Any]) -> Text | None:
    """The mistake that explains a wrong answer of the right shape, or None."""
    mistakes = {mistake: as_numbers(wrong) for mistake, wrong in likely.items()}
    if expected.ndim == 2:
        mistakes |= {_TRANSPOSED: expected.T}
    mistakes |= {_NEGATED: -expected, _ALL_ZERO: np.zeros_like(expected)}
    for mistake, wrong in mistakes.items():
        if wrong.shape == found.shape and np.abs(found - wrong).max(initial=0.0) <= tolerance:
            return mistake
    return _SAME_FACTOR if _is_multiple(found, expected) else None


def _is_multiple(found: np.ndarray, expected: np.ndarray) -> bool:
    if expected.size < 2:
        return False
    factor = (found * expected).sum() / (expected**2).sum() if expected.any() else 0.0
    return factor != 0 and np.abs(found - factor * expected).max(initial=0.0) <= SINGLE * np.abs(found).max(initial=0.0)


def _only_shape(expected: np.ndarray) -> Callable[[np.ndarray], Text | None]:
    """What a wrong shape suggests, given the right answer."""

    def recognise(found: np.ndarray) -> Text | None:
        if expected.ndim == 2 and found.shape == expected.T.shape:
            return _TRANSPOSED_SHAPE
        if found.size == expected.size and np.squeeze(found).shape == np.squeeze(expected).shape:
            return _EXTRA_AXIS
        return None

    return recognise


def _holds(kind: Kind, error: float, tolerance: float) -> bool:
    """Whether an error is within a tolerance; the comparison is measured."""
    held = bool(error <= tolerance)
    smaller, larger = (error, tolerance) if held else (tolerance, error)
    _record(kind, held, larger / smaller if smaller > 0 else np.inf)
    return held


def _record(kind: Kind, held: bool, margin: float) -> None:  # noqa: FBT001, as in a Measurement
    measurements = _measurements.get()
    if measurements is not None:
        measurements.append(Measurement(kind, held, float(margin)))


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(index) for index in np.argwhere(mask)[0])


def _place(entry: tuple[int, ...]) -> Text:
    if not entry:
        return Text(en="the value", ko="값")
    index = f"[{', '.join(map(str, entry))}]"
    return Text(en=f"entry {index}", ko=f"원소 {index}")


def _short(number: float) -> str:
    return f"{number:.4g}"


def _sized(shape: Sequence[int]) -> str:
    """A shape as it may be quoted: sizes beyond a few digits, and axes beyond a few, are left out."""
    told, left = [], MOST_DIGITS
    for size in shape[:MOST_AXES]:
        digits = str(int(size))
        left -= len(digits)
        told.append(digits if left >= 0 else "…")
    told += ["…"] if len(shape) > MOST_AXES else []
    return f"({told[0]},)" if len(told) == 1 else f"({', '.join(told)})"


def _kind(found: object) -> str:
    return "None" if found is None else type(found).__name__


FIRST_CALL = Text(en="a first call", ko="첫 번째 호출")
TWICE = Text(
    en="a second call, with other random numbers and other notebook variables",
    ko="난수와 노트북 변수를 바꾸어 다시 호출했을 때",
)
ARGUMENT_AFTER = Text(en="the argument after the call", ko="호출 뒤의 인자")
_GRAD_LEFT = Text(
    en="the call left a gradient in the .grad of its argument; work on a copy, or use torch.autograd.grad.",
    ko="호출 뒤에 인자의 .grad에 그래디언트가 남았습니다. 복사본으로 계산하거나 torch.autograd.grad를 쓰십시오.",
)
_OTHER_LENGTH = Text(
    en="the argument after the call has other entries than before.",
    ko="호출 뒤에 인자의 원소가 달라졌습니다.",
)
_WRONG_SLOPE = Text(
    en=": the slope is {found}, which is not the order of the method.",
    ko=": 기울기가 {found}입니다. 방법의 차수와 다릅니다.",
)
_WRONG_STATISTIC = Text(
    en=": {found} is further from the true value than chance explains.",
    ko=": {found}, 우연으로 설명되는 것보다 참값에서 멀리 있습니다.",
)
_TOO_SMALL = Text(
    en=" is {found}; at least {least} is needed.",
    ko=": {found}, 적어도 {least}이어야 합니다.",
)
_NOT_A_WORD = Text(
    en=": expected one of the words of the docstring, your function returned {found}.",
    ko=": 독스트링에 적힌 낱말이 와야 하는데 함수가 {found} 값을 돌려주었습니다.",
)
_OTHER_WORD = Text(
    en=": your function returned a word that is not right.",
    ko=": 함수가 돌려준 낱말이 옳지 않습니다.",
)
_WRONG_WORD = Text(
    en=": your answer {found!r} is not right.",
    ko=": 답 {found!r}이(가) 옳지 않습니다.",
)
_NOT_A_TRUTH = Text(
    en=": expected True or False, your function returned {found}.",
    ko=": True나 False가 와야 하는데 함수가 {found} 값을 돌려주었습니다.",
)
_WRONG_TRUTH = Text(
    en=": your function returned {found}, which is not right.",
    ko=": 함수가 돌려준 {found} 값이 옳지 않습니다.",
)
_WRONG_CALLS = Text(
    en=": your function made {found} calls, expected are {expected}.",
    ko=": 함수를 {found}번 호출했습니다. 기대하는 횟수는 {expected}번입니다.",
)
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
