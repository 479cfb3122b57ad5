"""Rigetti's superconducting qubits: square lattices in rows."""

from typing import Any

from loopback.devices.shapes import (
    Device,
    calibration,
    header,
    lattice,
    openqasm,
    paradigm,
    qpu_results,
    service,
    words,
)

REGION = "us-west-1"
GATES = words(
    "ccnot cnot cphaseshift cphaseshift00 cphaseshift01 cphaseshift10 cswap cz ecr h i iswap phaseshift prx pswap "
    "rx ry rz s si swap t ti x xy y z"
)
SHOTS = (10, 50_000)
WINDOWS = ({"executionDay": "Weekdays", "windowStartHour": "15:00:00", "windowEndHour": "23:00:00"},)


def devices() -> list[Device]:
    """Return Cepheus-1-108Q, and Ankaa-3, which is retired."""
    return [
        _device("Cepheus-1-108Q", [12] * 9, words("rx rz cz"), price=0.000425, seed=108),
        _device("Ankaa-3", [12] * 7, words("rx rz iswap"), price=0.0009, seed=84, status="RETIRED"),
    ]


def _device(
    name: str, rows: list[int], native: tuple[str, ...], *, price: float, seed: int, status: str = "ONLINE"
) -> Device:
    qubits = sum(rows)
    edges = lattice(rows)
    two = tuple(gate for gate in native if gate in ("cz", "iswap"))
    capabilities: dict[str, Any] = {
        "braketSchemaHeader": header("rigetti.rigetti_device_capabilities", 2),
        "service": service(
            shots=SHOTS, windows=WINDOWS, price=(price, "shot"), location="California, USA", poll_ms=1000
        ),
        "action": {"braket.ir.openqasm.program": openqasm(GATES, qpu_results(SHOTS))},
        "paradigm": paradigm(qubits, native, edges),
        "standardized": calibration(range(qubits), edges, two, seed=seed, t1_us=30, one=0.001, two=0.009),
        "provider": {"braketSchemaHeader": header("rigetti.rigetti_provider_properties", 2), "specs": {}},
        "deviceParameters": {},
    }
    return Device(
        arn=f"arn:aws:braket:{REGION}::device/qpu/rigetti/{name}",
        name=name,
        provider="Rigetti",
        kind="QPU",
        status=status,
        regions=(REGION,),
        qubits=qubits,
        shots=SHOTS,
        gates=frozenset(GATES),
        native=frozenset(native),
        capabilities=capabilities,
        numbers=frozenset(range(qubits)),
        edges=frozenset(edges),
        barriers=True,
    )
