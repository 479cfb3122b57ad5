"""Tab on a %qjob line, in a real shell."""

import re
from types import SimpleNamespace

import pytest
from IPython.core.completer import provisionalcompleter

from qjob.notebook.completion import candidates


def complete(notebook, line):
    with provisionalcompleter():
        return [found.text for found in notebook.shell.Completer.completions(line, len(line))]


@pytest.mark.slow
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
        pytest.param("%%qjob --backend sv", {"sv1"}, id="a backend of the cloud"),
        pytest.param("%%qjob --backend iqm-garnet --re", {"--rehearse"}, id="a rehearsal"),
        pytest.param("%%qjob --rehearse --ba", {"--backend"}, id="after a rehearsal"),
        pytest.param("%qjob quote qc --", {"--shots"}, id="an option of quote"),
        pytest.param("%%qjob --quote --back", {"--backend"}, id="after an option without a value"),
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


@pytest.mark.slow
def test_ids_are_offered(notebook):
    notebook.run("%%qjob --wait --out with_id\nqc")
    job_id = notebook.ns["with_id"].id
    assert job_id[:8] in complete(notebook, f"%qjob status {job_id[:5]}")
    assert job_id in complete(notebook, f"%qjob status {job_id[:10]}")


def test_names_come_before_ids(notebook):
    notebook.run("%%qjob --wait --name zebra --out named\nqc")
    found = complete(notebook, "%qjob status ")
    short = notebook.ns["named"].id[:8]
    assert found.index("zebra") < found.index(short)
    last_name = max(found.index(name) for name in notebook.session.engine.store.names("", 50))
    assert last_name < min(i for i, text in enumerate(found) if re.fullmatch("[0-9a-f]{8}", text))


def test_ids_that_begin_alike_are_offered_whole():
    ids = ["3f2a91bc-7d1e", "3f2a91bc-8888", "3f2b0000-1111"]
    store = SimpleNamespace(names=lambda *_: ["3f"], ids=lambda *_: ids)
    session = SimpleNamespace(engine=SimpleNamespace(store=store, catalogue=()))
    found = candidates(session, "%qjob", ["status"], "3f2")
    assert found == ["3f", "3f2a91bc-7d1e", "3f2a91bc-8888", "3f2b0000"]


@pytest.mark.slow
@pytest.mark.parametrize("line", ["pri", "%tim", "import qj"])
def test_other_lines_are_left_alone(notebook, line):
    notebook.run("text = '%qjob'")
    assert not {"backends", "--backend"} & set(complete(notebook, line))


def test_a_retired_backend_is_offered_only_where_it_may_be_asked_about(notebook):
    assert "tn1" not in complete(notebook, "%%qjob --backend t")
    assert "tn1" in complete(notebook, "%qjob backends t")
    assert "tn1" in complete(notebook, "%qjob list --backend t")
