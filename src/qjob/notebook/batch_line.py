"""What the verbs of ``%qjob`` do with a batch: find it, cancel what is left. Shows nothing."""

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.errors import NoSuchJob
from qjob.showing.wording import plural, short_id


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


def cancel(batch: Batch) -> str:
    """Ask for all jobs that are left to end; return what to say of it."""
    asked, short = batch.cancel(), short_id(batch.id)
    if not asked:
        return f"Batch {short} had ended before."
    return f"Batch {short}: {plural(asked, 'job')} {'is' if asked == 1 else 'are'} being cancelled."
