"""The steps that a course puts into nbgrader's autograding, in the order in which they run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades as StockSaveAutoGrades
from nbgrader.utils import is_solution
from traitlets import Unicode

from nbjudge import judging
from nbjudge.course import course_directory, submission_of
from nbjudge.errors import SubmissionError
from nbjudge.rebuild import rebuild
from nbjudge.stored import stored_notebook
from nbjudge.verdict import Verdict, not_graded

_VERDICTS = "nbjudge_verdicts"


class Rebuild(NbGraderPreprocessor):
    """Put the course's own cells back into a submission, as the first step of grading."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the submission by the rebuilt notebook."""
        student, assignment, notebook = submission_of(resources)
        rebuilt = rebuild(nb, stored_notebook(course_directory(self), assignment, notebook))
        for oddity in rebuilt.oddities:
            self.log.warning("%s, %s: %s", student, assignment, oddity)
        return rebuilt.notebook, resources


class Judge(NbGraderPreprocessor):
    """Run a rebuilt submission, judge its tests and write what the student may read of them."""

    language = Unicode("en", help="Language of the messages in graded notebooks and feedback.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Add outputs to the notebook and verdicts to the resources."""
        student, assignment, notebook = submission_of(resources)
        coursedir = course_directory(self)
        stored = stored_notebook(coursedir, assignment, notebook)
        try:
            verdicts = judging.run(
                nb,
                stored,
                execute=Execute(parent=self.parent),
                resources=resources,
                course_root=Path(coursedir.root),
            )
        except judging.KernelDiedError as death:
            reason = f"the kernel died while {death.cell} ran, so nothing was graded; find what ends the process there."
            self.log.error("%s, %s: %s", student, assignment, reason)
            raise SubmissionError(student, assignment, reason) from None
        judging.show(nb, stored, verdicts, language=self.language)
        resources[_VERDICTS] = verdicts
        return nb, resources


class SaveAutoGrades(StockSaveAutoGrades):
    """Save the verdicts of `Judge`; bonus points become extra credit, outside the total of the assignment."""

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        if is_solution(cell) or cell.cell_type != "code":
            super()._add_score(cell, resources)
            return
        name = cell.metadata.nbgrader.grade_id
        verdict: Verdict = resources.get(_VERDICTS, {}).get(name) or not_graded()
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        if cell.metadata.get("bonus"):
            grade.auto_score, grade.extra_credit = 0.0, verdict.score
        else:
            grade.auto_score = verdict.score
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()
