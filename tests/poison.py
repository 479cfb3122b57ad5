"""A backend whose runs end processes: the module that an entry point of an installed package names.

``poison-simulator`` ends the process that simulates, ``poison-worker`` the worker process that has the job in hand,
template and all.
"""

import os
import signal
from pathlib import Path

import psutil

from qjob.backends.base import Needs
from qjob.model.events import Running


class Poison:
    """Runs nothing."""

    def __init__(self, info):
        self.info = info

    def check(self, *_):
        return Needs(memory=0, seconds=1.0)

    def run(self, task):
        yield Running()
        me = psutil.Process()
        whom = me if task.request.backend == "poison-simulator" else me.parent().parent()
        os.kill(whom.pid, signal.SIGKILL)
        me.wait()


class Provider:
    """Makes backends of the adapter ``poison``."""

    def backend(self, info):
        return Poison(info)

    def load(self):
        pass

    def warm_up(self):
        pass


def install(folder):
    """Make a package of this module in a folder, with its entry point, as an installer would."""
    (folder / "qjob_poison.py").write_text(Path(__file__).read_text())
    info = folder / "qjob_poison-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: qjob-poison\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[qjob.backends]\npoison = qjob_poison:Provider\n")


ROW = """
[[backend]]
slug = "{slug}"
qrn = "test:test:sim:{slug}"
title = "{slug}"
tier = "Test"
adapter = "{adapter}"
target = "automatic"
description = "For tests."
max_qubits = 20
min_shots = 1
max_shots = 100000
local = true
"""

CATALOGUE = "".join(ROW.format(slug=slug, adapter="poison") for slug in ("poison-simulator", "poison-worker"))
