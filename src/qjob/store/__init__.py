"""The one source of truth: jobs, their logs, progress and results, in SQLite or PostgreSQL."""

from qjob.store.listing import JobFilter
from qjob.store.owners import Owner, Owners
from qjob.store.rows import StoredJob
from qjob.store.store import Store

__all__ = ["JobFilter", "Owner", "Owners", "Store", "StoredJob"]
