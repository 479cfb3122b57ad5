"""Text as text: comments, versions, carets; and that damaged text is always refused, never a crash."""

import random
from contextlib import suppress

import pytest

from qjob import programs
from qjob.model.errors import ProgramRefused
from qjob.programs.text import blank_comments, hint_gate, includes, refuse_at, refuse_offset, version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a // b\nc", "a     \nc", id="line"),
        pytest.param("a /* b\nc */ d", "a     \n     d", id="block"),
        pytest.param("a /* b // c */ d", "a              d", id="line-inside-block"),
        pytest.param("a /* b\nc", "a     \n ", id="unclosed"),
        pytest.param("a", "a", id="none"),
    ],
)
def test_comments_become_spaces_in_place(text, expected):
    assert blank_comments(text) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("OPENQASM 2.0;", 2),
        ("  OPENQASM 3;", 3),
        ("OPENQASM 3.1 ;", 3),
        ("h q; OPENQASM 2.0;", None),
        ("", None),
    ],
)
def test_version_is_that_of_the_first_statement(code, expected):
    assert version(code) == expected


def test_includes_are_found_with_their_place():
    assert includes("include \"a.inc\"; include 'b';") == [("a.inc", 0), ("b", 17)]


@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        pytest.param("ab\ncd", 2, 1, "line 2, column 2: wrong.\n    cd\n     ^", id="second-line"),
        pytest.param("\tx", 1, 1, "line 1, column 2: wrong.\n     x\n     ^", id="tab"),
        pytest.param("ab", 9, 9, "line 1, column 3: wrong.\n    ab\n      ^", id="beyond-the-end"),
        pytest.param(
            "a\u2028b\r\ncd", 2, 0, "line 2, column 1: wrong.\n    cd\n    ^", id="only-newlines-count"
        ),
        pytest.param("", 1, 0, "line 1, column 1: wrong.\n    \n    ^", id="empty"),
    ],
)
def test_the_caret_stands_below_the_column(text, line, column, shown):
    assert refuse_at(text, line, column, "wrong.").message == shown


def test_a_long_line_is_shown_around_the_caret():
    message = refuse_at("a" * 5000 + "X" + "b" * 5000, 1, 5000, "wrong").message
    _, source, caret = message.split("\n")
    assert len(source) < 120
    assert source[caret.index("^")] == "X"


def test_an_offset_is_a_line_and_a_column():
    assert refuse_offset("ab\ncd", 4, "wrong").numbers == {"line": 2, "column": 2}


@pytest.mark.parametrize(
    ("name", "braket", "said"),
    [
        ("cnot", False, "Did you mean cx?"),
        ("cx", True, "Did you mean cnot?"),
        ("hadamard", False, "needs a definition"),
        ("ccxx", False, "Did you mean ccx?"),
    ],
)
def test_the_nearest_gate_is_named(name, braket, said):
    assert said in hint_gate(name, {"cnot", "x", "h"} if braket else {"cx", "ccx", "h"}, braket=braket)


TEXTS = {
    "qasm2": """OPENQASM 2.0;
include "qelib1.inc";
gate g(t) a, b { rx(t/2) a; cx a, b; }
qreg q[3];
creg c[3];
h q;
g(pi/4) q[0], q[1];
if(c==1) x q[2];
barrier q;
measure q -> c;
""",
    "qasm3": """OPENQASM 3.0;
include "stdgates.inc";
const float a = 0.5;
gate g(t) p, r { rx(t/2) p; ctrl @ x p, r; }
qubit[3] q;
bit[3] c;
for int i in [0:2] { h q[i]; }
g(a*pi) q[0], q[1];
c[0] = measure q[0];
if (c[0] == 1) { x q[2]; }
c = measure q;
""",
    "braket": """OPENQASM 3.0;
bit[2] b;
qubit[2] q;
#pragma braket unitary([[0, 1.0im], [1.0, 0]]) q[0]
pow(0.5) @ xx(0.3) q[0], q[1];
#pragma braket verbatim
box{
ms(0.1, 0.2, 0.3) q[0], q[1];
}
b[0] = measure q[0];
""",
}
JUNK = ["", *';(){}[]@-"$q\0éπ\n', "/*", "9" * 12, "gate ", " 1/0 "]


HOSTILE = {
    "unclosed comments": "/*" * 450_000,
    "signs and spaces": ("-" + " " * 5000) * 150,
    "brackets": "[" * 900_000,
    "digits": "9" * 900_000 + ".",
    "registers": "qreg a" * 150_000,
    "includes": "include " * 100_000,
}


@pytest.mark.slow
@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("head", ["OPENQASM 2.0;\n", "OPENQASM 3.0;\n"], ids=["2", "3"])
def test_hostile_text_is_refused_in_linear_time(head, text):
    with pytest.raises(ProgramRefused):
        programs.circuit(programs.recognise(head + text))


@pytest.mark.parametrize("form", TEXTS)
def test_damaged_text_loads_or_is_refused_but_never_crashes(form, capfd):
    chance = random.Random(form)
    for _ in range(250):
        text = TEXTS[form]
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(text))
            text = text[:start] + chance.choice(JUNK) + text[start + chance.randint(0, 4) :]
        with suppress(ProgramRefused):
            circuit = programs.circuit(programs.recognise(text))
            programs.check(circuit, programs.profile(circuit))
    assert capfd.readouterr() == ("", "")
