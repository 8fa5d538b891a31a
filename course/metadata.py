"""The metadata of a cell that this course knows; everything else is an editor's, and is dropped."""

KEYS = {
    "nbgrader": "what nbgrader knows of a graded cell; short headers write it",
    "key": "name of a plain cell; both languages of a text have the same",
    "lang": "`ko` or `en`: the language of a text, which only the release of that language holds",
    "checked": "in the Korean text, the hash of the English one that it was read against, by `course translated`",
    "covers": "items of `course/coverage.py` that an answer or a question teaches",
    "bonus": "points beside the total; short headers write it",
    "tags": "`erratum` lets a text name words that the course corrects",
}
"""What each key says, by its name."""


def as_table() -> str:
    """The table of docs/authoring.md."""
    return "\n".join(["| key | what it says |", "|---|---|", *(f"| `{key}` | {says} |" for key, says in KEYS.items())])
