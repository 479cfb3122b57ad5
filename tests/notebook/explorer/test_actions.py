"""What can be done to selected jobs, by an engine with real jobs: first a plan, then what it said."""

import json

import pytest

import qjob
from qjob.model.errors import InvalidRequest, QjobError
from qjob.model.job import JobStatus
from qjob.notebook.consent import Asking
from qjob.notebook.explorer.actions import MOST, Actions, Plan

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
LONG = """
OPENQASM 3.0; include "stdgates.inc"; qubit[13] q; bit[13] c; h q; c[0] = measure q[0];
if (c[0] == 1) { x q[1]; }
c = measure q;
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with qjob.connect(home=tmp_path_factory.mktemp("home")) as engine:
        yield engine


@pytest.fixture
def actions(engine):
    return Actions(engine, Asking(card=True, line=False, above=0))


@pytest.fixture
def ended(engine):
    return [engine.submit(BELL, shots=100, seed=i).wait().id for i in range(2)]


@pytest.fixture
def running(engine):
    job = engine.submit(LONG, shots=100_000)
    yield job.id
    engine.cancel(job.id)


@pytest.mark.slow
def test_what_runs_is_cancelled_and_the_rest_left_out(engine, actions, ended, running):
    plan = actions.plan("cancel", [running, *ended])
    assert plan.text == "Cancel 1 job? 2 have ended or are being cancelled and are left out."
    assert plan.confirm == "Cancel it"
    assert engine.job(running).status is not JobStatus.CANCELLED
    assert plan.run() == "1 job asked to end."
    assert engine.job(running).wait(20).status is JobStatus.CANCELLED


@pytest.mark.slow
def test_nothing_to_do_has_no_button(actions, ended):
    plan = actions.plan("cancel", ended)
    assert plan.confirm == ""
    assert plan.text.startswith("There is nothing to cancel.")


def test_free_jobs_run_again(engine, actions, ended, running):
    plan = actions.plan("retry", [*ended, running])
    assert plan.text == ("Run 2 jobs again, as new ones? They cost nothing. 1 has not ended and is left out.")
    assert plan.run().startswith("2 new jobs: ")
    assert [job.record.retry_of for job in engine.jobs(limit=2)] == ended[::-1]


def test_paid_jobs_say_what_they_can_cost_and_ask_anew_when_that_moved(actions, ended, monkeypatch):
    prices = iter([1_000_000_000, 2_750_000_000, 1_000_000_000, 3_000_000_000, 1_000_000_000, 3_000_000_000])
    monkeypatch.setattr(actions._engine, "retry_cap", lambda _: next(prices))
    plan = actions.plan("retry", ended)
    assert "They can cost up to $3.75 together." in plan.text
    assert plan.confirm == "Confirm $3.75"
    anew = plan.run()
    assert isinstance(anew, Plan)
    assert anew.text.startswith("The price has moved since.")
    assert anew.confirm == "Confirm $4.00"


def test_erasing_says_what_is_lost_and_what_stays(engine, actions, ended):
    plan = actions.plan("delete", ended)
    assert plan.grave
    assert "cannot be brought back" in plan.text
    assert "Times, money, names and tags stay" in plan.text
    assert plan.run().startswith("Erased: programs and results of 2 jobs")
    assert engine.job(ended[0]).record.erased_at is not None
    assert actions.plan("delete", ended).confirm == ""


def test_what_runs_is_not_erased(actions, running):
    with pytest.raises(QjobError, match="not ended"):
        actions.plan("delete", [running]).run()


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        pytest.param("run=7", {"run": "7"}, id="one"),
        pytest.param(
            "run=7 note='two words'", {"run": "7", "note": "two words"}, id="two, with quotation marks"
        ),
        pytest.param("run=7 run=", {}, id="taken away"),
    ],
)
def test_tags(engine, actions, ended, text, tags):
    assert actions.plan("tag", ended, text).run() == "2 jobs tagged."
    assert engine.job(ended[1]).record.tags == tags


@pytest.mark.parametrize(
    ("what", "text", "said"),
    [
        pytest.param("tag", "run", "no KEY=VALUE", id="a tag without a value"),
        pytest.param("tag", "", "no tag", id="no tag"),
        pytest.param("tag", "run='7", "quotation mark", id="an open quotation mark"),
        pytest.param("export", " ", "no name", id="a file without a name"),
        pytest.param("gc", "ninety days", "does not fit", id="no age"),
        pytest.param("paint", "", "cannot be done", id="no action"),
    ],
)
def test_what_does_not_fit_is_refused(actions, ended, what, text, said):
    with pytest.raises(InvalidRequest, match=said):
        actions.plan(what, ended, text)


def test_too_many_at_once(actions):
    with pytest.raises(InvalidRequest, match="too many"):
        actions.plan("cancel", ["x"] * (MOST + 1))


def test_a_file_is_written_once(actions, ended, tmp_path):
    file = tmp_path / "jobs.json"
    assert "2 jobs written to" in actions.plan("export", ended, str(file)).run()
    assert ended[0] in json.dumps(json.loads(file.read_text()))
    with pytest.raises(QjobError):
        actions.plan("export", ended, str(file)).run()


def test_old_jobs_are_counted_before_they_are_erased(actions, ended):
    assert ended
    plan = actions.plan("gc", [], "90d")
    assert plan.confirm == ""
    assert "there is nothing to erase" in plan.text
