"""AQT's trapped ions: every qubit is connected to all others, open a few hours on some days."""

from typing import Any

from loopback.devices.shapes import UPDATED, Device, header, openqasm, paradigm, qpu_results, service, words

REGION = "eu-north-1"
GATES = words(
    "ccnot cnot cphaseshift cphaseshift00 cphaseshift01 cphaseshift10 cswap cy cz ecr h i iswap phaseshift prx pswap "
    "rx ry rz s si swap t ti v vi x xx xy y yy z zz"
)
NATIVE = words("prx xx rz")
SHOTS = (1, 2000)
QUBITS = 12
WINDOWS = (
    {"executionDay": "Tuesday", "windowStartHour": "08:00:00", "windowEndHour": "16:00:00"},
    {"executionDay": "Wednesday", "windowStartHour": "08:00:00", "windowEndHour": "16:00:00"},
)


def devices() -> list[Device]:
    """Return IBEX-Q1."""
    capabilities: dict[str, Any] = {
        "braketSchemaHeader": header("aqt.aqt_device_capabilities", 1),
        "service": service(
            shots=SHOTS, windows=WINDOWS, price=(0.0235, "shot"), location="Innsbruck, Austria", poll_ms=1000
        ),
        "action": {"braket.ir.openqasm.program": openqasm(GATES, qpu_results(SHOTS))},
        "paradigm": paradigm(QUBITS, NATIVE, None),
        "provider": {
            "braketSchemaHeader": header("aqt.aqt_provider_properties", 1),
            "properties": _provider(),
        },
        "standardized": _standardized(),
        "deviceParameters": {},
    }
    return [
        Device(
            arn=f"arn:aws:braket:{REGION}::device/qpu/aqt/Ibex-Q1",
            name="Ibex-Q1",
            provider="AQT",
            kind="QPU",
            status="ONLINE",
            regions=(REGION,),
            qubits=QUBITS,
            shots=SHOTS,
            gates=frozenset(GATES),
            native=frozenset(NATIVE),
            capabilities=capabilities,
            numbers=frozenset(range(QUBITS)),
        )
    ]


def _provider() -> dict[str, Any]:
    return {
        "single_qubit_gate_fidelity": {
            str(qubit): {"value": 99.9, "uncertainty": 0.02} for qubit in range(QUBITS)
        },
        "mean_two_qubit_gate_fidelity": {"value": 98.5, "uncertainty": 0.3},
        "spam_fidelity_lower_bound": 99.6,
        "t2_coherence_time_s": {"value": 0.3, "uncertainty": 0.03},
        "t1_s": {"value": 1.1, "uncertainty": 0.05},
        "readout_time_micros": 2500.0,
        "single_qubit_gate_duration_micros": 15.0,
        "two_qubit_gate_duration_micros": 250.0,
        "updated_at": UPDATED,
    }


def _standardized() -> dict[str, Any]:
    def fidelity(value: float) -> dict[str, Any]:
        kind = {"name": "RANDOMIZED_BENCHMARKING"}
        return {"fidelityType": kind, "fidelity": value, "standardError": 2e-4, "unit": "fraction"}

    def time(value: float) -> dict[str, Any]:
        return {"value": value, "standardError": value / 20, "unit": "s"}

    return {
        "braketSchemaHeader": header("standardized_gate_model_qpu_device_properties", 3),
        "oneQubitProperties": {
            str(qubit): {"oneQubitFidelity": [fidelity(round(0.999 - qubit * 1e-5, 6))]}
            for qubit in range(QUBITS)
        },
        "T1": time(1.1),
        "T2": time(0.3),
        "readoutFidelity": [{"fidelity": 0.996, "standardError": 1e-3, "unit": "fraction"}],
        "readoutDuration": time(2.5e-3),
        "singleQubitGateDuration": time(1.5e-5),
        "singleQubitFidelity": [fidelity(0.999)],
        "twoQubitGateFidelity": [fidelity(0.985)],
        "twoQubitGateDuration": time(2.5e-4),
        "updatedAt": UPDATED,
    }
