"""``qjob worker``: be a worker process, or say how those stand, or have them end. Prints; the rest is the store's."""

import argparse
import sys
import time
from datetime import UTC, datetime

from qjob.model.errors import WorkerError
from qjob.model.worker import Asked, WorkerRecord
from qjob.settings import Settings
from qjob.store.store import Store

LOOK = 0.1
"""Seconds between two looks whether it has."""

PATIENCE = 30.0
"""Seconds that a worker process may take to end once it was asked to stop."""


def add_parser(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to a command line."""
    parser = verbs.add_parser(
        "worker",
        help="run durable jobs (notebooks start a worker themselves), or look after those that do",
        description="Take up the durable jobs of this user and run them, until it is stopped. Without a worker, a "
        "notebook that submits a durable job starts one by itself, which ends after a quiet minute.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--status", action="store_true", help="list the workers and the jobs that wait for them"
    )
    what.add_argument(
        "--stop", action="store_true", help="end them now; their jobs go on with the next worker"
    )
    what.add_argument("--drain", action="store_true", help="end them once they have nothing in hand")


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def main(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do what the arguments say; return the exit status."""
    if not (arguments.status or arguments.stop or arguments.drain):
        print(f"A worker for {settings.user}, on {place(settings)}. Ctrl+C ends it: what runs is given back.")
        from qjob.execution.working import work

        work(settings, alone=False, quiet=None, terminal=sys.stdout)
        return 0
    store = Store.of(settings, now)
    try:
        if arguments.status:
            print(status(store, settings, now()))
            return 0
        return _ask(store, settings.user, "stop" if arguments.stop else "drain")
    finally:
        store.close()


def place(settings: Settings) -> str:
    """Return which store that is, without a password."""
    if settings.database_url is None:
        return str(settings.database)
    from qjob.store.postgres.address import Address

    return Address(settings.database_url.get_secret_value(), 0).shown


def status(store: Store, settings: Settings, moment: datetime) -> str:
    """Return how the workers of a user stand, as a table."""
    living = store.live_workers(settings.user)
    unfinished = store.durable_unfinished(settings.user)
    in_hand = sum(one.jobs for one in living)
    lines = [
        f"Store: {place(settings)}",
        f"Durable jobs of {settings.user}: {unfinished} not ended, {in_hand} in hand",
    ]
    lines += [f"  {line(one, moment)}" for one in living] or ["No worker runs."]
    return "\n".join(lines)


def line(worker: WorkerRecord, moment: datetime) -> str:
    """Return a worker in a line."""
    minutes = (moment - worker.began_at).total_seconds() / 60
    going = {"stop": ", stops", "drain": ", ends when it has nothing in hand", None: ""}[worker.asked]
    heard = f", not heard of for {worker.silent:.0f} s" if worker.deaf else ""
    return f"{worker.name}  qjob {worker.version}  up {minutes:.0f} min  {worker.jobs} jobs in hand{going}{heard}"


def _ask(store: Store, user: str, asked: Asked) -> int:
    living = store.live_workers(user)
    if not living:
        print("No worker runs.")
        return 0
    for one in living:
        store.ask_worker(one.id, asked)
    names = ", ".join(one.name for one in living)
    if asked == "drain":
        print(
            f"{names}: takes up nothing more, and ends once its {sum(one.jobs for one in living)} jobs have ended."
        )
        return 0
    end = time.monotonic() + PATIENCE
    while left := [one.name for one in store.live_workers(user) if one.asked == "stop"]:
        if time.monotonic() > end:
            raise WorkerError(
                f"{', '.join(left)} has not ended within {PATIENCE:g} s.",
                remedy="End the process yourself (kill PID); another worker goes on with its jobs.",
            )
        time.sleep(LOOK)
    print(f"{names}: ended. Jobs that it had in hand go on with the next worker: qjob worker")
    return 0
