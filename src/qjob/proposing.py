"""Jobs that are stored before they are admitted: they wait for a confirmation, or for a rate limit.

Such a job is INITIALIZING: nothing is held for it and it takes no rate slot. It ends, unpaid, with the process that
proposed it.
"""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from qjob.batch import Batch
from qjob.execution.feed import Feed
from qjob.execution.opened import Opened
from qjob.handle import Job
from qjob.model.batch import BatchRecord
from qjob.model.errors import IllegalMove, QjobError, RateLimited, StoreError
from qjob.model.job import Failure, JobStatus, Pending
from qjob.policy.admission import worth_waiting
from qjob.proposal import Proposed
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
    _proposed: dict[str, Proposed]
    _waitlist: Waitlist
    _pending_lock: threading.Lock

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
    def _ask(self, checked: Checked) -> "Future[Any]":
        """Have a service asked whether it can run a request."""

    @abstractmethod
    def _clear(self, checked: Checked, answer: "Future[Any]") -> Checked:
        """Return a request with what a service has answered, or raise what it says against it."""

    @abstractmethod
    def _again(self, job_id: str) -> tuple[str, Checked]:
        """Return the full id of a job that has ended, and its request checked anew."""

    @abstractmethod
    def _job(self, job_id: str) -> Job:
        """Return the handle of a job."""

    @abstractmethod
    def _batch(self, record: BatchRecord) -> Batch:
        """Return the handle of a batch."""

    def propose(
        self,
        program: object,
        *,
        consent: bool = False,
        why: str = "",
        reuse: bool = False,
        partial: bool = False,
        **asked: Any,
    ) -> Job | Batch:
        """Check and store a job, or for a list a batch, that is not admitted yet.

        It is admitted by `admit`, or, where it needs no consent, as soon as the rate limits let it through.

        Parameters
        ----------
        program, reuse, partial, **asked
            As for `Engine.submit`.
        consent
            Whether it waits for `admit`.
        why
            A sentence for who is asked.

        Raises
        ------
        Refusal
            With what does not fit, budgets included; nothing was stored.
        """
        opened = self._opened()
        if isinstance(program, (list, tuple)):
            checks = self._checker.check_all(program, reuse=reuse, **asked)
            if partial:
                checks = checks[: self._submitter.count_fitting(opened, checks) or 1]
            pending = Pending(consent, why=why, preflight=any(one.needs.agent for one in checks))
            name = asked.get("name")
            batch = self._submitter.propose_batch(
                opened, checks, pending, self._proposed, name=name and name.strip(), reuse=reuse
            )
            self._keep(batch.id)
            return self._batch(batch)
        checked = self._checker.check(program, reuse=reuse, **asked)
        pending = Pending(consent, why=why, preflight=checked.needs.agent is not None)
        record = self._submitter.propose(opened, checked, pending, self._proposed, reuse=reuse)
        self._keep(record.id)
        return self._job(record.id)

    def propose_retry(self, job_id: str, *, consent: bool = False) -> Job:
        """Propose to run an ended job again as a new one, linked to it; see `propose` and `Engine.retry`.

        Raises
        ------
        IllegalMove
            The job has not ended yet.
        """
        old, checked = self._again(job_id)
        pending = Pending(consent, preflight=checked.needs.agent is not None)
        record = self._submitter.propose(self._opened(), checked, pending, self._proposed, retry_of=old)
        self._keep(record.id)
        return self._job(record.id)

    def admit(self, of: str) -> bool:
        """Agree to what a proposed job or batch, by its full id, can cost: it is admitted, or waits for its turn.

        Returns
        -------
        bool
            False where it waits no more: it was admitted before, or has ended.

        Raises
        ------
        IllegalMove
            Another process proposed it.
        Refusal
            It is not admitted, because of a budget, or of a rate limit that lasts for long; it goes on waiting for a
            consent.
        """
        proposed = self._proposed.get(of)
        if proposed is None:
            if JobStatus.INITIALIZING not in self._statuses(of):
                return False
            for each in self._proposed.values():
                if of in each.jobs:
                    raise IllegalMove(
                        f"job {of[:8]} is admitted with its batch {each.id[:8]}, or not at all.",
                        remedy=f"Confirm the batch: %qjob status {each.id[:8]}",
                    )
            raise IllegalMove(
                f"{of[:8]} waits in another kernel.",
                remedy=f"Confirm it there, or cancel it: %qjob cancel {of[:8]}",
            )
        if proposed.pending.preflight:  # admitted as soon as the service has answered
            self._change(proposed, consent=False)
            self._keep(proposed.id)  # where an interrupt came before it was asked
            self._waitlist.add(proposed.id, 0.0)
            return True
        try:
            admitted = self._submitter.admit(self._opened(), proposed)
        except RateLimited as limited:
            if not worth_waiting(limited):
                raise
            self._waitlist.add(proposed.id, self._put_off(proposed, limited))
            return True
        self._forget(proposed)
        return admitted

    def _statuses(self, of: str) -> Collection[JobStatus]:
        return self.store.statuses_of(of) or {self.store.job(of).status}

    def _keep(self, of: str) -> None:
        """See to it that what waits for a service or for its turn is tried then; again is harmless."""
        proposed = self._proposed.get(of)
        if proposed is None:
            return
        if proposed.pending.preflight:
            if proposed.answers:
                return  # asked already
            answers = {job_id: self._ask(one) for job_id, one in proposed.jobs.items() if one.needs.agent}
            self._proposed[of] = replace(proposed, answers=answers)
            for answer in answers.values():
                answer.add_done_callback(lambda _: self._waitlist.add(of, 0.0))
        elif proposed.pending.until is not None:
            self._waitlist.add(of, (proposed.pending.until - self._clock()).total_seconds())

    def _forget(self, proposed: Proposed) -> None:
        self._proposed.pop(proposed.id, None)
        self.feed.bump(proposed.jobs)

    def _put_off(self, proposed: Proposed, limited: RateLimited) -> float:
        """Show when it is to be tried again; return in how many seconds that is."""
        seconds = limited.retry_after or 0.0
        self._wait_for(proposed, Pending(until=self._clock() + timedelta(seconds=seconds)))
        return seconds

    def _change(self, proposed: Proposed, **what: Any) -> Pending:
        """Change what it waits for, and only that: a consent and an answer may come at the same time."""
        with self._pending_lock:
            pending = replace(proposed.pending, **what)
            self._wait_for(proposed, pending)
        return pending

    def _wait_for(self, proposed: Proposed, pending: Pending) -> None:
        proposed.judge.said = pending
        self.store.set_pending(proposed.id, pending)
        self.feed.bump(proposed.jobs)

    def _attempt(self, of: str) -> float | None:
        """Admit what has its turn now; return in how many seconds to try again, None where that is settled."""
        proposed = self._proposed.get(of)
        if proposed is None:
            return None  # admitted by hand
        try:
            if proposed.pending.preflight:
                return self._try_to_clear(proposed)
            return None if proposed.pending.consent else self._try_to_admit(proposed)
        except StoreError as error:
            LOG.warning("%s is not admitted yet: %s", of, error)
            return STORE_RETRY

    def _try_to_clear(self, proposed: Proposed) -> float | None:
        """Take what the services say, once all have answered; go on to the admission where no consent is needed."""
        if not proposed.answered:
            return None  # the next answer tries again
        if JobStatus.INITIALIZING not in self._statuses(proposed.id):  # cancelled meanwhile
            self._forget(proposed)
            return None
        jobs = dict(proposed.jobs)
        try:
            for job_id, answer in proposed.answers.items():
                jobs[job_id] = self._clear(jobs[job_id], answer)
        except QjobError as error:
            self._refuse(proposed, Failure(error.code, error.message, error.remedy))
            self._forget(proposed)
            return None
        cleared = replace(proposed, jobs=jobs, answers={})
        self._proposed[proposed.id] = cleared
        pending = self._change(cleared, preflight=False)
        return None if pending.consent else self._try_to_admit(cleared)

    def _try_to_admit(self, proposed: Proposed) -> float | None:
        try:
            self._submitter.admit(self._opened(), proposed)
        except RateLimited as limited:
            if worth_waiting(limited):
                return self._put_off(proposed, limited)
            self._refuse(proposed, Failure(limited.code, limited.message, limited.remedy))
        except StoreError:
            raise
        except QjobError as error:
            self._refuse(proposed, Failure(error.code, error.message, error.remedy))
        except Exception as error:
            # this thread has others to care for, and these jobs shall not wait for ever
            LOG.exception("%s is not admitted", proposed.id)
            self._refuse(proposed, Failure("not_admitted", f"it was not admitted: {error!r}"))
        self._forget(proposed)
        return None

    def _refuse(self, proposed: Proposed, failure: Failure) -> None:
        with self.store.transaction(jobs=list(proposed.jobs)):
            for job_id in proposed.jobs:
                self.store.move(job_id, JobStatus.FAILED, failure=failure)
