"""What a durable job that nobody has in hand waits for: its next attempt, and a worker. Starts nothing.

Decides by the rule of what starts workers, `qjob.execution.keeper.needed`, so that what is shown is what happens.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version

from qjob.execution.detached import log_of_start
from qjob.execution.keeper import PATIENCE, needed
from qjob.execution.pool import last_line
from qjob.model.events import EventKind, LogEntry
from qjob.model.worker import Outlook, Prospect
from qjob.settings import Settings
from qjob.store.store import Store


def outlook(store: Store, settings: Settings, user: str, waits_since: datetime, now: datetime) -> Outlook:
    """Return how the workers stand that a durable job waits for.

    Parameters
    ----------
    user
        Whose job it is.
    waits_since
        Since when it waits for a worker.
    now
        The time.
    """
    staff = store.staff(user)
    last, todo = staff.last, needed(staff, _version())
    if any(one.listens for one in staff.living):
        return Outlook(Prospect.LISTENING)
    if not todo.start:
        if staff.living:
            return Outlook(Prospect.ENDING)
        return Outlook(Prospect.STOPPED, None if last is None else last.ended_at)
    since = max(waits_since, last.ended_at) if last is not None and last.ended_at is not None else waits_since
    if now - since < timedelta(seconds=PATIENCE):
        return Outlook(Prospect.STARTING)
    said = last_line(log_of_start(settings.home)) if user == settings.user else ""
    return Outlook(Prospect.MISSING, said=said)


def due_at(log: Iterable[LogEntry]) -> datetime | None:
    """Return when a job is tried again by its log; None where nothing has come to nothing."""
    due = None
    for entry in log:
        if entry.kind is EventKind.RETRYING:
            due = entry.at + timedelta(seconds=float(entry.data["seconds"]))
    return due


@cache
def _version() -> str:
    return version("qjob")
