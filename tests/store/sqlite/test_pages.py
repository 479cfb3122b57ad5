"""How SQLite finds the jobs of a page."""

import re

import pytest

from qjob.store.listing import JobFilter
from qjob.store.sqlite import database as sqlite_database


def test_a_store_made_without_a_text_index_gets_one_later(new_world, monkeypatch, tmp_path):
    monkeypatch.setattr(sqlite_database.sqlite3, "sqlite_version_info", (3, 33, 0))
    old = new_world(tmp_path / "old" / "q.sqlite")
    job_id = old.job(name="bell")
    assert not old.store._db.has_text_index
    assert [job.id for job in old.store.jobs(JobFilter(text="bell"))] == [job_id]
    old.store.close()
    monkeypatch.undo()
    new = new_world(old.path)
    assert new.store._db.has_text_index
    assert [job.id for job in new.store.jobs(JobFilter(text="bell"))] == [job_id]
    new.store.close()


@pytest.mark.parametrize(
    ("query", "sorts"),
    [
        ("page_of_status", False),
        ("page_of_backend", False),
        ("page_of_both", False),
        ("page_of_team", False),
        ("page_of_text", False),
        ("page_of_scan", False),
        ("page_of_prefix", True),  # of the few whose id begins with the text
        ("unfinished", True),  # the few that have not ended
    ],
)
def test_no_page_is_made_by_sorting_or_reading_all_jobs(world, query, sorts):
    text = getattr(world.store._sql, query).sql
    names = re.findall(r":(\w+)", text)
    with world.store._db.read() as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", dict.fromkeys(names, 1))]
    assert any("ORDER BY" in step for step in plan) == sorts
    assert "SCAN jobs" not in plan


@pytest.mark.parametrize(
    ("query", "found_by"),
    [
        ("ordered_newest", {"jobs_living (number>? AND number<?)"}),
        ("ordered_oldest", {"jobs_living (number>? AND number<?)"}),
        ("ordered_cost", {"jobs_cost (<expr>=? AND rowid>? AND rowid<?)", "jobs_cost (<expr><?)"}),
        (
            "ordered_run_time",
            {"jobs_run_time (<expr>=? AND rowid>? AND rowid<?)", "jobs_run_time (<expr><?)"},
        ),
        ("ordered_shots", {"jobs_shots (shots=? AND rowid>? AND rowid<?)", "jobs_shots (shots<?)"}),
    ],
)
def test_an_index_leads_to_the_place_where_a_page_of_an_order_begins(world, query, found_by):
    text = getattr(world.store._sql, query).sql
    names = re.findall(r":(\w+)", text)
    with world.store._db.read() as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", dict.fromkeys(names, 1))]
    searched = {step.partition(" INDEX ")[2] for step in plan if "jobs" in step and " INDEX " in step}
    assert searched == found_by


def test_what_no_index_leads_to_is_found_without_reading_rows(world):
    queries = [name for name in world.store._sql.available_queries if name.startswith(("sifted", "totals"))]
    queries = [name for name in queries if not name.endswith("_cursor")]
    assert len(queries) == 18
    for query in queries:
        text = getattr(world.store._sql, query).sql
        names = re.findall(r":(\w+)", text)
        with world.store._db.read() as connection:
            values = dict.fromkeys(names, 1)
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        covering = (
            "USING COVERING INDEX jobs_lines" if not query.endswith("_scan") else "USING INDEX jobs_lines"
        )
        assert any(covering in step for step in plan), query
