"""The versions of the store's schema in PostgreSQL, and how an older store becomes a newer one.

A store names its version in the only row of the table ``qjob``. ``schema.sql`` makes the newest version from nothing;
``steps/`` has, for each version after the first one in PostgreSQL, a script ``NNNN.sql`` that makes version NNNN from
the one before. Versions are numbered as those of SQLite, since one code reads and writes both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from psycopg import Connection

FIRST = 3
"""The first version that there was in PostgreSQL."""

VERSION = 7
"""The version that ``schema.sql`` makes."""


@dataclass(frozen=True, slots=True)
class Schema:
    """How to make a store of a version.

    Parameters
    ----------
    version
        The version that both ways lead to.
    script
        Makes it from nothing, all but the table that says so.
    steps
        Version to the script that makes it from the version before; from `FIRST` + 1 to ``version`` without gaps.
    """

    version: int
    script: str
    steps: Mapping[int, str]

    def __post_init__(self) -> None:
        if list(self.steps) != list(range(FIRST + 1, self.version + 1)):
            raise ValueError(
                f"the steps {list(self.steps)} do not lead from version {FIRST} to {self.version}"
            )

    def apply(self, connection: Connection, version: int) -> None:
        """Bring a store of a version, 0 for an empty database, to this one; inside the caller's transaction."""
        if version == 0:
            connection.execute(self.script.encode())
            connection.execute("CREATE TABLE qjob (version INTEGER NOT NULL)")
            connection.execute("INSERT INTO qjob VALUES (%s)", [self.version])
            return
        for step in range(version + 1, self.version + 1):
            connection.execute(self.steps[step].encode())
        connection.execute("UPDATE qjob SET version = %s", [self.version])


@cache  # package data, the same for every store of the process
def load_schema() -> Schema:
    """Read the schema and its steps from the package."""
    folder = files("qjob.store.postgres")
    steps = folder / "steps"
    found = (
        sorted(step.name for step in steps.iterdir() if step.name.endswith(".sql")) if steps.is_dir() else []
    )
    return Schema(
        VERSION,
        (folder / "schema.sql").read_text("utf-8"),
        {int(name.removesuffix(".sql")): (steps / name).read_text("utf-8") for name in found},
    )
