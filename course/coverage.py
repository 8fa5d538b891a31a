"""What the course teaches: every item and every correction of the page that it grew from, with its exercises.

The first cell of an exercise names in its metadata `covers` what the exercise teaches.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat

from course.grades import exercise_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ITEMS = {
    "P0": "gradients and the chain rule in one variable, taken for granted",
    "CB1": "a layer from 3 to 2 has a matrix for a derivative",
    "CB2": "the curvature of a loss",
    "CB3": "a network is a composition, and `backward` goes through it",
    "F1": "the Jacobian: rows are outputs, columns are inputs",
    "TB1": "special cases of the Jacobian by number of inputs and outputs",
    "CB4": "a Jacobian from two to two at (2, 3)",
    "CB5": "the Jacobian of a linear layer is its weight matrix",
    "F2": "the chain rule as a product of Jacobians",
    "CB6": "the Jacobian of a composition at (1, 2)",
    "F3": "the vector-Jacobian product",
    "CB7": "one backward pass gives (4, 2)",
    "TB2": "what a Jacobian, a VJP and a JVP cost",
    "CL1": "a scalar loss makes the VJP the cheap direction",
    "F4": "the Hessian",
    "CB8": "the Hessian of a quadratic form at (1, 2)",
    "TB3": "symmetry and definiteness of the Hessian",
    "CB9": "the saddle x² − y²",
    "CL2": "saddles outnumber minima in high dimension",
    "CB10": "the probability that all of 100 eigenvalues are positive",
    "F5": "the Taylor model of order two",
    "CB11": "a Taylor model of a quadratic, its value and its error",
    "F6": "the update of Adam",
    "CL3": "the second moment of Adam and the diagonal of the Hessian",
    "CB12": "Adam and gradient descent on a steep bowl",
    "F7": "change of variables for densities",
    "CB13": "the Jacobian determinant of polar coordinates",
    "CB14": "the log-density of a normalizing flow",
    "TB4": "the summary of all derivatives and their sizes",
    "CL4": "four insights: chained VJPs, curvature, saddles, volume",
    "CL5": "what comes next: optimisation of second order",
    "FIG1": "the backward pass drawn as a chain of VJPs",
    "M1": "one word for negative definite and for indefinite",
    "M2": "convex and concave exchanged at a minimum",
    "M3": "symmetry of the Hessian needs smoothness",
    "M4": "definiteness decides at critical points only, and not always",
    "M5": "output sizes are not costs",
    "M6": "the output is not always a scalar",
    "M7": "one convention for gradients and Jacobians",
    "M8": "where each factor of the chain rule is evaluated",
    "M9": "derivatives of a layer by its bias, its weights and its batch",
    "M10": "backpropagation never forms a Jacobian, and adds at a fan-out",
    "M11": "a quadratic cannot show the order of its Taylor model",
    "M12": "bias correction of Adam",
    "M13": "the second moment of Adam is not the Hessian's diagonal",
    "M14": "Adam normalises the size of the gradient, not its curvature",
    "M15": "an unfair race of optimisers",
    "M16": "eigenvalues of random matrices are not independent signs",
    "M17": "what noise does at a saddle",
    "M18": "the conditions of the change of variables",
    "M19": "the sign of the polar determinant",
    "M20": "the direction of a flow and its sign",
    "M21": "the Hessian is the Jacobian of the gradient map",
    "M22": "the determinant is signed volume",
    "M23": "`torch.func` beside `torch.autograd.functional`",
}
"""CB code blocks, TB tables, F formulas, CL claims, FIG figures, P prerequisites of that page; M its corrections."""


@dataclass
class Points:
    """Points and bonus points."""

    points: float = 0.0
    bonus: float = 0.0

    def __str__(self) -> str:
        return f"{self.points:g}" if self.points else f"+{self.bonus:g}"


def exercises_by_item(notebooks: Iterable[Path]) -> dict[str, list[str]]:
    """The exercises that teach each item, in the order of the course; an empty list where none does."""
    found: dict[str, list[str]] = {item: [] for item in ITEMS}
    for path in notebooks:
        for cell in nbformat.read(path, as_version=4).cells:
            for item in cell.metadata.get("covers", "").split():
                exercise = exercise_of(cell.metadata.nbgrader.grade_id)
                if exercise not in found[item]:
                    found[item].append(exercise)
    return found


def points_by_exercise(notebook: Path) -> dict[str, Points]:
    """What each exercise of a notebook earns."""
    found: dict[str, Points] = defaultdict(Points)
    for cell in nbformat.read(notebook, as_version=4).cells:
        flags = cell.metadata.get("nbgrader", {})
        if flags.get("grade") or flags.get("task"):
            exercise = found[exercise_of(flags.grade_id)]
            exercise.points += flags.points
            exercise.bonus += cell.metadata.get("bonus", 0)
    return dict(found)


def total(exercises: Iterable[Points]) -> Points:
    """The sum of several exercises."""
    exercises = list(exercises)
    return Points(sum(one.points for one in exercises), sum(one.bonus for one in exercises))


def as_page(notebooks: list[Path]) -> str:
    """The page of the documentation."""
    points = {path.parent.name: points_by_exercise(path) for path in notebooks}
    course = total(one for exercises in points.values() for one in exercises.values())
    return "\n".join(
        [
            "# What the course teaches",
            "",
            "Written by `make release` from the notebooks: every item and every correction (M) of the page",
            "that the course grew from, with the exercises that teach it.",
            f"{course.points:g} points and {course.bonus:g} bonus points in all.",
            "",
            "| item | what it is | exercises |",
            "|---|---|---|",
            *(
                f"| {item} | {ITEMS[item]} | {', '.join(exercises) or '**missing**'} |"
                for item, exercises in exercises_by_item(notebooks).items()
            ),
            "",
            "| assignment | points | bonus | exercises |",
            "|---|---|---|---|",
            *(_row(assignment, exercises) for assignment, exercises in points.items()),
            "",
        ]
    )


def _row(assignment: str, exercises: dict[str, Points]) -> str:
    whole = total(exercises.values())
    each = ", ".join(f"{name} ({one})" for name, one in exercises.items())
    return f"| {assignment} | {whole.points:g} | {whole.bonus:g} | {each} |"
