"""Decides how a circuit is simulated: once, from the request alone, so that a repeat takes the same way.

Knows no simulator and no machine: what it decides must not depend on memory or processors, or the same seed would
give other counts elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

from qjob.backends.aer.options import AerOptions
from qjob.model.gates import CHANNELS
from qjob.model.program import CircuitProfile

Method = Literal["statevector", "density_matrix", "stabilizer", "matrix_product_state"]
Path = Literal["sampled", "counted", "trajectories"]

TARGETS = ("automatic", "statevector", "noisy", "matrix_product_state")
"""What a catalogue row's ``target`` may be."""

CLIFFORD = frozenset(
    {"cx", "cy", "cz", "ecr", "h", "id", "s", "sdg", "swap", "sx", "sxdg", "x", "y", "z"}
    | {"measure", "reset", "barrier", "delay"}
)
"""Operations that Aer's stabilizer method takes as they are."""

LOOPS = frozenset({"if_else", "while_loop", "for_loop", "switch_case", "box"})
"""Control flow. Aer sometimes cannot load such a circuit when it drops idle qubits, so it is told to keep them."""

STATEVECTOR_LIMIT = 24
"""Qubits up to which a Clifford circuit runs as a state vector, whose counts stream; wider ones by stabilizers."""

DENSITY_LIMIT = 12
"""The most qubits of a density matrix: 256 MiB."""

PARALLEL_QUBITS = 14
"""Aer splits a state over threads from this size on; below, threads cost more than they bring."""

PARALLEL_SHOTS_LIMIT = 20
"""From this size on threads share one state instead of running a shot each, which would multiply the memory."""

# Costs of one operation in nanoseconds on one core, measured with Aer 0.18; only their ratios matter.
DENSITY_COST = 6.3  # times 4^n
SHOT_COST = 3500.0  # per shot, whatever its size
AMPLITUDE_COST = 5.0  # per shot, times 2^n

CHUNK_NS = 150e6
"""What the first chunk of trajectories is meant to take, by the costs above."""

THREADS_NS = 50e6
"""Trajectories that take longer than this in all run on all threads."""

SAMPLE_COST = 100.0
"""Nanoseconds of a shot that is drawn from a final state."""

BRIEF_SECONDS = 0.05
"""Runs below this on one thread do not tell their phases."""

BLOCKS = {"stabilizer": 1_000, "matrix_product_state": 10_000}
"""Shots a run where Aer samples and evolves anew for every run; fixed, since the counts depend on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a circuit is simulated.

    Parameters
    ----------
    method
        Aer's simulation method.
    path
        ``sampled``: the state evolves once, then shots are drawn from its probabilities. ``counted``: Aer evolves
        and samples. ``trajectories``: every shot evolves on its own.
    qubits
        How many qubits the state has.
    truncation
        Whether Aer drops qubits that cannot influence a measurement.
    threads
        Threads for Aer; 0 means all there are.
    parallel_shots
        Shots at the same time; 0 means as many as threads.
    block
        Shots of the first chunk of trajectories, or of each block of counted ones.
    seconds
        About how long the run takes on one core; much too long where the entanglement decides.
    """

    method: Method
    path: Path
    qubits: int
    truncation: bool
    threads: int
    parallel_shots: int
    block: int
    seconds: float

    @property
    def brief(self) -> bool:
        """Whether the run takes so little time that its phases are not worth telling."""
        return self.threads == 1 and self.seconds <= BRIEF_SECONDS


def plan_of(target: str, profile: CircuitProfile, shots: int, options: AerOptions) -> Plan:
    """Return how to simulate a circuit on a backend of this target (one of `TARGETS`)."""
    truncation = not LOOPS.intersection(profile.gates)
    qubits = profile.active_qubits if truncation and not options.statevector else profile.num_qubits
    method = _method(target, profile, qubits, shots, options)
    path = _path(method, profile, options)
    operations = max(1, sum(profile.gates.values()))
    cost = operations * _shot_cost(qubits)
    if path == "trajectories":
        block = int(CHUNK_NS / cost)
        cost *= shots
        parallel = qubits >= PARALLEL_QUBITS or cost > THREADS_NS
    elif method == "density_matrix":
        block = shots
        cost = operations * DENSITY_COST * 4**qubits
        parallel = 2 * qubits >= PARALLEL_QUBITS
    else:
        block = BLOCKS.get(method, shots)
        parallel = qubits >= PARALLEL_QUBITS
    if path == "sampled":
        cost += shots * SAMPLE_COST
    return Plan(
        method=method,
        path=path,
        qubits=qubits,
        truncation=truncation,
        threads=0 if parallel else 1,
        parallel_shots=0 if parallel and qubits < PARALLEL_SHOTS_LIMIT else 1,
        block=max(1, min(shots, block)),
        seconds=cost * 1e-9,
    )


def _method(target: str, profile: CircuitProfile, qubits: int, shots: int, options: AerOptions) -> Method:
    if target == "matrix_product_state":
        return "matrix_product_state"
    if target == "automatic" and qubits > STATEVECTOR_LIMIT and is_clifford(profile):
        return "stabilizer"
    if is_noisy(profile, options) and profile.terminal and density_matrix_pays(qubits, shots):
        return "density_matrix"
    return "statevector"


def _path(method: Method, profile: CircuitProfile, options: AerOptions) -> Path:
    if not profile.terminal:
        return "trajectories"
    if is_noisy(profile, options) and method != "density_matrix":
        return "trajectories"
    return "counted" if method in BLOCKS else "sampled"


def is_noisy(profile: CircuitProfile, options: AerOptions) -> bool:
    """Return whether the final state is a mixed one: by the backend's noise, or by channels in the circuit."""
    return options.noise.on_gates or not CHANNELS.isdisjoint(profile.gates)


def is_clifford(profile: CircuitProfile) -> bool:
    """Return whether every operation is one that the stabilizer method takes."""
    return CLIFFORD.issuperset(profile.gates)


def density_matrix_pays(qubits: int, shots: int) -> bool:
    """Return whether one density matrix is cheaper than a noisy trajectory a shot.

    The number of operations cancels out; see the costs above.
    """
    return qubits <= DENSITY_LIMIT and DENSITY_COST * 4**qubits <= shots * _shot_cost(qubits)


def _shot_cost(qubits: int) -> float:
    """Return the nanoseconds that one operation of one shot takes, about."""
    return SHOT_COST + AMPLITUDE_COST * 2.0 ** min(qubits, 1000)
