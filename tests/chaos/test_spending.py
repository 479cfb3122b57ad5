"""kill -9 of four who spend one team's money, at least 100 times: nothing overspent, nothing left held."""

import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 200


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_submitters_overspend_nothing_and_leave_no_hold():
    run("--kills", str(KILLS))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_submitters_overspend_nothing_in_a_server_either(postgres_server):
    run("--kills", "100", "--url", postgres_server)


def run(*arguments):
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("spending.py")), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, summary = done.stdout.splitlines()
    assert summary.startswith("ok: seed ")
    assert int(summary.split()[-1]) >= int(arguments[1])
