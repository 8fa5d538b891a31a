"""Attempts at ps5-adam, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

# Where every p is 0 or 1, the diagonals are zero in all calls of the cell.
STILL_RIGHT = {"e5-9-extremes": {"script"}}

# E5.1 gd_path


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def starts_after_the_first_step(grad, x0, lr, steps):
    path = []
    x = x0.copy()
    for _ in range(steps):
        x = x - lr * grad(x)
        path.append(x)
    return np.array(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def stores_one_array_many_times(grad, x0, lr, steps):
    x = x0.copy()
    path = [x]
    for _ in range(steps):
        x -= lr * grad(x)
        path.append(x)
    return np.array(path)


@wrong("gd_path", loses=["e5-1-path-inputs"])
def moves_the_start_itself(grad, x0, lr, steps):
    x = x0
    path = [x.copy()]
    for _ in range(steps):
        x -= lr * grad(x)
        path.append(x.copy())
    return np.array(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def climbs(grad, x0, lr, steps):
    path = [x0]
    for _ in range(steps):
        path.append(path[-1] + lr * grad(path[-1]))
    return np.array(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def keeps_the_first_gradient(grad, x0, lr, steps):
    g = grad(x0)
    return np.array([x0 - k * lr * g for k in range(steps + 1)])


@wrong("gd_path", loses=["e5-1-path-values"])
def stops_at_a_small_gradient(grad, x0, lr, steps):
    path = [x0.copy()]
    for _ in range(steps):
        g = grad(path[-1])
        if np.linalg.norm(g) < 1e-6:
            break
        path.append(path[-1] - lr * g)
    return np.array(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def one_coordinate_after_the_other(grad, x0, lr, steps):
    x = x0.copy()
    path = np.zeros((steps + 1, len(x)))
    path[0] = x
    for k in range(steps):
        for i in range(len(x)):
            x[i] = x[i] - lr * grad(x)[i]
        path[k + 1] = x
    return path


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def steps_of_equal_length(grad, x0, lr, steps):
    path = [x0]
    for _ in range(steps):
        g = grad(path[-1])
        path.append(path[-1] - lr * g / np.linalg.norm(g))
    return np.stack(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def rolls_with_momentum(grad, x0, lr, steps):
    x, speed, path = x0.copy(), np.zeros_like(x0), [x0.copy()]
    for _ in range(steps):
        speed = 0.9 * speed + grad(x)
        x = x - lr * speed
        path.append(x)
    return np.array(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def lets_the_learning_rate_decay(grad, x0, lr, steps):
    path = [x0]
    for k in range(steps):
        path.append(path[-1] - lr / (1 + k) * grad(path[-1]))
    return np.stack(path)


@wrong("gd_path", loses=["e5-1-path-values", "e5-1-path-inputs"])
def descends_with_torch(grad, x0, lr, steps):
    x = torch.tensor(x0)
    path = [x]
    for _ in range(steps):
        x = x - lr * torch.as_tensor(grad(x.numpy()))
        path.append(x)
    return torch.stack(path).numpy()


@wrong("gd_path", loses=["e5-1-path-values"])
def keeps_the_start_within_reach(grad, x0, lr, steps):
    path = [np.array(x0)]
    for _ in range(steps):
        path.append(np.clip(path[-1] - lr * grad(path[-1]), x0 - 5, x0 + 5))
    return np.stack(path)


@wrong("gd_path", loses=["e5-1-path-values"])
def clips_large_gradients(grad, x0, lr, steps):
    path = [np.array(x0)]
    for _ in range(steps):
        path.append(path[-1] - lr * np.clip(grad(path[-1]), -1000, 1000))
    return np.array(path)


@right("gd_path")
def fills_an_empty_path(grad, x0, lr, steps):
    path = np.empty((steps + 1, x0.size))
    path[0] = x0
    for k in range(steps):
        path[k + 1] = path[k] - lr * grad(path[k])
    return path


@right("gd_path")
def descends_by_recursion(grad, x0, lr, steps):
    def rest(x, left):
        return [x] if left == 0 else [x, *rest(x - lr * np.asarray(grad(x)), left - 1)]

    return np.array(rest(x0, steps))


@right("gd_path")
def descends_with_lists(grad, x0, lr, steps):
    x = [float(value) for value in x0]
    path = [x]
    for _ in range(steps):
        x = [value - lr * slope for value, slope in zip(x, grad(x))]
        path.append(x)
    return path


@right("gd_path")
def accumulates_steps(grad, x0, lr, steps):
    from itertools import accumulate

    return np.array(list(accumulate(range(steps), lambda x, _: x - lr * grad(x), initial=x0)))


@right("gd_path")
def copies_and_updates_in_place(grad, x0, lr, steps):
    x = x0.copy()
    path = x[None].copy()
    for _ in range(steps):
        x -= lr * grad(x)
        path = np.concatenate([path, x[None]])
    return path.astype(np.float32)


# E5.1 max_stable_lr


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def one_over_the_largest_eigenvalue(H):
    return 1 / np.linalg.eigvalsh(H).max()


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def two_over_the_smallest_eigenvalue(H):
    return 2 / np.linalg.eigvalsh(H)[0]


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def reads_the_diagonal(H):
    return 2 / np.max(np.diag(H))


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def takes_the_trace(H):
    return 2 / np.trace(H)


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def bounds_by_row_sums(H):
    return 2 / np.abs(H).sum(axis=1).max()


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def takes_the_norm_of_all_entries(H):
    return 2 / np.linalg.norm(H)


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def fastest_learning_rate(H):
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / (eigenvalues[0] + eigenvalues[-1])


@wrong("max_stable_lr", loses=["e5-1-limit-values"])
def power_iteration_from_ones(H):
    v = np.ones(len(H))
    for _ in range(5000):
        v = H @ v
        v = v / np.linalg.norm(v)
    return 2 / (v @ H @ v)


@wrong("max_stable_lr", loses=["e5-1-limit-extremes"])
def searches_between_fixed_ends(H):
    low, high = 1e-3, 1e3
    for _ in range(100):
        middle = math.sqrt(low * high)
        if np.abs(1 - middle * np.linalg.eigvalsh(H)).max() <= 1:
            low = middle
        else:
            high = middle
    return low


@wrong("max_stable_lr", loses=["e5-1-limit-extremes"])
def scales_the_hessian_in_place(H):
    size = np.abs(H).max()
    H /= size
    return 2 / (size * np.linalg.eigvalsh(H)[-1])


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def takes_the_last_unsorted_eigenvalue(H):
    return 2 / np.linalg.eigvals(H)[-1].real


@wrong("max_stable_lr", loses=["e5-1-limit-values", "e5-1-limit-extremes"])
def asks_torch_for_eigenvalues(H):
    return 2 / torch.linalg.eigvalsh(torch.tensor(H))[-1].item()


@right("max_stable_lr")
def largest_of_all_eigenvalues(H):
    return 2 / max(np.linalg.eigvals(H).real)


@right("max_stable_lr")
def largest_singular_value(H):
    return 2 / np.linalg.norm(H, 2)


@right("max_stable_lr")
def long_power_iteration(H):
    v = np.random.default_rng(1).normal(size=len(H))
    for _ in range(5000):
        v = H @ v
        v /= np.linalg.norm(v)
    return np.array(2 / (v @ H @ v))


@right("max_stable_lr")
def bisects_with_cholesky(H):
    def is_stable(lr):
        try:
            np.linalg.cholesky(2 / lr * np.eye(len(H)) - H)
        except np.linalg.LinAlgError:
            return False
        return True

    low, high = 1 / np.trace(H), 4 * len(H) / np.trace(H)
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if is_stable(middle) else (low, middle)
    return low


@right("max_stable_lr")
def eigenvalues_of_the_inverse(H):
    return 2 * np.linalg.eigvalsh(np.linalg.inv(H)).min()


# E5.1 regime


@wrong("regime", loses=["e5-1-regime-borders"])
def compares_exactly(lr, lam):
    factor = 1 - lr * lam
    if factor == 0:
        return "one_step"
    if factor == -1:
        return "marginal"
    if factor > 0:
        return "monotone"
    return "oscillating" if factor > -1 else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def compares_with_isclose(lr, lam):
    if np.isclose(lr * lam, 1):
        return "one_step"
    if np.isclose(lr * lam, 2):
        return "marginal"
    if lr * lam < 1:
        return "monotone"
    return "oscillating" if lr * lam < 2 else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def diverges_beyond_one(lr, lam):
    product = lr * lam
    if abs(product - 1) <= 1e-9:
        return "one_step"
    if abs(product - 2) <= 1e-9:
        return "marginal"
    return "monotone" if product < 1 else "diverging"


@wrong("regime", loses=["e5-1-regime-words", "e5-1-regime-borders"])
def borders_at_half_and_one(lr, lam):
    product = lr * lam
    if abs(product - 0.5) <= 1e-9:
        return "one_step"
    if abs(product - 1) <= 1e-9:
        return "marginal"
    if product < 0.5:
        return "monotone"
    return "oscillating" if product < 1 else "diverging"


@wrong("regime", loses=["e5-1-regime-borders"])
def knows_three_words(lr, lam):
    product = lr * lam
    if product < 1:
        return "monotone"
    if product < 2:
        return "oscillating"
    return "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def exchanges_monotone_and_oscillating(lr, lam):
    product = lr * lam
    if abs(product - 1) < 1e-9:
        return "one_step"
    if abs(product - 2) < 1e-9:
        return "marginal"
    if product > 2:
        return "diverging"
    return "oscillating" if product < 1 else "monotone"


@wrong("regime", loses=["e5-1-regime-words", "e5-1-regime-borders"])
def answers_in_sentences(lr, lam):
    product = lr * lam
    if abs(product - 1) <= 1e-9:
        return "one step"
    if abs(product - 2) <= 1e-9:
        return "Marginal"
    if product < 1:
        return "Monotone"
    return "Oscillating" if product < 2 else "Diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def compares_with_the_learning_rate_alone(lr, lam):
    if abs(lr - 1 / lam) <= 1e-9:
        return "one_step"
    if abs(lr - 2 / lam) <= 1e-9:
        return "marginal"
    if lr < 0.005:
        return "monotone"
    return "oscillating" if lr < 0.01 else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def doubles_the_width_at_two(lr, lam):
    if math.isclose(lr * lam, 1, rel_tol=1e-9):
        return "one_step"
    if math.isclose(lr * lam, 2, rel_tol=1e-9):
        return "marginal"
    if lr * lam < 1:
        return "monotone"
    return "oscillating" if lr * lam < 2 else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def looks_from_above_only(lr, lam):
    product = lr * lam
    if product < 1 - 1e-6:
        return "monotone"
    if product - 1 <= 1e-9:
        return "one_step"
    if abs(product - 2) <= 1e-9:
        return "marginal"
    return "oscillating" if product < 2 else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def rounds_to_eight_decimals(lr, lam):
    product = round(lr * lam, 8)
    if product == 1:
        return "one_step"
    if product == 2:
        return "marginal"
    if product < 1:
        return "monotone"
    return "oscillating" if product < 2 else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def measures_the_learning_rate(lr, lam):
    if abs(lr - 1 / lam) <= 1e-9:
        return "one_step"
    if abs(lr - 2 / lam) <= 1e-9:
        return "marginal"
    if lr < 1 / lam:
        return "monotone"
    return "oscillating" if lr < 2 / lam else "diverging"


@wrong("regime", loses=["e5-1-regime-words"])
def has_a_word_for_hardly_moving(lr, lam):
    product = lr * lam
    if product < 1e-8:
        return "stalled"
    if abs(product - 1) <= 1e-9:
        return "one_step"
    if abs(product - 2) <= 1e-9:
        return "marginal"
    if product < 1:
        return "monotone"
    return "oscillating" if product < 2 else "diverging"


@right("regime")
def looks_at_the_factor(lr, lam):
    factor = 1 - lr * lam
    if abs(factor) <= 1e-9:
        return "one_step"
    if abs(factor + 1) <= 1e-9:
        return "marginal"
    if abs(factor) > 1:
        return "diverging"
    return "monotone" if factor > 0 else "oscillating"


@right("regime")
def rounds_the_product(lr, lam):
    product = round(lr * lam, 9)
    words = [(product < 1, "monotone"), (product == 1, "one_step"), (product < 2, "oscillating")]
    words += [(product == 2, "marginal"), (True, "diverging")]
    return next(word for holds, word in words if holds)


@right("regime")
def looks_the_word_up(lr, lam):
    words = np.array(["monotone", "one_step", "oscillating", "marginal", "diverging"])
    borders = [1 - 1e-9, 1 + 1e-9, 2 - 1e-9, 2 + 1e-9]
    return words[np.searchsorted(borders, lr * lam)]


@right("regime")
def uses_isclose_with_tolerance(lr, lam):
    def near(a, b):
        return math.isclose(a, b, rel_tol=0, abs_tol=1e-9)

    match lr * lam:
        case z if near(z, 1):
            return "one_step"
        case z if near(z, 2):
            return "marginal"
        case z if z < 1:
            return "monotone"
        case z if z < 2:
            return "oscillating"
    return "diverging"


@right("regime")
def simulates_a_step(lr, lam):
    c = 1.0
    after = c - lr * (lam * c)
    if abs(after) <= 1e-9:
        return "one_step"
    if abs(abs(after) - 1) <= 1e-9 and after < 0:
        return "marginal"
    if abs(after) > abs(c):
        return "diverging"
    return "oscillating" if after * c < 0 else "monotone"


# E5.2 adam_step


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def no_bias_correction(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * m / (np.sqrt(v) + eps), {"t": state["t"] + 1, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def corrects_only_m(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def corrects_with_the_old_t(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"]
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t + 1, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def corrects_one_step_ahead(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat, v_hat = m / (1 - b1 ** (t + 1)), v / (1 - b2 ** (t + 1))
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-state", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def exchanges_the_betas(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b2 * state["m"] + (1 - b2) * g
    v = b1 * state["v"] + (1 - b1) * g**2
    return p - lr * (m / (1 - b2**t)) / (np.sqrt(v / (1 - b1**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-state", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def averages_absolute_gradients(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * abs(g)
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-state", "e5-2-eps", "e5-2-shapes", "e5-2-inputs"])
def squares_the_mean(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    m_hat = m / (1 - b1**t)
    v = b2 * state["v"] + (1 - b2) * m_hat**2
    v_hat = v / (1 - b2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values"])
def corrects_with_the_usual_decays(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat = m / (1 - 0.9**t)
    v_hat = v / (1 - 0.999**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values"])
def corrects_only_the_beginning(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = m_hat = b1 * state["m"] + (1 - b1) * g
    v = v_hat = b2 * state["v"] + (1 - b2) * g**2
    if t <= 10:
        m_hat = m / (1 - b1**t)
        v_hat = v / (1 - b2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-eps"])
def eps_inside_the_root(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-eps"])
def squared_eps_inside_the_root(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t) + eps**2), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-eps"])
def efficient_form_of_the_paper(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    alpha = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
    return p - alpha * m / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-eps"])
def eps_of_its_own(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + 1e-8), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def multiplies_by_eps(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) * eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def learning_rate_inside_the_mean(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat = lr * m / (1 - b1**t)
    v_hat = lr * v / (1 - b2**t)
    return p - m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def walks_uphill(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p + lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-state"])
def stores_the_corrected_means(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = (b1 * state["m"] + (1 - b1) * g) / (1 - b1**t)
    v = (b2 * state["v"] + (1 - b2) * g**2) / (1 - b2**t)
    return p - lr * m / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def looks_ahead_like_nesterov(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat = (b1 * m + (1 - b1) * g) / (1 - b1**t)
    return p - lr * m_hat / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-state", "e5-2-shapes"])
def returns_the_state_as_a_list(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), [t, m, v]


@wrong("adam_step", loses=["e5-2-state"])
def forgets_to_count(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    new = dict(state, m=m, v=v)
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), new


@wrong("adam_step", loses=["e5-2-inputs"])
def counts_in_the_given_state(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    state["t"] += 1
    t = state["t"]
    state["m"] = b1 * state["m"] + (1 - b1) * g
    state["v"] = b2 * state["v"] + (1 - b2) * g**2
    step = (state["m"] / (1 - b1**t)) / (np.sqrt(state["v"] / (1 - b2**t)) + eps)
    return p - lr * step, state


@wrong("adam_step", loses=["e5-2-inputs"])
def updates_the_means_in_place(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t, m, v = state["t"] + 1, state["m"], state["v"]
    m *= b1
    m += (1 - b1) * g
    v *= b2
    v += (1 - b2) * g * g
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-inputs"])
def updates_the_parameters_in_place(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    p -= lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return p, {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-scales"])
def clips_the_gradient(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    g = np.clip(g, -10.0, 10.0)
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-shapes"])
def loops_over_a_vector(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    new, m, v = [], [], []
    for i in range(len(p)):
        m.append(b1 * state["m"][i] + (1 - b1) * g[i])
        v.append(b2 * state["v"][i] + (1 - b2) * g[i] ** 2)
        new.append(p[i] - lr * (m[i] / (1 - b1**t)) / (np.sqrt(v[i] / (1 - b2**t)) + eps))
    return np.array(new), {"t": t, "m": np.array(m), "v": np.array(v)}


@wrong("adam_step", loses=["e5-2-shapes"])
def flattens_the_parameters(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    p, g, m, v = (np.ravel(part) for part in (p, g, state["m"], state["v"]))
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-values", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"])
def stores_integers(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    new = np.zeros(np.shape(p), dtype=int)
    new[...] = p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return new, {"t": t, "m": m, "v": v}


@wrong(
    "adam_step",
    loses=["e5-2-values", "e5-2-state", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"],
)
def returns_the_state_first(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return {"t": t, "m": m, "v": v}, p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)


@wrong(
    "adam_step",
    loses=["e5-2-values", "e5-2-state", "e5-2-eps", "e5-2-scales", "e5-2-shapes", "e5-2-inputs"],
)
def lets_torch_take_the_step(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    parameter = torch.tensor(p, requires_grad=True)
    parameter.grad = torch.tensor(g)
    optimizer = torch.optim.Adam([parameter], lr=lr, betas=(b1, b2), eps=eps)
    optimizer.state[parameter] = {
        "step": torch.tensor(float(state["t"])),
        "exp_avg": torch.tensor(state["m"]),
        "exp_avg_sq": torch.tensor(state["v"]),
    }
    optimizer.step()
    found = optimizer.state[parameter]
    new = {"t": state["t"] + 1, "m": found["exp_avg"].numpy(), "v": found["exp_avg_sq"].numpy()}
    return parameter.detach().numpy(), new


@wrong("adam_step", loses=["e5-2-eps"])
def rests_where_the_gradient_is_zero(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    if np.all(np.asarray(g) == 0):
        return p, {"t": t, "m": m, "v": v}
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_step", loses=["e5-2-eps"])
def allows_no_smaller_eps(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + max(eps, 1e-8)), {"t": t, "m": m, "v": v}


@right("adam_step")
def follows_the_formula(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@right("adam_step")
def step_size_like_torch(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    new = {**state, "t": state["t"] + 1}
    new["m"] = state["m"] + (1 - b1) * (g - state["m"])
    new["v"] = state["v"] * b2 + (1 - b2) * g * g
    step_size = lr / (1 - b1 ** new["t"])
    denominator = new["v"] ** 0.5 / (1 - b2 ** new["t"]) ** 0.5 + eps
    return [p - step_size * new["m"] / denominator, new]


@right("adam_step")
def works_on_deep_copies(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    from copy import deepcopy

    p, state = deepcopy(p), deepcopy(state)
    state["t"] += 1
    state["m"] *= b1
    state["m"] += (1 - b1) * g
    state["v"] *= b2
    state["v"] += (1 - b2) * np.square(g)
    p -= lr * (state["m"] / (1 - b1 ** state["t"])) / (np.sqrt(state["v"] / (1 - b2 ** state["t"])) + eps)
    return p, state


@right("adam_step")
def maps_a_scalar_rule(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1

    def rule(p, g, m, v):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        return p - lr * (m / (1 - math.pow(b1, t))) / (math.sqrt(v / (1 - math.pow(b2, t))) + eps), m, v

    after, m, v = np.vectorize(rule)(p, g, state["m"], state["v"])
    return after, {"t": t, "m": m, "v": v}


@right("adam_step")
def loops_over_all_indices(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    p, g = np.array(p, dtype=float), np.array(g, dtype=float)
    m, v = np.array(state["m"], dtype=float), np.array(state["v"], dtype=float)
    t = state["t"] + 1
    for i in np.ndindex(p.shape):
        m[i] = b1 * m[i] + (1 - b1) * g[i]
        v[i] = b2 * v[i] + (1 - b2) * g[i] ** 2
        p[i] -= lr * (m[i] / (1 - b1**t)) / (np.sqrt(v[i] / (1 - b2**t)) + eps)
    return p, {"v": v, "m": m, "t": t, "note": "one step"}


@right("adam_step")
def keeps_the_state_in_a_class(p, g, state, lr, b1=0.9, b2=0.999, eps=1e-8):
    class Mean:
        def __init__(self, value, beta):
            self.value, self.beta = value, beta

        def add(self, x):
            return Mean(self.beta * self.value + (1 - self.beta) * x, self.beta)

        def corrected(self, t):
            return self.value / (1 - self.beta**t)

    t = state["t"] + 1
    m, v = Mean(state["m"], b1).add(g), Mean(state["v"], b2).add(g**2)
    after = p - lr * m.corrected(t) / (np.sqrt(v.corrected(t)) + eps)
    return np.float32(after), {"t": np.int64(t), "m": m.value, "v": v.value}


# E5.3 ema_bias


@wrong("ema_bias", loses=["e5-3-bias-values", "e5-3-bias-extremes"])
def share_that_is_missing(beta, t):
    return beta**t


@wrong("ema_bias", loses=["e5-3-bias-values", "e5-3-bias-extremes"])
def factor_of_the_correction(beta, t):
    return 1 / (1 - beta**t)


@wrong("ema_bias", loses=["e5-3-bias-values", "e5-3-bias-extremes"])
def counts_one_step_more(beta, t):
    return 1 - beta ** (t + 1)


@wrong("ema_bias", loses=["e5-3-bias-values"])
def adds_the_shares(beta, t):
    return min(1.0, t * (1 - beta))


@wrong("ema_bias", loses=["e5-3-bias-extremes"])
def avoids_a_division_by_zero(beta, t):
    if t == 0:
        return 1.0
    return 1 - beta**t


@wrong("ema_bias", loses=["e5-3-bias-extremes"])
def goes_through_logarithms(beta, t):
    return 1 - math.exp(t * math.log(beta))


@wrong("ema_bias", loses=["e5-3-bias-values", "e5-3-bias-extremes"])
def starts_at_the_first_value(beta, t):
    average = 1.0
    for _ in range(t):
        average = beta * average + (1 - beta)
    return average


@wrong("ema_bias", loses=["e5-3-bias-values", "e5-3-bias-extremes"])
def root_for_squares(beta, t):
    return math.sqrt(1 - beta**t)


@wrong("ema_bias", loses=["e5-3-bias-extremes"])
def calls_itself_for_every_step(beta, t):
    if t == 0:
        return 0.0
    return beta * calls_itself_for_every_step(beta, t - 1) + (1 - beta)


@wrong("ema_bias", loses=["e5-3-bias-values", "e5-3-bias-extremes"])
def raises_with_torch(beta, t):
    return (1 - torch.tensor(beta) ** t).item()


@right("ema_bias")
def one_minus_the_power(beta, t):
    return 1 - math.pow(beta, t)


@right("ema_bias")
def simulates_the_average(beta, t):
    average = 0.0
    for _ in range(t):
        average = beta * average + (1 - beta) * 1.0
    return average


@right("ema_bias")
def sums_the_weights(beta, t):
    return np.sum((1 - beta) * beta ** np.arange(t))


@right("ema_bias")
def factors_the_power(beta, t):
    return -np.expm1(t * np.log(beta)) if beta and t else float(t > 0)


# E5.3 first_step_ratio


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def looks_only_at_m(b1, b2):
    return 1 - b1


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def inverts_the_correction_of_m(b1, b2):
    return 1 / (1 - b1)


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def forgets_the_root_of_v(b1, b2):
    return (1 - b1) / (1 - b2)


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def divides_the_other_way(b1, b2):
    return math.sqrt(1 - b2) / (1 - b1)


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def ratio_of_the_second_step(b1, b2):
    return (1 - b1**2) / math.sqrt(1 - b2**2)


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def always_the_usual_ratio(b1, b2):
    return 3.1622776601683795


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def exchanges_the_decays(b1, b2):
    return (1 - b2) / math.sqrt(1 - b1)


@wrong("first_step_ratio", loses=["e5-3-ratio"])
def ratio_with_torch(b1, b2):
    return ((1 - torch.tensor(b1)) / torch.sqrt(1 - torch.tensor(b2))).item()


@right("first_step_ratio")
def divides_by_a_power(b1, b2):
    return (1 - b1) * (1 - b2) ** -0.5


@right("first_step_ratio")
def simulates_both_first_steps(b1, b2):
    g, eps = 10.0, 1e-8
    m, v = (1 - b1) * g, (1 - b2) * g**2
    without = m / (math.sqrt(v) + eps)
    corrected = (m / (1 - b1)) / (math.sqrt(v / (1 - b2)) + eps)
    return without / corrected


@right("first_step_ratio")
def divides_roots(b1, b2):
    return np.sqrt((1 - b1) ** 2 / np.array(1 - b2))


@right("first_step_ratio")
def goes_through_shares(b1, b2):
    def share(beta, t=1):
        return 1 - beta**t

    return np.float32(share(b1) / math.sqrt(share(b2)))


# E5.4 run_adam


@wrong("run_adam", loses=["e5-4-values", "e5-4-inputs"])
def forgets_the_past_in_every_step(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    for _ in range(steps):
        m, v, t = np.zeros_like(x), np.zeros_like(x), 1
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values", "e5-4-inputs"])
def steps_before_it_looks(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values", "e5-4-inputs"])
def divides_the_rate_by_the_step(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr / np.sqrt(t) * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values", "e5-4-inputs"])
def runs_without_correction(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    path = np.zeros((steps + 1, len(x0)))
    path[0] = x0
    m = v = np.zeros(len(x0))
    for t in range(steps):
        g = grad(path[t])
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        path[t + 1] = path[t] - lr * m / (np.sqrt(v) + eps)
    return path


@wrong("run_adam", loses=["e5-4-shape", "e5-4-values", "e5-4-inputs"])
def counts_steps_from_zero(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    path = np.zeros((steps + 1, len(x0)))
    path[0] = x0
    m = v = np.zeros(len(x0))
    for t in range(steps):
        g = grad(path[t])
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        m_hat = m / (1 - b1**t)
        v_hat = v / (1 - b2**t)
        path[t + 1] = path[t] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return path


@wrong("run_adam", loses=["e5-4-shape", "e5-4-values", "e5-4-inputs"])
def leaves_the_start_out(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), []
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values"])
def insists_on_the_usual_decays(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    b1, b2 = 0.9, 0.999
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-inputs"])
def walks_with_the_start(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    path = [x0.copy()]
    m, v = np.zeros_like(x0), np.zeros_like(x0)
    for t in range(1, steps + 1):
        g = grad(x0)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x0 -= lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x0.copy())
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values", "e5-4-inputs"])
def keeps_the_largest_v(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    largest = np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        largest = np.maximum(largest, v / (1 - b2**t))
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(largest) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values", "e5-4-inputs"])
def one_record_for_all_coordinates(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), 0.0
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * np.mean(g**2)
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-shape", "e5-4-values", "e5-4-inputs"])
def lets_torch_run(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x = torch.tensor(x0, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=lr, betas=(b1, b2), eps=eps)
    path = [x0.copy()]
    for _ in range(steps):
        x.grad = torch.tensor(grad(x.detach().numpy()))
        optimizer.step()
        path.append(x.detach().numpy().copy())
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values"])
def runs_with_eps_inside_the_root(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr * (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values"])
def runs_with_the_usual_eps(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + 1e-8)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values"])
def adds_eps_before_the_correction(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - lr * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)
        path.append(x)
    return np.array(path)


@wrong("run_adam", loses=["e5-4-values"])
def waits_while_the_gradient_is_zero(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x, path = x0.copy(), [x0.copy()]
    m, v = np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        if np.abs(g).max() > 1e-6:
            x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        path.append(x)
    return np.array(path)


@right("run_adam")
def fills_the_path_row_by_row(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    path = np.empty((steps + 1, x0.size))
    path[0] = x0
    m = np.zeros(x0.size)
    v = np.zeros(x0.size)
    for k in range(steps):
        g = grad(path[k])
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        m_hat = m / (1 - b1 ** (k + 1))
        v_hat = v / (1 - b2 ** (k + 1))
        path[k + 1] = path[k] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return path


@right("run_adam")
def chains_a_pure_step(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    def advance(x, t, m, v):
        g = np.asarray(grad(x))
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        return x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), m, v

    path, m, v = [x0], 0.0, 0.0
    for t in range(1, steps + 1):
        x, m, v = advance(path[-1], t, m, v)
        path.append(x)
    return path


@right("run_adam")
def multiplies_the_powers_along(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    x = np.array(x0, copy=True)
    m, v, left1, left2 = np.zeros_like(x), np.zeros_like(x), 1.0, 1.0
    path = [x.copy()]
    for _ in range(steps):
        g = grad(x)
        left1 *= b1
        left2 *= b2
        m += (1 - b1) * (g - m)
        v += (1 - b2) * (g * g - v)
        x -= lr / (1 - left1) * m / (np.sqrt(v / (1 - left2)) + eps)
        path.append(x.copy())
    return np.vstack(path)


@right("run_adam")
def runs_on_plain_lists(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    n = len(x0)
    x, m, v = [float(value) for value in x0], [0.0] * n, [0.0] * n
    path = [list(x)]
    for t in range(1, steps + 1):
        g = grad(x)
        for i in range(n):
            m[i] = b1 * m[i] + (1 - b1) * g[i]
            v[i] = b2 * v[i] + (1 - b2) * g[i] ** 2
            x[i] -= lr * (m[i] / (1 - b1**t)) / (math.sqrt(v[i] / (1 - b2**t)) + eps)
        path.append(list(x))
    return path


@right("run_adam")
def runs_an_optimizer_of_its_own(grad, x0, lr, steps, b1=0.9, b2=0.999, eps=1e-8):
    class Optimizer:
        t, m, v = 0, 0.0, 0.0

        def step(self, x, g):
            self.t += 1
            self.m = b1 * self.m + (1 - b1) * g
            self.v = b2 * self.v + (1 - b2) * g**2
            m_hat, v_hat = self.m / (1 - b1**self.t), self.v / (1 - b2**self.t)
            return x - lr * m_hat / (np.sqrt(v_hat) + eps)

    optimizer, points = Optimizer(), [np.array(x0)]
    while len(points) <= steps:
        points.append(optimizer.step(points[-1], grad(points[-1])))
    return np.array(points, dtype=np.float32)


# E5.5 adam_l2_step


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def no_decay_at_all(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def decoupled_instead(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    p = p * (1 - lr * wd)
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def decay_with_the_wrong_sign(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g - wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def decay_in_m_only(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * (g + wd * p)
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def scales_the_decay_by_the_rate(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + lr * wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def twice_the_decay(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + 2 * wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run"])
def hands_back_the_old_state(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), state


@wrong("adam_l2_step", loses=["e5-5-l2-inputs"])
def adds_the_decay_into_the_gradient(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g += wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-inputs"])
def counts_in_the_state_it_was_given(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    state["t"] += 1
    t = state["t"]
    state["m"] = b1 * state["m"] + (1 - b1) * g
    state["v"] = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (state["m"] / (1 - b1**t)) / (np.sqrt(state["v"] / (1 - b2**t)) + eps), state


@wrong("adam_l2_step", loses=["e5-5-l2-run", "e5-5-l2-inputs"])
def lets_torch_decay(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = torch.as_tensor(g) + wd * torch.as_tensor(p)
    t = state["t"] + 1
    m = b1 * torch.as_tensor(state["m"]) + (1 - b1) * g
    v = b2 * torch.as_tensor(state["v"]) + (1 - b2) * g**2
    return torch.as_tensor(p) - lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-run"])
def limits_the_decay_to_one(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + min(wd, 1.0) * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-inputs"])
def decays_only_where_there_is_a_gradient(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p * (np.asarray(g) != 0)
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-inputs"])
def corrects_a_decayed_step_with_the_usual_decays(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adam_l2_step", loses=["e5-5-l2-inputs"])
def decays_with_eps_inside_the_root(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t) + eps), {"t": t, "m": m, "v": v}


@right("adam_l2_step")
def adds_the_decay_first(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    total = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * total
    v = b2 * state["v"] + (1 - b2) * total**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@right("adam_l2_step")
def calls_a_step_inside(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    def plain(p, g, state):
        new = {"t": state["t"] + 1}
        new["m"] = b1 * state["m"] + (1 - b1) * g
        new["v"] = b2 * state["v"] + (1 - b2) * g**2
        m_hat = new["m"] / (1 - b1 ** new["t"])
        v_hat = new["v"] / (1 - b2 ** new["t"])
        return p - lr * m_hat / (np.sqrt(v_hat) + eps), new

    return plain(p, np.add(g, np.multiply(wd, p)), state)


@right("adam_l2_step")
def step_with_the_paper_form(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    root = math.sqrt(1 - b2**t)
    return [p - lr * root / (1 - b1**t) * m / (np.sqrt(v) + eps * root), dict(t=t, m=m, v=v)]


@right("adam_l2_step")
def entry_by_entry_with_decay(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    new, slope = np.array(p, dtype=float), np.array(g, dtype=float)
    m, v, t = np.array(state["m"], dtype=float), np.array(state["v"], dtype=float), state["t"] + 1
    for i in np.ndindex(new.shape):
        slope[i] += wd * new[i]
        m[i] = b1 * m[i] + (1 - b1) * slope[i]
        v[i] = b2 * v[i] + (1 - b2) * slope[i] ** 2
        new[i] -= lr * (m[i] / (1 - b1**t)) / (math.sqrt(v[i] / (1 - b2**t)) + eps)
    return new, {"t": t, "m": m, "v": v}


# E5.5 adamw_step


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def no_decay_in_adamw(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def coupled_instead(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def decay_without_the_learning_rate(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return p * (1 - wd) - lr * step, {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def both_kinds_of_decay(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    g = g + wd * p
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return (1 - lr * wd) * p - lr * step, {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def decays_before_and_after(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    p = p * (1 - lr * wd)
    p = p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return p * (1 - lr * wd), {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def decay_of_m(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g + wd * p
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def growth_instead_of_decay(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return (1 + lr * wd) * p - lr * step, {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run"])
def keeps_the_old_state(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return (1 - lr * wd) * p - lr * step, dict(state)


@wrong("adamw_step", loses=["e5-5-w-inputs"])
def shrinks_the_parameters_in_place(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    p *= 1 - lr * wd
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-run", "e5-5-w-inputs"])
def lets_torch_decay_the_parameters(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    parameter = torch.tensor(p, dtype=torch.float64, requires_grad=True)
    parameter.grad = torch.tensor(g, dtype=torch.float64)
    optimizer = torch.optim.AdamW([parameter], lr=lr, betas=(b1, b2), eps=eps, weight_decay=wd)
    optimizer.state[parameter] = {
        "step": torch.tensor(float(state["t"])),
        "exp_avg": torch.tensor(state["m"], dtype=torch.float64),
        "exp_avg_sq": torch.tensor(state["v"], dtype=torch.float64),
    }
    optimizer.step()
    found = optimizer.state[parameter]
    new = {"t": state["t"] + 1, "m": found["exp_avg"].numpy(), "v": found["exp_avg_sq"].numpy()}
    return parameter.detach().numpy(), new


@wrong("adamw_step", loses=["e5-5-w-run"])
def never_decays_beyond_zero(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return max(0.0, 1 - lr * wd) * p - lr * step, {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-inputs"])
def neither_walks_nor_decays_without_a_gradient(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    if np.all(np.asarray(g) == 0):
        return p, {"t": t, "m": m, "v": v}
    step = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return (1 - lr * wd) * p - lr * step, {"t": t, "m": m, "v": v}


@wrong("adamw_step", loses=["e5-5-w-inputs"])
def decoupled_with_eps_inside_the_root(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    step = (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t) + eps)
    return (1 - lr * wd) * p - lr * step, {"t": t, "m": m, "v": v}


@right("adamw_step")
def decays_before_the_step(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    p = p * (1 - lr * wd)
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"t": t, "m": m, "v": v}


@right("adamw_step")
def decays_after_the_step(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = b1 * state["m"] + (1 - b1) * g
    v = b2 * state["v"] + (1 - b2) * g**2
    after = p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return after * (1 - lr * wd), {"t": t, "m": m, "v": v}


@right("adamw_step")
def one_direction_for_both(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = state["m"] + (1 - b1) * (g - state["m"])
    v = state["v"] + (1 - b2) * (g * g - state["v"])
    direction = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps) + wd * p
    return [p - lr * direction, {"t": t, "m": m, "v": v}]


@right("adamw_step")
def subtracts_the_decay_of_the_new_point(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    new = {"t": state["t"] + 1, "m": b1 * state["m"] + (1 - b1) * g, "v": b2 * state["v"] + (1 - b2) * g**2}

    def corrected(name, beta):
        return new[name] / (1 - beta ** new["t"])

    p = p - lr * corrected("m", b1) / (np.sqrt(corrected("v", b2)) + eps)
    p = p - lr * wd * p
    return p, new


@right("adamw_step")
def entry_by_entry_decoupled(p, g, state, lr, wd, b1=0.9, b2=0.999, eps=1e-8):
    t = state["t"] + 1

    def rule(p, g, m, v):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        return p - lr * wd * p - lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)) ** 0.5 + eps), m, v

    after, m, v = np.frompyfunc(rule, 4, 3)(p, g, state["m"], state["v"])
    return np.array(after, dtype=float), {"t": t, "m": np.array(m, dtype=float), "v": np.array(v, dtype=float)}


# E5.6 fair_race


@wrong("fair_race", loses=["e5-6-values", "e5-6-diverging", "e5-6-inputs"])
def compares_at_one_rate(f, x0, steps, lr_grid):
    def end(method, lr):
        x, m, v = x0.copy(), np.zeros_like(x0), np.zeros_like(x0)
        for t in range(1, steps + 1):
            g = f(x)[1]
            if method == "gd":
                x = x - lr * g
            else:
                m = 0.9 * m + 0.1 * g
                v = 0.999 * v + 0.001 * g**2
                x = x - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return f(x)[0]

    lr = lr_grid[0]
    return {"gd": (lr, end("gd", lr)), "adam": (lr, end("adam", lr))}


@wrong("fair_race", loses=["e5-6-values", "e5-6-diverging"])
def picks_by_the_loss_after_one_step(f, x0, steps, lr_grid):
    def losses(method, lr):
        x, m, v = x0.copy(), 0, 0
        history = []
        for t in range(1, steps + 1):
            g = f(x)[1]
            if method == "adam":
                m = 0.9 * m + 0.1 * g
                v = 0.999 * v + 0.001 * g * g
                g = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            x = x - lr * g
            history.append(f(x)[0])
        return history

    result = {}
    for method in ("gd", "adam"):
        runs = {lr: losses(method, lr) for lr in lr_grid}
        best = min(runs, key=lambda lr: runs[lr][0])
        result[method] = (best, runs[best][-1])
    return result


@wrong("fair_race", loses=["e5-6-diverging"])
def trusts_argmin(f, x0, steps, lr_grid):
    losses = {"gd": [], "adam": []}
    for lr in lr_grid:
        x = x0.copy()
        for _ in range(steps):
            x = x - lr * f(x)[1]
        losses["gd"].append(f(x)[0])
        x, m, v = x0.copy(), 0, 0
        for t in range(1, steps + 1):
            g = f(x)[1]
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        losses["adam"].append(f(x)[0])
    return {k: (lr_grid[np.argmin(v)], np.min(v)) for k, v in losses.items()}


@wrong("fair_race", loses=["e5-6-diverging"])
def starts_with_the_first_as_the_best(f, x0, steps, lr_grid):
    def final(adam, lr):
        x, m, v = np.copy(x0), 0.0, 0.0
        for t in range(1, steps + 1):
            _, g = f(x)
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - lr * ((m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) if adam else g)
        return f(x)[0]

    answer = {}
    for name, adam in [("gd", False), ("adam", True)]:
        best = (lr_grid[0], final(adam, lr_grid[0]))
        for lr in lr_grid[1:]:
            loss = final(adam, lr)
            if loss < best[1]:
                best = (lr, loss)
        answer[name] = best
    return answer


@wrong("fair_race", loses=["e5-6-diverging"])
def replaces_nan_by_zero(f, x0, steps, lr_grid):
    table = np.zeros((2, len(lr_grid)))
    for j, lr in enumerate(lr_grid):
        for i in range(2):
            x, m, v = x0.copy(), np.zeros(len(x0)), np.zeros(len(x0))
            for t in range(1, steps + 1):
                g = f(x)[1]
                m = 0.9 * m + 0.1 * g
                v = 0.999 * v + 0.001 * g**2
                step = g if i == 0 else m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * step
            table[i, j] = f(x)[0]
    table = np.nan_to_num(table)
    best = table.argmin(axis=1)
    return {"gd": (lr_grid[best[0]], table[0, best[0]]), "adam": (lr_grid[best[1]], table[1, best[1]])}


@wrong("fair_race", loses=["e5-6-diverging"])
def drops_a_rate_for_both(f, x0, steps, lr_grid):
    runs = []
    for lr in lr_grid:
        row = [lr]
        for adam in (False, True):
            x, m, v = x0.copy(), 0, 0
            for t in range(1, steps + 1):
                g = f(x)[1]
                m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                if adam:
                    g = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * g
            row.append(f(x)[0])
        if np.all(np.isfinite(row)):
            runs.append(row)
    runs = np.array(runs)
    return {name: (runs[runs[:, k].argmin(), 0], runs[:, k].min()) for k, name in [(1, "gd"), (2, "adam")]}


@wrong("fair_race", loses=["e5-6-values", "e5-6-diverging"])
def lowest_loss_on_the_way(f, x0, steps, lr_grid):
    def lowest(adam, lr):
        x, m, v, low = x0.copy(), 0.0, 0.0, np.inf
        for t in range(1, steps + 2):
            loss, g = f(x)
            if loss < low:
                low = loss
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - lr * (m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) if adam else g)
        return low

    out = {}
    for name in ("gd", "adam"):
        lows = [lowest(name == "adam", lr) for lr in lr_grid]
        i = int(np.argmin(lows))
        out[name] = (lr_grid[i], lows[i])
    return out


@wrong("fair_race", loses=["e5-6-values"])
def stops_at_the_first_worse_rate(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best_lr, best = None, np.inf
        for lr in lr_grid:
            x, m, v = x0.copy(), 0.0, 0.0
            for t in range(1, steps + 1):
                g = f(x)[1]
                if name == "adam":
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                    g = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * g
            loss = f(x)[0]
            if loss > best:
                break
            if loss < best:
                best_lr, best = lr, loss
        out[name] = (best_lr, best)
    return out


@wrong("fair_race", loses=["e5-6-values"])
def knows_two_numbers_at_most(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        scores = []
        for lr in lr_grid:
            x = list(x0)
            m, v = [0.0, 0.0], [0.0, 0.0]
            for t in range(1, steps + 1):
                g = f(np.array(x))[1]
                for i in range(len(g)):
                    m[i] = 0.9 * m[i] + 0.1 * g[i]
                    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                    if name == "gd":
                        x[i] -= lr * g[i]
                    else:
                        x[i] -= lr * (m[i] / (1 - 0.9**t)) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
            loss = f(np.array(x))[0]
            scores.append((loss if np.isfinite(loss) else np.inf, lr))
        out[name] = min(scores)[::-1]
    return out


@wrong("fair_race", loses=["e5-6-inputs"])
def sorts_the_grid_in_place(f, x0, steps, lr_grid):
    lr_grid.sort()

    def end(adam, lr):
        x, m, v = x0.copy(), 0.0, 0.0
        for t in range(1, steps + 1):
            g = f(x)[1]
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - lr * (m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) if adam else g)
        return f(x)[0]

    out = {}
    for adam, name in enumerate(["gd", "adam"]):
        losses = np.array([end(adam, lr) for lr in lr_grid])
        best = np.argmin(np.where(np.isfinite(losses), losses, np.inf))
        out[name] = (lr_grid[best], losses[best])
    return out


@wrong("fair_race", loses=["e5-6-values", "e5-6-diverging", "e5-6-inputs"])
def goes_on_from_the_last_run(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best = (None, np.inf)
        m, v = np.zeros(len(x0)), np.zeros(len(x0))
        for lr in lr_grid:
            x = x0.copy()
            for t in range(1, steps + 1):
                g = f(x)[1]
                m = 0.9 * m + 0.1 * g
                v = 0.999 * v + 0.001 * g**2
                x = x - lr * (g if name == "gd" else m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
            loss = f(x)[0]
            if loss < best[1]:
                best = (lr, loss)
        out[name] = best
    return out


@wrong("fair_race", loses=["e5-6-values", "e5-6-diverging", "e5-6-inputs"])
def races_with_torch(f, x0, steps, lr_grid):
    out = {}
    for name, kind in [("gd", torch.optim.SGD), ("adam", torch.optim.Adam)]:
        best = (None, math.inf)
        for lr in lr_grid:
            p = torch.tensor(x0, requires_grad=True)
            optimizer = kind([p], lr=lr)
            for _ in range(steps):
                p.grad = torch.as_tensor(f(p.detach().numpy())[1])
                optimizer.step()
            loss = f(p.detach().numpy())[0]
            if loss < best[1]:
                best = (lr, loss)
        out[name] = best
    return out


@wrong("fair_race", loses=["e5-6-values"])
def wants_the_loss_nearest_to_zero(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best_lr, best = None, np.inf
        for lr in lr_grid:
            x, m, v = x0.copy(), 0.0, 0.0
            for t in range(1, steps + 1):
                g = f(x)[1]
                if name == "adam":
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                    g = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * g
            loss = f(x)[0]
            if abs(loss) < abs(best):
                best_lr, best = lr, loss
        out[name] = (best_lr, best)
    return out


@wrong("fair_race", loses=["e5-6-values"])
def races_with_eps_inside_the_root(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best_lr, best = None, np.inf
        for lr in lr_grid:
            x, m, v = x0.copy(), 0.0, 0.0
            for t in range(1, steps + 1):
                g = f(x)[1]
                if name == "adam":
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                    g = m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.999**t) + 1e-8)
                x = x - lr * g
            loss = f(x)[0]
            if loss < best:
                best_lr, best = lr, loss
        out[name] = (best_lr, best)
    return out


@wrong("fair_race", loses=["e5-6-diverging"])
def expects_a_loss_below_a_million(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best_lr, best = None, 1e6
        for lr in lr_grid:
            x, m, v = x0.copy(), 0.0, 0.0
            for t in range(1, steps + 1):
                g = f(x)[1]
                if name == "adam":
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                    g = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * g
            loss = f(x)[0]
            if loss < best:
                best_lr, best = lr, loss
        out[name] = (best_lr, best)
    return out


@wrong("fair_race", loses=["e5-6-diverging"])
def drops_rates_that_end_above_the_start(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best_lr, best = None, np.inf
        for lr in lr_grid:
            x, m, v = x0.copy(), 0.0, 0.0
            for t in range(1, steps + 1):
                g = f(x)[1]
                if name == "adam":
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                    g = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * g
            loss = f(x)[0]
            if loss < best and loss <= f(x0)[0]:
                best_lr, best = lr, loss
        out[name] = (best_lr, best)
    return out


@wrong("fair_race", loses=["e5-6-diverging"])
def takes_a_large_number_for_infinity(f, x0, steps, lr_grid):
    out = {}
    for name in ("gd", "adam"):
        best_lr, best = None, np.inf
        for lr in lr_grid:
            x, m, v = x0.copy(), 0.0, 0.0
            for t in range(1, steps + 1):
                g = f(x)[1]
                if name == "adam":
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
                    g = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                x = x - lr * g
            loss = np.nan_to_num(f(x)[0], nan=1e10, posinf=1e10)
            if loss < best:
                best_lr, best = lr, loss
        out[name] = (best_lr, best)
    return out


@right("fair_race")
def keeps_the_best_of_finite_losses(f, x0, steps, lr_grid):
    def adam(lr):
        x = x0.astype(float)
        m = np.zeros_like(x)
        v = np.zeros_like(x)
        for t in range(1, steps + 1):
            g = np.asarray(f(x)[1])
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * g**2
            x = x - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return f(x)[0]

    def gd(lr):
        x = x0.astype(float)
        for _ in range(steps):
            x = x - lr * np.asarray(f(x)[1])
        return f(x)[0]

    result = {}
    for name, run in (("gd", gd), ("adam", adam)):
        best_lr, best_loss = None, float("inf")
        for lr in lr_grid:
            loss = run(lr)
            if loss < best_loss:
                best_lr, best_loss = lr, loss
        result[name] = (best_lr, best_loss)
    return result


@right("fair_race")
def asks_nanargmin(f, x0, steps, lr_grid):
    ends = np.zeros((2, len(lr_grid)))
    for k, lr in enumerate(lr_grid):
        x = np.array(x0)
        y = np.array(x0)
        m = v = 0
        for t in range(1, steps + 1):
            x = x - lr * f(x)[1]
            g = f(y)[1]
            m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
            y = y - lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999**t))
        ends[:, k] = f(x)[0], f(y)[0]
    gd, adam = np.nanargmin(ends[0]), np.nanargmin(ends[1])
    return {"adam": [lr_grid[adam], ends[1, adam]], "gd": [lr_grid[gd], ends[0, gd]]}


@right("fair_race")
def races_all_rates_at_once(f, x0, steps, lr_grid):
    rates = np.array(lr_grid)[:, None]
    out = {}
    for name in ("gd", "adam"):
        X = np.repeat(np.array(x0)[None], len(rates), axis=0)
        m, v = np.zeros_like(X), np.zeros_like(X)
        for t in range(1, steps + 1):
            G = np.array([f(x)[1] for x in X])
            m, v = 0.9 * m + 0.1 * G, 0.999 * v + 0.001 * G**2
            X = X - rates * (G if name == "gd" else m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
        losses = np.array([f(x)[0] for x in X])
        losses[~np.isfinite(losses)] = np.inf
        k = losses.argmin()
        out[name] = [rates[k, 0], losses[k]]
    return out


@right("fair_race")
def sorts_the_results(f, x0, steps, lr_grid):
    class Run:
        def __init__(self, lr):
            self.lr = lr
            self.x = [float(entry) for entry in x0]
            self.m = [0.0] * len(self.x)
            self.v = [0.0] * len(self.x)
            self.t = 0

        def gd(self):
            self.x = [x - self.lr * g for x, g in zip(self.x, f(self.x)[1])]

        def adam(self):
            self.t += 1
            for i, g in enumerate(f(list(self.x))[1]):
                self.m[i] += 0.1 * (g - self.m[i])
                self.v[i] += 0.001 * (g * g - self.v[i])
                root = math.sqrt(self.v[i] / (1 - 0.999**self.t))
                self.x[i] -= self.lr * self.m[i] / (1 - 0.9**self.t) / (root + 1e-8)

    best = {}
    for name in ("gd", "adam"):
        results = []
        for lr in lr_grid:
            run = Run(float(lr))
            for _ in range(steps):
                getattr(run, name)()
            results.append((f(run.x)[0], float(lr)))
        results = sorted(result for result in results if math.isfinite(result[0]))
        best[name] = (results[0][1], results[0][0])
    return best


@right("fair_race")
def answers_in_single_precision(f, x0, steps, lr_grid):
    def run(lr, use_adam):
        x = x0 + 0.0
        m, v, b1, b2 = 0 * x, 0 * x, 1.0, 1.0
        for _ in range(steps):
            g = f(x)[1]
            b1, b2 = b1 * 0.9, b2 * 0.999
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - lr * (m / (1 - b1) / (np.sqrt(v / (1 - b2)) + 1e-8) if use_adam else g)
            if not np.all(np.isfinite(x)):
                return np.inf
        return f(x)[0]

    out = {}
    for name in ["gd", "adam"]:
        ends = [run(lr, name == "adam") for lr in lr_grid]
        i = ends.index(min(ends))
        out[name] = (np.float32(lr_grid[i]), np.float32(ends[i]))
    return out


# E5.7 rotate


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def exchanges_r_and_its_transpose(f, R):
    def turned(x):
        value, gradient = f(R @ x)
        return value, R.T @ gradient

    return turned


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def leaves_the_gradient_where_it_was(f, R):
    return lambda x: f(R.T @ x)


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def turns_the_gradient_backwards(f, R):
    def g(x):
        value, gradient = f(R.T @ x)
        return value, R.T @ gradient

    return g


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def turns_the_gradient_alone(f, R):
    def g(x):
        value, gradient = f(x)
        return value, R @ gradient

    return g


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def forgets_to_return_the_function(f, R):
    def turned(x):
        value, gradient = f(R.T @ x)
        return value, R @ gradient


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def returns_the_loss_alone(f, R):
    return lambda x: f(R.T @ x)[0]


@wrong("rotate", loses=["e5-7-rotate-values"])
def reads_an_angle_off_the_matrix(f, R):
    c, s = R[0, 0], R[1, 0]

    def turned(x):
        back = np.array([c * x[0] + s * x[1], -s * x[0] + c * x[1]])
        value, g = f(back)
        return value, np.array([c * g[0] - s * g[1], s * g[0] + c * g[1]])

    return turned


@wrong("rotate", loses=["e5-7-rotate-twice"])
def keeps_the_matrix_on_the_function(f, R):
    keeps_the_matrix_on_the_function.R = R

    def turned(x):
        R = keeps_the_matrix_on_the_function.R
        value, g = f(R.T @ x)
        return value, R @ g

    return turned


@wrong("rotate", loses=["e5-7-rotate-twice"])
def turns_the_point_in_place(f, R):
    def turned(x):
        x[:] = R.T @ x
        value, g = f(x)
        return value, R @ g

    return turned


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def turns_with_torch(f, R):
    R = torch.as_tensor(R)

    def turned(x):
        value, g = f((R.T @ torch.as_tensor(x)).numpy())
        return value, (R @ torch.as_tensor(g)).numpy()

    return turned


@wrong("rotate", loses=["e5-7-rotate-values", "e5-7-rotate-twice"])
def differences_on_one_side(f, R):
    def turned(x):
        loss = lambda p: f(R.T @ p)[0]
        h = 1e-3
        return loss(x), np.array([(loss(x + h * e) - loss(x)) / h for e in np.eye(len(x))])

    return turned


@wrong("rotate", loses=["e5-7-rotate-values"])
def divides_by_the_determinant(f, R):
    Q = R / np.linalg.det(R)

    def turned(x):
        value, gradient = f(Q.T @ x)
        return value, Q @ gradient

    return turned


@wrong("rotate", loses=["e5-7-rotate-twice"])
def writes_into_the_gradient_of_f(f, R):
    def turned(x):
        value, gradient = f(R.T @ x)
        gradient[:] = R @ gradient
        return value, gradient

    return turned


@right("rotate")
def multiplies_rows_from_the_left(f, R):
    def turned(x):
        value, gradient = f(x @ R)
        return value, gradient @ R.T

    return turned


@right("rotate")
def turns_with_loops(f, R):
    n = len(R)
    rows = [[float(R[i][j]) for j in range(n)] for i in range(n)]

    def turned(x):
        back = [sum(rows[i][j] * x[i] for i in range(n)) for j in range(n)]
        value, g = f(back)
        return [value, [sum(rows[i][j] * g[j] for j in range(n)) for i in range(n)]]

    return turned


@right("rotate")
def turns_with_an_object(f, R):
    class Turned:
        def __init__(self):
            self.R = np.array(R)

        def __call__(self, x):
            value, gradient = f(np.einsum("ij,i->j", self.R, x))
            return value, np.einsum("ij,j->i", self.R, gradient)

    return Turned()


@right("rotate")
def solves_instead_of_transposing(f, R):
    inverse = np.linalg.inv(R)
    return lambda x: (lambda pair: (pair[0], np.linalg.solve(inverse, pair[1])))(f(np.linalg.solve(R, x)))


@right("rotate")
def turns_in_single_precision_at_the_end(f, R):
    def turned(x):
        value, gradient = f(np.dot(R.transpose(), x))
        return np.float32(value), np.dot(R, gradient).astype(np.float32)

    return turned


# E5.7 steps_to_tol


@wrong("steps_to_tol", loses=["e5-7-steps-limits"])
def loops_while_the_loss_is_larger(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v, t = x0.copy(), 0.0, 0.0, 0
    value, g = f(x)
    while value > tol:
        if t == max_steps:
            return None
        t += 1
        if opt == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            g = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        x = x - lr * g
        value, g = f(x)
    return t


@wrong("steps_to_tol", loses=["e5-7-steps-values", "e5-7-steps-limits"])
def looks_at_the_distance_from_zero(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        if np.linalg.norm(x) <= tol:
            return t
        g = f(x)[1]
        if opt == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            g = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * g
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values", "e5-7-steps-limits"])
def looks_at_the_gradient(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        g = f(x)[1]
        if np.abs(g).max() <= tol:
            return t
        if opt == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            g = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * g
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values", "e5-7-steps-limits"])
def looks_after_the_first_step_only(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps):
        g = f(x)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - lr * (g if opt == "gd" else (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8))
        if f(x)[0] <= tol:
            return t
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-limits"])
def passes_over_the_start(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(1, max_steps + 1):
        g = f(x)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - lr * (g if opt == "gd" else (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
        if f(x)[0] <= tol:
            return t


@wrong("steps_to_tol", loses=["e5-7-steps-limits"])
def wants_less_than_tol(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(1, max_steps + 2):
        value, g = f(x)
        if value < tol:
            return t - 1
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - lr * (g if opt == "gd" else (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-limits"])
def returns_the_last_number_for_none(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol:
            break
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return t


@wrong("steps_to_tol", loses=["e5-7-steps-limits"])
def ends_before_the_last_step(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps):
        value, g = f(x)
        if value <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def forgets_the_correction(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - lr * (g if opt == "gd" else m / (np.sqrt(v) + 1e-8))
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def one_size_for_all_coordinates(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * (g @ g)
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def always_descends_by_gradient(opt, f, x0, tol, lr, max_steps=10000):
    x = x0.copy()
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol:
            return t
        x = x - lr * g
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values", "e5-7-steps-limits"])
def counts_with_torch(opt, f, x0, tol, lr, max_steps=10000):
    p = torch.tensor(x0, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=lr) if opt == "gd" else torch.optim.Adam([p], lr=lr)
    for t in range(max_steps + 1):
        value, g = f(p.detach().numpy())
        if value <= tol:
            return t
        p.grad = torch.as_tensor(g)
        optimizer.step()
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def looks_at_the_size_of_the_loss(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if abs(value) <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def is_content_with_almost_tol(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol or np.isclose(value, tol):
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def forgets_v_ten_times_as_fast(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.99 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-values"])
def counts_with_eps_inside_the_root(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(max_steps + 1):
        value, g = f(x)
        if value <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / np.sqrt(v / (1 - 0.999 ** (t + 1)) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@wrong("steps_to_tol", loses=["e5-7-steps-limits"])
def gives_up_after_a_thousand(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    for t in range(min(max_steps, 1000) + 1):
        value, g = f(x)
        if value <= tol:
            return t
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        x = x - lr * (step if opt == "adam" else g)
    return None


@right("steps_to_tol")
def counts_in_a_for_loop(opt, f, x0, tol, lr, max_steps=10000):
    x = np.array(x0)
    m = np.zeros(len(x))
    v = np.zeros(len(x))
    if f(x)[0] <= tol:
        return 0
    for t in range(1, max_steps + 1):
        g = f(x)[1]
        if opt == "gd":
            x = x - lr * g
        else:
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * g**2
            x = x - lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        if f(x)[0] <= tol:
            return t
    return None


@right("steps_to_tol")
def loops_while_it_is_not_reached(opt, f, x0, tol, lr, max_steps=10000):
    state = {"x": np.copy(x0), "m": 0.0, "v": 0.0, "t": 0}

    def step(g):
        state["t"] += 1
        if opt == "adam":
            state["m"] = 0.9 * state["m"] + 0.1 * g
            state["v"] = 0.999 * state["v"] + 0.001 * g * g
            g = state["m"] / (1 - 0.9 ** state["t"]) / (np.sqrt(state["v"] / (1 - 0.999 ** state["t"])) + 1e-8)
        state["x"] = state["x"] - lr * g

    value, g = f(state["x"])
    while not value <= tol:
        if state["t"] >= max_steps or np.isnan(value):
            return None
        step(g)
        value, g = f(state["x"])
    return state["t"]


@right("steps_to_tol")
def walks_on_lists(opt, f, x0, tol, lr, max_steps=10000):
    x = [float(a) for a in x0]
    m = [0.0 for _ in x]
    v = [0.0 for _ in x]
    t = 0
    while t <= max_steps:
        value, g = f(x)
        if value <= tol:
            return np.int64(t)
        t += 1
        for i in range(len(x)):
            if opt == "gd":
                x[i] -= lr * g[i]
            if opt == "adam":
                m[i] = 0.9 * m[i] + 0.1 * g[i]
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                x[i] -= lr * m[i] / (1 - 0.9**t) / (math.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
    return None


@right("steps_to_tol")
def takes_the_first_of_a_generator(opt, f, x0, tol, lr, max_steps=10000):
    def values():
        x, m, v, b1, b2 = np.asarray(x0) + 0.0, 0.0, 0.0, 1.0, 1.0
        while True:
            value, g = f(x)
            yield float(value)
            b1, b2 = 0.9 * b1, 0.999 * b2
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - lr * (g if opt == "gd" else (m / (1 - b1)) / (np.sqrt(v / (1 - b2)) + 1e-8))

    for t, value in enumerate(values()):
        if t > max_steps:
            return None
        if value <= tol:
            return float(t)


@right("steps_to_tol")
def runs_to_the_end_and_looks_back(opt, f, x0, tol, lr, max_steps=10000):
    x, m, v = x0.copy(), 0.0, 0.0
    values = []
    for t in range(1, max_steps + 2):
        value, g = f(x)
        values.append(value)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = x - lr * (g if opt == "gd" else (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
    reached = np.flatnonzero(np.array(values) <= tol)
    return int(reached[0]) if reached.size else None


# E5.8 v_is_not_hessian_a


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def starts_at_the_bottom():
    return lambda x: x[0] ** 2 + 5 * x[1] ** 2, torch.zeros(2, dtype=torch.float64)


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def curvature_changes_too():
    return lambda x: (x**4).sum(), torch.tensor([2.0, 1.5], dtype=torch.float64)


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def linear_for_constant_curvature():
    return lambda x: 3 * x[0] + x[1], torch.tensor([1.0, 1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def constant_but_negative():
    return lambda x: -(x**2).sum(), torch.tensor([1.0, 0.5], dtype=torch.float64)


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def rounding_noise():
    return lambda x: 1e-12 * (x**2).sum(), torch.tensor([1.0, 2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def returns_the_loss_at_the_point():
    x = torch.tensor([1.0, 1.0], dtype=torch.float64)
    return 100 * x[0] ** 2 + x[1] ** 2, x


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def returns_the_point_first():
    return torch.tensor([1.0, 1.0], dtype=torch.float64), lambda x: 100 * x[0] ** 2 + x[1] ** 2


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def almost_linear_along_the_way():
    return lambda x: x[0] ** 2 + 1000 * x[0], torch.tensor([1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_a", loses=["e5-8-a"])
def cross_term_alone():
    return lambda x: x[0] * x[1] + x[0] ** 3, torch.tensor([2.0, 1.0], dtype=torch.float64)


@right("v_is_not_hessian_a")
def the_bowl_of_the_notebook():
    def loss(x):
        return 100 * x[0] ** 2 + x[1] ** 2

    return loss, torch.tensor([1.0, 1.0], dtype=torch.float64)


@right("v_is_not_hessian_a")
def quadratic_form_with_a_cross_term():
    H = torch.tensor([[4.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    return lambda x: x @ H @ x / 2, torch.tensor([2.0, -1.0], dtype=torch.float64)


@right("v_is_not_hessian_a")
def one_number_as_a_list():
    return [lambda x: (x**2).sum(), [5.0]]


@right("v_is_not_hessian_a")
def squared_error_of_a_module():
    class Squared(torch.nn.Module):
        def forward(self, x):
            return ((x - 1.0) ** 2).mean()

    return Squared(), np.array([4.0, -3.0, 2.5])


@right("v_is_not_hessian_a")
def only_one_coordinate_is_quadratic():
    return lambda x: torch.exp(x[0] / 5) + 2 * x[1] ** 2, torch.tensor([1.0, 3.0], requires_grad=True)


# E5.8 v_is_not_hessian_b


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def scales_at_the_bottom():
    return lambda x: (x**2).sum(), torch.zeros(3, dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def scales_a_line():
    return lambda x: 4 * x[0], torch.tensor([2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def scales_a_hill():
    return lambda x: -(x[0] ** 2), torch.tensor([2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def scales_rounding_noise():
    return lambda x: 1e-9 * torch.exp(x).sum(), torch.tensor([0.5, 1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def slope_here_and_curvature_there():
    return lambda x: 3 * x[0] + x[1] ** 2, torch.tensor([1.0, 0.0], dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def too_many_numbers():
    return lambda x: (x**2).sum(), torch.arange(1.0, 101.0, dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def a_vector_of_losses():
    return lambda x: x**2, torch.tensor([1.0, 2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def forgets_the_point():
    return lambda x: (x**2).sum()


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def noise_instead_of_a_loss_b():
    return lambda x: torch.rand(()), torch.ones(4, dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def noise_that_is_remembered_b():
    seen = {}
    return lambda x: seen.setdefault(tuple(x.tolist()), float(torch.rand(()))), torch.ones(4, dtype=torch.float64)


@wrong("v_is_not_hessian_b", loses=["e5-8-b"])
def a_kink_at_the_point():
    return lambda x: torch.relu(x).sum(), torch.zeros(1, dtype=torch.float64)


@right("v_is_not_hessian_b")
def parabola_beside_the_bottom():
    return (lambda x: (x[0] - 2) ** 2, torch.tensor([3.0], dtype=torch.float64))


@right("v_is_not_hessian_b")
def logistic_loss_of_one_sample():
    features = torch.tensor([1.0, -2.0], dtype=torch.float64)
    return lambda x: torch.nn.functional.softplus(-(features @ x)), torch.tensor([0.3, 0.4], dtype=torch.float64)


@right("v_is_not_hessian_b")
def exponential_of_the_sum():
    return lambda x: torch.exp(x.sum()), np.array([0.1, -0.2, 0.3])


@right("v_is_not_hessian_b")
def steep_bowl_again():
    return lambda x: 100 * x[0] ** 2 + x[1] ** 2, [1.0, 1.0]


@right("v_is_not_hessian_b")
def cosine_in_single_precision():
    return lambda x: -torch.cos(x[0]), torch.tensor([0.5], dtype=torch.float32)


# E5.8 v_is_not_hessian_c


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def constant_loss():
    return lambda x: 0 * x[0] + 7, torch.tensor([1.0, 2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def quadratic_with_a_slope():
    return lambda x: x[0] ** 2, torch.tensor([3.0], dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def point_of_inflection():
    return lambda x: x[0] ** 3 + x[0], torch.tensor([0.0], dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def flat_fourth_power():
    return lambda x: (x**4).sum(), torch.zeros(2, dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def line_of_almost_no_slope():
    return lambda x: 1e-6 * x[0], torch.tensor([1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def slope_and_flatness_in_different_places():
    return lambda x: x[0] ** 2 + 0 * x[1], torch.tensor([1.0, 1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def returns_only_a_number():
    return 0.0, torch.tensor([1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_c", loses=["e5-8-c"])
def ends_of_a_sigmoid():
    return lambda x: torch.sigmoid(2 * x).sum(), torch.tensor([9.0], dtype=torch.float64)


@right("v_is_not_hessian_c")
def a_line():
    return lambda x: 3 * x[0], torch.tensor([1.0], dtype=torch.float64)


@right("v_is_not_hessian_c")
def weighted_sum():
    weights = torch.tensor([0.5, -2.0, 1.0], dtype=torch.float64)

    def loss(x):
        return weights @ x + 4.0

    return loss, torch.zeros(3, dtype=torch.float64)


@right("v_is_not_hessian_c")
def falling_line_as_a_float():
    return lambda x: float(-5 * x[0]), [2.0]


@right("v_is_not_hessian_c")
def product_of_two_numbers():
    return lambda x: x[0] * x[1], torch.tensor([4.0, 3.0], dtype=torch.float64)


@right("v_is_not_hessian_c")
def absolute_error_far_from_the_target():
    return lambda x: (x - 8).abs().mean(), np.array([-1.0, 2.0])


# E5.8 v_is_not_hessian_d


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def convex_loss():
    return lambda x: (x**2).sum(), torch.tensor([1.0, -1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def negative_eigenvalue_off_the_diagonal():
    return lambda x: x[0] * x[1], torch.tensor([1.0, 2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def negative_by_rounding():
    return lambda x: -1e-10 * x[0] ** 2, torch.tensor([1.0], dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def negative_slope_only():
    return lambda x: -3 * x.sum(), torch.tensor([1.0, 2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def top_without_curvature():
    return lambda x: -(x**4).sum(), torch.zeros(2, dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def cubic_on_the_wrong_side():
    return lambda x: x[0] ** 3, torch.tensor([2.0], dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def far_away():
    return lambda x: -(x**2).sum(), torch.tensor([1000.0], dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def scalar_point():
    return lambda x: -(x**2), torch.tensor(1.0, dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def a_needle_at_the_point():
    return lambda x: float(x[0] == 1.0), torch.ones(1, dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def noise_instead_of_a_loss_d():
    return lambda x: torch.rand(()), torch.ones(4, dtype=torch.float64)


@wrong("v_is_not_hessian_d", loses=["e5-8-d"])
def noise_that_is_remembered_d():
    seen = {}
    return lambda x: seen.setdefault(tuple(x.tolist()), float(torch.rand(()))), torch.ones(4, dtype=torch.float64)


@right("v_is_not_hessian_d")
def saddle_at_its_centre():
    return lambda x: x[0] ** 2 - x[1] ** 2, torch.zeros(2, dtype=torch.float64)


@right("v_is_not_hessian_d")
def top_of_a_cosine():
    return lambda x: torch.cos(x).sum(), torch.tensor([0.2], dtype=torch.float64)


@right("v_is_not_hessian_d")
def double_well():
    def loss(x):
        return x[0] ** 4 - x[0] ** 2

    return loss, np.array([0.1])


@right("v_is_not_hessian_d")
def squared_error_of_a_tiny_network():
    def loss(w):
        return (w[1] * torch.tanh(w[0] * 1.5) - 1.0) ** 2

    return loss, torch.tensor([0.4, -0.9], dtype=torch.float64)


@right("v_is_not_hessian_d")
def bell_curve():
    return (lambda x: torch.exp(-(x**2).sum() / 2), [0.3, -0.2, 0.1])


# E5.9 hessian_diag


@wrong("hessian_diag", loses=["e5-9-hessian-values"])
def adds_up_the_samples(theta, X):
    p = 1 / (1 + np.exp(-X @ theta))
    return (p * (1 - p)) @ X**2


@wrong("hessian_diag", loses=["e5-9-hessian-values", "e5-9-extremes"])
def forgets_one_minus_p(theta, X):
    p = 1 / (1 + np.exp(-X @ theta))
    return (p[:, None] * X**2).mean(axis=0)


@wrong("hessian_diag", loses=["e5-9-hessian-values"])
def forgets_to_square_x(theta, X):
    p = 1 / (1 + np.exp(-X @ theta))
    return ((p * (1 - p))[:, None] * X).mean(axis=0)


@wrong("hessian_diag", loses=["e5-9-hessian-values", "e5-9-extremes"])
def returns_the_whole_hessian(theta, X):
    p = 1 / (1 + np.exp(-X @ theta))
    return X.T @ np.diag(p * (1 - p)) @ X / len(X)


@wrong("hessian_diag", loses=["e5-9-hessian-values", "e5-9-extremes"])
def averages_before_it_multiplies(theta, X):
    p = (1 / (1 + np.exp(-X @ theta))).mean()
    return p * (1 - p) * (X**2).mean(axis=0)


@wrong("hessian_diag", loses=["e5-9-extremes"])
def divides_two_large_numbers(theta, X):
    e = np.exp(X @ theta)
    p = e / (1 + e)
    return np.mean((p * (1 - p))[:, None] * X**2, axis=0)


@wrong("hessian_diag", loses=["e5-9-extremes"])
def sigmoid_of_the_standard_library(theta, X):
    total = np.zeros(len(theta))
    for x in X:
        p = 1 / (1 + math.exp(-float(x @ theta)))
        total += p * (1 - p) * x * x
    return total / len(X)


@wrong("hessian_diag", loses=["e5-9-extremes"])
def squares_the_samples_in_place(theta, X):
    p = 1 / (1 + np.exp(-X @ theta))
    X *= X
    return (p * (1 - p)) @ X / len(X)


@wrong("hessian_diag", loses=["e5-9-hessian-values", "e5-9-extremes"])
def differentiates_with_torch(theta, X):
    X = torch.as_tensor(X)

    def loss(w):
        return torch.nn.functional.softplus(X @ w).mean()

    return torch.func.hessian(loss)(torch.as_tensor(theta)).diagonal().numpy()


@right("hessian_diag")
def clips_the_scores(theta, X):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return np.mean(p[:, None] * (1 - p[:, None]) * X * X, axis=0)


@right("hessian_diag")
def diagonal_of_the_full_matrix(theta, X):
    z = X.dot(theta)
    weights = 1 / (4 * np.cosh(np.clip(z / 2, -300, 300)) ** 2)
    return np.diag(np.einsum("ni,n,nj->ij", X, weights, X)) / X.shape[0]


@right("hessian_diag")
def sample_by_sample(theta, X):
    out = [0.0] * len(theta)
    for x in X.tolist():
        z = sum(a * b for a, b in zip(x, theta))
        e = math.exp(-abs(z))
        weight = e / (1 + e) ** 2
        for i, xi in enumerate(x):
            out[i] += weight * xi * xi / len(X)
    return out


@right("hessian_diag")
def through_tanh(theta, X):
    t = np.tanh(0.5 * (X @ theta))
    return ((1 - t**2) / 4 @ X**2 / len(X)).astype(np.float32)


# E5.9 fisher_diag


@wrong("fisher_diag", loses=["e5-9-fisher-values"])
def takes_the_likely_label_for_certain(theta, X):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    y = np.round(p)
    return ((p - y)[:, None] ** 2 * X**2).mean(axis=0)


@wrong("fisher_diag", loses=["e5-9-fisher-values"])
def squares_the_expected_gradient(theta, X):
    p = (1 / (1 + np.exp(-np.clip(X @ theta, -500, 500))))[:, None]
    g = p * (p - 1) * X + (1 - p) * p * X
    return (g**2).mean(axis=0)


@wrong("fisher_diag", loses=["e5-9-fisher-values", "e5-9-extremes"])
def weights_both_labels_alike(theta, X):
    p = (1 / (1 + np.exp(-np.clip(X @ theta, -500, 500))))[:, None]
    return (0.5 * ((p - 1) * X) ** 2 + 0.5 * (p * X) ** 2).mean(axis=0)


@wrong("fisher_diag", loses=["e5-9-fisher-values", "e5-9-extremes"])
def exchanges_the_weights_of_the_labels(theta, X):
    p = (1 / (1 + np.exp(-np.clip(X @ theta, -500, 500))))[:, None]
    return ((1 - p) * ((p - 1) * X) ** 2 + p * (p * X) ** 2).mean(axis=0)


@wrong("fisher_diag", loses=["e5-9-fisher-values"])
def draws_labels_at_random(theta, X):
    rng = np.random.default_rng(0)
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    y = (rng.random(len(p)) < p).astype(float)
    return (((p - y)[:, None] * X) ** 2).mean(axis=0)


@wrong("fisher_diag", loses=["e5-9-fisher-values"])
def forgets_the_mean_over_samples(theta, X):
    z = X @ theta
    p, q = np.exp(-np.logaddexp(0, -z)), np.exp(-np.logaddexp(0, z))
    return p * q @ X**2


@wrong("fisher_diag", loses=["e5-9-extremes"])
def overflows_in_both_labels(theta, X):
    z = X @ theta
    p, q = np.exp(z) / (1 + np.exp(z)), np.exp(-z) / (1 + np.exp(-z))
    return ((p * q**2 + q * p**2)[:, None] * X**2).mean(axis=0)


@wrong("fisher_diag", loses=["e5-9-fisher-values", "e5-9-extremes"])
def expects_with_torch(theta, X):
    X = torch.as_tensor(X)
    p = torch.sigmoid(X @ torch.as_tensor(theta))
    return (p * (1 - p) @ X**2 / len(X)).numpy()


@right("fisher_diag")
def knows_that_it_is_the_hessian(theta, X):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -700, 700)))
    return np.average(X**2 * (p * (1 - p))[:, None], axis=0)


@right("fisher_diag")
def adds_over_both_labels(theta, X):
    total = np.zeros(X.shape[1])
    for x in X:
        z = float(np.dot(x, theta))
        for y in (0, 1):
            log_probability = -np.logaddexp(0, -z) if y == 1 else -np.logaddexp(0, z)
            p = math.exp(-np.logaddexp(0, -z))
            total += math.exp(log_probability) * ((p - y) * x) ** 2
    return total / X.shape[0]


@right("fisher_diag")
def diagonal_of_outer_products(theta, X):
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-(X @ theta)))
    F = sum(w * np.outer(g, g) for x, pi in zip(X, p) for w, g in [(pi, (pi - 1) * x), (1 - pi, pi * x)])
    return list(np.diag(F) / len(X))


@right("fisher_diag")
def broadcasts_over_labels(theta, X):
    labels = np.array([0.0, 1.0])[:, None]
    z = X @ theta
    log_p = labels * z - np.logaddexp(0, z)
    errors = np.exp(-np.logaddexp(0, -z)) - labels
    return np.einsum("ln,ln,ni->i", np.exp(log_p), errors**2, X**2) / len(z)


# E5.9 empirical_fisher_diag


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def squares_the_mean_gradient(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return (X.T @ (p - y) / len(y)) ** 2


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def ignores_the_labels(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return (p * (1 - p)) @ X**2 / len(X)


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def does_not_square(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return ((p - y)[:, None] * X).mean(axis=0)


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def labels_of_plus_and_minus_one(theta, X, y):
    margin = np.clip(y * (X @ theta), -500, 500)
    g = -(y / (1 + np.exp(margin)))[:, None] * X
    return (g**2).mean(axis=0)


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def sums_instead_of_averaging(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return ((p - y) ** 2) @ X**2


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def subtracts_the_mean_gradient(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return np.var((p - y)[:, None] * X, axis=0)


@wrong("empirical_fisher_diag", loses=["e5-9-extremes"])
def overflows_for_sure_samples(theta, X, y):
    e = np.exp(X @ theta)
    p = e / (e + 1)
    return ((p - y) ** 2) @ (X**2) / len(X)


@wrong("empirical_fisher_diag", loses=["e5-9-extremes"])
def turns_the_samples_into_gradients(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    X *= (p - y)[:, None]
    return (X**2).mean(axis=0)


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values"])
def squares_the_samples_only(theta, X, y):
    p = 1 / (1 + np.exp(-np.clip(X @ theta, -500, 500)))
    return np.abs(p - y) @ X**2 / len(X)


@wrong("empirical_fisher_diag", loses=["e5-9-empirical-values", "e5-9-extremes"])
def gradients_with_torch(theta, X, y):
    w, X, y = torch.as_tensor(theta), torch.as_tensor(X), torch.as_tensor(y)
    g = (torch.sigmoid(X @ w) - y)[:, None] * X
    return (g**2).mean(dim=0).numpy()


@right("empirical_fisher_diag")
def one_gradient_after_the_other(theta, X, y):
    squares = []
    for x, label in zip(X, y):
        z = float(x @ theta)
        p = 1 / (1 + math.exp(-z)) if z > -700 else 0.0
        squares.append(((p - label) * x) ** 2)
    return np.mean(squares, axis=0)


@right("empirical_fisher_diag")
def signs_and_margins(theta, X, y):
    sign = 2 * y - 1
    loss_slope = np.exp(-np.logaddexp(0, sign * (X @ theta)))
    return np.mean((loss_slope[:, None] * X) ** 2, axis=0)


@right("empirical_fisher_diag")
def diagonal_of_a_gram_matrix(theta, X, y):
    p = 0.5 * (1 + np.tanh(0.5 * (X @ theta)))
    G = X * (p - y)[:, None]
    return np.diag(G.T @ G) / len(G)


@right("empirical_fisher_diag")
def adds_in_plain_python(theta, X, y):
    N, d = X.shape
    out = []
    for i in range(d):
        total = 0.0
        for n in range(N):
            z = sum(X[n, j] * theta[j] for j in range(d))
            p = 1 - 1 / (1 + math.exp(min(z, 700.0)))
            total += (p - y[n]) ** 2 * X[n, i] ** 2
        out.append(total / N)
    return tuple(out)


# E5.11 hutchinson_diag


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def forgets_to_multiply_by_z(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    return np.mean([hvp(rng.choice([-1.0, 1.0], n)) for _ in range(samples)], axis=0)


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def estimates_the_trace(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    total = 0.0
    for _ in range(samples):
        z = rng.choice([-1.0, 1.0], n)
        total += z @ hvp(z)
    return total / samples


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def sums_the_samples(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    total = np.zeros(n)
    for _ in range(samples):
        z = rng.choice([-1.0, 1.0], n)
        total += z * hvp(z)
    return total


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def divides_by_one_less(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    total = np.zeros(n)
    for _ in range(samples):
        z = rng.choice([-1.0, 1.0], n)
        total += z * hvp(z)
    return total / (samples - 1)


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def asks_for_every_column(hvp, n, samples, seed):
    return np.array([hvp(e)[i] for i, e in enumerate(np.eye(n))])


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact"])
def ignores_the_seed(hvp, n, samples, seed):
    total = np.zeros(n)
    for _ in range(samples):
        z = np.random.choice([-1.0, 1.0], n)
        total += z * hvp(z)
    return total / samples


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def all_signs_are_plus(hvp, n, samples, seed):
    z = np.ones(n)
    return np.mean([z * hvp(z) for _ in range(samples)], axis=0)


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-mean"])
def draws_once(hvp, n, samples, seed):
    z = np.random.default_rng(seed).choice([-1.0, 1.0], n)
    return sum(z * hvp(z) for _ in range(samples)) / samples


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-mean"])
def makes_a_generator_for_every_sample(hvp, n, samples, seed):
    out = np.zeros(n)
    for _ in range(samples):
        rng = np.random.default_rng(seed)
        z = rng.integers(0, 2, n) * 2.0 - 1.0
        out += z * hvp(z)
    return out / samples


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def draws_zeros_and_ones(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    out = np.zeros(n)
    for _ in range(samples):
        z = rng.integers(0, 2, n).astype(float)
        out += z * hvp(z)
    return out / samples


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def draws_uniform_numbers(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    Z = rng.uniform(-1, 1, (samples, n))
    return np.mean([z * hvp(z) for z in Z], axis=0)


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def draws_with_torch(hvp, n, samples, seed):
    generator = torch.Generator().manual_seed(seed)
    out = np.zeros(n)
    for _ in range(samples):
        z = torch.randint(0, 2, (n,), generator=generator).numpy() * 2.0 - 1.0
        out += z * hvp(z)
    return out / samples


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact"])
def has_a_seed_of_its_own(hvp, n, samples, seed):
    rng = np.random.default_rng(0)
    Z = rng.choice([-1.0, 1.0], (samples, n))
    return np.mean([z * hvp(z) for z in Z], axis=0)


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-exact", "e5-11-hutchinson-mean"])
def asks_for_the_whole_matrix_at_once(hvp, n, samples, seed):
    H = hvp(np.eye(n))
    for _ in range(samples - 1):
        hvp(np.ones(n))
    return np.diag(H) + 1e-9 * np.random.default_rng(seed).normal(size=n)


@wrong("hutchinson_diag", loses=["e5-11-hutchinson-mean"])
def asks_for_every_column_if_there_are_enough_calls(hvp, n, samples, seed):
    if samples < n:
        Z = np.random.default_rng(seed).choice([-1.0, 1.0], (samples, n))
        return np.mean([z * hvp(z) for z in Z], axis=0)
    found = np.array([hvp(e)[i] for i, e in enumerate(np.eye(n))])
    for _ in range(samples - n):
        hvp(np.ones(n))
    return found + 1e-9 * np.random.default_rng(seed).normal(size=n)


@right("hutchinson_diag")
def draws_all_signs_first(hvp, n, samples, seed):
    Z = np.random.default_rng(seed).choice([-1.0, 1.0], size=(samples, n))
    HZ = np.array([hvp(z) for z in Z])
    return (Z * HZ).mean(axis=0)


@right("hutchinson_diag")
def signs_of_normal_numbers(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    mean = np.zeros(n)
    for k in range(1, samples + 1):
        z = np.sign(rng.normal(size=n))
        mean += (z * np.asarray(hvp(z)) - mean) / k
    return mean


@right("hutchinson_diag")
def coin_tosses_in_lists(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    totals = [0.0] * n
    for _ in range(samples):
        z = [1.0 if rng.random() < 0.5 else -1.0 for _ in range(n)]
        product = hvp(z)
        for i in range(n):
            totals[i] += z[i] * product[i]
    return [total / samples for total in totals]


@right("hutchinson_diag")
def whole_numbers_for_signs(hvp, n, samples, seed):
    rng = np.random.default_rng(seed)
    signs = 1 - 2 * rng.integers(0, 2, size=(samples, n))
    return (sum(z * hvp(z) for z in signs) / samples).astype(np.float32)


# E5.11 diag_newton_step


@wrong("diag_newton_step", loses=["e5-11-newton"])
def keeps_the_sign_of_the_curvature(x, g, h, lr, eps):
    return x - lr * g / np.where(np.abs(h) > eps, h, eps)


@wrong("diag_newton_step", loses=["e5-11-newton"])
def replaces_negative_curvature(x, g, h, lr, eps):
    return x - lr * g / np.maximum(h, eps)


@wrong("diag_newton_step", loses=["e5-11-newton"])
def adds_eps(x, g, h, lr, eps):
    return x - lr * g / (np.abs(h) + eps)


@wrong("diag_newton_step", loses=["e5-11-newton"])
def divides_by_zero_curvature(x, g, h, lr, eps):
    return x - lr * g / np.abs(h)


@wrong("diag_newton_step", loses=["e5-11-newton"])
def goes_uphill(x, g, h, lr, eps):
    return x + lr * g / np.maximum(np.abs(h), eps)


@wrong("diag_newton_step", loses=["e5-11-newton"])
def multiplies_by_the_curvature(x, g, h, lr, eps):
    return x - lr * g * np.maximum(np.abs(h), eps)


@wrong("diag_newton_step", loses=["e5-11-newton"])
def takes_a_root_like_adam(x, g, h, lr, eps):
    return x - lr * g / np.sqrt(np.maximum(np.abs(h), eps))


@wrong("diag_newton_step", loses=["e5-11-newton"])
def moves_the_point_in_place(x, g, h, lr, eps):
    x -= lr * g / np.maximum(np.abs(h), eps)
    return x


@wrong("diag_newton_step", loses=["e5-11-newton"])
def takes_the_smaller_of_both(x, g, h, lr, eps):
    return x - lr * g / np.minimum(np.abs(h), eps)


@right("diag_newton_step")
def bounds_by_clipping(x, g, h, lr, eps):
    return x - lr * g / np.clip(np.abs(h), eps, None)


@right("diag_newton_step")
def entry_after_entry(x, g, h, lr, eps):
    return [a - lr * b / max(abs(c), eps) for a, b, c in zip(x, g, h)]


@right("diag_newton_step")
def divides_where_it_may(x, g, h, lr, eps):
    size = np.where(np.abs(h) < eps, eps, np.abs(h))
    new = x.copy()
    new -= lr * (g / size)
    return new


@right("diag_newton_step")
def solves_a_diagonal_system(x, g, h, lr, eps):
    D = np.diag(np.maximum(np.sqrt(h**2), eps))
    return x - lr * np.linalg.solve(D, g)
