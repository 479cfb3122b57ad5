"""What all devices have in common: the device itself, and the parts of its capabilities that every schema has.

All numbers are made up in the order of magnitude of the real devices; no calibration was copied.
"""

import random
from dataclasses import dataclass
from typing import Any

UPDATED = "2026-11-20T06:30:00+00:00"
"""When the properties were last updated, for all devices."""

QPU_RESULT_TYPES = ("Sample", "Expectation", "Variance", "Probability")
EVERY_DAY = ({"executionDay": "Everyday", "windowStartHour": "00:00:00", "windowEndHour": "23:59:59"},)


@dataclass(frozen=True)
class Device:
    """One device as GetDevice tells it, and what the loopback checks a program by.

    `numbers` are its physical qubits, `edges` those that are connected (None: all are).
    """

    arn: str
    name: str
    provider: str
    kind: str
    status: str
    regions: tuple[str, ...]
    qubits: int
    shots: tuple[int, int]
    gates: frozenset[str]
    native: frozenset[str]
    capabilities: dict[str, Any]
    noise: bool = False
    contiguous: bool = False
    barriers: bool = False
    numbers: frozenset[int] = frozenset()
    edges: frozenset[tuple[int, int]] | None = None

    @property
    def simulator(self) -> bool:
        """Whether it is one of Amazon's simulators."""
        return self.kind == "SIMULATOR"


def header(name: str, version: int) -> dict[str, str]:
    """Return the header by which the SDK finds the schema."""
    return {"name": f"braket.device_schema.{name}", "version": str(version)}


def service(
    *,
    shots: tuple[int, int],
    windows: tuple[dict[str, str], ...] = EVERY_DAY,
    price: tuple[float, str],
    location: str,
    poll_ms: int,
) -> dict[str, Any]:
    """Return the service properties; the price is the one that AWS puts there, per shot or per minute."""
    return {
        "braketSchemaHeader": header("device_service_properties", 1),
        "executionWindows": list(windows),
        "shotsRange": list(shots),
        "deviceCost": {"price": price[0], "unit": price[1]},
        "deviceDocumentation": {"summary": "A device of the loopback, with made-up numbers."},
        "deviceLocation": location,
        "updatedAt": UPDATED,
        "getTaskPollIntervalMillis": poll_ms,
    }


def openqasm(gates: tuple[str, ...], results: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return the properties of the action that all devices here take."""
    return {
        "actionType": "braket.ir.openqasm.program",
        "version": ["1"],
        "supportedOperations": list(gates),
        "supportedModifiers": [],
        "supportedPragmas": ["verbatim", "braket_result_type_probability", "braket_result_type_sample"],
        "forbiddenPragmas": [],
        "maximumQubitArrays": 1,
        "maximumClassicalArrays": 1,
        "forbiddenArrayOperations": [
            "concatenation",
            "negativeIndex",
            "range",
            "rangeWithStep",
            "slicing",
            "selection",
        ],
        "requiresAllQubitsMeasurement": False,
        "supportPhysicalQubits": True,
        "requiresContiguousQubitIndices": False,
        "supportsPartialVerbatimBox": False,
        "supportsUnassignedMeasurements": True,
        "disabledQubitRewiringSupported": True,
        "supportedResultTypes": results,
    } | more


def qpu_results(shots: tuple[int, int]) -> list[dict[str, Any]]:
    """Return the result types of a QPU: what can be computed from shots."""
    observables = ["x", "y", "z", "h", "i"]
    return [
        {"name": name, "minShots": shots[0], "maxShots": shots[1]}
        | ({} if name == "Probability" else {"observables": observables})
        for name in QPU_RESULT_TYPES
    ]


def paradigm(
    qubits: int, native: tuple[str, ...], edges: list[tuple[int, int]] | None, first: int = 0
) -> dict[str, Any]:
    """Return the gate model's properties; without edges every qubit is connected to all others."""
    graph: dict[str, list[str]] = {}
    if edges is not None:
        graph = {str(qubit): [] for qubit in range(first, first + qubits)}
        for one, other in edges:
            graph[str(one)].append(str(other))
            graph[str(other)].append(str(one))
    return {
        "braketSchemaHeader": header("gate_model_qpu_paradigm_properties", 1),
        "qubitCount": qubits,
        "nativeGateSet": list(native),
        "connectivity": {"fullyConnected": edges is None, "connectivityGraph": graph},
    }


def calibration(
    qubits: range,
    edges: list[tuple[int, int]],
    gates: tuple[str, ...],
    *,
    seed: int,
    t1_us: float,
    one: float,
    two: float,
) -> dict[str, Any]:
    """Return standardized properties of superconducting qubits, each a little different from the next.

    Parameters
    ----------
    t1_us
        The middle of the relaxation times in microseconds; T2 is a third to a half of T1.
    one, two
        The middle of the errors (not the fidelities) of one-qubit and two-qubit gates.
    """
    chance = random.Random(seed)

    def near(middle: float) -> float:
        return middle * chance.uniform(0.7, 1.4)

    def fidelity(name: str, error: float) -> dict[str, Any]:
        return {"fidelityType": {"name": name}, "fidelity": round(1 - near(error), 6), "standardError": 1e-4}

    def qubit() -> dict[str, Any]:
        t1 = near(t1_us) * 1e-6
        return {
            "T1": {"value": t1, "standardError": t1 / 20, "unit": "s"},
            "T2": {"value": t1 * chance.uniform(0.33, 0.5), "standardError": t1 / 40, "unit": "s"},
            "oneQubitFidelity": [
                fidelity("RANDOMIZED_BENCHMARKING", one),
                fidelity("SIMULTANEOUS_RANDOMIZED_BENCHMARKING", one * 1.5),
                fidelity("READOUT", 0.02),
            ],
        }

    def edge() -> dict[str, Any]:
        return {
            "twoQubitGateFidelity": [
                {"gateName": gate} | fidelity("RANDOMIZED_BENCHMARKING", two) for gate in gates
            ]
        }

    return {
        "braketSchemaHeader": header("standardized_gate_model_qpu_device_properties", 1),
        "oneQubitProperties": {str(number): qubit() for number in qubits},
        "twoQubitProperties": {f"{a}-{b}": edge() for a, b in edges},
    }


def lattice(rows: list[int], first: int = 0) -> list[tuple[int, int]]:
    """Return the edges of a square lattice: rows of given lengths, one below the other, each centred."""
    edges, places, number = [], {}, first
    widest = max(rows)
    for row, length in enumerate(rows):
        for column in range(length):
            place = (row, column + (widest - length) // 2)
            places[place] = number
            number += 1
    for (row, column), here in places.items():
        near = ((row, column + 1), (row + 1, column))
        edges += [(here, places[place]) for place in near if place in places]
    return edges


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text: long lists of names read better so."""
    return tuple(text.split())
