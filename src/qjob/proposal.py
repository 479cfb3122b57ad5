"""What is proposed together and not admitted yet: what it waits for, and what admits it. Stores nothing."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from qjob.model.errors import RateLimited, StoreError
from qjob.model.job import Pending
from qjob.model.team import Standing
from qjob.policy.admission import Claim, refusal
from qjob.request import Checked


class Judging:
    """Says what a proposal waits for, once the standing of the team is known.

    Parameters
    ----------
    checked
        What is proposed.
    pending
        What it waits for in any case; without a need for consent, it waits for the rate limits.
    """

    def __init__(self, checked: Sequence[Checked], pending: Pending) -> None:
        self._checked = checked
        self.said = pending

    def __call__(self, standing: Standing) -> Pending:
        """Return what it waits for, or raise what forbids it."""
        error = refusal(standing, claim_of(self._checked, standing))
        if error is not None and not isinstance(error, RateLimited):
            raise error
        if not self.said.consent:  # else what the rates say matters when it is given
            wait = timedelta(seconds=error.retry_after or 0) if error else timedelta()
            self.said = replace(self.said, until=standing.now + wait)
        return self.said


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was proposed together, and what it takes to admit and run it."""

    id: str  # of the job, or of the batch
    jobs: Mapping[str, Checked]  # by id, in their order
    judge: Judging
    answers: Mapping[str, "Future[Any]"] = field(default_factory=dict)  # of a service, by job

    @property
    def pending(self) -> Pending:
        """What they wait for."""
        return self.judge.said

    @property
    def answered(self) -> bool:
        """Whether every service was asked, and has said what it has to say."""
        asked = [job_id for job_id, one in self.jobs.items() if one.needs.agent is not None]
        return all(job_id in self.answers and self.answers[job_id].done() for job_id in asked)


@contextmanager
def noting(
    into: dict[str, Proposed], of: str, jobs: Mapping[str, Checked], judge: Judging
) -> Iterator[list[Any]]:
    """Note what is proposed before it is stored; yield a list for what the store returns.

    So an interrupt behind the commit leaves nothing that waits for ever.
    """
    into[of] = Proposed(of, jobs, judge)
    stored: list[Any] = []
    try:
        yield stored
    except (KeyboardInterrupt, StoreError):  # perhaps it is stored
        raise
    except BaseException:
        del into[of]
        raise
    if stored[0].id != of:
        del into[of]


def claim_of(checked: Sequence[Checked], standing: Standing) -> Claim:
    """Return what requests ask of the team that pays, as one submission."""
    local = all_local(checked)
    counts = standing.team.limits.count_local or not local
    return Claim(tuple(one.cap for one in checked), counts=counts, local=local)


def all_local(checked: Sequence[Checked]) -> bool:
    """Whether all of them are free and run on this machine."""
    return all(one.local for one in checked)
