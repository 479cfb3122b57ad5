"""A circuit in the basis is left alone; any other is translated, inside control flow too."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import QFTGate, UnitaryGate
from qiskit.quantum_info import Operator

from qjob.backends.aer.noise_model import ONE_QUBIT, TWO_QUBIT
from qjob.backends.aer.passes import Basis, instructions
from qjob.backends.aer.simulators import Simulators
from qjob.model.errors import BackendRefused

NOISY = frozenset({*ONE_QUBIT, *TWO_QUBIT})


@pytest.fixture(scope="module", params=["noisy", "statevector", "matrix_product_state", "stabilizer"])
def gates(request):
    return NOISY if request.param == "noisy" else Simulators().gates(request.param)


def test_a_circuit_in_the_basis_is_the_same_object(gates):
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.barrier()
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    assert Basis(gates).translated(circuit) is circuit


def permutation():
    circuit = QuantumCircuit(3)
    circuit.append(UnitaryGate(np.eye(8)[[1, 0, 3, 2, 6, 7, 4, 5]]), range(3))
    return circuit


def fourier():
    circuit = QuantumCircuit(3)
    circuit.append(QFTGate(3), range(3))
    return circuit


def toffoli():
    circuit = QuantumCircuit(4)
    circuit.ccx(0, 1, 2)
    circuit.mcx([0, 1, 2], 3)
    circuit.cswap(0, 1, 2)
    return circuit


def nested():
    inner = QuantumCircuit(2, name="inner")
    inner.iswap(0, 1)
    circuit = QuantumCircuit(3)
    circuit.append(inner.to_gate().control(1), [2, 0, 1])
    return circuit


@pytest.mark.parametrize("make", [permutation, fourier, toffoli, nested])
@pytest.mark.parametrize("basis", ["noisy", "statevector", "matrix_product_state"])
def test_translation_keeps_the_unitary(make, basis):
    names = NOISY if basis == "noisy" else Simulators().gates(basis)
    circuit = make()
    translated = Basis(names).translated(circuit)
    assert Operator(translated).equiv(Operator(circuit))
    assert {instruction.name for instruction in instructions(translated)} <= names


def test_control_flow_is_translated_inside():
    circuit = QuantumCircuit(3, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.ccx(0, 1, 2)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.cswap(0, 1, 2)
        circuit.measure(0, 0)
    translated = Basis(NOISY).translated(circuit)
    names = {instruction.name for instruction in instructions(translated)}
    assert names <= NOISY | {"while_loop", "if_else", "measure"}
    assert {"while_loop", "if_else", "cx"} <= names


def test_a_gate_without_a_definition_is_refused():
    circuit = QuantumCircuit(1)
    circuit.append(Gate("riddle", 1, []), [0])
    with pytest.raises(BackendRefused, match="riddle"):
        Basis(NOISY).translated(circuit)
