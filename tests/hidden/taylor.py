"""Hidden checks of ps4-taylor: one function a test cell, named like its grade id."""

import itertools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.func import grad, hessian

from nbjudge.testing import CheckFailed, Text, by_hand, shuffled, there, unchanged
from solutions import taylor as reference
from tests.hidden.cases import normal, rotation, tensor
from tests.hidden.compare import (
    ANY_METHOD,
    DIFFERENCES,
    as_answer,
    as_numbers,
    assert_at_least,
    assert_left_alone,
    assert_matches,
    assert_pure,
    assert_shape,
    assert_slope,
    assert_word,
    parts,
)

DOUBLE = 1e-12
"""Relative tolerance where only some roundings of double precision are lost."""

STEPS = 2.0 ** -np.arange(3, 7)
"""Steps of a slope: so short that one power decides, so long that single precision still sees the error."""

# Functions that are no quadratics, with points and directions at which one power decides the error


@dataclass(frozen=True)
class Smooth:
    """A function, a point and a direction.

    Args:
        f: the function, written in torch.
        x0: the point, shape (n,).
        d: the direction, shape (n,).
    """

    f: Any
    x0: np.ndarray
    d: np.ndarray

    @property
    def about(self):
        """The number of inputs, in words."""
        return Text(en=f"{len(self.x0)} inputs" if len(self.x0) > 1 else "1 input", ko=f"입력 {len(self.x0)}개")


def single(x):
    """A function of 1 number."""
    return torch.exp(-x[0]) + x[0] ** 4


def coupled_two(x):
    """A function of 2 numbers."""
    return torch.exp(0.7 * x[0]) * torch.sin(x[1]) + x[0] ** 2 * x[1]


def coupled_three(x):
    """A function of 3 numbers, with products of all of them."""
    return torch.sin(x[0] * x[1]) + torch.exp(x[2] - 0.5 * x[0]) + x[1] ** 2 * x[2]


def chained_five(x):
    """A function of 5 numbers, each coupled to others."""
    return (
        torch.tanh(x[0] * x[1])
        + x[1] * x[2] ** 2
        + torch.exp(0.5 * x[3] - x[2])
        + torch.sin(x[4] * x[3])
        + x[0] * x[4] ** 2
    )


def straight(x):
    """A linear function, whose Hessian is zero."""
    return 2.0 * x[0] - 3.0 * x[1] + 0.5


def nearly_equal(x):
    """The difference of two numbers, bent: where they differ by 1e-8, single precision sees zero."""
    return (x[0] - x[1]) * (1 + x[0] * x[1])


def bowl(x):
    """A quadratic with its minimum at (1, -2, 0.5)."""
    u, v, w = x[0] - 1.0, x[1] + 2.0, x[2] - 0.5
    return 2 * u**2 + u * v + v**2 + 3 * w**2 - 0.5 * v * w


ONE = Smooth(single, np.array([0.7]), np.array([-1.0]))
TWO = Smooth(coupled_two, np.array([0.6, -0.4]), np.array([0.7, -0.9]))
THREE = Smooth(coupled_three, np.array([0.5, 0.9, -0.3]), np.array([-0.5, 0.6, -0.8]))
FIVE = Smooth(chained_five, np.array([0.4, -0.7, 0.6, 0.3, -0.8]), np.array([1.0, -0.2, -0.7, -0.5, -0.5]))


# E4.1 taylor


def e4_1_shape(taylor):
    """A number for one displacement, B numbers for B of them, whatever the order."""
    for case, order in shuffled(itertools.product((ONE, TWO, FIVE), (0, 1, 2))):
        n = len(case.x0)
        model = _model(taylor(there(case.f), tensor(case.x0), order), about=case.about)
        for shape in shuffled([(), (1,), (4,)]):
            batch = Text(en=f"a batch of {shape[0]}, ", ko=f"변위 {shape[0]}개, ") if shape else Text(en="")
            result = model(tensor(normal(*shape, n, seed=4100)))
            assert_shape(result, shape, about=_order(order) + batch + case.about)


def e4_1_slopes(taylor):
    """The remainder of the model of order 0, 1 and 2 falls like h, h^2 and h^3, and is the right one at a step."""
    for case in (THREE, TWO, FIVE):
        for order in (0, 1, 2):
            about = _order(order) + case.about
            model = _model(taylor(there(case.f), tensor(case.x0), order), about=about)
            values = [assert_shape(model(tensor(h * case.d)), (), about=about).values for h in STEPS]
            exact = [case.f(tensor(case.x0 + h * case.d)).numpy() for h in STEPS]
            _assert_order(np.abs(np.subtract(exact, values)), order + 1, about=about, likely=SLOPE_MISTAKES[order])
            right = reference.taylor(case.f, case.x0, order)(0.7 * case.d)
            assert_matches(model(tensor(0.7 * case.d)), right, about=about, rtol=DIFFERENCES)


def e4_1_values(taylor):
    """The value of the second-order model at displacements of some size."""
    for case, displacements in [
        (TWO, [[0.2, -0.3], [-0.5, 0.4], [1.2, -1.6]]),
        (THREE, [[0.3, -0.2, 0.4]]),
        (FIVE, [[0.4, 0.3, -0.2, 0.5, -0.3]]),
    ]:
        model = _model(taylor(there(case.f), tensor(case.x0), 2), about=case.about)
        for dx in displacements:
            _assert_model(model(tensor(dx)), case, dx, about=_order(2) + case.about)


def e4_1_inputs(taylor):
    """Rows of a batch, no displacement, a long one and a linear function; the point is left alone."""
    x0, batch = np.array([0.3, 0.4, -0.2]), normal(4, 3, seed=4110)
    right = as_numbers(reference.taylor(bowl, x0, 2)(batch))
    model = _model(taylor(there(bowl), tensor(x0), 2), about=A_QUADRATIC)
    assert_matches(
        model(tensor(batch)),
        right,
        about=A_QUADRATIC + Text(en=", a batch of 4 displacements", ko=", 변위 4개로 이루어진 배치"),
        rtol=DIFFERENCES,
        likely={
            Text(en="the sum over the batch stands in every row.", ko="모든 행에 배치의 합이 있습니다."): np.full(
                4, right.sum()
            ),
        },
    )
    for dx, about in [(np.zeros(3), ", dx = 0"), (np.array([300.0, -200.0, 100.0]), ", dx = (300, -200, 100)")]:
        assert_matches(model(tensor(dx)), bowl(tensor(x0 + dx)), about=A_QUADRATIC + about, rtol=DIFFERENCES, scale=1.0)
    x = [1.0 + 1e-8, 1.0]
    for order in (0, 1, 2):
        about = _order(order) + Text(en="f(x0) = 2e-8 and dx = 0", ko="f(x0) = 2e-8, dx = 0")
        assert_matches(
            _model(taylor(there(nearly_equal), tensor(x), order), about=about)(tensor([0.0, 0.0])),
            nearly_equal(tensor(x)),
            about=about,
            rtol=DIFFERENCES,
            likely={IN_SINGLE_PRECISION: 0.0},
        )
    line = _model(taylor(there(straight), tensor([0.3, -0.8]), 2), about=A_LINE)
    assert_matches(line(tensor([0.5, 2.0])), straight(tensor([0.8, 1.2])), about=A_LINE, rtol=DIFFERENCES)
    dx = np.array([0.2, -0.3, 1.0])
    for requires_grad in (False, True):
        named = Text(en=f"x0 with requires_grad={requires_grad}, ", ko=f"requires_grad={requires_grad}인 x0, ")
        assert_pure(
            taylor,
            there(bowl),
            tensor(x0, requires_grad=requires_grad),
            2,
            check=lambda model, about, named=named: assert_matches(
                _model(model, about=named + about)(tensor(dx)),
                bowl(tensor(x0 + dx)),
                about=named + about,
                rtol=DIFFERENCES,
                scale=1.0,
            ),
        )


A_QUADRATIC = Text(en="a quadratic f", ko="이차함수 f")
A_LINE = Text(en="a linear f", ko="일차함수 f")
IN_SINGLE_PRECISION = Text(
    en="in single precision f(x0) would be zero; keep the float64 of x0.",
    ko="단정밀도로 계산하면 f(x0)이 0이 됩니다. x0의 float64를 그대로 쓰십시오.",
)


def _assert_model(result, case, dx, *, about):
    x0, dx = tensor(case.x0), tensor(dx)
    value, slope, H = case.f(x0), grad(case.f)(x0) @ dx, hessian(case.f)(x0)
    bend = dx @ H @ dx / 2
    diagonal = H.diagonal() @ dx**2 / 2
    assert_matches(
        result,
        reference.taylor(case.f, x0, 2)(dx),
        about=about,
        rtol=DIFFERENCES,
        likely={
            Text(
                en="the second-order term is twice too large: where is the 1/2?",
                ko="2차 항이 두 배입니다. 1/2은 어디에 있습니까?",
            ): value + slope + 2 * bend,
            Text(
                en="only the diagonal of H is used; the mixed second derivatives belong to the model too.",
                ko="H의 대각 원소만 썼습니다. 혼합 이계도함수도 모델에 들어갑니다.",
            ): value + slope + diagonal,
            Text(
                en="each mixed second derivative is counted once; H_ij and H_ji both belong to the sum.",
                ko="혼합 이계도함수를 한 번씩만 셌습니다. H_ij와 H_ji가 모두 합에 들어갑니다.",
            ): value + slope + diagonal + (bend - diagonal) / 2,
            Text(
                en="H is taken at x0 + dx; every derivative of the model is taken at x0.",
                ko="H를 x0 + dx에서 구했습니다. 모델의 모든 도함수는 x0에서 구합니다.",
            ): value + slope + dx @ hessian(case.f)(x0 + dx) @ dx / 2,
            Text(en="the first-order term has the wrong sign.", ko="1차 항의 부호가 반대입니다."): value - slope + bend,
            Text(en="the first-order term is counted twice.", ko="1차 항을 두 번 더했습니다."): value
            + 2 * slope
            + bend,
            Text(en="the second-order term is missing.", ko="2차 항이 없습니다."): value + slope,
            Text(en="f(x0) is missing.", ko="f(x0)이 없습니다."): slope + bend,
            Text(
                en="this is f(x0 + dx) itself; a model uses derivatives at x0 only.",
                ko="f(x0 + dx) 자체입니다. 모델은 x0에서의 도함수만 씁니다.",
            ): case.f(x0 + dx),
            Text(
                en="the model takes a displacement, not a point: do not subtract x0 from it.",
                ko="모델은 점이 아니라 변위를 받습니다. 거기에서 x0을 빼지 마십시오.",
            ): reference.taylor(case.f, x0, 2)(dx - x0),
        },
    )


def _assert_order(errors, order, *, about, likely):
    """Fail unless errors at the steps `STEPS` fall like a power of the step."""
    if not (errors > 0).all():
        raise CheckFailed(about + NO_REMAINDER)
    slope = np.polyfit(np.log(STEPS), np.log(errors), 1)[0]
    assert_slope(slope, order, about=about + OF_THE_REMAINDER, likely=likely)


def _model(result, *, about):
    """The model, which must be a function."""
    if not callable(result):
        raise CheckFailed(about + NO_FUNCTION)
    return result


def _order(order):
    return Text(en=f"order {order}, ", ko=f"{order}차 모델, ")


NO_FUNCTION = Text(
    en=": a model is a function of the displacement; return a function, not its values.",
    ko=": 모델은 변위의 함수입니다. 값이 아니라 함수를 돌려주십시오.",
)
OF_THE_REMAINDER = Text(en=", log-log plot of the remainder", ko=", 나머지항의 로그-로그 그래프")
NO_REMAINDER = Text(
    en=": a remainder is zero or negative; a model is no copy of f, and a remainder is an absolute value.",
    ko=": 0이거나 음수인 나머지항이 있습니다. 모델은 f의 사본이 아니고, 나머지항은 절댓값입니다.",
)
WRONG_BEND = Text(
    en="the remainder falls like h^2: the second-order term is wrong or missing. Check the 1/2 and the whole H.",
    ko="나머지항이 h^2처럼 줄어듭니다. 2차 항이 틀렸거나 없습니다. 1/2과 H 전체를 확인하십시오.",
)
WRONG_SLOPE = Text(
    en="the remainder falls like h: the gradient term is wrong or missing.",
    ko="나머지항이 h처럼 줄어듭니다. 그래디언트 항이 틀렸거나 없습니다.",
)
NOT_EVEN_VALUE = Text(
    en="the remainder does not shrink: the model does not start from f(x0).",
    ko="나머지항이 줄어들지 않습니다. 모델이 f(x0)에서 출발하지 않습니다.",
)
HOLDS_THE_GRADIENT = Text(
    en="the remainder falls like h^2: the model holds the gradient term already. Look at `order`.",
    ko="나머지항이 h^2처럼 줄어듭니다. 모델에 그래디언트 항이 벌써 들어 있습니다. `order`를 확인하십시오.",
)
HOLDS_THE_HESSIAN = Text(
    en="the remainder falls like h^3: the model holds the second-order term already. Look at `order`.",
    ko="나머지항이 h^3처럼 줄어듭니다. 모델에 2차 항이 벌써 들어 있습니다. `order`를 확인하십시오.",
)
SLOPE_MISTAKES = [
    {NOT_EVEN_VALUE: 0, HOLDS_THE_GRADIENT: 2, HOLDS_THE_HESSIAN: 3},
    {NOT_EVEN_VALUE: 0, WRONG_SLOPE: 1, HOLDS_THE_HESSIAN: 3},
    {NOT_EVEN_VALUE: 0, WRONG_SLOPE: 1, WRONG_BEND: 2},
]


# E4.2 seed_example and seed_example_reason


def e4_2_values(seed_example):
    """Both numbers to 12 digits: the model of a quadratic is the quadratic."""
    found = parts(seed_example(), ("exact", "approx"), about=THE_EXAMPLE)
    for name, part, right in zip(("exact", "approx"), found, reference.seed_example(), strict=True):
        about = THE_EXAMPLE + f", {name}"
        assert_matches(
            as_answer(part, about=about).values,  # in double precision, whatever precision the answer has
            right,
            about=about,
            rtol=DOUBLE,
            likely={
                Text(
                    en="the numbers are right to 7 digits only: single precision is used somewhere.",
                    ko="7자리까지만 맞습니다. 어딘가에서 단정밀도를 쓰고 있습니다.",
                ): np.float32(1.1) ** 2 + np.float32(1.1) * np.float32(1.2) + np.float32(1.2) ** 2,
                Text(
                    en="the second-order term is twice too large: where is the 1/2?",
                    ko="2차 항이 두 배입니다. 1/2은 어디에 있습니까?",
                ): 4.04,
                Text(en="the second-order term is missing.", ko="2차 항이 없습니다."): 3.9,
                Text(en="this is the value at (1, 1).", ko="(1, 1)에서의 값입니다."): 3.0,
                Text(
                    en="the model itself was asked for, not its error.",
                    ko="오차가 아니라 모델의 값을 묻습니다.",
                ): 0.0,
            },
        )


def e4_2_reason(seed_example_reason):
    """One of the words of the docstring: what would make the error vanish at any displacement?"""
    assert_word(
        seed_example_reason(),
        reference.seed_example_reason(),
        about=Text(en="the reason", ko="이유"),
        likely={
            Text(
                en="with dx = (100, 200) the error still vanishes.", ko="dx = (100, 200)에서도 오차가 사라집니다."
            ): "small_dx",
            Text(
                en="rounding makes an error, it does not remove one: in exact arithmetic the error is zero too.",
                ko="반올림은 오차를 만들 뿐 없애지 않습니다. 정확한 계산에서도 오차는 0입니다.",
            ): "rounding",
        },
    )


THE_EXAMPLE = Text(en="x1^2 + x1 x2 + x2^2 around (1, 1)")


# E4.3 remainders


def e4_3_remainders_shape(remainders):
    """One remainder for each step, one step included."""
    for case, k in shuffled(itertools.product((ONE, THREE), (1, 2, 3, 4))):
        hs = tensor(0.1 + np.arange(k) / 10)
        result = remainders(there(case.f), tensor(case.x0), tensor(case.d), hs, 2)
        assert_shape(result, (k,), about=Text(en=f"{k} steps, ", ko=f"스텝 {k}개, ") + case.about)


def e4_3_remainders_first(remainders):
    """The absolute errors of the models of order 0 and 1."""
    for case in (TWO, FIVE):
        for order in (0, 1):
            result = remainders(there(case.f), tensor(case.x0), tensor(case.d), tensor(LINE), order)
            _assert_remainders(result, case, LINE, order, about=_order(order) + case.about)


def e4_3_remainders_second(remainders):
    """The absolute errors of the model of order 2, of functions whose Hessians are full; one step is negative."""
    hs = np.append(LINE, -0.4)
    for case in (TWO, THREE, FIVE):
        result = remainders(there(case.f), tensor(case.x0), tensor(case.d), tensor(hs), 2)
        _assert_remainders(result, case, hs, 2, about=_order(2) + case.about)


def e4_3_remainders_inputs(remainders):
    """Steps in any order and of both signs, a long direction; the arguments are left alone."""
    hs = np.array([0.2, -0.4, 0.1, 0.3, -0.2])
    result = remainders(there(coupled_three), tensor(THREE.x0), tensor(THREE.d), tensor(hs), 1)
    about = Text(en="steps in any order and of both signs", ko="순서와 부호가 섞인 스텝")
    _assert_remainders(result, THREE, hs, 1, about=about)
    far = Smooth(coupled_two, TWO.x0, 20.0 * TWO.d)
    result = remainders(there(far.f), tensor(far.x0), tensor(far.d), tensor(hs / 20), 1)
    _assert_remainders(result, far, hs / 20, 1, about=Text(en="a d of length 23", ko="길이가 23인 d"))
    away = Smooth(bowl, THREE.x0, 1e17 * THREE.d)  # whoever moves x0 there and back does not arrive where x0 was
    assert_pure(
        remainders,
        there(away.f),
        tensor(away.x0),
        tensor(away.d),
        tensor(hs),
        1,
        check=lambda result, about: _assert_remainders(result, away, hs, 1, about=about),
    )


LINE = np.array([0.5, 0.3, 0.2, 0.1])


def _assert_remainders(result, case, hs, order, *, about):
    right = as_numbers(reference.remainders(case.f, case.x0, case.d, hs, order))
    exact = np.array([float(case.f(tensor(case.x0 + h * case.d))) for h in hs])
    x0, d = tensor(case.x0), tensor(case.d)
    first, H = hs * float(grad(case.f)(x0) @ d), hessian(case.f)(x0)
    bend, diagonal = hs**2 * float(d @ H @ d) / 2, hs**2 * float(H.diagonal() @ d**2) / 2
    start, model = float(case.f(x0)), exact - (0, first, first + bend)[order]
    mistakes = {
        Text(
            en="the errors are divided by the values of f; the absolute errors were asked for.",
            ko="오차를 f의 값으로 나누었습니다. 문제는 절대 오차를 묻습니다.",
        ): right / np.abs(exact),
        Text(
            en="the direction is divided by its length; use d as it is given.",
            ko="방향을 길이로 나누었습니다. 받은 d를 그대로 쓰십시오.",
        ): reference.remainders(case.f, case.x0, case.d / np.linalg.norm(case.d), hs, order),
        Text(
            en="the remainders are sorted; keep them in the order of the steps.",
            ko="나머지항이 정렬되어 있습니다. 스텝의 순서를 지키십시오.",
        ): np.sort(right)[::-1],
        Text(en="take the absolute value.", ko="절댓값을 취하십시오."): start - model,
    }
    if order > 0:
        mistakes[Text(en="the gradient term has the wrong sign.", ko="그래디언트 항의 부호가 반대입니다.")] = np.abs(
            exact - start + first - (bend if order > 1 else 0)
        )
    if order > 1:
        mistakes[
            Text(
                en="the second-order term is twice too large: where is the 1/2?",
                ko="2차 항이 두 배입니다. 1/2은 어디에 있습니까?",
            )
        ] = np.abs(exact - start - first - 2 * bend)
        mistakes[Text(en="only the diagonal of H is used.", ko="H의 대각 원소만 썼습니다.")] = np.abs(
            exact - start - first - diagonal
        )
        mistakes[
            Text(
                en="the second-order term has the sign of h; h^2 is positive for a negative step too.",
                ko="2차 항이 h의 부호를 따릅니다. 스텝이 음수여도 h^2은 양수입니다.",
            )
        ] = np.abs(exact - start - first - np.sign(hs) * bend)
    else:
        mistakes[
            Text(
                en="this is the remainder of order 2; look at `order`.",
                ko="2차 모델의 나머지항입니다. `order`를 확인하십시오.",
            )
        ] = np.abs(exact - start - first - bend)
    assert_matches(result, right, about=about, rtol=DIFFERENCES, likely=mistakes)


# E4.3 observed_order


def e4_3_order_powers(observed_order):
    """Exact powers of steps in several scales and orders; errors may also grow as the step falls."""
    cases = [
        (3.0, 1.0, 2.0 ** -np.arange(1, 7)),
        (2.2, 4e-9, 0.3 * 3.0 ** -np.arange(5)),
        (0.8, 7e6, 0.01 * 2.0 ** np.arange(6)),
        (4.4, 0.2, np.array([0.5, 0.25, 0.05, 0.02])),
        (1.5, 30.0, np.array([0.4, 0.1])),
        (-1.0, 3e-4, 0.1 * 2.0 ** -np.arange(5)),
    ]
    for order, size, hs in shuffled(cases):
        errs = size * hs**order
        assert_slope(
            observed_order(tensor(hs), tensor(errs)),
            order,
            about=Text(en=f"exact powers at {len(hs)} steps", ko=f"스텝 {len(hs)}개에서의 거듭제곱"),
            likely=_order_mistakes(order),
        )


def e4_3_order_floor(observed_order):
    """Zeros and the floor of rounding are left out, in relation to the largest error; the arguments are left alone."""
    hs = 2.0 ** -np.arange(2, 10)
    noise = np.array([3e-16, 8e-16, 1e-16])
    for size, order in shuffled(itertools.product((1.0, 1e8, 1e-55), (1.8, 3.1))):
        errs = size * hs**order
        with_floor = np.concatenate([errs[:-3], noise * errs.max()])
        with_zeros = np.concatenate([errs[:-3], np.zeros(3)])
        all_of_them = np.polyfit(np.log(hs), np.log(with_floor), 1)[0]
        for name, steps, errors in shuffled(
            [
                (Text(en="the last errors are zero", ko="마지막 오차가 0일 때"), hs, with_zeros),
                (Text(en="the last errors are rounding", ko="마지막 오차가 반올림일 때"), hs, with_floor),
                (Text(en="the first errors are rounding", ko="처음 오차가 반올림일 때"), hs[::-1], with_floor[::-1]),
            ]
        ):
            found = observed_order(tensor(steps.copy()), tensor(errors.copy()))
            about = name + f", max {errs.max():.0e}"
            assert_slope(found, order, about=about, likely={FLOOR_COUNTED: all_of_them})
    errs = hs**2
    errs[[1, 4]] = 0.0, 2e-17
    among = Text(en="a zero and a rounding between the others, ", ko="0과 반올림이 사이에 낀 오차, ")
    assert_pure(
        observed_order,
        tensor(hs),
        tensor(errs),
        check=lambda result, about: assert_slope(result, 2.0, about=among + about),
    )
    about = Text(en="errors 1 and 1e-9", ko="오차 1과 1e-9")
    assert_slope(observed_order(tensor([1.0, 1e-3]), tensor([1.0, 1e-9])), 3.0, about=about)


def e4_3_order_few(observed_order):
    """Without a pair of errors there is no slope: nan."""
    hs, pair = 2.0 ** -np.arange(1, 6), Text(en="a pair of errors is left", ko="오차가 둘 남을 때")
    cases = [
        (np.zeros(5), None, Text(en="all errors are zero", ko="오차가 모두 0일 때")),
        (np.array([0.3, 0.0, 0.0, 0.0, 0.0]), None, Text(en="one error, zeros otherwise", ko="하나만 0이 아닌 오차")),
        (
            np.array([1e-3, 0.0, 2e-17, 1e-17, 0.0]),
            None,
            Text(en="one error, rounding otherwise", ko="하나만 빼고 반올림인 오차"),
        ),
        (np.array([0.0, 0.0, 0.0, 4.0, 1.0]), 2.0, pair),
        (np.array([1.0, 0.0, 1e-17, 1 / 8, 0.0]), 1.0, pair),
        (np.array([0.0, 9.0, 1e-16, 0.0, 1 / 9]), np.log2(81) / 3, pair),
    ]
    for errs, order, about in shuffled(cases):
        found = observed_order(tensor(hs), tensor(errs))
        if order is None:
            _assert_nan(found, about=about)
        else:
            assert_slope(found, order, about=about)


def _assert_nan(result, *, about):
    found = as_answer(result, about=about).values
    if found.shape != ():
        raise CheckFailed(about + Text(en=": a single number is expected.", ko=": 수 하나가 와야 합니다."))
    if not np.isnan(found):
        raise CheckFailed(
            about
            + Text(
                en=f": your result is {found:.4g}; a line needs a pair of points, see the docstring.",
                ko=f": 결과가 {found:.4g}입니다. 직선에는 점이 둘 필요합니다. 독스트링을 보십시오.",
            )
        )


def _order_mistakes(order):
    fall = Text(
        en="the slope has the wrong sign: errors fall as the step falls.",
        ko="기울기의 부호가 반대입니다. 스텝이 줄면 오차도 줄어듭니다.",
    )
    grow = Text(
        en="the slope has the wrong sign: these errors grow as the step falls, and the line goes down.",
        ko="기울기의 부호가 반대입니다. 여기에서는 스텝이 줄면 오차가 커지므로 직선이 내려갑니다.",
    )
    return {
        fall if order > 0 else grow: -order,
        Text(
            en="the axes are exchanged: the error belongs upright, the step along.",
            ko="축이 바뀌었습니다. 오차가 세로축, 스텝이 가로축입니다.",
        ): 1 / order,
    }


FLOOR_COUNTED = Text(
    en="the floor of rounding is counted: leave out errors below 1e-12 of the largest.",
    ko="반올림 바닥까지 셌습니다. 가장 큰 오차의 1e-12보다 작은 오차는 빼십시오.",
)


# E4.4 predict_order


@by_hand
def e4_4_smooth(predict_order):
    """Smooth functions: the first term that the model leaves out decides."""
    for case in shuffled(["generic", "even", "no_third"] * 4):
        assert_matches(
            predict_order(case),
            reference.predict_order(case),
            about=Text(en=case),
            rtol=1e-3,
            likely={
                Text(
                    en="this is the order of the model, not of its error.", ko="오차가 아니라 모델의 차수입니다."
                ): 2.0,
                Text(
                    en="the term of this order is zero here; look at the next one.",
                    ko="여기에서는 이 차수의 항이 0입니다. 다음 항을 보십시오.",
                ): 3.0 if case != "generic" else 4.0,
            },
        )


@by_hand
def e4_4_limits(predict_order):
    """A quadratic leaves no error, a kink has no second-order model worth its name."""
    for check in shuffled([_assert_no_error, _assert_order_at_a_kink] * 2):
        check(predict_order)


def _assert_no_error(predict_order):
    case = Text(en="quadratic")
    found = as_answer(predict_order("quadratic"), about=case).values
    if found.shape != () or not found == math.inf:
        raise CheckFailed(
            case + Text(en=": your answer is not right.", ko=": 답이 옳지 않습니다."),
            likely=Text(
                en="which power of h falls so fast that nothing is left? The docstring says which number means it.",
                ko="h의 몇 제곱이면 아무것도 남지 않습니까? 독스트링이 그 수를 알려 줍니다.",
            ),
        )


def _assert_order_at_a_kink(predict_order):
    assert_matches(
        predict_order("kink"),
        reference.predict_order("kink"),
        about=Text(en="kink"),
        rtol=1e-3,
        likely={
            Text(
                en="|x| has no second-order model at 0; whatever slope the model has, the error is a multiple of |h|.",
                ko="|x|에는 0에서의 2차 모델이 없습니다. 모델의 기울기를 무엇으로 잡든 오차는 |h|의 배수입니다.",
            ): 3.0,
        },
    )


# E4.5 newton_step and damped_newton


@dataclass(frozen=True)
class Descent:
    """A function with a start and its minimisers.

    Args:
        about: its name, for messages.
        f: the function, written in torch.
        start: shape (n,).
        steps: enough for a damped Newton method.
        minimisers: each of shape (n,).
        trap: a point where a method without damping may end, if there is one.
    """

    about: str
    f: Any
    start: np.ndarray
    steps: int
    minimisers: tuple
    trap: np.ndarray | None = None


def well(x):
    """Two minimisers with a saddle between them at (0.5, -1)."""
    a = (x[0] - 0.5) - 0.4 * (x[1] + 1.0)
    b = (x[1] + 1.0) + 0.3 * (x[0] - 0.5)
    return (a**2 - 1) ** 2 / 4 + (b - 0.2 * a**3) ** 2 / 2


def valley(x):
    """A curved valley with steep walls, on whose first full Newton steps f climbs."""
    return (1.4 - x[0]) ** 2 + 30 * (x[1] - x[0] ** 2) ** 2


def funnel(x):
    """A convex function on which full Newton steps overshoot ever further."""
    u = 1.5 * x[0] - x[1] + 0.3
    v = x[0] + 0.8 * x[1] - 2.0
    return torch.sqrt(1 + u**2) + torch.sqrt(1 + v**2)


_TO_WELL = np.array([0.5, -1.0])
_WELL_AXES = np.array([[1.0, -0.4], [0.3, 1.0]])
WELL = Descent(
    Text(en="a start near a saddle", ko="안장점 근처에서의 출발"),
    well,
    _TO_WELL + np.array([0.05, 0.4]),
    40,
    tuple(_TO_WELL + np.linalg.solve(_WELL_AXES, [a, 0.2 * a**3]) for a in (1.0, -1.0)),
    _TO_WELL,
)
VALLEY = Descent(
    Text(en="a curved valley", ko="굽은 골짜기"), valley, np.array([-1.2, 1.0]), 60, (np.array([1.4, 1.96]),)
)
FUNNEL = Descent(
    Text(en="a convex funnel", ko="볼록한 깔때기"),
    funnel,
    np.array([30.0, -20.0]),
    20,
    (np.linalg.solve([[1.5, -1.0], [1.0, 0.8]], [-0.3, 2.0]),),
)


def _lowered(problem):
    """The same problem with the function multiplied by 1e-6, which moves no minimum."""
    about = problem.about + Text(en=", f times 1e-6", ko=", f의 1e-6배")
    f = problem.f  # what is sent to a student is the function, without its minimisers
    return replace(problem, about=about, f=lambda x: 1e-6 * f(x))


def e4_5_newton_quadratic(newton_step):
    """One step solves a quadratic, whatever its condition number, its size and the distance."""
    for n, condition, size, distance in [
        (1, 1.0, 1e-6, 1.0),
        (2, 50.0, 1.0, 100.0),
        (4, 1e6, 1.0, 1.0),
        (5, 1e8, 1.0, 1.0),
    ]:
        H, centre = _bowl(n, condition, seed=4500 + n)
        H, start = size * H, centre + distance * normal(n, seed=4510 + n)
        assert_matches(
            newton_step(there(_quadratic(H, centre)), tensor(start)),
            centre,
            about=Text(
                en=f"a quadratic of {n} inputs, condition number {condition:g}, {size:g} in size, {distance:g} away",
                ko=f"입력 {n}개, 조건수 {condition:g}, 크기 {size:g}, 거리 {distance:g}인 이차함수",
            ),
            rtol=max(1e-6, 3e-11 * condition),  # a Hessian by differences of gradients is a fair answer
            scale=distance,
            likely=_newton_mistakes(H @ (start - centre), H, start),
        )


def e4_5_newton_values(newton_step):
    """One step, and one only, on functions that are no quadratics; a full one even where f climbs."""
    for f, x in CURVED:
        _assert_newton(newton_step(there(f), tensor(x)), f, x, about=Text(en=f"{len(x)} inputs", ko=f"입력 {len(x)}개"))
    x = np.array([1.2, 0.1])
    _assert_newton(
        newton_step(there(funnel), tensor(x)), funnel, x, about=Text(en="a step that climbs", ko="오르막으로 가는 걸음")
    )


def e4_5_newton_inputs(newton_step):
    """The point is left alone, may require a gradient, and is all that decides."""
    x = np.array([0.3, 0.4, -0.2])
    for requires_grad in (False, True):
        named = Text(en=f"x with requires_grad={requires_grad}, ", ko=f"requires_grad={requires_grad}인 x, ")
        assert_pure(
            newton_step,
            there(bowl),
            tensor(x, requires_grad=requires_grad),
            check=lambda result, about, named=named: _assert_newton(result, bowl, x, about=named + about),
        )


def e4_5_damped_shape(damped_newton):
    """The start and one row for each step, no step included."""
    for steps in shuffled([0, 1, 2, 4, 6, 9]):
        result = damped_newton(there(bowl), tensor([0.3, 0.4, -0.2]), steps)
        assert_shape(result, (steps + 1, 3), about=Text(en=f"{steps} steps", ko=f"스텝 {steps}번"))


def e4_5_damped_descends(damped_newton):
    """The first row is the start, f never increases from one row to the next, and at the end it is smaller."""
    for problem in (WELL, VALLEY, FUNNEL):
        _assert_goes_down(_descending(damped_newton, problem), problem)
    _descending(damped_newton, _lowered(FUNNEL))
    assert_pure(
        damped_newton,
        there(well),
        tensor(WELL.start),
        5,
        check=lambda result, about: _assert_start(assert_shape(result, (6, 2), about=about).values, WELL, about=about),
    )


def e4_5_damped_minimum(damped_newton):
    """The path ends at a minimiser, from near a saddle and along a curved valley, and small values are no minimum."""
    for problem in (WELL, VALLEY):
        result = damped_newton(there(problem.f), tensor(problem.start), problem.steps)
        last = _path(result, problem)[-1]
        nearest = min(problem.minimisers, key=lambda minimiser: np.abs(minimiser - last).max())
        traps = {} if problem.trap is None else {AT_THE_SADDLE: problem.trap}
        assert_matches(
            last,
            nearest,
            about=problem.about + Text(en=f", the last of {problem.steps} steps", ko=f", 스텝 {problem.steps}번의 끝"),
            rtol=1e-3,  # a damping that never vanishes converges slowly, and is a fair answer
            likely=traps | {NEVER_MOVED: problem.start},
        )
    low = _lowered(WELL)
    last = _path(damped_newton(there(low.f), tensor(low.start), low.steps), low)[-1]
    if not low.f(tensor(last)) < low.f(tensor(low.start)):  # all that is asked: damping by a constant is slow here
        raise CheckFailed(
            low.about + Text(en=": f is not smaller at the end.", ko=": f가 끝에서도 작아지지 않았습니다."),
            likely=NEVER_MOVED,
        )


def bent(x):
    """A function of 2 numbers with a positive definite Hessian."""
    return torch.exp(x[0] - 0.5 * x[1]) + x[0] ** 2 + 0.5 * x[1] ** 2 + 0.1 * x[1] ** 4


def logistic(x):
    """A loss of 3 weights, with a quadratic penalty."""
    z = torch.stack([x[0] - x[1], 2 * x[1] + 0.5 * x[2], x[2] - x[0], x[0] + x[1] + x[2]])
    return torch.nn.functional.softplus(-z).sum() + 0.3 * (x**2).sum()


CURVED = [(bent, np.array([0.8, -0.6])), (logistic, np.array([0.7, -1.2, 0.9])), (single, np.array([0.9]))]


def _assert_newton(result, f, x, *, about):
    at = tensor(x)
    assert_matches(
        result,
        reference.newton_step(f, x),
        about=about,
        rtol=DIFFERENCES,
        scale=1.0,
        likely=lambda: (
            _newton_mistakes(as_numbers(grad(f)(at)), as_numbers(hessian(f)(at)), x)
            | {
                Text(
                    en="this is the minimiser of f; a single step was asked for.",
                    ko="f의 최소점입니다. 문제는 한 걸음만 묻습니다.",
                ): reference.damped_newton(f, x, 8)[-1]
            }
        ),
    )


def _newton_mistakes(g, H, x):
    step = np.linalg.solve(H, g)
    return {
        Text(
            en="the step goes uphill: subtract the solution of H p = g.",
            ko="오르막으로 가는 걸음입니다. H p = g의 해를 빼십시오.",
        ): x + step,
        Text(en="this is the step alone; add it to x.", ko="걸음만 돌려주었습니다. x에 더하십시오."): -step,
        Text(en="this is the point x - g; the Hessian is not used.", ko="x - g입니다. 헤시안을 쓰지 않았습니다."): x
        - g,
        Text(
            en="only the diagonal of H is used; solve the whole system.",
            ko="H의 대각 원소만 썼습니다. 연립방정식 전체를 푸십시오.",
        ): x - g / np.diag(H),
        Text(en="H is multiplied where it should be divided by.", ko="H로 나눌 자리에서 곱했습니다."): x - H @ g,
    }


def _bowl(n, condition, *, seed):
    """A positive definite matrix with eigenvalues around one, and a centre."""
    axes = rotation(n, seed=seed)
    curvatures = np.logspace(-0.5, 0.5, n) ** np.log10(condition) if n > 1 else np.array([2.5])
    return axes @ np.diag(curvatures) @ axes.T, normal(n, seed=seed + 50)


def _quadratic(H, centre):
    H, centre = tensor(H), tensor(centre)
    return lambda x: (x - centre) @ H @ (x - centre) / 2 + 0.7


def _path(result, problem):
    """A path of the right shape; its values as an array."""
    return assert_shape(result, (problem.steps + 1, len(problem.start)), about=problem.about).values


def _assert_start(path, problem, *, about):
    assert_matches(
        path[0],
        problem.start,
        about=about + Text(en=", row 0", ko=", 행 0"),
        rtol=ANY_METHOD,
        likely={
            Text(
                en="row 0 is the last point: do all rows share one tensor that you change in place?",
                ko="행 0이 마지막 점과 같습니다. 모든 행이 제자리에서 바뀌는 한 텐서를 함께 쓰지 않습니까?",
            ): path[-1],
        },
    )


def _assert_descends(path, problem):
    values = np.array([float(problem.f(tensor(x))) for x in path])
    slack = 1e-6 * np.abs(values[0])
    assert_at_least(
        np.nan_to_num(-np.diff(values), nan=-np.inf).min(),
        -slack,
        about=problem.about
        + Text(en=", the smallest decrease of f between rows", ko=", 이웃한 두 행 사이에서 f가 가장 적게 줄어든 양"),
        spread=slack / 10,
        likely=Text(
            en="a full step may climb: shorten it until f does not increase.",
            ko="온전한 걸음은 오르막일 수 있습니다. f가 커지지 않을 때까지 줄이십시오.",
        ),
    )


def _descending(damped_newton, problem):
    """A path from the start along which f never increases; the start is left alone."""
    result, after = unchanged(damped_newton, there(problem.f), tensor(problem.start), problem.steps)
    path = _path(result, problem)
    _assert_start(path, problem, about=problem.about)
    _assert_descends(path, problem)
    assert_left_alone(after, (None, tensor(problem.start), None))
    return path


def _assert_goes_down(path, problem):
    start, end, bottom = (float(problem.f(tensor(x))) for x in (path[0], path[-1], problem.minimisers[0]))
    assert_at_least(
        (start - end) / (start - bottom),
        LEAST_DESCENT,
        about=problem.about + Text(en=", the share of the way down", ko=", 내려간 비율"),
        spread=LEAST_DESCENT / 5,
        likely=NEVER_MOVED,
    )


LEAST_DESCENT = 1e-4
"""Share of the way from the start down to the minimum that any descent makes, also by the smallest steps."""

AT_THE_SADDLE = Text(
    en="the path ends at the saddle: where an eigenvalue is negative, a Newton step is drawn to it.",
    ko="경로가 안장점에서 끝납니다. 음의 고윳값이 있으면 뉴턴 걸음은 안장점으로 끌려갑니다.",
)
NEVER_MOVED = Text(
    en="the path stays at the start: is the direction downhill at all?",
    ko="경로가 출발점에 머뭅니다. 방향이 내리막이기는 합니까?",
)


# E4.6 cubic_bound and trusted_radius


@by_hand
def e4_6_bound_values(cubic_bound):
    """The bound to 12 digits, at small and large distances."""
    for M3, r in [(2.0, 0.5), (0.3, 3.0), (7.0, 1e-3), (1.4e4, 0.2), (5.0, 1e3)]:
        assert_matches(
            cubic_bound(M3, r),
            reference.cubic_bound(M3, r),
            about=Text(en=f"M3 = {M3:g}, r = {r:g}"),
            rtol=DOUBLE,
            likely={
                Text(en="divide by 6, that is 3!.", ko="6, 곧 3!로 나누십시오."): M3 * r**3 / 2,
                Text(en="the factor 1/6 is missing.", ko="인수 1/6이 없습니다."): M3 * r**3,
                Text(en="divide by 3! = 6, not by 3.", ko="3이 아니라 3! = 6으로 나누십시오."): M3 * r**3 / 3,
                Text(
                    en="this is a term of second order; the first term left out is of third order.",
                    ko="2차 항입니다. 처음으로 빠진 항은 3차입니다.",
                ): M3 * r**2 / 6,
                Text(en="M3 appears to a power.", ko="M3이 거듭제곱되어 있습니다."): (M3 * r) ** 3 / 6,
            },
        )


@by_hand
def e4_6_bound_holds(cubic_bound):
    """No remainder is larger at 1,000 points, the extremal cubic attains it, and no third derivatives give zero."""
    w, x0 = np.array([1.1, -0.6, 0.8]), np.array([0.4, 0.2, -0.5])
    M3 = float(np.linalg.norm(w) ** 3)
    displacements = normal(1000, 3, seed=4600) * np.linspace(0.05, 1.2, 1000)[:, None]
    at, along = w @ x0, displacements @ w
    errors = np.abs(np.sin(at + along) - np.sin(at) - np.cos(at) * along + np.sin(at) * along**2 / 2)
    about = Text(en="1,000 points around x0", ko="x0 둘레의 점 1,000개")
    bounds = [
        assert_shape(cubic_bound(M3, float(r)), (), about=about).values for r in np.linalg.norm(displacements, axis=1)
    ]
    too_large = errors > np.multiply(bounds, 1 + 1e-6) + 1e-6
    if too_large.any():
        share = too_large.mean()
        raise CheckFailed(
            about
            + Text(
                en=f": {share:.0%} of the remainders are larger than your bound.",
                ko=f": 나머지항의 {share:.0%}가 여러분의 한계보다 큽니다.",
            )
        )
    u = w / np.linalg.norm(w)  # f(x) = M3 (u x)^3 / 6 around 0: all terms of its model of order 2 are zero
    for M3, r in [(2.7, 1.3), (0.9, 2.2)]:
        attained = M3 * (u @ (r * u)) ** 3 / 6
        about = Text(
            en=f"the remainder of M3 (u x)^3 / 6, M3 = {M3:g}, r = {r:g}",
            ko=f"M3 (u x)^3 / 6의 나머지항, M3 = {M3:g}, r = {r:g}",
        )
        assert_matches(cubic_bound(M3, r), attained, about=about, rtol=ANY_METHOD)
    for M3, r in [(0.0, 2.0), (3.0, 0.0)]:
        about = Text(en=f"M3 = {M3:g}, r = {r:g}")
        assert_matches(cubic_bound(M3, r), 0.0, about=about, rtol=DOUBLE, scale=1.0)


@by_hand
def e4_6_radius_values(trusted_radius):
    """The distance at which the bound is the tolerance."""
    for M3, tol in [(2.0, 0.1), (0.3, 1e-6), (5e4, 1e-2), (48.0, 1.0)]:
        cube = 6 * tol / M3
        assert_matches(
            trusted_radius(M3, tol),
            reference.trusted_radius(M3, tol),
            about=Text(en=f"M3 = {M3:g}, tol = {tol:g}"),
            rtol=DOUBLE,
            likely={
                Text(en="take the cube root.", ko="세제곱근을 취하십시오."): cube,
                Text(
                    en="this is a square root; the bound is of third order.", ko="제곱근입니다. 한계는 3차입니다."
                ): math.sqrt(cube),
                Text(en="the factor 6 is missing.", ko="인수 6이 없습니다."): (tol / M3) ** (1 / 3),
                Text(en="the 6 belongs on the other side.", ko="6이 반대쪽에 있어야 합니다."): (tol / (6 * M3))
                ** (1 / 3),
                Text(en="M3 and tol are exchanged.", ko="M3과 tol이 바뀌었습니다."): (6 * M3 / tol) ** (1 / 3),
            },
        )


@by_hand
def e4_6_radius_limits(trusted_radius):
    """A model without third derivatives is trusted everywhere: inf; one with nearly none is not."""
    for M3, tol, radius in shuffled(
        [
            (0.0, 1e-6, math.inf),
            (0.0, 2.0, math.inf),
            (6e-9, 1.0, 1e3),
            (6e-30, 1.0, 1e10),
            (4e-9, 0.9, 1.35e9 ** (1 / 3)),
        ]
    ):
        about = Text(en=f"M3 = {M3:g}, tol = {tol:g}")
        if radius == math.inf:
            _assert_trusted_everywhere(trusted_radius(M3, tol), about=about)
        else:
            assert_matches(trusted_radius(M3, tol), radius, about=about, rtol=DOUBLE)


def _assert_trusted_everywhere(result, *, about):
    found = as_answer(result, about=about).values
    if found.shape != () or not found == math.inf:
        raise CheckFailed(
            about
            + Text(
                en=": your answer is not right. How far may you go if the error is always zero?",
                ko=": 답이 옳지 않습니다. 오차가 늘 0이면 얼마나 멀리 가도 됩니까?",
            )
        )


# E4.8 taylor3


def e4_8_values(taylor3):
    """The value to the last digits, for functions of one and of two numbers."""
    for case, d in [(ONE, [0.4]), (TWO, [0.3, -0.5]), (TWO, [-0.6, 0.2])]:
        x0, step = tensor(case.x0), tensor(d)
        right = reference.taylor3(case.f, x0, step)
        second = reference.taylor(case.f, x0, 2)(step)
        assert_matches(
            taylor3(there(case.f), x0, step),
            right,
            about=case.about,
            likely={
                Text(
                    en="the third-order term is divided by 3; 3! is 6.", ko="3차 항을 3으로 나누었습니다. 3!은 6입니다."
                ): second + 2 * (right - second),
                Text(en="the third-order term is not divided.", ko="3차 항을 나누지 않았습니다."): second
                + 6 * (right - second),
                Text(en="the third-order term is missing.", ko="3차 항이 없습니다."): second,
                Text(
                    en="this is the third-order term alone; the value of the whole model was asked for.",
                    ko="3차 항뿐입니다. 문제는 모델 전체의 값을 묻습니다.",
                ): right - second,
                Text(en="this is f(x0 + d) itself.", ko="f(x0 + d) 자체입니다."): case.f(x0 + step),
            },
        )


def e4_8_slope(taylor3):
    """With three inputs and more, the remainder falls like h^4."""
    for case in TANGLED:
        values = [
            assert_shape(taylor3(there(case.f), tensor(case.x0), tensor(h * case.d)), (), about=case.about).values
            for h in LONG_STEPS
        ]
        exact = [float(case.f(tensor(case.x0 + h * case.d))) for h in LONG_STEPS]
        errors = np.abs(np.subtract(exact, values))
        if not (errors > 0).all():
            raise CheckFailed(case.about + NO_REMAINDER)
        assert_slope(
            np.polyfit(np.log(LONG_STEPS), np.log(errors), 1)[0],
            4,
            about=case.about + OF_THE_REMAINDER,
            likely={
                Text(
                    en="the remainder falls like h^3: the third-order term is wrong or missing.",
                    ko="나머지항이 h^3처럼 줄어듭니다. 3차 항이 틀렸거나 없습니다.",
                ): 3.0
            },
        )


def e4_8_inputs(taylor3):
    """No displacement, functions without third derivatives; the arguments are left alone."""
    for f, x0, d, about in [
        (coupled_two, [0.6, -0.4], [0.0, 0.0], Text(en="d = 0")),
        (bowl, [0.3, 0.4, -0.2], [1.0, -2.0, 0.5], A_QUADRATIC),
        (straight, [0.3, -0.8], [0.5, 2.0], A_LINE),
    ]:
        assert_matches(taylor3(there(f), tensor(x0), tensor(d)), reference.taylor3(f, x0, d), about=about)
    x0, d = np.array([0.3, 0.4, -0.2]), np.array([1.0, -2.0, 0.5])
    right = reference.taylor3(bowl, x0, d)
    assert_pure(
        taylor3,
        there(bowl),
        tensor(x0),
        tensor(d),
        check=lambda result, about: assert_matches(result, right, about=about),
    )


def tangled_three(x):
    """A function of 3 numbers whose third derivative by all of them is not zero."""
    return torch.exp(0.5 * x[0] - x[1] + 0.8 * x[2]) * torch.cos(x[0] * x[2]) + torch.sin(x[1] * x[2])


def tangled_four(x):
    """A function of 4 numbers, with products of three of them."""
    return torch.sin(x[0] + 0.5 * x[1] * x[2]) * torch.exp(0.4 * x[3]) + x[0] * x[1] * x[3]


LONG_STEPS = 2.0 ** -np.arange(2, 5)
TANGLED = [
    Smooth(tangled_four, np.array([0.4, -0.7, 0.6, 0.3]), np.array([0.9, 0.8, 0.3, 0.9])),
    Smooth(tangled_three, np.array([0.4, 0.3, -0.5]), np.array([-0.6, 0.8, 0.9])),
]
