"""Grade one submission: the pure function at the heart, which knows no gradebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import v4

from nbjudge.channel import ChannelClosed
from nbjudge.graded import Graded
from nbjudge.inert import Code, Prose
from nbjudge.judge import FORK_ENDED, JUDGE_KILLED, Judge, Judged
from nbjudge.machine import Moment
from nbjudge.messages import Text
from nbjudge.outputs import Outputs, Room, execution_number
from nbjudge.rebuild import rebuild
from nbjudge.session import CRASH, Stop
from nbjudge.stored import grade_id
from nbjudge.verdict import LIKELY, STOPPED, stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbformat import NotebookNode

    from nbjudge.limits import Limits
    from nbjudge.sandbox import Sandbox
    from nbjudge.session import Session
    from nbjudge.stored import StoredCell, StoredNotebook
    from nbjudge.verdict import Verdict

_MOST_ATTEMPTS = 12
"""How often the cells are run at most, also if tests end the process in which they ran."""

_WALL, _TOTAL_WALL, _SHORTAGE = "wall", "total_wall", "shortage"


def grade(
    submission: NotebookNode,
    stored: StoredNotebook,
    limits: Limits,
    *,
    sandbox: Sandbox,
    files: dict[str, bytes],
    folder: Path,
    language: str,
    seed: str,
) -> Graded:
    """Grade one submission.

    Args:
        submission: the notebook as it was handed in, in format 4.
        stored: the course's own cells.
        limits: what the submission may use.
        sandbox: where its code runs.
        files: its companion files, by their path in the working directory.
        folder: working directory of the tests.
        language: of the messages in the graded notebook.
        seed: of the orders in which tests ask.

    Raises:
        NoSandboxError: if there is no sandbox; nothing of the submission was run outside.
        ChannelClosed: if the sandbox was ended from outside.
    """
    rebuilt = rebuild(submission, stored)
    graded = Graded(oddities=rebuilt.oddities, unanswered=_unanswered(rebuilt.notebook, stored))
    session = sandbox.open(limits, files)
    try:
        run = _Run(rebuilt.notebook, graded, stored, session, limits=limits, language=language)
        try:
            run.cells()
            run.tests(folder, seed)
        except ChannelClosed:  # the supervisor was ended, by the machine or by the submission
            run.lost()
        graded.cpu, graded.memory = session.use.cpu, session.use.memory
    finally:
        session.close()
    show(rebuilt.notebook, stored, graded.verdicts, prose=Prose(files, language), language=language)
    graded.text = nbformat.writes(rebuilt.notebook)
    return graded


class _Run:
    """The run of one submission in its session."""

    def __init__(
        self,
        notebook: NotebookNode,
        graded: Graded,
        stored: StoredNotebook,
        session: Session,
        *,
        limits: Limits,
        language: str,
    ) -> None:
        self._graded = graded
        self._stored = stored
        self._limits = limits
        self._session = session
        self._language = language
        tests = {cell.grade_id for cell in stored.tests}
        code = [cell for cell in notebook.cells if cell.cell_type == "code" and grade_id(cell) not in tests]
        self._names = {cell.id: _name(cell, position, language) for position, cell in enumerate(code, start=1)}
        self._cells = [cell for cell in code if cell.source.strip()]
        self._stop: Stop | None = None
        self._attempts_left = _MOST_ATTEMPTS
        self._began = Moment.now()

    def lost(self) -> None:
        """Tell that nothing more will come of this session: all tests that were not judged are lost."""
        self._graded.stops["the notebook"] = CRASH
        if not self._session.has_failed:  # one that fails by itself may have been brought to that by the submission
            self._graded.doubts.append("the sandbox ended")
        for test in self._stored.tests:
            self._graded.verdicts.setdefault(test.grade_id, stopped(CRASH))

    def cells(self) -> None:
        """Run all cells; one that ends the process is marked, and the others run again without it."""
        while self._attempts_left:
            self._stop = self._attempt()
            if self._stop is None or not self._cells:
                return
            stopped_cell = self._cells.pop(self._stop.position)
            self._stopped(self._names[stopped_cell.id], self._stop.reason)
            outputs = Outputs(self._limits, self._language, Room.of_notebook(self._limits))
            outputs.note(_STOPPED.format(reason=STOPPED[self._stop.reason]))
            stopped_cell.outputs += outputs.finished()
            self._session.end_process()
            if self._stop.reason.startswith("total"):
                return

    def _stopped(self, name: str, reason: str) -> None:
        """Note why a cell was stopped; no test has asked anything yet, so another run gives nobody a second guess."""
        self._graded.stops[name] = reason
        if reason in (CRASH, _WALL, _TOTAL_WALL, _SHORTAGE):
            self._graded.doubts.append(f"{name}: {reason}")

    def tests(self, folder: Path, seed: str) -> None:
        """Judge every test on a fresh fork of the process."""
        lines = {self._names[cell.id]: cell.source.count("\n") + 1 for cell in self._cells}
        judge = Judge(self._stored, folder, lines, seed=seed)
        try:
            for test in self._stored.tests:
                began = Moment.now()
                judged = self._judged(judge, test)
                if judged.limit and self._is_by_machine(judged.limit, began):
                    self._graded.doubts.append(f"{test.grade_id}: {judged.limit}")
                self._graded.verdicts[test.grade_id] = judged.verdict
                remarks = {"limit": judged.limit, "printed": judged.printed}
                if any(remarks.values()):
                    self._graded.tests[test.grade_id] = {name: text for name, text in remarks.items() if text}
        finally:
            judge.close()

    def _is_by_machine(self, limit: str, began: Moment) -> bool:
        """Whether the machine ended a test; what a submission can do by itself would be a second guess."""
        now = Moment.now()
        if limit in (CRASH, FORK_ENDED):
            return now.was_short_of_memory(began)
        if limit in (_WALL, _TOTAL_WALL):
            return now.was_busy(began if limit == _WALL else self._began)
        return limit in (_SHORTAGE, JUDGE_KILLED)

    def _judged(self, judge: Judge, test: StoredCell) -> Judged:
        if self._stop is not None:
            return Judged(stopped(self._stop.reason), limit=self._stop.reason)
        judged = judge.test(self._session, test.grade_id, self._limits)
        if judged.limit == CRASH or self._session.has_ended:  # the process itself is gone, not only its fork
            self._session.end_process()
            self._stop = self._again() if self._attempts_left else Stop(0, CRASH)
        elif judged.limit and judged.limit.startswith("total"):
            self._stop = Stop(0, judged.limit)
        return judged

    def _attempt(self) -> Stop | None:
        collected: dict[int, Outputs] = {}
        room = Room.of_notebook(self._limits)
        current = Outputs(self._limits, self._language, room)

        def started(position: int) -> None:
            nonlocal current
            current = collected[position] = Outputs(self._limits, self._language, room)

        def ended(position: int, number: object) -> None:
            self._cells[position].execution_count = execution_number(number)

        stop = self._run(started, lambda event: current.add(event), ended)  # noqa: PLW0108, it changes
        for position, outputs in collected.items():
            self._cells[position].outputs = outputs.finished()
        return stop

    def _again(self) -> Stop | None:
        """Run the cells for the tests that are left; what they show now may tell what tests have asked."""
        return self._run(_ignored, _ignored, _ignored)

    def _run(
        self, started: Callable[[int], None], shows: Callable[[Any], None], ended: Callable[[int, object], None]
    ) -> Stop | None:
        self._attempts_left -= 1
        cells = [(self._names[cell.id], cell.source) for cell in self._cells]
        return self._session.run(cells, started=started, shows=shows, ended=ended)


def _ignored(*_: object) -> None:
    """What nobody shall see."""


def show(
    notebook: NotebookNode,
    stored: StoredNotebook,
    verdicts: dict[str, Verdict],
    *,
    prose: Prose,
    language: str,
) -> None:
    """Write the verdict of each test below its visible source, and make harmless what the student wrote."""
    ours = {(cell.cell_type, cell.source) for cell in stored.released.cells}
    code = Code(language)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in verdicts:
            verdict = verdicts[name]
            text = _verdict_text(verdict, stored.cells[name], language)
            cell.outputs = [v4.new_output("stream", name="stdout", text=text)]
            cell.metadata["nbjudge"] = {
                "outcome": verdict.outcome.value,
                "message": verdict.message.form(language),
                "likely": verdict.likely.form(language) if verdict.likely else "",
            }
            cell.execution_count = None
        elif (cell.cell_type, cell.source) not in ours and not (name in stored.cells and stored.cells[name].locked):
            _make_inert(cell, prose, code)


def _make_inert(cell: NotebookNode, prose: Prose, code: Code) -> None:
    """Make a cell of a student harmless; the source of a raw cell would otherwise be part of a page as it is."""
    if cell.cell_type == "markdown":
        cell.source = prose.shown(cell.source)
    elif cell.cell_type == "raw":
        cell.cell_type, cell.source = "markdown", prose.shown_raw(cell.source)
    else:
        is_coloured = code.is_coloured(cell.source)
        if not is_coloured:
            cell.metadata["magics_language"] = "text"  # nbconvert's word for the language of a cell
        cell.source = code.shown(cell.source, is_coloured=is_coloured)


def _unanswered(notebook: NotebookNode, stored: StoredNotebook) -> list[str]:
    found = {grade_id(cell): cell.source for cell in notebook.cells}
    return [name for name, cell in stored.cells.items() if cell.solution and found[name] == cell.source]


def _name(cell: NotebookNode, position: int, language: str) -> str:
    """What a student would call a cell that is executed."""
    name = grade_id(cell)
    return (_CELL.format(name=name) if name else _CODE_CELL.format(position=position)).form(language)


def _verdict_text(verdict: Verdict, cell: StoredCell, language: str) -> str:
    """Name, result, message and likely mistake of a test, a line each."""
    points = _BONUS if cell.bonus else _POINTS
    result = points.format(name=cell.grade_id, score=f"{verdict.score:g}", most=f"{cell.bonus or cell.points:g}")
    lines = [result, verdict.message]
    if verdict.likely:
        lines.append(LIKELY + " " + verdict.likely)
    return "\n".join(line.form(language) for line in lines) + "\n"


_CELL = Text(en="cell {name}", ko="{name} 셀")
_CODE_CELL = Text(en="code cell {position}", ko="{position}번째 코드 셀")
_POINTS = Text(en="{name}: {score} of {most} points", ko="{name}: {most}점 만점에 {score}점")
_BONUS = Text(en="{name}: {score} of {most} bonus points", ko="{name}: 보너스 {most}점 중 {score}점")
_STOPPED = Text(
    en="This cell was stopped: {reason} The other cells were run again without it.",
    ko="이 셀은 중단되었습니다. {reason} 나머지 셀은 이 셀을 빼고 다시 실행했습니다.",
)
