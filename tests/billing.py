"""A backend that reports a bill, for tests: the module that an entry point of an installed package names.

The circuit is not run: whatever it is, every shot gives zeros. What is billed and how the job ends, its options say.
"""

from decimal import Decimal
from pathlib import Path

from qjob.backends.base import Needs
from qjob.model.counts import Counts
from qjob.model.events import Cancelled, Completed, Failed, Running
from qjob.model.job import Failure
from qjob.model.result import Result


class Billing:
    """Ends jobs as they ask for it."""

    def __init__(self, info):
        self.info = info

    def check(self, *_):
        return Needs(memory=0)

    def run(self, task):
        yield Running()
        bill, end = task.request.options.get("bill", "none"), task.request.options.get("end", "completed")
        cost = None if bill == "none" else 0.5 if bill == "float" else Decimal(bill)
        if end == "failed":
            yield Failed(Failure("device", "it broke after some shots."), cost)
        elif end == "cancelled":
            yield Cancelled(cost)
        else:
            layout = task.profile.layout
            counts = Counts.from_dict(layout, {"0" * layout.num_clbits: task.request.shots})
            yield Completed(Result(counts), cost, task.request.options.get("seconds"))


class Provider:
    """Makes backends of the adapter ``billing``."""

    def backend(self, info):
        return Billing(info)

    def load(self):
        pass

    def warm_up(self):
        pass


def install(folder):
    """Make a package of this module in a folder, with its entry point, as an installer would."""
    (folder / "qjob_billing.py").write_text(Path(__file__).read_text())
    info = folder / "qjob_billing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qjob-billing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[qjob.backends]\nbilling = qjob_billing:Provider\n")


CATALOGUE = """
[[backend]]
slug = "biller"
qrn = "test:test:sim:biller"
title = "Biller"
tier = "Cloud simulators"
adapter = "billing"
target = "any"
description = "Reports a bill."
max_qubits = 30
min_shots = 1
max_shots = 100000
local = false
[[backend.options]]
name = "bill"
type = "choice"
choices = ["none", "0", "0.50", "1.30", "2.00", "60.00", "float"]
help = "dollars"
[[backend.options]]
name = "end"
type = "choice"
choices = ["completed", "failed", "cancelled"]
help = "how it ends"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
TIMER = (
    CATALOGUE.partition("[[backend.options]]")[0].replace("biller", "timer").replace("Biller", "Timer")
    + """
[[backend.options]]
name = "seconds"
type = "number"
minimum = 0
maximum = 1000
help = "how long it ran"
[backend.price]
kind = "time"
per_second = "0.01"
method = "statevector"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
)
"""A backend that bills a cent a second; a run of 100 gates on 28 qubits takes 9 s, at the most 27 s, by the model."""
