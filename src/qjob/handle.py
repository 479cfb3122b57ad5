"""A job in the user's hands: a thin view of the store. It holds an id and asks its engine for everything else."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from qjob.model.attempt import Attempt
from qjob.model.counts import Counts
from qjob.model.distribution import Distribution, Ideal
from qjob.model.errors import InvalidRequest
from qjob.model.events import LogEntry
from qjob.model.job import JobRecord, JobStatus
from qjob.model.money import from_nano
from qjob.model.movement import Movement
from qjob.model.result import Result
from qjob.model.snapshot import JobSnapshot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class JobSource(Protocol):
    """What a `Job` asks of its engine."""

    def snapshot(self, job_id: str) -> JobSnapshot:
        """Return the job as it stands."""
        ...

    def wait(self, job_id: str, timeout: float | None) -> None:
        """Return once the job has ended."""
        ...

    def result(self, job_id: str) -> Result:
        """Return the result of a completed job."""
        ...

    def ideal(self, job_id: str) -> Ideal:
        """Return what the job's program gives without noise."""
        ...

    def attachments(self, job_id: str) -> dict[str, str]:
        """Return the texts that are kept with the job."""
        ...

    def events(self, job_id: str) -> list[LogEntry]:
        """Return the job's log."""
        ...

    def attempts(self, job_id: str) -> list[Attempt]:
        """Return the attempts at a durable job."""
        ...

    def movements(self, job_id: str) -> list[Movement]:
        """Return what was held, charged, released and refunded for the job."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Ask for the job to end."""
        ...

    def retry(self, job_id: str) -> "Job":
        """Submit the job again as a new one."""
        ...


class Job:
    """A submitted job. Equal to another with the same id; every attribute is read afresh from the store.

    Parameters
    ----------
    source
        The engine that submitted or found it.
    job_id
        The job's full id.
    """

    def __init__(self, source: JobSource, job_id: str) -> None:
        self._source = source
        self.id = job_id

    @property
    def record(self) -> JobRecord:
        """The job's row: name, backend, shots, seed, options, times, failure."""
        return self.snapshot().job

    @property
    def status(self) -> JobStatus:
        """Where the job is in its life."""
        return self.record.status

    @property
    def name(self) -> str | None:
        """The name it was given."""
        return self.record.name

    @property
    def cost(self) -> Decimal | None:
        """What it cost, less what was refunded, in US dollars: 0 where it is free, None before another's end."""
        record = self.record
        if not record.cap and record.cost is None:
            return Decimal(0)
        return None if record.cost is None else from_nano(record.cost)

    def snapshot(self) -> JobSnapshot:
        """Return everything that a display of the job shows."""
        return self._source.snapshot(self.id)

    def wait(self, timeout: float | None = None) -> "Job":
        """Wait until the job has ended, whichever way, and return it. Waiting never cancels.

        Parameters
        ----------
        timeout
            Seconds to wait at the most; None waits as long as it takes.

        Raises
        ------
        WaitTimeout
            The time is over and the job goes on.
        """
        self._source.wait(self.id, timeout)
        return self

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return its result.

        Raises
        ------
        JobEnded
            The job failed or was cancelled; the message says why.
        WaitTimeout
            The time is over and the job goes on.
        """
        self._source.wait(self.id, timeout)
        return self._source.result(self.id)

    @property
    def counts(self) -> Counts:
        """The outcomes, in Qiskit's bit order; waits for the job like `result`."""
        return self.result().counts

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        top: int = 16,
        sort: str = "value",
        bits: str | Sequence[int] | None = None,
        ideal: bool = False,
        against: "Job | Counts | Distribution | Ideal | Result | None" = None,
    ) -> "Figure":
        """Draw the outcomes as a matplotlib figure, with 95 % error bars; waits for the job like `result`.

        Parameters
        ----------
        ax
            Where to draw; a figure of its own where it is None.
        top, sort
            How many outcomes, by ``"value"`` (the most probable first) or by ``"bits"``.
        bits
            The classical bits to show, such as ``[0, 2]``, ``"0,2"`` or the name of a register; all where it is None.
        ideal
            Whether what the program gives without noise stands beside it; a free job may run for that first.
        against
            What else stands beside it: another job, its result or its counts, an ideal, or probabilities.

        Raises
        ------
        JobEnded
            There is no result to draw.
        Refusal
            There is no matplotlib, no such bits, no ideal, or what is to stand beside it has another width.
        """
        from qjob.figure import histogram
        from qjob.model.bit_names import bits_of

        shown: list[tuple[str, Counts | Distribution]] = [(self._label, self.counts)]
        if isinstance(against, Job):
            shown.append((against._label, against.counts))  # noqa: SLF001 - another one of these
        elif against is not None:
            shown.append(("other", _outcomes(against)))
        if ideal:
            shown.append(("ideal", self._source.ideal(self.id).outcomes))
        chosen = None if bits is None else bits_of(bits, shown[0][1].layout)
        if chosen is not None:
            shown = [(label, outcomes.marginal(chosen)) for label, outcomes in shown]
        title = self._label if len(shown) == 1 else ""
        return histogram(shown, ax, top=top, sort=sort, title=title, bits=chosen)

    @property
    def _label(self) -> str:
        return self.name or f"job {self.id[:8]}"

    def events(self) -> list[LogEntry]:
        """Return the job's log so far, oldest first."""
        return self._source.events(self.id)

    @property
    def attachments(self) -> dict[str, str]:
        """The texts that are kept with a job at a service, by their kinds.

        ``"sent"`` is the program as the service got it, ``"compiled"`` what the device was given in the end; as far
        as the job has come, and the service tells.
        """
        return self._source.attachments(self.id)

    def attempts(self) -> list[Attempt]:
        """Return each time that a worker took up a durable job, oldest first: when, why it came to nothing, its cost.

        Empty for a direct job, which is tried once.
        """
        return self._source.attempts(self.id)

    def movements(self) -> list[Movement]:
        """Return every movement of money for the job, oldest first; empty where it is free.

        What was held when it was admitted; what was charged when it ended and, beside it, released, or charged as an
        overrun; what was refunded since.
        """
        return self._source.movements(self.id)

    def cancel(self) -> bool:
        """Ask for the job to end; return whether there was anything left to cancel."""
        return self._source.cancel(self.id)

    def retry(self) -> "Job":
        """Submit the same program, backend, shots, options and seed again as a new job linked to this one."""
        return self._source.retry(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        record = self.record
        name = f" {record.name!r}" if record.name else ""
        return f"<Job {self.id[:8]}{name} {record.status} on {record.backend}, {record.shots:,} shots>"


def _outcomes(against: object) -> Counts | Distribution:
    """Return what is counted, or known exactly, in what a caller gave."""
    match against:
        case Counts() | Distribution():
            return against
        case Ideal():
            return against.outcomes
        case Result():
            return against.counts
    raise InvalidRequest(
        f"{type(against).__name__} {against!r:.60} cannot stand beside a job.",
        remedy="Give another job, its result or its counts, or what qjob.ideal returns.",
    )
