"""An empty database becomes a store, and an older store a newer one: all or nothing, and once."""

import re
import sqlite3
import threading
from importlib.resources import files
from pathlib import Path

import pytest

from qjob.model.errors import StoreError
from qjob.store.postgres.database import Database
from qjob.store.postgres.schema import FIRST, VERSION, Schema, load_schema
from qjob.store.queries import load_queries
from qjob.store.sqlite.schema import VERSION as SQLITES
from qjob.store.store import Store

NOW = load_schema()
VERSIONS = Path(__file__).parent / "versions"
LATER = Schema(
    VERSION + 2,
    NOW.script,
    {
        **NOW.steps,
        VERSION
        + 1: "ALTER TABLE jobs ADD COLUMN note TEXT NOT NULL DEFAULT 'none; so far'; CREATE TABLE notes ();",
        VERSION + 2: "UPDATE jobs SET note = 'third'",
    },
)
BROKEN = Schema(
    VERSION + 1,
    NOW.script,
    {**NOW.steps, VERSION + 1: "CREATE TABLE notes (); INSERT INTO nowhere VALUES (1)"},
)


@pytest.fixture
def opened(places):
    """Open the database of a path that no test has used, to a schema; in the end all of these are dropped."""
    databases = []

    def run(path, schema=None):
        database = Database(places.argument(path, new=True), load_queries("postgres"))
        databases.append(database)
        database.open(schema)
        return database

    yield run
    for database in databases:
        database.close()
    places.drop(places.made.values())
    places.made.clear()


def rows(database, statement):
    with database.read() as connection:
        return connection.execute(statement).fetchall()


def test_a_new_store_names_its_version(opened):
    database = opened("new")
    assert rows(database, "SELECT version FROM qjob") == [(VERSION,)]
    assert database.has_text_index


def test_an_older_store_is_brought_up_step_by_step(opened):
    database = opened("older")
    with database.write() as connection:
        connection.execute("INSERT INTO programs VALUES ('d', 'qasm3', '')")
        connection.execute(
            "INSERT INTO jobs (number, id, username, backend, program, num_qubits, shots, seed, options, mode, "
            "tags, status, created_at, search) "
            "VALUES (1, 'i', 'ada', 'b', 'd', 1, 1, 1, '{}', 'direct', '{}', 'QUEUED', 0, '')"
        )
    newer = opened("older", LATER)
    assert rows(newer, "SELECT note FROM jobs") == [("third",)]
    assert rows(newer, "SELECT version FROM qjob") == [(VERSION + 2,)]


SHAPE = """
    SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
    FROM information_schema.columns WHERE table_schema = current_schema()
"""
TRIGGERS = """
    SELECT event_object_table, trigger_name, event_manipulation, action_timing, action_condition
    FROM information_schema.triggers WHERE trigger_schema = current_schema()
"""


@pytest.mark.parametrize("version", range(FIRST, VERSION))
def test_a_store_of_every_older_version_becomes_what_a_new_one_is(opened, version):
    script = (VERSIONS / f"{version:04d}.sql").read_text("utf-8")
    steps = {number: step for number, step in NOW.steps.items() if number <= version}
    old = opened("old", Schema(version, script, steps))
    assert rows(old, "SELECT version FROM qjob") == [(version,)]
    old.close()
    old, new = opened("old"), opened("new")
    assert set(rows(old, SHAPE)) == set(rows(new, SHAPE))
    assert set(rows(old, TRIGGERS)) == set(rows(new, TRIGGERS))


def test_a_step_that_fails_leaves_the_store_as_it_was(opened):
    database = opened("broken")
    with pytest.raises(StoreError, match="nowhere"):
        opened("broken", BROKEN)
    assert rows(database, "SELECT version FROM qjob") == [(VERSION,)]
    assert rows(database, "SELECT to_regclass('notes')") == [(None,)]


def test_of_many_that_open_at_once_one_makes_the_tables(opened, places):
    places.argument("many", new=True)
    gate, failed = threading.Barrier(5), []

    def start():
        gate.wait()
        try:
            opened("many", LATER)
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.parametrize("steps", [{FIRST: ""}, {FIRST + 1: ""}, {FIRST + 2: "", FIRST + 3: ""}])
def test_steps_with_gaps_are_refused(steps):
    with pytest.raises(ValueError, match="do not lead"):
        Schema(FIRST + 3, "", steps)


def test_one_code_reads_both_databases():
    assert VERSION == SQLITES
    assert list(NOW.steps) == list(range(FIRST + 1, VERSION + 1))


def test_both_databases_have_the_same_tables_and_columns(world, tmp_path):
    Store.open(tmp_path / "q.sqlite", clock=world.clock).close()
    file = sqlite3.connect(tmp_path / "q.sqlite")
    theirs = {
        name: {row[1] for row in file.execute(f"PRAGMA table_info({name})")}
        for (name,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'jobs_text%'"
        )
    }
    file.close()
    with world.raw as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ).fetchall()
    ours = {name: {column for table, column in found if table == name} for name, _ in found if name != "qjob"}
    assert ours == theirs


def test_the_common_queries_have_no_percent_sign_and_no_word_of_postgresql_alone():
    for name in ("common.sql", "money.sql", "leases.sql"):
        text = (files("qjob.store") / "sql" / name).read_text("utf-8")
        code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        assert re.findall(r"(?i)%|::|\bilike\b|for (no key )?update|returning|\bany\(|now\(\)", code) == []


def test_both_databases_answer_the_same_queries():
    own = {
        name: set((files("qjob.store") / "sql" / f"{name}.sql").read_text("utf-8").splitlines())
        for name in ("sqlite", "postgres")
    }
    common = {line for line in own["sqlite"] & own["postgres"] if line.startswith("-- name: ")}
    asked = {"data_version", "team_to_change", "page_of_text", "page_of_scan", "page_of_prefix", "unfinished"}
    asked |= {"add_movement", "audit_numbers", "has_text_index", "count_tables", "claimable", "set_leases"}
    asked |= {"team_within_to_change", "places", "complete_jobs", "not_ended"}
    assert {line.removeprefix("-- name: ").partition("(")[0] for line in common} == asked
