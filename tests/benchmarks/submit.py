"""How long `Engine.submit` of a Bell circuit takes until it returns: checked, stored, handed to the executor.

Once while the workers are idle (each job is waited for before the next), once as fast as one thread can while two
workers drain the queue. Beside it, what a peer needs for the same job from submission to result, one at a time: none
of them has a submission that stores the job.
"""

import itertools
import time
from collections.abc import Iterator
from statistics import median

from circuits import bell
from lab import Lab
from measure import Line, in_ms, in_turn, percentile, timed
from peers import SHOTS, dask, fetch, huey, run_bell


def run(lab: Lab) -> Iterator[Line]:
    """Yield p50 and p99 of both ways, and of the whole job beside the peers."""
    circuit = bell()
    with lab.engine(workers=2) as engine:
        idle = []
        for _ in range(lab.runs(500, 10)):
            began = time.perf_counter()
            job = engine.submit(circuit, shots=SHOTS)
            idle.append(time.perf_counter() - began)
            job.wait(60)
        busy, jobs = [], []
        for _ in range(lab.runs(1000, 20)):
            began = time.perf_counter()
            jobs.append(engine.submit(circuit, shots=SHOTS))
            busy.append(time.perf_counter() - began)
        for job in jobs:
            job.wait(120)
    peers = "" if lab.quick else _peers(lab)
    for what, times in (("workers idle", idle), ("while workers drain them", busy)):
        how = f"{len(times)}, workers warm"
        yield Line(f"submit, {what}, p50", 0.5, median(times) * 1e3, "ms", peers, None, how)
        yield Line(f"submit, {what}, p99", 2.0, percentile(times, 99) * 1e3, "ms", peers, None, how)


def _peers(lab: Lab) -> str:
    runs = 200
    angles = itertools.count()
    with lab.engine(workers=2) as engine, dask() as client, huey(lab.folder) as task:
        ours, dasks, hueys = in_turn(
            runs,
            timed(lambda: engine.submit(bell(next(angles) / 1e4), shots=SHOTS).result(60)),
            timed(lambda: client.submit(run_bell, next(angles) / 1e4, pure=False).result()),
            timed(lambda: fetch(task(next(angles) / 1e4))),
            warm_ups=5,
        )
    names = (("qjob", ours), ("dask", dasks), ("huey", hueys))
    return "to the result: " + ", ".join(f"{name} {in_ms(median(times))}" for name, times in names)
