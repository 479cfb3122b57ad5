"""What the cells of a test notebook import to drive a `LiveCard` through snapshots made by hand."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from qjob.model.backend import BackendInfo
from qjob.model.batch import BatchRecord
from qjob.model.events import PROGRESS_TOP, Progress, Queued
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.snapshot import BatchJob, BatchSnapshot, JobSnapshot
from qjob.model.timing import Eta as Eta  # noqa: PLC0414 - for cells
from qjob.model.timing import Phase
from qjob.notebook.card import LiveCard

JOB = "3f2a91bc-7d1e-4b52-9a55-0c6a5f1d2e3f"
CANCEL_URL = f"qjob/api/jobs/{JOB}/cancel"
BACKEND = BackendInfo(
    slug="qb-sim-noisy-aer",
    qrn="marqov:qb:sim:noisy-aer",
    title="Noisy simulator",
    tier="Quantum Brilliance",
    adapter="aer",
    description="A simulator with noise.",
    max_qubits=30,
    min_shots=1,
    max_shots=1_000_000,
    local=True,
)
CREATED = datetime.now(UTC)
OUT_OF_MEMORY = Failure(
    code="out_of_memory",
    reason="The worker was ended by the system: it held 11.8 GB, and 12.0 GB are all this machine has.",
    remedy="Use qb-sim-tensor-network, which takes wide circuits of low entanglement, or at most 29 qubits.",
)
GARNET = BackendInfo(
    slug="iqm-garnet",
    qrn="aws:iqm:qpu:garnet",
    title="IQM Garnet",
    tier="Quantum hardware",
    adapter="braket",
    description="Superconducting qubits.",
    max_qubits=20,
    min_shots=1,
    max_shots=20_000,
    local=False,
)
CENTS = 10_000_000
"""Nano-dollars."""

EXPIRED = "the AWS credentials of the profile 'lab' have expired. Renew them: aws sso login --profile lab"
CANCELLED_ELSEWHERE = Failure("cancelled_elsewhere", "It was cancelled at Amazon Braket, not from here.")
LATE = (Phase("waiting for a confirmation", 12.0), Phase("in the queue", 65.0), Phase("running", 45.2))
ENDED = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}


def snapshot(
    status: str,
    counts: Mapping[str, int] | None = None,
    *,
    shots: int = 20_000,
    name: str | None = "bell",
    phase: str = "sampling",
    queue_position: int | None = None,
    failure: Failure | None = None,
    cap: int = 0,
    pending: Pending | None = None,
    seconds: float = 3.42,
    **timing: Any,
) -> JobSnapshot:
    """Return a job as it stands after these counts, begun (and ended) ``seconds`` before."""
    state = JobStatus(status)
    began = state not in {JobStatus.INITIALIZING, JobStatus.QUEUED}
    job = JobRecord(
        id=JOB,
        user="ada",
        name=name,
        backend=BACKEND.slug,
        program="0" * 64,
        num_qubits=2,
        shots=shots,
        seed=7,
        options={},
        mode="direct",
        tags={},
        status=state,
        failure=failure,
        owner=None,
        retry_of=None,
        created_at=CREATED - timedelta(seconds=seconds + 0.2),
        started_at=CREATED - timedelta(seconds=seconds) if began else None,
        ended_at=CREATED if state in ENDED else None,
        cap=cap,
        pending=pending,
    )
    top = tuple(Counter(counts or {}).most_common(PROGRESS_TOP))
    progress = Progress(phase, sum((counts or {}).values()), top, len(counts or {})) if began else None
    return JobSnapshot(job, BACKEND, progress, queue_position, **timing)


def cloud(status: str, progress: Progress | None = None, **facts: Any) -> JobSnapshot:
    """Return a job for a device elsewhere, which costs $1.75 at the most."""
    made = snapshot(status, shots=1000, cap=175 * CENTS, **facts)
    arn = f"arn:aws:braket:eu-north-1:111122223333:quantum-task/{JOB}"
    sent = made.job.status is not JobStatus.INITIALIZING and progress is not None
    job = made.job._replace(
        backend=GARNET.slug,
        site={"account": "111122223333"},
        remote_id=arn if sent else None,
        started_at=made.job.started_at if made.job.status is JobStatus.RUNNING else None,
        cost=0 if made.job.status.ended else None,
    )
    return JobSnapshot(job, GARNET, progress, phases=made.phases, eta=made.eta)


def waiting(position: int, length: int, **more: Any) -> Progress:
    """Return what is said of a job that waits in a queue elsewhere."""
    return Progress("waiting in the queue", queue=Queued(position, length, **more))


def monday(hour: int) -> datetime:
    """Return a time of the Monday to come."""
    today = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def batch(
    completed: int = 0,
    failed: int = 0,
    running: int = 0,
    queued: int = 0,
    *,
    cancelled: int = 0,
    cancelling: int = 0,
    name: str | None = "rabi",
    cost: tuple[int | None, int] = (None, 0),
    proposed: int = 0,
    pending: Pending | None = None,
    bits: int = 4,
    seconds: float = 3.42,
) -> BatchSnapshot:
    """Return a batch of so many jobs, in this order but with the failed ones among the completed ones."""
    state = JobStatus
    order = [state.COMPLETED] * completed
    for place in range(failed):
        order.insert(3 * place + 2, state.FAILED)
    order += [state.CANCELLED] * cancelled + [state.CANCELLING] * cancelling
    order += [state.RUNNING] * running + [state.QUEUED] * queued + [state.INITIALIZING] * proposed
    urgency = {state.FAILED: 0, state.RUNNING: 1}
    places = sorted(range(len(order)), key=lambda place: (urgency.get(order[place], 2), place))[:16]
    began = completed + failed + running + cancelling > 0
    return BatchSnapshot(
        batch=BatchRecord(JOB, "ada", name, len(order), CREATED - timedelta(seconds=seconds + 0.2)),
        statuses=Counter(order),
        backends=(BACKEND.slug,),
        shots=(1000, 1000),
        held=cost[1],
        asked=416_000_000 * proposed if pending and pending.consent else 0,
        cost=cost[0],
        owner=None,
        started_at=CREATED - timedelta(seconds=seconds) if began else None,
        ended_at=None if running + queued + cancelling + proposed else CREATED,
        pending=pending,
        jobs=tuple(_job_of_batch(place, order[place], name, bits) for place in sorted(places)),
    )


def _job_of_batch(place: int, state: JobStatus, name: str | None, bits: int) -> BatchJob:
    if state is JobStatus.COMPLETED:
        count = 430 + (place * 67) % 470
        outcome = format((place * 2654435761) % 2**bits, f"0{bits}b")
        progress = Progress("completed", 1000, ((outcome, count),), 4)
    else:
        progress = (
            Progress("sampling", 400, ((f"{0:0{bits}b}", 400),), 1) if state is JobStatus.RUNNING else None
        )
    return BatchJob(
        place=place,
        id=f"{place:08x}{JOB[8:]}",
        name=None if name is None else f"{name}[{place}]",
        status=state,
        shots=1000,
        failure=OUT_OF_MEMORY if state is JobStatus.FAILED else None,
        progress=progress,
        layout=None,
    )


def card(
    first: JobSnapshot | BatchSnapshot,
    asked: list[str] | Path | None = None,
    on_form: Callable[[], Any] | None = None,
) -> LiveCard:
    """Return a card that notes what its buttons ask in a list, or a cancel in a file for others to see."""

    def note(what: str) -> None:
        if isinstance(asked, Path):
            asked.touch()
        elif asked is not None:
            asked.append(what)

    return LiveCard(
        first,
        now=lambda: datetime.now(UTC),
        on_cancel=lambda: note("cancel"),
        on_confirm=lambda: note("confirm"),
        on_notify=lambda on: note(f"notify {on}"),
        on_form=on_form,
        cancel_url=CANCEL_URL if isinstance(first, JobSnapshot) else "",
    )


def form() -> Any:
    """Return what stands for a form: fields of the kind that one is made of."""
    from ipywidgets import Button, IntSlider, Text, VBox

    return VBox([Text("bell", description="name"), IntSlider(300, 1, 1000), Button(description="Submit")])


def bell(shots: int, seed: int = 1) -> dict[str, int]:
    """Return noisy counts of a Bell pair."""
    return _draw(Random(seed), shots, lambda r: r.choices(("00", "01", "10", "11"), (48, 2, 2, 48))[0])


def walk(shots: int, bits: int = 5, seed: int = 2) -> dict[str, int]:
    """Return counts that fall off exponentially over many outcomes."""
    return _draw(
        Random(seed), shots, lambda r: format(min(2**bits - 1, int(r.expovariate(0.15))), f"0{bits}b")
    )


def ghz(shots: int, bits: int = 100, seed: int = 3) -> dict[str, int]:
    """Return counts of a wide GHZ state whose readout now and then flips a bit."""

    def one(random: Random) -> str:
        read = [random.choice("01")] * bits
        if random.random() < 0.3:
            place = random.randrange(bits)
            read[place] = "10"[int(read[place])]
        return "".join(read)

    return _draw(Random(seed), shots, one)


def haar(shots: int, bits: int = 40, seed: int = 4) -> dict[str, int]:
    """Return counts of a wide random circuit: nearly every shot another outcome."""
    return _draw(Random(seed), shots, lambda r: format(r.getrandbits(bits), f"0{bits}b"))


def _draw(random: Random, shots: int, one: Any) -> dict[str, int]:
    return dict(Counter(one(random) for _ in range(shots)))
