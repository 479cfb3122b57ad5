"""What is said of a durable job on its card, its receipt and its text."""

from dataclasses import replace
from datetime import timedelta

import pytest

from qjob.model.attempt import Attempt
from qjob.model.job import Failure, JobStatus
from qjob.model.worker import Outlook, Prospect
from qjob.showing import attempts, batch_summary
from qjob.showing.batch_receipt import batch_html
from qjob.showing.batch_state import batch_state
from qjob.showing.batch_text import batch_text
from qjob.showing.card_state import card_state
from qjob.showing.packet import LIMIT, size
from qjob.showing.receipt import receipt_html, receipt_text
from qjob.showing.summary import facts, note, phase, since, standing
from qjob.showing.tables import jobs

LOST = Failure("lease_lost", "the worker process (lab3:7) ended", "", transient=True)
LISTENING, STARTING = Outlook(Prospect.LISTENING), Outlook(Prospect.STARTING)
ENDING, MISSING = Outlook(Prospect.ENDING), Outlook(Prospect.MISSING, said="ImportError: no module")


@pytest.fixture
def stopped(created):
    return Outlook(Prospect.STOPPED, created)


@pytest.fixture
def tried(created):
    """Make attempts of what each ended with: a failure, None for the last one's end, ... for under way."""

    def make(*ends, shots=()):
        made = []
        for i, end in enumerate(ends):
            began = created + timedelta(seconds=10 * i)
            ended = None if end is ... else began + timedelta(seconds=4.21)
            failure = end if isinstance(end, Failure) else None
            counted = shots[i] if i < len(shots) else 0
            made.append(Attempt(i + 1, f"lab3:{7 + i}", counted, began, ended, failure, None))
        return tuple(made)

    return make


@pytest.fixture
def durable(snapshot_of):
    """Make a durable job; of one that somebody has in hand, ``owner`` is who."""

    def make(status="QUEUED", counts=None, *, owner=None, done=(), due_at=None, outlook=None, **facts):
        snapshot = snapshot_of(status, counts, **facts)
        job = snapshot.job._replace(mode="durable", owner=owner, attempt=len(done))
        return replace(snapshot, job=job, attempts=tuple(done), due_at=due_at, outlook=outlook)

    return make


@pytest.mark.parametrize(
    ("outlook", "position", "waits", "said"),
    [
        pytest.param(LISTENING, 1, False, "waiting for a worker, next in the queue", id="a-worker-listens"),
        pytest.param(LISTENING, 3, False, "waiting for a worker, 3rd in the queue", id="others-come-first"),
        pytest.param(LISTENING, None, False, "waiting for a worker", id="a-batch"),
        pytest.param(STARTING, 1, False, "a worker is starting", id="none-yet"),
        pytest.param(LISTENING, 1, True, "waiting to be tried again at 10:55:20 UTC", id="between-attempts"),
        pytest.param(STARTING, 1, True, "waiting to be tried again at 10:55:20 UTC", id="between-workers"),
        pytest.param(Outlook(Prospect.STOPPED), 1, True, "no worker runs", id="stopped-between-attempts"),
        pytest.param(Outlook(Prospect.STOPPED), 1, False, "no worker runs", id="stopped"),
        pytest.param(MISSING, 1, False, "no worker runs", id="none-came-up"),
        pytest.param(ENDING, 1, False, "the worker ends", id="one-ends"),
        pytest.param(None, 1, False, "taken up by a worker", id="taken-up"),
    ],
)
def test_how_a_job_waits(durable, outlook, position, waits, said):
    due = durable().job.created_at + timedelta(seconds=8) if waits else None
    waiting = durable(outlook=outlook, queue_position=position, due_at=due)
    assert phase(waiting) == said


@pytest.mark.parametrize(
    ("outlook", "told"),
    [
        pytest.param(LISTENING, "", id="all-is-well"),
        pytest.param(STARTING, "", id="soon"),
        pytest.param(None, "", id="taken-up"),
        pytest.param(ENDING, "the job goes on with the next worker", id="one-ends"),
        pytest.param(MISSING, "What the last one said: ImportError: no module. Start one", id="none-came-up"),
        pytest.param(Outlook(Prospect.MISSING), "No worker process has come up. Start one", id="silence"),
    ],
)
def test_what_to_do_about_the_workers(durable, outlook, told):
    hint = note(durable(outlook=outlook))
    assert told in hint
    assert bool(hint) is bool(told)


def test_who_stopped_the_worker_is_told_when_and_how_to_start_one(durable, stopped):
    hint = note(durable(outlook=stopped))
    assert "stopped by hand at 2026-03-04 10:55:12 UTC" in hint
    assert "Start one in a terminal: qjob worker." in hint


def test_a_job_at_a_service_without_a_worker_to_follow_it_says_so(durable, stopped):
    waits = durable(outlook=stopped, site={"region": "x"})
    assert phase(waits) == "no worker runs"
    assert phase(durable(owner="w", site={"region": "x"})) != "no worker runs"


@pytest.mark.parametrize(
    ("mode", "attempt", "told", "listed"),
    [
        pytest.param("direct", 0, False, "direct", id="direct"),
        pytest.param("durable", 0, "durable", "durable", id="not-yet-taken-up"),
        pytest.param("durable", 1, "durable", "durable", id="first"),
        pytest.param("durable", 2, "durable, attempt 2", "durable, attempt 2", id="second"),
    ],
)
def test_the_mode_is_a_fact(snapshot_of, mode, attempt, told, listed):
    snapshot = snapshot_of("RUNNING")
    job = snapshot.job._replace(mode=mode, attempt=attempt)
    said = facts(replace(snapshot, job=job))
    assert said == ("sim", "1,000 shots", *((told,) if told else ()), "free", "3f2a91bc")
    table = jobs([job, job._replace(mode="durable")], job.created_at)
    assert table.rows[0][table.headings.index("mode")] == listed
    assert "mode" not in jobs([job._replace(mode="direct")], job.created_at).headings


@pytest.mark.parametrize(
    ("ends", "shots", "said"),
    [
        pytest.param((...,), (), "", id="the-first-one"),
        pytest.param((LOST,), (), "Attempt 1 ended after 4.21 s: The worker process (lab3:7) ended.", id="waits"),
        pytest.param(
            (LOST, ...), (0, 321),
            "Attempt 1 ended after 4.21 s: The worker process (lab3:7) ended. Attempt 2 goes on from 321 shots.",
            id="resumed",
        ),
        pytest.param(
            (LOST, ...), (), "Attempt 1 ended after 4.21 s: The worker process (lab3:7) ended.", id="anew"
        ),
        pytest.param(
            (LOST, LOST), (0, 9), "Attempt 2 ended after 4.21 s: The worker process (lab3:7) ended.", id="last"
        ),
    ],
)  # fmt: skip
def test_what_came_to_nothing_stands_on_the_card(durable, tried, ends, shots, said):
    done = tried(*ends, shots=shots)
    status, owner = ("RUNNING", "w") if ends[-1] is ... else ("QUEUED", None)
    snapshot = durable(status, done=done, owner=owner, outlook=None if owner else LISTENING)
    assert attempts.setback(snapshot) == said
    state = card_state(snapshot, snapshot.job.created_at)
    assert state.get("setback", "") == said
    assert state.get("worker") == (f"worker {done[-1].worker}" if owner else None)
    assert attempts.setback(replace(snapshot, job=snapshot.job._replace(status=JobStatus.COMPLETED))) == ""


@pytest.mark.parametrize(
    ("outlook", "counts_down"),
    [(LISTENING, True), (STARTING, True), (ENDING, False), (MISSING, False)],
)
def test_the_card_counts_down_where_somebody_will_take_it(durable, tried, created, outlook, counts_down):
    due = created + timedelta(seconds=60)
    state = card_state(durable(done=tried(LOST), due_at=due, outlook=outlook), created)
    assert "tried again" not in state["phase"]  # which is what follows when that time is over
    assert (state.get("until"), state.get("soon")) == (
        (due.timestamp(), "is tried again") if counts_down else (None, None)
    )


def test_a_wait_counts_from_the_end_of_the_attempt_before(durable, tried):
    done = tried(LOST)
    assert since(durable(done=done, outlook=LISTENING)) == done[0].ended_at
    running = durable("RUNNING", owner="w", done=tried(LOST, ...))
    assert since(running) == running.job.started_at


def test_one_attempt_that_was_enough_is_not_worth_a_line(durable, tried, created):
    done = durable("COMPLETED", {"0": 5}, done=tried(None))
    assert attempts.lines(done) == ()
    assert attempts.ended_in(done) == ""
    assert "attempt" not in receipt_text(done, created)


def test_a_receipt_lists_the_attempts(durable, tried, created):
    done = (*tried(LOST, LOST, shots=(0, 300)), replace(tried(None)[0], number=3, shots=600))
    done = (done[0], replace(done[1], cost=300_000_000), done[2])
    receipt = durable("COMPLETED", {"0": 5}, done=done)
    listed = [
        "attempt 1 at 10:55:12 UTC for 4.21 s: The worker process (lab3:7) ended.",
        "attempt 2 at 10:55:22 UTC for 4.21 s, from 300 shots on, $0.30: the same",
        "attempt 3 at 10:55:12 UTC for 4.21 s, from 600 shots on: completed",
    ]
    assert attempts.lines(receipt) == tuple(listed)
    assert standing(receipt, created)[1] == "in 3 attempts"
    text, html = receipt_text(receipt, created), receipt_html(receipt, created)
    for line in listed:
        assert line in text
        assert line in html.replace("<span>$</span>", "$")


def test_of_many_attempts_the_last_ones_are_listed(durable, tried):
    listed = attempts.lines(durable("FAILED", done=tried(*[LOST] * 7), failure=LOST))
    assert listed[0] == "2 attempts before these"
    assert [line.split(" at ")[0] for line in listed[1:]] == [f"attempt {n}" for n in range(3, 8)]
    assert [line.endswith(": the same") for line in listed[1:]] == [False, True, True, True, True]


def test_an_attempt_of_another_day_has_its_date(durable, tried):
    first, second = tried(LOST, None)
    second = replace(second, began_at=second.began_at + timedelta(days=1))
    assert (
        "attempt 2 at 2026-03-05 10:55:22 UTC"
        in attempts.lines(durable("COMPLETED", done=(first, second)))[1]
    )


def test_a_job_under_way_names_its_worker(durable, tried, created):
    running = durable("RUNNING", owner="w", done=tried(LOST, ..., shots=(0, 9)))
    assert standing(running, created)[1] == "worker lab3:8"
    assert attempts.lines(running)[1] == (
        "attempt 2 at 10:55:22 UTC, from 9 shots on: worker lab3:8 has it in hand"
    )


def test_the_longest_state_still_fits(durable, tried, created):
    long = Failure("x", "é" * 2000)
    counts = {format(i, "0100b"): 5 for i in range(30)}
    many = durable(
        "RUNNING", counts, owner="w", done=tried(long, ..., shots=(0, 150)), name="é" * 200, note="é" * 2000
    )
    assert size(card_state(many, created)) <= LIMIT


@pytest.mark.parametrize(
    ("jobs", "outlook", "said", "hinted"),
    [
        pytest.param("QQ", STARTING, "a worker is starting", False, id="starting"),
        pytest.param("QQ", LISTENING, "waiting for a worker", False, id="waits"),
        pytest.param("CQ", Outlook(Prospect.STOPPED), "no worker runs", True, id="stopped-half-way"),
        pytest.param("RQ", None, "running", False, id="runs"),
        pytest.param("QQ", None, "taken up by a worker", False, id="taken-up"),
    ],
)
def test_a_batch_waits_for_workers_as_its_jobs_do(batch_of, jobs, outlook, said, hinted):
    batch = replace(batch_of(jobs), durable=True, outlook=outlook)
    assert batch_summary.phase(batch) == said
    assert "durable" in batch_summary.facts(batch)
    now = batch.batch.created_at
    state = batch_state(batch, now)
    assert (state["durable"], "remark" in state) == (True, hinted)
    for text in (batch_html(batch, now), batch_text(batch, now)):
        assert ("qjob worker" in text) is hinted
