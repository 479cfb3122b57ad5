"""SIGKILL of something every second while durable jobs run: ``python tests/chaos/durable.py --jobs 500 --seed 1``.

Four processes submit, three ``qjob worker`` run what they submit, here and at a loopback Amazon Braket that loses,
delays, repeats and refuses answers. Workers, their simulators, templates and agents, and those who submit, are
killed at random and begun again; one worker with jobs in hand is frozen until others have taken these over, and
woken. At the end every job has ended once, with the counts of an uninterrupted run; see `durable_checks`.
"""

import os
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import argparse
import contextlib
import json
import secrets
import shutil
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import quote

import durable_checks
from durable_world import Chaos

from loopback.client import Loopback
from qjob.engine import Engine
from qjob.store.store import Store


@contextlib.contextmanager
def schema_at(url):
    """Give the URL of a schema of its own in a database, which is dropped in the end."""
    if url is None:
        yield None
        return
    import psycopg

    name = f"chaos_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages TO warning")
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
        connection.execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={name},public', safe='')}"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET client_min_messages TO warning; SET lock_timeout TO '20s'")
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def prepared(settings):
    """Make the store, and let its team spend and submit as much as it likes."""
    with Engine(settings) as engine:
        engine.limits(user_per_minute=100_000, team_per_day=1_000_000)
        engine.budget(day=100_000, month=1_000_000, job=1_000)


def one_run(given, seed, folder, url, loopback):
    """Run; return what is wrong, and what happened."""
    chaos = Chaos(given, seed, folder / "home", url, loopback)
    prepared(chaos.settings)
    store = Store.of(chaos.settings, lambda: datetime.now(UTC))
    began = time.monotonic()
    try:
        finished = chaos.run(store)
        seconds = time.monotonic() - began
        loopback.calm()
    finally:
        store.close()
        chaos.close()
    try:
        with talking_to(loopback), Engine(chaos.settings) as engine:
            problems = [] if finished else [f"not over within {given.patience:g} s, or no worker was frozen"]
            found = durable_checks.wrong(
                engine, chaos.jobs, chaos.promised(), chaos.references(), loopback.tasks()
            )
            problems += found
            facts = durable_checks.figures(engine)
    finally:
        chaos.close()  # an engine starts a worker where jobs are left
    if problems and given.keep:
        print(f"the logs are in {folder}")
    return problems, chaos, facts, seconds


@contextlib.contextmanager
def talking_to(loopback):
    """Let this process, too, talk to the loopback alone."""
    before = dict(os.environ)
    os.environ.update(loopback.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--submitters", type=int, default=4)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seconds-between-kills", type=float, default=1.0)
    parser.add_argument("--remote-share", type=float, default=0.3)
    parser.add_argument("--submit-seconds", type=float, help="in which they submit all (default: 0.3 a job)")
    parser.add_argument("--patience", type=float, help="seconds for all to end (default: 120, and 3 a job)")
    parser.add_argument("--url", help="postgresql://...: in a schema of its own there, not in a file")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--keep", action="store_true", help="keep the folder with the logs where something is wrong"
    )
    given = parser.parse_args(arguments)
    seed = secrets.randbits(32) if given.seed is None else given.seed
    given.submit_seconds = given.submit_seconds or 0.3 * given.jobs
    given.patience = given.patience or 120 + 3 * given.jobs
    print(f"seed {seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="qjob-chaos-"))
    (folder / "home").mkdir()
    with Loopback.start() as loopback, schema_at(given.url) as url:
        problems, chaos, facts, seconds = one_run(given, seed, folder, url, loopback)
    for problem in problems:
        print(problem)
    kinds = Counter(job.kind for job in chaos.jobs.values())
    rows = {
        "store": "SQLite" if given.url is None else "PostgreSQL",
        "jobs": ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())),
        "killed": ", ".join(f"{count} {kind}s" for kind, count in sorted(chaos.kills.items())),
        "wrong at AWS": ", ".join(f"{count} {fault}" for fault, count in sorted(chaos.disturbed.items())),
        "jobs taken over from a frozen worker": chaos.taken_over,
        **dict(facts),
        "seconds": round(seconds),
    }
    for name, value in rows.items():
        print(f"{name:>40}  {value}")
    print(json.dumps({"ok": not problems, "seed": seed, "kills": sum(chaos.kills.values())}))
    if not (problems and given.keep):
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
