"""Jobs at Amazon Braket, played by the loopback, from the cell or a form to the receipt."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OWN_LAB = True

BEGIN = """%load_ext qjob
from qiskit import QuantumCircuit
qc = QuantumCircuit(3); qc.x(2); qc.h(0); qc.cx(0, 1); qc.measure_all()"""
SIMULATOR = "%%qjob --backend sv1 --shots 1000 --name on-sv1 --yes\nqc"
DEVICE = "%%qjob --backend iqm-garnet --shots 100 --name on-garnet\nqc"


@pytest.fixture(scope="module", autouse=True)
def _aws(loopback_process):
    """Let the kernels of this module find the loopback where others would find AWS."""
    loopback_process.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in loopback_process.environment().items():
            patch.setenv(name, value)
        yield
    assert loopback_process.bugs() == []


@pytest.fixture
def cloud(loopback_process):
    loopback_process.reset()
    return loopback_process


def task(cloud, device):
    (found,) = [each for each in cloud.tasks() if each.device.endswith(device)]
    return found


def test_a_card_follows_a_job_from_the_question_to_its_receipt(pages, cloud):
    cloud.delay("GetDevice", 1.5, times=1)
    cloud.hold("sv1")
    cloud.queue("sv1", 3)
    page = pages.open([BEGIN, SIMULATOR])
    page.run(0)
    page.run(1)  # the cell is done while AWS is asked
    shown = page.output(1)
    shown.get_by_text("asking SV1 whether it can run this").first.wait_for()
    shown.locator(".qjob-now").get_by_text("position 4 of 4 in the queue of SV1").wait_for()
    assert "$0.00375 held" in shown.inner_text()
    cloud.release("sv1")
    shown.locator(".jp-RenderedHTML").get_by_text("● COMPLETED").wait_for()
    receipt = shown.inner_text()
    assert "held and charged $0.00375" in receipt
    assert task(cloud, "sv1").arn in receipt
    assert "100" in receipt
    assert "111" in receipt
    page.screenshot(1, "cloud-receipt")
    assert page.errors == []
    assert page.foreign == []


def test_a_job_for_a_device_is_confirmed_waits_in_its_queue_and_is_cancelled_there(pages, cloud):
    cloud.hold("Garnet")
    cloud.queue("Garnet", 11)
    page = pages.open([BEGIN, DEVICE], theme="dark")
    page.run(0)
    page.run(1)
    shown = page.output(1)
    confirm = shown.get_by_role("button", name="Confirm $0.445")
    confirm.wait_for()
    assert cloud.tasks() == []
    confirm.click()
    shown.locator(".qjob-now").get_by_text("position 12 of 12 in the queue of IQM Garnet").wait_for()
    page.screenshot(1, "cloud-queue-dark")
    assert task(cloud, "Garnet").status == "QUEUED"
    shown.get_by_role("button", name="Cancel").click()
    shown.get_by_role("button", name="Really cancel?").click()
    shown.locator(".jp-RenderedHTML").get_by_text("● CANCELLED").wait_for()
    assert task(cloud, "Garnet").status == "CANCELLED"
    assert "held $0.445, released $0.445" in shown.inner_text()
    page.screenshot(1, "cloud-cancelled-dark")
    assert page.errors == []


def test_in_a_form_queue_and_price_stand_beside_a_device_and_its_job_is_confirmed_there(pages, cloud):
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
