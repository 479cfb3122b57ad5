"""Gates that share a name with a simulator's own, and boxes: what is run is what the definition says."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Barrier, Delay, Gate, Instruction, Measure, Reset
from qiskit.circuit.library import HGate, Initialize, get_standard_gate_name_mapping
from qiskit.quantum_info import Clifford, Operator
from qiskit_aer import AerSimulator
from qiskit_aer.backends.backend_utils import BASIS_GATES

from qjob import programs
from qjob.programs.settle import is_native, is_simple, settle


def named(name: str, num_qubits: int = 1) -> Gate:
    """Return a gate of this name that does nothing."""
    gate = Gate(name, num_qubits, [])
    gate.definition = QuantumCircuit(num_qubits)
    return gate


def test_every_name_that_aer_takes_for_its_own_is_known():
    names = set().union(*BASIS_GATES.values(), *AerSimulator._CUSTOM_INSTR.values())
    assert {name for name in names | set(get_standard_gate_name_mapping()) if not is_native(name)} == set()


def loop_with(gate: Gate) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(3)):
        circuit.append(gate, [0])
    circuit.measure(0, 0)
    return circuit


def nested_in_a_gate(gate: Gate) -> QuantumCircuit:
    inner = QuantumCircuit(1, name="outer")
    inner.append(gate, [0])
    circuit = QuantumCircuit(1, 1)
    circuit.append(inner.to_gate(), [0])
    circuit.measure(0, 0)
    return circuit


def plain(gate: Gate) -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.append(gate, [0])
    circuit.measure(0, 0)
    return circuit


@pytest.mark.parametrize("name", ["x", "y", "h", "sx", "unitary", "pauli", "measure", "reset", "mcx"])
@pytest.mark.parametrize("build", [plain, nested_in_a_gate, loop_with])
def test_a_gate_runs_as_it_is_defined(build, name, aer_counts):
    assert aer_counts(build(named(name))) == {"0": 20}


def test_two_gates_of_one_name_keep_their_own_definitions(aer_counts):
    flip = named("x")
    flip.definition.x(0)
    circuit = QuantumCircuit(2, 2)
    circuit.append(named("x"), [0])
    circuit.append(flip, [1])
    circuit.measure([0, 1], [0, 1])
    assert aer_counts(circuit) == {"10": 20}


@pytest.mark.parametrize(
    ("operation", "simple"),
    [
        (Measure(), True),
        (Reset(), True),
        (Barrier(3), True),
        (Instruction("measure", 1, 1, []), False),
        (Delay(5), False),
        (Initialize([0, 1]), False),
        (Clifford(HGate()), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_simple_need_not_be_looked_into(operation, simple):
    assert is_simple(operation) is simple


def test_a_circuit_without_such_gates_is_returned_as_it_is():
    circuit = nested_in_a_gate(named("oracle"))
    assert settle(circuit) is circuit


def test_the_rest_of_the_circuit_is_kept():
    circuit = QuantumCircuit(3, 2, global_phase=0.3)
    circuit.h(0)
    circuit.append(named("x"), [1])
    circuit.cx(0, 2)
    settled = settle(circuit)
    assert [item.operation.name for item in settled.data] == ["h", "own_x", "cx"]
    want = QuantumCircuit(3, global_phase=0.3)
    want.h(0)
    want.cx(0, 2)
    assert Operator(settled.remove_final_measurements(inplace=False)) == Operator(want)


def test_a_box_without_a_duration_is_its_content(aer_counts):
    circuit = QuantumCircuit(3, 3)
    with circuit.box():
        circuit.x(2)
        with circuit.box():
            circuit.cx(2, 1)
    circuit.measure([0, 1, 2], [0, 1, 2])
    assert aer_counts(circuit) == {"110": 20}
    assert "box" not in programs.circuit(programs.recognise(circuit)).count_ops()
