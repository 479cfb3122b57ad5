"""The card of a batch in a real JupyterLab: live, cancelled, as a receipt that stays, in both themes."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CARD, CANCEL, LINE = ".qjob-card", ".qjob-cancel", ".qjob-line"
RECEIPT = ".jp-RenderedHTML"

LIVE = {
    "waiting": "batch(queued=9)",
    "running": "batch(9, 1, 2, 28, cost=(400_000_000, 3_600_000_000))",
    "unnamed": "batch(3, 0, 1, 4, name=None, bits=100)",
    "thousand": "batch(600, 4, 2, 394, bits=12)",
    "cancelling": "batch(12, cancelling=20)",
}
ENDED = {
    "completed": "batch(9, cost=(3_600_000_000, 0))",
    "failed": "batch(37, 3)",
    "all-failed": "batch(0, 20)",
    "cancelled": "batch(12, cancelled=28, name='a sweep with a rather long name, ' * 4)",
    "never-began": "batch(cancelled=3, name=None)",
}


def cell(first, *then):
    return "\n".join(["from scripted import *", f"asked = []; it = card({first}, asked); it.show()", *then])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures(pages, theme):
    page = pages.open([cell(each) for each in (LIVE | ENDED).values()], theme=theme)
    for number, name in enumerate(LIVE | ENDED):
        page.run(number)
        shown = page.output(number).locator(CARD)
        shown.wait_for()
        page.page.wait_for_timeout(400)  # the bars have grown
        page.screenshot(number, f"batch-card-{name}-{theme}")
        assert shown.bounding_box()["width"] <= 562
    assert page.errors == []
    assert page.foreign == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_of_receipts(pages, theme):
    page = pages.open([cell(each, f"it.finish({each})") for each in ENDED.values()], theme=theme)
    for number, name in enumerate(ENDED):
        page.run(number)
        page.output(number).locator(RECEIPT).wait_for()
        page.screenshot(number, f"batch-receipt-{name}-{theme}")
    assert page.errors == []
    assert page.foreign == []
