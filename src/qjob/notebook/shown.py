"""From a job or a batch to what is shown of it: its snapshot, and its text. Loads no widget: a terminal has none."""

from datetime import datetime

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.snapshot import BatchSnapshot, JobSnapshot


def snapshot(engine: Engine, job: Job | Batch) -> JobSnapshot | BatchSnapshot:
    """Return a job or a batch as it is now."""
    return engine.batch_snapshot(job.record) if isinstance(job, Batch) else engine.snapshot(job.id)


def text(found: JobSnapshot | BatchSnapshot, now: datetime) -> str:
    """Return it as text."""
    from qjob.showing.batch_text import batch_text
    from qjob.showing.receipt_text import receipt_text

    return batch_text(found, now) if isinstance(found, BatchSnapshot) else receipt_text(found, now)
