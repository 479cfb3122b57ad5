"""A job at one moment, as every reader shows it: the card, the receipt, a list, an HTTP answer."""

from dataclasses import dataclass

from qjob.model.backend import BackendInfo
from qjob.model.bits import BitLayout
from qjob.model.events import Progress
from qjob.model.job import JobRecord
from qjob.model.movement import Movement


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """Everything a display of one job needs, read from the store in one go.

    Parameters
    ----------
    job
        The job's row.
    backend
        Its catalogue row; None where this installation no longer knows the backend.
    progress
        The last progress; after the end, of the whole result (``shots_done`` equals the job's shots).
    queue_position
        Counted from 1 while the job waits for a worker; None otherwise, or where nobody knows.
    layout
        The result's classical bits; None before the end.
    movements
        What was held, charged, released and refunded, oldest first; of a paid job that has ended.
    """

    job: JobRecord
    backend: BackendInfo | None
    progress: Progress | None = None
    queue_position: int | None = None
    layout: BitLayout | None = None
    movements: tuple[Movement, ...] = ()
