"""What streaming costs: a backend that reports its counts as it goes, against one unstreamed run of the same circuit.

In one fresh process without an engine, in turn: the backend's own event iterator, each event encoded as for the
kernel, against ``AerSimulator.run(...).result().get_counts()`` with the same threads. "Ideal": the clock handed to
the backend jumps a second at each look, so that it reports after every block of shots it draws (25 of 100,000 shots,
one of 1,000, beside its phases), more often than it ever would; the state evolves once. "Trajectories": a noisy
circuit that runs shot by shot for 5 s or more, chunked and throttled by a true clock, against one run of all shots
with the same noise model and seed; the counts have to be equal to the last shot.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from circuits import aer, as_qpy, layers
from lab import Lab
from measure import Line, compared, in_turn

DEPTH = 12
NOISE = {"gate_error_1q": 1e-3, "gate_error_2q": 1e-2}


def run(lab: Lab) -> Iterator[Line]:
    """Yield the ratio for each size."""
    for qubits, shots, target, runs in (
        (16, 1_000, 1.05, lab.runs(60)),
        (16, 100_000, 0.8, lab.runs(30, 1)),
        (20, 1_000, 1.05, lab.runs(15, 0)),
        (20, 100_000, 0.8, lab.runs(15, 0)),
    ):
        if runs:
            ours, theirs, frames = lab.python("streaming.py", "ideal", qubits, shots, runs)
            how = f"{runs} each in turn, 2 before; {frames} frames"
            yield compared(
                f"streamed, ideal, {qubits} qubits, {shots:,} shots",
                target,
                ours,
                theirs,
                beside="bare Aer",
                how=how,
            )
    shots, runs = lab.runs(600, 40), lab.runs(6, 1)
    ours, theirs, frames = lab.python("streaming.py", "trajectories", 14, shots, runs)
    how = f"{runs} each in turn, 1 before; {frames} frames, equal counts"
    seconds = f"streamed, trajectories of {median(theirs):.1f} s"
    yield compared(seconds, 1.01, ours, theirs, beside="one run of bare Aer", how=how)


def _sides(
    qubits: int, shots: int, slug: str, options: dict[str, float], clock: Callable[[], float]
) -> tuple[Any, Callable[[], float], list[int], list[Any]]:
    """Return circuit, the streamed side, the number of frames of each of its runs, and each run's counts."""
    from qjob.backends.aer.provider import AerBackend
    from qjob.backends.base import Task
    from qjob.catalog.loader import load_catalogue
    from qjob.execution.frames import encode_event
    from qjob.model.job import JobRequest
    from qjob.model.program import Program, ProgramFormat
    from qjob.programs import profile

    circuit = layers(qubits, DEPTH)
    backend = AerBackend(load_catalogue().get(slug), clock=clock)
    request = JobRequest(Program(ProgramFormat.QPY, as_qpy(circuit)), slug, shots, 1, options)
    frames: list[int] = []
    counts: list[Any] = []

    def streamed() -> float:
        began = time.perf_counter()
        events = [
            (event, encode_event("job", event))
            for event in backend.run(Task("job", 1, request, profile(circuit)))
            if event is not None
        ]
        seconds = time.perf_counter() - began
        frames.append(len(events) - 1)
        counts.append(events[-1][0].result.counts)
        return seconds

    return circuit, streamed, frames, counts


def _ideal(qubits: int, shots: int, runs: int) -> list[Any]:
    from qiskit_aer import AerSimulator

    ticks = itertools.count()
    circuit, streamed, frames, _ = _sides(qubits, shots, "marqov-sim", {}, lambda: float(next(ticks)))
    simulator = AerSimulator(method="statevector", max_parallel_threads=0)

    def bare() -> float:
        began = time.perf_counter()
        aer(circuit, shots, 1, simulator)
        return time.perf_counter() - began

    return [*in_turn(runs, streamed, bare, warm_ups=2), frames[-1]]


def _trajectories(qubits: int, shots: int, runs: int) -> list[Any]:
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel, depolarizing_error

    from qjob.backends.aer.seeds import base_seed

    circuit, streamed, frames, counts = _sides(qubits, shots, "qb-sim-noisy-aer", NOISE, time.monotonic)
    model = NoiseModel()
    # an infidelity r is a depolarizing error of r d / (d - 1), where d = 2 for one qubit and 4 for two
    model.add_all_qubit_quantum_error(depolarizing_error(NOISE["gate_error_1q"] * 2, 1), ["ry"])
    model.add_all_qubit_quantum_error(depolarizing_error(NOISE["gate_error_2q"] * 4 / 3, 2), ["cx"])
    simulator = AerSimulator(
        method="statevector", noise_model=model, max_parallel_threads=0, max_parallel_shots=0
    )
    whole: dict[str, int] = {}

    def bare() -> float:
        began = time.perf_counter()
        whole.update(aer(circuit, shots, base_seed(1), simulator))
        return time.perf_counter() - began

    times = in_turn(runs, streamed, bare, warm_ups=1)
    if dict(counts[-1]) != whole:
        raise RuntimeError("the chunks do not add up to the counts of one run")
    return [*times, frames[-1]]


def main(kind: str, *numbers: str) -> None:
    """Print the seconds of both sides and the number of frames."""
    print(json.dumps((_ideal if kind == "ideal" else _trajectories)(*map(int, numbers))))


if __name__ == "__main__":
    main(*sys.argv[1:])
