"""The table of backends with what their devices said, in both themes, for people to look at (test-artifacts/)."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CELL = """
from datetime import UTC, datetime, time, timedelta
from qjob.catalog.loader import load_catalogue
from qjob.model.device import DeviceFacts, ExecutionWindow, QueueDepth
from qjob.notebook.price_tables import backends

now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
catalogue = load_catalogue()

def said(slug, minutes=1, status="online", waiting=0, hours=("00:00", "23:59:59"), kind="qpu", **more):
    windows = (ExecutionWindow("Weekdays", *map(time.fromisoformat, hours)),)
    return DeviceFacts(catalogue.get(slug).target, now - timedelta(minutes=minutes), kind=kind, status=status,
        queue=QueueDepth(waiting, at_least=waiting >= 4000), windows=windows,
        calibrated_at=now - timedelta(days=1), **more)

told = [
    said("sv1", kind="simulator", waiting=3),
    said("ionq-forte-1", waiting=4000, hours=("14:00", "22:00"), shots=(1, 5000)),
    said("iqm-garnet", waiting=12, hours=("09:00", "17:30"), shots=(10, 20000)),
    said("iqm-emerald", minutes=3000, status="offline"),
    said("rigetti-cepheus-1-108q", status="offline"),
]
backends(catalogue, now, lambda info: info.adapter != "azure", lambda info: info.slug != "dm1",
    {one.target: one for one in told})
"""


def test_backends(pages):
    page = pages.open([CELL], viewport={"width": 1400, "height": 1300})
    page.run(0)
    table = page.output(0).locator("table")
    table.wait_for()
    page.in_both_themes(["backends"])
    for line in (
        "online, over 4,000 waiting",
        "opens in 2 h",
        "open until 17:30 UTC",
        "calibrated 2026-11-19",
    ):
        shown = table.get_by_text(line, exact=True).first
        assert shown.bounding_box()["height"] < 25  # on one line
    assert table.get_by_text("2 d ago: offline", exact=True).count() == 1
    assert table.get_by_text("no credentials here", exact=True).count() == 1
    assert table.bounding_box()["width"] <= page.output(0).bounding_box()["width"]
    assert page.errors == []
    assert page.foreign == []
