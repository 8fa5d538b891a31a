"""An instructor's mistakes are refused, each in one sentence that names the cell and says what to do."""

import shutil
from pathlib import Path

import pytest

from course import release, twins
from course.checks import check_notebook
from course.errors import CourseError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOPICS = sorted((ROOT / "source").glob("*/*.py"))
SOURCE = ROOT / "source" / "ps1-jacobian" / "jacobian.py"


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.parent.name)
def test_every_notebook_passes(tmp_path, path):
    checked(written(tmp_path, path.read_text("utf-8"), path))


def refusal(tmp_path, change):
    """What is said about the instructor notebook after one change of its text."""
    old, new = change
    text = SOURCE.read_text("utf-8")
    assert old in text
    path = written(tmp_path, text.replace(old, new, 1))
    with pytest.raises(CourseError) as caught:
        checked(path)
    return str(caught.value)


def written(folder, text, source=SOURCE):
    path = folder / source.parent.name / source.name
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


def checked(path):
    twins.sync(path)
    check_notebook(path.with_suffix(".ipynb"), references=ROOT / "solutions" / path.name)


E1_2 = '# %% answer e1-2 covers="CB4"\n'
MISTAKES = {
    "the stub lacks the function": (
        (E1_2 + "def jac_example(x: np.ndarray) -> np.ndarray:\n", E1_2 + "### BEGIN SOLUTION\ndef jac_example(x):\n"),
        "cell e1-2: it needs one region",
    ),
    "the solution is not marked": (
        ("    ### BEGIN SOLUTION\n    x1, x2 = x\n", "    x1, x2 = x\n"),
        "cell e1-2: it needs one region between '### BEGIN SOLUTION' and '### END SOLUTION', found 0 and 1",
    ),
    "the reference takes other parameters": (
        ("def jac_example(x: np.ndarray)", "def jac_example(x1, x2)"),
        "cell e1-2: jac_example takes (x1, x2), but the reference in solutions/jacobian.py takes (x)",
    ),
    "the reference is missing": (("def jac_example(", "def jac_exmaple("), "has no jac_exmaple; write the reference"),
    "the English form is missing": (
        ('key="e1-2-see" lang="en"', 'key="e1-2-seen" lang="en"'),
        "its en form is missing",
    ),
    "the translation is stale": (
        ("the upper right entry", "the right upper entry"),
        "cell e1-2-see: its English text is not the one that the Korean was checked against",
    ),
    "the formulas differ": (
        ("이동 평균, 합성곱", "이동 평균, 합성곱 $k$"),
        "e1-8-see: the formulas of both languages differ (only ko: $k$)",
    ),
    "a grade id is used twice": (
        ("# %% answer e1-3 ", "# %% answer e1-2 "),
        "cell e1-2: its grade id is used 2 times",
    ),
    "a key is used twice": (('key="e1-2-plot"', 'key="e1-6-plot"'), "cell e1-6-plot: its key is used 2 times"),
    "points are missing": (
        ("# %% test e1-2-shape 0.5", "# %% test e1-2-shape"),
        "cell e1-2-shape: points are missing",
    ),
    "points are zero": (
        ("# %% test e1-2-shape 0.5", "# %% test e1-2-shape 0"),
        "cell e1-2-shape: it earns 0 points",
    ),
    "an unknown item is covered": (
        ('covers="CB4"', 'covers="CB4 CB99"'),
        "cell e1-2: it covers CB99, which course/coverage.py does not know",
    ),
    "prose is locked": (
        ('# %% [markdown] key="further" lang="en"', "# %% [markdown] locked further"),
        "cell further: prose must not be locked",
    ),
    "setup needs a student's name": (
        ("import torch\n", "import torch\n\njac_example(np.ones(2))\n"),
        "cell setup: it does not run alone (NameError: name 'jac_example' is not defined)",
    ),
    "a test hides nothing": (
        ("# %% test e1-2-shape 0.5\n", "# %% test e1-2-shape 0.5\n### BEGIN HIDDEN TESTS\n"),
        "it needs one region between '### BEGIN HIDDEN TESTS' and '### END HIDDEN TESTS', found 1 and 0",
    ),
    "the title announces other points": (
        ("# 75 minutes, 18 points", "# 75 minutes, 18.5 points"),
        "title (en): it announces 18.5 points, the cells give 18.",
    ),
    "a heading announces other points": (
        (
            "# ### E1.2 `jac_example`\n# 난이도 1/5 · 중요도 4/5 · 5분 · 2점",
            "# ### E1.2 `jac_example`\n# 난이도 1/5 · 중요도 4/5 · 5분 · 3점",
        ),
        "E1.2 (ko): its heading announces 3 points, its cells give 2.",
    ),
    "minutes do not add up": (("# 75분, 18점", "# 90분, 18점"), "title (ko): it announces 90 minutes, the headings"),
    "a hidden test does not exist": (
        ("# %% test e1-2-shape 0.5", "# %% test e1-2-shapes 0.5"),
        "tests/hidden/jacobian.py has no test e1_2_shapes, which cell e1-2-shapes asks for: write it.",
    ),
    "a cell has no name": (('# %% key="e1-2-plot"', "# %%"), "has neither a grade id nor a key"),
    "a cell is too long": (
        ('# %% key="e1-2-plot"\n', '# %% key="e1-2-plot"\n' + "1 + 1\n" * 40),
        "cell e1-2-plot: it has more than 40 lines",
    ),
    "a line is too long": (
        ('# %% key="e1-2-plot"\n', '# %% key="e1-2-plot"\n' + "1 + 1" * 30 + "\n"),
        "cell e1-2-plot: '1 + 11 + 11 + 11 + 11 + 11 + 1' is longer than 100 characters",
    ),
    "a formula holds Hangul": (("이동 평균, 합성곱", "이동 평균, $합$"), "Hangul stands in a formula"),
    "emphasis meets a particle": (
        ("**야코비안**(Jacobian)입니다", "**야코비안(Jacobian)**입니다"),
        "does not close before a particle",
    ),
    "a word that is corrected": (
        ("이동 평균, 합성곱", "이동 평균, 부정치, 합성곱"),
        "'부정치' is a word that the course corrects",
    ),
    "a convex word reversed": (
        ("이동 평균, 합성곱", "위로 볼록이면 최솟점, 합성곱"),
        "is a word that the course corrects",
    ),
    "an exclamation": (("a triangle, a permutation", "a triangle! A permutation"), "exclamation mark"),
    "an emoji": (("a triangle, a permutation", "a triangle \N{GRINNING FACE}, a permutation"), "emoji"),
    "a belittling word": (
        ("a triangle, a permutation", "obviously a triangle, a permutation"),
        "'obviously' belittles",
    ),
    "no mark scheme": (("# === END MARK SCHEME ===", "# END"), "cell e1-9: a written question needs a mark scheme"),
}


@pytest.mark.filterwarnings("ignore:Non-unique cell id")
@pytest.mark.parametrize(("change", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_with_a_sentence(tmp_path, change, sentence):
    assert sentence in refusal(tmp_path, change)


def test_a_refused_release_keeps_the_old_one(tmp_path):
    course = tmp_path / "course"
    for folder in ("source", "release", "solutions"):
        shutil.copytree(ROOT / folder, course / folder)
    text = course / "source" / "ps1-jacobian" / "jacobian.py"
    text.write_text(text.read_text("utf-8").replace("    ### END SOLUTION\n", "", 1), "utf-8")
    old = {path: path.read_bytes() for path in (course / "release").rglob("*.*")}
    with pytest.raises(CourseError, match=r"^ps1-jacobian, cell e1-1: it needs one region .*\.$"):
        release.make_releases(course)
    assert {path: path.read_bytes() for path in (course / "release").rglob("*.*")} == old


def test_a_checked_translation_is_recorded(tmp_path):
    path = written(tmp_path, SOURCE.read_text("utf-8").replace("the upper right entry", "the right upper entry"))
    twins.mark_translated(path, ["e1-2-see"])
    checked(path)
    with pytest.raises(CourseError, match="no pair of cells with the key 'nowhere'"):
        twins.mark_translated(path, ["nowhere"])
