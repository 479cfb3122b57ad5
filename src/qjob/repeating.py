"""An ended job that is submitted again, as a new one. Changes nothing of the old one."""

from abc import abstractmethod
from dataclasses import replace

from qjob.archive import Archive
from qjob.clearing import Clearing
from qjob.handle import Job
from qjob.model.errors import IllegalMove
from qjob.request import Checked, Checker
from qjob.requesting import Requesting
from qjob.submitter import Submitter


class Repeating(Archive, Clearing, Requesting):
    """Retries, as an engine makes them."""

    @property
    @abstractmethod
    def _checker(self) -> Checker:
        """What checks requests."""

    @property
    @abstractmethod
    def _submitter(self) -> Submitter:
        """What stores them and hands them over."""

    def retry(self, job_id: str, *, request_key: str | None = None, request_digest: str | None = None) -> Job:
        """Submit an ended job again as a new one, linked to it.

        Parameters
        ----------
        request_key, request_digest
            As for `qjob.engine.Engine.submit`.

        Raises
        ------
        IllegalMove
            The job has not ended yet, or its program was erased.
        RequestKeyReused
            Something else was asked for under this key.
        """
        filing = self._filing(request_key, request_digest, None)
        if isinstance(found := self._requested(filing.request), Job):
            return found
        old, checked = self._again(job_id)
        (checked,) = self._cleared([checked])
        return self._job(self._submitter.one(self._opened(), checked, retry_of=old, filing=filing).id)

    def _again(self, job_id: str) -> tuple[str, Checked]:
        old = self.store.job(self.resolve(job_id))
        if not old.status.ended:
            raise IllegalMove(
                f"job {old.id[:8]} is still {old.status}.",
                remedy=f"Cancel it first: %qjob cancel {old.id[:8]}",
                numbers={"job": old.id, "status": str(old.status)},
            )
        checked = self._checker.check(
            self.program_of(old),
            backend=old.backend,
            shots=old.shots,
            mode=old.mode,
            name=old.name,
            tags=old.tags,
            options=old.options,
            seed=old.seed,
        )
        # found again as the job that it repeats
        return old.id, replace(checked, fingerprint=old.fingerprint or checked.fingerprint, source=old.source)

    def retry_cap(self, job_id: str) -> int:
        """Return what a retry of an ended job can cost at the most today, in nano-dollars."""
        return self._again(job_id)[1].cap
