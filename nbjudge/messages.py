"""What a student reads: one text in several languages, and the error that carries it out of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FALLBACK_LANGUAGE = "en"


class Text:
    """One sentence in several languages, ``Text(en="an entry", ko="원소 하나")``.

    ``str`` gives the English form. Texts are joined with ``+`` and filled with ``format``, also by other texts.
    """

    def __init__(self, **forms: str) -> None:
        if FALLBACK_LANGUAGE not in forms:
            raise ValueError(f"a Text needs the form {FALLBACK_LANGUAGE!r}, got {sorted(forms)}")
        self.forms: Mapping[str, str] = forms

    def form(self, language: str) -> str:
        """The text in `language`, or in English where that form is missing."""
        return self.forms.get(language, self.forms[FALLBACK_LANGUAGE])

    def format(self, **values: Any) -> Text:
        """Fill the placeholders of every form."""
        return self._each(
            lambda language: self.form(language).format(
                **{name: value.form(language) if isinstance(value, Text) else value for name, value in values.items()}
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
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:most])
