"""What the stream of a job or a batch tells programs, in the models that routes answer. Reads; changes nothing."""

from qjob.engine import Engine
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.server.marqov import showing
from qjob.server.telling import packed


def told(engine: Engine, snapshot: JobSnapshot | BatchSnapshot, base: str) -> bytes:
    """Return how it stands as `JobDetail` or `BatchDetail`, and of a job each row of its log as `Event`.

    A batch lists some of its jobs: those that failed, then those that run, come before the others.
    """
    if isinstance(snapshot, BatchSnapshot):
        first = engine.store.job(snapshot.jobs[0].id)
        return packed(showing.batch_detail(snapshot, first, base).model_dump_json().encode())
    log = (showing.event(snapshot.id, entry) for entry in engine.store.log(snapshot.id, -1))
    rows = [(row.seq, row.model_dump_json().encode()) for row in log]
    return packed(showing.detail(snapshot, base).model_dump_json().encode(), rows)
