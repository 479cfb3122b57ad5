"""OpenQASM 3 texts that come to too much, in both dialects, are refused before they are built."""

import pytest

from qjob import programs
from qjob.programs import bounds

pytestmark = pytest.mark.timeout(30)
HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
LOOP = "for int i in [0:999]"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Have all that is built up to the bounds built in no time."""
    monkeypatch.setattr(bounds, "MAX_OPERATIONS", 2000)
    monkeypatch.setattr(bounds, "MAX_USES", 6000)


def nested(levels, first, step):
    return first + "".join(step.replace("@+", str(i + 1)).replace("@", str(i)) for i in range(levels))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("qubit[900] q; " + "h q;" * 12, "at most 2,000 are taken", id="a register"),
        pytest.param(f"qubit q; {LOOP} {{ {'h q;' * 3} }}", "at most 2,000 are taken", id="a loop"),
        pytest.param(
            f"qubit q; for int j in [0:1999] {{ {LOOP} {{ }} }}",
            "at most 2,000 are taken",
            id="loops in loops",
        ),
        pytest.param(f"qubit[900] q; {LOOP} {{ barrier q; }}", "at most 2,000 are taken", id="barriers"),
        pytest.param(f"qubit[900] q; {LOOP} {{ reset q; }}", "at most 2,000 are taken", id="resets"),
        pytest.param(f"qubit[900] q; {LOOP} {{ delay[1ns] q; }}", "at most 2,000 are taken", id="delays"),
        pytest.param(
            f"qubit[900] q; bit[900] c; {LOOP} {{ c = measure q; }}",
            "at most 2,000 are taken",
            id="measurements",
        ),
        pytest.param(
            f"qubit q; bit[900] c; {LOOP} {{ if (c == 1) {{ }} }}", "at most 2,000 are taken", id="conditions"
        ),
        pytest.param(f"qubit[900] q; {LOOP} {{ let a = q; }}", "at most 2,000 are taken", id="aliases"),
        pytest.param(
            "qubit[90000] q; let a = q ++ q;", "register of more than 100,000 bits", id="concatenation"
        ),
        pytest.param("qubit[0x1869f] q; qubit[99_999] r;", "100,000 bits are declared", id="sizes"),
        pytest.param("bit[0x1869f] q; bit[99_999] r;", "100,000 bits are declared", id="sizes of bits"),
        pytest.param(
            "qubit q; bit b; for int i in [0:999999999] { x q; b = measure q; if (b) { break; } }",
            "at most 2,000 are taken",
            id="a loop that may be left",
        ),
        pytest.param(
            nested(40, "gate g0(t) a { rx(t) a; }\n", "gate g@+(t) a { " + "g@(t) a; " * 300 + "}\n"),
            "at most 2,000 are taken",
            id="gates of many gates",
        ),
        pytest.param(
            nested(40, "gate g0(t) a { rx(t) a; }\n", "gate g@+(t) a { g@(t + t/3) a; }\n"),
            "at most 2,000 are taken",
            id="formulas of formulas",
        ),
        pytest.param(
            "input float w; qubit q; rx(" + "w + " * 20 + "w) q;", "more than 20 names", id="a formula"
        ),
        pytest.param(nested(101, "gate g0 a { }\n", "gate g@+ a { g@ a; }\n"), "100 levels", id="deep"),
        pytest.param(
            f"gate g a {{ u3(1, 2, 3) a; }} qubit[34] q; {LOOP} {{ ctrl(32) @ g "
            f"{', '.join(f'q[{i}]' for i in range(33))}; }}",
            "at most 2,000 are taken",
            id="controls",
        ),
        pytest.param(
            "const int a = 999999999999999999; const int b = a*a;", "more than 64 bits", id="a product"
        ),
        pytest.param(f"const int a = 0x{'f' * 100};", "more than 64 bits", id="hexadecimal"),
        pytest.param(f"const int a = {'1_' * 450}1;", "more than 64 bits", id="underscores"),
        pytest.param(f"const int a = {'1_' * 4500}1;", "9,001 characters", id="a long number"),
    ],
)
def test_what_is_too_large_is_refused(body, said, refusal):
    assert said in refusal(HEAD + body).message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("qubit[900] q; " + "h q;" * 12, "at most 2,000 are taken", id="a register"),
        pytest.param(
            "qubit[900] q;\n#pragma braket noise bit_flip(0.1) " + "q," * 12 + "q\n",
            "at most 2,000 are taken",
            id="targets",
        ),
    ],
)
def test_brakets_dialect_has_the_same_bounds(body, said, refusal):
    assert said in refusal("OPENQASM 3.0;\n" + body).message


@pytest.mark.parametrize(
    ("body", "operations"),
    [
        pytest.param("qubit[500] q; bit[500] c; h q; c = measure q;", 1000, id="registers"),
        pytest.param("qubit[9] q; for int i in [0:99] { cx q[0:3], q[4:7]; }", 400, id="a loop"),
        pytest.param("gate g(t) a { rx(t/2 + t/3) a; } qubit[9] q; g(1) q;", 9, id="an own gate"),
        pytest.param("gate g a { h a; } qubit[9] q; ctrl(3) @ g q[0], q[1], q[2], q[3];", 1, id="controls"),
    ],
)
def test_what_fits_is_read(body, operations):
    assert len(programs.circuit(programs.recognise(HEAD + body)).data) == operations


def test_uses_of_own_gates_have_a_bound_of_their_own(monkeypatch, refusal):
    monkeypatch.setattr(bounds, "MAX_USES", 100)
    text = HEAD + "gate g a { x a; } qubit[9] q; for int i in [0:49] { g q; }"
    assert "gates of its own at least 108 times; at most 100 are taken" in refusal(text).message
