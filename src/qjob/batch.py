"""Jobs that were submitted together: a thin view of the store, like `qjob.handle.Job` is of one of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol, overload

from qjob.handle import Job, JobSource
from qjob.model.batch import BatchRecord
from qjob.model.counts import Counts
from qjob.model.job import JobStatus
from qjob.model.result import Result
from qjob.model.snapshot import BatchSnapshot


class BatchSource(JobSource, Protocol):
    """What a `Batch` asks of its engine."""

    def statuses_of(self, batch_id: str) -> Mapping[JobStatus, int]:
        """Return how many of a batch's jobs have each status."""
        ...

    def batch_snapshot(self, batch: BatchRecord) -> BatchSnapshot:
        """Return a batch as it stands."""
        ...

    def cancel_batch(self, batch_id: str) -> int:
        """Ask for all jobs of a batch to end; return how many had not ended yet."""
        ...

    def wait_for_all(self, job_ids: Sequence[str], timeout: float | None) -> None:
        """Return once all these jobs have ended."""
        ...


class Batch(Sequence[Job]):
    """The jobs of one submission of several programs, in the programs' order.

    Parameters
    ----------
    source
        The engine that submitted or found it.
    record
        What its jobs have in common.
    job_ids
        The jobs' full ids, in their order.
    """

    def __init__(self, source: BatchSource, record: BatchRecord, job_ids: Sequence[str]) -> None:
        self._source = source
        self._job_ids = tuple(job_ids)
        self.record = record

    @property
    def id(self) -> str:
        """The batch's full id."""
        return self.record.id

    @property
    def name(self) -> str | None:
        """The name it was given; its jobs are called ``name[0]``, ``name[1]`` and so on."""
        return self.record.name

    @property
    def statuses(self) -> Mapping[JobStatus, int]:
        """How many of its jobs have each status; statuses that none has are missing."""
        return self._source.statuses_of(self.id)

    @property
    def ended(self) -> bool:
        """Whether all its jobs have ended, whichever way."""
        return all(status.ended for status in self.statuses)

    def snapshot(self) -> BatchSnapshot:
        """Return everything that a display of the batch shows."""
        return self._source.batch_snapshot(self.record)

    def wait(self, timeout: float | None = None) -> "Batch":
        """Wait until all jobs have ended, whichever way, and return the batch. Waiting never cancels.

        Parameters
        ----------
        timeout
            Seconds to wait at the most; None waits as long as it takes.

        Raises
        ------
        WaitTimeout
            The time is over and the jobs go on.
        """
        self._source.wait_for_all(self._job_ids, timeout)
        return self

    def results(self, timeout: float | None = None) -> list[Result]:
        """Wait for all jobs and return their results, in order.

        Raises
        ------
        JobEnded
            A job failed or was cancelled; the first one is named.
        WaitTimeout
            The time is over and the jobs go on.
        """
        self.wait(timeout)
        return [self._source.result(job_id) for job_id in self._job_ids]

    @property
    def counts(self) -> list[Counts]:
        """The outcomes of each job, in order; waits like `results`."""
        return [result.counts for result in self.results()]

    def cancel(self) -> int:
        """Ask for all jobs to end; return how many there were left to cancel."""
        return self._source.cancel_batch(self.id)

    def __len__(self) -> int:
        return len(self._job_ids)

    @overload
    def __getitem__(self, place: int) -> Job: ...

    @overload
    def __getitem__(self, place: slice) -> list[Job]: ...

    def __getitem__(self, place: int | slice) -> Job | list[Job]:
        if isinstance(place, slice):
            return [Job(self._source, job_id) for job_id in self._job_ids[place]]
        return Job(self._source, self._job_ids[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Batch) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        states = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        return f"<Batch {self.id[:8]}{name} of {len(self)} jobs: {states}>"
