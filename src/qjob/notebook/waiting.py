"""A cell that waits for its job or its batch, and leaves with the card as it ends. Submits nothing."""

from typing import TYPE_CHECKING

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.errors import Detached
from qjob.model.job import JobStatus
from qjob.showing.wording import short_id

if TYPE_CHECKING:
    from qjob.notebook.live import LiveCards


def wait(engine: Engine, job: Job | Batch, cards: "LiveCards | None") -> None:
    """Return once it has ended with a result, and its cards say so.

    Raises
    ------
    Detached
        The wait was interrupted; the job goes on.
    JobEnded
        There is no result, and why; of a batch, the first job that has none is named.
    """
    try:
        if isinstance(job, Batch):
            job.wait()
        else:
            engine.wait(job.id)
    except KeyboardInterrupt:
        kind, short = "batch" if isinstance(job, Batch) else "job", short_id(job.id)
        raise Detached(
            f"the wait for {kind} {short} was interrupted; the {kind} goes on.",
            remedy=f"See it: %qjob status {short}   End it: %qjob cancel {short}",
        ) from None
    finally:
        if cards is not None:
            cards.settle(job.id)
    if isinstance(job, Batch):
        if set(job.statuses) != {JobStatus.COMPLETED}:
            job.results()
    elif job.status is not JobStatus.COMPLETED:
        engine.result(job.id)
