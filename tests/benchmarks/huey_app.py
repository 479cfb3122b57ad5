"""What huey's consumer imports: the queue in SQLite and the one task."""

import os

from huey import SqliteHuey
from peers import run_bell

huey = SqliteHuey(filename=os.environ["BENCH_HUEY"], fsync=False, journal_mode="wal")


@huey.task()
def bell(angle: float) -> dict[str, int]:
    """Run the tiny job."""
    return run_bell(angle)
