"""The catalogue: what ships, what a user's file changes, and what is wrong with a bad one."""

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.model.errors import InvalidRequest, UnknownBackend

ROW = """
[[backend]]
slug = "mine"
qrn = "me:lab:sim:mine"
title = "Mine"
tier = "My lab"
adapter = "aer"
target = "statevector"
description = "A small one."
max_qubits = 5
min_shots = 1
max_shots = 1000
local = true
"""


@pytest.fixture
def own(tmp_path):
    """Writes a user's file and returns its folder."""

    def write(text):
        (tmp_path / "backends.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("slug", "qrn", "tier", "target"),
    [
        ("marqov-sim", "marqov:marqov:sim:marqov-sim", "Marqov simulators", "automatic"),
        ("qb-sim-statevector", "marqov:qb:sim:statevector", "Quantum Brilliance", "statevector"),
        ("qb-sim-noisy-aer", "marqov:qb:sim:noisy-aer", "Quantum Brilliance", "noisy"),
        (
            "qb-sim-tensor-network",
            "marqov:qb:sim:tensor-network",
            "Quantum Brilliance",
            "matrix_product_state",
        ),
    ],
)
def test_the_local_simulators_are_free(slug, qrn, tier, target):
    info = load_catalogue().get(slug)
    assert info.free
    assert str(info.price) == "free"
    assert (info.qrn, info.tier, info.target) == (qrn, tier, target)
    assert (info.adapter, info.local, info.min_shots, info.max_shots) == ("aer", True, 1, 100_000)
    assert load_catalogue().get(qrn) is not None
    assert load_catalogue().get(qrn) == info


def test_the_order_is_the_files(own):
    slugs = [row.slug for row in load_catalogue(own(ROW))]
    assert slugs == [*(row.slug for row in load_catalogue()), "mine"]
    assert slugs[:4] == ["marqov-sim", "qb-sim-statevector", "qb-sim-noisy-aer", "qb-sim-tensor-network"]
    assert len(load_catalogue(own(ROW))) == len(slugs) == 19


def test_the_noise_options_have_units_and_bounds():
    specs = {spec.name: spec for spec in load_catalogue().get("qb-sim-noisy-aer").options}
    assert specs["t1"].unit == "us"
    assert specs["gate_time_2q"].unit == "ns"
    assert specs["gate_error_2q"].bounds == "number 0 to 0.75"
    assert specs["preset"].choices == ("superconducting", "trapped-ion", "nv-center")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("qb-sim-noisy", "qb-sim-noisy-aer"),
        ("marqov_sim", "marqov-sim"),
        ("statevector", "qb-sim-statevector"),
    ],
)
def test_an_unknown_backend_names_the_nearest(word, near):
    with pytest.raises(UnknownBackend, match=near) as caught:
        load_catalogue().get(word)
    assert "%qjob backends" in caught.value.remedy


def test_no_name_is_offered_where_none_is_near():
    with pytest.raises(UnknownBackend, match=r"^there is no backend 'zzz'\.") as caught:
        load_catalogue().get("zzz")
    assert caught.value.http_status == 404


def test_a_missing_file_is_no_error(tmp_path):
    assert load_catalogue(tmp_path / "nowhere") == load_catalogue()


def test_a_users_row_changes_only_the_keys_it_names(own):
    home = own('[[backend]]\nslug = "marqov-sim"\nmax_qubits = 7\n')
    shipped, changed = load_catalogue().get("marqov-sim"), load_catalogue(home).get("marqov-sim")
    assert changed.max_qubits == 7
    assert (changed.title, changed.options) == (shipped.title, shipped.options)


def test_a_users_row_changes_options_by_name(own):
    home = own(
        '[[backend]]\nslug = "qb-sim-noisy-aer"\n[[backend.options]]\nname = "gate_time_1q"\ndefault = 20.0\n'
    )
    shipped, changed = (load_catalogue(folder).get("qb-sim-noisy-aer").options for folder in (None, home))
    assert [spec.name for spec in changed] == [spec.name for spec in shipped]
    assert {spec.name: spec.default for spec in changed}["gate_time_1q"] == 20.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x = ", "no valid TOML", id="broken TOML"),
        pytest.param(b"\xff\xfe", "no valid TOML", id="no UTF-8"),
        pytest.param("[backends]\n", "backends: only", id="other table"),
        pytest.param("backend = 3\n", r"backend: write each", id="no table"),
        pytest.param("[[backend]]\ntitle = 'x'\n", "backend 1: slug", id="no slug"),
        pytest.param(ROW + ROW, "'mine': slug: the same slug", id="slug twice"),
        pytest.param(ROW + "colour = 'red'\n", "'mine': colour: Extra", id="unknown key"),
        pytest.param(
            ROW.replace("max_qubits = 5", ""), "'mine': max_qubits: Field required", id="missing key"
        ),
        pytest.param(ROW.replace("= 5", "= 'five'"), "'mine': max_qubits: Input", id="wrong type"),
        pytest.param(ROW.replace("= 5", "= true"), "'mine': max_qubits: Input", id="boolean for number"),
        pytest.param(ROW.replace("= 5", "= 0"), "'mine': max_qubits", id="no qubits"),
        pytest.param(ROW.replace("max_shots = 1000", "max_shots = 0"), "'mine': max_shots", id="no shots"),
        pytest.param(
            ROW.replace("min_shots = 1", "min_shots = 2000"), "min_shots 2000", id="empty shot range"
        ),
        pytest.param(ROW.replace('"mine"', '"My Sim"'), "'My Sim': slug", id="slug with spaces"),
        pytest.param(ROW.replace("me:lab:sim:mine", "mine"), "'mine': qrn", id="qrn of one part"),
        pytest.param(
            ROW + "[[backend.options]]\nname = 'a'\ntype = 'float'\nhelp = 'h'\n",
            r"'mine': options\.a\.type",
            id="unknown option type",
        ),
        pytest.param(
            ROW + "[[backend.options]]\nname = 'a'\ntype = 'choice'\nhelp = 'h'\n",
            r"'mine': options\.a: a choice lists",
            id="choice without choices",
        ),
        pytest.param(
            ROW + "[[backend.options]]\nname = 'a'\ntype = 'number'\nhelp = 'h'\nmaximum = 1\ndefault = 2\n",
            r"options\.a: the default does not fit",
            id="default out of range",
        ),
        pytest.param(
            ROW + "[[backend.options]]\nname = 'a'\ntype = 'number'\nhelp = 'h'\nmaximum = 1\nminimum = 2\n",
            r"options\.a: the minimum 2",
            id="empty range",
        ),
        pytest.param(
            ROW + 2 * "[[backend.options]]\nname = 'a'\ntype = 'boolean'\nhelp = 'h'\n",
            "an option is listed twice",
            id="option twice",
        ),
    ],
)
def test_a_bad_file_is_refused_with_file_and_key(own, text, said):
    home = own(text)
    with pytest.raises(InvalidRequest, match=said) as caught:
        load_catalogue(home)
    assert str(home / "backends.toml") in caught.value.message
    assert caught.value.remedy
