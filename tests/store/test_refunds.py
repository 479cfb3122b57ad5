"""What a vendor gives back: once, never more than was charged, and to the day that paid."""

import pytest

from qjob.model.errors import NoSuchJob
from qjob.model.job import JobStatus
from qjob.model.money import NANO
from qjob.model.team import Spending

S = JobStatus
CAP = 3 * NANO


def test_a_refund_goes_back_to_the_day_of_the_admission(payer):
    payer.at("2026-03-01T23:00:00")
    job_id = payer.submit()
    payer.end(job_id, S.COMPLETED)
    payer.at("2026-04-02T12:00:00")
    assert payer.store.refund(job_id, NANO, "a credit note", "ada") == 2 * NANO
    assert payer.moved(job_id) == [("hold", CAP), ("charge", CAP), ("refund", NANO)]
    assert payer.store.movements(job_id)[-1].reason == "a credit note"
    assert payer.store.job(job_id).cost == 2 * NANO
    assert payer.day() == payer.month() == Spending()
    payer.at("2026-03-01T23:30:00")
    assert payer.day() == payer.month() == Spending(charged=2 * NANO)
    entry = payer.store.log(job_id)[-1]
    assert (str(entry.kind), entry.data) == (
        "refunded",
        {"amount": "1", "reason": "a credit note", "by": "ada"},
    )


@pytest.mark.parametrize(
    ("to", "cost"),
    [
        (S.COMPLETED, None),
        (S.COMPLETED, NANO),
        (S.COMPLETED, 5 * NANO),
        (S.FAILED, NANO),
        (S.CANCELLED, NANO),
    ],
)
def test_all_of_what_was_charged_and_no_more(payer, to, cost):
    job_id = payer.submit()
    payer.end(job_id, to, cost)
    charged = payer.store.job(job_id).cost
    assert payer.store.refund(job_id, charged + 1, "too much", "ada") is None
    assert payer.store.refund(job_id, charged - 1, "nearly all", "ada") == 1
    assert payer.store.refund(job_id, 2, "too much", "ada") is None
    assert payer.store.refund(job_id, 1, "the rest", "ada") == 0
    before = payer.everything()
    assert payer.store.refund(job_id, 1, "once more", "ada") is None
    assert payer.everything() == before
    assert payer.day() == Spending()


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_are_no_refund(payer, amount):
    job_id = payer.submit()
    payer.end(job_id, S.COMPLETED)
    assert payer.store.refund(job_id, amount, "why", "ada") is None


@pytest.mark.parametrize("status", [S.QUEUED, S.RUNNING, S.CANCELLING])
def test_nothing_is_refunded_before_the_end(payer, status):
    job_id = payer.submit()
    if status is not S.QUEUED:
        payer.store.move(job_id, status)
    assert payer.store.refund(job_id, 1, "why", "ada") is None
    assert payer.moved(job_id) == [("hold", CAP)]


def test_nothing_is_refunded_of_a_free_job(payer):
    job_id = payer.submit(cap=0)
    payer.end(job_id, S.COMPLETED)
    assert payer.store.refund(job_id, 1, "why", "ada") is None


def test_nobody_is_refunded_what_is_no_job(payer):
    with pytest.raises(NoSuchJob):
        payer.store.refund("nothing", 1, "why", "ada")


def test_a_refund_makes_room_in_its_day(payer):
    payer.limit(per_day=CAP)
    job_id = payer.submit()
    payer.end(job_id, S.COMPLETED, 2 * CAP)  # an overrun, which closes the day
    assert payer.store.refund(job_id, CAP + NANO, "billed twice", "ada") == 2 * NANO
    payer.end(payer.submit(cap=NANO), S.COMPLETED)
    assert payer.day() == Spending(charged=CAP)


def test_a_transaction_that_fails_refunds_nothing(payer):
    job_id = payer.submit()
    payer.end(job_id, S.COMPLETED)
    before = payer.everything()

    def refund_and_fail():
        with payer.store.transaction():
            payer.store.refund(job_id, 1, "why", "ada")
            raise LookupError

    with pytest.raises(LookupError):
        refund_and_fail()
    assert payer.everything() == before
