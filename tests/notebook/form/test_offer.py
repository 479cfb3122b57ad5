"""What an engine says to a form, by a real store; what is paid is a local backend with a price in the user's file."""

from contextlib import suppress
from datetime import timedelta

import pytest
from qiskit import QuantumCircuit

from qjob.engine import Engine, utc_now
from qjob.model.device import DeviceFacts, QueueDepth
from qjob.model.errors import RateLimited
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.form.desk import Stale
from qjob.notebook.form.offer import Question, weigh, weigh_safely
from qjob.notebook.form.rows import device_of
from qjob.settings import load_settings

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
def engine(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICE)
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        engine.limits(user_per_minute=2, local=True)
        yield engine


@pytest.fixture
def circuit():
    made = QuantumCircuit(2)
    made.h(0)
    made.cx(0, 1)
    made.measure_all()
    return made


def ask(engine, program, **given):
    return weigh(engine, Question(program, SubmitArguments(**given)), utc_now(), lambda: None)


def row(offer, slug):
    return next(each for each in offer.rows if each.slug == slug)


@pytest.mark.parametrize(
    ("given", "price", "says"),
    [
        pytest.param({}, "free", "", id="free"),
        pytest.param({"backend": PAID, "shots": "100"}, "$1.30", "", id="paid"),
        pytest.param({"backend": PAID, "shots": "20000"}, "$200.30", "a job of team", id="over budget"),
        pytest.param({"backend": PAID, "shots": "many"}, "", "no whole number", id="no shots"),
        pytest.param({"backend": "sv1", "options": {"x": "1"}}, "", "no option 'x'", id="no such option"),
        pytest.param({"seed": "-1"}, "free", "seed '-1' does not fit", id="a bad seed"),
        pytest.param({"backend": "iqm-garnet", "rehearse": True}, "free", "", id="a rehearsal"),
    ],
)
def test_price_and_problem(engine, circuit, given, price, says):
    offer = ask(engine, circuit, **given)
    assert offer.price == price
    assert says in offer.problem
    assert bool(offer.problem) == bool(says)


def test_every_backend_has_its_price_and_its_fit(engine, circuit):
    offer = ask(engine, circuit, shots="100")
    assert row(offer, "marqov-sim").price == "free"
    assert row(offer, PAID).price == "$1.30"
    assert row(offer, "iqm-garnet").price == "$0.445"
    assert row(offer, "tn1").problem.startswith("retired")
    assert row(offer, "ibm-quantum").problem == "no adapter 'ibm' is installed here"
    assert offer.about == "2 qubits, 2 gates, 2 bits"


def test_without_a_program_the_backends_say_what_they_charge(engine):
    offer = ask(engine, None)
    assert row(offer, "iqm-garnet").price == "$0.30 + $0.00145/shot"
    assert row(offer, "tn1").problem.startswith("retired")


def test_over_budget_the_shots_that_fit_are_a_number_too(engine, circuit):
    offer = ask(engine, circuit, backend=PAID, shots="20000")
    assert offer.shots == 9970
    assert "9,970 shots would fit." in offer.remedy
    assert ask(engine, circuit, backend=PAID, shots=str(offer.shots)).problem == ""


def test_what_is_left_is_told_with_what_this_takes(engine, circuit):
    assert ask(engine, circuit, backend=PAID, shots="100").left[0] == "$100.00 left today, $98.70 after this"
    assert ask(engine, circuit).left[0] == "$100.00 left today"


def test_a_list_costs_what_its_programs_cost_together(engine, circuit):
    offer = ask(engine, [circuit] * 3, backend=PAID, shots="100")
    assert (offer.price, offer.how) == ("$3.90", "$0.30 + 100 shots x $0.01 each")
    assert offer.about == "3 circuits; the first one: 2 qubits, 2 gates, 2 bits"
    assert row(offer, PAID).price == "$3.90"


def test_of_a_list_as_many_as_the_budget_admits_where_that_is_asked_for(engine, circuit):
    many = [circuit] * 12
    assert "The first 9 would fit" in ask(engine, many, backend=PAID, shots="1000").remedy
    offer = ask(engine, many, backend=PAID, shots="1000", partial=True)
    assert offer.problem == ""
    assert offer.notes == ("The budget admits the first 9 of these 12 programs.",)


def test_an_empty_list_is_refused_in_the_words_of_a_submission(engine):
    assert "a batch of 0 programs" in ask(engine, []).problem


def test_what_does_not_fit_the_machine_keeps_its_price(engine):
    wide = QuantumCircuit(60)
    wide.t(range(60))
    wide.h(range(60))
    wide.measure_all()
    offer = ask(engine, wide, backend=PAID)
    assert "60 qubits are too many" in row(offer, PAID).problem
    assert offer.problem
    assert offer.price == "$10.30"


@pytest.mark.slow
def test_what_was_paid_before_is_told(engine, circuit):
    circuit.x(0)
    circuit.measure_all()
    engine.submit(circuit, backend=PAID, shots=10).wait(60)
    offer = ask(engine, circuit, backend=PAID, shots="10")
    assert offer.problem == ""
    assert "already paid $0.40" in offer.notes[0]
    assert "Submit shows that one" in offer.notes[0]
    assert "switch on “pay again”" in offer.notes[0]
    assert ask(engine, circuit, backend=PAID, shots="10", fresh=True).notes == ()


def test_what_comes_too_fast_waits_or_is_refused(engine, circuit):
    for _ in range(2):
        with suppress(RateLimited):
            engine.submit(circuit, shots=1)
    waits, refused = ask(engine, circuit), ask(engine, circuit, no_wait=True)
    assert waits.problem == ""
    assert "for its turn" in waits.notes[0]
    assert "submissions in any minute" in refused.problem


def test_a_question_that_is_stale_ends(engine, circuit):
    def stale():
        raise Stale

    with pytest.raises(Stale):
        weigh_safely(engine, Question(circuit, SubmitArguments()), utc_now(), stale)


def test_what_goes_wrong_is_shown(engine, circuit, monkeypatch, caplog):
    monkeypatch.setattr(engine, "quotes", lambda *_, **__: 1 / 0)
    offer = weigh_safely(engine, Question(circuit, SubmitArguments()), utc_now(), lambda: None)
    assert offer.problem == "ZeroDivisionError: division by zero"
    assert "cannot be weighed" in caplog.text


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        pytest.param(1, "online, 12 waiting", id="now"),
        pytest.param(90, "ago: online, 12 waiting", id="long ago"),
    ],
)
def test_a_device_says_its_queue_and_when_it_said_so(engine, minutes, says):
    info, now = engine.catalogue.get("iqm-garnet"), utc_now()
    facts = DeviceFacts(info.target, now - timedelta(minutes=minutes), status="online", queue=QueueDepth(12))
    said = device_of(info, {info.target: facts}, now)
    assert said.endswith(says)
    assert (said == says) == (minutes == 1)
