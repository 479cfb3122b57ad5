"""What single backends can do beyond the contract, and how a run fails."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import XGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector

from qjob.backends.aer.limits import data_limit, data_size
from qjob.backends.aer.simulators import SimulationError, Simulators
from qjob.backends.aer.stepwise import WIDEST
from qjob.model.events import Completed, Failed, Progress
from qjob.programs.steps import steps

MIB = 1 << 20


def test_ghz_60_by_stabilizers(bench, ghz):
    result = bench.result("marqov-sim", ghz(60), 2_500, 3)
    assert (result.metadata["method"], result.metadata["path"]) == ("stabilizer", "counted")
    assert set(result.counts) == {60 * "0", 60 * "1"}
    assert 1_100 < result.counts[60 * "1"] < 1_400


def test_ghz_100_by_matrix_product_states(bench, ghz):
    events = bench.events("qb-sim-tensor-network", ghz(100), 1_000, 3, memory_limit=2 << 30)
    assert [event.phase for event in events if isinstance(event, Progress)][:2] == [
        "preparing",
        "evolving the state",
    ]
    counts = events[-1].result.counts
    assert set(counts) == {100 * "0", 100 * "1"}
    assert 400 < counts[100 * "1"] < 600


@pytest.mark.parametrize("slug", ["marqov-sim", "qb-sim-tensor-network"])
@pytest.mark.parametrize("inside", [False, True], ids=["at the top", "inside control flow"])
def test_an_entangled_state_is_set_beside_other_qubits(bench, slug, inside):
    circuit = QuantumCircuit(3, 3)
    if inside:
        with circuit.for_loop(range(1)):
            circuit.initialize(np.array([1, 0, 0, 1]) / 2**0.5, [0, 2])
    else:
        circuit.initialize(np.array([1, 0, 0, 1]) / 2**0.5, [0, 2])
    circuit.measure(range(3), range(3))
    counts = bench.counts(slug, circuit, 400)
    assert set(counts) == {"000", "101"}
    assert 140 < counts["101"] < 260  # 6 standard deviations


def test_a_labelled_gate_has_the_noise_of_its_kind(bench):
    def flipped(**label):
        circuit = QuantumCircuit(1, 1)
        for _ in range(20):
            circuit.append(XGate(**label), [0])
        circuit.measure(0, 0)
        return bench.counts("qb-sim-noisy-aer", circuit, 400, t1=1, gate_time_1q=100)

    plain = flipped()
    assert plain["1"] > 50
    assert flipped(label="pi pulse") == flipped(label="cx") == plain


def test_a_small_bond_dimension_truncates(bench):
    circuit = QuantumCircuit(4, 4)
    circuit.h([0, 1])
    circuit.cx(0, 2)
    circuit.cx(1, 3)
    circuit.measure(range(4), range(4))
    exact = bench.counts("qb-sim-tensor-network", circuit, 500)
    cut = bench.counts("qb-sim-tensor-network", circuit, 500, max_bond_dimension=1)
    assert len(exact) == 4
    assert len(cut) < 4


def test_the_state_vector_is_in_qiskits_order_with_its_phase(bench):
    circuit = QuantumCircuit(3, 1, global_phase=0.3)
    circuit.h(0)
    circuit.t(0)
    circuit.cx(0, 2)
    exact = Statevector(circuit).data
    circuit.measure(2, 0)
    result = bench.result("qb-sim-statevector", circuit, 100, statevector=True)
    assert result.statevector.dtype == np.complex128
    np.testing.assert_allclose(result.statevector, exact, atol=1e-12)
    assert bench.result("qb-sim-statevector", circuit, 100).statevector is None
    assert result.counts == bench.counts("qb-sim-statevector", circuit, 100)


def test_idle_qubits_cost_nothing(bench):
    circuit = QuantumCircuit(60, 2)
    circuit.x(50)
    circuit.t(59)
    circuit.measure([50, 59], [0, 1])
    for slug, options in (("marqov-sim", {}), ("qb-sim-noisy-aer", {"gate_error_1q": 1e-9})):
        assert dict(bench.counts(slug, circuit, 10, **options)) == {"01": 10}


def test_large_runs_tell_their_phases(bench, ghz):
    events = bench.events("qb-sim-statevector", ghz(15), 10)
    phases = [event for event in events if isinstance(event, Progress)][:2]
    assert phases == [Progress("preparing"), Progress("evolving the state")]


def test_a_state_beyond_the_limit_fails_for_memory(bench):
    circuit = QuantumCircuit(24, 24)
    circuit.h(range(24))
    circuit.t(range(24))
    circuit.measure(range(24), range(24))
    last = bench.events("qb-sim-statevector", circuit, 10, memory_limit=100 * MIB)[-1]
    assert isinstance(last, Failed)
    assert last.failure.code == "out_of_memory"
    assert "100 MiB were allowed" in last.failure.reason
    assert not last.failure.transient


def test_a_gpu_that_is_not_there_fails(bench, monkeypatch):
    monkeypatch.setattr(Simulators, "devices", lambda _self: ("CPU",))
    last = bench.events("marqov-sim", QuantumCircuit(1, 1), device="gpu")[-1]
    assert isinstance(last, Failed)
    assert last.failure.code == "backend_refused"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (SimulationError("no such thing"), ("simulation_failed", "no such thing")),
        (MemoryError(), ("out_of_memory", "did not fit into memory")),
    ],
)
@pytest.mark.parametrize(
    "way", [("qb-sim-tensor-network", "run"), ("marqov-sim", "probabilities")], ids=lambda way: way[1]
)
def test_what_aer_refuses_becomes_the_last_event(bench, monkeypatch, way, error, says):
    (backend, method), (code, reason) = way, says

    def refuse(*_args):
        raise error

    monkeypatch.setattr(Simulators, method, refuse)
    *_, last = bench.events(backend, QuantumCircuit(1, 1).measure_all(inplace=False))
    assert isinstance(last, Failed)
    assert last.failure.code == code
    assert reason in last.failure.reason


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("slug", "options"),
    [
        ("marqov-sim", {}),
        ("qb-sim-tensor-network", {}),
        ("qb-sim-noisy-aer", {"readout_error": 0.1}),
        ("qb-sim-noisy-aer", {"gate_error_1q": 0.05}),
    ],
    ids=str,
)
def test_steps_that_come_with_a_task_change_no_count(bench, slug, options, seed):
    circuit = random_circuit(4, 6, max_operands=2, seed=seed)
    circuit.measure_all()
    known = steps(circuit)
    assert known is not None
    alone = bench.counts(slug, circuit, 500, seed, **options)
    assert bench.counts(slug, circuit, 500, seed, steps=known, **options) == alone


def test_where_steps_tell_enough_the_program_is_not_read(bench):
    circuit = QuantumCircuit(2)
    circuit.x(1)
    other = steps(circuit.measure_all(inplace=False))
    circuit.x(0)
    circuit.measure_all()
    assert bench.counts("marqov-sim", circuit, 10, steps=other) == {"10": 10}
    wide = replace(other, width=WIDEST + 1)
    assert bench.counts("marqov-sim", circuit, 10, steps=wide) == {"11": 10}
    state = bench.result("qb-sim-statevector", circuit, 10, steps=other, statevector=True).statevector
    assert abs(state[3]) == pytest.approx(1)


def test_simulators_are_kept(bench, ghz):
    bench.counts("marqov-sim", ghz(2))
    made = bench.backends["marqov-sim"].runner._simulators._made
    before = {setup: id(simulator) for setup, simulator in made.items()}
    bench.counts("marqov-sim", ghz(3))
    assert {setup: id(simulator) for setup, simulator in made.items()} == before


@pytest.mark.parametrize("interval", [1e-9, 1e9], ids=["looked at all the time", "never looked at"])
def test_counts_do_not_depend_on_who_looks(bench, monkeypatch, interval):
    circuit = QuantumCircuit(4, 4)
    circuit.h(range(4))
    circuit.measure(range(4), range(4))
    expected = bench.counts("qb-sim-noisy-aer", circuit, 20_000, 5, readout_error=0.1)
    monkeypatch.setattr("qjob.backends.aer.attempt.Reporter", _reporter(interval))
    events = bench.events("qb-sim-noisy-aer", circuit, 20_000, 5, readout_error=0.1)
    assert isinstance(events[-1], Completed)
    assert events[-1].result.counts == expected
    assert (len(events) > 2) is (interval < 1)


def _reporter(interval):
    from qjob.backends.aer.progress import Reporter

    return lambda clock, note: Reporter(clock, interval, note)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit exists on Linux only")
def test_the_memory_limit_holds_and_goes():
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with data_limit(50 * MIB), pytest.raises(MemoryError):
        np.ones(200 * MIB // 8)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    with data_limit(None):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert data_size() > MIB
