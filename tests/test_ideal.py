"""What a job's program gives without noise: exact or sampled, free, found again, honest about what it leaves out."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Kraus
from qiskit_aer.noise import amplitude_damping_error, depolarizing_error, pauli_error

from qjob import ideal
from qjob.engine import Engine
from qjob.ideal import EXACT, SAMPLED, SHOTS
from qjob.model.distribution import Distribution
from qjob.model.errors import BackendRefused, ProgramRefused, WaitTimeout
from qjob.model.job import JobStatus
from qjob.settings import load_settings

pytestmark = pytest.mark.slow  # workers are started

FLIP = [np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * np.array([[0, 1], [1, 0]])]
ERASE = "DELETE FROM results WHERE job = (SELECT number FROM jobs WHERE id = ?)"
PRICED = """
[[backend]]
slug = "{}"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""


@pytest.fixture
def engine(home):
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        yield engine


def asymmetric():
    """Qubit 0 is 1 with certainty, qubit 1 with 1/4; read crosswise into three classical bits."""
    circuit = QuantumCircuit(2, 3)
    circuit.x(0)
    circuit.ry(np.pi / 3, 1)
    circuit.measure([0, 1], [2, 0])
    return circuit


def noisy(engine, circuit, **asked):
    asked = {"options": {"gate_error_2q": 0.05, "gate_error_1q": 0.02}, "shots": 500, **asked}
    return engine.submit(circuit, backend="qb-sim-noisy-aer", **asked)


def test_it_is_exact_in_the_jobs_own_bits_whatever_the_noise_of_the_backend(engine):
    job = noisy(engine, asymmetric(), name="cross")
    found = engine.ideal(job.id)
    assert found.exact
    assert found.outcomes.to_dict() == pytest.approx({"100": 0.75, "101": 0.25})
    assert found.channels == 0
    assert abs(found.statevector[0b01]) ** 2 == pytest.approx(0.75)
    reference = engine.job(found.job_id).record
    assert (reference.backend, reference.name, reference.cap) == (EXACT, "ideal of cross", 0)
    assert dict(reference.tags) == {"reference": "ideal"}


def test_a_reference_is_run_once_for_all_jobs_of_one_program(engine):
    first, second = noisy(engine, asymmetric()), noisy(engine, asymmetric(), shots=700)
    assert (
        engine.ideal(first.id).job_id == engine.ideal(second.id).job_id == engine.ideal(first.id[:8]).job_id
    )
    assert len(engine.jobs(backend=EXACT)) == 1


def test_a_reference_waits_for_its_turn(engine):
    job = noisy(engine, asymmetric())
    engine.limits(user_per_minute=1)
    with pytest.raises(WaitTimeout):
        engine.ideal(job.id, timeout=0.2)
    (waiting,) = engine.jobs(backend=EXACT)
    assert waiting.status is JobStatus.INITIALIZING
    waiting.cancel()
    engine.limits(user_per_minute=10)
    assert engine.ideal(job.id, timeout=60).outcomes.to_dict() == pytest.approx({"100": 0.75, "101": 0.25})


def test_a_job_that_holds_its_final_state_is_its_own_reference(engine):
    job = engine.submit(asymmetric(), backend=EXACT, options={"statevector": True}, shots=10).wait()
    found = engine.ideal(job.id)
    assert found.job_id == job.id
    assert found.outcomes.to_dict() == pytest.approx({"100": 0.75, "101": 0.25})


def test_a_state_that_is_there_already_is_used_whatever_its_backend_costs(home):
    home.mkdir()
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        job = engine.submit(asymmetric(), backend=EXACT, options={"statevector": True}, shots=10).wait()
    (home / "backends.toml").write_text("".join(map(PRICED.format, [EXACT, SAMPLED])))
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        found = engine.ideal(job.id)
    assert found.exact
    assert found.job_id == job.id


def test_where_a_clbit_is_written_twice_the_last_measurement_counts(engine):
    circuit = QuantumCircuit(2, 1)
    circuit.x(1)
    circuit.measure(0, 0)
    circuit.measure(1, 0)
    assert engine.ideal(engine.submit(circuit, shots=1).id).outcomes.to_dict() == pytest.approx({"1": 1})


def test_measuring_in_the_middle_takes_a_run_of_many_shots(engine, monkeypatch):
    assert SHOTS == 100_000
    monkeypatch.setattr(ideal, "SHOTS", 2000)  # trajectories take their time
    circuit = QuantumCircuit(1, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    circuit.x(0)
    circuit.measure(0, 1)
    found = engine.ideal(noisy(engine, circuit).id)
    assert not found.exact
    assert found.outcomes.shots == 2000
    assert set(found.outcomes) == {"01", "10"}
    assert found.statevector is None
    assert "comes after a measurement" in found.inexact
    assert engine.job(found.job_id).record.backend == SAMPLED


def with_noise(*, nested=False):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    channel = Kraus(FLIP).to_instruction()
    if nested:
        inner = QuantumCircuit(1)
        inner.x(0)
        inner.append(channel, [0])
        channel = inner.to_instruction()
    circuit.append(channel, [0])
    circuit.measure(0, 0)
    return circuit


def test_noise_that_the_program_holds_is_left_out_and_counted(engine):
    job = engine.submit(with_noise(), shots=100).wait()
    assert len(job.counts) == 2
    found = engine.ideal(job.id)
    assert found.channels == 1
    assert found.outcomes.to_dict() == pytest.approx({"1": 1})


@pytest.mark.parametrize(
    ("error", "qubits"),
    [
        pytest.param(depolarizing_error(0.3, 1), [0], id="depolarizing"),
        pytest.param(depolarizing_error(0.3, 2), [0, 1], id="depolarizing, two qubits"),
        pytest.param(pauli_error([("X", 0.3), ("I", 0.7)]), [0], id="pauli"),
        pytest.param(amplitude_damping_error(0.3), [0], id="damping"),
    ],
)
def test_aers_own_noise_is_left_out_too(engine, error, qubits):
    circuit = QuantumCircuit(2, 1)
    circuit.x(0)
    circuit.append(error, qubits)
    circuit.measure(0, 0)
    found = engine.ideal(engine.submit(circuit, shots=10).id)
    assert found.channels == 1
    assert found.outcomes.to_dict() == pytest.approx({"1": 1})


def test_noise_within_another_instruction_is_refused(engine):
    job = engine.submit(with_noise(nested=True), shots=100)
    with pytest.raises(ProgramRefused, match="inside of other instructions") as raised:
        engine.ideal(job.id)
    assert "--with OTHER" in raised.value.remedy


def test_a_job_that_has_not_run_has_an_ideal_too(engine):
    job = noisy(engine, asymmetric())
    job.cancel()
    assert engine.ideal(job.id).exact


def test_an_erased_reference_is_run_again(engine):
    job = noisy(engine, asymmetric())
    first = engine.ideal(job.id)
    with engine.store._db.write() as connection:
        connection.execute(ERASE, (first.job_id,))
    assert engine.job(first.job_id).status is JobStatus.COMPLETED
    again = engine.ideal(job.id)
    assert again.job_id != first.job_id
    assert isinstance(again.outcomes, Distribution)


@pytest.mark.parametrize(
    ("priced", "exact"),
    [
        pytest.param([EXACT], False, id="the exact one costs"),
        pytest.param([EXACT, SAMPLED], None, id="both cost"),
    ],
)
def test_it_is_never_paid_for(home, priced, exact):
    home.mkdir()
    (home / "backends.toml").write_text("".join(map(PRICED.format, priced)))
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        job = noisy(engine, asymmetric())
        if exact is None:
            with pytest.raises(BackendRefused, match="never paid for"):
                engine.ideal(job.id)
        else:
            found = engine.ideal(job.id)
            assert found.exact is exact
            assert found.inexact == f"{EXACT} has a price here, and a reference is never paid for"
        assert engine.budget().held == engine.budget().charged == 0
