"""Which circuits a cell has made."""

import pytest
from qiskit import QuantumCircuit

from qjob.notebook.found import circuits_in, is_circuit, made_here, may_be_program, no_circuit


class Derived(QuantumCircuit):
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(QuantumCircuit(1), True, id="qiskit"),
        pytest.param(Derived(1), True, id="a subclass"),
        pytest.param(QuantumCircuit(1).draw(), False, id="a drawing"),
        pytest.param(QuantumCircuit, False, id="the class itself"),
        pytest.param("OPENQASM 3;", False, id="text"),
        pytest.param(None, False, id="None"),
    ],
)
def test_is_circuit(value, expected):
    assert is_circuit(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(QuantumCircuit(1), True, id="a circuit"),
        pytest.param("OPENQASM 3;", True, id="OpenQASM"),
        pytest.param("hello", False, id="other text"),
        pytest.param([], True, id="a list, refused with its reason"),
        pytest.param(None, False, id="None"),
        pytest.param(3.5, False, id="a number"),
    ],
)
def test_may_be_program(value, expected):
    assert may_be_program(value) is expected


def test_made_here_finds_new_and_rebound_names_alone():
    old, kept = QuantumCircuit(1), QuantumCircuit(1)
    before = circuits_in({"a": old, "k": kept, "_": old, "n": 3})
    assert before == {"a": id(old), "k": id(kept)}
    after = {"a": QuantumCircuit(2), "k": kept, "b": QuantumCircuit(1), "n": 3}
    assert made_here(after, before) == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "made", "says"),
    [
        pytest.param(None, [], "End the cell with a circuit", id="none made"),
        pytest.param(None, ["qc"], "made one circuit, qc", id="one made"),
        pytest.param(3, ["a", "b"], "made 2 circuits, a and b", id="two made"),
    ],
)
def test_the_message_names_what_the_cell_made(value, made, says):
    error = no_circuit(value, made)
    assert says in error.remedy
    assert error.numbers["circuits"] == made
