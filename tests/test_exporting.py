"""Jobs as files: what was stored is in them, and no file is written over or left half done."""

import base64
import csv
import io
import json
from datetime import datetime

import numpy as np
import pytest
from qiskit import QuantumCircuit, qpy

from qjob import exporting
from qjob.engine import Engine
from qjob.model.errors import InvalidRequest, NoSuchJob
from qjob.settings import load_settings

PRICED = """
[[backend]]
slug = "qb-sim-statevector"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICED)
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        yield engine


@pytest.fixture(scope="module")
def paid(engine):
    asked = {"backend": "qb-sim-statevector", "options": {"statevector": True}}
    return engine.submit(BELL, shots=50, name='a "quoted", one\u00e9', tags={"run": "7"}, **asked).wait()


@pytest.fixture(scope="module")
def free(engine):
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.measure_all()
    return engine.submit(circuit, shots=5).wait()


@pytest.mark.slow
def test_everything_about_a_job_is_in_the_json(engine, paid, tmp_path):
    file = engine.export([paid.id, paid.id[:8]], tmp_path / "jobs.json")
    assert file == tmp_path / "jobs.json"
    whole = json.loads(file.read_text("utf-8"))
    assert (whole["format"], whole["version"]) == ("qjob jobs", 1)
    assert "classical bit 0 is the rightmost" in whole["bit_order"]
    (job,) = whole["jobs"]
    record, result = paid.record, paid.result()
    assert (job["id"], job["name"], job["tags"], job["seed"]) == (
        paid.id,
        record.name,
        {"run": "7"},
        record.seed,
    )
    assert datetime.fromisoformat(job["ended_at"]) == record.ended_at
    assert job["cap_usd"] == job["cost_usd"] == "0.80"
    assert job["result"]["counts"] == dict(result.counts)
    assert np.allclose(np.array(job["result"]["statevector"]) @ [1, 1j], result.statevector)
    assert job["program"]["text"] == BELL
    assert [(one["kind"], one["usd"]) for one in job["movements"]] == [("hold", "0.80"), ("charge", "0.80")]
    assert [one["kind"] for one in job["events"]] == [one.kind for one in paid.events()]


@pytest.mark.slow
def test_a_program_that_is_no_text_is_base64(engine, free, tmp_path):
    (job,) = json.loads(engine.export(free.id, str(tmp_path / "x.json")).read_text())["jobs"]
    assert job["program"]["format"] == "qpy"
    (circuit,) = qpy.load(io.BytesIO(base64.b64decode(job["program"]["base64"])))
    assert circuit.num_qubits == 1
    assert (job["cost_usd"], job["result"]["counts"]) == (None, {"1": 5})


def test_a_row_a_job(engine, paid, free, tmp_path):
    file = engine.export([free.id, paid.id], tmp_path / "jobs.CSV")
    with file.open(newline="", encoding="utf-8") as stream:
        first, second = csv.DictReader(stream)
    assert (first["id"], second["id"]) == (free.id, paid.id)
    assert second["name"] == paid.name
    assert json.loads(second["counts"]) == dict(paid.counts)
    assert (second["cost_usd"], first["cost_usd"]) == ("0.80", "")
    assert datetime.fromisoformat(second["created_at"]) == paid.record.created_at
    assert float(second["run_seconds"]) >= 0


def test_what_was_erased_is_not_in_the_file(engine, tmp_path):
    job = engine.submit(BELL.replace("h q[0]", "h q[0]; x q[1]"), shots=5).wait()
    engine.delete([job.id])
    (plain,) = json.loads(engine.export([job.id], tmp_path / "x.json").read_text())["jobs"]
    assert (plain["program"], plain["result"], plain["erased_by"]) == (None, None, "ada")
    (row,) = csv.DictReader(engine.export([job.id], tmp_path / "x.csv").read_text().splitlines())
    assert row["counts"] == ""
    assert row["erased_at"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("jobs.txt", "neither .json nor .csv"),
        ("jobs", "neither .json nor .csv"),
        ("no/such/folder/jobs.json", "cannot be written: No such file"),
        ("x" * 300 + ".json", "cannot be written: File name too long"),
        ("a\0b.json", "cannot be written: .*null"),
    ],
)
def test_files_that_are_refused(engine, free, tmp_path, name, said):
    with pytest.raises(InvalidRequest, match=said) as caught:
        engine.export([free.id], tmp_path / name)
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["~nobodyx/x.json", None, 3])
def test_what_is_no_path_is_refused(engine, free, path):
    with pytest.raises(InvalidRequest, match="cannot be written"):
        engine.export([free.id], path)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_a_text_is_no_formula_of_a_spreadsheet(engine, tmp_path, begin):
    job = engine.submit(BELL, shots=5, name=f"{begin}1+1").wait()
    (row,) = csv.DictReader(engine.export([job.id], tmp_path / "x.csv").read_text().splitlines())
    assert row["name"] == f"'{begin}1+1"
    assert (row["shots"], row["id"]) == ("5", job.id)


def test_no_jobs_and_no_such_job(engine, tmp_path):
    with pytest.raises(InvalidRequest, match="no jobs"):
        engine.export([], tmp_path / "x.json")
    with pytest.raises(NoSuchJob):
        engine.export(["no-such"], tmp_path / "x.json")


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(engine, free, tmp_path):
    file, second = tmp_path / "x.json", tmp_path / "x-2.json"
    file.write_text("mine")
    second.write_text("mine too")
    with pytest.raises(InvalidRequest, match="is there already") as caught:
        engine.export([free.id], file)
    assert "x-3.json" in caught.value.remedy
    assert file.read_text() == "mine"
    assert engine.export([free.id], file, overwrite=True).read_text() != "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x-2.json", "x.json"]


def test_a_file_that_comes_into_being_meanwhile_is_kept(tmp_path):
    file = tmp_path / "x.json"
    with pytest.raises(FileExistsError):
        exporting._put(file, lambda _: file.write_text("theirs"), overwrite=False)
    assert file.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("overwrite", [True, False])
def test_what_fails_in_the_middle_leaves_nothing(tmp_path, overwrite):
    def broken(stream):
        stream.write("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        exporting._put(tmp_path / "x.json", broken, overwrite=overwrite)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [True, False])
def test_where_there_are_no_links(tmp_path, monkeypatch, there):
    def no_links(*_):
        raise PermissionError

    monkeypatch.setattr(exporting.os, "link", no_links)
    file = tmp_path / "x.json"
    if there:
        file.write_text("theirs")
        with pytest.raises(FileExistsError):
            exporting._put(file, lambda stream: stream.write("ours"), overwrite=False)
    else:
        exporting._put(file, lambda stream: stream.write("ours"), overwrite=False)
    assert file.read_text() == ("theirs" if there else "ours")
    assert list(tmp_path.iterdir()) == [file]
