"""The protocol between the executor and a backend, and how backends are found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from qjob.model.backend import BackendInfo
from qjob.model.events import Attached, Checkpoint, Event, Running, Submitted
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile
from qjob.model.steps import Steps


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt at a job, as a backend gets it. The request's seed is always set."""

    job_id: str
    attempt: int  # from 1
    request: JobRequest
    profile: CircuitProfile | None  # of the request's program; None where nobody has read that yet
    memory_limit: int | None = None  # bytes this attempt may take; None: no limit known
    cap: int = 0  # nano-dollars that are held for the job
    site: Mapping[str, str] | None = None  # where and for whom it runs elsewhere, as `Remote.preflight` said
    remote_id: str | None = None  # what the service calls it, where that is known
    resumed: bool = False  # an earlier process may have submitted it
    ran: bool = False  # it was seen to run there
    attachments: Mapping[str, str] | None = None  # texts that an earlier process has attached to the job
    about: Mapping[str, str] | None = None  # for the service's books: "user", "team", "since" (admission)
    checkpoint: Checkpoint | None = None  # what an earlier attempt had counted; the run goes on from there
    steps: Steps | None = None  # of the circuit, where it is short, and whoever submitted it has it at hand

    @property
    def durable(self) -> bool:
        """Whether another process may go on with it, so that checkpoints are kept."""
        return self.request.mode == "durable"

    def after(self, event: Event) -> "Task":
        """Return the task as another process would have to go on with it, once an event has happened."""
        match event:
            case Submitted(remote_id):
                return replace(self, remote_id=remote_id)
            case Running():
                return replace(self, ran=True)
            case Attached(kind, text):
                return replace(self, attachments={**(self.attachments or {}), kind: text})
            case Checkpoint() if self.durable:
                return replace(self, checkpoint=event)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run takes of this machine."""

    memory: int | None = None  # bytes at the most; None where no formula tells
    seconds: float | None = None  # about how long on one core; None where nobody knows
    agent: str | None = None  # the adapter whose agent runs it at a service; None: a worker of this machine


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to tell now: look again in so many seconds, or as soon as a cancel is wanted."""

    seconds: float


def never() -> bool:
    """Want no cancel."""
    return False


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


class Local(Backend, Protocol):
    """A backend whose jobs run on this machine, in worker processes.

    Its `check` goes by profile, shots and options only: of programs of one profile in a batch it sees the first.
    """

    def run(self, task: Task) -> Iterator[Event | None]:
        """Run the task, yielding events; the last one is Completed, Failed or Cancelled, with its bill if any.

        None where there is nothing to tell, but another task of the same worker may have its turn. Called in a
        worker process, never in the kernel.

        A `Checkpoint` may come between the others where the task is durable, and nowhere else. A task that has one is
        gone on with from there, and gives the counts that it would have given without an interruption. One that does
        not fit it (another program, damaged) is not trusted: the run begins anew, and says so.
        """
        ...


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a service says to a job that it can run.

    Parameters
    ----------
    site
        Where and for whom it is to run: what `Remote.run` makes sure of when it resumes, and no secrets.
    facts
        What is known of the device now, as JSON values.
    """

    site: Mapping[str, str]
    facts: Mapping[str, Any] | None = None


class Remote(Backend, Protocol):
    """A backend whose jobs run at a service; an agent of its adapter talks to that.

    Its ``check`` names that adapter (`Needs.agent`). Everything else here is called in the agent, by several threads,
    but for one job never by two at once.
    """

    def preflight(self, request: JobRequest, profile: CircuitProfile) -> Clearance:
        """Ask the service whether it can run this now, before any money is held.

        Raises
        ------
        Refusal
            With what is in the way, the numbers and the way out.
        """
        ...

    def run(self, task: Task, cancelled: Callable[[], bool] = never) -> Iterator[Event | Pause | None]:
        """Submit the task, or find the one that was submitted before, and tell what happens to it.

        Never sleeps: it yields a `Pause` where there is nothing to do. Submitted comes before anything else is asked
        of the service; the last event is Completed, Failed or Cancelled.

        Parameters
        ----------
        cancelled
            Whether the job is to end; to be asked after each pause.
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


@runtime_checkable
class Service(Provider, Protocol):
    """An adapter whose backends are `Remote`."""

    environment: tuple[str, ...]
    """How the variables begin that its client reads: an agent that began with others is begun again."""

    def configured(self) -> bool:
        """Whether somebody seems to use this service here; told at once, without asking anybody."""
        ...

    def devices(self, targets: Sequence[str]) -> list[Mapping[str, Any]]:
        """Ask the service, in the agent, about its devices; return what is known of each, as JSON values.

        Parameters
        ----------
        targets
            What the service calls those in question; none: all that it has.

        Raises
        ------
        Refusal
            It cannot be asked: no credentials, no network.
        """
        ...
