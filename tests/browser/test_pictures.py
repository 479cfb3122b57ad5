"""Pictures in a real front end: drawn, sorted, reduced, compared, with a kernel and without."""

import json
import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETUP = """%load_ext qjob
import qjob
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
engine = qjob.connect()
qc = QuantumCircuit(QuantumRegister(4), ClassicalRegister(3, "c"), ClassicalRegister(1, "flag"))
qc.h(0); qc.cx(0, 1); qc.cx(1, 2); qc.ry(0.4, 3); qc.measure(range(4), [2, 0, 1, 3])
noisy = dict(backend="qb-sim-noisy-aer", seed=3)
engine.submit(qc, shots=20_000, name="ghz", options={"gate_error_2q": 0.03}, **noisy).wait()
engine.submit(qc, shots=4_000, name="better", options={"gate_error_2q": 0.002}, **noisy).wait();"""

STATE = """phases = QuantumCircuit(3)
phases.h([0, 1, 2]); phases.s(0); phases.t(1); phases.cz(0, 2); phases.ry(0.3, 1); phases.measure_all()
engine.submit(phases, backend="qb-sim-statevector", shots=2000, name="phases", options={"statevector": True}).wait()
%qjob plot phases"""

WIDE = """wide = QuantumCircuit(70)
wide.h(0)
for i in range(69): wide.cx(i, i + 1)
wide.h([5, 40]); wide.measure_all()
engine.submit(wide, shots=2000, name="wide", seed=1).wait()
%qjob plot wide"""

MANY = """many = QuantumCircuit(20)
many.h(range(20)); many.ry(0.7, 3); many.measure_all()
job = engine.submit(many, shots=100_000, name="many-outcomes", seed=1).wait()"""

LIVE = """from scripted import *
from ipywidgets import VBox
from qjob.notebook.pictures.picture import Picture
from qjob.notebook.pictures.shown import View
it = Picture(None, [snapshot("RUNNING", bell(100), name="live")], View(), None, None)
VBox([it.widget])"""

LONGEST = """() => {
    window.tasks = [];
    new PerformanceObserver(list => list.getEntries().forEach(each => window.tasks.push(each.duration)))
        .observe({entryTypes: ["longtask"]});
}"""
TIMED = """async ([node, act, value]) => {
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    await frame();
    const begin = performance.now();
    if (act === "type") {
        node.value = value;
        node.dispatchEvent(new Event("change"));
    } else if (act === "scroll") node.scrollTop = value;
    else node.click();
    const busy = performance.now() - begin;
    await frame();
    return [busy, performance.now() - begin];
}"""


@pytest.fixture
def opened(pages):
    """A page whose first cell has run: it holds the jobs."""

    def opened(*cells, **context):
        page = pages.open([SETUP, *cells], **context)
        page.run(0)
        for number in range(1, len(cells) + 1):
            page.run(number)
        return page

    return opened


def card(page, cell):
    found = page.output(cell).locator(".qjob-picture")
    found.locator(".qjob-picture-row").first.wait_for()
    return found


def labels(found):
    return [text.strip() for text in found.locator(".qjob-picture-label").all_inner_texts()]


# the narrowest plot, and how many labels are cut
MEASURE = """card => [
    Math.min(...[...card.querySelectorAll(".qjob-picture-plot")].map(each => each.offsetWidth)),
    [...card.querySelectorAll(".qjob-picture-label")].filter(each => each.scrollWidth > each.clientWidth).length,
]"""
GALLERY = {
    "one": "%qjob plot ghz",
    "ideal": "%qjob plot ghz --ideal",
    "two": "%qjob plot ghz --with better --ideal",
    "three": "%qjob plot ghz --with better --ideal --bits c --sort bits",
    "state": STATE,
    "wide": WIDE,
}


def test_gallery(opened):
    page = opened(*GALLERY.values(), viewport={"width": 1280, "height": 1000})
    for cell in range(1, len(GALLERY) + 1):
        card(page, cell)
    card(page, 5).get_by_role("button", name="State", exact=True).click()
    card(page, 2).locator(".qjob-picture-row").nth(1).hover()
    for width, theme in ((1280, "light"), (1280, "dark"), (800, "dark"), (800, "light")):
        page.page.set_viewport_size({"width": width, "height": 1000})
        page.set_theme(theme)
        page.page.wait_for_timeout(300)
        for cell, name in enumerate(GALLERY, 1):
            page.screenshot(cell, f"picture-{name}-{width}-{theme}")
            assert card(page, cell).bounding_box()["width"] <= 562
            plots, cut = card(page, cell).evaluate(MEASURE)
            assert plots >= 60, name
            assert not cut or name == "wide", name
    assert page.errors == []
    assert page.foreign == []


def test_it_is_sorted_reduced_and_read_without_asking_the_kernel(opened):
    page = opened("%qjob plot ghz", "import time; time.sleep(0)")
    found = card(page, 1)
    assert labels(found)[:2] == ["0 000", "0 111"]
    sent = len([kind for kind, _, _ in page.messages])
    found.get_by_role("button", name="By bits").click()
    assert labels(found)[:3] == ["0 000", "0 001", "0 010"]
    found.get_by_role("button", name="Counts").click()
    assert re.fullmatch(r"9,\d{3}", found.locator(".qjob-picture-number").first.inner_text())
    field = found.get_by_label("Bits")
    field.fill("flag[0], c[0]")
    field.press("Enter")
    assert labels(found) == ["00", "01", "10", "11"]
    assert "classical bits 3, 0, from left to right" in found.inner_text()
    field.fill("7")
    field.press("Enter")
    assert "No bit 7 here. Type bits from 0 to 3, such as 0,3, or a register: c, flag." in found.inner_text()
    field.press("Escape")
    assert len(labels(found)) == 16
    found.locator(".qjob-picture-row").first.hover()
    readout = found.locator(".qjob-picture-readout")
    assert re.match(r"0 000: 9,\d{3} of 20,000, \d+\.\d\d\s% \(95 % interval", readout.inner_text())
    assert not [kind for kind, _, _ in page.messages[sent:] if kind.startswith("comm")]
    assert page.errors == []


def test_keys_move_through_the_rows_and_leave_the_notebook_alone(opened):
    page = opened("%qjob plot ghz")
    found = card(page, 1)
    rows = found.get_by_role("listbox")
    rows.focus()
    readout = found.locator(".qjob-picture-readout")
    assert readout.inner_text().startswith("0 000:")
    for key, expected in {"ArrowDown": "0 111:", "End": "1 ", "Home": "0 000:", "ArrowUp": "0 000:"}.items():
        rows.press(key)
        assert readout.inner_text().startswith(expected), key
    active = rows.get_attribute("aria-activedescendant")
    assert found.locator(f"#{active}").get_attribute("aria-label") == readout.inner_text()
    cells = page.cells()
    for key in ("x", "b", "a", "d", "d"):
        rows.press(key)
    button = found.get_by_role("button", name="By bits")
    button.focus()
    button.press("x")
    assert page.cells() == cells
    assert page.errors == []


def test_bits_of_two_are_compared_by_the_kernel_also_late(opened):
    page = opened("%qjob plot ghz --ideal", "1", "import time; time.sleep(6)")
    found = card(page, 1)
    before = found.locator(".qjob-picture-compared").inner_text()
    assert "gave what the ideal never gives" in before
    page.start(3)
    page.page.wait_for_timeout(300)
    field = found.get_by_label("Bits")
    field.fill("3")
    field.press("Enter")
    assert labels(found) == ["0", "1"]  # at once: the page needs nobody for that
    compared = found.locator(".qjob-picture-compared")
    compared.get_by_text(re.compile("Hellinger")).wait_for()
    assert "never gives" not in compared.inner_text()
    page.wait_done(3)
    field.press("Escape")
    assert compared.inner_text() == before
    assert page.errors == []


def test_it_works_on_without_the_kernel_and_stays_as_html_without_a_page_that_made_it(opened):
    page = opened("%qjob plot ghz --with better --ideal")
    found = card(page, 1)
    page.restart_kernel()
    found.get_by_role("button", name="By bits").click()
    field = found.get_by_label("Bits")
    field.fill("0")
    field.press("Enter")
    assert labels(found) == ["0", "1"]
    page.save()
    page.reload()
    page.output(1).get_by_text("Hellinger fidelity").first.wait_for()
    assert page.output(1).locator(".qjob-picture").count() == 0
    assert "Error displaying widget" not in page.output(1).inner_text()
    assert page.output(1).locator("tr").count() == 17
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.page.wait_for_timeout(300)
        page.screenshot(1, f"picture-stays-{theme}")
    saved = json.loads(page.path.read_text())["cells"][1]["outputs"]
    assert [sorted(each["data"]) for each in saved] == [["text/html", "text/plain"]]


def test_a_reloaded_page_with_its_kernel_draws_it_again(opened):
    page = opened("%qjob plot ghz")
    card(page, 1)
    page.save()
    page.reload()
    assert labels(card(page, 1))[:2] == ["0 000", "0 111"]


def test_a_running_jobs_picture_follows_it_as_a_child_of_others(pages):
    cells = [
        LIVE,
        "it.update(snapshot('RUNNING', bell(19_000), name='live'))",
    ]
    page = pages.open(cells)
    page.run(0)
    found = card(page, 0)
    assert "It is RUNNING: 100 of 20,000 shots so far." in found.inner_text()
    found.get_by_role("button", name="By bits").click()
    page.run(1)
    found.get_by_text("19,000 of 20,000 shots so far").wait_for()
    assert labels(found) == ["00", "01", "10", "11"]  # as it was left
    size = max(size for kind, size, _ in page.messages if kind == "comm_msg")
    print("bytes of an update", size)
    assert size < 4000
    assert page.errors == []


def test_a_hundred_thousand_outcomes_do_not_freeze_the_page(opened):
    page = opened(MANY)
    page.page.evaluate(LONGEST)
    insert = "%qjob plot many-outcomes --top 100"
    page.page.evaluate(
        """source => {
        const notebook = window.jupyterapp.shell.currentWidget;
        notebook.content.model.sharedModel.insertCell(2, {cell_type: "code", source});
    }""",
        insert,
    )
    page.page.evaluate("() => { window.begun = performance.now(); }")
    page.start(2)
    found = card(page, 2)
    shown = page.page.evaluate("() => performance.now() - window.begun")
    page.wait_done(2)
    page.page.wait_for_timeout(500)
    longest = max(page.page.evaluate("() => window.tasks"), default=0)
    button = found.get_by_role("button", name=re.compile("more outcomes"))
    total = int(button.inner_text().replace(",", "").split()[1]) + 100
    assert total > 90_000

    def timed(locator, act, value=None):
        busy, drawn = page.page.evaluate(TIMED, [locator.element_handle(), act, value])
        return round(busy), round(drawn)

    times = {
        "all rows": timed(button, "click"),
        "by bits": timed(found.get_by_role("button", name="By bits"), "click"),
        "by value": timed(found.get_by_role("button", name="By value"), "click"),
        "scroll": timed(found.get_by_role("listbox"), "scroll", 1_000_000),
        "marginal of 10 bits": timed(found.get_by_label("Bits"), "type", "0-9"),
        "marginal of 19 bits": timed(found.get_by_label("Bits"), "type", "0-18"),
    }
    print(f"{total} outcomes: shown after {shown:.0f} ms, longest task {longest:.0f} ms", times)
    assert found.locator(".qjob-picture-row").count() < 60
    assert all(drawn < 1500 for _, drawn in times.values()), times
    assert page.errors == []
