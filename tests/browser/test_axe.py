"""Whether cards and receipts can be read and worked by everybody: axe-core, contrast, keyboard, motion, names."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIVE = {
    "expected": "snapshot('RUNNING', bell(12_800), eta=Eta(10, 40, 23), phases=LATE)",
    "to-confirm": "snapshot('INITIALIZING', cap=3_750_000_000, pending=Pending(consent=True, why='Another one.'))",
    "evolving": "snapshot('RUNNING', phase='evolving the state')",
    "in-queue": "cloud('QUEUED', waiting(7, 12), eta=Eta(120, 2700, 31, begins=True), phases=LATE[:1])",
    "login-expired": "cloud('RUNNING', Progress('waiting for a login to AWS', note=EXPIRED))",
    "failed": "snapshot('FAILED', failure=OUT_OF_MEMORY)",
    "batch": "batch(7, 2, running=2, queued=9)",
    "batch-to-confirm": "batch(proposed=3, pending=Pending(consent=True))",
}
ENDED = {
    "completed": "snapshot('COMPLETED', bell(20_000), seconds=45, phases=LATE)",
    "failed": "snapshot('FAILED', failure=OUT_OF_MEMORY)",
    "cancelled": "snapshot('CANCELLED', bell(12_800))",
    "batch": "batch(14, 3, cancelled=2)",
}
ENOUGH = 4.5
"""The least contrast of text to what is behind it, by WCAG 2.2 AA."""

# Of all text that is seen inside an element: its contrast to the first opaque background behind it, by the formulas
# of WCAG, with every opacity between the two reckoned in.
CONTRASTS = """box => {
  const parse = text => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => a * value + (1 - a) * below[i]);
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || /^[●○]$/.test(text) || !node.checkVisibility() || node.closest(".qjob-unseen")) continue;
    let opacity = 1, behind = null;
    for (let at = node; at && !behind; at = at.parentElement) {
      const back = parse(getComputedStyle(at).backgroundColor);
      if (back[3] === 1) behind = back;
      else opacity *= Number(getComputedStyle(at).opacity);
    }
    const [r, g, b, a] = parse(getComputedStyle(node).color);
    const [high, low] = [light(over([r, g, b, a * opacity], behind)), light(behind)].sort((x, y) => y - x);
    found.push([(high + 0.05) / (low + 0.05), text]);
  }
  return found;
}"""


def cell(shown, *then):
    return "\n".join(["from scripted import *", f"it = card({shown}, on_form=form); it.show()", *then])


def opened(pages, shown, then, inside):
    page = pages.open([cell(text, *(line.format(text) for line in then)) for text in shown.values()])
    for number in range(len(shown)):
        page.run(number)
        page.output(number).locator(inside).wait_for()
    return page


def too_faint(page, cells, inside):
    """Return all text of less contrast than is enough, and the least contrast of all."""
    found = [
        pair for number in range(cells) for pair in page.output(number).locator(inside).evaluate(CONTRASTS)
    ]
    assert found
    return [(text, ratio) for ratio, text in found if ratio < ENOUGH], min(found)


@pytest.mark.parametrize(
    ("shown", "then", "inside"),
    [
        pytest.param(LIVE, (), ".qjob-card", id="cards"),
        pytest.param(ENDED, ("it.finish({})",), ".jp-RenderedHTML > div", id="receipts"),
    ],
)
def test_nothing_serious_is_found_and_all_text_has_contrast(pages, axe, shown, then, inside):
    page = opened(pages, shown, then, inside)
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.page.wait_for_timeout(400)  # until what fades has faded
        faint, least = too_faint(page, len(shown), inside)
        print(f"{theme}: the least contrast is {least[0]:.2f}, of {least[1]!r}")
        assert faint == []
        axe(page)


def test_a_barrier_is_found(pages, axe):
    page = pages.open([cell(LIVE["evolving"])])
    page.run(0)
    card = page.output(0).locator(".qjob-card")
    card.locator(".qjob-cancel").evaluate("button => { button.textContent = ''; }")
    with pytest.raises(AssertionError, match="button-name"):
        axe(page)
    card.locator(".qjob-facts, .qjob-quiet").first.evaluate("line => { line.style.opacity = 0.4; }")
    assert too_faint(page, 1, ".qjob-card")[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_armed_pressed_or_said_has_contrast_too(pages, axe, theme):
    page = pages.open([cell(LIVE["expected"]), "x = 1"], theme=theme)
    page.run(0)
    card = page.output(0).locator(".qjob-card")
    card.locator(".qjob-bell").click()
    card.locator(".qjob-again").click()
    card.locator(".qjob-form-host input").first.wait_for()
    card.locator(".qjob-cancel").click()
    faint, least = too_faint(page, 1, ".qjob-card")
    print(f"{theme}: the least contrast is {least[0]:.2f}, of {least[1]!r}")
    assert faint == []
    axe(page, ".qjob-footer")
    page.screenshot(0, f"card-armed-with-form-{theme}")


def test_everything_on_the_card_can_be_reached_and_worked_by_keys(pages):
    page = pages.open([cell(LIVE["to-confirm"]), "'second'"])
    page.run(0)
    card = page.output(0).locator(".qjob-card")
    card.locator(".qjob-confirm").focus()
    names = []
    for _ in range(4):
        names.append(
            page.page.evaluate("() => document.activeElement.ariaLabel ?? document.activeElement.textContent")
        )
        page.page.keyboard.press("Tab")
    assert names == ["Confirm $3.75", "Tell when it ends", "Run as job…", "Cancel"]
    card.locator(".qjob-bell").focus()
    for key in ("b", "x", "Enter"):
        page.page.keyboard.press(key)
    assert card.get_by_role("button", name="Tell when it ends", pressed=True).is_visible()
    assert page.cells() == 2


def test_nothing_moves_for_who_wants_no_motion(pages):
    page = pages.open([cell(LIVE["evolving"]), "x = 1"], reduced_motion="reduce")
    page.run(0)
    card = page.output(0).locator(".qjob-card")
    card.locator(".qjob-cancel").click()
    moving = (
        "card => card.getAnimations({subtree: true}).filter(a => a.playState === 'running')"
        ".map(a => a.animationName ?? 'transition')"
    )
    assert card.evaluate(moving) == []
