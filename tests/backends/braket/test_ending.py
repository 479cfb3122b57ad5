"""How a task ended, and what its end is booked with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from qjob.backends.base import Task
from qjob.backends.braket.conversion import Converted
from qjob.backends.braket.ending import RESERVED, Ending
from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat

CREATED = datetime(2026, 11, 20, 12, tzinfo=UTC)
CATALOGUE = load_catalogue()


def ending(slug, status, *, seconds=10.0, reason=None, reserved=False, **more):
    told = {
        "quantumTaskArn": "arn:task",
        "status": status,
        "createdAt": CREATED,
        "endedAt": CREATED + timedelta(seconds=seconds),
        "outputS3Bucket": "bucket",
        "outputS3Directory": "tasks/1",
        **({"failureReason": reason} if reason else {}),
        **({"associations": [{"arn": "arn:reservation", "type": RESERVED}]} if reserved else {}),
        **more,
    }
    request = JobRequest(Program(ProgramFormat.QASM2, b""), slug, 1000, 1, {})
    return Ending(CATALOGUE.get(slug), Task("job", 1, request, None), told)


TEN_SECONDS, THREE_SECONDS, NOTHING = "0.0125", "0.00375", "0"


@pytest.mark.parametrize(
    ("slug", "status", "began", "more", "cost"),
    [
        pytest.param("iqm-garnet", "FAILED", True, {}, NOTHING, id="a device that failed is free"),
        pytest.param("iqm-garnet", "CANCELLED", True, {}, NOTHING, id="a device that was cancelled is free"),
        pytest.param("sv1", "FAILED", False, {}, NOTHING, id="a simulator that never began is free"),
        pytest.param("sv1", "CANCELLED", False, {}, NOTHING, id="so is a cancelled one"),
        pytest.param("sv1", "FAILED", True, {}, TEN_SECONDS, id="one that began costs its time"),
        pytest.param("dm1", "CANCELLED", True, {}, TEN_SECONDS, id="cancelled or not"),
        pytest.param("sv1", "CANCELLED", True, {"seconds": 1}, THREE_SECONDS, id="at least 3 s"),
        pytest.param("sv1", "CANCELLED", True, {"seconds": -5}, THREE_SECONDS, id="clocks that go backwards"),
        pytest.param("sv1", "CANCELLED", True, {"reserved": True}, NOTHING, id="a reservation is paid for"),
        pytest.param("sv1", "FAILED", True, {"endedAt": None}, NOTHING, id="no end is told"),
    ],
)
def test_what_an_end_without_a_result_costs(slug, status, began, more, cost):
    end = ending(slug, status, **more).without_result(began=began, stopped="", by_us=True)
    assert end.cost == Decimal(cost)


@pytest.mark.parametrize(
    ("ran", "cost"),
    [
        pytest.param(None, "0.0125", id="nobody saw it begin: all the time"),
        pytest.param(2.0, "0.00625", id="what was seen of it, and what may have been missed"),
        pytest.param(60.0, "0.0125", id="never more than all the time"),
        pytest.param(0.0, "0.00375", id="at least 3 s"),
    ],
)
def test_a_wait_in_the_queue_is_not_booked_where_it_was_seen_to_end(ran, cost):
    end = ending("sv1", "FAILED").without_result(began=True, stopped="", by_us=False, ran=ran)
    assert end.cost == Decimal(cost)


@pytest.mark.parametrize(
    ("status", "reason", "stopped", "by_us", "kind", "code", "says"),
    [
        pytest.param(
            "FAILED",
            "The laser was off.",
            "",
            False,
            "Failed",
            "task_failed",
            ": The laser was off.",
            id="fails",
        ),
        pytest.param(
            "FAILED", None, "", False, "Failed", "task_failed", "gives no reason.", id="fails for no reason"
        ),
        pytest.param(
            "FAILED",
            "Late.",
            "it had run",
            True,
            "Failed",
            "task_failed",
            ": Late.",
            id="its own reason counts",
        ),
        pytest.param("CANCELLED", None, "", True, "Cancelled", None, None, id="from here"),
        pytest.param(
            "CANCELLED", None, "", False, "Cancelled", "cancelled_elsewhere", "not from here", id="elsewhere"
        ),
        pytest.param(
            "CANCELLED", None, "it had run", True, "Failed", "money_spent", "it had run.", id="no money left"
        ),
    ],
)
def test_what_an_end_without_a_result_says(*, status, reason, stopped, by_us, kind, code, says):
    end = ending("sv1", status, reason=reason).without_result(began=True, stopped=stopped, by_us=by_us)
    assert type(end).__name__ == kind
    assert (end.failure and end.failure.code) == code
    assert end.failure is None or says in end.failure.reason
    assert end.failure is None or ".." not in end.failure.reason


def result(milliseconds=None, rows=((1, 0), (1, 0), (0, 0))):
    """As much of the SDK's result as an end reads."""
    simulator = None if milliseconds is None else SimpleNamespace(executionDuration=milliseconds)
    return SimpleNamespace(
        measurements_copied_from_device=True,
        measurements=np.array(rows),
        measured_qubits=[0, 1],
        task_metadata=SimpleNamespace(shots=len(rows)),
        additional_metadata=SimpleNamespace(simulatorMetadata=simulator),
    )


CONVERTED = Converted("", BitLayout(3, (0, 2)), (0, 1), (0, 1), rewritten=True)


@pytest.mark.parametrize(
    ("slug", "milliseconds", "more", "cost", "seconds"),
    [
        pytest.param("sv1", 12, {}, THREE_SECONDS, 0.012, id="a simulator's own milliseconds, at least 3 s"),
        pytest.param("sv1", 10_000, {}, TEN_SECONDS, 10.0, id="and all of them"),
        pytest.param("sv1", None, {}, None, None, id="nobody tells: what was held"),
        pytest.param("sv1", 10_000, {"reserved": True}, NOTHING, 10.0, id="a reservation"),
        pytest.param("iqm-garnet", None, {}, "1.75", None, id="a device: task and shots"),
        pytest.param("iqm-garnet", None, {"reserved": True}, NOTHING, None, id="a device that is reserved"),
    ],
)
def test_an_end_with_a_result(slug, milliseconds, more, cost, seconds):
    end = ending(slug, "COMPLETED", **more).with_result(result(milliseconds), CONVERTED)
    assert dict(end.result.counts) == {"001": 2, "000": 1}
    assert end.cost == (None if cost is None else Decimal(cost))
    assert (end.billed_seconds, end.result.metadata.get("run_seconds")) == (seconds, seconds)
    assert end.result.metadata["task"] == "arn:task"


@pytest.mark.parametrize(
    ("slug", "cost"),
    [pytest.param("sv1", TEN_SECONDS, id="the time"), pytest.param("iqm-garnet", "1.75", id="shots")],
)
def test_a_result_that_is_lost_is_billed_and_its_place_told(slug, cost):
    end = ending(slug, "COMPLETED").result_lost("it is gone.")
    assert (end.failure.code, end.cost) == ("result_lost", Decimal(cost))
    assert "s3://bucket/tasks/1/results.json cannot be read: it is gone." in end.failure.reason
