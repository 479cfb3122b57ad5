from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.showing import wording

TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "under 1 ms"),
        (0.34, "340 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (1.239, "1.24 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7380, "2 h 03 min"),
    ],
)
def test_durations_keep_the_digits_that_matter(seconds, said):
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("position", "said"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals(position, said):
    assert wording.ordinal(position) == said


def test_moments_are_in_utc():
    there = datetime(2026, 3, 4, 12, 0, 1, 999_000, tzinfo=timezone(timedelta(hours=2)))
    assert wording.moment(there) == wording.moment(there.astimezone(UTC)) == "2026-03-04 10:00:01 UTC"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("two\n lines\t", "two lines", id="white space"),
        pytest.param("\x1b[31mred", "�[31mred", id="terminal escape"),
        pytest.param("a\u202eb", "a�b", id="turned writing direction"),
        pytest.param("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c", id="joined emoji"),
    ],
)
def test_plain_text_steers_nothing(text, shown):
    assert wording.plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("no AWS credentials were found.", "No AWS credentials were found.", id="a word"),
        pytest.param("the circuit needs 30 qubits", "The circuit needs 30 qubits", id="an article"),
        pytest.param("sv1 takes 1 to 100 shots", "sv1 takes 1 to 100 shots", id="a slug with a digit"),
        pytest.param("iqm-garnet takes 20 qubits", "iqm-garnet takes 20 qubits", id="a slug with a hyphen"),
        pytest.param("IonQ is closed", "IonQ is closed", id="a name"),
        pytest.param("3 of 4", "3 of 4", id="a number"),
        pytest.param(" ", " ", id="nothing"),
    ],
)
def test_a_sentence_begins_with_a_capital(text, shown):
    assert wording.sentence(text) == shown


@given(st.text(), st.integers(1, 60))
def test_clipped_text_fits(text, columns):
    clipped = wording.clip(wording.plain(text), columns)
    assert wording.width(clipped) <= columns


@pytest.mark.parametrize(
    ("bitstrings", "labels"),
    [
        pytest.param(["0101"], ["0101"], id="short"),
        pytest.param(["01" * 12], ["01" * 12], id="just fits"),
        pytest.param(["0" * 100, "1" * 100], ["0x100", "1x100"], id="GHZ"),
        pytest.param(["0" * 47 + "1" + "0" * 52], ["0x47 1 0x52"], id="one flipped bit"),
        pytest.param(["1011" + "0" * 40 + "110"], ["1011 0x40 110"], id="literal ends"),
        pytest.param(["01" * 20], ["01010101010…10101010101"], id="no runs"),
        pytest.param(
            ["0" * 40, "01" * 20], ["0" * 11 + "…" + "0" * 11, "01010101010…10101010101"], id="one style"
        ),
    ],
)
def test_labels_of_wide_bit_strings(bitstrings, labels):
    assert [label.replace(TIMES, "x") for label in wording.bit_labels(bitstrings)] == labels


def flipped(*places, length):
    return ["".join("1" if i in place else "0" for i in range(length)) for place in places]


@pytest.mark.parametrize(
    "bitstrings",
    [
        pytest.param(
            ["01" * 20 + "0" * 40 + "10000", "01" * 10 + "11" * 10 + "0" * 40 + "10000"], id="differ within"
        ),
        pytest.param(flipped({12, 31, 33, 95}, {12, 31, 35, 95}, length=100), id="in the middle alone"),
        pytest.param(
            flipped({}, *({i, i + 7, i + 29, i + 31} for i in range(14, 54)), length=100)[:16],
            id="everywhere",
        ),
    ],
)
def test_labels_of_different_strings_differ(bitstrings):
    labels = wording.bit_labels(bitstrings)
    assert len(set(labels)) == len(bitstrings)
    assert all(len(label) <= wording.LABEL for label in labels)


@given(
    st.lists(st.integers(0, 299), min_size=3, max_size=9).flatmap(
        lambda places: st.lists(
            st.sets(st.sampled_from(places)), min_size=2, max_size=16, unique_by=frozenset
        )
    ),
    st.integers(25, 300),
)
def test_labels_differ_wherever_the_bits_do(places, length):
    bitstrings = sorted(set(flipped(*places, length=length)))
    assert len(set(wording.bit_labels(bitstrings))) == len(bitstrings)


@given(st.lists(st.text("01", min_size=1, max_size=300), max_size=16))
def test_labels_are_short(bitstrings):
    assert all(len(label) <= wording.LABEL for label in wording.bit_labels(bitstrings))


@given(st.lists(st.integers(1, 80), min_size=1, max_size=5), st.sampled_from("01"))
def test_labels_of_runs_lose_nothing(lengths, first):
    bits = "".join(str((i + int(first)) % 2) * length for i, length in enumerate(lengths))
    [label] = wording.bit_labels([bits])
    if "…" not in label:
        words = [word.split(TIMES) for word in label.split()]
        assert "".join(word[0] * int(word[1]) if len(word) > 1 else word[0] for word in words) == bits
