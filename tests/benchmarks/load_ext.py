"""``%load_ext qjob`` in a fresh interpreter, as a user meets it, against importing the libraries a job needs.

Each run is a new process with an IPython shell in it. Ours: ``shell.extension_manager.load_extension("qjob")``, which
imports qjob and registers its magics. Theirs: ``import qiskit_aer, braket.circuits, ipywidgets``. After the warm-ups
the files are in the page cache and their bytecode is kept, on both sides.
"""

import sys
import time
from collections.abc import Iterator
from statistics import median

from lab import Lab
from measure import Line, in_ms, in_turn, percentile


def run(lab: Lab) -> Iterator[Line]:
    """Yield the time and the ratio."""
    runs, warm_ups = lab.runs(15, 1), lab.runs(2, 0)
    ours, theirs = in_turn(
        runs,
        lambda: float(lab.python("load_ext.py", "qjob")),
        lambda: float(lab.python("load_ext.py", "eager")),
        warm_ups=warm_ups,
    )
    how = f"{runs} fresh processes each, {warm_ups} before"
    beside = f"eager imports {in_ms(median(theirs))}"
    yield Line(
        "%load_ext qjob, p50", 2.0, median(ours) * 1e3, "ms", beside, median(ours) / median(theirs), how
    )
    yield Line("%load_ext qjob, p90", 2.0, percentile(ours, 90) * 1e3, "ms", beside, None, how)
    times = median(theirs) / median(ours)
    yield Line("eager imports over %load_ext", 1000, times, "x", beside, times, how, at_least=True)


def main(side: str) -> None:
    """Print how long it took in this process."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    began = time.perf_counter()
    if side == "qjob":
        answer = shell.extension_manager.load_extension("qjob")
    else:
        import braket.circuits
        import ipywidgets
        import qiskit_aer

        answer = None if (braket.circuits, ipywidgets, qiskit_aer) else "missing"
    seconds = time.perf_counter() - began
    if answer is not None:
        raise RuntimeError(answer)
    print(seconds)


if __name__ == "__main__":
    main(sys.argv[1])
