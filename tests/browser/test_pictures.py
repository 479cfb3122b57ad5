"""Pictures in a real front end: drawn, sorted, reduced, compared, by pointer and by keys, with a kernel and without."""

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
job = engine.submit(many, shots=100_000, name="many", seed=1).wait()"""

LONGEST = """() => {
    window.tasks = [];
    new PerformanceObserver(list => list.getEntries().forEach(each => window.tasks.push(each.duration)))
        .observe({entryTypes: ["longtask"]});
}"""
TIMED = """async ([path, act, value]) => {
    const node = document.querySelector(path);
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


GALLERY = {
    "one": "%qjob plot ghz",
    "ideal": "%qjob plot ghz --ideal",
    "two": "%qjob plot ghz --with better --ideal",
    "three": "%qjob plot ghz --with better --ideal --bits c --sort bits",
    "state": STATE,
    "wide": WIDE,
}


@pytest.mark.parametrize("width", [1280, 800])
def test_gallery(opened, width):
    page = opened(*GALLERY.values(), viewport={"width": width, "height": 1000})
    for cell in range(1, len(GALLERY) + 1):
        card(page, cell)
    card(page, 5).get_by_role("button", name="State vector").click()
    card(page, 2).locator(".qjob-picture-row").nth(1).hover()
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.page.wait_for_timeout(300)
        for cell, name in enumerate(GALLERY, 1):
            page.screenshot(cell, f"picture-{name}-{width}-{theme}")
            assert card(page, cell).bounding_box()["width"] <= 562
    assert page.errors == []
    assert page.foreign == []
