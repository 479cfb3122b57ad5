"""Groups in the store: of one team, and jobs enter them only with their submission."""

import uuid
from datetime import timedelta

import pytest

from qjob.model.errors import IllegalMove, NoSuchGroup, OverBudget
from qjob.model.filing import Filing, RequestKey
from qjob.model.group import Group, GroupStatus
from qjob.model.job import JobStatus as S
from qjob.model.money import NANO
from qjob.store.listing import JobFilter

G = GroupStatus


@pytest.fixture
def grouped(payer):
    """Make a group of ada's team."""

    def run(**changes):
        fields = {
            "name": "sweep",
            "tags": {"run": 7, "done": True},
            "metadata": {"a": [1, {}]},
            "max_ttl": None,
        }
        made = Group(str(uuid.uuid4()), "", "ada", **fields | changes, created_at=payer.world.clock.now)
        return payer.store.add_group(made)

    return run


def into(group):
    return Filing(group=group.id)


def test_a_group_is_kept_as_it_was_made_and_belongs_to_the_team(payer, grouped):
    made = grouped()
    assert made.team == payer.store.budget_of("ada")[0].id
    assert payer.store.group("ada", made.id) == made
    assert (made.tags, made.metadata, made.status) == ({"run": 7, "done": True}, {"a": [1, {}]}, G.OPEN)


def test_jobs_and_batches_enter_with_their_submission(payer, grouped):
    group, other = grouped(), grouped()
    one = payer.submit(filing=into(group))
    rest = payer.submit_batch(NANO, NANO, filing=into(group))
    alone = payer.submit()
    assert payer.store.jobs_of_group(group.id) == [one, *rest]
    assert payer.store.jobs_of_group(other.id) == []
    assert [job.id for job in payer.store.jobs(JobFilter(group=group.id))] == [*rest[::-1], one]
    assert payer.store.group("ada", group.id).statuses == {S.QUEUED: 3}
    assert alone not in payer.store.jobs_of_group(group.id)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param(
            lambda store, group: store.change_group("ada", group.id, "close"), IllegalMove, id="closed"
        ),
        pytest.param(
            lambda store, group: store.change_group("ada", group.id, "cancel"), IllegalMove, id="cancelled"
        ),
        pytest.param(
            lambda store, group: store.change_group("ada", group.id, "delete"), NoSuchGroup, id="deleted"
        ),
        pytest.param(lambda store, _group: store.make_team("ada", "lab"), NoSuchGroup, id="of another team"),
    ],
)
def test_what_takes_no_jobs(payer, grouped, spoil, error):
    group = grouped()
    spoil(payer.store, group)
    before = payer.everything()
    with pytest.raises(error, match=r"group") as caught:
        payer.submit(filing=Filing(RequestKey("k", "d"), group.id))
    with pytest.raises(error):
        payer.submit_batch(NANO, filing=into(group))
    assert caught.value.numbers["group"] == group.id
    assert payer.everything() == before


def test_a_group_closes_by_itself_to_the_microsecond(payer, grouped):
    group = grouped(max_ttl=60)
    payer.world.clock.now = group.closes_at - timedelta(microseconds=2)
    payer.submit(filing=into(group))
    payer.world.clock.now = group.closes_at - timedelta(microseconds=1)
    with pytest.raises(IllegalMove):
        payer.submit(filing=into(group))
    assert payer.store.group("ada", group.id).status is G.CLOSED


def test_a_refused_job_is_in_no_group(payer, grouped):
    group = grouped()
    payer.limit(per_job=NANO)
    with pytest.raises(OverBudget):
        payer.submit(2 * NANO, filing=into(group))
    assert payer.store.jobs_of_group(group.id) == []


def test_what_was_sent_before_the_group_closed_is_found_when_it_is_sent_again(payer, grouped):
    group = grouped()
    filing = Filing(RequestKey("k", "d"), group.id)
    job_id = payer.submit(filing=filing)
    payer.store.change_group("ada", group.id, "close")
    assert payer.submit(filing=filing) == job_id


@pytest.mark.parametrize(
    ("what", "ends", "status"),
    [
        pytest.param("close", [S.COMPLETED, S.COMPLETED], G.COMPLETED, id="all completed"),
        pytest.param("close", [S.COMPLETED, S.FAILED], G.FAILED, id="one failed"),
        pytest.param("close", [S.COMPLETED], G.CLOSED, id="one goes on"),
        pytest.param("cancel", [S.CANCELLED, S.COMPLETED], G.CANCELLED, id="cancelled"),
    ],
)
def test_the_status_follows_from_the_jobs(payer, grouped, what, ends, status):
    group = grouped()
    jobs = [payer.submit(filing=into(group)) for _ in range(2)]
    payer.store.change_group("ada", group.id, what)
    for job_id, end in zip(jobs, ends, strict=False):
        payer.end(job_id, end)
    assert payer.store.group("ada", group.id).status is status
    assert [each.id for each in payer.store.groups("ada", status, limit=5)[0]] == [group.id]
    assert payer.store.groups("ada", G.OPEN, limit=5) == ([], 0)


def test_closing_again_keeps_the_first_time(payer, grouped):
    group = grouped()
    first = payer.store.change_group("ada", group.id, "close")
    again = payer.store.change_group("ada", group.id, "close")
    assert again.closed_at == first.closed_at
    assert payer.store.change_group("ada", group.id, "cancel").closed_at == first.closed_at


def test_pages_of_groups_come_newest_first_with_their_number(payer, grouped):
    groups = [grouped(name=f"g{i}") for i in range(7)]
    payer.submit(filing=into(groups[4]))
    payer.store.change_group("ada", groups[2].id, "delete")
    payer.store.change_group("ada", groups[3].id, "close")

    def names(status=None, **page):
        found, total = payer.store.groups("ada", status, **page)
        return [group.name for group in found], total

    assert names(limit=3) == (["g6", "g5", "g4"], 6)
    assert names(limit=3, offset=2) == (["g4", "g3", "g1"], 6)
    assert names(G.OPEN, limit=3, offset=1) == (["g5", "g4", "g1"], 5)
    assert names(G.COMPLETED, limit=3) == (["g3"], 1)
    page, _ = payer.store.groups("ada", None, limit=3)
    assert [group.size for group in page] == [0, 0, 1]
    assert payer.store.groups("bob", None, limit=3) == ([], 0)


def test_who_is_in_another_team_finds_no_group(payer, grouped):
    group = grouped()
    payer.submit(user="bob")
    for ask in (
        lambda: payer.store.group("bob", group.id),
        lambda: payer.store.change_group("bob", group.id, "close"),
        lambda: payer.store.group("nobody", group.id),
        lambda: payer.store.group("ada", "no-such-id"),
    ):
        with pytest.raises(NoSuchGroup):
            ask()
