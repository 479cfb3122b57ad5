"""An older store becomes a newer one, all or nothing; here, one of a version that does not exist yet."""

import re
import sqlite3
import threading
from importlib.resources import files

import pytest

from qjob.model.errors import StoreError, StoreTooNew
from qjob.store.schema import APPLICATION_ID, VERSION, Schema, load_schema
from qjob.store.store import Store

FIRST = load_schema()
NOTES = """
-- a column and a table, each with semicolons where a careless splitter would stop; like here
ALTER TABLE jobs ADD COLUMN note TEXT NOT NULL DEFAULT 'none; so far';
CREATE TABLE notes (job INTEGER NOT NULL);
CREATE TRIGGER notes_stay BEFORE DELETE ON notes
BEGIN
    SELECT RAISE(ABORT, 'kept;');
END;
"""
THIRD = Schema(3, FIRST.script + NOTES, {2: NOTES, 3: "UPDATE jobs SET note = 'third';"})
BROKEN = Schema(
    3, FIRST.script, {2: NOTES, 3: "UPDATE jobs SET note = 'x';\nINSERT INTO nowhere VALUES (1);"}
)


def marks(path):
    connection = sqlite3.connect(path)
    try:
        return tuple(
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "journal_mode")
        )
    finally:
        connection.close()


def notes(store):
    with store._db.read() as connection:
        return [row[0] for row in connection.execute("SELECT note FROM jobs")]


def test_a_new_store_carries_its_marks(world):
    assert marks(world.path) == (APPLICATION_ID, VERSION, "wal")


def test_an_older_store_is_brought_up_step_by_step_and_keeps_its_jobs(world):
    job = world.store.job(world.job())
    world.store.close()
    newer = Store.open(world.path, clock=world.clock, schema=THIRD)
    assert newer.jobs() == [job]
    assert notes(newer) == ["third"]
    with newer._db.write() as connection:
        connection.execute("INSERT INTO notes VALUES (1)")
    with pytest.raises(StoreError, match="kept;"), newer._db.write() as connection:
        connection.execute("DELETE FROM notes")
    newer.close()
    assert marks(world.path)[1] == 3


def test_steps_start_where_the_store_stands(world):
    world.job()
    world.store.close()
    second = Schema(2, FIRST.script + NOTES, {2: NOTES})
    Store.open(world.path, clock=world.clock, schema=second).close()
    newer = Store.open(world.path, clock=world.clock, schema=THIRD)
    assert notes(newer) == ["third"]
    newer.close()


def test_a_step_that_fails_leaves_the_store_as_it_was(world):
    job = world.store.job(world.job())
    world.store.close()
    with pytest.raises(StoreError, match="nowhere"):
        Store.open(world.path, clock=world.clock, schema=BROKEN)
    assert marks(world.path)[1] == 1
    again = Store.open(world.path, clock=world.clock)
    assert again.jobs() == [job]
    with pytest.raises(StoreError, match="no such column"):
        notes(again)
    again.close()


def test_older_code_refuses_a_newer_store_and_names_both_versions(world):
    world.store.close()
    Store.open(world.path, clock=world.clock, schema=THIRD).close()
    with pytest.raises(StoreTooNew, match="version 3; this qjob knows versions up to 1") as caught:
        Store.open(world.path, clock=world.clock)
    assert caught.value.numbers == {"version": 3, "newest": 1}
    assert "pip install --upgrade qjob" in caught.value.remedy


@pytest.mark.parametrize("exists", [False, True], ids=["a new store", "an older store"])
def test_of_many_that_open_at_once_one_migrates(tmp_path, new_world, exists):
    path = tmp_path / "home" / "q.sqlite"
    if exists:
        new_world(path).store.close()
    gate, opened, failed = threading.Barrier(6), [], []

    def start():
        gate.wait()
        try:
            opened.append(Store.open(path, clock=lambda: None, schema=THIRD))
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in opened:
        store.close()
    assert failed == []
    assert marks(path)[1] == 3


@pytest.mark.parametrize("steps", [{}, {2: ""}, {3: ""}, {2: "", 3: "", 4: ""}])
def test_steps_with_gaps_are_refused(steps):
    with pytest.raises(ValueError, match="do not lead"):
        Schema(3, "", steps)


def test_the_package_holds_a_step_for_each_version():
    assert FIRST.version == VERSION
    assert list(FIRST.steps) == list(range(2, VERSION + 1))


def test_the_common_queries_are_free_of_what_only_sqlite_understands():
    text = (files("qjob.store") / "sql" / "common.sql").read_text("utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert re.findall(r"(?i)pragma|\browid\b|instr\(|glob|match|insert or|autoincrement|json_|%", code) == []
