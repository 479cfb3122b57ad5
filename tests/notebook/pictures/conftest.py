"""Pictures of jobs that ended, and of one that runs, without a store behind them."""

from types import SimpleNamespace

import numpy as np
import pytest

from qjob.model.bits import BitLayout, Register
from qjob.model.counts import Counts
from qjob.model.distribution import Distribution
from qjob.notebook.pictures.shown import Series, Shown, View

LAYOUT = BitLayout(3, (0, 1, 2), (Register("c", 2), Register("flag", 1)))
SEEN = Counts.from_dict(LAYOUT, {"000": 480, "011": 470, "001": 30, "100": 20})
OTHER = Counts.from_dict(LAYOUT, {"000": 250, "011": 250})
EXACT = Distribution.from_dict(LAYOUT, {"000": 0.5, "011": 0.5})


def series(label="bell", outcomes=SEEN, shots=None, distinct=None):
    counted = None if isinstance(outcomes, Distribution) else outcomes.shots
    return Series(label, outcomes, shots or counted, distinct or len(outcomes))


@pytest.fixture
def make_shown():
    def make(*rows, state=None, notes=(), **view):
        rows = rows or (series(),)
        return Shown(
            "bell", ("sim", "1,000 shots"), rows, View(**view), notes, state, "bell" * (state is not None)
        )

    return make


@pytest.fixture
def bell_state():
    return np.array([2**-0.5, 0, 0, 1j * 2**-0.5])


@pytest.fixture
def made():
    """What pictures of tests are made of."""
    return SimpleNamespace(series=series, SEEN=SEEN, OTHER=OTHER, EXACT=EXACT)
