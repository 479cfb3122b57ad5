"""What a job's program would give without noise: exact where that is possible, else from a free run.

The reference is an ordinary stored job on a simulator of this machine, so it holds no kernel, and is found again
instead of being run again. It is never paid for. Knows no picture.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from qjob import programs
from qjob.catalog.loader import Catalogue
from qjob.handle import Job
from qjob.model.bits import BitLayout
from qjob.model.distribution import Distribution, Ideal
from qjob.model.errors import BackendRefused, JobEnded, ProgramRefused, RateLimited
from qjob.model.gates import CHANNELS
from qjob.model.job import MAX_NAME, JobRecord, JobStatus
from qjob.model.program import CircuitProfile
from qjob.model.result import Result
from qjob.policy.admission import worth_waiting
from qjob.store.store import Store

EXACT, SAMPLED = "qb-sim-statevector", "marqov-sim"
"""The backends of a reference: one that returns the final state, one that takes whatever a circuit does."""

EXACT_QUBITS = 16
"""The widest circuit whose exact probabilities are computed: its state is 1 MiB."""

SHOTS = 100_000
"""Shots of a reference that is sampled."""

SEED = 3_141_592_653_589_793
"""Of the first reference, far from the seeds that people choose: theirs would give the same shots."""

TRIES = 3
"""References that are looked at, where the results of earlier ones were erased."""

TAG = ("reference", "ideal")


class Bench(Protocol):
    """What a reference needs of an engine."""

    @property
    def store(self) -> Store:
        """Where the jobs are."""

    @property
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""

    @property
    def submit(self) -> Callable[..., Any]:
        """Submits a program."""

    @property
    def propose(self) -> Callable[..., Any]:
        """Stores a program's job, which waits for its turn."""

    def resolve(self, text: str) -> str:
        """Return the full id of a job."""

    def wait(self, job_id: str, timeout: float | None = None) -> None:
        """Return once a job has ended."""

    def result(self, job_id: str) -> Result:
        """Return the result of a completed job."""


class Ideals:
    """Ideal distributions, as an engine offers them."""

    def ideal(self: Bench, job_id: str, *, timeout: float | None = None) -> Ideal:
        """Return what a job's program gives without noise; waits for the free job that tells.

        Exact probabilities where all measurements come last and there are at most `EXACT_QUBITS` qubits; else the
        counts of `SHOTS` noiseless shots. Noise channels that the program itself holds are left out.

        Parameters
        ----------
        job_id
            The job's id, the beginning of it, or its name. It need not have ended.
        timeout
            Seconds to wait at the most; None waits as long as it takes.

        Raises
        ------
        Refusal
            Nothing free on this machine can run the program, its noise cannot be told from its gates, or the rate
            limits let nothing through for some minutes.
        WaitTimeout
            The time is over and the free job goes on.
        """
        record = self.store.job(self.resolve(job_id))
        program = self.store.program(record.program)
        circuit, channels = _bare(programs.circuit(program))
        profile = programs.profile(circuit)
        inexact = _out_of_reach(profile)
        found = None if inexact else _own(self, record)
        if found is None:
            inexact = inexact or _priced(self.catalogue)
            found = _run(self, record, circuit if channels else program, timeout, exact=not inexact)
        told_by, result = found
        if result.statevector is None:
            return Ideal(told_by, result.counts, channels, inexact=inexact)
        layout = result.counts.layout
        return Ideal(told_by, _measured(circuit, layout, result.statevector), channels, result.statevector)


def _out_of_reach(profile: CircuitProfile) -> str:
    """Return why a circuit's exact probabilities are not computed; empty where they are."""
    if not profile.terminal:
        return "the circuit has no one final state, for something comes after a measurement"
    if profile.num_qubits > EXACT_QUBITS:
        return f"they are computed of at most {EXACT_QUBITS} qubits, and the circuit has {profile.num_qubits}"
    return ""


def _priced(catalogue: Catalogue) -> str:
    """Return why there is no exact reference where the backend that gives one is not free; empty where it is."""
    return "" if catalogue.get(EXACT).free else f"{EXACT} has a price here, and a reference is never paid for"


def _own(engine: Bench, record: JobRecord) -> tuple[str, Result] | None:
    """Return the job's own result where it holds the final state already."""
    if record.status is not JobStatus.COMPLETED or not record.options.get("statevector"):
        return None
    try:
        result = engine.result(record.id)
    except JobEnded:  # its result was erased
        return None
    return None if result.statevector is None else (record.id, result)


def _run(
    engine: Bench, record: JobRecord, program: object, timeout: float | None, *, exact: bool
) -> tuple[str, Result]:
    """Return a reference that was run before, or run it."""
    name = f"ideal of {record.name or record.id[:8]}"[:MAX_NAME]
    asked: dict[str, Any] = {"backend": SAMPLED, "shots": SHOTS}
    if not exact and not engine.catalogue.get(SAMPLED).free:
        raise BackendRefused(
            f"{SAMPLED} has a price here, and a reference is never paid for.",
            remedy="Submit the run to compare with yourself, and name it: %qjob plot JOB --with OTHER",
        )
    if exact:
        asked = {"backend": EXACT, "shots": 1, "options": {"statevector": True}}
    asked |= {"name": name, "tags": dict([TAG]), "reuse": True}
    for seed in range(SEED, SEED + TRIES):
        try:
            job: Job = engine.submit(program, seed=seed, **asked)
        except RateLimited as limited:
            if not worth_waiting(limited):
                raise
            job = engine.propose(program, seed=seed, **asked)
        engine.wait(job.id, timeout)
        try:
            return job.id, engine.result(job.id)
        except JobEnded:
            if job.status is not JobStatus.COMPLETED or seed == SEED + TRIES - 1:
                raise  # else its result was erased: another seed is another job
    raise AssertionError("the loop returns or raises")


def _bare(circuit: Any) -> tuple[Any, int]:
    """Return a circuit without its noise channels, and how many these were."""
    noisy = [place for place, one in enumerate(circuit.data) if _is_channel(one.operation)]
    if noisy:
        circuit = circuit.copy()
        data = circuit.data
        for place in reversed(noisy):
            del data[place]
    if not CHANNELS.isdisjoint(programs.profile(circuit).gates):
        raise ProgramRefused(
            "the program holds noise channels inside of other instructions, which cannot be left out by themselves.",
            remedy="Submit the circuit without them, and compare with that: %qjob plot JOB --with OTHER",
        )
    return circuit, len(noisy)


def _is_channel(operation: Any) -> bool:
    """Whether an instruction is noise alone; Aer's errors are stored as instructions that are made of channels."""
    if operation.name in CHANNELS:
        return True
    definition = getattr(operation, "definition", None)
    parts = [] if definition is None else definition.data
    return bool(parts) and all(_is_channel(one.operation) for one in parts)


def _measured(
    circuit: Any, layout: BitLayout, state: np.ndarray[Any, np.dtype[np.complex128]]
) -> Distribution:
    """Return what measuring the final state gives; where a classical bit is written twice, the last one wins."""
    qubits = {bit: index for index, bit in enumerate(circuit.qubits)}
    clbits = {bit: index for index, bit in enumerate(circuit.clbits)}
    reads = {clbits[one.clbits[0]]: qubits[one.qubits[0]] for one in circuit.data if one.name == "measure"}
    return Distribution.from_state(layout, reads, state)
