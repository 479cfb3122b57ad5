"""What the noise options mean, as numbers."""

import math

import pytest

from qjob.backends.aer.noise import IDEAL, PRESETS, NoiseParameters, depolarizing, noise_of
from qjob.catalog.loader import load_catalogue
from qjob.model.errors import InvalidOption


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, IDEAL, id="nothing"),
        pytest.param(
            {"readout_error": 0.1}, NoiseParameters(readout_01=0.1, readout_10=0.1), id="readout both ways"
        ),
        pytest.param({"readout_error_01": 0.1}, NoiseParameters(readout_01=0.1), id="readout one way"),
        pytest.param(
            {"readout_error": 0.1, "readout_error_10": 0.3},
            NoiseParameters(readout_01=0.1, readout_10=0.3),
            id="one way wins over both",
        ),
        pytest.param({"t1": 50}, NoiseParameters(t1=50.0, t2=100.0), id="t2 is 2 T1 unless given"),
        pytest.param({"t2": 30.0}, NoiseParameters(t2=30.0), id="dephasing alone"),
        pytest.param({"t1": 50.0, "t2": 100.0}, NoiseParameters(t1=50.0, t2=100.0), id="t2 at its limit"),
        pytest.param(
            {"preset": "trapped-ion", "t1": 1.0}, None, id="a preset's t2 gives way to a shorter t1"
        ),
    ],
)
def test_options_become_parameters(given, expected):
    noise = noise_of(given, {})
    if expected is None:
        assert (noise.t1, noise.t2) == (1.0, 2.0)
    else:
        assert noise == expected


def test_what_is_given_wins_over_the_preset_and_the_preset_over_defaults():
    defaults = {"gate_time_1q": 50.0, "gate_time_2q": 300.0}
    noise = noise_of({"preset": "superconducting", "gate_error_2q": 0.1, "readout_error": 0.2}, defaults)
    assert noise.gate_error_2q == 0.1
    assert (noise.readout_01, noise.readout_10) == (0.2, 0.2)
    assert noise.gate_time_1q == PRESETS["superconducting"]["gate_time_1q"] != defaults["gate_time_1q"]


@pytest.mark.parametrize(
    ("given", "t1", "t2"),
    [({"t1": 10.0, "t2": 20.1}, 10, 20.1), ({"preset": "superconducting", "t2": 500.0}, 100, 500)],
    ids=["both given", "t1 of the preset"],
)
def test_t2_above_twice_t1_is_refused_with_numbers(given, t1, t2):
    with pytest.raises(InvalidOption, match=rf"t2={t2:g} us .* 2 T1 = {2 * t1:g} us") as caught:
        noise_of(given, {})
    assert caught.value.numbers == {"t1": t1, "t2": t2, "t2_max": 2 * t1}
    assert f"t2={2 * t1:g} or less" in caught.value.remedy


@pytest.mark.parametrize(
    ("infidelity", "qubits", "parameter"),
    [(0.0, 1, 0.0), (0.01, 1, 0.02), (0.5, 1, 1.0), (0.03, 2, 0.04), (0.75, 2, 1.0)],
)
def test_infidelity_becomes_the_depolarizing_parameter(infidelity, qubits, parameter):
    assert depolarizing(infidelity, qubits) == pytest.approx(parameter)


@pytest.mark.parametrize(
    ("noise", "on_gates", "on_readout"),
    [
        (IDEAL, False, False),
        (NoiseParameters(readout_01=0.1), False, True),
        (NoiseParameters(gate_error_1q=0.1), True, False),
        (NoiseParameters(t2=5.0), True, False),
        (NoiseParameters(gate_time_1q=5.0), False, False),
    ],
)
def test_what_noise_acts_on(noise, on_gates, on_readout):
    assert (noise.on_gates, noise.on_readout) == (on_gates, on_readout)


def test_perfect_readout_keeps_the_rest():
    noise = NoiseParameters(gate_error_1q=0.1, readout_01=0.1, readout_10=0.2)
    assert noise.without_readout() == NoiseParameters(gate_error_1q=0.1)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fits_the_catalogue(name):
    info = load_catalogue().get("qb-sim-noisy-aer")
    assert info.parse_options(PRESETS[name]) == dict(PRESETS[name])
    assert info.parse_options({"preset": name}) == {"preset": name}
    noise = noise_of({"preset": name}, {})
    assert noise.on_gates
    assert noise.t2 <= 2 * noise.t1


def test_the_description_names_what_is_not_ideal():
    assert IDEAL.describe() == {}
    assert NoiseParameters(readout_10=0.1).describe() == {"readout_error_10": 0.1}
    assert NoiseParameters(t1=math.inf, t2=3.0).describe() == {
        "t2": 3.0,
        "gate_time_1q": 50.0,
        "gate_time_2q": 300.0,
    }
