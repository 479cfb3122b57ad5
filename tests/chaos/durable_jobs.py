"""The jobs of `durable.py`, drawn from a seed, and the process that submits a share of them: it may be killed.

``python durable_jobs.py NUMBER OF SEED JOBS REMOTE SECONDS FILE``: submits every OF-th job from the NUMBER-th on, but
for those that are in the store already, and adds a line to FILE as soon as a submission has returned.
"""

import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
TRAJECTORIES = HEAD + "qreg q[12]; creg c[12]; h q; measure q[0]->c[0]; h q; measure q->c;"
CHAIN = "".join(f"ry(0.{bit + 1}) q[{bit}]; cx q[{bit}],q[{bit + 1}];" for bit in range(11))
BLOCKS = HEAD + f"qreg q[12]; creg c[12]; h q; {CHAIN} measure q->c;"
SKEW = (
    HEAD + "qreg q[3]; creg c[4]; x q[0]; cx q[0],q[2]; "
    "measure q[0]->c[0]; measure q[1]->c[3]; measure q[2]->c[2];"
)
"""Every shot reads c[0] = c[2] = 1 and c[3] = 0; c[1] is never written."""

DIFFERENT = 12
"""How many seeds the slow local jobs have: each is computed once more without any interruption."""

ADMITTED = ["QUEUED", "RUNNING", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED"]


@dataclass(frozen=True)
class Planned:
    """One job that is to be submitted."""

    name: str
    kind: str
    program: str
    backend: str
    shots: int
    seed: int

    @property
    def remote(self):
        return self.kind == "remote"


def planned(seed, jobs, remote_share):
    """Return the jobs of a run."""
    chance = random.Random(seed)
    drawn = []
    for number in range(jobs):
        remote = chance.random() < remote_share
        kind = (
            "remote" if remote else chance.choices(["tiny", "shot by shot", "blocks"], [0.35, 0.45, 0.2])[0]
        )
        drawn.append(_one(f"chaos-{number}", kind, chance.randrange(DIFFERENT)))
    return drawn


def _one(name, kind, seed):
    match kind:
        case "remote":
            return Planned(name, kind, SKEW, ("sv1", "iqm-garnet")[seed % 2], 100, seed)
        case "tiny":
            return Planned(name, kind, BELL, "marqov-sim", 100 + seed, seed)
        case "shot by shot":
            return Planned(name, kind, TRAJECTORIES, "marqov-sim", 300 + 100 * seed, seed)
        case "blocks":
            return Planned(name, kind, BLOCKS, "qb-sim-tensor-network", 2000 + 500 * seed, seed)


def submit(engine, job, mode="durable"):
    """Submit one of them."""
    return engine.submit(
        job.program, backend=job.backend, shots=job.shots, seed=job.seed, name=job.name, mode=mode
    )


def already(engine):
    """Return the names of those that are in the store and were admitted."""
    found, after = set(), None
    while True:
        page = engine.jobs(status=ADMITTED, limit=100, after=after)
        found |= {job.record.name for job in page if job.record.admitted_at is not None}
        if len(page) < 100:
            return found
        after = page[-1].id


def main(arguments):
    number, of, seed, jobs, remote, seconds, file = arguments
    mine = planned(int(seed), int(jobs), float(remote))[int(number) :: int(of)]
    chance = random.Random(f"{seed} {number} {time.time_ns()}")

    from qjob.engine import Engine
    from qjob.model.errors import QjobError
    from qjob.settings import load_settings

    with Engine(load_settings(os.environ)) as engine, Path(file).open("a") as told:
        there = already(engine)
        for job in mine:
            while job.name not in there:
                try:
                    accepted = submit(engine, job)
                except (
                    QjobError
                ) as error:  # AWS or the store does not answer: it says so, and nothing was accepted
                    print(f"{job.name}: {error}", file=sys.stderr, flush=True)
                    time.sleep(0.2)
                    there = already(engine)
                    continue
                told.write(f"{accepted.id} {job.name}\n")
                told.flush()
                there.add(job.name)
                time.sleep(chance.expovariate(1 / float(seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
