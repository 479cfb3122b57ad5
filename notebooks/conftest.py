"""For nbval: a store of the notebooks' own, and the tests' loopback in place of Amazon Braket.

Nothing that runs here finds the credentials, the store or the money of the person who tests. Belongs to the
repository: a wheel has the notebooks alone.
"""

import os
import tempfile
from contextlib import ExitStack

import pytest

from loopback import guard
from loopback.client import Loopback

CLOUD = "02_cloud.ipynb"

BEGUN = pytest.StashKey[ExitStack]()
"""What ends with the last cell of a notebook."""


def _restore(variables):
    os.environ.clear()
    os.environ.update(variables)


@pytest.hookimpl(tryfirst=True)  # before nbval starts the notebook's kernel
def pytest_runtest_setup(item):
    if BEGUN in item.parent.stash:
        return
    stack = item.parent.stash[BEGUN] = ExitStack()
    stack.callback(_restore, dict(os.environ))
    stack.enter_context(guard.close(os.environ))
    os.environ.pop("QJOB_DATABASE_URL", None)
    os.environ["QJOB_HOME"] = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="qjob-notebook-", ignore_cleanup_errors=True)
    )
    if item.path.name == CLOUD:
        os.environ |= stack.enter_context(Loopback.start()).environment()


@pytest.hookimpl(trylast=True)  # after nbval has ended it
def pytest_runtest_teardown(item, nextitem):
    if nextitem is None or nextitem.path != item.path:
        item.parent.stash[BEGUN].close()
