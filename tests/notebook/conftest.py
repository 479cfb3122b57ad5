"""Snapshots of jobs, for everything that shows one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from qjob.model.backend import BackendInfo
from qjob.model.bits import BitLayout
from qjob.model.events import PROGRESS_TOP, Progress
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.snapshot import JobSnapshot

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
    phase: str = "sampling",
    distinct: int | None = None,
    layout: BitLayout | None = None,
    queue_position: int | None = None,
    started: float | None = 0.2,
    ended: float = 1.44,
    known: bool = True,
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
    )
    top = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:PROGRESS_TOP])
    progress = Progress(phase, done, top, len(counts) if distinct is None else distinct)
    return JobSnapshot(job, SIM if known else None, progress, queue_position, layout)


@pytest.fixture(scope="session")
def snapshot_of() -> MakeSnapshot:
    return make_snapshot


@pytest.fixture(scope="session")
def created() -> datetime:
    return CREATED
