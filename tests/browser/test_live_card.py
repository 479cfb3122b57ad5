"""The live card in a real JupyterLab: what it shows while a job runs, and how it is cancelled."""

import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOW = (
    "from scripted import *\nasked = []\n"
    "it = card(snapshot('RUNNING', phase='evolving the state'), asked); it.show()"
)
CARD, CANCEL, ROW, STATUS = ".qjob-card", ".qjob-cancel", ".qjob-row", ".qjob-status"


@pytest.fixture
def opened(pages):
    """A notebook whose first cell shows a card; further cells are there to be filled in by the test's script."""

    def open_with(*cells, **how):
        page = pages.open([SHOW, *cells], **how)
        page.run(0)
        page.output(0).locator(CARD).wait_for()
        return page

    return open_with


def bars(page):
    """Widths of the bars in pixels."""
    return page.output(0).locator(".qjob-bar").evaluate_all("bars => bars.map(b => b.offsetWidth)")


def test_counts_stream_in_one_small_message_each(opened):
    page = opened(
        *(f"it.update(snapshot('RUNNING', walk({shots}), shots=20_000))" for shots in (500, 5000, 15_000)),
        "import threading\n"
        "other = threading.Thread(target=it.update, args=[snapshot('RUNNING', walk(19_000))])\n"
        "other.start(); other.join()",
    )
    card = page.output(0).locator(CARD)
    assert "evolving the state" in card.inner_text()
    assert card.locator(ROW).count() == 0  # no counts before there are any
    page.messages.clear()
    for number, shots in enumerate(("500", "5,000", "15,000", "19,000"), 1):
        page.run(number)
        card.get_by_text(f"{shots} of 20,000 shots").wait_for()
        assert card.locator(ROW).count() == 16
        assert "more outcomes" in card.inner_text()
    sizes = [size for kind, size, _ in page.messages if kind == "comm_msg"]
    assert len(sizes) == 4  # one message an update, also from a thread
    assert max(sizes) < 2500
    page.wait_until(lambda: bars(page)[0] > 100, "the first bar to grow")
    assert min(bars(page)) > 0
    assert card.locator(".qjob-track").get_attribute("aria-valuenow") == "19000"
    assert page.errors == []
    assert page.foreign == []


def test_bars_move_smoothly_unless_the_reader_wants_no_motion(opened):
    moving, still = opened(), opened(reduced_motion="reduce")
    style = "card => getComputedStyle(card.querySelector('.qjob-done')).transitionDuration"
    assert moving.output(0).locator(CARD).evaluate(style) == "0.25s"
    assert still.output(0).locator(CARD).evaluate(style) == "0s"


def test_the_clock_ticks_without_messages(opened):
    page = opened()
    clock = page.output(0).locator(".qjob-now")
    first = clock.inner_text()
    page.messages.clear()
    page.wait_until(lambda: clock.inner_text() != first, "the clock to tick")
    assert [kind for kind, _, _ in page.messages if kind == "comm_msg"] == []


def test_cancel_takes_two_steps(opened):
    page = opened("print(asked)", "it.update(snapshot('CANCELLING'))", "it.finish(snapshot('CANCELLED'))")
    button = page.output(0).locator(CANCEL)
    button.click()
    assert button.inner_text() == "Really cancel?"
    page.screenshot(0, "card-armed-light")
    page.run(1)
    assert page.output(1).inner_text().strip() == "[]"  # nothing was asked yet
    button.click()
    assert button.inner_text() == "Cancelling…"
    page.run(1)
    assert page.output(1).inner_text().strip() == "['cancel']"
    page.run(2)
    page.output(0).locator(STATUS).get_by_text("CANCELLING").wait_for()
    page.run(3)
    page.output(0).locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    assert page.foreign == []


def test_a_double_click_confirms_nothing(opened):
    page = opened("print(asked)")
    page.output(0).locator(CANCEL).dblclick()
    assert page.output(0).locator(CANCEL).inner_text() == "Really cancel?"
    page.run(1)
    assert page.output(1).inner_text().strip() == "[]"


def test_a_held_key_and_two_quick_taps_confirm_nothing(opened):
    page = opened("print(asked)")
    button = page.output(0).locator(CANCEL)
    button.focus()
    for _ in range(8):
        page.page.keyboard.down("Enter")  # from the second time on, a key that is held
    page.page.keyboard.up("Enter")
    assert button.inner_text() == "Really cancel?"
    page.page.keyboard.press("Escape")
    button.focus()
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Enter")
    assert button.inner_text() == "Really cancel?"
    page.run(1)
    assert page.output(1).inner_text().strip() == "[]"


def test_cancel_is_disarmed_by_escape_and_by_time(opened):
    page = opened()
    button = page.output(0).locator(CANCEL)
    button.click()
    page.page.keyboard.press("Escape")
    assert button.inner_text() == "Cancel"
    button.click()
    armed = time.monotonic()
    page.wait_until(lambda: button.inner_text() == "Cancel", "the button to disarm")
    assert 4 < time.monotonic() - armed < 15


def test_keys_on_the_button_do_not_reach_the_notebook(opened):
    page = opened("'second'")
    button = page.output(0).locator(CANCEL)
    button.focus()
    for key in ("b", "x", "a", "d", "d", "Shift+M"):
        page.page.keyboard.press(key)
    assert page.cells() == 2
    page.page.keyboard.press("Enter")  # works the button
    assert button.inner_text() == "Really cancel?"
    assert page.cells() == 2


def test_the_server_is_asked_when_the_kernel_is_busy(opened, lab):
    # an interrupt-free wait that the test ends by making a file
    page = opened(
        "from pathlib import Path; import time\nwhile not Path('go').exists(): time.sleep(0.05)",
        "print(asked)",
    )
    seen = []

    def answer(route):
        seen.append(route.request)
        route.fulfill(status=202, json={"status": "cancelling"})

    page.page.route("**/qjob/api/jobs/*/cancel", answer)
    page.start(1)
    button = page.output(0).locator(CANCEL)
    button.click()
    button.click()
    page.wait_until(lambda: bool(seen), "the request to the server")
    assert seen[0].method == "POST"
    assert seen[0].url == f"{lab.url}/qjob/api/jobs/3f2a91bc-7d1e-4b52-9a55-0c6a5f1d2e3f/cancel"
    assert seen[0].headers["x-xsrftoken"]
    assert button.inner_text() == "Cancelling…"
    (lab.root / "go").touch()
    page.wait_done(1)
    page.run(2)
    assert page.output(2).inner_text().strip() == "['cancel']"
    assert page.errors == []


def test_a_cancel_that_reached_nobody_is_said_quietly(opened, lab):
    page = opened("from pathlib import Path; import time\nwhile not Path('on').exists(): time.sleep(0.05)")
    page.page.route("**/qjob/api/jobs/*/cancel", lambda route: route.fulfill(status=503, json={}))
    page.start(1)
    button = page.output(0).locator(CANCEL)
    button.click()
    button.click()
    notice = page.output(0).locator(".qjob-notice")
    notice.get_by_text("The cancel waits for the kernel, which is busy (the server answered 503).").wait_for()
    assert button.inner_text() == "Cancel"
    (lab.root / "on").touch()
    page.wait_done(1)


WAITS = (
    "from scripted import *\nasked = []\n"
    "it = card(snapshot('INITIALIZING', cap=3_750_000_000, pending=Pending(consent=True)), asked); it.show()"
)


def test_a_paid_job_is_confirmed_by_one_click(pages):
    page = pages.open([WAITS, "print(asked)", "it.update(snapshot('RUNNING', bell(500), cap=3_750_000_000))"])
    page.run(0)
    button = page.output(0).locator(".qjob-confirm")
    assert button.inner_text() == "Confirm $3.75"
    assert "up to $3.75" in page.output(0).inner_text()
    button.dblclick()  # once is enough, twice is not two
    assert button.inner_text() == "Confirming…"
    page.run(1)
    assert page.output(1).inner_text().strip() == "['confirm']"
    page.run(2)
    button.wait_for(state="hidden")
    assert page.output(0).locator(CANCEL).is_visible()
    assert page.errors == []


def test_a_refused_confirmation_shows_why_and_may_be_tried_again(pages):
    refusing = (
        "from scripted import *\nfrom qjob.model.errors import OverBudget\n"
        "def refuse(): raise OverBudget('nothing remains.')\n"
        "waits = snapshot('INITIALIZING', cap=3_750_000_000, pending=Pending(consent=True))\n"
        "it = LiveCard(waits, now=lambda: datetime.now(UTC), on_cancel=refuse, on_confirm=refuse, cancel_url='x')\n"
        "it.show()"
    )
    page = pages.open([refusing])
    page.run(0)
    button = page.output(0).locator(".qjob-confirm")
    button.click()
    page.output(0).locator(".qjob-notice").get_by_text("nothing remains.").wait_for()
    assert button.inner_text() == "Confirm $3.75"


def test_a_job_that_waits_for_its_turn_counts_down_without_messages(pages):
    waits = "snapshot('INITIALIZING', pending=Pending(until=datetime.now(UTC) + timedelta(seconds=200)))"
    page = pages.open([f"from scripted import *\nit = card({waits}); it.show()"])
    page.run(0)
    phase = page.output(0).locator(".qjob-now")
    phase.get_by_text("submits itself in 3 min 1").wait_for()
    first = phase.inner_text()
    page.messages.clear()
    page.wait_until(lambda: phase.inner_text() != first, "the countdown to go on")
    assert [kind for kind, _, _ in page.messages if kind == "comm_msg"] == []
    assert page.output(0).locator(".qjob-confirm").is_hidden()


def test_a_refused_cancel_shows_why(pages):
    refusing = (
        "from scripted import *\nfrom qjob.model.errors import IllegalMove\n"
        "def refuse(): raise IllegalMove('the job has ended.')\n"
        "it = LiveCard(snapshot('RUNNING'), now=lambda: datetime.now(UTC), on_cancel=refuse, on_confirm=refuse, "
        "cancel_url='x')\n"
        "it.show()"
    )
    page = pages.open([refusing])
    page.page.route("**/x", lambda route: route.fulfill(status=503, json={}))
    page.run(0)
    button = page.output(0).locator(CANCEL)
    button.click()
    button.click()
    page.output(0).locator(".qjob-notice").get_by_text("the job has ended.").wait_for()
    assert button.inner_text() == "Cancel"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_kernel_restart_is_said_and_takes_the_button_away(opened, theme):
    page = opened("it.update(snapshot('RUNNING', bell(5000)))", theme=theme)
    page.run(1)
    page.output(0).locator(ROW).first.wait_for()
    page.restart_kernel()
    notice = page.output(0).get_by_text("Kernel restarted; the job goes on elsewhere or has ended.").first
    notice.wait_for()
    card = page.output(0).locator(CARD)
    assert "%qjob status 3f2a91bc" in card.inner_text()
    assert "last seen RUNNING" in card.inner_text()
    assert not page.output(0).locator(CANCEL).is_visible()
    clock = page.output(0).locator(".qjob-now")
    stopped = clock.inner_text()
    page.page.wait_for_timeout(400)  # four ticks
    assert clock.inner_text() == stopped
    page.screenshot(0, f"card-kernel-gone-{theme}")


def test_a_page_reloaded_in_mid_job_shows_the_final_state(opened):
    page = opened("it.finish(snapshot('COMPLETED', bell(20_000)))")
    page.save()
    page.reload()
    page.output(0).locator(STATUS).get_by_text("RUNNING").wait_for()
    page.run(1)
    page.output(0).locator(STATUS).get_by_text("COMPLETED").wait_for()
    page.output(0).get_by_text("%qjob result 3f2a91bc").wait_for()
    assert not page.output(0).locator(CANCEL).is_visible()
    assert page.errors == []


def test_a_screen_reader_hears_status_and_phase(opened):
    page = opened("it.update(snapshot('FAILED', failure=OUT_OF_MEMORY))")
    spoken = page.output(0).get_by_role("status")
    assert spoken.text_content() == "bell: running, evolving the state"
    page.run(1)
    page.wait_until(lambda: "failed after 3.42 s" in spoken.text_content(), "the failure to be announced")
    assert page.output(0).get_by_role("group", name="qjob bell").is_visible()
