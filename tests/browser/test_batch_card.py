"""The card of a batch in a real JupyterLab: live, cancelled, as a receipt that stays, in both themes."""

import nbformat
import pytest
from nbconvert import HTMLExporter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CARD, CANCEL, LINE = ".qjob-card", ".qjob-cancel", ".qjob-line"
RECEIPT = ".jp-RenderedHTML"

LIVE = {
    "waiting": "batch(queued=9)",
    "to-confirm": "batch(proposed=9, pending=Pending(consent=True))",
    "its-turn": "batch(proposed=9, pending=Pending(until=datetime.now(UTC) + timedelta(seconds=23)))",
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


def test_pictures(pages):
    page = pages.open([cell(each) for each in (LIVE | ENDED).values()])
    for number in range(len(LIVE | ENDED)):
        page.run(number)
        page.output(number).locator(CARD).wait_for()
    page.in_both_themes([f"batch-card-{name}" for name in LIVE | ENDED])
    for number in range(len(LIVE | ENDED)):
        assert page.output(number).locator(CARD).bounding_box()["width"] <= 562
    assert page.errors == []
    assert page.foreign == []


def test_pictures_of_receipts(pages):
    page = pages.open([cell(each, f"it.finish({each})") for each in ENDED.values()])
    for number in range(len(ENDED)):
        page.run(number)
        page.output(number).locator(RECEIPT).wait_for()
    page.in_both_themes([f"batch-receipt-{name}" for name in ENDED])
    assert page.errors == []
    assert page.foreign == []


def test_a_paid_batch_is_confirmed_by_one_click(pages):
    waits = cell("batch(proposed=9, pending=Pending(consent=True))")
    page = pages.open([waits, "print(asked)", "it.update(batch(queued=9, cost=(None, 3_744_000_000)))"])
    page.run(0)
    button = page.output(0).locator(".qjob-confirm")
    assert button.inner_text() == "Confirm $3.744"
    assert "9 not submitted" in page.output(0).inner_text()
    button.click()
    page.run(1)
    assert page.output(1).inner_text().strip() == "['confirm']"
    page.run(2)
    button.wait_for(state="hidden")
    assert "$3.744 held" in page.output(0).inner_text()
    assert page.errors == []


def places(page, selector, inside=""):
    """The tops of what is shown, counted from the top of its frame."""
    return page.output(0).evaluate(
        """(output, [frame, inside]) => {
            const box = output.querySelector(frame), top = box.getBoundingClientRect().top;
            return [...box.querySelectorAll(inside)].map(each => each.getBoundingClientRect().top - top); }""",
        [selector, inside],
    )


def test_updates_and_the_end_move_nothing(pages):
    steps = ("batch(queued=40)", "batch(3, running=2, queued=35)", "batch(30, 2, 2, 6)", "batch(37, 3)")
    page = pages.open(
        [cell(steps[0]), *(f"it.update({step})" for step in steps[1:]), f"it.finish({steps[-1]})"]
    )
    page.run(0)
    page.output(0).locator(LINE).nth(15).wait_for()
    first = places(page, CARD, LINE)
    assert len(first) == 16
    for number, done in enumerate(("3 of 40 jobs", "32 of 40 jobs"), 1):
        page.run(number)
        page.output(0).get_by_text(done).wait_for()
        assert places(page, CARD, LINE) == first
    page.run(3)
    page.output(0).locator(".qjob-status").get_by_text("3 of 40 FAILED").wait_for()
    assert places(page, CARD, LINE) == first
    page.run(4)
    page.output(0).locator(RECEIPT).get_by_text("37 completed").wait_for()
    last = places(page, f"{RECEIPT} > div", "tr")
    assert max(abs(a - b) for a, b in zip(first, last, strict=True)) <= 1
    assert page.errors == []


def test_what_is_left_is_cancelled_in_two_steps(pages):
    page = pages.open([cell("batch(3, 0, 2, 5)"), "print(asked)", "it.update(batch(3, cancelling=7))"])
    page.run(0)
    button = page.output(0).locator(CANCEL)
    button.click()
    assert button.inner_text() == "Really cancel the rest?"
    page.screenshot(0, "batch-card-armed-light")
    page.run(1)
    assert page.output(1).inner_text().strip() == "[]"
    button.click()
    assert button.inner_text() == "Cancelling…"
    page.run(1)
    assert page.output(1).inner_text().strip() == "['cancel']"
    page.run(2)
    page.output(0).get_by_text("7 cancelling").wait_for()
    assert page.foreign == []


def test_a_busy_kernel_is_said_and_nobody_else_is_asked(pages, lab):
    busy = "from pathlib import Path; import time\nwhile not Path('off').exists(): time.sleep(0.05)"
    page = pages.open([cell("batch(3, 0, 2, 5)"), busy])
    posted = []
    page.page.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    page.run(0)
    page.start(1)
    button = page.output(0).locator(CANCEL)
    button.click()
    button.click()
    page.output(0).get_by_text("which is busy (there is no other way to cancel this)").wait_for()
    assert posted == []
    (lab.root / "off").touch()
    page.wait_done(1)


@pytest.mark.parametrize("ended", [False, True], ids=["live card", "receipt"])
def test_nothing_runs_over_the_edge_of_a_narrow_window(pages, ended):
    shown = "batch(20, 2, 2, 6, bits=100, name='a long name of a sweep')"
    finish = ["it.finish(batch(20, 2, bits=100, name='a long name of a sweep'))"] if ended else []
    page = pages.open([cell(shown, *finish)])
    page.run(0)
    frame = f"{RECEIPT} > div" if ended else CARD
    page.output(0).locator(frame).wait_for()
    for width in (640, 800):
        page.page.set_viewport_size({"width": width, "height": 1000})
        page.page.wait_for_timeout(400)  # the notebook has followed
        page.screenshot(0, f"batch-narrow-{width}-{'receipt' if ended else 'card'}")
        beyond = page.output(0).evaluate(
            """(output, frame) => {
                const box = output.querySelector(frame), edge = box.getBoundingClientRect().right - 16;
                const cut = each => getComputedStyle(each.parentElement).overflowX === "hidden";
                const all = [...box.querySelectorAll("*")].filter(each => each.offsetWidth && !cut(each));
                return Math.max(...all.map(each => each.getBoundingClientRect().right)) - edge; }""",
            frame,
        )
        assert beyond < 1, width


@pytest.fixture(scope="module")
def executed(lab):
    """A saved notebook whose batches ended, as nobody trusts it any more."""
    page = lab.open([cell(each, f"it.finish({each})") for each in ENDED.values()])
    for number in range(len(ENDED)):
        page.run(number)
        page.output(number).locator(RECEIPT).wait_for()
    page.save()
    notebook = nbformat.read(page.path, as_version=4)
    notebook.metadata["touched"] = True  # its signature, which is over the content, no longer holds
    path = page.path.with_name(f"untrusted-{page.path.name}")
    nbformat.write(notebook, path)
    page.close()
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_legible_without_a_kernel_and_untrusted(pages, executed, theme):
    page = pages.open(executed, kernel=False, theme=theme)
    trusted = "() => window.jupyterapp.shell.currentWidget.content.widgets.some(cell => cell.model.trusted)"
    assert page.page.evaluate(trusted) is False
    for number, name in enumerate(ENDED):
        page.output(number).locator(RECEIPT).wait_for()
        page.screenshot(number, f"batch-untrusted-{name}-{theme}")
    text = page.output(1).inner_text()
    for said in (
        "rabi",
        "3 of 40 FAILED",
        "37 completed",
        "3 failed",
        "rabi[2]",
        "the same as rabi[2]",
        "43.0",
    ):
        assert said in text
    pieces = page.output(1).locator("[style*='min-width: 3px'], [style*='min-width:3px']")
    widths = pieces.evaluate_all("all => all.map(b => b.offsetWidth)")
    assert len(widths) == 2
    assert widths[0] > 10 * widths[1] > 100
    assert page.foreign == []


def test_nothing_of_it_is_lost_to_the_sanitizer(pages, executed):
    """What the sanitizer lets through is all there was, the tabular figures apart."""
    page = pages.open(executed, kernel=False)
    styles = """html => { const box = document.createElement('div'); box.innerHTML = html;
        for (const node of box.querySelectorAll('*')) node.style.removeProperty('font-variant-numeric');
        return [...box.querySelectorAll('*')].map(node => [node.tagName, node.style.cssText, node.title]); }"""
    for number, each in enumerate(nbformat.read(executed, as_version=4).cells):
        page.output(number).locator(RECEIPT).wait_for()
        kept = page.output(number).evaluate("box => box.querySelector('.jp-RenderedHTML > div').outerHTML")
        ours = each.outputs[0].data["text/html"]
        assert page.page.evaluate(styles, kept) == page.page.evaluate(styles, ours)


def test_it_is_in_nbconverts_html(executed):
    html, _ = HTMLExporter().from_filename(str(executed))
    assert "3 of 40 FAILED" in html
    assert "the same as rabi[2]" in html
