"""One run of `durable.py`: its processes, what is killed, frozen and woken, and what goes wrong at the service."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import durable_jobs
import psutil

from durable_lab import COMMAND, end_workers, processes_at
from qjob.engine import Engine
from qjob.execution.detached import environment
from qjob.model.errors import StoreError
from qjob.settings import load_settings
from qjob.store.leases import LEASE

HERE = Path(__file__).resolve().parent
KINDS = {"worker": 0.2, "simulator": 0.3, "template": 0.1, "agent": 0.15, "submitter": 0.25}
ATTEMPTS = 50
"""So many: here nothing is a job's own fault, and even one that is killed ten times in a row has to complete."""
FROZEN = LEASE + 3.0
USER = "ada"
MOST = 0.9
"""The part of the jobs that end while something is killed all the time. The last ones are left in peace: where a
worker lives for two seconds, no agent of its gets as far as asking its service."""
GROWN = {"worker": 10.0, "agent": 10.0, "submitter": 10.0}
"""Seconds that a process has lived for at the least when it is killed: one that has done nothing has nothing to lose,
and on a small machine nobody would get beyond the imports. Who submits has submitted something as well."""
FAULTS = 4
"""How many kinds of trouble at AWS wait for a call at the most."""
AFTERWARDS = 60.0
"""Seconds after the last submission from which all are left in peace."""
TROUBLED = 0.4
"""The part of a run's patience after which they are, too: a slow machine has to get to the end as well."""


class Chaos:
    """One run."""

    def __init__(self, given, seed, home, url, loopback):
        self.given, self.seed, self.home, self.loopback = given, seed, home, loopback
        self.random = random.Random(seed)
        self.jobs = {job.name: job for job in durable_jobs.planned(seed, given.jobs, given.remote_share)}
        self.settings = load_settings(
            {},
            home=home,
            user=USER,
            workers=1,
            attempts=ATTEMPTS,
            count_local=False,
            database_url=url,
        )
        self.environ = environment(self.settings, {**os.environ, **loopback.environment()})
        self.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self.told = home.parent / "told"
        self.kills, self.disturbed = Counter(), Counter()
        self.workers, self.submitters, self.told_before = [], {}, {}
        self.frozen, self.thaw_at, self.held, self.taken_over = None, 0.0, (), None
        self.began_at, self.submitted_at = 0.0, None

    # -- what is killed ---------------------------------------------------------------------------------------

    def start_worker(self):
        with (self.home.parent / "workers").open("ab") as log:
            self.workers.append(subprocess.Popen(COMMAND, env=self.environ, stdout=log, stderr=log))

    def start_submitter(self, number):
        self.told_before[number] = self.told_by(number)
        seconds = self.given.submit_seconds * self.given.submitters / self.given.jobs
        words = (
            number, self.given.submitters, self.seed, self.given.jobs, self.given.remote_share, seconds, self.told,
        )  # fmt: skip
        command = [sys.executable, str(HERE / "durable_jobs.py"), *map(str, words)]
        with (self.home.parent / "submitters").open("ab") as log:
            self.submitters[number] = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)

    def told_by(self, number):
        """Return how many jobs one of those who submit has told of, in all of its lives."""
        mine = list(self.jobs)[number :: self.given.submitters]
        return len(set(mine) & set(self.promised().values()))

    def living(self):
        """Return the processes that may be killed, by kind."""
        found = {kind: [] for kind in KINDS}
        submitters = {
            one.pid
            for number, one in self.submitters.items()
            if one.poll() is None and self.told_by(number) > self.told_before[number]
        }
        frozen = set() if self.frozen is None else {self.frozen.pid}
        now = time.time()
        for process in processes_at(self.home):
            with contextlib.suppress(psutil.Error):
                kind = "submitter" if process.pid in submitters else _kind(process)
                above = {process.pid, *(each.pid for each in process.parents())}
                if kind and not frozen & above and now - process.create_time() >= GROWN.get(kind, 0.0):
                    found[kind].append(process.pid)
        return {kind: pids for kind, pids in found.items() if pids}

    def kill(self):
        living = self.living()
        if not living:
            return
        (kind,) = self.random.choices(list(living), [KINDS[kind] for kind in living])
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.random.choice(living[kind]), signal.SIGKILL)
            self.kills[kind] += 1

    def begin_again(self):
        """Start anew what was killed; who has submitted all stays away."""
        for number, process in list(self.submitters.items()):
            if process.poll() not in (None, 0):
                self.start_submitter(number)
        self.workers = [one for one in self.workers if one.poll() is None]
        while len(self.workers) < self.given.workers:
            self.start_worker()

    def disturb(self):
        """Let something go wrong at AWS, unless enough is about to."""
        if len(self.loopback.faults()) >= FAULTS:
            return
        operation = self.random.choice(
            ["CreateQuantumTask", "GetQuantumTask", "SearchQuantumTasks", "GetDevice"]
        )
        fault = self.random.choice(["lost", "throttled", "failed", "old", "late"])
        self.disturbed[fault] += 1
        match fault:
            case "lost":
                self.loopback.lose_reply(operation)
            case "throttled":
                self.loopback.throttle(operation, self.random.randint(1, 6))
            case "failed":
                self.loopback.fail(operation, self.random.randint(1, 4), "InternalServiceException")
            case "old":
                self.loopback.reorder()
            case "late":
                self.loopback.delay(operation, self.random.uniform(0.2, 2.0), 2)

    # -- the frozen one ---------------------------------------------------------------------------------------

    def freeze(self, store):
        """Freeze a worker that has jobs in hand, but not in the middle of a transaction: all would wait for it."""
        mine = {one.pid: one for one in self.workers if one.poll() is None}
        holders = [one for one in store.live_workers(USER) if one.jobs and one.pid in mine]
        if not holders:
            return
        chosen = self.random.choice(holders)
        os.kill(chosen.pid, signal.SIGSTOP)
        with store._db.read() as connection:
            held = [job_id for (job_id,) in store._sql.leased(connection, owner=chosen.id)]
        try:
            for job_id in held:
                with store._db.write() as connection:
                    store._db.lock_job(connection, job_id, ends=True)
        except StoreError:
            held = []
        if not held:
            os.kill(chosen.pid, signal.SIGCONT)
            return
        self.frozen, self.held = psutil.Process(chosen.pid), tuple(held)
        self.thaw_at = time.monotonic() + FROZEN

    def thaw(self, store):
        """Wake it up, once its jobs are somebody else's."""
        self.taken_over = sum(store.job(job_id).fence > 1 for job_id in self.held)
        self.frozen.send_signal(signal.SIGCONT)
        self.frozen, self.held = None, ()

    # -- the run ----------------------------------------------------------------------------------------------

    def run(self, store):
        """Let it happen until all jobs have ended; return whether they have."""
        for number in range(self.given.submitters):
            self.start_submitter(number)
        self.began_at = time.monotonic()
        end = self.began_at + self.given.patience
        next_kill = time.monotonic() + self.given.seconds_between_kills
        while time.monotonic() < end:
            self.begin_again()
            ended = self.ended(store)
            done = all(process.poll() == 0 for process in self.submitters.values())
            if done and self.submitted_at is None:
                self.submitted_at = time.monotonic()
            if self.frozen is not None and time.monotonic() >= self.thaw_at:
                self.thaw(store)
            elif self.frozen is None and self.taken_over is None and ended >= len(self.jobs) // 4:
                self.freeze(store)
            if done and self.frozen is None and not store.durable_unfinished(USER):
                return self.taken_over is not None
            if time.monotonic() >= next_kill and not self.in_peace(ended):
                self.kill()
                self.disturb()
                next_kill = (
                    time.monotonic() + self.random.uniform(0.5, 1.5) * self.given.seconds_between_kills
                )
            time.sleep(0.1)
        return False

    def in_peace(self, ended):
        """Whether nothing goes wrong any more."""
        late = self.submitted_at is not None and time.monotonic() > self.submitted_at + AFTERWARDS
        late = late or time.monotonic() > self.began_at + TROUBLED * self.given.patience
        if not (late or ended >= MOST * len(self.jobs)):
            return False
        self.loopback.calm()
        return True

    def ended(self, store):
        with store._db.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM jobs WHERE mode = 'durable' AND ended_at IS NOT NULL"
            )
            return row.fetchone()[0]

    def references(self):
        """Return what uninterrupted runs give."""
        found = {}
        settings = load_settings(
            {}, home=self.home.parent / "direct", user=USER, workers=2, count_local=False
        )
        with Engine(settings) as engine:
            kinds = {(job.kind, job.seed): job for job in self.jobs.values()}
            direct = {
                key: durable_jobs.submit(engine, job, "direct")
                for key, job in kinds.items()
                if not job.remote
            }
            for key, job in kinds.items():
                found[key] = {"0101": job.shots} if job.remote else dict(direct[key].result(300).counts)
        return found

    def promised(self):
        lines = self.told.read_text().splitlines() if self.told.exists() else []
        return dict(line.split() for line in lines)

    def close(self):
        """End every process of this run."""
        if self.frozen is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self.frozen.send_signal(signal.SIGCONT)
        for process in self.submitters.values():
            process.kill()
            process.wait()
        end_workers(self.settings)
        for process in processes_at(self.home):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for process in self.workers:
            process.kill()
            process.wait()


def _kind(process):
    line = process.cmdline()
    if "qjob.execution.detached" in line or line[-1:] == ["worker"]:
        return "worker"
    if "qjob.execution.agent" in line:
        return "agent"
    if "qjob.execution.template" in line:
        return "simulator" if "qjob.execution.template" in process.parent().cmdline() else "template"
    return None
