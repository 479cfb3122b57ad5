"""Loading and unloading the extension."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from qjob.notebook import extension

HEAVY = (
    "qiskit",
    "qiskit_aer",
    "braket",
    "ipywidgets",
    "anywidget",
    "pydantic",
    "numpy",
    "sqlite3",
    "aiosql",
    "psycopg",
)


def test_loading_imports_nothing_heavy():
    code = f"""
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
before = set(sys.modules)
shell.extension_manager.load_extension("qjob")
print([name for name in {HEAVY!r} if name in sys.modules and name not in before])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def shell():
    shell = InteractiveShell()
    yield shell
    shell.history_manager.end_session()


def test_unloading_leaves_the_shell_as_it_was(shell):
    def state():
        return (
            sorted(shell.magics_manager.magics["line"]),
            sorted(shell.magics_manager.magics["cell"]),
            list(shell.input_transformers_cleanup),
            list(shell.ast_transformers),
            list(shell.Completer.custom_matchers),
            list(shell.display_formatter.formatters["text/plain"].deferred_printers),
        )

    before = state()
    extension.load(shell)
    assert state() != before
    extension.unload(shell)
    assert state() == before


LONG = """%%qjob --shots 100000
slow = QuantumCircuit(16, 16)
slow.h(range(16))
slow.measure(0, 0)
slow.h(0)
slow.measure(range(16), range(16))
slow"""
HTML, WIDGET = "text/html", "application/vnd.jupyter.widget-view+json"


def test_a_reload_ends_the_running_cards_and_shows_each_new_job_once(monkeypatch):
    frames = []
    monkeypatch.setattr(DisplayPublisher, "publish", lambda _self, data, **_: frames.append(data))
    shell = InteractiveShell.instance()
    shell.kernel = SimpleNamespace(get_parent=lambda _channel: {})
    try:
        shell.extension_manager.load_extension("qjob")
        shell.run_cell("from qiskit import QuantumCircuit").raise_error()
        shell.run_cell(LONG).raise_error()
        shell.extension_manager.reload_extension("qjob")
        assert WIDGET in frames[0]
        assert "FAILED" in frames[-1][HTML]
        frames.clear()
        shell.run_cell(LONG).raise_error()
        assert len([data for data in frames if WIDGET in data]) == 1
        shell.extension_manager.unload_extension("qjob")
        assert "FAILED" in frames[-1][HTML]
        frames.clear()
        shell.run_cell("_").raise_error()  # the job, and nothing is left to show it
        assert frames == []
    finally:
        extension.unload(shell)
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()


@pytest.mark.slow
def test_a_terminal_shows_a_job_once_as_text(shell, capsys):
    assert getattr(shell, "kernel", None) is None
    extension.load(shell)
    session = getattr(shell, extension.ATTRIBUTE).session
    try:
        shell.run_cell("from qiskit import QuantumCircuit\nqc = QuantumCircuit(1, 1)\nqc.measure(0, 0);")
        capsys.readouterr()
        shell.run_cell("%%qjob --name quick --out job\nqc", store_history=True).raise_error()
        shell.user_ns["job"].wait(30)
        session.close()  # ends every thread that could still print
        first = capsys.readouterr().out
        assert first.count("quick") == 1
        assert "when this was shown at" in first
        shell.run_cell("%%qjob --name waited --wait\nqc", store_history=True).raise_error()
        second = capsys.readouterr().out
        assert second.count("waited  COMPLETED") == 1
        assert "Out" not in second.replace("Out[2]: \nwaited", "")  # no empty prompt
        shell.run_cell("[job]").raise_error()
        assert "[<Job " in capsys.readouterr().out
    finally:
        extension.unload(shell)


def test_unloading_what_was_not_loaded_is_harmless(shell):
    extension.unload(shell)
