"""What a change of a job does to its rows, inside the transaction of the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson

from qjob.model.events import EventKind
from qjob.model.job import MOVES, JobStatus
from qjob.model.money import from_nano
from qjob.store import rows
from qjob.store.database import Connection, Database
from qjob.store.ledger import Ledger, day_of
from qjob.store.lookup import no_such_job


@dataclass(slots=True)
class Change:
    """A change of one job at one time. What it knows of the job holds as long as the transaction.

    Parameters
    ----------
    queries, connection
        The named queries, and a connection in a transaction that writes.
    now
        Microseconds since 1970.
    number
        The job's, which its rows are found by.
    status
        The job's.
    seq
        The sequence number of the next entry in its log.
    cap
        What is held for it at the most, in nano-dollars.
    attempt
        The number of the job's last attempt, of a durable one; 0: there was none.
    waits
        Whether it is durable, nobody has it in hand, and no service can know of it.
    stale
        Whether who changes it has lost it to somebody else, so that nothing may be changed.
    """

    queries: Any
    connection: Connection
    now: int
    number: int
    status: JobStatus
    seq: int
    cap: int
    attempt: int = 0
    waits: bool = False
    stale: bool = False

    @classmethod
    def of(
        cls,
        database: Database,
        connection: Connection,
        now: int,
        job_id: str,
        *,
        ends: bool,
        bill: bool = False,
        fence: int | None = None,
    ) -> Self:
        """Begin to change a job; until the end of the transaction nobody else does.

        Parameters
        ----------
        ends
            Whether the change may end the job.
        bill
            Whether it may cost something even if nothing is held for it.
        fence
            The number of the lease under which it is changed; None: whoever changes it needs none.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        database.lock_job(connection, job_id, ends=ends, bill=bill)
        return cls.of_all(database.queries, connection, now, [job_id], [fence])[0]

    @classmethod
    def of_all(
        cls,
        queries: Any,
        connection: Connection,
        now: int,
        job_ids: Sequence[str],
        fences: Sequence[int | None],
    ) -> list[Self]:
        """Begin to change jobs that are locked already; ``fences``: of each the number of its lease, as for `of`.

        Raises
        ------
        NoSuchJob
            One of them is not there.
        """
        found = orjson.loads(queries.places(connection, ids=rows.to_json(job_ids)))
        places = {job_id: place for job_id, *place in found}
        changes = []
        for job_id, fence in zip(job_ids, fences, strict=True):
            if job_id not in places:
                raise no_such_job(job_id)
            number, status, seq, cap, fenced, attempt, waits = places[job_id]
            stale = fence is not None and fence != fenced
            changes.append(
                cls(
                    queries, connection, now, number, JobStatus(status), seq, cap, attempt, bool(waits), stale
                )
            )
        return changes

    @property
    def free(self) -> bool:
        """Whether its end moves no money and ends no attempt."""
        return not self.cap and not self.attempt

    def began(self, ran: float | None) -> int | None:
        """Return when it began to run, in microseconds, where that is told only now; ``ran``: as for `move`."""
        if ran is None or JobStatus.RUNNING not in MOVES[self.status]:
            return None
        return self.now - round(ran * 1e6)

    def allows(self, to: JobStatus, *, ran: float | None = None) -> bool:
        """Whether the job may move so; ``ran``: as for `move`."""
        here = self.status if self.began(ran) is None else JobStatus.RUNNING
        return not self.stale and to in MOVES[here]

    def move(
        self,
        to: JobStatus,
        *,
        failure: str | None = None,
        data: Mapping[str, Any] | None = None,
        ran: float | None = None,
        cost: int | None = None,
    ) -> bool:
        """Move the job, if its status allows that, and log it; return whether it did.

        Where that ends the job, what is held for it is settled.

        Parameters
        ----------
        cost
            What it cost, in nano-dollars. None where nobody said: a completed job cost what was held for it, any
            other nothing. More than was held is charged all the same, also where nothing was.
        ran
            Of a job that is not known to run, but has: for how many seconds.

        Raises
        ------
        ValueError
            The cost is negative, given for a job that does not end, or for one that has no team to pay it.
        """
        if cost is not None and (cost < 0 or not to.ended):
            raise ValueError(f"a cost of {cost} nano-dollars with the move to {to}")
        if not self.allows(to, ran=ran):
            return False
        began = self.began(ran)
        self.queries.move_job(
            self.connection,
            number=self.number,
            status=to,
            started_at=self.now if to is JobStatus.RUNNING else began,
            ended_at=self.now if to.ended else None,
            failure=failure,
        )
        if began is not None:
            self.log(EventKind.RUNNING, None, at=began)
        self.log(EventKind[to.name], data)
        self.status = to
        if to.ended and self.attempt:
            self.end_attempt(failure, cost)
            self.queries.drop_checkpoint(self.connection, number=self.number)
        if to.ended and (self.cap or cost):
            due = cost if cost is not None else self.cap if to is JobStatus.COMPLETED else 0
            Ledger(self.queries, self.connection, self.now).settle(self.number, due, to.lower())
        return True

    def end_attempt(self, failure: str | None, cost: int | None) -> None:
        """Note how the last attempt ended, if it is still under way."""
        self.queries.end_attempt(
            self.connection,
            job=self.number,
            number=self.attempt,
            ended_at=self.now,
            failure=failure,
            cost=cost,
        )

    def refund(self, amount: int, reason: str, by: str) -> int | None:
        """Give back some of what the job was charged, and log it; return what it costs then.

        Returns
        -------
        int or None
            None where it has not ended, or was charged less than that; nothing is changed then.
        """
        cost = self.queries.cost_of(self.connection, number=self.number)
        if not self.status.ended or not 0 < amount <= (cost or 0):
            return None
        left: int = cost - amount
        Ledger(self.queries, self.connection, self.now).refund(self.number, amount, left, reason)
        given = f"{from_nano(amount):f}".rstrip("0").removesuffix(".")
        self.log(EventKind.REFUNDED, {"amount": given, "reason": reason, "by": by})
        return left

    def admit(self, team: str, *, slot: bool, site: str | None = None) -> None:
        """Admit the job, which is INITIALIZING: it belongs to the team, and what it can cost is held.

        Parameters
        ----------
        slot
            Whether it counts as a submission for the rate limits.
        site
            Where it is to run, as JSON text; None: on this machine.
        """
        to = JobStatus.QUEUED
        self.queries.admit_job(
            self.connection,
            number=self.number,
            status=to,
            team=team,
            admitted_at=self.now,
            slot=int(slot),
            site=site,
        )
        self.log(EventKind.ACCEPTED, None)
        self.status = to
        if self.cap:
            ledger = Ledger(self.queries, self.connection, self.now)
            ledger.hold(self.number, team, day_of(rows.from_time(self.now)), self.cap)

    def log(self, kind: EventKind, data: Mapping[str, Any] | None, *, at: int | None = None) -> None:
        """Add an entry to the job's log under the next sequence number; ``at``: when it was, None for now."""
        when = self.now if at is None else at
        self.queries.add_entry(self.connection, **entry(self.number, self.seq, when, kind, data))
        self.seq += 1


def entry(number: int, seq: int, at: int, kind: EventKind, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return an entry of a job's log as a row."""
    text = rows.to_json(dict(data)) if data else rows.NO_VALUES
    return {"number": number, "seq": seq, "at": at, "kind": kind, "data": text}
