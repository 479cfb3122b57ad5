"""What a backend says of its bill is an exact amount, or refused where it is said."""

from decimal import Decimal

import pytest

from qjob.model.errors import InvalidRequest
from qjob.model.events import Cancelled, Completed, Failed
from qjob.model.job import Failure

FAILURE = Failure("device", "it broke")
ENDS = [
    pytest.param(lambda cost: Completed(None, cost), id="completed"),
    pytest.param(lambda cost: Failed(FAILURE, cost), id="failed"),
    pytest.param(Cancelled, id="cancelled"),
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("cost", [None, Decimal(0), Decimal("0.00375"), Decimal("0.000000001")])
def test_an_exact_amount(end, cost):
    assert end(cost).cost == cost


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "cost", [0.5, Decimal(-1), Decimal("NaN"), Decimal("1e-10"), Decimal(10_000_001), True]
)
def test_anything_else_is_refused(end, cost):
    with pytest.raises(InvalidRequest, match="the cost that the backend reports"):
        end(cost)


@pytest.mark.parametrize("seconds", [0, 3, 4.25, None])
def test_seconds_that_were_billed(seconds):
    assert Completed(None, None, seconds).billed_seconds == seconds


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 2e9])
def test_what_is_no_length_of_a_run_is_refused(seconds):
    with pytest.raises(InvalidRequest, match="billed seconds do not fit"):
        Completed(None, None, seconds)


def test_nobody_has_to_say():
    assert (Completed(None).cost, Failed(FAILURE).cost, Cancelled().cost) == (None, None, None)
