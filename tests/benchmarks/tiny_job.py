"""A tiny job (a Bell pair, 100 shots) end to end over bare Aer: how many milliseconds the tracking adds.

From `Engine.submit` to the return of `Job.wait`, workers warm and idle, against the same run in a warm process of its
own with one thread, which is the fastest way to run it. The difference of the medians is what counts; and their
ratio, which was to be twice the 0.30 ms of bare Aer where the target was set.
"""

from collections.abc import Iterator
from statistics import median

from bare_aer import BareAer
from circuits import bell
from lab import Lab
from measure import Line, in_ms, in_turn, timed

SHOTS = 100


def run(lab: Lab) -> Iterator[Line]:
    """Yield the difference."""
    circuit = bell()
    runs = lab.runs(500, 10)
    with lab.engine(workers=2) as engine, BareAer() as bare:
        bare.load(circuit, threads=1)
        ours, theirs = in_turn(
            runs,
            timed(lambda: engine.submit(circuit, shots=SHOTS).wait(60)),
            lambda: bare.run(SHOTS),
            warm_ups=20,
        )
    added = (median(ours) - median(theirs)) * 1e3
    beside = f"bare Aer {in_ms(median(theirs))}, qjob {in_ms(median(ours))}"
    how = f"{runs} each in turn, 20 before"
    ratio = median(ours) / median(theirs)
    yield Line("tiny job, added to bare Aer", 0.3, added, "ms", beside, ratio, how, paced=True)
    yield Line("tiny job over bare Aer", 2.0, ratio, "x", beside, ratio, how, base=1.0)
