"""When two circuits are one and the same, whatever their bytes."""

import io

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qpy
from qiskit.circuit import CASE_DEFAULT, AnnotatedOperation, ControlModifier, Gate
from qiskit.circuit.classical import expr
from qiskit.circuit.library import HGate, UnitaryGate, XGate

from qjob import programs


def made(*steps, name=None, qubits=2, clbits=2, metadata=None):
    circuit = QuantumCircuit(qubits, clbits, name=name, metadata=metadata)
    for step in steps:
        step(circuit)
    return circuit


def own(name, *inner):
    gate = Gate(name, 1, [])
    gate.definition = made(*inner, qubits=1, clbits=0)
    return lambda qc: qc.append(gate, [0])


def conditional(bit, value):
    def add(qc):
        with qc.if_test((qc.clbits[bit], value)):
            qc.x(1)

    return add


def switched(*values):
    def add(qc):
        with qc.switch(qc.cregs[0]) as case, case(*values):
            qc.x(1)

    return add


def annotated(gate, *modifiers):
    return lambda qc: qc.append(AnnotatedOperation(gate, list(modifiers)), range(gate.num_qubits + 1))


def conditioned(make):
    """Test an expression on a register whose name qiskit makes up."""
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(2))
    with circuit.if_test(make(circuit.cregs[0])):
        circuit.x(0)
    return circuit


def h(qubit):
    return lambda qc: qc.h(qubit)


def cx(control, target):
    return lambda qc: qc.cx(control, target)


def rx(angle):
    return lambda qc: qc.rx(angle, 0)


def again(circuit):
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    stream.seek(0)
    return qpy.load(stream)[0]


BELL = made(h(0), cx(0, 1))
SAME = {
    "another name": (BELL, made(h(0), cx(0, 1), name="other", metadata={"run": 5})),
    "read back": (BELL, again(BELL)),
    "an int for a float": (made(rx(1)), made(rx(1.0))),
    "numpy's float": (made(rx(0.5)), made(rx(np.float64(0.5)))),
    "quantum registers": (made(qubits=2, clbits=0), QuantumCircuit(QuantumRegister(1), QuantumRegister(1))),
    "own gates": (made(own("g", h(0))), again(made(own("g", h(0))))),
    "control flow": (made(conditional(0, 1)), again(made(conditional(0, 1)))),
    "an expression on a register without a name": (
        conditioned(lambda register: expr.less(register, 2)),
        conditioned(lambda register: expr.less(register, 2)),
    ),
    "OpenQASM": (
        BELL,
        programs.circuit(
            programs.recognise(
                'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1];'
            )
        ),
    ),
}
OTHER = {
    "another gate": (BELL, made(h(0), lambda qc: qc.cz(0, 1))),
    "another order": (BELL, made(cx(0, 1), h(0))),
    "another qubit": (BELL, made(h(0), cx(1, 0))),
    "another angle": (made(rx(0.1)), made(rx(0.1 + 1e-16 * 2))),
    "another bit": (made(lambda qc: qc.measure(0, 0)), made(lambda qc: qc.measure(0, 1))),
    "more qubits": (BELL, made(h(0), cx(0, 1), qubits=3)),
    "another definition": (made(own("g", h(0))), made(own("g", lambda qc: qc.x(0)))),
    "another condition": (made(conditional(0, 1)), made(conditional(0, 0))),
    "another condition's bit": (made(conditional(0, 1)), made(conditional(1, 1))),
    "another control": (
        made(lambda qc: qc.append(XGate().control(1, ctrl_state=0), [0, 1])),
        made(lambda qc: qc.append(XGate().control(1, ctrl_state=1), [0, 1])),
    ),
    "another matrix": (
        made(lambda qc: qc.append(UnitaryGate(np.diag([1, 1])), [0])),
        made(lambda qc: qc.append(UnitaryGate(np.diag([1, -1])), [0])),
    ),
    "another register": (
        QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, "a")),
        QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, "b")),
    ),
    "another register that ends in a number": (
        QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, "syndrome1")),
        QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, "syndrome2")),
    ),
    "another delay": (made(lambda qc: qc.delay(100, 0, "ns")), made(lambda qc: qc.delay(100, 0, "us"))),
    "another case": (made(switched(0)), made(switched(1))),
    "one case more": (made(switched(0)), made(switched(0, 2))),
    "the other cases": (made(switched(0)), made(switched(CASE_DEFAULT))),
    "another base": (
        made(annotated(XGate(), ControlModifier(1))),
        made(annotated(HGate(), ControlModifier(1))),
    ),
    "another modifier": (
        made(annotated(XGate(), ControlModifier(1, 0))),
        made(annotated(XGate(), ControlModifier(1, 1))),
    ),
    "another expression": (
        conditioned(lambda register: expr.less(register, 2)),
        conditioned(lambda register: expr.less_equal(register, 2)),
    ),
    "an expression of another number": (
        conditioned(lambda register: expr.less(register, 2)),
        conditioned(lambda register: expr.less(register, 3)),
    ),
    "an expression of another bit": (
        conditioned(lambda register: expr.bit_not(register[0])),
        conditioned(lambda register: expr.bit_not(register[1])),
    ),
    "another phase": (made(h(0)), made(h(0), lambda qc: setattr(qc, "global_phase", 1.0))),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_the_same(pair):
    first, second = pair
    assert programs.fingerprint(first) == programs.fingerprint(second)


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER.keys())
def test_not_the_same(pair):
    first, second = pair
    assert programs.fingerprint(first) != programs.fingerprint(second)


def unnamed(*sizes):
    return QuantumCircuit(QuantumRegister(3), *(ClassicalRegister(size) for size in sizes))


def measured_twice():
    circuit = made(h(0), cx(0, 1), clbits=0)
    for _ in range(2):
        circuit.measure_all()
        circuit.measure_active()
    return circuit


@pytest.mark.parametrize("make", [lambda: unnamed(2, 1), measured_twice], ids=["unnamed", "measured twice"])
def test_numbers_that_qiskit_gives_to_registers_do_not_matter(make):
    first, second = make(), make()
    assert [each.name for each in first.cregs] != [each.name for each in second.cregs]
    assert programs.fingerprint(first) == programs.fingerprint(second)


def test_the_sizes_of_registers_without_a_name_matter():
    assert programs.fingerprint(unnamed(2, 1)) != programs.fingerprint(unnamed(1, 2))
