"""Which circuits need no closer look: most of those that people submit by the hundred."""

import sys
from math import isfinite

from qjob.programs.bounds import MAX_OPERATIONS


def is_flat(value: object) -> bool:
    """Say whether a value is a qiskit circuit of nothing but standard gates, measurements, barriers and resets.

    Nothing in it nests, has a meaning of its author's or a unit, and all angles are finite numbers: what
    `qjob.programs.bounds`, ``delays``, ``settle`` and ``check`` look for is not there. A fifth of the time that these
    take.
    """
    qiskit = sys.modules.get("qiskit")
    if qiskit is None or not isinstance(value, qiskit.QuantumCircuit):
        return False
    from qjob.programs.settle import is_simple

    data = value.data
    if len(data) * (value.num_qubits + value.num_clbits) > MAX_OPERATIONS:  # to be counted exactly
        return False
    for one in data:
        if one.is_standard_gate():
            for angle in one.params:
                if type(angle) is not float or not isfinite(angle):
                    return False
        elif not is_simple(one.operation):
            return False
    return True
