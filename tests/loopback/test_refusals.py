"""What a device refuses when a task is created, in AWS's words where they are known."""

import re

import pytest
from botocore.exceptions import ClientError
from braket.aws import AwsDevice
from braket.circuits import Circuit
from braket.ir.openqasm import Program

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
DM1 = "arn:aws:braket:::device/quantum-simulator/amazon/dm1"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
EMERALD = "arn:aws:braket:eu-north-1::device/qpu/iqm/Emerald"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
IBEX = "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1"

TWO = "OPENQASM 3.0;\nbit[2] b;\nqubit[2] q;\nh q[0];\ncnot q[0], q[1];\n"
MEASURED = TWO + "b = measure q;\n"
VERBATIM = "OPENQASM 3.0;\n#pragma braket verbatim\nbox{{\n{}\n}}\n"


@pytest.fixture
def refusal(loopback):
    """What CreateQuantumTask says of a program on a device."""

    def ask(arn, source, shots=100):
        with pytest.raises(ClientError) as caught:
            AwsDevice(arn).run(Program(source=source), shots=shots)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert loopback.tasks() == []
        return caught.value.response["Error"]["Message"]

    return ask


@pytest.mark.parametrize(
    ("arn", "source", "message"),
    [
        pytest.param(
            SV1,
            'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[1] q;\nh q[0];\n',
            "No terminal matches '\"' in the current parser context, at line 2 col 9.",
            id="include",
        ),
        pytest.param(
            SV1,
            TWO + "gate g a { h a; }\ng q[0];\n",
            "[line 6] Uses 'gate' which is not supported on device",
            id="gate",
        ),
        pytest.param(
            SV1,
            TWO + "def f(qubit a) { h a; }\n",
            "[line 6] Uses 'def' which is not supported on device",
            id="def",
        ),
        pytest.param(
            SV1,
            TWO + "b[0] = measure q[0];\nif (b[0]) { x q[1]; }\n",
            "[line 7] Uses 'if' which is not supported on device",
            id="if",
        ),
        pytest.param(
            SV1,
            TWO + "for int i in [0:1] { x q[i]; }\n",
            "[line 6] Uses 'for' which is not supported on device",
            id="for",
        ),
        pytest.param(
            SV1,
            TWO + "while (true) { x q[0]; }\n",
            "[line 6] Uses 'while' which is not supported on device",
            id="while",
        ),
        pytest.param(
            GARNET,
            TWO + "reset q[0];\n",
            "[line 6] Uses 'reset' which is not supported on device",
            id="reset",
        ),
        pytest.param(
            SV1, TWO + "ctrl @ x q[0], q[1];\n", "[line 6] uses an unsupported GateModifer: 'ctrl'", id="ctrl"
        ),
        pytest.param(
            SV1, TWO + "inv @ s q[0];\n", "[line 6] uses an unsupported GateModifer: 'inv'", id="inv"
        ),
        pytest.param(
            SV1, TWO + "pow(2) @ s q[0];\n", "[line 6] uses an unsupported GateModifer: 'pow'", id="pow"
        ),
        pytest.param(
            FORTE,
            TWO + "i q[0];\n",
            "[line 6] uses a gate: i which is not supported by the device or defined via a defcal",
            id="a gate of another device",
        ),
        pytest.param(
            SV1,
            TWO + "cx q[0], q[1];\n",
            "[line 6] uses a gate: cx which is not supported by the device or defined via a defcal",
            id="a gate that is called otherwise",
        ),
        pytest.param(
            SV1,
            TWO + "barrier q;\n",
            "[line 6] Uses 'barrier' which is not supported on device",
            id="barrier",
        ),
        pytest.param(
            IBEX,
            TWO + "barrier q;\n",
            "[line 6] Uses 'barrier' which is not supported on device",
            id="barrier on AQT",
        ),
        pytest.param(
            EMERALD,
            "OPENQASM 3.0;\nqubit[54] q;\nh q;\n",
            "Used 54 qubits, which is more than the device qubit count of 49",
            id="fewer qubits than the device tells",
        ),
        pytest.param(
            DM1,
            "OPENQASM 3.0;\nqubit[18] q;\nh q;\n",
            "Used 18 qubits, which is more than the device qubit count of 17",
            id="too many qubits",
        ),
        pytest.param(
            SV1,
            "OPENQASM 3;\nqubit[4] q;\nh q[0];\ncnot q[0], q[2];\n",
            "Device requires contiguous qubits. Qubit register q has unused qubits q[1], q[3].",
            id="qubits not used",
        ),
        pytest.param(
            GARNET,
            "OPENQASM 3;\nqubit[2] q;\ncnot q[0], $1;\n",
            "[line 3] mixes physical qubits and qubits registers.",
            id="physical and virtual qubits",
        ),
        pytest.param(
            SV1,
            MEASURED + "#pragma braket result expectation x(q[0])\n",
            "Qubits should not be explicitly measured when result types are requested.",
            id="measured and a result type",
        ),
        pytest.param(
            SV1,
            "OPENQASM 3;\nqubit[2] q0;\nqubit[2] q1;\n",
            "[line 3] cannot declare a qubit register. Only 1 qubit register is supported.",
            id="two registers",
        ),
        pytest.param(
            GARNET,
            VERBATIM.format("x $1;"),
            "In verbatim boxes, native gates are required. x is not a device native gate.",
            id="verbatim without native gates",
        ),
        pytest.param(
            GARNET,
            VERBATIM.format("cz $1, $20;"),
            "[line 4] uses disconnected qubits 1 and 20",
            id="disconnected",
        ),
        pytest.param(
            SV1,
            TWO + "#pragma braket noise bit_flip(0.1) q[0]\n",
            "[line 6] uses the pragma braket_noise_bit_flip which is forbidden on device",
            id="noise",
        ),
        pytest.param(
            GARNET,
            TWO + "b[0] = measure q[0];\nx q[0];\n",
            "[line 7] uses a qubit after it is measured, which is not supported on device",
            id="measured in the middle",
        ),
        pytest.param(
            CEPHEUS,
            TWO + "#pragma braket result state_vector\n",
            "Result type statevector is not supported on device",
            id="a result type of simulators",
        ),
        pytest.param(
            SV1,
            TWO + "#pragma braket result state_vector\n",
            "Result type statevector is not supported with 100 shots",
            id="exact results with shots",
        ),
        pytest.param(
            SV1,
            TWO + "cnot q[0:1];\n",
            "[line 6] uses an array operation which is not supported on device",
            id="a slice",
        ),
    ],
)
def test_a_program_is_refused(refusal, arn, source, message):
    assert refusal(arn, source) == message


@pytest.mark.parametrize(
    ("arn", "shots", "low", "high"),
    [
        pytest.param(SV1, 100_001, 0, 100_000, id="SV1"),
        pytest.param(FORTE, 99, 100, 5000, id="IonQ, too few"),
        pytest.param(FORTE, 8192, 100, 5000, id="IonQ, too many"),
        pytest.param(GARNET, 0, 1, 20_000, id="IQM"),
        pytest.param(CEPHEUS, 9, 10, 50_000, id="Rigetti"),
        pytest.param(IBEX, 8192, 1, 2000, id="AQT"),
    ],
)
def test_shots_are_refused(refusal, arn, shots, low, high):
    assert refusal(arn, MEASURED, shots) == (
        f"Shot count should be between {low} and {high} on {arn}, but found {shots}."
    )


def test_a_text_that_is_no_program_is_refused(refusal):
    assert refusal(SV1, "OPENQASM 3.0;\nh q[;").startswith("The program cannot be parsed")


def test_no_shots_and_no_result_type_is_refused(refusal):
    assert "shots is 0" in refusal(SV1, TWO, 0)


def test_a_bucket_that_is_not_there_is_refused(loopback):
    with pytest.raises(
        ClientError, match=re.escape("Caller doesn't have access to not-mine or it doesn't exist.")
    ):
        AwsDevice(SV1).run(Circuit().h(0), ("not-mine", "tasks"), shots=10)
    assert loopback.tasks() == []


def test_a_program_of_another_kind_is_refused(loopback):
    from braket.program_sets import ProgramSet

    with pytest.raises(ClientError, match=r"Action braket\.ir\.openqasm\.program_set is not supported"):
        AwsDevice(SV1).run(ProgramSet([Circuit().h(0)], shots_per_executable=10))
    assert loopback.tasks() == []
