"""What a student writes keeps its sense where it is shown, and does nothing else there."""

import io
import random
import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.image
import nbformat
import nbgrader
import numpy as np
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import markdown2html, strip_files_prefix
from nbformat import v4

from nbjudge.judging.grading import show
from nbjudge.steps.feedback import FeedbackExporter
from nbjudge.submission import harmless as inert
from nbjudge.submission.formulas import MOST_DEPTH, Formulas, harmless
from nbjudge.submission.harmless import (
    MOST_CODE,
    MOST_COLOURED_IN_ALL,
    MOST_FORMULAS,
    MOST_PIXELS_IN_PROSE,
    MOST_PROSE,
    MOST_PROSE_IN_ALL,
    MOST_SIGNS_OF_FORMULAS,
    Prose,
    is_costly_to_colour,
)
from tests.nbjudge import toy
from tests.nbjudge.growth import MOST_GROWTH, growth
from tests.nbjudge.hostile.shown import ACTING_PROSE, CATCHING_PROSE, blank_png

pytestmark = pytest.mark.slow

TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
BOOTSTRAP = TEMPLATES.parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"

ESSAY = r"""## 야코비안의 뜻

함수 $f\colon \mathbb{R}^n \to \mathbb{R}^m$ 의 **야코비안**(Jacobian)은 *행렬* 입니다. `jvp(f, x, v)`

$$
J = \begin{pmatrix} a & b \\ c & d \end{pmatrix}
+ 0 < 1
$$

\begin{align}
\langle v, Ju \rangle &= v^\top J u
\end{align}

3. first
   - inner
4. second $x^2$

| a | b |
|:-:|---|
| 1 | $y$ |

```python
def f():

    return "<b>"
```

> quoted
[page](https://example.org/a?b=1&c=2) <mail@example.org> ~~gone~~ a  \
b
"""


def shown(source, files=None):
    return Prose(files or {}, "en").shown(source)


class Elements(HTMLParser):
    """The elements of a page as a nested list of tags, and what MathJax would typeset of it."""

    void = ("br", "hr", "img")

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.tags = []
        self.attributes = []
        self.typeset = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in self.void:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag):
        assert tag in self.void or self.open.pop()[0] == tag

    def handle_data(self, data):
        if not any(tag in ("code", "pre") for tag, _ in self.open):
            classes = [name for _, names in self.open for name in names.split() if name.startswith("mathjax_")]
            if classes and classes[-1] == "mathjax_process":
                self.typeset.append(data)

    @property
    def targets(self):
        return [value for _, name, value in self.attributes if name in ("href", "src")]


COLOURED = re.compile(r'<span class="(?:n|k|o|err|c|mi|p|nt)\w*">')


def page(notebook, template):
    """A notebook as the formgrader, the feedback or nbconvert shows it."""
    resources = {
        "nbgrader": {"notebook": "toy", "score": 0, "max_score": 1, "late_penalty": 0},
        "nbjudge": {"words": {}},
        **dict.fromkeys(("notebook_id", "assignment_id", "submission_id", "student", "base_url"), "toy"),
        "index": 0,
        "total": 1,
    }
    places = {"extra_template_basedirs": [str(TEMPLATES)], "extra_template_paths": [str(BOOTSTRAP)]}
    exporter = FeedbackExporter if template == "feedback" else HTMLExporter
    return exporter(template_name=template, **places).from_notebook_node(notebook, resources)[0]


def body(html):
    """The part of a page behind its scripts and styles."""
    return html[html.index("<body") :] if "<body" in html else html


def test_prose_keeps_its_sense():
    html = shown(ESSAY)
    elements = Elements(html)
    for tag in ("h2", "strong", "em", "code", "ol", "ul", "li", "table", "th", "td", "pre", "blockquote", "s", "br"):
        assert tag in elements.tags, tag
    assert elements.typeset == [
        r"$f\colon \mathbb{R}^n \to \mathbb{R}^m$",
        r"$$J = \begin{pmatrix} a &  b \\ c &  d \end{pmatrix} + 0 \lt  1$$",
        r"$$\begin{align} \langle v, Ju \rangle & = v^\top J u \end{align}$$",
        "$x^2$",
        "$y$",
    ]
    assert elements.targets == ["https://example.org/a?b=1&c=2", "mailto:mail@example.org"]
    assert "def f():&#10;&#10;    return &#34;&#60;b&#62;&#34;&#10;</code></pre>" in html
    assert ("ol", "start", "3") in elements.attributes
    assert "야코비안의 뜻</h2>" in html


@pytest.mark.parametrize("source", [ESSAY, *ACTING_PROSE, *CATCHING_PROSE], ids=range(19))
def test_nbconvert_takes_prose_as_it_is(source):
    html = shown(source)
    assert strip_files_prefix(markdown2html(html)).strip() == html


@pytest.mark.parametrize("source", [ESSAY, *ACTING_PROSE, *CATCHING_PROSE], ids=range(19))
def test_prose_holds_nothing_that_acts(source):
    assert_harmless(shown(source))
    assert_harmless(Prose({}, "ko").shown_raw(source))


def assert_harmless(html):
    elements = Elements(html)
    assert elements.open == []
    assert set(elements.tags) <= {"div", "span", "a", "code", "pre", "br", *inert._TAGS}
    assert {name for _, name, _ in elements.attributes} <= {"class", "style", "start", "href", "rel", "target"}
    assert all(re.match(r"https?://|mailto:", target) for target in elements.targets)
    assert all(harmless(formula.strip("$")) is not None for formula in elements.typeset)
    assert html.count("mathjax_process") == len(elements.typeset)
    assert "$" not in re.sub(r"(?s)<span\n.*?</span\n>", "", html)
    assert re.fullmatch(r"(?s)<div .*</div>", html) and "\n\n" not in html
    assert not re.search(r"[0-9a-f]{8}x\d+x", html)


FRAGMENTS = [
    *("*", "**", "_", "`", "```\n", "~~", "$", "$$", "\\", "\\(", "\\\\[", "\\begin{align}", "\\end{align}", "{", "}"),
    *(
        "[",
        "]",
        "](",
        ")",
        "![",
        "<",
        ">",
        "</",
        "<!--",
        "-->",
        "&",
        "&#36;",
        "&lt;",
        "&#10;",
        ";",
        '"',
        "'",
        "javascript:",
    ),
    *(
        "http://x.org",
        "mailto:a@b.c",
        "\n",
        "\n\n",
        "    ",
        "\t",
        "- ",
        "1. ",
        "> ",
        "# ",
        "|",
        "|-|-|\n",
        "===\n",
        "---\n",
    ),
    *(
        "x",
        "가",
        "\\frac",
        "\\href",
        "\\def",
        "\\left(",
        "\\right)",
        "&nbsp;",
        "\x00",
        "\x0c",
        "\u2028",
        "\u202e",
        "\xa0",
    ),
    *(
        "[a]: /b 'c'\n",
        "[a]",
        "@@0@@",
        "<div>",
        "</div>",
        "<script>",
        "onclick=alert(1)",
        "style=x",
        "id=square",
        "  \n",
    ),
    *(
        "$a$",
        "$$\na\n\nb\n$$\n",
        "> $a\n> b$",
        "~~~\n",
        "``",
        "\\textcolor{red}{",
        "\\color{red}",
        "\\tag{1}",
        "\\Huge ",
    ),
]


def test_whatever_is_written_does_nothing():
    choose = random.Random(7)  # noqa: S311, it is no secret
    for _ in range(600):
        html = shown("".join(choose.choices(FRAGMENTS, k=choose.randrange(60))))
        assert_harmless(html)
        assert strip_files_prefix(markdown2html(html)).strip() == html


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{\partial f_i}{\partial x_j}",
        r"\left\{ x \in \mathbb{R}^n : \|x\|_2 \leq 1 \right\}",
        r"\begin{array}{c|r} a & b \\ \hline c & d \end{array}",
        r"\operatorname*{argmin}_{x} \; \tfrac12 x^\top H x \quad \text{여기서 } x \ne 0",
        r"\log\det J = \sum_{i=1}^{n} \log \lvert \lambda_i \rvert + O(h^2)",
        r"\sqrt[3]{x} \cdot e^{-x^2/2}",
        r"\begin{pmatrix} a \\[4pt] b \\[0.5em] c \\[10mm] d \end{pmatrix}",
        r"A^\intercal \phantom{x} \hphantom{x} \vphantom{\frac12}",
        r"{\large x} \small y \Huge z",
        r"{\color{red} x} \color{Blue}{y}",
        r"x \tag{1}",
        r"x \tag*{식 3.2}",
    ],
)
def test_a_usual_formula_is_typeset(formula):
    assert len(Elements(shown(f"a ${formula}$ b")).typeset) == 1
    assert len(Elements(shown(f"a\n\n$$\n{formula}\n$$")).typeset) == 1


@pytest.mark.parametrize(
    "formula",
    [
        *(r"\href{http://x}{y}", r"\url{x}", r"\style{position:fixed}{x}", r"\class{a}{b}", r"\cssId{square}{x}"),
        *(
            r"\def\frac#1#2{x}",
            r"\newcommand{\a}{b}",
            r"\let\a\b",
            r"\require{html}",
            r"\unicode{60}",
            r"\bbox[red]{x}",
        ),
        *(
            r"\rule{800px}{800px}",
            r"\mmlToken{mi}{x}",
            r"\text{\(\href{a}{b}\)}",
            r"\label{square}",
            r"\tag{$\href{a}{b}$}",
            r"\tag{\label{a}}",
            r"\tag{" + "1" * 30 + "}",
            r"\ref{a}",
        ),
        *(
            r"a \\[9999em] b",
            r"a \\[-9em] b",
            r"a \\[4px] b",
            r"\hspace{9999em}",
            r"\kern9999em",
            r"\includegraphics{x}",
        ),
        *(
            r"\Huge " * 20,
            r"\Hugex",
            r"a \\[99em] b",
            r"\color{url(x)} x",
            r"\color[rgb]{1,0,0} x",
            r"\color{red} " * 20,
        ),
        *(r"\textcolor{red" + ";" + r"}{x}", r"\textcolor{red} x", r"\textcolor{red}{" * 20 + "x" + "}" * 20),
        *(r"\textcolor{red}{x", r"\textcolor{red}{\left( } \right)", r"\colorbox{red}{x}"),
        *(
            r"\begin{array}{*{99999}{c}} x \end{array}",
            r"\begin{array}{@{\hskip 9em}c} x \end{array}",
            r"\begin{html}x\end{html}",
        ),
        *(
            "{" * 300 + "x" + "}" * 300,
            r"\left(" * 20 + "x" + r"\right)" * 20,
            r"\displaystyle " * 20,
            "{ % }",
            "x" * 5000,
        ),
        *(
            r"\begin{matrix}" * 20 + "x" + r"\end{matrix}" * 20,
            r"\text{" + r"\right" * 9 + "}" + "{" * 20 + "x" + "}" * 20,
            r"\text{" + r"\end{split}" * 9 + "}" + "{" * 20 + "x" + "}" * 20,
            *(r"{\left( } x \right)", r"\left( x", r"\begin{matrix} x", r"{ \begin{matrix} x } \end{matrix}"),
            "a } b { c",
            "{",
            r"\csname href\endcsname",
            r"\a",
            r"\@",
        ),
    ],
)
def test_a_formula_that_could_act_is_shown_as_it_was_written(formula):
    assert harmless(formula) is None
    html = shown(f"a ${formula}$ b $${formula}$$ c\n\n$$\n{formula}\n$$\n")
    assert Elements(html).typeset == []
    assert "".join(Written(html).text.split()).count("".join(formula.split())) == 3


@pytest.mark.parametrize(
    ("source", "typeset"),
    [
        ("| a | b |\n|---|---|\n| $\\|v\\|_2$ | $|x|$ |", [r"$\|v\|_2$", "$|x|$"]),
        ("식 $a\n+ b$ 와 $c\n- d$", ["$a + b$", "$c - d$"]),
        ("$$\na\n- b\n= c\n$$", ["$$a - b = c$$"]),
        ("1. a\n\n   $$\n   + b\n   $$", ["$$+ b$$"]),
        ("> $$\n> a\n> > b\n> $$\n> 와 $c\n> + d$", ["$$a b$$", "$c + d$"]),
        ("\\begin{align*}\na\n\\end{align*} 입니다.", [r"$$\begin{align*} a \end{align*}$$"]),
        ("따라서 \\begin{align*}a\\end{align*}", [r"$$\begin{align*}a\end{align*}$$"]),
        ("$$\na\n\n= b\n$$\n\n$$c\n\n= d$$\n\n$x$", ["$$a = b$$", "$$c = d$$", "$x$"]),
        ("$\\textcolor{red}{a {b}} c$", [r"${\color{red}{a {b}}} c$"]),
        ("**$x$**는 _$y$_ [a $z$](http://x.org)", ["$x$", "$y$", "$z$"]),
    ],
    ids=range(10),
)
def test_markdown_does_not_look_into_formulas(source, typeset):
    html = shown(source)
    assert Elements(html).typeset == typeset
    assert "$" not in Written(re.sub(r"(?s)<span\n.*?</span\n>", "", html)).text


class Written(HTMLParser):
    """The text of a page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(html)

    def handle_data(self, data):
        self.text += data


def test_a_formula_may_be_nested_but_not_without_end():
    for depth, is_typeset in ((MOST_DEPTH, True), (MOST_DEPTH + 1, False)):
        assert (harmless("{" * depth + "x" + "}" * depth) is not None) is is_typeset
    assert harmless(r"{\displaystyle x} " * 20 + r"\displaystyle y") is not None


def test_entities_hide_no_signs_that_steer():
    html = shown("a &#8238; &#x1b;[1m [b](http://x.org/&#8238;) ![&#8238;](c.png)", {"c.png": picture()})
    assert Elements(html).tags.count("img") == 1
    assert not {"\u202e", "\x1b"} & set(html)


def test_dollars_that_are_no_formula_are_not_typeset():
    for source in (
        r"&#36;&#92;href{x}{y}&#36;",
        r"\$\href{x}{y}\$",
        r"`$x$`",
        "```\n$x$\n```",
        r"\\(x\\) \\[y\\]",
        "5$",
    ):
        assert Elements(shown(source)).typeset == []


@pytest.mark.parametrize(
    ("source", "typeset"),
    [
        ("$5 and $6\n\n$x$", ["$x$"]),
        ("$5 or `$6` or $x$", ["$x$"]),
        ("`` $a` $b `` $x$", ["$x$"]),
        ("`` $a ` $x$", ["$x$"]),
        ("```sh\n$ ls $a\n\n$\n```\n$x$", ["$x$"]),
        ("~~~\n$a\n~~~\n$x$", ["$x$"]),
        ("- a\n\n  ```sh\n  $ ls\n  ```\n  $x$", ["$x$"]),
        ("> ```\n> $ ls\n> ```\n> $x$", ["$x$"]),
        ("```\n$a$", []),
        ("a $$ b\n\nc $x$ $$ d", ["$x$"]),
        (r"\\begin{align}a\\end{align} \$5 $x$", ["$x$"]),
        ("$5\n\n$x$ (5 $)", ["$x$"]),
    ],
    ids=range(12),
)
def test_dollars_of_code_and_prices_are_shown_as_they_were_written(source, typeset):
    html = shown(source)
    assert Elements(html).typeset == typeset
    assert Written(html).text.count("$") == source.count("$")


def test_a_formula_where_none_is_typeset_is_shown_as_it_was_written():
    html = shown("    $a\n    + b$\n\n[c](http://x.org/$d$e) ![$f$](g$h$.png)\n", {"g$h$.png": picture()})
    elements = Elements(html)
    assert elements.typeset == []
    assert Written(html).text.startswith("$a\n    + b$\n")
    assert elements.targets[0] == "http://x.org/$d$e"
    assert ("img", "alt", "$f$") in elements.attributes


def test_nobody_can_foresee_the_word_in_place_of_a_formula():
    assert Formulas().take_out("$x$") != Formulas().take_out("$x$")


def test_a_page_has_no_formulas_without_end():
    elements = Elements(shown("$x$ " * (MOST_FORMULAS + 10)))
    assert len(elements.typeset) == MOST_FORMULAS
    assert elements.tags.count("code") == 10
    prose = Prose({}, "en")
    typeset = [formula for _ in range(5) for formula in Elements(prose.shown(f"${'x' * 900}$ " * 20)).typeset]
    assert MOST_SIGNS_OF_FORMULAS - 1000 < sum(map(len, typeset)) <= MOST_SIGNS_OF_FORMULAS + 2 * len(typeset)


PROSE_WITH_NAMES = "# square\n\n## test-square\n\nsquare\n===\n\n<a id='square' name='square'>x</a> [square](#square)"


@pytest.mark.parametrize("template", ["basic", "classic", "lab", "formgrade", "feedback"])
def test_no_element_of_a_submission_has_the_name_of_a_graded_cell(template):
    """The formgrader finds the box of a score by its identifier: a heading with that identifier would catch it."""

    def names(source):
        cells = [new(source, id=new.__name__) for new in (v4.new_markdown_cell, v4.new_raw_cell, v4.new_code_cell)]
        cells[2].outputs = [v4.new_output("stream", name="stdout", text=source)]
        notebook = v4.new_notebook(cells=[*toy.untouched().cells, *cells])
        for cell in notebook.cells:
            cell.metadata.get("nbgrader", {}).update(score=0, points=1)
        show(notebook, toy.blueprint(), {}, prose=Prose({}, "en"), language="en")
        found = [(name, value) for _, name, value in Parsed(page(notebook, template)).attributes]
        return [pair for pair in found if pair[0] in ("id", "name", "for", "headers")]

    assert names(PROSE_WITH_NAMES) == names("plain")


class Parsed(HTMLParser):
    """The attributes of a page."""

    def __init__(self, html):
        super().__init__()
        self.attributes = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value) for name, value in attrs]


@pytest.mark.parametrize("template", ["basic", "classic", "lab", "formgrade", "feedback"])
def test_a_page_asks_for_nothing_that_a_submission_names(template):
    def asked(*sources):
        cells = [new(source) for source in sources for new in (v4.new_markdown_cell, v4.new_raw_cell, v4.new_code_cell)]
        notebook = v4.new_notebook(cells=cells)
        show(notebook, toy.blueprint(), {}, prose=Prose({}, "en"), language="en")
        attributes = Parsed(page(notebook, template)).attributes
        return [one for one in attributes if one[1] in ("src", "srcset", "data", "poster") or one[1].startswith("on")]

    assert asked(*ACTING_PROSE, *CATCHING_PROSE) == asked("plain")


def picture(width=4, height=3, kind="png"):
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.zeros((height, width, 3)), format=kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "target"), [("a.png", "a.png"), ("dir/그림.png", "./dir/그림.png"), ("a b.jpg", "<a b.jpg>")]
)
def test_a_picture_beside_the_notebook_is_part_of_the_page(name, target):
    kind = "jpeg" if name.endswith("jpg") else "png"
    html = shown(f"![plot $x$]({target})", {name: picture(kind=kind)})
    assert Elements(html).targets[0].startswith(f"data:image/{kind};base64,")


def test_a_picture_needs_no_words():
    elements = Elements(shown("**a** ![](a.png)", {"a.png": picture()}))
    assert {"strong", "img"} <= set(elements.tags)
    assert "strong" in Elements(shown("**a** ![](missing.png)")).tags


def test_the_pixels_of_pictures_in_prose_are_limited():
    html = shown("![](a.png) " * 40, {"a.png": blank_png(4000, 3900)})
    assert 1 < Elements(html).tags.count("img") * 4000 * 3900 <= MOST_PIXELS_IN_PROSE


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n<script>", picture()[:-20], picture(9000, 2000)]
)
def test_what_is_no_picture_is_shown_as_text(content):
    elements = Elements(shown("![a](a.png) [b](a.png)", {"a.png": content}))
    assert elements.targets == []
    assert "img" not in elements.tags


def test_prose_is_cut_with_a_note():
    prose = Prose({}, "en")
    assert "it is cut" not in prose.shown("a" * MOST_PROSE)
    assert "it is cut" in prose.shown("a" * (MOST_PROSE + 1))
    sizes = [len(Prose({}, "ko").shown("a " * 10**6)), *(len(prose.shown("a" * MOST_PROSE)) for _ in range(40))]
    assert sizes[0] < 2 * MOST_PROSE
    assert sum(sizes[1:]) < MOST_PROSE_IN_ALL + 40 * 500


def test_a_table_does_not_grow_without_end():
    columns = 140
    wide = "|a" * columns + "\n" + "|-" * columns + "\n" + "|\n" * 9000
    assert len(shown(wide)) < 10 * MOST_PROSE


COSTLY_PROSE = {
    "links": "](",
    "link targets": "[a](",
    "brackets": "[",
    "blanks": lambda number: "a" + " " * number + "b",
    "formulas in lists": "- $$a\n",
    "formulas": "$$a ",
    "escaped dollars": "$a\\$",
    "old delimiters": "\\\\( \\\\[ ",
    "emphasis": "*a ",
    "ticks": "`a``",
    "tags": "<a ",
    "comments": "<!--",
    "entities": "&#9",
    "environments": "\\begin{align}\n",
    "quotes": "> a\n",
    "prices": "$5 a ",
    "dollars and ticks": "$$a $b ` ",
    "empty lines in blocks": "$$\na\n\n",
    "formulas in quotes": "> $a\n> b$ ",
    "many environments": "\\begin{align}\\begin{gather}\\begin{split}\\begin{array}",
    "rising ticks": lambda number: " ".join("`" * length for length in range(1, int((8 * number) ** 0.5))),
    "fences": "~~~ a\n~~~ b\n",
    "fences that are none": "- > ``` ` a\n",
}


@pytest.mark.parametrize("pattern", COSTLY_PROSE.values(), ids=COSTLY_PROSE)
def test_prose_costs_as_much_as_it_is_long(pattern, monkeypatch):
    for name in ("MOST_PROSE", "MOST_PROSE_IN_ALL", "_MOST_TOKENS"):
        monkeypatch.setattr(inert, name, 10**9)
    assert growth(shown, pattern, 600) < MOST_GROWTH


@pytest.mark.parametrize("pattern", COSTLY_PROSE.values(), ids=COSTLY_PROSE)
def test_a_page_costs_as_much_as_its_prose_is_long(pattern, monkeypatch):
    for name in ("MOST_PROSE", "MOST_PROSE_IN_ALL", "_MOST_TOKENS"):
        monkeypatch.setattr(inert, name, 10**9)

    def filters(number):
        return shown(pattern(number) if callable(pattern) else pattern * number)

    assert growth(lambda html: strip_files_prefix(markdown2html(html)), filters, 400) < MOST_GROWTH


def test_prose_of_the_release_is_shown_as_it_is():
    own = "# Task\n\n<details><summary>Hint</summary>use $\\href{#a}{x}$</details>"
    blueprint = toy.blueprint()
    blueprint.released.cells.append(v4.new_markdown_cell(own))
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(own), v4.new_raw_cell(own), v4.new_markdown_cell(own + " ")])
    show(notebook, blueprint, {}, prose=Prose({}, "en"), language="en")
    assert [cell.source == own for cell in notebook.cells] == [True, False, False]


@pytest.mark.parametrize(
    "source",
    [
        "%%perl\n" + "s{" * 500,
        " \n\n%%html\n" + "<!--" * 500,
        "a = (\n" + " \n" * 40 + ")",
        "x" + "." * 2000,
        "a" + " " * 500 + "b",
        "x = 1\n" * 2000,
    ],
    ids=range(6),
)
def test_code_that_is_costly_to_colour_is_shown_without_colours(source):
    assert is_costly_to_colour(source)
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source)], metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    )
    show(notebook, toy.blueprint(), {}, prose=Prose({}, "en"), language="en")
    for template in ("basic", "formgrade", "feedback"):
        written = body(page(notebook, template))
        assert not COLOURED.search(written), template
    nbformat.validate(notebook)


def test_code_is_coloured_as_ever():
    for source in toy.ANSWERS.values():
        assert not is_costly_to_colour(source)
    notebook = v4.new_notebook(cells=[v4.new_code_cell("for x in range(3):\n    print(x)")])
    show(notebook, toy.blueprint(), {}, prose=Prose({}, "en"), language="en")
    assert '<span class="k">for</span>' in page(notebook, "formgrade")


@pytest.mark.parametrize("source", ["a+" * 400, "%%bash\n" + "if a; fi\n" * 40], ids=["python", "bash"])
def test_code_that_is_costly_together_is_shown_without_colours(source):
    """Each coloured sign costs who opens the page some fifty times itself."""
    cells = [v4.new_code_cell(source) for _ in range(MOST_COLOURED_IN_ALL // len(source) + 30)]
    notebook = v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    show(notebook, toy.blueprint(), {}, prose=Prose({}, "en"), language="en")
    plain = [cell.metadata.get("magics_language") == "text" for cell in cells]
    assert plain == sorted(plain) and sum(plain) == 30
    pages = [body(page(v4.new_notebook(cells=some), "formgrade")) for some in (cells[:10], cells[-10:])]
    assert [bool(COLOURED.search(written)) for written in pages] == [True, False]


def test_code_is_cut_with_a_note():
    notebook = v4.new_notebook(cells=[v4.new_code_cell("#" * 10**6)])
    show(notebook, toy.blueprint(), {}, prose=Prose({}, "en"), language="en")
    assert len(notebook.cells[0].source) < MOST_CODE + 200
    assert "it is cut" in notebook.cells[0].source


def test_messages_are_not_typeset():
    message = r"your word $\href{http://x.org}{log in}$ \(\frac12\) \begin{equation}x\end{equation}"
    cell = v4.new_code_cell("", metadata={"nbjudge": {"message": message, "likely": "$$x$$"}})
    cell.metadata["nbgrader"] = {"grade_id": "a", "grade": True, "solution": False, "points": 1, "score": 0}
    html = page(v4.new_notebook(cells=[cell]), "feedback")
    table = html[html.index("<table") : html.index("</table>")]
    assert "log in" in table and "$$x$$" in table
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(re.search(r'<table class="([^"]*)"', table)[1].split())


def test_prose_that_is_not_shown_costs_nothing():
    assert growth(shown, "](", 40_000) < 4
