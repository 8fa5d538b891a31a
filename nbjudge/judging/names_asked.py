"""The names that code asks of its surroundings."""

from __future__ import annotations

import builtins
import symtable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


def names_asked(source: str, known: Container[str] = ()) -> list[str]:
    """The names that a cell needs and neither it nor Python defines, without the known ones.

    Raises:
        SyntaxError: if it is no Python.
    """
    top = symtable.symtable(source, "<cell>", "exec")
    used = {name.get_name() for table in _tables(top) for name in table.get_symbols() if _is_global(name, table)}
    return sorted(name for name in used - _bound(top) if name not in known and not hasattr(builtins, name))


def names_bound(source: str) -> set[str]:
    """The names that a cell defines at its top level; none if it is no Python."""
    try:
        return _bound(symtable.symtable(source, "<cell>", "exec"))
    except (SyntaxError, ValueError):
        return set()


def _bound(top: symtable.SymbolTable) -> set[str]:
    return {name.get_name() for name in top.get_symbols() if name.is_assigned() or name.is_imported()}


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from _tables(inner)


def _is_global(name: symtable.Symbol, table: symtable.SymbolTable) -> bool:
    return name.is_referenced() and (name.is_global() or table.get_type() == "module")
