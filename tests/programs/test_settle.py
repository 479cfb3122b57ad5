"""Gates that share a name with a simulator's own, and boxes: what is run is what the definition says."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    ControlModifier,
    Delay,
    Gate,
    Instruction,
    Measure,
    PowerModifier,
    Reset,
)
from qiskit.circuit.library import (
    CSwapGate,
    CUGate,
    CXGate,
    HGate,
    Initialize,
    IntegerComparatorGate,
    MCMTGate,
    MSGate,
    PauliEvolutionGate,
    StatePreparation,
    UCGate,
    XGate,
    get_standard_gate_name_mapping,
)
from qiskit.quantum_info import (
    Clifford,
    Operator,
    SparsePauliOp,
    random_clifford,
    random_statevector,
    random_unitary,
)
from qiskit_aer import AerSimulator
from qiskit_aer.backends.backend_utils import BASIS_GATES

from qjob import programs
from qjob.model.errors import ProgramRefused
from qjob.programs.operations import is_native, is_simple
from qjob.programs.settle import settle


def named(name: str, num_qubits: int = 1) -> Gate:
    """Return a gate of this name that does nothing."""
    gate = Gate(name, num_qubits, [])
    gate.definition = QuantumCircuit(num_qubits)
    return gate


def test_every_name_that_aer_takes_for_its_own_is_known():
    names = set().union(*BASIS_GATES.values(), *AerSimulator._CUSTOM_INSTR.values())
    assert {name for name in names | set(get_standard_gate_name_mapping()) if not is_native(name)} == set()


def test_every_name_that_qiskit_synthesizes_is_known():
    from qiskit.transpiler.passes.synthesis.plugin import HighLevelSynthesisPluginManager

    assert {name for name in HighLevelSynthesisPluginManager().plugins_by_op if not is_native(name)} == set()


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


@pytest.mark.parametrize("name", ["x", "h", "unitary", "pauli", "measure", "reset", "mcx", "qft", "clifford"])
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


class Oracle(Gate):
    """A gate that says what it does by more than its name and parameters, as many people write them."""

    def __init__(self, secret: str, name: str = "oracle") -> None:
        super().__init__(name, len(secret), [])
        self.secret = secret

    def _define(self) -> None:
        self.definition = QuantumCircuit(self.num_qubits)
        for qubit, bit in enumerate(reversed(self.secret)):
            if bit == "1":
                self.definition.x(qubit)


class Broken(Gate):
    """A gate whose author made a mistake."""

    def __init__(self) -> None:
        super().__init__("broken", 1, [])

    def _define(self) -> None:
        raise ZeroDivisionError("division by zero")


class Endless(Gate):
    """A gate that is defined by itself."""

    def __init__(self) -> None:
        super().__init__("endless", 1, [])

    def _define(self) -> None:
        self.definition = QuantumCircuit(1)
        self.definition.append(Endless(), [0])


STATE = random_statevector(4, seed=3).data
SPELLED_OUT = {
    "a class of one's own": Oracle("10"),
    "one that is called as another": Oracle("10", name="swap"),
    "one that is called as what is no gate": Oracle("1", name="barrier"),
    "one of its own within a gate": Oracle("01").control(1),
    "one that is annotated": Oracle("10").control(1, annotated=True),
    "a gate called as another, annotated": named("h").control(1, annotated=True),
    "annotated twice": named("x").control(1, annotated=True).inverse(annotated=True),
    "a labelled base": AnnotatedOperation(XGate(label="h"), ControlModifier(1)),
    "an evolution": PauliEvolutionGate(SparsePauliOp(["XX", "ZI"], [0.3, 0.7]), 1.1),
    "a state prepared": StatePreparation(STATE),
    "the same backwards": StatePreparation(STATE).inverse(),
    "backwards, annotated": StatePreparation(STATE).inverse(annotated=True),
    "backwards, of a label": StatePreparation("+r").inverse(),
    "many controls": MCMTGate(XGate(), 2, 2),
    "controlled by values": UCGate([random_unitary(2, seed=each).data for each in range(2)]),
    "one that cannot be read back": MSGate(2, [[0, 1], [1, 0]]),
    "a comparison": IntegerComparatorGate(2, 2, geq=False),
    "a controlled one that cannot be read back": CUGate(0.1, 0.2, 0.3, 0.4).control(1, ctrl_state=0),
    "a power": AnnotatedOperation(XGate(label="h"), [PowerModifier(3)]),
    "a Clifford": random_clifford(2, seed=1),
    "a label": CXGate(label="first"),
    "a label and an open control": CXGate(label="first", ctrl_state=0),
    "a label and several controls": CSwapGate(label="swap", ctrl_state=0),
}


@pytest.mark.parametrize("operation", SPELLED_OUT.values(), ids=SPELLED_OUT)
def test_what_is_stored_does_what_was_submitted(operation):
    circuit = QuantumCircuit(operation.num_qubits)
    circuit.append(operation, range(operation.num_qubits))
    given = programs.as_read(circuit)
    read = programs.circuit(programs.recognise(circuit))
    meant = Operator(_meant(circuit))
    assert Operator(given) == meant
    assert Operator(read) == meant
    assert programs.fingerprint(read) == programs.fingerprint(given)
    assert programs.as_read(given) is given


def _meant(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with its one operation as qiskit reckons it without going by any name."""
    (operation,) = (one.operation for one in circuit.data)
    if isinstance(operation, PauliEvolutionGate):
        return operation.definition  # an approximation, not the exact evolution
    if not hasattr(operation, "base_op"):
        return circuit
    while hasattr(operation, "base_op"):
        operation = operation.base_op
    matrix = Operator(operation).to_instruction()
    modified = matrix
    for modifier in _modifiers(circuit.data[0].operation):
        match type(modifier).__name__:
            case "ControlModifier":
                modified = modified.control(modifier.num_ctrl_qubits, ctrl_state=modifier.ctrl_state)
            case "InverseModifier":
                modified = modified.inverse()
            case "PowerModifier":
                modified = modified.power(modifier.power)
    out = QuantumCircuit(circuit.num_qubits)
    out.append(modified, range(circuit.num_qubits))
    return out


def _modifiers(operation):
    if hasattr(operation, "base_op"):
        yield from _modifiers(operation.base_op)
        yield from operation.modifiers


def test_labels_are_for_people():
    circuit = QuantumCircuit(2, 1)
    circuit.append(XGate(label="pi pulse"), [0])
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.append(CXGate(label="cz"), [0, 1])
    circuit.append(Measure(label="readout"), [0], [0])
    settled = programs.circuit(programs.recognise(circuit))
    labels = [one.label for one in (*settled.data, *settled.data[2].operation.blocks[0].data)]
    assert labels == [None] * 5
    assert circuit.data[0].label == "pi pulse"


def test_definitions_without_end_are_told():
    circuit = QuantumCircuit(1)
    circuit.append(Endless(), [0])
    with pytest.raises(ProgramRefused, match="nest too deeply, or without end"):
        programs.recognise(circuit)


def test_a_definition_that_cannot_be_made_is_told():
    circuit = QuantumCircuit(1)
    circuit.append(Broken(), [0])
    with pytest.raises(ProgramRefused, match="'broken' is made of cannot be told: division by zero"):
        programs.recognise(circuit)
