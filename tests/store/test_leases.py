"""Durable jobs: who takes them up, how long they are theirs, and what follows an attempt that came to nothing."""

import threading
from datetime import timedelta

import pytest

from durable_lab import until
from leasing import LOST, SITE, Durable, again, never
from qjob.model.events import Progress
from qjob.model.job import Failure, JobStatus
from qjob.model.money import NANO
from qjob.store.leases import LEASE, LONGEST_PAUSE, SECOND

S = JobStatus
GIVEN = Failure("given_back", "asked to end.", transient=True)


@pytest.fixture
def durable(world):
    return Durable(world)


# -- taking up -----------------------------------------------------------------------------------------------------


def test_jobs_are_shown_oldest_first_and_only_what_is_taken_is_leased(durable):
    jobs = [durable.job() for _ in range(3)]
    shown = []

    def take(waiting):
        shown.extend(record.id for record in waiting)
        return [waiting[2], waiting[0]]

    claims = durable.store.claim(durable.worker(), take)
    assert shown == jobs
    assert [claim.record.id for claim in claims] == [jobs[2], jobs[0]]
    assert [claim.record.id for claim in durable.claim()] == [jobs[1]]
    assert durable.claim() == []


def test_no_more_than_so_many_are_shown(durable):
    for _ in range(3):
        durable.job()
    seen = []
    durable.store.claim(durable.worker(), lambda waiting: seen.extend(waiting) or [], max_rows=2)
    assert len(seen) == 2


def test_a_claim_tells_who_has_the_job_and_which_attempt_it_is(durable):
    job_id, worker = durable.job(), durable.worker()
    (claim,) = durable.claim(worker)
    stored = durable.store.job(job_id)
    assert claim.record == stored
    assert (stored.owner, stored.fence, stored.attempt, stored.status) == (worker.id, 1, 1, S.QUEUED)
    assert (claim.submission, claim.checkpoint) == (1, None)
    (attempt,) = durable.store.attempts(job_id)
    assert (attempt.number, attempt.worker, attempt.shots) == (1, worker.name, 0)
    assert (attempt.ended_at, attempt.failure, attempt.cost) == (None, None, None)
    assert durable.store.log(job_id)[-1].data == {"attempt": 1, "worker": worker.name}


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        pytest.param({}, True, id="waits"),
        pytest.param({"user": "bob"}, False, id="of another user"),
        pytest.param({"mode": "direct", "owner": "me"}, False, id="direct"),
        pytest.param({"status": S.INITIALIZING, "owner": "me"}, False, id="not admitted"),
        pytest.param({"site": SITE}, True, id="at a service"),
    ],
)
def test_what_is_taken_up(durable, changes, taken):
    durable.job(**changes)
    assert bool(durable.claim()) is taken


@pytest.mark.parametrize(
    ("due", "status", "taken"),
    [
        pytest.param(None, "QUEUED", True, id="no pause"),
        pytest.param(-SECOND, "QUEUED", True, id="over"),
        pytest.param(SECOND * 60, "QUEUED", False, id="not over"),
        pytest.param(SECOND * 60, "CANCELLING", False, id="nor of what is to be cancelled: no loop"),
        pytest.param(
            int(LONGEST_PAUSE + 60) * SECOND, "QUEUED", True, id="longer than any, of a clock before"
        ),
    ],
)
def test_pauses(durable, due, status, taken):
    job_id, _ = durable.held()
    durable.expire(job_id)
    durable.store.reclaim(again())
    with durable.store._db.read() as connection:
        now = durable.store._db.lease_clock(connection)
    durable.set([job_id], f"due_at = {'NULL' if due is None else now + due}, status = '{status}'")
    assert bool(durable.claim()) is taken


def test_two_who_claim_at_the_same_time_get_different_jobs(durable, world):
    jobs = {durable.job() for _ in range(40)}

    def take_all(store, worker):
        names = []
        # in a server, what one is shown another one is not, for that moment
        while durable.waiting():
            names += [claim.record.id for claim in durable.claim(worker, most=3, store=store)]
        return names

    (first,), (second,) = both(world, take_all, durable)
    assert set(first) | set(second) == jobs
    assert len(first) + len(second) == len(jobs)


def both(world, do, durable):
    """Have two workers, each with a store of its own, do something at the same time; return what each got."""
    stores = [world.places.open(world.path, world.clock) for _ in range(2)]
    workers = [durable.worker(), durable.worker()]
    barrier, got, errors = threading.Barrier(2), [[], []], []

    def run(number):
        try:
            barrier.wait()
            got[number].append(do(stores[number], workers[number]))
        except Exception as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert not errors
    return got


# -- the fence -----------------------------------------------------------------------------------------------------

WRITES = {
    "begins": lambda lab, job, fence: lab.store.move(job, S.RUNNING, fence=fence),
    "fails": lambda lab, job, fence: lab.store.move(job, S.FAILED, failure=LOST, fence=fence),
    "is cancelled": lambda lab, job, fence: lab.store.move(job, S.CANCELLED, fence=fence),
    "completes": lambda lab, job, fence: lab.store.complete(
        job, b"packed", lab.world.progress, lab.world.layout, ran=0.5, fence=fence
    ),
    "gets on": lambda lab, job, fence: lab.store.set_progress(job, Progress("here", 1), fence=fence),
    "is kept": lambda lab, job, fence: lab.store.keep_checkpoint(job, 5, b"kept", fence=fence),
    "is submitted": lambda lab, job, fence: lab.store.submitted(job, "arn:2", fence=fence),
    "has a text": lambda lab, job, fence: lab.store.attach(job, "sent", "text", fence=fence),
    "came to nothing": lambda lab, job, fence: lab.store.attempt_failed(job, fence, again()),
    "came to nothing at last": lambda lab, job, fence: lab.store.attempt_failed(job, fence, never()),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_under_a_lease_that_somebody_else_has(durable, write):
    job_id, fence = durable.held(site=SITE)
    durable.expire(job_id)
    assert durable.store.reclaim(again()) == [job_id]
    (claim,) = durable.claim()
    assert claim.record.fence > fence
    before = durable.everything()
    assert not write(durable, job_id, fence)
    assert durable.everything() == before
    write(durable, job_id, claim.record.fence)
    assert durable.everything() != before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_is_written_while_a_job_that_was_taken_back_waits(durable, write):
    job_id, fence = durable.held(site=SITE)
    durable.expire(job_id)
    durable.store.reclaim(again(60))
    before = durable.everything()
    assert not write(durable, job_id, fence)
    assert durable.everything() == before


# -- how long ------------------------------------------------------------------------------------------------------


def test_a_renewal_tells_what_is_still_held(durable):
    worker = durable.worker()
    kept, _ = durable.held(worker)
    lost, _ = durable.held(worker)
    ended, fence = durable.held(worker)
    durable.expire(lost)
    durable.store.reclaim(again())
    durable.claim()
    durable.store.move(ended, S.CANCELLED, fence=fence)
    before = durable.column(kept, "lease_until")
    assert durable.store.renew(worker.id) == {kept}
    assert durable.column(kept, "lease_until") > before


def test_a_lease_that_is_renewed_in_time_is_not_taken_back(durable):
    worker = durable.worker()
    job_id, _ = durable.held(worker)
    assert durable.store.reclaim(again()) == []
    durable.expire(job_id)
    durable.store.renew(worker.id)
    assert durable.store.reclaim(again()) == []


def test_what_has_run_out_is_taken_back_once_by_whoever_looks(durable, world):
    jobs = {durable.held()[0] for _ in range(20)}
    durable.expire(*jobs)
    got = both(world, lambda store, _: store.reclaim(again(60)), durable)
    (first,), (second,) = got
    assert set(first) | set(second) == jobs
    assert len(first) + len(second) == len(jobs)
    for job_id in jobs:
        assert durable.kinds(job_id) == ["accepted", "attempt", "retrying"]
        assert durable.codes(job_id) == ["lease_lost"]
        assert durable.column(job_id, "tries") == 1


def test_what_ends_between_the_look_and_the_taking_back_stays_at_its_end(durable, world):
    job_id, fence = durable.held()
    durable.expire(job_id)
    assert durable.store.complete(job_id, b"packed", world.progress, world.layout, ran=0.5, fence=fence)
    before = durable.everything()
    assert not durable.store._take_back(job_id, fence, again())
    assert durable.everything() == before


def test_what_is_renewed_between_the_look_and_the_taking_back_stays(durable):
    worker = durable.worker()
    job_id, fence = durable.held(worker)
    durable.expire(job_id)
    durable.store.renew(worker.id)
    assert not durable.store._take_back(job_id, fence, again())
    assert durable.store.job(job_id).owner == worker.id


def test_a_lease_beyond_any_comes_from_a_clock_that_began_anew(durable):
    job_id, _ = durable.held()
    until = durable.column(job_id, "lease_until")
    durable.set([job_id], f"lease_until = {until + int(3 * LEASE) * SECOND}")
    assert durable.store.reclaim(again()) == [job_id]


def test_the_jobs_of_a_dead_worker_are_free_at_once(durable):
    owner = durable.store.owners.claim()
    worker = durable.worker(id=owner.id)
    job_id, _ = durable.held(worker)
    assert durable.store.dead_holders() == []
    owner.release()
    until(lambda: durable.store.dead_holders() == [owner.id])  # a server notices in a moment
    durable.store.end_leases(owner.id)
    assert durable.store.reclaim(again()) == [job_id]


@pytest.mark.parametrize("hours", [1, -1, 8])
def test_a_wall_clock_that_jumps_ends_no_lease(durable, world, hours):
    durable.held()
    world.clock.now += timedelta(hours=hours)
    assert durable.store.reclaim(again()) == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_no_lease_runs_out_while_a_laptop_sleeps(durable, world):
    now = [5_000_000_000]
    durable.store._db._machine_clock = lambda: now[0]
    job_id, _ = durable.held()
    world.clock.now += timedelta(hours=8)  # but the machine's own stands still
    assert durable.store.reclaim(again()) == []
    now[0] += int((LEASE - 1) * 1e9)
    assert durable.store.reclaim(again()) == []
    now[0] += int(2e9)
    assert durable.store.reclaim(again()) == [job_id]


@pytest.mark.parametrize("database", ["sqlite"])
def test_after_a_restart_of_the_machine_old_leases_and_pauses_are_over(durable):
    now = [900_000 * 10**9]
    durable.store._db._machine_clock = lambda: now[0]
    held, _ = durable.held()
    paused, fence = durable.held()
    durable.store.attempt_failed(paused, fence, again(60))
    now[0] = 10**9
    assert durable.store.reclaim(again()) == [held]
    assert {claim.record.id for claim in durable.claim()} == {held, paused}


# -- what follows --------------------------------------------------------------------------------------------------


def test_an_attempt_that_is_followed_by_another(durable):
    job_id, fence = durable.held()
    durable.store.move(job_id, S.RUNNING, fence=fence)
    assert durable.store.attempt_failed(job_id, fence, again(60, Failure("worker_killed", "it died.")))
    record = durable.store.job(job_id)
    assert (record.status, record.owner, record.failure) == (S.QUEUED, None, None)
    assert durable.claim() == []
    entry = durable.store.log(job_id)[-1]
    assert (str(entry.kind), entry.data) == (
        "retrying",
        {"attempt": 1, "code": "worker_killed", "reason": "it died.", "seconds": 60.0},
    )
    durable.due(job_id)
    (claim,) = durable.claim()
    assert claim.record.attempt == 2
    assert claim.record.fence > fence
    assert [one.ended_at is None for one in durable.store.attempts(job_id)] == [False, True]


def test_an_attempt_that_is_the_last_one(durable):
    job_id, fence = durable.held()
    words = Failure("lease_lost", "given up.")
    assert durable.store.attempt_failed(job_id, fence, never(words=words))
    record = durable.store.job(job_id)
    assert (record.status, record.failure) == (S.FAILED, words)
    (attempt,) = durable.store.attempts(job_id)
    assert attempt.failure == LOST
    assert attempt.ended_at == record.ended_at
    assert durable.kinds(job_id) == ["accepted", "attempt", "failed"]
    assert not durable.store.attempt_failed(job_id, fence, again())
    assert durable.claim() == []


def test_no_pause_is_longer_than_the_longest(durable):
    job_id, fence = durable.held()
    durable.store.attempt_failed(job_id, fence, again(10 * LONGEST_PAUSE))
    assert durable.store.log(job_id)[-1].data["seconds"] == LONGEST_PAUSE
    assert durable.claim() == []


def test_what_is_known_when_it_is_decided(durable, world):
    asked = []

    def decide(setback):
        asked.append(setback)
        return again()(setback)

    worker = durable.worker()
    job_id, fence = durable.held(worker, site=SITE)
    durable.age(30)
    world.clock.now -= timedelta(hours=1)  # a wall clock that is wrong, or was set
    durable.store.attempt_failed(job_id, fence, decide)
    (claim,) = durable.claim(worker)
    durable.age(10)
    durable.expire(job_id)
    durable.store.reclaim(decide)
    assert [(one.job_id, one.worker, one.tries, one.elsewhere) for one in asked] == [
        (job_id, worker.name, 1, True),
        (job_id, worker.name, 2, True),
    ]
    assert [round(one.seconds) for one in asked] == [30, 40]
    assert claim.record.attempt == 2


@pytest.mark.parametrize(
    "gets_on",
    [
        pytest.param(
            lambda store, job, fence: store.keep_checkpoint(job, 1, b"1", fence=fence), id="checkpoint"
        ),
        pytest.param(lambda store, job, fence: store.submitted(job, "arn:1", fence=fence), id="submitted"),
    ],
)
def test_tries_and_their_time_are_counted_since_the_job_last_got_on(durable, gets_on):
    asked = []

    def decide(setback):
        asked.append(setback)
        return again()(setback)

    job_id = durable.job(site=SITE)
    for number in range(4):
        (claim,) = durable.claim()
        if number == 2:
            gets_on(durable.store, job_id, claim.record.fence)
        durable.age(3600)
        durable.store.attempt_failed(job_id, claim.record.fence, decide)
    assert [one.tries for one in asked] == [1, 2, 1, 2]
    assert [round(one.seconds / 3600) for one in asked] == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("over", "remote_id", "submission"), [(False, "arn:1", 1), (True, None, 2)], ids=["known", "over"]
)
def test_a_task_is_forgotten_only_where_it_is_over(durable, over, remote_id, submission):
    job_id, fence = durable.held(site=SITE)
    durable.store.submitted(job_id, "arn:1", fence=fence)
    durable.store.attempt_failed(job_id, fence, again(), task_over=over)
    assert durable.store.job(job_id).remote_id == remote_id
    (claim,) = durable.claim()
    assert (claim.submission, claim.record.remote_id) == (submission, remote_id)


def test_a_task_of_a_worker_that_went_away_is_gone_on_with(durable):
    job_id, fence = durable.held(site=SITE)
    durable.store.submitted(job_id, "arn:1", fence=fence)
    durable.expire(job_id)
    durable.store.reclaim(again())
    (claim,) = durable.claim()
    assert (claim.submission, claim.record.remote_id) == (1, "arn:1")


def test_attempts_know_nothing_of_direct_jobs(durable, world):
    assert durable.store.attempts(world.job(S.COMPLETED)) == []


# -- given back ----------------------------------------------------------------------------------------------------


def test_what_is_given_back_is_due_at_once_and_counts_as_no_failure(durable):
    worker = durable.worker()
    one, _ = durable.held(worker)
    other, _ = durable.held(worker)
    somebodys, _ = durable.held()
    assert durable.store.give_back(worker.id, GIVEN, jobs={one, somebodys, "unknown"}) == [one]
    assert durable.codes(one) == ["given_back"]
    assert durable.column(one, "tries") == 0
    assert durable.store.give_back(worker.id, GIVEN) == [other]
    assert durable.store.give_back(worker.id, GIVEN) == []
    assert {claim.record.id for claim in durable.claim()} == {one, other}


@pytest.mark.parametrize(
    ("site", "status"), [(None, S.CANCELLED), (SITE, S.CANCELLING)], ids=["local", "at a service"]
)
@pytest.mark.parametrize("how", ["given back", "lost"])
def test_what_was_to_be_cancelled_and_has_lost_its_worker(durable, site, status, how):
    worker = durable.worker()
    job_id, _ = durable.held(worker, site=site)
    assert durable.store.cancel(job_id)
    assert durable.store.job(job_id).status is S.CANCELLING
    if how == "given back":
        durable.store.give_back(worker.id, GIVEN)
    else:
        durable.expire(job_id)
        durable.store.reclaim(again(0))
    assert durable.store.job(job_id).status is status
    durable.due(job_id)
    assert [claim.record.id for claim in durable.claim()] == ([job_id] if site else [])


# -- cancelled -----------------------------------------------------------------------------------------------------


def test_a_cancel_of_what_waits_is_at_once(durable):
    job_id = durable.job()
    assert durable.store.cancel(job_id)
    assert durable.store.job(job_id).status is S.CANCELLED
    assert durable.claim() == []


def test_a_cancel_between_two_attempts_is_at_once_unless_a_service_may_know_of_it(durable):
    local, fence = durable.held()
    durable.store.attempt_failed(local, fence, again(60))
    durable.store.cancel(local)
    assert durable.store.job(local).status is S.CANCELLED
    remote, fence = durable.held(site=SITE)
    durable.store.attempt_failed(remote, fence, again(60))
    durable.store.cancel(remote)
    assert durable.store.job(remote).status is S.CANCELLING
    assert [claim.record.id for claim in durable.claim()] == [remote]


# -- checkpoints ---------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_replaced_and_given_to_the_next_attempt(durable):
    job_id, fence = durable.held()
    assert durable.store.keep_checkpoint(job_id, 10, b"ten", fence=fence)
    assert durable.store.keep_checkpoint(job_id, 20, b"twenty", fence=fence)
    durable.store.attempt_failed(job_id, fence, again())
    (claim,) = durable.claim()
    assert claim.checkpoint == (20, b"twenty")
    assert durable.store.attempts(job_id)[-1].shots == 20
    assert durable.store.log(job_id)[-1].data["shots"] == 20


@pytest.mark.parametrize("end", [S.COMPLETED, S.FAILED, S.CANCELLED])
def test_a_checkpoint_goes_with_the_end_of_its_job(durable, world, end):
    job_id, fence = durable.held()
    durable.store.keep_checkpoint(job_id, 10, b"ten", fence=fence)
    durable.store.move(job_id, S.RUNNING, fence=fence)
    world.to(job_id, end)
    assert durable.everything()["checkpoints"] == []
    assert not durable.store.keep_checkpoint(job_id, 20, b"twenty", fence=fence)
    assert durable.store.attempts(job_id)[-1].ended_at is not None


# -- money ---------------------------------------------------------------------------------------------------------


def paid(payer, durable):
    job_id = payer.submit(mode="durable", owner=None)
    (claim,) = durable.claim()
    return job_id, claim.record.fence


def test_money_stays_held_between_attempts_and_is_released_after_the_last(payer, durable):
    job_id, fence = paid(payer, durable)
    durable.store.attempt_failed(job_id, fence, again())
    assert payer.day().held == 3 * NANO
    (claim,) = durable.claim()
    durable.store.attempt_failed(job_id, claim.record.fence, never())
    assert (payer.day().held, payer.day().charged) == (0, 0)
    assert durable.store.job(job_id).cost == 0


def test_a_failed_attempt_that_was_billed_is_charged_at_the_end(payer, durable):
    job_id, fence = paid(payer, durable)
    durable.store.attempt_failed(job_id, fence, never(), cost=NANO)
    assert (payer.day().held, payer.day().charged) == (0, NANO)
    assert durable.store.job(job_id).cost == NANO
    (attempt,) = durable.store.attempts(job_id)
    assert attempt.cost == NANO


def test_a_stale_worker_charges_nothing(payer, durable, world):
    job_id, fence = paid(payer, durable)
    durable.expire(job_id)
    durable.store.reclaim(again())
    (claim,) = durable.claim()
    assert not durable.store.complete(job_id, b"packed", world.progress, world.layout, ran=0.5, fence=fence)
    assert payer.day().held == 3 * NANO
    new = claim.record.fence
    assert durable.store.complete(job_id, b"packed", world.progress, world.layout, ran=0.5, fence=new)
    assert (payer.day().held, payer.day().charged) == (0, 3 * NANO)


# -- what a service may have heard of ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handed", "status"), [(True, S.CANCELLING), (False, S.CANCELLED)], ids=["handed over", "never"]
)
def test_a_cancel_between_attempts_waits_for_a_worker_only_where_a_service_may_have_heard(
    durable, handed, status
):
    job_id, fence = durable.held(site=SITE)
    assert durable.store.attempt_failed(job_id, fence, again(600), handed=handed)
    assert durable.store.cancel(job_id)
    assert durable.store.job(job_id).status is status
    assert bool(durable.claim()) is handed  # at once, whatever the pause was


@pytest.mark.parametrize("handed", [True, False])
def test_a_decision_knows_whether_a_service_may_have_heard(durable, handed):
    job_id, fence = durable.held(site=SITE)
    told = []
    durable.store.attempt_failed(
        job_id, fence, lambda setback: told.append(setback) or again()(setback), handed=handed
    )
    assert [setback.elsewhere for setback in told] == [handed]


def test_what_is_to_be_cancelled_and_never_reached_a_service_ends_with_its_attempt(durable):
    job_id, fence = durable.held(site=SITE)
    assert durable.store.cancel(job_id)
    assert durable.store.attempt_failed(job_id, fence, again(), handed=False)
    assert durable.store.job(job_id).status is S.CANCELLED


@pytest.mark.parametrize(
    ("place", "taken"), [("any", "he"), ("here", "h"), ("elsewhere", "e")], ids=["any", "here", "elsewhere"]
)
def test_which_jobs_are_shown(durable, place, taken):
    names = {durable.job(): "h", durable.job(site=SITE): "e"}
    assert durable.store.any_claimable("ada", place)
    claims = durable.store.claim(durable.worker(), lambda waiting: waiting, place=place)
    assert [names[claim.record.id] for claim in claims] == list(taken)
    assert durable.store.any_claimable("ada", place) is False


def test_a_look_that_takes_nothing_tells_nobody(durable):
    durable.job()
    changes = durable.store.changes(0.01)
    while changes.wait(0.2):
        pass
    assert durable.store.claim(durable.worker(), lambda _: []) == []
    assert not changes.wait(0.2)
    changes.close()
