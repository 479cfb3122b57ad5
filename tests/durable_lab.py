"""Durable jobs with real worker processes, none of which outlives its test.

An engine starts a worker by itself as soon as it gets a durable job, detached, so that nothing else would end it. Use
the fixture ``durable`` (a store in a file), ``durable_anywhere`` (each test once in a file, once in a server), or
`lab_at` where neither fits. A test that makes its own engine calls `end_workers` with the engine's settings.
"""

import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from contextlib import contextmanager, redirect_stdout, suppress
from io import StringIO

import psutil
import pytest

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
SLOW = HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;"
"""Shot by shot, milliseconds each, with a checkpoint now and then."""

SHOTS = 600
"""Of the slow circuit: some seconds."""

COMMAND = [sys.executable, "-m", "qjob.cli", "worker"]


def until(happens, seconds=60.0, what="it"):
    """Wait for what other processes do; return what they did."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end, f"{what} never happened"
        time.sleep(0.01)
    return found


def codes(job):
    """Return why each attempt at a job came to nothing; None of one that did not."""
    return [one.failure and one.failure.code for one in job.attempts()]


def processes_at(home):
    """Return the processes that began with this home, wherever their parents are now, but for this one."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # not ours, or gone meanwhile; a zombie has no environment
            if process.pid != os.getpid() and process.environ().get("QJOB_HOME") == str(home):
                found.append(process)
    return found


def end_workers(settings, *, seconds=5.0):
    """Have the workers of these settings stop, as ``qjob worker --stop`` does, and kill whatever is left.

    Returns
    -------
    list of int
        The processes that had to be killed.
    """
    from qjob import worker_line
    from qjob.model.errors import QjobError

    # once more for one that was just beginning, and not listed yet
    for _ in range(3):
        with suppress(QjobError), redirect_stdout(StringIO()):
            worker_line.main(Namespace(status=False, stop=True, drain=False), settings)
        end = time.monotonic() + seconds
        while (left := _working(settings.home)) and time.monotonic() < end and not _any_frozen(left):
            time.sleep(0.01)
        if not left:
            break
    killed = [process.pid for process in left]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    for process in left:
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            process.wait(5)
    return killed


def _any_frozen(processes):
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.status() == psutil.STATUS_STOPPED:
                return True
    return False


def _working(home):
    """Return what belongs to a worker: it, its template and its agents; not what a kernel has."""
    mine = {child.pid for child in psutil.Process().children(recursive=True) if not _is_worker(child)}
    return [one for one in processes_at(home) if one.pid not in mine or _is_worker(one)]


def _is_worker(process):
    with suppress(psutil.Error):
        line = process.cmdline()
        return "qjob.execution.detached" in line or line[-1:] == ["worker"]
    return False


class DurableLab:
    """An engine whose durable jobs run in real worker processes.

    Parameters
    ----------
    home, url
        Where the store is: in the home folder, or (a URL) in a server.
    settings
        More of them.
    """

    def __init__(self, home, url=None, **settings):
        from qjob.settings import load_settings

        given = {"home": home, "user": "ada", "workers": 1, "count_local": False, **settings}
        self.settings = load_settings({}, database_url=url, **given)
        self.home = self.settings.home
        self.started = []
        self._engines = []

    @property
    def engine(self):
        """The engine of this process."""
        return self._engines[0] if self._engines else self.new_engine()

    @property
    def store(self):
        """Its store."""
        return self.engine.store

    def new_engine(self):
        """Return one more engine, as of another notebook."""
        from qjob.engine import Engine

        self._engines.append(Engine(self.settings))
        return self._engines[-1]

    def submit(self, program=BELL, **more):
        """Submit a durable job."""
        return self.engine.submit(program, **{"mode": "durable", "seed": 7, **more})

    def half_done(self, shots=SHOTS, **more):
        """Submit the slow circuit, and return the job once a good part of it is kept."""
        job = self.submit(SLOW, shots=shots, **more)
        until(lambda: (self.checkpoint(job) or 0) > shots / 4, what="a checkpoint")
        return job

    def environment(self, **more):
        """The environment of a process that has the same settings."""
        from qjob.execution.detached import environment

        return environment(self.settings, dict(os.environ)) | more

    def popen(self, command, **more):
        """Start a process that has the same settings; it is killed at the end of the test."""
        environ = self.environment(**more.pop("environ", {}))
        self.started.append(subprocess.Popen(command, env=environ, **more))
        return self.started[-1]

    def worker(self, **more):
        """Start one more ``qjob worker``; return its process once it is listed."""
        process = self.popen(COMMAND, stdout=subprocess.DEVNULL, **more)
        until(lambda: process.poll() is not None or process.pid in self.pids(), what="a worker")
        assert process.poll() is None, "the worker has ended"
        return process

    def live(self):
        """The worker processes that live, as the store lists them."""
        return self.store.live_workers(self.settings.user)

    def pids(self):
        """Their numbers."""
        return {one.pid for one in self.live()}

    def pid(self):
        """The number of the only worker, once there is one."""
        (found,) = until(self.pids, what="a worker")
        return found

    def holder(self, job):
        """The number of the worker that has a job in hand, once there is one."""
        return until(lambda: self._holder(job), what="a claim")

    def _holder(self, job):
        owner = self.store.job(job.id).owner
        return next((one.pid for one in self.store.workers(self.settings.user) if one.id == owner), None)

    def simulators(self, worker):
        """The processes in which a worker runs jobs, without their template."""
        with suppress(psutil.NoSuchProcess):
            return [one for child in psutil.Process(worker).children() for one in child.children()]
        return []

    def checkpoint(self, job):
        """How many shots of a job are kept; None where none are."""
        with self.store._db.read() as connection:
            row = self.store._sql.get_checkpoint(connection, number=self.number(job))
        return row and row[0]

    def number(self, job):
        """The number of a job's row."""
        with self.store._db.read() as connection:
            return self.store._sql.get_number(connection, id=job.id)

    def kinds(self, job):
        """What the log of a job says, in order."""
        return [str(entry.kind) for entry in self.store.log(job.id)]

    def close(self):
        """End everything; return the processes of workers that did not end by themselves."""
        for process in self.started:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
        for engine in self._engines:
            engine.close()
        left = end_workers(self.settings)
        for process in self.started:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        return left


@contextmanager
def lab_at(home, url=None, **settings):
    """A lab; at its end no worker is left."""
    lab = DurableLab(home, url, **settings)
    try:
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory):
    """The counts of the slow circuit, of a run that nothing disturbed."""
    with lab_at(tmp_path_factory.mktemp("direct")) as lab:
        return dict(lab.engine.submit(SLOW, shots=SHOTS, seed=7).result(120).counts)


@pytest.fixture
def durable(home):
    """A lab with its store in a file."""
    with lab_at(home) as lab:
        yield lab


@pytest.fixture(params=["sqlite", "postgres"])
def durable_anywhere(home, request):
    """A lab with its store in a file, and once more with its store in a server."""
    url = None if request.param == "sqlite" else request.getfixturevalue("database_url")
    with lab_at(home, url) as lab:
        yield lab
