# %% [markdown] checked="86c8374e1cd3" key="title" lang="ko"
# # ps4. 테일러 전개
#
# 손실의 그래디언트를 알면 어느 쪽이 내리막인지 압니다. 그러나 얼마나 가도 되는지는 모릅니다. 그것을 알려 주는 것이 한 점 근처에서 함수를 다항식으로 바꾸어 놓는 **테일러 전개**(Taylor expansion)입니다. 학습률의 한계도, 뉴턴법도, 미분이 맞는지 재는 시험도 모두 여기에서 나옵니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 변수가 여럿인 함수의 0차, 1차, 2차 테일러 모델을 만듭니다.
# - 모델의 오차를 로그-로그 그래프에 그리고, 기울기로 틀린 그래디언트와 틀린 헤시안을 찾아냅니다.
# - 함수의 성질만 보고 오차의 차수를 예측합니다.
# - 뉴턴 걸음을 쓰고, 안장점에 끌려가지 않도록 고칩니다.
# - 모델을 어디까지 믿어도 되는지 계산합니다.
#
# 70분, 16점이며 보너스가 3점입니다. 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps4. The Taylor expansion
#
# The gradient of a loss tells you which way is down. It does not tell you how far you may go. What does is the **Taylor expansion**, which replaces a function near a point by a polynomial. The limit of the learning rate, Newton's method, and a test that measures whether derivatives are right all come from it.
#
# After this notebook you can
#
# - build Taylor models of order 0, 1 and 2 of a function of several variables;
# - plot the error of a model on logarithmic axes and read a wrong gradient or a wrong Hessian from the slope;
# - predict the order of the error from properties of the function alone;
# - take Newton steps, and mend them so that no saddle attracts them;
# - compute how far a model can be trusted.
#
# 70 minutes, 16 points, and 3 bonus points. Run the cells in order, starting with the one below.

# %% locked setup
import math

import matplotlib.pyplot as plt
import numpy as np
import torch


def to_array(result):
    """A result as a NumPy array, whether it is a list, an array or a tensor."""
    if isinstance(result, (list, tuple)):
        return np.array([to_array(entry) for entry in result])
    return result.detach().numpy() if isinstance(result, torch.Tensor) else np.asarray(result)


def vector(*entries):
    """Numbers as a float64 tensor of shape (n,)."""
    return torch.tensor(entries, dtype=torch.float64)


def valley(x):
    """A curved valley in two variables; its minimum is 0, at (1, 1)."""
    return (1 - x[0]) ** 2 + 5 * (x[1] - x[0] ** 2) ** 2


def contours(axes, f, x_range, y_range, levels, n=101, **style):
    """Draw the level lines of a function that maps a batch (B, 2) to B values."""
    x, y = (torch.linspace(*ends, n, dtype=torch.float64) for ends in (x_range, y_range))
    values = to_array(f(torch.cartesian_prod(x, y))).reshape(n, n)
    axes.contour(x.numpy(), y.numpy(), values.T, levels, **style)


# %% [markdown] checked="24a300ca33f6" key="failure" lang="ko"
# ## 한 번의 실패
#
# 손실 $f(x) = (1 - x_1)^2 + 5 (x_2 - x_1^2)^2$이 있습니다. 점 $(-1, 0.5)$에서 경사하강법으로 한 걸음 내려갑니다. 걸음이 $-\eta \nabla f$이면 그래디언트는 손실이 $\eta \lVert \nabla f \rVert^2$만큼 줄어든다고 약속합니다. 학습률 $\eta$를 바꾸어 가며 약속과 실제를 비교합니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Take the loss $f(x) = (1 - x_1)^2 + 5 (x_2 - x_1^2)^2$ at the point $(-1, 0.5)$ and make a single step of gradient descent. For the step $-\eta \nabla f$ the gradient promises that the loss falls by $\eta \lVert \nabla f \rVert^2$. Compare the promise with what happens, for several learning rates $\eta$.

# %% key="failure-run"
start = vector(-1.0, 0.5)
slope = torch.func.grad(valley)(start)
for rate in [0.001, 0.01, 0.05, 0.1, 0.2]:
    promised = valley(start) - rate * slope @ slope
    print(f"rate {rate:<5}  promised {promised:7.2f}   found {valley(start - rate * slope):6.2f}")


# %% [markdown] checked="a1e53e793ee1" key="failure-why" lang="ko"
# 학습률 0.001에서는 약속이 거의 지켜집니다. 0.1에서는 손실이 −16.85가 된다고 약속하지만, 제곱의 합은 음수가 될 수 없습니다. 0.2에서는 손실이 5.25에서 15.78로 올라갑니다.
#
# 그래디언트가 틀린 것은 아닙니다. 그래디언트는 함수를 평면으로 바꾸어 놓고, 평면은 가까운 곳에서만 함수를 닮습니다. 얼마나 가까워야 하는지, 그리고 평면보다 나은 것은 무엇인지 알아봅니다.

# %% [markdown] key="failure-why" lang="en"
# At the rate 0.001 the promise nearly holds. At 0.1 it says that the loss becomes −16.85, but a sum of squares cannot be negative. At 0.2 the loss climbs from 5.25 to 15.78.
#
# The gradient is not wrong. It replaces the function by a plane, and a plane resembles a function only nearby. How near, and what is better than a plane, is what you find out now.

# %% [markdown] checked="e33fe56ebe26" key="definition" lang="ko"
# ## 정의
#
# 점 $x_0$에서 변위 $\Delta x$만큼 움직인 곳의 함숫값을, $x_0$에서 구한 도함수만으로 어림한 것이 2차 **테일러 모델**(Taylor model)입니다.
#
# $$f(x_0 + \Delta x) = \underbrace{f(x_0)}_{\text{order } 0} + \underbrace{\nabla f(x_0)^T \Delta x}_{\text{order } 1} + \underbrace{\tfrac{1}{2} \Delta x^T H(x_0) \Delta x}_{\text{order } 2} + R_2(\Delta x)$$
#
# 그래디언트 $\nabla f = (Df)^T$는 $x$와 모양이 같은 열이므로 $\nabla f^T \Delta x$는 수 하나입니다. 헤시안 $H$는 $n \times n$ 행렬이고 $\Delta x^T H \Delta x$도 수 하나입니다. 뒤쪽 항을 버리면 0차 모델과 1차 모델이 됩니다. 남은 $R_2$가 **나머지항**(remainder)입니다.
#
# 식은 변수가 하나인 경우에서 나옵니다. $g(t) = f(x_0 + t \Delta x)$로 두면 연쇄법칙에 따라 $g'(0) = \nabla f(x_0)^T \Delta x$, $g''(0) = \Delta x^T H(x_0) \Delta x$이고, $g(1) \approx g(0) + g'(0) + \frac{1}{2} g''(0)$입니다.
#
# 함수가 충분히 매끄러우면 $k$차 모델의 나머지항은 $\lVert \Delta x \rVert^{k+1}$처럼 줄어듭니다.

# %% [markdown] key="definition" lang="en"
# ## The definition
#
# The **Taylor model** of order 2 estimates the value at a displacement $\Delta x$ from a point $x_0$ with derivatives taken at $x_0$ only.
#
# $$f(x_0 + \Delta x) = \underbrace{f(x_0)}_{\text{order } 0} + \underbrace{\nabla f(x_0)^T \Delta x}_{\text{order } 1} + \underbrace{\tfrac{1}{2} \Delta x^T H(x_0) \Delta x}_{\text{order } 2} + R_2(\Delta x)$$
#
# The gradient $\nabla f = (Df)^T$ is a column of the shape of $x$, so $\nabla f^T \Delta x$ is a single number. The Hessian $H$ is an $n \times n$ matrix, and $\Delta x^T H \Delta x$ is a single number too. Stop earlier and you have the models of order 0 and 1. What is left, $R_2$, is the **remainder**.
#
# The formula comes from the case of a single variable. Put $g(t) = f(x_0 + t \Delta x)$. By the chain rule $g'(0) = \nabla f(x_0)^T \Delta x$ and $g''(0) = \Delta x^T H(x_0) \Delta x$, and $g(1) \approx g(0) + g'(0) + \frac{1}{2} g''(0)$.
#
# If the function is smooth enough, the remainder of the model of order $k$ falls like $\lVert \Delta x \rVert^{k+1}$.

# %% [markdown] checked="caeed26e9d47" key="example" lang="ko"
# ## 가장 작은 예
#
# $f(x) = x_1^2 x_2$를 점 $(1, 2)$에서 전개합니다. $f = 2$이고 그래디언트와 헤시안은 다음과 같습니다.
#
# $$\nabla f(1, 2) = \begin{bmatrix} 4 \\ 1 \end{bmatrix}, \qquad H(1, 2) = \begin{bmatrix} 4 & 2 \\ 2 & 0 \end{bmatrix}$$
#
# 변위 $\Delta x = (0.1, 0.1)$에서 참값은 $1.1^2 \cdot 2.1 = 2.541$입니다. 1차 항은 $0.4 + 0.1 = 0.5$, 2차 항은 $\frac{1}{2} (0.04 + 0.02 + 0.02) = 0.04$입니다. 변위를 반으로 줄이면 오차가 어떻게 되는지 보십시오.
#
# | 차수 | 모델 | 오차, 변위 0.1 | 오차, 변위 0.05 | 비율 |
# |---|---|---|---|---|
# | 0 | 2 | 0.541 | 0.260125 | 2.08 |
# | 1 | 2.5 | 0.041 | 0.010125 | 4.05 |
# | 2 | 2.54 | 0.001 | 0.000125 | 8 |
#
# 변위 $h$가 반이 될 때 오차는 약 2, 4, 8로 나누어집니다. 곧 $h$, $h^2$, $h^3$처럼 줄어듭니다.

# %% [markdown] key="example" lang="en"
# ## The smallest example
#
# Expand $f(x) = x_1^2 x_2$ at the point $(1, 2)$. There $f = 2$, and the gradient and the Hessian are
#
# $$\nabla f(1, 2) = \begin{bmatrix} 4 \\ 1 \end{bmatrix}, \qquad H(1, 2) = \begin{bmatrix} 4 & 2 \\ 2 & 0 \end{bmatrix}$$
#
# At the displacement $\Delta x = (0.1, 0.1)$ the true value is $1.1^2 \cdot 2.1 = 2.541$. The term of order 1 is $0.4 + 0.1 = 0.5$, that of order 2 is $\frac{1}{2} (0.04 + 0.02 + 0.02) = 0.04$. Watch the error when the displacement is halved.
#
# | order | model | error, displacement 0.1 | error, displacement 0.05 | ratio |
# |---|---|---|---|---|
# | 0 | 2 | 0.541 | 0.260125 | 2.08 |
# | 1 | 2.5 | 0.041 | 0.010125 | 4.05 |
# | 2 | 2.54 | 0.001 | 0.000125 | 8 |
#
# Halve the displacement $h$ and the error is divided by about 2, 4 and 8: it falls like $h$, $h^2$ and $h^3$.

# %% key="example-run"
def product(x):
    return x[0] ** 2 * x[1]


point = vector(1.0, 2.0)
print(torch.func.grad(product)(point))
print(torch.func.hessian(product)(point))


# %% [markdown] checked="f9790743e750" key="e4-1" lang="ko"
# ### E4.1 `taylor`
# 난이도 2/5 · 중요도 5/5 · 15분 · 3점 · 자동 미분
#
# 함수 $f$와 점 $x_0$, 차수를 받아 **모델을 돌려주는** 함수를 쓰십시오. 모델은 변위를 받는 함수입니다. 도함수는 한 번만 구해 두고, 모델은 그것을 기억합니다.
#
# 모델은 변위 하나 `(n,)`에는 수 하나를, 변위 $B$개의 배치 `(B, n)`에는 `(B,)`를 돌려줍니다. 배치에서 2차 항은 $\frac{1}{2} \sum_{ij} \Delta x_{bi} H_{ij} \Delta x_{bj}$입니다. 변위끼리는 섞이지 않습니다. 변위가 0이면 모델의 값은 정확히 $f(x_0)$이어야 합니다.

# %% [markdown] key="e4-1" lang="en"
# ### E4.1 `taylor`
# difficulty 2/5 · importance 5/5 · 15 minutes · 3 points · automatic differentiation
#
# Write a function that takes $f$, a point $x_0$ and an order, and **returns a model**: a function of the displacement. The derivatives are computed once, and the model remembers them.
#
# For a single displacement `(n,)` the model returns a number; for a batch of $B$ displacements `(B, n)` it returns `(B,)`. In a batch the term of order 2 is $\frac{1}{2} \sum_{ij} \Delta x_{bi} H_{ij} \Delta x_{bj}$: displacements do not mix. Where the displacement is 0, the value of the model must be exactly $f(x_0)$.

# %% answer e4-1 covers="F5"
def taylor(f, x0: torch.Tensor, order: int):
    """Taylor model of f around a point.

    Args:
        f: a smooth torch function from shape (n,) to a 0-d tensor; it may be linear.
        x0: the point, float64, shape (n,); its entries are left unchanged.
        order: 0, 1 or 2.

    Returns:
        The model, a function: model(dx) is 0-d for dx of shape (n,) and has shape (B,) for dx of
        shape (B, n).

    Example:
        model = taylor(lambda x: x[0] ** 2 * x[1], vector(1.0, 2.0), 2)
        model(vector(0.1, 0.1)) -> 2.54
    """
    ### BEGIN SOLUTION
    x0 = x0.detach().clone()
    value, gradient, H = f(x0), torch.func.grad(f)(x0), torch.func.hessian(f)(x0)

    def model(dx):
        total = value.expand(dx.shape[:-1])
        if order >= 1:
            total = total + dx @ gradient
        if order >= 2:
            total = total + ((dx @ H) * dx).sum(-1) / 2
        return total

    return model
    ### END SOLUTION


# %% [markdown] checked="d337b3595a48" key="e4-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. `dx @ H`의 모양은 `dx`가 `(n,)`일 때와 `(B, n)`일 때 각각 무엇입니까?
# 2. $\Delta x^T H \Delta x = \sum_j (\Delta x^T H)_j \Delta x_j$이므로, 곱한 다음 마지막 축으로 더하면 두 경우를 한 번에 씁니다.
# 3. $f(x) = x_1^2 x_2$, 점 $(1, 2)$, 변위 $(-0.2, 0.5)$에서 2차 모델의 값은 1.58입니다.
#
# </details>

# %% [markdown] key="e4-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Which shape has `dx @ H` if `dx` is `(n,)`, and which if it is `(B, n)`?
# 2. $\Delta x^T H \Delta x = \sum_j (\Delta x^T H)_j \Delta x_j$: multiply, then sum over the last axis, and both cases are written at once.
# 3. For $f(x) = x_1^2 x_2$ at $(1, 2)$ with the displacement $(-0.2, 0.5)$ the model of order 2 gives 1.58.
#
# </details>

# %% key="e4-1-check"
for order, value in [(0, 2.0), (1, 2.5), (2, 2.54)]:
    model = taylor(product, point, order)
    np.testing.assert_allclose(to_array(model(vector(0.1, 0.1))), value, rtol=1e-5)
    assert to_array(model(torch.zeros(3, 2, dtype=torch.float64))).shape == (3,), "one value each"

# %% test e4-1-shape 0.5
# A number for one displacement, B numbers for a batch, whatever the order.

# %% test e4-1-slopes 1.0
# The remainder of the orders 0, 1 and 2 falls like h, h^2 and h^3.

# %% test e4-1-values 1.0
# The value of the second-order model: a slope alone cannot prove it.

# %% test e4-1-inputs 0.5 alone
# Rows of a batch, no displacement, a long one, a linear f; x0 stays as it was.

# %% key="e4-1-plot"
rates = torch.linspace(0, 0.06, 61, dtype=torch.float64)
line = -rates[:, None] * slope
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
left.plot(rates, torch.func.vmap(valley)(start + line), color="black", linewidth=2, label="$f$")
for order, style in enumerate([":", "--", "-."]):
    values = to_array(taylor(valley, start, order)(line))
    left.plot(rates, values, style, color="dimgrey", label=f"order {order}")
left.set(xlabel=r"learning rate $\eta$", ylabel="value", ylim=(-2, 12))
left.legend()
model, levels = taylor(valley, start, 2), [2, 3, 4, 5, 6, 8, 10]
window = ((-1.5, -0.4), (-0.2, 1.6))
contours(right, torch.func.vmap(valley), *window, levels, colors="black")
contours(right, lambda x: model(x - start), *window, levels, 25, colors="grey", linestyles="--")
right.plot(*start, "o", color="black")
right.set(xlabel="$x_1$", ylabel="$x_2$", title="$f$ (solid) and its model (dashed)")
figure.tight_layout()


# %% [markdown] checked="6591241b198c" key="e4-1-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 맨 앞에서 실패한 걸음을 따라 그린 손실과 세 모델입니다. 1차 모델은 끝없이 내려가지만, 2차 모델은 대략 어디에서 다시 올라가는지 압니다. 오른쪽은 손실의 등고선과 2차 모델의 등고선입니다. 점 가까이에서는 겹치고 멀어지면 갈라집니다. 모델의 등고선은 타원이므로 굽은 골짜기를 끝까지 따라가지 못합니다.

# %% [markdown] key="e4-1-see" lang="en"
# **What to see.** On the left, the loss and the models of all orders along the step that failed above. The model of order 1 goes down forever; the model of order 2 knows roughly where the loss turns up again. On the right, the level lines of the loss and of its model of order 2. Near the point they coincide, further away they part. The lines of the model are ellipses, which cannot follow a curved valley to its end.

# %% [markdown] checked="851807654c98" key="e4-2" lang="ko"
# ### E4.2 `seed_example`, `seed_example_reason`
# 난이도 1/5 · 중요도 3/5 · 4분 · 1점 · 자동 미분
#
# 테일러 전개를 소개할 때 흔히 쓰는 예입니다. $f(x) = x_1^2 + x_1 x_2 + x_2^2$, 점 $(1, 1)$, 변위 $(0.1, 0.2)$에서 참값과 2차 모델의 값을 배정밀도로 구하십시오. 반올림을 빼면 두 값의 차이는 0입니다.
#
# 그다음, 차이가 0인 이유를 고르십시오.
#
# - `"quadratic"`: $f$가 이차함수라서 나머지항이 어디에서나 0입니다.
# - `"small_dx"`: 변위가 작아서 나머지항이 보이지 않습니다.
# - `"rounding"`: 나머지항이 반올림으로 사라졌습니다.

# %% [markdown] key="e4-2" lang="en"
# ### E4.2 `seed_example`, `seed_example_reason`
# difficulty 1/5 · importance 3/5 · 4 minutes · 1 point · automatic differentiation
#
# Here is an example that introductions to Taylor's formula like to use. For $f(x) = x_1^2 + x_1 x_2 + x_2^2$ at the point $(1, 1)$ with the displacement $(0.1, 0.2)$, compute the exact value and that of the model of order 2, in double precision. Up to rounding, their difference is 0.
#
# Then choose why it is 0.
#
# - `"quadratic"`: $f$ is a quadratic, so the remainder is 0 everywhere.
# - `"small_dx"`: the displacement is small, so the remainder is not visible.
# - `"rounding"`: the remainder is lost in rounding.

# %% answer e4-2 covers="CB11 M11"
def seed_example() -> tuple:
    """The value of x1^2 + x1 x2 + x2^2 at (1.1, 1.2), and its second-order model around (1, 1).

    Returns:
        exact and approx, both in float64.
    """
    ### BEGIN SOLUTION
    f = lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2
    x0, dx = vector(1.0, 1.0), vector(0.1, 0.2)
    gradient, H = torch.func.grad(f)(x0), torch.func.hessian(f)(x0)
    return f(x0 + dx), f(x0) + gradient @ dx + dx @ H @ dx / 2
    ### END SOLUTION


# %% answer e4-2-reason-solution
def seed_example_reason() -> str:
    """Why both numbers of seed_example agree.

    Returns:
        "quadratic", "small_dx" or "rounding".
    """
    ### BEGIN SOLUTION
    return "quadratic"
    ### END SOLUTION


# %% [markdown] checked="5bfb4700e919" key="e4-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 변위를 $(100, 200)$으로 바꾸면 차이가 생깁니까?
# 2. $\nabla f(1, 1) = (3, 3)$이고 헤시안의 원소는 상수입니다. 삼계도함수는 무엇입니까?
# 3. 1차 항은 0.9, 2차 항은 0.07입니다.
#
# </details>

# %% [markdown] key="e4-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Does a difference appear if you change the displacement to $(100, 200)$?
# 2. $\nabla f(1, 1) = (3, 3)$, and the entries of the Hessian are constants. What are the third derivatives?
# 3. The term of order 1 is 0.9, that of order 2 is 0.07.
#
# </details>

# %% test e4-2-values 0.5
# Both numbers, to 12 digits.
exact, approx = seed_example()
assert abs(float(exact) - 3.97) < 1e-12, "1.21 + 1.32 + 1.44 is 3.97; in single precision it is not"
assert abs(float(approx) - 3.97) < 1e-12, "3 + 0.9 + 0.07 is 3.97"

# %% test e4-2-reason 0.5 alone
# One of the words of the docstring.
assert seed_example_reason() in ("quadratic", "small_dx", "rounding"), "one of these words"


# %% [markdown] checked="398e738b0377" key="e4-2-after" lang="ko"
# 그러니 이 예로는 공식이 옳은지 시험할 수 없습니다. 이를테면 헤시안을 $x_0$이 아니라 $x_0 + \Delta x$에서 구한 틀린 모델도 차이가 0입니다. 이차함수의 헤시안은 어디에서나 같기 때문입니다. 단정밀도로 계산하면 3.9700003이 나오기도 하는데, 이 차이는 반올림일 뿐 모델의 오차가 아닙니다. 모델을 시험하려면 이차함수가 **아닌** 함수가 필요합니다.

# %% [markdown] key="e4-2-after" lang="en"
# So the example cannot test the formula. A wrong model that takes the Hessian at $x_0 + \Delta x$ instead of $x_0$, for instance, shows the difference 0 as well, because the Hessian of a quadratic is the same everywhere. In single precision you may see 3.9700003; that is rounding and no error of the model. To test a model, you need a function that is **not** a quadratic.

# %% [markdown] checked="2cb25baf9e99" key="e4-3" lang="ko"
# ### E4.3 `remainders`, `observed_order`
# 난이도 3/5 · 중요도 5/5 · 15분 · 4점 · 자동 미분
#
# 오차 하나가 작다는 사실은 아무것도 증명하지 못합니다. 증명하는 것은 오차가 **줄어드는 속도**입니다. 방향 $d$를 정하고 스텝 $h$를 줄이면 $k$차 모델의 나머지항은 다음과 같습니다.
#
# $$|f(x_0 + h d) - \operatorname{model}(h d)| \approx C h^p, \qquad \log |R| \approx \log C + p \log h, \qquad p = k + 1$$
#
# 양축에 로그를 쓰면 직선이고, 그 기울기 $p$가 **관측된 차수**(observed order)입니다. 2차 모델이면 3이 나와야 합니다. `remainders`로 오차를 재고 `observed_order`로 기울기를 구하십시오.
#
# 직선에서 벗어나는 점은 빼야 합니다. 오차가 0이면 로그를 취할 수 없고, 오차가 반올림만큼 작아지면 더는 줄지 않습니다. 그래서 0과, 가장 큰 오차의 $10^{-12}$배보다 작은 오차는 쓰지 않습니다. 남은 점이 둘보다 적으면 `nan`을 돌려줍니다.
#
# `remainders`에서 여러분의 `taylor`를 불러도 됩니다. 다만 그 함수가 틀렸다면 여기에서도 점수를 잃습니다.

# %% [markdown] key="e4-3" lang="en"
# ### E4.3 `remainders`, `observed_order`
# difficulty 3/5 · importance 5/5 · 15 minutes · 4 points · automatic differentiation
#
# That a single error is small proves nothing. What proves something is **how fast** errors fall. Fix a direction $d$ and shrink the step $h$; the remainder of the model of order $k$ is
#
# $$|f(x_0 + h d) - \operatorname{model}(h d)| \approx C h^p, \qquad \log |R| \approx \log C + p \log h, \qquad p = k + 1$$
#
# On logarithmic axes this is a straight line, and its slope $p$ is the **observed order**. For a model of order 2 it should be 3. Measure the errors with `remainders`, and their slope with `observed_order`.
#
# Points off the line must be left out. An error of 0 has no logarithm, and an error as small as rounding falls no further. So leave out errors of 0, and errors below $10^{-12}$ times the largest one. If fewer than a pair of points is left, return `nan`.
#
# You may call your `taylor` inside `remainders`. If it is wrong, you then lose points here too.

# %% answer e4-3-remainders-solution covers="CB11 M11"
def remainders(f, x0: torch.Tensor, d: torch.Tensor, hs: torch.Tensor, order: int) -> torch.Tensor:
    """Absolute errors of the Taylor model of f along a direction.

    Args:
        f: a smooth torch function from shape (n,) to a 0-d tensor.
        x0: the point, float64, shape (n,).
        d: the direction, any length, shape (n,).
        hs: the steps, in any order and of any sign, shape (k,). No argument is changed.
        order: order of the model: 0, 1 or 2.

    Returns:
        |f(x0 + h d) - model(h d)| for each step, shape (k,).

    Example:
        f, hs = lambda x: x[0] ** 2 * x[1], vector(0.1, 0.2)
        remainders(f, vector(1.0, 2.0), vector(1.0, 1.0), hs, 2) -> [0.001, 0.008]
    """
    ### BEGIN SOLUTION
    slope, bend = torch.func.grad(f)(x0) @ d, d @ torch.func.hessian(f)(x0) @ d
    terms = [f(x0) * torch.ones_like(hs), slope * hs, bend * hs**2 / 2]
    exact = torch.stack([f(x0 + h * d) for h in hs])
    return (exact - sum(terms[: order + 1])).abs()
    ### END SOLUTION


# %% key="e4-3-remainders-check"
cubes = remainders(product, point, vector(1.0, 1.0), vector(0.1, 0.2), 2)
np.testing.assert_allclose(to_array(cubes), [0.001, 0.008], rtol=1e-5)

# %% test e4-3-remainders-shape 0.5
# One remainder for each step, one step included.

# %% test e4-3-remainders-first 0.5
# The absolute errors of the models of order 0 and 1.

# %% test e4-3-remainders-second 0.5
# The absolute errors of the model of order 2.

# %% test e4-3-remainders-inputs 0.5 alone
# Steps in any order and of any sign; the arguments stay as they were.

# %% answer e4-3-order-solution
def observed_order(hs: torch.Tensor, errs: torch.Tensor) -> float:
    """Slope of the errors over the steps on logarithmic axes.

    Args:
        hs: the steps, positive, all different, shape (k,).
        errs: the errors, zero or positive, shape (k,). No argument is changed.

    Returns:
        The slope, without the zeros and the errors below 1e-12 times the largest one; nan if
        fewer than two errors are left. Any way to fit a line will do.

    Example:
        observed_order(vector(0.1, 0.2), vector(0.001, 0.008)) -> 3.0
    """
    ### BEGIN SOLUTION
    hs, errs = np.asarray(hs), np.asarray(errs)
    kept = (errs > 0) & (errs >= 1e-12 * errs.max())
    if kept.sum() < 2:
        return math.nan
    return np.polyfit(np.log(hs[kept]), np.log(errs[kept]), 1)[0]
    ### END SOLUTION


# %% [markdown] checked="cf1f26e4b689" key="e4-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 스텝이 $1/2$배가 될 때 오차가 $1/8$배가 되었다면 기울기는 얼마입니까?
# 2. 방향을 정하면 모델에는 수 셋만 남습니다. $f(x_0) + h \, \nabla f^T d + \frac{h^2}{2} d^T H d$
# 3. 스텝 0.4, 0.2, 0.1과 오차 0.32, 0.08, 0에서 관측된 차수는 2입니다.
#
# </details>

# %% [markdown] key="e4-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. The step is multiplied by $1/2$ and the error by $1/8$: what is the slope?
# 2. Once the direction is fixed, only three numbers are left of the model. $f(x_0) + h \, \nabla f^T d + \frac{h^2}{2} d^T H d$
# 3. For the steps 0.4, 0.2, 0.1 and the errors 0.32, 0.08, 0 the observed order is 2.
#
# </details>

# %% test e4-3-order-powers 1.0
# Exact powers give their exponent, at any steps and in any order.
steps = torch.tensor([0.1, 0.2, 0.5], dtype=torch.float64)
assert abs(float(observed_order(steps, 7 * steps**3)) - 3) < 0.3, "the errors are 7 h^3"

# %% test e4-3-order-floor 0.5 alone
# Zeros and the floor of rounding are left out.
steps = torch.tensor([0.4, 0.2, 0.1], dtype=torch.float64)
errors = torch.tensor([0.32, 0.08, 0.0], dtype=torch.float64)
assert abs(float(observed_order(steps, errors)) - 2) < 0.3, "the error 0 is left out"

# %% test e4-3-order-few 0.5
# Without a pair of errors there is no slope.
steps = torch.tensor([0.4, 0.2, 0.1], dtype=torch.float64)
assert math.isnan(float(observed_order(steps, 0 * steps))), "no error is left: nan"

# %% key="e4-3-plot"
wave = lambda x: torch.exp(0.7 * x[0]) * torch.sin(x[1])
at, d = vector(0.6, 0.4), vector(0.7, 0.9)
hs = 2.0 ** -torch.arange(2, 25, dtype=torch.float64)
figure, axes = plt.subplots(figsize=(7, 4.5))
for order, marker in enumerate("os^"):
    errs = torch.as_tensor(to_array(remainders(wave, at, d, hs, order)))
    label = f"order {order}: slope {float(observed_order(hs, errs)):.2f}"
    axes.loglog(hs, errs, marker, color="black", markersize=4, label=label)
    axes.loglog(hs, errs[0] * (hs / hs[0]) ** (order + 1), "--", color="grey", linewidth=1)
axes.set(xlabel="$h$", ylabel="remainder", ylim=(1e-18, 2))
axes.legend()
figure.tight_layout()

# %% [markdown] checked="4063fa144224" key="e4-3-see" lang="ko"
# **그림에서 볼 것.** 점은 0차, 1차, 2차 모델의 나머지항이고, 파선은 기울기가 1, 2, 3인 직선입니다. 점들은 직선을 따라 내려갑니다. 다만 세모로 그린 2차 모델은 $10^{-16}$ 근처에서 직선을 벗어나거나 0이 되어 사라집니다. 여기부터는 모델이 아니라 반올림이 오차를 정하며, 이를 **반올림 바닥**(round-off floor)이라고 합니다. 바닥의 점까지 넣어 기울기를 구하면 차수가 작게 나옵니다.

# %% [markdown] key="e4-3-see" lang="en"
# **What to see.** The points are the remainders of the models of order 0, 1 and 2, the dashed lines have the slopes 1, 2 and 3. The points follow the lines down. But the triangles of order 2 leave their line near $10^{-16}$, or become 0 and disappear. From there on rounding decides and not the model: this is the **round-off floor**. Fit a line through the points on the floor as well, and the order comes out too small.

# %% [markdown] checked="01059731d205" key="e4-3-bugs" lang="ko"
# 이제 이 도구로 틀린 모델을 찾습니다. 2차 모델에 실수를 하나씩 심고 기울기를 잽니다.

# %% [markdown] key="e4-3-bugs" lang="en"
# Now use the tool to find wrong models. Plant one mistake at a time in the model of order 2, and measure the slope.

# %% key="e4-3-bugs-plot"
value, gradient, H = wave(at), torch.func.grad(wave)(at), torch.func.hessian(wave)(at)
planted = {
    "right": lambda u: value + gradient @ u + u @ H @ u / 2,
    "no 1/2": lambda u: value + gradient @ u + u @ H @ u,
    "diagonal of H only": lambda u: value + gradient @ u + u @ torch.diag(H.diagonal()) @ u / 2,
    "gradient with wrong sign": lambda u: value - gradient @ u + u @ H @ u / 2,
    "H at x0 + dx": lambda u: value + gradient @ u + u @ torch.func.hessian(wave)(at + u) @ u / 2,
}
hs = 2.0 ** -torch.arange(2, 10, dtype=torch.float64)
figure, axes = plt.subplots(figsize=(7, 4.5))
for (name, wrong), style in zip(planted.items(), ["o-", "s--", "^:", "v-.", "x--"]):
    errs = torch.stack([(wave(at + h * d) - wrong(h * d)).abs() for h in hs])
    label = f"{name}: slope {float(observed_order(hs, errs)):.2f}"
    axes.loglog(hs, errs, style, color="black", markersize=4, linewidth=1, label=label)
axes.set(xlabel="$h$", ylabel="remainder")
axes.legend(fontsize=8)
figure.tight_layout()


# %% [markdown] checked="7be6bdc11c9c" key="e4-3-bugs-see" lang="ko"
# **그림에서 볼 것.** 옳은 모델의 기울기는 약 3입니다. 1/2을 잊거나 $H$의 대각 원소만 쓰면 2, 그래디언트의 부호가 틀리면 1로 떨어집니다. 기울기가 1씩 차이 나므로 혼동할 여지가 없습니다. 그러나 $H$를 $x_0 + \Delta x$에서 구한 모델도 기울기가 약 3입니다. $H(x_0 + \Delta x) - H(x_0)$의 크기가 $h$ 정도여서 틀린 몫이 $h^3$ 속에 숨기 때문입니다. 이 실수는 함숫값을 직접 비교해야 드러납니다.

# %% [markdown] key="e4-3-bugs-see" lang="en"
# **What to see.** The right model has a slope of about 3. Without the 1/2, or with the diagonal of $H$ only, the slope drops to 2; with the wrong sign of the gradient, to 1. The slopes differ by 1, so there is no doubt. But the model with $H$ taken at $x_0 + \Delta x$ has a slope of about 3 as well: $H(x_0 + \Delta x) - H(x_0)$ is as small as $h$, and the mistake hides in $h^3$. Only a comparison of values finds it.

# %% [markdown] checked="5020e4813123" key="e4-4" lang="ko"
# ### E4.4 `predict_order`
# 난이도 2/5 · 중요도 3/5 · 5분 · 1점 · 손으로
#
# 기울기를 재기 전에 예측하십시오. 변수가 하나인 함수 $f$의 2차 모델에서 나머지항 $|R_2(h)| \approx C h^p$의 $p$는 얼마입니까? 미분은 점 $x_0$에서 합니다.
#
# - `"generic"`: 매끄러운 함수이며 특별한 성질이 없습니다. 보기: $e^x$
# - `"quadratic"`: 이차함수입니다. 나머지항이 0이면 어떤 거듭제곱보다도 빨리 줄어든 것이므로 `inf`를 답으로 합니다.
# - `"even"`: 매끄러운 함수이고 $f(x_0 + h) = f(x_0 - h)$이며 $f''''(x_0) \ne 0$입니다. 보기: $x_0 = 0$에서 $\cos x$
# - `"no_third"`: 매끄러운 함수이고 $f'''(x_0) = 0$이지만 $f''''(x_0) \ne 0$입니다.
# - `"kink"`: $x_0 = 0$에서 $|x|$이며, 자동 미분처럼 $f'(0) = f''(0) = 0$으로 두고 모델을 만듭니다.

# %% [markdown] key="e4-4" lang="en"
# ### E4.4 `predict_order`
# difficulty 2/5 · importance 3/5 · 5 minutes · 1 point · by hand
#
# Predict the slope before you measure it. For the model of order 2 of a function $f$ of a single variable, what is $p$ in the remainder $|R_2(h)| \approx C h^p$? Derivatives are taken at the point $x_0$.
#
# - `"generic"`: a smooth function with no special property, such as $e^x$.
# - `"quadratic"`: a quadratic. A remainder of 0 has fallen faster than any power, so the answer is `inf`.
# - `"even"`: a smooth function with $f(x_0 + h) = f(x_0 - h)$ and $f''''(x_0) \ne 0$, such as $\cos x$ at $x_0 = 0$.
# - `"no_third"`: a smooth function with $f'''(x_0) = 0$, but $f''''(x_0) \ne 0$.
# - `"kink"`: $|x|$ at $x_0 = 0$, with a model that puts $f'(0) = f''(0) = 0$, as automatic differentiation does.

# %% answer e4-4
def predict_order(case: str) -> float:
    """Exponent p of the remainder C h^p of a second-order Taylor model.

    Args:
        case: "generic", "quadratic", "even", "no_third" or "kink".

    Returns:
        The exponent; math.inf if the remainder is zero.
    """
    ### BEGIN SOLUTION
    orders = {"generic": 3.0, "quadratic": math.inf, "even": 4.0, "no_third": 4.0, "kink": 1.0}
    return orders[case]
    ### END SOLUTION


# %% [markdown] checked="457bd8e26c48" key="e4-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 모델이 빠뜨린 항 가운데 0이 아닌 첫 항은 몇 차입니까?
# 2. $f(x_0 + h) - \operatorname{model}(h) = \frac{h^3}{6} f'''(x_0) + \frac{h^4}{24} f''''(x_0) + \cdots$
# 3. 답 가운데 하나만 무한대이고, 나머지 답의 합은 12입니다.
#
# </details>

# %% [markdown] key="e4-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Of the terms that the model leaves out, which order has the first one that is not 0?
# 2. $f(x_0 + h) - \operatorname{model}(h) = \frac{h^3}{6} f'''(x_0) + \frac{h^4}{24} f''''(x_0) + \cdots$
# 3. Only one of the answers is infinite, and the others sum to 12.
#
# </details>

# %% test e4-4-smooth 0.5
# Smooth functions: the first term that is left out and not zero.
generic = float(predict_order("generic"))
assert generic > 2, "the remainder falls faster than the last term of the model"

# %% test e4-4-limits 0.5
# A quadratic and a kink.
assert float(predict_order("kink")) > 0, "the remainder of |x| at 0 does go to zero"


# %% [markdown] checked="87560a13d9b2" key="newton" lang="ko"
# ## 모델의 바닥으로: 뉴턴법
#
# 2차 모델은 함수보다 다루기가 훨씬 편합니다. $H$가 **양의 정부호**(positive definite)이면 모델은 그릇 모양이고, 그 바닥은 연립방정식 하나로 구합니다. 모델을 $p = \Delta x$로 미분해 0으로 놓으면 다음과 같습니다.
#
# $$\nabla f(x) + H(x) \, p = 0 \quad\Rightarrow\quad x_{\text{new}} = x + p, \qquad H p = -\nabla f$$
#
# 이것이 **뉴턴 걸음**(Newton step)입니다. 학습률이 없습니다. 곡률이 걸음의 길이를 방향마다 정하기 때문입니다. $f(x) = x_1^2 + 100 x_2^2$이라면 경사하강법은 두 방향에 같은 학습률을 써야 해서 느리지만, 뉴턴법은 한 걸음에 끝냅니다.
#
# 실패하는 경우는 두 가지입니다. 첫째, 걸음이 모델을 믿을 수 없는 곳까지 갈 수 있습니다. 둘째, $H$가 **부정부호**(indefinite)이면 모델에 바닥이 없습니다. 모델의 그래디언트가 0이 되는 곳은 안장점이고, 뉴턴 걸음은 바로 그곳으로 갑니다.

# %% [markdown] key="newton" lang="en"
# ## To the bottom of the model: Newton's method
#
# A model of order 2 is far more convenient than a function. If $H$ is **positive definite**, the model is a bowl, and its bottom is the solution of one linear system. Differentiate the model by $p = \Delta x$ and set the result to 0:
#
# $$\nabla f(x) + H(x) \, p = 0 \quad\Rightarrow\quad x_{\text{new}} = x + p, \qquad H p = -\nabla f$$
#
# This is the **Newton step**. There is no learning rate: the curvature decides the length of the step in each direction. On $f(x) = x_1^2 + 100 x_2^2$ gradient descent is slow, because it has the same rate for both directions; Newton's method is done in one step.
#
# It fails in either of these cases. First, the step may go where the model cannot be trusted. Second, if $H$ is **indefinite**, the model has no bottom. The place where its gradient is 0 is a saddle, and that is exactly where the Newton step goes.

# %% [markdown] checked="02a51ce3edaa" key="e4-5" lang="ko"
# ### E4.5 `newton_step`, `damped_newton`
# 난이도 4/5 · 중요도 4/5 · 18분 · 3점 · 자동 미분
#
# `newton_step`은 $H$가 양의 정부호인 점에서 한 걸음만 갑니다.
#
# `damped_newton`은 **감쇠 뉴턴법**(damped Newton method)입니다. 아무 점에서나 출발해 정해진 수만큼 걸으면서 $f$를 한 번도 키우지 않고, 안장점 근처에서 출발해도 최소점에 이릅니다. 그러자면 방향과 길이를 모두 고쳐야 합니다.
#
# - **방향.** $H$ 대신 양의 정부호 행렬 $B$를 쓰면 $\nabla f^T p = -\nabla f^T B^{-1} \nabla f < 0$이므로 걸음 $p$는 내리막입니다. $B$는 $H$의 고윳값을 절댓값으로 바꾼 $|H| = Q |\Lambda| Q^T$여도 되고, 작은 고윳값을 양수로 끌어올린 것이어도 되고, $H + \mu I$여도 됩니다.
# - **길이.** 내리막 방향이라도 너무 멀리 가면 다시 오르막입니다. $f$가 작아질 때까지 걸음을 반으로 줄입니다.
#
# 어떤 방법을 쓰든 채점은 경로의 성질만 봅니다. 걸음을 포기했다면 같은 점을 한 번 더 적으면 됩니다. 출발점은 안장점 가까이에 있을 수 있지만, 그래디언트가 곧장 안장점으로 이끄는 선 위에 있지는 않습니다.

# %% [markdown] key="e4-5" lang="en"
# ### E4.5 `newton_step`, `damped_newton`
# difficulty 4/5 · importance 4/5 · 18 minutes · 3 points · automatic differentiation
#
# `newton_step` takes a single step, at a point where $H$ is positive definite.
#
# `damped_newton` is the **damped Newton method**. It starts anywhere, takes a given number of steps, never increases $f$, and reaches a minimum even from the neighbourhood of a saddle. For that, both the direction and the length must be mended.
#
# - **Direction.** Put a positive definite matrix $B$ in the place of $H$, and $\nabla f^T p = -\nabla f^T B^{-1} \nabla f < 0$, so the step $p$ is downhill. For $B$ you may take $|H| = Q |\Lambda| Q^T$, with absolute values of the eigenvalues of $H$, or lift small eigenvalues to positive ones, or use $H + \mu I$.
# - **Length.** Even downhill, a step that is too long climbs. Halve it until $f$ falls.
#
# Whatever you choose, grading looks at the properties of the path only. If you give up a step, write the same point once more. The start may be close to a saddle, but never on a line along which the gradient leads straight into it.

# %% answer e4-5-newton-solution covers="CL5"
def newton_step(f, x: torch.Tensor) -> torch.Tensor:
    """One Newton step, at a point where the Hessian is positive definite.

    Args:
        f: a smooth torch function from shape (n,) to a 0-d tensor.
        x: the point, float64, shape (n,); its entries are left unchanged.

    Returns:
        The next point, shape (n,).

    Example:
        newton_step(lambda x: x[0] ** 4 + x[1] ** 2, vector(3.0, -2.0)) -> [2, 0]
    """
    ### BEGIN SOLUTION
    x = x.detach()
    return x - torch.linalg.solve(torch.func.hessian(f)(x), torch.func.grad(f)(x))
    ### END SOLUTION


# %% key="e4-5-newton-check"
quartic = lambda x: x[0] ** 4 + x[1] ** 2
np.testing.assert_allclose(to_array(newton_step(quartic, vector(3.0, -2.0))), [2, 0], atol=1e-6)

# %% test e4-5-newton-quadratic 0.5
# One step solves a quadratic, whatever its condition number.

# %% test e4-5-newton-values 0.5
# One step, and one only, on functions that are no quadratics.

# %% test e4-5-newton-inputs 0.5 alone
# The point stays as it was and may already require a gradient.

# %% answer e4-5-damped-solution
def damped_newton(f, x0: torch.Tensor, steps: int) -> torch.Tensor:
    """Newton's method that never climbs and is not caught by saddles.

    Args:
        f: a smooth torch function from shape (n,) to a 0-d tensor, bounded below.
        x0: the start, float64, shape (n,); its gradient is not zero; left unchanged.
        steps: number of steps, 0 or more.

    Returns:
        The points, shape (steps + 1, n): row 0 is x0, f never increases from row to row, and
        with enough steps the last row is a minimum.
    """
    ### BEGIN SOLUTION
    path = [x0.detach().clone()]
    for _ in range(steps):
        x = path[-1]
        curvatures, axes = torch.linalg.eigh(torch.func.hessian(f)(x))
        sizes = curvatures.abs()
        sizes = torch.clamp(sizes, min=1e-8 * float(sizes.max()) + 1e-12)
        step = -axes @ ((axes.T @ torch.func.grad(f)(x)) / sizes)
        for _ in range(50):
            if f(x + step) < f(x):
                break
            step = step / 2
        path.append(x + step if f(x + step) < f(x) else x)
    return torch.stack(path)
    ### END SOLUTION


# %% [markdown] checked="9d398d7393f1" key="e4-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $f(x) = x_1^2 - x_2^2$의 점 $(1, 0.1)$에서 뉴턴 걸음은 어디로 갑니까? 고윳값의 절댓값을 쓰면 어디로 갑니까?
# 2. $H = Q \Lambda Q^T$이면 $|H|^{-1} g = Q |\Lambda|^{-1} Q^T g$이고, $g^T |H|^{-1} g > 0$이므로 $-|H|^{-1} g$는 내리막입니다.
# 3. $f(x) = (x_1^2 - 1)^2 + x_2^2$에서 점 $(0.1, 0.5)$를 출발한 경로는 $(1, 0)$에서 끝나야 합니다.
#
# </details>

# %% [markdown] key="e4-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. On $f(x) = x_1^2 - x_2^2$, where does the Newton step from $(1, 0.1)$ go? Where does it go with absolute values of the eigenvalues?
# 2. If $H = Q \Lambda Q^T$, then $|H|^{-1} g = Q |\Lambda|^{-1} Q^T g$, and $g^T |H|^{-1} g > 0$, so $-|H|^{-1} g$ is downhill.
# 3. On $f(x) = (x_1^2 - 1)^2 + x_2^2$ the path from $(0.1, 0.5)$ should end at $(1, 0)$.
#
# </details>

# %% key="e4-5-damped-check"
two_bowls = lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2
path = to_array(damped_newton(two_bowls, vector(0.1, 0.5), 50))
assert path.shape == (51, 2), "the start and one row for each step"
np.testing.assert_allclose(path[0], [0.1, 0.5], rtol=1e-5)
np.testing.assert_allclose(path[-1], [1.0, 0.0], atol=1e-3)

# %% test e4-5-damped-shape 0.5
# The start and one row for each step, no step included.

# %% test e4-5-damped-descends 0.5 alone
# Row 0 is the start, and f never increases from row to row.

# %% test e4-5-damped-minimum 0.5
# The path reaches a minimum, also from near a saddle.

# %% key="e4-5-plot"
gradient_path = [start]
for _ in range(60):
    gradient_path.append(gradient_path[-1] - 0.02 * torch.func.grad(valley)(gradient_path[-1]))
newton_path = to_array(damped_newton(valley, start, 12))
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
levels = [0.05, 0.3, 1, 2, 4, 8, 16]
contours(left, torch.func.vmap(valley), (-1.5, 1.5), (-0.9, 1.8), levels, cmap="cividis")
for name, path, style in [
    ("gradient descent, rate 0.02", to_array(gradient_path), "s:"),
    ("damped Newton", newton_path, "o-"),
]:
    left.plot(path[:, 0], path[:, 1], style, color="black", markersize=4, label=name)
    values = torch.func.vmap(valley)(torch.as_tensor(path))
    right.semilogy(values, style, color="black", markersize=4, label=name)
left.set(xlabel="$x_1$", ylabel="$x_2$")
right.set(xlabel="step", ylabel="$f$", ylim=(1e-16, 20))
right.legend()
figure.tight_layout()


# %% [markdown] checked="ca4fa78a5aaa" key="e4-5-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 맨 앞의 손실을 내려가는 두 경로, 오른쪽은 그때의 손실입니다. 경사하강법은 골짜기 바닥에 내려선 다음 아주 천천히 걷습니다. 감쇠 뉴턴법은 몇 걸음 만에 최소점 $(1, 1)$에 이르고, 마지막에는 맞는 자릿수가 걸음마다 약 두 배가 됩니다.

# %% [markdown] key="e4-5-see" lang="en"
# **What to see.** On the left, a pair of paths down the loss of the beginning; on the right, the loss along them. Gradient descent reaches the floor of the valley and then walks very slowly. The damped Newton method reaches the minimum $(1, 1)$ within a few steps, and at the end the number of right digits about doubles with each step.

# %% [markdown] checked="f5b3ca4dc5de" key="e4-6" lang="ko"
# ### E4.6 `cubic_bound`, `trusted_radius`
# 난이도 2/5 · 중요도 3/5 · 6분 · 2점 · 손으로
#
# 2차 모델을 어디까지 믿어도 됩니까? 어느 점에서 어느 방향으로든 삼계도함수가 $M_3$을 넘지 않는다고 합시다. 곧 모든 점 $x$와 길이가 1인 모든 벡터 $u$에 대해 $|D^3 f(x)[u, u, u]| \le M_3$입니다. 그러면 거리 $r = \lVert \Delta x \rVert$에서 다음이 성립합니다.
#
# $$|R_2(\Delta x)| = \left| \int_0^1 \frac{(1 - t)^2}{2} \, D^3 f(x_0 + t \Delta x)[\Delta x, \Delta x, \Delta x] \, dt \right| \le \frac{M_3 r^3}{6}$$
#
# 이 한계는 더 줄일 수 없습니다. $f(x) = M_3 (u^T x)^3 / 6$, $x_0 = 0$, $\Delta x = r u$이면 등호가 성립합니다. `cubic_bound`는 이 한계를 돌려주고, `trusted_radius`는 한계가 허용 오차 `tol`과 같아지는 거리를 돌려줍니다. $M_3 = 0$인 경우에 무엇이 나와야 하는지도 생각하십시오.

# %% [markdown] key="e4-6" lang="en"
# ### E4.6 `cubic_bound`, `trusted_radius`
# difficulty 2/5 · importance 3/5 · 6 minutes · 2 points · by hand
#
# How far can a model of order 2 be trusted? Suppose that the third derivative exceeds $M_3$ at no point and in no direction: $|D^3 f(x)[u, u, u]| \le M_3$ for every point $x$ and every vector $u$ of length 1. Then at the distance $r = \lVert \Delta x \rVert$
#
# $$|R_2(\Delta x)| = \left| \int_0^1 \frac{(1 - t)^2}{2} \, D^3 f(x_0 + t \Delta x)[\Delta x, \Delta x, \Delta x] \, dt \right| \le \frac{M_3 r^3}{6}$$
#
# The bound cannot be improved: $f(x) = M_3 (u^T x)^3 / 6$ with $x_0 = 0$ and $\Delta x = r u$ attains it. `cubic_bound` returns the bound, and `trusted_radius` the distance at which it equals a tolerance `tol`. Think about what should come out for $M_3 = 0$.

# %% answer e4-6-bound-solution covers="F5"
def cubic_bound(M3: float, r: float) -> float:
    """Largest remainder that a second-order model can have at a distance.

    Args:
        M3: bound of the third derivative along unit vectors, zero or positive.
        r: the distance, zero or positive.

    Returns:
        The bound, a number.

    Example:
        cubic_bound(6.0, 2.0) -> 8.0
    """
    ### BEGIN SOLUTION
    return M3 * r**3 / 6
    ### END SOLUTION


# %% test e4-6-bound-values 0.5
# The bound to 12 digits, at small and large distances.
np.testing.assert_allclose(cubic_bound(6.0, 2.0), 8.0, rtol=1e-9)

# %% test e4-6-bound-holds 0.5
# No remainder is larger at 1,000 points, a cubic attains it; M3 = 0 or r = 0 gives 0.
np.testing.assert_allclose(cubic_bound(0.0, 2.0), 0.0, atol=1e-12)


# %% answer e4-6-radius-solution
def trusted_radius(M3: float, tol: float) -> float:
    """Distance within which a second-order model is off by at most a tolerance.

    Args:
        M3: bound of the third derivative along unit vectors, zero or positive.
        tol: the tolerance, positive.

    Returns:
        The distance, a number.

    Example:
        trusted_radius(6.0, 8.0) -> 2.0
    """
    ### BEGIN SOLUTION
    return (6 * tol / M3) ** (1 / 3) if M3 > 0 else math.inf
    ### END SOLUTION


# %% [markdown] checked="fd1874648c6e" key="e4-6-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 허용 오차가 8배가 되면 믿을 수 있는 거리는 몇 배가 됩니까?
# 2. $\int_0^1 \frac{(1 - t)^2}{2} \, dt = \frac{1}{6}$
# 3. $M_3 = 0.75$이고 허용 오차가 $10^{-3}$이면 거리는 0.2입니다.
#
# </details>

# %% [markdown] key="e4-6-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If the tolerance grows to 8 times its size, by which factor grows the distance?
# 2. $\int_0^1 \frac{(1 - t)^2}{2} \, dt = \frac{1}{6}$
# 3. For $M_3 = 0.75$ and the tolerance $10^{-3}$ the distance is 0.2.
#
# </details>

# %% test e4-6-radius-values 0.5
# The distance at which the bound is the tolerance.
np.testing.assert_allclose(trusted_radius(6.0, 8.0), 2.0, rtol=1e-9)

# %% test e4-6-radius-limits 0.5
# A model without third derivatives, and one with nearly none.
assert float(trusted_radius(6e-9, 1.0)) > 999, "the smaller M3, the further you may go"

# %% key="e4-6-plot"
rng = np.random.default_rng(0)
w, x0 = np.array([1.2, -0.7]), np.array([0.4, 0.3])
dx = rng.normal(size=(800, 2)) * 10 ** rng.uniform(-2, 0, size=(800, 1))
along, a = dx @ w, w @ x0
found = np.abs(np.sin(a + along) - np.sin(a) - np.cos(a) * along + np.sin(a) * along**2 / 2)
r, M3 = np.linalg.norm(dx, axis=1), np.linalg.norm(w) ** 3
distances = np.logspace(-2, 0.5, 50)
figure, axes = plt.subplots(figsize=(6, 4))
axes.loglog(r, found, ".", color="grey", markersize=3, label="$|R_2|$ of $\\sin(w^T x)$")
bounds = [float(cubic_bound(M3, s)) for s in distances]
axes.loglog(distances, bounds, color="black", label="cubic_bound")
axes.axhline(1e-3, linestyle=":", color="black", label="tolerance")
axes.axvline(float(trusted_radius(M3, 1e-3)), linestyle="--", color="black", label="trusted_radius")
axes.set(xlabel="$r$", ylabel="remainder", xlim=(0.01, 3), ylim=(1e-12, 20))
axes.legend(fontsize=8)
figure.tight_layout()


# %% [markdown] checked="8d929f9b9050" key="e4-6-see" lang="ko"
# **그림에서 볼 것.** 점은 $f(x) = \sin(w^T x)$의 나머지항이고, 실선은 한계입니다. 점은 모두 선 아래에 있고, $w$와 나란한 방향의 점들은 선에 바짝 붙습니다. 파선 왼쪽에서는 모든 점이 허용 오차 0.001보다 아래에 있습니다.

# %% [markdown] key="e4-6-see" lang="en"
# **What to see.** The points are remainders of $f(x) = \sin(w^T x)$, the solid line is the bound. All points lie below the line, and those in the direction of $w$ come close to it. To the left of the dashed line every point is below the tolerance 0.001.

# %% [markdown] checked="2cd3d7169ac9" key="e4-8" lang="ko"
# ### E4.8 `taylor3` (보너스)
# 난이도 4/5 · 중요도 2/5 · 15분 · 보너스 3점 · 자동 미분
#
# 3차 모델의 값을 구하십시오. 삼계도함수는 $n \times n \times n$ 텐서이지만, 방향이 하나로 정해져 있으면 텐서를 만들 필요가 없습니다. $g(t) = f(x_0 + t d)$의 도함수만 있으면 됩니다.
#
# $$f(x_0 + d) \approx g(0) + g'(0) + \frac{1}{2} g''(0) + \frac{1}{6} g'''(0)$$
#
# `torch.func.jvp(f, (x,), (d,))`는 $f(x)$와 $\nabla f(x)^T d$를 함께 줍니다. 뒤의 값을 $x$의 함수로 보고 다시 `jvp`를 취하면 $d^T H d$가, 한 번 더 취하면 삼계도함수가 나옵니다.

# %% [markdown] key="e4-8" lang="en"
# ### E4.8 `taylor3` (bonus)
# difficulty 4/5 · importance 2/5 · 15 minutes · 3 bonus points · automatic differentiation
#
# Compute the value of the model of order 3. The third derivatives form an $n \times n \times n$ tensor, but for a single direction nobody needs to build it: the derivatives of $g(t) = f(x_0 + t d)$ are enough.
#
# $$f(x_0 + d) \approx g(0) + g'(0) + \frac{1}{2} g''(0) + \frac{1}{6} g'''(0)$$
#
# `torch.func.jvp(f, (x,), (d,))` gives $f(x)$ together with $\nabla f(x)^T d$. See the latter as a function of $x$ and take `jvp` of it: there is $d^T H d$. Once more, and there is the third derivative.

# %% answer e4-8
def taylor3(f, x0: torch.Tensor, d: torch.Tensor) -> torch.Tensor:
    """Value of the third-order Taylor model of f around x0 at the displacement d.

    Args:
        f: a smooth torch function from shape (n,) to a 0-d tensor; it may be linear or quadratic.
        x0: the point, float64, shape (n,).
        d: the displacement, float64, shape (n,). No argument is changed.

    Returns:
        The value, 0-d.

    Example:
        taylor3(lambda x: x[0] ** 2 * x[1], vector(1.0, 2.0), vector(0.1, 0.1)) -> 2.541
    """
    ### BEGIN SOLUTION
    first = lambda x: torch.func.jvp(f, (x,), (d,))[1]
    second = lambda x: torch.func.jvp(first, (x,), (d,))[1]
    third = lambda x: torch.func.jvp(second, (x,), (d,))[1]
    return f(x0) + first(x0) + second(x0) / 2 + third(x0) / 6
    ### END SOLUTION


# %% [markdown] checked="7c92a2b23269" key="e4-8-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $f(x) = x^3$이면 $d$ 방향의 `jvp`를 차례로 취할 때 무엇이 나옵니까?
# 2. $g'''(0) = \sum_{ijk} \frac{\partial^3 f}{\partial x_i \, \partial x_j \, \partial x_k} d_i d_j d_k$
# 3. $f(x) = x_1^2 x_2$는 삼차식이므로 3차 모델은 정확합니다. 점 $(1, 2)$, 변위 $(1, 1)$에서 값은 12입니다.
#
# </details>

# %% [markdown] key="e4-8-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. For $f(x) = x^3$, what comes out when you take `jvp` in the direction $d$ again and again?
# 2. $g'''(0) = \sum_{ijk} \frac{\partial^3 f}{\partial x_i \, \partial x_j \, \partial x_k} d_i d_j d_k$
# 3. $f(x) = x_1^2 x_2$ is a cubic, so the model of order 3 is exact. At $(1, 2)$ with the displacement $(1, 1)$ its value is 12.
#
# </details>

# %% key="e4-8-check"
cubic_value = to_array(taylor3(product, point, vector(0.1, 0.1)))
np.testing.assert_allclose(cubic_value, 2.541, rtol=1e-9)

# %% test e4-8-values 1 bonus
# The value to the last digits, of functions of one and of two numbers.

# %% test e4-8-slope 1 bonus
# With three inputs and more, the remainder falls like h^4.

# %% test e4-8-inputs 1 bonus alone
# No displacement, a quadratic, a linear f; the arguments stay as they were.

# %% [markdown] checked="a20241127224" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 기울기가 3이 아니라 2이다: 1/2을 잊었거나 $H$의 대각 원소만 썼습니다.
# - 기울기가 1이다: 그래디언트가 틀렸습니다. 헤시안을 고치기 전에 이것부터 고치십시오.
# - 기울기가 0이다: 모델이 $f(x_0)$에서 출발하지 않습니다.
# - 기울기가 2.4처럼 어중간하다: 반올림 바닥의 점을 넣었거나 스텝이 너무 큽니다.
# - 기울기는 3인데 값이 다르다: $H$를 $x_0$이 아니라 $x_0 + \Delta x$에서 구했습니다.
# - 배치의 결과가 $B \times B$ 행렬이다: `dx @ H @ dx.T`는 서로 다른 변위를 섞습니다.
# - 뉴턴법이 안장점에서 멈춘다: $H$의 음의 고윳값을 그대로 썼습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - The slope is 2 and not 3: the 1/2 is missing, or only the diagonal of $H$ is used.
# - The slope is 1: the gradient is wrong. Mend it before you mend the Hessian.
# - The slope is 0: the model does not start from $f(x_0)$.
# - The slope is something like 2.4: points of the round-off floor are included, or the steps are too large.
# - The slope is 3 and yet the values differ: $H$ is taken at $x_0 + \Delta x$, not at $x_0$.
# - A batch gives a $B \times B$ matrix: `dx @ H @ dx.T` mixes displacements.
# - Newton's method stops at a saddle: negative eigenvalues of $H$ are used as they are.

# %% [markdown] question e4-7 2.0
# ## E4.7 설명하기 · Explain
#
# **한국어.** 어떤 학생이 2차 테일러 모델을 만들고 나머지항을 로그-로그 그래프에 그렸습니다.
#
# **English.** A student built a Taylor model of order 2 and plotted the remainder on logarithmic axes.
#
# $$\log |f(x_0 + h d) - \operatorname{model}(h d)| \quad \text{against} \quad \log h$$
#
# **한국어.** (a) 기울기가 1이면 왜 그래디언트가 틀렸다고 볼 수 있습니까? (b) 기울기가 2이면 왜 헤시안이 들어간 항이 틀렸다고 볼 수 있습니까? (c) 기울기가 3인데도 모델이 틀릴 수 있는 보기를 하나 들고, 무엇으로 찾아내는지 쓰십시오. 모두 합해 서너 문장이면 됩니다.
#
# **English.** (a) Why does slope 1 betray a wrong gradient? (b) Why does slope 2 betray a wrong term with the Hessian? (c) Give an example of a model that is wrong although the slope is 3, and say what finds the mistake. Three or four sentences are enough.
#
# === BEGIN MARK SCHEME ===
#
# 2점: (a) 틀린 그래디언트 $\hat g$는 $h (\hat g - \nabla f)^T d$를 남기고, 작은 $h$에서는 이 1차 항이 나머지 모두보다 크다. (b) 그래디언트가 맞으면 1차 항은 지워지고, 틀린 $\hat H$가 $\frac{h^2}{2} d^T (\hat H - H) d$를 남긴다. 1/2을 잊은 경우도 같다. (c) $H$를 $x_0 + \Delta x$에서 구한 모델, 또는 이 방향 $d$에서만 차이가 0인 모델. 값을 직접 비교하거나 다른 방향을 쓰면 드러난다. 배점은 (a) 0.75점, (b) 0.75점, (c) 0.5점이다. (a)와 (b)에서 남는 항을 말하지 않고 규칙만 되풀이하면 각각 0.25점이다.
#
# 2 points: (a) a wrong gradient $\hat g$ leaves $h (\hat g - \nabla f)^T d$, and for small $h$ this term of first order exceeds all others. (b) If the gradient is right, the terms of first order cancel, and a wrong $\hat H$ leaves $\frac{h^2}{2} d^T (\hat H - H) d$; forgetting the 1/2 does the same. (c) A model with $H$ taken at $x_0 + \Delta x$, or one whose mistake is 0 in this direction $d$ only; a comparison of values, or other directions, find it. (a) is worth 0.75, (b) 0.75, (c) 0.5 points. For (a) and (b), repeating the rule without the term that is left earns 0.25 each.
#
# Sample, 2 points: "If the gradient is wrong by e, the difference contains h times e·d. All other terms have h² or more, so for small h the line has slope 1. If the gradient is right that part cancels, and an error E of the Hessian leaves h²/2 d·Ed, which beats the true h³ term, so the slope is 2. With H at x0+dx the error of H is itself of size h, so the slope stays 3; comparing the value with a known one shows it."
#
# 예시, 1점: "기울기 1은 1차 항이 틀렸다는 뜻이고 기울기 2는 2차 항이 틀렸다는 뜻입니다. 각 항이 h와 h²이기 때문입니다. 헤시안을 다른 점에서 구하면 기울기가 3이어도 틀릴 수 있고, 함숫값을 비교하면 알 수 있습니다." (규칙만 되풀이한 (a)와 (b)는 0.25점씩, (c)는 0.5점.)
#
# === END MARK SCHEME ===

# %% [markdown] checked="3a4a1e10e337" key="e4-7-answer" lang="ko"
# **여기에 답을 쓰십시오.**

# %% [markdown] key="e4-7-answer" lang="en"
# **Write your answer here.**

# %% [markdown] checked="e3ff9ec96f8d" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# - 2차 전개의 예로 이차함수를 쓰고 그 오차를 보여 주는 일이 흔합니다. 이차함수에서는 오차가 정확히 0이고, 화면에 보이는 작은 수는 반올림입니다. E4.2에서 확인합니다.
# - 그래서 그런 예는 공식이 옳은지 시험할 수 없습니다. 이차함수가 아닌 함수에서 스텝을 줄여 가며 차수를 재야 하고, 2차 모델이면 기울기가 약 3이어야 합니다. E4.3에서 확인합니다.
# - 기울기도 모든 것을 증명하지는 않습니다. $H$를 $x_0 + \Delta x$에서 구하는 실수는 값의 비교로만 드러납니다. E4.1의 테스트가 둘을 모두 하는 이유입니다.

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# - A quadratic often serves as the example of the expansion of order 2, together with its error. For a quadratic the error is exactly 0, and the small number on the screen is rounding. E4.2 shows it.
# - So such an example cannot test whether the formula is right. Take a function that is no quadratic, shrink the step and measure the order: for a model of order 2 the slope must be about 3. E4.3 shows it.
# - A slope does not prove everything either. That $H$ was taken at $x_0 + \Delta x$ shows only when values are compared. That is why the tests of E4.1 do both.

# %% [markdown] checked="eef8a0618691" key="further" lang="ko"
# ## 더 나아가기
#
# 뉴턴법은 변수가 $n$개일 때 $n \times n$ 헤시안을 저장하고 연립방정식을 풀어야 합니다. 가중치가 수백만 개인 신경망에서는 할 수 없는 일입니다. 그래서 실제 옵티마이저는 그래디언트만으로 걸음의 크기를 정합니다. 그 가운데 하나인 Adam이 곡률을 쓰는지, 쓰지 않는다면 무엇을 쓰는지는 `ps5-adam`에서 다룹니다. 헤시안 없이 $Hv$를 구하는 방법은 `ps3-hessian`에 있습니다.
#
# 스스로 해 볼 만한 문제도 두 가지 있습니다. 안장점 $x_1^2 - x_2^2$ 근처의 여러 점에서 뉴턴법과 `damped_newton`을 출발시켜 어디로 가는지 그려 보십시오. 또 맨 앞의 실패에서 2차 모델이 예측하는 가장 좋은 학습률 $\lVert g \rVert^2 / (g^T H g)$를 구해, 그 걸음이 손실을 실제로 얼마나 줄이는지 보십시오.

# %% [markdown] key="further" lang="en"
# ## Going further
#
# With $n$ variables, Newton's method has to store an $n \times n$ Hessian and solve with it. For a network with millions of weights that is out of reach, so the optimisers in use decide the size of their steps from gradients alone. Whether one of them, Adam, uses curvature, and what it uses if it does not, is the subject of `ps5-adam`. How to compute $Hv$ without the Hessian is in `ps3-hessian`.
#
# A pair of problems to try: start Newton's method and `damped_newton` from many points near the saddle $x_1^2 - x_2^2$ and draw where they go. And for the failure at the beginning, compute the best learning rate that the model of order 2 predicts, $\lVert g \rVert^2 / (g^T H g)$, and see by how much that step lowers the loss.
