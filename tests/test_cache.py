"""The cache keeps JSON with its time, is shared by processes, and is never the reason why something fails."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.cache import Cache, DeviceBook
from qjob.model.device import DeviceFacts, QueueDepth

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ARN = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "home", lambda: NOW)


@pytest.fixture
def file(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home" / "cache.sqlite"


def warnings(caplog):
    return [record.message for record in caplog.records if record.name == "qjob.cache"]


def test_what_was_put_is_there_with_its_time(cache):
    cache.put("a", {"b": [1, None]})
    assert cache.get("a") == ({"b": [1, None]}, NOW)


def test_the_last_one_counts(cache):
    cache.put("a", 1)
    cache.put("a", 2)
    assert cache.get("a").value == 2


def test_what_was_not_put_is_not_there(cache):
    assert cache.get("a") is None
    cache.put("b", 1)
    assert cache.get("a") is None


def test_looking_makes_no_file(cache, tmp_path):
    assert cache.get("a") is None
    assert cache.items("") == {}
    assert list(tmp_path.iterdir()) == []


def test_keys_with_a_prefix(cache):
    cache.put_all({"x 1": 1, "x 2": 2, "y 1": 3})
    assert {key: kept.value for key, kept in cache.items("x ").items()} == {"1": 1, "2": 2}


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FLOATS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(PLAIN)
def test_any_json_comes_back(tmp_path_factory, value):
    cache = Cache(tmp_path_factory.getbasetemp() / "json", lambda: NOW)
    cache.put("key", value)
    found = cache.get("key").value
    assert (found, type(found)) == (value, type(value))


def test_what_is_no_json_is_the_callers_mistake(cache):
    with pytest.raises(TypeError):
        cache.put("a", object())


def test_only_json_is_in_the_file(cache, tmp_path):
    cache.put("a", {"b": 1})
    connection = sqlite3.connect(tmp_path / "home" / "cache.sqlite")
    [(value,)] = connection.execute("SELECT value FROM cache").fetchall()
    connection.close()
    assert bytes(value) == b'{"at":"2026-11-20T12:00:00+00:00","value":{"b":1}}'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no database" * 1000, id="something else"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, id="a damaged head"),
    ],
)
def test_a_damaged_file_is_set_aside(cache, file, caplog, content):
    file.write_bytes(content)
    assert cache.get("a") is None
    cache.put("a", 1)
    assert cache.get("a").value == 1
    assert file.with_name("cache.sqlite.damaged").read_bytes() == content
    [said] = warnings(caplog)
    assert said.startswith("The cache is damaged (")


def test_a_page_damaged_in_the_middle_is_found(cache, file, caplog):
    cache.put_all({f"key {number}": "x" * 3000 for number in range(50)})
    content = bytearray(file.read_bytes())
    content[len(content) // 4 : len(content) * 3 // 4] = b"\x99" * (len(content) // 2)
    file.write_bytes(content)
    assert cache.items("key ") == {}
    assert len(warnings(caplog)) == 1
    cache.put("a", 1)
    assert cache.get("a").value == 1


def test_a_value_that_is_no_json_is_as_good_as_none(cache, file, caplog):
    cache.put("a", 1)
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE cache SET value = 'x'")
    connection.close()
    assert cache.get("a") is None
    assert len(warnings(caplog)) == 1


def test_an_empty_file_is_filled(cache, file, caplog):
    file.touch()
    assert cache.get("a") is None
    cache.put("a", 1)
    assert cache.get("a").value == 1
    assert warnings(caplog) == []


@pytest.mark.parametrize("obstacle", ["home", "home/cache.sqlite/"])
def test_where_there_can_be_no_file_it_goes_on_without(tmp_path, cache, caplog, capfd, obstacle):
    path = tmp_path / obstacle
    if obstacle.endswith("/"):
        path.mkdir(parents=True)
    else:
        path.write_text("no folder")
    for _ in range(3):
        cache.put("a", 1)
        assert cache.get("a") is None
    [said] = warnings(caplog)
    assert said.startswith(f"There is no cache: {tmp_path / 'home' / 'cache.sqlite'} cannot be used (")
    assert capfd.readouterr().err == ""


def test_a_file_that_takes_nothing_more_is_still_read(cache, file, caplog):
    cache.put("a", 1)
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TRIGGER no BEFORE INSERT ON cache BEGIN SELECT raise(ABORT, 'full'); END")
    connection.close()
    cache.put("b", 2)
    assert (cache.get("a").value, cache.get("b")) == (1, None)
    assert [said.split("(")[1] for said in warnings(caplog)] == ["full). Going on without."]


def test_errors_of_its_parts_are_not_printed(file, capfd):
    """Outside pytest nothing handles the log: what sqlitedict logs of its own would be printed line by line."""
    code = f"""
import sqlite3
from datetime import datetime, UTC
from pathlib import Path
from qjob.cache import Cache
cache = Cache(Path({str(file.parent)!r}), lambda: datetime.now(UTC))
cache.put("a", 1)
connection = sqlite3.connect({str(file)!r})
connection.execute("CREATE TRIGGER no BEFORE INSERT ON cache BEGIN SELECT raise(ABORT, 'full'); END")
connection.close()
cache.put("b", 1)
cache.put("b", 1)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from qjob.cache import Cache
cache = Cache(Path(sys.argv[1]), lambda: datetime.now(UTC))
for number in range(20):
    cache.put(f"{sys.argv[2]} {number}", number)
    assert cache.get(f"{sys.argv[2]} {number}").value == number
"""


def test_several_processes_at_once(cache, tmp_path):
    command = [sys.executable, "-W", "error", "-c", WRITER, str(tmp_path / "home")]
    writers = [subprocess.Popen([*command, str(name)], stderr=subprocess.PIPE) for name in range(4)]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 4
    for name in range(4):
        found = cache.items(f"{name} ")
        assert {key: kept.value for key, kept in found.items()} == {str(n): n for n in range(20)}


def test_a_kernel_loads_nothing_for_it_before_it_is_used():
    code = "import sys, qjob.cache; print('sqlitedict' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.fixture
def book(cache):
    return DeviceBook(cache)


FACTS = DeviceFacts(ARN, NOW, name="Garnet", queue=QueueDepth(3))


def test_a_device_that_nobody_asked(book):
    assert book.facts(ARN) is None
    assert book.fresh(ARN, NOW) is None
    assert book.all() == {}


def test_what_a_device_said_is_kept(book):
    book.keep([FACTS, DeviceFacts("other", NOW)])
    assert book.facts(ARN) == FACTS
    assert book.all() == {ARN: FACTS, "other": DeviceFacts("other", NOW)}


@pytest.mark.parametrize(
    ("later", "fresh"), [(timedelta(minutes=5), True), (timedelta(minutes=6), False), (timedelta(days=900), False)]
)  # fmt: skip
def test_it_is_fresh_for_a_while_and_known_for_ever(book, later, fresh):
    book.keep([FACTS])
    assert book.fresh(ARN, NOW + later) == (FACTS if fresh else None)
    assert book.facts(ARN) == FACTS


def test_what_another_version_wrote_is_not_known(book, cache):
    book.keep([FACTS])
    cache.put(f"device {ARN}", {"target": ARN, "colour": "red"})
    cache.put("device odd", 7)
    assert book.facts(ARN) is None
    assert book.all() == {}


def test_no_other_value_is_a_device(book, cache):
    cache.put("prices", {})
    book.keep([FACTS])
    assert list(book.all()) == [ARN]
