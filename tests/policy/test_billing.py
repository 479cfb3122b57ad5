"""What a run at a service has cost by its price, and how long it may take for what is held."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.money import to_nano
from qjob.model.price import Free, PerGateShot, PerHqc, PerShot, PerTime
from qjob.policy.billing import of_shots, of_time, seconds_for

GARNET = PerShot(Decimal("0.30"), Decimal("0.00145"))
FLOORED = PerShot(Decimal("0.30"), Decimal("0.01"), Decimal("1.00"))
SV1 = PerTime(Decimal("0.075"), "minute", 3)
BY_SECOND = PerTime(Decimal("0.02"), "second")
OTHERS = [PerGateShot(Decimal("0.1"), Decimal("0.2")), PerHqc(Decimal(12)), PerHqc()]


@pytest.mark.parametrize(
    ("rates", "shots", "dollars"),
    [
        pytest.param(GARNET, 1000, "1.75", id="task and shots"),
        pytest.param(GARNET, 1, "0.30145", id="one shot"),
        pytest.param(FLOORED, 20, "1.00", id="less than the minimum"),
        pytest.param(FLOORED, 70, "1.00", id="the minimum"),
        pytest.param(FLOORED, 71, "1.01", id="more than the minimum"),
        pytest.param(Free(), 1000, "0", id="free"),
        pytest.param(SV1, 1000, None, id="time is billed"),
        *[pytest.param(rates, 1000, None, id=str(rates)) for rates in OTHERS],
    ],
)
def test_shots(rates, shots, dollars):
    assert of_shots(rates, shots) == (None if dollars is None else to_nano(Decimal(dollars)))


@pytest.mark.parametrize(
    ("rates", "milliseconds", "dollars"),
    [
        pytest.param(SV1, 0, "0.00375", id="nothing costs the minimum"),
        pytest.param(SV1, 2999, "0.00375", id="less than 3 s"),
        pytest.param(SV1, 3000, "0.00375", id="3 s"),
        pytest.param(SV1, 3001, "0.00375125", id="a millisecond more"),
        pytest.param(SV1, 60_000, "0.075", id="a minute"),
        pytest.param(BY_SECOND, 1, "0.00002", id="by the second, without a minimum"),
        pytest.param(PerTime(Decimal("0.01"), "minute"), 1, "0.000000167", id="up to a whole nano-dollar"),
        pytest.param(GARNET, 1000, None, id="shots are billed"),
        pytest.param(Free(), 1000, None, id="free"),
        *[pytest.param(rates, 1000, None, id=str(rates)) for rates in OTHERS],
    ],
)
def test_time(rates, milliseconds, dollars):
    assert of_time(rates, milliseconds) == (None if dollars is None else to_nano(Decimal(dollars)))


@pytest.mark.parametrize(
    ("rates", "dollars", "seconds"),
    [
        pytest.param(SV1, "0.075", 60.0, id="a minute"),
        pytest.param(SV1, "0.00375", 3.0, id="3 s"),
        pytest.param(SV1, "0", 0.0, id="nothing"),
        pytest.param(BY_SECOND, "1", 50.0, id="by the second"),
        pytest.param(PerTime(Decimal(0)), "1", None, id="time that costs nothing"),
        pytest.param(GARNET, "1", None, id="shots are billed"),
        pytest.param(Free(), "1", None, id="free"),
    ],
)
def test_seconds_that_an_amount_pays_for(rates, dollars, seconds):
    assert seconds_for(rates, to_nano(Decimal(dollars))) == seconds


prices = st.decimals("0.000001", 1000, places=6)
units = st.sampled_from(["minute", "second"])


@given(prices, units, st.integers(0, 60), st.integers(0, 10**9), st.integers(0, 10**6))
def test_longer_never_costs_less_and_never_less_than_exactly(amount, unit, least, milliseconds, more):
    rates = PerTime(amount, unit, least)
    cost = of_time(rates, milliseconds)
    exact = amount * milliseconds / (60_000 if unit == "minute" else 1000) * 10**9
    assert exact <= cost or least * 1000 >= milliseconds
    assert cost < max(exact, amount * least * 10**9) + 1
    assert cost <= of_time(rates, milliseconds + more)


@given(prices, units, st.integers(1, 10**9))
def test_what_is_billed_for_a_time_pays_for_that_time(amount, unit, milliseconds):
    rates = PerTime(amount, unit)
    assert seconds_for(rates, of_time(rates, milliseconds)) >= milliseconds / 1000 * (1 - 1e-12)


@given(st.decimals(0, 10, places=4), st.decimals(0, 1, places=6), st.integers(1, 10**6), st.integers(0, 1000))
def test_more_shots_never_cost_less(fee, per_shot, shots, more):
    rates = PerShot(fee, per_shot)
    assert of_shots(rates, shots) == to_nano(fee) + shots * to_nano(per_shot) <= of_shots(rates, shots + more)
