"""What a circuit is, whatever its bytes: equal for two circuits that were built the same way.

The bytes of a stored program will not do: they hold names, metadata and the order in which things were made.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def fingerprint(circuit: "QuantumCircuit") -> str:
    """Return the SHA-256 of a circuit's structure: its bits, and each operation with its bits and parameters.

    Names and metadata of the circuit and names of its quantum registers do not matter. The names of classical
    registers do, since results carry them.
    """
    registers = [[register.name, register.size] for register in circuit.cregs]
    text = json.dumps([registers, _structure(circuit)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _structure(circuit: "QuantumCircuit") -> list[Any]:
    qubits = {bit: place for place, bit in enumerate(circuit.qubits)}
    clbits = {bit: place for place, bit in enumerate(circuit.clbits)}
    operations = [
        [
            instruction.name,
            [qubits[bit] for bit in instruction.qubits],
            [clbits[bit] for bit in instruction.clbits],
            *_details(instruction, clbits),
        ]
        for instruction in circuit.data
    ]
    return [circuit.num_qubits, circuit.num_clbits, _value(circuit.global_phase), operations]


def _details(instruction: Any, clbits: dict[Any, int]) -> list[Any]:
    if instruction.is_standard_gate():
        return [_value(parameter) for parameter in instruction.params]
    operation = instruction.operation
    details: list[Any] = [_value(parameter) for parameter in operation.params]
    if (state := getattr(operation, "ctrl_state", None)) is not None:
        details.append(["controls", int(state)])
    details += [
        [name, _place(found, clbits)]
        for name in ("condition", "target", "unit", "duration", "lvalue", "rvalue")
        if (found := getattr(operation, name, None)) is not None
    ]
    if _own(operation) and operation.definition is not None:
        details.append(["definition", _structure(operation.definition)])
    return details


def _own(operation: Any) -> bool:
    """Whether an operation is known by nothing but its definition."""
    from qjob.programs.settle import is_generic

    return is_generic(operation)


def _place(value: Any, clbits: dict[Any, int]) -> Any:
    """Return what a condition or a target says, with bits by their places."""
    if isinstance(value, tuple):
        return [_place(each, clbits) for each in value]
    from qiskit.circuit import ClassicalRegister, Clbit

    if isinstance(value, Clbit):
        return ["clbit", clbits.get(value, -1)]
    if isinstance(value, ClassicalRegister):
        return ["register", [clbits.get(bit, -1) for bit in value]]
    return _value(value)


def _value(value: Any) -> Any:
    """Return a parameter as JSON that differs where the parameter differs."""
    import numpy as np
    from qiskit import QuantumCircuit

    if isinstance(value, QuantumCircuit):
        return _structure(value)
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
        return [_value(each) for each in value]
    return repr(value)
