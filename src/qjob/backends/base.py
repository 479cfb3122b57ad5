"""The protocol between the executor and a backend, and how backends are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from qjob.model.backend import BackendInfo
from qjob.model.events import Event
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt at a job, as a backend gets it. The request's seed is always set."""

    job_id: str
    attempt: int  # from 1
    request: JobRequest
    profile: CircuitProfile  # of the request's program
    memory_limit: int | None = None  # bytes this attempt may take; None: no limit known


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run takes of this machine."""

    memory: int | None = None  # bytes at the most; None where no formula tells
    seconds: float | None = None  # about how long on one core; None where nobody knows


class Backend(Protocol):
    """Something that runs programs: a simulator in this process or a service far away."""

    @property
    def info(self) -> BackendInfo:
        """The catalogue row this backend was made from."""
        ...

    def check(self, request: JobRequest, profile: CircuitProfile) -> Needs:
        """Refuse what this backend cannot run, before anything is stored; say what a run takes.

        Fast (well under a millisecond for small circuits) and free of heavy imports: it runs in the kernel.

        Raises
        ------
        Refusal
            With the numbers and the way out.
        """
        ...

    def run(self, task: Task) -> Iterator[Event | None]:
        """Run the task, yielding events; the last one is Completed, Failed or Cancelled, with its bill if any.

        None where there is nothing to tell, but another task of the same worker may have its turn. Called in a
        worker process, never in the kernel.
        """
        ...


class Provider(Protocol):
    """What an entry point of the group ``qjob.backends`` names: an adapter for one or more catalogue rows."""

    def __init__(self) -> None: ...

    def backend(self, info: BackendInfo) -> Backend:
        """Return the backend of a catalogue row whose ``adapter`` is this entry point's name."""
        ...

    def load(self) -> None:
        """Import what every run needs; called once in a fresh worker, in its main thread."""
        ...

    def warm_up(self) -> None:
        """Exercise what every run needs; called after `load`, in a thread that then ends."""
        ...
