"""Every error prints as clean lines and keeps what it knows."""

import pytest

from qjob.model import errors
from qjob.model.errors import QjobError


def family(kind):
    return [kind, *(member for child in kind.__subclasses__() for member in family(child))]


OWN = [kind for kind in family(QjobError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_an_error_prints_its_message_and_its_remedy_and_no_traceback(kind):
    error = kind("3 of 2 qubits.", remedy="Use 2.\nOr fewer.", numbers={"qubits": 3}, retry_after=1.5)
    assert error._render_traceback_() == [f"{kind.__name__}: 3 of 2 qubits.", "  Use 2.", "  Or fewer."]
    assert str(error) == "3 of 2 qubits.\nUse 2.\nOr fewer."
    assert (error.numbers, error.retry_after) == ({"qubits": 3}, 1.5)


def test_an_error_without_a_remedy_is_one_line():
    assert str(QjobError("gone.")) == "gone."
    assert QjobError("gone.")._render_traceback_() == ["QjobError: gone."]


def test_every_kind_has_a_code_of_its_own_and_a_status():
    assert len({kind.code for kind in OWN}) == len(OWN)
    assert all(400 <= kind.http_status < 600 for kind in OWN)


def test_every_kind_stands_in_the_tree_of_the_docstring():
    assert [kind.__name__ for kind in OWN if kind.__name__ not in errors.__doc__] == []


def test_the_family_can_be_caught_by_what_it_means():
    assert issubclass(errors.InvalidCell, errors.Refusal)
    assert issubclass(errors.WaitTimeout, TimeoutError)
    assert not issubclass(errors.StoreTooNew, errors.Refusal)
