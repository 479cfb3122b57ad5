"""Cards of real jobs, kept up to date by one thread; the card itself only writes down what it is shown."""

import threading

import pytest

import qjob
from qjob.model.job import JobStatus
from qjob.model.snapshot import BatchSnapshot
from qjob.notebook import expecting
from qjob.notebook.live import LiveCards

LONG = """
OPENQASM 3.0;
include "stdgates.inc";
qubit[13] q;
bit[13] c;
h q;
c[0] = measure q[0];
if (c[0] == 1) { x q[1]; }
c = measure q;
"""


class Recording:
    """Stands where the widget stands."""

    def __init__(self, snapshot):
        self.seen = [snapshot]
        self.shown = False
        self.finished = threading.Event()
        self.counting = threading.Event()

    def show(self):
        self.shown = True

    def update(self, snapshot):
        self.seen.append(snapshot)
        shown = snapshot.jobs if isinstance(snapshot, BatchSnapshot) else [snapshot]
        if any(each.progress is not None and each.progress.shots_done for each in shown):
            self.counting.set()

    def finish(self, snapshot):
        assert not self.finished.is_set()
        self.update(snapshot)
        self.finished.set()


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with qjob.connect(home=tmp_path_factory.mktemp("home")) as engine:
        yield engine


@pytest.fixture
def shown(engine):
    """Show a job and return its card."""
    made = []

    def open_card(snapshot):
        made.append(Recording(snapshot))
        return made[-1]

    cards = LiveCards(engine, open_card)

    def show(job):
        cards.show(job.snapshot())
        return made[-1]

    show.cards = cards
    yield show
    cards.close()


def test_a_card_follows_its_job_to_the_end(engine, shown):
    job = engine.submit(LONG, shots=600)
    card = shown(job)
    assert card.shown
    assert card.finished.wait(60)
    assert card.seen[-1].job.status is JobStatus.COMPLETED
    assert card.seen[-1].progress.shots_done == 600
    done = [snapshot.progress.shots_done for snapshot in card.seen if snapshot.progress]
    assert done == sorted(done)


def test_one_thread_serves_all_cards_and_ends_with_the_last(engine, shown):
    cards = [shown(engine.submit(LONG, shots=200)) for _ in range(3)]
    assert all(card.finished.wait(60) for card in cards)
    for thread in threading.enumerate():
        if thread.name == "qjob-cards":
            thread.join(10)
    assert not [thread for thread in threading.enumerate() if thread.name == "qjob-cards"]


def test_a_job_of_another_process_is_followed_too(engine, shown):
    with qjob.connect(home=engine.settings.home) as other:
        job = other.submit(LONG, shots=100_000)
        card = shown(job)
        assert card.counting.wait(60)
        assert other.cancel(job.id)
        assert card.finished.wait(10)
    assert card.seen[-1].job.status is JobStatus.CANCELLED


def test_a_batch_is_followed_to_the_end_of_its_last_job(engine, shown):
    batch = engine.submit([LONG] * 3, shots=200)
    card = shown(batch)
    assert card.finished.wait(60)
    assert card.seen[-1].statuses == {JobStatus.COMPLETED: 3}
    done = [snapshot.statuses.get(JobStatus.COMPLETED, 0) for snapshot in card.seen]
    assert done == sorted(done)
    assert len(card.seen) >= 4  # the first state, and one for each job


def test_a_batch_of_another_process_is_followed_and_ends_with_it(engine, shown):
    other = qjob.connect(home=engine.settings.home)
    card = shown(other.submit([LONG] * 3, shots=100_000))
    assert card.counting.wait(60)
    other.close()
    assert card.finished.wait(10)
    assert card.seen[-1].statuses == {JobStatus.FAILED: 3}


def test_leaving_ends_every_card_with_its_last_state(tmp_path):
    engine = qjob.connect(home=tmp_path)
    made = []
    cards = LiveCards(engine, lambda snapshot: made.append(Recording(snapshot)) or made[-1])
    cards.show(engine.submit(LONG, shots=100_000).snapshot())
    assert made[0].counting.wait(60)
    cards.close()
    engine.close()
    cards.leave()
    engine.close()
    assert made[0].finished.is_set()
    assert made[0].seen[-1].job.status is JobStatus.FAILED
    assert made[0].seen[-1].job.failure.reason


def test_settling_finishes_a_card_once(engine, shown):
    job = engine.submit(LONG, shots=50)
    card = shown(job)
    job.wait(60)
    shown.cards.settle(job.id)
    assert card.finished.wait(10)
    assert card.seen[-1].job.status is JobStatus.COMPLETED


def test_a_running_job_is_expected_to_take_as_long_as_those_before_it(engine, shown, monkeypatch):
    monkeypatch.setattr(expecting, "AFTER", 0.05)
    before = [engine.submit(LONG, shots=1500) for _ in range(5)]
    engine.wait_for_all([job.id for job in before], 60)
    card = shown(engine.submit(LONG, shots=1500))
    assert card.finished.wait(60)
    expected = {snapshot.eta for snapshot in card.seen if snapshot.eta is not None}
    assert expected
    assert all(eta.jobs >= 5 for eta in expected)
    assert card.seen[-1].eta is None
    assert card.seen[-1].phases  # it ran for longer than a tenth of a second


def test_a_job_that_is_over_at_once_is_looked_up_nowhere(engine, shown, monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "records", lambda *_, **__: asked.append(1))
    card = shown(engine.submit("OPENQASM 3.0; qubit q; bit c; c = measure q;", shots=10))
    assert card.finished.wait(30)
    assert asked == []
