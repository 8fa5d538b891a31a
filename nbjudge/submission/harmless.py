"""Make what a submission shows harmless: its prose becomes HTML that is ours, its code is coloured if that is cheap.

Prose is parsed as Markdown and written anew from the parsed document: only elements of that document get a tag, and
none has an identifier, a handler, a style or a target that is not on a list. The result is one block of HTML, which
nbconvert (formgrader, feedback) and JupyterLab take as it is.
"""

from __future__ import annotations

import base64
import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink

from nbjudge.messages import Text
from nbjudge.submission.formulas import Formula, Formulas, harmless
from nbjudge.submission.pictures import picture
from nbjudge.submission.signs import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from markdown_it.token import Token

MOST_PROSE = 20_000
"""Characters of one cell of prose that are shown."""

MOST_PROSE_IN_ALL = 200_000
"""Characters of prose of one notebook that are shown."""

MOST_FORMULAS = 400
"""Formulas of one notebook that are typeset."""

MOST_SIGNS_OF_FORMULAS = 40_000
"""Characters of all of them together; a browser needs about half a millisecond for each."""

MOST_PICTURES = 4_000_000
"""Bytes of pictures in the prose of one notebook."""

MOST_PIXELS_IN_PROSE = 100_000_000
"""Pixels of pictures in the prose of one notebook."""

MOST_CODE = 100_000
"""Characters of one cell of code that are shown."""

MOST_COLOURED_IN_ALL = 100_000
"""Characters of code of one notebook that are coloured."""

_MOST_COLOURED = 10_000
_MOST_COLOURED_MAGIC = 500
_MAGIC = re.compile(r"\s*%%(?!time|capture)")
_COSTLY_CODE = re.compile(r"[^\n]{1000}|(?:[^\S\n]*\n){30}|\s{300}")
_MOST_TARGET = 2_000
_MOST_NESTED = 20
_MOST_TOKENS = 40_000

_GOES_OUT = re.compile(r"(?:https?://|mailto:)[^\s/]", re.IGNORECASE)
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "hr")
_TAGS = frozenset((*_BLOCKS, "em", "strong", "s", "table", "thead", "tbody", "tr", "th", "td"))
_ATTRIBUTES = {"style": re.compile(r"text-align:(?:left|center|right)"), "start": re.compile(r"\d{1,9}")}
# Signs that MathJax, or a filter of nbconvert or JupyterLab that works on text, would take for its own.
_ESCAPED = str.maketrans({sign: f"&#{ord(sign)};" for sign in "&<>\"'$\\[]`~@\n"})
_BLOCK = '<div class="tex2jax_ignore mathjax_ignore" style="overflow-wrap: anywhere">{}</div>'
# Line breaks inside the tags keep every formula on a line of its own: nbconvert searches lines for brackets.
_FORMULA = '<span\nclass="tex2jax_process mathjax_process">{}</span\n>'


class Prose:
    """The prose of one notebook.

    Args:
        files: the files beside the notebook, whose pictures may be shown.
        language: of the note that tells what was cut.
    """

    def __init__(self, files: Mapping[str, bytes], language: str) -> None:
        self._files = files
        self._language = language
        self._left = MOST_PROSE_IN_ALL
        self._left_formulas = MOST_FORMULAS
        self._left_signs = MOST_SIGNS_OF_FORMULAS
        self._left_pictures = MOST_PICTURES
        self._left_pixels = MOST_PIXELS_IN_PROSE
        self._parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        self._parser.validateLink = self._leads_somewhere  # type: ignore[method-assign]  # replaced on purpose
        self._formulas = Formulas()
        self._parser.normalizeLink = self._normalized  # type: ignore[method-assign]  # replaced on purpose
        self._writers = {
            "inline": lambda token: self._written(token.children),
            "softbreak": lambda _: " ",
            "hardbreak": lambda _: "<br />",
            "code_inline": lambda token: f"<code>{_escaped(self._formulas.put_back(token.content))}</code>",
            "code_block": lambda token: _preformatted(self._formulas.put_back(token.content)),
            "fence": lambda token: _preformatted(self._formulas.put_back(token.content)),
            "link_open": _link,
            "link_close": lambda _: "</a>",
            "image": self._image,
        }

    def shown(self, source: str) -> str:
        """Markdown of a student as inert Markdown, namely one block of HTML."""
        kept, note = self._kept(source)
        try:
            tokens = self._parser.parse(self._formulas.take_out(kept))
            body = self._written(tokens) if len(tokens) <= _MOST_TOKENS else _preformatted(kept)
        except Exception:  # noqa: BLE001, what the parser cannot take is shown as it was written
            body = _preformatted(kept)
        return _BLOCK.format(body + note)

    def shown_raw(self, source: str) -> str:
        """Text that is not Markdown as inert Markdown that shows it as it is."""
        kept, note = self._kept(source)
        return _BLOCK.format(_preformatted(kept) + note)

    def _kept(self, source: str) -> tuple[str, str]:
        """As much of a source as is shown, and the HTML of a note if it was cut."""
        most = min(MOST_PROSE, self._left)
        self._left -= min(most, len(source))
        note = f"<p><em>{_escaped(_CUT.form(self._language))}</em></p>" if len(source) > most else ""
        return printable(source[:most]), note

    def _leads_somewhere(self, url: str) -> bool:
        """Whether a target is one of a link or a picture; what has another one is shown as it was written."""
        return len(url) <= _MOST_TARGET and (_goes_out(url) or _path(url) in self._files)

    def _normalized(self, url: str) -> str:
        """A target in which formulas are as they were written."""
        return normalizeLink(self._formulas.put_back(url))

    def _written(self, tokens: Iterable[Token]) -> str:
        return "".join(self._token(token) for token in tokens)

    def _token(self, token: Token) -> str:
        """HTML of one token; of a kind that is not known here, nothing but its text."""
        if write := self._writers.get(token.type):
            return write(token)
        return _tag(token) if token.nesting or token.tag == "hr" else self._text(token.content)

    def _text(self, text: str) -> str:
        """HTML of words with formulas between them."""
        parts = self._formulas.parts(text)
        return "".join(self._formula(part) if isinstance(part, Formula) else _escaped(part) for part in parts)

    def _formula(self, written: Formula) -> str:
        """HTML of a formula, which is shown as it was written if it may not be typeset."""
        formula = harmless(written.content) if self._left_formulas else None
        if formula is None or len(formula) > self._left_signs:
            return f"<code>{_escaped(written.source)}</code>"
        self._left_formulas -= 1
        self._left_signs -= len(formula)
        return _FORMULA.format(written.dollars + formula + written.dollars)

    def _image(self, token: Token) -> str:
        """HTML of a picture that lies beside the notebook; another one is shown as it was written."""
        target = str(token.attrGet("src"))
        words = self._formulas.put_back("".join(child.content for child in token.children or ()))
        found = picture(self._files.get(_path(target), b""))
        if found is None or len(found.content) > self._left_pictures or found.pixels > self._left_pixels:
            return f"<code>{_escaped(f'![{words}]({target})')}</code>"
        self._left_pictures -= len(found.content)
        self._left_pixels -= found.pixels
        data = base64.b64encode(found.content).decode("ascii")
        return f'<img src="data:{found.kind};base64,{data}" alt="{_escaped(words)}" />'


class Code:
    """The code of one notebook.

    Args:
        language: of the notes that tell what was left away.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._left = MOST_COLOURED_IN_ALL

    def is_coloured(self, source: str) -> bool:
        """Whether a cell is coloured: if that is cheap, by itself and together with those before it."""
        if is_costly_to_colour(source) or len(source) > self._left:
            return False
        self._left -= len(source)
        return True

    def shown(self, source: str, *, is_coloured: bool) -> str:
        """The source of a cell as far as it is shown."""
        if _MAGIC.match(source) and not is_coloured:  # behind a comment, nbconvert looks for no other language
            source = f"# {_UNCOLOURED.form(self._language)}\n{source}"
        return source if len(source) <= MOST_CODE else f"{source[:MOST_CODE]}\n# {_CUT.form(self._language)}"


def is_costly_to_colour(source: str) -> bool:
    """Whether colouring code could take more than linear time: other languages, long lines, many blanks."""
    if _MAGIC.match(source):
        return len(source) > _MOST_COLOURED_MAGIC
    return len(source) > _MOST_COLOURED or bool(_COSTLY_CODE.search(source))


def _tag(token: Token) -> str:
    """The tag of a token, with its attributes, as far as they are on the lists."""
    if token.hidden or token.level > _MOST_NESTED or token.tag not in _TAGS:
        return ""
    known = {name: str(text) for name, text in token.attrItems() if name in _ATTRIBUTES}
    attributes = "".join(f' {name}="{text}"' for name, text in known.items() if _ATTRIBUTES[name].fullmatch(text))
    return f"</{token.tag}>" if token.nesting == -1 else f"<{token.tag}{attributes}>"


def _link(token: Token) -> str:
    """The beginning of a link; one that does not go out has no target."""
    target = str(token.attrGet("href"))
    if not _goes_out(target):
        return "<a>"
    return f'<a href="{_escaped(target)}" rel="nofollow noopener noreferrer" target="_blank">'


def _escaped(text: str) -> str:
    return printable(text).translate(_ESCAPED)  # Markdown decodes entities, also of signs that steer


def _preformatted(text: str) -> str:
    return f"<pre><code>{_escaped(text)}</code></pre>"


def _goes_out(target: str) -> bool:
    """Whether a link goes to a page or to mail."""
    return bool(_GOES_OUT.match(target))


def _path(target: str) -> str:
    """The path of a file beside the notebook to which a picture's target leads."""
    return posixpath.normpath(unquote(target))


_UNCOLOURED = Text(en="shown without colours", ko="색 없이 표시합니다")
_CUT = Text(
    en="[more was written here; it is cut, the submission holds all of it]",
    ko="[내용이 너무 길어 뒷부분을 잘랐습니다. 전체 내용은 제출물에 있습니다]",
)
