"""Bodies while they come in: what their headers say, what is too long, and what has no room beside others."""

import pytest

from qjob.model.errors import ServiceUnavailable
from qjob.server.errors import BodyTooLarge, NoLength
from qjob.server.intake import MOST_BYTES, Body, Intake, declared


@pytest.mark.parametrize(
    ("said", "length"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param(["12"], 12, id="a number"),
        pytest.param([" 0 "], 0, id="zero, with spaces"),
        pytest.param(["2, 2"], 2, id="twice the same in one line"),
        pytest.param(["2", "2"], 2, id="twice the same"),
        pytest.param([str(MOST_BYTES)], MOST_BYTES, id="the longest"),
        pytest.param([str(MOST_BYTES + 1)], BodyTooLarge, id="a byte more"),
        pytest.param(["2", "3"], NoLength, id="two"),
        pytest.param(["2, 3"], NoLength, id="two in one line"),
        pytest.param(["abc"], NoLength, id="no number"),
        pytest.param(["-1"], NoLength, id="less than nothing"),
        pytest.param([""], NoLength, id="empty"),
        pytest.param(["\N{ARABIC-INDIC DIGIT TWO}"], NoLength, id="other digits"),
        pytest.param(["9" * 5000], NoLength, id="endless"),
    ],
)
def test_what_the_headers_say(said, length):
    if isinstance(length, int):
        assert declared(said) == length
        return
    with pytest.raises(length) as caught:
        declared(said)
    assert caught.value.http_status == (413 if length is BodyTooLarge else 400)


def body(intake, size, who=None):
    made = Body(intake)
    made.who = who
    for start in range(0, size, 1000):
        made.take(b"x" * min(1000, size - start))
    return made


def test_a_body_is_what_came_in_pieces():
    intake = Intake()
    made = Body(intake)
    for piece in (b"ab", b"", b"c"):
        made.take(piece)
    assert made.whole() == b"abc"
    assert intake.held.total() == 3
    made.drop()
    made.drop()
    assert not intake.held


def test_of_one_that_is_too_long_nothing_is_held():
    intake = Intake()
    made = body(intake, MOST_BYTES + 1)
    assert not intake.held
    with pytest.raises(BodyTooLarge):
        made.whole()


@pytest.mark.parametrize(
    ("others", "fits"),
    [
        pytest.param({}, True, id="alone"),
        pytest.param({"bob": 3000, "eve": 3000}, True, id="room for just this one"),
        pytest.param({"bob": 3000, "eve": 4000}, False, id="others hold all"),
        pytest.param({"ada": 1000}, True, id="the own share"),
        pytest.param({"ada": 2000}, False, id="more than the own share"),
        pytest.param({None: 6000}, True, id="of nobody there is no share"),
    ],
)
def test_bodies_that_come_at_once_have_a_bound(others, fits):
    intake = Intake(most=10_000, most_each=5_000)
    held = [body(intake, size, who) for who, size in others.items()]
    made = body(intake, 4000, "ada")
    if fits:
        assert len(made.whole()) == 4000
        return
    with pytest.raises(ServiceUnavailable) as refused:
        made.whole()
    assert refused.value.retry_after
    assert intake.held.total() == sum(others.values())
    for each in held:
        each.drop()
    assert len(body(intake, 4000, "ada").whole()) == 4000
