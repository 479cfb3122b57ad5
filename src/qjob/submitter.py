"""From checked requests to stored jobs on their way: one, or a batch of them. Checks nothing, awaits nothing."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from qjob.backends.base import Task
from qjob.execution.hands import Order
from qjob.execution.opened import Opened
from qjob.model.batch import BatchRecord
from qjob.model.errors import OverBudget, RateLimited
from qjob.model.job import JobRecord, JobStatus, Pending
from qjob.model.money import to_nano
from qjob.model.team import Standing
from qjob.policy.admission import Claim, fitting, refusal
from qjob.request import Checked
from qjob.store.intake import Decide


@dataclass(frozen=True, slots=True)
class Submitter:
    """Gives ids and times to what is submitted, stores it and hands it to the executor.

    Parameters
    ----------
    user
        Who submits.
    clock
        Tells the time in UTC.
    draw
        Returns an integer of so many random bits, for ids.
    advise
        Returns the ways to run a request for no more than so many nano-dollars.
    """

    user: str
    clock: Callable[[], datetime]
    draw: Callable[[int], int]
    advise: Callable[[Checked, int], str]

    def one(
        self, opened: Opened, checked: Checked, *, retry_of: str | None = None, reuse: bool = False
    ) -> JobRecord:
        """Submit a job, or with ``reuse`` find the one that was asked for the same; ``retry_of``: whom it repeats."""
        job = self._record(opened, checked, self.clock())
        if retry_of is not None:
            job = replace(job, retry_of=retry_of)
        program, decide = checked.request.program, _decide([checked])
        stored: list[JobRecord] = []

        def accept() -> bool:
            stored.append(opened.store.accept(job, program, decide=decide, local=checked.local, reuse=reuse))
            return stored[0].id == job.id

        with self._advising(checked):
            _hand_over(opened, [_order(job, checked)], accept)
        return stored[0]

    def propose(
        self,
        opened: Opened,
        checked: Checked,
        pending: Pending,
        *,
        retry_of: str | None = None,
        reuse: bool = False,
    ) -> JobRecord:
        """Store a job that waits for a consent, or where none is needed for the rate limits; see `one`."""
        job = replace(self._record(opened, checked, self.clock()), retry_of=retry_of)

        def judge(standing: Standing) -> Pending:
            error = refusal(standing, _claim([checked], standing))
            if error is not None and not isinstance(error, RateLimited):
                raise error
            if pending.consent:
                return pending  # what the rates say matters when it is given
            wait = timedelta(seconds=error.retry_after or 0) if error else timedelta()
            return replace(pending, until=standing.now + wait)

        with self._advising(checked):
            return opened.store.propose(job, checked.request.program, judge, reuse=reuse)

    def admit(self, opened: Opened, job_id: str, checked: Checked) -> bool:
        """Admit a job that was proposed, and run it; False where it waits no more."""
        order = _order_of(job_id, checked)
        with self._advising(checked):
            return _hand_over(opened, [order], lambda: opened.store.admit(job_id, _decide([checked])))

    @contextmanager
    def _advising(self, checked: Checked) -> Iterator[None]:
        """Add the ways out to what a budget refuses, outside the transaction, which everybody else waits for."""
        try:
            yield
        except OverBudget as error:
            room = to_nano(Decimal(error.numbers["room"]))
            error.remedy = " ".join(part for part in (self.advise(checked, room), error.remedy) if part)
            raise

    def batch(
        self, opened: Opened, checked: Sequence[Checked], name: str | None, *, reuse: bool = False
    ) -> BatchRecord:
        """Submit a batch: all of it or nothing; or with ``reuse`` find the one that was asked for the same."""
        now = self.clock()
        batch = BatchRecord(self._new_id(), self.user, name, len(checked), now)
        user, owner = self.user, opened.owner.id
        jobs = [
            one.record(self._new_id(), user=user, owner=owner, created_at=now, batch=(batch.id, place))
            for place, one in enumerate(checked)
        ]
        stored = [(job, one.request.program) for job, one in zip(jobs, checked, strict=True)]
        orders = [_order(job, one) for job, one in zip(jobs, checked, strict=True)]
        decide = _decide(checked)
        found: list[BatchRecord] = []

        def accept() -> bool:
            found.append(
                opened.store.accept_batch(batch, stored, decide=decide, local=_local(checked), reuse=reuse)
            )
            return found[0].id == batch.id

        _hand_over(opened, orders, accept)
        return found[0]

    def as_many_as_fit(
        self, opened: Opened, checked: Sequence[Checked], name: str | None, *, reuse: bool = False
    ) -> BatchRecord:
        """Submit the first of these, as many as the budgets admit.

        Raises
        ------
        OverBudget
            Not even one fits.
        """
        store = opened.store
        if reuse:
            same = store.same_batch(self.user, [one.fingerprint for one in checked], partial=True)
            if same is not None:
                return same
        while True:
            count = fitting(store.standing_of(self.user), [one.cap for one in checked])
            try:
                return self.batch(opened, checked[: count or 1], name, reuse=reuse)
            except OverBudget:
                if not count:
                    raise
                # somebody else was faster, so that less fits now

    def _record(self, opened: Opened, checked: Checked, created_at: datetime) -> JobRecord:
        return checked.record(self._new_id(), user=self.user, owner=opened.owner.id, created_at=created_at)

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self.draw(128), version=4))


def _order(job: JobRecord, checked: Checked) -> Order:
    return _order_of(job.id, checked)


def _order_of(job_id: str, checked: Checked) -> Order:
    task = Task(job_id, 1, checked.request, checked.profile, checked.needs.memory)
    return Order(task, checked.needs, paid=checked.cap > 0)


def _decide(checked: Sequence[Checked]) -> Decide:
    """Return what decides on this submission, given the standing of the team that pays."""

    def decide(standing: Standing) -> bool:
        claim = _claim(checked, standing)
        if (error := refusal(standing, claim)) is not None:
            raise error
        return claim.counts

    return decide


def _claim(checked: Sequence[Checked], standing: Standing) -> Claim:
    local = _local(checked)
    counts = standing.team.limits.count_local or not local
    return Claim(tuple(one.cap for one in checked), counts=counts, local=local)


def _local(checked: Sequence[Checked]) -> bool:
    return all(one.local for one in checked)


def _hand_over(opened: Opened, orders: Sequence[Order], accept: Callable[[], bool]) -> bool:
    """Store what ``accept`` stores, then run it, where it did store something; return whether it did."""
    opened.executor.begin()
    try:
        accepted = accept()
        if accepted:
            opened.executor.submit(*orders)
    except KeyboardInterrupt:  # perhaps behind the commit, and a job that is admitted has to run
        if _is_admitted(opened, orders[0].job_id):
            opened.executor.submit(*orders)
        raise
    return accepted


def _is_admitted(opened: Opened, job_id: str) -> bool:
    return bool(opened.store.ids(job_id, 1)) and opened.store.job(job_id).status is not JobStatus.INITIALIZING
