"""Whether a process lives, told by its lock in the server: with real processes that are really killed."""

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from qjob.store.postgres.owners import key_of


def until(happens):
    end = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def server_is_up_for_long(world):
    """Just after its start everybody counts as alive."""
    until(lambda: not world.store.owners.alive("nobody"))


def session_of(owner):
    return owner._session.connection.info.backend_pid


def test_an_owner_is_alive_until_it_releases(world):
    owner = world.store.owners.claim()
    assert world.store.owners.alive(owner.id)
    assert world.store.owners.sweep() == []
    owner.release()
    until(lambda: not world.store.owners.alive(owner.id))
    owner.release()


def test_owners_do_not_share_an_id(world):
    first, second = world.store.owners.claim(), world.store.owners.claim()
    assert first.id != second.id
    first.release()
    assert world.store.owners.alive(second.id)
    second.release()


def test_a_killed_owner_is_dead(world, places):
    script = Path(__file__).with_name("owning.py")
    process = subprocess.Popen(
        [sys.executable, str(script), places.argument(world.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    owner_id = process.stdout.readline().strip()
    assert world.store.owners.alive(owner_id)
    process.kill()
    process.wait()
    until(lambda: not world.store.owners.alive(owner_id))
    process.stdin.close()
    process.stdout.close()


def test_an_owner_whose_connection_is_lost_says_so_and_claims_again(world, caplog):
    owner = world.store.owners.claim()
    before = session_of(owner)
    with caplog.at_level(logging.WARNING), world.raw as connection:
        connection.execute(f"SELECT pg_terminate_backend({before}, 5000)")
        until(lambda: "knows again" in caplog.text)
    assert "was lost" in caplog.text
    assert world.store.owners.alive(owner.id)
    owner.release()


def test_an_owner_waits_for_its_old_session_to_be_gone(world, caplog):
    """As where the network has swallowed the end of it: the server still thinks that it lives."""
    owner = world.store.owners.claim()
    with world.raw as connection, world.raw as other:
        waiting = threading.Thread(
            target=connection.execute, args=(f"SELECT pg_advisory_lock({key_of(owner.id)})",)
        )
        waiting.start()
        until(lambda: other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0])
        other.execute(f"SELECT pg_terminate_backend({session_of(owner)}, 5000)")
        waiting.join()
        until(lambda: "was lost" in caplog.text)
        other.execute("SELECT pg_sleep(0.3)")
        assert world.store.owners.alive(owner.id)
        assert "knows again" not in caplog.text
    until(lambda: "knows again" in caplog.text)
    assert world.store.owners.alive(owner.id)
    owner.release()


def test_an_owner_may_release_while_it_has_no_connection(world, monkeypatch, caplog):
    owner = world.store.owners.claim()
    monkeypatch.setattr(owner, "_try", lambda: False)
    with world.raw as connection:
        connection.execute(f"SELECT pg_terminate_backend({session_of(owner)}, 5000)")
    until(lambda: "was lost" in caplog.text)
    owner.release()
    assert not owner._thread.is_alive()


def test_keys_are_different_and_fit():
    keys = {key_of(f"owner {i}") for i in range(1000)}
    assert len(keys) == 1000
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert min(keys) < 0 < max(keys)
