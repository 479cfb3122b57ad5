"""Quotes of real circuits by a real engine."""

from decimal import Decimal

import pytest
from qiskit import QuantumCircuit

import qjob
from qjob.backends.aer.provider import AerBackend, AerProvider
from qjob.model.errors import InvalidOption, InvalidRequest, ProgramRefused, UnknownBackend
from qjob.model.quote import Quote, Unpriced

BELL = "OPENQASM 3.0; include 'stdgates.inc'; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;"
PRICE = """
[[backend]]
slug = "marqov-sim"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
minimum = "1.00"
currency = "USD"
source = "our own"
as_of = 2026-07-01
"""


def circuit(qubits) -> QuantumCircuit:
    made = QuantumCircuit(qubits)
    made.rx(0.1, range(qubits))
    made.measure_all()
    return made


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with qjob.connect(home=tmp_path_factory.mktemp("home")) as engine:
        yield engine


@pytest.mark.parametrize(
    ("backend", "shots", "usd"),
    [
        ("marqov-sim", 1000, "free"),
        ("sv1", 1000, "$0.00375"),
        ("aws:iqm:qpu:garnet", "1_000", "$1.75"),
        ("ionq-forte-1", 100, "$8.30"),
    ],
)
@pytest.mark.parametrize("program", [BELL, circuit(2)], ids=["text", "circuit"])
def test_a_quote(engine, program, backend, shots, usd):
    found = engine.quote(program, backend=backend, shots=shots)
    assert isinstance(found, Quote)
    assert found.usd == usd


def test_gates_are_counted_in_the_circuit(engine):
    found = engine.quote(BELL, backend="quantinuum-h2-1", shots=1000)
    assert isinstance(found, Unpriced)
    assert "9.2 HQC" in found.reason


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        pytest.param(UnknownBackend, {"backend": "sv9"}, id="unknown backend"),
        pytest.param(InvalidRequest, {"shots": 0}, id="no shots"),
        pytest.param(InvalidRequest, {"shots": "many"}, id="shots in words"),
        pytest.param(InvalidOption, {"options": {"nothing": 1}}, id="unknown option"),
        pytest.param(ProgramRefused, {"program": QuantumCircuit(2)}, id="nothing measured"),
    ],
)
def test_what_is_no_request_has_no_quote(engine, kind, arguments):
    given = {"program": BELL, "backend": "marqov-sim", "shots": 10} | arguments
    with pytest.raises(kind):
        engine.quote(given.pop("program"), **given)


def test_all_backends_have_their_row_in_order(engine):
    rows = engine.quotes(BELL, shots=1000)
    assert [row.backend for row in rows] == list(engine.catalogue)
    assert {row.shots for row in rows} == {1000}
    assert [row.backend.slug for row in rows if row.fits] == [
        info.slug for info in engine.catalogue if info.adapter in ("aer", "braket") and not info.retired
    ]


@pytest.mark.parametrize(
    ("qubits", "shots", "slug", "problem"),
    [
        (2, 1000, "marqov-sim", ""),
        (2, 1000, "quantinuum-h2-1", "no adapter 'azure' is installed here"),
        (2, 1000, "sv1", ""),
        (2, 1000, "tn1", "retired 2026-06-26; use sv1 or qb-sim-tensor-network"),
        (40, 1000, "sv1", "40 qubits are too many: at most 34"),
        (40, 1000, "qb-sim-noisy-aer", "40 qubits are too many: at most 30"),
        (2, 200_000, "marqov-sim", "200,000 shots are out of range: 1 to 100,000"),
    ],
)
def test_why_it_does_not_fit(engine, qubits, shots, slug, problem):
    rows = {row.backend.slug: row for row in engine.quotes(circuit(qubits), shots=shots)}
    assert rows[slug].problem == problem
    assert rows[slug].fits is (not problem)


def test_what_this_machine_cannot_hold_does_not_fit(engine, monkeypatch):
    monkeypatch.setattr(AerProvider, "backend", lambda _, info: AerBackend(info, free=lambda: 0))
    with qjob.connect(home=engine.settings.home) as fresh:
        rows = {row.backend.slug: row for row in fresh.quotes(circuit(26), shots=10)}
    assert "26 qubits; this machine has" in rows["qb-sim-statevector"].problem
    assert rows["qb-sim-tensor-network"].fits


def test_the_users_own_price_holds_at_once_and_a_quote_stores_nothing(tmp_path):
    (tmp_path / "backends.toml").write_text(PRICE, "utf-8")
    with qjob.connect(home=tmp_path) as engine:
        few, many = (engine.quote(BELL, backend="marqov-sim", shots=shots) for shots in (10, 345))
        assert isinstance(few, Quote)
        assert isinstance(many, Quote)
        assert (few.cap, many.cap) == (Decimal(1), Decimal("3.75"))
        assert many.cap_credits == 375
        assert many.price.own
        assert not engine.settings.database.exists()
