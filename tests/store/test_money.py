"""Money in the store: held with the admission, settled once at the end, and no row of it changed unseen."""

# ruff: noqa: S608 - statements that corrupt a store on purpose, of names in this file

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from qjob.model.batch import BatchRecord
from qjob.model.errors import OverBudget, RateLimited, StoreError
from qjob.model.job import MOVES, Failure, JobStatus
from qjob.model.money import NANO
from qjob.model.team import Limits, Role, Spending
from qjob.policy.admission import Claim, refusal
from qjob.store.books import Books
from qjob.store.schema import load_queries
from qjob.treasury import Treasury

S = JobStatus
CAP = 3 * NANO
FAILED = Failure("worker_killed", "it died.")


def deciding(*caps, counts=True):
    """Return what decides on jobs of these caps as a submission does."""

    def decide(standing):
        if (error := refusal(standing, Claim(caps, counts=counts))) is not None:
            raise error
        return counts

    return decide


class Payer:
    """Submits paid jobs to a world's store and looks at what that did."""

    def __init__(self, world):
        self.world = world
        self.store = world.store

    def submit(self, cap=CAP, *, counts=True, **changes):
        now = self.world.clock.now
        record = self.world.record(cap=cap, status=S.QUEUED, **changes)
        self.world.clock.now = now  # the next tick is the admission's
        return self.store.accept(record, self.world.program, decide=deciding(cap, counts=counts)).id

    def submit_batch(self, *caps):
        now = self.world.clock.now
        first = self.world.record()
        batch = BatchRecord(first.id, first.user, None, len(caps), first.created_at)
        jobs = [
            (self.world.record(cap=cap, status=S.QUEUED, batch=batch.id, place=place), self.world.program)
            for place, cap in enumerate(caps)
        ]
        self.world.clock.now = now
        return self.store.jobs_of(self.store.accept_batch(batch, jobs, decide=deciding(*caps)).id)

    def end(self, job_id, to, cost=None):
        if to is S.COMPLETED:
            return self.store.complete(
                job_id, b"packed", self.world.progress, self.world.layout, begun=True, cost=cost
            )
        return self.store.move(job_id, to, failure=FAILED if to is S.FAILED else None, cost=cost)

    def limit(self, user="ada", **changes):
        team = self.store.budget_of(user)[0]
        self.store.set_limits(team, team.limits.changed(**changes))

    def at(self, text):
        self.world.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(microseconds=1)

    def moved(self, job_id):
        return [(str(kind), amount) for kind, amount, _ in self.store.movements(job_id)]

    def day(self, user="ada"):
        return self.store.budget_of(user)[1]

    def month(self, user="ada"):
        return self.store.budget_of(user)[2]

    def rows(self, statement):
        with contextlib.closing(sqlite3.connect(self.world.path)) as connection:
            return connection.execute(statement).fetchall()

    def everything(self):
        """Return all rows of all tables that a submission may write to."""
        tables = "programs", "batches", "teams", "members", "users", "ledger", "spending", "jobs", "log"
        return {table: self.rows(f"SELECT * FROM {table}") for table in tables}


def audited(books):
    return Treasury.audit(SimpleNamespace(store=SimpleNamespace(books=books)))


@pytest.fixture
def payer(world):
    payer = Payer(world)
    yield payer
    assert audited(world.store.books).findings == ()


# -- holding --------------------------------------------------------------------------------------------------


def test_the_first_submission_founds_a_personal_team(payer):
    job = payer.store.job(payer.submit())
    ((team_id, name),) = payer.rows("SELECT id, name FROM teams")
    assert job.team == team_id
    assert name == "ada"
    assert payer.store.role_of(team_id, "ada") is Role.OWNER
    assert payer.store.role_of(team_id, "bob") is None
    assert payer.store.budget_of("ada")[0].limits == Limits()


def test_later_submissions_belong_to_the_same_team_and_others_found_their_own(payer):
    mine = {payer.store.job(payer.submit()).team for _ in range(3)}
    others = payer.store.job(payer.submit(user="bob")).team
    assert len(mine) == 1
    assert mine != {others}
    assert payer.rows("SELECT username, role FROM members ORDER BY username") == [
        ("ada", "owner"),
        ("bob", "owner"),
    ]


def test_what_a_job_can_cost_is_held_as_it_is_admitted(payer):
    job_id = payer.submit()
    assert payer.moved(job_id) == [("hold", CAP)]
    assert payer.day() == payer.month() == Spending(held=CAP, charged=0)
    assert payer.rows("SELECT debit, credit, reason FROM ledger") == [("budget", "held", "admitted")]


def test_a_free_job_moves_nothing(payer):
    job_id = payer.submit(cap=0)
    assert payer.end(job_id, S.COMPLETED)
    assert payer.store.job(job_id).cost is None
    assert payer.rows("SELECT * FROM ledger") == payer.rows("SELECT * FROM spending") == []


def test_hold_and_job_are_kept_together_or_not_at_all(payer):
    payer.submit()
    before = payer.everything()

    def group():
        with payer.store.transaction():
            payer.submit()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        group()
    assert payer.everything() == before


def test_a_paid_job_needs_a_team(payer):
    with pytest.raises(ValueError, match="needs a team"):
        payer.store.accept(payer.world.record(cap=1), payer.world.program)
    assert payer.rows("SELECT * FROM jobs") == []


@pytest.mark.parametrize("kind", ["one", "batch"])
@pytest.mark.parametrize(("cap", "synchronous"), [(0, 1), (1, 2)], ids=["free", "paid"])
def test_an_admission_that_holds_money_survives_a_power_cut(payer, kind, cap, synchronous):
    """SQLite's ``synchronous`` inside the transaction: 2, FULL, waits for the disk."""
    seen = []

    def decide(_):
        with payer.store._db.read() as connection:
            seen.append(connection.execute("PRAGMA synchronous").fetchone()[0])
        return True

    job = payer.world.record(cap=cap, status=S.QUEUED)
    if kind == "one":
        payer.store.accept(job, payer.world.program, decide=decide)
    else:
        batch = BatchRecord(job.id, "ada", None, 1, job.created_at)
        of_batch = payer.world.record(cap=cap, status=S.QUEUED, batch=batch.id, place=0)
        payer.store.accept_batch(batch, [(of_batch, payer.world.program)], decide=decide)
    assert seen == [synchronous]


# -- refusing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known-user", "first-submission"])
@pytest.mark.parametrize("kind", ["one", "batch"])
def test_nothing_is_stored_after_a_refusal(payer, known, kind):
    if known:
        payer.submit()
    before = payer.everything()
    with pytest.raises(OverBudget):
        payer.submit(101 * NANO) if kind == "one" else payer.submit_batch(60 * NANO, 60 * NANO)
    assert payer.everything() == before


def test_a_batch_is_held_for_all_of_it_or_for_none(payer):
    payer.limit(per_day=10 * NANO)
    with pytest.raises(OverBudget) as caught:
        payer.submit_batch(4 * NANO, 4 * NANO, 2 * NANO + 1)
    assert caught.value.numbers["quote"] == "10.000000001"
    assert payer.day() == Spending()
    jobs = payer.submit_batch(4 * NANO, 4 * NANO, 2 * NANO)
    assert payer.day() == Spending(held=10 * NANO)
    assert [payer.moved(job_id) for job_id in jobs] == [[("hold", amount * NANO)] for amount in (4, 4, 2)]


def test_the_last_nano_dollar_is_admitted_and_the_next_is_not(payer):
    payer.submit(100 * NANO - 1)
    payer.submit(1)
    with pytest.raises(OverBudget):
        payer.submit(1)
    payer.submit(0)


def test_teams_do_not_share_a_budget(payer):
    payer.submit(100 * NANO)
    payer.submit(100 * NANO, user="bob")
    assert payer.day() == payer.day("bob") == Spending(held=100 * NANO)


# -- settling -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "cost", "settled"),
    [
        pytest.param(S.COMPLETED, None, [("charge", CAP)], id="completed-costs-the-cap"),
        pytest.param(S.COMPLETED, CAP, [("charge", CAP)], id="completed-the-same-said"),
        pytest.param(S.COMPLETED, CAP - 1, [("charge", CAP - 1), ("release", 1)], id="completed-less"),
        pytest.param(S.COMPLETED, 1, [("charge", 1), ("release", CAP - 1)], id="completed-a-nano-dollar"),
        pytest.param(S.COMPLETED, 0, [("release", CAP)], id="completed-nothing"),
        pytest.param(S.COMPLETED, CAP + 1, [("charge", CAP), ("overrun", 1)], id="completed-more"),
        pytest.param(S.FAILED, None, [("release", CAP)], id="failed-costs-nothing"),
        pytest.param(S.FAILED, 1, [("charge", 1), ("release", CAP - 1)], id="failed-on-the-device"),
        pytest.param(S.FAILED, CAP + 5, [("charge", CAP), ("overrun", 5)], id="failed-more"),
        pytest.param(S.CANCELLED, None, [("release", CAP)], id="cancelled-costs-nothing"),
        pytest.param(S.CANCELLED, CAP, [("charge", CAP)], id="cancelled-too-late"),
    ],
)
@pytest.mark.parametrize("through", [(), (S.RUNNING,), (S.RUNNING, S.QUEUED), (S.CANCELLING,)], ids=str)
def test_a_hold_is_settled_at_the_end(payer, to, cost, settled, through):
    charged = sum(amount for kind, amount in settled if kind != "release")
    if to is S.COMPLETED and through == (S.CANCELLING,):
        through = (S.RUNNING, S.CANCELLING)
    job_id = payer.submit()
    for status in through:
        assert payer.store.move(job_id, status)
    assert payer.day() == Spending(held=CAP)
    assert payer.end(job_id, to, cost)
    assert payer.moved(job_id) == [("hold", CAP), *settled]
    assert payer.store.job(job_id).cost == charged
    assert payer.day() == payer.month() == Spending(held=0, charged=charged)
    assert {reason for _, _, reason in payer.store.movements(job_id)[1:]} == {to.lower()}


@pytest.mark.parametrize("first", [S.COMPLETED, S.FAILED, S.CANCELLED])
def test_a_hold_is_settled_once_whatever_is_tried_after(payer, first):
    job_id = payer.submit()
    assert payer.end(job_id, first, 1)
    before = payer.everything()
    for again in S:
        cost = 2 * NANO if again.ended else None
        assert not payer.end(job_id, again, cost)
    assert payer.everything() == before


def test_of_two_who_end_a_job_one_settles_it(payer, new_world):
    other = new_world(payer.world.path)
    job_id = payer.submit()
    assert other.store.move(job_id, S.CANCELLED)
    assert not payer.end(job_id, S.COMPLETED)
    assert payer.moved(job_id) == [("hold", CAP), ("release", CAP)]
    other.store.close()


def test_a_result_that_cannot_be_stored_settles_nothing(payer):
    job_id = payer.submit()
    payer.store.move(job_id, S.RUNNING)
    with contextlib.closing(sqlite3.connect(payer.world.path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO results SELECT number, '{}', x'00' FROM jobs")
    with pytest.raises(StoreError, match="result"):
        payer.end(job_id, S.COMPLETED)
    assert payer.store.job(job_id).status is S.RUNNING
    assert payer.moved(job_id) == [("hold", CAP)]


def test_an_overrun_closes_the_day_until_it_ends(payer):
    payer.at("2026-03-01T12:00:00")
    payer.end(payer.submit(), S.COMPLETED, 100 * NANO)
    with pytest.raises(OverBudget) as caught:
        payer.submit(1)
    assert caught.value.numbers["remaining"] == "0"
    payer.submit(0)
    payer.at("2026-03-02T00:00:00")
    payer.submit(1)


def test_a_bill_for_what_was_held_as_free_is_an_overrun(payer):
    job_id = payer.submit(cap=0)
    assert payer.end(job_id, S.COMPLETED, CAP)
    assert payer.moved(job_id) == [("overrun", CAP)]
    assert payer.store.job(job_id).cost == CAP
    assert payer.day() == Spending(charged=CAP)


def test_a_bill_that_nobody_can_pay_is_no_secret(payer):
    job_id = payer.world.job(S.QUEUED)
    with pytest.raises(ValueError, match="without a team"):
        payer.end(job_id, S.COMPLETED, CAP)
    assert payer.store.job(job_id).status is S.QUEUED
    assert payer.end(job_id, S.COMPLETED, 0)


@pytest.mark.parametrize(
    ("to", "cost"), [(S.COMPLETED, -1), (S.CANCELLED, -CAP), (S.RUNNING, 0), (S.CANCELLING, CAP)]
)
def test_a_cost_that_makes_no_sense_changes_nothing(payer, to, cost):
    job_id = payer.submit()
    before = payer.everything()
    with pytest.raises(ValueError, match="nano-dollars"):
        payer.end(job_id, to, cost)
    assert payer.everything() == before


# -- days and months ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("admitted", "ended"),
    [
        pytest.param("2026-03-01T23:59:59.999998", "2026-03-02T00:00:00", id="next-day"),
        pytest.param("2026-03-31T23:00:00", "2026-04-01T01:00:00", id="next-month"),
        pytest.param("2026-12-31T23:00:00", "2027-02-01T00:00:00", id="next-year"),
        pytest.param("2026-03-02T00:00:00", "2026-03-01T23:00:00", id="a-clock-set-back"),
    ],
)
def test_hold_and_charge_belong_to_the_day_of_the_admission(payer, admitted, ended):
    payer.at(admitted)
    job_id = payer.submit()
    payer.at(ended)
    assert payer.day() == Spending()
    assert payer.end(job_id, S.COMPLETED, CAP + 7)
    assert payer.day() == Spending()
    assert payer.rows("SELECT DISTINCT day FROM ledger") == [(admitted[:10],)]
    assert payer.rows("SELECT * FROM spending") == [(payer.store.job(job_id).team, admitted[:10], 0, CAP + 7)]
    payer.at(admitted)
    assert payer.day() == payer.month() == Spending(charged=CAP + 7)


def test_a_batch_at_midnight_is_held_in_one_day(payer):
    """Its jobs are created a microsecond apart, the last ones of them tomorrow."""
    payer.at("2026-03-31T23:59:59.999997")
    jobs = payer.submit_batch(*[NANO] * 5)
    assert {payer.store.job(job_id).created_at.day for job_id in jobs} == {31, 1}
    assert payer.rows("SELECT DISTINCT day FROM ledger") == [("2026-03-31",)]
    payer.at("2026-04-01T00:00:00")
    assert payer.day() == Spending()
    for job_id in jobs:
        payer.end(job_id, S.COMPLETED, 2 * NANO)
    assert payer.rows("SELECT day, held, charged FROM spending") == [("2026-03-31", 0, 10 * NANO)]


@pytest.mark.parametrize(
    ("first", "second", "same_day", "same_month"),
    [
        ("2026-03-01T00:00:00", "2026-03-01T23:59:59.999990", True, True),
        ("2026-03-01T23:59:59.999990", "2026-03-02T00:00:00", False, True),
        ("2026-03-31T23:59:59.999990", "2026-04-01T00:00:00", False, False),
        ("2028-02-29T12:00:00", "2028-02-01T12:00:00", False, True),
        ("2027-02-28T12:00:00", "2027-03-01T12:00:00", False, False),
        ("2026-12-31T12:00:00", "2027-12-31T12:00:00", False, False),
    ],
)
def test_what_counts_today_and_this_month(payer, first, second, same_day, same_month):
    payer.at(first)
    payer.submit()
    payer.at(second)
    assert payer.day().held == (CAP if same_day else 0)
    assert payer.month().held == (CAP if same_month else 0)


def test_the_month_is_full_when_its_days_are(payer):
    payer.limit(per_month=250 * NANO, team_per_day=1000)
    for day in (1, 2):
        payer.at(f"2026-03-{day:02d}T12:00:00")
        payer.submit(100 * NANO)
    payer.at("2026-03-31T23:59:00")
    payer.submit(50 * NANO)
    with pytest.raises(OverBudget, match="this month"):
        payer.submit(1)
    payer.at("2026-04-01T00:00:00")
    payer.submit(1)


# -- rates ----------------------------------------------------------------------------------------------------


def test_a_minute_takes_ten_submissions_of_a_user(payer):
    payer.at("2026-03-01T12:00:00")
    for _ in range(10):
        payer.submit(0)
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert caught.value.retry_after == 59.99999  # ten submissions are ten microseconds
    payer.submit(0, user="bob")
    payer.at("2026-03-01T12:00:59.999999")
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert caught.value.retry_after == 0.000001
    payer.at("2026-03-01T12:01:00")
    payer.submit(0)
    payer.at("2026-03-01T12:01:00")
    with pytest.raises(RateLimited):
        payer.submit(0)


def test_a_day_of_24_hours_takes_as_many_submissions_of_a_team_as_its_limit_says(payer):
    payer.limit(team_per_day=3)
    for hour in (10, 11, 12):
        payer.at(f"2026-03-01T{hour}:00:00")
        payer.submit(0)
    payer.at("2026-03-02T09:59:59.999999")
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert (caught.value.numbers["setting"], caught.value.retry_after) == ("team_per_day", 0.000001)
    payer.at("2026-03-02T10:00:00")
    payer.submit(0)


def test_a_batch_takes_one_slot_and_a_refusal_none(payer):
    payer.limit(user_per_minute=2)
    payer.submit_batch(*[1] * 20)
    with pytest.raises(OverBudget):
        payer.submit(101 * NANO)
    payer.submit(1)
    with pytest.raises(RateLimited):
        payer.submit_batch(1)
    assert payer.rows("SELECT count(*) FROM jobs WHERE slot = 1") == [(2,)]


def test_what_does_not_count_takes_no_slot_and_ends_give_none_back(payer):
    payer.limit(user_per_minute=1)
    for _ in range(3):
        payer.submit(0, counts=False)
    payer.end(payer.submit(0), S.CANCELLED)
    with pytest.raises(RateLimited):
        payer.submit(0)
    payer.submit(0, counts=False)


def test_a_limit_that_is_changed_holds_at_once(payer):
    for _ in range(3):
        payer.submit(0)
    payer.limit(user_per_minute=3)
    with pytest.raises(RateLimited):
        payer.submit(0)
    payer.limit(user_per_minute=4)
    payer.submit(0)


def test_a_clock_that_was_ahead_does_not_lock_anybody_out(payer):
    payer.limit(user_per_minute=2, team_per_day=2)
    payer.at("2027-03-01T12:00:00")
    payer.submit(0)
    payer.submit(0)
    payer.at("2026-03-01T12:00:00")
    payer.submit(0)
    payer.submit(0)
    with pytest.raises(RateLimited):
        payer.submit(0)


@pytest.mark.parametrize(
    ("back", "admitted"),
    [
        pytest.param(timedelta(seconds=60), True, id="a-whole-window-back"),
        pytest.param(timedelta(seconds=60, microseconds=-1), False, id="a-microsecond-less"),
        pytest.param(timedelta(seconds=1), False, id="a-second-back"),
    ],
)
def test_submissions_of_the_future_count_while_one_window_holds_them_too(payer, back, admitted):
    payer.limit(user_per_minute=1)
    job = payer.store.job(payer.submit(0))
    payer.world.clock.now = job.created_at - back - timedelta(microseconds=1)
    if admitted:
        payer.submit(0)
        return
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert caught.value.retry_after == 60 + back.total_seconds()


# -- what cannot be changed, and what is seen when it is ------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE ledger SET amount = 1", "DELETE FROM ledger"])
def test_the_ledger_is_append_only(payer, statement):
    payer.submit()
    with (
        contextlib.closing(sqlite3.connect(payer.world.path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)


def fill(payer):
    """Put everything that a ledger can tell into the store: each end, each movement, two teams, two days."""
    payer.at("2026-03-01T12:00:00")
    payer.submit(name="held")
    payer.end(payer.submit(name="equal"), S.COMPLETED)
    payer.end(payer.submit(name="less"), S.COMPLETED, NANO)
    payer.end(payer.submit(name="failed"), S.FAILED)
    payer.end(payer.submit(name="free", cap=0), S.COMPLETED)
    payer.submit_batch(NANO, 2 * NANO)
    payer.end(payer.submit(name="bobs", user="bob"), S.COMPLETED)
    payer.at("2026-03-02T12:00:00")
    payer.end(payer.submit(name="more"), S.COMPLETED, 2 * CAP)


@pytest.fixture
def corrupt(payer):
    """Audit what a statement would make of a full store, and undo it."""
    fill(payer)
    with contextlib.closing(sqlite3.connect(payer.world.path, isolation_level=None)) as connection:

        def run(statement):
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute("BEGIN")
            for trigger in ("ledger_is_never_changed", "ledger_is_never_deleted", "jobs_end_once"):
                connection.execute(f"DROP TRIGGER {trigger}")
            assert connection.execute(statement).rowcount, statement
            found = audited(lambda: Books.read(load_queries(), connection)).findings
            connection.execute("ROLLBACK")
            return {finding.code for finding in found}

        yield run


def of(name):
    return f"job = (SELECT number FROM jobs WHERE name = '{name}')"


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        pytest.param(
            f"UPDATE ledger SET amount = amount + 1 WHERE kind = 'hold' AND {of('held')}",
            {"hold", "held", "sums"},
            id="amount-of-a-hold",
        ),
        pytest.param(
            f"UPDATE ledger SET amount = amount - 1 WHERE kind = 'charge' AND {of('less')}",
            {"held", "cost", "sums"},
            id="amount-of-a-charge",
        ),
        pytest.param(
            f"UPDATE ledger SET kind = 'release' WHERE kind = 'charge' AND {of('equal')}",
            {"accounts"},
            id="kind-alone",
        ),
        pytest.param(
            f"UPDATE ledger SET kind = 'gift' WHERE {of('held')}", {"accounts", "hold"}, id="no-such-kind"
        ),
        pytest.param(
            f"UPDATE ledger SET kind = 'release', credit = 'budget' WHERE kind = 'charge' AND {of('equal')}",
            {"cost", "sums"},
            id="kind-with-its-accounts",
        ),
        pytest.param(
            f"UPDATE ledger SET debit = 'charged', credit = 'budget' WHERE kind = 'overrun' AND {of('more')}",
            {"accounts", "cost", "sums"},
            id="accounts",
        ),
        pytest.param(
            "UPDATE ledger SET job = (SELECT number FROM jobs WHERE name = 'equal') WHERE "
            f"kind = 'hold' AND {of('held')}",
            {"hold", "held"},
            id="job",
        ),
        pytest.param(
            f"UPDATE ledger SET job = 1 WHERE {of('held')}", {"no_job", "hold", "held"}, id="no-such-job"
        ),
        pytest.param(
            f"UPDATE ledger SET day = '2026-03-02' WHERE {of('held')}", {"other_day", "sums"}, id="day"
        ),
        pytest.param(
            f"UPDATE ledger SET team = (SELECT team FROM users WHERE username = 'bob') WHERE {of('held')}",
            {"other_team", "sums"},
            id="team",
        ),
        pytest.param(
            f"DELETE FROM ledger WHERE kind = 'release' AND {of('failed')}",
            {"held", "sums", "gap"},
            id="deleted",
        ),
        pytest.param(
            "DELETE FROM ledger WHERE number = (SELECT max(number) FROM ledger)",
            {"cost", "sums"},
            id="the-last-one-deleted",
        ),
        pytest.param("DELETE FROM ledger", {"hold", "held", "cost", "sums"}, id="all-deleted"),
        pytest.param(
            "INSERT OR REPLACE INTO ledger "
            "SELECT number, team, job, day, at, kind, debit, credit, amount + 1, reason FROM ledger "
            "WHERE number = 1",
            {"hold", "held", "sums"},
            id="replaced-past-the-triggers",
        ),
        pytest.param("UPDATE spending SET held = held + 1", {"sums"}, id="spending-held"),
        pytest.param("UPDATE spending SET charged = charged - 1", {"sums"}, id="spending-charged"),
        pytest.param("DELETE FROM spending WHERE day = '2026-03-02'", {"sums"}, id="spending-deleted"),
        pytest.param(
            "INSERT INTO spending SELECT team, '2026-03-03', 0, 1 FROM users", {"sums"}, id="spending-added"
        ),
        pytest.param("UPDATE jobs SET cap = cap + 1 WHERE name = 'held'", {"hold", "held"}, id="cap"),
        pytest.param(
            "UPDATE jobs SET cap = cap + 1 WHERE name = 'equal'", {"hold"}, id="cap-of-an-ended-job"
        ),
        pytest.param("UPDATE jobs SET cap = 5 WHERE name = 'free'", {"hold", "cost"}, id="cap-of-a-free-job"),
        pytest.param("UPDATE jobs SET cost = cost - 1 WHERE name = 'equal'", {"cost"}, id="cost"),
        pytest.param("UPDATE jobs SET cost = NULL WHERE name = 'failed'", {"cost"}, id="no-cost"),
        pytest.param("UPDATE jobs SET cost = 1 WHERE name = 'free'", {"cost"}, id="cost-of-a-free-job"),
        pytest.param("UPDATE jobs SET cost = 0 WHERE name = 'held'", {"cost"}, id="cost-before-the-end"),
        pytest.param(
            "UPDATE jobs SET status = 'FAILED', ended_at = 1 WHERE name = 'held'",
            {"held", "cost"},
            id="ended-with-an-open-hold",
        ),
        pytest.param(
            "UPDATE jobs SET status = 'QUEUED', ended_at = NULL WHERE name = 'equal'",
            {"held", "cost"},
            id="not-ended-without-a-hold",
        ),
        pytest.param("UPDATE jobs SET status = 'LOST' WHERE name = 'held'", {"status"}, id="no-such-status"),
        pytest.param(
            "UPDATE jobs SET team = NULL WHERE name = 'held'", {"other_team"}, id="a-job-without-a-team"
        ),
        pytest.param(
            "UPDATE jobs SET created_at = created_at + 86400000000 WHERE name = 'held'",
            {"other_day"},
            id="a-job-of-another-day",
        ),
        pytest.param("DELETE FROM jobs WHERE name = 'held'", {"no_job"}, id="a-job-deleted"),
    ],
)
def test_an_audit_finds_what_was_changed(corrupt, statement, codes):
    assert corrupt(statement) == codes


def test_an_audit_finds_a_change_of_any_value_of_any_movement(payer, corrupt):
    """Every row of the ledger, every column but the time and the reason, every other value that it could have."""
    values = {
        "amount": ["amount + 1", "amount - 1", "-amount", "0", "'much'"],
        "kind": [f"'{kind}'" for kind in ("hold", "charge", "release", "overrun", "refund")],
        "debit": ["'budget'", "'held'", "'charged'"],
        "credit": ["'budget'", "'held'", "'charged'"],
        "job": ["job + 1", *(str(number) for (number,) in payer.rows("SELECT number FROM jobs"))],
        "day": ["'2026-03-01'", "'2026-03-02'", "'soon'"],
        "team": ["'nobody'", *(f"'{team}'" for (team,) in payer.rows("SELECT id FROM teams"))],
    }
    numbers = [number for (number,) in payer.rows("SELECT number FROM ledger")]
    changes = [
        f"UPDATE ledger SET {column} = {value} WHERE number = {number} AND {column} IS NOT {value}"
        for number in numbers
        for column, others in values.items()
        for value in others
    ]
    real = {
        change
        for change in changes
        if payer.rows("SELECT count(*) FROM ledger WHERE " + change.partition(" WHERE ")[2]) != [(0,)]
    }
    unseen = [change for change in sorted(real) if not corrupt(change)]
    assert unseen == []
    assert len(real) > 300
    assert [n for n in numbers if not corrupt(f"DELETE FROM ledger WHERE number = {n}")] == []


@pytest.mark.parametrize(
    ("status", "to"), [(status, to) for status in (S.QUEUED, S.RUNNING, S.CANCELLING) for to in MOVES[status]]
)
def test_a_hold_stays_until_the_move_that_ends_the_job(payer, status, to):
    job_id = payer.submit()
    if status is not S.QUEUED:
        payer.store.move(job_id, status)
    assert payer.day() == Spending(held=CAP)
    assert payer.end(job_id, to)
    assert payer.day().held == (0 if to.ended else CAP)
