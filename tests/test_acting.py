"""One process that serves several users: each is asked, billed and limited as the user, nothing starts twice."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

import qjob
from qjob import engine as engine_module
from qjob.acting import look_after_all
from qjob.execution import opened as opened_module
from qjob.model.errors import JobEnded, NoSuchTeam, RateLimited
from qjob.model.job import JobStatus
from qjob.store.listing import JobFilter

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'
SLOW = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;'
)
"""It takes minutes for the shots of `LONG`."""
LONG = {"backend": "qb-sim-statevector", "shots": 100_000}


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    """An engine of the user who runs the server."""
    home = tmp_path_factory.mktemp("acting")
    with qjob.connect(home=home, user="server", workers=1, count_local=False) as engine:
        yield engine


@pytest.fixture
def lab(parent, request):
    """A team of ada's, new for each test, that bob is in; the team that each has chosen is another one."""
    ada = parent.acting_as("ada")
    own = ada.team().id if not ada.teams() else ada.teams()[0].id
    team = ada.create_team(f"lab of {request.node.name}"[:100])
    ada.invite("bob")
    ada.switch_team(own)
    return team


@pytest.mark.slow
def test_jobs_are_the_users_and_run_in_the_parents_processes(parent, lab):
    bob = parent.acting_as("bob", lab.id)
    job = bob.submit(BELL, shots=20, seed=1)
    assert sum(job.counts.values()) == 20
    assert (job.record.user, job.record.team) == ("bob", lab.id)
    assert job.record.owner == parent._open.owner.id
    assert bob.runs_here(job.record)
    assert parent.acting_as("bob", lab.id) is bob
    assert bob.acting_as("ada") is parent.acting_as("ada")


@pytest.mark.slow
def test_everything_that_asks_for_a_team_gets_the_bound_one(parent, lab):
    bob, free = parent.acting_as("bob", lab.id), parent.acting_as("bob")
    assert free.team().id != lab.id
    assert (bob.team().id, bob.budget().team) == (lab.id, lab.name)
    assert [team.chosen for team in bob.teams()] == [team.id == lab.id for team in bob.teams()]
    job = bob.submit(BELL, reuse=True, source="a cell", seed=7)
    assert bob.find(BELL, seed=7) == job
    assert free.find(BELL, seed=7) is None
    assert bob.submit(BELL, reuse=True, seed=7) == job
    again = free.submit(BELL, reuse=True, seed=7)
    assert again != job
    assert {record.team for record in parent.records(JobFilter(teams=(lab.id,)))} == {lab.id}
    group = bob.create_group()
    assert group.team == lab.id
    proposed = bob.propose(BELL, consent=True)
    assert bob.admit(proposed.id)
    assert proposed.record.team == lab.id
    job.wait(30)
    assert job.retry().record.team == lab.id


def test_limits_are_those_of_the_user_in_the_team(parent, lab):
    parent.acting_as("ada", lab.id).limits(user_per_minute=1, local=True)
    bob = parent.acting_as("bob", lab.id)
    bob.submit(BELL)
    with pytest.raises(RateLimited):
        bob.submit(BELL)
    parent.acting_as("bob").submit(BELL)
    assert parent.acting_as("ada", lab.id).submit(BELL).record.user == "ada"


def test_who_is_in_no_such_team_gets_no_engine(parent, lab):
    for user, team in (("eve", lab.id), ("ada", "no-such-team")):
        with pytest.raises(NoSuchTeam, match="is not in team"):
            parent.acting_as(user, team)


def test_who_was_taken_out_of_the_team_is_refused_from_then_on(parent, lab):
    bob = parent.acting_as("bob", lab.id)
    bob.submit(BELL).wait(30)
    parent.acting_as("ada", lab.id).remove("bob")
    for ask in (lambda: bob.submit(BELL), bob.budget, bob.create_group, lambda: bob.by_request_key("k")):
        with pytest.raises(NoSuchTeam):
            ask()
    with pytest.raises(NoSuchTeam):
        parent.acting_as("bob", lab.id)


def test_closing_it_ends_nothing_of_the_parents(parent, lab):
    bob = parent.acting_as("bob", lab.id)
    job = bob.submit(BELL)
    bob.close()
    assert job.wait(30).status is JobStatus.COMPLETED
    assert sum(bob.submit(BELL, shots=3).counts.values()) == 3


@pytest.mark.slow
def test_closing_the_parent_ends_what_runs_and_both_open_again(tmp_path):
    parent = qjob.connect(home=tmp_path / "own", user="server", workers=1)
    ada = parent.acting_as("ada")
    job = ada.submit(SLOW, **LONG)
    parent.close()
    assert job.status is JobStatus.FAILED
    with pytest.raises(JobEnded):
        job.result()
    assert sum(ada.submit(BELL, shots=3).counts.values()) == 3
    assert parent._open.store.job(job.id).user == "ada"
    parent.close()


def test_a_durable_job_gets_a_worker_of_its_own_user(parent, lab, monkeypatch):
    looked = []

    class Keeper:
        def __init__(self, _store, settings, _version):
            self.user = settings.user

        def look(self):
            looked.append(self.user)

        def close(self):
            looked.append(f"closed {self.user}")

    monkeypatch.setattr(opened_module, "Keeper", Keeper)
    parent._opened().others.clear()
    for user in ("bob", "ada"):
        engine = parent.acting_as(user, lab.id)
        engine.close()  # so that it opens anew, with such a keeper
        job = engine.submit(BELL, mode="durable")
        assert job.cancel()
    assert set(looked) == {"bob", "ada"}
    parent._opened().others.clear()
    for user in ("bob", "ada"):
        parent.acting_as(user, lab.id).close()


def test_the_parents_own_keeper_serves_the_parents_own_user(parent):
    mine = parent.acting_as("server", parent.team().id)
    assert mine._opened().keeper is parent._opened().keeper
    assert mine.feed is parent.feed


# -- what others have left under way --------------------------------------------------------------------------------


@pytest.fixture
def keepers(monkeypatch):
    """The keepers that are made, in place of some that start processes: whose they are, and how often they looked."""
    made = []

    class Keeper:
        def __init__(self, _store, settings, _version):
            self.user, self.looks = settings.user, 0
            made.append(self)

        def look(self):
            self.looks += 1

        def close(self):
            pass

    monkeypatch.setattr(opened_module, "Keeper", Keeper)
    return made


@pytest.fixture
def left(tmp_path, keepers):
    """A durable job of ada's, who has a key, and one of bob's, who has none; the process that took them has ended."""
    with qjob.connect(home=tmp_path / "own", user="server", workers=1) as before:
        for user in ("ada", "bob"):
            before.acting_as(user).submit(BELL, mode="durable")
        before.acting_as("ada").create_key("k")
    keepers.clear()
    with qjob.connect(home=tmp_path / "own", user="server", workers=1) as after:
        yield after


def looked(keepers):
    return {keeper.user for keeper in keepers if keeper.looks}


def test_who_comes_back_finds_a_worker_for_what_was_left(left, keepers):
    left.acting_as("bob").budget()
    assert looked(keepers) == {"bob"}
    left.acting_as("grace").budget()
    assert looked(keepers) == {"bob"}  # nothing of grace's waits


def test_who_has_a_key_needs_not_come_back(left, keepers):
    look_after_all(left)
    assert looked(keepers) == {"ada"}


@pytest.mark.usefixtures("keepers")
def test_of_several_engines_of_a_user_all_have_one_keeper(parent, lab):
    opened = parent._opened()
    opened.others.clear()
    teams = (lab.id, parent.acting_as("bob").team().id)
    engines = [parent.acting_as("bob", team) for team in (*teams, None)]
    for engine in engines:
        engine.close()
    with ThreadPoolExecutor(3) as threads:
        kept = list(threads.map(lambda engine: engine._opened().keeper, engines))
    assert set(kept) == {opened.others["bob"]}
    opened.others.clear()
    for engine in engines:
        engine.close()


# -- how many -------------------------------------------------------------------------------------------------------


@pytest.fixture
def three_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "MOST_ACTING", 3)
    with qjob.connect(home=tmp_path / "own", user="server", workers=1) as engine:
        yield engine


@pytest.mark.slow
def test_the_one_that_was_asked_for_longest_ago_is_let_go_of(three_at_most):
    users = [f"user {number}" for number in range(5)]
    first = three_at_most.acting_as(users[0])
    seen = [weakref.ref(three_at_most.acting_as(user)) for user in users[1:]]
    assert three_at_most.acting_as(users[4]) is seen[-1]()
    gc.collect()
    assert [ref() is None for ref in seen] == [True, False, False, False]
    assert three_at_most.acting_as(users[0]) is not first
    assert sum(first.submit(BELL, shots=3).counts.values()) == 3  # who still has it goes on with it


def test_one_that_has_something_to_admit_yet_stays(three_at_most):
    ada = three_at_most.acting_as("ada")
    proposed = ada.propose(BELL, consent=True)
    for number in range(5):
        three_at_most.acting_as(f"user {number}")
    assert three_at_most.acting_as("ada") is ada
    assert ada.admit(proposed.id)


def test_forks_are_minded_by_the_parent_alone(three_at_most, monkeypatch):
    opened = three_at_most._opened()
    with monkeypatch.context() as patch:
        patch.setattr("os.register_at_fork", lambda **_: pytest.fail("it would be told for ever"))
        ada = three_at_most.acting_as("ada")
        ada.budget()
        lock = ada._lock
        three_at_most._begin_anew()  # as in a forked child
    assert ada._lock is not lock
    assert (ada._open, three_at_most._open) == (None, None)
    three_at_most._open = opened  # or nobody would close it
