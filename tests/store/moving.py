"""Moves all jobs of a store on to RUNNING. Usage: moving.py FILE_OR_URL."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from qjob.model.job import JobStatus
from qjob.store.store import Store


def clock():
    return datetime.now(UTC)


place = sys.argv[1]
store = Store.connect(place, clock=clock) if "://" in place else Store.open(Path(place), clock=clock)
for job in store.jobs():
    store.move(job.id, JobStatus.RUNNING)
store.close()
