"""Writes a circuit anew, as a flat text in Braket's dialect with the gates that a device lists.

The gates are translated one by one (qiskit's translation of optimization level 0: no optimization, no layout, no
routing), then written by qiskit-braket-provider's ``to_braket``, without a verbatim box. Placing the qubits, routing,
optimizing and the native gates are left to the service, whose compilers know the calibration of the hour. What is
only translated is still what its author wrote: a deliberate ``x x`` is not taken for a mistake here. Nothing is drawn
by lot, so the same circuit gives the same text.

A global phase cannot be measured and is dropped, and so are barriers where the device lists none. The modifiers
``ctrl``, ``inv`` and ``pow``, and gates that qiskit and Braket do not share, are never written.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from braket.circuits import Circuit
from braket.circuits.serialization import IRType
from qiskit import QuantumCircuit
from qiskit_braket_provider import to_braket

from qjob.backends.aer.passes import Basis
from qjob.backends.braket.limits import LOCALLY, too_wide
from qjob.backends.braket.side import DeviceSide
from qjob.model.errors import BackendRefused

UNITARY_QUBITS = 8
"""The widest unitary: as a matrix or in gates it takes 3 MB of text already, and ten seconds to be made of gates."""
KRAUS_QUBITS = 2
"""The widest noise channel that Braket's dialect has."""
WITHOUT_EFFECT = frozenset({"measure", "delay"})
"""What is left out: measurements are written anew, and a delay that got here does nothing (see `limits`)."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text of a circuit.

    Parameters
    ----------
    source
        OpenQASM 3 in Braket's dialect.
    measured
        For each column of the result, ascending, the qubit of the circuit that it stands for.
    numbers
        The same qubits as ``source`` numbers them.
    """

    source: str
    measured: tuple[int, ...]
    numbers: tuple[int, ...]


def rewrite(circuit: QuantumCircuit, device: DeviceSide, reads: Mapping[int, int]) -> Rewritten:
    """Return the text of a circuit, and which of its qubits are measured.

    Qubits that nothing is done with are left out and the others numbered anew. The measured ones ascend, and so do
    the bits: ``b[0]`` is that of the lowest qubit, ``b[1]`` that of the next.

    Parameters
    ----------
    circuit
        Gates and channels, then measurements; resets of fresh qubits are dropped.
    reads
        For each classical bit that is written, the qubit that it reads.

    Raises
    ------
    BackendRefused
        Too many qubits, or something that has no text on this device.
    """
    used = _used(circuit, reads)
    if len(used) > device.limits.qubits:
        raise too_wide(device.limits, len(used))
    compact = _compact(circuit, used, device)
    _refuse_wide(compact, device)
    names = _names(device)
    translated = _translated(compact, names)
    if device.contiguous and "id" in names:
        _touch_all(translated)
    written = _written(translated, names, device)
    measured = tuple(used) if device.measures_all else tuple(sorted(set(reads.values())))
    numbers = tuple(used.index(qubit) for qubit in measured)
    written.measure(numbers)
    return Rewritten(str(written.to_ir(IRType.OPENQASM).source), measured, numbers)


def _used(circuit: QuantumCircuit, reads: Mapping[int, int]) -> list[int]:
    index = {qubit: place for place, qubit in enumerate(circuit.qubits)}
    idle = WITHOUT_EFFECT | {"barrier", "reset"}
    used = {index[qubit] for one in circuit.data if one.name not in idle for qubit in one.qubits}
    return sorted(used.union(reads.values()))


def _compact(circuit: QuantumCircuit, used: list[int], device: DeviceSide) -> QuantumCircuit:
    """Return what is done with the used qubits, without measurements and classical bits."""
    place = {circuit.qubits[qubit]: new for new, qubit in enumerate(used)}
    barriers = "barrier" in device.gates
    compact = QuantumCircuit(len(used))
    for one in circuit.data:
        if one.name in WITHOUT_EFFECT or (one.name == "barrier" and not barriers):
            continue
        qubits = [place[qubit] for qubit in one.qubits if qubit in place]
        if one.name == "barrier":
            compact.barrier(qubits)
        elif len(qubits) == len(one.qubits):  # else a reset of an idle qubit
            compact.append(one.operation, qubits)
    return compact


def _translated(compact: QuantumCircuit, names: frozenset[str]) -> QuantumCircuit:
    """Return the circuit in these gates alone."""
    translated = Basis(names).translated(compact)
    if "reset" not in translated.count_ops():
        return translated
    gates = translated.copy_empty_like()
    for one in translated.data:
        if one.name != "reset":  # of a fresh qubit: it does nothing
            gates.append(one)
    return gates


def _touch_all(translated: QuantumCircuit) -> None:
    """Give every qubit a gate: one that is only measured may pass for an unused one."""
    touched = {qubit for one in translated.data if one.name != "barrier" for qubit in one.qubits}
    for qubit in translated.qubits:
        if qubit not in touched:
            translated.id(qubit)


def _names(device: DeviceSide) -> frozenset[str]:
    """Return what need not be translated, by qiskit's names."""
    names = device.basis | {"kraus"} if device.limits.noise else device.basis
    return names | {"unitary"} if device.unitary else names


def _refuse_wide(compact: QuantumCircuit, device: DeviceSide) -> None:
    for name, most, what in (
        ("unitary", UNITARY_QUBITS, "a unitary"),
        ("kraus", KRAUS_QUBITS, "a noise channel"),
    ):
        width = max((len(one.qubits) for one in compact.data if one.name == name), default=0)
        if width > most:
            raise BackendRefused(
                f"{what} acts on {width} qubits; {device.name} takes those of at most {most}.",
                remedy=f"Write it in parts on fewer qubits, {LOCALLY}",
                numbers={"qubits": width, "max_qubits": most},
            )


def _written(translated: QuantumCircuit, names: frozenset[str], device: DeviceSide) -> Circuit:
    """Return Braket's circuit of the gates, with the barriers in their places."""
    written, part = Circuit(), translated.copy_empty_like()
    for one in translated.data:
        if one.name == "barrier":
            _add(written, part, names, device)
            written.barrier([translated.find_bit(qubit).index for qubit in one.qubits])
            part = translated.copy_empty_like()
        else:
            part.append(one)
    _add(written, part, names, device)
    return written


def _add(written: Circuit, part: QuantumCircuit, names: frozenset[str], device: DeviceSide) -> None:
    """Add gates to Braket's circuit; all of them have a name that needs no translation by ``to_braket``."""
    part.global_phase = 0
    if not part.data:
        return
    try:
        written.add_circuit(to_braket(part, basis_gates=names))
    except ValueError as error:
        raise BackendRefused(
            f"the circuit has no text for {device.name}: {error}",
            remedy="Replace the instruction that it names.",
        ) from error
