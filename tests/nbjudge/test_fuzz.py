"""Whatever is handed in is graded or refused in one sentence, within the limits of a worker, and the run goes on.

Ten thousand cases, each made from its number alone. A failure names the number; ``NBJUDGE_CASE=1234`` runs that case.
"""

import json
import os
import random
import resource
import shutil
import string
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from nbjudge.judging import worker
from nbjudge.judging.graded import Graded
from nbjudge.judging.worker import Task
from nbjudge.reasons import Reason
from nbjudge.sandbox.forks import limit_memory
from nbjudge.sandbox.session import Cell, Stop, Use
from nbjudge.store.timestamps import BadTimestamp, read_timestamp
from nbjudge.submission.companions import companions
from nbjudge.submission.reading import Unreadable
from tests.nbjudge import small_course, toy
from tests.nbjudge.samples import sampled

NOTEBOOKS, FOLDERS, PARTS = 9_000, 1_000, 20
RUN = 30
MOST_SENTENCE = 500
STORED = toy.blueprint()
SETUP = worker.Setup({toy.NOTEBOOK: STORED}, Path("/"))


def cases(begin, end):
    """The numbers of the cases of one test."""
    only = os.environ.get("NBJUDGE_CASE")
    return [number for number in range(begin, end) if only is None or number == int(only)]


def parts(begin, size):
    """The cases in parts of equal size, which may run side by side."""
    step = size // PARTS
    return sampled({f"{at}-{at + step - 1}": (at, at + step) for at in range(begin, begin + size, step)})


@contextmanager
def limits_of_a_worker():
    """Let this process have what a worker may use."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit_memory(worker._MOST_MEMORY)
    try:
        with worker._Clock(worker._MOST_CPU):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class Odd:
    """Odd data of every kind, by chance."""

    def __init__(self, number):
        self.chance = random.Random(number)  # noqa: S311, no secret

    def text(self):
        signs = self.chance.choice(
            [
                string.printable,
                "야코비안∂∇",
                "\x1b[]0;\x07\x9b",
                "\ud800\udfff\u202e\u2028\x00",
                "[](<>!`$\\",
                "\b\r\n a",
            ]
        )
        return "".join(self.chance.choices(signs, k=self.chance.choice([0, 1, 7, 60, 400])))

    def number(self):
        return self.chance.choice([0, -1, 4, 2**63, 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf")])

    def data(self, depth=3):
        plain = [self.text, self.number, lambda: None, lambda: True, lambda: "code", lambda: self.chance.random()]
        if depth == 0 or self.chance.random() < 0.6:
            return self.chance.choice(plain)()
        size = self.chance.choice([0, 1, 3, 10])
        if self.chance.random() < 0.5:
            return [self.data(depth - 1) for _ in range(size)]
        return {
            self.chance.choice([self.text(), "nbgrader", "grade_id", "text/plain"]): self.data(depth - 1)
            for _ in range(size)
        }

    def bytes(self, most=2000):
        return self.chance.randbytes(self.chance.randrange(most))

    def name(self):
        return self.chance.choice([self.text()[:60], self.text()[:300], "data.csv", "-rf", "~", "a" * 300, ".hidden"])


def notebooks():
    """Real notebooks in several formats, as data."""
    new = json.loads(nbformat.writes(toy.honest()))
    for number, cell in enumerate(new["cells"]):
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [f"{number}\n"]}]
    new["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "$x$ [a](b)", "attachments": {"a.png": {}}})
    old = json.loads(nbformat.writes(nbformat.convert(toy.honest(), 3)))
    colab = {**new, "nbformat_minor": 0, "cells": [{**cell, "id": None} for cell in new["cells"]]}
    return [new, old, colab]


REAL = notebooks()


def changed(odd, data):
    """The data with some of its fields replaced, removed, doubled or moved."""
    data = json.loads(json.dumps(data))
    for _ in range(odd.chance.choice([1, 1, 2, 5, 20])):
        place = data
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            if not keys:
                break
            key = odd.chance.choice(list(keys))
            if isinstance(place[key], dict | list) and place[key] and odd.chance.random() < 0.8:
                place = place[key]
                continue
            change(odd, place, key)
            break
    return data


def change(odd, place, key):
    match odd.chance.randrange(4):
        case 0:
            del place[key]
        case 1 if isinstance(place, list):
            place.extend([place[key]] * odd.chance.choice([1, 10, 1000]))
        case _:
            place[key] = odd.data()


def file_of(odd):
    """What is handed in as a notebook."""
    real = json.dumps(odd.chance.choice(REAL)).encode()
    match odd.chance.randrange(6):
        case 0:
            return odd.bytes()
        case 1:
            at, end = sorted(odd.chance.choices(range(len(real)), k=2))
            return odd.chance.choice([real[:at], real[:at] + real[end:], real[:at] + odd.bytes(50) + real[at:]])
        case 2:
            flipped = bytearray(real)
            for _ in range(odd.chance.choice([1, 3, 30])):
                flipped[odd.chance.randrange(len(flipped))] = odd.chance.choice(b'"[]{},:0 \\\xff')
            return bytes(flipped)
    return json.dumps(changed(odd, odd.chance.choice(REAL))).encode()


class Sandbox:
    """In the place of the real one: runs nothing and shows odd things, until the time for all is up."""

    def __init__(self, odd):
        self._odd = odd
        self.use = Use(0.0, 0.0, 0)

    def open(self, _limits, _files):
        return self

    def run(self, steps, *, started, shows, ended, interrupted):
        cells = [position for position, step in enumerate(steps) if isinstance(step, Cell)]
        for position in cells:
            started(position)
            for _ in range(self._odd.chance.randrange(3)):
                shows(self.event())
            ended(position, self._odd.data(1))
            if self._odd.chance.randrange(9) == 0:
                interrupted(position, Reason.CPU, 1.0)
        return Stop(cells[-1] if cells else 0, Reason.TOTAL_CPU)

    def has_snapshot(self, _place):
        return False

    def event(self):
        text = self._odd.text
        events = [
            ["stream", "stdout", text()],
            ["display", {"text/plain": text(), "image/png": self._odd.bytes(50)}, None, False],
            ["error", text(), text(), [text()]],
            [self._odd.data() for _ in range(4)],
        ]
        return self._odd.chance.choice(events)

    def close(self):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("part", parts(0, NOTEBOOKS))
def test_notebooks(part):
    for number in cases(*part):
        odd = Odd(number)
        task = Task(toy.NOTEBOOK, file_of(odd), toy.LIMITS, odd.chance.choice(["en", "ko"]))
        with limits_of_a_worker():
            answer = worker._graded(task, worker._Warm(SETUP, Sandbox(odd), {toy.NOTEBOOK: ""}))
        if type(answer) is Unreadable:
            assert_sentence(str(answer), number)
            continue
        assert type(answer) is Graded, f"case {number}: {answer!r}, {getattr(answer, '__notes__', '')}"
        assert set(answer.verdicts) == set(toy.TESTS), f"case {number}"
        assert json.loads(answer.text)["nbformat"] == 4, f"case {number}"
        for oddity in answer.oddities:
            assert_sentence(oddity, number)


def assert_sentence(text, number):
    assert 0 < len(text) < MOST_SENTENCE and text.isprintable() and text.endswith("."), f"case {number}: {text!r}"


@pytest.mark.slow
@pytest.mark.ordinary_user
@pytest.mark.parametrize("part", parts(NOTEBOOKS, FOLDERS))
def test_folders(part, tmp_path):
    for number in cases(*part):
        odd = Odd(number)
        folder = tmp_path / str(number)
        folder.mkdir()
        fill(folder, odd)
        with limits_of_a_worker():
            found = companions(folder)
        for oddity in found.oddities:
            assert_sentence(oddity, number)
        assert all(path.isprintable() for path in found.files), f"case {number}"
        try:
            read_timestamp(Course, folder)
        except BadTimestamp as oddity:
            assert_sentence(str(oddity), number)


class Course:
    ignore = ()


def fill(folder, odd):
    """Put odd files into a folder, as far as the system takes their names."""
    for _ in range(odd.chance.randrange(5)):
        put(folder / odd.name(), odd)
    if odd.chance.random() < 0.5:
        put(folder / "timestamp.txt", odd)


def put(path, odd):
    try:
        if os.path.lexists(path):
            return
        match odd.chance.randrange(8):
            case 0:
                path.symlink_to(odd.chance.choice(["/etc/passwd", "nowhere", "."]))
            case 1:
                os.mkfifo(path)
            case 2:
                (path / odd.name()).mkdir(parents=True)
            case 3:
                path.write_text(str(odd.number()))
            case 4:
                path.write_text(f"20{odd.chance.randrange(100):02}-01-02 03:04:05 UTC")
            case _:
                path.write_bytes(odd.chance.choice([odd.bytes(), odd.text().encode("utf-16", "replace")]))
    except (OSError, ValueError):  # a name that no folder can hold
        return


@pytest.mark.proof
@pytest.mark.sandbox
@pytest.mark.ordinary_user
def test_a_class_of_them(released_small_course, tmp_path):
    shutil.copytree(released_small_course, tmp_path, dirs_exist_ok=True)
    release = json.loads(
        (tmp_path / "release" / small_course.ASSIGNMENT / f"{small_course.NOTEBOOK}.ipynb").read_text()
    )
    students = {f"student-{number}": Odd(number) for number in cases(NOTEBOOKS + FOLDERS, NOTEBOOKS + FOLDERS + RUN)}
    for student, odd in students.items():
        path = small_course.hand_in(tmp_path, student)
        fill(path.parent, odd)
        is_other = odd.chance.random() < 0.5
        path.write_bytes(file_of(odd) if is_other else json.dumps(changed(odd, release)).encode())
    told = small_course.run(tmp_path, "nbjudge", "autograde", small_course.ASSIGNMENT, "--jobs=2", status=1)
    assert "Traceback" not in told
    assert list(tmp_path.glob(".nbjudge/*/*.traceback")) == []
    refused = {line.split(":")[0].strip() for line in told.splitlines() if line.startswith("  student-")}
    assert refused.isdisjoint(small_course.points(tmp_path))
    assert refused | set(small_course.points(tmp_path)) == set(students)
