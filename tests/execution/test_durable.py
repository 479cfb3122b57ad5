"""A worker process beside what runs its jobs: whom it takes them from, what it lets go of, and when it ends.

What runs them is played: it holds what it is given until the test says that it has ended.
"""

import random
from dataclasses import replace

import pytest

from leasing import Durable, FileWorld
from qjob.backends.base import Needs
from qjob.backends.registry import Registry
from qjob.backends.work import Work
from qjob.catalog.loader import load_catalogue
from qjob.execution.durable import BEAT, CHECK, DurableWorker, Means
from qjob.execution.retrying import Retrying
from qjob.model.errors import InvalidRequest, StoreUnavailable
from qjob.model.job import JobStatus
from qjob.policy.retries import Patience
from qjob.store.leases import LEASE

S = JobStatus
WORK = Work(Needs(memory=1 << 40, seconds=1.0)).to_text()
TINY = Work(Needs(memory=0, seconds=0.0)).to_text()


class Executor:
    """Holds orders, and runs none."""

    def __init__(self):
        self.orders = {}
        self.dropped = []

    def begin(self):
        pass

    @property
    def held(self):
        return frozenset(self.orders)

    def submit(self, *orders):
        self.orders.update({order.job_id: order for order in orders})

    def drop(self, jobs):
        for job_id in jobs:
            self.dropped.append(job_id)
            del self.orders[job_id]


class Steps:
    """Lets a worker have so many turns, a second each, and then asks it to stop."""

    def __init__(self, lab):
        self.lab, self.left = lab, 0

    def wait(self, timeout):
        self.lab.now += timeout
        self.left -= 1
        if self.left <= 0:
            self.lab.worker.stop(by_hand=False)
        return True

    def wake(self):
        pass


class Lab:
    """A worker over a real store."""

    def __init__(self, path, *, processes=1, quiet=None):
        self.now = 1000.0
        self.durable = Durable(FileWorld(path))
        self.store = self.durable.store
        self.executor = Executor()
        self.steps = Steps(self)
        self.owner = self.store.owners.claim()
        self.record = self.durable.worker(id=self.owner.id)
        self.store.add_worker(self.record, alone=False)
        retrying = Retrying(Patience(), random.Random(1).random)
        means = Means(load_catalogue, Registry(), retrying, processes, quiet)
        self.worker = DurableWorker(
            self.store, self.executor, self.record, means, self.steps, clock=lambda: self.now
        )

    def job(self, work=WORK, **changes):
        return self.durable.job(work=work, **changes)

    def turn(self, seconds=CHECK):
        self.worker._turn()
        self.now += seconds

    def end(self, job_id):
        """Let a job in hand have ended, and be stored so."""
        fence = self.executor.orders.pop(job_id).fence
        assert self.store.move(job_id, S.CANCELLED, fence=fence)

    def close(self):
        self.owner.release()
        self.store.close()


@pytest.fixture
def make_lab(tmp_path):
    made = []

    def make(**more):
        (tmp_path / "durable").mkdir()
        made.append(Lab(tmp_path / "durable" / "qjob.sqlite", **more))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def lab(make_lab):
    return make_lab()


def test_it_takes_one_job_for_each_process_and_the_next_when_one_has_ended(make_lab):
    lab = make_lab(processes=2)
    jobs = [lab.job() for _ in range(3)]
    lab.turn()
    assert lab.executor.held == {*jobs[:2]}
    assert {order.fence for order in lab.executor.orders.values()} == {1}
    lab.end(jobs[0])
    lab.turn()
    assert lab.executor.held == {*jobs[1:]}


def test_it_renews_its_leases_in_time(lab):
    job_id = lab.job()
    lab.turn()
    lab.durable.expire(job_id)
    assert BEAT < LEASE / 2
    lab.now += BEAT
    lab.turn()
    assert lab.durable.column(job_id, "lease_until") > 1
    assert lab.executor.dropped == []


def test_what_somebody_else_has_by_now_is_let_go_of(lab):
    job_id = lab.job()
    lab.turn()
    lab.durable.expire(job_id)
    lab.store.reclaim(lab.worker._means.retrying.after_loss)
    lab.durable.due(job_id)
    assert [claim.record.id for claim in lab.durable.claim()] == [job_id]
    lab.now += BEAT
    lab.turn()
    assert lab.executor.dropped == [job_id]
    assert lab.executor.held == frozenset()


def test_a_claim_that_it_does_not_know_of_is_given_back_but_not_at_the_first_look(lab):
    known = lab.job()
    lab.turn()
    orphan, _ = lab.durable.held(lab.record)  # taken up, and the answer was lost
    lab.now += BEAT
    lab.turn()
    assert lab.durable.codes(orphan) == [None]  # it may just have ended
    lab.now += BEAT
    lab.turn()
    assert lab.durable.codes(orphan) == ["given_back"]
    assert lab.executor.held == {known}


def test_the_jobs_of_one_that_has_died_are_taken_back_at_once(lab):
    job_id = lab.job()
    dead = lab.store.owners.claim()
    assert lab.durable.claim(lab.durable.worker(id=dead.id))
    dead.release()
    lab.turn()
    assert lab.durable.codes(job_id) == ["lease_lost"]
    lab.durable.due(job_id)
    lab.turn()
    assert lab.executor.held == {job_id}


def test_the_jobs_of_one_that_lives_are_left_to_it(lab):
    other = lab.store.owners.claim()
    job_id, _ = lab.durable.held(lab.durable.worker(id=other.id), work=WORK)
    for _ in range(3):
        lab.turn()
    other.release()
    assert lab.durable.codes(job_id) == [None]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"backend": "nowhere"}, "unknown_backend", id="no such backend"),
        pytest.param({"work": "{}"}, "executor_error", id="a row that cannot be read"),
        pytest.param({"work": "no JSON"}, "executor_error", id="nor parsed"),
        pytest.param({"work": None}, "executor_error", id="nothing is known of its work"),
    ],
)
def test_what_cannot_be_run_here_is_an_attempt_that_failed_and_holds_up_nobody(lab, changes, code):
    bad = lab.job(**changes)
    good = lab.job()
    lab.turn()
    lab.turn()
    assert lab.durable.codes(bad) == [code]
    assert lab.store.job(bad).status is S.QUEUED
    assert lab.executor.held == {good}


def test_a_backend_that_was_written_into_the_catalogue_since_is_found(lab):
    full = load_catalogue()
    lab.worker._catalogue = type(full)(())
    job_id = lab.job()
    lab.turn()
    assert lab.executor.held == {job_id}


def test_it_goes_on_when_the_store_answers_again(lab, monkeypatch):
    job_id = lab.job()
    real, times = lab.store.claim, []

    def claim(*args, **more):
        times.append(1)
        if len(times) == 1:
            raise StoreUnavailable("the disk is full.", remedy="Free some.")
        return real(*args, **more)

    monkeypatch.setattr(lab.store, "claim", claim)
    lab.steps.left = 3
    lab.worker.run()
    assert lab.executor.held == {job_id}


# -- its end -------------------------------------------------------------------------------------------------------


def test_asked_to_stop_it_ends_whatever_it_has_in_hand(lab):
    lab.job()
    lab.turn()
    lab.store.ask_worker(lab.record.id, "stop")
    lab.steps.left = 5
    lab.worker.run()
    assert lab.steps.left == 4
    assert lab.executor.held


def test_asked_to_drain_it_takes_nothing_more_and_ends_with_its_last_job(lab):
    first, second = lab.job(TINY), None
    lab.turn()
    lab.store.ask_worker(lab.record.id, "drain")
    lab.turn()
    second = lab.job(TINY)
    lab.turn()
    assert lab.executor.held == {first}
    assert not lab.worker._over()
    lab.end(first)
    lab.turn()
    assert lab.worker._over()
    assert lab.durable.codes(second) == []


@pytest.mark.parametrize(
    ("quiet", "seconds", "over"),
    [
        pytest.param(60.0, 59.0, False, id="not yet"),
        pytest.param(60.0, 61.0, True, id="quiet for long enough"),
        pytest.param(None, 1e6, False, id="told to stay"),
    ],
)
def test_a_quiet_one_ends(make_lab, quiet, seconds, over):
    lab = make_lab(quiet=quiet)
    lab.turn(0.0)
    lab.now += seconds
    assert lab.worker._quiet() is over
    assert not lab.worker._over()


def test_one_that_is_about_to_leave_looks_once_more(make_lab):
    lab = make_lab(quiet=60.0)
    lab.turn(0.0)
    lab.now += 61
    job_id = lab.job()  # by somebody who has seen this worker on the list
    assert lab.worker._quiet()
    assert not lab.worker._leaves()
    lab.turn(0.0)
    assert lab.executor.held == {job_id}
    assert [one.ended_at for one in lab.store.workers("ada")] == [None]
    lab.end(job_id)
    lab.turn(0.0)
    assert lab.worker._leaves()
    assert lab.store.workers("ada")[0].ended_at is not None


def test_a_stop_is_heard_while_it_drains(lab):
    lab.job()
    lab.turn()
    lab.store.ask_worker(lab.record.id, "drain")
    lab.turn()
    assert not lab.worker._over()
    lab.store.ask_worker(lab.record.id, "stop")
    lab.turn()
    assert lab.worker._over()


def test_a_catalogue_that_cannot_be_read_fails_the_attempt_and_not_the_worker(lab, monkeypatch):
    good = lab.job()
    bad = lab.job(backend="no-such-backend")

    def broken():
        raise InvalidRequest("backends.toml is no valid TOML.", remedy="Mend it.")

    monkeypatch.setattr(lab.worker, "_means", replace(lab.worker._means, catalogue=broken, processes=2))
    lab.turn()
    assert lab.executor.held == {good}
    assert lab.durable.codes(bad) == ["unknown_backend"]


def test_one_that_has_a_job_in_hand_or_waits_for_one_is_not_quiet(make_lab):
    lab = make_lab(quiet=60.0)
    job_id = lab.job()
    lab.turn(0.0)
    lab.now += 61
    assert not lab.worker._quiet()
    order = lab.executor.orders.pop(job_id)
    lab.store.attempt_failed(job_id, order.fence, lab.worker._means.retrying.after_loss)
    lab.now += 61
    lab.turn(0.0)  # its next attempt is not due yet
    assert not lab.worker._quiet()


def test_it_ends_once_a_newer_version_has_changed_the_store(lab):
    job_id = lab.job()
    lab.turn()
    assert not lab.worker._over()
    with lab.durable.world.raw as connection:
        connection.execute("PRAGMA user_version = 999")
    lab.turn()
    assert lab.worker._over()
    assert lab.executor.held == {job_id}  # given back as the process ends
