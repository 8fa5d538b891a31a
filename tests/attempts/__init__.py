"""Known answers of students, one module a topic: wrong ones that must lose points, right ones that must keep them."""

from dataclasses import dataclass
from inspect import getsource
from re import MULTILINE, escape
from re import compile as pattern
from textwrap import dedent

_DECORATOR_END = pattern(r"^(def|class) ", MULTILINE)


@dataclass(frozen=True)
class Attempt:
    """One answer to one exercise, as a student would have written it.

    Args:
        function: the name that the exercise asks for.
        loses: the grade ids of exactly those cells that the answer must lose, with the points that are left in each;
            empty for a right answer.
        answer: the function or class itself.
    """

    function: str
    loses: dict[str, float]
    answer: object

    @property
    def name(self):
        """The attempt's own name, which says what the student thought."""
        return self.answer.__name__

    @property
    def is_right(self):
        """Whether the answer must keep all its points."""
        return not self.loses

    @property
    def source(self):
        """The answer as a student would paste it: under the name that the exercise asks for."""
        text = dedent(getsource(self.answer))
        text = text[_DECORATOR_END.search(text).start() :]
        return pattern(rf"\b{escape(self.name)}\b").sub(self.function, text)


def wrong(function, *, loses):
    """Mark an answer that must lose exactly the cells named in `loses`, and no other.

    Where a cell gives part of its points, `loses` is a dict from the grade id to the points that are left.
    """
    if not loses:
        raise ValueError(f"a wrong attempt at {function} must name the cells that it loses")
    return _mark(function, loses if isinstance(loses, dict) else dict.fromkeys(loses, 0.0))


def right(function):
    """Mark an answer that must keep every point."""
    return _mark(function, {})


def attempts_in(module):
    """All attempts of a topic's module, in the order of its text."""
    return [value.attempt for value in vars(module).values() if isinstance(getattr(value, "attempt", None), Attempt)]


def _mark(function, loses):
    def decorate(answer):
        answer.attempt = Attempt(function, loses, answer)
        return answer

    return decorate
