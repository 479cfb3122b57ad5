"""The one source of truth: jobs, their logs, progress and results, in SQLite."""

from qjob.store.listing import JobFilter
from qjob.store.owners import Owner, alive, sweep
from qjob.store.rows import StoredJob
from qjob.store.store import Store

__all__ = ["JobFilter", "Owner", "Store", "StoredJob", "alive", "sweep"]
