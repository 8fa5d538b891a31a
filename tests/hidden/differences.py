"""Hidden checks of ps0-differences: one function a test cell, named like its grade id."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from nbjudge.testing import CheckFailed, Text, by_hand, counted, shuffled, unchanged, value
from solutions import differences as reference
from tests.hidden.cases import normal
from tests.hidden.compare import (
    ANY_METHOD,
    ARGUMENT_AFTER,
    DIFFERENCES,
    as_answer,
    as_numbers,
    assert_at_least,
    assert_calls,
    assert_left_alone,
    assert_matches,
    assert_pure,
    assert_shape,
    assert_truth,
)

QUOTIENT = 1e-6
"""Relative tolerance for a difference quotient with a step of 1e-4 or more, whose rounding error is below 1e-9."""

DOUBLE = 1e-13
"""Relative tolerance where nothing is lost: some hundred roundings of double precision."""

ONE_PERCENT = 0.01

# Functions of several numbers, for arrays of NumPy and tensors of torch, and for complex numbers


def crossed(x, xp=np):
    """A function of 3 numbers whose partial derivatives differ from each other."""
    return xp.exp(x[0]) * xp.sin(3 * x[1]) + x[2] ** 2


def single(x, xp=np):
    """A function of 1 number."""
    return xp.exp(2 * x[0]) + x[0]


def chained(x, xp=np):
    """A function of 5 numbers, each coupled to its neighbour."""
    return xp.sin(x[0] * x[1]) + x[1] * x[2] ** 2 + xp.exp(x[3] - x[2]) + xp.tanh(2 * x[4]) * x[3]


def straight_in_one(x, xp=np):
    """A function of 3 numbers that is linear in the last, where a step h max(1, |x_3|) gives the quotient of h."""
    return xp.exp(x[0]) * xp.sin(3 * x[1]) + x[2] / 2


def small(x, xp=np):
    """A function of 3 numbers with partial derivatives near 1e-15."""
    return 1e-15 * crossed(x, xp)


def linear(x, xp=np):  # noqa: ARG001, called like the others
    """A linear function, on which every quotient is the derivative."""
    return sum((0.7 + i) * (-1) ** i * entry for i, entry in enumerate(x))


# E0.1 hello_grader


@by_hand
def e0_1_values(hello_grader):
    """The sum of the squares of as many numbers as there are."""
    repeated = np.array([2.5, -0.6, 2.5, 0.3])
    for x in (np.array([1.5, -2.0, 3.0]), normal(1, seed=101), normal(2, seed=102), repeated, normal(7, seed=103)):
        _assert_squares(hello_grader(x.copy()), x, about=_numbers(len(x)))


@by_hand
def e0_1_inputs(hello_grader):
    """The numbers stay as they were, and nothing but them decides the result."""
    for x in normal(2, 3, seed=104):
        assert_pure(hello_grader, x, check=lambda result, about, x=x: _assert_squares(result, x, about=about))


def _assert_squares(result, x, *, about):
    assert_matches(
        result,
        reference.hello_grader(x),
        about=about,
        likely={
            Text(en="the numbers are added as they are; square each one first.", ko=_NOT_SQUARED_KO): x.sum(),
            Text(en="the sum is squared; square first, then add.", ko=_SUM_SQUARED_KO): x.sum() ** 2,
            Text(en="this is the length of the vector, the root of the sum.", ko=_LENGTH_KO): np.linalg.norm(x),
            Text(en="this is the mean; the sum was asked for.", ko=_MEAN_KO): (x**2).mean(),
        },
    )


_NOT_SQUARED_KO = "수를 그대로 더했습니다. 먼저 하나씩 제곱하십시오."
_SUM_SQUARED_KO = "합을 제곱했습니다. 먼저 제곱하고 그다음에 더하십시오."
_LENGTH_KO = "합의 제곱근, 곧 벡터의 길이입니다."
_MEAN_KO = "평균입니다. 문제는 합을 묻습니다."


# E0.2 forward_difference and central_difference


@by_hand
def e0_2_forward_values(forward_difference):
    """The gradient with the default step, and the quotient itself with a step that is given."""
    for f, n in [(crossed, 3), (single, 1), (chained, 5)]:
        x = _inside(n, seed=210 + n)
        _assert_gradient(forward_difference(_callback(f), x.copy()), f, x, h=1e-8, rtol=ANY_METHOD, about=_numbers(n))
    _assert_gradient(
        forward_difference(_callback(small), AT_AN_AXIS.copy()),
        small,
        AT_AN_AXIS,
        h=1e-8,
        rtol=ANY_METHOD,
        about=SMALL_ON_AN_AXIS,
    )
    f, x = straight_in_one, FAR_IN_ONE
    for h in (0.1, 1.5, 1e-3):
        _assert_quotient(
            forward_difference(_callback(f), x.copy(), h),
            reference.forward_difference(_in_torch(f), x, h),
            h=h,
            likely={
                DEFAULT_STEP: reference.forward_difference(_in_torch(f), x, 1e-8),
                OTHER_STEPS: reference.forward_difference(_in_torch(f), x, h * np.abs(x).max()),
                Text(
                    en="this is the backward difference, with f(x - h e_i).",
                    ko="f(x - h e_i)를 쓴 후진 차분입니다.",
                ): reference.forward_difference(_in_torch(f), x, -h),
                Text(
                    en="this is the central difference; the forward one looks to one side only.",
                    ko="중심 차분입니다. 전진 차분은 한쪽만 봅니다.",
                ): reference.central_difference(_in_torch(f), x, h),
            },
        )


@by_hand
def e0_2_forward_calls(forward_difference):
    """One call at x and one for each coordinate."""
    for n in (1, 4, 6):
        f, x = counted(_callback(linear), (n,)), _inside(n, seed=220 + n)
        result = forward_difference(f, x.copy())
        _assert_gradient(result, linear, x, h=1e-8, rtol=ANY_METHOD, about=_numbers(n))
        assert_calls(
            f.calls,
            n + 1,
            about=_calls_for(n),
            likely={
                Text(
                    en="f(x) is the same for every coordinate; one call is enough for all of them.",
                    ko="f(x)는 모든 좌표에서 같습니다. 한 번만 불러도 됩니다.",
                ): 2 * n,
            }
            if n > 1
            else None,
        )


@by_hand
def e0_2_forward_inputs(forward_difference):
    """Whole numbers do not cut off the step, and x stays as it was."""
    _assert_inputs(forward_difference, h=1e-8)


@by_hand
def e0_2_central_values(central_difference):
    """The gradient with the default step, and the quotient itself with a step that is given."""
    f, x = straight_in_one, FAR_IN_ONE
    for h in (0.1, 1.5, 1e-3):
        _assert_quotient(
            central_difference(_callback(f), x.copy(), h),
            reference.central_difference(_in_torch(f), x, h),
            h=h,
            likely={
                Text(
                    en="this is the forward difference; the central one looks to both sides.",
                    ko="전진 차분입니다. 중심 차분은 양쪽을 봅니다.",
                ): reference.forward_difference(_in_torch(f), x, h),
                DEFAULT_STEP: reference.central_difference(_in_torch(f), x, 1e-5),
                OTHER_STEPS: reference.central_difference(_in_torch(f), x, h * np.abs(x).max()),
            },
        )
    for f, n in [(crossed, 3), (single, 1), (chained, 5)]:
        x = _inside(n, seed=230 + n)
        _assert_gradient(central_difference(_callback(f), x.copy()), f, x, h=1e-5, rtol=DIFFERENCES, about=_numbers(n))
    _assert_gradient(
        central_difference(_callback(small), AT_AN_AXIS.copy()),
        small,
        AT_AN_AXIS,
        h=1e-5,
        rtol=DIFFERENCES,
        about=SMALL_ON_AN_AXIS,
    )


@by_hand
def e0_2_central_calls(central_difference):
    """A pair of calls for each coordinate."""
    for n in (1, 4, 6):
        f, x = counted(_callback(linear), (n,)), _inside(n, seed=240 + n)
        result = central_difference(f, x.copy())
        _assert_gradient(result, linear, x, h=1e-5, rtol=DIFFERENCES, about=_numbers(n))
        assert_calls(
            f.calls,
            2 * n,
            about=_calls_for(n),
            likely={
                Text(en="the central difference does not need f(x).", ko="중심 차분에는 f(x)가 필요하지 않습니다."): 2
                * n
                + 1,
            },
        )


@by_hand
def e0_2_central_inputs(central_difference):
    """Whole numbers do not cut off the step, and x stays as it was."""
    _assert_inputs(central_difference, h=1e-5)


def _assert_inputs(difference, *, h):
    whole, x = np.array([1, -2, 3]), _inside(5, seed=250)
    for f, point in [(crossed, whole), (chained, x), (chained, x / 50)]:
        for h_given in (0.3, 1e-3):
            _, after = unchanged(difference, _callback(f), point, h_given)
            assert_left_alone(after, (None, point, None))
            _assert_to_the_last_bit(after[1], point)
    _assert_gradient(difference(_callback(crossed), whole), crossed, whole, h=h, rtol=ANY_METHOD, about=WHOLE_NUMBERS)
    for point in (x, x[::-1].copy()):
        assert_pure(
            difference,
            _callback(chained),
            point,
            check=lambda result, about, point=point: _assert_gradient(
                result, chained, point, h=h, rtol=ANY_METHOD, about=about
            ),
        )


def _assert_to_the_last_bit(after, before):
    """Compare an argument exactly: x + h - h is x only up to rounding."""
    if not np.array_equal(as_numbers(after), before):
        raise CheckFailed(ARGUMENT_AFTER + NOT_THE_SAME, likely=MOVED_BACK)


def _assert_gradient(result, f, x, *, h, rtol, about):
    right = as_numbers(reference.complex_step(_in_torch(f), x))
    assert_matches(result, right, about=about, rtol=rtol, likely=_mistakes(right, h))


def _assert_quotient(result, quotient, *, h, likely):
    right = as_numbers(quotient)
    about = Text(en=f"h = {h:g}", ko=f"h = {h:g}")
    assert_matches(result, right, about=about, rtol=QUOTIENT, likely=likely | _mistakes(right, h))


def _mistakes(right, h):
    """What comes out of mistakes that both schemes know."""
    without_division = {NOT_DIVIDED: h * right, TIMES_H: h * h * right} if h > 0.01 else {ALMOST_ZERO: h * right}
    whole = {ONLY_WHOLE: np.trunc(right)} if np.abs(right).max() > 1 else {}
    return {
        **without_division,
        **whole,
        Text(
            en="every entry is half of the right one: a one-sided difference is divided by h, not by 2h.",
            ko="모든 원소가 절반입니다. 한쪽 차분은 2h가 아니라 h로 나눕니다.",
        ): right / 2,
        Text(
            en="every entry is twice the right one: from x - h to x + h the distance is 2h.",
            ko="모든 원소가 두 배입니다. x - h에서 x + h까지의 거리는 2h입니다.",
        ): 2 * right,
        Text(
            en="every entry is the sum of all: are all coordinates moved at once?",
            ko="모든 원소가 전체의 합입니다. 모든 좌표를 한꺼번에 움직이지 않습니까?",
        ): np.full(len(right), right.sum()),
    }


ONLY_WHOLE = Text(
    en="only whole numbers came out: an array of integers cannot hold the step or the result.",
    ko="정수만 나왔습니다. 정수 배열에는 스텝도 결과도 담을 수 없습니다.",
)
NOT_DIVIDED = Text(en="the difference is not divided by the step.", ko="차이를 스텝으로 나누지 않았습니다.")
TIMES_H = Text(
    en="the difference is multiplied by the step: a / 2 * h is not a / (2 * h).",
    ko="차이에 스텝을 곱했습니다. a / 2 * h는 a / (2 * h)가 아닙니다.",
)
ALMOST_ZERO = Text(
    en="every entry is almost zero: is the result filled in, and is the difference divided by the step?",
    ko="모든 원소가 거의 0입니다. 결과를 채웠습니까? 차이를 스텝으로 나누었습니까?",
)
OTHER_STEPS = Text(
    en="the step is scaled by the largest entry of x; use h, or h max(1, |x_i|) with the coordinate's own entry.",
    ko="x의 가장 큰 원소를 스텝에 곱했습니다. h나, 그 좌표의 원소만 보는 h max(1, |x_i|)를 쓰십시오.",
)
AT_AN_AXIS = np.array([0.6, 0.0, -0.9])
FAR_IN_ONE = np.array([0.4, -0.7, 40.0])
SMALL_ON_AN_AXIS = Text(en="an x with an entry 0, f times 1e-15", ko="원소 하나가 0인 x, 1e-15를 곱한 f")
NOT_THE_SAME = Text(en=" differs from x in the last digits.", ko=": x와 마지막 자리가 다릅니다.")
MOVED_BACK = Text(
    en="x was moved in place and moved back, and x + h - h is not always x: work on a copy.",
    ko="x를 그 자리에서 옮겼다가 되돌렸습니다. x + h - h가 늘 x인 것은 아닙니다. 복사본으로 계산하십시오.",
)
WHOLE_NUMBERS = Text(en="whole numbers in x", ko="정수로 이루어진 x")
DEFAULT_STEP = Text(
    en="this is the result for the default step; use the h that is given.",
    ko="기본 스텝의 결과입니다. 받은 h를 쓰십시오.",
)


# E0.3 complex_step


def cubic(x, xp=np):  # noqa: ARG001, called like the others
    """A function of 2 numbers whose complex step has a closed form for every h."""
    return x[0] ** 3 * x[1] + 2 * x[1] ** 3


def oscillating(x, xp=np):
    """A function of 2 numbers that bends a million times as much as it rises; both partial derivatives are positive."""
    return xp.sin(1000 * x[0]) + 300 * xp.exp(x[1]) * (1 + x[0])


@by_hand
def e0_3_values(complex_step):
    """The gradient to the last digits, of functions with partial derivatives of both signs."""
    for f, n in [(crossed, 3), (single, 1), (chained, 5)]:
        x = _inside(n, seed=310 + n)
        _assert_to_the_last_digit(complex_step(_callback(f), x.copy()), f, x, about=_numbers(n))
    result = complex_step(_callback(small), AT_AN_AXIS.copy())
    _assert_to_the_last_digit(result, small, AT_AN_AXIS, about=SMALL_ON_AN_AXIS)
    if np.iscomplexobj(value(result)):
        raise CheckFailed(COMPLEX_NUMBERS)


@by_hand
def e0_3_steps(complex_step):
    """A function that a step of 1e-8 is too long for, a step of 1e-200, and one of 0.1 that leaves its trace."""
    x = np.array([0.6912, 0.4])
    _assert_to_the_last_digit(
        complex_step(_callback(oscillating), x.copy()),
        oscillating,
        x,
        about=Text(en="a function that contains sin(1000 x1)", ko="sin(1000 x1)가 들어 있는 함수"),
    )
    _assert_to_the_last_digit(
        complex_step(_callback(oscillating), x.copy(), 1e-200),
        oscillating,
        x,
        about=Text(en="h = 1e-200", ko="h = 1e-200"),
    )
    (a, b), h = (1.3, 0.7), 0.1
    gradient, trace = np.array([3 * a**2 * b, a**3 + 6 * b**2]), h**2 * np.array([b, 2.0])
    assert_matches(
        complex_step(_callback(cubic), np.array([a, b]), h),
        gradient - trace,
        about=Text(en=f"h = {h:g}", ko=f"h = {h:g}"),
        likely={DEFAULT_STEP: gradient},
    )


@by_hand
def e0_3_calls(complex_step):
    """One call for each coordinate: nothing is subtracted."""
    for n in (2, 4, 6):
        f, x = counted(_callback(linear), (n,), holomorphic=True), _inside(n, seed=320 + n)
        assert_matches(
            complex_step(f, x.copy()),
            reference.complex_step(_in_torch(linear), x),
            about=_numbers(n),
            rtol=ANY_METHOD,
        )
        assert_calls(
            f.calls,
            n,
            about=_calls_for(n),
            likely={
                Text(
                    en="the complex step subtracts nothing, so f(x) is not needed.",
                    ko="복소 스텝은 아무것도 빼지 않으므로 f(x)가 필요하지 않습니다.",
                ): n + 1,
            },
        )


@by_hand
def e0_3_inputs(complex_step):
    """Whole numbers give the derivatives of real ones, and x stays as it was."""
    for x in (np.array([1, -2, 3]), _inside(3, seed=330)):
        right = as_numbers(reference.complex_step(_in_torch(crossed), x))
        assert_pure(
            complex_step,
            _callback(crossed),
            x,
            check=lambda result, about, right=right: assert_matches(
                result,
                right,
                about=about,
                rtol=ANY_METHOD,
                likely={
                    Text(
                        en="only whole numbers came out: an array of integers cannot hold the result.",
                        ko="정수만 나왔습니다. 정수 배열에는 결과를 담을 수 없습니다.",
                    ): np.trunc(right)
                },
            ),
        )


COMPLEX_NUMBERS = Text(
    en="the numbers of your result are complex, with an imaginary part of 0; the gradient is real.",
    ko="결과의 수가 복소수형이고 허수부가 0입니다. 그래디언트는 실수입니다.",
)


def _assert_to_the_last_digit(result, f, x, *, about):
    """Compare in double precision, whatever precision the answer has."""
    right = as_numbers(reference.complex_step(_in_torch(f), x))
    assert_matches(
        as_answer(result, about=about).values,
        right,
        about=about,
        rtol=DOUBLE,
        likely={
            Text(
                en="the numbers are right to 7 digits only: single precision is used somewhere.",
                ko="7자리까지만 맞습니다. 어딘가에서 단정밀도를 쓰고 있습니다.",
            ): right.astype(np.float32),
            Text(en="the result is not divided by h.", ko="결과를 h로 나누지 않았습니다."): 1e-30 * right,
            Text(en="the sign is lost.", ko="부호가 사라졌습니다."): np.abs(right),
        },
    )


# E0.4 error_curve and best_h

CURVES = [
    ("sin(3x)", lambda x, xp=math: xp.sin(3 * x), lambda x, xp=math: 3 * xp.cos(3 * x), 0.2),
    ("1e-8 exp(2x)", lambda x, xp=math: 1e-8 * xp.exp(2 * x), lambda x, xp=math: 2e-8 * xp.exp(2 * x), -0.1),
    ("x^4 - 2x", lambda x, xp=math: x**4 - 2 * x, lambda x, xp=math: 4 * x**3 - 2, 0.7),
]
LONG_STEPS = np.array([1e-2, 0.1, 3e-4, 1e-3, 0.03])
SHORT_STEPS = np.logspace(-13, -10, 16)


@by_hand
def e0_4_curve(error_curve):
    """Truncation errors to 1 %, rounding errors by their order of magnitude."""
    for scheme in ("forward", "central"):
        for name, f, df, x in CURVES:
            right = as_numbers(reference.error_curve(f, _derivative_in_torch(df), x, LONG_STEPS, scheme))
            likely = {name: other(f, df, x, scheme, right) for name, other in CURVE_MISTAKES.items()}
            found = error_curve(f, df, x, LONG_STEPS.copy(), scheme)
            found = assert_shape(found, right.shape, about=_curve(name, scheme)).values
            for i, h in enumerate(LONG_STEPS):
                assert_matches(
                    found[i],
                    right[i],
                    about=_curve(name, scheme, h),
                    rtol=ONE_PERCENT,
                    likely={mistake: wrong[i] for mistake, wrong in likely.items()},
                )
    name, f, df, x = CURVES[0]
    for scheme in ("forward", "central"):
        found = error_curve(f, df, x, SHORT_STEPS.copy(), scheme)
        found = assert_shape(found, SHORT_STEPS.shape, about=_curve(name, scheme)).values
        share = np.abs(found * SHORT_STEPS).max() / (np.finfo(float).eps * abs(f(x)))
        for size, about in [(share, ROUNDING_MISSING), (1 / share, ROUNDING_TOO_LARGE)]:
            assert_at_least(size, 0.003, about=about)


def _in_relation_to(part):
    return lambda f, df, x, scheme, right: right / part(f, df, x)


CURVE_MISTAKES = {
    Text(
        en="the error is divided by the derivative; the absolute error was asked for.",
        ko="오차를 도함수로 나누었습니다. 문제는 절대 오차를 묻습니다.",
    ): _in_relation_to(lambda f, df, x: abs(df(x))),
    Text(en="this is the error of the other scheme.", ko="다른 방법의 오차입니다."): lambda f, df, x, scheme, right: (
        as_numbers(
            reference.error_curve(
                f, _derivative_in_torch(df), x, LONG_STEPS, {"forward": "central", "central": "forward"}[scheme]
            )
        )
    ),
    Text(
        en="this is the logarithm; return the error itself.", ko="로그입니다. 오차 자체를 돌려주십시오."
    ): lambda f, df, x, scheme, right: np.log10(right),
    Text(
        en="this is the quotient; subtract the derivative from it.", ko="차분 몫입니다. 여기에서 도함수를 빼십시오."
    ): lambda f, df, x, scheme, right: df(x) + right,
}
ROUNDING_MISSING = Text(
    en="steps from 1e-13 to 1e-10: the largest error, in units of the rounding error of f divided by h,",
    ko="1e-13부터 1e-10까지의 스텝: 가장 큰 오차를 f의 반올림 오차 나누기 h로 잰 값",
)
ROUNDING_TOO_LARGE = Text(
    en="steps from 1e-13 to 1e-10: the rounding error of f divided by h, in units of the largest error,",
    ko="1e-13부터 1e-10까지의 스텝: f의 반올림 오차 나누기 h를 가장 큰 오차로 잰 값",
)


@by_hand
def e0_4_best(best_h):
    """The step of the smallest error, in any order, with errors that are nan, and with an error of exactly 0."""
    for steps, errors, h, about in BEST_STEPS:
        _assert_best(best_h(np.array(steps), np.array(errors)), steps, errors, h, about=about)
    steps, errors, h, _ = SOME_NAN
    assert_pure(
        best_h,
        np.array(steps),
        np.array(errors),
        check=lambda result, about: _assert_best(result, steps, errors, h, about=about),
    )


def _assert_best(result, steps, errors, h, *, about):
    assert_matches(
        result,
        h,
        about=about,
        likely={
            Text(
                en="this is the smallest error; return its step.", ko="가장 작은 오차입니다. 그 스텝을 돌려주십시오."
            ): np.nanmin(errors),
            Text(
                en="this is a position in the array; return the step there.",
                ko="배열에서의 자리입니다. 그 자리의 스텝을 돌려주십시오.",
            ): float(np.nanargmin(errors)),
            Text(
                en="this is the step where an error is nan; argmin stops at the first nan.",
                ko="오차가 nan인 스텝입니다. argmin은 첫 번째 nan에서 멈춥니다.",
            ): steps[int(np.argmin(errors))] if np.isnan(errors).any() else -1.0,
            Text(
                en="this is the smallest step, not the step of the smallest error.",
                ko="가장 작은 스텝입니다. 오차가 가장 작은 스텝이 아닙니다.",
            ): min(steps),
        },
    )


_NAN = float("nan")
SOME_NAN = (
    [1e-12, 1e-3, 2e-5, 1e-9],
    [_NAN, 8e13, 9e11, 4e14],
    2e-5,
    Text(en="large errors, some of them nan", ko="오차가 크고 몇 개는 nan일 때"),
)
BEST_STEPS = [
    (
        [1e-3, 1e-6, 1e-9, 1e-12],
        [4e-4, 5e-7, 2e-8, 3e-5],
        1e-9,
        Text(en="steps from large to small", ko="큰 것부터 나열한 스텝"),
    ),
    (
        [3e-10, 2e-2, 7e-6, 4e-4, 5e-8],
        [7e-12, 6e-5, 1e-14, 8e-5, 3e-6],
        7e-6,
        Text(en="steps in no order", ko="순서가 없는 스텝"),
    ),
    SOME_NAN,
    (
        [1e-4, 1e-5, 1e-7],
        [2e-8, 0.0, 5e-9],
        1e-5,
        Text(en="an error of exactly 0", ko="오차 하나가 정확히 0일 때"),
    ),
]


# E0.5 gradient_ok


def product_of_two(x, xp=np):
    """A function of 3 numbers, coupled and curved."""
    return xp.exp(x[0] / 2) * xp.sin(x[1] + 0.4) + x[0] * x[2] + x[2] ** 2


def net_loss(x, xp=np):
    """The squared error of a tiny net with 5 parameters on 4 samples."""
    total = 0.0
    for a, b, y in [(0.5, -1.0, 0.3), (1.5, 0.7, -0.8), (-0.9, 1.2, 1.1), (0.2, 0.4, -1.4)]:
        total = total + (x[4] * xp.tanh(x[0] * a + x[1] * b + x[2]) + x[3] - y) ** 2
    return total


def valley(x, xp=np):
    """A curved valley in 4 dimensions."""
    return sum((1 - x[i]) ** 2 + 2 * (x[i + 1] - x[i] ** 2) ** 2 for i in range(3)) + xp.sin(x[0] * x[3])


def wide(x, xp=np):
    """A function of 4 numbers that changes over distances of about 100."""
    waves = [(100, 0.3), (150, 0.0), (200, 0.2), (80, 1.7)]
    return sum(height * xp.sin(entry / 100 + shift) for entry, (height, shift) in zip(x, waves, strict=True))


def long_sum(x, xp=np):
    """A function of 20 numbers, neighbours coupled."""
    return sum(xp.sin(entry + i) + 2 * entry for i, entry in enumerate(x)) + sum(
        x[i] * x[i + 1] / 4 for i in range(len(x) - 1)
    )


def stationary_in_one(x, xp=np):
    """A small function of 3 numbers, flat but not straight along the second where that is 0: differences are not 0."""
    return 2e-6 * (xp.exp(2 * x[1]) - 2 * x[1] + xp.sin(x[0]) + x[0] * x[2] + x[2])


def ignores_one(x, xp=np):
    """A function of 4 numbers that does not read the third."""
    return xp.exp(x[0] / 2) + x[0] * x[1] + 2 * x[1] + xp.sin(x[3])


def scaled(f, factor):
    """The function times a number."""
    return lambda x, xp=np: factor * f(x, xp)


def raised(f, constant):
    """The function plus a number."""
    return lambda x, xp=np: f(x, xp) + constant


def _one_entry(position, factor):
    def change(g):
        g[position] *= factor
        return g

    return change


def _last_entry(g):
    """An error of 3 thousandths of the largest entry, small beside the sum of many."""
    g[-1] += 0.003 * np.abs(g).max()
    return g


def _opposite(g):
    """An error of 1 % whose entries cancel: the sum stays."""
    error = 0.01 * np.abs(g).max()
    g[0] += error
    g[-1] -= error
    return g


def _sideways(g):
    """An error of 2 % at right angles to the gradient: the slope along it stays."""
    aside = np.zeros_like(g)
    aside[0], aside[1] = -g[1], g[0]
    return g + 0.02 * np.abs(g).max() * aside / np.abs(aside).max()


def _spoiling(change):
    """Make a wrong gradient of a right one by a change of its entries."""
    return lambda gradient, _: lambda p: change(gradient(p).copy())


def _only_at_zero(gradient, x):
    at_zero = gradient(np.zeros(len(x)))
    return lambda _: at_zero.copy()


def _wrong_near(gradient, x):
    return lambda p: gradient(p) * (1.1 if np.abs(np.asarray(p) - x).max() < 0.01 else 1.0)


RIGHT = (Text(en="a right gradient", ko="올바른 그래디언트"), lambda gradient, _: gradient)
SIGN = (Text(en="a gradient with the wrong sign", ko="부호가 반대인 그래디언트"), _spoiling(lambda g: -g))
ONE_SIGN = (
    Text(en="one entry with the wrong sign", ko="원소 하나만 부호가 반대인 그래디언트"),
    _spoiling(_one_entry(1, -1.0)),
)
TWICE_AS_LONG = (
    Text(en="a gradient of twice the length", ko="길이가 두 배인 그래디언트"),
    _spoiling(lambda g: 2 * g),
)
ZERO = (Text(en="a gradient of zeros", ko="모든 원소가 0인 그래디언트"), _spoiling(lambda g: 0 * g))
SLIGHTLY_LONG = (
    Text(en="a gradient too long by a thousandth", ko="천분의 일만큼 긴 그래디언트"),
    _spoiling(lambda g: 1.001 * g),
)
PERMUTED = (
    Text(en="the entries in another order", ko="원소의 순서가 바뀐 그래디언트"),
    _spoiling(lambda g: np.roll(g, 1)),
)
LAST_LONG = (
    Text(en="a large error in the last entry alone", ko="마지막 원소만 크게 틀린 그래디언트"),
    _spoiling(_one_entry(-1, 1.5)),
)
LAST_ENTRY = (Text(en="an error in the last entry alone", ko="마지막 원소만 틀린 그래디언트"), _spoiling(_last_entry))
NOT_A_NUMBER = (Text(en="a gradient that is nan", ko="nan인 그래디언트"), _spoiling(lambda g: np.nan * g))
OPPOSITE = (Text(en="two errors that cancel in the sum", ko="합에서는 사라지는 두 오차"), _spoiling(_opposite))
SIDEWAYS = (Text(en="an error at right angles to the gradient", ko="그래디언트에 수직인 오차"), _spoiling(_sideways))
AT_ZERO = (Text(en="a gradient that is right at x = 0 only", ko="x = 0에서만 맞는 그래디언트"), _only_at_zero)
HERE = (Text(en="a gradient that is wrong close to x only", ko="x 가까이에서만 틀린 그래디언트"), _wrong_near)
NEARBY = (
    Text(en="the gradient at a point nearby", ko="가까운 다른 점의 그래디언트"),
    lambda gradient, _: lambda p: gradient(p + 0.05),
)

ORDINARY = [
    (product_of_two, np.array([0.9, -1.6, 1.3]), Text(en="3 numbers", ko="수 3개")),
    (net_loss, np.array([0.7, -1.1, 0.4, 0.9, 1.3]), Text(en="the loss of a net", ko="신경망의 손실")),
]
SUBTLE = [
    (valley, np.array([1.4, -0.7, 0.6, 1.2]), Text(en="4 numbers", ko="수 4개")),
    (long_sum, np.linspace(-1.5, 1.5, 20), Text(en="20 numbers", ko="수 20개")),
]
FAR = np.array([-640.0, 1000.0, 270.0, 415.0])
SCALED = [
    (wide, FAR, Text(en="entries of x up to 1000", ko="크기가 1000까지인 x")),
    (scaled(valley, 1e8), SUBTLE[0][1], Text(en="f times 1e8", ko="f에 1e8을 곱했을 때")),
    (scaled(wide, 1e8), FAR, Text(en="x up to 1000, f times 1e8", ko="크기가 1000까지인 x, 1e8을 곱한 f")),
    (scaled(valley, 1e-8), SUBTLE[0][1], Text(en="f times 1e-8", ko="f에 1e-8을 곱했을 때")),
    (scaled(wide, 1e-8), FAR, Text(en="x up to 1000, f times 1e-8", ko="크기가 1000까지인 x, 1e-8을 곱한 f")),
    (raised(wide, 1000), FAR, Text(en="x up to 1000, 1000 added to f", ko="크기가 1000까지인 x, 1000을 더한 f")),
]
DEGENERATE = [
    (
        ignores_one,
        np.array([0.8, 1.1, -0.6, 0.5]),
        Text(en="f ignores one entry of x", ko="f가 읽지 않는 원소가 있을 때"),
    ),
    (ignores_one, np.array([0.0, 1.3, 0.0, -0.4]), Text(en="entries of x are 0", ko="x의 원소 가운데 0이 있을 때")),
]
STATIONARY = (
    stationary_in_one,
    np.array([0.9, 0.0, 1.4]),
    Text(en="f is stationary in one entry of x", ko="x의 원소 하나에 대한 편미분이 0일 때"),
)


@dataclass(frozen=True)
class Candidate:
    """A gradient in doubt.

    Args:
        f: the function.
        grad: the gradient in doubt.
        x: the point.
        is_right: whether it is the gradient of f there.
        about: a Text that names the case.
        likely: a Text on the probable mistake if it is judged wrongly, or None.
    """

    f: Callable
    grad: Callable
    x: np.ndarray
    is_right: bool
    about: Text
    likely: Text | None


@by_hand
def e0_5_mistakes(gradient_ok):
    """Right gradients are accepted; wrong signs, lengths, zeros and wrong points are not."""
    mistakes = [SIGN, ONE_SIGN, TWICE_AS_LONG, ZERO, NOT_A_NUMBER, AT_ZERO]
    _assert_judged(gradient_ok, _candidates(ORDINARY, mistakes, seed=501))


@by_hand
def e0_5_subtle(gradient_ok):
    """Right gradients are accepted; errors of a thousandth, of one entry, and errors that cancel are not."""
    mistakes = [SLIGHTLY_LONG, PERMUTED, LAST_ENTRY, OPPOSITE, SIDEWAYS, NEARBY, HERE]
    _assert_judged(gradient_ok, _candidates(SUBTLE, mistakes, seed=502))


@by_hand
def e0_5_scales(gradient_ok):
    """The same for large and small functions, and for points far away."""
    mistakes = [SLIGHTLY_LONG, LAST_ENTRY]
    _assert_judged(gradient_ok, _candidates(SCALED, mistakes, seed=503, if_refused=NO_SCALE, if_accepted=NO_SCALE))


@by_hand
def e0_5_inputs(gradient_ok):
    """An entry 0 of x or of the gradient does no harm; x is left alone and nothing else decides."""
    candidates = _candidates(DEGENERATE, [TWICE_AS_LONG, LAST_LONG], seed=504, if_refused=DIVIDED_BY_ZERO)
    candidates += _candidates([STATIONARY], [], seed=505, if_refused=DIVIDED_BY_ZERO)
    _assert_judged(gradient_ok, candidates)
    for candidate in shuffled(_candidates(ORDINARY[:1], [TWICE_AS_LONG, LAST_LONG], seed=506)):
        assert_pure(
            gradient_ok,
            _callback(candidate.f),
            candidate.grad,
            candidate.x,
            check=lambda result, about, candidate=candidate: assert_truth(result, candidate.is_right, about=about),
        )


def _candidates(problems, mistakes, *, seed, if_refused=None, if_accepted=None):
    """Two right gradients and one of each mistake for each function; a third of them come twice.

    Each has a factor and a point of its own, so that nothing is learned about one from the others.

    Args:
        problems: functions, points and Texts that name them.
        mistakes: Texts on the wrong gradients and what makes them.
        seed: of factors and points.
        if_refused: a Text on the probable mistake if a right one is refused.
        if_accepted: the same if a wrong one is accepted.
    """
    rng = np.random.default_rng(seed)
    candidates = []
    for f, x, about in problems:
        for kind in (RIGHT, RIGHT, *mistakes):
            name, make = kind
            own, point = scaled(f, rng.choice([-1, 1]) * rng.uniform(0.6, 1.6)), x * rng.uniform(0.9, 1.1, len(x))
            grad = make(_gradient(own), point)
            likely = if_refused if kind == RIGHT else if_accepted
            candidates.append(Candidate(own, grad, point, kind == RIGHT, about + ", " + name, likely))
    return candidates + candidates[::3]


def _assert_judged(gradient_ok, candidates):
    for candidate in shuffled(candidates):
        found = gradient_ok(_callback(candidate.f), candidate.grad, candidate.x.copy())
        assert_truth(found, candidate.is_right, about=candidate.about, likely=candidate.likely)


def _gradient(f):
    """The right gradient of a function, as a student's code calls it."""
    return lambda p: as_numbers(reference.complex_step(_in_torch(f), np.array(p, dtype=np.float64)))


NO_SCALE = Text(
    en="a tolerance, or a step, that fits numbers near 1 only; compare relative to the size of the gradient.",
    ko="허용 오차나 스텝이 1에 가까운 수에만 맞습니다. 그래디언트의 크기에 견주어 비교하십시오.",
)
DIVIDED_BY_ZERO = Text(
    en="something is divided by an entry that is 0, or by rounding; compare with the largest entry instead.",
    ko="0인 원소나 반올림 오차로 나누고 있습니다. 그 대신 가장 큰 원소와 견주십시오.",
)


# Inputs and the words that name them


def _inside(n, *, seed):
    """A point with entries between -1 and 1, where a step h and a step h max(1, |x_i|) are the same."""
    return np.random.default_rng(seed).uniform(-1.0, 1.0, n)


def _callback(f):
    return lambda x: f(np.asarray(x))


def _in_torch(f):
    return lambda x: f(x, torch)


def _derivative_in_torch(df):
    return lambda x: df(x, torch)


def _numbers(n):
    return Text(en=f"{n} numbers" if n > 1 else "1 number", ko=f"수 {n}개")


def _calls_for(n):
    return Text(en="calls of f for ", ko="f의 호출, ") + _numbers(n)


def _curve(name, scheme, h=None):
    return Text(en=f"f = {name}, {scheme}" + (f", h = {h:g}" if h else ""))
