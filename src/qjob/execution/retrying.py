"""What follows an attempt that came to nothing, for this process: its patience and its chance."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from qjob.model.attempt import Decide, Sequel, Setback
from qjob.model.job import Failure
from qjob.policy.retries import History, Patience, last_words, lost, pause

UNRELENTING = 600.0
"""Seconds between two attempts at a job that is not given up."""


def for_job(failure: Failure, job_id: str) -> Failure:
    """Return a failure whose remedy names its job."""
    return replace(failure, remedy=failure.remedy.replace("{job}", job_id[:8]))


@dataclass(frozen=True, slots=True)
class Retrying:
    """Decides by `qjob.policy.retries`.

    Parameters
    ----------
    patience
        How often and how long.
    chance
        Returns a random number, 0 <= it < 1.
    """

    patience: Patience
    chance: Callable[[], float]

    def after(self, failure: Failure, cost: int | None) -> Decide:
        """Return the decision about an attempt that failed, and was billed so many nano-dollars."""

        def decide(setback: Setback) -> Sequel:
            history = History(setback.tries, setback.seconds, cost or 0)
            seconds = pause(failure, history, self.patience, self.chance())
            words = last_words(failure, history, self.patience) if seconds is None else None
            known = for_job(failure, setback.job_id)
            return Sequel(known, seconds, words and for_job(words, setback.job_id))

        return decide

    def after_trouble(self, failure: Failure) -> Decide:
        """Return the decision about an attempt that failed for a reason on this side.

        A service may be at work on a job that it knows of, and bill it: that one is never given up for such a reason.
        """

        def decide(setback: Setback) -> Sequel:
            sequel = self.after(failure, None)(setback)
            return (
                Sequel(sequel.failure, UNRELENTING) if setback.elsewhere and sequel.pause is None else sequel
            )

        return decide

    def after_loss(self, setback: Setback) -> Sequel:
        """Decide about an attempt whose worker has died, or lost its lease."""
        return self.after_trouble(lost(setback.worker))(setback)
