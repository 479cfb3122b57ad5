"""An engine's archive is tidied up: tags, erasing, disk space; with real jobs, free and paid."""

from datetime import timedelta

import pytest

from qjob import upkeep
from qjob.engine import Engine
from qjob.model.errors import IllegalMove, InvalidRequest, JobEnded, NoSuchJob, NotAllowed, StoreUnavailable
from qjob.model.events import EventKind
from qjob.model.job import JobStatus
from qjob.model.upkeep import Erased
from qjob.notebook import consent
from qjob.settings import load_settings
from qjob.store.listing import JobFilter, Order

PRICED = """
[[backend]]
slug = "qb-sim-statevector"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
PAID = {"backend": "qb-sim-statevector", "shots": 10}
CIRCUIT = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; rx(0.{}) q[0]; measure q->c;'
ANY_AGE = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICED)
    return home


@pytest.fixture(scope="module")
def engine(home):
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        engine.limits(user_per_minute=1000, team_per_day=1000)
        yield engine


@pytest.fixture
def as_user(home):
    """Return an engine of another user of the same store."""
    engines = []

    def make(user):
        engines.append(Engine(load_settings({}, home=home, user=user, workers=1)))
        return engines[-1]

    yield make
    for each in engines:
        each.close()


def circuit():
    """Return a program that no other test has."""
    circuit.number += 1
    return CIRCUIT.format(circuit.number)


circuit.number = 1000


@pytest.fixture
def waiting(engine):
    """A job that has not ended: it waits for somebody's consent."""
    job = engine.propose(circuit(), consent=True, **PAID)
    assert not job.status.ended
    yield job
    job.cancel()


@pytest.mark.slow
def test_what_was_erased_says_so_and_is_submitted_again(engine):
    program = circuit()
    job = engine.submit(program, shots=10, name="gone", tags={"run": "1"}).wait()
    cost, times = job.cost, (job.record.created_at, job.record.ended_at)
    erased = engine.delete(["gone"])
    assert erased.jobs == 1
    assert erased.bytes > len(program)
    record = job.record
    assert (job.cost, (record.created_at, record.ended_at), record.tags) == (cost, times, {"run": "1"})
    assert (record.status, record.erased_by) == (JobStatus.COMPLETED, "ada")
    assert job.events()[-1].kind is EventKind.ERASED
    with pytest.raises(JobEnded, match=r"was erased on .* by ada") as caught:
        job.result()
    assert "Submit its circuit again." in caught.value.remedy
    with pytest.raises(IllegalMove, match=r"program of job .* was erased on .* by ada") as caught:
        job.retry()
    assert "new job." in caught.value.remedy
    assert job not in engine.jobs(limit=1000)
    assert job in engine.jobs(limit=1000, erased=True)
    assert engine.delete([job.id]) == Erased(0, 0)
    again = engine.submit(program, shots=10)
    assert again.counts.shots == 10
    assert job.retry().counts.shots == 10  # the same program is there again


@pytest.mark.slow
def test_a_job_whose_program_another_one_runs_can_be_retried(engine):
    program = circuit()
    first, second = (engine.submit(program, shots=10).wait() for _ in range(2))
    engine.delete([first.id])
    assert second.retry().counts.shots == 10
    assert first.retry().counts.shots == 10


def test_nobody_pays_twice_for_what_was_erased(engine):
    program = circuit()
    job = engine.submit(program, reuse=True, **PAID).wait()
    engine.delete([job.id])
    found = engine.find(program, **PAID)
    assert found == job
    assert engine.submit(program, reuse=True, **PAID) == job
    said = consent.already(found)
    assert said.startswith("The same job was already paid $0.40 on ")
    assert "its result was erased on " in said
    assert said.endswith("by ada: nothing was paid again. To pay for a new one, add --fresh.")
    with pytest.raises(JobEnded) as caught:
        job.result()
    assert "--fresh" in caught.value.remedy
    with pytest.raises(IllegalMove) as caught:
        job.retry()
    assert "--fresh" in caught.value.remedy
    assert engine.audit().ok


def test_a_batch_that_was_paid_and_erased_is_found_and_says_so(engine):
    programs = [circuit(), circuit()]
    batch = engine.submit(programs, reuse=True, **PAID).wait()
    engine.delete([batch[0].id])
    found = engine.find(programs, **PAID)
    assert found == batch
    assert "The results of 1 of its 2 jobs were erased." in consent.already(found, programs)


def test_a_free_job_that_was_erased_runs_again(engine):
    program = circuit()
    job = engine.submit(program, shots=10, reuse=True, seed=1).wait()
    assert engine.submit(program, shots=10, reuse=True, seed=1) == job
    engine.delete([job.id])
    again = engine.submit(program, shots=10, reuse=True, seed=1).wait()
    assert again != job
    batch = engine.submit([program, program], shots=10, reuse=True, seed=1).wait()
    engine.delete([batch[1].id])
    assert engine.submit([program, program], shots=10, reuse=True, seed=1) != batch


def test_of_jobs_some_of_which_go_on_none_is_erased(engine, waiting):
    ended = engine.submit(circuit(), shots=10).wait()
    with pytest.raises(IllegalMove, match=r"1 of these jobs has not ended: \w{8} \(INITIALIZING\)") as caught:
        engine.delete([ended.id, waiting.id])
    assert caught.value.numbers == {"unfinished": 1, "jobs": [waiting.id]}
    assert "%qjob cancel" in caught.value.remedy
    assert ended.record.erased_at is None
    with pytest.raises(NoSuchJob):
        engine.delete([ended.id, "no-such-job"])
    assert ended.record.erased_at is None


def test_somebody_elses_jobs_are_not_erased_but_by_who_answers_for_the_team(engine, as_user):
    bob = as_user("bob")
    job = engine.submit(circuit(), shots=10).wait()
    with pytest.raises(NotAllowed, match="is ada's, and bob may not delete it"):
        bob.delete([job.id])
    with pytest.raises(NotAllowed, match="may not tag it"):
        bob.tag(job.id, {"mine": "1"})
    engine.invite("bob")
    assert bob.tag(job.id, {"ours": "1"}).tags == {"ours": "1"}
    with pytest.raises(NotAllowed):
        bob.delete([job.id])
    bob.gc(ANY_AGE)
    assert job.record.erased_at is None  # only one's own
    engine.invite("bob", "admin")
    assert bob.delete([job.id]).jobs == 1
    assert job.record.erased_by == "bob"


def test_what_is_old_is_erased_some_at_a_time(engine, monkeypatch):
    monkeypatch.setattr(upkeep, "CHUNK", 2)
    jobs = [engine.submit(circuit(), shots=10) for _ in range(5)]
    for job in jobs:
        job.wait()
    assert engine.count_older(timedelta(days=1)) == 0
    assert engine.gc(timedelta(days=1)).jobs == 0
    before = engine.count_older(ANY_AGE)
    assert before >= 5
    assert engine.gc(ANY_AGE).jobs == before
    assert engine.count_older(ANY_AGE) == 0
    assert all(job.record.erased_at for job in jobs)


def test_what_is_big_is_erased_in_shorter_transactions(engine, monkeypatch):
    jobs = [engine.submit(circuit(), shots=10).wait() for _ in range(5)]
    sizes = engine.store.sizes([job.id for job in jobs])
    assert all(size > 0 for size in sizes)
    monkeypatch.setattr(upkeep, "CHUNK_BYTES", sizes[0] + sizes[1])
    chunks, erase = [], engine.store.erase
    monkeypatch.setattr(engine.store, "erase", lambda ids, by: chunks.append(len(ids)) or erase(ids, by))
    assert engine.delete([job.id for job in jobs]).jobs == 5
    assert max(chunks) <= 3
    assert len(chunks) >= 2
    monkeypatch.setattr(upkeep, "CHUNK_BYTES", 1)
    assert engine.delete([engine.submit(circuit(), shots=10).wait().id]).jobs == 1  # one that is more alone


def test_space_is_given_back_only_while_nothing_runs(engine, waiting):
    erased = engine.gc(ANY_AGE)
    assert erased.freed == 0
    assert "Jobs are under way" in erased.kept
    waiting.cancel()
    assert engine.gc(ANY_AGE).kept == ""


def test_what_was_erased_stays_erased_where_no_space_can_be_given_back(engine, monkeypatch):
    job = engine.submit(circuit(), shots=10).wait()

    def full():
        raise StoreUnavailable("the disk is full.")

    monkeypatch.setattr(engine.store, "shrink", full)
    erased = engine.gc(ANY_AGE)
    assert erased.jobs >= 1
    assert erased.kept == "What is free in the store was not given back: the disk is full."
    assert job.record.erased_at is not None


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        pytest.param(lambda engine, _: engine.gc(90), "does not fit", id="days as a number"),
        pytest.param(lambda engine, _: engine.delete([3]), "neither the id nor the name", id="a number"),
        pytest.param(lambda engine, job: engine.tag(job, {3: None}), "tag 3 does not fit", id="a key"),
        pytest.param(lambda engine, _: engine.jobs(limit=-1), "is no number of jobs", id="a limit"),
    ],
)
def test_values_of_another_kind_are_refused(engine, ask, said):
    job = engine.submit(circuit(), shots=10).wait()
    with pytest.raises(InvalidRequest, match=said) as caught:
        ask(engine, job.id)
    assert caught.value.remedy


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=-1), timedelta(days=36501), timedelta.max])
def test_ages_that_are_none(engine, age):
    for ask in (engine.gc, engine.count_older):
        with pytest.raises(InvalidRequest, match="does not fit"):
            ask(age)


def test_the_disk_space_is_that_of_the_files(engine, home):
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "some.log").write_bytes(b"x" * 1000)
    (home / "cache.sqlite").write_bytes(b"")
    (home / "other.txt").write_bytes(b"x" * 500)
    use = engine.disk()
    assert use.total == sum(use.parts.values())
    assert use.parts["store"] >= (home / "qjob.sqlite").stat().st_size
    assert use.parts["logs"] >= 1000
    assert use.parts["other"] >= 500
    (home / "logs" / "more.log").write_bytes(b"x" * 100)
    assert engine.disk().parts["logs"] - use.parts["logs"] == 100
    (home / "cache.sqlite").unlink()
    before = engine.disk().parts["other"]
    (home / "logs" / "qjob.sqlite").write_bytes(b"x" * 30)
    (home / "qjob.sqlite.backup").write_bytes(b"x" * 7)
    assert engine.disk().parts["other"] - before == 7
    assert engine.disk().parts["logs"] - use.parts["logs"] == 130


@pytest.mark.parametrize(
    ("changes", "tags"),
    [
        pytest.param({}, {"run": "7", "who": "ada"}, id="nothing"),
        pytest.param({"run": "8"}, {"run": "8", "who": "ada"}, id="another value"),
        pytest.param({"run": None}, {"who": "ada"}, id="taken away"),
        pytest.param({"never": None, "new": " x "}, {"run": "7", "who": "ada", "new": "x"}, id="a new one"),
    ],
)
def test_tags_are_changed(engine, waiting, changes, tags):
    engine.tag(waiting.id, {"run": "7", "who": "ada"})
    assert engine.tag(waiting.id[:8], changes).tags == tags
    assert waiting.record.tags == tags


@pytest.mark.parametrize(
    "changes",
    [{"": "x"}, {"a": "\x00"}, {str(n): "x" for n in range(1000)}],
    ids=["no key", "NUL", "too many"],
)
def test_tags_that_do_not_fit(engine, waiting, changes):
    before = waiting.record.tags
    with pytest.raises(InvalidRequest):
        engine.tag(waiting.id, changes)
    assert waiting.record.tags == before


def test_jobs_by_everything_that_filters_them(engine):
    job = engine.submit(circuit(), shots=77, tags={"only": "this"}).wait()
    at = job.record.created_at
    for wanted in (
        {"tag": "only"},
        {"tag": "only=this"},
        {"tag": ("only", None), "team": job.record.team},
        {"since": at, "until": at + timedelta(microseconds=1)},
        {"text": "only=this", "order": "run-time"},
    ):
        assert engine.jobs(**wanted) == [job]
    assert engine.jobs(tag="only", team="another") == []
    assert engine.jobs(order=Order.SHOTS, limit=1) == [job]
    assert engine.jobs(order=Order.SHOTS, limit=1, after=job) != [job]
    totals = engine.totals(JobFilter(tag=("only", None)))
    assert (totals.jobs, totals.shots, totals.statuses) == (1, 77, {JobStatus.COMPLETED: 1})
