"""What stands in for a device, with which noise, and what is said about it."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.aer.noise import PRESETS
from qjob.backends.aer.options import options_of
from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.device import DeviceFacts, TypicalErrors
from qjob.model.errors import BackendRefused
from qjob.model.program import CircuitProfile
from qjob.policy.rehearsal import PLATFORMS, rehearsal_of

CATALOGUE = load_catalogue()
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ERRORS = TypicalErrors(gate_1q=0.001, gate_2q=0.0085, readout=0.025, t1=40.0, t2=20.0)
AS_WRITTEN = (
    "All qubits are alike, without crosstalk, and the circuit runs as it is written: what compiling it to "
    "the gates of {} adds in gates and errors is left out."
)
HELD = (
    "Gate errors are average infidelities by randomized benchmarking, run as depolarizing noise; they hold "
    "what decays during a gate, so T1 and T2 act in delays alone."
)


def profile(qubits=2, **gates):
    return CircuitProfile(qubits, qubits, BitLayout(1, (0,)), 1, gates or {"h": 1}, terminal=True)


def facts(errors=ERRORS, **changes):
    return DeviceFacts(
        "arn", AT, calibrated_at=datetime(2026, 11, 19, 4, tzinfo=UTC), errors=errors, **changes
    )


def rehearse(slug, told=None, circuit=None):
    return rehearsal_of(CATALOGUE.get(slug), told, circuit or profile(), CATALOGUE.get)


@pytest.mark.parametrize(
    ("slug", "circuit", "twin", "said"),
    [
        pytest.param("sv1", profile(), "marqov-sim",
            "marqov-sim stands in for sv1: it is an ideal simulator too, so both draw from the same distribution.",
            id="ideal"),
        pytest.param("dm1", profile(h=1, kraus=3), "qb-sim-noisy-aer",
            "qb-sim-noisy-aer stands in for dm1: it runs the noise channels of the program itself and adds none, "
            "so both draw from the same distribution.", id="the program's own noise"),
        pytest.param("dm1", profile(), "qb-sim-noisy-aer", "qb-sim-noisy-aer stands in for dm1: it runs the noise "
            "channels of the program itself and adds none, so both draw from the same distribution.", id="no noise"),
        pytest.param("sv1", profile(34), "marqov-sim",
            "marqov-sim stands in for sv1: it is an ideal simulator too, so both draw from the same distribution.",
            id="what this machine has no memory for is refused by its own simulator"),
    ],
)  # fmt: skip
def test_a_simulator(slug, circuit, twin, said):
    found = rehearse(slug, None, circuit)
    assert (found.backend, dict(found.options), found.sentences, found.exact) == (twin, {}, (said,), True)


MEASURED = {
    "gate_error_1q": 0.001,
    "gate_error_2q": 0.0085,
    "readout_error": 0.025,
    "t1": 40.0,
    "t2": 20.0,
    "gate_time_1q": 0.0,
    "gate_time_2q": 0.0,
}


def without(*names, **changes):
    return {name: value for name, value in {**MEASURED, **changes}.items() if name not in names}


@pytest.mark.parametrize(
    ("errors", "options"),
    [
        pytest.param(ERRORS, MEASURED, id="a calibration"),
        pytest.param(replace(ERRORS, gate_time_1q=40.0, gate_time_2q=100.0), MEASURED,
            id="what decays in gates is in their errors already"),
        pytest.param(replace(ERRORS, readout_01=0.01, readout_10=0.04),
            without("readout_error", readout_error_01=0.01, readout_error_10=0.04), id="readout of each state"),
        pytest.param(replace(ERRORS, readout_01=0.01), MEASURED, id="readout of one state alone"),
        pytest.param(replace(ERRORS, t1=None), without("t1"), id="no T1"),
        pytest.param(replace(ERRORS, t1=None, t2=None), without("t1", "t2"), id="no relaxation"),
        pytest.param(replace(ERRORS, t2=100.0), {**MEASURED, "t2": 80.0}, id="T2 is at most 2 T1"),
        pytest.param(replace(ERRORS, t1=1e16, t2=1e12), {**MEASURED, "t1": 1e9, "t2": 1e9}, id="within the bounds"),
        pytest.param(replace(ERRORS, readout=None), {"preset": "superconducting", **without("readout_error")},
            id="no readout: the platform's"),
        pytest.param(replace(ERRORS, gate_2q=None, t2=None),
            {"preset": "superconducting", **without("gate_error_2q", "t1", "t2")},
            id="half of the relaxation is dropped"),
        pytest.param(TypicalErrors(readout=0.02), {"preset": "superconducting", "readout_error": 0.02},
            id="readout alone"),
        pytest.param(TypicalErrors(t1=40.0, t2=20.0), {"preset": "superconducting"}, id="relaxation alone"),
        pytest.param(TypicalErrors(), {"preset": "superconducting"}, id="nothing"),
    ],
)  # fmt: skip
def test_the_noise_of_a_device(errors, options):
    found = rehearse("iqm-garnet", facts(errors))
    assert (found.backend, dict(found.options), found.exact) == ("qb-sim-noisy-aer", options, False)


def test_what_is_said_of_a_calibration():
    first, second, last = rehearse("iqm-garnet", facts(edges=((1, 2),))).sentences
    assert first == (
        "qb-sim-noisy-aer stands in for iqm-garnet with the mean errors of its calibration of 2026-11-19: one-qubit "
        "gates 0.1 %, two-qubit gates 0.85 %, readout 2.5 %, T1 40 us, T2 20 us."
    )
    assert (second, last) == (HELD, AS_WRITTEN.format("iqm-garnet and to the pairs of qubits it couples"))


@pytest.mark.parametrize(
    ("t1", "t2", "said"),
    [
        (40.43127946, 17.04971292, "T1 40.43 us, T2 17.05 us"),
        (1.1e6, 3.5e5, "T1 1.1 s, T2 350 ms"),
        (1e8, None, "T1 100 s"),
    ],
)
def test_times_are_said_in_their_unit(t1, t2, said):
    [first, *_] = rehearse("ionq-forte-1", facts(replace(ERRORS, t1=t1, t2=t2))).sentences
    assert first.endswith(f"readout 2.5 %, {said}.")


def test_options_have_the_digits_that_people_read():
    told = replace(ERRORS, gate_1q=1 - 0.9998, gate_2q=0.00640000000003, t1=40.43127946000781)
    options = rehearse("iqm-garnet", facts(told)).options
    assert (options["gate_error_1q"], options["gate_error_2q"], options["t1"]) == (0.0002, 0.0064, 40.43)


def test_what_is_said_where_a_part_is_not_known():
    told = facts(replace(ERRORS, gate_2q=None, readout_01=0.01, readout_10=0.04, t1=None, t2=None))
    first, *rest = rehearse("ionq-forte-1", replace(told, calibrated_at=None)).sentences
    assert first == (
        "qb-sim-noisy-aer stands in for ionq-forte-1 with the mean errors that it told on 2026-11-20: one-qubit "
        "gates 0.1 %, 0 read as 1 in 1 %, 1 read as 0 in 4 %. That of two-qubit gates is not known: it is the preset "
        "trapped-ion's, of that platform's order of magnitude."
    )
    held = HELD.replace(", so T1 and T2 act in delays alone", "")
    assert rest == [held, AS_WRITTEN.format("ionq-forte-1")]


@pytest.mark.parametrize(
    ("slug", "preset"),
    [
        ("ionq-forte-1", "trapped-ion"),
        ("aqt-ibex-q1", "trapped-ion"),
        ("quantinuum-h2-1", "trapped-ion"),
        ("iqm-emerald", "superconducting"),
        ("rigetti-cepheus-1-108q", "superconducting"),
        ("ibm-quantum", "superconducting"),
    ],
)
def test_a_device_that_was_never_asked(slug, preset):
    found = rehearse(slug)
    assert dict(found.options) == {"preset": preset}
    first, last = found.sentences
    assert first == (
        f"qb-sim-noisy-aer stands in for {slug} with the preset {preset}: round numbers of that platform's order of "
        "magnitude and of no particular device, since no calibration of it is known here."
    )
    assert last == AS_WRITTEN.format(slug)


def test_every_quantum_computer_of_the_catalogue_has_a_platform():
    assert {row.qrn.split(":")[1] for row in CATALOGUE if ":qpu:" in row.qrn} <= PLATFORMS.keys()
    assert set(PLATFORMS.values()) <= PRESETS.keys()


UNKNOWN = replace(CATALOGUE.get("iqm-garnet"), slug="new-one", qrn="aws:new:qpu:one")


def test_a_vendor_that_nobody_knows_needs_a_calibration():
    found = rehearsal_of(UNKNOWN, facts(), profile(), CATALOGUE.get)
    assert dict(found.options) == MEASURED
    with pytest.raises(BackendRefused, match="nothing on this machine is like new-one") as caught:
        rehearsal_of(UNKNOWN, facts(replace(ERRORS, gate_2q=None)), profile(), CATALOGUE.get)
    assert caught.value.remedy.startswith(
        "Choose the noise yourself: --backend qb-sim-noisy-aer --option gate_error_2q="
    )


@pytest.mark.parametrize(
    ("slug", "circuit", "message", "remedy"),
    [
        pytest.param("marqov-sim", profile(), "marqov-sim runs on this machine: there is nothing to rehearse.",
            "Leave --rehearse out.", id="local"),
        pytest.param("rigetti-cepheus-1-108q", profile(31),
            "the circuit needs 31 qubits; qb-sim-noisy-aer, which stands in for rigetti-cepheus-1-108q, takes at "
            "most 30.",
            "Rehearse a smaller circuit of its kind, of at most 30 qubits. Or run it without noise, if its "
            "entanglement is low: --backend qb-sim-tensor-network", id="too wide"),
        pytest.param("rigetti-cepheus-1-108q", profile(201),
            "the circuit needs 201 qubits; qb-sim-noisy-aer, which stands in for rigetti-cepheus-1-108q, takes at "
            "most 30.",
            "Rehearse a smaller circuit of its kind, of at most 30 qubits.", id="too wide for any"),
        pytest.param("dm1", profile(31, kraus=1),
            "the circuit needs 31 qubits; qb-sim-noisy-aer, which stands in for dm1, takes at most 30.",
            "Rehearse a smaller circuit of its kind, of at most 30 qubits.", id="noise of its own stays noise"),
    ],
)  # fmt: skip
def test_refused(slug, circuit, message, remedy):
    with pytest.raises(BackendRefused) as caught:
        rehearse(slug, facts(), circuit)
    assert (caught.value.message, caught.value.remedy) == (message, remedy)


ERROR = st.none() | st.floats(0, 1)
TIME = st.none() | st.floats(1e-12, 1e18)


@given(st.builds(TypicalErrors, ERROR, ERROR, ERROR, ERROR, ERROR, TIME, TIME, TIME, TIME))
def test_the_simulator_takes_whatever_comes_out(errors):
    twin = CATALOGUE.get("qb-sim-noisy-aer")
    options = rehearse("iqm-garnet", facts(errors)).options
    assert twin.parse_options(options) == dict(options)
    noise = options_of(twin, options).noise
    assert noise.t2 <= 2 * noise.t1 or noise.t1 == math.inf


@pytest.mark.parametrize(("gate", "qubits", "error"), [("x", 1, 0.001), ("cz", 2, 0.0085)])
def test_a_simulated_gate_has_the_measured_error(gate, qubits, error):
    from qiskit.quantum_info import Operator, SuperOp, average_gate_fidelity

    from qjob.backends.aer.noise_model import noise_model

    options = rehearse("iqm-garnet", facts(replace(ERRORS, gate_time_1q=40.0, gate_time_2q=100.0))).options
    model = noise_model(options_of(CATALOGUE.get("qb-sim-noisy-aer"), options).noise)
    channel = SuperOp(model._default_quantum_errors[gate])
    assert 1 - average_gate_fidelity(channel, Operator.from_label("I" * qubits)) == pytest.approx(error)
