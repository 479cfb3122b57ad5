"""What else would fit into a budget."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.money import NANO
from qjob.model.price import PerShot, Price
from qjob.model.program import CircuitProfile
from qjob.policy.advice import advice, cap_of, shots_within

CATALOGUE = load_catalogue()
FORTE, GARNET, FREE, NARROW = (
    CATALOGUE.get(slug) for slug in ("ionq-forte-1", "iqm-garnet", "marqov-sim", "aqt-ibex-q1")
)
BELL = CircuitProfile(2, 2, BitLayout(2, (0, 1)), 2, {"h": 1, "cx": 1, "measure": 2}, terminal=True)
WIDE = replace(BELL, num_qubits=15, active_qubits=15)


@pytest.mark.parametrize(
    ("info", "shots", "room", "fits"),
    [
        (FORTE, 1000, NANO // 10 * 83, 100),  # 0.30 + 100 x 0.08 = 8.30
        (FORTE, 1000, NANO // 10 * 83 - 1, 99),
        (FORTE, 1000, NANO // 10 * 3, 0),  # the task fee alone
        (FORTE, 50, 1000 * NANO, 49),  # fewer than were asked for
        (FORTE, 1, 1000 * NANO, 0),
        (GARNET, 10_000, NANO, 482),  # 0.30 + 482 x 0.00145 = 0.9989
    ],
)
def test_how_many_shots_fit(info, shots, room, fits):
    assert shots_within(info, BELL, shots, room) == fits


@given(st.integers(1, 100_000), st.integers(0, 20 * NANO))
def test_one_shot_more_would_not_fit(shots, room):
    fits = shots_within(GARNET, BELL, shots, room)
    assert fits < shots
    if fits:
        assert cap_of(GARNET, BELL, fits) <= room
    if fits + 1 < shots and fits + 1 >= GARNET.min_shots:
        assert cap_of(GARNET, BELL, fits + 1) > room


def test_the_cheapest_that_fit_are_named_first():
    said = advice(FORTE, BELL, 1000, 2 * NANO, [FORTE, GARNET, FREE, NARROW])
    assert said == "21 shots would fit. Elsewhere: marqov-sim for nothing, iqm-garnet for $1.75."


def test_what_the_circuit_does_not_fit_is_not_named():
    assert "aqt" not in advice(FORTE, WIDE, 1000, 100 * NANO, [NARROW])
    assert "aqt" in advice(FORTE, BELL, 1000, 100 * NANO, [NARROW])


def test_where_there_is_no_way_nothing_is_said():
    own = replace(FREE, slug="own", price=Price(PerShot(Decimal(5), Decimal(1)), "x", date(2026, 1, 1)))
    assert advice(own, BELL, 10, NANO, [own, FORTE]) == ""
