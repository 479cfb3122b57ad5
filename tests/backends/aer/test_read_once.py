"""Aer does the same with a circuit that is read once; what it would rewrite is left to it."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import UnitaryGate, get_standard_gate_name_mapping
from qiskit.quantum_info import Kraus
from qiskit_aer.library import SaveProbabilities, SaveStatevector

from qjob.backends.aer.noise import NoiseParameters
from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import Plan
from qjob.backends.aer.read_once import ReadOnce, read_once
from qjob.backends.aer.simulators import Simulators, setup_of

PERFECT = NoiseParameters()
NOISY = NoiseParameters(gate_error_1q=0.05, gate_error_2q=0.1, readout_01=0.02, readout_10=0.04)
RELAXING = NoiseParameters(t1=1000.0, t2=1500.0, gate_time_1q=50.0, gate_time_2q=300.0)
QUBITS = 5


@pytest.fixture(scope="module")
def simulators():
    return Simulators()


@pytest.fixture
def run(simulators):
    def run(circuit, method="statevector", noise=PERFECT):
        plan = Plan(
            method, "trajectories", QUBITS, truncation=False, threads=1, parallel_shots=1, block=1, seconds=1
        )
        setup = setup_of(plan, AerOptions(noise=noise))
        return simulators.run(circuit, setup, 200, 7, None).data

    return run


def entangled():
    """Return a circuit whose qubits all differ."""
    circuit = QuantumCircuit(QUBITS, QUBITS, global_phase=0.3)
    for qubit in range(QUBITS):
        circuit.u(0.3 + qubit / 3, 0.1 * qubit, 0.7, qubit)
    for qubit in range(QUBITS - 1):
        circuit.cx(qubit, qubit + 1)
    return circuit


def clifford():
    circuit = QuantumCircuit(QUBITS, QUBITS)
    circuit.h(0)
    for qubit in range(QUBITS - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.s(2)
    circuit.h(2)
    circuit.measure(range(QUBITS), [4, 2, 0, 1, 3])
    return circuit


def standard():
    """Return qiskit's gates that Aer takes as they are, with angles that all differ."""
    names = Simulators().gates("statevector")
    known = get_standard_gate_name_mapping()
    gates = [known[name] for name in sorted(names & known.keys()) if isinstance(known[name], Gate)]
    return [gate.base_class(*(0.4 + 0.3 * i for i in range(len(gate.params)))) for gate in gates]


@pytest.mark.parametrize("gate", [pytest.param(gate, id=gate.name) for gate in standard()])
def test_every_gate_does_the_same(run, gate):
    circuit = entangled()
    circuit.append(gate, [3, 1, 0, 4][: gate.num_qubits])
    circuit.append(SaveStatevector(QUBITS), circuit.qubits)
    circuit.append(SaveProbabilities(2), [4, 1])
    read = read_once(circuit)
    assert isinstance(read, ReadOnce)
    ours, theirs = run(read), run(circuit)
    assert np.array_equal(np.asarray(ours["statevector"]), np.asarray(theirs["statevector"]))
    assert np.array_equal(ours["probabilities"], theirs["probabilities"])


def measured():
    circuit = entangled()
    circuit.barrier()
    circuit.measure(range(QUBITS), [4, 2, 0, 1, 3])
    return circuit


def middle():
    circuit = entangled()
    circuit.measure(1, 4)
    circuit.reset(1)
    circuit.append(UnitaryGate(np.eye(8)[[1, 0, 3, 2, 6, 7, 4, 5]]), [4, 1, 2])
    circuit.measure([0, 1, 3], [0, 1, 2])
    return circuit


@pytest.mark.parametrize("noise", [PERFECT, NOISY, RELAXING], ids=["perfect", "noisy", "relaxing"])
@pytest.mark.parametrize("method", ["statevector", "density_matrix", "matrix_product_state"])
@pytest.mark.parametrize("make", [measured, middle, clifford])
def test_the_counts_of_a_seed_are_the_same(run, make, method, noise):
    circuit = make()
    read = read_once(circuit)
    assert isinstance(read, ReadOnce)
    assert run(read, method, noise)["counts"] == run(circuit, method, noise)["counts"]


@pytest.mark.parametrize("noise", [PERFECT, NOISY], ids=["perfect", "noisy"])
def test_stabilizers_too(run, noise):
    assert run(read_once(clifford()), "stabilizer", noise) == run(clifford(), "stabilizer", noise)


def test_it_can_be_run_again(run):
    read = read_once(middle())
    assert run(read)["counts"] == run(read)["counts"]


def test_what_is_not_an_instruction_is_the_circuits():
    circuit = measured()
    circuit.metadata = {"of": "the user"}
    read = read_once(circuit)
    assert (read.num_qubits, read.global_phase, read.metadata) == (QUBITS, 0.3, {"of": "the user"})
    assert [one.operation.name for one in read.data] == [one.name for one in circuit.data]
    assert [one.qubits for one in read.data] == [one.qubits for one in circuit.data]
    assert read.data is read.data


def branch(circuit):
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)


OTHERS = {
    "control flow": branch,
    "waiting": lambda circuit: circuit.delay(100, 0, unit="ns"),
    "a state": lambda circuit: circuit.initialize([1, 0], 0),
    "a channel": lambda circuit: circuit.append(Kraus([np.diag([1, 0.8]), [[0, 0.6], [0, 0]]]), [0]),
    "a control that is open": lambda circuit: circuit.cx(0, 1, ctrl_state=0),
    "a gate of the user's": lambda circuit: circuit.append(Gate("mine", 1, []), [0]),
    "another instruction by the name of a plain one": lambda circuit: circuit.append(
        Gate("reset", 1, []), [0]
    ),
    "a variable": lambda circuit: circuit.add_var("seen", initial=False),
}


@pytest.mark.parametrize("add", [pytest.param(add, id=name) for name, add in OTHERS.items()])
def test_what_aer_rewrites_is_left_to_it(add):
    circuit = entangled()
    add(circuit)
    assert read_once(circuit) is circuit
