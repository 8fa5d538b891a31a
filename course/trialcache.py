"""What was tried before and need not be tried again, kept in a folder of this machine."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course import trials
from course.trials import Trial, Tried
from nbjudge.files import write_whole
from nbjudge.judging.dependencies import imported_files, versions
from nbjudge.judging.verdict import Verdict
from nbjudge.store.record import key_of
from tests.hidden.compare import Kind, Measurement

if TYPE_CHECKING:
    from collections.abc import Callable

    from course.exercises import Exercises, TestCell
    from course.trials import Answer

    Entries = dict[str, Tried]

_ROOT = Path(__file__).resolve().parent.parent
_TWINS = (".ipynb", ".py")
_WORD = re.compile(r"\w+")


class TrialCache:
    """The results of earlier runs: for each function and test cell a file, and in it each answer under its key.

    Args:
        folder: where they are kept.
        report: receives a sentence on what cannot be read or written.
    """

    def __init__(self, folder: Path, *, report: Callable[[str], None] = lambda _: None) -> None:
        self._folder = folder
        self._report = report

    def read(self, topic: str, function: str, cell: str) -> Entries:
        """What is known, by key; nothing where the file is damaged, so that all of it is tried anew."""
        path = self._path(topic, function, cell)
        try:
            return {key: _from_data(data) for key, data in json.loads(path.read_text("utf-8")).items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._report(f"{path} is damaged: what it held is tried anew.")
            return {}

    def write(self, topic: str, function: str, cell: str, entries: Entries) -> None:
        """Keep these results instead of earlier ones."""
        path = self._path(topic, function, cell)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps({key: _as_data(tried) for key, tried in entries.items()}).encode())
        except OSError as error:
            self._report(f"{path} cannot be written ({error.strerror}): its trials are not taken over next time.")

    def _path(self, topic: str, function: str, cell: str) -> Path:
        return self._folder / topic / f"{function or 'reference'}.{cell}.json"


class Keys:
    """Names for everything that decides what comes of an answer at a test cell of one topic.

    A key covers

    - the answer: its kind, the function, the name of a universal wrong answer, the source of an attempt;
    - of the notebook, the test cell with its points, the setup, all solutions and their stubs, and the files beside it;
    - all modules of this project that the test cell, the setup, the references and the trying itself import, directly
      or not: hidden helpers, references, the border and the judging of `nbjudge`, patterns and universal answers;
    - of the hidden module of the topic everything but the functions of other test cells, those which nothing else
      mentions: its helpers and constants count, layout and comments do not;
    - the versions of Python and of what answers and tests run on.

    It does not cover what a module would find by a name that it puts together, the machine, and what an answer reads
    from the rest of the file system: no test does the first, and the cache stays on the machine.

    Args:
        source: the instructor notebook.
        exercises: what it asks for.
    """

    def __init__(self, source: Path, exercises: Exercises) -> None:
        hidden = _ROOT / "tests" / "hidden" / f"{exercises.topic}.py"
        reached = [test.source for test in exercises.tests]
        reached += [exercises.setup, f"import {trials.__name__}, solutions.{exercises.topic}"]
        files = imported_files(reached, _ROOT)
        self._tests = {test.name.replace("-", "_") for test in exercises.tests}
        self._hidden = _parts(hidden.read_text("utf-8")) if hidden in files else []
        self._of_all = key_of(
            [
                *(exercises.setup, exercises.solutions, exercises.stubs),
                {path.name: _digest(path) for path in source.parent.iterdir() if _is_data(path)},
                {str(path.relative_to(_ROOT)): _digest(path) for path in files - {hidden}},
                *(versions(), platform.python_version()),
            ]
        )
        self._of_cells: dict[str, str] = {}

    def of(self, cell: TestCell, answer: Answer) -> str:
        """The key of an answer at a test cell."""
        if cell.name not in self._of_cells:
            hidden = self._without_other_tests(cell.source)
            self._of_cells[cell.name] = key_of([self._of_all, cell.name, cell.source, cell.most, hidden])
        return key_of([self._of_cells[cell.name], answer.kind, answer.function, answer.name, answer.source])

    def _without_other_tests(self, cell_source: str) -> list[str]:
        """The statements of the hidden module, without those functions of test cells that nothing else mentions."""
        others = set(self._tests)
        texts = [cell_source, *(text for name, text in self._hidden if name not in others)]
        while texts:
            mentioned = others & set(_WORD.findall(texts.pop()))
            others -= mentioned
            texts += [text for name, text in self._hidden if name in mentioned]
        return [text for name, text in self._hidden if name not in others]


def _parts(module: str) -> list[tuple[str | None, str]]:
    """The statements of a module, without layout and comments, and the name of each that defines a function."""
    body = ast.parse(module).body
    return [(node.name if isinstance(node, ast.FunctionDef) else None, ast.unparse(node)) for node in body]


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix not in _TWINS


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_data(tried: Tried) -> dict[str, Any]:
    return {
        "trials": [
            {
                "verdict": trial.verdict.as_data(),
                "measurements": [[one.kind.name, bool(one.held), float(one.margin)] for one in trial.measurements],
                "was wrong": bool(trial.was_wrong),
                "pattern": trial.pattern,
                "error": trial.error,
            }
            for trial in tried.trials
        ],
        "orders": float(tried.orders),
        "seconds": tried.seconds,
    }


def _from_data(data: dict[str, Any]) -> Tried:
    trials_made = [
        Trial(
            Verdict.from_data(trial["verdict"]),
            tuple(Measurement(Kind[kind], held, margin) for kind, held, margin in trial["measurements"]),
            trial["was wrong"],
            tuple(trial["pattern"]),
            trial["error"],
        )
        for trial in data["trials"]
    ]
    return Tried(tuple(trials_made), data["orders"], data["seconds"])
