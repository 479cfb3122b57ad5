"""Durable jobs whose store is in a server that cannot be reached for a while."""

from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import pytest

from cable import Cable
from durable_lab import BELL, SLOW, lab_at, until
from qjob.model.errors import WaitTimeout

SHOTS = 300


@pytest.fixture
def cable(database_url):
    found = urlsplit(database_url)
    made = Cable(found.hostname, found.port or 5432)
    yield made
    made.close()


@pytest.fixture
def lab(home, database_url, cable):
    """Its worker reaches the store by the cable; this process does not need it."""
    found = urlsplit(database_url)
    who, at, _ = found.netloc.rpartition("@")
    by_cable = urlunsplit(found._replace(netloc=f"{who}{at}127.0.0.1:{cable.port}"))
    with lab_at(home, database_url) as made:
        made.worker(environ={"QJOB_DATABASE_URL": by_cable})
        yield made


@pytest.mark.parametrize("seconds", [0.0, 3.0, 13.0], ids=["for a moment", "for seconds", "beyond the lease"])
def test_the_connection_of_a_worker_is_lost_in_mid_job_and_back(lab, cable, seconds):
    job = lab.submit(SLOW, shots=SHOTS)
    until(lambda: (lab.checkpoint(job) or 0) > 30, what="a checkpoint")
    cable.cut()
    with suppress(WaitTimeout):
        job.wait(
            seconds
        )  # beyond the lease another worker, which the engine has started, may be done with it
    cable.mend()
    job.wait(120)
    assert job.counts == lab.submit(SLOW, shots=SHOTS, mode="direct").wait(120).counts
    attempts = job.attempts()
    assert [one.number for one in attempts] == list(range(1, len(attempts) + 1))
    assert all(one.ended_at is not None for one in attempts)
    assert lab.kinds(job).count("completed") == 1
    assert lab.engine.audit().ok


def test_a_worker_that_was_cut_off_takes_up_jobs_again(lab, cable):
    lab.submit(BELL).wait(60)
    cable.cut()
    job = lab.submit(BELL)
    cable.mend()
    job.wait(60)
    assert lab.engine.audit().ok
