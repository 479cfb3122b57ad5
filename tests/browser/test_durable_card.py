"""Durable jobs in JupyterLab: their card, a kernel that restarts, a worker that is killed, none that runs."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BEGIN = """%load_ext qjob
import os, signal
import qjob
from qiskit import QuantumCircuit
qc = QuantumCircuit(13); qc.h(0)
for q in range(12): qc.cx(q, q + 1)
qc.measure_all()
def kill_worker(job):
    os.kill(int(job.attempts()[-1].worker.split(":")[1]), signal.SIGKILL)"""
SUBMIT = """%%qjob --mode durable --backend qb-sim-noisy-aer --shots {shots} --seed 11 --name {name} --out job \\
    --option gate_error_2q=0.01
qc"""
SHOTS = 3000  # ten to twenty seconds: nothing below may take so long on the fastest machine


def submit(name, shots=SHOTS):
    return SUBMIT.format(name=name, shots=shots).replace("\\\n    ", "")


def worker_line(lab, *options):
    """Run ``qjob worker`` as from a terminal; return what it prints."""
    command = [
        sys.executable,
        "-c",
        "from qjob.cli import main; raise SystemExit(main())",
        "worker",
        *options,
    ]
    environ = {**os.environ, "QJOB_HOME": str(lab.root.parent / "qjob")}
    return subprocess.run(command, env=environ, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture(scope="module", autouse=True)
def _worker_ends(lab):
    yield
    worker_line(lab, "--stop")


def counted(page, shown):
    """Return how many shots the card says are counted."""
    return page.page.evaluate(
        "node => { const found = node.innerText.match(/([\\d,]+) of [\\d,]+ shots/);"
        " return found ? Number(found[1].replaceAll(',', '')) : 0; }",
        shown.element_handle(),
    )


def test_the_kernel_is_restarted_and_the_next_one_goes_on_watching(pages):
    page = pages.open([BEGIN, submit("survivor"), "%load_ext qjob\n%qjob status survivor", "%qjob worker"])
    page.run(0)
    page.run(1)
    first, second = page.output(1), page.output(2)
    page.wait_until(lambda: counted(page, first) > 0, "shots are counted")
    assert "· durable ·" in first.inner_text()
    page.screenshot(1, "durable-running-light")
    page.restart_kernel()
    first.get_by_text("Kernel restarted; the job goes on without it. Run").first.wait_for()
    page.screenshot(1, "durable-restarted-light")
    before = counted(page, first)
    page.run(2)
    page.run(3)
    assert "1 in hand" in page.output(3).inner_text()
    page.wait_until(lambda: counted(page, second) > before, "the histogram goes on")
    assert counted(page, second) < SHOTS
    second.locator(".qjob-row").first.wait_for()
    page.set_theme("dark")
    page.page.wait_for_timeout(400)
    page.screenshot(2, "durable-again-dark")
    second.locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    assert "attempt" not in second.inner_text()
    assert page.errors == []
    assert page.foreign == []


def test_the_worker_is_killed_and_the_next_one_goes_on_counting(pages):
    check = "undisturbed = qjob.connect().submit(qc, backend='qb-sim-noisy-aer', shots=job.record.shots, seed=11, "
    check += "options={'gate_error_2q': 0.01})\nprint('equal:', undisturbed.counts == job.counts)"
    page = pages.open(
        [BEGIN, submit("killed"), "kill_worker(job)", "%qjob events killed", "%qjob list", check]
    )
    page.run(0)
    page.run(1)
    shown = page.output(1)
    page.wait_until(lambda: counted(page, shown) > SHOTS // 8, "shots are counted")
    page.run(2)
    shown.get_by_text("Attempt 1 ended after").wait_for()
    page.screenshot(1, "durable-setback-light")
    kept = counted(page, shown)
    assert kept > 0
    shown.get_by_text("durable, attempt 2").wait_for()
    shown.get_by_text("Attempt 2 goes on from").wait_for()
    page.wait_until(lambda: counted(page, shown) > kept, "the second attempt counts on")
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.page.wait_for_timeout(400)  # until the theme's curtain is up
        page.screenshot(1, f"durable-resumed-{theme}")
    shown.locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    receipt = shown.inner_text()
    assert "in 2 attempts" in receipt
    assert "ended, or was not heard of any more." in receipt
    page.run(3)
    page.run(4)
    page.run(5)
    assert "goes on from" in page.output(3).inner_text()
    assert "equal: True" in page.output(5).inner_text()
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.page.wait_for_timeout(400)  # until the theme's curtain is up
        for cell, name in ((1, "receipt"), (3, "events"), (4, "list")):
            page.screenshot(cell, f"durable-{name}-{theme}")
    assert page.errors == []


def test_no_worker_runs_and_the_card_says_why(pages, lab):
    page = pages.open([BEGIN, submit("waiting", shots=20_000), "%qjob status waiting"], theme="dark")
    page.run(0)
    page.run(1)
    shown = page.output(1)
    page.wait_until(lambda: counted(page, shown) > 0, "shots are counted")
    assert "ended" in worker_line(lab, "--stop")
    shown.get_by_text("no worker runs").first.wait_for()
    shown.get_by_text("The worker was stopped by hand at").wait_for()
    shown.get_by_text("The worker was asked to end, and gave the job back.").wait_for()
    assert counted(page, shown) > 0
    for theme in ("light", "dark"):
        page.set_theme(theme)
        page.page.wait_for_timeout(400)  # until the theme's curtain is up
        page.screenshot(1, f"durable-no-worker-{theme}")
    shown.get_by_role("button", name="Cancel").click()
    shown.get_by_role("button", name="Really cancel?").click()
    shown.locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    page.screenshot(1, "durable-cancelled-dark")
    assert page.errors == []
