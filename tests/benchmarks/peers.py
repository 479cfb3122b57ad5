"""The other ways to run many small jobs in two processes: dask.distributed and huey, each set up as fast as it gets.

Both run the same Aer on the same circuit, single-threaded and kept warm, and get only the circuit's angle, which is
cheaper to send than a circuit. Neither stores a program, a state or a result that outlives it (huey's results are
deleted when read).
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHOTS = 100
WORKERS = 2


@lru_cache(1)
def _simulator() -> Any:
    from qiskit_aer import AerSimulator

    return AerSimulator(method="statevector", max_parallel_threads=1)


def run_bell(angle: float) -> dict[str, int]:
    """Run the tiny job, in a peer's worker."""
    from circuits import aer, bell

    return aer(bell(angle), SHOTS, 1, _simulator())


@contextlib.contextmanager
def dask() -> Iterator[Any]:
    """Give a dask client with two warm worker processes on loopback."""
    import logging

    import distributed

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        distributed.LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        for number in range(5):
            client.run(run_bell, 0.1 * number)
        yield client


@contextlib.contextmanager
def huey(folder: Path) -> Iterator[Any]:
    """Give huey's task over SQLite with a consumer of two worker processes that poll every millisecond."""
    os.environ["BENCH_HUEY"] = str(folder / "huey.sqlite")
    import huey_app

    options = ["-w", str(WORKERS), "-k", "process", "-d", "0.001", "-m", "0.002", "-b", "1.0", "-n", "-q"]
    process = subprocess.Popen(
        [sys.executable, "-m", "huey.bin.huey_consumer", "huey_app.huey", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        began = time.monotonic()
        for number in range(40):
            fetch(huey_app.bell(0.1 * number), 60)
        if time.monotonic() - began > 60:
            raise RuntimeError("huey's consumer does not answer")
        yield huey_app.bell
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)  # its own session: the consumer and its workers, nobody else
            process.wait()


def fetch(handle: Any, timeout: float = 60) -> Any:
    """Return a huey result, looked for every half millisecond."""
    return handle.get(blocking=True, timeout=timeout, backoff=1.0, max_delay=0.0005)
