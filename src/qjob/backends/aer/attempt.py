"""One attempt at a job under way: the prepared circuit becomes counts, and progress on the way.

Knows the plan and the simulators; must not know programs, nor how a job ends.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from qiskit import QuantumCircuit

from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import Path, Plan
from qjob.backends.aer.progress import Reporter, Tally
from qjob.backends.aer.sampling import BLOCK, Sampler, evolution, measured_by
from qjob.backends.aer.seeds import base_seed
from qjob.backends.aer.simulators import Experiment, Simulators, setup_of
from qjob.backends.aer.trajectories import Counting
from qjob.backends.base import Task
from qjob.model.bits import BitLayout
from qjob.model.events import Progress

EVOLVING = "evolving the state"
SAMPLING = "sampling"
TRAJECTORIES = "running trajectories"


class Attempt:
    """Counts the shots of one task.

    Attributes
    ----------
    tally : Tally
        What is counted so far.
    statevector : array or None
        The final state, where it was asked for.
    """

    def __init__(
        self,
        task: Task,
        layout: BitLayout,
        *,
        plan: Plan,
        options: AerOptions,
        simulators: Simulators,
        clock: Callable[[], float],
    ) -> None:
        self.tally = Tally(layout)
        self.statevector: npt.NDArray[np.complex128] | None = None
        self._task = task
        self._plan = plan
        self._options = options
        self._simulators = simulators
        self._setup = setup_of(plan, options)
        self._clock = clock
        self._reporter = Reporter(clock)

    def count(self, circuit: QuantumCircuit) -> Generator[Progress | None, None, Path]:
        """Count all shots of the circuit, yielding progress; return the path that was taken in the end."""
        if self._plan.path == "sampled":
            yield from self._sampled(circuit)
            return "sampled"
        return (yield from self._counted(circuit))

    def _sampled(self, circuit: QuantumCircuit) -> Iterator[Progress | None]:
        """Evolve the state once and draw the shots from it."""
        shots, seed = self._task.request.shots, base_seed(self._task.request.seed)
        measured = measured_by(circuit)
        if not self._plan.brief:
            yield Progress(EVOLVING)
        layout, noise = self.tally.layout, self._options.noise
        probabilities = self._evolved(circuit, measured.qubits, seed)
        yield None
        sampler = Sampler(probabilities, measured.columns, layout, noise, seed)
        while self.tally.shots < shots:
            self.tally.add(sampler.draw(min(BLOCK, shots - self.tally.shots)))
            if self._reporter.due():
                yield self._reporter.report(SAMPLING, self.tally)

    def _evolved(self, circuit: QuantumCircuit, qubits: list[int], seed: int) -> npt.NDArray[np.float64]:
        """Return the probabilities of some qubits' outcomes, and keep the state where it was asked for."""
        options = self._options
        if self._plan.method == "statevector" and options.device == "CPU" and not options.statevector:
            found = self._simulators.probabilities(circuit, qubits)
            if found is not None:
                return found
        evolving = evolution(circuit, qubits, statevector=options.statevector)
        data: Any = self._run(evolving, 1, seed).data
        if options.statevector:
            self.statevector = np.asarray(data["statevector"], dtype=np.complex128)
        probabilities: npt.NDArray[np.float64] = data["probabilities"]
        return probabilities

    def _counted(self, circuit: QuantumCircuit) -> Generator[Progress, None, Path]:
        """Let Aer count, in chunks or blocks."""
        request = self._task.request

        def run(shots: int, seed: int) -> Experiment:
            return self._run(circuit, shots, seed)

        counting = Counting(run, request.shots, request.seed, self._plan.block, self._clock)
        path = self._plan.path
        if not self._plan.brief:
            yield Progress(EVOLVING if path == "counted" else TRAJECTORIES)
        steps = counting.blocks(self.tally) if path == "counted" else counting.trajectories(self.tally)
        for path in steps:
            if self._reporter.due():
                yield self._reporter.report(SAMPLING if path == "counted" else TRAJECTORIES, self.tally)
        return path

    def _run(self, circuit: QuantumCircuit, shots: int, seed: int) -> Experiment:
        return self._simulators.run(circuit, self._setup, shots, seed, self._task.memory_limit)
