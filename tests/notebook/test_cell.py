"""How a `%%qjob` cell's body runs, in a real IPython shell."""

import ast

import pytest
from IPython.core.interactiveshell import InteractiveShell

from qjob.notebook.cell import BEGIN, END, VALUE, KeepLastValue, Marker, is_openqasm


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("OPENQASM 2.0;\n", True, id="qasm2"),
        pytest.param("OPENQASM 3;\nqubit q;", True, id="qasm3"),
        pytest.param("\n  // a comment\n/* another\n one */ OPENQASM 3.0;", True, id="after comments"),
        pytest.param("qc = QuantumCircuit(2)", False, id="python"),
        pytest.param("# OPENQASM 3.0;", False, id="a Python comment"),
        pytest.param("OPENQASMX = 1", False, id="a longer word"),
        pytest.param("", False, id="empty"),
    ],
)
def test_openqasm_is_told_from_python(body, expected):
    assert is_openqasm(body) is expected


@pytest.mark.parametrize(
    ("cell", "untouched"),
    [
        pytest.param("1 + 1\n", True, id="an ordinary cell"),
        pytest.param("%%time\nqc\n", True, id="another magic"),
        pytest.param("%%qjobs\nqc\n", True, id="a longer name"),
        pytest.param("%%qjob\n", True, id="no body"),
        pytest.param("%%qjob --shots 3\n   \n", True, id="a blank body"),
        pytest.param("%%qjob\nOPENQASM 3.0;\n", True, id="OpenQASM"),
        pytest.param("", True, id="nothing"),
        pytest.param("%%qjob\nqc\n", False, id="ours"),
        pytest.param("\n%%qjob --shots 3\nqc", False, id="ours below a blank line"),
    ],
)
def test_only_a_cell_of_ours_with_python_in_it_is_changed(cell, untouched):
    lines = cell.splitlines(keepends=True)
    assert (Marker()(lines) == lines) is untouched


def test_the_body_keeps_its_line_numbers():
    changed = Marker()(["%%qjob --name 'a b'\n", "x = 1\n", "x"])
    assert changed[1:3] == ["x = 1\n", "x\n"]
    assert len(changed) == 4
    ast.parse("".join(changed))


class Calls:
    """Stands where the session stands and writes down what happens."""

    def __init__(self, shell):
        self.shell = shell
        self.seen = []

    def begin(self, line):
        self.seen.append(("begin", line))

    def end(self, _line):
        self.seen.append(("end", self.shell.user_ns.pop(VALUE, "nothing")))


@pytest.fixture
def shell():
    shell = InteractiveShell()
    calls = Calls(shell)
    shell.input_transformers_cleanup.insert(0, Marker())
    shell.ast_transformers.append(KeepLastValue())
    shell.magics_manager.register_function(calls.begin, "line", BEGIN)
    shell.magics_manager.register_function(calls.end, "line", END)
    shell.calls = calls.seen
    yield shell
    shell.history_manager.end_session()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param("41 + 1", 42, id="an expression"),
        pytest.param("x = 41\nx + 1\n", 42, id="statements before it"),
        pytest.param("x = 42\nx;", 42, id="a semicolon"),
        pytest.param("(41\n + 1)", 42, id="over two lines"),
        pytest.param("x = 42", "nothing", id="no expression"),
        pytest.param("def f():\n    return 1\n", "nothing", id="a definition"),
        pytest.param("%precision 3\n42", 42, id="a magic inside"),
        pytest.param("import asyncio\nawait asyncio.sleep(0)\n42", 42, id="await"),
        pytest.param("import asyncio\nawait asyncio.sleep(0, 42)", 42, id="await as the value"),
    ],
)
def test_the_last_expression_is_handed_on(shell, body, value):
    shell.run_cell(f"%%qjob --shots 5\n{body}").raise_error()
    assert shell.calls == [("begin", "--shots 5"), ("end", value)]


def test_names_of_the_body_are_the_users(shell):
    shell.run_cell("%%qjob\ny = 7\ny").raise_error()
    assert shell.user_ns["y"] == 7
    assert VALUE not in shell.user_ns


def test_an_error_in_the_body_submits_nothing(shell):
    done = shell.run_cell("%%qjob\n1 / 0\n42")
    assert isinstance(done.error_in_exec, ZeroDivisionError)
    assert shell.calls == [("begin", "")]


def test_a_syntax_error_runs_nothing(shell):
    done = shell.run_cell("%%qjob\n1 +\n")
    assert isinstance(done.error_before_exec, SyntaxError)
    assert shell.calls == []


def test_prints_stay(shell, capsys):
    shell.run_cell("%%qjob\nprint('hello')\n42").raise_error()
    assert "hello" in capsys.readouterr().out


def test_below_another_cell_magic(shell):
    shell.run_cell("%%time\n%%qjob --shots 5\n40 + 2").raise_error()
    assert shell.calls == [("begin", "--shots 5"), ("end", 42)]


def test_an_ordinary_cell_keeps_its_display(shell, capsys):
    shell.run_cell("41 + 1").raise_error()
    assert "42" in capsys.readouterr().out
