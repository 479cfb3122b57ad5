"""Marqov's words for what qjob calls otherwise. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus


class Word(StrEnum):
    """Where a job is in its life, in Marqov's words."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


DISPATCH_FAILED = "dispatch_failed"
"""A word of Marqov's that no job here ever has: what cannot be handed on is refused, or waits."""

_S = JobStatus
WORDS: Mapping[JobStatus, Word] = MappingProxyType(
    {
        _S.INITIALIZING: Word.PENDING,
        _S.QUEUED: Word.PENDING,
        _S.RUNNING: Word.RUNNING,
        _S.CANCELLING: Word.CANCELLING,
        _S.COMPLETED: Word.COMPLETED,
        _S.FAILED: Word.FAILED,
        _S.CANCELLED: Word.CANCELLED,
    }
)
"""What Marqov calls each status."""

MODES: Mapping[str, str] = MappingProxyType({"direct": "direct", "durable": "durable", "temporal": "durable"})
"""What qjob calls each of Marqov's modes of execution."""


SPEECH: Mapping[str, str] = MappingProxyType(
    {
        "status": "GET qjob/api/jobs/{job}",
        "cancel": "POST qjob/api/jobs/{job}/cancel",
        "retry": "POST qjob/api/jobs/{job}/retry",
        "list": "GET qjob/api/jobs",
        "quote": "POST qjob/api/quote",
        "backends": "GET qjob/api/backends",
        "budget": "GET qjob/api/budget",
        "group": "POST qjob/qbraid/api/v1/jobs/group",
        "backend": "backend",
        "options": "options",
    }
)
"""What Marqov's API has where a notebook has magics; see `qjob.server.wording`."""


def word_of_all(statuses: Iterable[JobStatus]) -> Word:
    """Return the word for several jobs together: that of the one that has the longest way to go, or the worst end."""
    words = {WORDS[status] for status in statuses}
    order = (Word.RUNNING, Word.CANCELLING, Word.PENDING, Word.FAILED, Word.CANCELLED, Word.COMPLETED)
    return next((word for word in order if word in words), Word.COMPLETED)


def statuses_of(text: str) -> frozenset[JobStatus] | None:
    """Return the statuses that a list of words stands for, with commas between: Marqov's words, or qjob's own.

    None where no job can have any of them.

    Raises
    ------
    InvalidRequest
        One of them is neither.
    """
    found: set[JobStatus] = set()
    named = False
    for part in filter(None, (part.strip() for part in text.split(","))):
        here = {status for status, word in WORDS.items() if part.lower() in (word, status.lower())}
        if not here and part.lower() != DISPATCH_FAILED:
            own = (status.lower() for status in (_S.INITIALIZING, _S.QUEUED))
            known = [*dict.fromkeys(word.value for word in WORDS.values()), DISPATCH_FAILED, *own]
            raise InvalidRequest(
                f"there is no status {part[:80]!r}{did_you_mean(part[:80].lower(), known)}.",
                remedy=f"A job is {', '.join(known[:-1])} or {known[-1]}.",
                numbers={"statuses": known},
            )
        named = True
        found |= here
    return frozenset(found) if found or not named else None
