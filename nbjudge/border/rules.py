"""The rules of the border that a student's code can break, and what a student reads about each."""

from __future__ import annotations

from nbjudge.messages import CheckFailed, Text

MOST_ENTRIES = 10_000
"""Entries of a student's object that a test may iterate over."""

RULES = {
    "torch": Text(
        en="torch was used: this exercise is done by hand, and torch is not available while your function runs.",
        ko="torch를 사용했습니다. 이 문제는 손으로 풉니다. 함수가 실행되는 동안 torch를 쓸 수 없습니다.",
    ),
    "generator": Text(
        en="your function returned a generator; return a list.",
        ko="함수가 제너레이터를 돌려주었습니다. 리스트를 돌려주십시오.",
    ),
    "size": Text(
        en="your function returned something that cannot be checked: it is far larger or deeper than a right answer.",
        ko="함수가 검사할 수 없는 값을 돌려주었습니다. 올바른 답보다 훨씬 크거나 깊이 중첩되어 있습니다.",
    ),
    "endless": Text(
        en=f"your function returned something with more than {MOST_ENTRIES} entries.",
        ko=f"함수가 돌려준 값의 원소가 {MOST_ENTRIES}개를 넘습니다.",
    ),
    "argument": Text(
        en="your code called a function that it was given with something that is no data: "
        "pass numbers, arrays or tensors, or lists of them.",
        ko="넘겨받은 함수를 데이터가 아닌 인자로 호출했습니다. 수, 배열, 텐서나 그 리스트를 넘기십시오.",
    ),
    "retired": Text(
        en="your code called a function that it was given in an earlier call; it may be used during that call only.",
        ko="앞선 호출에서 넘겨받은 함수를 다시 호출했습니다. 그 함수는 그 호출이 끝날 때까지만 쓸 수 있습니다.",
    ),
}
"""What a student reads about each rule; between the two sides, only the key travels."""


class RuleBroken(CheckFailed):
    """Something was done or returned that no right answer needs.

    Args:
        rule: a key of `RULES`.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(RULES[rule])
        self.rule = rule
