"""What has to be true of the store after each kill. Runs in a process of its own, which is never killed."""

import contextlib
import sqlite3
import time
from collections import Counter
from itertools import pairwise

import qjob
from qjob.model.errors import NoSuchJob
from qjob.model.events import EventKind
from qjob.model.job import MOVES, JobStatus
from qjob.model.packing import unpack

SWEEPS = 1.0
"""Seconds after which whoever has the store open looks again for jobs of dead processes."""

EXPECTED_FAILURES = {"kernel_ended", "worker_killed"}


class Checker:
    """Looks at the store as the next kernel would."""

    def __init__(self, home):
        self.home = home
        self.seen = Counter()

    def jobs(self, promised, *, everything_ended):
        """Return what is wrong after a round.

        Parameters
        ----------
        promised
            Shots by id, of each job whose submission had returned.
        everything_ended
            Whether the process that ran them is gone; then all jobs of the store must have ended.
        """
        problems = []
        with qjob.connect(home=self.home) as engine:  # opening sweeps
            if everything_ended:
                # what the kernel was just starting as it died holds its lock until it has become another program
                end = time.monotonic() + SWEEPS
                while engine.store.unfinished() and time.monotonic() < end:
                    engine.sweep()
                problems += [f"{record.id} is still {record.status}" for record in engine.store.unfinished()]
            for job_id, shots in promised.items():
                try:
                    problems += [f"{job_id} {problem}" for problem in self._job(engine.store, job_id, shots)]
                except NoSuchJob:
                    problems.append(f"{job_id} is lost")
        return problems

    def _job(self, store, job_id, shots):
        record = store.job(job_id)
        if record.shots != shots:
            yield f"was submitted with {shots} shots and has {record.shots}"
        yield from _log(store.log(job_id), record.status)
        packed = store.result(job_id)
        if (packed is not None) != (record.status is JobStatus.COMPLETED):
            yield f"is {record.status} and has {'a' if packed else 'no'} result"
        if packed is not None and (counted := sum(unpack(packed).counts.values())) != shots:
            yield f"has {counted} counts for {shots} shots"
        if record.status is JobStatus.FAILED and record.failure.code not in EXPECTED_FAILURES:
            yield f"failed with {record.failure}"
        if record.status.ended:
            self.seen[str(record.failure.code if record.failure else record.status)] += 1

    def integrity(self):
        """Return what SQLite itself says of the file."""
        with contextlib.closing(sqlite3.connect(self.home / "qjob.sqlite")) as connection:
            return [row[0] for row in connection.execute("PRAGMA integrity_check")]


def _log(entries, status):
    if [entry.seq for entry in entries] != list(range(len(entries))):
        yield f"has a log with gaps: {[entry.seq for entry in entries]}"
    kinds = [entry.kind for entry in entries]
    if not kinds or kinds[0] is not EventKind.ACCEPTED:
        yield f"has a log that begins with {kinds[:1]}"
        return
    walk = [JobStatus.QUEUED, *(JobStatus[kind.name] for kind in kinds[1:])]
    for before, after in pairwise(walk):
        if after not in MOVES[before]:
            yield f"moved from {before} to {after}"
    if walk[-1] is not status:
        yield f"is {status} after a log that ends with {walk[-1]}"
