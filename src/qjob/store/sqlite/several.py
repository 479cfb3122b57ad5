"""Adding many rows by few statements: quicker than by as many, and each one lets go of Python's lock but once."""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

SIZES = (30, 10, 3, 1)
"""Rows of one statement; with the 33 values of a job that is as many as the oldest SQLite takes, 999."""

_FORM = re.compile(r"\s*(INSERT INTO \w+) \(([^)]*)\) VALUES \(([^)]*)\)(.*)", re.DOTALL)


@cache  # a few texts, the same for every store of the process
def _parts(statement: str) -> tuple[str, dict[str, str], str]:
    """Return what stands before a statement's columns, these by the names of their values, and what follows."""
    found = _FORM.match(statement)
    if found is None:
        raise ValueError(f"rows are not added by {statement!r}")
    columns, names = ([part.strip() for part in found[group].split(",")] for group in (2, 3))
    values = [name.removeprefix(":") for name in names]
    return found[1], dict(zip(values, columns, strict=True)), found[4]


@cache  # as few, times the sizes
def _adding(statement: str, names: tuple[str, ...], rows: int) -> str:
    """Return a statement that adds so many rows of these values where the given one adds one of all."""
    head, columns, tail = _parts(statement)
    one = f"({', '.join('?' * len(names))})"
    into = ", ".join([columns[name] for name in names])
    return f"{head} ({into}) VALUES {', '.join([one] * rows)}{tail}"


def add(connection: sqlite3.Connection, statement: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add rows, and return how many were added.

    Parameters
    ----------
    statement
        Adds one row: ``INSERT INTO table (columns) VALUES (:parameters)``. A column in which all rows have None is
        left out, so what may be None must have no other default: to hand a value over takes longer than to store it.
    """
    _, columns, _ = _parts(statement)
    names = _given(columns, rows)
    added = at = 0
    for size in SIZES:
        while len(rows) - at >= size:
            values = [row[name] for row in rows[at : at + size] for name in names]
            added += connection.execute(_adding(statement, names, size), values).rowcount
            at += size
    return added


def _given(names: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return those of some names that have a value in any row."""
    lacking = [name for row in rows[:1] for name in names if row[name] is None]
    never = {name for name in lacking if not any(row[name] is not None for row in rows)}
    return tuple([name for name in names if name not in never])
