"""What happened to jobs, on its way into the store: under the lease under which it happened, and no other."""

import random

import pytest

from leasing import Durable, FileWorld
from qjob.backends.base import Needs
from qjob.backends.work import Work
from qjob.execution.frames import Packed, to_text
from qjob.execution.news import News, latest
from qjob.execution.retrying import Retrying
from qjob.execution.stored import order_of
from qjob.model.bits import BitLayout
from qjob.model.errors import StoreUnavailable
from qjob.model.events import Cancelled, Checkpoint, Failed, Progress, Running, Submitted
from qjob.model.job import Failure, JobStatus
from qjob.policy.retries import Patience

SITE = {"region": "us-east-1", "account": "1"}
BUSY = Failure("service_unavailable", "The service is busy.", transient=True)


class Heard:
    """Notes what it is told."""

    def __init__(self):
        self.said = []

    def begin(self, _):
        self.said.append("begin")

    def tell(self, _, outcome):
        self.said.append(type(outcome).__name__)

    def let_go(self, _):
        self.said.append("let go")


class Lab:
    def __init__(self, path):
        self.durable = Durable(FileWorld(path))
        self.store = self.durable.store
        self.heard = Heard()
        retrying = Retrying(Patience(), random.Random(1).random)
        self.news = News(self.store, retrying, self.heard)
        self.worker = self.durable.worker()

    def taken_up(self, job_id):
        """Take up a job, and expect news of it."""
        (claim,) = [one for one in self.durable.claim(self.worker) if one.record.id == job_id]
        work = Work(Needs(agent="serving" if claim.record.site else None))
        self.news.expect(order_of(self.store, claim.record, work, submission=claim.submission))
        return claim


@pytest.fixture
def lab(tmp_path):
    lab = Lab(tmp_path / "news")
    yield lab
    lab.store.close()


def fails_once(lab, monkeypatch, *, written):
    """Let the next transaction seem to fail; ``written``: only its answer is lost."""
    real = lab.store.transaction

    class Lost:
        def __init__(self, **more):
            self.inner = real(**more)

        def __enter__(self):
            monkeypatch.setattr(lab.store, "transaction", real)
            if not written:
                raise StoreUnavailable("it is away.", remedy="Wait.")
            return self.inner.__enter__()

        def __exit__(self, *error):
            self.inner.__exit__(*error)
            raise StoreUnavailable("nobody knows whether it was written.", remedy="Wait.")

    monkeypatch.setattr(lab.store, "transaction", Lost)


def test_the_end_of_an_attempt_never_ends_the_next_one(lab, monkeypatch):
    job_id = lab.durable.job(site=SITE)
    lab.taken_up(job_id)
    lab.news.add(job_id, Failed(BUSY))
    fails_once(lab, monkeypatch, written=True)
    assert lab.news.write() == {}  # its answer was lost: kept for the next time
    lab.durable.due(job_id)
    second = lab.taken_up(job_id)
    lab.news.add(job_id, Submitted("task-2"))
    assert lab.news.write() == {job_id: False}
    record = lab.store.job(job_id)
    assert record.remote_id == "task-2"
    assert record.attempt == second.record.attempt == 2
    assert [one.ended_at is None for one in lab.store.attempts(job_id)] == [False, True]
    lab.news.add(job_id, Failed(Failure("task_failed", "The device rejects it.")))
    assert lab.news.write() == {job_id: True}
    assert lab.store.job(job_id).status is JobStatus.FAILED


@pytest.mark.parametrize("written", [False, True], ids=["not written", "its answer lost"])
def test_a_failed_attempt_counts_once_however_often_it_is_told(lab, monkeypatch, written):
    job_id = lab.durable.job()
    lab.taken_up(job_id)
    lab.news.add(job_id, Failed(Failure("worker_killed", "It was killed.", transient=True)))
    fails_once(lab, monkeypatch, written=written)
    lab.news.write()
    lab.news.write()
    assert lab.durable.column(job_id, "tries") == 1
    assert lab.durable.kinds(job_id).count("retrying") == 1


def test_what_the_store_refuses_is_told_as_lost(lab):
    job_id = lab.durable.job()
    lab.taken_up(job_id)
    lab.durable.expire(job_id)
    lab.store.reclaim(Retrying(Patience(), lambda: 0.0).after_loss)
    lab.durable.due(job_id)
    lab.durable.claim()
    lab.news.add(job_id, Cancelled())
    assert lab.news.write() == {job_id: True}  # there is nothing left to do for it here
    assert lab.heard.said == ["begin", "let go"]
    assert lab.store.job(job_id).status is JobStatus.QUEUED


def test_a_checkpoint_survives_the_failure_behind_it(lab):
    job_id = lab.durable.job()
    lab.taken_up(job_id)
    lab.news.add(job_id, Checkpoint(10, b"first"))
    lab.news.add(job_id, Checkpoint(20, b"second"))
    lab.news.add(job_id, Failed(Failure("worker_killed", "It was killed.", transient=True)))
    lab.news.write()
    lab.durable.due(job_id)
    assert lab.taken_up(job_id).checkpoint == (20, b"second")


@pytest.mark.parametrize(
    ("site", "told", "timed"),
    [
        pytest.param(None, None, True, id="a worker says when it begins, and later that it is over"),
        pytest.param(None, 0.25, True, id="a worker says both at once"),
        pytest.param(SITE, None, False, id="a service was asked when all was over"),
    ],
)
def test_a_run_is_as_long_as_its_worker_says(lab, site, told, timed):
    job_id = lab.durable.job(site=site)
    lab.taken_up(job_id)
    if told is None:
        lab.news.add(job_id, Running())
    layout = to_text(BitLayout(1, (0,)))
    lab.news.add(job_id, Packed(b"packed", to_text(Progress("completed")), layout, ran=told))
    assert lab.news.write() == {job_id: True}
    job = lab.store.job(job_id)
    assert (job.ended_at > job.started_at) is timed
    if told is not None:
        assert (job.ended_at - job.started_at).total_seconds() == told


def kept(*outcomes):
    """What is left of news of one job, as (what, fence)."""
    from qjob.execution.news import Item

    items = [Item("job", outcome, fence) for outcome, fence in outcomes]
    return [(type(item.outcome).__name__, item.fence) for item in latest(items)]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        pytest.param([(Progress("a"), 1), (Progress("b"), 1)], [("Progress", 1)], id="progress is overtaken"),
        pytest.param(
            [(Checkpoint(1, b""), 1), (Progress("b"), 1)],
            [("Checkpoint", 1), ("Progress", 1)],
            id="a checkpoint not by progress",
        ),
        pytest.param(
            [(Checkpoint(1, b""), 1), (Cancelled(), 1)], [("Cancelled", 1)], id="but by an end for good"
        ),
        pytest.param(
            [(Running(), 1), (Failed(BUSY), 1), (Running(), 2)],
            [("Running", 1), ("Failed", 1), ("Running", 2)],
            id="two attempts stay apart",
        ),
    ],
)
def test_what_overtakes_what(given, left):
    assert kept(*given) == left
