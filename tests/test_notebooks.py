"""The notebooks: shipped as they are, and the one of the cloud as a user meets it, against the loopback."""

import tomllib
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from qjob.engine import Engine
from qjob.settings import load_settings

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PRICE = Decimal("0.00375")


def test_a_wheel_has_every_notebook_and_nothing_else_of_the_folder():
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    shipped = {path for path in targets["wheel"]["shared-data"] if path.startswith("notebooks")}
    assert shipped == {f"notebooks/{each.name}" for each in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_stored(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def client(tmp_path):
    notebook = nbformat.read(FOLDER / "02_cloud.ipynb", as_version=4)
    where = {"metadata": {"path": tmp_path}}
    return notebook, NotebookClient(notebook, kernel_name="python3", timeout=120, resources=where)


def text(cell):
    return "".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
    )


@pytest.mark.slow
def test_the_cloud_notebook_pays_for_one_run_whenever_all_of_it_is_run(loopback, home, tmp_path):
    for _ in range(2):
        notebook, run = client(tmp_path)
        run.execute()
    assert "showing that one" in "".join(text(cell) for cell in notebook.cells if cell.cell_type == "code")
    (task,) = loopback.tasks()
    assert (task.device.rsplit("/", 1)[1], task.status, task.shots) == ("sv1", "COMPLETED", 1000)
    with Engine(load_settings({}, home=home)) as engine:
        job = engine.job("cloud")
        assert (job.status, job.cost, job.record.remote_id) == ("COMPLETED", PRICE, task.arn)
        assert engine.budget().day.charged == PRICE
        assert engine.audit().ok


@pytest.mark.slow
def test_without_credentials_it_stops_at_the_cell_that_pays(loopback, home, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    notebook, run = client(tmp_path)
    with pytest.raises(CellExecutionError, match="no AWS credentials were found"):
        run.execute()
    stopped = next(
        cell for cell in notebook.cells if any(o.output_type == "error" for o in cell.get("outputs", []))
    )
    assert stopped.source.startswith("%%qjob --backend sv1 ")
    assert loopback.requests() == []
    with Engine(load_settings({}, home=home)) as engine:
        assert [job.record.name for job in engine.jobs()] == ["dephased", "rehearsal"]
