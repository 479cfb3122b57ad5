"""The logs of workers: small, and gone with those who wrote them."""

import os

import pytest

from qjob.execution.local import KEEP_LOGS, LOG_SIZE, clear_logs, drop_empty_log, local_runner, log_of
from qjob.execution.pool import FreshSpawner, TemplateSpawner
from qjob.model.errors import WorkerError
from qjob.settings import Settings
from qjob.store.sqlite.owners import FileOwners

NOW = 2_000_000_000.0


@pytest.fixture
def write(home):
    def log(owner, text, age=0.0):
        path = log_of(home, owner)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (NOW - age, NOW - age))
        return path

    return log


@pytest.fixture
def alive(home):
    owner = FileOwners(home).claim()
    yield owner.id
    owner.release()


@pytest.mark.parametrize(
    ("log", "stays"),
    [
        ((False, "", 0), False),
        ((False, "Traceback", 0), True),
        ((False, "Traceback", KEEP_LOGS - 1), True),
        ((False, "Traceback", KEEP_LOGS + 1), False),
        ((True, "", 0), True),
        ((True, "Traceback", KEEP_LOGS + 1), True),
    ],
    ids=["empty", "fresh", "not yet old", "old", "empty but in use", "old but in use"],
)
def test_which_logs_are_cleared(home, write, alive, log, stays):
    of_living, *rest = log
    path = write(alive if of_living else "dead", *rest)
    clear_logs(home, FileOwners(home).alive, NOW)
    assert path.exists() is stays


def test_no_logs_are_fine(home):
    clear_logs(home, FileOwners(home).alive, NOW)
    drop_empty_log(home, "nobody")


@pytest.mark.parametrize(("text", "stays"), [("", False), ("Traceback", True)])
def test_an_ending_owner_takes_its_empty_log_along(home, write, text, stays):
    path = write("me", text)
    drop_empty_log(home, "me")
    assert path.exists() is stays


@pytest.mark.parametrize(("start", "kind"), [("fork", TemplateSpawner), ("fresh", FreshSpawner)])
def test_a_spawner_of_the_kind_that_is_set_and_a_log_that_begins_anew_when_large(home, write, start, kind):
    log = write("me", "x" * (LOG_SIZE + 1))
    runner = local_runner(None, "me", Settings(home=home, worker_start=start))
    runner.prepare()
    assert isinstance(runner._crew._spawner, kind)
    assert not log.exists() or log.stat().st_size < LOG_SIZE
    runner.end()


def test_logs_that_cannot_be_written(home):
    home.mkdir()
    (home / "logs").write_text("a file in the way")
    runner = local_runner(None, "me", Settings(home=home))
    with pytest.raises(WorkerError, match="logs"):
        runner.prepare()
    runner.end()
