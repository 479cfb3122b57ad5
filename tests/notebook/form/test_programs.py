"""What a notebook offers as a program, and what becomes of what is chosen."""

import pytest
from qiskit import QuantumCircuit

from qjob.model.errors import InvalidRequest
from qjob.notebook.form.programs import GIVEN, TEXT, Given, choices, key_of, name_of, program_of
from qjob.notebook.form.state import FormState

QC = QuantumCircuit(1, 1)
NAMESPACE = {
    "qc": QC,
    "sweep": [QC, QC],
    "text": "OPENQASM 2.0;",
    "numbers": [1, 2],
    "nothing": [],
    "word": "qc",
    "_": QC,
    "Out": {},
    "In": ["OPENQASM 2.0;"],
}


def test_circuits_lists_of_them_and_openqasm_are_offered_by_name():
    assert [key for _, key in choices(NAMESPACE)] == ["qc", "sweep", "text", TEXT]
    assert ("sweep: a list of 2, submitted as a batch", "sweep") in choices(NAMESPACE)
    assert choices({}, Given(QC, "the circuit of job 3f2a91bc"))[0] == ("the circuit of job 3f2a91bc", GIVEN)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        pytest.param("qc", "", QC, id="a variable"),
        pytest.param(TEXT, "OPENQASM 3.0;", "OPENQASM 3.0;", id="text"),
        pytest.param(GIVEN, "", "given", id="what it was given"),
    ],
)
def test_a_key_stands_for_a_program(key, text, expected):
    assert program_of(key, text, NAMESPACE, Given("given", "that")) is expected


@pytest.mark.parametrize(
    ("key", "says"),
    [
        pytest.param("gone", "no variable 'gone' any more", id="a variable that is gone"),
        pytest.param(TEXT, "no program yet", id="no text"),
    ],
)
def test_what_is_not_there_is_told(key, says):
    with pytest.raises(InvalidRequest, match=says) as error:
        program_of(key, " ", NAMESPACE, None)
    assert error.value.remedy


@pytest.mark.parametrize(
    ("state", "given", "key"),
    [
        pytest.param(FormState("qc"), None, "qc", id="a variable"),
        pytest.param(FormState(), None, TEXT, id="nothing"),
        pytest.param(FormState(), Given(QC, "it"), GIVEN, id="a circuit without a name"),
        pytest.param(FormState("f(3)"), Given(QC, "it", "f(3)"), GIVEN, id="an expression"),
        pytest.param(FormState("qc"), Given(QC, "it"), "qc", id="a variable wins over what was given"),
    ],
)
def test_the_key_of_a_state(state, given, key):
    assert key_of(state, given) == key


def test_a_variable_is_named_by_the_object_itself():
    assert name_of(NAMESPACE, QC) == "qc"
    assert name_of(NAMESPACE, QC.copy()) == ""
