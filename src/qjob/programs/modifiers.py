"""What a gate modifier of OpenQASM 3 may be applied to: qiskit builds the result, which can be far larger."""

from typing import Any

from openqasm3 import ast
from qiskit.circuit.library import UnitaryGate

from qjob.programs.syntax import complain
from qjob.programs.tally import Tally

MAX_CONTROLS = 32
"""Controls of one gate; qiskit builds a definition that grows with them."""
CONTROLLED = 30
"""What a control makes of one operation, or a little more or less."""
MAX_MATRIX_QUBITS = 8
"""Qubits of a gate that a power is taken of, or that is a matrix: it has 4^n numbers."""
POWER_ENTRIES = 1024


def guard_control(modifier: ast.QuantumGateModifier, gate: Any, count: int, tally: Tally) -> None:
    """Complain about a modifier that adds so many controls, unless there is room for what it makes."""
    if not 1 <= count <= MAX_CONTROLS - getattr(gate, "num_ctrl_qubits", 0):
        complain(modifier, f"{count} controls are out of range: a gate may have 1 to {MAX_CONTROLS}")
    if isinstance(gate, UnitaryGate) and gate.num_qubits + count > MAX_MATRIX_QUBITS:
        complain(modifier, f"a matrix of {gate.num_qubits + count} qubits is beyond {MAX_MATRIX_QUBITS}")
    tally.room(modifier, tally.each * CONTROLLED * count)


def guard_power(modifier: ast.QuantumGateModifier, gate: Any, tally: Tally) -> None:
    """Complain about a modifier that takes a power, unless there is room for the gate's matrix."""
    if gate.num_qubits > MAX_MATRIX_QUBITS:
        complain(
            modifier, f"a power of a gate of {gate.num_qubits} qubits; at most {MAX_MATRIX_QUBITS} are taken"
        )
    tally.room(modifier, tally.each * 4**gate.num_qubits // POWER_ENTRIES)
