"""Who asks: what a key opens and what it does not, wrong keys, and headers that contradict."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

import qjob
from qjob.engine import Engine
from qjob.model.errors import NotSignedIn, RateLimited, ServiceUnavailable
from qjob.model.key import Scope
from qjob.model.team import Role
from qjob.policy.guessing import IN_ALL, PER_ADDRESS, WINDOW
from qjob.server.identity import Callers
from qjob.settings import load_settings

HERE, THERE = "10.0.0.1", "10.0.0.2"


class Clock:
    """Seconds that only a test moves on."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def engine(home):
    with qjob.connect(home=home, user="grace") as engine:
        yield engine


@pytest.fixture
def callers(engine, clock):
    return Callers(lambda: engine, clock)


@pytest.fixture
def ada(engine):
    """Another user's engine, with a team and a key: ``(engine, key, text)``."""
    engine = engine.acting_as("ada@example.org", None)
    return (engine, *engine.create_key("k", organization="Analytical Society"))


def caller(callers, text, address=HERE, email=None, organization=None):
    return callers.of_key(text, address, email=email, organization=organization)


# -- sessions and keys ----------------------------------------------------------------------------------------------


def test_a_session_is_the_server_s_user_in_all_its_teams(engine, callers):
    engine.create_team("second")
    who = callers.of_session()
    assert (who.user, who.team, who.key) == ("grace", None, None)
    assert set(who.teams) == {team.id for team in engine.teams()}
    assert who.scopes == set(Scope)
    assert callers.desk(who).engine is engine


def test_the_first_session_makes_the_user_a_team(engine, callers):
    assert callers.of_session().teams == (engine.team().id,)


def test_a_key_is_its_user_in_its_team_alone(callers, ada):
    engine, key, text = ada
    engine.create_team("another")  # which is the chosen one now
    who = caller(callers, text)
    assert (who.user, who.teams, who.team) == ("ada@example.org", (key.team,), key.team)
    assert who.scopes == {Scope.READ, Scope.SUBMIT}
    desk = callers.desk(who)
    assert desk.engine.settings.user == "ada@example.org"
    assert desk.engine.submit("OPENQASM 3.0; qubit[1] q; h q[0];", shots=1).record.team == key.team
    assert callers.desk(caller(callers, text)).engine is desk.engine


def test_nobody_sees_nothing(callers):
    who = callers.of_nobody()
    assert (who.teams, who.scopes) == ((), frozenset())


def test_first_requests_that_come_at_once_share_one_engine(engine):
    made = []
    callers = Callers(lambda: made.append(engine) or engine)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: callers.engine, range(64)))
    assert len(made) == 1


def test_after_the_end_no_engine_is_made_any_more(engine):
    made = []
    callers = Callers(lambda: made.append(engine) or engine)
    assert callers.of_session().user == "grace"
    callers.close()
    with pytest.raises(ServiceUnavailable, match="ends"):
        callers.of_session()
    assert made == [engine]
    assert engine._open is None


@pytest.mark.parametrize("wrong", ["nobody's", "altered", "revoked", "team-left", "empty", "surrogate"])
def test_what_opens_nothing_is_refused_in_the_same_words(callers, ada, wrong):
    owner, key, text = ada
    match wrong:
        case "nobody's":
            text = f"qjob_{'0' * 12}_{'A' * 43}"
        case "altered":
            text = text[:-1] + ("A" if text[-1] != "A" else "B")
        case "revoked":
            owner.revoke_key(key.id)
        case "team-left":
            owner.store.set_member(key.team, "grace", Role.OWNER)
            owner.store.remove_member(key.team, "ada@example.org")
        case "empty":
            text = ""
        case "surrogate":
            text = "\udcff"
    with pytest.raises(NotSignedIn) as caught:
        caller(callers, text)
    assert caught.value.message == "this API key is not valid."
    assert "qjob key create" in caught.value.remedy


def test_a_key_that_is_over_opens_nothing(home, clock):
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    with Engine(load_settings({}, home=home, user="grace"), clock=lambda: now[0]) as engine:
        text = engine.create_key("k", days=1)[1]
        callers = Callers(lambda: engine, clock)
        assert caller(callers, text).user == "grace"
        now[0] += timedelta(days=1)
        with pytest.raises(NotSignedIn):
            caller(callers, text)


# -- headers that say whose key it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "organization", "fits"),
    [
        pytest.param(None, None, True, id="nothing said"),
        pytest.param("ada@example.org", None, True, id="the user's own address"),
        pytest.param(" ADA@Example.org ", None, True, id="capitals and spaces"),
        pytest.param("eve@example.org", None, False, id="another address"),
        pytest.param("", "", True, id="empty headers"),
        pytest.param(None, "Analytical Society", True, id="the organization"),
        pytest.param(None, "analytical society", True, id="the organization in small letters"),
        pytest.param(None, "TEAM", True, id="the team's id"),
        pytest.param(None, "TEAM without dashes", True, id="the team's id as qBraid's dialect tells it"),
        pytest.param(None, "ada@example.org", True, id="the team's name"),
        pytest.param(None, "Difference Engines", False, id="another organization"),
        pytest.param("ada@example.org", "Difference Engines", False, id="one of both"),
    ],
)
def test_a_header_that_contradicts_the_key_is_refused(callers, ada, email, organization, fits):
    _, key, text = ada
    forms = {"TEAM": key.team, "TEAM without dashes": key.team.replace("-", "").upper()}
    said = forms.get(organization, organization)
    if fits:
        assert caller(callers, text, email=email, organization=said).key == key
        return
    with pytest.raises(NotSignedIn, match="is not what the key was made for"):
        caller(callers, text, email=email, organization=said)


def test_where_no_address_is_known_none_contradicts(engine, callers):
    text = engine.create_key("k")[1]
    assert caller(callers, text, email="anybody@example.org").user == "grace"


# -- guessing -------------------------------------------------------------------------------------------------------


def guess(callers, address=HERE):
    with pytest.raises(NotSignedIn):
        caller(callers, f"qjob_{'0' * 12}_{'A' * 43}", address)


def refused_guess(callers, address):
    with pytest.raises(RateLimited) as caught:
        caller(callers, f"qjob_{'0' * 12}_{'A' * 43}", address)
    return caught.value.retry_after


def test_who_guesses_has_to_wait_and_others_have_not(callers, ada, clock):
    for _ in range(PER_ADDRESS):
        guess(callers)
    for _ in range(3):  # these do not make it longer
        assert refused_guess(callers, HERE) == pytest.approx(WINDOW)
    guess(callers, THERE)
    # one that was never shown before: behind a proxy all come from one address
    assert caller(callers, ada[2]).user == "ada@example.org"
    clock.now += WINDOW
    guess(callers)


def test_a_right_key_is_let_in_however_many_guess_from_everywhere(callers, ada):
    for number in range(IN_ALL):
        guess(callers, f"10.1.0.{number}")
    assert refused_guess(callers, "10.2.0.1") > 0
    assert caller(callers, ada[2], "10.2.0.1").user == "ada@example.org"


def test_a_contradiction_counts_as_a_guess(callers, ada):
    for _ in range(PER_ADDRESS):
        with pytest.raises(NotSignedIn):
            caller(callers, ada[2], email="eve@example.org")
    refused_guess(callers, HERE)


# -- on a real server -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"X-API-Key": "{key}"}, 200, None, id="key"),
        pytest.param({"x-api-key": " {key} "}, 200, None, id="small letters and spaces"),
        pytest.param({"Authorization": "Bearer {key}"}, 200, None, id="bearer"),
        pytest.param({"Authorization": "bearer {key}", "X-API-Key": "{key}"}, 200, None, id="twice the same"),
        pytest.param(
            {"Authorization": "Bearer qjob_x", "X-API-Key": "{key}"}, 400, "invalid_request", id="two"
        ),
        pytest.param({"X-API-Key": "{key},{key}"}, 400, "invalid_request", id="a list"),
        pytest.param({"X-API-Key": "{key}", "email": "eve@example.org"}, 200, None, id="unknown address"),
        pytest.param({"X-API-Key": "{key}", "organization": "x"}, 401, "not_signed_in", id="contradiction"),
        pytest.param(
            {"X-API-Key": "qjob_x", "Authorization": "token {token}"}, 401, "not_signed_in", id="wrong"
        ),
        pytest.param({"X-API-Key": ""}, 401, "not_signed_in", id="empty"),
        pytest.param({}, 401, "not_signed_in", id="nothing"),
        pytest.param({"Authorization": "token wrong"}, 401, "not_signed_in", id="wrong token"),
        pytest.param({"Authorization": "token {token}"}, 200, None, id="token"),
    ],
)
def test_a_request_is_signed_in_by_key_or_token(server, ada_on_server, headers, status, code):
    given = {
        name: value.format(key=ada_on_server.text, token=server.token) for name, value in headers.items()
    }
    reply = server.ask("GET", "qjob/api/budget", headers=given)
    assert (reply.status, reply.json.get("code")) == (status, code)
    if status == 401:
        assert reply.headers["WWW-Authenticate"]
        assert reply.json["remedy"]
    if status == 200:
        assert reply.json["team"].startswith("ada-") is ("token" not in headers.get("Authorization", ""))


@pytest.fixture(scope="module")
def ada_on_server(server):
    return server.person("ada")


@pytest.mark.slow
def test_a_revoked_key_opens_nothing_any_more(server):
    person = server.person("revoked")
    assert server.ask("GET", "qjob/api/budget", key=person).status == 200
    person.engine.revoke_key(person.key.id)
    assert server.ask("GET", "qjob/api/budget", key=person).status == 401


ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("route", "scopes", "allowed"),
    [
        pytest.param("GET jobs", ["read"], True, id="a reader lists"),
        pytest.param("GET backends", ["read"], True, id="a reader sees backends"),
        pytest.param(f"GET jobs/{ID}", ["read"], True, id="a reader looks"),
        pytest.param("POST jobs/submit", ["read"], False, id="a reader submits nothing"),
        pytest.param(f"POST jobs/{ID}/cancel", ["read"], False, id="a reader cancels nothing"),
        pytest.param(f"POST jobs/{ID}/retry", ["read"], False, id="a reader repeats nothing"),
        pytest.param("POST quote", ["read"], True, id="a reader asks for prices"),
        pytest.param("GET jobs", ["submit"], False, id="a submitter does not list"),
        pytest.param("GET budget", ["submit"], False, id="a submitter sees no budget"),
        pytest.param("POST jobs/submit", ["submit"], True, id="a submitter submits"),
        pytest.param("POST jobs/submit", ["inline"], False, id="inline alone submits nothing"),
    ],
)
def test_a_key_does_what_it_was_made_for(server, route, scopes, allowed):
    method, path = route.split(" ")
    person = server.person("scoped", scopes=scopes)
    body = {"inline_code": "OPENQASM 3.0; qubit[1] q; h q[0];"} if method == "POST" else None
    reply = server.ask(method, f"qjob/api/{path}", body, key=person)
    if allowed:
        assert reply.status in (200, 201, 404)
        return
    assert (reply.status, reply.json["code"]) == (403, "scope_missing")
    assert "qjob key create" in reply.json["remedy"]
