# %% [markdown] checked="dd2e19cc194a" key="title" lang="ko"
# # ps6. 변수 변환과 정규화 흐름
#
# 확률분포를 함수로 옮기면 밀도는 어떻게 바뀝니까? 함수가 늘린 곳에서는 옅어지고 줄인 곳에서는 짙어집니다. 몇 배인지는 야코비 행렬식이 말해 줍니다. 이 사실 하나가 극좌표 적분에 나오는 $r$을 설명하고, 데이터의 밀도를 학습하는 신경망인 **정규화 흐름**(normalizing flow)의 바탕이 됩니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 극좌표의 야코비안과 행렬식을 구하고, 행렬식의 부호와 절댓값을 구별해 읽습니다.
# - 증가 함수, 감소 함수, 아핀 변환으로 옮긴 확률변수의 밀도를 식으로 씁니다.
# - 큰 행렬의 행렬식을 오버플로 없이 로그로 구합니다.
# - 야코비안을 만들지 않고 행렬식의 로그를 구하는 층을 씁니다. 삼각행렬, 평면 흐름, 커플링 층이 그런 층입니다.
# - 흐름을 학습하고, 격자 위에서 확률의 합이 1인지 확인합니다.
#
# 130분, 26점이며 보너스가 4점입니다. 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps6. Change of variables and normalizing flows
#
# Move a probability distribution by a function: what becomes of its density? It thins out where the function stretches and thickens where it squeezes. By how much, the determinant of the Jacobian tells. This one fact explains the $r$ in integrals with polar coordinates, and it is the ground of **normalizing flows**, neural networks that learn the density of data.
#
# After this notebook you can
#
# - find the Jacobian of polar coordinates and its determinant, and read the sign of a determinant apart from its absolute value;
# - write down the density of a random variable moved by an increasing, a decreasing or an affine map;
# - compute the logarithm of the determinant of a large matrix without overflow;
# - use layers whose log-determinant needs no Jacobian: triangular matrices, planar flows, coupling layers;
# - train a flow, and check on a grid that its probabilities sum to 1.
#
# 130 minutes, 26 points, and 4 bonus points. Run the cells in order, starting with the one below.

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


# %% [markdown] checked="c8c5e8cad711" key="failure" lang="ko"
# ## 한 번의 실패
#
# 평면의 표준정규분포에서 뽑은 점 $x$를 늘려 데이터 $y = 2x$를 1000개 만들었습니다. 늘린 배율 $s$를 모르는 척하고, 데이터의 로그 밀도를 평균한 점수가 가장 큰 $s$를 찾아봅니다. $y$의 밀도로는 원래 점 $x = y/s$의 밀도 $p_X(y/s)$를 그대로 씁니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Points $x$ from the standard normal distribution of the plane were stretched into 1000 data points $y = 2x$. Pretend that the factor $s$ is unknown and look for the $s$ with the best score, the mean log-density of the data. For the density of $y$, take that of the original point $x = y/s$ as it is, $p_X(y/s)$.

# %% key="failure-run"
rng = np.random.default_rng(0)
data = 2.0 * rng.normal(size=(1000, 2))
side = np.linspace(-60, 60, 601)
grid = np.stack(np.meshgrid(side, side), axis=-1)
cell = (side[1] - side[0]) ** 2
careless = lambda y, s: -0.5 * np.sum((y / s) ** 2, axis=-1) - math.log(2 * math.pi)
for s in [1, 2, 4, 8]:
    score = careless(data, s).mean()
    mass = np.exp(careless(grid, s)).sum() * cell
    print(f"s = {s}   score = {score:.3f}   integral of the density = {mass:.3f}")


# %% [markdown] checked="fb3825c58921" key="failure-why" lang="ko"
# 점수는 참값 $s = 2$를 지나쳐 끝없이 올라갑니다. $s$가 커질수록 모든 $y/s$가 봉우리에 가까워지기 때문입니다. 학습에 이 점수를 쓰면 모델은 부풀기만 합니다.
#
# 마지막 열이 이유를 알려 줍니다. 밀도의 적분은 1이어야 하는데 $s^2$이 나옵니다. 평면을 $s$배로 늘리면 넓이가 $s^2$배가 되고, 같은 확률이 그 넓이에 퍼집니다. 그러니 밀도를 $s^2$으로 나누어야 하고, 점수에서는 $2 \log s$를 빼야 합니다. 그러면 점수가 차례로 −5.84, −4.23, −4.86, −6.06이 되어 $s = 2$가 가장 좋습니다.

# %% [markdown] key="failure-why" lang="en"
# The score climbs past the true value $s = 2$ and never stops: the larger $s$, the closer every $y/s$ comes to the peak. A model trained on this score only inflates.
#
# The last column tells why. The integral of a density must be 1, but it comes out as $s^2$. Stretching the plane by $s$ multiplies areas by $s^2$, and the same probability is spread over that area. So the density must be divided by $s^2$, and $2 \log s$ subtracted from the score. The scores become −5.84, −4.23, −4.86, −6.06, in this order, and $s = 2$ is the best.

# %% [markdown] checked="49ba6b9cccca" key="definition" lang="ko"
# ## 정의
#
# $f$가 $\mathbb{R}^d$의 두 열린집합을 잇는 $C^1$ **전단사**(bijection)이고, 어디에서나 $\det J_f \ne 0$이라고 합시다. $C^1$은 편미분이 모두 연속이라는 뜻입니다. $x$의 밀도가 $p_X$일 때 $y = f(x)$의 밀도를 주는 것이 **변수 변환**(change of variables) 공식입니다.
#
# $$p_Y(y) = \frac{p_X(x)}{\left| \det J_f(x) \right|} = p_X(x) \left| \det J_{f^{-1}}(y) \right|, \qquad x = f^{-1}(y)$$
#
# 두 식은 같습니다. $f^{-1}(f(x)) = x$를 미분하면 $J_{f^{-1}}(y)\, J_f(x) = I$이고, 곱의 행렬식은 행렬식의 곱이기 때문입니다. $J_f$는 $y$가 아니라 $x = f^{-1}(y)$에서 계산한다는 점에 주의하십시오.
#
# 조건은 장식이 아닙니다. 여러 점이 한 점 $y$로 가면 그 점들의 몫을 모두 더해야 하고, $\det J_f = 0$이면 0으로 나누게 됩니다.
#
# 행렬식은 두 가지를 알려 줍니다. 절댓값은 작은 상자의 부피가 몇 배가 되는지를, 부호는 방향이 뒤집히는지를 말합니다. 확률에는 부피만 필요하므로 절댓값을 씁니다. 로그를 취하면 이렇게 됩니다.
#
# $$\log p_Y(y) = \log p_X(x) - \log \left| \det J_f(x) \right|$$
#
# 로그 앞의 빼기를 외울 필요는 없습니다. 늘린 곳에서는 밀도가 낮아진다는 것만 떠올리면 됩니다.

# %% [markdown] key="definition" lang="en"
# ## The definition
#
# Let $f$ be a $C^1$ **bijection** between open sets of $\mathbb{R}^d$ with $\det J_f \ne 0$ everywhere; $C^1$ means that all partial derivatives are continuous. If $x$ has the density $p_X$, the formula for the **change of variables** gives the density of $y = f(x)$.
#
# $$p_Y(y) = \frac{p_X(x)}{\left| \det J_f(x) \right|} = p_X(x) \left| \det J_{f^{-1}}(y) \right|, \qquad x = f^{-1}(y)$$
#
# Both forms are equal: differentiate $f^{-1}(f(x)) = x$ to get $J_{f^{-1}}(y)\, J_f(x) = I$; the determinant of a product is the product of the determinants. Note that $J_f$ is evaluated at $x = f^{-1}(y)$, not at $y$.
#
# The conditions are no ornament. If several points go to one point $y$, their shares must be added up; and where $\det J_f = 0$, you would divide by 0.
#
# A determinant says two things. Its absolute value tells how many times larger a small box becomes, its sign whether orientation is reversed. Probability needs the volume only, hence the absolute value. With logarithms:
#
# $$\log p_Y(y) = \log p_X(x) - \log \left| \det J_f(x) \right|$$
#
# There is no need to memorise the minus sign. Think: where space is stretched, the density falls.

# %% [markdown] checked="2dbd1883802b" key="example" lang="ko"
# ## 가장 작은 예
#
# 극좌표를 평면으로 보내는 함수 $P(r, \theta) = (r \cos\theta,\; r \sin\theta)$를 점 $(2, \pi/4)$에서 미분합니다.
#
# $$J = \begin{bmatrix} \cos\theta & -r \sin\theta \\ \sin\theta & r \cos\theta \end{bmatrix} = \begin{bmatrix} 0.707 & -1.414 \\ 0.707 & 1.414 \end{bmatrix}, \qquad \det J = r \cos^2\theta + r \sin^2\theta = r = 2$$
#
# $r$과 $\theta$의 폭이 각각 0.1이고 한 꼭짓점이 이 점인 칸은 넓이가 0.01입니다. 평면으로 옮기면 큰 부채꼴에서 작은 부채꼴을 뺀 모양이 되고, 넓이는 $(2.1^2 - 2^2) \cdot 0.1 / 2 = 0.0205$입니다. 약 두 배입니다. 칸을 줄이면 배율은 $|\det J|$에 다가갑니다.

# %% [markdown] key="example" lang="en"
# ## The smallest example
#
# Differentiate $P(r, \theta) = (r \cos\theta,\; r \sin\theta)$, which sends polar coordinates to the plane, at the point $(2, \pi/4)$.
#
# $$J = \begin{bmatrix} \cos\theta & -r \sin\theta \\ \sin\theta & r \cos\theta \end{bmatrix} = \begin{bmatrix} 0.707 & -1.414 \\ 0.707 & 1.414 \end{bmatrix}, \qquad \det J = r \cos^2\theta + r \sin^2\theta = r = 2$$
#
# A cell with a corner at this point that is 0.1 wide in $r$ and in $\theta$ has the area 0.01. In the plane it becomes the difference of two sectors, with the area $(2.1^2 - 2^2) \cdot 0.1 / 2 = 0.0205$: about twice as much. As the cell shrinks, the factor approaches $|\det J|$.

# %% key="example-run"
def polar(p):
    return torch.stack([p[0] * torch.cos(p[1]), p[0] * torch.sin(p[1])])


J = torch.func.jacrev(polar)(torch.tensor([2.0, math.pi / 4], dtype=torch.float64))
print(J)
print("det J =", torch.linalg.det(J).item())
for width in [0.1, 0.01, 0.001]:
    area = ((2 + width) ** 2 - 2**2) * width / 2
    print(f"width {width}: the area becomes {area / width**2:.4f} times as large")


# %% [markdown] checked="4691a978d9a5" key="e6-1" lang="ko"
# ### E6.1 `polar_jacobian`, `polar_logabsdet`
# 난이도 2/5 · 중요도 4/5 · 12분 · 2점 · 손으로
#
# 위의 야코비안을 여러 점에서 한꺼번에 구하십시오. `r`과 `theta`의 모양이 $S$이면 결과의 모양은 $S + (2, 2)$입니다. 점의 축이 먼저 오고, 행렬의 축이 마지막에 옵니다. `r`에는 0이나 음수도 올 수 있습니다.
#
# 열의 순서는 좌표의 순서입니다. `order="rt"`이면 $r$의 열이 먼저, `order="tr"`이면 $\theta$의 열이 먼저 옵니다. 두 열을 바꾸면 $\det J$는 $+r$에서 $-r$이 됩니다. 넓이는 그대로이고 방향만 뒤집힙니다. 변수 변환 공식에 절댓값이 있는 이유가 바로 이것입니다. 좌표를 어떤 순서로 적든 확률은 같아야 합니다.

# %% [markdown] key="e6-1" lang="en"
# ### E6.1 `polar_jacobian`, `polar_logabsdet`
# difficulty 2/5 · importance 4/5 · 12 minutes · 2 points · by hand
#
# Compute the Jacobian from above at many points at once. If `r` and `theta` have the shape $S$, the result has the shape $S + (2, 2)$: the axes of the points come first, those of the matrix last. `r` may also be 0 or negative.
#
# The order of the columns is the order of the coordinates. With `order="rt"` the column of $r$ comes first, with `order="tr"` that of $\theta$. Exchange both columns and $\det J$ turns from $+r$ to $-r$: the area is the same, only the orientation is reversed. That is why the formula for the change of variables has an absolute value. Probability must not depend on the order in which coordinates are listed.

# %% answer e6-1-jacobian-solution covers="CB13 CL4 M19 M22"
def polar_jacobian(r: np.ndarray, theta: np.ndarray, order: str = "rt") -> np.ndarray:
    """Jacobians of (r cos(theta), r sin(theta)).

    Args:
        r: radii, a number or an array of shape S, any sign.
        theta: angles in radians, shape S. No argument is changed.
        order: "rt" or "tr", the coordinates to which columns 0 and 1 belong.

    Returns:
        The Jacobians, shape S + (2, 2); row 0 belongs to r cos(theta).

    Example:
        polar_jacobian(2.0, 0.0) -> [[1, 0], [0, 2]]
    """
    ### BEGIN SOLUTION
    by_r = np.stack([np.cos(theta), np.sin(theta)], axis=-1)
    by_theta = np.stack([-r * np.sin(theta), r * np.cos(theta)], axis=-1)
    columns = {"r": by_r, "t": by_theta}
    return np.stack([columns[name] for name in order], axis=-1)
    ### END SOLUTION


# %% test e6-1-shape 0.5
# One (2, 2) matrix a point, behind the axes of the points.
assert np.shape(polar_jacobian(2.0, np.pi / 4)) == (2, 2), "one point: one matrix"
assert np.shape(polar_jacobian(np.ones(5), np.zeros(5))) == (5, 2, 2), "5 points: 5 matrices"

# %% test e6-1-values 0.5 alone
# All quadrants, radii of either sign and size; the arguments stay as they were.
at_example = [[0.70711, -1.41421], [0.70711, 1.41421]]
np.testing.assert_allclose(polar_jacobian(2.0, np.pi / 4), at_example, rtol=1e-4)

# %% test e6-1-order 0.5
# The columns follow the order of the coordinates.
swapped = polar_jacobian(2.0, np.pi / 4, "tr")
assert abs(np.linalg.det(swapped) + 2.0) < 1e-3, "theta first: the determinant is -r"


# %% [markdown] checked="ae067ad1ebe0" key="e6-1-logabsdet" lang="ko"
# 밀도 계산에는 $\log|\det J|$가 들어갑니다. 극좌표에서는 $\log|r|$입니다. 원점에서는 모든 각이 같은 점으로 가므로 역함수가 없고, 넓이의 배율 $|\det J|$가 0입니다. 그래서 $r = 0$의 답은 오류나 `nan`이 아니라 `-inf`입니다. 0의 로그를 계산할 때 NumPy가 내는 경고는 점수와 상관없습니다.

# %% [markdown] key="e6-1-logabsdet" lang="en"
# Densities need $\log|\det J|$, which is $\log|r|$ for polar coordinates. At the origin all angles go to the same point: there is no inverse, and the area factor $|\det J|$ is 0. So the answer for $r = 0$ is neither an error nor `nan` but `-inf`. The warning that NumPy gives for the logarithm of 0 costs no points.

# %% answer e6-1-logabsdet-solution
def polar_logabsdet(r: np.ndarray) -> np.ndarray:
    """Logarithm of the absolute determinant of the polar Jacobian.

    Args:
        r: radii, a number or an array of shape S, any sign; left unchanged.

    Returns:
        log |det J|, shape S; -inf where r is 0.

    Example:
        polar_logabsdet(np.array([1.0, 0.0])) -> [0, -inf]
    """
    ### BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return np.log(np.abs(r))
    ### END SOLUTION


# %% [markdown] checked="2b5f7bde62d9" key="e6-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 각 $\theta$만 조금 늘리면 점은 어느 쪽으로 움직입니까? 멀리 있는 점일수록 더 많이 움직입니까?
# 2. $\partial (r \cos\theta) / \partial \theta = -r \sin\theta$, $\det J = \pm r$
# 3. 점 $(3, 0)$에서 네 원소의 합은 4입니다. 반지름 −2에서 로그는 0.693입니다.
#
# </details>

# %% [markdown] key="e6-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Increase the angle $\theta$ alone by a little: which way does the point move, and further if it lies further out?
# 2. $\partial (r \cos\theta) / \partial \theta = -r \sin\theta$, $\det J = \pm r$
# 3. At the point $(3, 0)$ the entries sum to 4. For the radius −2 the logarithm is 0.693.
#
# </details>

# %% test e6-1-logabsdet 0.5 alone
# The logarithm of the area factor, also at the origin and for negative radii.
logarithms = polar_logabsdet(np.array([2.0, -2.0, 0.0]))
np.testing.assert_allclose(logarithms[:2], [0.69315, 0.69315], rtol=1e-4)
assert np.isneginf(logarithms[2]), "a cell at the origin has no area"

# %% key="e6-1-plot"
radii, angles = np.linspace(0, 2, 6), np.linspace(0, np.pi, 9)
middles = (radii[1:] + radii[:-1]) / 2
factors = np.exp(to_array(polar_logabsdet(middles)))
r, theta = np.meshgrid(radii, angles)
shades = np.tile(factors, (len(angles) - 1, 1))
figure, panels = plt.subplots(1, 2, figsize=(11, 4))
panels[0].pcolormesh(r, theta, shades, cmap="cividis", edgecolors="white")
for middle, factor in zip(middles, factors):
    shade = "black" if factor > 1 else "white"
    panels[0].text(middle, angles[4] + 0.2, f"×{factor:.1f}", ha="center", va="center", color=shade)
panels[0].set(xlabel="$r$", ylabel=r"$\theta$", title="cells of equal size")
x, y = r * np.cos(theta), r * np.sin(theta)
panels[1].pcolormesh(x, y, shades, cmap="cividis", edgecolors="white")
jacobian = to_array(polar_jacobian(1.2, np.pi / 4))
start = np.full((2, 2), 1.2 * np.sqrt(0.5))
for column, style in zip(jacobian.T, ["-", "--"]):
    end = start[0] + column / 2
    panels[1].plot(*zip(start[0], end), style, color="black", lw=3)
panels[1].set(xlabel="$x$", ylabel="$y$", title="their images")
panels[1].set_aspect("equal")
figure.tight_layout()


# %% [markdown] checked="6c92a26756c4" key="e6-1-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 $(r, \theta)$ 평면의 똑같은 칸들이고, 적힌 수는 여러분이 구한 넓이의 배율입니다. 오른쪽은 그 칸들을 평면으로 옮긴 것입니다. 바깥 칸일수록 밝고 넓습니다. 굵은 선 두 개는 $(1.2, \pi/4)$에서 구한 야코비안의 두 열을 절반 길이로 그린 것으로, 실선은 $r$의 열이고 파선은 $\theta$의 열입니다. 두 열이 만드는 평행사변형의 넓이가 $|\det J|$입니다.

# %% [markdown] key="e6-1-see" lang="en"
# **What to see.** On the left, equal cells in the plane of $(r, \theta)$; the numbers are the area factors that you computed. On the right, the same cells sent to the plane: the further out, the brighter and the larger. The thick lines are the columns of your Jacobian at $(1.2, \pi/4)$, drawn at half their length: solid the column of $r$, dashed that of $\theta$. The parallelogram that the columns span has the area $|\det J|$.

# %% [markdown] checked="528dc496668f" key="e6-2" lang="ko"
# ### E6.2 `polar_integral`
# 난이도 2/5 · 중요도 3/5 · 8분 · 1점 · 손으로
#
# 원점을 중심으로 하고 반지름이 $R$인 원판에서 $g$를 적분합니다. 원판은 극좌표에서 직사각형이 됩니다.
#
# $$\iint_{x^2 + y^2 \le R^2} g(x, y) \, dx \, dy = \int_0^{2\pi} \int_0^R g(r \cos\theta, r \sin\theta) \; r \, dr \, d\theta$$
#
# 적분에 끼어든 $r$이 $|\det J|$입니다. $r$을 `nr`칸, $\theta$를 `nt`칸으로 나누십시오. 칸의 한가운데에서 함숫값을 읽는 중점 규칙이면 충분하고, 사다리꼴이나 심프슨, 가우스 규칙을 써도 됩니다. 칸의 한쪽 끝만 읽으면 오차가 칸의 폭에 비례하므로 부족합니다.

# %% [markdown] key="e6-2" lang="en"
# ### E6.2 `polar_integral`
# difficulty 2/5 · importance 3/5 · 8 minutes · 1 point · by hand
#
# Integrate $g$ over the disc of radius $R$ around the origin. In polar coordinates the disc is a rectangle.
#
# $$\iint_{x^2 + y^2 \le R^2} g(x, y) \, dx \, dy = \int_0^{2\pi} \int_0^R g(r \cos\theta, r \sin\theta) \; r \, dr \, d\theta$$
#
# The $r$ that has joined the integral is $|\det J|$. Divide $r$ into `nr` cells and $\theta$ into `nt` cells. The midpoint rule, which reads the function in the middle of each cell, is good enough; the trapezoidal, Simpson's and Gauss's rules are welcome too. Reading at one end of each cell is not: its error is proportional to the width of a cell.

# %% answer e6-2 covers="CB13"
def polar_integral(g, R: float, nr: int, nt: int) -> float:
    """Integral of a function over the disc of radius R around the origin.

    Args:
        g: a function of x and y, numbers or arrays of one shape; acts entry by entry.
        R: the radius.
        nr: cells in the direction of r, an even number.
        nt: cells in the direction of theta, an even number.

    Returns:
        The integral, a single number.

    Example:
        polar_integral(lambda x, y: np.ones_like(x), 1.0, 100, 8) -> 3.1416
    """
    ### BEGIN SOLUTION
    dr, dtheta = R / nr, 2 * np.pi / nt
    r = (np.arange(nr)[:, None] + 0.5) * dr
    theta = (np.arange(nt) + 0.5) * dtheta
    values = g(r * np.cos(theta), r * np.sin(theta))
    return float(np.sum(values * r) * dr * dtheta)
    ### END SOLUTION


# %% [markdown] checked="f5f69b7e01a6" key="e6-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 폭이 같은 칸이라도 원점에서 멀수록 평면에서 차지하는 넓이는 어떻게 됩니까?
# 2. $r_i = (i + \tfrac{1}{2}) R / n_r$에서 값을 읽고, 칸마다 $g \cdot r_i \cdot \Delta r \, \Delta\theta$를 더합니다.
# 3. $g = 1$, $R = 2$이면 12.566입니다. $g = e^{-x^2 - y^2}$, $R = 6$에서 $r$을 잊으면 3.1416이 아니라 5.568이 나옵니다.
#
# </details>

# %% [markdown] key="e6-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Of cells that are equally wide, how does the area in the plane change with the distance from the origin?
# 2. Read the values at $r_i = (i + \tfrac{1}{2}) R / n_r$ and add $g \cdot r_i \cdot \Delta r \, \Delta\theta$ for each cell.
# 3. For $g = 1$ and $R = 2$ the integral is 12.566. For $g = e^{-x^2 - y^2}$ and $R = 6$, forgetting $r$ gives 5.568 where 3.1416 belongs.
#
# </details>

# %% test e6-2-values 0.5
# The integral of exp(-x^2 - y^2) is pi; g may depend on x and on y.
bell = lambda x, y: np.exp(-np.square(x) - np.square(y))
assert abs(polar_integral(bell, 6.0, 400, 8) - math.pi) < 1e-2, "the integral of the bell is pi"

# %% test e6-2-discs 0.5 alone
# Areas of discs and of a ring.
disc = polar_integral(lambda x, y: np.ones_like(x), 2.0, 200, 8)
assert abs(disc - 4 * math.pi) < 1e-2, "the area of a disc is pi R^2"


# %% [markdown] checked="fe7be1264fb5" key="e6-3" lang="ko"
# ### E6.3 `pushforward_density`
# 난이도 3/5 · 중요도 5/5 · 13분 · 2점 · 손으로
#
# 일차원에서 야코비안은 도함수 하나입니다. $x$의 로그 밀도 `log_p`, 역함수 `finv`, 역함수의 도함수 `dfinv`를 받아 $y = f(x)$의 로그 밀도를 돌려주십시오. 값이 아니라 **$y$의 함수**를 돌려줍니다.
#
# $$\log q(y) = \log p_X(f^{-1}(y)) + \log \left| (f^{-1})'(y) \right|$$
#
# `dfinv`는 $f'$이 아니라 $(f^{-1})'$이므로 더합니다. $f'$으로 쓰면 같은 항을 빼게 됩니다. $f$가 감소 함수이면 $(f^{-1})'$은 음수입니다. 그래도 밀도는 양수여야 합니다. 끝까지 로그로 계산하십시오. 먼 곳에서 밀도는 0으로 내려앉지만 로그는 그렇지 않습니다.

# %% [markdown] key="e6-3" lang="en"
# ### E6.3 `pushforward_density`
# difficulty 3/5 · importance 5/5 · 13 minutes · 2 points · by hand
#
# In one dimension the Jacobian is a single derivative. Given the log-density `log_p` of $x$, the inverse `finv` and its derivative `dfinv`, return the log-density of $y = f(x)$: not a value, but **a function of $y$**.
#
# $$\log q(y) = \log p_X(f^{-1}(y)) + \log \left| (f^{-1})'(y) \right|$$
#
# As `dfinv` is $(f^{-1})'$ and not $f'$, its term is added; in terms of $f'$ the same term is subtracted. If $f$ is decreasing, $(f^{-1})'$ is negative. The density must be positive all the same. Stay with logarithms: far out the density drops to 0, its logarithm does not.

# %% answer e6-3 covers="F7 M18"
def pushforward_density(log_p, finv, dfinv):
    """Log-density of y = f(x).

    Args:
        log_p: log-density of x.
        finv: the inverse of f.
        dfinv: the derivative of the inverse, never 0. All three take numbers or arrays.

    Returns:
        A function log_q(y): y is a number or an array of any shape, left unchanged; the
        log-densities have the shape of y.

    Example:
        log_q = pushforward_density(lambda x: -x, lambda y: y / 2, lambda y: 0.5)
        log_q(6.0) -> -3.693  (that is -3 - log 2)
    """
    ### BEGIN SOLUTION

    def log_q(y):
        return log_p(finv(y)) + np.log(np.abs(dfinv(y)))

    return log_q
    ### END SOLUTION


# %% [markdown] checked="0b96e5e45d8c" key="e6-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $f$가 $x$ 근처를 세 배로 늘리면 $y$의 밀도는 몇 배가 됩니까? 방향이 뒤집히면 달라집니까?
# 2. $y = e^x$이면 $f^{-1}(y) = \log y$이고 $(f^{-1})'(y) = 1/y$입니다.
# 3. $x$가 표준정규분포를 따르고 $y = e^x$이면 $\log q(1) = -0.919$, $\log q(2) = -1.852$입니다.
#
# </details>

# %% [markdown] key="e6-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $f$ stretches threefold near $x$, what becomes of the density of $y$? Does it matter if the direction is reversed?
# 2. For $y = e^x$, $f^{-1}(y) = \log y$ and $(f^{-1})'(y) = 1/y$.
# 3. If $x$ is standard normal and $y = e^x$, then $\log q(1) = -0.919$ and $\log q(2) = -1.852$.
#
# </details>

# %% test e6-3-values 1.0
# Increasing maps: the density integrates to 1 and has the right values.
log_p = lambda x: -np.square(x) / 2 - math.log(2 * math.pi) / 2
log_q = pushforward_density(log_p, np.log, lambda y: 1 / np.asarray(y))
at_one_and_two = log_q(np.array([1.0, 2.0]))
np.testing.assert_allclose(at_one_and_two, [-0.9189, -1.8523], rtol=1e-3)

# %% test e6-3-decreasing 0.5
# Decreasing maps, whose inverse has a negative derivative.
log_p = lambda x: -np.square(x) / 2 - math.log(2 * math.pi) / 2
mirrored = pushforward_density(log_p, lambda y: -np.log(y), lambda y: -1 / np.asarray(y))
at_one_and_two = mirrored(np.array([1.0, 2.0]))
np.testing.assert_allclose(at_one_and_two, [-0.9189, -1.8523], rtol=1e-3)

# %% test e6-3-inputs 0.5 alone
# Numbers and arrays, which stay as they were; each density keeps its own map.
same = pushforward_density(lambda x: -x, lambda y: y, lambda y: np.ones_like(y))
assert np.shape(same(np.ones((2, 3)))) == (2, 3), "one log-density for each entry of y"
assert np.shape(same(2.0)) == (), "a number gives a number"

# %% key="e6-3-plot"
log_p = lambda x: -(x**2) / 2 - math.log(2 * math.pi) / 2
log_q = pushforward_density(log_p, np.log, lambda y: 1 / y)
figure, panels = plt.subplots(1, 2, figsize=(11, 3.8))
densities = [lambda x: np.exp(log_p(x)), lambda y: np.exp(to_array(log_q(y)))]
ranges = [np.linspace(-3, 3, 301), np.linspace(0.01, 6, 600)]
for axes, density, whole, name in zip(panels, densities, ranges, "xy"):
    axes.plot(whole, density(whole), color="black")
    axes.set(xlabel=f"${name}$", ylabel="density", title=["$x$ normal", "$y = e^x$"][name == "y"])
    axes.set_ylim(0, 0.8)
for left, shade in [(-1.5, "dimgrey"), (-0.5, "darkgrey"), (0.5, "lightgrey")]:
    strip = np.linspace(left, left + 1, 100)
    for axes, density, points in zip(panels, densities, [strip, np.exp(strip)]):
        axes.fill_between(points, density(points), color=shade)
        area = np.trapezoid(density(points), points)
        height = density(points).max() + 0.02
        axes.text(points.mean(), height, f"{area:.3f}", ha="center", color="black")
figure.tight_layout()


# %% [markdown] checked="c732c746129b" key="e6-3-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 $x$의 정규분포, 오른쪽은 여러분이 구한 $y = e^x$의 밀도입니다. 같은 회색 띠가 서로 대응하고, 적힌 수는 띠의 넓이, 곧 확률입니다. 띠의 폭은 오른쪽에서 크게 달라지지만 넓이는 양쪽이 같습니다. 좁아진 띠는 평균 높이가 올라가고, 넓어진 띠는 내려갑니다.

# %% [markdown] key="e6-3-see" lang="en"
# **What to see.** On the left the normal distribution of $x$, on the right your density of $y = e^x$. Strips of the same grey belong together, and the numbers are their areas: probabilities. The widths change a lot on the right, but the areas are the same on both sides. A strip that gets narrower gets a greater mean height, and one that gets wider a smaller one.

# %% [markdown] checked="c558f3d5fb0b" key="e6-4" lang="ko"
# ### E6.4 `affine_log_prob`
# 난이도 3/5 · 중요도 4/5 · 12분 · 2점 · 손으로
#
# 표준정규분포를 따르는 $z \in \mathbb{R}^d$를 $y = Az + b$로 옮깁니다. 이 변환의 야코비안은 어디에서나 $A$입니다.
#
# $$\log p_Y(y) = -\tfrac{1}{2} z^T z - \tfrac{d}{2} \log 2\pi - \log|\det A|, \qquad z = A^{-1}(y - b)$$
#
# 다변량 정규분포 $N(b, AA^T)$의 로그 밀도를 변수 변환만으로 얻은 것입니다. 점 하나가 오면 수 하나를, 배치 $(B, d)$가 오면 $B$개의 값을 돌려주십시오.
#
# 함정이 두 가지 있습니다. 배치에서는 점이 행에 놓이지만 `np.linalg.solve(A, M)`은 $M$의 열마다 풉니다. $B = d$이면 전치를 잊어도 오류 없이 틀린 값이 나옵니다. 그리고 멀리 있는 점에서는 밀도가 0으로 내려앉습니다. 밀도를 구한 뒤에 로그를 취하지 말고 처음부터 로그로 계산하십시오.

# %% [markdown] key="e6-4" lang="en"
# ### E6.4 `affine_log_prob`
# difficulty 3/5 · importance 4/5 · 12 minutes · 2 points · by hand
#
# A standard normal $z \in \mathbb{R}^d$ is moved by $y = Az + b$. The Jacobian of this map is $A$ everywhere.
#
# $$\log p_Y(y) = -\tfrac{1}{2} z^T z - \tfrac{d}{2} \log 2\pi - \log|\det A|, \qquad z = A^{-1}(y - b)$$
#
# This is the log-density of the multivariate normal $N(b, AA^T)$, found by a change of variables alone. Return a single number for a single point, and $B$ values for a batch $(B, d)$.
#
# Watch for a pair of traps. In a batch the points are rows, but `np.linalg.solve(A, M)` solves for each column of $M$; if $B = d$, a forgotten transpose gives wrong values without an error. And far out the density itself drops to 0: do not take the logarithm at the end, compute with logarithms from the start.

# %% answer e6-4 covers="F7"
def affine_log_prob(y: np.ndarray, A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Log-density of y = A z + b for a standard normal z.

    Args:
        y: one point, shape (d,), or a batch of points, shape (B, d).
        A: an invertible matrix, shape (d, d); its determinant may be negative.
        b: the shift, shape (d,). No argument is changed.

    Returns:
        One number for one point, shape (B,) for a batch.

    Example:
        affine_log_prob(np.zeros(1), np.array([[1.0]]), np.zeros(1)) -> -0.919
    """
    ### BEGIN SOLUTION
    z = np.linalg.solve(A, (y - b).T).T
    log_volume = np.linalg.slogdet(A)[1]
    constant = len(b) * math.log(2 * math.pi)
    return -0.5 * (np.sum(z**2, axis=-1) + constant) - log_volume
    ### END SOLUTION


# %% [markdown] checked="79b9b5c71909" key="e6-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $A$가 모든 방향을 두 배로 늘리면 밀도의 봉우리는 높아집니까, 낮아집니까?
# 2. $AA^T$로 계산한다면 $\log \det (AA^T) = 2 \log|\det A|$입니다.
# 3. $d = 2$, $A = 2I$, $b = 0$, $y = 0$이면 $-\log 2\pi - \log 4 = -3.224$입니다.
#
# </details>

# %% [markdown] key="e6-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $A$ stretches every direction twofold, does the peak of the density rise or fall?
# 2. If you work with $AA^T$: $\log \det (AA^T) = 2 \log|\det A|$.
# 3. For $d = 2$, $A = 2I$, $b = 0$ and $y = 0$ the answer is $-\log 2\pi - \log 4 = -3.224$.
#
# </details>

# %% test e6-4-values 1.0
# Batches in several dimensions, one of them with as many points as dimensions.
A, b = np.array([[2.0, 0.0], [0.0, 2.0]]), np.zeros(2)
batch = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, -4.0]])
np.testing.assert_allclose(affine_log_prob(batch, A, b), [-3.2242, -3.7242, -5.7242], rtol=1e-3)

# %% test e6-4-orientation 0.5
# A negative determinant: volumes stay positive.
mirror = np.array([[0.0, 2.0], [2.0, 0.0]])
batch = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, -4.0]])
found = affine_log_prob(batch, mirror, np.zeros(2))
np.testing.assert_allclose(found, [-3.2242, -3.7242, -5.7242], rtol=1e-3)

# %% test e6-4-inputs 0.5 alone
# A single point, a batch of one, a point far out; the arguments stay as they were.
A, b = np.array([[2.0, 0.0], [0.0, 2.0]]), np.zeros(2)
assert np.shape(affine_log_prob(np.zeros(2), A, b)) == (), "a single point: a single number"
assert np.shape(affine_log_prob(np.zeros((1, 2)), A, b)) == (1,), "a batch of one stays a batch"

# %% [markdown] checked="6d61175e06d9" key="e6-5-failure" lang="ko"
# ### 행렬식이 부동소수점 수의 범위를 벗어날 때
#
# `np.linalg.det`으로 행렬식을 구한 다음 로그를 취하면 되지 않겠습니까? 원소가 표준정규분포를 따르는 행렬로 해 봅니다.

# %% [markdown] key="e6-5-failure" lang="en"
# ### When a determinant does not fit into a number
#
# Would it not be enough to call `np.linalg.det` and take the logarithm? Try it on matrices with standard normal entries.

# %% key="e6-5-run"
with np.errstate(over="ignore"):
    for n in [50, 100, 300, 500]:
        M = np.random.default_rng(n).normal(size=(n, n))
        double, single = np.linalg.det(M), np.linalg.det(M.astype(np.float32))
        small = np.linalg.det(0.01 * M)
        print(f"n = {n}   float64: {double:.2g}   float32: {single:.2g}   0.01 M: {small:.2g}")


# %% [markdown] checked="2b8d93b00a87" key="e6-5" lang="ko"
# ### E6.5 `log_abs_det`
# 난이도 3/5 · 중요도 4/5 · 14분 · 2점 · 손으로
#
# 단정밀도로는 $n = 100$에서 벌써 무한대가 나오고, 배정밀도로도 $n = 500$이면 그렇습니다. 원소가 작으면 거꾸로 0이 됩니다. 그 뒤에 로그를 취하면 늦습니다. 곱하기 전에 로그를 취해야 합니다.
#
# 가우스 소거법은 행을 바꾸고 빼서 $A$를 위삼각행렬 $U$로 만듭니다. 한 행의 배수를 다른 행에서 빼도 행렬식은 그대로이고, 두 행을 맞바꾸면 부호가 뒤집힙니다. 맞바꾼 횟수를 $k$라고 하면 다음과 같습니다.
#
# $$\log|\det A| = \sum_i \log|u_{ii}|, \qquad \operatorname{sign}(\det A) = (-1)^k \prod_i \operatorname{sign}(u_{ii})$$
#
# 부호와 로그를 따로 돌려주십시오. 특이 행렬은 `(0, -inf)`입니다. 테스트에 나오는 특이 행렬에는 모든 원소가 0인 행이 있습니다. 방법은 자유이며 `np.linalg.slogdet`도 됩니다. 다만 소거를 직접 해 보면 부호가 어디에서 오는지 보입니다. 직접 한다면 행렬이 $1000 \times 1000$까지 커지므로 안쪽 반복은 배열 연산으로 하십시오. 피벗으로는 열에서 절댓값이 가장 큰 원소를 고르십시오. 아주 작은 수로 나누면 다른 원소의 자릿수를 잃습니다.

# %% [markdown] key="e6-5" lang="en"
# ### E6.5 `log_abs_det`
# difficulty 3/5 · importance 4/5 · 14 minutes · 2 points · by hand
#
# In single precision $n = 100$ already gives infinity, and in double precision $n = 500$ does. With small entries the result is 0 instead. Taking the logarithm after that is too late: it must come before the multiplication.
#
# Gaussian elimination turns $A$ into an upper triangular matrix $U$ by exchanging and subtracting rows. Subtracting a multiple of one row from another leaves the determinant alone; exchanging a pair of rows reverses its sign. If there were $k$ exchanges,
#
# $$\log|\det A| = \sum_i \log|u_{ii}|, \qquad \operatorname{sign}(\det A) = (-1)^k \prod_i \operatorname{sign}(u_{ii})$$
#
# Return sign and logarithm apart. A singular matrix gives `(0, -inf)`; the singular matrices of the tests have a row in which every entry is 0. Any method will do, `np.linalg.slogdet` too, but if you write the elimination yourself, you see where the sign comes from. In that case use array operations in the inner loop, since matrices get as large as $1000 \times 1000$. As pivot take the entry of the column that is largest in absolute value: dividing by a tiny one destroys the digits of the others.

# %% answer e6-5 covers="TB4 M20"
def log_abs_det(A: np.ndarray) -> tuple:
    """Sign of a determinant and logarithm of its absolute value.

    Args:
        A: a matrix, shape (n, n), float64 or float32; left unchanged.

    Returns:
        (sign, logabs): sign is -1, 0 or 1; logabs is log |det A|, -inf if A is singular.

    Example:
        log_abs_det(np.array([[0.0, 2.0], [3.0, 0.0]])) -> (-1.0, 1.792)
    """
    ### BEGIN SOLUTION
    U, sign, logabs = np.array(A, dtype=np.float64), 1.0, 0.0
    for k in range(len(U)):
        pivot = k + np.argmax(np.abs(U[k:, k]))
        if U[pivot, k] == 0.0:
            return 0.0, -np.inf
        if pivot != k:
            U[[k, pivot]] = U[[pivot, k]]
            sign = -sign
        sign *= np.sign(U[k, k])
        logabs += np.log(np.abs(U[k, k]))
        U[k + 1 :, k:] -= np.outer(U[k + 1 :, k] / U[k, k], U[k, k:])
    return sign, logabs
    ### END SOLUTION


# %% [markdown] checked="1eeb1c642b73" key="e6-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 수 500개의 곱이 너무 크더라도 그 로그의 합은 어떻습니까?
# 2. $\log(a_1 a_2 \cdots a_n) = \log a_1 + \dots + \log a_n$이고, 부호는 따로 곱합니다.
# 3. 앞에서 만든 $n = 500$인 행렬의 로그는 1299.13이고 부호는 −1입니다.
#
# </details>

# %% [markdown] key="e6-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If the product of 500 numbers is too large, what about the sum of their logarithms?
# 2. $\log(a_1 a_2 \cdots a_n) = \log a_1 + \dots + \log a_n$; the signs are multiplied apart.
# 3. For the matrix with $n = 500$ made above the logarithm is 1299.13 and the sign is −1.
#
# </details>

# %% test e6-5-values 0.5 alone
# Small matrices of either sign; the matrix stays as it was.
sign, logabs = log_abs_det(np.array([[2.0, 0.0], [1.0, -3.0]]))
assert sign == -1 and abs(logabs - math.log(6)) < 1e-4, "the determinant is -6"

# %% test e6-5-pivots 0.5
# Matrices whose rows must be exchanged, an odd or an even number of times.
sign, logabs = log_abs_det(np.array([[0.0, 2.0], [3.0, 0.0]]))
assert sign == -1 and abs(logabs - math.log(6)) < 1e-4, "one exchange: the determinant is -6"

# %% test e6-5-large 0.5
# Determinants that no number can hold, in double and in single precision.
sign, logabs = log_abs_det(10.0 * np.eye(400))
assert sign == 1 and abs(logabs - 400 * math.log(10)) < 1e-2, "det is 1e400"

# %% test e6-5-singular 0.5
# A row of zeros: the sign is 0 and the logarithm is -inf.
sign, logabs = log_abs_det(np.array([[0.0, 0.0], [3.0, 1.0]]))
assert sign == 0 and np.isneginf(logabs), "the determinant is 0"


# %% [markdown] checked="de52ce29ce32" key="e6-6-triangular" lang="ko"
# ### E6.6 `triangular_logdet`, `planar_flow`
# 난이도 4/5 · 중요도 4/5 · 16분 · 4점 · 손으로
#
# 일반적인 $d \times d$ 행렬식의 계산량은 $d^3$에 비례합니다. 픽셀이 수만 개인 이미지에서는 감당할 수 없으므로, 흐름을 설계하는 일은 행렬식을 값싸게 구할 수 있는 층을 찾는 일이기도 합니다.
#
# 행렬식이 값싼 행렬의 첫째 예는 **삼각행렬**(triangular matrix)입니다. 출력 $i$가 입력 $1, \dots, i$에만 의존하는 층의 야코비안이 이런 행렬입니다. 행렬식은 대각 원소의 곱입니다.
#
# $$\log|\det L| = \sum_i \log|L_{ii}|$$
#
# 대각 원소는 음수일 수 있고, 그 곱은 부동소수점 수의 범위를 벗어날 수 있습니다. 원소 하나가 $10^{200}$만큼 크거나 $10^{-200}$만큼 작을 수도 있어서, 제곱만 해도 범위를 벗어납니다.

# %% [markdown] key="e6-6-triangular" lang="en"
# ### E6.6 `triangular_logdet`, `planar_flow`
# difficulty 4/5 · importance 4/5 · 16 minutes · 4 points · by hand
#
# The cost of a general $d \times d$ determinant grows with $d^3$. For an image with tens of thousands of pixels that is out of reach; so to design a flow is also to find layers with cheap determinants.
#
# The first example of a cheap determinant is that of a **triangular matrix**. Such is the Jacobian of a layer whose output $i$ depends only on the inputs $1, \dots, i$. The determinant is the product of the diagonal.
#
# $$\log|\det L| = \sum_i \log|L_{ii}|$$
#
# Entries of the diagonal may be negative, and their product may not fit into a number. Single entries may be as large as $10^{200}$ or as small as $10^{-200}$, so that even a square does not fit.

# %% answer e6-6-triangular-solution
def triangular_logdet(L: np.ndarray) -> float:
    """Logarithm of the absolute determinant of a lower triangular matrix.

    Args:
        L: the matrix, shape (n, n), no zero on its diagonal; left unchanged.

    Returns:
        log |det L|, a single number.

    Example:
        triangular_logdet(np.array([[2.0, 0.0], [5.0, -3.0]])) -> 1.792
    """
    ### BEGIN SOLUTION
    return float(np.sum(np.log(np.abs(np.diag(L)))))
    ### END SOLUTION


# %% test e6-6-triangular-values 0.5 alone
# Diagonals with negative entries; the matrix stays as it was.
corner = np.array([[2.0, 0.0], [5.0, -3.0]])
assert abs(triangular_logdet(corner) - math.log(6)) < 1e-4, "the determinant is -6"

# %% test e6-6-triangular-large 0.5
# Diagonals whose product no number can hold.
assert abs(triangular_logdet(0.1 * np.eye(400)) + 400 * math.log(10)) < 1e-2, "det is 1e-400"


# %% [markdown] checked="3f0ca11103df" key="e6-6-planar" lang="ko"
# 둘째 예는 단위행렬에 계수(rank)가 1인 행렬을 더한 것입니다. **행렬식 보조정리**(matrix determinant lemma)에 따르면 $\det(I + a c^T) = 1 + c^T a$입니다. $c$에 수직인 방향은 그대로 두고 한 방향만 바꾸기 때문입니다.
#
# **평면 흐름**(planar flow)은 점 $z$가 평면 $w^T z + b = 0$의 어느 쪽에 얼마나 떨어져 있는지에 따라 $z$를 $u$ 방향으로 밉니다.
#
# $$x = z + u \tanh(w^T z + b), \qquad J = I + h' \, u w^T, \qquad \log|\det J| = \log\left|1 + h' \, u^T w\right|$$
#
# 여기서 $h' = 1 - \tanh^2(w^T z + b)$는 점마다 다릅니다. 행렬을 만들지 않으므로 계산량은 $d$에 비례합니다. $d = 20000$이면 야코비안 하나만으로 3.2 GB입니다.
#
# $u^T w > -1$이면 이 함수는 전단사입니다. 이보다 작으면 공간이 접혀서 $1 + h' u^T w$가 음수인 곳이 생깁니다. 공간을 접는 함수는 흐름으로 쓸 수 없지만 $\log|\det J|$는 그곳에서도 정해지므로, 여러분의 함수는 답을 내야 합니다.

# %% [markdown] key="e6-6-planar" lang="en"
# The second example is the identity plus a matrix of rank 1. The **matrix determinant lemma** says $\det(I + a c^T) = 1 + c^T a$: directions perpendicular to $c$ stay as they are, and a single one is changed.
#
# A **planar flow** pushes $z$ in the direction $u$, depending on which side of the plane $w^T z + b = 0$ the point $z$ lies and how far away.
#
# $$x = z + u \tanh(w^T z + b), \qquad J = I + h' \, u w^T, \qquad \log|\det J| = \log\left|1 + h' \, u^T w\right|$$
#
# Here $h' = 1 - \tanh^2(w^T z + b)$ differs from point to point. No matrix is formed, and the cost grows with $d$. For $d = 20000$ a single Jacobian would take 3.2 GB.
#
# If $u^T w > -1$, the map is a bijection. Below, space folds, and $1 + h' u^T w$ is negative somewhere. A map that folds is no flow, but $\log|\det J|$ is defined there all the same, and your function must answer.

# %% answer e6-6-planar-solution
def planar_flow(z: np.ndarray, u: np.ndarray, w: np.ndarray, b: float) -> tuple:
    """The planar flow x = z + u tanh(w.z + b) and its log-determinants.

    Args:
        z: a batch of points, shape (B, d).
        u: the direction of the push, shape (d,).
        w: the direction that decides on the push, shape (d,).
        b: the shift, a number. No argument is changed.

    Returns:
        (x, logdet): the images, shape (B, d), and log |det J| of each point, shape (B,).

    Example:
        planar_flow(np.zeros((1, 1)), np.array([1.0]), np.array([2.0]), 0.0) -> ([[0]], [1.0986])
    """
    ### BEGIN SOLUTION
    h = np.tanh(z @ w + b)
    x = z + h[:, None] * u
    return x, np.log(np.abs(1 + (u @ w) * (1 - h**2)))
    ### END SOLUTION


# %% [markdown] checked="6e37c3ba60d4" key="e6-6-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $z$를 $w$에 수직인 방향으로 움직이면 $\tanh$의 값이 바뀝니까? 그 방향의 길이는 어떻게 됩니까?
# 2. $\nabla_z \tanh(w^T z + b) = h' w$이므로 $J = I + h' u w^T$이고 $\det J = 1 + h' u^T w$입니다.
# 3. $z = (0, 0)$, $u = (1, 5)$, $w = (2, 0)$, $b = 0$이면 행렬식의 로그는 $\log 3 = 1.0986$입니다. $b = 1$이면 0.6097입니다.
#
# </details>

# %% [markdown] key="e6-6-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Move $z$ perpendicular to $w$: does the value of $\tanh$ change? What becomes of lengths in that direction?
# 2. As $\nabla_z \tanh(w^T z + b) = h' w$, $J = I + h' u w^T$ and $\det J = 1 + h' u^T w$.
# 3. For $z = (0, 0)$, $u = (1, 5)$, $w = (2, 0)$, $b = 0$ the log-determinant is $\log 3 = 1.0986$; for $b = 1$ it is 0.6097.
#
# </details>

# %% test e6-6-planar-shape 0.5
# As many images as points, and one logarithm a point.
three = planar_flow(np.zeros((3, 2)), np.array([1.0, 5.0]), np.array([2.0, 0.0]), 0.5)
assert [np.shape(part) for part in three] == [(3, 2), (3,)], "3 points of the plane"

# %% test e6-6-planar-points 0.5 alone
# The images, also of as many points as dimensions; the arguments stay as they were.
images, _ = planar_flow(np.zeros((1, 2)), np.array([1.0, 5.0]), np.array([2.0, 0.0]), 1.0)
np.testing.assert_allclose(images, [[0.76159, 3.80797]], rtol=1e-4)

# %% test e6-6-planar-logdet 1.0
# Each point has its own log-determinant, as from the whole Jacobian.
pair = np.array([[0.0, 0.0], [0.5, 3.0]])
_, logdet = planar_flow(pair, np.array([1.0, 5.0]), np.array([2.0, 0.0]), 0.0)
np.testing.assert_allclose(logdet, [1.09861, 0.60974], rtol=1e-4)

# %% test e6-6-planar-folds 0.5
# Where space folds, the determinant is negative.
_, logdet = planar_flow(np.zeros((1, 2)), np.array([-2.0, 0.0]), np.array([2.0, 0.0]), 0.0)
np.testing.assert_allclose(logdet, [1.09861], rtol=1e-4)

# %% test e6-6-planar-large 0.5
# A point with 20,000 coordinates, for which no Jacobian fits into memory.

# %% key="e6-6-plot"
side = np.linspace(-2, 2, 33)
z = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
w = np.array([1.5, 0.5])
figure, panels = plt.subplots(1, 2, figsize=(11, 4.5))
for axes, u in zip(panels, [np.array([1.0, -0.4]), np.array([-0.4, -0.5])]):
    x, logdet = map(to_array, planar_flow(z, u, w, 0.0))
    x, logdet = x.reshape(33, 33, 2), logdet.reshape(33, 33)
    colors = axes.pcolormesh(x[..., 0], x[..., 1], logdet, cmap="cividis", shading="gouraud")
    for i in range(0, 33, 2):
        axes.plot(x[i, :, 0], x[i, :, 1], color="white", lw=0.7)
        axes.plot(x[:, i, 0], x[:, i, 1], color="white", lw=0.7)
    figure.colorbar(colors, ax=axes, label=r"$\log|\det J|$")
    axes.set(xlabel="$x_1$", ylabel="$x_2$", title=f"$u^T w = {u @ w:.2f}$")
    axes.set_aspect("equal")
figure.tight_layout()


# %% [markdown] checked="e7cbb54548ed" key="e6-6-see" lang="ko"
# **그림에서 볼 것.** 정사각형 격자를 두 평면 흐름으로 옮겼습니다. 색은 여러분이 구한 $\log|\det J|$입니다. 왼쪽은 $u^T w > 0$이어서 직선 $w^T z = 0$을 따라 격자가 벌어지고, 그곳에서 밀도가 낮아집니다. 오른쪽은 $-1 < u^T w < 0$이어서 같은 직선을 따라 격자가 눌리고 밀도가 높아집니다. 직선에서 멀어지면 격자는 통째로 밀릴 뿐이므로 $\log|\det J|$가 0에 가깝습니다.

# %% [markdown] key="e6-6-see" lang="en"
# **What to see.** A square grid, moved by two planar flows. The colour is your $\log|\det J|$. On the left $u^T w > 0$: the grid opens along the line $w^T z = 0$, where the density falls. On the right $-1 < u^T w < 0$: along the same line the grid is squeezed, and the density rises. Far from the line the grid is only shifted as a whole, and $\log|\det J|$ is close to 0.

# %% [markdown] checked="08acf7753461" key="e6-7" lang="ko"
# ### E6.7 `coupling_forward`, `coupling_inverse`
# 난이도 4/5 · 중요도 5/5 · 15분 · 4점 · 자동 미분
#
# 평면 흐름은 행렬식이 값싼 대신 역함수를 식으로 쓸 수 없습니다. **커플링 층**(coupling layer)은 둘 다 값쌉니다. 좌표를 두 무리로 나눕니다. 한 무리는 그대로 두고, 그 무리를 읽은 신경망이 다른 무리를 얼마나 늘리고 옮길지 정합니다. 마스크 $m$의 원소는 그대로 둘 좌표에서 1, 움직일 좌표에서 0입니다.
#
# $$x = m \odot z + (1 - m) \odot (z \odot e^s + t), \qquad (s, t) = \mathrm{net}(m \odot z)$$
#
# 그대로 둔 좌표를 앞에 적으면 야코비안은 아래삼각행렬이고, 대각 원소는 1 아니면 $e^{s_i}$입니다. 신경망의 도함수는 대각선 아래에만 있으므로 행렬식에 나타나지 않습니다. 그래서 신경망은 아무리 복잡해도 됩니다.
#
# $$\log|\det J| = \sum_i (1 - m_i) \, s_i$$
#
# 되돌릴 때도 신경망의 역함수는 필요 없습니다. $m \odot x = m \odot z$이므로 $x$에서 같은 $s$와 $t$를 다시 얻습니다.
#
# 작은 예를 들어 봅시다. $m = (1, 0)$, $z = (2, 3)$이고 신경망이 $s = (2, 1)$, $t = (4, 4)$를 주었다면 $x = (2, 3e + 4) = (2, 12.155)$이고 행렬식의 로그는 1입니다. 첫째 좌표의 $s_1 = 2$와 $t_1 = 4$는 쓰지 않습니다.

# %% [markdown] key="e6-7" lang="en"
# ### E6.7 `coupling_forward`, `coupling_inverse`
# difficulty 4/5 · importance 5/5 · 15 minutes · 4 points · automatic differentiation
#
# A planar flow has a cheap determinant, but no formula for its inverse. In a **coupling layer** both are cheap. Divide the coordinates into a pair of groups. One group stays as it is; a network reads it and decides how far the other group is stretched and shifted. The mask $m$ is 1 for a coordinate that stays and 0 for one that moves.
#
# $$x = m \odot z + (1 - m) \odot (z \odot e^s + t), \qquad (s, t) = \mathrm{net}(m \odot z)$$
#
# List the coordinates that stay first, and the Jacobian is lower triangular, with 1 or $e^{s_i}$ on its diagonal. The derivatives of the network lie below the diagonal only and do not appear in the determinant. That is why the network may be as complicated as you like.
#
# $$\log|\det J| = \sum_i (1 - m_i) \, s_i$$
#
# The way back needs no inverse of the network either: since $m \odot x = m \odot z$, the same $s$ and $t$ come from $x$.
#
# A small example: for $m = (1, 0)$ and $z = (2, 3)$, let the network answer $s = (2, 1)$ and $t = (4, 4)$. Then $x = (2, 3e + 4) = (2, 12.155)$, and the log-determinant is 1. In the first coordinate, $s_1 = 2$ and $t_1 = 4$ are not used.

# %% answer e6-7-forward-solution covers="CB14 M20"
def coupling_forward(z: torch.Tensor, mask: torch.Tensor, net) -> tuple:
    """A coupling layer, from z to x.

    Args:
        z: a batch of points, float64, shape (B, d); left unchanged.
        mask: 1 for coordinates that stay, 0 for those that move, shape (d,).
        net: takes mask * z, shape (B, d), and returns (s, t), both of shape (B, d).

    Returns:
        (x, logdet): the images, shape (B, d), and log |det J| of each point, shape (B,).

    Example:
        z = [[2, 3]], mask = [1, 0], s = [[2, 1]], t = [[4, 4]] -> ([[2, 12.155]], [1])
    """
    ### BEGIN SOLUTION
    s, t = net(mask * z)
    x = mask * z + (1 - mask) * (z * torch.exp(s) + t)
    return x, ((1 - mask) * s).sum(dim=1)
    ### END SOLUTION


# %% key="e6-7-forward-check"
def example_net(kept):
    s = kept[:, :1] * torch.tensor([1.0, 0.5], dtype=torch.float64)
    return s, (kept[:, :1] ** 2).expand(-1, 2)


stay_first = torch.tensor([1.0, 0.0], dtype=torch.float64)
start = torch.tensor([[2.0, 3.0]], dtype=torch.float64)
image, logdet = map(to_array, coupling_forward(start, stay_first, example_net))
np.testing.assert_allclose(image, [[2.0, 12.15485]], rtol=1e-4)
np.testing.assert_allclose(logdet, [1.0], rtol=1e-4)

# %% test e6-7-forward-shape 0.5
# As many images as points, and one logarithm a point.

# %% test e6-7-forward-points 0.5 alone
# The images, under masks of all kinds; the arguments stay as they were.

# %% test e6-7-forward-logdet 1.0
# Each point has its own log-determinant, as from the whole Jacobian.

# %% [markdown] checked="81d1012a7ea0" key="e6-7-inverse" lang="ko"
# 이제 되돌립니다. 나중에 한 일부터 되돌려야 하므로, $t$를 먼저 빼고 그다음 $e^s$으로 나눕니다. 돌려줄 로그는 **역함수의** 것입니다. 역함수의 야코비안은 정방향 야코비안의 역행렬이므로 로그의 부호가 반대입니다.
#
# $$z = m \odot x + (1 - m) \odot (x - t) \odot e^{-s}, \qquad \log|\det J_{f^{-1}}(x)| = -\sum_i (1 - m_i) \, s_i$$

# %% [markdown] key="e6-7-inverse" lang="en"
# Now the way back. What was done last must be undone first: subtract $t$, then divide by $e^s$. The logarithm to return is that **of the inverse**. Its Jacobian is the inverse of the forward Jacobian, so the sign is reversed.
#
# $$z = m \odot x + (1 - m) \odot (x - t) \odot e^{-s}, \qquad \log|\det J_{f^{-1}}(x)| = -\sum_i (1 - m_i) \, s_i$$

# %% answer e6-7-inverse-solution
def coupling_inverse(x: torch.Tensor, mask: torch.Tensor, net) -> tuple:
    """The inverse of a coupling layer, from x to z.

    Args:
        x: a batch of points, float64, shape (B, d); left unchanged.
        mask: 1 for coordinates that stay, 0 for those that move, shape (d,).
        net: takes mask * x, shape (B, d), and returns (s, t), both of shape (B, d).

    Returns:
        (z, logdet): the originals, shape (B, d), and log |det J| of the inverse map, shape (B,).

    Example:
        x = [[2, 12.155]], mask = [1, 0], s = [[2, 1]], t = [[4, 4]] -> ([[2, 3]], [-1])
    """
    ### BEGIN SOLUTION
    s, t = net(mask * x)
    z = mask * x + (1 - mask) * (x - t) * torch.exp(-s)
    return z, -((1 - mask) * s).sum(dim=1)
    ### END SOLUTION


# %% [markdown] checked="08bb320623b1" key="e6-7-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $x$의 어느 좌표에 $z$의 값이 그대로 남아 있습니까? 신경망은 그 좌표만 읽습니까?
# 2. $x = m \odot z + (1 - m) \odot (z \odot e^s + t)$이고, 로그는 좌표의 축을 따라 더합니다. 배치의 축은 남습니다.
# 3. $z = (1, 1)$, $m = (0, 1)$이고 신경망이 $s = (0.5, 3)$, $t = (-1, 3)$을 주면 $x = (0.649, 1)$이고 로그는 0.5입니다.
#
# </details>

# %% [markdown] key="e6-7-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Which coordinates of $x$ still hold the values of $z$? Does the network read those and no others?
# 2. $x = m \odot z + (1 - m) \odot (z \odot e^s + t)$; the logarithms add up along the axis of the coordinates, and the axis of the batch remains.
# 3. If $z = (1, 1)$, $m = (0, 1)$ and the network returns $s = (0.5, 3)$ and $t = (-1, 3)$, then $x = (0.649, 1)$ and the logarithm is 0.5.
#
# </details>

# %% key="e6-7-inverse-check"
back, back_logdet = map(to_array, coupling_inverse(torch.tensor(image), stay_first, example_net))
np.testing.assert_allclose(back, [[2.0, 3.0]], rtol=1e-10)
np.testing.assert_allclose(logdet + back_logdet, [0.0], atol=1e-10)

# %% [markdown] checked="382ac98ff060" key="e6-7-oracle" lang="ko"
# 왕복이 맞는지만 보면 속을 수 있습니다. 두 함수가 모두 로그를 0이라고 해도 점은 제자리로 돌아오고 두 로그의 합은 0입니다. 그러니 로그는 따로 확인해야 합니다. 작은 $d$에서는 자동 미분으로 야코비안 전체를 만들어 `slogdet`과 비교할 수 있습니다.

# %% [markdown] key="e6-7-oracle" lang="en"
# A round trip alone can deceive you. If both functions claim the logarithm 0, the points still come home, and both logarithms still sum to 0. So the logarithm needs a check of its own. For small $d$, form the whole Jacobian by automatic differentiation and compare with `slogdet`.

# %% key="e6-7-oracle-run"
whole = torch.autograd.functional.jacobian(
    lambda z: torch.as_tensor(coupling_forward(z, stay_first, example_net)[0])[0], start
)[:, 0]
print(whole)
print("by slogdet:", torch.linalg.slogdet(whole).logabsdet.item(), "  yours:", logdet[0])

# %% test e6-7-inverse-shape 0.5
# As many originals as points, and one logarithm a point.

# %% test e6-7-inverse-points 0.5 alone
# The originals, under masks of all kinds; the arguments stay as they were.

# %% test e6-7-inverse-logdet 0.5
# The log-determinants are those of the inverse map.

# %% test e6-7-round-trip 0.5
# There and back: the same points to 1e-10, and logarithms that cancel.

# %% key="e6-7-plot"
def wave(kept):
    height = kept.sum(dim=1, keepdim=True)
    return (0.7 * torch.sin(2 * height)).expand(-1, 2), torch.cos(2 * height).expand(-1, 2)


side = torch.linspace(-1.5, 1.5, 31, dtype=torch.float64)
square = torch.stack(torch.meshgrid(side, side, indexing="ij"), dim=-1).reshape(-1, 2)
stay_second = torch.tensor([0.0, 1.0], dtype=torch.float64)
once, first = map(to_array, coupling_forward(square, stay_first, wave))
twice, second = map(to_array, coupling_forward(torch.tensor(once), stay_second, wave))
figure, panels = plt.subplots(1, 3, figsize=(13, 4.2))
names = ["$z$", "after one layer", "after two layers"]
steps = [(to_array(square), 0 * first), (once, first), (twice, first + second)]
look = {"cmap": "cividis", "shading": "gouraud", "vmin": -1.4, "vmax": 1.4}
for axes, name, (points, logdet) in zip(panels, names, steps):
    x, y = points.T.reshape(2, 31, 31)
    shades = axes.pcolormesh(x, y, logdet.reshape(31, 31), **look)
    for i in range(0, 31, 3):
        axes.plot(x[i], y[i], color="white", lw=0.8)
        axes.plot(x[:, i], y[:, i], color="white", lw=0.8, ls="--")
    axes.set(title=name, xlabel="coordinate 1", ylabel="coordinate 2")
figure.colorbar(shades, ax=panels[2], label=r"$\log|\det J|$")
figure.tight_layout()


# %% [markdown] checked="a96cd170e8b9" key="e6-7-see" lang="ko"
# **그림에서 볼 것.** 여러분의 커플링 층이 격자를 구부립니다. 첫 층은 첫째 좌표를 그대로 두므로 실선은 세로로 곧게 남고, 선마다 다르게 늘어나며 위아래로 밀립니다. 둘째 층은 마스크를 바꾸어 첫째 좌표를 움직입니다. 두 층을 거치면 모든 좌표가 움직여 곧은 선이 하나도 남지 않습니다. 색은 여러분이 구한 $\log|\det J|$이며, 밝은 곳은 늘어난 곳입니다.

# %% [markdown] key="e6-7-see" lang="en"
# **What to see.** Your coupling layers bend a grid. The first layer keeps the first coordinate: the solid lines stay vertical, and each is stretched and shifted up or down by an amount of its own. The second layer has the other mask and moves the first coordinate. After both layers every coordinate has moved and no line is straight. The colour is your $\log|\det J|$; bright is where space was stretched.

# %% [markdown] checked="1be24fc5ed50" key="e6-8" lang="ko"
# ### E6.8 `flow_log_prob`
# 난이도 4/5 · 중요도 5/5 · 10분 · 3점 · 자동 미분
#
# 커플링 층을 여러 개 쌓으면 **정규화 흐름**(normalizing flow)이 됩니다. 출발점은 **기저 분포**(base distribution)인 표준정규분포 $z \sim N(0, I)$이고, 층 $f_1, \dots, f_K$를 차례로 적용하면 데이터 $x$가 됩니다. 목록 `layers`의 순서도 $z$에서 $x$로 가는 순서입니다.
#
# $$x = f(z) = f_K(\cdots f_1(z)), \qquad \log p(x) = \log N(z; 0, I) - \sum_{k=1}^{K} \log|\det J_{f_k}|$$
#
# 공개된 흐름 코드에서 가장 흔한 실수는 부호를 틀리는 것입니다. $f$가 어떤 코드에서는 $z \to x$를, 어떤 코드에서는 $x \to z$를 뜻하기 때문입니다. 그러니 식을 쓰기 전에 방향부터 적으십시오. 여기서는 $x = f(z)$이고, 흐름이 늘린 곳에서 밀도는 낮아집니다. 그래서 정방향 층의 로그를 뺍니다. 역방향 층의 로그를 더해도 같습니다.
#
# 층은 마지막 것부터 되돌립니다. 각 로그는 그 층이 실제로 받은 점에서 계산하고, 기저 밀도는 $x$가 아니라 $z$에서 계산합니다. 앞에서 만든 `coupling_inverse`를 불러 써도 됩니다. 다만 그 함수가 틀리면 이 문제의 점수도 함께 잃습니다.
#
# 앞의 예에서 $x = (2, 12.155)$이면 $z = (2, 3)$이고, $\log p(x) = -\tfrac{1}{2}(2^2 + 3^2) - \log 2\pi - 1 = -9.338$입니다.

# %% [markdown] key="e6-8" lang="en"
# ### E6.8 `flow_log_prob`
# difficulty 4/5 · importance 5/5 · 10 minutes · 3 points · automatic differentiation
#
# Stack coupling layers and you have a **normalizing flow**. It starts from its **base distribution**, the standard normal $z \sim N(0, I)$, and applies the layers $f_1, \dots, f_K$ one after the other to reach the data $x$. The list `layers` has this order too, from $z$ to $x$.
#
# $$x = f(z) = f_K(\cdots f_1(z)), \qquad \log p(x) = \log N(z; 0, I) - \sum_{k=1}^{K} \log|\det J_{f_k}|$$
#
# A wrong sign is the commonest bug in public code for flows, because $f$ means $z \to x$ in some of it and $x \to z$ in the rest. So write down the direction before the formula. Here $x = f(z)$, and where the flow stretches, the density falls. The logarithms of the forward layers are subtracted or, which is the same, those of the inverse layers are added.
#
# Undo the last layer first. Take each logarithm at the point that its layer really received, and the base density at $z$, not at $x$. You may call your own `coupling_inverse`; if it is wrong, though, you lose the points of this exercise with it.
#
# In the example above, $x = (2, 12.155)$ leads to $z = (2, 3)$, and $\log p(x) = -\tfrac{1}{2}(2^2 + 3^2) - \log 2\pi - 1 = -9.338$.

# %% answer e6-8 covers="CB14 M20"
def flow_log_prob(x: torch.Tensor, layers: list) -> torch.Tensor:
    """Log-density of a flow of coupling layers on a standard normal base.

    Args:
        x: a batch of points, float64, shape (B, d); left unchanged.
        layers: pairs (mask, net) as in coupling_forward, in the order from z to x; left unchanged.

    Returns:
        The log-density of each point, shape (B,).

    Example:
        flow_log_prob(torch.tensor([[2.0, 12.155]]), [(stay_first, example_net)]) -> [-9.338]
    """
    ### BEGIN SOLUTION
    z = x
    log_p = torch.zeros(len(x), dtype=x.dtype)
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        log_p = log_p - ((1 - mask) * s).sum(dim=1)
    return log_p - 0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1)
    ### END SOLUTION


# %% [markdown] checked="6df769b86db4" key="e6-8-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 마지막 층을 되돌린 점은 그 앞 층의 입력입니까, 출력입니까?
# 2. $\log N(z; 0, I) = -\tfrac{1}{2} \sum_i z_i^2 - \tfrac{d}{2} \log 2\pi$이고, 역방향 층마다 $-\sum_i (1 - m_i) s_i$를 더합니다.
# 3. 아래 검사의 두 층에서 점 $(1, 1)$의 로그 밀도는 −3.1752입니다. 층의 순서를 바꾸면 −2.3379가 나옵니다.
#
# </details>

# %% [markdown] key="e6-8-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Undo the last layer: is the point you get the input or the output of the layer before it?
# 2. $\log N(z; 0, I) = -\tfrac{1}{2} \sum_i z_i^2 - \tfrac{d}{2} \log 2\pi$; each layer on the way back adds $-\sum_i (1 - m_i) s_i$.
# 3. Under the layers of the check below, the point $(1, 1)$ has the log-density −3.1752; with the layers in the other order it would be −2.3379.
#
# </details>

# %% key="e6-8-check"
one_layer = to_array(flow_log_prob(torch.tensor(image), [(stay_first, example_net)]))
np.testing.assert_allclose(one_layer, [-9.3379], rtol=1e-4)
corner = torch.ones(1, 2, dtype=torch.float64)
stack = [(stay_first, example_net), (stay_second, wave)]
np.testing.assert_allclose(to_array(flow_log_prob(corner, stack)), [-3.1752], rtol=1e-3)

# %% test e6-8-values 1.0
# Stacks of 1 to 5 layers in the plane, whose order matters.

# %% test e6-8-dimensions 0.5
# The same in 3 and 5 dimensions.

# %% test e6-8-mass 1.0
# The density integrates to 1 on a grid.

# %% test e6-8-inputs 0.5 alone
# A batch of one; the points and the list of layers stay as they were.

# %% [markdown] checked="e9e83b44bd7f" key="e6-9-loss" lang="ko"
# ### 가장 작은 학습
#
# 흐름은 **최대가능도**(maximum likelihood)로 학습합니다. 데이터의 평균 로그 밀도를 가장 크게, 곧 **음의 로그 가능도**(negative log-likelihood, NLL)를 가장 작게 만듭니다.
#
# $$\mathrm{NLL} = -\frac{1}{N} \sum_{n=1}^{N} \log p(x_n)$$
#
# 가장 작은 흐름 $x = e^s \odot z + t$로 시작합니다. 여기서 $s$와 $t$는 신경망의 출력이 아니라, 그대로 학습하는 수 4개입니다. 데이터는 두 초승달(two moons) 모양으로 뿌린 점 2000개입니다.

# %% [markdown] key="e6-9-loss" lang="en"
# ### The smallest training
#
# A flow is trained by **maximum likelihood**: make the mean log-density of the data as large as possible, that is, its **negative log-likelihood** (NLL) as small as possible.
#
# $$\mathrm{NLL} = -\frac{1}{N} \sum_{n=1}^{N} \log p(x_n)$$
#
# Start with the smallest flow, $x = e^s \odot z + t$. Here $s$ and $t$ come from no network; they are 4 numbers to learn. The data are 2000 points, scattered in the shape of two moons.

# %% key="e6-9-loss-run"
moons = torch.tensor(two_moons(2000, seed=0)[0])
s = torch.zeros(2, dtype=torch.float64, requires_grad=True)
t = torch.zeros(2, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([s, t], lr=0.05)
curve = []
for step in range(120):
    z = (moons - t) * torch.exp(-s)
    log_p = -0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=1) - s.sum()
    loss = -log_p.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    curve.append(loss.item())
print(f"NLL {curve[0]:.3f} -> {curve[-1]:.3f}")
print("scales", to_array(torch.exp(s)), "  shifts", to_array(t))

# %% key="e6-9-loss-plot"
figure, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(curve, color="black", label="4 numbers, trained")
axes.axhline(1.91, color="grey", ls="--", label="best normal density")
axes.axhline(1.01, color="grey", ls=":", label="entropy of the moons")
axes.set(xlabel="step", ylabel="NLL", ylim=(0.8, 2.6))
axes.legend()
figure.tight_layout()


# %% [markdown] checked="cff685825028" key="e6-9-loss-see" lang="ko"
# **그림에서 볼 것.** 학습 곡선은 2.01에서 멈춥니다. 배율은 데이터의 표준편차로, 이동량은 평균으로 갔습니다. 이 흐름은 축에 나란한 정규분포밖에 만들지 못하기 때문입니다. 기울어진 것까지 넣어도 가장 좋은 정규분포는 파선인 1.91에 그칩니다. 점선 1.01은 두 초승달의 엔트로피(entropy)이며, 새 데이터에서 NLL은 어떤 모델을 쓰더라도 평균하면 그보다 작을 수 없습니다. 파선과 점선 사이를 메우려면 공간을 구부리는 층이 필요합니다.

# %% [markdown] key="e6-9-loss-see" lang="en"
# **What to see.** The training curve stops at 2.01. The scales went to the standard deviations of the data and the shifts to its means, since this flow makes no more than a normal density along the axes. Even the best of all normal densities, tilted ones included, only reaches the dashed line at 1.91. The dotted line at 1.01 is the entropy of the moons: on fresh data, no model has a smaller NLL on average. To close the gap between the dashed and the dotted line, layers must bend.

# %% [markdown] checked="963eb80bb800" key="e6-9" lang="ko"
# ### E6.9 `train_flow`
# 난이도 5/5 · 중요도 4/5 · 20분 · 3점 · 자동 미분
#
# 커플링 층을 쌓아 두 초승달을 학습하십시오. 이렇게 만든 흐름을 Real NVP라고 합니다. 위 학습과 다른 점은 둘뿐입니다. $z$를 얻으려면 층을 마지막 것부터 되돌려야 하고, 학습할 것은 모든 신경망의 가중치입니다.
#
# 층의 수, 신경망, 옵티마이저는 여러분이 정합니다. 참고로 다음 설정은 데이터마다 1초에서 3초 안에 NLL 1.1쯤에 이릅니다. 층 4개에 마스크 $(0, 1)$과 $(1, 0)$을 번갈아 쓰고, 신경망마다 은닉 뉴런 32개와 `tanh`를 둡니다. 은닉층의 가중치는 표준정규 난수의 2배, 편향은 표준정규 난수로 시작하고, 마지막 층의 가중치는 0 가까이에서 시작합니다. 크기가 256인 배치로 Adam을 500걸음 진행하면서 학습률을 0.02에서 0까지 줄입니다.
#
# 로그 배율의 범위도 $s = 2 \tanh(\cdot)$처럼 제한하십시오. 제한하지 않으면 데이터가 없는 곳에서 $e^s$이 한없이 커져, 확률의 일부가 먼 곳으로 새어 나갑니다.
#
# 테스트는 데이터를 3번 바꾸어 주고, 그때마다 한 번씩 학습합니다. 두 초승달은 뒤집히거나 1보다 작은 거리만큼 옮겨져 있을 수 있으므로, 미리 학습해 둔 층은 소용이 없습니다. 데이터마다 1점이며 조건은 둘입니다. 학습에 쓰지 않은 점의 NLL이 1.45보다 작아야 하고, 데이터의 평균을 중심으로 하고 한 변의 길이가 8인 정사각형 안의 확률이 0.99와 1.01 사이여야 합니다. 테스트는 신경망마다 값 수천 개를 한 배치로 넣어 $s$와 $t$를 읽고, 이를 그대로 두는 좌표의 함수로 씁니다. 그러므로 $s$와 $t$가 배치에 든 다른 점에 따라 달라져서는 안 됩니다. 3번의 학습에 쓸 수 있는 CPU 시간은 모두 30초입니다.

# %% [markdown] key="e6-9" lang="en"
# ### E6.9 `train_flow`
# difficulty 5/5 · importance 4/5 · 20 minutes · 3 points · automatic differentiation
#
# Stack coupling layers and train them on the two moons; a flow of this kind is called Real NVP. A pair of things differs from the training above: to get $z$, the layers must be undone, the last one first; and what is learned is the weights of all networks.
#
# Layers, networks and optimiser are your choice. For orientation, the following reaches an NLL of about 1.1 within 1 to 3 seconds for each data set: 4 layers with the masks $(0, 1)$ and $(1, 0)$ in turn, a hidden layer of 32 units with `tanh` in each network, which starts from standard normal numbers, times 2 for its weights, and a last layer with weights near 0; and 500 steps of Adam on batches of 256, with a learning rate that falls from 0.02 to 0.
#
# Bound the log-scales too, as in $s = 2 \tanh(\cdot)$. Otherwise $e^s$ may grow without limit where there are no data, and part of the probability leaks to far away.
#
# The test gives you 3 different data sets and trains once on each. The moons may be mirrored, or shifted by less than 1, so layers trained in advance are of no use. Each data set earns 1 point, on a pair of conditions: the NLL of points that you did not train on must be below 1.45, and the probability inside the square of side 8 around the mean of the data must lie between 0.99 and 1.01. The test reads $s$ and $t$ of each network at several thousand values, in a single batch, and takes them as functions of the coordinate that stays. So $s$ and $t$ must not depend on the other points of a batch. All 3 trainings together may take 30 seconds of CPU time.

# %% answer e6-9 covers="CB14"
def train_flow(X: torch.Tensor, seed: int) -> list:
    """Coupling layers fitted to points of the plane by maximum likelihood.

    Args:
        X: the points, float64, shape (N, 2); left unchanged.
        seed: of everything random.

    Returns:
        Layers for flow_log_prob: (mask, net) from z to x, where net takes and returns float64.

    Example:
        flow_log_prob(X, train_flow(X, seed=0)).mean() -> about -1.1
    """
    ### BEGIN SOLUTION
    rng = torch.Generator().manual_seed(seed)
    normal = lambda *shape: torch.randn(*shape, generator=rng, dtype=torch.float64)
    sizes = [(2.0, (2, 32)), (1.0, (32,)), (0.01, (32, 4)), (0.0, (4,))]
    weights = [[size * normal(*shape) for size, shape in sizes] for _ in range(4)]

    def net(hidden, bias, out, middle, kept):
        s, t = (torch.tanh(kept @ hidden + bias) @ out + middle).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    masks = torch.tensor([[0, 1], [1, 0], [0, 1], [1, 0]], dtype=torch.float64)
    layers = [(mask, lambda kept, w=w: net(*w, kept)) for mask, w in zip(masks, weights)]
    optimizer = torch.optim.Adam([w.requires_grad_() for ws in weights for w in ws], lr=0.02)
    for step in range(500):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / 500)
        z, loss = X[torch.randint(len(X), (256,), generator=rng)], 0.0
        for mask, conditioner in reversed(layers):
            s, t = conditioner(mask * z)
            z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
            loss = loss + ((1 - mask) * s).sum(dim=1).mean()
        loss = loss + 0.5 * (z**2).sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return layers
    ### END SOLUTION


# %% [markdown] checked="39b89551c417" key="e6-9-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 손실이 어떤 값에 다가가지 않고 끝없이 작아진다면, 로그의 부호는 맞습니까?
# 2. $\mathrm{NLL} = \tfrac{1}{N} \sum_n \left( \tfrac{1}{2} \|z_n\|^2 + \sum_k \sum_i (1 - m_i) s_i \right) + \log 2\pi$이고, 안쪽의 합은 층 $k$를 되돌릴 때 얻은 $s$로 계산합니다.
# 3. 모든 층이 항등 함수인 처음에는 NLL이 2.5 안팎이고, 100걸음쯤 뒤에는 1.5보다 작습니다.
#
# </details>

# %% [markdown] key="e6-9-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If the loss falls without end instead of settling, is the sign of the logarithms right?
# 2. $\mathrm{NLL} = \tfrac{1}{N} \sum_n \left( \tfrac{1}{2} \|z_n\|^2 + \sum_k \sum_i (1 - m_i) s_i \right) + \log 2\pi$, where the inner sum takes the $s$ that you got on undoing layer $k$.
# 3. At the start, when every layer is the identity, the NLL is about 2.5; after some 100 steps it is below 1.5.
#
# </details>

# %% key="e6-9-train"
layers = train_flow(moons, seed=0)
fresh = torch.tensor(two_moons(2000, seed=1)[0])
with torch.no_grad():
    print(f"NLL of the data:     {-to_array(flow_log_prob(moons, layers)).mean():.3f}")
    print(f"NLL of fresh points: {-to_array(flow_log_prob(fresh, layers)).mean():.3f}")

# %% test e6-9-trained 3.0
# Each of 3 data sets earns 1 point: a likely flow that keeps its probability in place.

# %% key="e6-9-plot"
across, up = torch.linspace(-4, 4.5, 160).double(), torch.linspace(-2.5, 2.5, 130).double()
plane = torch.stack(torch.meshgrid(across, up, indexing="xy"), dim=-1).reshape(-1, 2)
stages = sorted({round(len(layers) * part / 4) for part in range(5)})
figure, panels = plt.subplots(1, len(stages), figsize=(3.6 * len(stages), 3.4), squeeze=False)
with torch.no_grad():
    for axes, k in zip(panels[0], stages):
        points = fresh[:500]
        for mask, net in reversed(layers[k:]):
            points = torch.as_tensor(coupling_inverse(points, mask, net)[0])
        normal = -0.5 * to_array(plane**2).sum(axis=1) - math.log(2 * math.pi)
        log_p = to_array(flow_log_prob(plane, layers[:k])) if k else normal
        axes.pcolormesh(across, up, np.exp(log_p).reshape(130, 160), cmap="cividis", vmax=0.5)
        axes.plot(*to_array(points).T, ".", color="white", ms=1.5)
        axes.set(title=f"after {k} of {len(layers)} layers", xlim=(-4, 4.5), ylim=(-2.5, 2.5))
figure.tight_layout()


# %% [markdown] checked="1b64211aa526" key="e6-9-see" lang="ko"
# **그림에서 볼 것.** 여러분의 흐름이 정규분포에서 두 초승달로 가는 길입니다. 색은 밀도이고, 밝을수록 높습니다. 왼쪽 끝은 기저 밀도이고, 오른쪽으로 갈수록 층이 더해져 마지막에는 학습된 밀도가 됩니다. 흰 점은 학습에 쓰지 않은 데이터를 남은 층으로 되돌린 것이므로, 어느 그림에서나 그 밀도에서 뽑은 점처럼 보여야 합니다. 학습이 잘되었다면 왼쪽 끝의 흰 점은 둥글게 퍼져 있습니다. 마지막 그림에서 두 초승달을 잇는 가느다란 띠는 결함이 아니라 증거입니다. 흐름은 연속인 전단사이므로, 한 덩어리인 정규분포를 둘로 찢을 수 없습니다.

# %% [markdown] key="e6-9-see" lang="en"
# **What to see.** The way of your flow from the normal distribution to the two moons. The colour is the density, bright is high. At the far left is the base density; to the right, layer after layer is added, until the last panel shows the trained density. The white points are data that the training has not seen, sent back through the layers that remain, so in every panel they should look like draws from its density. After good training, the white points at the far left form a round cloud. A thin bridge between the moons in the last panel is no flaw but evidence: a flow is a continuous bijection and cannot tear the normal distribution, which is in one piece, in two.

# %% [markdown] checked="c5df9d3eafdd" key="e6-10" lang="ko"
# ### E6.10 `grid_mass`
# 난이도 2/5 · 중요도 5/5 · 5분 · 1점 · 손으로
#
# 어떤 밀도를 만들었든 가장 먼저 할 검사는 같습니다. 전체 확률, 곧 **질량**(mass)이 1인지 보는 것입니다. 정규화를 잊거나 로그의 부호를 틀리면 여기서 드러납니다. 직사각형을 격자로 나누고 점마다 밀도와 칸의 넓이를 곱해 더하십시오.
#
# $$\int\!\!\int e^{\log p(x, y)} \, dx \, dy \approx \sum_{i,j} e^{\log p(x_i, y_j)} \, \Delta x \, \Delta y$$
#
# 축마다 점을 `n`개 씁니다. 양 끝을 포함하면 점이 `n`개일 때 칸은 `n - 1`개입니다. 직사각형의 두 변은 길이가 다를 수 있습니다. 점을 칸의 한가운데에 두어도 되고 사다리꼴이나 심프슨 규칙을 써도 됩니다. 테스트의 밀도는 가장자리에서 0에 가깝고, 질량이 1이 아닐 수도 있습니다.
#
# 통과했다고 해서 정답인 것은 아닙니다. 층의 순서가 틀린 흐름도 또 하나의 흐름이므로 질량은 1입니다.

# %% [markdown] key="e6-10" lang="en"
# ### E6.10 `grid_mass`
# difficulty 2/5 · importance 5/5 · 5 minutes · 1 point · by hand
#
# Whatever density you have built, the first check is the same: does its **mass**, the whole probability, amount to 1? A forgotten normalisation or a wrong sign of a logarithm shows here. Divide a rectangle into a grid, multiply the density at each point by the area of a cell, and add up.
#
# $$\int\!\!\int e^{\log p(x, y)} \, dx \, dy \approx \sum_{i,j} e^{\log p(x_i, y_j)} \, \Delta x \, \Delta y$$
#
# Use `n` points along each axis. If both ends are among them, `n` points make `n - 1` cells. The sides of the rectangle may differ in length. Points in the middle of the cells are fine too, and so are the trapezoidal and Simpson's rules. The densities of the tests are close to 0 at the border, and their mass need not be 1.
#
# To pass is not yet to be right: a flow whose layers are in the wrong order is another flow, and its mass is 1 all the same.

# %% answer e6-10
def grid_mass(log_prob, box: tuple, n: int) -> float:
    """Integral of a density over a rectangle.

    Args:
        log_prob: takes points of shape (N, 2) and returns their log-densities, shape (N,).
        box: the rectangle, (xmin, xmax, ymin, ymax).
        n: points along each axis.

    Returns:
        The integral of exp(log_prob), a single number.

    Example:
        grid_mass(log_prob, (-8.0, 8.0, -7.0, 7.0), 81) -> 1.0 for a standard normal density
    """
    ### BEGIN SOLUTION
    xmin, xmax, ymin, ymax = box
    x, y = np.linspace(xmin, xmax, n), np.linspace(ymin, ymax, n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return float(np.exp(log_prob(points)).sum() * (x[1] - x[0]) * (y[1] - y[0]))
    ### END SOLUTION


# %% [markdown] checked="0131d662809f" key="e6-10-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 격자를 더 촘촘하게 하면 점의 수가 늘어납니다. 합이 그대로이려면 무엇이 줄어야 합니까?
# 2. 양 끝을 포함하면 $\Delta x = (x_{\max} - x_{\min}) / (n - 1)$이고, $\Delta y$는 따로 구합니다.
# 3. 표준정규분포, 상자 `(-8, 8, -7, 7)`, `n = 81`에서 칸의 넓이는 0.035이고 밀도의 합은 28.57입니다.
#
# </details>

# %% [markdown] key="e6-10-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. A finer grid has more points. What must shrink so that the sum stays the same?
# 2. With both ends included, $\Delta x = (x_{\max} - x_{\min}) / (n - 1)$; $\Delta y$ is computed separately.
# 3. For the standard normal distribution, the box `(-8, 8, -7, 7)` and `n = 81`, a cell has the area 0.035, and the densities sum to 28.57.
#
# </details>

# %% test e6-10-mass 0.5
# Densities of several widths, in squares that need not lie around the origin.
bell = lambda points: -0.5 * np.sum(np.square(points), axis=1) - math.log(2 * math.pi)
assert abs(grid_mass(bell, (-8.0, 8.0, -8.0, 8.0), 81) - 1.0) < 1e-3, "a normal density has mass 1"

# %% test e6-10-box 0.5 alone
# Rectangles whose sides differ; nothing but the arguments decides.
bell = lambda points: -0.5 * np.sum(np.square(points), axis=1) - math.log(2 * math.pi)
assert abs(grid_mass(bell, (-8.0, 8.0, -7.0, 7.0), 81) - 1.0) < 1e-3, "the sides may differ"


# %% [markdown] checked="41ae728dabe9" key="e6-10-flow" lang="ko"
# 이제 여러분의 흐름을 검사합니다. 부호를 일부러 틀린 밀도와 나란히 놓아 보면 이 검사의 쓸모가 보입니다.

# %% [markdown] key="e6-10-flow" lang="en"
# Now check your own flow, side by side with a density in which the sign is wrong on purpose, and you see what this check is good for.

# %% key="e6-10-flow-run"
def trained(points):
    with torch.no_grad():
        return to_array(flow_log_prob(torch.tensor(points), layers))


def wrong_sign(points):
    """The right log-density, with the log-determinants added where they belong subtracted."""
    z = torch.tensor(points)
    with torch.no_grad():
        for mask, net in reversed(layers):
            z = torch.as_tensor(coupling_inverse(z, mask, net)[0])
    base = -0.5 * to_array(z**2).sum(axis=1) - math.log(2 * math.pi)
    return 2 * base - trained(points)


for name, log_prob in [("trained flow", trained), ("wrong sign", wrong_sign)]:
    print(f"{name}: mass {grid_mass(log_prob, (-3.5, 4.5, -3.8, 4.2), 201):.4f}")


# %% [markdown] checked="598809ce4773" key="e6-12" lang="ko"
# ### E6.12 세 가지 도구 (보너스)
# 난이도 4/5 · 중요도 2/5 · 25분 · 보너스 4점 · 손으로
#
# 첫째는 행렬식의 미분입니다. 흐름을 학습하려면 $\log|\det A|$의 그래디언트가 필요합니다. $\det A$를 행 $i$를 따라 전개하면 $A_{ij}$에 그 여인수(cofactor)가 곱해져 있고, 여인수를 모은 행렬을 $\det A$로 나누면 역행렬의 전치가 됩니다. 이것이 야코비의 공식입니다.
#
# $$\frac{\partial \log|\det A|}{\partial A} = A^{-T}$$

# %% [markdown] key="e6-12" lang="en"
# ### E6.12 A trio of tools (bonus)
# difficulty 4/5 · importance 2/5 · 25 minutes · 4 bonus points · by hand
#
# First, the derivative of a determinant. To train a flow you need the gradient of $\log|\det A|$. Expand $\det A$ along row $i$: $A_{ij}$ is multiplied by its cofactor, and the matrix of cofactors divided by $\det A$ is the transpose of the inverse. This is Jacobi's formula.
#
# $$\frac{\partial \log|\det A|}{\partial A} = A^{-T}$$

# %% answer e6-12-logdet-solution
def logdet_gradient(A: np.ndarray) -> np.ndarray:
    """Gradient of log |det A|.

    Args:
        A: an invertible matrix, shape (n, n), not symmetric in general; left unchanged.

    Returns:
        The gradient, shape (n, n): entry (i, j) is the derivative by A[i, j].

    Example:
        logdet_gradient(np.array([[2.0, 1.0], [0.0, 4.0]])) -> [[0.5, 0], [-0.125, 0.25]]
    """
    ### BEGIN SOLUTION
    return np.linalg.inv(A).T
    ### END SOLUTION


# %% test e6-12-logdet 1 bonus alone
# Matrices that are not symmetric, with determinants of either sign.
corner = np.array([[2.0, 1.0], [0.0, 4.0]])
np.testing.assert_allclose(logdet_gradient(corner), [[0.5, 0.0], [-0.125, 0.25]], atol=1e-4)


# %% [markdown] checked="5aca68d782ce" key="e6-12-trace" lang="ko"
# 둘째는 대각합(trace)의 추정입니다. 연속 흐름 FFJORD의 층은 $x = z + \varepsilon g(z)$처럼 무한히 얇습니다. $g$의 야코비안이 $J$이면 그 층의 로그는 $\log|\det(I + \varepsilon J)| \approx \varepsilon \operatorname{tr} J$입니다. 야코비안을 만들지 않고도 JVP만으로 대각합을 추정할 수 있습니다. 평균이 0이고 분산이 1인 서로 독립인 성분으로 탐침(probe) $v$를 만들면 $E[v v^T] = I$이므로 다음이 성립합니다.
#
# $$E[v^T J v] = \operatorname{tr}(J \, E[v v^T]) = \operatorname{tr} J$$
#
# 성분은 $\pm 1$이어도 되고 표준정규 난수여도 됩니다. 탐침마다 그 벡터 하나만 넣어 `jvp`를 한 번씩 부르고, 탐침은 모두 `np.random.default_rng(seed)`에서 뽑으십시오.

# %% [markdown] key="e6-12-trace" lang="en"
# Second, the estimate of a trace. A layer of the continuous flow FFJORD is infinitely thin, as in $x = z + \varepsilon g(z)$. If $g$ has the Jacobian $J$, the logarithm of that layer is $\log|\det(I + \varepsilon J)| \approx \varepsilon \operatorname{tr} J$. A trace can be estimated from JVPs alone, without forming the Jacobian. Make a probe $v$ of independent entries with mean 0 and variance 1; then $E[v v^T] = I$, and
#
# $$E[v^T J v] = \operatorname{tr}(J \, E[v v^T]) = \operatorname{tr} J$$
#
# Entries $\pm 1$ will do, and so will standard normal ones. Call `jvp` once for each probe, with that vector alone, and draw all probes from `np.random.default_rng(seed)`.

# %% answer e6-12-trace-solution
def trace_estimate(jvp, d: int, samples: int, seed: int) -> float:
    """Hutchinson's estimate of the trace of a Jacobian.

    Args:
        jvp: takes a vector u of shape (d,) and returns J u, shape (d,).
        d: the size of the Jacobian.
        samples: number of probes; jvp is called as many times.
        seed: of np.random.default_rng, from which the probes come.

    Returns:
        The estimate, a single number.

    Example:
        trace_estimate(lambda u: 3.0 * u, 2, 1000, 0) -> about 6
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    probes = rng.choice([-1.0, 1.0], size=(samples, d))
    return float(np.mean([v @ jvp(v) for v in probes]))
    ### END SOLUTION


# %% test e6-12-trace 1 bonus alone
# Unbiased for every seed, by as many calls as probes.
turned = np.array([[2.0, 5.0], [-3.0, 1.0]])
estimate = trace_estimate(lambda u: turned @ u, 2, 4000, 1)
assert abs(estimate - 3.0) < 0.5, "the trace is 3, and 4000 probes come closer than 0.5"


# %% [markdown] checked="fb707944cfe6" key="e6-12-tanh" lang="ko"
# 셋째는 강화학습 알고리즘 SAC가 쓰는 밀도입니다. 정규분포를 따르는 $u$를 $a = \tanh u$로 눌러 행동을 $(-1, 1)$ 안에 둡니다.
#
# $$\log p(a) = \log N(u; \mu, \sigma^2) - \log(1 - a^2), \qquad u = \operatorname{atanh} a$$
#
# $a$가 $\pm 1$에 다가가면 $1 - a^2$은 0에, 그 로그는 $-\infty$에 다가갑니다. 공개된 코드는 흔히 로그 안에 $10^{-6}$을 더해 이를 막습니다. 그러나 $a = 1 - 10^{-12}$이면 $\log(1 - a^2)$은 −26.9인데 그 코드는 −13.8을 얻습니다. 참된 밀도는 그 코드가 내는 값의 $5 \cdot 10^5$배입니다. $a$를 잘라 내는 코드도 마찬가지입니다. $a$가 정확히 $\pm 1$이 아닌 한 아무것도 더할 필요가 없습니다. $\log(1 - a) + \log(1 + a)$로 나누어 쓰면 정밀도가 낮은 수에서도 값을 잃지 않습니다.

# %% [markdown] key="e6-12-tanh" lang="en"
# Third, the density that the reinforcement-learning algorithm SAC uses. A normal $u$ is squashed to $a = \tanh u$, so that actions stay inside $(-1, 1)$.
#
# $$\log p(a) = \log N(u; \mu, \sigma^2) - \log(1 - a^2), \qquad u = \operatorname{atanh} a$$
#
# As $a$ approaches $\pm 1$, $1 - a^2$ approaches 0 and its logarithm $-\infty$. Public code often prevents this by adding $10^{-6}$ inside the logarithm. But at $a = 1 - 10^{-12}$, where $\log(1 - a^2)$ is −26.9, such code gets −13.8: the true density is $5 \cdot 10^5$ times what it returns. Code that clips $a$ fails in the same way. Unless $a$ is exactly $\pm 1$, nothing needs to be added. Written apart as $\log(1 - a) + \log(1 + a)$, it also keeps its value in numbers of lower precision.

# %% answer e6-12-tanh-solution
def tanh_gaussian_log_prob(a: np.ndarray, mu: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Log-density of a = tanh(u) for a normal u.

    Args:
        a: numbers strictly between -1 and 1, a number or an array of shape S.
        mu: means of u, a number or shape S.
        sigma: standard deviations of u, a number or shape S; if a is a number, S is the shape of
            mu or sigma. No argument is changed.

    Returns:
        The log-densities, shape S.

    Example:
        tanh_gaussian_log_prob(0.5, 0.0, 1.0) -> -0.782
    """
    ### BEGIN SOLUTION
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log1p(-a) - np.log1p(a)
    ### END SOLUTION


# %% [markdown] checked="8ba91cb15ba1" key="e6-12-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $A_{12}$만 조금 늘리면 $A^{-1}$의 어느 원소가 로그의 변화를 정합니까? $a$가 1보다 작기만 하면 $1 - a$는 양수입니까?
# 2. $1 - a^2 = (1 - a)(1 + a)$
# 3. $a = 1 - 10^{-12}$, $\mu = 0$, $\sigma = 1$이면 $-74.264$입니다.
#
# </details>

# %% [markdown] key="e6-12-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Increase $A_{12}$ alone by a little: which entry of $A^{-1}$ tells how the logarithm changes? As long as $a$ is less than 1, is $1 - a$ positive?
# 2. $1 - a^2 = (1 - a)(1 + a)$
# 3. For $a = 1 - 10^{-12}$, $\mu = 0$ and $\sigma = 1$ the answer is $-74.264$.
#
# </details>

# %% test e6-12-tanh-values 1 bonus alone
# Numbers and arrays; the arguments stay as they were.
assert abs(tanh_gaussian_log_prob(0.5, 0.0, 1.0) + 0.7821) < 1e-3, "squashing raises the density"

# %% test e6-12-tanh-extremes 1 bonus
# Next to -1 and 1 the density keeps its value.

# %% [markdown] checked="ed7ba396cc6f" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 적분이 $\pi$가 아니라 $\pi^{1.5}$이 된다: 극좌표에서 $r$을 곱하지 않았습니다.
# - 감소 함수에서 `nan`이 나온다: 도함수의 절댓값을 취하지 않았습니다.
# - 로그가 `inf`나 `-inf`이다: 행렬식을 다 곱한 다음에 로그를 취했습니다.
# - 왕복은 맞는데 밀도가 틀린다: 커플링 층의 로그를 야코비안과 비교하지 않았습니다.
# - 학습할수록 손실이 끝없이 작아지고 질량이 1에서 멀어진다: 로그의 부호가 반대입니다.
# - 질량은 1인데 값이 틀린다: 층을 적용한 순서대로 되돌렸습니다. 마지막 층부터 되돌려야 합니다.
# - 좌표 하나가 끝까지 정규분포로 남는다: 모든 층이 같은 마스크를 씁니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - An integral comes out as $\pi^{1.5}$ instead of $\pi$: the factor $r$ of polar coordinates is missing.
# - A decreasing map gives `nan`: the derivative has no absolute value around it.
# - A logarithm is `inf` or `-inf`: the determinant was multiplied out before the logarithm was taken.
# - The round trip works, but the density is wrong: the logarithm of the coupling layer was never compared with a Jacobian.
# - The loss falls without end, and the mass moves away from 1: the sign of the logarithms is reversed.
# - The mass is 1, but the values are wrong: the layers were undone in the order in which they were applied. Undo the last one first.
# - One coordinate stays normal to the end: all layers have the same mask.

# %% [markdown] question e6-11 2.0 covers="F7 CB14"
# ## E6.11 설명하기 · Explain
#
# **한국어.** $x = f(z)$이고 $f$는 $C^1$ 전단사이며 어디에서나 $\det J_f \ne 0$입니다. $z$의 밀도는 $p_Z$입니다. (a) $x$의 밀도를 두 가지 꼴로 쓰십시오. 하나는 $f$의 야코비안으로, 하나는 $f^{-1}$의 야코비안으로 쓰고, 각 야코비안을 어느 점에서 계산하는지 밝히십시오. (b) 흐름의 로그 밀도에서 $\log|\det J_f|$ 앞의 부호는 무엇이며, 왜 그렇습니까? (c) 어떤 코드에는 그 자리에 반대 부호가 있는데도 그 코드가 옳습니다. 어떻게 그럴 수 있습니까?
#
# **English.** Let $x = f(z)$, where $f$ is a $C^1$ bijection with $\det J_f \ne 0$ everywhere, and let $z$ have the density $p_Z$. (a) Write the density of $x$ in both forms, once with the Jacobian of $f$ and once with that of $f^{-1}$, and say at which point each Jacobian is evaluated. (b) Which sign stands before $\log|\det J_f|$ in the log-density of a flow, and why? (c) Some code has the opposite sign in this place and is right all the same. How can that be?
#
# === BEGIN MARK SCHEME ===
#
# 2점: (a) 두 꼴이 모두 맞고, $J_f$는 $z = f^{-1}(x)$에서, $J_{f^{-1}}$는 $x$에서 계산하며, 절댓값이 있다. (b) 빼기이며, 늘린 곳에서는 같은 확률이 더 큰 부피에 퍼진다는 이유를 든다. (c) 그 코드의 $f$는 $x \to z$이거나, 역함수의 야코비안을 쓴다. 1점: (a)의 두 꼴이 맞거나, (b)의 부호와 이유가 맞다. 2점짜리 답에서 점이나 절댓값을 빠뜨렸으면 0.5점을 빼고, (c)가 없어도 0.5점을 뺀다.
#
# 2 points: (a) both forms are right, with $J_f$ at $z = f^{-1}(x)$, $J_{f^{-1}}$ at $x$, and absolute values; (b) minus, because where space is stretched the same probability is spread over a larger volume; (c) in that code $f$ goes from $x$ to $z$, or the Jacobian is that of the inverse. 1 point: both forms of (a), or sign and reason of (b). From 2 points take off 0.5 for a missing point or absolute value, and 0.5 if (c) is missing.
#
# Sample, 2 points: "p(x) = pZ(z) / |det Jf(z)| with z = f^-1(x), which equals pZ(f^-1(x)) |det J of f^-1 at x|. The sign is minus: if f doubles volumes near z, the same probability fills twice the space and the density halves. Code with a plus calls the map from data to noise f, so its determinant is the inverse of ours."
#
# 예시, 1점: "p(x) = pZ(z)/|det Jf|이고, p(x) = pZ(z)|det J_{f^-1}|이기도 합니다. 부호는 빼기입니다. 로그를 취하면 나누기가 빼기가 되기 때문입니다. 부호가 반대인 코드는 f의 방향이 반대입니다." (두 꼴과 (c)는 맞지만, 계산하는 점이 없고 (b)에서 늘어난 부피를 말하지 않았다.)
#
# === END MARK SCHEME ===

# %% [markdown] checked="3a4a1e10e337" key="e6-11-answer" lang="ko"
# **여기에 답을 쓰십시오.**

# %% [markdown] key="e6-11-answer" lang="en"
# **Write your answer here.**

# %% [markdown] checked="e60ca29dd3f1" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# - 변수 변환 공식에는 조건이 있습니다. $f$는 $C^1$ 전단사이고 $\det J_f \ne 0$이어야 하며, $J_f$는 $x = f^{-1}(y)$에서 계산합니다. $|\det J_f|$로 나누는 꼴과 $|\det J_{f^{-1}}|$을 곱하는 꼴은 같은 식입니다. E6.3에서 확인합니다.
# - 극좌표의 행렬식이 $r$인 것은 좌표의 순서가 $(r, \theta)$일 때입니다. 순서를 바꾸면 $-r$이고, 그래서 공식에 절댓값이 있습니다. $r = 0$에서는 역함수가 없습니다. E6.1에서 확인합니다.
# - 행렬식은 부피의 배율 그 자체가 아닙니다. 절댓값이 부피의 배율이고, 부호는 방향이 뒤집히는지를 말합니다. E6.1에서 확인합니다.
# - 흐름의 로그 밀도는 방향을 정해야 뜻이 있습니다. $x = f(z)$이고 $z = f^{-1}(x)$이면 $\log|\det J_f|$를 뺍니다. 행렬식은 로그로 구해야 합니다. 원소가 표준정규분포를 따르는 $500 \times 500$ 행렬의 행렬식은 배정밀도의 범위를 벗어납니다. E6.5와 E6.8에서 확인합니다.

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# - The formula for the change of variables has conditions: $f$ is a $C^1$ bijection with $\det J_f \ne 0$, and $J_f$ is evaluated at $x = f^{-1}(y)$. To divide by $|\det J_f|$ and to multiply by $|\det J_{f^{-1}}|$ are the same formula. E6.3 shows it.
# - The determinant of polar coordinates is $r$ if the coordinates are listed as $(r, \theta)$. In the other order it is $-r$, which is why the formula has an absolute value. At $r = 0$ there is no inverse. E6.1 shows it.
# - A determinant is not the same as a change of volume. Its absolute value is; its sign tells whether orientation is reversed. E6.1 shows it.
# - The log-density of a flow has a meaning only with a direction: for $x = f(z)$ and $z = f^{-1}(x)$, $\log|\det J_f|$ is subtracted. And the determinant must be computed as a logarithm: that of a $500 \times 500$ matrix with standard normal entries is beyond double precision. E6.5 and E6.8 show it.

# %% [markdown] checked="739c419e8590" key="further" lang="ko"
# ## 더 나아가기
#
# `ps7-capstone`에서는 여러분이 직접 쓴 VJP와 Adam만으로 신경망을 학습합니다. 이 노트북의 흐름도 그렇게 학습해 보십시오. 커플링 층의 VJP는 층마다 몇 줄이면 됩니다.
#
# [Real NVP](https://arxiv.org/abs/1605.08803)는 이미지에 커플링 층을 썼습니다. 야코비안이 삼각행렬이라는 점만 지킨다면 좌표마다 앞의 모든 좌표를 읽어도 됩니다. 이것이 [자기회귀 흐름](https://arxiv.org/abs/1705.07057)입니다. 밀도는 한 번에 계산하지만 표본은 좌표를 하나씩 뽑아야 합니다. 왜 한쪽 방향만 느립니까? [FFJORD](https://arxiv.org/abs/1810.01367)는 층을 미분방정식으로 바꾸고, E6.12의 대각합 추정을 씁니다.
#
# 종이 위에서 풀어 볼 문제도 하나 있습니다. 0과 1 사이의 균등분포를 따르고 서로 독립인 두 수 $u_1, u_2$로 $r = \sqrt{-2 \log u_1}$과 $\theta = 2 \pi u_2$를 만들면 $(r \cos\theta, r \sin\theta)$는 표준정규분포를 따릅니다. 이것이 박스-뮬러(Box-Muller) 방법입니다. E6.1의 행렬식과 변수 변환 공식으로 보이십시오.

# %% [markdown] key="further" lang="en"
# ## Going further
#
# In `ps7-capstone` you train a network with nothing but VJPs and an Adam of your own. Try to train the flow of this notebook that way too: the VJP of a coupling layer takes a few lines.
#
# [Real NVP](https://arxiv.org/abs/1605.08803) used coupling layers on images. As long as the Jacobian stays triangular, each coordinate may read all coordinates before it: that is an [autoregressive flow](https://arxiv.org/abs/1705.07057). It computes a density in one pass, but must draw a sample one coordinate at a time. Why is only one direction slow? [FFJORD](https://arxiv.org/abs/1810.01367) turns layers into a differential equation and uses the trace estimate of E6.12.
#
# And a problem for paper. From a pair of independent numbers $u_1, u_2$, uniform between 0 and 1, form $r = \sqrt{-2 \log u_1}$ and $\theta = 2 \pi u_2$; then $(r \cos\theta, r \sin\theta)$ is standard normal. This is the Box-Muller method. Show it with the determinant of E6.1 and the formula for the change of variables.
