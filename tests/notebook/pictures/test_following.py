"""Pictures of jobs that run: followed to the end by a thread that then is gone, and that ends with the session."""

from types import SimpleNamespace

import pytest
from qiskit import QuantumCircuit

from qjob.engine import Engine
from qjob.notebook.pictures.following import Following
from qjob.notebook.pictures.picture import picture
from qjob.settings import load_settings

pytestmark = pytest.mark.slow  # workers are started

SOON = 30.0


@pytest.fixture
def engine(home):
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        yield engine


@pytest.fixture
def session(engine):
    return SimpleNamespace(engine=engine, open=[])


@pytest.fixture
def job(engine):
    """A job that runs, or waits for a worker that starts."""
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    bell.measure_all()
    return engine.submit(bell, shots=1000, name="bell", seed=1)


def test_it_is_followed_until_the_job_has_ended(session, engine, job):
    made = picture(engine, [job.id])
    assert made.running
    following = Following(session, made)
    following.begin()
    assert following.wait(SOON)
    assert not made.running
    assert made.shown.series[0].outcomes == job.counts
    assert session.open == []


def test_it_ends_with_the_session(session, engine, job):
    made = picture(engine, [job.id])
    engine.snapshot, looked = (lambda _: made.going[0]), engine.snapshot  # the job goes on and on
    following = Following(session, made)
    following.begin()
    assert session.open == [following]
    following.rest()
    assert following.wait(SOON)
    assert session.open == []
    assert made.running
    engine.snapshot = looked


def test_a_job_that_is_gone_is_told(session, engine, job):
    made = picture(engine, [job.id])
    following = Following(session, made)
    made.update = lambda _: engine.resolve("nobody")
    following.begin()
    assert following.wait(SOON)
    assert "nobody" in made.widget.picture["notes"][-1]
