"""The card without a front end: what is displayed and sent. How it looks is tested in tests/browser."""

import threading
from datetime import timedelta

import nbformat
import pytest
from nbclient import NotebookClient

from qjob.model.errors import IllegalMove
from qjob.notebook import card as card_module
from qjob.notebook.card import LiveCard

WIDGET = "application/vnd.jupyter.widget-view+json"


class Screen:
    """Stands where IPython's display stands and keeps what was shown."""

    def __init__(self):
        self.shown, self.updates = [], []

    def __call__(self, data, *, metadata, raw, display_id):
        assert raw
        assert display_id
        self.shown.append((data, metadata))
        return self

    def update(self, data, *, raw):
        assert raw
        self.updates.append(data)


@pytest.fixture
def screen(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(card_module, "display", screen)
    return screen


@pytest.fixture
def asked():
    return []


@pytest.fixture
def live(snapshot_of, created, asked):
    return LiveCard(
        snapshot_of("RUNNING", shots=1000),
        now=lambda: created + timedelta(seconds=5),
        on_cancel=lambda: asked.append("cancel"),
        on_confirm=lambda: asked.append("confirm"),
        cancel_url="qjob/api/jobs/1/cancel",
    )


def test_widget_html_and_text_are_shown_in_one_bundle(live, screen):
    live.show()
    [(data, _)] = screen.shown
    assert set(data) == {WIDGET, "text/html", "text/plain"}
    assert data[WIDGET]["model_id"] == live.widget.model_id
    assert "%qjob status 3f2a91bc" in data["text/plain"]


def test_an_update_sets_one_trait(live, snapshot_of, screen):
    live.show()
    changes = []
    live.widget.observe(lambda change: changes.append(change["name"]))
    thread = threading.Thread(target=live.update, args=[snapshot_of("RUNNING", {"0": 7}, shots=1000)])
    thread.start()
    thread.join()
    assert changes == ["state"]
    assert live.widget.state["done"] == 7
    assert live.widget.state["elapsed"] == 4.8
    assert screen.updates == []


def test_the_end_replaces_the_card_and_leaves_the_widget_open(live, snapshot_of, screen):
    live.show()
    live.finish(snapshot_of("COMPLETED", {"0": 1000}))
    [data] = screen.updates
    assert set(data) == {"text/html", "text/plain"}
    assert "completed in 1.24 s" in data["text/plain"]
    assert live.widget.state["status"] == "COMPLETED"
    assert live.widget.comm is not None


def test_a_card_that_was_never_shown_can_end(live, snapshot_of, screen):
    live.finish(snapshot_of("COMPLETED", {"0": 1000}))
    assert screen.updates == []


@pytest.mark.parametrize(
    ("message", "calls"),
    [
        ({"type": "cancel"}, ["cancel"]),
        ({"type": "confirm"}, ["confirm"]),
        ({"type": "other"}, []),
        ({"type": ["cancel"]}, []),
        ({"type": "notify", "on": True}, []),
        ({}, []),
    ],
)
def test_what_its_buttons_say_is_passed_on(live, asked, message, calls):
    live.widget._handle_custom_msg(message, [])
    assert asked == calls


class Form:
    """Stands where the form stands: what has a widget, which is closed once."""

    def __init__(self):
        self.widget, self.model_id, self.closed = self, "f00", 0

    def close(self):
        self.closed += 1


@pytest.fixture
def with_form(snapshot_of, created, screen):
    made = []
    live = LiveCard(
        snapshot_of("RUNNING"),
        now=lambda: created,
        on_cancel=list,
        on_form=lambda: made.append(Form()) or made[-1],
        cancel_url="x",
    )
    live.show()
    return live, made, screen


def press(live, **said):
    live.widget._handle_custom_msg({"type": "form", **said}, [])


def test_a_form_is_made_when_it_is_opened_and_closed_with_it(with_form):
    live, made, _ = with_form
    assert (live.widget.has_form, live.widget.form, made) == (True, "", [])
    press(live, open=True)
    press(live, open=True)  # a second message changes nothing
    assert (live.widget.form, len(made)) == ("f00", 1)
    press(live, open=False)
    assert (live.widget.form, made[0].closed) == ("", 1)
    live.close_form()
    assert made[0].closed == 1


def test_the_receipt_waits_for_an_open_form(with_form, snapshot_of):
    live, _, screen = with_form
    press(live, open=True)
    live.finish(snapshot_of("COMPLETED", {"0": 1000}))
    assert screen.updates == []
    assert live.widget.state["status"] == "COMPLETED"
    live.close_form()
    assert len(screen.updates) == 1


def test_a_card_without_a_form_opens_none(live):
    press(live, open=True)
    assert (live.widget.has_form, live.widget.form) == (False, "")


def test_the_bell_is_passed_on(snapshot_of, created):
    heard = []
    live = LiveCard(
        snapshot_of("RUNNING"), now=lambda: created, on_cancel=list, on_notify=heard.append, cancel_url="x"
    )
    for on in (True, False):
        live.widget._handle_custom_msg({"type": "notify", "on": on}, [])
    assert heard == [True, False]
    live.notify(on=True)
    assert live.widget.notify
    assert heard == [True, False]  # what comes from here is not passed on


@pytest.mark.parametrize("button", ["cancel", "confirm"])
def test_what_is_refused_is_sent_back(snapshot_of, created, monkeypatch, button):
    def refuse():
        raise IllegalMove("the job has ended.", remedy="Look at its result.")

    live = LiveCard(
        snapshot_of("RUNNING"), now=lambda: created, on_cancel=refuse, on_confirm=refuse, cancel_url="x"
    )
    sent = []
    monkeypatch.setattr(type(live.widget), "send", lambda _, content: sent.append(content))
    live.widget._handle_custom_msg({"type": button}, [])
    assert sent == [{"type": "refused", "text": "the job has ended.\nLook at its result."}]


def test_a_batch_has_a_card_of_its_own_look(batch_of, created, screen, asked):
    live = LiveCard(
        batch_of("CRQ"), now=lambda: created, on_cancel=lambda: asked.append("all"), cancel_url=""
    )
    live.show()
    [(data, _)] = screen.shown
    assert set(data) == {WIDGET, "text/html", "text/plain"}
    live.update(batch_of("CCR"))
    assert live.widget.state["parts"] == [["completed", 2], ["running", 1]]
    live.widget._handle_custom_msg({"type": "cancel"}, [])
    assert asked == ["all"]
    live.finish(batch_of("CCC"))
    [data] = screen.updates
    assert data["text/plain"].startswith("sweep  COMPLETED")


@pytest.mark.slow
def test_a_front_end_without_widgets_keeps_the_receipt(tmp_path, request):
    folder = request.path.parents[1] / "browser"
    source = (
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "from scripted import *\n"
        "it = card(snapshot('RUNNING')); it.show(); it.finish(snapshot('COMPLETED', bell(1000)))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    [output] = notebook.cells[0].outputs
    assert set(output.data) == {"text/html", "text/plain"}
    assert output.data["text/plain"].startswith("bell  COMPLETED")


@pytest.fixture
def time(created):
    return [created + timedelta(seconds=5)]


@pytest.fixture
def unseen():
    return [False]


@pytest.fixture
def still(snapshot_of, time, unseen):
    return LiveCard(
        snapshot_of("RUNNING", shots=1000),
        now=lambda: time[0],
        on_cancel=lambda: None,
        unseen=lambda: unseen[0],
        cancel_url="",
    )


def test_where_no_widget_is_drawn_the_html_is_brought_up_to_date_once_a_second(
    still, screen, snapshot_of, time, unseen
):
    still.show()
    still.update(snapshot_of("RUNNING", {"0": 1}, shots=1000))
    assert screen.updates == []
    unseen[0] = True
    for seconds in (0, 0.5, 1, 1.5, 2):
        time[0] += timedelta(seconds=seconds and 0.5)
        still.update(snapshot_of("RUNNING", {"0": 2}, shots=1000))
    assert len(screen.updates) == 3
    assert set(screen.updates[0]) == {"text/html", "text/plain"}


def test_a_widget_that_was_heard_of_is_not_replaced(still, screen, snapshot_of, unseen):
    still.show()
    still._receive(None, {"type": "here"}, None)
    unseen[0] = True
    still.update(snapshot_of("RUNNING", {"0": 2}, shots=1000))
    assert screen.updates == []


def test_where_no_widget_can_be_drawn_none_is_sent(still, screen, unseen):
    unseen[0] = True
    still.show()
    [(data, _)] = screen.shown
    assert set(data) == {"text/html", "text/plain"}
