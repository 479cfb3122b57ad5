"""A form in a real shell, with a real engine; what is paid is a local backend with a price in the user's file."""

import time

import pytest

import qjob
from qjob.batch import Batch
from qjob.model.errors import InvalidOption, InvalidRequest, NoSuchJob
from qjob.notebook.below import Below
from qjob.notebook.form import open_for
from qjob.notebook.form.programs import GIVEN, TEXT

PAID = "qb-sim-statevector"
PRICE = f"""
[[backend]]
slug = "{PAID}"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "a test"
as_of = 2026-11-01
"""


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICE)
    return home


@pytest.fixture(autouse=True)
def _fast_and_tidy(notebook):
    notebook.session.engine.limits(user_per_minute=1000, team_per_day=1000)
    yield
    for form in list(notebook.session.open):
        form.rest()


class Clicks:
    """A form, and what a person does with it."""

    def __init__(self, form):
        self.form, self.controls, self.foot = form, form.controls, form.foot

    def click(self, kind, **saw):
        """Click, having seen what the form holds, but for what is given."""
        self.form._receive(None, {"type": kind, "seen": {**self.controls.shown, **saw}}, [])
        return self.foot.answer

    def settled(self):
        """What the foot shows once it was worked out."""
        end = time.monotonic() + 10
        while self.foot.asking:
            assert time.monotonic() < end
            time.sleep(0.005)
        return self.foot.offer


@pytest.fixture
def form(notebook):
    def open_form(line="qc"):
        done = notebook.run(f"%qjob form {line}")
        if done.error is not None:
            raise done.error
        return Clicks(notebook.session.open[-1])

    return open_form


def circuit(notebook, name, angle):
    notebook.run(f"{name} = QuantumCircuit(1); {name}.rx({angle}, 0); {name}.measure_all()")


def test_it_is_shown_with_html_and_text_for_front_ends_without_widgets(notebook):
    [bundle] = notebook.run("%qjob form qc --shots 50").shown
    assert set(bundle) == {
        "text/html",
        "text/plain",
    }  # what a saved notebook holds; the form is drawn over it
    assert "%qjob submit qc --backend marqov-sim --shots 50" in bundle["text/plain"]
    assert "%%qjob --backend marqov-sim --shots 50" in bundle["text/html"]


def test_as_the_value_of_a_cell_it_is_shown_once(notebook):
    assert len(notebook.run("import qjob; qjob.form(qc)").shown) == 1


def test_an_edit_changes_line_and_price(form):
    clicks = form()
    assert clicks.settled()["price"] == "free"
    clicks.controls.backend.value = PAID
    clicks.controls.shots.value = "100"
    assert clicks.foot.asking
    assert clicks.settled()["price"] == "$1.30"
    assert clicks.foot.lines[1] == f"%qjob submit qc --backend {PAID} --shots 100"
    clicks.controls.tags.value = "a"
    assert "no KEY=VALUE" in clicks.settled()["problem"]


@pytest.mark.slow
def test_what_is_free_is_submitted_by_one_click(notebook, form):
    clicks = form("qc --shots 20 --out mine")
    answer = clicks.click("submit")
    assert answer["confirm"] == ""
    assert answer["said"] == f"Job {clicks.form.job.id[:8]} is submitted."
    assert notebook.ns["mine"] == clicks.form.job
    assert clicks.form.job.wait(60).record.shots == 20


@pytest.mark.slow
def test_what_costs_something_is_confirmed_by_its_price(notebook, form):
    circuit(notebook, "first", 0.1)
    clicks = form(f"first --backend {PAID} --shots 10")
    assert clicks.click("submit")["confirm"] == "Confirm $0.40"
    assert clicks.form.job is None
    assert "submitted" in clicks.click("confirm")["said"]
    assert clicks.form.job.wait(60).snapshot().job.cost == 400_000_000
    paid = clicks.form.job
    assert "already paid $0.40" in clicks.click("submit")["said"]
    assert clicks.form.job == paid
    clicks.controls.switches["fresh"].value = True
    assert clicks.click("submit")["confirm"] == "Confirm $0.40"
    clicks.click("confirm")
    assert clicks.form.job != paid


@pytest.mark.parametrize("between", ["an edit", "escape"])
def test_a_question_is_taken_back(notebook, form, between):
    circuit(notebook, "back", 0.2 if between == "escape" else 0.21)
    clicks = form(f"back --backend {PAID} --shots 10")
    assert clicks.click("submit")["confirm"] == "Confirm $0.40"
    if between == "an edit":
        clicks.controls.shots.value = "20"
        assert clicks.foot.answer == {}
    else:
        clicks.click("disarm")
    answer = clicks.click("confirm")  # as by a click that was on its way
    assert answer["confirm"] == ("Confirm $0.50" if between == "an edit" else "Confirm $0.40")
    assert clicks.form.job is None


def test_a_price_that_moved_is_asked_for_anew(notebook, form):
    circuit(notebook, "moved", 0.3)
    clicks = form(f"moved --backend {PAID} --shots 10")
    assert clicks.click("submit")["confirm"] == "Confirm $0.40"
    notebook.ns["moved"] = [
        notebook.ns["moved"]
    ] * 2  # nothing in the controls has changed, but what it is worth
    answer = clicks.click("confirm")
    assert answer["confirm"] == "Confirm $0.80"
    assert answer["question"].startswith("The price has changed since. This batch of 2 jobs can cost $0.80")
    clicks.click("confirm")
    assert isinstance(clicks.form.job, Batch)


@pytest.mark.parametrize(
    "saw",
    [
        pytest.param({"shots": "20"}, id="an edit of the shots"),
        pytest.param({"backend": "qb-sim-tensor-network"}, id="an edit of the backend"),
        pytest.param({"fresh": True}, id="an edit of a switch"),
        pytest.param({"program": "another"}, id="a choice of the program"),
        pytest.param({"option gone": "1"}, id="a control that is gone"),
    ],
)
@pytest.mark.parametrize("kind", ["submit", "confirm"])
def test_a_click_that_overtook_an_edit_submits_nothing(notebook, form, kind, saw):
    circuit(notebook, "overtaken", 0.35)
    clicks = form(f"overtaken --backend {PAID} --shots 10")
    if kind == "confirm":
        assert clicks.click("submit")["confirm"] == "Confirm $0.40"
    answer = clicks.click(kind, **saw)
    assert (answer["confirm"], clicks.form.job) == ("", None)
    assert "has just changed; look at the price, then press Submit again" in answer["said"]


def test_that_a_click_was_too_early_is_said_until_the_next_edit_but_those_it_overtook(form):
    clicks = form(f"qc --backend {PAID} --shots 10")
    clicks.click("submit", shots="30", name="late")
    clicks.controls.shots.value = "30"
    clicks.controls.name.value = "late"
    assert "has just changed" in clicks.foot.answer["said"]
    clicks.controls.name.value = "later"
    assert clicks.foot.answer == {}
    assert clicks.click("submit")["confirm"] == "Confirm $0.60"


def test_the_foot_is_told_of_the_controls_that_a_click_answers_for(form):
    clicks = form("qc")
    assert clicks.foot.watched.keys() == clicks.controls.shown.keys()
    clicks.controls.backend.value = "qb-sim-noisy-aer"
    assert "option t1" in clicks.foot.watched
    assert clicks.foot.watched.keys() == clicks.controls.shown.keys()


def test_a_refusal_does_not_outlive_its_reason(notebook, form):
    circuit(notebook, "lost", 0.37)
    clicks = form("lost")
    notebook.run("del lost")
    assert "no variable 'lost'" in clicks.click("submit")["problem"]
    circuit(notebook, "lost", 0.37)
    notebook.shell.events.trigger("post_run_cell", None)
    assert clicks.foot.answer == {}
    assert clicks.settled()["problem"] == ""


def test_what_one_form_spends_another_one_shows(notebook, form):
    circuit(notebook, "shared", 0.39)
    other = form(f"shared --backend {PAID} --shots 20")
    before = other.settled()["left"]
    clicks = form(f"shared --backend {PAID} --shots 10")
    clicks.click("submit")
    clicks.click("confirm")
    assert clicks.form.job is not None
    assert other.settled()["left"] != before


def test_over_budget_there_is_nothing_to_confirm(form):
    clicks = form(f"qc --backend {PAID} --shots 20000")
    fits = clicks.settled()["shots"]
    answer = clicks.click("submit")
    assert answer["confirm"] == ""
    assert "a job of team" in answer["problem"]
    assert "shots would fit" in answer["remedy"]
    clicks.click("shots")
    assert clicks.controls.shots.value == str(fits)


def test_a_rehearsal_is_free_and_says_what_it_stands_for(form):
    clicks = form("qc --backend iqm-garnet --shots 10 --rehearse")
    assert clicks.settled()["price"] == "free"
    assert "Rehearsal for iqm-garnet" in clicks.click("submit")["said"]
    assert clicks.form.job.wait(60).record.tags == {"rehearses": "iqm-garnet"}


def test_what_goes_wrong_unawares_is_shown_and_raised(form, monkeypatch):
    clicks = form()
    monkeypatch.setattr(clicks.form._submitting, "submit", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clicks.click("submit")
    assert clicks.foot.answer["problem"] == "ZeroDivisionError: division by zero"


def test_options_follow_the_backend_and_what_both_have_stays(form):
    clicks = form("qc --option device=gpu")
    assert list(clicks.controls.options.controls) == ["device"]
    clicks.controls.backend.value = "qb-sim-noisy-aer"
    assert "gate_error_2q" in clicks.controls.options.controls
    clicks.controls.options.controls["t1"].value = "50"
    assert clicks.controls.state.options == {"device": "gpu", "t1": "50"}
    clicks.controls.backend.value = "qb-sim-tensor-network"
    assert clicks.controls.state.options == {"device": "gpu"}


def test_new_circuits_are_offered_and_lost_ones_are_told(notebook, form):
    circuit(notebook, "passing", 0.4)
    clicks = form("passing")
    notebook.run("newer = [passing, passing]")
    notebook.shell.events.trigger("post_run_cell", None)
    assert "newer" in [key for _, key in clicks.controls.program.options]
    notebook.run("del passing, newer")
    notebook.shell.events.trigger("post_run_cell", None)
    assert clicks.controls.key == "passing"
    assert "no variable 'passing' any more" in clicks.settled()["problem"]


def test_the_form_of_a_job_holds_what_it_was_asked_for(notebook):
    engine = notebook.session.engine
    job = engine.submit(
        notebook.ns["qc"],
        backend="qb-sim-noisy-aer",
        shots=30,
        name="told",
        tags={"a": "b c"},
        options={"t1": 50.0, "preset": "trapped-ion"},
        seed=7,
    )
    made = open_for(notebook.session, job.id, Below(notebook.shell))
    state = made.controls.state
    assert (made.controls.key, state.backend, state.shots, state.name) == (
        GIVEN,
        "qb-sim-noisy-aer",
        "30",
        "told",
    )
    assert (state.tags, state.seed) == ("'a=b c'", "7")
    assert state.options == {"t1": "50.0", "preset": "trapped-ion"}
    clicks = Clicks(made)
    clicks.click("submit")
    assert made.job.wait(60).counts == job.wait(60).counts


def test_the_form_of_a_job_from_text_holds_the_text(notebook, form):
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; x q[0]; measure q -> c;'
    notebook.session.engine.submit(text, shots=5, name="typed")
    clicks = form("typed --shots 6")
    assert (clicks.controls.key, clicks.controls.text.value) == (TEXT, text)
    seed = clicks.controls.seed.value
    assert clicks.foot.lines == [f"%%qjob --backend marqov-sim --shots 6 --name typed --seed {seed}\n{text}"]


def test_an_expression_is_evaluated_once(notebook, form):
    notebook.run("calls = []\ndef make(n): calls.append(n); return qc")
    clicks = form("make(3) --shots 5")
    clicks.click("submit")
    assert notebook.ns["calls"] == [3]
    assert clicks.foot.lines[1] == "%qjob submit make(3) --backend marqov-sim --shots 5"


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        pytest.param("nobody", InvalidRequest, "no variable and no job 'nobody'", id="neither"),
        pytest.param("3+4", InvalidRequest, "of type int, no circuit", id="no circuit"),
        pytest.param("qc --yes", InvalidRequest, "a form has no yes", id="what a form has no use for"),
        pytest.param("qc --option t9=1", InvalidOption, "no option 't9'", id="no such option"),
        pytest.param("qc --shotz 1", InvalidRequest, "--shots", id="a typo"),
    ],
)
def test_a_line_that_does_not_fit_opens_nothing(notebook, form, line, error, says):
    with pytest.raises(error, match=says):
        form(line)
    assert notebook.session.open == []


def test_python_takes_values(notebook):
    made = qjob.form(
        notebook.ns["qc"], backend="qb-sim-statevector", shots=5, options={"statevector": True}, seed=3
    )
    state = made.controls.state
    assert (state.expression, state.shots, state.seed) == ("qc", "5", "3")
    assert state.options == {"statevector": "true"}
    with pytest.raises(InvalidRequest, match="did you mean 'shots'"):
        qjob.form(notebook.ns["qc"], shot=5)
    with pytest.raises(NoSuchJob):
        open_for(notebook.session, "nobody", Below(notebook.shell))


@pytest.mark.slow
def test_closed_it_does_nothing_more(notebook, form):
    clicks = form()
    clicks.click("close")
    assert notebook.session.open == []
    assert clicks.form.refresh not in notebook.shell.events.callbacks["post_run_cell"]
