"""Refuses control flow that qiskit would read back as something else."""

from typing import TYPE_CHECKING, Any

from qjob.model.errors import ProgramRefused
from qjob.programs.flat import tiles

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def check_bits(circuit: "QuantumCircuit") -> None:
    """Refuse blocks within blocks on classical bits that are loose, or shared by registers.

    Seen with qiskit 2.6: in a circuit that is written to QPY and read back, such bits are other ones in the inner
    blocks. A condition on them is always true, never, or not known at all.

    Raises
    ------
    ProgramRefused
        There are some.
    """
    if tiles(circuit) or not any(map(_nests, circuit.data)):
        return
    raise ProgramRefused(
        "a block of the circuit lies within another one, and its classical bits are in no register, in several, or "
        "in another order: what is stored of that would not be the same circuit.",
        remedy="Make them one register or several that follow each other: QuantumCircuit(qubits, clbits)",
        numbers={"num_clbits": circuit.num_clbits},
    )


def _nests(instruction: Any) -> bool:
    return instruction.is_control_flow() and any(
        block.has_control_flow_op() for block in instruction.operation.blocks
    )
