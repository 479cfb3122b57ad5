"""Refuses what a device of Amazon Braket cannot run, as far as a circuit's profile tells.

The kernel calls it before anything is stored, so it imports no quantum library and asks no service.
"""

from dataclasses import dataclass

from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused, ProgramRefused
from qjob.model.gates import CHANNELS, CONTROL_FLOW
from qjob.model.program import CircuitProfile

LOCALLY = "or run it on this machine: --backend marqov-sim"
WRITABLE = frozenset({"kraus"})
"""The one kind of channel that has a text in Braket's dialect."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What of a circuit's shape a device takes.

    Parameters
    ----------
    name
        What to call it in a message.
    qubits
        How many it has.
    noise
        Whether noise channels in a circuit are run.
    simulator
        Whether time stands still: a delay does nothing there.
    """

    name: str
    qubits: int
    noise: bool
    simulator: bool


def refuse_profile(info: BackendInfo, profile: CircuitProfile) -> None:
    """Refuse a circuit for a row of the catalogue.

    Raises
    ------
    ProgramRefused
        Nothing is measured.
    BackendRefused
        Too many qubits, control flow, a reset or a gate after a measurement, noise where there can be none, or a
        delay on a QPU.
    """
    refuse(limits_of(info), profile)


def limits_of(info: BackendInfo) -> Limits:
    """Return the limits that a row of the catalogue implies; the device itself may tell of others."""
    return Limits(
        name=info.slug,
        qubits=info.max_qubits,
        noise=info.target.endswith("/dm1"),
        simulator="/quantum-simulator/" in info.target,
    )


def refuse(limits: Limits, profile: CircuitProfile) -> None:
    """Raise the first reason why a circuit of this profile cannot run; see `refuse_profile`."""
    if not profile.layout.measured:
        raise ProgramRefused(
            "the circuit measures nothing, so there would be no counts.",
            remedy="Add measurements: qc.measure_all()",
        )
    if profile.active_qubits > limits.qubits:
        raise too_wide(limits, profile.active_qubits)
    if flow := sorted(CONTROL_FLOW.intersection(profile.gates)):
        raise BackendRefused(
            f"{limits.name} runs no control flow ({', '.join(flow)}): its programs are gates, then measurements.",
            remedy=f"Write a circuit for each branch, {LOCALLY}",
            numbers={"operations": flow},
        )
    if not profile.terminal:
        raise _not_terminal(limits, profile)
    _refuse_noise(limits, profile)
    if "delay" in profile.gates and not limits.simulator:
        raise BackendRefused(
            f"{limits.name} takes no delays, and without them the circuit would be another one.",
            remedy="Remove them. Waiting qubits are simulated with: --backend qb-sim-noisy-aer --option t1=100",
            numbers={"delays": profile.gates["delay"]},
        )


def too_wide(limits: Limits, qubits: int) -> BackendRefused:
    """Return the refusal of a circuit of so many qubits."""
    return BackendRefused(
        f"the circuit needs {qubits} qubits, {limits.name} has {limits.qubits}.",
        remedy=f"Use at most {limits.qubits} qubits. %qjob backends lists what others have.",
        numbers={"qubits": qubits, "max_qubits": limits.qubits},
    )


def _not_terminal(limits: Limits, profile: CircuitProfile) -> BackendRefused:
    resets = [name for name in ("reset", "initialize") if name in profile.gates]
    if resets:
        what = (
            f"{limits.name} resets no qubit that was used before, and the circuit has {' and '.join(resets)}"
        )
    else:
        what = (
            f"{limits.name} measures at the end only, and the circuit goes on with a qubit after measuring it"
        )
    return BackendRefused(
        f"{what}.",
        remedy=f"Use a fresh qubit in place of that one, {LOCALLY}",
        numbers={"reset": profile.gates.get("reset", 0), "measure": profile.gates.get("measure", 0)},
    )


def _refuse_noise(limits: Limits, profile: CircuitProfile) -> None:
    noise = CHANNELS.intersection(profile.gates)
    if noise and not limits.noise:
        raise BackendRefused(
            f"the circuit holds noise channels ({', '.join(sorted(noise))}), which {limits.name} cannot simulate.",
            remedy="Run it where noise is simulated: --backend dm1, or on this machine: --backend marqov-sim",
            numbers={name: profile.gates[name] for name in sorted(noise)},
        )
    if unwritable := sorted(noise - WRITABLE):
        raise BackendRefused(
            f"{limits.name} takes noise as Kraus operators, not as {', '.join(unwritable)}.",
            remedy="Write it as such: qiskit.quantum_info.Kraus(channel).to_instruction()",
            numbers={name: profile.gates[name] for name in unwritable},
        )
