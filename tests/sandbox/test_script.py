"""What comes of a piece of code: programs, or a complaint with its line. Run here, without walls."""

import re
import sys

import pytest

from qjob import programs
from qjob.sandbox.limits import Limits
from qjob.sandbox.messages import read_complaint, read_programs, unpack
from qjob.sandbox.script import perform

HEAD = "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1, 1)\nqc.measure(0, 0)\n"


@pytest.fixture(autouse=True)
def same_main(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def performed(code, params=(), limits=None):
    head, blobs = unpack(perform(code, dict(params), limits or Limits()))
    said = read_complaint(head)
    return said if said is not None else read_programs(head, blobs)


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        pytest.param("x = 1\n\nqc", "line 3: NameError: name 'qc' is not defined", 3, id="name"),
        pytest.param("def f(:\n  pass", "line 1: SyntaxError: invalid syntax", 1, id="syntax"),
        pytest.param("x = 1\n  y = 2", "line 2: IndentationError: unexpected indent", 2, id="indentation"),
        pytest.param(
            "def f():\n  return 1/0\n\nf()", "line 2: ZeroDivisionError: division by zero", 2, id="inner"
        ),
        pytest.param(HEAD + "qc.h(5)", "line 4: CircuitError: ", 4, id="in-a-library"),
        pytest.param("raise SystemExit(3)", "line 1: SystemExit: 3", 1, id="exit"),
        pytest.param("raise KeyboardInterrupt", "line 1: KeyboardInterrupt", 1, id="interrupt"),
        pytest.param(
            "import nowhere_at_all", "line 1: ModuleNotFoundError: No module named", 1, id="no-module"
        ),
        pytest.param("def f(): f()\nf()", "line 1: RecursionError: maximum recursion", 1, id="recursion"),
        pytest.param("raise MemoryError", "line 1: MemoryError \\(the code may use 2,048 MB", 1, id="memory"),
        pytest.param(
            "class E(Exception):\n  def __str__(self): raise ValueError\nraise E",
            "line 3: E: \\(its text failed with ValueError\\)",
            3,
            id="an-error-that-cannot-be-shown",
        ),
        pytest.param("x = '\ud800'\nqc", "the code cannot be run: UnicodeEncodeError", None, id="no-unicode"),
        pytest.param("x = 1\0", "source code (string )?cannot contain null bytes", None, id="null"),
        pytest.param("", "the code makes no circuit", None, id="empty"),
        pytest.param("x = 1", "the code makes no circuit", None, id="no-circuit"),
        pytest.param(HEAD + "ab = qc.copy()", "2 circuits or lists of them.*: qc, ab", None, id="two"),
        pytest.param(
            HEAD + "[qc] * 3", "the code makes 3 circuits; a batch holds at most 2", None, id="many"
        ),
        pytest.param("'OPENQASM 4.0;'", "OpenQASM version 4 is not known", None, id="unknown-text"),
    ],
)
def test_a_complaint_has_the_line(code, message, line):
    said = performed(code, limits=Limits(circuits=2))
    assert re.search(message, said["message"])
    assert said["numbers"].get("line") == line
    assert said["remedy"]


def test_the_parameters_are_a_mapping_of_that_name():
    found, single = performed(HEAD.replace("(1, 1)", "(params['graph_size'], 1)"), {"graph_size": 4})
    assert single
    assert programs.circuit(found[0]).num_qubits == 4


def test_dataclasses_and_a_main_guard_work_as_in_a_file():
    code = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Size:\n  n: int\n"
        "if __name__ == '__main__':\n  from qiskit import QuantumCircuit\n  qc = QuantumCircuit(Size(3).n)\n"
    )
    ((program,), _) = performed(code)
    assert programs.circuit(program).num_qubits == 3
