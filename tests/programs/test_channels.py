"""Noise in Braket's programs: every channel exactly as Braket's own density matrix simulator has it; and refusals."""

import numpy as np
import pytest
from braket.circuits import Circuit
from braket.devices import LocalSimulator
from braket.ir.openqasm import Program as BraketProgram
from qiskit import QuantumCircuit
from qiskit.circuit import Instruction
from qiskit.quantum_info import DensityMatrix, Kraus

from qjob import programs
from qjob.model.errors import ProgramRefused
from qjob.programs.channels import CHANNELS, preserves_trace

# To the left of the noise every qubit is in another pure state, none of them an eigenstate of a Pauli.
BEFORE = "qubit[3] q;\nry(0.4) q[0];\nrx(0.9) q[1];\nh q[2];\nrz(0.7) q[2];\ncnot q[0], q[2];\n"

# Two channels of no symmetry: decay on the first target and a phase flip on the second, and a correlated one.
DECAY_AND_FLIP = [
    np.kron(a, b)
    for a in ([[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]])
    for b in (np.sqrt(0.7) * np.eye(2), np.sqrt(0.3) * np.diag([1, -1]))
]
CORRELATED = [
    np.sqrt(0.75) * np.eye(4),
    0.5 * np.array([[0, 0, 1, 0], [0, 1j, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]),
]


def matrix_text(matrix):
    rows = ("[" + ", ".join(f"{x.real!r} + {x.imag!r}im" for x in row.tolist()) + "]" for row in matrix + 0j)
    return f"[{', '.join(rows)}]"


def kraus(matrices):
    return f"kraus({', '.join(matrix_text(np.asarray(matrix)) for matrix in matrices)})"


def density_matrix(text):
    """The state before the measurements as we load it, big endian as Braket's is."""
    circuit = programs.circuit(programs.recognise(text))
    circuit.remove_final_measurements()
    return DensityMatrix(circuit).reverse_qargs().data


def brakets_density_matrix(text):
    source = f"{text}#pragma braket result density_matrix\n"
    return LocalSimulator("braket_dm").run(BraketProgram(source=source), shots=0).result().values[0]


NOISES = {
    "bit_flip": "bit_flip(0.2) q[0]",
    "phase_flip": "phase_flip(0.3) q[2]",
    "depolarizing": "depolarizing(0.25) q[1]",
    "depolarizing-not-at-all": "depolarizing(0) q[1]",
    "pauli_channel": "pauli_channel(0.1, 0.25, 0.4) q[2]",
    "amplitude_damping": "amplitude_damping(0.35) q[1]",
    "amplitude_damping-all": "amplitude_damping(1) q[1]",
    "generalized_amplitude_damping": "generalized_amplitude_damping(0.35, 0.8) q[0]",
    "phase_damping": "phase_damping(0.45) q[2]",
    "two_qubit_depolarizing": "two_qubit_depolarizing(0.3) q[2], q[0]",
    "two_qubit_dephasing": "two_qubit_dephasing(0.4) q[1], q[2]",
    "kraus-one-qubit": f"{kraus([[[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]]])} q[1]",
    "kraus-decay-and-flip": f"{kraus(DECAY_AND_FLIP)} q[2], q[0]",
    "kraus-flip-and-decay": f"{kraus(DECAY_AND_FLIP)} q[0], q[2]",
    "kraus-correlated": f"{kraus(CORRELATED)} q[0], q[1]",
    "kraus-correlated-turned": f"{kraus(CORRELATED)} q[1], q[0]",
    "kraus-one-operator": f"{kraus([[[0, 1], [1, 0]]])} q[1]",
}


def test_every_noise_that_braket_takes_is_known_and_tried():
    pragmas = LocalSimulator("braket_dm").properties.action["braket.ir.openqasm.program"].supportedPragmas
    brakets = {name.removeprefix("braket_noise_") for name in pragmas if name.startswith("braket_noise_")}
    assert {*CHANNELS, "kraus"} == brakets
    assert {each.partition("(")[0] for each in NOISES.values()} == brakets


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES.keys())
def test_each_channel_equals_brakets(noise):
    text = f"OPENQASM 3.0;\n{BEFORE}#pragma braket noise {noise}\ncnot q[1], q[0];\nry(0.5) q[2];\n"
    np.testing.assert_allclose(density_matrix(text), brakets_density_matrix(text), atol=1e-7)


def test_the_order_of_the_qubits_of_a_channel_matters():
    texts = [
        f"OPENQASM 3.0;\n{BEFORE}#pragma braket noise {NOISES[f'kraus-{name}']}\n"
        for name in ("decay-and-flip", "flip-and-decay")
    ]
    one, other = map(density_matrix, texts)
    assert np.abs(one - other).max() > 0.05


def test_a_braket_circuit_with_noise_is_a_program():
    circuit = (
        Circuit()
        .h(0)
        .cnot(0, 1)
        .bit_flip(0, 0.2)
        .two_qubit_dephasing(1, 0, 0.1)
        .kraus([1, 0], DECAY_AND_FLIP)
    )
    made = programs.circuit(programs.recognise(circuit))
    assert dict(made.count_ops()) == {"h": 1, "cx": 1, "kraus": 3, "measure": 2}
    made.remove_final_measurements()
    brakets = LocalSimulator("braket_dm").run(circuit.copy().density_matrix(), shots=0).result().values[0]
    np.testing.assert_allclose(DensityMatrix(made).reverse_qargs().data, brakets, atol=1e-7)


def test_channels_have_a_profile_and_a_fingerprint():
    def loaded(strength):
        return programs.circuit(
            programs.recognise(
                f"OPENQASM 3.0;\nqubit[2] q;\nx q[0];\n#pragma braket noise bit_flip({strength}) q[1]\n"
            )
        )

    profile = programs.profile(loaded(0.1))
    programs.check(loaded(0.1), profile)
    assert (profile.terminal, profile.active_qubits, profile.gates["kraus"]) == (True, 2, 1)
    assert programs.fingerprint(loaded(0.1)) == programs.fingerprint(loaded(0.10))
    assert programs.fingerprint(loaded(0.1)) != programs.fingerprint(loaded(0.2))


def hidden_in_a_gate(inner):
    gate = QuantumCircuit(1).to_gate()
    gate.definition = inner
    return gate


@pytest.mark.parametrize(
    "wrap",
    [QuantumCircuit.to_instruction, hidden_in_a_gate],
    ids=["instruction", "gate"],
)
def test_a_channel_inside_of_another_operation_is_seen(wrap):
    inner = QuantumCircuit(1)
    inner.append(Kraus([[[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]]]).to_instruction(), [0])
    outer = QuantumCircuit(1, 1)
    outer.append(wrap(inner), [0])
    outer.measure(0, 0)
    profile = programs.profile(programs.as_read(outer))
    assert profile.gates["kraus"] == 1
    assert profile.terminal


@pytest.mark.parametrize(
    ("line", "said", "remedy"),
    [
        ("fog(0.1) q[0]", "'fog' is not known", "bit_flip"),
        ("bit_flip(1.5) q[0]", "takes 1 number between 0 and 1", ""),
        ("bit_flip(nan) q[0]", "takes 1 number between 0 and 1", ""),
        ("bit_flip(-0.1) q[0]", "takes 1 number between 0 and 1", ""),
        ("bit_flip(p) q[0]", "takes numbers, not (p)", ""),
        ("bit_flip(0.1, 0.2) q[0]", "takes 1 number", ""),
        ("pauli_channel(0.1) q[0]", "takes 3 numbers", ""),
        ("pauli_channel(0.5, 0.5, 0.5) q[0]", "add up to 1.5", ""),
        ("bit_flip(0.1) q[0], q[1]", "acts on 1 qubit, 2 given", ""),
        ("two_qubit_dephasing(0.1) q[0]", "acts on 2 qubits, 1 given", ""),
        ("bit_flip(0.1) r[0]", "'r'", ""),
        ("bit_flip(0.1)", "not readable", "bit_flip(0.1) q[0]"),
        ("bit_flip 0.1 q[0]", "not readable", "bit_flip(0.1) q[0]"),
        ("kraus([[1, 0], [0, 1]], [[0, 1], [1, 0]]) q[0]", "no channel", ""),
        ("kraus([[1, 0], [0, 1], [0, 0]]) q[0]", "matrices of one size", ""),
        ("kraus([[1, 0], [0, x]]) q[0]", "matrices of one size", ""),
        ("kraus([[1, 0], [0, 1]]) q[0], q[1]", "acts on 1 qubit, 2 given", ""),
        ("kraus() q[0]", "matrices of one size", ""),
        ("two_qubit_dephasing(0.1) q[0], q[0]", "named twice", ""),
    ],
)
def test_what_is_refused(line, said, remedy, refusal):
    error = refusal(f"OPENQASM 3.0;\nqubit[2] q;\n#pragma braket noise {line}\nh q[0];\n")
    assert (error.numbers["line"], error.numbers["column"]) == (3, 1)
    assert said in error.message
    assert remedy in error.remedy


@pytest.mark.parametrize(
    "operators",
    [
        pytest.param([np.eye(2), np.eye(2)], id="not-trace-preserving"),
        pytest.param([np.eye(4)], id="of-another-size"),
        pytest.param([], id="none"),
    ],
)
def test_operators_that_are_no_channel_are_refused(operators):
    circuit = QuantumCircuit(1, 1)
    circuit.append(Instruction("kraus", 1, 0, operators), [0])
    circuit.measure(0, 0)
    with pytest.raises(ProgramRefused, match="no channel"):
        programs.check(circuit, programs.profile(circuit))


def test_rounded_numbers_make_a_channel_too():
    assert preserves_trace([np.sqrt(0.9) * np.eye(2), np.round(np.sqrt(0.1) * np.array([[0, 1], [1, 0]]), 7)])
