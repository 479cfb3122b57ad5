"""Which circuit a piece of code means."""

import pytest
from braket.circuits import Circuit
from qiskit import QuantumCircuit

from qjob.model.errors import CodeRefused
from qjob.sandbox.chosen import choose

A, B, C = (QuantumCircuit(1, name=name) for name in "abc")
BRAKET = Circuit().h(0)
TEXT = "OPENQASM 3.0; qubit q;"


@pytest.mark.parametrize(
    ("last", "names", "meant", "single"),
    [
        pytest.param(A, {}, [A], True, id="last-expression"),
        pytest.param(B, {"a": A, "b": B}, [B], True, id="last-expression-of-several"),
        pytest.param([A, B], {"a": A, "b": B, "c": C}, [A, B], False, id="last-expression-is-a-list"),
        pytest.param((A,), {}, [A], False, id="last-expression-is-a-tuple-of-one"),
        pytest.param(TEXT, {"a": A}, [TEXT], True, id="last-expression-is-text"),
        pytest.param([TEXT, A], {}, [TEXT, A], False, id="text-and-circuit-in-a-list"),
        pytest.param(None, {"qc": A}, [A], True, id="one-name"),
        pytest.param(3, {"qc": A, "n": 3, "numbers": [1, 2]}, [A], True, id="one-name-beside-other-things"),
        pytest.param(None, {"qc": A, "copy": A}, [A], True, id="two-names-of-one-circuit"),
        pytest.param(None, {"_old": B, "qc": A}, [A], True, id="names-with-an-underscore-do-not-count"),
        pytest.param(None, {"all": [A, B]}, [A, B], False, id="one-list"),
        pytest.param(None, {"all": [A, B], "qc": B}, [A, B], False, id="a-list-and-its-last-member"),
        pytest.param(None, {"bell": BRAKET}, [BRAKET], True, id="braket"),
        pytest.param(None, {"text": TEXT}, [TEXT], True, id="one-text"),
        pytest.param(None, {"text": TEXT, "qc": A}, [A], True, id="a-text-beside-a-circuit-is-its-source"),
        pytest.param(None, {"texts": [TEXT, TEXT]}, [TEXT, TEXT], False, id="one-list-of-texts"),
    ],
)
def test_what_is_meant(last, names, meant, single):
    chosen = choose(last, names)
    assert list(chosen.circuits) == meant
    assert chosen.single is single


@pytest.mark.parametrize(
    ("last", "names", "message", "named"),
    [
        pytest.param(None, {}, "makes no circuit: no name is bound", None, id="none"),
        pytest.param(4, {"n": 4}, "makes no circuit: no name is bound", None, id="a-number"),
        pytest.param([], {}, "an empty list", None, id="empty-list"),
        pytest.param([A, 3], {}, "not everything is one", None, id="a-list-with-something-else"),
        pytest.param(None, {"a": A, "b": B}, "makes 2 circuits.*: a, b", ["a", "b"], id="two"),
        pytest.param(
            None, {"all": [A], "b": B}, "makes 2 circuits.*: all, b", ["all", "b"], id="list-and-another"
        ),
        pytest.param(
            None, {"s": TEXT, "t": TEXT + " "}, "makes 2 circuits.*: s, t", ["s", "t"], id="two-texts"
        ),
    ],
)
def test_what_is_refused(last, names, message, named):
    with pytest.raises(CodeRefused, match=message) as caught:
        choose(last, names)
    assert caught.value.numbers.get("circuits") == named
    assert "End the code with" in caught.value.remedy
