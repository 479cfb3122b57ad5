"""The versions of the store's schema in SQLite, and how an older store becomes a newer one.

A store names its version in SQLite's ``user_version`` and its kind in ``application_id``. ``schema.sql`` makes the
newest version from nothing; ``steps/`` has, for each version after the first, a script ``NNNN.sql`` that makes
version NNNN from the one before.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qjob.model.team import seal

VERSION = 7
"""The version that ``schema.sql`` makes."""

APPLICATION_ID = 0x716A6F62
"""``qjob`` in ASCII: marks a SQLite file as a store."""


@dataclass(frozen=True, slots=True)
class Schema:
    """How to make a store of a version.

    Parameters
    ----------
    version
        The version that both ways lead to.
    script
        Makes it from nothing.
    steps
        Version to the script that makes it from the version before; from 2 to ``version`` without gaps.
    """

    version: int
    script: str
    steps: Mapping[int, str]

    def __post_init__(self) -> None:
        if list(self.steps) != list(range(2, self.version + 1)):
            raise ValueError(f"the steps {list(self.steps)} do not lead from version 1 to {self.version}")

    def apply(self, connection: sqlite3.Connection, version: int) -> None:
        """Bring a store of a version, 0 for an empty file, to this one; inside the caller's transaction."""
        connection.create_function("seal", -1, seal, deterministic=True)  # which a step fills rows with
        scripts = (
            [self.script] if version == 0 else [self.steps[v] for v in range(version + 1, self.version + 1)]
        )
        for script in scripts:
            for statement in _statements(script):
                connection.execute(statement)
        # pragmas take no parameters; both values are integers of ours
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
        connection.execute(f"PRAGMA user_version = {self.version:d}")


def _statements(script: str) -> Iterator[str]:
    """Split a script where a statement ends a line; ``executescript`` would commit the caller's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@cache  # package data, the same for every store of the process
def load_schema() -> Schema:
    """Read the schema and its steps from the package."""
    folder = files("qjob.store.sqlite")
    steps = folder / "steps"
    found = (
        sorted(step.name for step in steps.iterdir() if step.name.endswith(".sql")) if steps.is_dir() else []
    )
    return Schema(
        VERSION,
        (folder / "schema.sql").read_text("utf-8"),
        {int(name.removesuffix(".sql")): (steps / name).read_text("utf-8") for name in found},
    )
