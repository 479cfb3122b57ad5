"""Who sees what is displayed, and who can be asked."""

from types import SimpleNamespace

import pytest

from qjob.notebook.frontend import FrontEnd

COLAB = {"COLAB_RELEASE_TAG": "release-colab_20261101"}


def shell(*, kernel=True, stdin=True):
    parent = {"content": {"allow_stdin": stdin}}
    kernels = SimpleNamespace(get_parent=lambda _channel: parent) if kernel else None
    return SimpleNamespace(kernel=kernels, history_manager=SimpleNamespace(input_hist_raw=["", "%%qjob\nqc"]))


WHAT = ("shows_cards", "answers", "paints_later", "takes_widgets", "must_wait")


@pytest.mark.parametrize(
    ("side", "environ", "holds"),
    [
        pytest.param(
            shell(), {}, {"shows_cards", "answers", "paints_later", "takes_widgets"}, id="JupyterLab, VS Code"
        ),
        pytest.param(shell(), COLAB, {"shows_cards", "answers", "must_wait"}, id="Colab"),
        pytest.param(
            shell(stdin=False),
            {},
            {"shows_cards", "takes_widgets", "must_wait"},
            id="nbclient, nbval, nbconvert",
        ),
        pytest.param(shell(kernel=False), {}, {"answers"}, id="a terminal"),
    ],
)
def test_what_is_on_the_other_side(side, environ, holds):
    front = FrontEnd(side, environ)
    assert {what for what in WHAT if getattr(front, what)} == holds


def test_a_parent_that_says_nothing_may_answer():
    silent = SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda _channel: None))
    assert FrontEnd(silent, {}).answers


def test_the_text_of_the_cell_is_what_was_typed_last():
    assert FrontEnd(shell(), {}).cell_text == "%%qjob\nqc"
    assert FrontEnd(SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=[])), {}).cell_text is None


class Events:
    """As a shell's events."""

    def __init__(self):
        self.heard = {}

    def register(self, name, function):
        self.heard[name] = function

    def unregister(self, name, function):
        assert self.heard.pop(name) == function


@pytest.mark.parametrize(
    ("cells", "shown_at", "now", "unseen"),
    [
        pytest.param([], 0, 100, False, id="the cell that shows it still runs"),
        pytest.param([("post_run_cell", 1)], 0, 5, False, id="free for a short time"),
        pytest.param([("post_run_cell", 1)], 0, 6, True, id="free for long enough"),
        pytest.param([("post_run_cell", 1), ("pre_run_cell", 3)], 0, 60, False, id="another cell runs"),
        pytest.param(
            [("post_run_cell", 1), ("pre_run_cell", 3), ("post_run_cell", 50)],
            0,
            54,
            False,
            id="just free again",
        ),
        pytest.param([("post_run_cell", 1)], 60, 64, False, id="shown by a click, long after"),
        pytest.param([("post_run_cell", 1)], 60, 65, True, id="shown by a click, and never drawn"),
    ],
)
def test_when_a_widget_would_have_been_heard_of(cells, shown_at, now, unseen):
    time = [0.0]
    on_the_other_side = shell()
    on_the_other_side.events = events = Events()
    front = FrontEnd(on_the_other_side, {}, lambda: time[0])
    front.listen()
    overdue = front.unseen() if not shown_at else None
    for name, at in cells:
        time[0] = at
        events.heard[name]()
    if overdue is None:
        time[0] = shown_at
        overdue = front.unseen()
    time[0] = now
    assert overdue() is unseen
    front.leave()
    assert events.heard == {}


def test_in_colab_no_widget_is_waited_for():
    assert FrontEnd(shell(), COLAB).unseen()()
