"""Pages of jobs against the plain way: filter everything, sort it, cut it."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qjob.model.errors import InvalidRequest, NoSuchJob
from qjob.model.group import Group
from qjob.model.job import JobStatus
from qjob.store.listing import JobFilter, Order
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


# -- other orders and filters -------------------------------------------------------------------------------------

RANKS = {
    Order.NEWEST: lambda _: 0,
    Order.OLDEST: lambda _: 0,
    Order.COST: lambda job: job.cap if job.cost is None else job.cost,
    Order.RUN_TIME: lambda job: (
        (job.ended_at - job.started_at).total_seconds() if job.ended_at and job.started_at else -1
    ),
    Order.SHOTS: lambda job: job.shots,
}
KINDS = [("", None), ("run", None), ("run", "7"), ("run", "1"), ("note", "50% done"), ("who", "ada")]
WORDS = ["", "bell", "be", "run=7", "beef", "00", "zzz", '"quoted"', "0% d"]


@pytest.fixture
def various(world, payer):
    """A store with free and paid jobs of two users, some of them erased."""
    payer.limit(per_day=10**15, per_month=10**15, per_job=10**15)
    payer.limit("bob", per_day=10**15, per_month=10**15, per_job=10**15)
    with world.store.transaction():
        for i in range(48):
            what = {
                "name": NAMES[i % len(NAMES)],
                "tags": TAGS[i % len(TAGS)],
                "backend": BACKENDS[i % 3 == 0],
                "shots": 100 * (i % 4 + 1),
                "id": f"{i * 7919 % 65536:04x}beef-0000-4000-8000-{i:012x}",
            }
            if i % 3:
                world.job(list(JobStatus)[i * 5 % 7], user="ada", **what)
                continue
            job_id = payer.submit(10**9 * (i % 5 + 1), user=("ada", "bob")[i % 2], counts=False, **what)
            if i % 4 == 0:
                world.store.move(job_id, S.RUNNING)
                world.clock.now += timedelta(milliseconds=i % 5)
                payer.end(job_id, S.COMPLETED, cost=10**8 * (i % 7))
        every = world.store.jobs(limit=100)
        world.store.erase([job.id for job in every[::4] if job.status.ended], "ada")
        group = Group("every-fifth", "", "ada", None, {}, {}, None, every[0].created_at)
        world.store.add_group(group)
        with world.store._db.write() as connection:
            for job in every:
                if int(job.id[-12:], 16) % 5 == 0:
                    world.store._sql.put_into_group(connection, id=group.id, target=job.id)
    return world


@st.composite
def asked(draw):
    return {
        **draw(filters()),
        "text": draw(st.sampled_from(WORDS)),
        "tag": draw(st.sampled_from(KINDS)),
        "team": draw(st.sampled_from([None, "ada", "bob", "nobody"])),
        "teams": draw(st.none() | st.lists(st.sampled_from(["ada", "bob", "nobody"]), max_size=3)),
        "backends": draw(st.lists(st.sampled_from([*BACKENDS, "it's", "other"]), max_size=3)),
        "group": draw(st.none() | st.sampled_from(["every-fifth", "nobody's"])),
        "erased": draw(st.booleans()),
    }


def passes(job, wanted):
    key, value = wanted.tag or ("", None)
    return (
        matches(job, wanted)
        and (wanted.team is None or job.team == wanted.team)
        and (not key or (key in job.tags and value in (None, job.tags[key])))
        and (wanted.erased or job.erased_at is None)
        and (wanted.teams is None or job.team in wanted.teams)
        and (not wanted.backends or job.backend in wanted.backends)
        and (wanted.group is None or (wanted.group == "every-fifth" and int(job.id[-12:], 16) % 5 == 0))
    )


def plainly(every, order):
    """Sort jobs, which come newest first, the plain way."""
    return every[::-1] if order is Order.OLDEST else sorted(every, key=RANKS[order], reverse=True)


def filter_of(world, drawn):
    start = min(job.created_at for job in world.store.jobs(JobFilter(erased=True), limit=100))
    times = {
        key: None if drawn[key] is None else start + timedelta(milliseconds=drawn[key])
        for key in ("since", "until")
    }
    teams = {None: None, "nobody": "no-team"} | {
        user: world.store.budget_of(user)[0].id for user in ("ada", "bob")
    }
    whose = {
        "team": teams[drawn["team"]],
        "teams": None if drawn["teams"] is None else tuple(teams[name] for name in drawn["teams"]),
        "backends": tuple(drawn["backends"]),
    }
    return JobFilter(**(drawn | times | whose | {"tag": drawn["tag"][0] and drawn["tag"]}))


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(drawn=asked(), order=st.sampled_from(list(Order)), size=st.integers(1, 25), offset=st.integers(0, 12))
def test_pages_of_every_order_hold_what_the_plain_way_finds(various, drawn, order, size, offset):
    wanted = filter_of(various, drawn)
    every = various.store.jobs(JobFilter(erased=True), limit=100)
    expected = [job for job in plainly(every, order) if passes(job, wanted)]
    found, after = [], None
    while page := various.store.jobs(wanted, order=order, limit=size, after=after):
        assert len(page) <= size
        found += page
        after = page[-1].id
    assert [job.id for job in found] == [job.id for job in expected]
    after = expected[1].id if len(expected) > 1 else None
    behind = expected[2 if after else 0 :][offset:][:size]
    passed = various.store.jobs(wanted, order=order, limit=size, after=after, offset=offset)
    assert [job.id for job in passed] == [job.id for job in behind]


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(drawn=asked())
def test_totals_are_those_of_the_jobs_that_are_listed(various, drawn):
    wanted = filter_of(various, drawn)
    listed = various.store.jobs(wanted, limit=100)
    totals = various.store.totals(wanted)
    assert totals.jobs == len(listed) == various.store.count_jobs(wanted)
    assert totals.statuses == {s: n for s in JobStatus if (n := sum(job.status is s for job in listed))}
    assert totals.cost == sum(job.cost or 0 for job in listed)
    assert totals.shots == sum(job.shots for job in listed)
    held = [job.cap for job in listed if not job.status.ended and job.status is not S.INITIALIZING]
    assert totals.held == sum(held)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("text", ["bell", "run=7", "beef", "x.y"])
def test_without_a_text_index_the_same_is_found_in_every_order(various, order, text):
    wanted = JobFilter(text=text, erased=True)
    by_index = various.store.jobs(wanted, order=order, limit=100)
    various.store._db.has_text_index = False
    assert various.store.jobs(wanted, order=order, limit=100) == by_index


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        pytest.param("run", ("run", None), id="a key"),
        pytest.param("run=7", ("run", "7"), id="a key and a value"),
        pytest.param(" run = 7=8 ", ("run", "7=8"), id="spaces and another equals sign"),
        pytest.param("run=", ("run", ""), id="an empty value"),
        pytest.param("", None, id="nothing"),
        pytest.param(("run", None), ("run", None), id="a tuple"),
    ],
)
def test_a_tag_as_people_type_it(typed, tag):
    assert JobFilter.of(tag=typed).tag == tag


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda: JobFilter.of(tag="=7"), "has no key", id="a tag without a key"),
        pytest.param(lambda: JobFilter.of(since=datetime(2026, 1, 1)), "no time zone", id="a naive time"),  # noqa: DTZ001 - the point
        pytest.param(lambda: JobFilter.of(since=date(2026, 1, 1)), "is no time", id="a day"),
        pytest.param(lambda: JobFilter.of(tag=("a",)), "is no tag", id="a tuple of one"),
        pytest.param(lambda: JobFilter.of(tag=("a", 7)), "is no tag", id="a number as value"),
        pytest.param(lambda: Order.of("costs"), "did you mean 'cost'", id="an order that is none"),
    ],
)
def test_what_is_no_filter_and_no_order_is_refused(make, said):
    with pytest.raises(InvalidRequest, match=said) as caught:
        make()
    assert caught.value.remedy


def test_orders_as_people_type_them():
    assert [Order.of(text) for text in ("newest", "Run-Time", " COST ")] == [
        Order.NEWEST,
        Order.RUN_TIME,
        Order.COST,
    ]


@pytest.mark.parametrize(
    ("teams", "found"),
    [
        pytest.param(None, 48, id="no word of teams"),
        pytest.param((), 0, id="of none"),
        pytest.param(("no-team",) * 20, 0, id="of so many that all jobs are looked through"),
    ],
)
def test_who_is_in_no_team_sees_no_job(various, teams, found):
    wanted = JobFilter(teams=teams, erased=True)
    assert len(various.store.jobs(wanted, limit=100)) == found == various.store.count_jobs(wanted)
    assert len(various.store.jobs(JobFilter(teams=teams), limit=100)) <= found


@pytest.mark.parametrize("limit", [-1, "5", 1.5, None])
def test_what_is_no_limit_is_refused(world, limit):
    with pytest.raises(InvalidRequest, match="is no number of jobs"):
        world.store.jobs(offset=limit)
    with pytest.raises(InvalidRequest, match="is no number of jobs"):
        world.store.jobs(limit=limit)
    assert world.store.jobs(limit=0) == []
