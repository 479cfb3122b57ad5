"""A user's API keys: made for a team and a purpose, shown once, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.engine import Engine
from qjob.model.errors import AmbiguousJob, InvalidRequest, NoSuchKey, NoSuchTeam, NotSignedIn
from qjob.model.key import Scope
from qjob.settings import Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """Engines of several users over one store, at one time that can be set."""
    home, made, time = tmp_path_factory.mktemp("keys"), {}, [NOW]

    def run(user):
        if user not in made:
            made[user] = Engine(Settings(home=home, user=user, workers=1), clock=lambda: time[0])
        return made[user]

    run.time = time
    yield run
    for engine in made.values():
        engine.close()


@pytest.fixture
def ada(engines, request):
    """A user of the test's own."""
    engines.time[0] = NOW
    return engines(f"ada-{request.node.name}"[:60])


def test_a_key_stands_for_the_user_in_the_team_of_now(ada):
    key, text = ada.create_key(" a script ")
    assert (key.name, key.user, key.team) == ("a script", ada.settings.user, ada.team().id)
    assert key.scopes == {Scope.READ, Scope.SUBMIT}
    assert (key.expires_at, key.revoked_at, key.last_used_at) == (None, None, None)
    assert ada.key_of(text).id == key.id
    listed = ada.keys()
    assert [each.id for each in listed] == [key.id]
    assert ada.keys()[0].last_used_at == NOW


def test_every_key_is_another_one(ada):
    texts = {ada.create_key("a")[1] for _ in range(5)}
    assert len({text[18:] for text in texts}) == len({text[:18] for text in texts}) == 5


def test_a_key_of_another_team_of_the_user(ada):
    first = ada.team()
    ada.create_team("lab")
    assert ada.create_key("a", team=first.id[:8])[0].team == first.id
    assert ada.create_key("b", team="lab")[0].team == ada.team().id != first.id
    with pytest.raises(NoSuchTeam):
        ada.create_key("c", team="somebody else's")


@pytest.mark.parametrize(
    ("scopes", "kept"),
    [
        pytest.param("read", {Scope.READ}, id="a word"),
        pytest.param("submit, INLINE", {Scope.SUBMIT, Scope.INLINE}, id="words with a comma"),
        pytest.param(["read", Scope.READ], {Scope.READ}, id="the same twice"),
        pytest.param((), None, id="none"),
        pytest.param("", None, id="an empty word"),
        pytest.param("everything", None, id="another word"),
        pytest.param(["read", None], None, id="no word"),
    ],
)
def test_scopes(ada, scopes, kept):
    if kept is None:
        with pytest.raises(InvalidRequest, match="scope") as caught:
            ada.create_key("a", scopes=scopes)
        assert "read, submit, inline" in caught.value.remedy
    else:
        assert ada.create_key("a", scopes=scopes)[0].scopes == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"days": 0},
        {"days": 4000},
        {"days": True},
        {"email": ""},
        {"organization": 7},
    ],
    ids=str,
)
def test_what_makes_no_key(ada, wrong):
    with pytest.raises(InvalidRequest):
        ada.create_key(**{"name": "a"} | wrong)
    assert ada.keys() == []


def said_of(engine, text):
    with pytest.raises(NotSignedIn) as caught:
        engine.key_of(text)
    return str(caught.value)


def test_nobody_can_tell_why_a_key_opens_nothing(ada, engines):
    key, text = ada.create_key("revoked")
    ada.revoke_key(key.id)
    _, over = ada.create_key("over", days=1)
    engines.time[0] = NOW + timedelta(days=1)
    bob = engines("bob")
    ada.invite("bob")
    _, left = bob.create_key("left", team=ada.team().id)
    ada.remove("bob")
    unknown = "qjob_000000000000_" + "A" * 43
    answers = {said_of(ada, each) for each in (text, over, left, unknown, "", "nonsense", "qjob_" + "\ud800")}
    assert len(answers) == 1


@pytest.mark.parametrize(
    "called",
    [
        pytest.param(lambda key, _: key.id, id="its id"),
        pytest.param(lambda key, _: key.id[:6].upper(), id="the beginning of its id"),
        pytest.param(lambda key, _: f" {key.name} ", id="its name"),
        pytest.param(lambda _, text: text, id="its text"),
    ],
)
def test_a_key_is_revoked_by(ada, called):
    key, text = ada.create_key("a script")
    other, _ = ada.create_key("another")
    revoked = ada.revoke_key(called(key, text))
    assert (revoked.id, revoked.revoked_at) == (key.id, NOW)
    assert ada.revoke_key(key.id) == revoked
    listed = ada.keys()
    assert [each.revoked_at for each in listed if each.id == other.id] == [None]


def test_what_is_revoked_is_the_users_own(ada, engines):
    key, text = engines("bob").create_key("bob's")
    for called in (key.id, text, "bob's", key.id[:3], ""):
        with pytest.raises(NoSuchKey) as caught:
            ada.revoke_key(called)
        assert text[18:] not in str(caught.value)
    assert engines("bob").key_of(text)


def test_a_name_of_two_keys_is_not_enough(ada):
    keys = [ada.create_key("twin")[0] for _ in range(2)]
    with pytest.raises(AmbiguousJob) as caught:
        ada.revoke_key("twin")
    assert set(caught.value.numbers["candidates"]) == {key.id for key in keys}
    listed = ada.keys()
    assert [key.revoked_at for key in listed] == [None, None]
