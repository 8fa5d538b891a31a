"""Hostile submissions of the toy course, a module for each kind of attack."""

from tests.nbjudge.hostile import (
    companions,
    ends,
    hooks,
    lookalikes,
    metadata,
    patched,
    protocol,
    searches,
    shown,
    system,
)
from tests.nbjudge.hostile.submission import Hostile

__all__ = ["FAMILIES", "Hostile"]

FAMILIES = [
    {attack.name: attack for attack in family}
    for family in (
        patched.PATCHED,
        lookalikes.LOOKALIKES,
        protocol.PROTOCOL,
        searches.SEARCHES,
        metadata.METADATA,
        hooks.HOOKS,
        ends.ENDS,
        system.SYSTEM,
        shown.SHOWN,
        companions.COMPANIONS,
    )
]
