"""Brings a circuit into the gates a simulation method takes; one that is there already is left as it is."""

from collections.abc import Iterator

from qiskit import QuantumCircuit
from qiskit.circuit import Barrier, CircuitInstruction, Gate, Instruction
from qiskit.transpiler import PassManager

from qjob.model.errors import BackendRefused

CONTROL_FLOW = frozenset(
    {"if_else", "while_loop", "for_loop", "switch_case", "break_loop", "continue_loop", "box"}
)
NOT_GATES = frozenset({"measure", "reset", "delay", "barrier", "store"})


class Basis:
    """The gates of one simulation method.

    Parameters
    ----------
    gates
        Names of the gates and other instructions that need no decomposition.
    """

    def __init__(self, gates: frozenset[str]) -> None:
        self._names = gates | CONTROL_FLOW | NOT_GATES
        self._passes: PassManager | None = None

    def translated(self, circuit: QuantumCircuit) -> QuantumCircuit:
        """Return a circuit of these gates that does the same; the very same object where nothing is to do.

        Raises
        ------
        BackendRefused
            A gate without a definition, or a custom one under the name of a gate of the basis: Aer goes by the name
            and would run another gate.
        """
        needed = False
        for instruction in instructions(circuit):
            name = instruction.name
            if name not in self._names:
                needed = True
            elif not instruction.is_standard_gate() and type(instruction.operation) in (Gate, Instruction):
                raise BackendRefused(
                    f"a custom gate has the name {name!r}, which the simulator has a gate of its own for.",
                    remedy="Give the custom gate another name.",
                    numbers={"gate": name},
                )
        return self._run(circuit) if needed else circuit

    def _run(self, circuit: QuantumCircuit) -> QuantumCircuit:
        from qiskit.transpiler.exceptions import TranspilerError

        try:
            translated: QuantumCircuit = self._manager().run(circuit)
        except TranspilerError as error:
            raise BackendRefused(
                f"the circuit cannot be brought into the simulator's gates: {error.message}",
                remedy="Give every custom gate a definition.",
            ) from error
        return translated

    def _manager(self) -> PassManager:
        """Return the passes, made once: synthesis and translation only, nothing that optimizes.

        These are the translation stage of optimization level 0; they start no thread pool of rayon, which would not
        survive a fork.
        """
        if self._passes is None:
            from qiskit.circuit.equivalence_library import SessionEquivalenceLibrary
            from qiskit.transpiler.passes import BasisTranslator, HighLevelSynthesis, UnitarySynthesis

            names = sorted(self._names)
            self._passes = PassManager(
                [
                    UnitarySynthesis(basis_gates=names),
                    HighLevelSynthesis(basis_gates=names, equivalence_library=SessionEquivalenceLibrary),
                    BasisTranslator(SessionEquivalenceLibrary, names),
                ]
            )
        return self._passes


def instructions(circuit: QuantumCircuit) -> Iterator[CircuitInstruction]:
    """Yield every instruction except barriers, those inside control flow included."""
    for instruction in circuit.data:
        if instruction.name in CONTROL_FLOW:
            for block in getattr(instruction.operation, "blocks", ()):
                yield from instructions(block)
        elif not isinstance(instruction.operation, Barrier):
            yield instruction
