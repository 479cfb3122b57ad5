"""Workers that babble and stores that refuse: one job's trouble is never another's, and no news are lost."""

import socket
import sqlite3
from dataclasses import replace
from decimal import Decimal

import pytest

from qjob.execution.frames import Packed, to_text
from qjob.execution.news import Item, latest
from qjob.execution.worker import SOCKET_BUFFER, Worker
from qjob.model.bits import BitLayout
from qjob.model.events import Cancelled, Failed, Progress, Running
from qjob.model.job import Failure, JobStatus
from qjob.model.packing import unpack

COMPLETED = JobStatus.COMPLETED

UNIFORM = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[14]; creg c[14]; h q; measure q->c;'


class Babbler:
    """A spawner whose workers say what no worker says."""

    control = None
    gone = False

    def __init__(self, says):
        self.says = says
        self.socks = []
        self.killed = []

    def spawn(self):
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
        theirs.sendall(self.says)
        self.socks.append(theirs)
        return Worker(len(self.socks), ours, None)

    def kill(self, worker):
        self.killed.append(worker)
        self.socks[worker.token - 1].close()

    def control_ready(self):
        return []

    def reap(self, _):
        return True

    def close(self):
        for sock in self.socks:
            sock.close()


@pytest.mark.parametrize(
    "says",
    [
        b"\x02\x00\x00\x00\x00\x00\x00\x00[]",
        b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
        b"\x01\x00\x00\x00\x00\x00\x00\x00{",
        b'\x15\x00\x00\x00\x00\x00\x00\x00{"event":"completed"}',
    ],
    ids=["no object", "no event", "no JSON", "no result"],
)
def test_a_worker_that_babbles_is_ended_and_its_job_fails(make_lab, says):
    lab = make_lab(start=lambda: Babbler(says))
    job = lab.add()
    lab.drive(lab.ended(job))
    assert lab.store.job(job).failure.code == "worker_error"
    assert len(lab.spawner.killed) == 1
    lab.drive(lambda: not lab.runner._crew.hands.closing)
    assert not lab.runner._crew.hands.idle


# -- a store that refuses ----------------------------------------------------------------------------------------


@pytest.fixture
def full(lab):
    """Let the disk be full for this thread, or not."""

    def change(*, to):
        with lab.store._db.read() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages if to else 1 << 30}")

    return change


def test_what_a_full_disk_refuses_is_written_when_there_is_room(lab, full):
    lab.drive(lab.ended(lab.add()))
    job = lab.add(UNIFORM, 20_000)  # some 20 KB of result
    full(to=True)
    lab.drive(lab.runner._news.ended)
    lab.step()
    assert lab.status(job) is not COMPLETED
    assert lab.store.result(job) is None
    assert lab.runner.busy
    full(to=False)
    lab.step()
    assert lab.status(job) is COMPLETED
    assert unpack(lab.store.result(job)).counts.shots == 20_000
    assert lab.kinds(job) == ["accepted", "running", "completed"]


def test_a_job_that_somebody_removed_does_not_hold_up_the_others(lab):
    gone, other = lab.accept(), lab.accept()
    connection = sqlite3.connect(lab.home / "qjob.sqlite", isolation_level=None)
    connection.execute("DELETE FROM jobs WHERE id = ?", (gone.job_id,))
    connection.close()
    lab.runner.add(gone)
    lab.runner.add(other)
    lab.drive(lab.ended(other.job_id))
    assert lab.status(other.job_id) is COMPLETED
    assert not lab.runner.busy


def test_a_result_that_does_not_fit_into_the_store_fails_its_job_alone(lab):
    with lab.store._db.read() as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 3_000)
    large, small = lab.add(UNIFORM, 20_000), lab.add()
    lab.drive(lab.ended(large, small))
    assert lab.status(small) is COMPLETED
    failure = lab.store.job(large).failure
    assert failure.code == "not_stored"
    assert "too large" in failure.reason


FAILED = Failed(Failure("x", "y"))
DONE = Packed(b"", to_text(Progress("completed")), to_text(BitLayout(1, (0,))))


@pytest.mark.parametrize(
    ("news", "kept"),
    [
        ([], []),
        ([("a", Running()), ("a", Progress("1"))], [("a", Running()), ("a", Progress("1"))]),
        ([("a", Progress("1")), ("a", Progress("2"))], [("a", Progress("2"))]),
        ([("a", Progress("1")), ("b", Progress("2"))], [("a", Progress("1")), ("b", Progress("2"))]),
        ([("a", Running()), ("a", Progress("1")), ("a", FAILED)], [("a", Running()), ("a", FAILED)]),
        ([("a", Progress("1")), ("b", Cancelled())], [("a", Progress("1")), ("b", Cancelled())]),
        ([("a", Progress("1")), ("a", Running())], [("a", Progress("1")), ("a", Running())]),
        ([("a", Running()), ("a", DONE)], [("a", DONE, 1)]),
        ([("a", Running()), ("b", DONE)], [("a", Running()), ("b", DONE)]),
        (
            [("a", Running()), ("b", Running()), ("a", DONE), ("b", DONE)],
            [("a", DONE, 2), ("b", DONE, 2)],
        ),
    ],
    ids=[
        "none",
        "progress",
        "newer",
        "others",
        "end",
        "another's end",
        "no end",
        "whole",
        "another's",
        "two",
    ],
)
def test_what_newer_news_overtake_is_dropped(news, kept):
    """Each comes a second after the one before; what is kept of an end says how long it ran, where that is news."""
    given = [Item(*one, at=float(second)) for second, one in enumerate(news)]
    left = [(item.job_id, item.outcome, *([] if item.ran is None else [item.ran])) for item in latest(given)]
    assert left == kept


def test_a_failure_that_cannot_be_stored_is_given_up_after_one_attempt(lab, caplog):
    order = lab.accept()
    lab.runner._news.add(order.job_id, Failed(Failure("x", "\ud800")))
    assert lab.runner._news.write()
    assert not lab.runner._news
    assert order.job_id in caplog.text


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Cancelled(Decimal(1)), id="cancelled"),
        pytest.param(replace(DONE, cost=Decimal(1)), id="completed"),
        pytest.param(Failed(Failure("x", "y"), Decimal(1)), id="failed"),
        pytest.param(Failed(Failure("x", "\ud800"), Decimal(1)), id="unspeakable"),
    ],
)
def test_a_job_that_nobody_can_pay_for_ends_all_the_same(lab, outcome, caplog):
    order = lab.accept()  # of no team
    lab.runner._news.add(order.job_id, outcome)
    assert lab.runner._news.write() == {order.job_id: True}
    assert not lab.runner._news
    job = lab.store.job(order.job_id)
    assert (job.status, job.failure.code, job.cost) == (JobStatus.FAILED, "not_stored", None)
    assert "without a team" in caplog.text or "surrogates" in caplog.text


@pytest.mark.parametrize(("cost", "durable"), [(None, False), (Decimal(0), False), (Decimal(1), True)])
def test_a_bill_survives_a_power_cut_also_where_nothing_was_held(lab, monkeypatch, cost, durable):
    asked, order = [], lab.accept()
    monkeypatch.setattr(lab.store, "complete", lambda *_, **__: True)
    real = lab.store.transaction
    monkeypatch.setattr(
        lab.store,
        "transaction",
        lambda *, jobs, durable: asked.append(durable) or real(jobs=jobs, durable=durable),
    )
    lab.runner._news.add(order.job_id, replace(DONE, cost=cost))
    lab.step()
    assert asked == [durable]


@pytest.mark.parametrize("paid", [True, False])
def test_the_end_of_what_is_paid_survives_a_power_cut(lab, monkeypatch, paid):
    real, asked = lab.store.transaction, []

    def transaction(*, jobs, durable):
        asked.append(durable)
        return real(jobs=jobs, durable=durable)

    monkeypatch.setattr(lab.store, "transaction", transaction)
    order = replace(lab.accept(), paid=paid)
    lab.runner.add(order)
    lab.drive(lab.ended(order.job_id))
    assert asked[-1] is paid
    other = lab.add()
    lab.drive(lab.ended(other))
    assert asked[-1] is False
