"""Prices in words, and when they are old."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from qjob.model.price import Free, PerGateShot, PerHqc, PerShot, PerTime, Price
from qjob.model.quote import Quote, Unpriced

D = Decimal
DAY = date(2026, 7, 1)
PRICE = Price(PerShot(D("0.30"), D("0.01")), "a list", DAY)


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        (Free(), "free"),
        (PerShot(D("0.30"), D("0.01")), "$0.30 + $0.01/shot"),
        (PerShot(D(0), D("0.000425")), "$0.000425/shot"),
        (PerShot(D("0.30"), D("0.01"), D(1)), "$0.30 + $0.01/shot, at least $1.00"),
        (PerTime(D("0.075")), "$0.075/min"),
        (PerTime(D("0.075"), "minute", 3), "$0.075/min, at least 3 s"),
        (PerTime(D("1.60"), "second"), "$1.60/s"),
        (
            PerGateShot(D("0.001"), D("0.01"), D(1)),
            "$0.001/1q gate-shot + $0.01/2q gate-shot, at least $1.00",
        ),
        (PerHqc(), "HQC, by contract"),
        (PerHqc(D("12.5")), "$12.50/HQC"),
    ],
)
def test_in_words(rates, words):
    assert str(rates) == words
    assert str(Price(rates, "a list", DAY)) == words


@pytest.mark.parametrize(("days", "old"), [(0, False), (365, False), (366, True), (-1, False)])
def test_a_price_is_old_after_a_year(days, old):
    assert PRICE.is_old(DAY + timedelta(days=days)) is old


def test_what_has_no_date_does_not_age():
    assert not Price(Free(), "it runs on this machine", None).is_old(date(2100, 1, 1))


@pytest.mark.parametrize(
    ("amounts", "usd", "in_credits", "free"),
    [
        pytest.param(("0", "0", "0"), "free", "0", True, id="free"),
        pytest.param(("3.75",) * 3, "$3.75", "375", False, id="one number"),
        pytest.param(("1", "2", "4"), "$2.00 ($1.00 to $4.00)", "200 (100 to 400)", False, id="a range"),
    ],
)
def test_a_quote_in_words(amounts, usd, in_credits, free):
    quote = Quote(*map(D, amounts), PRICE, "how")
    assert (quote.usd, quote.credits, quote.free) == (usd, in_credits, free)
    assert [quote.low_credits, quote.expected_credits, quote.cap_credits] == [
        100 * D(each) for each in amounts
    ]
    assert str(quote) == ("free" if free else f"{usd}, {in_credits} credits: how")


def test_no_quote_in_words():
    assert str(Unpriced("nobody knows")) == "not priced: nobody knows"
