"""What a conversion refuses, with the line, the numbers and the way out."""

import json

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Kraus, random_unitary

from qjob.backends.braket.side import side_of
from qjob.model.errors import BackendRefused, ProgramRefused, Refusal

FLAT = "OPENQASM 3.0;\n"


def refused(sent, value, side, kind=BackendRefused):
    with pytest.raises(kind) as caught:
        sent(value, side)
    error = caught.value
    assert error.remedy
    return error


def middle(circuit):
    circuit.measure(0, 0)
    circuit.x(0)


def conditional(circuit):
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)


def reset(circuit):
    circuit.h(0)
    circuit.reset(0)


def looped(circuit):
    with circuit.for_loop(range(3)):
        circuit.h(0)


def wait(circuit):
    circuit.delay(100, 0)


@pytest.mark.parametrize("name", ["SV1", "Forte", "Cepheus", "Garnet", "Ibex"])
@pytest.mark.parametrize(
    ("step", "said"),
    [
        (middle, "measures at the end only"),
        (conditional, "no control flow (if_else)"),
        (looped, "no control flow (for_loop)"),
        (reset, "resets no qubit that was used before"),
    ],
)
def test_dynamic_circuits(name, step, said, sides, sent):
    circuit = QuantumCircuit(2, 2)
    step(circuit)
    circuit.measure([0, 1], [0, 1])
    assert said in refused(sent, circuit, sides[name]).message


@pytest.mark.parametrize(
    ("name", "taken"), [("SV1", True), ("DM1", True), ("Forte", False), ("Garnet", False)]
)
def test_delays(name, taken, sides, sent):
    circuit = QuantumCircuit(1, 1)
    wait(circuit)
    circuit.measure(0, 0)
    if taken:
        assert "delay" not in sent(circuit, sides[name]).source
    else:
        assert "no delays" in refused(sent, circuit, sides[name]).message


def test_too_many_qubits_by_the_device_itself(device, sent):
    most = device.limits.qubits
    circuit = QuantumCircuit(most + 1)
    circuit.h(range(most + 1))
    circuit.measure_all()
    assert refused(sent, circuit, device).numbers == {"qubits": most + 1, "max_qubits": most}
    circuit = QuantumCircuit(most + 1, 1)
    circuit.h(range(most + 1))
    circuit.measure(0, 0)  # so that one qubit alone can influence a measurement
    assert refused(sent, circuit, device).numbers == {"qubits": most + 1, "max_qubits": most}


def test_nothing_measured(sides, sent):
    circuit = QuantumCircuit(1, 1)
    circuit.h(0)
    assert "measure_all" in refused(sent, circuit, sides["SV1"], ProgramRefused).remedy


@pytest.mark.parametrize("name", ["SV1", "Forte", "Cepheus", "Garnet", "Ibex"])
def test_noise_elsewhere(name, sides, sent):
    text = f"{FLAT}qubit[1] q;\n#pragma braket noise bit_flip(0.1) q[0]\n"
    error = refused(sent, text, sides[name])
    assert "noise channels" in error.message
    assert "--backend dm1" in error.remedy


def test_wide_matrices(sides, sent):
    circuit = QuantumCircuit(9)
    circuit.append(UnitaryGate(random_unitary(512, seed=1)), range(9))
    circuit.measure_all()
    assert refused(sent, circuit, sides["SV1"]).numbers == {"qubits": 9, "max_qubits": 8}
    circuit = QuantumCircuit(3)
    operators = [0.8**0.5 * random_unitary(8, seed=1).data, 0.2**0.5 * random_unitary(8, seed=2).data]
    circuit.append(Kraus(operators).to_instruction(), range(3))
    circuit.measure_all()
    assert refused(sent, circuit, sides["DM1"]).numbers == {"qubits": 3, "max_qubits": 2}


BOX = "#pragma braket verbatim\nbox {{ {} }}\n"


BOUND = [
    ("Cepheus", BOX.format("h $0;"), 3, "the native gate h, which Cepheus does not list"),
    ("Cepheus", BOX.format("iswap $0, $7;"), 3, "no gate joins $0 and $7; beside $0: $1, $6"),
    ("Cepheus", BOX.format("rz(1) $30;"), None, "the qubit $30, which Cepheus does not have"),
    ("Cepheus", "qubit[1] q;\n" + BOX.format("rz(1) q[0];"), 4, "names its qubits, such as $0"),
    ("Cepheus", BOX.format("inv @ rz(1) $0;"), 3, "the modifier inv @"),
    ("Cepheus", BOX.format("rz(arccos(0)) $0;"), 3, "an angle that is no number"),
    ("Cepheus", BOX.format("reset $0; rz(1) $0;"), 3, "a reset"),
    ("Cepheus", "h $0;\n" + BOX.format("rz(1) $0;"), 2, "a gate outside of the verbatim box"),
    ("Cepheus", "gate g a { h a; }\ng $0;\n", 2, "a gate definition"),
    ("Cepheus", "for int k in [0:1] { h $0; }\nh $1;\n", 2, "a loop"),
    ("Cepheus", "prx(1, 2) $0;\n", 2, "the gate prx, which Cepheus does not list"),
    ("Cepheus", "gphase(1);\nx $0;\n", 2, "the gate gphase, which Cepheus does not list"),
    (
        "Cepheus",
        "#pragma braket unitary([[0, 1], [1, 0]]) $0\n",
        2,
        "the pragma unitary, which Cepheus does",
    ),
    ("Cepheus", "bit[2] b; x $0; x $1;\nb[0] = measure $0; b[1] = measure $0;", None, "measured twice"),
    (
        "Cepheus",
        "bit[1] b; bit[1] c; x $0;\nb[0] = measure $0;\nc[0] = measure $1;",
        None,
        "2 bit registers",
    ),
    ("Garnet", "x $0;\nbarrier $0;\n", 3, "a barrier, which Garnet does not list"),
    ("Forte", "x $0;\n", None, "qubits by their names, such as $0, which Forte does not take"),
]


@pytest.mark.parametrize("row", BOUND, ids=[row[-1] for row in BOUND])
def test_text_that_means_a_qpus_own_qubits_is_never_rewritten(row, sides, sent):
    name, text, line, said = row
    error = refused(sent, FLAT + text, sides[name])
    assert said in error.message
    assert "sent as it is or not at all" in error.message
    assert error.numbers.get("line") == line
    assert "qubit[2] q;" in error.remedy


def test_a_box_on_a_device_without_native_gates(sides, sent):
    text = FLAT + BOX.format("x $0;")
    assert sent(text, sides["SV1"]).rewritten  # on a simulator nothing depends on it


def test_malformed_text_is_refused_with_its_line(sides, sent):
    with pytest.raises(ProgramRefused) as caught:
        sent(f"{FLAT}qubit[1] q;\nnonsense q[0];\n", sides["SV1"])
    assert caught.value.numbers["line"] == 3


GATE = {"actionType": "braket.ir.openqasm.program", "version": ["1"], "supportedOperations": ["h"]}


@pytest.mark.parametrize(
    "capabilities",
    [
        {},
        {"action": {"braket.ir.ahs.program": {}}, "paradigm": {"qubitCount": 256}},
        {"action": {"braket.ir.openqasm.program": {"actionType": "other"}}, "paradigm": {"qubitCount": 1}},
        {"action": {"braket.ir.openqasm.program": GATE}, "paradigm": {}},
    ],
    ids=["nothing", "analog", "another schema", "no qubits"],
)
def test_a_device_that_takes_no_openqasm(capabilities):
    response = {"deviceName": "Aquila", "deviceType": "QPU", "deviceCapabilities": json.dumps(capabilities)}
    with pytest.raises(BackendRefused, match="Aquila does not say which OpenQASM programs"):
        side_of(response)


def test_a_device_whose_gates_do_not_suffice(sent):
    capabilities = {"action": {"braket.ir.openqasm.program": GATE}, "paradigm": {"qubitCount": 2}}
    side = side_of({"deviceName": "Tiny", "deviceType": "QPU", "deviceCapabilities": capabilities})
    circuit = QuantumCircuit(2)
    circuit.cx(0, 1)
    circuit.measure_all()
    with pytest.raises(Refusal, match="cannot be brought into"):
        sent(circuit, side)
