"""Run one test cell and decide its verdict."""

from __future__ import annotations

import ast
import math
import traceback
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nbjudge.border.calls import StudentError, name_of
from nbjudge.border.seeds import ordered, seed_everything
from nbjudge.judging.verdict import Outcome, Verdict
from nbjudge.messages import CheckFailed, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType

    from nbjudge.border.names import CellLine


def run_test(
    source: str,
    namespace: dict[str, Any],
    *,
    name: str,
    points: float,
    seed: str = "",
    missing: Mapping[str, Text] = MappingProxyType({}),
    place_of: Callable[[str], str | None] = lambda _filename: None,
    ended_by: Callable[[BaseException], None] = lambda _error: None,
) -> Verdict:
    """Run a test cell in a namespace and decide its verdict.

    Args:
        source: the whole test cell, hidden region included.
        namespace: the names that the cell sees; it is changed by the cell.
        name: the grade id.
        points: the most that the cell can earn.
        seed: of the order in which the cell asks, with its name.
        missing: what is told of a name that is not there because its cell was stopped.
        place_of: gives the name of the student's cell for the filename of its code, None for all other code. In the
            judge there is no such code: places come with the errors.
        ended_by: receives the error that ended the test, of which a verdict tells no words.

    Returns:
        Full points if the cell ends without an error and without a value, its value if that is a plain finite number
        between 0 and `points`, and 0 otherwise.
    """
    seed_everything(name)
    try:
        with ordered(f"{name} {seed}"):
            value = _run(source, namespace, name)
    except CheckFailed as failure:
        return Verdict(Outcome.FAILED, 0.0, failure.message, failure.likely)
    except BaseException as error:  # noqa: BLE001, nothing that a test meets ends the grading
        ended_by(error)
        return _after_error(error, name, missing, place_of)
    return _from_value(value, points)


def _run(source: str, namespace: dict[str, Any], name: str) -> Any:
    """The value of the last expression of a cell, None if it ends in a statement."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    value = last.value if isinstance(last, ast.Expr) else None
    if value:
        tree.body.pop()
    exec(_compiled(tree, name, "exec"), namespace)  # noqa: S102, running the cell is the purpose
    return eval(_compiled(ast.Expression(value), name, "eval"), namespace) if value else None  # noqa: S307


def _compiled(tree: ast.Module | ast.Expression, name: str, mode: str) -> CodeType:
    return compile(tree, _filename(name), mode)


def _filename(name: str) -> str:
    return f"<test {name}>"


def _from_value(value: Any, points: float) -> Verdict:
    if value is None:
        return Verdict(Outcome.PASSED, float(points), _PASSED)
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= points:
        return Verdict(Outcome.BROKEN_TEST, 0.0, _NO_NUMBER)
    if value == points:
        return Verdict(Outcome.PASSED, float(points), _PASSED)
    return Verdict(Outcome.PARTIAL, float(value), _PARTIAL)


def _after_error(
    error: BaseException, name: str, missing: Mapping[str, Text], place_of: Callable[[str], str | None]
) -> Verdict:
    place = _student_place(error, place_of)
    if place:
        cell, line = place
        message = _UNANSWERED if name_of(error) == "NotImplementedError" else _RAISED
        return Verdict(Outcome.FAILED, 0.0, message.format(error=name_of(error), cell=cell, line=line))
    if isinstance(error, StudentError):
        return Verdict(Outcome.FAILED, 0.0, _RAISED_SOMEWHERE.format(error=name_of(error)))
    if isinstance(error, NameError) and _innermost_filename(error) == _filename(name):
        message = missing.get(error.name or "") or _MISSING_NAME.format(name=error.name)
        return Verdict(Outcome.FAILED, 0.0, message)
    if isinstance(error, AssertionError):
        return Verdict(Outcome.FAILED, 0.0, _VISIBLE_CHECK)
    return Verdict(Outcome.BROKEN_TEST, 0.0, _TEST_RAISED.format(error=type(error).__name__))


def _student_place(error: BaseException, place_of: Callable[[str], str | None]) -> CellLine | None:
    if isinstance(error, StudentError):
        return error.place
    if isinstance(error, SyntaxError) and error.filename and (cell := place_of(error.filename)):
        return cell, error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    places = [(cell, frame.lineno or 1) for frame in frames if (cell := place_of(frame.filename))]
    return places[-1] if places else None


def _innermost_filename(error: BaseException) -> str | None:
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].filename if frames else None


_PASSED = Text(en="passed.", ko="통과했습니다.")
_PARTIAL = Text(en="partly right.", ko="일부가 맞았습니다.")
_RAISED = Text(
    en="your code raised {error} in {cell}, line {line}.",
    ko="{cell} {line}번째 줄에서 {error} 예외가 발생했습니다.",
)
_UNANSWERED = Text(
    en="not answered yet: {cell} still raises NotImplementedError in line {line}.",
    ko="아직 답이 없습니다. {cell} {line}번째 줄에 NotImplementedError가 남아 있습니다.",
)
_RAISED_SOMEWHERE = Text(en="your code raised {error}.", ko="코드에서 {error} 예외가 발생했습니다.")
_MISSING_NAME = Text(
    en="{name} is not defined: run your notebook from top to bottom and see whether its cell ends in an error.",
    ko="{name}: 정의되지 않은 이름입니다. 노트북을 처음부터 실행해 해당 셀이 오류로 끝나는지 확인하십시오.",
)
_VISIBLE_CHECK = Text(
    en="the check that you see in this cell fails; run the cell in your notebook to read why.",
    ko="이 셀에 보이는 검사가 실패했습니다. 노트북에서 셀을 실행하면 이유를 볼 수 있습니다.",
)
_NO_NUMBER = Text(
    en="the test itself is broken: its value is not a number of points. Please tell your instructor.",
    ko="테스트 자체가 잘못되었습니다. 값이 점수가 아닙니다. 강사에게 알려 주십시오.",
)
_TEST_RAISED = Text(
    en="the test could not be completed on what your function returned ({error}).",
    ko="함수가 돌려준 값으로는 테스트를 끝낼 수 없습니다({error}).",
)
