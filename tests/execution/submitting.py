"""A process that submits and is then killed, interrupted or left alone; started by tests as a program of its own.

``python submitting.py CASE``: prints ``name value`` lines, then waits for the end of its standard input.
"""

import os
import signal
import sys
import time

import qjob
from qjob.model.job import JobStatus

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
SLOW = HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;"


def say(name, value):
    print(name, value, flush=True)


def main(case):
    engine = qjob.connect()
    say("pid", os.getpid())
    if case == "preparing":
        engine.prepare()
    elif case == "idle":
        say("job", engine.submit(BELL).wait().id)
    elif case in ("running", "cancelling"):
        job = engine.submit(SLOW, shots=100_000)
        while job.status is not JobStatus.RUNNING:
            time.sleep(0.01)
        if case == "cancelling":
            engine._opened().executor.cancels_asked = lambda: None  # so slow that it dies before it obeys
            engine._opened().executor._runner._cancel = lambda **_: None
            job.cancel()
        say("job", job.id)
    elif case == "ignoring":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        say(
            "job",
            engine.submit(
                HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;", shots=300
            ).id,
        )
    say("ready", case)
    sys.stdin.read()
    engine.close()


if __name__ == "__main__":
    main(sys.argv[1])
