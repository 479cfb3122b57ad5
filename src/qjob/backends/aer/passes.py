"""Brings a circuit into the gates a simulation method takes; one that is there already is left as it is."""

from collections.abc import Iterator

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.transpiler import PassManager

from qjob.model.errors import BackendRefused
from qjob.model.gates import CHANNELS

CONTROL_FLOW = frozenset(
    {"if_else", "while_loop", "for_loop", "switch_case", "break_loop", "continue_loop", "box"}
)
NOT_GATES = frozenset({"measure", "reset", "delay", "barrier", "store", *CHANNELS})


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

        Goes by the gates' names, so no custom gate may have the name of one of the basis; the loader of programs
        sees to that.

        Raises
        ------
        BackendRefused
            A gate without a definition.
        """
        names = (
            circuit.count_ops()
        )  # quicker than looking at each instruction, but blind to what is inside blocks
        if not CONTROL_FLOW.isdisjoint(names):
            names = {instruction.name for instruction in instructions(circuit)}
        return circuit if self._names.issuperset(names) else self._run(circuit)

    def _run(self, circuit: QuantumCircuit) -> QuantumCircuit:
        from qiskit.transpiler.exceptions import TranspilerError

        try:
            translated: QuantumCircuit = self._manager().run(circuit)
        except TranspilerError as error:
            raise BackendRefused(
                f"the circuit cannot be brought into the backend's gates: {error.message}",
                remedy="Give every custom gate a definition.",
            ) from error
        return translated

    def _manager(self) -> PassManager:
        """Return the passes, made once: synthesis and translation only, nothing that optimizes.

        These are the translation stage of optimization level 0; they start no thread pool of rayon, which would not
        survive a fork. The equivalences are qiskit's own alone: other packages add theirs to the library of the
        session, under names such as ``gpi`` and ``ms`` that a circuit's author may have given to another gate.
        """
        if self._passes is None:
            from qiskit.circuit.equivalence_library import StandardEquivalenceLibrary
            from qiskit.transpiler.passes import BasisTranslator, HighLevelSynthesis, UnitarySynthesis

            names = sorted(self._names)
            self._passes = PassManager(
                [
                    UnitarySynthesis(basis_gates=names),
                    HighLevelSynthesis(basis_gates=names, equivalence_library=StandardEquivalenceLibrary),
                    BasisTranslator(StandardEquivalenceLibrary, names),
                ]
            )
        return self._passes


def instructions(circuit: QuantumCircuit) -> Iterator[CircuitInstruction]:
    """Yield every instruction, also those inside control flow."""
    for instruction in circuit.data:
        yield instruction
        if instruction.is_control_flow():
            for block in instruction.operation.blocks:
                yield from instructions(block)
