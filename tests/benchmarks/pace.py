"""How fast this machine is beside the one that the targets were set on, told by work that is none of qjob's.

Targets in milliseconds hold for one machine. What Aer and qiskit take for a Bell pair was measured there, too; here
it is measured again, before and after every row. The median of the ratios is the pace: x2 is a machine that takes
twice as long for everything, for which a target of 1 ms is one of 2 ms.

As a script: a process of its own, which times each of them and prints the seconds as JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from measure import in_ms

THERE = {
    "transpile": 47e-3,
    "pass manager of level 0": 0.09e-3,
    "pass manager of level 2": 2.5e-3,
    "bare Aer": 0.30e-3,
}
"""Seconds that a Bell pair takes on the machine of the targets, with qiskit 2.6 and Aer 0.18: to transpile it for
``AerSimulator``, most of which builds the target; the same by a pass manager that is kept; 100 shots of it by
``AerSimulator.run`` with one thread."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many times as long this machine takes.

    Parameters
    ----------
    here
        For each name in `THERE` the seconds that it takes here.
    """

    here: Mapping[str, float]

    @classmethod
    def of(cls, measured: Sequence[Mapping[str, float]]) -> "Pace":
        """Return the pace of a machine on which all of it was measured several times."""
        return cls({name: median(each[name] for each in measured) for name in THERE})

    @property
    def ratios(self) -> dict[str, float]:
        """How many times as long each of them takes here."""
        return {name: self.here[name] / there for name, there in THERE.items()}

    @property
    def factor(self) -> float:
        """How many times as long everything is taken to take here."""
        return median(self.ratios.values())

    def __str__(self) -> str:
        parts = (
            f"{name} x{ratio:.2g} ({in_ms(self.here[name])}, there {in_ms(THERE[name])})"
            for name, ratio in self.ratios.items()
        )
        return f"pace x{self.factor:.2g} of the machine of the targets: {', '.join(parts)}"


def times(runs: int) -> dict[str, float]:
    """Return the median seconds that each of them takes here."""
    from circuits import aer, bell
    from qiskit import transpile
    from qiskit.transpiler import generate_preset_pass_manager
    from qiskit_aer import AerSimulator

    circuit, simulator = bell(), AerSimulator(method="statevector", max_parallel_threads=1)
    quick, thorough = (
        generate_preset_pass_manager(optimization_level=level, backend=AerSimulator()) for level in (0, 2)
    )
    return {
        "transpile": _median(lambda: transpile(circuit, AerSimulator()), runs),
        "pass manager of level 0": _median(lambda: quick.run(circuit), 20 * runs),
        "pass manager of level 2": _median(lambda: thorough.run(circuit), 5 * runs),
        "bare Aer": _median(lambda: aer(circuit, 100, 1, simulator), 20 * runs),
    }


def _median(function: Callable[[], object], runs: int) -> float:
    seconds = []
    for _ in range(runs + 2):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return median(seconds[2:])


if __name__ == "__main__":
    print(json.dumps(times(int(sys.argv[1]))))
