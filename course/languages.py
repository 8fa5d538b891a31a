"""One notebook, two languages: every prose cell is a pair, and a release keeps one of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

LANGUAGES = ("ko", "en")

_HERE = Path(__file__).parent
_AUTHORING = ("checked", "covers", "key", "lang")
_PACKAGES = ("jupyterlab", "matplotlib", "nbgrader", "numpy", "torch")


class KeepLanguage(NbGraderPreprocessor):
    """Keep one language, as the first step of making a release, and add the README that students get."""

    language = Enum(LANGUAGES, "ko", help="Language of the prose that students get.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Drop prose in other languages and all metadata that only authors need."""
        nb.cells = [cell for cell in nb.cells if cell.metadata.get("lang", self.language) == self.language]
        for cell in nb.cells:
            for name in _AUTHORING:
                cell.metadata.pop(name, None)
        nb.metadata.pop("twin", None)
        names = resources["nbgrader"]
        readme = student_readme(self.language, names["assignment"], names["notebook"])
        resources.setdefault("outputs", {})["README.md"] = readme.encode()
        return nb, resources


def student_readme(language: str, assignment: str, topic: str) -> str:
    """What a student reads first: how to install, work, check and hand in."""
    template = (_HERE / "templates" / f"README.{language}.md").read_text("utf-8")
    pins = (_HERE.parent / "constraints.txt").read_text("utf-8")
    versions = [re.findall(rf"^{name}==\S+$", pins, re.MULTILINE)[0] for name in _PACKAGES]
    return template.format(assignment=assignment, topic=topic, packages=" ".join(versions))
