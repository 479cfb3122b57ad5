"""Money: exact both ways, whatever the thread's decimal context; bad amounts are refused one by one."""

from decimal import ROUND_DOWN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.errors import InvalidRequest
from qjob.model.money import (
    MAX_USD,
    NANO,
    credits_to_usd,
    format_credits,
    format_usd,
    from_nano,
    parse_usd,
    to_nano,
    usd_to_credits,
)

MOST = int(MAX_USD) * NANO
nanos = st.integers(min_value=0, max_value=MOST)
any_nanos = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@pytest.mark.parametrize(
    ("given", "nano"),
    [
        pytest.param("3.75", 3_750_000_000, id="text"),
        pytest.param("$3.75", 3_750_000_000, id="with its sign"),
        pytest.param(" 0.00375 ", 3_750_000, id="spaces around"),
        pytest.param("1_240.50", 1_240_500_000_000, id="underscores"),
        pytest.param("0.000000001", 1, id="a nano-dollar"),
        pytest.param("1.50000000000000", 1_500_000_000, id="zeros beyond a nano-dollar"),
        pytest.param("1e2", 100_000_000_000, id="an exponent"),
        pytest.param("-0", 0, id="minus nothing"),
        pytest.param(5, 5_000_000_000, id="int"),
        pytest.param(0, 0, id="nothing"),
        pytest.param(Decimal("0.30"), 300_000_000, id="Decimal"),
        pytest.param("10000000", MOST, id="the most"),
    ],
)
def test_what_is_taken(given, nano):
    amount = parse_usd(given)
    assert to_nano(amount) == nano
    assert from_nano(nano) == amount
    assert not amount.is_signed()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param(0.1, "a float is no exact amount", id="float"),
        pytest.param(1.0, "a float is no exact amount", id="whole float"),
        pytest.param(True, "a bool is no exact amount", id="bool"),
        pytest.param(None, "a NoneType is no exact amount", id="None"),
        pytest.param(b"1", "a bytes is no exact amount", id="bytes"),
        pytest.param("", "no number", id="empty"),
        pytest.param("ten", "no number", id="words"),
        pytest.param("1,50", "no number", id="a comma"),
        pytest.param("1.5.0", "no number", id="two points"),
        pytest.param("٣", "no number", id="digits of another script"),
        pytest.param("1" * 41, "no number", id="too many characters"),
        pytest.param("NaN", "no amount of money", id="NaN"),
        pytest.param("sNaN", "no amount of money", id="signalling NaN"),
        pytest.param(Decimal("Infinity"), "no amount of money", id="infinite"),
        pytest.param("-0.01", "is negative", id="negative text"),
        pytest.param(-1, "is negative", id="negative int"),
        pytest.param("10000000.01", "more than $10,000,000.00", id="absurd"),
        pytest.param(10**5000, "more than $10,000,000.00", id="thousands of digits"),
        pytest.param(Decimal("1E+999999"), "more than $10,000,000.00", id="an absurd exponent"),
        pytest.param("0.0000000001", "finer than a nano-dollar", id="too fine"),
        pytest.param(Decimal("1E-999999"), "finer than a nano-dollar", id="absurdly fine"),
    ],
)
def test_what_is_refused(given, says):
    with pytest.raises(InvalidRequest) as caught:
        parse_usd(given, "the limit")
    assert says in caught.value.message
    assert caught.value.message.startswith("the limit ")
    assert len(caught.value.message) < 200
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("amount", "usd", "in_credits"),
    [
        ("3.75", "$3.75", "375"),
        ("0.00375", "$0.00375", "0.375"),
        ("0", "$0.00", "0"),
        ("1240.5", "$1,240.50", "124,050"),
        ("100", "$100.00", "10,000"),
        ("0.000000001", "$0.000000001", "0.0000001"),
        ("-3.75", "-$3.75", "-375"),
        ("-0.5", "-$0.50", "-50"),
    ],
)
def test_for_people(amount, usd, in_credits):
    assert format_usd(Decimal(amount)) == usd
    assert format_credits(usd_to_credits(Decimal(amount))) == in_credits


@given(any_nanos)
def test_nano_dollars_come_back(nano):
    assert to_nano(from_nano(nano)) == nano


@given(nanos)
def test_what_is_written_for_people_is_read_again(nano):
    assert to_nano(parse_usd(format_usd(from_nano(nano)).replace(",", ""))) == nano


@given(nanos)
def test_credits_come_back(nano):
    amount = from_nano(nano)
    assert credits_to_usd(usd_to_credits(amount)) == amount
    assert to_nano(usd_to_credits(amount)) == 100 * nano


@given(st.lists(nanos, max_size=50))
def test_sums_are_exact(amounts):
    with localcontext(prec=60):
        total = sum((from_nano(nano) for nano in amounts), Decimal(0))
    assert to_nano(total) == sum(amounts)


@given(nanos)
def test_a_thread_with_three_digits_changes_nothing(nano):
    amount = from_nano(nano)
    said = format_usd(amount), str(usd_to_credits(amount)), str(parse_usd(amount))
    with localcontext(prec=3, rounding=ROUND_DOWN):
        assert from_nano(nano) == amount
        assert to_nano(amount) == nano
        assert (format_usd(amount), str(usd_to_credits(amount)), str(parse_usd(amount))) == said


@pytest.mark.parametrize(
    ("convert", "amount"),
    [pytest.param(to_nano, "1E-10", id="dollars"), pytest.param(credits_to_usd, "0.00000001", id="credits")],
)
def test_a_fraction_of_a_nano_dollar_is_never_lost_in_silence(convert, amount):
    with pytest.raises(ValueError, match="whole number of nano-dollars"):
        convert(Decimal(amount))
