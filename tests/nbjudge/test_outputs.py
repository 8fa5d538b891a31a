"""What cells show is kept as text that can be read and pictures of pixels, at a cost that is linear in its length."""

import base64
import io
import zlib

import matplotlib.image
import numpy as np
import pytest
from nbconvert.filters import ansi2html

from nbjudge.limits import Limits
from nbjudge.submission.outputs import Allowance, Outputs
from nbjudge.submission.pictures import MOST_PIXELS, picture
from nbjudge.submission.signs import coloured, printable
from tests.nbjudge.growth import MOST_GROWTH, growth
from tests.nbjudge.hostile.shown import blank_png

pytestmark = pytest.mark.slow

LIMITS = Limits(output=10**8, total_output=10**8)


def outputs(*events, limits=LIMITS):
    made = Outputs(limits, "en", Allowance.of_notebook(limits))
    for event in events:
        made.add(event)
    return made.finished()


def printed(*texts):
    """What remains of texts that are printed one after the other."""
    return "".join(entry.text for entry in outputs(*(["stream", "stdout", text] for text in texts)))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\bb", "b"),
        ("abc\b\bx", "ax"),
        ("\b\b\ba", "a"),
        ("abc\rx", "xbc"),
        ("abc\rxy\r", "xyc"),
        ("abcdef\rxyz\rpq", "pqzdef"),
        ("1%\r50%\r100%\nnext\r\n", "100%\nnext\n"),
        ("ab\bc\rx", "xc"),
    ],
)
def test_carriage_returns_and_backspaces_act_as_on_a_terminal(text, seen):
    assert printed(text) == seen


@pytest.mark.parametrize(
    "make",
    [
        lambda number: "x" * number + "\b" * number,
        lambda number: "x\b" * number,
        lambda number: "x" * number + "\r" * number,
        lambda number: "".join("x" * length + "\r" for length in range(int((2 * number) ** 0.5))),
        lambda number: "\x1b[" * number,
        lambda number: "\x1b[" + "1;" * number,
        lambda number: "\x1b]" * number,
        lambda number: "\x1b[38;5;1" * number,
    ],
    ids=range(8),
)
def test_text_costs_as_much_as_it_is_long(make):
    assert growth(lambda text: ansi2html(printed(text)), make, 5_000) < MOST_GROWTH


def test_many_short_texts_cost_as_much_as_one():
    assert growth(lambda text: printed(*text), "x", 10_000) < MOST_GROWTH


@pytest.mark.parametrize(
    "sequence", ["0", "", "1", "31", "0;31", "1;4;97", "38;5;250", "38;2;1;20;255", "48;5;0;1", "39;49", "107"]
)
def test_colours_are_kept(sequence):
    assert coloured(f"\x1b[{sequence}mred") == f"\x1b[{sequence}mred"


@pytest.mark.parametrize(
    "sequence",
    [
        *(
            "\x1b[38m",
            "\x1b[48m",
            "\x1b[038m",
            "\x1b[0038m",
            "\x1b[38;5m",
            "\x1b[38;2;1;2m",
            "\x1b[38;5;256m",
            "\x1b[1;38m",
        ),
        *(
            "\x1b[38;m",
            "\x1b[108m",
            "\x1b[;m",
            "\x1b[2J",
            "\x1b[?25l",
            "\x1b[1;1H",
            "\x1b]0;title\x07",
            "\x1b[" + "1;" * 99 + "1m",
        ),
        *("\x1b]8;;http://x\x1b\\", "\x1b[>4m", "\x1b[1 q"),
    ],
)
def test_sequences_that_are_no_colours_are_dropped(sequence):
    kept = coloured(f"a{sequence}b")
    assert "\x1b" not in kept
    assert kept in ("ab", "a" + sequence.replace("\x1b", "") + "b") or "\N{REPLACEMENT CHARACTER}" in kept
    assert ansi2html(kept)


def test_nbconvert_takes_whatever_is_printed():
    pieces = [
        "\x1b",
        "[",
        "]",
        "3",
        "8",
        ";",
        "5",
        "m",
        "2",
        "J",
        "\b",
        "\r",
        "x",
        "\x9b",
        "48",
        "\x07",
        "\\",
        "?",
        " ",
    ]
    choose = np.random.default_rng(3)
    for _ in range(3_000):
        texts = ["".join(choose.choice(pieces, size=choose.integers(1, 12))) for _ in range(3)]
        shown = printed(*texts)
        ansi2html(shown)
        assert "\x9b" not in shown and "\b" not in shown


def test_no_sign_steers():
    steering = "".join(
        map(chr, [*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x200F, 0x2028, 0xFEFF, 0xD800])
    )
    for text in (coloured(steering), printable(steering)):
        assert set(text) <= {"\N{REPLACEMENT CHARACTER}"}
    for text in ("가나다 é 👩‍🔬 \t\n", "a\xa0b"):
        assert coloured(text) == printable(text) == text


def test_errors_and_values_are_as_harmless_as_prints():
    red = "\x1b[38mred\b\r\x1b"
    error, value = outputs(["error", red, red, [red]], ["result", {"text/plain": red}, 1])
    for text in (error.ename, error.evalue, *error.traceback, value.data["text/plain"]):
        assert "red" in text and not {"\x1b", "\b", "\r"} & set(text)


def png(width=4, height=3):
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.zeros((height, width, 3)), format="png")
    return file.getvalue()


def jpeg(width=4, height=3):
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.zeros((height, width, 3)), format="jpeg")
    return file.getvalue()


def chunk(name, content):
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def test_pictures_are_kept():
    for content in (png(40, 30), jpeg(40, 30)):
        found = picture(content)
        assert found.pixels == 1200
        assert matplotlib.image.imread(io.BytesIO(found.content), format=found.kind[6:]).shape[:2] == (30, 40)


def test_of_a_picture_only_pixels_are_kept():
    more = chunk(b"tEXt", b"x\0<script>") + chunk(b"acTL", bytes(8)) + chunk(b"iCCP", b"x")
    found = picture(png()[:33] + more + png()[33:] + b"<script>")
    assert b"<script>" not in found.content and b"acTL" not in found.content and b"iCCP" not in found.content
    assert b"<script>" not in picture(jpeg() + b"<script>").content


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", png()[:-12], png()[:40], png()[8:], jpeg()[:-2], jpeg()[:50]),
        *(
            png().replace(b"IDAT", b"IDAX"),
            png()[:8] + png()[33:],
            b"\x89PNG\r\n\x1a\n" + b"\xff" * 50,
            b"\xff\xd8\xff" + b"\0" * 50,
        ),
        png()[:16] + (12_000).to_bytes(4, "big") * 2 + png()[24:],
        png()[:8] + chunk(b"IHDR", (12_000).to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])) + png()[33:],
        png()[:8] + chunk(b"IHDR", bytes(13)) + png()[33:],
        png()[:33] + png()[8:],
    ],
    ids=range(16),
)
def test_what_is_no_picture_of_a_usual_size_is_refused(content):
    assert picture(content) is None
    (entry,) = outputs(["display", {"image/png": content, "text/plain": "figure"}, None, False])
    assert entry.data == {"text/plain": "figure"}


def test_the_pixels_of_a_notebook_are_limited():
    large = blank_png(4000, 3900)
    shown = outputs(*[["display", {"image/png": large}, None, False]] * 9)
    kept = [base64.b64decode(entry.data["image/png"]) for entry in shown if "image/png" in entry.get("data", {})]
    assert MOST_PIXELS < len(kept) * 4000 * 3900 <= 100_000_000
    assert "it is cut" in shown[-1].text


def test_the_outputs_of_a_notebook_are_limited_also_if_they_are_empty():
    room = Allowance.of_notebook(LIMITS)
    made = [Outputs(LIMITS, "en", room) for _ in range(20)]
    for cell in made:
        for _ in range(600):
            cell.add(["display", {"text/plain": ""}, None, False])
    shown = [cell.finished() for cell in made]
    assert 500 < sum(map(len, shown)) <= 2_000 + 20
    assert "it is cut" in shown[0][-1].text and "it is cut" in shown[-1][-1].text


def test_what_is_cleared_takes_no_room():
    frames = [event for number in range(3_000) for event in (["clear", True], ["stream", "stdout", f"{number}"])]
    (last,) = outputs(*frames)
    assert last.text == "2999"


def test_a_picture_that_is_shown_again_is_counted_once():
    """An update changes the newest display of its name only: otherwise each of 500 would hold a copy."""
    first = [["display", {"text/plain": "old"}, "name", False]] * 3
    shown = outputs(*first, ["display", {"text/plain": "new"}, "name", True])
    assert [entry.data["text/plain"] for entry in shown] == ["old", "old", "new"]
