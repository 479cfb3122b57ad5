"""Braket's dialect against Braket itself: every gate, its modifiers, random circuits, pragmas, measure-all."""

import random

import numpy as np
import pytest
from braket.circuits import Circuit
from braket.circuits.serialization import IRType
from braket.default_simulator.gate_operations import BRAKET_GATES
from braket.devices import LocalSimulator
from qiskit.circuit.library import UnitaryGate

from qjob import programs
from qjob.programs.braket_gates import GATES

ANGLES = (0.3, 0.7, 1.1)
SHAPES = {name: (gate.num_params, gate.num_qubits) for name, gate in GATES.items()} | {"U": (3, 1)}
MODIFIERS = {
    "plain": ("", 0),
    "inv": ("inv @ ", 0),
    "pow-3": ("pow(3) @ ", 0),
    "pow-half": ("pow(0.5) @ ", 0),
    "ctrl": ("ctrl @ ", 1),
    "negctrl": ("negctrl @ ", 1),
    "pow-ctrl": ("pow(0.3) @ ctrl @ ", 1),
}


def statement(name: str, modifier: str, qubits: list[int], angles: list[float]) -> str:
    params = f"({', '.join(map(str, angles))})" if angles else ""
    return f"{modifier}{name}{params} {', '.join(f'q[{i}]' for i in qubits)};"


def test_every_gate_that_braket_knows_is_known():
    statements = {"gphase", "unitary"}  # gphase is a statement of OpenQASM, unitary a pragma
    assert set(SHAPES) == set(BRAKET_GATES) - statements


# Braket's own root of gpi depends on rounding, since its eigenvalue -1 lies on the branch cut: not compared.
ON_THE_CUT = {("gpi", "pow-half"), ("gpi", "pow-ctrl")}
CASES = [(name, modifier) for name in SHAPES for modifier in MODIFIERS if (name, modifier) not in ON_THE_CUT]


@pytest.mark.parametrize(("name", "modifier"), CASES)
def test_each_gate_equals_brakets_including_its_phase(name, modifier, our_unitary, braket_unitary):
    prefix, extra = MODIFIERS[modifier]
    params, qubits = SHAPES[name]
    total = qubits + extra
    line = statement(name, prefix, list(range(total)), list(ANGLES[:params]))
    text = f"OPENQASM 3.0;\nqubit[{total}] q;\n{line}\n"
    np.testing.assert_allclose(our_unitary(text), braket_unitary(text, total), atol=1e-7)


@pytest.mark.parametrize("seed", range(20))
def test_random_circuits_equal_brakets_with_their_qubit_order(seed, our_unitary, braket_unitary):
    chance = random.Random(seed)
    lines = []
    for _ in range(25):
        name = chance.choice(sorted(SHAPES))
        params, qubits = SHAPES[name]
        angles = [round(chance.uniform(-3, 3), 6) for _ in range(params)]
        lines.append(statement(name, "", chance.sample(range(4), qubits), angles))
    lines += ["ctrl @ gphase(0.4) q[2];", "gphase(0.2);"]
    text = "OPENQASM 3.0;\nqubit[4] q;\n" + "\n".join(lines)
    np.testing.assert_allclose(our_unitary(text), braket_unitary(text, 4), atol=1e-7)


@pytest.mark.parametrize(
    "circuit",
    [
        pytest.param(Circuit().h(0).cnot(0, 2).rx(1, 0.4), id="plain"),
        pytest.param(
            Circuit().h(0, control=[1, 2], control_state=[0, 1], power=0.5).x(1), id="control-power"
        ),
        pytest.param(
            Circuit().x(1).unitary(matrix=np.array([[0, 1j], [1, 0]]), targets=[0]).i(2),
            id="unitary-one-qubit",
        ),
        pytest.param(
            Circuit()
            .h(2)
            .unitary(matrix=np.diag([1, 1j, -1, 0.6 + 0.8j])[[1, 0, 2, 3]], targets=[2, 0])
            .i(1),
            id="unitary-order",
        ),
        pytest.param(Circuit().add_verbatim_box(Circuit().h(0).cnot(0, 1).rz(2, 0.3)), id="verbatim"),
    ],
)
def test_braket_circuits_equal_brakets_unitary(circuit, our_unitary, braket_unitary):
    # Not Circuit.to_unitary: it takes the controls of a mixed control state in the opposite order of the simulator.
    text = circuit.to_ir(IRType.OPENQASM).source
    np.testing.assert_allclose(our_unitary(text), braket_unitary(text, circuit.qubit_count), atol=1e-7)


@pytest.mark.parametrize(
    "circuit",
    [
        pytest.param(Circuit().x(0).i(1).x(2).i(3), id="all"),
        pytest.param(Circuit().x(0).cnot(0, 3), id="qubits-with-gaps"),
        pytest.param(Circuit().x(0).x(1).i(2).measure([2, 0]), id="measured-in-another-order"),
        pytest.param(Circuit().x(2).i(0).i(1).measure(2), id="one-measured"),
        pytest.param(Circuit().x(2).x(0, control=[1, 2], control_state=[0, 1]), id="control-state"),
    ],
)
def test_counts_are_brakets_read_from_the_right(circuit, aer_counts):
    brakets = LocalSimulator().run(circuit, shots=20).result().measurement_counts
    assert aer_counts(circuit) == {key[::-1]: number for key, number in brakets.items()}


@pytest.mark.parametrize(
    ("body", "registers", "pairs"),
    [
        pytest.param("qubit[3] q; x q[0];", [("b", 3)], [(0, 0), (1, 1), (2, 2)], id="no-register"),
        pytest.param("bit[2] c; qubit[2] q; x q[0];", [("c", 2)], [(0, 0), (1, 1)], id="declared-register"),
        pytest.param("bit[1] c; qubit[2] q; x q[0];", [("c", 1), ("b", 2)], [(0, 1), (1, 2)], id="too-small"),
        pytest.param("x $1; x $4;", [("b", 2)], [(1, 0), (4, 1)], id="physical-qubits-named-only"),
        pytest.param(
            "qubit[2] q; bit[2] b = measure q;", [("b", 2)], [(0, 0), (1, 1)], id="measured-in-declaration"
        ),
        pytest.param("qubit[2] q; bit b; b = measure q[1];", [], [(1, 0)], id="measured-one"),
        pytest.param(
            "qubit q; qubit[2] r; x q;", [("b", 3)], [(0, 0), (1, 1), (2, 2)], id="several-registers"
        ),
    ],
)
def test_what_is_measured_where(body, registers, pairs):
    circuit = programs.circuit(programs.recognise(f"OPENQASM 3.0;\n{body}\n"))
    assert [(register.name, register.size) for register in circuit.cregs] == registers
    found = [
        (circuit.find_bit(item.qubits[0]).index, circuit.find_bit(item.clbits[0]).index)
        for item in circuit.data
        if item.operation.name == "measure"
    ]
    assert found == pairs


@pytest.mark.parametrize(
    ("line", "at", "said", "remedy"),
    [
        pytest.param("cx q[0], q[1];", (3, 1), "gate 'cx' is not defined", "mean cnot?", id="standard-gate"),
        pytest.param("cnoot q[0], q[1];", (3, 1), "gate 'cnoot' is not defined", "mean cnot?", id="misspelt"),
        pytest.param("xx q[0], q[1];", (3, 1), "xx takes 1 parameter, 0 given", "", id="missing-parameter"),
        pytest.param("h q[0]", (4, 1), "missing ';'", "", id="no-semicolon"),
        pytest.param(
            "x q[0]; measure q[0];", (3, 9), "no bit to go to", "b = measure q;", id="measure-into-nothing"
        ),
        pytest.param("#pragma braket result probability", (3, 1), "counts", "Remove", id="result"),
        pytest.param(
            "#pragma braket result expectation z(q[0])", (3, 1), "counts", "Remove", id="expectation"
        ),
        pytest.param(
            "#pragma other thing", (3, 1), "'other thing' is not known", "Remove", id="other-pragma"
        ),
        pytest.param(
            "#pragma braket unitary([[1, 0], [0, 1]])", (3, 1), "not readable", "q[0]", id="no-target"
        ),
        pytest.param("#pragma braket unitary([[1, 0], [0, x]]) q[0]", (3, 1), "2 rows", "", id="no-number"),
        pytest.param("#pragma braket unitary([[1, 0], [0, 1]]) q", (3, 1), "4 rows", "", id="wrong-size"),
        pytest.param(
            "#pragma braket unitary([[1, 0], [0, 2]]) q[0]", (3, 1), "unitary", "", id="not-unitary"
        ),
        pytest.param(
            "#pragma braket unitary([[1, 0], [0, 1]]) r[0]", (3, 1), "'r'", "", id="unknown-register"
        ),
        pytest.param("x q[0]; y $1;", (3, 11), "Physical qubit", "", id="virtual-and-physical"),
    ],
)
def test_what_is_refused_and_where(line, at, said, remedy, refusal):
    error = refusal(f"OPENQASM 3.0;\nqubit[2] q;\n{line}\nh q[0];\n")
    assert (error.numbers["line"], error.numbers["column"]) == at
    assert said in error.message
    assert remedy in error.remedy


def test_a_register_may_have_a_gates_name():
    circuit = programs.circuit(
        programs.recognise("OPENQASM 3.0;\nqubit[2] v;\nbit[2] s;\nx v[0];\ns = measure v;\n")
    )
    assert [register.name for register in (*circuit.qregs, *circuit.cregs)] == ["v", "s"]


def test_a_gate_may_be_defined_anew(aer_counts):
    assert aer_counts("OPENQASM 3.0;\ngate x a { i a; }\nqubit[1] q;\nx q[0];\nctrl @ gphase(1) q[0];\n") == {
        "0": 20
    }


def test_gates_that_simulators_know_are_theirs():
    text = "OPENQASM 3.0;\nqubit[2] q;\ncnot q[0], q[1];\nxx(0.1) q[0], q[1];\nsi q[0];\nv q[0];\n"
    circuit = programs.circuit(programs.recognise(text))
    assert dict(circuit.count_ops()) == {"cx": 1, "rxx": 1, "sdg": 1, "sx": 1, "measure": 2}
    assert not any(isinstance(item.operation, UnitaryGate) for item in circuit.data)
