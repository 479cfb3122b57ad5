"""The command line, as a process."""

import subprocess
import sys

import nbformat
import pytest

import qjob


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "qjob.cli", *words], capture_output=True, text=True, timeout=250, check=False
    )


def test_version():
    assert run("--version").stdout.strip() == f"qjob {qjob.__version__}"


def test_no_verb_is_an_error_with_usage():
    done = run()
    assert done.returncode == 2
    assert "demo" in done.stderr


@pytest.mark.slow
def test_demo_prints_a_receipt_for_each_job_and_keeps_the_notebook(home):
    done = run("demo")
    assert done.returncode == 0, done.stderr
    for name in ("bell", "ghz-noisy", "teleport", "ghz-100"):
        assert f"{name}  COMPLETED" in done.stdout
    executed = home / "demo" / "00_first_job.ipynb"
    assert str(executed) in done.stdout
    notebook = nbformat.read(executed, as_version=4)
    assert all(cell.get("outputs") for cell in notebook.cells if cell.source.startswith("%%qjob"))


@pytest.mark.slow
def test_a_home_that_cannot_be_written_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("QJOB_HOME", "/proc/qjob")
    done = run("demo")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
