"""The other ways to run many small jobs in two processes: dask.distributed, huey and procrastinate, each set up as
fast as it gets.

Both run the same Aer on the same circuit, single-threaded and kept warm, and get only the circuit's angle, which is
cheaper to send than a circuit. Neither stores a program, a state or a result that outlives it (huey's results are
deleted when read). huey's consumer and its reader poll every half millisecond. procrastinate keeps no results at
all; it is told of jobs a hundred at a time, by one statement, or of each by one of its own.

Each has a producing process of its own, which is this file as a script. All processes of huey and dask are halted
(SIGSTOP) while it is not their turn: huey polls, dask sends heartbeats, and neither shall slow down the others.
procrastinate's listen to the server, which costs nothing, and would take each other for dead.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from typing import Any, Self

import psutil

HERE = Path(__file__).parent
SHOTS = 100
WORKERS = 2
WARM_UPS = 60
ANGLES = count(1)

Run = Callable[[list[float]], list[dict[str, int]]]
"""Runs a tiny job for each angle, all at once, and returns the counts."""


class Peer:
    """One of them, from outside.

    Parameters
    ----------
    name
        ``dask``, ``huey``, ``procrastinate``, or ``procrastinate-lists``.
    where
        A folder in which it may keep files; of procrastinate the URL of an empty schema.
    """

    def __init__(self, name: str, where: Path | str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "peers.py"), name, str(where)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a process group that can be halted as a whole
        )
        self.process = psutil.Process(self._process.pid)
        self._halts = name in {"dask", "huey"}
        self.seconds(1)

    def seconds(self, jobs: int) -> float:
        """Run so many jobs and return how long that took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.killpg(self._process.pid, signal.SIGCONT)
        self._process.stdin.write(f"{jobs}\n")
        self._process.stdin.flush()
        seconds = float(json.loads(self._process.stdout.readline()))
        if self._halts:
            os.killpg(self._process.pid, signal.SIGSTOP)
        return seconds

    def rate(self, jobs: int) -> float:
        """Run so many jobs and return how many a second that was."""
        return jobs / self.seconds(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        os.killpg(self._process.pid, signal.SIGCONT)
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # a session of its own: nobody else's processes
            self._process.wait()


@lru_cache(1)
def _simulator() -> Any:
    from qiskit_aer import AerSimulator

    return AerSimulator(method="statevector", max_parallel_threads=1)


def run_bell(angle: float) -> dict[str, int]:
    """Run the tiny job, in a peer's worker."""
    from circuits import aer, bell

    return aer(bell(angle), SHOTS, 1, _simulator())


@contextlib.contextmanager
def dask(_folder: str) -> Iterator[Run]:
    """Give dask with two warm worker processes on loopback."""
    import logging

    import distributed

    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        distributed.LocalCluster(
            n_workers=WORKERS, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield lambda angles: client.gather(client.map(run_bell, angles, pure=False))


@contextlib.contextmanager
def huey(folder: str) -> Iterator[Run]:
    """Give huey over SQLite with a consumer of two worker processes."""
    os.environ["BENCH_HUEY"] = str(Path(folder) / "huey.sqlite")
    import huey_app

    options = ["-w", str(WORKERS), "-k", "process", "-d", "0.0005", "-m", "0.0005", "-b", "1.0", "-n", "-q"]
    process = subprocess.Popen(
        [sys.executable, "-m", "huey.bin.huey_consumer", "huey_app.huey", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def run(angles: list[float]) -> list[dict[str, int]]:
        handles = [huey_app.bell(angle) for angle in angles]
        return [handle.get(blocking=True, timeout=60, backoff=1.0, max_delay=0.0005) for handle in handles]

    try:
        yield run
    finally:
        process.send_signal(signal.SIGINT)  # lets it end its workers
        process.wait()


@contextlib.contextmanager
def procrastinate(url: str, together: int = 1) -> Iterator[Run]:
    """Give procrastinate with two worker processes, told of so many jobs at once."""
    os.environ["BENCH_PROCRASTINATE"] = url
    import procrastinate_app
    import psycopg

    app = procrastinate_app.app
    with app.open(), psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()[0]:
            app.schema_manager.apply_schema()
        command = [sys.executable, str(HERE / "procrastinate_app.py")]
        processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(WORKERS)]

        def run(angles: list[float]) -> list[dict[str, int]]:
            for first in range(0, len(angles), together):
                some = angles[first : first + together]
                procrastinate_app.bell.batch_defer(*({"angle": angle} for angle in some))
            while connection.execute(procrastinate_app.LEFT).fetchone()[0]:
                time.sleep(0.001)
            if connection.execute(procrastinate_app.NOT_DONE).fetchone()[0]:
                raise RuntimeError("a task has failed")
            return []

        try:
            yield run
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


SIDES = {
    "dask": dask,
    "huey": huey,
    "procrastinate": procrastinate,
    "procrastinate-lists": partial(procrastinate, together=100),
}


def main(name: str, where: str) -> None:
    """Run as many jobs as each line of the input says; answer with the seconds."""
    with SIDES[name](where) as run:
        run([next(ANGLES) / 1e5 for _ in range(WARM_UPS)])
        for line in sys.stdin:
            angles = [next(ANGLES) / 1e5 for _ in range(int(line))]
            began = time.perf_counter()
            results = run(angles)
            seconds = time.perf_counter() - began
            if any(sum(counts.values()) != SHOTS for counts in results):
                raise RuntimeError("a task has no result")
            print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
