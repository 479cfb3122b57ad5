"""One page of 100,000 stored jobs (20 rows, what ``%qjob list`` shows), by every filter, against a sqlitedict scan.

Measured is `Store.jobs`, from the filter to frozen records. The other side keeps the same jobs as JSON in a
sqlitedict and looks at all of them, which is what there is to do without an index. The store is filled by its own
calls, a thousand jobs a transaction (see filled.py).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import orjson
from lab import Lab
from measure import Line, in_ms, percentile, timed
from sqlitedict import SqliteDict

from qjob.model.job import JobStatus
from qjob.store.listing import JobFilter
from qjob.store.store import Store

ROWS = 20


def run(lab: Lab) -> Iterator[Line]:
    """Yield a line for each filter."""
    home = lab.filled()
    with_store = Store.open(home / "qjob.sqlite", clock=lambda: datetime.now(UTC))
    jobs = with_store.jobs(limit=10**9)
    middle, earlier = jobs[len(jobs) // 2], jobs[-len(jobs) // 4]
    scan = _scanned(lab.folder / "dict.sqlite", jobs, lab.runs(3, 1))
    runs = lab.runs(2000, 50)
    for what, wanted, after in (
        ("newest", JobFilter(), None),
        (f"{len(jobs) // 2:,} jobs deep", JobFilter(), middle.id),
        ("by status", JobFilter(frozenset({JobStatus.FAILED})), None),
        ("by two statuses", JobFilter(frozenset({JobStatus.FAILED, JobStatus.CANCELLED})), None),
        ("by backend", JobFilter(backend="qb-sim-noisy-aer"), None),
        ("by backend and status, deep", JobFilter(frozenset({JobStatus.FAILED}), "marqov-sim"), middle.id),
        ("by time", JobFilter(since=earlier.created_at, until=middle.created_at), None),
        ("by text of the name", JobFilter(text="grover-12"), None),
        ("by text of a tag", JobFilter(text="run=50"), None),
        ("by text in an eighth of all", JobFilter(text="bell"), None),
    ):

        def page(wanted: JobFilter = wanted, after: str | None = after) -> None:
            with_store.jobs(wanted, limit=ROWS, after=after)

        side = timed(page)
        times = [side() for _ in range(runs)][runs // 10 :]
        found = len(with_store.jobs(wanted, limit=ROWS, after=after))
        beside = f"sqlitedict scan {in_ms(scan)}"
        how = f"{len(times)}, {found} rows, p99 {in_ms(percentile(times, 99))}"
        yield Line(
            f"page {what}", 0.2, median(times) * 1e3, "ms", beside, median(times) / scan, how, paced=True
        )
    with_store.close()


def _scanned(path: Path, jobs: list, runs: int) -> float:
    """Return the seconds that a scan of a sqlitedict with the same jobs takes, for the newest FAILED ones."""
    with SqliteDict(str(path), encode=_encode, decode=orjson.loads, journal_mode="OFF") as kept:
        for job in jobs:
            kept[job.id] = _plain(job)
        kept.commit()

    def scan() -> None:
        with SqliteDict(str(path), encode=_encode, decode=orjson.loads, flag="r") as kept:
            failed = [job for job in kept.values() if job["status"] == "FAILED"]
            failed.sort(key=lambda job: job["created_at"], reverse=True)
            del failed[ROWS:]

    return median(timed(scan)() for _ in range(runs))


def _encode(value: dict) -> str:
    return orjson.dumps(value).decode()


def _plain(job) -> dict:
    return {
        "id": job.id,
        "name": job.name,
        "backend": job.backend,
        "shots": job.shots,
        "tags": dict(job.tags),
        "status": job.status.value,
        "created_at": job.created_at.timestamp(),
    }
