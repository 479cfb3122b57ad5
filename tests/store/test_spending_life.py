"""Any sequence of submissions, ends, changed limits and clock jumps: no limit is passed and every cent adds up.

A plain model stands beside the store. It knows what was admitted, when, and what it cost; the limits are checked
from that alone, not from the store's sums.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qjob.model.batch import BatchRecord
from qjob.model.errors import OverBudget, RateLimited
from qjob.model.job import Failure, JobStatus, Pending
from qjob.model.team import Limits
from qjob.policy.admission import Claim, refusal
from qjob.treasury import Treasury

S = JobStatus
USERS = st.sampled_from(["ada", "bob", "eve"])
CAPS = st.integers(0, 12)
COSTS = st.none() | st.integers(0, 14)
EDGES = st.sampled_from(
    [
        datetime(2026, 2, 28, 23, 59, 59, 999_990, UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 31, 23, 59, 30, tzinfo=UTC),
        datetime(2026, 4, 1, 0, 0, 20, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    ]
)
STEPS = st.sampled_from([-86_400.0, -3600.0, -60.0, -1.0, 0.000001, 1.0, 30.0, 60.0, 3600.0, 86_400.0])
LIMITS = st.builds(
    Limits,
    per_job=st.integers(5, 15),
    per_day=st.integers(0, 40),
    per_month=st.integers(0, 90),
    user_per_minute=st.integers(1, 4),
    team_per_day=st.integers(1, 9),
)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Job:
    """A job as the model has it."""

    team: str
    admitted: datetime
    cap: int
    cost: int | None = None

    @property
    def in_use(self):
        return self.cap if self.cost is None else self.cost


def crowd(times, width, now):
    """Return the most submissions that any window of a width has that the present moment is in."""
    near = sorted(time for time in times if now - width < time < now + width)
    return max(sum(begin <= time < begin + width for time in near) for begin in near)


class SpendingLife(RuleBasedStateMachine):
    new_world = None  # set by the test

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="qjob-money-"))
        self.world = self.new_world(self.folder / "q.sqlite")
        self.jobs, self.limits = {}, {}
        self.slots = []  # user, team and time of each submission that counted
        self.proposed = []  # user, ids and caps of what waits to be admitted
        with self.world.store.transaction():
            # bob is a member of ada's team; eve pays for herself
            ada = self.world.store.budget_of("ada")[0]
            with self.world.store._db.write() as connection:
                self.world.store._sql.add_member(
                    connection, team=ada.id, username="bob", role="member", since=0
                )
                self.world.store._sql.choose_team(connection, username="bob", team=ada.id)
            eve = self.world.store.budget_of("eve")[0]
        self.teams = {"ada": ada, "bob": ada, "eve": eve}
        assert self.world.store.budget_of("bob")[0].id == ada.id
        for user in ("ada", "eve"):
            self.set_limits(user, Limits(10, 30, 70, 3, 8))

    def teardown(self):
        self.world.store.close()
        self.world.places.clean()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what happens -----------------------------------------------------------------------------------------

    @rule(user=USERS, limits=LIMITS)
    def set_limits(self, user, limits):
        team = self.world.store.set_limits(self.teams[user], limits, user)
        self.limits[team.id] = limits

    @rule(seconds=STEPS)
    def jump(self, seconds):
        self.world.clock.now += timedelta(seconds=seconds)

    @rule(moment=EDGES)
    def jump_to(self, moment):
        self.world.clock.now = moment

    @rule(
        user=USERS, caps=st.lists(CAPS, min_size=1, max_size=4), counts=st.sampled_from([True, True, False])
    )
    def submit(self, user, caps, counts):
        store, world = self.world.store, self.world
        batch, jobs = self.made(user, caps)

        def accept(decide):
            if batch is None:
                return [store.accept(jobs[0], world.program, decide=decide).id]
            store.accept_batch(batch, [(job, world.program) for job in jobs], decide=decide)
            return [job.id for job in jobs]

        if (now := self.try_to(accept, user, caps, counts=counts)) is not None:
            created = [store.job(job.id).created_at for job in jobs]
            assert created == [now + timedelta(microseconds=place) for place in range(len(jobs))]

    @rule(user=USERS, caps=st.lists(CAPS, min_size=1, max_size=3))
    def propose(self, user, caps):
        """What waits holds nothing and takes no slot, whatever the limits."""
        store, world = self.world.store, self.world
        batch, jobs = self.made(user, caps)
        if batch is None:
            store.propose(jobs[0], world.program, lambda _: Pending(consent=True))
        else:
            programs = [(job, world.program) for job in jobs]
            store.propose_batch(batch, programs, lambda _: Pending(consent=True))
        self.proposed.append((user, [job.id for job in jobs], caps))

    @precondition(lambda self: self.proposed)
    @rule(which=st.integers(0, 99), counts=st.sampled_from([True, True, False]))
    def admit(self, which, counts):
        store, place = self.world.store, which % len(self.proposed)
        user, ids, caps = self.proposed[place]

        def accept(decide):
            assert store.admit(ids, decide) == ids
            return ids

        if self.try_to(accept, user, caps, counts=counts) is not None:
            del self.proposed[place]
            assert store.admit(ids, lambda *_: True) == []

    @precondition(lambda self: self.proposed)
    @rule(which=st.integers(0, 99), cancelled=st.booleans())
    def give_up(self, which, cancelled):
        _, ids, _ = self.proposed.pop(which % len(self.proposed))
        for job_id in ids:
            assert (
                self.world.store.cancel(job_id) if cancelled else self.settle(job_id, S.FAILED, None)
            ) is True
            assert self.world.store.movements(job_id) == []

    def made(self, user, caps):
        """Return new jobs and, where they are several, their batch."""
        records = [self.world.record(user=user, cap=cap, status=S.QUEUED) for cap in caps]
        if len(caps) == 1:
            return None, records
        batch = BatchRecord(records[0].id, user, None, len(caps), self.world.clock.now)
        return batch, [job._replace(batch=batch.id, place=place) for place, job in enumerate(records)]

    def try_to(self, accept, user, caps, *, counts):
        """Let jobs be admitted as a submission does, and check the answer; return when they were, if they were."""
        seen = []

        def decide(standing, _waiting=()):
            seen.append(standing.now)
            if (error := refusal(standing, Claim(tuple(caps), counts=counts))) is not None:
                raise error
            return counts

        try:
            ids = accept(decide)
        except OverBudget as error:
            self.refused_budget(user, caps, seen[0], error)
        except RateLimited as error:
            assert counts
            self.refused_rate(user, seen[0], error)
        else:
            stored = [self.world.store.job(job_id) for job_id in ids]
            self.admitted(user, stored, seen[0], counts=counts)
            return seen[0]
        return None

    @precondition(lambda self: any(job.cost is None for job in self.jobs.values()))
    @rule(which=st.integers(0, 99), to=st.sampled_from([S.COMPLETED, S.FAILED, S.CANCELLED]), cost=COSTS)
    def end(self, which, to, cost):
        waiting = [job_id for job_id, job in self.jobs.items() if job.cost is None]
        job_id = waiting[which % len(waiting)]
        assert self.settle(job_id, to, cost)
        job = self.jobs[job_id]
        due = cost if cost is not None else job.cap if to is S.COMPLETED else 0
        self.jobs[job_id] = replace(job, cost=due)

    @precondition(lambda self: any(job.cost is not None for job in self.jobs.values()))
    @rule(which=st.integers(0, 99), to=st.sampled_from([S.COMPLETED, S.FAILED, S.CANCELLED]), cost=COSTS)
    def end_again(self, which, to, cost):
        ended = [job_id for job_id, job in self.jobs.items() if job.cost is not None]
        assert not self.settle(ended[which % len(ended)], to, cost)

    @precondition(lambda self: any(job.cost is not None for job in self.jobs.values()))
    @rule(which=st.integers(0, 99), amount=st.integers(0, 15))
    def refund(self, which, amount):
        ended = [job_id for job_id, job in self.jobs.items() if job.cost is not None]
        job_id = ended[which % len(ended)]
        job = self.jobs[job_id]
        fits = 0 < amount <= job.cost
        left = self.world.store.refund(job_id, amount, "a credit note", "ada")
        assert left == (job.cost - amount if fits else None)
        self.jobs[job_id] = replace(job, cost=job.cost - amount) if fits else job

    def settle(self, job_id, to, cost):
        store, world = self.world.store, self.world
        if to is S.COMPLETED:
            return store.complete(job_id, b"packed", world.progress, world.layout, ran=0.5, cost=cost)
        failure = Failure("a", "b") if to is S.FAILED else None
        return store.move(job_id, to, failure=failure, cost=cost)

    @rule()
    def open_again(self):
        self.world.store.close()
        now, self.world = self.world.clock.now, self.new_world(self.world.path)
        self.world.clock.now = now

    # -- what must be true of an answer -----------------------------------------------------------------------

    def used(self, team, now, *, month=False):
        return sum(
            job.in_use
            for job in self.jobs.values()
            if job.team == team
            and (job.admitted.year, job.admitted.month) == (now.year, now.month)
            and (month or job.admitted.day == now.day)
        )

    def times(self, user, team):
        return (
            [at for who, _, at in self.slots if who == user],
            [at for _, whose, at in self.slots if whose == team],
        )

    def admitted(self, user, stored, now, *, counts):
        team = self.teams[user].id
        limits = self.limits[team]
        for job in stored:
            assert (job.team, job.admitted_at) == (team, now)
            self.jobs[job.id] = Job(team, now, job.cap)
        paid = sum(job.cap for job in stored)
        if paid:
            # also after an overrun, which closes admission where it passes the limit
            assert max(job.cap for job in stored) <= limits.per_job
            assert self.used(team, now) <= limits.per_day
            assert self.used(team, now, month=True) <= limits.per_month
        if counts:
            self.slots.append((user, team, now))
            of_user, of_team = self.times(user, team)
            assert crowd(of_user, MINUTE, now) <= limits.user_per_minute
            assert crowd(of_team, DAY, now) <= limits.team_per_day

    def refused_budget(self, user, caps, now, error):
        team = self.teams[user].id
        limits = self.limits[team]
        day, month = self.used(team, now), self.used(team, now, month=True)
        beyond = {
            "job": max(caps) > limits.per_job,
            "day": day + sum(caps) > limits.per_day,
            "month": month + sum(caps) > limits.per_month,
        }
        assert sum(caps)
        assert next(period for period, full in beyond.items() if full) == error.numbers["period"]

    def refused_rate(self, user, now, error):
        """Nobody is refused without need: just before the window is free there are as many as may be near it."""
        limits = self.limits[self.teams[user].id]
        of_user, of_team = self.times(user, self.teams[user].id)
        times, width, limit = (
            (of_user, MINUTE, limits.user_per_minute)
            if error.numbers["setting"] == "user_per_minute"
            else (of_team, DAY, limits.team_per_day)
        )
        assert sum(now - width < time < now + width for time in times) >= limit
        free = now + timedelta(seconds=error.retry_after)
        if not any(time > now for time in times):
            assert sum(free - width <= time for time in times) >= limit
            assert sum(free - width < time for time in times) < limit

    # -- what must be true always -----------------------------------------------------------------------------

    @invariant()
    def books_agree(self):
        assert Treasury.audit(SimpleNamespace(store=self.world.store)).findings == ()
        sums = {}
        for job in self.jobs.values():
            key = job.team, job.admitted.date().isoformat()
            held, charged = sums.get(key, (0, 0))
            sums[key] = (held + (job.cap if job.cost is None else 0), charged + (job.cost or 0))
        books = self.world.store.books()
        assert {key: value for key, value in books.spending.items() if value != (0, 0)} == {
            key: value for key, value in sums.items() if value != (0, 0)
        }
        admitted = [job for job in self.world.store.jobs(limit=1000) if job.admitted_at]
        assert self.jobs.keys() == {job.id for job in admitted}


@pytest.mark.slow
def test_no_sequence_passes_a_limit(new_world, database):
    class Bound(SpendingLife):
        pass

    Bound.new_world = staticmethod(new_world)
    examples = {"sqlite": 60, "postgres": 15}[database]
    run_state_machine_as_test(
        Bound,
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None),
    )
