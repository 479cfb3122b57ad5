"""Loading and unloading the extension."""

import subprocess
import sys

import pytest
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
        )

    before = state()
    extension.load(shell)
    assert state() != before
    extension.unload(shell)
    assert state() == before


def test_unloading_what_was_not_loaded_is_harmless(shell):
    extension.unload(shell)
