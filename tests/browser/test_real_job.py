"""A real `%%qjob` cell, from the first state on the card to the receipt."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOISY = """%%qjob --backend qb-sim-noisy-aer --shots 300 --name cat --seed 7 --option gate_error_2q=0.01
from qiskit import QuantumCircuit
qc = QuantumCircuit(14)
qc.h(0)
for i in range(13): qc.cx(i, i + 1)
for _ in range(10):
    for i in range(14): qc.sx(i); qc.sx(i)
qc.measure_all()
qc"""


def test_a_cell_becomes_a_card_and_then_a_receipt(pages):
    page = pages.open(["%load_ext qjob", NOISY])
    page.run(0)
    page.start(1)
    page.output(1).locator(".qjob-card").wait_for()
    page.wait_done(1)  # the cell is done while the job goes on
    page.output(1).get_by_text("of 300 shots").wait_for()
    page.output(1).locator(".qjob-row").nth(15).wait_for()
    page.screenshot(1, "real-job-live")
    page.output(1).locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    page.screenshot(1, "real-job")
    assert "300 shots" in page.output(1).inner_text()
    sizes = [size for kind, size, content in page.messages if kind == "comm_msg"]
    print("updates", len(sizes), "bytes each", sum(sizes) // len(sizes), "at most", max(sizes))
    assert max(sizes) < 2500
    assert page.errors == []
    assert page.foreign == []
