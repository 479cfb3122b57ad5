"""Pictures of real jobs: found by name, beside each other, brought up to date, refused with a way out."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from qiskit import QuantumCircuit

from qjob.engine import Engine
from qjob.model.distribution import Ideal
from qjob.model.errors import InvalidRequest, NoSuchJob
from qjob.model.events import Progress
from qjob.model.job import Failure, JobStatus
from qjob.notebook.pictures.picture import Picture, picture
from qjob.notebook.pictures.shown import View
from qjob.settings import load_settings

pytestmark = pytest.mark.slow  # workers are started


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine(load_settings({}, home=tmp_path_factory.mktemp("home"), user="ada", workers=1)) as engine:
        bell = QuantumCircuit(2)
        bell.h(0)
        bell.cx(0, 1)
        bell.measure_all()
        wide = QuantumCircuit(3, 3)
        wide.x(0)
        wide.measure([0, 1, 2], [0, 1, 2])
        engine.submit(bell, shots=1000, name="bell", seed=1).wait()
        asked = {"options": {"gate_error_2q": 0.2}, "seed": 1}
        engine.submit(bell, shots=500, name="noisy", backend="qb-sim-noisy-aer", **asked).wait()
        engine.submit(bell, shots=500, name="noisy", backend="qb-sim-noisy-aer", **asked).wait()
        engine.submit(wide, shots=10, name="wide").wait()
        yield engine


def test_a_job_alone(engine):
    made = picture(engine, ["bell"])
    assert [each.label for each in made.shown.series] == ["bell"]
    assert not made.running
    assert f"%qjob plot {engine.job('bell').id[:8]}" in made.html()
    assert "00" in made.text()


def test_beside_its_ideal_it_is_compared_and_there_is_a_state(engine):
    made = picture(engine, [engine.jobs(backend="qb-sim-noisy-aer")[0].id], ideal=True)
    assert [each.label for each in made.shown.series] == ["noisy", "ideal"]
    assert "gave what the ideal never gives: more than shot noise" in " ".join(made.text().split())
    assert made.shown.state == pytest.approx(np.array([1, 0, 0, 1]) / 2**0.5)
    assert made.shown.state_of == "ideal"
    assert "--ideal" in made.html()


def test_jobs_of_one_name_are_told_apart(engine):
    ids = [job.id for job in engine.jobs(backend="qb-sim-noisy-aer")]
    assert [each.label for each in picture(engine, ids).shown.series] == [f"noisy ({one[:8]})" for one in ids]


def test_one_job_twice_is_one(engine):
    assert len(picture(engine, ["bell", "bell"]).shown.series) == 1


@pytest.mark.parametrize(
    ("jobs", "how", "kind", "words"),
    [
        ([], {}, InvalidRequest, "1 to 4 distributions, not 0"),
        (["bell"] * 4, {"ideal": True}, InvalidRequest, "not 5"),
        (["bell", "wide"], {}, InvalidRequest, "bell has 2, wide has 3"),
        (["bell"], {"bits": "7"}, InvalidRequest, "'7' names no classical bit"),
        (["bell"], {"sort": "size"}, InvalidRequest, "no order 'size'"),
        (["bell"], {"top": 0}, InvalidRequest, "0 outcomes"),
        (["nobody"], {}, NoSuchJob, "nobody"),
    ],
)
def test_refusals(engine, jobs, how, kind, words):
    with pytest.raises(kind, match=words):
        picture(engine, jobs, **how)


def test_a_running_job_is_followed_to_its_end(engine):
    whole = engine.snapshot(engine.job("bell").id)
    going = whole.job._replace(status=JobStatus.RUNNING, ended_at=None)
    made = picture(engine, ["bell"])
    made.update(replace(whole, job=going, progress=Progress("sampling", 10, (("00", 6), ("11", 3)), 3)))
    assert made.running
    assert made.shown.series[0].partial
    assert "It is RUNNING: 10 of 1,000 shots so far." in made.text()
    assert "… 1 more outcome" in made.text()
    assert re.search(r"As of \d\d:\d\d:\d\d UTC; run the line again to see more\.", made.html())
    made.update(replace(whole, job=going, progress=None))
    assert "It has no counts: RUNNING" in made.text()
    made.update(whole)
    assert made.shown.series[0].outcomes == engine.job("bell").counts
    assert not made.running
    assert "As of" not in made.html()


def test_an_erased_result_is_said_to_be_erased_and_when(engine):
    whole = engine.snapshot(engine.job("bell").id)
    made = picture(engine, ["bell"])
    gone = datetime(2026, 3, 3, tzinfo=UTC)
    erased = whole.job._replace(status=JobStatus.RUNNING, erased_at=gone, erased_by="ada")  # holds no result
    made.update(replace(whole, job=erased, progress=None))
    assert "erased on 3 Mar 2026 by ada." in " ".join(made.text().split())


def test_a_failed_job_says_why(engine):
    whole = engine.snapshot(engine.job("bell").id)
    made = picture(engine, ["bell"])
    failed = whole.job._replace(status=JobStatus.FAILED, failure=Failure("out_of_memory", "It took 9 GiB."))
    made.update(replace(whole, job=failed, progress=None))
    assert "It has no counts: FAILED" in made.text()
    assert "It took 9 GiB." in " ".join(made.text().split())


def test_an_ideal_that_was_sampled_says_why(engine):
    counts = engine.job("bell").counts
    made = Picture(
        engine,
        [engine.snapshot(engine.job("bell").id)],
        View(),
        Ideal("a", counts, inexact="it has a price"),
        None,
    )
    assert "not exact probabilities: it has a price." in " ".join(made.text().split())


def test_news_of_another_job_change_nothing(engine):
    made = picture(engine, ["bell"])
    before = made.shown
    made.update(engine.snapshot(engine.job("wide").id))
    assert made.shown is before


def test_the_widget_answers_for_some_bits_and_says_what_does_not_fit(engine):
    made = picture(engine, ["bell", engine.jobs(backend="qb-sim-noisy-aer")[0].id])
    sent = []
    made.widget.send = sent.append
    made._receive(made.widget, {"type": "compare", "bits": [0]}, [])
    made._receive(made.widget, {"type": "compare", "bits": [9]}, [])
    made._receive(made.widget, {"type": "else"}, [])
    assert [each["type"] for each in sent] == ["compared", "refused"]
    assert sent[0]["comparisons"][0]["which"] == "bell and noisy"
    assert "no marginal over the bits [9]" in sent[1]["text"]
    assert made.widget.picture["view"] == {"sort": "value", "top": 16, "bits": None}
