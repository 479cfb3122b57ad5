"""Snapshots of jobs for everything that shows one, and a shell with the extension loaded for real jobs."""

from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from qjob.notebook import extension
from snapshots import batch_of, created, snapshot_of

__all__ = ["batch_of", "created", "snapshot_of"]


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def notebook(module_home):
    """A shell that answers a cell with what it printed, displayed and raised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QJOB_HOME", str(module_home))
        patch.setenv("QJOB_WORKERS", "2")
        shell = InteractiveShell.instance()
        shell.kernel = SimpleNamespace(
            get_parent=lambda _channel: {}
        )  # what tells a notebook from a terminal
        extension.load(shell)
        session = getattr(shell, extension.ATTRIBUTE).session  # connects while the home is set

    def run(source):
        with capture_output() as captured:
            done = shell.run_cell(source, store_history=True)
        shown = [output.data for output in captured.outputs]
        return SimpleNamespace(
            text=captured.stdout,
            shown=shown,
            error=done.error_in_exec or done.error_before_exec,
            value=done.result,
        )

    run("from qiskit import QuantumCircuit\nqc = QuantumCircuit(2); qc.h(0); qc.cx(0, 1); qc.measure_all()")
    yield SimpleNamespace(run=run, shell=shell, session=session, ns=shell.user_ns)
    extension.unload(shell)
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()
