"""What a circuit is, whatever its bytes: equal for two circuits that were built the same way.

The bytes of a stored program will not do: they hold names, metadata and the order in which things were made.
"""

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

NUMBERED = re.compile(r"(c|meas)\d+")
"""Names of classical registers that qiskit gives, with a number that is one higher each time in a process."""

EXPRESSION = ("op", "var", "value", "operand", "left", "right", "target", "index")
"""What the parts of a classical expression are called."""

PIECE = 1000
"""Operations that are written out at a time."""


def fingerprint(circuit: "QuantumCircuit") -> str:
    """Return the SHA-256 of a circuit's structure: its bits, and each operation with its bits and parameters.

    Names and metadata of the circuit and names of its quantum registers do not matter. The names of classical
    registers do, since results carry them; of a name that qiskit made up only its beginning, or a cell that says
    ``ClassicalRegister(2)`` would make another circuit each time it runs. A definition is read once, however often it
    is used.
    """
    registers = [[_name(register.name), register.size] for register in circuit.cregs]
    return _Reading().structure(circuit, registers)


class _Reading:
    """One reading of a circuit, and what it has found out about the definitions in it."""

    def __init__(self) -> None:
        self.known: dict[Any, str] = {}
        self.keep: list[Any] = []  # an id stays taken as long as its object lives

    def structure(self, circuit: "QuantumCircuit", *also: Any) -> str:
        """Return the SHA-256 of a circuit's structure, and of what else there is to tell of it."""
        qubits = {bit: place for place, bit in enumerate(circuit.qubits)}
        clbits = {bit: place for place, bit in enumerate(circuit.clbits)}
        head = [*also, circuit.num_qubits, circuit.num_clbits, self.value(circuit.global_phase)]
        digest = hashlib.sha256(_json(head))
        data = circuit.data
        for start in range(0, len(data), PIECE):  # the text of all of them at once would be long
            operations = [
                [
                    instruction.name,
                    [qubits[bit] for bit in instruction.qubits],
                    [clbits[bit] for bit in instruction.clbits],
                    *self.details(instruction, clbits),
                ]
                for instruction in data[start : start + PIECE]
            ]
            digest.update(_json(operations))
        return digest.hexdigest()

    def details(self, instruction: Any, clbits: dict[Any, int]) -> list[Any]:
        """Return what an instruction does beyond its name, as JSON."""
        if instruction.is_standard_gate():
            return [self.value(parameter) for parameter in instruction.params]
        return self.operation(instruction.operation, clbits)

    def operation(self, operation: Any, clbits: dict[Any, int]) -> list[Any]:
        """Return what an operation that is no standard gate does beyond its name, as JSON."""
        from qiskit.circuit import AnnotatedOperation, SwitchCaseOp

        if isinstance(operation, AnnotatedOperation):
            base = operation.base_op
            return [[base.name, *self.operation(base, clbits)], *map(self.modifier, operation.modifiers)]
        details: list[Any] = [self.value(parameter) for parameter in operation.params]
        if (state := getattr(operation, "ctrl_state", None)) is not None:
            details.append(["controls", int(state)])
        details += [
            [name, self.place(found, clbits)]
            for name in ("condition", "target", "unit", "duration", "lvalue", "rvalue")
            if (found := getattr(operation, name, None)) is not None
        ]
        if isinstance(operation, SwitchCaseOp):
            details.append(
                ["cases", [[repr(label) for label in labels] for labels, _ in operation.cases_specifier()]]
            )
        if _own(operation):
            details.append(["definition", self.definition(operation)])
        return details

    def modifier(self, modifier: Any) -> list[Any]:
        """Return what an annotation says, as JSON."""
        said = {name: self.value(value) for name, value in vars(modifier).items()}
        return [type(modifier).__name__, said]

    def definition(self, operation: Any) -> str | None:
        """Return the SHA-256 of what an operation is defined as, None where it is not."""
        from qjob.programs.operations import key

        name = key(operation)
        if name not in self.known:
            if (definition := operation.definition) is None:
                return None
            self.keep.append(operation)
            self.known[name] = self.structure(definition)
        return self.known[name]

    def place(self, value: Any, clbits: dict[Any, int]) -> Any:
        """Return what a condition or a target says, with bits by their places."""
        if isinstance(value, tuple):
            return [self.place(each, clbits) for each in value]
        from qiskit.circuit import ClassicalRegister, Clbit
        from qiskit.circuit.classical import expr

        if isinstance(value, Clbit):
            return ["clbit", clbits.get(value, -1)]
        if isinstance(value, ClassicalRegister):
            return ["register", [clbits.get(bit, -1) for bit in value]]
        if isinstance(value, expr.Expr):
            parts = [getattr(value, part) for part in EXPRESSION if hasattr(value, part)]
            return [type(value).__name__, repr(value.type), *(self.place(part, clbits) for part in parts)]
        return self.value(value)

    def value(self, value: Any) -> Any:
        """Return a parameter as JSON that differs where the parameter differs."""
        import numpy as np
        from qiskit import QuantumCircuit

        if isinstance(value, QuantumCircuit):
            return self.structure(value)
        if value is None:
            return value
        if isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)):
            return float(value).hex()  # an angle of 1 is one of 1.0, and a bit that is True one of 1
        if isinstance(value, (complex, np.complexfloating)):
            return [float(value.real).hex(), float(value.imag).hex()]
        if isinstance(value, np.ndarray):
            content = np.ascontiguousarray(value, dtype=np.complex128)
            return [list(value.shape), hashlib.sha256(content.tobytes()).hexdigest()]
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        return repr(value)


def _name(register: str) -> str:
    """Return the name of a classical register without the number that qiskit gave it."""
    numbered = NUMBERED.fullmatch(register)
    return numbered[1] if numbered else register


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _own(operation: Any) -> bool:
    """Whether an operation is known by nothing but its definition."""
    from qjob.programs.operations import is_generic

    return is_generic(operation)
