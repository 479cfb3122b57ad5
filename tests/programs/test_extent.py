"""OpenQASM 2 texts that come to too much are refused before anything is built."""

import pytest

from qjob import programs
from qjob.programs import bounds

pytestmark = pytest.mark.timeout(20)
HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
MANY = "qreg q[50000];\ncreg c[50000];\n"
ONE = "qreg q[1];\ncreg c[1];\n"


def nested(levels, first, step):
    return first + "".join(step.replace("@+", str(i + 1)).replace("@", str(i)) for i in range(levels))


PAIRS = "gate g@+ a { g@ a; g@ a; }\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(MANY + "h q;\n" * 21, "at least 1,050,000 operations", id="a register"),
        pytest.param(MANY + "cx q, q;\n" * 21, "at least 1,050,000 operations", id="two registers"),
        pytest.param(MANY + "measure q -> c;\n" * 21, "at least 1,050,000 operations", id="measurements"),
        pytest.param(MANY + "barrier q;\n" * 20, "at least 1,000,020 operations", id="barriers"),
        pytest.param(MANY + "if(c==1) x q[0];\n" * 20, "at least 1,000,020 operations", id="conditions"),
        pytest.param(
            nested(40, "gate g0 a { x a; }\n", PAIRS) + ONE + "g40 q[0];",
            "at least 1,099,511,627,776 operations",
            id="gates of two gates",
        ),
        pytest.param(
            nested(90, "gate g0 a { x a; }\n", PAIRS) + ONE + "g90 q[0];",
            "at least 1,000,000,000,000,000 operations",
            id="more than there is a number for",
        ),
        pytest.param(
            nested(18, "gate g0(t) a { x a; }\n", "gate g@+(t) a { g@(2*t) a; g@(2*t+1) a; }\n")
            + ONE
            + "g18(1) q[0];",
            "at least 524,287 times",
            id="no two uses alike",
        ),
        pytest.param(
            nested(101, "gate g0 a { x a; }\n", "gate g@+ a { g@ a; }\n") + ONE, "100 levels", id="deep"
        ),
        pytest.param(
            "".join(f"gate g{i} a {{ x a; }}\n" for i in range(5001)) + ONE, "5,000", id="definitions"
        ),
        pytest.param(ONE + "u0(1000000000) q[0];", "0 to 100 cycles", id="idle"),
        pytest.param(
            "gate g(t) a { u0(t) a; }\n" + ONE + "g(1e9) q[0];", "0 to 100 cycles", id="idle within"
        ),
        pytest.param(f"gate {'n' * 1001} a {{ x a; }}\n" + ONE, "1,001 characters", id="a long name"),
    ],
)
def test_what_is_too_large_is_refused(body, said, refusal):
    assert said in refusal(HEAD + body).message


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("gate g(t) a { rx(1/t) a; }\n" + ONE + "g(0) q[0];", id="a division by zero"),
        pytest.param("gate g(t) a { rx(ln(t)) a; }\n" + ONE + "g(-1) q[0];", id="a logarithm"),
        pytest.param("gate g a { u0(0.5) a; }\n" + ONE + "g q[0];", id="half a cycle"),
    ],
)
def test_a_definition_that_cannot_be_made_is_a_refusal(body, refusal):
    assert "the OpenQASM 2 text is refused" in refusal(HEAD + body).message


@pytest.mark.parametrize(
    ("body", "operations"),
    [
        pytest.param(ONE + "h q;\n" * 5000, 5000, id="statements"),
        pytest.param("qreg q[500];\ncreg c[500];\nh q;\nmeasure q -> c;\n", 1000, id="registers"),
        pytest.param("gate g a, b { cx a, b; }\nqreg q[3];\nqreg r[3];\ng q, r;\n", 3, id="places of two"),
        pytest.param("qreg q[3];\nh q[0]; barrier q; u0(3) q[0];\n", 3, id="few"),
    ],
)
def test_what_fits_is_read(body, operations):
    assert len(programs.circuit(programs.recognise(HEAD + body)).data) == operations
    assert operations < bounds.MAX_OPERATIONS


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["gate a " * 700_000, "gate a((" * 600_000, "gate a{" * 700_000, "if(" * 1_500_000]
)
def test_hostile_text_is_refused_in_linear_time(text, refusal):
    assert refusal("OPENQASM 2.0;\n" + text)
