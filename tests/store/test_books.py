"""No row that tells of money is changed unseen."""

# ruff: noqa: S608 - statements that corrupt a store on purpose, of names in this file

import pytest

from qjob.model.job import JobStatus
from qjob.model.money import NANO
from qjob.store.books import Books
from qjob.store.queries import load_queries

S = JobStatus
CAP = 3 * NANO


# -- what cannot be changed, and what is seen when it is ------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE ledger SET amount = 1", "DELETE FROM ledger"])
def test_the_ledger_is_append_only(payer, statement):
    payer.submit()
    with payer.world.raw as connection, pytest.raises(Exception, match="append-only"):
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


def disarm_sqlite(connection):
    """Take away what forbids a statement, until the transaction is undone."""
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("BEGIN")
    for trigger in ("ledger_is_never_changed", "ledger_is_never_deleted", "jobs_end_once"):
        connection.execute(f"DROP TRIGGER {trigger}")


def disarm_postgres(connection):
    connection.execute("BEGIN")
    connection.execute(
        "SET LOCAL session_replication_role TO replica"
    )  # no triggers, foreign keys among them
    constraints = connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace "
        "AND (contype = 'c' OR contype = 'p' AND conrelid = 'ledger'::regclass)"
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
            "UPDATE jobs SET admitted_at = admitted_at + 86400000000 WHERE name = 'held'",
            {"other_day"},
            id="a-job-of-another-day",
        ),
        pytest.param(
            "UPDATE jobs SET admitted_at = NULL WHERE name = 'held'",
            {"hold", "held"},
            id="a-job-not-admitted",
        ),
        pytest.param("DELETE FROM jobs WHERE name = 'held'", {"no_job"}, id="a-job-deleted"),
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
    assert corrupt(statement) == {"hold", "held", "sums"}


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
