"""A real batch of a `%%qjob` cell, from the first state on its card to the receipt."""

import shutil
import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SWEEP = """%%qjob --shots 60 --name rabi --seed 7 --out rabi --backend qb-sim-noisy-aer --option gate_error_2q=0.002
from qiskit import QuantumCircuit
circuits = []
for step in range(24):
    qc = QuantumCircuit(12)
    for layer in range(12):
        for bit in range(12): qc.rx(step * 0.0109, bit)
        for bit in range(11): qc.cx(bit, bit + 1)
    qc.measure_all()
    circuits.append(qc)
circuits"""
MANY = """%%qjob --shots 10 --name many
from qiskit import QuantumCircuit
qc = QuantumCircuit(2); qc.h(0); qc.cx(0, 1); qc.measure_all()
[qc] * 1000"""
SLOW = """%%qjob --backend qb-sim-noisy-aer --shots 100000 --name {name} --option gate_error_2q=0.01
from qiskit import QuantumCircuit
qc = QuantumCircuit(13)
qc.h(0)
for i in range(12): qc.cx(i, i + 1)
qc.measure_all()
[qc] * 30"""


def test_a_cell_becomes_a_card_and_then_a_receipt_that_stays(pages):
    page = pages.open(["%load_ext qjob", SWEEP, "rabi"])
    page.run(0)
    page.start(1)
    page.output(1).locator(".qjob-card").wait_for()
    page.wait_done(1)  # the cell is done while the jobs go on
    page.output(1).locator(".qjob-line[data-status=COMPLETED]").nth(3).wait_for()
    page.screenshot(1, "real-batch-live-light")
    page.run(2)
    page.output(2).locator(".qjob-card").wait_for()  # shown again, it is live again
    for cell in (1, 2):
        page.output(cell).locator(".jp-RenderedHTML").get_by_text("24 completed").wait_for()
    page.screenshot(1, "real-batch-light")
    sizes = [size for kind, size, _ in page.messages if kind == "comm_msg"]
    print("updates", len(sizes), "bytes each", sum(sizes) // len(sizes), "at most", max(sizes))
    assert max(sizes) < 2500
    assert page.errors == []
    assert page.foreign == []
    page.save()
    copy = page.path.with_name("reopened.ipynb")  # one that no kernel is running for
    shutil.copy(page.path, copy)
    again = pages.open(copy, kernel=False, theme="dark")
    again.output(1).locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    again.screenshot(1, "real-batch-dark")
    assert "rabi[15]" in again.output(1).inner_text()
    assert "… 8 more jobs" in again.output(1).inner_text()


def test_a_thousand_jobs_send_few_small_messages(pages):
    page = pages.open(["%load_ext qjob", MANY])
    page.run(0)
    began = time.monotonic()
    page.start(1)
    page.output(1).locator(".qjob-card").wait_for()
    page.output(1).locator(".jp-RenderedHTML").get_by_text("1,000 completed").wait_for()
    took = time.monotonic() - began
    sizes = [size for kind, size, _ in page.messages if kind == "comm_msg"]
    print(f"{took:.1f} s, updates {len(sizes)}, bytes {sum(sizes) // len(sizes)} to {max(sizes)}")
    assert max(sizes) < 2500
    assert len(sizes) <= 10 * took + 2
    assert page.errors == []


def test_cancel_ends_all_that_is_left(pages):
    page = pages.open(["%load_ext qjob", SLOW.format(name="left")])
    page.run(0)
    page.run(1)
    page.output(1).locator(".qjob-line[data-status=RUNNING]").first.wait_for()
    page.screenshot(1, "real-batch-running")
    page.output(1).get_by_role("button", name="Cancel").click()
    page.output(1).get_by_role("button", name="Really cancel all?").click()
    page.output(1).locator(".jp-RenderedHTML").get_by_text("30 cancelled").wait_for()
    page.screenshot(1, "real-batch-cancelled")
    assert page.errors == []


def test_after_a_kernel_restart_the_batch_is_found_with_its_fate(pages):
    page = pages.open(["%load_ext qjob", SLOW.format(name="orphans"), "%load_ext qjob\n%qjob status orphans"])
    page.run(0)
    page.run(1)
    page.output(1).locator(".qjob-line[data-status=RUNNING]").first.wait_for()
    page.restart_kernel()
    page.output(1).locator(".qjob-notice").get_by_text("Kernel restarted; the batch goes on").wait_for()
    page.screenshot(1, "real-batch-kernel-gone")
    page.run(2)
    page.output(2).get_by_text("● FAILED").wait_for()
    page.output(2).get_by_text("30 failed").wait_for()
    page.screenshot(2, "real-batch-orphans")


def test_a_second_notebook_watches_the_batch_of_the_first(pages):
    first = pages.open(["%load_ext qjob", SLOW.format(name="seen")])
    first.run(0)
    first.run(1)
    second = pages.open(["%load_ext qjob\n%qjob status seen"], theme="dark")
    second.run(0)
    second.output(0).locator(".qjob-line[data-status=RUNNING]").first.wait_for()
    second.output(0).get_by_role("button", name="Cancel").click()
    second.output(0).get_by_role("button", name="Really cancel all?").click()
    for page, cell in ((second, 0), (first, 1)):
        page.output(cell).locator(".jp-RenderedHTML").get_by_text("30 cancelled").wait_for()
