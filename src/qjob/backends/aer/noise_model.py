"""Noise as Aer objects: the noise model of gates and readout, and what a delay does to a qubit."""

from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Delay
from qiskit_aer.noise import (
    NoiseModel,
    QuantumError,
    ReadoutError,
    depolarizing_error,
    thermal_relaxation_error,
)

from qjob.backends.aer.noise import NoiseParameters, depolarizing
from qjob.model.errors import BackendRefused

ONE_QUBIT = (
    *("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"),
    *("rx", "ry", "rz", "p", "u1", "u2", "u3", "u", "r"),
)
TWO_QUBIT = ("cx", "cy", "cz", "ecr", "swap", "cp", "cu1", "rxx", "ryy", "rzz", "rzx")
"""The gates that carry noise; all others are decomposed into these first. Both noisy methods of Aer take them."""

NANOSECONDS_IN = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0, "ps": 1e-3}


def noise_model(noise: NoiseParameters) -> NoiseModel:
    """Return Aer's model of this noise."""
    model = NoiseModel()
    one = _gate_error(noise, noise.gate_error_1q, noise.gate_time_1q, 1)
    two = _gate_error(noise, noise.gate_error_2q, noise.gate_time_2q, 2)
    if not one.ideal():
        model.add_all_qubit_quantum_error(one, list(ONE_QUBIT))
    if not two.ideal():
        model.add_all_qubit_quantum_error(two, list(TWO_QUBIT))
    if noise.on_readout:
        model.add_all_qubit_readout_error(ReadoutError(_confusion(noise)))
    return model


def _gate_error(noise: NoiseParameters, infidelity: float, duration: float, qubits: int) -> QuantumError:
    """Return relaxation over the gate's time (ns), then depolarizing noise of the gate's infidelity."""
    error = depolarizing_error(depolarizing(infidelity, qubits), qubits)
    if noise.relaxes and duration > 0:
        single = relaxation(noise, duration)
        error = (single if qubits == 1 else single.expand(single)).compose(error)
    return error


def relaxation(noise: NoiseParameters, duration: float) -> QuantumError:
    """Return what ``duration`` nanoseconds do to a waiting qubit; it decays towards state 0."""
    return thermal_relaxation_error(noise.t1 * 1e3, noise.t2 * 1e3, duration)


def _confusion(noise: NoiseParameters) -> list[list[float]]:
    """Return P[true state][bit read]."""
    return [
        [1 - noise.readout_01, noise.readout_01],
        [noise.readout_10, 1 - noise.readout_10],
    ]


def with_waiting(circuit: QuantumCircuit, noise: NoiseParameters) -> QuantumCircuit:
    """Return the circuit with each delay, also those inside control flow, replaced by what it does to its qubit.

    Raises
    ------
    BackendRefused
        A delay in ``dt``, or in no constant time: the simulator cannot know how long that is.
    """
    replaced = circuit.copy_empty_like()
    for instruction in circuit.data:
        operation: Any = instruction.operation
        if isinstance(operation, Delay):
            duration = _nanoseconds(operation)
            if duration > 0:
                channel = relaxation(noise, duration).to_instruction()
                replaced.append(channel, instruction.qubits)
            continue
        if getattr(operation, "blocks", ()):
            blocks = [with_waiting(block, noise) for block in operation.blocks]
            replaced.append(operation.replace_blocks(blocks), instruction.qubits, instruction.clbits)
            continue
        replaced.append(instruction)
    return replaced


def _nanoseconds(delay: Delay) -> float:
    if delay.unit not in NANOSECONDS_IN or not isinstance(delay.duration, (int, float)):
        raise BackendRefused(
            f"a delay of {delay.duration} {delay.unit} has no known duration on a simulator.",
            remedy="Give the delay in ns, us, ms or s, or leave t1 and t2 out.",
        )
    return float(delay.duration) * NANOSECONDS_IN[delay.unit]
