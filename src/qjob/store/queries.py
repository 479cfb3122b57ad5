"""The named queries: those that every database understands, and those in its own words. Knows no table."""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

_DRIVERS = {"sqlite": "sqlite3", "postgres": "psycopg"}


@cache  # package data, the same for every store of the process
def load_queries(database: Literal["sqlite", "postgres"]) -> Any:
    """Read the queries of a database from the package."""
    import aiosql

    folder = files("qjob.store") / "sql"
    text = "\n".join(
        (folder / f"{name}.sql").read_text("utf-8") for name in ("common", "money", "leases", database)
    )
    return aiosql.from_str(text, _DRIVERS[database])
