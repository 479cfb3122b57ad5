"""Waiting for what a server announces: who announces, how often, and what becomes of a lost connection."""

import time
from types import SimpleNamespace

import psycopg
import pytest

from qjob.model.errors import StoreUnavailable
from qjob.model.job import JobStatus
from qjob.store.postgres.watch import ECHO, GAP, Announcer, channel_of

S = JobStatus
LONG = 20.0


@pytest.fixture
def changes(world):
    changes = world.store.changes()
    assert changes.wait(LONG)
    settle(changes)
    yield changes
    changes.close()


def settle(changes):
    while changes.wait(0.2):
        pass


def channel(changes):
    return changes._listen.decode().removeprefix("LISTEN ")


def end_session(world, changes):
    """Let the server end the session that listens, and return when it has."""
    with world.raw as connection:
        pid = changes._session.connection.info.backend_pid
        assert connection.execute(f"SELECT pg_terminate_backend({pid}, 5000)").fetchone() == (True,)
    return pid


def test_a_connection_that_is_lost_is_replaced_and_counts_as_a_change(world, changes):
    before = end_session(world, changes)
    assert changes.wait(LONG)
    assert changes._session.connection.info.backend_pid != before
    assert not changes.wait(0.1)
    world.job()
    assert changes.wait(LONG)


def test_a_connection_that_is_lost_in_mid_wait_is_replaced_at_once(world, changes):
    """And the trouble of one more session, such as too many, is met with patience."""
    began = time.monotonic()
    end_session(world, changes)
    world.job()
    assert changes.wait(LONG)
    assert time.monotonic() - began < LONG / 4


def test_a_server_that_is_away_is_come_back_to(world, changes, monkeypatch, caplog):
    connect = type(world.store._db.address).connect
    tries = []

    def refuse(address):
        tries.append(1)
        if len(tries) < 4:
            raise StoreUnavailable("connection refused.", retry_after=5.0)
        return connect(address)

    monkeypatch.setattr(type(world.store._db.address), "connect", refuse)
    end_session(world, changes)
    assert not changes.wait(0.05)
    assert changes.blind
    assert changes.wait(LONG)
    assert len(tries) == 4
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_many_announcements_are_one_change_and_then_silence(world, changes):
    with world.raw as connection:
        for number in range(2000):
            connection.execute("SELECT pg_notify(%s, %s)", [channel(changes), str(number)])
        time.sleep(0.1)
        heard = 0
        while changes.wait(0.2):
            heard += 1
    assert 1 <= heard < 100


def test_what_else_the_server_says_is_no_change_and_keeps_nobody_awake(world, changes):
    """Parameters of the server that change are told to every session that listens for anything."""
    session = changes._session.connection
    session.pgconn.send_query(
        b"DO $$ BEGIN FOR n IN 1..2000 LOOP RAISE WARNING 'word %', n; END LOOP; END $$"
    )
    began, cpu = time.monotonic(), time.thread_time()
    assert not changes.wait(0.5)
    assert time.monotonic() - began >= 0.49
    assert time.thread_time() - cpu < 0.25
    while session.pgconn.get_result() is not None:
        pass
    world.job()
    assert changes.wait(LONG)


def test_a_flood_does_not_keep_it_from_being_woken(world, changes):
    with world.raw as connection:
        announce = "SELECT pg_notify(%s, n::text) FROM generate_series(1, 5000) AS n"
        connection.execute(announce, [channel(changes)])
        while changes.wait(0.5):
            changes.wake()
        assert not changes.wait(0)


def test_what_is_written_to_another_schema_is_not_heard(new_world, tmp_path, changes):
    other = new_world(tmp_path / "other" / "qjob.sqlite")
    other.job()
    assert not changes.wait(0.2)
    other.store.close()


def test_channels_are_names_that_need_no_quotes():
    names = {channel_of(schema) for schema in ("public", "Public", 'a "strange; name', "x" * 100)}
    assert len(names) == 4
    assert all(name.isidentifier() and name.islower() and len(name) < 64 for name in names)


def test_an_announcement_is_heard_where_the_change_is_kept_and_only_then(world, changes):
    with world.store.transaction():
        world.job()
        assert not changes.wait(0.1)
    assert changes.wait(LONG)


# -- how often ---------------------------------------------------------------------------------------------------


class Wire:
    """Stands where the connection stands: says what it was told, and whether anything was written."""

    def __init__(self, clock):
        self.clock, self.said, self.wrote, self.takes, self.breaks = clock, [], True, 0.0, False

    def execute(self, statement):
        words = statement.decode()
        if words.startswith("NOTIFY") and self.breaks:
            raise psycopg.OperationalError("gone")
        self.said.append("aloud" if "pg_notify" in words else "after" if "NOTIFY" in words else "silent")
        self.clock.now += self.takes
        return SimpleNamespace(rowcount=int(self.wrote))


@pytest.fixture
def wire(monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("qjob.store.postgres.watch.time", SimpleNamespace(monotonic=lambda: clock.now))
    return Wire(clock)


def test_one_process_announces_at_most_once_in_a_gap(wire):
    announcer = Announcer("public")
    for pause in (0, GAP / 2, GAP / 4, GAP / 2, GAP / 2, 10):
        wire.clock.now += pause
        announcer.commit(wire)
    assert wire.said == ["aloud", "silent", "silent", "aloud", "silent", "aloud"]


def test_a_commit_that_wrote_nothing_was_no_announcement(wire):
    announcer = Announcer("public")
    wire.wrote = False
    announcer.commit(wire)
    wire.wrote = True
    announcer.commit(wire)
    announcer.commit(wire)
    assert wire.said == ["aloud", "aloud", "silent"]


def test_a_commit_that_outlasts_the_gap_is_announced_after_it(wire):
    """Else who has heard the last announcement has looked for the last time before it was through."""
    announcer = Announcer("public")
    announcer.commit(wire)
    wire.takes = 2 * GAP
    announcer.commit(wire)
    assert wire.said == ["aloud", "silent", "after"]


def test_what_is_committed_is_no_failure_if_it_cannot_be_announced(wire, caplog):
    announcer = Announcer("public")
    announcer.commit(wire)
    wire.takes, wire.breaks = 2 * GAP, True
    announcer.commit(wire)
    assert "not announced" in caplog.text


def test_who_has_heard_looks_again_after_the_gap_of_the_other():
    assert ECHO > GAP


def test_the_second_of_two_close_writes_is_seen_as_well(world, changes):
    job_id = world.job(S.QUEUED)
    settle(changes)
    world.to(job_id, S.RUNNING)
    assert changes.wait(LONG)
    world.to(job_id, S.CANCELLING)  # without an announcement
    began = time.monotonic()
    assert changes.wait(LONG)
    assert time.monotonic() - began < 1.0
    assert not changes.wait(0.2)
