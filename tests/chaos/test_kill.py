"""kill -9 at random moments, at least 200 times, loses no accepted job."""

import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = 200


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_at_random_moments():
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("kill.py")), "--rounds", str(ROUNDS)],
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, summary = done.stdout.splitlines()
    assert summary.startswith("ok: seed ")
    assert sum(int(word) for word in summary.split(";")[0].split() if word.isdigit()) >= ROUNDS
