"""What is read of a file that was handed in, and what that costs."""

import datetime as dt
import json
import os
import tracemalloc
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory

from nbjudge.store.handins import students_of
from nbjudge.store.timestamps import BadTimestamp, read_timestamp
from nbjudge.submission import reading as submissions
from nbjudge.submission.reading import Unreadable, parse_notebook, refuse_link
from tests.nbjudge import toy

pytestmark = pytest.mark.ordinary_user

GROWTH = 2.5
"""How much the cost of twice the input may grow, if it grows with the input."""


def parse(data):
    return parse_notebook("toy.ipynb", json.dumps(data).encode())


def honest():
    return json.loads(nbformat.writes(toy.honest()))


def sources(notebook):
    return [(cell.cell_type, cell.source, cell.metadata.get("nbgrader", {}).get("grade_id")) for cell in notebook.cells]


def test_every_format_is_read_as_nbformat_reads_it():
    notebook = toy.honest()
    notebook.cells += [nbformat.v4.new_markdown_cell(source) for source in ("# a heading", "$x$\n\ntwo", "")]
    for version in (3, 4):
        text = nbformat.writes(nbformat.convert(nbformat.from_dict(notebook), version))
        assert sources(parse_notebook("toy.ipynb", text.encode())) == sources(nbformat.reads(text, as_version=4))


def test_lines_without_ends_of_an_old_file_are_joined():
    cell = {"cell_type": "code", "input": ["a = 1", "b = 2"], "outputs": []}
    assert parse({"nbformat": 2, "worksheets": [{"cells": [cell]}]}).cells[0].source == "a = 1\nb = 2"


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: cell.pop("metadata"),
        lambda cell: cell.update(metadata=None),
        lambda cell: cell.update(id=7),
        lambda cell: cell.update(outputs="none", execution_count="first"),
        lambda cell: cell.pop("outputs"),
        lambda cell: cell.update(attachments={"a.png": 3}),
        lambda cell: cell["metadata"].update(nbgrader=["a"], tags=float("nan")),
    ],
)
def test_what_is_not_used_may_be_malformed(change):
    data = honest()
    data["nbformat_minor"] = None
    data["metadata"] = []
    data["cells"].append({"cell_type": "code", "id": "more", "metadata": {}, "outputs": [], "source": ["x = ", "1"]})
    change(data["cells"][-1])
    read = parse(data)
    assert read.cells[-1].source == "x = 1"
    assert sources(read)[:-1] == sources(toy.honest())


@pytest.mark.parametrize("waste", [{"output_type": "stream", "name": 3}, {"output_type": "none"}, [], {}])
def test_outputs_of_no_kind_cost_no_more_than_their_bytes(waste):
    """An error report of nbformat on them took two thousand times the size of the file."""
    costs = []
    for size in (2_000, 4_000):
        data = honest()
        data["cells"][0]["outputs"] = [waste] * size
        content = json.dumps(data).encode()
        tracemalloc.start()
        parse_notebook("toy.ipynb", content)
        costs.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert costs[1] < GROWTH * costs[0]
    assert costs[1] < 60 * len(content)


def test_too_much_is_refused_before_it_is_built():
    most = submissions.MOST_CONTAINERS
    content = b'{"nbformat": 4, "cells": [], "metadata": [' + b'{"":0},' * most + b"0]}"
    tracemalloc.start()
    with pytest.raises(Unreadable, match="holds more than 1,000,000 lists"):
        parse_notebook("toy.ipynb", content)
    assert tracemalloc.get_traced_memory()[1] < len(content)
    tracemalloc.stop()


@pytest.mark.parametrize("cells", [submissions.MOST_CELLS, submissions.MOST_CELLS + 1])
@pytest.mark.parametrize("version", [3, 4])
def test_the_limit_of_cells_holds_for_every_format(version, cells):
    cell = {"cell_type": "markdown", "source": "a", "metadata": {}}
    halves = [[cell] * (cells // 2), [cell] * (cells - cells // 2)]
    data = {"nbformat": 4, "cells": [*halves[0], *halves[1]]}
    if version == 3:
        data = {"nbformat": 3, "worksheets": [{"cells": half} for half in halves]}
    if cells > submissions.MOST_CELLS:
        with pytest.raises(Unreadable, match="has more than 2000 cells"):
            parse(data)
    else:
        assert len(parse(data).cells) == cells


def test_the_limit_of_text_holds_for_all_cells_together():
    cell = {"cell_type": "markdown", "source": "a" * (submissions.MOST_SOURCE // 2 + 1), "metadata": {}}
    assert parse({"nbformat": 4, "cells": [cell]}).cells
    with pytest.raises(Unreadable, match="holds more than 20,000,000 characters"):
        parse({"nbformat": 4, "cells": [cell, cell]})


BAD_TIMES = {
    "words": b"see the mail",
    "digits": b"4" * 400,
    "bytes": b"\xff\xfe\x00\x9b",
    "utf16": "2026-01-02 03:04:05 UTC".encode("utf-16"),
    "escape": b"\x1b]0;title\x07",
    "year": b"99999-01-02 03:04:05 UTC",
    "first_year": b"0001-01-01 00:00:00 +2300",
    "long_ago": b"1999-01-02 03:04:05 UTC",
    "future": b"2999-01-02 03:04:05 UTC",
    "long": b"2026-01-02 03:04:05 UTC" + b" " * 200 + b"x",
}


@pytest.mark.parametrize("content", BAD_TIMES.values(), ids=BAD_TIMES)
def test_what_is_no_time_is_told_in_a_sentence(tmp_path, content):
    (tmp_path / "timestamp.txt").write_bytes(content)
    with pytest.raises(BadTimestamp, match=r"timestamp\.txt .* it was passed over") as told:
        read_timestamp(CourseDirectory(), tmp_path)
    assert str(told.value).isprintable()


PLANTED = {
    "folder": lambda path: path.mkdir(),
    "link": lambda path: path.symlink_to("/etc/hostname"),
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_a_time_is_read_from_a_regular_file_only(tmp_path, plant):
    plant(tmp_path / "timestamp.txt")
    with pytest.raises(BadTimestamp):
        read_timestamp(CourseDirectory(), tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"2026-01-02 03:04:05 UTC\n",
        "\ufeff2026-01-02 03:04:05 UTC".encode(),
        b"2026-01-02T12:04:05+09:00",
        b"2026-01-02 12:04:05.0 Asia/Seoul",
    ],
)
def test_a_time_is_read_as_nbgrader_reads_it(tmp_path, content):
    (tmp_path / "timestamp.txt").write_bytes(content)
    assert read_timestamp(CourseDirectory(), tmp_path) == dt.datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001, as nbgrader


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_a_missing_or_empty_time_is_none(tmp_path, content):
    if content is not None:
        (tmp_path / "timestamp.txt").write_bytes(content)
    assert read_timestamp(CourseDirectory(), tmp_path) is None


def test_a_course_may_believe_no_file_of_times(tmp_path):
    (tmp_path / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    assert read_timestamp(CourseDirectory(ignore=["timestamp.txt"]), tmp_path) is None


@pytest.mark.parametrize("link", ["submitted/bo", "submitted/bo/ps", ""])
def test_a_submission_that_lies_elsewhere_is_refused(tmp_path, link):
    top = tmp_path / "submitted"
    for student in ("ann", "bo"):
        (top / student / "ps").mkdir(parents=True)
    if link:
        place = tmp_path / link
        place.rename(tmp_path / "elsewhere")
        place.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(Unreadable, match="the folder of the submission is a link"):
            refuse_link(top / "bo" / "ps", top=top)
    else:  # the folder of all submissions may be one
        top.rename(tmp_path / "elsewhere")
        top.symlink_to(tmp_path / "elsewhere")
        refuse_link(top / "bo" / "ps", top=top)


def test_students_are_found_whatever_their_names_hold(tmp_path):
    names = ["ann", "b\no", "c\x1b[31m", "d(+)", "\udcff", "out"]
    for name in names:
        (tmp_path / "submitted" / name / "ps.1").mkdir(parents=True)
    coursedir = CourseDirectory(root=str(tmp_path), student_id_exclude="out")
    assert set(students_of(coursedir, "submitted", "ps.1")) == set(names) - {"out"}


def test_who_has_a_folder_that_may_not_be_entered_is_among_the_students(tmp_path, monkeypatch):
    for name in ("ada", "bob"):
        (tmp_path / "submitted" / name / "ps1").mkdir(parents=True)
    closed = tmp_path / "submitted" / "bob"
    if os.geteuid() == 0:  # root may enter any folder, and so sees what others would not
        (closed / "ps1").rmdir()
        monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != closed)
    closed.chmod(0o400)
    coursedir = CourseDirectory(root=str(tmp_path))
    try:
        assert students_of(coursedir, coursedir.submitted_directory, "ps1") == ["ada", "bob"]
    finally:
        closed.chmod(0o700)
