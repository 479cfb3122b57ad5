"""What a stream tells a program: each row of the log once, how it stands, and the end."""

from qjob.server.telling import Telling, packed

LOG = [(0, b'{"seq":0}'), (1, b'{"seq":1}'), (12, b'{"seq":12}')]


def names(text):
    """Return each event with its id, as a browser reads them."""
    events = [
        dict(line.split(": ", 1) for line in each.splitlines())
        for each in text.decode().split("\n\n")
        if each
    ]
    return [(event["event"], event.get("id"), event["data"]) for event in events]


def test_every_row_is_told_once_however_often_it_is_packed():
    telling = Telling(-1)
    first = telling.messages(packed(b'{"a":1}', LOG[:1]), ended=False)
    assert names(first) == [("log", "0", '{"seq":0}'), ("job", None, '{"a":1}')]
    second = telling.messages(packed(b'{"a":2}', LOG), ended=True)
    assert names(second) == [
        ("log", "1", '{"seq":1}'),
        ("log", "12", '{"seq":12}'),
        ("job", None, '{"a":2}'),
        ("end", None, "{}"),
    ]


def test_who_comes_back_is_told_what_came_since():
    assert [event for event, *_ in names(Telling(1).messages(packed(b"{}", LOG), ended=False))] == [
        "log",
        "job",
    ]
    assert names(Telling(12).messages(packed(b"{}", LOG), ended=False)) == [("job", None, "{}")]


def test_a_batch_has_no_log():
    assert names(Telling(-1).messages(packed(b"{}"), ended=False)) == [("job", None, "{}")]
