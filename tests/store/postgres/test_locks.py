"""Who waits for whom: nobody in a circle, and two who want the same one after the other."""

import threading

import pytest

from qjob.model.batch import BatchRecord
from qjob.model.errors import OverBudget, QjobError, RateLimited, StoreUnavailable
from qjob.model.job import JobStatus, Pending
from qjob.model.money import NANO
from qjob.model.program import Program, ProgramFormat

S = JobStatus


def at_once(*works):
    """Run functions in threads that begin together; return what each returns or raises."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        gate.wait()
        try:
            results[place] = work()
        except (QjobError, threading.BrokenBarrierError) as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def failed(results):
    return [result for result in results if isinstance(result, Exception)]


def test_a_personal_team_that_many_make_at_once_is_one(payer):
    teams = at_once(*[lambda: payer.store.budget_of("new")[0]] * 8)
    assert failed(teams) == []
    assert len({team.id for team in teams}) == 1
    assert payer.rows("SELECT count(*) FROM teams") == payer.rows("SELECT count(*) FROM members") == [(1,)]


def test_of_many_admissions_at_once_as_many_are_admitted_as_there_is_room_for(payer):
    payer.limit(user_per_minute=1000, per_day=7 * NANO)
    results = at_once(*[lambda: payer.submit(3 * NANO)] * 8)
    assert [type(error) for error in failed(results)] == [OverBudget] * 6
    assert payer.day().held == 6 * NANO


def test_the_same_paid_job_asked_for_twice_at_once_is_one(payer):
    payer.limit(user_per_minute=1000)

    def submit():
        record = payer.world.record(cap=NANO, status=S.QUEUED, fingerprint="same")
        return payer.store.accept(record, payer.world.program, decide=lambda _: True, reuse=True).id

    results = at_once(*[submit] * 6)
    assert failed(results) == []
    assert len(set(results)) == 1


def test_batches_of_the_same_programs_in_different_orders(payer):
    programs = [Program(ProgramFormat.QASM3, f"OPENQASM 3.0; // {i}".encode()) for i in range(30)]

    def submit(user, programs):
        first = payer.world.record()
        batch = BatchRecord(first.id, user, None, len(programs), first.created_at)
        jobs = [
            (
                payer.world.record(user=user, cap=1, status=S.QUEUED, batch=batch.id, place=place)._replace(
                    program=program.digest
                ),
                program,
            )
            for place, program in enumerate(programs)
        ]
        return payer.store.accept_batch(batch, jobs, decide=lambda _: True).id

    results = at_once(lambda: submit("ada", programs), lambda: submit("bob", programs[::-1]))
    assert failed(results) == []
    assert payer.rows("SELECT count(*) FROM programs") == [(30,)]


def test_groups_that_end_the_same_jobs_of_two_teams_in_different_orders(payer):
    payer.limit(user_per_minute=1000)
    payer.limit("bob", user_per_minute=1000)
    jobs = [payer.submit(NANO, user=user) for _ in range(10) for user in ("ada", "bob")]

    def end(jobs, to):
        with payer.store.transaction(jobs=jobs, durable=True):
            return sum(payer.end(job_id, to) for job_id in jobs)

    results = at_once(
        lambda: end(jobs, S.COMPLETED), lambda: end(jobs[::-1], S.CANCELLED), lambda: payer.submit(NANO)
    )
    assert failed(results) == []
    assert sorted(results[:2]) == [0, 20]


def test_a_circle_is_broken_by_the_server_and_said(world):
    first, second = world.job(S.QUEUED), world.job(S.QUEUED)
    both = threading.Barrier(2)

    def change(jobs):
        with world.store.transaction():  # names none of them before
            world.to(jobs[0], S.RUNNING)
            both.wait()
            world.to(jobs[1], S.RUNNING)

    results = at_once(lambda: change([first, second]), lambda: change([second, first]))
    [error] = failed(results)
    assert isinstance(error, StoreUnavailable)
    assert "in each other's way" in str(error)
    assert error.retry_after
    assert {world.store.job(job_id).status for job_id in (first, second)} == {S.RUNNING}


def test_what_stays_locked_for_too_long_is_said(world, places):
    job_id = world.job(S.QUEUED)
    other = places.open(world.path, world.clock, busy_timeout=0.1)
    with world.store.transaction():
        world.to(job_id, S.RUNNING)
        with pytest.raises(StoreUnavailable, match="stayed locked"):
            other.move(job_id, S.CANCELLED)
    other.close()


def test_numbers_of_the_ledger_have_no_gaps_where_an_admission_was_undone(payer):
    payer.submit()

    def undone():
        with payer.store.transaction():
            payer.submit()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    payer.submit()
    payer.submit(user="bob")
    assert payer.rows("SELECT number FROM ledger ORDER BY team, number") in (
        [(1,), (2,), (1,)],
        [(1,), (1,), (2,)],
    )


def propose(payer):
    record = payer.world.record(cap=NANO)
    return payer.store.propose(record, payer.world.program, lambda _: Pending(consent=True)).id


def test_a_proposed_job_that_many_admit_at_once_is_admitted_once(payer):
    payer.limit(user_per_minute=1000)
    job_id = propose(payer)
    results = at_once(*[lambda: payer.store.admit([job_id], lambda *_: True)] * 6)
    assert sorted(results) == [[]] * 5 + [[job_id]]
    assert payer.moved(job_id) == [("hold", NANO)]


def test_proposed_jobs_that_are_admitted_together_while_each_ends(payer):
    payer.limit(user_per_minute=1000)
    for _ in range(6):
        job_ids = [propose(payer) for _ in range(8)]
        ends = [lambda job_id=job_id: payer.end(job_id, S.CANCELLED) for job_id in reversed(job_ids)]
        assert failed(at_once(lambda: payer.store.admit(job_ids, lambda *_: True), *ends)) == []  # noqa: B023 - as below
        assert {payer.store.job(job_id).status for job_id in job_ids} == {S.CANCELLED}
    assert payer.day().held == 0


def test_what_ends_while_it_is_admitted_to_another_team_pays_from_that_one(payer):
    """The hold of the one is settled by the other, or was never made; both lock the team that pays."""
    payer.limit(user_per_minute=1000)
    job_ids = [propose(payer) for _ in range(12)]
    payer.store.make_team("ada", "lab")

    def end(job_id):
        return payer.end(job_id, S.CANCELLED)

    for job_id in job_ids:
        both = (
            lambda job_id=job_id: payer.store.admit([job_id], lambda *_: True),
            lambda job_id=job_id: end(job_id),
        )
        assert failed(at_once(*both)) == []
        assert payer.store.job(job_id).status is S.CANCELLED
        assert payer.moved(job_id) in ([], [("hold", NANO), ("release", NANO)])
    assert payer.day().held == 0


def test_a_user_of_two_teams_is_admitted_no_faster(payer):
    """The rate of a user counts in all teams: whoever admits to another one waits, and then sees it."""
    payer.limit(user_per_minute=1)
    lab = payer.store.make_team("ada", "lab")
    payer.limit(user_per_minute=1)
    [own] = [team_id for team_id, _, _ in payer.store.teams_of("ada") if team_id != lab.id]
    payer.store.choose_team("ada", own)
    begun, go_on = threading.Event(), threading.Event()

    def first():
        with payer.store.transaction():
            job_id = payer.submit()
            begun.set()
            go_on.wait(30)
        return job_id

    def second():
        begun.wait(30)
        payer.store.choose_team("ada", lab.id)
        threading.Timer(0.3, go_on.set).start()  # by then the second one waits for the first
        return payer.submit()

    admitted, refused = at_once(first, second)
    assert isinstance(admitted, str)
    assert isinstance(refused, RateLimited)
