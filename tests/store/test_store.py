"""The life of a job in the store: what is kept, what is refused, what is read back."""

import itertools
import threading
import uuid
from datetime import timedelta

import pytest

from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout, Register
from qjob.model.errors import InvalidRequest, NoSuchJob, StoreError
from qjob.model.events import EventKind, Progress
from qjob.model.job import MOVES, Failure, JobStatus
from qjob.model.program import Program, ProgramFormat

S = JobStatus
BROKEN = Failure("worker_killed", "it died.", "try again.", transient=True)


# -- accept ---------------------------------------------------------------------------------------------------


def test_a_job_comes_back_as_it_was_accepted(world):
    job = world.record(
        name="bell", options={"readout_error": 0.02, "statevector": True}, tags={"run": "7"}, retry_of="x"
    )
    world.store.accept(job, world.program, {"pid": 3})
    assert world.store.job(job.id) == job
    assert world.store.program(job.program) == world.program
    [entry] = world.store.log(job.id)
    assert (entry.job_id, entry.seq, entry.kind, entry.data) == (job.id, 0, EventKind.ACCEPTED, {"pid": 3})
    assert entry.at == world.clock.now


def test_a_program_is_stored_once(world):
    world.job()
    world.job()
    with world.store._db.read() as connection:
        assert connection.execute("SELECT count(*) FROM programs").fetchone() == (1,)


def test_an_unknown_program_is_a_key_error(world):
    with pytest.raises(KeyError):
        world.store.program("beef")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"program": "beef"}, id="another program"),
        pytest.param({"status": S.RUNNING}, id="running already"),
        pytest.param({"status": S.COMPLETED}, id="ended already"),
    ],
)
def test_a_job_that_is_not_new_is_refused(world, changes):
    with pytest.raises(ValueError, match="job"):
        world.store.accept(world.record(**changes), world.program)
    assert world.store.jobs() == []


def test_the_same_id_twice_is_refused_and_changes_nothing(world):
    job = world.record()
    world.store.accept(job, world.program)
    other = Program(ProgramFormat.QASM3, b"other")
    with pytest.raises(StoreError, match=r"(?i)unique"):
        world.store.accept(job._replace(program=other.digest, name="other"), other)
    assert world.store.jobs() == [job]
    assert len(world.store.log(job.id)) == 1
    with pytest.raises(KeyError):
        world.store.program(other.digest)


@pytest.mark.parametrize(
    "changes",
    [pytest.param({"name": "\ud800"}, id="no Unicode"), pytest.param({"seed": 2**63}, id="too large")],
)
def test_values_that_sqlite_cannot_hold_are_refused(world, changes):
    with pytest.raises(InvalidRequest):
        world.store.accept(world.record(**changes), world.program)
    assert world.store.jobs() == []


def test_more_jobs_than_numbers_in_one_microsecond(world):
    moment = world.clock()
    with world.store.transaction():
        ids = [world.job(created_at=moment) for _ in range(1002)]
    last = world.job(created_at=moment + timedelta(microseconds=1))
    assert [job.id for job in world.store.jobs(limit=2000) if job.id != last] == ids[::-1]
    assert last in {job.id for job in world.store.jobs(limit=2000)}
    assert all(world.store.job(id_).created_at == moment for id_ in ids)


# -- move -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "to"), list(itertools.product(JobStatus, repeat=2)))
def test_exactly_the_legal_moves_are_made(world, before, to):
    job_id = world.job(before)
    job, log, progress = (
        world.store.job(job_id),
        world.store.log(job_id),
        world.store.snapshot(job_id).progress,
    )
    moved = world.store.move(job_id, to, failure=BROKEN if to is S.FAILED else None, data={"why": "test"})
    assert moved == (to in MOVES[before])
    after = world.store.job(job_id)
    if not moved:
        assert (after, world.store.log(job_id)) == (job, log)
        return
    now = world.clock.now
    [entry] = world.store.log(job_id, after=log[-1].seq)
    assert (entry.seq, entry.at, entry.kind, entry.data) == (
        len(log),
        now,
        EventKind[to.name],
        {"why": "test"},
    )
    assert after == job._replace(
        status=to,
        failure=BROKEN if to is S.FAILED else None,
        started_at=now if to is S.RUNNING else job.started_at,
        ended_at=now if to.ended else None,
    )
    assert world.store.snapshot(job_id).progress == progress


def test_a_job_that_starts_twice_keeps_its_first_start(world):
    job_id = world.job(S.RUNNING)
    first = world.store.job(job_id).started_at
    world.to(job_id, S.QUEUED)
    world.to(job_id, S.RUNNING)
    assert world.store.job(job_id).started_at == first
    assert [entry.seq for entry in world.store.log(job_id)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("to", "failure"),
    [
        pytest.param(S.FAILED, None, id="failed for no reason"),
        pytest.param(S.COMPLETED, BROKEN, id="completed with a reason"),
        pytest.param(S.QUEUED, BROKEN, id="queued with a reason"),
    ],
)
def test_a_failure_belongs_to_ends_without_a_result(world, to, failure):
    job_id = world.job(S.RUNNING)
    with pytest.raises(ValueError, match="failure"):
        world.store.move(job_id, to, failure=failure)


def test_a_cancel_by_something_else_keeps_its_reason(world):
    job_id = world.job(S.RUNNING)
    assert world.store.move(job_id, S.CANCELLED, failure=BROKEN)
    assert world.store.job(job_id).failure == BROKEN


@pytest.mark.parametrize("to", list(JobStatus))
def test_moving_an_unknown_job_is_an_error(world, to):
    with pytest.raises(NoSuchJob, match="beef"):
        world.to("beef", to)


# -- progress and results -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(JobStatus))
def test_progress_is_set_only_between_admission_and_end(world, status):
    job_id = world.job(status)
    before = world.store.snapshot(job_id).progress
    new = Progress("evolving the state")
    taken = world.store.set_progress(job_id, new)
    assert taken == (status in (S.QUEUED, S.RUNNING, S.CANCELLING))
    assert world.store.snapshot(job_id).progress == (new if taken else before)


@pytest.mark.parametrize("status", list(JobStatus))
def test_a_result_is_stored_with_the_completion_or_not_at_all(world, status):
    job_id = world.job(status)
    layout = BitLayout(3, (0, 2), (Register("a", 1), Register("b", 2)))
    progress = Progress("done", 100, (("000", 60), ("101", 40)), 2)
    before = world.store.snapshot(job_id)
    completed = world.store.complete(job_id, b"\0\xff", progress, layout)
    after = world.store.snapshot(job_id)
    assert completed == (S.COMPLETED in MOVES[status])
    if completed:
        assert world.store.result(job_id) == b"\0\xff"
        assert (after.job.status, after.progress, after.layout) == (S.COMPLETED, progress, layout)
        assert after.job.ended_at == world.clock.now
    else:
        assert after == before
        assert world.store.result(job_id) == (b"packed" if status is S.COMPLETED else None)


def test_of_many_that_end_a_job_one_succeeds(world):
    job_id = world.job(S.RUNNING)
    ends = [S.COMPLETED, S.FAILED, S.CANCELLED] * 4
    gate, won = threading.Barrier(len(ends)), []

    def end(to):
        gate.wait()
        if world.to(job_id, to):
            won.append(to)

    threads = [threading.Thread(target=end, args=(to,)) for to in ends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [world.store.job(job_id).status]
    assert [entry.kind for entry in world.store.log(job_id)][3:] == [won[0].lower()]


def test_the_queue_position_counts_the_owners_queued_jobs(world):
    first, second = world.job(S.QUEUED), world.job(S.QUEUED)
    other, nobodys = world.job(S.QUEUED, owner="other"), world.job(S.QUEUED, owner=None)
    running = world.job(S.RUNNING)
    third = world.job(S.QUEUED)
    ids = [first, second, other, nobodys, running, third]
    assert [world.store.snapshot(id_).queue_position for id_ in ids] == [1, 2, 1, None, None, 3]
    world.to(first, S.RUNNING)
    assert [world.store.snapshot(id_).queue_position for id_ in ids] == [None, 1, 1, None, None, 2]


@pytest.mark.parametrize("read", ["job", "snapshot"])
def test_reading_an_unknown_job_is_an_error(world, read):
    with pytest.raises(NoSuchJob, match="beef"):
        getattr(world.store, read)("beef")


def test_an_unknown_job_has_no_result_and_no_log(world):
    assert world.store.result("beef") is None
    assert world.store.log("beef") == []


def test_the_log_is_read_from_where_one_stopped(world):
    job_id = world.job(S.COMPLETED)
    assert [entry.kind for entry in world.store.log(job_id, after=1)] == ["running", "completed"]
    assert world.store.log(job_id, after=3) == []


# -- many jobs ------------------------------------------------------------------------------------------------


def test_unfinished_and_cancelling(world):
    ids = {status: world.job(status) for status in JobStatus}
    assert [job.id for job in world.store.unfinished()] == [ids[s] for s in JobStatus if not s.ended]
    other = world.job(S.CANCELLING, owner="other")
    assert world.store.cancelling("me") == [(ids[S.CANCELLING], None)]
    assert world.store.cancelling("other") == [(other, None)]
    assert world.store.cancelling("nobody") == []


def test_completion_of_names_and_ids(world):
    world.job(name="bell", id="aaaa1111-0000-4000-8000-000000000000")
    world.job(name="ghz", id="aaaa2222-0000-4000-8000-000000000000")
    world.job(name="bell", id="bbbb1111-0000-4000-8000-000000000000")
    world.job(name=None, id="cccc1111-0000-4000-8000-000000000000")
    assert world.store.names("", 9) == ["bell", "ghz"]
    assert world.store.names("g", 9) == ["ghz"]
    assert world.store.names("", 1) == ["bell"]
    assert world.store.names("%", 9) == []
    assert [id_[:4] for id_ in world.store.ids("", 9)] == ["cccc", "bbbb", "aaaa", "aaaa"]
    assert [id_[4:8] for id_ in world.store.ids("AAAA", 9)] == ["2222", "1111"]


def test_the_data_version_tells_of_other_writers(world, new_world):
    other = new_world(world.path)
    job_id = world.job()
    before = world.store.data_version()
    assert world.store.data_version() == before
    other.to(job_id, S.QUEUED)
    after = world.store.data_version()
    assert after != before
    assert world.store.data_version() == after
    other.store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_data_version_of_a_file_does_not_tell_of_ones_own_writes(world):
    before = world.store.data_version()
    world.job()
    assert world.store.data_version() == before


# -- batches -----------------------------------------------------------------------------------------------------


def batch_of(world, size, name=None, **changes):
    batch = BatchRecord(str(uuid.uuid4()), "ada", name, size, world.clock())
    jobs = [world.record(batch=batch.id, place=place, **changes) for place in range(size)]
    return batch, [(job, world.program) for job in jobs]


def test_a_batch_is_stored_with_all_its_jobs(world):
    batch, jobs = batch_of(world, 3, "sweep")
    world.store.accept_batch(batch, jobs)
    assert world.store.batch(batch.id) == batch
    assert world.store.jobs_of(batch.id) == [job.id for job, _ in jobs]
    assert world.store.records_of(batch.id) == [world.store.job(job.id) for job, _ in jobs]
    assert [world.store.job(job.id) for job, _ in jobs] == [job for job, _ in jobs]
    world.store.move(jobs[1][0].id, JobStatus.CANCELLED)
    assert world.store.statuses_of(batch.id) == {JobStatus.INITIALIZING: 2, JobStatus.CANCELLED: 1}


def test_of_a_batch_with_a_job_that_exists_nothing_is_stored(world):
    batch, jobs = batch_of(world, 3)
    existing = world.job()
    jobs[2] = jobs[2][0]._replace(id=existing), world.program
    with pytest.raises(StoreError):
        world.store.accept_batch(batch, jobs)
    assert [job.id for job in world.store.jobs()] == [existing]
    with pytest.raises(NoSuchJob):
        world.store.batch(batch.id)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda jobs: jobs[:2],
        lambda jobs: jobs[::-1],
        lambda jobs: [*jobs[:2], (jobs[2][0]._replace(batch=None), jobs[2][1])],
    ],
    ids=["too few", "another order", "not of the batch"],
)
def test_jobs_that_are_not_the_batch_are_refused(world, spoil):
    batch, jobs = batch_of(world, 3)
    with pytest.raises(ValueError, match="are not the 3 of batch"):
        world.store.accept_batch(batch, spoil(jobs))
    assert world.store.jobs() == []
