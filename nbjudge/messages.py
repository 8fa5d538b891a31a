"""What a student reads: one text in several languages, and the error that carries it out of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FALLBACK_LANGUAGE = "en"

MOST_SIGNS = 1000
"""Length of a text in one language, whatever stands in it."""

_MOST_QUOTED = 80
_MOST_DIGITS = 20


class Text:
    """One sentence in several languages, ``Text(en="an entry", ko="원소 하나")``.

    ``str`` gives the English form. Texts are joined with ``+`` and filled with ``format``, also by other texts. No form
    is longer than `MOST_SIGNS`, no word or number filled in longer than can be read, and nothing steers a terminal.
    """

    def __init__(self, **forms: str) -> None:
        if FALLBACK_LANGUAGE not in forms:
            raise ValueError(f"a Text needs the form {FALLBACK_LANGUAGE!r}, got {sorted(forms)}")
        self.forms: Mapping[str, str] = {language: presentable(form, MOST_SIGNS) for language, form in forms.items()}

    def form(self, language: str) -> str:
        """The text in `language`, or in English where that form is missing."""
        return self.forms.get(language, self.forms[FALLBACK_LANGUAGE])

    def format(self, **values: Any) -> Text:
        """Fill the placeholders of every form."""
        return self._each(
            lambda language: self.form(language).format(
                **{name: _quoted(value, language) for name, value in values.items()}
            ),
            *(value for value in values.values() if isinstance(value, Text)),
        )

    def __add__(self, other: Text | str) -> Text:
        if isinstance(other, str):
            return self._each(lambda language: self.form(language) + other)
        return self._each(lambda language: self.form(language) + other.form(language), other)

    def _each(self, make: Callable[[str], str], *others: Text) -> Text:
        languages = dict.fromkeys([*self.forms, *(language for other in others for language in other.forms)])
        return Text(**{language: make(language) for language in languages})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.forms == other.forms

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.forms.items())))

    def __str__(self) -> str:
        return self.form(FALLBACK_LANGUAGE)

    def __repr__(self) -> str:
        return f"Text({', '.join(f'{language}={form!r}' for language, form in self.forms.items())})"


class CheckFailed(AssertionError):
    """A check that a student's work did not pass.

    Args:
        message: what was observed: the property, the shapes, the first wrong entry.
        likely: the mistake that would explain it, if one is recognised.
    """

    def __init__(self, message: Text, *, likely: Text | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.likely = likely


def presentable(text: str, most: int = 200) -> str:
    """Foreign words as they may stand in a sentence: short, and nothing that steers a terminal."""
    kept = text if len(text) <= most else text[: most - 1] + "…"
    return kept if kept.isprintable() else "".join(sign if sign.isprintable() else _NO_SIGN for sign in kept)


def _quoted(value: Any, language: str) -> Any:
    """A value as it is filled in: a text in a language, a word or a number cut to what can be read."""
    if isinstance(value, Text):
        return value.form(language)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int):
        return presentable(str(value), _MOST_DIGITS)
    return presentable(value, _MOST_QUOTED) if isinstance(value, str) else value


_NO_SIGN = "\N{REPLACEMENT CHARACTER}"
