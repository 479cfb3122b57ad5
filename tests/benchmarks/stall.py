"""The longest stall of another cell while a job of about 3 s runs.

A thread of the kernel's process ticks every millisecond, as another cell's code would go on; counted is the longest
gap between two ticks, from the submission to the result. Ours: a qjob job. Theirs: the same ``AerSimulator.run`` in a
thread of this process. Each run is a fresh process; the imports are done and the first worker warm before it counts.
A third side sleeps for 3 s, to show what this machine's scheduler does without anybody's help.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from statistics import median

from circuits import aer, bell, layers
from lab import Lab
from measure import Line, in_ms, in_turn

QUBITS, DEPTH = 23, 14
SHOTS = 1000


def run(lab: Lab) -> Iterator[Line]:
    """Yield the longest gap."""
    runs, depth = lab.runs(8, 1), lab.runs(DEPTH, 2)

    def side(kind: str) -> Callable[[], float]:
        return lambda: float(lab.python("stall.py", kind, depth, lab.home()))

    ours, theirs, nothing = in_turn(runs, side("qjob"), side("thread"), side("sleep"))
    beside = f"Aer in a thread {in_ms(median(theirs))}, nothing at all {in_ms(median(nothing))}"
    how = f"{runs} fresh processes each, worst {in_ms(max(ours))}"
    yield Line(
        "longest stall of another cell",
        20,
        median(ours) * 1e3,
        "ms",
        beside,
        median(ours) / median(theirs),
        how,
    )


def longest_gap(work: Callable[[], object]) -> float:
    """Return the longest gap, in seconds, of a thread that ticks every millisecond while the work is done."""
    gaps = [0.0]
    done = threading.Event()
    ticking = threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
            ticking.set()

    thread = threading.Thread(target=tick)
    thread.start()
    ticking.wait()
    work()
    done.set()
    thread.join()
    return max(gaps)


def main(kind: str, depth: str, home: str) -> None:
    """Print the longest gap in this process."""
    circuit = layers(QUBITS, int(depth))
    if kind == "qjob":
        import qjob

        with qjob.connect(home=home, workers=2) as engine:
            engine.submit(bell(), shots=100).result(60)
            gap = longest_gap(lambda: engine.submit(circuit, shots=SHOTS).result(600))
    elif kind == "thread":
        from qiskit_aer import AerSimulator

        simulator = AerSimulator(method="statevector")
        aer(bell(), 100, 1, simulator)

        def threaded() -> None:
            thread = threading.Thread(target=aer, args=(circuit, SHOTS, 1, simulator))
            thread.start()
            thread.join()

        gap = longest_gap(threaded)
    else:
        gap = longest_gap(lambda: time.sleep(3))
    print(json.dumps(gap))


if __name__ == "__main__":
    main(*sys.argv[1:])
