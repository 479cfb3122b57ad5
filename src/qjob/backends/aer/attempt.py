"""One attempt at a job under way: the prepared circuit becomes counts, with progress and checkpoints on the way.

Knows the plan and the simulators; must not know programs, nor how a job ends.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import qiskit
import qiskit_aer
from qiskit import QuantumCircuit

from qjob.backends.aer.checkpoints import Pace, Unfit, book_of
from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import Path, Plan
from qjob.backends.aer.progress import Reporter, Tally
from qjob.backends.aer.read_once import ReadOnce, read_once
from qjob.backends.aer.sampling import BLOCK, Sampler, evolution, measured_by
from qjob.backends.aer.seeds import base_seed
from qjob.backends.aer.simulators import Experiment, Simulators, setup_of
from qjob.backends.aer.trajectories import Counting
from qjob.backends.base import Task
from qjob.model.bits import BitLayout
from qjob.model.events import Checkpoint, Progress
from qjob.model.steps import Steps
from qjob.programs.steps import reads

LOG = logging.getLogger(__name__)

PREPARING = "preparing"
EVOLVING = "evolving the state"
SAMPLING = "sampling"
TRAJECTORIES = "running trajectories"


VERSIONS = (qiskit_aer.__version__, qiskit.__version__, version("qjob"))
"""What takes part in a simulation: with another of them the counts of a seed may be others."""


class Attempt:
    """Counts the shots of one task, beginning with those that its checkpoint holds.

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
        self._book = book_of(task.request, layout, plan, options, VERSIONS) if task.durable else None
        self._pace = Pace(clock) if task.durable else None
        self._note = self._resume()
        self._reporter = Reporter(clock, note=self._note)

    def _resume(self) -> str:
        """Take over what an earlier attempt counted; return why that cannot be, or an empty text."""
        checkpoint = self._task.checkpoint
        if checkpoint is None or self._book is None:
            return ""
        try:
            self.tally.resume(self._book.read(checkpoint))
        except Unfit as error:
            note = f"What an earlier attempt counted {error}. The run begins again with its first shot."
            LOG.warning("job %s: %s", self._task.job_id, note)
            return note
        return ""

    def begin(self) -> Iterator[Progress]:
        """Yield where a run stands before its circuit is prepared; a brief one says nothing without need."""
        if not self._plan.brief or self.tally.shots or self._note:
            yield self._reporter.report(PREPARING, self.tally)

    @property
    def steps_tell(self) -> bool:
        """Whether the steps of a circuit are all that a run needs of it, if it has any."""
        plan, options = self._plan, self._options
        plain = options.device == "CPU" and not options.statevector
        return plain and plan.path == "sampled" and plan.method == "statevector"

    def follow(self, steps: Steps) -> Generator[Progress | Checkpoint | None, None, Path]:
        """Evolve a state step by step and draw the shots that lack from it, yielding how far it came."""
        measured = measured_by(steps.reads)
        yield from self._evolving()
        probabilities = self._simulators.probabilities(steps, measured.qubits)
        yield None
        yield from self._drawn(probabilities, measured.columns)
        return "sampled"

    def count(self, circuit: QuantumCircuit) -> Generator[Progress | Checkpoint | None, None, Path]:
        """Count the shots that lack, yielding how far it came; return the path that was taken in the end."""
        if self._plan.path != "sampled":
            return (yield from self._counted(circuit))
        measured = measured_by(reads(circuit))
        yield from self._evolving()
        probabilities = self._evolved(circuit, measured.qubits)
        yield None
        yield from self._drawn(probabilities, measured.columns)
        return "sampled"

    def _evolving(self) -> Iterator[Progress]:
        if not self._plan.brief:
            yield self._reporter.report(EVOLVING, self.tally)

    def _drawn(self, probabilities: npt.NDArray[np.float64], columns: list[int]) -> Iterator[Progress]:
        """Draw the shots that lack from the probabilities of a state that evolved once."""
        shots, seed = self._task.request.shots, base_seed(self._task.request.seed)
        sampler = Sampler(probabilities, columns, self.tally.layout, self._options.noise, seed)
        while self.tally.shots < shots:
            self.tally.add(sampler.draw(min(BLOCK, shots - self.tally.shots)))
            if self._reporter.due():
                yield self._reporter.report(SAMPLING, self.tally)

    def _evolved(self, circuit: QuantumCircuit, qubits: list[int]) -> npt.NDArray[np.float64]:
        """Return the probabilities of some qubits' outcomes, and keep the state where it was asked for."""
        options = self._options
        evolving = evolution(circuit, qubits, statevector=options.statevector)
        data: Any = self._run(read_once(evolving), 1, base_seed(self._task.request.seed)).data
        if options.statevector:
            self.statevector = np.asarray(data["statevector"], dtype=np.complex128)
        probabilities: npt.NDArray[np.float64] = data["probabilities"]
        return probabilities

    def _counted(self, circuit: QuantumCircuit) -> Generator[Progress | Checkpoint, None, Path]:
        """Let Aer count, in chunks or blocks."""
        request = self._task.request
        read = read_once(circuit)

        def run(shots: int, seed: int) -> Experiment:
            return self._run(read, shots, seed)

        counting = Counting(run, request.shots, request.seed, self._plan.block, self._clock)
        path = self._plan.path
        if not self._plan.brief:
            yield self._reporter.report(EVOLVING if path == "counted" else TRAJECTORIES, self.tally)
        steps = counting.blocks(self.tally) if path == "counted" else counting.trajectories(self.tally)
        for path in steps:
            if self._reporter.due():
                yield self._reporter.report(SAMPLING if path == "counted" else TRAJECTORIES, self.tally)
            yield from self._checkpoint()
        return path

    def _checkpoint(self) -> Iterator[Checkpoint]:
        """Yield what is counted so far where that is due; of a run that has all its shots it never is."""
        book, pace = self._book, self._pace
        if book is None or pace is None or self.tally.shots >= book.shots or not pace.due():
            return
        with pace.taken():
            yield book.write(self.tally.counts())

    def _run(self, circuit: QuantumCircuit | ReadOnce, shots: int, seed: int) -> Experiment:
        return self._simulators.run(circuit, self._setup, shots, seed, self._task.memory_limit)
