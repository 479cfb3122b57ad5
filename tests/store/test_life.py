"""Any sequence of calls against a plain-dict model of the store: nothing but what is legal, nothing lost."""

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from qjob.model.bits import BitLayout
from qjob.model.events import Progress
from qjob.model.job import MOVES, Failure, JobStatus
from qjob.store.completing import Completion

S = JobStatus
failures = st.builds(Failure, st.sampled_from(["a", "b"]), st.text(max_size=5))
progresses = st.builds(
    Progress,
    st.text(max_size=5),
    st.integers(0, 2**53),
    st.lists(st.tuples(st.text("01", min_size=2, max_size=2), st.integers(1, 9)), max_size=2).map(tuple),
    st.integers(0, 9),
)
# NUL, which PostgreSQL's text cannot hold, is tried with each database in test_store.py
names = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8
)


class Undo(Exception):
    """Asks for a group of changes to be undone."""


class Life(RuleBasedStateMachine):
    """Every rule does one thing to the store and the same to the model, then both must agree."""

    jobs = Bundle("jobs")
    new_world = None  # set by the test

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="qjob-life-"))
        self.world = self.new_world(self.folder / "q.sqlite")
        self.records, self.kinds, self.progress, self.results = {}, {}, {}, {}

    def teardown(self):
        self.world.store.close()
        self.world.places.clean()
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(target=jobs, name=names, tags=st.dictionaries(names.map(str), names.map(str), max_size=2))
    def accept(self, name, tags):
        job = self.world.record(name=name, tags=tags)
        self.world.store.accept(job, self.world.program)
        self.records[job.id], self.kinds[job.id] = job, ["accepted"]
        return job.id

    @rule(job_id=jobs, to=st.sampled_from(list(S)), failure=failures)
    def move(self, job_id, to, failure):
        failure = failure if to is S.FAILED else None
        legal = to in MOVES[self.records[job_id].status]
        assert self.world.store.move(job_id, to, failure=failure) == legal
        if legal:
            self.moved(job_id, to, failure)

    @rule(job_id=jobs, packed=st.binary(max_size=9), progress=progresses, ran=st.none() | st.floats(0, 1e4))
    def complete(self, job_id, packed, progress, ran):
        status = self.records[job_id].status
        begins = ran is not None and S.RUNNING in MOVES[status]
        legal = begins or S.COMPLETED in MOVES[status]
        layout = BitLayout(len(packed), tuple(range(len(packed))))
        assert self.world.store.complete(job_id, packed, progress, layout, ran=ran) == legal
        if legal:
            self.completed(job_id, packed, progress, layout, begins=begins)

    @rule(job_ids=st.lists(jobs, max_size=20), packed=st.binary(max_size=9), progress=progresses)
    def complete_all(self, job_ids, packed, progress):
        layout = BitLayout(len(packed), tuple(range(len(packed))))
        completions = [Completion.of(job_id, packed, progress, layout, ran=0.5) for job_id in job_ids]
        done = self.world.store.complete_all(completions)
        for job_id, ended in zip(job_ids, done, strict=True):
            status = self.records[job_id].status
            begins = S.RUNNING in MOVES[status]
            assert ended == (begins or S.COMPLETED in MOVES[status])
            if ended:
                self.completed(job_id, packed, progress, layout, begins=begins)

    def completed(self, job_id, packed, progress, layout, *, begins):
        if begins:
            self.moved(job_id, S.RUNNING, None)
        self.moved(job_id, S.COMPLETED, None)
        self.progress[job_id], self.results[job_id] = progress, (packed, layout)

    @rule(job_id=jobs, progress=progresses)
    def set_progress(self, job_id, progress):
        legal = self.records[job_id].status in (S.QUEUED, S.RUNNING, S.CANCELLING)
        assert self.world.store.set_progress(job_id, progress) == legal
        if legal:
            self.progress[job_id] = progress

    @rule(job_ids=st.lists(jobs, max_size=3), keep=st.booleans())
    def group(self, job_ids, keep):
        before = dict(self.records), {key: list(kinds) for key, kinds in self.kinds.items()}
        try:
            self.cancel_all(job_ids, keep=keep)
        except Undo:
            self.records, self.kinds = before

    def cancel_all(self, job_ids, *, keep):
        with self.world.store.transaction():
            for job_id in job_ids:
                self.move(job_id, S.CANCELLED, None)
            if not keep:
                raise Undo

    @rule()
    def open_again(self):
        self.world.store.close()
        clock, self.world = self.world.clock, self.new_world(self.world.path)
        self.world.clock.now = clock.now

    def moved(self, job_id, to, failure):
        now, job = self.world.clock.now, self.records[job_id]
        started = job.started_at or (now if to is S.RUNNING else None)
        self.records[job_id] = job._replace(
            status=to, failure=failure, started_at=started, ended_at=now if to.ended else None
        )
        self.kinds[job_id].append(to.lower())

    @invariant()
    def agree(self):
        store = self.world.store
        newest_first = list(self.records.values())[::-1]
        assert store.jobs(limit=1000) == newest_first
        assert store.unfinished() == [job for job in newest_first[::-1] if not job.status.ended]
        for job_id, job in self.records.items():
            packed, layout = self.results.get(job_id, (None, None))
            found = store.snapshot(job_id)
            assert (found.job, found.progress, found.layout) == (job, self.progress.get(job_id), layout)
            assert store.result(job_id) == packed
            log = store.log(job_id)
            assert [(entry.seq, entry.kind) for entry in log] == list(enumerate(self.kinds[job_id]))
            assert [entry.at for entry in log] == sorted(entry.at for entry in log)


@pytest.mark.slow
def test_the_store_agrees_with_a_plain_model(new_world, database):
    class Bound(Life):
        pass

    Bound.new_world = staticmethod(new_world)
    examples = {"sqlite": 40, "postgres": 20}[database]
    run_state_machine_as_test(
        Bound,
        settings=settings(max_examples=examples, stateful_step_count=25, deadline=None),
    )
