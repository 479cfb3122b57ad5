"""Keeps the units of delays across QPY, which writes every delay as if it were counted in the device's ``dt``.

Seen with qiskit 2.6: a delay of 100 us comes back as one of 100 dt, and one of 100.5 us cannot be read at all.
So delays in seconds are written in whole picoseconds, with a mark in the circuit's metadata, and turned back when
the circuit is loaded. Only stored copies are changed, never the user's circuit.
"""

from collections.abc import Callable, Iterator

from qiskit import QuantumCircuit
from qiskit.circuit import ControlFlowOp, Delay

from qjob.model.errors import ProgramRefused

MARK = "qjob.delays"
LONGEST = 3600e12
"""Picoseconds: an hour, which no qubit waits and whole numbers hold with ease."""
PICOSECONDS = {"s": 1e12, "ms": 1e9, "us": 1e6, "ns": 1e3, "ps": 1.0}


def with_units_kept(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit to write: the same one where no delay has a unit that would be lost.

    Raises
    ------
    ProgramRefused
        Some delays are in seconds and others in dt, whose length in seconds only a device knows.
    """
    if "delay" not in circuit.count_ops() and not circuit.has_control_flow_op():
        return circuit
    units = {delay.unit for delay in _delays(circuit)}
    if not units & set(PICOSECONDS):
        return circuit
    longest = max(
        (delay.duration * PICOSECONDS.get(delay.unit, 1.0) for delay in _delays(circuit)), default=0.0
    )
    if not 0 <= longest <= LONGEST:
        raise ProgramRefused(
            "a delay of the circuit is longer than an hour, or no number.",
            remedy="Give it in us or ns, as it is meant.",
        )
    if "dt" in units:
        raise ProgramRefused(
            "the circuit has delays in dt beside delays in seconds.",
            remedy='Give all of them in seconds: qc.delay(100, qubit, unit="ns")',
        )
    written = _replaced(circuit, lambda delay: Delay(round(delay.duration * PICOSECONDS[delay.unit]), "dt"))
    written.metadata = {**(circuit.metadata or {}), MARK: "ps"}
    return written


def with_units_back(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit as it was before `with_units_kept`."""
    if not circuit.metadata or MARK not in circuit.metadata:
        return circuit
    restored = _replaced(circuit, lambda delay: Delay(float(delay.duration), "ps"))
    restored.metadata = {key: value for key, value in circuit.metadata.items() if key != MARK}
    return restored


def _delays(circuit: QuantumCircuit) -> Iterator[Delay]:
    """Yield the delays of a known length, those inside control flow included."""
    for instruction in circuit.data:
        operation = instruction.operation
        if isinstance(operation, Delay) and isinstance(operation.duration, (int, float)):
            yield operation
        elif isinstance(operation, ControlFlowOp):
            for block in operation.blocks:
                yield from _delays(block)


def _replaced(circuit: QuantumCircuit, change: Callable[[Delay], Delay]) -> QuantumCircuit:
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        operation = instruction.operation
        if isinstance(operation, Delay) and isinstance(operation.duration, (int, float)):
            operation = change(operation)
        elif isinstance(operation, ControlFlowOp):
            operation = operation.replace_blocks(_replaced(block, change) for block in operation.blocks)
        out._append(instruction.replace(operation=operation))  # noqa: SLF001 - qiskit's own fast way to copy
    return out
