"""The same request under the same key is one submission, however often and by how many it is sent."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qjob.model.errors import OverBudget, RequestKeyReused
from qjob.model.filing import KEPT, Filing, RequestKey
from qjob.model.money import NANO
from qjob.model.team import Role


def under(key, digest="a digest"):
    return Filing(RequestKey(key, digest))


def test_a_request_that_is_sent_again_is_the_job_of_before_and_nothing_is_paid_twice(payer):
    job_id = payer.submit(filing=under("k"))
    before = payer.everything()
    assert payer.submit(filing=under("k")) == job_id
    assert payer.store.requested("ada", RequestKey("k", "a digest")) == (job_id, False)
    assert payer.everything() == before


def test_a_batch_that_is_sent_again_is_the_batch_of_before(payer):
    job_ids = payer.submit_batch(NANO, NANO, filing=under("k"))
    before = payer.everything()
    assert payer.submit_batch(NANO, NANO, filing=under("k")) == job_ids
    target = payer.store.requested("ada", RequestKey("k", "a digest"))
    assert target == (payer.store.job(job_ids[0]).batch, True)
    assert payer.everything() == before


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda payer: payer.submit(filing=under("k", "another")), id="another request"),
        pytest.param(
            lambda payer: payer.submit_batch(NANO, filing=under("k", "another")), id="another one, a batch"
        ),
        pytest.param(
            lambda payer: payer.submit_batch(NANO, filing=under("k")), id="a batch in place of a job"
        ),
        pytest.param(
            lambda payer: payer.store.requested("ada", RequestKey("k", "another")), id="only looked for"
        ),
    ],
)
def test_a_key_stands_for_one_request(payer, ask):
    job_id = payer.submit(filing=under("k"))
    before = payer.everything()
    with pytest.raises(RequestKeyReused, match=job_id[:8]) as caught:
        ask(payer)
    assert caught.value.numbers == {"key": "k", "id": job_id}
    assert payer.everything() == before


def test_a_refused_submission_leaves_its_key_free(payer):
    payer.limit(per_job=NANO)
    with pytest.raises(OverBudget):
        payer.submit(2 * NANO, filing=under("k"))
    assert payer.store.requested("ada", RequestKey("k", "a digest")) is None
    assert payer.rows("SELECT * FROM request_keys") == []
    assert payer.submit(NANO, filing=under("k", "another")) in {job.id for job in payer.store.jobs()}


def test_a_key_is_one_users_in_one_team(payer):
    mine = payer.submit(filing=under("k"))
    other = payer.submit(filing=under("k", "another"), user="bob")
    lab = payer.store.make_team("ada", "lab")
    third = payer.submit(filing=under("k", "a third"))
    assert len({mine, other, third}) == 3
    assert payer.store.bound(lab.id).requested("ada", RequestKey("k", "a third")) == (third, False)
    old = payer.store.job(mine).team
    assert payer.store.bound(old).requested("ada", RequestKey("k", "a digest")) == (mine, False)
    payer.store.set_member(old, "bob", Role.MEMBER)
    assert payer.store.bound(old).requested("bob", RequestKey("k", "whatever")) is None


def test_a_key_is_free_again_after_seven_days_and_swept_with_the_next_one(payer):
    first = payer.submit(filing=under("k"))
    start = payer.world.clock.now
    payer.world.clock.now = start + KEPT - timedelta(seconds=1)
    assert payer.submit(filing=under("k")) == first
    payer.world.clock.now = start + KEPT
    assert payer.store.requested("ada", RequestKey("k", "another")) is None
    second = payer.submit(filing=under("k", "another"))
    assert second != first
    payer.world.clock.now += KEPT
    payer.submit(filing=under("l"))
    assert payer.rows("SELECT key FROM request_keys") == [("l",)]


def test_what_is_found_to_be_the_same_is_filed_too(payer):
    job_id = payer.submit(fingerprint="f")
    assert payer.submit(filing=under("k"), fingerprint="f", reuse=True) == job_id
    assert payer.store.requested("ada", RequestKey("k", "a digest")) == (job_id, False)


def test_what_no_team_owns_cannot_be_filed(world):
    with pytest.raises(ValueError, match="can be filed"):
        world.store.accept(world.record(), world.program, filing=under("k"))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.sampled_from("kl"), st.sampled_from("ab"), st.booleans()), max_size=8))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_any_order_of_requests_leaves_one_submission_a_key(payer, asked):
    prefix = str(payer.world.clock.now)  # keys that no example before this one has used
    payer.limit(user_per_minute=10**6, team_per_day=10**6)
    first = {}
    before = len(payer.store.jobs(limit=10_000))
    for name, digest, batch in asked:
        submit = payer.submit_batch if batch else payer.submit
        same = first.setdefault(name, (digest, batch)) == (digest, batch)
        try:
            submit(0, filing=under(prefix + name, digest))
        except RequestKeyReused:
            assert not same
        else:
            assert same
    made = len(payer.store.jobs(limit=10_000)) - before
    assert made == len(first)


def test_of_many_that_send_it_at_once_one_is_stored(payer):
    gate, found, failed = threading.Barrier(6), [], []

    def send(digest):
        gate.wait()
        try:
            found.append(payer.submit(0, counts=False, filing=under("k", digest)))
        except RequestKeyReused:
            failed.append(digest)

    threads = [threading.Thread(target=send, args=(digest,)) for digest in "aaabbb"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), len(set(failed)), len(failed)) == (3, 1, 1, 3)
    assert [job.id for job in payer.store.jobs()] == found[:1]


@pytest.mark.slow
def test_two_processes_that_send_it_at_once_get_the_same_job(tmp_path, new_world, places, script):
    path = tmp_path / "home" / "q.sqlite"
    world = new_world(path)
    lines = [line.split() for line in script("requesting.py", "together", places.argument(path))]
    jobs = world.store.jobs(limit=1000)
    world.store.close()
    by_key = {}
    for key, job_id in lines:
        by_key.setdefault(key, set()).add(job_id)
    assert all(len(ids) == 1 for ids in by_key.values())
    assert {job.id for job in jobs} == set().union(*by_key.values())
    assert len(jobs) == len(by_key) == 20
    assert Counter(key for key, _ in lines) == {f"key{i}": 2 for i in range(20)}


@pytest.mark.slow
def test_a_killed_sender_leaves_both_the_job_and_its_key_or_neither(tmp_path, new_world, places, script):
    path = tmp_path / "home" / "q.sqlite"
    world = new_world(path)
    told = [line.split() for line in script("requesting.py", "killed", places.argument(path))]
    jobs = {job.id: job.name for job in world.store.jobs(limit=100_000)}
    with world.raw as connection:
        filed = dict(connection.execute("SELECT target, key FROM request_keys").fetchall())
    world.store.close()
    assert filed == jobs  # each job is called as its key is
    assert told
    assert {job_id: key for key, job_id in told}.items() <= jobs.items()
