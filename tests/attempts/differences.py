"""Attempts at ps0-differences, as different students would write them."""

import math

import numpy as np

from tests.attempts import right, wrong

# E0.1 hello_grader


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def adds_without_squaring(x):
    return np.sum(x)


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def squares_the_sum(x):
    return np.sum(x) ** 2


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def takes_the_length(x):
    return np.linalg.norm(x)


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def always_fourteen(x):
    return 14.0


@wrong("hello_grader", loses=["e0-1-values"])
def unpacks_three_numbers(x):
    a, b, c = x
    return a**2 + b**2 + c**2


@wrong("hello_grader", loses=["e0-1-inputs"])
def squares_in_place(x):
    x **= 2
    return x.sum()


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def prints_instead_of_returning(x):
    print(sum(x**2))


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def returns_after_the_first_number(x):
    total = 0
    for value in x:
        total += value**2
        return total


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def asks_torch_for_the_sum(x):
    import torch

    return (torch.tensor(x) ** 2).sum().item()


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def keeps_the_squares_apart(x):
    return x * x


@wrong("hello_grader", loses=["e0-1-values"])
def counts_equal_numbers_once(x):
    return sum(value**2 for value in set(x.tolist()))


@wrong("hello_grader", loses=["e0-1-values", "e0-1-inputs"])
def remembers_a_sum_for_each_length(x, sums={}):
    if len(x) not in sums:
        sums[len(x)] = (x**2).sum()
    return sums[len(x)]


@right("hello_grader")
def loops_over_the_numbers(x):
    total = 0.0
    for value in x:
        total += value * value
    return total


@right("hello_grader")
def multiplies_by_itself(x):
    return x @ x


@right("hello_grader")
def sums_exactly(x):
    print("numbers:", len(x))
    return math.fsum(float(value) ** 2 for value in x)


@right("hello_grader")
def squares_the_length(x):
    return np.float32(np.linalg.norm(x) ** 2)


@right("hello_grader")
def takes_an_einsum(x):
    return np.einsum("i,i->", x, x)


# E0.2 forward_difference


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-calls", "e0-2-forward-inputs"])
def forward_divides_by_two_h(f, x, h=1e-8):
    return np.array([(f(x + h * e) - f(x)) / (2 * h) for e in np.eye(len(x))])


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-calls", "e0-2-forward-inputs"])
def forward_moves_everything(f, x, h=1e-8):
    slope = (f(x + h) - f(x)) / h
    return np.array([slope] * len(x))


@wrong("forward_difference", loses=["e0-2-forward-calls"])
def forward_starts_anew_each_time(f, x, h=1e-8):
    grad = []
    for i in range(len(x)):
        e = np.zeros(len(x))
        e[i] = 1
        grad.append((f(x + h * e) - f(x)) / h)
    return np.array(grad)


@wrong("forward_difference", loses=["e0-2-forward-inputs"])
def forward_truncates_the_step(f, x, h=1e-8):
    y = f(x)
    grad = np.zeros(len(x))
    for i in range(len(x)):
        xp = x.copy()
        xp[i] += h
        grad[i] = (f(xp) - y) / h
    return grad


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-inputs"])
def forward_does_not_restore(f, x, h=1e-8):
    x = np.asarray(x)
    y = f(x)
    grad = []
    for i in range(len(x)):
        x[i] += h
        z = f(x)
        grad.append((z - y) / h)
        y = z
    return np.array(grad)


@wrong("forward_difference", loses=["e0-2-forward-values"])
def forward_ignores_h(f, x, h=1e-8):
    y = f(x)
    return np.array([(f(x + 1e-8 * e) - y) / 1e-8 for e in np.eye(len(x))])


@wrong("forward_difference", loses=["e0-2-forward-values"])
def looks_backward(f, x, h=1e-8):
    y = f(x)
    return np.array([(y - f(x - h * e)) / h for e in np.eye(len(x))])


@wrong("forward_difference", loses=["e0-2-forward-values"])
def steps_in_proportion_to_each_entry(f, x, h=1e-8):
    y = f(x)
    return np.array([(f(x + h * xi * e) - y) / (h * xi) for xi, e in zip(x, np.eye(len(x)))])


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-calls", "e0-2-forward-inputs"])
def adds_the_partials(f, x, h=1e-8):
    y = f(x)
    return sum((f(x + h * e) - y) / h for e in np.eye(len(x)))


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-calls"])
def central_in_disguise(f, x, h=1e-8):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong("forward_difference", loses=["e0-2-forward-inputs"])
def forward_fills_an_array_like_x(f, x, h=1e-8):
    grad = np.zeros_like(x)
    y = f(x)
    for i, e in enumerate(np.eye(len(x))):
        grad[i] = (f(x + h * e) - y) / h
    return grad


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-calls", "e0-2-forward-inputs"])
def returns_a_row(f, x, h=1e-8):
    y = f(x)
    return np.array([[(f(x + h * e) - y) / h for e in np.eye(len(x))]])


@wrong("forward_difference", loses=["e0-2-forward-inputs"])
def forward_moves_back_up_to_rounding(f, x, h=1e-8):
    p = np.asarray(x, dtype=float)
    y = f(p)
    grad = []
    for i in range(len(p)):
        p[i] += h
        grad.append((f(p) - y) / h)
        p[i] -= h
    return np.array(grad)


@wrong("forward_difference", loses=["e0-2-forward-values"])
def forward_cuts_long_steps(f, x, h=1e-8):
    h = min(h, 0.1)
    y = f(x)
    return np.array([(f(x + h * e) - y) / h for e in np.eye(len(x))])


@wrong("forward_difference", loses=["e0-2-forward-values"])
def forward_steps_with_the_largest_entry(f, x, h=1e-8):
    h = h * max(1, np.abs(x).max())
    y = f(x)
    return np.array([(f(x + h * e) - y) / h for e in np.eye(len(x))])


@wrong("forward_difference", loses=["e0-2-forward-values", "e0-2-forward-inputs"])
def forward_keeps_a_gradient_for_each_length(f, x, h=1e-8, kept={}):
    if (len(x), h) not in kept:
        y = f(x)
        kept[len(x), h] = np.array([(f(x + h * e) - y) / h for e in np.eye(len(x))])
    return kept[len(x), h]


@wrong("forward_difference", loses=["e0-2-forward-calls"])
def forward_moves_back_and_forth_in_one_call(f, x, h=1e-8):
    moves = h * np.eye(len(x))
    values = f(np.stack([x + move for move in moves] + [x] * (len(x) + 1), axis=1))
    for _ in range(len(x)):
        y = f(x)
    return (values[: len(x)] - y) / h


@wrong("forward_difference", loses=["e0-2-forward-calls"])
def forward_at_all_points_at_once(f, x, h=1e-8):
    values = f(np.column_stack([x[:, None] + h * np.eye(len(x)), x]))
    return (values[:-1] - values[-1]) / h


@right("forward_difference")
def forward_on_copies(f, x, h=1e-8):
    x = np.array(x, dtype=float)
    y = f(x)
    grad = np.empty(x.shape)
    for i in range(x.size):
        moved = x.copy()
        moved[i] += h
        grad[i] = (f(moved) - y) / h
    return grad


@right("forward_difference")
def forward_with_relative_steps(f, x, h=1e-8):
    steps = h * np.maximum(1, np.abs(x))
    y = f(x)
    return [(f(x + np.diag(steps)[i]) - y) / steps[i] for i in range(len(x))]


@right("forward_difference")
def forward_with_lists(f, x, h=1e-8):
    point = [float(value) for value in x]
    base = f(point)
    grad = []
    for i in range(len(point)):
        moved = point[:i] + [point[i] + h] + point[i + 1 :]
        grad.append((f(moved) - base) / h)
    return grad


@right("forward_difference")
def forward_by_a_map(f, x, h=1e-8):
    base, points = f(x), x[None] + h * np.eye(len(x))
    return ((np.array(list(map(f, points))) - base) / h).astype(np.float32)


@right("forward_difference")
def forward_in_place_on_its_own_copy(f, x, h=1e-8):
    work = x.astype(np.float64)
    y = f(work)
    grad = []
    for i, kept in enumerate(work.tolist()):
        work[i] = kept + h
        step = work[i] - kept
        grad.append((f(work) - y) / step)
        work[i] = kept
    return np.array(grad)


@right("forward_difference")
def forward_restores_the_point(f, x, h=1e-8):
    if x.dtype != float:
        x = x.astype(float)
    y = f(x)
    grad = np.zeros(len(x))
    for i in range(len(x)):
        old = x[i]
        x[i] = old + h
        grad[i] = f(x) - y
        x[i] = old
    return grad / h


# E0.2 central_difference


@wrong("central_difference", loses=["e0-2-central-values", "e0-2-central-calls", "e0-2-central-inputs"])
def central_divides_by_h(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / h for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values", "e0-2-central-calls"])
def forward_named_central(f, x, h=1e-5):
    y = f(x)
    return np.array([(f(x + h * e) - y) / h for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values"])
def forward_with_a_call_too_many(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values", "e0-2-central-calls", "e0-2-central-inputs"])
def central_moves_everything(f, x, h=1e-5):
    return np.full(len(x), (f(x + h) - f(x - h)) / (2 * h))


@wrong("central_difference", loses=["e0-2-central-inputs"])
def central_truncates_the_step(f, x, h=1e-5):
    grad = []
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        grad.append((f(up) - f(down)) / (2 * h))
    return np.array(grad)


@wrong("central_difference", loses=["e0-2-central-values", "e0-2-central-inputs"])
def central_forgets_to_restore(f, x, h=1e-5):
    if x.dtype != float:
        x = x.astype(float)
    grad = []
    for i in range(len(x)):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        down = f(x)
        grad.append((up - down) / (2 * h))
    return grad


@wrong("central_difference", loses=["e0-2-central-values"])
def central_ignores_h(f, x, h=1e-5):
    return np.array([(f(x + 1e-5 * e) - f(x - 1e-5 * e)) / 2e-5 for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values"])
def central_steps_with_x(f, x, h=1e-5):
    steps = h * np.abs(x)
    return np.array([(f(x + s * e) - f(x - s * e)) / (2 * s) for s, e in zip(steps, np.eye(len(x)))])


@wrong("central_difference", loses=["e0-2-central-calls"])
def looks_at_the_middle_too(f, x, h=1e-5):
    middle = f(x)
    return np.array([((f(x + h * e) - middle) + (middle - f(x - h * e))) / (2 * h) for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values", "e0-2-central-calls"])
def asks_for_the_fourth_order(f, x, h=1e-5):
    def D(e, h):
        return (f(x + h * e) - f(x - h * e)) / (2 * h)

    return np.array([(4 * D(e, h / 2) - D(e, h)) / 3 for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values", "e0-2-central-calls", "e0-2-central-inputs"])
def adds_up_the_central_quotients(f, x, h=1e-5):
    total = 0
    for e in np.eye(len(x)):
        total += (f(x + h * e) - f(x - h * e)) / (2 * h)
    return total


@wrong("central_difference", loses=["e0-2-central-inputs"])
def central_fills_an_array_like_x(f, x, h=1e-5):
    grad = np.empty_like(x)
    for i, e in enumerate(np.eye(len(x))):
        grad[i] = (f(x + h * e) - f(x - h * e)) / (2 * h)
    return grad


@wrong("central_difference", loses=["e0-2-central-inputs"])
def central_moves_back_up_to_rounding(f, x, h=1e-5):
    p = np.asarray(x, dtype=float)
    grad = []
    for i in range(len(p)):
        p[i] += h
        up = f(p)
        p[i] -= 2 * h
        grad.append((up - f(p)) / (2 * h))
        p[i] += h
    return np.array(grad)


@wrong("central_difference", loses=["e0-2-central-values"])
def central_cuts_long_steps(f, x, h=1e-5):
    h = min(h, 0.1)
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong("central_difference", loses=["e0-2-central-values"])
def rounds_to_six_decimals(f, x, h=1e-5):
    return np.round([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))], 6)


@right("central_difference")
def central_on_copies(f, x, h=1e-5):
    grad = np.zeros(len(x))
    for i in range(len(x)):
        up = np.array(x, dtype=np.float64)
        down = up.copy()
        up[i] = up[i] + h
        down[i] = down[i] - h
        grad[i] = (f(up) - f(down)) / (up[i] - down[i])
    return grad


@right("central_difference")
def central_with_relative_steps(f, x, h=1e-5):
    grad = []
    for i, xi in enumerate(x):
        e = np.zeros(len(x))
        e[i] = h * max(1.0, abs(xi))
        grad.append((f(x + e) - f(x - e)) / (2 * e[i]))
    return grad


@right("central_difference")
def central_by_rows_of_a_grid(f, x, h=1e-5):
    grid = np.concatenate([x + h * np.eye(x.size), x - h * np.eye(x.size)])
    values = np.array([f(row) for row in grid])
    return (values[: x.size] - values[x.size :]) / (2 * h)


@right("central_difference")
def central_with_a_helper(f, x, h=1e-5):
    def partial(i):
        def along(t):
            p = list(map(float, x))
            p[i] += t
            return f(np.array(p))

        return (along(h) - along(-h)) / (2 * h)

    return np.array([partial(i) for i in range(len(x))], dtype=np.float32)


@right("central_difference")
def central_moves_and_puts_back(f, x, h=1e-5):
    x = x * 1.0
    grad = np.zeros(x.shape)
    iterator = np.nditer(x, flags=["multi_index"])
    while not iterator.finished:
        i = iterator.multi_index
        old = x[i]
        x[i] = old + h
        plus = f(x)
        x[i] = old - h
        minus = f(x)
        x[i] = old
        grad[i] = (plus - minus) / (2 * h)
        iterator.iternext()
    return grad


@wrong("central_difference", loses=["e0-2-central-calls"])
def central_fills_up_the_number_of_calls(f, x, h=1e-5):
    values = f(np.column_stack([x[:, None] + h * np.eye(len(x)), x[:, None] - h * np.eye(len(x))]))
    for _ in range(2 * len(x) - 1):
        f(x)
    return (values[: len(x)] - values[len(x) :]) / (2 * h)


# E0.3 complex_step


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps", "e0-3-calls", "e0-3-inputs"])
def takes_the_real_part(f, x, h=1e-30):
    return np.array([np.real(f(x + 1j * h * e)) / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps", "e0-3-calls", "e0-3-inputs"])
def forgets_to_divide(f, x, h=1e-30):
    return np.array([np.imag(f(x + 1j * h * e)) for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps"])
def a_thousandth_is_too_long(f, x, h=1e-30):
    h = 1e-3
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-steps"])
def a_step_of_1e_8(f, x, h=1e-30):
    h = 1e-8
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps", "e0-3-calls"])
def central_after_all(f, x, h=1e-30):
    h = 1e-5
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps", "e0-3-calls", "e0-3-inputs"])
def takes_the_modulus(f, x, h=1e-30):
    return np.array([np.abs(f(x + 1j * h * e)) / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-values", "e0-3-calls", "e0-3-inputs"])
def loses_the_sign(f, x, h=1e-30):
    return np.array([abs(f(x + 1j * h * e).imag) / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps"])
def saves_memory(f, x, h=1e-30):
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))], dtype=np.float32)


@wrong("complex_step", loses=["e0-3-calls"])
def subtracts_all_the_same(f, x, h=1e-30):
    y = f(x)
    return np.array([((f(x + 1j * h * e) - y) / h).imag for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-inputs"])
def complex_result_like_x(f, x, h=1e-30):
    result = np.zeros_like(x)
    for i in range(len(x)):
        z = x.astype(complex)
        z[i] += 1j * h
        result[i] = f(z).imag / h
    return result


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps", "e0-3-calls", "e0-3-inputs"])
def moves_all_in_the_imaginary_direction(f, x, h=1e-30):
    return np.array([f(x + 1j * h).imag / h] * len(x))


@wrong("complex_step", loses=["e0-3-values"])
def squeezes_the_result(f, x, h=1e-30):
    z = x + 1j * h * np.eye(len(x))
    return np.squeeze([np.imag(f(row)) / h for row in z])


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps"])
def starts_in_single_precision(f, x, h=1e-30):
    z = x.astype(np.complex64)
    return np.array([f(z + 1j * h * e).imag / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-steps"])
def refuses_tiny_steps(f, x, h=1e-30):
    h = max(h, 1e-7)
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])


@wrong("complex_step", loses=["e0-3-steps"])
def always_the_same_tiny_step(f, x, h=1e-30):
    tiny = 2.0**-300
    return np.array([f(x + 1j * tiny * e).imag for e in np.eye(len(x))]) / tiny


@wrong("complex_step", loses=["e0-3-values"])
def returns_complex_numbers(f, x, h=1e-30):
    return np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))], dtype=complex)


@wrong("complex_step", loses=["e0-3-values", "e0-3-steps"])
def complex_step_with_x(f, x, h=1e-30):
    return np.array([f(x + 1j * s * e).imag / s for s, e in zip(h * np.abs(x), np.eye(len(x)))])


@wrong("complex_step", loses=["e0-3-steps"])
def leaves_the_coordinates_moved(f, x, h=1e-30):
    z, before, result = np.array(x, dtype=complex), 0.0, []
    for j in range(len(x)):
        z[j] += 1j * h
        value = np.imag(f(z))
        result.append((value - before) / h)
        before = value
    return np.array(result)


@wrong("complex_step", loses=["e0-3-values"])
def clears_entries_that_look_like_rounding(f, x, h=1e-30):
    g = np.array([f(x + 1j * h * e).imag / h for e in np.eye(len(x))])
    g[np.abs(g) < 1e-12] = 0
    return g


@wrong("complex_step", loses=["e0-3-values"])
def skips_coordinates_that_are_0(f, x, h=1e-30):
    result = np.zeros(len(x))
    for j, e in enumerate(np.eye(len(x))):
        value = f(x + 1j * h * e)
        if x[j]:
            result[j] = value.imag / h
    return result


@right("complex_step")
def complex_on_copies(f, x, h=1e-30):
    g = np.zeros(len(x))
    for i in range(len(x)):
        z = np.array(x, dtype=complex)
        z[i] += 1j * h
        g[i] = np.imag(f(z)) / h
    return g


@right("complex_step")
def complex_matrix_of_points(f, x, h=1e-30):
    Z = np.asarray(x) + complex(0, h) * np.identity(len(x))
    return [np.imag(f(z)) / h for z in Z]


@right("complex_step")
def complex_lists(f, x, h=1e-30):
    result = []
    for i in range(len(x)):
        z = [complex(value, h if k == i else 0.0) for k, value in enumerate(x)]
        result.append(complex(f(z)).imag / h)
    return result


@right("complex_step")
def complex_buffer_put_back(f, x, h=1e-30):
    z = np.asarray(x).astype(complex)
    result = np.zeros(z.size)
    for j in range(z.size):
        z[j] += complex(0.0, h)
        result[j] = complex(f(z)).imag / h
        z[j] = z[j].real
    return tuple(result)


@right("complex_step")
def divides_by_ih(f, x, h=1e-30):
    values = np.array([1j * f(x + 1j * h * e).imag for e in np.eye(len(x))])
    return (values / (1j * h)).real


# E0.4 error_curve


@wrong("error_curve", loses=["e0-4-curve"])
def keeps_the_sign_of_the_error(f, df, x, hs, scheme):
    if scheme == "forward":
        return np.array([df(x) - (f(x + h) - f(x)) / h for h in hs])
    return np.array([(f(x + h) - f(x - h)) / (2 * h) - df(x) for h in hs])


@wrong("error_curve", loses=["e0-4-curve"])
def relative_errors(f, df, x, hs, scheme):
    low = 0 if scheme == "forward" else 1
    return np.array([abs((f(x + h) - f(x - low * h)) / ((1 + low) * h) / df(x) - 1) for h in hs])


@wrong("error_curve", loses=["e0-4-curve"])
def always_forward(f, df, x, hs, scheme):
    return np.array([abs((f(x + h) - f(x)) / h - df(x)) for h in hs])


@wrong("error_curve", loses=["e0-4-curve"])
def schemes_exchanged(f, df, x, hs, scheme):
    out = []
    for h in hs:
        if scheme == "central":
            d = (f(x + h) - f(x)) / h
        else:
            d = (f(x + h) - f(x - h)) / (2 * h)
        out.append(abs(d - df(x)))
    return out


@wrong("error_curve", loses=["e0-4-curve"])
def central_over_h(f, df, x, hs, scheme):
    if scheme == "forward":
        return [abs((f(x + h) - f(x)) / h - df(x)) for h in hs]
    return [abs((f(x + h) - f(x - h)) / h - df(x)) for h in hs]


@wrong("error_curve", loses=["e0-4-curve"])
def logarithms_for_the_plot(f, df, x, hs, scheme):
    low = 0 if scheme == "forward" else 1
    errors = [abs((f(x + h) - f(x - low * h)) / ((1 + low) * h) - df(x)) for h in hs]
    return np.log10(np.array(errors) + 1e-300)


@wrong("error_curve", loses=["e0-4-curve"])
def sorts_the_steps(f, df, x, hs, scheme):
    low = 0 if scheme == "forward" else 1
    return np.array([abs((f(x + h) - f(x - low * h)) / ((1 + low) * h) - df(x)) for h in sorted(hs)])


@wrong("error_curve", loses=["e0-4-curve"])
def avoids_rounding(f, df, x, hs, scheme):
    low = 0 if scheme == "forward" else 1
    return [abs((f(x + h) - f(x - low * h)) / ((1 + low) * h) - df(x)) if h > 1e-7 else 0.0 for h in hs]


@wrong("error_curve", loses=["e0-4-curve"])
def quotients_only(f, df, x, hs, scheme):
    if scheme == "forward":
        return np.array([(f(x + h) - f(x)) / h for h in hs])
    return np.array([(f(x + h) - f(x - h)) / (2 * h) for h in hs])


@wrong("error_curve", loses=["e0-4-curve"])
def squared_errors(f, df, x, hs, scheme):
    low = 0 if scheme == "forward" else 1
    return np.array([((f(x + h) - f(x - low * h)) / ((1 + low) * h) - df(x)) ** 2 for h in hs])


@wrong("error_curve", loses=["e0-4-curve"])
def hands_all_steps_to_f_at_once(f, df, x, hs, scheme):
    if scheme == "forward":
        d = (f(x + hs) - f(x)) / hs
    else:
        d = (f(x + hs) - f(x - hs)) / (2 * hs)
    return np.abs(d - df(x))


@wrong("error_curve", loses=["e0-4-curve"])
def no_error_below_1e_10(f, df, x, hs, scheme):
    low = 0 if scheme == "forward" else 1
    return [max(abs((f(x + h) - f(x - low * h)) / ((1 + low) * h) - df(x)), 1e-10) for h in hs]


@right("error_curve")
def curve_in_a_vector(f, df, x, hs, scheme):
    f = np.vectorize(f)
    if scheme == "forward":
        d = (f(x + hs) - f(x)) / hs
    else:
        d = (f(x + hs) - f(x - hs)) / (2 * hs)
    return np.abs(d - df(x))


@right("error_curve")
def curve_with_a_table(f, df, x, hs, scheme):
    quotient = {
        "forward": lambda h: (f(x + h) - f(x)) / h,
        "central": lambda h: (f(x + h) - f(x - h)) / (2 * h),
    }[scheme]
    return [float(abs(quotient(float(h)) - df(x))) for h in hs]


@right("error_curve")
def curve_filled_by_index(f, df, x, hs, scheme):
    exact, errs = df(x), np.zeros(len(hs), dtype=np.float32)
    for k in range(len(hs)):
        if scheme == "forward":
            errs[k] = abs((f(x + hs[k]) - f(x)) / hs[k] - exact)
        elif scheme == "central":
            errs[k] = abs((f(x + hs[k]) - f(x - hs[k])) / hs[k] / 2 - exact)
        else:
            raise ValueError(scheme)
    return errs


@right("error_curve")
def curve_with_a_representable_step(f, df, x, hs, scheme):
    errs = []
    for h in hs:
        a, b = x + h, (x if scheme == "forward" else x - h)
        errs.append(abs((f(a) - f(b)) / (a - b) - df(x)))
    return np.array(errs)


@right("error_curve")
def curve_with_a_relative_step(f, df, x, hs, scheme):
    s = np.asarray(hs) * max(1.0, abs(x))
    back = 0.0 if scheme == "forward" else 1.0
    return tuple(abs((f(x + t) - f(x - back * t)) / ((1 + back) * t) - df(x)) for t in s)


# E0.4 best_h


@wrong("best_h", loses=["e0-4-best"])
def argmin_stops_at_nan(hs, errs):
    return hs[np.argmin(errs)]


@wrong("best_h", loses=["e0-4-best"])
def smallest_error(hs, errs):
    return np.nanmin(errs)


@wrong("best_h", loses=["e0-4-best"])
def position_of_the_best(hs, errs):
    return int(np.nanargmin(errs))


@wrong("best_h", loses=["e0-4-best"])
def smallest_step(hs, errs):
    return hs[~np.isnan(errs)].min()


@wrong("best_h", loses=["e0-4-best"])
def skips_zero_errors(hs, errs):
    kept = errs > 0
    return hs[kept][np.argmin(errs[kept])]


@wrong("best_h", loses=["e0-4-best"])
def walks_downhill(hs, errs):
    order = np.argsort(hs)[::-1]
    best = order[0]
    for k in order[1:]:
        if errs[k] > errs[best]:
            break
        best = k
    return hs[best]


@wrong("best_h", loses=["e0-4-best"])
def sorts_the_errors_in_place(hs, errs):
    order = np.argsort(errs)
    errs.sort()
    return hs[order[0]]


@wrong("best_h", loses=["e0-4-best"])
def loop_that_starts_with_nan(hs, errs):
    best, err = hs[0], errs[0]
    for h, e in zip(hs, errs):
        if e < err:
            best, err = h, e
    return best


@wrong("best_h", loses=["e0-4-best"])
def nan_counts_as_1(hs, errs):
    return hs[np.argmin(np.where(np.isnan(errs), 1.0, errs))]


@wrong("best_h", loses=["e0-4-best"])
def overwrites_nan(hs, errs):
    errs[np.isnan(errs)] = np.inf
    return hs[np.argmin(errs)]


@wrong("best_h", loses=["e0-4-best"])
def rounds_the_errors(hs, errs):
    return hs[np.nanargmin(np.round(errs, 10))]


@wrong("best_h", loses=["e0-4-best"])
def rounds_the_step_to_a_power_of_10(hs, errs):
    return 10.0 ** round(math.log10(hs[np.nanargmin(errs)]))


@right("best_h")
def best_by_pairs(hs, errs):
    pairs = [(e, h) for h, e in zip(hs, errs) if e == e]
    return min(pairs)[1]


@right("best_h")
def best_with_infinity(hs, errs):
    return hs[np.argmin(np.where(np.isnan(errs), np.inf, errs))]


@right("best_h")
def best_by_sorting(hs, errs):
    return np.float64(hs[np.argsort(errs)[0]])


@right("best_h")
def best_by_a_loop(hs, errs):
    best, least = None, math.inf
    for k in range(len(errs)):
        if errs[k] < least:
            best, least = hs[k], errs[k]
    return float(best)


@right("best_h")
def best_by_a_mask(hs, errs):
    known = ~np.isnan(errs)
    hs, errs = hs[known], errs[known]
    return hs[errs == errs.min()][0].astype(np.float32)


# E0.5 gradient_ok


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def always_content(f, grad, x):
    return True


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def never_content(f, grad, x):
    return False


@wrong("gradient_ok", loses=["e0-5-scales"])
def absolute_tolerance(f, grad, x):
    n = np.array([(f(x + 1e-6 * e) - f(x - 1e-6 * e)) / 2e-6 for e in np.eye(len(x))])
    return np.max(np.abs(n - grad(x))) < 1e-6


@wrong("gradient_ok", loses=["e0-5-scales"])
def allclose_as_it_comes(f, grad, x):
    h = 1e-5
    n = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]
    return np.allclose(n, grad(x))


@wrong("gradient_ok", loses=["e0-5-scales"])
def relative_to_at_least_one(f, grad, x):
    h = 1e-6 * np.maximum(1, np.abs(x))
    n = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h @ e) for e in np.eye(len(x))])
    g = grad(x)
    return bool((np.abs(n - g) / np.maximum(1, np.abs(n) + np.abs(g)) < 1e-5).all())


@wrong("gradient_ok", loses=["e0-5-inputs"])
def relative_without_a_floor(f, grad, x):
    h = 1e-5
    n = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    return bool(np.all(np.abs(n - grad(x)) / np.abs(n) < 1e-4))


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-inputs"])
def nan_slips_through(f, grad, x):
    g, h = grad(x), 1e-5
    n = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    if np.max(np.abs(n - g) / (np.abs(n) + np.abs(g))) > 1e-5:
        return False
    return True


@wrong("gradient_ok", loses=["e0-5-mistakes"])
def refuses_only_large_errors(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return not np.abs(n - grad(x)).max() > 1e-5 * np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-subtle"])
def averages_the_errors(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.abs(n - grad(x)).mean() <= 4e-4 * np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-inputs"])
def relative_with_a_floor_below_rounding(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.all(np.abs(n - grad(x)) / (np.abs(n) + 1e-12) <= 1e-5)


@wrong("gradient_ok", loses=["e0-5-scales"])
def relative_to_the_values_of_f(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.abs(n - grad(x)).max() <= 1e-5 * max(np.abs(n).max(), abs(f(x)))


@wrong("gradient_ok", loses=["e0-5-scales"])
def one_sided_and_strict(f, grad, x):
    y = f(x)
    n = np.array([(f(x + h) - y) / 1e-8 for h in 1e-8 * np.eye(len(x))])
    return np.abs(n - grad(x)).max() <= 1e-6 * np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-inputs"])
def steps_relative_to_zero(f, grad, x):
    g, h = grad(x), 1e-6
    for i, xi in enumerate(x):
        e = np.zeros(len(x))
        e[i] = h * xi
        d = (f(x + e) - f(x - e)) / (2 * h * xi)
        if not abs(d - g[i]) <= 1e-5 * np.abs(g).max():
            return False
    return True


@wrong("gradient_ok", loses=["e0-5-inputs"])
def leaves_x_moved(f, grad, x):
    g = grad(x)
    scale = np.abs(g).max()
    ok = True
    for i in range(len(x)):
        h = 1e-6 * max(1, abs(x[i]))
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        down = f(x)
        ok = ok and abs((up - down) / (2 * h) - g[i]) <= 1e-4 * scale
    return ok and scale > 0


@wrong("gradient_ok", loses=["e0-5-subtle"])
def along_the_diagonal_only(f, grad, x):
    d = np.ones(len(x))
    h = 1e-5 * max(1, np.abs(x).max())
    n = (f(x + h * d) - f(x - h * d)) / (2 * h)
    g = grad(x)
    return abs(n - g @ d) <= 1e-5 * np.linalg.norm(g)


@wrong("gradient_ok", loses=["e0-5-subtle", "e0-5-scales"])
def along_the_gradient_only(f, grad, x):
    g = grad(x)
    size = np.linalg.norm(g)
    if size == 0:
        return False
    d, h = g / size, 1e-5 * max(1, np.abs(x).max())
    n = (f(x + h * d) - f(x - h * d)) / (2 * h)
    return abs(n - size) <= 3e-4 * size


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def checks_at_the_origin(f, grad, x):
    zero = np.zeros(len(x))
    n = np.array([(f(zero + h) - f(zero - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.linalg.norm(n - grad(zero)) <= 1e-5 * np.linalg.norm(n)


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def compares_signs(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return bool((np.sign(n) == np.sign(grad(x))).all())


@wrong("gradient_ok", loses=["e0-5-subtle", "e0-5-scales"])
def one_percent_is_fine(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.abs(n - grad(x)).max() <= 1e-2 * np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-subtle"])
def checks_at_another_point(f, grad, x):
    p = x + np.random.default_rng(0).normal(size=len(x))
    n = np.array([(f(p + h) - f(p - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.linalg.norm(n - grad(p)) <= 1e-5 * np.linalg.norm(n)


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def one_right_entry_is_enough(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return bool(np.isclose(n, grad(x), rtol=1e-5, atol=0).any())


@wrong("gradient_ok", loses=["e0-5-mistakes"])
def compares_sizes(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.abs(np.abs(n) - np.abs(grad(x))).max() <= 1e-5 * np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def compares_directions(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    g = grad(x)
    return abs(n @ g) >= (1 - 1e-6) * np.linalg.norm(n) * np.linalg.norm(g)


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle"])
def compares_lengths(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return bool(np.isclose(np.linalg.norm(n), np.linalg.norm(grad(x)), rtol=1e-6, atol=0))


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def first_coordinate_only(f, grad, x):
    e = np.eye(len(x))[0] * 1e-5
    n = (f(x + e) - f(x - e)) / 2e-5
    return abs(n - grad(x)[0]) <= 1e-6 * abs(n)


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def step_lost_in_rounding(f, grad, x):
    h = 1e-14
    n = np.array([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))])
    return np.abs(n - grad(x)).max() <= 1e-5 * np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def returns_the_error(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    return np.abs(n - grad(x)).max() / np.abs(n).max()


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def trusts_the_first_gradient_of_each_function(f, grad, x, known={}):
    first = known.setdefault((tuple(x), f(x)), grad(x))
    return np.array_equal(first, grad(x))


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def accepts_once_for_each_point(f, grad, x, seen=set()):
    is_new = tuple(x) not in seen
    seen.add(tuple(x))
    return is_new


@wrong("gradient_ok", loses=["e0-5-mistakes", "e0-5-subtle", "e0-5-scales", "e0-5-inputs"])
def accepts_once_for_each_dimension(f, grad, x, seen=set()):
    is_new = len(x) not in seen
    seen.add(len(x))
    return is_new


@right("gradient_ok")
def norms_with_fixed_steps(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    g = grad(x)
    return np.linalg.norm(n - g) <= 1e-4 * (np.linalg.norm(n) + np.linalg.norm(g))


@right("gradient_ok")
def entry_by_entry_with_a_floor(f, grad, x):
    g = grad(x)
    floor = 1e-3 * np.linalg.norm(g)
    for i in range(len(x)):
        h = 1e-6 * max(1.0, abs(x[i]))
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        n = (f(up) - f(down)) / (2 * h)
        if not abs(n - g[i]) <= 1e-5 * max(abs(n), abs(g[i]), floor):
            return False
    return True


@right("gradient_ok")
def several_steps_and_the_best(f, grad, x):
    g = np.asarray(grad(x))
    best = np.inf
    for h in (1e-3, 1e-4, 1e-5, 1e-6):
        s = h * (1 + np.abs(x))
        n = np.array([(f(x + si * e) - f(x - si * e)) / (2 * si) for si, e in zip(s, np.eye(len(x)))])
        best = min(best, np.abs(n - g).max() / np.abs(n).max())
    return best < 1e-5


@right("gradient_ok")
def along_random_directions(f, grad, x):
    g = grad(x)
    rng = np.random.default_rng(7)
    h = 1e-5 * max(1.0, np.linalg.norm(x))
    size = np.linalg.norm(g)
    for _ in range(10):
        d = rng.normal(size=len(x))
        d /= np.linalg.norm(d)
        n = (f(x + h * d) - f(x - h * d)) / (2 * h)
        if not abs(n - g @ d) <= 1e-5 * max(size, abs(n)):
            return False
    return True


@right("gradient_ok")
def with_the_global_generator(f, grad, x):
    g, h = grad(x), 1e-6 * (1 + np.abs(x).max())
    D = np.random.randn(12, len(x))
    n = np.array([(f(x + h * d) - f(x - h * d)) / (2 * h) for d in D])
    return bool(np.linalg.norm(n - D @ g) < 1e-4 * np.linalg.norm(n))


@right("gradient_ok")
def by_a_complex_step(f, grad, x):
    n = np.array([np.imag(f(x + 1e-30j * e)) / 1e-30 for e in np.eye(len(x))])
    return np.allclose(grad(x), n, rtol=1e-6, atol=1e-12 * np.abs(n).max())


@right("gradient_ok")
def allclose_with_a_scale(f, grad, x):
    eps = np.cbrt(np.finfo(float).eps)
    steps = eps * np.maximum(np.abs(x), 1)
    n = [(f(x + s * e) - f(x - s * e)) / (2 * s) for s, e in zip(steps, np.eye(len(x)))]
    g = grad(x)
    return np.allclose(n, g, rtol=0, atol=1e-6 * np.linalg.norm(n, np.inf))


@right("gradient_ok")
def as_in_a_lecture(f, grad, x):
    g = grad(x)
    error = []
    for i, e in enumerate(np.eye(len(x))):
        n = (f(x + 1e-5 * e) - f(x - 1e-5 * e)) / 2e-5
        error.append(abs(n - g[i]) / max(1e-8, abs(n) + abs(g[i])))
    return max(error) < 1e-5


@right("gradient_ok")
def lets_numpy_complain(f, grad, x):
    n = np.array([(f(x + h) - f(x - h)) / 2e-5 for h in 1e-5 * np.eye(len(x))])
    scale = np.abs(n).mean()
    try:
        np.testing.assert_allclose(grad(x) / scale, n / scale, rtol=0, atol=1e-5)
    except AssertionError:
        return False
    return True


@right("gradient_ok")
def extrapolates_and_averages(f, grad, x):
    def slope(e, h):
        return (f(x + h * e) - f(x - h * e)) / (2 * h)

    h = 1e-3 * max(1, np.linalg.norm(x, np.inf))
    n = np.array([(4 * slope(e, h / 2) - slope(e, h)) / 3 for e in np.eye(len(x))])
    return np.sum((n - grad(x)) ** 2) / np.sum(n**2) < 1e-9


@right("gradient_ok")
def one_sided_and_patient(f, grad, x):
    y, g = f(x), grad(x)
    h = 1e-7 * np.maximum(1, np.abs(x))
    n = np.array([(f(x + np.diag(h)[i]) - y) / h[i] for i in range(len(x))])
    return np.all(np.abs(n - g) <= 1e-4 * np.abs(n).max())
