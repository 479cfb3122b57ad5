"""OpenQASM 3: what loads beyond qiskit's importer, and where and how the rest is refused."""

from math import pi

import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator

from qjob import programs

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[3] b;\n'


def load(body: str) -> QuantumCircuit:
    return programs.circuit(programs.recognise(HEAD + body))


@pytest.mark.parametrize(
    ("line", "at", "said", "remedy"),
    [
        pytest.param("hh q[0];", (5, 1), "gate 'hh' is not defined", "mean h?", id="unknown-gate"),
        pytest.param("cnot q[0], q[1];", (5, 1), "gate 'cnot' is not defined", "mean cx?", id="braket-gate"),
        pytest.param("h q[7];", (5, 3), "outside its register", "", id="index"),
        pytest.param("h r[0];", (5, 3), "Undefined symbol 'r'", "", id="unknown-register"),
        pytest.param("h q[0]", (6, 1), "missing ';'", "", id="no-semicolon"),
        pytest.param("h q[0;", (5, 6), "no viable alternative", "", id="open-bracket"),
        pytest.param("h q[0]; % h", (5, 9), "'%'", "", id="character"),
        pytest.param('x q[0]; "abc', (5, 9), '"a', "", id="open-string"),
        pytest.param("rx q[0];", (5, 1), "rx takes 1 parameter, 0 given", "", id="missing-parameter"),
        pytest.param(
            "U(1, 2) q[0];", (5, 1), "U takes 3 parameters, 2 given", "", id="missing-parameter-of-U"
        ),
        pytest.param("cx q[0];", (5, 1), "takes 2 qubits, 1 given", "", id="missing-qubit"),
        pytest.param("cx q[0], q[0];", (5, 1), "named twice", "", id="twice-the-same"),
        pytest.param("rx(1/0) q[0];", (5, 4), "division by zero", "", id="division-by-zero"),
        pytest.param("rx(1/2) q[0];", (5, 4), "lose the remainder: write 1.0/2", "", id="integer-division"),
        pytest.param("rx(2**100) q[0];", (5, 4), "out of range", "", id="power-out-of-range"),
        pytest.param("rx((-1.0)**0.5) q[0];", (5, 4), "no real number", "", id="complex-power"),
        pytest.param("rx(sqrt(-1)) q[0];", (5, 4), "math domain error", "", id="domain"),
        pytest.param("rx(foo(1)) q[0];", (5, 4), "arccos", "", id="unknown-function"),
        pytest.param("measure q[0];", (5, 1), "save their result", "", id="measure-into-nothing"),
        pytest.param("bit[2] c; c = measure q;", (5, 11), "differ in number", "", id="sizes-differ"),
        pytest.param("int n = 3;", (5, 1), "type 'int' are not supported", "", id="variable"),
        pytest.param("b[0] = 1;", (5, 1), "a classical assignment is not supported", "", id="assignment"),
        pytest.param("def f(qubit a) { h a; }", (5, 1), "a subroutine definition", "", id="subroutine"),
        pytest.param("const bool t = true;", (5, 1), "constants of type int", "", id="constant-bool"),
        pytest.param("box[10ns] { h q[0]; }", (5, 1), "box with a duration", "box { }", id="timed-box"),
        pytest.param("ctrl(99) @ x q[0];", (5, 1), "99 controls", "", id="too-many-controls"),
        pytest.param("#pragma braket verbatim", (5, 1), "no meaning here", "stdgates", id="pragma"),
        pytest.param("for int i in [0:200000] { h q[0]; }", (5, 1), "100,000 rounds", "", id="long-loop"),
        pytest.param(
            "for int i in [0:3] { h q[i]; }", (5, 24), "outside its register", "", id="loop-too-far"
        ),
        pytest.param("qubit[100*100000] r;", (5, 6), "out of range", "", id="computed-size"),
        pytest.param("qubit[4000000000] r;", (5, 1), "100,000 bits", "", id="too-many-bits"),
        pytest.param(
            "b[0] = measure $4000000000;", (5, 16), "beyond 100,000", "", id="physical-out-of-range"
        ),
        pytest.param(
            'include "/etc/passwd";', (5, 1), "'/etc/passwd' is not included", "stdgates", id="file"
        ),
        pytest.param("gate g a { foo a; }", (5, 12), "gate 'foo' is not defined", "", id="in-a-definition"),
        pytest.param("if (b[0]) { foo q[0]; }", (5, 13), "gate 'foo' is not defined", "", id="in-a-block"),
        pytest.param(f"rx({'(' * 200}1{')' * 200}) q[0];", (5, 103), "nest deeper", "", id="nesting"),
    ],
)
def test_malformed_text_is_refused_where_it_is_wrong(line, at, said, remedy, refusal):
    error = refusal(f"{HEAD}{line}\nh q[0];\n")
    assert (error.numbers["line"], error.numbers["column"]) == at
    assert said in error.message
    assert remedy in error.remedy


def test_nesting_that_exhausts_the_stack_is_refused(refusal):
    error = refusal(f"{HEAD}{'if (b[0]) {' * 90} x q[0]; {'}' * 90}\n")
    assert "nests too deeply" in error.message


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("rx(2*pi/3) q[0];", [("rx", 2 * pi / 3)], id="pi"),
        pytest.param("rx(4/2) q[0];", [("rx", 2)], id="exact-division"),
        pytest.param("rx(arccos(0.5) + 2**3) q[0];", [("rx", pi / 3 + 8)], id="function-and-power"),
        pytest.param("const float a = 3; rx(a/2) q[0];", [("rx", 1.5)], id="constant-float"),
        pytest.param("const int n = 2; rx(n) q[n];", [("rx", 2)], id="constant-int"),
        pytest.param("for int i in [0:2] { rx(i) q[i]; }", [("rx", 0), ("rx", 1), ("rx", 2)], id="range"),
        pytest.param("for int i in [2:-1:1] { rx(i) q[i]; }", [("rx", 2), ("rx", 1)], id="downward"),
        pytest.param("for uint i in {0, 2} { rx(i) q[i]; }", [("rx", 0), ("rx", 2)], id="set"),
        pytest.param("box { rx(1) q[0]; }", [("rx", 1)], id="box"),
    ],
)
def test_what_is_read_beyond_the_importer(body, expected):
    found = [(item.operation.name, item.operation.params[0]) for item in load(body).data]
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert [value for _, value in found] == pytest.approx([value for _, value in expected])


def test_a_loop_that_is_left_early_stays_a_loop():
    circuit = load("for int i in [0:2] { b[0] = measure q[0]; if (b[0] == true) { break; } }")
    assert dict(circuit.count_ops()) == {"for_loop": 1}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("b[0]", "011", id="bit"),
        pytest.param("!b[0]", "001", id="not-bit"),
        pytest.param("b[0] == 1", "011", id="bit-equals-one"),
        pytest.param("b[0] == 0", "001", id="bit-equals-zero"),
        pytest.param("b[0] == true", "011", id="bit-equals-true"),
        pytest.param("b == 1", "011", id="register"),
        pytest.param("b == 4", "001", id="register-is-read-with-bit-0-lowest"),
    ],
)
def test_conditions_act_where_they_hold(condition, expected, aer_counts):
    body = f"x q[0]; b[0] = measure q[0]; if ({condition}) {{ x q[1]; }} b[1] = measure q[1];"
    assert aer_counts(HEAD + body) == {expected: 20}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("ctrl @ gphase(0.7) q[0];", lambda qc: qc.p(0.7, 0), id="controlled-phase"),
        pytest.param("negctrl @ x q[0], q[1];", lambda qc: qc.cx(0, 1, ctrl_state=0), id="negative-control"),
        pytest.param("ctrl(2) @ x q[0], q[1], q[2];", lambda qc: qc.ccx(0, 1, 2), id="two-controls"),
        pytest.param("ctrl @ h q[2], q[0];", lambda qc: qc.ch(2, 0), id="controlled-h"),
        pytest.param("pow(0.5) @ x q[0];", lambda qc: qc.sx(0), id="root"),
        pytest.param("pow(3) @ s q[0];", lambda qc: qc.sdg(0), id="power"),
        pytest.param("inv @ t q[1];", lambda qc: qc.tdg(1), id="inverse"),
        pytest.param("gate x2 a { x a; } x2 q[2];", lambda qc: qc.x(2), id="own-gate"),
        pytest.param(
            "gate r2(t) a { rx(2*t) a; } r2(0.3) q[0];", lambda qc: qc.rx(0.6, 0), id="own-parameter"
        ),
    ],
)
def test_modifiers_and_definitions(body, expected):
    want = QuantumCircuit(3)
    expected(want)
    assert Operator(load(body).copy_empty_like().compose(load(body))).equiv(Operator(want))


def test_a_gate_of_ones_own_keeps_its_meaning_under_a_control(aer_counts):
    # qiskit controls a gate by its name: a gate called ecr or sxdg would become its own.
    text = f"{HEAD}gate sxdg a {{ U(0,0,0) a; }} x q[0]; ctrl @ sxdg q[0], q[1]; sxdg q[2]; b = measure q;"
    assert aer_counts(text) == {"001": 20}


def test_an_input_is_an_unbound_parameter():
    circuit = load("input float theta; rx(theta) q[0]; b = measure q;")
    with pytest.raises(Exception, match="1 unbound parameter: theta"):
        programs.check(circuit, programs.profile(circuit))
