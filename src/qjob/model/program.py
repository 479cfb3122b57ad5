"""A program as it was submitted, and what is known about its circuit. Knows no quantum library."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from qjob.model.bits import BitLayout


class ProgramFormat(StrEnum):
    """How a program's bytes are to be read."""

    QPY = "qpy"  # one qiskit circuit
    QASM2 = "qasm2"  # OpenQASM 2 text, UTF-8
    QASM3 = "qasm3"  # OpenQASM 3 text with stdgates.inc, UTF-8
    BRAKET = "braket"  # OpenQASM 3 text in Amazon Braket's dialect (cnot, si, v, no include), UTF-8


@dataclass(frozen=True)
class Program:
    """A program exactly as it is stored: a format and its bytes."""

    format: ProgramFormat
    data: bytes

    @cached_property
    def digest(self) -> str:
        """SHA-256 over format and bytes, the name under which the store keeps the program once."""
        return hashlib.sha256(self.format.encode() + b"\0" + self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class CircuitProfile:
    """What admission and simulation have to know about a circuit, without the circuit.

    Parameters
    ----------
    num_qubits
        Qubits declared.
    active_qubits
        Qubits that can influence a measurement, which is what a simulator pays for.
    layout
        The classical bits: how many, which are measured, their registers.
    measured_qubits
        How many different qubits are measured.
    gates
        Operation name to how often it occurs at the top level.
    terminal
        True where every measurement comes last, so that the final state can be sampled.
    """

    num_qubits: int
    active_qubits: int
    layout: BitLayout
    measured_qubits: int
    gates: Mapping[str, int]
    terminal: bool

    @classmethod
    def from_object(cls, plain: Mapping[str, Any]) -> "CircuitProfile":
        """Return the profile that was written as this JSON object."""
        return cls(**{**plain, "layout": BitLayout.from_object(plain["layout"])})
