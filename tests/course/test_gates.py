"""The proof of the grader holds, and breaking it on purpose is seen."""

from pathlib import Path

import pytest

from course import gates
from tests.attempts import Attempt
from tests.attempts import jacobian as attempts
from tests.hidden import jacobian as hidden

SOURCE = Path(__file__).parents[2] / "source"
NOTEBOOKS = sorted(SOURCE.glob("*/*.ipynb"))


@pytest.fixture(scope="module")
def proofs():
    return dict(zip(NOTEBOOKS, gates.prove_all(NOTEBOOKS), strict=True))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.parent.name)
def test_every_gate_holds(proofs, path):
    proof = proofs[path]
    assert proof.problems == []
    assert proof.universal > 100
    assert proof.patterns > 20


def problems(function):
    return gates.prove(SOURCE / "ps1-jacobian" / "jacobian.ipynb", functions=[function]).problems


def test_a_loosened_tolerance_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "ANY_METHOD", 10.0)
    assert any("takes_the_size_of_x1 keeps cell e1-2-values" in problem for problem in problems("jac_example"))


def test_a_removed_check_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "e1_2_values", lambda jac_example: None)
    found = problems("jac_example")
    assert any("keeps cell e1-2-values" in problem for problem in found)
    assert any("cell e1-2-values is idle" in problem for problem in found)


def test_swapped_attempts_are_seen(monkeypatch):
    wrong, right = attempts.transposes_the_example, attempts.writes_a_nested_list
    monkeypatch.setattr(wrong, "attempt", Attempt("jac_example", {}, wrong))
    monkeypatch.setattr(right, "attempt", Attempt("jac_example", {"e1-2-values": 0.0}, right))
    found = problems("jac_example")
    assert any("transposes_the_example loses cell e1-2-values" in problem for problem in found)
    assert any("writes_a_nested_list keeps cell e1-2-values" in problem for problem in found)


def test_a_broken_reference_is_seen(monkeypatch):
    monkeypatch.setattr(hidden.reference, "jac_example", lambda x: 2 * hidden.torch.ones(2, 2))
    assert any("the reference loses cell e1-2-values" in problem for problem in problems("jac_example"))


def test_an_unknown_cell_is_seen(monkeypatch):
    monkeypatch.setattr(
        attempts.transposes_the_example,
        "attempt",
        Attempt("jac_example", {"e9": 0.0}, attempts.transposes_the_example),
    )
    assert any("names the unknown cell e9" in problem for problem in problems("jac_example"))


def test_what_is_still_right_in_one_cell_must_be_kept_there_alone(monkeypatch):
    monkeypatch.setattr(attempts, "STILL_RIGHT", {"e1-2-values": {"zeros"}}, raising=False)
    found = [problem for problem in problems("jac_example") if "zeros" in problem]
    assert len(found) == 1
    assert "which is still right, loses cell e1-2-values" in found[0]


def test_an_order_that_is_known_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "shuffled", list)
    found = problems("derivative_shape")
    assert any("the pattern 'script' of derivative_shape keeps cell e1-1-vectors" in problem for problem in found)
    assert any("the pattern 'script' of derivative_shape keeps cell e1-1-tensors" in problem for problem in found)


def test_a_cell_with_one_right_result_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "e1_1_tensors", lambda derivative_shape: derivative_shape((2, 3), (4,)))
    found = problems("derivative_shape")
    assert any(
        "the pattern 'constant (4, 2, 3)' of derivative_shape keeps cell e1-1-tensors" in problem for problem in found
    )
    assert any("cell e1-1-tensors asks derivative_shape in fewer than 100 orders" in problem for problem in found)


def test_a_cell_that_asks_at_one_point_is_seen(monkeypatch):
    monkeypatch.setattr(hidden, "shuffled", lambda cases: cases[:1])
    found = problems("numerical_jacobian")
    assert any("the pattern 'first' of numerical_jacobian keeps cell e1-3-inputs" in problem for problem in found)


def test_attempts_start_afresh_in_each_test(monkeypatch):
    def counts_its_calls(x, calls=[]):  # noqa: B006, what an attempt remembers is the point
        calls.append(x)
        return [[2 * x[0], 1.0], [x[1], x[0] + 2 * x[1]]] if len(calls) < 9 else None

    attempt = Attempt("jac_example", {}, counts_its_calls)
    monkeypatch.setattr(attempts.writes_a_nested_list, "attempt", attempt)
    assert not any("counts_its_calls" in problem for problem in problems("jac_example"))
