"""Hidden checks of ps5-adam: one function a test cell, named like its grade id."""

import functools
from typing import NamedTuple

import numpy as np
import torch

from nbjudge.testing import CheckFailed, Text, by_hand, counted, shuffled, there, unchanged, value
from solutions import adam as reference
from tests.hidden.cases import normal, rotation, tensor
from tests.hidden.compare import (
    DIFFERENCES,
    FIRST_CALL,
    as_answer,
    as_numbers,
    assert_at_least,
    assert_calls,
    assert_left_alone,
    assert_matches,
    assert_pure,
    assert_shape,
    assert_statistic,
    assert_word,
    parts,
)

RUN = 1e-5
"""Relative tolerance for a run of many steps, where rounding errors are carried on."""

STEP = 1e-6
"""Relative tolerance for one step, in which a default eps of 1e-8 is not seen wherever it stands."""

LIMIT = 1e-6
"""Relative tolerance for a learning rate, where an iteration is a fair answer."""


class Setting(NamedTuple):
    """Settings of Adam, in the order of a student's arguments."""

    lr: float
    b1: float = 0.9
    b2: float = 0.999
    eps: float = 1e-8

    @property
    def by_name(self):
        """What the references take by name."""
        return {"b1": self.b1, "b2": self.b2, "eps": self.eps}


# Losses, for arrays of NumPy and tensors of torch, and their gradients by hand

_TURN = rotation(2, seed=51)
_TURNED_H = _TURN @ np.diag([3.0, 40.0]) @ _TURN.T
_TURNED_B = np.array([1.5, -0.7])
_DATA = normal(9, 4, seed=52)
_LABELS = np.where(normal(9, seed=53) > 0, 1.0, -1.0)


def turned(x):
    """A quadratic of 2 numbers whose axes are turned; eigenvalues 3 and 40."""
    return x @ torch.as_tensor(_TURNED_H) @ x / 2 - torch.as_tensor(_TURNED_B) @ x


def turned_gradient(x):
    """Gradient of `turned`."""
    return _TURNED_H @ x - _TURNED_B


def valley(x):
    """A curved valley in 3 dimensions."""
    return ((1 - x) ** 2).sum() + 2 * ((x[1:] - x[:-1] ** 2) ** 2).sum()


def valley_gradient(x):
    """Gradient of `valley`."""
    bend = x[1:] - x[:-1] ** 2
    gradient = -2 * (1 - x)
    gradient[1:] += 4 * bend
    gradient[:-1] -= 8 * x[:-1] * bend
    return gradient


def logistic(x):
    """The mean logistic loss of 9 samples with 4 features."""
    return torch.nn.functional.softplus(-torch.as_tensor(_LABELS) * (torch.as_tensor(_DATA) @ x)).mean()


def logistic_gradient(x):
    """Gradient of `logistic`."""
    return -(_LABELS / (1 + np.exp(_LABELS * (_DATA @ x)))) @ _DATA / len(_DATA)


def wave(x):
    """A cosine of 1 number, on a gentle parabola."""
    return (torch.cos(2 * x) + x**2 / 4).sum()


def wave_gradient(x):
    """Gradient of `wave`."""
    return -2 * np.sin(2 * x) + x / 2


def half(x):
    """A parabola for positive numbers, level for the others."""
    return (torch.relu(x) ** 2).sum()


def half_gradient(x):
    """Gradient of `half`."""
    return 2 * np.maximum(x, 0)


TURNED = (turned, turned_gradient, np.array([2.0, -1.5]), Text(en="a turned quadratic", ko="축이 돌아간 이차함수"))
VALLEY = (valley, valley_gradient, np.array([-0.8, 0.5, 1.4]), Text(en="a curved valley", ko="굽은 골짜기"))
LOGISTIC = (logistic, logistic_gradient, normal(4, seed=54), Text(en="a logistic loss", ko="로지스틱 손실"))
WAVE = (wave, wave_gradient, np.array([0.4]), Text(en="a function of 1 number", ko="수 1개의 함수"))
HALF = (half, half_gradient, np.array([0.7, 0.3]), Text(en="a parabola, level below 0", ko="0 아래에서 평평한 포물선"))


# E5.1 gd_path, max_stable_lr and regime

GD_RUNS = [
    (TURNED, 0.015, 30),
    (TURNED, 0.045, 60),
    (TURNED, 0.053, 60),
    (VALLEY, 0.03, 80),
    (LOGISTIC, 0.6, 50),
    (WAVE, 0.3, 6),
    (TURNED, 0.025, 400),
]


@by_hand
def e5_1_path_values(gd_path):
    """Every point of runs that settle, bounce and diverge; a run goes on after the gradient is almost 0."""
    for problem, lr, steps in GD_RUNS:
        _, gradient, x0, _ = problem
        assert_matches(
            gd_path(_callback(gradient), x0.copy(), lr, steps),
            _gd_reference(GD_RUNS.index((problem, lr, steps))),
            about=_run_of(problem, lr, steps),
            rtol=STEP,
            likely=_gd_mistakes(problem, lr, steps),
        )


@by_hand
def e5_1_path_inputs(gd_path):
    """A run of no steps is the start alone; the start is left alone and nothing else decides."""
    _, gradient, x0, _ = LOGISTIC
    assert_matches(gd_path(_callback(gradient), x0.copy(), 0.5, 0), x0[None], about=NO_STEPS, rtol=STEP)
    right = reference.gd_path(logistic, x0, 0.5, 4)
    assert_pure(
        gd_path,
        _callback(gradient),
        x0,
        0.5,
        4,
        check=lambda result, about: assert_matches(result, right, about=about, rtol=STEP),
    )


@functools.cache
def _gd_reference(number):
    (loss, _, x0, _), lr, steps = GD_RUNS[number]
    return as_numbers(reference.gd_path(loss, x0, lr, steps))


def _gd_mistakes(problem, lr, steps):
    _, gradient, x0, _ = problem
    right = _gd_reference(GD_RUNS.index((problem, lr, steps)))
    with np.errstate(all="ignore"):
        uphill = [x0]
        for _ in range(steps):
            uphill.append(uphill[-1] + lr * gradient(uphill[-1]))
    return {
        Text(
            en="every row is the last point: the path holds one array many times; store a copy of each point.",
            ko="모든 행이 마지막 점입니다. 같은 배열을 여러 번 담았습니다. 점마다 복사본을 담으십시오.",
        ): np.broadcast_to(right[-1], right.shape),
        Text(
            en="the gradient of the start is used in every step; take it at the current point.",
            ko="모든 걸음에서 출발점의 그래디언트를 썼습니다. 지금 있는 점에서 구하십시오.",
        ): x0 - lr * np.arange(steps + 1)[:, None] * gradient(x0),
        Text(
            en="the steps go uphill; move against the gradient.",
            ko="오르막으로 가고 있습니다. 그래디언트의 반대쪽으로 움직이십시오.",
        ): np.nan_to_num(uphill),
    }


@by_hand
def e5_1_limit_values(max_stable_lr):
    """The largest eigenvalue decides, on an axis or off the axes."""
    for H, about in [
        (_spd([7.0, 3.0, 50.0]), Text(en="a diagonal Hessian", ko="대각 행렬인 헤시안")),
        (_spd([1.0, 30.0], turn=55), _hessian_of(2)),
        (_spd([0.5, 4.0, 4.2], turn=56), _hessian_of(3)),
        (_spd([9.0, 2.0, 0.3, 1.1, 6.0], turn=57), _hessian_of(5)),
        (np.array([[2.0, -1.0], [-1.0, 2.0]]), Text(en="the Hessian with rows (2, -1), (-1, 2)", ko=_TWO_ROWS_KO)),
    ]:
        _assert_limit(max_stable_lr(H.copy()), H, about=about)


@by_hand
def e5_1_limit_extremes(max_stable_lr):
    """One direction, steep, flat and unequal ones; the Hessian is left alone and nothing else decides."""
    for H, about in [
        (np.array([[0.3]]), Text(en="a (1, 1) Hessian", ko="모양이 (1, 1)인 헤시안")),
        (1e6 * _spd([0.5, 3.0, 7.0], turn=58), Text(en="eigenvalues near 1e6", ko="1e6에 가까운 고윳값")),
        (1e-6 * _spd([0.5, 3.0, 7.0], turn=59), Text(en="eigenvalues near 1e-6", ko="1e-6에 가까운 고윳값")),
        (_spd([1e-4, 200.0, 3.0], turn=60), Text(en="eigenvalues from 1e-4 to 200", ko="1e-4부터 200까지의 고윳값")),
    ]:
        _assert_limit(max_stable_lr(H.copy()), H, about=about)
    H = _spd([2.0, 5.0, 11.0], turn=61)
    assert_pure(max_stable_lr, H, check=lambda result, about: _assert_limit(result, H, about=about))


def _assert_limit(result, H, *, about):
    eigenvalues = np.linalg.eigvalsh(H)
    assert_matches(
        result,
        reference.max_stable_lr(H),
        about=about,
        rtol=LIMIT,
        likely={
            Text(
                en="this is 1 over the largest eigenvalue, where a step lands on the bottom; the limit is twice that.",
                ko="1 나누기 가장 큰 고윳값입니다. 그때는 한 걸음에 바닥에 닿습니다. 한계는 그 두 배입니다.",
            ): 1 / eigenvalues[-1],
            Text(
                en="the smallest eigenvalue was taken; the steepest direction diverges first.",
                ko="가장 작은 고윳값을 썼습니다. 가장 가파른 방향이 먼저 발산합니다.",
            ): 2 / eigenvalues[0],
            Text(
                en="the largest diagonal entry was taken; off the axes it is not an eigenvalue.",
                ko="가장 큰 대각 원소를 썼습니다. 고유벡터가 축 위에 없으면 고윳값이 아닙니다.",
            ): 2 / np.diag(H).max(),
            Text(en="the sum of all eigenvalues was taken.", ko="고윳값을 모두 더한 값을 썼습니다."): 2 / np.trace(H),
            Text(
                en="this is the learning rate of fastest convergence, not the limit.",
                ko="가장 빨리 수렴하는 학습률입니다. 한계가 아닙니다.",
            ): 2 / (eigenvalues[0] + eigenvalues[-1]),
        },
    )


@by_hand
def e5_1_regime_words(regime):
    """Products below, between and above the borders, some of them near."""
    cases = [
        (0.05, 10.0),
        (0.3, 5.0),
        (0.5, 5.0),
        (1e-4, 3.0),
        (0.25, 4.0 * (1 - 3e-9)),
        (0.25, 4.0 * (1 + 3e-9)),
        (8.0, 0.25 * (1 - 8e-10)),
        (8.0, 0.25 * (1 + 8e-10)),
        (1e-5, 1e5 * (1 + 1e-6)),
        (2.0, 0.45),
        (2.0, 0.95),
        (1e-3, 1e-7),
        (1e3, 7.0),
    ]
    for lr, lam in shuffled(cases):
        _assert_regime(regime, lr, lam)


@by_hand
def e5_1_regime_borders(regime):
    """Products that equal a border up to rounding."""
    cases = [
        (0.25, 4.0),
        (0.5, 4.0),
        (1 / 49, 49.0),
        (0.1 + 0.2, 1 / 0.3),
        (2 / 49, 49.0),
        (0.1 + 0.2, 2 / 0.3),
        (1e-5, 1e5 * (1 - 1e-11)),
        (1e-5, 2e5 * (1 + 1e-11)),
    ]
    for lr, lam in shuffled(cases):
        _assert_regime(regime, lr, lam)


def _assert_regime(regime, lr, lam):
    product = lr * lam
    about = Text(
        en=f"lr = {lr:.11g}, lam = {lam:.11g}, product {product:.11g}", ko=_PRODUCT_KO.format(lr, lam, product)
    )
    right = reference.regime(lr, lam)
    between = "oscillating" if 1 < product < 2 else "monotone"
    beyond = "diverging" if product > 2 else "oscillating"
    likely = {
        "one_step": {ROUNDED: between if product < 1 else "oscillating"},
        "marginal": {ROUNDED: between if product < 2 else beyond},
        "oscillating": {STILL_SHRINKS: "diverging", TOO_WIDE: "one_step", ALMOST_TWO: "marginal"},
        "monotone": {TOO_WIDE: "one_step"},
        "diverging": {ALMOST_TWO: "marginal"},
    }[right]
    assert_word(regime(lr, lam), right, about=about, likely=likely)


def _spd(eigenvalues, turn=None):
    if turn is None:
        return np.diag(eigenvalues)
    R = rotation(len(eigenvalues), seed=turn)
    H = R @ np.diag(eigenvalues) @ R.T
    return (H + H.T) / 2


def _hessian_of(n):
    return Text(en=f"a ({n}, {n}) Hessian, its directions off the axes", ko=f"방향이 축에서 벗어난 ({n}, {n}) 헤시안")


def _run_of(problem, lr, steps):
    return problem[3] + Text(en=f", lr = {lr:g}, {steps} steps", ko=f", lr = {lr:g}, {steps}걸음")


_TWO_ROWS_KO = "행이 (2, -1), (-1, 2)인 헤시안"
_PRODUCT_KO = "lr = {:.11g}, lam = {:.11g}, 곱 {:.11g}"
NO_STEPS = Text(en="a run of 0 steps", ko="0걸음")
ROUNDED = Text(
    en="the product differs from the border by rounding only; count it as equal within 1e-9.",
    ko="곱이 경계와 반올림만큼만 다릅니다. 1e-9 이내이면 같다고 보십시오.",
)
STILL_SHRINKS = Text(
    en="beyond 1 the sign changes, but up to 2 the size still shrinks.",
    ko="1을 넘으면 부호가 바뀌지만, 2까지는 크기가 줄어듭니다.",
)
TOO_WIDE = Text(
    en="the product differs from 1 by more than 1e-9, so it is not equal to it.",
    ko="곱과 1의 차이가 1e-9보다 큽니다. 같다고 보지 않습니다.",
)
ALMOST_TWO = Text(
    en="the product differs from 2 by more than 1e-9, so it is not equal to it.",
    ko="곱과 2의 차이가 1e-9보다 큽니다. 같다고 보지 않습니다.",
)


# E5.2 adam_step

P_AND_STATE = ("p", "state")
MIDWAY = [
    (6, 7, Setting(0.5, 0.6, 0.95)),
    (3, 5, Setting(0.1)),
    (5, 0, Setting(0.1)),
    (2, 1, Setting(0.3)),
    (4, 30, Setting(0.2, 0.8, 0.99)),
    (3, 2000, Setting(0.05, 0.95, 0.9995)),
]


@by_hand
def e5_2_values(adam_step):
    """The new parameters agree with torch: first steps and steps in mid-run, with several settings."""
    for n, t, setting in MIDWAY:
        p, g, state = _midway(n, t, seed=520 + n)
        result = adam_step(p.copy(), g.copy(), _fresh(state), *setting)
        about = Text(en=f"state['t'] = {t}, {n} parameters", ko=f"state['t'] = {t}, 매개변수 {n}개")
        _assert_parameters(result, p, g, state, setting, about=about)


@by_hand
def e5_2_state(adam_step):
    """The new state agrees with torch: one more step, and both means without correction."""
    for n, t, setting in MIDWAY[:5]:
        p, g, state = _midway(n, t, seed=530 + n)
        about = Text(en=f"state['t'] = {t}, the new state", ko=f"state['t'] = {t}, 새 state")
        result = adam_step(p.copy(), g.copy(), _fresh(state), *setting)
        _, found = parts(result, P_AND_STATE, about=about)
        _assert_state(found, g, state, setting, about=about)


@by_hand
def e5_2_eps(adam_step):
    """Where eps stands, and gradients so small that it matters."""
    lr, b2 = 0.1, 0.999
    p, g = np.array([0.0, 0.0]), np.array([0.5, -0.2])
    start = {"t": 0, "m": np.zeros(2), "v": np.zeros(2)}
    for now, eps, about in [
        (g, 0.1, Text(en="p = 0, g = (0.5, -0.2), eps = 0.1", ko="p = 0, g = (0.5, -0.2), eps = 0.1")),
        (1e-10 * g, 1e-11, Text(en="p = 0, gradients of 1e-10, eps = 1e-11", ko=_TINY_KO)),
    ]:
        after, _ = parts(adam_step(p.copy(), now.copy(), _fresh(start), lr, eps=eps), P_AND_STATE, about=about)
        size = np.abs(now)
        assert_matches(
            after,
            reference.adam_step(p, now, start, lr, eps=eps)[0],
            about=about,
            rtol=STEP,
            likely={
                EPS_INSIDE: -lr * now / np.sqrt(size**2 + eps),
                EPS_INSIDE_SQUARED: -lr * now / np.sqrt(size**2 + eps**2),
                EPS_BEFORE_CORRECTION: -lr * now / (size + eps / np.sqrt(1 - b2)),
                EPS_ABSENT: -lr * now / size,
            },
        )
    p, moving = np.array([1.3, -0.4]), {"t": 5, "m": (1 - 0.9**5) * g, "v": (1 - b2**5) * g**2}
    for state, about in [
        (start, Text(en="a first gradient of 0", ko="첫 그래디언트가 0일 때")),
        (moving, NO_GRADIENT),
    ]:
        after, _ = parts(adam_step(p.copy(), 0.0 * g, _fresh(state), lr), P_AND_STATE, about=about)
        right = reference.adam_step(p, 0.0 * g, state, lr)[0]
        assert_matches(after, right, about=about, rtol=STEP, likely={RESTS: p})


@by_hand
def e5_2_scales(adam_step):
    """Multiplying all gradients, those of the past too, by a number changes nothing, whatever its size."""
    lr, eps = 0.1, 1e-14
    zero = np.zeros(3)
    g = np.array([1e-3, -1.0, 1e3])
    first, second = ({"t": t, "m": (1 - 0.9**t) * g, "v": (1 - 0.999**t) * g**2} for t in (0, 1))
    for state, about in [
        (first, Text(en="a first step, gradients 1e-3, -1, 1e3", ko="첫 걸음, 그래디언트 1e-3, -1, 1e3")),
        (second, Text(en="a second step with the same gradients", ko="그래디언트가 같은 둘째 걸음")),
    ]:
        after, _ = parts(adam_step(zero.copy(), g.copy(), _fresh(state), lr, eps=eps), P_AND_STATE, about=about)
        assert_matches(after, -lr * np.sign(g), about=about, rtol=1e-3, likely={GD_STEP: -lr * g})
    _, g, state = _midway(3, 5, seed=540)
    steps = {}
    for factor in (1.0, 1e-3, 1e3):
        scaled = {"t": 5, "m": factor * state["m"], "v": factor**2 * state["v"]}
        about = Text(en=f"all gradients times {factor:g}", ko=f"모든 그래디언트에 {factor:g}을 곱했을 때")
        after, _ = parts(adam_step(zero.copy(), factor * g, scaled, lr, eps=eps), P_AND_STATE, about=about)
        steps[factor] = assert_shape(after, (3,), about=about).values
        assert_matches(steps[factor], steps[1.0], about=about, rtol=1e-3, scale=lr)


@by_hand
def e5_2_shapes(adam_step):
    """Vectors, matrices, and single numbers in both of their forms."""
    _assert_shapes(adam_step, 2.0, accepted=[reference.adam_step])


@by_hand
def e5_2_inputs(adam_step):
    """Parameters, gradient and state are left alone, and nothing else decides."""
    for seed in (550, 551):
        p, g, state = _midway(4, 5, seed=seed)
        _assert_leaves(adam_step, p, g, state, 2.0, accepted=[reference.adam_step])


def _midway(shape, t, *, seed):
    """Parameters, a gradient and the state after t steps; the state of no step is zero."""
    shape = (shape,) if np.ndim(shape) == 0 else shape
    p, m, g = normal(3, *shape, seed=seed)
    v = np.random.default_rng(seed).uniform(0.3, 2.0, shape)
    return p, 2 * g, {"t": t, "m": m * (t > 0), "v": v * (t > 0)}


def _fresh(state):
    return {"t": state["t"], "m": np.copy(state["m"]), "v": np.copy(state["v"])}


def _assert_parameters(result, p, g, state, setting, *, about):
    after, _ = parts(result, P_AND_STATE, about=about)
    assert_matches(
        after,
        reference.adam_step(p, g, state, setting.lr, **setting.by_name)[0],
        about=about,
        rtol=STEP,
        likely=_mistaken_steps(p, g, state, setting),
    )


def _mistaken_steps(p, g, state, setting):
    lr, b1, b2, _ = setting
    t = state["t"] + 1
    m, v = b1 * state["m"] + (1 - b1) * g, b2 * state["v"] + (1 - b2) * g**2
    m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
    swapped = (b2 * state["m"] + (1 - b2) * g) / (1 - b2**t)
    swapped = swapped / np.sqrt((b1 * state["v"] + (1 - b1) * g**2) / (1 - b1**t))
    sizes = (b2 * state["v"] + (1 - b2) * np.abs(g)) / (1 - b2**t)
    mistakes = {
        Text(en="the bias correction is missing.", ko="편향 보정이 빠졌습니다."): m / np.sqrt(v),
        Text(en="only m is corrected; v starts at 0 too.", ko="m만 보정했습니다. v도 0에서 출발합니다."): m_hat
        / np.sqrt(v),
        Text(en="only v is corrected; m starts at 0 too.", ko="v만 보정했습니다. m도 0에서 출발합니다."): m
        / np.sqrt(v_hat),
        Text(en="b1 and b2 are exchanged.", ko="b1과 b2가 바뀌었습니다."): swapped,
        Text(
            en="the second mean holds |g|; it is the mean of squares.",
            ko="둘째 평균에 |g|를 담았습니다. 제곱의 평균입니다.",
        ): m_hat / np.sqrt(sizes),
        Text(
            en="the root is missing; divide by the root of v_hat.",
            ko="제곱근이 빠졌습니다. v_hat의 제곱근으로 나누십시오.",
        ): m_hat / v_hat,
        Text(en="the step goes uphill.", ko="오르막으로 가고 있습니다."): -m_hat / np.sqrt(v_hat),
        Text(en="this is gradient descent.", ko="경사하강법의 걸음입니다."): g,
        Text(
            en="the correction uses a wrong t: this step is number state['t'] + 1.",
            ko="보정에 쓴 t가 어긋났습니다. 이번 걸음은 state['t'] + 1번째입니다.",
        ): (m / (1 - b1 ** (t + 1))) / np.sqrt(v / (1 - b2 ** (t + 1))),
    }
    if t > 1:
        mistakes[
            Text(
                en="the correction uses state['t'] as it came; this step is the next one.",
                ko="보정에 받은 state['t']를 그대로 썼습니다. 이번 걸음은 그다음 번호입니다.",
            )
        ] = (m / (1 - b1 ** (t - 1))) / np.sqrt(v / (1 - b2 ** (t - 1)))
    alone = Text(en="this is the step alone; return p after it.", ko="걸음뿐입니다. 걸음을 옮긴 뒤의 p를 돌려주십시오.")
    return {mistake: p - lr * step for mistake, step in mistakes.items()} | {alone: -lr * m_hat / np.sqrt(v_hat)}


def _assert_state(found, g, state, setting, *, about):
    t, m, v = _entries(found, about=about)
    right = reference.adam_step(g, g, state, setting.lr, **setting.by_name)[1]
    named = about + Text(en=", entry 't'", ko="의 't'")
    assert_matches(t, right["t"], about=named, likely={T_NOT_ADVANCED: state["t"]})
    for name, part, beta in (("m", m, setting.b1), ("v", v, setting.b2)):
        power = g if name == "m" else g**2
        assert_matches(
            part,
            right[name],
            about=about + Text(en=f", entry '{name}'", ko=f"의 '{name}'"),
            rtol=STEP,
            likely={
                Text(
                    en="this is the corrected mean; store the one before correction.",
                    ko="보정한 평균입니다. 보정하기 전의 것을 담으십시오.",
                ): as_numbers(right[name]) / (1 - beta ** (state["t"] + 1)),
                Text(en="this is the old one.", ko="예전 값 그대로입니다."): state[name],
                Text(en="the weights beta and 1 - beta are exchanged.", ko="가중치 beta와 1 - beta가 바뀌었습니다."): (
                    1 - beta
                )
                * state[name]
                + beta * power,
            },
        )


def _entries(found, *, about):
    """The entries t, m and v of a state that a student returned."""
    try:
        return found["t"], found["m"], found["v"]
    except (TypeError, KeyError, IndexError):
        raise CheckFailed(about + NO_STATE) from None


def _assert_shapes(step, *settings, accepted):
    """Fail unless a step in mid-run is right for parameters of several shapes; settings follow the state."""
    for shape, form, about in [
        ((3,), np.array, Text(en="3 parameters", ko="매개변수 3개")),
        ((2, 3), np.array, Text(en="a (2, 3) matrix", ko="(2, 3) 행렬")),
        ((4, 1, 2), np.array, Text(en="parameters of shape (4, 1, 2)", ko="모양이 (4, 1, 2)인 매개변수")),
        ((), np.array, Text(en="an array without axes", ko="축이 없는 배열")),
        ((), float, Text(en="a float", ko="실수 하나")),
    ]:
        p, g, state = _midway(shape, 3, seed=560 + len(shape))
        given = {"t": state["t"], "m": form(state["m"]), "v": form(state["v"])}
        after, found = parts(step(form(p), form(g), given, *settings), P_AND_STATE, about=about)
        _assert_one_of(after, [right(p, g, state, *settings)[0] for right in accepted], about=about)
        for name, part in zip("mv", _entries(found, about=about)[1:], strict=True):
            assert_shape(part, shape, about=about + Text(en=f", new {name}", ko=f", 새 {name}"))


def _assert_leaves(step, *arguments, accepted):
    """Fail unless a step leaves its arguments alone, state["t"] too, and nothing else decides."""
    rights = [right(*arguments)[0] for right in accepted]

    def check(result, about):
        after, _ = parts(result, P_AND_STATE, about=about)
        _assert_one_of(after, rights, about=about)

    result, after = unchanged(step, *arguments)
    check(result, FIRST_CALL)
    assert_left_alone(after, arguments)
    about = Text(en="state['t'] after the call", ko="호출 뒤의 state['t']")
    assert_matches(after[2]["t"], arguments[2]["t"], about=about, likely={IN_PLACE: arguments[2]["t"] + 1})
    assert_pure(step, *arguments, check=check)


def _assert_one_of(found, rights, *, about, rtol=STEP, likely=None):
    """Compare with the nearest of several right answers."""
    rights = [as_numbers(right) for right in rights]
    values = assert_shape(found, rights[0].shape, about=about).values
    nearest = min(rights, key=lambda right: np.abs(values - right).max(initial=0.0))
    assert_matches(found, nearest, about=about, rtol=rtol, likely=likely)


NO_STATE = Text(
    en=": expected a dictionary with the keys 't', 'm' and 'v'.",
    ko=": 키가 't', 'm', 'v'인 사전이 와야 합니다.",
)
T_NOT_ADVANCED = Text(en="one more step is done now.", ko="이제 한 걸음을 더 끝냈습니다.")
IN_PLACE = Text(
    en="the given dictionary was changed; return a new one.",
    ko="받은 사전을 바꾸었습니다. 새 사전을 돌려주십시오.",
)
GD_STEP = Text(en="this is gradient descent.", ko="경사하강법의 걸음입니다.")
EPS_INSIDE = Text(
    en="eps is added inside the root; it stands outside.", ko="eps를 제곱근 안에서 더했습니다. 밖에서 더합니다."
)
EPS_INSIDE_SQUARED = Text(
    en="the square of eps is added inside the root; eps stands outside.",
    ko="eps의 제곱을 제곱근 안에서 더했습니다. eps는 밖에서 더합니다.",
)
EPS_BEFORE_CORRECTION = Text(
    en="eps is added to the root of v before the correction; add it to the root of v_hat.",
    ko="보정하기 전의 v의 제곱근에 eps를 더했습니다. v_hat의 제곱근에 더하십시오.",
)
EPS_ABSENT = Text(
    en="eps is missing, or another one is used; add the eps that is given.",
    ko="eps가 빠졌거나 다른 eps를 썼습니다. 받은 eps를 더하십시오.",
)
NO_GRADIENT = Text(en="a gradient of 0 in mid-run", ko="도중에 그래디언트가 0일 때")
RESTS = Text(
    en="the parameters rest where the gradient is 0; m still remembers the gradients before.",
    ko="그래디언트가 0인 곳에서 매개변수가 멈췄습니다. m에는 앞선 그래디언트가 남아 있습니다.",
)
_TINY_KO = "p = 0, 크기가 1e-10인 그래디언트, eps = 1e-11"


# E5.3 first_step_ratio and ema_bias


@by_hand
def e5_3_bias_values(ema_bias):
    """The share after some steps."""
    for beta, t in [(0.9, 7), (0.999, 250), (0.5, 3), (0.99, 60), (0.3, 2)]:
        _assert_bias(ema_bias(beta, t), beta, t)


@by_hand
def e5_3_bias_extremes(ema_bias):
    """Before the first step, after the first, after very many; an average without memory."""
    for beta, t in [(0.9, 0), (0.999, 1), (0.999, 10**6), (0.0, 4), (0.0, 0)]:
        _assert_bias(ema_bias(beta, t), beta, t)
    assert_pure(ema_bias, 0.9995, 1, check=lambda result, _: _assert_bias(result, 0.9995, 1))


def _assert_bias(result, beta, t):
    assert_matches(
        result,
        _bias_reference(beta, t),
        about=Text(en=f"beta = {beta:g}, t = {t}"),
        rtol=STEP,
        scale=1.0 if t == 0 else None,
        likely={
            Text(
                en="this is what is missing; the share reached is 1 minus it.",
                ko="아직 모자란 몫입니다. 다다른 몫은 1에서 이것을 뺀 것입니다.",
            ): beta**t,
            Text(
                en="this is the factor of the correction; the share is its reciprocal.",
                ko="보정에서 곱하는 수입니다. 몫은 그 역수입니다.",
            ): 1 / (1 - beta**t) if t else np.nan,
            Text(en="one step too many.", ko="한 걸음이 많습니다."): 1 - beta ** (t + 1),
            Text(en="one step too few.", ko="한 걸음이 모자랍니다."): 1 - beta ** max(t - 1, 0),
            Text(
                en="the shares of the steps do not add up like this: older ones are forgotten.",
                ko="걸음의 몫은 이렇게 더해지지 않습니다. 오래된 것은 잊힙니다.",
            ): min(1.0, t * (1 - beta)),
        },
    )


@functools.cache
def _bias_reference(beta, t):
    return reference.ema_bias(beta, t)


@by_hand
def e5_3_ratio(first_step_ratio):
    """The ratio for several pairs, above 1, below 1 and at the ends."""
    for b1, b2 in [(0.8, 0.99), (0.9, 0.999), (0.95, 0.9999), (0.9, 0.9), (0.5, 0.999), (0.0, 0.99), (0.6, 0.0)]:
        _assert_ratio(first_step_ratio(b1, b2), b1, b2)
    assert_pure(first_step_ratio, 0.7, 0.995, check=lambda result, _: _assert_ratio(result, 0.7, 0.995))


def _assert_ratio(result, b1, b2):
    right = reference.first_step_ratio(b1, b2)
    assert_matches(
        result,
        right,
        about=Text(en=f"b1 = {b1:g}, b2 = {b2:g}"),
        rtol=1e-4,
        likely={
            Text(
                en="this is the reciprocal: the step without correction is divided by the one with it.",
                ko="역수입니다. 보정하지 않은 걸음을 보정한 걸음으로 나눕니다.",
            ): 1 / right,
            Text(
                en="the root is missing; Adam divides by the root of v.",
                ko="제곱근이 빠졌습니다. Adam은 v의 제곱근으로 나눕니다.",
            ): (1 - b1) / (1 - b2),
            Text(en="this is the ratio of the second step.", ko="둘째 걸음의 비입니다."): (1 - b1**2)
            / np.sqrt(1 - b2**2),
            Text(en="only m is looked at; v is too small as well.", ko="m만 보았습니다. v도 너무 작습니다."): 1 - b1,
            Text(en="this is the ratio for 0.9 and 0.999.", ko="0.9와 0.999일 때의 비입니다."): np.sqrt(10.0),
        },
    )


# E5.4 run_adam

ADAM_PROBLEMS = [TURNED, VALLEY, LOGISTIC, HALF]
ADAM_SETTINGS = [Setting(0.1), Setting(0.05, 0.8, 0.99), Setting(0.02, 0.95, 0.9995, 0.1)]


@by_hand
def e5_4_shape(run_adam):
    """One row for each point, of finite numbers; the first is the start."""
    cases = [(WAVE, 4), (TURNED, 1), (LOGISTIC, 12), (WAVE, 7), (TURNED, 3), (LOGISTIC, 2)]
    for (_, gradient, x0, name), steps in shuffled(cases):
        about = name + Text(en=f", {steps} steps", ko=f", {steps}걸음")
        assert_shape(run_adam(_callback(gradient), x0.copy(), 0.1, steps), (steps + 1, len(x0)), about=about)


@by_hand
def e5_4_values(run_adam):
    """200 steps equal those of torch on several functions and settings, and go on where the gradient is 0."""
    for which, (_, gradient, x0, name) in enumerate(ADAM_PROBLEMS):
        for setting in ADAM_SETTINGS:
            lr, b1, b2, eps = setting
            assert_matches(
                run_adam(_callback(gradient), x0.copy(), lr, 200, b1, b2, eps),
                _adam_reference(which, setting),
                about=name + Text(en=f", lr = {lr:g}, b1 = {b1:g}, b2 = {b2:g}, eps = {eps:g}"),
                rtol=RUN,
                likely=functools.partial(_adam_mistakes, which, setting),
            )


@by_hand
def e5_4_inputs(run_adam):
    """A run of no steps is the start alone; the start is left alone and nothing else decides."""
    _, gradient, x0, _ = VALLEY
    assert_matches(run_adam(_callback(gradient), x0.copy(), 0.1, 0), x0[None], about=NO_STEPS, rtol=RUN)
    right = reference.run_adam(valley, x0, 0.1, 5)
    assert_pure(
        run_adam,
        _callback(gradient),
        x0,
        0.1,
        5,
        check=lambda result, about: assert_matches(result, right, about=about, rtol=RUN),
    )


@functools.cache
def _adam_reference(which, setting):
    loss, _, x0, _ = ADAM_PROBLEMS[which]
    return as_numbers(reference.run_adam(loss, x0, setting.lr, 200, **setting.by_name))


@functools.cache
def _adam_mistakes(which, setting):
    mistakes = {
        Text(en="m, v and t start anew in every step.", ko="걸음마다 m, v, t가 처음부터 시작합니다."): _adam_loop(
            which, setting, forgets=True
        ),
        Text(en="the bias correction is missing.", ko="편향 보정이 빠졌습니다."): _adam_loop(
            which, setting, corrects=False
        ),
        Text(
            en="t does not advance: every step is corrected like the first.",
            ko="t가 나아가지 않습니다. 모든 걸음을 첫 걸음처럼 보정했습니다.",
        ): _adam_loop(which, setting, counts=False),
    }
    lr, b1, b2, eps = setting
    usual = Setting(lr)
    if (b1, b2) != (usual.b1, usual.b2):
        mistakes[
            Text(
                en="this is the path for the default b1 and b2; use those that are given.",
                ko="b1과 b2가 기본값일 때의 경로입니다. 받은 값을 쓰십시오.",
            )
        ] = _adam_reference(which, Setting(lr, eps=eps))
    if eps != usual.eps:
        mistakes[EPS_ABSENT] = _adam_reference(which, Setting(lr, b1, b2))
        mistakes[EPS_INSIDE] = _adam_loop(which, setting, inside=True)
    return mistakes


def _adam_loop(which, setting, *, forgets=False, corrects=True, counts=True, inside=False):
    _, gradient, x0, _ = ADAM_PROBLEMS[which]
    lr, b1, b2, eps = setting
    path, m, v = [x0], 0 * x0, 0 * x0
    for step in range(1, 201):
        g = gradient(path[-1])
        t = step if counts and not forgets else 1
        m, v = (0 * m, 0 * v) if forgets else (m, v)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        m_hat, v_hat = (m / (1 - b1**t), v / (1 - b2**t)) if corrects else (m, v)
        path.append(path[-1] - lr * m_hat / (np.sqrt(v_hat + eps) if inside else np.sqrt(v_hat) + eps))
    return np.array(path)


# E5.5 adam_l2_step and adamw_step

DECAY_RUNS = [(LOGISTIC, 0.05, 0.5), (TURNED, 0.05, 0.1), (LOGISTIC, 0.1, 15.0)]
L2 = [reference.adam_l2_step]
W = [reference.adamw_step, reference.adamw_step_decay_last]


@by_hand
def e5_5_l2_run(adam_l2_step):
    """50 steps in a row agree with Adam of torch with weight decay."""
    _assert_runs(adam_l2_step, L2)


@by_hand
def e5_5_l2_inputs(adam_l2_step):
    """A step in mid-run, of any shape and setting; the arguments are left alone and nothing else decides."""
    _assert_decaying_step(adam_l2_step, L2)


@by_hand
def e5_5_w_run(adamw_step):
    """50 steps in a row agree with AdamW of torch, or with a decay after each step."""
    _assert_runs(adamw_step, W)


@by_hand
def e5_5_w_inputs(adamw_step):
    """A step in mid-run, of any shape and setting; the arguments are left alone and nothing else decides."""
    _assert_decaying_step(adamw_step, W)


def _assert_runs(step, accepted):
    for number, ((_, _, _, name), lr, wd) in enumerate(DECAY_RUNS):
        about = name + Text(en=f", lr = {lr:g}, wd = {wd:g}, 50 steps", ko=f", lr = {lr:g}, wd = {wd:g}, 50걸음")
        path = _decay_run(step, number, about=about)
        rights = [_decay_reference(number, right) for right in accepted]
        _assert_one_of(path, rights, about=about, rtol=RUN, likely=functools.partial(_decay_mistakes, number, rights))


def _decay_mistakes(number, rights):
    others = {mistake: _decay_reference(number, wrong) for mistake, wrong in DECAY_MISTAKES.items()}
    return {
        mistake: other
        for mistake, other in others.items()
        if all(np.abs(other - right).max() > RUN for right in rights)
    }


def _decay_run(step, number, *, about):
    (_, gradient, p, _), lr, wd = DECAY_RUNS[number]
    path, state = [p], {"t": 0, "m": np.zeros(len(p)), "v": np.zeros(len(p))}
    for t in range(1, 51):
        now = about + Text(en=f", step {t}", ko=f", {t}번째 걸음")
        after, state = parts(step(path[-1].copy(), gradient(path[-1]), state, lr, wd), P_AND_STATE, about=now)
        path.append(as_numbers(assert_shape(after, p.shape, about=now).values))
    return np.array(path)


@functools.cache
def _decay_reference(number, step):
    return _decay_run(step, number, about=Text(en="the reference"))


def _assert_decaying_step(step, accepted):
    _assert_shapes(step, 0.5, 0.6, accepted=accepted)
    p, g, state = _midway(4, 5, seed=570)
    lr, wd, setting = 0.5, 0.7, Setting(0.5, 0.6, 0.95, 0.2)
    for now, about in [(g, Text(en="b1 = 0.6, b2 = 0.95, eps = 0.2")), (0.0 * g, NO_GRADIENT)]:
        after, _ = parts(step(p.copy(), now.copy(), _fresh(state), lr, wd, *setting[1:]), P_AND_STATE, about=about)
        rights = [right(p, now, state, lr, wd, **setting.by_name)[0] for right in accepted]
        usual = accepted[0](p, now, state, lr, wd)[0]
        _assert_one_of(after, rights, about=about, likely={RESTS: p, USUAL_SETTING: usual})
    _assert_leaves(step, p, g, state, lr, wd, accepted=accepted)


def _decays_by(change):
    def step(p, g, state, lr, wd):
        after, state = reference.adam_step(p, g, state, lr)
        return change(as_numbers(after), p, lr, wd), state

    return step


def _state_stays(p, g, state, lr, wd):
    return reference.adamw_step(p, g, state, lr, wd)[0], state


def _l2_state_stays(p, g, state, lr, wd):
    return reference.adam_l2_step(p, g, state, lr, wd)[0], state


USUAL_SETTING = Text(
    en="this is the step for the default b1, b2 and eps; use those that are given.",
    ko="b1, b2, eps가 기본값일 때의 걸음입니다. 받은 값을 쓰십시오.",
)
DECAY_MISTAKES = {
    Text(en="there is no decay in it.", ko="감쇠가 들어 있지 않습니다."): _decays_by(lambda after, p, lr, wd: after),
    Text(
        en="this is the coupled form; here the decay must not enter m and v.",
        ko="결합형입니다. 여기에서는 감쇠가 m과 v에 들어가지 않아야 합니다.",
    ): reference.adam_l2_step,
    Text(
        en="this is the decoupled form; here wd * p belongs to the gradient.",
        ko="분리형입니다. 여기에서는 wd * p가 그래디언트에 들어갑니다.",
    ): reference.adamw_step,
    Text(en="the decay is not scaled by the learning rate.", ko="감쇠에 학습률을 곱하지 않았습니다."): _decays_by(
        lambda after, p, lr, wd: after - wd * p
    ),
    Text(
        en="the parameters grow; the decay has the wrong sign.", ko="매개변수가 커집니다. 감쇠의 부호가 반대입니다."
    ): _decays_by(lambda after, p, lr, wd: after + lr * wd * p),
    Text(en="the new state is the old one.", ko="새 state가 예전 것 그대로입니다."): _state_stays,
    Text(
        en="the new state is the old one; m, v and t must advance.",
        ko="새 state가 예전 것 그대로입니다. m, v, t가 나아가야 합니다.",
    ): _l2_state_stays,
}


def _callback(gradient):
    return lambda x: gradient(np.array(x, dtype=np.float64))


RACE = 1e-5
"""Relative tolerance for the loss after a run of many steps, where rounding errors are carried on."""

TURN = 1e-6
"""Relative tolerance for a value or a gradient behind one product of matrices."""


# Losses of the races, as tracks with a start, for arrays of NumPy and tensors of torch


class Track(NamedTuple):
    """A loss to descend, its gradient and a start; `loss` takes the module whose arrays it is given."""

    name: Text
    loss: object
    gradient: object
    x0: tuple

    @property
    def start(self):
        """The start as a fresh array."""
        return np.array(self.x0)

    @property
    def in_torch(self):
        """The loss for the references."""
        return lambda x: self.loss(x, torch)

    @property
    def pair(self):
        """What a student is given: a point to loss and gradient, quietly."""

        def both(x):
            x = np.array(x, dtype=np.float64)
            with np.errstate(all="ignore"):
                return float(self.loss(x, np)), self.gradient(x)

        return both


def slanted(x, xp):  # noqa: ARG001, called like the others
    """A bowl of 2 numbers whose axes are turned."""
    return 15 * (0.8 * x[0] + 0.6 * x[1] - 1) ** 2 + (0.8 * x[1] - 0.6 * x[0] + 0.5) ** 2


def slanted_gradient(x):
    """Gradient of `slanted`."""
    steep, flat = 30 * (0.8 * x[0] + 0.6 * x[1] - 1), 2 * (0.8 * x[1] - 0.6 * x[0] + 0.5)
    return np.array([0.8 * steep - 0.6 * flat, 0.6 * steep + 0.8 * flat])


def bent(x, xp):
    """A valley with slanting walls, each number coupled to the one before."""
    return xp.log(xp.cosh(2 * x[1:] - x[:-1])).sum() + 0.1 * (x**2).sum()


def bent_gradient(x):
    """Gradient of `bent`."""
    slope, gradient = np.tanh(2 * x[1:] - x[:-1]), 0.2 * x
    gradient[1:] += 2 * slope
    gradient[:-1] -= slope
    return gradient


def quartic(x, xp):  # noqa: ARG001, called like the others
    """A function of 1 number that gets steeper and steeper."""
    return x[0] ** 4 / 4 + x[0] ** 2 / 2


def quartic_gradient(x):
    """Gradient of `quartic`."""
    return x**3 + x


def separate(x, xp):
    """A sum of a function of the first number and one of the second."""
    return xp.log(xp.cosh(x[0])) + x[1] ** 2 / 2 + x[1] ** 4 / 4


def separate_gradient(x):
    """Gradient of `separate`."""
    return np.array([np.tanh(x[0]), x[1] + x[1] ** 3])


def faint(x, xp):
    """The bowl of `slanted` below 0, so flat that eps counts."""
    return 1e-9 * (slanted(x, xp) - 3)


def faint_gradient(x):
    """Gradient of `faint`."""
    return 1e-9 * slanted_gradient(x)


SLANTED = Track(Text(en="a slanted bowl", ko="비스듬한 그릇"), slanted, slanted_gradient, (2.0, -1.5))
BENT = Track(Text(en="a valley in 3 dimensions", ko="3차원의 골짜기"), bent, bent_gradient, (1.5, -2.0, 0.7))
BENT_5 = Track(
    Text(en="a valley in 5 dimensions", ko="5차원의 골짜기"), bent, bent_gradient, (1.5, -2.0, 0.7, 3.0, -0.4)
)
QUARTIC = Track(Text(en="a function of 1 number", ko="수 1개의 함수"), quartic, quartic_gradient, (2.5,))
SEPARATE = Track(Text(en="a separable function", ko="변수가 분리된 함수"), separate, separate_gradient, (2.0, 1.5))
FAINT = Track(Text(en="a very flat bowl below 0", ko="0 아래의 아주 평평한 그릇"), faint, faint_gradient, (2.0, -1.5))


# E5.6 fair_race


@by_hand
def e5_6_values(fair_race):
    """Best rates and final losses for grids in any order; some of the best paths were lower before their end."""
    for track, steps, grid in [
        (SLANTED, 25, (0.3, 0.003, 0.03, 1.0, 0.01, 0.1, 0.05)),
        (BENT, 30, (0.01, 0.3, 0.03, 0.1, 1.0, 0.6)),
        (BENT_5, 12, (0.05, 0.2, 0.8, 2.0)),
        (FAINT, 30, (0.1, 0.3, 2e7, 3e6)),
    ]:
        _assert_race(fair_race(track.pair, track.start, steps, np.array(grid)), track, steps, grid)


@by_hand
def e5_6_diverging(fair_race):
    """A rate that ends at inf or nan loses, first, last or in between, even if all others rise a long way."""
    for track, steps, grid in [
        (SLANTED, 60, (0.1, 0.08, 50.0)),
        (QUARTIC, 20, (10.0, 0.02, 0.05, 0.1)),
        (SLANTED, 150, (0.003, 5.0, 0.01, 0.02)),
    ]:
        _assert_race(fair_race(track.pair, track.start, steps, np.array(grid)), track, steps, grid)


@by_hand
def e5_6_inputs(fair_race):
    """The start and the grid are left alone, and nothing but the arguments decides."""
    for grid in ((0.01, 0.05, 0.02), (0.03, 0.004)):
        assert_pure(
            fair_race,
            SLANTED.pair,
            SLANTED.start,
            12,
            np.array(grid),
            check=lambda result, about, grid=grid: _assert_race(result, SLANTED, 12, grid, about=about),
        )


def _assert_race(result, track, steps, grid, *, about=None):
    about = about or track.name + Text(en=f", {steps} steps, {len(grid)} rates", ko=_RACE_KO.format(steps, len(grid)))
    right = _race(track, steps, grid)
    for method in ("gd", "adam"):
        named = about + Text(en=f', "{method}"')
        lr, final = parts(_entry(result, method, about=about), ("lr", "loss"), about=named)
        best, smallest = right[method]
        other = right["adam" if method == "gd" else "gd"][0]
        likely = {FIRST_RATE: grid[0], LARGEST_RATE: max(grid), SMALLEST_RATE: min(grid)}
        likely = {text: rate for text, rate in likely.items() if rate != best}
        if other != best:
            likely = {OTHER_METHOD: other} | likely
        likely = {LOSS_FIRST: smallest} | likely
        assert_matches(lr, best, about=named + BEST_RATE, rtol=RACE, likely=likely)
        ends = functools.partial(_other_ends, track, method, best, steps)
        assert_matches(final, smallest, about=named + FINAL_LOSS, rtol=RACE, likely=ends)


def _entry(result, key, *, about):
    found = value(result)
    try:
        return found[key]
    except (TypeError, KeyError, IndexError):
        raise CheckFailed(about + NO_RACE) from None


@functools.cache
def _race(track, steps, grid):
    return reference.fair_race(track.in_torch, track.start, steps, grid)


@functools.cache
def _other_ends(track, method, lr, steps):
    """Losses at other moments of the best run, each with the mistake that tells it."""
    path = reference.losses(method, track.in_torch, track.start, lr, steps + 1)
    ends = {LOSS_OF_START: path[0], ONE_STEP_LESS: path[-3], ONE_STEP_MORE: path[-1]}
    return ends | ({LOWEST_ON_THE_WAY: min(path[:-1])} if min(path[:-1]) < 0.999 * path[-2] else {})


_RACE_KO = ", {}걸음, 학습률 {}개"
BEST_RATE = Text(en=", best learning rate", ko=", 가장 좋은 학습률")
FINAL_LOSS = Text(en=", final loss", ko=", 마지막 손실")
NO_RACE = Text(
    en=': expected a dictionary with the keys "gd" and "adam".',
    ko=': 키가 "gd"와 "adam"인 사전이 와야 합니다.',
)
OTHER_METHOD = Text(
    en="this is the best rate of the other method; each method has its own.",
    ko="다른 방법의 가장 좋은 학습률입니다. 방법마다 따로 찾으십시오.",
)
LOSS_FIRST = Text(en="this is the loss; the learning rate comes first.", ko="손실입니다. 학습률이 먼저 옵니다.")
FIRST_RATE = Text(
    en="this is the first rate of the grid. Did a loss of inf or nan win? A comparison with nan is always false.",
    ko="첫 번째 후보입니다. inf나 nan인 손실이 이기지 않았습니까? nan과의 비교는 언제나 거짓입니다.",
)
LARGEST_RATE = Text(
    en="this is the largest rate. Did a loss of inf or nan win?",
    ko="가장 큰 학습률입니다. inf나 nan인 손실이 이기지 않았습니까?",
)
SMALLEST_RATE = Text(
    en="this is the smallest rate. Is it the loss that you minimise?",
    ko="가장 작은 학습률입니다. 가장 작게 하려는 것이 손실입니까?",
)
LOSS_OF_START = Text(en="this is the loss of the start.", ko="출발점의 손실입니다.")
ONE_STEP_LESS = Text(
    en="the loss was taken before the last step.",
    ko="마지막 걸음을 걷기 전의 손실입니다.",
)
ONE_STEP_MORE = Text(en="this is one step too many.", ko="한 걸음을 더 걸었습니다.")
LOWEST_ON_THE_WAY = Text(
    en="this is the lowest loss on the way; the loss after the last step was asked for.",
    ko="도중에 가장 낮았던 손실입니다. 마지막 걸음 뒤의 손실을 묻습니다.",
)


# E5.7 rotate and steps_to_tol

PLANE = np.array([[0.6, -0.8], [0.8, 0.6]])


@by_hand
def e5_7_rotate_values(rotate):
    """Loss and gradient in 2, 3 and 5 dimensions, at several points of one turned function, for a reflection too."""
    reflection = PLANE @ np.diag([1.0, -1.0])
    for track, R in [(SLANTED, PLANE), (SLANTED, reflection), (BENT, rotation(3, seed=5702)), (BENT_5, _turn(5))]:
        turned = _function(rotate(track.pair, R.copy()))
        for x in normal(3, len(R), seed=5703):
            _assert_turned(turned, track, R, x, about=track.name + AT_RANDOM)


@by_hand
def e5_7_rotate_twice(rotate):
    """Turns in a row are one turn, functions do not disturb each other, and what was given is left alone."""
    first, second = PLANE, np.array([[0.28, 0.96], [-0.96, 0.28]])
    x = np.array([0.4, -1.3])
    once = _function(rotate(SLANTED.pair, first.copy()))
    twice = _function(rotate(once, second.copy()))
    other = _function(rotate(SLANTED.pair, second.copy()))
    _assert_turned(once, SLANTED, first, x, about=Text(en="the first of three functions", ko="세 함수 가운데 첫 번째"))
    _assert_turned(twice, SLANTED, second @ first, x, about=Text(en="two turns in a row", ko="두 번 이어서 돌렸을 때"))
    _assert_turned(other, SLANTED, second, x, about=Text(en="the last of three functions", ko="세 함수 가운데 마지막"))
    assert_pure(
        rotate,
        SLANTED.pair,
        first,
        check=lambda turned, about: _assert_turned(_function(turned), SLANTED, first, x, about=about),
    )
    right = _turned_reference(SLANTED, first, x)
    assert_pure(once, x, check=lambda pair, about: _assert_pair(pair, right, about=POINT + about))
    slope = np.array([2.0, -0.5])
    linear = _function(rotate(there(lambda x: (2.0 * x[0] - 0.5 * x[1], slope)), first.copy()))
    for x in normal(2, 2, seed=5704):
        right = reference.rotate(lambda x: 2.0 * x[0] - 0.5 * x[1], first)(x)
        _assert_pair(_by_hand_call(linear, x), right, about=LINEAR)


def _turn(n):
    return rotation(n, seed=5700 + n)


def _function(turned):
    """What `rotate` returned, if it can be called."""
    if not callable(turned):
        raise CheckFailed(NO_FUNCTION)
    return turned


def _assert_turned(turned, track, R, x, *, about):
    _assert_pair(
        _by_hand_call(turned, x),
        _turned_reference(track, R, x),
        about=about,
        likely=[
            (R_FOR_TRANSPOSE, *_turned_reference(track, R.T, x)),
            (NOT_TURNED, *_turned_reference(track, np.eye(len(R)), x)),
            (GRADIENT_NOT_TURNED, None, track.gradient(R.T @ x)),
            (GRADIENT_TURNED_BACK, None, R.T @ track.gradient(R.T @ x)),
        ],
    )


def _turned_reference(track, R, x):
    loss, gradient = reference.rotate(track.in_torch, R)(x)
    return loss, as_numbers(gradient)


def _by_hand_call(turned, x):
    """Call the turned function while torch is refused."""
    results = []
    by_hand(lambda function: results.append(function(x.copy())))(turned)
    return results[0]


def _assert_pair(pair, right, *, about, likely=()):
    found, gradient = parts(pair, ("loss", "gradient"), about=about)
    losses = {text: loss for text, loss, _ in likely if loss is not None}
    assert_matches(found, right[0], about=about + Text(en=", loss", ko=", 손실"), rtol=TURN, likely=losses)
    gradients = {text: wrong for text, _, wrong in likely}
    about = about + Text(en=", gradient", ko=", 그래디언트")
    assert_matches(gradient, right[1], about=about, rtol=TURN, likely=gradients)


AT_RANDOM = Text(en=", turned, at a random x", ko=", 돌린 함수, 임의의 x")
POINT = Text(en="a point given to the turned function, ", ko="돌린 함수에 준 점, ")
LINEAR = Text(
    en="a linear function that returns one array as its gradient every time (leave that array alone)",
    ko="같은 배열을 그래디언트로 거듭 돌려주는 일차함수(그 배열을 바꾸지 마십시오)",
)
NO_FUNCTION = Text(
    en="rotate must return a function of x; it returned something that cannot be called. Is a `return` missing?",
    ko="rotate는 x의 함수를 돌려주어야 하는데 부를 수 없는 것이 돌아왔습니다. `return`을 빠뜨리지 않았습니까?",
)
R_FOR_TRANSPOSE = Text(
    en="R and its transpose are exchanged: the loss is taken at R^T x, the gradient multiplied by R.",
    ko="R과 전치가 바뀌었습니다. 손실은 R^T x에서 구하고 그래디언트에는 R을 곱합니다.",
)
NOT_TURNED = Text(en="this is the function as it was.", ko="원래 함수 그대로입니다.")
GRADIENT_NOT_TURNED = Text(
    en="the gradient was taken at the right place but not turned; multiply it by R.",
    ko="그래디언트를 구한 곳은 맞지만 돌리지 않았습니다. R을 곱하십시오.",
)
GRADIENT_TURNED_BACK = Text(
    en="the gradient was multiplied by the transpose of R; it turns along with the landscape.",
    ko="그래디언트에 R의 전치를 곱했습니다. 그래디언트는 지형과 함께 돕니다.",
)


@by_hand
def e5_7_steps_values(steps_to_tol):
    """Both methods on several functions; turning changes nothing for gradient descent, scaling nothing for Adam."""
    runs = [
        ("gd", SLANTED, 0.02, 37),
        ("adam", SLANTED, 0.05, 60),
        ("gd", BENT, 0.1, 24),
        ("adam", BENT, 0.1, 30),
        ("gd", QUARTIC, 0.05, 13),
        ("adam", QUARTIC, 0.2, 9),
        ("adam", FAINT, 0.5, 12),
        ("gd", TURNED_BENT, 0.1, 24),
        ("adam", TURNED_BENT, 0.1, 24),
    ]
    factors = ((1.0, 1.0), (1000.0, 1000.0), (5.0, 0.02))
    scaled = [(_assert_scaled_steps, pair) for pair in factors]
    for check, *given in shuffled([*((_assert_steps, *run) for run in runs), *scaled]):
        check(steps_to_tol, *given)


@by_hand
def e5_7_steps_limits(steps_to_tol):
    """A start that is good enough, the last step that counts, a long run, and losses that rise to nan."""
    start, edge = float(slanted(SLANTED.start, np)), _tolerance("gd", SLANTED, 0.02, 30)
    steps, slow = 1010, 0.002
    far = 1.9**2 * (1 - 2 * slow) ** (2 * steps - 1)  # after so long only the flat direction is left, in closed form
    good = Text(en=", a start at tol or below", ko=", 출발점의 손실이 tol 이하일 때")
    long = Text(en=", more than 1000 steps", ko=", 1000걸음이 넘을 때")
    diverges = Text(en=", a run that diverges to nan", ko=", nan으로 발산할 때")
    runs = [
        ("gd", BENT, (_tolerance("gd", BENT, 0.1, 24), 0.1), 24, "", None),
        *((opt, SLANTED, (tol, 0.02, 200), 0, good, None) for tol in (start, 2 * start) for opt in ("gd", "adam")),
        ("gd", SLANTED, (edge, 0.02, 30), 30, ", max_steps = 30", None),
        ("gd", SLANTED, (edge, 0.02, 29), None, ", max_steps = 29", TOO_LATE),
        ("gd", SLANTED, (far, slow, 1500), steps, long, None),
        ("gd", SLANTED, (1e-3, 5.0, 400), None, diverges, NAN_STOPS),
        ("gd", QUARTIC, (1e-3, 1.0, 400), None, diverges, NAN_STOPS),
    ]
    for opt, track, (tol, lr, *most), t, named, likely in shuffled(runs):
        found, about = steps_to_tol(opt, track.pair, track.start, tol, lr, *most), _run(opt, track, lr) + named
        if t is None:
            _assert_none(found, about=about, likely=likely)
        else:
            _assert_count(found, t, about=about)


def _turned(track, R):
    """A track and its start, turned."""

    def loss(x, xp):
        return track.loss((torch.as_tensor(R.T) if xp == torch else R.T) @ x, xp)

    def gradient(x):
        return R @ track.gradient(R.T @ x)

    return Track(track.name + Text(en=", turned", ko="를 돌린 것"), loss, gradient, tuple(R @ track.start))


TURNED_BENT = _turned(BENT, rotation(3, seed=5702))


def _scaled(track, factors):
    """The loss of a track beside a gradient whose entries are multiplied."""

    def both(x):
        loss, gradient = track.pair(x)
        return loss, np.array(factors) * gradient

    return both


def _tolerance(opt, track, lr, t):
    """A tolerance that is reached first in step t, far from the losses before and after."""
    losses = _losses(opt, track, lr)
    return float((losses[t] + losses[:t].min()) / 2)


@functools.cache
def _losses(opt, track, lr):
    return np.array(reference.losses(opt, track.in_torch, track.start, lr, 80))


def _assert_steps(steps_to_tol, opt, track, lr, t):
    tol = _tolerance(opt, track, lr, t)
    right = _first_step(opt, track, tol, lr)
    instead = _first_step("adam" if opt == "gd" else "gd", track, tol, lr)
    likely = {} if instead is None else {OTHER_OPTIMISER: instead}
    found = steps_to_tol(opt, track.pair, track.start, tol, lr, 200)
    _assert_count(found, right, about=_run(opt, track, lr), likely=likely)


def _assert_scaled_steps(steps_to_tol, factors):
    tol = _tolerance("adam", SEPARATE, 0.1, 16)
    about = SEPARATE.name + Text(en=f", Adam, gradient times {factors}", ko=_FACTORS_KO.format(factors))
    found = steps_to_tol("adam", _scaled(SEPARATE, factors), SEPARATE.start, tol, 0.1, 200)
    _assert_count(found, 16, about=about)


@functools.cache
def _first_step(opt, track, tol, lr):
    return reference.steps_to_tol(opt, track.in_torch, track.start, tol, lr, max_steps=80)


def _assert_count(found, t, *, about, likely=None):
    if value(found) is None:
        raise CheckFailed(about + NEVER)
    likely = {ONE_LATE: t + 1, ONE_EARLY: t - 1} | (likely or {})
    likely = {text: count for text, count in likely.items() if count != t}
    assert_matches(found, t, about=about, scale=1.0, likely=likely)


def _assert_none(found, *, about, likely):
    if value(found) is not None:
        raise CheckFailed(about + NOT_NONE, likely=likely)


def _run(opt, track, lr):
    return track.name + Text(en=f', "{opt}", lr = {lr:g}')


_FACTORS_KO = ", Adam, 그래디언트에 {}를 곱했을 때"
NEVER = Text(
    en=": your function returned None, but the loss gets to tol.",
    ko=": 함수가 None을 돌려주었지만 손실은 tol에 닿습니다.",
)
NOT_NONE = Text(
    en=": the loss does not get to tol, so None is expected.",
    ko=": 손실이 tol에 닿지 않으므로 None이 와야 합니다.",
)
NAN_STOPS = Text(
    en="a loop with the condition `value > tol` stops at nan, because every comparison with nan is false.",
    ko="`value > tol`을 조건으로 도는 반복문은 nan에서 멈춥니다. nan과의 비교는 모두 거짓입니다.",
)
TOO_LATE = Text(
    en="more than max_steps steps were made, or the last number was returned in place of None.",
    ko="max_steps보다 많이 걸었거나, None 대신 마지막 번호를 돌려주었습니다.",
)
ONE_LATE = Text(en="one too many: the start is t = 0.", ko="하나 많습니다. 출발점이 t = 0입니다.")
ONE_EARLY = Text(en="one too few: after the first step t is 1.", ko="하나 적습니다. 첫 걸음 뒤에 t는 1입니다.")
OTHER_OPTIMISER = Text(en="this is the count of the other method.", ko="다른 방법의 걸음 수입니다.")


# E5.8 v_is_not_hessian_a to v_is_not_hessian_d

MOST_NUMBERS = 4
LARGEST_ENTRY = 10.0
NOT_ZERO = 1e-3
GRADIENT_WIDTH, CURVATURE_WIDTH = 1e-5, 3e-3
DIFFERENCE_ERROR = 1e-3
"""How far the judge's own differences may put a ratio off; real ones are further apart by orders of magnitude."""


def e5_8_a(v_is_not_hessian_a):
    """The curvature is positive and constant along 200 steps of Adam; v_hat changes by a factor of 2 or more."""
    loss, x = _example(v_is_not_hessian_a)
    points, v_hats = _adam_run(loss, x, 200)
    curvatures = np.array([_curvature(loss, points[t]) for t in (0, 10, 50, 100, 200)])
    gradient = _gradient(loss, x)
    left = _with_at_least(range(len(x)), np.abs(gradient), NOT_ZERO, about=SLOPE, likely=NO_SLOPE)
    left = _with_at_least(left, curvatures.min(axis=0), NOT_ZERO, about=SMALLEST_CURVATURE, likely=NOT_POSITIVE)
    left = _with_derivatives(left, loss, x, FIRST, SECOND)
    steady = curvatures.min(axis=0) / np.maximum(curvatures.max(axis=0), NOT_ZERO)
    left = _with_at_least(left, steady, 0.99, about=STEADINESS, spread=DIFFERENCE_ERROR, likely=NOT_QUADRATIC)
    change = v_hats.max(axis=0) / np.maximum(v_hats.min(axis=0), 1e-300)
    _with_at_least(left, change, 2.0, about=CHANGE, spread=DIFFERENCE_ERROR, likely=NEARER)


def e5_8_b(v_is_not_hessian_b):
    """With slope and curvature, a factor of 10 shows: the curvature grows by 10, v_hat by 100."""
    loss, x = _example(v_is_not_hessian_b)
    gradient, curvature = _gradient(loss, x), _curvature(loss, x)
    left = _with_at_least(range(len(x)), np.abs(gradient), NOT_ZERO, about=SLOPE, likely=NO_SLOPE)
    left = _with_at_least(left, curvature, NOT_ZERO, about=CURVATURE, likely=NOT_POSITIVE)
    left = _with_derivatives(left, loss, x, FIRST, SECOND)

    def ten_times(x):
        return 10 * loss(x)

    claimed = _curvature(ten_times, x) / np.where(curvature == 0, np.inf, curvature)
    real = _adam_run(ten_times, x, 10)[1][-1] / np.maximum(_adam_run(loss, x, 10)[1][-1], 1e-300)
    discrepancy = np.abs(real - claimed) / np.maximum(np.abs(real), np.abs(claimed))
    _with_at_least(left, discrepancy, 0.5, about=DISCREPANCY, spread=DIFFERENCE_ERROR)


def e5_8_c(v_is_not_hessian_c):
    """The slope is not 0, and along 10 steps of Adam there is no curvature beside it."""
    loss, x = _example(v_is_not_hessian_c)
    points, v_hats = _adam_run(loss, x, 10)
    slope = np.abs(_gradient(loss, x))
    left = _with_at_least(range(len(x)), slope, NOT_ZERO, about=SLOPE, likely=NO_SLOPE)
    largest = np.max([np.abs(_curvature(loss, points[t])) for t in (0, 5, 10)], axis=0)
    flatness = slope / np.maximum(largest, 1e-12)
    left = _with_at_least(left, flatness, 1000.0, about=FLATNESS, likely=CURVED)
    left = _with_derivatives(left, loss, x, FIRST)
    discrepancy = (v_hats[-1] - largest) / np.maximum(v_hats[-1], 1e-300)
    _with_at_least(left, discrepancy, 0.5, about=DISCREPANCY, spread=DIFFERENCE_ERROR)


def e5_8_d(v_is_not_hessian_d):
    """Some H_ii is negative, which v_hat cannot be."""
    loss, x = _example(v_is_not_hessian_d)
    curvature = _curvature(loss, x)
    left = _with_at_least(range(len(x)), -curvature, NOT_ZERO, about=MINUS_CURVATURE, likely=NOT_NEGATIVE)
    left = _with_derivatives(left, loss, x, SECOND)
    v_hat = _adam_run(loss, x, 1)[1][-1]
    discrepancy = (v_hat - curvature) / np.maximum(np.abs(curvature), v_hat)
    _with_at_least(left, discrepancy, 0.5, about=DISCREPANCY, spread=DIFFERENCE_ERROR)


def _example(refutation):
    """A student's loss as a function of arrays to floats, and the point."""
    result = refutation()
    try:
        loss, x = result
    except (TypeError, ValueError, AttributeError):
        raise CheckFailed(NO_PAIR) from None
    if not callable(loss):
        raise CheckFailed(NO_LOSS)
    shape = as_answer(x, about=POINT_X).values.shape
    if len(shape) != 1 or not 1 <= shape[0] <= MOST_NUMBERS:
        raise CheckFailed(POINT_X + NO_POINT.format(found=str(shape)))
    given = assert_shape(x, shape, about=POINT_X).values
    if np.abs(given).max() > LARGEST_ENTRY:
        raise CheckFailed(POINT_X + TOO_FAR)

    def measured(point):
        return float(assert_shape(loss(tensor(point)), (), about=LOSS_AT_X).values)

    _assert_one_value_a_point(measured, given)
    return measured, given


def _assert_one_value_a_point(loss, x):
    """Fail unless a loss has the same value whenever it is asked at the same point, whatever was asked meanwhile."""
    points = [x, *(x + 1e-3 * normal(5, len(x), seed=5800))]
    first = [loss(point) for point in points]
    for again in shuffled([*range(len(points))] * 2):
        found = loss(points[again])
        assert_matches(found, first[again], about=SAME_POINT, rtol=1e-9, scale=1e-9, likely={ANOTHER_VALUE: found})


def _gradient(loss, x, width=GRADIENT_WIDTH):
    return np.array([(loss(x + step) - loss(x - step)) / (2 * width) for step in width * np.eye(len(x))])


def _curvature(loss, x, width=CURVATURE_WIDTH):
    steps, middle = width * np.eye(len(x)), loss(x)
    return np.array([(loss(x + step) - 2 * middle + loss(x - step)) / width**2 for step in steps])


FIRST, SECOND = (_gradient, (1e-3, 3e-3)), (_curvature, (4.5e-3, 6e-3))
"""Derivatives by differences, and more widths that give the same where a loss is smooth."""


def _with_derivatives(coordinates, loss, x, *derivatives):
    """Those of some coordinates in which differences over several widths agree, as they do where a loss is smooth."""
    for measure, widths in derivatives:
        found = np.array([measure(loss, x), *(measure(loss, x, width) for width in widths)])
        sizes = np.abs(found)
        agreement = np.where(np.ptp(np.sign(found), axis=0) == 0, sizes.min(axis=0) / sizes.max(axis=0), 0.0)
        spread = DIFFERENCE_ERROR
        coordinates = _with_at_least(coordinates, agreement, 0.7, about=AGREEMENT, spread=spread, likely=NOT_SMOOTH)
    return coordinates


def _adam_run(loss, x, steps):
    """Points and v_hat of Adam with the learning rate 0.1."""
    points, v_hats, m, v = [x], [], 0.0, 0.0
    for t in range(1, steps + 1):
        g = _gradient(loss, points[-1])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        v_hats.append(v / (1 - 0.999**t))
        points.append(points[-1] - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v_hats[-1]) + 1e-8))
    return points, np.array(v_hats)


def _with_at_least(coordinates, measures, least, *, about, spread=None, likely=None):
    """Those of some coordinates whose measure reaches a threshold; fails if there is none."""
    assert_at_least(max(measures[i] for i in coordinates), least, about=about, spread=spread, likely=likely)
    return [i for i in coordinates if measures[i] >= least]


POINT_X = Text(en="the point x", ko="점 x")
LOSS_AT_X = Text(en="the loss at a float64 tensor of the shape of x", ko="x와 모양이 같은 float64 텐서에서의 손실")
NO_PAIR = Text(
    en="expected the tuple (loss, x) of a function and a point.",
    ko="함수와 점의 튜플 (loss, x) 형태가 와야 합니다.",
)
NO_LOSS = Text(
    en="the first entry must be the loss itself, a function; it cannot be called. Is it the value of the loss?",
    ko="첫 번째 원소는 손실 함수 자체여야 하는데 부를 수 없습니다. 손실의 값을 돌려주지 않았습니까?",
)
NO_POINT = Text(
    en=" has shape {found}; expected is (n,) with n from 1 to 4.",
    ko="의 모양이 {found}입니다. n이 1 이상 4 이하인 (n,)이어야 합니다.",
)
TOO_FAR = Text(en=" has an entry beyond −10 or 10.", ko="의 원소가 −10과 10 사이에 있지 않습니다.")
SLOPE = Text(en="the largest |g_i| at x", ko="x에서 가장 큰 |g_i|")
CURVATURE = Text(en="the largest H_ii at x with a slope beside it", ko="기울기가 있는 좌표의 가장 큰 H_ii")
SMALLEST_CURVATURE = Text(
    en="the smallest H_ii along the path of Adam, in the best coordinate with a slope,",
    ko="기울기가 있는 가장 좋은 좌표에서, Adam의 경로를 따라 가장 작은 H_ii",
)
STEADINESS = Text(
    en="the smallest H_ii along the path divided by the largest",
    ko="경로에서 가장 작은 H_ii를 가장 큰 H_ii로 나눈 값",
)
CHANGE = Text(
    en="the largest v_hat_i along the path divided by the smallest",
    ko="경로에서 가장 큰 v_hat_i를 가장 작은 v_hat_i로 나눈 값",
)
FLATNESS = Text(
    en="the slope |g_i| divided by the largest |H_ii| near x", ko="|g_i|를 x 가까이의 가장 큰 |H_ii|로 나눈 값"
)
MINUS_CURVATURE = Text(en="the largest of the numbers −H_ii at x", ko="x에서 −H_ii 가운데 가장 큰 값")
DISCREPANCY = Text(en="the relative discrepancy between claim and fact", ko="주장과 사실의 상대적인 차이")
NO_SLOPE = Text(
    en="at a point where the gradient is 0, v is 0 as well, and nothing is refuted.",
    ko="그래디언트가 0인 점에서는 v도 0이므로 아무것도 무너지지 않습니다.",
)
NOT_POSITIVE = Text(
    en="this counterexample needs a coordinate with a slope and with positive curvature.",
    ko="이 반례에는 기울기가 있으면서 곡률이 양수인 좌표가 필요합니다.",
)
NOT_QUADRATIC = Text(
    en="the curvature changes along the way; for which functions is the second derivative constant?",
    ko="가는 동안 곡률이 변합니다. 이계도함수가 상수인 함수는 무엇입니까?",
)
NEARER = Text(
    en="the gradient hardly changes within 200 steps of 0.1; start nearer to the bottom.",
    ko="길이 0.1인 걸음 200번 동안 그래디언트가 거의 변하지 않습니다. 바닥에 더 가까운 곳에서 출발하십시오.",
)
CURVED = Text(
    en="the loss is curved near x; which functions have a slope and a second derivative of 0?",
    ko="x 가까이에서 손실이 휘어 있습니다. 기울기가 있고 이계도함수가 0인 함수는 무엇입니까?",
)
SAME_POINT = Text(en="the loss, asked again at the same point", ko="같은 점에서 다시 구한 손실")
ANOTHER_VALUE = Text(
    en="the loss must be a function of x alone: it must have one value at each point.",
    ko="손실은 x만의 함수여야 합니다. 한 점에서는 값이 하나여야 합니다.",
)
AGREEMENT = Text(
    en="central differences at x over several widths, the smallest divided by the largest,",
    ko="x에서 폭을 바꾸어 가며 구한 중심 차분에서 가장 작은 값을 가장 큰 값으로 나눈 값",
)
NOT_SMOOTH = Text(
    en="the loss is not smooth at x: its differences change with their width.",
    ko="손실이 x에서 매끄럽지 않습니다. 폭을 바꾸면 차분의 값이 달라집니다.",
)
NOT_NEGATIVE = Text(
    en="no diagonal entry of the Hessian is negative at x; a negative eigenvalue alone is not enough.",
    ko="x에서 헤시안의 대각 원소가 하나도 음수가 아닙니다. 음의 고윳값이 있는 것만으로는 부족합니다.",
)


# E5.9 hessian_diag, fisher_diag and empirical_fisher_diag


@by_hand
def e5_9_hessian_values(hessian_diag):
    """The diagonal agrees with the Hessian of torch, from one sample and one weight to many."""
    for number, (N, d) in enumerate(DATA_SIZES):
        theta, X, _ = _data(N, d, seed=590 + number)
        _assert_curvature(hessian_diag(theta.copy(), X.copy()), theta, X, about=_data_size(N, d))


@by_hand
def e5_9_fisher_values(fisher_diag):
    """The diagonal agrees with the expectation of squared gradients over both labels."""
    for number, (N, d) in enumerate(DATA_SIZES):
        theta, X, _ = _data(N, d, seed=600 + number)
        _assert_fisher(fisher_diag(theta.copy(), X.copy()), theta, X, about=_data_size(N, d))


@by_hand
def e5_9_empirical_values(empirical_fisher_diag):
    """The diagonal agrees with the mean of squared gradients for labels that the model does not expect."""
    for number, (N, d) in enumerate(DATA_SIZES):
        theta, X, y = _data(N, d, seed=610 + number)
        for labels in (y, 1 - y, y.astype(float)):
            result = empirical_fisher_diag(theta.copy(), X.copy(), labels.copy())
            _assert_empirical(result, theta, X, labels, about=_data_size(N, d))


@by_hand
def e5_9_extremes(hessian_diag, fisher_diag, empirical_fisher_diag):
    """Scores beyond ±800, where p is 0 or 1; the arguments are left alone and nothing else decides."""
    theta, X, y = _data(6, 2, seed=620)
    X = X * (900.0 * np.array([1.0, 1.5, 1.1, 2.0, 1.2, 1.3]) / np.abs(X @ theta))[:, None]
    assert_pure(hessian_diag, theta, X, check=lambda found, at: _assert_curvature(found, theta, X, about=HESSIAN + at))
    assert_pure(fisher_diag, theta, X, check=lambda found, at: _assert_fisher(found, theta, X, about=FISHER + at))
    for labels in (y, 1 - y):
        assert_pure(
            empirical_fisher_diag,
            theta,
            X,
            labels,
            check=lambda found, at, labels=labels: _assert_empirical(found, theta, X, labels, about=EMPIRICAL + at),
        )


DATA_SIZES = [(7, 3), (1, 2), (11, 5), (5, 1)]


def _data(N, d, *, seed):
    """Weights far from an optimum, samples, and mostly labels that the model does not expect."""
    theta, X = 1.5 * normal(d, seed=seed), normal(N, d, seed=seed + 50)
    y = (X @ theta < 0).astype(int)
    y[::3] = 1
    return theta, X, y


def _assert_curvature(result, theta, X, *, about):
    p, g = _model(theta, X)
    likely = {
        **_means_of(p * (1 - p), X),
        Text(en="p was taken where p (1 - p) belongs.", ko="p (1 - p) 자리에 p를 썼습니다."): p @ X**2 / len(X),
        Text(en="x was taken where its square belongs.", ko="x의 제곱 자리에 x를 썼습니다."): p * (1 - p) @ X / len(X),
        SQUARED_GRADIENTS: (g(1) ** 2).mean(axis=0),
    }
    right, scale = reference.hessian_diag(theta, X), 1e-3 * (X**2).mean()
    assert_matches(result, right, about=about, rtol=DIFFERENCES, scale=scale, likely=likely)


def _assert_fisher(result, theta, X, *, about):
    p, g = _model(theta, X)
    expected = p[:, None] * g(1) + (1 - p)[:, None] * g(0)
    likely = {
        **_means_of(p * (1 - p), X),
        Text(
            en="both labels count the same in it; weight them with p and 1 - p.",
            ko="두 라벨을 똑같이 세었습니다. p와 1 - p로 무게를 두십시오.",
        ): ((g(1) ** 2 + g(0) ** 2) / 2).mean(axis=0),
        Text(
            en="each label has the weight of the other one.",
            ko="두 라벨의 무게가 서로 바뀌었습니다.",
        ): (p[:, None] * g(0) ** 2 + (1 - p)[:, None] * g(1) ** 2).mean(axis=0),
        Text(
            en="the more probable label was taken for certain; average over both labels.",
            ko="더 그럴듯한 라벨만 썼습니다. 두 라벨에 대해 평균하십시오.",
        ): (g(np.round(p)) ** 2).mean(axis=0),
        Text(en="the expected gradient is 0; square first.", ko="그래디언트의 기댓값은 0입니다. 먼저 제곱하십시오."): (
            expected.mean(axis=0) ** 2
        ),
    }
    right, scale = reference.fisher_diag(theta, X), 1e-3 * (X**2).mean()
    assert_matches(result, right, about=about, rtol=DIFFERENCES, scale=scale, likely=likely)


def _assert_empirical(result, theta, X, y, *, about):
    p, g = _model(theta, X)
    likely = {
        **_means_of((p - y) ** 2, X),
        Text(
            en="this is the Fisher information; here the labels are given.",
            ko="피셔 정보입니다. 여기에서는 라벨이 주어집니다.",
        ): reference.fisher_diag(theta, X),
        Text(
            en="the mean gradient is squared; square the gradient of each sample, then take the mean.",
            ko="평균 그래디언트를 제곱했습니다. 표본마다 제곱한 다음 평균하십시오.",
        ): g(y).mean(axis=0) ** 2,
        Text(en="the gradient is not squared.", ko="그래디언트를 제곱하지 않았습니다."): g(y).mean(axis=0),
        Text(en="labels 0 and 1 are exchanged.", ko="라벨 0과 1이 바뀌었습니다."): (g(1 - y) ** 2).mean(axis=0),
    }
    right = reference.empirical_fisher_diag(theta, X, y)
    assert_matches(result, right, about=about, rtol=DIFFERENCES, likely=likely)


def _model(theta, X):
    """Probabilities of the label 1, and the gradients of all samples for given labels."""
    p = np.exp(-np.logaddexp(0, -(X @ theta)))
    return p, lambda labels: (p - labels)[:, None] * X


def _means_of(weights, X):
    """What comes out if the mean over samples goes wrong."""
    total = weights @ X**2
    mistakes = {A_SUM: total, MEAN_OF_ALL: total / X.size}
    return {text: wrong for text, wrong in mistakes.items() if not np.allclose(wrong, total / len(X))}


def _data_size(N, d):
    return Text(en=f"{N} samples, {d} weights", ko=f"표본 {N}개, 가중치 {d}개")


HESSIAN = Text(en="hessian_diag, scores beyond ±800, ", ko="hessian_diag, ±800을 넘는 점수, ")
FISHER = Text(en="fisher_diag, scores beyond ±800, ", ko="fisher_diag, ±800을 넘는 점수, ")
EMPIRICAL = Text(en="empirical_fisher_diag, scores beyond ±800, ", ko="empirical_fisher_diag, ±800을 넘는 점수, ")
A_SUM = Text(en="this is the sum over samples, not the mean.", ko="표본에 대한 평균이 아니라 합입니다.")
MEAN_OF_ALL = Text(
    en="the mean was taken over all entries; divide by the number of samples only.",
    ko="모든 원소의 수로 나누었습니다. 표본의 수로만 나누십시오.",
)
SQUARED_GRADIENTS = Text(
    en="these are squared gradients for the label 1; the Hessian depends on no label.",
    ko="라벨이 1일 때의 그래디언트 제곱입니다. 헤시안은 라벨에 의존하지 않습니다.",
)


# E5.11 hutchinson_diag and diag_newton_step

FULL_H = np.array([[6.0, 2.0, -0.7, 0.3], [2.0, -5.0, 0.3, 0.7], [-0.7, 0.3, 8.0, -2.0], [0.3, 0.7, -2.0, 4.0]])
SAMPLES = 1600


@by_hand
def e5_11_hutchinson_exact(hutchinson_diag):
    """A diagonal Hessian needs no luck; one product a sample; the seed decides, and nothing else."""
    for diagonal, samples in [((3.0, -2.0, 0.5), 1), ((4.0,), 3), (tuple(normal(6, seed=5110)), 5)]:
        H, n = np.diag(diagonal), len(diagonal)
        result = hutchinson_diag(_product(H), n, samples, 7)
        about = Text(en=f"a diagonal Hessian, {samples} samples", ko=f"대각 행렬인 헤시안, 표본 {samples}개")
        likely = {
            Text(en="this is the sum over samples, not the mean.", ko="표본에 대한 평균이 아니라 합입니다."): np.array(
                diagonal
            )
            * samples
        }
        right = reference.hutchinson_diag(H, n, samples, 7)
        assert_matches(result, right, about=about, rtol=DIFFERENCES, likely=likely if samples > 1 else None)
    product = counted(_product(np.diag(np.arange(1.0, 41.0))), (40,))
    hutchinson_diag(product, 40, 3, 8)
    about = Text(en="40 rows, 3 samples, products with the Hessian", ko="행 40개, 표본 3개, 헤시안과의 곱")
    assert_calls(product.calls, 3, about=about, likely={ONE_A_ROW: 40})
    first, *others = (
        assert_shape(hutchinson_diag(_product(FULL_H), 4, 20, seed), (4,), about=FULL_HESSIAN).values
        for seed in (9, 10, 11)
    )
    if all(np.array_equal(first, other) for other in others):
        raise CheckFailed(SEED_IGNORED)
    assert_pure(
        hutchinson_diag,
        _product(FULL_H),
        4,
        20,
        9,
        check=lambda result, about: assert_matches(result, first, about=SAME_SEED + about, rtol=DIFFERENCES),
    )


@by_hand
def e5_11_hutchinson_mean(hutchinson_diag):
    """The mean over many samples is the diagonal of a full Hessian, up to chance."""
    right = as_numbers(reference.hutchinson_diag(FULL_H, 4, SAMPLES, 0))
    errors = np.sqrt((FULL_H**2).sum(axis=1) - np.diag(FULL_H) ** 2) / np.sqrt(SAMPLES)
    for seed in (3, 14, 159):
        about = Text(en=f"{SAMPLES} samples, seed {seed}", ko=f"표본 {SAMPLES}개, 시드 {seed}")
        asked = []
        result = hutchinson_diag(_product(FULL_H, asked), 4, SAMPLES, seed)
        found = assert_shape(result, (4,), about=about).values
        for i in range(4):
            entry = about + Text(en=f", entry [{i}]", ko=f", 원소 [{i}]")
            likely = {NOT_MULTIPLIED: 0.0, ALL_ONES: FULL_H[i].sum()}
            assert_statistic(found[i], right[i], errors[i], about=entry, likely=likely)
        if any(z.shape != (4,) or not np.isin(z, (-1.0, 1.0)).all() for z in asked):
            raise CheckFailed(about + NO_SIGNS)
        assert_calls(len(asked), SAMPLES, about=about)
        mean = np.mean([z * (FULL_H @ z) for z in asked], axis=0)
        assert_matches(result, mean, about=about + OF_ASKED, rtol=DIFFERENCES)


@by_hand
def e5_11_newton(diag_newton_step):
    """Downhill for both signs of the curvature, bounded without any; the arguments are left alone."""
    x, g = normal(2, 5, seed=5120)
    for h, about in [
        (np.array([3.0, 0.5, 20.0, 1.1, 7.0]), Text(en="positive curvature", ko="양의 곡률")),
        (np.array([3.0, -0.5, -20.0, 1.1, -7.0]), Text(en="curvature of both signs", ko="부호가 섞인 곡률")),
        (np.array([0.0, -1e-6, 1e-3, 0.09, 2.0]), Text(en="curvature near 0", ko="0에 가까운 곡률")),
    ]:
        for lr, eps in ((0.7, 0.1), (0.2, 0.4)):
            named = about + Text(en=f", lr = {lr:g}, eps = {eps:g}")
            result = diag_newton_step(x.copy(), g.copy(), h.copy(), lr, eps)
            _assert_newton(result, (x, g, h, lr, eps), about=named)
    assert_pure(
        diag_newton_step,
        x,
        g,
        h,
        0.3,
        0.05,
        check=lambda result, about: _assert_newton(result, (x, g, h, 0.3, 0.05), about=about),
    )


def _assert_newton(result, given, *, about):
    x, g, h, lr, eps = given
    size = np.maximum(np.abs(h), eps)
    likely = {
        Text(
            en="divided by h with its sign: negative curvature sends the step uphill.",
            ko="h를 부호째 나누었습니다. 곡률이 음수이면 오르막으로 갑니다.",
        ): x - lr * g / np.where(np.abs(h) > eps, h, eps),
        Text(
            en="negative curvature was replaced by eps; take its absolute value.",
            ko="음의 곡률을 eps로 바꾸었습니다. 절댓값을 쓰십시오.",
        ): x - lr * g / np.maximum(h, eps),
        Text(en="eps was added; take the larger of both.", ko="eps를 더했습니다. 둘 가운데 큰 것을 쓰십시오."): x
        - lr * g / (np.abs(h) + eps),
        Text(en="the step goes uphill.", ko="오르막으로 가고 있습니다."): x + lr * g / size,
        Text(en="multiplied by the curvature; divide by it.", ko="곡률을 곱했습니다. 나누십시오."): x - lr * g * size,
        Text(en="the learning rate is missing.", ko="학습률이 빠졌습니다."): x - g / size,
        Text(en="divided by the root of the curvature.", ko="곡률의 제곱근으로 나누었습니다."): x - lr * g / size**0.5,
    }
    right = reference.diag_newton_step(x, g, h, lr, eps)
    assert_matches(result, right, about=about, rtol=DIFFERENCES, likely=likely)


def _product(H, asked=None):
    """The product with a Hessian, which notes in a list what it was given."""

    def product(z):
        z = np.array(z, dtype=np.float64)
        if asked is not None:
            asked.append(z)
        return H @ z

    return product


FULL_HESSIAN = Text(en="a full Hessian", ko="비대각 원소가 있는 헤시안")
SAME_SEED = Text(en="the same seed again, ", ko="같은 시드로 다시, ")
ONE_A_ROW = Text(
    en="this is one product for each row; the estimator needs one for each sample.",
    ko="행마다 한 번씩 곱했습니다. 추정에는 표본마다 한 번이면 됩니다.",
)
SEED_IGNORED = Text(
    en="the seeds 9, 10 and 11 give the same estimate: the signs do not depend on the seed.",
    ko="시드 9, 10, 11의 추정값이 모두 같습니다. 부호가 시드에 따라 달라지지 않습니다.",
)
NOT_MULTIPLIED = Text(en="H z was not multiplied by z.", ko="H z에 z를 곱하지 않았습니다.")
NO_SIGNS = Text(
    en=": hvp was given something else than one vector of signs at a time.",
    ko=": hvp에 부호로 된 벡터를 하나씩 넣지 않았습니다.",
)
OF_ASKED = Text(
    en=", compared with the mean of z * hvp(z) over all z that hvp was given",
    ko=", hvp에 넣은 모든 z에 대한 z * hvp(z)의 평균과 비교",
)
ALL_ONES = Text(
    en="this is the sum of a row: are all signs the same?",
    ko="행의 합입니다. 모든 부호가 같지 않습니까?",
)
