"""From a resource name to what it stands for, where the caller may see it. Knows no model of an answer."""

from dataclasses import dataclass

from qjob.model.backend import BackendInfo, did_you_mean
from qjob.model.batch import BatchRecord
from qjob.model.errors import NoSuchGroup, NoSuchJob, UnknownBackend
from qjob.model.group import Group
from qjob.model.job import JobRecord
from qjob.server.desk import Desk
from qjob.server.qbraid.names import GROUP, JOB, MAX_QRN, id_of


@dataclass(frozen=True, slots=True)
class Found:
    """A job, or a batch, which has a name of the same kind.

    Parameters
    ----------
    job
        The job, or the batch's first one.
    batch
        The batch; None of a job.
    """

    job: JobRecord
    batch: BatchRecord | None = None

    def ids(self, desk: Desk) -> list[str]:
        """Return the ids of its jobs, in their order."""
        return [self.job.id] if self.batch is None else desk.engine.store.jobs_of(self.batch.id)


def job_or_batch(desk: Desk, qrn: str) -> Found:
    """Return what a job's or batch's name stands for.

    Raises
    ------
    NoSuchJob
        Nothing, or something of another team.
    """
    found = id_of(qrn, JOB)
    if found is not None:
        try:
            return Found(desk.record(found))
        except NoSuchJob:
            if (batch := _batch(desk, found)) is not None:
                return batch
    raise NoSuchJob(
        f"there is no job {qrn[:200]!r}.",
        remedy="List them: GET jobs. It takes the whole jobQrn.",
        numbers={"jobQrn": qrn[:200]},
    )


def _batch(desk: Desk, batch_id: str) -> Found | None:
    try:
        batch = desk.engine.store.batch(batch_id)
        # all jobs of a batch belong to one team
        return (
            Found(desk.record(desk.engine.store.jobs_of(batch.id)[0]), batch)
            if batch.id == batch_id
            else None
        )
    except NoSuchJob:
        return None


def group(desk: Desk, qrn: str) -> Group:
    """Return the group that a name stands for.

    Raises
    ------
    NoSuchGroup
        None, or one of another team.
    """
    found = id_of(qrn, GROUP)
    if found is not None:
        try:
            return desk.engine.group(found)
        except NoSuchGroup:
            pass  # the same answer as for a name that is none
    raise NoSuchGroup(
        f"there is no group {qrn[:200]!r}.",
        remedy="List them: GET jobs/group.",
        numbers={"groupJobQrn": qrn[:200]},
    )


def device(desk: Desk, qrn: str) -> BackendInfo:
    """Return the device of a QRN; a slug, such as ``sv1``, is taken as well.

    Raises
    ------
    UnknownBackend
        There is none; those whose names are near are named.
    """
    try:
        return desk.engine.catalogue.get(qrn)
    except UnknownBackend:
        near = did_you_mean(qrn[:MAX_QRN], [info.qrn for info in desk.engine.catalogue])
        raise UnknownBackend(
            f"there is no device {qrn[:200]!r}{near}.",
            remedy="List them: GET devices. It takes the qrn, such as 'aws:aws:sim:sv1'.",
            numbers={"deviceQrn": qrn[:200]},
        ) from None


def device_qrn(desk: Desk, slug: str) -> str:
    """Return the QRN of a backend, also of one that this installation no longer knows."""
    try:
        return desk.engine.catalogue.get(slug).qrn
    except UnknownBackend:
        return f"qjob:qjob:gone:{slug}"
