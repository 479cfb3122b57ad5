"""The explorer without a browser: what its widgets are told, by an engine with real jobs."""

import time

import pytest

from qjob.notebook.explorer.explorer import Explorer
from qjob.notebook.explorer.pages import ROWS
from qjob.notebook.explorer.wanted import Wanted
from qjob.showing.tables import Table


@pytest.fixture(scope="module")
def filled(notebook):
    """A notebook with more jobs than a page has, and the engine's names of them."""
    notebook.run("import qjob")
    engine = notebook.session.engine
    jobs = [engine.submit(notebook.ns["qc"], shots=100, seed=i, name=f"job-{i}") for i in range(ROWS + 5)]
    for job in jobs:
        job.wait()
    return notebook


@pytest.fixture
def opened(filled, monkeypatch):
    """An explorer, and what it sent to the front end beside its traits."""
    explorer = Explorer(filled.session, Wanted())
    sent = []
    monkeypatch.setattr(explorer.table, "send", sent.append)
    monkeypatch.setattr("qjob.notebook.widgets.stage.display", lambda *_, **__: None)
    explorer.sent = sent
    explorer.show()
    yield explorer
    explorer.rest()


def ask(explorer, **content):
    explorer._receive(None, content, None)


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def names(explorer):
    return [row["name"] for row in explorer.table.page["rows"]]


@pytest.mark.slow
def test_pages_are_turned_and_counted(opened):
    assert names(opened)[0] == f"job-{ROWS + 4}"
    assert opened.table.page["more"]
    ask(opened, type="ask", ask=1, go="next", wanted=opened.table.wanted)
    assert names(opened) == [f"job-{i}" for i in (4, 3, 2, 1, 0)]
    assert (opened.table.page["first"], opened.table.page["more"]) == (ROWS + 1, False)
    ask(opened, type="ask", ask=2, go="previous", wanted=opened.table.wanted)
    assert names(opened)[0] == f"job-{ROWS + 4}"
    until(lambda: opened.table.totals)
    assert opened.table.totals["jobs"] == ROWS + 5
    until(lambda: "on disk" in opened.table.disk)


@pytest.mark.slow
def test_a_filter_that_does_not_fit_is_said_and_the_page_stays(opened):
    before = opened.table.page
    ask(opened, type="ask", ask=1, go="first", wanted={**opened.table.wanted, "tag": "=7"})
    assert opened.table.page == before
    assert [(each["type"], each.get("of")) for each in opened.sent[-2:]] == [
        ("refused", "ask"),
        ("heard", None),
    ]
    assert "has no key" in opened.sent[-2]["text"]


def test_totals_follow_the_last_question(opened):
    ask(opened, type="ask", ask=1, go="first", wanted={**opened.table.wanted, "text": "job-1"})
    ask(opened, type="ask", ask=2, go="first", wanted={**opened.table.wanted, "text": "job-29"})
    until(lambda: opened.table.totals.get("jobs") == 1)
    assert names(opened) == ["job-29"]


def test_a_new_job_appears_and_is_followed_to_its_end(filled, opened):
    job = filled.session.engine.submit(filled.ns["qc"], shots=100, name="newest")
    until(lambda: names(opened)[0] == "newest" and opened.table.page["rows"][0]["status"] == "COMPLETED")
    assert opened.table.page["rows"][0]["id"] == job.id
    filled.session.engine.delete([job.id])


@pytest.mark.parametrize("tab", ["histogram", "events", "program", "receipt", "card"])
def test_tabs(opened, tab):
    ask(opened, type="open", ids=[opened.table.page["rows"][0]["id"]])
    assert opened.detail.box.layout.display == "flex"
    opened.detail._receive(None, {"type": "tab", "tab": tab}, None)
    tabs = opened.detail._tabs
    assert tabs.tab == tab
    shown = opened.detail._stage.children
    assert (len(shown), bool(tabs.html)) == ((1, False) if tab in {"card", "histogram"} else (0, True))
    assert "qjobx-refused" not in tabs.html
    opened.detail._receive(None, {"type": "close"}, None)
    assert opened.detail.box.layout.display == "none"
    assert opened.table.opened == []


def test_what_was_erased_says_so_in_its_tabs(filled, opened):
    job = filled.session.engine.submit(filled.ns["qc"], shots=10, name="gone").wait()
    filled.session.engine.delete([job.id])
    ask(opened, type="open", ids=[job.id])
    for tab in ("card", "histogram", "program"):
        opened.detail._receive(None, {"type": "tab", "tab": tab}, None)
        assert "were erased" in opened.detail._tabs.html
        assert len(opened.detail._stage.children) == (tab == "card")


def test_two_are_compared(opened):
    ids = [row["id"] for row in opened.table.page["rows"][:2]]
    ask(opened, type="open", ids=ids)
    assert opened.detail._tabs.title == "2 jobs compared"
    assert "seed" in opened.detail._tabs.html
    assert len(opened.detail._stage.children) == 1


def test_an_action_takes_a_plan_and_a_yes(opened):
    ids = [row["id"] for row in opened.table.page["rows"][:1]]
    ask(opened, type="plan", ask=5, what="tag", ids=ids, text="seen=1")
    until(lambda: any(each["type"] == "plan" for each in opened.sent))
    ask(opened, type="do", ask=4)  # another question's answer
    ask(opened, type="do", ask=5)
    until(lambda: any(each["type"] == "done" for each in opened.sent))
    assert opened.table.page["rows"][0]["tags"] == ["seen=1"]
    ask(opened, type="do", ask=5)  # agreed to once
    assert sum(each["type"] == "done" for each in opened.sent) == 1


def test_where_nobody_can_use_it_there_is_a_table(filled, monkeypatch):
    monkeypatch.setattr(filled.shell, "kernel", None)
    shown = filled.run("%qjob explore job-2 --sort oldest").value
    assert isinstance(shown, Table)
    assert shown.rows[0][1] == "job-2"
    assert "%qjob explore job-2 --sort oldest" in repr(shown)
    assert filled.run("qjob.explore('job-2', sort='oldest')").value.rows == shown.rows


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--backend nope", "nope"),
        ("--team nope", "no team"),
        ("--sort nope", "sorted"),
        ("--status nope", "status"),
    ],
)
def test_what_does_not_exist_is_an_error(filled, line, said):
    assert said in str(filled.run(f"%qjob explore {line}").error)


def test_it_ends_with_its_session(filled, opened):
    assert opened in filled.session.open
    opened.rest()
    assert opened not in filled.session.open
    until(lambda: opened._thread is None)
