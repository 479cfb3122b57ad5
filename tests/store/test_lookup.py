"""From what a user types to a job."""

import pytest

from qjob.model.errors import AmbiguousJob, NoSuchJob
from qjob.model.job import JobStatus
from qjob.store.lookup import short_ids

A1 = "aaaa1111-0000-4000-8000-000000000001"
A2 = "aaaa1111-0000-4000-8000-000000000002"
B = "bbbb2222-0000-4000-8000-000000000003"
C = "cccc3333-0000-4000-8000-000000000004"
D = "dddd4444-0000-4000-8000-000000000005"


@pytest.fixture
def known(world):
    world.job(id=A1, name="bell")
    world.job(id=A2, name="ghz")
    world.job(id=B, name="bell", status=JobStatus.COMPLETED)
    world.job(id=C, name="face")
    world.job(id=D, name="cccc")
    return world.store


@pytest.mark.parametrize(
    ("text", "job_id"),
    [
        pytest.param(A1, A1, id="a full id"),
        pytest.param(A1.upper(), A1, id="in capitals"),
        pytest.param(f" {B} ", B, id="with spaces around"),
        pytest.param("bbbb", B, id="four characters"),
        pytest.param("BBBB22", B, id="six in capitals"),
        pytest.param(A2[:-1] + "2", A2, id="all but told apart"),
        pytest.param("ghz", A2, id="a name"),
        pytest.param("face", C, id="a name that could be an id"),
    ],
)
def test_what_stands_for_one_job(known, text, job_id):
    assert known.resolve(text) == job_id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("bbb", id="three characters"),
        pytest.param("eeee", id="no such beginning"),
        pytest.param("Ghz", id="a name in other letters"),
        pytest.param("%", id="a wildcard"),
        pytest.param("bbb%", id="a beginning with a wildcard"),
        pytest.param(A1 + "0", id="longer than an id"),
        pytest.param("x" * 10_000, id="very long"),
    ],
)
def test_what_stands_for_no_job(known, text):
    with pytest.raises(NoSuchJob, match="no job is called"):
        known.resolve(text)


def test_a_near_name_is_offered(known):
    with pytest.raises(NoSuchJob, match="did you mean 'bell'"):
        known.resolve("bel")


def test_of_several_jobs_with_one_name_the_newest_is_meant(known):
    assert known.resolve("bell") == B


def test_a_name_goes_before_the_beginning_of_another_id(known):
    assert known.resolve("cccc") == D
    assert known.resolve("cccc3") == C


def test_several_ids_with_one_beginning_are_listed_newest_first_as_long_as_it_takes(known):
    with pytest.raises(AmbiguousJob, match="'aaaa' stands for 2 jobs") as caught:
        known.resolve("aaaa")
    head, first, second = caught.value.remedy.splitlines()
    assert "newest first" in head
    assert first.split() == [A2, "2026-03-01", "12:00:00", "UTC", "INITIALIZING", "ghz"]
    assert second.split() == [A1, "2026-03-01", "12:00:00", "UTC", "INITIALIZING", "bell"]
    assert caught.value.numbers["candidates"] == [A2, A1]


def test_of_very_many_ten_are_listed(world):
    for i in range(15):
        world.job(id=f"dddd{i:04x}-0000-4000-8000-000000000000")
    with pytest.raises(AmbiguousJob, match="more than 10 jobs") as caught:
        world.store.resolve("dddd")
    assert len(caught.value.remedy.splitlines()) == 11
    assert caught.value.numbers["candidates"] == [job.id for job in world.store.jobs(limit=10)]


@pytest.mark.parametrize(
    ("ids", "short"),
    [
        ([], []),
        (["0123456789"], ["01234567"]),
        (["0123456789", "0123456700"], ["012345678", "012345670"]),
        (["ab", "ab"], ["ab", "ab"]),
    ],
)
def test_short_ids(ids, short):
    assert short_ids(ids) == short
