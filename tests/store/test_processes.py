"""Several processes at once, and processes that are killed: nothing is lost, nothing happens twice."""

import random
from collections import Counter

import pytest

from qjob.model.job import JobStatus


@pytest.mark.slow
def test_four_processes_that_write_at_once_lose_nothing_and_make_each_move_once(
    tmp_path, new_world, places, script
):
    path = tmp_path / "home" / "q.sqlite"
    lines = [line.split() for line in script("writing.py", "together", places.argument(path))]
    world = new_world(path)
    jobs = world.store.jobs(limit=1000)
    logs = {job.id: [(entry.seq, entry.kind.value) for entry in world.store.log(job.id)] for job in jobs}
    world.store.check()
    world.store.close()
    assert {job_id for word, job_id in lines if word == "accepted"} == {job.id for job in jobs}
    assert len(jobs) == 200
    assert Counter(job.name for job in jobs) == {f"writer{i}": 50 for i in range(4)}
    # each move was made once, by whichever process, and is in the log once
    moves = Counter((word, job_id) for word, job_id in lines if word != "accepted")
    assert set(moves.values()) == {1}
    for job in jobs:
        made = [status.value for status in JobStatus if (status.value, job.id) in moves]
        assert [seq for seq, _ in logs[job.id]] == list(range(len(made) + 1))
        assert [kind for _, kind in logs[job.id]] == ["accepted", *(status.lower() for status in made)]


@pytest.mark.slow
def test_a_killed_writer_leaves_all_that_it_was_told(tmp_path, places, database, script):
    seed = random.randrange(10**6)
    print("seed", seed)
    rounds = {"sqlite": 30, "postgres": 10}[database]
    [line] = script("writing.py", "killed", places.argument(tmp_path / "home" / "q.sqlite"), seed, rounds)
    assert int(line.split()[1]) >= rounds
