"""Every price there is against numbers worked out by hand, and what holds for all of them."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.money import NANO, from_nano, to_nano
from qjob.model.price import Free, PerGateShot, PerHqc, PerShot, PerTime, Price
from qjob.model.program import CircuitProfile
from qjob.model.quote import Quote, Unpriced
from qjob.policy.pricing import quote
from qjob.policy.runtime import ENOUGH

D = Decimal
CATALOGUE = load_catalogue()


def circuit(qubits, *, terminal=True, active=None, **gates) -> CircuitProfile:
    layout = BitLayout(qubits, tuple(range(qubits)))
    return CircuitProfile(qubits, active or qubits, layout, qubits, {**gates, "measure": qubits}, terminal)


BELL = circuit(2, h=1, cx=1)
DEEP = circuit(30, h=400, cx=600)  # 1,000 operations on 2**30 amplitudes
MIXED = circuit(15, h=400, cx=600)  # the same as a density matrix


def priced(rates) -> Price:
    return Price(rates, "a list", date(2026, 7, 1))


# One row for each price: backend, circuit, shots, seconds of like runs, low, expected, cap in dollars.
TABLE = [
    ("marqov-sim", BELL, 1000, (), ("0", "0", "0")),
    ("qb-sim-statevector", BELL, 1000, (), ("0", "0", "0")),
    ("qb-sim-noisy-aer", BELL, 1000, (), ("0", "0", "0")),
    ("qb-sim-tensor-network", BELL, 1000, (), ("0", "0", "0")),
    # 3 s of 60 at $0.075
    ("sv1", BELL, 1000, (), ("0.00375", "0.00375", "0.00375")),
    # 2**30 * 1000 / 6e9 = 178.9 s; / 3e9 = 357.91 + 1000 * 10 us = 357.92 s; / 1e9 = 1073.74 + 0.1 = 1073.84 s
    ("sv1", DEEP, 1000, (), ("0.2225", "0.4475", "1.3425")),
    # at the least the shortest, at the most half as long again as the longest: 300, 320, 510 s
    ("sv1", DEEP, 1000, (300.0, *[320.0] * 8, 340.0), ("0.375", "0.40", "0.6375")),
    # fewer than ten say what to expect and bound nothing
    ("sv1", DEEP, 1000, (300.0, 320.0, 340.0), ("0.2225", "0.40", "1.3425")),
    ("dm1", BELL, 1000, (), ("0.00375", "0.00375", "0.00375")),
    ("dm1", MIXED, 1000, (), ("0.2225", "0.4475", "1.3425")),
    # 60 s, at the most 90 s, of $0.275 a minute
    ("tn1", BELL, 1000, (60.0,) * 10, ("0.275", "0.275", "0.4125")),
    ("ionq-forte-1", BELL, 1000, (), ("80.30", "80.30", "80.30")),
    ("ionq-forte-enterprise-1", BELL, 100, (), ("8.30", "8.30", "8.30")),
    ("ionq-aria-1", BELL, 1000, (), ("30.30", "30.30", "30.30")),
    ("iqm-garnet", BELL, 1000, (), ("1.75", "1.75", "1.75")),
    ("iqm-emerald", BELL, 1000, (), ("1.90", "1.90", "1.90")),
    ("rigetti-cepheus-1-108q", BELL, 1000, (), ("0.725", "0.725", "0.725")),
    ("rigetti-ankaa-3", BELL, 1000, (), ("1.20", "1.20", "1.20")),
    ("aqt-ibex-q1", BELL, 200, (), ("5.00", "5.00", "5.00")),
    # 5 s, at the most 8 s, of $1.60
    ("ibm-quantum", BELL, 1000, (5.0,) * 10, ("8.00", "8.00", "12.80")),
]


@pytest.mark.parametrize(("slug", "profile", "shots", "history", "amounts"), TABLE)
def test_every_price(slug, profile, shots, history, amounts):
    price = CATALOGUE.get(slug).price
    found = quote(price, profile, shots, history)
    assert isinstance(found, Quote)
    assert (found.low, found.expected, found.cap) == tuple(D(each) for each in amounts)
    assert found.price is price


# What has no price of its own: the HQC of H1 and H2, in dollars of a contract. 5 + 1000 * (1 + 10 + 5 * 2) / 5000.
@pytest.mark.parametrize("slug", ["quantinuum-h1-1", "quantinuum-h2-1"])
def test_an_hqc_has_a_price_only_by_contract(slug):
    price = CATALOGUE.get(slug).price
    found = quote(price, BELL, 1000)
    assert isinstance(found, Unpriced)
    assert found.reason.startswith("9.2 HQC = 5 + 1,000 x (1 + 10 x 1 + 5 x 2) / 5000")
    assert "usd_per_hqc" in found.remedy
    found = quote(price._replace(rates=PerHqc(D("10"))), BELL, 1000)
    assert isinstance(found, Quote)
    assert found.cap == D(92)


def test_no_price_of_the_catalogue_is_left_out():
    assert {info.slug for info in CATALOGUE} == {row[0] for row in TABLE} | {
        "quantinuum-h1-1",
        "quantinuum-h2-1",
    }


GATES = circuit(3, h=4, cx=2)


@pytest.mark.parametrize(
    ("rates", "profile", "shots", "cap", "how"),
    [
        pytest.param(Free(), BELL, 5, "0", "free", id="free"),
        pytest.param(
            PerShot(D("0.30"), D("0.01")),
            BELL,
            1,
            "0.31",
            "$0.30 + 1 shot x $0.01",
            id="a task and its shots",
        ),
        pytest.param(PerShot(D(0), D("0.01")), BELL, 50, "0.50", "50 shots x $0.01", id="no task fee"),
        pytest.param(
            PerShot(D("0.30"), D("0.01"), D(1)),
            BELL,
            10,
            "1",
            "the minimum of $1.00; $0.30 + 10 shots x $0.01 is less",
            id="below the minimum",
        ),
        pytest.param(
            PerShot(D("0.30"), D("0.01"), D(1)),
            BELL,
            70,
            "1",
            "$0.30 + 70 shots x $0.01",
            id="at the minimum",
        ),
        # 100 * (4 * 0.001 + 2 * 0.01) = 2.40
        pytest.param(
            PerGateShot(D("0.001"), D("0.01"), D(1)),
            GATES,
            100,
            "2.40",
            "100 shots x (4 one-qubit gates x $0.001 + 2 two-qubit gates x $0.01)",
            id="by gate-shots",
        ),
        pytest.param(
            PerGateShot(D("0.001"), D("0.01"), D(1)),
            GATES,
            1,
            "1",
            "the minimum of $1.00; 1 shot x (4 one-qubit gates x $0.001 + 2 two-qubit gates x $0.01) is less",
            id="gate-shots below the minimum",
        ),
        # 5 + 7 * (4 + 20 + 15) / 5000 = 5.0546
        pytest.param(
            PerHqc(D("2.5")),
            GATES,
            7,
            "12.6365",
            "5.0546 HQC = 5 + 7 x (4 + 10 x 2 + 5 x 3) / 5000 at $2.50",
            id="by HQC",
        ),
        pytest.param(
            PerTime(D("0.10"), "second", 2),
            circuit(1, active=1),
            1,
            None,
            "no formula tells how long a run takes",
            id="by time, without a formula",
        ),
        pytest.param(
            PerTime(D(1), "minute", 0, None, "statevector"),
            circuit(2, for_loop=1),
            1,
            None,
            "the circuit loops or branches",
            id="by time, with a loop",
        ),
        pytest.param(
            PerTime(D(1), "minute", 0, 60, "statevector"),
            circuit(40, h=40),
            1,
            None,
            "longer than 60 s",
            id="beyond the service's longest run",
        ),
        pytest.param(
            PerTime(D(1), "minute", 0, None, "statevector"),
            circuit(10_000, h=40),
            1,
            None,
            "more than $10,000,000.00",
            id="astronomical",
        ),
        pytest.param(
            PerShot(D(0), D(1)), BELL, 10_000_001, None, "more than $10,000,000.00", id="absurd shots"
        ),
        pytest.param(
            PerHqc(D(1)), circuit(3, ccx=1), 1, None, "1 of the circuit's operations is neither", id="a ccx"
        ),
        pytest.param(
            PerGateShot(D(1), D(1)),
            circuit(3, unitary=2),
            1,
            None,
            "2 of the circuit's operations are neither",
            id="unitaries",
        ),
    ],
)
def test_the_shapes(rates, profile, shots, cap, how):
    found = quote(priced(rates), profile, shots)
    if cap is None:
        assert isinstance(found, Unpriced)
        assert how in found.reason
    else:
        assert isinstance(found, Quote)
        assert (found.low, found.expected, found.cap) == (D(cap),) * 3
        assert found.explanation == how


def test_nobody_knows_a_price():
    found = quote(None, BELL, 1)
    assert isinstance(found, Unpriced)
    assert "backends.toml" in found.remedy


def test_a_third_of_a_nano_dollar_is_rounded_up():
    found = quote(priced(PerTime(D("0.000000001"))), BELL, 1, (20.0,) * 10)
    assert isinstance(found, Quote)
    assert [to_nano(each) for each in (found.low, found.expected, found.cap)] == [1, 1, 1]


BY_MINUTE = PerTime(D("0.60"), "minute", 0, 1000, "statevector")  # a cent a second


@pytest.mark.parametrize(
    ("history", "cents"),
    [
        pytest.param((), (178, 358, 1000), id="the model alone, up to the longest run"),
        pytest.param((400.0,), (178, 400, 1000), id="one run"),
        pytest.param((2.0,), (2, 2, 1000), id="one lucky run"),
        pytest.param((200.0, 400.5, 700.0), (178, 401, 1000), id="several"),
        pytest.param((400.0,) * 9, (178, 400, 1000), id="one too few"),
        pytest.param((400.0,) * 10, (400, 400, 600), id="enough"),
        pytest.param((200.0, *[400.5] * 8, 700.0), (200, 401, 1000), id="enough, far apart"),
        pytest.param((2.0,) * 10, (2, 2, 358), id="never less than the model expects"),
        pytest.param((0.01, 0.02) * 5, (0, 1, 358), id="almost at once"),
        pytest.param((5000.0,), (178, 5000, 7500), id="longer than the service is said to allow"),
        pytest.param((5000.0,) * 10, (5000, 5000, 7500), id="and again"),
    ],
)
def test_what_like_runs_took_counts(history, cents):
    found = quote(priced(BY_MINUTE), DEEP, 1000, history)
    assert isinstance(found, Quote)
    assert (found.low, found.expected, found.cap) == tuple(D(each) / 100 for each in cents)
    assert ("like run" in found.explanation) is bool(history)


def test_history_prices_what_no_formula_does():
    looping = circuit(2, while_loop=1)
    assert isinstance(quote(priced(BY_MINUTE), looping, 10), Unpriced)
    few = quote(priced(BY_MINUTE), looping, 10, (4.0,) * 9)
    assert isinstance(few, Unpriced)
    assert few.reason.endswith("the circuit loops or branches, and there are 9 of the 10 like runs to go by")
    assert isinstance(quote(priced(BY_MINUTE), looping, 10, (4.0,) * 10), Quote)


def test_a_state_that_is_made_for_every_shot_takes_as_many_times_as_long():
    once = quote(priced(BY_MINUTE), circuit(20, h=1000), 100)
    each = quote(priced(BY_MINUTE), circuit(20, h=1000, terminal=False), 100)
    assert isinstance(once, Quote)
    assert isinstance(each, Quote)
    assert once.cap == D("0.02")  # 1.0486 s and 0.01 s for the shots
    assert each.cap == D("1.05")


# -- what holds for all -----------------------------------------------------------------------------------------

amounts = st.integers(min_value=0, max_value=10**12).map(from_nano)
seconds = st.none() | st.integers(min_value=1, max_value=10**5)
rates = st.one_of(
    st.builds(PerShot, amounts, amounts, amounts),
    st.builds(PerGateShot, amounts, amounts, amounts),
    st.builds(PerHqc, amounts),
    st.builds(
        PerTime,
        amounts,
        st.sampled_from(["minute", "second"]),
        st.integers(0, 60),
        seconds,
        st.sampled_from(["statevector", "density_matrix"]),
    ),
)
profiles = st.builds(
    lambda qubits, terminal, gates: circuit(qubits, terminal=terminal, **gates),
    st.integers(1, 40),
    st.booleans(),
    st.dictionaries(st.sampled_from(["h", "rz", "cx", "swap"]), st.integers(1, 10_000)),
)
counts = st.integers(1, 100_000)
histories = st.lists(st.floats(0, 1e6), max_size=15)


@given(rates, profiles, counts, histories)
def test_cap_expected_and_low_are_in_order_and_whole(rates, profile, shots, history):
    found = quote(priced(rates), profile, shots, history)
    if isinstance(found, Quote):
        assert 0 <= found.low <= found.expected <= found.cap
        assert from_nano(to_nano(found.cap)) == found.cap
        assert found.explanation


@given(rates, profiles, counts, counts)
def test_more_shots_never_cost_less(rates, profile, shots, more):
    few, many = (quote(priced(rates), profile, count) for count in (shots, shots + more))
    if isinstance(few, Quote) and isinstance(many, Quote):
        assert few.low <= many.low
        assert few.expected <= many.expected
        assert few.cap <= many.cap
    if isinstance(many, Quote):
        assert isinstance(few, Quote)


@given(profiles, counts, st.data())
def test_like_runs_within_the_model_make_a_quote_no_wider(profile, shots, data):
    free_running = priced(BY_MINUTE._replace(longest_seconds=None))
    model = quote(free_running, profile, shots)
    if not isinstance(model, Quote) or model.cap > 10**6:
        return
    low, cap = int(model.low * 100), int(model.cap * 100)  # a cent is a second
    history = data.draw(st.lists(st.floats(low, cap), min_size=1, max_size=5))
    found = quote(free_running, profile, shots, history)
    assert isinstance(found, Quote)
    assert model.low <= found.low <= found.cap <= model.cap


cents = st.floats(0, 10**5)


@given(profiles, counts, st.lists(cents, max_size=ENOUGH - 1))
def test_fewer_than_enough_runs_never_lower_the_cap(profile, shots, history):
    free_running = priced(BY_MINUTE._replace(longest_seconds=None))
    model, found = quote(free_running, profile, shots), quote(free_running, profile, shots, history)
    assert type(model) is type(found)
    if isinstance(model, Quote):
        assert found.cap >= model.cap


@given(profiles, counts, st.lists(cents, min_size=ENOUGH, max_size=20), cents)
def test_a_lucky_run_never_lowers_a_cap_that_holds_all_there_were(profile, shots, history, lucky):
    free_running = priced(BY_MINUTE._replace(longest_seconds=None))
    model, found, more = (
        quote(free_running, profile, shots, runs) for runs in ((), history, [*history, lucky])
    )
    if isinstance(model, Quote) and isinstance(found, Quote):
        assert found.cap >= from_nano(math.ceil(max(history)) * NANO // 100)  # a cent is a second
        assert found.cap >= model.expected
        assert more.cap >= found.cap


def test_a_price_says_whether_it_is_the_users_own():
    own = CATALOGUE.get("sv1").price._replace(own=True)
    found = quote(own, replace(BELL, num_qubits=3), 10)
    assert isinstance(found, Quote)
    assert found.price.own
