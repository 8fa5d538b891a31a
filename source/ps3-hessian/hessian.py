# %% [markdown] checked="862c2c96de33" key="title" lang="ko"
# # ps3. 헤시안
#
# 그래디언트는 어느 쪽이 내리막인지 알려 주지만, 그 길이 얼마나 휘었는지는 말하지 않습니다. 휜 정도, 곧 곡률을 모두 담은 행렬이 **헤시안**(Hessian)입니다. 학습이 멈춘 점이 극소점인지, 학습률을 어디까지 키울 수 있는지가 이 행렬의 고윳값에 적혀 있습니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 헤시안을 차분으로도 자동 미분으로도 구합니다.
# - 헤시안을 만들지 않고 벡터와 곱합니다.
# - 고윳값의 부호로 행렬과 임계점을 판정하고, 판정할 수 없는 경우를 가려냅니다.
# - 무작위 대칭행렬에서 모든 고윳값이 양수일 확률을 구합니다.
# - 거듭제곱법(power iteration)으로 가장 큰 고윳값을 찾습니다.
# - 경사하강법이 안장점을 벗어나는 데 걸리는 시간을 잽니다.
# - 실제 신경망의 날카로움(sharpness)을 재고, 거기서 학습률의 한계를 얻습니다.
#
# 120분, 26점이며 보너스가 4점입니다. 먼저 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps3. The Hessian
#
# A gradient tells which way is down, but not how the way bends. The matrix that holds all of the bending, the curvature, is the **Hessian**. Whether training stopped at a minimum, and how large a learning rate may be, is written in its eigenvalues.
#
# After this notebook you can
#
# - find a Hessian by differences and by automatic differentiation;
# - multiply a vector by a Hessian that is never formed;
# - judge matrices and critical points by the signs of eigenvalues, and recognise the cases that cannot be judged;
# - find the probability that all eigenvalues of a random symmetric matrix are positive;
# - find the largest eigenvalue by power iteration;
# - measure how long gradient descent takes to leave a saddle;
# - measure the sharpness of a real network, and read the limit of the learning rate from it.
#
# 120 minutes, 26 points, and 4 bonus points. Run the cells in order, starting with the one below.

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


def two_moons(n, seed, noise=0.1):
    """Points on two interleaved half circles, as the notebooks draw them.

    Args:
        n: number of points; they belong to the two moons in turn.
        seed: of the generator.
        noise: standard deviation of the noise of each coordinate.

    Returns:
        The points, shape (n, 2), and their moons 0 and 1, shape (n,).
    """
    rng = np.random.default_rng(seed)
    moon = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[moon == 1] = [1.0, 0.5] - points[moon == 1]
    return points + noise * rng.normal(size=(n, 2)), moon


def network_loss(theta, points, moons):
    """Cross-entropy of a 2-8-1 tanh network; its 33 parameters are the entries of theta."""
    weights, shifts = theta[:16].reshape(8, 2), theta[16:24]
    logits = torch.tanh(points @ weights.T + shifts) @ theta[24:32] + theta[32]
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, moons)


# %% [markdown] checked="721e530b34fc" key="failure" lang="ko"
# ## 한 번의 실패
#
# 작은 신경망의 가중치를 모두 0에서 시작해 300번 학습합니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Start all weights of a small network at 0 and train it for 300 steps.

# %% key="failure-run"
inputs = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
targets = torch.sin(3 * inputs)
net = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).double()
for parameter in net.parameters():
    torch.nn.init.zeros_(parameter)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(301):
    loss = ((net(inputs) - targets) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    if step % 100 == 0:
        largest = max(parameter.grad.abs().max().item() for parameter in net.parameters())
        print(f"step {step}: loss {loss.item():.4f}, largest gradient entry {largest:.4f}")
    optimizer.step()


# %% [markdown] checked="dc0a203f3a92" key="failure-why" lang="ko"
# 손실은 그대로이고 그래디언트는 0입니다. 학습을 마친 신경망도 같은 기록을 남깁니다. 그래디언트가 0인 점을 **임계점**(critical point)이라고 합니다. 임계점은 극소점일 수도 있고 극대점일 수도 있으며, 어떤 방향으로는 올라가고 다른 방향으로는 내려가는 **안장점**(saddle point)일 수도 있습니다.
#
# 그래디언트는 이 셋에서 모두 0이므로 셋을 가리지 못합니다. 손실값 0.4974도 더 내려갈 수 있는지 말해 주지 않습니다. 이 셋을 가려 주는 것은 곡률입니다.

# %% [markdown] key="failure-why" lang="en"
# The loss stays and the gradient is 0. A network that has finished training leaves the same record. A point where the gradient is 0 is a **critical point**. It may be a minimum, a maximum, or a **saddle point**, from which some directions go up and others down.
#
# The gradient is 0 at all of these, so it cannot tell them apart. Nor does the loss of 0.4974 say whether it could be lower. What tells them apart is curvature.

# %% [markdown] checked="72c8f5087d41" key="definition" lang="ko"
# ## 정의
#
# $f: \mathbb{R}^n \to \mathbb{R}$의 그래디언트는 점마다 벡터 하나를 줍니다. 그러니 $\nabla f: \mathbb{R}^n \to \mathbb{R}^n$도 벡터 함수이고, 야코비안이 있습니다. 그 야코비안이 $f$의 **헤시안**(Hessian)입니다.
#
# $$H(x) = D(\nabla f)(x), \qquad H_{ij} = \frac{\partial}{\partial x_j} \frac{\partial f}{\partial x_i}$$
#
# 헤시안은 점이 움직일 때 그래디언트가 어떻게 바뀌는지 말해 줍니다. 작은 변화 $\Delta x$에 대해 $\nabla f(x + \Delta x) \approx \nabla f(x) + H \Delta x$입니다. 단위 벡터 $u$ 방향의 곡률은 $u^T H u$입니다.
#
# $f$가 $x$ 근처에서 $C^2$이면, 곧 이계 편도함수가 모두 연속이면 $H$는 대칭이고 고윳값은 모두 실수입니다. 가장 작은 고윳값과 가장 큰 고윳값은 모든 방향의 곡률 가운데 최솟값과 최댓값입니다.

# %% [markdown] key="definition" lang="en"
# ## The definition
#
# The gradient of $f: \mathbb{R}^n \to \mathbb{R}$ gives one vector at each point. So $\nabla f: \mathbb{R}^n \to \mathbb{R}^n$ is a vector function too, and it has a Jacobian. This Jacobian is the **Hessian** of $f$.
#
# $$H(x) = D(\nabla f)(x), \qquad H_{ij} = \frac{\partial}{\partial x_j} \frac{\partial f}{\partial x_i}$$
#
# The Hessian tells how the gradient changes when the point moves: for a small change $\Delta x$, $\nabla f(x + \Delta x) \approx \nabla f(x) + H \Delta x$. The curvature in the direction of a unit vector $u$ is $u^T H u$.
#
# If $f$ is $C^2$ near $x$, that is, if all its second partial derivatives are continuous, then $H$ is symmetric and all its eigenvalues are real. The smallest and the largest eigenvalue are the least and the greatest curvature of all directions.

# %% [markdown] checked="abdb2eb202d3" key="example" lang="ko"
# ## 가장 작은 예
#
# $f(x) = x_1^2 + 3 x_1 x_2 + 2 x_2^2$의 그래디언트는 $(2 x_1 + 3 x_2,\; 3 x_1 + 4 x_2)$입니다. 한 번 더 미분하면 점과 상관없는 행렬이 나옵니다.
#
# $$H = \begin{bmatrix} 2 & 3 \\ 3 & 4 \end{bmatrix}, \qquad \lambda = 3 \pm \sqrt{10} \approx -0.162,\; 6.162$$
#
# 대각 원소는 둘 다 양수여서 두 축을 따라서는 $f$가 올라갑니다. 그런데도 고윳값 하나는 음수입니다. 실제로 $f(3, -2) = -1$이므로 원점에서 $(3, -2)$ 쪽으로는 내려갑니다. 이 행렬은 **부정부호**(indefinite)이고 원점은 안장점입니다.

# %% [markdown] key="example" lang="en"
# ## The smallest example
#
# The gradient of $f(x) = x_1^2 + 3 x_1 x_2 + 2 x_2^2$ is $(2 x_1 + 3 x_2,\; 3 x_1 + 4 x_2)$. Differentiate once more and you get a matrix that does not depend on the point.
#
# $$H = \begin{bmatrix} 2 & 3 \\ 3 & 4 \end{bmatrix}, \qquad \lambda = 3 \pm \sqrt{10} \approx -0.162,\; 6.162$$
#
# Both diagonal entries are positive: along the axes $f$ goes up. Yet one eigenvalue is negative. Indeed $f(3, -2) = -1$, so from the origin towards $(3, -2)$ the way leads down. The matrix is **indefinite**, and the origin is a saddle point.

# %% key="example-run"
def example(x):
    return x[0] ** 2 + 3 * x[0] * x[1] + 2 * x[1] ** 2


point = torch.tensor([1.0, 2.0], dtype=torch.float64)
curvature = torch.func.hessian(example)(point)
print(curvature)
print(torch.linalg.eigvalsh(curvature))


# %% [markdown] checked="9f33e7bbaffa" key="e3-1" lang="ko"
# ### E3.1 `numerical_hessian`
# 난이도 2/5 · 중요도 3/5 · 9분 · 2점 · 손으로
#
# 헤시안을 의심할 때 쓸 도구를 만듭니다. $x_i$로 중심 차분을 한 번, $x_j$로 한 번 더 하면 $f$의 값 네 개가 남습니다.
#
# $$H_{ij} \approx \frac{f(x + h e_i + h e_j) - f(x + h e_i - h e_j) - f(x - h e_i + h e_j) + f(x - h e_i - h e_j)}{4 h^2}$$
#
# 오차는 $h^2$에 비례합니다. 한쪽으로만 움직이면 $h$에 비례하는 데 그칩니다. 또 반올림 오차가 $h^2$으로 나뉘므로, 스텝은 그래디언트를 구할 때보다 커야 합니다. 기본값은 $10^{-4}$입니다.

# %% [markdown] key="e3-1" lang="en"
# ### E3.1 `numerical_hessian`
# difficulty 2/5 · importance 3/5 · 9 minutes · 2 points · by hand
#
# Build the tool for doubting a Hessian. One central difference in $x_i$ and another one in $x_j$ leave four values of $f$.
#
# $$H_{ij} \approx \frac{f(x + h e_i + h e_j) - f(x + h e_i - h e_j) - f(x - h e_i + h e_j) + f(x - h e_i - h e_j)}{4 h^2}$$
#
# The error is proportional to $h^2$; with steps to one side only, it would be proportional to $h$. And since rounding is divided by $h^2$, the step must be larger than for a gradient. The default is $10^{-4}$.

# %% answer e3-1 covers="F4"
def numerical_hessian(f, x: np.ndarray, h: float = 1e-4) -> np.ndarray:
    """Hessian by central differences in both variables.

    Args:
        f: a function from shape (n,) to a number.
        x: the point, shape (n,); left unchanged.
        h: step of the differences, the same for every variable and at every point; the error is
            of order h^2.

    Returns:
        The Hessian, shape (n, n), symmetric.

    Example:
        numerical_hessian(lambda x: x[0] * x[1], np.array([2.0, 3.0])) -> [[0, 1], [1, 0]]
    """
    ### BEGIN SOLUTION
    H = np.empty((len(x), len(x)))
    steps = h * np.eye(len(x))
    for i, a in enumerate(steps):
        for j, b in enumerate(steps):
            H[i, j] = (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2)
    return H
    ### END SOLUTION


# %% [markdown] checked="40fcae0540dd" key="e3-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $i = j$이면 네 점은 어디에 놓입니까? 같은 식을 그대로 써도 됩니까?
# 2. $i = j$일 때는 $\dfrac{f(x + 2 h e_i) - 2 f(x) + f(x - 2 h e_i)}{4 h^2}$가 됩니다.
# 3. $f(x) = x_1^2 x_2^3$의 헤시안은 점 $(1, 2)$에서 원소의 합이 76입니다.
#
# </details>

# %% [markdown] key="e3-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Where do the four points lie if $i = j$? May the same formula stay?
# 2. For $i = j$ it becomes $\dfrac{f(x + 2 h e_i) - 2 f(x) + f(x - 2 h e_i)}{4 h^2}$.
# 3. For $f(x) = x_1^2 x_2^3$ at the point $(1, 2)$ the entries of the Hessian sum to 76.
#
# </details>

# %% test e3-1-shape 0.5
# As many rows and columns as inputs, a single one included.
single = numerical_hessian(lambda x: x[0] ** 3, np.array([2.0]))
assert np.shape(single) == (1, 1), "one input makes a (1, 1) matrix"

# %% test e3-1-values 0.5
# The example of this notebook, and functions with large mixed derivatives.
f = lambda x: x[0] ** 2 + 3 * x[0] * x[1] + 2 * x[1] ** 2
found = numerical_hessian(f, np.array([1.0, 2.0]))
np.testing.assert_allclose(found, [[2.0, 3.0], [3.0, 4.0]], rtol=1e-4)

# %% test e3-1-order 0.5
# A step ten times smaller makes the error about a hundred times smaller, or more.
steep = lambda x: np.exp(3 * x[0]) + x[0] * x[1]
coarse = numerical_hessian(steep, np.array([1.0, 1.0]), 0.1)
assert abs(coarse[0][0] - 9 * np.exp(3)) > 1e-3, "with h = 0.1 an error is visible: is h used?"

# %% test e3-1-inputs 0.5 alone
# The point stays as it was, and only the arguments decide the result.
start = np.array([2.0, 3.0])
numerical_hessian(lambda x: x[0] * x[1], start)
np.testing.assert_allclose(start, [2.0, 3.0], rtol=1e-12)

# %% key="e3-1-plot"
wave = lambda x: np.exp(x[0]) * np.sin(x[1])
a, b = 0.7, -1.2
exact = np.exp(a) * np.array([[np.sin(b), np.cos(b)], [np.cos(b), -np.sin(b)]])
steps = np.logspace(-7, -0.5, 27)
errors = [np.abs(numerical_hessian(wave, np.array([a, b]), h) - exact).max() for h in steps]
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.loglog(steps, errors, "o-", color="black", label="numerical_hessian")
axes.loglog(steps, steps**2, "--", color="grey", label="slope 2")
axes.loglog(steps, 1e-16 / steps**2, ":", color="grey", label="slope $-2$")
axes.set(xlabel="$h$", ylabel="largest error", ylim=(1e-10, 10))
axes.legend()
figure.tight_layout()


# %% [markdown] checked="15e87cd2910c" key="e3-1-see" lang="ko"
# **그림에서 볼 것.** 스텝 $h$에 대한 오차를 양축 로그로 그렸습니다. 오른쪽 갈래의 기울기는 2입니다. 잘라 낸 항이 $h^2$에 비례하기 때문입니다. 왼쪽 갈래의 기울기는 $-2$입니다. 반올림 오차가 $h^2$으로 나뉘기 때문입니다. 두 갈래는 $10^{-4}$ 근처에서 만납니다.

# %% [markdown] key="e3-1-see" lang="en"
# **What to see.** The error against the step $h$ on logarithmic axes. The right branch has slope 2, because the truncated terms are proportional to $h^2$. The left one has slope $-2$, because rounding is divided by $h^2$. The branches meet near $10^{-4}$.

# %% [markdown] checked="eef71cd0d25d" key="e3-2" lang="ko"
# ### E3.2 `hessian`
# 난이도 3/5 · 중요도 5/5 · 9분 · 2점 · 자동 미분
#
# 정의를 그대로 코드로 옮깁니다. 그래디언트를 구하고, 그 그래디언트의 야코비안을 구하면 됩니다. 그래디언트를 한 번 더 미분하려면 그것을 구한 계산도 그래프에 남아 있어야 합니다.
#
# $f$가 일차함수이면 그래디언트는 상수이고, 상수 함수이면 $x$와 이어진 그래프가 아예 없습니다. 이때도 오류가 아니라 0으로 이루어진 행렬이 나와야 합니다.

# %% [markdown] key="e3-2" lang="en"
# ### E3.2 `hessian`
# difficulty 3/5 · importance 5/5 · 9 minutes · 2 points · automatic differentiation
#
# Put the definition into code: find the gradient, then the Jacobian of the gradient. To differentiate the gradient once more, the computation that produced it must be kept in the graph as well.
#
# If $f$ is linear, the gradient is constant; for a constant function no graph leads to $x$ at all. In these cases, too, the result is a matrix of 0 and not an error.

# %% answer e3-2 covers="F4 CB8 M21 TB4"
def hessian(f, x: torch.Tensor) -> torch.Tensor:
    """Hessian as the Jacobian of the gradient.

    Args:
        f: a torch function from shape (n,) to a 0-d tensor; it may be linear or constant.
        x: the point, float64, shape (n,); it and its .grad are left unchanged.

    Returns:
        The Hessian, shape (n, n).

    Example:
        hessian(lambda x: x[0] * x[1], torch.tensor([2.0, 3.0])) -> [[0, 1], [1, 0]]
    """
    ### BEGIN SOLUTION
    return torch.func.jacrev(torch.func.grad(f))(x.detach())
    ### END SOLUTION


# %% [markdown] checked="c021653d74be" key="e3-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 입력이 `n`개일 때 그래디언트의 성분은 몇 개이고, 성분 하나를 미분하면 헤시안의 어느 부분이 나옵니까?
# 2. $H_{i,:} = D\big((\nabla f)_i\big)$이므로 헤시안의 행마다 역방향 계산이 한 번 듭니다.
# 3. $f(x) = x_1^2 x_2 + 5 x_3$의 헤시안은 $(1, 2, 3)$에서 원소의 합이 8입니다.
#
# </details>

# %% [markdown] key="e3-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. With `n` inputs, how many components has the gradient, and which part of the Hessian comes from differentiating one of them?
# 2. $H_{i,:} = D\big((\nabla f)_i\big)$, so each row of the Hessian takes one reverse pass.
# 3. For $f(x) = x_1^2 x_2 + 5 x_3$ at $(1, 2, 3)$ the entries of the Hessian sum to 8.
#
# </details>

# %% key="e3-2-check"
found = to_array(hessian(example, point))
np.testing.assert_allclose(found, [[2.0, 3.0], [3.0, 4.0]], rtol=1e-4)
flat = to_array(hessian(lambda x: 2 * x[0] - x[1], point))
np.testing.assert_allclose(flat, np.zeros((2, 2)), atol=1e-5)

# %% test e3-2-shape 0.5
# As many rows and columns as inputs, a single one included.

# %% test e3-2-values 0.5
# The example, and a point where the gradient is zero but the Hessian is not.

# %% test e3-2-zeros 0.5
# Linear and constant functions, ignored inputs, a single input.

# %% test e3-2-inputs 0.5 alone
# The point stays as it was and may already require a gradient.

# %% [markdown] checked="9c590de9b942" key="e3-3" lang="ko"
# ### E3.3 `hvp`
# 난이도 3/5 · 중요도 5/5 · 12분 · 3점 · 자동 미분
#
# 매개변수가 20,000개이면 헤시안은 3.2 GB를 차지합니다. 신경망의 매개변수는 그보다 훨씬 많습니다. 그러나 한 방향의 곡률을 알고 싶을 뿐이라면 헤시안과 벡터의 곱 $Hv$면 됩니다. $v$를 상수로 두고 그래디언트와의 내적을 미분하면 이 벡터를 얻습니다.
#
# $$Hv = \nabla \big( \nabla f(x) \cdot v \big) = \frac{d}{dt} \nabla f(x + t v) \Big|_{t = 0}$$
#
# $\nabla f(x) \cdot v$는 스칼라이므로 역방향 계산 한 번으로 끝납니다. 행렬은 어디에도 나타나지 않고, 비용은 그래디언트의 몇 배입니다.

# %% [markdown] key="e3-3" lang="en"
# ### E3.3 `hvp`
# difficulty 3/5 · importance 5/5 · 12 minutes · 3 points · automatic differentiation
#
# With 20,000 parameters the Hessian takes 3.2 GB, and a network has many more parameters than that. But to know the curvature in one direction, the product $Hv$ of Hessian and vector is enough. Hold $v$ constant and differentiate its inner product with the gradient:
#
# $$Hv = \nabla \big( \nabla f(x) \cdot v \big) = \frac{d}{dt} \nabla f(x + t v) \Big|_{t = 0}$$
#
# Since $\nabla f(x) \cdot v$ is a scalar, one reverse pass does it. No matrix appears anywhere, and the cost is a few times that of a gradient.

# %% answer e3-3 covers="CB2"
def hvp(f, x: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Product of the Hessian and a vector, without the Hessian.

    Args:
        f: a torch function from shape (n,) to a 0-d tensor, not linear; n may be 20,000.
        x: the point, float64, shape (n,); it and its .grad are left unchanged.
        v: the vector, float64, shape (n,); left unchanged.

    Returns:
        H v, shape (n,).

    Example:
        hvp(lambda x: x[0] * x[1], torch.tensor([2.0, 3.0]), torch.tensor([1.0, 5.0])) -> [5, 1]
    """
    ### BEGIN SOLUTION
    x = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(f(x), x, create_graph=True)
    (product,) = torch.autograd.grad(gradient @ v, x)
    return product
    ### END SOLUTION


# %% [markdown] checked="295c05a4384e" key="e3-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $\nabla f(x) \cdot v$를 $x$로 미분할 때 $v$는 $x$에 의존합니까?
# 2. $\partial_i \sum_j v_j \, \partial_j f = \sum_j H_{ij} v_j$
# 3. $f(x) = x_1^2 + 3 x_1 x_2 + 2 x_2^2$와 $v = (1, 1)$에서는 두 원소의 합이 12입니다.
#
# </details>

# %% [markdown] key="e3-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. When you differentiate $\nabla f(x) \cdot v$ by $x$, does $v$ depend on $x$?
# 2. $\partial_i \sum_j v_j \, \partial_j f = \sum_j H_{ij} v_j$
# 3. For $f(x) = x_1^2 + 3 x_1 x_2 + 2 x_2^2$ and $v = (1, 1)$ the entries sum to 12.
#
# </details>

# %% key="e3-3-check"
direction = torch.tensor([1.0, 1.0], dtype=torch.float64)
np.testing.assert_allclose(to_array(hvp(example, point, direction)), [5.0, 7.0], rtol=1e-4)

# %% test e3-3-shape 0.5
# A vector like x, with a single entry too.

# %% test e3-3-values 1.0
# H times v; linear in v, and symmetric: <u, H v> = <v, H u>.

# %% test e3-3-large 1.0
# 20,000 inputs, whose Hessian does not fit into memory.

# %% test e3-3-inputs 0.5 alone
# Point and vector stay as they were, and no gradient stays behind.

# %% [markdown] checked="406a84569fde" key="e3-4" lang="ko"
# ### E3.4 `classify_matrix`
# 난이도 4/5 · 중요도 5/5 · 14분 · 3점 · 손으로
#
# 대칭행렬의 종류는 고윳값의 부호가 정합니다. 다음 여섯 낱말 가운데 하나를 돌려주십시오.
#
# - `"positive_definite"`: 모두 양수, **양의 정부호**(positive definite)
# - `"positive_semidefinite"`: 양수와 0, **양의 준정부호**(positive semidefinite)
# - `"negative_definite"`: 모두 음수, **음의 정부호**(negative definite)
# - `"negative_semidefinite"`: 음수와 0, **음의 준정부호**(negative semidefinite)
# - `"indefinite"`: 양수와 음수가 모두 있음, **부정부호**(indefinite)
# - `"zero"`: 모두 0, 곧 영행렬
#
# 반올림 때문에 0이어야 할 고윳값이 $10^{-17}$로 나오곤 합니다. $|\lambda| \le \mathrm{rtol} \cdot \max|\lambda|$이면 0으로 보십시오. 기준이 행렬 자신의 크기이므로 $10^{-9} H$도 $10^9 H$도 $H$와 같은 판정을 받습니다. $\max|H - H^T| > \mathrm{rtol} \cdot \max|H|$이면 대칭이 아니니 `ValueError`를 일으키십시오.
#
# 대각 원소와 행렬식만 보아서는 알 수 없습니다. 앞의 예는 대각 원소가 모두 양수인데도 부정부호였습니다.

# %% [markdown] key="e3-4" lang="en"
# ### E3.4 `classify_matrix`
# difficulty 4/5 · importance 5/5 · 14 minutes · 3 points · by hand
#
# The signs of its eigenvalues decide what kind of matrix a symmetric matrix is. Return one of these words.
#
# - `"positive_definite"`: all positive, **positive definite**
# - `"positive_semidefinite"`: positive and 0, **positive semidefinite**
# - `"negative_definite"`: all negative, **negative definite**
# - `"negative_semidefinite"`: negative and 0, **negative semidefinite**
# - `"indefinite"`: positive and negative ones, **indefinite**
# - `"zero"`: all 0, the matrix of zeros
#
# Rounding often turns an eigenvalue that should be 0 into $10^{-17}$. Count it as 0 if $|\lambda| \le \mathrm{rtol} \cdot \max|\lambda|$. The measure is the size of the matrix itself, so that $10^{-9} H$ and $10^9 H$ get the same verdict as $H$. If $\max|H - H^T| > \mathrm{rtol} \cdot \max|H|$, the matrix is not symmetric: raise a `ValueError`.
#
# The diagonal and the determinant do not tell. The example above had a positive diagonal and was indefinite all the same.

# %% answer e3-4 covers="TB3 M1 M4"
def classify_matrix(H: np.ndarray, rtol: float = 1e-8) -> str:
    """Definiteness of a symmetric matrix.

    Args:
        H: the matrix, shape (n, n), n >= 1; left unchanged.
        rtol: an eigenvalue is zero if |lam| <= rtol * max|lam|.

    Returns:
        "positive_definite", "positive_semidefinite", "negative_definite",
        "negative_semidefinite", "indefinite" or "zero".

    Raises:
        ValueError: if max|H - H^T| > rtol * max|H|.

    Example:
        classify_matrix(np.array([[1.0, 0.0], [0.0, -2.0]])) -> "indefinite"
    """
    ### BEGIN SOLUTION
    if np.abs(H - H.T).max() > rtol * np.abs(H).max():
        raise ValueError("the matrix is not symmetric")
    eigenvalues = np.linalg.eigvalsh(H)
    threshold = rtol * np.abs(eigenvalues).max()
    positive, negative = (eigenvalues > threshold).sum(), (eigenvalues < -threshold).sum()
    if positive and negative:
        return "indefinite"
    if not positive and not negative:
        return "zero"
    kind = "definite" if positive + negative == len(H) else "semidefinite"
    return f"positive_{kind}" if positive else f"negative_{kind}"
    ### END SOLUTION


# %% [markdown] checked="8009dc513521" key="e3-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 고윳값이 $10^{-17}$과 $1$로 나왔습니다. 행렬에 $10^9$을 곱하면 첫째 고윳값은 얼마가 되며, 이제는 0이 아니라고 하겠습니까?
# 2. $\tau = \mathrm{rtol} \cdot \max|\lambda|$라 하고, $\lambda > \tau$인 고윳값의 개수 $p$와 $\lambda < -\tau$인 고윳값의 개수 $q$를 세십시오. $p$, $q$, $n$만으로 여섯 경우가 모두 갈립니다.
# 3. $\begin{bmatrix} 1 & 3 \\ 3 & 1 \end{bmatrix}$의 고윳값은 $4$와 $-2$입니다.
#
# </details>

# %% [markdown] key="e3-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. The eigenvalues come out as $10^{-17}$ and $1$. Multiply the matrix by $10^9$: what becomes of the first one, and would you now say that it is not 0?
# 2. With $\tau = \mathrm{rtol} \cdot \max|\lambda|$, count the number $p$ of eigenvalues $\lambda > \tau$ and the number $q$ of those with $\lambda < -\tau$. From $p$, $q$ and $n$ alone, all cases follow.
# 3. The eigenvalues of $\begin{bmatrix} 1 & 3 \\ 3 & 1 \end{bmatrix}$ are $4$ and $-2$.
#
# </details>

# %% test e3-4-definite 0.5 alone
# All eigenvalues of one sign.
assert classify_matrix(np.array([[2.0, 1.0], [1.0, 2.0]])) == "positive_definite"
assert classify_matrix(-np.eye(2)) == "negative_definite", "the determinant of -I is positive"

# %% test e3-4-indefinite 0.5 alone
# Eigenvalues of both signs, whatever diagonal and determinant say.
assert classify_matrix(np.array([[2.0, 3.0], [3.0, 4.0]])) == "indefinite", "3 - sqrt(10) < 0"

# %% test e3-4-semidefinite 1.0 alone
# Eigenvalues that are zero up to rounding; a matrix of zeros.
v = np.array([0.1, 0.7, -0.3])
assert classify_matrix(np.outer(v, v)) == "positive_semidefinite", "a matrix of rank 1"
assert classify_matrix(np.zeros((2, 2))) == "zero"

# %% test e3-4-scales 0.5 alone
# The same verdict at the scales 1e-9 and 1e9.
assert classify_matrix(1e-9 * np.eye(2)) == "positive_definite", "small, but not zero"

# %% test e3-4-inputs 0.5 alone
# No verdict on a matrix that is not symmetric; rtol is used; H stays.
try:
    classify_matrix(np.array([[1.0, 5.0], [0.0, 1.0]]))
except ValueError:
    pass
else:
    raise AssertionError("a matrix that is not symmetric needs a ValueError")


# %% key="e3-4-plot"
def eigenvalue_bars(axes, H, title):
    """Draw the eigenvalues of a symmetric matrix in ascending order."""
    eigenvalues = np.linalg.eigvalsh(to_array(H))
    axes.bar(range(len(eigenvalues)), eigenvalues, color="grey", edgecolor="black")
    axes.axhline(0, color="black", linewidth=1)
    axes.set(title=title, xlabel="$k$", ylabel=r"$\lambda_k$", xticks=range(len(eigenvalues)))


turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
figure, panels = plt.subplots(1, 4, figsize=(13, 3), sharey=True)
for axes, eigenvalues in zip(panels, [(1, 2, 3, 4), (0, 0, 2, 3), (-3, -2, -1, 0), (-2, 1, 1, 4)]):
    H = turn @ np.diag(eigenvalues) @ turn.T
    eigenvalue_bars(axes, H, classify_matrix(H))
figure.tight_layout()


# %% [markdown] checked="7db1b6ed48a6" key="e3-4-see" lang="ko"
# **그림에서 볼 것.** 회전시킨 $4 \times 4$ 행렬 네 개의 고윳값을 작은 것부터 막대로 그렸고, 제목은 여러분의 판정입니다. 막대가 한쪽에만 있으면 정부호, 높이가 0인 막대가 섞이면 준정부호, 양쪽에 있으면 부정부호입니다.

# %% [markdown] key="e3-4-see" lang="en"
# **What to see.** The eigenvalues of four turned $4 \times 4$ matrices as bars in ascending order, with your verdicts as titles. Bars on one side only are definite, bars of height 0 among them make it semidefinite, and bars on both sides indefinite.

# %% [markdown] checked="041cd8faf94d" key="e3-5" lang="ko"
# ### E3.5 `classify_point`
# 난이도 3/5 · 중요도 5/5 · 12분 · 3점 · 자동 미분
#
# 이제 앞의 실패를 판정합니다. **이계도함수 판정법**(second-order test)은 두 단계입니다.
#
# 먼저 그래디언트를 봅니다. $\max|\nabla f| > 10^{-6} \max(1, \max|H|)$이면 임계점이 아니므로 `"not_critical"`이고, 헤시안이 무엇이든 극점일 수 없습니다.
#
# 임계점이면 $H$를 봅니다. 양의 정부호이면 `"min"`, 음의 정부호이면 `"max"`, 양과 음의 고윳값이 모두 있으면 `"saddle"`입니다. 나머지, 곧 준정부호이거나 영행렬이면 `"inconclusive"`입니다. 이때는 더 높은 차수의 항이 결정하며 헤시안은 그것을 모릅니다. 고윳값은 크기가 가장 큰 것의 $10^{-8}$배를 넘지 않으면 0으로 보십시오.

# %% [markdown] key="e3-5" lang="en"
# ### E3.5 `classify_point`
# difficulty 3/5 · importance 5/5 · 12 minutes · 3 points · automatic differentiation
#
# Now judge the failure from the beginning. The **second-order test** has two stages.
#
# First look at the gradient. If $\max|\nabla f| > 10^{-6} \max(1, \max|H|)$, the point is not critical: `"not_critical"`, and whatever the Hessian is, it cannot be an extreme point.
#
# At a critical point look at $H$. Positive definite is `"min"`, negative definite `"max"`, and eigenvalues of both signs make a `"saddle"`. Everything else, semidefinite or zero, is `"inconclusive"`: terms of higher order decide, and the Hessian does not know them. Count an eigenvalue as 0 if its size is at most $10^{-8}$ times that of the largest one in size.

# %% answer e3-5 covers="CB8 CB9 TB3 M4"
def classify_point(f, x: torch.Tensor) -> str:
    """Verdict of the second-order test on a point.

    Args:
        f: a torch function from shape (n,) to a 0-d tensor; it may be linear or constant.
        x: the point, float64, shape (n,); it and its .grad are left unchanged.

    Returns:
        "not_critical", "min", "max", "saddle" or "inconclusive".

    Example:
        classify_point(lambda x: x[0] ** 2 - x[1] ** 2, torch.tensor([0.0, 0.0])) -> "saddle"
    """
    ### BEGIN SOLUTION
    x = x.detach()
    gradient, H = torch.func.grad(f)(x), torch.func.hessian(f)(x)
    if gradient.abs().max() > 1e-6 * max(1.0, H.abs().max().item()):
        return "not_critical"
    eigenvalues = torch.linalg.eigvalsh(H)
    threshold = 1e-8 * eigenvalues.abs().max()
    positive, negative = eigenvalues > threshold, eigenvalues < -threshold
    if positive.any() and negative.any():
        return "saddle"
    return "min" if positive.all() else "max" if negative.all() else "inconclusive"
    ### END SOLUTION


# %% [markdown] checked="a17a08fdcdce" key="e3-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $x^4 + y^4$와 $x^4 - y^4$는 원점에서 헤시안이 같습니다. 하나는 극소점이고 하나는 안장점입니다. 헤시안만 보고 둘을 가릴 수 있습니까?
# 2. $u^T H u < 0$인 $u$와 $w^T H w > 0$인 $w$가 하나씩 있으면, 다른 고윳값이 0이어도 안장점입니다.
# 3. 가장 작은 예의 그래디언트는 점 $(1, 2)$에서 $(8, 11)$입니다.
#
# </details>

# %% [markdown] key="e3-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. At the origin, $x^4 + y^4$ and $x^4 - y^4$ have the same Hessian. One has a minimum there and one a saddle. Can the Hessian tell them apart?
# 2. One $u$ with $u^T H u < 0$ and one $w$ with $w^T H w > 0$ make a saddle, even if another eigenvalue is 0.
# 3. The gradient of the smallest example at the point $(1, 2)$ is $(8, 11)$.
#
# </details>

# %% key="e3-5-check"
origin = torch.zeros(2, dtype=torch.float64)
assert classify_point(lambda x: x[0] ** 2 - x[1] ** 2, origin) == "saddle", "eigenvalues -2 and 2"
assert classify_point(example, origin) == "saddle", "eigenvalues 3 - sqrt(10) and 3 + sqrt(10)"
assert classify_point(example, point) == "not_critical", "the gradient at (1, 2) is (8, 11)"

# %% test e3-5-critical 0.5 alone
# Where the gradient is not zero the Hessian decides nothing.

# %% test e3-5-extremes 0.5 alone
# Minima and maxima away from the origin, steep and shallow ones.

# %% test e3-5-saddles 0.5 alone
# Eigenvalues of both signs, with a zero beside them too.

# %% test e3-5-inconclusive 1.0 alone
# Semidefinite and zero Hessians: the test cannot tell.

# %% test e3-5-inputs 0.5 alone
# The point stays as it was, and no gradient stays behind.

# %% key="e3-5-plot"
def landscape(axes, f, center, title, radius=1.0):
    """Contours around a point: solid where f is larger than at the point, dashed where smaller."""
    steps = radius * np.linspace(-1, 1, 61)
    points = [[torch.tensor([center[0] + a, center[1] + b]) for a in steps] for b in steps]
    heights = np.array([[float(f(p)) for p in row] for row in points])
    change = heights - float(f(torch.tensor(center)))
    levels = np.abs(change).max() * np.array([-0.6, -0.3, -0.1, -0.02, 0.02, 0.1, 0.3, 0.6])
    axes.contour(center[0] + steps, center[1] + steps, change, levels, colors="black", linewidths=1)
    axes.plot(*center, "o", color="grey")
    axes.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")


views = [
    (lambda x: x[0] ** 3 - 3 * x[0] + x[1] ** 2, (1.0, 0.0), "$x_1^3 - 3x_1 + x_2^2$"),
    (lambda x: (x[0] * x[1] - 1) ** 2, (0.0, 0.0), "$(x_1 x_2 - 1)^2$"),
    (lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2, (0.0, 0.0), "$x_1^3 - 3x_1 x_2^2$"),
]
figure, panels = plt.subplots(1, 3, figsize=(12, 4))
for axes, (f, center, formula) in zip(panels, views):
    verdict = classify_point(f, torch.tensor(center, dtype=torch.float64))
    landscape(axes, f, center, f"{formula}: {verdict}")
figure.tight_layout()


# %% [markdown] checked="1ce1495ab12d" key="e3-5-see" lang="ko"
# **그림에서 볼 것.** 임계점 셋 둘레의 등고선이고 제목은 여러분의 판정입니다. 실선은 가운데 점보다 높은 곳, 점선은 낮은 곳입니다. 왼쪽은 실선이 점을 둘러싸는 극소점입니다. 가운데는 가중치가 두 개뿐인 신경망의 손실로, 앞의 실패를 가장 작게 줄인 것입니다. 원점에서는 내려가는 길이 두 갈래 있는데도 그래디언트가 0이라서 학습이 시작되지 않습니다. 오른쪽은 내리막이 세 갈래인 원숭이 안장입니다. 헤시안이 영행렬이므로 판정법으로는 아무것도 알 수 없습니다.

# %% [markdown] key="e3-5-see" lang="en"
# **What to see.** Contours around three critical points, with your verdicts as titles. Solid lines are higher than the point in the middle, dashed ones lower. On the left solid lines surround a minimum. In the middle is the loss of a network with only two weights, the smallest form of the failure above: two ways lead down from the origin, but the gradient is 0 there and training does not start. On the right is a monkey saddle with three ways down. Its Hessian is a matrix of zeros, and the test tells nothing.

# %% [markdown] checked="d6e5a4c45d55" key="e3-5-net" lang="ko"
# 끝으로 처음의 신경망 자체를 판정합니다. 매개변수 25개가 모두 0인 점입니다.

# %% [markdown] key="e3-5-net" lang="en"
# Last, judge the network of the beginning itself, at the point where all 25 parameters are 0.

# %% key="e3-5-net-run"
def first_loss(theta):
    hidden = torch.tanh(inputs * theta[:8] + theta[8:16])
    return ((hidden @ theta[16:24] + theta[24] - targets[:, 0]) ** 2).mean()


print(classify_point(first_loss, torch.zeros(25, dtype=torch.float64)))


# %% [markdown] checked="58cd55bfc75b" key="e3-5-net-why" lang="ko"
# 안장점입니다. 학습은 끝난 것이 아니라 시작하지 못한 것입니다. 가중치를 작은 난수로 초기화하면 이 점을 비켜서 출발합니다.

# %% [markdown] key="e3-5-net-why" lang="en"
# It is a saddle: training had not ended, it had not begun. Weights that start as small random numbers start beside this point.

# %% [markdown] checked="03fd1e1c04c1" key="e3-6" lang="ko"
# ### E3.6 `mixed_partials_at_zero`, `symmetry_gap`
# 난이도 3/5 · 중요도 2/5 · 8분 · 1점 · 손으로
#
# 헤시안이 대칭이라는 말은 편미분의 순서를 바꾸어도 된다는 뜻입니다. $f$가 $C^2$이면 그렇습니다. 그렇지 않으면 순서가 결과를 바꿀 수 있습니다. 페아노의 함수가 그 예입니다.
#
# $$f(x, y) = \frac{x y (x^2 - y^2)}{x^2 + y^2}, \qquad f(0, 0) = 0$$
#
# 원점에서 $\frac{\partial}{\partial y} \frac{\partial f}{\partial x}$와 $\frac{\partial}{\partial x} \frac{\partial f}{\partial y}$를 각각 구하십시오. 안쪽 미분이 먼저이므로, 안쪽 중심 차분은 훨씬 작은 스텝 $h/1000$을, 바깥쪽 중심 차분은 스텝 $h$를 씁니다.
#
# `symmetry_gap`은 행렬이 대칭에서 얼마나 벗어났는지 $\max|H - H^T| / \max|H|$로 잽니다. 영행렬이면 0입니다.

# %% [markdown] key="e3-6" lang="en"
# ### E3.6 `mixed_partials_at_zero`, `symmetry_gap`
# difficulty 3/5 · importance 2/5 · 8 minutes · 1 point · by hand
#
# That a Hessian is symmetric means that partial derivatives may be taken in either order. This is so if $f$ is $C^2$. Otherwise the order can change the result, as in Peano's function.
#
# $$f(x, y) = \frac{x y (x^2 - y^2)}{x^2 + y^2}, \qquad f(0, 0) = 0$$
#
# Find $\frac{\partial}{\partial y} \frac{\partial f}{\partial x}$ and $\frac{\partial}{\partial x} \frac{\partial f}{\partial y}$ at the origin. The inner derivative comes first, so the inner central difference has the much smaller step $h/1000$ and the outer central difference the step $h$.
#
# `symmetry_gap` measures how far a matrix is from symmetric, by $\max|H - H^T| / \max|H|$. For a matrix of zeros it is 0.

# %% answer e3-6-orders-solution covers="TB3 M3"
def mixed_partials_at_zero(f, h: float) -> tuple:
    """Mixed partial derivatives at the origin, in both orders, by nested central differences.

    Args:
        f: a function of two numbers x and y.
        h: step of the outer differences; that of the inner ones is h / 1000.

    Returns:
        d/dy (df/dx) and d/dx (df/dy), a tuple of two numbers.

    Example:
        mixed_partials_at_zero(lambda x, y: 3 * x * y, 0.01) -> (3, 3)
    """
    ### BEGIN SOLUTION
    inner = h / 1000
    by_x = lambda y: (f(inner, y) - f(-inner, y)) / (2 * inner)
    by_y = lambda x: (f(x, inner) - f(x, -inner)) / (2 * inner)
    return (by_x(h) - by_x(-h)) / (2 * h), (by_y(h) - by_y(-h)) / (2 * h)
    ### END SOLUTION


# %% answer e3-6-gap-solution
def symmetry_gap(H: np.ndarray) -> float:
    """Distance of a matrix from symmetry, relative to its largest entry.

    Args:
        H: the matrix, shape (n, n); left unchanged.

    Returns:
        max|H - H^T| / max|H|, and 0 for a matrix of zeros.

    Example:
        symmetry_gap(np.array([[0.0, 1.0], [2.0, 0.0]])) -> 0.5
    """
    ### BEGIN SOLUTION
    size = np.abs(H).max()
    return np.abs(H - H.T).max() / size if size > 0 else 0.0
    ### END SOLUTION


# %% [markdown] checked="5f846cbcc7e4" key="e3-6-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 안쪽과 바깥쪽의 스텝이 같으면 페아노의 함수를 어떤 점들에서 부르게 되고, 거기서 함숫값은 얼마입니까?
# 2. $\dfrac{\partial f}{\partial x}(0, y) \approx \dfrac{f(k, y) - f(-k, y)}{2k}$이고 $k = h/1000$입니다.
# 3. 페아노의 함수에서 $\dfrac{\partial f}{\partial x}(0, y) = -y$입니다.
#
# </details>

# %% [markdown] key="e3-6-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. With equal steps inside and outside, at which points do you call Peano's function, and what are its values there?
# 2. $\dfrac{\partial f}{\partial x}(0, y) \approx \dfrac{f(k, y) - f(-k, y)}{2k}$ with $k = h/1000$.
# 3. For Peano's function, $\dfrac{\partial f}{\partial x}(0, y) = -y$.
#
# </details>

# %% test e3-6-orders 0.5 alone
# Peano's function tells the order of differentiation, a smooth one does not.
smooth = mixed_partials_at_zero(lambda x, y: 3 * x * y + x**2, 0.01)
np.testing.assert_allclose(smooth, (3.0, 3.0), rtol=1e-4)

# %% test e3-6-gap 0.5 alone
# Relative to the largest entry; 0 for symmetric matrices and for zeros.
np.testing.assert_allclose(symmetry_gap(np.array([[0.0, 1.0], [2.0, 0.0]])), 0.5, rtol=1e-4)
assert symmetry_gap(np.zeros((2, 2))) == 0, "zero is symmetric"

# %% key="e3-6-look"
peano = lambda x, y: x * y * (x**2 - y**2) / (x**2 + y**2)
print(mixed_partials_at_zero(peano, 0.01))

weights = torch.randn(5, 5, generator=torch.Generator().manual_seed(2))
squashed = lambda x: torch.tanh(weights @ x).square().sum() * torch.exp(0.1 * x.sum())
for dtype in (torch.float32, torch.float64):
    weights, where = weights.to(dtype), torch.linspace(-1, 1, 5, dtype=dtype)
    print(dtype, symmetry_gap(torch.func.hessian(squashed)(where).numpy()))


# %% [markdown] checked="ef73102e7ff5" key="e3-6-see" lang="ko"
# **출력에서 볼 것.** 첫 줄은 페아노의 함수에 대한 여러분의 답입니다. 두 순서의 값이 $-1$과 $1$에 가깝습니다. 다음 두 줄은 매끄러운 함수의 헤시안입니다. 수학으로는 대칭이지만 float32로 계산하면 반올림 한 번 정도, 곧 $10^{-7}$ 안팎만큼 어긋나고 float64에서는 $10^{-16}$ 안팎입니다. `H == H.T`로 대칭을 검사하면 안 되는 까닭입니다.

# %% [markdown] key="e3-6-see" lang="en"
# **What to see.** The first line is your answer for Peano's function: close to $-1$ and $1$ for the two orders. The next two lines belong to the Hessian of a smooth function. In mathematics it is symmetric; computed in float32 it is off by about one rounding, around $10^{-7}$, and in float64 by around $10^{-16}$. That is why symmetry is not tested by `H == H.T`.

# %% [markdown] checked="b832a2dd33c4" key="signs" lang="ko"
# ## 극소점은 얼마나 드뭅니까
#
# 임계점에서 헤시안의 고윳값이 모두 양수이면 극소점이고, 부호가 섞이면 안장점입니다. 매개변수가 수백만 개인 손실에서 고윳값이 모두 양수인 일은 얼마나 드물겠습니까?
#
# 가장 거친 어림은 고윳값마다 동전을 던지는 것입니다. 부호가 서로 독립이고 양수일 확률이 각각 절반이면, 고윳값 $n$개가 모두 양수일 확률은 $2^{-n}$입니다. $n = 100$이면 $7.89 \times 10^{-31}$입니다. 이 어림을 먼저 계산하고, 그다음 무작위 행렬과 실제 신경망에서 시험합니다. 이 어림의 결론은 절반만 맞는 것으로 드러납니다.

# %% [markdown] key="signs" lang="en"
# ## How rare are minima?
#
# A critical point whose Hessian has positive eigenvalues only is a minimum; if the signs are mixed it is a saddle point. In a loss with millions of parameters, how rare is it that all eigenvalues are positive?
#
# The roughest estimate tosses a coin for each eigenvalue. If the signs are independent and each is positive with probability one half, all $n$ eigenvalues are positive with probability $2^{-n}$. For $n = 100$ this is $7.89 \times 10^{-31}$. You compute this estimate first, then test it on random matrices and on a real network. Only half of its conclusion turns out to be right.

# %% [markdown] checked="e788a8308bb4" key="e3-7" lang="ko"
# ### E3.7 `log10_prob_all_positive`
# 난이도 1/5 · 중요도 3/5 · 5분 · 1점 · 손으로
#
# 동전 던지기의 확률 $2^{-n}$을 그대로 계산하면 `0.5 ** 2000`에서 0이 나옵니다. float64로 나타낼 수 있는 가장 작은 양수가 $5 \times 10^{-324}$쯤이기 때문입니다. 확률 대신 그 상용로그를 돌려주면 이런 일이 없습니다. 곱이 합이 되어, 아무리 작은 확률도 평범한 수로 적힙니다.

# %% [markdown] key="e3-7" lang="en"
# ### E3.7 `log10_prob_all_positive`
# difficulty 1/5 · importance 3/5 · 5 minutes · 1 point · by hand
#
# Compute the probability $2^{-n}$ of the coins directly, and `0.5 ** 2000` comes out as 0, because the smallest positive number in float64 is about $5 \times 10^{-324}$. Return the decimal logarithm of the probability instead and this cannot happen: the product becomes a sum, and a probability however small is written as an ordinary number.

# %% answer e3-7 covers="CB10"
def log10_prob_all_positive(n: int) -> float:
    """Decimal logarithm of the probability that n independent fair signs are all positive.

    Args:
        n: number of signs, an int, at least 1; it may be as large as 10**6.

    Returns:
        The logarithm to base 10.

    Example:
        log10_prob_all_positive(100) -> -30.103
    """
    ### BEGIN SOLUTION
    return -n * math.log10(2)
    ### END SOLUTION


# %% [markdown] checked="48148d7e3078" key="e3-7-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 동전을 하나 더 던지면 로그는 얼마나 줄어듭니까?
# 2. $\log_{10} (ab) = \log_{10} a + \log_{10} b$
# 3. 동전이 10개이면 로그는 $-3.0103$입니다.
#
# </details>

# %% [markdown] key="e3-7-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Toss one more coin: by how much does the logarithm fall?
# 2. $\log_{10} (ab) = \log_{10} a + \log_{10} b$
# 3. For 10 coins the logarithm is $-3.0103$.
#
# </details>

# %% test e3-7-values 0.5
# The decimal logarithm for up to 1000 signs.
np.testing.assert_allclose(log10_prob_all_positive(100), -30.103, rtol=1e-4)

# %% test e3-7-extremes 0.5
# Thousands and millions of signs: the probability is 0 in float64, its logarithm is not.
assert np.isfinite(log10_prob_all_positive(2000)), "0.5 ** 2000 underflows to zero"


# %% [markdown] checked="ecd8fec85758" key="repulsion" lang="ko"
# ## 부호는 서로 독립이 아닙니다
#
# 동전 던지기에는 가정이 하나 숨어 있습니다. 고윳값의 부호가 서로 독립이라는 것입니다. 대칭행렬의 원소를 무작위로 뽑아 이 가정을 시험합니다.
#
# 서로 독립인 표준정규 난수로 행렬 $A$를 채우고 대칭으로 만듭니다. 이렇게 얻는 $(A + A^T)/2$의 분포가 **가우스 직교 앙상블**(Gaussian orthogonal ensemble, GOE)입니다. 대각 원소의 분산은 $1$이고, 두 난수의 평균인 나머지 원소의 분산은 $1/2$입니다. 대각의 분산이 정확히 두 배라는 점이 중요합니다. 가장 작은 경우에서 그 이유를 볼 수 있습니다.
#
# $$\begin{bmatrix} a & b \\ b & d \end{bmatrix}, \qquad u = \frac{a + d}{\sqrt 2}, \quad v = \frac{a - d}{\sqrt 2}, \quad w = \sqrt 2\, b$$
#
# 두 고윳값이 모두 양수일 조건은 $a + d > 0$이고 $ad > b^2$인 것, 다시 쓰면 $u > \sqrt{v^2 + w^2}$입니다. 이것은 축과 $45^\circ$를 이루는 원뿔의 안쪽입니다. 대각의 분산이 두 배이면 $u$, $v$, $w$의 분산이 모두 같으므로 어느 방향도 특별하지 않고, 확률은 원뿔이 차지하는 몫입니다.
#
# $$P = \frac{1 - \cos 45^\circ}{2} = \frac{2 - \sqrt 2}{4} \approx 0.1464$$
#
# 동전 던지기의 답 $1/4$보다 훨씬 작습니다.

# %% [markdown] key="repulsion" lang="en"
# ## The signs are not independent
#
# The coins hide an assumption: that the signs of the eigenvalues know nothing of one another. Draw the entries of a symmetric matrix at random and put it to the test.
#
# Fill a matrix $A$ with independent standard normal numbers and make it symmetric. The law of $(A + A^T)/2$ is the **Gaussian orthogonal ensemble** (GOE). Entries on the diagonal have variance $1$; the others, means of a pair of random numbers, have variance $1/2$. It matters that the variance on the diagonal is exactly twice as large, and the smallest case shows why.
#
# $$\begin{bmatrix} a & b \\ b & d \end{bmatrix}, \qquad u = \frac{a + d}{\sqrt 2}, \quad v = \frac{a - d}{\sqrt 2}, \quad w = \sqrt 2\, b$$
#
# Both eigenvalues are positive if $a + d > 0$ and $ad > b^2$, which is to say $u > \sqrt{v^2 + w^2}$: the inside of a cone that makes an angle of $45^\circ$ with its axis. With twice the variance on the diagonal, $u$, $v$ and $w$ have equal variances, no direction is special, and the probability is the share of space inside the cone.
#
# $$P = \frac{1 - \cos 45^\circ}{2} = \frac{2 - \sqrt 2}{4} \approx 0.1464$$
#
# This is much less than the answer $1/4$ of the coins.

# %% [markdown] checked="48ee0827741c" key="e3-8" lang="ko"
# ### E3.8 `goe`, `prob_minimum`
# 난이도 3/5 · 중요도 4/5 · 14분 · 3점 · 손으로
#
# 먼저 GOE 행렬을 한 번에 여러 개 뽑습니다. 행렬마다 새 난수를 쓰고, 난수는 `np.random.default_rng(seed)`에서만 얻으십시오. 그러면 같은 `seed`가 언제나 같은 행렬을 줍니다. 고윳값의 부호만 볼 것이므로 행렬 전체에 곱해지는 상수는 무엇이든 좋습니다.

# %% [markdown] key="e3-8" lang="en"
# ### E3.8 `goe`, `prob_minimum`
# difficulty 3/5 · importance 4/5 · 14 minutes · 3 points · by hand
#
# First draw several GOE matrices at once. Use new random numbers for each matrix, and take them from `np.random.default_rng(seed)` only, so that the same `seed` always gives the same matrices. Since only the signs of eigenvalues will count, any constant factor in front of the matrices is fine.

# %% answer e3-8-goe covers="CL2 CB10 CL4 M16"
def goe(n: int, size: int, seed: int) -> np.ndarray:
    """Random symmetric matrices of the Gaussian orthogonal ensemble.

    Args:
        n: rows and columns of each matrix.
        size: number of matrices.
        seed: an int for np.random.default_rng; it alone decides the result.

    Returns:
        The matrices, shape (size, n, n), in any scale: normal entries with mean 0, independent
        on and above the diagonal, with twice the variance on the diagonal.

    Example:
        goe(3, 10, seed=0).shape -> (10, 3, 3)
    """
    ### BEGIN SOLUTION
    A = np.random.default_rng(seed).normal(size=(size, n, n))
    return (A + A.transpose(0, 2, 1)) / 2
    ### END SOLUTION


# %% test e3-8-goe-symmetric 0.5
# The shape is (size, n, n), and each matrix equals its transpose.
matrices = np.asarray(goe(3, 10, seed=0))
assert matrices.shape == (10, 3, 3), "ten matrices with three rows and three columns"
np.testing.assert_allclose(matrices, matrices.transpose(0, 2, 1))

# %% test e3-8-goe-variance 0.5
# Normal entries of mean 0; the variance on the diagonal is twice the variance off it.
drawn = np.asarray(goe(2, 50_000, seed=1))
ratio = np.mean(drawn[:, 0, 0] ** 2) / np.mean(drawn[:, 0, 1] ** 2)
assert 1.8 < ratio < 2.2, f"the variances on and off the diagonal have the ratio {ratio:.2f}"

# %% test e3-8-goe-seed 0.5 alone
# The seed alone decides the matrices, and another seed gives others.
np.testing.assert_array_equal(goe(2, 5, seed=3), goe(2, 5, seed=3))


# %% [markdown] checked="5beab801163e" key="e3-8-minimum" lang="ko"
# 이제 고윳값이 모두 양수인 행렬의 비율을 셉니다. 시행 $N$번에서 얻은 비율 $p$는 추정값이므로, 오차의 크기인 **표준오차**(standard error)를 함께 돌려줍니다.
#
# $$\text{stderr} = \sqrt{\frac{p\,(1 - p)}{N}}$$
#
# 행렬을 이 함수 안에서 다시 뽑으면 `goe`의 실수가 여기까지 오지 않습니다. `np.linalg.eigvalsh`는 행렬 여러 개를 한꺼번에 받습니다.

# %% [markdown] key="e3-8-minimum" lang="en"
# Now count the fraction of matrices whose eigenvalues are all positive. The fraction $p$ of $N$ trials is an estimate, so return the size of its error with it, the **standard error**.
#
# $$\text{stderr} = \sqrt{\frac{p\,(1 - p)}{N}}$$
#
# If you draw the matrices anew inside this function, a mistake in `goe` does not reach it. `np.linalg.eigvalsh` takes many matrices at once.

# %% answer e3-8-minimum
def prob_minimum(n: int, trials: int, seed: int) -> tuple:
    """Estimate the probability that all eigenvalues of a GOE matrix are positive.

    Args:
        n: rows and columns of the matrices.
        trials: number of matrices to draw.
        seed: an int for np.random.default_rng; it alone decides the result.

    Returns:
        The fraction p of matrices with positive eigenvalues only, and its standard error
        sqrt(p (1 - p) / trials).

    Example:
        prob_minimum(1, 10_000, seed=0) -> (0.5, 0.005) up to chance
    """
    ### BEGIN SOLUTION
    A = np.random.default_rng(seed).normal(size=(trials, n, n))
    smallest = np.linalg.eigvalsh(A + A.transpose(0, 2, 1))[:, 0]
    p = np.mean(smallest > 0)
    return p, np.sqrt(p * (1 - p) / trials)
    ### END SOLUTION


# %% [markdown] checked="4b5ce1cd5da2" key="e3-8-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 고윳값이 모두 양수인지 알려면 그중 어느 것 하나만 보면 됩니까?
# 2. 모양이 `(size, n, n)`인 배열에서 $A^T$는 뒤의 두 축만 바꾼 것입니다.
# 3. $n = 3$이면 비율은 약 $0.025$입니다.
#
# </details>

# %% [markdown] key="e3-8-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. To know whether all eigenvalues are positive, which single one do you have to look at?
# 2. In an array of shape `(size, n, n)`, $A^T$ exchanges the last pair of axes only.
# 3. For $n = 3$ the fraction is about $0.025$.
#
# </details>

# %% test e3-8-minimum-law 1.0
# The fraction agrees with the exact law, within 5 standard errors.
exact = (2 - math.sqrt(2)) / 4
assert abs(prob_minimum(2, 20_000, seed=0)[0] - exact) < 0.0125, "for n = 2 the exact law is known"

# %% test e3-8-minimum-error 0.5 alone
# The standard error belongs to the fraction, and the seed alone decides both.
p, stderr = prob_minimum(2, 1000, seed=4)
np.testing.assert_allclose(stderr, math.sqrt(p * (1 - p) / 1000), rtol=0.01)

# %% key="e3-8-plot"
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8))
spectra = np.asarray(goe(200, 10, seed=0))
scale = np.std(spectra[:, 0, 1:]) * math.sqrt(200)
panels[0].hist(np.linalg.eigvalsh(spectra).ravel() / scale, 50, density=True, color="lightgrey")
grid = np.linspace(-2, 2, 201)
panels[0].plot(grid, np.sqrt(4 - grid**2) / (2 * np.pi), color="black", label="semicircle")
panels[0].set(xlabel=r"$\lambda / (\sigma \sqrt{n})$", ylabel="density", title="GOE, $n = 200$")
sizes = np.arange(1, 6)
found = np.array([prob_minimum(int(n), 50_000, seed=int(n)) for n in sizes])
panels[1].plot(sizes, 0.5**sizes, "s--", color="grey", label="$2^{-n}$, independent signs")
panels[1].errorbar(sizes, found[:, 0], 2 * found[:, 1], fmt="o-", color="black", label="GOE")
panels[1].set(yscale="log", xlabel="$n$", ylabel=r"$P$(all $\lambda > 0$)", xticks=sizes)
for axes in panels:
    axes.legend()
figure.tight_layout()


# %% [markdown] checked="9ee69eb9b0c5" key="e3-8-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 GOE 행렬의 고윳값 히스토그램이며, 0을 중심으로 한 반원 모양입니다. 오른쪽은 고윳값이 모두 양수일 확률입니다. 회색 점선인 동전 던지기의 어림은 직선으로 내려가고, 여러분의 추정값인 검은 선은 아래로 점점 더 휘며 멀어집니다.

# %% [markdown] key="e3-8-see" lang="en"
# **What to see.** On the left the histogram of the eigenvalues of GOE matrices, a semicircle around 0. On the right the probability that all eigenvalues are positive: the estimate of the coins, dashed in grey, falls along a straight line; your own estimate, in black, bends down and away from it.

# %% [markdown] checked="3776d9d2769c" key="e3-8-why" lang="ko"
# ### 고윳값은 서로 밀어냅니다
#
# GOE의 고윳값의 결합 밀도에는 $\prod_{i<j} |\lambda_i - \lambda_j|$가 곱해져 있습니다. 두 고윳값이 겹치는 일은 거의 일어나지 않고, 서로 밀어내는 고윳값들은 반원 전체에 퍼집니다. 모두 한쪽에 모이려면 이 힘을 이겨야 합니다.
#
# | $n$ | 동전 던지기 | GOE |
# |---|---|---|
# | $2$ | $0.25$ | $0.1464$ |
# | $3$ | $0.125$ | $0.0249$ |
# | $4$ | $0.0625$ | $0.0025$ |
# | $5$ | $0.0313$ | $0.00014$ |
#
# 큰 $n$에서는 $\ln P \approx -\frac{\ln 3}{4} n^2$입니다. 지수에 $n$이 아니라 $n^2$이 있습니다. 다만 이것은 가장 큰 항일 뿐이어서, $n = 5$에서는 $0.0010$으로 참값과 많이 다릅니다. $n = 100$에서 동전 던지기는 $10^{-30}$, 이 식은 $10^{-1193}$을 줍니다. 부호가 독립이라는 가정은 모두 양수일 확률을 천 자릿수 넘게 크게 어림합니다.
#
# 그렇다고 "신경망에는 극소점이 없다"고 결론지을 수도 없습니다. 손실의 헤시안은 GOE가 아니기 때문입니다. 그 이야기는 E3.11에서 이어집니다.

# %% [markdown] key="e3-8-why" lang="en"
# ### Eigenvalues repel
#
# The joint density of the eigenvalues of the GOE contains the factor $\prod_{i<j} |\lambda_i - \lambda_j|$. A pair of eigenvalues hardly ever coincides, and eigenvalues that push one another apart spread over the whole semicircle. To gather on one side, all of them have to overcome this force.
#
# | $n$ | coins | GOE |
# |---|---|---|
# | $2$ | $0.25$ | $0.1464$ |
# | $3$ | $0.125$ | $0.0249$ |
# | $4$ | $0.0625$ | $0.0025$ |
# | $5$ | $0.0313$ | $0.00014$ |
#
# For large $n$, $\ln P \approx -\frac{\ln 3}{4} n^2$: the exponent holds $n^2$, not $n$. This is only the leading term, and at $n = 5$ it gives $0.0010$, far from the truth. At $n = 100$ the coins give $10^{-30}$, this formula $10^{-1193}$. The assumption of independent signs overestimates the probability by more than a thousand orders of magnitude.
#
# Nor does it follow that networks have no minima, because the Hessian of a loss is not a GOE matrix. E3.11 takes up that story.

# %% [markdown] checked="259e9bd271ed" key="power" lang="ko"
# ## 헤시안을 만들지 않고 고윳값 얻기
#
# 매개변수가 $p$개이면 헤시안의 원소는 $p^2$개입니다. 큰 신경망에서는 저장할 수조차 없지만, 곱 $Hv$는 그래디언트를 한 번 구하는 비용의 몇 배면 얻습니다. 곱만으로 고윳값을 얻는 가장 오래된 방법이 **거듭제곱법**(power iteration)입니다.
#
# $$v \leftarrow \frac{A v}{\lVert A v \rVert}$$
#
# $v$를 고유벡터들로 나누어 쓰면, $A$를 곱할 때마다 각 성분에 그 고윳값이 곱해집니다. 그래서 크기가 가장 큰 고윳값 $\lambda_1$의 성분만 남고, 나머지는 걸음마다 $|\lambda_2 / \lambda_1|$의 비율로 줄어듭니다. 고윳값은 **레일리 몫**(Rayleigh quotient) $\lambda = v^T A v$로 읽습니다. $\lVert A v \rVert$로 읽으면 부호를 잃습니다.

# %% [markdown] key="power" lang="en"
# ## Eigenvalues without the Hessian
#
# With $p$ parameters the Hessian has $p^2$ entries. For a large network it cannot even be stored, but a product $Hv$ costs only a few times as much as a gradient. The oldest way from products to an eigenvalue is **power iteration**.
#
# $$v \leftarrow \frac{A v}{\lVert A v \rVert}$$
#
# Write $v$ as a sum of eigenvectors: each multiplication by $A$ multiplies each component by its eigenvalue. Only the component of the eigenvalue $\lambda_1$ of largest size remains, and the others shrink by a factor $|\lambda_2 / \lambda_1|$ a step. Read the eigenvalue off the **Rayleigh quotient** $\lambda = v^T A v$; reading it off $\lVert A v \rVert$ loses the sign.

# %% [markdown] checked="6c6b58d8acf7" key="e3-9" lang="ko"
# ### E3.9 `power_iteration`
# 난이도 3/5 · 중요도 4/5 · 11분 · 2점 · 손으로
#
# 대칭행렬 $A$는 함수 `matvec`으로만 주어집니다. 시작 벡터는 `seed`로 뽑은 난수여야 합니다. 정해진 벡터에서 시작하면 찾는 고유벡터와 직교하는 행렬이 언제나 있기 때문입니다. `matvec` 한 번의 비용은 그래디언트 몇 번과 맞먹으므로, 한 걸음에 한 번만 부르십시오.

# %% [markdown] key="e3-9" lang="en"
# ### E3.9 `power_iteration`
# difficulty 3/5 · importance 4/5 · 11 minutes · 2 points · by hand
#
# The symmetric matrix $A$ is given by the function `matvec` only. Start from random numbers drawn with `seed`: for every fixed start there is a matrix whose wanted eigenvector is orthogonal to it. Each `matvec` costs as much as a few gradients, so call it once a step.

# %% answer e3-9
def power_iteration(matvec, n: int, seed: int, iters: int = 1000) -> tuple:
    """Eigenvalue of largest size of a symmetric matrix, from products with vectors.

    Args:
        matvec: maps a vector of shape (n,) to A times the vector; A is symmetric and not zero,
            and does not have both +lam and -lam as eigenvalues of largest size.
        n: rows and columns of A.
        seed: an int for np.random.default_rng, which draws the start.
        iters: number of steps; matvec may be called at most iters + 2 times.

    Returns:
        The eigenvalue with its sign, a float, and an eigenvector of length 1, shape (n,).

    Example:
        power_iteration(lambda v: np.array([1.0, -5.0]) * v, 2, seed=0) -> (-5.0, [0, 1] or [0, -1])
    """
    ### BEGIN SOLUTION
    v = np.random.default_rng(seed).normal(size=n)
    v /= np.linalg.norm(v)
    for _ in range(iters):
        v = matvec(v)
        v = v / np.linalg.norm(v)
    return v @ matvec(v), v
    ### END SOLUTION


# %% [markdown] checked="98a62318a591" key="e3-9-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 길이를 1로 되돌리지 않고 $A = 10^8 I$를 40번 곱하면 무슨 일이 생깁니까?
# 2. $v = \sum_i c_i q_i$이면 $A^k v = \sum_i c_i \lambda_i^k q_i$입니다.
# 3. $A = \operatorname{diag}(1, 2, -5)$이면 고윳값은 $-5$이고, $v$의 셋째 원소의 크기는 1입니다.
#
# </details>

# %% [markdown] key="e3-9-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Multiply by $A = 10^8 I$ 40 times without restoring the length 1: what happens?
# 2. If $v = \sum_i c_i q_i$, then $A^k v = \sum_i c_i \lambda_i^k q_i$.
# 3. For $A = \operatorname{diag}(1, 2, -5)$ the eigenvalue is $-5$, and the third entry of $v$ has size 1.
#
# </details>

# %% test e3-9-value 0.5
# The eigenvalue with its sign, for small matrices and for a large one with a narrow gap.
diagonal = np.array([1.0, 2.0, -5.0])
lam, v = power_iteration(lambda v: diagonal * np.asarray(v), 3, seed=0)
np.testing.assert_allclose(lam, -5.0, rtol=1e-4)

# %% test e3-9-vector 0.5
# The vector has length 1, and A v = lam v, also where the top eigenvalue is repeated.
diagonal = np.array([1.0, 2.0, -5.0])
lam, v = power_iteration(lambda v: diagonal * np.asarray(v), 3, seed=0)
np.testing.assert_allclose(np.linalg.norm(v), 1.0, rtol=1e-5)

# %% test e3-9-scales 0.5
# Matrices with entries of size 1e8 and 1e-8.
lam, v = power_iteration(lambda v: 1e8 * np.array([1.0, -3.0]) * np.asarray(v), 2, seed=0)
np.testing.assert_allclose(lam, -3e8, rtol=1e-4)

# %% test e3-9-calls 0.5 alone
# At most iters + 2 products; only the arguments decide the result.

# %% key="e3-9-plot"
basis = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 30)))[0]
figure, axes = plt.subplots(figsize=(6.5, 3.8))
steps = np.arange(1, 121, 4)
for second, style in [(0.99, "-"), (0.9, "--"), (0.6, ":")]:
    spectrum = np.concatenate([[-1.0, second], np.linspace(-0.5, 0.5, 28)])
    matrix = basis @ np.diag(spectrum) @ basis.T
    matvec = lambda v, matrix=matrix: matrix @ v
    errors = [abs(power_iteration(matvec, 30, seed=1, iters=int(k))[0] + 1) for k in steps]
    label = rf"$|\lambda_2/\lambda_1| = {second}$"
    axes.semilogy(steps, np.maximum(errors, 1e-16), style, color="black", label=label)
axes.set(xlabel="steps", ylabel=r"error of $\lambda$", ylim=(1e-17, 10))
axes.legend()
figure.tight_layout()


# %% [markdown] checked="9a7b4114347e" key="e3-9-see" lang="ko"
# **그림에서 볼 것.** 고윳값의 오차를 로그 축에 그렸습니다. 비율 $|\lambda_2 / \lambda_1|$이 작을수록 가파르게 내려가 반올림의 바닥에 닿습니다. 레일리 몫의 오차는 벡터 오차의 제곱이므로 걸음마다 $|\lambda_2 / \lambda_1|^2$배가 됩니다. 비율이 $0.99$이면 120걸음으로도 오차가 거의 줄지 않습니다.

# %% [markdown] key="e3-9-see" lang="en"
# **What to see.** The error of the eigenvalue on a logarithmic axis. The smaller the ratio $|\lambda_2 / \lambda_1|$, the steeper the way down to the floor of rounding. The error of the Rayleigh quotient is the square of the error of the vector, so each step multiplies it by $|\lambda_2 / \lambda_1|^2$. With a ratio of $0.99$, even 120 steps hardly reduce the error.

# %% [markdown] checked="cd8619c16c3d" key="escape" lang="ko"
# ## 안장점에서 벗어나기
#
# 안장점이 흔하다면 경사하강법은 거기에 갇힙니까? 가장 작은 안장 $f(x, y) = x^2 - y^2$에서 종이 위에 답할 수 있습니다. 그래디언트는 $(2x, -2y)$이고, 학습률 $\eta$의 경사하강법은 두 좌표를 따로 움직입니다.
#
# $$x_{t+1} = (1 - 2\eta)\, x_t, \qquad y_{t+1} = (1 + 2\eta)\, y_t$$
#
# 점 $(1, 0)$에서 시작하면 $y$는 영원히 0이고 $x$는 0으로 갑니다. 경사하강법은 안장점으로 걸어 들어가 그대로 머뭅니다. 하지만 $y_0$이 정확히 0이 아니면 $|y_t| = |y_0| (1 + 2\eta)^t$가 되어 언젠가는 벗어납니다. $|y_0|$이 $\sigma$만 한 잡음이라면 $|y_T| = 1$이 되는 때는
#
# $$T \approx \frac{\ln (1/\sigma)}{\ln (1 + 2\eta)}$$
#
# 입니다. 잡음이 1000배 작아져도 탈출은 $\ln 1000 / \ln (1 + 2\eta)$걸음만 늦어집니다. $\eta = 0.05$이면 약 72걸음입니다.

# %% [markdown] key="escape" lang="en"
# ## Escape from a saddle
#
# If saddle points are common, does gradient descent get stuck in them? For the smallest saddle, $f(x, y) = x^2 - y^2$, you can answer on paper. The gradient is $(2x, -2y)$, and gradient descent with learning rate $\eta$ moves each coordinate by itself.
#
# $$x_{t+1} = (1 - 2\eta)\, x_t, \qquad y_{t+1} = (1 + 2\eta)\, y_t$$
#
# From the point $(1, 0)$, $y$ is 0 forever and $x$ goes to 0: gradient descent walks into the saddle point and stays. But if $y_0$ is not exactly 0, $|y_t| = |y_0| (1 + 2\eta)^t$, and it leaves one day. If $|y_0|$ is noise of size $\sigma$, then $|y_T| = 1$ at
#
# $$T \approx \frac{\ln (1/\sigma)}{\ln (1 + 2\eta)}$$
#
# Make the noise 1000 times smaller, and the escape comes only $\ln 1000 / \ln (1 + 2\eta)$ steps later. For $\eta = 0.05$ these are about 72 steps.

# %% [markdown] checked="ed1b3c4619b2" key="e3-10" lang="ko"
# ### E3.10 `escape_steps`
# 난이도 3/5 · 중요도 4/5 · 10분 · 2점 · 손으로
#
# 점 $(1, 0)$에서 $f(x, y) = x^2 - y^2$을 경사하강법으로 내려가며, 처음으로 $|y| > 1$이 되는 걸음의 번호를 돌려주십시오. 첫 걸음이 1번입니다. 잡음은 표준정규 난수에 `noise`를 곱한 것이고 $y$에 더합니다. 시작할 때 한 번만 더해도, 걸음마다 새로 더해도 좋습니다.

# %% [markdown] key="e3-10" lang="en"
# ### E3.10 `escape_steps`
# difficulty 3/5 · importance 4/5 · 10 minutes · 2 points · by hand
#
# Descend $f(x, y) = x^2 - y^2$ by gradient descent from the point $(1, 0)$, and return the number of the first step after which $|y| > 1$. The first step is number 1. The noise is a standard normal number times `noise`, added to $y$. You may add it once at the start, or anew at every step.

# %% answer e3-10 covers="CL2 CL4 M17"
def escape_steps(lr: float, noise: float, seed: int, max_steps: int = 10000) -> int | None:
    """Steps that gradient descent on x^2 - y^2 takes from (1, 0) until |y| > 1.

    Args:
        lr: learning rate, between 0 and 0.5.
        noise: size of the noise added to y itself (not to the gradient), at least 0; in the first
            step already.
        seed: an int for np.random.default_rng, which draws the noise.
        max_steps: the last step that may count.

    Returns:
        The number of the first step after which |y| > 1, an int from 1 to max_steps;
        None if there is no such step.

    Example:
        escape_steps(0.05, 0.0, seed=0) -> None
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    x, y = 1.0, 0.0
    for step in range(1, max_steps + 1):
        x, y = x - lr * 2 * x, y + lr * 2 * y + noise * rng.normal()
        if abs(y) > 1:
            return step
    return None
    ### END SOLUTION


# %% [markdown] checked="8467153a0a14" key="e3-10-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $y$가 음수 쪽으로 벗어나는 시드에서도 여러분의 함수는 멈춥니까?
# 2. $y \leftarrow y - \eta \cdot (-2y)$
# 3. `lr`이 0.05이고 `noise`가 1e-6이면 대개 120걸음에서 170걸음 사이입니다.
#
# </details>

# %% [markdown] key="e3-10-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Does your function stop for a seed that sends $y$ to the negative side?
# 2. $y \leftarrow y - \eta \cdot (-2y)$
# 3. With `lr` 0.05 and `noise` 1e-6 it usually takes between 120 and 170 steps.
#
# </details>

# %% test e3-10-never 0.5
# Without noise there is no escape; with little noise there is none within few steps.
assert escape_steps(0.1, 0.0, seed=0) is None, "without noise y stays 0 forever"

# %% test e3-10-law 1.0
# The number of steps follows ln(1 / noise) / ln(1 + 2 lr), and more noise never delays the escape.
sooner, later = (escape_steps(0.05, noise, seed=1) for noise in (1e-3, 1e-9))
assert sooner < later, "with less noise the escape comes later"

# %% test e3-10-steps 0.5 alone
# The seed decides the result, and the step that escapes is counted exactly.
last = int(escape_steps(0.1, 1e-4, seed=2))
assert escape_steps(0.1, 1e-4, seed=2, max_steps=last) == last, "the last step may count"

# %% key="e3-10-plot"
figure, panels = plt.subplots(1, 2, figsize=(10, 4))
side = np.linspace(-1.2, 1.2, 101)
panels[0].contour(side, side, side[None] ** 2 - side[:, None] ** 2, 15, colors="lightgrey")
t = np.arange(escape_steps(0.05, 1e-3, seed=0) + 1)
panels[0].plot(0.9**t, 0 * t, "s-", color="darkgrey", markersize=9, label="no noise: stays")
up = 1.1 ** (t - t[-1])
panels[0].plot(0.9**t, up, "o-", color="black", markersize=3, label="noise: escapes")
panels[0].set(xlabel="$x$", ylabel="$y$", title="$f = x^2 - y^2$")
noises = 10.0 ** -np.arange(1, 13)
predicted = np.log(1 / noises) / np.log(1.1)
for seed in range(5):
    taken = [escape_steps(0.05, noise, seed) for noise in noises]
    dots = panels[1].plot(np.log(1 / noises), taken, "o", color="black", markersize=4)
dots[0].set_label("escape_steps")
law = r"$\ln(1/\sigma) / \ln(1 + 2\eta)$"
panels[1].plot(np.log(1 / noises), predicted, color="grey", label=law)
panels[1].set(xlabel=r"$\ln(1/\sigma)$", ylabel="$T$", title=r"$\eta = 0.05$")
for axes in panels:
    axes.legend()
figure.tight_layout()


# %% [markdown] checked="5f03220159a7" key="e3-10-see" lang="ko"
# **그림에서 볼 것.** 왼쪽 등고선 위의 회색 경로는 잡음이 없어 안장점으로 들어가 멈추고, 검은 경로는 같은 곳에서 출발해 위로 벗어납니다. 벗어난 경로의 걸음 수가 여러분의 답입니다. 오른쪽에서는 시드 5개의 걸음 수가 예측한 직선을 따라갑니다. 직선에서 벗어난 정도는 난수의 크기를 말할 뿐, 기울기는 모두 같습니다.

# %% [markdown] key="e3-10-see" lang="en"
# **What to see.** On the contour lines on the left, the grey path has no noise, walks into the saddle point and stops; the black one starts at the same place and leaves upwards, after as many steps as you returned. On the right the steps of 5 seeds follow the predicted line. How far they lie from it only tells the size of the random number; the slope is the same for all.

# %% [markdown] checked="857a57980600" key="e3-10-why" lang="ko"
# ### 잡음은 무엇을 합니까
#
# "잡음이 있어야 안장점을 벗어난다"는 말은 절반만 맞습니다. 헤시안의 고윳값 크기가 모두 $L$을 넘지 않고 학습률이 $1/L$보다 작으면, 음의 고윳값이 있는 안장점은 거의 모든 출발점에서 잡음 없이도 피해 갑니다. 갇히는 출발점은 위의 직선 $y = 0$처럼 부피가 없는 집합에만 있습니다. 다만 얼마나 걸릴지는 보장이 없습니다. 안장점 여럿을 차례로 스쳐 가는 길에서는 걸음 수가 차원에 대해 지수적으로 늘기도 합니다. 잡음이 하는 일은 이 시간을 줄이는 것입니다. 위의 안장에서 본 대로 걸음 수는 $\ln (1/\sigma)$에 비례할 뿐이라, 아주 작은 잡음으로도 충분합니다.

# %% [markdown] key="e3-10-why" lang="en"
# ### What noise does
#
# That it takes noise to leave a saddle is only half true. If no eigenvalue of the Hessian exceeds $L$ in size and the learning rate is below $1/L$, then from almost every start gradient descent avoids saddle points that have a negative eigenvalue, without any noise. The starts that get stuck form a set without volume, like the line $y = 0$ above. But nothing guarantees how long it takes: on a path past a series of saddle points, the number of steps can be exponential in the dimension. What noise does is shorten this time. As you saw on the saddle above, the steps only grow in proportion to $\ln (1/\sigma)$, so that very little noise is enough.

# %% [markdown] checked="414a0f3dc101" key="curvature" lang="ko"
# ## 손실의 곡률과 학습률
#
# 손실 곡면이 어떤 방향으로는 가파르고 어떤 방향으로는 평평하다는 말은, 헤시안의 고윳값이 크고 작다는 말입니다. 가장 큰 고윳값 $\lambda_{\max}$를 **날카로움**(sharpness)이라고 합니다. 이차 근사 위에서 경사하강법은 고유벡터 방향의 성분에 걸음마다 $1 - \eta \lambda$를 곱합니다. 이 수의 크기가 1을 넘지 않으려면 다음이 필요합니다.
#
# $$|1 - \eta \lambda_{\max}| \le 1 \iff \eta \le \frac{2}{\lambda_{\max}}$$
#
# 여기서 "가장 큰"은 크기가 아니라 값입니다. 고윳값이 $-50$과 $4$이면 날카로움은 $4$입니다. 그런데 거듭제곱법을 그대로 쓰면 $-50$을 얻습니다. 이때는 $A + cI$의 고윳값이 $\lambda + c$라는 사실을 이용합니다.

# %% [markdown] key="curvature" lang="en"
# ## Curvature and the learning rate
#
# That a loss surface is steep one way and flat another means that its Hessian has large and small eigenvalues. The largest, $\lambda_{\max}$, is called the **sharpness**. On the second-order model, each step of gradient descent multiplies the component along an eigenvector by $1 - \eta \lambda$. For the size of this factor not to exceed 1,
#
# $$|1 - \eta \lambda_{\max}| \le 1 \iff \eta \le \frac{2}{\lambda_{\max}}$$
#
# The largest here means by value, not by size: with eigenvalues $-50$ and $4$ the sharpness is $4$, and plain power iteration would find $-50$. In that case use that the eigenvalues of $A + cI$ are $\lambda + c$.

# %% [markdown] checked="6e54bf0faa84" key="e3-11" lang="ko"
# ### E3.11 `sharpness`, `lr_limit`
# 난이도 3/5 · 중요도 5/5 · 12분 · 3점 · 자동 미분
#
# 손실은 평평하게 펼친 매개변수 벡터 `theta`의 함수입니다. 방법은 자유입니다. 매개변수가 33개뿐이면 헤시안 전체를 만들어 `torch.linalg.eigvalsh`에 맡겨도 되고, 곱 $Hv$와 거듭제곱법을 써도 됩니다. 상대 오차는 $10^{-4}$보다 작아야 합니다.

# %% [markdown] key="e3-11" lang="en"
# ### E3.11 `sharpness`, `lr_limit`
# difficulty 3/5 · importance 5/5 · 12 minutes · 3 points · automatic differentiation
#
# The loss is a function of `theta`, all parameters in one flat vector. The method is yours: with only 33 parameters you may build the whole Hessian and leave it to `torch.linalg.eigvalsh`, or use products $Hv$ and power iteration. The relative error must stay below $10^{-4}$.

# %% answer e3-11-sharpness covers="CB2 CL4 M16"
def sharpness(loss, theta: torch.Tensor) -> float:
    """Largest eigenvalue, by value, of the Hessian of a loss.

    Args:
        loss: a torch function from shape (p,) to a scalar.
        theta: the point, float64, shape (p,); left unchanged, and so is its .grad.

    Returns:
        The largest eigenvalue: negative if all are, 0 for a linear or constant loss.

    Example:
        sharpness(lambda t: t[0] ** 2 - 10 * t[1] ** 2, torch.zeros(2, dtype=torch.float64)) -> 2.0
    """
    ### BEGIN SOLUTION
    H = torch.func.hessian(loss)(theta.detach())
    return torch.linalg.eigvalsh(H)[-1].item()
    ### END SOLUTION


# %% key="e3-11-sharpness-check"
bowl = lambda t: t[0] ** 2 - 10 * t[1] ** 2 + t[0] * t[1]
found = float(sharpness(bowl, torch.tensor([0.3, 0.2], dtype=torch.float64)))
np.testing.assert_allclose(found, -9 + math.sqrt(122), rtol=1e-4)

# %% test e3-11-sharpness-values 0.5
# Small losses, also where the Hessian changes from point to point.

# %% test e3-11-sharpness-order 0.5
# The largest by value: the most negative eigenvalue may be larger in size, and all may be negative.

# %% test e3-11-sharpness-network 1.0 alone
# A network with 33 parameters before and after training; theta stays as it was.

# %% answer e3-11-limit
def lr_limit(loss, theta: torch.Tensor) -> float:
    """Learning rate above which gradient descent diverges on the second-order model of a loss.

    Args:
        loss: a torch function from shape (p,) to a scalar.
        theta: the point, float64, shape (p,), where the largest eigenvalue of the Hessian is
            positive; left unchanged.

    Returns:
        2 divided by the largest eigenvalue.

    Example:
        lr_limit(lambda t: t[0] ** 2 - 10 * t[1] ** 2, torch.zeros(2, dtype=torch.float64)) -> 1.0
    """
    ### BEGIN SOLUTION
    H = torch.func.hessian(loss)(theta.detach())
    return 2 / torch.linalg.eigvalsh(H)[-1].item()
    ### END SOLUTION


# %% [markdown] checked="8c4645efe019" key="e3-11-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 오름차순으로 정렬된 고윳값에서 찾는 것은 처음입니까, 끝입니까?
# 2. $f(t) = t_1^2 - 10 t_2^2$의 헤시안은 $\operatorname{diag}(2, -20)$입니다.
# 3. $f(t) = t_1^2 - 10 t_2^2$이면 날카로움은 2, 학습률의 한계는 1입니다.
#
# </details>

# %% [markdown] key="e3-11-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Of eigenvalues in ascending order, do you want the first or the last?
# 2. The Hessian of $f(t) = t_1^2 - 10 t_2^2$ is $\operatorname{diag}(2, -20)$.
# 3. For $f(t) = t_1^2 - 10 t_2^2$ the sharpness is 2 and the limit of the learning rate is 1.
#
# </details>

# %% key="e3-11-limit-check"
found = float(lr_limit(bowl, torch.tensor([0.3, 0.2], dtype=torch.float64)))
np.testing.assert_allclose(found, 2 / (-9 + math.sqrt(122)), rtol=1e-4)

# %% test e3-11-limit-values 1.0
# Just below the limit the second-order model contracts, just above it diverges.

# %% [markdown] checked="f524b4685f21" key="e3-11-network" lang="ko"
# 이제 실제 손실을 봅니다. 은닉 뉴런이 8개인 작은 신경망으로 두 초승달을 나눕니다. 매개변수 33개를 무작위로 정한 점과, 거기서 경사하강법을 2000걸음 한 점에서 헤시안의 고윳값을 비교합니다.

# %% [markdown] key="e3-11-network" lang="en"
# Now look at a real loss. A small network with 8 hidden neurons separates the two moons. Compare the eigenvalues of the Hessian at a point where all 33 parameters are random, and at the point that gradient descent reaches from there in 2000 steps.

# %% key="e3-11-train"
points, moons = two_moons(100, seed=1)
points, moons = torch.tensor(points), torch.tensor(moons, dtype=torch.float64)
loss = lambda theta: network_loss(theta, points, moons)
start = torch.tensor(np.random.default_rng(0).normal(size=33))
trained = start.clone().requires_grad_()
for _ in range(2000):
    (gradient,) = torch.autograd.grad(loss(trained), trained)
    with torch.no_grad():
        trained -= 0.5 * gradient
trained = trained.detach()
for name, theta in [("random", start), ("trained", trained)]:
    top, limit = float(sharpness(loss, theta)), float(lr_limit(loss, theta))
    print(f"{name:8} loss {loss(theta):.4f}  sharpness {top:.4f}  lr_limit {limit:.2f}")

# %% key="e3-11-plot"
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True)
for axes, name, theta in zip(panels, ["random point", "after training"], [start, trained]):
    values = torch.linalg.eigvalsh(torch.func.hessian(loss)(theta)).numpy()
    axes.bar(range(33), values, color=np.where(values < 0, "black", "grey"), zorder=2)
    axes.axhline(float(sharpness(loss, theta)), color="black", linestyle=":", label="sharpness")
    axes.axhspan(-1e-3, 1e-3, color="gainsboro", zorder=1, label=r"$|\lambda| < 10^{-3}$")
    below = f"{np.sum(values < 0)} negative, {np.sum(np.abs(values) < 1e-3)} below 0.001 in size"
    axes.set(title=f"{name}: {below}", xlabel="eigenvalue number")
    axes.set_yscale("symlog", linthresh=1e-4)
    axes.legend(loc="upper left")
panels[0].set(ylabel=r"$\lambda$")
figure.tight_layout()

# %% [markdown] checked="893611e9c40d" key="e3-11-see" lang="ko"
# **그림에서 볼 것.** 헤시안의 고윳값 33개를 크기순으로 늘어놓았고, 음수는 검은색입니다. 세로축은 0 근처를 빼면 로그입니다. 무작위 점에서는 14개가 음수입니다. 학습한 뒤에는 8개가 아직 음수이지만 모두 회색 띠 안에 있고, 24개의 크기가 $10^{-3}$보다 작습니다. 점선은 여러분이 구한 날카로움입니다.

# %% [markdown] key="e3-11-see" lang="en"
# **What to see.** All 33 eigenvalues of the Hessian in ascending order, negative ones in black; the vertical axis is logarithmic except near 0. At the random point 14 are negative. After training 8 are still negative, but all of them lie inside the grey band, and 24 are smaller than $10^{-3}$ in size. The dotted line is the sharpness that you found.

# %% [markdown] checked="4ffce9291763" key="e3-11-why" lang="ko"
# ### 손실의 헤시안은 GOE가 아닙니다
#
# GOE라면 고윳값이 0을 중심으로 고르게 퍼지고, 그 모양은 손실의 높이와 무관합니다. 그림은 다릅니다. 음의 고윳값의 수를 **지수**(index)라고 하는데, 손실이 내려가면 지수가 줄고 음의 고윳값의 크기도 작아집니다. 대부분의 고윳값은 0 근처에 모이고 몇 개만 크게 남습니다. 임계점에서도 같은 경향이 알려져 있습니다. 손실이 높은 곳의 임계점은 대개 안장점이고, 낮은 곳일수록 극소점에 가깝습니다. 그러니 배울 점은 "고차원에는 극소점이 없다"가 아니라 "높은 곳에서 갇히는 일은 드물다"입니다.

# %% [markdown] key="e3-11-why" lang="en"
# ### The Hessian of a loss is not a GOE matrix
#
# In the GOE the eigenvalues spread evenly around 0, however high the loss. The picture is different. The number of negative eigenvalues is called the **index**; as the loss falls, the index falls, and the negative eigenvalues become smaller in size as well. Most eigenvalues gather near 0, and only a few stay large. The same tendency is known for critical points: where the loss is high they are mostly saddles, and the lower it is, the closer they come to minima. So the lesson is not that there are no minima in high dimension, but that one rarely gets stuck high up.

# %% key="e3-11-limit-plot"
limit = float(lr_limit(loss, trained))
H = torch.func.hessian(loss)(trained)
top = torch.linalg.eigh(H).eigenvectors[:, -1]
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8))
for factor, style in [(0.95, "--"), (1.05, "-")]:
    d, theta = top.clone(), (trained + 0.1 * top).requires_grad_()
    sizes, losses = [], []
    for _ in range(60):
        sizes.append(float(d.norm()))
        losses.append(loss(theta).item())
        d = d - factor * limit * (H @ d)
        (gradient,) = torch.autograd.grad(loss(theta), theta)
        theta = (theta - factor * limit * gradient).detach().requires_grad_()
    label = rf"$\eta = {factor} \cdot 2/\lambda_{{\max}}$"
    panels[0].semilogy(sizes, style, color="black", label=label)
    panels[1].semilogy(losses, style, color="black", label=label)
panels[0].set(title="second-order model", xlabel="step", ylabel="distance")
panels[1].set(title="the network itself", xlabel="step", ylabel="loss")
for axes in panels:
    axes.legend()
figure.tight_layout()


# %% [markdown] checked="7225a6ce2d33" key="e3-11-limit-see" lang="ko"
# **그림에서 볼 것.** 학습된 점을 가장 가파른 고유벡터 쪽으로 조금 밀어 놓고 경사하강법을 했습니다. 왼쪽은 이차 근사에서 중심까지의 거리입니다. 한계보다 5% 작은 학습률에서는 거리가 줄고, 5% 큰 학습률에서는 끝없이 늘어납니다. 오른쪽은 신경망 자체의 손실입니다. 한계 아래에서는 천천히 내려가고, 한계를 넘으면 몇 걸음 만에 천 배 넘게 뛰어오릅니다. 그 뒤에는 이차 근사와 달리 끝없이 커지지는 않습니다. 멀리 가면 헤시안이 바뀌기 때문입니다. 한계는 이차 근사에 대한 정확한 명제이고, 손실에 대해서는 그 점 근처의 이야기입니다.

# %% [markdown] key="e3-11-limit-see" lang="en"
# **What to see.** Gradient descent from the trained point, pushed a little along the steepest eigenvector. On the left, the distance from the centre of the second-order model: with a learning rate 5% below the limit it shrinks, 5% above it grows without end. On the right, the loss of the network itself: below the limit it falls slowly, above it the loss shoots up more than a thousandfold within a few steps. Unlike the model it does not grow forever after that, because the Hessian changes far away. The limit is an exact statement on the second-order model; for the loss it is one about the neighbourhood of a point.

# %% [markdown] checked="9ad2c4a8fdce" key="e3-13" lang="ko"
# ### E3.13 `lanczos`, `spectral_density` (보너스)
# 난이도 5/5 · 중요도 3/5 · 30분 · 보너스 4점 · 손으로
#
# 거듭제곱법은 지나온 벡터를 버립니다. **란초스 방법**(Lanczos method)은 모두 간직합니다. $q_1$을 길이 1인 무작위 벡터로 두고, $A q_j$에서 앞의 벡터들의 성분을 빼고 남은 것의 길이를 1로 만들면 $q_{j+1}$입니다. $A$가 대칭이면 이 기저에서 $A$는 삼중대각행렬이 됩니다.
#
# $$T = Q^T A Q = \begin{bmatrix} \alpha_1 & \beta_1 & & \\ \beta_1 & \alpha_2 & \ddots & \\ & \ddots & \ddots & \beta_{k-1} \\ & & \beta_{k-1} & \alpha_k \end{bmatrix}, \qquad \alpha_j = q_j^T A q_j, \quad \beta_j = \lVert r_j \rVert$$
#
# 여기서 $r_j$는 $A q_j$에서 $q_1, \dots, q_j$의 성분을 뺀 나머지입니다. 이론으로는 $q_j$와 $q_{j-1}$의 성분만 빼면 됩니다. 그러나 고윳값 하나가 수렴하고 나면 반올림이 그 방향을 다시 들여오고, 같은 고윳값이 $T$에 한 번 더 나타납니다. 이것을 **유령**(ghost)이라고 합니다. 매번 앞의 모든 벡터의 성분을 빼면, 곧 완전 재직교화(full reorthogonalisation)를 하면 유령이 없습니다.

# %% [markdown] key="e3-13" lang="en"
# ### E3.13 `lanczos`, `spectral_density` (bonus)
# difficulty 5/5 · importance 3/5 · 30 minutes · 4 bonus points · by hand
#
# Power iteration throws away the vectors it has passed. The **Lanczos method** keeps them all. Let $q_1$ be a random vector of length 1; subtract from $A q_j$ its components along the vectors so far, restore the length 1, and what is left is $q_{j+1}$. If $A$ is symmetric, $A$ becomes tridiagonal in this basis.
#
# $$T = Q^T A Q = \begin{bmatrix} \alpha_1 & \beta_1 & & \\ \beta_1 & \alpha_2 & \ddots & \\ & \ddots & \ddots & \beta_{k-1} \\ & & \beta_{k-1} & \alpha_k \end{bmatrix}, \qquad \alpha_j = q_j^T A q_j, \quad \beta_j = \lVert r_j \rVert$$
#
# Here $r_j$ is what remains of $A q_j$ without its components along $q_1, \dots, q_j$. In theory it is enough to subtract those along $q_j$ and $q_{j-1}$. But once an eigenvalue has converged, rounding brings its direction back, and the same eigenvalue shows up in $T$ once more, as a **ghost**. Subtract the components along all vectors so far, every time, which is full reorthogonalisation, and there are no ghosts.

# %% answer e3-13-lanczos
def lanczos(matvec, n: int, k: int, seed: int) -> tuple:
    """Tridiagonal matrix of a symmetric matrix after k steps of Lanczos.

    Args:
        matvec: maps a vector of shape (n,) to A times the vector; A is symmetric, and its
            eigenvalues are all different.
        n: rows and columns of A.
        k: number of steps, from 1 to n; matvec may be called at most k + 1 times.
        seed: an int for np.random.default_rng, which draws the start.

    Returns:
        The diagonal alpha, shape (k,), and the off-diagonal beta, shape (k - 1,).

    Example:
        lanczos(lambda v: 3 * v, 1, 1, seed=0) -> ([3.0], [])
    """
    ### BEGIN SOLUTION
    rest = np.random.default_rng(seed).normal(size=n)
    basis, alpha, beta = [], [], []
    for _ in range(k):
        beta.append(np.linalg.norm(rest))
        basis.append(rest / beta[-1])
        rest = matvec(basis[-1])
        alpha.append(basis[-1] @ rest)
        for earlier in basis + basis:
            rest = rest - (earlier @ rest) * earlier
    return np.array(alpha), np.array(beta[1:])
    ### END SOLUTION


# %% test e3-13-lanczos-exact 1 bonus alone
# With k = n the tridiagonal matrix has the eigenvalues of A; k + 1 products are enough.

# %% test e3-13-lanczos-ghosts 1 bonus
# Eigenvalues that converge early appear once, not as ghosts.

# %% [markdown] checked="b7ea52095802" key="e3-13-density" lang="ko"
# 작은 행렬 $T$는 큰 행렬 $A$의 스펙트럼을 요약합니다. $T$의 고윳값 $\theta_i$가 점이고, 고유벡터 $s_i$의 첫 원소의 제곱이 그 점의 무게입니다.
#
# $$q_1^T g(A)\, q_1 \approx \sum_{i=1}^{k} w_i\, g(\theta_i), \qquad w_i = (s_i)_1^2, \qquad \sum_i w_i = 1$$
#
# 이 식은 차수가 $2k - 1$까지인 다항식 $g$에 대해 정확합니다. 무작위 시작 몇 개에 대해 평균하면 고윳값의 분포 전체가 보입니다.

# %% [markdown] key="e3-13-density" lang="en"
# The small matrix $T$ sums up the spectrum of the large matrix $A$. The eigenvalues $\theta_i$ of $T$ are the nodes, and the square of the first entry of the eigenvector $s_i$ is the weight of the node.
#
# $$q_1^T g(A)\, q_1 \approx \sum_{i=1}^{k} w_i\, g(\theta_i), \qquad w_i = (s_i)_1^2, \qquad \sum_i w_i = 1$$
#
# It is exact for polynomials $g$ of degree up to $2k - 1$. Averaged over a few random starts, it shows the whole distribution of the eigenvalues.

# %% answer e3-13-density
def spectral_density(alpha: np.ndarray, beta: np.ndarray) -> tuple:
    """Nodes and weights that a tridiagonal matrix of Lanczos gives for the spectrum.

    Args:
        alpha: the diagonal, shape (k,).
        beta: the off-diagonal, shape (k - 1,), nowhere 0. No argument is changed.

    Returns:
        The nodes in ascending order, shape (k,), and their weights, shape (k,), with sum 1.

    Example:
        spectral_density(np.array([0.0, 0.0]), np.array([1.0])) -> ([-1, 1], [0.5, 0.5])
    """
    ### BEGIN SOLUTION
    T = np.diag(alpha) + np.diag(beta, 1) + np.diag(beta, -1)
    nodes, vectors = np.linalg.eigh(T)
    return nodes, vectors[0] ** 2
    ### END SOLUTION


# %% test e3-13-density-nodes 1 bonus
# The nodes are the eigenvalues of T in ascending order.

# %% test e3-13-density-weights 1 bonus alone
# The weights are positive and sum to 1, and each belongs to its node.

# %% [markdown] checked="75a7cbfe00bb" key="e3-13-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $k = n$이면 $Q$는 직교행렬입니다. 그때 $T$와 $A$의 고윳값은 어떤 관계입니까?
# 2. $r_j = A q_j - \sum_{i \le j} (q_i^T A q_j)\, q_i$
# 3. `alpha`가 $(0, 0, 0)$이고 `beta`가 $(1, 1)$이면 점은 $-\sqrt 2, 0, \sqrt 2$, 무게는 $0.25, 0.5, 0.25$입니다.
#
# </details>

# %% [markdown] key="e3-13-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $k = n$, $Q$ is orthogonal. How are the eigenvalues of $T$ and $A$ related then?
# 2. $r_j = A q_j - \sum_{i \le j} (q_i^T A q_j)\, q_i$
# 3. If `alpha` is $(0, 0, 0)$ and `beta` is $(1, 1)$, the nodes are $-\sqrt 2, 0, \sqrt 2$ and the weights $0.25, 0.5, 0.25$.
#
# </details>

# %% key="e3-13-plot"
rng = np.random.default_rng(0)
noise = rng.normal(size=(300, 300))
matrix = (noise + noise.T) / math.sqrt(1200) + np.diag([3.0] * 30 + [0.0] * 270)
figure, axes = plt.subplots(figsize=(7, 3.8))
spectrum = np.linalg.eigvalsh(matrix)
share = np.arange(1, 301) / 300
axes.step(spectrum, share, color="grey", where="post", label="all 300 eigenvalues")
runs = [spectral_density(*lanczos(lambda v: matrix @ v, 300, 20, seed)) for seed in range(20)]
nodes = np.concatenate([run[0] for run in runs])
weights = np.concatenate([run[1] for run in runs])[np.argsort(nodes)] / len(runs)
axes.plot(np.sort(nodes), np.cumsum(weights), "--", color="black", label="20 starts, $k = 20$")
axes.set(xlabel=r"$\lambda$", ylabel="fraction below")
axes.legend()
figure.tight_layout()

# %% [markdown] checked="70bda2e0823c" key="e3-13-see" lang="ko"
# **그림에서 볼 것.** 값이 $\lambda$ 이하인 고윳값의 비율입니다. 회색 계단은 $300 \times 300$ 행렬의 고윳값을 모두 구한 것이고, 검은 점선은 시작 20개에서 각각 20걸음만 한 결과입니다. 반원 덩어리와 오른쪽으로 떨어진 고윳값 30개, 곧 전체의 $0.1$이 모두 보입니다.

# %% [markdown] key="e3-13-see" lang="en"
# **What to see.** The fraction of eigenvalues up to $\lambda$. The grey stairs come from all eigenvalues of a $300 \times 300$ matrix, the dashed black line from 20 starts of only 20 steps each. It shows the semicircular bulk as well as the 30 eigenvalues that lie apart on the right, $0.1$ of them all.

# %% [markdown] checked="59e0f7fa0842" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 그래디언트를 한 번 더 미분할 때 오류가 난다: 첫 번째 미분에 `create_graph=True`가 없습니다.
# - 헤시안 대신 그래디언트의 외적이 나온다: 일계도함수의 제곱은 이계도함수가 아닙니다.
# - 벡터가 나오고 원소가 헤시안의 행 합과 같다: 그래디언트의 합을 미분했습니다. 원소가 모두 1인 벡터와 곱한 셈입니다.
# - `x.grad`에 값이 남는다: `backward` 대신 `torch.autograd.grad`를 쓰거나 복사본에서 계산하십시오.
# - 준정부호 행렬이 정부호나 부정부호로 판정된다: 0이어야 할 고윳값의 반올림을 부호로 읽었습니다.
# - 작은 행렬이 모두 `"zero"`로 나온다: 허용 오차가 절대적입니다.
# - 그래디언트가 0이 아닌 점을 안장점이라고 한다: 이계도함수 판정법은 임계점에만 씁니다.
# - 가장 큰 고윳값이 언제나 양수로 나온다: 거듭제곱법에서 벡터의 길이는 부호를 잃습니다. 레일리 몫을 쓰십시오.
# - GOE의 비율이 $0.1464$가 아니라 $0.12$쯤 나온다: 대각 원소의 분산이 두 배가 아닙니다.
# - 어떤 시드에서만 `None`이 나온다: $y$가 음수 쪽으로 벗어났습니다. $|y|$를 보십시오.
# - 날카로움이 음수로 나온다: 대수적으로 가장 큰 고윳값이 아니라 크기가 가장 큰 고윳값을 골랐습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - Differentiating the gradient once more fails: the first differentiation lacks `create_graph=True`.
# - The outer product of the gradient comes out instead of the Hessian: a first derivative squared is no second derivative.
# - A vector comes out that holds the row sums of the Hessian: the sum of the gradient was differentiated, which is a product with a vector whose entries are all 1.
# - A value stays in `x.grad`: use `torch.autograd.grad` instead of `backward`, or compute on a copy.
# - A semidefinite matrix is called definite or indefinite: the rounding of an eigenvalue that should be 0 was read as a sign.
# - Small matrices are all `"zero"`: the tolerance is absolute.
# - A point with a gradient other than 0 is called a saddle: the second-order test is for critical points only.
# - The largest eigenvalue always comes out positive: in power iteration the length of a vector loses the sign. Use the Rayleigh quotient.
# - The fraction for the GOE is about $0.12$, not $0.1464$: the variance on the diagonal is not twice as large.
# - Some seeds give `None`: there $y$ escapes on the negative side. Look at $|y|$.
# - The sharpness is negative: the eigenvalue of largest size was taken, not the algebraically largest one.

# %% [markdown] question e3-12 1.0 covers="TB3 CL2 M2" tags=["erratum"]
# ## E3.12 설명하기 · Explain
#
# **한국어.** 어떤 해설에는 다음 두 줄이 있습니다. (1) 고윳값이 모두 음수인 대칭행렬을 "부정치"라고 부른다. (2) 극소점에서 함수는 모든 방향으로 "위로 볼록"이라고 한다.
#
# **English.** An explanation in Korean holds these two lines. (1) It calls a symmetric matrix whose eigenvalues are all negative "부정치" (read by its characters, 負定値 or 不定値). (2) It says that at a minimum a function is "위로 볼록" (bulging upwards) in every direction.
#
# **한국어.** (a) 두 줄을 고쳐 쓰고, 각각 왜 고쳐야 하는지 한 문장으로 쓰십시오. (b) "헤시안이 양의 정부호이면 극소점이다"라는 말에 빠진 조건을 쓰고, 그 조건이 없어 이 말이 틀리는 예를 하나 드십시오.
#
# **English.** (a) Mend both lines and say in one sentence each why they need it. (b) "A positive definite Hessian means a minimum": name the condition that is missing, and give one example where the sentence fails without it.
#
# === BEGIN MARK SCHEME ===
#
# 1점: (a) 첫째 줄은 "음의 정부호"로 고치고 "부정치"가 부정부호(不定値)로도 읽힌다고 말한다. 둘째 줄은 "아래로 볼록"으로 고치고 위로 볼록은 오목, 곧 반대라고 말한다. (b) 그래디언트가 0이라는 조건과 맞는 예가 있다. 예: $x^2 + y^2$의 점 (1, 0). 0.5점: 세 가지 가운데 둘만 맞거나, 고쳤으나 까닭이 없다. 0점: 하나 이하만 맞다. "준정부호일 때 틀린다"는 (b)의 답이 아니다. 그 말은 양의 정부호를 가정하기 때문이다.
#
# 1 point: (a) line 1 becomes "negative definite" (음의 정부호), because the word also reads as indefinite; line 2 becomes "convex" (아래로 볼록), because 위로 볼록 is concave, the opposite. (b) The gradient must be zero, with a fitting example, such as $x^2 + y^2$ at (1, 0). 0.5 points: two of the three are right, or the lines are mended without reasons. 0 points: at most one is right. "It fails for a semidefinite Hessian" does not answer (b), since the sentence assumes a positive definite one.
#
# Sample, 1 point: "(a) All eigenvalues negative is 음의 정부호; 부정치 can also be read as indefinite, which is another case. At a minimum the function is 아래로 볼록; 위로 볼록 is a cap, like at a maximum. (b) The gradient has to be zero. The Hessian of x^2 + y^2 is 2I everywhere, but (1, 0) is no minimum."
#
# 예시, 0.5점: "(a) 부정치는 음의 정부호로 써야 합니다. 부정부호와 헷갈리기 때문입니다. 극소점은 밥그릇 모양이니 아래로 볼록이 맞고 위로 볼록은 뒤집힌 모양입니다. (b) 고윳값 하나가 0이면 성립하지 않습니다. 예를 들면 x^4 - y^4입니다."
#
# === END MARK SCHEME ===

# %% [markdown] checked="3a4a1e10e337" key="e3-12-answer" lang="ko"
# **여기에 답을 쓰십시오.**

# %% [markdown] key="e3-12-answer" lang="en"
# **Write your answer here.**

# %% [markdown] checked="dbb169bca1c7" key="corrections" lang="ko" tags=["erratum"]
# ## 이 강의가 바로잡은 것
#
# - 고윳값이 모두 음수인 행렬을 부정치라고 적은 글이 있습니다. 이 말은 음의 정부호로도 부정부호로도 읽히므로 쓰지 않습니다. 음의 정부호와 부정부호는 서로 다른 경우입니다. E3.4에서 확인합니다.
# - 헤시안이 양의 정부호인 극소점 둘레에서 그래프는 아래로 볼록입니다. 위로 볼록은 극대점의 모양으로, 정반대의 말입니다. E3.12에서 고칩니다.
# - 헤시안은 언제나 대칭인 것이 아닙니다. $f$가 그 점 근처에서 $C^2$이면 대칭이고, 그래디언트 사상이 그 점에서 전미분 가능하기만 해도 대칭입니다. 편미분이 있는 것만으로는 모자랍니다. 두 조건 모두 충분조건이지 필요조건은 아닙니다. ReLU 신경망에서는 헤시안이 거의 모든 점에서만 존재합니다. E3.6에서 확인합니다.
# - 양의 정부호이면 극소점이고 음의 정부호이면 극대점이라는 말은 임계점에서만 맞습니다. 준정부호이면 판정할 수 없습니다. 또 한 점에서 양의 정부호라고 해서 볼록함수인 것도 아닙니다. 볼록함수이려면 볼록한 영역 전체에서 양의 준정부호여야 합니다. E3.5에서 확인합니다.
# - 모든 고윳값이 양수일 확률 $(1/2)^n$은 부호가 서로 독립일 때의 값입니다. 무작위 대칭행렬의 고윳값은 서로 밀어내므로 확률은 훨씬 더 작아, $n = 2$에서 벌써 $1/4$이 아니라 $(2 - \sqrt{2})/4 \approx 0.146$입니다. 실제 손실의 헤시안은 이런 무작위 행렬도 아니어서 0에 가까운 고윳값이 많습니다. E3.7, E3.8, E3.11에서 확인합니다.
# - 안장점을 벗어나는 것은 잡음 덕분만이 아닙니다. 학습률이 가장 큰 곡률의 역수보다 작으면, 경사하강법은 잡음 없이도 거의 모든 출발점에서 음의 고윳값이 있는 안장점을 피합니다. 다만 아주 오래 걸릴 수 있고, 정확히 안장점에서 출발하거나 안장점으로 이어지는 길 위에서 출발하면 벗어나지 못합니다. 잡음이 있으면 벗어나는 시간이 잡음 크기의 역수의 로그에 비례합니다. E3.10에서 확인합니다.
# - 헤시안을 그래디언트의 그래디언트라고 부르기도 합니다. 정확히는 그래디언트라는 벡터 함수의 야코비안입니다. E3.2에서 확인합니다.

# %% [markdown] key="corrections" lang="en" tags=["erratum"]
# ## What this course corrects
#
# - Some texts name a matrix with only negative eigenvalues by a Korean word that can be read as negative definite and as indefinite. This course does not use it: the two are different cases. E3.4 shows it.
# - Around a minimum with a positive definite Hessian, the graph is convex. The Korean phrase for convex upwards means concave, the shape of a maximum, the very opposite. E3.12 mends it.
# - A Hessian is not always symmetric. It is if $f$ is $C^2$ near the point, and also if the gradient map is differentiable at the point itself, in the sense of Fréchet; that partial derivatives exist is not enough. Both conditions are sufficient, neither is necessary. In a ReLU network the Hessian exists only almost everywhere. E3.6 shows it.
# - That positive definite means a minimum and negative definite a maximum holds only at a critical point. If the Hessian is semidefinite, the test cannot tell. Nor does a positive definite Hessian at one point make a convex function; for that it must be positive semidefinite on a whole convex region. E3.5 shows it.
# - The probability $(1/2)^n$ that all eigenvalues are positive assumes independent signs. The eigenvalues of a random symmetric matrix repel each other and the probability is far smaller: already for $n = 2$ it is not $1/4$ but $(2 - \sqrt{2})/4 \approx 0.146$. And the Hessian of a real loss is not such a random matrix: many of its eigenvalues are close to 0. E3.7, E3.8 and E3.11 show it.
# - Noise is not the only way out of a saddle. With a learning rate below one over the largest curvature, gradient descent avoids saddles that have a negative eigenvalue from almost every start, without noise too. But it may take very long, and from a start exactly at the saddle, or on a path that leads into it, it does not leave. With noise the time to leave is proportional to the logarithm of one over the size of the noise. E3.10 shows it.
# - The Hessian is often called the gradient of the gradient. Precisely, it is the Jacobian of the gradient as a vector function. E3.2 shows it.

# %% [markdown] checked="96bbe07479bd" key="glossary" lang="ko"
# ## 용어
#
# | 한국어 | 영어 | 고윳값 | 임계점이라면 |
# |---|---|---|---|
# | 양의 정부호 | positive definite | 모두 양수 | 극소점 |
# | 양의 준정부호 | positive semidefinite | 양수와 0 | 판정할 수 없음 |
# | 음의 정부호 | negative definite | 모두 음수 | 극대점 |
# | 음의 준정부호 | negative semidefinite | 음수와 0 | 판정할 수 없음 |
# | 부정부호 | indefinite | 양수와 음수 | 안장점 |
#
# 넓은 뜻의 준정부호는 정부호와 영행렬도 포함합니다. 이 강의의 `classify_matrix`는 가장 좁은 이름을 돌려줍니다. 함수의 모양을 말할 때 convex는 아래로 볼록, concave는 오목입니다.

# %% [markdown] key="glossary" lang="en"
# ## Glossary
#
# | English | eigenvalues | at a critical point |
# |---|---|---|
# | positive definite | all positive | minimum |
# | positive semidefinite | positive and 0 | cannot tell |
# | negative definite | all negative | maximum |
# | negative semidefinite | negative and 0 | cannot tell |
# | indefinite | positive and negative | saddle point |
#
# In the wide sense semidefinite includes definite and the matrix of zeros; `classify_matrix` of this course returns the narrowest name. The Korean edition of this notebook lists the Korean words beside the English ones.

# %% [markdown] checked="6b708ff6e8f8" key="further" lang="ko"
# ## 더 나아가기
#
# 헤시안을 이차 모델로 쓰는 일, 곧 테일러 전개와 뉴턴법은 `ps4-taylor`에서 다룹니다. 스스로 해 볼 만한 문제가 두 가지 있습니다.
#
# 뉴턴법의 걸음 $-H^{-1} \nabla f$는 안장점에 끌려갑니다. 음의 고윳값이 걸음의 부호를 뒤집기 때문입니다. 고윳값을 절댓값으로 바꾼 $-|H|^{-1} \nabla f$는 안장점에서 멀어집니다(saddle-free Newton). $f = x^2 - y^2$에서 두 걸음을 그려 보십시오.
#
# 손실이 $\frac{1}{2} \|r(\theta)\|^2$이고 $r$의 야코비안이 $J$이면, 헤시안은 **가우스-뉴턴 행렬**(Gauss-Newton matrix) $J^T J$와 $r$의 곡률이 만드는 항의 합입니다. $J^T J$는 언제나 양의 준정부호입니다. 잔차가 작을 때 두 행렬이 얼마나 가까운지 재어 보십시오.

# %% [markdown] key="further" lang="en"
# ## Going further
#
# The Hessian as a quadratic model, in the Taylor expansion and in Newton's method, is the subject of `ps4-taylor`. There is a pair of problems to try.
#
# The step of Newton's method, $-H^{-1} \nabla f$, is attracted to saddles, because a negative eigenvalue reverses its sign. With the absolute values of the eigenvalues, $-|H|^{-1} \nabla f$ moves away from a saddle (saddle-free Newton). Draw both steps for $f = x^2 - y^2$.
#
# If the loss is $\frac{1}{2} \|r(\theta)\|^2$ and $J$ is the Jacobian of $r$, the Hessian is the **Gauss-Newton matrix** $J^T J$ plus a term from the curvature of $r$. $J^T J$ is always positive semidefinite. Measure how close the two matrices are when the residuals are small.
