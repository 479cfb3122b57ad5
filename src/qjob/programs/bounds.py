"""How large a program may be, once its loops, registers and gate definitions are written out.

A few lines of text can come to more operations than any machine holds: a gate of two gates of two gates, a register
of 90,000 qubits, a loop. So operations are counted before they are built, and a definition is looked through once,
however often it is used. Knows no format.
"""

from typing import TYPE_CHECKING, Any

from qjob.model.errors import ProgramRefused

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_OPERATIONS = 1_000_000
"""What one program may come to."""
MAX_USES = 50_000
"""Uses of a text's own gates, written out: each becomes a circuit of its own, of some kilobytes."""
MAX_LEVELS = 100
"""Gate definitions and blocks within each other; what reads them calls itself at each."""
CEILING = 10**15
"""Where counting stops: beyond it a number has no more to say, and thousands of digits."""
FEW_BITS = 3
MATRIX_ENTRIES = 4
SMALLER = "Shorten its loops, registers or gate definitions, or make several jobs of it."


def weight(bits: int) -> int:
    """Return what an operation counts: once, or once for each bit where it names more than three."""
    return bits if bits > FEW_BITS else 1


def too_many(operations: int) -> str:
    """Return what is wrong with a program of at least so many operations, without a full stop."""
    return (
        f"written out, the program comes to at least {min(operations, CEILING):,} operations; "
        f"at most {MAX_OPERATIONS:,} are taken"
    )


def too_many_uses(uses: int) -> str:
    """Return what is wrong with a text that uses its own gates at least so often, without a full stop."""
    return (
        f"written out, the program uses gates of its own at least {min(uses, CEILING):,} times; "
        f"at most {MAX_USES:,} are taken"
    )


def too_deep() -> str:
    """Return what is wrong with definitions that nest too deeply, without a full stop."""
    return f"gate definitions nest deeper than {MAX_LEVELS} levels"


def guard(circuit: "QuantumCircuit") -> None:
    """Refuse a circuit that is too large.

    Raises
    ------
    ProgramRefused
        It comes to more operations than `MAX_OPERATIONS`, or its definitions nest too deeply.
    """
    _Count().circuit(circuit, 1, 0)


def size(operation: Any) -> int:
    """Return how many operations one of any kind comes to; at least one.

    Raises
    ------
    ProgramRefused
        As by `guard`.
    """
    return _Count().operation(operation, operation.num_qubits + operation.num_clbits, 1, 0)[0]


class _Count:
    """One count: what each definition comes to, and how deep it is, is found out once."""

    def __init__(self) -> None:
        self.known: dict[Any, tuple[int, int]] = {}
        self.keep: list[Any] = []  # an id stays taken as long as its object lives
        self.seen = 0  # instructions looked at; each of them occurs at least once

    def circuit(self, circuit: "QuantumCircuit", times: int, level: int) -> tuple[int, int]:
        """Return what a circuit comes to that occurs at least so many times, and the levels within it."""
        from qjob.programs.operations import is_simple

        _check(level)
        data = circuit.data
        self.seen += len(data)
        total, levels = len(data), 0
        _check(level, max(self.seen, total * times))
        for instruction in data:
            if instruction.is_standard_gate():
                continue
            bits, operation = len(instruction.qubits) + len(instruction.clbits), instruction.operation
            if is_simple(operation):
                total += weight(bits) - 1
                continue
            operations, inner = self.operation(operation, bits, times, level)
            total += operations - 1
            levels = max(levels, inner)
            _check(level + levels, total * times)
        _check(level + levels, total * times)
        return total, levels

    def operation(self, operation: Any, bits: int, times: int, level: int) -> tuple[int, int]:
        """Return what an operation comes to that occurs at least so many times, and the levels within it."""
        from qiskit.circuit import AnnotatedOperation, ControlFlowOp

        from qjob.programs.operations import is_generic, key

        while isinstance(operation, AnnotatedOperation):
            operation = operation.base_op
        if isinstance(operation, ControlFlowOp):
            rounds = _rounds(operation)
            blocks = [self.circuit(block, times * rounds, level + 1) for block in operation.blocks]
            operations = sum(counted for counted, _ in blocks) * rounds
            return max(weight(bits), operations), 1 + max((levels for _, levels in blocks), default=0)
        matrices = (
            sum(getattr(entry, "size", 0) for entry in getattr(operation, "params", ())) // MATRIX_ENTRIES
        )
        least = max(weight(bits), matrices)
        if not is_generic(operation):
            return least, 0
        name = key(operation)
        if name not in self.known:
            self.keep.append(operation)
            definition = operation.definition
            inner = (0, -1) if definition is None else self.circuit(definition, times, level + 1)
            self.known[name] = max(least, inner[0]), inner[1] + 1
        return self.known[name]


def _check(levels: int, operations: int = 0) -> None:
    if levels > MAX_LEVELS:
        raise ProgramRefused(
            f"{too_deep()}.", remedy="Write some of them out.", numbers={"maximum": MAX_LEVELS}
        )
    if operations > MAX_OPERATIONS:
        raise ProgramRefused(
            f"{too_many(operations)}.",
            remedy=SMALLER,
            numbers={"operations": min(operations, CEILING), "maximum": MAX_OPERATIONS},
        )


def _rounds(operation: Any) -> int:
    """Return how often a loop over values goes round; 1 for everything else that holds blocks."""
    from qiskit.circuit import ForLoopOp

    if not isinstance(operation, ForLoopOp):
        return 1
    try:
        return max(1, len(operation.params[0]))
    except OverflowError:
        return CEILING
