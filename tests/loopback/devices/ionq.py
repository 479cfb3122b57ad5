"""IonQ's trapped ions: every qubit is connected to all others, and results are probabilities."""

from typing import Any

from loopback.devices.shapes import Device, header, openqasm, paradigm, qpu_results, service, words

REGION = "us-east-1"
GATES = words("x y z h s si t ti v vi rx ry rz cnot swap xx yy zz")
NATIVE = words("gpi gpi2 zz")
SHOTS = (100, 5000)


def devices() -> list[Device]:
    """Return both Fortes, and Aria-1, which is retired."""
    return [
        _device("Forte-1", 36, one=0.9998, two=0.996),
        _device("Forte-Enterprise-1", 36, one=0.9998, two=0.9955),
        _device("Aria-1", 25, one=0.9997, two=0.987, native=words("gpi gpi2 ms"), status="RETIRED"),
    ]


def _device(
    name: str,
    qubits: int,
    *,
    one: float,
    two: float,
    native: tuple[str, ...] = NATIVE,
    status: str = "ONLINE",
) -> Device:
    capabilities: dict[str, Any] = {
        "braketSchemaHeader": header("ionq.ionq_device_capabilities", 1),
        "service": service(shots=SHOTS, price=(0.08, "shot"), location="Maryland, USA", poll_ms=1000),
        "action": {
            "braket.ir.openqasm.program": openqasm(
                GATES,
                qpu_results(SHOTS),
                requiresContiguousQubitIndices=True,
                supportsPartialVerbatimBox=False,
            )
        },
        "paradigm": paradigm(qubits, tuple(gate.upper() if gate == "zz" else gate for gate in native), None),
        "provider": {
            "braketSchemaHeader": header("ionq.ionq_provider_properties", 1),
            "fidelity": {"1Q": {"mean": one}, "2Q": {"mean": two}, "spam": {"mean": 0.995}},
            "timing": {
                "T1": 100.0,
                "T2": 1.0,
                "1Q": 1.3e-4,
                "2Q": 9.5e-4,
                "readout": 2.5e-4,
                "reset": 1.5e-4,
            },
            "errorMitigation": {
                "braket.device_schema.error_mitigation.debias.Debias": {"minimumShots": 2500}
            },
        },
        "deviceParameters": {},
    }
    return Device(
        arn=f"arn:aws:braket:{REGION}::device/qpu/ionq/{name}",
        name=name.replace("-", " "),
        provider="IonQ",
        kind="QPU",
        status=status,
        regions=(REGION,),
        qubits=qubits,
        shots=SHOTS,
        gates=frozenset(GATES),
        native=frozenset(native),
        capabilities=capabilities,
        contiguous=True,
        numbers=frozenset(range(qubits)),
        barriers=True,
    )
