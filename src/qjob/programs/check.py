"""Refuses what no simulator can run, before anything is stored. Knows no backend: widths are a backend's business."""

import math
from typing import TYPE_CHECKING, Any

from qjob.model.errors import ProgramRefused
from qjob.model.gates import CHANNELS
from qjob.model.program import CircuitProfile

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

SHOWN = 8
"""Names that one message lists."""
SIMULATORS_OWN = ("qiskit_aer.library.save_instructions", "qiskit_aer.library.set_instructions")


def check(
    circuit: "QuantumCircuit", profile: CircuitProfile, *, flat: bool = False, text: bool = False
) -> None:
    """Refuse a circuit that cannot run anywhere.

    Parameters
    ----------
    flat
        Whether it is known to be one that `qjob.programs.flat` knows.
    text
        Whether its author wrote OpenQASM: remedies are in that language then.

    Raises
    ------
    ProgramRefused
        No qubits, no measurement, unbound parameters or inputs, or an instruction without a meaning; each with its
        remedy.
    """
    if profile.num_qubits == 0:
        raise ProgramRefused("the circuit has no qubits.", remedy="Make it with some: QuantumCircuit(2)")
    if not profile.layout.measured:
        raise ProgramRefused(
            "the circuit measures nothing, so there would be no counts.",
            remedy="Add measurements: measure q -> c;"
            if text
            else "Add measurements: qc.measure_all(). A final state that is asked for is the one before them.",
            numbers={"num_qubits": profile.num_qubits},
        )
    if circuit.num_parameters:
        names = [parameter.name for parameter in circuit.parameters]
        raise ProgramRefused(
            f"the circuit has {_count(len(names), 'unbound parameter')}: {_listed(names)}.",
            remedy=f"Give each a value: const float {names[0]} = 0.5;"
            if text
            else f'Give each a value: qc = qc.assign_parameters({{"{names[0]}": 0.5}})',
            numbers={"parameters": names},
        )
    if circuit.num_input_vars:
        names = [variable.name for variable in circuit.iter_input_vars()]
        raise ProgramRefused(
            f"the circuit has {_count(len(names), 'input variable')} without a value: {_listed(names)}.",
            remedy="Declare it with a value: const int NAME = 1;"
            if text
            else "Declare it with a value: qc.add_var(name, value)",
            numbers={"inputs": names},
        )
    if circuit.num_declared_vars:
        names = [variable.name for variable in circuit.iter_declared_vars()]
        raise ProgramRefused(
            f"the circuit has {_count(len(names), 'local classical variable')}, which the simulators cannot "
            f"keep: {_listed(names)}.",
            remedy="Measure into classical bits and test these: with qc.if_test((qc.clbits[0], 1)): ...",
            numbers={"variables": names},
        )
    if not flat:
        _check_numbers(circuit)
        _check_instructions(circuit)


def _check_numbers(circuit: "QuantumCircuit") -> None:
    """Refuse angles and matrices that are no numbers, in the circuit and in the blocks of its control flow."""
    for instruction in circuit.data:
        # the instruction itself does not tell of a matrix
        for value in instruction.operation.params if instruction.name == "unitary" else instruction.params:
            if not _is_finite(value):
                raise _refuse_number(instruction.name, value)
        if instruction.is_control_flow():
            for block in instruction.operation.blocks:
                _check_numbers(block)


def _is_finite(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    import numpy as np

    return not isinstance(value, np.ndarray) or value.dtype.kind not in "fc" or bool(np.isfinite(value).all())


def _check_instructions(circuit: "QuantumCircuit") -> None:
    from qiskit.circuit import BoxOp

    from qjob.programs.operations import is_foreign, is_generic, is_plain, operations

    for operation in operations(circuit):
        if isinstance(operation, BoxOp) and not is_plain(operation):
            raise ProgramRefused(
                "a box with a duration or variables of its own cannot be simulated.",
                remedy="Write its content without the box.",
            )
        generic = is_generic(operation) and operation.definition is None and operation.name not in CHANNELS
        if generic or is_foreign(operation) or (type(operation).__module__ or "").startswith(SIMULATORS_OWN):
            raise _refuse_opaque(operation)
        if operation.name == "kraus":
            _check_channel(operation)


def _check_channel(operation: Any) -> None:
    """Refuse Kraus operators that are no channel: a simulator would give counts that mean nothing."""
    from qjob.programs.channels import preserves_trace

    size = 2**operation.num_qubits
    operators = operation.params
    if any(getattr(operator, "shape", None) != (size, size) for operator in operators) or not preserves_trace(
        operators
    ):
        raise ProgramRefused(
            f"the {len(operators)} Kraus operators of an instruction on {operation.num_qubits} qubit(s) are no "
            "channel: the sum of K^dagger K is not 1.",
            remedy="Make it with qiskit.quantum_info.Kraus(operators).to_instruction(), which checks them.",
            numbers={"operators": len(operators), "num_qubits": operation.num_qubits},
        )


def _refuse_number(name: str, value: object) -> ProgramRefused:
    what = (
        f"the parameter {value}" if isinstance(value, float) else "a matrix with an entry that is no number"
    )
    return ProgramRefused(
        f"the gate {name} has {what}, with which it is no gate.",
        remedy="Look where the value comes from: a division by zero, a failed fit, an empty mean.",
        numbers={"gate": name},
    )


def _refuse_opaque(operation: Any) -> ProgramRefused:
    name = operation.name
    if name.startswith(("save_", "set_")):
        return ProgramRefused(
            f"the instruction {name!r} belongs to one simulator and is no part of a program.",
            remedy="Remove it. The final state is an option of qb-sim-statevector: --option statevector=true",
        )
    return ProgramRefused(
        f"the instruction {name!r} has no definition, so nothing can simulate it.",
        remedy="Give it one (gate.definition = ...), or in OpenQASM a gate definition in place of opaque.",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
