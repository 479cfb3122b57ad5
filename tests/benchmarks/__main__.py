"""``python tests/benchmarks [--quick] [--json] [--list] [ROW ...]``: qjob beside the real alternatives, in one run.

Each row is a module of this folder; its docstring says what the row means. Without names, all of them run. Targets of
times hold for one machine; the last column has them for a machine of this one's pace, which see (`pace`). Needs
``pip install '.[bench]'``. Leave the machine alone meanwhile: the ratios are of runs in turn, but a busy machine
still blurs what lies within a few percent.
"""

import argparse
import json
import os
import signal
import sys
import traceback
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from lab import Lab
from measure import table
from pace import Pace

ROWS = (
    "load_ext",
    "submit",
    "whole_job",
    "tiny_job",
    "throughput",
    "streaming",
    "cancelling",
    "stall",
    "pages",
    "memory",
    "big_result",
    "live_card",
    "cloud",
    "durable",
)


def main() -> int:
    """Run the rows and print the table."""
    parser = argparse.ArgumentParser(prog="tests/benchmarks", description=__doc__.split("\n\n")[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="few runs: shows that it works, not how fast")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--list", action="store_true", help="say what the rows mean")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if given.list:
        for name in ROWS:
            text = Path(__file__).with_name(f"{name}.py").read_text("utf-8").split('"""')[1]
            print(f"{name}\n  {text.strip().replace(chr(10), chr(10) + '  ')}\n")
        return 0
    os.environ["QJOB_COUNT_LOCAL"] = "false"  # the rate limits would be all that is measured
    # the rows that want a server take it from the lab; all others have their stores in files
    lab = Lab(quick=given.quick, server=os.environ.pop("QJOB_DATABASE_URL", None))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended then, too
    lines, failed = [], 0
    load = os.getloadavg()[0]
    paces = [lab.python("pace.py", lab.runs(5, 1))]
    try:
        for name in given.rows or ROWS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                for line in import_module(name).run(lab):
                    lines.append(line)
                    print(f"  {line.what}: {line.measured:.4g} {line.unit}, {line.verdict}", file=sys.stderr)
            except Exception:  # noqa: BLE001 - the other rows are of use all the same
                traceback.print_exc()
                failed = 1
            paces.append(lab.python("pace.py", lab.runs(5, 1)))
    finally:
        lab.close()
    pace = Pace.of(paces)
    if given.json:
        verdicts = ({"verdict": line.verdict, "at_pace": line.at(pace.factor).verdict} for line in lines)
        rows = [asdict(line) | verdict for line, verdict in zip(lines, verdicts, strict=True)]
        print(json.dumps({"pace": asdict(pace) | {"factor": pace.factor}, "lines": rows}))
        return failed
    print(table(lines, pace.factor))
    print(pace)
    names = ", ".join(f"{name} {version(name)}" for name in ("qiskit", "qiskit-aer", "numpy"))
    print(f"{os.cpu_count()} processors, load before {load:.1f}; Python {sys.version.split()[0]}, {names}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
