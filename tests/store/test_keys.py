"""API keys in the store: of their texts only digests, and what opens nothing looks like what is none."""

from datetime import timedelta

import pytest

from qjob.model.errors import StoreUnavailable
from qjob.model.key import ApiKey, Scope, make
from qjob.model.team import Role

TEXTS = [make(bytes([i] * 6), bytes([i] * 32)) for i in range(3)]


@pytest.fixture
def keep(world):
    """Keep a key of ada's in her team; return its text."""

    def run(number=0, user="ada", **changes):
        key_id, text = TEXTS[number]
        team = world.store.budget_of("ada")[0].id
        now = world.clock()
        key = ApiKey(key_id, f"key {number}", user, team, frozenset({Scope.READ}), now)
        key = ApiKey(**{name: getattr(key, name) for name in ApiKey.__slots__} | changes)
        world.store.add_key(key, text)
        return key, text

    return run


def test_a_key_is_found_by_its_text_and_as_it_was_kept(world, keep):
    kept, text = keep(
        scopes=frozenset(Scope),
        expires_at=world.clock.now + timedelta(days=1),
        email="ada@lab.example",
        organization="lab",
    )
    assert world.store.key_of(text) == kept
    assert world.store.keys_of("ada")[0].email == "ada@lab.example"
    assert world.store.keys_of("bob") == []


def test_the_text_of_a_key_is_nowhere_in_the_store(world, keep):
    _, text = keep()
    world.store.key_of(text)
    with world.raw as connection:
        rows = connection.execute("SELECT * FROM api_keys").fetchall()
    assert len(rows) == 1
    assert text[18:] not in repr(rows)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda *_: TEXTS[1][1], id="unknown"),
        pytest.param(
            lambda _world, _key, text: text[:18] + TEXTS[1][1][18:], id="the id of one, the rest of another"
        ),
        pytest.param(lambda _world, _key, text: text + "\n", id="no text of a key"),
        pytest.param(lambda *_: "", id="empty"),
        pytest.param(
            lambda world, key, text: world.store.revoke_key(key.id, world.clock()) and text, id="revoked"
        ),
        pytest.param(
            lambda world, key, text: world.store.remove_member(key.team, "bob") or text, id="left the team"
        ),
        pytest.param(
            lambda world, _key, text: setattr(world.clock, "now", world.clock.now + timedelta(2)) or text,
            id="over",
        ),
    ],
)
def test_what_opens_nothing(world, keep, spoil):
    team = world.store.budget_of("ada")[0].id
    world.store.set_member(team, "bob", Role.MEMBER)
    key, text = keep(user="bob", expires_at=world.clock.now + timedelta(1))
    assert world.store.key_of(text) is not None
    assert world.store.key_of(spoil(world, key, text)) is None


def test_who_comes_back_to_the_team_has_the_key_again(world, keep):
    team = world.store.budget_of("ada")[0].id
    _, text = keep(user="bob")
    assert world.store.key_of(text) is None
    world.store.set_member(team, "bob", Role.MEMBER)
    assert world.store.key_of(text).user == "bob"


def test_revoking_is_for_good_and_keeps_its_first_time(world, keep):
    key, _ = keep()
    first = world.clock()
    assert world.store.revoke_key(key.id, first)
    assert not world.store.revoke_key(key.id, world.clock())
    assert world.store.keys_of("ada")[0].revoked_at == first
    assert not world.store.revoke_key("no-such-id", first)


def test_the_last_use_is_written_at_most_once_a_minute(world, keep):
    _, text = keep()
    start, noted, writes = world.clock.now, [], 0
    version = None
    for second in (0, 1, 30, 59, 61, 62, 200):
        world.clock.now = start + timedelta(seconds=second)
        world.store.key_of(text)
        at = world.store.keys_of("ada")[0].last_used_at
        writes += at != version
        version = at
        noted.append(round((at - start).total_seconds()))
    assert noted == [0, 0, 0, 0, 61, 61, 200]
    assert writes == 3


def test_a_clock_that_was_set_back_does_not_stop_the_notes(world, keep):
    _, text = keep()
    world.store.key_of(text)
    world.clock.now -= timedelta(days=1)
    world.store.key_of(text)
    assert world.store.keys_of("ada")[0].last_used_at == world.clock.now


def test_a_use_that_cannot_be_noted_shuts_nobody_out(world, keep, monkeypatch, caplog):
    key, text = keep()

    def write():
        raise StoreUnavailable("the disk is full.")

    monkeypatch.setattr(world.store._db, "write", write)
    assert world.store.key_of(text) == key
    assert [record.getMessage() for record in caplog.records] == [
        f"the use of key {key.id} is not noted: the disk is full."
    ]
    monkeypatch.undo()
    assert world.store.keys_of("ada")[0].last_used_at is None
