"""What no simulator can run is refused with its remedy."""

import math

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter, ParameterVector
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Kraus
from qiskit_aer import library

from qjob import programs
from qjob.model.errors import ProgramRefused

assert library, "importing it gives circuits their save_ methods"


def measured(num_qubits=1):
    made = QuantumCircuit(num_qubits)
    made.measure_all()
    return made


def rotated(*angles):
    made = QuantumCircuit(1)
    for angle in angles:
        made.rx(angle, 0)
    made.measure_all()
    return made


def with_gate(gate, *, inside=False):
    made = QuantumCircuit(1)
    made.append(gate, [0])
    if inside:
        outer = QuantumCircuit(1)
        outer.append(made.to_gate(), [0])
        made = outer
    made.measure_all()
    return made


def with_input():
    made = measured()
    made.add_input("level", types.Uint(4))
    return made


def with_timed_box():
    made = QuantumCircuit(1)
    with made.box(duration=100, unit="ns"):
        made.x(0)
    made.measure_all()
    return made


def with_plain_box():
    made = QuantumCircuit(1)
    with made.box():
        made.x(0)
    made.measure_all()
    return made


def saved():
    made = QuantumCircuit(1)
    made.save_statevector()
    made.measure_all()
    return made


@pytest.mark.parametrize(
    ("made", "said", "remedy"),
    [
        pytest.param(QuantumCircuit(2), "measures nothing", "qc.measure_all()", id="no-measurement"),
        pytest.param(QuantumCircuit(0, 1), "no qubits", "QuantumCircuit(2)", id="no-qubits"),
        pytest.param(
            rotated(Parameter("theta"), Parameter("alpha")),
            "2 unbound parameters: alpha, theta.",
            'qc.assign_parameters({"alpha": 0.5})',
            id="unbound",
        ),
        pytest.param(rotated(*ParameterVector("p", 12)), "p[7] and 4 more", "p[0]", id="many-unbound"),
        pytest.param(with_input(), "1 input variable without a value: level", "add_var", id="input-variable"),
        pytest.param(
            with_gate(Gate("mystery", 1, [])), "'mystery' has no definition", "definition", id="opaque"
        ),
        pytest.param(
            with_gate(Gate("mystery", 1, []), inside=True),
            "'mystery' has no definition",
            "",
            id="opaque-inside",
        ),
        pytest.param(
            with_gate(Gate("x", 1, [])),
            "'x' has no definition",
            "",
            id="opaque-with-a-known-name",
        ),
        pytest.param(with_timed_box(), "box with a duration", "without the box", id="timed-box"),
        pytest.param(saved(), "'save_statevector' belongs to one simulator", "statevector=true", id="save"),
        pytest.param(
            "OPENQASM 2.0;\nopaque foo a;\nqreg q[1];\ncreg c[1];\nfoo q[0];\nmeasure q -> c;",
            "'foo' has no definition",
            "opaque",
            id="opaque-text",
        ),
    ],
)
def test_what_cannot_run_is_refused(made, said, remedy):
    forms = [programs.circuit(programs.recognise(made))]
    forms += (
        [made] if isinstance(made, QuantumCircuit) else []
    )  # as the user has it, without storing it first
    for circuit in forms:
        with pytest.raises(ProgramRefused) as caught:
            programs.check(circuit, programs.profile(circuit))
        assert said in caught.value.message
        assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(measured(), id="plain"),
        pytest.param(rotated(Parameter("a")).assign_parameters({"a": 0.1}), id="bound"),
        pytest.param(with_gate(Kraus([[[1, 0], [0, 1]]]).to_instruction()), id="channel"),
        pytest.param(with_plain_box(), id="plain-box"),
        pytest.param(measured(200), id="too-wide-is-the-backends-business"),
    ],
)
def test_what_can_run_passes(made):
    for circuit in (made, programs.circuit(programs.recognise(made))):
        programs.check(circuit, programs.profile(circuit))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("nested", [False, True], ids=["at the top", "inside control flow"])
def test_an_angle_that_is_no_number_is_refused(value, nested):
    qc = QuantumCircuit(2, 2)
    qc.measure(0, 0)
    if nested:
        with qc.if_test((qc.clbits[0], 1)):
            qc.rx(value, 1)
    else:
        qc.rx(value, 1)
    qc.measure(1, 1)
    with pytest.raises(ProgramRefused, match=r"rx has the parameter (nan|inf|-inf)"):
        programs.check(qc, programs.profile(qc))


def test_a_matrix_with_what_is_no_number_is_refused():
    qc = QuantumCircuit(1)
    qc.append(UnitaryGate([[1, 0], [0, math.nan]], check_input=False), [0])
    qc.measure_all()
    with pytest.raises(ProgramRefused, match="unitary has a matrix with an entry that is no number"):
        programs.check(qc, programs.profile(qc))


def test_a_local_classical_variable_is_refused():
    qc = QuantumCircuit(1, 1)
    qc.add_var("flag", expr.lift(False))  # noqa: FBT003 - qiskit's own signature
    qc.measure(0, 0)
    with pytest.raises(ProgramRefused, match=r"1 local classical variable.*flag"):
        programs.check(qc, programs.profile(qc))
