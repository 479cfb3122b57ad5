"""A service for tests, whose tasks are files: the module that an entry point of an installed package names.

The file of a task is its state, which a test may write: it is made once for each client token, and outlives every
agent. The circuit is not run: whatever it is, every shot gives zeros.
"""

import os
import time
from decimal import Decimal
from pathlib import Path

from qjob import programs
from qjob.backends.base import Clearance, Needs, Pause
from qjob.model.counts import Counts
from qjob.model.errors import BackendRefused
from qjob.model.events import Attached, Cancelled, Completed, Failed, Progress, Queued, Running, Submitted
from qjob.model.job import Failure
from qjob.model.result import Result


def folder():
    return Path(os.environ["QJOB_TEST_SERVICE"])


def note(what):
    """Add a line to what the service was asked, for the test to read."""
    with (folder() / "log").open("a") as log:
        log.write(f"{what}\n")


def write(path, state):
    """Change a state in one step."""
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(state)
    new.rename(path)


def wait_while(name):
    """Do not answer as long as there is a file of this name."""
    while (folder() / name).exists():
        time.sleep(0.005)


class Serving:
    """Follows tasks as their files say."""

    def __init__(self, info):
        self.info = info

    def check(self, *_):
        return Needs(agent="serving")

    def preflight(self, _, profile):
        note("preflight")
        wait_while("slow")
        refused = folder() / "refused"
        if refused.exists():
            raise BackendRefused(refused.read_text(), remedy="Wait.", numbers={"qubits": profile.num_qubits})
        return Clearance({"account": "me"})

    def run(self, task, cancelled):
        token = f"{task.job_id}-{task.attempt}"
        path = folder() / f"{token}.task"
        if task.remote_id is None:
            if cancelled() and not path.exists():
                yield Cancelled()
                return
            yield Attached("sent", "zeros")
            create(path, token)
            yield Submitted(token)
        else:
            assert task.remote_id == token
            note(f"resume {token}")
        yield from self.follow(path, task, cancelled)

    def follow(self, path, task, cancelled):
        said = None
        while True:
            state = path.read_text()
            if cancelled() and state.split()[0] in ("queued", "running"):
                note(f"cancel {path.stem}")
                write(path, state := "cancelled")
            if state == said:
                yield Pause(0.02)
                continue
            said = state
            word, *rest = state.split()
            if word == "broken":
                write(path, rest[0])
                raise OSError("the line went dead")
            events = list(said_of(word, rest, task.request))
            yield from events
            if isinstance(events[-1], (Completed, Failed, Cancelled)):
                return


def create(path, token):
    """Make a task, once."""
    if not path.exists():
        write(path, (folder() / "first").read_text())
        note(
            f"create {token}"
        )  # after it: who reads this may kill us at once, and the task has to be there then
    if (folder() / "crash").exists():
        (folder() / "crash").unlink()
        os._exit(3)
    wait_while("hang")


def said_of(word, rest, request):
    """Yield the events that a state means."""
    match word:
        case "queued":
            yield Queued(int(rest[0]) if rest else None)
        case "running":
            yield Running()
            yield Progress("running there")
        case "failed":
            yield Failed(Failure("task_failed", " ".join(rest)), Decimal(0))
        case "cancelled":
            yield Cancelled(Decimal(0))
        case "done":
            layout = programs.profile(programs.circuit(request.program)).layout
            counts = Counts.from_dict(layout, {"0" * layout.num_clbits: request.shots})
            yield Completed(Result(counts), Decimal("0.50"))


class Provider:
    """Makes backends of the adapter ``serving``."""

    environment = ("QJOB_TEST_SERVICE",)

    def backend(self, info):
        return Serving(info)

    def load(self):
        note(f"load {os.getpid()}")

    def warm_up(self):
        pass

    def configured(self):
        return False

    def devices(self, targets):
        note(f"devices {' '.join(targets)}".strip())
        return [{"target": target} for target in targets]


def install(folder):
    """Make a package of this module in a folder, with its entry point, as an installer would."""
    (folder / "qjob_serving.py").write_text(Path(__file__).read_text())
    info = folder / "qjob_serving-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qjob-serving\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[qjob.backends]\nserving = qjob_serving:Provider\n")


CATALOGUE = """
[[backend]]
slug = "server"
qrn = "test:test:qpu:server"
title = "Server"
tier = "Quantum hardware"
adapter = "serving"
target = "any"
description = "Tasks are files."
max_qubits = 30
min_shots = 1
max_shots = 100000
local = false
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
