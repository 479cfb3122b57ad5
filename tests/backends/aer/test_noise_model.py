"""What noise does to counts, against what physics says exactly."""

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Kraus, SuperOp, average_gate_fidelity
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel
from scipy.stats import binomtest, chi2_contingency

from qjob.backends.aer.noise import NoiseParameters
from qjob.backends.aer.noise_model import ONE_QUBIT, TWO_QUBIT, noise_model, relaxation, with_waiting
from qjob.model.errors import BackendRefused
from qjob.model.events import Failed
from qjob.model.program import Program, ProgramFormat

NOISY = "qb-sim-noisy-aer"
SHOTS = 20_000
SIGNIFICANCE = 1e-4
"""How often a correct simulator would fail one comparison; the seeds are fixed."""


def assert_probability(counts, outcome, exact):
    assert binomtest(counts[outcome], counts.shots, exact).pvalue > SIGNIFICANCE


def prepared(one, *, middle=False):
    circuit = QuantumCircuit(1, 1)
    if one:
        circuit.x(0)
    circuit.measure(0, 0)
    if middle:
        circuit.reset(0)
    return circuit


@pytest.mark.parametrize("middle", [False, True], ids=["sampled", "shot by shot"])
@pytest.mark.parametrize(
    ("options", "one", "flipped"),
    [
        ({"readout_error": 0.1}, False, 0.1),
        ({"readout_error": 0.1}, True, 0.1),
        ({"readout_error_01": 0.2}, False, 0.2),
        ({"readout_error_01": 0.2}, True, 0.0),
        ({"readout_error_10": 0.3}, False, 0.0),
        ({"readout_error_10": 0.3}, True, 0.3),
        ({"readout_error": 0.1, "readout_error_10": 0.4}, False, 0.1),
        ({"readout_error": 0.1, "readout_error_10": 0.4}, True, 0.4),
    ],
)
def test_readout_error_each_way(bench, options, one, flipped, middle):
    result = bench.result(NOISY, prepared(one, middle=middle), 4_000 if middle else SHOTS, **options)
    assert result.metadata["path"] == ("trajectories" if middle else "sampled")
    assert_probability(result.counts, "0" if one else "1", flipped)


def test_readout_errors_of_two_bits_are_independent(bench):
    circuit = QuantumCircuit(2, 2)
    circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    counts = bench.counts(NOISY, circuit, SHOTS, readout_error_01=0.2, readout_error_10=0.1)
    for outcome, exact in {"10": 0.72, "11": 0.18, "00": 0.08, "01": 0.02}.items():
        assert_probability(counts, outcome, exact)


@pytest.mark.parametrize("middle", [False, True], ids=["sampled", "shot by shot"])
def test_a_bit_written_twice_is_read_wrong_once(bench, middle):
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.measure(0, 0)
    if middle:
        circuit.reset(0)
    assert_probability(bench.counts(NOISY, circuit, 5_000, readout_error=0.1), "1", 0.1)


@pytest.mark.parametrize("shots", [1_000, SHOTS])
@pytest.mark.parametrize("t2", [None, 50.0], ids=["T2 = 2 T1", "T2 < T1"])
def test_t1_decay_during_gates(bench, t2, shots):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    for _ in range(19):
        circuit.id(0)
    circuit.measure(0, 0)
    options = {"t1": 100.0, "gate_time_1q": 5_000.0} | ({"t2": t2} if t2 else {})
    counts = bench.counts(NOISY, circuit, shots, **options)
    assert_probability(counts, "1", math.exp(-20 * 5.0 / 100.0))


def test_t1_decay_during_a_two_qubit_gate_reaches_both(bench):
    circuit = QuantumCircuit(2, 2)
    circuit.x([0, 1])
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    counts = bench.counts(NOISY, circuit, SHOTS, t1=100.0, gate_time_1q=0.0, gate_time_2q=50_000.0)
    stays = math.exp(-0.5)
    assert_probability(counts, "11", stays**2)
    assert_probability(counts, "00", (1 - stays) ** 2)


def delayed(delay, prepare="x q;", read=""):
    text = f'OPENQASM 3.0; include "stdgates.inc"; qubit q; bit c; {prepare} {delay} {read} c = measure q;'
    return Program(ProgramFormat.QASM3, text.encode())


@pytest.mark.parametrize("delay", ["delay[70us] q;", "delay[70000ns] q;", "delay[0.07ms] q;"])
def test_t1_decay_during_a_delay(bench, delay):
    counts = bench.counts(NOISY, delayed(delay), SHOTS, t1=100.0, gate_time_1q=0.0)
    assert_probability(counts, "1", math.exp(-0.7))


def test_t2_decay_during_a_delay(bench):
    program = delayed("delay[30us] q;", "h q;", "h q;")
    counts = bench.counts(NOISY, program, SHOTS, t2=40.0, gate_time_1q=0.0)
    assert_probability(counts, "1", (1 - math.exp(-30 / 40)) / 2)


def test_a_delay_does_nothing_without_relaxation(bench):
    counts = bench.counts(NOISY, delayed("delay[70us] q;"), 100, gate_error_2q=0.1)
    assert dict(counts) == {"1": 100}


def test_a_delay_of_unknown_duration_fails_with_the_way_out(bench):
    circuit = QuantumCircuit(1, 1)
    circuit.delay(100, 0, "dt")
    circuit.measure(0, 0)
    last = bench.events(NOISY, circuit, t1=100.0)[-1]
    assert isinstance(last, Failed)
    assert "a delay of 100 dt has no known duration" in last.failure.reason
    assert 'unit="ns"' in last.failure.remedy


def test_a_delay_in_dt_is_refused():
    circuit = QuantumCircuit(1, 1)
    circuit.delay(5, 0)
    with pytest.raises(BackendRefused, match="5 dt"):
        with_waiting(circuit, NoiseParameters(t2=1.0))


def test_delays_inside_control_flow_relax_too():
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 0)):
        circuit.delay(5, 0, "us")
    waiting = with_waiting(circuit, NoiseParameters(t1=10.0, t2=20.0))
    (block,) = waiting.data[0].operation.blocks
    assert [instruction.name for instruction in block.data] == ["quantum_channel"]


@pytest.mark.parametrize(
    ("infidelity", "qubits"), [(0.001, 1), (0.05, 1), (0.5, 1), (0.002, 2), (0.1, 2), (0.75, 2)]
)
def test_the_channel_has_the_average_infidelity_that_was_asked_for(infidelity, qubits):
    options = {f"gate_error_{qubits}q": infidelity}
    model = noise_model(NoiseParameters(**options))
    channel = SuperOp(model._default_quantum_errors["h" if qubits == 1 else "cx"])
    assert 1 - average_gate_fidelity(channel) == pytest.approx(infidelity, abs=1e-9)


def test_the_depolarizing_error_is_seen_in_counts(bench):
    # a depolarized qubit is read wrong half the time: lambda / 2 = r for d = 2
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    assert_probability(bench.counts(NOISY, circuit, SHOTS, gate_error_1q=0.05), "0", 0.05)


def test_the_two_qubit_error_is_seen_in_counts(bench):
    # lambda = 4/3 r; a depolarized pair shows each outcome a quarter of the time
    circuit = QuantumCircuit(2, 2)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    counts = bench.counts(NOISY, circuit, SHOTS, gate_error_2q=0.06)
    assert_probability(counts, "00", 1 - 0.08 * 3 / 4)
    assert_probability(counts, "10", 0.08 / 4)


def test_relaxation_has_the_times_that_were_asked_for():
    channel = SuperOp(relaxation(NoiseParameters(t1=100.0, t2=70.0), 30_000))
    excited = DensityMatrix([[0, 0], [0, 1]]).evolve(channel)
    assert excited.data[1, 1].real == pytest.approx(math.exp(-0.3))
    coherent = DensityMatrix(np.full((2, 2), 0.5)).evolve(channel)
    assert coherent.data[0, 1].real == pytest.approx(0.5 * math.exp(-30 / 70))


def test_gates_of_three_qubits_are_noisy_too(bench):
    circuit = QuantumCircuit(3, 3)
    circuit.x([0, 1])
    circuit.ccx(0, 1, 2)
    circuit.measure(range(3), range(3))
    counts = bench.counts(NOISY, circuit, SHOTS, gate_error_2q=0.02)
    six_gates = 1 - (1 - 0.02) ** 6
    assert six_gates / 2 < 1 - counts.probability("111") < six_gates * 1.5


def test_no_noise_options_mean_no_noise(bench):
    circuit = QuantumCircuit(1, 1)
    for _ in range(50):
        circuit.x(0)
    circuit.measure(0, 0)
    result = bench.result(NOISY, circuit, 1_000, gate_time_1q=1e6)
    assert dict(result.counts) == {"0": 1_000}
    assert "noise" not in result.metadata


@pytest.mark.parametrize(
    "options",
    [
        {"preset": "superconducting", "gate_error_2q": 0.05},
        {"t1": 20.0, "gate_time_2q": 2000.0, "readout_error_01": 0.03},
        {"t1": 20.0, "t2": 10.0, "gate_time_2q": 2000.0},
    ],
    ids=["preset", "relaxation by Kraus operators", "relaxation by resets"],
)
def test_density_matrix_and_trajectories_agree(bench, ghz, options):
    circuit = ghz(3)
    again = circuit.copy()
    again.reset(0)  # after its measurement: changes nothing, but forces the other path
    by_matrix = bench.result(NOISY, circuit, 10_000, 5, **options)
    by_shots = bench.result(NOISY, again, 10_000, 6, **options)
    assert (by_matrix.metadata["method"], by_matrix.metadata["path"]) == ("density_matrix", "sampled")
    assert (by_shots.metadata["method"], by_shots.metadata["path"]) == ("statevector", "trajectories")
    outcomes = [f"{i:03b}" for i in range(8)]
    table = [[result.counts[outcome] for outcome in outcomes] for result in (by_matrix, by_shots)]
    seen = np.array(table)[:, np.sum(table, axis=0) >= 10]
    assert chi2_contingency(seen).pvalue > SIGNIFICANCE


DEPOLARIZING = NoiseParameters(gate_error_1q=0.05, gate_error_2q=0.1, readout_01=0.02, readout_10=0.04)
RELAXING = NoiseParameters(gate_error_1q=0.05, t1=1.0, t2=1.5, gate_time_1q=50.0, gate_time_2q=300.0)


def aers_own(noise):
    """Return the same model as Aer itself describes it, gate for gate."""
    model = NoiseModel()
    vars(model).update(vars(noise_model(noise)))
    return model


def by_gate(told):
    """Return what a description says of each gate."""
    said = {}
    for error in told["errors"]:
        what = {key: value for key, value in error.items() if key not in {"operations", "id"}}
        said |= dict.fromkeys(error["operations"], what)
    return said


@pytest.mark.parametrize("noise", [DEPOLARIZING, RELAXING], ids=["depolarizing", "relaxing"])
def test_each_error_is_described_once_with_all_its_gates(noise):
    told = noise_model(noise).to_dict(serializable=True)
    gates = [set(error["operations"]) for error in told["errors"]]
    assert gates == [set(ONE_QUBIT), set(TWO_QUBIT), *([{"measure"}] if noise.on_readout else [])]
    assert by_gate(told) == by_gate(aers_own(noise).to_dict(serializable=True))


@pytest.mark.parametrize("channel", [False, True], ids=["gates", "a channel among them"])
@pytest.mark.parametrize("method", ["statevector", "density_matrix"])
@pytest.mark.parametrize("noise", [DEPOLARIZING, RELAXING], ids=["depolarizing", "relaxing"])
def test_aer_counts_the_same_by_it(noise, method, channel):
    circuit = QuantumCircuit(3, 3)
    circuit.h(0)
    circuit.cx(0, 1)
    if channel:  # Aer copies the model, and adds this to it
        circuit.append(Kraus([np.diag([1, 0.8]), [[0, 0.6], [0, 0]]]), [1])
    circuit.rx(0.7, 1)
    circuit.cz(1, 2)
    circuit.sx(2)
    circuit.measure([0, 1, 2], [2, 0, 1])
    ours, theirs = (
        AerSimulator(method=method, noise_model=model)
        .run(circuit, shots=500, seed_simulator=7)
        .result()
        .get_counts()
        for model in (noise_model(noise), aers_own(noise))
    )
    assert ours == theirs
