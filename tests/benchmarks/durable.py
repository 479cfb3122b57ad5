"""Durable jobs: what they cost over direct ones, how many a second, how soon they start and go on; an idle worker.

The worker is a `qjob worker` with two simulators, warm; the engine is in this process.

- *added to direct*: the same circuit from `Engine.submit` to its counts, in turn durable and direct; and
  `Engine.submit` of a Bell circuit alone.
- *jobs a second*: as in the row ``throughput``, every job stored, leased, settled and read; in lists of 100 and one
  by one, beside huey on SQLite, and beside procrastinate on PostgreSQL, of which one loses a job whose worker is
  killed, and the other leaves it undone. huey is halted while it is not its turn.
- *submission to start*: by the job's log, from ACCEPTED to RUNNING, which of a tiny job is written with its result;
  beside it to ATTEMPT, when the worker has taken it up.
- *killed to next attempt*: the worker is killed (SIGKILL) while it evolves a state, and the log's second ATTEMPT is
  waited for: of a worker that the engine starts, and of another one that is there already.
- *idle*: processor time and memory of a worker that has run jobs, with its simulators, over some seconds without.

The rows on PostgreSQL need a server in QJOB_DATABASE_URL, and are left out without one; they use schemas of their
own there, which are dropped at the end.
"""

import contextlib
import itertools
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

import psutil
from circuits import bell, layers, qft
from lab import Lab
from measure import Line, in_ms, in_turn, percentile, processor_seconds, ran, timed
from peers import SHOTS, Peer
from throughput import LIST, rate
from workers import durable_engine, pids, schema, start_worker, until

WORK_SHOTS = 1000


def run(lab: Lab) -> Iterator[Line]:
    """Yield all of it, first on SQLite."""
    with durable_engine(lab) as engine:
        yield from _added(lab, engine)
        yield _submit(lab, engine)
        yield from _start(lab, engine, "")
        yield from _a_second(lab, engine, "huey", lab.folder, lab.folder)
        yield from _idle(lab, engine, "")
    yield from _killed(lab)
    if lab.server is None:
        print("  QJOB_DATABASE_URL is not set: nothing is measured on PostgreSQL", file=sys.stderr)
        return
    with (
        schema(lab, "qjob") as url,
        schema(lab, "lists") as lists,
        schema(lab, "single") as single,
        durable_engine(lab, url=url) as engine,
    ):
        yield from _start(lab, engine, ", PostgreSQL")
        yield from _a_second(lab, engine, "procrastinate", lists, single)
        yield from _idle(lab, engine, ", PostgreSQL")


def _added(lab: Lab, engine: Any) -> Iterator[Line]:
    sizes = (
        ("10 ms", qft(15), lab.runs(60), 3),
        ("1 s", layers(22, 4), lab.runs(7, 1), 1),
        ("10 s", layers(24, 10), lab.runs(3, 0), 0),
    )
    for what, circuit, runs, warm_ups in sizes:
        if not runs:
            continue
        durable, direct = in_turn(
            runs, _whole(engine, circuit, "durable"), _whole(engine, circuit, "direct"), warm_ups=warm_ups
        )
        added, ratio = (median(durable) - median(direct)) * 1e3, median(durable) / median(direct)
        beside = f"direct {in_ms(median(direct))}, durable {in_ms(median(durable))}"
        yield Line(
            f"durable, added to direct, {what}", 100, added, "ms", beside, ratio, f"{runs} each in turn"
        )


def _whole(engine: Any, circuit: Any, mode: str) -> Any:
    seeds = itertools.count()
    return timed(
        lambda: engine.submit(circuit, shots=WORK_SHOTS, seed=next(seeds), mode=mode).result(600).counts
    )


def _submit(lab: Lab, engine: Any) -> Line:
    """Compare submissions alone; each job is waited for before the next."""
    circuit = bell()

    def submitted(mode: str) -> float:
        began = time.perf_counter()
        job = engine.submit(circuit, shots=SHOTS, mode=mode)
        seconds = time.perf_counter() - began
        job.wait(60)
        return seconds

    runs = lab.runs(200, 5)
    durable, direct = in_turn(runs, partial(submitted, "durable"), partial(submitted, "direct"), warm_ups=5)
    added = (median(durable) - median(direct)) * 1e3
    beside = f"direct {in_ms(median(direct))}, durable {in_ms(median(durable))}"
    ratio = median(durable) / median(direct)
    return Line("durable, submit, added to direct", 0.1, added, "ms", beside, ratio, f"{runs} each in turn")


def _start(lab: Lab, engine: Any, where: str) -> Iterator[Line]:
    runs = lab.runs(200, 5)
    taken, running = [], []
    for _ in range(runs):
        job = engine.submit(bell(), shots=SHOTS, mode="durable").wait(60)
        at = {str(entry.kind): entry.at for entry in job.events()}
        taken.append((at["attempt"] - at["accepted"]).total_seconds())
        running.append((at["running"] - at["accepted"]).total_seconds())
    for percent in (50, 99):
        beside = f"to ATTEMPT {in_ms(percentile(taken, percent))}"
        yield Line(
            f"durable, submission to start{where}, p{percent}",
            100,
            percentile(running, percent) * 1e3,
            "ms",
            beside,
            None,
            f"{runs}, worker warm and idle",
        )


def _a_second(lab: Lab, engine: Any, name: str, lists: Any, single: Any) -> Iterator[Line]:
    """Compare jobs a second with a peer's, in lists and one by one; ``lists`` and ``single``: where it may be."""
    jobs, runs = lab.runs(1000, 50), lab.runs(5, 1)
    with contextlib.ExitStack() as stack:
        peers: list[Peer] = []
        if not lab.quick and name == "huey":  # it takes jobs only one by one
            peers = [stack.enter_context(Peer("huey", lists))]
        elif not lab.quick:
            peers = [
                stack.enter_context(Peer("procrastinate-lists", lists)),
                stack.enter_context(Peer("procrastinate", single)),
            ]
        me = psutil.Process()
        sides: list[tuple[psutil.Process, Callable[[], float]]] = [
            (me, lambda: rate(engine, jobs, LIST, mode="durable")),
            (me, lambda: rate(engine, jobs, 1, mode="durable")),
            *((peer.process, partial(peer.rate, jobs)) for peer in peers),
        ]
        costs: list[list[float]] = [[] for _ in sides]
        rates = in_turn(
            runs, *(partial(_costing, side, jobs, cost) for side, cost in zip(sides, costs, strict=True))
        )
    ours, ours_single, *theirs = map(median, rates)
    used = ", ".join(in_ms(median(cost)) for cost in costs)
    how = f"{runs} of {jobs} jobs each in turn; processor time a job {used}"
    if not theirs:
        yield Line("durable jobs a second", 100, ours, "/s", "", None, how, at_least=True)
        return
    for kind, mine, their in (("in lists", ours, theirs[0]), ("one by one", ours_single, theirs[-1])):
        beside = f"qjob {mine:,.0f} /s, {name} {their:,.0f} /s"
        what = f"durable jobs a second over {name}'s, {kind}"
        yield Line(what, 1, mine / their, "x", beside, mine / their, how, at_least=True)


def _costing(side: tuple[psutil.Process, Callable[[], float]], jobs: int, cost: list[float]) -> float:
    """Return how many jobs a second a side runs, and keep what processor time each takes, of all its processes."""
    process, run_all = side
    before = processor_seconds(process)
    a_second = run_all()
    cost.append((processor_seconds(process) - before) / jobs)
    return a_second


def _killed(lab: Lab) -> Iterator[Line]:
    runs = lab.runs(5, 1)
    for what, others in (("the engine starts one", 0), ("another one is there", 1)):
        seconds = []
        for _ in range(runs):
            with durable_engine(lab, workers=1) as engine:
                seconds.append(_until_next_attempt(engine, others))
        how = f"{runs}, longest {in_ms(max(seconds))}"
        yield Line(f"worker killed to next attempt, {what}", 5000, median(seconds) * 1e3, "ms", "", None, how)


def _until_next_attempt(engine: Any, others: int) -> float:
    job = engine.submit(layers(24, 10), shots=WORK_SHOTS, mode="durable")
    until(lambda: job.status == "RUNNING")
    (holder,) = pids(engine)
    settings = engine.settings
    more = [
        start_worker(settings.home, workers=settings.workers, url=settings.database_url)
        for _ in range(others)
    ]
    until(lambda: len(pids(engine)) == 1 + others)
    os.kill(holder, signal.SIGKILL)
    began = time.time()
    until(lambda: len(job.attempts()) > 1)
    seconds = job.attempts()[1].began_at.timestamp() - began
    job.cancel()
    job.wait(60)
    for worker in more:
        worker.terminate()
        worker.wait()
    return seconds


def _idle(lab: Lab, engine: Any, where: str) -> Iterator[Line]:
    (pid,) = pids(engine)
    worker = psutil.Process(pid)
    time.sleep(1)  # until what it was still busy with is over
    before, began = ran(worker), time.monotonic()
    time.sleep(lab.runs(20))
    share = (ran(worker) - before) / (time.monotonic() - began)
    how = f"{lab.runs(20)} s"
    yield Line(f"idle worker{where}, of a processor", 0.5, share * 100, "%", "", None, how)
    own = worker.memory_full_info().uss / 1e6
    below = [child.memory_full_info().uss / 1e6 for child in worker.children(recursive=True)]
    beside = f"and its {len(below)} processes to run jobs in {sum(below):.0f} MB"
    yield Line(f"idle worker{where}, memory of its own", 100, own, "MB", beside, None, "unshared pages")
