"""Who spends and is killed: a process that submits for a team without pause, through the store or an engine.

Forked from a parent that has imported everything and opened no store, so that it is there in milliseconds.
"""

import contextlib
import mmap
import os
import random
import struct
import time
import uuid
from collections import deque
from datetime import UTC, datetime, timedelta

from qjob.engine import Engine
from qjob.execution.opened import sweep
from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout
from qjob.model.errors import OverBudget, RateLimited, WaitTimeout
from qjob.model.events import Progress
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.money import NANO
from qjob.model.program import Program, ProgramFormat
from qjob.policy.admission import Claim, refusal
from qjob.store.store import Store

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'
PROGRAM = Program(ProgramFormat.QASM2, BELL.encode())
PROPOSED, FORGOTTEN = 0.3, 0.2
"""How many jobs wait for a consent first, and how many of these never get one."""

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Clock:
    """Tells the same time in every process that was forked after it was made."""

    def __init__(self, moment):
        self._shared = mmap.mmap(-1, 8)
        self.set(moment)

    def set(self, moment):
        self._shared[:] = struct.pack("q", (moment - EPOCH) // MICROSECOND)

    def __call__(self):
        return EPOCH + struct.unpack("q", self._shared[:])[0] * MICROSECOND


def claiming(*caps):
    def decide(standing, _waiting=()):
        if (error := refusal(standing, Claim(caps, counts=True))) is not None:
            raise error
        return True

    return decide


class Spender:
    """Runs in a forked process until it is killed.

    Parameters
    ----------
    out
        A descriptor that takes its lines: ``admitted ID`` as soon as a submission has returned, ``refused CODE NOW``.
    """

    def __init__(self, settings, clock, out, seed):
        self.settings, self.clock, self.out = settings, clock, out
        self.random = random.Random(seed)
        self.in_hand = deque()

    def say(self, *words):
        os.write(self.out, (" ".join(map(str, words)) + "\n").encode())

    def refused(self, error):
        self.say("refused", error.code, self.clock().isoformat())

    def open(self):
        """Open the store as an engine does: what the dead have left is ended."""
        self.store = Store.of(self.settings, self.clock)
        sweep(self.store)
        self.owner = self.store.owners.claim()

    def accept(self, *caps):
        batch = BatchRecord(str(uuid.uuid4()), "ada", None, len(caps), self.clock())
        jobs = [
            JobRecord(
                id=str(uuid.uuid4()),
                user="ada",
                name=None,
                backend="qb-sim-statevector",
                program=PROGRAM.digest,
                num_qubits=2,
                shots=1,
                seed=1,
                options={},
                mode="direct",
                tags={},
                status=JobStatus.QUEUED,
                failure=None,
                owner=self.owner.id,
                retry_of=None,
                created_at=batch.created_at,
                started_at=None,
                ended_at=None,
                batch=batch.id if len(caps) > 1 else None,
                place=place if len(caps) > 1 else None,
                cap=cap,
            )
            for place, cap in enumerate(caps)
        ]
        if len(caps) == 1 and self.random.random() < PROPOSED:
            self.store.propose(jobs[0], PROGRAM, lambda _: Pending(consent=True))
            if self.random.random() < FORGOTTEN:
                return
            self.store.admit([jobs[0].id], claiming(*caps))
        elif len(caps) == 1:
            self.store.accept(jobs[0], PROGRAM, decide=claiming(*caps))
        else:
            self.store.accept_batch(batch, [(job, PROGRAM) for job in jobs], decide=claiming(*caps))
        for job in jobs:
            self.say("admitted", job.id)
        self.in_hand += jobs

    def settle(self):
        job = self.in_hand.popleft()
        cost = job.cap if self.random.random() < 0.002 else self.random.randrange(min(job.cap, NANO // 100))
        match self.random.randrange(4):
            case 0:
                self.store.move(job.id, JobStatus.CANCELLED, cost=cost)
            case 1:
                self.store.move(job.id, JobStatus.FAILED, failure=Failure("a", "b"))
            case _:
                self.store.complete(job.id, b"-", Progress("done"), BitLayout(1, (0,)), ran=0.5, cost=cost)

    def spend(self):
        """Submit paid jobs through the store and settle them."""
        self.open()
        while True:
            try:
                self.accept(*(self.random.randint(1, 4 * NANO) for _ in range(self.random.choice([1, 1, 3]))))
            except OverBudget as error:
                self.refused(error)
                for _ in range(min(2, len(self.in_hand))):
                    self.settle()
            if len(self.in_hand) > 8:
                self.settle()

    def spend_in_an_engine(self):
        """Submit paid jobs through an engine, whose workers run them."""
        engine = Engine(self.settings, clock=self.clock)
        while True:
            programs = [BELL] * self.random.choice([1, 1, 3])
            asked = {"backend": "qb-sim-statevector", "shots": self.random.randint(1, 9)}
            try:
                if self.random.random() < PROPOSED:
                    batch = [engine.propose(BELL, consent=True, **asked)]
                    if self.random.random() < FORGOTTEN:
                        continue
                    engine.admit(batch[0].id)
                else:
                    batch = engine.submit(programs, **asked)
            except OverBudget as error:
                self.refused(error)
            else:
                for job in batch:
                    self.say("admitted", job.id)
                    self.in_hand.append(job)
            if len(self.in_hand) > 4:
                job = self.in_hand.popleft()
                with contextlib.suppress(WaitTimeout):
                    job.wait(timeout=1)
            time.sleep(0.001)

    def hurry(self):
        """Submit free jobs as fast as the rates allow; say once at each moment of the clock that they do not."""
        self.open()
        said = None
        while True:
            now = self.clock()
            try:
                self.accept(0)
            except RateLimited as error:
                if said != now == self.clock():
                    self.refused(error)
                    said = now
                time.sleep(0.001)
