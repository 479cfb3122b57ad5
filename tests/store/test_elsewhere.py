"""Jobs at a service: what it calls them, who follows them, and the texts that are kept."""

from datetime import UTC

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.errors import NoSuchJob
from qjob.model.events import Progress, Queued
from qjob.model.job import JobStatus, Pending
from qjob.store import rows

S = JobStatus
SITE = {"account": "111122223333", "region": "us-east-1", "profile": "lab"}


def kinds(world, job_id):
    return [str(entry.kind) for entry in world.store.log(job_id)]


def test_a_site_is_kept_and_only_where_there_is_one(world):
    assert world.store.job(world.job()).site is None
    assert world.store.job(world.job(site=SITE)).site == SITE


def test_what_is_admitted_later_gets_its_site_then(world):
    here, there = (
        world.store.propose(world.record(), world.program, lambda _: Pending(preflight=True)).id
        for _ in range(2)
    )
    assert world.store.job(there).pending == Pending(preflight=True)
    world.store.admit([here, there], lambda *_: False, {there: SITE})
    assert (world.store.job(here).site, world.store.job(there).site) == (None, SITE)


def test_the_remote_id_is_stored_and_logged_once(world):
    job_id = world.job(S.QUEUED, site=SITE)
    assert world.store.submitted(job_id, "arn:1")
    assert not world.store.submitted(job_id, "arn:1")
    assert world.store.job(job_id).remote_id == "arn:1"
    assert kinds(world, job_id) == ["accepted", "queued", "submitted"]
    assert world.store.log(job_id)[-1].data == {"remote_id": "arn:1"}


@pytest.mark.parametrize(
    ("status", "dead", "taken"),
    [
        (S.QUEUED, "me", True),
        (S.RUNNING, "me", True),
        (S.CANCELLING, "me", True),
        (S.COMPLETED, "me", False),
        (S.FAILED, "me", False),
        (S.QUEUED, "another", False),
    ],
)
def test_only_what_has_not_ended_and_belongs_to_the_dead_is_adopted(world, status, dead, taken):
    job_id = world.job(status, site=SITE)
    assert world.store.adopt(job_id, dead=dead, owner="you") is taken
    assert world.store.job(job_id).owner == ("you" if taken else "me")
    assert not world.store.adopt(job_id, dead="me", owner="third") or not taken


def test_attachments_are_kept_by_kind_and_replaced(world):
    job_id = world.job(S.RUNNING)
    assert world.store.attachments(job_id) == {}
    for kind, text in (("sent", "h q[0];"), ("compiled", "rx(π) $0;"), ("sent", "x q[0];")):
        world.store.attach(job_id, kind, text)
    assert world.store.attachments(job_id) == {"compiled": "rx(π) $0;", "sent": "x q[0];"}


def test_what_is_said_of_unknown_jobs_is_an_error(world):
    with pytest.raises(NoSuchJob):
        world.store.submitted("beef", "arn:1")
    with pytest.raises(NoSuchJob):
        world.store.attach("beef", "sent", "")
    assert not world.store.adopt("beef", dead="me", owner="you")
    assert world.store.attachments("beef") == {}


@given(
    st.builds(
        Queued,
        st.none() | st.integers(1, 10**9),
        st.none() | st.integers(0, 10**9),
        st.booleans(),
        st.none() | st.datetimes(timezones=st.just(UTC)),
    )
)
def test_a_place_in_a_queue_survives_its_row(queue):
    progress = Progress("waiting", queue=queue)
    assert Progress.from_object(orjson.loads(rows.to_json(progress))) == progress
