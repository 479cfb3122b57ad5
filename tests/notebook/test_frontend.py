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
