"""Hidden checks of ps1-jacobian: one function a test cell, named like its grade id."""

import numpy as np
import torch

from nbjudge.testing import Text, by_hand, shuffled, there, unchanged
from solutions import jacobian as reference
from tests.hidden.cases import normal, tensor
from tests.hidden.compare import (
    ANY_METHOD,
    DIFFERENCES,
    as_numbers,
    assert_left_alone,
    assert_matches,
    assert_pure,
    assert_same_shape_tuple,
    assert_shape,
    parts,
)

LAYER_PARTS = ("dy_dx", "dy_db", "dy_dW")


# E1.1 derivative_shape


def e1_1_vectors(derivative_shape):
    """Scalars and vectors: the shape of the output first, then the shape of the input."""
    shapes = [((), ()), ((4,), ()), ((4,), (1,)), ((3,), (5,)), ((), (6,)), ((1,), (1,)), ((2,), (7,))]
    for in_shape, out_shape in shuffled(shapes):
        _assert_derivative_shape(derivative_shape, in_shape, out_shape)


def e1_1_tensors(derivative_shape):
    """Matrices and batches follow the same rule as vectors."""
    shapes = [((2, 3), (4,)), ((5,), (2, 3)), ((7, 2), ()), ((8, 3), (8, 5)), ((2, 3, 5), (7, 1)), ((), (6, 4))]
    shapes += [((3, 2), (1,))]
    for in_shape, out_shape in shuffled(shapes):
        _assert_derivative_shape(derivative_shape, in_shape, out_shape)


def _assert_derivative_shape(derivative_shape, in_shape, out_shape):
    batch_dropped = out_shape + in_shape[1:] if in_shape[:1] == out_shape[:1] and len(in_shape) > 1 else None
    assert_same_shape_tuple(
        derivative_shape(in_shape, out_shape),
        reference.derivative_shape(in_shape, out_shape),
        about=Text(en=f"derivative_shape({in_shape}, {out_shape})", ko=f"derivative_shape({in_shape}, {out_shape})"),
        likely={
            INPUT_FIRST: in_shape + out_shape,
            Text(
                en="the shape of the output alone; every output entry has one derivative for each input entry.",
                ko="출력의 모양뿐입니다. 출력 원소마다 입력 원소 수만큼 미분이 있습니다.",
            ): out_shape,
            Text(
                en="the batch axis appears once; torch keeps it on both sides.",
                ko="배치 축이 한 번만 있습니다. torch는 양쪽에 모두 남깁니다.",
            ): batch_dropped,
        },
    )


INPUT_FIRST = Text(
    en="the input comes first in your shape; the output comes first, so that rows are outputs.",
    ko="입력이 먼저 왔습니다. 행이 출력이 되도록 출력이 먼저 옵니다.",
)


# E1.2 jac_example


@by_hand
def e1_2_shape(jac_example):
    """Two outputs and two inputs make a (2, 2) array of finite numbers."""
    for x in normal(3, 2, seed=1201):
        assert_shape(jac_example(x), (2, 2), about=Text(en="a random x", ko="임의의 x"))


@by_hand
def e1_2_values(jac_example):
    """The entries agree with automatic differentiation at points where the Jacobian is not symmetric."""
    for x in [np.array([-1.3, 0.7]), *normal(4, 2, seed=1202)]:
        _assert_example(jac_example(x.copy()), x, about=Text(en="at a random x", ko="임의의 x"))


@by_hand
def e1_2_extremes(jac_example):
    """Large and small points; the argument is left alone and nothing else is read."""
    for size in (1e3, 1e-3):
        x = size * np.array([0.83, -1.7])
        about = Text(en=f"entries of x of size {size:g}", ko=f"크기가 {size:g}인 x")
        _assert_example(jac_example(x.copy()), x, about=about)
    x = np.array([0.4, 2.9])
    assert_pure(jac_example, x, check=lambda result, about: _assert_example(result, x, about=about))


def _assert_example(result, x, *, about):
    x1, x2 = x
    assert_matches(
        result,
        reference.jac_example(x),
        about=about,
        rtol=ANY_METHOD,
        scale=1.0,
        likely={
            Text(
                en="the Jacobian at (2, 3), whatever x is.", ko="x와 상관없이 (2, 3)에서의 야코비안입니다."
            ): reference.jac_example([2.0, 3.0]),
            Text(en="x1 and x2 are exchanged.", ko="x1과 x2가 바뀌었습니다."): reference.jac_example([x2, x1]),
        },
    )


# E1.3 numerical_jacobian


def three_to_two(x, xp=np):
    """A map from R^3 to R^2 whose partial derivatives are all different."""
    return xp.stack([xp.sin(x[0]) * x[1] + x[2] ** 2, xp.exp(0.3 * x[0]) - x[1] * x[2]])


def two_to_four(x, xp=np):
    """A map from R^2 to R^4."""
    return xp.stack([x[0] * x[1], xp.cos(x[0] - 2 * x[1]), x[0] ** 2 - x[1], 3 * x[1] + x[0]])


def five_to_three(x, xp=np):
    """A map from R^5 to R^3."""
    return xp.stack([x[0] * x[4] + x[1], xp.sin(x[2]) - x[3] ** 2, xp.tanh(x[1]) + x[0] * x[2]])


def four_to_one(x, xp=np):
    """A map from R^4 to R^1, a vector with a single entry."""
    return xp.stack([xp.sin(x[0]) + x[1] * x[2] - x[3] ** 2])


def one_to_three(x, xp=np):
    """A map from R^1 to R^3."""
    return xp.stack([xp.sin(x[0]), x[0] ** 2, 4 * x[0]])


MAPS = [(three_to_two, 3, 2), (two_to_four, 2, 4), (five_to_three, 5, 3), (four_to_one, 4, 1), (one_to_three, 1, 3)]
"""Maps with the numbers of their inputs and outputs."""


def small_three_to_two(x, xp=np):
    """A map from R^3 to R^2 with partial derivatives near 1e-8."""
    return 1e-8 * three_to_two(x, xp)


def linear_three_to_two(x, xp=np):
    """A linear map, on which differences of any step are exact."""
    return xp.stack([2.0 * x[0] - 3.0 * x[2], 0.5 * x[1] + 7.0 * x[0]])


@by_hand
def e1_3_shape(numerical_jacobian):
    """As many rows as outputs, as many columns as inputs, one included."""
    for f, n, m in shuffled(2 * MAPS):
        result = numerical_jacobian(_callback(f), normal(n, seed=1300 + n))
        assert_shape(result, (m, n), about=_sizes(n, m))


@by_hand
def e1_3_values(numerical_jacobian):
    """The entries agree with automatic differentiation for maps between spaces of different dimension."""
    for f, n, m in [(three_to_two, 3, 2), (two_to_four, 2, 4), (five_to_three, 5, 3), (four_to_one, 4, 1)]:
        x = normal(n, seed=1310 + n)
        _assert_numerical(numerical_jacobian(_callback(f), x.copy()), f, x, about=_sizes(n, m))
    x = np.array([90.0, -35.0])
    _assert_numerical(
        numerical_jacobian(_callback(two_to_four), x.copy()),
        two_to_four,
        x,
        about=Text(en="entries of x near 100", ko="크기가 100에 가까운 x"),
    )
    x = np.array([0.7, 0.0, -1.2])
    _assert_numerical(
        numerical_jacobian(_callback(small_three_to_two), x.copy()),
        small_three_to_two,
        x,
        about=Text(en="an x with an entry 0, f times 1e-8", ko="원소 하나가 0인 x, 1e-8을 곱한 f"),
    )


@by_hand
def e1_3_steps(numerical_jacobian):
    """The step is used as it is given: a small one on a curved map, a large one on a linear map."""
    for f, h in [(three_to_two, 1e-7), (linear_three_to_two, 1e-3), (linear_three_to_two, 2.5)]:
        x = normal(3, seed=1320)
        _assert_numerical(
            numerical_jacobian(_callback(f), x.copy(), h), f, x, about=Text(en=f"h = {h:g}", ko=f"h = {h:g}")
        )


@by_hand
def e1_3_inputs(numerical_jacobian):
    """The point is left alone, and only the arguments decide the result."""
    for f, x in shuffled([(five_to_three, normal(5, seed=1330)), (five_to_three, normal(5, seed=1331))]):
        assert_pure(
            numerical_jacobian,
            _callback(f),
            x,
            check=lambda result, about, f=f, x=x: _assert_numerical(result, f, x, about=about),
        )


def _callback(f):
    return lambda x: f(np.asarray(x))


def _assert_numerical(result, f, x, *, about):
    right = reference.numerical_jacobian(lambda p: f(p, torch), x)
    assert_matches(
        result,
        right,
        about=about,
        rtol=ANY_METHOD,
        likely={
            Text(en="differences that are not divided by the step.", ko="차이를 스텝으로 나누지 않았습니다."): 1e-6
            * right,
            Text(
                en="every column holds the sum of all columns: are all coordinates moved at once?",
                ko="모든 열이 열들의 합입니다. 모든 좌표를 한꺼번에 움직이지 않습니까?",
            ): right.sum(dim=1, keepdim=True).expand(right.shape),
        },
    )


# E1.4 jacobian_by_rows


def in_torch(f):
    """One of the maps above as a student's torch code would call it."""
    return lambda x: f(x, torch)


def ignores_an_input(x):
    """The second output is constant and the first input appears in two of the three."""
    return torch.stack([x[0], torch.tensor(7.0, dtype=x.dtype), x[1] * x[2]])


def ignores_everything(x):
    """A constant that does not require a gradient."""
    return torch.tensor([1.0, -2.0], dtype=x.dtype)


def constant_with_a_graph(x):
    """A constant made from parameters that require a gradient: a graph without x."""
    return 2 * torch.tensor([1.5, -0.5, 4.0], dtype=x.dtype, requires_grad=True)


def partly_linear(x):
    """The output 0 x is connected to x, the third is not."""
    return torch.stack([0.0 * x[1], x[0] ** 3, torch.ones((), dtype=x.dtype)])


def e1_4_shape(jacobian_by_rows):
    """As many rows as outputs, as many columns as inputs, one included."""
    for f, n, m in shuffled(2 * MAPS):
        result = jacobian_by_rows(there(in_torch(f)), tensor(normal(n, seed=1400 + n)))
        assert_shape(result, (m, n), about=_sizes(n, m))


def e1_4_values(jacobian_by_rows):
    """The rows agree with those of torch for maps between spaces of different dimension."""
    for f, n, m in [(three_to_two, 3, 2), (two_to_four, 2, 4), (five_to_three, 5, 3), (four_to_one, 4, 1)]:
        _assert_rows(jacobian_by_rows, in_torch(f), normal(n, seed=1410 + n), about=_sizes(n, m))


def e1_4_zero_rows(jacobian_by_rows):
    """An output that does not depend on x has a row of zeros."""
    for f, n, about in [
        (ignores_an_input, 3, Text(en="f(x) = (x1, 7, x2 x3)", ko="f(x) = (x1, 7, x2 x3)")),
        (partly_linear, 2, Text(en="f(x) = (0 x2, x1^3, 1)", ko="f(x) = (0 x2, x1^3, 1)")),
        (ignores_everything, 4, Text(en="a constant f", ko="상수 함수 f")),
        (constant_with_a_graph, 4, OTHER_GRAPH),
    ]:
        _assert_rows(jacobian_by_rows, f, normal(n, seed=1420 + n), about=about)


OTHER_GRAPH = Text(
    en="a constant f with parameters that require a gradient", ko="그래디언트가 필요한 매개변수로 만든 상수 함수 f"
)


def e1_4_inputs(jacobian_by_rows):
    """The point is left alone, may already require a gradient, and only the arguments decide the result."""
    f, x = in_torch(five_to_three), normal(5, seed=1430)
    right = reference.jacobian_by_rows(f, x)
    for requires_grad in (False, True):
        named = Text(en=f"x with requires_grad={requires_grad}, ", ko=f"requires_grad={requires_grad}인 x, ")
        assert_pure(
            jacobian_by_rows,
            there(f),
            tensor(x, requires_grad=requires_grad),
            check=lambda result, about, named=named: assert_matches(
                result, right, about=named + about, rtol=ANY_METHOD
            ),
        )


def _assert_rows(jacobian_by_rows, f, x, *, about):
    right = reference.jacobian_by_rows(f, x)
    assert_matches(
        jacobian_by_rows(there(f), tensor(x)),
        right,
        about=about,
        rtol=ANY_METHOD,
        scale=1.0,
        likely={
            Text(
                en="each row also holds the rows above it: gradients accumulate in x.grad until you clear them.",
                ko="각 행에 앞의 행들이 더해져 있습니다. x.grad에 쌓인 그래디언트는 지울 때까지 남습니다.",
            ): right.cumsum(dim=0),
            Text(
                en="every row is the gradient of the sum of all outputs.",
                ko="모든 행이 출력 합의 그래디언트입니다.",
            ): right.sum(dim=0, keepdim=True).expand(right.shape),
        },
    )


# E1.5 linear_jacobians


@by_hand
def e1_5_shape(linear_jacobians):
    """The shapes are (m, n), (m, m) and (m, m, n)."""
    for m, n in shuffled([(2, 3), (5, 2), (3, 4), (1, 3), (4, 1), (2, 2)]):
        found = parts(linear_jacobians(*_layer(m, n, seed=1500)), LAYER_PARTS, about=_layer_size(m, n))
        for name, part, shape in zip(LAYER_PARTS, found, [(m, n), (m, m), (m, m, n)], strict=True):
            assert_shape(part, shape, about=_layer_part(name, m, n))


@by_hand
def e1_5_input(linear_jacobians):
    """The Jacobian with respect to the input is the weight matrix."""
    for m, n in [(2, 3), (5, 2), (3, 3)]:
        _assert_layer(linear_jacobians, m, n, seed=1510, names=["dy_dx"])


@by_hand
def e1_5_bias(linear_jacobians):
    """The Jacobian with respect to the bias is the identity."""
    for m, n in [(2, 3), (5, 2), (3, 3)]:
        _assert_layer(linear_jacobians, m, n, seed=1520, names=["dy_db"])


@by_hand
def e1_5_weights(linear_jacobians):
    """Output i moves with row i of the weights only, by the input."""
    for m, n in [(2, 3), (5, 2), (3, 3)]:
        _assert_layer(linear_jacobians, m, n, seed=1530, names=["dy_dW"])


@by_hand
def e1_5_extremes(linear_jacobians):
    """One output, one input, large and small entries; the arguments are left alone."""
    for m, n, size in [(1, 4, 1.0), (3, 1, 1.0), (2, 3, 1e6), (2, 3, 1e-6)]:
        layer = _layer(m, n, seed=1540, size=size)
        _assert_layer_parts(linear_jacobians(*map(np.copy, layer)), layer, LAYER_PARTS, m, n)
    layer = _layer(2, 3, seed=1550)
    assert_pure(linear_jacobians, *layer, check=lambda result, _: _assert_layer_parts(result, layer, LAYER_PARTS, 2, 3))


def _assert_layer(linear_jacobians, m, n, *, seed, names):
    layer = _layer(m, n, seed=seed)
    _assert_layer_parts(linear_jacobians(*map(np.copy, layer)), layer, names, m, n)


def _assert_layer_parts(result, layer, names, m, n):
    found = dict(zip(LAYER_PARTS, parts(result, LAYER_PARTS, about=_layer_size(m, n)), strict=True))
    right = dict(zip(LAYER_PARTS, reference.linear_jacobians(*layer), strict=True))
    for name in names:
        assert_matches(
            found[name],
            right[name],
            about=_layer_part(name, m, n),
            rtol=DIFFERENCES,
            likely=_layer_mistakes(name, right, layer[2]),
        )


def _layer_mistakes(name, right, x):
    if name != "dy_dW":
        return {}
    m = right["dy_db"].shape[0]
    return {
        Text(
            en="x stands in every row of every slice: y_i does not depend on row k of W unless k = i.",
            ko="모든 조각의 모든 행에 x가 있습니다. k = i가 아니면 y_i는 W의 행 k에 의존하지 않습니다.",
        ): np.broadcast_to(x, (m, m, len(x))),
    }


# E1.6 elementwise_jacobian and softmax_jacobian


@by_hand
def e1_6_elementwise(elementwise_jacobian):
    """An activation that acts entry by entry has a diagonal Jacobian."""
    for name, phi, dphi in [
        ("tanh", torch.tanh, lambda x: 1 - np.tanh(x) ** 2),
        ("sin", torch.sin, np.cos),
        ("x^3", lambda x: x**3, lambda x: 3 * np.asarray(x) ** 2),
        ("softplus", torch.nn.functional.softplus, lambda x: 1 / (1 + np.exp(-np.asarray(x)))),
    ]:
        for n in (1, 3, 5):
            x = normal(n, seed=1600 + n)
            result, after = unchanged(elementwise_jacobian, dphi, x)
            about = Text(en=f"phi = {name}, {n} entries", ko=f"phi = {name}, 원소 {n}개")
            right = as_numbers(reference.elementwise_jacobian(phi, x))
            assert_matches(
                result,
                right,
                about=about,
                likely={
                    Text(
                        en="the derivatives fill whole rows or columns; entry i depends on x_i alone.",
                        ko="미분이 행이나 열 전체를 채우고 있습니다. 원소 i는 x_i에만 의존합니다.",
                    ): np.broadcast_to(np.diag(right), right.shape),
                },
            )
            assert_left_alone(after, (dphi, x))
    x = np.array([-25.0, 0.3, 40.0])
    assert_matches(
        elementwise_jacobian(lambda x: 2 * np.asarray(x), x.copy()),
        reference.elementwise_jacobian(lambda x: x**2, x),
        about=Text(en="phi = x^2 on large entries", ko="큰 원소에 대한 phi = x^2"),
    )


@by_hand
def e1_6_softmax_values(softmax_jacobian):
    """The entries agree with automatic differentiation; symmetric, with rows that sum to 0."""
    for n in (2, 3, 5):
        z = normal(n, seed=1610 + n)
        result = softmax_jacobian(z.copy())
        assert_matches(
            result,
            reference.softmax_jacobian(z),
            about=Text(en=f"{n} scores", ko=f"점수 {n}개"),
            rtol=DIFFERENCES,
            likely=_softmax_mistakes(z),
        )


@by_hand
def e1_6_softmax_shifts(softmax_jacobian):
    """Adding one number to every score changes nothing, and no direction is mapped backwards."""
    z = np.array([0.2, -1.1, 0.9, 0.4])
    right = reference.softmax_jacobian(z)
    for shift in (50.0, -50.0, 300.0):
        result = softmax_jacobian(z + shift)
        about = Text(en=f"every score shifted by {shift:g}", ko=f"모든 점수에 {shift:g}만큼 더했을 때")
        assert_matches(result, right, about=about, rtol=DIFFERENCES, likely=_softmax_mistakes(z))
    spread = np.array([30.0, 29.0, 27.5])
    assert_matches(
        softmax_jacobian(spread.copy()),
        reference.softmax_jacobian(spread),
        about=Text(en="scores near 30", ko="30에 가까운 점수"),
        rtol=DIFFERENCES,
    )


@by_hand
def e1_6_softmax_extremes(softmax_jacobian):
    """Scores of ±1000 and ±3000 keep their values; the argument is left alone."""
    for scores in ([1000.0, 0.0, -1000.0], [-1000.0, -1001.0], [1000.0, 999.5, 998.0], [3000.0, 2999.0, -3000.0]):
        z, size = np.array(scores), f"±{np.abs(scores).max():.0f}"
        about = Text(en=f"scores of {size}", ko=f"{size}인 점수")
        result, after = unchanged(softmax_jacobian, z)
        assert_matches(result, reference.softmax_jacobian(z), about=about, rtol=DIFFERENCES, scale=0.25)
        assert_left_alone(after, (z,))
    z = normal(4, seed=1630)
    right = reference.softmax_jacobian(z)
    assert_pure(
        softmax_jacobian, z, check=lambda result, about: assert_matches(result, right, about=about, rtol=DIFFERENCES)
    )


def _softmax_mistakes(z):
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return {
        Text(
            en="only the diagonal: every share also depends on the other scores, because all shares sum to one.",
            ko="대각 원소뿐입니다. 몫의 합이 1이므로 각 몫은 다른 점수에도 의존합니다.",
        ): np.diag(p * (1 - p)),
        Text(en="diag(p) alone: subtract p p^T.", ko="diag(p)뿐입니다. p p^T를 빼야 합니다."): np.diag(p),
        Text(en="the outer product is added; it is subtracted.", ko="외적을 더했습니다. 빼야 합니다."): np.diag(p)
        + np.outer(p, p),
    }


# E1.7 batch_jacobian


def crossed(X):
    """A map from R^3 to R^2 on the last axis, with products of entries of one sample."""
    return torch.stack([X[..., 0] * X[..., 1], torch.sin(X[..., 2]) + X[..., 0] ** 2], dim=-1)


def widening(X):
    """A map from R^2 to R^4 on the last axis."""
    return torch.stack([X[..., 0] * X[..., 1], torch.exp(X[..., 1]), X[..., 0] ** 3, X[..., 1] - X[..., 0]], dim=-1)


def e1_7_shape(batch_jacobian):
    """One (m, n) matrix a sample, not one for each pair of samples."""
    for B, (f, n, m) in shuffled((B, case) for B in (2, 3, 5) for case in [(crossed, 3, 2), (widening, 2, 4)]):
        result = batch_jacobian(there(f), tensor(normal(B, n, seed=1700)))
        assert_shape(
            result,
            (B, m, n),
            about=_batch(B, n, m),
            likely=lambda found, B=B, m=m, n=n: PAIRS if found.shape == (B, m, B, n) else None,
        )


def e1_7_values(batch_jacobian):
    """Each matrix is the Jacobian at its own sample."""
    for f, B, n, m in [(crossed, 5, 3, 2), (widening, 3, 2, 4)]:
        X = normal(B, n, seed=1710 + B)
        right = reference.batch_jacobian(f, X)
        assert_matches(
            batch_jacobian(there(f), tensor(X)),
            right,
            about=_batch(B, n, m),
            rtol=ANY_METHOD,
            likely={
                Text(en="every matrix is the sum over the batch.", ko="모든 행렬이 배치에 대한 합입니다."): right.sum(
                    dim=0, keepdim=True
                ).expand(right.shape),
                Text(
                    en="every matrix is the Jacobian at the first sample.",
                    ko="모든 행렬이 첫 번째 표본에서의 야코비안입니다.",
                ): right[:1].expand(right.shape),
            },
        )


def e1_7_samples(batch_jacobian):
    """A batch of one keeps its axis, samples do not mix, and the batch is left alone."""
    single = normal(1, 3, seed=1720)
    result = batch_jacobian(there(crossed), tensor(single))
    assert_matches(result, reference.batch_jacobian(crossed, single), about=_batch(1, 3, 2), rtol=ANY_METHOD)
    X, order = normal(4, 2, seed=1730), [2, 0, 3, 1]
    right = reference.batch_jacobian(widening, X)[order]
    reordered = Text(en="the samples in another order, ", ko="표본의 순서를 바꾸었을 때, ")
    assert_pure(
        batch_jacobian,
        there(widening),
        tensor(X[order]),
        check=lambda result, about: assert_matches(result, right, about=reordered + about, rtol=ANY_METHOD),
    )


PAIRS = Text(
    en="this is the Jacobian of every output with respect to every sample; a sample needs only its own block.",
    ko="모든 출력을 모든 표본으로 미분한 야코비안입니다. 표본마다 자기 블록만 필요합니다.",
)


# E1.8 puzzles


def e1_8_cumsum(jac_cumsum):
    """The i-th running sum contains the first i entries."""
    for n in (1, 2, 5):
        assert_matches(
            jac_cumsum(n), reference.jac_cumsum(n), about=Text(en=f"n = {n}", ko=f"n = {n}"), rtol=DIFFERENCES
        )


def e1_8_sort(jac_sort):
    """A permutation matrix that says where each sorted entry comes from."""
    for x in ([3.0, 1.0, 2.0], [2.0, 3.0, 1.0, -4.0], [0.5], [0.8, 7.5, 0.3, -0.4, -6.0]):
        assert_matches(
            jac_sort(torch.tensor(x)),
            reference.jac_sort(x),
            about=Text(en=f"{len(x)} numbers", ko=f"수 {len(x)}개"),
            rtol=DIFFERENCES,
        )
    x = torch.tensor([4.0, -2.0, 0.0])
    result, after = unchanged(jac_sort, x)
    assert_matches(result, reference.jac_sort(x), about=Text(en="3 numbers", ko="수 3개"), rtol=DIFFERENCES)
    assert_left_alone(after, (x,))


def e1_8_window_mean(jac_window_mean):
    """A band of equal entries that moves one column a row."""
    for n, w in ((5, 2), (7, 3), (4, 1), (3, 3)):
        assert_matches(
            jac_window_mean(n, w),
            reference.jac_window_mean(n, w),
            about=Text(en=f"n = {n}, w = {w}", ko=f"n = {n}, w = {w}"),
            rtol=DIFFERENCES,
        )


def e1_8_conv1d(jac_conv1d):
    """A band that holds the kernel, not flipped, and moves one column a row."""
    for n, w in ((6, 3), (5, 2), (4, 1), (3, 3)):
        k = normal(w, seed=1800 + w).astype(np.float32)
        assert_matches(
            jac_conv1d(torch.tensor(k), n),
            reference.jac_conv1d(k, n),
            about=Text(en=f"n = {n}, a kernel of {w}", ko=f"n = {n}, 길이 {w}인 커널"),
            rtol=DIFFERENCES,
            likely={
                Text(
                    en="the kernel is flipped; torch's convolution does not flip it.",
                    ko="커널이 뒤집혔습니다. torch의 합성곱은 뒤집지 않습니다.",
                ): reference.jac_conv1d(k[::-1].copy(), n)
            },
        )


# Inputs and the words that name them


def _layer(m, n, *, seed, size=1.0):
    return tuple(size * normal(*shape, seed=seed + part) for part, shape in enumerate([(m, n), (m,), (n,)]))


def _sizes(n, m):
    return Text(en=f"{n} inputs, {m} outputs", ko=f"입력 {n}개, 출력 {m}개")


def _layer_size(m, n):
    return Text(en=f"a layer from {n} to {m}", ko=f"{n}개에서 {m}개로 가는 층")


def _layer_part(name, m, n):
    return Text(en=f"{name} of ", ko=f"{name}, ") + _layer_size(m, n)


def _batch(B, n, m):
    return Text(en=f"a batch of {B}, {n} inputs, {m} outputs", ko=f"표본 {B}개, 입력 {n}개, 출력 {m}개")
