"""What every test shares: a home of its own, a schema if it asks, and a guard that lets nothing off this machine."""

import atexit
import contextlib
import os
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import settings

from durable_lab import durable, durable_anywhere, uninterrupted
from lanes import dealt
from loopback import guard
from loopback.fixtures import loopback, loopback_process
from loopback.offline.sitecustomize import foreign_host

__all__ = ["durable", "durable_anywhere", "loopback", "loopback_process", "uninterrupted"]

KEPT = "QJOB_TEST_POSTGRES"
POSTGRES = os.environ.pop("QJOB_DATABASE_URL", None) or os.environ.get(KEPT)
"""A server for the tests that ask for one; all others have their store in a file."""
if POSTGRES is not None:
    os.environ[KEPT] = POSTGRES  # for the processes of a run in parallel

if "CI" not in os.environ:  # where hypothesis has such a profile of its own
    settings.register_profile("here", deadline=None)  # how long an example takes says how busy the machine is
    settings.load_profile("here")

CLOSED = guard.close(os.environ)
"""Where every AWS client of a test ends up that does not ask for the loopback."""

atexit.register(CLOSED.close)


def _only_loopback(event, args):
    """Refuse to look up or connect to another machine; an audit hook sees every socket of the process."""
    if event.startswith("socket.") and (host := foreign_host(event, args)) is not None:
        raise AssertionError(f"a test tried to reach {host}")


sys.addaudithook(_only_loopback)


SLOW = (
    *("loopback", "test_two_processes.py", "test_braket.py", "test_services.py", "test_proposing.py"),
    *("test_engine_ends.py", "test_treasury.py", "test_batch.py", "test_partial.py", "test_billing.py"),
    *("execution/test_runner.py", "execution/test_runner_faults.py", "execution/test_pool.py"),
    *("execution/test_template.py", "execution/test_direct.py", "execution/test_hands.py"),
    *("test_durable_crashes.py", "test_durable_traces.py", "test_durable_server.py", "chaos/test_durable.py"),
    *("test_durable_troubles.py", "test_durable_services.py", "server/test_newsroom.py", "test_reading.py"),
    *("notebook/test_live.py", "backends/aer/test_noise_model.py", "backends/aer/test_trajectories.py"),
    *("backends/braket/conversion", "backends/braket/test_creating.py", "backends/braket/test_preflight.py"),
    *("backends/braket/test_following.py", "backends/braket/test_following_faults.py"),
    *("backends/braket/test_following_money.py", "backends/braket/test_following_others.py"),
)
"""Beside what is marked so: what starts processes, or many simulations, and takes seconds in all."""


def pytest_collection_modifyitems(config, items):
    """Keep the fast part fast: what it leaves out is in one list; and have several processes done at one time."""
    here = Path(__file__).parent
    listed = {here / name for name in SLOW}
    slow = {path for path in {item.path for item in items} if not listed.isdisjoint((path, *path.parents))}
    for item in items:
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
    if (processes := getattr(config, "workerinput", {}).get("workercount", 1)) > 1:
        items[:] = dealt(items, here, processes)


@pytest.fixture(scope="session", autouse=True)
def any_number_of_local_jobs():
    """Local jobs do not count for the rate limits, but where a test says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QJOB_COUNT_LOCAL", "false")
        yield


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a server in whose database tests may make and drop schemas."""
    if POSTGRES is None:
        pytest.skip("QJOB_DATABASE_URL names no PostgreSQL server")
    return POSTGRES


class Schemas:
    """Each path is a schema of its own in one PostgreSQL database.

    Making one takes ten times as long as most tests, so they are emptied and used again.
    """

    kind = "postgres"
    tables = (
        "group_jobs, job_groups, request_keys, api_keys, "
        "tags, progress, attachments, results, attempts, checkpoints, workers, log, ledger, limit_changes, spending, "
        "jobs, batches, programs, users, members, teams"
    )

    def __init__(self, url):
        self.url = url
        self.made, self.empty, self.count = {}, [], 0

    def argument(self, path, *, new=False):
        """The URL of a path's schema, which is there with the first look at it; a new one has no tables yet."""
        if path not in self.made:
            self.made[path] = self.empty.pop() if self.empty and not new else self._make()
        options = quote(f"-csearch_path={self.made[path]},public", safe="")
        return f"{self.url}{'&' if '?' in self.url else '?'}options={options}"

    def _make(self):
        self.count += 1
        name = f"test_{os.getpid()}_{self.count}"
        with self.connect() as connection:
            connection.execute("SET client_min_messages TO warning")
            connection.execute(
                "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public"
            )  # not in one that is dropped
            connection.execute(f"CREATE SCHEMA {name}")
        return name

    def connect(self):
        import psycopg

        return psycopg.connect(self.url, autocommit=True)

    def open(self, path, clock, **options):
        from qjob.store.store import Store

        return Store.connect(self.argument(path), clock=clock, **options)

    @contextlib.contextmanager
    def raw(self, path):
        import psycopg

        with contextlib.closing(psycopg.connect(self.argument(path), autocommit=True)) as connection:
            yield connection

    def clean(self):
        """Empty the schemas of a test, for the next one."""
        if not self.made:
            return
        with self.connect() as connection:
            connection.execute("SET session_replication_role TO replica; SET lock_timeout TO '20s'")
            for name in self.made.values():
                connection.execute(f"SET search_path TO {name}")
                for table in self.tables.split(", "):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        self.empty += self.made.values()
        self.made.clear()

    def drop(self, names):
        with self.connect() as connection:
            connection.execute("SET client_min_messages TO warning; SET lock_timeout TO '20s'")
            for name in names:
                connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(scope="session")
def schemas(postgres_server):
    schemas = Schemas(postgres_server)
    yield schemas
    schemas.drop([*schemas.empty, *schemas.made.values()])


@pytest.fixture
def database_url(schemas):
    """The URL of a database with an empty store in it, for this test alone."""
    yield schemas.argument("alone")
    schemas.clean()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A QJOB_HOME of the test's own, inherited by the processes it starts."""
    folder = tmp_path / "qjob-home"
    monkeypatch.setenv("QJOB_HOME", str(folder))
    names = ("QJOB_USER", "QJOB_WORKERS", "QJOB_WORKER_START", "JUPYTERHUB_USER")
    for name in (*names, *(each for each in os.environ if each.startswith("OTEL_"))):
        monkeypatch.delenv(name, raising=False)
    return folder
