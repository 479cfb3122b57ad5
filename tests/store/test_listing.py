"""Pages of jobs against the plain way: filter everything, sort it, cut it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qjob.model.errors import InvalidRequest, NoSuchJob
from qjob.model.job import JobStatus
from qjob.store.listing import JobFilter
from qjob.store.rows import fold

S = JobStatus
NAMES = ["bell", "Bell-2", "GHZ 100%", "straße", 'a "quoted" one', "x_y", "be", None]
TAGS = [{}, {"run": "7"}, {"run": "17", "who": "ADA"}, {"note": "50% done"}]
BACKENDS = ["marqov-sim", "sv1"]


@pytest.fixture
def filled(world):
    """A store with jobs of every kind, some created in the same microsecond and some out of order."""
    start = world.clock.now
    with world.store.transaction():
        for i in range(60):
            world.job(
                list(JobStatus)[i * 5 % 7],
                name=NAMES[i % len(NAMES)],
                tags=TAGS[i % len(TAGS)],
                backend=BACKENDS[i % 3 == 0],
                id=f"{i * 7919 % 65536:04x}beef-0000-4000-8000-{i:012x}",
                created_at=start + timedelta(seconds=(i * 37 % 60) // 3),
            )
    return world


def matches(job, wanted):
    text = fold(wanted.text.strip())
    lines = [job.name or "", *(f"{key}={value}" for key, value in job.tags.items())]
    return (
        (not wanted.statuses or job.status in wanted.statuses)
        and (wanted.backend is None or job.backend == wanted.backend)
        and (wanted.since is None or job.created_at >= wanted.since)
        and (wanted.until is None or job.created_at < wanted.until)
        and (any(text in fold(line) for line in lines) or job.id.startswith(text))
    )


TEXTS = [
    "",
    "bell",
    "BELL",
    "be",
    "b",
    "run=7",
    "run=1",
    "ADA",
    "%",
    "0% d",
    "strasse",
    '"quoted"',
    "x_y",
    "x.y",
]
TEXTS += ["beef", "0000", "1eef", "00", "zzz", "  ghz ", "a\0da", "OR", "bell OR ghz", "*", "-", "'"]


@st.composite
def filters(draw):
    second = st.none() | st.integers(-1, 21)
    return {
        "statuses": draw(st.frozensets(st.sampled_from(list(JobStatus)))),
        "backend": draw(st.sampled_from([None, *BACKENDS, "other"])),
        "text": draw(st.sampled_from(TEXTS)),
        "since": draw(second),
        "until": draw(second),
    }


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(drawn=filters(), size=st.integers(1, 25))
def test_pages_hold_what_the_plain_way_finds(filled, drawn, size):
    start = min(job.created_at for job in filled.store.jobs(limit=100))
    times = {
        key: None if drawn[key] is None else start + timedelta(seconds=drawn[key])
        for key in ("since", "until")
    }
    wanted = JobFilter(**(drawn | times))
    every = filled.store.jobs(limit=100)
    expected = [job for job in every if matches(job, wanted)]
    found, after = [], None
    while page := filled.store.jobs(wanted, limit=size, after=after):
        assert len(page) <= size
        found += page
        after = page[-1].id
    assert found == expected


def test_all_jobs_come_newest_first_and_among_equals_last_accepted_first(filled):
    every = filled.store.jobs(limit=100)
    assert len(every) == 60
    assert [job.created_at for job in every] == sorted((job.created_at for job in every), reverse=True)
    last = [job.id for job in every if job.created_at == every[0].created_at]
    assert [int(id_[-12:], 16) for id_ in last] == sorted((int(id_[-12:], 16) for id_ in last), reverse=True)


@pytest.mark.parametrize("text", TEXTS)
def test_without_a_text_index_the_same_is_found(filled, text):
    by_index = filled.store.jobs(JobFilter(text=text), limit=100)
    filled.store._db.has_text_index = False
    assert filled.store.jobs(JobFilter(text=text), limit=100) == by_index


def test_going_on_after_a_job_that_is_none(world):
    with pytest.raises(NoSuchJob, match="beef"):
        world.store.jobs(after="beef")


@pytest.mark.parametrize(
    ("given_status", "statuses"),
    [
        pytest.param(None, set(), id="none"),
        pytest.param("running", {S.RUNNING}, id="a word"),
        pytest.param(S.FAILED, {S.FAILED}, id="a status"),
        pytest.param(["QUEUED", "running"], {S.QUEUED, S.RUNNING}, id="several"),
        pytest.param([], set(), id="an empty list"),
    ],
)
def test_a_filter_of_what_people_type(given_status, statuses):
    assert JobFilter.of(status=given_status, backend="", text=None) == JobFilter(frozenset(statuses))


def test_a_status_that_is_none_is_refused():
    with pytest.raises(InvalidRequest, match="did you mean 'running'") as caught:
        JobFilter.of(status="runing")
    assert "initializing, queued" in caught.value.remedy
