"""Each finding of an audit from lines made by hand, and none from good ones."""

import pytest

from qjob.model.money import NANO
from qjob.policy import audit
from qjob.policy.audit import Audit, Finding, JobLine, MovementLine
from qjob.store.ledger import ACCOUNTS

DAY = "2026-03-01"
ADMITTED = 1_772_366_400_000_000  # 2026-03-01 12:00 UTC
QUEUED = JobLine(
    "0123456789ab", "QUEUED", 3 * NANO, None, "qlab", ADMITTED, 3 * NANO, 0, 1, 3 * NANO, 0, DAY, DAY
)
DONE = QUEUED._replace(status="COMPLETED", cost=3 * NANO, held=0, charged=3 * NANO)
FREE = JobLine("0123456789ab", "COMPLETED", 0, None, None, ADMITTED, 0, 0, 0, 0, 0, None, None)
MIDNIGHT = 1_772_409_600_000_000  # 2026-03-02 00:00 UTC


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(QUEUED, id="held"),
        pytest.param(QUEUED._replace(status="RUNNING"), id="running"),
        pytest.param(QUEUED._replace(status="CANCELLING"), id="cancelling"),
        pytest.param(DONE, id="cost-the-cap"),
        pytest.param(DONE._replace(cost=NANO, charged=NANO), id="cost-less"),
        pytest.param(DONE._replace(cost=0, charged=0), id="cost-nothing"),
        pytest.param(DONE._replace(cost=9 * NANO, charged=9 * NANO), id="overrun"),
        pytest.param(DONE._replace(status="FAILED", cost=0, charged=0), id="failed"),
        pytest.param(DONE._replace(status="CANCELLED", cost=NANO, charged=NANO), id="cancelled-late"),
        pytest.param(FREE, id="free"),
        pytest.param(
            DONE._replace(cap=0, cost=NANO, charged=NANO, holds=0, hold=0),
            id="billed-though-nothing-was-held",
        ),
        pytest.param(QUEUED._replace(admitted_at=MIDNIGHT - 1), id="last-microsecond-of-the-day"),
    ],
)
def test_good_jobs(line):
    assert audit.jobs([line]) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(QUEUED._replace(status="LOST"), ["status"], id="no-status"),
        pytest.param(QUEUED._replace(strange=1), ["other_team"], id="a-movement-of-another-team"),
        pytest.param(QUEUED._replace(admitted_at=MIDNIGHT), ["other_day"], id="held-the-day-before"),
        pytest.param(DONE._replace(last_day="2026-03-02"), ["other_day"], id="settled-in-another-day"),
        pytest.param(DONE._replace(first_day="2026-02-28"), ["other_day"], id="held-in-another-day"),
        pytest.param(QUEUED._replace(holds=0, hold=0, held=0), ["hold", "held"], id="no-hold"),
        pytest.param(QUEUED._replace(holds=2), ["hold"], id="two-holds-that-make-the-cap"),
        pytest.param(QUEUED._replace(hold=3 * NANO - 1), ["hold"], id="held-too-little"),
        pytest.param(FREE._replace(holds=1), ["hold"], id="a-hold-of-nothing"),
        pytest.param(QUEUED._replace(held=0), ["held"], id="released-too-early"),
        pytest.param(DONE._replace(held=1), ["held"], id="ended-with-an-open-hold"),
        pytest.param(DONE._replace(held=-1), ["held"], id="released-too-much"),
        pytest.param(DONE._replace(cost=3 * NANO - 1), ["cost"], id="says-less-than-the-ledger"),
        pytest.param(DONE._replace(charged=3 * NANO - 1), ["cost"], id="charged-less-than-it-cost"),
        pytest.param(DONE._replace(cost=None, charged=0), ["cost"], id="ended-without-a-cost"),
        pytest.param(QUEUED._replace(cost=0), ["cost"], id="a-cost-before-the-end"),
        pytest.param(QUEUED._replace(charged=1), ["cost"], id="charged-before-the-end"),
        pytest.param(FREE._replace(cost=1), ["cost"], id="a-free-one-with-a-cost"),
    ],
)
def test_bad_jobs(line, expected):
    assert codes(audit.jobs([FREE, line, DONE])) == expected


def test_a_finding_says_which_job_and_how_much():
    (found,) = audit.jobs([DONE._replace(held=-NANO)])
    assert found == Finding("held", "job 01234567 is COMPLETED with -$1.00 held; it should be $0.00.")


KEY, OTHER = ("qlab", DAY), ("qlab", "2026-03-02")


@pytest.mark.parametrize(
    ("ledger", "spending", "expected"),
    [
        pytest.param({}, {}, [], id="nothing"),
        pytest.param({KEY: (1, 2)}, {KEY: (1, 2)}, [], id="equal"),
        pytest.param({}, {KEY: (0, 0)}, [], id="a-sum-of-nothing"),
        pytest.param({KEY: (1, 2)}, {KEY: (2, 2)}, ["sums"], id="held"),
        pytest.param({KEY: (1, 2)}, {KEY: (1, 1)}, ["sums"], id="charged"),
        pytest.param({KEY: (1, 2)}, {}, ["sums"], id="no-sum"),
        pytest.param({}, {KEY: (0, 1)}, ["sums"], id="no-movement"),
        pytest.param({KEY: (1, 2)}, {OTHER: (1, 2)}, ["sums", "sums"], id="another-day"),
        pytest.param({KEY: (1, 2)}, {("other", DAY): (1, 2)}, ["sums", "sums"], id="another-team"),
        pytest.param({KEY: (-1, 2)}, {KEY: (-1, 2)}, ["negative"], id="held-below-zero"),
        pytest.param({KEY: (1, -2)}, {KEY: (1, -2)}, ["negative"], id="charged-below-zero"),
    ],
)
def test_sums(ledger, spending, expected):
    assert codes(audit.sums(ledger, spending)) == expected


def moved(number, kind, job=123):
    return MovementLine(number, kind, *map(str, ACCOUNTS[kind]), "qlab", DAY, NANO, job)


GOOD = [moved(number, kind) for number, kind in enumerate(ACCOUNTS, 1)]


@pytest.mark.parametrize(
    ("lines", "span", "expected"),
    [
        pytest.param([], (0, 1, 0), [], id="none"),
        pytest.param(GOOD, (5, 1, 5), [], id="one-of-each-kind"),
        pytest.param([GOOD[0]._replace(debit="held", credit="budget")], (1, 1, 1), ["accounts"], id="turned"),
        pytest.param([GOOD[0]._replace(kind="release")], (1, 1, 1), ["accounts"], id="another-kind"),
        pytest.param([GOOD[0]._replace(kind="gift")], (1, 1, 1), ["accounts"], id="no-such-kind"),
        pytest.param([GOOD[0]._replace(job=None)], (1, 1, 1), ["no_job"], id="of-no-job"),
        pytest.param(GOOD[1:], (4, 2, 5), ["gap"], id="first-is-missing"),
        pytest.param([GOOD[0], *GOOD[2:]], (4, 1, 5), ["gap"], id="one-between-is-missing"),
        pytest.param([GOOD[0]._replace(number=0)], (1, 0, 0), ["gap"], id="numbered-from-zero"),
    ],
)
def test_movements(lines, span, expected):
    assert codes(audit.movements(lines, ACCOUNTS, span)) == expected


@pytest.mark.parametrize("kind", ACCOUNTS)
@pytest.mark.parametrize("debit", ["budget", "held", "charged"])
@pytest.mark.parametrize("credit", ["budget", "held", "charged"])
def test_a_kind_has_one_pair_of_accounts(kind, debit, credit):
    expected = {
        "hold": ("budget", "held"),
        "charge": ("held", "charged"),
        "release": ("held", "budget"),
        "overrun": ("budget", "charged"),
        "refund": ("charged", "budget"),
    }[kind]
    found = audit.movements(
        [MovementLine(1, kind, debit, credit, "qlab", DAY, NANO, 123)], ACCOUNTS, (1, 1, 1)
    )
    assert (found == []) == ((debit, credit) == expected)


def test_an_audit_is_ok_without_findings():
    assert Audit((), 3, 7).ok
    assert not Audit((Finding("gap", "one is missing."),), 3, 7).ok
