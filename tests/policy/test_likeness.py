"""Which runs tell about another one, and which do not."""

from dataclasses import replace

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.program import CircuitProfile
from qjob.policy.likeness import likeness

CATALOGUE = load_catalogue()
SV1, DM1, TN1 = (CATALOGUE.get(slug) for slug in ("sv1", "dm1", "tn1"))


def circuit(qubits=3, *, active=None, terminal=True, **gates):
    layout = BitLayout(qubits, tuple(range(qubits)))
    return CircuitProfile(qubits, active or qubits, layout, qubits, gates or {"rx": 2, "cx": 1}, terminal)


def mark(info=SV1, profile=None, shots=100, options=None, fingerprint="one"):
    return likeness(info, profile or circuit(), shots, options or {}, lambda: fingerprint)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"fingerprint": "another"}, id="other-angles"),
        pytest.param({"profile": circuit(cx=1, rx=2)}, id="gates-told-in-another-order"),
        pytest.param(
            {"profile": replace(circuit(), layout=BitLayout(4, (0, 1, 3)))}, id="other-classical-bits"
        ),
    ],
)
def test_alike(other):
    assert mark() == mark(**other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"info": DM1}, id="backend"),
        pytest.param({"shots": 101}, id="shots"),
        pytest.param({"options": {"a": 1}}, id="options"),
        pytest.param({"profile": circuit(4)}, id="qubits"),
        pytest.param({"profile": circuit(active=2)}, id="qubits-that-matter"),
        pytest.param({"profile": circuit(rx=3, cx=1)}, id="one-gate-more"),
        pytest.param({"profile": circuit(ry=2, cx=1)}, id="another-gate"),
        pytest.param({"profile": circuit(terminal=False)}, id="measured-before-the-end"),
    ],
)
def test_not_alike(other):
    assert mark() != mark(**other)


@pytest.mark.parametrize(
    ("info", "profile"),
    [
        pytest.param(TN1, circuit(), id="no-formula"),
        pytest.param(SV1, circuit(mine=1), id="a-gate-of-the-author's"),
        pytest.param(SV1, circuit(while_loop=1), id="a-loop"),
        pytest.param(SV1, circuit(ccx=1), id="a-wider-gate"),
    ],
)
def test_where_the_shape_does_not_tell_only_the_same_circuit_is_alike(info, profile):
    assert mark(info, profile) == mark(info, profile)
    assert mark(info, profile) != mark(info, profile, fingerprint="another")


@pytest.mark.parametrize(
    "info", [info for info in CATALOGUE if info.slug not in ("sv1", "dm1", "tn1", "ibm-quantum")]
)
def test_what_does_not_bill_time_is_like_nothing(info):
    def never():
        raise AssertionError

    assert likeness(info, circuit(), 100, {}, never) is None
