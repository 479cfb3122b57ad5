"""Tiny jobs a second: one producing thread, two worker processes, every circuit another one.

Ours: from the first `Engine.submit` until every job has ended (each one is waited for, which reads the store);
afterwards each has to have its shots. dask: ``Client.map`` and ``gather``; huey: enqueue all, then read all results.
Both peers get the angle only, and build the circuit in the worker.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from circuits import bell
from lab import Lab
from measure import Line
from peers import SHOTS, dask, fetch, huey, run_bell

ANGLES = itertools.count(1)


def run(lab: Lab) -> Iterator[Line]:
    """Yield jobs a second, and how many times the peers'."""
    jobs, runs = lab.runs(2000, 50), lab.runs(5, 1)
    with lab.engine(workers=2) as engine:
        if lab.quick:
            rate = median(_ours(engine, jobs) for _ in range(runs))
            yield Line(
                "tiny jobs a second", 100, rate, "/s", "", None, f"{runs} of {jobs} jobs", at_least=True
            )
            return
        with dask() as client, huey(lab.folder) as task:
            sides: list[Callable[[], float]] = [
                lambda: _ours(engine, jobs),
                lambda: _dask(client, jobs),
                lambda: _huey(task, jobs),
            ]
            rates: list[list[float]] = [[], [], []]
            for _ in range(runs):
                for kept, side in zip(rates, sides, strict=True):
                    kept.append(side())
    ours, dasks, hueys = map(median, rates)
    how = f"{runs} of {jobs} jobs each in turn"
    beside = f"dask {dasks:,.0f} /s, huey {hueys:,.0f} /s"
    yield Line(
        "tiny jobs a second over dask's", 10, ours / dasks, "x", beside, ours / dasks, how, at_least=True
    )
    yield Line(
        "tiny jobs a second over huey's", 4, ours / hueys, "x", beside, ours / hueys, how, at_least=True
    )
    yield Line("tiny jobs a second", 10 * dasks, ours, "/s", beside, None, how, at_least=True)


def _ours(engine: Any, jobs: int) -> float:
    circuits = [bell(next(ANGLES) / 1e5) for _ in range(jobs)]
    began = time.perf_counter()
    submitted = [engine.submit(circuit, shots=SHOTS) for circuit in circuits]
    for job in reversed(submitted):  # the last one first: the others have ended then, or nearly
        job.wait(120)
    seconds = time.perf_counter() - began
    if any(job.counts.shots != SHOTS for job in submitted):
        raise RuntimeError("a job has no result")
    return jobs / seconds


def _dask(client: Any, jobs: int) -> float:
    angles = [next(ANGLES) / 1e5 for _ in range(jobs)]
    began = time.perf_counter()
    results = client.gather(client.map(run_bell, angles, pure=False))
    seconds = time.perf_counter() - began
    if any(sum(counts.values()) != SHOTS for counts in results):
        raise RuntimeError("a task has no result")
    return jobs / seconds


def _huey(task: Any, jobs: int) -> float:
    angles = [next(ANGLES) / 1e5 for _ in range(jobs)]
    began = time.perf_counter()
    handles = [task(angle) for angle in angles]
    results = [fetch(handle) for handle in handles]
    seconds = time.perf_counter() - began
    if any(sum(counts.values()) != SHOTS for counts in results):
        raise RuntimeError("a task has no result")
    return jobs / seconds
