# %% [markdown] checked="26eabeb20515" key="title" lang="ko"
# # ps1. 야코비안
#
# 출력이 여러 개인 함수를 미분하면 수 하나가 아니라 행렬을 얻습니다. 이 행렬이 **야코비안**(Jacobian)입니다. 신경망의 모든 층은 야코비안을 하나씩 가지고 있고, 역전파는 그 행렬들을 한 번도 만들지 않으면서 곱하는 방법입니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 어떤 미분이든 그 모양을 계산 없이 말합니다.
# - 작은 함수의 야코비안을 손으로 구하고, 차분으로 확인합니다.
# - `torch.autograd`로 야코비안을 행마다 만듭니다.
# - 선형층, 활성화 함수, 소프트맥스의 야코비안을 씁니다.
# - 배치에서 표본마다의 야코비안을 구합니다.
#
# 75분, 18점이며 보너스 퍼즐이 4점입니다. 먼저 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps1. The Jacobian
#
# Differentiate a function with several outputs and you get not one number but a matrix, the **Jacobian**. Every layer of a neural network has one, and backpropagation is a way to multiply these matrices without ever forming them.
#
# After this notebook you can
#
# - tell the shape of any derivative without computing it;
# - find the Jacobian of a small function by hand and confirm it with differences;
# - build a Jacobian row by row with `torch.autograd`;
# - write down the Jacobians of a linear layer, an activation and the softmax;
# - compute one Jacobian per sample of a batch.
#
# 75 minutes, 18 points, and 4 bonus points for the puzzles. Run the cells in order, starting with the one below.

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


def heat_map(axes, matrix, title, digits=2):
    """Draw a matrix: rows are outputs, columns are inputs."""
    matrix = to_array(matrix)
    axes.imshow(matrix, cmap="cividis")
    for i, j in np.ndindex(matrix.shape):
        bright = matrix[i, j] > (matrix.min() + matrix.max()) / 2
        color = "black" if bright else "white"
        axes.text(j, i, f"{matrix[i, j]:.{digits}f}", ha="center", va="center", color=color)
    axes.set(title=title, xlabel="input $j$", ylabel="output $i$")
    axes.set_xticks(range(matrix.shape[1]))
    axes.set_yticks(range(matrix.shape[0]))


# %% [markdown] checked="181aa5137fbd" key="failure" lang="ko"
# ## 한 번의 실패
#
# 층 하나에 입력 3개를 넣어 출력 2개를 얻고, 늘 하던 대로 `backward`를 불러 봅니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Send 3 inputs through a layer that has 2 outputs, and call `backward` as usual.

# %% key="failure-run"
layer = torch.nn.Linear(3, 2)
inputs = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
outputs = layer(inputs)
try:
    outputs.backward()
except RuntimeError as error:
    print(error)


# %% [markdown] checked="e0ec292c1433" key="failure-why" lang="ko"
# PyTorch는 출력이 스칼라일 때만 그래디언트를 스스로 만듭니다. 출력이 2개이면 "어느 출력의 그래디언트인가"라는 질문이 남기 때문입니다. 두 그래디언트를 모두 원한다면, 답은 벡터가 아니라 행렬입니다.

# %% [markdown] key="failure-why" lang="en"
# PyTorch creates a gradient by itself only for a scalar output. With 2 outputs a question remains: the gradient of which one? If you want both, the answer is not a vector but a matrix.

# %% [markdown] checked="3b5df00200f7" key="definition" lang="ko"
# ## 정의
#
# 함수 $f: \mathbb{R}^n \to \mathbb{R}^m$의 **야코비안**(Jacobian)은 다음 $m \times n$ 행렬입니다.
#
# $$J = \begin{bmatrix} \dfrac{\partial f_1}{\partial x_1} & \cdots & \dfrac{\partial f_1}{\partial x_n} \\ \vdots & & \vdots \\ \dfrac{\partial f_m}{\partial x_1} & \cdots & \dfrac{\partial f_m}{\partial x_n} \end{bmatrix}, \qquad J_{ij} = \frac{\partial f_i}{\partial x_j}$$
#
# 행 $i$는 출력 $f_i$의 그래디언트를 눕힌 것입니다. 열 $j$는 입력 $x_j$를 조금 움직일 때 모든 출력이 어떻게 움직이는지 말해 줍니다. 그래서 작은 변화 $\Delta x$에 대해 $f(x + \Delta x) \approx f(x) + J \Delta x$입니다.

# %% [markdown] key="definition" lang="en"
# ## The definition
#
# The **Jacobian** of a function $f: \mathbb{R}^n \to \mathbb{R}^m$ is the $m \times n$ matrix
#
# $$J = \begin{bmatrix} \dfrac{\partial f_1}{\partial x_1} & \cdots & \dfrac{\partial f_1}{\partial x_n} \\ \vdots & & \vdots \\ \dfrac{\partial f_m}{\partial x_1} & \cdots & \dfrac{\partial f_m}{\partial x_n} \end{bmatrix}, \qquad J_{ij} = \frac{\partial f_i}{\partial x_j}$$
#
# Row $i$ is the gradient of the output $f_i$, lying down. Column $j$ tells how all outputs move when the input $x_j$ moves a little. So for a small change $\Delta x$, $f(x + \Delta x) \approx f(x) + J \Delta x$.

# %% [markdown] checked="b41a306b3d6f" key="convention" lang="ko"
# ### 이 강의의 약속
#
# $f$의 출력이 하나이면 야코비안 $Df$는 $1 \times n$ 행, 곧 누운 벡터입니다. **그래디언트**(gradient) $\nabla f = (Df)^T$는 그것을 세운 벡터로, 모양이 $x$와 같습니다. PyTorch의 `.grad`도 그렇습니다. 강의 내내 야코비안에서 행은 출력이고 열은 입력이며, 그래디언트는 $x$의 모양을 따릅니다.

# %% [markdown] key="convention" lang="en"
# ### The convention of this course
#
# If $f$ has a single output, the Jacobian $Df$ is a $1 \times n$ row, a vector lying down. The **gradient** $\nabla f = (Df)^T$ is the same vector standing up, and it has the shape of $x$. So does `.grad` in PyTorch. Throughout the course, rows of a Jacobian are outputs, columns are inputs, and a gradient has the shape of $x$.

# %% [markdown] checked="1e9489e66376" key="example" lang="ko"
# ## 가장 작은 예
#
# $f(x) = (x_1^2 + x_2,\; x_1 x_2 + x_2^2)$를 점 $(2, 3)$에서 미분합니다. 첫 번째 출력의 편미분은 $2 x_1 = 4$와 $1$, 두 번째 출력의 편미분은 $x_2 = 3$과 $x_1 + 2 x_2 = 8$입니다.
#
# $$J(2, 3) = \begin{bmatrix} 4 & 1 \\ 3 & 8 \end{bmatrix}$$
#
# 같은 행렬을 PyTorch는 두 가지 방식으로 계산합니다. `torch.autograd.functional.jacobian`은 오래된 함수이고, `torch.func`의 `jacrev`와 `jacfwd`는 함수를 받아 함수를 돌려주므로 서로 겹쳐 쓰고 `vmap`과 함께 쓸 수 있습니다.

# %% [markdown] key="example" lang="en"
# ## The smallest example
#
# Differentiate $f(x) = (x_1^2 + x_2,\; x_1 x_2 + x_2^2)$ at the point $(2, 3)$. The partial derivatives of the first output are $2 x_1 = 4$ and $1$, those of the second $x_2 = 3$ and $x_1 + 2 x_2 = 8$.
#
# $$J(2, 3) = \begin{bmatrix} 4 & 1 \\ 3 & 8 \end{bmatrix}$$
#
# PyTorch computes the same matrix in two ways. `torch.autograd.functional.jacobian` is the older function; `jacrev` and `jacfwd` of `torch.func` take a function and return a function, so that they can be nested and combined with `vmap`.

# %% key="example-run"
def example(x):
    return torch.stack([x[0] ** 2 + x[1], x[0] * x[1] + x[1] ** 2])


point = torch.tensor([2.0, 3.0], dtype=torch.float64)
print(torch.autograd.functional.jacobian(example, point))
print(torch.func.jacrev(example)(point))
print(torch.func.jacfwd(example)(point))


# %% [markdown] checked="55cf2b5ae6fb" key="e1-1" lang="ko"
# ### E1.1 `derivative_shape`
# 난이도 1/5 · 중요도 4/5 · 5분 · 1점
#
# 출력의 각 원소는 입력의 각 원소로 미분됩니다. 그러니 미분의 모양에는 출력의 모양과 입력의 모양이 모두 들어갑니다. 어느 것이 먼저 오는지는 행과 열의 약속에서 나옵니다. 행렬이나 배치가 들어와도 규칙은 같습니다.

# %% [markdown] key="e1-1" lang="en"
# ### E1.1 `derivative_shape`
# difficulty 1/5 · importance 4/5 · 5 minutes · 1 point
#
# Every entry of the output is differentiated by every entry of the input. So both shapes appear in the shape of the derivative, and the convention of rows and columns tells which comes first. The rule is the same for matrices and batches.

# %% answer e1-1 covers="CB1 TB1 TB4 M7"
def derivative_shape(in_shape: tuple, out_shape: tuple) -> tuple:
    """Shape of the derivative of a function between arrays, as PyTorch returns it.

    Args:
        in_shape: shape of the input, () for a scalar.
        out_shape: shape of the output.

    Returns:
        The shape as a tuple.

    Example:
        derivative_shape((3,), (2,)) -> (2, 3)
    """
    ### BEGIN SOLUTION
    return tuple(out_shape) + tuple(in_shape)
    ### END SOLUTION


# %% [markdown] checked="9ad91f80e0ac" key="e1-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 입력 3개, 출력 2개인 층의 야코비안은 행이 몇 개입니까?
# 2. $m \times n$에서 $m$은 출력에서, $n$은 입력에서 왔습니다.
# 3. 모양이 `(2, 3)`인 입력과 `(4,)`인 출력 사이의 미분은 원소가 24개입니다.
#
# </details>

# %% [markdown] key="e1-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. A layer has 3 inputs and 2 outputs. How many rows has its Jacobian?
# 2. In $m \times n$, $m$ came from the output and $n$ from the input.
# 3. The derivative between an input of shape `(2, 3)` and an output of shape `(4,)` has 24 entries.
#
# </details>

# %% test e1-1-vectors 0.5
# The gradient of a scalar has the shape of x; a vector with one entry gives one row.
assert tuple(derivative_shape((3,), (2,))) == (2, 3), "3 inputs and 2 outputs: a (2, 3) matrix"
assert tuple(derivative_shape((), ())) == (), "the derivative of a scalar by a scalar is a scalar"

# %% test e1-1-tensors 0.5
# Matrices and batches follow the same rule.
assert tuple(derivative_shape((2, 3), (4,))) == (4, 2, 3), "4 outputs, each by a (2, 3) matrix"


# %% [markdown] checked="394c87d26cff" key="e1-2" lang="ko"
# ### E1.2 `jac_example`
# 난이도 1/5 · 중요도 4/5 · 5분 · 2점 · 손으로
#
# 앞에서 본 $f(x) = (x_1^2 + x_2,\; x_1 x_2 + x_2^2)$의 야코비안을 이제 임의의 점에서 구합니다. 편미분 4개를 종이에 먼저 쓰고, 그다음 NumPy로 옮기십시오. "손으로" 푸는 문제에서는 함수가 실행되는 동안 torch를 쓸 수 없습니다.

# %% [markdown] key="e1-2" lang="en"
# ### E1.2 `jac_example`
# difficulty 1/5 · importance 4/5 · 5 minutes · 2 points · by hand
#
# Take $f(x) = (x_1^2 + x_2,\; x_1 x_2 + x_2^2)$ from above, now at any point. Write the 4 partial derivatives on paper first, then put them into NumPy. In an exercise "by hand", torch is not available while your function runs.

# %% answer e1-2 covers="CB4"
def jac_example(x: np.ndarray) -> np.ndarray:
    """Jacobian of f(x) = (x1^2 + x2, x1 x2 + x2^2).

    Args:
        x: the point (x1, x2), shape (2,); left unchanged.

    Returns:
        The Jacobian, shape (2, 2): row i belongs to output i.

    Example:
        jac_example(np.array([2.0, 3.0])) -> [[4, 1], [3, 8]]
    """
    ### BEGIN SOLUTION
    x1, x2 = x
    return np.array([[2 * x1, 1.0], [x2, x1 + 2 * x2]])
    ### END SOLUTION


# %% [markdown] checked="1f585423c7b2" key="e1-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 두 번째 출력에서 $x_2$를 상수로 보면 $x_1$에 대한 미분은 무엇입니까?
# 2. $\partial (x_1 x_2 + x_2^2) / \partial x_2 = x_1 + 2 x_2$
# 3. 점 $(-1, 2)$에서 네 원소의 합은 4입니다.
#
# </details>

# %% [markdown] key="e1-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. In the second output, hold $x_2$ constant: what is the derivative with respect to $x_1$?
# 2. $\partial (x_1 x_2 + x_2^2) / \partial x_2 = x_1 + 2 x_2$
# 3. At the point $(-1, 2)$ the sum of all entries is 4.
#
# </details>

# %% test e1-2-shape 0.5
# Two outputs and two inputs: a (2, 2) matrix of finite numbers.
assert np.shape(jac_example(np.array([2.0, 3.0]))) == (2, 2), "two rows and two columns"

# %% test e1-2-values 1.0
# The entries at (2, 3), and at points where the matrix is not symmetric.
np.testing.assert_allclose(jac_example(np.array([2.0, 3.0])), [[4.0, 1.0], [3.0, 8.0]], rtol=1e-4)

# %% test e1-2-extremes 0.5 alone
# Large and small points; the argument stays as it was.
corner = np.array([1000.0, 0.0])
np.testing.assert_allclose(jac_example(corner), [[2000.0, 1.0], [0.0, 1000.0]], rtol=1e-4, atol=0.1)
np.testing.assert_array_equal(corner, [1000.0, 0.0])

# %% key="e1-2-plot"
figure, panels = plt.subplots(1, 2, figsize=(7, 3))
for axes, (x1, x2) in zip(panels, [(2.0, 3.0), (-1.0, 0.5)]):
    heat_map(axes, jac_example(np.array([x1, x2])), f"$J({x1:g}, {x2:g})$")
figure.tight_layout()


# %% [markdown] checked="26860cdf9f36" key="e1-2-see" lang="ko"
# **그림에서 볼 것.** 같은 함수의 야코비안을 두 점에서 그린 열지도입니다. 오른쪽 위 원소 $\partial f_1 / \partial x_2 = 1$만 점이 바뀌어도 그대로입니다. 비선형 함수의 야코비안은 점의 함수입니다.

# %% [markdown] key="e1-2-see" lang="en"
# **What to see.** Heat maps of the Jacobian of one function at two points. Only the upper right entry $\partial f_1 / \partial x_2 = 1$ stays when the point moves: the Jacobian of a nonlinear function is itself a function of the point.

# %% [markdown] checked="e85567ff6570" key="e1-3" lang="ko"
# ### E1.3 `numerical_jacobian`
# 난이도 2/5 · 중요도 5/5 · 12분 · 3점 · 손으로
#
# 야코비안을 의심할 때 쓸 도구를 만듭니다. 열 $j$는 입력 하나를 움직여 얻습니다. $f$를 두 번 부르면 출력 전체의 변화가 나오므로, 한 번에 한 열이 채워집니다.
#
# $$J_{:,j} \approx \frac{f(x + h e_j) - f(x - h e_j)}{2h}$$
#
# 전진 차분을 써도 됩니다. 받은 배열 `x`를 바꾸지 않도록 하십시오. `xp = x`는 복사가 아닙니다.

# %% [markdown] key="e1-3" lang="en"
# ### E1.3 `numerical_jacobian`
# difficulty 2/5 · importance 5/5 · 12 minutes · 3 points · by hand
#
# Build the tool for doubting a Jacobian. Column $j$ comes from moving a single input: a pair of calls of $f$ shows the change of all outputs, so one column is filled at a time.
#
# $$J_{:,j} \approx \frac{f(x + h e_j) - f(x - h e_j)}{2h}$$
#
# A forward difference is fine too. Leave the given array `x` as it is: `xp = x` makes no copy.

# %% answer e1-3 covers="F1"
def numerical_jacobian(f, x: np.ndarray, h: float = 1e-6) -> np.ndarray:
    """Jacobian by finite differences, column by column.

    Args:
        f: a function from shape (n,) to shape (m,).
        x: the point, shape (n,); left unchanged.
        h: step of the differences.

    Returns:
        The Jacobian, shape (m, n).

    Example:
        numerical_jacobian(lambda x: np.array([x[0] * x[1]]), np.array([2.0, 3.0])) -> [[3, 2]]
    """
    ### BEGIN SOLUTION
    columns = []
    for j in range(len(x)):
        step = np.zeros(len(x))
        step[j] = h
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.stack(columns, axis=1)
    ### END SOLUTION


# %% [markdown] checked="0282d40c9ee2" key="e1-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $f$의 출력이 4개이고 입력이 2개일 때, 반복문은 몇 번 돌아야 합니까?
# 2. $e_j$는 `j`번째만 1인 벡터이므로 `x + h * np.eye(len(x))[j]`로 쓸 수 있습니다.
# 3. $f(x) = x_1 x_2$를 점 $(2, 3)$에서 미분하면 원소의 합이 5입니다.
#
# </details>

# %% [markdown] key="e1-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $f$ has 4 outputs and 2 inputs, how often must the loop run?
# 2. $e_j$ is 1 at `j` and zero elsewhere, so you can write `x + h * np.eye(len(x))[j]`.
# 3. For $f(x) = x_1 x_2$ at the point $(2, 3)$ the entries sum to 5.
#
# </details>

# %% test e1-3-shape 0.5
# As many rows as outputs, as many columns as inputs, a single one included.
tall = numerical_jacobian(lambda x: np.array([x[0], x[1], x[0] * x[1]]), np.array([2.0, 3.0]))
assert np.shape(tall) == (3, 2), "three outputs and two inputs make a (3, 2) matrix"

# %% test e1-3-values 1.5
# The example of this notebook, and functions between spaces of different dimension.
f = lambda x: np.array([x[0] ** 2 + x[1], x[0] * x[1] + x[1] ** 2])
curved = numerical_jacobian(f, np.array([2.0, 3.0]))
np.testing.assert_allclose(curved, [[4.0, 1.0], [3.0, 8.0]], rtol=1e-4)

# %% test e1-3-steps 0.5
# The step h is used as it is given: on a straight line every step gives the slope.
straight = numerical_jacobian(lambda x: np.array([5.0 * x[0]]), np.array([2.0]), 0.5)
np.testing.assert_allclose(straight, [[5.0]], rtol=1e-4)

# %% test e1-3-inputs 0.5 alone
# The point stays as it was, and only the arguments decide the result.
start = np.array([2.0, 3.0])
numerical_jacobian(lambda x: np.array([x[0] * x[1]]), start)
np.testing.assert_allclose(start, [2.0, 3.0], rtol=1e-12)

# %% key="e1-3-plot"
wave = lambda x: np.array([np.sin(x[0]) * x[1], np.exp(x[0])])
where = np.array([0.7, -1.2])
exact = np.array([[np.cos(0.7) * -1.2, np.sin(0.7)], [np.exp(0.7), 0.0]])
steps = np.logspace(-12, -1, 23)
errors = [np.abs(numerical_jacobian(wave, where, h) - exact).max() for h in steps]
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.loglog(steps, errors, "o-", color="black", label="numerical_jacobian")
axes.loglog(steps, steps, ":", color="grey", label="slope 1")
axes.loglog(steps, steps**2, "--", color="grey", label="slope 2")
axes.set(xlabel="$h$", ylabel="largest error", ylim=(1e-13, 1))
axes.legend()
figure.tight_layout()


# %% [markdown] checked="374fb9673344" key="e1-3-see" lang="ko"
# **그림에서 볼 것.** 스텝 $h$에 대한 오차를 양축 로그로 그렸습니다. 오른쪽에서는 잘라 낸 항이 오차를 정하고 기울기가 방법의 차수를 보여 줍니다. 중심 차분이면 2, 전진 차분이면 1입니다. 왼쪽에서는 반올림이 오차를 키웁니다. 그래서 $h$가 작을수록 좋은 것이 아닙니다.

# %% [markdown] key="e1-3-see" lang="en"
# **What to see.** The error against the step $h$ on logarithmic axes. On the right the truncated terms decide, and the slope shows the order of the method: 2 for central differences, 1 for forward ones. On the left rounding makes the error grow. So a smaller $h$ is not always better.

# %% [markdown] checked="1f21ce524fd6" key="e1-4" lang="ko"
# ### E1.4 `jacobian_by_rows`
# 난이도 3/5 · 중요도 5/5 · 14분 · 3점 · 자동 미분
#
# 차분은 근사이지만 자동 미분은 정확합니다. `torch.autograd.grad(y[i], x)`는 출력 하나의 그래디언트, 곧 야코비안의 한 행을 줍니다. 행은 $m$개이므로 역방향 계산도 $m$번 필요합니다. 출력이 수백만 개인 층에서 야코비안 전체를 만들지 않는 이유가 여기에 있습니다.
#
# 두 가지를 조심하십시오. 그래프는 한 번 지나가면 지워집니다. 그리고 $x$와 무관한 출력의 행은 0이어야 합니다.

# %% [markdown] key="e1-4" lang="en"
# ### E1.4 `jacobian_by_rows`
# difficulty 3/5 · importance 5/5 · 14 minutes · 3 points · automatic differentiation
#
# Differences approximate; automatic differentiation is exact. `torch.autograd.grad(y[i], x)` gives the gradient of a single output, which is one row of the Jacobian. There are $m$ rows, so it takes $m$ backward passes. That is why nobody forms the whole Jacobian of a layer with millions of outputs.
#
# Watch for a pair of traps. The graph is freed once it has been walked. And an output that ignores $x$ has a row of 0.

# %% answer e1-4 covers="F1 CB4 M23"
def jacobian_by_rows(f, x: torch.Tensor) -> torch.Tensor:
    """Jacobian by reverse-mode differentiation, one row per output.

    Args:
        f: a torch function from shape (n,) to shape (m,).
        x: the point, float64, shape (n,); its entries are left unchanged.

    Returns:
        The Jacobian, shape (m, n); a row of zeros for an output that does not depend on x.

    Example:
        jacobian_by_rows(lambda x: torch.stack([x[0] * x[1]]), torch.tensor([2.0, 3.0])) -> [[3, 2]]
    """
    ### BEGIN SOLUTION
    x = x.detach().clone().requires_grad_()
    y = f(x)
    rows = []
    for output in y:
        if output.requires_grad:
            (row,) = torch.autograd.grad(output, x, retain_graph=True, materialize_grads=True)
        else:
            row = torch.zeros_like(x)
        rows.append(row)
    return torch.stack(rows)
    ### END SOLUTION


# %% [markdown] checked="b2b58b49ea85" key="e1-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 두 번째 행을 구할 때 "graph freed" 오류가 나면, 첫 번째 호출에 무엇을 더 알려야 합니까?
# 2. $J_{i,:} = e_i^T J$입니다. 출력 하나만 고르는 벡터가 $e_i$입니다.
# 3. $f(x) = (x_1, 7, x_2 x_3)$의 야코비안은 $(1, 2, 3)$에서 원소의 합이 6입니다.
#
# </details>

# %% [markdown] key="e1-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If the second row fails with "graph freed", what must you tell the first call?
# 2. $J_{i,:} = e_i^T J$: the vector $e_i$ selects a single output.
# 3. For $f(x) = (x_1, 7, x_2 x_3)$ at $(1, 2, 3)$ the entries of the Jacobian sum to 6.
#
# </details>

# %% key="e1-4-check"
found = to_array(jacobian_by_rows(example, point))
np.testing.assert_allclose(found, [[4.0, 1.0], [3.0, 8.0]], rtol=1e-4)

# %% test e1-4-shape 0.5
# As many rows as outputs, as many columns as inputs, a single one included.

# %% test e1-4-values 1.0
# The rows of functions between spaces of different dimension.

# %% test e1-4-zero-rows 1.0
# f(x) = (x1, 7, x2 x3) has a row of zeros, and so has a constant function.

# %% test e1-4-inputs 0.5 alone
# The point stays as it was and may already require a gradient.

# %% [markdown] checked="3f47ad505ee7" key="e1-5" lang="ko"
# ### E1.5 `linear_jacobians`
# 난이도 3/5 · 중요도 5/5 · 10분 · 3점 · 손으로
#
# 선형층 $y = Wx + b$에는 미분할 대상이 셋 있습니다. 입력으로 미분하면 가중치 행렬 $W$ 자체가 나옵니다. 층의 야코비안이 곧 가중치라는 사실이 신경망 계산의 바탕입니다. 편향으로 미분하면 무엇이 나오는지, 가중치로 미분하면 왜 축이 셋인지 생각해 보십시오.

# %% [markdown] key="e1-5" lang="en"
# ### E1.5 `linear_jacobians`
# difficulty 3/5 · importance 5/5 · 10 minutes · 3 points · by hand
#
# In the linear layer $y = Wx + b$ there are three things to differentiate by. By the input, the result is the weight matrix $W$ itself: that the Jacobian of a layer is its weights is the ground on which neural network calculations stand. What comes out by the bias, and why does the derivative by the weights have three axes?

# %% answer e1-5 covers="CB1 CB5 M9"
def linear_jacobians(W: np.ndarray, b: np.ndarray, x: np.ndarray) -> tuple:
    """Jacobians of y = W x + b.

    Args:
        W: weights, shape (m, n).
        b: bias, shape (m,).
        x: input, shape (n,). No argument is changed.

    Returns:
        dy/dx of shape (m, n), dy/db of shape (m, m) and dy/dW of shape (m, m, n), where entry
        [i, k, j] is the derivative of y_i by W_kj.

    Example:
        W, b, x = np.array([[2.0]]), np.array([5.0]), np.array([3.0])
        linear_jacobians(W, b, x) -> ([[2]], [[1]], [[[3]]])
    """
    ### BEGIN SOLUTION
    identity = np.eye(len(b))
    return W.copy(), identity, np.einsum("ik,j->ikj", identity, x)
    ### END SOLUTION


# %% [markdown] checked="45c3da040da0" key="e1-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $y_1$을 구할 때 $W$의 두 번째 행을 읽습니까?
# 2. $\partial y_i / \partial W_{kj} = \delta_{ik} x_j$
# 3. $m = 2$이고 $x = (1, 2, 3)$이면 셋째 배열의 원소의 합은 12입니다.
#
# </details>

# %% [markdown] key="e1-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Does $y_1$ read the second row of $W$?
# 2. $\partial y_i / \partial W_{kj} = \delta_{ik} x_j$
# 3. For $m = 2$ and $x = (1, 2, 3)$ the entries of the third array sum to 12.
#
# </details>

# %% test e1-5-shape 0.5
# The shapes are (m, n), (m, m) and (m, m, n).
W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
layer_2_3 = linear_jacobians(W, np.zeros(2), np.array([1.0, -1.0, 2.0]))
assert [np.shape(part) for part in layer_2_3] == [(2, 3), (2, 2), (2, 2, 3)]

# %% test e1-5-input 0.5
# By the input: the weight matrix, here one that is not square.
W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
by_input = linear_jacobians(W, np.zeros(2), np.array([1.0, -1.0, 2.0]))[0]
np.testing.assert_allclose(by_input, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], rtol=1e-5)

# %% test e1-5-bias 0.5
# By the bias: each output has its own.

# %% test e1-5-weights 1.0
# By the weights: output i reads row i only.

# %% test e1-5-extremes 0.5 alone
# One output, one input, large and small entries; the arguments stay as they were.

# %% [markdown] checked="ac4db7cc8f30" key="e1-6-elementwise" lang="ko"
# ### E1.6 `elementwise_jacobian`, `softmax_jacobian`
# 난이도 3/5 · 중요도 4/5 · 13분 · 3점 · 손으로
#
# 활성화 함수 $\varphi$는 원소마다 따로 작용합니다. 출력 $i$는 $x_i$만 보므로 야코비안은 대각행렬이고, 대각 원소는 $\varphi'(x_i)$입니다. 큰 층에서는 이 행렬을 만들지 않고 $\varphi'(x)$를 원소별로 곱합니다.

# %% [markdown] key="e1-6-elementwise" lang="en"
# ### E1.6 `elementwise_jacobian`, `softmax_jacobian`
# difficulty 3/5 · importance 4/5 · 13 minutes · 3 points · by hand
#
# An activation $\varphi$ acts on each entry alone. Output $i$ sees $x_i$ only, so the Jacobian is diagonal, with $\varphi'(x_i)$ on the diagonal. In a large layer nobody forms this matrix: one multiplies by $\varphi'(x)$, entry by entry.

# %% answer e1-6-elementwise-solution
def elementwise_jacobian(dphi, x: np.ndarray) -> np.ndarray:
    """Jacobian of an activation that acts on each entry alone.

    Args:
        dphi: the derivative of the activation, acts on arrays entry by entry.
        x: the point, shape (n,); left unchanged.

    Returns:
        The Jacobian, shape (n, n).

    Example:
        elementwise_jacobian(np.cos, np.array([0.0, np.pi])) -> [[1, 0], [0, -1]]
    """
    ### BEGIN SOLUTION
    return np.diag(dphi(x))
    ### END SOLUTION


# %% test e1-6-elementwise 1.0
# A diagonal matrix for several activations and sizes.
by_cosine = elementwise_jacobian(np.cos, np.array([0.0, np.pi]))
np.testing.assert_allclose(by_cosine, [[1, 0], [0, -1]], atol=1e-6)


# %% [markdown] checked="c2087bcb6b7c" key="e1-6-softmax" lang="ko"
# 소프트맥스(softmax) $p_i = e^{z_i} / \sum_k e^{z_k}$는 다릅니다. 몫의 합이 1이므로 점수 하나를 올리면 다른 몫이 모두 줄어듭니다. 그래서 대각 밖의 원소가 0이 아닙니다.
#
# $$J = \operatorname{diag}(p) - p\,p^T$$
#
# 모든 점수에 같은 수를 더해도 몫은 그대로입니다. 이 방향의 변화가 0이라는 말은 곧 각 행의 합이 0이라는 말입니다. 같은 성질 덕분에 점수에서 최댓값을 빼도 되고, 그러면 $e^{1000}$ 같은 수를 만나지 않습니다.

# %% [markdown] key="e1-6-softmax" lang="en"
# The softmax $p_i = e^{z_i} / \sum_k e^{z_k}$ is different. The shares sum to 1, so raising a single score lowers all other shares: the entries off the diagonal are not 0.
#
# $$J = \operatorname{diag}(p) - p\,p^T$$
#
# Adding one number to every score leaves the shares alone. A change of 0 in this direction means that every row sums to 0. The same property lets you subtract the largest score first, so that you never meet a number like $e^{1000}$.

# %% answer e1-6-softmax-solution
def softmax_jacobian(z: np.ndarray) -> np.ndarray:
    """Jacobian of the softmax.

    Args:
        z: scores, shape (n,), any finite values; left unchanged.

    Returns:
        The Jacobian, shape (n, n), symmetric, rows sum to zero.

    Example:
        softmax_jacobian(np.array([0.0, 0.0])) -> [[0.25, -0.25], [-0.25, 0.25]]
    """
    ### BEGIN SOLUTION
    shares = np.exp(z - z.max())
    shares /= shares.sum()
    return np.diag(shares) - np.outer(shares, shares)
    ### END SOLUTION


# %% [markdown] checked="260a983c2501" key="e1-6-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 점수 $z_2$만 올리면 몫 $p_1$은 늘어납니까, 줄어듭니까?
# 2. $\partial p_i / \partial z_j = p_i (\delta_{ij} - p_j)$
# 3. 점수 3개가 모두 같으면 대각 원소는 $2/9$입니다.
#
# </details>

# %% [markdown] key="e1-6-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Raise the score $z_2$ alone: does the share $p_1$ grow or shrink?
# 2. $\partial p_i / \partial z_j = p_i (\delta_{ij} - p_j)$
# 3. With 3 equal scores, the diagonal entries are $2/9$.
#
# </details>

# %% test e1-6-softmax-values 1.0
# Symmetric, with rows that sum to zero.
even = softmax_jacobian(np.array([0.0, 0.0]))
np.testing.assert_allclose(even, [[0.25, -0.25], [-0.25, 0.25]], rtol=1e-5)

# %% test e1-6-softmax-shifts 0.5
# Adding one number to every score changes nothing.

# %% test e1-6-softmax-extremes 0.5 alone
# Scores of ±1000 give finite numbers; the argument stays as it was.
assert np.isfinite(softmax_jacobian(np.array([1000.0, 0.0, -1000.0]))).all(), "exp(1000) overflows"

# %% key="e1-6-plot"
scores = np.array([2.0, 1.0, 0.0, -1.0])
figure, panels = plt.subplots(1, 2, figsize=(9, 4))
heat_map(panels[0], elementwise_jacobian(lambda x: 1 - np.tanh(x) ** 2, scores), r"$\tanh$")
heat_map(panels[1], softmax_jacobian(scores), "softmax")
figure.tight_layout()


# %% [markdown] checked="ae80011cf9cd" key="e1-6-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 $\tanh$, 오른쪽은 소프트맥스의 야코비안입니다. 왼쪽은 대각선뿐이고, 오른쪽은 모든 점수가 모든 몫에 영향을 줍니다.

# %% [markdown] key="e1-6-see" lang="en"
# **What to see.** The Jacobian of $\tanh$ on the left, of the softmax on the right. The left one is only a diagonal; on the right every score moves every share.

# %% [markdown] checked="ff24dd882aa7" key="e1-7" lang="ko"
# ### E1.7 `batch_jacobian`
# 난이도 4/5 · 중요도 4/5 · 13분 · 2점 · 자동 미분
#
# 학습에서는 표본이 배치로 들어옵니다. 배치 전체를 하나의 입력으로 미분하면 모양이 $(B, m, B, n)$이고, 표본이 서로 섞이지 않으므로 거의 모든 블록이 0입니다. 필요한 것은 대각 블록 $B$개, 곧 모양이 $(B, m, n)$인 배열입니다.

# %% [markdown] key="e1-7" lang="en"
# ### E1.7 `batch_jacobian`
# difficulty 4/5 · importance 4/5 · 13 minutes · 2 points · automatic differentiation
#
# In training, samples arrive in batches. Differentiate the batch as one input and the result has shape $(B, m, B, n)$; since samples do not mix, almost all of its blocks are 0. What you want is the $B$ blocks on the diagonal, an array of shape $(B, m, n)$.

# %% answer e1-7 covers="M9"
def batch_jacobian(f, X: torch.Tensor) -> torch.Tensor:
    """Jacobian of each sample of a batch.

    Args:
        f: a torch function from shape (..., n) to shape (..., m) that acts on the last axis.
        X: the samples, float64, shape (B, n); left unchanged.

    Returns:
        The Jacobians, shape (B, m, n).

    Example:
        batch_jacobian(lambda X: X[..., :1] * X[..., 1:], torch.tensor([[2.0, 3.0]])) -> [[[3, 2]]]
    """
    ### BEGIN SOLUTION
    X = X.detach().clone().requires_grad_()
    Y = f(X)
    rows = [torch.autograd.grad(Y[:, i].sum(), X, retain_graph=True)[0] for i in range(Y.shape[-1])]
    return torch.stack(rows, dim=1)
    ### END SOLUTION


# %% [markdown] checked="f0e897f3e126" key="e1-7-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 표본 1의 출력을 표본 2의 입력으로 미분하면 무엇입니까?
# 2. 표본이 섞이지 않으면 $\partial \sum_b Y_{bi} / \partial X_{bj}$에는 표본 $b$의 항만 남습니다.
# 3. $f(x) = x_1 x_2$와 표본 $(2, 3)$, $(4, 5)$에서는 원소의 합이 14입니다.
#
# </details>

# %% [markdown] key="e1-7-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. What is the derivative of the output of sample 1 by the input of sample 2?
# 2. If samples do not mix, only the term of sample $b$ is left in $\partial \sum_b Y_{bi} / \partial X_{bj}$.
# 3. For $f(x) = x_1 x_2$ and the samples $(2, 3)$, $(4, 5)$ the entries sum to 14.
#
# </details>

# %% test e1-7-shape 0.5
# One (m, n) matrix per sample.

# %% test e1-7-values 1.0
# Each matrix is the Jacobian at its own sample.

# %% test e1-7-samples 0.5 alone
# A batch of one keeps its axis; the order of the samples is the order of the matrices.

# %% key="e1-7-plot"
batch = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
products = lambda X: torch.stack([X[..., 0] * X[..., 1], X[..., 2] ** 2], dim=-1)
pairs = torch.autograd.functional.jacobian(products, batch).reshape(8, 12)
blocks = to_array(batch_jacobian(products, batch)).reshape(8, 3)
figure, panels = plt.subplots(1, 2, figsize=(8, 4))
for axes, matrix, title in zip(panels, [pairs, blocks], ["$(B, m, B, n)$", "$(B, m, n)$"]):
    axes.imshow(np.abs(to_array(matrix)), cmap="cividis")
    axes.set(title=title, xlabel="inputs", ylabel="outputs")
figure.tight_layout()


# %% [markdown] checked="b368a7bc3ed7" key="e1-7-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 배치 전체의 야코비안을 $8 \times 12$ 행렬로 펼친 것입니다. 대각 블록 4개만 0이 아닙니다. 오른쪽은 그 블록만 쌓은 것입니다.

# %% [markdown] key="e1-7-see" lang="en"
# **What to see.** On the left the Jacobian of the whole batch, unrolled into an $8 \times 12$ matrix: only the 4 blocks on the diagonal differ from 0. On the right the same blocks, stacked.

# %% [markdown] checked="ba95c6d6743d" key="e1-8" lang="ko"
# ### E1.8 퍼즐 (보너스)
# 난이도 3/5 · 중요도 2/5 · 20분 · 보너스 4점
#
# 네 함수의 야코비안을 각각 한 줄로 쓰십시오. 그림을 먼저 머릿속에 그리면 코드가 짧아집니다.

# %% [markdown] key="e1-8" lang="en"
# ### E1.8 Puzzles (bonus)
# difficulty 3/5 · importance 2/5 · 20 minutes · 4 bonus points
#
# Write the Jacobian of each of these functions in one line. Draw the picture in your head first; the code gets short.

# %% answer e1-8-cumsum-solution
def jac_cumsum(n: int) -> torch.Tensor:
    """Jacobian of the running sum of n numbers, shape (n, n).

    Example:
        jac_cumsum(2) -> [[1, 0], [1, 1]]
    """
    ### BEGIN SOLUTION
    return torch.tril(torch.ones(n, n))
    ### END SOLUTION


# %% test e1-8-cumsum 1 bonus
# The i-th running sum contains the first i entries.

# %% answer e1-8-sort-solution
def jac_sort(x: torch.Tensor) -> torch.Tensor:
    """Jacobian of sorting distinct numbers x of shape (n,) into ascending order, shape (n, n).

    Example:
        jac_sort(torch.tensor([5.0, 4.0])) -> [[0, 1], [1, 0]]
    """
    ### BEGIN SOLUTION
    return torch.eye(len(x))[torch.argsort(x)]
    ### END SOLUTION


# %% test e1-8-sort 1 bonus
# Row i says where the i-th smallest number comes from.

# %% answer e1-8-window-mean-solution
def jac_window_mean(n: int, w: int) -> torch.Tensor:
    """Jacobian of the mean over a sliding window of width w on n numbers, shape (n - w + 1, n).

    Example:
        jac_window_mean(3, 2) -> [[0.5, 0.5, 0], [0, 0.5, 0.5]]
    """
    ### BEGIN SOLUTION
    return torch.stack([torch.roll((torch.arange(n) < w) / w, i) for i in range(n - w + 1)])
    ### END SOLUTION


# %% test e1-8-window-mean 1 bonus
# A band of equal entries.

# %% answer e1-8-conv1d-solution
def jac_conv1d(k: torch.Tensor, n: int) -> torch.Tensor:
    """Jacobian of torch's 1-D convolution with the kernel k of shape (w,) on n numbers, no padding.

    The kernel is not flipped. The shape is (n - w + 1, n).

    Example:
        jac_conv1d(torch.tensor([1.0, 2.0]), 3) -> [[1, 2, 0], [0, 1, 2]]
    """
    ### BEGIN SOLUTION
    rows = n - len(k) + 1
    return torch.stack([torch.nn.functional.pad(k, (i, rows - 1 - i)) for i in range(rows)])
    ### END SOLUTION


# %% test e1-8-conv1d 1 bonus
# A band that holds the kernel.

# %% key="e1-8-plot"
figure, panels = plt.subplots(1, 4, figsize=(15, 3.5))
heat_map(panels[0], jac_cumsum(4), "cumsum", digits=0)
heat_map(panels[1], jac_sort(torch.tensor([3.0, 1.0, 2.0, 0.0])), "sort", digits=0)
heat_map(panels[2], jac_window_mean(5, 2), "window mean", digits=1)
heat_map(panels[3], jac_conv1d(torch.tensor([1.0, -2.0]), 5), "conv1d", digits=0)
figure.tight_layout()

# %% [markdown] checked="b8539755f1b7" key="e1-8-see" lang="ko"
# **그림에서 볼 것.** 왼쪽부터 누적합, 정렬, 이동 평균, 합성곱의 야코비안입니다. 삼각형, 치환, 그리고 대각선을 따르는 띠 두 가지입니다. 합성곱 층은 띠 모양의 가중치를 가진 선형층입니다.

# %% [markdown] key="e1-8-see" lang="en"
# **What to see.** From the left, the Jacobians of the running sum, sorting, the sliding mean and the convolution: a triangle, a permutation, and two bands along the diagonal. A convolutional layer is a linear layer whose weights form a band.

# %% [markdown] checked="39459b934493" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 모양이 $(n, m)$으로 나온다: 열이 아니라 행을 채우고 있습니다. 행은 출력입니다.
# - 두 번째 호출에서 값이 달라진다: `xp = x`로 인자를 바꾸었습니다.
# - 아래 행일수록 값이 커진다: `x.grad`가 쌓이고 있습니다.
# - $(B, m, B, n)$ 배열이 나온다: 배치를 하나의 입력으로 미분했습니다.
# - 소프트맥스에서 `nan`이 나온다: 최댓값을 먼저 빼지 않았습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - The shape comes out as $(n, m)$: you fill rows where columns belong. Rows are outputs.
# - A second call gives other values: `xp = x` changed the argument.
# - The lower a row, the larger its values: `x.grad` accumulates.
# - The array has shape $(B, m, B, n)$: the batch was differentiated as one input.
# - The softmax gives `nan`: the largest score was not subtracted first.

# %% [markdown] question e1-9 1.0 covers="F1"
# ## E1.9 설명하기 · Explain
#
# **한국어.** 입력 3개, 출력 2개인 신경망의 야코비안이 어떤 점에서 다음과 같습니다.
#
# **English.** At some point, a network with 3 inputs and 2 outputs has the Jacobian
#
# $$J = \begin{bmatrix} 0.5 & -2 & 0 \\ 1 & 0.3 & 4 \end{bmatrix}$$
#
# **한국어.** (a) 첫째 행은 무엇을 말합니까? (b) 셋째 열은 무엇을 말합니까? (c) 입력이 $(0.1, 0, 0)$만큼 움직이면 두 출력은 대략 얼마나 움직입니까? 두세 문장으로 쓰십시오.
#
# **English.** (a) What does the first row say? (b) What does the third column say? (c) By about how much do both outputs move when the input moves by $(0.1, 0, 0)$? Write two or three sentences.
#
# === BEGIN MARK SCHEME ===
#
# 1점: 행은 한 출력의 그래디언트이고 열은 한 입력이 모든 출력에 주는 영향이며, (c)가 (0.05, 0.1)이다. 0.5점: 행과 열 가운데 하나만 맞거나 (c)의 계산이 틀렸다.
#
# 1 point: a row is the gradient of one output, a column the effect of one input on all outputs, and (c) is (0.05, 0.1). 0.5 points: only one of row and column is right, or (c) is miscalculated.
#
# Sample, 1 point: "Row 1 is the gradient of output 1: it grows with x1, falls fastest with x2 and ignores x3. Column 3 is the effect of x3: none on output 1, four times on output 2. The outputs move by about 0.05 and 0.1."
#
# 예시, 0.5점: "첫째 행은 출력 1이 각 입력에 얼마나 민감한지 말합니다. 셋째 열은 출력 3입니다. 출력은 0.05와 0.1만큼 움직입니다."
#
# === END MARK SCHEME ===

# %% [markdown] checked="3a4a1e10e337" key="e1-9-answer" lang="ko"
# **여기에 답을 쓰십시오.**

# %% [markdown] key="e1-9-answer" lang="en"
# **Write your answer here.**

# %% [markdown] checked="59759034e3f1" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# - 그래디언트는 행으로도 열로도 적히곤 합니다. 이 강의에서 야코비안의 행은 누워 있고 그래디언트는 $x$의 모양으로 서 있습니다. E1.1에서 확인합니다.
# - 선형층의 미분은 $W$ 하나가 아닙니다. 편향과 가중치에 대한 야코비안도 있고, 배치에서는 $(B, m, B, n)$ 가운데 대각 블록만 남습니다. E1.5와 E1.7에서 확인합니다.
# - 야코비안을 구하는 함수는 `torch.autograd.functional` 밖에도 있습니다. `torch.func`의 `jacrev`, `jacfwd`, `vmap`은 서로 합성됩니다. E1.4와 E1.7에서 쓸 수 있습니다.

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# - A gradient is written now as a row, now as a column. In this course a row of the Jacobian lies down, and a gradient stands in the shape of $x$. E1.1 shows it.
# - A linear layer has more derivatives than $W$: there are the Jacobians by the bias and by the weights, and for a batch only the diagonal blocks of $(B, m, B, n)$ remain. E1.5 and E1.7 show it.
# - There is more than `torch.autograd.functional` for a Jacobian: `jacrev`, `jacfwd` and `vmap` of `torch.func` compose. E1.4 and E1.7 may use them.

# %% [markdown] checked="1875960bd839" key="further" lang="ko"
# ## 더 나아가기
#
# 야코비안을 만들지 않고 곱하는 방법은 `ps2-backprop`에서, 그래디언트의 야코비안인 헤시안은 `ps3-hessian`에서 다룹니다. 스스로 해 볼 만한 문제도 두 가지 있습니다. 층마다 야코비안의 특잇값을 구해 깊이에 따라 그래디언트가 사라지는지 보십시오. 띠 모양 야코비안을 차분 3번으로 모두 구하는 방법도 찾아보십시오.

# %% [markdown] key="further" lang="en"
# ## Going further
#
# How to multiply by a Jacobian without forming it is the subject of `ps2-backprop`; the Hessian, the Jacobian of the gradient, that of `ps3-hessian`. A pair of problems to try: find the singular values of each layer's Jacobian and see whether gradients vanish with depth; and recover a whole banded Jacobian from 3 differences.
