"""What happened to jobs and has not reached the store yet: kept until it has, and written in one transaction.

Decides nothing about workers. One job's news that cannot be stored never hold up those of another.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from qjob.execution.frames import FrameError, Packed
from qjob.execution.hands import Order
from qjob.execution.retrying import Retrying, for_job
from qjob.execution.spent import Spent
from qjob.execution.tracks import NoTracks, Tracks
from qjob.execution.worker import RETRY
from qjob.model.errors import StoreCorrupt, StoreUnavailable
from qjob.model.events import (
    Attached,
    Cancelled,
    Checkpoint,
    Completed,
    Event,
    Failed,
    Progress,
    Queued,
    Running,
    Submitted,
)
from qjob.model.job import Failure, JobStatus
from qjob.model.money import to_nano
from qjob.store.completing import Completion
from qjob.store.store import Store

LOG = logging.getLogger(__name__)

Outcome = Event | Packed

NOT_STORED = "not_stored"
"""The code of a failure: the store refuses what the job reported."""


IN_QUEUE = "waiting in the queue"
"""The phase of a job that waits at a service."""


class Item(NamedTuple):
    """What happened to one job."""

    job_id: str
    outcome: Outcome
    fence: int = 0  # the number of the lease under which it happened
    at: float = 0.0  # when it was told, by a monotonic clock; 0: by a service, which tells when it is asked
    ran: float | None = None  # of an end, for how many seconds, where that it began is among the news as well
    spent: tuple[list[object], ...] = ()  # of an end: on which phases the run has spent how many seconds


UNUSABLE = (StoreUnavailable, StoreCorrupt)
"""What is wrong with the store as a whole and may be mended: a full disk, a lock, a damaged file."""


class News:
    """News in the order they came.

    Parameters
    ----------
    store
        Where they go.
    retrying
        Decides what follows a failed attempt at a durable job; None where there are none.
    tracks
        Are told what has been written.
    """

    def __init__(self, store: Store, retrying: Retrying | None = None, tracks: Tracks | None = None) -> None:
        self._store = store
        self._retrying = retrying
        self._tracks: Tracks = tracks or NoTracks()
        self._fences: dict[str, int] = {}
        self._kept: list[Item] = []
        self._spent = Spent()
        self._paid: set[str] = set()
        self._elsewhere: set[str] = set()
        self._trouble = ""  # why the store took nothing the last time

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add(self, job_id: str, outcome: Outcome) -> None:
        """Keep what happened to a job."""
        ran = outcome.ran if isinstance(outcome, Packed) else None
        at = 0.0 if job_id in self._elsewhere else time.monotonic()
        spent = self._note(job_id, outcome)
        self._kept.append(Item(job_id, outcome, self._fences.get(job_id, 0), at, ran, spent))

    def _note(self, job_id: str, outcome: Outcome) -> tuple[list[object], ...]:
        """Take note of what a run turns to; return, at its end, on what it has spent its time."""
        match outcome:
            case Running():
                self._spent.begin(job_id)
            case Progress(phase):
                self._spent.turn(job_id, phase)
            case Packed() | Failed() | Cancelled():
                return tuple(self._spent.end(job_id))
        return ()

    def expect(self, order: Order) -> None:
        """Take note of a job that there will be news of."""
        self._tracks.begin(order)
        if order.fence:
            self._fences[order.job_id] = order.fence
        if order.needs.agent is not None:
            self._elsewhere.add(order.job_id)  # only what is said there can end it
        elif order.paid:
            self._paid.add(order.job_id)  # its end moves money, and has to survive a power cut

    def forget(self, job_id: str) -> None:
        """Drop the news of a job that somebody else has now."""
        self._kept = [item for item in self._kept if item.job_id != job_id]
        self._forget({job_id})
        self._tracks.let_go(job_id)

    def _forget(self, jobs: set[str]) -> None:
        self._paid -= jobs
        self._elsewhere -= jobs
        for job_id in jobs & self._fences.keys():
            del self._fences[job_id]

    def ended(self) -> set[str]:
        """Return the jobs whose end is among the news."""
        return {item.job_id for item in self._kept if is_end(item.outcome) and self._is_current(item)}

    def _is_current(self, item: Item) -> bool:
        return item.fence == self._fences.get(item.job_id, 0)

    def _tell(self, item: Item, *, stored: bool) -> None:
        if stored:
            self._tracks.tell(item.job_id, item.outcome)
        elif is_end(item.outcome):  # somebody else has it by now
            self._tracks.let_go(item.job_id)

    def write(self) -> dict[str, bool]:
        """Write everything in one transaction; return the jobs that it is about, and whether each has ended.

        What the store cannot take now is kept for the next call. News that it refuses for what they are end their
        job as FAILED, with the reason.
        """
        if not self._kept:
            return {}
        self._kept = latest(self._kept)
        # an end under a lease that was lost since is none of what runs now
        jobs = {item.job_id: is_end(item.outcome) and self._is_current(item) for item in self._kept}
        billed = {item.job_id for item in self._kept if cost_of(item.outcome)}
        settled = billed | (self._paid & self.ended())
        try:
            with self._store.transaction(jobs=list(jobs), durable=bool(settled)):
                stored = self._record_all(self._kept)
        except UNUSABLE as error:
            if str(error) != self._trouble:  # once, not with every try
                LOG.warning("kept for later: %s", error)
            self._trouble = str(error)
            return {}
        except Exception:  # whatever it is, it is one job's, and the others must not suffer
            LOG.exception("written one by one")
            self._kept = [item for item in self._kept if not self._write_one(item)]
            return {job_id: ended and job_id not in self.ended() for job_id, ended in jobs.items()}
        for item, was_stored in zip(self._kept, stored, strict=True):
            self._tell(item, stored=was_stored)
        self._kept.clear()
        self._forget({job_id for job_id, ended in jobs.items() if ended})
        self._trouble = ""
        return jobs

    def _write_one(self, item: Item) -> bool:
        """Write one of the news, or that they cannot be written; return whether that is settled."""
        try:
            self._tell(item, stored=self._record(item))
        except UNUSABLE:
            return False
        except Exception as error:
            LOG.exception("job %s: %s is not stored", item.job_id, type(item.outcome).__name__)
            if item.job_id in self._elsewhere and not is_end(item.outcome):
                return True  # its task goes on at the service, whether or not we can write down how it stands
            instead = _instead(item.outcome, error)
            return instead is None or self._write_one(item._replace(outcome=instead))
        return True

    def _record_all(self, items: Sequence[Item]) -> list[bool]:
        """Write all of them, results at the end, since nothing follows them; see `_record`."""
        stored = [not isinstance(item.outcome, Packed) and self._record(item) for item in items]
        results = [place for place, item in enumerate(items) if isinstance(item.outcome, Packed)]
        done = self._complete([items[place] for place in results])
        for place, kept in zip(results, done, strict=True):
            stored[place] = kept
        return stored

    def _complete(self, items: Sequence[Item]) -> list[bool]:
        """Write results."""
        outcomes = [item.outcome for item in items if isinstance(item.outcome, Packed)]
        done = self._store.complete_all(
            [
                Completion(
                    item.job_id,
                    outcome.result,
                    outcome.progress,
                    outcome.layout,
                    ran=item.ran,
                    data={"spent": list(item.spent)} if item.spent else None,
                    cost=_nano(outcome.cost),
                    fence=item.fence,
                )
                for item, outcome in zip(items, outcomes, strict=True)
            ]
        )
        for item, outcome, kept in zip(items, outcomes, done, strict=True):
            if kept and outcome.billed_seconds is not None:
                self._store.set_billed_seconds(item.job_id, outcome.billed_seconds)
        return done

    def _record(self, item: Item) -> bool:
        """Write one of the news; return False where the store refuses it: an end too late, or under a lost lease."""
        store, job_id, fence = self._store, item.job_id, item.fence
        match item.outcome:
            case Progress() as progress:
                return store.set_progress(job_id, progress, fence=fence)
            case Checkpoint(shots, data):
                return store.keep_checkpoint(job_id, shots, data, fence=fence)
            case Running():
                return store.move(job_id, JobStatus.RUNNING, fence=fence)
            case Packed():
                return self._complete([item])[0]
            case Failed(failure, cost):
                return self._record_failure(item, for_job(failure, job_id), _nano(cost))
            case Cancelled(cost, why):
                return store.move(job_id, JobStatus.CANCELLED, failure=why, cost=_nano(cost), fence=fence)
            case Submitted() | Queued() | Attached() as outcome:
                return self._record_elsewhere(job_id, outcome, fence)
            case Completed():
                raise FrameError("a completed job's result comes packed")

    def _record_failure(self, item: Item, failure: Failure, cost: int | None) -> bool:
        job_id, fence = item.job_id, item.fence
        if self._retrying is None or not fence:
            return self._store.move(job_id, JobStatus.FAILED, failure=failure, cost=cost, fence=fence)
        decide = self._retrying.after(failure, cost)
        over = job_id in self._elsewhere  # the service has said so
        return self._store.attempt_failed(job_id, fence, decide, cost=cost, task_over=over)

    def _record_elsewhere(self, job_id: str, outcome: Submitted | Queued | Attached, fence: int) -> bool:
        store = self._store
        match outcome:
            case Submitted(remote_id):
                return store.submitted(job_id, remote_id, fence=fence)
            case Queued():
                store.move(job_id, JobStatus.QUEUED, fence=fence)  # where it ran already, and waits once more
                return store.set_progress(job_id, Progress(IN_QUEUE, queue=outcome), fence=fence)
            case Attached(kind, text):
                store.attach(job_id, kind, text, fence=fence)
                return True


def is_end(outcome: Outcome) -> bool:
    """Whether nothing follows it."""
    return isinstance(outcome, (Packed, Failed, Cancelled))


def cost_of(outcome: Outcome) -> Decimal | None:
    """Return what an end was billed, in US dollars; None where nobody said, or it is no end."""
    return outcome.cost if isinstance(outcome, (Packed, Failed, Cancelled)) else None


def _instead(outcome: Outcome, error: Exception) -> Failed | None:
    """Return what to write in place of what the store refuses: that it does, and at last without the bill.

    None where nothing is left to try.
    """
    failure = Failure(NOT_STORED, f"What it reported cannot be stored: {error}", RETRY)
    cost = cost_of(outcome)
    if not isinstance(outcome, Failed) or (cost is not None and outcome.failure.code != NOT_STORED):
        return Failed(failure, cost)
    return None if cost is None else Failed(outcome.failure)


def _nano(cost: Decimal | None) -> int | None:
    return None if cost is None else to_nano(cost)


def latest(news: Iterable[Item]) -> list[Item]:
    """Drop progress that newer news of the same job overtake, and write beginning and result of a job as one."""
    kept: list[Item] = []
    newer: dict[tuple[str, int], int] = {}  # where in kept
    checkpoints: set[tuple[str, int]] = set()  # jobs of which there is a newer one, or an end
    for item in reversed(list(news)):
        key = item.job_id, item.fence
        overtaken = newer.get(key)
        if overtaken is not None and isinstance(item.outcome, Progress):
            continue
        if isinstance(item.outcome, Checkpoint):
            if key not in checkpoints:
                checkpoints.add(key)
                kept.append(item)
            continue
        if (
            overtaken is not None
            and isinstance(item.outcome, Running)
            and isinstance(kept[overtaken].outcome, Packed)
        ):
            kept[overtaken] = kept[overtaken]._replace(ran=kept[overtaken].at - item.at)
            continue
        if isinstance(item.outcome, Progress) or is_end(item.outcome):
            newer[key] = len(kept)
        if isinstance(item.outcome, (Packed, Cancelled)):  # what failed may be tried again from there
            checkpoints.add(key)
        kept.append(item)
    return kept[::-1]
