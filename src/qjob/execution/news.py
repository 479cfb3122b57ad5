"""What happened to jobs and has not reached the store yet: kept until it has, and written in one transaction.

Decides nothing about workers. One job's news that cannot be stored never hold up those of another.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace

from qjob.execution.frames import FrameError, Packed
from qjob.execution.worker import RETRY
from qjob.model.errors import StoreCorrupt, StoreUnavailable
from qjob.model.events import Cancelled, Completed, Event, Failed, Progress, Queued, Running, Submitted
from qjob.model.job import Failure, JobStatus
from qjob.store.store import Store

LOG = logging.getLogger(__name__)

Outcome = Event | Packed
Item = tuple[str, Outcome]

UNUSABLE = (StoreUnavailable, StoreCorrupt)
"""What is wrong with the store as a whole and may be mended: a full disk, a lock, a damaged file."""


class News:
    """News in the order they came.

    Parameters
    ----------
    store
        Where they go.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: list[Item] = []
        self._trouble = ""  # why the store took nothing the last time

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add(self, job_id: str, outcome: Outcome) -> None:
        """Keep what happened to a job."""
        self._kept.append((job_id, outcome))

    def ended(self) -> set[str]:
        """Return the jobs whose end is among the news."""
        return {job_id for job_id, outcome in self._kept if is_end(outcome)}

    def write(self) -> bool:
        """Write everything in one transaction and return whether the store changed.

        What the store cannot take now is kept for the next call. News that it refuses for what they are end their
        job as FAILED, with the reason.
        """
        if not self._kept:
            return False
        self._kept = latest(self._kept)
        try:
            with self._store.transaction():
                for job_id, outcome in self._kept:
                    self._record(job_id, outcome)
        except UNUSABLE as error:
            if str(error) != self._trouble:  # once, not with every try
                LOG.warning("kept for later: %s", error)
            self._trouble = str(error)
            return False
        except Exception:  # whatever it is, it is one job's, and the others must not suffer
            LOG.exception("written one by one")
            self._kept = [item for item in self._kept if not self._write_one(*item)]
            return True
        self._kept.clear()
        self._trouble = ""
        return True

    def _write_one(self, job_id: str, outcome: Outcome) -> bool:
        """Write one of the news, or that they cannot be written; return whether that is settled."""
        try:
            self._record(job_id, outcome)
        except UNUSABLE:
            return False
        except Exception as error:
            LOG.exception("job %s: %s is not stored", job_id, type(outcome).__name__)
            failure = Failure("not_stored", f"What it reported cannot be stored: {error}", RETRY)
            return isinstance(outcome, Failed) or self._write_one(job_id, Failed(failure))
        return True

    def _record(self, job_id: str, outcome: Outcome) -> None:
        store = self._store
        match outcome:
            case Progress():
                store.set_progress(job_id, outcome)
            case Running():
                store.move(job_id, JobStatus.RUNNING)
            case Packed(result, progress, layout):
                store.complete(job_id, result, progress, layout)
            case Failed(failure):
                remedy = failure.remedy.replace("{job}", job_id[:8])
                store.move(job_id, JobStatus.FAILED, failure=replace(failure, remedy=remedy))
            case Cancelled():
                store.move(job_id, JobStatus.CANCELLED)
            case Completed() | Submitted() | Queued():
                raise FrameError(f"a local worker never says {type(outcome).__name__}")


def is_end(outcome: Outcome) -> bool:
    """Whether nothing follows it."""
    return isinstance(outcome, (Packed, Failed, Cancelled))


def latest(news: Iterable[Item]) -> list[Item]:
    """Drop progress that newer news of the same job overtake."""
    kept: list[Item] = []
    newer: set[str] = set()
    for job_id, outcome in reversed(list(news)):
        if isinstance(outcome, Progress) and job_id in newer:
            continue
        if isinstance(outcome, Progress) or is_end(outcome):
            newer.add(job_id)
        kept.append((job_id, outcome))
    return kept[::-1]
