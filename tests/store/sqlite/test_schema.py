"""An older store becomes a newer one, all or nothing: from every version there was, and to some that are not yet."""

import re
import sqlite3
import threading
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest

from qjob.model.errors import StoreError, StoreTooNew
from qjob.store.listing import JobFilter
from qjob.store.sqlite.schema import APPLICATION_ID, VERSION, Schema, load_schema
from qjob.store.store import Store
from qjob.treasury import Treasury

NOW = load_schema()
NEXT, AFTER = VERSION + 1, VERSION + 2
NOTES = """
-- a column and a table, each with semicolons where a careless splitter would stop; like here
ALTER TABLE jobs ADD COLUMN note TEXT NOT NULL DEFAULT 'none; so far';
CREATE TABLE notes (job INTEGER NOT NULL);
CREATE TRIGGER notes_stay BEFORE DELETE ON notes
BEGIN
    SELECT RAISE(ABORT, 'kept;');
END;
"""
LATER = Schema(
    AFTER, NOW.script + NOTES, {**NOW.steps, NEXT: NOTES, AFTER: "UPDATE jobs SET note = 'third';"}
)
BROKEN = Schema(
    AFTER,
    NOW.script,
    {**NOW.steps, NEXT: NOTES, AFTER: "UPDATE jobs SET note = 'x';\nINSERT INTO nowhere VALUES (1);"},
)
VERSIONS = Path(__file__).parent / "versions"


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
    newer = Store.open(world.path, clock=world.clock, schema=LATER)
    assert newer.jobs() == [job]
    assert notes(newer) == ["third"]
    with newer._db.write() as connection:
        connection.execute("INSERT INTO notes VALUES (1)")
    with pytest.raises(StoreError, match="kept;"), newer._db.write() as connection:
        connection.execute("DELETE FROM notes")
    newer.close()
    assert marks(world.path)[1] == AFTER


def test_steps_start_where_the_store_stands(world):
    world.job()
    world.store.close()
    second = Schema(NEXT, NOW.script + NOTES, {**NOW.steps, NEXT: NOTES})
    Store.open(world.path, clock=world.clock, schema=second).close()
    newer = Store.open(world.path, clock=world.clock, schema=LATER)
    assert notes(newer) == ["third"]
    newer.close()


def test_a_step_that_fails_leaves_the_store_as_it_was(world):
    job = world.store.job(world.job())
    world.store.close()
    with pytest.raises(StoreError, match="nowhere"):
        Store.open(world.path, clock=world.clock, schema=BROKEN)
    assert marks(world.path)[1] == VERSION
    again = Store.open(world.path, clock=world.clock)
    assert again.jobs() == [job]
    with pytest.raises(StoreError, match="no such column"):
        notes(again)
    again.close()


def test_older_code_refuses_a_newer_store_and_names_both_versions(world):
    world.store.close()
    Store.open(world.path, clock=world.clock, schema=LATER).close()
    with pytest.raises(
        StoreTooNew, match=f"version {AFTER}; this qjob knows versions up to {VERSION}"
    ) as caught:
        Store.open(world.path, clock=world.clock)
    assert caught.value.numbers == {"version": AFTER, "newest": VERSION}
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
            opened.append(Store.open(path, clock=lambda: None, schema=LATER))
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
    assert marks(path)[1] == AFTER


@pytest.mark.parametrize("steps", [{}, {2: ""}, {3: ""}, {2: "", 3: "", 4: ""}])
def test_steps_with_gaps_are_refused(steps):
    with pytest.raises(ValueError, match="do not lead"):
        Schema(3, "", steps)


def test_the_package_holds_a_step_for_each_version():
    assert NOW.version == VERSION
    assert list(NOW.steps) == list(range(2, VERSION + 1))


def shape(path):
    """Return all tables, views, indexes and triggers: columns by name, since steps add them at the end."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        ).fetchall()
        tables = [name for kind, name, _ in found if kind == "table"]
        columns = {
            name: sorted(connection.execute(f"PRAGMA table_xinfo({name})").fetchall(), key=str)
            for name in tables
        }
        return (
            {(kind, name) for kind, name, _ in found},
            {name: {row[1:5] for row in rows} for name, rows in columns.items()},
            {
                name: " ".join(sql.split())
                for kind, name, sql in found
                if kind in ("index", "view", "trigger")
            },
        )
    finally:
        connection.close()


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_store_of_every_older_version_becomes_what_a_new_one_is(world, tmp_path, version):
    old = tmp_path / "old.sqlite"
    connection = sqlite3.connect(old, isolation_level=None)
    connection.executescript((VERSIONS / f"{version:04d}.sql").read_text("utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("INSERT INTO programs VALUES ('d', 'qasm3', x'00')")
    connection.execute(
        "INSERT INTO jobs (number, id, username, name, backend, program, num_qubits, shots, seed, options, mode, "
        "tags, status, failure, owner, retry_of, created_at, started_at, ended_at, search) "
        "VALUES (5000, 'an-id', 'ada', 'old', 'marqov-sim', 'd', 2, 100, 1, '{}', 'direct', '{}', "
        "'QUEUED', NULL, 'me', NULL, 5, NULL, NULL, 'old')"
    )
    if version > 2:
        connection.execute("UPDATE jobs SET admitted_at = created_at")
    connection.close()
    store = Store.open(old, clock=world.clock)
    (job,) = store.jobs()
    assert (job.name, job.batch, job.place) == ("old", None, None)
    assert job.admitted_at == job.created_at  # in older versions every stored job was admitted
    store.close()
    world.store.close()
    assert shape(old) == shape(world.path)
    assert marks(old) == marks(world.path)


SPENT = """
    PRAGMA user_version = 2;
    INSERT INTO programs VALUES ('d', 'qasm3', x'00');
    INSERT INTO teams VALUES ('a-team', 'ada', 1, 5, 6, 7, 2, 3, 1), ('b-team', 'bob', 1, 5, 6, 7, 2, 3, 0);
    INSERT INTO members VALUES ('a-team', 'ada', 'owner', 1);
    INSERT INTO users VALUES ('ada', 'a-team');
    INSERT INTO jobs (
        number, id, username, backend, program, num_qubits, shots, seed, options, mode, tags, status, created_at,
        search, team, cap, slot
    ) VALUES (
        9000, 'an-id', 'ada', 'sv1', 'd', 2, 9, 1, '{}', 'direct', '{}', 'QUEUED', 9, '', 'a-team', 99, 1
    );
    INSERT INTO ledger VALUES (1, 'a-team', 9000, '1970-01-01', 9, 'hold', 'budget', 'held', 99, 'admitted');
    INSERT INTO spending VALUES ('a-team', '1970-01-01', 99, 0);
"""


def test_the_history_of_limits_begins_with_the_step(tmp_path, new_world):
    """Whatever a store of version 2 held before; from then on its limits count."""
    old = tmp_path / "old.sqlite"
    connection = sqlite3.connect(old, isolation_level=None)
    connection.executescript((VERSIONS / "0002.sql").read_text("utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.executescript(SPENT)
    connection.close()
    world = new_world(old)
    books = world.store.books()
    assert [row[:3] + row[4:13] for row in books.limits] == [
        ("a-team", 1, None, 1, 1, 9, 5, 6, 7, 2, 3, 1),
        ("b-team", 1, None, 0, 0, 0, 5, 6, 7, 2, 3, 0),
    ]
    audited = Treasury.audit(SimpleNamespace(store=world.store))
    assert (
        audited.findings == ()
    )  # 99 nano-dollars passed each limit of today, and nobody knows those of then
    team = world.store.budget_of("ada")[0]
    world.store.set_limits(team, team.limits.changed(per_day=8), "ada")
    assert Treasury.audit(SimpleNamespace(store=world.store)).ok
    world.store.close()
    with sqlite3.connect(old) as connection:
        connection.execute("DROP TRIGGER limit_changes_are_never_changed")
        connection.execute("UPDATE limit_changes SET at = at + 1 WHERE team = 'b-team'")
    connection.close()
    world = new_world(old)
    assert [finding.code for finding in Treasury.audit(SimpleNamespace(store=world.store)).findings] == [
        "limits"
    ]
    world.store.close()


@pytest.mark.parametrize("name", ["common.sql", "money.sql"])
def test_the_common_queries_are_free_of_what_only_sqlite_understands(name):
    text = (files("qjob.store") / "sql" / name).read_text("utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert re.findall(r"(?i)pragma|\browid\b|instr\(|glob|match|insert or|autoincrement|json_|%", code) == []


def test_the_tags_of_older_jobs_are_found_by_them(tmp_path, new_world):
    old = tmp_path / "old.sqlite"
    connection = sqlite3.connect(old, isolation_level=None)
    connection.executescript((VERSIONS / "0005.sql").read_text("utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 5")
    connection.execute("INSERT INTO programs VALUES ('d', 'qasm3', x'00')")
    for number, tags in ((5000, '{"run": "7", "q\\"": "\u00e9"}'), (6000, "{}")):
        connection.execute(
            "INSERT INTO jobs (number, id, username, backend, program, num_qubits, shots, seed, options, mode, tags, "
            "status, created_at, search) "
            "VALUES (?, ?, 'ada', 'sv1', 'd', 2, 9, 1, '{}', 'direct', ?, 'QUEUED', 5, '')",
            [number, f"id-{number}", tags],
        )
    connection.close()
    world = new_world(old)
    for tag in (("run", "7"), ("run", None), ('q"', "\u00e9")):
        assert [job.id for job in world.store.jobs(JobFilter(tag=tag))] == ["id-5000"]
    assert len(world.store.jobs()) == 2
    world.store.close()
