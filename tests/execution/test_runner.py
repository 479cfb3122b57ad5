"""The executor's decisions, with a real store and real workers; the test's own thread drives it step by step."""

from datetime import UTC, datetime
from itertools import groupby

import pytest

from qjob.execution.pool import TemplateSpawner
from qjob.model.errors import StoreUnavailable, WorkerError
from qjob.model.job import JobStatus
from qjob.model.packing import unpack
from qjob.store.store import Store

COMPLETED, FAILED, CANCELLED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED
QUEUED, RUNNING, CANCELLING = JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING
MIB, GIB = 1 << 20, 1 << 30


def entangled(qubits=18, layers=18):
    """A circuit whose matrix product state takes hundreds of MiB."""
    body = "".join(f"rx(0.{i + 3}) q[{i}];" for i in range(qubits))
    for layer in range(layers):
        body += "".join(
            f"cx q[{i}],q[{i + 1}]; ry(1.{i}{layer}) q[{i}];" for i in range(layer % 2, qubits - 1, 2)
        )
    return f'OPENQASM 2.0; include "qelib1.inc"; qreg q[{qubits}]; creg c[{qubits}]; {body} measure q->c;'


@pytest.fixture
def elsewhere(lab):
    """The same store through another handle, as another process has it."""
    store = Store.open(lab.home / "qjob.sqlite", clock=lambda: datetime.now(UTC))
    yield store
    store.close()


# -- order -------------------------------------------------------------------------------------------------------


def test_a_job_from_acceptance_to_result(lab):
    job = lab.add(shots=300)
    assert lab.runner.busy
    lab.drive(lab.ended(job))
    assert lab.kinds(job) == ["accepted", "running", "completed"]
    assert unpack(lab.store.result(job)).counts.shots == 300
    assert lab.store.snapshot(job).progress.shots_done == 300
    assert not lab.runner.busy


def test_with_one_worker_jobs_run_one_after_the_other_in_the_order_they_came(lab):
    jobs = [lab.add() for _ in range(5)]
    over, in_hand = lab.ended(*jobs), []

    def ended():
        in_hand.append([order.job_id for _, order in lab.runner._crew.hands.orders()])
        return over()

    lab.drive(ended)
    assert [lab.status(job) for job in jobs] == [COMPLETED] * 5
    assert [job for held, _ in groupby(in_hand) for job in held] == jobs  # never two of them
    assert len(lab.workers()) == 1  # the same one for all


def test_with_two_workers_two_jobs_run_at_once_and_a_third_waits(make_lab):
    lab = make_lab(workers=2)
    first, second, third = lab.add_slow(), lab.add_slow(), lab.add()
    lab.drive(lab.has(RUNNING, first, second))
    assert lab.status(third) is QUEUED
    lab.store.move(first, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    lab.drive(lab.ended(third))
    assert [lab.status(job) for job in (first, second, third)] == [CANCELLED, RUNNING, COMPLETED]


def test_the_same_order_twice_runs_once(lab):
    order = lab.accept()
    lab.runner.add(order)
    lab.runner.add(order)
    lab.step()
    lab.runner.add(order)
    lab.drive(lab.ended(order.job_id))
    assert not lab.runner.busy


# -- memory ------------------------------------------------------------------------------------------------------


def test_a_job_waits_until_its_memory_is_free(make_lab):
    lab = make_lab(workers=2)
    lab.free = GIB
    large = lab.add_slow(memory=2 * GIB)  # does not fit, but nothing else runs that could make room
    lab.drive(lab.has(RUNNING, large))
    another = lab.add(memory=2 * GIB)
    for _ in range(3):
        lab.step()
        lab.runner.wait()
    assert lab.status(another) is QUEUED
    lab.free = 2 * GIB
    lab.drive(lab.ended(another))
    assert lab.status(another) is COMPLETED


@pytest.mark.parametrize("memory", [0, 100 * MIB, None], ids=["none", "little", "unknown"])
def test_what_needs_little_or_nobody_knows_does_not_wait(make_lab, memory):
    lab = make_lab(workers=2)
    lab.free = 16 * MIB
    busy = lab.add_slow()
    other = lab.add_slow(memory=memory)
    lab.drive(lab.has(RUNNING, busy, other))


def test_a_job_of_unknown_need_is_held_to_what_is_free(lab):
    lab.free = 24 * MIB
    job = lab.add(entangled(), backend="qb-sim-tensor-network", memory=None)
    lab.drive(lab.ended(job))
    failure = lab.store.job(job).failure
    assert failure.code in ("out_of_memory", "worker_crashed")  # bad_alloc, or Aer aborts by itself
    assert failure.remedy
    again = lab.add(backend="qb-sim-tensor-network", memory=None)
    lab.drive(lab.ended(again))
    assert lab.status(again) is COMPLETED


# -- cancelling --------------------------------------------------------------------------------------------------


def test_a_running_job_is_cancelled_and_the_next_begins(lab):
    running, waiting = lab.add_slow(), lab.add()
    lab.drive(lab.has(RUNNING, running))
    lab.store.move(running, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    assert lab.status(running) is CANCELLED  # at once, not when the process is gone
    lab.drive(lab.ended(waiting))
    assert lab.status(waiting) is COMPLETED
    assert lab.kinds(running) == ["accepted", "running", "cancelling", "cancelled"]


def test_a_queued_job_is_cancelled_without_running(lab):
    running, waiting = lab.add_slow(), lab.add()
    lab.drive(lab.has(RUNNING, running))
    lab.store.move(waiting, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    assert lab.kinds(waiting) == ["accepted", "cancelling", "cancelled"]
    assert lab.status(running) is RUNNING


@pytest.mark.parametrize("which", ["running", "waiting"])
def test_another_process_may_ask_for_it(lab, elsewhere, which):
    jobs = {"running": lab.add_slow(), "waiting": lab.add()}
    lab.drive(lab.has(RUNNING, jobs["running"]))
    elsewhere.move(jobs[which], CANCELLING)
    lab.drive(lab.has(CANCELLED, jobs[which]), seconds=5)


def test_a_cancel_that_is_faster_than_the_order(lab):
    lab.add_slow()
    order = lab.accept()
    lab.store.move(order.job_id, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    assert lab.status(order.job_id) is CANCELLED
    lab.runner.add(order)
    assert order.job_id not in lab.runner._waiting


def test_a_result_that_comes_before_the_cancel_takes_effect_is_kept(lab):
    job = lab.add()
    lab.step()
    while len(lab.runner._crew.hands):  # heard, and not yet written down
        lab.runner.wait()
    lab.store.move(job, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    assert lab.status(job) is COMPLETED
    assert lab.store.result(job) is not None


def test_a_store_that_cannot_be_asked_for_cancels_does_not_end_jobs(lab, monkeypatch):
    def locked():
        raise StoreUnavailable("locked for too long")

    job = lab.add_slow()
    lab.drive(lab.has(RUNNING, job))
    with monkeypatch.context() as patch:
        patch.setattr(lab.store, "data_version", locked)
        for _ in range(3):
            lab.step()
    assert lab.status(job) is RUNNING
    lab.store.move(job, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    assert lab.status(job) is CANCELLED


# -- dying -------------------------------------------------------------------------------------------------------


def test_a_killed_worker_fails_its_job_alone(make_lab):
    lab = make_lab(workers=2)
    first = lab.add_slow()
    lab.drive(lab.has(RUNNING, first))
    (victim,) = lab.workers()
    second, third = lab.add_slow(), lab.add()
    lab.drive(lab.has(RUNNING, second))
    victim.kill()
    lab.drive(lab.ended(first, third))
    assert [lab.status(job) for job in (first, second, third)] == [FAILED, RUNNING, COMPLETED]
    failure = lab.store.job(first).failure
    assert (failure.code, failure.transient) == ("worker_killed", True)
    assert failure.remedy == f"Run it again: %qjob retry {first[:8]}"


def test_a_killed_template_fails_what_ran_and_is_started_again_for_what_waits(lab):
    running, waiting = lab.add_slow(), lab.add()
    lab.drive(lab.has(RUNNING, running))
    lab.template().kill()
    lab.drive(lab.ended(running, waiting))
    assert [lab.status(running), lab.status(waiting)] == [FAILED, COMPLETED]
    assert lab.store.job(running).failure.code == "worker_killed"
    assert lab.starts == 2


def test_a_template_killed_while_idle_is_not_missed(lab):
    job = lab.add()
    lab.drive(lab.ended(job))
    lab.template().kill()
    lab.runner.wait()  # told by its sockets
    job = lab.add()
    lab.drive(lab.ended(job))
    assert lab.status(job) is COMPLETED


def test_an_idle_worker_killed_is_replaced(lab):
    job = lab.add()
    lab.drive(lab.ended(job))
    (worker,) = lab.workers()
    worker.kill()
    lab.runner.wait()
    lab.step()
    job = lab.add()
    lab.drive(lab.ended(job))
    assert lab.status(job) is COMPLETED
    assert worker.pid not in [other.pid for other in lab.workers()]


def test_no_worker_to_be_had_fails_the_job_with_the_reason_and_the_next_one_tries_again(make_lab):
    def start():
        if lab.starts == 1:
            raise WorkerError("no process left.", remedy="Free some.")
        return TemplateSpawner(lab.home, lab.home / "workers.log")

    lab = make_lab(start=start)
    first, second = lab.add(), lab.add()
    lab.drive(lab.ended(first, second))
    failure = lab.store.job(first).failure
    assert (failure.code, failure.reason, failure.remedy) == (
        "worker_error",
        "no process left.",
        "Free some.",
    )
    assert lab.status(second) is COMPLETED


# -- resting -----------------------------------------------------------------------------------------------------


def test_idle_workers_end_and_the_next_job_starts_new_ones(make_lab, processes):
    lab = make_lab(idle=0.05)
    job = lab.add()
    lab.drive(lab.ended(job))
    assert len(processes()) == 2  # template and worker
    while processes():  # what the template has to say may end the first wait
        lab.runner.wait()
    job = lab.add()
    lab.drive(lab.ended(job))
    assert lab.status(job) is COMPLETED
    assert lab.starts == 2


def test_rest_forgets_a_worker_that_was_killed_and_has_not_ended_yet(lab):
    job = lab.add_slow()
    lab.drive(lab.has(RUNNING, job))
    lab.store.move(job, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    lab.runner.rest()
    assert len(lab.runner._selector.get_map()) == 0


def test_what_was_heard_is_written_down_at_the_end(lab):
    job = lab.add()
    lab.step()
    while len(lab.runner._crew.hands):
        lab.runner.wait()
    assert lab.status(job) is QUEUED
    lab.runner.end()
    assert lab.status(job) is COMPLETED
