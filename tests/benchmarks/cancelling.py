"""Cancelling a running job of 16, 20 and 24 qubits: until it is CANCELLED, and until the next job has its result.

The job would run for seconds; it is cancelled at a random moment of its evolution, after its phase has been reported.
From `Job.cancel` until `Job.wait` has returned with the status CANCELLED and the worker process has ended, whichever
comes later (a pidfd tells, so on Linux only). In every second run a Bell pair is submitted as soon as `Job.wait` has
returned instead, and "next result" is from the cancel to its result; there is one worker, so it needs a new one. Bare
Aer has no side here: ``AerJob.cancel`` does not end a run.
"""

import os
import random
import select
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import psutil
from circuits import bell, layers
from lab import Lab
from measure import Line, in_ms, percentile

SIZES = ((16, 1500), (20, 150), (24, 20))
"""Qubits and depth: each runs for several seconds."""


def run(lab: Lab) -> Iterator[Line]:
    """Yield p50 and p99 for each size."""
    runs = lab.runs(60, 3)
    chance = random.Random(1)
    with lab.engine(workers=1) as engine:
        for qubits, depth in SIZES[:1] if lab.quick else SIZES:
            from qjob import programs

            program = programs.recognise(layers(qubits, depth))
            cancelled, following = [], []
            for _ in range(runs):
                cancelled.append(_until_gone(engine, program, chance.uniform(0.02, 0.2)))
                following.append(_until_next(engine, program, chance.uniform(0.02, 0.2)))
            beside = "bare Aer: the whole job"
            how = f"{runs} + {runs}; next result {in_ms(median(following))}, p99 {in_ms(percentile(following, 99))}"
            what = f"cancel at {qubits} qubits"
            yield Line(f"{what}, p50", 30, median(cancelled) * 1e3, "ms", beside, None, how)
            yield Line(f"{what}, p99", 100, percentile(cancelled, 99) * 1e3, "ms", beside, None, how)


def _until_gone(engine: Any, program: Any, delay: float) -> float:
    """Cancel one job; return the seconds until it is CANCELLED and its worker has ended."""
    job = _evolving(engine, program, delay)
    workers = [os.pidfd_open(pid) for pid in _workers()]
    began = time.perf_counter()
    job.cancel()
    job.wait(60)
    if not any(select.select(workers, [], [], 60)):
        raise RuntimeError("no worker has ended")
    seconds = time.perf_counter() - began
    for descriptor in workers:
        os.close(descriptor)
    _check(job)
    engine.submit(bell(), shots=100).result(60)
    return seconds


def _until_next(engine: Any, program: Any, delay: float) -> float:
    """Cancel one job; return the seconds until another one has its result."""
    job = _evolving(engine, program, delay)
    began = time.perf_counter()
    job.cancel()
    job.wait(60)
    engine.submit(bell(), shots=100).result(60)
    seconds = time.perf_counter() - began
    _check(job)
    return seconds


def _evolving(engine: Any, program: Any, delay: float) -> Any:
    """Return a job that has been evolving its state for this long."""
    job = engine.submit(program, shots=1000)
    tick = engine.feed.tick
    while (snapshot := job.snapshot()).progress is None or "evolving" not in snapshot.progress.phase:
        if snapshot.job.status.ended:
            raise RuntimeError(f"the job was {snapshot.job.status} before it could be cancelled")
        tick = engine.wait_for_news(tick, 5, mine=True)
    time.sleep(delay)
    return job


def _workers() -> list[int]:
    """Return the process ids of the template's children that run."""
    me = psutil.Process()
    return [
        worker.pid
        for child in me.children()
        for worker in child.children()
        if worker.status() != psutil.STATUS_ZOMBIE
    ]


def _check(job: Any) -> None:
    if job.status != "CANCELLED":
        raise RuntimeError(f"the job was {job.status}, not cancelled")
