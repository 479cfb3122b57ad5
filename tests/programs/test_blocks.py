"""Control flow on bits that qiskit would read back as others: refused, and only that."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Clbit, QuantumRegister, Qubit

from qjob import programs
from qjob.model.errors import ProgramRefused


def loose():
    return QuantumCircuit([Qubit(), Qubit()], [Clbit(), Clbit()])


def shared():
    bits = [Clbit(), Clbit(), Clbit()]
    return QuantumCircuit(
        QuantumRegister(2),
        ClassicalRegister(bits=bits[:2], name="a"),
        ClassicalRegister(bits=bits[1:], name="b"),
    )


def turned():
    bits = [Clbit(), Clbit()]
    circuit = QuantumCircuit(QuantumRegister(2))
    circuit.add_bits(bits)
    circuit.add_register(ClassicalRegister(bits=bits[::-1], name="a"))
    return circuit


def in_order():
    return QuantumCircuit(QuantumRegister(2), ClassicalRegister(1, "a"), ClassicalRegister(2, "b"))


def with_a_block(circuit):
    """Return one that measures 1 into the first bit, and so into the last."""
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.measure(1, circuit.num_clbits - 1)
    return circuit


def with_a_block_in_a_block(circuit):
    """Return one that does the same by a block that runs, and one that does not."""
    circuit.x(0)
    circuit.measure(0, 0)
    for value in (0, 1):
        with circuit.for_loop(range(1)), circuit.if_test((circuit.clbits[0], value)):
            circuit.x(1)
    circuit.measure(1, circuit.num_clbits - 1)
    return circuit


@pytest.mark.parametrize("make", [loose, shared, turned])
def test_blocks_in_blocks_need_bits_that_are_in_order(make):
    with pytest.raises(ProgramRefused, match="no register, in several, or in another order") as caught:
        programs.recognise(with_a_block_in_a_block(make()))
    assert "one register" in caught.value.remedy


@pytest.mark.parametrize(
    "circuit",
    [
        *(pytest.param(with_a_block(make()), id=make.__name__) for make in (loose, shared, turned)),
        pytest.param(with_a_block_in_a_block(in_order()), id="in order"),
    ],
)
def test_the_others_run_as_they_are_meant(circuit, aer_counts):
    assert aer_counts(circuit) == {"1" + "0" * (circuit.num_clbits - 2) + "1": 20}
