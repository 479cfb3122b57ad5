"""What is long comes in pieces that are the same JSON; bodies of very many values are refused unread."""

import json
import threading
import time

import numpy as np
import pytest

from qjob.model.bits import BitLayout, Register
from qjob.model.counts import Counts
from qjob.model.errors import InvalidRequest
from qjob.server import pieces
from qjob.server.pieces import MOST_VALUES, counts_in_json, expect_few_values, put


def counts(outcomes):
    layout = BitLayout(20, tuple(range(20)), (Register("c", 20),))
    keys = np.arange(outcomes, dtype=np.uint64)[:, None]
    return Counts(layout, keys, np.arange(1, outcomes + 1, dtype=np.int64))


@pytest.mark.parametrize("outcomes", [0, 1, 6, 7, 21])
def test_counts_are_the_same_in_pieces(monkeypatch, outcomes):
    monkeypatch.setattr(pieces, "AT_A_TIME", 7)
    found = counts(outcomes)
    assert json.loads(b"".join(counts_in_json(found))) == dict(found)


@pytest.mark.parametrize("empty", [b"null", b"{}", b"[]"])
def test_a_value_is_put_where_the_first_field_of_its_name_is_empty(empty):
    text = b'{"a":"\\"x\\":{}","x":' + empty + b',"m":{"x":null}}'
    assert json.loads(b"".join(put(text, "x", [b"1", b"2"]))) == {"a": '"x":{}', "x": 12, "m": {"x": None}}
    with pytest.raises(ValueError, match="no empty field"):
        list(put(text, "y", []))


LISTS = b'{"data":[' + b",".join([b"[]"] * MOST_VALUES) + b"]}"


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        pytest.param(b"[" + b"1," * (MOST_VALUES - 2) + b"1]", True, id="few enough"),
        pytest.param(b'{"t":"' + b"q[0], " * MOST_VALUES + b'"}', True, id="one long text"),
        pytest.param(b'{"t":"' + b'\\"[,' * MOST_VALUES + b'"}', True, id="a text with quotes"),
        pytest.param(LISTS, False, id="lists"),
        pytest.param(b'{"t":"' + b"[," * 9 + b'",' + LISTS[1:], False, id="lists behind a text"),
        pytest.param(b'["a"' + b',"a"' * MOST_VALUES + b"]", False, id="texts"),
        pytest.param(b'"' + b'\\"[' * MOST_VALUES, True, id="a text that does not end"),
    ],
)
def test_a_body_of_very_many_values_is_refused(body, fits):
    began = time.monotonic()
    if fits:
        expect_few_values(body)
    else:
        with pytest.raises(InvalidRequest, match="more than 20,000 values"):
            expect_few_values(body)
    assert time.monotonic() - began < 1


@pytest.mark.slow
def test_other_threads_have_their_turn_while_many_outcomes_are_written():
    found, gaps, stop = counts(300_000), [], threading.Event()

    def tick():
        last = time.monotonic()
        while not stop.wait(0.001):
            now = time.monotonic()
            gaps.append(now - last)
            last = now

    ticking = threading.Thread(target=tick)
    ticking.start()
    text = b"".join(counts_in_json(found))
    stop.set()
    ticking.join()
    assert text.count(b":") == 300_000
    assert sorted(gaps)[-2] < 0.1
