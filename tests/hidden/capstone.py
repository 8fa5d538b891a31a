"""Hidden checks of ps7-capstone: one function a test cell, named like its grade id."""

import csv
from pathlib import Path

import numpy as np
import torch

from nbjudge.testing import CheckFailed, Text, by_hand, shuffled, there, unchanged, value
from solutions import capstone as reference
from tests.hidden.cases import normal, rotation, tensor, two_moons
from tests.hidden.compare import (
    ANY_METHOD,
    as_numbers,
    assert_at_least,
    assert_left_alone,
    assert_matches,
    assert_pure,
    assert_shape,
    assert_truth,
    assert_word,
    parts,
)

IRIS = Path(__file__).parents[2] / "source" / "ps7-capstone" / "iris.csv"
LAYERS = ("layer 1", "layer 2", "layer 3")

# E7.1 train_classifier
#
# Accuracies of trained nets over 20 seeds, each with its own data:
#   fresh moons: right 0.998 ± 0.001; without a hidden layer that bends 0.89 ± 0.015 (stopped after 20 steps)
#   20 points in two groups: right 1; without a step, or with other numbers for the classes, 0 or 1/2 but by rare chance
#   variance of the last hidden layer between the classes: right 0.92 ± 0.04; hidden layers of random numbers 0.4 ± 0.1
#   held-out Iris: right 0.962 ± 0.011, trained three times as long 0.959 ± 0.020; two species merged 0.667
# The threshold of the moons lies 34 deviations of a right net below it and 4.7 deviations of the wrong one above that;
# the threshold of Iris 9 deviations of an overtrained net below it and more than 5 above the merged species. If the
# accuracies are normal, a net like these is refused with a probability below 1e-15.

MOONS_LEAST, MOONS_SPREAD = 0.96, 0.012
IRIS_LEAST, IRIS_SPREAD = 0.78, 0.020
KNOWN_LEAST, KNOWN_SPREAD = 0.75, 0.05
SEPARATION_LEAST, SEPARATION_SPREAD = 0.7, 0.04
LEAST_CHANGE = 1e-3


def iris():
    """Measurements of 150 irises, shape (150, 4), and their species 0, 1 and 2, shape (150,)."""
    with IRIS.open(encoding="ascii", newline="") as table:
        rows = list(csv.reader(table))[1:]
    names = sorted({row[4] for row in rows})
    return np.array([row[:4] for row in rows], dtype=float), np.array([names.index(row[4]) for row in rows])


@by_hand
def e7_1_shape(train_classifier):
    """Three pairs (W, b) of the sizes d-16-16-C."""
    for N, d, C in shuffled([(30, 3, 4), (25, 2, 2), (24, 4, 3), (20, 5, 2), (21, 2, 3), (24, 3, 2)]):
        X, y = normal(N, d, seed=7100 + d), np.arange(N) % C
        about = Text(en=f"{d} inputs and {C} classes, ", ko=f"입력 {d}개, 클래스 {C}개, ")
        _params(train_classifier(X, y, C, 5), d, C, about=about)


@by_hand
def e7_1_moons(train_classifier):
    """A net trained on 200 points tells fresh points of two moons apart, turned anyhow, whichever moon is called 1."""
    fresh, moons = two_moons(2000, seed=7111)
    for seed, name in ((7112, lambda moon: moon), (7113, lambda moon: 1 - moon)):
        X, y = two_moons(200, seed=seed)
        turn = rotation(2, seed=seed)
        params = _params(train_classifier(X @ turn, name(y), 2, seed), 2, 2, about=MOONS)
        found = _accuracy(params, fresh @ turn, name(moons))
        assert_at_least(
            found, MOONS_LEAST, about=MOONS_ACCURACY, spread=MOONS_SPREAD, likely=_worse_than_chance(found, 2)
        )


@by_hand
def e7_1_iris(train_classifier):
    """Nets trained on 100 irises tell the species of the 50 others; every iris is left out once.

    Measurements and species change places from net to net, so that no net is of use for the others.
    """
    right = 0.0
    for fold in range(3):
        X, y = iris()
        X, y = np.roll(X, fold + 1, axis=1), (y + fold + 1) % 3
        out = np.isin(np.arange(150), np.random.default_rng(7121).permutation(150)[fold::3])
        params = _params(train_classifier(X[~out], y[~out], 3, fold), 4, 3, about=IRISES)
        right += _accuracy(params, X[out], y[out]) / 3
    assert_at_least(right, IRIS_LEAST, about=IRIS_ACCURACY, spread=IRIS_SPREAD, likely=_worse_than_chance(right, 3))


@by_hand
def e7_1_every(train_classifier):
    """From one start, other labels lead to other weights and biases in every layer; output c stands for class c."""
    X = normal(60, 2, seed=7131)
    nets = []
    for axis in (0, 1):
        y = (X[:, axis] > 0).astype(int)
        nets.append(_params(train_classifier(X.copy(), y, 2, 11), 2, 2, about=LABELLED))
        _assert_known(nets[-1], X, y)
        assert_at_least(
            _separation(nets[-1], X, y), SEPARATION_LEAST, about=SEPARATED, spread=SEPARATION_SPREAD, likely=HIDDEN_IDLE
        )
    for k, (one, other) in enumerate(zip(*nets, strict=True)):
        for name, a, b in zip("Wb", one, other, strict=True):
            size = max(np.abs(a).max(), np.abs(b).max(), 1e-12)
            about = Text(
                en=f"the relative change of {name} of layer {k + 1} when the same points get other labels",
                ko=f"같은 점에 다른 라벨을 붙였을 때 층 {k + 1}의 {name}가 달라지는 상대적인 크기",
            )
            assert_at_least(np.abs(a - b).max() / size, LEAST_CHANGE, about=about, likely=NEVER_TRAINED)
    y = np.tile([1, 3], 10)
    X = 0.25 * normal(20, 2, seed=7132) + 2 * (y[:, None] - 2)
    few = _params(train_classifier(X.copy(), y.copy(), 5, 12), 2, 5, about=TWO_OF_FIVE)
    assert_at_least(_accuracy(few, X, y), KNOWN_LEAST, about=FEW_KNOWN, spread=KNOWN_SPREAD, likely=OTHER_CLASSES)


@by_hand
def e7_1_seed(train_classifier):
    """The same seed gives the same net, another seed another start; the arguments are left alone."""
    X = normal(40, 2, seed=7141)
    y = (X[:, 0] > 0.2).astype(int)
    first = _params(train_classifier(X.copy(), y.copy(), 2, 3), 2, 2, about=LABELLED)
    _assert_known(first, X, y)

    def same(result, about):
        for layer, right, name in zip(_params(result, 2, 2, about=about + COMMA), first, LAYERS, strict=True):
            for found, expected in zip(layer, right, strict=True):
                assert_matches(found, expected, about=about + Text(en=f", {name}"), rtol=1e-6, scale=0.1)

    assert_pure(train_classifier, X, y, 2, 3, check=same)
    other = _params(train_classifier(X.copy(), y.copy(), 2, 4), 2, 2, about=LABELLED)
    change = max(np.abs(W - V).max() / np.abs(W).max() for (W, _), (V, _) in zip(first, other, strict=True))
    assert_at_least(change, LEAST_CHANGE, about=OTHER_SEED)


def _params(result, d, C, *, about):
    """The layers of a student's net as arrays of the right shapes."""
    widths = [d, reference.WIDTH, reference.WIDTH, C]
    layers = []
    for k, layer in enumerate(parts(result, LAYERS, about=about)):
        name = about + Text(en=f"layer {k + 1}", ko=f"층 {k + 1}")
        m, n = widths[k + 1], widths[k]
        W, b = parts(layer, ("W", "b"), about=name)
        W = assert_shape(W, (m, n), about=name + Text(en=", W"), likely=lambda found, s=(n, m): _turned(found, s))
        layers.append((W.values, assert_shape(b, (m,), about=name + Text(en=", b")).values))
    return layers


def _turned(found, shape):
    return ROWS_ARE_OUTPUTS if found.shape == shape else None


def _accuracy(params, X, y):
    return float((as_numbers(reference.scores(params, X)).argmax(axis=1) == y).mean())


def _separation(params, X, y):
    """The share of the variance of the last hidden layer that lies between the classes 0 and 1."""
    h = X
    for W, b in params[:2]:
        h = np.tanh(h @ W.T + b)
    means = np.array([h[y == c].mean(axis=0) for c in (0, 1)])
    between = (np.bincount(y)[:, None] * (means - h.mean(axis=0)) ** 2).sum() / len(y)
    return float(between / max(h.var(axis=0).sum(), 1e-12))


def _assert_known(params, X, y):
    found = _accuracy(params, X, y)
    assert_at_least(found, KNOWN_LEAST, about=KNOWN, spread=KNOWN_SPREAD, likely=_worse_than_chance(found, 2))


def _worse_than_chance(accuracy, C):
    return UPHILL if accuracy < 0.5 / C else None


MOONS = Text(en="two moons, ", ko="두 초승달, ")
IRISES = Text(en="Iris, ", ko="붓꽃 데이터, ")
LABELLED = Text(en="points on both sides of a line, ", ko="직선의 양쪽에 있는 점, ")
TWO_OF_FIVE = Text(en="20 points with the labels 1 and 3, 5 classes, ", ko="라벨이 1과 3인 점 20개, 클래스 5개, ")
COMMA = Text(en=", ")
MOONS_ACCURACY = Text(en="the accuracy on fresh points of two moons", ko="두 초승달의 새 점에 대한 정확도")
IRIS_ACCURACY = Text(en="the accuracy on irises that were left out", ko="학습에 쓰지 않은 붓꽃에 대한 정확도")
KNOWN = Text(
    en="the accuracy on the points that the net was trained on, which a line separates",
    ko="직선 하나로 나뉘는 점으로 학습했을 때, 그 점에 대한 정확도",
)
FEW_KNOWN = Text(
    en="the accuracy on the 20 points that the net was trained on, with the labels 1 and 3 of 5 classes",
    ko="클래스 5개 가운데 라벨이 1과 3인 점 20개로 학습했을 때, 그 점에 대한 정확도",
)
OTHER_CLASSES = Text(
    en="output c stands for class c, also where other classes do not occur. Is a step done with 20 points too?",
    ko="나타나지 않는 클래스가 있어도 출력 c는 클래스 c를 뜻합니다. 점이 20개뿐일 때도 걸음을 걷습니까?",
)
SEPARATED = Text(
    en="the share of the variance of h2 that lies between the classes, on the points that the net was trained on",
    ko="학습에 쓴 점에서 h2의 분산 가운데 클래스 사이의 분산이 차지하는 몫",
)
HIDDEN_IDLE = Text(
    en="the hidden layers do not learn to tell the classes apart: is only the last layer trained?",
    ko="은닉층이 클래스를 가르도록 학습되지 않았습니다. 마지막 층만 학습하지 않습니까?",
)
OTHER_SEED = Text(
    en="the relative change of the weights with another seed",
    ko="시드를 바꾸었을 때 가중치가 달라지는 상대적인 크기",
)
NEVER_TRAINED = Text(
    en="these numbers stay as they were drawn: is there a gradient for them, and does the step use it?",
    ko="처음 정한 값 그대로입니다. 이 값의 그래디언트를 구하고 걸음에 썼습니까?",
)
ROWS_ARE_OUTPUTS = Text(
    en="the weights are transposed: rows are outputs, as in X W^T + b.",
    ko="가중치가 전치되었습니다. X W^T + b에서와 같이 행이 출력입니다.",
)
UPHILL = Text(
    en="this is worse than guessing: does the step go against the gradient?",
    ko="찍는 것보다 나쁩니다. 걸음이 그래디언트의 반대쪽으로 갑니까?",
)


# E7.2 curvature_diary


def wavy(theta):
    """A loss of three parameters whose Hessian changes from point to point."""
    a, b, c = theta
    return a**4 / 4 + torch.sin(a * b) + torch.exp(0.5 * c - b) + (a - c) ** 2


def quadratic(spectrum, seed):
    """A loss whose Hessian has the same eigenvalues everywhere."""
    R = rotation(len(spectrum), seed=seed)
    matrix = tensor(R @ np.diag(spectrum) @ R.T)
    return lambda theta: theta @ matrix @ theta / 2 + theta.sum()


def network(width, seed):
    """Mean squared error of a 2-width-1 tanh network on two moons, 4 width + 1 parameters."""
    points, moons = map(tensor, two_moons(60, seed))

    def loss(theta):
        W, b, w = theta[: 2 * width].reshape(width, 2), theta[2 * width : 3 * width], theta[3 * width : 4 * width]
        return ((torch.tanh(points @ W.T + b) @ w + theta[-1] - (2 * moons - 1)) ** 2).mean()

    return loss


def softmax_regression(seed):
    """Cross-entropy of five classes on five features, 30 parameters."""
    points = tensor(normal(40, 5, seed=seed))
    classes = torch.arange(40) % 5

    def loss(theta):
        z = points @ theta[:25].reshape(5, 5).T + theta[25:]
        return (torch.logsumexp(z, dim=1) - z[torch.arange(40), classes]).mean()

    return loss


def e7_2_shape(curvature_diary):
    """One number at step 0 and one after every so many steps."""
    for steps, every, entries in shuffled([(6, 2, 4), (5, 1, 6), (4, 4, 2), (3, 5, 1), (8, 4, 3)]):
        about = Text(en=f"{steps} steps, every {every}", ko=f"{steps}걸음, {every}걸음마다")
        result = curvature_diary(there(wavy), tensor(normal(3, seed=7200)), 0.05, steps, every)
        assert_shape(result, (entries,), about=about)


def e7_2_values(curvature_diary):
    """The entries agree with the whole Hessian along the path of gradient descent, on losses of 30 to 49 parameters."""
    for loss, p, lr, about in (
        (network(12, seed=7210), 49, 0.1, Text(en="a network of 49 parameters", ko="매개변수 49개인 신경망")),
        (network(8, seed=7211), 33, 0.2, Text(en="a network of 33 parameters", ko="매개변수 33개인 신경망")),
        (softmax_regression(seed=7212), 30, 2.0, Text(en="softmax regression", ko="소프트맥스 회귀")),
    ):
        _assert_diary(curvature_diary, loss, 0.5 * normal(p, seed=7213), lr, 24, every=8, about=about)


def e7_2_order(curvature_diary):
    """Largest by value, where the most negative eigenvalue is larger in size, and where all are negative."""
    for spectrum in ([-50.0, -3.0, 1.0, 4.0], [-9.0, -5.0, -2.0]):
        about = Text(
            en=f"eigenvalues from {spectrum[0]:g} to {spectrum[-1]:g}",
            ko=f"{spectrum[0]:g}에서 {spectrum[-1]:g}까지의 고윳값",
        )
        theta = normal(len(spectrum), seed=7220)
        _assert_diary(curvature_diary, quadratic(spectrum, seed=7221), theta, 1e-3, 4, every=2, about=about)


def e7_2_steps(curvature_diary):
    """Steps that are no multiple of the spacing, none at all, and fewer than the spacing."""
    for steps, every in ((7, 3), (0, 2), (3, 5), (11, 4)):
        about = Text(en=f"{steps} steps, every {every}", ko=f"{steps}걸음, {every}걸음마다")
        _assert_diary(curvature_diary, wavy, normal(3, seed=7230), 0.1, steps, every=every, about=about)


def e7_2_inputs(curvature_diary):
    """The start is left alone, may require a gradient, and only the arguments decide the diary."""
    theta = normal(3, seed=7240)
    right = reference.curvature_diary(wavy, theta, 0.08, 4, 2)

    def check(result, about):
        assert_matches(result, right, about=about, rtol=ANY_METHOD)

    for requires_grad in (False, True):
        start = tensor(theta, requires_grad=requires_grad)
        result, (_, after, *_) = unchanged(curvature_diary, there(wavy), start, 0.08, 4, 2)
        check(result, Text(en="a start that requires a gradient" if requires_grad else "a start", ko="출발점"))
        assert_left_alone(after, tensor(theta), grads=True)
    assert_pure(curvature_diary, there(wavy), tensor(theta), 0.08, 4, 2, check=check, grads=True)


def _assert_diary(curvature_diary, loss, theta, lr, steps, *, every, about):
    right = reference.curvature_diary(loss, theta, lr, steps, every)
    up = reference.curvature_diary(loss, theta, -lr, steps, every)
    late = reference.curvature_diary(loss, theta - lr * as_numbers(_gradient(loss, theta)), lr, steps, every)
    smallest = -reference.curvature_diary(lambda t: -loss(t), theta, -lr, steps, every)
    assert_matches(
        curvature_diary(there(loss), tensor(theta), lr, steps, every),
        right,
        about=about,
        rtol=ANY_METHOD,
        likely={
            Text(
                en="the smallest eigenvalue, not the largest.", ko="가장 큰 고윳값이 아니라 가장 작은 고윳값입니다."
            ): (smallest),
            Text(
                en="the largest by size; the sharpness is the largest by value.",
                ko="크기가 가장 큰 고윳값입니다. 날카로움은 값이 가장 큰 고윳값입니다.",
            ): torch.where(smallest.abs() > right.abs(), smallest, right),
            Text(
                en="each entry is one step late: the first belongs to the start, before any step.",
                ko="항목이 한 걸음씩 늦습니다. 첫 항목은 아직 걷지 않은 출발점의 것입니다.",
            ): late,
            Text(
                en="the path climbs: gradient descent goes against the gradient.",
                ko="경로가 올라갑니다. 경사하강법은 그래디언트의 반대쪽으로 갑니다.",
            ): up,
            Text(
                en="every entry is the sharpness of the start: the parameters do not move.",
                ko="모든 항목이 출발점의 날카로움입니다. 매개변수가 움직이지 않습니다.",
            ): right[:1].expand(right.shape),
        },
    )


def _gradient(loss, theta):
    return torch.func.grad(loss)(tensor(theta))


# E7.3 verdicts


@by_hand
def e7_3_first(verdicts):
    """Statements 1, 2 and 3; the verdicts are the same on every call."""
    assert_pure(verdicts, check=lambda result, about: _assert_verdicts(result, (1, 2, 3)))


@by_hand
def e7_3_second(verdicts):
    """Statements 4, 5 and 6."""
    _assert_verdicts(verdicts(), (4, 5, 6))


@by_hand
def e7_3_third(verdicts):
    """Statements 7, 8 and 9."""
    _assert_verdicts(verdicts(), (7, 8, 9))


@by_hand
def e7_3_fourth(verdicts):
    """Statements 10, 11 and 12."""
    _assert_verdicts(verdicts(), (10, 11, 12))


def _assert_verdicts(result, numbers):
    found = value(result)
    for number in numbers:
        about = Text(en=f"statement {number}", ko=f"문장 {number}")
        try:
            verdict = found[number]
        except (KeyError, IndexError, TypeError):
            raise CheckFailed(about + NO_VERDICT) from None
        is_true, code = parts(verdict, ("is_true", "code"), about=about)
        right, mended = reference.verdicts()[number]
        assert_truth(is_true, right, about=about)
        likely = {CODE_OF_TRUE.format(code=code): code for code in CODES} if right else {NO_CODE_OF_FALSE: ""}
        assert_word(code, mended, about=about + Text(en=", the code", ko=", 코드"), likely=likely)


CODES = [f"M{number}" for number in range(1, 24)]
NO_VERDICT = Text(
    en=": there is no verdict; return a dict with the keys 1 to 12.",
    ko=": 판정이 없습니다. 키가 1부터 12까지인 딕셔너리를 돌려주십시오.",
)
CODE_OF_TRUE = Text(
    en='a true statement needs no correction: its code is "", not {code}.',
    ko='옳은 문장에는 바로잡을 것이 없습니다. 코드는 {code}이(가) 아니라 ""입니다.',
)
NO_CODE_OF_FALSE = Text(
    en="a false statement comes with the code of the correction that mends it.",
    ko="틀린 문장에는 그것을 바로잡는 항목의 코드를 적습니다.",
)


# E7.4 test_vjp


def _right(v, X, W):
    return v @ W, v.T @ X, v.sum(axis=0)


def _with(dX=None, dW=None, db=None):
    """The right VJP with some of its parts replaced, each by a function of v, X, W and the right part."""

    def vjp(v, X, W):
        changes = zip((dX, dW, db), _right(v, X, W), strict=True)
        return tuple(part if change is None else change(v, X, W, part) for change, part in changes)

    return vjp


def _of_other_cotangent(change):
    return lambda v, X, W: _right(change(v), X, W)


def _by_loops(v, X, W):
    B, m = v.shape
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(m)
    for sample in range(B):
        for i in range(m):
            dX[sample] += v[sample, i] * W[i]
            dW[i] += v[sample, i] * X[sample]
            db[i] += v[sample, i]
    return dX, dW, db


def _rounded(part):
    """Off by far less than rounding may be, but everywhere: also where the right entry is 0."""
    return part + 1e-10 * np.abs(part).max()


def _one_entry(part):
    spoiled = part.copy()
    spoiled[0, -1] *= 1.01
    return spoiled


def _one_nan(part):
    spoiled = part.copy()
    spoiled[-1] = np.nan
    return spoiled


def _when_square(change):
    """Wrong only where the weights are square, as if the orientation was guessed from the shapes."""
    return lambda v, X, W, part: change(v, X, W) if W.shape[0] == W.shape[1] else part


def _unless_square(change):
    """Right only where the weights are square."""
    return lambda v, X, W, part: part if W.shape[0] == W.shape[1] else change(v, X, W)


def _when_single(change):
    """Wrong only for a batch of one."""
    return lambda v, X, W, part: change(part) if len(X) == 1 else part


def _remembering():
    """Gives the answer to its first call for ever."""
    known = []

    def vjp(v, X, W):
        known.append(_right(v, X, W))
        return known[0]

    return vjp


RIGHT = {
    "NumPy": lambda: _right,
    "einsum": lambda: lambda v, X, W: (np.einsum("bi,ij->bj", v, W), np.einsum("bi,bj->ij", v, X), v.sum(axis=0)),
    "loops": lambda: _by_loops,
    "lists": lambda: lambda v, X, W: [part.tolist() for part in _right(v, X, W)],
    "float32": lambda: lambda v, X, W: tuple(part.astype(np.float32) for part in _right(v, X, W)),
    "W.T": lambda: lambda v, X, W: ((W.T @ v.T).T, (X.T @ v).T, np.ones(len(v)) @ v),
    "rounding": lambda: lambda v, X, W: tuple(_rounded(part) for part in _right(v, X, W)),
}

SUMS = {
    Text(
        en="db is the cotangent of the first sample, without the others",
        ko="db가 다른 표본 없이 첫 표본의 여접벡터뿐인",
    ): lambda: _with(db=lambda v, X, W, part: v[0]),
    Text(en="db keeps the batch axis", ko="db에 배치 축이 남은"): lambda: _with(db=lambda v, X, W, part: v),
    Text(en="db is the mean over the batch", ko="db가 배치의 평균인"): lambda: _with(
        db=lambda v, X, W, part: part / len(X)
    ),
    Text(en="dW is the mean over the batch", ko="dW가 배치의 평균인"): lambda: _with(
        dW=lambda v, X, W, part: part / len(X)
    ),
    Text(en="dW comes from the last sample alone", ko="dW가 마지막 표본에서만 온"): lambda: _with(
        dW=lambda v, X, W, part: np.outer(v[-1], X[-1])
    ),
    Text(en="dX is divided by the size of the batch", ko="dX를 배치의 크기로 나눈"): lambda: _with(
        dX=lambda v, X, W, part: part / len(X)
    ),
}

SWAPS = {
    Text(en="dW is transposed", ko="dW가 전치된"): lambda: _with(dW=lambda v, X, W, part: part.T),
    Text(en="dX uses W^T where W is square", ko="W가 정사각일 때 dX에 W^T를 쓰는"): lambda: _with(
        dX=_when_square(lambda v, X, W: v @ W.T)
    ),
    Text(en="dW is transposed where W is square", ko="W가 정사각일 때 dW가 전치된"): lambda: _with(
        dW=_when_square(lambda v, X, W: X.T @ v)
    ),
    Text(en="dX is right only where W is square", ko="W가 정사각일 때만 dX가 맞는"): lambda: _with(
        dX=_unless_square(lambda v, X, W: np.resize(v @ W @ W.T, X.shape))
    ),
    Text(en="dX and dW have changed places", ko="dX와 dW의 자리가 바뀐"): lambda: (
        lambda v, X, W: (v.T @ X, v @ W, v.sum(axis=0))
    ),
    Text(en="dX reads the rows of W in the wrong order", ko="dX에서 W의 행을 거꾸로 읽는"): lambda: _with(
        dX=lambda v, X, W, part: v @ W[::-1]
    ),
}

COTANGENTS = {
    Text(en="v is ignored and taken as 1", ko="v를 무시하고 1로 보는"): lambda: _of_other_cotangent(np.ones_like),
    Text(en="db ignores v and counts the samples", ko="db가 v를 무시하고 표본의 수를 세는"): lambda: _with(
        db=lambda v, X, W, part: np.full(v.shape[1], float(len(v)))
    ),
    Text(en="negative entries of v count as 0", ko="v의 음수 원소를 0으로 보는"): lambda: _of_other_cotangent(
        lambda v: np.maximum(v, 0)
    ),
    Text(en="v loses its sign", ko="v의 부호가 사라진"): lambda: _of_other_cotangent(np.abs),
    Text(en="v is squared", ko="v를 제곱한"): lambda: _of_other_cotangent(np.square),
    Text(en="only the sign of v counts", ko="v의 부호만 남은"): lambda: _of_other_cotangent(np.sign),
    Text(en="every sign is wrong", ko="부호가 모두 반대인"): lambda: _of_other_cotangent(np.negative),
    Text(en="every entry is 0", ko="모든 원소가 0인"): lambda: _of_other_cotangent(np.zeros_like),
}

SUBTLE = {
    Text(en="dX is too large by one thousandth", ko="dX가 천분의 일만큼 큰"): lambda: _with(
        dX=lambda v, X, W, part: part * (1 + 1e-3)
    ),
    Text(en="dW is too large by one thousandth", ko="dW가 천분의 일만큼 큰"): lambda: _with(
        dW=lambda v, X, W, part: part * (1 + 1e-3)
    ),
    Text(en="db is too small by one thousandth", ko="db가 천분의 일만큼 작은"): lambda: _with(
        db=lambda v, X, W, part: part * (1 - 1e-3)
    ),
    Text(en="one entry of dW is off by a hundredth", ko="dW의 원소 하나가 백분의 일만큼 어긋난"): lambda: _with(
        dW=lambda v, X, W, part: _one_entry(part)
    ),
    Text(en="the last row of dX is nan", ko="dX의 마지막 행이 nan인"): lambda: _with(
        dX=lambda v, X, W, part: _one_nan(part)
    ),
    Text(en="a batch of one loses its axis", ko="표본이 하나일 때 배치 축을 잃는"): lambda: _with(
        dX=_when_single(lambda part: part[0])
    ),
    Text(en="dW is doubled for a batch of one", ko="표본이 하나일 때 dW가 두 배인"): lambda: _with(
        dW=_when_single(lambda part: 2 * part)
    ),
    Text(en="the answer to the first call comes again and again", ko="첫 번째 호출의 답만 되풀이하는"): _remembering,
}


STYLES = {
    "NumPy": lambda parts: parts,
    "lists": lambda parts: [part.tolist() for part in parts],
    "float32": lambda parts: tuple(part.astype(np.float32) for part in parts),
}
"""Forms of a result; a wrong VJP comes in some of them, so that the form tells nothing."""


@by_hand
def e7_4_sums(test_vjp):
    """Wrong and missing sums over the batch are found, whatever else the notebook holds."""
    _assert_tells_apart(test_vjp, SUMS)
    assert_pure(test_vjp, _callback(_right), check=lambda result, about: assert_truth(result, True, about=about))


@by_hand
def e7_4_swaps(test_vjp):
    """Transposed and exchanged factors are found, also where shapes do not show them."""
    _assert_tells_apart(test_vjp, SWAPS)


@by_hand
def e7_4_cotangents(test_vjp):
    """Every misuse of the cotangent is found."""
    _assert_tells_apart(test_vjp, COTANGENTS)


@by_hand
def e7_4_subtle(test_vjp):
    """Small, rare and forgetful mistakes are found."""
    _assert_tells_apart(test_vjp, SUBTLE)


def _assert_tells_apart(test_vjp, mutants):
    """Fail unless right VJPs are accepted and wrong ones rejected, each of them twice, in an order that nobody knows.

    A number of wrong ones that nobody knows comes first, so that answers remembered from one VJP say nothing about the
    next. No part of these is right, nor the same in any two of them, so that they cannot vote.
    """
    rights = shuffled([(RIGHT_ONE.format(style=style), make, True) for style, make in RIGHT.items()] * 2)
    wrongs = shuffled(
        (MUTANT.format(mistake=mistake), _styled(make, style), False)
        for mistake, make in mutants.items()
        for style in shuffled(STYLES)[:2]
    )
    sizes = zip(*(shuffled(STRETCHES) for _ in range(3)), strict=True)
    first = [
        (MUTANT.format(mistake=OTHER_SIZES), _stretched(*shuffled([three, three[:1] * 3])[0]), False) for three in sizes
    ]
    first = first[: shuffled(range(1, len(first)))[0]]
    for about, make, is_right in first + rights[:1] + shuffled(wrongs + rights[1:]):
        likely = FALSE_ALARM if is_right else None
        assert_truth(test_vjp(_callback(make())), is_right, about=about, likely=likely)


def _stretched(*factors):
    """A VJP each of whose parts is multiplied by a number of its own."""
    return lambda: lambda v, X, W: [factor * part for factor, part in zip(factors, _right(v, X, W), strict=True)]


def _styled(make, style):
    def made():
        vjp = make()
        return lambda v, X, W: STYLES[style](vjp(v, X, W))

    return made


def _callback(vjp):
    return lambda v, X, W: vjp(*(np.asarray(argument, dtype=float) for argument in (v, X, W)))


STRETCHES = [sign * (0.3 + 0.15 * k) for k in range(20) for sign in (-1, 1)]
OTHER_SIZES = Text(en="all parts have other sizes", ko="모든 부분의 크기가 다른")
RIGHT_ONE = Text(en="a right VJP ({style})", ko="옳은 VJP({style})")
MUTANT = Text(en="a VJP in which {mistake}", ko="{mistake} VJP")
FALSE_ALARM = Text(
    en="accept lists, single precision and another order of summation; compare up to rounding of the largest entry.",
    ko="리스트, 단정밀도, 다른 덧셈 순서도 옳습니다. 가장 큰 원소에 견주어 반올림 오차를 허용하십시오.",
)
