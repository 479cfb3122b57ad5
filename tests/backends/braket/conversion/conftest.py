"""Devices of every class as GetDevice describes them, and Braket's own local simulators to run what is sent to them.

The capabilities are made up, in the shape that the SDK's schemas demand: gates, lattices and sizes are synthetic.
"""

import json
from itertools import product

import numpy as np
import pytest
from braket.device_schema import OpenQASMDeviceActionProperties
from braket.device_schema.gate_model_qpu_paradigm_properties_v1 import GateModelQpuParadigmProperties
from braket.devices import LocalSimulator
from braket.ir.openqasm import Program as BraketProgram
from braket.task_result import AdditionalMetadata, TaskMetadata
from braket.tasks import GateModelQuantumTaskResult

from qjob import programs
from qjob.backends.braket.conversion import convert, side_of
from qjob.backends.braket.results import counts_of

ACTION = "braket.ir.openqasm.program"
COMMON = "cnot cz cy h i rx ry rz s si swap t ti v vi x y z"
PHASES = "phaseshift cphaseshift cphaseshift00 cphaseshift01 cphaseshift10"
LATTICE = f"{COMMON} {PHASES} ccnot cswap ecr iswap pswap xx xy yy zz"


def grid(rows, columns):
    """The neighbours of each qubit of a lattice, as GetDevice lists them: each edge once."""
    number = {place: index for index, place in enumerate(product(range(rows), range(columns)))}
    graph = {str(index): [] for index in number.values()}
    for (row, column), index in number.items():
        for near in ((row, column + 1), (row + 1, column)):
            if near in number:
                graph[str(index)].append(str(number[near]))
    return graph


def qpu(gates, native, qubits, graph=None, **action):
    described = {
        "actionType": ACTION,
        "version": ["1"],
        "supportedOperations": gates.split(),
        "supportedModifiers": [],
        "supportedPragmas": ["verbatim", "braket_result_type_probability"],
        "forbiddenPragmas": [],
        "maximumQubitArrays": 1,
        "maximumClassicalArrays": 1,
        "supportedResultTypes": [
            {"name": "Probability", "observables": None, "minShots": 1, "maxShots": 50_000}
        ],
        "supportsPartialVerbatimBox": False,
        **action,
    }
    paradigm = {
        "braketSchemaHeader": {
            "name": "braket.device_schema.gate_model_qpu_paradigm_properties",
            "version": "1",
        },
        "qubitCount": qubits,
        "nativeGateSet": native.split(),
        "connectivity": {"fullyConnected": graph is None, "connectivityGraph": graph or {}},
    }
    OpenQASMDeviceActionProperties.parse_obj(described)
    GateModelQpuParadigmProperties.parse_obj(paradigm)
    return {"action": {ACTION: described}, "paradigm": paradigm}


def simulator(local, qubits, **action):
    told = json.loads(LocalSimulator(local).properties.json())
    told["paradigm"]["qubitCount"] = qubits
    told["action"][ACTION] |= {
        "maximumQubitArrays": 1,
        "maximumClassicalArrays": 1,
        "supportedModifiers": [],
    }
    told["action"][ACTION] |= action
    return told


CAPABILITIES = {
    "SV1": simulator("braket_sv", 34),
    "DM1": simulator("braket_dm", 17, requiresContiguousQubitIndices=True),
    "Forte": qpu(
        f"{COMMON} xx yy zz".replace("cy ", ""), "GPi GPi2 ZZ", 36, requiresContiguousQubitIndices=True
    ),
    "All measured": qpu(COMMON, "GPi GPi2 MS", 11, requiresAllQubitsMeasurement=True),
    "Cepheus": qpu(f"{LATTICE} barrier", "rx rz iswap", 30, grid(5, 6), supportPhysicalQubits=True),
    "Garnet": qpu(f"{LATTICE} prx", "cz prx", 20, grid(4, 5), supportPhysicalQubits=True),
    "Ibex": qpu("prx rz xx", "PRx XX Rz", 12),
    "Tomorrow": qpu("U cz", "u cz", 40, supportedPragmas=["braket_unitary_matrix"], maximumQubitArrays=None),
}
SIMULATORS = ("SV1", "DM1")


def response_of(name):
    kind = "SIMULATOR" if name in SIMULATORS else "QPU"
    return {"deviceName": name, "deviceType": kind, "deviceCapabilities": json.dumps(CAPABILITIES[name])}


@pytest.fixture(scope="session")
def sides():
    """What each device takes, by its name."""
    return {name: side_of(response_of(name)) for name in CAPABILITIES}


@pytest.fixture(params=CAPABILITIES)
def device(request, sides):
    """What a device takes, one of each class after the other."""
    return sides[request.param]


@pytest.fixture(scope="session")
def sent():
    """Convert whatever a user may have."""

    def convert_it(value, side):
        return convert(programs.recognise(value), side)

    return convert_it


def local(source):
    return LocalSimulator("braket_dm" if "braket noise" in source else "braket_sv")


@pytest.fixture(scope="session")
def run():
    """Run what is sent on Braket's own simulator and count it as the adapter does."""

    def counts(converted, shots=20):
        result = local(converted.source).run(BraketProgram(source=converted.source), shots=shots).result()
        return counts_of(result, converted)

    return counts


@pytest.fixture(scope="session")
def distribution():
    """The exact probabilities of what is sent, by Braket's own simulator, read as the adapter reads a result."""

    def probabilities(converted, columns=None):
        lines = [
            line
            for line in converted.source.splitlines()
            if "measure" not in line and not line.startswith("bit[")
        ]
        targets = columns or [f"q[{qubit}]" for qubit in converted.qubits]
        lines += [f"i {target};" for target in targets]  # else the simulator leaves idle qubits out
        lines.append(f"#pragma braket result probability {', '.join(targets)}")
        source = "\n".join(lines)
        exact = local(source).run(BraketProgram(source=source), shots=0).result().values[0]
        shots = 10**12
        result = GateModelQuantumTaskResult(
            task_metadata=TaskMetadata(id="t", shots=shots, deviceId="d"),
            additional_metadata=AdditionalMetadata(action=BraketProgram(source=source)),
            measured_qubits=list(converted.qubits),
            measurement_probabilities={
                format(index, f"0{len(targets)}b"): float(p) for index, p in enumerate(np.asarray(exact))
            },
            measurements_copied_from_device=False,
        )
        return counts_of(result, converted).probabilities()

    return probabilities
