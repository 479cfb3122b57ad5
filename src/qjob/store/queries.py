"""The named queries: those that every database understands, and those in its own words. Knows no table."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

Kind = Literal["sqlite", "postgres"]

_DRIVERS = {"sqlite": "sqlite3", "postgres": "psycopg"}


class _Order(NamedTuple):
    """How the jobs of a page are sorted; of equals, the newest first."""

    key: str
    by: str
    way: str = "DESC"

    def fields(self, kind: Kind) -> dict[str, str]:
        """Return what stands for it in a template."""
        plain = self.key == "number"
        return {
            "key": self.key,
            "way": self.way,
            "place": "" if plain else ", rank, below",
            "behind": "" if plain else f"AND ({self.key}, number) < (:rank, :below)",
            "by_order": _hint(kind, self.by),
        }


# by the values of `qjob.store.listing.Order`; each sorts as its index does
_ORDERS = {
    "newest": _Order("number", "jobs_living"),
    "oldest": _Order("number", "jobs_living", "ASC"),
    "cost": _Order("coalesce(cost, cap)", "jobs_cost"),
    "run_time": _Order("coalesce(ended_at - started_at, -1)", "jobs_run_time"),
    "shots": _Order("shots", "jobs_shots"),
}

_FILTERS = (
    "erased, backend, team, any_team, teams, any_backend, backends, in_group, s1, s2, s3, s4, s5, s6, s7, "
    "tag, any_value, tag_value"
)
# The texts of a JSON array that a query is given.
_EACH = {
    "sqlite": "SELECT value FROM json_each(:{})",
    "postgres": "SELECT jsonb_array_elements_text(CAST(:{} AS jsonb))",
}
# How a text is looked for in names and tags: by the database's index of texts, or by reading the jobs.
_LOOKING = {
    "sqlite": {
        "_text": "number IN (SELECT rowid FROM jobs_text WHERE jobs_text MATCH :text)",
        "_scan": "instr(search, :text) > 0",
    },
    "postgres": {"_text": "search LIKE :text", "_scan": "position(:text IN search) > 0"},
}


@cache  # package data, the same for every store of the process
def load_queries(database: Kind) -> Any:
    """Read the queries of a database from the package."""
    import aiosql

    folder = files("qjob.store") / "sql"
    texts = [
        (folder / f"{name}.sql").read_text("utf-8")
        for name in ("common", "money", "leases", "asking", database)
    ]
    texts += _of_orders((folder / "orders.sql").read_text("utf-8"), database)
    return aiosql.from_str("\n".join(texts), _DRIVERS[database])


def _of_orders(text: str, kind: Kind) -> Iterator[str]:
    """Return the queries that the templates of orders.sql stand for."""
    _, _, text = text.partition("-- by number: ")
    numbered, _, text = text.partition("-- by rank: ")
    ranked, _, text = text.partition("-- sifted: ")
    sifted, _, text = text.partition("-- totals: ")
    totals, _, text = text.partition("-- passes\n")
    passes, _, holds = text.partition("-- and holds a text\n")
    passes = passes.format(**{name: _EACH[kind].format(name) for name in ("teams", "backends")})
    orders = {name: {"order": name, **order.fields(kind)} for name, order in _ORDERS.items()}
    for order in orders.values():
        yield "-- name: " + (numbered if order["key"] == "number" else ranked).format(**order)
    for looking, found in {"": "", **_LOOKING[kind]}.items():
        every = {
            "looking": looking,
            "filters": f"{_FILTERS}, text, low, high" if looking else _FILTERS,
            "passes": passes + holds.format(found=found) if looking else passes,
            "by_lines": _hint(kind, "jobs_lines"),
        }
        yield "-- name: " + totals.format(**every)
        for order in orders.values():
            yield "-- name: " + sifted.format(**order, **every)


def _hint(kind: Kind, index: str) -> str:
    """Return what makes SQLite use an index; PostgreSQL knows how many rows there are, and decides by itself."""
    return f"INDEXED BY {index}" if kind == "sqlite" else ""
