"""A circuit whose instructions are read once, for Aer, which looks at each of them again and again before it runs it.

qiskit keeps gates outside Python and makes an object of one at every look, which takes up to 30 us. Aer took over a
circuit of 150 gates in 8 ms; where it finds plain values instead, that takes 2 ms.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from qiskit import QuantumCircuit
from qiskit.circuit import Barrier, Clbit, Measure, Qubit, Reset
from qiskit.circuit.library import UnitaryGate
from qiskit_aer.library import SaveProbabilities, SaveStatevector

PLAIN = (Barrier, Measure, Reset, SaveProbabilities, SaveStatevector, UnitaryGate)
"""What may stand beside standard gates; where Aer sees some other classes, it rewrites the circuit."""


class Gate(NamedTuple):
    """What Aer asks of a standard gate."""

    name: str
    params: Sequence[Any]
    label: str | None


class Placed(NamedTuple):
    """An instruction, as the ``data`` of a circuit hold it."""

    operation: Any
    qubits: Sequence[Qubit]
    clbits: Sequence[Clbit]


class ReadOnce:
    """Stands for a circuit where somebody reads it; not for one that is changed or copied.

    Parameters
    ----------
    circuit
        The circuit.
    data
        Its instructions.
    """

    def __init__(self, circuit: QuantumCircuit, data: Sequence[Placed]) -> None:
        self._circuit = circuit
        self.data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._circuit, name)


def read_once(circuit: QuantumCircuit) -> QuantumCircuit | ReadOnce:
    """Return what Aer is to be given for a circuit: itself, where it holds more than gates and what is `PLAIN`."""
    data = []
    for instruction in circuit.data:
        if instruction.is_standard_gate():
            operation: Any = Gate(instruction.name, instruction.params, instruction.label)
        elif not isinstance(operation := instruction.operation, PLAIN):
            return circuit
        data.append(Placed(operation, instruction.qubits, instruction.clbits))
    return ReadOnce(circuit, data)
