"""What live cards expect of their jobs, by the history of this store: asked late, seldom and once for all cards.

Most jobs are over before anybody could read how long they will take, so nothing is looked up before a job has gone on
for a second.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qjob.engine import Engine
from qjob.model.job import JobStatus
from qjob.model.snapshot import JobSnapshot
from qjob.model.timing import Eta
from qjob.policy import eta
from qjob.policy.eta import Pace, Past
from qjob.showing.summary import note, since
from qjob.store.listing import JobFilter

AFTER = 1.0
"""Seconds that a job goes on before anything is expected of it, and until it is thought over again."""

JOBS = 200
"""The newest jobs of a backend that are looked at."""

KEPT = 60.0
"""Seconds for which the history of a backend is kept."""


def history(engine: Engine) -> Callable[[str], list[Past]]:
    """Return what tells the newest completed jobs of a backend."""

    def of(backend: str) -> list[Past]:
        wanted = JobFilter(statuses=frozenset({JobStatus.COMPLETED}), backend=backend)
        found = map(Past.of, engine.records(wanted, limit=JOBS))
        return [each for each in found if each is not None]

    return of


@dataclass(slots=True)
class _Seen:
    """What was seen of one job since its status was this one."""

    status: JobStatus
    at: datetime  # when it was thought over last
    eta: Eta | None = None
    first: tuple[int, datetime] | None = None  # its shots when they were looked at first


@dataclass(slots=True)
class _Book:
    read_at: datetime
    past: Sequence[Past] = field(default_factory=tuple)


class Expecting:
    """The expectations of all cards of a session. Safe to use from any thread.

    Parameters
    ----------
    history
        Tells the newest completed jobs of a backend.
    """

    def __init__(self, history: Callable[[str], Sequence[Past]]) -> None:
        self._history = history
        self._books: dict[str, _Book] = {}
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def of(self, snapshot: JobSnapshot, now: datetime) -> Eta | None:
        """Return when what goes on in a job is over; the same as before where that was less than a second ago.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        job = snapshot.job
        with self._lock:
            if not _goes_on(snapshot):
                self._seen.pop(job.id, None)
                return None
            seen = self._seen.get(job.id)
            if seen is None or seen.status is not job.status:
                seen = self._seen[job.id] = _Seen(job.status, since(snapshot))
            if seen.first is None and snapshot.progress is not None and snapshot.progress.shots_done:
                seen.first = snapshot.progress.shots_done, now
            if (now - seen.at).total_seconds() >= AFTER:
                seen.at, seen.eta = now, self._think(snapshot, seen, now)
            return seen.eta

    def again(self, snapshot: JobSnapshot) -> float | None:
        """Return after how many seconds a job should be thought over again, even if there is no news; None: never."""
        with self._lock:
            seen = self._seen.get(snapshot.id)
            young = seen is not None and seen.at == since(snapshot)
            return AFTER if seen is not None and (young or seen.eta is not None) else None

    def _think(self, snapshot: JobSnapshot, seen: _Seen, now: datetime) -> Eta | None:
        job, passed = snapshot.job, (now - since(snapshot)).total_seconds()
        past = self._past(job.backend, now)
        if job.status is JobStatus.QUEUED:
            return eta.until_begun(past, passed)
        pace = None
        if seen.first is not None and snapshot.progress is not None:
            done, at = seen.first
            pace = Pace(done, snapshot.progress.shots_done, job.shots, (now - at).total_seconds())
        ran = passed if job.started_at is None else (now - job.started_at).total_seconds()
        return eta.until_done(eta.like(job, past), ran, pace)

    def _past(self, backend: str, now: datetime) -> Sequence[Past]:
        book = self._books.get(backend)
        if book is None or (now - book.read_at).total_seconds() > KEPT:
            book = self._books[backend] = _Book(now, self._history(backend))
        return book.past


def _goes_on(snapshot: JobSnapshot) -> bool:
    """Whether it runs, or waits at a service, and nothing holds it up."""
    job = snapshot.job
    waits = job.status is JobStatus.QUEUED and job.elsewhere and snapshot.outlook is None
    return (waits or job.status is JobStatus.RUNNING) and not note(snapshot)
