"""Batches in a real shell with real jobs: shown, waited for, found again, cancelled."""

import time

import pytest

import qjob
from qjob.batch import Batch
from qjob.model import errors
from qjob.model.job import JobStatus
from qjob.notebook.session import Session

WIDGET = "application/vnd.jupyter.widget-view+json"
CIRCUITS = """cs = []
for step in range(3):
    c = QuantumCircuit(2)
    if step & 1: c.x(0)
    if step & 2: c.x(1)
    c.measure_all(); cs.append(c)
cs"""
# shot by shot over 16 qubits: minutes, unless it is cancelled
SLOW = """slow = QuantumCircuit(16, 16)
slow.h(range(16)); slow.measure(0, 0); slow.h(0); slow.measure(range(16), range(16))
[slow] * 4"""


@pytest.fixture
def running(notebook, request):
    """A batch that runs for minutes unless it is cancelled, and what its cell displayed."""
    name = f"slow{abs(hash(request.node.name)) % 10**6}"
    done = notebook.run(f"%%qjob --shots 100000 --name {name} --out {name}\n{SLOW}")
    assert done.error is None
    batch = notebook.ns[name]
    yield batch, done
    batch.cancel()
    batch.wait(10)


@pytest.mark.slow
def test_a_cell_shows_one_card_that_ends_as_a_receipt(notebook):
    done = notebook.run(f"%%qjob --wait --shots 50 --name three --out three\n{CIRCUITS}")
    assert done.error is None
    assert done.value == notebook.ns["three"]
    card, receipt = done.shown[0], done.shown[-1]  # the second replaces the first in the notebook
    assert "three" in card["text/plain"]
    assert set(receipt) == {"text/html", "text/plain"}
    lines = receipt["text/plain"].splitlines()
    assert lines[0] == "three  COMPLETED"
    assert [line.split()[:3] for line in lines[5:8]] == [
        ["three[0]", "COMPLETED", "00"],
        ["three[1]", "COMPLETED", "01"],
        ["three[2]", "COMPLETED", "10"],
    ]


def test_a_batch_that_runs_is_shown_live_and_again_live(notebook, running):
    batch, done = running
    [card] = [each for each in done.shown if WIDGET in each]  # and not once more as the cell's value
    assert "4 jobs of 100,000 shots" in card["text/plain"]
    for source in (batch.name, f"%qjob status {batch.id[:8]}", f"%qjob status {batch.name}"):
        again = notebook.run(source)
        assert again.value == batch
        assert WIDGET in again.shown[0]


def test_another_session_shows_it_live_too(notebook, running, monkeypatch):
    batch, _ = running
    shown = []
    other = Session(notebook.shell, engine=qjob.Engine(notebook.session.engine.settings))
    monkeypatch.setattr("qjob.notebook.card.display", lambda data, **_: shown.append(data))
    try:
        found = other.command(f"status {batch.id[:8]}")
        other.show(found)
        assert WIDGET in shown[0]
    finally:
        other.close()


@pytest.mark.slow
def test_one_that_ended_shows_its_receipt(notebook):
    notebook.run(f"%%qjob --wait --shots 50 --name over\n{CIRCUITS}")
    shown = notebook.run("%qjob status over").shown  # among it may be what becomes of other tests' cards
    [receipt] = [each for each in shown if each["text/plain"].startswith("over  ")]
    assert set(receipt) == {"text/html", "text/plain"}
    assert "over  COMPLETED" in receipt["text/plain"]


def test_in_a_terminal_it_is_text(notebook, running):
    batch, _ = running
    assert notebook.session.text(batch).startswith(f"{batch.name}  ")
    assert repr([batch]).startswith("[<Batch")


def test_results_are_a_list(notebook):
    notebook.run(f"%%qjob --wait --shots 50 --name listed\n{CIRCUITS}")
    notebook.run("results = %qjob result listed")
    assert [dict(result.counts) for result in notebook.ns["results"]] == [{"00": 50}, {"01": 50}, {"10": 50}]


def test_cancel_ends_all_that_is_left_and_the_card(notebook, running):
    batch, _ = running
    began = time.monotonic()
    assert "4 jobs are being cancelled" in notebook.run(f"%qjob cancel {batch.id[:8]}").text
    batch.wait(10)
    assert time.monotonic() - began < 5
    assert batch.statuses == {JobStatus.CANCELLED: 4}
    assert "had ended before" in notebook.run(f"%qjob cancel {batch.id[:8]}").text
    assert isinstance(notebook.run(f"%qjob result {batch.id[:8]}").error, errors.JobEnded)


def test_an_interrupt_detaches_and_the_jobs_go_on(notebook, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(notebook.session.engine, "wait_for_all", interrupt)
    done = notebook.run(f"%%qjob --wait --out left\n{CIRCUITS}")
    assert isinstance(done.error, errors.Detached)
    assert f"%qjob cancel {notebook.ns['left'].id[:8]}" in done.error.remedy
    monkeypatch.undo()
    assert notebook.ns["left"].wait(30).statuses == {JobStatus.COMPLETED: 3}


def test_waiting_for_one_that_fails_stops_run_all(notebook, running):
    batch, _ = running
    batch[2].cancel()
    batch.cancel()
    failed = notebook.run(f"%qjob result {batch.id[:8]}")
    assert isinstance(failed.error, errors.JobEnded)
    assert batch[0].id[:8] in failed.error.message


def test_of_a_job_and_a_batch_of_one_name_the_newer_is_meant(notebook):
    notebook.run(f"%%qjob --wait --name twice\n{CIRCUITS}")
    notebook.run("%%qjob --wait --name twice\nqc")
    assert not isinstance(notebook.run("%qjob status twice").value, Batch)
    notebook.run(f"%%qjob --wait --name twice\n{CIRCUITS}")
    assert isinstance(notebook.run("%qjob status twice").value, Batch)
