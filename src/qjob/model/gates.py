"""How many qubits the standard gates act on, by name, for what is charged or estimated by gates. Knows no qiskit.

The names are qiskit's; a loaded circuit uses them for nothing else (see `qjob.programs.settle`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

ONE_QUBIT = frozenset(
    {
        *("h", "id", "p", "r", "rx", "ry", "rz", "s", "sdg"),
        *("sx", "sxdg", "t", "tdg", "u", "u1", "u2", "u3", "x"),
        *("y", "z"),
    }
)
TWO_QUBIT = frozenset(
    {
        *("ch", "cp", "crx", "cry", "crz", "cs", "csdg", "csx", "cu"),
        *("cu1", "cu3", "cx", "cy", "cz", "dcx", "ecr", "iswap", "rxx"),
        *("ryy", "rzx", "rzz", "swap", "xx_minus_yy", "xx_plus_yy"),
    }
)
CONTROL_FLOW = frozenset({"if_else", "for_loop", "while_loop", "switch_case"})
"""What runs a number of times that is not known before."""

CHANNELS = frozenset({"kraus", "superop", "quantum_channel"})
"""Noise that is part of a circuit: what makes a pure state a mixed one, by matrices. The last one is Aer's own."""

NO_GATES = frozenset({"barrier", "delay", "global_phase"})
MEASURING = frozenset({"measure", "reset"})


@dataclass(frozen=True, slots=True)
class GateCounts:
    """What a circuit consists of.

    Parameters
    ----------
    one_qubit, two_qubit
        Standard gates on so many qubits.
    measurements
        Measurements and resets.
    other
        Everything else that does something: wider gates, gates of the author's own, control flow.
    """

    one_qubit: int
    two_qubit: int
    measurements: int
    other: int


def count_gates(gates: Mapping[str, int]) -> GateCounts:
    """Sort the operations of a circuit; ``gates`` is operation name to how often it occurs."""
    one, two, measuring, other = 0, 0, 0, 0
    for name, count in gates.items():
        if name in ONE_QUBIT:
            one += count
        elif name in TWO_QUBIT:
            two += count
        elif name in MEASURING:
            measuring += count
        elif name not in NO_GATES:
            other += count
    return GateCounts(one, two, measuring, other)


def operations(gates: Mapping[str, int]) -> int:
    """Return how many operations of a circuit change its state."""
    return sum(count for name, count in gates.items() if name not in NO_GATES and name != "measure")
