"""Rules for the prose of an instructor notebook: every cell in both languages, both saying the same.

What a program can compare is compared: order and keys of the pairs, formulas, code, numbers and links, the hash of the
English text that the Korean one was checked against, and words that never occur.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+?\$", re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)|(https?://[^\s)]+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_HANGUL = re.compile("[가-힣]")
_BOLD = re.compile(r"\*\*(.+?)\*\*(.?)", re.DOTALL)
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_EXCLAMATION = re.compile(r"!(?!\[)")
_BELITTLING = re.compile(
    r"\b(?:easy|easily|obvious|obviously|simply|trivial|trivially)\b|자명|당연|쉽게|쉬운", re.IGNORECASE
)
_FORBIDDEN = re.compile(r"부정치|파생 상품|차별화|위로 볼록[^.]*최[소솟]|최[소솟][^.]*위로 볼록")
_MARK_SCHEME = re.compile(r"=== BEGIN MARK SCHEME ===\n(.*)=== END MARK SCHEME ===", re.DOTALL)

TO_WRITE = "TO WRITE"
"""Marks what `python -m course new` leaves to the author."""

CORRECTIONS = "erratum"
"""Tag of cells that may name a forbidden word, because they correct it."""


def translation_hash(english: str) -> str:
    """What a Korean cell records of the English text that it was checked against."""
    return hashlib.sha256(english.encode()).hexdigest()[:12]


def problems(notebook: NotebookNode) -> list[str]:
    """Everything that breaks the rules, a sentence each that names the cell and what to do."""
    return [f"cell {cell}: {problem}" for cell, problem in _problems(notebook)]


def _problems(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    yield from _unpaired(notebook)
    for korean, english in _pairs(notebook):
        yield from _differences(korean, english)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            name = cell.metadata.get("key") or cell.metadata.get("nbgrader", {}).get("grade_id", cell.source[:30])
            for problem in _style(cell):
                yield f"{name} ({cell.metadata['lang']})" if "lang" in cell.metadata else name, problem
            if "lang" not in cell.metadata:
                yield from ((name, problem) for problem in _bilingual(cell))


def _pairs(notebook: NotebookNode) -> list[tuple[NotebookNode, NotebookNode]]:
    """The neighbours that are one text in Korean and in English."""
    return [pair for pair in zip(notebook.cells, notebook.cells[1:], strict=False) if _is_pair(*pair)]


def _is_pair(first: NotebookNode, second: NotebookNode) -> bool:
    languages = first.metadata.get("lang"), second.metadata.get("lang")
    return languages == ("ko", "en") and first.metadata.get("key") == second.metadata.get("key")


def _unpaired(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    paired = {id(cell) for pair in _pairs(notebook) for cell in pair}
    for cell in notebook.cells:
        if "lang" in cell.metadata and id(cell) not in paired:
            other, side = ("en", "below") if cell.metadata.lang == "ko" else ("ko", "above")
            yield cell.metadata.get("key", cell.source[:30]), f"its {other} form is missing; write it {side}, same key."


def _differences(korean: NotebookNode, english: NotebookNode) -> Iterator[tuple[str, str]]:
    key = korean.metadata.key
    for what, in_korean, in_english in zip(
        ("formulas", "code", "links", "numbers"), _content(korean.source), _content(english.source), strict=True
    ):
        extra = [*(in_korean - in_english).elements()], [*(in_english - in_korean).elements()]
        if any(extra):
            told = "; ".join(f"only {lang}: {', '.join(x)}" for lang, x in zip(("ko", "en"), extra, strict=True) if x)
            yield key, f"the {what} of both languages differ ({told})."
    if _is_stale(korean, english):
        yield (
            key,
            (
                "its English text is not the one that the Korean was checked against; "
                f"read both, then run `python -m course translated` with the assignment and {key}."
            ),
        )


def _content(text: str) -> tuple[Counter, Counter, Counter, Counter]:
    """Formulas, code, links and numbers of a text, each counted."""
    formulas = Counter(_FORMULA.findall(text))
    text = _FORMULA.sub(" ", text)
    code = Counter(_CODE.findall(text))
    text = _CODE.sub(" ", text)
    links = Counter(target for pair in _LINK.findall(text) for target in pair if target)
    return formulas, code, links, Counter(_NUMBER.findall(_LINK.sub("]", text)))


def _is_stale(korean: NotebookNode, english: NotebookNode) -> bool:
    return korean.metadata.get("checked") != translation_hash(english.source)


def _style(cell: NotebookNode) -> Iterator[str]:
    text = cell.source
    language = cell.metadata.get("lang")
    words = _CODE.sub(" ", _FORMULA.sub(" ", text))
    if any(_HANGUL.search(formula) for formula in _FORMULA.findall(text)):
        yield "Hangul stands in a formula; move it into the text."
    if language == "en" and _HANGUL.search(words):
        yield "the English text holds Hangul."
    if language == "ko" and not _HANGUL.search(words):
        yield "the Korean text holds no Hangul."
    for content, following in _BOLD.findall(words):
        if _HANGUL.match(following) and not content[-1].isalnum():
            yield f"the emphasis of {content!r} does not close before a particle; write **용어**(term)은."
    if found := _EMOJI.search(words):
        yield f"the character {found[0]!r} is an emoji; take it out."
    if _EXCLAMATION.search(words):
        yield "it holds an exclamation mark; end the sentence calmly."
    if found := _BELITTLING.search(words):
        yield f"{found[0]!r} belittles who does not find it so; say what is meant."
    if CORRECTIONS not in cell.metadata.get("tags", []) and (found := _FORBIDDEN.search(words)):
        yield f"{found[0]!r} is a word that the course corrects; only cells tagged {CORRECTIONS!r} may name it."


def _bilingual(cell: NotebookNode) -> Iterator[str]:
    """What a written question lacks: it is locked, so that it exists once, in both languages."""
    if not cell.metadata.get("nbgrader", {}).get("task"):
        return
    scheme = _MARK_SCHEME.search(cell.source)
    if scheme is None:
        yield "a written question needs a mark scheme between its two markers."
        return
    for part, name in ((cell.source[: scheme.start()], "question"), (scheme[1], "mark scheme")):
        if not _HANGUL.search(part) or not re.search("[A-Za-z]{4,} [A-Za-z]{3,}", part):
            yield f"its {name} must be written in both languages."
