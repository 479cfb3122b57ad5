"""Every error that qjob raises on purpose, in one tree.

::

    QjobError
    ├── Refusal                 what was asked cannot be done; nothing was stored or changed
    │   ├── InvalidRequest      an argument is of the wrong kind or out of range
    │   │   ├── InvalidOption   an option the backend does not know, or an ill-typed value
    │   │   └── InvalidCell     a cell whose last expression is no circuit
    │   ├── UnknownBackend      no such slug; the nearest ones are named
    │   ├── ProgramRefused      the circuit itself: no measurement, unbound parameters, malformed text
    │   │   └── CodeRefused     code that was sent to make a circuit, and made none
    │   ├── BackendRefused      the circuit does not fit this backend
    │   │   └── AdapterMissing  what runs this backend's jobs is not installed here, or cannot be loaded
    │   ├── OutOfMemory         the circuit does not fit this machine
    │   ├── NoSuchJob           an id that matches no job
    │   ├── AmbiguousJob        an id that matches several
    │   ├── NoSuchTeam          no team of the user
    │   ├── NoSuchGroup         an id that is no group of the team
    │   ├── NoSuchKey           an id that is no key of the user
    │   ├── IllegalMove         the job's status forbids it (cancelling an ended job)
    │   ├── ConsentNeeded       it costs something, and nobody has said yes to that
    │   ├── OverBudget          it can cost more than the team may still spend
    │   ├── RateLimited         too many submissions in too short a time; it says when the next one fits
    │   ├── RequestKeyReused    a request key that stands for another request already
    │   ├── NotSignedIn         nobody knows who asks: no key, or none that is valid
    │   ├── NotAllowed          the user's role in the team does not allow it
    │   │   └── ScopeMissing    the key that asks was not made for this
    │   ├── NoCredentials       the service does not know who asks, or does not allow it
    │   └── ServiceUnavailable  the service cannot be reached, or takes nothing now
    ├── JobEnded                the result of a job that ended without one was asked for
    ├── WaitTimeout             a wait ran out; the job goes on
    ├── Detached                the user interrupted a wait; the job goes on
    ├── WorkerError             no worker process could be started
    └── StoreError              the store cannot be used as it is
        ├── StoreUnavailable    read-only, full, locked or out of reach
        ├── StoreCorrupt        not a qjob store, or a damaged one
        ├── StoreTooNew         written by a newer qjob
        └── StoreOnNetwork      on a network filesystem, where SQLite's locks do not hold

An error says what was refused, with its numbers, and the way out (``remedy``). It prints as clean lines in a
notebook (``_render_traceback_``) and maps to HTTP once, by ``http_status``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class QjobError(Exception):
    """The base of every error that qjob raises on purpose.

    Parameters
    ----------
    message
        What happened, in one sentence, with its numbers.
    remedy
        The way out, as something the user can do or type.
    numbers
        The figures of the message under stable names, for programs.

    Attributes
    ----------
    code : str
        A stable machine-readable name of the kind of error.
    http_status : int
        What the HTTP surfaces answer.
    retry_after : float or None
        Seconds after which the same request can succeed; None where waiting does not help.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        numbers: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.numbers: dict[str, Any] = dict(numbers or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show these lines in place of a traceback."""
        lines = [f"{type(self).__name__}: {self.message}"]
        lines += [f"  {line}" for line in self.remedy.splitlines()]
        return lines


class Refusal(QjobError):
    """What was asked cannot be done; nothing was stored and nothing changed."""

    code = "refused"
    http_status = 400


class InvalidRequest(Refusal):
    """An argument is of the wrong kind or out of range."""

    code = "invalid_request"


class InvalidOption(InvalidRequest):
    """An option that the backend does not know, or a value that does not fit it."""

    code = "invalid_option"


class InvalidCell(InvalidRequest):
    """The cell's last expression is no circuit."""

    code = "invalid_cell"


class UnknownBackend(Refusal):
    """No backend has this slug."""

    code = "unknown_backend"
    http_status = 404


class ProgramRefused(Refusal):
    """The program itself cannot run anywhere: malformed, unbound, without a measurement."""

    code = "program_refused"


class CodeRefused(ProgramRefused):
    """Code that was sent to make a circuit failed, passed its limits, or made none or several."""

    code = "code_refused"


class BackendRefused(Refusal):
    """The program does not fit this backend, though it may fit another."""

    code = "backend_refused"


class AdapterMissing(BackendRefused):
    """What runs this backend's jobs is not installed here, or cannot be loaded; elsewhere it may be."""

    code = "adapter_missing"


class OutOfMemory(Refusal):
    """The program needs more memory than this machine has free."""

    code = "out_of_memory"


class NoSuchJob(Refusal):
    """An id that matches no job."""

    code = "no_such_job"
    http_status = 404


class NoSuchTeam(Refusal):
    """The user is in no team of this name or id."""

    code = "no_such_team"
    http_status = 404


class NoSuchGroup(Refusal):
    """An id that is no group of the team."""

    code = "no_such_group"
    http_status = 404


class NoSuchKey(Refusal):
    """An id that is no key of the user."""

    code = "no_such_key"
    http_status = 404


class AmbiguousJob(Refusal):
    """An id or name that matches several jobs."""

    code = "ambiguous_job"
    http_status = 409


class IllegalMove(Refusal):
    """The job's status forbids what was asked."""

    code = "illegal_move"
    http_status = 409


class ConsentNeeded(Refusal):
    """It costs something, and nobody has said yes to that."""

    code = "consent_needed"
    http_status = 428


class OverBudget(Refusal):
    """It can cost more than the team may still spend."""

    code = "over_budget"
    http_status = 402


class RateLimited(Refusal):
    """Too many submissions in too short a time; `retry_after` says when the next one fits."""

    code = "rate_limited"
    http_status = 429


class RequestKeyReused(Refusal):
    """A request key that stands for another request of the same user and team already."""

    code = "request_key_reused"
    http_status = 409


class NotSignedIn(Refusal):
    """Nobody knows who asks: there is no key, or none that is valid."""

    code = "not_signed_in"
    http_status = 401


class NotAllowed(Refusal):
    """The user's role in the team does not allow it."""

    code = "not_allowed"
    http_status = 403


class ScopeMissing(NotAllowed):
    """The key that asks was not made for what it asks for."""

    code = "scope_missing"


class NoCredentials(Refusal):
    """The service does not know who asks, or does not allow it."""

    code = "no_credentials"
    http_status = 424


class ServiceUnavailable(Refusal):
    """The service cannot be reached, or takes nothing now."""

    code = "service_unavailable"
    http_status = 503


class JobEnded(QjobError):
    """The result of a job that failed or was cancelled was asked for."""

    code = "job_ended"
    http_status = 409


class WaitTimeout(QjobError, TimeoutError):
    """A wait ran out of time; the job itself goes on."""

    code = "wait_timeout"
    http_status = 504


class Detached(QjobError):
    """The user interrupted a wait; the job itself goes on."""

    code = "detached"
    http_status = 504


class WorkerError(QjobError):
    """No worker process could be started on this machine."""

    code = "worker_error"
    http_status = 503


class StoreError(QjobError):
    """The store cannot be used as it is."""

    code = "store_error"
    http_status = 503


class StoreUnavailable(StoreError):
    """The store is read-only, full, out of reach, or locked by another process for too long."""

    code = "store_unavailable"


class StoreCorrupt(StoreError):
    """The file is damaged, or is no qjob store."""

    code = "store_corrupt"


class StoreTooNew(StoreError):
    """The store was written by a newer qjob."""

    code = "store_too_new"


class StoreOnNetwork(StoreError):
    """The store lies on a network filesystem, where SQLite's locks do not hold."""

    code = "store_on_network"


def to_object(error: QjobError) -> dict[str, Any]:
    """Return an error as a JSON object, for another process."""
    return {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "numbers": error.numbers,
        "retry_after": error.retry_after,
    }


def from_object(plain: Mapping[str, Any]) -> QjobError:
    """Return the error that `to_object` made an object of: one of its kind, or a plain Refusal."""
    kinds = [QjobError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    cls = next((kind for kind in kinds if kind.code == plain["code"]), Refusal)
    return cls(
        plain["message"],
        remedy=plain["remedy"],
        numbers=plain["numbers"],
        retry_after=plain["retry_after"],
    )
