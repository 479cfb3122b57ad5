"""Every row without a peer runs and comes out with sane numbers. How fast is for `python tests/benchmarks` to say."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROWS = {
    "load_ext": 3,
    "submit": 6,
    "whole_job": 2,
    "tiny_job": 2,
    "throughput": 3,
    "streaming": 3,
    "cancelling": 2,
    "stall": 1,
    "pages": 10,
    "memory": 1,
    "big_result": 2,
    "live_card": 3,
    "cloud": 4,
    "durable": 10,
}


@pytest.mark.slow
@pytest.mark.parametrize(("row", "lines"), ROWS.items(), ids=ROWS)
def test_a_row_comes_out(row, lines):
    command = [sys.executable, str(HERE), "--quick", "--json", row]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["pace"]["factor"] > 0
    assert len(found["lines"]) == lines
    for line in found["lines"]:
        assert math.isfinite(line["measured"])
        # of a difference, which noise may turn round, anything goes
        assert line["measured"] > 0 or row == "tiny_job" or "added" in line["what"]
        assert {line["verdict"], line["at_pace"]} <= {"met", "missed", "missed by more than 2x"}
