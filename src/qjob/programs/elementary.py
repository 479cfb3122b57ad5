"""How many elementary operations a circuit comes to, for what is billed by the time that they take.

A gate that is made of others counts as these: a service is sent them, or takes as long as for them.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qjob.model.gates import CHANNELS, CONTROL_FLOW, MEASURING, NO_GATES, ONE_QUBIT, TWO_QUBIT

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

ELEMENTARY = ONE_QUBIT | TWO_QUBIT | MEASURING | NO_GATES | CHANNELS | CONTROL_FLOW

Known = dict[tuple[Any, ...], Counter[str]]


def elementary(circuit: "QuantumCircuit") -> Mapping[str, int]:
    """Return operation name to how often it occurs, gates of several parts as their parts.

    What has no definition, such as a matrix of its own, counts once; so does a loop or a branch.
    """
    counted = circuit.count_ops()
    if ELEMENTARY.issuperset(counted):
        return dict(counted)
    return dict(_count(circuit, {}))


def _count(circuit: "QuantumCircuit", known: Known) -> Counter[str]:
    total: Counter[str] = Counter()
    for instruction in circuit.data:
        if instruction.name in ELEMENTARY:
            total[instruction.name] += 1
        else:
            total += _parts(instruction.operation, known)
    return total


def _parts(operation: Any, known: Known) -> Counter[str]:
    from qjob.programs.operations import is_generic
    from qjob.programs.operations import key as own

    key: Any = (type(operation), operation.name, operation.num_qubits, *map(str, operation.params))
    if is_generic(operation):
        key = own(operation)  # of one name there may be several
    if key not in known:
        definition = getattr(operation, "definition", None)
        known[key] = Counter({operation.name: 1}) if definition is None else _count(definition, known)
    return known[key]
