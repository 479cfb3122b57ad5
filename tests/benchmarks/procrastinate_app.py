"""procrastinate's queue in PostgreSQL and its one task; as a script, a worker process.

A worker has one job in hand at a time, is told of new ones by the server, and deletes those that are done.
"""

import os

from peers import SHOTS, run_bell
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

URL = os.environ["BENCH_PROCRASTINATE"]
WORKS = __name__ == "__main__"
LEFT = "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
NOT_DONE = "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status <> 'succeeded')"

app = App(connector=(PsycopgConnector if WORKS else SyncPsycopgConnector)(conninfo=URL))


@app.task(name="bell")
def bell(angle: float) -> None:
    """Run the tiny job."""
    if sum(run_bell(angle).values()) != SHOTS:
        raise RuntimeError("not all shots were counted")


if WORKS:
    app.run_worker(delete_jobs="successful")
