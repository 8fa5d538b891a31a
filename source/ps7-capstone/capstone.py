# %% [markdown] checked="9ea2c6ff9cf1" key="title" lang="ko"
# # ps7. 종합 과제
#
# 지금까지 만든 부품을 하나로 잇습니다. 손으로 구한 VJP와 손으로 쓴 Adam만으로 신경망을 학습하고, 학습하는 동안 손실의 곡률을 기록하고, 그럴듯하지만 틀린 문장을 가려내고, 다른 사람의 VJP를 시험합니다.
#
# 이 노트북을 마치면 다음을 할 수 있습니다.
#
# - 자동 미분 없이 분류기를 처음부터 끝까지 학습합니다.
# - 경사하강법의 경로를 따라 날카로움을 재고, 학습률과 어떤 관계인지 그림으로 설명합니다.
# - 미분에 관한 주장이 왜 틀렸는지 반례로 말합니다.
# - 틀린 VJP를 놓치지 않고 옳은 VJP를 탓하지 않는 테스트를 씁니다.
#
# 120분, 12점입니다. 아래 셀부터 차례로 실행하십시오.

# %% [markdown] key="title" lang="en"
# # ps7. Capstone
#
# Here you join the parts that you have built. You train a network with nothing but VJPs and an Adam of your own, keep a record of the curvature of the loss along the way, sort out claims that sound right and are wrong, and test the VJPs of others.
#
# After this notebook you can
#
# - train a classifier from start to end without automatic differentiation;
# - measure the sharpness along the path of gradient descent, and explain with a picture what it has to do with the learning rate;
# - refute a wrong claim about derivatives by a counterexample;
# - write a test that lets no wrong VJP pass and blames no right one.
#
# 120 minutes, 12 points. Run the cells in order, starting with the one below.

# %% locked setup
import math

import matplotlib.pyplot as plt
import numpy as np
import torch


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


def read_iris(path="iris.csv"):
    """Measurements in cm, shape (150, 4), and species 0, 1 and 2, shape (150,)."""
    table = np.loadtxt(path, dtype=str, delimiter=",", skiprows=1)
    return table[:, :4].astype(float), np.unique(table[:, 4], return_inverse=True)[1]


def predict(params, X):
    """The class with the largest score in a net with the layers tanh, tanh, linear."""
    (W1, b1), (W2, b2), (W3, b3) = params
    return np.argmax(np.tanh(np.tanh(X @ W1.T + b1) @ W2.T + b2) @ W3.T + b3, axis=1)


# %% [markdown] checked="f6c687c40c58" key="failure" lang="ko"
# ## 한 번의 실패
#
# 두 신경망이 있습니다. 층도, 초깃값도, 데이터도, 옵티마이저도 같습니다. 다른 것은 하나뿐입니다. 둘째 신경망에서는 $\tanh$의 VJP가 인수 $1 - \tanh^2 z$를 빠뜨립니다. 한 줄짜리 실수입니다.

# %% [markdown] key="failure" lang="en"
# ## One failure
#
# Take a pair of networks with the same layers, the same start, the same data and the same optimiser. They differ in one thing only: in the second network the VJP of $\tanh$ leaves out the factor $1 - \tanh^2 z$. It is a mistake in a single line.

# %% key="failure-run"
class BrokenTanh(torch.autograd.Function):
    @staticmethod
    def forward(context, z):
        return torch.tanh(z)

    @staticmethod
    def backward(context, v):
        return v


def trained(tanh):
    torch.manual_seed(0)
    X, y, fresh, moons = map(torch.tensor, (*two_moons(200, seed=0), *two_moons(2000, seed=1)))
    first, second, third = (torch.nn.Linear(n, m).double() for n, m in [(2, 16), (16, 16), (16, 2)])
    net = torch.nn.ModuleList([first, second, third])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(300):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(third(tanh(second(tanh(first(X))))), y)
        loss.backward()
        optimizer.step()
    scores = third(tanh(second(tanh(first(fresh)))))
    return loss.item(), (scores.argmax(dim=1) == moons).double().mean().item()


for name, tanh in [("right VJP", torch.tanh), ("wrong VJP", BrokenTanh.apply)]:
    loss, accuracy = trained(tanh)
    print(f"{name}: training loss {loss:.3f}, accuracy {accuracy:.3f}")

# %% [markdown] checked="4f54db2effc0" key="failure-why" lang="ko"
# 틀린 신경망도 오류 없이 돌아가고 손실이 줄어듭니다. 그런데 새 점에 대한 정확도가 0.996이 아니라 0.850입니다. 직선 하나로 나누는 분류기도 0.88 정도는 맞히니, 은닉층이 도움이 되기는커녕 방해가 된 셈입니다. 이런 결과를 보면 보통 학습률이나 층의 크기부터 바꾸어 봅니다. 그러나 고칠 곳은 미분입니다.
#
# 그래서 이 과제에는 네 가지가 모두 들어 있습니다. 미분을 옳게 구하고(E7.1), 학습의 경로를 이해하고(E7.2), 주장을 의심하고(E7.3), 실수를 잡아내는 테스트를 씁니다(E7.4).

# %% [markdown] key="failure-why" lang="en"
# The wrong network runs without an error too, and its loss goes down. Yet on fresh points its accuracy is 0.850 where it could be 0.996. A classifier that cannot bend gets about 0.88, so the hidden layers did not help but harm. Faced with such a result, people change the learning rate or the sizes of the layers. What needs mending is the derivative.
#
# This is why the assignment has all of its parts: get the derivatives right (E7.1), understand the path of training (E7.2), doubt claims (E7.3), and write the test that catches mistakes (E7.4).

# %% [markdown] checked="c6153dbf0590" key="recap" lang="ko"
# ## 필요한 식
#
# 새로운 이론은 없습니다. 필요한 식은 다음이 전부입니다. $V$는 출력 쪽에서 온 여접벡터(cotangent)이고 $\odot$은 원소별 곱입니다.
#
# - 선형층 $Y = X W^T + b$ (E2.6): $\overline{X} = V W$, $\overline{W} = V^T X$이고, $\overline{b}$는 $V$의 행을 모두 더한 것입니다.
# - $H = \tanh Z$ (E2.6): $\overline{Z} = V \odot (1 - H^2)$.
# - 소프트맥스 교차 엔트로피의 배치 평균 (E2.6): $\partial L / \partial z = (p - e_y) / B$. 여기서 $p$는 소프트맥스의 몫, $e_y$는 정답 자리만 1이고 나머지는 0인 벡터, $B$는 표본의 수입니다.
# - Adam (E5.2): $m \leftarrow \beta_1 m + (1 - \beta_1) g$, $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$이고, 걸음은 다음과 같습니다.
#
# $$\theta \leftarrow \theta - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}$$
#
# - 날카로움 (E3.11): 헤시안의 가장 큰 고윳값 $\lambda_{\max}$입니다. 이차함수 위에서 경사하강법은 $\eta < 2 / \lambda_{\max}$일 때 안정합니다.

# %% [markdown] key="recap" lang="en"
# ## The formulas you need
#
# There is no new theory. These formulas are all you need; $V$ is the cotangent that comes from the side of the output, and $\odot$ multiplies entry by entry.
#
# - The linear layer $Y = X W^T + b$ (E2.6): $\overline{X} = V W$ and $\overline{W} = V^T X$, and $\overline{b}$ is the sum of all rows of $V$.
# - $H = \tanh Z$ (E2.6): $\overline{Z} = V \odot (1 - H^2)$.
# - The softmax cross-entropy, averaged over the batch (E2.6): $\partial L / \partial z = (p - e_y) / B$. Here $p$ holds the shares of the softmax, $e_y$ is 1 at the right class and 0 elsewhere, and $B$ is the number of samples.
# - Adam (E5.2): $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$, with the step
#
# $$\theta \leftarrow \theta - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}$$
#
# - The sharpness (E3.11): the largest eigenvalue $\lambda_{\max}$ of the Hessian. On a quadratic, gradient descent is stable if $\eta < 2 / \lambda_{\max}$.

# %% [markdown] checked="7a33ebc14f7f" key="data" lang="ko"
# ## 데이터
#
# 첫째 데이터는 앞에서 본 두 초승달입니다. 둘째는 붓꽃 150송이의 치수입니다. 에드거 앤더슨(Edgar Anderson, 1935)이 재고 로널드 피셔(Ronald Fisher, 1936)가 논문에 실은 표로, 세 종마다 50송이씩 꽃받침과 꽃잎의 길이와 너비를 cm로 적었습니다. 표는 노트북 옆의 `iris.csv`에 있습니다.
#
# 널리 쓰이는 UCI 저장소의 사본에는 35번째와 38번째 꽃에 옮겨 적다가 생긴 오류가 있습니다. 이 표는 피셔의 논문과 같은 판이며, 두 꽃의 치수는 (4.9, 3.1, 1.5, 0.2)와 (4.9, 3.6, 1.4, 0.1)입니다.

# %% [markdown] key="data" lang="en"
# ## The data
#
# The first data set is the two moons that you know. The second holds the measurements of 150 irises. Edgar Anderson (1935) took them and Ronald Fisher (1936) printed the table in his paper: length and width of sepals and petals in cm, for 50 flowers of each of three species. The table lies beside the notebook, in `iris.csv`.
#
# The copy in the UCI repository, which is widely used, has errors of transcription in flowers number 35 and 38. This table is the version of Fisher's paper; the measurements of these flowers are (4.9, 3.1, 1.5, 0.2) and (4.9, 3.6, 1.4, 0.1).

# %% key="data-run"
iris_X, iris_y = read_iris()
print("first flower:", iris_X[0], " flowers per species:", np.bincount(iris_y))
print("means:", iris_X.mean(axis=0).round(3))


# %% [markdown] checked="c12133c49080" key="e7-1" lang="ko"
# ### E7.1 `train_classifier`
# 난이도 4/5 · 중요도 5/5 · 45분 · 5점 · 손으로
#
# E2.8의 신경망을 학습하십시오. 층의 크기는 $d$-16-16-$C$이고 활성화 함수는 $\tanh$, $\tanh$이며 마지막 층은 선형입니다.
#
# $$h_1 = \tanh(X W_1^T + b_1), \qquad h_2 = \tanh(h_1 W_2^T + b_2), \qquad z = h_2 W_3^T + b_3$$
#
# 순전파, 역전파, Adam을 모두 NumPy로 씁니다. 함수가 실행되는 동안 torch를 쓸 수 없습니다. 배치의 크기, 학습률, 걸음의 수는 자유입니다. 초깃값은 입력이 $n$개인 층이라면 표준정규 난수를 $\sqrt{n}$으로 나눈 값이 무난합니다.
#
# 채점기는 돌려받은 가중치로 정확도를 직접 구합니다. 임의의 각도로 돌린 두 초승달의 점 200개로 학습하면 새 점의 96% 이상을, 붓꽃 100송이로 학습하면 나머지 50송이의 78% 이상을 맞혀야 합니다. 붓꽃에서는 모든 꽃이 한 번씩 빠지도록 세 번 학습해 결과를 합칩니다. 입력을 표준화한다면 그 변환을 첫 층의 가중치와 편향에 녹여야 합니다. 채점기는 원래 입력을 넣기 때문입니다.
#
# 어떤 클래스가 `y`에 나타나지 않더라도 출력 $c$는 클래스 $c$의 것입니다. 표본이 20개뿐이어도 학습해야 합니다. 같은 시드는 같은 신경망을, 다른 시드는 다른 초깃값을 주어야 합니다. 호출 한 번은 몇 초 안에 끝나야 합니다.

# %% [markdown] key="e7-1" lang="en"
# ### E7.1 `train_classifier`
# difficulty 4/5 · importance 5/5 · 45 minutes · 5 points · by hand
#
# Train the network of E2.8. Its sizes are $d$-16-16-$C$, its activations $\tanh$ and $\tanh$, and its last layer is linear.
#
# $$h_1 = \tanh(X W_1^T + b_1), \qquad h_2 = \tanh(h_1 W_2^T + b_2), \qquad z = h_2 W_3^T + b_3$$
#
# Write the forward pass, the backward pass and Adam in NumPy; torch is not available while your function runs. The size of the batches, the learning rate and the number of steps are up to you. A sound start for a layer with $n$ inputs: standard normal numbers divided by $\sqrt{n}$.
#
# The grader measures the accuracy itself, from the weights that you return. Trained on 200 points of the moons, turned by any angle, the net must be right for 96% of fresh points; trained on 100 irises, for 78% of the other 50. On Iris this is done three times, so that each flower is left out once. If you standardise the inputs, fold that into the weights and the bias of the first layer, since the grader feeds the original inputs.
#
# Output $c$ belongs to class $c$, even if some classes do not occur in `y`, and the net must learn from as few as 20 samples too. The same seed must give the same net, another seed another start. A call must end within a few seconds.

# %% answer e7-1 covers="CB3 CL5"
def train_classifier(X: np.ndarray, y: np.ndarray, n_classes: int, seed: int) -> list:
    """Train a d-16-16-C net with the layers tanh, tanh, linear on the mean cross-entropy.

    Args:
        X: the samples, shape (N, d).
        y: the right classes, integers from 0 to C - 1, shape (N,). No argument is changed.
        n_classes: the number C of classes.
        seed: an integer for np.random.default_rng.

    Returns:
        [(W1, b1), (W2, b2), (W3, b3)] with W of shape (out, in) and b of shape (out,).
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    params = [p for m, n in sizes for p in (rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m))]
    means, squares = [0.0] * 6, [0.0] * 6
    for t in range(1, 501):
        W1, b1, W2, b2, W3, b3 = params
        h1 = np.tanh(X @ W1.T + b1)
        h2 = np.tanh(h1 @ W2.T + b2)
        z = h2 @ W3.T + b3
        shares = np.exp(z - z.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        v3 = (shares - np.eye(n_classes)[y]) / len(X)
        v2 = (v3 @ W3) * (1 - h2**2)
        v1 = (v2 @ W2) * (1 - h1**2)
        grads = [g for v, h in ((v1, X), (v2, h1), (v3, h2)) for g in (v.T @ h, v.sum(axis=0))]
        for k, g in enumerate(grads):
            means[k] = 0.9 * means[k] + 0.1 * g
            squares[k] = 0.999 * squares[k] + 0.001 * g**2
            size = np.sqrt(squares[k] / (1 - 0.999**t)) + 1e-8
            params[k] = params[k] - 0.02 * means[k] / (1 - 0.9**t) / size
    return list(zip(params[::2], params[1::2]))
    ### END SOLUTION


# %% [markdown] checked="934252589659" key="e7-1-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 배열 6개마다 그래디언트와 Adam의 $m$, $v$가 하나씩 있습니다. 걸음 뒤에 움직이지 않은 배열이 있습니까?
# 2. $v_3 = \partial L / \partial z$, $v_2 = (v_3 W_3) \odot (1 - h_2^2)$, $v_1 = (v_2 W_2) \odot (1 - h_1^2)$
# 3. 두 초승달의 점 200개를 한 배치로 묶어 $\eta = 0.02$로 500걸음을 걸으면 손실은 0.01보다 작아집니다.
#
# </details>

# %% [markdown] key="e7-1-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Each of the 6 arrays has its gradient and its own $m$ and $v$ of Adam. Is there an array that has not moved after a step?
# 2. $v_3 = \partial L / \partial z$, $v_2 = (v_3 W_3) \odot (1 - h_2^2)$, $v_1 = (v_2 W_2) \odot (1 - h_1^2)$
# 3. With all 200 points of the moons in one batch and $\eta = 0.02$, the loss is below 0.01 after 500 steps.
#
# </details>

# %% key="e7-1-check"
left_out = np.arange(150) % 3 == 0
params = train_classifier(iris_X[~left_out], iris_y[~left_out], 3, seed=0)
found = predict(params, iris_X[left_out]) == iris_y[left_out]
print(f"50 irises left out: {found.mean():.0%} right")

# %% test e7-1-shape 0.5
# Three pairs (W, b), whose rows are outputs.
corners = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
small = train_classifier(corners, np.array([0, 1, 2]), 3, seed=1)
assert [np.shape(W) for W, b in small] == [(16, 2), (16, 16), (3, 16)], "W has shape (out, in)"
assert [np.shape(b) for W, b in small] == [(16,), (16,), (3,)], "b has shape (out,)"

# %% test e7-1-moons 1.5
# Fresh points of the moons: 96 % right.
params = train_classifier(*two_moons(200, seed=0), 2, seed=0)
fresh, moons = two_moons(2000, seed=1)
assert np.mean(predict(params, fresh) == moons) >= 0.96, "less than 96 % of fresh points are right"

# %% test e7-1-iris 1.5
# Irises that were left out, three times 50: 78 % right.

# %% test e7-1-every 1.0
# Every weight and every bias learns from the labels.

# %% test e7-1-seed 0.5 alone
# The seed decides, nothing else; the arguments stay as they were.
line = np.linspace(-1.0, 1.0, 20)[:, None]
one, again = (train_classifier(line, (line[:, 0] > 0).astype(int), 2, seed=2) for _ in range(2))
np.testing.assert_array_equal(one[0][0], again[0][0], "the same seed gave another net")

# %% key="e7-1-plot"
figure, panels = plt.subplots(1, 2, figsize=(11, 4))
X, y = two_moons(200, seed=0)
net = train_classifier(X, y, 2, seed=0)
across, up = np.meshgrid(np.linspace(-1.7, 2.7, 200), np.linspace(-1.2, 1.7, 150))
regions = predict(net, np.stack([across.ravel(), up.ravel()], axis=1)).reshape(across.shape)
panels[0].contourf(across, up, regions, levels=[-0.5, 0.5, 1.5], cmap="Greys", alpha=0.35)
for moon, marker in enumerate("o^"):
    panels[0].plot(*X[y == moon].T, marker, color="black", markersize=4, markerfacecolor="none")
panels[0].set(title="two moons", xlabel="$x_1$", ylabel="$x_2$")
guesses = np.empty(150, dtype=int)
for fold in range(3):
    out = np.arange(150) % 3 == fold
    guesses[out] = predict(train_classifier(iris_X[~out], iris_y[~out], 3, seed=0), iris_X[out])
for species, marker in enumerate("o^s"):
    mine = iris_X[iris_y == species]
    panels[1].plot(mine[:, 2], mine[:, 3], marker, color="grey", markersize=5)
wrong = iris_X[guesses != iris_y]
name = f"{len(wrong)} wrong"
panels[1].plot(wrong[:, 2], wrong[:, 3], "x", color="black", markersize=11, label=name)
panels[1].set(title="Iris", xlabel="petal length in cm", ylabel="petal width in cm")
panels[1].legend()
figure.tight_layout()

# %% [markdown] checked="33f96ee667b1" key="e7-1-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 여러분의 신경망이 두 초승달을 나눈 영역입니다. 경계가 두 초승달 사이를 따라 휘어집니다. 오른쪽은 붓꽃의 꽃잎 치수이고 기호는 종을 나타냅니다. 가위표는 그 꽃을 빼고 학습한 신경망이 틀리게 답한 꽃이며, 두 종이 만나는 곳에 몰려 있습니다. 왼쪽 아래의 종은 따로 떨어져 있어 틀리는 꽃이 없습니다.

# %% [markdown] key="e7-1-see" lang="en"
# **What to see.** On the left, the regions into which your network divides the two moons; the border bends between them. On the right, the petals of the irises, with a marker for each species. Crosses mark flowers that a net trained without them got wrong. They crowd where a pair of species meet. The species at the lower left stands apart and is never wrong.

# %% key="e7-1-amount-plot"
amounts = [6, 12, 25, 50, 100, 200]
fresh, moons = two_moons(2000, seed=1)
accuracy = np.empty((3, len(amounts)))
for seed, k in np.ndindex(accuracy.shape):
    net = train_classifier(*two_moons(amounts[k], seed + 2), 2, seed + 2)
    accuracy[seed, k] = np.mean(predict(net, fresh) == moons)
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.semilogx(amounts, accuracy.T, "o", color="grey", markersize=4)
axes.semilogx(amounts, accuracy.mean(axis=0), "k-", label="mean of 3 seeds")
axes.axhline(0.96, color="black", linestyle=":", label="96 %")
axes.set(xlabel="training points $N$", ylabel="accuracy on fresh points", ylim=(0.5, 1.02))
axes.legend(loc="lower right")
figure.tight_layout()


# %% [markdown] checked="268052688874" key="e7-1-amount-see" lang="ko"
# **그림에서 볼 것.** 가로축은 학습에 쓴 점의 수(로그 눈금), 세로축은 새 점에 대한 정확도입니다. 회색 점은 시드마다의 결과이고 검은 선은 평균입니다. 매개변수가 354개나 되는 신경망인데도, 점 100개로 학습하면 평균이 96%를 넘습니다.

# %% [markdown] key="e7-1-amount-see" lang="en"
# **What to see.** Across, the number of training points on a logarithmic scale; upwards, the accuracy on fresh points. Grey dots are single seeds, the black line is their mean. The network has 354 parameters, yet trained on 100 points the mean passes 96%.

# %% [markdown] checked="d5f3d568947f" key="e7-2" lang="ko"
# ### E7.2 `curvature_diary`
# 난이도 3/5 · 중요도 4/5 · 25분 · 3점 · 자동 미분
#
# 경사하강법 $\theta_{t+1} = \theta_t - \eta \nabla L(\theta_t)$로 걸으며 날카로움을 기록하십시오. 첫 항목은 아직 걷지 않은 $\theta_0$의 것이고, 그 뒤로 `every`걸음마다 하나씩 적습니다. 항목은 $\lfloor \text{steps} / \text{every} \rfloor + 1$개입니다.
#
# 이차함수에서는 헤시안이 변하지 않으니 일기의 모든 항목이 같습니다. 신경망에서는 $\theta$가 움직이면 헤시안도 변합니다. E3.11에서처럼 날카로움은 크기가 아니라 값이 가장 큰 고윳값이며, 상대 오차 $10^{-4}$ 안에서 맞아야 합니다. 매개변수가 수십 개이므로 헤시안 전체를 만들어도 됩니다.

# %% [markdown] key="e7-2" lang="en"
# ### E7.2 `curvature_diary`
# difficulty 3/5 · importance 4/5 · 25 minutes · 3 points · automatic differentiation
#
# Walk along gradient descent, $\theta_{t+1} = \theta_t - \eta \nabla L(\theta_t)$, and record the sharpness. The first entry belongs to $\theta_0$, before any step; after that there is one entry for every `every` steps, $\lfloor \text{steps} / \text{every} \rfloor + 1$ in all.
#
# On a quadratic the Hessian does not change, so all entries of the diary are equal. In a network the Hessian changes as $\theta$ moves. As in E3.11, the sharpness is the eigenvalue that is largest by value, not by size; it must be right within a relative error of $10^{-4}$. With a few dozen parameters you may build the whole Hessian.

# %% answer e7-2 covers="CL4"
def curvature_diary(loss, theta0: torch.Tensor, lr: float, steps: int, every: int) -> torch.Tensor:
    """The sharpness along gradient descent with all data.

    Args:
        loss: a torch function from shape (p,) to a scalar tensor.
        theta0: the start, float64, shape (p,); left unchanged.
        lr: the learning rate.
        steps: number of steps of gradient descent, 0 or more.
        every: steps from one entry to the next.

    Returns:
        The largest eigenvalue of the Hessian after 0, every, 2 every, ... steps, shape
        (steps // every + 1,).

    Example:
        curvature_diary(lambda t: 3 * t[0] ** 2, torch.ones(1, dtype=torch.float64), 0.1, 4, 2)
        -> [6, 6, 6]
    """
    ### BEGIN SOLUTION
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            H = torch.autograd.functional.hessian(loss, theta)
            diary.append(torch.linalg.eigvalsh(H)[-1])
        point = theta.clone().requires_grad_()
        theta = theta - lr * torch.autograd.grad(loss(point), point)[0]
    return torch.stack(diary)
    ### END SOLUTION


# %% [markdown] checked="a270d1903d3e" key="e7-2-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 7걸음을 3걸음마다 적으면 어느 걸음의 항목이 남습니까?
# 2. $\theta_{t+1} = \theta_t - \eta \nabla L(\theta_t)$, $\lambda_{\max}(\nabla^2 L(\theta_t))$
# 3. $L(\theta) = 3 \theta_1^2 - 10 \theta_2^2$에서는 어디에서 시작해도 모든 항목이 6입니다.
#
# </details>

# %% [markdown] key="e7-2-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. You walk 7 steps and write every 3 steps: which steps have an entry?
# 2. $\theta_{t+1} = \theta_t - \eta \nabla L(\theta_t)$, $\lambda_{\max}(\nabla^2 L(\theta_t))$
# 3. For $L(\theta) = 3 \theta_1^2 - 10 \theta_2^2$ every entry is 6, wherever you start.
#
# </details>

# %% key="e7-2-check"
saddle = lambda t: 3 * t[0] ** 2 - 10 * t[1] ** 2
diary = curvature_diary(saddle, torch.tensor([0.3, 0.2], dtype=torch.float64), 0.01, 4, 2)
np.testing.assert_allclose([float(entry) for entry in diary], [6.0, 6.0, 6.0], rtol=1e-4)
fourth_power = lambda t: t[0] ** 4  # its Hessian is 12 t^2; the first step goes from 1 to 0.96
diary = curvature_diary(fourth_power, torch.ones(1, dtype=torch.float64), 0.01, 1, 1)
np.testing.assert_allclose([float(entry) for entry in diary], [12.0, 11.0592], rtol=1e-4)

# %% test e7-2-shape 0.5
# One number at step 0 and one after every so many steps.

# %% test e7-2-values 1.0
# The entries are the largest eigenvalues along the path.

# %% test e7-2-order 0.5
# Largest by value, where a negative eigenvalue is larger in size.

# %% test e7-2-steps 0.5
# Steps that are no multiple of the spacing, and none at all.

# %% test e7-2-inputs 0.5 alone
# The start stays as it was; only the arguments decide.

# %% [markdown] checked="91e3911ed1e5" key="e7-2-edge" lang="ko"
# ### 일기 읽기
#
# 이제 두 초승달에서 매개변수가 49개인 신경망 2-12-1을 제곱 오차로 학습합니다. 출발점은 같고 학습률만 다릅니다. 이차함수라면 날카로움이 $2 / \eta$보다 클 때 발산합니다. 신경망에서는 어떻게 되는지 보십시오.

# %% [markdown] key="e7-2-edge" lang="en"
# ### Reading the diary
#
# Now train a 2-12-1 network with 49 parameters on the two moons, with squared errors. The start is the same and only the learning rate differs. On a quadratic, a sharpness above $2 / \eta$ means divergence. See what happens in a network.

# %% key="e7-2-train"
moon_X, moon_y = map(torch.tensor, two_moons(100, seed=1))


def moon_loss(theta):
    W, b, w = theta[:24].reshape(12, 2), theta[24:36], theta[36:48]
    return ((torch.tanh(moon_X @ W.T + b) @ w + theta[48] - (2 * moon_y - 1)) ** 2).mean()


def losses_along(loss, theta, lr, steps):
    values = []
    for _ in range(steps + 1):
        theta = theta.detach().requires_grad_()
        values.append(loss(theta))
        theta = theta - lr * torch.autograd.grad(values[-1], theta)[0]
    return [value.item() for value in values]


start = 0.5 * torch.tensor(np.random.default_rng(0).normal(size=49))
rates = [0.1, 0.2, 0.4]
losses = [losses_along(moon_loss, start, lr, 1500) for lr in rates]
diaries = []
for lr in rates:
    diaries.append([float(entry) for entry in curvature_diary(moon_loss, start, lr, 1500, 50)])

# %% key="e7-2-plot"
figure, (above, below) = plt.subplots(1, 2, figsize=(11, 4))
looks = [("-", "grey"), ("--", "black"), ("-", "black")]
for lr, values, diary, (style, color) in zip(rates, losses, diaries, looks):
    above.semilogy(values, linestyle=style, color=color, linewidth=1, label=f"$\\eta = {lr}$")
    below.plot(range(0, 1501, 50), diary, style, color=color, marker=".", label=f"$\\eta = {lr}$")
    below.axhline(2 / lr, color=color, linestyle=":", linewidth=1)
    below.annotate(f"$2/{lr}$", (1540, 2 / lr), va="bottom")
above.set(xlabel="step", ylabel="loss")
below.set(xlabel="step", ylabel=r"sharpness $\lambda_{\max}$", xlim=(-50, 1750), ylim=(0, 22))
below.legend(loc="lower left", ncol=3)
figure.tight_layout()
for lr, diary, values in zip(rates, diaries, losses):
    last = np.mean(diary[-10:])
    print(f"lr {lr}: 2/lr = {2 / lr:.0f}, last ten {last:.2f}, loss {values[-1]:.4f}")


# %% [markdown] checked="a0af764c2df4" key="e7-2-see" lang="ko"
# **그림에서 볼 것.** 왼쪽은 손실, 오른쪽은 날카로움의 일기이고 점선은 학습률마다의 $2 / \eta$입니다. $\eta = 0.1$에서는 날카로움이 16을 넘지 않아 한계인 20에 닿지 않고, 손실은 매끄럽게 줄어듭니다. $\eta = 0.2$에서는 날카로움이 12까지 올라 한계 10을 넘습니다. 그러자 손실이 튀어 오르고 날카로움은 9 아래로 떨어집니다. 그 뒤로 날카로움은 서서히 10을 다시 넘고, 끝 무렵에 손실이 한 번 더 튀어 오릅니다. $\eta = 0.4$에서는 손실이 요동치면서도 줄어들고, 날카로움은 한계 5 곁에 머물러 마지막 항목 10개의 평균이 5.11입니다. 발산하는 대신 한계 곁에 머무는 이 현상을 **안정성의 가장자리**(edge of stability)라고 합니다. 이차 모델은 한계가 어디인지는 알려 주지만, 한계를 넘은 뒤의 일은 알려 주지 못합니다.

# %% [markdown] key="e7-2-see" lang="en"
# **What to see.** On the left the loss, on the right the diary of the sharpness; dotted lines mark $2 / \eta$ for each learning rate. With $\eta = 0.1$ the sharpness stays below 16, never reaches its limit of 20, and the loss falls smoothly. With $\eta = 0.2$ it climbs to 12, beyond the limit of 10; the loss jumps, and the sharpness drops below 9. Then it slowly passes 10 again, and near the end the loss jumps once more. With $\eta = 0.4$ the loss falls while it swings, and the sharpness stays next to its limit of 5: the mean of the last 10 entries is 5.11. To stay at the limit in place of diverging is called the **edge of stability**. The quadratic model tells where the limit is, but not what happens beyond it.

# %% [markdown] checked="3b588a56d693" key="e7-3" lang="ko"
# ### E7.3 `verdicts`
# 난이도 3/5 · 중요도 4/5 · 25분 · 2점 · 손으로
#
# 여섯 주제에서 뽑은 문장 12개입니다. 문장마다 참인지 거짓인지 정하고, 거짓이면 그것을 바로잡는 항목의 코드를 아래 목록에서 찾으십시오. 참이면 코드는 `""`입니다. 점수는 문장 3개씩 묶은 셀마다 주며, 셀 안의 세 판정과 코드가 모두 맞아야 합니다.
#
# 1. 합성함수 $g \circ f$의 점 $x$에서의 야코비안은 $J_g(x)\, J_f(x)$이다.
# 2. $f: \mathbb{R}^n \to \mathbb{R}$이면 $Df$는 $1 \times n$ 행이고, 그래디언트는 $x$와 모양이 같으며, 헤시안은 $n \times n$ 행렬이다.
# 3. $f: \mathbb{R}^n \to \mathbb{R}^m$의 VJP $v^T J$는 원소가 $n$개인 벡터이므로, 계산 비용은 $n$에 비례한다.
# 4. 한 가중치 행렬 $W$를 두 층이 함께 쓰면, $\partial L / \partial W$는 두 층에서 온 기여의 합이다.
# 5. 한 점에서 $f$의 이계 편미분이 모두 존재하면, 그 점의 헤시안은 대칭이다.
# 6. 한 점에서 $f$의 헤시안이 양의 정부호이면, $f$는 공간 전체에서 아래로 볼록하다.
# 7. 이차 다항식의 2차 테일러 모델에는 반올림 말고는 오차가 없다. 그러므로 이런 다항식으로 실험하면, 모델의 오차가 $h^3$에 비례해 줄어든다는 것을 확인할 수 있다.
# 8. 가장 큰 고윳값이 $\lambda$인 이차함수에서 $1 / \lambda < \eta < 2 / \lambda$이면, 그 고유벡터 방향의 성분은 걸음마다 부호를 바꾸면서 줄어든다.
# 9. Adam의 $m$은 0에서 시작하므로, $\beta_1 = 0.9$, $\beta_2 = 0.999$일 때 편향 보정을 빼면 첫 걸음은 더 짧아진다.
# 10. 그래디언트의 원소가 0이 되는 일이 없으면, $\epsilon = 0$인 Adam은 손실에 1000을 곱해도 같은 경로를 걷는다.
# 11. 흐름이 $z$를 $x = f(z)$로 보내면 $\log p_X(x) = \log p_Z(z) + \log |\det J_f(z)|$이다.
# 12. $f: \mathbb{R}^2 \to \mathbb{R}^2$이고 $\det J_f(x) = -2$이면, $x$ 둘레의 작은 영역은 넓이가 2배가 되고 방향이 뒤집힌다.

# %% [markdown] key="e7-3" lang="en"
# ### E7.3 `verdicts`
# difficulty 3/5 · importance 4/5 · 25 minutes · 2 points · by hand
#
# Here are 12 statements from the six topics. Decide for each whether it is true or false; for a false one find in the list below the code of the correction that mends it. For a true one the code is `""`. Points are given for cells of 3 statements, and in a cell all verdicts and codes must be right.
#
# 1. The Jacobian of the composition $g \circ f$ at the point $x$ is $J_g(x)\, J_f(x)$.
# 2. If $f: \mathbb{R}^n \to \mathbb{R}$, then $Df$ is a $1 \times n$ row, the gradient has the shape of $x$, and the Hessian is an $n \times n$ matrix.
# 3. A VJP $v^T J$ of $f: \mathbb{R}^n \to \mathbb{R}^m$ is a vector of $n$ entries, so the cost of computing it is proportional to $n$.
# 4. If a pair of layers share one weight matrix $W$, then $\partial L / \partial W$ is the sum of the contributions from both.
# 5. If all second partial derivatives of $f$ exist at a point, the Hessian at that point is symmetric.
# 6. If the Hessian of $f$ is positive definite at one point, then $f$ is convex on the whole space.
# 7. The Taylor model of order 2 of a quadratic polynomial has no error but rounding. So an experiment with such a polynomial shows that the error of the model shrinks in proportion to $h^3$.
# 8. On a quadratic whose largest eigenvalue is $\lambda$, if $1 / \lambda < \eta < 2 / \lambda$, then the component along its eigenvector changes sign with every step and shrinks.
# 9. The $m$ of Adam starts at 0, so with $\beta_1 = 0.9$, $\beta_2 = 0.999$ and without bias correction the first step is shorter.
# 10. If no entry of a gradient is ever 0, Adam with $\epsilon = 0$ walks the same path if the loss is multiplied by 1000.
# 11. If a flow maps $z$ to $x = f(z)$, then $\log p_X(x) = \log p_Z(z) + \log |\det J_f(z)|$.
# 12. If $f: \mathbb{R}^2 \to \mathbb{R}^2$ and $\det J_f(x) = -2$, then small areas around $x$ become 2 times as large and orientation is reversed.

# %% [markdown] checked="926ccd82b38d" key="e7-3-codes" lang="ko"
# **이 강의가 바로잡은 것, 코드 목록.**
#
# | 코드 | 바로잡은 내용 |
# |---|---|
# | M1 | 한 낱말이 음의 정부호와 부정부호를 함께 가리킨다 |
# | M2 | 극소점에서 볼록과 오목이 뒤바뀌었다 |
# | M3 | 헤시안의 대칭에는 매끄러움이 필요하다 |
# | M4 | 한 점의 정부호성은 임계점에서만 판정에 쓰이고, 그것도 늘 통하지는 않으며, 볼록성을 뜻하지도 않는다 |
# | M5 | 결과의 크기는 계산 비용이 아니다 |
# | M6 | 출력이 언제나 스칼라인 것은 아니다 |
# | M7 | 그래디언트와 야코비안의 약속을 하나로 정한다 |
# | M8 | 연쇄법칙의 인수마다 어느 점에서 구하는지 밝힌다 |
# | M9 | 층은 편향과 가중치로도, 배치째로도 미분한다 |
# | M10 | 역전파는 야코비안을 만들지 않으며, 갈라지는 곳에서 더한다 |
# | M11 | 이차함수로는 테일러 모델의 차수를 확인할 수 없다 |
# | M12 | Adam의 편향 보정 |
# | M13 | Adam의 2차 모멘트는 헤시안의 대각 원소가 아니다 |
# | M14 | Adam은 곡률이 아니라 그래디언트의 크기를 고르게 한다 |
# | M15 | 옵티마이저끼리의 공정하지 않은 경주 |
# | M16 | 무작위 행렬의 고윳값 부호는 서로 독립이 아니다 |
# | M17 | 안장점에서 잡음이 하는 일 |
# | M18 | 변수 변환의 조건 |
# | M19 | 극좌표 야코비 행렬식의 부호 |
# | M20 | 흐름의 방향, 그리고 행렬식의 로그 앞에 붙는 부호 |
# | M21 | 헤시안은 그래디언트 사상의 야코비안이다 |
# | M22 | 행렬식은 부호가 있는 부피이다 |
# | M23 | `torch.autograd.functional` 곁에 `torch.func`가 있다 |

# %% [markdown] key="e7-3-codes" lang="en"
# **What this course corrects, the list of codes.**
#
# | code | correction |
# |---|---|
# | M1 | one word for negative definite and for indefinite |
# | M2 | convex and concave exchanged at a minimum |
# | M3 | symmetry of the Hessian needs smoothness |
# | M4 | definiteness at a point decides at critical points only, and not always, and it does not mean convexity |
# | M5 | output sizes are not costs |
# | M6 | the output is not always a scalar |
# | M7 | one convention for gradients and Jacobians |
# | M8 | where each factor of the chain rule is evaluated |
# | M9 | derivatives of a layer by its bias, its weights and its batch |
# | M10 | backpropagation never forms a Jacobian, and adds at a fan-out |
# | M11 | a quadratic cannot show the order of its Taylor model |
# | M12 | bias correction of Adam |
# | M13 | the 2nd moment of Adam is not the Hessian's diagonal |
# | M14 | Adam normalises the size of the gradient, not the curvature |
# | M15 | an unfair race of optimisers |
# | M16 | eigenvalues of random matrices are not independent signs |
# | M17 | what noise does at a saddle |
# | M18 | the conditions of the change of variables |
# | M19 | the sign of the polar determinant |
# | M20 | the direction of a flow and the sign of its log-determinant |
# | M21 | the Hessian is the Jacobian of the gradient map |
# | M22 | the determinant is signed volume |
# | M23 | `torch.func` beside `torch.autograd.functional` |

# %% answer e7-3 covers="TB4 M3 M4 M5 M7 M8 M10 M11 M12 M14 M20 M22"
def verdicts() -> dict:
    """Verdicts on the statements 1 to 12.

    Returns:
        A dict from each number to a pair (is_true, code): True or False, and the code of the
        correction that mends a false statement, "" for a true one.

    Example, for a true statement 1 and a statement 2 that M6 mends:
        {1: (True, ""), 2: (False, "M6"), ...}
    """
    ### BEGIN SOLUTION
    return {
        1: (False, "M8"),
        2: (True, ""),
        3: (False, "M5"),
        4: (True, ""),
        5: (False, "M3"),
        6: (False, "M4"),
        7: (False, "M11"),
        8: (True, ""),
        9: (False, "M12"),
        10: (True, ""),
        11: (False, "M20"),
        12: (True, ""),
    }
    ### END SOLUTION


# %% [markdown] checked="aac4016f4f60" key="e7-3-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. 문장을 깨뜨리는 가장 작은 예는 무엇입니까? 문장에 나오는 것은 저마다 어느 점에서 계산하고, 크기는 얼마입니까?
# 2. 문장 9에서는 $t = 1$일 때 보정이 없는 걸음과 있는 걸음의 비를, 문장 11에서는 $f(z) = 2z$의 밀도를 계산해 보십시오.
# 3. 거짓인 문장은 7개입니다.
#
# </details>

# %% [markdown] key="e7-3-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. What is the smallest example that would break the statement? At which point, and of which size, is each thing computed?
# 2. For statement 9, compute the ratio of the steps without and with correction at $t = 1$; for statement 11, the density of $f(z) = 2z$.
# 3. 7 of the statements are false.
#
# </details>

# %% test e7-3-first 0.5 alone
# Statements 1, 2 and 3.
assert len(verdicts()) == 12, "twelve statements, twelve verdicts"
assert all(len(pair) == 2 for pair in verdicts().values()), "each verdict is a pair (is_true, code)"

# %% test e7-3-second 0.5 alone
# Statements 4, 5 and 6.

# %% test e7-3-third 0.5 alone
# Statements 7, 8 and 9.

# %% test e7-3-fourth 0.5 alone
# Statements 10, 11 and 12.

# %% [markdown] checked="dadb13f3cc7b" key="e7-4" lang="ko"
# ### E7.4 `test_vjp`
# 난이도 4/5 · 중요도 5/5 · 25분 · 2점 · 손으로
#
# 이번에는 여러분이 채점기입니다. 누군가 선형층 $Y = X W^T + b$의 VJP를 써서 함수 `vjp`로 건넵니다. 이 함수는 모양이 $(B, m)$, $(B, n)$, $(m, n)$인 $v$, $X$, $W$를 받아 $(\overline{X}, \overline{W}, \overline{b})$를 돌려줍니다. 옳으면 `True`, 틀리면 `False`를 돌려주는 테스트를 쓰십시오. 옳은 VJP의 식은 알고 있습니다. 어려운 것은 어떤 입력으로, 얼마나 엄격하게 시험하느냐입니다.
#
# - **옳은 답을 탓하지 마십시오.** `einsum`으로 썼든 반복문으로 썼든 옳습니다. 배열 대신 리스트를, 튜플 대신 리스트를 돌려주어도, `float32`로 돌려주어도 옳습니다. 가장 큰 원소의 $10^{-5}$배까지는 반올림 오차로 봅니다.
# - **틀린 답을 놓치지 마십시오.** 제 크기의 $10^{-3}$배만큼 어긋난 값도 틀린 것입니다. 모양이 틀리거나 `nan`이 섞여 있으면 오류를 내지 말고 `False`를 돌려주십시오. 표본이 하나이거나 $W$가 정사각일 때만, 또는 $v$의 원소가 음수일 때만 틀리는 함수도 있습니다. 반대로 그런 때에만 맞는 함수도 있습니다.
#
# 셀마다 한 가지 계열의 실수를 시험합니다. 옳은 VJP와 틀린 VJP는 정해진 순서 없이 여러 번 나오며, 틀린 것도 리스트나 `float32`를 돌려줄 수 있습니다. 옳은 VJP를 하나라도 탓하면 그 셀에서는 점수를 얻지 못합니다.

# %% [markdown] key="e7-4" lang="en"
# ### E7.4 `test_vjp`
# difficulty 4/5 · importance 5/5 · 25 minutes · 2 points · by hand
#
# Now you are the grader. Someone hands you a VJP of the linear layer $Y = X W^T + b$ as a function `vjp`. It takes $v$, $X$, $W$ of shapes $(B, m)$, $(B, n)$, $(m, n)$ and returns $(\overline{X}, \overline{W}, \overline{b})$. Write a test that returns `True` if it is right and `False` if it is wrong. You know the right formulas; the art is to choose the inputs and how strict to be.
#
# - **Blame no right answer.** It is right whether written with `einsum` or with loops. It is right if it returns lists for arrays, a list for the tuple, or `float32`. Up to $10^{-5}$ times the largest entry counts as rounding.
# - **Let no wrong answer pass.** A value that is off by $10^{-3}$ of itself is wrong. If a shape is wrong or there is a `nan`, return `False` instead of raising an error. Some functions are wrong only for a single sample, only where $W$ is square or only for negative entries of $v$, and some are right only there.
#
# Each cell tests one family of mistakes. Right and wrong VJPs come in no fixed order and more than once, and wrong ones may return lists or `float32` too. A cell in which a right VJP is blamed earns nothing.

# %% answer e7-4 covers="CB5 M9"
def test_vjp(vjp) -> bool:
    """Test a VJP of the linear layer Y = X W^T + b.

    Args:
        vjp: a function from v (B, m), X (B, n), W (m, n) to (dX, dW, db), arrays or lists.

    Returns:
        True to accept it, False to reject it.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3), (5, 1, 4), (2, 4, 1)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        expected = v @ W, v.T @ X, v.sum(axis=0)
        found = vjp(v.copy(), X.copy(), W.copy())
        if len(found) != 3:
            return False
        for part, right in zip(found, expected):
            if np.shape(part) != right.shape:
                return False
            if not np.abs(np.asarray(part) - right).max() <= 1e-5 * np.abs(right).max():
                return False
    return True
    ### END SOLUTION


# %% [markdown] checked="e7d1f9a1008b" key="e7-4-hints" lang="ko"
# <details><summary>힌트</summary>
#
# 1. $v$의 원소가 모두 1이면 어떤 실수가 보이지 않습니까? $B = 1$이면 어떻습니까?
# 2. $\max |\text{found} - \text{right}| \le 10^{-5} \max |\text{right}|$. `nan`이 낀 대소 비교는 언제나 거짓이라는 점에 주의하십시오.
# 3. $v$의 행이 $(1, -2)$와 $(3, 5)$이면 $\overline{b} = (4, 3)$입니다.
#
# </details>

# %% [markdown] key="e7-4-hints" lang="en"
# <details><summary>Hints</summary>
#
# 1. Which mistakes are invisible if all entries of $v$ are 1? And if $B = 1$?
# 2. $\max |\text{found} - \text{right}| \le 10^{-5} \max |\text{right}|$. Mind that every inequality with `nan` is false.
# 3. If the rows of $v$ are $(1, -2)$ and $(3, 5)$, then $\overline{b} = (4, 3)$.
#
# </details>

# %% test e7-4-sums 0.5 alone
# Sums over the batch: missing, averaged, over the wrong axis.
assert test_vjp(lambda v, X, W: (v @ W, v.T @ X, v.sum(axis=0))), "this VJP is right"
assert not test_vjp(lambda v, X, W: (v @ W, v.T @ X, v.mean(axis=0))), "db is a mean"

# %% test e7-4-swaps 0.5 alone
# Factors that are transposed or exchanged.
assert not test_vjp(lambda v, X, W: (v @ W, X.T @ v, v.sum(axis=0))), "dW is transposed"

# %% test e7-4-cotangents 0.5 alone
# Misuses of the cotangent v.
assert not test_vjp(lambda v, X, W: (-v @ W, -v.T @ X, -v.sum(axis=0))), "every sign is wrong"

# %% test e7-4-subtle 0.5 alone
# Mistakes that are small or rare.
assert not test_vjp(lambda v, X, W: (v @ W, 1.01 * v.T @ X, v.sum(axis=0))), "dW is too large"

# %% [markdown] checked="209c5286d74f" key="mistakes" lang="ko"
# ## 흔한 실수
#
# - 손실은 줄지만 두 초승달에서 정확도가 0.9를 넘지 못한다: 은닉층의 그래디언트가 틀렸거나 너무 일찍 멈추었습니다.
# - 붓꽃에서만 틀린다: 입력을 표준화하고 그 변환을 첫 층에 녹이지 않았거나, 클래스를 2개로 보았습니다.
# - 어떤 편향이 0 그대로이다: $V$의 행을 더한 그래디언트를 Adam에 넘기지 않았습니다.
# - 일기의 항목이 하나씩 밀려 있다: 첫 항목은 걷기 전의 것입니다.
# - 날카로움이 절댓값이 큰 음수이다: 크기가 가장 큰 고윳값을 골랐습니다.
# - 테스트가 틀린 VJP를 받아들인다: $v = 1$, 정사각 $W$, $B = 1$처럼 실수를 감추는 입력만 썼습니다.
# - 테스트가 옳은 VJP를 거절한다: `==`로 비교했거나 `float32`의 반올림을 허용하지 않았습니다.

# %% [markdown] key="mistakes" lang="en"
# ## Common mistakes
#
# - The loss goes down, but the accuracy on the moons never passes 0.9: the gradient of a hidden layer is wrong, or you stop too early.
# - Only Iris goes wrong: the inputs were standardised and that was not folded into the first layer, or you assumed 2 classes.
# - A bias stays at 0: the gradient that sums the rows of $V$ never reached Adam.
# - The entries of the diary are one late: the first belongs to the start, before any step.
# - The sharpness is a large negative number: you took the eigenvalue that is largest by size.
# - Your test accepts a wrong VJP: it used only inputs that hide mistakes, such as $v = 1$, a square $W$ or $B = 1$.
# - Your test rejects a right VJP: it compared with `==`, or left no room for the rounding of `float32`.

# %% [markdown] checked="5db96aa800a2" key="explain" lang="ko"
# ## 스스로 설명하기
#
# 채점하지 않는 질문입니다. 한두 문장씩 써 보고, 코드를 보지 않고 다른 사람에게 설명해 보십시오.
#
# 1. `loss.backward()`와 `optimizer.step()`이 하는 일을 여러분의 `train_classifier`에서 한 줄씩 짚으며 설명해 보십시오. 야코비안이 만들어진 줄이 있습니까?
# 2. 날카로움이 때로 $2 / \eta$를 넘었는데도 신경망은 발산하지 않았습니다. 이차 모델이 말하는 것과 말하지 못하는 것은 무엇입니까?
# 3. 여러분이 쓴 E7.4의 테스트를 통과하지만 틀린 VJP를 하나 떠올려 보십시오. 그것까지 잡으려면 무엇을 더해야 합니까?

# %% [markdown] key="explain" lang="en"
# ## Explain it yourself
#
# These questions are not graded. Answer each in a sentence or two, then explain it to someone without looking at your code.
#
# 1. Point at the lines of your `train_classifier` that do what `loss.backward()` and `optimizer.step()` do. Is there a line in which a Jacobian is formed?
# 2. The network did not diverge although the sharpness exceeded $2 / \eta$ at times. What does the quadratic model tell, and what can it not tell?
# 3. Think of a wrong VJP that would pass your test of E7.4. What would you have to add to catch it as well?

# %% [markdown] checked="f42d53ae7492" key="corrections" lang="ko"
# ## 이 강의가 바로잡은 것
#
# 아래는 E7.3의 열두 문장이 다룬 내용을 옳은 말로 적은 것입니다. 끝의 번호는 그것을 보인 문제입니다. E7.3을 아직 풀지 않았다면 나중에 읽으십시오.
#
# - 연쇄법칙은 $J_{g \circ f}(x) = J_g(f(x))\, J_f(x)$입니다. 바깥 야코비안은 $g$가 실제로 받는 값에서 계산합니다 (E2.1).
# - 출력이 하나이면 $Df$는 $1 \times n$ 행이고 그래디언트는 $x$의 모양을 따릅니다 (E1.1). 헤시안은 그래디언트의 야코비안이므로 $n \times n$입니다 (E3.2).
# - VJP의 비용은 결과의 크기가 아니라 $f$를 한 번 계산하는 비용의 작은 상수배입니다. 선형층의 $v^T W$에도 곱셈이 $mn$번 듭니다 (E2.5).
# - 값이나 가중치를 여러 곳에서 쓰면 그래디언트는 더해집니다 (E2.8, E2.9).
# - 헤시안의 대칭은 이계 편미분이 모두 연속일 때 보장됩니다. 이계 편미분이 존재하는 것만으로는 부족합니다. 페아노의 함수는 원점에서 미분의 순서에 따라 $-1$과 $+1$을 줍니다 (E3.6).
# - 아래로 볼록하려면 볼록한 영역의 모든 점에서 헤시안이 양의 준정부호여야 합니다. 한 점에서 양의 정부호인 것으로는 모자랍니다 (E3.5).
# - 오차가 0인 실험으로는 오차의 차수를 알 수 없습니다. 이차가 아닌 함수에서 기울기를 재야 합니다 (E4.3).
# - 이차함수 위의 경사하강법에서는 곱 $\eta \lambda$ 하나가 성분의 움직임을 정합니다. 1까지는 부호가 그대로이고, 1과 2 사이에서는 부호가 바뀌며 줄어듭니다 (E5.1).
# - 편향 보정을 뺀 Adam의 첫 걸음은 길이가 $(1 - \beta_1) / \sqrt{1 - \beta_2}$배, 흔히 쓰는 값에서는 3.162배가 됩니다 (E5.3).
# - Adam은 그래디언트의 크기로 나누므로, 손실에 상수를 곱해도 걸음은 그대로입니다 (E5.2).
# - $x = f(z)$이면 $\log p_X(x) = \log p_Z(z) - \log |\det J_f(z)|$입니다. 늘어난 곳에서는 밀도가 줄어듭니다 (E6.8).
# - 야코비 행렬식의 절댓값은 넓이의 배율이고, 부호는 방향이 뒤집히는지를 말합니다 (E6.1).

# %% [markdown] key="corrections" lang="en"
# ## What this course corrects
#
# Here is what the twelve statements of E7.3 are about, put right; the number at the end names the exercise that shows it. If you have not solved E7.3 yet, read this later.
#
# - The chain rule is $J_{g \circ f}(x) = J_g(f(x))\, J_f(x)$: the outer Jacobian is evaluated at the value that $g$ really receives (E2.1).
# - With a single output, $Df$ is a $1 \times n$ row and the gradient has the shape of $x$ (E1.1). The Hessian is the Jacobian of the gradient, hence $n \times n$ (E3.2).
# - A VJP costs a small constant times one evaluation of $f$, whatever the size of its result. Even $v^T W$ of a linear layer takes $mn$ multiplications (E2.5).
# - Where a value or a weight is used in several places, gradients add (E2.8, E2.9).
# - Symmetry of the Hessian is guaranteed where all second partial derivatives are continuous. That they exist is not enough: Peano's function gives $-1$ and $+1$ at the origin, depending on the order of differentiation (E3.6).
# - Convexity needs a positive semidefinite Hessian at every point of a convex region. Positive definite at one point does not do (E3.5).
# - An experiment whose error is 0 cannot tell the order of the error. Measure the slope on a function that is not quadratic (E4.3).
# - For gradient descent on a quadratic, the product $\eta \lambda$ alone decides how a component moves: up to 1 it keeps its sign, between 1 and 2 it changes its sign and shrinks (E5.1).
# - Without bias correction, the first step of Adam is $(1 - \beta_1) / \sqrt{1 - \beta_2}$ times as long, 3.162 times with the usual values (E5.3).
# - Adam divides by the size of the gradient, so its steps stay the same if the loss is multiplied by a constant (E5.2).
# - If $x = f(z)$, then $\log p_X(x) = \log p_Z(z) - \log |\det J_f(z)|$: where space is stretched, the density falls (E6.8).
# - The absolute value of a Jacobian determinant is the factor of areas; its sign tells whether orientation is reversed (E6.1).

# %% [markdown] checked="127f95742014" key="further" lang="ko"
# ## 더 나아가기
#
# 여러분은 미분의 정의에서 신경망의 학습까지 손으로 이어 왔습니다. 이제 `loss.backward()` 한 줄을 보면 그 안에서 무엇이 곱해지고 무엇이 만들어지지 않는지 알 수 있습니다. 다음에 해 볼 만한 일은 다음과 같습니다.
#
# - **이계 최적화**(second-order optimisation): E4.5의 감쇠 뉴턴법으로 `moon_loss`를 줄여 보십시오. 연립방정식을 직접 푸는 대신 E3.3의 곱 $Hv$와 켤레 기울기법(conjugate gradients)을 쓰면 매개변수가 많아도 됩니다.
# - **안정성의 가장자리**(edge of stability): Adam의 경로를 따라 일기를 적어 보십시오. 이때는 $H$가 아니라, 행 $i$를 $\sqrt{\hat v_i}$로 나눈 $H$의 가장 큰 고윳값을 봅니다. $m$이 지나간 그래디언트까지 평균하므로 한계도 $2 / \eta$가 아니라 $2 (1 + \beta_1) / ((1 - \beta_1) \eta)$, 곧 $\beta_1 = 0.9$이면 $38 / \eta$입니다.
# - **더 깊은 신경망**: `train_classifier`를 층이 몇 개든 돌아가도록 고쳐 쓰고 초깃값의 크기를 바꾸어, 첫 층의 그래디언트가 깊이에 따라 어떻게 변하는지 보십시오.
# - **테스트를 테스트하기**: E7.4에서 한 일을 여러분이 쓰는 다른 코드에도 해 보십시오. 일부러 실수를 심고, 테스트가 그것을 잡는지 보십시오.
#
# 끝까지 함께해 주셔서 고맙습니다.

# %% [markdown] key="further" lang="en"
# ## Going further
#
# You have walked by hand from the definition of the derivative to the training of a network. When you read the line `loss.backward()`, you now know what is multiplied in it and what is never formed. Some things to try next:
#
# - **Second-order optimisation**: reduce `moon_loss` with the damped Newton method of E4.5. With the products $Hv$ of E3.3 and conjugate gradients in place of a solve, it works for many parameters too.
# - The **edge of stability**: keep the diary along the path of Adam. Take then the largest eigenvalue not of $H$ but of $H$ with its row $i$ divided by $\sqrt{\hat v_i}$. As $m$ averages over past gradients, the limit is not $2 / \eta$ either but $2 (1 + \beta_1) / ((1 - \beta_1) \eta)$, that is, $38 / \eta$ for $\beta_1 = 0.9$.
# - **Deeper networks**: write `train_classifier` for any number of layers, change the size of the start, and see how the gradient of the first layer changes with depth.
# - **Testing tests**: do with other code of yours what you did in E7.4. Plant a mistake on purpose and see whether your test catches it.
#
# Thank you for staying to the end.
