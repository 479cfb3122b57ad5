"""The gates of Amazon Braket's OpenQASM dialect as qiskit gates, exact including their phases.

Where qiskit has the same gate it is used, so that a simulator runs it natively. The phases matter: ``ctrl @``
turns them into something that can be measured. The tests compare every one with Braket's own matrix.
"""

from collections.abc import Callable, Mapping
from math import pi
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import (
    CCXGate,
    CPhaseGate,
    CSwapGate,
    CSXGate,
    CXGate,
    CYGate,
    CZGate,
    ECRGate,
    HGate,
    IGate,
    PhaseGate,
    RGate,
    RXGate,
    RXXGate,
    RYGate,
    RYYGate,
    RZGate,
    RZZGate,
    SdgGate,
    SGate,
    SwapGate,
    SXdgGate,
    SXGate,
    TdgGate,
    TGate,
    XGate,
    XXPlusYYGate,
    YGate,
    ZGate,
    iSwapGate,
)

from qjob.programs.qasm3 import GateSpec


def _gate(name: str, params: list[Any], num_qubits: int, fill: Callable[[QuantumCircuit], object]) -> Gate:
    gate = Gate(name, num_qubits, params)
    gate.definition = QuantumCircuit(num_qubits)
    fill(gate.definition)
    return gate


def _gpi(phi: Any) -> Gate:
    def fill(qc: QuantumCircuit) -> None:
        qc.rz(-phi, 0)
        qc.x(0)
        qc.rz(phi, 0)

    return _gate("gpi", [phi], 1, fill)


def _gpi2(phi: Any) -> Gate:
    return RGate(pi / 2, phi)


def _ms(phi0: Any, phi1: Any, theta: Any) -> Gate:
    """Return exp(-i theta/2 GPI(phi0) x GPI(phi1)): XX in axes turned by phi0 and phi1."""

    def fill(qc: QuantumCircuit) -> None:
        qc.rz(-phi0, 0)
        qc.rz(-phi1, 1)
        qc.rxx(theta, 0, 1)
        qc.rz(phi0, 0)
        qc.rz(phi1, 1)

    return _gate("ms", [phi0, phi1, theta], 2, fill)


def _pswap(theta: Any) -> Gate:
    def fill(qc: QuantumCircuit) -> None:
        qc.swap(0, 1)
        qc.rzz(theta, 0, 1)
        qc.global_phase = theta / 2

    return _gate("pswap", [theta], 2, fill)


def _xy(theta: Any) -> Gate:
    return XXPlusYYGate(-theta, 0)


def _cphaseshift(name: str, *flipped: int) -> Callable[[Any], Gate]:
    """Return the builder of a phase on the state whose ``flipped`` qubits are 0 and the others 1."""

    def build(theta: Any) -> Gate:
        def fill(qc: QuantumCircuit) -> None:
            for qubit in flipped:
                qc.x(qubit)
            qc.cp(theta, 0, 1)
            for qubit in flipped:
                qc.x(qubit)

        return _gate(name, [theta], 2, fill)

    return build


GATES: Mapping[str, GateSpec] = {
    "i": GateSpec(IGate, 0, 1),
    "h": GateSpec(HGate, 0, 1),
    "x": GateSpec(XGate, 0, 1),
    "y": GateSpec(YGate, 0, 1),
    "z": GateSpec(ZGate, 0, 1),
    "s": GateSpec(SGate, 0, 1),
    "si": GateSpec(SdgGate, 0, 1),
    "t": GateSpec(TGate, 0, 1),
    "ti": GateSpec(TdgGate, 0, 1),
    "v": GateSpec(SXGate, 0, 1),
    "vi": GateSpec(SXdgGate, 0, 1),
    "rx": GateSpec(RXGate, 1, 1),
    "ry": GateSpec(RYGate, 1, 1),
    "rz": GateSpec(RZGate, 1, 1),
    "phaseshift": GateSpec(PhaseGate, 1, 1),
    "prx": GateSpec(RGate, 2, 1),
    "gpi": GateSpec(_gpi, 1, 1),
    "gpi2": GateSpec(_gpi2, 1, 1),
    "cnot": GateSpec(CXGate, 0, 2),
    "cy": GateSpec(CYGate, 0, 2),
    "cz": GateSpec(CZGate, 0, 2),
    "cv": GateSpec(CSXGate, 0, 2),
    "ecr": GateSpec(ECRGate, 0, 2),
    "swap": GateSpec(SwapGate, 0, 2),
    "iswap": GateSpec(iSwapGate, 0, 2),
    "pswap": GateSpec(_pswap, 1, 2),
    "xy": GateSpec(_xy, 1, 2),
    "xx": GateSpec(RXXGate, 1, 2),
    "yy": GateSpec(RYYGate, 1, 2),
    "zz": GateSpec(RZZGate, 1, 2),
    "ms": GateSpec(_ms, 3, 2),
    "cphaseshift": GateSpec(CPhaseGate, 1, 2),
    "cphaseshift00": GateSpec(_cphaseshift("cphaseshift00", 0, 1), 1, 2),
    "cphaseshift01": GateSpec(_cphaseshift("cphaseshift01", 0), 1, 2),
    "cphaseshift10": GateSpec(_cphaseshift("cphaseshift10", 1), 1, 2),
    "ccnot": GateSpec(CCXGate, 0, 3),
    "cswap": GateSpec(CSwapGate, 0, 3),
}
