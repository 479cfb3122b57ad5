"""Runs one task after another in a worker: program to circuit to plan to events.

The only part that knows all the others.
"""

import time
from collections.abc import Callable, Iterator

import qiskit_aer
from qiskit import QuantumCircuit

from qjob.backends.aer.attempt import Attempt
from qjob.backends.aer.limits import data_limit
from qjob.backends.aer.noise_model import ONE_QUBIT, TWO_QUBIT, never_sampled, with_waiting
from qjob.backends.aer.options import AerOptions, options_of
from qjob.backends.aer.passes import Basis
from qjob.backends.aer.plan import LOOPS, Plan, plan_of
from qjob.backends.aer.simulators import SimulationError, Simulators
from qjob.backends.aer.stepwise import WIDEST
from qjob.backends.base import Task
from qjob.backends.machine import cores
from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused, Refusal
from qjob.model.events import Completed, Event, Failed, Running
from qjob.model.job import Failure
from qjob.model.program import CircuitProfile
from qjob.model.result import Result
from qjob.model.steps import Steps
from qjob.programs.load import circuit as load_circuit
from qjob.programs.profile import profile as profile_of
from qjob.programs.steps import steps as steps_of


class Runner:
    """The running part of one backend; keeps simulators and passes as long as its worker lives.

    Parameters
    ----------
    info
        The backend.
    clock
        A monotonic clock in seconds.
    """

    def __init__(self, info: BackendInfo, clock: Callable[[], float] = time.monotonic) -> None:
        self._info = info
        self._clock = clock
        self._simulators = Simulators()
        self._bases: dict[str, Basis] = {}

    def run(self, task: Task) -> Iterator[Event | None]:
        """Run the task; see `qjob.backends.base.Backend.run`."""
        yield Running()
        try:
            yield from self._run(task)
        except MemoryError as error:
            yield Failed(_out_of_memory(task, str(error)))
        except SimulationError as error:
            yield Failed(
                Failure(
                    "simulation_failed", f"the simulator refused the circuit: {error}", _SIMULATION_REMEDY
                )
            )
        except Refusal as refusal:
            yield Failed(Failure(refusal.code, refusal.message, refusal.remedy))

    def _run(self, task: Task) -> Iterator[Event | None]:
        began = self._clock()
        request = task.request
        circuit, profile = None, task.profile
        if task.steps is None or profile is None:
            circuit = load_circuit(request.program)
            profile = profile or profile_of(circuit)
        yield None
        options = options_of(self._info, request.options)
        if options.device == "GPU" and "GPU" not in self._simulators.devices():
            raise BackendRefused("this Aer build has no GPU support.", remedy="Use device=cpu.")
        plan = plan_of(self._info.target, profile, request.shots, options)
        attempt = Attempt(
            task, profile.layout, plan=plan, options=options, simulators=self._simulators, clock=self._clock
        )
        yield from attempt.begin()
        steps = _steps(task, attempt, circuit)
        if steps is not None:
            path = yield from attempt.follow(steps)
        else:
            circuit = load_circuit(request.program) if circuit is None else circuit
            unpredictable = plan.method == "matrix_product_state"
            with data_limit(task.memory_limit if unpredictable else None):
                path = yield from attempt.count(self._prepared(circuit, profile, plan, options))
        metadata = {
            "method": plan.method,
            "path": path,
            "run_seconds": round(self._clock() - began, 6),
            "threads": plan.threads or cores(),
            "aer": qiskit_aer.__version__,
        }
        if attempt.tally.resumed_at:
            metadata["resumed_at"] = attempt.tally.resumed_at
        if noise := options.noise.describe():
            metadata["noise"] = noise
        yield Completed(Result(attempt.tally.counts(), attempt.statevector, metadata))

    def _prepared(
        self, circuit: QuantumCircuit, profile: CircuitProfile, plan: Plan, options: AerOptions
    ) -> QuantumCircuit:
        """Return a circuit that does the same and that the plan's method takes."""
        if "delay" in profile.gates or LOOPS.intersection(profile.gates):
            circuit = with_waiting(circuit, options.noise)
        if plan.path == "trajectories" and options.noise.on_readout:
            circuit = never_sampled(circuit)
        return self._basis(plan, options).translated(circuit)

    def _basis(self, plan: Plan, options: AerOptions) -> Basis:
        """Return the gates that the plan's method takes or, with noise on gates, those that carry it."""
        noisy = options.noise.on_gates
        key = "noisy" if noisy else plan.method
        if key not in self._bases:
            gates = {*ONE_QUBIT, *TWO_QUBIT} if noisy else self._simulators.gates(plan.method)
            self._bases[key] = Basis(frozenset(gates))
        return self._bases[key]


def _steps(task: Task, attempt: Attempt, circuit: QuantumCircuit | None) -> Steps | None:
    """Return the steps of a task's circuit, where a run needs no more of it, and it has them.

    They are the same, and so are the counts, whether they come with the task or are found here.
    """
    if not attempt.steps_tell:
        return None
    if circuit is None:
        return task.steps if task.steps is not None and task.steps.width <= WIDEST else None
    return steps_of(circuit) if circuit.num_qubits <= WIDEST else None


_SIMULATION_REMEDY = "Check that the circuit uses only gates, measurements, resets and control flow."


def _out_of_memory(task: Task, text: str) -> Failure:
    limit = f" ({task.memory_limit >> 20} MiB were allowed)" if task.memory_limit else ""
    said = f": {text.strip()}" if text.strip() else ""
    return Failure(
        "out_of_memory",
        f"the simulation did not fit into memory{limit}{said}.",
        "Use fewer qubits, free memory, or try qb-sim-tensor-network for a wide circuit of low entanglement.",
    )
