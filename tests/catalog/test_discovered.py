"""What a service shows and the catalogue does not name can be found, and gets a price by its user alone."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from qjob.catalog.discovered import is_discovered, price_remedy, rows_of
from qjob.catalog.loader import load_catalogue
from qjob.model.device import DeviceFacts
from qjob.model.errors import InvalidRequest
from qjob.model.price import PerShot, PerTime

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SIRIUS = DeviceFacts(
    "arn:aws:braket:eu-north-1::device/qpu/iqm/Sirius-2",
    NOW,
    name="Sirius 2",
    vendor="IQM",
    kind="qpu",
    status="online",
    shots=(1, 20_000),
    qubits=24,
    gates=("cz", "prx"),
)


def arn(path, region="us-east-1"):
    return f"arn:aws:braket:{region}::device/{path}"


def only(*facts):
    [row] = rows_of(facts, load_catalogue())
    return row


def test_a_device_that_no_row_names():
    row = only(SIRIUS)
    assert (row.slug, row.qrn) == ("iqm-sirius-2", "aws:iqm:qpu:sirius-2")
    assert (row.title, row.tier, row.adapter, row.target) == (
        "IQM Sirius 2",
        "Quantum hardware",
        "braket",
        SIRIUS.target,
    )
    assert (row.max_qubits, row.min_shots, row.max_shots) == (24, 1, 20_000)
    assert (row.price, row.free, row.local, row.retired) == (None, False, False, "")


@pytest.mark.parametrize("name", ["iqm-sirius-2", "aws:iqm:qpu:sirius-2"])
def test_it_is_found_by_slug_and_qrn(name):
    catalogue = load_catalogue()
    more = catalogue.with_rows(rows_of([SIRIUS], catalogue))
    assert more.get(name).target == SIRIUS.target
    assert [row.slug for row in more] == [*(row.slug for row in catalogue), "iqm-sirius-2"]


@pytest.mark.parametrize(
    ("target", "slug", "qrn"),
    [
        pytest.param(arn("qpu/ionq/Tempo-1"), "ionq-tempo-1", "aws:ionq:qpu:tempo-1", id="a qpu"),
        pytest.param(
            arn("quantum-simulator/amazon/sv2", ""), "sv2", "aws:aws:sim:sv2", id="a simulator of Amazon's"
        ),
        pytest.param(
            arn("qpu/New Vendor/Device_X (beta)"),
            "new-vendor-device-x-beta",
            "aws:new-vendor:qpu:device-x-beta",
            id="odd characters",
        ),
        pytest.param(arn("qpu/iqm/Garnet"), "iqm-garnet-us-east-1", "aws:iqm:qpu:garnet-us-east-1",
            id="a taken name"),
    ],
)  # fmt: skip
def test_names_come_from_the_arn(target, slug, qrn):
    row = only(replace(SIRIUS, target=target))
    assert (row.slug, row.qrn) == (slug, qrn)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(replace(SIRIUS, target=arn("qpu/iqm/Garnet", "eu-north-1")), id="in the catalogue"),
        pytest.param(replace(SIRIUS, gates=None), id="takes no gate programs"),
        pytest.param(replace(SIRIUS, qubits=None), id="no qubits told"),
        pytest.param(replace(SIRIUS, target=""), id="no ARN"),
        pytest.param(replace(SIRIUS, target="arn:aws:s3:::bucket"), id="another ARN"),
        pytest.param(replace(SIRIUS, target=arn("toaster/iqm/One")), id="no kind of device"),
        pytest.param(replace(SIRIUS, target=arn("qpu/***/One")), id="no name"),
    ],
)
def test_what_is_left_out(facts):
    assert rows_of([facts], load_catalogue()) == ()


def test_the_same_name_in_two_regions_gives_two_slugs():
    there = replace(SIRIUS, target=SIRIUS.target.replace("eu-north-1", "us-east-1"))
    rows = rows_of([there, SIRIUS], load_catalogue())
    assert [(row.slug, row.target) for row in rows] == [
        ("iqm-sirius-2", SIRIUS.target),
        ("iqm-sirius-2-us-east-1", there.target),
    ]


def test_a_retired_one_says_since_when_at_the_latest():
    assert only(replace(SIRIUS, status="retired")).retired == "by 2026-11-20"


def test_names_that_steer_a_terminal_are_not_shown():
    assert only(replace(SIRIUS, name="Sirius\x1b[31m", vendor=None)).title == "iqm sirius-2"


def test_the_shots_of_a_simulator_begin_with_one():
    assert only(replace(SIRIUS, shots=(0, 50))).min_shots == 1
    assert only(replace(SIRIUS, shots=None)).max_shots == 100_000


def test_a_row_that_is_there_already_is_not_replaced():
    catalogue = load_catalogue()
    again = replace(catalogue.get("sv1"), title="Another")
    assert catalogue.with_rows([again]) == catalogue


def snippet(row):
    said, _, text = price_remedy(row, date(2026, 11, 20)).partition("\n")
    assert said == (
        "Look up its price (https://aws.amazon.com/braket/pricing/), fill it in between the empty quotation marks, "
        "and write all of this into backends.toml in QJOB_HOME:"
    )
    return text


@pytest.mark.parametrize(
    ("target", "filled", "rates"),
    [
        pytest.param(SIRIUS.target, "0.30", PerShot, id="a qpu"),
        pytest.param(arn("quantum-simulator/amazon/sv2", ""), "0.075", PerTime, id="a simulator"),
    ],
)
def test_the_row_to_write_is_the_row(tmp_path, target, filled, rates):
    row = only(replace(SIRIUS, target=target, name='Siri"us'))
    (tmp_path / "backends.toml").write_text(snippet(row).replace('""', f'"{filled}"'), "utf-8")
    own = load_catalogue(tmp_path).get(row.slug)
    assert isinstance(own.price.rates, rates)
    assert (own.price.as_of, own.price.own) == (date(2026, 11, 20), True)
    assert replace(own, price=None) == row
    assert rows_of([replace(SIRIUS, target=target)], load_catalogue(tmp_path)) == ()


def test_an_amount_that_is_left_open_is_refused(tmp_path):
    (tmp_path / "backends.toml").write_text(snippet(only(SIRIUS)), "utf-8")
    with pytest.raises(InvalidRequest, match=r"price\.task_fee"):
        load_catalogue(tmp_path)


def test_which_rows_it_is_for():
    row = only(SIRIUS)
    assert is_discovered(row)
    assert not is_discovered(replace(row, retired="by 2026-11-20"))
    assert not any(is_discovered(row) for row in load_catalogue())
