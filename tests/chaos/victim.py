"""What is killed: a process that submits without pause and says what it has got.

Forked from a parent that has imported everything and opened no engine, so that it is there in milliseconds.
"""

import contextlib
import os
import random
import time
from collections import deque

import qjob
from qjob.model.errors import JobEnded

MARK = "QJOB_CHAOS_VICTIM"
"""The environment variable by which a victim's workers are known, wherever their parents are."""

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
PROGRAMS = (
    (HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;", (1, 1000)),  # over in a millisecond
    (HEAD + "qreg q[12]; creg c[12]; h q; measure q->c;", (2000, 9000)),  # thousands of outcomes
    (
        HEAD + "qreg q[10]; creg c[10]; h q; measure q[0]->c[0]; h q; measure q->c;",
        (50, 2000),
    ),  # shot by shot
)
IN_HAND = 12
"""Jobs that have not ended, at the most: the queue must not outgrow the round."""


class Victim:
    """Runs in the forked process.

    Parameters
    ----------
    out
        A descriptor that takes its lines: ``job ID SHOTS`` as soon as a submission has returned, ``ended ID STATUS``
        and ``done``.
    seed
        Of what it does.
    """

    def __init__(self, out, seed, **settings):
        self.out = out
        self.random = random.Random(seed)
        self.engine = qjob.connect(workers=2, **settings)
        self.in_hand = deque()

    def say(self, *words):
        os.write(self.out, (" ".join(map(str, words)) + "\n").encode())

    def submit(self):
        text, (low, high) = self.random.choice(PROGRAMS)
        shots = self.random.randint(low, high)
        job = self.engine.submit(text, shots=shots)
        self.say("job", job.id, shots)
        self.in_hand.append(job)
        if self.random.random() < 0.15:
            self.random.choice(self.in_hand).cancel()

    def settle(self):
        job = self.in_hand.popleft()
        with contextlib.suppress(JobEnded):
            job.result(timeout=60)
        self.say("ended", job.id, job.status)

    def until_killed(self):
        """Submit for ever; nobody waits for the end."""
        while True:
            self.submit()
            if len(self.in_hand) >= IN_HAND:
                self.settle()
            time.sleep(self.random.uniform(0, 0.02))

    def until_told(self, told):
        """Submit and wait, whatever happens to the workers, until the descriptor `told` is closed; then finish."""
        os.set_blocking(told, False)
        while True:
            try:
                if not os.read(told, 1):
                    break
            except BlockingIOError:
                pass
            self.submit()
            if len(self.in_hand) >= IN_HAND // 3:
                self.settle()
        while self.in_hand:
            self.settle()
        self.engine.close()
        self.say("done")
