"""What happened to a job, a row each, in words. Pure."""

from collections.abc import Sequence

from qjob.model.events import EventKind, LogEntry
from qjob.showing.tables import Table
from qjob.showing.wording import duration, moment, number, plain, plural


def events(log: Sequence[LogEntry]) -> Table:
    """Return a job's log as a table, oldest first; with what there is to say of it, where there is anything."""
    rows = [(moment(entry.at), entry.kind.value, said(entry)) for entry in log]
    if not any(more for _, _, more in rows):
        return Table(("when", "event"), [row[:2] for row in rows])
    return Table(("when", "event", "details"), rows)


def said(entry: LogEntry) -> str:
    """Return what an entry of a log says in words; nothing where its kind says it all."""
    data = entry.data
    match entry.kind:
        case EventKind.ATTEMPT:
            shots = data.get("shots")
            resumed = f", and goes on from {plural(int(shots), 'shot')}" if shots else ""
            return (
                f"worker {plain(str(data['worker']))} takes it up, attempt {number(data['attempt'])}{resumed}"
            )
        case EventKind.RETRYING:
            reason = plain(str(data["reason"])).rstrip(".")
            pause = float(data["seconds"])
            again = f"tried again in {duration(pause)}" if pause else "goes on with the next worker"
            return f"attempt {number(data['attempt'])} ended: {reason}; {again}"
        case EventKind.COMPLETED if "spent" in data:
            return ", ".join(f"{plain(str(what))} {duration(float(long))}" for what, long in data["spent"])
        case _:
            return ", ".join(f"{key} {plain(str(value))}" for key, value in data.items())
