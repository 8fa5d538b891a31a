"""The steps that a course puts into nbgrader's autograding, in the order in which they run."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from nbjudge.judging.worker import Task
from nbjudge.steps.context import course_directory, submission_of
from nbjudge.store.gradebook import blueprint_of, one_transaction, save_verdicts
from nbjudge.submission.blueprint import FORMAT
from nbjudge.submission.companions import assignment_files
from nbjudge.submission.rebuild import rebuild

_GRADED = "nbjudge_graded"


class Rebuild(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Put the course's own cells back into a submission, as the first step of grading."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the submission by the rebuilt notebook."""
        student, assignment, notebook = submission_of(resources)
        with self.parent.told(student, assignment):
            rebuilt = rebuild(nb, blueprint_of(course_directory(self), assignment, notebook))
        for oddity in rebuilt.oddities:
            self.log.warning("%s, %s: %s", student, assignment, oddity)
        return rebuilt.notebook, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Grade a rebuilt submission in the exporter's worker and show what the student may read of it."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the notebook by the graded one and put the verdicts into the resources."""
        student, assignment, notebook = submission_of(resources)
        coursedir, settings = course_directory(self), self.parent.settings
        with self.parent.told(student, assignment):
            task = Task(
                notebook=notebook,
                content=nbformat.writes(nb).encode("utf-8"),
                limits=self.parent.limits_of(assignment, notebook),
                language=settings.language,
                files=assignment_files(coursedir, student, assignment).files,
            )
            graded = self.parent.grade(assignment, task)
        for cell, reason in graded.stops.items():
            self.log.warning("%s, %s: %s was stopped (%s)", student, assignment, cell, reason)
        resources[_GRADED] = graded
        return nbformat.reads(graded.text, as_version=FORMAT), resources


class SaveAutoGrades(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Save the verdicts of `Judge`; bonus points become extra credit, outside the total of the assignment."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Save the grades and comments of one notebook in one transaction."""
        student, assignment, notebook = submission_of(resources)
        coursedir = course_directory(self)
        blueprint = blueprint_of(coursedir, assignment, notebook)
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook, one_transaction(gradebook):
            save_verdicts(
                gradebook,
                blueprint,
                resources.get(_GRADED),
                student=student,
                assignment=assignment,
                notebook=notebook,
            )
        return nb, resources
