"""Snapshots of jobs and batches for the tests of everything that shows one."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from qjob.model.backend import BackendInfo
from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout
from qjob.model.events import PROGRESS_TOP, Progress, Queued
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.snapshot import BatchJob, BatchSnapshot, JobSnapshot

CREATED = datetime(2026, 3, 4, 10, 55, 12, tzinfo=UTC)
SIM = BackendInfo("sim", "a:b:sim:sim", "Sim", "Sims", "aer", "A simulator.", 30, 1, 10**6, local=True)
ENDED = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}

MakeSnapshot = Callable[..., JobSnapshot]


def make_snapshot(
    status: JobStatus | str = "COMPLETED",
    counts: Mapping[str, int] | None = None,
    *,
    name: str | None = "bell",
    backend: str = "sim",
    shots: int | None = None,
    failure: Failure | None = None,
    cap: int = 0,
    pending: Pending | None = None,
    phase: str = "sampling",
    distinct: int | None = None,
    layout: BitLayout | None = None,
    queue_position: int | None = None,
    started: float | None = 0.2,
    ended: float = 1.44,
    known: bool = True,
    site: Mapping[str, str] | None = None,
    queue: Queued | None = None,
    note: str = "",
) -> JobSnapshot:
    """Return a job after these counts; ``started`` and ``ended`` are seconds after its creation."""
    state, counts = JobStatus(status), counts or {}
    done = sum(counts.values())
    job = JobRecord(
        id="3f2a91bc-7d1e-4b52-9a55-0c6a5f1d2e3f",
        user="ada",
        name=name,
        backend=backend,
        program="0" * 64,
        num_qubits=2,
        shots=shots or done or 1000,
        seed=7,
        options={},
        mode="direct",
        tags={},
        status=state,
        failure=failure,
        owner=None,
        retry_of=None,
        created_at=CREATED,
        started_at=CREATED + timedelta(seconds=started) if started is not None else None,
        ended_at=CREATED + timedelta(seconds=ended) if state in ENDED else None,
        cap=cap,
        pending=pending,
        site=site,
    )
    top = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PROGRESS_TOP])
    progress = Progress(phase, done, top, len(counts) if distinct is None else distinct, queue, note)
    return JobSnapshot(job, SIM if known else None, progress, queue_position, layout)


LETTERS = {
    "I": JobStatus.INITIALIZING,
    "Q": JobStatus.QUEUED,
    "R": JobStatus.RUNNING,
    "X": JobStatus.CANCELLING,
    "C": JobStatus.COMPLETED,
    "F": JobStatus.FAILED,
    "K": JobStatus.CANCELLED,
}


def make_batch(
    jobs: str = "CCC",
    *,
    name: str | None = "sweep",
    size: int | None = None,
    backends: tuple[str, ...] = ("sim",),
    shots: tuple[int, int] = (1000, 1000),
    cost: tuple[int | None, int] = (None, 0),
    outcomes: tuple[str, ...] = ("00",),
    layout: BitLayout | None = None,
    phase: str = "sampling",
    failure: Failure | None = None,
    started: float | None = 0.2,
    ended: float = 1.44,
    asked: int = 0,
    pending: Pending | None = None,
) -> BatchSnapshot:
    """Return a batch of a job a letter (see `LETTERS`); of a larger ``size`` the others have completed."""
    statuses = [LETTERS[letter] for letter in jobs]
    sums = Counter(statuses)
    if size is not None and size > len(jobs):
        sums[JobStatus.COMPLETED] += size - len(jobs)
    lines = []
    for place, status in enumerate(statuses):
        progress = None
        if status in {JobStatus.COMPLETED, JobStatus.RUNNING}:
            done = 1000 if status is JobStatus.COMPLETED else 400
            progress = Progress(phase, done, ((outcomes[place % len(outcomes)], done // 2),), 7)
        lines.append(
            BatchJob(
                place=place,
                id=f"{place:08x}-7d1e-4b52-9a55-0c6a5f1d2e3f",
                name=None if name is None else f"{name}[{place}]",
                status=status,
                shots=1000,
                failure=failure or Failure("x", "It broke.", "Mend it.")
                if status is JobStatus.FAILED
                else None,
                progress=progress,
                layout=layout,
            )
        )
    return BatchSnapshot(
        batch=BatchRecord("ab12cd34-7d1e-4b52-9a55-0c6a5f1d2e3f", "ada", name, size or len(jobs), CREATED),
        statuses=sums,
        backends=backends,
        shots=shots,
        held=cost[1],
        asked=asked,
        cost=cost[0],
        owner=None,
        started_at=None if started is None else CREATED + timedelta(seconds=started),
        ended_at=CREATED + timedelta(seconds=ended) if ENDED & set(sums) else None,
        pending=pending,
        jobs=tuple(lines),
    )


@pytest.fixture(scope="session")
def batch_of() -> Callable[..., BatchSnapshot]:
    return make_batch


@pytest.fixture(scope="session")
def snapshot_of() -> MakeSnapshot:
    return make_snapshot


@pytest.fixture(scope="session")
def created() -> datetime:
    return CREATED
