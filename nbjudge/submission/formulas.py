"""Formulas in prose: taken out before Markdown is parsed, and typeset only as far as they are known to be harmless.

A page typesets formulas by MathJax, whose TeX can make links, styles, identifiers and macros, and which a deeply
nested formula brings down. So a formula consists of commands from a list, and has limits of length and depth.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LENGTH = 2_000
MOST_DEPTH = 15

_NAMES = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi omicron pi
varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma Gamma Delta Theta Lambda Xi Pi Sigma
Upsilon Phi Psi Omega aleph beth hbar hslash ell imath jmath wp Re Im partial infty nabla emptyset varnothing forall
exists nexists neg lnot top bot angle triangle square blacksquare Box Diamond diamond bigstar flat natural sharp
prime backprime degree sum prod coprod int iint iiint oint bigcap bigcup bigsqcup bigvee bigwedge bigodot bigotimes
bigoplus biguplus pm mp times div cdot ast star circ bullet cap cup uplus sqcap sqcup vee wedge lor land setminus
smallsetminus wr amalg oplus ominus otimes oslash odot dagger ddagger bigcirc bigtriangleup bigtriangledown leq le
geq ge ll gg lll ggg lt gt neq ne equiv sim simeq approx approxeq cong propto asymp doteq coloneqq triangleq prec
succ preceq succeq subset supset subseteq supseteq subsetneq supsetneq sqsubseteq sqsupseteq in notin ni mid nmid
parallel nparallel perp vdash dashv models bowtie leqslant geqslant lesssim gtrsim nleq ngeq nless ngtr nsim not to
gets leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow longleftarrow longrightarrow
longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow implies impliedby iff mapsto longmapsto
hookrightarrow hookleftarrow uparrow downarrow updownarrow Uparrow Downarrow Updownarrow nearrow searrow swarrow
nwarrow rightharpoonup rightharpoondown leftharpoonup leftharpoondown rightleftharpoons leadsto rightsquigarrow
upharpoonright xrightarrow xleftarrow ldots cdots vdots ddots dots dotsc dotsb dotsm dotsi colon therefore because
left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm lbrace rbrace lbrack
rbrack langle rangle lfloor rfloor lceil rceil vert Vert lvert rvert lVert rVert backslash frac dfrac tfrac cfrac
binom dbinom tbinom choose over atop sqrt overset underset stackrel substack overline underline overbrace underbrace
overrightarrow overleftarrow widehat widetilde hat check breve acute grave tilde bar vec dot ddot dddot mathring
boxed mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathbb boldsymbol pmb rm bf it cal operatorname
text textrm textbf textit textsf texttt mathop mathbin mathrel mathord mathopen mathclose mathpunct arccos arcsin
arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim liminf limsup ln log max min Pr
projlim sec sin sinh sup tan tanh bmod pmod mod limits nolimits quad qquad thinspace
medspace thickspace negthinspace enspace space nonumber notag hline cr phantom hphantom vphantom intercal
"""
_COMMANDS = frozenset(_NAMES.split())
_SIGNS = frozenset(",;:!> {}|_&%#")
_OPENING = frozenset({"begin", "{", r"\left", "coloured", "style"})
_CLOSING = {"end": ("begin",), "}": ("{", "coloured"), r"\right": (r"\left",)}
_REFUSED = frozenset("$%#`@")
_ENVIRONMENTS = (
    r"(?:matrix|pmatrix|bmatrix|Bmatrix|vmatrix|Vmatrix|smallmatrix|cases|split|aligned|gathered"
    r"|align\*?|gather\*?|equation\*?|multline\*?|eqnarray\*?)"
)
_STYLES = "(?:(?:display|text|script|scriptscript)style|tiny|scriptsize|small|normalsize|large|Large|LARGE|huge|Huge)"
_COLOUR = r"\{[A-Za-z]{1,20}\}"
_TOKEN = re.compile(
    rf"(?P<begin>\\begin(?:\{{{_ENVIRONMENTS}\}}|\{{array\}} ?\{{[clr|: ]{{1,40}}\}}))"
    rf"|(?P<end>\\end\{{(?:{_ENVIRONMENTS}|array)\}})"
    rf"|(?P<style>\\(?:{_STYLES}(?![A-Za-z])|color{_COLOUR}))"
    rf"|\\text(?P<coloured>color{_COLOUR} ?\{{)"
    r"|(?P<tag>\\tag\*?\{[\w .,'()+*-]{1,20}\})"
    r"|(?P<row>\\\\(?:\[(?:\d?\.\d{1,2}|\d|\d\d(?=pt|mm))(?:pt|em|ex|mm)\]|(?!\s*[\[*])))"
    r"|\\(?P<command>[A-Za-z]+)|\\(?P<sign>[^A-Za-z\\])|(?P<other>.)",
    re.DOTALL,
)
_WRITTEN = {"<": r"\lt ", ">": r"\gt ", "&": "& ", r"\&": r"\& ", r"\>": r"\: "}

# A repeated group is made atomic, not possessive: before 3.11.5, Python's possessive groups match wrongly.
_NEXT_LINE = r"\n(?![ \t>]*+(?:\n|~~~))"
"""A line break behind which the paragraph goes on."""

_INSIDE = rf"[^$`\\\n]|\\[^\n]|\\?{_NEXT_LINE}"
_MARKERS = r"^[ \t]*+(?>(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*+)*)"
_FENCE = rf"{_MARKERS}(?P<fence>`{{3,}}+(?![^\n]*`)|~{{3,}}+)[^\n]*+(?:.*?^[ \t>]*+(?P=fence)[`~]*+[ \t]*+$|.*+)"
_SPAN = rf"(?P<ticks>`++)(?>(?:[^`\n]++|{_NEXT_LINE}|(?!(?P=ticks)(?!`))`++)*)(?P=ticks)(?!`)"
_FOUND = re.compile(
    rf"{_FENCE}|{_SPAN}|`++"
    rf"|\\begin\{{(?P<environment>{_ENVIRONMENTS}|array)\}}"
    r"(?>(?:[^`\\]++|\\(?!(?:begin|end)\{(?P=environment)\}).)*)\\end\{(?P=environment)\}"
    r"|\\."
    rf"|\$\$(?P<display>(?>(?:{_INSIDE}|\$(?!\$))+))\$\$"
    # Empty lines are part of a formula only if its dollars stand at the ends of lines.
    r"|(?:^\$\$|\$\$(?=[ \t]*+\n))(?P<block>(?>(?:[^$`\\]|\\.|\$(?!\$))+))\$\$(?=[ \t]*+$)"
    # A dollar between a blank and a digit is a price.
    rf"|\$(?P<inline>(?>(?:{_INSIDE})+))(?:(?<!\s)\$|\$(?!\d))",
    re.DOTALL | re.MULTILINE,
)
_QUOTED = re.compile(r"\n[ \t]*+(?>(?:>[ \t]?)+)")


@dataclass(frozen=True)
class Formula:
    """A formula of a text.

    Attributes:
        source: as it was written.
        content: what is typeset of it.
        dollars: between which it is typeset, two for one that stands on a line of its own.
    """

    source: str
    content: str
    dollars: str


class Formulas:
    """The formulas of one notebook, in whose place Markdown gets words that nobody can foresee."""

    def __init__(self) -> None:
        self._taken: list[Formula] = []
        self._word = secrets.token_hex(4)
        self._place = re.compile(rf"{self._word}x(\d+)x")

    def take_out(self, source: str) -> str:
        """Markdown with a word in place of each formula outside of code, as JupyterLab finds them."""
        return _FOUND.sub(self._replacement, source)

    def put_back(self, text: str) -> str:
        """A part of the same Markdown with all formulas as they were written."""
        return self._place.sub(lambda found: self._taken[int(found[1])].source, text)

    def parts(self, text: str) -> Iterator[str | Formula]:
        """A part of the same Markdown as words and formulas in turn."""
        for number, part in enumerate(self._place.split(text)):
            yield self._taken[int(part)] if number % 2 else part

    def _replacement(self, found: re.Match[str]) -> str:
        """A word for a formula, and code as it is."""
        content = found["display"] or found["block"] or found["inline"] or (found["environment"] and found.group())
        if not content:
            return found.group()
        self._taken.append(Formula(found.group(), _unquoted(found, content), "$" if found["inline"] else "$$"))
        return f"{self._word}x{len(self._taken) - 1}x"


def _unquoted(found: re.Match[str], content: str) -> str:
    """The content of a formula without the signs of the quotation in which it stands."""
    if "\n" not in content:
        return content
    line = found.string[found.string.rfind("\n", 0, found.start()) + 1 : found.start()]
    return _QUOTED.sub("\n", content) if line.lstrip().startswith(">") else content


def harmless(formula: str) -> str | None:
    r"""A formula as it may be typeset, None if it may not.

    Returns:
        The same formula in one line. It holds no ``<`` and ``>``, and ``&`` only before a space, so that HTML takes it
        as it is.
    """
    if len(formula) > MOST_LENGTH:
        return None
    written, opened = [], []
    for found in _TOKEN.finditer(" ".join(formula.split())):
        sign = found.group()
        kind = sign if found["command"] or found["other"] else found.lastgroup
        if not _is_known(found):
            return None
        if kind in _OPENING:
            opened.append(kind)
        elif kind in _CLOSING:
            closing = _closed(opened, kind, sign)
            if closing is None:
                return None
            sign = closing
        if len(opened) > MOST_DEPTH:
            return None
        # MathJax 2 knows no \textcolor, and its \color colours an argument; that of MathJax 3 all up to a brace.
        written.append(rf"{{\{found['coloured']}" if found["coloured"] else _WRITTEN.get(sign, sign))
    return "".join(written) if written and {"style"}.issuperset(opened) else None


def _closed(opened: list[str], kind: str, sign: str) -> str | None:
    """Close what was opened last, which ends the styles in it.

    Returns:
        What closes it; None if something else was opened last.
    """
    while opened and opened[-1] == "style":
        opened.pop()
    if not opened or opened[-1] not in _CLOSING[kind]:
        return None
    return "}}" if opened.pop() == "coloured" else sign


def _is_known(found: re.Match[str]) -> bool:
    """Whether a token of a formula is on the lists."""
    if found["command"]:
        return found["command"] in _COMMANDS
    if found["sign"]:
        return found["sign"] in _SIGNS
    return found["other"] is None or (found["other"] not in _REFUSED and found["other"] != "\\")
