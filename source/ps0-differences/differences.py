# %% [markdown] checked="2a25d720bef0" key="title" lang="ko"
# # ps0. 수치 미분과 채점기 사용법
#
# 이 강의에서 여러분은 미분을 손으로 구하고 코드로 옮깁니다. 부호 하나, 첨자 하나가 틀려도 코드는 오류 없이 돌아갑니다. 그래서 가장 먼저 만들 것은 **미분을 의심하는 도구**입니다. 함숫값만으로 도함수를 어림하는 방법, 곧 **수치 미분**(numerical differentiation)이 그 도구입니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 답을 쓰고, 검사하고, 제출하고, 실패 메시지를 읽습니다.
# - 전진 차분과 중심 차분으로 그래디언트를 어림합니다.
# - 스텝이 클 때와 작을 때 오차가 각각 어디에서 오는지 설명하고, 알맞은 스텝을 고릅니다.
# - 복소 스텝으로 마지막 자리까지 맞는 미분을 얻습니다.
# - 어떤 크기의 함수에도 쓸 수 있는 그래디언트 검사기를 만듭니다.
#
# 45분, 10점입니다. 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps0. Numerical differentiation, and how the grader works
#
# In this course you derive derivatives by hand and turn them into code. With a single wrong sign or index the code still runs without an error. So the first thing to build is **a tool for doubting a derivative**. That tool is **numerical differentiation**: estimating a derivative from values of the function alone.
#
# After this notebook you can
#
# - write an answer, check it, hand it in, and read a message of failure;
# - estimate a gradient with forward and with central differences;
# - tell where the error comes from when the step is large and when it is small, and choose a good step;
# - get derivatives right to the last digit with the complex step;
# - build a gradient checker that works for functions of any size.
#
# 45 minutes, 10 points. Run the cells in order, starting with the one below.

# %% locked setup
import math

import matplotlib.pyplot as plt
import numpy as np


# %% [markdown] checked="597f73757667" key="cycle" lang="ko"
# ## 답을 쓰고 채점받기까지
#
# 모든 노트북은 같은 순서로 풉니다.
#
# 1. **쓰기.** `raise NotImplementedError()`가 있는 셀이 답을 쓸 자리입니다. 그 줄을 지우고 코드를 쓰십시오.
# 2. **검사하기.** 답 아래의 잠긴 셀이 테스트입니다. 실행해서 아무 말이 없으면 통과입니다. 노트북을 저장하고 터미널에서 `nbgrader validate differences.ipynb`를 실행하면 모든 테스트를 한꺼번에 돌려 봅니다. 모두 통과하면 `Success! Your notebook passes all the tests.`가 나옵니다.
# 3. **제출하기.** `nbgrader submit ps0-differences`를 실행하거나, 강사가 알려 준 곳에 `differences.ipynb`를 올립니다.
# 4. **읽기.** 채점이 끝나면 테스트마다 결과와 점수가 적힌 피드백을 받습니다.
#
# 여러분이 보는 테스트는 채점의 일부입니다. 숨은 테스트가 다른 입력, 다른 모양, 극단적인 크기에서 같은 함수를 다시 부릅니다. 점수는 셀마다 따로 매기므로 일부만 맞아도 그만큼 얻습니다.

# %% [markdown] key="cycle" lang="en"
# ## From an answer to a grade
#
# You work through every notebook in the same way.
#
# 1. **Write.** A cell with `raise NotImplementedError()` is the place for an answer. Delete that line and write your code.
# 2. **Check.** The locked cells below an answer are tests. Run one: silence means that it passes. Save the notebook and run `nbgrader validate differences.ipynb` in a terminal to run all tests at once. If all of them pass, it answers `Success! Your notebook passes all the tests.`
# 3. **Hand in.** Run `nbgrader submit ps0-differences`, or upload `differences.ipynb` where your instructor told you.
# 4. **Read.** After grading you receive feedback with a result and points for each test.
#
# The tests that you see are only a part. Hidden tests call the same function on other inputs, other shapes and extreme sizes. Each cell is graded by itself, so an answer that is partly right earns its part.

# %% [markdown] checked="746f3b5525a9" key="e0-1" lang="ko"
# ### E0.1 `hello_grader`
# 난이도 1/5 · 중요도 3/5 · 6분 · 1점 · 손으로
#
# 수 $x_1, \dots, x_n$의 제곱의 합 $\sum_i x_i^2$을 돌려주십시오. 답을 쓰기 전에 테스트 셀을 한 번 실행해 실패가 어떻게 생겼는지 보십시오.
#
# "손으로" 푸는 문제에서는 NumPy로 계산하며, 함수가 실행되는 동안 torch를 쓸 수 없습니다. 이 노트북의 모든 문제가 그렇습니다. 받은 배열은 바꾸지 마십시오.

# %% [markdown] key="e0-1" lang="en"
# ### E0.1 `hello_grader`
# difficulty 1/5 · importance 3/5 · 6 minutes · 1 point · by hand
#
# Return the sum of squares $\sum_i x_i^2$ of the numbers $x_1, \dots, x_n$. Before you write the answer, run a test cell once to see what failure looks like.
#
# In an exercise "by hand" you compute with NumPy, and torch is not available while your function runs. All exercises of this notebook are of that kind. Leave the arrays that you are given as they are.

# %% answer e0-1
def hello_grader(x: np.ndarray) -> float:
    """Sum of the squares of some numbers.

    Args:
        x: the numbers, shape (n,); left unchanged.

    Returns:
        The sum, a single number.

    Example:
        hello_grader(np.array([1.0, 2.0, 3.0])) -> 14.0
    """
    ### BEGIN SOLUTION
    return float(np.sum(x**2))
    ### END SOLUTION


# %% [markdown] checked="6391e602d6ad" key="e0-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 1, 2, 3의 제곱은 무엇이고, 그 합은 얼마입니까?
# 2. $\sum_i x_i^2 = x^T x$
# 3. 수 0.5와 −2의 제곱의 합은 4.25입니다.
#
# </details>

# %% [markdown] key="e0-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. What are the squares of 1, 2, 3, and what is their sum?
# 2. $\sum_i x_i^2 = x^T x$
# 3. The squares of the numbers 0.5 and −2 sum to 4.25.
#
# </details>

# %% test e0-1-values 0.5
# The sum of the squares, of as many numbers as there are.
assert abs(hello_grader(np.array([1.0, 2.0, 3.0])) - 14.0) < 1e-3, "1 + 4 + 9 is 14"

# %% test e0-1-inputs 0.5 alone
# The numbers stay as they were.
numbers = np.array([1.0, 2.0, 3.0])
hello_grader(numbers)
np.testing.assert_array_equal(numbers, [1.0, 2.0, 3.0])

# %% [markdown] checked="e89daf886e73" key="message" lang="ko"
# ### 실패 메시지 읽기
#
# 한 학생이 제곱을 잊고 수를 그대로 더했습니다. 피드백에는 이렇게 적힙니다.
#
# | 테스트 | 점수 | 결과 |
# |---|---|---|
# | `e0-1-values` | 0 / 0.5 | 수 3개: 결과의 값: 2.5, 올바른 값이 아닙니다.<br>**의심되는 실수:** 수를 그대로 더했습니다. 먼저 하나씩 제곱하십시오. |
#
# 네 가지를 차례로 읽으십시오.
#
# - **경우**: "수 3개". 어떤 입력에서 실패했는지 말합니다. 같은 종류의 입력을 스스로 만들어 다시 시험해 보십시오.
# - **자리**: "결과의 값". 결과가 수 하나라서 그렇습니다. 배열이면 처음 어긋난 자리가 `[1]`처럼 0부터 세어 나옵니다.
# - **값**: 2.5. 여러분의 함수가 그 자리에 돌려준 값입니다. 올바른 값은 알려 주지 않습니다.
# - **의심되는 실수**: 여러분의 결과가 알려진 실수와 들어맞을 때만 나옵니다. 나오지 않아도 앞의 세 가지로 찾아갈 수 있습니다.
#
# 모양이 다르면 두 모양이 나오고, 코드가 멈추었으면 예외의 이름과 여러분 셀의 줄 번호가 나옵니다.

# %% [markdown] key="message" lang="en"
# ### Reading a message of failure
#
# A student forgot to square and added the numbers as they are. The feedback says:
#
# | Test | Points | Result |
# |---|---|---|
# | `e0-1-values` | 0 / 0.5 | 3 numbers: the value of your result is 2.5, which is not the right value.<br>**Likely mistake:** the numbers are added as they are; square each one first. |
#
# Read four things, in this order.
#
# - **The case**: "3 numbers". It says which input failed. Make an input of the same kind yourself and try again.
# - **The place**: "the value of your result", because the result is a single number. In an array it is the first wrong entry, such as `[1]`, counted from 0.
# - **The value**: 2.5. That is what your function returned there. The right value is never told.
# - **The likely mistake**: it appears only if your result fits a known mistake. Without it, the other three still lead you there.
#
# If the shape is wrong, you read both shapes; if your code stopped, the name of the exception and the line in your cell.

# %% [markdown] checked="67a6339d8d6b" key="failure" lang="ko"
# ## 한 번의 실패
#
# 도함수의 정의는 $f'(x) = \lim_{h \to 0} \dfrac{f(x + h) - f(x)}{h}$입니다. 그렇다면 $h$를 아주 작게 잡기만 하면 되지 않겠습니까? $\sin$을 점 1에서 미분해 봅니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# By definition, $f'(x) = \lim_{h \to 0} \dfrac{f(x + h) - f(x)}{h}$. So should it not be enough to make $h$ very small? Differentiate $\sin$ at the point 1.

# %% key="failure-run"
for h in [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 1e-16]:
    quotient = (np.sin(1 + h) - np.sin(1)) / h
    print(f"h = {h:.0e}   quotient = {quotient:.10f}   error = {abs(quotient - np.cos(1)):.0e}")


# %% [markdown] checked="cc72f661f17a" key="failure-why" lang="ko"
# 오차는 처음에 줄어들다가 $h = 10^{-8}$을 지나면 다시 커집니다. $h = 10^{-16}$에서는 몫이 0입니다. 컴퓨터에서 $1 + 10^{-16}$은 1과 같은 수이기 때문입니다.
#
# 오류도 경고도 없었습니다. 극한을 그대로 옮긴 코드는 틀린 수를 조용히 돌려줍니다. 어떤 $h$가 알맞은지, 그리고 왜 그런지를 이 노트북에서 알아봅니다.

# %% [markdown] key="failure-why" lang="en"
# At first the error shrinks; beyond $h = 10^{-8}$ it grows again. At $h = 10^{-16}$ the quotient is 0, because to the computer $1 + 10^{-16}$ is the same number as 1.
#
# There was no error message and no warning. Code that follows the limit to the letter quietly returns wrong numbers. Which $h$ is good, and why, is what you find out in this notebook.

# %% [markdown] checked="5adabe06d285" key="convention" lang="ko"
# ### 이 강의의 약속
#
# 함수 $f: \mathbb{R}^n \to \mathbb{R}$의 **그래디언트**(gradient)는 편미분을 세로로 쌓은 벡터입니다.
#
# $$\nabla f(x) = \begin{bmatrix} \dfrac{\partial f}{\partial x_1} \\ \vdots \\ \dfrac{\partial f}{\partial x_n} \end{bmatrix}, \qquad f(x + u) \approx f(x) + \nabla f(x)^T u$$
#
# 코드에서 그래디언트는 $x$와 모양이 같은 배열입니다. `x`의 모양이 `(3,)`이면 그래디언트의 모양도 `(3,)`입니다. $x$가 $t$의 함수이면 **연쇄법칙**(chain rule)에 따라 $\frac{d}{dt} f(x(t)) = \nabla f(x(t))^T x'(t)$입니다.
#
# 이 두 가지가 강의 전체의 출발점입니다. 출력이 여럿이면 그래디언트 대신 야코비안이 나오고(`ps1-jacobian`), 그래디언트를 한 번 더 미분하면 헤시안이 나옵니다(`ps3-hessian`).

# %% [markdown] key="convention" lang="en"
# ### The convention of this course
#
# The **gradient** of a function $f: \mathbb{R}^n \to \mathbb{R}$ is the column vector of its partial derivatives.
#
# $$\nabla f(x) = \begin{bmatrix} \dfrac{\partial f}{\partial x_1} \\ \vdots \\ \dfrac{\partial f}{\partial x_n} \end{bmatrix}, \qquad f(x + u) \approx f(x) + \nabla f(x)^T u$$
#
# In code the gradient is an array of the shape of $x$: if `x` has the shape `(3,)`, so has the gradient, `(3,)`. If $x$ is a function of $t$, the **chain rule** says $\frac{d}{dt} f(x(t)) = \nabla f(x(t))^T x'(t)$.
#
# The whole course starts from this pair. With several outputs, the gradient becomes the Jacobian (`ps1-jacobian`); differentiated once more, it gives the Hessian (`ps3-hessian`).

# %% [markdown] checked="881ebc6c1ae5" key="definition" lang="ko"
# ## 전진 차분과 중심 차분
#
# 편미분 $\partial f / \partial x_i$는 좌표 $x_i$ 하나만 움직여 어림합니다. $e_i$는 $i$번째만 1이고 나머지가 0인 벡터입니다.
#
# $$\text{forward: } \frac{f(x + h e_i) - f(x)}{h} \qquad\qquad \text{central: } \frac{f(x + h e_i) - f(x - h e_i)}{2h}$$
#
# **전진 차분**(forward difference)은 한쪽만 보고, **중심 차분**(central difference)은 양쪽을 봅니다. 작은 예를 하나 계산해 봅니다. $f(x) = x^3$, 점 1, $h = 0.1$이면 참값은 3입니다.
#
# $$\frac{1.331 - 1}{0.1} = 3.31, \qquad \frac{1.331 - 0.729}{0.2} = 3.01$$
#
# 두 방법 모두 함수를 두 번씩 불렀는데, 오차는 0.31과 0.01로 크게 다릅니다.

# %% [markdown] key="definition" lang="en"
# ## Forward and central differences
#
# The partial derivative $\partial f / \partial x_i$ is estimated by moving the coordinate $x_i$ alone. The vector $e_i$ is 1 at $i$ and 0 elsewhere.
#
# $$\text{forward: } \frac{f(x + h e_i) - f(x)}{h} \qquad\qquad \text{central: } \frac{f(x + h e_i) - f(x - h e_i)}{2h}$$
#
# The **forward difference** looks to one side, the **central difference** to both. Here is a small example. For $f(x) = x^3$ at the point 1 with $h = 0.1$, the true value is 3.
#
# $$\frac{1.331 - 1}{0.1} = 3.31, \qquad \frac{1.331 - 0.729}{0.2} = 3.01$$
#
# Both called the function twice, yet their errors differ widely: 0.31 and 0.01.

# %% [markdown] checked="1f3369c3a172" key="e0-2" lang="ko"
# ### E0.2 `forward_difference`, `central_difference`
# 난이도 2/5 · 중요도 5/5 · 10분 · 3점 · 손으로
#
# 두 차분으로 그래디언트 전체를 구하십시오. 신경망의 손실처럼 한 번 계산하는 데 오래 걸리는 $f$도 있으므로 부르는 횟수를 셉니다. 전진 차분은 정확히 $n + 1$번, 중심 차분은 정확히 $2n$번 부릅니다.
#
# 함정이 두 가지 있습니다. `xp = x`는 복사가 아니므로 `xp`를 바꾸면 `x`도 바뀝니다. 그리고 정수 배열의 원소에 `h`를 더하면 소수 부분이 잘려 나갑니다. `x`가 정수 배열이어도 옳게 답해야 합니다.

# %% [markdown] key="e0-2" lang="en"
# ### E0.2 `forward_difference`, `central_difference`
# difficulty 2/5 · importance 5/5 · 10 minutes · 3 points · by hand
#
# Compute the whole gradient with either difference. A call of $f$ may be expensive, think of the loss of a network, so the calls are counted: exactly $n + 1$ for the forward difference, exactly $2n$ for the central one.
#
# Watch for a pair of traps. `xp = x` makes no copy, so a change of `xp` changes `x`. And an array of integers cuts off the fraction when `h` is added to an entry: your answer must be right for an `x` of integers too.

# %% answer e0-2-forward-solution covers="P0"
def forward_difference(f, x: np.ndarray, h: float = 1e-8) -> np.ndarray:
    """Gradient by forward differences, with exactly n + 1 calls of f.

    Args:
        f: a function from shape (n,) to a number.
        x: the point, shape (n,), integers or float64; left unchanged.
        h: the step. You may use h * max(1, |x_i|) for coordinate i.

    Returns:
        The gradient, shape (n,).

    Example:
        forward_difference(lambda x: x[0] * x[1], np.array([2.0, 3.0])) -> [3, 2]
    """
    ### BEGIN SOLUTION
    start = f(x)
    return np.array([(f(x + h * e) - start) / h for e in np.eye(len(x))])
    ### END SOLUTION


# %% test e0-2-forward-values 0.5
# The gradient with the default step, and the quotient with a step that is given.
cube = lambda x: x[0] ** 3
np.testing.assert_allclose(forward_difference(cube, np.array([1.0]), 0.1), [3.31], rtol=1e-4)
np.testing.assert_allclose(forward_difference(cube, np.array([1.0])), [3.0], rtol=1e-4)

# %% test e0-2-forward-calls 0.5 alone
# One call at x and one for each coordinate.
calls = []


def plane(x):
    calls.append(x)
    return x[0] + x[1] - x[2]


forward_difference(plane, np.array([1.0, 2.0, 3.0]))
assert len(calls) == 4, "3 coordinates: 4 calls"

# %% test e0-2-forward-inputs 0.5 alone
# Whole numbers do not cut off the step, and x stays as it was.
whole = np.array([2, 3])
found = forward_difference(lambda x: x[0] * x[1], whole)
np.testing.assert_allclose(found, [3.0, 2.0], rtol=1e-4)
np.testing.assert_array_equal(whole, [2, 3])


# %% answer e0-2-central-solution
def central_difference(f, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Gradient by central differences, with exactly 2 n calls of f.

    Args:
        f: a function from shape (n,) to a number.
        x: the point, shape (n,), integers or float64; left unchanged.
        h: the step. You may use h * max(1, |x_i|) for coordinate i.

    Returns:
        The gradient, shape (n,).

    Example:
        central_difference(lambda x: x[0] * x[1], np.array([2.0, 3.0])) -> [3, 2]
    """
    ### BEGIN SOLUTION
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    ### END SOLUTION


# %% [markdown] checked="e7f83645286a" key="e0-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 전진 차분에서 $f(x)$는 좌표마다 달라집니까?
# 2. `np.eye(len(x))`의 행은 $e_1, \dots, e_n$이며 원소가 실수입니다. 정수 배열에 더해도 결과는 실수 배열입니다.
# 3. $f(x) = x_1^3 + x_1 x_2$와 점 $(1, 1)$, `h=0.1`에서 전진 차분은 $(4.31, 1)$, 중심 차분은 $(4.01, 1)$입니다.
#
# </details>

# %% [markdown] key="e0-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. In the forward difference, does $f(x)$ change from coordinate to coordinate?
# 2. The rows of `np.eye(len(x))` are $e_1, \dots, e_n$, with real entries. Added to an array of integers they give an array of real numbers.
# 3. For $f(x) = x_1^3 + x_1 x_2$ at $(1, 1)$ with `h=0.1` the forward difference is $(4.31, 1)$, the central one $(4.01, 1)$.
#
# </details>

# %% test e0-2-central-values 0.5
# The gradient with the default step, and the quotient with a step that is given.
cube = lambda x: x[0] ** 3
np.testing.assert_allclose(central_difference(cube, np.array([1.0]), 0.1), [3.01], rtol=1e-4)
np.testing.assert_allclose(central_difference(cube, np.array([1.0])), [3.0], rtol=1e-6)

# %% test e0-2-central-calls 0.5 alone
# Two calls for each coordinate.
calls = []


def plane(x):
    calls.append(x)
    return x[0] + x[1] - x[2]


central_difference(plane, np.array([1.0, 2.0, 3.0]))
assert len(calls) == 6, "3 coordinates: 6 calls"

# %% test e0-2-central-inputs 0.5 alone
# Whole numbers do not cut off the step, and x stays as it was.
whole = np.array([2, 3])
found = central_difference(lambda x: x[0] * x[1], whole)
np.testing.assert_allclose(found, [3.0, 2.0], rtol=1e-4)
np.testing.assert_array_equal(whole, [2, 3])


# %% [markdown] checked="aeb54be3c0d1" key="two-errors" lang="ko"
# ## 두 가지 오차
#
# 차분에는 성질이 반대인 두 오차가 섞여 있습니다.
#
# - **절단 오차**(truncation error)는 테일러 전개에서 잘라 낸 항입니다. $h$가 작을수록 작아집니다.
# - **반올림 오차**(rounding error)는 함숫값이 약 16자리까지만 저장되기 때문에 생깁니다. 가까운 두 값을 빼면 앞자리가 지워지고 뒷자리의 오차가 남는데, 그것을 $h$로 나누므로 $h$가 작을수록 커집니다.
#
# **배정밀도**(double precision)의 상대 간격은 $\varepsilon \approx 2.2 \times 10^{-16}$이고, 함숫값 하나의 오차는 많아야 $\varepsilon |f|$ 정도입니다. 두 오차를 더하고, $h$로 미분한 것을 0으로 놓으면 가장 좋은 스텝이 나옵니다.
#
# $$\text{forward: } \frac{h}{2} |f''| + \frac{2 \varepsilon |f|}{h} \quad\Rightarrow\quad h = 2 \sqrt{\frac{\varepsilon |f|}{|f''|}} \sim \sqrt{\varepsilon} \approx 1.5 \times 10^{-8}$$
#
# $$\text{central: } \frac{h^2}{6} |f'''| + \frac{\varepsilon |f|}{h} \quad\Rightarrow\quad h = \sqrt[3]{\frac{3 \varepsilon |f|}{|f'''|}} \sim \sqrt[3]{\varepsilon} \approx 6 \times 10^{-6}$$
#
# E0.2의 기본 스텝 `1e-8`과 `1e-5`는 여기에서 왔습니다. 이 스텝에서 오차는 각각 $\sqrt{\varepsilon}$과 $\varepsilon^{2/3} \approx 4 \times 10^{-11}$ 정도입니다. 16자리 가운데 전진 차분은 반을, 중심 차분은 3분의 1을 잃습니다.

# %% [markdown] key="two-errors" lang="en"
# ## Two errors
#
# A difference holds a mixture of errors of opposite nature.
#
# - The **truncation error** is the part of the Taylor expansion that was cut off. It shrinks with $h$.
# - The **rounding error** arises because values of a function are stored to about 16 digits only. Subtract close values and the leading digits cancel; the error in the last digits stays and is divided by $h$, so it grows as $h$ shrinks.
#
# **Double precision** has the relative spacing $\varepsilon \approx 2.2 \times 10^{-16}$, and a value of the function is off by $\varepsilon |f|$ or so at most. Add the errors, set the derivative by $h$ to 0, and the best step comes out.
#
# $$\text{forward: } \frac{h}{2} |f''| + \frac{2 \varepsilon |f|}{h} \quad\Rightarrow\quad h = 2 \sqrt{\frac{\varepsilon |f|}{|f''|}} \sim \sqrt{\varepsilon} \approx 1.5 \times 10^{-8}$$
#
# $$\text{central: } \frac{h^2}{6} |f'''| + \frac{\varepsilon |f|}{h} \quad\Rightarrow\quad h = \sqrt[3]{\frac{3 \varepsilon |f|}{|f'''|}} \sim \sqrt[3]{\varepsilon} \approx 6 \times 10^{-6}$$
#
# This is where the default steps `1e-8` and `1e-5` of E0.2 come from. With them the errors are about $\sqrt{\varepsilon}$ and $\varepsilon^{2/3} \approx 4 \times 10^{-11}$. Of 16 digits, the forward difference loses a half, the central one 1 in 3.

# %% [markdown] checked="41d5f544c3c9" key="e0-3" lang="ko"
# ### E0.3 `complex_step`
# 난이도 2/5 · 중요도 3/5 · 7분 · 2점 · 손으로
#
# 반올림 오차는 뺄셈에서 왔습니다. 뺄셈이 없는 방법은 없습니까? 스텝을 허수 방향으로 잡으면 됩니다.
#
# $$f(x + ih) = f(x) + i h f'(x) - \frac{h^2}{2} f''(x) - \frac{i h^3}{6} f'''(x) + \cdots \quad\Rightarrow\quad \frac{\operatorname{Im} f(x + ih)}{h} = f'(x) - \frac{h^2}{6} f'''(x) + \cdots$$
#
# 이것이 **복소 스텝**(complex step)입니다. 실수부와 허수부는 따로 저장되므로 아무것도 지워지지 않습니다. $f(x) = x^3$, 점 1, $h = 0.1$이면 $\operatorname{Im} (1 + 0.1i)^3 / 0.1 = 2.99$입니다. 여기에서는 $h = 10^{-30}$처럼 작게 잡아도 되고, 그러면 남은 항은 사라집니다.
#
# 변수가 여럿이면 좌표마다 $x + i h e_j$에서 $f$를 한 번씩, 모두 $n$번 부릅니다. 테스트는 $10^{-13}$까지 비교하므로 단정밀도로 돌려준 답은 통과하지 못합니다. 단, $f$가 복소수를 받을 수 있는 식이어야 합니다. `abs`, `max`, 부등호가 들어간 코드에는 이 방법을 쓸 수 없습니다.

# %% [markdown] key="e0-3" lang="en"
# ### E0.3 `complex_step`
# difficulty 2/5 · importance 3/5 · 7 minutes · 2 points · by hand
#
# The rounding error came from the subtraction. Is there a way without one? Take the step in the imaginary direction.
#
# $$f(x + ih) = f(x) + i h f'(x) - \frac{h^2}{2} f''(x) - \frac{i h^3}{6} f'''(x) + \cdots \quad\Rightarrow\quad \frac{\operatorname{Im} f(x + ih)}{h} = f'(x) - \frac{h^2}{6} f'''(x) + \cdots$$
#
# This is the **complex step**. The real and the imaginary part are stored apart, so nothing cancels. For $f(x) = x^3$ at the point 1 with $h = 0.1$, $\operatorname{Im} (1 + 0.1i)^3 / 0.1 = 2.99$. Here the step may be as small as $h = 10^{-30}$, and then the remaining terms vanish.
#
# With several variables, call $f$ once for each coordinate, at $x + i h e_j$: $n$ calls in all. The tests compare to $10^{-13}$, so an answer returned in single precision does not pass. One condition: $f$ must be a formula that takes complex numbers. The method fails on code that contains `abs`, `max` or an inequality.

# %% answer e0-3
def complex_step(f, x: np.ndarray, h: float = 1e-30) -> np.ndarray:
    """Gradient by the complex step, with exactly n calls of f.

    Args:
        f: a function from shape (n,), complex, to a complex number.
        x: the point, shape (n,), integers or float64; left unchanged.
        h: the step, used as it is given.

    Returns:
        The gradient, real, in double precision, shape (n,).

    Example:
        complex_step(lambda x: x[0] * x[1], np.array([2.0, 3.0])) -> [3, 2]
    """
    ### BEGIN SOLUTION
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])
    ### END SOLUTION


# %% [markdown] checked="144f0ac0f63f" key="e0-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. Python은 허수 단위를 `1j`로 씁니다. `x + 1j * h`는 어느 좌표를 움직입니까?
# 2. $\partial f / \partial x_j \approx \operatorname{Im} f(x + i h e_j) / h$
# 3. $f(x) = x_1^2 x_2$를 점 $(3, 5)$에서 미분하면 $(30, 9)$입니다.
#
# </details>

# %% [markdown] key="e0-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Python writes the imaginary unit as `1j`. Which coordinates does `x + 1j * h` move?
# 2. $\partial f / \partial x_j \approx \operatorname{Im} f(x + i h e_j) / h$
# 3. The derivative of $f(x) = x_1^2 x_2$ at the point $(3, 5)$ is $(30, 9)$.
#
# </details>

# %% test e0-3-values 0.5
# The gradient to 13 digits.
waves = lambda x: np.sin(x[0]) * np.exp(x[1])
exact = [np.cos(1.0) * np.exp(2.0), np.sin(1.0) * np.exp(2.0)]
np.testing.assert_allclose(complex_step(waves, np.array([1.0, 2.0])), exact, rtol=1e-13)

# %% test e0-3-steps 0.5
# A function that bends strongly, and a step of 1e-200.
found = complex_step(lambda x: np.exp(x[0]), np.array([1.0]), 1e-200)
np.testing.assert_allclose(found, [np.exp(1.0)], rtol=1e-13)

# %% test e0-3-calls 0.5 alone
# One call for each coordinate: nothing is subtracted.
calls = []


def plane(x):
    calls.append(x)
    return x[0] + x[1] - x[2]


complex_step(plane, np.array([1.0, 2.0, 3.0]))
assert len(calls) == 3, "3 coordinates: 3 calls"

# %% test e0-3-inputs 0.5 alone
# Whole numbers are fine, and x stays as it was.
whole = np.array([2, 3])
np.testing.assert_allclose(complex_step(lambda x: x[0] / x[1], whole), [1 / 3, -2 / 9], rtol=1e-4)
np.testing.assert_array_equal(whole, [2, 3])


# %% [markdown] checked="af6c0a6fd269" key="e0-4" lang="ko"
# ### E0.4 `error_curve`, `best_h`
# 난이도 2/5 · 중요도 4/5 · 8분 · 1점 · 손으로
#
# 두 오차를 눈으로 봅니다. `error_curve`는 변수가 하나인 함수의 차분을 여러 스텝에서 구해 절대 오차를 돌려줍니다. 절대 오차란 차분에서 $f'(x)$를 뺀 것의 절댓값입니다. `best_h`는 그 가운데 오차가 가장 작은 스텝을 고릅니다. 오차에 `nan`이 섞여 있을 수 있습니다.

# %% [markdown] key="e0-4" lang="en"
# ### E0.4 `error_curve`, `best_h`
# difficulty 2/5 · importance 4/5 · 8 minutes · 1 point · by hand
#
# Now see the errors. For a function of a single variable, `error_curve` takes the difference at several steps and returns the absolute errors: the absolute value of the difference minus $f'(x)$. `best_h` picks the step with the smallest error. Some of the errors may be `nan`.

# %% answer e0-4-curve-solution
def error_curve(f, df, x: float, hs: np.ndarray, scheme: str) -> np.ndarray:
    """Absolute errors of a difference for several steps.

    Args:
        f: a function of one number; like math.sin it may refuse arrays.
        df: its derivative.
        x: the point, a number.
        hs: the steps, shape (k,), in any order; left unchanged.
        scheme: "forward" or "central".

    Returns:
        The errors, shape (k,), in the order of the steps.

    Example:
        error_curve(lambda x: x**2, lambda x: 2 * x, 1.0, np.array([0.1]), "forward") -> [0.1]
    """
    ### BEGIN SOLUTION
    errors = []
    for h in hs:
        forward, central = f(x + h) - f(x), f(x + h) - f(x - h)
        quotient = forward / h if scheme == "forward" else central / (2 * h)
        errors.append(abs(quotient - df(x)))
    return np.array(errors)
    ### END SOLUTION


# %% test e0-4-curve 0.5
# The errors for the sine at 1, with a step of 0.1 and one of 0.01.
steps = np.array([0.1, 0.01])
found = error_curve(math.sin, math.cos, 1.0, steps, "forward")
np.testing.assert_allclose(found, [0.04294, 0.004216], rtol=1e-3)
found = error_curve(math.sin, math.cos, 1.0, steps, "central")
np.testing.assert_allclose(found, [9.0005e-4, 9.0050e-6], rtol=1e-3)


# %% answer e0-4-best-solution
def best_h(hs: np.ndarray, errs: np.ndarray) -> float:
    """The step with the smallest error.

    Args:
        hs: steps, shape (k,), in any order.
        errs: their errors, shape (k,); some may be nan, not all of them. No argument is changed.

    Returns:
        The step, a number.

    Example:
        best_h(np.array([1e-2, 1e-5]), np.array([3e-4, 2e-9])) -> 1e-5
    """
    ### BEGIN SOLUTION
    return float(hs[np.nanargmin(errs)])
    ### END SOLUTION


# %% [markdown] checked="f5aadb69d921" key="e0-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. `nan`은 어떤 수보다 작습니까? `np.nan < 1.0`을 실행해 보십시오.
# 2. $\left| \dfrac{f(x + h) - f(x - h)}{2h} - f'(x) \right|$
# 3. $f(x) = x^3$, 점 1에서 `h=0.1`의 오차는 전진 차분이 0.31, 중심 차분이 0.01입니다.
#
# </details>

# %% [markdown] key="e0-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Is `nan` smaller than any number? Run `np.nan < 1.0`.
# 2. $\left| \dfrac{f(x + h) - f(x - h)}{2h} - f'(x) \right|$
# 3. For $f(x) = x^3$ at the point 1 with `h=0.1`, the error of the forward difference is 0.31, that of the central one 0.01.
#
# </details>

# %% test e0-4-best 0.5 alone
# The step of the smallest error, whatever the order; nan does not count.
steps, errors = np.array([1e-2, 1e-12, 1e-5]), np.array([3e-4, np.nan, 2e-9])
assert abs(best_h(steps, errors) - 1e-5) < 1e-9, "the smallest error is 2e-9"

# %% key="e0-4-plot"
steps = np.logspace(-16, 0, 65)
sine = lambda x: np.sin(x[0])
curves = {s: error_curve(np.sin, np.cos, 1.0, steps, s) for s in ("forward", "central")}
exact = np.cos(1.0)
curves["complex"] = [abs(complex_step(sine, np.array([1.0]), h)[0] - exact) for h in steps]
figure, axes = plt.subplots(figsize=(7, 4.5))
looks = {
    "forward": dict(marker="o", color="black", ms=4),
    "central": dict(marker="s", color="dimgrey", ms=6, mfc="none"),
    "complex": dict(marker="^", color="darkgrey", ms=3),
}
for name, errors in curves.items():
    axes.loglog(steps, np.maximum(errors, 1e-17), lw=1, label=name, **looks[name])
axes.loglog(steps, steps / 2, ":", color="black", label="slope 1")
axes.loglog(steps, steps**2 / 6, "--", color="black", label="slope 2")
axes.loglog(steps, 1e-16 / steps, "-.", color="black", label="slope −1")
axes.set(xlabel="$h$", ylabel="absolute error", ylim=(5e-18, 5))
axes.legend()
figure.tight_layout()
print([f"{name}: {best_h(steps, np.asarray(curves[name])):.0e}" for name in ("forward", "central")])

# %% [markdown] checked="ea4cd1bdc1fb" key="e0-4-see" lang="ko"
# **그림에서 볼 것.** $\sin$을 점 1에서 미분한 오차를 양축 로그로 그렸습니다. 전진 차분과 중심 차분은 V자입니다. 오른쪽에서는 $h$가 작아질수록 절단 오차가 기울기 1과 2로 내려갑니다. 왼쪽에서는 반올림 오차가 기울기 −1을 따라 들쭉날쭉하게 올라갑니다. V의 바닥은 $\sqrt{\varepsilon}$과 $\sqrt[3]{\varepsilon}$ 근처에 있고, 그 스텝은 그림과 함께 출력됩니다. 복소 스텝은 오른쪽에서 중심 차분과 겹칩니다. 두 절단 오차의 크기가 같기 때문입니다. 그러나 왼쪽 가지가 없이 $10^{-16}$이나 그 아래에 그대로 머뭅니다. 오차가 정확히 0인 점은 $10^{-17}$에 찍었습니다.

# %% [markdown] key="e0-4-see" lang="en"
# **What to see.** The errors of the derivative of $\sin$ at the point 1, on logarithmic axes. The forward and the central difference draw a V. On the right, as $h$ shrinks, the truncation error falls with slope 1 and 2. On the left the rounding error climbs raggedly along slope −1. The bottoms lie near $\sqrt{\varepsilon}$ and $\sqrt[3]{\varepsilon}$; their steps are printed with the figure. On the right the complex step coincides with the central difference, because their truncation errors are of equal size. But it has no left branch and stays at $10^{-16}$ or below. Errors of exactly 0 are drawn at $10^{-17}$.

# %% [markdown] checked="01ea4f57cfb5" key="doubt" lang="ko"
# ## 미분을 검사하는 방법
#
# 왜 검사기가 필요합니까? 입력이 2개인 작은 모델 $\tanh(Xw)$를 데이터 $y$에 맞춥니다. 손실은 평균 제곱 오차입니다. 한 학생이 그래디언트를 손으로 구하면서 연쇄법칙의 한 인자, $\tanh$의 도함수 $1 - p^2$을 빠뜨렸습니다. 그 그래디언트로 학습해 봅니다.

# %% [markdown] key="doubt" lang="en"
# ## How to check a derivative
#
# Why would you need a checker? Fit a small model $\tanh(Xw)$ with 2 inputs to data $y$; the loss is the mean squared error. Deriving the gradient by hand, a student left out a factor of the chain rule, the derivative $1 - p^2$ of $\tanh$. Train with that gradient.

# %% key="doubt-run"
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 2))
y = np.tanh(X @ np.array([2.0, -1.0])) + 0.3 * rng.normal(size=40)
loss = lambda w: np.mean((np.tanh(X @ w) - y) ** 2)


def careless(w):
    p = np.tanh(X @ w)
    return 2 * X.T @ (p - y) / len(y)


def careful(w):
    p = np.tanh(X @ w)
    return 2 * X.T @ ((p - y) * (1 - p**2)) / len(y)


for name, gradient in [("careless", careless), ("careful", careful)]:
    w, losses = np.zeros(2), []
    for step in range(101):
        losses.append(loss(w))
        w = w - 0.3 * gradient(w)
    print(name, [f"{losses[step]:.3f}" for step in (0, 1, 10, 100)])


# %% [markdown] checked="fddf45a0784d" key="doubt-why" lang="ko"
# 두 손실이 모두 내려갑니다. 틀린 그래디언트가 오히려 더 빨리 내려가기까지 합니다. 손실이 줄어든다는 사실은 그래디언트가 옳다는 증거가 아닙니다. 틀린 방향도 대체로 내리막을 가리킬 수 있기 때문입니다. 증거가 되는 것은 다른 길로 계산한 값, 여기에서는 차분과의 비교입니다.

# %% [markdown] key="doubt-why" lang="en"
# Both losses fall; the wrong gradient even falls faster. A falling loss is no evidence that a gradient is right, because a wrong direction may still point roughly downhill. What does count as evidence is a comparison with a value computed in another way: here, with differences.

# %% [markdown] checked="2a9fa251defa" key="e0-5" lang="ko"
# ### E0.5 `gradient_ok`
# 난이도 4/5 · 중요도 5/5 · 14분 · 3점 · 손으로
#
# 그래디언트 검사기를 스스로 설계하십시오. `gradient_ok(f, grad, x)`는 `grad(x)`가 점 `x`에서 $f$의 그래디언트이면 `True`, 아니면 `False`를 돌려줍니다. 여러분의 검사기에 올바른 그래디언트와 틀린 그래디언트를 섞어 건네고, 둘을 가려내는지 봅니다. 늘 `True`이거나 늘 `False`인 검사기는 점수를 얻지 못합니다.
#
# 결정할 것은 세 가지입니다.
#
# - **스텝**: $x$의 원소는 크기가 1000까지 될 수 있고 0일 수도 있습니다. 큰 $x$에서 시험하는 함수는 그 크기에 걸맞게 완만하게 변합니다.
# - **잣대**: $f$에 $10^8$이나 $10^{-8}$을 곱한 함수도 옵니다. 그래디언트가 $10^{-8}$ 정도이면 차이 $10^{-9}$은 큽니다. 차이를 그래디언트의 크기에 견주어야 합니다. 그런데 원소 하나가 정확히 0이라면 그 원소로 나눌 수 없습니다. 그런 원소의 차분은 정확히 0이 되는 일이 드물므로, 분모에 아주 작은 수를 더해도 소용이 없습니다. $f$에 상수를 더해서 함숫값이 그래디언트보다 훨씬 큰 경우도 있습니다.
# - **허용 오차**: 틀린 그래디언트는 적어도 원소 하나가 가장 큰 원소의 $10^{-3}$배만큼 어긋나 있습니다. 올바른 그래디언트는 반올림까지 맞습니다. 중심 차분의 오차와 $10^{-3}$ 사이에 자리가 넉넉합니다.
#
# $$\max_i \left| g_i - \hat{g}_i \right| \le \tau \max_i \left| \hat{g}_i \right|$$
#
# 여기서 $g$는 의심하는 그래디언트, $\hat{g}$는 차분, $\tau$는 허용 오차입니다. 이 기준을 써도 되고 다른 기준을 써도 됩니다. 위에서 만든 함수를 불러도 되지만, 그 함수에 실수가 있으면 여기에서도 점수를 잃습니다.

# %% [markdown] key="e0-5" lang="en"
# ### E0.5 `gradient_ok`
# difficulty 4/5 · importance 5/5 · 14 minutes · 3 points · by hand
#
# Design a gradient checker of your own. `gradient_ok(f, grad, x)` returns `True` if `grad(x)` is the gradient of $f$ at the point `x`, otherwise `False`. The tests hand right and wrong gradients to your checker and see whether it tells them apart. A checker that always says `True`, or always `False`, earns nothing.
#
# There are three decisions to make.
#
# - **The step**: entries of $x$ may be as large as 1000, and may be 0. Functions that are tested at a large $x$ change slowly, in keeping with its size.
# - **The yardstick**: sometimes $f$ is multiplied by $10^8$ or $10^{-8}$. For a gradient of about $10^{-8}$, a difference of $10^{-9}$ is large. Compare differences with the size of the gradient. But if an entry is exactly 0, you cannot divide by it. Its difference is seldom exactly 0, so a tiny number added to the denominator does not help. And a constant added to $f$ can make its values much larger than its gradient.
# - **The tolerance**: in a wrong gradient at least one entry is off by $10^{-3}$ of the largest entry. Right gradients are right up to rounding. There is ample room between the error of a central difference and $10^{-3}$.
#
# $$\max_i \left| g_i - \hat{g}_i \right| \le \tau \max_i \left| \hat{g}_i \right|$$
#
# Here $g$ is the gradient in doubt, $\hat{g}$ the difference, and $\tau$ the tolerance. Use this criterion or another one. You may call your functions from above; a mistake in them then costs points here too.

# %% answer e0-5
def gradient_ok(f, grad, x: np.ndarray) -> bool:
    """Whether grad is the gradient of f at x.

    Args:
        f: a function from shape (n,) to a number.
        grad: the function in doubt, from shape (n,) to shape (n,).
        x: the point, shape (n,), where the gradient of f is not all zero; left unchanged.

    Returns:
        True if grad(x) is right, otherwise False.

    Example:
        gradient_ok(lambda x: x @ x, lambda x: 2 * x, np.array([1.0, 3.0])) -> True
    """
    ### BEGIN SOLUTION
    steps = 1e-5 * np.maximum(1.0, np.abs(x))
    moves = np.diag(steps)
    numerical = np.array([f(x + move) - f(x - move) for move in moves]) / (2 * steps)
    error = np.abs(grad(x) - numerical).max()
    return bool(error <= 1e-5 * np.abs(numerical).max())
    ### END SOLUTION


# %% [markdown] checked="020fb19ffbb5" key="e0-5-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $f$에 $10^{-8}$을 곱해도 여러분의 판정은 그대로입니까?
# 2. 스텝은 $h \max(1, |x_i|)$, 허용 오차는 $\tau = 10^{-5}$ 정도가 무난합니다.
# 3. $f(x) = x_1 x_2$, 점 $(2, 3)$에서 $(3, 2)$는 참, $(3, 2.002)$와 $(2, 3)$은 거짓입니다.
#
# </details>

# %% [markdown] key="e0-5-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. If $f$ is multiplied by $10^{-8}$, does your verdict stay the same?
# 2. A step of $h \max(1, |x_i|)$ and a tolerance of about $\tau = 10^{-5}$ are sound choices.
# 3. For $f(x) = x_1 x_2$ at the point $(2, 3)$, $(3, 2)$ is true; $(3, 2.002)$ and $(2, 3)$ are false.
#
# </details>

# %% test e0-5-mistakes 0.5 alone
# Right gradients, and ones with wrong signs, lengths, or from another point.
f, x = lambda x: np.sin(x[0]) * x[1], np.array([0.5, 2.0])
right = lambda x: np.array([np.cos(x[0]) * x[1], np.sin(x[0])])
assert gradient_ok(f, right, x), "this gradient is right"
assert not gradient_ok(f, lambda x: -right(x), x), "this one has the wrong sign"

# %% test e0-5-subtle 1.0 alone
# Right gradients, and ones that are off by a thousandth, or in one entry only.
f, x = lambda x: np.sin(x[0]) * x[1], np.array([0.5, 2.0])
right = lambda x: np.array([np.cos(x[0]) * x[1], np.sin(x[0])])
assert gradient_ok(f, right, x), "this gradient is right"
assert not gradient_ok(f, lambda x: 1.001 * right(x), x), "this one is too long by a thousandth"

# %% test e0-5-scales 1.0 alone
# The same for functions times 1e8 and 1e-8, and for x up to 1000.
f, x = lambda x: 1e-8 * x[0] * x[1], np.array([2.0, 3.0])
assert gradient_ok(f, lambda x: 1e-8 * x[::-1], x), "this gradient is right"
assert not gradient_ok(f, lambda x: 1.1e-8 * x[::-1], x), "this one is too long by a tenth"

# %% test e0-5-inputs 0.5 alone
# Entries that are 0, in x and in the gradient; x stays as it was.
start = np.array([0.0, 3.0])
assert gradient_ok(lambda x: x[1] ** 2, lambda x: np.array([0.0, 2 * x[1]]), start), "right"
assert not gradient_ok(lambda x: x[1] ** 2, lambda x: np.array([0.0, x[1]]), start), "wrong"
np.testing.assert_array_equal(start, [0.0, 3.0])

# %% key="e0-5-use"
w = np.array([0.5, -0.5])
print("careless:", gradient_ok(loss, careless, w))
print("careful: ", gradient_ok(loss, careful, w))

# %% [markdown] checked="496dbd6b140c" key="e0-5-used" lang="ko"
# 앞의 두 그래디언트를 여러분의 검사기에 넣어 보았습니다. `careless`는 `False`, `careful`은 `True`여야 합니다. 손실 곡선이 알려 주지 못한 것을 함수 호출 몇 번이 알려 줍니다. 앞으로 그래디언트를 손으로 구할 때마다 이렇게 검사하십시오.

# %% [markdown] key="e0-5-used" lang="en"
# These are the gradients from before, given to your checker: `careless` should be `False` and `careful` should be `True`. A few calls of the function tell you what the loss curve could not. Check every gradient in this way that you derive by hand from now on.

# %% [markdown] checked="8389b7abd993" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 모든 원소가 두 배로 나온다: 중심 차분을 $2h$가 아니라 $h$로 나누었습니다.
# - 두 번째 호출에서 값이 달라진다: `xp = x`로 인자를 바꾸었습니다.
# - 정수를 넣으면 0이 나온다: 정수 배열이 스텝을 잘라 버렸습니다. `np.zeros_like(x)`도 정수 배열을 만듭니다.
# - 스텝을 `1e-12`로 줄였더니 더 나빠졌다: 반올림 오차가 지배하는 V의 왼쪽 가지에 있습니다.
# - 검사기가 작은 그래디언트를 모두 통과시킨다: `np.allclose`에는 절대 허용 오차 `1e-8`이 들어 있습니다.
# - 검사기가 `nan`을 통과시킨다: `nan > tol`은 거짓입니다. "오차가 크면 거절"이 아니라 "오차가 작으면 통과"로 쓰십시오.
# - 한 점에서만 검사한다: $x = 0$ 같은 특별한 점에서는 틀린 그래디언트도 맞을 수 있습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - Every entry comes out twice as large: the central difference was divided by $h$ where $2h$ belongs.
# - A second call gives other values: `xp = x` changed the argument.
# - Whole numbers give 0: an array of integers cut off the step. `np.zeros_like(x)` makes an array of integers too.
# - A step of `1e-12` made things worse: you are on the left branch of the V, where rounding rules.
# - The checker accepts every small gradient: `np.allclose` has an absolute tolerance of `1e-8` built in.
# - The checker accepts `nan`: `nan > tol` is false. Write "accept if the error is small", not "refuse if it is large".
# - Only a single point is checked: at special points such as $x = 0$ a wrong gradient may be right.

# %% [markdown] checked="b68fafb67117" key="explain" lang="ko"
# ## 스스로 설명해 보기
#
# 채점하지 않습니다. 한두 문장으로 소리 내어 답해 보십시오.
#
# - 단정밀도($\varepsilon \approx 10^{-7}$)에서 전진 차분의 가장 좋은 스텝은 얼마이고, 몇 자리나 맞습니까?
# - 복소 스텝은 왜 `1e-200`에서도 정확합니까? 같은 스텝에서 중심 차분은 무엇을 돌려줍니까?
# - 매개변수가 백만 개인 신경망의 그래디언트를 중심 차분으로 검사하려면 손실을 몇 번 계산해야 합니까? 무작위 방향 몇 개만 검사한다면 몇 번입니까?

# %% [markdown] key="explain" lang="en"
# ## Explain it yourself
#
# This is not graded. Answer aloud, in a sentence or a pair of them.
#
# - In single precision ($\varepsilon \approx 10^{-7}$), what is the best step of the forward difference, and how many digits are right?
# - Why is the complex step exact even at `1e-200`? What does the central difference return at that step?
# - To check the gradient of a network with a million parameters by central differences, how often must you compute the loss? And how often if you check only a few random directions?

# %% [markdown] checked="49acd15fa9c3" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# - 그래디언트를 행으로 적는 글도 있고 열로 적는 글도 있습니다. 이 강의에서 그래디언트는 $x$의 모양을 따르는 열이고, 누워 있는 것은 야코비안의 행입니다. E0.2에서 모양으로 확인하고 `ps1-jacobian`에서 이어 갑니다.
# - 야코비안과 헤시안을 모두 그래디언트의 일종으로 요약하는 글이 있습니다. 정확히 말하면 야코비안의 각 행이 출력 하나의 그래디언트를 눕힌 것이고, 헤시안은 그래디언트라는 벡터 함수의 야코비안입니다. `ps1-jacobian`의 E1.4와 `ps3-hessian`의 E3.2에서 확인합니다.

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# - Some texts write a gradient as a row, some as a column. In this course a gradient is a column in the shape of $x$, and what lies down is a row of the Jacobian. The shapes of E0.2 show it, and `ps1-jacobian` goes on from there.
# - Some texts sum up both the Jacobian and the Hessian as a kind of gradient. Precisely: each row of the Jacobian is the gradient of one output, lying down, and the Hessian is the Jacobian of the gradient as a vector function. E1.4 of `ps1-jacobian` and E3.2 of `ps3-hessian` show it.

# %% [markdown] checked="4f5c3516d3bd" key="further" lang="ko"
# ## 더 나아가기
#
# 스텝이 다른 두 중심 차분을 섞으면 $h^2$ 항이 사라집니다. 이것을 리처드슨 외삽(Richardson extrapolation)이라고 합니다. $(4 D(h/2) - D(h)) / 3$의 오차 곡선을 그려 기울기를 재 보십시오. 다음 노트북 `ps1-jacobian`에서는 출력이 여럿인 함수를 미분합니다. 거기에서도 첫 번째 도구는 차분입니다.

# %% [markdown] key="further" lang="en"
# ## Going further
#
# Mix central differences of different steps and the term in $h^2$ vanishes; this is called Richardson extrapolation. Draw the error curve of $(4 D(h/2) - D(h)) / 3$ and measure its slope. The next notebook, `ps1-jacobian`, differentiates functions with several outputs. There, too, differences are the first tool.
