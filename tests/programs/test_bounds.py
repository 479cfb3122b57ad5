"""Circuits that a few lines make too large are refused at once, and the number is said."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import AnnotatedOperation, Gate, Instruction, InverseModifier, Measure
from qiskit.circuit.library import QFTGate, XGate

from qjob import programs
from qjob.model.errors import ProgramRefused
from qjob.programs import bounds

pytestmark = pytest.mark.timeout(20)  # what is looked through twice at each level takes for ever


def pairs(levels, *, measured):
    """Return a circuit of 2^levels operations, in definitions of two calls each."""
    bits = ([0], [0]) if measured else ([0],)
    part = Measure() if measured else XGate()
    for level in range(levels):
        outer = Instruction(f"g{level}", 1, 1, []) if measured else Gate(f"g{level}", 1, [])
        outer.definition = QuantumCircuit(1, int(measured))
        for _ in range(2):
            outer.definition.append(part, *bits, copy=False)
        part = outer
    return measuring(part)


def chain(levels):
    """Return a circuit of one operation within so many definitions, each used on its own as well, inmost first."""
    circuit = QuantumCircuit(1, 1)
    part = XGate()
    for level in range(levels):
        outer = Gate(f"c{level}", 1, [])
        outer.definition = QuantumCircuit(1)
        outer.definition.append(part, [0], copy=False)
        circuit.append(outer, [0], copy=False)
        part = outer
    circuit.measure(0, 0)
    return circuit


def measuring(part):
    circuit = QuantumCircuit(1, 1)
    circuit.append(part, [0], [0] if part.num_clbits else [], copy=False)
    circuit.measure(0, 0)
    return circuit


def turned_back(circuit):
    """Return a circuit of the inverse of what one begins with."""
    gate = AnnotatedOperation(circuit.data[0].operation, InverseModifier())
    circuit = QuantumCircuit(gate.num_qubits)
    circuit.append(gate, range(gate.num_qubits), copy=False)
    circuit.measure_all()
    return circuit


def rounds(number):
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(number)):
        circuit.x(0)
    circuit.measure(0, 0)
    return circuit


@pytest.mark.parametrize(
    ("circuit", "operations"),
    [
        pytest.param(pairs(40, measured=False), 2**40, id="gates of two gates"),
        pytest.param(pairs(40, measured=True), 2**40, id="instructions of two instructions"),
        pytest.param(turned_back(pairs(40, measured=False)), 2**40, id="the same, annotated"),
        pytest.param(rounds(10**9), 10**9, id="a loop"),
        pytest.param(rounds(2**63 - 2), bounds.CEILING, id="an endless loop"),
    ],
)
def test_what_is_too_large_is_refused_with_its_number(circuit, operations):
    with pytest.raises(ProgramRefused, match="at most 1,000,000 are taken") as caught:
        programs.recognise(circuit)
    assert bounds.MAX_OPERATIONS < caught.value.numbers["operations"] <= operations + 1


@pytest.mark.parametrize("levels", [101, 150])
def test_definitions_nest_so_deep_and_no_deeper(levels):
    with pytest.raises(ProgramRefused, match="deeper than 100 levels"):
        programs.recognise(chain(levels))


@pytest.mark.slow
@pytest.mark.parametrize(
    "circuit",
    [
        pytest.param(pairs(12, measured=False), id="gates of two gates"),
        pytest.param(pairs(11, measured=True), id="instructions of two instructions"),
        pytest.param(chain(20), id="deep"),
        pytest.param(rounds(900_000), id="a long loop"),
        pytest.param(measuring(QFTGate(1)), id="a library's gate"),
    ],
)
def test_what_fits_goes_all_the_way(circuit):
    read = programs.as_read(circuit)
    programs.check(read, programs.profile(read))
    assert programs.fingerprint(read) == programs.fingerprint(programs.circuit(programs.recognise(circuit)))
    assert programs.elementary(read)


@pytest.mark.parametrize(("bits", "counted"), [(1, 1), (3, 1), (4, 4), (1000, 1000)])
def test_a_wide_operation_counts_each_of_its_bits(bits, counted):
    circuit = QuantumCircuit(bits)
    circuit.barrier()
    assert bounds.size(circuit.data[0].operation) == counted
