"""What admission and simulation have to know about a circuit, in one quick pass. Decides nothing.

Knows qiskit circuits, but imports qiskit only when it is called: whoever has a circuit has qiskit loaded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qjob.model.bits import BitLayout
from qjob.model.gates import CHANNELS
from qjob.model.program import CircuitProfile
from qjob.programs.flat import Shape, places_of, registers

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

IDLE = frozenset({"barrier", "delay"})
"""What neither measures nor joins qubits."""

SHORT = 1000
"""Operations of a circuit whose profile is kept for others of its shape."""


def profile(circuit: "QuantumCircuit") -> CircuitProfile:
    """Return the profile of a circuit from `qjob.programs.load`, where names mean what they say.

    ``terminal`` is True where the final state can be sampled: gates, noise channels, barriers, delays, instructions
    of nothing else; reset and initialize on untouched qubits only; measurements at the end, where the last write to
    a clbit wins and measuring the same qubit twice gives the same bit twice. Anything else, or another operation on a
    measured qubit, makes it False, as does a circuit without a measurement.

    ``gates`` names a channel also where it is inside of another instruction, since it makes the state a mixed one.

    ``active_qubits`` counts the backward light cone of all measurements. Control flow that can write a classical
    bit, or that touches the cone, belongs to it with all its qubits; a reset does not end it.
    """
    clbits = places_of(circuit.clbits)
    scan = _Scan(clbits)
    data = circuit.data
    for place, instruction in enumerate(data):
        if instruction.is_standard_gate():
            scan.gate(instruction.qubits)
        elif instruction.name == "measure":
            scan.measure(place, instruction.qubits[0], clbits[instruction.clbits[0]])
        elif instruction.name not in IDLE:
            scan.other(place, instruction.operation, instruction.qubits, instruction.clbits)
    layout = BitLayout(len(clbits), tuple(sorted(scan.written)), registers(circuit))
    return _profile(scan, data, circuit.num_qubits, layout, _gates(circuit, scan))


def profile_of(shape: Shape) -> CircuitProfile:
    """Return what `profile` does of any flat circuit of this shape; the same one for those of a sweep."""
    return _of_short(shape) if len(shape.operations) <= SHORT else _of(shape)


@lru_cache(64)
def _of_short(shape: Shape) -> CircuitProfile:
    return _of(shape)


def _of(shape: Shape) -> CircuitProfile:
    scan = _Scan({})
    for place, (name, qubits, clbits, is_gate) in enumerate(shape.operations):
        if is_gate:
            scan.gate(qubits)
        elif name == "measure":
            scan.measure(place, qubits[0], clbits[0])
        elif name == "reset":
            scan.reset(qubits)
    layout = BitLayout(shape.num_clbits, tuple(sorted(scan.written)), shape.registers)
    gates = dict(Counter(operation.name for operation in shape.operations))
    return _profile(scan, shape.operations, shape.num_qubits, layout, gates)


def _profile(
    scan: "_Scan", data: Any, num_qubits: int, layout: BitLayout, gates: dict[str, int]
) -> CircuitProfile:
    """Return what was found by a pass over the operations of a circuit."""
    measured = len(scan.measured)
    return CircuitProfile(
        num_qubits=num_qubits,
        active_qubits=num_qubits if measured == num_qubits else _light_cone(data, scan.measuring),
        layout=layout,
        measured_qubits=measured,
        gates=gates,
        terminal=scan.terminal and bool(measured),
    )


def _gates(circuit: "QuantumCircuit", scan: "_Scan") -> dict[str, int]:
    gates = dict(circuit.count_ops())
    if scan.nested:
        from qjob.programs.operations import operations

        for name in {one.name for one in operations(circuit)} & CHANNELS:
            gates.setdefault(name, 1)
    return gates


def _light_cone(data: Any, measuring: set[int]) -> int:
    """Return how many qubits can influence a measurement; ``measuring``: the places of what measures."""
    live: set[Any] = set()
    for place in range(len(data) - 1, -1, -1):
        instruction = data[place]
        if place in measuring or (not live.isdisjoint(instruction.qubits) and instruction.name not in IDLE):
            live.update(instruction.qubits)
    return len(live)


@dataclass(slots=True)
class _Scan:
    """One pass over the instructions of a circuit."""

    clbits: Mapping[Any, int]
    measured: set[Any] = field(default_factory=set)  # qubits
    written: set[int] = field(default_factory=set)  # clbits
    touched: set[Any] = field(default_factory=set)  # qubits that no longer are |0>
    measuring: set[int] = field(default_factory=set)  # places of instructions that measure
    terminal: bool = True
    nested: bool = False  # whether an operation may hold others

    def gate(self, qubits: Sequence[Any]) -> None:
        """Take in a gate."""
        if self.measured and not self.measured.isdisjoint(qubits):
            self.terminal = False
        self.touched.update(qubits)

    def measure(self, place: int, qubit: Any, clbit: int) -> None:
        """Take in a measurement."""
        self.measured.add(qubit)
        self.written.add(clbit)
        self.measuring.add(place)

    def reset(self, qubits: Sequence[Any]) -> None:
        """Take in a reset."""
        self.terminal = self.terminal and self._are_fresh(qubits)

    def _are_fresh(self, qubits: Sequence[Any]) -> bool:
        return self.touched.isdisjoint(qubits) and self.measured.isdisjoint(qubits)

    def other(self, place: int, operation: Any, qubits: Sequence[Any], clbits: Sequence[Any]) -> None:
        """Take in what is neither a standard gate nor a measurement, and not idle."""
        from qiskit.circuit import ControlFlowOp, Gate, Reset
        from qiskit.circuit.library import Initialize

        from qjob.programs.operations import is_generic

        self.nested = self.nested or is_generic(operation) or isinstance(operation, ControlFlowOp)
        if not clbits and (isinstance(operation, Gate) or _evolves(operation)):
            self.gate(qubits)
            return
        if isinstance(operation, (Reset, Initialize)):
            self.reset(qubits)
            if isinstance(operation, Initialize):
                self.gate(qubits)
            return
        self.terminal = False
        wires = _Wires(dict(enumerate(qubits)), {i: self.clbits[bit] for i, bit in enumerate(clbits)})
        before = len(self.written)
        self._effects(operation, wires)
        if len(self.written) > before or clbits:
            self.measuring.add(place)
        self.touched.update(qubits)

    def _effects(self, operation: Any, wires: "_Wires") -> None:
        """Add what an operation with inner circuits or classical bits can measure and write."""
        from qiskit.circuit import ControlFlowOp, Measure, Store

        if isinstance(operation, Measure):
            self.measured.add(wires.qubits[0])
            self.written.add(wires.clbits[0])
        elif isinstance(operation, Store):
            self.written.update(self._targets(operation.lvalue, wires))
        elif isinstance(operation, ControlFlowOp):
            for block in operation.blocks:
                self._block(block, wires)
        elif (definition := getattr(operation, "definition", None)) is not None:
            if wires.clbits:
                self._block(definition, wires)
        elif wires.clbits:  # opaque: it can do anything to its bits
            self.measured.update(wires.qubits.values())
            self.written.update(wires.clbits.values())

    def _block(self, block: Any, wires: "_Wires") -> None:
        """Follow a block; its bits stand for the outer instruction's by position."""
        qubits = {bit: i for i, bit in enumerate(block.qubits)}
        clbits = {bit: i for i, bit in enumerate(block.clbits)}
        for instruction in block.data:
            if instruction.is_standard_gate() or not (
                instruction.clbits or instruction.is_control_flow() or instruction.name == "store"
            ):
                continue
            inner = _Wires(
                {i: wires.qubits[qubits[bit]] for i, bit in enumerate(instruction.qubits)},
                {i: wires.clbits[clbits[bit]] for i, bit in enumerate(instruction.clbits)},
                {bit: wires.clbits[i] for bit, i in clbits.items()},
            )
            self._effects(instruction.operation, inner)

    def _targets(self, lvalue: Any, wires: "_Wires") -> Iterable[int]:
        """Return the clbits that an assignment writes; none where it writes a variable."""
        from qiskit.circuit import ClassicalRegister, Clbit
        from qiskit.circuit.classical import expr

        while isinstance(lvalue, expr.Index):  # one bit of a register: which one is known at run time only
            lvalue = lvalue.target
        target = getattr(lvalue, "var", None)
        bits = (
            [target] if isinstance(target, Clbit) else target if isinstance(target, ClassicalRegister) else []
        )
        return [wires.named.get(bit, self.clbits.get(bit, -1)) for bit in bits]


def _evolves(operation: Any) -> bool:
    """Whether an instruction is a channel, or consists of nothing but gates, channels, barriers and delays."""
    from qiskit.circuit import Gate, Instruction

    if operation.name in CHANNELS:
        return True
    # What has a class of its own, such as reset and initialize, means more than its definition tells.
    if type(operation) is not Instruction or operation.definition is None:
        return False
    return all(
        one.is_standard_gate()
        or one.name in IDLE
        or (not one.clbits and (isinstance(one.operation, Gate) or _evolves(one.operation)))
        for one in operation.definition.data
    )


@dataclass(frozen=True, slots=True)
class _Wires:
    """Where the bits of an inner circuit lie in the outer one, by position, and its clbits by identity."""

    qubits: Mapping[int, Any]
    clbits: Mapping[int, int]
    named: Mapping[Any, int] = field(default_factory=dict)
