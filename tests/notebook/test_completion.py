"""Tab on a %qjob line, in a real shell."""

import pytest
from IPython.core.completer import provisionalcompleter


def complete(notebook, line):
    with provisionalcompleter():
        return [found.text for found in notebook.shell.Completer.completions(line, len(line))]


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        pytest.param("%qjob sta", {"status"}, id="a verb"),
        pytest.param("%qjob ", {"backends", "list", "retry"}, id="all verbs"),
        pytest.param("%%qjob --back", {"--backend"}, id="an option"),
        pytest.param("%%qjob --shots 5 --na", {"--name"}, id="a second option"),
        pytest.param("%%qjob --backend qb", {"qb-sim-noisy-aer", "qb-sim-statevector"}, id="a backend"),
        pytest.param("%%qjob -b mar", {"marqov-sim"}, id="a backend, short"),
        pytest.param("%qjob backends mar", {"marqov-sim"}, id="options of a backend"),
        pytest.param("%%qjob --backend qb-sim-noisy-aer --option read", {"readout_error="}, id="its option"),
        pytest.param("%%qjob --option device=", {"device=cpu", "device=gpu"}, id="its values"),
        pytest.param("%qjob list --status comp", set(), id="status is in capitals"),
        pytest.param("%qjob list --status COMP", {"COMPLETED"}, id="a status"),
        pytest.param("x = %qjob result tab", {"tabbed"}, id="a job's name after an assignment"),
    ],
)
def test_what_is_offered(notebook, line, offers):
    if "tabbed" in offers:
        notebook.run("%%qjob --wait --name tabbed\nqc")
    found = set(complete(notebook, line))
    assert offers <= found
    word = line.split()[-1] if not line.endswith(" ") else ""
    assert all(text.startswith(word) for text in found)


def test_ids_are_offered(notebook):
    notebook.run("%%qjob --wait --out with_id\nqc")
    job_id = notebook.ns["with_id"].id
    assert job_id in complete(notebook, f"%qjob status {job_id[:5]}")


@pytest.mark.parametrize("line", ["pri", "%tim", "import qj"])
def test_other_lines_are_left_alone(notebook, line):
    notebook.run("text = '%qjob'")
    assert not {"backends", "--backend"} & set(complete(notebook, line))
