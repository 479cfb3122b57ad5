"""Who guesses keys has to wait, whoever else does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.policy.guessing import IN_ALL, PER_ADDRESS, WINDOW, Guesses


def after(*wrong):
    """Return the state after wrong keys, in order: (time, address) each."""
    guesses = Guesses()
    for at, address in wrong:
        guesses = guesses.and_wrong(address, at)
    return guesses


OWN = [(float(i), "eve") for i in range(PER_ADDRESS)]  # one a second: 0 to 9
ALL = [(i / 10, f"host{i % 20}") for i in range(IN_ALL)]  # five from each address, ten a second: 0 to 9.9


@pytest.mark.parametrize(
    ("wrong", "address", "now", "seconds"),
    [
        pytest.param([], "eve", 0.0, None, id="nothing wrong yet"),
        pytest.param(OWN[:-1], "eve", 9.0, None, id="one more may be wrong"),
        pytest.param(OWN, "eve", 9.0, 51.0, id="ten: until the first is a minute old"),
        pytest.param(OWN, "eve", 59.5, 0.5, id="half a second before that"),
        pytest.param(OWN, "eve", 60.0, None, id="then there is room for one"),
        pytest.param([*OWN, (60.0, "eve")], "eve", 60.0, 1.0, id="and after it the second one counts"),
        pytest.param(OWN, "ada", 9.0, None, id="another address is not held up"),
        pytest.param(ALL, "ada", 9.9, 50.1, id="a hundred from many hold up everybody"),
        pytest.param(ALL[:-1], "ada", 9.9, None, id="ninety-nine do not"),
        pytest.param([*ALL[5:], *[(10.0, "eve")] * 9], "eve", 10.0, 50.9, id="the longer of the two waits"),
    ],
)
def test_how_long_an_address_waits(wrong, address, now, seconds):
    waits = after(*wrong).wait(address, now)
    assert waits == (None if seconds is None else pytest.approx(seconds))


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("abcdefghijklmnop")), max_size=400))
def test_no_minute_sees_more_guesses_than_allowed_and_the_state_stays_small(tries):
    now, guesses, let_in = 0.0, Guesses(), []
    for pause, address in tries:
        now += pause
        if guesses.wait(address, now) is None:
            guesses = guesses.and_wrong(address, now)
            let_in.append((now, address))
            recent = [whose for at, whose in let_in if now - at < WINDOW]
            assert recent.count(address) <= PER_ADDRESS
            assert len(recent) <= IN_ALL
    assert len(guesses.wrong) <= IN_ALL
