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


LONG = """%%qjob --backend qb-sim-noisy-aer --shots 100000 --name {name} --option gate_error_2q=0.01
from qiskit import QuantumCircuit
qc = QuantumCircuit(13)
qc.h(0)
for i in range(12): qc.cx(i, i + 1)
qc.measure_all()
qc"""


def start_long(pages, name, *more):
    page = pages.open(["%load_ext qjob", LONG.format(name=name), *more])
    page.run(0)
    page.run(1)
    page.output(1).locator(".qjob-row").first.wait_for()  # counts are streaming
    return page


def cancel(page, cell):
    page.output(cell).get_by_role("button", name="Cancel").click()
    page.output(cell).get_by_role("button", name="Really cancel?").click()


def test_cancel_takes_effect_while_another_cell_keeps_the_kernel_busy(pages):
    page = start_long(pages, "busy", "import time\nfor _ in range(600): time.sleep(0.1)")
    page.start(2)
    cancel(page, 1)
    page.output(1).locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    assert page.page.evaluate("window.qjobDone[2]") is False  # the cell is still at it


def test_after_a_kernel_restart_the_job_is_found_with_its_fate(pages):
    page = start_long(pages, "orphan", "%load_ext qjob\n%qjob status orphan")
    page.restart_kernel()
    page.output(1).locator(".qjob-notice").get_by_text("Kernel restarted").wait_for()
    page.run(2)
    page.output(2).get_by_text("● FAILED").wait_for()
    page.output(2).get_by_text("The kernel or script that ran it ended before the job did.").wait_for()
    page.screenshot(2, "orphan")


def test_a_second_notebook_watches_and_cancels_the_job_of_the_first(pages):
    first = start_long(pages, "shared")
    second = pages.open(["%load_ext qjob\n%qjob status shared"], theme="dark")
    second.run(0)
    second.output(0).locator(".qjob-row").first.wait_for()
    second.screenshot(0, "elsewhere-dark")
    cancel(second, 0)
    second.output(0).locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    first.output(1).locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
