"""From checked requests to stored jobs on their way: one, or a batch of them. Checks nothing, awaits nothing."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from qjob.backends.base import Task
from qjob.execution.hands import Order
from qjob.execution.opened import Opened
from qjob.model.batch import BatchRecord
from qjob.model.errors import OverBudget
from qjob.model.job import JobRecord
from qjob.model.money import to_nano
from qjob.model.team import Standing
from qjob.policy.admission import Claim, refusal
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

        try:
            _hand_over(opened, [_order(job, checked)], accept)
        except OverBudget as error:  # outside the transaction, which everybody else waits for
            room = to_nano(Decimal(error.numbers["room"]))
            error.remedy = " ".join(part for part in (self.advise(checked, room), error.remedy) if part)
            raise
        return stored[0]

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

    def _record(self, opened: Opened, checked: Checked, created_at: datetime) -> JobRecord:
        return checked.record(self._new_id(), user=self.user, owner=opened.owner.id, created_at=created_at)

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self.draw(128), version=4))


def _order(job: JobRecord, checked: Checked) -> Order:
    task = Task(job.id, 1, checked.request, checked.profile, checked.needs.memory)
    return Order(task, checked.needs, paid=checked.cap > 0)


def _decide(checked: Sequence[Checked]) -> Decide:
    """Return what decides on this submission, given the standing of the team that pays."""

    def decide(standing: Standing) -> bool:
        local = _local(checked)
        counts = standing.team.limits.count_local or not local
        claim = Claim(tuple(one.cap for one in checked), counts=counts, local=local)
        if (error := refusal(standing, claim)) is not None:
            raise error
        return counts

    return decide


def _local(checked: Sequence[Checked]) -> bool:
    return all(one.local for one in checked)


def _hand_over(opened: Opened, orders: Sequence[Order], accept: Callable[[], bool]) -> None:
    """Store what ``accept`` stores, then run it, where it did store something."""
    opened.executor.begin()
    try:
        if accept():
            opened.executor.submit(*orders)
    except KeyboardInterrupt:  # perhaps behind the commit, and a job that is stored has to run
        if opened.store.ids(orders[0].job_id, 1):
            opened.executor.submit(*orders)
        raise
