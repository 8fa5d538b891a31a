"""Hidden checks of ps2-backprop: one function a test cell, named like its grade id."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import torch

from nbjudge.testing import CheckFailed, Text, by_hand, counted, says, shuffled, there, unchanged, value
from solutions import backprop as reference
from tests.hidden.cases import normal, tensor
from tests.hidden.compare import (
    ANY_METHOD,
    DIFFERENCES,
    as_answer,
    as_numbers,
    assert_at_least,
    assert_calls,
    assert_matches,
    assert_pure,
    assert_shape,
    assert_word,
    parts,
)

# E2.1 chain_jacobian


def bend(x):
    """A map from R^3 to R^2 whose values are far from x."""
    return torch.stack([torch.sin(x[0]) * x[1] + x[2] ** 2 + 4, torch.exp(0.3 * x[0]) - x[1] * x[2] - 6])


def spread(y):
    """A map from R^2 to R^4."""
    return torch.stack([y[0] * y[1], torch.cos(y[0] - 2 * y[1]), y[0] ** 2 - y[1], 3 * y[1] + 0.5 * y[0]])


def widen(x):
    """A map from R^2 to R^5 whose values are far from x."""
    return torch.stack([x[0] * x[1] + 3, x[0] ** 2 - 4, torch.sin(x[1]) + 2, x[1] - 5, x[0] - x[1]])


def collect(y):
    """A map from R^5 to R^1, a vector with a single entry."""
    return (y[0] * y[1] + torch.tanh(y[2] - y[4]) + y[3] ** 2)[None]


def lift(x):
    """A map from R^1 to R^3."""
    return torch.stack([torch.sin(x[0]) + 2, x[0] ** 2 - 3, 4 * x[0] + 1])


def drop(y):
    """A map from R^3 to R^2."""
    return torch.stack([y[0] * y[2] - y[1], torch.exp(0.2 * y[1]) * y[0] + y[2] ** 2])


def swirl(x):
    """A map from R^2 to R^2 whose values are far from x."""
    return torch.stack([x[0] * x[1] + 3, x[0] - x[1] ** 2 - 4])


def twist(y):
    """A map from R^2 to R^2 whose Jacobian commutes with none of the others."""
    return torch.stack([y[0] ** 2 + 0.5 * y[1], y[0] * y[1] - y[1]])


def roll(x):
    """A map from R^3 to R^3 whose values are far from x."""
    return torch.stack([x[1] * x[2] - 3, x[0] + torch.sin(x[2]) + 4, x[0] * x[1] + 2])


def braid(y):
    """A map from R^3 to R^3."""
    return torch.stack([y[0] * y[1], y[2] ** 2 - y[0], torch.cos(y[1]) + 2 * y[2]])


OBLONG_CHAINS = [(spread, bend, (4, 2, 3)), (collect, widen, (1, 5, 2)), (drop, lift, (2, 3, 1))]
SQUARE_CHAINS = [(twist, swirl, (2, 2, 2)), (braid, roll, (3, 3, 3))]


def e2_1_shape(chain_jacobian):
    """As many rows as g has outputs, as many columns as f has inputs, one included."""
    for g, f, (m, k, n) in shuffled(2 * (OBLONG_CHAINS + SQUARE_CHAINS)):
        result = chain_jacobian(there(g), there(f), tensor(normal(n, seed=2100 + n)))
        assert_shape(result, (m, n), about=_composed(m, k, n))


def e2_1_values(chain_jacobian):
    """The product of both Jacobians, each at its own point; square ones show order and point."""
    for g, f, (m, k, n) in OBLONG_CHAINS + SQUARE_CHAINS:
        x = normal(n, seed=2110 + n)
        result = chain_jacobian(there(g), there(f), tensor(x))
        _assert_chain(result, g, f, x, about=_composed(m, k, n))


def e2_1_inputs(chain_jacobian):
    """The point is left alone and may require a gradient; only the arguments decide the result."""
    x = normal(3, seed=2120)
    for requires_grad in (False, True):
        assert_pure(
            chain_jacobian,
            there(spread),
            there(bend),
            tensor(x, requires_grad=requires_grad),
            check=lambda result, about: _assert_chain(result, spread, bend, x, about=about),
            grads=True,
        )


def _assert_chain(result, g, f, x, *, about):
    point = torch.as_tensor(x)
    right = reference.chain_jacobian(g, f, x)
    likely = {}
    (m, n), k = right.shape, len(f(point))
    if n == k:
        likely[J_G_AT_X] = torch.func.jacrev(g)(point) @ torch.func.jacrev(f)(point)
    if n == m:
        likely[WRONG_ORDER] = torch.func.jacrev(f)(point) @ torch.func.jacrev(g)(f(point))
    assert_matches(result, right, about=about, rtol=ANY_METHOD, likely=likely)


def _composed(m, k, n):
    sizes = f"n = {n}, k = {k}, m = {m}"
    return Text(en=sizes, ko=sizes)


J_G_AT_X = Text(
    en="the Jacobian of g is taken at x; g receives f(x), so it is taken there.",
    ko="g의 야코비안을 x에서 구했습니다. g가 받는 값은 f(x)이므로 그 점에서 구해야 합니다.",
)
WRONG_ORDER = Text(
    en="the factors are exchanged: the function that acts first stands on the right.",
    ko="곱의 순서가 바뀌었습니다. 먼저 작용하는 함수가 오른쪽에 옵니다.",
)


# E2.2 vjp


def far_bend(x):
    """The map `bend`, moved so far from zero that differences of it have no digits left."""
    return bend(x) + 1e20


MAPS = [(far_bend, 2, 3), (spread, 4, 2), (collect, 1, 5), (lift, 3, 1), (twist, 2, 2), (braid, 3, 3)]
"""Maps with the numbers of their outputs and inputs."""

LARGE = 20_000
MOST_PASSES = 8
SPENT = "more passes than one product needs"


def large_map():
    """A map from R^20000 to itself that mixes neighbours and refuses to be walked through again and again."""
    passes = []

    def spend(*_):
        passes.append(1)
        if len(passes) > MOST_PASSES:
            raise RuntimeError(SPENT)

    def f(x):
        spend()
        y = torch.sin(x) * torch.roll(x, 1) + 0.5 * torch.roll(x, -2) ** 2
        if y.requires_grad:
            y.register_hook(spend)
        return y

    return f


def e2_2_shape(vjp):
    """The product has the shape of x, whatever the number of outputs."""
    for f, m, n in shuffled(MAPS):
        result = vjp(there(f), tensor(normal(n, seed=2200 + n)), tensor(normal(m, seed=2205 + m)))
        assert_shape(result, (n,), about=_sizes(n, m))


def e2_2_values(vjp):
    """The product agrees with that of torch for random cotangents of several sizes, and far from zero."""
    for f, m, n in MAPS:
        x, v = normal(n, seed=2210 + n), normal(m, seed=2215 + m)
        for size in (1.0, 3.0, 1e12, 1e-12):
            _assert_vjp(vjp(there(f), tensor(x), tensor(size * v)), f, x, size * v, about=_sizes(n, m))


def e2_2_large(vjp):
    """20,000 inputs and outputs: the Jacobian does not fit, and a pass for each row is refused."""
    x, v = normal(LARGE, seed=2220), normal(LARGE, seed=2221)
    try:
        result = vjp(there(large_map()), tensor(x), tensor(v))
    except (RuntimeError, MemoryError) as error:
        if says(error, SPENT):
            raise CheckFailed(_TOO_MANY_PASSES) from None
        if says(error, "allocate"):
            raise CheckFailed(_TOO_LARGE) from None
        raise
    _assert_vjp(result, large_map(), x, v, about=_sizes(LARGE, LARGE))


def e2_2_inputs(vjp):
    """x, v and x.grad are left alone, whether or not x requires a gradient; only the arguments decide."""
    x, v = normal(3, seed=2230), normal(2, seed=2231)
    for requires_grad in (False, True):
        assert_pure(
            vjp,
            there(far_bend),
            tensor(x, requires_grad=requires_grad),
            tensor(v),
            check=lambda result, about: _assert_vjp(result, far_bend, x, v, about=about),
            grads=True,
        )
    point = tensor(x, requires_grad=True)
    point.grad = tensor(normal(3, seed=2232))
    _, (_, after, _) = unchanged(vjp, there(far_bend), point, tensor(v))
    if after.grad is None:
        raise CheckFailed(_GRAD_CLEARED)
    assert_matches(after.grad, point.grad, about=_GRAD_AFTER)


def _assert_vjp(result, f, x, v, *, about):
    m, n = len(v), len(x)
    likely = {
        Text(
            en="v is not used: the result is the gradient of the plain sum of all outputs.",
            ko="v를 쓰지 않았습니다. 결과가 출력의 단순한 합의 그래디언트입니다.",
        ): reference.vjp(f, x, np.ones(m)),
        Text(en="a mean over the outputs instead of a sum.", ko="출력을 더하지 않고 평균했습니다."): reference.vjp(
            f, x, v / m
        ),
    }
    if m == n:
        likely[
            Text(
                en="this is J v; the product v^T J carries v from the outputs to the inputs.",
                ko="결과가 J v입니다. v^T J는 v를 출력에서 입력으로 옮깁니다.",
            )
        ] = torch.func.jvp(f, (torch.as_tensor(x),), (torch.as_tensor(v),))[1]
    assert_matches(result, reference.vjp(f, x, v), about=about, likely=likely)


def _sizes(n, m):
    return Text(en=f"{n} inputs and {m} outputs", ko=f"입력 {n}개, 출력 {m}개")


_TOO_MANY_PASSES = Text(
    en="20000 inputs and outputs: your function went through f again and again; one reverse pass is enough.",
    ko="입력과 출력이 20000개일 때 f를 거듭 지나갔습니다. 역방향 패스 한 번이면 충분합니다.",
)
_GRAD_AFTER = Text(en="x.grad, which held numbers before the call", ko="호출 전에 수가 들어 있던 x.grad")
_GRAD_CLEARED = Text(
    en="x.grad held numbers before the call and is empty afterwards; leave it as it is and work on a copy.",
    ko="호출 전에 x.grad에 들어 있던 수가 사라졌습니다. x.grad를 그대로 두고 복사본으로 계산하십시오.",
)
_TOO_LARGE = Text(
    en="20000 inputs and outputs: memory ran out; a Jacobian of 3.2 GB must not be formed.",
    ko="입력과 출력이 20000개일 때 메모리가 모자랍니다. 3.2 GB인 야코비안을 만들지 않아야 합니다.",
)


# E2.3 Dual and jvp

A, B = (1.3, 0.7), (-2.1, 0.4)
"""Value and derivative of the two operands."""

ARITHMETIC = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a + 2": lambda a, b: a + 2,
    "2 + a": lambda a, b: 2 + a,
    "b - 1.5": lambda a, b: b - 1.5,
    "2 - a": lambda a, b: 2 - a,
    "a * 3": lambda a, b: a * 3,
    "0.5 * b": lambda a, b: 0.5 * b,
    "-a": lambda a, b: -a,
    "(2 - a) * (b + a * b)": lambda a, b: (2 - a) * (b + a * b),
    "a * a * a": lambda a, b: a * a * a,
}
QUOTIENTS = {
    "a / b": lambda a, b: a / b,
    "b / a": lambda a, b: b / a,
    "a / 4": lambda a, b: a / 4,
    "3 / b": lambda a, b: 3 / b,
    "1 / a": lambda a, b: 1 / a,
    "a ** 2": lambda a, b: a**2,
    "b ** 3": lambda a, b: b**3,
    "a ** -2": lambda a, b: a**-2,
    "a ** 0.5": lambda a, b: a**0.5,
}
FUNCTIONS = {
    "a.sin()": lambda a, b: a.sin(),
    "b.sin()": lambda a, b: b.sin(),
    "b.exp()": lambda a, b: b.exp(),
    "a.log()": lambda a, b: a.log(),
    "a.tanh()": lambda a, b: a.tanh(),
    "b.tanh()": lambda a, b: b.tanh(),
    "a.sin().exp()": lambda a, b: a.sin().exp(),
    "b.exp().log()": lambda a, b: b.exp().log(),
    "a.log().tanh()": lambda a, b: a.log().tanh(),
}
EXTREMES = [("sin", 200.0), ("exp", -30.0), ("exp", 40.0), ("log", 1e-3), ("log", 1e5), ("tanh", 5.0), ("tanh", -0.01)]

_TERM_A = Text(en="one term of the product rule is missing.", ko="곱의 미분법에서 항 하나가 빠졌습니다.")
_TERM_B = Text(en="the product rule has a second term.", ko="곱의 미분법에는 항이 하나 더 있습니다.")
_BOTH_DERIVS = Text(
    en="derivatives are multiplied with each other; each is multiplied by the other value.",
    ko="도함수끼리 곱했습니다. 도함수에는 상대의 값을 곱해야 합니다.",
)
_QUOTIENT_SIGN = Text(
    en="the quotient rule has a minus: (a' b - a b') / b^2.",
    ko="몫의 미분법에는 빼기가 있습니다: (a' b - a b') / b^2.",
)
_SWAPPED = Text(
    en="the operands are exchanged: 2 - x calls x.__rsub__(2), 1 / x calls x.__rtruediv__(1).",
    ko="두 항이 바뀌었습니다. 2 - x는 x.__rsub__(2)를, 1 / x는 x.__rtruediv__(1)을 부릅니다.",
)
_NO_INNER = Text(
    en="the outer derivative alone: multiply it by the derivative that comes in (chain rule).",
    ko="바깥 함수의 도함수뿐입니다. 들어온 도함수를 곱해야 합니다(연쇄법칙).",
)
_TANH_OF_X = Text(
    en="1 - x^2 with x instead of tanh(x).",
    ko="1 - x^2에 tanh(x)가 아니라 x를 넣었습니다.",
)
WRONG_DERIVS = {
    "a * b": {_TERM_A: A[1] * B[0], _TERM_B: A[0] * B[1], _BOTH_DERIVS: A[1] * B[1]},
    "2 - a": {_SWAPPED: A[1]},
    "a / b": {_QUOTIENT_SIGN: (A[1] * B[0] + A[0] * B[1]) / B[0] ** 2},
    "3 / b": {_SWAPPED: B[1] / 3},
    "1 / a": {_SWAPPED: A[1]},
    "a ** 2": {_NO_INNER: 2 * A[0]},
    "a.sin()": {_NO_INNER: np.cos(A[0])},
    "b.exp()": {_NO_INNER: np.exp(B[0])},
    "a.log()": {_NO_INNER: 1 / A[0]},
    "a.tanh()": {_NO_INNER: 1 - np.tanh(A[0]) ** 2, _TANH_OF_X: (1 - A[0] ** 2) * A[1]},
}


@by_hand
def e2_3_dual_arithmetic(Dual):
    """Sums, differences, products and signs; operands stay as they were, a derivative is 0 unless given."""
    _assert_operations(Dual, ARITHMETIC)
    _assert_dual(lambda: Dual(4.0), reference.Dual(4.0), case="Dual(4.0)")
    _assert_dual(lambda: Dual(4.0) * Dual(*A), reference.Dual(4.0) * reference.Dual(*A), case="Dual(4.0) * a")


@by_hand
def e2_3_dual_quotients(Dual):
    """Quotients with numbers on either side; powers with whole, negative and fractional exponents."""
    _assert_operations(Dual, QUOTIENTS)


@by_hand
def e2_3_dual_functions(Dual):
    """The four methods, alone, inside each other, and where differences would lose digits."""
    _assert_operations(Dual, FUNCTIONS)
    for name, point in EXTREMES:
        method = METHODS[name]
        _assert_dual(
            lambda method=method, point=point: method(Dual(point, -1.7)),
            method(reference.Dual(point, -1.7)),
            case=f"x.{name}(), x = {point:g}",
        )


METHODS = {
    "sin": lambda x: x.sin(),
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "tanh": lambda x: x.tanh(),
}


def _assert_operations(Dual, cases):
    """All cases with the same two objects, which must be unchanged in the end."""
    a, b = Dual(*A), Dual(*B)
    for case, operation in cases.items():
        right = operation(reference.Dual(*A), reference.Dual(*B))
        _assert_dual(lambda operation=operation: operation(a, b), right, case=case)
    _assert_dual(lambda: a, reference.Dual(*A), case="a, after all operations")
    _assert_dual(lambda: b, reference.Dual(*B), case="b, after all operations")


def _assert_dual(compute, right, *, case):
    """An operation gives an object with the value and the derivative of the right one."""
    try:
        result = compute()
        found = result.value, result.deriv
    except (TypeError, AttributeError):
        raise CheckFailed(Text(en=case, ko=case) + _NO_DUAL) from None
    for name, actual, expected in zip(("value", "deriv"), found, (right.value, right.deriv), strict=True):
        about = f"({case}).{name}"
        likely = WRONG_DERIVS.get(case, {}) if name == "deriv" else {}
        scale = 1.0 if not expected.any() else None
        about = Text(en=about, ko=about)
        exact = as_answer(actual, about=about).values  # in double precision, or differences of single precision pass
        assert_matches(exact, expected, about=about, scale=scale, likely=likely)


_NO_DUAL = Text(
    en=": a TypeError or AttributeError was raised. Is the operation missing, also for a number on the left, "
    "and does it return a Dual with .value and .deriv?",
    ko=": TypeError나 AttributeError 예외가 발생했습니다. 이 연산이 있습니까? 수가 왼쪽에 올 때도 작동합니까? "
    ".value와 .deriv가 있는 Dual을 돌려줍니까?",
)


def products(x):
    """From 3 numbers to 2, by sums and products of dual numbers alone."""
    return [x[0] * x[1], x[1] * x[1] * x[2] + x[0]]


def one_product(x):
    """From 2 numbers to a single one that is not in a list."""
    return x[0] * x[1] + x[1]


def three_products(x):
    """From 1 number to 3."""
    return [x[0] * x[0], x[0] + x[0], x[0] * x[0] * x[0]]


def far_from_zero(x):
    """From 3 numbers to 4; the last is so large that differences of it have no digits left."""
    return [x[0] * x[1] * x[2], x[0] + x[2], x[1] * 3.0 + x[2] * x[2], x[0] * x[1] + x[2] + 1e20]


def nested(x):
    """From 2 numbers to 4: all kinds of operations, NumPy's sine, and a sum that begins as x[0] itself."""
    quotient = (2 - x[0]) / (1 + x[0] * x[1])
    total = x[0]
    for entry in x:
        total += entry * x[1]
    return [quotient * np.sin(x[0]) ** 3, total, x[0] * x[1], np.sin(quotient - x[1])]


MANY = 40


def many_inputs():
    """A map from 40 numbers to 2 that refuses to be called for one input after the other."""
    passes = []

    def f(x):
        passes.append(1)
        if len(passes) > MOST_PASSES:
            raise RuntimeError(SPENT)
        total, mixed = x[0], x[0] * x[1]
        for left, right in pairwise(x):
            total = total + right
            mixed = mixed + total * left
        return [total * total, mixed]

    return f


@by_hand
def e2_3_jvp_shape(jvp):
    """One number for each output; a single Dual makes an array with one entry."""
    for f, n, m in shuffled(2 * [(products, 3, 2), (one_product, 2, 1), (three_products, 1, 3), (far_from_zero, 3, 4)]):
        x, u = normal(2, n, seed=2300 + n)
        assert_shape(jvp(there(f), x, u), (m,), about=_sizes(n, m))


@by_hand
def e2_3_jvp_values(jvp):
    """The directional derivative of sums and products, to all digits; the arguments are left alone."""
    for f, n, m in [(far_from_zero, 3, 4), (products, 3, 2), (three_products, 1, 3)]:
        for size in (1.0, 1e3):
            x, u = normal(2, n, seed=2310 + n) * [[1.0], [size]]
            _assert_jvp(jvp(there(f), x.copy(), u.copy()), f, x, u, about=_sizes(n, m))
    x, u = normal(3, seed=2320), np.array([0.0, -1.5, 0.0])
    _assert_jvp(
        jvp(there(products), x.copy(), u.copy()),
        products,
        x,
        u,
        about=Text(en="u along one coordinate", ko="한 좌표 방향의 u"),
    )
    x, u = normal(2, 3, seed=2321)
    assert_pure(
        jvp, there(products), x, u, check=lambda result, about: _assert_jvp(result, products, x, u, about=about)
    )


@by_hand
def e2_3_jvp_nested(jvp):
    """Quotients, powers, numbers on the left and NumPy's sine inside each other; many inputs in a single pass."""
    for x in [np.array([0.9, 1.7]), np.array([2.6, -0.8])]:
        u = np.array([0.7, -1.2])
        right = [output.deriv for output in nested([reference.Dual(*pair) for pair in zip(x, u, strict=True)])]
        case = "[(2 - x) / (1 + x y) * sin(x)^3, ...]"
        assert_matches(jvp(there(nested), x.copy(), u), right, about=Text(en=case, ko=case))
    x, u = normal(2, MANY, seed=2330)
    try:
        result = jvp(there(many_inputs()), x.copy(), u.copy())
    except RuntimeError as error:
        if says(error, SPENT):
            raise CheckFailed(_A_PASS_FOR_EACH_INPUT) from None
        raise
    _assert_jvp(result, many_inputs(), x, u, about=_sizes(MANY, 2))


def _assert_jvp(result, f, x, u, *, about):
    assert_matches(
        result,
        reference.jvp(f, x, u),
        about=about,
        likely={
            Text(
                en="u is not used: every entry of x was given the derivative 1.",
                ko="u를 쓰지 않았습니다. x의 모든 원소에 도함수 1을 붙였습니다.",
            ): reference.jvp(f, x, np.ones(len(x))),
            Text(en="these are the values f(x), not the derivatives.", ko="도함수가 아니라 값 f(x)입니다."): [
                output.value for output in f([reference.Dual(entry) for entry in x])
            ],
        },
    )


_A_PASS_FOR_EACH_INPUT = Text(
    en="40 inputs: your function called f again and again; one pass carries all entries of u at once.",
    ko="입력이 40개일 때 f를 거듭 불렀습니다. 패스 한 번이 u의 모든 원소를 한꺼번에 옮깁니다.",
)


# E2.4 adjoint_gap

PAIRS = [(2, 3), (5, 3), (1, 4), (3, 1)]
"""Outputs and inputs."""


@by_hand
def e2_4_right_pairs(adjoint_gap):
    """Products with one Jacobian and its transpose have no gap, wrong ones among them have; whole numbers are exact."""
    for (m, n), is_right in shuffled([*((size, True) for size in PAIRS), *((size, False) for size in PAIRS)]):
        J, u, v = (np.round(1e3 * part) for part in _pair(m, n, seed=2400))
        K = J if is_right else J + np.round(1e3 * normal(m, n, seed=2405 + m))
        check = _assert_no_gap if is_right else _assert_some_gap
        assert_pure(
            adjoint_gap,
            lambda u, J=J: J @ np.asarray(u),
            lambda v, K=K: np.asarray(v) @ K,
            u,
            v,
            check=lambda result, about, check=check, m=m, n=n: check(result, m, n, about),
        )


def _assert_no_gap(result, m, n, about):
    assert_matches(result, 0.0, about=_right_pair(m, n) + Text(en=", ", ko=", ") + about, scale=1e3)


def _assert_some_gap(result, m, n, about):
    """Fail if there is none; how large it is belongs to the other cell."""
    about = _wrong_pair(m, n) + Text(en=", ", ko=", ") + about
    found = assert_shape(result, (), about=about).values
    assert_at_least(abs(found), 1e-3, about=about + Text(en=", the size of the gap", ko=", 차이의 크기"))


@by_hand
def e2_4_wrong_pairs(adjoint_gap):
    """A VJP that belongs to another matrix has a gap of a known size, whatever its sign and however short u is."""
    pairs = [(2, 3, 1.0), (2, 3, -1.0), (4, 2, 1.0), (4, 2, -1.0), (1, 5, 1.0), (3, 3, 1.0)]
    for (m, n, sign), size in [*((pair, 1.0) for pair in pairs), ((3, 2, 1.0), 1e-6)]:
        J, u, v = _pair(m, n, seed=2410)
        u *= size
        K = J + sign * normal(m, n, seed=2420 + m)
        right = reference.adjoint_gap(J, K, u, v)
        assert_matches(
            adjoint_gap(lambda u, J=J: J @ np.asarray(u), lambda v, K=K: np.asarray(v) @ K, u.copy(), v.copy()),
            right,
            about=_wrong_pair(m, n),
            rtol=DIFFERENCES,
            likely={
                Text(
                    en="the gap is reported as 0; return it, however small it is.",
                    ko="차이를 0으로 보았습니다. 아무리 작아도 그대로 돌려주십시오.",
                ): 0.0,
                Text(en="the gap is squared.", ko="차이를 제곱했습니다."): right**2,
                Text(
                    en="the gap is divided by one of the sides; return the absolute difference.",
                    ko="차이를 한쪽 변의 크기로 나누었습니다. 절대 차이를 돌려주십시오.",
                ): right / abs(v @ J @ u),
            },
        )


def _pair(m, n, *, seed):
    return normal(m, n, seed=seed + m), normal(n, seed=seed + 10 + n), normal(m, seed=seed + 20 + m)


def _wrong_pair(m, n):
    return Text(en=f"a wrong VJP, {n} inputs and {m} outputs", ko=f"틀린 VJP, 입력 {n}개와 출력 {m}개")


def _right_pair(m, n):
    return Text(en=f"a right pair, {n} inputs and {m} outputs", ko=f"올바른 짝, 입력 {n}개와 출력 {m}개")


# E2.5 jacobian_by_vjps, jacobian_by_jvps, passes_needed and cheapest_mode


@by_hand
def e2_5_vjps_values(jacobian_by_vjps):
    """The Jacobian, row by row: oblong, a single row, a single column; only the arguments decide."""
    for m, n in [(3, 4), (1, 5), (5, 1), (4, 4)]:
        J = normal(m, n, seed=2500 + m)
        assert_pure(
            jacobian_by_vjps,
            lambda v, J=J: np.asarray(v) @ J,
            m,
            check=lambda result, about, J=J: assert_matches(result, J, about=_jacobian(*J.shape)),
        )


@by_hand
def e2_5_vjps_calls(jacobian_by_vjps):
    """As many products as there are outputs."""
    for m, n in [(4, 3), (2, 6)]:
        J = normal(m, n, seed=2510 + m)
        vjp = counted(lambda v, J=J: np.asarray(v) @ J)
        assert_matches(jacobian_by_vjps(vjp, m), J, about=_jacobian(m, n))
        assert_calls(vjp.calls, m, about=_jacobian(m, n), likely=_extra_calls(m))


@by_hand
def e2_5_jvps_values(jacobian_by_jvps):
    """The Jacobian, column by column: oblong, a single row, a single column; only the arguments decide."""
    for m, n in [(3, 4), (1, 5), (5, 1), (4, 4)]:
        J = normal(m, n, seed=2520 + m)
        assert_pure(
            jacobian_by_jvps,
            lambda u, J=J: J @ np.asarray(u),
            n,
            check=lambda result, about, J=J: assert_matches(result, J, about=_jacobian(*J.shape)),
        )


@by_hand
def e2_5_jvps_calls(jacobian_by_jvps):
    """As many products as there are inputs."""
    for m, n in [(4, 3), (2, 6)]:
        J = normal(m, n, seed=2530 + m)
        jvp = counted(lambda u, J=J: J @ np.asarray(u))
        assert_matches(jacobian_by_jvps(jvp, n), J, about=_jacobian(m, n))
        assert_calls(jvp.calls, n, about=_jacobian(m, n), likely=_extra_calls(n))


@by_hand
def e2_5_passes(passes_needed):
    """One reverse pass an output, one forward pass an input."""
    sizes = [(1, 5), (5, 1), (7, 3), (3, 20000), (4, 4)]
    for m, n, mode in shuffled((m, n, mode) for m, n in sizes for mode in ("reverse", "forward")):
        case = f'passes_needed({m}, {n}, "{mode}")'
        right = reference.passes_needed(m, n, mode)
        assert_matches(
            passes_needed(m, n, mode),
            right,
            about=Text(en=case, ko=case),
            likely={
                Text(
                    en="this is the size of the Jacobian; one pass gives a whole row or column.",
                    ko="야코비안의 크기입니다. 패스 한 번이면 행이나 열 전체가 나옵니다.",
                ): m * n,
                Text(
                    en="inputs and outputs are exchanged: a reverse pass gives one row, a row is an output.",
                    ko="입력과 출력이 바뀌었습니다. 역방향 패스는 행 하나를 주고, 행은 출력입니다.",
                ): m + n - right,
            },
        )


@by_hand
def e2_5_mode(cheapest_mode):
    """The smaller side decides, at every size; with equal sides both answers are right."""
    fewer_outputs = [(1, 1000), (3, 7), (2, 3), (999, 1000), (40, 41), (6, 90)]
    fewer_inputs = [(1000, 1), (7, 3), (3, 2), (5000, 4000), (52, 51), (80, 9)]
    for m, n in shuffled([*fewer_outputs, *fewer_inputs, (5, 5), (1, 1)]):
        accepted = {"reverse", "forward"} if m == n else reference.cheapest_mode(m, n)
        case = f"cheapest_mode({m}, {n})"
        assert_word(
            cheapest_mode(m, n),
            accepted,
            about=Text(en=case, ko=case),
            likely={
                Text(
                    en="with fewer outputs than inputs, rows are fewer: reverse mode.",
                    ko="출력이 입력보다 적으면 행이 더 적으므로 역방향 모드입니다.",
                )
                if m < n
                else Text(
                    en="with fewer inputs than outputs, columns are fewer: forward mode.",
                    ko="입력이 출력보다 적으면 열이 더 적으므로 순방향 모드입니다.",
                ): "forward" if m < n else "reverse"
            },
        )


def _jacobian(m, n):
    return Text(en=f"a Jacobian of shape ({m}, {n})", ko=f"모양이 ({m}, {n})인 야코비안")


def _extra_calls(needed):
    return {
        Text(
            en="one call too many: the other size can be read from the first product.",
            ko="한 번 더 불렀습니다. 다른 쪽 크기는 첫 번째 곱에서 읽을 수 있습니다.",
        ): needed + 1,
        Text(
            en="a product takes one vector at a time, not the whole identity matrix.",
            ko="곱은 벡터를 하나씩 받습니다. 단위행렬 전체를 한꺼번에 넘기지 마십시오.",
        ): 1,
    }


# E2.6 linear_vjp


@by_hand
def e2_6_linear_input(linear_vjp):
    """The cotangent of the input, for layers that widen, narrow and keep the width."""
    for B, n, m in [(4, 3, 2), (2, 5, 7), (6, 3, 3)]:
        layer = _linear(B, n, m, seed=2600)
        _assert_linear(linear_vjp(*map(np.copy, layer)), layer, ["dX"])


@by_hand
def e2_6_linear_parameters(linear_vjp):
    """The cotangents of the weights and the bias, summed over the batch; a square W or v does not show the axes."""
    for B, n, m in [(4, 3, 2), (2, 5, 7), (6, 3, 3), (4, 3, 4)]:
        layer = _linear(B, n, m, seed=2610)
        _assert_linear(linear_vjp(*map(np.copy, layer)), layer, ["dW", "db"])


@by_hand
def e2_6_linear_batches(linear_vjp):
    """A batch of one, a large one, single precision, large and small entries; the arguments stay as they were."""
    for B, n, m, size in [(1, 3, 2, 1.0), (64, 2, 5, 1.0), (5, 3, 2, 1e6), (5, 3, 2, 1e-6)]:
        layer = _linear(B, n, m, seed=2620, size=size)
        _assert_linear(linear_vjp(*map(np.copy, layer)), layer, LINEAR_PARTS)
    layer = [array.astype(np.float32) for array in _linear(5, 3, 2, seed=2630)]
    _assert_linear(linear_vjp(*map(np.copy, layer)), layer, LINEAR_PARTS, about=SINGLE_PRECISION)
    layer = _linear(3, 2, 4, seed=2640)
    assert_pure(
        linear_vjp, *layer, check=lambda result, about: _assert_linear(result, layer, LINEAR_PARTS, about=about)
    )


def _linear(B, n, m, *, seed, size=1.0):
    return [size * normal(*shape, seed=seed + part) for part, shape in enumerate([(B, m), (B, n), (m, n)])]


def _assert_linear(result, layer, names, *, about=None):
    v, X, W = layer
    about = about or _batch(len(v), W.shape[1], len(W))
    right = dict(zip(LINEAR_PARTS, map(as_numbers, reference.linear_vjp(v, X, W)), strict=True))
    found = dict(zip(LINEAR_PARTS, parts(result, LINEAR_PARTS, about=about), strict=True))
    likely = {} if len(v) == 1 else {MEAN_OVER_BATCH: lambda grad: grad / len(v)}
    for name in names:
        wrong = {} if name == "dX" else {text: spoil(right[name]) for text, spoil in likely.items()}
        if name == "dX" and W.shape[0] == W.shape[1]:
            wrong = {TRANSPOSED_WEIGHTS: v @ W.T}
        assert_matches(found[name], right[name], about=_part(name, about), rtol=DIFFERENCES, likely=wrong)


MEAN_OVER_BATCH = Text(
    en="this is the mean over the batch; every sample uses the same parameters, so the contributions add.",
    ko="배치에 대한 평균입니다. 모든 표본이 같은 매개변수를 쓰므로 기여는 더해집니다.",
)
TRANSPOSED_WEIGHTS = Text(
    en="this is v times the transpose of W; the forward pass has the transpose, the backward pass has W.",
    ko="v와 W의 전치를 곱했습니다. 순전파에 전치가 있으면 역전파에는 W가 있습니다.",
)


# E2.6 tanh_vjp and relu_vjp


@by_hand
def e2_6_tanh(tanh_vjp):
    """The slope is computed from the output; saturated entries pass almost nothing."""
    for shape, size in [((7,), 1.0), ((1,), 1.0), ((5, 3), 1.0), ((3, 3), 1.0), ((2, 3, 4), 0.01), ((4, 2), 3.0)]:
        x, v = size * normal(*shape, seed=2650), normal(*shape, seed=2651)
        _assert_tanh(tanh_vjp(v.copy(), np.tanh(x)), v, x, about=_shaped(shape))
    x, v = np.array([[20.0, -30.0, 0.4]]), 1e6 * normal(1, 3, seed=2652)
    _assert_tanh(tanh_vjp(v.copy(), np.tanh(x)), v, x, about=Text(en="saturated entries", ko="포화된 원소"))
    x, v = (normal(4, 3, seed=seed).astype(np.float32) for seed in (2653, 2654))
    _assert_tanh(tanh_vjp(v.copy(), np.tanh(x)), v, x, about=SINGLE_PRECISION, rtol=ANY_METHOD)
    x, v = normal(3, 2, seed=2655), normal(3, 2, seed=2656)
    assert_pure(tanh_vjp, v, np.tanh(x), check=lambda result, about: _assert_tanh(result, v, x, about=about))


def _assert_tanh(result, v, x, *, about, rtol=DIFFERENCES):
    y = np.tanh(x)
    assert_matches(
        result,
        reference.tanh_vjp(v, x),
        about=about,
        rtol=rtol,
        likely={
            Text(
                en="tanh was applied to y, which is already tanh(x).",
                ko="y는 이미 tanh(x)인데 여기에 tanh를 다시 적용했습니다.",
            ): v * (1 - np.tanh(y) ** 2),
            Text(en="the cotangent v does not take part.", ko="여접벡터 v가 쓰이지 않았습니다."): 1 - y**2,
            Text(
                en="this is the slope of the logistic function; the slope of tanh is another one.",
                ko="로지스틱 함수의 기울기입니다. tanh의 기울기는 다릅니다.",
            ): v * y * (1 - y),
        },
    )


@by_hand
def e2_6_relu(relu_vjp):
    """The cotangent passes where x is positive; at x = 0 each of 0, v/2 and v is accepted."""
    for shape, size in [((7,), 1.0), ((5, 3), 1.0), ((2, 3, 4), 1e-3), ((4, 2), 1e6)]:
        x, v = size * normal(*shape, seed=2660), normal(*shape, seed=2661)
        _assert_relu(relu_vjp(v.copy(), x.copy()), v, x, about=_shaped(shape))
    x, v = np.array([[0.0, -0.0, 1.5], [-2.0, 0.0, -1e-12]]), normal(2, 3, seed=2662)
    _assert_relu(relu_vjp(v.copy(), x.copy()), v, x, about=Text(en="entries of x that are 0", ko="x에 0이 있을 때"))
    x, v = (normal(4, 3, seed=seed).astype(np.float32) for seed in (2663, 2664))
    _assert_relu(relu_vjp(v.copy(), x.copy()), v, x, about=SINGLE_PRECISION)
    x, v = normal(3, 2, seed=2665), normal(3, 2, seed=2666)
    assert_pure(relu_vjp, v, x, check=lambda result, about: _assert_relu(result, v, x, about=about))


def _assert_relu(result, v, x, *, about):
    found = assert_shape(result, v.shape, about=about).values
    choices = np.stack([0 * v, 0.5 * v, v])
    nearest = np.take_along_axis(choices, np.abs(choices - found).argmin(axis=0)[None], axis=0)[0]
    assert_matches(
        result,
        np.where(x == 0, nearest, as_numbers(reference.relu_vjp(v, x))),
        about=about,
        rtol=DIFFERENCES,
        likely={
            Text(
                en="v was rectified; the mask comes from x, and v may be negative.",
                ko="v에 ReLU를 적용했습니다. 마스크는 x에서 나오며 v는 음수일 수 있습니다.",
            ): np.maximum(v, 0),
            Text(
                en="v is multiplied by the output; the slope where x > 0 is 1.",
                ko="v에 출력을 곱했습니다. x > 0인 곳의 기울기는 1입니다.",
            ): v * np.maximum(x, 0),
        },
    )


# E2.6 softmax_xent_vjp


@by_hand
def e2_6_xent_rows(softmax_xent_vjp):
    """One sample: the row sums to zero, the right class is pushed up and the others down."""
    for C, label in [(6, 5), (3, 1), (2, 0)]:
        logits, y = normal(1, C, seed=2670 + C), np.array([label])
        result = softmax_xent_vjp(logits.copy(), y.copy())
        about = _classed(1, C)
        row = assert_shape(result, (1, C), about=about).values
        assert_matches(
            row.sum(axis=1),
            np.zeros(1),
            about=ROW_SUM + about,
            rtol=ANY_METHOD,
            scale=1.0,
            likely={NO_RIGHT_CLASS: [1.0], ADDED: [2.0], OVER_THE_BATCH: [C - 1.0]},
        )
        _assert_xent(result, logits, y, about=about)


@by_hand
def e2_6_xent_mean(softmax_xent_vjp):
    """Batches: each sample has its own class and its share of the mean."""
    for B, C in [(5, 3), (7, 4), (2, 5)]:
        logits, y = 2 * normal(B, C, seed=2680), np.random.default_rng(2681).integers(0, C, B)
        _assert_xent(softmax_xent_vjp(logits.copy(), y.copy()), logits, y, about=_classed(B, C))
    logits, y = normal(6, 3, seed=2682).astype(np.float32), np.array([2, 0, 1, 1, 2, 0])
    _assert_xent(softmax_xent_vjp(logits.copy(), y.copy()), logits, y, about=SINGLE_PRECISION, rtol=ANY_METHOD)


@by_hand
def e2_6_xent_extremes(softmax_xent_vjp):
    """Logits of size 1e4 keep finite gradients, and a shift of a whole sample changes nothing."""
    for row, label in [([1e4, 0.0, -1e4], 1), ([-1e4, -10001.0, -10050.0], 0), ([9999.0, 1e4, 9998.5], 1)]:
        logits, y = np.array([row]), np.array([label])
        result = softmax_xent_vjp(logits.copy(), y.copy())
        _assert_xent(result, logits, y, about=Text(en="logits of ±10,000", ko="±10,000인 로짓"))
    logits, y = normal(2, 4, seed=2690), np.array([3, 1])
    plain = as_answer(softmax_xent_vjp(logits.copy(), y.copy()), about=_classed(2, 4)).values
    shifted = softmax_xent_vjp(logits + np.array([[1e4], [-1e4]]), y.copy())
    assert_matches(
        shifted,
        plain,
        about=Text(
            en="one sample shifted by 10,000, the other by -10,000", ko="두 표본에 10,000과 -10,000을 더했을 때"
        ),
        rtol=DIFFERENCES,
        scale=0.5,
    )
    logits, y = normal(1, 3, seed=2695), np.array([2])
    assert_pure(softmax_xent_vjp, logits, y, check=lambda result, about: _assert_xent(result, logits, y, about=about))


def _assert_xent(result, logits, y, *, about, rtol=DIFFERENCES):
    right = as_numbers(reference.softmax_xent_vjp(logits, y))
    B, C = right.shape
    hits = np.eye(C)[y]
    likely = {} if B == 1 else {SUM_OF_LOSSES: B * right}
    likely |= {NO_RIGHT_CLASS: right + hits / B, ADDED: right + 2 * hits / B}
    assert_matches(result, right, about=about, rtol=rtol, scale=1 / B, likely=likely)


NO_RIGHT_CLASS = Text(
    en="this is the softmax alone; the right class of each sample is missing.",
    ko="소프트맥스뿐입니다. 표본마다 정답 클래스의 항이 빠졌습니다.",
)
ADDED = Text(en="the one-hot vector is added; it is subtracted.", ko="원-핫 벡터를 더했습니다. 빼야 합니다.")
OVER_THE_BATCH = Text(
    en="the softmax runs over the batch; it runs over the classes of one sample.",
    ko="소프트맥스를 배치에 대해 취했습니다. 표본 하나의 클래스에 대해 취해야 합니다.",
)
ROW_SUM = Text(en="the sum of each row, ", ko="각 행의 합, ")
SUM_OF_LOSSES = Text(
    en="this is the gradient of the sum of the losses; the loss is their mean over the batch.",
    ko="손실의 합에 대한 그래디언트입니다. 손실은 배치에 대한 평균입니다.",
)


# E2.6 layernorm_vjp


@by_hand
def e2_6_layernorm_input(layernorm_vjp):
    """The cotangent of x is orthogonal to the ones and, as eps vanishes, to the normalised sample."""
    for B, n, size, shift in [(4, 5, 1.0, 0.0), (3, 7, 10.0, 100.0), (5, 3, 0.1, -1.0)]:
        case = _norm(B, n, seed=2700 + n, size=size, shift=shift)
        about = _normed(B, n)
        result = layernorm_vjp(*_copies(case))
        dx = assert_shape(parts(result, NORM_PARTS, about=about)[0], (B, n), about=_part("dx", about)).values
        longest = np.linalg.norm(as_numbers(reference.layernorm_vjp(*case)[0]), axis=1).max()
        centred = case[1] - case[1].mean(axis=1, keepdims=True)
        directions = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        mistakes = _norm_mistakes("dx", *case)
        for direction, invariance in [(np.ones((B, n)), SHIFTED), (directions, STRETCHED)]:
            assert_matches(
                (dx * direction).sum(axis=1),
                np.zeros(B),
                about=invariance + about,
                rtol=ANY_METHOD,
                scale=longest,
                likely={mistake: (wrong * direction).sum(axis=1) for mistake, wrong in mistakes.items()},
            )
        _assert_norm(result, case, ["dx"], about=about)


@by_hand
def e2_6_layernorm_parameters(layernorm_vjp):
    """The cotangents of gamma and beta, summed over the batch."""
    for B, n in [(4, 5), (3, 7), (6, 2)]:
        case = _norm(B, n, seed=2720 + n)
        _assert_norm(layernorm_vjp(*_copies(case)), case, ["dgamma", "dbeta"], about=_normed(B, n))


@by_hand
def e2_6_layernorm_extremes(layernorm_vjp):
    """One sample: eps counts where the variance is small, single precision; the arguments stay as they were."""
    for size, eps in [(1.0, 0.5), (1e-3, 1e-5), (1e3, 1e-5)]:
        case = _norm(1, 6, seed=2740, size=size, eps=eps)
        about = Text(en=f"entries of size {size:g}, eps = {eps:g}", ko=f"크기가 {size:g}인 원소, eps = {eps:g}")
        _assert_norm(layernorm_vjp(*_copies(case)), case, NORM_PARTS, about=about)
    *arrays, eps = _norm(1, 5, seed=2750, eps=1e-3)
    case = *(array.astype(np.float32) for array in arrays), eps
    _assert_norm(layernorm_vjp(*_copies(case)), case, NORM_PARTS, about=SINGLE_PRECISION, rtol=ANY_METHOD)
    case = _norm(1, 4, seed=2760, eps=0.1)
    assert_pure(layernorm_vjp, *case, check=lambda result, about: _assert_norm(result, case, NORM_PARTS, about=about))


def _norm(B, n, *, seed, size=1.0, shift=0.0, eps=1e-12):
    v, x = normal(B, n, seed=seed), shift + size * normal(B, n, seed=seed + 1)
    return v, x, 1.5 + normal(n, seed=seed + 2), eps


def _copies(case):
    *arrays, eps = case
    return *map(np.copy, arrays), eps


def _assert_norm(result, case, names, *, about, rtol=DIFFERENCES):
    right = dict(zip(NORM_PARTS, map(as_numbers, reference.layernorm_vjp(*case)), strict=True))
    found = dict(zip(NORM_PARTS, parts(result, NORM_PARTS, about=about), strict=True))
    for name in names:
        likely = _norm_mistakes(name, *case)
        assert_matches(found[name], right[name], about=_part(name, about), rtol=rtol, likely=likely)


def _norm_mistakes(name, v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=1, keepdims=True)) / sigma
    straight = gamma * v / sigma
    if name == "dx":
        return {
            NO_VARIANCE: straight - straight.mean(axis=1, keepdims=True),
            HELD_CONSTANT: straight,
            NO_GAMMA: as_numbers(reference.layernorm_vjp(v, x, np.ones_like(gamma), eps)[0]),
        }
    mean = {MEAN_OVER_BATCH: (v * x_hat if name == "dgamma" else v).mean(axis=0)} if len(v) > 1 else {}
    return mean | ({NOT_NORMALISED: (v * x).sum(axis=0)} if name == "dgamma" else {})


HELD_CONSTANT = Text(
    en="the mean and the variance were held constant; both move with every entry of the sample.",
    ko="평균과 분산을 상수로 두었습니다. 둘 다 표본의 모든 원소를 따라 움직입니다.",
)
NO_VARIANCE = Text(en="the path through the variance is missing.", ko="분산을 지나는 경로가 빠졌습니다.")
NO_GAMMA = Text(en="gamma does not take part.", ko="gamma가 쓰이지 않았습니다.")
NOT_NORMALISED = Text(
    en="v is multiplied by x as it came; gamma multiplies the normalised x.",
    ko="v에 원래의 x를 곱했습니다. gamma가 곱하는 것은 정규화한 x입니다.",
)
SHIFTED = Text(
    en="dx times the ones (adding one number to a sample changes no output, so it is 0), ",
    ko="dx와 1로 이루어진 벡터의 내적(표본에 같은 수를 더해도 출력이 그대로이므로 0), ",
)
STRETCHED = Text(
    en="dx times the centred sample (stretching a sample changes no output as eps vanishes, so it is 0), ",
    ko="dx와 중심화한 표본의 내적(eps가 0에 가까우면 표본을 늘여도 출력이 그대로이므로 0), ",
)


# E2.7 unbroadcast


@by_hand
def e2_7_leading(unbroadcast):
    """Axes that broadcasting put in front are summed away, down to a single number."""
    for large, small in [
        ((4, 3), (3,)),
        ((5, 2, 3), (3,)),
        ((5, 2, 3), (2, 3)),
        ((3, 3), (3,)),
        ((4,), ()),
        ((2, 3), ()),
    ]:
        _assert_unbroadcast(unbroadcast, large, small)


@by_hand
def e2_7_inner(unbroadcast):
    """Axes of length 1 are summed and stay, alone and together with axes in front; other axes are left alone."""
    for large, small in [
        *[((4, 3), (1, 3)), ((4, 3), (4, 1)), ((2, 4, 3), (2, 1, 3)), ((3, 3), (3, 1))],
        *[((5, 4, 3), (4, 1)), ((2, 3, 4, 5), (1, 4, 1)), ((4, 3), (1, 1)), ((1, 3), (1, 3)), ((2, 5), (2, 5))],
    ]:
        _assert_unbroadcast(unbroadcast, large, small)
    v = normal(4, 3, seed=2790)
    assert_pure(
        unbroadcast,
        *(v, (1, 3)),
        check=lambda result, about: assert_matches(
            result, reference.unbroadcast(v, (1, 3)), about=about, rtol=DIFFERENCES
        ),
    )


def _assert_unbroadcast(unbroadcast, large, small):
    v = normal(*large, seed=2770 + len(large))
    about = Text(en=f"{large} -> {small}")
    right = as_numbers(reference.unbroadcast(v, small))
    likely = {
        Text(
            en="this is the mean; a copied number collects the sum of what its copies receive.",
            ko="평균입니다. 복사된 수는 복사본들이 받은 값의 합을 모읍니다.",
        ): right / (v.size / right.size),
        Text(
            en="the other axis was summed; axes are matched from the right.",
            ko="다른 축을 더했습니다. 축은 오른쪽부터 맞춥니다.",
        ): v.sum(axis=1) if large == (3, 3) and small == (3,) else np.zeros(0),
    }
    assert_matches(unbroadcast(v.copy(), small), right, about=about, rtol=DIFFERENCES, likely=likely)


# E2.8 mlp_backward


@by_hand
def e2_8_loss(mlp_backward):
    """The loss is the mean cross-entropy of the net."""
    for widths, B in [((4, 3, 5, 2), 7), ((2, 6, 3, 4), 5), ((3, 2, 4, 5), 1)]:
        params, X, y = _net(widths, B, seed=2800)
        loss, _ = parts(mlp_backward(_fresh(params), X.copy(), y.copy()), ("loss", "grads"), about=_widths(widths, B))
        _assert_loss(loss, params, X, y, (0, 1, 2), about=_widths(widths, B))


@by_hand
def e2_8_grads(mlp_backward):
    """Every gradient, for batches and nets whose widths are all different."""
    for widths, B in [((4, 3, 5, 2), 7), ((2, 6, 3, 4), 5)]:
        params, X, y = _net(widths, B, seed=2810)
        _, grads = parts(mlp_backward(_fresh(params), X.copy(), y.copy()), ("loss", "grads"), about=_widths(widths, B))
        _assert_grads(grads, params, X, y, (0, 1, 2), about=_widths(widths, B))


@by_hand
def e2_8_extremes(mlp_backward):
    """A batch of one; large inputs saturate the layers, large weights make logits of size 1e4; nothing is changed."""
    widths = (3, 4, 5, 2)
    for size, last, about in [
        (1.0, 1.0, Text(en="a batch of one", ko="표본이 하나인 배치")),
        (1e3, 1.0, Text(en="inputs of size 1,000", ko="크기가 1,000인 입력")),
        (1.0, 1e4, Text(en="logits of size 10,000", ko="크기가 10,000인 로짓")),
    ]:
        params, X, y = _net(widths, 1, seed=2820)
        params[2] = (last * params[2][0], params[2][1])
        X = size * X
        y = as_numbers(_logits(params, X)).argmin(axis=1)
        _assert_both(mlp_backward(_fresh(params), X.copy(), y.copy()), params, X, y, about=about)
    params, X, y = _net(widths, 1, seed=2830)
    assert_pure(
        mlp_backward,
        *(params, X, y),
        check=lambda result, about: _assert_both(result, params, X, y, about=about),
    )


@by_hand
def e2_8_tied(mlp_backward):
    """A layer computes with the entry that `use` names; what several layers use collects the sum."""
    for shapes, use in [
        ([(4, 3), (4, 4)], (0, 1, 1)),
        ([(3, 3), (2, 3)], (0, 0, 1)),
        ([(3, 3)], (0, 0, 0)),
        ([(2, 5), (4, 3), (5, 4)], (1, 2, 0)),
        ([(4, 3), (7, 6), (4, 4), (2, 4)], (0, 2, 3)),
    ]:
        params = [_dense(m, n, seed=2840 + k) for k, (m, n) in enumerate(shapes)]
        X, y = normal(1, params[use[0]][0].shape[1], seed=2850), np.array([1])
        about = Text(en=f"use = {use}")
        _, grads = parts(mlp_backward(_fresh(params), X.copy(), y.copy(), use), ("loss", "grads"), about=about)
        _assert_grads(grads, params, X, y, use, about=about)


def _dense(m, n, *, seed):
    return normal(m, n, seed=seed) / np.sqrt(n), 0.5 * normal(m, seed=seed + 50)


def _net(widths, B, *, seed):
    params = [_dense(m, n, seed=seed + k) for k, (n, m) in enumerate(pairwise(widths))]
    y = np.random.default_rng(seed + 5).integers(0, widths[-1], B)
    return params, normal(B, widths[0], seed=seed + 6), y


def _fresh(params):
    return [(W.copy(), b.copy()) for W, b in params]


def _logits(params, X):
    hidden = torch.as_tensor(X)
    for k, (W, b) in enumerate(params):
        hidden = torch.nn.functional.linear(hidden, torch.as_tensor(W), torch.as_tensor(b))
        hidden = torch.tanh(hidden) if k < 2 else hidden
    return hidden


def _assert_both(result, params, X, y, *, about):
    loss, grads = parts(result, ("loss", "grads"), about=about)
    _assert_loss(loss, params, X, y, (0, 1, 2), about=about)
    _assert_grads(grads, params, X, y, (0, 1, 2), about=about)


def _assert_loss(loss, params, X, y, use, *, about):
    right = as_numbers(reference.mlp_backward(params, X, y, use)[0])
    likely = {SUM_NOT_MEAN: len(X) * right} if len(X) > 1 else {}
    assert_matches(loss, right, about=_part("loss", about), rtol=DIFFERENCES, likely=likely)


def _assert_grads(grads, params, X, y, use, *, about):
    _, right = reference.mlp_backward(params, X, y, use)
    _, by_layer = reference.mlp_backward([params[entry] for entry in use], X, y)
    names = [f"grads[{k}]" for k in range(len(params))]
    for k, pair in enumerate(parts(grads, names, about=about)):
        for side, found in enumerate(parts(pair, (f"dW{k}", f"db{k}"), about=about)):
            expected = as_numbers(right[k][side])
            single = [as_numbers(by_layer[layer][side]) for layer in range(3) if use[layer] == k]
            likely = {SUM_NOT_MEAN: len(X) * expected} if len(X) > 1 else {}
            if len(single) > 1:
                likely |= {LAST_USE: single[-1], FIRST_USE: single[0]}
            assert_matches(
                found,
                expected,
                about=_part(f"{('dW', 'db')[side]} of params[{k}]", about),
                rtol=DIFFERENCES,
                scale=0.1,
                likely=likely,
            )


SUM_NOT_MEAN = Text(
    en="this belongs to the sum of the losses; the loss is their mean over the batch.",
    ko="손실의 합에 대한 값입니다. 손실은 배치에 대한 평균입니다.",
)
LAST_USE = Text(
    en="only the last layer that uses this entry counts; the contributions of all its layers add.",
    ko="이 매개변수를 쓰는 마지막 층의 기여만 있습니다. 쓰는 층마다의 기여를 모두 더해야 합니다.",
)
FIRST_USE = Text(
    en="only the first layer that uses this entry counts: a later result replaced the sum.",
    ko="이 매개변수를 쓰는 첫 번째 층의 기여만 있습니다. 더하지 않고 덮어썼습니다.",
)


# E2.9 backward

TREES = [
    ("y", {"y": [("p", 3.0)], "x": [], "p": [("x", 2.0), ("w", -1.5)], "w": []}),
    ("q", {"top": [("p", 5.0), ("c", 2.0)], "q": [("p", 0.5)], "c": [], "p": [("b", -4.0)], "b": [], "lone": []}),
    ("b", {"z": [("b", 7.0)], "b": [], "a": []}),
    (
        "sum",
        {"one": [], "sum": [("two", 1.0), ("one", 1.0), ("three", 0.0)], "three": [("d", 9.0)], "two": [], "d": []},
    ),
]
DIAMONDS = [
    ("y", {"y": [("a", 2.0), ("a", 3.0)], "a": []}),
    ("y", {"y": [("ab", 1.0), ("ac", 1.0)], "a": [], "ab": [("a", -2.0), ("b", 1.5)], "b": [], "ac": [("a", 4.0)]}),
    ("y", {"u": [("a", 3.0)], "y": [("a", 1.0), ("w", 2.0)], "w": [("u", 5.0), ("a", -1.0)], "a": []}),
    (
        "y",
        {"y": [("w", 2.0), ("u", 1.0), ("u", 0.5)], "a": [("x", 2.0)], "w": [("u", -3.0)], "u": [("a", 0.7)], "x": []},
    ),
    ("s", {"a": [], "s": [("t", 1.0), ("a", 1.0), ("t", 1.0), ("t", -0.5)], "t": [("a", 2.0), ("a", 2.0)]}),
]


@by_hand
def e2_9_nodes(backward):
    """Every node has an entry: leaves and constants too, and 0 where the output does not depend on it."""
    for out, tape in TREES:
        _assert_adjoints(backward(_copy(tape), out), tape, out, about=_noded(tape, out))


@by_hand
def e2_9_fan_out(backward):
    """What a node receives from all its uses adds up before it passes anything on."""
    for out, tape in DIAMONDS:
        _assert_adjoints(backward(_copy(tape), out), tape, out, about=_noded(tape, out))
    for seed in (2930, 2931):
        out, tape = _web(12, seed=seed)
        _assert_adjoints(backward(_copy(tape), out), tape, out, about=_noded(tape, out))


@by_hand
def e2_9_deep(backward):
    """A chain of 5,000 nodes, and 40 diamonds in a row, which hold 2^40 paths; the tape stays as it was."""
    for make, about in [
        (_chain, Text(en="a chain of 5,000 nodes", ko="노드 5,000개가 이어진 사슬")),
        (_ladder, Text(en="40 diamonds in a row, with 2^40 paths", ko="경로가 2^40개인, 마름모 40개가 이어진 그래프")),
    ]:
        out, tape, right = make()
        found = _entries(backward(_copy(tape), out), tape, about=about)
        assert_matches([found[name] for name in right], list(right.values()), about=about)
    out, tape = TREES[0]
    assert_pure(
        backward,
        *(tape, out),
        check=lambda result, about: _assert_adjoints(result, tape, out, about=about),
    )


@cache
def _chain():
    """A chain in a scrambled order, and the derivatives from its end to its start."""
    rng = np.random.default_rng(2941)
    names = [f"c{label}" for label in rng.permutation(5000)]
    tape = {names[0]: []}
    for parent, child in pairwise(names):
        tape[child] = [(parent, float(rng.choice([-1, 1]) * rng.uniform(0.99, 1.01)))]
    return names[-1], _shuffled(tape, rng), _from_the_end(tape, names[-1])


@cache
def _ladder():
    """Diamonds that each begin where the one before ends."""
    rng = np.random.default_rng(2942)
    tape = {"a0": []}
    for k in range(40):
        left, right, across, along = map(float, rng.uniform(0.6, 0.85, 4))
        tape |= {f"b{k}": [(f"a{k}", left)], f"c{k}": [(f"a{k}", right)]}
        tape[f"a{k + 1}"] = [(f"b{k}", across), (f"c{k}", along)]
    return "a40", _shuffled(tape, rng), _from_the_end(tape, "a40")


def _from_the_end(tape, out):
    right = reference.backward(tape, out)
    return {name: right[name] for name in reversed(tape)}


def _web(n, *, seed):
    """A random graph in which every node reaches the last one; the names tell nothing about the order."""
    rng = np.random.default_rng(seed)
    names = [f"n{label}" for label in rng.permutation(n)]
    tape = {name: [] for name in names}
    for i in range(n - 1):
        for child in rng.integers(i + 1, min(i + 5, n), size=rng.integers(1, 4)):
            tape[names[child]].append((names[i], float(rng.normal())))
    return names[-1], _shuffled(tape, rng)


def _shuffled(tape, rng):
    names = list(tape)
    return {names[k]: tape[names[k]] for k in rng.permutation(len(names))}


def _copy(tape):
    return {name: list(parents) for name, parents in tape.items()}


def _entries(result, tape, *, about):
    """The derivatives by name, if the answer is a dict with exactly the nodes of the tape."""
    try:
        found = dict(value(result).items())
    except AttributeError:
        raise CheckFailed(about + NO_DICT) from None
    for name in tape:
        if name not in found:
            raise CheckFailed(about + NO_ENTRY.format(name=name))
    if len(found) > len(tape):
        raise CheckFailed(about + MORE_ENTRIES.format(found=len(found), nodes=len(tape)))
    return found


def _assert_adjoints(result, tape, out, *, about):
    right = reference.backward(tape, out)
    likely = {REPLACED: _last_use_wins(tape, out)}
    likely |= {text: _in_order_of_arrival(tape, out, place) for text, place in [(TOO_EARLY, -1), (AT_ONCE, 0)]}
    found = _entries(result, tape, about=about)
    scale = max(map(abs, right.values()))
    for name in tape:
        assert_matches(
            found[name],
            right[name],
            about=about + Text(en=f", node {name!r}", ko=f", 노드 {name!r}"),
            scale=scale,
            likely={mistake: wrong[name] for mistake, wrong in likely.items()},
        )


def _in_order_of_arrival(tape, out, place):
    """What comes out if every node passes on what it has when its turn in a stack or in a queue comes."""
    grads, waiting, visited = dict.fromkeys(tape, 0.0) | {out: 1.0}, [out], set()
    while waiting:
        name = waiting.pop(place)
        if name not in visited:
            visited.add(name)
            for parent, local in tape[name]:
                grads[parent] += grads[name] * local
                waiting.append(parent)
    return grads


def _last_use_wins(tape, out):
    """What comes out if, of all uses of a node, only the last one counts."""
    grads = dict.fromkeys(tape, 0.0) | {out: 1.0}
    for name in _children_first(tape):
        for parent, local in tape[name]:
            grads[parent] = grads[name] * local if grads[name] else grads[parent]
    return grads


def _children_first(tape):
    waiting = dict(tape)
    while waiting:
        name = next(n for n in waiting if not any(n == parent for pairs in waiting.values() for parent, _ in pairs))
        yield name
        del waiting[name]


def _noded(tape, out):
    return Text(en=f"a tape of {len(tape)} nodes, out = {out!r}", ko=f"노드 {len(tape)}개인 테이프, out = {out!r}")


REPLACED = Text(
    en="one contribution replaced the others: at a fan-out, what comes back from all uses adds.",
    ko="한 기여가 나머지를 덮어썼습니다. 갈라지는 노드에서는 모든 쓰임에서 돌아온 값을 더합니다.",
)
TOO_EARLY = Text(
    en="a node passed on what it had before all its uses had reported: visit children before their parents.",
    ko="쓰임이 모두 모이기 전에 노드가 값을 넘겼습니다. 자식을 모두 방문한 뒤에 부모를 방문해야 합니다.",
)
AT_ONCE = Text(
    en="a node passed on what it had before all its uses had reported: the nearest first is not the right order.",
    ko="쓰임이 모두 모이기 전에 노드가 값을 넘겼습니다. 가까운 노드부터 방문하는 것은 올바른 순서가 아닙니다.",
)
NO_DICT = Text(
    en=": expected a dict from node to derivative; is a `return` missing?",
    ko=": 노드에서 도함숫값으로 가는 딕셔너리가 와야 합니다. `return`을 빠뜨리지 않았습니까?",
)
NO_ENTRY = Text(
    en=": the node {name!r} has no entry; leaves, constants and nodes out of reach have one too.",
    ko=": 노드 {name!r}의 항목이 없습니다. 잎, 상수, 닿지 않는 노드도 항목을 가집니다.",
)
MORE_ENTRIES = Text(
    en=": your dict has {found} entries, the tape has {nodes} nodes.",
    ko=": 딕셔너리의 항목은 {found}개인데 테이프의 노드는 {nodes}개입니다.",
)


# E2.10 counterexample_1 to counterexample_5

LARGEST = 1000.0
LEAST_GAP = 1e-3
W_2 = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0]])
C_3 = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 2.0, 0.0]])
W_5 = np.array([[1.0, 2.0], [-3.0, 1.0], [0.5, 4.0]])


@dataclass(frozen=True)
class Bug:
    """A function and a wrong VJP of it.

    Args:
        f: the function in torch, from shape (n,) to shape (m,).
        wrong: the wrong VJP in NumPy, called with x and v.
        n: number of inputs.
        m: number of outputs.
        hides_from_ones: whether v = (1, ..., 1) cannot expose it at any x.
    """

    f: Callable
    wrong: Callable
    n: int
    m: int
    hides_from_ones: bool = False


def f_1(x):
    """Products of neighbours."""
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def ignores_v(x, v):  # noqa: ARG001, that is the bug
    """The gradient of the sum of all outputs."""
    return np.array([x[1], x[0] + x[2] ** 2, 2 * x[1] * x[2]])


def f_2(x):
    """Squares of a linear map."""
    return (torch.tensor(W_2) @ x) ** 2


def multiplies_twice(x, v):
    """Multiplies by v behind both layers."""
    return W_2.T @ (v * 2 * (W_2 @ x) * v)


def f_3(x):
    """A square linear map of squared ReLUs."""
    return torch.tensor(C_3) @ torch.relu(x) ** 2


def transposed(x, v):
    """The product J v."""
    return C_3 @ (2 * np.maximum(x, 0) * v)


def f_4(x):
    """One intermediate value h that both outputs read."""
    h = x[0] - x[1]
    return torch.stack([h * x[2], torch.relu(h) ** 2])


def forgets_a_path(x, v):
    """The contribution of the second output to h is overwritten by that of the first."""
    d_h = x[2] * v[0]
    return np.array([d_h, -d_h, (x[0] - x[1]) * v[0]])


def f_5(x):
    """A linear map of signed squares."""
    return torch.tensor(W_5) @ (x * x.abs())


def wrong_below_zero(x, v):
    """Takes x |x| for x^2."""
    return 2 * x * (W_5.T @ v)


BUGS = {
    1: Bug(f_1, ignores_v, 3, 2, hides_from_ones=True),
    2: Bug(f_2, multiplies_twice, 3, 2, hides_from_ones=True),
    3: Bug(f_3, transposed, 3, 3),
    4: Bug(f_4, forgets_a_path, 3, 2),
    5: Bug(f_5, wrong_below_zero, 2, 3),
}


@by_hand
def e2_10_1(counterexample_1):
    """The input exposes bug 1."""
    _assert_exposed(counterexample_1, 1)


@by_hand
def e2_10_2(counterexample_2):
    """The input exposes bug 2."""
    _assert_exposed(counterexample_2, 2)


@by_hand
def e2_10_3(counterexample_3):
    """The input exposes bug 3."""
    _assert_exposed(counterexample_3, 3)


@by_hand
def e2_10_4(counterexample_4):
    """The input exposes bug 4."""
    _assert_exposed(counterexample_4, 4)


@by_hand
def e2_10_5(counterexample_5):
    """The input exposes bug 5."""
    _assert_exposed(counterexample_5, 5)


def relative_gap(bug, x, v):
    """Largest difference of the right and the wrong VJP, relative to the largest entry of both."""
    right, wrong = as_numbers(reference.vjp(bug.f, x, v)), bug.wrong(x, v)
    size = max(np.abs(right).max(), np.abs(wrong).max())
    return np.abs(right - wrong).max() / size if size > 0 else 0.0


def _assert_exposed(counterexample, number):
    assert_pure(counterexample, check=lambda result, about: _assert_exposes(result, number, about))


def _assert_exposes(result, number, about):
    bug = BUGS[number]
    entries = parts(result, ("x", "v"), about=about)
    x = assert_shape(entries[0], (bug.n,), about=Text(en="x", ko="x")).values
    v = assert_shape(entries[1], (bug.m,), about=Text(en="v", ko="v")).values
    if max(np.abs(x).max(), np.abs(v).max()) > LARGEST:
        raise CheckFailed(_TOO_LARGE_ENTRIES)
    assert_at_least(
        relative_gap(bug, x, v),
        LEAST_GAP,
        about=Text(
            en=f"the relative difference of right_{number} and wrong_{number} at your (x, v)",
            ko=f"(x, v)에서 right_{number}와 wrong_{number}의 상대 차이",
        ),
        likely=_why_hidden(bug, x, v),
    )


def _why_hidden(bug, x, v):
    if not x.any():
        return Text(
            en="at x = 0 both results are zero; choose entries of x that differ from each other and from 0.",
            ko="x = 0에서는 두 결과가 모두 0입니다. x의 원소를 0이 아니고 서로 다른 수로 고르십시오.",
        )
    if bug.hides_from_ones and (v == 1).all():
        return Text(
            en="with v = (1, ..., 1) this bug is invisible at every x; look at what the two do with v.",
            ko="v = (1, ..., 1)이면 어떤 x에서도 이 버그가 보이지 않습니다. v를 어떻게 쓰는지 비교하십시오.",
        )
    return Text(
        en="look for the term that only one of both has, and choose numbers for which it counts.",
        ko="한쪽에만 있는 항을 찾고, 그 항이 0이 되지 않는 수를 고르십시오.",
    )


_TOO_LARGE_ENTRIES = Text(
    en="no entry of x and v may be larger than 1000 in size.",
    ko="x와 v의 원소는 크기가 1000 이하여야 합니다.",
)


# E2.11 chain_cost

CHAINS = [
    [3, 4, 5, 1],
    [2, 7, 3, 11, 5],
    [13, 2, 9],
    [1, 6, 4, 8],
    [4, 9],
    [3, 10, 2, 8, 5, 6, 7],
    [20000, 300, 400, 5000],
]


@by_hand
def e2_11_reverse(chain_cost):
    """The cost from the output, for one layer to six; the sizes are left alone."""
    _assert_costs(chain_cost, "reverse", other="forward")


@by_hand
def e2_11_forward(chain_cost):
    """The cost from the input, for one layer to six; the sizes are left alone."""
    _assert_costs(chain_cost, "forward", other="reverse")


def _assert_costs(chain_cost, order, *, other):
    for dims in shuffled(CHAINS):
        result, (after, _) = unchanged(chain_cost, dims, order)
        _assert_cost(result, dims, order, other)
        assert_matches(after, dims, about=Text(en="dims after the call", ko="호출 뒤의 dims"))
    dims = CHAINS[1]
    assert_pure(chain_cost, dims, order, check=lambda result, _: _assert_cost(result, dims, order, other))


def _assert_cost(result, dims, order, other):
    case = f'chain_cost({dims}, "{order}")'
    assert_matches(
        result,
        reference.chain_cost(dims, order),
        about=Text(en=case, ko=case),
        scale=1.0,
        likely={
            Text(
                en="this is the cost of the other order: reverse keeps n_L rows, forward keeps n_0 columns.",
                ko="반대 순서의 비용입니다. reverse에서는 행이 n_L개로, forward에서는 열이 n_0개로 남습니다.",
            ): reference.chain_cost(dims, other),
            Text(
                en="one product too many: L factors are joined by L - 1 products.",
                ko="곱이 하나 더 있습니다. 인자 L개를 잇는 곱은 L - 1번입니다.",
            ): _with_one_product_more(dims, order),
        },
    )


def _with_one_product_more(dims, order):
    kept = dims[-1] if order == "reverse" else dims[0]
    return kept * sum(a * b for a, b in pairwise(dims))


LINEAR_PARTS = ("dX", "dW", "db")
NORM_PARTS = ("dx", "dgamma", "dbeta")


# E2.12 implicit_vjp


def e2_12_linear(implicit_vjp):
    """A linear g, whose solution is known in closed form, also where iterating g diverges."""
    for k, p, radius in [(3, 5, 0.5), (4, 2, 0.8), (1, 3, 0.4), (3, 2, 3.0)]:
        A, B = _of_radius(k, radius, seed=2950 + k), normal(k, p, seed=2960 + p)
        theta, v = normal(p, seed=2970), normal(k, seed=2971)
        z_star = np.linalg.solve(np.eye(k) - A, B @ theta)
        _assert_implicit(implicit_vjp, _affine(A, B), z_star, theta, v, about=_implied(k, p))


def e2_12_nonlinear(implicit_vjp):
    """A layer that feeds on its own output: both derivatives are taken at the solution."""
    for k, p, seed in [(3, 5, 2980), (5, 2, 2981), (2, 4, 2982)]:
        W, U = _of_radius(k, 0.6, seed=seed), normal(k, p, seed=seed + 10)
        theta, v = normal(p, seed=seed + 20), normal(k, seed=seed + 30)
        g = _recurrent(W, U)
        _assert_implicit(implicit_vjp, g, _settled(g, theta, k), theta, v, about=_implied(k, p))


def e2_12_inputs(implicit_vjp):
    """Arguments that already require a gradient stay as they were, and only they decide the result."""
    g = _affine(_of_radius(4, 0.5, seed=2990), normal(4, 3, seed=2991))
    theta, v = normal(3, seed=2992), normal(4, seed=2993)
    z_star = _settled(g, theta, 4)
    right = reference.implicit_vjp(g, z_star, theta, v)
    for requires_grad in (False, True):
        assert_pure(
            implicit_vjp,
            there(g),
            tensor(z_star, requires_grad=requires_grad),
            tensor(theta, requires_grad=requires_grad),
            tensor(v),
            check=lambda result, about: assert_matches(result, right, about=about, rtol=ANY_METHOD),
            grads=True,
        )


def _of_radius(k, radius, *, seed):
    """A random matrix of shape (k, k), neither symmetric nor normal, with a given spectral radius."""
    A = normal(k, k, seed=seed)
    return radius * A / np.abs(np.linalg.eigvals(A)).max()


def _affine(A, B):
    A, B = tensor(A), tensor(B)
    return lambda z, theta: A @ z + B @ theta


def _recurrent(W, U):
    W, U = tensor(W), tensor(U)
    return lambda z, theta: torch.tanh(W @ z + U @ theta + 0.3 * theta[0] * z)


def _settled(g, theta, k):
    """The fixed point, found by iterating."""
    z = torch.zeros(k, dtype=torch.float64)
    for _ in range(500):
        z = g(z, tensor(theta))
    return z.numpy()


def _assert_implicit(implicit_vjp, g, z_star, theta, v, *, about):
    z, parameters, cotangent = map(tensor, (z_star, theta, v))
    by_z, by_theta = map(as_numbers, torch.func.jacrev(g, argnums=(0, 1))(z, parameters))
    assert_matches(
        implicit_vjp(there(g), z, parameters, cotangent),
        reference.implicit_vjp(g, z_star, theta, v),
        about=about,
        rtol=ANY_METHOD,
        likely={
            Text(
                en="the linear solve is missing: z also moves because z moves.",
                ko="선형 방정식을 풀지 않았습니다. z가 움직이면 그 때문에 z가 다시 움직입니다.",
            ): v @ by_theta,
            Text(
                en="the matrix of the linear solve is not transposed.",
                ko="선형 방정식의 행렬을 전치하지 않았습니다.",
            ): np.linalg.solve(np.eye(len(v)) - by_z, v) @ by_theta,
        },
    )


# The words that name the inputs


SINGLE_PRECISION = Text(en="arguments in single precision", ko="단정밀도(float32) 인자")


def _batch(B, n, m):
    return Text(en=f"a batch of {B}, a layer from {n} to {m}", ko=f"표본 {B}개, {n}개에서 {m}개로 가는 층")


def _classed(B, C):
    return Text(en=f"a batch of {B}, {C} classes", ko=f"표본 {B}개, 클래스 {C}개")


def _normed(B, n):
    return Text(en=f"a batch of {B}, {n} entries each", ko=f"표본 {B}개, 표본마다 원소 {n}개")


def _shaped(shape):
    return Text(en=f"arrays of shape {shape}", ko=f"모양이 {shape}인 배열")


def _widths(widths, B):
    net = "-".join(map(str, widths))
    return Text(en=f"a {net} net on a batch of {B}", ko=f"{net} 신경망과 표본 {B}개")


def _implied(k, p):
    return Text(en=f"z of {k} and theta of {p} entries", ko=f"원소 {k}개인 z와 원소 {p}개인 theta")


def _part(name, about):
    return Text(en=f"{name} of ", ko=f"{name}, ") + about
