"""Which value becomes which Program, and what is refused in which words."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from braket.circuits import Circuit, FreeParameter
from braket.ir.openqasm import Program as BraketProgram
from qiskit import QuantumCircuit

from qjob import programs
from qjob.model.errors import InvalidRequest, ProgramRefused
from qjob.model.program import Program, ProgramFormat
from qjob.programs.text import MAX_CHARACTERS

STD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('OPENQASM 2.0;\ninclude "qelib1.inc";', ProgramFormat.QASM2, id="2"),
        pytest.param("OPENQASM 2;", ProgramFormat.QASM2, id="2-short"),
        pytest.param(STD, ProgramFormat.QASM3, id="3-with-stdgates"),
        pytest.param("OPENQASM 3;\ninclude 'stdgates.inc';", ProgramFormat.QASM3, id="3-single-quotes"),
        pytest.param(
            "OPENQASM 3.1;\nqubit[2] q;\ncnot q[0], q[1];", ProgramFormat.BRAKET, id="3-braket-gate"
        ),
        pytest.param("OPENQASM 3.0;\n#pragma braket verbatim\nbox{ }", ProgramFormat.BRAKET, id="3-pragma"),
        pytest.param("OPENQASM 3.0;\nqubit q;\nU(1,2,3) q;", ProgramFormat.BRAKET, id="3-valid-in-both"),
        pytest.param(
            "// a note\n/* and\nanother */\nOPENQASM 2.0;", ProgramFormat.QASM2, id="comments-before"
        ),
        pytest.param("\ufeffOPENQASM 2.0;", ProgramFormat.QASM2, id="byte-order-mark"),
        pytest.param(
            'OPENQASM 3.0;\n// include "stdgates.inc";\nqubit q;',
            ProgramFormat.BRAKET,
            id="include-in-comment",
        ),
        pytest.param("\r\nOPENQASM 3.0;\r\n", ProgramFormat.BRAKET, id="windows-line-ends"),
    ],
)
def test_text_is_recognised_by_its_version_and_include(text, expected):
    assert programs.recognise(text).format is expected


def test_a_qiskit_circuit_is_stored_as_qpy():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.measure_all()
    program = programs.recognise(circuit)
    assert program.format is ProgramFormat.QPY
    assert programs.circuit(program) == circuit


def test_a_subclass_of_a_qiskit_circuit_is_a_circuit():
    class Mine(QuantumCircuit):
        pass

    assert programs.recognise(Mine(1)).format is ProgramFormat.QPY


def test_a_braket_circuit_is_stored_as_its_own_text():
    program = programs.recognise(Circuit().h(0).cnot(0, 1))
    assert program.format is ProgramFormat.BRAKET
    assert b"cnot q[0], q[1];" in program.data


def test_a_braket_openqasm_program_is_its_source():
    text = "OPENQASM 3.0;\nqubit q;\nx q;"
    assert programs.recognise(BraketProgram(source=text)) == Program(ProgramFormat.BRAKET, text.encode())


def test_a_program_stays_what_it_is():
    program = Program(ProgramFormat.QASM2, b"OPENQASM 2.0;")
    assert programs.recognise(program) is program


def foreign(module: str | None, name: str) -> object:
    """Return an instance of a type that another library could have made."""
    cls = type(name, (), {"__module__": module})
    return cls()


@pytest.mark.parametrize(
    ("value", "error", "said", "remedy"),
    [
        pytest.param("h q[0];", ProgramRefused, "OPENQASM line", "OPENQASM 3.0;", id="no-version"),
        pytest.param("", ProgramRefused, "OPENQASM line", "OPENQASM 2.0;", id="empty-text"),
        pytest.param("OPENQASM 4.0;", ProgramRefused, "version 4", "OPENQASM 3.0;", id="version-4"),
        pytest.param("OPENQASM 2.0;\n\ud800", ProgramRefused, "line 2, column 1", "", id="lone-surrogate"),
        pytest.param([QuantumCircuit(1)] * 3, InvalidRequest, "list of 3", "each circuit", id="list"),
        pytest.param((), InvalidRequest, "tuple of 0", "each circuit", id="tuple"),
        pytest.param(None, InvalidRequest, "NoneType", "QuantumCircuit", id="none"),
        pytest.param(7, InvalidRequest, "type int", "QuantumCircuit", id="number"),
        pytest.param(b"OPENQASM 2.0;", InvalidRequest, "type bytes", "text", id="bytes"),
        pytest.param(QuantumCircuit(1).h(0), InvalidRequest, "InstructionSet", "QuantumCircuit", id="gate"),
        pytest.param(QuantumCircuit, InvalidRequest, "type type", "QuantumCircuit", id="the-class-itself"),
        pytest.param(Path("a.qasm"), InvalidRequest, "'a.qasm' is a path", "read_text()", id="path"),
        pytest.param(
            foreign("cirq.circuits.circuit", "Circuit"),
            ProgramRefused,
            "cirq.circuits.circuit.Circuit",
            "cirq.qasm(circuit)",
            id="cirq",
        ),
        pytest.param(
            foreign("pennylane.workflow.qnode", "QNode"),
            ProgramRefused,
            "pennylane.workflow.qnode.QNode",
            "qml.to_openqasm",
            id="pennylane",
        ),
        pytest.param(
            foreign("braket.other", "Thing"), InvalidRequest, "braket.other.Thing", "", id="braket-other"
        ),
        pytest.param(
            Circuit().rx(0, FreeParameter("theta")).ry(0, FreeParameter("alpha")),
            ProgramRefused,
            "alpha, theta",
            "make_bound_circuit",
            id="braket-unbound",
        ),
        pytest.param(Circuit(), ProgramRefused, "empty", "circuit.h(0)", id="braket-empty"),
        pytest.param(
            BraketProgram(source="OPENQASM 3.0;", inputs={"a": 1.0}),
            ProgramRefused,
            "inputs: a",
            "",
            id="inputs",
        ),
    ],
)
def test_what_is_no_program_is_refused_with_a_way_out(value, error, said, remedy):
    with pytest.raises(error) as caught:
        programs.recognise(value)
    assert said in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(("version", "limit"), MAX_CHARACTERS.items())
def test_text_beyond_the_limit_is_refused_with_both_numbers(version, limit):
    text = f"OPENQASM {version}.0;" + " " * limit
    with pytest.raises(
        ProgramRefused, match=f"{len(text):,} characters; at most {limit:,} of OpenQASM {version}"
    ):
        programs.recognise(text)


def test_metadata_that_cannot_be_stored_is_named():
    circuit = QuantumCircuit(1)
    circuit.metadata = {"when": object()}
    with pytest.raises(ProgramRefused) as caught:
        programs.recognise(circuit)
    assert "circuit.metadata = {}" in caught.value.remedy


def test_nothing_heavy_is_imported_before_a_circuit_is_there():
    code = (
        "import sys; from qjob import programs; programs.recognise('OPENQASM 3.0;');"
        "print([name for name in ('qiskit', 'braket', 'antlr4', 'openqasm3') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_no_library_is_imported_to_refuse_a_value():
    module = ModuleType("cirq")
    assert "cirq" not in sys.modules, "this test needs cirq to be absent"
    with pytest.raises(ProgramRefused):
        programs.recognise(foreign(module.__name__, "Circuit"))
    assert "cirq" not in sys.modules
