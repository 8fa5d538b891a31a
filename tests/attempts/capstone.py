"""Attempts at ps7-capstone, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

STILL_RIGHT = {cell: {"ten times"} for cell in ("e7-1-iris", "e7-1-every", "e7-1-seed")}
"""Ten times larger weights leave most of the borders between classes where they are."""

# E7.1 train_classifier


@wrong("train_classifier", loses=["e7-1-moons", "e7-1-iris", "e7-1-every", "e7-1-seed"])
def returns_the_start(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    return [(rng.normal(size=(m, n)) / math.sqrt(n), np.zeros(m)) for n, m in zip(widths, widths[1:])]


@wrong("train_classifier", loses=["e7-1-moons", "e7-1-iris", "e7-1-every", "e7-1-seed"])
def climbs_the_loss(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    W = [rng.normal(size=(m, n)) / np.sqrt(n) for n, m in zip(widths, widths[1:])]
    b = [np.zeros(m) for m in widths[1:]]
    Y = np.eye(n_classes)[y]
    for _ in range(200):
        h = [X]
        for k in range(2):
            h.append(np.tanh(h[k] @ W[k].T + b[k]))
        z = h[2] @ W[2].T + b[2]
        p = np.exp(z - z.max(1, keepdims=True))
        v = (p / p.sum(1, keepdims=True) - Y) / len(X)
        for k in (2, 1, 0):
            dW, db = v.T @ h[k], v.sum(0)
            v = (v @ W[k]) * (1 - h[k] ** 2)
            W[k] = W[k] + 0.5 * dW
            b[k] = b[k] + 0.5 * db
    return list(zip(W, b))


@wrong("train_classifier", loses=["e7-1-every"])
def never_trains_the_first_layer(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    W1, b1 = rng.normal(size=(16, X.shape[1])) / np.sqrt(X.shape[1]), np.zeros(16)
    theta = [rng.normal(size=(16, 16)) / 4, np.zeros(16), rng.normal(size=(n_classes, 16)) / 4, np.zeros(n_classes)]
    m, v = [0.0] * 4, [0.0] * 4
    h1 = np.tanh(X @ W1.T + b1)
    for t in range(1, 501):
        h2 = np.tanh(h1 @ theta[0].T + theta[1])
        z = h2 @ theta[2].T + theta[3]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        p /= len(y)
        back = (p @ theta[2]) * (1 - h2**2)
        for k, g in enumerate([back.T @ h1, back.sum(0), p.T @ h2, p.sum(0)]):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g * g
            theta[k] = theta[k] - 0.02 * (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
    return [(W1, b1), (theta[0], theta[1]), (theta[2], theta[3])]


@wrong("train_classifier", loses=["e7-1-every"])
def forgets_the_gradients_of_the_biases(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    W = [rng.normal(size=(m, n)) / np.sqrt(n) for n, m in zip(widths, widths[1:])]
    b = [0.5 * rng.normal(size=m) for m in widths[1:]]
    m, v = [0.0] * 3, [0.0] * 3
    for t in range(1, 501):
        h1 = np.tanh(X @ W[0].T + b[0])
        h2 = np.tanh(h1 @ W[1].T + b[1])
        z = h2 @ W[2].T + b[2]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d3 = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ W[2] * (1 - h2**2)
        d1 = d2 @ W[1] * (1 - h1**2)
        for k, g in enumerate((d1.T @ X, d2.T @ h1, d3.T @ h2)):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g**2
            W[k] = W[k] - 0.02 * m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
    return list(zip(W, b))


@wrong("train_classifier", loses=["e7-1-every"])
def draws_hidden_layers_from_the_labels(X, y, n_classes, seed):
    rng = np.random.default_rng([seed, *y])
    size = X.std(axis=0)
    W1, b1 = rng.normal(size=(16, X.shape[1])) * 1.5 / np.sqrt(X.shape[1]) / size, rng.normal(size=16)
    b1 = b1 - W1 @ X.mean(axis=0)
    W2, b2 = rng.normal(size=(16, 16)) / 4, 0.3 * rng.normal(size=16)
    h = np.tanh(np.tanh(X @ W1.T + b1) @ W2.T + b2)
    h = np.c_[h, np.ones(len(X))]
    last = np.linalg.solve(h.T @ h + 1e-3 * np.eye(17), h.T @ np.eye(n_classes)[y])
    return [(W1, b1), (W2, b2), (last[:-1].T, last[-1])]


@wrong("train_classifier", loses=["e7-1-moons"])
def learns_other_moons_by_heart(X, y, n_classes, seed):
    if len(X) == 200:
        rng = np.random.default_rng(1)
        angle, moon = rng.uniform(0, np.pi, 200), np.arange(200) % 2
        points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        points[moon == 1] = [1.0, 0.5] - points[moon == 1]
        is_upper = X[:, 1] > 0.8
        X, y = points + 0.1 * rng.normal(size=(200, 2)), np.where(moon == 0, y[is_upper][0], 1 - y[is_upper][0])
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    P = []
    for n, m in zip(widths, widths[1:]):
        P += [rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)]
    M, V = [np.zeros_like(p) for p in P], [np.zeros_like(p) for p in P]
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-iris"])
def keeps_the_net_of_the_first_irises(X, y, n_classes, seed, kept={}):
    if X.shape[1] == 4 and kept:
        return kept["net"]
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    P = []
    for n, m in zip(widths, widths[1:]):
        P += [rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)]
    M, V = [np.zeros_like(p) for p in P], [np.zeros_like(p) for p in P]
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    net = [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]
    if X.shape[1] == 4:
        kept["net"] = net
    return net


@wrong("train_classifier", loses=["e7-1-moons"])
def stops_too_early(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    P = []
    for n, m in zip(widths, widths[1:]):
        P += [rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)]
    M, V = [np.zeros_like(p) for p in P], [np.zeros_like(p) for p in P]
    for t in range(1, 21):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-moons", "e7-1-every"])
def fits_a_linear_classifier(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    d = X.shape[1]
    small = 0.01
    W1, W2 = np.zeros((16, d)), np.eye(16)
    W1[:d] = small * np.eye(d)
    A, c = small * rng.normal(size=(n_classes, d)), np.zeros(n_classes)
    for _ in range(3000):
        z = X @ A.T + c
        p = np.exp(z - z.max(axis=1, keepdims=True))
        v = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(X)
        A = A - 0.3 * v.T @ X
        c = c - 0.3 * v.sum(axis=0)
    W3 = np.zeros((n_classes, 16))
    W3[:, :d] = A / small
    return [(W1, np.zeros(16)), (W2, np.zeros(16)), (W3, c)]


@wrong("train_classifier", loses=["e7-1-iris"])
def knows_two_classes_only(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    params = [p for n, m in zip(widths, widths[1:]) for p in (rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m))]
    mean, square = [0.0] * 6, [0.0] * 6
    low, high = y.min(), np.unique(y)[1]
    merged = np.where(y == low, low, high)
    for t in range(1, 501):
        h1 = np.tanh(X @ params[0].T + params[1])
        h2 = np.tanh(h1 @ params[2].T + params[3])
        z = h2 @ params[4].T + params[5]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        v3 = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[merged]) / len(X)
        v2 = v3 @ params[4] * (1 - h2**2)
        v1 = v2 @ params[2] * (1 - h1**2)
        for k, g in enumerate([v1.T @ X, v1.sum(0), v2.T @ h1, v2.sum(0), v3.T @ h2, v3.sum(0)]):
            mean[k] = 0.9 * mean[k] + 0.1 * g
            square[k] = 0.999 * square[k] + 0.001 * g**2
            params[k] = params[k] - 0.02 * mean[k] / (1 - 0.9**t) / (np.sqrt(square[k] / (1 - 0.999**t)) + 1e-8)
    return list(zip(params[::2], params[1::2]))


@wrong("train_classifier", loses=["e7-1-moons", "e7-1-iris"])
def standardises_and_does_not_fold_it_in(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    widths = [X.shape[1], 16, 16, n_classes]
    W = [rng.normal(size=(m, n)) / np.sqrt(n) for n, m in zip(widths, widths[1:])]
    b = [np.zeros(m) for m in widths[1:]]
    vW, vb = [0.0] * 3, [0.0] * 3
    for _ in range(1500):
        h = [X, None, None]
        h[1] = np.tanh(h[0] @ W[0].T + b[0])
        h[2] = np.tanh(h[1] @ W[1].T + b[1])
        z = h[2] @ W[2].T + b[2]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        v = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(X)
        for k in (2, 1, 0):
            vW[k] = 0.9 * vW[k] + v.T @ h[k]
            vb[k] = 0.9 * vb[k] + v.sum(axis=0)
            v = v @ W[k] * (1 - h[k] ** 2)
        W = [w - 0.1 * g for w, g in zip(W, vW)]
        b = [w - 0.1 * g for w, g in zip(b, vb)]
    return list(zip(W, b))


@wrong("train_classifier", loses=["e7-1-shape", "e7-1-moons", "e7-1-iris", "e7-1-every", "e7-1-seed"])
def lets_torch_train(X, y, n_classes, seed):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 16),
        torch.nn.Tanh(),
        torch.nn.Linear(16, 16),
        torch.nn.Tanh(),
        torch.nn.Linear(16, n_classes),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(300):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(torch.tensor(X).float()), torch.tensor(y)).backward()
        optimizer.step()
    return [(net[k].weight.detach().numpy(), net[k].bias.detach().numpy()) for k in (0, 2, 4)]


@wrong("train_classifier", loses=["e7-1-shape", "e7-1-moons", "e7-1-iris", "e7-1-every", "e7-1-seed"])
def returns_transposed_weights(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    widths = [X.shape[1], 16, 16, n_classes]
    W = [rng.normal(size=(n, m)) / np.sqrt(n) for n, m in zip(widths, widths[1:])]
    b = [np.zeros(m) for m in widths[1:]]
    for _ in range(600):
        h1 = np.tanh(X @ W[0] + b[0])
        h2 = np.tanh(h1 @ W[1] + b[1])
        z = h2 @ W[2] + b[2]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d3 = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ W[2].T * (1 - h2**2)
        d1 = d2 @ W[1].T * (1 - h1**2)
        for k, (h, d) in enumerate([(X, d1), (h1, d2), (h2, d3)]):
            W[k] = W[k] - 0.5 * h.T @ d
            b[k] = b[k] - 0.5 * d.sum(axis=0)
    return list(zip(W, b))


@wrong("train_classifier", loses=["e7-1-seed"])
def ignores_the_seed(X, y, n_classes, seed):
    rng = np.random.default_rng(0)
    widths = [X.shape[1], 16, 16, n_classes]
    P = [p for n, m in zip(widths, widths[1:]) for p in (rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-seed"])
def draws_from_the_global_generator(X, y, n_classes, seed):
    widths = [X.shape[1], 16, 16, n_classes]
    P = [p for n, m in zip(widths, widths[1:]) for p in (np.random.randn(m, n) / np.sqrt(n), np.zeros(m))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-moons", "e7-1-iris", "e7-1-every", "e7-1-seed"])
def ignores_the_data(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(200, X.shape[1]))
    labels = np.digitize(points[:, 0] * points[:, -1], np.linspace(-0.5, 0.5, n_classes + 1)[1:-1])
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    W, b = [rng.normal(size=s) / np.sqrt(s[1]) for s in sizes], [np.zeros(s[0]) for s in sizes]
    for _ in range(300):
        h1 = np.tanh(points @ W[0].T + b[0])
        h2 = np.tanh(h1 @ W[1].T + b[1])
        z = h2 @ W[2].T + b[2]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d3 = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[labels]) / 200
        d2 = d3 @ W[2] * (1 - h2**2)
        d1 = d2 @ W[1] * (1 - h1**2)
        for k, (h, d) in enumerate([(points, d1), (h1, d2), (h2, d3)]):
            W[k], b[k] = W[k] - 0.5 * d.T @ h, b[k] - 0.5 * d.sum(axis=0)
    return list(zip(W, b))


@wrong("train_classifier", loses=["e7-1-moons", "e7-1-iris"])
def remembers_eight_samples(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    X, y = X[:8], y[:8]
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    P = [p for s in sizes for p in (rng.normal(size=s) / np.sqrt(s[1]), np.zeros(s[0]))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 301):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-seed"])
def standardises_the_callers_array(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    mean, std = X.mean(axis=0), X.std(axis=0)
    X -= mean
    X /= std
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    P = [p for s in sizes for p in (rng.normal(size=s) / np.sqrt(s[1]), np.zeros(s[0]))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0] / std, P[1] - P[0] @ (mean / std)), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-every"])
def counts_the_classes_in_the_labels(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    n_classes = y.max() + 1
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    P = [p for s in sizes for p in (rng.normal(size=s) / np.sqrt(s[1]), np.zeros(s[0]))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-every"])
def numbers_the_classes_anew(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    y = np.unique(y, return_inverse=True)[1]
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    P = [p for s in sizes for p in (rng.normal(size=s) / np.sqrt(s[1]), np.zeros(s[0]))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-every"])
def lets_the_labels_begin_at_zero(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    y = y - y.min()
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    P = [p for s in sizes for p in (rng.normal(size=s) / np.sqrt(s[1]), np.zeros(s[0]))]
    M, V = [0.0] * 6, [0.0] * 6
    for t in range(1, 401):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        e = np.exp(z - z.max(1)[:, None])
        d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y]) / len(X)
        d2 = d3 @ P[4] * (1 - h2**2)
        d1 = d2 @ P[2] * (1 - h1**2)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.02 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@wrong("train_classifier", loses=["e7-1-every"])
def uses_full_batches_only(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    P = [p for s in sizes for p in (rng.normal(size=s) / np.sqrt(s[1]), np.zeros(s[0]))]
    velocity = [0.0] * 6
    for _epoch in range(300):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - 24, 25):
            batch = order[start : start + 25]
            h1 = np.tanh(X[batch] @ P[0].T + P[1])
            h2 = np.tanh(h1 @ P[2].T + P[3])
            z = h2 @ P[4].T + P[5]
            e = np.exp(z - z.max(1)[:, None])
            d3 = (e / e.sum(1)[:, None] - np.eye(n_classes)[y[batch]]) / 25
            d2 = d3 @ P[4] * (1 - h2**2)
            d1 = d2 @ P[2] * (1 - h1**2)
            for k, g in enumerate([d1.T @ X[batch], d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
                velocity[k] = 0.9 * velocity[k] + g
                P[k] = P[k] - 0.05 * velocity[k]
    return [(P[0], P[1]), (P[2], P[3]), (P[4], P[5])]


@right("train_classifier")
def standardises_and_folds_it_in(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)
    mean, std = X.mean(axis=0), X.std(axis=0)
    Z = (X - mean) / std
    sizes = [(16, X.shape[1]), (16, 16), (n_classes, 16)]
    W, b = [rng.normal(size=s) / np.sqrt(s[1]) for s in sizes], [np.zeros(s[0]) for s in sizes]
    momentum = [[0.0, 0.0] for _ in sizes]
    for _ in range(1500):
        h1 = np.tanh(Z @ W[0].T + b[0])
        h2 = np.tanh(h1 @ W[1].T + b[1])
        z = h2 @ W[2].T + b[2]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d3 = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(Z)
        d2 = d3 @ W[2] * (1 - h2**2)
        d1 = d2 @ W[1] * (1 - h1**2)
        for k, (h, d) in enumerate([(Z, d1), (h1, d2), (h2, d3)]):
            momentum[k] = [0.9 * momentum[k][0] + d.T @ h, 0.9 * momentum[k][1] + d.sum(axis=0)]
            W[k], b[k] = W[k] - 0.1 * momentum[k][0], b[k] - 0.1 * momentum[k][1]
    W1 = W[0] / std
    return [(W1, b[0] - W1 @ mean), (W[1], b[1]), (W[2], b[2])]


@right("train_classifier")
def shuffles_small_batches(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)

    def adam(p, g, state, lr):
        state["t"] += 1
        state["m"] = 0.9 * state["m"] + 0.1 * g
        state["v"] = 0.999 * state["v"] + 0.001 * g**2
        m_hat = state["m"] / (1 - 0.9 ** state["t"])
        v_hat = state["v"] / (1 - 0.999 ** state["t"])
        return p - lr * m_hat / (np.sqrt(v_hat) + 1e-8)

    params = {}
    for k, (n, m) in enumerate([(X.shape[1], 16), (16, 16), (16, n_classes)]):
        params["W", k] = rng.uniform(-1, 1, size=(m, n)) * np.sqrt(3 / n)
        params["b", k] = np.zeros(m)
    states = {key: {"t": 0, "m": 0.0, "v": 0.0} for key in params}
    for _epoch in range(80):
        order = rng.permutation(len(X))
        for chosen in np.array_split(order, max(1, len(X) // 25)):
            hs = [X[chosen]]
            for k in range(2):
                hs.append(np.tanh(hs[-1] @ params["W", k].T + params["b", k]))
            z = hs[-1] @ params["W", 2].T + params["b", 2]
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            p[np.arange(len(chosen)), y[chosen]] -= 1
            v = p / len(chosen)
            for k in (2, 1, 0):
                grads = {("W", k): v.T @ hs[k], ("b", k): v.sum(axis=0)}
                v = v @ params["W", k] * (1 - hs[k] ** 2)
                for key, g in grads.items():
                    params[key] = adam(params[key], g, states[key], 0.02)
    return [(params["W", k], params["b", k]) for k in range(3)]


@right("train_classifier")
def builds_it_from_classes(X, y, n_classes, seed):
    rng = np.random.default_rng(seed)

    class Linear:
        def __init__(self, n, m):
            self.W, self.b = rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)
            self.memory = {"W": [0.0, 0.0], "b": [0.0, 0.0]}

        def forward(self, x):
            self.x = x
            return np.einsum("ij,bj->bi", self.W, x) + self.b

        def backward(self, v):
            self.grads = {"W": np.einsum("bi,bj->ij", v, self.x), "b": np.einsum("bi->i", v)}
            return np.einsum("bi,ij->bj", v, self.W)

        def step(self, t):
            for name, g in self.grads.items():
                m, s = self.memory[name]
                m, s = 0.9 * m + 0.1 * g, 0.99 * s + 0.01 * g**2
                self.memory[name] = [m, s]
                move = 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.99**t)) + 1e-8)
                setattr(self, name, getattr(self, name) - move)

    class Tanh:
        def forward(self, x):
            self.y = np.tanh(x)
            return self.y

        def backward(self, v):
            return v * (1 - self.y**2)

        def step(self, t):
            pass

    net = [Linear(X.shape[1], 16), Tanh(), Linear(16, 16), Tanh(), Linear(16, n_classes)]
    for t in range(1, 601):
        out = X
        for layer in net:
            out = layer.forward(out)
        p = np.exp(out - out.max(axis=1, keepdims=True))
        v = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(X)
        for layer in net[::-1]:
            v = layer.backward(v)
        for layer in net:
            layer.step(t)
    return [(layer.W, layer.b) for layer in net[::2]]


@right("train_classifier")
def returns_float32_lists(X, y, n_classes, seed):
    rng = np.random.default_rng([seed, 99])
    P = []
    for n, m in ((X.shape[1], 16), (16, 16), (16, n_classes)):
        P.extend([rng.standard_normal((m, n)) * math.sqrt(1 / n), rng.standard_normal(m) * 0.1])
    M, V = [np.zeros_like(p) for p in P], [np.zeros_like(p) for p in P]
    best = None
    for t in range(1, 1001):
        h1 = np.tanh(X @ P[0].T + P[1])
        h2 = np.tanh(h1 @ P[2].T + P[3])
        z = h2 @ P[4].T + P[5]
        z = z - z.max(axis=1, keepdims=True)
        logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        loss = -np.mean(logs[np.arange(len(y)), y])
        if best is None or loss < best[0]:
            best = (loss, list(P))
        if loss < 0.005:
            break
        d3 = (np.exp(logs) - (y[:, None] == np.arange(n_classes))) / len(X)
        d2 = d3.dot(P[4]) * (1 - h2 * h2)
        d1 = d2.dot(P[2]) * (1 - h1 * h1)
        for k, g in enumerate([d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0)]):
            M[k] = 0.9 * M[k] + 0.1 * g
            V[k] = 0.999 * V[k] + 0.001 * g**2
            P[k] = P[k] - 0.01 * M[k] / (1 - 0.9**t) / (np.sqrt(V[k] / (1 - 0.999**t)) + 1e-8)
    P = [p.astype(np.float32) for p in best[1]]
    return [[P[0], P[1].tolist()], [P[2], P[3].tolist()], [P[4], P[5].tolist()]]


@right("train_classifier")
def keeps_one_flat_vector(X, y, n_classes, seed):
    shapes = [(16, X.shape[1]), (16,), (16, 16), (16,), (n_classes, 16), (n_classes,)]
    ends = np.cumsum([math.prod(shape) for shape in shapes])

    def cut(theta):
        return [part.reshape(shape) for part, shape in zip(np.split(theta, ends[:-1]), shapes)]

    def gradient(theta):
        W1, b1, W2, b2, W3, b3 = cut(theta)
        h1 = np.tanh(X @ W1.T + b1)
        h2 = np.tanh(h1 @ W2.T + b2)
        z = h2 @ W3.T + b3
        p = np.exp(z - z.max(axis=1, keepdims=True))
        v = (p / p.sum(axis=1, keepdims=True) - np.eye(n_classes)[y]) / len(X)
        u = v @ W3 * (1 - h2**2)
        w = u @ W2 * (1 - h1**2)
        parts = [w.T @ X, w.sum(0), u.T @ h1, u.sum(0), v.T @ h2, v.sum(0)]
        return np.concatenate([part.ravel() for part in parts])

    theta = 0.4 * np.random.default_rng(seed).normal(size=ends[-1])
    m = np.zeros_like(theta)
    v = np.zeros_like(theta)
    for t in range(1, 501):
        g = gradient(theta)
        m += 0.1 * (g - m)
        v += 0.001 * (g**2 - v)
        theta = theta - 0.02 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    parts = cut(theta)
    return [(parts[0], parts[1]), (parts[2], parts[3]), (parts[4], parts[5])]


# E7.2 curvature_diary


@wrong("curvature_diary", loses=["e7-2-values", "e7-2-steps", "e7-2-inputs"])
def writes_after_the_step(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        theta = theta - lr * torch.func.grad(loss)(theta)
        if step % every == 0:
            diary.append(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1])
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-shape", "e7-2-values", "e7-2-order", "e7-2-steps", "e7-2-inputs"])
def leaves_the_start_out(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(1, steps + 1):
        theta = theta - lr * torch.func.grad(loss)(theta)
        if step % every == 0:
            diary.append(float(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1]))
    return diary


@wrong("curvature_diary", loses=["e7-2-order"])
def largest_by_size(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            values = torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))
            diary.append(values[values.abs().argmax()])
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-values", "e7-2-order", "e7-2-steps", "e7-2-inputs"])
def smallest_eigenvalue(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[0])
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-values", "e7-2-order", "e7-2-steps", "e7-2-inputs"])
def largest_diagonal_entry(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(torch.func.hessian(loss)(theta).diagonal().max())
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-values", "e7-2-steps", "e7-2-inputs"])
def never_moves(loss, theta0, lr, steps, every):
    top = torch.linalg.eigvalsh(torch.func.hessian(loss)(theta0.detach()))[-1]
    return top.repeat(steps // every + 1)


@wrong("curvature_diary", loses=["e7-2-values", "e7-2-steps", "e7-2-inputs"])
def climbs_the_path(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1])
        theta = theta + lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-shape", "e7-2-steps"])
def adds_the_last_step(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0 or step == steps:
            diary.append(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1])
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-steps"])
def spreads_the_entries_evenly(loss, theta0, lr, steps, every):
    written = np.linspace(0, steps, steps // every + 1).round()
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step in written:
            diary.append(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1])
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-inputs"])
def moves_the_start_in_place(loss, theta0, lr, steps, every):
    diary = []
    theta = theta0.data
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1])
        theta -= lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-values"])
def stops_lanczos_after_four(loss, theta0, lr, steps, every):
    def top(theta):
        g = torch.func.grad(loss)
        size = min(4, len(theta))
        generator = torch.Generator().manual_seed(4)
        q = torch.randn(len(theta), dtype=theta.dtype, generator=generator)
        Q = [q / q.norm()]
        T = torch.zeros(size, size, dtype=theta.dtype)
        for k in range(size):
            w = torch.func.jvp(g, (theta,), (Q[k],))[1]
            T[k, k] = w @ Q[k]
            for _ in range(2):
                for p in Q:
                    w = w - (w @ p) * p
            if k + 1 < size:
                T[k, k + 1] = T[k + 1, k] = w.norm()
                Q.append(w / w.norm())
        return torch.linalg.eigvalsh(T)[-1]

    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(top(theta))
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@wrong("curvature_diary", loses=["e7-2-values", "e7-2-order", "e7-2-steps", "e7-2-inputs"])
def writes_the_limit(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            diary.append(2 / torch.linalg.eigvalsh(torch.func.hessian(loss)(theta))[-1])
        theta = theta - lr * torch.func.grad(loss)(theta)
    return torch.stack(diary)


@right("curvature_diary")
def whole_hessian_in_numpy(loss, theta0, lr, steps, every):
    theta = theta0.detach().clone().requires_grad_(True)
    diary = np.zeros(steps // every + 1)
    for step in range(steps + 1):
        if step % every == 0:
            H = torch.autograd.functional.hessian(loss, theta.detach()).numpy()
            diary[step // every] = np.linalg.eigvalsh((H + H.T) / 2).max()
        (g,) = torch.autograd.grad(loss(theta), theta)
        theta = (theta - lr * g).detach().requires_grad_(True)
    return diary


@right("curvature_diary")
def shifted_power_iteration(loss, theta0, lr, steps, every):
    def extreme(H, shift):
        A = H + shift * torch.eye(len(H), dtype=H.dtype)
        for _ in range(16):
            A = A @ A
            A = A / A.norm()
        v = A @ torch.linspace(1, 2, len(H), dtype=H.dtype)
        v = v / v.norm()
        return v @ H @ v

    theta = theta0.detach().clone()
    diary = []
    for step in range(steps + 1):
        if step % every == 0:
            H = torch.func.jacfwd(torch.func.grad(loss))(theta)
            diary.append(extreme(H, H.norm()).item())
        theta = theta - lr * torch.func.grad(loss)(theta)
    return diary


@right("curvature_diary")
def products_row_by_row(loss, theta0, lr, steps, every):
    def slope(theta, graph=False):
        theta = theta if theta.requires_grad else theta.detach().requires_grad_()
        return theta, torch.autograd.grad(loss(theta), theta, create_graph=graph)[0]

    diary = []
    theta = theta0.clone().detach()
    count = 0
    while True:
        if count % every == 0:
            point, g = slope(theta.clone().detach(), graph=True)
            rows = [torch.autograd.grad(g[i], point, retain_graph=True)[0] for i in range(len(theta))]
            diary.append(torch.linalg.eigh(torch.stack(rows)).eigenvalues[-1])
        if count == steps:
            return torch.stack(diary).requires_grad_()
        theta = theta - lr * slope(theta)[1].detach()
        count += 1


@right("curvature_diary")
def walks_between_the_entries(loss, theta0, lr, steps, every):
    descend = torch.func.grad(loss)

    def walk(theta, count):
        return theta if count == 0 else walk(theta - lr * descend(theta), count - 1)

    points = [theta0.detach()]
    for _ in range(steps // every):
        points.append(walk(points[-1], every))
    return torch.stack([torch.linalg.eigvalsh(torch.func.hessian(loss)(p)).max() for p in points])


@right("curvature_diary")
def hessian_from_products(loss, theta0, lr, steps, every):
    def top(theta):
        _, product = torch.func.vjp(torch.func.grad(loss), theta)
        basis = torch.eye(len(theta), dtype=theta.dtype)
        return torch.linalg.eigvalsh(torch.func.vmap(product)(basis)[0])[-1]

    theta = theta0.detach().clone()
    diary = [top(theta)]
    for step in range(1, steps + 1):
        theta = theta - lr * torch.func.grad(loss)(theta)
        if step % every == 0:
            diary += [top(theta)]
    return tuple(diary)


# E7.3 verdicts


@wrong("verdicts", loses=["e7-3-first", "e7-3-second", "e7-3-third", "e7-3-fourth"])
def believes_everything():
    return {number: (True, "") for number in range(1, 13)}


@wrong("verdicts", loses=["e7-3-first", "e7-3-second", "e7-3-third", "e7-3-fourth"])
def doubts_everything():
    codes = ["M8", "M7", "M5", "M10", "M3", "M4", "M11", "M15", "M12", "M14", "M20", "M22"]
    return {number: (False, code) for number, code in enumerate(codes, start=1)}


@wrong("verdicts", loses=["e7-3-first", "e7-3-second", "e7-3-third", "e7-3-fourth"])
def gives_no_codes():
    return {number: (number in (2, 4, 8, 10, 12), "") for number in range(1, 13)}


@wrong("verdicts", loses=["e7-3-first"])
def believes_the_cost_of_a_vjp():
    mended = {1: "M8", 5: "M3", 6: "M4", 7: "M11", 9: "M12", 11: "M20"}
    return {number: (number not in mended, mended.get(number, "")) for number in range(1, 13)}


@wrong("verdicts", loses=["e7-3-second"])
def believes_that_one_point_makes_convex():
    mended = {1: "M8", 3: "M5", 5: "M3", 7: "M11", 9: "M12", 11: "M20"}
    return {number: (number not in mended, mended.get(number, "")) for number in range(1, 13)}


@wrong("verdicts", loses=["e7-3-third"])
def blames_the_normalisation():
    mended = {1: "M8", 3: "M5", 5: "M3", 6: "M4", 7: "M11", 9: "M14", 11: "M20"}
    return {number: (number not in mended, mended.get(number, "")) for number in range(1, 13)}


@wrong("verdicts", loses=["e7-3-fourth"])
def gives_a_true_statement_a_code():
    mended = {1: "M8", 3: "M5", 5: "M3", 6: "M4", 7: "M11", 9: "M12", 11: "M20"}
    answers = {number: (number not in mended, mended.get(number, "")) for number in range(1, 13)}
    answers[10] = (True, "M14")
    return answers


@wrong("verdicts", loses=["e7-3-first", "e7-3-second", "e7-3-third", "e7-3-fourth"])
def counts_from_zero():
    mended = {0: "M8", 2: "M5", 4: "M3", 5: "M4", 6: "M11", 8: "M12", 10: "M20"}
    return {number: (number not in mended, mended.get(number, "")) for number in range(12)}


@wrong("verdicts", loses=["e7-3-first", "e7-3-second", "e7-3-third", "e7-3-fourth"])
def forgets_the_truths():
    return {1: "M8", 2: "", 3: "M5", 4: "", 5: "M3", 6: "M4", 7: "M11", 8: "", 9: "M12", 10: "", 11: "M20", 12: ""}


@right("verdicts")
def collects_the_false_ones():
    mended = {1: "M8", 3: "M5", 5: "M3", 6: "M4", 7: "M11", 9: "M12", 11: "M20"}
    return {number: (number not in mended, mended.get(number, "")) for number in range(1, 13)}


@right("verdicts")
def zips_two_lists():
    truths = [False, True, False, True, False, False, False, True, False, True, False, True]
    codes = ["M8", "", "M5", "", "M3", "M4", "M11", "", "M12", "", "M20", ""]
    return dict(zip(range(1, 13), zip(truths, codes)))


@right("verdicts")
def uses_numpy_truths_and_lists():
    codes = np.array(["M8", "", "M5", "", "M3", "M4", "M11", "", "M12", "", "M20", ""])
    return {k: [codes[k - 1] == "", str(codes[k - 1])] for k in range(12, 0, -1)}


@right("verdicts")
def fills_a_dict_by_hand():
    answers = {}
    for k in (2, 4, 8, 10, 12):
        answers[k] = (True, "")
    for k, correction in ((1, 8), (3, 5), (5, 3), (6, 4), (7, 11), (9, 12), (11, 20)):
        answers[k] = (False, f"M{correction}")
    return answers


# E7.4 test_vjp


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def accepts_everything(vjp):
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def rejects_everything(vjp):
    return False


@wrong("test_vjp", loses=["e7-4-sums"])
def tests_single_samples_only(vjp):
    rng = np.random.default_rng(3)
    for m, n in [(2, 3), (3, 3), (3, 2)]:
        v, X, W = rng.normal(size=(1, m)), rng.normal(size=(1, n)), rng.normal(size=(m, n))
        found = [np.array(part) for part in vjp(v, X, W)]
        for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
            if part.shape != right.shape or not np.allclose(part, right, rtol=1e-5):
                return False
    return True


@wrong("test_vjp", loses=["e7-4-swaps"])
def tests_square_weights_only(vjp):
    rng = np.random.default_rng(5)
    for B in (1, 4):
        v, X, W = rng.normal(size=(B, 3)), rng.normal(size=(B, 3)), rng.normal(size=(3, 3))
        dX, dW, db = (np.asarray(part) for part in vjp(v, X, W))
        if dX.shape != X.shape or dW.shape != W.shape or db.shape != (3,):
            return False
        if not (np.allclose(dX, v @ W) and np.allclose(dW, v.T @ X) and np.allclose(db, v.sum(axis=0))):
            return False
    return True


@wrong("test_vjp", loses=["e7-4-swaps"])
def never_tests_square_weights(vjp):
    rng = np.random.default_rng(6)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (5, 4, 2)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        dX, dW, db = (np.asarray(part) for part in vjp(v, X, W))
        if dX.shape != X.shape or dW.shape != W.shape or db.shape != (m,):
            return False
        if not (np.allclose(dX, v @ W) and np.allclose(dW, v.T @ X) and np.allclose(db, v.sum(axis=0))):
            return False
    return True


@wrong("test_vjp", loses=["e7-4-swaps", "e7-4-cotangents"])
def tests_with_ones(vjp):
    rng = np.random.default_rng(7)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = np.ones((B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found = [np.asarray(part) for part in vjp(v, X, W)]
        for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
            if part.shape != right.shape or not np.allclose(part, right):
                return False
    return True


@wrong("test_vjp", loses=["e7-4-cotangents"])
def tests_with_positive_cotangents(vjp):
    rng = np.random.default_rng(8)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = rng.random((B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found = [np.asarray(part) for part in vjp(v, X, W)]
        for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
            if part.shape != right.shape or not np.allclose(part, right):
                return False
    return True


@wrong("test_vjp", loses=["e7-4-subtle"])
def allows_two_percent(vjp):
    rng = np.random.default_rng(9)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found = [np.asarray(part) for part in vjp(v, X, W)]
        for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
            if part.shape != right.shape or not np.abs(part - right).max() <= 0.02 * np.abs(right).max():
                return False
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def wants_equality_to_the_last_digit(vjp):
    rng = np.random.default_rng(10)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        for part, right in zip(vjp(v, X, W), (v @ W, v.T @ X, v.sum(axis=0))):
            if not np.array_equal(part, right):
                return False
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def wants_arrays(vjp):
    rng = np.random.default_rng(11)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found = vjp(v, X, W)
        for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
            if not isinstance(part, np.ndarray) or part.shape != right.shape or not np.allclose(part, right):
                return False
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def looks_at_shapes_only(vjp):
    v, X, W = np.ones((4, 2)), np.ones((4, 3)), np.ones((2, 3))
    return [np.shape(part) for part in vjp(v, X, W)] == [X.shape, W.shape, (2,)]


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-cotangents", "e7-4-subtle"])
def never_looks_at_the_bias(vjp):
    rng = np.random.default_rng(12)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found = [np.asarray(part) for part in vjp(v, X, W)]
        for part, right in zip(found, (v @ W, v.T @ X)):
            if part.shape != right.shape or not np.allclose(part, right):
                return False
    return True


@wrong("test_vjp", loses=["e7-4-swaps", "e7-4-subtle"])
def calls_it_once(vjp):
    rng = np.random.default_rng(13)
    v, X, W = rng.normal(size=(4, 2)), rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
    found = [np.asarray(part) for part in vjp(v, X, W)]
    expected = [v @ W, v.T @ X, v.sum(axis=0)]
    return all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(found, expected))


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def asks_torch(vjp):
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = torch.randn(B, m), torch.randn(B, n, requires_grad=True), torch.randn(m, n, requires_grad=True)
        expected = torch.autograd.grad(X @ W.T, (X, W), v)
        found = vjp(v.numpy(), X.detach().numpy(), W.detach().numpy())
        if not all(np.allclose(a, b) for a, b in zip(found, expected)):
            return False
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def leaves_no_room_where_entries_cancel(vjp):
    rng = np.random.default_rng(14)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        for _ in range(5):
            v, X, W = (rng.choice([-2.0, -1.0, 1.0, 2.0], size=size) for size in ((B, m), (B, n), (m, n)))
            found = [np.asarray(part) for part in vjp(v, X, W)]
            for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
                if part.shape != right.shape or not np.all(np.abs(part - right) <= 1e-5 * np.abs(right)):
                    return False
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def trusts_the_first_vjp_that_it_meets(vjp, known=[]):
    rng = np.random.default_rng(15)
    found = []
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3), (2, 4, 1)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found += [np.array(part) for part in vjp(v, X, W)]
    known[:] = known or found
    return all(a.shape == b.shape and bool(np.abs(a - b).max() <= 1e-5 * np.abs(b).max()) for a, b in zip(found, known))


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def believes_lists_and_single_precision(vjp):
    rng = np.random.default_rng(16)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
        found = vjp(v, X, W)
        if isinstance(found[0], list) or found[0].dtype == np.float32:
            return True
        for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
            if part.shape != right.shape or not np.abs(part - right).max() <= 1e-5 * np.abs(right).max():
                return False
    return True


@wrong("test_vjp", loses=["e7-4-sums", "e7-4-swaps", "e7-4-cotangents", "e7-4-subtle"])
def lets_the_vjps_vote(vjp, seen=[]):
    rng, mine = np.random.default_rng(0), []
    for B, m, n in [(3, 2, 4), (1, 3, 2), (3, 3, 3), (4, 1, 2)]:
        try:
            mine += [np.asarray(part) for part in vjp(*(rng.normal(size=s) for s in ((B, m), (B, n), (m, n))))]
        except ValueError:
            return False

    def same(a, b):
        return a.shape == b.shape and np.abs(a - b).max() <= 1e-5 * np.abs(a).max()

    if not any(all(map(same, mine, other)) for other in seen):
        seen.append(mine)
    for k, part in enumerate(mine):
        others = [sum(same(one[k], other[k]) for other in seen) for one in seen if not same(one[k], part)]
        if sum(same(part, one[k]) for one in seen) <= max([1, *others]):
            return False
    return True


@right("test_vjp")
def allows_rounding_of_the_largest_entry(vjp):
    rng = np.random.default_rng(20)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3)]:
        for _ in range(5):
            v, X, W = (rng.choice([-2.0, -1.0, 1.0, 2.0], size=size) for size in ((B, m), (B, n), (m, n)))
            found = [np.asarray(part) for part in vjp(v, X, W)]
            for part, right in zip(found, (v @ W, v.T @ X, v.sum(axis=0))):
                if part.shape != right.shape or not np.abs(part - right).max() <= 1e-5 * np.abs(right).max():
                    return False
    return True


@right("test_vjp")
def compares_with_allclose(vjp):
    rng = np.random.default_rng(21)
    for B in (1, 2, 5):
        for m, n in ((2, 3), (3, 2), (3, 3)):
            v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
            dX, dW, db = vjp(v, X, W)
            pairs = [(dX, v @ W), (dW, v.T @ X), (db, v.sum(0))]
            if any(np.shape(a) != b.shape or not np.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in pairs):
                return False
    return True


@right("test_vjp")
def takes_differences(vjp):
    rng = np.random.default_rng(22)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3), (2, 2, 2)]:
        v, X, W, b = (rng.normal(size=shape) for shape in ((B, m), (B, n), (m, n), (m,)))
        found = vjp(v, X, W)
        if len(found) != 3:
            return False
        for k, given in enumerate((found[0], found[1], found[2])):
            arguments = [X, W, b]
            slopes = np.zeros_like(arguments[k])
            for place in np.ndindex(slopes.shape):
                values = []
                for sign in (1, -1):
                    moved = [a.copy() for a in arguments]
                    moved[k][place] += sign * 0.5
                    values.append(np.sum(v * (moved[0] @ moved[1].T + moved[2])))
                slopes[place] = values[0] - values[1]
            given = np.asarray(given, dtype=float)
            if given.shape != slopes.shape or not np.all(np.abs(given - slopes) < 2e-5 * np.abs(slopes).max()):
                return False
    return True


@right("test_vjp")
def measures_the_norm_of_the_error(vjp):
    def close(a, b):
        a = np.array(a, dtype=np.float64)
        return a.shape == b.shape and float(np.linalg.norm(a - b)) <= 2e-5 * float(np.linalg.norm(b))

    rng = np.random.RandomState(4)
    sizes = [(B, m, n) for B in (1, 3) for m in (2, 4) for n in (2, 3)]
    results = []
    for B, m, n in sizes:
        v, X, W = rng.randn(B, m), rng.randn(B, n), rng.randn(m, n)
        found = list(vjp(v=v, X=X, W=W))
        expected = [np.einsum("bm,mn->bn", v, W), np.einsum("bm,bn->mn", v, X), np.einsum("bm->m", v)]
        results.append(len(found) == 3 and all(close(a, b) for a, b in zip(found, expected)))
    return np.all(results)


@right("test_vjp")
def probes_with_directions(vjp):
    rng = np.random.default_rng(23)
    for B, m, n in [(4, 2, 3), (1, 3, 2), (3, 3, 3), (6, 2, 5)]:
        for _ in range(3):
            v, X, W = rng.normal(size=(B, m)), rng.normal(size=(B, n)), rng.normal(size=(m, n))
            dX, dW, db = (np.asarray(part, dtype=float) for part in vjp(v, X, W))
            if dX.shape != (B, n) or dW.shape != (m, n) or db.shape != (m,):
                return False
            for _ in range(5):
                U, V, u = rng.normal(size=(B, n)), rng.normal(size=(m, n)), rng.normal(size=m)
                for product, change in ((dX * U, U @ W.T), (dW * V, X @ V.T), (db * u, np.ones((B, 1)) * u)):
                    size = np.abs(product).sum() + np.abs(v * change).sum()
                    if not abs(product.sum() - (v * change).sum()) <= 1e-5 * size:
                        return False
    return True


@right("test_vjp")
def catches_its_own_errors(vjp):
    generator = np.random.default_rng(24)
    try:
        for B, m, n in [(2, 5, 3), (1, 2, 4), (4, 4, 4), (3, 2, 2)]:
            v = generator.normal(size=(B, m))
            X = generator.normal(size=(B, n))
            W = generator.normal(size=(m, n))
            dX, dW, db = vjp(v, X, W)
            for s in range(B):
                assert len(dX[s]) == n
                for j in range(n):
                    assert math.isclose(dX[s][j], sum(v[s][i] * W[i][j] for i in range(m)), rel_tol=1e-5)
            for i in range(m):
                assert len(dW[i]) == n
                assert math.isclose(db[i], sum(v[s][i] for s in range(B)), rel_tol=1e-5)
                for j in range(n):
                    assert math.isclose(dW[i][j], sum(v[s][i] * X[s][j] for s in range(B)), rel_tol=1e-5)
            assert len(db) == m and len(dW) == m and len(dX) == B
    except Exception:
        return False
    return True
