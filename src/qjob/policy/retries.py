"""Which failed attempts are followed by another one, after how long, and what is said when none follows.

Pure: what happened before, the limits and chance are arguments. Knows no job, no store and no backend; failures are
told apart by their code alone, in one table. Only jobs that are to outlive their process are tried again by
themselves; nobody asks here about the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from qjob.model.job import Failure
from qjob.model.money import format_usd, from_nano

RETRY = "Run it again: %qjob retry {job}"
PAY_AGAIN = "Run it again, and pay again: %qjob retry {job}"

LONG = 120.0
"""Seconds from which a time is told in minutes."""


class Again(StrEnum):
    """Whether another attempt follows, and how soon."""

    SOON = "soon"  # in a moment, then later and later
    LATER = "later"  # after the longest pause: something outside has to change first
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done about one kind of failure, and why."""

    again: Again
    why: str


def _soon(why: str) -> Verdict:
    return Verdict(Again.SOON, why)


def _later(why: str) -> Verdict:
    return Verdict(Again.LATER, why)


def _never(why: str) -> Verdict:
    return Verdict(Again.NEVER, why)


_SAME = "the same request is refused again"
_BEFORE = "it says no to a submission, before there is any attempt"
_NO_ATTEMPT = "it is about a question of a user, not about an attempt"

VERDICTS: Mapping[str, Verdict] = MappingProxyType(
    {
        # the process that ran it
        "worker_killed": _soon("somebody or the system has ended the process; it was not the job's fault"),
        "worker_lost": _soon("the process has gone; nothing says that it was the job's fault"),
        "worker_crashed": _soon(
            "a library crashed; whether the job makes it do so shows in the next attempts"
        ),
        "worker_error": _soon(
            "no process could be started, or it spoke nonsense: of that moment and machine"
        ),
        "executor_error": _soon("what hands out the jobs broke down and has begun afresh"),
        "lease_lost": _soon("the worker that had the job has gone; another one takes it"),
        "given_back": _soon("its worker was asked to end; another one takes it"),
        "kernel_ended": _soon("the process has gone; it was not the job's fault"),
        # what is around it
        "service_unavailable": _later("the service, or the way to it, is busy or down, and comes back"),
        "rate_limited": _later("the service wants fewer requests for a while"),
        "store_unavailable": _later("the disk may have room again, the database may be back"),
        "store_error": _later("the store may be usable again"),
        "store_too_new": _later("a worker of the newer version can take it"),
        # what this worker lacks and another one may have
        "unknown_backend": _later("another worker may have the row in its catalogue"),
        "adapter_missing": _later("another worker may have the adapter, or somebody installs it"),
        "package_missing": _later("another worker may have the package, or somebody installs it"),
        # the program, or what was asked for
        "program_refused": _never(_SAME),
        "backend_refused": _never(_SAME),
        "invalid_request": _never(_SAME),
        "invalid_option": _never(_SAME),
        "invalid_cell": _never(_SAME),
        "refused": _never(_SAME),
        "error": _never("an error that says nothing of its kind may not be of the passing kind"),
        "simulation_failed": _never("the simulator refuses this circuit, and will again"),
        "out_of_memory": _never("it takes as much memory the next time, and may end others' work first"),
        "backend_error": _never(
            "a fault in the adapter, met again; or a task that nobody knows whether it runs"
        ),
        "gone": _never("the service does not know what the job names"),
        # the device, and its bill
        "task_failed": _never("the device has rejected it, or failed it after it may have been billed"),
        "task_lost": _never("the service knows its task no more; a second one may be paid twice"),
        "result_lost": _never("it has run and is billed"),
        "not_stored": _never("it has run, and what it reports is refused by the store again"),
        "money_spent": _never("what was held for it is used up"),
        "cancelled_elsewhere": _never("somebody wanted it to end"),
        # who asks, and what they may
        "no_credentials": _never("somebody has to log in, or to allow it, first"),
        "not_allowed": _never("somebody has to allow it first"),
        "consent_needed": _never("nobody has said yes to what it costs"),
        "over_budget": _never("the payment was refused"),
        "not_admitted": _never(_BEFORE),
        # a store that time does not mend
        "store_corrupt": _never("somebody has to mend the store first"),
        "store_on_network": _never("somebody has to move the store first"),
        # errors that no attempt ends with
        "no_such_job": _never(_NO_ATTEMPT),
        "no_such_team": _never(_NO_ATTEMPT),
        "no_such_group": _never(_NO_ATTEMPT),
        "no_such_key": _never(_NO_ATTEMPT),
        "not_signed_in": _never(_NO_ATTEMPT),
        "scope_missing": _never(_NO_ATTEMPT),
        "request_key_reused": _never(_NO_ATTEMPT),
        "code_refused": _never(_NO_ATTEMPT),
        "too_slow": _never(_NO_ATTEMPT),
        "ambiguous_job": _never(_NO_ATTEMPT),
        "illegal_move": _never(_NO_ATTEMPT),
        "job_ended": _never(_NO_ATTEMPT),
        "wait_timeout": _never(_NO_ATTEMPT),
        "detached": _never(_NO_ATTEMPT),
    }
)
"""What is done about a failure, by its code: every one that this package produces."""


@dataclass(frozen=True, slots=True)
class History:
    """What a job's attempts have come to so far.

    Parameters
    ----------
    tries
        Attempts since the job last got further, this one included; from 1.
    seconds
        Since the first of these attempts began.
    billed
        What this attempt costs, in nano-dollars.
    """

    tries: int
    seconds: float
    billed: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long failed attempts are followed by others.

    Parameters
    ----------
    attempts
        The most attempts in a row that get a job no further.
    seconds
        After the first of them began; later than that none begins, but for the second: a job that ran for longer
        than this before it failed is tried again once.
    first, factor, longest
        The longest pause in seconds after the first attempt, by how much it grows with each, and up to where.
    """

    attempts: int = 5
    seconds: float = 3600.0
    first: float = 0.5
    factor: float = 2.0
    longest: float = 60.0


def verdict(failure: Failure) -> Verdict:
    """Return what is done about a failure; one of a code that is not ours counts by what its adapter says of it."""
    known = VERDICTS.get(failure.code)
    if known is not None:
        return known
    if failure.transient:
        return _soon("its adapter says that it passes")
    return _never("its adapter does not say that it passes")


def pause(failure: Failure, history: History, patience: Patience, chance: float) -> float | None:
    """Return the seconds until the next attempt; None where there is to be none.

    The pause is between one half and all of its longest ("equal jitter"): jobs that one worker lost together do not
    come back together, and none comes back at once, which with few attempts would spend them on the same short
    trouble. Compare https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

    Parameters
    ----------
    failure
        How the last attempt ended.
    history
        The attempts so far.
    patience
        The limits.
    chance
        A random number, 0 <= chance < 1.
    """
    again = verdict(failure).again
    if again is Again.NEVER or history.billed > 0 or history.tries >= patience.attempts:
        return None
    most = patience.longest
    if again is Again.SOON:
        most = min(most, patience.first * patience.factor ** (history.tries - 1))
    seconds = most * (1 + chance) / 2
    if history.tries > 1 and history.seconds + seconds > patience.seconds:
        return None
    return seconds


def last_words(failure: Failure, history: History, patience: Patience) -> Failure:
    """Return the failure of a job that is not tried again: its last one, and after how many attempts.

    ``{job}`` in the remedy stands for the job's id, as in those of workers.
    """
    if verdict(failure).again is Again.NEVER:
        if history.tries <= 1:
            return failure
        return replace(failure, reason=f"After {history.tries} attempts: {failure.reason}")
    if history.billed > 0:
        cost = f"It costs {format_usd(from_nano(history.billed))}, so it is not tried again by itself."
        reason = f"{_sentence(failure.reason)} {cost}"
        return replace(failure, reason=reason, remedy=failure.remedy or PAY_AGAIN)
    if history.tries <= 1:  # the only one that was allowed
        return failure
    by_count = history.tries >= patience.attempts
    limit = "QJOB_ATTEMPTS" if by_count else "QJOB_RETRY_MINUTES"
    given_up = f"Given up after {history.tries} attempts in {_span(history.seconds)} ({limit})."
    reason = f"{given_up} The last one failed: {failure.reason}"
    return replace(failure, reason=reason, remedy=failure.remedy or RETRY)


def lost(worker: str) -> Failure:
    """Return the failure of an attempt whose worker died, or lost its lease.

    Parameters
    ----------
    worker
        Its host and process, such as ``lab3:4242``.
    """
    return Failure(
        "lease_lost",
        f"The worker process that ran it ({worker}) ended, or was not heard of any more.",
        RETRY,
        transient=True,
    )


def _sentence(reason: str) -> str:
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def _span(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < LONG else f"{seconds / 60:,.0f} min"
