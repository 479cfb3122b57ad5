"""What the verbs of ``%qjob`` do with a batch: find it, wait for it, cancel what is left. Shows nothing."""

from typing import TYPE_CHECKING

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.errors import Detached, NoSuchJob
from qjob.model.job import JobStatus
from qjob.notebook.wording import plural, short_id

if TYPE_CHECKING:
    from qjob.notebook.live import LiveCards


def find(engine: Engine, text: str) -> Job | Batch:
    """Return the job or the batch that a text stands for: of one name, the newer.

    Raises
    ------
    NoSuchJob, AmbiguousJob
        Neither, or several.
    """
    try:
        batch = engine.batch(text)
    except NoSuchJob:
        return engine.job(text)  # raises, with the names that are near, where there is none
    try:
        job = engine.job(text)
    except NoSuchJob:
        return batch
    return job if job.record.created_at > batch.record.created_at else batch


def wait(batch: Batch, cards: "LiveCards | None") -> None:
    """Wait until all jobs have ended, and bring the batch's cards to that state.

    Raises
    ------
    Detached
        The wait was interrupted; the jobs go on.
    JobEnded
        A job has no result; the first one is named.
    """
    try:
        batch.wait()
    except KeyboardInterrupt:
        short = short_id(batch.id)
        raise Detached(
            f"the wait for batch {short} was interrupted; its jobs go on.",
            remedy=f"See it: %qjob status {short}   End it: %qjob cancel {short}",
        ) from None
    finally:
        if cards is not None:
            cards.settle(batch.id)
    if set(batch.statuses) != {JobStatus.COMPLETED}:
        batch.results()


def cancel(batch: Batch) -> str:
    """Ask for all jobs that are left to end; return what to say of it."""
    asked, short = batch.cancel(), short_id(batch.id)
    if not asked:
        return f"Batch {short} had ended before."
    return f"Batch {short}: {plural(asked, 'job')} {'is' if asked == 1 else 'are'} being cancelled."
