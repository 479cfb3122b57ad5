"""What a device refuses by the profile alone: a truth table, and that the kernel needs no quantum library for it."""

import subprocess
import sys

import pytest

from qjob.backends.braket.limits import refuse_profile
from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.errors import BackendRefused, ProgramRefused
from qjob.model.program import CircuitProfile

BRAKETS = [row.slug for row in load_catalogue() if row.adapter == "braket"]


def profile(*gates, qubits=2, terminal=True, measured=(0, 1)):
    layout = BitLayout(qubits, measured)
    return CircuitProfile(
        qubits + 5, qubits, layout, len(measured), dict.fromkeys(("h", *gates), 3), terminal
    )


def refusal(slug, circuit):
    with pytest.raises(BackendRefused) as caught:
        refuse_profile(load_catalogue().get(slug), circuit)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("slug", BRAKETS)
@pytest.mark.parametrize(
    "circuit",
    [
        profile("cx", "measure"),
        profile("barrier", "own gate"),
        profile("reset"),
        profile("initialize", qubits=11),
    ],
    ids=["gates", "barriers and own gates", "reset of fresh qubits", "initialize of fresh qubits"],
)
def test_what_every_device_takes(slug, circuit):
    refuse_profile(load_catalogue().get(slug), circuit)


@pytest.mark.parametrize("slug", BRAKETS)
@pytest.mark.parametrize(
    ("circuit", "said"),
    [
        (profile("if_else", terminal=False), "no control flow (if_else)"),
        (profile("while_loop", "for_loop", terminal=False), "no control flow (for_loop, while_loop)"),
        (profile("switch_case", terminal=False), "no control flow (switch_case)"),
        (profile("reset", terminal=False), "the circuit has reset"),
        (profile("reset", "initialize", terminal=False), "the circuit has reset and initialize"),
        (profile("measure", terminal=False), "measures at the end only"),
    ],
)
def test_what_no_device_takes(slug, circuit, said):
    error = refusal(slug, circuit)
    assert said in error.message
    assert slug in error.message
    assert "--backend marqov-sim" in error.remedy


@pytest.mark.parametrize("slug", BRAKETS)
def test_a_circuit_that_measures_nothing_is_no_program(slug):
    with pytest.raises(ProgramRefused, match="measures nothing"):
        refuse_profile(load_catalogue().get(slug), profile("h", terminal=False, measured=()))


@pytest.mark.parametrize(
    ("slug", "most"),
    [("sv1", 34), ("dm1", 17), ("ionq-forte-1", 36), ("iqm-garnet", 20), ("aqt-ibex-q1", 12)],
)
def test_too_many_qubits(slug, most):
    row = load_catalogue().get(slug)
    refuse_profile(row, profile(qubits=most))
    error = refusal(slug, profile(qubits=most + 1))
    assert error.numbers == {"qubits": most + 1, "max_qubits": most}
    assert f"needs {most + 1} qubits, {slug} has {most}" in error.message


@pytest.mark.parametrize("slug", BRAKETS)
def test_noise_runs_on_a_density_matrix_only(slug):
    row = load_catalogue().get(slug)
    if slug == "dm1":
        refuse_profile(row, profile("kraus"))
        return
    error = refusal(slug, profile("kraus"))
    assert "noise channels (kraus)" in error.message
    assert "--backend dm1" in error.remedy


@pytest.mark.parametrize("name", ["superop", "quantum_channel"])
def test_noise_has_to_be_kraus_operators(name):
    error = refusal("dm1", profile(name))
    assert name in error.message
    assert "Kraus" in error.remedy


@pytest.mark.parametrize("slug", BRAKETS)
def test_delays_are_refused_where_time_passes(slug):
    if slug in {"sv1", "dm1", "tn1"}:
        refuse_profile(load_catalogue().get(slug), profile("delay"))
    else:
        assert "no delays" in refusal(slug, profile("delay")).message


def test_the_kernel_loads_nothing_heavy_for_it():
    heavy = "qiskit", "qiskit_aer", "braket", "boto3"
    check = f"import sys; import qjob.backends.braket.limits; print([m for m in {heavy} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
