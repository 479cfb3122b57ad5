"""Noise as Aer objects: the noise model of gates and readout, and what a delay does to a qubit."""

from copy import copy
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
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


class Grouped(NoiseModel):  # type: ignore[misc]
    """A noise model that describes each error once, with all the gates that it follows.

    Aer's own describes it for every gate anew and reads that before every run, in 13 ms where two errors follow some
    thirty gates, and in 40 where these relax.
    """

    def to_dict(self, serializable: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as Aer calls it
        """Return the description that Aer reads."""
        gates: dict[str, list[str]] = {}
        once = copy(self)
        once._default_quantum_errors = {}  # noqa: SLF001 - nothing public replaces what a model holds
        for gate, error in self._default_quantum_errors.items():
            if error.id not in gates:
                once._default_quantum_errors[gate] = error  # noqa: SLF001 - as above
            gates.setdefault(error.id, []).append(gate)
        told: dict[str, Any] = super(Grouped, once).to_dict(serializable)
        for error in told["errors"]:
            if "gate_qubits" not in error and error.get("id") in gates:
                error["operations"] = gates[error["id"]]
        return told


def noise_model(noise: NoiseParameters) -> NoiseModel:
    """Return Aer's model of this noise."""
    model = Grouped()
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

    Without relaxation a delay does nothing and is dropped.

    Raises
    ------
    BackendRefused
        A delay in ``dt``, or in no constant time: the simulator cannot know how long that is.
    """
    replaced = circuit.copy_empty_like()
    for instruction in circuit.data:
        if instruction.name == "delay":
            duration = _nanoseconds(instruction) if noise.relaxes else 0.0
            if duration > 0:
                replaced.append(relaxation(noise, duration).to_instruction(), instruction.qubits)
        elif instruction.is_control_flow() and (blocks := instruction.operation.blocks):
            waiting = instruction.operation.replace_blocks([with_waiting(block, noise) for block in blocks])
            replaced.append(waiting, instruction.qubits, instruction.clbits)
        else:
            replaced.append(instruction)
    return replaced


def _nanoseconds(instruction: CircuitInstruction) -> float:
    delay = instruction.operation
    if delay.unit not in NANOSECONDS_IN or not isinstance(delay.duration, (int, float)):
        raise BackendRefused(
            f"a delay of {delay.duration} {delay.unit} has no known duration on a simulator, so relaxation during "
            "it cannot be simulated.",
            remedy='Give it a unit of time: qc.delay(100, qubit, unit="ns"). Or leave t1, t2 and the preset out.',
        )
    return float(delay.duration) * NANOSECONDS_IN[delay.unit]


def never_sampled(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit that does the same and of which Aer simulates every shot.

    Where Aer draws shots from one final state, it applies the readout error of a bit that is written twice twice.
    A reset of a fresh qubit changes nothing and keeps it from doing so, if the qubit can influence a measurement.
    """
    measured = (one.qubits[0] for one in circuit.data if one.name == "measure")
    forced = circuit.copy_empty_like()
    forced.reset(next(measured, circuit.qubits[0]))
    for instruction in circuit.data:
        forced.append(instruction)
    return forced
