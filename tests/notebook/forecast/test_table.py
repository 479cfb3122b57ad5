"""What is said of a forecast."""

from decimal import Decimal

import pytest

from qjob.model.money import NANO
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.forecast.cells import JobCell
from qjob.notebook.forecast.forecast import Forecast, Row, State
from qjob.notebook.forecast.table import table

CELL = JobCell(3, "%%qjob --backend sv1 --shots 1000", SubmitArguments(backend="sv1"))
FREE, REFUSED = Row(CELL, State.FREE), Row(CELL, State.REFUSED, how="no such backend.\nTry sv1")
DOLLAR = Row(CELL, State.NEW, NANO, NANO, NANO)
EACH = Row(CELL, State.NEW, NANO, NANO, NANO, each=True)
RANGE = Row(CELL, State.NEW, NANO, 2 * NANO, 4 * NANO)
PAID = Row(CELL, State.PAID, paid=5 * NANO)
UNKNOWN, AT_LEAST = Row(CELL, State.UNKNOWN), Row(CELL, State.UNKNOWN, low=NANO // 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([FREE], "Run All would cost nothing.", id="free"),
        pytest.param([FREE, REFUSED], "Run All would cost nothing.", id="refused"),
        pytest.param([DOLLAR, DOLLAR], "Run All would cost $2.00.", id="known"),
        pytest.param([DOLLAR, RANGE], "Run All would cost $3.00 ($2.00 to $5.00).", id="a range"),
        pytest.param([EACH], "Run All would cost at least $1.00.", id="known for each circuit"),
        pytest.param([PAID], "Run All would cost nothing.", id="paid before"),
        pytest.param(
            [UNKNOWN],
            "Run All would cost an unknown amount: 1 cell cannot be priced before it runs.",
            id="unknown",
        ),
        pytest.param(
            [AT_LEAST, UNKNOWN],
            "Run All would cost at least $0.50: 2 cells cannot be priced before they run.",
            id="at least",
        ),
        pytest.param(
            [DOLLAR, AT_LEAST],
            "Run All would cost $1.00 and more: 1 cell cannot be priced before it runs. It is at least $1.50 in all.",
            id="some known",
        ),
    ],
)
def test_the_total(rows, said):
    assert table(Forecast(tuple(rows), Decimal(100))).note.splitlines()[0] == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (FREE, "free"),
        (DOLLAR, "$1.00"),
        (RANGE, "$2.00 ($1.00 to $4.00)"),
        (PAID, "paid: $5.00"),
        (Row(CELL, State.PAID), "nothing more"),
        (UNKNOWN, "not known"),
        (AT_LEAST, "not known, at least $0.50"),
        (REFUSED, "refused"),
    ],
)
def test_a_cell(row, said):
    ((cell, line, backend, cost, _),) = table(Forecast((row,), Decimal(0))).rows
    assert (cell, line, backend, cost) == ("3", CELL.line, "sv1", said)


def test_what_was_paid_before_is_told_apart():
    note = table(Forecast((PAID, DOLLAR), Decimal(100))).note
    assert "$5.00 was paid before for what is found again, and is not paid twice." in note
    assert "Left of the budget now: $100.00." in note


@pytest.mark.parametrize(
    ("left", "said"), [("4", None), ("3", "may not do: up to $1.00"), ("0.25", "does not do: $0.75")]
)
def test_what_the_budget_does_not_admit_is_said(left, said):
    note = table(Forecast((RANGE,), Decimal(left))).note
    assert said is None or said in note
    assert ("See %qjob budget" in note) == (said is not None)


def test_a_notebook_without_jobs():
    assert repr(table(Forecast((), Decimal(1)))) == "No cell of this notebook submits a job."
