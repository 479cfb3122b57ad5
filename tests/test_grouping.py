"""Groups of jobs: made, filled, closed, cancelled and deleted by whom they belong to."""

import pytest

import qjob
from qjob.model.errors import IllegalMove, InvalidRequest, NoSuchGroup, NotAllowed
from qjob.model.group import GroupStatus
from qjob.model.job import JobStatus

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'
SLOW = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;'
)
"""It takes minutes for the shots of `LONG`."""
LONG = {"backend": "qb-sim-statevector", "shots": 100_000}


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    with qjob.connect(home=tmp_path_factory.mktemp("groups"), user="server", workers=1) as engine:
        yield engine


@pytest.fixture
def ada(parent, request):
    """A user of the test's own."""
    return parent.acting_as(f"ada-{request.node.name}"[:60])


@pytest.mark.slow
def test_a_group_from_its_making_to_its_end(ada):
    group = ada.create_group(" sweep ", tags={"run": 7}, metadata={"x": [1.5, None]})
    assert (group.name, group.user, group.status) == ("sweep", ada.settings.user, GroupStatus.OPEN)
    job = ada.submit(BELL, shots=5, group=group.id)
    batch = ada.submit([BELL, BELL], shots=5, group=group.id)
    assert ada.jobs_of_group(group.id) == [job, *batch]
    for each in (job, *batch):
        each.wait(30)
    assert ada.group(group.id).status is GroupStatus.OPEN
    assert ada.close_group(group.id).status is GroupStatus.COMPLETED
    assert ada.groups("completed") == ([ada.group(group.id)], 1)
    with pytest.raises(IllegalMove, match="takes no more jobs"):
        ada.submit(BELL, group=group.id)
    with pytest.raises(IllegalMove, match="nothing is left"):
        ada.cancel_group(group.id)
    assert ada.delete_group(group.id).statuses == {JobStatus.COMPLETED: 3}
    assert ada.groups() == ([], 0)
    assert ada.job(job.id).status is JobStatus.COMPLETED
    with pytest.raises(NoSuchGroup):
        ada.jobs_of_group(group.id)


def test_cancelling_ends_its_jobs_and_no_others(ada):
    group = ada.create_group()
    mine = ada.submit([SLOW, SLOW], group=group.id, **LONG)
    other = ada.submit(SLOW, **LONG)
    with pytest.raises(IllegalMove, match="2 of the 2 jobs"):
        ada.delete_group(group.id)
    assert ada.group(group.id).deleted_at is None
    assert ada.cancel_group(group.id).cancelled_at is not None
    mine.wait(30)
    assert ada.group(group.id).status is GroupStatus.CANCELLED
    assert ada.cancel_group(group.id).status is GroupStatus.CANCELLED
    assert not other.status.ended
    other.cancel()


@pytest.mark.slow
def test_members_see_and_use_it_and_only_some_may_end_it(parent, ada):
    team = ada.team().id
    for user, role in (("bob", "member"), ("cleo", "admin")):
        ada.invite(user, role)
    bob, cleo = (parent.acting_as(user, team) for user in ("bob", "cleo"))
    group = ada.create_group("ada's")
    assert bob.group(group.id) == group
    job = bob.submit(BELL, group=group.id)
    for act in (bob.close_group, bob.cancel_group, bob.delete_group):
        with pytest.raises(NotAllowed, match="bob may not"):
            act(group.id)
    assert bob.close_group(bob.create_group().id).status is GroupStatus.COMPLETED
    assert cleo.close_group(group.id).closed_at is not None
    job.wait(30)
    assert cleo.delete_group(group.id).size == 1
    with pytest.raises(NoSuchGroup):
        parent.acting_as("eve").group(group.id)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"name": ""}, id="an empty name"),
        pytest.param({"tags": {"a": 1.5}}, id="a tag that is a float"),
        pytest.param({"tags": {"a": {}}}, id="a tag that is an object"),
        pytest.param({"tags": {"": 1}}, id="a tag without a key"),
        pytest.param({"tags": {str(i): i for i in range(51)}}, id="too many tags"),
        pytest.param({"metadata": {"a": object()}}, id="no JSON"),
        pytest.param({"metadata": {"a": 2**70}}, id="a number that JSON cannot be read with"),
        pytest.param({"metadata": {"a": "x" * 20_000}}, id="too much"),
        pytest.param({"metadata": [1]}, id="a list"),
        pytest.param({"max_ttl": 0}, id="no time"),
        pytest.param({"max_ttl": 86_401}, id="more than a day"),
        pytest.param({"max_ttl": True}, id="no number"),
        pytest.param({"max_ttl": 1.5}, id="half a second"),
    ],
)
def test_what_makes_no_group(ada, wrong):
    with pytest.raises(InvalidRequest):
        ada.create_group(**wrong)
    assert ada.groups() == ([], 0)


@pytest.mark.parametrize(
    "wrong", [{"status": "done"}, {"limit": -1}, {"offset": "0"}, {"limit": True}], ids=str
)
def test_what_is_no_page_of_groups(ada, wrong):
    with pytest.raises(InvalidRequest):
        ada.groups(**wrong)


@pytest.mark.parametrize("group", ["", "no-such-group", 7])
def test_jobs_for_no_group_are_refused(ada, group):
    with pytest.raises((NoSuchGroup, InvalidRequest)):
        ada.submit(BELL, group=group)
    assert ada.jobs(team=ada.team().id) == []
