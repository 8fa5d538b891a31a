"""The feedback page: nbgrader's own, with a summary of all tests at the top."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearMarkScheme
from traitlets import Unicode, default

from nbjudge.judging import LIKELY
from nbjudge.messages import Text


class FeedbackExporter(HTMLExporter):
    """Write feedback pages: ``c.GenerateFeedback.exporter_class = FeedbackExporter``."""

    @default("extra_loaders")
    def _extra_loaders_default(self) -> list[FileSystemLoader]:
        return [FileSystemLoader(Path(__file__).parent / "templates")]

    @default("template_file")
    def _template_file_default(self) -> str:
        return "summary.html.j2"


class FeedbackPage(ClearMarkScheme):
    """Prepare a feedback page: no mark schemes, and the words of the summary in the language of the course."""

    language = Unicode("en", help="Language of the words on the page.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Clear the notebook and give the template its words."""
        resources["nbjudge"] = {"words": {name: text.form(self.language) for name, text in _WORDS.items()}}
        return super().preprocess(nb, resources)


_WORDS = {
    "bonus": Text(en="bonus", ko="보너스"),
    "by_hand": Text(en="graded by hand", ko="손으로 채점합니다"),
    "late": Text(en="Late penalty", ko="지각 감점"),
    "likely": LIKELY,
    "points": Text(en="Points", ko="점수"),
    "result": Text(en="Result", ko="결과"),
    "test": Text(en="Test", ko="테스트"),
}
