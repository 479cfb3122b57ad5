"""The table of gates says what qiskit says."""

import pytest
from qiskit.circuit.library import get_standard_gate_name_mapping

from qjob.model.gates import MEASURING, NO_GATES, ONE_QUBIT, TWO_QUBIT, GateCounts, count_gates, operations

STANDARD = get_standard_gate_name_mapping()


@pytest.mark.parametrize(("names", "qubits"), [(ONE_QUBIT, 1), (TWO_QUBIT, 2)])
def test_every_standard_gate_of_so_many_qubits_is_listed(names, qubits):
    assert names == {
        n for n in STANDARD if STANDARD[n].num_qubits == qubits and n not in NO_GATES | MEASURING
    }


@pytest.mark.parametrize(
    ("gates", "counts", "steps"),
    [
        pytest.param({"h": 1, "cx": 1, "measure": 2}, GateCounts(1, 1, 2, 0), 2, id="bell"),
        pytest.param({"rz": 3, "reset": 1, "measure": 1}, GateCounts(3, 0, 2, 0), 4, id="reset"),
        pytest.param({"barrier": 4, "delay": 1, "global_phase": 1}, GateCounts(0, 0, 0, 0), 0, id="nothing"),
        pytest.param({"ccx": 2, "unitary": 1, "own_x": 1}, GateCounts(0, 0, 0, 4), 4, id="others"),
        pytest.param({"if_else": 1}, GateCounts(0, 0, 0, 1), 1, id="control flow"),
        pytest.param({}, GateCounts(0, 0, 0, 0), 0, id="empty"),
    ],
)
def test_counting(gates, counts, steps):
    assert count_gates(gates) == counts
    assert operations(gates) == steps
