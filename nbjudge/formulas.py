"""Formulas in prose: found by rules of markdown-it, and typeset only as far as they are known to be harmless.

A page typesets formulas by MathJax, whose TeX can make links, styles, identifiers and macros, and which a deeply
nested formula brings down. So a formula consists of commands from a list, and has limits of length and depth.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

MOST_LENGTH = 2_000
MOST_DEPTH = 15
_MOST_LINES = 60

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
projlim sec sin sinh sup tan tanh bmod pmod mod limits nolimits displaystyle textstyle scriptstyle scriptscriptstyle
quad qquad thinspace medspace thickspace negthinspace enspace space nonumber notag hline cr
"""
_COMMANDS = frozenset(_NAMES.split())
_SIGNS = frozenset(",;:!> {}|_&%#")
_STYLES = frozenset({r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\scriptscriptstyle"})
_OPENING = frozenset({"{", r"\left"}) | _STYLES
_CLOSING = {"}": "{", r"\right": r"\left"}
_REFUSED = frozenset("$%#`@")
_ENVIRONMENTS = (
    r"(?:matrix|pmatrix|bmatrix|Bmatrix|vmatrix|Vmatrix|smallmatrix|cases|split|aligned|gathered"
    r"|align\*?|gather\*?|equation\*?|multline\*?|eqnarray\*?)"
)
_TOKEN = re.compile(
    rf"(?P<begin>\\begin(?:\{{{_ENVIRONMENTS}\}}|\{{array\}} ?\{{[clr|: ]{{1,40}}\}}))"
    rf"|(?P<end>\\end\{{(?:{_ENVIRONMENTS}|array)\}})"
    r"|(?P<row>\\\\(?!\s*[\[*]))|\\(?P<command>[A-Za-z]+)|\\(?P<sign>[^A-Za-z\\])|(?P<other>.)",
    re.DOTALL,
)
_WRITTEN = {"<": r"\lt ", ">": r"\gt ", "&": "& ", r"\&": r"\& ", r"\>": r"\: "}

_INLINE = re.compile(r"\$\$(?P<display>(?:[^$\\]|\\.)++)\$\$|\$(?P<inline>(?:[^$\\]|\\.)++)\$", re.DOTALL)
_OPENS_BLOCK = re.compile(rf"\$\$|\\begin\{{({_ENVIRONMENTS})\}}")


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
        if not _is_known(found):
            return None
        if found["begin"] or sign in _OPENING:
            opened.append("begin" if found["begin"] else sign)
        elif (found["end"] or sign in _CLOSING) and not _close(opened, _CLOSING.get(sign, "begin")):
            return None
        if len(opened) > MOST_DEPTH:
            return None
        written.append(_WRITTEN.get(sign, sign))
    return "".join(written) if written and _STYLES.issuperset(opened) else None


def _close(opened: list[str], opening: str) -> bool:
    """Close what was opened last, which ends the styles in it; False if something else was opened last."""
    while opened and opened[-1] in _STYLES:
        opened.pop()
    return bool(opened) and opened.pop() == opening


def _is_known(found: re.Match[str]) -> bool:
    """Whether a token of a formula is on the lists."""
    if found["command"]:
        return found["command"] in _COMMANDS
    if found["sign"]:
        return found["sign"] in _SIGNS
    return found["other"] is None or (found["other"] not in _REFUSED and found["other"] != "\\")


def find_formulas(parser: MarkdownIt) -> None:
    """Have a parser of Markdown find ``$…$``, ``$$…$$`` and environments of amsmath, as JupyterLab does."""
    parser.inline.ruler.before("escape", "formula", _inline)
    interrupts = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "formula", _block, interrupts)


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001, the parser's interface
    found = _INLINE.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("formula", "span", 0)
        token.content, token.markup = found["display"] or found["inline"], "$$" if found["display"] else "$"
    state.pos = found.end()
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001, the same
    lines = [_line(state, start)]
    opened = _OPENS_BLOCK.match(lines[0])
    if not opened or state.is_code_block(start):
        return False
    closing = rf"\end{{{opened[1]}}}" if opened[1] else "$$"
    if opened[1] is None:
        lines[0] = lines[0][2:]
    while closing not in lines[-1]:
        line = start + len(lines)
        if len(lines) == _MOST_LINES or line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
        lines.append(_line(state, line))
    if not lines[-1].endswith(closing):
        return False
    if not silent:
        state.line = start + len(lines)
        token = state.push("formula_block", "p", 0)
        token.content, token.markup = "\n".join(lines), "$$"
        if opened[1] is None:
            token.content = token.content[:-2]
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
