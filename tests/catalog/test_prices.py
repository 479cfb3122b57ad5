"""Prices in backends.toml: what ships, what a user's file changes, and what is wrong with a bad one."""

from datetime import date
from decimal import Decimal

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.model.errors import InvalidRequest
from qjob.model.price import Free, PerGateShot, PerHqc, PerShot, PerTime

D = Decimal
DATED = 'currency = "USD"\nsource = "a list"\nas_of = 2026-07-01\n'
TASK = 'kind = "task"\ntask_fee = "0.30"\nper_shot = "0.01"\n'
TIME = 'kind = "time"\nper_minute = "0.60"\n'
SLUG = "marqov-sim"


@pytest.fixture
def own(tmp_path):
    """Writes a price of marqov-sim into a user's file and returns its folder."""

    def write(price, before=""):
        text = f'[[backend]]\nslug = "{SLUG}"\n{before}[backend.price]\n{price}'
        (tmp_path / "backends.toml").write_text(text, "utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("price", "rates"),
    [
        pytest.param('kind = "free"\n', Free(), id="free"),
        pytest.param(TASK, PerShot(D("0.30"), D("0.01")), id="task"),
        pytest.param(TASK + 'minimum = "1"\n', PerShot(D("0.30"), D("0.01"), D(1)), id="with a minimum"),
        pytest.param(TIME, PerTime(D("0.60")), id="minute"),
        pytest.param(
            TIME + 'minimum_seconds = 3\nlongest_seconds = 60\nmethod = "density_matrix"\n',
            PerTime(D("0.60"), "minute", 3, 60, "density_matrix"),
            id="minute, with all there is",
        ),
        pytest.param('kind = "time"\nper_second = "1.60"\n', PerTime(D("1.60"), "second"), id="second"),
        pytest.param(
            'kind = "gate-shot"\nper_1q_gate_shot = "0.001"\nper_2q_gate_shot = "0.01"\nminimum = "1"\n',
            PerGateShot(D("0.001"), D("0.01"), D(1)),
            id="gate-shot",
        ),
        pytest.param('kind = "hqc"\n', PerHqc(), id="HQC"),
        pytest.param('kind = "hqc"\nusd_per_hqc = "12.50"\n', PerHqc(D("12.50")), id="HQC of a contract"),
    ],
)
def test_every_kind(own, price, rates):
    found = load_catalogue(own(price + DATED)).get(SLUG).price
    assert found is not None
    assert (type(found.rates), found.rates) == (type(rates), rates)
    assert (found.source, found.as_of, found.currency, found.own) == ("a list", date(2026, 7, 1), "USD", True)


def test_a_users_price_changes_nothing_else(own):
    shipped, changed = load_catalogue().get(SLUG), load_catalogue(own(TASK + DATED)).get(SLUG)
    assert (changed.title, changed.options, changed.max_qubits) == (
        shipped.title,
        shipped.options,
        shipped.max_qubits,
    )
    assert shipped.free
    assert not changed.free


def test_a_changed_row_keeps_the_shipped_price(tmp_path):
    (tmp_path / "backends.toml").write_text('[[backend]]\nslug = "sv1"\nmax_qubits = 20\n', "utf-8")
    shipped, changed = load_catalogue().get("sv1"), load_catalogue(tmp_path).get("sv1")
    assert changed.max_qubits == 20
    assert changed.price == shipped.price
    assert changed.price is not None
    assert not changed.price.own


def test_a_remote_backend_without_a_price_has_none(own):
    text = (
        'qrn = "me:lab:qpu:mine"\ntitle = "Mine"\ntier = "Lab"\nadapter = "lab"\ndescription = "One."\n'
        "max_qubits = 5\nmin_shots = 1\nmax_shots = 10\nlocal = false\n"
    )
    home = own(TASK + DATED)
    (home / "backends.toml").write_text(f'[[backend]]\nslug = "mine"\n{text}', "utf-8")
    info = load_catalogue(home).get("mine")
    assert info.price is None
    assert not info.free


@pytest.mark.parametrize(
    ("price", "key", "says"),
    [
        pytest.param(TASK.replace('"task"', '"tasks"') + DATED, "kind", "none of free, task", id="unknown kind"),
        pytest.param(TASK.replace('kind = "task"', "") + DATED, "kind", "needs this key", id="no kind"),
        pytest.param(TASK + DATED + "fee = 3\n", "fee", "has no such key (did you mean", id="unknown key"),
        pytest.param(TASK + DATED + 'per_minute = "1"\n', "per_minute", "of the kind task", id="key of another kind"),
        pytest.param(
            TASK.replace('per_shot = "0.01"', "") + DATED, "per_shot", "needs this key", id="no price a shot"
        ),
        pytest.param(TASK + DATED.replace("as_of = 2026-07-01", ""), "as_of", "needs this key", id="no date"),
        pytest.param(
            TASK + DATED.replace("2026-07-01", '"2026-07-01"'), "as_of", "without quotation marks", id="date as text"
        ),
        pytest.param(
            TASK + DATED.replace("2026-07-01", "2026-07-01T10:00:00Z"), "as_of", "write a day", id="a time of day"
        ),
        pytest.param(TASK + DATED.replace("2026-07-01", "2026"), "as_of", "write a day", id="a year alone"),
        pytest.param(TASK + DATED.replace('source = "a list"', ""), "source", "needs this key", id="no source"),
        pytest.param(TASK + DATED.replace('"a list"', '""'), "source", "write a text", id="empty source"),
        pytest.param(TASK + DATED.replace("USD", "EUR"), "currency", "in USD, not 'EUR'", id="another currency"),
        pytest.param(TASK + DATED.replace('"USD"', "1"), "currency", "write a text", id="currency as number"),
        pytest.param(TASK + DATED.replace('currency = "USD"', ""), "currency", "needs this key", id="no currency"),
        pytest.param(TASK.replace('"0.01"', "0.01") + DATED, "per_shot", "in quotation marks", id="a float"),
        pytest.param(TASK.replace('"0.01"', "1") + DATED, "per_shot", "in quotation marks", id="an integer"),
        pytest.param(TASK.replace("0.01", "-0.01") + DATED, "per_shot", "is negative", id="negative"),
        pytest.param(TASK.replace("0.01", "a cent") + DATED, "per_shot", "no number", id="words"),
        pytest.param(TASK.replace("0.01", "NaN") + DATED, "per_shot", "no amount of money", id="NaN"),
        pytest.param(TASK.replace("0.01", "inf") + DATED, "per_shot", "no amount of money", id="infinite"),
        pytest.param(TASK.replace("0.01", "1e12") + DATED, "per_shot", "more than", id="absurd"),
        pytest.param(TASK.replace("0.01", "1e-12") + DATED, "per_shot", "finer than", id="too fine"),
        pytest.param(TIME + 'per_second = "1"\n' + DATED, "per_second", "either", id="minute and second"),
        pytest.param('kind = "time"\n' + DATED, "per_minute", "needs this key", id="neither minute nor second"),
        pytest.param(TIME + "minimum_seconds = -3\n" + DATED, "minimum_seconds", "whole seconds", id="negative time"),
        pytest.param(TIME + "minimum_seconds = 1.5\n" + DATED, "minimum_seconds", "whole seconds", id="split second"),
        pytest.param(TIME + "minimum_seconds = true\n" + DATED, "minimum_seconds", "whole seconds", id="boolean"),
        pytest.param(
            TIME + "minimum_seconds = 9\nlongest_seconds = 8\n" + DATED, "longest_seconds", "below", id="empty range"
        ),
        pytest.param(TIME + 'method = "fast"\n' + DATED, "method", "none of statevector", id="unknown method"),
        pytest.param(TIME + "method = []\n" + DATED, "method", "none of statevector", id="method as list"),
    ],
)  # fmt: skip
def test_a_bad_price_is_refused_with_file_row_and_key(own, price, key, says):
    home = own(price)
    with pytest.raises(InvalidRequest) as caught:
        load_catalogue(home)
    assert caught.value.message.startswith(f"{home / 'backends.toml'}: backend '{SLUG}': price.{key}: ")
    assert says in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        pytest.param('price = "free"\n', "price", "as a table", id="a price that is no table"),
        pytest.param('retired = "yes"\n', "retired", "pattern", id="retired at no date"),
        pytest.param('instead = ["sv9"]\n', "instead", "there is no backend 'sv9'", id="replaced by nothing"),
    ],
)
def test_a_bad_row_is_refused(tmp_path, line, key, says):
    (tmp_path / "backends.toml").write_text(f'[[backend]]\nslug = "{SLUG}"\n{line}', "utf-8")
    with pytest.raises(InvalidRequest, match=says) as caught:
        load_catalogue(tmp_path)
    assert f"backend '{SLUG}': {key}: " in caught.value.message


def test_what_is_retired_names_a_backend_that_is_not():
    catalogue = load_catalogue()
    retired = [info for info in catalogue if info.retired]
    assert [info.slug for info in retired] == ["tn1", "ionq-aria-1", "rigetti-ankaa-3"]
    for info in retired:
        assert info.instead
        assert not any(catalogue.get(slug).retired for slug in info.instead)


@pytest.mark.parametrize(
    ("tier", "slugs"),
    [
        ("Cloud simulators", {"sv1", "dm1", "tn1"}),
        (
            "Quantum hardware",
            {
                *("ionq-forte-1", "ionq-forte-enterprise-1", "ionq-aria-1", "iqm-garnet", "iqm-emerald"),
                *("rigetti-cepheus-1-108q", "rigetti-ankaa-3", "aqt-ibex-q1"),
                *("quantinuum-h1-1", "quantinuum-h2-1", "ibm-quantum"),
            },
        ),
    ],
)
def test_the_tiers_of_what_runs_elsewhere(tier, slugs):
    rows = [info for info in load_catalogue() if info.tier == tier]
    assert {info.slug for info in rows} == slugs
    for info in rows:
        assert not info.local
        assert not info.free
        assert info.price is not None
        assert info.price.as_of is not None
        assert info.price.source
