"""From a stored job to the order that runs it, for who did not submit it: a worker, or who goes on for a dead one."""

from qjob.backends.base import Task
from qjob.backends.work import Work
from qjob.execution.hands import Order, about
from qjob.model.events import Checkpoint
from qjob.model.job import JobRecord, JobRequest
from qjob.store.leases import Claim
from qjob.store.store import Store


def order_of(store: Store, record: JobRecord, work: Work, *, submission: int = 1) -> Order:
    """Return the order to run a stored job, or to go on with it.

    Parameters
    ----------
    submission
        Which task at a service it is about.
    """
    request = JobRequest(
        program=store.program(record.program),
        backend=record.backend,
        shots=record.shots,
        seed=record.seed,
        options=record.options,
        mode=record.mode,
        name=record.name,
        tags=record.tags,
    )
    elsewhere = work.needs.agent is not None
    task = Task(
        record.id,
        submission,
        request,
        work.profile,
        work.needs.memory,
        cap=record.cap,
        site=record.site,
        remote_id=record.remote_id,
        resumed=elsewhere and record.attempt != 1,
        ran=record.started_at is not None and record.remote_id is not None,
        attachments=store.attachments(record.id) if elsewhere else None,
        about=about(record) if elsewhere else None,
    )
    return Order(
        task,
        work.needs,
        paid=record.cap > 0,
        fence=record.fence,
        attempt=max(record.attempt, 1),
        trace=work.trace,
    )


def claimed_order(store: Store, claim: Claim, work: Work | None = None) -> Order:
    """Return the order to run a durable job that was just taken up.

    Parameters
    ----------
    work
        What its row says of its work, where that is read already.
    """
    record = claim.record
    if work is None:
        if record.work is None:
            raise ValueError(f"the durable job {record.id} says nothing of its work")
        work = Work.from_text(record.work)
    order = order_of(store, record, work, submission=claim.submission)
    if claim.checkpoint is None:
        return order
    return order.from_checkpoint(Checkpoint(*claim.checkpoint))
