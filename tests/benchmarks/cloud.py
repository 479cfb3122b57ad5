"""A task on Amazon Braket, on a loopback that speaks its protocol, beside the SDK's own ``device.run().result()``.

The first cell: a fresh process with an engine proposes a job for SV1, as ``%%qjob --backend sv1`` does; timed until
that returns, and how long the longest stall of another thread is until the job has ended. Theirs is what a kernel
would wait for otherwise, ``import braket.aws``. Then a Bell pair from submission to its counts with all imports done,
one side after the other; and 200 tasks at once, with the memory at its peak of the agent and of a process that runs
them by ``device.run_batch``.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from lab import Lab
from measure import Line, in_ms, in_turn

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'
ARN = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
SHOTS = 100
TASKS = 200
NOTICED = 100
"""Milliseconds from which a person notices a wait; a real service takes seconds."""


def run(lab: Lab) -> Iterator[Line]:
    """Yield what the first cell takes, a job, and many at once."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from loopback.client import Loopback

    with Loopback.start() as loopback:
        os.environ |= loopback.environment()
        runs = lab.runs(5, 1)
        ours, theirs = in_turn(
            runs,
            lambda: lab.python("cloud.py", "first")["returned"],
            lambda: lab.python("cloud.py", "import")["returned"],
        )
        how = f"{runs} fresh processes each"
        beside = f"import braket.aws {in_ms(median(theirs))}"
        ratio = median(ours) / median(theirs)
        yield Line("first cell for a cloud backend", 1000, median(ours) * 1e3, "ms", beside, ratio, how)
        stalls = [lab.python("cloud.py", "first")["stall"] for _ in range(runs)]
        yield Line("longest stall meanwhile", 20, max(stalls) * 1e3, "ms", "", None, how)
        jobs = lab.runs(15, 2)
        both = lab.python("cloud.py", "jobs", str(jobs))
        beside = f"the SDK alone {in_ms(both['theirs'])}"
        yield Line(
            "cloud job, to its counts",
            NOTICED,
            both["ours"] * 1e3,
            "ms",
            beside,
            both["ours"] / both["theirs"],
            f"{jobs} jobs each, in turn, one before",
        )
        many = str(lab.runs(TASKS, 20))
        ours_many = lab.python("cloud.py", "many", many)
        theirs_many = lab.python("cloud.py", "batch", many)
        beside = f"run_batch {theirs_many['peak']:.0f} MB in {theirs_many['seconds']:.1f} s"
        how = f"{many} tasks, all of them done in {ours_many['seconds']:.1f} s"
        ratio = ours_many["peak"] / theirs_many["peak"]
        yield Line("agent with 200 tasks, peak", 500, ours_many["peak"], "MB", beside, ratio, how)


def _engine(home: str):
    import qjob

    engine = qjob.connect(home=home)
    engine.limits(user_per_minute=100_000, team_per_day=1_000_000)
    return engine


def _first(home: str) -> dict[str, float]:
    """Propose a job; see what else can run meanwhile."""
    import qiskit.qasm2  # a user has it loaded

    gaps, done = [0.0], threading.Event()

    def tick() -> None:
        before = time.perf_counter()
        while not done.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - before)
            before = now

    with _engine(home) as engine:
        circuit = qiskit.qasm2.loads(BELL)
        began = time.perf_counter()
        job = engine.propose(circuit, backend="sv1", shots=SHOTS)
        returned = time.perf_counter() - began
        ticking = threading.Thread(target=tick)
        ticking.start()
        job.wait(120)
        done.set()
        ticking.join()
        job.result()
    return {"returned": returned, "stall": max(gaps)}


def _import(_: str) -> dict[str, float]:
    began = time.perf_counter()
    import braket.aws

    return {"returned": time.perf_counter() - began, "of": len(braket.aws.__name__)}


def _jobs(home: str, runs: str) -> dict[str, float]:
    from braket.aws import AwsDevice
    from braket.circuits import Circuit

    device, circuit = AwsDevice(ARN), Circuit().h(0).cnot(0, 1)

    def ours() -> float:
        began = time.perf_counter()
        assert engine.submit(BELL, backend="sv1", shots=SHOTS).counts.shots == SHOTS
        return time.perf_counter() - began

    def theirs() -> float:
        began = time.perf_counter()
        found = device.run(circuit, shots=SHOTS, poll_interval_seconds=0.25).result()
        assert sum(found.measurement_counts.values()) == SHOTS
        return time.perf_counter() - began

    with _engine(home) as engine:
        mine, sdk = in_turn(int(runs), ours, theirs, warm_ups=1)
    return {"ours": median(mine), "theirs": median(sdk)}


def _many(home: str, tasks: str) -> dict[str, float]:
    import psutil

    with _engine(home) as engine:
        began = time.perf_counter()
        batch = engine.submit([BELL] * int(tasks), backend="sv1", shots=SHOTS)
        (agent,) = (
            each
            for each in psutil.Process().children(recursive=True)
            if "qjob.execution.agent" in each.cmdline()
        )
        batch.wait(300)
        seconds = time.perf_counter() - began
        peak = _peak(agent.pid)
        assert len(batch.results()) == int(tasks)
    return {"seconds": seconds, "peak": peak}


def _batch(_: str, tasks: str) -> dict[str, float]:
    from braket.aws import AwsDevice
    from braket.circuits import Circuit

    device, circuit = AwsDevice(ARN), Circuit().h(0).cnot(0, 1)
    began = time.perf_counter()
    found = device.run_batch([circuit] * int(tasks), shots=SHOTS, poll_interval_seconds=0.25).results()
    seconds = time.perf_counter() - began
    assert len(found) == int(tasks)
    return {"seconds": seconds, "peak": _peak(os.getpid())}


def _peak(pid: int) -> float:
    """Return the most memory that a process has held, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise RuntimeError("this system does not tell")


SIDES = {"first": _first, "import": _import, "jobs": _jobs, "many": _many, "batch": _batch}


def main(side: str, *given: str) -> None:
    """Print what one side measures."""
    with tempfile.TemporaryDirectory() as home:
        print(json.dumps(SIDES[side](home, *given)))


if __name__ == "__main__":
    main(*sys.argv[1:])
