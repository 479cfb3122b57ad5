"""What a control or a power may be applied to, before qiskit builds what it makes of it."""

import pytest

pytestmark = pytest.mark.timeout(20)
HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[70] q;\n'


def qubits(number):
    return ", ".join(f"q[{i}]" for i in range(number))


def own(number):
    return f"gate g {', '.join(f'a{i}' for i in range(number))} {{ h a0; }} "


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(f"ctrl(8) @ {'ctrl(8) @ ' * 7}h {qubits(65)};", "at least", id="controls of controls"),
        pytest.param(f"ctrl(20) @ ctrl(20) @ x {qubits(41)};", "20 controls are out of range", id="in all"),
        pytest.param(f"{own(20)} pow(0.5) @ g {qubits(20)};", "gate of 20 qubits; at most 8", id="power"),
        pytest.param(
            f"pow(0.5) @ ctrl(19) @ h {qubits(20)};", "gate of 20 qubits; at most 8", id="of controls"
        ),
        pytest.param(
            f"{own(6)} ctrl(14) @ pow(0.5) @ g {qubits(20)};", "matrix of 20 qubits", id="of a power"
        ),
    ],
)
def test_what_would_be_too_large_is_refused(body, said, refusal):
    assert said in refusal(HEAD + body).message
