"""A whole job over bare Aer: from `Engine.submit` to the counts in hand, for about 10 ms, 100 ms and 10 s of work.

The same circuit object on both sides, of gates that Aer takes as they are, so nobody transpiles; 1,000 shots; all
threads on both sides. Bare Aer runs in a warm process of its own and is timed inside it.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from bare_aer import BareAer
from circuits import layers, qft
from lab import Lab
from measure import Line, compared, in_turn, timed

SHOTS = 1000


def run(lab: Lab) -> Iterator[Line]:
    """Yield the ratio for each size."""
    sizes = (
        ("10 ms", qft(15), 1.05, lab.runs(200), 5),
        ("100 ms", qft(19), 1.01, lab.runs(50, 1), 2),
        ("10 s", layers(24, 10), 1.001, lab.runs(5, 0), 1),
    )
    with lab.engine(workers=2) as engine, BareAer() as bare:
        for what, circuit, target, runs, warm_ups in sizes:
            if not runs:
                continue
            bare.load(circuit, threads=0)
            ours, theirs = in_turn(runs, whole(engine, circuit), lambda: bare.run(SHOTS), warm_ups=warm_ups)
            how = f"{runs} each in turn, {warm_ups} before"
            name = f"whole job, {what} ({circuit.num_qubits} qubits)"
            yield compared(name, target, ours, theirs, beside="bare Aer", how=how)


def whole(engine: Any, circuit: Any) -> Any:
    """Return a side that runs the circuit as a job, with another seed each time, and takes the counts."""
    seeds = itertools.count()
    return timed(lambda: engine.submit(circuit, shots=SHOTS, seed=next(seeds)).result(600).counts)
