"""Cards and receipts in a narrow window: every column stays inside the frame, and every count can be read."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = {
    "14-bits": "snapshot('{}', walk(19_000, bits=14), shots=20_000, name='random walk')",
    "wide": "snapshot('{}', ghz(12_000), shots=20_000, name='ghz-100')",
    "two": "snapshot('{}', bell(20_000))",
}
WIDTHS = (640, 800, 1000)

# how far the contents reach beyond the inner edge of the frame, and the narrowest plot, in pixels
MEASURE = """(box, {frame, inside, plot}) => {
    const edge = (box.matches(frame) ? box : box.querySelector(frame)).getBoundingClientRect().right - 16;
    const parts = [...box.querySelectorAll(inside)];
    const ends = parts.map(part => {
        const range = document.createRange();
        range.selectNodeContents(part);
        return range.getBoundingClientRect().right;
    });
    const plots = [...box.querySelectorAll(plot)].map(each => each.offsetWidth);
    const lefts = [...box.querySelectorAll(plot)].map(each => each.getBoundingClientRect().left);
    const stagger = Math.max(...lefts) - Math.min(...lefts);
    return {stagger, beyond: Math.max(...ends) - edge, plot: Math.min(...plots), shown: ends.length};
}"""
CARD = {"frame": ".qjob-card", "inside": ".qjob-count, .qjob-share", "plot": ".qjob-plot"}
RECEIPT = {
    "frame": ".jp-RenderedHTML > div",
    "inside": "td:nth-child(3), td:nth-child(4)",
    "plot": "td:nth-child(2)",
}


@pytest.mark.parametrize("ended", [False, True], ids=["live card", "receipt"])
def test_nothing_runs_over_the_edge(pages, ended):
    cells = [
        f"from scripted import *\nit = card({text.format('RUNNING')}); it.show()"
        + (f"\nit.finish({text.format('COMPLETED')})" if ended else "")
        for text in SHOWN.values()
    ]
    page = pages.open(cells)
    for number in range(len(SHOWN)):
        page.run(number)
        page.output(number).locator(".jp-RenderedHTML" if ended else ".qjob-row").first.wait_for()
    for width in WIDTHS:
        page.page.set_viewport_size({"width": width, "height": 1000})
        page.page.wait_for_timeout(400)  # the notebook has followed, and so have the bars
        for number, name in enumerate(SHOWN):
            page.screenshot(number, f"narrow-{width}-{'receipt' if ended else 'card'}-{name}")
            measured = page.output(number).evaluate(MEASURE, RECEIPT if ended else CARD)
            assert measured["shown"] > 2, measured
            assert measured["beyond"] < 1, (width, name, measured)
            assert measured["stagger"] < 1.5, (width, name, measured)  # bars begin in one line
            assert measured["plot"] >= 40, (width, name, measured)
    assert page.errors == []


def test_all_buttons_stay_within_a_narrow_card(pages):
    waits = (
        "snapshot('INITIALIZING', cap=3_750_000_000, pending=Pending(consent=True, why='Another one.'), "
        "eta=Eta(120, 2700, 31, begins=True), phases=LATE)"
    )
    page = pages.open([f"from scripted import *\nit = card({waits}, on_form=form); it.show()"])
    page.run(0)
    card = page.output(0).locator(".qjob-card")
    card.wait_for()
    for width in WIDTHS:
        page.page.set_viewport_size({"width": width, "height": 900})
        page.page.wait_for_timeout(200)
        box = card.bounding_box()
        for button in card.locator("button:visible").all():
            edges = button.bounding_box()
            assert box["x"] <= edges["x"]
            assert edges["x"] + edges["width"] <= box["x"] + box["width"] - 16
        page.screenshot(0, f"narrow-{width}-card-buttons")
    assert card.locator("button:visible").count() == 4
