"""How PostgreSQL finds the jobs of a page."""

import re

import psycopg
import pytest

from qjob.store.listing import JobFilter
from qjob.store.postgres.database import Database


def test_a_store_made_without_a_text_index_gets_one_later(new_world, world, monkeypatch):
    job_id = world.job(name="bell")
    with world.raw as connection:
        connection.execute("DROP INDEX jobs_search")

    def not_there(*_):
        raise psycopg.errors.UndefinedFile("could not open extension control file")

    monkeypatch.setattr(world.store._db.queries, "trigram_schema", not_there)
    old = new_world(world.path)
    assert not old.store._db.has_text_index
    assert [job.id for job in old.store.jobs(JobFilter(text="bell"))] == [job_id]
    old.store.close()
    monkeypatch.undo()
    new = new_world(world.path)
    assert new.store._db.has_text_index
    assert [job.id for job in new.store.jobs(JobFilter(text="bell"))] == [job_id]
    new.store.close()


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("bell", "%bell%"), ("50%", r"%50\%%"), ("x_y", r"%x\_y%"), ("a\\b", r"%a\\b%"), (r"\%", r"%\\\%%")],
)
def test_what_the_text_index_is_asked(text, pattern):
    assert Database.text_pattern(None, text) == pattern


FILL = """
INSERT INTO jobs (
    number, id, username, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, created_at, ended_at, search, name
)
SELECT
    n, md5(n::text), 'ada',
    CASE WHEN n % 50 = 0 THEN 'sv1' ELSE 'marqov-sim' END, 'd', 1, 1, 1, '{}', 'direct', '{}',
    CASE WHEN n % 100 = 0 THEN 'QUEUED' ELSE 'CANCELLED' END, n, CASE WHEN n % 100 > 0 THEN n END,
    md5(n::text), 'name'
FROM generate_series(1, 5000) AS n
"""


@pytest.fixture
def explain(world):
    """Return how the server would run a query on five thousand jobs."""
    with world.raw as connection:
        connection.execute("INSERT INTO programs VALUES ('d', 'qasm3', '')")
        connection.execute(FILL)
        connection.execute("VACUUM ANALYZE jobs")

    def run(query, **values):
        text = getattr(world.store._sql, query).sql
        with world.store._db.read() as connection:
            return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {text}", values))

    return run


def test_each_page_has_an_index_that_leads(explain):
    page = {"first": 0, "before": 2**63 - 1, "max_rows": 10}
    skipped = {**page, "skipped": 0}
    ranked = {**skipped, "rank": 2**62, "below": 2**63 - 1, "reach": 10}
    rest = {f"s{i}": "QUEUED" for i in range(1, 8)} | {"backend": ""}
    plans = {
        "jobs_living": explain("ordered_newest", **skipped),
        "jobs_shots": explain("ordered_shots", **ranked),
        "jobs_cost": explain("ordered_cost", **ranked),
        "jobs_run_time": explain("ordered_run_time", **ranked),
        "jobs_status": explain("page_of_status", status="QUEUED", **page),
        "jobs_backend": explain("page_of_backend", backend="sv1", **page),
        "jobs_backend_status": explain("page_of_both", backend="sv1", status="QUEUED", **page),
        "jobs_team": explain("page_of_team", team="a-team", **page),
        "jobs_search": explain("page_of_text", match="%abc12%", part="abc12", **rest, **page),
        "jobs_id_key": explain("page_of_prefix", low="abcd", high="abcd\U0010ffff", **rest, **page),
        "jobs_unfinished": explain("unfinished"),
    }
    assert {index: plan for index, plan in plans.items() if not re.search(rf"\b{index}\b", plan)} == {}
    assert not any("Seq Scan" in plan for plan in plans.values())
