"""Faults that need a process of its own: another user, a limit on file sizes. Usage: faults.py FAULT FILE."""

import os
import resource
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from qjob.model.errors import StoreError
from qjob.store.store import Store

NOBODY = 65534


def clock():
    return datetime.now(UTC)


def become_nobody():
    """Drop root's right to write anywhere, after everything that is imported late was imported."""
    if os.geteuid() == 0:
        with tempfile.TemporaryDirectory() as folder:
            Store.open(Path(folder) / "q.sqlite", clock=clock).close()
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def main(fault, file):
    if fault == "nobody":
        become_nobody()
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        Store.open(file, clock=clock).close()
    except StoreError as error:
        print(type(error).__name__)
        print(error)
    else:
        print("opened")


main(sys.argv[1], Path(sys.argv[2]))
