"""A result of 100,000 shots with as many different 30-bit outcomes: bytes in the store, and the time to open it.

Opening is `Store.result` and `unpack`, to arrays that answer ``counts.top`` and ``counts[...]``. The other side is
the same counts as a JSON object of bit strings, read by orjson, the fastest reader there is.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median

import numpy as np
import orjson
from filled import fill
from lab import Lab
from measure import Line, in_ms, in_turn, timed

from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.model.events import Progress
from qjob.model.job import JobStatus
from qjob.model.packing import pack, unpack
from qjob.model.result import Result
from qjob.store.store import Store

SHOTS = 100_000


def run(lab: Lab) -> Iterator[Line]:
    """Yield bytes and milliseconds."""
    runs = lab.runs(200, 5)
    keys = np.random.default_rng(1).integers(0, 2**30, SHOTS, dtype=np.uint64)[:, None]
    counts = Counts.collect(BitLayout(30, tuple(range(30))), keys)
    plain = orjson.dumps(dict(counts))
    packed = pack(Result(counts, None, {"method": "statevector", "path": "sampled"}))
    home = lab.home()
    fill(home, 1)
    store = Store.open(home / "qjob.sqlite", clock=lambda: datetime.now(UTC))
    [job] = store.jobs()
    again = _unfinished_copy(store, job)
    store.complete(again, packed, Progress("completed", SHOTS), counts.layout)

    def opened() -> None:
        unpack(store.result(again) or b"")

    ours, theirs, packing, topped = in_turn(
        runs,
        timed(opened),
        timed(lambda: orjson.loads(plain)),
        timed(lambda: pack(Result(counts))),
        timed(lambda: counts.top(16)),
        warm_ups=2,
    )
    how = f"{len(counts):,} outcomes"
    yield Line(
        "result stored",
        200,
        len(packed) / 1e3,
        "KB",
        f"JSON {len(plain) / 1e3:,.0f} KB",
        len(packed) / len(plain),
        how,
    )
    how = f"{runs} each, 2 before; its top 16 then {in_ms(median(topped))}; packing {in_ms(median(packing))}"
    ratio = median(ours) / median(theirs)
    yield Line("result opened", 1.0, median(ours) * 1e3, "ms", f"orjson {in_ms(median(theirs))}", ratio, how)
    store.close()


def _unfinished_copy(store: Store, job) -> str:
    other = job._replace(
        id="00000000-0000-4000-8000-000000000000",
        status=JobStatus.QUEUED,
        started_at=None,
        ended_at=None,
    )
    store.accept(other, store.program(job.program))
    return other.id
