"""When a worker process is started for durable jobs, and when not."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from durable_lab import until
from leasing import Durable, FileWorld
from qjob.execution import keeper
from qjob.execution.keeper import Keeper, Needed, needed
from qjob.model.errors import WorkerError
from qjob.model.worker import DEAF, Staff, WorkerRecord
from qjob.settings import load_settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


def worker(name="w", version="1.2", **changes):
    return WorkerRecord(name, "ada", "lab", 1, version, NOON, **changes)


LISTENS, OLD, NEW = worker(), worker(version="1.1.9"), worker(version="1.10")
DEAF_ONE = worker(silent=DEAF)
STOPS, DRAINS = worker(asked="stop"), worker(asked="drain")
STOPPED = worker(asked="stop", ended_at=NOON)
DRAINED = worker(asked="drain", ended_at=NOON)
DIED = worker(ended_at=NOON)


@pytest.mark.parametrize(
    ("living", "last", "newest", "todo"),
    [
        pytest.param([], None, NOON, Needed(start=True), id="nobody has ever been there"),
        pytest.param([LISTENS], None, NOON, Needed(), id="one listens"),
        pytest.param([NEW], None, NOON, Needed(), id="one of a newer version listens"),
        pytest.param([OLD], None, NOON, Needed(start=True, drain=("w",)), id="an older one makes room"),
        pytest.param([OLD, LISTENS], None, NOON, Needed(), id="an older one beside one of ours"),
        pytest.param([DEAF_ONE], None, NOON, Needed(start=True), id="one that is not heard of"),
        pytest.param([DRAINS], None, NOON, Needed(start=True), id="one that takes nothing more"),
        pytest.param([STOPS], None, NOON, Needed(), id="one that is about to give its jobs back"),
        pytest.param([worker(asked="stop", silent=DEAF)], None, NOON, Needed(start=True), id="one that hangs"),
        pytest.param([STOPS, LISTENS], None, NOON, Needed(), id="one stops, one listens"),
        pytest.param([], DIED, NOON, Needed(start=True), id="the last one died"),
        pytest.param([], DRAINED, NOON, Needed(start=True), id="the last one was drained"),
        pytest.param([], STOPPED, NOON, Needed(), id="the last one was stopped, and no job is newer"),
        pytest.param([], STOPPED, LATER, Needed(start=True), id="a job is newer than the stop"),
        pytest.param([], STOPPED, None, Needed(), id="stopped, and no job was admitted"),
    ],
)
def test_what_is_needed(living, last, newest, todo):
    assert needed(Staff(tuple(living), last, newest), "1.2") == todo


@pytest.mark.parametrize("newest", [NOON, None])
def test_what_is_to_be_cancelled_at_a_service_starts_one_whoever_stopped_the_last(newest):
    assert needed(Staff((), STOPPED, newest, cancels=True), "1.2") == Needed(start=True)


class Lab:
    """A keeper over a real store, which notes what it starts instead of starting it."""

    def __init__(self, home):
        home.mkdir()
        self.settings = load_settings({}, home=home, user="ada")
        self.durable = Durable(FileWorld(self.settings.database))
        self.store = self.durable.store
        self.started, self.owners = [], []
        self.fails = False
        self.lists = True
        self.keeper = Keeper(self.store, self.settings, "1.0", self.start)

    def start(self, settings):
        assert settings is self.settings
        self.started.append(threading.current_thread().name)
        if self.fails:
            raise WorkerError("no more processes.")
        if self.lists:
            self.list()

    def list(self):
        self.owners.append(self.store.owners.claim())
        self.store.add_worker(self.durable.worker(id=self.owners[-1].id), alone=False)

    def close(self):
        self.keeper.close()
        for owner in self.owners:
            owner.release()
        self.store.close()


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "LOOK", 0.02)
    monkeypatch.setattr(keeper, "AGAIN", (0.02,))
    lab = Lab(tmp_path / "keeper")
    yield lab
    lab.close()


def test_nothing_is_started_where_no_job_waits(lab):
    lab.keeper.look()
    lab.keeper.close()
    assert lab.started == []


def test_a_job_has_one_worker_started_in_a_thread_of_its_own(lab):
    lab.durable.job()
    lab.keeper.look()
    until(lambda: lab.started)
    lab.durable.job()
    lab.keeper.look()
    until(lambda: lab.keeper._looking)
    assert lab.started == ["qjob-keeper"]


def test_what_is_wanted_right_before_the_end_is_seen_to(lab):
    lab.durable.job()
    lab.keeper.look()
    lab.keeper.close()
    assert lab.started == ["qjob-keeper"]


def test_one_that_has_died_is_replaced_as_long_as_there_are_jobs(lab):
    job_id = lab.durable.job()
    lab.keeper.look()
    until(lambda: lab.owners)
    lab.owners[0].release()
    until(lambda: len(lab.owners) == 2)
    lab.store.cancel(job_id)
    until(lambda: not lab.keeper._looking)
    lab.owners[1].release()
    lab.keeper.close()
    assert len(lab.started) == 2


def test_a_start_that_fails_is_tried_again(lab, caplog):
    lab.fails = True
    lab.durable.job()
    lab.keeper.look()
    until(lambda: len(lab.started) > 1)
    lab.fails = False
    until(lambda: lab.owners)
    assert "no more processes" in caplog.text


def test_one_that_does_not_appear_is_told_with_its_last_words(lab, monkeypatch, caplog):
    monkeypatch.setattr(keeper, "PATIENCE", 0.2)
    lab.lists = False
    (lab.settings.home / "logs").mkdir()
    (lab.settings.home / "logs" / "worker-start.log").write_text("Traceback\nImportError: nothing\n")
    lab.durable.job()
    lab.keeper.look()
    until(lambda: len(lab.started) > 1)
    assert "is not there: ImportError: nothing" in caplog.text


def test_after_its_end_it_does_nothing(lab):
    lab.keeper.close()
    lab.durable.job()
    lab.keeper.look()
    assert lab.started == []
