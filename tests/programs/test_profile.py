"""The profile of a circuit as a truth table."""

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Clbit, Gate, Qubit
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import Kraus

from qjob import programs
from qjob.model.bits import Register


def circuit(num_qubits, num_clbits, *steps) -> QuantumCircuit:
    made = QuantumCircuit(num_qubits, num_clbits)
    for step in steps:
        step(made)
    return made


def measure(*qubits):
    return lambda qc: qc.measure(list(qubits), list(range(len(qubits))))


def conditional(qc):
    with qc.if_test((qc.clbits[0], 1)):
        qc.x(1)


def conditional_measurement(qc):
    with qc.if_test((qc.clbits[0], 1)):
        qc.measure(1, 1)


def nested(qc):
    with qc.for_loop(range(2)), qc.while_loop((qc.clbits[0], 0)):
        qc.h(0)
        qc.measure(0, 0)
        with qc.if_test((qc.clbits[0], 1)) as otherwise:
            qc.measure(2, 2)
        with otherwise:
            qc.x(1)


def by_position(qc):
    """A block whose own bits are others than the circuit's: they stand for them by position."""
    body = QuantumCircuit([Qubit(), Qubit()], [Clbit(), Clbit()])
    body.measure(1, 1)
    qc.if_test((qc.clbits[0], 1), body, [0, 3], [0, 2])


def sub_circuit(qc):
    inner = QuantumCircuit(2, 2)
    inner.h(0)
    inner.measure(0, 1)
    qc.append(inner.to_instruction(), [2, 3], [0, 3])


def gates_as_one(qc):
    """What appending a circuit of gates to another makes."""
    inner, innermost = QuantumCircuit(2), QuantumCircuit(1)
    innermost.h(0)
    inner.append(innermost, [1])
    inner.append(own("oracle"), [0, 1])
    inner.barrier()
    qc.append(inner, [0, 1])


def reset_inside(qc):
    inner = QuantumCircuit(2)
    inner.reset(0)
    qc.append(inner, [0, 1])


def noise(qc):
    qc.append(Kraus([[[1, 0], [0, 0.8]], [[0, 0.6], [0, 0]]]).to_instruction(), [0])


def store_bit(qc):
    qc.store(qc.clbits[1], expr.lift(True))  # noqa: FBT003 - the value to store


def store_register(qc):
    qc.store(qc.cregs[0], expr.lift(3, types.Uint(qc.cregs[0].size)))


def own(name):
    gate = Gate(name, 2, [])
    gate.definition = QuantumCircuit(2)
    return gate


def own_gate(qc):
    qc.append(own("oracle"), [0, 1])


def boxed(qc):
    with qc.box():
        qc.h(0)


def gate_called_measure(qc):
    gate = Gate("measure", 1, [])
    gate.definition = QuantumCircuit(1)
    qc.append(gate, [0])


def h(*qubits):
    return lambda qc: [qc.h(q) for q in qubits]


ALL = measure(0, 1)
TABLE = {
    # name: circuit, terminal, active qubits, measured clbits, measured qubits
    "bell": (circuit(2, 2, h(0), lambda qc: qc.cx(0, 1), ALL), True, 2, (0, 1), 2),
    "nothing measured": (circuit(2, 2, h(0)), False, 0, (), 0),
    "idle qubits": (circuit(5, 2, h(0), ALL), True, 2, (0, 1), 2),
    "cone": (circuit(5, 1, lambda qc: (qc.cx(3, 1), qc.cx(1, 0), qc.h(4)), measure(0)), True, 3, (0,), 1),
    "cone, too late": (circuit(3, 1, lambda qc: (qc.cx(1, 0), qc.cx(2, 1)), measure(0)), True, 2, (0,), 1),
    "barrier after": (circuit(2, 2, h(0), ALL, lambda qc: qc.barrier()), True, 2, (0, 1), 2),
    "barrier joins nothing": (circuit(3, 1, lambda qc: qc.barrier(), measure(0)), True, 1, (0,), 1),
    "delay after": (circuit(2, 2, h(0), ALL, lambda qc: qc.delay(100, 0)), True, 2, (0, 1), 2),
    "gate after": (circuit(2, 2, ALL, h(0)), False, 2, (0, 1), 2),
    "gate after, elsewhere": (circuit(3, 2, ALL, h(2)), True, 2, (0, 1), 2),
    "measured twice": (circuit(1, 2, measure(0), lambda qc: qc.measure(0, 1)), True, 1, (0, 1), 1),
    "overwritten clbit": (circuit(2, 1, lambda qc: (qc.measure(0, 0), qc.measure(1, 0))), True, 2, (0,), 2),
    "reset first": (circuit(1, 1, lambda qc: qc.reset(0), h(0), measure(0)), True, 1, (0,), 1),
    "reset after a gate": (circuit(1, 1, h(0), lambda qc: qc.reset(0), measure(0)), False, 1, (0,), 1),
    "reset after measuring": (circuit(1, 1, measure(0), lambda qc: qc.reset(0)), False, 1, (0,), 1),
    "initialize first": (circuit(2, 2, lambda qc: qc.initialize("01", [0, 1]), ALL), True, 2, (0, 1), 2),
    "initialize later": (
        circuit(2, 2, h(0), lambda qc: qc.initialize("01", [0, 1]), ALL),
        False,
        2,
        (0, 1),
        2,
    ),
    "gate of one's own": (circuit(2, 2, own_gate, ALL), True, 2, (0, 1), 2),
    "gates as one instruction": (circuit(2, 2, gates_as_one, ALL), True, 2, (0, 1), 2),
    "gates as one, after measuring": (circuit(2, 2, ALL, gates_as_one), False, 2, (0, 1), 2),
    "a reset inside of an instruction": (circuit(2, 2, reset_inside, ALL), False, 2, (0, 1), 2),
    "noise channel": (circuit(2, 2, h(0), noise, ALL), True, 2, (0, 1), 2),
    "noise after measuring": (circuit(2, 2, ALL, noise), False, 2, (0, 1), 2),
    "plain box": (circuit(2, 2, boxed, ALL), True, 2, (0, 1), 2),
    "gate called measure": (circuit(2, 2, gate_called_measure, ALL), True, 2, (0, 1), 2),
    "conditional": (circuit(2, 2, measure(0), conditional, lambda qc: qc.measure(1, 1)), False, 2, (0, 1), 2),
    "conditional at the end": (circuit(2, 2, measure(0), conditional), False, 2, (0,), 1),
    "conditional measurement": (circuit(2, 2, measure(0), conditional_measurement), False, 2, (0, 1), 2),
    "nested": (circuit(4, 4, nested), False, 3, (0, 2), 2),
    "block by position": (circuit(4, 4, by_position), False, 2, (2,), 1),
    "sub-circuit": (circuit(4, 4, sub_circuit), False, 2, (3,), 1),
    "stored bit": (circuit(1, 2, measure(0), store_bit), False, 1, (0, 1), 1),
    "stored register": (circuit(1, 3, measure(0), store_register), False, 1, (0, 1, 2), 1),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_profile(row):
    made, terminal, active, clbits, qubits = row
    profile = programs.profile(programs.as_read(made))
    found = (profile.terminal, profile.active_qubits, profile.layout.measured, profile.measured_qubits)
    assert found == (terminal, active, clbits, qubits)
    assert profile.num_qubits == made.num_qubits
    assert profile.layout.num_clbits == made.num_clbits


def registers(*cregs, bits=()) -> QuantumCircuit:
    made = QuantumCircuit(QuantumRegister(1), *cregs)
    made.add_bits(bits)
    return made


A, B = ClassicalRegister(2, "a"), ClassicalRegister(1, "b")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(registers(A, B), (Register("a", 2), Register("b", 1)), id="tiling"),
        pytest.param(registers(A, bits=[Clbit()]), (), id="loose-clbit"),
        pytest.param(registers(bits=[Clbit()]), (), id="only-loose"),
        pytest.param(registers(A, ClassicalRegister(bits=[A[1]], name="c")), (), id="aliased"),
        pytest.param(registers(ClassicalRegister(bits=[A[1], A[0]], name="c"), A), (), id="reversed-alias"),
        pytest.param(registers(), (), id="none"),
    ],
)
def test_registers_are_told_only_where_they_tile_the_bits(made, expected):
    assert programs.profile(made).layout.registers == expected


def test_gates_are_counted_by_name():
    assert programs.profile(TABLE["bell"][0]).gates == {"h": 1, "cx": 1, "measure": 2}


def test_a_wide_circuit():
    made = QuantumCircuit(100)
    made.h(0)
    for qubit in range(99):
        made.cx(qubit, qubit + 1)
    made.measure_all()
    profile = programs.profile(made)
    assert (profile.terminal, profile.active_qubits) == (True, 100)
    assert profile.layout.measured == tuple(range(100))
    assert profile.layout.registers == (Register("meas", 100),)
