"""Devices as their services last described them, and prices as three rates."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.model.device import DeviceFacts, ExecutionWindow
from qjob.model.price import Free, PerHqc, PerShot, PerTime, Price
from qjob.server.availability import judge
from qjob.server.qbraid.devices import _pricing, status_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROWS = {info.slug: info for info in load_catalogue()}
SV1, GARNET, LOCAL, TN1 = (ROWS[slug] for slug in ("sv1", "iqm-garnet", "marqov-sim", "tn1"))
FACTS = DeviceFacts(GARNET.target, NOW)
NIGHT = (ExecutionWindow("Everyday", time(22), time(23)),)
D = Decimal


@pytest.mark.parametrize(
    ("info", "told", "status", "message", "opens"),
    [
        pytest.param(LOCAL, None, "ONLINE", None, None, id="on this machine"),
        pytest.param(TN1, None, "RETIRED", "2026-06-26; use sv1", None, id="retired"),
        pytest.param(SV1, None, "OFFLINE", "no adapter", None, id="nothing installed"),
        pytest.param(SV1, None, "UNAVAILABLE", "nobody has asked", None, id="never asked"),
        pytest.param(GARNET, FACTS, "UNAVAILABLE", "nobody has asked", None, id="said nothing"),
        pytest.param(GARNET, replace(FACTS, status="online"), "ONLINE", None, None, id="online"),
        pytest.param(GARNET, replace(FACTS, status="offline"), "OFFLINE", "2026-11-20", None, id="offline"),
        pytest.param(
            GARNET, replace(FACTS, status="retired"), "RETIRED", "retired", None, id="retired since"
        ),
        pytest.param(
            GARNET,
            replace(FACTS, status="online", windows=NIGHT),
            "ONLINE",
            "until it opens",
            NOW.replace(hour=22),
            id="closed now",
        ),
    ],
)
def test_a_device_is_as_its_service_said(info, told, status, message, opens):
    found = judge(info, told, NOW, runs_here=message != "no adapter")
    assert (status_of(found.state), found.opens_at) == (status, opens)
    assert (found.why is None) if message is None else (message in found.why)


@pytest.mark.parametrize(
    ("rates", "three"),
    [
        (Free(), (0, 0, 0)),
        (PerShot(D("0.30"), D("0.00145")), (30, 0.145, 0)),
        (PerShot(D("0.30"), D("0.00145"), D(1)), None),
        (PerTime(D("0.075")), (0, 0, 7.5)),
        (PerTime(D("1.60"), "second"), (0, 0, 9600)),
        (PerHqc(), None),
    ],
)
def test_a_price_is_three_rates_or_none(rates, three):
    found = _pricing(Price(rates, "test", date(2026, 11, 1)))
    assert (found and (found.per_task, found.per_shot, found.per_minute)) == three


def test_no_price_is_none():
    assert _pricing(None) is None
