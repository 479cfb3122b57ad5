"""OpenQASM 2: what loads, and where and how malformed text is refused."""

import pytest
from qiskit.quantum_info import Operator

from qjob import programs

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n'


@pytest.mark.parametrize(
    ("line", "at", "said", "remedy"),
    [
        pytest.param("hh q[0];", (5, 1), "'hh' is not defined", "mean h?", id="unknown-gate"),
        pytest.param("cnot q[0], q[1];", (5, 1), "'cnot' is not defined", "mean cx?", id="braket-gate"),
        pytest.param("  h q[7];", (5, 7), "index 7 is out-of-range", "", id="index"),
        pytest.param("h q[0]", (6, 1), "needed ';'", "", id="no-semicolon"),
        pytest.param("h q[0;", (5, 6), "closing bracket", "", id="open-bracket"),
        pytest.param("rx(theta) q[0];", (5, 4), "'theta' is not a parameter", "", id="unbound"),
        pytest.param("rx(1/0) q[0];", (5, 5), "divide by zero", "", id="division-by-zero"),
        pytest.param("rx q[0];", (5, 1), "rx needs 1 parameter", "rx(...)", id="missing-parameter"),
        pytest.param("u3 q[0];", (5, 1), "u3 needs 3 parameters", "u3(...)", id="missing-parameters"),
        pytest.param("cx q[0], q[0];", (5, 1), "duplicate qubits", "", id="twice-the-same"),
        pytest.param("measure q -> d;", (5, 14), "'d' is not defined", "", id="unknown-register"),
        pytest.param("h q[0]; % h", (5, 9), "'%'", "", id="character"),
        pytest.param(
            'include "/etc/passwd";', (5, 1), "'/etc/passwd' is not included", "qelib1.inc", id="file"
        ),
        pytest.param('include "../a.inc";', (5, 1), "no files are read", "qelib1.inc", id="relative-file"),
        pytest.param("qreg r[99999999999999999999];", (5, 8), "20 digits", "", id="overflow"),
        pytest.param("qreg r[4000000000];", (5, 1), "100,000 bits", "", id="too-many-bits"),
        pytest.param("if(c==99999999999999999999) h q[0];", (5, 7), "20 digits", "", id="overflow-condition"),
        pytest.param(f"rx({'(' * 200}1{')' * 200}) q[0];", (5, 103), "nest deeper", "", id="nesting"),
        pytest.param(
            f"rx({'+'.join(['1'] * 20_000)}) q[0];", (5, 1), "10,000 operators", "Split", id="long-formula"
        ),
        pytest.param(f"rx({'-' * 500}1) q[0];", (5, 4), "signs in a row", "", id="signs"),
    ],
)
def test_malformed_text_is_refused_where_it_is_wrong(line, at, said, remedy, refusal):
    error = refusal(f"{HEAD}{line}\nmeasure q -> c;\n")
    assert (error.numbers["line"], error.numbers["column"]) == at
    assert said in error.message
    assert remedy in error.remedy


def test_the_line_is_shown_with_a_caret_below_it(refusal):
    error = refusal(f"{HEAD}x q[0]; foo q[0];\n")
    assert (
        error.message
        == "line 5, column 9: 'foo' is not defined in this scope.\n    x q[0]; foo q[0];\n            ^"
    )


def test_a_forgotten_include_is_the_remedy(refusal):
    error = refusal("OPENQASM 2.0;\nqreg q[1];\nh q[0];\n")
    assert 'include "qelib1.inc";' in error.remedy


@pytest.mark.parametrize(
    "gate", ["swap", "sx", "sxdg", "cswap", "rzz(1)", "rxx(1)", "u(1,2,3)", "p(1)", "csx", "cp(1)"]
)
def test_the_exporters_extra_gates_are_known(gate):
    name = gate.partition("(")[0]
    count = {"swap": 2, "cswap": 3, "rzz": 2, "rxx": 2, "csx": 2, "cp": 2}.get(name, 1)
    args = ",".join(f"q[{i}]" for i in range(count))
    text = f'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\n{gate} {args};\n'
    assert programs.circuit(programs.recognise(text)).count_ops() == {name: 1}


@pytest.mark.parametrize(
    ("include", "definition"),
    [
        pytest.param("", "gate x a { U(0, 0, 0) a; }", id="own-x-without-include"),
        pytest.param('include "qelib1.inc";', "gate sxdg a { id a; }", id="own-sxdg"),
        pytest.param('include "qelib1.inc";', "gate ecr a { id a; }", id="own-ecr"),
        pytest.param('include "qelib1.inc";', "gate unitary a { id a; }", id="own-unitary"),
        pytest.param('include "qelib1.inc";', "gate y2 a { id a; } gate ecr a { y2 a; }", id="nested"),
    ],
)
def test_a_gate_of_ones_own_means_what_the_text_says(include, definition, aer_counts):
    name = definition.rpartition("gate ")[2].split()[0]
    text = f"OPENQASM 2.0;\n{include}\n{definition}\nqreg q[1];\ncreg c[1];\n{name} q[0];\nmeasure q -> c;\n"
    assert aer_counts(text) == {"0": 20}


def test_exponential_definitions_are_looked_through_once():
    chain = "".join(f"gate a{i + 1} q {{ a{i} q; a{i} q; }}\n" for i in range(15))
    text = f"{HEAD}gate a0 q {{ x q; }}\n{chain}a14 q[0];\nmeasure q -> c;\n"
    circuit = programs.circuit(programs.recognise(text))
    programs.check(circuit, programs.profile(circuit))
    assert circuit.count_ops()["a14"] == 1
    assert programs.elementary(circuit)["x"] == 2**14
    assert programs.fingerprint(circuit)


def test_constant_expressions_are_evaluated():
    circuit = programs.circuit(programs.recognise(f"{HEAD}rx(sin(pi/2)^2 - 1) q[0];\n"))
    assert Operator(circuit.remove_final_measurements(inplace=False)).equiv(Operator.from_label("II"))


def test_a_condition_acts_only_where_it_holds(aer_counts):
    text = (
        f"{HEAD}x q[0];\nmeasure q[0] -> c[0];\nif(c==1) x q[1];\nif(c==2) x q[0];\nmeasure q[1] -> c[1];\n"
    )
    assert aer_counts(text) == {"11": 20}
