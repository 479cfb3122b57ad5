"""What was asked for before, so that nobody pays for it twice. Submits nothing."""

from abc import ABC, abstractmethod
from typing import Any

from qjob.batch import Batch
from qjob.handle import Job
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
        found = self._find(program, partial=partial, **asked)
        if found is not None and found.snapshot().pending is not None:
            self.sweep()  # what a dead process has proposed, nobody admits
            found = self._find(program, partial=partial, **asked)
        return found

    def _find(self, program: object, *, partial: bool, **asked: Any) -> Job | Batch | None:
        user, asked = self.settings.user, {**asked, "reuse": True}
        if isinstance(program, (list, tuple)):
            marks = [each.fingerprint for each in self._checker.check_all(program, **asked)]
            batch = self.store.same_batch(user, marks, partial=partial)
            if batch is None:
                return None
            return Batch(self, batch, self.store.jobs_of(batch.id))  # type: ignore[arg-type]  # as below
        fingerprint = self._checker.check(program, **asked).fingerprint
        found = self.store.same_job(user, fingerprint or "")
        return None if found is None else self._job(found.id)

    def from_source(self, source: str) -> Job | None:
        """Return the team's newest job from this text that can cost something and did not come to nothing."""
        found = self.store.from_source(self.settings.user, source_digest(source))
        return None if found is None else self._job(found.id)

    def _job(self, job_id: str) -> Job:
        return Job(self, job_id)  # type: ignore[arg-type]  # the engine that this is a part of
