"""Hidden checks of ps3-hessian: one function a test cell, named like its grade id."""

import math
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import torch

from nbjudge.testing import CheckFailed, Text, by_hand, counted, raises, repeat, shuffled, there, unchanged, value
from solutions import hessian as reference
from tests.hidden.cases import normal, rotation, tensor, two_moons
from tests.hidden.compare import (
    ANY_METHOD,
    DIFFERENCES,
    TWICE,
    as_numbers,
    assert_at_least,
    assert_left_alone,
    assert_matches,
    assert_pure,
    assert_shape,
    assert_slope,
    assert_statistic,
    assert_word,
    parts,
)

ESCAPE_WINDOW = 0.05
"""How far the slope of the escape time may be from the law, as a fraction."""


# E3.1 numerical_hessian


def steep(x, xp=np):
    """A function of 3 variables whose third derivatives are 7 times as large as its second ones."""
    return xp.exp(7 * x[0]) * xp.sin(2 * x[1]) + x[0] * x[2] ** 2 + 4 * x[1] * x[2]


def mixed(x, xp=np):
    """A function of 2 variables whose mixed derivative is the largest."""
    return 20 * x[0] * x[1] + xp.cos(x[0] - 2 * x[1]) + x[0] ** 2


def wide(x, xp=np):
    """A function of 5 variables."""
    return xp.sin(x[0] * x[1]) + 2 * x[2] * x[3] * x[4] + x[0] * x[4] ** 2 - 3 * x[1] * x[3]


def single(x, xp=np):
    """A function of 1 variable."""
    return xp.exp(x[0]) - x[0] ** 3


def gentle(x, xp=np):
    """A function of 3 variables for the order of the error."""
    return xp.exp(0.6 * x[0]) * xp.sin(x[1]) + x[0] * x[1] * x[2] + 0.3 * x[2] ** 4


def bowl(x, xp=np):
    """A quadratic of 3 variables, whose Hessian is the same everywhere."""
    del xp
    return x[0] ** 2 - 2 * x[1] ** 2 + 0.5 * x[2] ** 2 + 3 * x[0] * x[1] - 4 * x[1] * x[2] + x[0]


@by_hand
def e3_1_shape(numerical_hessian):
    """As many rows and columns as inputs, a single one included."""
    for f, n in shuffled(2 * [(single, 1), (mixed, 2), (steep, 3), (wide, 5)]):
        assert_shape(numerical_hessian(_callback(f), normal(n, seed=3100 + n), 1e-3), (n, n), about=_inputs(n))


@by_hand
def e3_1_values(numerical_hessian):
    """With the default step the entries agree with automatic differentiation, mixed ones too."""
    for f, x in [
        (steep, np.array([0.2, -0.7, 1.3])),
        (mixed, normal(2, seed=3110)),
        (_times(1e-7, mixed), normal(2, seed=3110)),
        (_times(1e7, mixed), normal(2, seed=3110)),
        (wide, normal(5, seed=3112)),
        (single, np.array([-0.6])),
    ]:
        right = as_numbers(reference.numerical_hessian(_in_torch(f), x))
        assert_matches(
            numerical_hessian(_callback(f), x.copy()),
            right,
            about=_inputs(len(x)),
            rtol=DIFFERENCES,
            likely=_numerical_mistakes(f, x, right),
        )


@by_hand
def e3_1_order(numerical_hessian):
    """A step ten times smaller makes the error about a hundred times smaller, on the diagonal and beside it."""
    for x in ([0.3, -0.8, -0.9], [-0.5, 4000.0, -0.7]):
        right = as_numbers(reference.numerical_hessian(_in_torch(gentle), x))
        errors = []
        for h in (0.4, 0.04):  # a step of 0.1 or 1e-4 that is used instead shows
            about = Text(en=f"h = {h:g}", ko=f"h = {h:g}")
            found = assert_shape(numerical_hessian(_callback(gentle), np.array(x), h), (3, 3), about=about)
            errors.append(np.maximum(np.abs(found.values - right), np.finfo(float).eps))
        for entries, where in (
            (np.eye(3, dtype=bool), Text(en="on the diagonal", ko="대각 원소")),
            (~np.eye(3, dtype=bool), Text(en="beside the diagonal", ko="대각 밖의 원소")),
        ):
            coarse, fine = (error[entries].max() for error in errors)
            assert_slope(
                min(math.log10(coarse / fine), 2.0),  # a method of higher order is right as well
                2.0,
                about=where
                + Text(
                    en=", the error between h = 0.4 and h = 0.04 on logarithmic axes",
                    ko=", h = 0.4와 h = 0.04 사이의 오차, 양축 로그",
                ),
                likely={
                    Text(
                        en="one-sided differences have slope 1; step to both sides.",
                        ko="한쪽 차분은 기울기가 1입니다. 양쪽으로 움직이십시오.",
                    ): 1.0,
                    Text(
                        en="the error does not shrink with h: is h used, and is the divisor right?",
                        ko="h를 줄여도 오차가 줄지 않습니다. h를 쓰고 있습니까? 나누는 수는 맞습니까?",
                    ): 0.0,
                },
            )


@by_hand
def e3_1_inputs(numerical_hessian):
    """The point is left alone, and only the arguments decide the result."""
    for f, x in shuffled([(bowl, normal(3, seed=3130)), (_times(-2.5, bowl), normal(3, seed=3131))]):
        right = reference.numerical_hessian(_in_torch(f), x)
        assert_pure(
            numerical_hessian,
            _callback(f),
            x,
            1e-3,
            check=lambda result, about, right=right: assert_matches(result, right, about=about, rtol=DIFFERENCES),
        )


def _numerical_mistakes(f, x, right):
    diagonal = np.diag(np.diag(right))
    steps = 1e-4 * np.eye(len(x))
    one_sided = [[(f(x + a + b) - f(x + a) - f(x + b) + f(x)) / 1e-8 for b in steps] for a in steps]
    return {
        Text(
            en="these are one-sided differences; step to both sides.", ko="한쪽 차분입니다. 양쪽으로 움직이십시오."
        ): one_sided,
        ONLY_DIAGONAL: diagonal,
        Text(
            en="only one triangle is filled; the matrix is symmetric.",
            ko="삼각형 한쪽만 채웠습니다. 이 행렬은 대칭입니다.",
        ): np.triu(right),
        Text(
            en="mixed entries hold the second derivative along e_i + e_j; subtract what x_i and x_j do alone.",
            ko="섞인 원소가 e_i + e_j 방향의 이계도함수입니다. x_i와 x_j가 따로 주는 몫을 빼야 합니다.",
        ): 2 * (right - diagonal) + np.add.outer(np.diag(right), np.diag(right)) - np.diag(np.diag(right)),
    }


# E3.2 hessian


def seed_bowl(x):
    """x1^2 + 3 x1 x2 + 2 x2^2, whose Hessian is [[2, 3], [3, 4]]."""
    return x[0] ** 2 + 3 * x[0] * x[1] + 2 * x[1] ** 2


def at_rest(x):
    """The gradient at (1, -2, 0.5) is zero, the Hessian is not."""
    d = x - torch.tensor([1.0, -2.0, 0.5], dtype=x.dtype)
    return torch.cosh(d[0] - d[1]) - 2 * d[1] * d[2] + 3 * d[0] ** 2 + d[2] ** 4


def log_sum_exp(x):
    """A function of all its entries, 4 or any other number."""
    return torch.logsumexp(2 * x, dim=0) + x[0] ** 3 * x[-1]


def cube(x):
    """A function of 1 variable."""
    return x[0] ** 3


def linear(x):
    """A function whose gradient does not depend on x."""
    return 2 * x[0] - 5 * x[1] + 1


def constant(x):
    """A function that does not depend on x."""
    return torch.tensor(4.0, dtype=x.dtype)


def ignores_most(x):
    """A function of x1 alone, and of x2 by a straight line."""
    return x[0] ** 2 + 7 * x[1]


def e3_2_shape(hessian):
    """As many rows and columns as inputs, a single one included."""
    for f, n in shuffled(2 * [(cube, 1), (seed_bowl, 2), (_in_torch(gentle), 3), (log_sum_exp, 5)]):
        assert_shape(hessian(there(f), tensor(normal(n, seed=3200 + n))), (n, n), about=_inputs(n))


def e3_2_values(hessian):
    """The entries agree with those of torch, where the gradient is zero too."""
    for f, x in [
        (seed_bowl, [1.0, 2.0]),
        (log_sum_exp, normal(4, seed=3210)),
        (_in_torch(steep), [0.2, -0.7, 1.3]),
        (at_rest, [1.0, -2.0, 0.5]),
    ]:
        _assert_hessian(hessian, f, x, about=_inputs(len(x)))
    _assert_hessian(hessian, _in_torch(_times(1e-9, gentle)), [0.2, -0.7, 1.3], about=SMALL_F, scale=1e-9)


def e3_2_zeros(hessian):
    """A straight or constant f has a Hessian of zeros; an input that f ignores has a row and a column of zeros."""
    for f, x, about in [
        (linear, [0.3, -1.2], Text(en="a linear f", ko="일차함수 f")),
        (constant, [0.3, -1.2, 0.8], Text(en="a constant f", ko="상수 함수 f")),
        (
            ignores_most,
            [0.4, 1.0, -2.0],
            Text(en="f(x) = x1^2 + 7 x2 of 3 inputs", ko="입력이 3개인 f(x) = x1^2 + 7 x2"),
        ),
        (cube, [-0.7], Text(en="f(x) = x^3", ko="f(x) = x^3")),
    ]:
        _assert_hessian(hessian, f, x, about=about)


def e3_2_inputs(hessian):
    """The point is left alone, may already require a gradient, and only the arguments decide the result."""
    for f, x in [(_in_torch(gentle), normal(3, seed=3230)), (_in_torch(steep), np.array([-0.1, 0.4, 0.9]))]:
        right = reference.hessian(f, x)
        for requires_grad in (False, True):
            assert_pure(
                hessian,
                there(f),
                tensor(x, requires_grad=requires_grad),
                check=lambda result, about, right=right: assert_matches(result, right, about=about, rtol=DIFFERENCES),
                grads=True,
            )
    _assert_grad_kept(hessian, f, x)


def _assert_grad_kept(fn, f, x, *rest):
    """Fail unless a gradient that the point already has is there after the call."""
    point = tensor(x, requires_grad=True)
    point.grad = 1.0 + torch.arange(len(x), dtype=torch.float64)
    _, (_, after, *_) = unchanged(fn, there(f), point, *rest)
    if after.grad is None:
        raise CheckFailed(GRAD_CLEARED)
    assert_matches(after.grad, point.grad, about=GRAD_AFTER)


def _assert_hessian(hessian, f, x, *, about, scale=1.0):
    right = as_numbers(reference.hessian(f, x))
    gradient = torch.func.grad(f)(tensor(x)).numpy()
    assert_matches(
        hessian(there(f), tensor(x)),
        right,
        about=about,
        rtol=DIFFERENCES,
        scale=scale,
        likely={
            Text(
                en="this is the outer product of the gradient with itself; it knows no second derivative.",
                ko="그래디언트의 외적입니다. 여기에는 이계도함수가 없습니다.",
            ): np.outer(gradient, gradient),
            ONLY_DIAGONAL: np.diag(np.diag(right)),
            Text(en="this is H^T H, not H.", ko="H가 아니라 H^T H입니다."): right.T @ right,
        },
    )


# E3.3 hvp


def neighbours(x):
    """A chain of any length: its Hessian has 1 beside the diagonal and x_i^2 - 1 on it, and signs of both kinds."""
    return (x[:-1] * x[1:]).sum() + (x**4).sum() / 12 - (x**2).sum() / 2


def neighbours_hvp(x, v):
    """The product of the Hessian of `neighbours` and v, by hand."""
    product = (x**2 - 1) * v
    product[:-1] += v[1:]
    product[1:] += v[:-1]
    return product


def e3_3_shape(hvp):
    """A vector like x, with a single entry too."""
    maps = [(cube, 1), (seed_bowl, 2), (_in_torch(gentle), 3), (log_sum_exp, 5), (neighbours, 7), (neighbours, 4)]
    for f, n in shuffled(maps):
        x, v = normal(2, n, seed=3300 + n)
        assert_shape(hvp(there(f), tensor(x), tensor(v)), (n,), about=_inputs(n))


def e3_3_values(hvp):
    """The product agrees with H times v; it is linear in v, and H is symmetric."""
    for f, n in [(seed_bowl, 2), (_in_torch(steep), 3), (log_sum_exp, 5), (neighbours, 7)]:
        x, u, v = 0.5 * normal(3, n, seed=3310 + n)
        product = _assert_product(hvp, f, x, v, about=_inputs(n))
        combined = _assert_product(
            hvp, f, x, 3 * v - 0.5 * u, about=Text(en="the vector 3 v - 0.5 u", ko="벡터 3 v - 0.5 u")
        )
        other = _assert_product(hvp, f, x, u, about=_inputs(n))
        assert_matches(
            combined,
            3 * product - 0.5 * other,
            about=Text(en="linearity, hvp of 3 v - 0.5 u", ko="선형성, 3 v - 0.5 u의 hvp"),
            rtol=DIFFERENCES,
        )
        assert_matches(
            u @ product,
            v @ other,
            about=Text(en="symmetry, the product of u and H v", ko="대칭성, u와 H v의 내적"),
            rtol=DIFFERENCES,
            scale=np.linalg.norm(u) * np.linalg.norm(product),
        )
    x, v = 0.5 * normal(2, 5, seed=3316)
    for size in (1e6, 1e-9):
        _assert_product(
            hvp, log_sum_exp, x, size * v, about=Text(en=f"a vector of size {size:g}", ko=f"크기가 {size:g}인 벡터")
        )
    nothing = hvp(there(log_sum_exp), tensor(x), tensor(np.zeros(5)))
    assert_matches(nothing, np.zeros(5), about=Text(en="a vector of zeros", ko="영벡터"), scale=1.0)


def e3_3_large(hvp):
    """With 20,000 inputs the Hessian would fill 3.2 GB; the product is a vector."""
    n = 20_000
    x, v = normal(2, n, seed=3320)
    v /= np.linalg.norm(v)
    assert_matches(
        hvp(there(neighbours), tensor(x), tensor(v)),
        neighbours_hvp(x, v),
        about=_inputs(n),
        rtol=DIFFERENCES,
        likely={IGNORES_V: neighbours_hvp(x, np.ones(n))},
    )


def e3_3_inputs(hvp):
    """Point and vector are left alone, no gradient stays behind, and only the arguments decide the result."""
    f = _in_torch(bowl)
    x, v = normal(2, 3, seed=3330)
    right = reference.hvp(f, x, v)
    for requires_grad in (False, True):
        assert_pure(
            hvp,
            there(f),
            tensor(x, requires_grad=requires_grad),
            tensor(v),
            check=lambda result, about: assert_matches(result, right, about=about, rtol=DIFFERENCES),
            grads=True,
        )
    _assert_grad_kept(hvp, f, x, tensor(v))


def _assert_product(hvp, f, x, v, *, about):
    """Fail unless `hvp` gives H v; return the product as an array."""
    H, gradient = as_numbers(reference.hessian(f, x)), torch.func.grad(f)(tensor(x)).numpy()
    found = hvp(there(f), tensor(x), tensor(v))
    assert_matches(
        found,
        reference.hvp(f, x, v),
        about=about,
        rtol=DIFFERENCES,
        likely={
            IGNORES_V: H.sum(axis=1),
            Text(
                en="this is the gradient times its product with v; it knows no second derivative.",
                ko="그래디언트에 v와의 내적을 곱한 값입니다. 여기에는 이계도함수가 없습니다.",
            ): gradient * (gradient @ v),
            Text(
                en="each entry of v meets the diagonal of H only.", ko="v의 원소마다 H의 대각 원소만 곱했습니다."
            ): np.diag(H) * v,
        },
    )
    return assert_shape(found, (len(x),), about=about).values


ONLY_DIAGONAL = Text(
    en="only the diagonal; the mixed derivatives are missing.",
    ko="대각 원소뿐입니다. 섞인 편미분이 빠졌습니다.",
)
SMALL_F = Text(en="a function of size 1e-9", ko="크기가 1e-9인 함수")
GRAD_AFTER = Text(en="the .grad of x after the call", ko="호출 뒤 x의 .grad")
GRAD_CLEARED = Text(
    en="the .grad that x had before is gone after the call; work on a copy, or use torch.autograd.grad.",
    ko="호출 뒤에 x에 있던 .grad가 사라졌습니다. 복사본으로 계산하거나 torch.autograd.grad를 쓰십시오.",
)
IGNORES_V = Text(
    en="the result holds the row sums of H, as for a v of ones: where does v come in?",
    ko="결과가 H의 행 합입니다. 원소가 모두 1인 v를 넣은 것과 같습니다. v는 어디에 들어갑니까?",
)


# E3.4 classify_matrix


@by_hand
def e3_4_definite(classify_matrix):
    """All eigenvalues of one sign, well away from zero; no others."""
    others = [
        (np.array([[1.0, 3.0], [3.0, 1.0]]), "indefinite"),
        (np.array([[-2.0, 3.0], [3.0, -4.0]]), "indefinite"),
        (np.diag([1.0, 3.0, -1.0]), "indefinite"),
        (np.diag([0.0, 3.0]), "positive_semidefinite"),
        (np.diag([-1.0, 0.0, -2.0]), "negative_semidefinite"),
    ]
    cases = [
        (-np.eye(2), "negative_definite"),
        (np.diag([-1.0, -3.0, -2.0]), "negative_definite"),
        (np.array([[5.0, -2.0], [-2.0, 1.0]]), "positive_definite"),
        (np.array([[-1e-3]]), "negative_definite"),
    ]
    for seed, eigenvalues in enumerate([(1.0, 2.0, 5.0), (0.3, 4.0), (1e-3, 1.0, 2.0, 0.5, 3.0), (2.5,)]):
        H = turned(eigenvalues, seed=3400 + seed)
        cases += [(H, "positive_definite"), (-H, "negative_definite")]
    _assert_matrices(classify_matrix, cases, others=others)


@by_hand
def e3_4_indefinite(classify_matrix):
    """Eigenvalues of both signs, whatever the diagonal, the determinant and the leading minors say; no others."""
    spectra = [(2.0, -1.0, 3.0), (-5.0, 0.01), (1.0, 1.0, -1.0, -1.0), (-3.0, 0.0, 0.2)]
    matrices = [
        *(turned(eigenvalues, seed=3410 + seed) for seed, eigenvalues in enumerate(spectra)),
        np.array([[1.0, 3.0], [3.0, 1.0]]),
        np.array([[2.0, 3.0], [3.0, 4.0]]),
        np.diag([1.0, 1.0, -1.0, -1.0]),
        np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]),
        np.array([[0.0, 2.0], [2.0, 0.0]]),
    ]
    definite = [
        turned(eigenvalues, seed=seed) for seed in (3415, 3416) for eigenvalues in [(2.0, 1.0, 3.0), (5.0, 0.1)]
    ]
    definite += [np.diag([1.0, 2.0, 4.0, 1.0]), np.array([[4.0]])]
    cases = [(H, "indefinite") for H in matrices]
    _assert_matrices(classify_matrix, cases, others=[(H, "positive_definite") for H in definite])


@by_hand
def e3_4_semidefinite(classify_matrix):
    """Some eigenvalues are zero up to rounding, in no other matrices; a matrix of zeros has a word of its own."""
    definite = turned((2.0, 1.0, 3.0), seed=3425)
    others = [
        (definite, "positive_definite"),
        (-definite, "negative_definite"),
        (np.array([[5.0, -2.0], [-2.0, 1.0]]), "positive_definite"),
        (np.array([[-4.0]]), "negative_definite"),
        (np.array([[1.0, 3.0], [3.0, 1.0]]), "indefinite"),
    ]
    cases = [
        (np.diag([0.0, -1.0]), "negative_semidefinite"),
        (np.diag([0.0, 0.0, 3.0]), "positive_semidefinite"),
        (np.array([[4.0, 2.0], [2.0, 1.0]]), "positive_semidefinite"),
        (np.zeros((1, 1)), "zero"),
        (np.zeros((3, 3)), "zero"),
    ]
    for seed, eigenvalues in enumerate([(0.0, 1.0, 2.0), (4.0, 0.0, 0.0), (0.0, 0.3), (1.0, 0.0, 3.0, 0.0, 2.0)]):
        H = turned(eigenvalues, seed=3420 + seed)
        cases += [(H, "positive_semidefinite"), (-H, "negative_semidefinite")]
    _assert_matrices(classify_matrix, cases, others=others)


@by_hand
def e3_4_scales(classify_matrix):
    """Large and small numbers change no verdict: every tolerance is relative."""
    Q = rotation(4, seed=3440)
    rounded = Q @ np.diag([1.0, 2.0, 3.0, 4.0]) @ Q.T
    matrices = [
        (turned((1.0, 2.0, 5.0), seed=3430), "positive_definite"),
        (turned((2.0, -1.0, 3.0), seed=3431), "indefinite"),
        (turned((0.0, 1.0, 3.0), seed=3432), "positive_semidefinite"),
        (turned((-2.0, -1.0, 0.0, 0.0), seed=3433), "negative_semidefinite"),
        (np.eye(2), "positive_definite"),
        (np.array([[2.0]]), "positive_definite"),
        (np.array([[1.0, 5.0], [0.0, 1.0]]), None),
    ]
    cases = [(scale, H, word) for scale in (1e-15, 1e-9, 1e9) for H, word in matrices]
    for scale, H, word in shuffled([*cases, (1e9, rounded, "positive_definite")]):
        if word is None:
            raises(ValueError, classify_matrix, scale * H)
        else:
            _assert_definiteness(classify_matrix, scale * H, word, about=_scaled(scale))


@by_hand
def e3_4_inputs(classify_matrix):
    """A matrix that is not symmetric is refused, rtol is used, and the matrix is left alone."""
    wide = np.ones((10, 10)) + 0.5 * np.eye(10)  # its largest eigenvalue is 7 times its largest entry
    cases = [
        (np.diag([2e-5, 1.0]), 1e-3, "positive_semidefinite"),
        (np.diag([-2e-5, 1.0, 3.0]), 1e-3, "positive_semidefinite"),
        (np.diag([0.05, 1.0]), 1e-3, "positive_definite"),
        (np.array([[2.0, 1.0], [1.00002, 2.0]]), 1e-3, "positive_definite"),
        (wide, 0.1, "positive_semidefinite"),
        (np.array([[2.0, 1.0], [1.1, 2.0]]), 1e-3, None),
        *((np.array(H), None, None) for H in ([[1, 5.0], [0, 1]], [[2, 1], [1.001, 2]], [[0, 1.0], [-1, 0]])),
    ]
    for H, rtol, word in shuffled(cases):
        arguments = (H,) if rtol is None else (H, rtol)
        if word is None:
            raises(ValueError, classify_matrix, *arguments)
        else:
            about = _matrix(H) + Text(en=f" with rtol = {rtol:g}", ko=f", rtol = {rtol:g}")
            assert_word(classify_matrix(*arguments), word, about=about)
    H = turned((3.0, 1.0, 4.0), seed=3450)
    assert_pure(
        classify_matrix,
        H,
        check=lambda result, about: assert_word(result, "positive_definite", about=about),
    )


def turned(eigenvalues, *, seed):
    """A symmetric matrix with the given eigenvalues in random directions."""
    Q = rotation(len(eigenvalues), seed=seed)
    H = Q @ np.diag(eigenvalues) @ Q.T
    return (H + H.T) / 2


def _assert_matrices(classify_matrix, cases, *, others):
    """Fail unless matrices have their words, and no other has one of these; its own word belongs to other cells."""
    elsewhere = DEFINITENESS - {word for _, word in cases}
    cases = [*((H, word, {word}) for H, word in cases), *((H, word, elsewhere) for H, word in others)]
    for H, word, accepted in shuffled(cases):
        _assert_definiteness(classify_matrix, H, word, accepted=accepted)


def _assert_definiteness(classify_matrix, H, word, *, accepted=None, about=None):
    wrong_words = {
        "definite": [f"{sign}_semidefinite" for sign in ("positive", "negative")] + ["zero"],
        "semidefinite": [f"{sign}_definite" for sign in ("positive", "negative")] + ["indefinite"],
        "indefinite": [f"{sign}_{kind}" for sign in ("positive", "negative") for kind in ("definite", "semidefinite")],
        "zero": ["positive_semidefinite", "negative_semidefinite"],
    }
    kind = word.split("_")[-1]
    assert_word(
        classify_matrix(H.copy()),
        accepted or word,
        about=about or _matrix(H),
        likely=_for_each(WRONG_DEFINITENESS[kind], wrong_words[kind]),
    )


DEFINITENESS = {f"{sign}_{kind}" for sign in ("positive", "negative") for kind in ("definite", "semidefinite")}
DEFINITENESS |= {"indefinite", "zero"}
WRONG_DEFINITENESS = {
    "definite": Text(
        en="{word} needs an eigenvalue that is zero; here each is far from zero beside the largest one.",
        ko="{word} 판정에는 0인 고윳값이 있어야 합니다. 여기서는 가장 큰 고윳값에 견주어 모두 0에서 멉니다.",
    ),
    "semidefinite": Text(
        en="{word} takes rounding for an eigenvalue: one of them is zero, up to a tolerance relative to the largest.",
        ko="{word} 판정은 반올림을 고윳값으로 본 것입니다. 가장 큰 고윳값에 견준 허용 오차 안에서 하나가 0입니다.",
    ),
    "indefinite": Text(
        en="not {word}: eigenvalues of both signs; the diagonal, the determinant or a few minors do not show it.",
        ko="{word} 판정과 달리 양의 고윳값과 음의 고윳값이 모두 있습니다. 대각 원소나 행렬식으로는 알 수 없습니다.",
    ),
    "zero": Text(
        en="a matrix of zeros is {word}, and also its opposite: it has a word of its own.",
        ko="영행렬은 {word}이면서 그 반대이기도 합니다. 그래서 낱말을 따로 둡니다.",
    ),
}


def _for_each(text, words):
    """A text on each of several wrong words, as `assert_word` takes them."""
    return {text.format(word=word): word for word in words}


def _matrix(H):
    return Text(en=f"a {len(H)} × {len(H)} matrix", ko=f"{len(H)} × {len(H)} 행렬")


def _scaled(scale):
    return Text(en=f"a matrix of size {scale:g}", ko=f"크기가 {scale:g}인 행렬")


# E3.5 classify_point


def saddle(x):
    """x^2 - y^2."""
    return x[0] ** 2 - x[1] ** 2


def flat_saddle(x):
    """The Hessian at 0 is diag(2, -2, 0)."""
    return x[0] ** 2 - x[1] ** 2 + x[2] ** 4


def two_layers(w):
    """The loss of a network of two weights in a row; at 0 its Hessian is [[0, -2], [-2, 0]]."""
    return (w[0] * w[1] - 1) ** 2


def four_directions(x):
    """A saddle in 4 dimensions whose determinant is positive."""
    return x[0] ** 2 + 3 * x[1] ** 2 - x[2] ** 2 - 2 * x[3] ** 2 + x[0] * x[2]


def cubic_valley(x):
    """A minimum at (1, 0), a saddle at (-1, 0)."""
    return x[0] ** 3 - 3 * x[0] + x[1] ** 2


def at_log_three(x):
    """A minimum at (log 3, -2), where the gradient is zero up to rounding."""
    return torch.exp(x[0]) - 3 * x[0] + (x[1] + 2) ** 2


def tilted_bowl(x):
    """A minimum at (1, -2, 0.5) with curvatures in all directions."""
    d = x - torch.tensor([1.0, -2.0, 0.5], dtype=x.dtype)
    return d @ d + 0.8 * d[0] * d[1] - d[1] * d[2] + d[0] ** 3


def steep_bowl(x):
    """A minimum at (log 3, -2), so steep that rounding leaves a gradient above 1e-6."""
    return 1e12 * at_log_three(x)


def shallow_bowl(x):
    """A minimum at 0 whose curvatures are below 1e-8."""
    return 1e-9 * (x[0] ** 2 + 3 * x[1] ** 2 + x[0] * x[1])


def almost_level(x):
    """At 0 every entry of the gradient is 7e-7, and the curvatures are positive, though one is 1e-7 of the others."""
    return 7e-7 * x.sum() + 1e-9 * (x[0] ** 2 + x[1] ** 2 + x[2] ** 2 + 1e-7 * x[3] ** 2)


def quartic_bowl(x):
    """x^4 + y^4, a minimum with a Hessian of zeros."""
    return x[0] ** 4 + x[1] ** 4


def quartic_saddle(x):
    """x^4 - y^4, no minimum, with the same Hessian."""
    return x[0] ** 4 - x[1] ** 4


def monkey_saddle(x):
    """x^3 - 3 x y^2, a saddle of three valleys with a Hessian of zeros."""
    return x[0] ** 3 - 3 * x[0] * x[1] ** 2


def half_pipe(x):
    """(x - 1)^2 + (y + 2)^3: the Hessian at (1, -2) is diag(2, 0), and y has no minimum there."""
    return (x[0] - 1) ** 2 + (x[1] + 2) ** 3


def turned_valley(x):
    """A quadratic along two directions, a fourth power along the third."""
    a, b, c = x[0] + 0.3 * x[1] - 0.7 * x[2], 0.2 * x[0] - 1.1 * x[1] + 0.4 * x[2], x[0] + x[1] + x[2]
    return a**2 + 3 * b**2 + c**4


def turned_ridge(x):
    """The negative of a valley."""
    return -turned_valley(x)


def e3_5_critical(classify_point):
    """Where the gradient is not zero the Hessian decides nothing; where it is zero, the point is critical."""
    away = [
        (seed_bowl, [1.0, 2.0]),
        (saddle, [0.0, 1e-3]),
        (tilted_bowl, [1.1, -2.0, 0.5]),
        (quartic_bowl, [0.5, -0.5]),
        (lambda x: -at_log_three(x), [0.0, 0.0]),
        (cubic_valley, [0.0, 0.0]),
    ]
    critical = [*EXTREMES, (saddle, [0.0, 0.0], "saddle"), (four_directions, [0.0, 0.0, 0.0, 0.0], "saddle")]
    _assert_points(classify_point, [(f, x, "not_critical") for f, x in away], others=critical)


def e3_5_extremes(classify_point):
    """Definite Hessians at critical points away from 0, steep and shallow ones; no others."""
    log_three = math.log(3.0)
    minima = [
        (cubic_valley, [1.0, 0.0]),
        (tilted_bowl, [1.0, -2.0, 0.5]),
        (at_log_three, [log_three, -2.0]),
        (steep_bowl, [log_three, -2.0]),
        (shallow_bowl, [0.0, 0.0]),
        (almost_level, [0.0, 0.0, 0.0, 0.0]),
    ]
    others = [
        (saddle, [0.0, 0.0], "saddle"),
        (cubic_valley, [-1.0, 0.0], "saddle"),
        (_negative(four_directions), [0.0, 0.0, 0.0, 0.0], "saddle"),
        (saddle, [0.0, 1e-3], "not_critical"),
        (seed_bowl, [1.0, 2.0], "not_critical"),
    ]
    extremes = [(f, x, "min") for f, x in minima] + [(_negative(f), x, "max") for f, x in minima]
    _assert_points(classify_point, extremes, others=others)


def e3_5_saddles(classify_point):
    """One positive and one negative eigenvalue make a saddle, whatever the others are; without both there is none."""
    saddles = [
        (saddle, [0.0, 0.0]),
        (seed_bowl, [0.0, 0.0]),
        (two_layers, [0.0, 0.0]),
        (flat_saddle, [0.0, 0.0, 0.0]),
        (four_directions, [0.0, 0.0, 0.0, 0.0]),
        (cubic_valley, [-1.0, 0.0]),
    ]
    others = [*EXTREMES, (quartic_bowl, [0.5, -0.5], "not_critical")]
    _assert_points(classify_point, [(f, x, "saddle") for f, x in saddles], others=others)


def e3_5_inconclusive(classify_point):
    """A zero among eigenvalues of one sign: the second-order test cannot tell; it can without."""
    flat = [
        (quartic_bowl, [0.0, 0.0]),
        (quartic_saddle, [0.0, 0.0]),
        (monkey_saddle, [0.0, 0.0]),
        (half_pipe, [1.0, -2.0]),
        (_negative(half_pipe), [1.0, -2.0]),
        (turned_valley, [0.0, 0.0, 0.0]),
        (turned_ridge, [0.0, 0.0, 0.0]),
        (constant, [0.4, -1.0]),
    ]
    others = [*EXTREMES, (saddle, [0.0, 0.0], "saddle")]
    _assert_points(classify_point, [(f, x, "inconclusive") for f, x in flat], others=others)


def e3_5_inputs(classify_point):
    """The point is left alone, no gradient stays behind, and only the arguments decide the answer."""
    points = [(saddle, [0.0, 0.0], "saddle"), *EXTREMES[:3]]
    for (f, x, word), requires_grad in shuffled((point, requires) for point in points for requires in (False, True)):
        assert_pure(
            classify_point,
            there(f),
            tensor(x, requires_grad=requires_grad),
            check=lambda result, about, word=word: assert_word(result, word, about=about),
            grads=True,
        )
    for f, x, _ in points[:2]:
        _assert_grad_kept(classify_point, f, x)


def _negative(f):
    return lambda x: -f(x)


EXTREMES = [
    (cubic_valley, [1.0, 0.0], "min"),
    (_negative(cubic_valley), [1.0, 0.0], "max"),
    (tilted_bowl, [1.0, -2.0, 0.5], "min"),
    (_negative(tilted_bowl), [1.0, -2.0, 0.5], "max"),
]


def _assert_points(classify_point, points, *, others):
    """Fail unless points are of their kinds, and no other is of one of these; what those are belongs to other cells."""
    elsewhere = KINDS - {word for _, _, word in points}
    cases = [*((f, x, word, {word}) for f, x, word in points), *((f, x, word, elsewhere) for f, x, word in others)]
    for f, x, word, accepted in shuffled(cases):
        assert_word(
            classify_point(there(f), tensor(x)),
            accepted,
            about=_located(x),
            likely=_for_each(WRONG_POINT[word], KINDS - {word}),
        )


def _located(x):
    place = Text(en="away from 0", ko="원점이 아닌 점") if any(x) else Text(en="at 0", ko="원점")
    return Text(en="a function of {n} variables, {place}", ko="변수가 {n}개인 함수, {place}").format(
        n=len(x), place=place
    )


KINDS = {"not_critical", "min", "max", "saddle", "inconclusive"}
WRONG_POINT = {
    "not_critical": Text(
        en="the Hessian alone may suggest {word}, but the gradient is not zero here: look at it first.",
        ko="헤시안만 보면 {word}일 수 있지만 여기서는 그래디언트가 0이 아닙니다. 그래디언트를 먼저 보십시오.",
    ),
    "min": Text(
        en="{word} does not fit: the gradient is zero, and all eigenvalues are positive, but for rounding.",
        ko="{word} 판정과 달리 반올림을 빼면 그래디언트는 0이고 고윳값은 모두 양수입니다.",
    ),
    "max": Text(
        en="{word} does not fit: the gradient is zero, and all eigenvalues are negative, but for rounding.",
        ko="{word} 판정과 달리 반올림을 빼면 그래디언트는 0이고 고윳값은 모두 음수입니다.",
    ),
    "saddle": Text(
        en="{word} does not fit: one direction goes up, one goes down; a zero eigenvalue beside them changes nothing.",
        ko="{word} 판정과 달리 올라가는 방향과 내려가는 방향이 모두 있습니다. 0인 고윳값이 더 있어도 결론은 같습니다.",
    ),
    "inconclusive": Text(
        en="{word} is not proven: an eigenvalue is zero up to rounding and no two have opposite signs.",
        ko="{word} 판정에는 근거가 없습니다. 고윳값 하나가 반올림 범위에서 0이고 부호가 서로 다른 고윳값은 없습니다.",
    ),
}


# E3.6 mixed_partials_at_zero and symmetry_gap


def peano(x, y, xp=np):
    """Peano's function: its mixed partial derivatives at 0 are -1 and +1."""
    del xp
    return x * y * (x**2 - y**2) / (x**2 + y**2) if x != 0 or y != 0 else 0.0 * x


def tilted_peano(x, y, xp=np):
    """Its mixed partial derivatives at 0 are -1.8 and 3.2."""
    return 2.5 * peano(x, y, xp) + 0.7 * x * y


def smooth(x, y, xp=np):
    """A smooth function whose mixed partial derivative at 0 is 5; third derivatives are large."""
    return 3 * x * y + xp.exp(x) * xp.sin(2 * y) + 40 * x * y**2 + 30 * x**2 * y + x**2


def curved(x, y, xp=np):
    """A small polynomial whose nested central differences with h = 0.5 are -1e-6 and 3e-6, with h = 0 both 2e-6."""
    del xp
    return 1e-6 * (2 * x * y + 4 * x**3 * y - 12 * x * y**3 + 1000 * x**2 * y + 600 * x * y**2)


def separate(x, y, xp=np):
    """A smooth function without a mixed term."""
    return xp.cos(x) + y**3 - 2 * y


@by_hand
def e3_6_orders(mixed_partials_at_zero):
    """Peano's function tells the order of differentiation; smooth functions do not."""
    peanos = Text(en="Peano's function", ko="페아노의 함수")
    smooth_ones = Text(en="a smooth function", ko="매끄러운 함수")
    for f, h, name, scale in [
        (peano, 1e-3, peanos, 1.0),
        (peano, 1e-5, peanos, 1.0),
        (tilted_peano, 1e-3, peanos, 1.0),
        (smooth, 1e-2, smooth_ones, 1.0),
        (separate, 1e-2, smooth_ones, 1.0),
        (curved, 0.5, Text(en="a small polynomial", ko="작은 다항식"), 1e-6),
    ]:
        right = as_numbers(reference.mixed_partials_at_zero(lambda x, y, f=f: f(x, y, torch), h))
        about = name + f", h = {h:g}"
        _assert_mixed(mixed_partials_at_zero(lambda x, y, f=f: f(x, y), h), right, about=about, scale=scale)
    assert_pure(
        mixed_partials_at_zero,
        lambda x, y: peano(x, y),
        1e-2,
        check=lambda result, about: _assert_mixed(result, [-1.0, 1.0], about=about),
    )


def _assert_mixed(result, right, *, about, scale=1.0):
    right = as_numbers(right)
    assert_matches(
        parts(result, ("d/dy(df/dx)", "d/dx(df/dy)"), about=about),
        right,
        about=about,
        rtol=1e-3,
        scale=scale,
        likely={
            Text(
                en="the two orders are exchanged: the first one differentiates by x first.",
                ko="두 순서가 바뀌었습니다. 첫 번째는 x로 먼저 미분합니다.",
            ): right[::-1],
            Text(
                en="both orders give one number: in each, keep the inner step much smaller than the outer one.",
                ko="두 순서의 값이 같습니다. 순서마다 안쪽 스텝을 바깥쪽 스텝보다 훨씬 작게 하십시오.",
            ): np.full(2, right.mean()),
        },
    )


@by_hand
def e3_6_gap(symmetry_gap):
    """Relative to the largest entry, of any scale; 0 for symmetric matrices and for zeros."""
    symmetric = turned((1.0, -2.0, 4.0), seed=3600)
    for H, about in [
        (normal(3, 3, seed=3601), Text(en="a random matrix", ko="임의의 행렬")),
        (np.array([[1.0, 2.0], [2.5, -8.0]]), Text(en="a large negative entry", ko="큰 음수 원소가 있는 행렬")),
        (
            np.array([[1.0, 0.0, 5.0], [0.0, 3.0, 0.0], [0.0, 0.0, 2.0]]),
            Text(en="a corner entry", ko="구석에 원소가 있는 행렬"),
        ),
        (1e-15 * normal(4, 4, seed=3602), Text(en="small entries", ko="작은 원소")),
        (1e9 * normal(2, 2, seed=3603), Text(en="large entries", ko="큰 원소")),
        (symmetric, Text(en="a symmetric matrix", ko="대칭 행렬")),
        (
            np.array([[1.0, 2.0], [2.0 + 2**-40, -4.0]]),
            Text(en="a matrix that is almost symmetric", ko="거의 대칭인 행렬"),
        ),
        (np.array([[-7.0]]), Text(en="a single entry", ko="원소 하나")),
        (np.zeros((2, 2)), Text(en="a matrix of zeros", ko="영행렬")),
    ]:
        _assert_gap(symmetry_gap(H.copy()), H, about=about)
    H = normal(3, 3, seed=3604)
    assert_pure(symmetry_gap, H, check=lambda result, about: _assert_gap(result, H, about=about))


def _assert_gap(result, H, *, about):
    difference = Text(
        en="this is the difference itself; divide it by the largest entry.",
        ko="차이 그 자체입니다. 가장 큰 원소로 나누십시오.",
    )
    right = float(reference.symmetry_gap(H))
    assert_matches(
        result,
        right,
        about=about,
        rtol=DIFFERENCES,
        scale=right or 1.0,
        likely={difference: np.abs(H - H.T).max()},
    )


# E3.7 log10_prob_all_positive


@by_hand
def e3_7_values(log10_prob_all_positive):
    """The decimal logarithm for numbers of signs whose probability is still a float64."""
    for n in (1, 2, 7, 100, 1000):
        _assert_log10(log10_prob_all_positive, n)


@by_hand
def e3_7_extremes(log10_prob_all_positive):
    """The probability underflows, its logarithm does not."""
    for n in (1100, 2000, 1_000_000):
        _assert_log10(log10_prob_all_positive, n)


def _assert_log10(log10_prob_all_positive, n):
    assert_matches(
        log10_prob_all_positive(n),
        reference.log10_prob_all_positive(n),
        about=Text(en=f"n = {n}"),
        likely={
            Text(en="a natural logarithm; the base is 10.", ko="자연로그입니다. 밑은 10입니다."): -n * math.log(2),
            Text(en="a logarithm to base 2; the base is 10.", ko="밑이 2인 로그입니다. 밑은 10입니다."): -n,
            Text(en="the probability itself; return its logarithm.", ko="확률 자체입니다. 그 로그를 돌려주십시오."): 0.5
            ** n,
        },
    )


# E3.8 goe


@by_hand
def e3_8_goe_symmetric(goe):
    """Each matrix of the sample equals its transpose."""
    for n, size in ((3, 4), (2, 5), (5, 2), (1, 3)):
        matrices = _drawn(goe, n, size, seed=3800 + n)
        if not np.abs(matrices - matrices.swapaxes(1, 2)).max() <= 1e-10 * np.abs(matrices).max():
            raise CheckFailed(_sample(n, size) + NOT_SYMMETRIC)


@by_hand
def e3_8_goe_variance(goe):
    """Normal entries of mean 0 that are independent, with twice the variance on the diagonal."""
    for seed in (3811, 3812, 3813):
        assert_goe_law(goe, seed)


def assert_goe_law(goe, seed, *, n=3, size=20_000):
    """Fail unless a sample follows the law of the ensemble, in any scale."""
    matrices = _drawn(goe, n, size, seed=seed)
    diagonal = np.diagonal(matrices, axis1=1, axis2=2)
    upper = matrices[:, *np.triu_indices(n, 1)]
    if len(np.unique(upper[:, 0])) < 0.9 * size:  # numbers in single precision may meet
        raise CheckFailed(_sample(n, size) + REPEATED)
    variance = np.mean(upper**2)
    if not variance > 0:
        raise CheckFailed(_sample(n, size) + ZERO_OFF_DIAGONAL)
    on, off = size * n, size * n * (n - 1) / 2
    assert_statistic(
        np.mean(diagonal**2) / variance,
        2.0,
        2 * math.sqrt(2 / on + 2 / off),
        about=Text(
            en="variance on the diagonal ÷ variance off the diagonal", ko="대각 원소의 분산 ÷ 대각 밖 원소의 분산"
        ),
        likely={
            Text(
                en="all entries have one variance: is each entry above the diagonal the mean of a pair?",
                ko="모든 원소의 분산이 같습니다. 대각 위의 원소가 두 난수의 평균입니까?",
            ): 1.0,
            Text(
                en="the diagonal is counted twice: A + A^T of a triangular A doubles it.",
                ko="대각이 두 번 더해졌습니다. 삼각행렬 A의 A + A^T는 대각을 두 배로 만듭니다.",
            ): 4.0,
        },
    )
    assert_statistic(
        np.mean(diagonal.sum(axis=1) ** 2) / variance,
        2.0 * n,
        2 * n * math.sqrt(2 / size),
        about=Text(
            en="variance of the trace ÷ variance off the diagonal (is every matrix drawn anew?)",
            ko="대각합의 분산 ÷ 대각 밖 원소의 분산 (행렬마다 새로 뽑습니까?)",
        ),
    )
    assert_statistic(
        np.mean(upper) / math.sqrt(variance),
        0.0,
        1 / math.sqrt(off),
        about=Text(en="mean off the diagonal ÷ its standard deviation", ko="대각 밖 원소의 평균 ÷ 그 표준편차"),
    )
    entries = np.concatenate([diagonal, upper], axis=1)
    entries = entries / np.sqrt(np.mean(entries**2, axis=0))
    for one, other in combinations(entries.T, 2):
        about = Text(en="correlation of a pair of entries of one matrix", ko="한 행렬의 두 원소 사이의 상관계수")
        assert_statistic(np.mean(one * other), 0.0, 1 / math.sqrt(size), about=about)
    for entries, count, where in (
        (diagonal, on, Text(en="on the diagonal", ko="대각 원소의")),
        (upper, off, Text(en="off the diagonal", ko="대각 밖 원소의")),
    ):
        assert_statistic(
            np.mean(entries**4) / np.mean(entries**2) ** 2,
            3.0,
            math.sqrt(24 / count),
            about=where + Text(en=", mean of the fourth powers ÷ squared variance", ko=" 4제곱 평균 ÷ 분산의 제곱"),
            likely={
                Text(en="entries of a uniform law; draw normal ones.", ko="균등분포입니다. 정규분포로 뽑으십시오."): 1.8
            },
        )


@by_hand
def e3_8_goe_seed(goe):
    """The same seed gives the same matrices, another seed gives others, whatever the global generators do."""
    first = _drawn(goe, 3, 4, seed=3821)
    for result in repeat(goe, 3, 4, 3821):
        assert_matches(result, first, about=TWICE)
    _drawn(goe, 3, 9, seed=3821)
    if np.abs(_drawn(goe, 3, 4, seed=3821 + 256) - first).max() <= 1e-6 * np.abs(first).max():
        raise CheckFailed(SEED_IGNORED)


def _drawn(goe, n, size, *, seed):
    """A sample as an array, whose first matrices are checked to be different random numbers."""
    matrices = assert_shape(goe(n, size, seed), (size, n, n), about=_sample(n, size)).values
    first = np.unique(matrices[:4])
    if len(first) < n * (n + 1) // 2 * min(size, 4):
        raise CheckFailed(_sample(n, size) + REPEATED)
    return matrices


def _sample(n, size):
    return Text(en=f"n = {n}, size = {size}")


NOT_SYMMETRIC = Text(
    en=": a matrix differs from its transpose. In a stack of matrices, which axes does the transpose exchange?",
    ko=": 전치와 다른 행렬이 있습니다. 행렬을 쌓은 배열에서 전치는 어느 두 축을 바꿉니까?",
)
ZERO_OFF_DIAGONAL = Text(
    en=": all entries off the diagonal are 0.",
    ko=": 대각 밖의 원소가 모두 0입니다.",
)
REPEATED = Text(
    en=": entries repeat that should be independent. Each matrix, and each entry on and above the diagonal, "
    "needs its own normal number.",
    ko=": 독립이어야 할 원소가 되풀이됩니다. 행렬마다, 그리고 대각과 그 위의 원소마다 정규 난수가 따로 필요합니다.",
)
SEED_IGNORED = Text(
    en="another seed gave the same matrices; use np.random.default_rng(seed).",
    ko="시드이 다른데 같은 행렬이 나왔습니다. np.random.default_rng(seed)를 쓰십시오.",
)


# E3.8 prob_minimum

ESTIMATE = ("p", "stderr")


@by_hand
def e3_8_minimum_law(prob_minimum):
    """The fraction is within 5 standard errors of the exact law."""
    for n, trials, seeds in ((2, 60_000, (3831, 3832, 3833)), (3, 60_000, (3834, 3835, 3836)), (4, 40_000, (3837,))):
        for seed in seeds:
            assert_minimum_law(prob_minimum, n, trials, seed)


def assert_minimum_law(prob_minimum, n, trials, seed):
    """Fail unless an estimate is within 5 standard errors of the exact probability."""
    exact, standard_error = _exact_law(n, trials)
    found = parts(prob_minimum(n, trials, seed), ESTIMATE, about=_trials(n, trials))
    assert_statistic(
        found[0],
        exact,
        standard_error,
        about=_trials(n, trials) + Text(en=", the fraction p", ko=", 비율 p"),
        likely={
            Text(
                en="the answer of independent signs. Eigenvalues of one matrix repel each other.",
                ko="부호가 서로 무관할 때의 값입니다. 한 행렬의 고윳값은 서로 밀어냅니다.",
            ): 0.5**n,
            Text(
                en="both definite signs are counted; count positive eigenvalues only.",
                ko="고윳값이 모두 음수인 행렬도 세고 있습니다. 모두 양수인 것만 세십시오.",
            ): 2 * exact,
            Text(
                en="every matrix counts. Are sizes of eigenvalues compared instead of values?",
                ko="모든 행렬을 세고 있습니다. 고윳값 대신 그 크기를 비교하지 않습니까?",
            ): 1.0,
        },
    )


@by_hand
def e3_8_minimum_error(prob_minimum):
    """The standard error belongs to the fraction, and the seed alone decides both."""
    for n, trials in ((2, 1000), (3, 4000), (8, 1000), (1, 7001), (1, 1)):
        p = _assert_standard_error(prob_minimum(n, trials, 3840 + n), n, trials)
        if n == 2 and not 0 < p < 1:
            raise CheckFailed(_trials(n, trials) + ALL_OR_NOTHING)
    first = parts(prob_minimum(2, 1000, 3842), ESTIMATE, about=_trials(2, 1000))
    for result in repeat(prob_minimum, 2, 1000, 3842):
        for found, right in zip(parts(result, ESTIMATE, about=TWICE), first, strict=True):
            assert_matches(found, right, about=TWICE, scale=0.1)
    estimates = {float(prob_minimum(2, 1000, seed)[0]) for seed in range(3850, 3860)}
    if len(estimates) == 1:
        raise CheckFailed(ONE_ESTIMATE)


def _assert_standard_error(result, n, trials):
    p, stderr = parts(result, ESTIMATE, about=_trials(n, trials))
    p = float(assert_shape(p, (), about=_trials(n, trials)).values)
    if not 0 <= p <= 1 or abs(p * trials - round(p * trials)) > 0.01:
        raise CheckFailed(_trials(n, trials) + NO_FRACTION)
    assert_matches(
        stderr,
        math.sqrt(p * (1 - p) / trials),
        about=_trials(n, trials) + Text(en=", the standard error", ko=", 표준오차"),
        rtol=0.02,
        scale=1 / trials,
        likely={
            Text(en="the variance of p; take its square root.", ko="p의 분산입니다. 제곱근을 취하십시오."): p
            * (1 - p)
            / trials,
            Text(
                en="the standard deviation of one trial; divide by the square root of the number of trials.",
                ko="시행 한 번의 표준편차입니다. 시행 수의 제곱근으로 나누십시오.",
            ): math.sqrt(p * (1 - p)),
            Text(en="1 - p is missing.", ko="1 - p가 빠졌습니다."): math.sqrt(p / trials),
        },
    )
    return p


@cache
def _exact_law(n, trials):
    return reference.prob_minimum(n, trials, 0)


def _trials(n, trials):
    return Text(en=f"n = {n}, {trials} trials", ko=f"n = {n}, 시행 {trials}번")


NO_FRACTION = Text(
    en=": p is not a fraction of the matrices, a whole number of them divided by trials.",
    ko=": p가 행렬의 비율, 곧 행렬의 개수를 trials로 나눈 값이 아닙니다.",
)
ALL_OR_NOTHING = Text(
    en=": either all matrices are counted or none is; what do you compare with 0?",
    ko=": 모든 행렬을 세거나 하나도 세지 않았습니다. 무엇을 0과 비교합니까?",
)
ONE_ESTIMATE = Text(
    en="10 seeds gave one and the same fraction; an estimate varies with its random numbers.",
    ko="시드 10개에서 똑같은 비율이 나왔습니다. 추정값은 난수에 따라 달라집니다.",
)


# E3.9 power_iteration

EIGENPAIR = ("lam", "v")
MEETS_ONES = np.array([[1.0, -3.0, 0.0], [-3.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
"""Eigenvalues 4, 1 and -2; the eigenvector of 4 is orthogonal to (1, 1, 1)."""


@by_hand
def e3_9_value(power_iteration):
    """The eigenvalue of largest size with its sign, whatever start a fixed vector would give."""
    for A, iters, about in (
        (np.diag([1.0, 2.0, -5.0]), 300, Text(en="A = diag(1, 2, -5)")),
        (np.diag([2.0, 1.0, 0.5, 7.0]), 300, Text(en="A = diag(2, 1, 0.5, 7)")),
        (MEETS_ONES, 30, Text(en="a top eigenvector orthogonal to (1, 1, 1)", ko="(1, 1, 1)과 직교하는 고유벡터")),
        (_rotated([-3.0, 1.2, 0.8, -0.5, 0.1], seed=3901), 300, _rows(5)),
        (_narrow_gap(0.99), 1000, _rows(200) + _gap(0.99)),
    ):
        lam, _ = parts(_iterated(power_iteration, A, seed=3902, iters=iters), EIGENPAIR, about=about)
        _assert_eigenvalue(lam, A, about=about)


@by_hand
def e3_9_vector(power_iteration):
    """The vector has length 1 and belongs to the eigenvalue, also where that is repeated."""
    for A, iters, about in (
        (np.diag([1.0, 2.0, -5.0]), 300, Text(en="A = diag(1, 2, -5)")),
        (
            _rotated([4.0, 4.0, 4.0, -1.0, 2.0, 0.5], seed=3911),
            300,
            Text(en="a triple top eigenvalue", ko="삼중 고윳값"),
        ),
        (_rotated([-6.0, -6.0, 1.0, 3.0], seed=3912), 300, Text(en="a double top eigenvalue", ko="이중 고윳값")),
        (_narrow_gap(-0.98), 1000, _rows(200) + _gap(0.98)),
    ):
        found = parts(_iterated(power_iteration, A, seed=3913, iters=iters), EIGENPAIR, about=about)
        _assert_eigenpair(*found, A, about=about)


@by_hand
def e3_9_scales(power_iteration):
    """Large and small entries: lengths are restored at every step, and nothing is compared with a fixed number."""
    for size in (1e8, 1e-8, 1e8, 1e-8):
        A = size * _rotated([-3.4, 1.5, 1.0, 0.2], seed=3920)
        about = Text(en=f"entries of size {size:g}", ko=f"크기가 {size:g}인 원소")
        found = parts(_iterated(power_iteration, A, seed=3921, iters=400), EIGENPAIR, about=about)
        _assert_eigenvalue(found[0], A, about=about)
        _assert_eigenpair(*found, A, about=about)


@by_hand
def e3_9_calls(power_iteration):
    """At most iters + 2 products, and the arguments alone decide the result."""
    n = 40  # more than there are products, so that nobody can ask for the whole matrix
    A = _rotated([-5.0, *np.linspace(-1.0, 1.0, n - 1)], seed=3930)
    for iters in (30, 36):
        matvec = counted(lambda v: A @ np.asarray(v, dtype=np.float64), (n,))
        about = Text(en=f"iters = {iters}")
        lam, v = parts(power_iteration(matvec, n, 3931, iters), EIGENPAIR, about=about)
        if matvec.calls > iters + 2:
            raise CheckFailed(about + TOO_MANY_CALLS.format(found=matvec.calls, most=iters + 2))
        _assert_eigenvalue(lam, A, about=about)
        _assert_eigenpair(lam, v, A, about=about)
    starts = [
        assert_shape(parts(result, EIGENPAIR, about=TWICE)[1], (n,), about=TWICE).values
        for result in repeat(power_iteration, lambda v: A @ np.asarray(v, dtype=np.float64), n, 3931, 2)
    ]
    if not np.ptp(starts, axis=0).max() <= DIFFERENCES:  # after 2 steps the vector still shows its start
        raise CheckFailed(OTHER_START)


def _iterated(power_iteration, A, *, seed, iters):
    return power_iteration(lambda v: A @ np.asarray(v, dtype=np.float64), len(A), seed, iters)


def _assert_eigenvalue(lam, A, *, about):
    right, _ = reference.power_iteration(lambda v: A @ v, len(A), 0)
    values = np.linalg.eigvalsh(A)
    other = values[0] if right > 0 else values[-1]
    assert_matches(
        lam,
        right,
        about=about,
        rtol=ANY_METHOD,
        likely={
            Text(
                en="the size of the eigenvalue without its sign: the length of A v has none, v^T A v has.",
                ko="고윳값의 부호가 없습니다. A v의 길이에는 부호가 없고, v^T A v에는 있습니다.",
            ): abs(right),
            Text(
                en="the eigenvalue at the other end of the spectrum.", ko="스펙트럼의 반대쪽 끝에 있는 고윳값입니다."
            ): other,
        },
    )


def _assert_eigenpair(lam, v, A, *, about):
    lam = float(assert_shape(lam, (), about=about).values)
    v = assert_shape(v, (len(A),), about=about).values
    assert_matches(
        np.linalg.norm(v), 1.0, about=about + Text(en=", the length of v", ko=", v의 길이"), rtol=DIFFERENCES
    )
    size = np.abs(np.linalg.eigvalsh(A)).max()
    assert_at_least(
        size / max(np.linalg.norm(A @ v - lam * v), 1e-20 * size),
        1 / ANY_METHOD,
        about=about + Text(en=", |lam| ÷ |A v - lam v|"),
        likely=NO_EIGENVECTOR,
    )
    assert_matches(abs(v @ A @ v), size, about=about + Text(en=", |v^T A v|"), rtol=ANY_METHOD)


def _rotated(spectrum, *, seed):
    Q = rotation(len(spectrum), seed=seed)
    A = Q @ np.diag(spectrum) @ Q.T
    return (A + A.T) / 2


@cache
def _narrow_gap(second):
    return _rotated([-1.0, second, *np.linspace(-0.8, 0.8, 198)], seed=3940)


def _rows(n):
    return Text(en=f"{n} rows", ko=f"{n}행")


def _gap(ratio):
    return Text(en=f", |lam_2 / lam_1| = {ratio}")


NO_EIGENVECTOR = Text(
    en="A v and lam v differ: has the iteration converged, and does lam have the sign of v^T A v?",
    ko="A v와 lam v가 다릅니다. 반복이 수렴했습니까? lam의 부호가 v^T A v의 부호와 같습니까?",
)
OTHER_START = Text(
    en="the same arguments gave another vector; draw the start with np.random.default_rng(seed), anew at each call.",
    ko="인자가 같은데 다른 벡터가 나왔습니다. 호출할 때마다 np.random.default_rng(seed)로 시작 벡터를 뽑으십시오.",
)
TOO_MANY_CALLS = Text(
    en=": your function called matvec {found} times, at most {most} are allowed. "
    "One product a step is enough; keep it in a variable.",
    ko=": matvec을 {found}번 불렀습니다. 많아야 {most}번이어야 합니다. "
    "한 걸음에 곱 한 번이면 충분합니다. 결과를 변수에 담아 두십시오.",
)


# E3.10 escape_steps


@by_hand
def e3_10_never(escape_steps):
    """Nothing happens without noise, and too few steps are told by None."""
    never = [
        (0.05, 0.0, 3101),
        (0.3, 0.0, 3101),
        (1e-4, 1e-12, 3101),
        *((0.05, 1e-9, 3102, most) for most in (1, 20, 60)),
    ]
    soon = [(0.3, 1e-3, seed, 1000) for seed in (3103, 3104, 3108, 3109, 3110)]
    for arguments, escapes in shuffled([*((case, False) for case in never), *((case, True) for case in soon)]):
        lr, noise, _, *most = arguments
        case = f"lr = {lr:g}, noise = {noise:g}, max_steps = {(most or [10000])[0]}"
        result = escape_steps(*arguments)
        if escapes:
            _steps(result, case)
        else:
            _assert_never(result, Text(en=case))


@by_hand
def e3_10_law(escape_steps):
    """The steps grow like ln(1 / noise) / ln(1 + 2 lr), and more noise never delays the escape."""
    for lr, seed in ((0.05, 3111), (0.2, 3112), (0.01, 3113)):
        assert_escape_slope(escape_steps, lr, seed)
    assert_escape_level(escape_steps, range(3200, 3300))


def assert_escape_slope(escape_steps, lr, seed):
    """Fail unless the steps fall with the noise, with the slope of the law."""
    noises = 10.0 ** -np.arange(2, 13, 2)
    steps = {
        noise: _steps(escape_steps(lr, noise, seed), f"lr = {lr:g}, noise = {noise:g}")
        for noise in shuffled(noises.tolist())
    }
    taken = [steps[noise] for noise in noises]
    if any(later < earlier for earlier, later in pairwise(taken)):
        raise CheckFailed(Text(en=f"lr = {lr:g}") + NOT_MONOTONE)
    slope = np.polyfit(np.log(1 / noises), taken, 1)[0]
    assert_slope(
        slope * math.log1p(2 * lr),
        1.0,
        about=Text(
            en=f"lr = {lr:g}, steps against ln(1 / noise), times ln(1 + 2 lr)",
            ko=f"lr = {lr:g}, ln(1 / noise)에 대한 걸음 수의 기울기 × ln(1 + 2 lr)",
        ),
        window=ESCAPE_WINDOW,
        likely={
            Text(
                en="y grows by 1 + lr a step: the derivative of y^2 has a factor 2.",
                ko="y가 걸음마다 1 + lr배가 됩니다. y^2의 미분에는 2가 붙습니다.",
            ): math.log1p(2 * lr) / math.log1p(lr),
            Text(
                en="the square root of the noise is added: `noise` is a standard deviation, not a variance.",
                ko="잡음의 제곱근을 더하고 있습니다. `noise`는 분산이 아니라 표준편차입니다.",
            ): 0.5,
            Text(en="the square of the noise is added.", ko="잡음의 제곱을 더하고 있습니다."): 2.0,
        },
    )


def assert_escape_level(escape_steps, seeds, *, lr=0.02, noise=1e-3):
    """Fail unless the mean over seeds follows the law of noise at the start, or of noise at every step."""
    growth = math.log1p(2 * lr)
    taken = [_steps(escape_steps(lr, noise, seed), f"lr = {lr:g}, noise = {noise:g}") for seed in shuffled(seeds)]
    level = np.mean(taken) * growth - math.log(1 / noise)
    half = (np.euler_gamma + math.log(2)) / 2 + growth / 2
    each = -math.log(math.expm1(2 * growth)) / 2
    laws = [half, half + growth, half - each, half - each - growth]
    assert_statistic(
        level,
        min(laws, key=lambda law: abs(law - level)),
        math.sqrt((math.pi**2 / 8 + growth**2 / 12) / len(taken)),
        about=Text(
            en=f"lr = {lr:g}, noise = {noise:g}, mean steps of {len(taken)} seeds × ln(1 + 2 lr) - ln(1 / noise)",
            ko=f"lr = {lr:g}, noise = {noise:g}, 시드 {len(taken)}개의 평균 걸음 수 × ln(1 + 2 lr) - ln(1 / noise)",
        ),
        likely={
            Text(
                en="the noise is multiplied by the learning rate; add it to y itself.",
                ko="잡음에 학습률이 곱해졌습니다. y 자체에 더하십시오.",
            ): min((law - math.log(lr) for law in laws), key=lambda law: abs(law - level))
        },
    )


@by_hand
def e3_10_steps(escape_steps):
    """The first step is number 1, max_steps counts, and the seed alone decides the result."""
    settings = [(0.05, 1e-3, 3191), (0.2, 1e-6, 3192), (0.05, 1e-3, 3193), (0.05, 1e-3, 3194)]
    lasts = {}
    for lr, noise, seed in shuffled(settings):
        lasts[lr, noise, seed] = round(_steps(escape_steps(lr, noise, seed), f"lr = {lr:g}, noise = {noise:g}"))
    checks = (_assert_last_counts, _assert_not_before, _assert_same_again)
    for (setting, last), check in shuffled((case, check) for case in lasts.items() for check in checks):
        check(escape_steps, setting, last)
    if len(set(lasts.values())) < 3:
        raise CheckFailed(ONE_TIME)
    about = Text(en="noise = 1e9, which escapes at the first step", ko="noise = 1e9, 첫 걸음에 벗어남")
    assert_matches(escape_steps(0.05, 1e9, 3195), 1, about=about)


def _assert_last_counts(escape_steps, setting, last):
    found = value(escape_steps(*setting, last))
    if found is None:
        raise CheckFailed(LAST_STEP.format(last=f"{last:.4g}"))
    assert_matches(found, last, about=Text(en=f"max_steps = {last:.4g}"), scale=1.0)


def _assert_not_before(escape_steps, setting, last):
    if value(escape_steps(*setting, last - 1)) is not None:
        raise CheckFailed(ONE_LESS.format(last=f"{last:.4g}", fewer=f"{last - 1:.4g}"))


def _assert_same_again(escape_steps, setting, last):
    for result in repeat(escape_steps, *setting):
        assert_matches(result, last, about=TWICE, scale=1.0)


def _steps(result, case):
    found = value(result)
    if found is None:
        raise CheckFailed(Text(en=case) + NOT_ESCAPED)
    return float(assert_shape(found, (), about=Text(en=case)).values)


def _assert_never(result, about):
    if value(result) is not None:
        raise CheckFailed(about + ESCAPED)


ESCAPED = Text(
    en=": there is no escape within max_steps, so None is expected.",
    ko=": max_steps 안에 벗어나지 못하므로 None이 와야 합니다.",
)
NOT_ESCAPED = Text(
    en=": your function returned None, but the point escapes. Does it notice an escape to negative y, and does y grow?",
    ko=": 함수가 None을 돌려주었지만 점은 벗어납니다. 음수 쪽으로 벗어난 것도 알아차립니까? y는 커집니까?",
)
NOT_MONOTONE = Text(
    en=": with the same seed, more noise took more steps.",
    ko=": 같은 시드에서 잡음이 더 큰데 걸음이 더 많습니다.",
)
LAST_STEP = Text(
    en="the escape takes {last} steps, but with max_steps = {last} the result is None. The last step counts."
    " Is the escape noticed after the step that causes it?",
    ko="벗어나는 데 {last}걸음이 걸렸는데 max_steps = {last}이면 None이 나옵니다. 마지막 걸음도 셉니다."
    " 걸음을 옮긴 뒤에 벗어났는지 확인합니까?",
)
ONE_LESS = Text(
    en="your function says {last} steps, but it escapes with max_steps = {fewer} too: the first step is number 1.",
    ko="함수의 답은 {last}걸음인데 max_steps = {fewer}으로도 벗어납니다. 첫 걸음이 1번입니다.",
)
ONE_TIME = Text(
    en="different seeds take equally many steps; use np.random.default_rng(seed).",
    ko="시드이 다른데 걸음 수가 같습니다. np.random.default_rng(seed)를 쓰십시오.",
)


# E3.11 sharpness and lr_limit


def quartic(theta):
    """A loss of three parameters whose Hessian changes from point to point."""
    a, b, c = theta
    return a**4 / 4 + torch.sin(a * b) + torch.exp(0.5 * c - b) + (a - c) ** 2


def logsumexp(theta):
    """A convex loss of five parameters with a zero eigenvalue."""
    return 3 * torch.logsumexp(2 * theta, dim=0)


def quadratic(A):
    """A loss with the constant Hessian A."""
    matrix = tensor(A)
    return lambda theta: theta @ matrix @ theta / 2 + theta.sum()


def network(seed):
    """Cross-entropy of a 2-8-1 tanh network with 33 parameters on two moons."""
    points, moons = map(tensor, two_moons(100, seed))

    def loss(theta):
        logits = torch.tanh(points @ theta[:16].reshape(8, 2).T + theta[16:24]) @ theta[24:32] + theta[32]
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, moons)

    return loss


def e3_11_sharpness_values(sharpness):
    """Small losses agree with the whole Hessian."""
    for loss, p, seed, about in (
        (quartic, 3, 3113, Text(en="a loss of 3 parameters", ko="매개변수 3개인 손실")),
        (quartic, 3, 3114, Text(en="a loss of 3 parameters", ko="매개변수 3개인 손실")),
        (logsumexp, 5, 3115, Text(en="log-sum-exp of 5 parameters", ko="매개변수 5개의 로그합지수")),
        (quadratic(_rotated([0.3, 1.7, 5.2, 4.0], seed=3111)), 4, 3116, Text(en="a bowl", ko="그릇 모양의 손실")),
        (quadratic([[6.0]]), 1, 3117, Text(en="one parameter", ko="매개변수 하나")),
        (quadratic(1e-6 * _rotated([1.0, 3.0], seed=3112)), 2, 3118, Text(en="a flat bowl", ko="평평한 그릇")),
        (linear, 2, 3119, Text(en="a linear loss", ko="일차함수인 손실")),
        (constant, 2, 3119, Text(en="a constant loss", ko="상수인 손실")),
    ):
        theta = normal(p, seed=seed)
        _assert_sharpness(sharpness(there(loss), tensor(theta)), loss, theta, about=about)


def e3_11_sharpness_order(sharpness):
    """Largest by value, where the most negative eigenvalue is larger in size, and where all are negative."""
    for spectrum in ([-50.0, -3.0, 1.0, 4.0], [-9.0, -5.0, -2.0], [-1.0, 0.25]):
        loss = quadratic(_rotated(spectrum, seed=3120))
        theta = normal(len(spectrum), seed=3121)
        about = Text(
            en=f"eigenvalues from {spectrum[0]:g} to {spectrum[-1]:g}",
            ko=f"{spectrum[0]:g}에서 {spectrum[-1]:g}까지의 고윳값",
        )
        _assert_sharpness(sharpness(there(loss), tensor(theta)), loss, theta, about=about)


def e3_11_sharpness_network(sharpness):
    """A network before and after training; the parameters and their gradient are left alone."""
    loss = network(seed=3130)
    for theta, about in ((_start(), BEFORE), (_trained(), AFTER)):
        result, (_, after) = unchanged(sharpness, there(loss), tensor(theta, requires_grad=True))
        _assert_sharpness(result, loss, theta, about=about)
        assert_left_alone(after, tensor(theta), grads=True)
    for result in repeat(sharpness, there(loss), tensor(_start())):
        _assert_sharpness(result, loss, _start(), about=TWICE)


def e3_11_limit_values(lr_limit):
    """The limit of bowls, of a saddle and of a network."""
    for loss, theta, about in (
        (
            quadratic(_rotated([0.5, 2.0, 8.0], seed=3140)),
            normal(3, seed=3141),
            Text(en="a bowl", ko="그릇 모양의 손실"),
        ),
        (quadratic(_rotated([-1000.0, -300.0, 5.0], seed=3142)), normal(3, seed=3143), Text(en="a saddle", ko="안장")),
        (
            quadratic(1e-6 * _rotated([1.0, 3.0], seed=3145)),
            normal(2, seed=3146),
            Text(en="a flat bowl", ko="평평한 그릇"),
        ),
        (
            quadratic(1e6 * _rotated([1.0, 3.0], seed=3145)),
            normal(2, seed=3146),
            Text(en="a steep bowl", ko="가파른 그릇"),
        ),
        (quartic, normal(3, seed=3144), Text(en="a loss of 3 parameters", ko="매개변수 3개인 손실")),
        (network(seed=3130), _start(), BEFORE),
        (network(seed=3130), _trained(), AFTER),
    ):
        right = reference.lr_limit(loss, theta)
        result, (_, after) = unchanged(lr_limit, there(loss), tensor(theta))
        assert_matches(
            result,
            right,
            about=about,
            rtol=ANY_METHOD,
            likely={
                Text(
                    en="half the limit: |1 - lr lam| <= 1 allows up to 2 / lam.",
                    ko="한계의 절반입니다. |1 - lr lam| <= 1이면 2 / lam까지 됩니다.",
                ): right / 2,
                Text(
                    en="the sharpness itself; the limit is 2 divided by it.",
                    ko="날카로움 자체입니다. 한계는 2를 그것으로 나눈 것입니다.",
                ): 2 / right,
            },
        )
        assert_left_alone(after, tensor(theta), grads=True)


def _assert_sharpness(result, loss, theta, *, about):
    right = reference.sharpness(loss, theta)
    hessian = torch.func.hessian(loss)(tensor(theta))
    values = torch.linalg.eigvalsh(hessian)
    assert_matches(
        result,
        right,
        about=about,
        rtol=ANY_METHOD,
        scale=abs(float(right)) or 1.0,
        likely={
            Text(
                en="the smallest eigenvalue; the sharpness is the largest by value.",
                ko="가장 작은 고윳값입니다. 날카로움은 값이 가장 큰 고윳값입니다.",
            ): values[0],
            Text(
                en="the largest size of an eigenvalue; the sharpness is the largest by value.",
                ko="고윳값의 크기 가운데 가장 큰 것입니다. 날카로움은 값이 가장 큰 고윳값입니다.",
            ): values.abs().max(),
            Text(en="the sum of all eigenvalues.", ko="고윳값의 합입니다."): values.sum(),
            Text(
                en="the largest entry on the diagonal of the Hessian; that bounds the sharpness from below only.",
                ko="헤시안의 가장 큰 대각 원소입니다. 날카로움은 그보다 크거나 같습니다.",
            ): hessian.diagonal().max(),
        },
    )


def _start():
    return normal(33, seed=3131)


@cache
def _trained():
    loss, theta = network(seed=3130), tensor(_start(), requires_grad=True)
    for _ in range(800):
        (gradient,) = torch.autograd.grad(loss(theta), theta)
        with torch.no_grad():
            theta -= 0.5 * gradient
    return theta.detach().numpy()


BEFORE = Text(en="the network at a random point", ko="무작위 점의 신경망")
AFTER = Text(en="the network after training", ko="학습한 신경망")


# E3.13 lanczos and spectral_density

TRIDIAGONAL = ("alpha", "beta")
QUADRATURE = ("nodes", "weights")


@by_hand
def e3_13_lanczos_exact(lanczos):
    """After n steps the tridiagonal matrix has the spectrum of A, for k + 1 products at most."""
    for A in (
        np.diag([3.0, -1.0, 0.5]),
        _rotated([2.0, -1.0, 0.3, 5.0, 3.1], seed=3131),
        MEETS_ONES,
        1e6 * _rotated([1.0, 2.5], seed=3132),
        1e-11 * _rotated([1.0, 2.5], seed=3132),
    ):
        n = len(A)
        found = _spectrum_of(lanczos, A, n, seed=3133)
        assert_matches(
            found,
            np.linalg.eigvalsh(A),
            about=Text(en=f"n = k = {n}, the eigenvalues of T", ko=f"n = k = {n}, T의 고윳값"),
            rtol=DIFFERENCES,
        )
    A = _rotated([9.0, *np.linspace(-1.0, 1.0, 24)], seed=3134)
    for k in (1, 12):
        found = _spectrum_of(lanczos, A, k, seed=3135)
        if found[0] < -1.001 or found[-1] > 9.001:
            raise CheckFailed(Text(en=f"n = 25, k = {k}") + OUTSIDE)
    _assert_keeps_the_start(lanczos, A, 12, seed=3135)
    if np.abs(_spectrum_of(lanczos, A, 3, seed=3140) - _spectrum_of(lanczos, A, 3, seed=3141)).max() < 1e-6:
        raise CheckFailed(ONE_START)
    for result in repeat(lanczos, lambda v: A @ np.asarray(v, dtype=np.float64), 25, 12, 3135):
        assert_matches(_eigenvalues_of(result, 12, about=TWICE), found, about=TWICE, rtol=DIFFERENCES)


@by_hand
def e3_13_lanczos_ghosts(lanczos):
    """Eigenvalues that converge after a few steps stay single."""
    A = _rotated([100.0, -60.0, *np.linspace(-1.0, 1.0, 118)], seed=3136)
    found = _spectrum_of(lanczos, A, 50, seed=3137)
    about = Text(en="n = 120, k = 50", ko="n = 120, k = 50")
    if (found > 50).sum() > 1 or (found < -30).sum() > 1:
        raise CheckFailed(about + GHOSTS)
    assert_matches(found[[0, -1]], [-60.0, 100.0], about=about, rtol=DIFFERENCES)
    bulk = _rotated([40.0, 25.0, *np.linspace(-1.0, 1.0, 38)], seed=3138)
    assert_matches(
        _spectrum_of(lanczos, bulk, 40, seed=3139),
        np.linalg.eigvalsh(bulk),
        about=Text(en="n = k = 40, the eigenvalues of T", ko="n = k = 40, T의 고윳값"),
        rtol=DIFFERENCES,
    )


def _spectrum_of(lanczos, A, k, *, seed):
    """The eigenvalues of the tridiagonal matrix, after counting the products."""
    matvec = counted(lambda v: A @ np.asarray(v, dtype=np.float64), (len(A),))
    about = Text(en=f"n = {len(A)}, k = {k}")
    result = lanczos(matvec, len(A), k, seed)
    if matvec.calls > k + 1:
        raise CheckFailed(about + TOO_MANY_PRODUCTS.format(found=matvec.calls, most=k + 1))
    return _eigenvalues_of(result, k, about=about)


def _assert_keeps_the_start(lanczos, A, k, *, seed):
    """The first row of T belongs to the first vector multiplied; a diagonal of the same eigenvalues does not."""
    asked = []

    def matvec(v):
        asked.append(np.array(v, dtype=np.float64))
        return A @ asked[-1]

    about = Text(en=f"n = {len(A)}, k = {k}")
    alpha, beta = _tridiagonal_of(lanczos(matvec, len(A), k, seed), k, about=about)
    if not asked or asked[0].shape != (len(A),):
        raise CheckFailed(about + NO_FIRST_PRODUCT)
    q = asked[0] / np.linalg.norm(asked[0])
    right = [q @ A @ q, np.linalg.norm(A @ q - (q @ A @ q) * q)]
    assert_matches([alpha[0], abs(beta[0])], right, about=about + FIRST_ROW, rtol=DIFFERENCES)


def _eigenvalues_of(result, k, *, about):
    alpha, beta = _tridiagonal_of(result, k, about=about)
    return np.linalg.eigvalsh(np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1))


def _tridiagonal_of(result, k, *, about):
    alpha, beta = parts(result, TRIDIAGONAL, about=about)
    alpha = assert_shape(alpha, (k,), about=about + Text(en=", alpha")).values
    return alpha, assert_shape(beta, (k - 1,), about=about + Text(en=", beta")).values


def _tridiagonal(k, *, seed):
    return normal(k, seed=seed), 0.5 + np.abs(normal(k - 1, seed=seed + 1))


@by_hand
def e3_13_density_nodes(spectral_density):
    """The eigenvalues of T in ascending order, of every size."""
    for k in (2, 5, 9, 1):
        _assert_nodes(spectral_density, *_tridiagonal(k, seed=3150 + k))
    _assert_nodes(spectral_density, np.array([-4.0, -3.0, 1.0, -2.0]), np.array([0.5, 0.7, 0.2]))
    _assert_nodes(spectral_density, np.array([4e-9, -3e-9]), np.array([2e-9]))


@by_hand
def e3_13_density_weights(spectral_density):
    """Each weight is the squared first entry of the eigenvector of its node."""
    for k in (2, 5, 9):
        alpha, beta = _tridiagonal(k, seed=3160 + k)
        _assert_weights(spectral_density(alpha.copy(), beta.copy()), alpha, beta)
    alpha, beta = _tridiagonal(4, seed=3170)
    assert_pure(
        spectral_density, alpha, beta, check=lambda result, about: _assert_weights(result, alpha, beta, about=about)
    )


def _assert_nodes(spectral_density, alpha, beta):
    about = Text(en=f"k = {len(alpha)}")
    nodes, _ = parts(spectral_density(alpha.copy(), beta.copy()), QUADRATURE, about=about)
    right, _ = reference.spectral_density(alpha, beta)
    assert_matches(
        nodes,
        right,
        about=about + Text(en=", the nodes", ko=", 점"),
        rtol=DIFFERENCES,
        likely={
            Text(en="the order is descending.", ko="순서가 내림차순입니다."): right.flip(0),
            Text(en="the diagonal of T, not its eigenvalues.", ko="T의 고윳값이 아니라 대각 원소입니다."): alpha,
        },
    )


def _assert_weights(result, alpha, beta, *, about=None):
    about = about or Text(en=f"k = {len(alpha)}")
    nodes, weights = parts(result, QUADRATURE, about=about)
    nodes = assert_shape(nodes, alpha.shape, about=about + Text(en=", the nodes", ko=", 점")).values
    weights = assert_shape(weights, alpha.shape, about=about + Text(en=", the weights", ko=", 무게")).values
    _, right = reference.spectral_density(alpha, beta)
    T = np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1)
    vectors = np.linalg.eigh(T)[1]
    assert_matches(
        weights[np.argsort(nodes)],
        right,
        about=about + Text(en=", the weights by ascending node", ko=", 점의 오름차순으로 늘어놓은 무게"),
        rtol=DIFFERENCES,
        likely={
            Text(
                en="the entries of the eigenvectors are not squared.", ko="고유벡터의 원소를 제곱하지 않았습니다."
            ): np.abs(vectors[0]),
            Text(
                en="the entries of one eigenvector; take the first entry of each: eigenvectors are columns.",
                ko="고유벡터 하나의 원소들입니다. 각 고유벡터의 첫 원소를 쓰십시오. 고유벡터는 열입니다.",
            ): vectors[:, 0] ** 2,
            Text(en="all weights are equal.", ko="무게가 모두 같습니다."): np.full(len(alpha), 1 / len(alpha)),
        },
    )


NO_FIRST_PRODUCT = Text(
    en=": matvec was not given a vector first.",
    ko=": matvec에 먼저 벡터를 넣지 않았습니다.",
)
FIRST_ROW = Text(
    en=", alpha_1 and beta_1 for the first vector that matvec was given",
    ko=", matvec에 처음 넣은 벡터의 alpha_1과 beta_1",
)
ONE_START = Text(
    en="different seeds gave the same T; draw the start with np.random.default_rng(seed).",
    ko="시드이 다른데 같은 T가 나왔습니다. 시작 벡터를 np.random.default_rng(seed)로 뽑으십시오.",
)
OUTSIDE = Text(
    en=": T has eigenvalues outside the spectrum of A. Are the vectors of length 1 and orthogonal?",
    ko=": T의 고윳값이 A의 스펙트럼 밖에 있습니다. 벡터들의 길이가 1이고 서로 직교합니까?",
)
GHOSTS = Text(
    en=": an eigenvalue of A appears several times in T, as a ghost. "
    "Subtract the components along all earlier vectors.",
    ko=": A의 고윳값 하나가 T에 여러 번 나타납니다. 유령입니다. 앞의 모든 벡터의 성분을 빼십시오.",
)
TOO_MANY_PRODUCTS = Text(
    en=": your function called matvec {found} times, at most {most} are allowed.",
    ko=": matvec을 {found}번 불렀습니다. 많아야 {most}번이어야 합니다.",
)


# Inputs and the words that name them


def _callback(f):
    return lambda x: f(np.asarray(x))


def _times(factor, f):
    return lambda x, xp=np: factor * f(x, xp)


def _in_torch(f):
    return lambda x: f(x, torch)


def _inputs(n):
    return Text(en="{n} inputs", ko="입력 {n}개").format(n=n) if n > 1 else Text(en="1 input", ko="입력 1개")
