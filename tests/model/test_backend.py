"""Options: what is taken for what, and what a refusal says."""

import pytest

from qjob.model.backend import BackendInfo, OptionSpec, did_you_mean
from qjob.model.errors import InvalidOption

ERROR = OptionSpec("readout_error", "number", "flips a bit.", 0, 0.5)
TIME = OptionSpec("t1", "number", "relaxation.", 1, 1e6, unit="us")
DIM = OptionSpec("bond", "integer", "bond dimension.", 2, 64)
STATE = OptionSpec("statevector", "boolean", "returns the state.")
DEVICE = OptionSpec("device", "choice", "where it runs.", choices=("cpu", "gpu"))
INFO = BackendInfo(
    "sim", "a:b:sim:c", "Sim", "Local", "aer", "", 30, 1, 100, local=True, options=(ERROR, STATE)
)


@pytest.mark.parametrize(
    ("spec", "given", "parsed"),
    [
        pytest.param(ERROR, 0.25, 0.25, id="a float"),
        pytest.param(ERROR, "2e-2", 0.02, id="a float as text"),
        pytest.param(ERROR, 0, 0.0, id="an int for a number"),
        pytest.param(ERROR, 0.5, 0.5, id="the upper bound"),
        pytest.param(DIM, 64, 64, id="an integer"),
        pytest.param(DIM, "2", 2, id="an integer as text"),
        pytest.param(STATE, True, True, id="a boolean"),
        pytest.param(STATE, "Yes", True, id="yes"),
        pytest.param(STATE, "0", False, id="0 as text"),
        pytest.param(DEVICE, "gpu", "gpu", id="a choice"),
    ],
)
def test_an_option_that_fits(spec, given, parsed):
    found = spec.parse(given)
    assert found == parsed
    assert type(found) is type(parsed)


@pytest.mark.parametrize(
    ("spec", "given"),
    [
        pytest.param(ERROR, -1e-9, id="below"),
        pytest.param(ERROR, 0.5001, id="above"),
        pytest.param(ERROR, "nan", id="nan"),
        pytest.param(ERROR, float("inf"), id="infinity"),
        pytest.param(ERROR, 10**400, id="an int beyond floats"),
        pytest.param(ERROR, True, id="a boolean for a number"),
        pytest.param(ERROR, "two", id="a word for a number"),
        pytest.param(ERROR, None, id="nothing"),
        pytest.param(DIM, 2.0, id="a float for an integer"),
        pytest.param(DIM, "2.5", id="a float as text for an integer"),
        pytest.param(DIM, True, id="a boolean for an integer"),
        pytest.param(DIM, 65, id="an integer above"),
        pytest.param(STATE, "maybe", id="a word for a boolean"),
        pytest.param(STATE, 1, id="a number for a boolean"),
        pytest.param(DEVICE, "tpu", id="no such choice"),
        pytest.param(DEVICE, 1, id="a number for a choice"),
    ],
)
def test_an_option_that_does_not_fit(spec, given):
    with pytest.raises(InvalidOption) as caught:
        spec.parse(given)
    assert spec.name in caught.value.message
    assert spec.bounds in caught.value.message
    assert spec.help in caught.value.remedy


@pytest.mark.parametrize(
    ("spec", "bounds"),
    [
        (ERROR, "number 0 to 0.5"),
        (TIME, "number 1 to 1e+06 us"),
        (DIM, "integer 2 to 64"),
        (STATE, "true | false"),
        (DEVICE, "cpu | gpu"),
        (OptionSpec("x", "number", ""), "number"),
    ],
)
def test_bounds_for_people(spec, bounds):
    assert spec.bounds == bounds


def test_options_are_parsed_together():
    assert INFO.parse_options({"readout_error": "0.1", "statevector": True}) == {
        "readout_error": 0.1,
        "statevector": True,
    }


def test_an_unknown_option_names_the_near_one_and_lists_all():
    with pytest.raises(InvalidOption, match="did you mean 'readout_error'") as caught:
        INFO.parse_options({"readout_eror": 0.1})
    assert "statevector    true | false: returns the state." in caught.value.remedy


def test_a_backend_without_options_says_so():
    bare = BackendInfo("bare", "q", "t", "t", "aer", "", 1, 1, 1, local=True)
    with pytest.raises(InvalidOption) as caught:
        bare.parse_options({"seed": 1})
    assert caught.value.remedy == "bare takes no options."


def test_nothing_near_is_nothing_said():
    assert did_you_mean("sv1", ["marqov-sim"]) == ""
