"""Hostile submissions earn nothing, learn nothing, show nothing that acts, and cost nobody else anything."""

import base64
import json
import os
import re
import socket
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from nbjudge.judging.worker import WorkerDied
from nbjudge.submission.companions import companions
from nbjudge.submission.harmless import Prose
from tests.nbjudge import hostile, toy
from tests.nbjudge.hostile.submission import LONG
from tests.nbjudge.samples import sampled

pytestmark = [pytest.mark.sandbox, pytest.mark.ordinary_user]

LANGUAGE = "ko"
MOST_TEXT = 1_000_000
MOST_SENTENCE = 2_000
MOST_PIXELS = 16_000_000
SHOWN_TYPES = {"text/plain", "image/png", "image/jpeg"}
ACTING_TEX = re.compile(r"\\(href|url|style|class|cssId|csname|mmlToken|require|unicode|html[A-Za-z]*)\b")


class Place:
    """Where hostile submissions are graded: a worker, its course, and what they may try to reach.

    A worker that was ended is replaced, so that one failure is not that of all tests after it.
    """

    def __init__(self, workers, course, server):
        self.workers = workers
        self._course = course
        self._server = server
        self._start()

    def _start(self):
        self.worker = self.workers.start()
        self.trace_of_nobody = self.trace()

    def grade(self, attack):
        """Grade a hostile submission."""
        content = attack.content(COURSE=self._course, PORT=self._server.getsockname()[1], ABSTRACT=f"toy-{os.getpid()}")
        try:
            return toy.grade(
                self.worker,
                content,
                files=attack.files,
                limits=toy.limits(**attack.limits),
                language=LANGUAGE,
            )
        except WorkerDied:
            self._start()
            raise

    def trace(self):
        """What an honest submission sees of the world; it must be graded fully."""
        graded = toy.grade(self.worker, toy.witness())
        assert toy.score(graded) == toy.FULL, graded.verdicts
        return json.loads(toy.outputs_of(graded, "witness")[0]["text"])


@pytest.fixture(scope="module")
def place(toy_workers, toy_folder):
    """A worker with a server beside it."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        server.settimeout(0)
        abstract.bind(f"\0toy-{os.getpid()}")
        abstract.listen()
        yield Place(toy_workers, toy_folder, server)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("attack", sampled(*hostile.FAMILIES))
def test_hostile(place, attack):
    worker = place.worker
    graded = place.grade(attack)

    assert toy.score(graded) == 0.0
    assert attack.shows in shown(graded), shown(graded)[:2000]
    assert attack.stopped in {"", *reasons(graded)}

    everything = repr(graded)
    assert [canary for canary in toy.CANARIES if canary in everything] == []
    assert_sober(graded)
    assert_inert(graded)

    assert place.trace() == place.trace_of_nobody
    assert place.worker is worker


def shown(graded):
    """What the student's cells showed, and what was printed in tests."""
    notebook = nbformat.reads(graded.text, as_version=4)
    own = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id not in toy.TESTS]
    outputs = [output for cell in own for output in cell.outputs]
    texts = [output.get("text") or output.get("data", {}).get("text/plain") or "" for output in outputs]
    return "\n".join([*texts, *(test.get("printed", "") for test in graded.remarks.values())])


def reasons(graded):
    """Why cells and tests were stopped."""
    return {*graded.stops.values(), *(test.get("limit") for test in graded.remarks.values())}


def assert_sober(graded):
    """The graded notebook is valid, can be written, and is not too long; sentences are sentences."""
    nbformat.validate(json.loads(graded.text))
    assert len(graded.text.encode()) < MOST_TEXT
    assert len(repr(graded.remarks)) < MOST_TEXT
    messages = [verdict.message.form(LANGUAGE) for verdict in graded.verdicts.values()]
    for sentence in [*messages, *graded.oddities, *graded.stops]:
        assert len(sentence) < MOST_SENTENCE
        assert sentence.isprintable(), sentence
    for test in graded.remarks.values():
        assert "\x1b]" not in test.get("printed", "")


def assert_inert(graded):
    """Nothing in the graded notebook acts where it is shown."""
    notebook = nbformat.reads(graded.text, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert set(output.get("data", {})) <= SHOWN_TYPES
            assert pixels(output.get("data", {}).get("image/png")) <= MOST_PIXELS
            assert not {"\x1b]", "\x00", "\x9b2J"} & set(re.findall(r"\x1b\]|\x00|\x9b2J", str(output)))
        assert "attachments" not in cell
        assert cell.cell_type == "code" or not ACTING_TEX.search(cell.source)
    page = Page()
    page.feed(HTMLExporter(template_name="basic").from_notebook_node(notebook)[0])
    assert page.acting == []
    assert page.names.isdisjoint(toy.blueprint().cells)


def pixels(png):
    """Width times height of a PNG in a notebook."""
    header = base64.b64decode(png or "")[16:24]
    return int.from_bytes(header[:4], "big") * int.from_bytes(header[4:], "big")


class Page(HTMLParser):
    """Collects what acts in a page."""

    tags = frozenset(
        [
            "script",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "style",
            "link",
            "meta",
            "base",
            "video",
            "audio",
            "details",
        ]
    )
    targets = ("href", "src", "action", "formaction", "data", "srcdoc", "poster", "background", "xlink:href")

    def __init__(self):
        super().__init__()
        self.acting = []
        self.names = set()

    def handle_starttag(self, tag, attrs):
        if tag in self.tags or any(name.startswith("on") for name, _ in attrs):
            self.acting.append((tag, attrs))
        for name, target in attrs:
            if name in ("id", "name"):
                self.names.add(target)
            if name == "src" and not target.startswith("data:image/"):
                self.acting.append((tag, attrs))
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", target or "", re.IGNORECASE)
            if name in self.targets and scheme and not self.is_passive(tag, scheme[1].lower(), target):
                self.acting.append((tag, attrs))

    @staticmethod
    def is_passive(tag, scheme, target):
        """Whether a target is a page, mail or a picture made of pixels."""
        return scheme in ("http", "https", "mailto") or (
            tag == "img" and target.startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
        )


def test_the_page_of_a_notebook_would_show_what_acts():
    page = Page()
    page.feed("<a href=' JavaScript:x'><b onclick=x><script></script><i src='/logout'><a href='#a:b'><h1 id='square'>")
    page.feed("<img src='data:image/svg+xml,x'>")
    assert [tag for tag, _ in page.acting] == ["a", "b", "script", "i", "img"]
    assert page.names == {"square"}


@pytest.mark.proof
def test_no_submission_reads_the_companion_files_of_the_one_before(place):
    (search,) = (attack for attack in hostile.searches.SEARCHES if attack.name == "searches_memory")
    for size in (300, 3_000, 30_000, 300_000):
        toy.grade(place.worker, toy.honest(), files={"answer.txt": toy.OTHER.encode() + bytes(size)})
        graded = place.grade(search)
        assert "searched" in shown(graded) and toy.OTHER not in graded.text, size


def test_one_submission_after_the_other_starts_from_the_same_state(place):
    attack = hostile.Hostile(
        "changes_state", "Changes what it imported.", {"square": "np.pi = 3\ntorch.manual_seed(1)"}
    )
    place.grade(attack)
    asks = hostile.Hostile("asks", "Shows it.", {"square": "print(np.pi, torch.initial_seed())"})
    first, second = (shown(place.grade(asks)) for _ in range(2))
    assert first == second and first.startswith("3.14159")


def test_cells_that_run_again_after_a_test_show_nothing_of_it(place):
    spy = """
import os, signal
notes = os.path.exists("notes") and open("notes").read()
print(notes)
def square(x):
    open("notes", "a").write(repr(x) + " ")
    if isinstance(x, np.ndarray):
        os.kill(os.getppid(), signal.SIGKILL)
"""
    tell = "def gradient(f, x):\n    print('notes:', notes)"
    answers, limits = {"square": spy, "gradient": tell}, {**LONG, "test_cpu": 5}
    graded = place.grade(hostile.Hostile("spies", "Shows inputs in a second run.", answers, limits=limits))
    assert "notes: array([ 0.5 , -1.25" in graded.remarks["test-gradient"]["printed"]
    assert "-1.25" not in graded.text


@pytest.fixture
def folder(tmp_path):
    """A folder of a submission with a file in it, and a secret outside."""
    (tmp_path / "secret").write_text(toy.GRADEBOOK)
    inside = tmp_path / "submission"
    inside.mkdir()
    (inside / "data.csv").write_text("1,2")
    return inside


PLANTS = {
    "link_outside": lambda folder: (folder / "x").symlink_to(folder.parent / "secret"),
    "link_inside": lambda folder: (folder / "x").symlink_to("data.csv"),
    "link_to_itself": lambda folder: (folder / "x").symlink_to("x"),
    "link_to_nothing": lambda folder: (folder / "x").symlink_to("/nowhere"),
    "link_to_a_folder": lambda folder: (folder / "x").symlink_to(folder.parent),
    "link_to_a_device": lambda folder: (folder / "x").symlink_to("/dev/zero"),
    "hard_link": lambda folder: (folder / "x").hardlink_to(folder.parent / "secret"),
    "pipe": lambda folder: os.mkfifo(folder / "x"),
    "socket": lambda folder: socket.socket(socket.AF_UNIX).bind(os.path.relpath(folder / "x")),
    "device": lambda folder: os.mknod(folder / "x", 0o20666, os.makedev(1, 5)),
    "sparse_file": lambda folder: os.truncate(os.open(folder / "x", os.O_CREAT | os.O_WRONLY), 2**40),
    "acting_name": lambda folder: (folder / "x\x1b]0;title\x07\n").touch(),
    "name_of_no_text": lambda folder: os.close(os.open(bytes(folder) + b"/x\xff\xfe", os.O_CREAT)),
    "long_name": lambda folder: (folder / ("x" * 250)).touch(),
    "notebook": lambda folder: (folder / "x.ipynb").write_text(toy.GRADEBOOK),
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_of_the_files_beside_a_notebook_only_regular_ones_come_along(folder, plant):
    try:
        plant(folder)
    except PermissionError:
        pytest.skip("only root makes devices")
    found = companions(folder)
    assert found.files == {"data.csv": b"1,2"}
    assert all(oddity.isprintable() and len(oddity) < MOST_SENTENCE for oddity in found.oddities)


def test_a_thousand_folders_in_each_other_are_no_companions(folder):
    inner = os.open(folder, os.O_DIRECTORY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=inner)
        inner, outer = os.open("d", os.O_DIRECTORY, dir_fd=inner), inner
        os.close(outer)
    os.close(inner)
    try:
        found = companions(folder)
    finally:
        subprocess.run(["/bin/rm", "-r", folder / "d"], check=True)  # deeper than Python's own functions reach
    assert found.files == {"data.csv": b"1,2"}


def test_nothing_before_the_scheme_of_a_link_hides_it():
    for space in ("", " ", "&Tab;" * 500, "&#10;" * 500, "\n", "<"):
        for link in ("[a]({}javascript:alert(1))", "[a]: {}javascript:alert(1)\n\n[a]"):
            assert "<a" not in Prose({}, LANGUAGE).shown(link.format(space))


def test_the_course_is_where_hostile_submissions_look_for_it(tmp_path):
    toy.write_course(tmp_path)
    content = "".join(path.read_text() for path in Path(tmp_path).iterdir())
    assert all(canary in content for canary in (toy.MODULE, toy.SOLUTION, toy.GRADEBOOK))
    assert toy.HIDDEN in toy.TESTS["test-square"] and toy.HIDDEN not in nbformat.writes(toy.untouched())
