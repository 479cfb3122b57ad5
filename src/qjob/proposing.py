"""Jobs that are stored before they are admitted: they wait for a confirmation, or for a rate limit.

Such a job is INITIALIZING: nothing is held for it and it takes no rate slot. It ends, unpaid, with the process that
proposed it.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from qjob.execution.feed import Feed
from qjob.execution.opened import Opened
from qjob.handle import Job
from qjob.model.errors import IllegalMove, QjobError, RateLimited, StoreError
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.request import Checked, Checker
from qjob.settings import Settings
from qjob.store.store import Store
from qjob.submitter import Submitter
from qjob.waitlist import Waitlist

LOG = logging.getLogger(__name__)

STORE_RETRY = 1.0
"""Seconds until a store that does not answer is asked again."""


class Proposing(ABC):
    """Jobs before their admission, as an engine takes care of them."""

    settings: Settings
    feed: Feed
    _clock: Callable[[], datetime]
    _proposed: dict[str, Checked]
    _waitlist: Waitlist

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where the jobs are."""

    @abstractmethod
    def _opened(self) -> Opened:
        """Return what is open, opened where it is not."""

    @property
    @abstractmethod
    def _checker(self) -> Checker:
        """What checks requests."""

    @property
    @abstractmethod
    def _submitter(self) -> Submitter:
        """What stores them and hands them over."""

    @abstractmethod
    def _again(self, job_id: str) -> tuple[str, Checked]:
        """Return the full id of a job that has ended, and its request checked anew."""

    @abstractmethod
    def _as_asked(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a submission with the defaults of those that are missing."""

    def propose(
        self, program: object, *, consent: bool = False, why: str = "", reuse: bool = False, **asked: Any
    ) -> Job:
        """Check and store a job that is not admitted yet.

        It is admitted by `admit`, or, where it needs no consent, as soon as the rate limits let it through.

        Parameters
        ----------
        program, reuse, **asked
            As for `Engine.submit`; one program.
        consent
            Whether it waits for `admit`.
        why
            A sentence for who is asked.

        Raises
        ------
        Refusal
            With what does not fit, budgets included; nothing was stored.
        """
        checked = self._checker.check(program, reuse=reuse, **self._as_asked(asked))
        opened = self._opened()
        record = self._submitter.propose(opened, checked, Pending(consent, why=why), reuse=reuse)
        return self._waiting(opened, record, checked)

    def propose_retry(self, job_id: str, *, consent: bool = False) -> Job:
        """Propose to run an ended job again as a new one, linked to it; see `propose` and `Engine.retry`.

        Raises
        ------
        IllegalMove
            The job has not ended yet.
        """
        old, checked = self._again(job_id)
        opened = self._opened()
        record = self._submitter.propose(opened, checked, Pending(consent), retry_of=old)
        return self._waiting(opened, record, checked)

    def _waiting(self, opened: Opened, record: JobRecord, checked: Checked) -> Job:
        if record.pending is not None and record.owner == opened.owner.id:
            self._proposed.setdefault(record.id, checked)
        if record.pending is not None and record.pending.until is not None:
            self._waitlist.add(record.id, (record.pending.until - self._clock()).total_seconds())
        return Job(self, record.id)  # type: ignore[arg-type]  # the engine that this is a part of

    def admit(self, job_id: str) -> bool:
        """Agree to what a proposed job can cost: it is admitted, or waits for its turn.

        Returns
        -------
        bool
            False where it waits no more: it was admitted before, or has ended.

        Raises
        ------
        IllegalMove
            Another process proposed it.
        Refusal
            It is not admitted, because of a budget; it goes on waiting for a consent.
        """
        checked = self._proposed.get(job_id)
        if checked is None:
            if self.store.job(job_id).status is not JobStatus.INITIALIZING:
                return False
            raise IllegalMove(
                f"job {job_id[:8]} waits in another kernel.",
                remedy=f"Confirm it there, or cancel it: %qjob cancel {job_id[:8]}",
            )
        try:
            admitted = self._submitter.admit(self._opened(), job_id, checked)
        except RateLimited as limited:
            self._wait_until(job_id, self._clock() + timedelta(seconds=limited.retry_after or 0))
            return True
        self._forget(job_id)
        return admitted

    def _forget(self, job_id: str) -> None:
        self._proposed.pop(job_id, None)
        self.feed.bump([job_id])

    def _wait_until(self, job_id: str, moment: datetime) -> None:
        self.store.set_pending(job_id, Pending(until=moment))
        self._waitlist.add(job_id, (moment - self._clock()).total_seconds())
        self.feed.bump([job_id])

    def _attempt(self, job_id: str) -> float | None:
        """Admit a job whose turn it is; return in how many seconds to try again, None where that is settled."""
        try:
            return self._try_to_admit(job_id)
        except StoreError as error:
            LOG.warning("job %s is not admitted yet: %s", job_id, error)
            return STORE_RETRY

    def _try_to_admit(self, job_id: str) -> float | None:
        checked = self._proposed.get(job_id)
        if checked is None:
            return None  # admitted by hand
        try:
            self._submitter.admit(self._opened(), job_id, checked)
        except RateLimited as limited:
            seconds = limited.retry_after or 0.0
            self.store.set_pending(job_id, Pending(until=self._clock() + timedelta(seconds=seconds)))
            self.feed.bump([job_id])
            return seconds
        except StoreError:
            raise
        except QjobError as error:
            self.store.move(
                job_id, JobStatus.FAILED, failure=Failure(error.code, error.message, error.remedy)
            )
        except Exception as error:  # this thread has others to care for, and this job shall not wait for ever
            LOG.exception("job %s is not admitted", job_id)
            failure = Failure("not_admitted", f"it was not admitted: {error!r}")
            self.store.move(job_id, JobStatus.FAILED, failure=failure)
        self._forget(job_id)
        return None
