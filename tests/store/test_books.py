"""No row that tells of money is changed unseen."""

# ruff: noqa: S608 - statements that corrupt a store on purpose, of names in this file

from types import SimpleNamespace

import pytest

from qjob.model.job import JobStatus
from qjob.model.money import NANO
from qjob.store.books import Books
from qjob.store.queries import load_queries
from qjob.treasury import Treasury

S = JobStatus
CAP = 3 * NANO
TRIGGERS = (
    "ledger_is_never_changed",
    "ledger_is_never_deleted",
    "limit_changes_are_never_changed",
    "limit_changes_are_never_deleted",
    "jobs_end_once",
)


# -- what cannot be changed, and what is seen when it is ------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET amount = 1",
        "DELETE FROM ledger",
        "UPDATE limit_changes SET per_day = 1",
        "DELETE FROM limit_changes",
    ],
)
def test_the_ledger_and_the_history_of_limits_are_append_only(payer, statement):
    payer.submit()
    with payer.world.raw as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(statement)


def fill(payer):
    """Put everything that a ledger can tell into the store: each end, each movement, two teams, two days.

    The limits are those of a careful team, and changed three times.
    """
    payer.at("2026-03-01T12:00:00")
    payer.limit(per_job=CAP, per_day=8 * CAP, user_per_minute=6)
    payer.submit(name="held")
    payer.end(payer.submit(name="equal"), S.COMPLETED)
    payer.end(payer.submit(name="less"), S.COMPLETED, NANO)
    payer.end(payer.submit(name="failed"), S.FAILED)
    payer.end(payer.submit(name="free", cap=0), S.COMPLETED)
    payer.submit_batch(NANO, 2 * NANO)
    payer.end(payer.submit(name="bobs", user="bob"), S.COMPLETED)
    payer.at("2026-03-02T12:00:00")
    payer.limit(per_day=CAP, team_per_day=8)
    refunded = payer.submit(name="refunded")
    payer.end(refunded, S.COMPLETED)
    payer.store.refund(refunded, CAP - NANO, "a credit note", "ada")
    payer.store.refund(refunded, NANO, "another one", "ada")
    payer.end(payer.submit(name="more"), S.COMPLETED, 2 * CAP)
    payer.limit(per_day=8 * CAP)


def disarm_sqlite(connection):
    """Take away what forbids a statement, until the transaction is undone."""
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("BEGIN")
    for trigger in TRIGGERS:
        connection.execute(f"DROP TRIGGER {trigger}")


def disarm_postgres(connection):
    connection.execute("BEGIN")
    connection.execute(
        "SET LOCAL session_replication_role TO replica"
    )  # no triggers, foreign keys among them
    constraints = connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace "
        "AND (contype = 'c' OR contype = 'p' AND conrelid IN ('ledger'::regclass, 'limit_changes'::regclass))"
    ).fetchall()
    for table, name in constraints:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@pytest.fixture
def corrupt(payer, database):
    """Audit what a statement would make of a full store, and undo it."""
    fill(payer)
    disarm = {"sqlite": disarm_sqlite, "postgres": disarm_postgres}[database]
    with payer.world.raw as connection:

        def run(statement):
            disarm(connection)
            assert connection.execute(statement).rowcount, statement
            found = payer.audited(lambda: Books.read(load_queries(database), connection)).findings
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
            {"hold", "held", "sums", "over_limit"},
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
            f"UPDATE ledger SET day = '2026-03-02' WHERE {of('held')}",
            {"other_day", "sums", "over_limit"},
            id="day",
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
            {"cost", "sums", "gap"},
            id="the-last-one-deleted",
        ),
        pytest.param("DELETE FROM ledger", {"hold", "held", "cost", "sums", "gap"}, id="all-deleted"),
        pytest.param(
            f"UPDATE ledger SET amount = amount - 1 WHERE reason = 'another one' AND {of('refunded')}",
            {"cost", "sums", "over_limit"},
            id="amount-of-a-refund",
        ),
        pytest.param(
            f"UPDATE ledger SET amount = amount + 1 WHERE reason = 'another one' AND {of('refunded')}",
            {"cost", "sums", "refund"},
            id="refunded-more-than-was-charged",
        ),
        pytest.param(
            f"DELETE FROM ledger WHERE reason = 'a credit note' AND {of('refunded')}",
            {"cost", "sums", "gap", "over_limit"},
            id="a-refund-deleted",
        ),
        pytest.param(
            "UPDATE jobs SET cost = 5 WHERE name = 'refunded'", {"cost"}, id="cost-of-a-refunded-job"
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
            "UPDATE jobs SET team = NULL WHERE name = 'held'",
            {"other_team", "slots"},
            id="a-job-without-a-team",
        ),
        pytest.param(
            "UPDATE jobs SET admitted_at = admitted_at + 86400000000 WHERE name = 'held'",
            {"other_day", "slots"},
            id="a-job-of-another-day",
        ),
        pytest.param(
            "UPDATE jobs SET admitted_at = NULL WHERE name = 'held'",
            {"not_admitted", "hold", "held", "slots"},
            id="a-job-not-admitted",
        ),
        pytest.param("DELETE FROM jobs WHERE name = 'held'", {"no_job", "slots"}, id="a-job-deleted"),
        pytest.param("UPDATE jobs SET slot = 0 WHERE name = 'free'", {"slots"}, id="a-slot-given-back"),
        pytest.param(
            "UPDATE jobs SET slot = 1 WHERE batch IS NOT NULL", {"too_fast"}, id="a-slot-that-nobody-had"
        ),
        pytest.param(
            "UPDATE limit_changes SET per_day = 9 WHERE number = 2", {"limits", "over_limit"}, id="a-limit"
        ),
        pytest.param("UPDATE limit_changes SET seal = '' WHERE number = 1", {"limits"}, id="a-seal"),
        pytest.param("DELETE FROM limit_changes", {"limits"}, id="no-limits"),
        pytest.param("DELETE FROM limit_changes WHERE number = 1", {"limits"}, id="the-first-limits-deleted"),
        pytest.param("DELETE FROM limit_changes WHERE number = 3", {"limits"}, id="limits-between-deleted"),
        pytest.param("DELETE FROM limit_changes WHERE number = 4", {"limits"}, id="the-last-limits-deleted"),
        pytest.param(
            "UPDATE teams SET per_month = per_month + 1", {"limits"}, id="limits-set-past-the-record"
        ),
        pytest.param("UPDATE teams SET limits_number = 2", {"limits"}, id="number-of-the-limits"),
        pytest.param("DELETE FROM teams", {"limits"}, id="no-team"),
    ],
)
def test_an_audit_finds_what_was_changed(corrupt, database, statement, codes):
    if database == "postgres" and "ledger SET team" in statement:
        codes = codes | {"gap"}  # each team has numbers of its own there
    assert corrupt(statement) == codes


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_audit_finds_what_was_replaced_past_the_triggers(corrupt):
    statement = (
        "INSERT OR REPLACE INTO ledger "
        "SELECT number, team, job, day, at, kind, debit, credit, amount + 1, reason FROM ledger WHERE number = 1"
    )
    assert corrupt(statement) == {"hold", "held", "sums", "over_limit"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_audit_finds_a_change_of_any_value_of_the_history_of_limits(payer, corrupt):
    """Every row, every column, a higher and a lower value, another one and a text where a number stands."""
    columns = [name for _, name, *_ in payer.rows("PRAGMA table_info(limit_changes)")]
    rows = payer.rows("SELECT team, number FROM limit_changes")
    assert (len(columns), len(rows)) == (14, 5)
    unseen = [
        (column, value, row)
        for column in columns
        for value in (f"{column} + 10", f"{column} - 10", "'other'", "x'00'", "9")
        for row in rows
        if not corrupt(
            f"UPDATE limit_changes SET {column} = {value} WHERE team = '{row[0]}' AND number = {row[1]}"
        )
    ]
    assert unseen == []


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
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
    ("limits", "cap", "jobs", "codes"),
    [
        pytest.param({}, CAP, 3, set(), id="within-all"),
        pytest.param({"per_job": CAP - 1}, CAP, 1, {"over_limit"}, id="past-a-job's"),
        pytest.param({"per_day": 3 * CAP - 1}, CAP, 3, {"over_limit"}, id="past-a-day's"),
        pytest.param({"per_month": 3 * CAP - 1}, CAP, 3, {"over_limit"}, id="past-a-month's"),
        pytest.param({"user_per_minute": 2}, 0, 3, {"too_fast"}, id="too-many-of-a-user"),
        pytest.param({"team_per_day": 2}, CAP, 3, {"too_fast"}, id="too-many-of-a-team"),
    ],
)
def test_an_audit_finds_what_was_admitted_past_a_limit(world, limits, cap, jobs, codes):
    team = world.store.budget_of("ada")[0]
    world.store.set_limits(team, team.limits.changed(**limits), "ada")
    for _ in range(jobs):
        record = world.record(cap=cap, status=S.QUEUED)
        world.store.accept(record, world.program, decide=lambda _: True)
    world.store.set_limits(team, team.limits.changed(per_day=CAP), "ada")
    found = Treasury.audit(SimpleNamespace(store=world.store)).findings
    assert {finding.code for finding in found} == codes
