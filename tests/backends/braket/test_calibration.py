"""Fidelities become mean errors, by the kind of fidelity that is stated."""

import pytest

from qjob.backends.braket.calibration import errors_of
from qjob.model.device import UNKNOWN, TypicalErrors

RB = "RANDOMIZED_BENCHMARKING"


def fidelity(kind, value):
    return {"fidelityType": {"name": kind}, "fidelity": value}


def two_qubit(**gates):
    told = [{**fidelity(f"INTERLEAVED_{RB}", value), "gateName": name} for name, value in gates.items()]
    return {"twoQubitGateFidelity": told}


def rounded(errors):
    return {
        name: None if (value := getattr(errors, name)) is None else float(f"{value:.12g}")
        for name in TypicalErrors.__dataclass_fields__
    }


NOTHING = dict.fromkeys(TypicalErrors.__dataclass_fields__)


@pytest.mark.parametrize(
    ("device", "told"),
    [
        pytest.param("simulator", {}, id="a simulator has none"),
        pytest.param(
            "iqm",
            {"gate_1q": 0.002, "gate_2q": 0.02, "readout": 0.03, "t1": 50.0, "t2": 15.0},
            id="iqm: means over what is in order",
        ),
        pytest.param(
            "rigetti",
            {"gate_1q": 0.002, "gate_2q": 0.03, "readout": 0.05, "t1": 30.0, "t2": 20.0},
            id="rigetti: the gate of most pairs, times in seconds",
        ),
        pytest.param(
            "ionq",
            {"gate_1q": 0.0002, "gate_2q": 0.0068, "readout": 0.005, "t1": 1e8, "t2": 1e6,
             "gate_time_1q": 130_000.0, "gate_time_2q": 970_000.0},
            id="ionq: the vendor's own properties",
        ),
        pytest.param(
            "aqt",
            {"gate_1q": 0.1, "gate_2q": 0.02, "readout": 0.006, "t1": 2e6, "t2": 5e5,
             "gate_time_1q": 20_000.0, "gate_time_2q": 200_000.0},
            id="aqt: standardized before the vendor's own",
        ),
    ],
)  # fmt: skip
def test_a_device(devices, device, told):
    assert rounded(errors_of(devices.classes[device]())) == {**NOTHING, **told}


def test_the_vendors_own_in_percent_fill_the_gaps(devices):
    document = devices.classes["aqt"]()
    document["standardized"] = {"T1": document["standardized"]["T1"]}
    assert rounded(errors_of(document)) == {
        **NOTHING,
        "gate_1q": 0.002,
        "gate_2q": 0.013,
        "readout": 0.004,
        "t1": 2e6,
        "t2": 350_000.0,
        "gate_time_1q": 15_000.0,
        "gate_time_2q": 200_000.0,
    }


def gate_1q(*entries):
    told = {"oneQubitProperties": {"0": {"oneQubitFidelity": list(entries)}}}
    return rounded(errors_of({"standardized": told}))["gate_1q"]


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        pytest.param([fidelity(RB, 0.99)], 0.01, id="benchmarking gives the average gate fidelity: no factor"),
        pytest.param([fidelity(f"SIMULTANEOUS_{RB}", 0.98), fidelity(RB, 0.99)], 0.01, id="alone before the rest"),
        pytest.param([fidelity(f"SIMULTANEOUS_{RB}", 0.98)], 0.02, id="with all the rest, where only that is told"),
        pytest.param([fidelity(f"INTERLEAVED_{RB}", 0.995), fidelity(RB, 0.99)], 0.005, id="of the very gate first"),
        pytest.param([fidelity(RB.lower(), 0.99)], 0.01, id="in small letters"),
        pytest.param([fidelity("PROCESS_FIDELITY", 0.99)], None, id="another kind needs another formula"),
        pytest.param([fidelity("PURITY_BENCHMARKING", 0.99)], None, id="and this is no fidelity"),
        pytest.param([fidelity(RB, 0.5)], None, id="chance"),
        pytest.param([fidelity(RB, 1.0)], 0.0, id="no error seen"),
        pytest.param([fidelity(RB, 99.9)], None, id="percent where a share belongs"),
        pytest.param([fidelity(RB, float("nan"))], None, id="not a number"),
        pytest.param([fidelity(RB, "0.99")], None, id="text"),
        pytest.param([fidelity(RB, value=True)], None, id="a truth value"),
        pytest.param([], None, id="nothing"),
    ],
)  # fmt: skip
def test_a_gate(entries, error):
    assert gate_1q(*entries) == error


@pytest.mark.parametrize(
    ("zero", "one", "errors"),
    [
        pytest.param(0.01, 0.04, (0.01, 0.04), id="errors that stand under fidelity"),
        pytest.param(0.99, 0.96, (0.01, 0.04), id="fidelities after all"),
    ],
)
def test_readout_of_each_state(zero, one, errors):
    entries = [fidelity("READOUT_ERROR_0_TO_1", zero), fidelity("READOUT_ERROR_1_TO_0", one)]
    told = rounded(errors_of({"standardized": {"oneQubitProperties": {"0": {"oneQubitFidelity": entries}}}}))
    assert (told["readout_01"], told["readout_10"], told["readout"]) == (*errors, None)


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        pytest.param({"0-1": two_qubit(CZ=0.99), "1-2": two_qubit(CZ=0.97)}, 0.02, id="one gate"),
        pytest.param({"0-1": two_qubit(CZ=0.99, ISWAP=0.98)}, 0.01, id="the better one of as many pairs"),
        pytest.param({"0-1": two_qubit(CZ=0.9), "1-2": two_qubit(CZ=0.9, XY=0.99)}, 0.1, id="that of most pairs"),
        pytest.param({"0-1": two_qubit(Two_Qubit_Clifford=0.9)}, None, id="a Clifford is no gate"),
        pytest.param({"0-1": two_qubit(CZ=0.25)}, None, id="chance"),
        pytest.param({}, None, id="none"),
    ],
)  # fmt: skip
def test_a_two_qubit_gate(pairs, error):
    assert rounded(errors_of({"standardized": {"twoQubitProperties": pairs}}))["gate_2q"] == error


@pytest.mark.parametrize(
    ("value", "unit", "microseconds"),
    [(3e-5, "s", 30), (3e-5, "S", 30), (0.03, "ms", 30), (30, "us", 30), (30_000, "ns", 30), (30, "h", None),
     (0, "us", None), (-1, "us", None)],
)  # fmt: skip
def test_units_of_time(value, unit, microseconds):
    qubit = {"T1": {"value": value, "unit": unit}}
    told = {"standardized": {"oneQubitProperties": {"0": qubit}}}
    assert rounded(errors_of(told))["t1"] == microseconds


def test_the_device_as_a_whole_may_tell_its_one_qubit_gates(devices):
    told = {
        "standardized": {
            **devices.device_level(),
            "oneQubitProperties": None,
            "singleQubitFidelity": [fidelity(RB, 0.9995)],
        }
    }
    assert rounded(errors_of(told))["gate_1q"] == 0.0005


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"standardized": 7, "provider": [1]}])
def test_nothing_that_can_be_read(odd):
    assert errors_of(odd) == UNKNOWN


def test_braket_reads_the_same_error(devices):
    """The depolarizing rate of Braket's own emulator is 3/2 of the error, which gives that error on the average."""
    from braket.circuits.noises import Depolarizing
    from braket.device_schema.iqm import IqmDeviceCapabilities
    from braket.emulation.local_emulator import LocalEmulator

    document = devices.iqm()
    del document["standardized"]["oneQubitProperties"]["3"]
    del (
        document["standardized"]["twoQubitProperties"]["2-3"],
        document["standardized"]["twoQubitProperties"]["3-4"],
    )
    document["paradigm"]["connectivity"]["connectivityGraph"] = {"1": ["2"], "2": ["1"]}
    document["paradigm"]["qubitCount"] = 2
    noise = LocalEmulator.from_device_properties(IqmDeviceCapabilities.parse_obj(document)).noise_model
    rates = [one.noise.probability for one in noise.instructions if type(one.noise) is Depolarizing]
    # rho -> (1 - 4p/3) rho + (4p/3) I/2 has the average infidelity 2p/3
    mean = sum(2 * rate / 3 for rate in rates) / len(rates)
    assert mean == pytest.approx(errors_of(document).gate_1q)
