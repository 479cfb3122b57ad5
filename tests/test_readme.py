"""Every example of the README runs, in order, in one shell."""

import re
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```(?P<kind>python|ipython)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_example_runs():
    blocks = [match["code"] for match in BLOCK.finditer(README.read_text("utf-8"))]
    assert len(blocks) >= 6
    shell = InteractiveShell.instance()
    try:
        for code in blocks:
            shell.run_cell(code).raise_error()
        assert sum(shell.user_ns["bell"].counts.values()) == 1000
        assert set(shell.user_ns["result"].counts) <= {"00", "11"}
    finally:
        shell.run_cell("engine.close()\n%unload_ext qjob").raise_error()
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()


def test_the_headline_is_the_first_notebooks_first_job():
    text = README.read_text("utf-8")
    assert "qc = QuantumCircuit(2); qc.h(0); qc.cx(0, 1); qc.measure_all()" in text


@pytest.mark.parametrize("mark", ["demo-line", "test-line"])
def test_the_two_lines_are_one_line_each(mark):
    text = README.read_text("utf-8")
    block = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert block[1].count("\n") == 1
