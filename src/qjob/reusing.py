"""What was asked for before, so that nobody pays for it twice. Submits nothing."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from qjob.batch import Batch
from qjob.handle import Job
from qjob.model.batch import BatchRecord
from qjob.request import Checker, source_digest
from qjob.settings import Settings
from qjob.store.store import Store


class Reusing(ABC):
    """Jobs that were submitted before, as an engine finds them by what they are."""

    settings: Settings

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where they are."""

    @abstractmethod
    def sweep(self) -> None:
        """End what dead processes have left behind."""

    @property
    @abstractmethod
    def _checker(self) -> Checker:
        """What checks requests."""

    @abstractmethod
    def _job(self, job_id: str) -> Job:
        """Return the handle of a job."""

    @abstractmethod
    def _batch(self, record: BatchRecord) -> Batch:
        """Return the handle of a batch."""

    def find(self, program: object, *, partial: bool = False, **asked: Any) -> Job | Batch | None:
        """Return the team's newest job, or batch, that was asked for the same and did not come to nothing.

        Submits nothing.

        Parameters
        ----------
        program, partial, **asked
            As for `Engine.submit`; with ``partial``, a batch of the first of these programs will do.

        Raises
        ------
        Refusal
            With what does not fit, as for `Engine.submit`.
        """
        asked = {**asked, "reuse": True}
        if isinstance(program, (list, tuple)):
            marks = [each.fingerprint for each in self._checker.check_all(program, **asked)]
            return self._living(lambda: self._same_batch(marks, partial=partial))
        mark = self._checker.check(program, **asked).fingerprint
        return self._living(lambda: self._same_job(mark or ""))

    def _living(self, find: Callable[[], Job | Batch | None]) -> Job | Batch | None:
        """Return what a function finds, but for what a dead process has proposed: nobody admits that any more."""
        found = find()
        if found is None or found.snapshot().pending is None:
            return found
        self.sweep()
        return find()

    def _same_job(self, fingerprint: str) -> Job | None:
        found = self.store.same_job(self.settings.user, fingerprint)
        return None if found is None else self._job(found.id)

    def _same_batch(self, fingerprints: Sequence[str | None], *, partial: bool) -> Batch | None:
        found = self.store.same_batch(self.settings.user, fingerprints, partial=partial)
        return None if found is None else self._batch(found)

    def from_source(self, source: str) -> Job | None:
        """Return the team's newest job from this text that can cost something and did not come to nothing."""
        found = self.store.from_source(self.settings.user, source_digest(source))
        return None if found is None else self._job(found.id)
