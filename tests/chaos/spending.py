"""kill -9 of four who spend one team's money: ``python tests/chaos/spending.py --kills 200 --seed 1``.

First they submit paid jobs against the limits of a day and a month, over two midnights: nothing is overspent at any
moment of the ledger, and whoever opens the store after the last death leaves no hold behind. Then they submit as
fast as they can against the rate limits, on a clock that stands still between its jumps: exactly as many are
admitted at each of its moments as there is room for.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: this process forks, so it may have no threads

import argparse
import contextlib
import random
import secrets
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import psycopg
from kill import Lines, forked
from spender import EPOCH, MICROSECOND, Clock, Spender

from qjob.engine import Engine
from qjob.model.money import NANO
from qjob.settings import load_settings

SUBMITTERS = 4
PATIENCE = 60.0
SERVER_NOTICES = 5.0
"""Seconds within which a server knows that a killed process is gone."""
PER_DAY, PER_MONTH = 40, 60
DAYS = [datetime(2026, 3, 30, 23, 59, 58, tzinfo=UTC) + timedelta(days=day) for day in range(3)]
"""When the first part begins and ends its days; the last one is of another month."""
PER_MINUTE, PER_24_HOURS = 40, 100
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EXPECTED = {
    NOON: PER_MINUTE,
    NOON + 60 * SECOND - MICROSECOND: 0,
    NOON + 60 * SECOND: PER_MINUTE,
    NOON + 120 * SECOND: PER_24_HOURS - 2 * PER_MINUTE,
    NOON + 180 * SECOND: 0,
    NOON + timedelta(hours=24) - MICROSECOND: 0,
    NOON + timedelta(hours=24): PER_MINUTE,
    NOON + timedelta(hours=24, minutes=1): PER_MINUTE,
}
"""How many submissions fit at each moment of the second part, one after the other."""
PRICED = """
[[backend]]
slug = "qb-sim-statevector"
price = {kind = "task", task_fee = "0.30", per_shot = "0.01", currency = "USD", source = "test", as_of = 2026-03-01}
"""


class Slot:
    """A submitter as its killer sees it."""

    def __init__(self, run):
        read, write = os.pipe()

        def begin():
            os.close(read)
            run(write)

        self.pid = forked(begin)
        os.close(write)
        self.lines = Lines(read)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def close(self):
        os.close(self.lines.descriptor)


class Chaos:
    """Four submitters of one home, and what they said."""

    def __init__(self, settings, draw, clock):
        self.settings, self.random, self.clock = settings, draw, clock
        self.promised, self.refusals, self.kills = set(), Counter(), Counter()
        self.refused_at = {}
        self.slots = {}

    def fill(self, place, kind):
        if place in self.slots:
            self.slots[place].kill()
            self.listen()
            self.slots.pop(place).close()
            self.kills[kind] += 1
        seed = self.random.random()
        self.slots[place] = Slot(lambda out: getattr(Spender(self.settings, self.clock, out, seed), kind)())
        self.refused_at.pop(place, None)

    def listen(self):
        for place, slot in self.slots.items():
            for words in slot.lines.new() or []:
                match words:
                    case ["admitted", job_id]:
                        self.promised.add(job_id)
                    case ["refused", code, now]:
                        self.refusals[code] += 1
                        self.refused_at[place] = now

    def end(self):
        for slot in self.slots.values():
            slot.kill()
            self.kills["at the end"] += 1
        self.listen()
        for slot in self.slots.values():
            slot.close()
        self.slots = {}

    def spend(self, kills):
        """Kill those who spend, on each of the days."""
        kinds = cycle(["spend", "spend", "spend", "spend_in_an_engine"])
        for place, kind in zip(range(SUBMITTERS), kinds, strict=False):
            self.fill(place, kind)
        for kill in range(kills):
            self.clock.set(DAYS[kill * len(DAYS) // kills] + self.random.random() * SECOND)
            place = self.random.randrange(SUBMITTERS)
            engine = place == SUBMITTERS - 1
            time.sleep(self.random.uniform(0, 0.9 if engine else 0.12))
            self.fill(place, "spend_in_an_engine" if engine else "spend")
        self.end()

    def hurry(self, kills):
        """Kill those who hurry, at each moment of the clock, until all of them are refused there."""
        for place in range(SUBMITTERS):
            self.fill(place, "hurry")
        for moment in EXPECTED:
            self.clock.set(moment)
            for _ in range(kills // len(EXPECTED) + 1):
                time.sleep(self.random.uniform(0, 0.06))
                self.fill(self.random.randrange(SUBMITTERS), "hurry")
            begin = time.monotonic()
            while any(self.refused_at.get(place) != moment.isoformat() for place in self.slots):
                if time.monotonic() - begin > PATIENCE:
                    sys.exit(f"at {moment} not all were refused within {PATIENCE:g} s")
                time.sleep(0.002)
                self.listen()
        self.end()


# -- in processes of their own, as the one that forks must never hold a store -------------------------------------


@contextlib.contextmanager
def rows_of(settings):
    """Yield what reads rows past the store: a function from a statement to its rows."""
    if settings.database_url is None:
        connection = sqlite3.connect(settings.database)
    else:
        connection = psycopg.connect(settings.database_url.get_secret_value(), autocommit=True)
    with contextlib.closing(connection):
        yield lambda statement: connection.execute(statement).fetchall()


def prepare(settings, clock):
    """Make the store and set its limits."""
    settings.home.mkdir()
    (settings.home / "backends.toml").write_text(PRICED)
    with Engine(settings, clock=clock) as engine:
        if clock() == NOON:
            engine.limits(user_per_minute=PER_MINUTE, team_per_day=PER_24_HOURS)
        else:
            engine.budget(day=PER_DAY, month=PER_MONTH, job=5)
            engine.limits(user_per_minute=1_000_000, team_per_day=1_000_000)


def check(settings, clock, promised, look):
    """Open the store as the next kernel does; return what is wrong, also by a look at the rows."""
    with rows_of(settings) as rows:
        [[left]] = rows("SELECT count(*) FROM jobs WHERE ended_at IS NULL")
    with Engine(settings, clock=clock) as engine:  # opening sweeps
        until = time.monotonic() + (SERVER_NOTICES if settings.database_url else 0)
        while engine.store.unfinished() and time.monotonic() < until:
            engine.sweep()
        problems = [f"{job.id} is {job.status} after a sweep" for job in engine.store.unfinished()]
        audit = engine.audit()
        problems += [f"{finding.code}: {finding.what}" for finding in audit.findings]
        engine.store.check()
    with rows_of(settings) as rows:
        stored = {job_id for (job_id,) in rows("SELECT id FROM jobs")}
        problems += [f"{job_id} is lost" for job_id in promised - stored]
        problems += [
            f"{held} are still held of {day}"
            for day, held in rows("SELECT day, held FROM spending WHERE held <> 0")
        ]
        problems += look(rows)
    print(f"  {len(stored)} jobs, {left} of dead owners ended by the last sweep, {audit.movements} movements")
    return problems


def overspent(rows):
    """Add up what is in use after each movement, in the order of the ledger; yield where that is too much."""
    used = Counter()
    effect = {"hold": 1, "release": -1, "charge": 0, "overrun": 1, "refund": -1}
    for number, day, kind, amount in rows("SELECT number, day, kind, amount FROM ledger ORDER BY number"):
        for period, limit in ((day, PER_DAY), (day[:7], PER_MONTH)):
            used[period] += effect[kind] * amount
            if used[period] > limit * NANO:
                yield f"{used[period]} are in use in {period} after movement {number}"
        if kind == "overrun":
            yield f"movement {number} is an overrun, and nobody asked for one"


def miscounted(rows):
    """Yield the moments at which not exactly as many were admitted as had room."""
    counted = dict(rows("SELECT admitted_at, count(*) FROM jobs WHERE slot = 1 GROUP BY admitted_at"))
    for moment, expected in EXPECTED.items():
        found = counted.pop((moment - EPOCH) // MICROSECOND, 0)
        if found != expected:
            yield f"{found} were admitted at {moment}, not {expected}"
    if counted:
        yield f"submissions at other moments: {counted}"


def in_a_process(run, *arguments):
    """Run a function in a forked process; return the problems that it returns."""
    read, write = os.pipe()

    def say():
        problems = run(*arguments) or []
        with os.fdopen(write, "w") as out:
            out.write("\n".join(problems))
        sys.stdout.flush()

    pid = forked(say)
    os.close(write)
    with os.fdopen(read) as said:
        problems = said.read().splitlines()
    if status := os.waitpid(pid, 0)[1]:
        problems.append(f"{run.__name__} ended with {status}")
    return problems


@contextlib.contextmanager
def schema_of(url):
    """Yield the URL of a new schema in a database; without a URL, None."""
    if url is None:
        yield None
        return
    name = f"chaos_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
        connection.execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}%2Cpublic"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET client_min_messages TO warning")
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def part(name, kills, draw, begins, url):
    """Run one part in a home and a schema of its own; return how many were killed and what was wrong."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, schema_of(url) as schema:
        clock, begin = Clock(begins), time.monotonic()
        settings = load_settings({}, home=Path(folder) / "home", user="ada", workers=1, database_url=schema)
        problems = in_a_process(prepare, settings, clock)
        chaos = Chaos(settings, draw, clock)
        getattr(chaos, name)(kills)
        look = {"spend": overspent, "hurry": miscounted}[name]
        problems += in_a_process(check, settings, clock, chaos.promised, look)
    if not chaos.promised or not chaos.refusals:
        problems.append("nothing was admitted, or nothing refused: this part has shown nothing")
    print(
        f"{name}: killed {dict(chaos.kills)}; {len(chaos.promised)} jobs promised, refusals {dict(chaos.refusals)}; "
        f"{time.monotonic() - begin:.0f} s",
        flush=True,
    )
    return sum(chaos.kills.values()), problems


def main(arguments):
    """Run both parts and print the seed, what was wrong, and one line of summary."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--url", help="of a PostgreSQL database, for a schema of which to run it")
    given = parser.parse_args(arguments)
    seed = secrets.randbits(32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    draw, kills, problems = random.Random(seed), 0, []
    for name, share, begins in (("spend", 0.6, DAYS[0]), ("hurry", 0.4, NOON)):
        killed, wrong = part(name, round(given.kills * share), draw, begins, given.url)
        kills += killed
        problems += wrong
    print(*problems[:50], sep="\n")
    print(f"{'BROKEN' if problems else 'ok'}: seed {seed}, killed {kills}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
