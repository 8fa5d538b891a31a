"""One notebook, two languages: every prose cell is a pair, and a release keeps one of them."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

LANGUAGES = ("ko", "en")

_AUTHORING = ("checked", "key", "lang", "tags")


class KeepLanguage(NbGraderPreprocessor):
    """Keep the prose of one language, as the first step of making a release."""

    language = Enum(LANGUAGES, "ko", help="Language of the prose that students get.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Drop prose in other languages and all metadata that only authors need."""
        nb.cells = [cell for cell in nb.cells if cell.metadata.get("lang", self.language) == self.language]
        for cell in nb.cells:
            for name in _AUTHORING:
                cell.metadata.pop(name, None)
        nb.metadata.pop("twin", None)
        return nb, resources
