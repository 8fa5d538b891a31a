"""The feedback page: nbgrader's own, with a summary of all tests at the top."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook
from nbgrader.preprocessors import ClearMarkScheme, NbGraderPreprocessor
from traitlets import Unicode, default

from nbjudge.judging.verdict import LIKELY
from nbjudge.messages import Text
from nbjudge.steps.context import course_directory, submission_of
from nbjudge.store.gradebook import by_cell
from nbjudge.store.locks import lock_each_submission
from nbjudge.submission.blueprint import grade_id

if TYPE_CHECKING:
    from nbgrader.converters import GenerateFeedback

_IMAGE_WITHOUT_TEXT = re.compile(r"<img (?![^>]*\balt=)")


class FeedbackExporter(HTMLExporter):
    """Write feedback pages: ``c.GenerateFeedback.exporter_class = FeedbackExporter``."""

    def __init__(self, parent: GenerateFeedback | None = None, **keywords: Any) -> None:
        super().__init__(parent=parent, **keywords)
        if parent is not None:
            lock_each_submission(parent)

    @default("extra_loaders")
    def _extra_loaders_default(self) -> list[FileSystemLoader]:
        return [FileSystemLoader(Path(__file__).parent / "templates")]

    @default("template_file")
    def _template_file_default(self) -> str:
        return "summary.html.j2"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own exporters give a text, too
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **keywords: Any
    ) -> tuple[str, dict[str, Any]]:
        """Write the page; nbconvert would parse it once more to add texts to images, which takes half of the time."""
        lexer = nb.metadata.get("language_info", {}).get("pygments_lexer")
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))
        page, resources = super(HTMLExporter, self).from_notebook_node(nb, self._init_resources(resources), **keywords)
        return _IMAGE_WITHOUT_TEXT.sub('<img alt="figure" ', page), resources


class ShowGrades(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Put grades and comments into the notebook, as nbgrader's ``GetGrades`` does cell by cell."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Read the gradebook once and fill in all cells."""
        student, assignment, notebook = submission_of(resources)
        coursedir = course_directory(self)
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            submission = gradebook.find_submission_notebook(notebook, assignment, student)
            grades, comments = (by_cell(gradebook, entry, submission) for entry in (Grade, Comment))
            for cell in nb.cells:
                name = grade_id(cell)
                if name in grades:
                    cell.metadata.nbgrader["score"] = grades[name].score
                    cell.metadata.nbgrader["points"] = grades[name].cell.max_score
                if name in comments:
                    cell.metadata.nbgrader["comment"] = comments[name].comment
            penalty = submission.late_submission_penalty or 0
            resources["nbgrader"] |= {
                "score": submission.score - penalty,
                "max_score": submission.max_score,
                "late_penalty": penalty,
            }
        return nb, resources


class FeedbackPage(ClearMarkScheme):  # type: ignore[misc]  # nbgrader has no types
    """Prepare a feedback page: no mark schemes, and the words of the summary in the language of the course."""

    language = Unicode("en", help="Language of the words on the page.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Clear the notebook and give the template its words."""
        resources["nbjudge"] = {"words": {name: text.form(self.language) for name, text in _WORDS.items()}}
        cleared: tuple[NotebookNode, dict[str, Any]] = super().preprocess(nb, resources)
        return cleared


_WORDS = {
    "bonus": Text(en="bonus", ko="보너스"),
    "by_hand": Text(en="graded by hand", ko="손으로 채점합니다"),
    "late": Text(en="Late penalty", ko="지각 감점"),
    "likely": LIKELY,
    "points": Text(en="Points", ko="점수"),
    "result": Text(en="Result", ko="결과"),
    "test": Text(en="Test", ko="테스트"),
}
