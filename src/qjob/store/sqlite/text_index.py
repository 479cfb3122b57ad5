"""The full-text index of names and tags: which SQLite can keep one, and what it is asked. Knows no job."""

import sqlite3
from pathlib import Path
from typing import Any

from qjob.model.errors import StoreUnavailable
from qjob.store.listing import INDEXED


def pattern_of(text: str) -> str:
    """Return a full-text query for what holds the fewest trigrams that cover a text.

    Half the time of a query for the whole text, which looks up all its trigrams and where they stand; what has
    them all, but not the text, is few, and is sorted out by the text itself.
    """
    parts = [text[place : place + INDEXED] for place in range(0, len(text) - INDEXED + 1, INDEXED)]
    if len(text) % INDEXED:
        parts.append(text[-INDEXED:])
    return " AND ".join('"' + part.replace('"', '""') + '"' for part in dict.fromkeys(parts))


def phrase_of(text: str) -> str:
    """Return a full-text query for what holds a text, and nothing else: its trigrams, one behind the other."""
    return '"' + text.replace('"', '""') + '"'


def make_text_index(connection: sqlite3.Connection, queries: Any, path: Path) -> bool:
    """Make the index of a store, in a transaction that writes, where this SQLite can; return whether there is one.

    Raises
    ------
    StoreUnavailable
        The store has one that this SQLite cannot keep.
    """
    exists = bool(queries.has_text_index(connection))
    usable = sqlite3.sqlite_version_info >= (3, 34) and bool(queries.has_fts5(connection))
    if exists and not usable:
        raise StoreUnavailable(
            f"{path} has a text index that this Python's SQLite ({sqlite3.sqlite_version}) cannot keep.",
            remedy="Use a Python whose SQLite is 3.34 or newer and has FTS5, or set QJOB_HOME to a new folder.",
        )
    if usable and not exists:
        queries.make_text_index(connection)
        queries.tune_text_index(connection)
        queries.fill_text_index(connection)
    return usable
