"""Pictures of everything a user gets to see, in both themes, for people to look at (test-artifacts/)."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIVE = {
    "preparing": "snapshot('INITIALIZING')",
    "to-confirm": "snapshot('INITIALIZING', cap=3_750_000_000, pending=Pending(consent=True, why='Another one.'))",
    "its-turn": "snapshot('INITIALIZING', pending=Pending(until=datetime.now(UTC) + timedelta(seconds=23)))",
    "queued": "snapshot('QUEUED', queue_position=2)",
    "evolving": "snapshot('RUNNING', phase='evolving the state')",
    "running": "snapshot('RUNNING', bell(12_800))",
    "running-wide": "snapshot('RUNNING', ghz(400), shots=1000, name='ghz-100')",
    "cancelling": "snapshot('CANCELLING', bell(12_800))",
}
ENDED = {
    "two-outcomes": "snapshot('COMPLETED', {'0': 508, '1': 516}, shots=1024, name=None)",
    "completed": "snapshot('COMPLETED', bell(20_000))",
    "many-outcomes": "snapshot('COMPLETED', walk(5000), shots=5000, name='quantum walk')",
    "wide": "snapshot('COMPLETED', ghz(1000), shots=1000, name='ghz-100')",
    "random": "snapshot('COMPLETED', haar(1000), shots=1000, name='random circuit, depth 20, ' * 4)",
    "failed": "snapshot('FAILED', failure=OUT_OF_MEMORY)",
    "cancelled": "snapshot('CANCELLED', bell(12_800))",
}


def cell(snapshot):
    return f"from scripted import *\nit = card({snapshot}); it.show()"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_live_cards(pages, theme):
    cells = [cell(text) for text in LIVE.values()] + [cell(text) for text in ENDED.values()]
    page = pages.open(cells, theme=theme)
    for number, name in enumerate([*LIVE, *ENDED]):
        page.run(number)
        shown = page.output(number).locator(".qjob-card")
        shown.wait_for()
        page.page.wait_for_timeout(400)  # the bars have grown
        page.screenshot(number, f"card-{name}-{theme}")
        assert shown.bounding_box()["width"] <= 562
    assert page.errors == []
    assert page.foreign == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_receipts(pages, theme):
    page = pages.open([cell(text) + f"\nit.finish({text})" for text in ENDED.values()], theme=theme)
    for number, name in enumerate(ENDED):
        page.run(number)
        page.output(number).locator(".jp-RenderedHTML").wait_for()
        page.screenshot(number, f"receipt-{name}-{theme}")
    assert page.errors == []
    assert page.foreign == []
