"""Twins are in step, and the committed releases are what the sources give, without anything private."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from course import release, twins
from course.errors import CourseError
from course.languages import LANGUAGES
from course.prose import CORRECTIONS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("release")]

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = release.assignments(ROOT)


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*/*.py")), ids=lambda path: path.stem)
def test_twins_are_in_step(path):
    twins.check(path)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A folder for all that is built, as nbgrader takes seconds for a new gradebook."""
    return tmp_path_factory.mktemp("release")


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def built(request, scratch):
    return request.param, release.build(ROOT, request.param, scratch)


def test_committed_releases_are_up_to_date(built):
    assignment, folders = built
    for language, folder in folders.items():
        committed = ROOT / "release" / language / assignment
        assert {path.name for path in folder.iterdir()} == {path.name for path in committed.iterdir()}
        for path in folder.iterdir():
            same = path.read_bytes() == (committed / path.name).read_bytes()
            assert same, f"{committed / path.name} is out of date: run `make release`"


def test_releases_hold_no_solution_and_no_hidden_test(built):
    assignment, folders = built
    private = []
    for text in (ROOT / "source" / assignment).glob("*.py"):
        regions = re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", text.read_text("utf-8"), re.DOTALL)
        regions += [(ROOT / folder / text.name).read_text("utf-8") for folder in ("solutions", "tests/hidden")]
        private += [line.strip() for region in regions for line in region.splitlines() if len(line.strip()) > 25]
    private = [line for line in private if not line.startswith(("import ", "def ", "#"))]
    given = "\n".join(
        line for text in (ROOT / "source" / assignment).glob("*.py") for line in visible_lines(text.read_text("utf-8"))
    )
    private = [line for line in private if line not in given]
    assert len(private) > 100
    for folder in folders.values():
        released = "\n".join(cell.source for cell in nbformat.read(next(folder.glob("*.ipynb")), as_version=4).cells)
        assert not [line for line in private if line in released]
        assert "MARK SCHEME" not in released


def visible_lines(text):
    return re.sub(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1", "", text, flags=re.DOTALL).splitlines()


def test_graded_cells_are_equal_in_all_languages(built):
    _, folders = built
    graded = []
    for folder in folders.values():
        cells = nbformat.read(next(folder.glob("*.ipynb")), as_version=4).cells
        graded.append([cell for cell in cells if "nbgrader" in cell.metadata])
    assert len(folders) == len(LANGUAGES)
    assert all(cells == graded[0] for cells in graded)


def test_a_release_speaks_one_language(built):
    hangul = re.compile("[가-힣]")
    for language, folder in built[1].items():
        for cell in nbformat.read(next(folder.glob("*.ipynb")), as_version=4).cells:
            if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
                assert bool(hangul.search(cell.source)) == (language == "ko"), cell.source


def test_words_that_the_course_corrects_stand_in_corrections_only(built):
    for folder in built[1].values():
        for cell in nbformat.read(next(folder.glob("*.ipynb")), as_version=4).cells:
            if re.search("부정치|위로 볼록|파생 상품|차별화", cell.source):
                assert CORRECTIONS in cell.metadata.get("tags", []), cell.source


TEXT = '# %% [markdown] key="title" lang="en"\n# # Title\n\n# %% key="sum"\n1 + 1\n'


@pytest.fixture
def pair(tmp_path):
    path = tmp_path / "topic.py"
    path.write_text(TEXT)
    twins.sync(path)
    return path, path.with_suffix(".ipynb")


def test_a_change_of_either_twin_is_carried_over(pair):
    text, notebook = pair
    assert twins.sync(text) is None
    text.write_text(TEXT.replace("1 + 1", "2 + 2"))
    assert "topic.ipynb was rewritten" in twins.sync(text)
    notebook.write_text(notebook.read_text().replace("2 + 2", "3 + 3"))
    with pytest.raises(CourseError, match="differ"):
        twins.check(text)
    assert "topic.py was rewritten" in twins.sync(text)
    assert "3 + 3" in text.read_text()
    twins.check(text)


def test_edits_of_the_text_alone_are_carried_over_whatever_their_form(pair):
    text, notebook = pair
    for number in range(3):
        text.write_text(TEXT + f'\n# %%   key="try"\ndef look(x):\n    return {number} * x\n\n\n\n')
        assert "topic.ipynb was rewritten" in twins.sync(text)
        twins.check(text)
        assert f"return {number} * x" in notebook.read_text()
    text.write_text(text.read_text() + "\n\n")
    assert "usual form" in twins.sync(text)
    twins.check(text)


def test_changes_of_both_twins_are_refused(pair):
    text, notebook = pair
    text.write_text(TEXT.replace("1 + 1", "2 + 2"))
    notebook.write_text(notebook.read_text().replace("1 + 1", "3 + 3"))
    with pytest.raises(CourseError, match="both edited"):
        twins.sync(text)


def test_what_jupyterlab_adds_is_dropped(pair):
    text, notebook = pair
    cells = nbformat.read(notebook, as_version=4)
    cells.cells[1].outputs = [nbformat.v4.new_output("stream", text="2")]
    cells.cells[1].execution_count = 7
    cells.cells[1].metadata["collapsed"] = True
    before = notebook.read_text()
    nbformat.write(cells, notebook)
    twins.sync(text)
    assert text.read_text() == TEXT
    assert notebook.read_text() == before


def test_a_release_replaces_the_old_one_also_after_an_interrupted_run(tmp_path):
    new, old = tmp_path / "built", tmp_path / "release" / "ps1"
    for folder, content in (
        (new, "new"),
        (old, "old"),
        (old.with_name(".ps1.new"), "?"),
        (old.with_name(".ps1.old"), "?"),
    ):
        folder.mkdir(parents=True)
        (folder / "topic.ipynb").write_text(content)
    release._swap(new, old)
    assert [path.name for path in old.parent.iterdir()] == ["ps1"]
    assert (old / "topic.ipynb").read_text() == "new"


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    """A small course whose releases were built from nothing."""
    return built_from_nothing(ROOT, tmp_path_factory.mktemp("once") / "course")


@pytest.fixture
def course(built_once, tmp_path):
    return shutil.copytree(built_once, tmp_path / "course")


def built_from_nothing(origin, course):
    for assignment in ("ps0-differences", "ps1-jacobian"):
        shutil.copytree(origin / "source" / assignment, course / "source" / assignment)
    shutil.copytree(origin / "solutions", course / "solutions")
    assert made(course) == ["ps0-differences was built in ko and en", "ps1-jacobian was built in ko and en"]
    return course


def made(course, **options):
    lines = []
    release.make_releases(course, report=lines.append, **options)
    return lines


def left_by(course):
    files = {path.relative_to(course): path.read_bytes() for path in (course / "release").rglob("*.*")}
    return files, [release._registered(course, text.parent.name, text) for text in course.glob("source/*/*.py")]


def is_up_to_date(course, assignment):
    return release._remembered(course, assignment) == release._state(course, assignment, release._digest_of_code())


def test_what_did_not_change_is_not_built_again(course):
    assert made(course) == ["ps0-differences is up to date", "ps1-jacobian is up to date"]
    assert made(course, only="ps1-jacobian") == ["ps1-jacobian is up to date"]


def change_the_source(course):
    text = course / "source" / "ps1-jacobian" / "jacobian.py"
    text.write_text(text.read_text("utf-8").replace("Draw a matrix:", "Draw any matrix:", 1), "utf-8")


def add_a_file(course):
    (course / "source" / "ps1-jacobian" / "points.csv").write_text("1,2\n")


def change_a_reference(course):
    with (course / "solutions" / "jacobian.py").open("a") as file:
        file.write("\n")


def remove_a_released_file(course):
    (course / "release" / "en" / "ps1-jacobian" / "README.md").unlink()


def change_a_release(course):
    with (course / "release" / "ko" / "ps1-jacobian" / "jacobian.ipynb").open("a") as file:
        file.write("\n")


def damage_what_is_remembered(course):
    (course / ".cache" / "release" / "ps1-jacobian").write_bytes(b"\xff\x00")


def change_the_gradebook(course):
    with Gradebook(release.gradebook_url(course)) as gradebook:
        gradebook.find_source_cell("e1-2-values", "jacobian", "ps1-jacobian").source = "pass"
        gradebook.db.commit()


def remove_from_the_gradebook(course):
    with Gradebook(release.gradebook_url(course)) as gradebook:
        gradebook.remove_assignment("ps1-jacobian")


CHANGES = [
    change_the_source,
    add_a_file,
    change_a_reference,
    remove_a_released_file,
    change_a_release,
    damage_what_is_remembered,
    change_the_gradebook,
    remove_from_the_gradebook,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_as_it_was_left_is_out_of_date(course, change):
    change(course)
    assert is_up_to_date(course, "ps0-differences")
    assert not is_up_to_date(course, "ps1-jacobian")


def test_everything_is_out_of_date_with_another_builder_or_gradebook(course, monkeypatch):
    with monkeypatch.context() as other:
        other.setattr(release, "versions", lambda: {"nbgrader": "0"})
        assert not is_up_to_date(course, "ps0-differences")
    assert is_up_to_date(course, "ps0-differences")
    (course / "gradebook.db").unlink()
    assert not is_up_to_date(course, "ps0-differences")


@pytest.mark.proof
def test_what_changed_is_built_as_from_nothing(built_once, course, tmp_path):
    change_the_source(course)
    remove_a_released_file(course)
    change_the_gradebook(course)
    assert made(course)[1:] == ["ps0-differences is up to date", "ps1-jacobian was built in ko and en"]
    assert left_by(course) != left_by(built_once)
    assert left_by(course) == left_by(built_from_nothing(course, tmp_path / "fresh"))


def test_an_unknown_assignment_is_told(tmp_path):
    with pytest.raises(CourseError, match=r"^there is no assignment 'ps9' in source/\.$"):
        made(tmp_path, only="ps9")
