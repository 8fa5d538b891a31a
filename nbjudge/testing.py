"""All that a hidden test imports of the engine.

``value unchanged repeat counted there raises says by_hand``
    how a test calls what a student wrote and looks at what comes back;
``shuffled``
    the order in which it asks, one for each submission;
``CheckFailed Text``
    how it says, in every language of the course, what is wrong.
"""

from nbjudge.border.calls import by_hand, counted, raises, repeat, says, there, unchanged, value
from nbjudge.border.seeds import shuffled
from nbjudge.messages import CheckFailed, Text

__all__ = [
    "CheckFailed",
    "Text",
    "by_hand",
    "counted",
    "raises",
    "repeat",
    "says",
    "shuffled",
    "there",
    "unchanged",
    "value",
]  # fmt: skip
