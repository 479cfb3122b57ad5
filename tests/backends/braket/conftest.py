"""GetDevice answers of every class of device, each checked against the schema of Braket's own SDK."""

import json
from types import SimpleNamespace

import pytest

SCHEMA = "braket.device_schema"
RB, SIM_RB, READOUT = "RANDOMIZED_BENCHMARKING", "SIMULTANEOUS_RANDOMIZED_BENCHMARKING", "READOUT"


def header(name, version="1"):
    return {"braketSchemaHeader": {"name": f"{SCHEMA}.{name}", "version": version}}


def service(**changes):
    window = {"executionDay": "Everyday", "windowStartHour": "00:00", "windowEndHour": "23:59:59"}
    return {
        **header("device_service_properties"),
        "executionWindows": [window],
        "shotsRange": [1, 20000],
        "deviceCost": {"price": 0.00145, "unit": "shot"},
        "deviceLocation": "Finland",
        "updatedAt": "2026-11-19T06:30:00+02:00",
        "getTaskPollIntervalMillis": 200,
        **changes,
    }


def action(*operations):
    openqasm = "braket.ir.openqasm.program"
    return {
        openqasm: {
            "actionType": openqasm,
            "version": ["1"],
            "supportedOperations": list(operations),
            "supportedResultTypes": [{"name": "Probability", "minShots": 1, "maxShots": 20000}],
        },
        "braket.ir.openqasm.program_set": {
            "actionType": "braket.ir.openqasm.program_set",
            "version": ["1"],
            "maximumExecutables": 100,
            "maximumTotalShots": 200000,
        },
    }


def paradigm(qubits, native, graph=None):
    connectivity = {"fullyConnected": graph is None, "connectivityGraph": graph or {}}
    return {
        **header("gate_model_qpu_paradigm_properties"),
        "qubitCount": qubits,
        "nativeGateSet": list(native),
        "connectivity": connectivity,
    }


def fidelity(kind, value, **more):
    return {"fidelityType": {"name": kind}, "fidelity": value, **more}


def one_qubit(gate, readout, t1, t2, unit="us"):
    return {
        "T1": {"value": t1, "standardError": None, "unit": unit},
        "T2": {"value": t2, "standardError": None, "unit": unit},
        "oneQubitFidelity": [
            fidelity(SIM_RB, gate - 0.01),
            fidelity(RB, gate),
            fidelity(READOUT, readout, standardError=0.01),
        ],
    }


def two_qubit(**gates):
    return {
        "twoQubitGateFidelity": [
            {**fidelity("INTERLEAVED_RANDOMIZED_BENCHMARKING", value), "gateName": name}
            for name, value in gates.items()
        ]
    }


def standardized(version, **content):
    return {**header("standardized_gate_model_qpu_device_properties", version), **content}


def simulator():
    return {
        **header("simulators.gate_model_simulator_device_capabilities"),
        "service": service(shotsRange=[0, 100000]),
        "action": action("h", "cnot", "unitary"),
        "paradigm": {**header("simulators.gate_model_simulator_paradigm_properties"), "qubitCount": 34},
        "deviceParameters": {},
    }


def iqm():
    return {
        **header("iqm.iqm_device_capabilities"),
        "service": service(),
        "action": action("cz", "prx", "h"),
        "paradigm": paradigm(4, ["cz", "prx"], {"1": ["2"], "2": ["1", "3"], "3": ["2", "4"], "4": ["3"]}),
        "deviceParameters": {},
        "standardized": standardized(
            "1",
            oneQubitProperties={
                "1": one_qubit(0.999, 0.98, 40, 20),
                "2": one_qubit(0.997, 0.96, 60, 10),
                "3": one_qubit(0.45, 0.40, 50, 15),  # out of order
            },
            twoQubitProperties={
                "1-2": two_qubit(CZ=0.99, Two_Qubit_Clifford=0.9),
                "2-3": two_qubit(CZ=0.97, Two_Qubit_Clifford=0.9),
                "3-4": two_qubit(CZ=0.2),  # out of order
            },
        ),
    }


def rigetti():
    return {
        **header("rigetti.rigetti_device_capabilities", "2"),
        "service": service(),
        "action": action("rx", "rz", "iswap"),
        "paradigm": paradigm(3, ["rx", "rz", "iswap"], {"0": ["1"], "1": ["2"]}),
        "deviceParameters": {},
        "standardized": standardized(
            "1",
            oneQubitProperties={"0": one_qubit(0.998, 0.95, 3e-5, 2e-5, "S")},
            twoQubitProperties={"0-1": two_qubit(ISWAP=0.98), "1-2": two_qubit(ISWAP=0.96, CPHASE=0.999)},
        ),
    }


def ionq():
    return {
        **header("ionq.ionq_device_capabilities"),
        "service": service(shotsRange=[1, 5000]),
        "action": action("x", "h", "cnot"),
        "paradigm": paradigm(36, ["GPI", "GPI2", "ZZ"]),
        "deviceParameters": {},
        "provider": {
            **header("ionq.ionq_provider_properties"),
            "fidelity": {"1Q": {"mean": 0.9998}, "2Q": {"mean": 0.9932}, "spam": {"mean": 0.995}},
            "timing": {"T1": 100, "T2": 1, "1Q": 1.3e-4, "2Q": 9.7e-4, "readout": 1.5e-4, "reset": 5e-5},
        },
    }


def timed(value, unit):
    return {"value": value, "standardError": None, "unit": unit}


def overall(value, *, kind=RB):
    name = {"fidelityType": {"name": kind}} if kind else {}
    return [{**name, "fidelity": value, "unit": "fraction"}]


def device_level():
    """Standardized properties 3, which tell of the device as a whole."""
    return standardized(
        "3",
        oneQubitProperties={"0": {"oneQubitFidelity": overall(0.9)}},
        T1=timed(2.0, "s"),
        T2=timed(500.0, "ms"),
        readoutFidelity=overall(0.994, kind=None),
        singleQubitGateDuration=timed(20.0, "us"),
        twoQubitGateFidelity=overall(0.98),
        twoQubitGateDuration=timed(200000.0, "ns"),
        updatedAt="2026-11-18T01:00:00Z",
    )


def aqt():
    return {
        **header("aqt.aqt_device_capabilities"),
        "service": service(),
        "action": action("prx", "xx", "rz"),
        "paradigm": paradigm(12, ["prx", "xx", "rz"]),
        "deviceParameters": {},
        "provider": {
            **header("aqt.aqt_provider_properties"),
            "properties": {
                "single_qubit_gate_fidelity": {
                    "0": {"value": 99.9, "uncertainty": 0.01},
                    "1": {"value": 99.7, "uncertainty": 0.01},
                },
                "mean_two_qubit_gate_fidelity": {"value": 98.7, "uncertainty": 0.1},
                "spam_fidelity_lower_bound": 99.6,
                "t2_coherence_time_s": {"value": 0.35, "uncertainty": 0.05},
                "t1_s": {"value": 1.14, "uncertainty": 0.06},
                "readout_time_micros": 3000,
                "single_qubit_gate_duration_micros": 15,
                "two_qubit_gate_duration_micros": 200,
                "updated_at": "2026-11-17T12:00:00Z",
            },
        },
        "standardized": device_level(),
    }


DEVICES = {"simulator": simulator, "iqm": iqm, "rigetti": rigetti, "ionq": ionq, "aqt": aqt}


def answer(capabilities, **changes):
    """What botocore gives for GetDevice."""
    return {
        "deviceArn": "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet",
        "deviceName": "Garnet",
        "providerName": "IQM",
        "deviceType": "QPU",
        "deviceStatus": "ONLINE",
        "deviceCapabilities": json.dumps(capabilities),
        "deviceQueueInfo": [
            {"queue": "QUANTUM_TASKS_QUEUE", "queueSize": "12", "queuePriority": "Normal"},
            {"queue": "QUANTUM_TASKS_QUEUE", "queueSize": "3", "queuePriority": "Priority"},
            {"queue": "JOBS_QUEUE", "queueSize": "0 (1 prioritized job(s) running)"},
        ],
        **changes,
    }


@pytest.fixture(scope="session")
def devices():
    """What writes such documents: the class of a device to its capabilities, and the answer around them."""
    return SimpleNamespace(
        classes=DEVICES,
        answer=answer,
        service=service,
        standardized=standardized,
        device_level=device_level,
        **DEVICES,
    )


@pytest.fixture(params=list(DEVICES))
def capabilities(request):
    """The capabilities of one class of device after another."""
    return DEVICES[request.param]()


# -- tasks that are followed ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def made_sessions():
    return {}


@pytest.fixture
def lab(loopback, monkeypatch, made_sessions):
    """What follows tasks at the loopback."""
    from braket_lab import Lab

    return Lab(loopback, monkeypatch, made_sessions)
