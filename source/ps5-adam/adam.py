# %% [markdown] checked="5eb190b44be5" key="title" lang="ko"
# # ps5. 곡률과 옵티마이저
#
# 학습률을 2퍼센트 올렸을 뿐인데 손실이 폭발합니다. 한 방향은 너무 빠르고 다른 방향은 너무 느립니다. 이 두 가지를 설명하는 것이 헤시안의 고윳값, 곧 곡률입니다. 이 노트북에서는 경사하강법이 언제 가라앉고 언제 발산하는지 곡률로 계산합니다. 그다음 Adam을 손으로 만들고, Adam이 정말 곡률을 아는지 따져 봅니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 학습률과 고윳값의 곱 하나로 경사하강법의 움직임을 예측합니다.
# - 편향 보정까지 갖춘 Adam의 한 걸음을 쓰고, `torch.optim.Adam`과 같은 경로를 얻습니다.
# - 손실에 더하는 가중치 감쇠와 따로 하는 가중치 감쇠를 구별합니다.
# - 두 옵티마이저를 공정하게 겨루게 하고, 좌표축을 돌리면 승부가 어떻게 바뀌는지 봅니다.
# - "Adam의 $v$는 헤시안의 대각 원소"라는 말을 반례로 반박합니다.
# - 피셔 정보와 헤시안이 같아지는 경우를 찾고, 대각 원소만 쓰는 뉴턴법을 만듭니다.
#
# 110분, 24점이며 보너스가 3점입니다. 먼저 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps5. Curvature and optimisers
#
# Raise the learning rate by 2 percent, and the loss explodes. One direction is too fast, another too slow. Both are explained by the eigenvalues of the Hessian, that is, by curvature. In this notebook you compute from the curvature when gradient descent settles and when it diverges. Then you build Adam by hand, and ask whether Adam really knows the curvature.
#
# After this notebook you can
#
# - predict the motion of gradient descent from a single product, learning rate times eigenvalue;
# - write one step of Adam with its bias correction, and obtain the path of `torch.optim.Adam`;
# - tell weight decay inside the loss from weight decay beside it;
# - make a pair of optimisers race fairly, and see how turning the axes changes the winner;
# - refute the claim "the $v$ of Adam is the diagonal of the Hessian" with counterexamples;
# - find the case in which the Fisher information equals the Hessian, and build a Newton method from diagonal entries alone.
#
# 110 minutes, 24 points, and 3 bonus points. Run the cells in order, starting with the one below.

# %% locked setup
import math

import matplotlib.pyplot as plt
import numpy as np
import torch


def bowl(x):
    """The steep bowl 100 x^2 + y^2 at a point (x, y)."""
    return 100 * x[0] ** 2 + x[1] ** 2


def bowl_gradient(x):
    """The gradient of the bowl, shape (2,)."""
    return np.array([200 * x[0], 2 * x[1]])


def contours(axes, f, x_limits, y_limits):
    """Draw level lines of a function of points of shape (2,)."""
    xs, ys = np.linspace(*x_limits, 80), np.linspace(*y_limits, 80)
    heights = np.array([[f(np.array([x, y])) for x in xs] for y in ys])
    levels = np.unique(np.quantile(heights, np.linspace(0.03, 0.95, 10)))
    axes.contour(xs, ys, heights, levels=levels, colors="darkgrey", linewidths=0.7)
    axes.set(xlim=x_limits, ylim=y_limits, xlabel="$x$", ylabel="$y$")


def draw_path(axes, path, style="o-", color="black", label=None):
    """Draw a path of shape (steps + 1, 2)."""
    path = np.asarray(path)
    axes.plot(path[:, 0], path[:, 1], style, color=color, ms=3, lw=1, label=label)


# %% [markdown] checked="c1d209b23de0" key="failure" lang="ko"
# ## 한 번의 실패
#
# 그릇 $f(x, y) = 100 x^2 + y^2$을 점 $(1, 1)$에서 출발해 내려갑니다. $x$ 방향이 $y$ 방향보다 100배 가파릅니다. 그래디언트에 학습률을 곱한 만큼 반대쪽으로 가는 일을 100번 되풀이합니다. 학습률 `lr`을 조금씩 올려 봅니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Walk down the bowl $f(x, y) = 100 x^2 + y^2$ from the point $(1, 1)$. The direction of $x$ is 100 times as steep as that of $y$. Move against the gradient, scaled by the learning rate, and repeat this 100 times. Raise the learning rate `lr` little by little.

# %% key="failure-run"
for lr in [0.002, 0.005, 0.0099, 0.0101]:
    x = np.array([1.0, 1.0])
    for step in range(100):
        x = x - lr * bowl_gradient(x)
    print(f"lr = {lr:<6}   x = {x[0]:8.1e}   y = {x[1]:.3f}   loss = {bowl(x):.3f}")


# %% [markdown] checked="a4ada3dc829f" key="failure-why" lang="ko"
# `0.0099`에서는 $x$가 느리게나마 줄어들고, 2퍼센트 큰 `0.0101`에서는 손실이 5000을 넘습니다. 한편 $y$는 어느 학습률에서나 느립니다. 가파른 방향이 학습률의 한계를 정하고, 완만한 방향이 그 대가를 치릅니다.
#
# `0.005`에서는 $x$가 정확히 0입니다. 이런 그릇에서 경사하강법은 좌우로 튀며 내려간다고들 하지만, 이 학습률에서는 한 번도 튀지 않습니다. 언제 튀고 언제 튀지 않는지는 짐작하지 않고 계산할 수 있습니다.

# %% [markdown] key="failure-why" lang="en"
# At `0.0099` the coordinate $x$ shrinks, though slowly; at `0.0101`, larger by 2 percent, the loss exceeds 5000. Meanwhile $y$ is slow at every learning rate. The steep direction sets the limit, and the flat direction pays for it.
#
# At `0.005` the coordinate $x$ is exactly 0. On such a bowl, gradient descent is said to bounce from side to side, yet at this learning rate it does not bounce even once. There is no need to guess when it bounces and when it does not: it can be computed.

# %% [markdown] checked="17f09306be67" key="definition" lang="ko"
# ## 경사하강법과 곡률
#
# **경사하강법**(gradient descent)은 그래디언트의 반대쪽으로 한 걸음씩 갑니다. $\eta > 0$은 **학습률**(learning rate)이고, 코드에서는 `lr`입니다.
#
# $$x_{t+1} = x_t - \eta \nabla f(x_t)$$
#
# 이차함수 $f(x) = \tfrac12 x^T H x$의 그래디언트는 $Hx$입니다. 그래서 헤시안 $H$의 고유벡터 방향으로 잰 좌표 $c$는 다른 방향과 섞이지 않습니다. 그 방향의 고윳값이 $\lambda$이면, 한 걸음은 좌표에 수 하나를 곱하는 일입니다.
#
# $$c_{t+1} = (1 - \eta \lambda)\, c_t$$
#
# 고윳값이 양수일 때 일어날 수 있는 일은 다섯 가지뿐입니다.
#
# | 곱 | 이름 | 좌표 $c$의 움직임 |
# |---|---|---|
# | $0 < \eta\lambda < 1$ | `"monotone"` | 부호를 지키며 줄어듭니다. |
# | $\eta\lambda = 1$ | `"one_step"` | 한 걸음에 사라집니다. |
# | $1 < \eta\lambda < 2$ | `"oscillating"` | 부호를 바꿔 가며 줄어듭니다. |
# | $\eta\lambda = 2$ | `"marginal"` | 부호만 바뀌고 크기는 그대로입니다. |
# | $\eta\lambda > 2$ | `"diverging"` | 부호를 바꿔 가며 커집니다. |
#
# 앞의 그릇에서 $H$의 고윳값은 200과 2입니다. 학습률 `0.005`에서 가파른 방향의 곱은 $0.005 \cdot 200 = 1$이고, 완만한 방향의 곱은 $0.01$입니다. 앞의 것은 한 걸음에 사라지고, 뒤의 것은 걸음마다 1퍼센트씩 줄어듭니다.

# %% [markdown] key="definition" lang="en"
# ## Gradient descent and curvature
#
# **Gradient descent** takes one step after another against the gradient. The number $\eta > 0$ is the **learning rate**, `lr` in code.
#
# $$x_{t+1} = x_t - \eta \nabla f(x_t)$$
#
# The gradient of the quadratic $f(x) = \tfrac12 x^T H x$ is $Hx$. So a coordinate $c$, measured along an eigenvector of the Hessian $H$, does not mix with the others. If the eigenvalue of that direction is $\lambda$, a step multiplies the coordinate by a number.
#
# $$c_{t+1} = (1 - \eta \lambda)\, c_t$$
#
# If the eigenvalue is positive, only five things can happen.
#
# | product | name | what the coordinate $c$ does |
# |---|---|---|
# | $0 < \eta\lambda < 1$ | `"monotone"` | It shrinks and keeps its sign. |
# | $\eta\lambda = 1$ | `"one_step"` | It vanishes in a single step. |
# | $1 < \eta\lambda < 2$ | `"oscillating"` | It shrinks and changes its sign each time. |
# | $\eta\lambda = 2$ | `"marginal"` | Its sign changes, its size stays. |
# | $\eta\lambda > 2$ | `"diverging"` | It grows and changes its sign each time. |
#
# For the bowl above, the eigenvalues of $H$ are 200 and 2. With the learning rate `0.005`, the product is $0.005 \cdot 200 = 1$ in the steep direction and $0.01$ in the flat one. The former vanishes in a single step; the latter shrinks by 1 percent a step.

# %% [markdown] checked="15439f54d2d4" key="e5-1" lang="ko"
# ### E5.1 `gd_path`, `max_stable_lr`, `regime`
# 난이도 2/5 · 중요도 5/5 · 15분 · 3점 · 손으로
#
# 세 함수를 씁니다. `gd_path`는 경사하강법의 경로 전체를 출발점까지 담아 돌려줍니다. `max_stable_lr`은 어느 방향도 커지지 않는 가장 큰 학습률을 헤시안에서 구합니다. `regime`은 위 표의 이름을 돌려줍니다.
#
# 표에는 등호가 있지만 컴퓨터에서 `1 / 49 * 49`는 1이 아닙니다. 그래서 $|\eta\lambda - 1| \le 10^{-9}$이면 1과 같다고 보고, 2와도 같은 기준으로 비교합니다.

# %% [markdown] key="e5-1" lang="en"
# ### E5.1 `gd_path`, `max_stable_lr`, `regime`
# difficulty 2/5 · importance 5/5 · 15 minutes · 3 points · by hand
#
# Write three functions. `gd_path` returns the whole path of gradient descent, including the start. `max_stable_lr` finds from the Hessian the largest learning rate at which no direction grows. `regime` returns the name in the table above.
#
# The table contains equalities, but on a computer `1 / 49 * 49` is not 1. So count the product as equal to 1 if $|\eta\lambda - 1| \le 10^{-9}$, and do the same for 2.

# %% answer e5-1-path-solution covers="CB12 M15"
def gd_path(grad, x0: np.ndarray, lr: float, steps: int) -> np.ndarray:
    """The points that gradient descent visits.

    Args:
        grad: the gradient, a function from shape (n,) to shape (n,).
        x0: the start, floats of shape (n,); left unchanged.
        lr: the learning rate.
        steps: number of steps, 0 or more.

    Returns:
        The path, shape (steps + 1, n); row 0 is x0.

    Example:
        gd_path(lambda x: x, np.array([4.0]), 0.5, 2) -> [[4], [2], [1]]
    """
    ### BEGIN SOLUTION
    path = [np.array(x0)]
    for _ in range(steps):
        path.append(path[-1] - lr * np.asarray(grad(path[-1])))
    return np.stack(path)
    ### END SOLUTION


# %% test e5-1-path-values 0.5
# Every point of the path, on the bowl and on curved functions.
path = np.asarray(gd_path(bowl_gradient, np.array([1.0, 1.0]), 0.005, 100))
assert path.shape == (101, 2), "100 steps visit 101 points"
np.testing.assert_allclose(path[1], [0.0, 0.99], atol=1e-4)
np.testing.assert_allclose(path[-1], [0.0, 0.366], atol=1e-3)
assert abs(bowl(path[-1]) - 0.134) < 1e-3, "the loss at the end is 0.134"

# %% test e5-1-path-inputs 0.5 alone
# No step at all gives a path of one point; the start stays as it was.
start = np.array([1.0, 1.0])
assert np.shape(gd_path(bowl_gradient, start, 0.005, 3)) == (4, 2), "3 steps visit 4 points"
np.testing.assert_array_equal(start, [1.0, 1.0])


# %% answer e5-1-limit-solution
def max_stable_lr(H: np.ndarray) -> float:
    """The learning rate beyond which gradient descent diverges on a quadratic.

    Args:
        H: the Hessian, symmetric and positive definite, shape (n, n); left unchanged.

    Returns:
        The largest learning rate at which no direction grows.

    Example:
        max_stable_lr(np.array([[4.0]])) -> 0.5
    """
    ### BEGIN SOLUTION
    return float(2 / np.linalg.eigvalsh(H)[-1])
    ### END SOLUTION


# %% test e5-1-limit-values 0.5
# The steepest direction decides, whether or not it lies on an axis.
assert abs(max_stable_lr(np.diag([200.0, 2.0])) - 0.01) < 1e-6, "the bowl diverges beyond 0.01"

# %% test e5-1-limit-extremes 0.5 alone
# A single direction, very steep and very flat functions; the Hessian stays as it was.
assert abs(max_stable_lr(np.array([[4.0]])) - 0.5) < 1e-6, "a single direction of curvature 4"


# %% answer e5-1-regime-solution
def regime(lr: float, lam: float) -> str:
    """How gradient descent moves along a direction of positive curvature.

    Args:
        lr: the learning rate, positive.
        lam: the eigenvalue of the direction, positive.

    Returns:
        "monotone", "one_step", "oscillating", "marginal" or "diverging"; a product within 1e-9
        of 1 or 2 counts as equal to it.

    Example:
        regime(0.1, 5.0) -> "monotone"
    """
    ### BEGIN SOLUTION
    product = lr * lam
    if abs(product - 1) <= 1e-9:
        return "one_step"
    if abs(product - 2) <= 1e-9:
        return "marginal"
    if product < 1:
        return "monotone"
    return "oscillating" if product < 2 else "diverging"
    ### END SOLUTION


# %% [markdown] checked="1b79ea90eed4" key="e5-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. `path`에 담은 배열을 `x -= ...`로 바꾸면, 이미 담은 점은 어떻게 됩니까?
# 2. 모든 $i$에서 $|1 - \eta \lambda_i| \le 1$이려면 $\eta \le 2 / \lambda_{\max}$이어야 합니다.
# 3. $H$가 행 $(2, 1)$과 $(1, 2)$로 이루어져 있으면 한계는 $2/3$이고, 이 학습률에서 느린 방향의 곱은 $2/3$, 곧 `"monotone"`입니다.
#
# </details>

# %% [markdown] key="e5-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If you change an array with `x -= ...` that is already in `path`, what becomes of the point stored there?
# 2. To have $|1 - \eta \lambda_i| \le 1$ for every $i$, you need $\eta \le 2 / \lambda_{\max}$.
# 3. If the rows of $H$ are $(2, 1)$ and $(1, 2)$, the limit is $2/3$; at this learning rate the product of the slow direction is $2/3$, which is `"monotone"`.
#
# </details>

# %% test e5-1-regime-words 0.5 alone
# Products below, between and above 1 and 2, near and far.
assert regime(0.002, 200.0) == "monotone", "the product is 0.4"
assert regime(0.0099, 200.0) == "oscillating", "the product is 1.98"
assert regime(0.0101, 200.0) == "diverging", "the product is 2.02"

# %% test e5-1-regime-borders 0.5 alone
# Products that equal 1 or 2 up to rounding.
assert regime(0.005, 200.0) == "one_step", "the product is 1"
assert regime(0.01, 200.0) == "marginal", "the product is 2"

# %% key="e5-1-plot"
figure, panels = plt.subplots(1, 5, figsize=(15, 3.4), sharey=True)
for axes, lr in zip(panels, [0.002, 0.005, 0.009, 0.01, 0.0102]):
    contours(axes, bowl, (-1.4, 1.4), (-0.1, 1.1))
    draw_path(axes, gd_path(bowl_gradient, np.array([1.0, 1.0]), lr, 20))
    axes.set(title=f"lr = {lr}: {regime(lr, 200.0)}")
print("largest stable lr:", max_stable_lr(np.diag([200.0, 2.0])))
figure.tight_layout()

# %% [markdown] checked="bdca68fdb1c6" key="e5-1-see" lang="ko"
# **그림에서 볼 것.** 같은 그릇의 등고선 위에 경사하강법의 경로를 20걸음씩 그렸습니다. 제목은 가파른 방향에서 일어나는 일의 이름입니다. 왼쪽부터 $x$는 한쪽에서 줄고, 한 걸음에 사라지고, 튀며 줄고, 같은 폭으로 튀고, 점점 크게 튑니다. $y$는 다섯 그림 모두에서 목적지까지 절반도 가지 못합니다.

# %% [markdown] key="e5-1-see" lang="en"
# **What to see.** Gradient descent, 20 steps each, on the level lines of the same bowl; the title names what the steep direction does. From the left, $x$ shrinks on one side, vanishes in a single step, shrinks while bouncing, bounces with constant width, and bounces ever wider. In all five pictures, $y$ covers less than half of its way.

# %% [markdown] checked="15c058ce850a" key="adam" lang="ko"
# ## Adam
#
# 좌표마다 걸음의 길이를 따로 정하면 어떻겠습니까? **Adam**은 그래디언트의 기록 두 가지를 좌표마다 간직합니다. $g_t$는 $t$번째 걸음의 그래디언트이고, 모든 계산은 원소마다 합니다.
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2$$
#
# 이런 평균을 **지수 이동 평균**(exponential moving average)이라고 합니다. $m$은 그래디언트의 평균으로 방향을, $v$는 제곱의 평균으로 크기를 기억합니다. 둘 다 0에서 출발하므로 처음에는 0 쪽으로 치우쳐 있습니다. 이 치우침을 바로잡는 나눗셈이 **편향 보정**(bias correction)입니다.
#
# $$\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}, \qquad p_t = p_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}$$
#
# 걸음은 $t = 1$부터 셉니다. 흔히 쓰는 값은 $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$입니다. $\epsilon$은 제곱근 **밖에서** 더합니다.

# %% [markdown] key="adam" lang="en"
# ## Adam
#
# What if each coordinate had a step length of its own? **Adam** keeps a pair of records of the gradient for each coordinate. Here $g_t$ is the gradient of step $t$, and everything is computed entry by entry.
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2$$
#
# Such a mean is called an **exponential moving average**. The mean of gradients, $m$, remembers the direction; the mean of their squares, $v$, the size. They start at 0 and so lean towards 0 at first. The division that takes this back is the **bias correction**.
#
# $$\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}, \qquad p_t = p_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}$$
#
# Steps are counted from $t = 1$. Usual values are $\beta_1 = 0.9$, $\beta_2 = 0.999$ and $\epsilon = 10^{-8}$. The $\epsilon$ is added **outside** the root.

# %% [markdown] checked="d97c422db9d0" key="example" lang="ko"
# ## 가장 작은 예
#
# 매개변수는 수 하나 $p_0 = 1$, 학습률은 0.1이고, 두 걸음의 그래디언트는 차례로 2와 1이라고 합시다. $\epsilon$은 너무 작아서 보이지 않습니다.
#
# | $t$ | $g_t$ | $m_t$ | $v_t$ | $\hat m_t$ | $\hat v_t$ | $p_t$ |
# |---|---|---|---|---|---|---|
# | 1 | 2 | 0.2 | 0.004 | 2 | 4 | 0.9 |
# | 2 | 1 | 0.28 | 0.004996 | 1.4737 | 2.4992 | 0.8068 |
#
# 첫 줄에서 $\hat m_1 = 0.2 / 0.1$, $\hat v_1 = 0.004 / 0.001$이므로 걸음은 $0.1 \cdot 2 / \sqrt{4} = 0.1$입니다. 둘째 줄에서는 $\hat m_2 = 0.28 / 0.19$, $\hat v_2 = 0.004996 / 0.001999$입니다.
#
# 그래디언트를 모두 1000배로 바꾸어도 분자와 분모가 함께 커져 $p_t$는 그대로입니다. 종이에서 확인한 다음, torch의 Adam에도 시켜 봅니다.

# %% [markdown] key="example" lang="en"
# ## The smallest example
#
# Take a single number $p_0 = 1$ as the parameter, the learning rate 0.1, and let the gradients of the first and the second step be 2 and 1. The $\epsilon$ is too small to be seen.
#
# | $t$ | $g_t$ | $m_t$ | $v_t$ | $\hat m_t$ | $\hat v_t$ | $p_t$ |
# |---|---|---|---|---|---|---|
# | 1 | 2 | 0.2 | 0.004 | 2 | 4 | 0.9 |
# | 2 | 1 | 0.28 | 0.004996 | 1.4737 | 2.4992 | 0.8068 |
#
# In the first line $\hat m_1 = 0.2 / 0.1$ and $\hat v_1 = 0.004 / 0.001$, so the step is $0.1 \cdot 2 / \sqrt{4} = 0.1$. In the second, $\hat m_2 = 0.28 / 0.19$ and $\hat v_2 = 0.004996 / 0.001999$.
#
# Make all gradients 1000 times as large: numerator and denominator grow together, and $p_t$ stays. Confirm it on paper; then have torch's Adam do the same.

# %% key="example-run"
for factor in (1.0, 1000.0):
    parameter = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([parameter], lr=0.1)
    for g in (2.0, 1.0):
        parameter.grad = torch.tensor(factor * g, dtype=torch.float64)
        optimizer.step()
        print(f"gradient {factor * g:6g}   p = {parameter.item():.4f}")


# %% [markdown] checked="1c60399e60ce" key="e5-2" lang="ko"
# ### E5.2 `adam_step`
# 난이도 3/5 · 중요도 5/5 · 20분 · 4점 · 손으로
#
# Adam의 한 걸음을 씁니다. 기억할 것은 모두 사전(dictionary) `state`에 들어 있습니다. `"t"`는 **지금까지 끝낸** 걸음의 수이므로, 이번 걸음의 번호는 그보다 하나 큽니다. `"m"`과 `"v"`는 편향을 보정하지 **않은** $m$과 $v$입니다.
#
# 받은 `p`, `g`, `state`는 바꾸지 말고, 새 매개변수와 새 사전을 이 순서로 돌려주십시오. `p`는 어떤 모양이든 될 수 있고, 수 하나일 수도 있습니다.

# %% [markdown] key="e5-2" lang="en"
# ### E5.2 `adam_step`
# difficulty 3/5 · importance 5/5 · 20 minutes · 4 points · by hand
#
# Write one step of Adam. All that must be remembered is in the dictionary `state`. There `"t"` is the number of steps done **so far**, so the number of this step is one more; `"m"` and `"v"` are $m$ and $v$ **before** bias correction.
#
# Leave `p`, `g` and `state` as they are, and return the new parameters and a new dictionary, in this order. The shape of `p` may be any, a single number included.

# %% answer e5-2 covers="F6 M14"
def adam_step(p, g, state: dict, lr: float, b1=0.9, b2=0.999, eps=1e-8) -> tuple:
    """One step of Adam, p - lr m_hat / (sqrt(v_hat) + eps).

    Args:
        p: the parameters, an array of any shape or a float; left unchanged.
        g: the gradient, like p; left unchanged.
        state: "t" (steps done, an int), "m" and "v" (like p, not corrected); left unchanged.
        lr: the learning rate.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squared gradients.
        eps: added to the root, outside of it.

    Returns:
        The new parameters, and the new state with the same keys.

    Example:
        adam_step(1.0, 2.0, {"t": 0, "m": 0.0, "v": 0.0}, 0.1)
        -> (0.9, {"t": 1, "m": 0.2, "v": 0.004})
    """
    ### BEGIN SOLUTION
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}
    ### END SOLUTION


# %% [markdown] checked="f521d01acd0d" key="e5-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 첫 걸음에서 `state["t"]`는 0입니다. 이때 $1 - \beta_1^t$의 $t$는 얼마여야 합니까?
# 2. $\hat m_t / \sqrt{\hat v_t}$에 쓰는 것은 보정한 값, `state`에 담는 것은 보정하지 않은 값입니다.
# 3. 위의 예에서 둘째 걸음 뒤의 매개변수는 0.8068, $m$은 0.28, $v$는 0.004996입니다.
#
# </details>

# %% [markdown] key="e5-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. In the first step `state["t"]` is 0. What must $t$ be in $1 - \beta_1^t$?
# 2. The corrected values go into $\hat m_t / \sqrt{\hat v_t}$, the others into `state`.
# 3. In the example above, after the second step the parameter is 0.8068, $m$ is 0.28 and $v$ is 0.004996.
#
# </details>

# %% test e5-2-values 1.5
# The new parameters: first steps, and steps in the middle of a run.
first = {"t": 0, "m": np.array([0.0]), "v": np.array([0.0])}
np.testing.assert_allclose(adam_step(np.array([1.0]), np.array([2.0]), first, 0.1)[0], [0.9])
second = {"t": 1, "m": np.array([0.2]), "v": np.array([0.004])}
found = adam_step(np.array([0.9]), np.array([1.0]), second, 0.1)[0]
np.testing.assert_allclose(found, [0.8068], atol=1e-4)

# %% test e5-2-state 0.5
# The new state: one more step, and the means before bias correction.
second = {"t": 1, "m": np.array([0.2]), "v": np.array([0.004])}
found = adam_step(np.array([0.9]), np.array([1.0]), second, 0.1)[1]
assert found["t"] == 2, "this was the second step"
np.testing.assert_allclose(found["m"], [0.28], rtol=1e-4)
np.testing.assert_allclose(found["v"], [0.004996], rtol=1e-4)

# %% test e5-2-eps 0.5
# Where eps stands, gradients of 1e-10, and gradients of 0.
first = {"t": 0, "m": np.array([0.0]), "v": np.array([0.0])}
found = adam_step(np.array([0.0]), np.array([0.5]), first, 0.1, eps=0.1)[0]
np.testing.assert_allclose(found, [-0.0833], atol=1e-4)

# %% test e5-2-scales 0.5
# A gradient of 0.001 or 1000: the same step.
first = {"t": 0, "m": np.zeros(2), "v": np.zeros(2)}
found = adam_step(np.zeros(2), np.array([1e-3, -1e3]), first, 0.1)[0]
np.testing.assert_allclose(found, [-0.1, 0.1], rtol=1e-2)

# %% test e5-2-shapes 0.5
# Vectors, matrices, and a single number as a float or as an array without axes.
first = {"t": 0, "m": np.zeros((2, 3)), "v": np.zeros((2, 3))}
assert np.shape(adam_step(np.ones((2, 3)), np.ones((2, 3)), first, 0.1)[0]) == (2, 3), "like p"
assert abs(adam_step(1.0, 2.0, {"t": 0, "m": 0.0, "v": 0.0}, 0.1)[0] - 0.9) < 1e-4, "a float"

# %% test e5-2-inputs 0.5 alone
# The parameters, the gradient and the state stay as they were.
p, first = np.array([1.0]), {"t": 0, "m": np.array([0.0]), "v": np.array([0.0])}
adam_step(p, np.array([2.0]), first, 0.1)
assert p[0] == 1.0, "p stays as it was"
assert (first["t"], first["m"][0], first["v"][0]) == (0, 0.0, 0.0), "the state stays as it was"


# %% [markdown] checked="06ba65c51add" key="e5-2-note" lang="ko"
# 앞의 검사 가운데 하나는 이 공식의 성격을 말해 줍니다. 그래디언트가 늘 같으면 그 크기가 0.001이든 1000이든 걸음의 길이는 $\eta$이고, 남는 것은 부호뿐입니다. Adam이 나누는 것은 **그래디언트의 크기**입니다. 곡률은 이 식 어디에도 나오지 않습니다.

# %% [markdown] key="e5-2-note" lang="en"
# One of the checks above tells what kind of formula this is. If the gradient is always the same, the step is $\eta$ whether its size is 0.001 or 1000, and only the sign is left. What Adam divides by is **the size of the gradient**. Curvature appears nowhere in the formula.

# %% [markdown] checked="6f2623a04321" key="e5-3" lang="ko"
# ### E5.3 `first_step_ratio`, `ema_bias`
# 난이도 2/5 · 중요도 4/5 · 6분 · 2점 · 손으로
#
# Adam의 식을 편향 보정 없이 적은 글이 많습니다. 보정을 빼면 무엇이 달라지는지 두 함수로 재 봅니다.
#
# `ema_bias`: 0에서 출발한 지수 이동 평균에 늘 같은 수 $c$를 넣습니다. $t$걸음 뒤의 평균은 $c$의 몇 배입니까? 이 배수가 보정에서 나누는 수입니다.
#
# `first_step_ratio`: 보정하지 않은 첫 걸음의 길이는 보정한 첫 걸음의 몇 배입니까? $\epsilon$은 0으로 두십시오. 답은 그래디언트와 상관없이 $\beta_1$과 $\beta_2$만으로 정해집니다.

# %% [markdown] key="e5-3" lang="en"
# ### E5.3 `first_step_ratio`, `ema_bias`
# difficulty 2/5 · importance 4/5 · 6 minutes · 2 points · by hand
#
# Many texts write Adam without the bias correction. Measure with a pair of functions what changes if it is left out.
#
# `ema_bias`: feed the same number $c$ again and again to an exponential moving average that starts at 0. After $t$ steps, which multiple of $c$ is the average? That multiple is what the correction divides by.
#
# `first_step_ratio`: how many times as long as the corrected first step is the first step without correction? Take $\epsilon$ as 0. The answer does not depend on the gradient, only on $\beta_1$ and $\beta_2$.

# %% answer e5-3-bias-solution covers="F6 M12"
def ema_bias(beta: float, t: int) -> float:
    """The share of a constant that an exponential moving average from 0 has reached.

    Args:
        beta: the decay, 0 <= beta < 1.
        t: number of steps done, 0 or more.

    Returns:
        The share, from 0 to 1.

    Example:
        ema_bias(0.5, 2) -> 0.75
    """
    ### BEGIN SOLUTION
    return 1 - beta**t
    ### END SOLUTION


# %% test e5-3-bias-values 0.5
# The share after some steps, for slow and fast averages.
assert abs(ema_bias(0.9, 2) - 0.19) < 1e-6, "the average is 0.1 c after one step, then 0.19 c"

# %% test e5-3-bias-extremes 0.5 alone
# No step yet, a million steps, and an average that forgets at once.

# %% answer e5-3-ratio-solution
def first_step_ratio(b1: float, b2: float) -> float:
    """Length of Adam's first step without bias correction, divided by that with it.

    Args:
        b1: decay of the mean of gradients, 0 <= b1 < 1.
        b2: decay of the mean of squared gradients, 0 <= b2 < 1.

    Returns:
        The ratio for eps = 0.

    Example:
        first_step_ratio(0.5, 0.75) -> 1.0
    """
    ### BEGIN SOLUTION
    return (1 - b1) / math.sqrt(1 - b2)
    ### END SOLUTION


# %% [markdown] checked="b48df72ce9ce" key="e5-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 편향을 보정한 첫 걸음의 길이는 그래디언트가 무엇이든 $\eta$입니다. 왜 그렇습니까?
# 2. 보정하지 않으면 $m_1 = (1 - \beta_1) g$이고 $v_1 = (1 - \beta_2) g^2$입니다.
# 3. 두 값이 0.9와 0.999이면 첫 걸음의 길이가 3.162배가 됩니다.
#
# </details>

# %% [markdown] key="e5-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. The corrected first step has the length $\eta$ whatever the gradient. Why?
# 2. Without correction, $m_1 = (1 - \beta_1) g$ and $v_1 = (1 - \beta_2) g^2$.
# 3. With the values 0.9 and 0.999, the first step is 3.162 times as long.
#
# </details>

# %% test e5-3-ratio 1.0 alone
# The usual pair of decays, and others: too long, too short, and just right.
assert abs(first_step_ratio(0.9, 0.999) - 3.162) < 1e-3, "more than 3 times too long"

# %% key="e5-3-plot"
times = np.unique(np.logspace(0, 4, 200).astype(int))
shares = {beta: np.array([ema_bias(beta, int(t)) for t in times]) for beta in (0.9, 0.999)}
figure, panels = plt.subplots(1, 2, figsize=(10, 3.6))
for (beta, share), style in zip(shares.items(), ["-", "--"]):
    panels[0].semilogx(times, share, style, color="black", label=rf"$\beta$ = {beta}")
panels[0].set(xlabel="$t$", ylabel=r"$m_t / c$", title="average of a constant")
panels[0].legend()
panels[1].semilogx(times, shares[0.9] / np.sqrt(shares[0.999]), color="black")
panels[1].plot(1, first_step_ratio(0.9, 0.999), "o", color="black")
panels[1].axhline(1, ls=":", color="grey")
panels[1].set(xlabel="$t$", ylabel="times too long", ylim=(0, 7), title="steps without correction")
figure.tight_layout()


# %% [markdown] checked="4ea46b1ef8ee" key="e5-3-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 늘 같은 수를 넣은 두 지수 이동 평균입니다. 0.9는 수십 걸음이면 따라잡지만 0.999는 수천 걸음이 걸립니다. 오른쪽은 그래디언트가 일정할 때 보정하지 않은 걸음이 몇 배나 긴지 보여 줍니다. 점으로 찍은 첫 걸음은 3.162배입니다. 그 뒤로 더 나빠져 12번째 걸음에서 6.57배까지 올랐다가, 천 걸음이 지나도 1보다 큽니다. $m$은 빨리 자라는데 $v$는 느리게 자라기 때문입니다.

# %% [markdown] key="e5-3-see" lang="en"
# **What to see.** On the left, a pair of exponential moving averages of a constant: 0.9 catches up within tens of steps, 0.999 takes thousands. On the right, how many times too long a step is without correction if the gradient is constant. The dot is the first step, 3.162 times. Then it gets worse, up to 6.57 times at step 12, and after a thousand steps it is still above 1: $m$ grows fast, $v$ slowly.

# %% [markdown] checked="2ea5e97ac2e2" key="e5-4" lang="ko"
# ### E5.4 `run_adam`
# 난이도 2/5 · 중요도 4/5 · 10분 · 2점 · 손으로
#
# 이제 걸음을 이어 붙입니다. 걸음마다 **지금 있는 점**에서 그래디언트를 구하고 Adam으로 한 걸음 갑니다. $m$, $v$, $t$는 다음 걸음으로 넘겨줍니다. 경로의 모양은 `gd_path`와 같습니다.
#
# 여러분의 `adam_step`을 불러도 됩니다. 다만 그 함수가 틀렸다면 여기에서도 점수를 잃습니다. 여러분의 경로는 200걸음 동안 `torch.optim.Adam`의 경로와 같아야 합니다.

# %% [markdown] key="e5-4" lang="en"
# ### E5.4 `run_adam`
# difficulty 2/5 · importance 4/5 · 10 minutes · 2 points · by hand
#
# Now join the steps. Each time, take the gradient **at the current point** and make one step of Adam. From step to step, $m$, $v$ and $t$ are carried on. The path has the shape of that of `gd_path`.
#
# You may call your `adam_step`; a mistake in it then costs points here too. Your path must equal that of `torch.optim.Adam` for 200 steps.

# %% answer e5-4 covers="CB12"
def run_adam(grad, x0: np.ndarray, lr: float, steps: int, b1=0.9, b2=0.999, eps=1e-8) -> np.ndarray:
    """The points that Adam visits.

    Args:
        grad: the gradient, a function from shape (n,) to shape (n,).
        x0: the start, floats of shape (n,); left unchanged.
        lr: the learning rate.
        steps: number of steps, 0 or more.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squared gradients.
        eps: added to the root, outside of it.

    Returns:
        The path, shape (steps + 1, n); row 0 is x0.

    Example:
        run_adam(lambda x: 2 * x, np.array([5.0]), 0.1, 1) -> [[5], [4.9]]
    """
    ### BEGIN SOLUTION
    path, m, v = [np.array(x0)], np.zeros(len(x0)), np.zeros(len(x0))
    for t in range(1, steps + 1):
        g = np.asarray(grad(path[-1]))
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(path[-1] - lr * step)
    return np.stack(path)
    ### END SOLUTION


# %% [markdown] checked="a51a8812c5c9" key="e5-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $m$과 $v$를 0으로 만드는 줄은 반복문의 안에 있어야 합니까, 밖에 있어야 합니까?
# 2. 경로의 행 $t$는 행 $t - 1$의 점에서 구한 그래디언트로 정해집니다.
# 3. $f(x) = x^2$, 출발점 5, 학습률 0.1이면 두 걸음 뒤의 점은 4.8001입니다.
#
# </details>

# %% [markdown] key="e5-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Does the line that sets $m$ and $v$ to 0 belong inside the loop or outside?
# 2. Row $t$ of the path follows from the gradient at the point in row $t - 1$.
# 3. For $f(x) = x^2$, the start 5 and the learning rate 0.1, the point after the second step is 4.8001.
#
# </details>

# %% test e5-4-shape 0.5
# One row for each point, the start included.
path = run_adam(bowl_gradient, np.array([1.0, 1.0]), 0.1, 3)
assert np.shape(path) == (4, 2), "3 steps visit 4 points"

# %% test e5-4-values 1.0
# 200 steps on several functions, with several settings.
end = np.asarray(run_adam(bowl_gradient, np.array([1.0, 1.0]), 0.1, 100))[-1]
np.testing.assert_allclose(end, [0.0029, 0.0029], atol=1e-4)
assert abs(bowl(end) - 0.00087) < 1e-5, "the loss at the end is 0.00087"

# %% test e5-4-inputs 0.5 alone
# The start stays as it was, and is all that a run of no steps visits.
start = np.array([1.0, 1.0])
run_adam(bowl_gradient, start, 0.1, 3)
np.testing.assert_array_equal(start, [1.0, 1.0])

# %% key="e5-4-plot"
start = np.array([1.0, 1.0])
paths = {
    "GD, lr = 0.005": gd_path(bowl_gradient, start, 0.005, 100),
    "Adam, lr = 0.1": run_adam(bowl_gradient, start, 0.1, 100),
}
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8))
contours(panels[0], bowl, (-0.4, 1.1), (-0.4, 1.1))
for (name, path), style, color in zip(paths.items(), ["s--", "o-"], ["grey", "black"]):
    draw_path(panels[0], path, style, color, name)
    losses = [bowl(point) for point in np.asarray(path)]
    panels[1].semilogy(losses, style[1:], color=color, label=name)
panels[0].legend()
panels[1].set(xlabel="step", ylabel="loss")
figure.tight_layout()


# %% [markdown] checked="fe4ec041b234" key="e5-4-see" lang="ko"
# **그림에서 볼 것.** 같은 그릇에서 두 경로와 손실을 그렸습니다. Adam은 대각선을 따라 곧장 내려가고, $x$와 $y$가 함께 0을 지나쳤다가 돌아옵니다. 100배 가파른 방향과 완만한 방향을 똑같이 걷는 것입니다. 튀는 쪽은 오히려 Adam입니다. 경사하강법은 $x$를 한 걸음에 지우고 $y$를 따라 기어갑니다. 100걸음 뒤의 손실은 Adam이 0.00087, 경사하강법이 0.134입니다. 그런데 두 학습률은 20배 다릅니다. 이 승부가 공정했습니까? 잠시 뒤에 따져 봅니다.

# %% [markdown] key="e5-4-see" lang="en"
# **What to see.** Both paths and losses on the same bowl. Adam comes straight down the diagonal, and $x$ and $y$ overshoot 0 together and return: it walks a direction that is 100 times as steep exactly like the flat one. If anything bounces here, it is Adam. Gradient descent wipes out $x$ in a single step and crawls along $y$. The losses after 100 steps are 0.00087 for Adam and 0.134 for gradient descent. But the learning rates differ by a factor of 20. Was this race fair? You examine it in a moment.

# %% [markdown] checked="e71ab491e836" key="decay" lang="ko"
# ## 가중치 감쇠
#
# 매개변수가 커지지 않도록 걸음마다 0 쪽으로 조금씩 당기는 것이 **가중치 감쇠**(weight decay)입니다. 세기를 $\omega$, 코드에서는 `wd`라고 합시다. 두 가지 방법이 있습니다.
#
# - **결합형**(coupled): 손실에 $\tfrac{\omega}{2} \|p\|^2$을 더합니다. 그래디언트가 $g + \omega p$로 바뀌고, 이것이 $m$과 $v$로 들어갑니다.
# - **분리형**(decoupled): 그래디언트는 그대로 두고, 매개변수에 $1 - \eta\omega$를 곱합니다. 이것이 AdamW입니다.
#
# 경사하강법에서는 둘이 같습니다. $p - \eta (g + \omega p) = (1 - \eta\omega) p - \eta g$이기 때문입니다. Adam에서는 다릅니다. 결합형의 $\omega p$는 $\sqrt{\hat v}$로 나뉘므로, 그래디언트가 큰 매개변수는 거의 감쇠하지 않습니다.
#
# $p = 1$, $g = 10$, $\eta = 0.1$, $\omega = 1$로 첫 걸음을 계산해 봅니다. 결합형에서는 $g + \omega p = 11$이지만 첫 걸음의 길이는 언제나 $\eta$이므로 $p$는 0.9입니다. 감쇠가 없을 때와 똑같습니다. 분리형에서는 0.9로 줄인 다음 0.1만큼 걸으면 0.8이고, 먼저 걷고 나서 줄이면 0.81입니다.

# %% [markdown] key="decay" lang="en"
# ## Weight decay
#
# **Weight decay** pulls the parameters a little towards 0 in each step, so that they do not grow. Call its strength $\omega$, `wd` in code. There are two ways to do it.
#
# - **Coupled**: add $\tfrac{\omega}{2} \|p\|^2$ to the loss. The gradient becomes $g + \omega p$, and this enters $m$ and $v$.
# - **Decoupled**: leave the gradient as it is, and multiply the parameters by $1 - \eta\omega$. This is AdamW.
#
# For gradient descent both are the same, because $p - \eta (g + \omega p) = (1 - \eta\omega) p - \eta g$. For Adam they differ: the $\omega p$ of the coupled form is divided by $\sqrt{\hat v}$, so that a parameter with large gradients hardly decays.
#
# Compute a first step with $p = 1$, $g = 10$, $\eta = 0.1$, $\omega = 1$. In the coupled form $g + \omega p = 11$, but the length of a first step is always $\eta$, so $p$ becomes 0.9, exactly as without any decay. In the decoupled form, shrink to 0.9 and walk by 0.1 to arrive at 0.8, or walk first and shrink then, which gives 0.81.

# %% [markdown] checked="64db1cfeb136" key="e5-5" lang="ko"
# ### E5.5 `adam_l2_step`, `adamw_step`
# 난이도 3/5 · 중요도 4/5 · 10분 · 2점 · 손으로
#
# 결합형 `adam_l2_step`과 분리형 `adamw_step`의 한 걸음을 씁니다. 인자와 결과는 `adam_step`과 같고 `wd`가 더 있습니다. 분리형의 감쇠는 Adam의 걸음 앞에 두어도 되고 뒤에 두어도 됩니다. 이번에도 `adam_step`을 불러도 됩니다.

# %% [markdown] key="e5-5" lang="en"
# ### E5.5 `adam_l2_step`, `adamw_step`
# difficulty 3/5 · importance 4/5 · 10 minutes · 2 points · by hand
#
# Write one step of the coupled form, `adam_l2_step`, and of the decoupled form, `adamw_step`. Arguments and results are those of `adam_step`, with `wd` in addition. In the decoupled form, the decay may come before the step of Adam or after it. Again you may call `adam_step`.

# %% answer e5-5-l2-solution
def adam_l2_step(p, g, state: dict, lr: float, wd: float, b1=0.9, b2=0.999, eps=1e-8) -> tuple:
    """One step of Adam on the loss plus wd/2 times the sum of squares of p.

    Args:
        p: the parameters, an array of any shape or a float; left unchanged.
        g: the gradient of the loss alone, like p; left unchanged.
        state: "t" (steps done), "m" and "v" (like p, not corrected); left unchanged.
        lr: the learning rate.
        wd: strength of the weight decay, 0 or more; lr * wd may exceed 1.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squared gradients.
        eps: added to the root, outside of it.

    Returns:
        The new parameters, and the new state with the same keys.

    Example:
        adam_l2_step(1.0, 10.0, {"t": 0, "m": 0.0, "v": 0.0}, 0.1, 1.0)[0] -> 0.9
    """
    ### BEGIN SOLUTION
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return p - lr * step, {"t": t, "m": m, "v": v}
    ### END SOLUTION


# %% test e5-5-l2-run 0.5
# 50 steps in a row, with decays from weak to strong.
first = {"t": 0, "m": np.zeros(2), "v": np.zeros(2)}
p, second = adam_l2_step(np.array([1.0, -1.0]), np.array([10.0, 0.5]), first, 0.1, 1.0)
np.testing.assert_allclose(p, [0.9, -0.9], rtol=1e-4)
np.testing.assert_allclose(second["m"], [1.1, -0.05], rtol=1e-4)

# %% test e5-5-l2-inputs 0.5 alone
# One step in the middle of a run, of any shape; the arguments stay as they were.
first = {"t": 0, "m": 0.0, "v": 0.0}
assert abs(adam_l2_step(1.0, 10.0, first, 0.1, 1.0)[0] - 0.9) < 1e-4, "a step of length lr"


# %% answer e5-5-w-solution
def adamw_step(p, g, state: dict, lr: float, wd: float, b1=0.9, b2=0.999, eps=1e-8) -> tuple:
    """One step of Adam, and a decay of p by the factor 1 - lr wd before or after it.

    Args:
        p: the parameters, an array of any shape or a float; left unchanged.
        g: the gradient, like p; left unchanged.
        state: "t" (steps done), "m" and "v" (like p, not corrected); left unchanged.
        lr: the learning rate.
        wd: strength of the weight decay, 0 or more; lr * wd may exceed 1.
        b1: decay of the mean of gradients.
        b2: decay of the mean of squared gradients.
        eps: added to the root, outside of it.

    Returns:
        The new parameters, and the new state with the same keys.

    Example:
        adamw_step(1.0, 10.0, {"t": 0, "m": 0.0, "v": 0.0}, 0.1, 1.0)[0] -> 0.8, or 0.81
    """
    ### BEGIN SOLUTION
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return (1 - lr * wd) * p - lr * step, {"t": t, "m": m, "v": v}
    ### END SOLUTION


# %% [markdown] checked="e72ecab05125" key="e5-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 분리형에서 $\omega p$는 $m$이나 $v$에 들어갑니까?
# 2. $p_t = (1 - \eta\omega)\, p_{t-1} - \eta\, \hat m_t / (\sqrt{\hat v_t} + \epsilon)$
# 3. 첫 걸음, $p = 1$, $g = -10$, $\eta = 0.1$, $\omega = 0.5$이면 결합형은 1.1이고 분리형은 1.05이거나 1.045입니다.
#
# </details>

# %% [markdown] key="e5-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. In the decoupled form, does $\omega p$ enter $m$ or $v$?
# 2. $p_t = (1 - \eta\omega)\, p_{t-1} - \eta\, \hat m_t / (\sqrt{\hat v_t} + \epsilon)$
# 3. For a first step with $p = 1$, $g = -10$, $\eta = 0.1$, $\omega = 0.5$, the coupled form gives 1.1, the decoupled one 1.05 or 1.045.
#
# </details>

# %% test e5-5-w-run 0.5
# 50 steps in a row, with decays from weak to strong.
first = {"t": 0, "m": np.zeros(1), "v": np.zeros(1)}
p, second = adamw_step(np.array([1.0]), np.array([10.0]), first, 0.1, 1.0)
assert min(abs(p - 0.8), abs(p - 0.81)) < 1e-4, "0.8 or 0.81"
np.testing.assert_allclose(second["m"], [1.0], rtol=1e-4)

# %% test e5-5-w-inputs 0.5 alone
# One step in the middle of a run, of any shape; the arguments stay as they were.
found = adamw_step(1.0, 10.0, {"t": 0, "m": 0.0, "v": 0.0}, 0.1, 1.0)[0]
assert min(abs(found - 0.8), abs(found - 0.81)) < 1e-4, "0.8 or 0.81"

# %% key="e5-5-plot"
noise = np.random.default_rng(0).normal(size=(300, 2)) * [10.0, 0.1]
figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for axes, step in zip(panels, [adam_l2_step, adamw_step]):
    p, state = np.ones(2), {"t": 0, "m": np.zeros(2), "v": np.zeros(2)}
    path = [p]
    for g in noise:
        p, state = step(p, g, state, 0.01, 1.0)
        path.append(p)
    axes.plot(np.array(path)[:, 0], "-", color="grey", label="gradients near 10")
    axes.plot(np.array(path)[:, 1], "-", color="black", label="gradients near 0.1")
    axes.plot(0.99 ** np.arange(301), ":", color="black", label=r"$(1 - \eta\omega)^t$")
    axes.set(xlabel="step", ylabel="$p$", title=step.__name__)
panels[0].legend()
figure.tight_layout()


# %% [markdown] checked="aa07bbbff392" key="e5-5-see" lang="ko"
# **그림에서 볼 것.** 두 매개변수가 1에서 출발합니다. 그래디언트는 평균이 0인 잡음이고, 회색은 크기가 10, 검은색은 0.1 정도입니다. 학습률은 0.01, 감쇠의 세기는 1입니다. 왼쪽의 결합형에서는 잡음이 작은 쪽만 빠르게 사라지고 큰 쪽은 거의 감쇠하지 않습니다. 오른쪽의 분리형에서는 둘 다 점선 $(1 - \eta\omega)^t$를 따라갑니다. 감쇠의 세기가 이제 그래디언트의 크기에 좌우되지 않습니다.

# %% [markdown] key="e5-5-see" lang="en"
# **What to see.** A pair of parameters starts at 1. Their gradients are noise of mean 0, of a size near 10 (grey) and near 0.1 (black); the learning rate is 0.01 and the strength of the decay 1. In the coupled form on the left only the parameter with little noise vanishes quickly; the other hardly decays. In the decoupled form on the right both follow the dotted line $(1 - \eta\omega)^t$: the strength of the decay no longer depends on the size of the gradient.

# %% [markdown] checked="0397fb440b73" key="race" lang="ko"
# ## 공정한 경주
#
# 앞의 그림에서 Adam은 손실 0.00087로, 경사하강법은 0.134로 끝났습니다. 그런데 학습률이 0.1과 0.005였습니다. 같은 그릇에서 100걸음을 걷되 학습률만 바꾸면 결과가 이렇게 달라집니다.
#
# | 학습률 | 경사하강법의 손실 | Adam의 손실 |
# |---|---|---|
# | 0.005 | 0.134 | 30.5 |
# | 0.0095 | 0.0216 | 6.33 |
# | 0.1 | $5.6 \cdot 10^{257}$ | 0.00087 |
#
# 학습률을 같게 맞추어도 공정하지 않습니다. 경사하강법의 학습률은 그래디언트에 곱하는 수이고, Adam의 학습률은 대략 한 걸음의 길이입니다. 서로 다른 양이므로 수를 같게 해도 조건이 같아지지 않습니다. **공정한 비교**(fair comparison)라면 방법마다 가장 좋은 학습률부터 찾아야 합니다.

# %% [markdown] key="race" lang="en"
# ## A fair race
#
# In the picture above Adam ended at the loss 0.00087 and gradient descent at 0.134. But the learning rates were 0.1 and 0.005. Walk 100 steps on this bowl, change nothing but the learning rate, and the result varies like this.
#
# | learning rate | loss of gradient descent | loss of Adam |
# |---|---|---|
# | 0.005 | 0.134 | 30.5 |
# | 0.0095 | 0.0216 | 6.33 |
# | 0.1 | $5.6 \cdot 10^{257}$ | 0.00087 |
#
# Giving both the same learning rate is not fair either. The learning rate of gradient descent is a factor of the gradient; that of Adam is roughly the length of a step. They are different quantities, and equal numbers do not make equal conditions. A **fair comparison** first finds the best learning rate of each method.

# %% [markdown] checked="2287fc32d0aa" key="e5-6" lang="ko"
# ### E5.6 `fair_race`
# 난이도 3/5 · 중요도 4/5 · 10분 · 2점 · 손으로
#
# 후보 학습률 `lr_grid`를 하나씩 써서 경사하강법과 Adam을 각각 `x0`에서 `steps`걸음 달리게 합니다. 방법마다 **마지막** 손실이 가장 작은 학습률과 그 손실을 돌려주십시오. Adam의 나머지 설정은 $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$입니다.
#
# 학습률이 너무 크면 손실이 `inf`나 `nan`이 됩니다. 그런 학습률은 언제나 집니다. `nan`과의 비교는 모두 거짓이므로 `min`이나 `np.argmin`에 그대로 맡기면 안 됩니다.
#
# 함수 `f`는 점을 받아 손실과 그래디언트의 튜플을 돌려줍니다. 여러분의 `gd_path`와 `run_adam`을 불러도 됩니다. 다만 그 함수가 틀렸다면 여기에서도 점수를 잃습니다.

# %% [markdown] key="e5-6" lang="en"
# ### E5.6 `fair_race`
# difficulty 3/5 · importance 4/5 · 10 minutes · 2 points · by hand
#
# Take the candidates of `lr_grid` one by one and let gradient descent and Adam each walk `steps` steps from `x0`. For each method, return the learning rate with the smallest **final** loss, and that loss. The other settings of Adam are $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$.
#
# If the learning rate is too large, the loss becomes `inf` or `nan`. Such a learning rate always loses. Every comparison with `nan` is false, so this cannot be left to `min` or `np.argmin` alone.
#
# The function `f` takes a point and returns a tuple of the loss and the gradient. You may call your `gd_path` and `run_adam`; a mistake in them then costs points here too.

# %% answer e5-6 covers="CB12 M15"
def fair_race(f, x0: np.ndarray, steps: int, lr_grid: np.ndarray) -> dict:
    """The best learning rate and the final loss of gradient descent and of Adam.

    Args:
        f: the loss and its gradient, a function from shape (n,) to (float, shape (n,)).
        x0: the start, floats of shape (n,); left unchanged.
        steps: number of steps.
        lr_grid: learning rates to try, shape (k,), in any order; left unchanged.

    Returns:
        {"gd": (best_lr, final_loss), "adam": (best_lr, final_loss)}; inf and nan never win;
        where nothing else is left, the loss is inf.

    Example:
        fair_race(lambda x: (x @ x, 2 * x), np.array([4.0]), 1, np.array([0.1, 0.5]))
        -> {"gd": (0.5, 0.0), "adam": (0.5, 12.25)}
    """
    ### BEGIN SOLUTION
    def final_loss(method, lr):
        x, m, v = np.array(x0), 0.0, 0.0
        for t in range(1, steps + 1):
            step = np.asarray(f(x)[1])
            if method == "adam":
                m, v = 0.9 * m + 0.1 * step, 0.999 * v + 0.001 * step**2
                step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            x = x - lr * step
        loss = float(f(x)[0])
        return loss if np.isfinite(loss) else np.inf

    with np.errstate(all="ignore"):
        losses = {m: [(final_loss(m, lr), float(lr)) for lr in lr_grid] for m in ("gd", "adam")}
    return {method: min(pairs)[::-1] for method, pairs in losses.items()}
    ### END SOLUTION


# %% [markdown] checked="bbaacfcb6c42" key="e5-6-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 학습률을 바꿀 때마다 출발점으로 돌아가고, $m$, $v$, $t$도 처음부터 다시 시작합니까?
# 2. 손실 $\ell$이 유한하지 않으면 $\infty$로 바꾼 다음 가장 작은 것을 고릅니다.
# 3. 그릇 $100 x^2 + y^2$, 출발점 $(1, 1)$, 100걸음, 후보 0.002, 0.005, 0.0095, 0.1이면 경사하강법은 0.0095에서 0.0216, Adam은 0.1에서 0.00087입니다.
#
# </details>

# %% [markdown] key="e5-6-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. With each new learning rate, do the start, $m$, $v$ and $t$ begin anew?
# 2. Turn a loss $\ell$ that is not finite into $\infty$; then choose the smallest.
# 3. For the bowl $100 x^2 + y^2$, the start $(1, 1)$, 100 steps and the candidates 0.002, 0.005, 0.0095, 0.1, gradient descent has 0.0216 at 0.0095, and Adam 0.00087 at 0.1.
#
# </details>

# %% test e5-6-values 1.0
# The best learning rate of each method and its final loss, on several functions.
both = lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x)))
race = fair_race(both, np.array([1.0, 1.0]), 100, np.array([0.002, 0.005, 0.0095, 0.1]))
np.testing.assert_allclose(race["gd"], [0.0095, 0.0216], rtol=0.01)
np.testing.assert_allclose(race["adam"], [0.1, 0.000871], rtol=0.01)

# %% test e5-6-diverging 0.5
# A learning rate that ends at inf or nan loses, wherever it stands.
both = lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x)))
with np.errstate(all="ignore"):
    race = fair_race(both, np.array([1.0, 1.0]), 100, np.array([10.0, 0.002, 0.005]))
np.testing.assert_allclose(race["gd"], [0.005, 0.134], rtol=0.01)

# %% test e5-6-inputs 0.5 alone
# The start and the candidates stay as they were.
start, rates = np.array([1.0, 1.0]), np.array([0.005, 0.002])
fair_race(lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x))), start, 3, rates)
np.testing.assert_array_equal(start, [1.0, 1.0])
np.testing.assert_array_equal(rates, [0.005, 0.002])


# %% key="e5-6-plot"
def bowl_pair(x):
    x = np.asarray(x)
    return bowl(x), bowl_gradient(x)


rates, start = np.logspace(-3.5, 1, 55), np.array([1.0, 1.0])
with np.errstate(all="ignore"):
    races = [fair_race(bowl_pair, start, 100, np.array([lr])) for lr in rates]
    best = fair_race(bowl_pair, start, 100, rates)
figure, axes = plt.subplots(figsize=(8, 3.8))
for method, style, color in [("gd", "s--", "grey"), ("adam", "o-", "black")]:
    axes.loglog(rates, [race[method][1] for race in races], style, color=color, ms=3, label=method)
    axes.plot(*best[method], "*", color=color, ms=15)
for lr in (0.005, 0.1):
    axes.axvline(lr, ls=":", color="grey")
axes.set(xlabel="learning rate", ylabel="loss after 100 steps", ylim=(1e-6, 1e3))
axes.legend()
figure.tight_layout()


# %% [markdown] checked="75ac4dd6de5a" key="e5-6-see" lang="ko"
# **그림에서 볼 것.** 그릇 위에서 100걸음을 걸은 뒤의 손실을 학습률에 따라 그렸습니다. 별은 방법마다 가장 좋은 것이고, 점선은 앞의 경주에서 쓴 두 학습률 0.005와 0.1입니다. 경사하강법의 곡선은 0.01에서 절벽이 되어 끝납니다. Adam은 넓은 범위에서 쓸 만하고, 가장 좋은 학습률끼리 견주어도 이깁니다. 그렇다면 결론은 그대로입니까? 이 그릇의 골짜기는 좌표축을 따라 놓여 있습니다. 다음 절에서 그릇을 돌려 봅니다.

# %% [markdown] key="e5-6-see" lang="en"
# **What to see.** The loss after 100 steps on the bowl, drawn over the learning rate. The stars are the best of each method, the dotted lines the learning rates 0.005 and 0.1 of the race above. The curve of gradient descent ends in a cliff at 0.01. Adam does well over a wide range, and it also wins when both take their best. So does the verdict stand? The valley of this bowl lies along an axis. The next section turns the bowl.

# %% [markdown] checked="4d04fa87e384" key="rotation" lang="ko"
# ## 좌표축을 돌리면
#
# 손실의 지형에는 좌표축이 그려져 있지 않습니다. 직교행렬 $R$로 지형과 출발점을 함께 돌려 봅니다.
#
# $$f_R(x) = f(R^T x), \qquad \nabla f_R(x) = R\, \nabla f(R^T x)$$
#
# 출발점은 $R x_0$이 됩니다. 경사하강법의 경로는 그대로 따라 돕니다. 원래의 점이 $x_t$이면 돌린 문제의 점은 $R x_t$입니다. 다음 점이 $R x_t - \eta R\, \nabla f(x_t) = R x_{t+1}$이기 때문입니다. 손실은 걸음마다 똑같습니다. 이런 성질을 **회전 등변성**(rotation equivariance)이라고 합니다.
#
# Adam은 좌표마다 따로 나눕니다. 좌표가 섞이면 나누는 수도 달라지므로 경로가 따라 돌지 않습니다. 그 대신 Adam에게는 다른 대칭이 있습니다. $f(x) = c_1 \varphi_1(x_1) + c_2 \varphi_2(x_2)$에서 양수 $c_1$, $c_2$를 바꾸면 좌표마다 그래디언트에 상수가 곱해지지만, 그 상수는 $\hat m / \sqrt{\hat v}$에서 약분됩니다($\epsilon$이 0이면 정확히). 앞의 그릇에서 Adam의 $x$와 $y$가 똑같이 움직인 까닭입니다. 100배 가파른 방향을 알아본 것이 아니라 100이라는 수를 보지 못한 것입니다. 좌표의 눈금을 바꾸는 $x \to D x$에는 이런 대칭이 없습니다. 눈금이 달라져도 Adam은 여전히 길이가 $\eta$쯤 되는 걸음을 걷습니다.

# %% [markdown] key="rotation" lang="en"
# ## Turning the axes
#
# No axes are drawn on the landscape of a loss. Turn the landscape and the start together by an orthogonal matrix $R$.
#
# $$f_R(x) = f(R^T x), \qquad \nabla f_R(x) = R\, \nabla f(R^T x)$$
#
# The start becomes $R x_0$. The path of gradient descent turns along. If the original point is $x_t$, the point of the turned problem is $R x_t$, because the next one is $R x_t - \eta R\, \nabla f(x_t) = R x_{t+1}$. The losses are the same at every step. This property is **rotation equivariance**.
#
# Adam divides coordinate by coordinate. When the coordinates mix, so do the numbers to divide by, and the path does not turn along. Adam has another symmetry instead. Change the positive numbers $c_1$, $c_2$ in $f(x) = c_1 \varphi_1(x_1) + c_2 \varphi_2(x_2)$: each coordinate of the gradient is multiplied by a constant, which cancels in $\hat m / \sqrt{\hat v}$ (exactly if $\epsilon$ is 0). This is why $x$ and $y$ moved alike under Adam on the bowl above. It did not recognise the direction that is 100 times as steep: it never saw the number 100. A change of the scale of the coordinates, $x \to D x$, is no such symmetry: on any scale Adam takes steps of about the length $\eta$.

# %% [markdown] checked="3855dce829db" key="e5-7" lang="ko"
# ### E5.7 `rotate`, `steps_to_tol`
# 난이도 3/5 · 중요도 4/5 · 12분 · 2점 · 손으로
#
# `rotate`는 손실과 그래디언트를 함께 돌려주는 함수 `f`를 받아, 위의 식으로 돌린 **함수**를 돌려줍니다. 돌린 함수도 점을 받아 손실과 그래디언트의 튜플을 돌려줍니다. 출발점은 부르는 쪽에서 $R x_0$으로 돌립니다.
#
# `steps_to_tol`은 손실이 처음으로 `tol` 이하가 되는 걸음의 번호 $t$를 돌려줍니다. 출발점이 $t = 0$이고, `max_steps`번째 걸음 뒤까지 보아도 닿지 않으면 `None`입니다. 경사하강법이 발산하여 손실이 `nan`이 되어도 오류 없이 `None`을 돌려주어야 합니다. Adam의 설정은 E5.6과 같습니다.

# %% [markdown] key="e5-7" lang="en"
# ### E5.7 `rotate`, `steps_to_tol`
# difficulty 3/5 · importance 4/5 · 12 minutes · 2 points · by hand
#
# `rotate` takes a function `f` that returns loss and gradient together, and returns the **function** turned by the formula above. The turned function, too, takes a point and returns a tuple of loss and gradient. The start is turned to $R x_0$ by whoever calls.
#
# `steps_to_tol` returns the number $t$ of the step at which the loss is at most `tol` for the first time. The start is $t = 0$, and if the loss does not get there up to and including step `max_steps`, the answer is `None`. When gradient descent diverges and its loss becomes `nan`, the answer must be `None` without an error. The settings of Adam are those of E5.6.

# %% answer e5-7-rotate-solution covers="CB12 M15"
def rotate(f, R: np.ndarray):
    """The function f with its landscape turned by R.

    Args:
        f: the loss and its gradient, a function from shape (n,) to (float, shape (n,)).
        R: an orthogonal matrix, shape (n, n); left unchanged.

    Returns:
        A function of x, shape (n,), that returns the turned loss and its gradient.

    Example:
        turned = rotate(lambda x: (x[0], np.array([1.0, 0.0])), np.array([[0.0, -1.0], [1.0, 0.0]]))
        turned(np.array([5.0, 7.0])) -> (7.0, [0, 1])
    """
    ### BEGIN SOLUTION
    def turned(x):
        value, gradient = f(R.T @ np.asarray(x))
        return value, R @ np.asarray(gradient)

    return turned
    ### END SOLUTION


# %% test e5-7-rotate-values 0.5
# Loss and gradient of the turned function, in several dimensions.
quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
turned = rotate(lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x))), quarter)
value, gradient = turned(np.array([1.0, 2.0]))
assert abs(value - 401.0) < 1e-6, "a quarter turn makes y the steep direction"
np.testing.assert_allclose(gradient, [2.0, 400.0], atol=1e-6)

# %% test e5-7-rotate-twice 0.5 alone
# Two turns in a row, turning back, and several turned functions side by side.
quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
original = lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x)))
back = rotate(rotate(original, quarter), quarter.T)
assert abs(back(np.array([1.0, 2.0]))[0] - 104.0) < 1e-6, "turned back, the bowl is as before"


# %% answer e5-7-steps-solution
def steps_to_tol(opt: str, f, x0: np.ndarray, tol: float, lr: float, max_steps: int = 10000):
    """The first step at which the loss is at most tol.

    Args:
        opt: "gd" or "adam".
        f: the loss and its gradient, a function from shape (n,) to (float, shape (n,)).
        x0: the start, floats of shape (n,); left unchanged.
        tol: the loss to reach.
        lr: the learning rate.
        max_steps: number of the last step that counts.

    Returns:
        The number of the step, an int from 0 (the start) to max_steps, or None.

    Example:
        steps_to_tol("gd", lambda x: (x @ x, 2 * x), np.array([4.0]), 1.0, 0.25) -> 2
    """
    ### BEGIN SOLUTION
    x, m, v = np.array(x0), 0.0, 0.0
    for t in range(max_steps + 1):
        value, step = f(x)
        if not np.isfinite(value):
            return None
        if value <= tol:
            return t
        step = np.asarray(step)
        if opt == "adam":
            m, v = 0.9 * m + 0.1 * step, 0.999 * v + 0.001 * step**2
            step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * step
    return None
    ### END SOLUTION


# %% [markdown] checked="cb04b2ec7ce7" key="e5-7-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 손실이 `nan`일 때 `while value > tol`은 계속 돕니까, 멈춥니까?
# 2. $D f_R(x) = Df(R^T x)\, R^T$이므로 $\nabla f_R(x) = R\, \nabla f(R^T x)$입니다.
# 3. 그릇, 출발점 $(1, 1)$, `tol`이 0.01이면 경사하강법은 학습률 0.005로 230걸음, Adam은 학습률 0.1로 11걸음입니다. 출발점과 함께 45도 돌리면 각각 230걸음과 266걸음입니다.
#
# </details>

# %% [markdown] key="e5-7-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If the loss is `nan`, does `while value > tol` go on, or does it stop?
# 2. From $D f_R(x) = Df(R^T x)\, R^T$ follows $\nabla f_R(x) = R\, \nabla f(R^T x)$.
# 3. For the bowl, the start $(1, 1)$ and a `tol` of 0.01, gradient descent takes 230 steps at the learning rate 0.005, and Adam 11 steps at 0.1. Turned by 45 degrees together with the start, it is 230 and 266 steps.
#
# </details>

# %% test e5-7-steps-values 0.5
# The number of steps of both methods, on functions as they are, turned and scaled.
both = lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x)))
start = np.array([1.0, 1.0])
assert steps_to_tol("gd", both, start, 0.01, 0.005) == 230, "0.99 to the power of 460 is below 0.01"
assert steps_to_tol("adam", both, start, 0.01, 0.1) == 11, "Adam first passes below at step 11"

# %% test e5-7-steps-limits 0.5
# A start that is good enough, the last step that counts, and runs that never arrive.
both = lambda x: (bowl(np.asarray(x)), bowl_gradient(np.asarray(x)))
start = np.array([1.0, 1.0])
assert steps_to_tol("gd", both, start, 101.0, 0.005) == 0, "the loss of the start is 101"
assert steps_to_tol("gd", both, start, 0.01, 0.005, 229) is None, "230 steps are needed"


# %% key="e5-7-plot"
def momentum_path(gradient, x, lr, steps, b=0.9):
    path, m = [x], 0.0
    for _ in range(steps):
        m = b * m + gradient(path[-1])
        path.append(path[-1] - lr * m)
    return np.array(path)


R = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
walks = [
    (gd_path, 0.009, "GD, lr = 0.009"),
    (momentum_path, 0.002, "momentum, lr = 0.002"),
    (run_adam, 0.1, "Adam, lr = 0.1"),
]
problems = [(bowl_pair, start), (rotate(bowl_pair, R), R @ start)]
figure, panels = plt.subplots(2, 3, figsize=(13, 7.5))
for row, (f, x0) in zip(panels, problems):
    for axes, (walk, lr, name) in zip(row, walks):
        contours(axes, lambda x: f(x)[0], (-1.5, 1.5), (-0.7, 1.6))
        draw_path(axes, walk(lambda x: np.asarray(f(x)[1]), x0, lr, 100))
        axes.plot(0, 0, "+", color="black", ms=14)
        axes.set(title=name, aspect="equal")
figure.tight_layout()

# %% key="e5-7-count"
for opt, lr in [("gd", 0.005), ("adam", 0.1)]:
    before = steps_to_tol(opt, bowl_pair, start, 0.01, lr)
    after = steps_to_tol(opt, rotate(bowl_pair, R), R @ start, 0.01, lr)
    print(f"{opt:4}  lr = {lr:<5}  steps to a loss of 0.01: {before}, turned: {after}")

# %% [markdown] checked="58dd15145c7f" key="e5-7-see" lang="ko"
# **그림에서 볼 것.** 윗줄은 그릇, 아랫줄은 출발점과 함께 45도 돌린 그릇이고, 왼쪽부터 경사하강법, 모멘텀, Adam의 100걸음입니다. 십자는 바닥입니다. 경사하강법과 모멘텀의 경로는 그림을 통째로 돌린 듯 똑같습니다. Adam은 위에서는 대각선을 따라 곧장 내려가지만, 아래에서는 골짜기를 지나쳤다가 되돌아와 골짜기를 따라 기어갑니다. 100걸음 뒤의 손실은 0.00087에서 0.376으로 커지고, 학습률이 0.005인 경사하강법의 0.134보다 나쁩니다.
#
# 출발점을 함께 돌리지 않으면 다른 실험이 됩니다. 점 $(1, 1)$은 돌린 그릇의 축 위에 있습니다. 그릇만 왼쪽으로 45도 돌리면 이 점은 가파른 축에 놓여 경사하강법의 손실은 0, Adam의 손실은 0.0017입니다. 오른쪽으로 돌리면 완만한 축에 놓여 두 손실은 차례로 0.268과 0.00002입니다.
#
# 그렇다고 Adam이 나쁜 방법인 것은 아닙니다. 돌린 그릇에서도 학습률을 0.5로 올리면 손실이 0.0007까지 내려갑니다. 말할 수 있는 것은 이것입니다. Adam의 성적은 좌표축에 달려 있고, 한 번의 경주로는 어느 쪽이 낫다고 할 수 없습니다.

# %% [markdown] key="e5-7-see" lang="en"
# **What to see.** The bowl in the upper row, the bowl turned by 45 degrees together with the start in the lower one; from the left, 100 steps of gradient descent, of momentum and of Adam. The cross is the bottom. The paths of gradient descent and of momentum look as if the whole picture had been turned. Adam comes straight down the diagonal above; below it overshoots the valley, returns, and creeps along it. Its loss after 100 steps grows from 0.00087 to 0.376, which is worse than the 0.134 of gradient descent at the learning rate 0.005.
#
# If the start is not turned along, it is another experiment. The point $(1, 1)$ lies on an axis of the turned bowl. If the bowl is turned to the left by 45 degrees, the point lies on the steep axis, and the loss is 0 for gradient descent and 0.0017 for Adam; if the bowl is turned to the right, the point lies on the flat axis, and the losses are 0.268 and 0.00002, in this order.
#
# This does not make Adam a bad method. On the turned bowl, too, a learning rate of 0.5 brings its loss down to 0.0007. What can be said is this: how well Adam does depends on the axes, and a single race does not tell which method is better.

# %% [markdown] checked="bd39345fd7cf" key="claim" lang="ko"
# ## v는 헤시안의 대각 원소입니까
#
# Adam이 $v$로 헤시안의 대각 원소 $H_{ii}$를 어림하고 $1/\sqrt{v}$을 곱해 곡률을 상쇄한다고 설명하는 글이 많습니다. 그럴듯하지만 단위부터 맞지 않습니다. 손실의 단위를 $L$, 매개변수의 단위를 $P$라고 하면 다음과 같습니다.
#
# | 양 | 단위 |
# |---|---|
# | 그래디언트 $g$, 그리고 $\sqrt{v}$ | $L / P$ |
# | 제곱 평균 $v$ | $L^2 / P^2$ |
# | 헤시안 $H$ | $L / P^2$ |
#
# $v$는 **그래디언트의 크기**를 기억합니다. 지나온 그래디언트가 모두 $g$였다면 걸음은 $\eta\, g_i / |g_i|$, 곧 축마다 길이가 $\eta$인 걸음입니다. 곡률은 식에 나오지 않습니다. 아래에서 그릇을 따라가며 $\hat v$와 $H_{ii}$를 나란히 그려 봅니다.

# %% [markdown] key="claim" lang="en"
# ## Is v the diagonal of the Hessian?
#
# Many texts explain that with $v$ Adam estimates the diagonal entries $H_{ii}$ of the Hessian, and that with $1/\sqrt{v}$ it divides the curvature away. It sounds plausible, but not even the units agree. Let $L$ be the unit of the loss and $P$ that of the parameters.
#
# | quantity | unit |
# |---|---|
# | gradient $g$, and $\sqrt{v}$ | $L / P$ |
# | mean of squares $v$ | $L^2 / P^2$ |
# | Hessian $H$ | $L / P^2$ |
#
# What $v$ remembers is **the size of the gradient**. If all past gradients were $g$, the step is $\eta\, g_i / |g_i|$, a step of length $\eta$ along each axis. Curvature does not occur in it. The cell below follows Adam down the bowl and draws $\hat v$ beside $H_{ii}$.

# %% key="claim-plot"
x, state = np.array([1.0, 1.0]), {"t": 0, "m": np.zeros(2), "v": np.zeros(2)}
v_hats = []
for t in range(1, 201):
    x, state = adam_step(x, bowl_gradient(x), state, 0.1)
    v_hats.append(state["v"] / (1 - 0.999**t))
v_hats = np.array(v_hats)
figure, axes = plt.subplots(figsize=(8, 3.6))
for i, (name, color, H_ii) in enumerate([("x", "black", 200), ("y", "grey", 2)]):
    axes.semilogy(range(1, 201), v_hats[:, i], color=color, label=rf"$\hat v_{name}$")
    axes.axhline(H_ii, ls="--", color=color, label=rf"$H_{{{name}{name}}}$ = {H_ii}")
axes.set(xlabel="step", ylabel=r"$\hat v$ and $H_{ii}$")
axes.legend(ncol=2)
figure.tight_layout()
print("v_hat of x:", v_hats[0, 0].round(), "->", v_hats[-1, 0].round())


# %% [markdown] checked="afc7605ef9a8" key="claim-see" lang="ko"
# **그림에서 볼 것.** 실선은 Adam이 기억하는 $\hat v$, 파선은 헤시안의 대각 원소입니다. 그릇의 헤시안은 어디에서나 $H_{xx} = 200$, $H_{yy} = 2$로 일정한데, $x$의 $\hat v$는 40000에서 868로 내려갑니다. 두 좌표의 $\hat v$의 비는 언제나 10000이고 곡률의 비는 100입니다.

# %% [markdown] key="claim-see" lang="en"
# **What to see.** Solid lines are the $\hat v$ that Adam remembers, dashed lines the diagonal entries of the Hessian. The Hessian of the bowl is constant, $H_{xx} = 200$ and $H_{yy} = 2$ everywhere, while the $\hat v$ of $x$ falls from 40000 to 868. The ratio of $\hat v$ between the coordinates is 10000 all the time, that of the curvatures 100.

# %% [markdown] checked="1dc719e711be" key="e5-8" lang="ko"
# ### E5.8 `v_is_not_hessian_a`부터 `v_is_not_hessian_d`까지
# 난이도 3/5 · 중요도 5/5 · 12분 · 3점 · 자동 미분
#
# 이제 여러분이 반례를 만듭니다. 각 함수는 손실과 점의 튜플 `(loss, x)`를 돌려줍니다. `loss`는 모양이 `(n,)`인 float64 텐서를 받아 수 하나를 돌려주는 torch 함수입니다. `x`의 모양은 `(n,)`이고 $1 \le n \le 4$이며, 원소는 −10과 10 사이에 있어야 합니다.
#
# | 함수 | 어떤 좌표 $i$에서 보여 줄 것 | 무너지는 주장 |
# |---|---|---|
# | `a` | $H_{ii} > 0$이고 일정한데, Adam의 200걸음(학습률 0.1) 동안 $\hat v_i$의 최댓값이 최솟값의 두 배 이상 | $v$는 곡률을 따라간다 |
# | `b` | $g_i \ne 0$, $H_{ii} > 0$. 채점기가 손실에 10을 곱해 $H_{ii}$와 $\hat v_i$가 몇 배가 되는지 봅니다 | $v$는 곡률처럼 커진다 |
# | `c` | 일차함수처럼 $x$ 가까이에서 $H_{ii} = 0$인데 $g_i \ne 0$ | 곡률이 없으면 $v$도 0이다 |
# | `d` | $H_{ii} < 0$ | $v$와 곡률은 부호가 같다 |
#
# 채점기는 여러분의 손실을 불러 중심 차분으로 $g$와 $H_{ii}$를 재고 Adam을 직접 돌립니다. 손실의 값은 `x`만으로 정해져야 하므로 같은 점에서는 언제나 같아야 하고, 손실은 여러분의 점 근처에서 매끄러워야 합니다. 반올림 오차와 구별되도록 0이 아니어야 하는 수는 크기가 0.001을 넘어야 합니다.

# %% [markdown] key="e5-8" lang="en"
# ### E5.8 `v_is_not_hessian_a` to `v_is_not_hessian_d`
# difficulty 3/5 · importance 5/5 · 12 minutes · 3 points · automatic differentiation
#
# Now you build the counterexamples. Each function returns a tuple `(loss, x)` of a loss and a point. The `loss` is a torch function that takes a float64 tensor of shape `(n,)` and returns a single number. The shape of `x` is `(n,)` with $1 \le n \le 4$, and its entries lie between −10 and 10.
#
# | function | what to show for some coordinate $i$ | what it refutes |
# |---|---|---|
# | `a` | $H_{ii} > 0$ is constant, yet within 200 steps of Adam (learning rate 0.1) the largest $\hat v_i$ is at least twice the smallest | $v$ follows the curvature |
# | `b` | $g_i \ne 0$ and $H_{ii} > 0$. The grader multiplies the loss by 10 and looks by which factors $H_{ii}$ and $\hat v_i$ grow | $v$ grows like the curvature |
# | `c` | $H_{ii} = 0$ near $x$, as for a linear function, yet $g_i \ne 0$ | without curvature $v$ is 0 too |
# | `d` | $H_{ii} < 0$ | $v$ and the curvature have the same sign |
#
# The grader calls your loss, measures $g$ and $H_{ii}$ by central differences and runs Adam itself. The value of the loss must depend on `x` alone, so that it is always the same at the same point, and the loss must be smooth near your point. To be told from rounding errors, a number that must not be 0 has to exceed 0.001 in size.

# %% answer e5-8-a-solution covers="CL3 M13 M14"
def v_is_not_hessian_a() -> tuple:
    """A loss of constant curvature on which v_hat changes a lot.

    Returns:
        (loss, x): H_ii > 0 is the same everywhere, |g_i| > 0.001 at x, and along 200 steps of Adam
        from x with lr 0.1 the largest v_hat_i is at least twice the smallest.
    """
    ### BEGIN SOLUTION
    return lambda x: 3 * x[0] ** 2 + x[1] ** 2, torch.tensor([2.0, -3.0], dtype=torch.float64)
    ### END SOLUTION


# %% test e5-8-a 0.75
# The curvature stays, v_hat does not.
loss, x = v_is_not_hessian_a()
value = loss(torch.as_tensor(x, dtype=torch.float64))
assert np.ndim(x) == 1 and np.ndim(value) == 0, "a point (n,), a single number"


# %% answer e5-8-b-solution
def v_is_not_hessian_b() -> tuple:
    """A loss with slope and curvature, for the grader to multiply by 10.

    Returns:
        (loss, x): |g_i| > 0.001 and H_ii > 0.001 at x for the same i.
    """
    ### BEGIN SOLUTION
    return lambda x: x[0] ** 2, torch.tensor([3.0], dtype=torch.float64)
    ### END SOLUTION


# %% test e5-8-b 0.75
# Ten times the loss: ten times the curvature, but not ten times v_hat.
loss, x = v_is_not_hessian_b()
value = loss(torch.as_tensor(x, dtype=torch.float64))
assert np.ndim(x) == 1 and np.ndim(value) == 0, "a point (n,), a single number"


# %% answer e5-8-c-solution
def v_is_not_hessian_c() -> tuple:
    """A loss with slope but without curvature.

    Returns:
        (loss, x): H_ii = 0 from x along 10 steps of Adam with lr 0.1, as for a linear loss, and
        |g_i| > 0.001 for the same i.
    """
    ### BEGIN SOLUTION
    return lambda x: torch.relu(1 - x).sum(), torch.tensor([-2.5], dtype=torch.float64)
    ### END SOLUTION


# %% test e5-8-c 0.75
# No curvature, but v_hat is not 0.
loss, x = v_is_not_hessian_c()
value = loss(torch.as_tensor(x, dtype=torch.float64))
assert np.ndim(x) == 1 and np.ndim(value) == 0, "a point (n,), a single number"


# %% answer e5-8-d-solution
def v_is_not_hessian_d() -> tuple:
    """A loss with negative curvature, which no mean of squares can equal.

    Returns:
        (loss, x): H_ii < -0.001 at x for some i.
    """
    ### BEGIN SOLUTION
    return lambda x: -(x**2).sum(), torch.tensor([1.3], dtype=torch.float64)
    ### END SOLUTION


# %% [markdown] checked="4bb4af35c143" key="e5-8-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 이차함수의 바닥에서 출발하면 `a`에서 $\hat v$는 어떻게 됩니까? 다른 점에서 출발하면 어떻습니까?
# 2. 손실에 $c$를 곱하면 $g \to c g$, $H \to c H$, $v \to c^2 v$입니다.
# 3. $f(x) = x^2$이고 출발점이 3이면 $\hat v$는 36에서 시작하고 $H$는 2입니다. 손실에 10을 곱하면 3600과 20이 됩니다.
#
# </details>

# %% [markdown] key="e5-8-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. In `a`, what becomes of $\hat v$ if you start at the bottom of a quadratic? And from another point?
# 2. Multiply the loss by $c$: $g \to c g$, $H \to c H$, $v \to c^2 v$.
# 3. For $f(x) = x^2$ and the start 3, $\hat v$ begins at 36 and $H$ is 2. Multiply the loss by 10, and they are 3600 and 20.
#
# </details>

# %% test e5-8-d 0.75
# Negative curvature.
loss, x = v_is_not_hessian_d()
value = loss(torch.as_tensor(x, dtype=torch.float64))
assert np.ndim(x) == 1 and np.ndim(value) == 0, "a point (n,), a single number"

# %% key="e5-8-plot"
refutations = [v_is_not_hessian_a, v_is_not_hessian_b, v_is_not_hessian_c, v_is_not_hessian_d]
figure, panels = plt.subplots(1, 4, figsize=(15, 3.4))
for axes, refutation in zip(panels, refutations):
    loss, point = refutation()
    x = torch.as_tensor(point, dtype=torch.float64).detach().clone().requires_grad_()
    optimizer, v_hats, curvatures = torch.optim.Adam([x], lr=0.1), [], []
    for t in range(1, 62):
        if t % 5 == 1:
            curvatures.append(torch.func.hessian(loss)(x.detach()).diagonal())
        x.grad = torch.func.grad(loss)(x.detach())
        optimizer.step()
        v_hats.append(optimizer.state[x]["exp_avg_sq"] / (1 - 0.999**t))
    axes.plot(range(1, 62), torch.stack(v_hats), color="black")
    axes.plot(range(1, 62, 5), torch.stack(curvatures), "--", color="grey")
    axes.set(xlabel="step", title=refutation.__name__[-1])
panels[0].set_ylabel(r"$\hat v_i$ (solid), $H_{ii}$ (dashed)")
figure.tight_layout()


# %% [markdown] checked="77010d3b6137" key="e5-8-see" lang="ko"
# **그림에서 볼 것.** 여러분의 네 반례에서 Adam을 61걸음씩 돌린 것입니다. 실선은 $\hat v_i$, 파선은 그 순간의 $H_{ii}$입니다. `a`에서는 파선이 수평인데 실선이 움직입니다. `b`에서는 손실에 곱하는 수만 바꾸어도 두 선의 간격이 달라집니다. `c`의 파선은 처음에 0이고, `d`의 파선은 0 아래에서 시작합니다. 실선은 0 아래로 내려갈 수 없습니다. 어느 칸에서도 두 선은 서로를 따라가지 않습니다.

# %% [markdown] key="e5-8-see" lang="en"
# **What to see.** Adam, run for 61 steps on each of your counterexamples. Solid lines are $\hat v_i$, dashed lines the $H_{ii}$ of that moment. In `a` the dashed line is level while the solid one moves. In `b` the distance of the lines changes with any factor of the loss. The dashed line of `c` is 0 at first, that of `d` starts below 0. A solid line cannot go below 0. In no panel do the lines follow each other.

# %% [markdown] checked="d82b0c534f9d" key="fisher" lang="ko"
# ## 그 주장이 거의 옳은 때
#
# 그런 주장이 생긴 데에는 까닭이 있습니다. 손실이 **음의 로그 가능도**(negative log-likelihood) $-\log p_\theta(y)$의 평균일 때, 그래디언트의 제곱과 헤시안을 잇는 다리가 있습니다. 라벨 $y$를 데이터에서 가져오지 않고 **모델이 말하는 확률로 뽑아** 평균을 내면 다음이 성립합니다.
#
# $$F = \mathbb{E}_{y \sim p_\theta}\left[ g g^T \right] = \mathbb{E}_{y \sim p_\theta}\left[ \nabla^2 (-\log p_\theta(y)) \right]$$
#
# $F$를 **피셔 정보**(Fisher information)라고 합니다. 시그모이드나 소프트맥스와 교차 엔트로피, 가우스 평균과 제곱 오차처럼 신경망의 출력이 분포의 자연 매개변수이면 $F$는 일반화 가우스-뉴턴 행렬(GGN)과 같습니다. 로지스틱 회귀에서는 한 걸음 더 나아가, 헤시안에 라벨이 나오지 않으므로 모든 $\theta$에서 $F = H$입니다.
#
# 데이터의 라벨로 $g g^T$의 평균을 내면 **경험적 피셔**(empirical Fisher)가 되는데, 이것은 피셔 정보와 다릅니다. 모델이 옳고 $\theta$가 최적점 가까이 있을 때에만 $F$와 비슷합니다. Adam은 경험적 피셔에서도 더 멀어집니다. 표본마다의 제곱이 아니라 배치에서 평균한 그래디언트를 제곱하고, 지나온 여러 $\theta$에 걸쳐 평균하며, 마지막에 제곱근을 씌웁니다.

# %% [markdown] key="fisher" lang="en"
# ## When the claim is nearly true
#
# There is a reason why such a claim came up. If the loss is a mean of the **negative log-likelihood** $-\log p_\theta(y)$, a bridge leads from squares of gradients to the Hessian. Do not take the labels $y$ from the data but **draw them with the probabilities that the model states**; then on average
#
# $$F = \mathbb{E}_{y \sim p_\theta}\left[ g g^T \right] = \mathbb{E}_{y \sim p_\theta}\left[ \nabla^2 (-\log p_\theta(y)) \right]$$
#
# This $F$ is the **Fisher information**. If the output of the network is the natural parameter of the distribution, as with a sigmoid or softmax and cross-entropy, or a Gaussian mean and squared error, $F$ equals the generalised Gauss-Newton matrix (GGN). Logistic regression goes one step further: no label occurs in its Hessian, so that $F = H$ at every $\theta$.
#
# The mean of $g g^T$ with the labels of the data is the **empirical Fisher**, and that is something else. It is close to $F$ only if the model is right and $\theta$ is near the optimum. Adam goes further away still: it squares not the gradient of each sample but their mean over a batch, averages over all the $\theta$ on its way, and takes a square root at the end.

# %% [markdown] checked="e7f361e2e40e" key="fisher-example" lang="ko"
# ### 표본 하나로 계산하기
#
# 로지스틱 회귀에서 표본의 점수는 $z = \theta \cdot x$, 라벨이 1일 확률은 $p = 1 / (1 + e^{-z})$, 손실은 $\log(1 + e^z) - y z$입니다. 그러므로 $g = (p - y)\, x$이고 $H = p (1 - p)\, x x^T$입니다. $x = (1, 2)$, $\theta = (\log 3, 0)$이면 $p = 0.75$입니다.
#
# | 행렬 | 대각 원소의 식 | 값 |
# |---|---|---|
# | 헤시안 | $p (1 - p)\, x_i^2$ | (0.1875, 0.75) |
# | 피셔 정보 | $\left[ p (p - 1)^2 + (1 - p)\, p^2 \right] x_i^2$ | (0.1875, 0.75) |
# | 경험적 피셔, $y = 1$ | $(p - 1)^2\, x_i^2$ | (0.0625, 0.25) |
# | 경험적 피셔, $y = 0$ | $p^2\, x_i^2$ | (0.5625, 2.25) |

# %% [markdown] key="fisher-example" lang="en"
# ### Computed for a single sample
#
# In logistic regression the score of a sample is $z = \theta \cdot x$, the probability of the label 1 is $p = 1 / (1 + e^{-z})$, and the loss is $\log(1 + e^z) - y z$. Hence $g = (p - y)\, x$ and $H = p (1 - p)\, x x^T$. For $x = (1, 2)$ and $\theta = (\log 3, 0)$, $p = 0.75$.
#
# | the diagonal of | computed as | value |
# |---|---|---|
# | the Hessian | $p (1 - p)\, x_i^2$ | (0.1875, 0.75) |
# | the Fisher information | $\left[ p (p - 1)^2 + (1 - p)\, p^2 \right] x_i^2$ | (0.1875, 0.75) |
# | the empirical Fisher, $y = 1$ | $(p - 1)^2\, x_i^2$ | (0.0625, 0.25) |
# | the empirical Fisher, $y = 0$ | $p^2\, x_i^2$ | (0.5625, 2.25) |

# %% [markdown] checked="5eabe85bdc5f" key="e5-9" lang="ko"
# ### E5.9 `hessian_diag`, `fisher_diag`, `empirical_fisher_diag`
# 난이도 3/5 · 중요도 3/5 · 10분 · 2점 · 손으로
#
# 표본이 $N$개인 로지스틱 회귀에서 세 행렬의 대각 원소를 구합니다. 손실은 표본 손실의 **평균**이고 절편은 없습니다. 피셔 정보에서는 표본마다 두 라벨에 걸친 기댓값을 모델의 확률로 구하고, 경험적 피셔에서는 주어진 라벨을 씁니다. 둘 다 표본마다 **제곱한 다음에** 평균합니다. 점수가 ±1000이어도 결과는 유한해야 합니다.

# %% [markdown] key="e5-9" lang="en"
# ### E5.9 `hessian_diag`, `fisher_diag`, `empirical_fisher_diag`
# difficulty 3/5 · importance 3/5 · 10 minutes · 2 points · by hand
#
# Find the diagonals of the three matrices for logistic regression with $N$ samples. The loss is the **mean** of the losses of the samples, and there is no intercept. In the Fisher information, take the expectation over both labels of each sample with the probabilities of the model; in the empirical Fisher, use the labels that are given. For both, **square first**, then take the mean over the samples. The results must be finite even for scores of ±1000.

# %% answer e5-9-hessian-solution covers="CL3 M13"
def hessian_diag(theta: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Diagonal of the Hessian of the mean logistic loss.

    Args:
        theta: the weights, shape (d,); left unchanged.
        X: the samples, shape (N, d); left unchanged.

    Returns:
        The diagonal, shape (d,).

    Example:
        hessian_diag(np.array([np.log(3), 0.0]), np.array([[1.0, 2.0]])) -> [0.1875, 0.75]
    """
    ### BEGIN SOLUTION
    z = X @ theta
    p, q = np.exp(-np.logaddexp(0, -z)), np.exp(-np.logaddexp(0, z))
    return (p * q) @ X**2 / len(X)
    ### END SOLUTION


# %% test e5-9-hessian-values 0.5
# The diagonal of the Hessian far from the optimum.
theta, X = np.array([np.log(3), 0.0]), np.array([[1.0, 2.0]])
np.testing.assert_allclose(hessian_diag(theta, X), [0.1875, 0.75], rtol=1e-4)


# %% answer e5-9-fisher-solution
def fisher_diag(theta: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Diagonal of the Fisher information of logistic regression.

    Args:
        theta: the weights, shape (d,); left unchanged.
        X: the samples, shape (N, d); left unchanged.

    Returns:
        The mean over samples of the expected squared gradient, shape (d,); the expectation is over
        labels as the model draws them.

    Example:
        fisher_diag(np.array([np.log(3), 0.0]), np.array([[1.0, 2.0]])) -> [0.1875, 0.75]
    """
    ### BEGIN SOLUTION
    z = X @ theta
    p, q = np.exp(-np.logaddexp(0, -z)), np.exp(-np.logaddexp(0, z))
    expected = p[:, None] * (-q[:, None] * X) ** 2 + q[:, None] * (p[:, None] * X) ** 2
    return expected.mean(axis=0)
    ### END SOLUTION


# %% test e5-9-fisher-values 0.5
# The diagonal of the Fisher information far from the optimum.
theta, X = np.array([np.log(3), 0.0]), np.array([[1.0, 2.0]])
np.testing.assert_allclose(fisher_diag(theta, X), [0.1875, 0.75], rtol=1e-4)


# %% answer e5-9-empirical-solution
def empirical_fisher_diag(theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Diagonal of the empirical Fisher of logistic regression.

    Args:
        theta: the weights, shape (d,); left unchanged.
        X: the samples, shape (N, d); left unchanged.
        y: the labels, 0 or 1, shape (N,); left unchanged.

    Returns:
        The mean over samples of the squared gradient, labels as given; shape (d,).

    Example:
        theta, X = np.array([np.log(3), 0.0]), np.array([[1.0, 2.0]])
        empirical_fisher_diag(theta, X, np.array([1])) -> [0.0625, 0.25]
    """
    ### BEGIN SOLUTION
    p = np.exp(-np.logaddexp(0, -(X @ theta)))
    return ((p - y) ** 2) @ X**2 / len(X)
    ### END SOLUTION


# %% [markdown] checked="5fcdd195257b" key="e5-9-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 피셔 정보를 구할 때 데이터의 라벨이 필요합니까?
# 2. $p (1 - p)^2 + (1 - p)\, p^2 = p (1 - p)$
# 3. $\theta = (\log 3, 0)$, 표본 $(1, 2)$와 $(-1, 1)$이면 헤시안의 대각 원소는 0.1875와 0.46875입니다. 라벨이 둘 다 1이면 경험적 피셔는 0.3125와 0.40625입니다.
#
# </details>

# %% [markdown] key="e5-9-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Are the labels of the data needed for the Fisher information?
# 2. $p (1 - p)^2 + (1 - p)\, p^2 = p (1 - p)$
# 3. For $\theta = (\log 3, 0)$ and the samples $(1, 2)$ and $(-1, 1)$, the diagonal of the Hessian is 0.1875 and 0.46875. If both labels are 1, that of the empirical Fisher is 0.3125 and 0.40625.
#
# </details>

# %% test e5-9-empirical-values 0.5
# The diagonal of the empirical Fisher, with labels that fit and labels that do not.
for label, diagonal in [(1, [0.0625, 0.25]), (0, [0.5625, 2.25])]:
    theta, X = np.array([np.log(3), 0.0]), np.array([[1.0, 2.0]])
    found = empirical_fisher_diag(theta, X, np.array([label]))
    np.testing.assert_allclose(found, diagonal, rtol=1e-4)

# %% test e5-9-extremes 0.5 alone
# All three with scores of ±1000; the arguments stay as they were.
theta, X = np.array([1000.0]), np.array([[1.0], [-1.0]])
with np.errstate(all="ignore"):
    np.testing.assert_allclose(hessian_diag(theta, X.copy()), [0.0], atol=1e-6)
    np.testing.assert_allclose(fisher_diag(theta, X.copy()), [0.0], atol=1e-6)
    np.testing.assert_allclose(empirical_fisher_diag(theta, X, np.array([1, 1])), [0.5])

# %% key="e5-9-plot"
rng = np.random.default_rng(0)
truth, X = np.array([2.0, -1.0, 0.5]), rng.normal(size=(4000, 3))
y = (rng.random(4000) < 1 / (1 + np.exp(-X @ truth))).astype(int)
figure, panels = plt.subplots(1, 2, figsize=(10, 3.4), sharey=True)
for axes, theta, title in zip(panels, [truth, -truth], [r"$\theta$ = truth", r"$\theta$ = −truth"]):
    diagonals = {
        "Hessian": hessian_diag(theta, X),
        "Fisher": fisher_diag(theta, X),
        "empirical Fisher": empirical_fisher_diag(theta, X, y),
    }
    for (name, diagonal), color, shift in zip(
        diagonals.items(), ["black", "grey", "white"], [0, 0.28, 0.56]
    ):
        axes.bar(np.arange(3) + shift, diagonal, 0.25, color=color, ec="black", label=name)
    axes.set(title=title, xlabel="$i$", xticks=np.arange(3) + 0.28, xticklabels=["1", "2", "3"])
panels[0].legend()
figure.tight_layout()


# %% [markdown] checked="5f73ca6a34a6" key="e5-9-see" lang="ko"
# **그림에서 볼 것.** 라벨을 뽑을 때 쓴 참 매개변수와, 그 부호를 모두 뒤집은 매개변수에서 세 대각 원소를 그렸습니다. 헤시안과 피셔 정보의 막대는 두 칸에서 모두 같습니다. 경험적 피셔는 왼쪽에서는 둘과 거의 같지만, 오른쪽에서는 몇 배나 큽니다. 모델이 자신 있게 틀린 표본에서는 그래디언트가 크고 곡률은 작기 때문입니다. 그런 표본이 많은 곳에서는 경험적 피셔를 곡률로 읽을 수 없습니다.

# %% [markdown] key="e5-9-see" lang="en"
# **What to see.** All three diagonals at the true parameters, from which the labels were drawn, and at the parameters with all signs reversed. The bars of the Hessian and of the Fisher information agree in both panels. The empirical Fisher is almost the same on the left, but several times as large on the right: on samples where the model is confidently wrong, gradients are large and the curvature is small. Where there are many of them, the empirical Fisher cannot be read as curvature.

# %% [markdown] checked="ea5a379b3566" key="e5-11" lang="ko"
# ### E5.11 `hutchinson_diag`, `diag_newton_step` (보너스)
# 난이도 4/5 · 중요도 3/5 · 15분 · 보너스 3점 · 손으로
#
# 헤시안의 대각 원소를 정말로 쓰고 싶다면 **허친슨 추정**(Hutchinson's estimator)이 있습니다. 부호 $z_i = \pm 1$을 같은 확률로, 서로 독립이 되게 뽑으면 $\mathbb{E}[z_i z_j]$는 $i = j$일 때 1, 아니면 0입니다. 그러므로 원소마다 곱한 $z \odot H z$의 기댓값이 대각 원소입니다.
#
# $$\mathbb{E}\left[ z_i (Hz)_i \right] = \sum_j H_{ij}\, \mathbb{E}[z_i z_j] = H_{ii}$$
#
# $Hz$는 헤시안-벡터 곱 한 번이면 되므로 $H$를 만들지 않습니다. `hutchinson_diag`는 부호 벡터를 하나씩 넣어 `hvp`를 정확히 `samples`번 부르고 평균을 냅니다. 부호는 `np.random.default_rng(seed)`로 뽑으십시오.
#
# `diag_newton_step`은 그렇게 얻은 대각 원소 $h$로 한 걸음 갑니다. 곡률이 음수여도 내려가도록 절댓값으로, 0에 가까워도 튀지 않도록 적어도 $\epsilon$으로 나눕니다.
#
# $$x_i - \eta\, \frac{g_i}{\max(|h_i|, \epsilon)}$$

# %% [markdown] key="e5-11" lang="en"
# ### E5.11 `hutchinson_diag`, `diag_newton_step` (bonus)
# difficulty 4/5 · importance 3/5 · 15 minutes · 3 bonus points · by hand
#
# If you really want the diagonal of the Hessian, there is **Hutchinson's estimator**. Draw signs $z_i = \pm 1$ with equal probability, independent of each other: $\mathbb{E}[z_i z_j]$ is 1 if $i = j$, and 0 otherwise. So the diagonal is the expectation of $z \odot H z$, multiplied entry by entry.
#
# $$\mathbb{E}\left[ z_i (Hz)_i \right] = \sum_j H_{ij}\, \mathbb{E}[z_i z_j] = H_{ii}$$
#
# A single Hessian-vector product gives $Hz$, so $H$ is never formed. `hutchinson_diag` calls `hvp` exactly `samples` times, each time with a single vector of signs, and takes the mean. Draw the signs with `np.random.default_rng(seed)`.
#
# `diag_newton_step` makes a step with a diagonal $h$ found in this way. It divides by the absolute value, to go down even where the curvature is negative, and at least by $\epsilon$, not to blow up where it is near 0.
#
# $$x_i - \eta\, \frac{g_i}{\max(|h_i|, \epsilon)}$$

# %% answer e5-11-hutchinson-solution covers="CL3"
def hutchinson_diag(hvp, n: int, samples: int, seed: int) -> np.ndarray:
    """Estimate of the diagonal of a Hessian from products with random signs.

    Args:
        hvp: the product with the Hessian, a function from shape (n,) to shape (n,).
        n: number of rows of the Hessian.
        samples: number of products.
        seed: of the generator of signs.

    Returns:
        The mean of z * hvp(z), shape (n,).

    Example:
        hutchinson_diag(lambda z: np.array([3.0, 5.0]) * z, 2, 4, 0) -> [3, 5]
    """
    ### BEGIN SOLUTION
    rng, total = np.random.default_rng(seed), np.zeros(n)
    for _ in range(samples):
        z = rng.choice([-1.0, 1.0], size=n)
        total += z * np.asarray(hvp(z))
    return total / samples
    ### END SOLUTION


# %% test e5-11-hutchinson-exact 1 bonus alone
# Exact for a diagonal Hessian, one product per sample; the seed decides the signs.

# %% test e5-11-hutchinson-mean 1 bonus alone
# Right on average for a full Hessian.

# %% answer e5-11-newton-solution
def diag_newton_step(
    x: np.ndarray, g: np.ndarray, h: np.ndarray, lr: float, eps: float
) -> np.ndarray:
    """One step of Newton's method with a diagonal only, downhill for any sign of the curvature.

    Args:
        x: the point, shape (n,); left unchanged.
        g: the gradient, shape (n,); left unchanged.
        h: the diagonal of the Hessian, shape (n,); left unchanged.
        lr: the learning rate.
        eps: the least number to divide by, positive.

    Returns:
        The new point, shape (n,).

    Example:
        diag_newton_step(np.array([1.0]), np.array([6.0]), np.array([-3.0]), 0.5, 0.1) -> [0]
    """
    ### BEGIN SOLUTION
    return x - lr * g / np.maximum(np.abs(h), eps)
    ### END SOLUTION


# %% [markdown] checked="3c7d02ffc29e" key="e5-11-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $H$가 대각행렬이면 $z_i (Hz)_i = z_i^2 H_{ii}$입니다. 표본이 몇 개나 필요합니까?
# 2. 표본 하나의 분산은 $\sum_{j \ne i} H_{ij}^2$입니다.
# 3. $x = (1, 1)$, $g = (6, 6)$, $h = (3, 0)$, $\eta = 0.5$, $\epsilon = 2$이면 새 점은 $(0, -0.5)$입니다.
#
# </details>

# %% [markdown] key="e5-11-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $H$ is diagonal, $z_i (Hz)_i = z_i^2 H_{ii}$. How many samples are needed?
# 2. The variance of a single sample is $\sum_{j \ne i} H_{ij}^2$.
# 3. For $x = (1, 1)$, $g = (6, 6)$, $h = (3, 0)$, $\eta = 0.5$ and $\epsilon = 2$, the new point is $(0, -0.5)$.
#
# </details>

# %% test e5-11-newton 1 bonus alone
# Downhill for positive and negative curvature, and a step of bounded length without any.

# %% key="e5-11-plot"
H = R @ np.diag([200.0, 2.0]) @ R.T
counts = [1, 3, 10, 30, 100, 300, 1000]
product = lambda z: H @ np.asarray(z)
errors = [
    np.mean([np.abs(hutchinson_diag(product, 2, n, seed)[0] - 101) for seed in range(30)])
    for n in counts
]
figure, panels = plt.subplots(1, 3, figsize=(15, 4))
panels[0].loglog(counts, errors, "o-", color="black", label="mean error")
panels[0].loglog(counts, 99 / np.sqrt(counts), ":", color="grey", label=r"$99 / \sqrt{n}$")
panels[0].set(xlabel="samples $n$", ylabel="error of $h$")
panels[0].legend()
for axes, f, x0 in [(panels[1], bowl_pair, start), (panels[2], rotate(bowl_pair, R), R @ start)]:
    hvp = lambda z: np.asarray(f(z)[1])  # the gradient of these quadratics is H x
    h, path = hutchinson_diag(hvp, 2, 1000, 0), [x0]
    for _ in range(40):
        path.append(diag_newton_step(path[-1], np.asarray(f(path[-1])[1]), h, 0.9, 1e-6))
    contours(axes, lambda x: f(x)[0], (-1.5, 1.5), (-0.7, 1.6))
    draw_path(axes, path)
figure.tight_layout()

# %% [markdown] checked="fe5d7b9de427" key="e5-11-see" lang="ko"
# **그림에서 볼 것.** 왼쪽: 돌린 그릇의 대각 원소 101을 추정한 오차는 표본의 수 $n$이 늘면 $1/\sqrt{n}$에 비례해 줄어듭니다. 가운데: 축에 맞추어 놓인 그릇에서는 학습률이 0.9인 걸음마다 남은 거리가 1/10이 되어, 바닥까지 곧장 갑니다. 오른쪽: 돌린 그릇에서는 두 대각 원소가 모두 101이어서 경사하강법과 같은 걸음이 되고, 골짜기를 가로질러 튀다가 바닥을 따라 기어갑니다. 진짜 곡률을 써도 대각 원소만으로는 좌표축에서 벗어나지 못합니다.

# %% [markdown] key="e5-11-see" lang="en"
# **What to see.** Left: the error of the estimate of the diagonal entries 101 of the turned bowl shrinks like $1/\sqrt{n}$ with the number $n$ of samples. Middle: on the bowl along the axes, each step with the learning rate 0.9 leaves a fraction of 1/10 of the distance, straight to the bottom. Right: on the turned bowl both diagonal entries are 101, the step becomes that of gradient descent, and it bounces across the valley, then creeps along its floor. Even with the true curvature, a diagonal cannot get away from the axes.

# %% [markdown] checked="581f63644c0a" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 경로의 모든 행이 같은 점이다: 배열 하나를 제자리에서 바꾸며 여러 번 담았습니다.
# - 첫 걸음에서 0으로 나눈다: $t$를 0부터 셌습니다. 첫 걸음의 $t$는 1입니다.
# - 첫 걸음이 3배쯤 길다: 편향 보정이 빠졌습니다.
# - 다시 부르면 결과가 달라진다: 받은 `state`를 바꾸었습니다.
# - 가중치 감쇠가 듣지 않는다: $\omega p$가 $\sqrt{\hat v}$로 나뉘고 있습니다.
# - 발산한 학습률이 경주에서 이긴다: `nan`과의 비교는 모두 거짓입니다.
# - 돌린 그릇에서 경사하강법의 손실이 달라진다: 출발점을 함께 돌리지 않았거나 $R$과 $R^T$를 서로 바꾸어 썼습니다.
# - 피셔 정보가 헤시안과 다르다: 데이터의 라벨을 썼습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - All rows of a path are the same point: one array was changed in place and stored again and again.
# - The first step divides by 0: $t$ was counted from 0. In the first step $t$ is 1.
# - The first step is about 3 times too long: the bias correction is missing.
# - A second call gives another result: the given `state` was changed.
# - Weight decay has no effect: $\omega p$ is being divided by $\sqrt{\hat v}$.
# - A learning rate that diverged wins the race: every comparison with `nan` is false.
# - Gradient descent has another loss on the turned bowl: the start was not turned along, or $R$ and $R^T$ are exchanged.
# - The Fisher information differs from the Hessian: the labels of the data were used.

# %% [markdown] question e5-10 2.0 covers="CL4"
# ## E5.10 설명하기 · Explain
#
# **한국어.** 딥러닝 글에는 이런 요약이 자주 나옵니다. "헤시안은 곡률이다. Adam은 그 곡률을 알고 있어서, 가파른 쪽으로는 조금 가고 완만한 쪽으로는 많이 간다." 맞는 부분은 살리고 틀린 부분은 고쳐서, 다섯 줄 안팎으로 다시 쓰십시오. 이 노트북에서 얻은 수나 반례를 적어도 하나 드십시오.
#
# **English.** Texts on deep learning often sum up: "The Hessian is curvature. Adam knows this curvature, and so it goes a little where it is steep and far where it is flat." Keep what is right, mend what is wrong, and write it anew in about five lines. Give at least one number or counterexample from this notebook.
#
# === BEGIN MARK SCHEME ===
#
# 네 가지에 0.5점씩, 모두 2점. (1) 헤시안은 곡률이고 경사하강법의 학습률을 $2/\lambda_{\max}$로 제한한다. (2) Adam의 $v$는 그래디언트 제곱의 이동 평균이며 헤시안의 대각 원소가 아니다. 근거로 수나 반례를 든다. (3) Adam이 실제로 하는 일을 말한다. 그래디언트의 크기로 나누므로 축마다 길이가 학습률에 가까운 걸음을 걷고, 그래서 좌표축을 돌리면 결과가 달라진다(둘 가운데 하나면 된다). (4) 둘이 이어지는 경우를 말한다. 로지스틱 회귀에서는 모델의 라벨로 구한 피셔 정보가 헤시안과 같다고 쓰거나, Adam은 경험적 피셔와 제곱근 때문에 그것과도 다르다고 쓰면 된다.
#
# 0.5 points for each of four items, 2 in all. (1) The Hessian is curvature and limits the learning rate of gradient descent to $2/\lambda_{\max}$. (2) The $v$ of Adam is a moving average of squared gradients, not the diagonal of the Hessian; a number or a counterexample is given. (3) It says what Adam does do: it divides by the size of the gradient, so it walks steps of a length near the learning rate along each axis, and so its result changes when the axes are turned (either will do). (4) It says when there is a link: the Fisher information, with labels from the model, equals the Hessian in logistic regression; or that Adam is not even that, because of the empirical Fisher and the root.
#
# Sample, 2 points: "The Hessian is curvature: its largest eigenvalue limits the learning rate of gradient descent to 2/200 on the bowl. Adam does not know it. Its v averages squared gradients: on the bowl v falls from 40000 to 868 while H_xx stays 200. Dividing by the root of v makes all steps about lr long along each axis, so turning the bowl by 45 degrees changes the loss from .00087 to .376. Only with labels drawn from the model, as in the Fisher information, do squared gradients average to the Hessian in logistic regression."
#
# 예시, 1점: "헤시안은 곡률이고 고윳값이 크면 학습률을 2/λ보다 작게 해야 한다. Adam의 v는 헤시안의 대각 원소가 아니라 그래디언트 제곱의 평균이다. 일차함수에서는 H가 0이지만 v는 0이 아니다. 그래도 Adam은 곡률의 역수를 곱하므로 완만한 쪽으로 많이 간다." (항목 1과 2. 마지막 문장은 틀렸고 3과 4가 없다. Items 1 and 2; the last sentence is wrong, and 3 and 4 are missing.)
#
# === END MARK SCHEME ===

# %% [markdown] checked="3a4a1e10e337" key="e5-10-answer" lang="ko"
# **여기에 답을 쓰십시오.**

# %% [markdown] key="e5-10-answer" lang="en"
# **Write your answer here.**

# %% [markdown] checked="5f3d37764eb0" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# - Adam의 식을 편향 보정 없이 적곤 합니다. 보정을 빼면 첫 걸음의 길이가 3.162배가 됩니다. E5.3에서 확인합니다.
# - $v$를 헤시안의 대각 원소로 여기는 글이 많습니다. $v$는 그래디언트 제곱의 이동 평균입니다. 곡률이 일정해도 변하고, 손실에 10을 곱하면 100배가 되고, 곡률이 0이어도 양수이며, 음수가 되는 일이 없습니다. E5.8에서 확인합니다. 헤시안과 같아지는 것은 모델의 라벨로 구한 피셔 정보이고, 그것도 로지스틱 회귀 같은 경우입니다. E5.9에서 확인합니다.
# - $1/\sqrt{v}$을 곡률의 역수로 읽는 것도 옳지 않습니다. 이 인자는 그래디언트의 크기를 지워, 축마다 길이가 학습률쯤 되는 걸음을 만듭니다. E5.2와 E5.8에서 확인합니다.
# - 가파른 그릇에서 경사하강법은 튀고 Adam은 빠르다고들 합니다. 학습률 0.005에서 $x$는 한 걸음에 사라지므로 튀지 않습니다. 튀는 것은 0.005와 0.01 사이이고, 0.01을 넘으면 발산합니다. E5.1에서 확인합니다. 학습률이 20배 다른 경주는 공정하지 않고, 그 학습률 그대로 그릇을 출발점과 함께 45도 돌리면 승부가 뒤집힙니다. E5.6과 E5.7에서 확인합니다.

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# - Adam is often written without its bias correction. Leave it out, and the first step is 3.162 times as long. E5.3 shows it.
# - Many texts take $v$ for the diagonal of the Hessian. $v$ is a moving average of squared gradients: it changes while the curvature is constant, grows 100-fold when the loss is multiplied by 10, is positive even if the curvature is 0, and never negative. E5.8 shows it. What does equal the Hessian is the Fisher information, with labels from the model, and that only in cases such as logistic regression. E5.9 shows it.
# - To read $1/\sqrt{v}$ as an inverse curvature is not right either. It wipes out the size of the gradient, so that steps are about as long as the learning rate along each axis. E5.2 and E5.8 show it.
# - On a steep bowl, it is said, gradient descent bounces and Adam is fast. At the learning rate 0.005 the coordinate $x$ vanishes in a single step, so nothing bounces. It bounces between 0.005 and 0.01, and beyond 0.01 it diverges. E5.1 shows it. A race with learning rates that differ by a factor of 20 is not fair; with the same rates, turning the bowl together with its start by 45 degrees reverses the outcome. E5.6 and E5.7 show it.

# %% [markdown] checked="252329df15dc" key="further" lang="ko"
# ## 더 나아가기
#
# 다음 노트북 `ps6-flow`에서는 야코비 행렬식이 주인공입니다. 확률밀도를 변환하고, 그 변환을 Adam으로 학습시킵니다. 스스로 해 볼 만한 문제도 두 가지 있습니다.
#
# - **모멘텀.** 이차함수에서 가장 좋은 설정은 $\eta = 4 / (\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}})^2$과 $\beta = \left( (\sqrt{\kappa} - 1) / (\sqrt{\kappa} + 1) \right)^2$이고, $\kappa = \lambda_{\max} / \lambda_{\min}$입니다. 그릇에서는 0.0165와 0.669입니다. 이 설정으로 `momentum_path`를 실행해 보면, 축을 돌려도 손실이 같은 속도로 줄어듭니다.
# - **전처리**(preconditioning). $x = A u$로 변수를 바꾸면 헤시안은 $A^T H A$가 됩니다. 이것이 단위행렬이 되도록 $A$를 고르면 어떤 그릇이든 둥글어집니다. 대각행렬 $A$만으로 그릇과 돌린 그릇을 각각 어디까지 둥글게 만들 수 있습니까?

# %% [markdown] key="further" lang="en"
# ## Going further
#
# In the next notebook, `ps6-flow`, the determinant of the Jacobian plays the lead: you transform probability densities and train the transformation with Adam. A pair of problems to try:
#
# - **Momentum.** The best settings on a quadratic are $\eta = 4 / (\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}})^2$ and $\beta = \left( (\sqrt{\kappa} - 1) / (\sqrt{\kappa} + 1) \right)^2$ with $\kappa = \lambda_{\max} / \lambda_{\min}$. For the bowl they are 0.0165 and 0.669. Run `momentum_path` with them: the loss falls at the same pace when the axes are turned.
# - **Preconditioning.** Substitute $x = A u$, and the Hessian becomes $A^T H A$. Choose $A$ so that this is the identity, and any bowl gets round. How round can a diagonal $A$ alone make the bowl, and the turned bowl?
