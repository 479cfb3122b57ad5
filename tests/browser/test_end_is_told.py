"""The bell: a long job's end is told where the tab is in the background, to those who want that."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOW = "from scripted import *\nasked = []\nit = card(snapshot('RUNNING', seconds=45), asked); it.show()"
END = "it.finish(snapshot('COMPLETED', bell(20_000), seconds=45))"
SHORT_END = "it.finish(snapshot('COMPLETED', bell(20_000)))"
BATCH = "from scripted import *\nit = card(batch(7, running=2, seconds=45)); it.notify(on=True); it.show()"
BATCH_END = "it.finish(batch(8, 1, seconds=45))"

# a browser's notifications, as a page sees them: what is shown is noted, and a question for permission is answered
RECORDER = """window.told = [];
window.questions = 0;
window.theirs ??= window.Notification;
window.Notification = class {
  static permission = "default";
  static async requestPermission() {
    window.questions += 1;
    return (this.permission = "%s");
  }
  constructor(title, options) { window.told.push([title, options.body, options.tag]); }
  close() {}
};"""
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
UNDO = "() => { window.Notification = window.theirs; delete document.hidden; }"
TOLD = ["bell: COMPLETED", "completed in 45.0 s · free", "qjob-3f2a91bc"]


@pytest.fixture
def opened(pages):
    """A notebook whose first cell shows a job's card, in a browser that gives this answer when it is asked."""
    changed = []

    def open_with(*cells, answer="granted"):
        page = pages.open(list(cells))
        page.page.evaluate("() => {" + RECORDER % answer + "}")
        changed.append(page.page)
        page.run(0)
        page.output(0).locator(".qjob-card").first.wait_for()
        return page

    yield open_with
    for page in changed:
        page.evaluate(UNDO)


def press_bell(page):
    bell = page.output(0).locator(".qjob-bell")
    bell.click()
    page.wait_until(lambda: bell.get_attribute("aria-pressed") == "true", "the bell to be pressed")


def look_away(page, *, hidden=True):
    page.page.evaluate(HIDE, hidden)


def end(page, cell=1):
    page.run(cell)
    page.output(0).locator(".jp-RenderedHTML").wait_for()
    return page.page.evaluate("() => window.told")


def test_the_bell_asks_for_permission_once_and_the_end_is_told(opened):
    page = opened(SHOW, END, "print(asked)")
    assert page.page.evaluate("() => window.questions") == 0
    press_bell(page)
    assert page.page.evaluate("() => window.questions") == 1
    look_away(page)
    assert end(page) == [TOLD]
    page.run(2)
    assert page.output(2).inner_text().strip() == "['notify True']"
    assert page.errors == []


@pytest.mark.parametrize(
    ("press", "hidden", "last"),
    [
        pytest.param(False, True, END, id="nobody-asked-for-it"),
        pytest.param(True, False, END, id="somebody-looks"),
        pytest.param(True, True, SHORT_END, id="a-short-job"),
    ],
)
def test_otherwise_nothing_is_told(opened, press, hidden, last):
    page = opened(SHOW, last)
    title = page.page.title()
    if press:
        press_bell(page)
    look_away(page, hidden=hidden)
    assert end(page) == []
    assert page.page.title() == title


def test_where_it_is_denied_the_title_tells_until_somebody_looks(opened):
    page = opened(SHOW, END, answer="denied")
    title = page.page.title()
    press_bell(page)
    assert "title of this tab" in page.output(0).locator(".qjob-bell").get_attribute("title")
    look_away(page)
    assert end(page) == []
    assert page.page.title() == f"bell: COMPLETED · {title}"
    look_away(page, hidden=False)
    assert page.page.title() == title


def test_a_browser_without_notifications_tells_by_the_title(opened):
    page = opened(SHOW, END)
    page.page.evaluate("() => { delete window.Notification; }")
    press_bell(page)
    look_away(page)
    assert end(page) == []
    assert page.page.title().startswith("bell: COMPLETED · ")


def test_two_cards_of_one_job_tell_under_one_tag_also_while_they_are_out_of_sight(opened):
    again = "other = card(snapshot('RUNNING', seconds=45)); it.notify(on=True); other.notify(on=True); other.show()"
    page = opened(
        SHOW + "\n" + again, END + "\nother.finish(snapshot('COMPLETED', bell(20_000), seconds=45))"
    )
    page.page.evaluate("() => { Notification.permission = 'granted'; }")
    look_away(page)
    page.page.evaluate("() => document.querySelectorAll('.qjob-card').forEach(card => card.remove())")
    page.run(1)
    page.wait_until(lambda: len(page.page.evaluate("() => window.told")) == 2, "both to tell")
    assert {tag for _, _, tag in page.page.evaluate("() => window.told")} == {"qjob-3f2a91bc"}


def test_the_end_of_a_batch_is_told_too(opened):
    page = opened(BATCH, BATCH_END)
    page.page.evaluate("() => { Notification.permission = 'granted'; }")
    look_away(page)
    [[title, body, _]] = end(page)
    assert title == "rabi: 1 of 9 FAILED"
    assert body == "ended after 45.0 s · free"
