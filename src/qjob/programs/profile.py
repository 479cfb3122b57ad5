"""What admission and simulation have to know about a circuit, in one quick pass. Decides nothing.

Knows qiskit circuits, but imports qiskit only when it is called: whoever has a circuit has qiskit loaded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qjob.model.bits import BitLayout, Register
from qjob.model.gates import CHANNELS
from qjob.model.program import CircuitProfile

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

IDLE = frozenset({"barrier", "delay"})
"""What neither measures nor joins qubits."""


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
    scan = _Scan({clbit: i for i, clbit in enumerate(circuit.clbits)})
    data = circuit.data
    for place, instruction in enumerate(data):
        if instruction.is_standard_gate():
            scan.gate(instruction.qubits)
        else:
            scan.other(place, instruction)
    num_qubits, measured = circuit.num_qubits, len(scan.measured)
    return CircuitProfile(
        num_qubits=num_qubits,
        active_qubits=num_qubits if measured == num_qubits else _light_cone(data, scan.measuring),
        layout=BitLayout(len(scan.clbits), tuple(sorted(scan.written)), _registers(circuit)),
        measured_qubits=measured,
        gates=_gates(circuit, scan),
        terminal=scan.terminal and bool(measured),
    )


def _gates(circuit: "QuantumCircuit", scan: "_Scan") -> dict[str, int]:
    gates = dict(circuit.count_ops())
    if scan.nested:
        from qjob.programs.settle import operations

        for name in {one.name for one in operations(circuit)} & CHANNELS:
            gates.setdefault(name, 1)
    return gates


def _registers(circuit: "QuantumCircuit") -> tuple[Register, ...]:
    """Return the classical registers where they tile the bits in order, each bit once; else none."""
    if [bit for register in circuit.cregs for bit in register] != list(circuit.clbits):
        return ()
    return tuple(Register(register.name, register.size) for register in circuit.cregs)


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

    def other(self, place: int, instruction: Any) -> None:
        """Take in what is no standard gate."""
        name = instruction.name
        if name == "measure":
            self.measured.update(instruction.qubits)
            self.written.add(self.clbits[instruction.clbits[0]])
            self.measuring.add(place)
        elif name not in IDLE:
            self._operation(place, instruction.operation, instruction.qubits, instruction.clbits)

    def _operation(
        self, place: int, operation: Any, qubits: tuple[Any, ...], clbits: tuple[Any, ...]
    ) -> None:
        from qiskit.circuit import ControlFlowOp, Gate, Reset
        from qiskit.circuit.library import Initialize

        from qjob.programs.settle import is_generic

        self.nested = self.nested or is_generic(operation) or isinstance(operation, ControlFlowOp)
        if not clbits and (isinstance(operation, Gate) or _evolves(operation)):
            self.gate(qubits)
            return
        fresh = self.touched.isdisjoint(qubits) and self.measured.isdisjoint(qubits)
        if isinstance(operation, (Reset, Initialize)):
            self.terminal = self.terminal and fresh
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
