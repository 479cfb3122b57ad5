"""What stands above the card of a rehearsal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.model.quote import Quote, Unpriced
from qjob.notebook.rehearsal_text import WIDTH, rehearsal_text
from qjob.policy.rehearsal import Rehearsal
from qjob.rehearsing import Rehearsed

GARNET = load_catalogue().get("iqm-garnet")
REHEARSAL = Rehearsal(
    "qb-sim-noisy-aer", {}, ("It is noisy.", "Long: " + "much is left out " * 10), exact=False
)


def price(low, expected, cap):
    return Quote(*map(Decimal, (low, expected, cap)), GARNET.price, "so and so")


def text(quote, info=GARNET):
    return rehearsal_text(Rehearsed(None, REHEARSAL, quote), info)


@pytest.mark.parametrize(
    ("quote", "changes", "said"),
    [
        pytest.param(price(2, 2, 2), {}, "The real run would cost $2.00 (so and so).", id="exact"),
        pytest.param(
            price(1, 2, 3), {}, "The real run would cost $2.00, at the most $3.00 (so and so).", id="estimate"
        ),
        pytest.param(
            Unpriced("it is secret"),
            {},
            "What the real run would cost is not known: it is secret.",
            id="unpriced",
        ),
        pytest.param(
            price(2, 2, 2),
            {"retired": "2026-03", "instead": ("sv1",)},
            "There is no real run: iqm-garnet was retired 2026-03; use sv1.",
            id="retired",
        ),
    ],
)
def test_what_the_real_run_would_cost(quote, changes, said):
    head = "Rehearsal for iqm-garnet on qb-sim-noisy-aer, free. "
    assert " ".join(text(quote, replace(GARNET, **changes)).split()).startswith(head + said)


def test_each_sentence_begins_a_line_and_none_is_too_long():
    lines = text(price(2, 2, 2)).splitlines()
    assert [line[:5] for line in lines if not line.startswith("  ")] == ["Rehea", "It is", "Long:"]
    assert max(map(len, lines)) <= WIDTH
