"""What a conversion has to know of a device, read from its capabilities. Asks no service and knows no program."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from braket.device_schema import OpenQASMDeviceActionProperties
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit_braket_provider.providers.target import gateset_from_properties

from qjob.backends.braket.limits import Limits
from qjob.model.errors import BackendRefused

ACTION = "braket.ir.openqasm.program"
NOT_GATES = frozenset({"global_phase", "measure", "reset", "delay"})
NOISE = "braket_noise_"
UNITARY = "braket_unitary_matrix"


@dataclass(frozen=True, slots=True)
class DeviceSide:
    """What a device takes.

    Parameters
    ----------
    limits
        Its name, how many qubits it has, and what they can do.
    gates
        The gates and noise channels of Braket's dialect that it lists, in lower case.
    basis
        Those of qiskit's standard gates, by qiskit's names, that have the same text on this device.
    modifiers
        Such as ``ctrl`` and ``inv``.
    unitary
        Whether it takes ``#pragma braket unitary``.
    native
        The gates of a verbatim box, in lower case; none: it has no such boxes.
    partial_verbatim
        Whether there may be gates outside of a verbatim box.
    physical
        Whether the qubits of a program may be named (``$0``) outside of a verbatim box.
    labels
        The names of its qubits.
    edges
        Which two of them a native gate can join, both ways; None: any.
    qubit_registers, bit_registers
        How many a program may declare; None: any number.
    measures_all
        Whether every qubit of a program has to be measured.
    contiguous
        Whether a program has to use its qubits without a gap.
    """

    limits: Limits
    gates: frozenset[str]
    basis: frozenset[str]
    modifiers: frozenset[str] = frozenset()
    unitary: bool = False
    native: frozenset[str] = frozenset()
    partial_verbatim: bool = True
    physical: bool = False
    labels: frozenset[int] = frozenset()
    edges: frozenset[tuple[int, int]] | None = None
    qubit_registers: int | None = None
    bit_registers: int | None = None
    measures_all: bool = False
    contiguous: bool = False

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return self.limits.name


def side_of(response: Mapping[str, Any]) -> DeviceSide:
    """Return what a device takes.

    Parameters
    ----------
    response
        The answer of GetDevice as botocore gives it: ``deviceName``, ``deviceType`` and ``deviceCapabilities``, which
        is JSON text.

    Raises
    ------
    BackendRefused
        The device takes no OpenQASM program, or says of itself what cannot be read.
    """
    name = str(response["deviceName"])
    told = response["deviceCapabilities"]
    capabilities = json.loads(told) if isinstance(told, str) else told
    try:
        action = OpenQASMDeviceActionProperties.parse_obj(capabilities["action"][ACTION])
        paradigm = capabilities["paradigm"]
        return _side(name, response["deviceType"] == "SIMULATOR", action, paradigm)
    except (KeyError, TypeError, ValueError) as error:
        raise BackendRefused(
            f"{name} does not say which OpenQASM programs it takes ({type(error).__name__}: {error}).",
            remedy="Choose another backend: %qjob backends",
        ) from error


def _side(
    name: str,
    simulator: bool,  # noqa: FBT001 - a fact of the device
    action: OpenQASMDeviceActionProperties,
    paradigm: Mapping[str, Any],
) -> DeviceSide:
    forbidden = set(action.forbiddenPragmas or ())
    pragmas = set(action.supportedPragmas or ()) - forbidden
    listed = {operation.lower() for operation in action.supportedOperations}
    noise = {pragma.removeprefix(NOISE) for pragma in pragmas if pragma.startswith(NOISE)}
    # ctrl @ and the like are asked for by nobody but the user's own text: what is written here is made of plain gates
    plain = action.copy(update={"supportedModifiers": []})
    basis = gateset_from_properties(plain) & set(get_standard_gate_name_mapping()) - NOT_GATES
    connectivity = paradigm.get("connectivity") or {"fullyConnected": True}
    edges = _edges(connectivity)
    labels = range(paradigm["qubitCount"]) if edges is None else (qubit for pair in edges for qubit in pair)
    return DeviceSide(
        limits=Limits(name, paradigm["qubitCount"], bool(noise), simulator),
        gates=frozenset(listed | noise),
        basis=frozenset(basis),
        modifiers=frozenset(modifier.name for modifier in action.supportedModifiers or ()),
        unitary=UNITARY in pragmas or ("unitary" in listed and UNITARY not in forbidden),
        native=frozenset(
            gate.lower() for gate in paradigm.get("nativeGateSet") or () if "verbatim" not in forbidden
        ),
        partial_verbatim=action.supportsPartialVerbatimBox is not False,
        physical=bool(action.supportPhysicalQubits),
        labels=frozenset(labels),
        edges=edges,
        qubit_registers=action.maximumQubitArrays,
        bit_registers=action.maximumClassicalArrays,
        measures_all=bool(action.requiresAllQubitsMeasurement),
        contiguous=bool(action.requiresContiguousQubitIndices),
    )


def _edges(connectivity: Mapping[str, Any]) -> frozenset[tuple[int, int]] | None:
    if connectivity["fullyConnected"]:
        return None
    pairs = {(int(a), int(b)) for a, others in connectivity["connectivityGraph"].items() for b in others}
    return frozenset(pairs | {(b, a) for a, b in pairs})
