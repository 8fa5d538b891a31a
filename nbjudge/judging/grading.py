"""Grade one submission: the pure function at the heart, which knows no gradebook."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import nbformat
from nbformat import v4

from nbjudge.border.channel import ChannelClosed
from nbjudge.judging.graded import Graded
from nbjudge.judging.judge import JudgeProcess, TestResult
from nbjudge.judging.machine import Moment
from nbjudge.judging.names_asked import names_asked, names_bound
from nbjudge.judging.verdict import LIKELY, stopped, why_stopped
from nbjudge.messages import Text
from nbjudge.reasons import Doubt, Reason
from nbjudge.sandbox.session import Cell, Stop
from nbjudge.submission.blueprint import grade_id
from nbjudge.submission.harmless import Code, Prose
from nbjudge.submission.outputs import Allowance, Outputs, execution_number
from nbjudge.submission.rebuild import rebuild

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbformat import NotebookNode

    from nbjudge.judging.verdict import Verdict
    from nbjudge.limits import Bound, Limits, Span
    from nbjudge.sandbox.outside import Sandbox
    from nbjudge.sandbox.session import Company, Session
    from nbjudge.submission.blueprint import Blueprint, BlueprintCell

_MOST_ATTEMPTS = 12
"""How often the cells are run at most, also if tests end the process in which they ran."""

_PATIENCE, _IMPATIENT = 2, 0.1
"""After so many times that a function ran out of time, its further tests get this part of theirs."""

_MUCH = 0.5
"""Of a limit of processor time: who used so much of it did not wait for the machine."""


def grade(
    submission: NotebookNode,
    blueprint: Blueprint,
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
        blueprint: the course's own cells.
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
    rebuilt = rebuild(submission, blueprint)
    graded = Graded(oddities=rebuilt.oddities, unanswered=_unanswered(rebuilt.notebook, blueprint))
    session = sandbox.open(limits, files)
    try:
        run = _Run(rebuilt.notebook, graded, blueprint, session, limits=limits, language=language)
        try:
            run.cells()
            run.tests(folder, seed)
        except ChannelClosed:  # the supervisor was ended, by the machine or by the submission
            run.lost()
        graded.cpu, graded.memory = session.use.cpu, session.use.memory
        graded.limits = limits.as_record()
    finally:
        session.close()
    show(rebuilt.notebook, blueprint, graded.verdicts, prose=Prose(files, language), language=language)
    graded.text = nbformat.writes(rebuilt.notebook)
    return graded


@dataclass(frozen=True)
class _Place:
    """Where tests stand in a notebook, with no code between them.

    Args:
        number: its own.
        tests: these tests, those that must meet no other's state first.
    """

    number: int
    tests: list[BlueprintCell]


class _Run:
    """The run of one submission in its session."""

    def __init__(
        self,
        notebook: NotebookNode,
        graded: Graded,
        blueprint: Blueprint,
        session: Session,
        *,
        limits: Limits,
        language: str,
    ) -> None:
        self._graded = graded
        self._blueprint = blueprint
        self._limits = limits
        self._session = session
        self._language = language
        tests = {cell.grade_id: cell for cell in blueprint.tests}
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        own = [cell for cell in code if grade_id(cell) not in tests]
        self._names = {cell.id: _name(cell, position, language) for position, cell in enumerate(own, start=1)}
        self._steps = _steps(code, tests)
        self._courses_own = {cell.source for cell in blueprint.released.cells}
        self._missing: dict[str, Text] = {}
        self._overtime: Counter[str] = Counter()
        self._stop: Stop | None = None
        self._attempts_left = _MOST_ATTEMPTS
        self._began = Moment.now()

    def lost(self) -> None:
        """Tell that nothing more will come of this session: all tests that were not judged are lost."""
        self._graded.stops["the notebook"] = Reason.CRASH
        if not self._session.has_failed:  # one that fails by itself may have been brought to that by the submission
            self._graded.doubts.append("the sandbox ended")
        for test in self._blueprint.tests:
            self._graded.verdicts.setdefault(test.grade_id, stopped(Reason.CRASH))

    def cells(self) -> None:
        """Run all cells; one that ends the process is marked, and the others run again without it."""
        while self._attempts_left:
            steps, began = self._steps_left(), Moment.now()
            self._stop = self._attempt(steps)
            cells = _cells(steps)
            if self._stop is None or not cells:
                return
            cell, reason = cells[self._stop.position], self._stop.reason
            self._steps.remove(cell)
            outputs = Outputs(self._limits, self._language, Allowance.of_notebook(self._limits))
            outputs.note(_STOPPED.format(reason=self._why_stopped(cell, reason)))
            cell.outputs += outputs.finished()
            self._stopped(cell, reason, began, self._session.use.latest)
            if reason.is_total:
                return

    def _why_stopped(self, cell: NotebookNode, reason: Reason) -> Text:
        return why_stopped(reason, self._limits.cell_bound(reason, cell.source))

    def _stopped(self, cell: NotebookNode, reason: Reason, began: Moment, used: float) -> None:
        """Note why a cell was stopped; no test has asked anything yet, so another run gives nobody a second guess."""
        name = self._names[cell.id]
        if name in self._graded.stops:
            return  # what came after it was interrupted is not what stopped it
        self._graded.stops[name] = reason
        self._note_bound(name, self._limits.cell_bound(reason, cell.source))
        if reason is Reason.CRASH or self._is_by_machine(reason, began, used, self._limits.of_cell(cell.source)):
            self._graded.doubts.append(f"{name}: {reason}")
        for bound in names_bound(cell.source):
            self._missing[bound] = _MISSING.format(name=bound, cell=name, reason=self._why_stopped(cell, reason))

    def _note_bound(self, name: str, bound: Bound | None) -> None:
        """Note the value of a limit and how it came about, for the TA."""
        if bound:
            self._graded.bounds[name] = f"{bound.most:.3g}: {bound.origin}"

    def tests(self, folder: Path, seed: str) -> None:
        """Judge every test in a fork of the process as it was where the test stands."""
        lines = {self._names[cell.id]: cell.source.count("\n") + 1 for cell in _cells(self._steps).values()}
        judge = JudgeProcess(self._blueprint, folder, self._limits, lines=lines, missing=self._missing, seed=seed)
        try:
            for place in self._places():
                waiting = place.tests
                while waiting:
                    waiting = self._company(judge, place, waiting)
        finally:
            judge.close()

    def _company(self, judge: JudgeProcess, place: _Place, tests: list[BlueprintCell]) -> list[BlueprintCell]:
        """Judge tests in one fork, as long as they pass; those that are left.

        The verdict of the first one counts whatever it is. The others meet what those before them left, so that of them
        only passing counts.
        """
        if (reason := self._why_lost(place)) is not None:
            for test in tests:
                bound = self._limits.test_bound(reason, test.grade_id, self._span(test))
                self._note(test, TestResult(stopped(reason, bound), reason=reason))
            return []
        first, *others = tests
        began, span = Moment.now(), self._span(first)
        with self._session.company(place.number) as company:
            if company is None:
                return tests
            judged = judge.test(company, first.grade_id, span)
            self._note(first, judged)
            has_others = judged.has_passed and bool(others) and not others[0].is_alone
            left = self._others(judge, company, others) if has_others else others
        used = self._session.use.latest
        if not has_others:
            self._graded.seconds[first.grade_id] = round(used, 3)
        if judged.reason and self._is_by_machine(judged.reason, began, used, span):
            self._graded.doubts.append(f"{first.grade_id}: {judged.reason}")
        return left

    def _others(self, judge: JudgeProcess, company: Company, tests: list[BlueprintCell]) -> list[BlueprintCell]:
        """Judge tests that meet what others left, as long as they pass; those that are left."""
        for position, test in enumerate(tests):
            if test.is_alone:
                return tests[position:]
            judged = judge.test(company, test.grade_id, self._span(test))
            if not judged.has_passed:
                return tests[position:]
            self._note(test, judged)
        return []

    def _why_lost(self, place: _Place) -> Reason | None:
        """The reason for which no test of a place can be judged any more, if there is one."""
        if self._stop is not None and self._stop.reason.is_total:
            return self._stop.reason
        if self._session.has_snapshot(place.number):
            return None
        if self._stop is None and self._attempts_left:
            self._stop = self._again()  # a test ended the snapshot itself, and not only its fork
            if self._session.has_snapshot(place.number):
                return None
        if self._stop is not None:
            return self._stop.reason
        return Reason.PROCESSES if place.number in self._session.crowded else Reason.CRASH

    def _span(self, test: BlueprintCell) -> Span:
        """How long a test may take; what ran out of time twice is not waited for much longer."""
        span = self._limits.of_test(test.grade_id)
        if any(self._overtime[name] >= _PATIENCE for name in names_asked(test.source)):
            return span.times(_IMPATIENT)
        return span

    def _note(self, test: BlueprintCell, judged: TestResult) -> None:
        self._graded.verdicts[test.grade_id] = judged.verdict
        remarks = {"limit": judged.reason, "printed": judged.printed}
        if any(remarks.values()):
            self._graded.remarks[test.grade_id] = {name: text for name, text in remarks.items() if text}
        if judged.reason:
            self._note_bound(test.grade_id, self._limits.test_bound(judged.reason, test.grade_id, self._span(test)))
        if judged.reason and judged.reason.is_overtime:
            self._overtime.update(names_asked(test.source))
        if judged.reason and judged.reason.is_total:
            self._stop = Stop(0, judged.reason)

    def _is_by_machine(self, reason: Reason, began: Moment, used: float, span: Span) -> bool:
        """Whether the machine ended a cell or test; what a submission can do by itself would be a second guess.

        Args:
            reason: why it was stopped.
            began: when it began.
            used: processor seconds that it used.
            span: what it was allowed.
        """
        now = Moment.now()
        match reason.doubt:
            case Doubt.IF_BUSY if reason.is_total:
                return self._session.use.cpu < _MUCH * self._limits.total_cpu and now.was_busy(self._began)
            case Doubt.IF_BUSY:
                return used < _MUCH * span.cpu and now.was_busy(began)
            case Doubt.IF_SHORT_OF_MEMORY:
                return now.was_short_of_memory(began)
        return reason.doubt is Doubt.ALWAYS

    def _places(self) -> list[_Place]:
        return [step for step in self._steps if isinstance(step, _Place)]

    def _steps_left(self) -> list[NotebookNode | _Place]:
        """The cells, and the places without a snapshot whose tests were not judged."""
        return [step for step in self._steps if not isinstance(step, _Place) or self._lacks_snapshot(step)]

    def _lacks_snapshot(self, place: _Place) -> bool:
        is_judged = all(test.grade_id in self._graded.verdicts for test in place.tests)
        return not is_judged and not self._session.has_snapshot(place.number)

    def _attempt(self, steps: list[NotebookNode | _Place]) -> Stop | None:
        cells = _cells(steps)
        collected: dict[int, Outputs] = {}
        room = Allowance.of_notebook(self._limits)
        current, began = Outputs(self._limits, self._language, room), Moment.now()

        def started(position: int) -> None:
            nonlocal began, current
            began = Moment.now()
            current = collected[position] = Outputs(self._limits, self._language, room)

        def ended(position: int, number: object) -> None:
            cells[position].execution_count = execution_number(number)

        def interrupted(position: int, reason: Reason, used: float) -> None:
            self._interrupted(cells[position], reason, began, used)
            current.note(_INTERRUPTED.format(reason=self._why_stopped(cells[position], reason)))

        shows = lambda event: current.add(event)  # noqa: E731, PLW0108, it changes
        stop = self._run(steps, started=started, shows=shows, ended=ended, interrupted=interrupted)
        for position, outputs in collected.items():
            cells[position].outputs = outputs.finished()
        return stop

    def _interrupted(self, cell: NotebookNode, reason: Reason, began: Moment, used: float) -> None:
        """Note that a cell took too long. What the course's own cells call, and no other's, counts as out of time."""
        self._stopped(cell, reason, began, used)
        if cell.source in self._courses_own:
            self._overtime.update(names_asked(cell.source))

    def _again(self) -> Stop | None:
        """Run the cells for the tests that are left; what they show now may tell what tests have asked."""
        steps = self._steps_left()
        return self._run(steps, started=_ignored, shows=_ignored, ended=_ignored, interrupted=_ignored)

    def _run(self, steps: list[NotebookNode | _Place], **learn: Callable[..., None]) -> Stop | None:
        self._attempts_left -= 1
        return self._session.run(
            [step.number if isinstance(step, _Place) else Cell(self._names[step.id], step.source) for step in steps],
            **learn,
        )


def _steps(code: list[NotebookNode], tests: dict[str, BlueprintCell]) -> list[NotebookNode | _Place]:
    """What happens in a notebook from top to bottom: cells run, and at places tests stand."""
    steps: list[NotebookNode | _Place] = []
    for cell in code:
        name = grade_id(cell)
        if name in tests:
            place = steps[-1] if steps else None
            if not isinstance(place, _Place):
                place = _Place(len(steps), [])
                steps.append(place)
            place.tests.append(tests[name])
        elif cell.source.strip():
            steps.append(cell)
    for step in steps:
        if isinstance(step, _Place):
            step.tests.sort(key=lambda test: not test.is_alone)
    return steps


def _cells(steps: list[NotebookNode | _Place]) -> dict[int, NotebookNode]:
    """The cells among some steps, by position."""
    return {position: step for position, step in enumerate(steps) if not isinstance(step, _Place)}


def _ignored(*_: object) -> None:
    """What nobody shall see."""


def show(
    notebook: NotebookNode,
    blueprint: Blueprint,
    verdicts: dict[str, Verdict],
    *,
    prose: Prose,
    language: str,
) -> None:
    """Write the verdict of each test below its visible source, and make harmless what the student wrote."""
    ours = {(cell.cell_type, cell.source) for cell in blueprint.released.cells}
    code = Code(language)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in verdicts:
            verdict = verdicts[name]
            text = _verdict_text(verdict, blueprint.cells[name], language)
            cell.outputs = [v4.new_output("stream", name="stdout", text=text)]
            cell.metadata["nbjudge"] = {
                "outcome": verdict.outcome.value,
                "message": verdict.message.form(language),
                "likely": verdict.likely.form(language) if verdict.likely else "",
            }
            cell.execution_count = None
        elif (cell.cell_type, cell.source) not in ours and not (
            name in blueprint.cells and blueprint.cells[name].locked
        ):
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


def _unanswered(notebook: NotebookNode, blueprint: Blueprint) -> list[str]:
    found = {grade_id(cell): cell.source for cell in notebook.cells}
    return [name for name, cell in blueprint.cells.items() if cell.solution and found[name] == cell.source]


def _name(cell: NotebookNode, position: int, language: str) -> str:
    """What a student would call a cell that is executed."""
    name = grade_id(cell)
    return (_CELL.format(name=name) if name else _CODE_CELL.format(position=position)).form(language)


def _verdict_text(verdict: Verdict, cell: BlueprintCell, language: str) -> str:
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
_INTERRUPTED = Text(
    en="This cell was interrupted: {reason} What it had defined by then stays.",
    ko="이 셀의 실행을 끊었습니다. {reason} 그때까지 정의한 것은 그대로 남아 있습니다.",
)
_MISSING = Text(
    en="{name} is not defined, because {cell} was stopped: {reason}",
    ko="{cell} 실행이 중단되어 {name}: 정의되지 않은 이름입니다. {reason}",
)
