"""One asymmetric circuit through every format, and stored bytes that are damaged."""

import numpy as np
import pytest
from braket.circuits import Circuit
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

from qjob import programs
from qjob.model.errors import ProgramRefused
from qjob.model.program import Program, ProgramFormat


def asymmetric() -> QuantumCircuit:
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.measure([0, 1, 2], [0, 1, 2])
    return circuit


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(asymmetric(), id="qiskit"),
        pytest.param(qasm2.dumps(asymmetric()), id="qasm2"),
        pytest.param(qasm3.dumps(asymmetric()), id="qasm3"),
        pytest.param(Circuit().x(0).i(1).i(2), id="braket-circuit"),
        pytest.param(Circuit().x(0).i(1).i(2).measure([0, 1, 2]), id="braket-circuit-measured"),
        pytest.param("OPENQASM 3.0;\nqubit[3] q;\nx q[0];", id="braket-text-measure-all"),
        pytest.param("OPENQASM 3.0;\nbit[3] b;\nqubit[3] q;\nx q[0];\nb = measure q;", id="braket-text"),
        pytest.param("OPENQASM 3.0;\nx $0; i $1; i $2;", id="braket-physical"),
        pytest.param(
            "OPENQASM 3.0;\nbit[3] b;\nqubit[3] q;\nx q[2];\nb[0] = measure q[2];\nb[1] = measure q[1];",
            id="braket-measured-crosswise",
        ),
    ],
)
def test_qubit_zero_is_the_rightmost_character_from_every_format(value, aer_counts):
    assert aer_counts(value, shots=20) == {"001": 20}
    layout = programs.profile(programs.circuit(programs.recognise(value))).layout
    assert layout.num_clbits == 3
    assert [register.size for register in layout.registers] == [3]


def without_measurements(value) -> np.ndarray:
    circuit = programs.circuit(programs.recognise(value))
    circuit.remove_final_measurements()
    return Operator(circuit)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("write", [qasm2.dumps, qasm3.dumps], ids=["qasm2", "qasm3"])
def test_random_circuits_keep_their_unitary_as_text(write, seed):
    circuit = random_circuit(4, 6, max_operands=3, seed=seed)
    assert without_measurements(write(circuit)).equiv(Operator(circuit))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not a circuit", id="other"),
        pytest.param(programs.recognise(asymmetric()).data[:60], id="cut-off"),
    ],
)
def test_damaged_qpy_is_refused(data):
    with pytest.raises(ProgramRefused, match="no circuit in qiskit's QPY format"):
        programs.circuit(Program(ProgramFormat.QPY, data))


def test_text_that_is_no_utf8_is_refused():
    with pytest.raises(ProgramRefused, match="no UTF-8"):
        programs.circuit(Program(ProgramFormat.QASM2, b"OPENQASM 2.0; \xff"))
