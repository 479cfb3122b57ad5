"""IQM's superconducting qubits: square lattices, numbered from 1."""

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

REGION = "eu-north-1"
GATES = words(
    "ccnot cnot cphaseshift cphaseshift00 cphaseshift01 cphaseshift10 cswap cy cz ecr h i iswap phaseshift prx pswap "
    "rx ry rz s si swap t ti v vi x xx xy y yy z zz"
)
NATIVE = words("cz prx")
SHOTS = (1, 20_000)
FIRST = 1
WINDOWS = ({"executionDay": "Everyday", "windowStartHour": "00:00:00", "windowEndHour": "23:59:59"},)

GARNET = [2, 3, 4, 4, 4, 3]
"""Qubits a row of the lattice."""
EMERALD = [3, 5, 7, 8, 8, 8, 7, 5, 3]
EMERALD_USABLE = 49
"""It tells of 54 qubits and takes programs of 49, as the real one did for a while."""


def devices() -> list[Device]:
    """Return Garnet and Emerald."""
    return [
        _device("Garnet", GARNET, price=0.00145, seed=20),
        _device("Emerald", EMERALD, price=0.0016, seed=54, usable=EMERALD_USABLE),
    ]


def _device(name: str, rows: list[int], *, price: float, seed: int, usable: int | None = None) -> Device:
    qubits = sum(rows)
    edges = lattice(rows, FIRST)
    numbers = range(FIRST, FIRST + qubits)
    capabilities: dict[str, Any] = {
        "braketSchemaHeader": header("iqm.iqm_device_capabilities", 1),
        "service": service(
            shots=SHOTS, windows=WINDOWS, price=(price, "shot"), location="Espoo, Finland", poll_ms=1000
        ),
        "action": {"braket.ir.openqasm.program": openqasm(GATES, qpu_results(SHOTS))},
        "paradigm": paradigm(qubits, NATIVE, edges, FIRST),
        "standardized": calibration(numbers, edges, ("cz",), seed=seed, t1_us=40, one=0.0009, two=0.006),
        "provider": {"braketSchemaHeader": header("iqm.iqm_provider_properties", 1), "properties": {}},
        "deviceParameters": {},
    }
    return Device(
        arn=f"arn:aws:braket:{REGION}::device/qpu/iqm/{name}",
        name=name,
        provider="IQM",
        kind="QPU",
        status="ONLINE",
        regions=(REGION,),
        qubits=usable or qubits,
        shots=SHOTS,
        gates=frozenset(GATES),
        native=frozenset(NATIVE),
        capabilities=capabilities,
        numbers=frozenset(numbers),
        edges=frozenset(edges),
        barriers=True,
    )
