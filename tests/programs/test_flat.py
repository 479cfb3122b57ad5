"""Circuits that need no closer look: none of the closer looks would have found anything."""

import math

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import CircuitInstruction, Clbit, Gate, Instruction, Measure, Parameter
from qiskit.circuit.library import QFTGate, RXGate, XGate, get_standard_gate_name_mapping
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Kraus

from qjob import programs
from qjob.programs import bounds
from qjob.programs.delays import with_units_kept
from qjob.programs.flat import flat
from qjob.programs.profile import SHORT
from qjob.programs.settle import settle


def labelled_measurement():
    circuit = QuantumCircuit(1, 1)
    circuit.append(Measure(label="readout"), [0], [0])
    return circuit


def made(*operations, qubits=2):
    """Return a circuit of these operations, each on the first qubits, that is measured."""
    circuit = QuantumCircuit(qubits, qubits)
    for operation in operations:
        circuit.append(operation, list(range(operation.num_qubits)))
    circuit.measure(range(qubits), range(qubits))
    return circuit


def own(name):
    """Return a gate of one's own that does nothing."""
    gate = Gate(name, 1, [])
    gate.definition = QuantumCircuit(1)
    return gate


def with_everything_simple():
    circuit = made(RXGate(0.5), qubits=3)
    circuit.barrier()
    circuit.reset(0)
    circuit.measure_all()
    return circuit


def with_two_registers():
    a, b = ClassicalRegister(1, "a"), ClassicalRegister(2, "b")
    circuit = QuantumCircuit(QuantumRegister(2), a, b)
    circuit.h(0)
    circuit.measure([0, 1], [2, 0])
    return circuit


def with_shared_bits():
    bits = [Clbit(), Clbit()]
    registers = ClassicalRegister(name="a", bits=bits), ClassicalRegister(name="b", bits=bits[::-1])
    circuit = QuantumCircuit(QuantumRegister(2), *registers)
    circuit.measure([0, 1], bits)
    return circuit


def measured_early():
    circuit = made()
    circuit.cx(0, 1)
    return circuit


def measured_twice():
    circuit = made()
    circuit.measure(1, 0)
    return circuit


def with_an_idle_part():
    circuit = QuantumCircuit(4, 1)
    circuit.h([0, 2])
    circuit.cx(0, 1)
    circuit.cx(2, 3)
    circuit.barrier()
    circuit.measure(1, 0)
    return circuit


def with_a_loop():
    circuit = made()
    with circuit.for_loop(range(2)):
        circuit.x(0)
    return circuit


def with_a_box():
    circuit = made()
    with circuit.box():
        circuit.x(0)
    return circuit


def delayed():
    circuit = made()
    circuit.delay(100, 0, unit="us")
    return circuit


def too_long(width):
    circuit = QuantumCircuit(width, width)
    one = CircuitInstruction(RXGate(0.5), (circuit.qubits[0],))
    for _ in range(bounds.MAX_OPERATIONS // (2 * width) + 1):
        circuit._append(one)
    return circuit


FLAT = {
    "plain": made(RXGate(0.1)),
    "measured, reset and barred": with_everything_simple(),
    "an angle of numpy's": made(RXGate(np.float64(0.1))),
    "bound": made(RXGate(Parameter("a"))).assign_parameters({"a": 0.1}),
    "empty": QuantumCircuit(),
    "two registers": with_two_registers(),
    "registers that share a bit": with_shared_bits(),
    "measured before its end": measured_early(),
    "measured twice": measured_twice(),
    "less measured than there is": with_an_idle_part(),
}
NOT_FLAT = {
    "unbound": made(RXGate(Parameter("a"))),
    "not a number": made(RXGate(math.nan)),
    "infinite": made(RXGate(-math.inf)),
    "a gate of one's own": made(own("mine")),
    "one that is called as another": made(own("x")),
    "one that is called measure": made(Instruction("measure", 1, 0, [])),
    "a labelled gate": made(XGate(label="pi pulse")),
    "a labelled measurement": labelled_measurement(),
    "a library's gate": made(QFTGate(2)),
    "a channel": made(Kraus([[[1, 0], [0, 1]]]).to_instruction()),
    "a delay": delayed(),
    "control flow": with_a_loop(),
    "a box": with_a_box(),
    "text": "OPENQASM 3.0;",
    "a list": [made()],
}


@pytest.mark.parametrize("value", FLAT.values(), ids=FLAT)
def test_flat(value):
    found = flat(value)
    assert found is not None
    assert programs.profile_of(found.shape) == programs.profile(value)
    assert programs.steps(found) == programs.steps(value)


@pytest.mark.parametrize("value", NOT_FLAT.values(), ids=NOT_FLAT)
def test_not_flat(value):
    assert not flat(value)


def test_what_may_be_too_long_is_not_flat():
    assert not flat(too_long(4))


GATES = {
    name: gate
    for name, gate in get_standard_gate_name_mapping().items()
    if not gate.num_clbits and name not in ("delay", "global_phase")
}


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
def test_every_standard_gate(gate):
    bound = type(gate)(*[0.25] * len(gate.params)) if gate.params else gate
    assert flat(made(bound, qubits=4))


@pytest.mark.parametrize("seed", range(12))
def test_a_closer_look_finds_nothing(seed):
    circuit = random_circuit(4, 6, max_operands=3, measure=True, reset=True, seed=seed)
    found = flat(circuit)
    assert found is not None
    assert programs.profile_of(found.shape) == programs.profile(circuit)
    assert programs.steps(found) == programs.steps(circuit)
    bounds.guard(circuit)
    assert with_units_kept(circuit) is circuit
    assert settle(circuit) is circuit
    programs.check(circuit, programs.profile(circuit))
    assert programs.recognise(circuit, read=True) == programs.recognise(circuit)


def test_a_sweep_has_one_profile():
    one, other = (flat(made(RXGate(angle))) for angle in (0.1, 0.2))
    assert one is not None
    assert other is not None
    assert one.shape == other.shape
    assert programs.profile_of(one.shape) is programs.profile_of(other.shape)
    assert programs.steps(one) != programs.steps(other)


def test_a_long_one_is_not_kept():
    circuit = made(*[RXGate(0.1)] * SHORT)
    found = flat(circuit)
    assert found is not None
    assert programs.profile_of(found.shape) == programs.profile(circuit)
    assert programs.profile_of(found.shape) is not programs.profile_of(found.shape)
