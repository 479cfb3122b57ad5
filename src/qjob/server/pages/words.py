"""What is written for notebooks, in words for a page: nothing to type, since there is nowhere to type it. Pure."""

import re
from dataclasses import replace
from typing import overload

from qjob.model.job import Failure
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.showing.wording import sentence

_RETRY = re.compile(r"(?:Run|Submit) it again(?P<pay>, and pay again)?: ?%qjob retry \S+\.?")
_THEN = re.compile(r",? then: ?%qjob retry \S+\.?")
_DO = re.compile(r"(?P<what>(?:Cancel|Wait|Confirm)[^:.]*): ?%qjob \w+ \S+\.?")
_TYPED = re.compile(r"%{1,2}[a-z]|\b(?:engine|qc)\.[a-z]|(?<!\S)--[a-z]")


def on_page(remedy: str) -> str:
    """Return a remedy for somebody who reads it on a page: a button is there to run a job again.

    What has to be typed in a notebook all the same says so.
    """
    words = _RETRY.sub(lambda found: f"Run it again{found['pay'] or ''}.", remedy)
    words = _THEN.sub(", then run it again.", words)
    words = _DO.sub(r"\g<what>.", words)
    return "\n".join(
        f"In a notebook: {line}" if _TYPED.search(line) else line
        for line in map(sentence, words.splitlines())
    )


@overload
def shown_here(snapshot: JobSnapshot) -> JobSnapshot: ...
@overload
def shown_here(snapshot: BatchSnapshot) -> BatchSnapshot: ...
def shown_here(snapshot: JobSnapshot | BatchSnapshot) -> JobSnapshot | BatchSnapshot:
    """Return a snapshot of a job or a batch whose remedies are for readers of a page."""
    if isinstance(snapshot, JobSnapshot):
        job = snapshot.job
        return replace(snapshot, job=job._replace(failure=_worded(job.failure)))
    jobs = tuple(replace(job, failure=_worded(job.failure)) for job in snapshot.jobs)
    return replace(snapshot, jobs=jobs)


def _worded(failure: Failure | None) -> Failure | None:
    return None if failure is None else replace(failure, remedy=on_page(failure.remedy))
