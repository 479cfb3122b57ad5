"""Teams: who is in them, which one pays, and who may change that."""

import pytest

import qjob
from qjob.model.errors import AmbiguousJob, InvalidRequest, NoSuchTeam, NotAllowed
from qjob.model.team import Role

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture
def as_user():
    """Engines of several users over one store."""
    engines = {}

    def engine(user):
        if user not in engines:
            engines[user] = qjob.connect(user=user, workers=1)
        return engines[user]

    yield engine
    for each in engines.values():
        each.close()


def test_the_first_question_makes_a_personal_team(as_user):
    team = as_user("ada").team()
    assert (team.name, team.role, team.members, team.chosen) == ("ada", Role.OWNER, {"ada": Role.OWNER}, True)
    assert as_user("ada").team() == team


def test_an_invited_user_switches_and_the_team_pays(as_user):
    ada, bob = as_user("ada"), as_user("bob")
    ada.create_team("lab")
    ada.invite("bob")
    assert [team.name for team in bob.teams()] == ["lab"]
    assert bob.team().name == "bob"  # until he chooses it
    assert bob.switch_team("lab").chosen
    job = bob.submit(BELL, shots=5)
    assert job.record.team == ada.team().id
    assert bob.team().members == {"ada": Role.OWNER, "bob": Role.MEMBER}
    with pytest.raises(NotAllowed):
        bob.budget(day="5")
    with pytest.raises(NotAllowed):
        bob.invite("eve")
    ada.invite("bob", "admin")
    assert bob.budget(day="5").day.limit == 5
    assert ada.budget().day.limit == 5


@pytest.mark.slow
def test_who_is_taken_out_falls_back_on_a_team_of_his_own(as_user):
    ada, bob = as_user("ada"), as_user("bob")
    bob.team()
    ada.invite("bob")
    bob.switch_team("ada")
    assert ada.remove("bob").members == {"ada": Role.OWNER}
    assert bob.team().name == "bob"
    with pytest.raises(NoSuchTeam):
        bob.switch_team("ada")
    assert bob.submit(BELL, shots=5).wait().record.team == bob.team().id


def test_the_last_owner_stays(as_user):
    ada = as_user("ada")
    with pytest.raises(NotAllowed, match="without an owner"):
        ada.remove("ada")
    with pytest.raises(NotAllowed, match="without an owner"):
        ada.invite("ada", "member")
    ada.invite("bob", "owner")
    assert ada.remove("ada") is None
    assert as_user("bob").teams()[0].members == {"bob": Role.OWNER}
    assert ada.team().members == {"ada": Role.OWNER}  # a new one


def test_names_and_ids_of_teams(as_user):
    ada, bob = as_user("ada"), as_user("bob")
    first = ada.create_team("lab")
    with pytest.raises(InvalidRequest, match="already"):
        ada.create_team("lab")
    bob.create_team("lab")
    bob.invite("ada")
    with pytest.raises(AmbiguousJob, match="2 teams") as caught:
        ada.switch_team("lab")
    assert len(caught.value.numbers["candidates"]) == 2
    assert ada.switch_team(first.id[:8]).id == first.id
    with pytest.raises(NoSuchTeam, match="nowhere"):
        ada.switch_team("nowhere")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, 5, None])
def test_what_is_no_name(as_user, name):
    for ask in (as_user("ada").create_team, as_user("ada").invite):
        with pytest.raises(InvalidRequest):
            ask(name)


def test_what_is_no_role_and_no_member(as_user):
    with pytest.raises(InvalidRequest, match="no role"):
        as_user("ada").invite("bob", "king")
    with pytest.raises(InvalidRequest, match="not in team"):
        as_user("ada").remove("bob")
