# %% [markdown] checked="2c5d316e7f63" key="title" lang="ko"
# # ps2. 연쇄법칙, VJP, JVP
#
# 신경망은 함수의 합성이고, 합성의 야코비안은 야코비안의 곱입니다. 그런데 `loss.backward()`는 그 곱에 들어가는 행렬을 하나도 만들지 않습니다. 층에서 층으로 옮겨 다니는 것은 벡터 하나뿐입니다. 이 노트북에서는 그 방법을 처음부터 손으로 만듭니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 야코비안의 연쇄법칙을 쓰고, 곱의 인자마다 어느 점에서 구하는지 밝힙니다.
# - 벡터-야코비안 곱(VJP)과 야코비안-벡터 곱(JVP)을 야코비안 없이 계산합니다.
# - 비용을 결과의 크기가 아니라 패스의 수로 셉니다.
# - 선형층, 활성화 함수, 소프트맥스 손실, 층 정규화의 VJP를 손으로 구합니다.
# - 신경망 전체의 역전파와, 어떤 계산에나 쓸 수 있는 작은 테이프(tape)를 만듭니다.
# - 틀린 VJP가 드러나는 입력을 찾습니다.
#
# 130분, 28점이며 보너스가 3점입니다. 먼저 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps2. The chain rule, VJP and JVP
#
# A neural network is a composition of functions, and the Jacobian of a composition is a product of Jacobians. Yet `loss.backward()` forms none of the matrices in that product: all that travels from layer to layer is a single vector. In this notebook you build the method by hand, from the ground up.
#
# After this notebook you can
#
# - write the chain rule of Jacobians, including the point at which each factor is evaluated;
# - compute vector-Jacobian products (VJP) and Jacobian-vector products (JVP) without a Jacobian;
# - count cost in passes instead of sizes of results;
# - derive the VJPs of a linear layer, activations, the softmax loss and layer normalisation by hand;
# - build backpropagation through a whole network, and a small tape that serves any computation;
# - find the input that exposes a wrong VJP.
#
# 130 minutes, 28 points, and 3 bonus points. Run the cells in order, starting with the one below.

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


# %% [markdown] checked="524ac57564fc" key="failure" lang="ko"
# ## 한 번의 실패
#
# 원소가 10,000,000개인 배열에 $\tanh$를 적용합니다. 학습할 때 흔히 만나는 크기의 층입니다. `ps1-jacobian`에서 배운 대로 이 층의 야코비안을 만들고, 이어서 같은 층에 `backward`를 불러 봅니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Apply $\tanh$ to an array of 10,000,000 entries, a size of layer that is common in training. Form the Jacobian of this layer, as you learned in `ps1-jacobian`, and then call `backward` through the same layer.

# %% key="failure-run"
activations = torch.linspace(-2, 2, 10_000_000, requires_grad=True)
try:
    torch.func.jacrev(torch.tanh)(activations)
except RuntimeError as error:
    print(error)

loss = torch.tanh(activations).sum()
loss.backward()
print(activations.grad[:3])
del activations, loss  # they hold 120 MB


# %% [markdown] checked="5bd59cf9cba6" key="failure-why" lang="ko"
# 야코비안의 원소는 $10^{14}$개이고, float32로 저장하면 400 TB입니다. 대각선 밖은 모두 0이니 터무니없는 낭비이기도 합니다. 그런데 `backward`는 1초도 걸리지 않았고, 쓴 메모리도 입력의 몇 배뿐입니다. 필요한 것은 야코비안이 아니라 야코비안에 벡터를 곱한 결과였기 때문입니다.

# %% [markdown] key="failure-why" lang="en"
# The Jacobian has $10^{14}$ entries, 400 TB in float32. It is an absurd waste too, for everything off the diagonal is 0. Yet `backward` took less than 1 second and a few times the memory of the input. What was needed was never the Jacobian, only its product with a vector.

# %% [markdown] checked="c49b88a2388e" key="definition" lang="ko"
# ## 정의
#
# 먼저 $f: \mathbb{R}^n \to \mathbb{R}^k$를, 이어서 $g: \mathbb{R}^k \to \mathbb{R}^m$를 적용합니다. 합성의 야코비안은 두 야코비안의 곱이며, 이것이 **연쇄법칙**(chain rule)입니다.
#
# $$J_{g \circ f}(x) = J_g(f(x))\, J_f(x)$$
#
# $J_f$는 $x$에서 구하고, $J_g$는 $g$가 실제로 받는 값 $f(x)$에서 구합니다. 점을 빼고 $J_g J_f$라고만 쓰면 이 차이가 보이지 않습니다.
#
# 야코비안은 대개 벡터를 곱하려고 구합니다. 벡터는 왼쪽에 올 수도 있고 오른쪽에 올 수도 있습니다.
#
# - **벡터-야코비안 곱**(vector-Jacobian product, VJP) $v^T J$는 출력 쪽의 **여접벡터**(cotangent) $v \in \mathbb{R}^m$를 입력 쪽으로 옮깁니다.
# - **야코비안-벡터 곱**(Jacobian-vector product, JVP) $J u$는 입력 쪽의 **접벡터**(tangent) $u \in \mathbb{R}^n$를 출력 쪽으로 옮깁니다.

# %% [markdown] key="definition" lang="en"
# ## The definition
#
# Apply $f: \mathbb{R}^n \to \mathbb{R}^k$ first and then $g: \mathbb{R}^k \to \mathbb{R}^m$. The Jacobian of the composition is the product of both Jacobians; this is the **chain rule**:
#
# $$J_{g \circ f}(x) = J_g(f(x))\, J_f(x)$$
#
# $J_f$ is evaluated at $x$, but $J_g$ at the value $f(x)$ that $g$ really receives. Written without points, as $J_g J_f$, the difference is hidden.
#
# A Jacobian is mostly wanted in order to multiply a vector by it. The vector may stand on the left or on the right.
#
# - The **vector-Jacobian product** (VJP) $v^T J$ carries a vector $v \in \mathbb{R}^m$ on the side of the output (a cotangent) to the side of the input.
# - The **Jacobian-vector product** (JVP) $J u$ carries a vector $u \in \mathbb{R}^n$ on the side of the input (a tangent) to the side of the output.

# %% [markdown] checked="1b9ce01895d5" key="passes" lang="ko"
# ### 벡터 하나가 층을 지나갑니다
#
# 합성에서는 괄호를 벡터 쪽부터 칩니다. 그러면 행렬끼리 곱할 일이 없습니다.
#
# $$v^T J_{g \circ f} = \bigl(v^T J_g\bigr) J_f, \qquad J_{g \circ f}\, u = J_g \bigl(J_f\, u\bigr)$$
#
# 왼쪽 식에서는 벡터가 출력에서 입력으로 거슬러 갑니다. 이것이 **역방향 모드**(reverse mode)이고, 역전파가 바로 이 방법입니다. 오른쪽 식에서는 벡터가 계산과 같은 방향으로 갑니다. 이것이 **순방향 모드**(forward mode)입니다. 이렇게 계산을 처음부터 끝까지 한 번 지나가는 일을 **패스**(pass)라고 부르겠습니다.
#
# 손실이 $\ell(f(x))$이면 $v = \nabla \ell(f(x))$에서 출발한 VJP가 손실의 그래디언트입니다. 수학에서 $v^T J$는 $1 \times n$ 행이지만, 코드는 모양이 $x$와 같은 배열 $J^T v$를 돌려줍니다.

# %% [markdown] key="passes" lang="en"
# ### One vector passes through the layers
#
# In a composition, set the brackets from the side of the vector. Then no matrix is ever multiplied by a matrix.
#
# $$v^T J_{g \circ f} = \bigl(v^T J_g\bigr) J_f, \qquad J_{g \circ f}\, u = J_g \bigl(J_f\, u\bigr)$$
#
# On the left, the vector runs from the output back to the input. This is **reverse mode**, and backpropagation is exactly that. On the right, the vector runs in the direction of the computation: **forward mode**. Going through the computation once, from one end to the other, is called a **pass** here.
#
# If the loss is $\ell(f(x))$, the VJP that starts from $v = \nabla \ell(f(x))$ is the gradient of the loss. In mathematics $v^T J$ is a $1 \times n$ row; code returns the array $J^T v$, which has the shape of $x$.

# %% [markdown] checked="18b2444fc902" key="example" lang="ko"
# ## 가장 작은 예
#
# $f(x) = (x_1 x_2,\; x_1 + x_2^2)$ 다음에 $g(y) = (y_1 + y_2,\; y_1 y_2)$를 적용합니다. 점 $x = (1, 2)$에서 $f(x) = (2, 5)$이므로 $J_g$는 $(2, 5)$에서 구합니다.
#
# $$J_f = \begin{bmatrix} 2 & 1 \\ 1 & 4 \end{bmatrix}, \qquad J_g = \begin{bmatrix} 1 & 1 \\ 5 & 2 \end{bmatrix}, \qquad J_g J_f = \begin{bmatrix} 3 & 5 \\ 12 & 13 \end{bmatrix}$$
#
# $J_g$를 $x$에서 구하면 둘째 행이 $(2, 1)$로 바뀌고, 곱의 둘째 행은 $(5, 6)$이 됩니다. 틀렸지만 오류는 나지 않습니다.
#
# 이제 $v = (1, 1)$을 거꾸로 보냅니다. $v^T J_g = (6, 3)$이고 $(6, 3)\, J_f = (15, 18)$입니다. 행렬끼리 곱하지 않고도 곱의 두 행을 더한 값을 얻었습니다.

# %% [markdown] key="example" lang="en"
# ## The smallest example
#
# Apply $f(x) = (x_1 x_2,\; x_1 + x_2^2)$ and then $g(y) = (y_1 + y_2,\; y_1 y_2)$. At the point $x = (1, 2)$ we have $f(x) = (2, 5)$, so $J_g$ is evaluated at $(2, 5)$.
#
# $$J_f = \begin{bmatrix} 2 & 1 \\ 1 & 4 \end{bmatrix}, \qquad J_g = \begin{bmatrix} 1 & 1 \\ 5 & 2 \end{bmatrix}, \qquad J_g J_f = \begin{bmatrix} 3 & 5 \\ 12 & 13 \end{bmatrix}$$
#
# Evaluate $J_g$ at $x$ instead, and its second row becomes $(2, 1)$, the second row of the product $(5, 6)$. That is wrong, and no error says so.
#
# Now send $v = (1, 1)$ backwards: $v^T J_g = (6, 3)$, and $(6, 3)\, J_f = (15, 18)$. Without multiplying a matrix by a matrix you have the sum of both rows of the product.

# %% key="example-run"
def inner(x):
    return torch.stack([x[0] * x[1], x[0] + x[1] ** 2])


def outer(y):
    return torch.stack([y[0] + y[1], y[0] * y[1]])


start = torch.tensor([1.0, 2.0], dtype=torch.float64)
print(torch.func.jacrev(lambda x: outer(inner(x)))(start))

J_f, J_g = np.array([[2.0, 1.0], [1.0, 4.0]]), np.array([[1.0, 1.0], [5.0, 2.0]])
print(J_g @ J_f)
print((np.ones(2) @ J_g) @ J_f)


# %% [markdown] checked="265f52516f0c" key="e2-1" lang="ko"
# ### E2.1 `chain_jacobian`
# 난이도 2/5 · 중요도 5/5 · 7분 · 2점 · 자동 미분
#
# 두 함수를 받아 합성의 야코비안을 돌려주십시오.
#
# $$J_{g \circ f}(x) = J_g(f(x))\, J_f(x), \qquad (m \times n) = (m \times k)(k \times n)$$
#
# 조심할 것은 곱의 순서와 $J_g$를 구하는 점입니다. $n = k = m$이면 둘 가운데 어느 쪽을 틀려도 모양이 맞으므로 오류가 나지 않습니다. 합성 함수를 곧바로 미분한 결과와 비교해 보십시오.

# %% [markdown] key="e2-1" lang="en"
# ### E2.1 `chain_jacobian`
# difficulty 2/5 · importance 5/5 · 7 minutes · 2 points · automatic differentiation
#
# Take a pair of functions and return the Jacobian of their composition.
#
# $$J_{g \circ f}(x) = J_g(f(x))\, J_f(x), \qquad (m \times n) = (m \times k)(k \times n)$$
#
# Watch the order of the product and the point at which $J_g$ is evaluated. With $n = k = m$ the shapes fit whichever of them you get wrong, so no error tells. Compare with the Jacobian of the composed function.

# %% answer e2-1 covers="F2 CB6 M8"
def chain_jacobian(g, f, x: torch.Tensor) -> torch.Tensor:
    """Jacobian of the composition g(f(x)).

    Args:
        g: a torch function from shape (k,) to shape (m,), applied second.
        f: a torch function from shape (n,) to shape (k,), applied first.
        x: the point, float64, shape (n,); left unchanged.

    Returns:
        The Jacobian, shape (m, n).

    Example:
        x = torch.tensor([2.0, 3.0])
        chain_jacobian(lambda y: y**2, lambda x: x[:1] * x[1:], x) -> [[36, 24]]
    """
    ### BEGIN SOLUTION
    x = x.detach()
    return torch.func.jacrev(g)(f(x)) @ torch.func.jacrev(f)(x)
    ### END SOLUTION


# %% [markdown] checked="9ab9c939da36" key="e2-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $g$가 받는 벡터는 $x$입니까, $f(x)$입니까?
# 2. $(m \times k)(k \times n)$처럼 안쪽 크기가 맞아야 합니다. 먼저 적용한 함수가 오른쪽에 옵니다.
# 3. 앞에서 본 가장 작은 예에서는 원소의 합이 33입니다. 19가 나오면 $J_g$의 점이 틀렸습니다.
#
# </details>

# %% [markdown] key="e2-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Which vector does $g$ receive, $x$ or $f(x)$?
# 2. The inner sizes must agree, as in $(m \times k)(k \times n)$: the function applied first stands on the right.
# 3. For the smallest example above, the entries sum to 33. If you get 19, $J_g$ is at the wrong point.
#
# </details>

# %% key="e2-1-check"
found = to_array(chain_jacobian(outer, inner, start))
np.testing.assert_allclose(found, [[3.0, 5.0], [12.0, 13.0]], rtol=1e-4)

# %% test e2-1-shape 0.5
# As many rows as g has outputs, as many columns as f has inputs.

# %% test e2-1-values 1.0
# Each factor at its own point, in the right order; square Jacobians too.

# %% test e2-1-inputs 0.5 alone
# The point and its .grad stay as they were.

# %% key="e2-1-plot"
mix = torch.tensor([[1.0, -1.0, 0.5, 2.0], [0.0, 1.0, 1.0, -1.0], [2.0, 0.0, -1.0, 1.0]])
first = lambda x: (mix @ x) ** 2
second = lambda y: torch.stack([y[0] * y[1], y[1] - y[2]])
place = torch.tensor([1.0, -0.5, 0.5, 0.8])
figure, panels = plt.subplots(1, 3, figsize=(12, 3.6))
heat_map(panels[0], torch.func.jacrev(second)(first(place)), "$J_g(f(x))$", digits=1)
heat_map(panels[1], torch.func.jacrev(first)(place), "$J_f(x)$", digits=1)
heat_map(panels[2], chain_jacobian(second, first, place), "chain_jacobian", digits=1)
figure.tight_layout()


# %% [markdown] checked="81373ce5267e" key="e2-1-see" lang="ko"
# **그림에서 볼 것.** 왼쪽부터 $J_g(f(x))$, $J_f(x)$, 그 곱의 열지도입니다. 모양은 $2 \times 3$, $3 \times 4$, $2 \times 4$입니다. $g$의 출력과 $f$의 입력만 남고, 두 함수가 주고받는 수 3개는 곱하는 동안 합쳐져 사라집니다.

# %% [markdown] key="e2-1-see" lang="en"
# **What to see.** From the left, heat maps of $J_g(f(x))$, $J_f(x)$ and their product, of shapes $2 \times 3$, $3 \times 4$ and $2 \times 4$. The outputs of $g$ and the inputs of $f$ remain; the 3 numbers handed from one to the other are summed away.

# %% [markdown] checked="989cd4366f83" key="e2-2" lang="ko"
# ### E2.2 `vjp`
# 난이도 3/5 · 중요도 5/5 · 10분 · 3점 · 자동 미분
#
# $v$를 상수로 두면 $\langle v, f(x) \rangle$는 $x$의 스칼라 함수입니다. 그 그래디언트가 곧 $J^T v$이므로, 역방향 패스 한 번이면 충분합니다.
#
# $$\nabla_x \langle v, f(x) \rangle = J^T v$$
#
# $y = (x_1^2 + x_2,\; x_1 x_2)$의 두 출력을 더해 손실로 삼으면 $v = (1, 1)$이고, $x = (1, 2)$에서 $v^T J = (4, 2)$입니다.
#
# 테스트는 입력과 출력이 20,000개씩인 함수도 씁니다. 그 야코비안은 3.2 GB라서 만들 수 없고, 행을 하나씩 구하면 패스가 20,000번 듭니다. 그리고 받은 `x`의 `.grad`를 건드리지 마십시오. 거기에 더한 값은 누군가의 학습 단계에 섞여 들어갑니다.

# %% [markdown] key="e2-2" lang="en"
# ### E2.2 `vjp`
# difficulty 3/5 · importance 5/5 · 10 minutes · 3 points · automatic differentiation
#
# Hold $v$ constant, and $\langle v, f(x) \rangle$ is a scalar function of $x$. Its gradient is $J^T v$, so a single reverse pass is enough.
#
# $$\nabla_x \langle v, f(x) \rangle = J^T v$$
#
# Add both outputs of $y = (x_1^2 + x_2,\; x_1 x_2)$ to make a loss, and $v = (1, 1)$; at $x = (1, 2)$ this gives $v^T J = (4, 2)$.
#
# The tests also use a function with 20,000 inputs and as many outputs. Its Jacobian takes 3.2 GB and cannot be formed; row by row it would take 20,000 passes. And leave the `.grad` of the given `x` alone: whatever you add there ends up in somebody else's training step.

# %% answer e2-2 covers="F3 CB7 TB4"
def vjp(f, x: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Vector-Jacobian product v^T J of f at x, in one reverse pass.

    Args:
        f: a torch function from shape (n,) to shape (m,).
        x: the point, float64, shape (n,); x and x.grad are left unchanged.
        v: the cotangent, float64, shape (m,); left unchanged.

    Returns:
        v^T J, as an array of the shape of x.

    Example:
        x, v = torch.tensor([2.0, 3.0]), torch.tensor([10.0])
        vjp(lambda x: x[:1] * x[1:], x, v) -> [30, 20]
    """
    ### BEGIN SOLUTION
    x = x.detach().clone().requires_grad_()
    (product,) = torch.autograd.grad(f(x), x, grad_outputs=v)
    return product
    ### END SOLUTION


# %% [markdown] checked="9d5125d2eb2a" key="e2-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $f$의 출력 $m$개를 어떤 가중치로 더하면 그래디언트가 $J^T v$가 됩니까?
# 2. $\dfrac{\partial}{\partial x_j} \sum_i v_i f_i(x) = \sum_i v_i J_{ij}$
# 3. 위의 $y$에서 $v = (2, -5)$이면 $x = (1, 2)$에서 원소의 합은 $-9$입니다.
#
# </details>

# %% [markdown] key="e2-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. With which weights must you add the $m$ outputs of $f$, so that the gradient of the sum is $J^T v$?
# 2. $\dfrac{\partial}{\partial x_j} \sum_i v_i f_i(x) = \sum_i v_i J_{ij}$
# 3. For the $y$ above and $v = (2, -5)$, the entries at $x = (1, 2)$ sum to $-9$.
#
# </details>

# %% key="e2-2-check"
pair = lambda x: torch.stack([x[0] ** 2 + x[1], x[0] * x[1]])
found = to_array(vjp(pair, start, torch.ones(2, dtype=torch.float64)))
np.testing.assert_allclose(found, [4.0, 2.0], rtol=1e-4)
assert start.grad is None, "the argument must not receive a gradient"

# %% test e2-2-shape 0.5
# The result has the shape of x, however many outputs there are.

# %% test e2-2-values 1.0
# Random cotangents, large and small, for functions between spaces of different dimension.

# %% test e2-2-large 1.0
# 20,000 inputs and outputs: one pass is enough, and the Jacobian does not fit.

# %% test e2-2-inputs 0.5 alone
# x, v and x.grad stay as they were, whether or not x requires a gradient.

# %% [markdown] checked="be3ff789451c" key="e2-3" lang="ko"
# ### E2.3 `Dual`, `jvp`
# 난이도 4/5 · 중요도 4/5 · 20분 · 4점 · 손으로
#
# 순방향 모드를 처음부터 만듭니다. 수 $a$에 도함수 $b$를 붙인 $a + b\,\varepsilon$을 **이원수**(dual number)라고 합니다. 새로 배울 규칙은 $\varepsilon^2 = 0$ 하나입니다.
#
# $$(a + b\,\varepsilon)(c + d\,\varepsilon) = ac + (ad + bc)\,\varepsilon, \qquad \varphi(a + b\,\varepsilon) = \varphi(a) + \varphi'(a)\, b\,\varepsilon$$
#
# 곱의 미분법과 연쇄법칙이 산술 속에 들어 있습니다. $x = 3 + 1\,\varepsilon$이면 $x \cdot x + 2 = 11 + 6\,\varepsilon$이고, 6은 $x^2 + 2$를 3에서 미분한 값입니다. 차분과 달리 스텝이 없으므로 반올림 말고는 오차도 없습니다.
#
# 이원수끼리, 또는 이원수와 수 사이의 `+`, `-`, `*`, `/`를 만드십시오. 부호를 바꾸는 `-x`, 지수가 수인 `x ** 3`, 메서드 `sin`, `exp`, `log`, `tanh`도 필요합니다. 수가 왼쪽에 오는 `2 - x`에서 Python은 `__rsub__`를 부르고, `np.sin(x)`는 메서드 `sin`을 부릅니다.

# %% [markdown] key="e2-3" lang="en"
# ### E2.3 `Dual`, `jvp`
# difficulty 4/5 · importance 4/5 · 20 minutes · 4 points · by hand
#
# Build forward mode from the ground up. A number $a$ that carries a derivative $b$ along, written $a + b\,\varepsilon$, is a **dual number**. There is a single new rule, $\varepsilon^2 = 0$.
#
# $$(a + b\,\varepsilon)(c + d\,\varepsilon) = ac + (ad + bc)\,\varepsilon, \qquad \varphi(a + b\,\varepsilon) = \varphi(a) + \varphi'(a)\, b\,\varepsilon$$
#
# The product rule and the chain rule are part of the arithmetic. With $x = 3 + 1\,\varepsilon$ we have $x \cdot x + 2 = 11 + 6\,\varepsilon$, and 6 is the derivative of $x^2 + 2$ at 3. Unlike a difference it has no step, hence no error but rounding.
#
# Write `+`, `-`, `*` and `/` between dual numbers, and between a dual number and a plain one. You also need the sign change `-x`, the power `x ** 3` with a plain number as exponent, and the methods `sin`, `exp`, `log` and `tanh`. For `2 - x`, with the plain number on the left, Python calls `__rsub__`; `np.sin(x)` calls the method `sin`.

# %% answer e2-3-dual-solution covers="TB2"
class Dual:
    """A number together with its derivative along one direction.

    Args:
        value: the number, a float.
        deriv: its derivative, a float.

    Operations return a new Dual and change no old one. Write the others below __add__.

    Example:
        (2 - Dual(3.0, 1.0)).deriv -> -1.0
    """

    def __init__(self, value: float, deriv: float = 0.0):
        self.value = value
        self.deriv = deriv

    def __add__(self, other):
        ### BEGIN SOLUTION
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.deriv + other.deriv)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.deriv * other.value + self.value * other.deriv)

    def __pow__(self, p):
        return Dual(self.value**p, p * self.value ** (p - 1) * self.deriv)

    __radd__, __rmul__ = __add__, __mul__
    __sub__ = lambda self, other: self + other * -1.0
    __rsub__ = lambda self, other: self * -1.0 + other
    __neg__ = lambda self: self * -1.0
    __truediv__ = lambda self, other: self * other**-1.0
    __rtruediv__ = lambda self, other: self**-1.0 * other
    sin = lambda self: Dual(math.sin(self.value), math.cos(self.value) * self.deriv)
    exp = lambda self: Dual(math.exp(self.value), math.exp(self.value) * self.deriv)
    log = lambda self: Dual(math.log(self.value), self.deriv / self.value)
    tanh = lambda self: Dual(math.tanh(self.value), self.deriv / math.cosh(self.value) ** 2)
    ### END SOLUTION


# %% [markdown] checked="46923bdbd6eb" key="e2-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 수 2를 이원수로 보면 그 도함수는 얼마입니까?
# 2. $\dfrac{a + b\,\varepsilon}{c + d\,\varepsilon} = \dfrac{a}{c} + \dfrac{bc - ad}{c^2}\,\varepsilon$, $\quad \tanh'(a) = 1 - \tanh^2(a)$
# 3. $x = 2 + 1\,\varepsilon$이면 $1/x$의 도함수는 $-0.25$, $\log(x)$의 도함수는 $0.5$입니다.
#
# </details>

# %% [markdown] key="e2-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Seen as a dual number, what is the derivative of the number 2?
# 2. $\dfrac{a + b\,\varepsilon}{c + d\,\varepsilon} = \dfrac{a}{c} + \dfrac{bc - ad}{c^2}\,\varepsilon$, $\quad \tanh'(a) = 1 - \tanh^2(a)$
# 3. For $x = 2 + 1\,\varepsilon$, the derivative of $1/x$ is $-0.25$ and that of $\log(x)$ is $0.5$.
#
# </details>

# %% test e2-3-dual-arithmetic 1.0
# Sums, differences, products and signs, with plain numbers on either side.
x = Dual(3.0, 1.0)
y = x * x + 2
assert abs(y.value - 11.0) < 1e-9, "3 * 3 + 2 is 11"
assert abs(y.deriv - 6.0) < 1e-9, "the derivative of x * x + 2 at 3 is 6"
assert abs((2 - x).deriv - -1.0) < 1e-9, "the derivative of 2 - x is -1"

# %% test e2-3-dual-quotients 0.5
# Quotients with plain numbers on either side, and powers: whole, negative and fractional.
x = Dual(2.0, 1.0)
assert abs((1 / x).deriv - -0.25) < 1e-9, "the derivative of 1 / x at 2 is -1/4"
assert abs((x**3).deriv - 12.0) < 1e-9, "the derivative of x ** 3 at 2 is 12"

# %% test e2-3-dual-functions 0.5
# The methods sin, exp, log and tanh, alone and inside each other.
x = Dual(2.0, 10.0)
assert abs(x.log().deriv - 5.0) < 1e-9, "the derivative of log is 1/2 at 2, times the 10 of x"

# %% key="e2-3-plot"
wave = lambda t: np.sin(2 * t) * np.exp(-0.3 * t) + 0.2 * t
grid = np.linspace(0, 6, 200)
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.plot(grid, wave(grid), color="black", label="value")
for t in np.linspace(0.4, 5.6, 9):
    y = wave(Dual(t, 1.0))
    ends = np.array([-0.25, 0.25])
    axes.plot(t + ends, y.value + y.deriv * ends, color="grey", linewidth=3)
    axes.plot(t, y.value, "o", color="black")
axes.plot([], [], color="grey", linewidth=3, label="deriv")
axes.set(xlabel="$t$", ylabel="$f(t)$")
axes.legend()
figure.tight_layout()


# %% [markdown] checked="fd417039dcf7" key="e2-3-see" lang="ko"
# **그림에서 볼 것.** 검은 곡선은 함수의 값이고, 회색 선분의 기울기는 같은 코드에 `Dual(t, 1.0)`을 넣어 얻은 `deriv`입니다. 회색 선분이 점마다 곡선에 접합니다. 함수를 고쳐 쓰지 않고 넣는 수만 바꾸었습니다.

# %% [markdown] key="e2-3-see" lang="en"
# **What to see.** The black curve is the value of the function; the grey pieces have the slope `deriv` that the same code gives for `Dual(t, 1.0)`. Each grey piece touches the curve. The function was not rewritten: only the number that goes in has changed.

# %% [markdown] checked="0b9751cad27e" key="e2-3-jvp" lang="ko"
# 이제 입력이 여러 개인 함수입니다. `x[i]`에 방향 $u$의 원소 `u[i]`를 붙여 $f$에 넣으면, 출력에 붙어 나오는 도함수가 $J u$입니다.
#
# $$f(x + u\,\varepsilon) = f(x) + (J u)\,\varepsilon$$
#
# 입력이 몇 개이든 패스는 한 번입니다. 테스트는 입력이 40개인 함수를 부르는 횟수를 셉니다. `f`는 `Dual`의 리스트를 받아 `Dual` 하나나 리스트를 돌려줍니다. 이 함수에서는 앞에서 만든 `Dual`을 쓰십시오.

# %% [markdown] key="e2-3-jvp" lang="en"
# Now a function of several inputs. Attach the entry `u[i]` of a direction $u$ to `x[i]` and put the result into $f$: the derivative that comes out is $J u$.
#
# $$f(x + u\,\varepsilon) = f(x) + (J u)\,\varepsilon$$
#
# It takes a single pass, however many inputs there are: the tests count the calls of a function of 40 inputs. `f` receives a list of `Dual` and returns one `Dual` or a list of them. In this function, use the `Dual` that you wrote above.

# %% answer e2-3-jvp-solution
def jvp(f, x: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Jacobian-vector product J u of f at x, in one forward pass.

    Args:
        f: a function from a list of n Dual to one Dual or a list of m Dual.
        x: the point, shape (n,); left unchanged.
        u: the tangent, shape (n,); left unchanged.

    Returns:
        J u, shape (m,); shape (1,) where f returns one Dual.

    Example:
        jvp(lambda x: x[0] * x[1], np.array([2.0, 3.0]), np.array([10.0, 0.0])) -> [30]
    """
    ### BEGIN SOLUTION
    outputs = f([Dual(value, deriv) for value, deriv in zip(x, u)])
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return np.array([output.deriv for output in outputs])
    ### END SOLUTION


# %% [markdown] checked="26b4f2d7add7" key="e2-3-jvp-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $u = e_j$이면 $J u$는 야코비안의 어느 부분입니까?
# 2. $(J u)_i = \sum_j \dfrac{\partial f_i}{\partial x_j}\, u_j$
# 3. $f(x) = (x_1 x_2,\; x_1 + x_2^2)$에서 $x = (1, 2)$, $u = (1, -1)$이면 결과는 $(1, -3)$입니다.
#
# </details>

# %% [markdown] key="e2-3-jvp-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. For $u = e_j$, which part of the Jacobian is $J u$?
# 2. $(J u)_i = \sum_j \dfrac{\partial f_i}{\partial x_j}\, u_j$
# 3. For $f(x) = (x_1 x_2,\; x_1 + x_2^2)$, $x = (1, 2)$ and $u = (1, -1)$ the result is $(1, -3)$.
#
# </details>

# %% key="e2-3-jvp-check"
pair = lambda x: [x[0] * x[1], x[0] + x[1] ** 2]
found = jvp(pair, np.array([1.0, 2.0]), np.array([1.0, -1.0]))
np.testing.assert_allclose(found, [1.0, -3.0], rtol=1e-9)
found = jvp(lambda x: np.sin(x[0]) / x[1], np.array([0.0, 2.0]), np.array([1.0, 5.0]))
np.testing.assert_allclose(found, [0.5], rtol=1e-9)

# %% test e2-3-jvp-shape 0.5
# One number per output; a single Dual makes an array with one entry.

# %% test e2-3-jvp-values 1.0 alone
# Sums and products along random directions, exact; x and u stay as they were.

# %% test e2-3-jvp-nested 0.5
# Everything together: (2 - x) / (1 + x y) * sin(x)^3, with np.sin, and sums that grow in a loop.

# %% [markdown] checked="229a178b8d06" key="e2-4" lang="ko"
# ### E2.4 `adjoint_gap`
# 난이도 2/5 · 중요도 4/5 · 5분 · 1점 · 손으로
#
# JVP와 VJP는 같은 야코비안에 벡터를 곱합니다. 그러므로 모든 $u$와 $v$에 대해 다음 등식이 성립합니다. $J^T$가 $J$의 **수반**(adjoint)이라는 말과 같습니다.
#
# $$\langle v,\, J u \rangle = \langle J^T v,\, u \rangle$$
#
# 양변의 차이를 재면, 야코비안도 정답도 없이 두 구현이 서로 맞는지 알 수 있습니다. 입력이 20,000개여도 곱 두 번이면 됩니다. $u$와 $v$는 무작위로 고릅니다. 반올림보다 큰 차이가 나면 둘 가운데 적어도 하나는 틀렸습니다. 차이가 없다고 해서 둘 다 옳다는 뜻은 아닙니다. 똑같이 틀릴 수도 있습니다.

# %% [markdown] key="e2-4" lang="en"
# ### E2.4 `adjoint_gap`
# difficulty 2/5 · importance 4/5 · 5 minutes · 1 point · by hand
#
# JVP and VJP multiply vectors by the same Jacobian. So the following holds for all $u$ and $v$; it says that $J^T$ is the **adjoint** of $J$.
#
# $$\langle v,\, J u \rangle = \langle J^T v,\, u \rangle$$
#
# The difference of both sides tells whether two implementations fit each other, without a Jacobian and without knowing the right answer. Even with 20,000 inputs it takes only a pair of products. Choose $u$ and $v$ at random. If the difference is larger than rounding, at least one implementation is wrong. No difference does not prove both right, though: they may be wrong in the same way.

# %% answer e2-4 covers="TB2"
def adjoint_gap(jvp, vjp, u: np.ndarray, v: np.ndarray) -> float:
    """How far a JVP and a VJP are from being adjoint, |<v, J u> - <J^T v, u>|.

    Args:
        jvp: a function from u, shape (n,), to J u, shape (m,).
        vjp: a function from v, shape (m,), to v^T J, shape (n,).
        u: a tangent, shape (n,); left unchanged.
        v: a cotangent, shape (m,); left unchanged.

    Returns:
        The absolute difference, a float, at least 0.

    Example:
        adjoint_gap(lambda u: 2 * u, lambda v: 5 * v, np.array([1.0]), np.array([10.0])) -> 30.0
    """
    ### BEGIN SOLUTION
    return float(abs(np.dot(v, jvp(u)) - np.dot(vjp(v), u)))
    ### END SOLUTION


# %% [markdown] checked="181466c2f6ee" key="e2-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. `jvp(u)`의 길이는 `u`와 `v` 가운데 어느 것과 같습니까?
# 2. $v^T (J u) = (v^T J)\, u$
# 3. $J = \begin{bmatrix} 1 & 2 & 0 \\ 3 & -1 & 4 \end{bmatrix}$, $u = (1, 1, 2)$, $v = (2, -1)$이면 양변은 $-4$입니다.
#
# </details>

# %% [markdown] key="e2-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Is `jvp(u)` as long as `u` or as long as `v`?
# 2. $v^T (J u) = (v^T J)\, u$
# 3. For $J = \begin{bmatrix} 1 & 2 & 0 \\ 3 & -1 & 4 \end{bmatrix}$, $u = (1, 1, 2)$ and $v = (2, -1)$ both sides are $-4$.
#
# </details>

# %% test e2-4-right-pairs 0.5 alone
# A pair that belongs to one Jacobian has no gap; u and v stay as they were.
J = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0]])
u, v = np.array([1.0, 1.0, 2.0]), np.array([2.0, -1.0])
right_gap = adjoint_gap(lambda u: J @ np.asarray(u), lambda v: np.asarray(v) @ J, u, v)
assert abs(right_gap) < 1e-9, "both sides are -4"

# %% test e2-4-wrong-pairs 0.5
# A wrong VJP shows as a gap, of the right size.
J = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0]])
u, v = np.array([1.0, 1.0, 2.0]), np.array([2.0, -1.0])
wrong_gap = adjoint_gap(lambda u: J @ np.asarray(u), lambda v: J.sum(axis=0), u, v)
assert abs(wrong_gap - 17.0) < 1e-6, "a VJP that ignores v gives 13 instead of -4"


# %% [markdown] checked="555367e16880" key="e2-5" lang="ko"
# ### E2.5 `jacobian_by_vjps`, `jacobian_by_jvps`, `passes_needed`, `cheapest_mode`
# 난이도 2/5 · 중요도 5/5 · 9분 · 3점 · 손으로
#
# VJP의 결과는 수 $n$개이고 JVP의 결과는 수 $m$개입니다. 그러나 결과의 크기는 비용이 아닙니다. VJP 한 번은 $f$를 한 번 계산하는 비용의 2배에서 4배쯤, JVP 한 번은 2배에서 3배쯤이며, 이 배수는 $n$과 $m$이 커져도 그대로입니다. 밀집 선형층이라면 $v^T W$ 한 번에 이미 곱셈 $mn$번이 들어갑니다. 그래서 비용은 패스의 수로 셉니다.
#
# 야코비안 전체가 필요하면 $e_i^T J$로 행 $i$를, 또는 $J e_j$로 열 $j$를 구합니다. 역방향 패스 $m$번이나 순방향 패스 $n$번입니다. 따라서 역방향 모드가 유리한 조건은 $m \ll n$입니다. 학습의 손실은 $m = 1$이라 이 조건에 꼭 맞습니다. 그러나 출력이 늘 스칼라인 것은 아닙니다. 매개변수 하나에 대한 민감도를 구할 때는 $n = 1$이어서 순방향 모드가 유리합니다.
#
# 역방향 모드는 메모리도 더 씁니다. 출력에서 거슬러 오려면 앞으로 갈 때의 중간값을 그때까지 간직해야 하기 때문입니다.

# %% [markdown] key="e2-5" lang="en"
# ### E2.5 `jacobian_by_vjps`, `jacobian_by_jvps`, `passes_needed`, `cheapest_mode`
# difficulty 2/5 · importance 5/5 · 9 minutes · 3 points · by hand
#
# A VJP returns $n$ numbers and a JVP returns $m$. But the size of a result is not its cost. A VJP costs about 2 to 4 times one evaluation of $f$ and a JVP about 2 to 3 times, and these factors stay the same however large $n$ and $m$ are. For a dense linear layer a single $v^T W$ already takes $mn$ multiplications. So cost is counted in passes.
#
# If you need the whole Jacobian, $e_i^T J$ gives row $i$, or $J e_j$ gives column $j$: $m$ reverse passes or $n$ forward passes. So reverse mode wins if $m \ll n$. A training loss has $m = 1$ and fits this condition perfectly. But outputs are not always scalar, and the sensitivity to one parameter has $n = 1$, where forward mode wins.
#
# Reverse mode also uses more memory: on the way back from the output it needs the intermediate values of the way forward, which have to be kept until then.

# %% answer e2-5-vjps-solution covers="TB2 CL1 M5 M6"
def jacobian_by_vjps(vjp, m: int) -> np.ndarray:
    """Jacobian from exactly m vector-Jacobian products.

    Args:
        vjp: a function from v, shape (m,), to v^T J, shape (n,).
        m: number of outputs.

    Returns:
        The Jacobian, shape (m, n).

    Example:
        J = np.array([[1.0, 2.0, 3.0]])
        jacobian_by_vjps(lambda v: np.asarray(v) @ J, 1) -> [[1, 2, 3]]
    """
    ### BEGIN SOLUTION
    return np.stack([vjp(basis) for basis in np.eye(m)])
    ### END SOLUTION


# %% test e2-5-vjps-values 0.5 alone
# A general Jacobian, a single row and a single column.
J = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
by_rows = jacobian_by_vjps(lambda v: np.asarray(v) @ J, 2)
np.testing.assert_allclose(by_rows, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], rtol=1e-6)

# %% test e2-5-vjps-calls 0.5 alone
# The right Jacobian in exactly m calls.

# %% answer e2-5-jvps-solution
def jacobian_by_jvps(jvp, n: int) -> np.ndarray:
    """Jacobian from exactly n Jacobian-vector products.

    Args:
        jvp: a function from u, shape (n,), to J u, shape (m,).
        n: number of inputs.

    Returns:
        The Jacobian, shape (m, n).

    Example:
        J = np.array([[1.0, 2.0, 3.0]])
        jacobian_by_jvps(lambda u: J @ np.asarray(u), 3) -> [[1, 2, 3]]
    """
    ### BEGIN SOLUTION
    return np.stack([jvp(basis) for basis in np.eye(n)], axis=1)
    ### END SOLUTION


# %% test e2-5-jvps-values 0.5 alone
# A general Jacobian, a single row and a single column.
J = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
by_columns = jacobian_by_jvps(lambda u: J @ np.asarray(u), 3)
np.testing.assert_allclose(by_columns, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], rtol=1e-6)

# %% test e2-5-jvps-calls 0.5 alone
# The right Jacobian in exactly n calls.

# %% answer e2-5-passes-solution
def passes_needed(m: int, n: int, mode: str) -> int:
    """Passes that a whole Jacobian takes.

    Args:
        m: number of outputs.
        n: number of inputs.
        mode: "reverse" or "forward".

    Returns:
        The number of passes.

    Example:
        passes_needed(2, 3, "reverse") -> 2
    """
    ### BEGIN SOLUTION
    return m if mode == "reverse" else n
    ### END SOLUTION


# %% test e2-5-passes 0.5
# Both modes, for tall and wide Jacobians.
assert passes_needed(2, 3, "reverse") == 2, "one reverse pass for each output"


# %% answer e2-5-mode-solution
def cheapest_mode(m: int, n: int) -> str:
    """The mode that gives a whole Jacobian in fewer passes.

    Args:
        m: number of outputs.
        n: number of inputs.

    Returns:
        "reverse" or "forward"; either of them if both take equally many passes.

    Example:
        cheapest_mode(1, 1000) -> "reverse"
    """
    ### BEGIN SOLUTION
    return "reverse" if m < n else "forward"
    ### END SOLUTION


# %% test e2-5-mode 0.5 alone
# More inputs than outputs, fewer, and equally many.
assert cheapest_mode(1, 1000) == "reverse", "a scalar loss with 1000 inputs"

# %% [markdown] checked="f5a4af108e15" key="e2-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 행 하나를 골라내려면 $v$에 무엇을 넣어야 합니까?
# 2. $e_i^T J = J_{i,:}$, $\quad J e_j = J_{:,j}$
# 3. 출력 2개, 입력 1,000개인 함수의 야코비안에는 역방향 패스가 2번 듭니다.
#
# </details>

# %% [markdown] key="e2-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. What must $v$ be to select a single row?
# 2. $e_i^T J = J_{i,:}$, $\quad J e_j = J_{:,j}$
# 3. The Jacobian of a function with 2 outputs and 1,000 inputs takes 2 reverse passes.
#
# </details>

# %% key="e2-5-plot"
n = 64
outputs = 2 ** np.arange(13)
reverse = [passes_needed(int(m), n, "reverse") for m in outputs]
forward = [passes_needed(int(m), n, "forward") for m in outputs]
chosen = [passes_needed(int(m), n, cheapest_mode(int(m), n)) for m in outputs]
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.loglog(outputs / n, chosen, color="lightgrey", linewidth=8, label="cheapest_mode")
axes.loglog(outputs / n, reverse, "o-", color="black", label="reverse: $m$ passes")
axes.loglog(outputs / n, forward, "s--", color="dimgrey", label="forward: $n$ passes")
axes.set(xlabel="$m / n$, with $n = 64$", ylabel="passes")
axes.legend()
figure.tight_layout()


# %% [markdown] checked="3f5ccb8c6fca" key="e2-5-see" lang="ko"
# **그림에서 볼 것.** 입력이 64개일 때 야코비안 전체에 드는 패스의 수입니다. 역방향은 출력의 수를 따라 늘고, 순방향은 그대로입니다. 두 선은 $m = n$에서 만나고, 굵은 회색 선은 언제나 둘 가운데 아래쪽을 따라갑니다. 왼쪽 끝이 스칼라 손실입니다.

# %% [markdown] key="e2-5-see" lang="en"
# **What to see.** The passes that a whole Jacobian takes with 64 inputs. In reverse mode they grow with the number of outputs; in forward mode they stay. The lines meet at $m = n$, and the thick grey line follows the lower of both everywhere. The left end is a scalar loss.

# %% [markdown] checked="1807258cba3c" key="e2-6" lang="ko"
# ### E2.6 `linear_vjp`, `tanh_vjp`, `relu_vjp`, `softmax_xent_vjp`, `layernorm_vjp`
# 난이도 3/5 · 중요도 5/5 · 26분 · 6점 · 손으로
#
# 역전파는 층마다 한 가지만 요구합니다. 바로 그 층의 VJP입니다. 여기서는 신경망을 이루는 부품 다섯 개의 VJP를 손으로 만듭니다. 각 함수는 층의 출력과 모양이 같은 **여접벡터**(cotangent) $v$를 받아, 입력마다 그 입력과 모양이 같은 여접벡터를 돌려줍니다.
#
# 첫 번째는 선형층 $Y = X W^T + b$입니다. $X$의 행마다 표본이 하나씩 들어 있습니다. 입력과 매개변수를 조금씩 움직이면 출력의 변화는 다음과 같이 나뉩니다.
#
# $$\langle v, \mathrm{d}Y \rangle = \langle v,\; \mathrm{d}X\, W^T \rangle + \langle v,\; X\, \mathrm{d}W^T \rangle + \sum_{s=1}^{B} \langle v_s,\; \mathrm{d}b \rangle$$
#
# 첫째 항을 "어떤 배열과 $\mathrm{d}X$의 내적" 꼴로 고쳐 쓰면, 그 배열이 $X$의 여접벡터 $\overline{X}$입니다. $\overline{W}$와 $\overline{b}$도 나머지 두 항에서 같은 방법으로 읽어 냅니다. 모든 표본이 같은 가중치와 편향을 쓰므로 이 둘에는 배치 전체의 기여가 더해집니다.

# %% [markdown] key="e2-6" lang="en"
# ### E2.6 `linear_vjp`, `tanh_vjp`, `relu_vjp`, `softmax_xent_vjp`, `layernorm_vjp`
# difficulty 3/5 · importance 5/5 · 26 minutes · 6 points · by hand
#
# Backpropagation asks only one thing of a layer: its VJP. Here you build the VJPs of five parts of a neural network by hand. Each function receives the **cotangent** $v$ of the layer's output, shaped like that output, and returns a cotangent for each input, shaped like that input.
#
# The first is the linear layer $Y = X W^T + b$, with a sample in each row of $X$. Move the input and the parameters a little, and the change of the output splits:
#
# $$\langle v, \mathrm{d}Y \rangle = \langle v,\; \mathrm{d}X\, W^T \rangle + \langle v,\; X\, \mathrm{d}W^T \rangle + \sum_{s=1}^{B} \langle v_s,\; \mathrm{d}b \rangle$$
#
# Rewrite the first term as "the inner product of some array with $\mathrm{d}X$": that array is the cotangent $\overline{X}$ of $X$. Read $\overline{W}$ and $\overline{b}$ off the other terms in the same way. All samples use the same weights and the same bias, so these collect contributions from the whole batch.

# %% answer e2-6-linear-solution covers="CB3 CB5 M9"
def linear_vjp(v: np.ndarray, X: np.ndarray, W: np.ndarray) -> tuple:
    """VJP of a linear layer on a batch, Y = X W^T + b.

    Args:
        v: cotangent of Y, shape (B, m).
        X: the samples, shape (B, n).
        W: weights, shape (m, n). No argument is changed.

    Returns:
        The cotangents dX of shape (B, n), dW of shape (m, n) and db of shape (m,).

    Example:
        linear_vjp(np.array([[2.0]]), np.array([[3.0, 4.0]]), np.array([[5.0, 6.0]]))
        -> ([[10, 12]], [[6, 8]], [2])
    """
    ### BEGIN SOLUTION
    return v @ W, v.T @ X, v.sum(axis=0)
    ### END SOLUTION


# %% [markdown] checked="91ae526b2239" key="e2-6-linear-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. `dX`의 모양은 $(B, n)$입니다. 모양이 $(B, m)$인 $v$에 무엇을 곱해야 이 모양이 됩니까?
# 2. 원소로 쓰면 $\overline{W}_{ij} = \sum_s v_{si} X_{sj}$입니다. 표본이 하나이면 외적 $v x^T$입니다.
# 3. $v$의 행이 $(1, 2)$와 $(0, 1)$이고 $X$의 행이 $(1, 0, 2)$와 $(3, 1, 1)$이면, `dW`의 원소의 합은 14입니다.
#
# </details>

# %% [markdown] key="e2-6-linear-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. `dX` has shape $(B, n)$. What must multiply $v$ of shape $(B, m)$ to give this shape?
# 2. In entries, $\overline{W}_{ij} = \sum_s v_{si} X_{sj}$. For a single sample this is the outer product $v x^T$.
# 3. If the rows of $v$ are $(1, 2)$ and $(0, 1)$ and those of $X$ are $(1, 0, 2)$ and $(3, 1, 1)$, the entries of `dW` sum to 14.
#
# </details>

# %% test e2-6-linear-input 0.5
# The cotangent of the input: each sample has its own.
v, X = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 1.0]])
W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
np.testing.assert_allclose(linear_vjp(v, X, W)[0], [[9, 12, 15], [4, 5, 6]], rtol=1e-4)

# %% test e2-6-linear-parameters 0.5
# The cotangents of the parameters: the samples of the batch add up.
v, X = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 1.0]])
dX, dW, db = linear_vjp(v, X, np.ones((2, 3)))
assert np.shape(dW) == (2, 3), "dW has the shape of W"
assert np.shape(db) == (2,), "db has the shape of b: one entry per output"

# %% test e2-6-linear-batches 0.5 alone
# A batch of one, a large one, single precision, large and small entries; nothing is changed.
single = linear_vjp(np.array([[2.0]]), np.array([[3.0, 4.0]]), np.array([[5.0, 6.0]]))
assert [np.shape(part) for part in single] == [(1, 2), (1, 2), (1,)], "a batch of one stays a batch"


# %% [markdown] checked="6208fa5435b0" key="e2-6-activations" lang="ko"
# 다음은 활성화 함수입니다. 야코비안이 대각행렬이므로 VJP는 기울기를 원소마다 곱하는 일입니다.
#
# $\tanh$는 기울기를 출력만으로 알 수 있습니다. $y = \tanh x$이면 $\mathrm{d}y = (1 - y^2)\, \mathrm{d}x$입니다. 순전파에서 이미 $y$를 저장했으므로 $x$를 따로 둘 필요가 없습니다. 그래서 `tanh_vjp`는 $x$가 아니라 $y$를 받습니다.
#
# $\operatorname{ReLU}(x) = \max(x, 0)$은 $x > 0$이면 $v$를 그대로 통과시키고 $x < 0$이면 막습니다. $x = 0$에서는 미분할 수 없습니다. 라이브러리는 이 점에서 기울기를 0으로 약속하지만, $1/2$이나 1로 약속해도 됩니다. 채점은 세 약속을 모두 받아들입니다.

# %% [markdown] key="e2-6-activations" lang="en"
# Next come the activations. Their Jacobian is diagonal, so the VJP multiplies by the slope, entry by entry.
#
# The slope of $\tanh$ follows from the output alone: if $y = \tanh x$, then $\mathrm{d}y = (1 - y^2)\, \mathrm{d}x$. The forward pass has stored $y$ already, and there is no need to keep $x$ as well. That is why `tanh_vjp` receives $y$ and not $x$.
#
# $\operatorname{ReLU}(x) = \max(x, 0)$ lets $v$ pass where $x > 0$ and stops it where $x < 0$. At $x = 0$ it has no derivative. Libraries agree on the slope 0 there, but $1/2$ or 1 would do as well. The tests accept all of these conventions.

# %% answer e2-6-tanh-solution
def tanh_vjp(v: np.ndarray, y: np.ndarray) -> np.ndarray:
    """VJP of tanh, entry by entry.

    Args:
        v: cotangent of the output, any shape.
        y: the output tanh(x) (not x), of the same shape. No argument is changed.

    Returns:
        The cotangent of x, shaped like v.

    Example:
        tanh_vjp(np.array([2.0]), np.array([0.5])) -> [1.5]
    """
    ### BEGIN SOLUTION
    return v * (1 - y**2)
    ### END SOLUTION


# %% test e2-6-tanh 0.5 alone
# The slope comes from the output; saturated entries pass almost nothing.
np.testing.assert_allclose(tanh_vjp(np.array([2.0]), np.array([0.5])), [1.5], rtol=1e-4)


# %% answer e2-6-relu-solution
def relu_vjp(v: np.ndarray, x: np.ndarray) -> np.ndarray:
    """VJP of the rectifier max(x, 0), entry by entry.

    Args:
        v: cotangent of the output, any shape.
        x: the input, of the same shape. No argument is changed.

    Returns:
        The cotangent of x, shaped like v; where x is 0, any of 0, v/2 and v.

    Example:
        relu_vjp(np.array([2.0, 3.0]), np.array([-1.0, 0.5])) -> [0, 3]
    """
    ### BEGIN SOLUTION
    return np.where(x > 0, v, 0.0)
    ### END SOLUTION


# %% [markdown] checked="dd26cbd2fcfc" key="e2-6-activations-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $v$가 음수이고 $x$가 양수이면 ReLU를 거꾸로 지난 $v$는 무엇입니까?
# 2. $\overline{x} = v \odot \varphi'(x)$이고 $\odot$은 원소별 곱입니다.
# 3. $y = (0.6, -0.8)$이고 $v = (1, 1)$이면 `tanh_vjp`의 결과의 합은 1입니다.
#
# </details>

# %% [markdown] key="e2-6-activations-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $v$ is negative and $x$ positive, what becomes of $v$ on its way back through ReLU?
# 2. $\overline{x} = v \odot \varphi'(x)$, where $\odot$ multiplies entry by entry.
# 3. For $y = (0.6, -0.8)$ and $v = (1, 1)$, the entries of `tanh_vjp` sum to 1.
#
# </details>

# %% test e2-6-relu 0.5 alone
# The cotangent passes where x is positive, with its sign; at x = 0 there is a choice.
passed = relu_vjp(np.array([2.0, -3.0]), np.array([-1.0, 0.5]))
np.testing.assert_allclose(passed, [0.0, -3.0], rtol=1e-4)

# %% key="e2-6-activations-plot"
inputs = np.linspace(-4, 4, 401)
ones = np.ones_like(inputs)
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(inputs, tanh_vjp(ones, np.tanh(inputs)), color="black", label=r"$\tanh$")
axes.plot(inputs, relu_vjp(ones, inputs), "--", color="grey", label="ReLU")
axes.set(xlabel="$x$", ylabel="cotangent of $x$ for $v = 1$")
axes.legend()
figure.tight_layout()


# %% [markdown] checked="6f06572243a0" key="e2-6-activations-see" lang="ko"
# **그림에서 볼 것.** $v = 1$이 두 활성화 함수를 거꾸로 지난 뒤의 크기를 $x$에 따라 그렸습니다. $\tanh$에서는 $|x|$가 커질수록 남는 것이 없습니다. 이런 층을 여러 개 지나면 그래디언트가 사라집니다. ReLU는 $v$를 그대로 통과시키거나 완전히 막습니다.

# %% [markdown] key="e2-6-activations-see" lang="en"
# **What to see.** What is left of $v = 1$ after it went backwards through each activation, against $x$. With $\tanh$, nothing is left for large $|x|$, and after several such layers the gradient has vanished. ReLU passes $v$ whole or stops it altogether.

# %% [markdown] checked="21104b2459ff" key="e2-6-xent" lang="ko"
# 분류 문제에서 마지막에 오는 것은 소프트맥스와 교차 엔트로피입니다. 표본 $s$의 로짓이 $z_s \in \mathbb{R}^C$이고 정답 클래스가 $y_s$이면 손실은 배치에 대한 평균입니다.
#
# $$L = -\frac{1}{B} \sum_{s=1}^{B} \log p_{s, y_s}, \qquad p_s = \operatorname{softmax}(z_s)$$
#
# 로그와 지수를 먼저 합치십시오. $-\log p_{y} = \log \sum_k e^{z_k} - z_{y}$를 미분하면 두 항만 남고, 소프트맥스의 야코비안을 만들 필요가 없습니다. 각 행에 같은 수를 더해도 $L$은 그대로이므로, 그래디언트의 각 행은 합이 0입니다.

# %% [markdown] key="e2-6-xent" lang="en"
# A classifier ends in the softmax and the cross-entropy. If sample $s$ has the logits $z_s \in \mathbb{R}^C$ and the right class $y_s$, the loss is the mean over the batch:
#
# $$L = -\frac{1}{B} \sum_{s=1}^{B} \log p_{s, y_s}, \qquad p_s = \operatorname{softmax}(z_s)$$
#
# Join the logarithm and the exponentials first. The derivative of $-\log p_{y} = \log \sum_k e^{z_k} - z_{y}$ has only a pair of terms, and there is no need to form the Jacobian of the softmax. Adding one number to a whole row leaves $L$ as it is, so each row of the gradient sums to 0.

# %% answer e2-6-xent-solution
def softmax_xent_vjp(logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Gradient of the mean softmax cross-entropy by the logits.

    Args:
        logits: shape (B, C), any finite values; left unchanged.
        y: the right class of each sample, integers of shape (B,).

    Returns:
        The gradient, shape (B, C); each row sums to zero.

    Example:
        softmax_xent_vjp(np.array([[0.0, 0.0]]), np.array([0])) -> [[-0.5, 0.5]]
    """
    ### BEGIN SOLUTION
    grad = np.exp(logits - logits.max(axis=1, keepdims=True))
    grad /= grad.sum(axis=1, keepdims=True)
    grad[np.arange(len(y)), y] -= 1
    return grad / len(y)
    ### END SOLUTION


# %% [markdown] checked="7ae164545005" key="e2-6-xent-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $\log \sum_k e^{z_k}$를 $z_j$로 미분하면 낯익은 무엇이 나옵니까?
# 2. $\dfrac{\partial L}{\partial z_s} = \dfrac{p_s - e_{y_s}}{B}$이고 $e_{y_s}$는 정답 자리만 1인 벡터입니다.
# 3. 표본 2개, 클래스 4개이고 로짓이 모두 같으면 정답 자리의 값은 $-0.375$입니다.
#
# </details>

# %% [markdown] key="e2-6-xent-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Differentiate $\log \sum_k e^{z_k}$ by $z_j$: which familiar quantity comes out?
# 2. $\dfrac{\partial L}{\partial z_s} = \dfrac{p_s - e_{y_s}}{B}$, where $e_{y_s}$ is 1 at the right class and zero elsewhere.
# 3. With 2 samples, 4 classes and equal logits, the entry at a right class is $-0.375$.
#
# </details>

# %% test e2-6-xent-rows 0.5
# One sample: the row sums to zero, the right class is pushed up and the others down.
row = softmax_xent_vjp(np.array([[1.0, 2.0, 3.0]]), np.array([2]))
np.testing.assert_allclose(row, [[0.0900, 0.2447, -0.3348]], atol=1e-4)

# %% test e2-6-xent-mean 0.5
# Batches: each sample has its own class, and the loss is the mean.
two = softmax_xent_vjp(np.zeros((2, 3)), np.array([0, 2]))
np.testing.assert_allclose(two[0], [-1 / 3, 1 / 6, 1 / 6], rtol=1e-4)

# %% test e2-6-xent-extremes 0.5 alone
# Logits of size 10,000 keep finite gradients; the arguments stay as they were.
apart = softmax_xent_vjp(np.array([[10_000.0, 0.0, -10_000.0]]), np.array([1]))
np.testing.assert_allclose(apart, [[1.0, -1.0, 0.0]], atol=1e-4)


# %% [markdown] checked="172cb49370c5" key="e2-6-layernorm" lang="ko"
# **층 정규화**(layer normalisation)는 표본마다 평균을 0으로, 분산을 1로 맞춥니다.
#
# $$y = \gamma \odot \hat{x} + \beta, \qquad \hat{x} = \frac{x - \mu}{\sigma}, \qquad \sigma = \sqrt{\operatorname{var}(x) + \varepsilon}$$
#
# $\mu$와 $\operatorname{var}(x)$는 표본 하나의 원소 $n$개에 대한 평균과 분산이고, 분산은 $n$으로 나눕니다. $x_j$ 하나를 움직이면 $\hat{x}_j$만 움직이는 것이 아닙니다. $\mu$와 $\sigma$도 움직이고, 이 둘을 통해 모든 출력이 움직입니다. 그래서 $x$에서 $y$로 가는 길은 셋이며 역전파에서는 세 길의 기여를 더합니다.
#
# 답을 스스로 확인할 방법이 있습니다. 표본에 같은 수를 더해도 $y$는 그대로이므로 `dx`의 합은 0입니다. $\varepsilon$이 0에 가까우면 중심화한 표본을 늘여도 $y$는 그대로이므로 `dx`는 $\hat{x}$와도 직교합니다.

# %% [markdown] key="e2-6-layernorm" lang="en"
# **Layer normalisation** gives every sample the mean 0 and the variance 1:
#
# $$y = \gamma \odot \hat{x} + \beta, \qquad \hat{x} = \frac{x - \mu}{\sigma}, \qquad \sigma = \sqrt{\operatorname{var}(x) + \varepsilon}$$
#
# Here $\mu$ and $\operatorname{var}(x)$ are the mean and the variance of the $n$ entries of one sample, and the variance divides by $n$. Moving a single $x_j$ moves more than $\hat{x}_j$: it moves $\mu$ and $\sigma$, and through them every output. So there are three paths from $x$ to $y$, and the backward pass adds the contributions of all three.
#
# You can check your answer yourself. Adding one number to a sample leaves $y$ as it is, so `dx` sums to 0. As $\varepsilon$ goes to 0, stretching the centred sample leaves $y$ as it is, so `dx` is orthogonal to $\hat{x}$ too.

# %% answer e2-6-layernorm-solution
def layernorm_vjp(v: np.ndarray, x: np.ndarray, gamma: np.ndarray, eps: float) -> tuple:
    """VJP of layer normalisation over the last axis.

    Args:
        v: cotangent of the output, shape (B, n).
        x: the samples, shape (B, n).
        gamma: the factors after normalising, shape (n,). No argument is changed.
        eps: what is added to the variance, which divides by n.

    Returns:
        The cotangents dx of shape (B, n), dgamma of shape (n,) and dbeta of shape (n,).

    Example:
        v, x = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 2.0, 3.0]])
        layernorm_vjp(v, x, np.ones(3), 0.0)[0] -> [[0.204, -0.408, 0.204]]
    """
    ### BEGIN SOLUTION
    sigma = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=1, keepdims=True)) / sigma
    g = gamma * v
    along = (g * x_hat).mean(axis=1, keepdims=True)
    dx = (g - g.mean(axis=1, keepdims=True) - x_hat * along) / sigma
    return dx, (v * x_hat).sum(axis=0), v.sum(axis=0)
    ### END SOLUTION


# %% [markdown] checked="f38fff6d417b" key="e2-6-layernorm-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $\mathrm{d}\sigma$를 $\hat{x}$와 $\mathrm{d}x$로 쓰면 무엇입니까? $\operatorname{var}(x)$부터 미분해 보십시오.
# 2. $g = \gamma \odot v$이고 $\langle \cdot \rangle$이 표본의 원소에 대한 평균이면 $\overline{x} = \dfrac{1}{\sigma} \left( g - \langle g \rangle - \hat{x} \langle g \odot \hat{x} \rangle \right)$입니다.
# 3. 표본 $(1, 2, 3)$, $\gamma = 1$, $\varepsilon = 0$, $v = (1, 0, 0)$이면 가운데 원소는 $-0.408$입니다.
#
# </details>

# %% [markdown] key="e2-6-layernorm-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. What is $\mathrm{d}\sigma$, written with $\hat{x}$ and $\mathrm{d}x$? Begin with the derivative of $\operatorname{var}(x)$.
# 2. With $g = \gamma \odot v$ and $\langle \cdot \rangle$ for the mean over the entries of a sample, $\overline{x} = \dfrac{1}{\sigma} \left( g - \langle g \rangle - \hat{x} \langle g \odot \hat{x} \rangle \right)$.
# 3. For the sample $(1, 2, 3)$, $\gamma = 1$, $\varepsilon = 0$ and $v = (1, 0, 0)$, the entry in the middle is $-0.408$.
#
# </details>

# %% test e2-6-layernorm-input 1.0
# The cotangent of x: orthogonal to the ones and, as eps vanishes, to the normalised sample.
v, x = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 2.0, 3.0]])
dx = np.asarray(layernorm_vjp(v, x, np.ones(3), 0.0)[0])
np.testing.assert_allclose(dx, [[0.2041, -0.4082, 0.2041]], atol=1e-3)

# %% test e2-6-layernorm-parameters 0.5
# The cotangents of gamma and beta: the samples of the batch add up.
v, x = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), np.array([[1.0, 2.0, 3.0], [5.0, 3.0, 1.0]])
dx, dgamma, dbeta = layernorm_vjp(v, x, np.ones(3), 0.0)
np.testing.assert_allclose(dbeta, [1.0, 3.0, 1.0], rtol=1e-4)

# %% test e2-6-layernorm-extremes 0.5 alone
# One sample: eps counts where the variance is small; the arguments stay as they were.
v, x = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 2.0, 3.0]])
dx = np.asarray(layernorm_vjp(v, x, np.ones(3), 1.0)[0])
np.testing.assert_allclose(dx.sum(), 0.0, atol=1e-4)


# %% [markdown] checked="8d5091aa170a" key="e2-7" lang="ko"
# ### E2.7 `unbroadcast`
# 난이도 2/5 · 중요도 3/5 · 5분 · 1점 · 손으로
#
# 모양이 `(4, 3)`인 배열에 모양이 `(3,)`인 편향을 더하면 NumPy는 편향을 행마다 복사합니다. 이것이 **브로드캐스팅**(broadcasting)입니다. 복사본 4개는 모두 같은 수에서 왔으므로, 역전파에서는 복사본들이 받은 값을 그 수가 합으로 모읍니다.
#
# 모양은 오른쪽부터 맞춥니다. 앞에 새로 생긴 축은 더해서 없애고, 길이가 1이던 축은 더하되 축은 남깁니다.

# %% [markdown] key="e2-7" lang="en"
# ### E2.7 `unbroadcast`
# difficulty 2/5 · importance 3/5 · 5 minutes · 1 point · by hand
#
# Add a bias of shape `(3,)` to an array of shape `(4, 3)`, and NumPy copies the bias to every row. This is **broadcasting**. All 4 copies come from the same number, so in the backward pass that number collects the sum of what its copies receive.
#
# Shapes are matched from the right. Axes that were put in front are summed away; axes that had length 1 are summed and stay.

# %% answer e2-7
def unbroadcast(v: np.ndarray, shape: tuple) -> np.ndarray:
    """Cotangent of an array that was broadcast.

    Args:
        v: cotangent of the broadcast array; left unchanged.
        shape: the shape before broadcasting, () for a single number.

    Returns:
        The cotangent, in that shape.

    Example:
        unbroadcast(np.ones((4, 3)), (3,)) -> [4, 4, 4]
    """
    ### BEGIN SOLUTION
    v = v.sum(axis=tuple(range(v.ndim - len(shape))))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return v.sum(axis=stretched, keepdims=True)
    ### END SOLUTION


# %% [markdown] checked="09d610a48de8" key="e2-7-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. `shape`에 없는 축은 `v`의 어느 쪽에 있습니까?
# 2. 모든 $a$에 대해 $\langle v, \operatorname{broadcast}(a) \rangle = \langle \operatorname{unbroadcast}(v), a \rangle$입니다.
# 3. 모양이 `(5, 4, 3)`인 `v`의 원소가 모두 1이고 `shape`가 `(4, 1)`이면 결과의 원소는 모두 15입니다.
#
# </details>

# %% [markdown] key="e2-7-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. On which side of `v` are the axes that `shape` does not have?
# 2. For every $a$, $\langle v, \operatorname{broadcast}(a) \rangle = \langle \operatorname{unbroadcast}(v), a \rangle$.
# 3. If every entry of `v` of shape `(5, 4, 3)` is 1 and `shape` is `(4, 1)`, every entry of the result is 15.
#
# </details>

# %% test e2-7-leading 0.5
# Axes in front are summed away, down to a single number.
np.testing.assert_allclose(unbroadcast(np.ones((4, 3)), (3,)), [4.0, 4.0, 4.0], rtol=1e-4)

# %% test e2-7-inner 0.5 alone
# Axes of length 1 are summed and stay; others are left alone.
np.testing.assert_allclose(unbroadcast(np.ones((4, 3)), (1, 3)), [[4.0, 4.0, 4.0]], rtol=1e-4)


# %% [markdown] checked="99ec021fd77a" key="e2-8" lang="ko"
# ### E2.8 `mlp_backward`
# 난이도 4/5 · 중요도 5/5 · 18분 · 3점 · 손으로
#
# 이제 부품을 잇습니다. 세 층으로 된 신경망 $y = f_3(f_2(f_1(x)))$에 대해 `loss.backward()`가 하는 일을 직접 합니다.
#
# $$h_1 = \tanh(X W_1^T + b_1), \qquad h_2 = \tanh(h_1 W_2^T + b_2), \qquad z = h_2 W_3^T + b_3$$
#
# 손실 $L$은 E2.6과 같이 $z$의 소프트맥스 교차 엔트로피의 배치 평균입니다. 순전파에서는 $h_1$과 $h_2$를 저장합니다. 역전파는 이어진 VJP입니다. $\partial L / \partial z$에서 시작하여 층마다 한 번씩 합니다. 야코비안의 곱과 같은 값이 나오지만, 야코비안은 한 번도 만들어지지 않습니다.
#
# 코드에서는 층을 0부터 셉니다. 층 $k$는 `params[use[k]]`로 계산합니다. `use=(0, 1, 1)`이면 뒤의 두 층이 같은 가중치를 씁니다. 이를 **가중치 공유**(weight tying)라 합니다. 이때 그 가중치는 두 길로 $L$에 영향을 주므로 두 층에서 온 그래디언트를 더합니다.

# %% [markdown] key="e2-8" lang="en"
# ### E2.8 `mlp_backward`
# difficulty 4/5 · importance 5/5 · 18 minutes · 3 points · by hand
#
# Now join the parts. For a network of three layers, $y = f_3(f_2(f_1(x)))$, do yourself what `loss.backward()` does.
#
# $$h_1 = \tanh(X W_1^T + b_1), \qquad h_2 = \tanh(h_1 W_2^T + b_2), \qquad z = h_2 W_3^T + b_3$$
#
# The loss $L$ is the softmax cross-entropy of $z$, averaged over the batch as in E2.6. The forward pass stores $h_1$ and $h_2$. The backward pass is a chain of VJPs: it starts from $\partial L / \partial z$ and does a single one per layer. The result equals a product of Jacobians, yet no Jacobian is ever formed.
#
# In code, layers count from 0. Layer $k$ computes with `params[use[k]]`. With `use=(0, 1, 1)` the last two layers share their weights, which is called **weight tying**. Such a weight reaches $L$ on two paths, so the gradients from both layers add.

# %% answer e2-8 covers="CB3 CL4 FIG1"
def mlp_backward(params: list, X: np.ndarray, y: np.ndarray, use: tuple = (0, 1, 2)) -> tuple:
    """Loss and gradients of a net with the layers tanh, tanh, linear.

    Args:
        params: a list of pairs (W, b) of shapes (out, in) and (out,).
        X: the samples, shape (B, d).
        y: the right classes, integers of shape (B,). No argument is changed.
        use: layer k computes with params[use[k]]; an entry may be used several times or not at all.

    Returns:
        The mean cross-entropy, and a list of pairs (dW, db), one for each pair of params and of its
        shapes: the sum over the layers that use the pair, zeros if none does.

    Example:
        zeros = [(np.zeros((2, 2)), np.zeros(2))] * 3
        mlp_backward(zeros, np.array([[1.0, 2.0]]), np.array([0]))[0] -> 0.693
    """
    ### BEGIN SOLUTION
    inputs = [X]
    for k in use[:2]:
        inputs.append(np.tanh(inputs[-1] @ params[k][0].T + params[k][1]))
    z = inputs[-1] @ params[use[2]][0].T + params[use[2]][1]
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    v = np.exp(log_p)
    v[rows, y] -= 1
    v /= len(y)
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for k, entered in zip(use[::-1], inputs[::-1]):
        grads[k] = (grads[k][0] + v.T @ entered, grads[k][1] + v.sum(axis=0))
        v = (v @ params[k][0]) * (1 - entered**2)
    return -log_p[rows, y].mean(), grads
    ### END SOLUTION


# %% [markdown] checked="ee246bdfe4f9" key="e2-8-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 층 $k$의 가중치에 대한 그래디언트에는 그 층의 입력과 출력 가운데 어느 것이 필요합니까?
# 2. $v_3 = \partial L / \partial z$이면 $v_2 = (v_3 W_3) \odot (1 - h_2^2)$이고 $\overline{W}_2 = v_2^T h_1$입니다.
# 3. 모든 매개변수가 0이고 클래스가 4개이면 손실은 $\log 4 = 1.386$이며, 0이 아닌 그래디언트는 $b_3$의 것뿐입니다.
#
# </details>

# %% [markdown] key="e2-8-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Which does the gradient by the weights of layer $k$ need, the input of that layer or its output?
# 2. If $v_3 = \partial L / \partial z$, then $v_2 = (v_3 W_3) \odot (1 - h_2^2)$ and $\overline{W}_2 = v_2^T h_1$.
# 3. If all parameters are 0 and there are 4 classes, the loss is $\log 4 = 1.386$, and only the gradient of $b_3$ differs from 0.
#
# </details>

# %% key="e2-8-check"
net = [(np.full((3, 2), 0.3), np.zeros(3)), (np.eye(4, 3), np.ones(4)), (np.eye(2, 4), np.zeros(2))]
samples, labels = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1, 1])
step = np.array([0.0, 1e-5, 0.0])
moved = [mlp_backward([(net[0][0], b), *net[1:]], samples, labels)[0] for b in (step, -step)]
_, grads = mlp_backward(net, samples, labels)
print("by differences:", (moved[0] - moved[1]) / 2e-5, " by your VJPs:", grads[0][1][1])

# %% test e2-8-loss 0.5
# The loss is the mean cross-entropy of the net.
zeros = [(np.zeros((m, n)), np.zeros(m)) for m, n in [(3, 2), (5, 3), (4, 5)]]
loss, grads = mlp_backward(zeros, np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0, 3]))
np.testing.assert_allclose(loss, math.log(4), rtol=1e-4)

# %% test e2-8-grads 1.0
# Every gradient, for batches and nets whose widths are all different.
zeros = [(np.zeros((m, n)), np.zeros(m)) for m, n in [(3, 2), (5, 3), (4, 5)]]
loss, grads = mlp_backward(zeros, np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0, 3]))
np.testing.assert_allclose(grads[2][1], [-0.25, 0.25, 0.25, -0.25], rtol=1e-4)

# %% test e2-8-extremes 0.5 alone
# A batch of one, saturated layers, logits of size 10,000; nothing is changed.
wide = [(np.eye(2), np.zeros(2)), (np.eye(2), np.zeros(2)), (1e4 * np.eye(2), np.zeros(2))]
loss, grads = mlp_backward(wide, np.array([[2.0, -1.0]]), np.array([1]))
assert np.isfinite(loss), "exp(10000) overflows, and log(0) is no loss"

# %% test e2-8-tied 1.0
# A layer computes with the pair that `use` names; the gradients of a shared pair add.
shared = [(np.full((2, 2), 0.5), np.zeros(2)), (np.eye(3, 2), np.zeros(3))]
loss, grads = mlp_backward(shared, np.array([[1.0, 2.0]]), np.array([1]), (0, 0, 1))
assert [np.shape(dW) for dW, db in grads] == [(2, 2), (3, 2)], "one pair per pair of params"

# %% key="e2-8-moons"
rng = np.random.default_rng(0)
angle, labels = rng.uniform(0, np.pi, 120), np.arange(120) % 2
points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
points[labels == 1] = [1.0, 0.5] - points[labels == 1]
points += 0.1 * rng.normal(size=(120, 2))

widths = [2, 8, 8, 2]
net = [(rng.normal(size=(m, n)) / n**0.5, np.zeros(m)) for n, m in zip(widths, widths[1:])]
losses = []
for step in range(1000):
    loss, grads = mlp_backward(net, points, labels)
    losses.append(loss)
    net = [(W - 0.2 * dW, b - 0.2 * db) for (W, b), (dW, db) in zip(net, grads)]

# %% key="e2-8-plot"
xs, ys = np.meshgrid(np.linspace(-1.6, 2.6, 120), np.linspace(-1.2, 1.7, 120))
signal = np.stack([xs, ys], axis=-1)
for W, b in net[:2]:
    signal = np.tanh(signal @ W.T + b)
margin = (signal @ net[2][0].T + net[2][1]) @ [-1.0, 1.0]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
left.semilogy(losses, color="black")
left.set(xlabel="step", ylabel="loss")
right.contourf(xs, ys, margin > 0, levels=[-0.5, 0.5, 1.5], colors=["white", "lightgrey"])
right.contour(xs, ys, margin, levels=[0.0], colors="black")
right.scatter(*points[labels == 0].T, marker="o", s=14, facecolors="none", edgecolors="black")
right.scatter(*points[labels == 1].T, marker="x", s=14, color="black")
right.set(xlabel="$x_1$", ylabel="$x_2$")
figure.tight_layout()


# %% [markdown] checked="97a9be49a2b0" key="e2-8-see" lang="ko"
# **그림에서 볼 것.** 직접 구한 그래디언트로 경사하강법을 1000번 한 결과입니다. 왼쪽은 스텝에 따른 손실을 세로축 로그로, 오른쪽은 두 초승달(원과 가위표)을 가르는 경계를 그렸습니다. 손실이 줄지 않는다면 부호나 평균을 살펴보십시오.

# %% [markdown] key="e2-8-see" lang="en"
# **What to see.** 1000 steps of gradient descent with your own gradients. On the left the loss against the step, on a logarithmic axis; on the right the boundary between both moons (circles and crosses). If the loss does not fall, look at signs and at the mean.

# %% [markdown] checked="b684e5297516" key="e2-9" lang="ko"
# ### E2.9 `backward`
# 난이도 4/5 · 중요도 5/5 · 13분 · 2점 · 손으로
#
# 신경망은 사슬이 아닐 때가 많습니다. 잔차 연결에서는 값 하나가 여러 곳에 쓰이고, 가중치 감쇠에서는 가중치가 손실에 한 번 더 나타납니다. 그래서 자동 미분은 계산을 그래프로 기록합니다. 이 기록을 **테이프**(tape)라 합니다. 여기서 테이프는 딕셔너리입니다. 노드마다 부모와 국소 도함수의 목록이 있고, 노드의 순서에는 아무 뜻이 없습니다. 잎과 상수의 목록은 비어 있습니다.
#
# 노드 $i$의 여접벡터를 $\bar{x}_i = \partial\, \mathrm{out} / \partial x_i$라 하면 $\overline{\mathrm{out}} = 1$이고 나머지는 다음과 같습니다.
#
# $$\bar{x}_i = \sum_{j:\; i \,\in\, \mathrm{parents}(j)} \bar{x}_j \, \frac{\partial x_j}{\partial x_i}$$
#
# 값이 갈라지는 곳에서 그래디언트는 **더해집니다**. 또한 합이 다 모인 노드만 부모에게 값을 넘길 수 있으므로, 방문 순서가 중요합니다.

# %% [markdown] key="e2-9" lang="en"
# ### E2.9 `backward`
# difficulty 4/5 · importance 5/5 · 13 minutes · 2 points · by hand
#
# Many networks are no chain. In a residual connection a value is used in several places; with weight decay a weight enters the loss once more. So automatic differentiation records the computation as a graph. The record is called a **tape**. Here a tape is a dict: for each node a list of its parents with local derivatives, and the order of the nodes means nothing. Leaves and constants have an empty list.
#
# Write $\bar{x}_i = \partial\, \mathrm{out} / \partial x_i$ for the cotangent of node $i$. Then $\overline{\mathrm{out}} = 1$, and for all others
#
# $$\bar{x}_i = \sum_{j:\; i \,\in\, \mathrm{parents}(j)} \bar{x}_j \, \frac{\partial x_j}{\partial x_i}$$
#
# Where a value fans out, gradients **add**. And only a node whose sum is complete may pass it on to its parents, so the order of the visits matters.

# %% answer e2-9 covers="CB3 M10 FIG1"
def backward(tape: dict, out: str) -> dict:
    """Derivatives of one node of a computation graph by every node.

    Args:
        tape: for each node a list of (parent, local derivative); the nodes come in no order, a
            parent may occur several times in a list, and a chain may have thousands of nodes.
            Left unchanged.
        out: the node to differentiate.

    Returns:
        A dict with d out / d node for every node of the tape, 0.0 where out does not depend on it.

    Example:
        backward({"a": [], "y": [("a", 2.0), ("a", 3.0)]}, "y") -> {"a": 5.0, "y": 1.0}
    """
    ### BEGIN SOLUTION
    order, seen, stack = [], set(), [(out, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in tape[node])
    grads = dict.fromkeys(tape, 0.0)
    grads[out] = 1.0
    for node in reversed(order):
        for parent, local in tape[node]:
            grads[parent] += grads[node] * local
    return grads
    ### END SOLUTION


# %% [markdown] checked="077385d30dd6" key="e2-9-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 노드 하나를 처리해도 되는 때는 언제입니까? 그 노드를 쓰는 노드 가운데 `out`에 닿는 것이 몇 개 남았는지 세어 보십시오.
# 2. 모든 부모가 자식보다 먼저 오도록 늘어놓은 것이 **위상 순서**(topological order)입니다. 역전파는 이를 거꾸로 걷습니다.
# 3. $s = a + a$, $y = s \cdot s$이고 $a = 3$이면 $\bar{a} = 24$입니다.
#
# </details>

# %% [markdown] key="e2-9-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. When may a node be processed? Count how many of the nodes that use it, and reach `out`, are still waiting.
# 2. A **topological order** lists every parent before its children. The backward pass walks it in reverse.
# 3. For $s = a + a$, $y = s \cdot s$ and $a = 3$, the result is $\bar{a} = 24$.
#
# </details>

# %% test e2-9-nodes 0.5
# Every node has an entry: leaves and constants too, and 0 where out does not depend on it.
line = backward({"y": [("p", 3.0)], "p": [("x", 2.0)], "x": [], "unused": []}, "y")
assert line == {"y": 1.0, "p": 3.0, "x": 6.0, "unused": 0.0}, "one entry per node"

# %% test e2-9-fan-out 1.0
# y = ab + ac at a = 3, b = 2, c = 5: what comes back to a adds up.
tape = {"y": [("ab", 1.0), ("ac", 1.0)], "a": [], "b": [], "c": []}
tape |= {"ab": [("a", 2.0), ("b", 3.0)], "ac": [("a", 5.0), ("c", 3.0)]}
assert backward(tape, "y") == {"y": 1, "ab": 1, "ac": 1, "a": 7, "b": 3, "c": 3}

# %% test e2-9-deep 0.5 alone
# A chain of 5,000 nodes, and 40 diamonds in a row; the tape stays as it was.
chain = {"x0": []} | {f"x{k + 1}": [(f"x{k}", -1.0)] for k in range(5000)}
assert backward(chain, "x5000")["x0"] == 1.0, "an even number of sign changes"

# %% [markdown] checked="7f9d096e9792" key="e2-9-picture" lang="ko"
# 직접 만든 `backward`로 그래프 하나를 거꾸로 걸어 봅니다. 가중치 감쇠가 붙은 뉴런 하나의 손실 $L = (\tanh(wx + b) - t)^2 + 0.1\, w^2$입니다. $w$는 두 곳에 쓰입니다. 아래 셀은 순전파의 값과 국소 도함수를 기록하고, 그다음 셀은 그래프를 그리는 함수입니다.

# %% [markdown] key="e2-9-picture" lang="en"
# Let your `backward` walk through a graph: the loss $L = (\tanh(wx + b) - t)^2 + 0.1\, w^2$ of one neuron with weight decay. Here $w$ is used in two places. The next cell records the values of the forward pass and the local derivatives; the cell after it draws a graph.

# %% key="e2-9-tape"
x, w, b, t = 2.0, 0.6, -0.4, 1.0
p = w * x
s = p + b
h = math.tanh(s)
e = h - t
q = e**2
r = 0.1 * w**2
recorded = {
    "L": [("q", 1.0), ("r", 1.0)],
    "r": [("w", 0.2 * w)],
    "q": [("e", 2 * e)],
    "e": [("h", 1.0), ("t", -1.0)],
    "h": [("s", 1 - h**2)],
    "s": [("p", 1.0), ("b", 1.0)],
    "p": [("w", x), ("x", w)],
    **{leaf: [] for leaf in "xwbt"},
}
forward_values = {"x": x, "w": w, "b": b, "t": t, "p": p, "s": s, "h": h, "e": e, "q": q, "r": r}
forward_values["L"] = q + r

# %% key="e2-9-draw"
places = {"w": (0, 1), "x": (0, -1), "p": (1, 0), "b": (1, -1), "s": (2, 0), "h": (3, 0)}
places |= {"t": (3, -1), "e": (4, 0), "q": (5, 0), "r": (3, 1), "L": (6, 0.5)}


def draw_graph(axes, cards, edges, *, back):
    """Draw the recorded graph; arrows run from parents to children, or back."""
    ink, paper = ("white", "black") if back else ("black", "white")
    centred = {"ha": "center", "va": "center"}
    for (child, parent), number in edges.items():
        start, end = np.array([places[parent], places[child]][:: -1 if back else 1], dtype=float)
        shaft = {"arrowstyle": "-", "shrinkA": 24, "shrinkB": 32, "color": "grey", "lw": 1.0}
        if back:
            dash = "-" if number >= 0 else (0, (2, 1))
            shaft |= {"color": "black", "lw": 1 + 3 * abs(number), "linestyle": dash}
        head = {"arrowstyle": "-|>", "shrinkA": 24, "shrinkB": 24, "color": shaft["color"], "lw": 0}
        axes.annotate("", end, start, arrowprops=shaft)
        axes.annotate("", end, start, arrowprops=head | {"mutation_scale": 12 + 8 * back})
        x, y = (start + end) / 2 + [0.0, 0.18]
        label = f"{number:.2f}" if back else f"×{number:.2f}"
        axes.text(x, y, label.replace("-", "−"), fontsize=9, **centred)
    for name, card in cards.items():
        box = {"boxstyle": "round,pad=0.45", "edgecolor": "black", "facecolor": paper}
        axes.text(*places[name], card.replace("-", "−"), color=ink, bbox=box, **centred)
    axes.set(xlim=(-0.4, 6.4), ylim=(-1.4, 1.5))
    axes.axis("off")


# %% key="e2-9-plot"
grads = backward(recorded, "L")
local = {(child, parent): d for child, parents in recorded.items() for parent, d in parents}
received = {edge: grads[edge[0]] * d for edge, d in local.items()}
figure, (upper, lower) = plt.subplots(2, 1, figsize=(11, 7))
cards = {name: f"${name}$\n{number:.2f}" for name, number in forward_values.items()}
draw_graph(upper, cards, local, back=False)
upper.set_title("forward: values, and the local derivative of each step")
cards = {name: rf"$\bar{{{name}}}$" + f"\n{number:.2f}" for name, number in grads.items()}
draw_graph(lower, cards, received, back=True)
lower.set_title("backward: what each edge brings back, and the sum at each node")
arriving = [f"{d:+.2f}" for (_, parent), d in received.items() if parent == "w"]
total = " ".join(arriving) + f" = {grads['w']:.2f}"
lower.text(-0.2, 1.42, total.replace("-", "−"), fontsize=9)
figure.tight_layout()


# %% [markdown] checked="2e4542fe54ec" key="e2-9-see" lang="ko"
# **그림에서 볼 것.** 위는 순전파입니다. 노드에는 값이, 간선에는 국소 도함수가 적혀 있습니다. 아래는 역전파입니다. 화살표는 반대로 향하고, 간선의 수는 그 간선이 되돌려주는 기여입니다. 선이 굵을수록 기여가 크고, 파선은 음수를 뜻합니다. 노드의 수는 들어온 기여의 합입니다. $\bar{w}$에는 두 기여가 도착합니다. 감쇠 쪽의 $0.12$와 뉴런 쪽의 $-0.75$이고, 합은 $-0.63$입니다.

# %% [markdown] key="e2-9-see" lang="en"
# **What to see.** Above, the forward pass: values at the nodes, local derivatives at the edges. Below, the backward pass: arrows point back, the number at an edge is the contribution that it brings, and a thicker line brings more. Dashed lines are negative. The number at a node is the sum of what arrives. At $\bar{w}$ a pair of contributions arrive, $0.12$ from the decay and $-0.75$ from the neuron, and their sum is $-0.63$.

# %% [markdown] checked="a7b8f47e7f35" key="e2-10" lang="ko"
# ### E2.10 `counterexample_1` … `counterexample_5`
# 난이도 3/5 · 중요도 4/5 · 11분 · 2점 · 손으로
#
# 아래에 함수 5개가 있습니다. 함수마다 올바른 VJP `right_k`와 틀린 VJP `wrong_k`가 있습니다. 둘을 나란히 읽고, 틀린 쪽이 드러나는 입력 $(x, v)$를 하나씩 돌려주십시오. 원소의 크기는 1000 이하여야 하고, 두 결과 $a$와 $b$의 상대 차이는 $0.001$ 이상이어야 합니다.
#
# $$\frac{\max_i |a_i - b_i|}{\max_i \max(|a_i|, |b_i|)} \ge 0.001$$
#
# 늘 쓰던 입력은 버그를 숨깁니다. $x = 0$이면 5개 모두 올바른 답을 내고, $x$와 $v$의 원소가 모두 1이어도 5개 모두 올바른 답을 냅니다. `relative_gap`으로 차이를 재어 가며 찾으십시오.

# %% [markdown] key="e2-10" lang="en"
# ### E2.10 `counterexample_1` … `counterexample_5`
# difficulty 3/5 · importance 4/5 · 11 minutes · 2 points · by hand
#
# Below are 5 functions, each with a right VJP `right_k` and a wrong one, `wrong_k`. Read them side by side, and return for each an input $(x, v)$ that exposes the wrong one. No entry may be larger than 1000 in size, and the relative difference of the results $a$ and $b$ must be at least $0.001$.
#
# $$\frac{\max_i |a_i - b_i|}{\max_i \max(|a_i|, |b_i|)} \ge 0.001$$
#
# The usual inputs hide bugs. At $x = 0$ all 5 give the right answer, and all 5 give it where every entry of $x$ and $v$ is 1. Use `relative_gap` to measure the difference while you search.

# %% key="e2-10-bug-1"
def relative_gap(right, wrong, x, v):
    """Largest difference of two VJPs at (x, v), relative to the largest entry of both."""
    x, v = np.asarray(x, dtype=float), np.asarray(v, dtype=float)
    a, b = right(x, v), wrong(x, v)
    size = max(np.abs(a).max(), np.abs(b).max())
    return np.abs(a - b).max() / size if size > 0 else 0.0


def f_1(x):  # 3 inputs, 2 outputs
    return np.array([x[0] * x[1], x[1] * x[2] ** 2])


def right_1(x, v):
    return np.array([v[0] * x[1], v[0] * x[0] + v[1] * x[2] ** 2, v[1] * 2 * x[1] * x[2]])


def wrong_1(x, v):
    return np.array([x[1], x[0] + x[2] ** 2, 2 * x[1] * x[2]])


# %% answer e2-10-1-solution
def counterexample_1() -> tuple:
    """An input (x, v) at which wrong_1 differs from right_1.

    Returns:
        x of shape (3,) and v of shape (2,), finite, no entry larger than 1000 in size.
    """
    ### BEGIN SOLUTION
    return np.array([200.0, 300.0, 400.0]), np.array([-1.0, -1.0])
    ### END SOLUTION


# %% key="e2-10-check-1"
assert relative_gap(right_1, wrong_1, *counterexample_1()) >= 1e-3

# %% test e2-10-1 0.4 alone
# The input separates right_1 and wrong_1.

# %% key="e2-10-bug-2"
W_2 = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0]])


def f_2(x):  # 3 inputs, 2 outputs
    return (W_2 @ x) ** 2


def right_2(x, v):
    d_square = 2 * (W_2 @ x) * v
    return W_2.T @ d_square


def wrong_2(x, v):
    d_square = 2 * (W_2 @ x) * v
    return W_2.T @ (v * d_square)


# %% answer e2-10-2-solution
def counterexample_2() -> tuple:
    """An input (x, v) at which wrong_2 differs from right_2.

    Returns:
        x of shape (3,) and v of shape (2,), finite, no entry larger than 1000 in size.
    """
    ### BEGIN SOLUTION
    return np.array([200.0, 300.0, 400.0]), np.array([-1.0, -1.0])
    ### END SOLUTION


# %% key="e2-10-check-2"
assert relative_gap(right_2, wrong_2, *counterexample_2()) >= 1e-3

# %% test e2-10-2 0.4 alone
# The input separates right_2 and wrong_2.

# %% key="e2-10-bug-3"
C_3 = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 2.0, 0.0]])


def f_3(x):  # 3 inputs, 3 outputs
    return C_3 @ np.maximum(x, 0) ** 2


def right_3(x, v):
    return 2 * np.maximum(x, 0) * (C_3.T @ v)


def wrong_3(x, v):
    return C_3 @ (2 * np.maximum(x, 0) * v)


# %% answer e2-10-3-solution
def counterexample_3() -> tuple:
    """An input (x, v) at which wrong_3 differs from right_3.

    Returns:
        x of shape (3,) and v of shape (3,), finite, no entry larger than 1000 in size.
    """
    ### BEGIN SOLUTION
    return np.array([200.0, 300.0, 400.0]), np.array([1.0, 0.0, 0.0])
    ### END SOLUTION


# %% key="e2-10-check-3"
assert relative_gap(right_3, wrong_3, *counterexample_3()) >= 1e-3

# %% test e2-10-3 0.4 alone
# The input separates right_3 and wrong_3.

# %% key="e2-10-bug-4"
def f_4(x):  # 3 inputs, 2 outputs
    h = x[0] - x[1]
    return np.array([h * x[2], np.maximum(h, 0) ** 2])


def right_4(x, v):
    h = x[0] - x[1]
    d_h = 2 * np.maximum(h, 0) * v[1]
    d_h = d_h + x[2] * v[0]
    return np.array([d_h, -d_h, h * v[0]])


def wrong_4(x, v):
    h = x[0] - x[1]
    d_h = 2 * np.maximum(h, 0) * v[1]
    d_h = x[2] * v[0]
    return np.array([d_h, -d_h, h * v[0]])


# %% answer e2-10-4-solution
def counterexample_4() -> tuple:
    """An input (x, v) at which wrong_4 differs from right_4.

    Returns:
        x of shape (3,) and v of shape (2,), finite, no entry larger than 1000 in size.
    """
    ### BEGIN SOLUTION
    return np.array([300.0, 200.0, 400.0]), np.array([1.0, 2.0])
    ### END SOLUTION


# %% key="e2-10-check-4"
assert relative_gap(right_4, wrong_4, *counterexample_4()) >= 1e-3

# %% test e2-10-4 0.4 alone
# The input separates right_4 and wrong_4.

# %% key="e2-10-bug-5"
W_5 = np.array([[1.0, 2.0], [-3.0, 1.0], [0.5, 4.0]])


def f_5(x):  # 2 inputs, 3 outputs
    return W_5 @ (x * np.abs(x))


def right_5(x, v):
    return 2 * np.abs(x) * (W_5.T @ v)


def wrong_5(x, v):
    return 2 * x * (W_5.T @ v)


# %% answer e2-10-5-solution
def counterexample_5() -> tuple:
    """An input (x, v) at which wrong_5 differs from right_5.

    Returns:
        x of shape (2,) and v of shape (3,), finite, no entry larger than 1000 in size.
    """
    ### BEGIN SOLUTION
    return np.array([-200.0, -300.0]), np.array([1.0, 0.0, 0.0])
    ### END SOLUTION


# %% key="e2-10-check-5"
assert relative_gap(right_5, wrong_5, *counterexample_5()) >= 1e-3

# %% test e2-10-5 0.4 alone
# The input separates right_5 and wrong_5.

# %% [markdown] checked="7909ca19b721" key="e2-10-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 두 함수의 코드는 어디가 다릅니까? 어떤 수를 넣으면 그 차이가 사라집니까?
# 2. 버그 1은 $J^T \mathbf{1}$을, 버그 2는 $J^T (v \odot v)$를 돌려줍니다. 모든 $x$에서 $v = \mathbf{1}$이면 둘 다 $J^T v$와 같습니다.
# 3. $x = (2, 1, 3)$, $v = (2, 5)$에서 버그 4의 상대 차이는 $0.625$입니다.
#
# </details>

# %% [markdown] key="e2-10-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Where does the code of the pair differ? Which numbers make that difference vanish?
# 2. Bug 1 returns $J^T \mathbf{1}$ and bug 2 returns $J^T (v \odot v)$. With $v = \mathbf{1}$ both equal $J^T v$ at every $x$.
# 3. At $x = (2, 1, 3)$ and $v = (2, 5)$ the relative difference of bug 4 is $0.625$.
#
# </details>

# %% [markdown] checked="f2d1625cd87f" key="e2-11" lang="ko"
# ### E2.11 `chain_cost`
# 난이도 2/5 · 중요도 4/5 · 6분 · 1점 · 손으로
#
# 층이 $L$개인 신경망의 야코비안은 $J_L \cdots J_2 J_1$이고, $J_k$의 모양은 $n_k \times n_{k-1}$입니다. 괄호를 어디에 치든 결과는 같습니다. 그러나 비용은 같지 않습니다. $a \times b$ 행렬과 $b \times c$ 행렬을 곱하는 데 수의 곱셈이 $abc$번 듭니다.
#
# "reverse"는 출력 쪽 $J_L$에서 시작해 오른쪽으로, "forward"는 입력 쪽 $J_1$에서 시작해 왼쪽으로 곱해 갑니다. 크기가 $3, 4, 5, 1$이면 비용은 다음과 같습니다.
#
# $$\text{reverse: } 1 \cdot 5 \cdot 4 + 1 \cdot 4 \cdot 3 = 32, \qquad \text{forward: } 5 \cdot 4 \cdot 3 + 1 \cdot 5 \cdot 3 = 75$$
#
# 출력이 하나이면 역방향의 곱은 끝까지 행 벡터와 행렬의 곱이고, 행렬끼리 곱하는 일은 한 번도 없습니다. 역전파의 비용이 적은 첫째 이유입니다.

# %% [markdown] key="e2-11" lang="en"
# ### E2.11 `chain_cost`
# difficulty 2/5 · importance 4/5 · 6 minutes · 1 point · by hand
#
# The Jacobian of a network of $L$ layers is $J_L \cdots J_2 J_1$, where $J_k$ has shape $n_k \times n_{k-1}$. The result is the same wherever you set the brackets. The cost is not: an $a \times b$ matrix times a $b \times c$ matrix takes $abc$ multiplications of numbers.
#
# "reverse" starts at the output with $J_L$ and multiplies on towards the right; "forward" starts at the input with $J_1$ and multiplies on towards the left. For the sizes $3, 4, 5, 1$ the costs are
#
# $$\text{reverse: } 1 \cdot 5 \cdot 4 + 1 \cdot 4 \cdot 3 = 32, \qquad \text{forward: } 5 \cdot 4 \cdot 3 + 1 \cdot 5 \cdot 3 = 75$$
#
# With one output, reverse order multiplies a row vector by a matrix until the end, and never a matrix by a matrix. That is the first reason why backpropagation costs so little.

# %% answer e2-11 covers="CL1"
def chain_cost(dims: list, order: str) -> int:
    """Multiplications of numbers in the product J_L ... J_2 J_1.

    Args:
        dims: the sizes [n_0, ..., n_L], L >= 1; J_k has shape (n_k, n_{k-1}). Left unchanged.
        order: "reverse" starts at J_L, "forward" starts at J_1.

    Returns:
        The number of multiplications, 0 for a single factor.

    Example:
        chain_cost([3, 4, 5, 1], "reverse") -> 32
    """
    ### BEGIN SOLUTION
    pairs = list(zip(dims, dims[1:]))
    if order == "reverse":
        return dims[-1] * sum(a * b for a, b in pairs[:-1])
    return dims[0] * sum(a * b for a, b in pairs[1:])
    ### END SOLUTION


# %% [markdown] checked="ada4ddadb868" key="e2-11-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 역방향으로 곱해 가는 동안 왼쪽 행렬의 행은 몇 개입니까?
# 2. 역방향의 비용은 $n_L \sum_{k=1}^{L-1} n_k\, n_{k-1}$입니다.
# 3. 크기가 $2, 10, 10, 2$이면 두 순서의 비용이 모두 240입니다.
#
# </details>

# %% [markdown] key="e2-11-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. While you multiply in reverse order, how many rows does the left matrix have?
# 2. The reverse cost is $n_L \sum_{k=1}^{L-1} n_k\, n_{k-1}$.
# 3. For the sizes $2, 10, 10, 2$ both orders cost 240.
#
# </details>

# %% test e2-11-reverse 0.5 alone
# From the output: random sizes, a single layer, large sizes.
assert chain_cost([3, 4, 5, 1], "reverse") == 32, "1*5*4 + 1*4*3"

# %% test e2-11-forward 0.5 alone
# From the input: random sizes, a single layer, large sizes.
assert chain_cost([3, 4, 5, 1], "forward") == 75, "5*4*3 + 1*5*3"

# %% key="e2-11-plot"
widths = 2 ** np.arange(13)
figure, axes = plt.subplots(figsize=(6, 3.5))
for order, style, color in [("reverse", "o-", "black"), ("forward", "s--", "dimgrey")]:
    costs = [chain_cost([64, 64, 64, 64, int(m)], order) for m in widths]
    axes.loglog(widths, costs, style, color=color, label=order)
axes.axvline(64, color="grey", linestyle=":")
axes.set(xlabel="outputs $n_L$, with $n_0 = 64$", ylabel="multiplications")
axes.legend()
figure.tight_layout()


# %% [markdown] checked="40981f85a03a" key="e2-11-see" lang="ko"
# **그림에서 볼 것.** 폭이 64인 층 3개 뒤에 출력 층을 하나 더 두고, 출력의 수를 바꾸며 두 순서의 비용을 그렸습니다. 두 선은 출력의 수가 입력의 수와 같은 점선에서 만납니다. 출력이 1개이면 역방향의 비용이 순방향의 1/40보다 적고, 출력이 많아지면 순방향이 유리합니다.

# %% [markdown] key="e2-11-see" lang="en"
# **What to see.** Behind 3 layers of width 64 stands an output layer; the cost of both orders is drawn against its number of outputs. The lines meet at the dotted line, where there are as many outputs as inputs. With 1 output, reverse order takes less than 1/40 of the cost of forward order; with many outputs forward order wins.

# %% [markdown] checked="489b66eaf3ca" key="e2-12" lang="ko"
# ### E2.12 `implicit_vjp` (보너스)
# 난이도 5/5 · 중요도 3/5 · 20분 · 보너스 3점 · 자동 미분
#
# 방정식의 해를 출력하는 층이 있습니다. $z^* = g(z^*, \theta)$를 만족하는 $z^*$를 수백 번 반복해서 찾았다고 합시다. 반복을 모두 기록해 두고 거꾸로 걸을 필요는 없습니다. 방정식의 양변을 $\theta$로 미분하면 $\mathrm{d}z^* = \partial_z g\, \mathrm{d}z^* + \partial_\theta g\, \mathrm{d}\theta$이고, 해가 어떻게 얻어졌는지는 나타나지 않습니다.
#
# $$v^T \frac{\mathrm{d}z^*}{\mathrm{d}\theta} = w^T\, \partial_\theta g, \qquad (I - \partial_z g)^T w = v$$
#
# 두 미분 모두 해 $z^*$에서 구합니다. 선형 방정식을 한 번 풀면 $w$가 나오고, 남은 일은 VJP 한 번입니다. $I - \partial_z g$가 가역이기만 하면 됩니다. $g$의 반복이 수렴하지 않아도 이 식은 맞습니다.

# %% [markdown] key="e2-12" lang="en"
# ### E2.12 `implicit_vjp` (bonus)
# difficulty 5/5 · importance 3/5 · 20 minutes · 3 bonus points · automatic differentiation
#
# The output of some layers is the solution of an equation. Say that hundreds of iterations found a $z^*$ with $z^* = g(z^*, \theta)$. There is no need to record them all and walk them back. Differentiate both sides by $\theta$: $\mathrm{d}z^* = \partial_z g\, \mathrm{d}z^* + \partial_\theta g\, \mathrm{d}\theta$, and how the solution was found does not appear.
#
# $$v^T \frac{\mathrm{d}z^*}{\mathrm{d}\theta} = w^T\, \partial_\theta g, \qquad (I - \partial_z g)^T w = v$$
#
# Both derivatives are taken at the solution $z^*$. A linear solve gives $w$, and what remains is a VJP. It is enough that $I - \partial_z g$ is invertible: the formula holds even where iterating $g$ does not converge.

# %% answer e2-12
def implicit_vjp(g, z_star: torch.Tensor, theta: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """VJP through the solution of z = g(z, theta) by theta, with one linear solve.

    Args:
        g: a torch function of z of shape (k,) and theta of shape (p,), with values of shape (k,).
        z_star: a solution, float64, shape (k,).
        theta: the parameters, float64, shape (p,).
        v: cotangent of the solution, float64, shape (k,). No argument is changed.

    Returns:
        The cotangent of theta, shape (p,). I - dg/dz is invertible; iterating g may diverge.

    Example:
        one = torch.ones(1, dtype=torch.float64)
        implicit_vjp(lambda z, theta: 0.5 * z + theta, 2 * one, one, one) -> [2]
    """
    ### BEGIN SOLUTION
    z = z_star.detach().clone().requires_grad_()
    theta = theta.detach().clone().requires_grad_()
    by_z = torch.autograd.functional.jacobian(lambda z: g(z, theta), z)
    w = torch.linalg.solve((torch.eye(len(z), dtype=z.dtype) - by_z).T, v.detach())
    return torch.autograd.grad(g(z, theta), theta, w)[0]
    ### END SOLUTION


# %% [markdown] checked="f03f6be1aa74" key="e2-12-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $\theta$를 조금 움직이면 $z^*$도 움직입니다. 움직인 $z^*$는 다시 무엇을 움직입니까?
# 2. $v^T (I - A)^{-1} M$은 $(v^T (I - A)^{-1}) M$의 순서로 계산합니다. 괄호 안이 $w^T$입니다.
# 3. $g(z, \theta) = z/2 + \theta$이면 $z^* = 2 \theta$이므로 답은 $2v$입니다.
#
# </details>

# %% [markdown] key="e2-12-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Move $\theta$ a little, and $z^*$ moves. What does the moved $z^*$ move in turn?
# 2. Compute $v^T (I - A)^{-1} M$ in the order $(v^T (I - A)^{-1}) M$. What stands in parentheses is $w^T$.
# 3. For $g(z, \theta) = z/2 + \theta$ the solution is $z^* = 2 \theta$, so the answer is $2v$.
#
# </details>

# %% key="e2-12-check"
one = torch.ones(1, dtype=torch.float64)
halved = implicit_vjp(lambda z, theta: 0.5 * z + theta, 2 * one, one, 3 * one)
np.testing.assert_allclose(to_array(halved), [6.0], rtol=1e-4)

# %% test e2-12-linear 1 bonus
# A linear g, whose solution is known in closed form, also where iterating g diverges.

# %% test e2-12-nonlinear 1 bonus
# A layer that feeds on its own output: both derivatives are taken at the solution.

# %% test e2-12-inputs 1 bonus alone
# The arguments stay as they were, and only they decide the result.

# %% [markdown] checked="4d8cf25f9e28" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 합성 함수의 야코비안이 어떤 점에서만 맞다: 바깥 함수의 야코비안을 $f(x)$가 아니라 $x$에서 구했습니다.
# - $v$의 모든 원소가 1일 때만 맞다: $v$가 어디에도 쓰이지 않거나, $J v$와 $v^T J$가 뒤바뀌었습니다.
# - 표본이 하나인 배치에서만 맞다: 손실의 평균에서 오는 $1/B$이 빠졌거나, 합이어야 할 곳에서 평균을 냈습니다.
# - `db`의 모양이 $(B, m)$으로 나온다: 배치에 대해 더하지 않았습니다.
# - 층 정규화의 `dx`가 모든 원소가 1인 $v$에서만 맞다: 그 경우의 답은 $\gamma$가 일정하면 0이어서 아무것도 확인해 주지 못합니다. 무작위 $v$를 쓰십시오.
# - 사슬에서는 맞고 마름모에서는 틀린다: 더하지 않고 덮어썼거나, 합이 다 모이기 전에 부모에게 넘겼습니다.
# - 로짓이 크면 `nan`이 나온다: 행마다 최댓값을 먼저 빼지 않았습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - The Jacobian of a composition is right at some points only: the outer Jacobian was taken at $x$ and not at $f(x)$.
# - The result is right only if all entries of $v$ are 1: $v$ takes no part, or $J v$ and $v^T J$ are exchanged.
# - The result is right only for a batch of a single sample: the $1/B$ from the mean of the losses is missing, or there is a mean where a sum belongs.
# - `db` comes out in the shape $(B, m)$: it was not summed over the batch.
# - In layer normalisation, `dx` is right only if all entries of $v$ are 1: with a constant $\gamma$ the answer is then 0 and confirms nothing. Use a random $v$.
# - Right on a chain, wrong on a diamond: a contribution replaced the others, or a node passed its sum on before it was complete.
# - Large logits give `nan`: the largest entry of each row was not subtracted first.

# %% [markdown] checked="c4fc80859533" key="explain" lang="ko"
# ## 스스로 설명하기
#
# 채점하지 않는 질문입니다. 한두 문장씩 써 보고, 코드를 보지 않고 다른 사람에게 설명해 보십시오.
#
# 1. 입력 $n$개를 받아 손실 하나를 내는 신경망에서 $J_3 J_2 J_1$을 계산한다고 합시다. 역전파는 왜 입력이 아니라 손실 쪽에서 곱하기 시작합니까? 반대로 하면 중간에 어떤 모양의 행렬이 생깁니까?
# 2. 입력이 2개이고 출력이 1000개인 함수에서 야코비안 전체가 필요하다면 어느 모드를 쓰겠습니까? 학습률 하나에 대한 모든 가중치의 도함수를 구할 때는 어떻습니까?
# 3. 순방향 모드는 중간값을 오래 저장하지 않습니다. 역방향 모드는 왜 저장해야 합니까? E2.6의 함수마다 무엇을 저장해야 하는지 말해 보십시오.

# %% [markdown] key="explain" lang="en"
# ## Explain it yourself
#
# These questions are not graded. Answer each in a sentence or two, then explain it to someone without looking at your code.
#
# 1. In a network that turns $n$ inputs into one loss, consider the product $J_3 J_2 J_1$. Why does backpropagation start to multiply at the loss and not at the input? What shapes would appear on the way if you did the opposite?
# 2. You need the whole Jacobian of a function with 2 inputs and 1000 outputs. Which mode do you choose? And for the derivative of all weights by a single learning rate?
# 3. Forward mode does not keep intermediate values for long. Why must reverse mode store them? Say for each function of E2.6 what has to be stored.

# %% [markdown] checked="2080a7e1013e" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# - 연쇄법칙을 $J_g J_f$로만 적으면 어디에서 구한 야코비안인지 알 수 없습니다. 옳은 식은 $J_{g \circ f}(x) = J_g(f(x))\, J_f(x)$입니다. E2.1에서 확인합니다.
# - $O(mn)$, $O(n)$, $O(m)$은 야코비안, VJP, JVP를 계산하는 비용이 아니라 결과의 크기입니다. VJP 한 번은 $f$를 한 번 계산하는 비용의 작은 상수배(이론으로는 5배 이하)이고, 그 상수는 $n$과 $m$에 따라 달라지지 않습니다. 야코비안 전체에는 역방향으로 $m$번, 순방향으로 $n$번이 필요합니다. 역방향 모드는 중간값을 저장하는 메모리도 씁니다. E2.5에서 세어 봅니다.
# - 역방향 모드가 유리한 까닭은 출력이 언제나 스칼라 손실이어서가 아닙니다. 조건은 $m \ll n$이며, 출력이 많은 문제도 있습니다. 이것도 E2.5에서 확인합니다.
# - `loss.backward()`는 야코비안들을 곱하지 않습니다. 야코비안은 만들어지지 않고, 손실에서 시작하는 VJP가 차례로 이어질 뿐입니다. 값이 갈라지는 곳에서는 기여가 더해집니다. E2.8과 E2.9에서 확인합니다.

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# - Written as $J_g J_f$, the chain rule does not say where the Jacobians are taken. The right formula is $J_{g \circ f}(x) = J_g(f(x))\, J_f(x)$. E2.1 shows it.
# - $O(mn)$, $O(n)$ and $O(m)$ are not the costs of the Jacobian, a VJP and a JVP but the sizes of their results. A VJP costs a small constant (in theory at most 5) times one evaluation of $f$, and the constant depends on neither $n$ nor $m$. The whole Jacobian takes $m$ passes in reverse mode or $n$ in forward mode. Reverse mode also pays with memory for intermediate values. E2.5 counts the passes.
# - Reverse mode does not win because the output is always a scalar loss. The condition is $m \ll n$, and there are problems with many outputs. E2.5 shows this too.
# - `loss.backward()` does not multiply Jacobians. None is formed: it is a sequence of VJPs that starts at the loss, and where a value fans out, contributions add. E2.8 and E2.9 show it.

# %% [markdown] checked="3dba7032465d" key="further" lang="ko"
# ## 더 나아가기
#
# 그래디언트도 함수이므로 여기서 배운 곱셈을 그대로 적용할 수 있습니다. 그래디언트의 JVP는 헤시안과 벡터의 곱이고, 이것이 `ps3-hessian`의 출발점입니다.
#
# 스스로 해 볼 만한 문제도 있습니다.
#
# - **그래디언트 체크포인팅**(gradient checkpointing): 층이 $L$개일 때 중간값을 $\sqrt{L}$개쯤만 저장하고 나머지는 다시 계산하십시오. 저장한 수와 다시 계산한 수를 세어 비교하십시오.
# - **수반 방법**(adjoint method): $\lVert A(p)^{-1} b \rVert^2$의 $p$에 대한 그래디언트를 선형 방정식 2개만 풀어 구하십시오. E2.12와 같은 생각입니다.
# - 손실이 마지막 층뿐 아니라 $h_1$도 읽는다면 E2.8의 역전파에서 어느 줄이 달라집니까?

# %% [markdown] key="further" lang="en"
# ## Going further
#
# A gradient is a function too, and all you learned about multiplying applies to it. The JVP of a gradient is the product of the Hessian and a vector, which is where `ps3-hessian` begins.
#
# Some problems to try:
#
# - **Gradient checkpointing**: with $L$ layers, store only about $\sqrt{L}$ of the intermediate values and recompute the others. Count and compare what is stored and what is recomputed.
# - The **adjoint method**: find the gradient of $\lVert A(p)^{-1} b \rVert^2$ by $p$ with no more than 2 linear solves. The idea is that of E2.12.
# - If the loss reads $h_1$ as well as the last layer, which line of the backward pass of E2.8 changes?
