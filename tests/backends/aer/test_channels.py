"""Circuits with noise channels of their own, on every local simulator: exact, or refused; never silently ideal."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.quantum_info import DensityMatrix, Kraus, SuperOp
from scipy.stats import chisquare

from qjob import programs
from qjob.model.errors import BackendRefused

SIGNIFICANCE = 1e-4
"""How often a correct simulator would fail one comparison; the seeds are fixed."""

# Decay on the second qubit and a phase flip on the first: no symmetry between the two.
DECAY_AND_FLIP = Kraus(
    [
        np.kron(a, b)
        for a in ([[1, 0], [0, 0.6]], [[0, 0.8], [0, 0]])
        for b in (np.sqrt(0.7) * np.eye(2), np.sqrt(0.3) * np.diag([1, -1]))
    ]
)
DECAY = Kraus([[[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]]])


def channelled(instruction, qubits=(2, 0)):
    circuit = QuantumCircuit(3, 3)
    circuit.ry(0.8, 0)
    circuit.rx(1.1, 1)
    circuit.x(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.append(instruction, list(qubits))
    circuit.h(0)
    return circuit


def inside(channel):
    inner = QuantumCircuit(channel.num_qubits)
    inner.append(channel.to_instruction(), range(channel.num_qubits))
    return inner.to_instruction()


CHANNELS = {
    "kraus": DECAY_AND_FLIP.to_instruction(),
    "superop": SuperOp(DECAY_AND_FLIP).to_instruction(),
    "inside of an instruction": inside(DECAY_AND_FLIP),
    "one operator": Instruction("kraus", 2, 0, [np.diag([1, 1j, -1, 1]).astype(complex)]),
}


def exact(circuit):
    return DensityMatrix(circuit).probabilities_dict()


def assert_distribution(counts, probabilities):
    outcomes = [outcome for outcome, p in probabilities.items() if p > 1e-12]
    assert set(counts) <= set(outcomes)
    expected = np.array([probabilities[outcome] for outcome in outcomes])
    seen = [counts[outcome] for outcome in outcomes]
    assert chisquare(seen, expected / expected.sum() * counts.shots).pvalue > SIGNIFICANCE


@pytest.mark.parametrize("shots", [3, 4_000], ids=["few shots", "many shots"])
@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS.keys())
def test_counts_follow_the_channel(bench, slug, channel, shots):
    circuit = channelled(channel)
    probabilities = exact(circuit)
    circuit.measure([0, 1, 2], [0, 1, 2])
    result = bench.result(slug, circuit, shots)
    if shots > 3:
        assert_distribution(result.counts, probabilities)
    else:  # too few for a density matrix to pay, and for statistics: the rarest outcomes are ruled out only
        assert result.counts.shots == 3
        assert all(probabilities[outcome] > 1e-12 for outcome in result.counts)


@pytest.mark.parametrize("qubits", [(0, 2), (2, 0)])
def test_shot_by_shot_it_is_the_same(bench, slug, qubits):
    circuit = channelled(DECAY_AND_FLIP.to_instruction(), qubits)
    probabilities = exact(circuit)
    circuit.measure([0, 1, 2], [0, 1, 2])
    circuit.reset(0)  # so that no final state can be sampled
    result = bench.result(slug, circuit, 4_000)
    assert result.metadata["path"] == "trajectories"
    assert_distribution(result.counts, probabilities)


def test_a_channel_adds_to_the_backends_own_noise(bench):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.append(DECAY.to_instruction(), [0])
    circuit.measure(0, 0)
    counts = bench.counts("qb-sim-noisy-aer", circuit, 20_000, readout_error_10=0.5, gate_error_1q=1e-9)
    assert_distribution(counts, {"1": 0.64 * 0.5, "0": 1 - 0.64 * 0.5})


def test_there_is_no_one_state_to_return(bench):
    circuit = channelled(CHANNELS["kraus"])
    circuit.measure([0], [0])
    request = bench.request("qb-sim-statevector", circuit, statevector=True)
    profile = programs.profile(programs.circuit(request.program))
    with pytest.raises(BackendRefused, match="noise channels") as refused:
        bench.backends["qb-sim-statevector"].check(request, profile)
    assert "Leave the option statevector out" in refused.value.remedy
