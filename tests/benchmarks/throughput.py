"""Tiny jobs a second: one producing thread, two worker processes, every circuit another one.

Ours: from the first `Engine.submit` until every job has ended (each one is waited for, which reads the store);
afterwards each has to have its shots. dask: ``Client.map`` and ``gather``; huey: enqueue all, then read all results.
Both peers get the angle only, and build the circuit in the worker; they are halted while it is not their turn.
"""

import contextlib
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from circuits import bell
from lab import Lab
from measure import Line
from peers import ANGLES, SHOTS, Peer


def run(lab: Lab) -> Iterator[Line]:
    """Yield jobs a second, and how many times the peers'."""
    jobs, runs = lab.runs(2000, 50), lab.runs(5, 1)
    with lab.engine(workers=2) as engine, contextlib.ExitStack() as stack:
        peers = (
            [] if lab.quick else [stack.enter_context(Peer(name, lab.folder)) for name in ("dask", "huey")]
        )
        rates: list[list[float]] = [[] for _ in range(1 + len(peers))]
        for _ in range(runs):
            rates[0].append(jobs / _ours(engine, jobs))
            for kept, peer in zip(rates[1:], peers, strict=True):
                kept.append(jobs / peer.seconds(jobs))
    ours, *others = map(median, rates)
    how = f"{runs} of {jobs} jobs each in turn"
    if not others:
        yield Line("tiny jobs a second", 100, ours, "/s", "", None, how, at_least=True)
        return
    beside = f"dask {others[0]:,.0f} /s, huey {others[1]:,.0f} /s, qjob {ours:,.0f} /s"
    for name, target, other in zip(("dask", "huey"), (10, 4), others, strict=True):
        what = f"tiny jobs a second over {name}'s"
        yield Line(what, target, ours / other, "x", beside, ours / other, how, at_least=True)


def _ours(engine: Any, jobs: int) -> float:
    circuits = [bell(next(ANGLES) / 1e5) for _ in range(jobs)]
    began = time.perf_counter()
    submitted = [engine.submit(circuit, shots=SHOTS) for circuit in circuits]
    for job in reversed(submitted):  # the last one first: the others have ended then, or nearly
        job.wait(120)
    seconds = time.perf_counter() - began
    if any(job.counts.shots != SHOTS for job in submitted):
        raise RuntimeError("a job has no result")
    return seconds
