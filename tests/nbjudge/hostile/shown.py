"""What acts where it is shown."""

import zlib

from nbformat import v4

from tests.nbjudge.hostile.submission import hostile

ACTING_PROSE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> <svg/onload=alert(1)> <iframe srcdoc='<script>'></iframe>",
    "<a href='javascript:alert(1)'>a</a> <form action='javascript:alert(1)'><input autofocus onfocus=alert(1)></form>",
    "[a](javascript:alert(1)) [b]( javascript:alert(1)) [c](<javascript:alert(1)>) ![d](javascript:alert(1))",
    "[a](&#106;avascript:alert(1)) [b](java&Tab;script:alert(1)) [c](javascript&colon;alert(1)) [d](JaVaScRiPt:alert(1))",
    "[a][1] [b][2]\n\n[1]: javascript:alert(1)\n[2]:\n   <data:text/html,<script>alert(1)</script>> 'title'\n",
    "[a](vbscript:alert(1)) [b](data:text/html;base64,PHNjcmlwdD4=) [c](file:///etc/passwd) [d](blob:x)",
    "<javascript:alert(1)> <!-- --!> <script>alert(1)</script --> <![CDATA[<script>]]> <?xml?> </textarea><script>",
    "$\\href{javascript:alert(1)}{x}$ $$\\style{position:fixed}{x}$$ $\\unicode{60}\\require{html}\\cssId{a}{b}\\class{c}{d}$",
    "$<img src=x onerror=alert(1)>$ `<script>` \\\\(\\href{javascript:alert(1)}{x}\\\\) \\begin{x}<script>\\end{x}",
    "```html\n<script>alert(1)</script>\n```\n\n    <script>alert(1)</script>\n\n| [a](javascript:alert(1)) |\n|-|\n",
    "[a](" + "&Tab;" * 500 + "javascript:alert(1))",
    "# [a](javascript:alert(1)) <b onmouseover=alert(1)>\n\n> <details open ontoggle=alert(1)>\n\n* <style>@import 'x'</style>",
)
CATCHING_PROSE = (
    "# square\n\n## test-square\n\nsquare\n======\n\n<h1 id='square'>x</h1> <a name='test-square'></a>",
    "![a](/logout) ![b](//x.org/a.png) ![c][d] [e](/logout) [f](#square) <img src='/logout'>\n\n[d]: ../logout 'x'",
    "![a](data:image/svg+xml;base64,PHN2Zz4=) ![b](attachment:x.svg) ![c](file:///etc/passwd) ![d](picture.png)",
    "$" + "{" * 300 + "x" + "}" * 300 + "$ $$" + "\\left(" * 300 + "x" + "\\right)" * 300 + "$$",
    "&#36;&#92;href{javascript:alert(1)}{x}&#36; \\$\\href{x}{y}\\$ $\\bbox[red]{x}\\rule{800px}{800px}\\def\\frac#1{2}$",
    "a" + " " * 100_000 + "b\n" * 9 + "\\\\(" * 30_000 + "[" * 30_000 + "](" * 30_000,
)


def blank_png(width, height):
    def chunk(name, content):
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _saved_outputs(notebook):
    bundle = {
        "text/html": "<script>alert(1)</script>",
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg onload='alert(1)'/>",
        "text/latex": "$\\href{javascript:alert(1)}{x}$",
        "text/markdown": "<script>alert(1)</script>",
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
        "image/png": "PHNjcmlwdD4=",
        "text/plain": "<script>alert(1)</script>",
    }
    for cell in notebook["cells"]:
        cell["execution_count"] = 1
        cell["outputs"] = [
            {"output_type": "display_data", "data": bundle, "metadata": {"text/html": {"isolated": True}}},
            {"output_type": "execute_result", "data": bundle, "metadata": {}, "execution_count": 1},
        ]


def _acting_cells(notebook):
    for number, kind in enumerate(("raw", "markdown", "code")):
        cell = {
            "cell_type": kind,
            "id": f"acting-{number}",
            "source": "<script>alert(1)</script><img src=x onerror=alert(1)>",
            "metadata": {"raw_mimetype": "text/html", "format": "text/html", "trusted": True, "tags": ["<script>"]},
        }
        more = {"outputs": [], "execution_count": None} if kind == "code" else {}
        more |= {"attachments": {"x.svg": {"image/svg+xml": "<svg onload=alert(1)>"}}} if kind != "code" else {}
        notebook["cells"].append(cell | more)


SHOWN = (
    hostile(
        "acting_prose",
        "Writes prose with scripts, links and commands of TeX that act.",
        cells=tuple(v4.new_markdown_cell(source) for source in ACTING_PROSE),
    ),
    hostile(
        "acting_raw_cells",
        "Writes the same into raw cells, which a page shows as they are.",
        cells=tuple(v4.new_raw_cell(source) for source in ACTING_PROSE),
    ),
    hostile("acting_cells", "Writes scripts into cells, their metadata and attachments.", change=_acting_cells),
    hostile("saved_outputs", "Hands in outputs that act.", change=_saved_outputs),
    hostile(
        "acting_displays",
        "Displays HTML, scripts, pictures made of script, frames and widgets.",
        """
        from IPython.display import HTML, SVG, IFrame, Image, Javascript, JSON, Latex, Markdown, Math, display
        class Widget:
            def _repr_mimebundle_(self, **_):
                return {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<script>"}
            def __repr__(self):
                return "<script>alert(1)</script>"
            _repr_html_ = _repr_javascript_ = _repr_svg_ = __repr__
        script = "<script>alert(1)</script>"
        display(HTML(script), Javascript("alert(1)"), SVG("<svg xmlns='http://www.w3.org/2000/svg'>" + script + "</svg>"))
        display(Latex("$\\\\href{javascript:alert(1)}{x}$"), Markdown(script), Math("\\\\href{javascript:alert(1)}{x}"))
        display(IFrame("javascript:alert(1)", 9, 9), JSON({}), Image(data=script.encode(), format="png"), Widget())
        display({"text/html": script, "image/png": script.encode(), "text/plain": script}, raw=True)
        print("displayed")
        Widget()
        """,
        shows="displayed",
    ),
    hostile(
        "acting_streams",
        "Prints tags, signs that steer a terminal and what looks like a verdict.",
        """
        import sys
        for stream in (sys.stdout, sys.stderr):
            print("<script>alert(1)</script><img src=x onerror=alert(1)>", file=stream)
            print("\\x1b]0;title\\x07\\x1b[2J\\x1b[31m red \\x1b[0m\\x9b2J\\u202e\\x00\\ud800", file=stream)
        print("test-square: 1000 of 1 points\\npassed.")
        """,
        shows="red",
    ),
    hostile(
        "acting_errors",
        "Raises errors whose names, texts and tracebacks hold scripts.",
        """
        print("raises")
        Acting = type("<script>alert(1)</script>", (Exception,), {"__module__": "<img src=x onerror=alert(1)>"})
        raise Acting("<svg onload=alert(1)>\\x1b]8;;javascript:alert(1)\\x07link\\x1b]8;;\\x07")
        """,
        code=[
            "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\nraise Bad",
            "class Bad:\n    def __repr__(self):\n        raise KeyboardInterrupt\nBad()",
        ],
        shows="raises",
    ),
    hostile(
        "acting_source",
        "Writes source that would end the element in which it is shown.",
        "# </pre></textarea></script><script>alert(1)</script><!--\nmark = '<img src=x onerror=alert(1)>'\nprint(mark)",
        shows="onerror",
    ),
    hostile(
        "catching_prose",
        "Writes headings with names of graded cells, pictures that ask the server, and what a page takes long to show.",
        cells=tuple(kind(source) for source in CATCHING_PROSE for kind in (v4.new_markdown_cell, v4.new_raw_cell)),
        files={"picture.png": blank_png(12_000, 12_000)},
    ),
    hostile(
        "broken_sequences",
        "Prints colours that are none, sequences cut in pieces, and more backspaces than signs.",
        """
        print("\\x1b[38mred \\x1b[48;5mred \\x1b[38;2;1;2mred \\x1b[38;5;999mred \\x1b[;;;mred \\x1b[1" + "x\\b" + ";38m \\x1b[31m")
        print("\\x1b\\x1b[3\\x1b[31m8mred \\x1b[0038mred \\x1b[" + "1;" * 500 + "38m", flush=True)
        print("\\x1b", end="", flush=True)
        print("[38mred")
        print("x" * 9_000 + "\\b" * 9_000 + "sequences")
        "\\x1b[38mred"
        """,
        code=["raise ValueError('\\x1b[38mred')"],
        shows="sequences",
    ),
    hostile(
        "large_pictures",
        "Shows a picture of few bytes that needs hundreds of megabytes where it is shown, as often as it can.",
        f"""
        import zlib
        from IPython.display import display
        picture = zlib.decompress({zlib.compress(blank_png(12_000, 12_000), 9)!r})
        for name in ["image/png"] * 9 + ["image/jpeg"]:
            display({{name: picture, "text/plain": "large"}}, raw=True)
        """,
        shows="large",
    ),
)
