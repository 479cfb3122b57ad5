"""How long `Engine.submit` of a Bell circuit takes until it returns: checked, stored, handed to the executor.

Once while the workers are idle (each job is waited for before the next), once as fast as one thread can while two
workers drain the queue, and once where it costs something: priced, held, and on the disk before it returns.
Beside it, what a peer needs for the same job from submission to result, one at a time: none
of them has a submission that stores the job. On a machine with no processor to spare the slowest submissions wait for
one; how much of their time that was stands beside them (Linux).
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from circuits import bell
from lab import Lab
from measure import Line, in_ms, in_turn, percentile, timed, waited
from peers import ANGLES, SHOTS, Peer

PRICED = """
[[backend]]
slug = "qb-sim-statevector"
price = {kind = "task", task_fee = "0.30", per_shot = "0.01", currency = "USD", source = "test", as_of = 2026-03-01}
"""


def run(lab: Lab) -> Iterator[Line]:
    """Yield p50 and p99 of both ways, and of the whole job beside the peers."""
    circuit = bell()
    with lab.engine(workers=2) as engine:
        idle, busy, jobs = [], [], []
        for _ in range(lab.runs(500, 10)):
            job, *times = _submitted(engine, circuit)
            idle.append(times)
            job.wait(60)
        for _ in range(lab.runs(1000, 20)):
            job, *times = _submitted(engine, circuit)
            busy.append(times)
            jobs.append(job)
        for job in reversed(jobs):
            job.wait(120)
    peers = "" if lab.quick else _peers(lab)
    with lab.engine(workers=2, prices=PRICED) as engine:
        engine.limits(user_per_minute=1_000_000, team_per_day=1_000_000)
        engine.budget(day=1_000_000, month=1_000_000)
        paid, commits = in_turn(
            lab.runs(300, 10),
            lambda: _paid(engine, circuit),
            _commits(lab.folder / "commits.sqlite"),
            warm_ups=2,
        )
    beside = f"a commit to this disk {in_ms(median(commits))}"
    for percent, limit in ((50, 0.5), (99, 2.0)):
        how = f"{len(paid)}, workers idle, in turn with commits of one row"
        number = percentile(paid, percent) * 1e3
        yield Line(f"submit, paid, p{percent}", limit, number, "ms", beside, None, how, paced=True)
    for what, both in (("workers idle", idle), ("while workers drain them", busy)):
        times = [seconds for seconds, _ in both]
        how = f"{len(times)}, workers warm"
        yield Line(f"submit, {what}, p50", 0.5, median(times) * 1e3, "ms", peers, None, how, paced=True)
        slow = percentile(times, 99)
        share = sum(wait for seconds, wait in both if seconds >= slow) / sum(
            each for each in times if each >= slow
        )
        how += f"; of the slowest {share:.0%} waiting for a processor"
        yield Line(f"submit, {what}, p99", 2.0, slow * 1e3, "ms", peers, None, how, paced=True)


def _submitted(engine: Any, circuit: Any) -> tuple[Any, float, float]:
    """Return a new job, the seconds that took, and how many of them this thread waited for a processor."""
    before, began = waited(), time.perf_counter()
    job = engine.submit(circuit, shots=SHOTS)
    return job, time.perf_counter() - began, waited() - before


def _paid(engine: Any, circuit: Any) -> float:
    began = time.perf_counter()
    job = engine.submit(circuit, backend="qb-sim-statevector", shots=SHOTS)
    seconds = time.perf_counter() - began
    job.wait(60)
    return seconds


def _commits(path: Path) -> Callable[[], float]:
    """Return what tells how long SQLite takes to commit one row so that it survives a power cut."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "CREATE TABLE rows (one)"):
        connection.execute(statement)

    def commit() -> float:
        began = time.perf_counter()
        connection.execute("INSERT INTO rows VALUES (1)")
        return time.perf_counter() - began

    return commit


def _peers(lab: Lab) -> str:
    with (
        lab.engine(workers=2) as engine,
        Peer("dask", lab.folder) as dask,
        Peer("huey", lab.folder) as huey,
    ):
        ours, dasks, hueys = in_turn(
            200,
            timed(lambda: engine.submit(bell(next(ANGLES) / 1e5), shots=SHOTS).result(60)),
            lambda: dask.seconds(1),
            lambda: huey.seconds(1),
            warm_ups=5,
        )
    names = (("qjob", ours), ("dask", dasks), ("huey", hueys))
    return "to the result: " + ", ".join(f"{name} {in_ms(median(times))}" for name, times in names)
