"""What a submission is asked for with, and requests that are sent twice, by who heard no answer.

The same request under the same key is one submission.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypedDict

from qjob import typed
from qjob.batch import Batch
from qjob.handle import Job
from qjob.model.batch import BatchRecord
from qjob.model.filing import MAX_KEY, Filing, RequestKey
from qjob.settings import Settings
from qjob.store.store import Store


class Common(TypedDict, total=False):
    """What all jobs of one submission share."""

    backend: str
    shots: int
    mode: str
    tags: Mapping[str, str] | None
    options: Mapping[str, object] | None


class Asked(Common, total=False):
    """What `Engine.submit` takes beside the program."""

    name: str | None
    seed: int | None
    reuse: bool
    source: str | None
    partial: bool
    request_key: str | None
    request_digest: str | None
    group: str | None


class Requesting(ABC):
    """What was submitted under which key, as an engine answers for it."""

    settings: Settings

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where it is."""

    @abstractmethod
    def _job(self, job_id: str) -> Job:
        """Return the handle of a job."""

    @abstractmethod
    def _batch(self, record: BatchRecord) -> Batch:
        """Return the handle of a batch."""

    def by_request_key(self, key: str, digest: str | None = None) -> Job | Batch | None:
        """Return what the user has submitted for this team under a key in the last 7 days; None where it is free.

        Parameters
        ----------
        key
            What who sent the request calls it.
        digest
            Of everything that was asked for.

        Raises
        ------
        RequestKeyReused
            Something else was asked for under this key.
        InvalidRequest
            It is no key.
        """
        return self._requested(_request(key, digest))

    def _requested(self, request: RequestKey | None) -> Job | Batch | None:
        target = None if request is None else self.store.requested(self.settings.user, request)
        if target is None:
            return None
        return self._batch(self.store.batch(target.id)) if target.batch else self._job(target.id)

    @staticmethod
    def _filing(request_key: str | None, request_digest: str | None, group: str | None) -> Filing:
        """Return how a submission is to be filed."""
        request = None if request_key is None else _request(request_key, request_digest)
        return Filing(request, None if group is None else typed.text("group", group))


def _request(key: object, digest: str | None) -> RequestKey:
    return RequestKey(typed.text("request_key", key, MAX_KEY), digest or "")
