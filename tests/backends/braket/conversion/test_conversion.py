"""Programs as devices of every class take them: the same distribution, the same bits, and text that goes as it is."""

import math
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm2
from qiskit.circuit import Gate
from qiskit.circuit.library import QFTGate, UnitaryGate, get_standard_gate_name_mapping
from qiskit.quantum_info import DensityMatrix, Kraus, Statevector, random_unitary

from qjob import programs

OTHERS = {"measure", "reset", "delay", "global_phase"}
STANDARD = {name: gate for name, gate in get_standard_gate_name_mapping().items() if name not in OTHERS}
FLAT = "OPENQASM 3.0;\n"


# -- bit order ----------------------------------------------------------------------------------------------------

QASM2 = """OPENQASM 2.0; include "qelib1.inc"; qreg q[4]; creg c[6];
x q[0]; h q[1]; h q[1]; x q[3]; cx q[0], q[2]; x q[2];
measure q[3] -> c[1]; measure q[0] -> c[5]; measure q[1] -> c[0]; measure q[2] -> c[3];"""
QASM3 = """OPENQASM 3.0; include "stdgates.inc"; qubit[4] q; bit[6] c;
x q[0]; h q[1]; h q[1]; x q[3]; cx q[0], q[2]; x q[2];
c[1] = measure q[3]; c[5] = measure q[0]; c[0] = measure q[1]; c[3] = measure q[2];"""
BRAKET = QASM3.replace(' include "stdgates.inc";', "").replace("cx", "cnot")
DEFINING = BRAKET.replace("qubit[4] q;", "qubit[4] q; gate flip a { x a; }").replace("x q[3]", "flip q[3]")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda: qasm2.loads(QASM2), id="qiskit"),
        pytest.param(lambda: QASM2, id="OpenQASM 2"),
        pytest.param(lambda: QASM3, id="OpenQASM 3"),
        pytest.param(lambda: BRAKET, id="Braket"),
        pytest.param(lambda: DEFINING, id="Braket, rewritten"),
    ],
)
def test_one_asymmetric_circuit_from_every_format_on_every_device(value, device, sent, run):
    assert dict(run(sent(value(), device))) == {"100010": 20}


def test_the_columns_of_a_text_written_anew_ascend_in_every_order(sides, sent):
    converted = sent(QASM3, sides["SV1"])
    measurements = [line for line in converted.source.splitlines() if "measure" in line]
    assert measurements == [f"b[{k}] = measure q[{k}];" for k in range(4)]
    assert (converted.qubits, converted.columns) == ((0, 1, 2, 3), (1, 3, 2, 0))
    assert converted.rewritten


@pytest.mark.parametrize("columns", [(0, 1, 2), (2, 0, 1)])
def test_registers_keep_their_places_and_unmeasured_bits_read_0(columns, device, sent, run):
    circuit = QuantumCircuit(QuantumRegister(3), ClassicalRegister(2, "a"), ClassicalRegister(3, "c"))
    circuit.x(0)
    circuit.x(2)
    circuit.measure([0, 1, 2], [(0, 2, 4)[column] for column in columns])
    counts = run(sent(circuit, device))
    bits = {(0, 2, 4)[column]: "101"[qubit] for qubit, column in enumerate(columns)}
    assert dict(counts) == {"".join(bits.get(bit, "0") for bit in (4, 3, 2, 1, 0)): 20}
    assert [register.name for register in counts.layout.registers] == ["a", "c"]


def test_a_qubit_read_into_two_bits_is_measured_once(device, sent, run):
    circuit = QuantumCircuit(2, 3)
    circuit.x(1)
    circuit.measure([1, 0, 1], [0, 1, 2])
    converted = sent(circuit, device)
    assert converted.source.count("measure") == 2
    assert dict(run(converted)) == {"101": 20}


def test_of_a_bit_written_twice_the_last_measurement_counts(device, sent, run):
    circuit = QuantumCircuit(2, 1)
    circuit.x(1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 0])
    assert dict(run(sent(circuit, device))) == {"1": 20}


def test_what_is_measured_without_a_gate_reads_0(device, sent, run):
    circuit = QuantumCircuit(3, 3)
    circuit.measure([2, 0], [1, 2])
    converted = sent(circuit, device)
    assert dict(run(converted)) == {"000": 20}
    assert converted.source.count("\ni q[") == (2 if device.contiguous else 0)


def test_on_a_device_that_wants_no_idle_qubits_an_idle_one_gets_a_gate(sides, sent, run):
    text = f"{FLAT}qubit[2] q;\nbit[2] b;\nx q[1];\nb = measure q;"
    assert not sent(text, sides["SV1"]).rewritten
    converted = sent(text, sides["DM1"])
    assert "i q[0];" in converted.source
    assert dict(run(converted)) == {"10": 20}


# -- the same distribution ----------------------------------------------------------------------------------------


def appended(circuit, chance, name):
    gate = STANDARD[name]
    if gate.num_qubits > circuit.num_qubits:
        return
    angles = [chance.uniform(-3, 3) for _ in gate.params]
    made = type(gate)(*angles) if angles else gate
    circuit.append(made, chance.sample(range(circuit.num_qubits), gate.num_qubits))


def own(name, num_qubits, params):
    """A gate of the user's own by a name that Braket has for another one."""
    gate = Gate(name, num_qubits, params)
    gate.definition = QuantumCircuit(num_qubits)
    gate.definition.ry(0.7, 0)
    gate.definition.cx(0, num_qubits - 1) if num_qubits > 1 else gate.definition.x(0)
    return gate


OWN = [("gpi", 1, [0.3]), ("ms", 2, [0.1, 0.2, 0.3]), ("cv", 2, []), ("xy", 2, [0.4]), ("kraus_like", 1, [])]


def random_circuit(seed, width=4, depth=20):
    chance = random.Random(seed)
    circuit = QuantumCircuit(width)
    for qubit in range(width):
        circuit.ry(chance.uniform(0, 3), qubit)
    for name in chance.sample(sorted(STANDARD), depth):
        appended(circuit, chance, name)
        if chance.random() < 0.1:
            circuit.barrier()
    size = chance.choice([1, 2, 3])
    circuit.append(UnitaryGate(random_unitary(2**size, seed=seed)), chance.sample(range(width), size))
    name, qubits, params = chance.choice(OWN)
    circuit.append(own(name, qubits, params), chance.sample(range(width), qubits))
    circuit.global_phase = 0.7
    return circuit


def expected(circuit, reads):
    """The exact distribution of bit strings where bit ``reads[k][1]`` reads qubit ``reads[k][0]``."""
    state = Statevector(circuit)
    qubits = sorted({qubit for qubit, _ in reads})
    found = {}
    for outcome, p in state.probabilities_dict(qubits).items():
        bits = dict(zip(reversed(qubits), outcome, strict=True))
        read = {bit: bits[qubit] for qubit, bit in reads}
        key = "".join(read.get(bit, "0") for bit in reversed(range(circuit.num_clbits)))
        found[key] = found.get(key, 0) + p
    return found


def assert_equal(found, wanted):
    assert max(abs(found.get(key, 0) - wanted.get(key, 0)) for key in {*found, *wanted}) < 1e-6


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_random_circuits_keep_their_distribution_with_partial_and_permuted_measurement(
    device_name, sides, sent, distribution, seed
):
    circuit = random_circuit(seed)
    chance = random.Random(seed)
    circuit.add_register(ClassicalRegister(6, "c"))
    measured = chance.sample(range(4), chance.randint(1, 4))
    reads = list(zip(measured, chance.sample(range(6), len(measured)), strict=True))
    wanted = expected(circuit, reads)
    for qubit, bit in reads:
        circuit.measure(qubit, bit)
    assert_equal(distribution(sent(circuit, sides[device_name])), wanted)


@pytest.fixture(
    scope="module", params=["SV1", "Forte", "All measured", "Cepheus", "Garnet", "Ibex", "Tomorrow"]
)
def device_name(request):
    return request.param


def test_every_standard_gate_on_every_device(device_name, sides, sent, distribution):
    chance = random.Random(5)
    for first in range(0, len(STANDARD), 12):
        circuit = QuantumCircuit(5)
        for qubit in range(5):
            circuit.ry(0.3 + qubit, qubit)
        for name in sorted(STANDARD)[first : first + 12]:
            appended(circuit, chance, name)
        circuit.add_register(ClassicalRegister(5))
        wanted = expected(circuit, [(q, q) for q in range(5)])
        circuit.measure(range(5), range(5))
        assert_equal(distribution(sent(circuit, sides[device_name])), wanted)


def test_only_gates_that_the_device_lists_are_sent(device_name, sides, sent):
    circuit = random_circuit(3)
    circuit.measure_all()
    side = sides[device_name]
    converted = sent(circuit, side)
    words = {line.split()[0].partition("(")[0].rstrip(";") for line in converted.source.splitlines()}
    words -= {"OPENQASM", "bit[4]", "qubit[4]", "#pragma", *(f"b[{k}]" for k in range(4))}
    assert {word.lower() for word in words} <= side.gates
    assert ("#pragma braket unitary" in converted.source) is side.unitary
    assert ("barrier" in converted.source) is ("barrier" in side.gates)


def test_a_text_written_anew_is_taken_as_it_is(device_name, sides, sent):
    circuit = random_circuit(8)
    circuit.measure_all()
    first = sent(circuit, sides[device_name])
    again = sent(first.source, sides[device_name])
    assert again.source == first.source
    assert not again.rewritten


def test_the_same_program_gives_the_same_text(device_name, sides, sent):
    circuit = random_circuit(11)
    circuit.measure_all()
    program = programs.recognise(circuit)
    assert len({sent(program, sides[device_name]).source for _ in range(3)}) == 1


def test_unitaries_are_written_as_matrices_where_the_device_takes_them(sides, sent, distribution):
    circuit = QuantumCircuit(5)
    circuit.append(UnitaryGate(random_unitary(32, seed=4)), [3, 0, 4, 1, 2])
    circuit.add_register(ClassicalRegister(5))
    wanted = expected(circuit, [(q, q) for q in range(5)])
    circuit.measure(range(5), range(5))
    converted = sent(circuit, sides["SV1"])
    assert converted.source.count("#pragma braket unitary") == 1
    assert_equal(distribution(converted), wanted)


def test_idle_qubits_are_left_out(device, sent, run):
    circuit = QuantumCircuit(100, 2)
    circuit.barrier()
    circuit.x(7)
    circuit.cx(7, 93)
    circuit.measure([93, 50], [0, 1])
    converted = sent(circuit, device)
    assert "qubit[3] q;" in converted.source
    assert dict(run(converted)) == {"01": 20}


def test_a_reset_of_a_fresh_qubit_does_nothing(device, sent, run):
    circuit = QuantumCircuit(3, 3)
    circuit.reset(range(3))
    circuit.initialize("10", [0, 2])
    circuit.measure([0, 1, 2], [0, 1, 2])
    assert dict(run(sent(circuit, device))) == {"100": 20}


def test_a_circuit_appended_as_one_instruction_is_sent(device, sent, run):
    inner = QuantumCircuit(2)
    inner.x(0)
    inner.cx(0, 1)
    outer = QuantumCircuit(3, 3)
    outer.append(inner, [2, 0])
    outer.measure(range(3), range(3))
    assert dict(run(sent(outer, device))) == {"101": 20}


def test_delays_are_nothing_on_a_simulator(sides, sent, run):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.delay(100, 0, unit="ns")
    circuit.measure(0, 0)
    assert dict(run(sent(circuit, sides["SV1"]))) == {"1": 20}


# -- Braket's own text --------------------------------------------------------------------------------------------

BODY = "qubit[3] q;\nbit[3] b;\nx q[0];\ncnot q[0], q[1];\nrz(-2*pi/3) q[1];\n"
ENDING = "b[2] = measure q[0];\nb[0] = measure q[2];\nb[1] = measure q[1];\n"
BOX = "#pragma braket verbatim\nbox {\n  rx(pi) $0;\n  rz(0.5) $1;\n  iswap $0, $1;\n}\n"
NOISY = "qubit[2] q;\nx q[0];\n#pragma braket noise amplitude_damping(1) q[0]\nx q[1];\n"
TURN = "#pragma braket unitary([[0, 1.0], [1.0, 0]]) q[2]\n"


AS_WRITTEN = {
    "permuted": ("SV1", BODY + ENDING, {"110": 20}),
    "unitary": ("SV1", f"// a remark\n{BODY}{TURN}{ENDING}", {"111": 20}),
    "register": ("SV1", BODY + "b = measure q;\n", {"011": 20}),
    "partial": ("SV1", BODY + "b[1] = measure q[0];\n", {"010": 20}),
    "in-declaration": ("SV1", "qubit[3] q;\nx q[2];\nbit[3] b = measure q;", {"100": 20}),
    "single-bits": ("SV1", "qubit q; bit c; x q; c = measure q;", {"1": 20}),
    "broadcast": (
        "SV1",
        "qubit[2] q;\nbit[2] b;\nU(pi, 0, pi) q[0];\nh q;\nh q;\nb = measure q;",
        {"01": 20},
    ),
    "noise": ("DM1", NOISY + "bit[2] b;\nb = measure q;", {"10": 20}),
    "registers": (
        "Tomorrow",
        "qubit[1] q; qubit[2] r; bit[3] b;\nU(pi, 0, pi) r[1];\nb[0] = measure r[1];\n",
        {"001": 20},
    ),
    "physical": (
        "Cepheus",
        "bit[2] b;\nx $5;\nbarrier $5;\ncz $5, $4;\nb[1] = measure $5;\nb[0] = measure $4;\n",
        {"10": 20},
    ),
    "verbatim": ("Cepheus", f"bit[2] b;\n{BOX}b[0] = measure $0;\nb[1] = measure $1;\n", {"10": 20}),
}


@pytest.mark.parametrize("row", AS_WRITTEN.values(), ids=AS_WRITTEN.keys())
def test_text_that_the_device_takes_goes_as_its_author_wrote_it(row, sides, sent, run):
    name, text, counts = row
    converted = sent(FLAT + text, sides[name])
    assert converted.source == FLAT + text
    assert not converted.rewritten
    assert dict(run(converted)) == counts


COMPLETED = {
    "new": ("SV1", "qubit[3] q;\nx q[1];\n", "bit[3] b;\nb[0] = measure q[0];\n", {"010": 20}),
    "b-taken": ("SV1", "qubit[2] b;\nx b[1];", "bit[2] b0;\nb0[0] = measure b[0];\n", {"10": 20}),
    "declared": ("SV1", "bit[2] c; qubit[2] q;\nx q[1];", "c[0] = measure q[0];\n", {"10": 20}),
    "one-qubit": ("SV1", "qubit q;\nx q;", "bit[1] b;\nb[0] = measure q;\n", {"1": 20}),
    "noise": ("DM1", NOISY, "bit[2] b;\nb[0] = measure q[0];\n", {"10": 20}),
    "physical": ("Cepheus", "x $7;\ni $3;\n", "bit[2] b;\nb[0] = measure $3;\n", {"10": 20}),
    "verbatim": ("Cepheus", BOX, "bit[2] b;\nb[0] = measure $0;\n", {"10": 20}),
    "registers": (
        "Tomorrow",
        "qubit q; qubit[2] r;\nU(pi,0,pi) r[0];",
        "bit[3] b;\nb[0] = measure q;\nb[1] = measure r[0];",
        {"010": 20},
    ),
}


@pytest.mark.parametrize("row", COMPLETED.values(), ids=COMPLETED.keys())
def test_a_text_that_measures_nothing_gets_the_measurement_of_all_below_it(row, sides, sent, run):
    name, text, added, counts = row
    converted = sent(FLAT + text, sides[name])
    assert converted.source.startswith((FLAT + text).rstrip() + "\n" + added)
    assert not converted.rewritten
    assert dict(run(converted)) == counts


def three(*names):
    """Measure three qubits into b."""
    return "\n" + " ".join(f"b[{bit}] = measure {name};" for bit, name in enumerate(names))


DECLARED = "qubit[3] q; bit[3] b;"
ANEW = {
    "modifier": ("SV1", BODY + "ctrl @ x q[0], q[2];\n" + ENDING),
    "loop": ("SV1", f"{DECLARED} x q[0];\nfor int k in [0:1] {{ cnot q[k], q[k+1]; }}\nb = measure q;"),
    "gate definition": (
        "SV1",
        f"{DECLARED} gate flip a {{ x a; }}\nflip q[0]; flip q[1]; flip q[2];\nb = measure q;",
    ),
    "constant size": ("SV1", "const int n = 3;\nqubit[n] q; bit[n] b; x q;\nb = measure q;"),
    "constant": (
        "SV1",
        f"{DECLARED}\nconst float half = pi/2;\nrx(2*half) q[0]; x q[1]; x q[2];\nb = measure q;",
    ),
    "function": ("SV1", f"{DECLARED}\nrx(2*arccos(0)) q[0]; x q[1]; x q[2];\nb = measure q;"),
    "qubit registers": ("SV1", "qubit[2] q; qubit r; bit[3] b; x q; x r;" + three("q[0]", "q[1]", "r")),
    "bit registers": (
        "SV1",
        "qubit[3] q; bit[1] a; bit[2] c; x q;\na[0] = measure q[0]; c[0] = measure q[1]; c[1] = measure q[2];",
    ),
    "single bits": (
        "Tomorrow",
        "qubit[3] q; bit a; bit[2] c; U(pi,0,pi) q;\na = measure q[0]; c = measure q[1:2];",
    ),
    "range": ("SV1", f"{DECLARED} x q;\nb[0:1] = measure q[0:1]; b[2] = measure q[2];"),
    "measured twice": ("SV1", f"{DECLARED} x q;" + three("q[0]", "q[1]", "q[1]")),
    "reset": ("SV1", f"{DECLARED} reset q; x q;\nb = measure q;"),
    "physical": ("SV1", "bit[3] b;\nx $2; x $5; x $8;" + three("$2", "$5", "$8")),
    "verbatim": (
        "SV1",
        "bit[3] b;\n#pragma braket verbatim\nbox { x $2; x $3; x $4; }" + three("$2", "$3", "$4"),
    ),
    "plain box": ("SV1", f"{DECLARED}\nbox {{ x q; }}\nb = measure q;"),
    "barrier": ("SV1", f"{DECLARED} x q; barrier q;\nb = measure q;"),
    "idle qubits": (
        "SV1",
        "qubit[90] q; bit[3] b; x q[0]; x q[50]; x q[89];" + three("q[0]", "q[50]", "q[89]"),
    ),
    "noise": (
        "DM1",
        f"{DECLARED} x q[0]; x q[2]; x q[1];\n#pragma braket noise bit_flip(0) q[0]\ninv @ i q[0];\nb = measure q;",
    ),
    "idle qubits, contiguous": ("DM1", "qubit[4] q; bit[3] b; x q[0:2];" + three("q[0]", "q[1]", "q[2]")),
    "gap": ("Forte", "qubit[5] q; bit[3] b; x q[0]; x q[2]; x q[4];" + three("q[0]", "q[2]", "q[4]")),
    "all measured": ("All measured", "qubit[4] q; bit[3] b; x q;" + three("q[0]", "q[2]", "q[3]")),
    "gate": ("Ibex", f"{DECLARED} x q;\nb = measure q;"),
    "no unitary": (
        "Forte",
        f"{DECLARED}\n#pragma braket unitary([[0, 1], [1, 0]]) q[0]\nx q[1]; x q[2];\nb = measure q;",
    ),
    "global phase": ("Forte", f"{DECLARED} x q; gphase(0.3);\nb = measure q;"),
}


@pytest.mark.parametrize("row", ANEW.values(), ids=ANEW.keys())
def test_other_text_is_written_anew(row, sides, sent, run):
    name, text = row
    converted = sent(FLAT + text, sides[name])
    assert converted.rewritten
    assert not converted.fixed
    assert dict(run(converted)) == {"111": 20}


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (BODY + ENDING, False),
        ("x $0;", True),
        (BOX, False),
    ],
)
def test_rewiring_is_switched_off_for_named_qubits_outside_of_a_box(text, fixed, sides, sent):
    assert sent(FLAT + text, sides["Cepheus"]).fixed is fixed


# -- noise --------------------------------------------------------------------------------------------------------


def test_kraus_operators_of_a_qiskit_circuit_are_written_as_such(sides, sent, distribution):
    decay_and_flip = [
        np.kron(a, b)
        for a in ([[1, 0], [0, 0.6]], [[0, 0.8], [0, 0]])
        for b in (math.sqrt(0.7) * np.eye(2), math.sqrt(0.3) * np.array([[0, 1], [1, 0]]))
    ]
    circuit = QuantumCircuit(3, 3)
    circuit.ry(0.8, 0)
    circuit.rx(1.1, 1)
    circuit.x(2)
    circuit.append(Kraus(decay_and_flip).to_instruction(), [2, 0])
    circuit.h(1)
    wanted = DensityMatrix(circuit).probabilities_dict()
    circuit.measure(range(3), range(3))
    converted = sent(circuit, sides["DM1"])
    assert converted.source.count("#pragma braket noise kraus") == 1
    assert_equal(distribution(converted), wanted)


def test_noise_in_a_text_that_has_to_be_written_anew_is_kept(sides, sent, distribution):
    text = (
        f"{FLAT}qubit[2] q;\nbit[2] b;\ngate turn a {{ ry(0.8) a; }}\nturn q[0];\nx q[1];\n"
        "#pragma braket noise generalized_amplitude_damping(0.3, 0.8) q[1]\n"
        "#pragma braket noise two_qubit_depolarizing(0.2) q[0], q[1]\nb = measure q;"
    )
    converted = sent(text, sides["DM1"])
    assert converted.rewritten
    circuit = programs.circuit(programs.recognise(text))
    circuit.remove_final_measurements()
    assert_equal(distribution(converted), DensityMatrix(circuit).probabilities_dict())


# -- speed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SV1", "Cepheus"])
def test_usual_circuits_take_little_time(name, sides, sent):
    circuit = QuantumCircuit(20)
    circuit.append(QFTGate(20), range(20))
    circuit.measure_all()
    program = programs.recognise(circuit)
    sent(program, sides[name])
    began = time.perf_counter()
    sent(program, sides[name])
    assert time.perf_counter() - began < 1  # 20 ms; the rest is for a busy machine
