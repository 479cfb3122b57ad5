"""The backends with their prices, and a circuit's quotes on all of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts, QueueDepth
from qjob.model.price import Free, PerShot, PerTime, Price
from qjob.model.quote import Quote, Unpriced
from qjob.notebook.price_tables import backends, quotes
from qjob.quoting import QuoteRow
from qjob.showing.tables import options

D = Decimal
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
SIM = BackendInfo("sim", "a:b:sim:sim", "Sim", "Sims", "aer", "A simulator.", 30, 1, 9000, local=True)
FREE = Price(Free(), "it runs on this machine", None)
TASK = Price(PerShot(D("0.30"), D("0.01")), "a list", date(2026, 7, 1))
OLD = TASK._replace(as_of=date(2025, 9, 17))
MINUTE = Price(PerTime(D("0.075")), "a list", date(2026, 7, 1), own=True)


@pytest.mark.parametrize(
    ("changes", "ready", "price", "status"),
    [
        pytest.param({"price": FREE}, True, "free", "ready", id="free and here"),
        pytest.param({"price": TASK}, False, "$0.30 + $0.01/shot", "prices only", id="no adapter"),
        pytest.param(
            {"price": MINUTE}, True, "$0.075/min [from your backends.toml]", "ready", id="the user's own"
        ),
        pytest.param(
            {"price": OLD},
            True,
            "$0.30 + $0.01/shot [of 2025-09-17, over a year old]",
            "ready",
            id="over a year old",
        ),
        pytest.param(
            {"price": OLD._replace(own=True)},
            True,
            "$0.30 + $0.01/shot [of 2025-09-17, over a year old; from your backends.toml]",
            "ready",
            id="both",
        ),
        pytest.param(
            {"price": TASK, "retired": "2026-06-26", "instead": ("sv1", "dm1")},
            False,
            "$0.30 + $0.01/shot",
            "retired 2026-06-26; use sv1 or dm1",
            id="retired",
        ),
        pytest.param({"price": None}, False, "not known", "prices only", id="no price"),
    ],
)
def test_a_backend(changes, ready, price, status):
    table = backends([replace(SIM, **changes)], NOW, lambda _: ready, lambda _: True)
    assert table.rows == [("sim", "Sims", "30", "9,000", price, status, "A simulator.")]


@pytest.mark.parametrize(
    ("can_run", "is_set_up", "status"),
    [(True, True, "ready"), (True, False, "no credentials here"), (False, False, "prices only")],
)
def test_what_nobody_here_can_log_in_to_is_not_ready(can_run, is_set_up, status):
    table = backends([SIM], NOW, lambda _: can_run, lambda _: is_set_up)
    assert table.rows[0][5] == status


def test_names_to_copy_are_not_broken():
    html = backends([SIM], NOW, lambda _: True, lambda _: True)._repr_html_()
    assert html.count("white-space:nowrap") == 1
    assert 'white-space:nowrap">sim</td>' in html


ARN = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
DEVICE = DeviceFacts(
    ARN,
    NOW - timedelta(minutes=3),
    status="online",
    queue=QueueDepth(12),
    shots=(1, 500),
    calibrated_at=datetime(2026, 11, 19, 4, tzinfo=UTC),
)
LONG_AGO = NOW - timedelta(days=2, hours=3)


@pytest.mark.parametrize(
    ("row", "changes", "shots", "status", "gray"),
    [
        pytest.param({}, {}, "500", "online, 12 waiting\ncalibrated 2026-11-19", False, id="fresh"),
        pytest.param({}, {"status": "offline", "at": LONG_AGO}, "500", "2 d ago: offline\ncalibrated 2026-11-19",
            True, id="long ago"),
        pytest.param({}, {"status": None}, "500", "ready", False, id="no status told"),
        pytest.param({"instead": ("sv1",)}, {"status": "retired", "calibrated_at": None}, "500", "retired; use sv1",
            False, id="retired since the catalogue was made"),
        pytest.param({"retired": "2026-06", "instead": ("sv1",)}, {}, "500", "retired 2026-06; use sv1", False,
            id="retired by the catalogue"),
        pytest.param({"adapter": "none"}, {}, "500", "prices only", False, id="no adapter"),
        pytest.param({}, {"shots": (1, 20_000)}, "9,000", "online, 12 waiting\ncalibrated 2026-11-19", False,
            id="more shots than the catalogue"),
        pytest.param({"target": "other"}, {}, "9,000", "ready", False, id="another device"),
    ],
)  # fmt: skip
def test_what_its_device_said(row, changes, shots, status, gray):
    info = replace(SIM, **{"target": ARN, "price": TASK, **row})
    told = {ARN: replace(DEVICE, **changes)}
    table = backends([info], NOW, lambda info: info.adapter == "aer", lambda _: True, told)
    assert table.rows == [("sim", "Sims", "30", shots, "$0.30 + $0.01/shot", status, "A simulator.")]
    assert ("opacity:0.6" in table._repr_html_()) is gray


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        pytest.param(
            [0, 3, 4000], "Devices were asked 3 min ago or since; those in gray, longer ago.", id="some"
        ),
        pytest.param([0], "Devices were asked just now; those in gray, longer ago.", id="now"),
        pytest.param(
            [4000], "Options and price of one: %qjob backends SLUG", id="all long ago: each says so"
        ),
        pytest.param([], "Options and price of one: %qjob backends SLUG", id="none asked"),
    ],
)
def test_how_old_it_is(ages, said):
    rows = [replace(SIM, target=str(age)) for age in ages] + [SIM]
    facts = {str(age): replace(DEVICE, at=NOW - timedelta(minutes=age)) for age in ages}
    assert backends(rows, NOW, lambda _: True, lambda _: True, facts).note.splitlines()[0] == said


def test_every_shipped_backend_has_its_row():
    table = backends(load_catalogue(), NOW, lambda info: info.local, lambda info: info.local)
    assert len(table.rows) == 18
    assert [row[0] for row in table.rows if "over a year old" in row[4]] == [
        "quantinuum-h1-1",
        "quantinuum-h2-1",
    ]
    assert "$0.075/min" in repr(table)
    assert "0.30 + <span>$</span>0.08/shot" in table._repr_html_()


def test_one_backend_tells_where_its_price_comes_from():
    said = options(replace(SIM, price=TASK)).note
    assert said.splitlines()[-1] == "Price: $0.30 + $0.01/shot (a list, as of 2026-07-01)"
    assert options(replace(SIM, price=FREE)).note.endswith("Price: free (it runs on this machine)")


def of(price, low, expected, cap):
    return Quote(D(low), D(expected), D(cap), price, "how")


@pytest.mark.parametrize(
    ("quote", "problem", "cells"),
    [
        pytest.param(of(FREE, 0, 0, 0), "", ("free", "0", "yes", ""), id="free and fits"),
        pytest.param(
            of(TASK, "3.75", "3.75", "3.75"), "", ("$3.75", "375", "yes", "how"), id="one number where they are equal"
        ),
        pytest.param(
            of(TASK, "0.00375", "0.01", "0.02"),
            "retired 2026-06-26; use sv1",
            ("$0.01 ($0.00375 to $0.02)", "1 (0.375 to 2)", "no: retired 2026-06-26; use sv1", "how"),
            id="a range that does not fit",
        ),
        pytest.param(
            of(OLD, "1", "1", "1"),
            "",
            ("$1.00", "100", "yes", "how [of 2025-09-17, over a year old]"),
            id="an old price",
        ),
        pytest.param(Unpriced("nobody knows"), "", ("not priced", "", "yes", "nobody knows"), id="not priced"),
    ],
)  # fmt: skip
def test_a_quote(quote, problem, cells):
    table = quotes([QuoteRow(SIM, quote, 1000, problem)], TODAY)
    assert table.rows == [("sim", *cells)]
    assert table.note.startswith("For 1,000 shots. 1 credit = $0.01.")
    assert table.note.endswith("Nothing was submitted.")


def test_what_helps_to_a_price_is_said_once():
    unpriced = Unpriced("nobody knows", "Ask <them>.")
    rows = [QuoteRow(replace(SIM, slug=slug), unpriced, 1) for slug in ("a", "b")]
    rows += [QuoteRow(replace(SIM, slug="c", retired="2026-06"), unpriced, 1, "retired")]
    table = quotes(rows, TODAY)
    assert table.note.splitlines()[1:] == ["a, b: Ask <them>."]
    assert "<br>a, b: Ask &lt;them&gt;." in table._repr_html_()
