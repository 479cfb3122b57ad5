"""Runs circuits on Aer: the simulator objects, made once a worker, and what Aer says when it cannot.

Knows Aer's names for things; must not know jobs or events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit_aer import AerSimulator

from qjob.backends.aer.noise import IDEAL, NoiseParameters
from qjob.backends.aer.noise_model import noise_model
from qjob.backends.aer.options import TRUNCATION, AerOptions
from qjob.backends.aer.plan import Plan
from qjob.backends.aer.read_once import ReadOnce
from qjob.backends.aer.stepwise import States
from qjob.model.steps import Steps

KEPT = 32
"""How many simulators are kept; the oldest goes first."""

MEMORY_WORDS = ("insufficient memory", "bad_alloc", "bad allocation", "not enough memory")
"""What Aer's messages about memory contain."""


class SimulationError(Exception):
    """Aer could not run a circuit; the message is its own."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What makes one simulator differ from another."""

    method: str
    threads: int
    parallel_shots: int
    truncation: bool
    device: str
    noise: NoiseParameters  # what Aer applies itself
    max_bond_dimension: int | None
    truncation_threshold: float


def setup_of(plan: Plan, options: AerOptions) -> Setup:
    """Return the simulator that a plan needs."""
    return Setup(
        method=plan.method,
        threads=plan.threads,
        parallel_shots=plan.parallel_shots,
        truncation=plan.truncation,
        device=options.device,
        noise=options.noise.without_readout() if plan.path == "sampled" else options.noise,
        max_bond_dimension=options.max_bond_dimension if plan.method == "matrix_product_state" else None,
        truncation_threshold=options.truncation_threshold,
    )


@dataclass(frozen=True, slots=True)
class Experiment:
    """What Aer returns of one run of one circuit."""

    data: Mapping[str, Any]  # "counts", "probabilities", "statevector"
    sampled: bool  # whether shots were drawn from one final state
    parallel_shots: int = 1  # how many shots can run at a time


class Simulators:
    """The simulators of one worker."""

    def __init__(self) -> None:
        self._states = States()
        self._made: dict[Setup, AerSimulator] = {}

    def run(
        self,
        circuit: QuantumCircuit | ReadOnce,
        setup: Setup,
        shots: int,
        seed: int,
        memory_limit: int | None,
    ) -> Experiment:
        """Run a circuit.

        Parameters
        ----------
        seed
            Shot ``i`` of a trajectory run uses ``seed + i``.
        memory_limit
            Bytes the state may take; None leaves Aer to ask the machine.

        Raises
        ------
        MemoryError
            The state does not fit.
        SimulationError
            Anything else that Aer refuses.
        """
        options: dict[str, Any] = {"shots": shots, "seed_simulator": seed}
        if memory_limit is not None:
            options["max_memory_mb"] = max(1, memory_limit >> 20)
        try:
            result = self._execute(self._simulator(setup), circuit, options)
        except (QiskitError, RuntimeError) as error:
            raise _error(str(error)) from error
        if not result.success:
            raise _error(str(result.results[0].status if result.results else result.status))
        experiment = result.results[0]
        metadata = getattr(experiment, "metadata", {})
        return Experiment(
            vars(experiment.data),
            bool(metadata.get("measure_sampling")),
            setup.parallel_shots or _threads(metadata),
        )

    def probabilities(self, steps: Steps, qubits: list[int]) -> npt.NDArray[np.float64]:
        """Return the probabilities of some qubits' outcomes, as `States.probabilities` does.

        Raises
        ------
        SimulationError
            A gate that is none, such as a matrix that is not unitary.
        """
        try:
            return self._states.probabilities(steps, qubits)
        except (QiskitError, RuntimeError) as error:
            raise _error(str(error)) from error

    @staticmethod
    def _execute(simulator: AerSimulator, circuit: QuantumCircuit | ReadOnce, options: dict[str, Any]) -> Any:
        # AerSimulator.run starts a thread, which costs a tiny job a quarter of its time, makes a new pool of OpenMP
        # threads, and must not exist when a template forks
        return simulator._execute_circuits_job([circuit], None, options)  # noqa: SLF001 - the reason is above

    def gates(self, method: str) -> frozenset[str]:
        """Return the names of the instructions that a method takes as they are, and runs as they are meant."""
        names = frozenset(AerSimulator(method=method).configuration().basis_gates)
        # seen with Aer 0.18: an entangled state of some qubits, beside others, comes out as another state
        return names - {"initialize"} if method == "matrix_product_state" else names

    def devices(self) -> tuple[str, ...]:
        """Return the devices of this Aer build, such as ``("CPU",)``."""
        return tuple(AerSimulator().available_devices())

    def _simulator(self, setup: Setup) -> AerSimulator:
        if setup not in self._made:
            if len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[setup] = _simulator(setup)
        return self._made[setup]


def _simulator(setup: Setup) -> AerSimulator:
    # precision, fusion and shot branching are never set: the counts of a seed would change with them
    options: dict[str, Any] = {
        "method": setup.method,
        "device": setup.device,
        "max_parallel_threads": setup.threads,
        "enable_truncation": setup.truncation,
    }
    if setup.parallel_shots:
        options["max_parallel_shots"] = setup.parallel_shots
    if setup.noise != IDEAL:
        options["noise_model"] = noise_model(setup.noise)
    if setup.max_bond_dimension is not None:
        options["matrix_product_state_max_bond_dimension"] = setup.max_bond_dimension
    if setup.truncation_threshold != TRUNCATION:
        options["matrix_product_state_truncation_threshold"] = setup.truncation_threshold
    return AerSimulator(**options)


def _threads(metadata: Mapping[str, Any]) -> int:
    # a run of a single shot has them all work on its state
    return int(metadata.get("parallel_shots", 1)) * int(metadata.get("parallel_state_update", 1))


def _error(text: str) -> Exception:
    message = text.removeprefix("ERROR:").strip().rstrip(".")
    if any(word in message.lower() for word in MEMORY_WORDS):
        return MemoryError(message)
    return SimulationError(message)
