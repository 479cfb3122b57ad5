"""From checked requests to stored jobs on their way: one, or a batch of them. Checks nothing, awaits nothing."""

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from qjob.backends.base import Task
from qjob.backends.work import traced
from qjob.execution.hands import Order, about
from qjob.execution.opened import Opened
from qjob.model.batch import BatchRecord
from qjob.model.errors import OverBudget, QjobError, StoreError
from qjob.model.filing import UNFILED, Filing
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.money import to_nano
from qjob.model.team import Standing
from qjob.policy.admission import fitting, refusal
from qjob.proposal import Judging, Proposed, all_local, claim_of, noting
from qjob.request import Checked


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
        self,
        opened: Opened,
        checked: Checked,
        *,
        retry_of: str | None = None,
        reuse: bool = False,
        filing: Filing = UNFILED,
    ) -> JobRecord:
        """Submit a job, or with ``reuse`` find the one that was asked for the same; ``retry_of``: whom it repeats.

        What was submitted under the request key of the ``filing`` meanwhile is found as well.
        """
        job = self._accepted(self._record(opened, checked, self.clock()))
        if retry_of is not None:
            job = job._replace(retry_of=retry_of)
        program = checked.request.program
        stored: list[JobRecord] = []

        def decide(standing: Standing) -> bool:
            return _decide([checked], standing)

        def accept() -> Collection[str]:
            stored.append(
                opened.store.accept(
                    job, program, decide=decide, local=checked.local, reuse=reuse, filing=filing
                )
            )
            return (stored[0].id,)

        with self._advising(checked), _span(opened, job.id, checked) as trace:
            job = _traced(job, trace)
            _hand_over(opened, [_order(job.id, checked, trace)], accept)
        return stored[0]

    def propose(
        self,
        opened: Opened,
        checked: Checked,
        pending: Pending,
        into: dict[str, Proposed],
        *,
        retry_of: str | None = None,
        reuse: bool = False,
    ) -> JobRecord:
        """Store a job that waits for a consent, or where none is needed for the rate limits; see `one`.

        Parameters
        ----------
        into
            Takes what admits it, before it is stored; not where it was proposed before.
        """
        job = self._record(opened, checked, self.clock())._replace(retry_of=retry_of)
        judge, program = Judging([checked], pending), checked.request.program
        with (
            self._advising(checked),
            noting(into, job.id, {job.id: checked}, judge) as stored,
            _span(opened, job.id, checked) as trace,
        ):
            stored.append(opened.store.propose(_traced(job, trace), program, judge, reuse=reuse))
        record: JobRecord = stored[0]
        return record

    def propose_batch(
        self,
        opened: Opened,
        checked: Sequence[Checked],
        pending: Pending,
        into: dict[str, Proposed],
        *,
        name: str | None = None,
        reuse: bool = False,
    ) -> BatchRecord:
        """Store a batch that waits as a job does; see `propose`."""
        batch, jobs = self._jobs(opened, checked, name)
        judge = Judging(checked, pending)
        by_id = {job.id: one for job, one in zip(jobs, checked, strict=True)}
        with noting(into, batch.id, by_id, judge) as stored, _span(opened, batch.id, checked[0]) as trace:
            programs = [
                (_traced(job, trace), one.request.program) for job, one in zip(jobs, checked, strict=True)
            ]
            stored.append(opened.store.propose_batch(batch, programs, judge, reuse=reuse))
        found: BatchRecord = stored[0]
        return found

    def admit(self, opened: Opened, proposed: Proposed) -> bool:
        """Admit what was proposed, and run it; False where it waits no more."""
        jobs, checked = list(proposed.jobs), list(proposed.jobs.values())
        orders = [_order(job_id, one) for job_id, one in proposed.jobs.items()]

        def decide(standing: Standing, waiting: Sequence[str]) -> bool:
            return _decide([proposed.jobs[job_id] for job_id in waiting], standing)

        def accept() -> Collection[str]:
            # what was admitted before, by a commit whose answer was lost, has to run as well
            sites = {job_id: one.site for job_id, one in proposed.jobs.items()}
            return opened.store.admit(jobs, decide, sites) or [
                each for each in jobs if _is_queued(opened, each)
            ]

        with self._advising(checked[0] if len(checked) == 1 else None):
            return _hand_over(opened, orders, accept)

    @contextmanager
    def _advising(self, checked: Checked | None) -> Iterator[None]:
        """Add the ways out to what a budget refuses, outside the transaction, which everybody else waits for."""
        try:
            yield
        except OverBudget as error:
            if checked is None:
                raise  # of a batch, it says already how many fit
            room = to_nano(Decimal(error.numbers["room"]))
            error.remedy = " ".join(part for part in (self.advise(checked, room), error.remedy) if part)
            raise

    def batch(
        self,
        opened: Opened,
        checked: Sequence[Checked],
        name: str | None,
        *,
        reuse: bool = False,
        filing: Filing = UNFILED,
    ) -> BatchRecord:
        """Submit a batch: all of it or nothing; or with ``reuse`` find the one that was asked for the same.

        ``filing``: as for `one`.
        """
        batch, jobs = self._jobs(opened, checked, name)
        found: list[BatchRecord] = []

        def decide(standing: Standing) -> bool:
            return _decide(checked, standing)

        def accept() -> Collection[str]:
            found.append(
                opened.store.accept_batch(
                    batch, stored, decide=decide, local=all_local(checked), reuse=reuse, filing=filing
                )
            )
            return [job.id for job in jobs] if found[0].id == batch.id else ()

        with _span(opened, batch.id, checked[0]) as trace:
            accepted = [_traced(self._accepted(job), trace) for job in jobs]
            stored = [(job, one.request.program) for job, one in zip(accepted, checked, strict=True)]
            orders = [_order(job.id, one, trace) for job, one in zip(jobs, checked, strict=True)]
            _hand_over(opened, orders, accept)
        return found[0]

    def as_many_as_fit(
        self,
        opened: Opened,
        checked: Sequence[Checked],
        name: str | None,
        *,
        reuse: bool = False,
        filing: Filing = UNFILED,
    ) -> BatchRecord:
        """Submit the first of these, as many as the budgets admit; ``filing``: as for `one`.

        Raises
        ------
        OverBudget
            Not even one fits.
        """
        store = opened.store
        if reuse and filing == UNFILED:
            same = store.same_batch(self.user, [one.fingerprint for one in checked], partial=True)
            if same is not None:
                return same
        while True:
            count = self.count_fitting(opened, checked)
            try:
                return self.batch(opened, checked[: count or 1], name, reuse=reuse, filing=filing)
            except OverBudget:
                if not count:
                    raise
                # somebody else was faster, so that less fits now

    def count_fitting(self, opened: Opened, checked: Sequence[Checked]) -> int:
        """Return how many of the first of these the budgets admit now."""
        return fitting(opened.store.standing_of(self.user), [one.cap for one in checked])

    def _jobs(
        self, opened: Opened, checked: Sequence[Checked], name: str | None
    ) -> tuple[BatchRecord, list[JobRecord]]:
        """Return a new batch and its jobs."""
        now, user, owner = self.clock(), self.user, opened.owner.id
        batch = BatchRecord(self._new_id(), user, name, len(checked), now)
        return batch, [
            one.record(self._new_id(), user=user, owner=owner, created_at=now, batch=(batch.id, place))
            for place, one in enumerate(checked)
        ]

    def _record(self, opened: Opened, checked: Checked, created_at: datetime) -> JobRecord:
        return checked.record(self._new_id(), user=self.user, owner=opened.owner.id, created_at=created_at)

    @staticmethod
    def _accepted(job: JobRecord) -> JobRecord:
        """Return the row of a job that is admitted at once: a durable one waits for a worker."""
        return job._replace(owner=None) if job.durable else job

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self.draw(128), version=4))


@contextmanager
def _span(opened: Opened, of: str, checked: Checked) -> Iterator[str | None]:
    """Trace a submission, where somebody traces; yield what its attempts belong to."""
    request = checked.request
    span = opened.tracing.submission(job_id=of, backend=request.backend, shots=request.shots)
    try:
        yield span.traceparent
    except QjobError as error:
        span.end(Failure(error.code, error.message), "refused")
        raise
    except BaseException:
        span.end(outcome="interrupted")
        raise
    span.end(outcome="stored")


def _traced(job: JobRecord, trace: str | None) -> JobRecord:
    """Return the row of a job with what its attempts belong to in a trace."""
    if trace is None or job.work is None:
        return job
    return job._replace(work=traced(job.work, trace))


def _order(job_id: str, checked: Checked, trace: str | None = None) -> Order:
    if checked.needs.agent is not None and checked.site is None:
        raise ValueError(f"job {job_id} is to run at a service that was not asked")
    task = Task(
        job_id,
        1,
        checked.request,
        checked.profile,
        checked.needs.memory,
        cap=checked.cap,
        site=checked.site,
        steps=checked.steps,
    )
    return Order(task, checked.needs, paid=checked.cap > 0, trace=trace)


def _decide(checked: Sequence[Checked], standing: Standing) -> bool:
    """Return whether this submission takes a rate slot of the team that pays, or raise what forbids it."""
    claim = claim_of(checked, standing)
    if (error := refusal(standing, claim)) is not None:
        raise error
    return claim.counts


def _hand_over(opened: Opened, orders: Sequence[Order], accept: Callable[[], Collection[str]]) -> bool:
    """Run those of some jobs that ``accept`` admits, by their ids; return whether there are any."""
    direct = [order for order in orders if not order.task.durable]
    if direct:
        opened.executor.begin()
    try:
        admitted = accept()
        opened.executor.submit(*(_with_books(opened, order) for order in direct if order.job_id in admitted))
    except (KeyboardInterrupt, StoreError):
        # perhaps behind the commit, and a job that is admitted has to run
        with suppress(StoreError):  # it still does not answer; what waits in the waitlist is tried again
            opened.executor.submit(
                *(_with_books(opened, order) for order in direct if _is_queued(opened, order.job_id))
            )
        raise
    finally:
        if len(direct) < len(orders):
            opened.keeper.look()
    return any(order.job_id in admitted for order in orders)


def _with_books(opened: Opened, order: Order) -> Order:
    """Return an order for a service with what is known of its job since the admission."""
    if order.needs.agent is None:
        return order
    try:
        record = opened.store.job(order.job_id)
    except StoreError:  # it runs without its names in the service's books
        return order
    return replace(order, task=replace(order.task, about=about(record)))


def _is_queued(opened: Opened, job_id: str) -> bool:
    return bool(opened.store.ids(job_id, 1)) and opened.store.job(job_id).status is JobStatus.QUEUED
