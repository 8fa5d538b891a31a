"""Attempts at ps6-flow, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

# E6.1 polar_jacobian


@wrong("polar_jacobian", loses=["e6-1-values", "e6-1-order"])
def takes_the_angle_in_degrees(r, theta, order="rt"):
    t = np.radians(theta)
    by_r = np.stack([np.cos(t), np.sin(t)], -1)
    by_t = np.stack([-r * np.sin(t), r * np.cos(t)], -1)
    return np.stack([by_r, by_t] if order == "rt" else [by_t, by_r], -1)


@wrong("polar_jacobian", loses=["e6-1-order"])
def never_looks_at_the_order(r, theta, order="rt"):
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    return np.stack([by_r, by_t], axis=-1)


@wrong("polar_jacobian", loses=["e6-1-order"])
def flips_the_rows_of_a_batch(r, theta, order="rt"):
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    J = np.stack([by_r, by_t], axis=-1)
    return J[:, ::-1] if order == "tr" else J


@wrong("polar_jacobian", loses=["e6-1-order"])
def negates_a_column_for_the_other_order(r, theta, order="rt"):
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    if order == "tr":
        by_t = -by_t
    return np.stack([by_r, by_t], axis=-1)


@wrong("polar_jacobian", loses=["e6-1-shape", "e6-1-values", "e6-1-order"])
def puts_the_matrix_axes_first(r, theta, order="rt"):
    J = np.array([[np.cos(theta), -r * np.sin(theta)], [np.sin(theta), r * np.cos(theta)]])
    return J if order == "rt" else J[:, ::-1]


@wrong("polar_jacobian", loses=["e6-1-values", "e6-1-order"])
def reshapes_instead_of_moving_axes(r, theta, order="rt"):
    J = np.array([[np.cos(theta), -r * np.sin(theta)], [np.sin(theta), r * np.cos(theta)]])
    if order == "tr":
        J = J[:, ::-1]
    return J.reshape(*np.shape(r), 2, 2)


@wrong("polar_jacobian", loses=["e6-1-values", "e6-1-order"])
def lays_gradients_in_columns(r, theta, order="rt"):
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    return np.stack([by_r, by_t] if order == "rt" else [by_t, by_r], axis=-2)


@wrong("polar_jacobian", loses=["e6-1-values", "e6-1-order"])
def forgets_the_sign_of_the_cosine(r, theta, order="rt"):
    c, s = np.cos(theta), np.sin(theta)
    cols = {"r": np.stack([c, s], -1), "t": np.stack([r * s, r * c], -1)}
    return np.stack([cols[order[0]], cols[order[1]]], -1)


@wrong("polar_jacobian", loses=["e6-1-values", "e6-1-order"])
def forgets_the_radius_in_the_second_column(r, theta, order="rt"):
    c, s = np.cos(theta), np.sin(theta)
    cols = {"r": np.stack([c, s], -1), "t": np.stack([-s, c], -1)}
    return np.stack([cols[k] for k in order], -1)


@wrong("polar_jacobian", loses=["e6-1-values"])
def believes_radii_are_positive(r, theta, order="rt"):
    r = np.abs(r)
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    return np.stack([by_r, by_t] if order == "rt" else [by_t, by_r], -1)


@wrong("polar_jacobian", loses=["e6-1-values"])
def brings_the_angle_into_range_in_place(r, theta, order="rt"):
    if np.ndim(theta) > 0:
        theta %= 2 * np.pi
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    return np.stack([by_r, by_t] if order == "rt" else [by_t, by_r], -1)


@wrong("polar_jacobian", loses=["e6-1-shape", "e6-1-values", "e6-1-order"])
def lets_torch_differentiate_the_polar_map(r, theta, order="rt"):
    def f(p):
        return torch.stack([p[..., 0] * torch.cos(p[..., 1]), p[..., 0] * torch.sin(p[..., 1])], -1)

    p = torch.stack([torch.as_tensor(r), torch.as_tensor(theta)], -1)
    J = torch.func.vmap(torch.func.jacrev(f))(p.reshape(-1, 2)).reshape(*np.shape(r), 2, 2)
    return J.numpy() if order == "rt" else J.numpy()[..., ::-1]


@wrong("polar_jacobian", loses=["e6-1-values"])
def makes_a_matrix_of_the_kind_of_r(r, theta, order="rt"):
    r = np.asarray(r)
    J = np.zeros((*r.shape, 2, 2), dtype=r.dtype)
    i, j = order.index("r"), order.index("t")
    J[..., 0, i], J[..., 1, i] = np.cos(theta), np.sin(theta)
    J[..., 0, j], J[..., 1, j] = -r * np.sin(theta), r * np.cos(theta)
    return J


@wrong("polar_jacobian", loses=["e6-1-values"])
def sets_small_entries_to_zero(r, theta, order="rt"):
    by_r = np.stack([np.cos(theta), np.sin(theta)], -1)
    by_t = np.stack([-r * np.sin(theta), r * np.cos(theta)], -1)
    J = np.stack([by_r, by_t] if order == "rt" else [by_t, by_r], -1)
    J[np.abs(J) < 1e-8] = 0.0
    return J


@right("polar_jacobian")
def moves_the_axes_of_the_matrix(r, theta, order="rt"):
    J = np.array([[np.cos(theta), -r * np.sin(theta)], [np.sin(theta), r * np.cos(theta)]])
    J = np.moveaxis(J, [0, 1], [-2, -1])
    if order == "tr":
        J = J[..., ::-1]
    return J


@right("polar_jacobian")
def fills_the_polar_matrix_by_index(r, theta, order="rt"):
    r, theta = np.asarray(r), np.asarray(theta)
    J = np.empty(r.shape + (2, 2), dtype=np.float32)
    i, j = order.index("r"), order.index("t")
    J[..., 0, i] = np.cos(theta)
    J[..., 1, i] = np.sin(theta)
    J[..., 0, j] = -r * np.sin(theta)
    J[..., 1, j] = r * np.cos(theta)
    return J


@right("polar_jacobian")
def recurses_over_the_points(r, theta, order="rt"):
    def one(r, t):
        J = [[math.cos(t), -r * math.sin(t)], [math.sin(t), r * math.cos(t)]]
        return J if order == "rt" else [row[::-1] for row in J]

    def walk(r, t):
        if np.ndim(r) == 0:
            return one(float(r), float(t))
        return [walk(a, b) for a, b in zip(r, t)]

    return walk(r, theta)


@right("polar_jacobian")
def complex_step_on_the_polar_map(r, theta, order="rt"):
    h = 1e-30

    def f(r, t):
        return np.stack([r * np.cos(t), r * np.sin(t)], axis=-1)

    by = {"r": f(r + 1j * h, theta).imag / h, "t": f(r, theta + 1j * h).imag / h}
    return np.stack([by[name] for name in order], axis=-1)


@right("polar_jacobian")
def multiplies_a_rotation_and_a_scaling(r, theta, order="rt"):
    shape = np.shape(r)
    rotation = np.empty(shape + (2, 2))
    rotation[..., 0, 0] = rotation[..., 1, 1] = np.cos(theta)
    rotation[..., 1, 0] = np.sin(theta)
    rotation[..., 0, 1] = -np.sin(theta)
    scale = np.zeros(shape + (2, 2))
    scale[..., 0, 0] = 1
    scale[..., 1, 1] = r
    J = rotation @ scale
    return J @ np.array([[0, 1], [1, 0]]) if order == "tr" else J


# E6.1 polar_logabsdet


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def returns_the_determinant_of_the_polar_map(r):
    return np.array(r)


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def logarithm_without_the_absolute_value(r):
    return np.log(r)


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def gives_nan_at_the_origin(r):
    r = np.asarray(r, dtype=float)
    return np.where(r == 0, np.nan, np.log(np.abs(np.where(r == 0, 1.0, r))))


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def keeps_away_from_the_origin(r):
    return np.log(np.abs(r) + 1e-12)


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def python_logarithms_fail_at_the_origin(r):
    if np.ndim(r) == 0:
        return math.log(abs(r))
    return [python_logarithms_fail_at_the_origin(one) for one in r]


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def gives_zero_at_the_origin(r):
    r = np.asarray(r, dtype=float)
    result = np.zeros(r.shape)
    np.log(np.abs(r), where=r != 0, out=result)
    return result


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def logarithm_of_the_square(r):
    return np.log(np.square(r))


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def logarithm_to_base_ten(r):
    return np.log10(np.abs(r))


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def takes_absolute_values_in_place(r):
    return np.log(np.abs(r, out=r)) if np.ndim(r) else np.log(np.abs(r))


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def takes_tiny_radii_for_the_origin(r):
    size = np.abs(r)
    return np.where(size < 1e-8, -np.inf, np.log(np.where(size < 1e-8, 1.0, size)))


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def logarithm_of_one_plus_the_distance_to_one(r):
    return np.log1p(np.abs(r) - 1)


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def fills_an_array_of_the_kind_of_r(r):
    out = np.zeros_like(r)
    out[...] = np.log(np.abs(r))
    return out


@wrong("polar_logabsdet", loses=["e6-1-logabsdet"])
def reads_radii_in_single_precision(r):
    return np.log(np.abs(np.asarray(r, dtype=np.float32)))


@right("polar_logabsdet")
def half_the_logarithm_of_the_square(r):
    return 0.5 * np.log(np.square(r))


@right("polar_logabsdet")
def slogdet_of_the_polar_matrix(r):
    c, s = np.cos(0.8), np.sin(0.8)
    one = np.ones_like(r, dtype=float)
    J = np.moveaxis(np.array([[c * one, -r * s], [s * one, r * c]]), [0, 1], [-2, -1])
    return np.linalg.slogdet(J)[1]


@right("polar_logabsdet")
def handles_the_origin_apart(r):
    r = np.asarray(r, dtype=np.float64)
    out = np.full(r.shape, -np.inf)
    out[r != 0] = np.log(np.abs(r[r != 0]))
    return out


@right("polar_logabsdet")
def nested_lists_of_logarithms(r):
    def log(value):
        return math.log(abs(value)) if value != 0 else float("-inf")

    if np.ndim(r) == 0:
        return log(float(r))
    if np.ndim(r) == 1:
        return [log(float(v)) for v in r]
    return [[log(float(v)) for v in row] for row in r]


@right("polar_logabsdet")
def single_precision_logarithms(r):
    with np.errstate(all="ignore"):
        return np.log(np.abs(r)).astype(np.float32)


# E6.2 polar_integral


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def forgets_the_area_factor(g, R, nr, nt):
    r = (np.arange(nr) + 0.5) * R / nr
    t = (np.arange(nt) + 0.5) * 2 * np.pi / nt
    r, t = np.meshgrid(r, t)
    return g(r * np.cos(t), r * np.sin(t)).sum() * (R / nr) * (2 * np.pi / nt)


@wrong("polar_integral", loses=["e6-2-discs"])
def reads_at_the_outer_end_of_each_cell(g, R, nr, nt):
    r = np.arange(1, nr + 1) * R / nr
    t = np.arange(1, nt + 1) * 2 * np.pi / nt
    r, t = np.meshgrid(r, t)
    return np.sum(g(r * np.cos(t), r * np.sin(t)) * r) * (R / nr) * (2 * np.pi / nt)


@wrong("polar_integral", loses=["e6-2-discs"])
def reads_at_the_inner_end_of_each_cell(g, R, nr, nt):
    total = 0.0
    for r in np.linspace(0, R, nr, endpoint=False):
        t = np.linspace(0, 2 * np.pi, nt, endpoint=False)
        total += r * np.sum(g(r * np.cos(t), r * np.sin(t)))
    return total * R / nr * 2 * np.pi / nt


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def gives_polar_coordinates_to_g(g, R, nr, nt):
    r = (np.arange(nr) + 0.5) * R / nr
    t = (np.arange(nt) + 0.5) * 2 * np.pi / nt
    r, t = np.meshgrid(r, t)
    return (g(r, t) * r).sum() * (R / nr) * (2 * np.pi / nt)


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def goes_half_way_round(g, R, nr, nt):
    r = (np.arange(nr) + 0.5) * R / nr
    t = (np.arange(nt) + 0.5) * np.pi / nt
    r, t = np.meshgrid(r, t)
    return (g(r * np.cos(t), r * np.sin(t)) * r).sum() * (R / nr) * (np.pi / nt)


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def counts_the_first_direction_twice(g, R, nr, nt):
    r = (np.arange(nr) + 0.5) * R / nr
    t = np.linspace(0, 2 * np.pi, nt)
    r, t = np.meshgrid(r, t)
    return (g(r * np.cos(t), r * np.sin(t)) * r).sum() * (R / nr) * (2 * np.pi / (nt - 1))


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def multiplies_by_the_square_of_the_radius(g, R, nr, nt):
    r = (np.arange(nr) + 0.5) * R / nr
    t = (np.arange(nt) + 0.5) * 2 * np.pi / nt
    r, t = np.meshgrid(r, t)
    return (g(r * np.cos(t), r * np.sin(t)) * r**2).sum() * (R / nr) * (2 * np.pi / nt)


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def throws_random_points(g, R, nr, nt):
    n = nr
    r, t = R * np.random.rand(n), 2 * np.pi * np.random.rand(n)
    return np.mean(g(r * np.cos(t), r * np.sin(t)) * r) * R * 2 * np.pi


@wrong("polar_integral", loses=["e6-2-discs"])
def always_goes_out_to_six(g, R, nr, nt):
    R = 6.0
    r = (np.arange(nr) + 0.5) * R / nr
    t = (np.arange(nt) + 0.5) * 2 * np.pi / nt
    r, t = np.meshgrid(r, t)
    return (g(r * np.cos(t), r * np.sin(t)) * r).sum() * (R / nr) * (2 * np.pi / nt)


@wrong("polar_integral", loses=["e6-2-values"])
def looks_along_one_direction_only(g, R, nr, nt):
    r = (np.arange(nr) + 0.5) * R / nr
    return 2 * np.pi * np.sum(g(r, 0 * r) * r) * R / nr


@wrong("polar_integral", loses=["e6-2-values", "e6-2-discs"])
def area_of_the_disc(g, R, nr, nt):
    return math.pi * R**2


@right("polar_integral")
def trapezoids_in_both_directions(g, R, nr, nt):
    r, t = np.linspace(0, R, nr + 1), np.linspace(0, 2 * np.pi, nt + 1)
    rr, tt = np.meshgrid(r, t, indexing="ij")
    inner = np.trapezoid(g(rr * np.cos(tt), rr * np.sin(tt)) * rr, t, axis=1)
    return np.trapezoid(inner, r)


@right("polar_integral")
def simpson_along_the_radius(g, R, nr, nt):
    r = np.linspace(0, R, nr + 1)
    weights = np.ones(nr + 1)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    t = 2 * np.pi * np.arange(nt) / nt
    values = np.array([np.sum(g(radius * np.cos(t), radius * np.sin(t))) for radius in r])
    return float((weights * values * r).sum() * (R / nr / 3) * 2 * np.pi / nt)


@right("polar_integral")
def gauss_in_both_directions(g, R, nr, nt):
    a, wa = np.polynomial.legendre.leggauss(nr)
    b, wb = np.polynomial.legendre.leggauss(nt)
    r, t = (a + 1) * R / 2, (b + 1) * np.pi
    values = g(np.outer(r, np.cos(t)), np.outer(r, np.sin(t)))
    return wa * r @ values @ wb * R / 2 * np.pi


@right("polar_integral")
def adds_up_cell_by_cell(g, R, nr, nt):
    dr, dt = R / nr, 2 * math.pi / nt
    total = 0.0
    for i in range(nr):
        r = (i + 0.5) * dr
        for j in range(nt):
            t = (j + 0.5) * dt
            total += float(g(r * math.cos(t), r * math.sin(t))) * r
    return total * dr * dt


@right("polar_integral")
def exact_areas_of_the_cells(g, R, nr, nt):
    edges = np.linspace(0, R, nr + 1)
    areas = (edges[1:] ** 2 - edges[:-1] ** 2) / 2 * (2 * np.pi / nt)
    r = (edges[1:] + edges[:-1]) / 2
    t = np.arange(nt) * 2 * np.pi / nt
    return np.einsum("i,ij->", areas, g(np.outer(r, np.cos(t)), np.outer(r, np.sin(t))))


@right("polar_integral")
def points_that_include_both_ends(g, R, nr, nt):
    r, t = np.linspace(0, R, nr), np.linspace(0, 2 * np.pi, nt)
    rr, tt = np.meshgrid(r, t)
    f = rr * g(rr * np.cos(tt), rr * np.sin(tt))
    return np.trapezoid(np.trapezoid(f, r, axis=1), t)


# E6.3 pushforward_density


@wrong("pushforward_density", loses=["e6-3-values", "e6-3-decreasing"])
def subtracts_the_derivative_of_the_inverse(log_p, finv, dfinv):
    return lambda y: log_p(finv(y)) - np.log(np.abs(dfinv(y)))


@wrong("pushforward_density", loses=["e6-3-decreasing"])
def takes_the_derivative_without_its_absolute_value(log_p, finv, dfinv):
    def log_q(y):
        return log_p(finv(y)) + np.log(dfinv(y))

    return log_q


@wrong("pushforward_density", loses=["e6-3-decreasing", "e6-3-inputs"])
def flips_the_sign_of_the_density_instead(log_p, finv, dfinv):
    def log_q(y):
        density = np.exp(log_p(finv(y))) * dfinv(y)
        return np.sign(density) * np.log(np.abs(density))

    return log_q


@wrong("pushforward_density", loses=["e6-3-values", "e6-3-decreasing", "e6-3-inputs"])
def evaluates_the_density_at_y(log_p, finv, dfinv):
    return lambda y: log_p(y) + np.log(np.abs(dfinv(y)))


@wrong("pushforward_density", loses=["e6-3-values", "e6-3-decreasing"])
def leaves_out_the_volume(log_p, finv, dfinv):
    return lambda y: log_p(finv(y))


@wrong("pushforward_density", loses=["e6-3-values", "e6-3-decreasing", "e6-3-inputs"])
def returns_the_density_itself(log_p, finv, dfinv):
    def q(y):
        return np.exp(log_p(finv(y))) * np.abs(dfinv(y))

    return q


@wrong("pushforward_density", loses=["e6-3-values", "e6-3-decreasing", "e6-3-inputs"])
def returns_values_on_a_grid_of_its_own(log_p, finv, dfinv):
    y = np.linspace(0.1, 5, 50)
    return log_p(finv(y)) + np.log(np.abs(dfinv(y)))


@wrong("pushforward_density", loses=["e6-3-values", "e6-3-decreasing"])
def differentiates_at_x(log_p, finv, dfinv):
    def log_q(y):
        x = finv(y)
        return log_p(x) + np.log(np.abs(dfinv(x)))

    return log_q


@wrong("pushforward_density", loses=["e6-3-inputs"])
def expects_a_row_of_numbers(log_p, finv, dfinv):
    def log_q(y):
        return [log_p(finv(v)) + math.log(abs(dfinv(v))) for v in y]

    return log_q


@wrong("pushforward_density", loses=["e6-3-inputs"])
def remembers_only_the_last_map(log_p, finv, dfinv):
    global _last_map
    _last_map = log_p, finv, dfinv

    def log_q(y):
        p, inverse, slope = _last_map
        return p(inverse(y)) + np.log(np.abs(slope(y)))

    return log_q


@wrong("pushforward_density", loses=["e6-3-inputs"])
def inverts_in_place(log_p, finv, dfinv):
    def log_q(y):
        volume = np.log(np.abs(dfinv(y)))
        if np.ndim(y):
            y[...] = finv(y)
            return log_p(y) + volume
        return log_p(finv(y)) + volume

    return log_q


@wrong("pushforward_density", loses=["e6-3-values"])
def reverses_the_sign_for_increasing_maps(log_p, finv, dfinv):
    def log_q(y):
        slope = dfinv(y)
        return log_p(finv(y)) - np.sign(slope) * np.log(np.abs(slope))

    return log_q


@wrong("pushforward_density", loses=["e6-3-inputs"])
def goes_through_the_density(log_p, finv, dfinv):
    def log_q(y):
        p = np.exp(log_p(finv(y)))
        return np.log(p * abs(dfinv(y)))

    return log_q


@wrong("pushforward_density", loses=["e6-3-inputs"])
def fills_an_array_of_the_kind_of_y(log_p, finv, dfinv):
    def log_q(y):
        out = np.empty_like(y)
        out[...] = log_p(finv(y)) + np.log(np.abs(dfinv(y)))
        return out

    return log_q


@wrong("pushforward_density", loses=["e6-3-decreasing"])
def reads_the_direction_at_one(log_p, finv, dfinv):
    direction = np.sign(dfinv(1.0))
    return lambda y: log_p(finv(y)) + np.log(direction * dfinv(y))


@right("pushforward_density")
def a_lambda_in_log_space(log_p, finv, dfinv):
    return lambda y: np.log(np.abs(dfinv(y))) + log_p(finv(y))


@right("pushforward_density")
def divides_by_the_derivative_of_f(log_p, finv, dfinv):
    def log_q(y):
        slope_of_f = 1 / np.asarray(dfinv(y))
        return log_p(finv(y)) - np.log(np.sqrt(slope_of_f**2))

    return log_q


@right("pushforward_density")
def an_object_that_can_be_called(log_p, finv, dfinv):
    class Pushed:
        def __init__(self, log_p, finv, dfinv):
            self.parts = log_p, finv, dfinv

        def __call__(self, y):
            log_p, finv, dfinv = self.parts
            return 0.5 * np.log(dfinv(y) ** 2) + log_p(finv(y))

    return Pushed(log_p, finv, dfinv)


@right("pushforward_density")
def one_entry_at_a_time(log_p, finv, dfinv):
    def single(y):
        slope = float(dfinv(y))
        return float(log_p(finv(y))) + math.log(slope if slope > 0 else -slope)

    def log_q(y):
        y = np.asarray(y, dtype=float)
        return np.array([single(v) for v in y.ravel()]).reshape(y.shape)

    return log_q


# E6.4 affine_log_prob


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def multiplies_by_the_matrix(y, A, b):
    z = (y - b) @ A.T
    d = len(b)
    return -0.5 * (z**2).sum(-1) - d / 2 * np.log(2 * np.pi) - np.linalg.slogdet(A)[1]


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def adds_the_log_determinant(y, A, b):
    z = np.linalg.solve(A, (y - b).T).T
    d = len(b)
    return -0.5 * (z**2).sum(-1) - d / 2 * np.log(2 * np.pi) + np.linalg.slogdet(A)[1]


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def determinant_of_the_covariance_without_one_half(y, A, b):
    C = A @ A.T
    r = y - b
    quad = np.sum(r * np.linalg.solve(C, r.T).T, axis=-1)
    return -0.5 * quad - len(b) / 2 * np.log(2 * np.pi) - np.log(np.linalg.det(C))


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def forgets_the_shift(y, A, b):
    z = np.linalg.solve(A, y.T).T
    return -0.5 * (z**2).sum(-1) - len(b) / 2 * np.log(2 * np.pi) - np.linalg.slogdet(A)[1]


@wrong("affine_log_prob", loses=["e6-4-orientation"])
def logarithm_of_a_negative_determinant(y, A, b):
    z = np.linalg.solve(A, (y - b).T).T
    return -0.5 * (z**2).sum(-1) - len(b) / 2 * np.log(2 * np.pi) - np.log(np.linalg.det(A))


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def forgets_the_volume_of_the_matrix(y, A, b):
    z = np.linalg.solve(A, (y - b).T).T
    return -0.5 * (z**2).sum(-1) - len(b) / 2 * np.log(2 * np.pi)


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def counts_the_constant_once(y, A, b):
    z = np.linalg.solve(A, (y - b).T).T
    return -0.5 * (z**2).sum(-1) - 0.5 * np.log(2 * np.pi) - np.linalg.slogdet(A)[1]


@wrong("affine_log_prob", loses=["e6-4-values"])
def takes_a_square_batch_for_columns(y, A, b):
    rest = y - b
    if rest.shape[0] == A.shape[0]:
        z = np.linalg.solve(A, rest)
    else:
        z = np.linalg.solve(A, rest.T).T
    return -0.5 * (z**2).sum(-1) - len(b) / 2 * np.log(2 * np.pi) - np.linalg.slogdet(A)[1]


@wrong("affine_log_prob", loses=["e6-4-inputs"])
def expects_a_batch(y, A, b):
    out = []
    for row in y:
        z = np.linalg.inv(A) @ (row - b)
        out.append(-0.5 * z @ z - len(b) / 2 * np.log(2 * np.pi) - np.linalg.slogdet(A)[1])
    return np.array(out)


@wrong("affine_log_prob", loses=["e6-4-inputs"])
def takes_the_logarithm_at_the_end(y, A, b):
    z = np.linalg.solve(A, (y - b).T).T
    density = np.exp(-0.5 * (z**2).sum(-1)) / np.sqrt((2 * np.pi) ** len(b)) / abs(np.linalg.det(A))
    return np.log(density)


@wrong("affine_log_prob", loses=["e6-4-inputs"])
def subtracts_the_shift_in_place(y, A, b):
    y -= b
    z = np.linalg.solve(A, y.T).T
    return -0.5 * (z**2).sum(-1) - len(b) / 2 * np.log(2 * np.pi) - np.linalg.slogdet(A)[1]


@wrong("affine_log_prob", loses=["e6-4-values", "e6-4-orientation", "e6-4-inputs"])
def asks_the_distribution_of_torch(y, A, b):
    A = torch.tensor(A)
    normal = torch.distributions.MultivariateNormal(torch.tensor(b), A @ A.T)
    return normal.log_prob(torch.tensor(y)).numpy()


@right("affine_log_prob")
def inverts_the_matrix(y, A, b):
    z = (y - b) @ np.linalg.inv(A).T
    log_p = -0.5 * np.einsum("...i,...i->...", z, z) - 0.5 * len(b) * np.log(2 * np.pi)
    return log_p - np.log(abs(np.linalg.det(A)))


@right("affine_log_prob")
def works_with_the_covariance(y, A, b):
    C = A @ A.T
    r = y - b
    quadratic = np.sum((r @ np.linalg.inv(C)) * r, axis=-1)
    sign, logdet = np.linalg.slogdet(2 * np.pi * C)
    return -0.5 * (quadratic + logdet)


@right("affine_log_prob")
def uses_a_cholesky_factor(y, A, b):
    L = np.linalg.cholesky(A @ A.T)
    r = np.atleast_2d(y - b)
    z = np.linalg.solve(L, r.T)
    out = -0.5 * np.sum(z * z, axis=0) - np.log(np.diag(L)).sum() - len(b) * np.log(2 * np.pi) / 2
    return out if np.ndim(y) == 2 else out[0]


@right("affine_log_prob")
def goes_through_qr(y, A, b):
    Q, R = np.linalg.qr(A)

    def one(row):
        rhs = Q.T @ (row - b)
        z = np.zeros(len(b))
        for i in reversed(range(len(b))):
            z[i] = (rhs[i] - R[i, i + 1 :] @ z[i + 1 :]) / R[i, i]
        return -0.5 * float(z @ z) - len(b) / 2 * math.log(2 * math.pi) - sum(math.log(abs(v)) for v in np.diag(R))

    return one(y) if y.ndim == 1 else [one(row) for row in y]


@right("affine_log_prob")
def single_precision_at_the_end(y, A, b):
    z = np.linalg.solve(A, (y - b)[..., None])[..., 0]
    out = -0.5 * np.sum(z**2, axis=-1) - len(b) / 2 * np.log(2 * np.pi) - np.linalg.slogdet(A).logabsdet
    return np.float32(out)


# E6.5 log_abs_det


@wrong("log_abs_det", loses=["e6-5-large"])
def logarithm_of_the_finished_determinant(A):
    det = np.linalg.det(A)
    return np.sign(det), np.log(np.abs(det))


@wrong("log_abs_det", loses=["e6-5-values", "e6-5-pivots", "e6-5-large"])
def loses_the_sign(A):
    return np.abs(np.linalg.slogdet(A)[0]), np.linalg.slogdet(A)[1]


@wrong("log_abs_det", loses=["e6-5-values", "e6-5-pivots", "e6-5-large", "e6-5-singular"])
def logarithm_without_sign_handling(A):
    d = np.linalg.det(A)
    return (1.0 if d > 0 else -1.0), np.log(d)


@wrong("log_abs_det", loses=["e6-5-values", "e6-5-pivots", "e6-5-large"])
def forgets_the_row_exchanges(A):
    U, sign, logabs = np.array(A, dtype=float), 1.0, 0.0
    for k in range(len(U)):
        p = k + np.argmax(np.abs(U[k:, k]))
        if U[p, k] == 0:
            return 0.0, -np.inf
        U[[k, p]] = U[[p, k]]
        sign *= np.sign(U[k, k])
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-pivots"])
def never_exchanges_rows(A):
    U, logabs, sign = np.array(A, dtype=np.float64), 0.0, 1.0
    for k in range(len(U)):
        if not U[k].any():
            return 0.0, -np.inf
        sign *= np.sign(U[k, k])
        logabs += np.log(np.abs(U[k, k]))
        U[k + 1 :] -= U[k] * (U[k + 1 :, k] / U[k, k])[:, None]
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-pivots"])
def counts_rows_out_of_place(A):
    U, swapped = np.array(A, dtype=float), False
    sign, logabs = 1.0, 0.0
    for k in range(len(U)):
        p = k
        while p < len(U) and U[p, k] == 0:
            p += 1
        if p == len(U):
            return 0.0, -np.inf
        if p != k:
            U[[k, p]] = U[[p, k]]
            swapped = True
        sign *= np.sign(U[k, k])
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return (-sign if swapped else sign), logabs


@wrong("log_abs_det", loses=["e6-5-singular"])
def raises_for_singular_matrices(A):
    if np.linalg.matrix_rank(A) < len(A):
        raise np.linalg.LinAlgError("the matrix is singular")
    return np.linalg.slogdet(A)


@wrong("log_abs_det", loses=["e6-5-singular"])
def caps_the_logarithm_from_below(A):
    sign, logabs = np.linalg.slogdet(A)
    return sign, max(logabs, -1e4)


@wrong("log_abs_det", loses=["e6-5-singular"])
def divides_by_a_pivot_of_zero(A):
    U, sign, logabs = np.array(A, dtype=float), 1.0, 0.0
    for k in range(len(U)):
        p = k + int(np.argmax(np.abs(U[k:, k])))
        if p != k:
            U[[k, p]] = U[[p, k]]
            sign = -sign
        sign = sign if U[k, k] > 0 else -sign
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-values"])
def eliminates_in_the_argument(A):
    sign, logabs = 1.0, 0.0
    for k in range(len(A)):
        p = k + np.argmax(np.abs(A[k:, k]))
        if A[p, k] == 0:
            return 0.0, -np.inf
        if p != k:
            A[[k, p]] = A[[p, k]]
            sign = -sign
        sign *= np.sign(A[k, k])
        logabs += np.log(abs(float(A[k, k])))
        A[k + 1 :] -= np.outer(A[k + 1 :, k] / A[k, k], A[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-singular"])
def calls_small_matrices_singular(A):
    if np.linalg.svd(A, compute_uv=False).min() < 1e-8:
        return 0.0, -np.inf
    return np.linalg.slogdet(A)


@wrong("log_abs_det", loses=["e6-5-values", "e6-5-pivots", "e6-5-large", "e6-5-singular"])
def returns_the_logarithm_alone(A):
    return np.linalg.slogdet(A)[1]


@wrong("log_abs_det", loses=["e6-5-values", "e6-5-pivots", "e6-5-large", "e6-5-singular"])
def asks_the_slogdet_of_torch(A):
    sign, logabs = torch.linalg.slogdet(torch.as_tensor(A))
    return float(sign), float(logabs)


@wrong("log_abs_det", loses=["e6-5-values", "e6-5-pivots", "e6-5-large"])
def exchanges_views_of_rows(A):
    U, sign, logabs = np.array(A, dtype=float), 1.0, 0.0
    for k in range(len(U)):
        p = k + np.argmax(np.abs(U[k:, k]))
        if U[p, k] == 0:
            return 0.0, -np.inf
        if p != k:
            U[k], U[p] = U[p], U[k]
            sign = -sign
        sign *= np.sign(U[k, k])
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-pivots"])
def picks_the_largest_pivot_with_its_sign(A):
    U, sign, logabs = np.array(A, dtype=float), 1.0, 0.0
    for k in range(len(U)):
        p = k + np.argmax(U[k:, k])
        if U[p, k] == 0:
            return 0.0, -np.inf
        if p != k:
            U[[k, p]] = U[[p, k]]
            sign = -sign
        sign *= np.sign(U[k, k])
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-pivots"])
def exchanges_rows_only_for_a_pivot_of_zero(A):
    U, sign, logabs = np.array(A, dtype=float), 1.0, 0.0
    for k in range(len(U)):
        rows = np.flatnonzero(U[k:, k])
        if len(rows) == 0:
            return 0.0, -np.inf
        if p := rows[0]:
            U[[k, k + p]] = U[[k + p, k]]
            sign = -sign
        sign *= np.sign(U[k, k])
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-singular"])
def takes_small_pivots_for_zero(A):
    U, sign, logabs = np.array(A, dtype=float), 1.0, 0.0
    for k in range(len(U)):
        p = k + np.argmax(np.abs(U[k:, k]))
        if abs(U[p, k]) < 1e-10:
            return 0.0, -np.inf
        if p != k:
            U[[k, p]] = U[[p, k]]
            sign = -sign
        sign *= np.sign(U[k, k])
        logabs += np.log(abs(U[k, k]))
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return sign, logabs


@wrong("log_abs_det", loses=["e6-5-pivots"])
def multiplies_signs_of_real_parts(A):
    eigenvalues = np.linalg.eigvals(np.asarray(A, dtype=np.float64))
    if np.abs(eigenvalues).min() == 0:
        return 0.0, -np.inf
    return np.prod(np.sign(eigenvalues.real)), np.log(np.abs(eigenvalues)).sum()


@right("log_abs_det")
def asks_numpy(A):
    return np.linalg.slogdet(A)


@right("log_abs_det")
def python_numbers_from_numpy(A):
    sign, logabs = np.linalg.slogdet(A)
    return [float(sign), float(logabs)]


@right("log_abs_det")
def eliminates_with_row_exchanges(A):
    U = A.astype(np.float64)
    n, swaps = len(U), 0
    for k in range(n - 1):
        p = k + np.argmax(abs(U[k:, k]))
        if U[p, k] == 0:
            return (0, -np.inf)
        if p != k:
            U[[p, k]] = U[[k, p]]
            swaps += 1
        U[k + 1 :, k:] -= (U[k + 1 :, k] / U[k, k])[:, None] * U[k, k:]
    d = np.diag(U)
    if d[-1] == 0:
        return (0, -np.inf)
    return int((-1) ** swaps * np.prod(np.sign(d))), np.log(np.abs(d)).sum()


@right("log_abs_det")
def reflects_with_qr(A):
    if not A.any(axis=1).all():
        return 0.0, -np.inf
    Q, R = np.linalg.qr(A.astype(float))
    d = np.diag(R)
    return float(np.sign(np.linalg.det(Q)) * np.prod(np.sign(d))), float(np.sum(np.log(np.abs(d))))


@right("log_abs_det")
def singular_values_and_a_sign(A):
    s = np.linalg.svd(A.astype(np.float64), compute_uv=False)
    if s[-1] <= 1e-14 * s[0] or s[0] == 0:
        return 0.0, -math.inf
    return np.linalg.slogdet(A)[0], np.log(s).sum()


@right("log_abs_det")
def scales_rows_before_the_determinant(A):
    sign, total, M = 1.0, 0.0, np.array(A, dtype=float)
    while len(M) > 0:
        i, j = np.unravel_index(np.argmax(np.abs(M)), M.shape)
        pivot = M[i, j]
        if pivot == 0:
            return 0.0, -np.inf
        sign *= np.sign(pivot) * (-1) ** int(i + j)
        total += math.log(abs(pivot))
        row, column = np.delete(M[i], j), np.delete(M[:, j], i)
        M = np.delete(np.delete(M, i, 0), j, 1) - np.outer(column / pivot, row)
        if len(M) > 200:
            s, rest = np.linalg.slogdet(M)
            return float(sign * s), total + float(rest)
    return sign, total


# E6.6 triangular_logdet


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def adds_the_diagonal(L):
    return np.trace(L)


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def logarithms_of_a_signed_diagonal(L):
    return np.sum(np.log(np.diag(L)))


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def multiplies_the_diagonal_first(L):
    return np.log(np.abs(np.prod(np.diag(L))))


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def logarithm_of_the_triangular_determinant(L):
    return np.log(abs(np.linalg.det(L)))


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def adds_absolute_values(L):
    return np.abs(np.diag(L)).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def leaves_out_negative_entries(L):
    diagonal = np.diag(L)
    return np.log(diagonal[diagonal > 0]).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-values"])
def takes_absolute_values_inside_the_matrix(L):
    L[np.diag_indices(len(L))] = np.abs(np.diag(L))
    return np.log(np.diag(L)).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def keeps_the_terms_apart(L):
    return np.log(np.abs(np.diag(L)))


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def lets_torch_take_the_diagonal(L):
    return float(torch.log(torch.abs(torch.diagonal(torch.as_tensor(L)))).sum())


@wrong("triangular_logdet", loses=["e6-6-triangular-values", "e6-6-triangular-large"])
def adds_logarithms_of_all_entries(L):
    return np.log(np.abs(L[np.tril_indices(len(L))])).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def multiplies_first_if_an_entry_is_negative(L):
    diagonal = np.diag(L)
    if (diagonal < 0).any():
        return np.log(abs(np.prod(diagonal)))
    return np.log(diagonal).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def multiplies_in_extended_precision(L):
    return float(np.log(np.abs(np.prod(np.diag(L).astype(np.longdouble)))))


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def multiplies_fifty_entries_at_a_time(L):
    d = np.abs(np.diag(L))
    return sum(np.log(np.prod(d[i : i + 50])) for i in range(0, len(d), 50))


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def adds_a_small_number_to_the_diagonal(L):
    return np.log(np.abs(np.diag(L)) + 1e-12).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def half_the_sum_of_squares(L):
    return 0.5 * np.log(np.einsum("ii->i", L) ** 2).sum()


@wrong("triangular_logdet", loses=["e6-6-triangular-large"])
def diagonal_in_single_precision(L):
    return np.log(np.abs(L.diagonal().astype(np.float32))).sum()


@right("triangular_logdet")
def loops_over_the_diagonal(L):
    total = 0.0
    for i in range(len(L)):
        total += math.log(abs(L[i, i]))
    return total


@right("triangular_logdet")
def slogdet_of_the_triangle(L):
    return np.linalg.slogdet(L)[1]


@right("triangular_logdet")
def returned_in_single_precision(L):
    return np.float32(np.log(np.abs(L.diagonal())).sum())


@right("triangular_logdet")
def multiplies_mantissas(L):
    mantissas, exponents = np.frexp(np.abs(np.diag(L)))
    total = exponents.sum() * math.log(2)
    for mantissa in mantissas:
        total += math.log(mantissa)
    return np.array(total)


# E6.6 planar_flow


@wrong("planar_flow", loses=["e6-6-planar-logdet", "e6-6-planar-folds", "e6-6-planar-large"])
def determinant_without_the_derivative(z, u, w, b):
    h = np.tanh(z @ w + b)
    return z + h[:, None] * u, np.log(np.abs(1 + u @ w)) * np.ones(len(z))


@wrong("planar_flow", loses=["e6-6-planar-logdet", "e6-6-planar-folds", "e6-6-planar-large"])
def determinant_with_tanh_itself(z, u, w, b):
    h = np.tanh(z @ w + b)
    return z + h[:, None] * u, np.log(np.abs(1 + u @ w * h))


@wrong("planar_flow", loses=["e6-6-planar-folds"])
def logarithm_of_the_bare_determinant(z, u, w, b):
    a = z @ w + b
    x = z + np.tanh(a)[:, None] * u
    return x, np.log(1 + u @ w / np.cosh(a) ** 2)


@wrong("planar_flow", loses=["e6-6-planar-folds"])
def clips_the_determinant(z, u, w, b):
    a = z @ w + b
    x = z + np.tanh(a)[:, None] * u
    return x, np.log(np.maximum(1 + u @ w / np.cosh(a) ** 2, 1e-6))


@wrong("planar_flow", loses=["e6-6-planar-large"])
def forms_every_jacobian(z, u, w, b):
    h = np.tanh(z @ w + b)
    x = z + h[:, None] * u
    d = z.shape[1]
    logdet = [np.linalg.slogdet(np.eye(d) + (1 - t**2) * np.outer(u, w))[1] for t in h]
    return x, np.array(logdet)


@wrong("planar_flow", loses=["e6-6-planar-points"])
def exchanges_both_directions_of_the_push(z, u, w, b):
    x = z + np.tanh(z @ u + b)[:, None] * w
    h = np.tanh(z @ w + b)
    return x, np.log(np.abs(1 + w @ u * (1 - h**2)))


@wrong("planar_flow", loses=["e6-6-planar-points"])
def returns_the_push_alone(z, u, w, b):
    h = np.tanh(z @ w + b)
    return np.outer(h, u), np.log(np.abs(1 + u @ w * (1 - h**2)))


@wrong("planar_flow", loses=["e6-6-planar-points"])
def moves_the_points_in_place(z, u, w, b):
    h = np.tanh(z @ w + b)
    z += np.outer(h, u)
    return z, np.log(np.abs(1 + u @ w * (1 - h**2)))


@wrong("planar_flow", loses=["e6-6-planar-logdet"])
def one_determinant_for_the_whole_batch(z, u, w, b):
    h = np.tanh(z @ w + b)
    x = z + h[:, None] * u
    slope = np.mean(1 - h**2)
    return x, np.full(len(z), np.log(np.abs(1 + u @ w * slope)))


@wrong("planar_flow", loses=["e6-6-planar-shape", "e6-6-planar-logdet"])
def adds_up_the_batch(z, u, w, b):
    h = np.tanh(z @ w + b)
    logdet = np.log(np.abs(1 + u @ w * (1 - h**2)))
    return z + h[:, None] * u, np.sum(logdet, keepdims=True)


@wrong("planar_flow", loses=["e6-6-planar-logdet", "e6-6-planar-folds", "e6-6-planar-large"])
def log_determinant_of_the_inverse(z, u, w, b):
    h = np.tanh(z @ w + b)
    return z + h[:, None] * u, -np.log(np.abs(1 + u @ w * (1 - h**2)))


@wrong("planar_flow", loses=["e6-6-planar-shape", "e6-6-planar-points", "e6-6-planar-logdet"])
def relies_on_broadcasting_of_the_push(z, u, w, b):
    h = np.tanh(z @ w + b)
    return z + h * u, np.log(np.abs(1 + u @ w * (1 - h**2)))


@wrong(
    "planar_flow",
    loses=["e6-6-planar-logdet", "e6-6-planar-folds", "e6-6-planar-large"],
)
def multiplies_u_and_w_entry_by_entry(z, u, w, b):
    h = np.tanh(z @ w + b)
    diagonal = 1 + np.outer(1 - h**2, u * w)
    return z + h[:, None] * u, np.log(np.abs(diagonal)).sum(axis=1)


@wrong("planar_flow", loses=["e6-6-planar-points"])
def tanh_from_exponentials(z, u, w, b):
    a = z @ w + b
    h = (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))
    return z + h[:, None] * u, np.log(np.abs(1 + u @ w * (1 - h**2)))


@wrong("planar_flow", loses=["e6-6-planar-folds"])
def adds_a_small_number_to_the_planar_determinant(z, u, w, b):
    h = np.tanh(z @ w + b)
    return z + h[:, None] * u, np.log(np.abs(1 + u @ w * (1 - h**2)) + 1e-6)


@right("planar_flow")
def by_the_determinant_lemma(z, u, w, b):
    h = np.tanh(np.dot(z, w) + b)
    x = z + np.outer(h, u)
    return x, np.log(np.abs(1.0 + np.dot(w, u) * (1.0 - h * h)))


@right("planar_flow")
def point_by_point(z, u, w, b):
    xs, logdets = [], []
    for point in z:
        a = float(sum(p * q for p, q in zip(point, w))) + b
        xs.append(point + u * math.tanh(a))
        logdets.append(math.log(abs(1 + float(u @ w) * (1 - math.tanh(a) ** 2))))
    return [np.array(xs), logdets]


@right("planar_flow")
def keeps_the_axis_of_the_activation(z, u, w, b):
    a = z @ w.reshape(-1, 1) + b
    psi = (1 - np.tanh(a) ** 2) * w
    return z + u * np.tanh(a), np.log(np.abs(1 + psi @ u))


@right("planar_flow")
def eigenvalue_of_a_rank_one_change(z, u, w, b):
    h = np.tanh(np.einsum("bi,i->b", z, w) + b)
    eigenvalue = 1 + np.einsum("i,i,b->b", u, w, 1 - h**2)
    x = z + np.einsum("b,i->bi", h, u)
    return x.astype(np.float32), (0.5 * np.log(eigenvalue**2)).astype(np.float32)


@right("planar_flow")
def slope_by_a_central_difference(z, u, w, b):
    a, e = z @ w + b, 1e-6
    slope = (np.tanh(a + e) - np.tanh(a - e)) / (2 * e)
    return z + np.tanh(a)[:, np.newaxis] * u, np.log(np.abs(1 + slope * (u @ w)))


# E6.7 coupling_forward


@wrong("coupling_forward", loses=["e6-7-forward-logdet", "e6-7-round-trip"])
def forward_adds_the_scales(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), ((1 - mask) * torch.exp(s)).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-logdet", "e6-7-round-trip"])
def forward_negates_the_logdet(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), -((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-logdet", "e6-7-round-trip"])
def forward_takes_the_mean(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), ((1 - mask) * s).mean(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-logdet", "e6-7-round-trip"])
def forward_without_a_logdet(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), torch.zeros(len(z), dtype=z.dtype)


@wrong("coupling_forward", loses=["e6-7-forward-logdet"])
def forward_counts_every_s(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), s.sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-logdet"])
def forward_takes_the_log_of_the_product(z, mask, net):
    s, t = net(mask * z)
    scale = torch.where(mask == 1, torch.ones_like(z), torch.exp(s))
    return mask * z + (1 - mask) * (z * scale + t), torch.log(scale.prod(dim=1))


@wrong("coupling_forward", loses=["e6-7-forward-shape", "e6-7-forward-logdet", "e6-7-round-trip"])
def forward_sums_over_the_batch(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), ((1 - mask) * s).sum()


@wrong("coupling_forward", loses=["e6-7-forward-points", "e6-7-forward-logdet", "e6-7-round-trip"])
def forward_inverts_the_mask(z, mask, net):
    s, t = net((1 - mask) * z)
    return (1 - mask) * z + mask * (z * torch.exp(s) + t), (mask * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points"])
def forward_moves_the_kept_half_too(z, mask, net):
    s, t = net(mask * z)
    return z * torch.exp(s) + t, ((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points", "e6-7-forward-logdet", "e6-7-round-trip"])
def forward_shows_the_net_everything(z, mask, net):
    s, t = net(z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), ((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points", "e6-7-forward-logdet", "e6-7-round-trip"])
def forward_reads_the_moving_half(z, mask, net):
    s, t = net((1 - mask) * z)
    return mask * z + (1 - mask) * (z * torch.exp(s) + t), ((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points", "e6-7-round-trip"])
def forward_forgets_the_shift(z, mask, net):
    s, _ = net(mask * z)
    return mask * z + (1 - mask) * z * torch.exp(s), ((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points", "e6-7-round-trip"])
def forward_shifts_before_it_scales(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z + t) * torch.exp(s), ((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points", "e6-7-forward-logdet", "e6-7-round-trip"])
def forward_scales_by_s_itself(z, mask, net):
    s, t = net(mask * z)
    return mask * z + (1 - mask) * (z * s + t), ((1 - mask) * torch.log(s.abs())).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-forward-points"])
def forward_masks_its_argument(z, mask, net):
    old = z.clone()
    z *= mask
    s, t = net(z)
    return z + (1 - mask) * (old * torch.exp(s) + t), ((1 - mask) * s).sum(dim=1)


@wrong("coupling_forward", loses=["e6-7-round-trip"])
def forward_in_single_precision_inside(z, mask, net):
    s, t = (part.float() for part in net(mask * z))
    z, mask = z.float(), mask.float()
    x = mask * z + (1 - mask) * (z * torch.exp(s) + t)
    return x.double(), ((1 - mask) * s).sum(dim=1).double()


@right("coupling_forward")
def forward_by_where(z, mask, net):
    s, t = net(mask * z)
    moves = mask == 0
    x = torch.where(moves, z * s.exp() + t, z)
    return x, torch.where(moves, s, torch.zeros_like(s)).sum(-1)


@right("coupling_forward")
def forward_by_index(z, mask, net):
    moving = [j for j in range(len(mask)) if mask[j] == 0]
    s, t = net(z * mask)
    x = z.clone()
    for j in moving:
        x[:, j] = z[:, j] * torch.exp(s[:, j]) + t[:, j]
    return x, s[:, moving].sum(dim=1)


@right("coupling_forward")
def forward_point_by_point(z, mask, net):
    images, logdets = [], []
    for point in z:
        s, t = net((mask * point).unsqueeze(0))
        total, image = 0.0, []
        for j in range(len(point)):
            if mask[j] > 0.5:
                image.append(float(point[j]))
            else:
                image.append(float(point[j]) * math.exp(float(s[0, j])) + float(t[0, j]))
                total += float(s[0, j])
        images.append(image)
        logdets.append(total)
    return images, logdets


@right("coupling_forward")
def forward_by_the_whole_jacobian(z, mask, net):
    def layer(point):
        s, t = net((mask * point)[None])
        return mask * point + (1 - mask) * (point * torch.exp(s[0]) + t[0])

    x = torch.stack([layer(point) for point in z])
    J = torch.stack([torch.autograd.functional.jacobian(layer, point) for point in z])
    return x, torch.linalg.slogdet(J)[1]


@right("coupling_forward")
def forward_returned_in_single_precision(z, mask, net):
    s, t = net(mask * z)
    log_scale = s * (1 - mask)
    x = z * torch.exp(log_scale) + (1 - mask) * t
    return [x.float(), log_scale.sum(dim=1).float()]


@right("coupling_forward")
def forward_by_vmap(z, mask, net):
    def layer(point):
        s, t = net((mask * point)[None])
        log_scale = (1 - mask) * s[0]
        return point * torch.exp(log_scale) + (1 - mask) * t[0], log_scale.sum()

    return torch.func.vmap(layer)(z)


@right("coupling_forward")
def forward_in_numpy(z, mask, net):
    with torch.no_grad():
        s, t = net(mask * z)
    z, m, s, t = (part.numpy() for part in (z, mask, s, t))
    return np.where(m == 1, z, z * np.exp(s) + t), (s * (m == 0)).sum(axis=1)


# E6.7 coupling_inverse


@wrong("coupling_inverse", loses=["e6-7-inverse-logdet", "e6-7-round-trip"])
def inverse_keeps_the_forward_sign(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) * torch.exp(-s), ((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-logdet", "e6-7-round-trip"])
def inverse_without_a_logdet(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) * torch.exp(-s), 0.0 * x[:, 0]


@wrong("coupling_inverse", loses=["e6-7-inverse-logdet", "e6-7-round-trip"])
def inverse_inverts_the_sum(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) / torch.exp(s), 1 / ((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-logdet"])
def inverse_counts_every_s(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) * torch.exp(-s), -s.sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-shape", "e6-7-inverse-logdet", "e6-7-round-trip"])
def inverse_sums_over_the_batch(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) * torch.exp(-s), -((1 - mask) * s).sum()


@wrong("coupling_inverse", loses=["e6-7-inverse-points", "e6-7-round-trip"])
def inverse_scales_before_it_shifts(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x * torch.exp(-s) - t), -((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-points", "e6-7-inverse-logdet", "e6-7-round-trip"])
def inverse_inverts_the_mask(x, mask, net):
    s, t = net((1 - mask) * x)
    return (1 - mask) * x + mask * (x - t) * torch.exp(-s), -(mask * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-points", "e6-7-inverse-logdet", "e6-7-round-trip"])
def inverse_shows_the_net_everything(x, mask, net):
    s, t = net(x)
    return mask * x + (1 - mask) * (x - t) * torch.exp(-s), -((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-points", "e6-7-round-trip"])
def inverse_is_the_forward_map(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x * torch.exp(s) + t), -((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-points"])
def inverse_works_in_place(x, mask, net):
    s, t = net(mask * x)
    x -= (1 - mask) * t
    x *= torch.exp(-(1 - mask) * s)
    return x, -((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-round-trip"])
def inverse_in_single_precision_inside(x, mask, net):
    s, t = (part.float() for part in net(mask * x))
    x, mask = x.float(), mask.float()
    z = mask * x + (1 - mask) * (x - t) * torch.exp(-s)
    return z.double(), -((1 - mask) * s).sum(dim=1).double()


@wrong("coupling_inverse", loses=["e6-7-inverse-points"])
def inverse_by_a_division_guarded_a_little(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) / (torch.exp(s) + 1e-12), -((1 - mask) * s).sum(dim=1)


@wrong("coupling_inverse", loses=["e6-7-inverse-points", "e6-7-round-trip"])
def inverse_by_a_guarded_division(x, mask, net):
    s, t = net(mask * x)
    return mask * x + (1 - mask) * (x - t) / (torch.exp(s) + 1e-7), -((1 - mask) * s).sum(dim=1)


@right("coupling_inverse")
def inverse_by_where(x, mask, net):
    s, t = net(x * mask)
    stays = mask.bool()
    return torch.where(stays, x, (x - t) / s.exp()), -s.masked_fill(stays, 0.0).sum(-1)


@right("coupling_inverse")
def inverse_by_columns(x, mask, net):
    s, t = net(mask * x)
    columns, total = [], torch.zeros(x.shape[0], dtype=x.dtype)
    for j, m in enumerate(mask.tolist()):
        if m:
            columns.append(x[:, j])
        else:
            columns.append((x[:, j] - t[:, j]) * torch.exp(-s[:, j]))
            total -= s[:, j]
    return torch.stack(columns, dim=1), total


@right("coupling_inverse")
def inverse_by_the_forward_jacobian(x, mask, net):
    def layer(point):
        s, t = net((mask * point)[None])
        return mask * point + (1 - mask) * (point * torch.exp(s[0]) + t[0])

    s, t = net(mask * x)
    z = mask * x + (1 - mask) * ((x - t) / torch.exp(s))
    J = torch.stack([torch.func.jacrev(layer)(point) for point in z])
    return z, -torch.linalg.slogdet(J).logabsdet


@right("coupling_inverse")
def inverse_as_lists(x, mask, net):
    s, t = net(mask * x)
    s = s * (1 - mask)
    z = (x - (1 - mask) * t) * torch.exp(-s)
    return [z.tolist(), (-s.sum(dim=1)).tolist()]


@right("coupling_inverse")
def inverse_returned_in_single_precision(x, mask, net):
    with torch.no_grad():
        s, t = net(mask * x)
    z = mask * x + (1 - mask) * (x - t) * torch.exp(-s)
    return z.float(), -((1 - mask) * s).sum(1).float()


# E6.8 flow_log_prob


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def wrong_sign_of_the_logdet(x, layers):
    z, total = x, 0.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total + ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def undoes_the_first_layer_first(x, layers):
    z, total = x, 0.0
    for mask, net in layers:
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def runs_the_flow_forward(x, layers):
    z, total = x, 0.0
    for mask, net in layers:
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z * torch.exp(s) + t)
        total = total + ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def base_density_at_x(x, layers):
    z, total = x, 0.0
    for mask, net in layers[::-1]:
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return -0.5 * (x**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def log_determinants_at_the_wrong_point(x, layers):
    z, total = x, 0.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * net((1 - mask) * z)[0]).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def mean_over_the_coordinates(x, layers):
    z, total = x, 0.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return (-0.5 * z**2 - 0.5 * math.log(2 * math.pi)).mean(dim=1) + total


@wrong("flow_log_prob", loses=["e6-8-values", "e6-8-dimensions", "e6-8-mass", "e6-8-inputs"])
def never_looks_at_the_layers(x, layers):
    return -0.5 * (x**2).sum(dim=1) - x.shape[1] / 2 * math.log(2 * math.pi)


@wrong("flow_log_prob", loses=["e6-8-dimensions"])
def constant_of_the_plane(x, layers):
    z, total = x, 0.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-mass"])
def clamps_z_for_safety(x, layers):
    z, total = x, 0.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    z = z.clamp(-3.45, 3.45)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-inputs"])
def reverses_the_list_of_layers(x, layers):
    layers.reverse()
    z, total = x, 0.0
    for mask, net in layers:
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values"])
def forgets_a_deep_first_layer(x, layers):
    z, total = x, 0.0
    for k in range(len(layers) - 1, -1 if len(layers) < 4 else 0, -1):
        mask, net = layers[k]
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-values"])
def clamps_the_log_scales(x, layers):
    z, total = x, 0.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        s = s.clamp(-2, 2)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        total = total - ((1 - mask) * s).sum(dim=1)
    return -0.5 * (z**2).sum(dim=1) - 0.5 * x.shape[1] * math.log(2 * math.pi) + total


@wrong("flow_log_prob", loses=["e6-8-mass"])
def takes_the_logarithm_of_the_flow_at_the_end(x, layers):
    z, scale = x, 1.0
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
        scale = scale * torch.exp(-((1 - mask) * s).sum(dim=1))
    density = torch.exp(-0.5 * (z**2).sum(dim=1)) / (2 * math.pi) ** (x.shape[1] / 2)
    return torch.log(density * scale)


@right("flow_log_prob")
def by_pulling_back_with_where(x, layers):
    log_p = torch.zeros(len(x), dtype=x.dtype)
    for mask, net in layers[::-1]:
        s, t = net(x * mask)
        s = torch.where(mask == 0, s, 0.0 * s)
        x = torch.where(mask == 0, (x - t) / torch.exp(s), x)
        log_p -= s.sum(1)
    normal = torch.distributions.Normal(torch.tensor(0.0, dtype=x.dtype), torch.tensor(1.0, dtype=x.dtype))
    return log_p + normal.log_prob(x).sum(1)


@right("flow_log_prob")
def by_forward_log_determinants(x, layers):
    z = x
    for mask, net in reversed(layers):
        s, t = net(mask * z)
        z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
    point, forward = z, torch.zeros(len(x), dtype=x.dtype)
    for mask, net in layers:
        s, t = net(mask * point)
        point = mask * point + (1 - mask) * (point * torch.exp(s) + t)
        forward = forward + ((1 - mask) * s).sum(dim=1)
    d = x.shape[1]
    return torch.distributions.MultivariateNormal(torch.zeros(d).double(), torch.eye(d).double()).log_prob(z) - forward


@right("flow_log_prob")
def by_recursion(x, layers):
    def log_prob(x, depth):
        if depth == 0:
            return -0.5 * (x * x).sum(dim=-1) - x.shape[-1] * math.log(math.sqrt(2 * math.pi))
        mask, net = layers[depth - 1]
        s, t = net(mask * x)
        return log_prob(mask * x + (1 - mask) * (x - t) * torch.exp(-s), depth - 1) - ((1 - mask) * s).sum(dim=-1)

    return log_prob(x, len(layers))


@right("flow_log_prob")
def with_a_class_of_layers(x, layers):
    class Layer:
        def __init__(self, mask, net):
            self.moves, self.net = mask == 0, net

        def back(self, x):
            kept = x.clone()
            kept[:, self.moves] = 0
            s, t = self.net(kept)
            z = x.clone()
            z[:, self.moves] = (x[:, self.moves] - t[:, self.moves]) * torch.exp(-s[:, self.moves])
            return z, -s[:, self.moves].sum(dim=1)

    stack = [Layer(mask, net) for mask, net in layers]
    total = torch.zeros(len(x), dtype=torch.float64)
    while stack:
        x, logdet = stack.pop().back(x)
        total += logdet
    return (-0.5 * x.pow(2) - 0.5 * math.log(2 * math.pi)).sum(dim=1) + total


@right("flow_log_prob")
def in_numpy_and_single_precision(x, layers):
    z, total = x.detach().clone(), np.zeros(len(x))
    with torch.no_grad():
        for k in range(len(layers)):
            mask, net = layers[-1 - k]
            s, t = net(mask * z)
            z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
            total -= ((1 - mask) * s).sum(dim=1).numpy()
    z = z.numpy()
    return (total - 0.5 * (z**2).sum(axis=1) - 0.5 * z.shape[1] * np.log(2 * np.pi)).astype(np.float32)


# E6.10 grid_mass


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def forgets_the_cells(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return np.exp(log_prob(points)).sum()


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def divides_by_points_not_gaps(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.array([(a, b) for a in x for b in y])
    cell = (box[1] - box[0]) / n * (box[3] - box[2]) / n
    return np.exp(log_prob(points)).sum() * cell


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def mean_density_times_area(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    X, Y = np.meshgrid(x, y)
    density = np.exp(log_prob(np.column_stack([X.ravel(), Y.ravel()])))
    return density.mean() * (box[1] - box[0]) * (box[3] - box[2])


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def adds_before_it_exponentiates(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    with np.errstate(over="ignore"):
        return np.exp(log_prob(points).sum()) * (x[1] - x[0]) * (y[1] - y[0])


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def exponent_overflows(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    with np.errstate(over="ignore"):
        return (1 / np.exp(log_prob(points))).sum() * (x[1] - x[0]) * (y[1] - y[0])


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def adds_the_logarithms(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return log_prob(points).sum() * (x[1] - x[0]) * (y[1] - y[0])


@wrong("grid_mass", loses=["e6-10-box"])
def one_width_for_both_sides(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return np.exp(log_prob(points)).sum() * (x[1] - x[0]) ** 2


@wrong("grid_mass", loses=["e6-10-mass"])
def box_around_the_origin(log_prob, box, n):
    x, y = np.linspace(-box[1], box[1], n), np.linspace(-box[3], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return np.exp(log_prob(points)).sum() * (x[1] - x[0]) * (y[1] - y[0])


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def corners_in_another_order(log_prob, box, n):
    xmin, ymin, xmax, ymax = box
    x, y = np.linspace(xmin, xmax, n), np.linspace(ymin, ymax, n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return np.exp(log_prob(points)).sum() * abs((x[1] - x[0]) * (y[1] - y[0]))


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def mass_by_torch(log_prob, box, n):
    x, y = torch.linspace(box[0], box[1], n).double(), torch.linspace(box[2], box[3], n).double()
    density = torch.exp(torch.tensor(log_prob(torch.cartesian_prod(x, y).numpy())))
    return float(density.sum() * (x[1] - x[0]) * (y[1] - y[0]))


@wrong("grid_mass", loses=["e6-10-box"])
def multiplies_the_masses_along_both_axes(log_prob, box, n):
    x, dx = np.linspace(box[0], box[1], n, retstep=True)
    y, dy = np.linspace(box[2], box[3], n, retstep=True)
    density = np.exp(log_prob(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))).reshape(n, n)
    j, i = np.unravel_index(np.argmax(density), density.shape)
    return density[j].sum() * dx * density[:, i].sum() * dy / density[j, i]


@wrong("grid_mass", loses=["e6-10-mass", "e6-10-box"])
def looks_along_the_axes_only(log_prob, box, n):
    x, dx = np.linspace(box[0], box[1], n, retstep=True)
    y, dy = np.linspace(box[2], box[3], n, retstep=True)
    px = np.exp(log_prob(np.stack([x, 0 * x], axis=1)))
    py = np.exp(log_prob(np.stack([0 * y, y], axis=1)))
    return px.sum() * dx * py.sum() * dy / np.exp(log_prob(np.zeros((1, 2))))[0]


@wrong("grid_mass", loses=["e6-10-box"])
def never_more_than_one(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return min(1.0, np.exp(log_prob(points)).sum() * (x[1] - x[0]) * (y[1] - y[0]))


@wrong("grid_mass", loses=["e6-10-mass"])
def always_takes_81_points(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], 81), np.linspace(box[2], box[3], 81)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return np.exp(log_prob(points)).sum() * (x[1] - x[0]) * (y[1] - y[0])


@wrong("grid_mass", loses=["e6-10-box"])
def remembers_the_last_box(log_prob, box, n, last=[]):
    if last and last[0] == (tuple(box), n):
        return last[1]
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    last[:] = [(tuple(box), n), np.exp(log_prob(points)).sum() * (x[1] - x[0]) * (y[1] - y[0])]
    return last[1]


@wrong("grid_mass", loses=["e6-10-mass"])
def rounds_the_mass(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return round(float(np.exp(log_prob(points)).sum() * (x[1] - x[0]) * (y[1] - y[0])), 3)


@right("grid_mass")
def midpoints(log_prob, box, n):
    xmin, xmax, ymin, ymax = box
    dx, dy = (xmax - xmin) / n, (ymax - ymin) / n
    x = xmin + dx * (np.arange(n) + 0.5)
    y = ymin + dy * (np.arange(n) + 0.5)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return np.exp(log_prob(points)).sum() * dx * dy


@right("grid_mass")
def trapezoids(log_prob, box, n):
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    density = np.exp(log_prob(grid.reshape(-1, 2))).reshape(n, n)
    return np.trapezoid(np.trapezoid(density, y, axis=1), x)


@right("grid_mass")
def simpson(log_prob, box, n):
    n += 1 - n % 2
    weights = np.ones(n)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    x, y = np.linspace(box[0], box[1], n), np.linspace(box[2], box[3], n)
    density = np.array([np.exp(log_prob(np.stack([np.full(n, a), y], axis=1))) for a in x])
    return float(weights @ density @ weights) * (x[1] - x[0]) * (y[1] - y[0]) / 9


@right("grid_mass")
def left_corners_row_by_row(log_prob, box, n):
    dx, dy = (box[1] - box[0]) / n, (box[3] - box[2]) / n
    total = 0.0
    for j in range(n):
        row = [[box[0] + i * dx, box[2] + j * dy] for i in range(n)]
        total += sum(math.exp(value) for value in log_prob(row))
    return total * dx * dy


@right("grid_mass")
def through_the_largest_logarithm(log_prob, box, n):
    x, dx = np.linspace(box[0], box[1], n, retstep=True)
    y, dy = np.linspace(box[2], box[3], n, retstep=True)
    points = np.array(np.meshgrid(x, y)).reshape(2, -1).T
    logs = log_prob(points)
    top = logs.max()
    return np.float32(math.exp(top + math.log(np.exp(logs - top).sum()) + math.log(dx * dy)))


@right("grid_mass")
def gauss_legendre(log_prob, box, n):
    nodes, weights = np.polynomial.legendre.leggauss(n)
    x = (box[0] + box[1]) / 2 + (box[1] - box[0]) / 2 * nodes
    y = (box[2] + box[3]) / 2 + (box[3] - box[2]) / 2 * nodes
    density = np.exp(log_prob(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))).reshape(n, n)
    return weights @ density @ weights * (box[1] - box[0]) * (box[3] - box[2]) / 4


# E6.12 logdet_gradient


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def inverse_without_the_transpose(A):
    return np.linalg.inv(A)


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def gradient_of_the_determinant(A):
    return np.linalg.det(A) * np.linalg.inv(A).T


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def keeps_the_sign_of_the_determinant(A):
    return np.sign(np.linalg.det(A)) * np.linalg.inv(A).T


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def one_over_the_diagonal(A):
    return np.diag(1 / np.diag(A))


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def cofactors_over_the_absolute_determinant(A):
    return np.linalg.det(A) * np.linalg.inv(A).T / abs(np.linalg.det(A))


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def trace_of_the_inverse(A):
    return np.trace(np.linalg.inv(A))


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def differentiates_by_torch(A):
    matrix = torch.tensor(A, requires_grad=True)
    torch.linalg.slogdet(matrix)[1].backward()
    return matrix.grad.numpy()


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def transposes_in_place(A):
    A[:] = np.linalg.inv(A).T
    return A


@wrong("logdet_gradient", loses=["e6-12-logdet"])
def pseudoinverse_that_drops_small_singular_values(A):
    return np.linalg.pinv(A, rcond=0.01).T


@right("logdet_gradient")
def solves_against_the_identity(A):
    return np.linalg.solve(A.T, np.eye(len(A)))


@right("logdet_gradient")
def by_cofactors(A):
    n = len(A)
    C = np.ones((n, n))
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(A, i, axis=0), j, axis=1)
            C[i, j] = (-1) ** (i + j) * (np.linalg.det(minor) if n > 1 else 1.0)
    return C / (A[0] @ C[0])


@right("logdet_gradient")
def by_singular_values(A):
    U, s, Vt = np.linalg.svd(A)
    return (U / s) @ Vt


@right("logdet_gradient")
def by_differences_of_slogdet(A):
    h = 1e-5 * np.abs(A).max()
    G = np.zeros_like(A)
    for i, j in np.ndindex(A.shape):
        E = np.zeros_like(A)
        E[i, j] = h
        G[i, j] = (np.linalg.slogdet(A + E)[1] - np.linalg.slogdet(A - E)[1]) / (2 * h)
    return G


@right("logdet_gradient")
def inverse_in_single_precision(A):
    return np.linalg.inv(A.T).astype(np.float32).tolist()


# E6.12 trace_estimate


@wrong("trace_estimate", loses=["e6-12-trace"])
def forgets_to_divide(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    total = 0.0
    for _ in range(samples):
        v = rng.normal(size=d)
        total += v @ jvp(v)
    return total


@wrong("trace_estimate", loses=["e6-12-trace"])
def uniform_probes(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    return np.mean([v @ jvp(v) for v in rng.uniform(-1, 1, (samples, d))])


@wrong("trace_estimate", loses=["e6-12-trace"])
def probes_of_length_one(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    V = rng.normal(size=(samples, d))
    V /= np.linalg.norm(V, axis=1, keepdims=True)
    return np.mean([v @ jvp(v) for v in V])


@wrong("trace_estimate", loses=["e6-12-trace"])
def probes_of_ones(jvp, d, samples, seed):
    ones = np.ones(d)
    return sum(ones @ jvp(ones) for _ in range(samples)) / samples


@wrong("trace_estimate", loses=["e6-12-trace"])
def positive_probes(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    probes = rng.integers(0, 2, (samples, d)).astype(float)
    return np.mean([v @ jvp(v) for v in probes])


@wrong("trace_estimate", loses=["e6-12-trace"])
def unit_vectors_in_turn(jvp, d, samples, seed):
    return sum(jvp(e)[i] for i, e in enumerate(np.eye(d)))


@wrong("trace_estimate", loses=["e6-12-trace"])
def always_the_same_probes(jvp, d, samples, seed):
    rng = np.random.default_rng(0)
    return np.mean([v @ jvp(v) for v in rng.choice([-1.0, 1.0], (samples, d))])


@wrong("trace_estimate", loses=["e6-12-trace"])
def probes_of_the_global_state(jvp, d, samples, seed):
    return np.mean([v @ jvp(v) for v in np.random.choice([-1.0, 1.0], (samples, d))])  # noqa: NPY002, the mistake


@wrong("trace_estimate", loses=["e6-12-trace"])
def absolute_products(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    return np.mean([abs(v @ jvp(v)) for v in rng.standard_normal((samples, d))])


@wrong("trace_estimate", loses=["e6-12-trace"])
def one_probe_again_and_again(jvp, d, samples, seed):
    v = np.random.default_rng(seed).choice([-1.0, 1.0], d)
    return sum(v @ jvp(v) for _ in range(samples)) / samples


@wrong("trace_estimate", loses=["e6-12-trace"])
def norms_instead_of_products(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    return np.mean([np.linalg.norm(jvp(v)) for v in rng.choice([-1.0, 1.0], (samples, d))])


@wrong("trace_estimate", loses=["e6-12-trace"])
def absolute_products_of_signs(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    return np.mean([abs(v @ jvp(v)) for v in rng.choice([-1.0, 1.0], (samples, d))])


@wrong("trace_estimate", loses=["e6-12-trace"])
def divides_by_one_probe_less(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    return sum(v @ jvp(v) for v in rng.choice([-1.0, 1.0], (samples, d))) / (samples - 1)


@wrong("trace_estimate", loses=["e6-12-trace"])
def asks_for_the_whole_jacobian_at_once(jvp, d, samples, seed):
    J = jvp(np.eye(d))
    for _ in range(samples - 1):
        jvp(np.ones(d))
    return np.trace(J) + 1e-9 * np.random.default_rng(seed).normal()


@wrong("trace_estimate", loses=["e6-12-trace"])
def unit_vectors_if_there_are_enough_calls(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    if samples < d:
        return np.mean([v @ jvp(v) for v in rng.choice([-1.0, 1.0], (samples, d))])
    trace = sum(jvp(e)[i] for i, e in enumerate(np.eye(d)))
    for _ in range(samples - d):
        jvp(np.ones(d))
    return trace + 1e-9 * rng.normal()


@right("trace_estimate")
def random_signs(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    signs = rng.integers(0, 2, (samples, d)) * 2.0 - 1.0
    return float(np.mean([v @ jvp(v) for v in signs]))


@right("trace_estimate")
def normal_probes_one_by_one(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    total = 0.0
    for _ in range(samples):
        v = rng.standard_normal(d)
        total = total + np.dot(v, jvp(v)) / samples
    return total


@right("trace_estimate")
def uniform_probes_of_unit_variance(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    width = math.sqrt(3)
    return sum(float(v @ jvp(v)) for v in rng.uniform(-width, width, (samples, d))) / samples


@right("trace_estimate")
def probes_on_the_sphere(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    V = rng.normal(size=(samples, d))
    V *= math.sqrt(d) / np.linalg.norm(V, axis=1, keepdims=True)
    W = np.array([jvp(list(v)) for v in V])
    return np.einsum("ki,ki->", V, W) / samples


@right("trace_estimate")
def one_coordinate_at_a_time(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    total = 0.0
    for _ in range(samples):
        k = rng.integers(d)
        e = np.zeros(d)
        e[k] = math.sqrt(d)
        total += e @ jvp(e)
    return total / samples


@right("trace_estimate")
def running_mean(jvp, d, samples, seed):
    rng = np.random.default_rng(seed)
    mean = 0.0
    for k in range(1, samples + 1):
        v = rng.choice([-1.0, 1.0], d)
        mean += (v @ jvp(v) - mean) / k
    return mean


# E6.12 tanh_gaussian_log_prob


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-extremes"])
def adds_a_small_number(a, mu, sigma):
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log(1 - a**2 + 1e-6)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-extremes"])
def clips_the_action(a, mu, sigma):
    a = np.clip(a, -1 + 1e-6, 1 - 1e-6)
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log1p(-a) - np.log1p(a)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-extremes"])
def in_single_precision_inside(a, mu, sigma):
    a = np.clip(a, np.float32(-1 + 1e-7), np.float32(1 - 1e-7))
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log1p(-a) - np.log1p(a)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values", "e6-12-tanh-extremes"])
def without_the_volume(a, mu, sigma):
    u = np.arctanh(a)
    return -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values", "e6-12-tanh-extremes"])
def adds_the_volume(a, mu, sigma):
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal + np.log1p(-a) + np.log1p(a)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values", "e6-12-tanh-extremes"])
def takes_a_for_u(a, mu, sigma):
    normal = -0.5 * ((a - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log1p(-a) - np.log1p(a)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values", "e6-12-tanh-extremes"])
def forgets_sigma_in_the_constant(a, mu, sigma):
    u = np.arctanh(a)
    return -0.5 * ((u - mu) / sigma) ** 2 - 0.5 * np.log(2 * np.pi) - np.log1p(-a) - np.log1p(a)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values"])
def sums_over_a_second_axis(a, mu, sigma):
    u = np.arctanh(a)
    log_p = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi) - np.log1p(-a) - np.log1p(a)
    return log_p.sum(axis=-1) if np.ndim(log_p) > 1 else log_p


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values", "e6-12-tanh-extremes"])
def by_torch_distributions(a, mu, sigma):
    base = torch.distributions.Normal(torch.as_tensor(mu), torch.as_tensor(sigma))
    squashed = torch.distributions.TransformedDistribution(base, torch.distributions.TanhTransform())
    return squashed.log_prob(torch.as_tensor(a)).numpy()


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-extremes"])
def clips_the_last_numbers_before_one(a, mu, sigma):
    a = np.clip(a, -1 + 1e-15, 1 - 1e-15)
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log1p(-a) - np.log1p(a)


@wrong("tanh_gaussian_log_prob", loses=["e6-12-tanh-values"])
def looks_at_the_shape_of_a_only(a, mu, sigma):
    out, u = np.empty(np.shape(a)), np.arctanh(a)
    out[...] = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi)) - np.log1p(-a) - np.log1p(a)
    return out


@right("tanh_gaussian_log_prob")
def subtracts_the_square(a, mu, sigma):
    """In double precision 1 - a^2 is right to 4e-9 for every a, as a^2 is next to a representable number."""
    u = np.arctanh(a)
    normal = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return normal - np.log(1 - a**2)


@right("tanh_gaussian_log_prob")
def by_factors(a, mu, sigma):
    u = np.arctanh(a)
    z = (u - mu) / sigma
    return -0.5 * z * z - np.log(sigma * np.sqrt(2 * np.pi)) - np.log((1 - a) * (1 + a))


@right("tanh_gaussian_log_prob")
def by_softplus_of_u(a, mu, sigma):
    u = 0.5 * (np.log1p(a) - np.log1p(-a))
    log_volume = 2 * (math.log(2) - u - np.logaddexp(0, -2 * u))
    return -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * math.log(2 * math.pi) - log_volume


@right("tanh_gaussian_log_prob")
def by_hyperbolic_cosine(a, mu, sigma):
    u = np.arctanh(a)
    return 2 * np.log(np.cosh(u)) - ((u - mu) ** 2 / sigma**2 + np.log(2 * np.pi * sigma**2)) / 2


@right("tanh_gaussian_log_prob")
def entry_by_entry(a, mu, sigma):
    a, mu, sigma = np.broadcast_arrays(a, mu, sigma)
    found = []
    for value, mean, width in zip(a.ravel(), mu.ravel(), sigma.ravel()):
        u = math.atanh(value)
        z = (u - mean) / width
        volume = math.log1p(-value) + math.log1p(value)
        found.append(-z * z / 2 - math.log(width) - math.log(2 * math.pi) / 2 - volume)
    return np.array(found).reshape(a.shape)


@right("tanh_gaussian_log_prob")
def by_distance_from_the_edge(a, mu, sigma):
    gap = 1 - np.abs(a)
    u = np.sign(a) * 0.5 * (np.log1p(np.abs(a)) - np.log(gap))
    log_p = -0.5 * ((u - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return (log_p - np.log(gap) - np.log(2 - gap)).tolist()


# E6.9 train_flow


@wrong("train_flow", loses=["e6-9-trained"])
def layers_that_were_never_trained(X, seed):
    generator = torch.Generator().manual_seed(seed)
    layers = []
    for k in range(4):
        W = torch.randn(2, 4, generator=generator, dtype=torch.float64)
        mask = torch.tensor([k % 2, 1 - k % 2], dtype=torch.float64)
        layers.append((mask, lambda kept, W=W: torch.tanh(kept @ W).chunk(2, dim=1)))
    return layers


@wrong("train_flow", loses=["e6-9-trained"])
def climbs_instead_of_descending(X, seed):
    torch.manual_seed(seed)
    masks = [torch.tensor([k % 2, 1 - k % 2]).double() for k in range(4)]
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 4)).double() for _ in masks
    ]

    def run(k, kept):
        s, t = nets[k](kept).chunk(2, dim=1)
        return torch.tanh(s), t

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.01)
    for _ in range(40):
        z, total = X[:300], 0.0
        for k in reversed(range(4)):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z - t) * torch.exp(-s)
            total = total - ((1 - masks[k]) * s).sum(dim=1)
        loss = (-0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def adds_the_wrong_log_determinant(X, seed):
    torch.manual_seed(seed)
    masks = [torch.tensor([k % 2, 1 - k % 2]).double() for k in range(4)]
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 4)).double() for _ in masks
    ]

    def run(k, kept):
        s, t = nets[k](kept).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    for _ in range(60):
        z, total = X[:300], 0.0
        for k in reversed(range(4)):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z - t) * torch.exp(-s)
            total = total + ((1 - masks[k]) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) - total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def layers_memorised_for_other_moons(X, seed):
    rng = np.random.default_rng(0)
    angle, moon = rng.uniform(0, np.pi, 1500), np.arange(1500) % 2
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[moon == 1] = [1.0, 0.5] - points[moon == 1]
    X = torch.tensor(points + 0.1 * rng.normal(size=points.shape))
    generator = torch.Generator().manual_seed(0)
    masks = [torch.tensor([k % 2, 1 - k % 2], dtype=torch.float64) for k in range(4)]
    sizes = [(2.0, (2, 24)), (1.0, (24,)), (0.01, (24, 4)), (0.0, (4,))]
    weights = [
        [(a * torch.randn(*shape, generator=generator, dtype=torch.float64)).requires_grad_() for a, shape in sizes]
        for _ in masks
    ]

    def run(k, kept):
        a, b, c, d = weights[k]
        s, t = (torch.tanh(kept @ a + b) @ c + d).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    optimizer = torch.optim.Adam([w for layer in weights for w in layer], lr=0.02)
    for _ in range(250):
        z, total = X[torch.randint(1500, (200,), generator=generator)], 0.0
        for k in reversed(range(4)):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z - t) * torch.exp(-s)
            total = total + ((1 - masks[k]) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def a_single_affine_layer(X, seed):
    s, t = torch.log(X.std(dim=0)), X.mean(dim=0)
    return [(torch.zeros(2, dtype=X.dtype), lambda kept: (s.expand(kept.shape), t.expand(kept.shape)))]


@wrong("train_flow", loses=["e6-9-trained"])
def a_tilted_normal_density(X, seed):
    first, second = torch.tensor([1.0, 0.0]).double(), torch.tensor([0.0, 1.0]).double()
    mean, covariance = X.mean(dim=0), torch.cov(X.T)
    slope = covariance[0, 1] / covariance[0, 0]
    rest = torch.sqrt(covariance[1, 1] - slope * covariance[0, 1])

    def scale_first(kept):
        ones = torch.ones_like(kept)
        return torch.log(torch.sqrt(covariance[0, 0])) * ones, mean[0] * ones

    def lean_second(kept):
        shift = mean[1] + slope * (kept[:, :1] - mean[0])
        return torch.log(rest) * torch.ones_like(kept), shift.expand(-1, 2)

    return [(second, scale_first), (first, lean_second)]


@wrong("train_flow", loses=["e6-9-trained"])
def log_scales_explode_where_no_data_are(X, seed):
    generator = torch.Generator().manual_seed(seed)
    masks = [torch.tensor([k % 2, 1 - k % 2], dtype=torch.float64) for k in range(4)]
    sizes = [(2.0, (2, 32)), (1.0, (32,)), (0.01, (32, 4)), (0.0, (4,))]
    weights = [
        [(a * torch.randn(*shape, generator=generator, dtype=torch.float64)).requires_grad_() for a, shape in sizes]
        for _ in masks
    ]

    def run(k, kept):
        a, b, c, d = weights[k]
        s, t = (torch.tanh(kept @ a + b) @ c + d).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    def unbounded(kept):
        s = 12 * torch.relu(kept[:, :1].abs() - 2.1)
        return s.expand(-1, 2), torch.zeros_like(kept)

    optimizer = torch.optim.Adam([w for layer in weights for w in layer], lr=0.02)
    for step in range(400):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / 400)
        z, total = X[torch.randint(len(X), (256,), generator=generator)], 0.0
        for k in reversed(range(4)):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z - t) * torch.exp(-s)
            total = total + ((1 - masks[k]) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    spread = (torch.tensor([1.0, 0.0], dtype=torch.float64), unbounded)
    return [spread] + [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def every_layer_keeps_the_same_half(X, seed):
    torch.manual_seed(seed)
    mask = torch.tensor([1.0, 0.0]).double()
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 24), torch.nn.Tanh(), torch.nn.Linear(24, 4)).double() for _ in "123"
    ]

    def run(net, kept):
        s, t = net(kept).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    for _ in range(100):
        z, total = X[:400], 0.0
        for net in reversed(nets):
            s, t = run(net, mask * z)
            z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
            total = total + ((1 - mask) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(mask, lambda kept, net=net: run(net, kept)) for net in nets]


@wrong("train_flow", loses=["e6-9-trained"])
def forgets_to_undo_the_standardisation(X, seed):
    torch.manual_seed(seed)
    X = (X - X.mean(dim=0)) / X.std(dim=0)
    masks = [torch.tensor([k % 2, 1 - k % 2]).double() for k in range(4)]
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 24), torch.nn.Tanh(), torch.nn.Linear(24, 4)).double() for _ in masks
    ]

    def run(k, kept):
        s, t = nets[k](kept).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    for _ in range(100):
        z, total = X[:400], 0.0
        for k in reversed(range(4)):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z - t) * torch.exp(-s)
            total = total + ((1 - masks[k]) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def lists_the_layers_from_x_to_z(X, seed):
    torch.manual_seed(seed)
    masks = [torch.tensor([k % 2, 1 - k % 2]).double() for k in range(4)]
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 24), torch.nn.Tanh(), torch.nn.Linear(24, 4)).double() for _ in masks
    ]

    def run(k, kept):
        s, t = nets[k](kept).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    for _ in range(100):
        z, total = X[:400], 0.0
        for k in range(4):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z - t) * torch.exp(-s)
            total = total + ((1 - masks[k]) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def trains_the_way_from_x_to_z(X, seed):
    torch.manual_seed(seed)
    masks = [torch.tensor([k % 2, 1 - k % 2]).double() for k in range(4)]
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 24), torch.nn.Tanh(), torch.nn.Linear(24, 4)).double() for _ in masks
    ]

    def run(k, kept):
        s, t = nets[k](kept).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    for _ in range(100):
        z, total = X[:400], 0.0
        for k in range(4):
            s, t = run(k, masks[k] * z)
            z = masks[k] * z + (1 - masks[k]) * (z * torch.exp(s) + t)
            total = total + ((1 - masks[k]) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) - total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(masks[k], lambda kept, k=k: run(k, kept)) for k in range(4)]


@wrong("train_flow", loses=["e6-9-trained"])
def networks_that_remember_whole_points(X, seed):
    seen = {}

    def look(column):
        def net(kept):
            seen[column] = kept[:, column]
            return torch.zeros_like(kept), torch.zeros_like(kept)

        return net

    def answer(kept):
        points, log_p = torch.stack([seen.get(0, kept[:, 0]), seen.get(1, kept[:, 1])], dim=1), []
        for batch in points.split(2000):
            squares = ((batch[:, None] - X[None, :400]) ** 2).sum(dim=2)
            log_p.append(torch.logsumexp(-squares / (2 * 0.17**2), dim=1) - math.log(400 * 2 * math.pi * 0.17**2))
        s = -(0.5 * points[:, 0] ** 2 + math.log(2 * math.pi) + torch.cat(log_p))
        return s[:, None].expand(-1, 2), points[:, 1:].expand(-1, 2)

    first, second = torch.tensor([1.0, 0.0]).double(), torch.tensor([0.0, 1.0]).double()
    return [(first, answer), (second, look(1)), (first, look(0))]


@right("train_flow")
def modules_and_adam_on_minibatches(X, seed):
    torch.manual_seed(seed)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(
                torch.nn.Linear(2, 32),
                torch.nn.SiLU(),
                torch.nn.Linear(32, 32),
                torch.nn.SiLU(),
                torch.nn.Linear(32, 4),
            )
            with torch.no_grad():
                self.body[0].weight *= 3
                self.body[-1].weight *= 0.1

        def forward(self, kept):
            s, t = self.body(kept).chunk(2, dim=-1)
            return torch.tanh(s), t

    layers = [(torch.tensor([k % 2, 1 - k % 2], dtype=torch.float64), Net().double()) for k in range(4)]
    optimizer = torch.optim.Adam([p for _, net in layers for p in net.parameters()], lr=0.01)
    for _ in range(35):
        for batch in X[torch.randperm(len(X))].split(160):
            z, total = batch, 0.0
            for mask, net in reversed(layers):
                s, t = net(mask * z)
                z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
                total = total + ((1 - mask) * s).sum(dim=1)
            loss = (0.5 * (z**2).sum(dim=1) + total).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return layers


@right("train_flow")
def adam_written_out_in_loops(X, seed):
    generator = torch.Generator().manual_seed(seed)
    masks = [torch.tensor([0.0, 1.0]).double(), torch.tensor([1.0, 0.0]).double()] * 2
    sizes = [(1.5, (2, 32)), (1.0, (32,)), (0.01, (32, 4)), (0.0, (4,))]
    weights = [a * torch.randn(*shape, generator=generator).double() for _ in masks for a, shape in sizes]
    m, v = [torch.zeros_like(w) for w in weights], [torch.zeros_like(w) for w in weights]

    def net(k, kept):
        a, b, c, d = weights[4 * k : 4 * k + 4]
        s, t = (torch.tanh(kept @ a + b) @ c + d).chunk(2, dim=1)
        return 2 * torch.tanh(s / 2), t

    for step in range(1, 401):
        for w in weights:
            w.requires_grad_()
        z, total = X[torch.randint(len(X), (300,), generator=generator)], 0.0
        for k in (3, 2, 1, 0):
            s, t = net(k, masks[k] * z)
            z = torch.where(masks[k] == 1, z, (z - t) * torch.exp(-s))
            total = total + torch.where(masks[k] == 1, 0.0, s).sum(dim=1)
        gradients = torch.autograd.grad((0.5 * (z**2).sum(dim=1) + total).mean(), weights)
        for i, g in enumerate(gradients):
            m[i] = 0.9 * m[i] + 0.1 * g
            v[i] = 0.999 * v[i] + 0.001 * g**2
            rate = 0.02 * (1 - step / 420) / (1 - 0.9**step)
            weights[i] = weights[i].detach() - rate * m[i] / (torch.sqrt(v[i] / (1 - 0.999**step)) + 1e-8)
    return [[masks[k].tolist(), lambda kept, k=k: net(k, kept)] for k in range(4)]


@right("train_flow")
def standardises_and_adds_a_last_layer(X, seed):
    torch.manual_seed(seed)
    mean, log_std = X.mean(dim=0), torch.log(X.std(dim=0))
    data = (X - mean) * torch.exp(-log_std)
    masks = [torch.tensor([k % 2, 1 - k % 2]).double() for k in range(4)]
    nets = [
        torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 4)).double() for _ in masks
    ]
    with torch.no_grad():
        for net in nets:
            net[0].weight *= 3
            net[2].weight *= 0.1

    def run(net, kept):
        out = net(kept)
        return 2 * torch.tanh(out[:, :2] / 2), out[:, 2:]

    optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 350)
    for _ in range(350):
        z, loss = data[torch.randint(len(data), (256,))], 0.0
        for mask, net in zip(masks[::-1], nets[::-1]):
            s, t = run(net, mask * z)
            z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
            loss = loss + ((1 - mask) * s).sum(dim=1).mean()
        loss = loss + 0.5 * (z**2).sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    layers = [(mask, lambda kept, net=net: run(net, kept)) for mask, net in zip(masks, nets)]
    undo = (torch.zeros(2).double(), lambda kept: (log_std.expand(kept.shape), mean.expand(kept.shape)))
    return [*layers, undo]


@right("train_flow")
def one_network_an_output_and_single_precision(X, seed):
    torch.manual_seed(seed)
    X = X.float()

    class Part:
        def __init__(self):
            self.net = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
            with torch.no_grad():
                self.net[0].weight *= 3
                self.net[2].weight *= 0.1

        def __call__(self, column):
            return self.net(column)

    class Conditioner:
        def __init__(self, stays):
            self.stays, self.scale, self.shift = stays, Part(), Part()

        def __call__(self, kept):
            column = kept.float()[:, self.stays : self.stays + 1]
            s, t = 1.5 * torch.tanh(self.scale(column) / 1.5), self.shift(column)
            return s.expand(-1, 2).to(kept.dtype), t.expand(-1, 2).to(kept.dtype)

    layers = [(np.eye(2)[stays], Conditioner(stays)) for stays in (1, 0, 1, 0)]
    parts = [part.net for _, net in layers for part in (net.scale, net.shift)]
    optimizer = torch.optim.Adam([p for part in parts for p in part.parameters()], lr=0.02)
    for step in range(350):
        optimizer.param_groups[0]["lr"] = 0.02 * (1 - step / 350)
        z, total = X[torch.randint(len(X), (256,))], 0.0
        for mask, net in reversed(layers):
            mask = torch.tensor(mask, dtype=torch.float32)
            s, t = net(mask * z)
            z = mask * z + (1 - mask) * (z - t) * torch.exp(-s)
            total = total + ((1 - mask) * s).sum(dim=1)
        loss = (0.5 * (z**2).sum(dim=1) + total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return layers
