"""What schemathesis is told of this API; it loads this file in a process of its own (SCHEMATHESIS_HOOKS).

Text that it invents is no program, and an id that it invents is no job's. So half of what fits the description gets a
program that runs, small and on this machine, and the id of a job that is there.
"""

import os
import random

import schemathesis

CHANCE = random.Random(int(os.environ["QJOB_TEST_SEED"]))
FEW = 50
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
SOME = 'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; h q[0]; cx q[0], q[1]; c = measure q;'
SLUGS = ("marqov-sim", "toll-sim", "qb-sim-noisy-aer")
QRNS = ("marqov:test:sim:toll", "marqov:marqov:sim:marqov-sim")
KNOWN: dict[str, list[str]] = {}
"""What the server said that there is: ids by the names that they have in paths."""

GIVEN = (("job_id", "job_id"), ("jobQrn", "qrn"))


@schemathesis.hook
def before_call(_context, case, _kwargs):
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or CHANCE.random() < 0.5:
        return
    for name in case.path_parameters or {}:
        if "/devices/" not in case.path and KNOWN.get(name):
            case.path_parameters[name] = CHANCE.choice(KNOWN[name])
    if case.method != "POST" or not isinstance(case.body, dict):
        return
    if case.path.endswith(("/api/jobs/submit", "/api/quote")):
        _marqov(case.body)
    elif case.path.endswith("/v1/jobs"):
        _qbraid(case.body)


def _marqov(body):
    for name in ("script_id", "script_slug", "framework"):
        body.pop(name, None)
    body["inline_code"] = CHANCE.choice((BELL, SOME))
    body["backend"] = CHANCE.choice(SLUGS)
    body["execution_mode"] = "direct"
    params = body.setdefault("params", {})
    params["shots"] = CHANCE.randint(1, FEW)
    for name in ("options", "noise_model"):
        params.pop(name, None)


def _qbraid(body):
    programs = [{"format": "qasm2", "data": BELL}, {"format": "qasm3", "data": SOME}]
    body["program"] = CHANCE.choice([*programs, programs])
    body["deviceQrn"] = CHANCE.choice((*QRNS, *SLUGS))
    body["shots"] = CHANCE.randint(1, FEW)
    body.pop("runtimeOptions", None)
    body["groupJobQrn"] = CHANCE.choice([None, *KNOWN.get("group", ())])


@schemathesis.hook
def after_call(_context, case, response):
    if response.status_code != 201:
        return
    said = response.json()
    for field, name in GIVEN:
        if isinstance(said.get(field), str):
            KNOWN.setdefault(name, []).append(said[field])
    if isinstance(said.get("data"), dict) and "groupJobQrn" in said["data"] and case.path.endswith("/group"):
        KNOWN.setdefault("group", []).append(said["data"]["groupJobQrn"])


@schemathesis.check
def refused_for_its_form(_context, response, case):
    """What fits the description may be refused for what it means, never for its form."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 400:
        return
    said = response.json()
    told = said.get("details") or said["error"]
    if isinstance(told, dict) and "faults" in told:
        raise AssertionError(f"it fits the description, and its form is refused: {told['faults']}")
