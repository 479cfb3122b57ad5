"""Money in the store: held with the admission, settled once at the end, exactly."""

import pytest

from qjob.model.batch import BatchRecord
from qjob.model.errors import NoSuchTeam, OverBudget, StoreError
from qjob.model.job import MOVES, JobStatus
from qjob.model.money import NANO
from qjob.model.team import Limits, Role, Spending

S = JobStatus
CAP = 3 * NANO


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
@pytest.mark.parametrize("cap", [0, 1], ids=["free", "paid"])
def test_an_admission_that_holds_money_survives_a_power_cut(payer, database, kind, cap):
    """What is set inside the transaction: whether the commit waits for the disk."""
    statement, asynchronous, waits = {
        "sqlite": ("PRAGMA synchronous", 1, 2),
        "postgres": ("SHOW synchronous_commit", "off", "on"),
    }[database]
    seen = []

    def decide(_):
        with payer.store._db.read() as connection:
            seen.append(connection.execute(statement).fetchone()[0])
        return True

    job = payer.world.record(cap=cap, status=S.QUEUED)
    if kind == "one":
        payer.store.accept(job, payer.world.program, decide=decide)
    else:
        batch = BatchRecord(job.id, "ada", None, 1, job.created_at)
        of_batch = payer.world.record(cap=cap, status=S.QUEUED, batch=batch.id, place=0)
        payer.store.accept_batch(batch, [(of_batch, payer.world.program)], decide=decide)
    assert seen == [waits if cap else asynchronous]


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
    assert {movement.reason for movement in payer.store.movements(job_id)[1:]} == {to.lower()}


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


@pytest.mark.parametrize(
    ("database", "no_bytes"), [("sqlite", "x''"), ("postgres", "''::bytea")], indirect=["database"]
)
def test_a_result_that_cannot_be_stored_settles_nothing(payer, no_bytes):
    job_id = payer.submit()
    payer.store.move(job_id, S.RUNNING)
    with payer.world.raw as connection:
        connection.execute(f"INSERT INTO results SELECT number, '{{}}', {no_bytes} FROM jobs")  # noqa: S608 - from here
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


@pytest.mark.parametrize(
    ("status", "to"),
    [(status, to) for status in (S.QUEUED, S.RUNNING, S.CANCELLING) for to in sorted(MOVES[status])],
)
def test_a_hold_stays_until_the_move_that_ends_the_job(payer, status, to):
    job_id = payer.submit()
    if status is not S.QUEUED:
        payer.store.move(job_id, status)
    assert payer.day() == Spending(held=CAP)
    assert payer.end(job_id, to)
    assert payer.day().held == (0 if to.ended else CAP)


def test_the_limits_of_a_team_of_another_store_cannot_be_set(payer, tmp_path, new_world):
    other = new_world(tmp_path / "other" / "q.sqlite")
    team = other.store.budget_of("ada")[0]
    with pytest.raises(NoSuchTeam, match="not in this store"):
        payer.store.set_limits(team, team.limits, "ada")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_replaced_movement_is_refused_as_well(payer):
    job = payer.submit()
    with pytest.raises(StoreError, match="append-only"), payer.store._db.write() as connection:
        connection.execute("INSERT OR REPLACE INTO ledger SELECT * FROM ledger")
    assert [movement.kind for movement in payer.store.movements(job)] == ["hold"]
