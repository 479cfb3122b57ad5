"""Every example of the README runs, in order, in one shell; those of the cloud against the loopback."""

import re
import time
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from qjob.engine import Engine, connect
from qjob.settings import load_settings

README = Path(__file__).parents[1] / "README.md"
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'
BLOCK = re.compile(r"^```(?P<kind>python|ipython)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_example_runs(loopback):
    blocks = [match["code"] for match in BLOCK.finditer(README.read_text("utf-8"))]
    assert len(blocks) >= 6
    shell = InteractiveShell.instance()
    try:
        for code in blocks:
            shell.run_cell(code).raise_error()
        assert sum(shell.user_ns["bell"].counts.values()) == 1000
        assert set(shell.user_ns["result"].counts) <= {"00", "11"}
        (task,) = loopback.tasks()
        assert task.arn == shell.user_ns["cloud"].record.remote_id
        assert set(task.tags) == set(re.findall(r"`(qjob:\w+)`", README.read_text("utf-8")))
    finally:
        with connect() as engine:
            for worker in engine.store.live_workers(engine.settings.user):
                engine.store.ask_worker(worker.id, "stop")
        shell.run_cell("engine.close()\n%unload_ext qjob").raise_error()
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()


@pytest.mark.slow
def test_the_actions_are_those_that_are_asked_for(loopback, home):
    """A task's whole life: devices asked, created, cancelled, found again by its tags, its result read."""
    loopback.hold("Garnet")
    loopback.lose_reply("CreateQuantumTask", 4)  # also to the last try of the client itself
    with Engine(load_settings({}, home=home)) as engine:
        engine.refresh_devices()
        dropped = engine.submit(BELL, backend="iqm-garnet", shots=10)
        end = time.monotonic() + 30
        while dropped.record.remote_id is None and time.monotonic() < end:
            time.sleep(0.02)
        dropped.cancel()
        assert dropped.wait(60).status == "CANCELLED"
        assert engine.submit(BELL, backend="sv1", shots=10).wait(60).status == "COMPLETED"
    text = re.search(r"<!-- actions -->\n```text\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[1]
    seen = {seen.operation for seen in loopback.requests()}
    asked = {name if ":" in name else f"braket:{name}" for name in seen}
    assert set(text.split()) == asked | {"braket:TagResource"}  # which creating a task with tags asks for


def test_the_headline_is_the_first_notebooks_first_job():
    text = README.read_text("utf-8")
    assert "qc = QuantumCircuit(2); qc.h(0); qc.cx(0, 1); qc.measure_all()" in text


@pytest.mark.parametrize("mark", ["demo-line", "test-line"])
def test_the_two_lines_are_one_line_each(mark):
    text = README.read_text("utf-8")
    block = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert block[1].count("\n") == 1
