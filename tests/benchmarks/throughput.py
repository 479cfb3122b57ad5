"""Tiny jobs a second: one producing thread, two worker processes, every circuit another one.

Ours: from the first `Engine.submit` until every job has ended (each one, or each list, is waited for, which reads
the store); afterwards each has to have its shots. Once in lists of 100, as a sweep is submitted, and once one by
one. dask: ``Client.map`` and ``gather``; huey: enqueue all, then read all results. Both peers get the angle only, and
build the circuit in the worker; they are halted while it is not their turn. The processor time a job, of all
processes of a side together, stands beside it: it depends little on what else runs.

Two processes that run bare Aer and do nothing else, neither submitting nor storing, are a side as well: whoever
simulates by `AerSimulator.run` in two processes comes nowhere beyond that on this machine. Where the targets were set
these two run 6,500 a second, so that ten times dask was half of it; that share is the first row. The rate itself
stands beside it, since a machine that is slower at simulating need not be slower at what the peers spend most of
their time on.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

import psutil
from bare_aer import BareAer
from circuits import bell
from lab import Lab
from measure import Line, in_ms, processor_seconds
from peers import ANGLES, SHOTS, Peer

LIST = 100
"""Circuits of one submission."""

SHARE = 0.5
"""What ten times dask, 325 a second, is of 6,500 a second."""

RATE = 4 * 835
"""Jobs a second that four times huey came to where the targets were set, a little more than ten times dask."""


def run(lab: Lab) -> Iterator[Line]:
    """Yield jobs a second, and how many times the peers'."""
    jobs, runs = lab.runs(2000, 50), lab.runs(5, 1)
    with lab.engine(workers=2) as engine, contextlib.ExitStack() as stack:
        peers = (
            [] if lab.quick else [stack.enter_context(Peer(name, lab.folder)) for name in ("dask", "huey")]
        )
        both = [stack.enter_context(BareAer()) for _ in range(2)]
        for bare in both:
            bare.load(bell(), threads=1)
        me = psutil.Process()
        sides: list[tuple[Any, Callable[[], float]]] = [
            (me, lambda: rate(engine, jobs, LIST)),
            (me, lambda: rate(engine, jobs, 1)),
            (me, lambda: bare_rate(both, jobs)),
            *((peer.process, partial(peer.rate, jobs)) for peer in peers),
        ]
        numbers: list[list[tuple[float, float]]] = [[] for _ in sides]
        for _ in range(runs):
            for kept, (process, side) in zip(numbers, sides, strict=True):
                before = processor_seconds(process)
                kept.append((side(), (processor_seconds(process) - before) / jobs))
    lists, single, limit, *others = (median(rate for rate, _ in kept) for kept in numbers)
    used = [in_ms(median(seconds for _, seconds in kept)) for kept in numbers]
    how = f"{runs} of {jobs} jobs each in turn; processor time a job {', '.join(used)}"
    share = f"two processes of bare Aer {limit:,.0f} /s, lists {lists:,.0f} /s"
    yield Line(
        "tiny jobs a second over bare Aer's in two processes",
        SHARE,
        lists / limit,
        "x",
        share,
        lists / limit,
        how,
        at_least=True,
    )
    for name, reached in (("in lists", lists), ("one by one", single)):
        what = f"tiny jobs a second, {name}"
        yield Line(what, RATE, reached, "/s", share, None, how, at_least=True, paced=True)
    if not others:
        return
    beside = f"lists {lists:,.0f} /s, one by one {single:,.0f} /s, dask {others[0]:,.0f} /s, huey {others[1]:,.0f} /s"
    for name, target, other in zip(("dask", "huey"), (10, 4), others, strict=True):
        what = f"tiny jobs a second over {name}'s"
        yield Line(what, target, lists / other, "x", beside, lists / other, how, at_least=True)
        yield Line(
            f"{what}, one by one", target, single / other, "x", beside, single / other, how, at_least=True
        )


def bare_rate(both: list[BareAer], jobs: int) -> float:
    """Let two processes run as many circuits, and return how many a second that was."""
    halves = [jobs // 2, jobs - jobs // 2]
    for bare, half in zip(both, halves, strict=True):
        bare.begin([next(ANGLES) / 1e5 for _ in range(half)], SHOTS)
    return jobs / max([bare.ended() for bare in both])


def rate(engine: Any, jobs: int, together: int, *, mode: str = "direct") -> float:
    """Run tiny jobs, submitted so many together, and return how many a second ended."""
    circuits = [bell(next(ANGLES) / 1e5) for _ in range(jobs)]
    began = time.perf_counter()
    asked = [circuits[first : first + together] for first in range(0, jobs, together)]
    submitted = [engine.submit(some if together > 1 else some[0], shots=SHOTS, mode=mode) for some in asked]
    for each in reversed(submitted):  # the last one first: the others have ended then, or nearly
        each.wait(120)
    seconds = time.perf_counter() - began
    counts = [one for each in submitted for one in (each.counts if together > 1 else [each.counts])]
    if len(counts) != jobs or any(one.shots != SHOTS for one in counts):
        raise RuntimeError("a job has no result")
    return jobs / seconds
