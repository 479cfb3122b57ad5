"""What a worker makes of what a backend raises: the last event of the job, with a code that says what it was."""

import sys
from importlib.metadata import EntryPoint

import pytest

from qjob.backends.registry import GROUP, Registry
from qjob.catalog.loader import load_catalogue
from qjob.execution.child import events
from qjob.model.events import Failed, Running
from qjob.policy.retries import Again, verdict

ADAPTER = """
from qjob.model.errors import BackendRefused
from qjob.model.events import Running

class Provider:
    def backend(self, info):
        return self

    def run(self, task):
        yield Running()
        {line}
"""


@pytest.fixture
def adapter(tmp_path, monkeypatch):
    """Write an adapter whose run does one line, and return a registry of it."""

    def make(line):
        (tmp_path / "adapter_of_a_test.py").write_text(ADAPTER.format(line=line))
        monkeypatch.syspath_prepend(tmp_path)
        return Registry((EntryPoint("aer", "adapter_of_a_test:Provider", GROUP),))

    yield make
    sys.modules.pop("adapter_of_a_test", None)


@pytest.mark.parametrize(
    ("line", "code", "says", "again"),
    [
        pytest.param("import qjob_no_such_package", "package_missing", "'qjob_no_such_package'", Again.LATER,
            id="a package that is missing here"),
        pytest.param("from qjob import no_such_name", "package_missing", "'no_such_name'", Again.LATER,
            id="or of another version"),
        pytest.param("raise BackendRefused('No such gate.')", "backend_refused", "No such gate.", Again.NEVER,
            id="a refusal"),
        pytest.param("raise MemoryError", "out_of_memory", "ran out of memory", Again.NEVER, id="no memory"),
        pytest.param("1 / 0", "backend_error", "ZeroDivisionError", Again.NEVER, id="a fault"),
    ],
)  # fmt: skip
def test_what_a_run_raises(adapter, make_task, *, line, code, says, again):
    *begun, last = events(make_task(), adapter(line), load_catalogue())
    assert begun == [Running()]
    assert isinstance(last, Failed)
    assert last.failure.code == code
    assert says in last.failure.reason
    assert verdict(last.failure).again is again


@pytest.mark.parametrize(
    ("entries", "backend", "code"),
    [
        pytest.param((), "marqov-sim", "adapter_missing", id="no adapter"),
        pytest.param((EntryPoint("aer", "qjob_no_such_module:X", GROUP),), "marqov-sim", "adapter_missing",
            id="one that cannot be loaded"),
        pytest.param((), "no-such-backend", "unknown_backend", id="no such row"),
    ],
)  # fmt: skip
def test_what_a_worker_lacks_another_one_may_have(make_task, entries, backend, code):
    (last,) = events(make_task(backend=backend), Registry(entries), load_catalogue())
    assert isinstance(last, Failed)
    assert last.failure.code == code
    assert verdict(last.failure).again is Again.LATER
