"""Rows that are added together are those that would be added one by one."""

import sqlite3

import pytest

from qjob.store.sqlite.several import SIZES, add

ADD = """
INSERT INTO numbers (number, text) VALUES (
    :number, :text
)
ON CONFLICT (number) DO NOTHING;
"""


@pytest.fixture
def connection():
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY, text TEXT)")
        yield connection
    connection.close()


@pytest.mark.parametrize(
    "count", [0, 1, 3, 4, 5, *(SIZES[0] + more for more in (-1, 0, 1)), 3 * SIZES[0] + 6]
)
def test_any_number_of_rows_is_added(connection, count):
    rows = [{"text": str(number), "number": number, "more": None} for number in range(count)]
    assert add(connection, ADD, rows) == count
    assert connection.execute("SELECT * FROM numbers").fetchall() == [(n, str(n)) for n in range(count)]


def test_what_is_there_already_does_not_count(connection):
    add(connection, ADD, [{"number": 7, "text": "old"}])
    assert add(connection, ADD, [{"number": number, "text": "new"} for number in range(20)]) == 19
    assert connection.execute("SELECT text FROM numbers WHERE number = 7").fetchone() == ("old",)


def test_an_upsert_stays_one(connection):
    upsert = ADD.replace("NOTHING", "UPDATE SET text = excluded.text")
    add(connection, upsert, [{"number": number, "text": "old"} for number in range(5)])
    assert add(connection, upsert, [{"number": number, "text": "new"} for number in range(4)]) == 4
    assert [text for (text,) in connection.execute("SELECT text FROM numbers")] == ["new"] * 4 + ["old"]


def test_a_value_that_some_rows_lack_stands_in_the_others(connection):
    rows = [{"number": number, "text": None if number % 2 else "even"} for number in range(6)]
    assert add(connection, ADD, rows) == 6
    assert [text for (text,) in connection.execute("SELECT text FROM numbers")] == ["even", None] * 3


def test_what_no_row_has_is_none(connection):
    assert add(connection, ADD, [{"number": number, "text": None} for number in range(6)]) == 6
    assert {text for (text,) in connection.execute("SELECT text FROM numbers")} == {None}


def test_another_statement_is_refused(connection):
    with pytest.raises(ValueError, match="UPDATE"):
        add(connection, "UPDATE numbers SET text = :text", [{"text": "new"}])


def test_a_row_without_a_value_is_an_error(connection):
    with pytest.raises(KeyError, match="text"):
        add(connection, ADD, [{"number": 7}])
