"""How a job or a batch stands, as one JSON object: what its stream sends. Pure.

It tells programs the numbers, and carries in ``card`` what the live card of a notebook draws, so that a page looks
the same; but for what is to be typed in a notebook.
"""

from datetime import datetime
from typing import Any

import orjson

from qjob.model.job import Failure
from qjob.model.money import from_nano
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.server.pages.words import shown_here
from qjob.showing import batch_summary
from qjob.showing.batch_state import batch_state
from qjob.showing.card_state import card_state
from qjob.showing.summary import phase


def encoded(snapshot: JobSnapshot | BatchSnapshot, now: datetime, base: str) -> bytes:
    """Return it as JSON, on one line."""
    made = (
        of_batch(snapshot, now, base) if isinstance(snapshot, BatchSnapshot) else of_job(snapshot, now, base)
    )
    return orjson.dumps(made)


def of_job(snapshot: JobSnapshot, now: datetime, base: str) -> dict[str, Any]:
    """Return how a job stands.

    Parameters
    ----------
    base
        The path that comes before ``qjob/``.

    Returns
    -------
    dict
        ``progress.top`` are pairs of bit string (classical bit 0 rightmost) and count, the most frequent first;
        ``cost`` are decimal strings in US dollars; ``link`` is the path of the page for people.
    """
    job, progress = snapshot.job, snapshot.progress
    there = progress.queue if progress is not None else None
    waits = snapshot.queue_position is not None or there is not None
    return {
        "kind": "job",
        "id": job.id,
        "name": job.name,
        "status": job.status.value,
        "phase": phase(snapshot),
        "ended": snapshot.ended,
        "progress": {
            "shots_done": progress.shots_done if progress else 0,
            "shots": job.shots,
            "distinct": progress.distinct if progress else 0,
            "top": [[bits, count] for bits, count in progress.top] if progress else [],
        },
        "queue": {
            "position": there.position if there is not None else snapshot.queue_position,
            "length": there.length if there is not None else None,
        }
        if waits
        else None,
        "cost": {"held": _usd(0 if job.status.ended else job.cap), "charged": _usd(job.cost)},
        "failure": _failure(job.failure),
        "attempt": job.attempt,
        "task": job.remote_id,
        "link": link(base, job.id),
        "card": {**card_state(shown_here(snapshot), now), "back": []},
    }


def of_batch(snapshot: BatchSnapshot, now: datetime, base: str) -> dict[str, Any]:
    """Return how a batch stands; see `of_job`. ``jobs`` are at most 16 of its jobs."""
    failed = batch_summary.first_failure(snapshot)
    return {
        "kind": "batch",
        "id": snapshot.id,
        "name": snapshot.batch.name,
        "status": batch_summary.status(snapshot).value,
        "phase": batch_summary.phase(snapshot),
        "ended": snapshot.ended,
        "progress": {
            "jobs_ended": batch_summary.ended_jobs(snapshot),
            "jobs": snapshot.batch.size,
            "statuses": {status.value: count for status, count in snapshot.statuses.items()},
        },
        "queue": None,
        "cost": {"held": _usd(snapshot.held), "charged": _usd(snapshot.cost)},
        "failure": _failure(failed[1] if failed else None),
        "jobs": [
            {"id": job.id, "place": job.place, "name": job.name, "status": job.status.value}
            for job in snapshot.jobs
        ],
        "link": link(base, snapshot.id),
        "card": {**batch_state(shown_here(snapshot), now), "back": []},
    }


def link(base: str, of: str) -> str:
    """Return the path of the page of a job or a batch."""
    return f"{base}qjob/jobs/{of}"


def _usd(nano: int | None) -> str | None:
    return None if nano is None else f"{from_nano(nano):f}"


def _failure(failure: Failure | None) -> dict[str, str] | None:
    if failure is None:
        return None
    return {"code": failure.code, "reason": failure.reason, "remedy": failure.remedy}
