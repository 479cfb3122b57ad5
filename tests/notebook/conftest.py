"""Snapshots of jobs for everything that shows one, and a shell with the extension loaded for real jobs."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from qjob.model.backend import BackendInfo
from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout
from qjob.model.events import PROGRESS_TOP, Progress, Queued
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.snapshot import BatchJob, BatchSnapshot, JobSnapshot
from qjob.notebook import extension

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


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def notebook(module_home):
    """A shell that answers a cell with what it printed, displayed and raised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QJOB_HOME", str(module_home))
        patch.setenv("QJOB_WORKERS", "2")
        shell = InteractiveShell.instance()
        shell.kernel = SimpleNamespace(
            get_parent=lambda _channel: {}
        )  # what tells a notebook from a terminal
        extension.load(shell)
        session = getattr(shell, extension.ATTRIBUTE).session  # connects while the home is set

    def run(source):
        with capture_output() as captured:
            done = shell.run_cell(source, store_history=True)
        shown = [output.data for output in captured.outputs]
        return SimpleNamespace(
            text=captured.stdout,
            shown=shown,
            error=done.error_in_exec or done.error_before_exec,
            value=done.result,
        )

    run("from qiskit import QuantumCircuit\nqc = QuantumCircuit(2); qc.h(0); qc.cx(0, 1); qc.measure_all()")
    yield SimpleNamespace(run=run, shell=shell, session=session, ns=shell.user_ns)
    extension.unload(shell)
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()
