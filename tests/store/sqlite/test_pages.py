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
        ("ordered_newest", False),
        ("ordered_oldest", False),
        ("ordered_cost", False),
        ("ordered_run_time", False),
        ("ordered_shots", False),
        ("page_of_status", False),
        ("page_of_backend", False),
        ("page_of_both", False),
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
