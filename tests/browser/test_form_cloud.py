"""A form for a device of Amazon Braket, played by the loopback: its queue, its price, its Confirm, its card."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BEGIN = """%load_ext qjob
from qiskit import QuantumCircuit
qc = QuantumCircuit(3); qc.x(2); qc.h(0); qc.cx(0, 1); qc.measure_all()"""


@pytest.fixture(scope="module", autouse=True)
def _aws(loopback_process):
    """Let the kernels of this module find the loopback where others would find AWS."""
    loopback_process.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in loopback_process.environment().items():
            patch.setenv(name, value)
        yield
    assert loopback_process.bugs() == []


def test_queue_and_price_stand_beside_a_device_and_its_job_is_confirmed_there(pages, loopback_process):
    cloud = loopback_process
    cloud.reset()
    cloud.hold("Garnet")
    cloud.queue("Garnet", 11)
    page = pages.open([BEGIN, "%qjob form qc --backend iqm-garnet --shots 100"])
    page.page.set_viewport_size({"width": 1280, "height": 1400})
    page.run(0)
    page.run(1)
    shown = page.output(1)
    shown.locator(".qform-backend", has_text="iqm-garnet").get_by_text("online, 11 waiting").wait_for()
    shown.locator(".qform-backend", has_text="iqm-garnet").get_by_text("$0.445").wait_for()
    page.screenshot(1, "form-cloud")
    assert cloud.tasks() == []
    shown.get_by_role("button", name="Submit", exact=True).click()
    shown.get_by_role("button", name="Confirm $0.445").click()
    shown.locator(".qjob-now").get_by_text("position 12 of 12 in the queue of IQM Garnet").wait_for()
    assert len(cloud.tasks()) == 1
    shown.get_by_role("button", name="Cancel").click()
    shown.get_by_role("button", name="Really cancel?").click()
    shown.locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    assert page.errors == []
