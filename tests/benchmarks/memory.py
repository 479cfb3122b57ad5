"""What 100,000 stored jobs cost the kernel in memory: a fresh process opens the store and turns over pages.

Growth of the resident set, from after the imports to after opening the engine and listing 200 pages of 20 jobs by
several filters, and its peak on the way. The other side loads the same jobs into a list of records, as a kernel does
that keeps what it lists; a third holds them as dicts from JSON.
"""

import json
import resource
import sys
from collections.abc import Iterator
from statistics import median

from lab import Lab
from measure import Line, in_turn

PAGES = 200
ROWS = 20


def run(lab: Lab) -> Iterator[Line]:
    """Yield the growth."""
    home = lab.filled()
    runs = lab.runs(5, 1)
    pages, records, dicts = in_turn(
        runs, *(lambda side=side: float(lab.python("memory.py", side, home)["growth"]) for side in SIDES)
    )
    peak = float(lab.python("memory.py", "pages", home)["peak"])
    beside = f"all as records {median(records):.0f} MB, as dicts {median(dicts):.0f} MB"
    how = f"{runs} fresh processes each; peak {peak:.1f} MB"
    ours = median(pages)
    yield Line("kernel memory for the store", 10, ours, "MB", beside, ours / median(records), how)


def _pages(home: str) -> object:
    import qjob
    from qjob.store.listing import JobFilter

    engine = qjob.connect(home=home)
    for wanted in (
        JobFilter.of(),
        JobFilter.of(status="failed"),
        JobFilter.of(backend="marqov-sim"),
        JobFilter.of(text="bell"),
    ):
        after = None
        for _ in range(PAGES // 4):
            found = engine.records(wanted, limit=ROWS, after=after)
            after = found[-1].id if found else None
    return engine


def _records(home: str) -> object:
    import qjob
    from qjob.store.listing import JobFilter

    engine = qjob.connect(home=home)
    return engine, engine.records(JobFilter(), limit=10**9)


def _dicts(home: str) -> object:
    engine, records = _records(home)
    texts = [json.dumps(record._asdict(), default=str) for record in records]
    del records
    return engine, [json.loads(text) for text in texts]


SIDES = {"pages": _pages, "records": _records, "dicts": _dicts}


def main(side: str, home: str) -> None:
    """Print the growth of this process in MB."""
    import gc

    import psutil

    import qjob.engine

    process = psutil.Process()
    before = process.memory_info().rss
    kept = SIDES[side](home)
    gc.collect()
    grown = process.memory_info().rss - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    print(
        json.dumps(
            {"growth": grown / 1e6, "peak": peak / 1e6, "kept": kept is not None, "of": qjob.engine.__name__}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
