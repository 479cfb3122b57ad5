"""The text of an API key, and what of it is kept."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.key import NOBODY, ApiKey, Scope, digest_of, id_of, is_text_of, make

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ID, TEXT = make(b"\x00\x01\x02\xab\xcd\xef", bytes(range(32)))


def test_the_text_of_a_key():
    assert ID == "000102abcdef"
    assert TEXT == "qjob_000102abcdef_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@given(st.binary(min_size=6, max_size=6), st.binary(min_size=32, max_size=32))
def test_every_text_is_one_word_that_begins_with_its_id(id_bytes, secret):
    key_id, text = make(id_bytes, secret)
    assert re.fullmatch(r"qjob_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", text)
    assert id_of(text) == key_id
    assert is_text_of(text, digest_of(text))


@pytest.mark.parametrize(
    ("id_bytes", "secret"), [(b"", bytes(32)), (bytes(6), bytes(31)), (bytes(7), bytes(32))]
)
def test_too_little_chance_makes_no_key(id_bytes, secret):
    with pytest.raises(ValueError, match="make no key"):
        make(id_bytes, secret)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(TEXT[:-1], id="too short"),
        pytest.param(TEXT + "A", id="too long"),
        pytest.param(TEXT + "\n", id="a line's end"),
        pytest.param(TEXT.upper(), id="in capitals"),
        pytest.param("Bearer " + TEXT, id="with a word before"),
        pytest.param(TEXT.replace("qjob_", "qbraid_"), id="somebody else's"),
        pytest.param(TEXT[:-1] + "é", id="a letter that base64 has not"),
        pytest.param("qjob_00\N{FULLWIDTH DIGIT ZERO}102abcdef_" + TEXT[18:], id="another digit zero"),
    ],
)
def test_what_is_no_text_of_a_key_has_no_id(text):
    assert id_of(text) is None
    assert not is_text_of(text, digest_of(TEXT))


@pytest.mark.parametrize("text", [TEXT, "", "\ud800"])
def test_without_a_digest_nothing_fits(text):
    assert not is_text_of(text, None)


def test_even_the_text_that_stands_in_for_a_missing_key_opens_nothing():
    assert digest_of("") == NOBODY
    assert not is_text_of("", None)


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        pytest.param({}, True, id="it does not end"),
        pytest.param({"expires_at": NOW + timedelta(microseconds=1)}, True, id="not over yet"),
        pytest.param({"expires_at": NOW}, False, id="over now"),
        pytest.param({"revoked_at": NOW}, False, id="revoked"),
        pytest.param({"revoked_at": NOW + timedelta(1)}, False, id="revoked by a clock that is ahead"),
    ],
)
def test_what_a_key_opens(changes, valid):
    key = ApiKey(ID, "a", "ada", "team", frozenset(Scope), NOW, **changes)
    assert key.valid(NOW) is valid
