"""Forty durable jobs while something is killed every second; `durable.py` does the same at full scale."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_every_job_ends_once_whatever_is_killed(database, request):
    where = [] if database == "sqlite" else ["--url", request.getfixturevalue("postgres_server")]
    done = subprocess.run(
        [
            *(sys.executable, str(Path(__file__).with_name("durable.py"))),
            *("--jobs", "40", "--submit-seconds", "10", *where),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, summary = done.stdout.splitlines()
    told = json.loads(summary)
    assert told["ok"]
    assert told["kills"] >= 10
