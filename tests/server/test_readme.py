"""The README's examples over HTTP run as they stand, against a real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def block(mark):
    return re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", README, re.DOTALL)[1]


@pytest.fixture
def run(server, ada, tmp_path):
    """Runs a command with the server's address and a key in its environment; returns what it prints."""

    def run(*command):
        around = {"QJOB_URL": server.url.rstrip("/"), "QJOB_KEY": ada.text, "DISABLE_CACHE": "1"}
        around["QBRAID_CONFIG_FILE"] = str(tmp_path / "none")
        done = subprocess.run(
            command, env={**os.environ, **around}, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_line_of_curl_submits_one_job_however_often_it_is_sent(run, server, ada):
    assert shutil.which("curl"), "curl is missing"
    first, again = (json.loads(run("bash", "-c", block("http"))) for _ in range(2))
    assert first == again
    job = server.wait(first["job_id"], ada)
    assert set(job.counts) <= {"00", "11"}
    assert len(ada.engine.jobs(team=ada.key.team)) == 1


def test_qbraids_client_runs_a_circuit(run, ada):
    printed = run(sys.executable, "-c", block("qbraid"))
    counts = json.loads(printed.strip().splitlines()[-1].replace("'", '"'))
    assert set(counts) <= {"00", "11"}
    assert sum(counts.values()) == 1000
    assert len(ada.engine.jobs(team=ada.key.team)) == 1
