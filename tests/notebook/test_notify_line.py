import pytest

from qjob.model.errors import InvalidRequest
from qjob.notebook import notifying


def test_the_choice_is_kept_for_the_user(notebook):
    assert notebook.run("%qjob notify").text.startswith("Off:")
    assert notebook.run("%qjob notify on").text.startswith("On:")
    assert notifying.wanted(notebook.session.engine)
    assert notebook.run("%qjob notify").text.startswith("On:")
    assert notebook.run("%qjob notify OFF").text.startswith("Off:")
    assert not notifying.wanted(notebook.session.engine)


@pytest.mark.parametrize("words", ["maybe", "on off"])
def test_other_words_are_refused_with_the_way_out(notebook, words):
    error = notebook.run(f"%qjob notify {words}").error
    assert isinstance(error, InvalidRequest)
    assert error.remedy == "%qjob notify on"


def test_the_bell_of_one_card_is_heard_by_all_and_by_those_to_come(notebook):
    submit = "%qjob submit qc --backend qb-sim-noisy-aer --shots 100000 --name {} --option gate_error_2q=0.01"
    long = (
        "from qiskit import QuantumCircuit\nqc = QuantumCircuit(16)\n"
        "for _ in range(30):\n    qc.h(range(16)); qc.cx(range(15), range(1, 16))\nqc.measure_all()"
    )
    notebook.run(long)
    try:
        for name in ("one", "two"):
            notebook.run(submit.format(name))
        cards = [card for card, _ in notebook.session.cards._cards]
        cards[0].widget._handle_custom_msg({"type": "notify", "on": True}, [])
        assert [card.widget.notify for card in cards] == [True, True]
        assert notifying.wanted(notebook.session.engine)
        notebook.run(submit.format("three"))
        assert [card.widget.notify for card, _ in notebook.session.cards._cards] == [True] * 3
        cards[0].widget._handle_custom_msg({"type": "notify", "on": False}, [])
        assert [card.widget.notify for card, _ in notebook.session.cards._cards] == [False] * 3
    finally:
        for name in ("one", "two", "three"):
            notebook.run(f"%qjob cancel {name}")
