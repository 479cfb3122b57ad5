"""One task from its creation to its end, at devices of every class; failures, cancels and bills."""

from decimal import Decimal

import boto3
import pytest

from braket_lab import SKEWED, program
from qjob.backends.braket import following
from qjob.model.program import ProgramFormat

SIMULATORS = ("sv1", "dm1")
QPUS = {
    "ionq-forte-1": "8.30",
    "ionq-forte-enterprise-1": "8.30",
    "iqm-garnet": "0.445",
    "iqm-emerald": "0.46",
    "rigetti-cepheus-1-108q": "0.3425",
    "aqt-ibex-q1": "2.65",
}
"""What 100 shots cost: $0.30 a task and the shots."""

BEGINS = ["Submitted", "Attached", "Attached", "Queued"]
"""What is said of every task: its name, the text that was sent and how to read its result, and that it waits."""

THREE_SECONDS = Decimal("0.00375")
"""The least that AWS bills on a simulator: 3 s at $0.075 a minute."""


# -- the way of a task -----------------------------------------------------------------------------------------------


SENT = ["Attached", "Attached"]
"""The text that was sent, and how its result is to be read."""


@pytest.mark.parametrize("slug", [*SIMULATORS, *QPUS])
def test_a_task_of_every_device_class_goes_its_way(lab, slug):
    run = lab.submitted(slug, cap="10")
    lab.step()
    run.until("Running")
    lab.step()
    end = run.end()
    assert dict(end.result.counts) == {SKEWED: 100}
    assert end.cost == (Decimal(QPUS[slug]) if slug in QPUS else THREE_SECONDS)
    compiled = ["Attached"] if slug.startswith(("iqm", "rigetti")) else []
    assert run.kinds == [*BEGINS, "Running", "Progress", "Progress", *compiled, "Completed"]
    assert [said.phase for said in run.said if hasattr(said, "phase")][-1] == "fetching the result"
    assert run.said[0].remote_id == lab.arn()
    assert run.said[1].text == lab.loopback.tasks()[0].source


@pytest.mark.parametrize(
    ("others", "position", "beyond"),
    [pytest.param(6, 7, False, id="7"), pytest.param(5000, 2000, True, id=">2000")],
)
def test_the_place_in_the_queue_is_told(lab, others, position, beyond):
    lab.loopback.queue("sv1", others)
    run = lab.submitted()
    queued = run.said[-1]
    assert (queued.position, queued.beyond) == (position, beyond)
    lab.loopback.queue("sv1", 3)
    assert run.until("Queued").position == 4


def test_the_length_of_the_queue_is_at_least_the_position_and_counted_anew(lab):
    lab.loopback.queue("Garnet", 11)
    run = lab.submitted("iqm-garnet")
    assert run.said[-1].length >= run.said[-1].position == 12


@pytest.mark.parametrize(
    ("ms", "cost", "seconds"),
    [
        pytest.param(12, "0.00375", 0.012, id="less than 3 s is billed as 3 s"),
        pytest.param(3000, "0.00375", 3.0, id="3 s"),
        pytest.param(3001, "0.00375125", 3.001, id="by the millisecond from there"),
        pytest.param(60_000, "0.075", 60.0, id="a minute"),
    ],
)
@pytest.mark.parametrize("slug", SIMULATORS)
def test_simulators_are_billed_by_their_own_milliseconds(lab, slug, ms, cost, seconds):
    lab.loopback.duration(ms)
    run = lab.submitted(slug)
    lab.step()
    lab.step()
    end = run.end()
    assert (end.cost, end.billed_seconds) == (Decimal(cost), seconds)


def test_noise_channels_on_dm1_give_their_distribution(lab):
    noisy = program(
        "OPENQASM 3.0;\nbit[2] b;\nqubit[2] q;\nx q[0];\n#pragma braket noise bit_flip(0.25) q[1]\n"
        "b[0] = measure q[0];\nb[1] = measure q[1];\n",
        ProgramFormat.BRAKET,
    )
    run = lab.submitted("dm1", what=noisy, shots=4000)
    lab.step()
    lab.step()
    counts = dict(run.end().result.counts)
    assert set(counts) == {"01", "11"}
    # 4000 shots at 0.25: a standard deviation of 27
    assert 1000 - 6 * 28 < counts["11"] < 1000 + 6 * 28


def test_a_reservation_costs_nothing(lab, monkeypatch):
    device = lab.info("iqm-garnet").target
    reservation = "arn:aws:braket:eu-north-1:111122223333:reservation/1"
    monkeypatch.setenv("AMZN_BRAKET_RESERVATION_DEVICE_ARN", device)
    monkeypatch.setenv("AMZN_BRAKET_RESERVATION_TIME_WINDOW_ARN", reservation)
    run = lab.submitted("iqm-garnet")
    lab.step()
    lab.step()
    assert run.end().cost == 0


# -- failures and cancels --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["iqm-garnet", "ionq-forte-1"])
def test_a_failure_has_the_services_reason_and_costs_nothing(lab, slug):
    lab.loopback.fail_tasks(lab.info(slug).target, "The laser was off.")
    run = lab.submitted(slug)
    lab.step()
    run.until("Running")
    lab.step()
    end = run.end()
    assert (end.failure.code, end.cost) == ("task_failed", 0)
    assert end.failure.reason.endswith(": The laser was off.")


def test_a_simulator_that_failed_before_anybody_saw_it_run_costs_nothing(lab):
    lab.loopback.fail_tasks("sv1", "Out of memory")
    run = lab.submitted()
    lab.step()
    lab.step()
    assert run.end().cost == 0


def test_a_cancel_before_there_is_a_task_creates_none(lab):
    run = lab.follow(lab.task())
    run.cancel = True
    assert (run.kinds, run.end().cost) == ([], None)
    assert lab.loopback.tasks() == []


@pytest.mark.parametrize("slug", ["sv1", "iqm-garnet"])
def test_a_cancel_in_the_queue_takes_effect_at_once_and_is_free(lab, slug):
    run = lab.submitted(slug)
    run.cancel = True
    end = run.end()
    assert (type(end).__name__, end.cost, end.failure) == ("Cancelled", 0, None)
    assert lab.loopback.tasks()[0].history[-1] == "CANCELLED"
    assert len(lab.loopback.requests("CancelQuantumTask")) == 1


def test_a_cancel_while_it_runs_takes_effect_after_the_run(lab):
    run = lab.submitted()
    lab.step()
    run.until("Running")
    run.cancel = True
    run.turn()
    assert lab.loopback.tasks()[0].status == "CANCELLING"
    run.turn()
    lab.step()
    end = run.end()
    assert (type(end).__name__, end.cost >= THREE_SECONDS) == ("Cancelled", True)
    assert len(lab.loopback.requests("CancelQuantumTask")) == 1


def test_a_cancel_that_comes_too_late_gives_the_result_and_its_bill(lab):
    lab.loopback.cancel_mode("too_late")
    run = lab.submitted("iqm-garnet")
    lab.step()
    run.until("Running")
    run.cancel = True
    run.turn()
    lab.step()
    end = run.end()
    assert (dict(end.result.counts), end.cost) == ({SKEWED: 100}, Decimal("0.445"))


def test_a_cancel_of_a_task_that_has_ended_gives_its_result(lab):
    run = lab.submitted()
    lab.step()
    lab.step()
    run.cancel = True  # AWS answers 409
    assert dict(run.end().result.counts) == {SKEWED: 100}


def test_a_cancel_in_the_console_by_others_is_told(lab):
    run = lab.submitted("iqm-garnet")
    boto3.client("braket", region_name="eu-north-1").cancel_quantum_task(
        quantumTaskArn=lab.arn(), clientToken="by-hand"
    )
    end = run.end()
    assert (type(end).__name__, end.cost, end.failure.code) == ("Cancelled", 0, "cancelled_elsewhere")


def test_who_may_not_cancel_is_told_so_and_the_task_is_followed_to_its_end(lab):
    run = lab.submitted()
    lab.loopback.deny("main", "CancelQuantumTask")
    run.cancel = True
    note = run.note().note
    assert "CancelQuantumTask" in note
    assert "IAM" in note
    lab.step()
    lab.step()
    assert dict(run.end().result.counts) == {SKEWED: 100}


def test_a_run_that_nears_what_is_held_is_cancelled_and_billed(lab):
    run = lab.submitted(cap="0.0125")  # which pays for 10 s
    lab.step()
    run.until("Running")
    for _ in range(20):
        run.turn()
    assert (
        lab.loopback.requests("CancelQuantumTask") == []
    )  # it is told as running for a while without being billed
    lab.now += following.AROUND
    run.turn()
    assert lab.loopback.tasks()[0].status == "CANCELLING"
    lab.step()
    end = run.end()
    assert (end.failure.code, end.cost >= THREE_SECONDS) == ("money_spent", True)
    assert "the money held pays for 10 s" in end.failure.reason


def test_devices_that_are_paid_by_shots_may_run_for_as_long_as_they_like(lab):
    run = lab.submitted("iqm-garnet")
    lab.step()
    run.until("Running")
    lab.now += 1e6
    run.turn()
    assert lab.loopback.requests("CancelQuantumTask") == []
