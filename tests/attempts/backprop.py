"""Attempts at ps2-backprop, as different students would write them."""

import math

import numpy as np
import torch

from tests.attempts import right, wrong

STILL_RIGHT = {"e2-4-right-pairs": {"ten times", "negated"}}

# E2.1 chain_jacobian


@wrong("chain_jacobian", loses=["e2-1-shape", "e2-1-values", "e2-1-inputs"])
def exchanges_the_factors(g, f, x):
    J_f = torch.autograd.functional.jacobian(f, x)
    J_g = torch.autograd.functional.jacobian(g, f(x))
    return J_f @ J_g


@wrong("chain_jacobian", loses=["e2-1-shape", "e2-1-values", "e2-1-inputs"])
def takes_both_at_x(g, f, x):
    return torch.func.jacrev(g)(x) @ torch.func.jacrev(f)(x)


@wrong("chain_jacobian", loses=["e2-1-values", "e2-1-inputs"])
def takes_g_at_the_first_entries_of_x(g, f, x):
    y = torch.ones_like(f(x))
    k = min(len(x), len(y))
    y[:k] = x[:k]
    return torch.func.jacrev(g)(y.detach()) @ torch.func.jacrev(f)(x)


@wrong("chain_jacobian", loses=["e2-1-values", "e2-1-inputs"])
def takes_f_at_its_own_value_of_zero(g, f, x):
    return torch.func.jacrev(g)(f(x)) @ torch.func.jacrev(f)(torch.zeros_like(x))


@wrong("chain_jacobian", loses=["e2-1-shape", "e2-1-values", "e2-1-inputs"])
def multiplies_entry_by_entry(g, f, x):
    return torch.func.jacrev(g)(f(x)) * torch.func.jacrev(f)(x)


@wrong("chain_jacobian", loses=["e2-1-values"])
def tries_the_order_that_fits(g, f, x):
    J_f, J_g = torch.func.jacrev(f)(x), torch.func.jacrev(g)(f(x))
    try:
        return J_f @ J_g
    except RuntimeError:
        return J_g @ J_f


@wrong("chain_jacobian", loses=["e2-1-shape", "e2-1-values", "e2-1-inputs"])
def gradient_of_the_summed_outputs(g, f, x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(g(f(x)).sum(), x)[0]


@wrong("chain_jacobian", loses=["e2-1-inputs"])
def leaves_the_last_row_in_grad(g, f, x):
    x.requires_grad_()
    z = g(f(x))
    rows = []
    for i in range(len(z)):
        x.grad = None
        z[i].backward(retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("chain_jacobian", loses=["e2-1-shape", "e2-1-values", "e2-1-inputs"])
def transposes_the_product(g, f, x):
    return (torch.func.jacrev(g)(f(x)) @ torch.func.jacrev(f)(x)).T


@wrong("chain_jacobian", loses=["e2-1-values", "e2-1-inputs"])
def one_sided_differences_with_a_large_step(g, f, x):
    h = 0.1
    with torch.no_grad():
        return torch.stack([(g(f(x + h * e)) - g(f(x))) / h for e in torch.eye(len(x), dtype=x.dtype)], dim=1)


@right("chain_jacobian")
def multiplies_the_factors(g, f, x):
    J_f = torch.autograd.functional.jacobian(f, x)
    J_g = torch.autograd.functional.jacobian(g, f(x))
    return torch.einsum("mk,kn->mn", J_g, J_f)


@right("chain_jacobian")
def differentiates_the_composition(g, f, x):
    return torch.func.jacfwd(lambda p: g(f(p)))(x.detach())


@right("chain_jacobian")
def pushes_every_column(g, f, x):
    columns = []
    for e in torch.eye(len(x), dtype=x.dtype):
        y, dy = torch.func.jvp(f, (x,), (e,))
        columns.append(torch.func.jvp(g, (y,), (dy,))[1])
    return torch.stack(columns).T


@right("chain_jacobian")
def pulls_every_row(g, f, x):
    p = x.clone().detach().requires_grad_(True)
    z = g(f(p))
    return [torch.autograd.grad(entry, p, retain_graph=True)[0].tolist() for entry in z]


@right("chain_jacobian")
def central_differences_of_the_composition(g, f, x):
    p, h = x.detach(), 1e-6
    J = np.empty((len(g(f(p))), len(p)))
    for j in range(len(p)):
        step = torch.zeros_like(p)
        step[j] = h
        J[:, j] = ((g(f(p + step)) - g(f(p - step))) / (2 * h)).numpy()
    return J


@right("chain_jacobian")
def multiplies_in_single_precision(g, f, x):
    return torch.func.jacrev(g)(f(x)).float() @ torch.func.jacrev(f)(x).float()


# E2.2 vjp


@wrong("vjp", loses=["e2-2-values", "e2-2-large", "e2-2-inputs"])
def ignores_the_cotangent(f, x, v):
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


@wrong("vjp", loses=["e2-2-values"])
def drops_the_cotangent_of_a_single_output(f, x, v):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    if y.numel() == 1:
        y.backward()
    else:
        y.backward(v)
    return x.grad


@wrong("vjp", loses=["e2-2-shape", "e2-2-values", "e2-2-large", "e2-2-inputs"])
def multiplies_on_the_right(f, x, v):
    return torch.func.jvp(f, (x,), (v,))[1]


@wrong("vjp", loses=["e2-2-shape", "e2-2-values", "e2-2-large", "e2-2-inputs"])
def scales_the_gradient_by_the_cotangent(f, x, v):
    x = x.detach().clone().requires_grad_()
    return v * torch.autograd.grad(f(x).sum(), x)[0]


@wrong("vjp", loses=["e2-2-inputs"])
def leaves_the_product_in_grad(f, x, v):
    x.requires_grad_()
    f(x).backward(v)
    return x.grad.clone()


@wrong("vjp", loses=["e2-2-inputs"])
def clones_without_detaching(f, x, v):
    z = x.clone().requires_grad_()
    (f(z) * v).sum().backward()
    return z.grad


@wrong("vjp", loses=["e2-2-inputs"])
def scales_the_cotangent_in_place(f, x, v):
    size = v.abs().max().item()
    v /= size
    return size * torch.func.vjp(f, x)[1](v)[0]


@wrong("vjp", loses=["e2-2-large"])
def forms_the_jacobian(f, x, v):
    return v @ torch.func.jacrev(f)(x)


@wrong("vjp", loses=["e2-2-large"])
def adds_up_rows(f, x, v):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    total = torch.zeros_like(x)
    for i in range(len(y)):
        total += v[i] * torch.autograd.grad(y[i], x, retain_graph=True)[0].detach()
    return total


@wrong("vjp", loses=["e2-2-large"])
def one_forward_pass_for_each_input(f, x, v):
    product = torch.zeros_like(x)
    for j in range(len(x)):
        e = torch.zeros_like(x)
        e[j] = 1.0
        product[j] = v @ torch.func.jvp(f, (x.detach(),), (e,))[1]
    return product.detach()


@wrong("vjp", loses=["e2-2-shape", "e2-2-values", "e2-2-large", "e2-2-inputs"])
def detaches_the_point(f, x, v):
    x.requires_grad_()
    y = f(x.detach())
    return torch.autograd.grad(y, x, v)[0]


@wrong("vjp", loses=["e2-2-values", "e2-2-large", "e2-2-inputs"])
def averages_the_outputs(f, x, v):
    return torch.func.grad(lambda p: (f(p) * v).mean())(x.detach())


@wrong("vjp", loses=["e2-2-values", "e2-2-large", "e2-2-inputs"])
def normalises_the_cotangent(f, x, v):
    return torch.autograd.functional.vjp(f, x, v / v.norm())[1]


@wrong("vjp", loses=["e2-2-values"])
def clips_large_products(f, x, v):
    x = x.detach().clone().requires_grad_()
    product = torch.autograd.grad(f(x), x, v)[0]
    return product * v.norm() / product.norm() if product.norm() > 1e8 else product


@wrong("vjp", loses=["e2-2-values"])
def drops_tiny_cotangents(f, x, v):
    return torch.func.vjp(f, x.detach())[1](torch.where(v.abs() < 1e-9, 0.0, v))[0]


@wrong("vjp", loses=["e2-2-inputs"])
def clears_grad_before_and_after(f, x, v):
    needed_grad = x.requires_grad
    x.requires_grad_()
    x.grad = None
    f(x).backward(v)
    product, x.grad = x.grad, None
    x.requires_grad_(needed_grad)
    return product


@wrong("vjp", loses=["e2-2-values", "e2-2-large", "e2-2-inputs"])
def takes_differences_for_each_input_in_single_precision(f, x, v):
    x, h, product = x.detach(), 1e-4, torch.zeros(len(x))
    for j in range(len(x)):
        step = torch.zeros_like(x)
        step[j] = h
        near, far = (f(x + k * step) - f(x - k * step) for k in (1, 2))
        product[j] = v @ (8 * near - far) / (12 * h)
    return product


@right("vjp")
def puts_grad_back(f, x, v):
    needed_grad, grad = x.requires_grad, x.grad
    x.requires_grad_()
    x.grad = None
    f(x).backward(v)
    product, x.grad = x.grad, grad
    x.requires_grad_(needed_grad)
    return product


@right("vjp")
def passes_the_cotangent_to_grad(f, x, v):
    p = x.detach().requires_grad_()
    return torch.autograd.grad(outputs=f(p), inputs=p, grad_outputs=v)[0]


@right("vjp")
def pulls_back_with_func(f, x, v):
    _, pull = torch.func.vjp(f, x)
    return pull(v)[0].detach().numpy()


@right("vjp")
def uses_the_functional_vjp(f, x, v):
    _, product = torch.autograd.functional.vjp(f, x, v, create_graph=True)
    return product


@right("vjp")
def differentiates_the_weighted_sum(f, x, v):
    copy = x.clone().detach()
    copy.requires_grad = True
    loss = 0.0
    loss = loss + torch.dot(f(copy), v)
    loss.backward()
    return copy.grad


@right("vjp")
def gradient_of_an_inner_product(f, x, v):
    return torch.func.grad(lambda p: v @ f(p))(x).tolist()


@right("vjp")
def backward_in_single_precision(f, x, v):
    leaf = torch.nn.Parameter(x.detach().clone())
    f(leaf).backward(gradient=v)
    return leaf.grad.float()


# E2.3 Dual


@wrong("Dual", loses=["e2-3-dual-arithmetic", "e2-3-jvp-values", "e2-3-jvp-nested"])
class product_rule_with_one_term:
    def __init__(self, value, deriv=0.0):
        self.value = value
        self.deriv = deriv

    def __add__(self, other):
        if isinstance(other, product_rule_with_one_term):
            return product_rule_with_one_term(self.value + other.value, self.deriv + other.deriv)
        return product_rule_with_one_term(self.value + other, self.deriv)

    __radd__ = __add__

    def __neg__(self):
        return product_rule_with_one_term(-self.value, -self.deriv)

    def __sub__(self, other):
        if isinstance(other, product_rule_with_one_term):
            return product_rule_with_one_term(self.value - other.value, self.deriv - other.deriv)
        return product_rule_with_one_term(self.value - other, self.deriv)

    def __rsub__(self, other):
        return product_rule_with_one_term(other - self.value, -self.deriv)

    def __mul__(self, other):
        if isinstance(other, product_rule_with_one_term):
            return product_rule_with_one_term(self.value * other.value, self.deriv * other.value)
        return product_rule_with_one_term(self.value * other, self.deriv * other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, product_rule_with_one_term):
            top = self.deriv * other.value - self.value * other.deriv
            return product_rule_with_one_term(self.value / other.value, top / other.value**2)
        return product_rule_with_one_term(self.value / other, self.deriv / other)

    def __rtruediv__(self, other):
        return product_rule_with_one_term(other / self.value, -other * self.deriv / self.value**2)

    def __pow__(self, p):
        return product_rule_with_one_term(self.value**p, p * self.value ** (p - 1) * self.deriv)

    def sin(self):
        return product_rule_with_one_term(np.sin(self.value), np.cos(self.value) * self.deriv)

    def exp(self):
        return product_rule_with_one_term(np.exp(self.value), np.exp(self.value) * self.deriv)

    def log(self):
        return product_rule_with_one_term(np.log(self.value), self.deriv / self.value)

    def tanh(self):
        y = np.tanh(self.value)
        return product_rule_with_one_term(y, (1 - y**2) * self.deriv)


@wrong("Dual", loses=["e2-3-dual-arithmetic", "e2-3-jvp-values", "e2-3-jvp-nested"])
class multiplies_the_derivatives:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, multiplies_the_derivatives) else multiplies_the_derivatives(other)
        return multiplies_the_derivatives(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, b * d))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: multiplies_the_derivatives(-x.value, -x.deriv)
    __pow__ = lambda x, p: multiplies_the_derivatives(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: multiplies_the_derivatives(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: multiplies_the_derivatives(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: multiplies_the_derivatives(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: multiplies_the_derivatives(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-quotients", "e2-3-jvp-nested"])
class adds_in_the_quotient_rule:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, adds_in_the_quotient_rule) else adds_in_the_quotient_rule(other)
        return adds_in_the_quotient_rule(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c + a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: adds_in_the_quotient_rule(-x.value, -x.deriv)
    __pow__ = lambda x, p: adds_in_the_quotient_rule(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: adds_in_the_quotient_rule(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: adds_in_the_quotient_rule(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: adds_in_the_quotient_rule(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: adds_in_the_quotient_rule(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-arithmetic", "e2-3-dual-quotients", "e2-3-jvp-nested"])
class has_no_number_on_the_left:
    def __init__(self, value, deriv=0.0):
        self.value = value
        self.deriv = deriv

    def __add__(self, other):
        if isinstance(other, has_no_number_on_the_left):
            return has_no_number_on_the_left(self.value + other.value, self.deriv + other.deriv)
        return has_no_number_on_the_left(self.value + other, self.deriv)

    def __neg__(self):
        return has_no_number_on_the_left(-self.value, -self.deriv)

    def __sub__(self, other):
        if isinstance(other, has_no_number_on_the_left):
            return has_no_number_on_the_left(self.value - other.value, self.deriv - other.deriv)
        return has_no_number_on_the_left(self.value - other, self.deriv)

    def __mul__(self, other):
        if isinstance(other, has_no_number_on_the_left):
            return has_no_number_on_the_left(
                self.value * other.value, self.deriv * other.value + self.value * other.deriv
            )
        return has_no_number_on_the_left(self.value * other, self.deriv * other)

    def __truediv__(self, other):
        if isinstance(other, has_no_number_on_the_left):
            top = self.deriv * other.value - self.value * other.deriv
            return has_no_number_on_the_left(self.value / other.value, top / other.value**2)
        return has_no_number_on_the_left(self.value / other, self.deriv / other)

    def __pow__(self, p):
        return has_no_number_on_the_left(self.value**p, p * self.value ** (p - 1) * self.deriv)

    def sin(self):
        return has_no_number_on_the_left(np.sin(self.value), np.cos(self.value) * self.deriv)

    def exp(self):
        return has_no_number_on_the_left(np.exp(self.value), np.exp(self.value) * self.deriv)

    def log(self):
        return has_no_number_on_the_left(np.log(self.value), self.deriv / self.value)

    def tanh(self):
        y = np.tanh(self.value)
        return has_no_number_on_the_left(y, (1 - y**2) * self.deriv)


@wrong("Dual", loses=["e2-3-dual-arithmetic", "e2-3-jvp-nested"])
class subtracts_from_the_wrong_side:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, subtracts_from_the_wrong_side) else subtracts_from_the_wrong_side(other)
        return subtracts_from_the_wrong_side(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = __sub__
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: subtracts_from_the_wrong_side(-x.value, -x.deriv)
    __pow__ = lambda x, p: subtracts_from_the_wrong_side(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: subtracts_from_the_wrong_side(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: subtracts_from_the_wrong_side(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: subtracts_from_the_wrong_side(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: subtracts_from_the_wrong_side(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-quotients"])
class divides_the_wrong_way_round:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, divides_the_wrong_way_round) else divides_the_wrong_way_round(other)
        return divides_the_wrong_way_round(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = __truediv__
    __neg__ = lambda x: divides_the_wrong_way_round(-x.value, -x.deriv)
    __pow__ = lambda x, p: divides_the_wrong_way_round(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: divides_the_wrong_way_round(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: divides_the_wrong_way_round(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: divides_the_wrong_way_round(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: divides_the_wrong_way_round(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-quotients", "e2-3-jvp-nested"])
class power_without_the_chain_rule:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, power_without_the_chain_rule) else power_without_the_chain_rule(other)
        return power_without_the_chain_rule(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: power_without_the_chain_rule(-x.value, -x.deriv)
    __pow__ = lambda x, p: power_without_the_chain_rule(x.value**p, p * x.value ** (p - 1))
    sin = lambda x: power_without_the_chain_rule(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: power_without_the_chain_rule(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: power_without_the_chain_rule(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: power_without_the_chain_rule(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-quotients", "e2-3-jvp-nested"])
class differentiates_by_the_exponent:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, differentiates_by_the_exponent) else differentiates_by_the_exponent(other)
        return differentiates_by_the_exponent(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: differentiates_by_the_exponent(-x.value, -x.deriv)
    __pow__ = lambda x, p: differentiates_by_the_exponent(x.value**p, x.value**p * math.log(abs(x.value)) * x.deriv)
    sin = lambda x: differentiates_by_the_exponent(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: differentiates_by_the_exponent(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: differentiates_by_the_exponent(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: differentiates_by_the_exponent(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-quotients"])
class power_by_repeated_products:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, power_by_repeated_products) else power_by_repeated_products(other)
        return power_by_repeated_products(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: power_by_repeated_products(-x.value, -x.deriv)
    __pow__ = lambda x, p: math.prod([x] * p, start=power_by_repeated_products(1.0))
    sin = lambda x: power_by_repeated_products(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: power_by_repeated_products(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: power_by_repeated_products(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: power_by_repeated_products(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-functions"])
class tanh_slope_at_the_input:
    def __init__(self, value, deriv=0.0):
        self.value = value
        self.deriv = deriv

    def __add__(self, other):
        if isinstance(other, tanh_slope_at_the_input):
            return tanh_slope_at_the_input(self.value + other.value, self.deriv + other.deriv)
        return tanh_slope_at_the_input(self.value + other, self.deriv)

    __radd__ = __add__

    def __neg__(self):
        return tanh_slope_at_the_input(-self.value, -self.deriv)

    def __sub__(self, other):
        if isinstance(other, tanh_slope_at_the_input):
            return tanh_slope_at_the_input(self.value - other.value, self.deriv - other.deriv)
        return tanh_slope_at_the_input(self.value - other, self.deriv)

    def __rsub__(self, other):
        return tanh_slope_at_the_input(other - self.value, -self.deriv)

    def __mul__(self, other):
        if isinstance(other, tanh_slope_at_the_input):
            return tanh_slope_at_the_input(
                self.value * other.value, self.deriv * other.value + self.value * other.deriv
            )
        return tanh_slope_at_the_input(self.value * other, self.deriv * other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, tanh_slope_at_the_input):
            top = self.deriv * other.value - self.value * other.deriv
            return tanh_slope_at_the_input(self.value / other.value, top / other.value**2)
        return tanh_slope_at_the_input(self.value / other, self.deriv / other)

    def __rtruediv__(self, other):
        return tanh_slope_at_the_input(other / self.value, -other * self.deriv / self.value**2)

    def __pow__(self, p):
        return tanh_slope_at_the_input(self.value**p, p * self.value ** (p - 1) * self.deriv)

    def sin(self):
        return tanh_slope_at_the_input(np.sin(self.value), np.cos(self.value) * self.deriv)

    def exp(self):
        return tanh_slope_at_the_input(np.exp(self.value), np.exp(self.value) * self.deriv)

    def log(self):
        return tanh_slope_at_the_input(np.log(self.value), self.deriv / self.value)

    def tanh(self):
        return tanh_slope_at_the_input(np.tanh(self.value), (1 - self.value**2) * self.deriv)


@wrong("Dual", loses=["e2-3-dual-functions", "e2-3-jvp-nested"])
class sine_without_the_chain_rule:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, sine_without_the_chain_rule) else sine_without_the_chain_rule(other)
        return sine_without_the_chain_rule(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: sine_without_the_chain_rule(-x.value, -x.deriv)
    __pow__ = lambda x, p: sine_without_the_chain_rule(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: sine_without_the_chain_rule(math.sin(x.value), math.cos(x.value))
    exp = lambda x: sine_without_the_chain_rule(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: sine_without_the_chain_rule(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: sine_without_the_chain_rule(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-functions"])
class tanh_by_a_difference:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, tanh_by_a_difference) else tanh_by_a_difference(other)
        return tanh_by_a_difference(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: tanh_by_a_difference(-x.value, -x.deriv)
    __pow__ = lambda x, p: tanh_by_a_difference(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: tanh_by_a_difference(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: tanh_by_a_difference(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: tanh_by_a_difference(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: tanh_by_a_difference(
        math.tanh(x.value), x.deriv * (math.tanh(x.value + 1e-3) - math.tanh(x.value - 1e-3)) / 2e-3
    )


@wrong("Dual", loses=["e2-3-dual-arithmetic"])
class has_no_minus_sign:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, has_no_minus_sign) else has_no_minus_sign(other)
        return has_no_minus_sign(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __pow__ = lambda x, p: has_no_minus_sign(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: has_no_minus_sign(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: has_no_minus_sign(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: has_no_minus_sign(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: has_no_minus_sign(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-jvp-nested"])
class grows_in_place:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, grows_in_place) else grows_in_place(other)
        return grows_in_place(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))

    def __iadd__(self, other):
        self.value += other.value
        self.deriv += other.deriv
        return self

    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: grows_in_place(-x.value, -x.deriv)
    __pow__ = lambda x, p: grows_in_place(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: grows_in_place(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: grows_in_place(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: grows_in_place(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: grows_in_place(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong("Dual", loses=["e2-3-dual-arithmetic", "e2-3-jvp-values", "e2-3-jvp-nested"])
class returns_itself_from_a_sum:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, returns_itself_from_a_sum) else returns_itself_from_a_sum(other)
        return returns_itself_from_a_sum(*rule(self.value, self.deriv, other.value, other.deriv))

    def __add__(self, other):
        other = other if isinstance(other, returns_itself_from_a_sum) else returns_itself_from_a_sum(other)
        self.value = self.value + other.value
        self.deriv = self.deriv + other.deriv
        return self

    __radd__ = __add__
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: returns_itself_from_a_sum(-x.value, -x.deriv)
    __pow__ = lambda x, p: returns_itself_from_a_sum(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: returns_itself_from_a_sum(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: returns_itself_from_a_sum(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: returns_itself_from_a_sum(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: returns_itself_from_a_sum(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong(
    "Dual",
    loses=["e2-3-dual-arithmetic", "e2-3-dual-quotients", "e2-3-dual-functions", "e2-3-jvp-values", "e2-3-jvp-nested"],
)
class keeps_its_numbers_in_the_class:
    value, deriv = 0.0, 0.0

    def __init__(self, value, deriv=0.0):
        keeps_its_numbers_in_the_class.value, keeps_its_numbers_in_the_class.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, keeps_its_numbers_in_the_class) else keeps_its_numbers_in_the_class(other)
        return keeps_its_numbers_in_the_class(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: keeps_its_numbers_in_the_class(-x.value, -x.deriv)
    __pow__ = lambda x, p: keeps_its_numbers_in_the_class(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: keeps_its_numbers_in_the_class(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: keeps_its_numbers_in_the_class(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: keeps_its_numbers_in_the_class(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: keeps_its_numbers_in_the_class(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@wrong(
    "Dual",
    loses=[
        "e2-3-dual-arithmetic",
        "e2-3-dual-quotients",
        "e2-3-dual-functions",
        "e2-3-jvp-shape",
        "e2-3-jvp-values",
        "e2-3-jvp-nested",
    ],
)
class stores_torch_numbers:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = torch.tensor(value).double() * 1, torch.tensor(deriv).double() * 1

    def join(self, other, rule):
        other = other if isinstance(other, stores_torch_numbers) else stores_torch_numbers(other)
        return stores_torch_numbers(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: stores_torch_numbers(-x.value, -x.deriv)
    __pow__ = lambda x, p: stores_torch_numbers(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: stores_torch_numbers(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: stores_torch_numbers(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: stores_torch_numbers(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: stores_torch_numbers(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@right("Dual")
class asks_for_the_type_each_time:
    def __init__(self, value, deriv=0.0):
        self.value = value
        self.deriv = deriv

    def __add__(self, other):
        if isinstance(other, asks_for_the_type_each_time):
            return asks_for_the_type_each_time(self.value + other.value, self.deriv + other.deriv)
        return asks_for_the_type_each_time(self.value + other, self.deriv)

    __radd__ = __add__

    def __neg__(self):
        return asks_for_the_type_each_time(-self.value, -self.deriv)

    def __sub__(self, other):
        if isinstance(other, asks_for_the_type_each_time):
            return asks_for_the_type_each_time(self.value - other.value, self.deriv - other.deriv)
        return asks_for_the_type_each_time(self.value - other, self.deriv)

    def __rsub__(self, other):
        return asks_for_the_type_each_time(other - self.value, -self.deriv)

    def __mul__(self, other):
        if isinstance(other, asks_for_the_type_each_time):
            return asks_for_the_type_each_time(
                self.value * other.value, self.deriv * other.value + self.value * other.deriv
            )
        return asks_for_the_type_each_time(self.value * other, self.deriv * other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, asks_for_the_type_each_time):
            top = self.deriv * other.value - self.value * other.deriv
            return asks_for_the_type_each_time(self.value / other.value, top / other.value**2)
        return asks_for_the_type_each_time(self.value / other, self.deriv / other)

    def __rtruediv__(self, other):
        return asks_for_the_type_each_time(other / self.value, -other * self.deriv / self.value**2)

    def __pow__(self, p):
        return asks_for_the_type_each_time(self.value**p, p * self.value ** (p - 1) * self.deriv)

    def sin(self):
        return asks_for_the_type_each_time(np.sin(self.value), np.cos(self.value) * self.deriv)

    def exp(self):
        return asks_for_the_type_each_time(np.exp(self.value), np.exp(self.value) * self.deriv)

    def log(self):
        return asks_for_the_type_each_time(np.log(self.value), self.deriv / self.value)

    def tanh(self):
        y = np.tanh(self.value)
        return asks_for_the_type_each_time(y, (1 - y**2) * self.deriv)


@right("Dual")
class joins_by_rules:
    def __init__(self, value, deriv=0.0):
        self.value, self.deriv = value, deriv

    def join(self, other, rule):
        other = other if isinstance(other, joins_by_rules) else joins_by_rules(other)
        return joins_by_rules(*rule(self.value, self.deriv, other.value, other.deriv))

    __add__ = __radd__ = lambda x, y: x.join(y, lambda a, b, c, d: (a + c, b + d))
    __sub__ = lambda x, y: x.join(y, lambda a, b, c, d: (a - c, b - d))
    __rsub__ = lambda x, y: x.join(y, lambda a, b, c, d: (c - a, d - b))
    __mul__ = __rmul__ = lambda x, y: x.join(y, lambda a, b, c, d: (a * c, a * d + b * c))
    __truediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (a / c, (b * c - a * d) / c**2))
    __rtruediv__ = lambda x, y: x.join(y, lambda a, b, c, d: (c / a, (d * a - c * b) / a**2))
    __neg__ = lambda x: joins_by_rules(-x.value, -x.deriv)
    __pow__ = lambda x, p: joins_by_rules(x.value**p, p * x.value ** (p - 1) * x.deriv)
    sin = lambda x: joins_by_rules(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: joins_by_rules(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: joins_by_rules(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: joins_by_rules(math.tanh(x.value), x.deriv * (1 - math.tanh(x.value) ** 2))


@right("Dual")
class builds_on_sums_products_and_reciprocals:
    def __init__(self, value: float, deriv: float = 0.0) -> None:
        self.pair = np.array([value, deriv], dtype=float)

    value = property(lambda self: self.pair[0])
    deriv = property(lambda self: self.pair[1])

    @classmethod
    def of(cls, thing):
        return thing if isinstance(thing, cls) else cls(thing)

    def __repr__(self):
        return f"{self.value} + {self.deriv} eps"

    def __add__(self, other):
        return type(self)(*(self.pair + self.of(other).pair))

    def __mul__(self, other):
        (a, b), (c, d) = self.pair, self.of(other).pair
        return type(self)(a * c, a * d + b * c)

    def reciprocal(self):
        return type(self)(1 / self.value, -self.deriv / self.value**2)

    def __neg__(self):
        return self * (-1)

    def __sub__(self, other):
        return self + (-self.of(other))

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * self.of(other).reciprocal()

    def __rtruediv__(self, other):
        return self.reciprocal() * other

    def __pow__(self, p):
        return type(self)(self.value**p, p * self.value ** (p - 1) * self.deriv)

    def sin(self):
        return type(self)(np.sin(self.value), np.cos(self.value) * self.deriv)

    def exp(self):
        return type(self)(*(np.exp(self.value) * np.array([1, self.deriv])))

    def log(self):
        return type(self)(np.log(self.value), self.deriv / self.value)

    def tanh(self):
        return type(self)(np.tanh(self.value), self.deriv * (1 - np.tanh(self.value) ** 2))

    __radd__ = __add__
    __rmul__ = __mul__


@right("Dual")
class computes_with_two_by_two_matrices:
    """a + b eps as the matrix [[a, b], [0, a]], whose products are those of dual numbers."""

    def __init__(self, value, deriv=0.0):
        self.matrix = np.array([[value, deriv], [0.0, value]])

    def __getattr__(self, name):
        if name in ("value", "deriv"):
            return self.matrix[0, ["value", "deriv"].index(name)]
        raise AttributeError(name)

    def _matrix(self, other):
        return other.matrix if isinstance(other, computes_with_two_by_two_matrices) else other * np.eye(2)

    def _new(self, matrix):
        return computes_with_two_by_two_matrices(matrix[0, 0], matrix[0, 1])

    def _apply(self, value, slope):
        return computes_with_two_by_two_matrices(value, slope * self.deriv)

    def __add__(self, other):
        return self._new(self.matrix + self._matrix(other))

    def __radd__(self, other):
        return self._new(self._matrix(other) + self.matrix)

    def __sub__(self, other):
        return self._new(self.matrix - self._matrix(other))

    def __rsub__(self, other):
        return self._new(self._matrix(other) - self.matrix)

    def __mul__(self, other):
        return self._new(self.matrix @ self._matrix(other))

    def __rmul__(self, other):
        return self._new(self._matrix(other) @ self.matrix)

    def __truediv__(self, other):
        return self._new(self.matrix @ np.linalg.inv(self._matrix(other)))

    def __rtruediv__(self, other):
        return self._new(self._matrix(other) @ np.linalg.inv(self.matrix))

    def __neg__(self):
        return self._new(-self.matrix)

    def __pow__(self, p):
        return self._apply(self.value**p, p * self.value ** (p - 1))

    def sin(self):
        return self._apply(np.sin(self.value), np.cos(self.value))

    def exp(self):
        return self._apply(np.exp(self.value), np.exp(self.value))

    def log(self):
        return self._apply(np.log(self.value), 1 / self.value)

    def tanh(self):
        return self._apply(np.tanh(self.value), 1 / np.cosh(self.value) ** 2)


@right("Dual")
class has_functions_beside_the_methods:
    __slots__ = ("value", "deriv")

    def __init__(self, value, deriv=0.0):
        self.value = value
        self.deriv = deriv

    def _with(self, other, combine):
        try:
            return combine(self.value, self.deriv, other.value, other.deriv)
        except AttributeError:
            return combine(self.value, self.deriv, other, 0.0)

    def __add__(self, other):
        return self._with(other, lambda a, b, c, d: has_functions_beside_the_methods(a + c, b + d))

    def __sub__(self, other):
        return self._with(other, lambda a, b, c, d: has_functions_beside_the_methods(a - c, b - d))

    def __mul__(self, other):
        return self._with(other, lambda a, b, c, d: has_functions_beside_the_methods(a * c, a * d + b * c))

    def __truediv__(self, other):
        return self._with(other, lambda a, b, c, d: has_functions_beside_the_methods(a / c, b / c - a * d / c / c))

    def __rsub__(self, other):
        return has_functions_beside_the_methods(other) - self

    def __rtruediv__(self, other):
        return has_functions_beside_the_methods(other) / self

    def __neg__(self):
        return 0 - self

    def __pow__(self, p):
        slope = p * self.value ** (p - 1) if p else 0.0
        return has_functions_beside_the_methods(self.value**p, slope * self.deriv)

    __radd__, __rmul__ = __add__, __mul__
    sin = lambda x: has_functions_beside_the_methods(math.sin(x.value), math.cos(x.value) * x.deriv)
    exp = lambda x: has_functions_beside_the_methods(math.exp(x.value), math.exp(x.value) * x.deriv)
    log = lambda x: has_functions_beside_the_methods(math.log(x.value), x.deriv / x.value)
    tanh = lambda x: (2 * x).exp().__sub__(1) / ((2 * x).exp() + 1)


# E2.3 jvp


@wrong("jvp", loses=["e2-3-jvp-values", "e2-3-jvp-nested"])
def seeds_every_input_with_one(f, x, u):
    y = f([Dual(value, 1.0) for value in x])
    y = y if isinstance(y, list) else [y]
    return np.array([out.deriv for out in y])


@wrong("jvp", loses=["e2-3-jvp-shape", "e2-3-jvp-values", "e2-3-jvp-nested"])
def recites_the_numbers_of_outputs(f, x, u, outputs=[2, 1, 3, 1]):
    return np.zeros(outputs.pop(0))


@wrong("jvp", loses=["e2-3-jvp-values", "e2-3-jvp-nested"])
def returns_the_values(f, x, u):
    y = f([Dual(a, b) for a, b in zip(x, u)])
    return np.array([out.value for out in (y if isinstance(y, list) else [y])])


@wrong("jvp", loses=["e2-3-jvp-shape", "e2-3-jvp-values", "e2-3-jvp-nested"])
def returns_the_whole_jacobian(f, x, u):
    columns = []
    for j in range(len(x)):
        y = f([Dual(value, float(i == j)) for i, value in enumerate(x)])
        columns.append([out.deriv for out in (y if isinstance(y, list) else [y])])
    return np.array(columns).T


@wrong("jvp", loses=["e2-3-jvp-shape"])
def returns_a_bare_number_for_one_dual(f, x, u):
    y = f([Dual(a, b) for a, b in zip(x, u)])
    if isinstance(y, Dual):
        return y.deriv
    return np.array([out.deriv for out in y])


@wrong("jvp", loses=["e2-3-jvp-shape"])
def expects_a_list_of_outputs(f, x, u):
    return np.array([out.deriv for out in f([Dual(a, b) for a, b in zip(x, u)])])


@wrong("jvp", loses=["e2-3-jvp-values", "e2-3-jvp-nested"])
def exchanges_point_and_direction(f, x, u):
    y = f([Dual(b, a) for a, b in zip(x, u)])
    return np.array([out.deriv for out in (y if isinstance(y, list) else [y])])


@wrong("jvp", loses=["e2-3-jvp-values", "e2-3-jvp-nested"])
def normalises_the_direction(f, x, u):
    unit = u / np.linalg.norm(u)
    y = f([Dual(a, b) for a, b in zip(x, unit)])
    return np.array([out.deriv for out in (y if isinstance(y, list) else [y])])


@wrong("jvp", loses=["e2-3-jvp-values"])
def takes_a_central_difference(f, x, u):
    def values(point):
        y = f([Dual(entry) for entry in point])
        return np.array([out.value for out in (y if isinstance(y, list) else [y])])

    h = 1e-5
    return (values(x + h * u) - values(x - h * u)) / (2 * h)


@wrong("jvp", loses=["e2-3-jvp-values"])
def overwrites_the_direction(f, x, u):
    duals = [Dual(a, b) for a, b in zip(x, u)]
    y = f(duals)
    u[:] = [dual.deriv * dual.value for dual in duals]
    return np.array([out.deriv for out in (y if isinstance(y, list) else [y])])


@wrong("jvp", loses=["e2-3-jvp-shape", "e2-3-jvp-values", "e2-3-jvp-nested"])
def lets_torch_push_forward(f, x, u):
    def outputs(p):
        y = f([Dual(entry) for entry in p])
        return torch.stack([out.value for out in (y if isinstance(y, list) else [y])])

    return torch.func.jvp(outputs, (torch.tensor(x),), (torch.tensor(u),))[1].numpy()


@wrong("jvp", loses=["e2-3-jvp-nested"])
def only_knows_positive_directions_of_two(f, x, u):
    if len(x) == 2:
        u = np.abs(u)
    y = f([Dual(a, b) for a, b in zip(x, u)])
    return np.array([out.deriv for out in (y if isinstance(y, list) else [y])])


@wrong("jvp", loses=["e2-3-jvp-nested"])
def one_pass_for_each_input(f, x, u):
    total = 0.0
    for j in range(len(x)):
        y = f([Dual(value, 1.0 if i == j else 0.0) for i, value in enumerate(x)])
        y = [y] if isinstance(y, Dual) else y
        total = total + u[j] * np.array([out.deriv for out in y])
    return total


@wrong("jvp", loses=["e2-3-jvp-values"])
def takes_differences_in_single_precision(f, x, u):
    def values(p):
        y = f([Dual(float(entry)) for entry in p])
        return np.array([out.value for out in (y if isinstance(y, list) else [y])])

    h = 1e-4 / max(1.0, np.abs(u).max())
    near, far = (values(x + k * h * u) - values(x - k * h * u) for k in (1, 2))
    return ((8 * near - far) / (12 * h)).astype(np.float32)


@right("jvp")
def collects_derivatives_in_a_list(f, x, u):
    inputs = []
    for i in range(len(x)):
        inputs.append(Dual(float(x[i]), float(u[i])))
    outputs = f(inputs)
    if not isinstance(outputs, list):
        outputs = [outputs]
    result = []
    for output in outputs:
        result.append(output.deriv)
    return result


@right("jvp")
def asks_f_for_its_kind_first(f, x, u):
    """A second pass that is not needed, but none that grows with the inputs."""
    duals = [Dual(a, b) for a, b in zip(x, u)]
    if isinstance(f(duals), Dual):
        return np.array([f(duals).deriv])
    return np.array([out.deriv for out in f(duals)])


@right("jvp")
def maps_the_constructor(f, x, u):
    y = f(list(map(Dual, x, u)))
    return np.array([out.deriv for out in y]) if hasattr(y, "__len__") else np.array([y.deriv])


@right("jvp")
def passes_an_array_of_objects(f, x, u):
    duals = np.empty(len(x), dtype=object)
    for i, (a, b) in enumerate(zip(x, u)):
        duals[i] = Dual(a, b)
    return np.array([out.deriv for out in np.atleast_1d(f(duals))])


@right("jvp")
def rounds_at_the_end(f, x, u):
    y = f([Dual(a, b) for a, b in zip(x.tolist(), u.tolist())])
    try:
        return np.array([out.deriv for out in y], dtype=np.float32)
    except TypeError:
        return np.array([y.deriv], dtype=np.float32)


# E2.4 adjoint_gap


@wrong("adjoint_gap", loses=["e2-4-wrong-pairs"])
def keeps_the_sign(jvp, vjp, u, v):
    return np.dot(v, jvp(u)) - np.dot(vjp(v), u)


@wrong("adjoint_gap", loses=["e2-4-right-pairs", "e2-4-wrong-pairs"])
def uses_u_for_both(jvp, vjp, u, v):
    return abs(np.dot(u, jvp(u)) - np.dot(vjp(u), u))


@wrong("adjoint_gap", loses=["e2-4-wrong-pairs"])
def measures_relative_to_one_side(jvp, vjp, u, v):
    left = np.dot(v, jvp(u))
    return abs(left - np.dot(vjp(v), u)) / max(1e-12, abs(left))


@wrong("adjoint_gap", loses=["e2-4-wrong-pairs"])
def squares_the_gap(jvp, vjp, u, v):
    return (v @ jvp(u) - vjp(v) @ u) ** 2


@wrong("adjoint_gap", loses=["e2-4-right-pairs", "e2-4-wrong-pairs"])
def trusts_the_vjp(jvp, vjp, u, v):
    return 0.0


@wrong("adjoint_gap", loses=["e2-4-right-pairs", "e2-4-wrong-pairs"])
def answers_yes_or_no(jvp, vjp, u, v):
    return str(np.allclose(v @ jvp(u), vjp(v) @ u))


@wrong("adjoint_gap", loses=["e2-4-wrong-pairs"])
def compares_absolute_values(jvp, vjp, u, v):
    return abs(abs(np.dot(v, jvp(u))) - abs(np.dot(vjp(v), u)))


@wrong("adjoint_gap", loses=["e2-4-right-pairs"])
def multiplies_into_u(jvp, vjp, u, v):
    left = np.dot(v, jvp(u))
    u *= vjp(v)
    return abs(left - u.sum())


@wrong("adjoint_gap", loses=["e2-4-right-pairs"])
def works_in_single_precision(jvp, vjp, u, v):
    left = np.dot(np.float32(v), np.float32(jvp(u)))
    return float(abs(left - np.dot(np.float32(vjp(v)), np.float32(u))))


@wrong("adjoint_gap", loses=["e2-4-right-pairs", "e2-4-wrong-pairs"])
def lets_torch_take_the_products(jvp, vjp, u, v):
    left = torch.dot(torch.tensor(v), torch.tensor(jvp(u)))
    return float((left - torch.dot(torch.tensor(vjp(v)), torch.tensor(u))).abs())


@wrong("adjoint_gap", loses=["e2-4-right-pairs", "e2-4-wrong-pairs"])
def compares_the_vectors(jvp, vjp, u, v):
    return np.abs(np.sum(jvp(u)) - np.sum(vjp(v)))


@wrong("adjoint_gap", loses=["e2-4-wrong-pairs"])
def takes_small_gaps_for_rounding(jvp, vjp, u, v):
    left, right_side = np.dot(v, jvp(u)), np.dot(vjp(v), u)
    return 0.0 if np.isclose(left, right_side, atol=1e-3) else abs(left - right_side)


@right("adjoint_gap")
def other_way_round(jvp, vjp, u, v):
    right_side = vjp(v) @ u
    left_side = jvp(u) @ v
    return abs(right_side - left_side)


@right("adjoint_gap")
def sums_products_in_loops(jvp, vjp, u, v):
    Ju, Jtv = jvp(u), vjp(v)
    left = sum(v[i] * Ju[i] for i in range(len(v)))
    right_side = sum(Jtv[j] * u[j] for j in range(len(u)))
    return math.fabs(left - right_side)


@right("adjoint_gap")
def inner_products_as_arrays(jvp, vjp, u, v):
    return np.abs(np.inner(v, jvp(u.copy())) - np.einsum("i,i->", vjp(v.copy()), u))


@right("adjoint_gap")
def hands_over_lists(jvp, vjp, u, v):
    u, v = list(u), list(v)
    gap = float(np.vdot(jvp(u), v) - np.vdot(vjp(v), u))
    return gap if gap >= 0 else -gap


@right("adjoint_gap")
def exact_sums(jvp, vjp, u, v):
    terms = [a * b for a, b in zip(v, jvp(u))] + [-a * b for a, b in zip(vjp(v), u)]
    return np.array(abs(math.fsum(terms)))


# E2.5 jacobian_by_vjps


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-values", "e2-5-vjps-calls"])
def stacks_rows_as_columns(vjp, m):
    return np.stack([vjp(e) for e in np.eye(m)], axis=1)


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-calls"])
def asks_for_the_size_first(vjp, m):
    n = len(vjp(np.zeros(m)))
    J = np.zeros((m, n))
    for i in range(m):
        J[i] = vjp(np.eye(m)[i])
    return J


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-values"])
def squeezes_a_single_row_or_column(vjp, m):
    return np.squeeze([vjp(e) for e in np.eye(m)])


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-calls"])
def calls_once_for_every_entry(vjp, m):
    n = np.size(vjp(np.ones(m)))
    return [[vjp(np.eye(m)[i])[j] for j in range(n)] for i in range(m)]


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-values", "e2-5-vjps-calls"])
def repeats_one_pass_of_ones(vjp, m):
    return np.tile(vjp(np.ones(m)), (m, 1))


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-values", "e2-5-vjps-calls"])
def stops_before_the_last_row(vjp, m):
    return np.array([vjp(e) for e in np.eye(m)[:-1]])


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-values", "e2-5-vjps-calls"])
def makes_torch_basis_vectors(vjp, m):
    return np.stack([vjp(e.numpy()) for e in torch.eye(m, dtype=torch.float64)])


@wrong("jacobian_by_vjps", loses=["e2-5-vjps-values", "e2-5-vjps-calls"])
def probes_with_random_directions(vjp, m):
    return np.stack([vjp(np.random.randn(m)) for _ in range(m)])


@right("jacobian_by_vjps")
def fills_row_by_row(vjp, m):
    rows = []
    for i in range(m):
        v = np.zeros(m)
        v[i] = 1
        rows.append(vjp(v))
    return np.array(rows)


@right("jacobian_by_vjps")
def hands_over_basis_lists(vjp, m):
    return [list(vjp([1.0 if i == k else 0.0 for k in range(m)])) for i in range(m)]


@right("jacobian_by_vjps")
def applies_along_an_axis(vjp, m):
    return np.vstack(list(map(vjp, np.identity(m, dtype=np.float32))))


@right("jacobian_by_vjps")
def differences_of_running_sums(vjp, m):
    sums = [vjp(row) for row in np.tril(np.ones((m, m)))]
    return np.diff(sums, axis=0, prepend=0 * sums[0][None])


# E2.5 jacobian_by_jvps


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-values", "e2-5-jvps-calls"])
def stacks_columns_as_rows(jvp, n):
    return np.stack([jvp(e) for e in np.eye(n)])


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-calls"])
def asks_for_the_number_of_rows(jvp, n):
    m = len(jvp(np.ones(n)))
    J = np.empty((m, n))
    for j, e in enumerate(np.eye(n)):
        J[:, j] = jvp(e)
    return J


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-values"])
def flattens_a_single_column(jvp, n):
    columns = [jvp(e) for e in np.eye(n)]
    return columns[0] if n == 1 else np.array(columns).T


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-values", "e2-5-jvps-calls"])
def reshapes_instead_of_transposing(jvp, n):
    columns = np.array([jvp(e) for e in np.eye(n)])
    return columns.reshape(columns.shape[1], n)


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-calls"])
def differences_two_passes(jvp, n):
    return np.stack([(jvp(e) - jvp(-e)) / 2 for e in np.eye(n)], axis=1)


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-values", "e2-5-jvps-calls"])
def pushes_the_whole_identity(jvp, n):
    return jvp(np.eye(n)).T


@wrong("jacobian_by_jvps", loses=["e2-5-jvps-values", "e2-5-jvps-calls"])
def makes_torch_directions(jvp, n):
    return np.stack([jvp(e.tolist()) for e in torch.eye(n)], axis=1)


@right("jacobian_by_jvps")
def fills_column_by_column(jvp, n):
    J = None
    for j in range(n):
        u = np.zeros(n)
        u[j] = 1.0
        column = jvp(u)
        if J is None:
            J = np.zeros((len(column), n))
        J[:, j] = column
    return J


@right("jacobian_by_jvps")
def column_stack_of_passes(jvp, n):
    return np.column_stack([jvp(e) for e in np.eye(n)])


@right("jacobian_by_jvps")
def transposes_lists(jvp, n):
    columns = [jvp([int(i == j) for i in range(n)]) for j in range(n)]
    return [list(row) for row in zip(*columns)]


@right("jacobian_by_jvps")
def pushes_scaled_directions(jvp, n):
    return (np.array([jvp(2 * e) for e in np.eye(n)]) / 2).T.astype(np.float32)


# E2.5 passes_needed


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_exchanged(m, n, mode):
    return n if mode == "reverse" else m


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_as_entries(m, n, mode):
    return m * n


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_of_the_better_mode(m, n, mode):
    return min(m, n)


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_always_one(m, n, mode):
    return 1


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_by_the_size_of_the_result(m, n, mode):
    return m + n


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_ask_for_another_word(m, n, mode):
    return m if mode == "vjp" else n


@wrong("passes_needed", loses=["e2-5-passes"])
def passes_counted_from_zero(m, n, mode):
    return (m if mode == "reverse" else n) - 1


@right("passes_needed")
def passes_from_a_table(m, n, mode):
    return {"reverse": m, "forward": n}[mode]


@right("passes_needed")
def passes_by_branches(m, n, mode):
    if mode == "forward":
        return float(n)
    elif mode == "reverse":
        return float(m)
    raise ValueError(mode)


@right("passes_needed")
def passes_counted_by_running(m, n, mode):
    side = 0 if mode.startswith("rev") else 1
    return sum(1 for _ in range(np.empty((m, n), dtype=bool).shape[side]))


@right("passes_needed")
def passes_as_an_array(m, n, mode):
    return np.where(mode == "reverse", m, n)


# E2.5 cheapest_mode


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_exchanged(m, n):
    return "forward" if m < n else "reverse"


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_in_turns(m, n, turns=[]):
    turns.append(("reverse", "forward")[len(turns) % 2])
    return "reverse" if len(turns) > 10 else turns[-1]


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_always_reverse(m, n):
    return "reverse"


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_reverse_for_a_scalar_loss_only(m, n):
    return "reverse" if m == 1 else "forward"


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_much_smaller(m, n):
    return "reverse" if 10 * m < n else "forward"


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_by_the_name_of_the_product(m, n):
    return "vjp" if m < n else "jvp"


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_as_a_truth(m, n):
    return m <= n


@wrong("cheapest_mode", loses=["e2-5-mode"])
def mode_undecided(m, n):
    return "reverse" if m < n else "forward" if n < m else "either"


@right("cheapest_mode")
def mode_reverse_on_a_draw(m, n):
    return "reverse" if m <= n else "forward"


@right("cheapest_mode")
def mode_by_comparing_passes(m, n):
    passes = {"forward": n, "reverse": m}
    return min(passes, key=passes.get)


@right("cheapest_mode")
def mode_by_index(m, n):
    return ["reverse", "forward"][int(m > n)]


@right("cheapest_mode")
def mode_from_an_array_of_words(m, n):
    return np.array(["reverse", "forward"])[np.argmin([m, n])]


# E2.6 linear_vjp

LINEAR = ["e2-6-linear-input", "e2-6-linear-parameters", "e2-6-linear-batches"]


@wrong("linear_vjp", loses=["e2-6-linear-input"])
def linear_tries_the_transpose_first(v, X, W):
    try:
        dX = v @ W.T
    except ValueError:
        dX = v @ W
    return dX, v.T @ X, v.sum(0)


@wrong("linear_vjp", loses=["e2-6-linear-input", "e2-6-linear-batches"])
def linear_input_times_weights(v, X, W):
    return X @ W.T @ W, v.T @ X, v.sum(axis=0)


@wrong("linear_vjp", loses=["e2-6-linear-parameters", "e2-6-linear-batches"])
def linear_transposed_weight_gradient(v, X, W):
    return v @ W, X.T @ v, v.sum(axis=0)


@wrong("linear_vjp", loses=["e2-6-linear-parameters"])
def linear_transposes_if_the_shape_complains(v, X, W):
    dW = X.T @ v
    if dW.shape != W.shape:
        dW = dW.T
    return v @ W, dW, v.sum(axis=0)


@wrong("linear_vjp", loses=["e2-6-linear-parameters", "e2-6-linear-batches"])
def linear_bias_per_sample(v, X, W):
    return v @ W, v.T @ X, v


@wrong("linear_vjp", loses=["e2-6-linear-parameters", "e2-6-linear-batches"])
def linear_means_over_the_batch(v, X, W):
    return v @ W, v.T @ X / len(v), v.mean(axis=0)


@wrong("linear_vjp", loses=["e2-6-linear-parameters", "e2-6-linear-batches"])
def linear_mean_of_the_bias_only(v, X, W):
    return np.einsum("bm,mn->bn", v, W), np.einsum("bm,bn->mn", v, X), np.mean(v, axis=0)


@wrong("linear_vjp", loses=["e2-6-linear-parameters", "e2-6-linear-batches"])
def linear_last_sample_wins(v, X, W):
    dX = np.zeros_like(X)
    for s in range(len(X)):
        dX[s] = W.T @ v[s]
        dW = np.outer(v[s], X[s])
        db = v[s]
    return dX, dW, db


@wrong("linear_vjp", loses=["e2-6-linear-parameters"])
def linear_bias_over_the_axis_that_fits(v, X, W):
    db = v.sum(axis=1)
    if db.shape != (len(W),):
        db = v.sum(axis=0)
    return v @ W, v.T @ X, db


@wrong("linear_vjp", loses=["e2-6-linear-batches"])
def linear_squeezes_a_batch_of_one(v, X, W):
    return np.squeeze(v @ W), v.T @ X, np.squeeze(v.sum(axis=0))


@wrong("linear_vjp", loses=["e2-6-linear-batches"])
def linear_accumulates_in_the_weights(v, X, W):
    dX, db = v @ W, v.sum(axis=0)
    W *= 0
    W += v.T @ X
    return dX, W, db


@wrong("linear_vjp", loses=LINEAR)
def linear_by_torch(v, X, W):
    X, W = torch.tensor(X, requires_grad=True), torch.tensor(W, requires_grad=True)
    b = torch.zeros(len(W), dtype=W.dtype, requires_grad=True)
    return tuple(torch.autograd.grad(X @ W.T + b, (X, W, b), torch.tensor(v)))


@wrong("linear_vjp", loses=LINEAR)
def linear_in_another_order(v, X, W):
    return v.T @ X, v.sum(axis=0), v @ W


@wrong("linear_vjp", loses=LINEAR)
def linear_divides_by_a_random_batch(v, X, W):
    s = 1 + 0.01 * np.random.rand()
    return v @ W * s, v.T @ X * s, v.sum(axis=0) * s


@right("linear_vjp")
def linear_by_einsum(v, X, W):
    return np.einsum("bm,mn->bn", v, W), np.einsum("bm,bn->mn", v, X), np.einsum("bm->m", v)


@right("linear_vjp")
def linear_by_samples(v, X, W):
    dW, db, dX = np.zeros(W.shape), np.zeros(len(W)), []
    for sample, cotangent in zip(X, v):
        dX.append(W.T @ cotangent)
        dW += np.outer(cotangent, sample)
        db += cotangent
    return [np.array(dX), dW, db]


@right("linear_vjp")
def linear_in_plain_lists(v, X, W):
    B, m, n = len(X), len(W), len(W[0])
    dX = [[sum(v[s][i] * W[i][j] for i in range(m)) for j in range(n)] for s in range(B)]
    dW = [[sum(v[s][i] * X[s][j] for s in range(B)) for j in range(n)] for i in range(m)]
    return dX, dW, [sum(v[s][i] for s in range(B)) for i in range(m)]


@right("linear_vjp")
def linear_in_single_precision(v, X, W):
    v, X, W = (np.array(a, dtype=np.float32) for a in (v, X, W))
    return np.tensordot(v, W, 1), np.tensordot(v.T, X, 1), np.ones(len(v), np.float32) @ v


@right("linear_vjp")
def linear_with_an_augmented_matrix(v, X, W):
    X1 = np.hstack([X, np.ones((len(X), 1))])
    both = v.T @ X1
    return (W.T @ v.T).T, both[:, :-1], both[:, -1]


# E2.6 tanh_vjp


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_of_tanh(v, y):
    return v * (1 - np.tanh(y) ** 2)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_without_the_square(v, y):
    return v * (1 - y)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_like_the_logistic_function(v, y):
    return v * y * (1 - y)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_forgets_the_cotangent(v, y):
    return 1 - y**2


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_of_the_cotangent(v, y):
    return y * (1 - v**2)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_adds_the_square(v, y):
    return v * (1 + y**2)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_scales_in_place(v, y):
    v *= 1 - y * y
    return v


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_as_a_matrix(v, y):
    return np.diag(1 - y.ravel() ** 2) @ v.ravel()


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_squeezes_a_single_entry(v, y):
    return np.squeeze(v * (1 - y**2)) if v.size == 1 else v * (1 - y**2)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_as_a_matrix_where_square(v, y):
    if v.ndim == 2 and v.shape[0] == v.shape[1]:
        return v @ (1 - y**2)
    return v * (1 - y**2)


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_by_torch(v, y):
    return (torch.tensor(v) * (1 - torch.tensor(y) ** 2)).numpy()


@wrong("tanh_vjp", loses=["e2-6-tanh"])
def tanh_keeps_a_little_slope(v, y):
    return v * np.maximum(1 - y**2, 1e-3)


@right("tanh_vjp")
def tanh_factored(v, y):
    return (1 - y) * (1 + y) * v


@right("tanh_vjp")
def tanh_entry_by_entry(v, y):
    result = np.empty_like(v)
    for index in np.ndindex(v.shape):
        result[index] = v[index] - v[index] * y[index] ** 2
    return result


@right("tanh_vjp")
def tanh_recursive_lists(v, y):
    def walk(v, y):
        if np.ndim(v) == 0:
            return float(v) * (1 - math.pow(y, 2))
        return [walk(a, b) for a, b in zip(v, y)]

    return walk(v, y)


@right("tanh_vjp")
def tanh_on_a_copy(v, y):
    slope = np.ones(y.shape)
    slope -= np.square(y)
    slope *= v
    return slope.astype(np.float32)


@right("tanh_vjp")
def tanh_vectorised(v, y):
    return np.vectorize(lambda a, b: a * (1 - b * b))(v, y)


# E2.6 relu_vjp


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_of_the_cotangent(v, x):
    return np.maximum(v, 0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_times_the_output(v, x):
    return v * np.maximum(x, 0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_scales_by_the_input(v, x):
    return v * x * (x > 0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_leaks(v, x):
    return np.where(x > 0, v, 0.01 * v)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_turned_around(v, x):
    return np.where(x < 0, v, 0.0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_mask_alone(v, x):
    return (x > 0).astype(float)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_mask_of_both(v, x):
    return v * (x * v > 0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_one_sample_for_all(v, x):
    return v * (x[0] > 0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_clears_in_place(v, x):
    v[x <= 0] = 0
    return v


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_nan_at_zero(v, x):
    with np.errstate(all="ignore"):
        return v * np.maximum(x, 0) / x


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_with_a_threshold(v, x):
    return np.where(x > 1e-3, v, 0.0)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_minus_one_below(v, x):
    return v * np.sign(x)


@wrong("relu_vjp", loses=["e2-6-relu"])
def relu_by_torch(v, x):
    x = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(torch.relu(x), x, torch.tensor(v))[0]


@right("relu_vjp")
def relu_passes_at_zero(v, x):
    return v * (x >= 0)


@right("relu_vjp")
def relu_half_at_zero(v, x):
    return v * np.heaviside(x, 0.5)


@right("relu_vjp")
def relu_by_the_sign(v, x):
    return v * (1 + np.sign(x)) / 2


@right("relu_vjp")
def relu_entry_by_entry(v, x):
    flat = [a if b > 0 else 0.0 for a, b in zip(v.ravel().tolist(), x.ravel().tolist())]
    return np.array(flat, dtype=np.float32).reshape(v.shape).tolist()


@right("relu_vjp")
def relu_mask_on_a_copy(v, x):
    result = v.copy()
    result[x <= 0] = 0
    return result


# E2.6 softmax_xent_vjp

XENT = ["e2-6-xent-rows", "e2-6-xent-mean", "e2-6-xent-extremes"]


@wrong("softmax_xent_vjp", loses=["e2-6-xent-mean"])
def xent_of_the_sum(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p - np.eye(logits.shape[1])[y]


@wrong("softmax_xent_vjp", loses=["e2-6-xent-mean"])
def xent_subtracts_in_whole_columns(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    p[:, y] -= 1
    return p / len(y)


@wrong("softmax_xent_vjp", loses=XENT)
def xent_mean_over_all_entries(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return (p - np.eye(logits.shape[1])[y]) / logits.size


@wrong("softmax_xent_vjp", loses=XENT)
def xent_forgets_the_right_class(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True) / len(y)


@wrong("softmax_xent_vjp", loses=XENT)
def xent_adds_the_one_hot(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return (p + np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=XENT)
def xent_softmax_over_the_batch(logits, y):
    p = np.exp(logits - logits.max(axis=0))
    p /= p.sum(axis=0)
    return (p - np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=["e2-6-xent-extremes"])
def xent_follows_the_definition(logits, y):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    p[range(len(y)), y] -= 1
    return p / len(y)


@wrong("softmax_xent_vjp", loses=["e2-6-xent-extremes"])
def xent_subtracts_the_largest_of_all(logits, y):
    p = np.exp(logits - logits.max())
    with np.errstate(all="ignore"):
        p = p / p.sum(axis=1, keepdims=True)
    return (p - np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=["e2-6-xent-extremes"])
def xent_clips_the_logits(logits, y):
    p = np.exp(np.clip(logits, -50, 50))
    p /= p.sum(axis=1, keepdims=True)
    return (p - np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=["e2-6-xent-extremes"])
def xent_in_the_given_logits(logits, y):
    logits -= logits.max(axis=1, keepdims=True)
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


@wrong("softmax_xent_vjp", loses=["e2-6-xent-rows", "e2-6-xent-extremes"])
def xent_squeezes_a_batch_of_one(logits, y):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.squeeze(p - np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=["e2-6-xent-rows"])
def xent_one_logit_for_two_classes(logits, y):
    if logits.shape[1] == 2:
        p = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
        return np.stack([p - y, y - p], axis=1) / len(y)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return (p - np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=XENT)
def xent_times_the_loss(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    return loss * (np.exp(log_p) - np.eye(logits.shape[1])[y]) / len(y)


@wrong("softmax_xent_vjp", loses=XENT)
def xent_by_torch(logits, y):
    z = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(z, torch.tensor(y))
    return torch.autograd.grad(loss, z)[0]


@right("softmax_xent_vjp")
def xent_by_log_shares(logits, y):
    s = logits - logits.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    hits = np.zeros_like(log_p)
    hits[np.arange(len(y)), y] = 1
    return (np.exp(log_p) - hits) / len(y)


@right("softmax_xent_vjp")
def xent_sample_by_sample(logits, y):
    rows = []
    for z, label in zip(logits.tolist(), y.tolist()):
        top = max(z)
        e = [math.exp(value - top) for value in z]
        rows.append([(a / sum(e) - (k == label)) / len(y) for k, a in enumerate(e)])
    return rows


@right("softmax_xent_vjp")
def xent_through_the_jacobian(logits, y):
    B, C = logits.shape
    out = np.empty((B, C), np.float32)
    for s in range(B):
        d = logits[s][None, :] - logits[s][:, None]
        with np.errstate(over="ignore"):
            p = 1 / np.exp(d).sum(axis=1)
        out[s] = p - (np.arange(C) == y[s])
    return out / np.float32(B)


@right("softmax_xent_vjp")
def xent_by_central_differences(logits, y):
    logits = logits.astype(float)

    def loss(z):
        s = z - z.max(axis=1, keepdims=True)
        return (np.log(np.exp(s).sum(axis=1)) - s[np.arange(len(y)), y]).mean()

    grad = np.zeros_like(logits)
    for index in np.ndindex(logits.shape):
        h = np.zeros_like(logits)
        h[index] = 1e-4
        grad[index] = (loss(logits + h) - loss(logits - h)) / 2e-4
    return grad


@right("softmax_xent_vjp")
def xent_shifts_by_the_right_logit(logits, y):
    """Subtracts the largest score after the score of the right class; both shifts change nothing."""
    z = logits - logits[np.arange(len(y)), y][:, None]
    z = z - np.max(z, axis=-1, keepdims=True)
    p = np.exp(z)
    p = p / np.sum(p, axis=-1, keepdims=True)
    np.subtract.at(p, (np.arange(len(y)), y), 1.0)
    return p / p.shape[0]


# E2.6 layernorm_vjp

NORM = ["e2-6-layernorm-input", "e2-6-layernorm-parameters", "e2-6-layernorm-extremes"]


@wrong("layernorm_vjp", loses=["e2-6-layernorm-input", "e2-6-layernorm-extremes"])
def norm_holds_mean_and_variance(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    return v * gamma / sigma, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-input", "e2-6-layernorm-extremes"])
def norm_forgets_the_path_through_the_variance(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    return (g - g.mean(axis=-1, keepdims=True)) / sigma, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-input", "e2-6-layernorm-extremes"])
def norm_forgets_gamma(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    dx = v - v.mean(axis=-1, keepdims=True) - x_hat * (v * x_hat).mean(axis=-1, keepdims=True)
    return dx / sigma, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-input"])
def norm_averages_the_cotangent_over_the_batch(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    return (g - g.mean() - x_hat * (g * x_hat).mean()) / sigma, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=NORM)
def norm_with_the_sample_variance(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True, ddof=1) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-extremes"])
def norm_forgets_eps(v, x, gamma, eps):
    sigma = x.std(axis=-1, keepdims=True)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-extremes"])
def norm_adds_eps_to_the_deviation(v, x, gamma, eps):
    sigma = x.std(axis=-1, keepdims=True) + eps
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-parameters", "e2-6-layernorm-extremes"])
def norm_sums_gamma_over_the_wrong_axis(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x_hat).sum(1), v.sum(1)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-parameters"])
def norm_means_the_parameters_over_the_batch(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x_hat).mean(0), v.mean(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-parameters", "e2-6-layernorm-extremes"])
def norm_gamma_times_the_raw_input(v, x, gamma, eps):
    sigma = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-input", "e2-6-layernorm-parameters"])
def norm_over_the_whole_batch(v, x, gamma, eps):
    sigma = np.sqrt(x.var() + eps)
    x_hat = (x - x.mean()) / sigma
    g = v * gamma
    return (g - g.mean() - x_hat * (g * x_hat).mean()) / sigma, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=["e2-6-layernorm-extremes"])
def norm_centres_in_place(v, x, gamma, eps):
    x -= x.mean(axis=-1, keepdims=True)
    sigma = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    x_hat = x / sigma
    g = v * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / sigma
    return dx, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=NORM)
def norm_over_features_of_the_batch(v, x, gamma, eps):
    """Batch normalisation: the statistics run over the samples."""
    sigma = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / sigma
    g = v * gamma
    return (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / sigma, (v * x_hat).sum(0), v.sum(0)


@wrong("layernorm_vjp", loses=NORM)
def norm_by_torch(v, x, gamma, eps):
    x, gamma = torch.tensor(x, requires_grad=True), torch.tensor(gamma, requires_grad=True)
    beta = torch.zeros_like(gamma, requires_grad=True)
    y = torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta, eps)
    return torch.autograd.grad(y, (x, gamma, beta), torch.tensor(v))


@right("layernorm_vjp")
def norm_path_by_path(v, x, gamma, eps):
    n = x.shape[-1]
    mu = x.mean(-1, keepdims=True)
    var = ((x - mu) ** 2).mean(-1, keepdims=True)
    inverse = 1 / np.sqrt(var + eps)
    dx_hat = v * gamma
    dvar = (dx_hat * (x - mu)).sum(-1, keepdims=True) * -0.5 * inverse**3
    dmu = -(dx_hat * inverse).sum(-1, keepdims=True) + dvar * (-2 * (x - mu)).mean(-1, keepdims=True)
    dx = dx_hat * inverse + dvar * 2 * (x - mu) / n + dmu / n
    return dx, np.sum(v * (x - mu) * inverse, axis=0), np.sum(v, axis=0)


@right("layernorm_vjp")
def norm_with_jacobians(v, x, gamma, eps):
    n = x.shape[1]
    dx, dgamma, dbeta = [], np.zeros(n), np.zeros(n)
    for cotangent, sample in zip(v, x):
        sigma = math.sqrt(np.var(sample) + eps)
        x_hat = (sample - np.mean(sample)) / sigma
        J = (np.eye(n) - 1 / n - np.outer(x_hat, x_hat) / n) / sigma
        dx.append((cotangent * gamma) @ J)
        dgamma += cotangent * x_hat
        dbeta += cotangent
    return dx, dgamma, dbeta


@right("layernorm_vjp")
def norm_in_plain_python(v, x, gamma, eps):
    n, rows = len(gamma), []
    dgamma, dbeta = [0.0] * n, [0.0] * n
    for vs, xs in zip(v.tolist(), x.tolist()):
        mu = sum(xs) / n
        sigma = (sum((a - mu) ** 2 for a in xs) / n + eps) ** 0.5
        hat = [(a - mu) / sigma for a in xs]
        g = [a * float(b) for a, b in zip(vs, gamma)]
        mean, along = sum(g) / n, sum(a * b for a, b in zip(g, hat)) / n
        rows.append([(a - mean - b * along) / sigma for a, b in zip(g, hat)])
        dgamma = [t + a * b for t, a, b in zip(dgamma, vs, hat)]
        dbeta = [t + a for t, a in zip(dbeta, vs)]
    return [rows, dgamma, dbeta]


@right("layernorm_vjp")
def norm_by_central_differences(v, x, gamma, eps):
    v, x, gamma = (np.array(a, dtype=float) for a in (v, x, gamma))

    def hat(x):
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)

    h, dx = 1e-4 * x.std(), np.zeros_like(x)
    for j in range(x.shape[1]):
        step = h * (np.arange(x.shape[1]) == j)
        dx[:, j] = ((v * gamma) * (hat(x + step) - hat(x - step))).sum(1) / (2 * h)
    return dx, (v * hat(x)).sum(0), v.sum(0)


@right("layernorm_vjp")
def norm_in_single_precision(v, x, gamma, eps):
    x = x - x.mean(axis=1, keepdims=True)
    v, x, gamma = (np.asarray(a, np.float32) for a in (v, x, gamma))
    r = np.float32(1) / np.sqrt(np.mean(x * x, axis=1, keepdims=True) + np.float32(eps))
    g = v * gamma * r
    centred = g - g.mean(1, keepdims=True)
    return centred - x * r * r * (g * x).mean(1, keepdims=True), (v * x * r).sum(0), v.sum(0)


# E2.7 unbroadcast

BROADCAST = ["e2-7-leading", "e2-7-inner"]


@wrong("unbroadcast", loses=BROADCAST)
def unbroadcast_sums_everything(v, shape):
    return np.full(shape, v.sum())


@wrong("unbroadcast", loses=["e2-7-inner"])
def unbroadcast_leading_axes_only(v, shape):
    while v.ndim > len(shape):
        v = v.sum(axis=0)
    return v


@wrong("unbroadcast", loses=["e2-7-leading", "e2-7-inner"])
def unbroadcast_stretched_axes_only(v, shape):
    for axis, length in enumerate(shape):
        if length == 1:
            v = v.sum(axis=axis, keepdims=True)
    return v


@wrong("unbroadcast", loses=["e2-7-leading"])
def unbroadcast_to_a_vector_of_one(v, shape):
    if len(shape) == 0:
        return np.array([v.sum()])
    v = v.sum(axis=tuple(range(v.ndim - len(shape))))
    return v.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@wrong("unbroadcast", loses=["e2-7-inner"])
def unbroadcast_drops_the_stretched_axes(v, shape):
    v = v.sum(axis=tuple(range(v.ndim - len(shape))))
    return v.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1))


@wrong("unbroadcast", loses=["e2-7-leading", "e2-7-inner"])
def unbroadcast_takes_the_mean(v, shape):
    v = v.mean(axis=tuple(range(v.ndim - len(shape))))
    return v.mean(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@wrong("unbroadcast", loses=["e2-7-leading", "e2-7-inner"])
def unbroadcast_matches_from_the_left(v, shape):
    while v.ndim > len(shape):
        v = v.sum(axis=-1)
    for axis, length in enumerate(shape):
        if length == 1:
            v = v.sum(axis=axis, keepdims=True)
    return v


@wrong("unbroadcast", loses=["e2-7-leading", "e2-7-inner"])
def unbroadcast_takes_the_first_copy(v, shape):
    while v.ndim > len(shape):
        v = v[0]
    return v[tuple(slice(0, n) for n in shape)]


@wrong("unbroadcast", loses=["e2-7-inner"])
def unbroadcast_reshapes_and_sums(v, shape):
    return v.reshape(-1, *shape).sum(axis=0)


@wrong("unbroadcast", loses=["e2-7-inner"])
def unbroadcast_accumulates_in_place(v, shape):
    for axis in range(v.ndim - len(shape)):
        v = v.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1 and v.shape[axis] > 1:
            first = v[(slice(None),) * axis + (slice(0, 1),)]
            first += v[(slice(None),) * axis + (slice(1, None),)].sum(axis=axis, keepdims=True)
            v = first
    return v


@wrong("unbroadcast", loses=["e2-7-leading", "e2-7-inner"])
def unbroadcast_by_torch(v, shape):
    a = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(a.expand(v.shape), a, torch.tensor(v))[0]


@right("unbroadcast")
def unbroadcast_one_sum(v, shape):
    extra = v.ndim - len(shape)
    axes = tuple(i for i in range(v.ndim) if i < extra or (shape[i - extra] == 1 and v.shape[i] > 1))
    return v.sum(axis=axes).reshape(shape)


@right("unbroadcast")
def unbroadcast_axis_by_axis(v, shape):
    padded = (1,) * (v.ndim - len(shape)) + tuple(shape)
    for axis, length in enumerate(padded):
        if length != v.shape[axis]:
            v = np.sum(v, axis=axis, keepdims=True)
    return v.reshape(shape).tolist()


@right("unbroadcast")
def unbroadcast_scatters(v, shape):
    places = np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), v.shape)
    return np.bincount(places.ravel(), v.ravel()).reshape(shape)


@right("unbroadcast")
def unbroadcast_entry_by_entry(v, shape):
    result = np.zeros(shape, dtype=np.float32)
    for index in np.ndindex(v.shape):
        tail = index[v.ndim - len(shape) :]
        result[tuple(0 if n == 1 else i for i, n in zip(tail, shape))] += v[index]
    return result


@right("unbroadcast")
def unbroadcast_recursively(v, shape):
    if v.ndim > len(shape):
        return unbroadcast_recursively(v.sum(axis=0), shape)
    for axis, length in enumerate(shape):
        if length == 1 and v.shape[axis] > 1:
            return unbroadcast_recursively(v.sum(axis=axis, keepdims=True), shape)
    return v


# E2.8 mlp_backward

MLP = ["e2-8-loss", "e2-8-grads", "e2-8-extremes", "e2-8-tied"]
GRADS = ["e2-8-grads", "e2-8-extremes", "e2-8-tied"]


@wrong("mlp_backward", loses=["e2-8-grads"])
def mlp_gradient_of_the_sum(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d3 = np.exp(log_p) - np.eye(len(b3))[y]
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=["e2-8-loss"])
def mlp_loss_of_the_sum(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].sum()
    d3 = (np.exp(log_p) - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=["e2-8-extremes"])
def mlp_logarithm_of_the_softmax(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = -np.log(p[np.arange(len(y)), y]).mean()
    d3 = (p - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=["e2-8-extremes"])
def mlp_softmax_overflows(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    with np.errstate(all="ignore"):
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        loss = (np.log(np.exp(z).sum(1)) - z[np.arange(len(y)), y]).mean()
    d3 = (p - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=["e2-8-tied"])
def mlp_overwrites_shared_gradients(params, X, y, use=(0, 1, 2)):
    hs = [X]
    for k in use[:-1]:
        W, b = params[k]
        hs.append(np.tanh(hs[-1] @ W.T + b))
    W, b = params[use[-1]]
    z = hs[-1] @ W.T + b
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    v = (np.exp(log_p) - np.eye(len(b))[y]) / len(y)
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for k, h in zip(reversed(use), reversed(hs)):
        grads[k] = (v.T @ h, v.sum(axis=0))
        v = v @ params[k][0] * (1 - h * h)
    return -log_p[np.arange(len(y)), y].mean(), grads


@wrong("mlp_backward", loses=["e2-8-tied"])
def mlp_gradients_by_layer(params, X, y, use=(0, 1, 2)):
    """Returns one pair per layer, not per entry of params."""
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d3 = (np.exp(log_p) - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    return loss, [(d.T @ h, d.sum(0)) for d, h in ((d1, X), (d2, h1), (d3, h2))]


@wrong("mlp_backward", loses=["e2-8-tied"])
def mlp_ignores_use(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = params
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d3 = (np.exp(log_p) - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    return loss, [(d.T @ h, d.sum(0)) for d, h in ((d1, X), (d2, h1), (d3, h2))]


@wrong("mlp_backward", loses=["e2-8-tied"])
def mlp_none_for_unused_entries(params, X, y, use=(0, 1, 2)):
    hs = [X]
    for k in use[:-1]:
        hs.append(np.tanh(hs[-1] @ params[k][0].T + params[k][1]))
    z = hs[-1] @ params[use[-1]][0].T + params[use[-1]][1]
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    v = (np.exp(log_p) - np.eye(z.shape[1])[y]) / len(y)
    grads = [None] * len(params)
    for k, h in zip(reversed(use), reversed(hs)):
        dW, db = v.T @ h, v.sum(axis=0)
        grads[k] = (dW, db) if grads[k] is None else (grads[k][0] + dW, grads[k][1] + db)
        v = v @ params[k][0] * (1 - h * h)
    return -log_p[np.arange(len(y)), y].mean(), grads


@wrong("mlp_backward", loses=GRADS)
def mlp_without_the_slope_of_tanh(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d3 = (np.exp(log_p) - np.eye(len(b3))[y]) / len(y)
    d2 = d3 @ W3
    d1 = d2 @ W2
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=GRADS)
def mlp_slope_of_the_wrong_side(params, X, y, use=(0, 1, 2)):
    """Puts the activation into tanh once more to find its slope."""
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d3 = (np.exp(log_p) - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - np.tanh(h2) ** 2)
    d1 = (d2 @ W2) * (1 - np.tanh(h1) ** 2)
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=GRADS)
def mlp_without_the_last_bias(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d3 = (np.exp(log_p) - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    grads = [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for k, d, h in zip(use, (d1, d2, d3), (X, h1, h2)):
        grads[k][0] += d.T @ h
    for k, d in zip(use[:2], (d1, d2)):
        grads[k][1] += d.sum(0)
    return loss, grads


@wrong("mlp_backward", loses=MLP)
def mlp_tanh_on_the_last_layer(params, X, y, use=(0, 1, 2)):
    hs = [X]
    for k in use:
        hs.append(np.tanh(hs[-1] @ params[k][0].T + params[k][1]))
    log_p = hs[-1] - np.log(np.exp(hs[-1]).sum(1, keepdims=True))
    v = (np.exp(log_p) - np.eye(log_p.shape[1])[y]) / len(y)
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for i in (2, 1, 0):
        k = use[i]
        v = v * (1 - hs[i + 1] ** 2)
        grads[k] = (grads[k][0] + v.T @ hs[i], grads[k][1] + v.sum(0))
        v = v @ params[k][0]
    return -log_p[np.arange(len(y)), y].mean(), grads


@wrong("mlp_backward", loses=MLP)
def mlp_layers_in_the_order_of_params(params, X, y, use=(0, 1, 2)):
    """Collects the gradients from the last layer to the first and forgets to reverse them; forgets the mean too."""
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = -np.log(p[:, y]).mean()
    d3 = (p - np.eye(len(b3))[y]) / len(y)
    d2 = (d3 @ W3) * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    return loss, [(d.T @ h, d.sum(0)) for d, h in ((d3, h2), (d2, h1), (d1, X))]


@wrong("mlp_backward", loses=["e2-8-extremes"])
def mlp_updates_the_parameters(params, X, y, use=(0, 1, 2)):
    hs = [X]
    for k in use[:-1]:
        hs.append(np.tanh(hs[-1] @ params[k][0].T + params[k][1]))
    z = hs[-1] @ params[use[-1]][0].T + params[use[-1]][1]
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    v = (np.exp(log_p) - np.eye(z.shape[1])[y]) / len(y)
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for k, h in zip(reversed(use), reversed(hs)):
        grads[k] = (grads[k][0] + v.T @ h, grads[k][1] + v.sum(0))
        v = v @ params[k][0] * (1 - h * h)
    for (W, b), (dW, db) in zip(params, grads):
        W -= 0.1 * dW
        b -= 0.1 * db
    return -log_p[np.arange(len(y)), y].mean(), grads


@wrong("mlp_backward", loses=MLP)
def mlp_by_torch(params, X, y, use=(0, 1, 2)):
    flat = [torch.tensor(a, requires_grad=True) for pair in params for a in pair]
    h = torch.tensor(X)
    for i, k in enumerate(use):
        h = torch.nn.functional.linear(h, flat[2 * k], flat[2 * k + 1])
        h = torch.tanh(h) if i < 2 else h
    loss = torch.nn.functional.cross_entropy(h, torch.tensor(y))
    loss.backward()
    return loss.item(), [(flat[2 * k].grad, flat[2 * k + 1].grad) for k in range(len(params))]


@right("mlp_backward")
def mlp_layer_by_layer(params, X, y, use=(0, 1, 2)):
    (W1, b1), (W2, b2), (W3, b3) = (params[k] for k in use)
    B = X.shape[0]
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    z = h2 @ W3.T + b3
    top = z.max(axis=1)
    log_total = top + np.log(np.exp(z - top[:, None]).sum(axis=1))
    loss = np.mean(log_total - z[np.arange(B), y])
    d3 = np.exp(z - log_total[:, None])
    d3[np.arange(B), y] -= 1.0
    d3 = d3 / B
    d2 = d3.dot(W3) * (1.0 - h2**2)
    d1 = d2.dot(W2) * (1.0 - h1**2)
    grads = [[np.zeros(W.shape), np.zeros(b.shape)] for W, b in params]
    for k, d, h in ((use[0], d1, X), (use[1], d2, h1), (use[2], d3, h2)):
        grads[k][0] += d.T.dot(h)
        grads[k][1] += d.sum(axis=0)
    return loss, grads


@right("mlp_backward")
def mlp_recursively(params, X, y, use=(0, 1, 2)):
    grads = [(0 * W, 0 * b) for W, b in params]

    def run(h, layers):
        """Returns the loss and the cotangent of h."""
        W, b = params[layers[0]]
        a = h @ W.T + b
        if len(layers) == 1:
            a = a - a.max(1, keepdims=True)
            p = np.exp(a) / np.exp(a).sum(1, keepdims=True)
            loss = (np.log(np.exp(a).sum(1)) - a[np.arange(len(y)), y]).mean()
            v = (p - (np.arange(len(b)) == y[:, None])) / len(y)
        else:
            out = np.tanh(a)
            loss, v = run(out, layers[1:])
            v = v - v * out**2
        dW, db = grads[layers[0]]
        grads[layers[0]] = (dW + np.einsum("bi,bj->ij", v, h), db + v.sum(0))
        return loss, v @ W

    loss, _ = run(X, list(use))
    return [loss, grads]


@right("mlp_backward")
def mlp_sample_by_sample(params, X, y, use=(0, 1, 2)):
    loss, grads = 0.0, [[np.zeros_like(W), np.zeros_like(b)] for W, b in params]
    for x, label in zip(X, y):
        h = [x]
        for k in use[:2]:
            h.append(np.tanh(params[k][0] @ h[-1] + params[k][1]))
        z = params[use[2]][0] @ h[2] + params[use[2]][1]
        log_total = z.max() + math.log(np.exp(z - z.max()).sum())
        loss += (log_total - z[label]) / len(X)
        v = np.exp(z - log_total)
        v[label] -= 1
        v /= len(X)
        for i in (2, 1, 0):
            grads[use[i]][0] += np.outer(v, h[i])
            grads[use[i]][1] += v
            v = (params[use[i]][0].T @ v) * (1 - h[i] ** 2)
    return loss, [(dW.tolist(), db.tolist()) for dW, db in grads]


@right("mlp_backward")
def mlp_by_central_differences(params, X, y, use=(0, 1, 2)):
    def loss():
        h = X
        for k in use[:2]:
            h = np.tanh(h @ copies[k][0].T + copies[k][1])
        z = h @ copies[use[2]][0].T + copies[use[2]][1]
        z = z - z.max(1, keepdims=True)
        return (np.log(np.exp(z).sum(1)) - z[np.arange(len(y)), y]).mean()

    copies = [(W.copy(), b.copy()) for W, b in params]
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for pair, grad_pair in zip(copies, grads):
        for array, grad in zip(pair, grad_pair):
            for index in np.ndindex(array.shape):
                saved = array[index]
                array[index] = saved + 1e-4
                up = loss()
                array[index] = saved - 1e-4
                grad[index] = (up - loss()) / 2e-4
                array[index] = saved
    return np.float64(loss()), grads


@right("mlp_backward")
def mlp_from_small_classes(params, X, y, use=(0, 1, 2)):
    class Dense:
        def __init__(self, W, b):
            self.W, self.b, self.dW, self.db = W, b, np.zeros(W.shape), np.zeros(b.shape)

        def forward(self, h):
            return h @ self.W.T + self.b

        def backward(self, v, h):
            self.dW += v.T @ h
            self.db += v.sum(axis=0)
            return v @ self.W

    layers = [Dense(W, b) for W, b in params]
    first, second, third = (layers[k] for k in use)
    h1 = np.tanh(first.forward(X))
    h2 = np.tanh(second.forward(h1))
    z = third.forward(h2)
    s = z - z.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    v = third.backward((np.exp(log_p) - np.eye(z.shape[1])[y]) / len(X), h2)
    v = second.backward(v * (1 - h2**2), h1)
    first.backward(v * (1 - h1**2), X)
    return -np.mean(log_p[np.arange(len(y)), y]), [(layer.dW, layer.db) for layer in layers]


# E2.9 backward

TAPE = ["e2-9-nodes", "e2-9-fan-out", "e2-9-deep"]


@wrong("backward", loses=["e2-9-fan-out", "e2-9-deep"])
def tape_replaces_instead_of_adding(tape, out):
    order, seen, stack = [], set(), [(out, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in tape[node])
    grads = dict.fromkeys(tape, 0.0)
    grads[out] = 1.0
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] = grads[node] * d
    return grads


@wrong("backward", loses=["e2-9-fan-out", "e2-9-deep"])
def tape_depth_first(tape, out):
    grads = {name: 0.0 for name in tape}
    grads[out] = 1.0
    stack, visited = [out], set()
    while stack:
        node = stack.pop()
        if node in visited:
            continue
        visited.add(node)
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
            stack.append(parent)
    return grads


@wrong("backward", loses=["e2-9-fan-out"])
def tape_breadth_first(tape, out):
    """Right on ladders, whose nodes all have one distance from the output."""
    grads = {name: 0.0 for name in tape}
    grads[out] = 1.0
    queue, visited = [out], {out}
    for node in queue:
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
            if parent not in visited:
                visited.add(parent)
                queue.append(parent)
    return grads


@wrong("backward", loses=["e2-9-fan-out", "e2-9-deep"])
def tape_passes_on_the_whole_sum_again(tape, out):
    """Visits a node once for every use, each time with all that has arrived."""
    grads = {name: 0.0 for name in tape}
    grads[out] = 1.0
    level = [out]
    while level and len(level) < 10_000:
        for node in level:
            for parent, d in tape[node]:
                grads[parent] += grads[node] * d
        level = [parent for node in level for parent, _ in tape[node]]
    return grads


@wrong("backward", loses=TAPE)
def tape_in_the_given_order(tape, out):
    grads = {name: 0.0 for name in tape}
    grads[out] = 1.0
    for node in reversed(list(tape)):
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
    return grads


@wrong("backward", loses=["e2-9-nodes"])
def tape_leaves_out_what_is_not_reached(tape, out):
    order, seen, stack = [], set(), [(out, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in tape[node])
    grads = {out: 1.0}
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] = grads.get(parent, 0.0) + grads[node] * d
    return grads


@wrong("backward", loses=TAPE)
def tape_only_the_leaves(tape, out):
    from graphlib import TopologicalSorter

    order = list(TopologicalSorter({n: {p for p, _ in ps} for n, ps in tape.items()}).static_order())
    grads = dict.fromkeys(tape, 0.0) | {out: 1.0}
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
    return {node: g for node, g in grads.items() if not tape[node]}


@wrong("backward", loses=["e2-9-nodes"])
def tape_waits_for_every_use(tape, out):
    """Counts the uses by nodes too that the output does not need; their turn never comes."""
    uses = dict.fromkeys(tape, 0)
    for parents in tape.values():
        for parent, _ in parents:
            uses[parent] += 1
    grads = dict.fromkeys(tape, 0.0)
    grads[out] = 1.0
    ready = [out]
    while ready:
        node = ready.pop()
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
            uses[parent] -= 1
            if uses[parent] == 0:
                ready.append(parent)
    return grads


@wrong("backward", loses=["e2-9-fan-out"])
def tape_counts_a_parent_once(tape, out):
    order, seen, stack = [], set(), [(out, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in tape[node])
    grads = dict.fromkeys(tape, 0.0) | {out: 1.0}
    for node in order[::-1]:
        for parent, d in dict(tape[node]).items():
            grads[parent] += grads[node] * d
    return grads


@wrong("backward", loses=["e2-9-deep"])
def tape_sorts_by_recursion(tape, out):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent, _ in tape[node]:
                visit(parent)
            order.append(node)

    visit(out)
    grads = dict.fromkeys(tape, 0.0) | {out: 1.0}
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
    return grads


@wrong("backward", loses=["e2-9-deep"])
def tape_walks_every_path_recursively(tape, out):
    grads = dict.fromkeys(tape, 0.0)

    def walk(node, g):
        grads[node] += g
        for parent, d in tape[node]:
            walk(parent, g * d)

    walk(out, 1.0)
    return grads


@wrong("backward", loses=["e2-9-deep"])
def tape_walks_every_path_until_it_gives_up(tape, out):
    """Stops after 200,000 steps, which its author took for a sign of a cycle."""
    grads = dict.fromkeys(tape, 0.0)
    stack, steps = [(out, 1.0)], 0
    while stack and steps < 200_000:
        node, g = stack.pop()
        grads[node] += g
        stack += [(parent, g * d) for parent, d in tape[node]]
        steps += 1
    return grads


@wrong("backward", loses=["e2-9-deep"])
def tape_consumes_the_tape(tape, out):
    order, seen, stack = [], set(), [(out, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in tape[node])
    grads = dict.fromkeys(tape, 0.0) | {out: 1.0}
    while order:
        node = order.pop()
        for parent, d in tape.pop(node):
            grads[parent] += grads[node] * d
    return grads


@wrong("backward", loses=TAPE)
def tape_by_torch(tape, out):
    from graphlib import TopologicalSorter

    order = list(TopologicalSorter({n: {p for p, _ in ps} for n, ps in tape.items()}).static_order())
    grads = {name: torch.zeros((), dtype=torch.float64) for name in tape}
    grads[out] = grads[out] + 1
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] = grads[parent] + grads[node] * d
    return {name: g.item() for name, g in grads.items()}


@right("backward")
def tape_with_the_standard_library(tape, out):
    from graphlib import TopologicalSorter

    order = list(TopologicalSorter({n: {p for p, _ in ps} for n, ps in tape.items()}).static_order())
    grads = dict.fromkeys(tape, 0)
    grads[out] = 1
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
    return grads


@right("backward")
def tape_counts_needed_uses(tape, out):
    from collections import defaultdict, deque

    needed, queue = {out}, deque([out])
    uses = defaultdict(int)
    while queue:
        for parent, _ in tape[queue.popleft()]:
            uses[parent] += 1
            if parent not in needed:
                needed.add(parent)
                queue.append(parent)
    grads = defaultdict(float, {out: 1.0})
    queue.append(out)
    while queue:
        node = queue.popleft()
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
            uses[parent] -= 1
            if not uses[parent]:
                queue.append(parent)
    return {name: grads[name] for name in tape}


@right("backward")
def tape_with_a_raised_recursion_limit(tape, out):
    import sys

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(tape) + 2000)
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent, _ in tape[node]:
                visit(parent)
            order.append(node)

    try:
        visit(out)
    finally:
        sys.setrecursionlimit(limit)
    grads = dict.fromkeys(tape, 0.0) | {out: 1.0}
    for node in reversed(order):
        for parent, d in tape[node]:
            grads[parent] += grads[node] * d
    return grads


@right("backward")
def tape_asks_the_children(tape, out):
    """Pulls instead of pushing: the derivative by a node is a sum over the nodes that use it."""
    children = {name: [] for name in tape}
    waiting = {name: len(parents) for name, parents in tape.items()}
    for name, parents in tape.items():
        for parent, d in parents:
            children[parent].append((name, d))
    order = [name for name, count in waiting.items() if count == 0]
    for name in order:
        for child, _ in children[name]:
            waiting[child] -= 1
            if waiting[child] == 0:
                order.append(child)
    grads = {}
    for name in order[::-1]:
        grads[name] = float(name == out) + sum(grads[child] * d for child, d in children[name])
    return {name: np.float64(g) for name, g in grads.items()}


@right("backward")
def tape_by_longest_distances(tape, out):
    """Visits nodes by their longest distance from the leaves."""
    children, missing = {n: [] for n in tape}, {}
    for name, parents in tape.items():
        missing[name] = len(parents)
        for parent, _ in parents:
            children[parent].append(name)
    level = {n: 0 for n in tape if not missing[n]}
    todo = list(level)
    while todo:
        name = todo.pop()
        for child in children[name]:
            missing[child] -= 1
            level[child] = max(level.get(child, 0), level[name] + 1)
            if not missing[child]:
                todo.append(child)
    grads = {n: np.array(0.0) for n in tape}
    grads[out] = np.array(1.0)
    for name in sorted(tape, key=level.get, reverse=True):
        for parent, d in tape[name]:
            grads[parent] = grads[parent] + grads[name] * d
    return grads


# E2.10 counterexample_1


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_with_v_of_ones():
    return np.array([0.3, -1.2, 2.0]), np.ones(2)


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_at_zero():
    return np.zeros(3), np.array([0.5, -2.0])


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_with_huge_numbers():
    return np.array([1e6, 2e6, 3e6]), np.array([1e200, -1e200])


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_as_one_vector():
    return np.array([0.3, -1.2, 2.0, 0.5, -2.0])


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_exchanged():
    return np.array([0.5, -2.0]), np.array([0.3, -1.2, 2.0])


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_hardly_moved():
    return np.array([0.3, -1.2, 2.0]), np.array([1.0, 1.0]) + 1e-9


@wrong("counterexample_1", loses=["e2-10-1"])
def bug_1_as_torch_tensors():
    return torch.tensor([0.3, -1.2, 2.0]) * 2, torch.tensor([0.5, -2.0]) * 2


@right("counterexample_1")
def bug_1_at_random():
    rng = np.random.default_rng(0)
    return rng.normal(size=3), rng.normal(size=2)


@right("counterexample_1")
def bug_1_with_lists():
    return [[1, 2, 3], [5, -7]]


@right("counterexample_1")
def bug_1_with_no_cotangent_at_all():
    return np.ones(3), np.zeros(2)


@right("counterexample_1")
def bug_1_with_single_precision():
    return np.float32([0.1, 0.2, 0.3]), np.float32([1, 0])


@right("counterexample_1")
def bug_1_by_searching():
    J = lambda x: np.array([[x[1], x[0], 0], [0, x[2] ** 2, 2 * x[1] * x[2]]])
    for scale in (1.0, 2.0, 3.0):
        x, v = np.arange(1.0, 4.0), scale * np.ones(2)
        if not np.allclose(v @ J(x), np.ones(2) @ J(x)):
            return x, v


# E2.10 counterexample_2


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_with_v_of_ones():
    return np.array([0.3, -1.2, 2.0]), np.ones(2)


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_along_one_output():
    return np.array([0.3, -1.2, 2.0]), np.array([0.0, 1.0])


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_at_zero():
    return np.zeros(3), np.array([3.0, -2.0])


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_in_the_kernel():
    return np.array([-6.5, -3.0, 1.0]), np.array([3.0, -2.0])


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_with_infinity():
    return np.array([np.inf, 1.0, 1.0]), np.array([3.0, -2.0])


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_as_a_column():
    return np.array([[0.3], [-1.2], [2.0]]), np.array([[3.0], [-2.0]])


@wrong("counterexample_2", loses=["e2-10-2"])
def bug_2_too_large():
    return np.array([5000.0, 1.0, 2.0]), np.array([3.0, -2.0])


@right("counterexample_2")
def bug_2_at_random():
    rng = np.random.default_rng(1)
    return rng.uniform(-2, 2, 3), rng.uniform(-2, 2, 2)


@right("counterexample_2")
def bug_2_with_twos():
    return (1.0, 1.0, 1.0), (2.0, 2.0)


@right("counterexample_2")
def bug_2_with_a_negative_sign():
    return np.array([1, 2, 3]), np.array([-1, -1])


@right("counterexample_2")
def bug_2_at_the_limit():
    return np.full(3, 1000.0), np.array([1000.0, -1000.0])


# E2.10 counterexample_3


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_with_ones():
    return np.ones(3), np.ones(3)


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_at_zero():
    return np.zeros(3), np.array([1.0, 2.0, 3.0])


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_below_zero():
    return np.array([-1.0, -2.0, -3.0]), np.array([1.0, 2.0, 3.0])


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_without_a_cotangent():
    return np.array([1.0, 2.0, 3.0]), np.zeros(3)


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_all_alike():
    return np.full(3, 7.0), np.full(3, -2.0)


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_with_a_nan():
    return np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, 0.0])


@wrong("counterexample_3", loses=["e2-10-3"])
def bug_3_for_two_inputs():
    return np.array([1.0, 2.0]), np.array([1.0, 0.0])


@right("counterexample_3")
def bug_3_along_one_output():
    return np.ones(3), np.eye(3)[0]


@right("counterexample_3")
def bug_3_with_v_of_ones_and_different_x():
    return np.array([1.0, 2.0, 3.0]), np.ones(3)


@right("counterexample_3")
def bug_3_at_random():
    rng = np.random.default_rng(2)
    return np.abs(rng.normal(size=3)), rng.normal(size=3)


@right("counterexample_3")
def bug_3_with_one_active_input():
    return [-1, 5, -1], [1, 2, 3]


# E2.10 counterexample_4


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_with_ones():
    return np.ones(3), np.ones(2)


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_on_the_flat_side():
    return np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0])


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_at_zero():
    return np.zeros(3), np.array([1.0, 2.0])


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_along_the_first_output():
    return np.array([2.0, 1.0, 3.0]), np.array([1.0, 0.0])


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_buried_in_the_other_path():
    return np.array([1e-6, 0.0, 900.0]), np.array([900.0, 1.0])


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_as_a_word():
    return "x = (2, 1, 3)", "v = (1, 2)"


@wrong("counterexample_4", loses=["e2-10-4"])
def bug_4_with_three_cotangents():
    return np.array([2.0, 1.0, 3.0]), np.array([1.0, 2.0, 3.0])


@right("counterexample_4")
def bug_4_with_v_of_ones():
    return np.array([2.0, 1.0, 0.5]), np.ones(2)


@right("counterexample_4")
def bug_4_along_the_second_output():
    return np.array([2.0, 1.0, 3.0]), np.array([0.0, 1.0])


@right("counterexample_4")
def bug_4_cancelling():
    return np.array([2.0, 1.0, -1.0]), np.array([2.0, 1.0])


@right("counterexample_4")
def bug_4_as_integers():
    return [5, -3, 2], [1, 4]


# E2.10 counterexample_5


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_with_ones():
    return np.ones(2), np.ones(3)


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_above_zero():
    return np.array([0.3, 1.7]), np.array([1.0, -2.0, 3.0])


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_at_zero():
    return np.zeros(2), np.array([1.0, -2.0, 3.0])


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_absolute_random():
    rng = np.random.default_rng(3)
    return np.abs(rng.normal(size=2)), rng.normal(size=3)


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_at_minus_zero():
    return np.array([-0.0, 2.0]), np.array([1.0, -2.0, 3.0])


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_where_the_cotangent_vanishes():
    return np.array([-1.0, 2.0]), np.array([3.0, 1.0, 0.0])


@wrong("counterexample_5", loses=["e2-10-5"])
def bug_5_returns_x_alone():
    return np.array([-1.0, 2.0])


@right("counterexample_5")
def bug_5_below_zero():
    return -np.ones(2), np.ones(3)


@right("counterexample_5")
def bug_5_with_one_negative_entry():
    return np.array([3.0, -1.0]), np.array([0.5, 0.0, 2.0])


@right("counterexample_5")
def bug_5_slightly_below():
    return [-1e-3, -1e-3], [1, 1, 1]


@right("counterexample_5")
def bug_5_at_random():
    rng = np.random.default_rng(4)
    x, v = rng.normal(size=(2, 3))
    return tuple(-np.abs(x[:2])), tuple(v)


# E2.11 chain_cost


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def exchanges_the_orders(dims, order):
    total, kept = 0, dims[0] if order == "reverse" else dims[-1]
    layers = list(zip(dims, dims[1:]))
    for a, b in layers[1:] if order == "reverse" else layers[:-1]:
        total += kept * a * b
    return total


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def counts_additions_too(dims, order):
    total = 0
    for k in range(1, len(dims) - 1):
        a, b, c = (dims[-1], dims[k], dims[k - 1]) if order == "reverse" else (dims[k + 1], dims[k], dims[0])
        total += a * b * c + a * (b - 1) * c
    return total


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def multiplies_by_an_identity_first(dims, order):
    kept = dims[-1] if order == "reverse" else dims[0]
    return kept * sum(a * b for a, b in zip(dims, dims[1:]))


@wrong("chain_cost", loses=["e2-11-forward"])
def always_starts_at_the_output(dims, order):
    return sum(dims[-1] * dims[k] * dims[k - 1] for k in range(1, len(dims) - 1))


@wrong("chain_cost", loses=["e2-11-reverse"])
def always_starts_at_the_input(dims, order):
    return sum(dims[0] * dims[k] * dims[k + 1] for k in range(1, len(dims) - 1))


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def multiplies_neighbours_pairwise(dims, order):
    return sum(a * b * c for a, b, c in zip(dims, dims[1:], dims[2:]))


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def sends_a_single_vector(dims, order):
    return sum(a * b for a, b in zip(dims, dims[1:]))


@wrong("chain_cost", loses=["e2-11-reverse"])
def reverses_the_list_in_place(dims, order):
    if order == "reverse":
        dims.reverse()
    return dims[0] * sum(a * b for a, b in zip(dims[1:], dims[2:]))


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def takes_the_sizes_apart(dims, order):
    total = 0
    while len(dims) > 2:
        if order == "reverse":
            c = dims.pop(-2)
            total += dims[-1] * c * dims[-2]
        else:
            a = dims.pop(1)
            total += dims[0] * a * dims[1]
    return total


@wrong("chain_cost", loses=["e2-11-reverse", "e2-11-forward"])
def best_order_of_both(dims, order):
    pairs = [a * b for a, b in zip(dims, dims[1:])]
    return min(dims[-1] * sum(pairs[:-1]), dims[0] * sum(pairs[1:]))


@right("chain_cost")
def simulates_the_products(dims, order):
    shapes = [(dims[k], dims[k - 1]) for k in range(1, len(dims))]
    cost = 0
    if order == "reverse":
        left = shapes.pop()
        while shapes:
            right_shape = shapes.pop()
            cost += left[0] * left[1] * right_shape[1]
            left = (left[0], right_shape[1])
    else:
        result = shapes.pop(0)
        while shapes:
            left = shapes.pop(0)
            cost += left[0] * left[1] * result[1]
            result = (left[0], result[1])
    return cost


@right("chain_cost")
def turns_the_sizes_round(dims, order):
    sizes = dims[::-1] if order == "reverse" else list(dims)
    return sizes[0] * sum(sizes[k] * sizes[k + 1] for k in range(1, len(sizes) - 1))


@right("chain_cost")
def costs_by_numpy(dims, order):
    d = np.array(dims, dtype=float)
    return d[-1] * (d[1:-1] @ d[:-2]) if order == "reverse" else d[0] * (d[2:] @ d[1:-1])


@right("chain_cost")
def cost_by_recursion(dims, order):
    if len(dims) <= 2:
        return 0
    if order == "reverse":
        *rest, a, b, c = dims
        return a * b * c + cost_by_recursion([*rest, a, c], order)
    a, b, c, *rest = dims
    return a * b * c + cost_by_recursion([a, c, *rest], order)


# E2.12 implicit_vjp

IMPLICIT = ["e2-12-linear", "e2-12-nonlinear", "e2-12-inputs"]


@wrong("implicit_vjp", loses=IMPLICIT)
def implicit_without_the_solve(g, z_star, theta, v):
    theta = theta.detach().requires_grad_()
    return torch.autograd.grad(g(z_star.detach(), theta), theta, v)[0]


@wrong("implicit_vjp", loses=IMPLICIT)
def implicit_not_transposed(g, z_star, theta, v):
    A, M = torch.func.jacrev(g, argnums=(0, 1))(z_star, theta)
    w = torch.linalg.solve(torch.eye(len(v), dtype=v.dtype) - A, v)
    return w @ M


@wrong("implicit_vjp", loses=IMPLICIT)
def implicit_wrong_sign(g, z_star, theta, v):
    A, M = torch.func.jacrev(g, argnums=(0, 1))(z_star, theta)
    return torch.linalg.solve(torch.eye(len(v), dtype=v.dtype) + A.T, v) @ M


@wrong("implicit_vjp", loses=IMPLICIT)
def implicit_residual_without_the_identity(g, z_star, theta, v):
    A, M = torch.func.jacrev(g, argnums=(0, 1))(z_star, theta)
    return torch.linalg.solve(-A.T, v) @ M


@wrong("implicit_vjp", loses=["e2-12-linear"])
def implicit_by_repeating_the_vjp(g, z_star, theta, v):
    """The series w = v + A^T v + ..., which converges only where iterating g does."""
    A, M = torch.func.jacrev(g, argnums=(0, 1))(z_star, theta)
    w = torch.zeros_like(v)
    for _ in range(300):
        w = v + A.T @ w
    return w @ M


@wrong("implicit_vjp", loses=["e2-12-linear"])
def implicit_through_recorded_iterations(g, z_star, theta, v):
    theta = theta.detach().clone().requires_grad_()
    z = torch.zeros_like(z_star)
    for _ in range(300):
        z = g(z, theta)
    return torch.autograd.grad(z, theta, v)[0]


@wrong("implicit_vjp", loses=["e2-12-nonlinear"])
def implicit_derivatives_at_zero(g, z_star, theta, v):
    A, M = torch.func.jacrev(g, argnums=(0, 1))(torch.zeros_like(z_star), theta)
    return torch.linalg.solve((torch.eye(len(v), dtype=v.dtype) - A).T, v) @ M


@wrong("implicit_vjp", loses=["e2-12-inputs"])
def implicit_backward_on_the_argument(g, z_star, theta, v):
    A = torch.func.jacrev(g)(z_star, theta)
    w = torch.linalg.solve((torch.eye(len(v), dtype=v.dtype) - A).T, v)
    theta.requires_grad_()
    theta.grad = None
    g(z_star, theta).backward(w)
    return theta.grad


@wrong("implicit_vjp", loses=IMPLICIT)
def implicit_whole_derivative(g, z_star, theta, v):
    A, M = torch.func.jacrev(g, argnums=(0, 1))(z_star, theta)
    return torch.linalg.solve(torch.eye(len(v), dtype=v.dtype) - A, M)


@wrong("implicit_vjp", loses=IMPLICIT)
def implicit_sum_of_the_rows(g, z_star, theta, v):
    A, M = torch.func.jacrev(g, argnums=(0, 1))(z_star, theta)
    w = torch.linalg.solve((torch.eye(len(v), dtype=v.dtype) - A).T, torch.ones_like(v))
    return w @ M


@right("implicit_vjp")
def implicit_with_an_inverse(g, z_star, theta, v):
    A = torch.autograd.functional.jacobian(lambda z: g(z, theta), z_star)
    M = torch.autograd.functional.jacobian(lambda t: g(z_star, t), theta)
    return v @ torch.linalg.inv(torch.eye(len(v), dtype=v.dtype) - A) @ M


@right("implicit_vjp")
def implicit_with_jacfwd_and_vjp(g, z_star, theta, v):
    z_star, theta = z_star.detach(), theta.detach()
    A = torch.func.jacfwd(g)(z_star, theta)
    w = torch.linalg.solve(torch.eye(len(v), dtype=v.dtype) - A.mT, v[:, None])[:, 0]
    _, pull = torch.func.vjp(lambda t: g(z_star, t), theta)
    return pull(w)[0]


@right("implicit_vjp")
def implicit_through_a_newton_step(g, z_star, theta, v):
    """One Newton step from the solution moves nothing, but its graph knows how the solution depends on theta."""
    theta = theta.detach().clone().requires_grad_()
    z = z_star.detach()
    A = torch.func.jacrev(g)(z, theta.detach())
    step = torch.linalg.solve(torch.eye(len(z), dtype=z.dtype) - A, g(z, theta) - z)
    return torch.autograd.grad(z + step, theta, v)[0]


@right("implicit_vjp")
def implicit_column_by_column(g, z_star, theta, v):
    M = torch.func.jacrev(g, argnums=1)(z_star, theta)
    A = torch.stack([torch.func.jvp(lambda z: g(z, theta), (z_star,), (e,))[1] for e in torch.eye(len(v)).double()], 1)
    columns = [torch.linalg.lstsq(torch.eye(len(v)).double() - A, M[:, [j]]).solution[:, 0] for j in range(len(theta))]
    return [float(v @ column) for column in columns]


@right("implicit_vjp")
def implicit_with_numpy_and_differences(g, z_star, theta, v):
    with torch.no_grad():
        I, J, h = torch.eye(len(z_star)).double(), torch.eye(len(theta)).double(), 1e-5
        A = torch.stack([(g(z_star + h * e, theta) - g(z_star - h * e, theta)) / (2 * h) for e in I], 1).numpy()
        M = torch.stack([(g(z_star, theta + h * e) - g(z_star, theta - h * e)) / (2 * h) for e in J], 1).numpy()
    return np.linalg.solve(np.eye(len(A)) - A.T, v.numpy()) @ M
