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
    "expected": "snapshot('RUNNING', bell(12_800), eta=Eta(10, 40, 23), phases=LATE)",
    "expected-begin": "cloud('QUEUED', waiting(7, 12), eta=Eta(120, 2700, 31, begins=True), phases=LATE[:1])",
    "asking": "cloud('INITIALIZING', pending=Pending(preflight=True))",
    "in-queue": "cloud('QUEUED', waiting(7, 12, opens_at=monday(8)))",
    "long-queue": "cloud('QUEUED', waiting(4000, 4000, beyond=True))",
    "login-expired": "cloud('RUNNING', Progress('waiting for a login to AWS', note=EXPIRED))",
    "cancelling": "snapshot('CANCELLING', bell(12_800))",
}
ENDED = {
    "phases": "snapshot('COMPLETED', bell(20_000), seconds=45, phases=LATE)",
    "two-outcomes": "snapshot('COMPLETED', {'0': 508, '1': 516}, shots=1024, name=None)",
    "completed": "snapshot('COMPLETED', bell(20_000))",
    "many-outcomes": "snapshot('COMPLETED', walk(5000), shots=5000, name='quantum walk')",
    "wide": "snapshot('COMPLETED', ghz(1000), shots=1000, name='ghz-100')",
    "random": "snapshot('COMPLETED', haar(1000), shots=1000, name='random circuit, depth 20, ' * 4)",
    "failed": "snapshot('FAILED', failure=OUT_OF_MEMORY)",
    "cancelled-elsewhere": "cloud('CANCELLED', Progress(''), failure=CANCELLED_ELSEWHERE)",
    "cancelled": "snapshot('CANCELLED', bell(12_800))",
}


def cell(snapshot):
    return f"from scripted import *\nit = card({snapshot}, on_form=form); it.show()"


def test_live_cards(pages):
    page = pages.open([cell(text) for text in (*LIVE.values(), *ENDED.values())])
    for number in range(len(LIVE) + len(ENDED)):
        page.run(number)
        page.output(number).locator(".qjob-card").wait_for()
    page.in_both_themes([f"card-{name}" for name in (*LIVE, *ENDED)])
    for number in range(len(LIVE) + len(ENDED)):
        assert page.output(number).locator(".qjob-card").bounding_box()["width"] <= 562
    assert page.errors == []
    assert page.foreign == []


def test_receipts(pages):
    page = pages.open([cell(text) + f"\nit.finish({text})" for text in ENDED.values()])
    for number in range(len(ENDED)):
        page.run(number)
        page.output(number).locator(".jp-RenderedHTML").wait_for()
    page.in_both_themes([f"receipt-{name}" for name in ENDED])
    assert page.errors == []
    assert page.foreign == []
