"""What is told over HTTP names no magic: every text of the sources, in both dialects."""

import ast
import re
from pathlib import Path

import pytest

import qjob
from qjob.server.marqov.words import SPEECH as MARQOV
from qjob.server.qbraid.names import SPEECH as QBRAID
from qjob.server.wording import MAGIC, NEEDED, ids_in, said, said_within

ID = "63fc1a00-1111-4222-8333-444455556666"
SOURCES = Path(qjob.__file__).parent
ELSEWHERE = ("notebook", "showing", "server")
"""What never speaks over HTTP, and what has words of its own."""

OF_NOTEBOOKS = re.compile(r"%qjob (export|plot|team|gc)|--rehearse|--fresh|engine\.(rehearse|admit)")
"""What a request cannot do at all; no answer to one names it."""


def texts():
    """Yield every text of the sources that may name a magic, with something in place of what is filled in."""
    for file in sorted(SOURCES.rglob("*.py")):
        if file.relative_to(SOURCES).parts[0] in ELSEWHERE:
            continue
        tree = ast.parse(file.read_text("utf-8"))
        nodes = list(ast.walk(tree))
        prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        prose |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in nodes:
            if id(node) in prose:
                continue
            if isinstance(node, ast.JoinedStr):
                text = "".join(
                    part.value if isinstance(part, ast.Constant) else "63fc1a00" for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = re.sub(r"\{\w+\}", "63fc1a00", node.value)
            else:
                continue
            if MAGIC.search(text) and " " in text:
                yield text


@pytest.mark.slow
@pytest.mark.parametrize("words", [pytest.param(MARQOV, id="Marqov"), pytest.param(QBRAID, id="qBraid")])
def test_no_text_names_a_magic(words):
    found = list(texts())
    assert len(found) > 30
    there = {text: said(text, words, [ID]).strip(" .") for text in found}
    assert [
        text for text, put in there.items() if MAGIC.search(put) or "%" in put.replace("%d (%s)", "")
    ] == []
    lost = {text for text, put in there.items() if not put}
    assert [text for text in lost if not OF_NOTEBOOKS.search(text)] == []


@pytest.mark.parametrize("words", [MARQOV, QBRAID])
def test_each_dialect_has_all_the_words(words):
    assert set(words) == NEEDED


@pytest.mark.parametrize(
    ("text", "marqov", "qbraid"),
    [
        pytest.param(
            "Wait for it: %qjob status 63fc1a00",
            f"Wait for it: GET qjob/api/jobs/{ID}",
            "Wait for it: GET jobs/{jobQrn}",
            id="a job",
        ),
        pytest.param(
            "Run it again, and pay again: %qjob retry 63fc1a00",
            f"Run it again, and pay again: POST qjob/api/jobs/{ID}/retry",
            "Run it again, and pay again: POST jobs",
            id="again",
        ),
        pytest.param(
            "Its jobs can be run again one by one: engine.retry(ID)",
            "Its jobs can be run again one by one: POST qjob/api/jobs/{job_id}/retry",
            "Its jobs can be run again one by one: POST jobs",
            id="nobody knows which",
        ),
        pytest.param(
            "Use fewer shots or a cheaper backend (%qjob quote), wait until 2026-03-02 00:00 UTC, or raise the "
            "limit: %qjob budget --day USD, in Python engine.budget(day=...).",
            "Use fewer shots or a cheaper backend (POST qjob/api/quote), wait until 2026-03-02 00:00 UTC, or have an "
            "owner of the team raise the limit (GET qjob/api/budget).",
            "Use fewer shots or a cheaper backend (GET jobs/cost-estimate), wait until 2026-03-02 00:00 UTC, or have "
            "an owner of the team raise the limit (GET billing/credits/balance).",
            id="money",
        ),
        pytest.param(
            "Run aws configure (keys) or aws configure sso, or name a profile that has them: %env AWS_PROFILE=NAME",
            "Run aws configure (keys) or aws configure sso, or name a profile that has them: AWS_PROFILE=NAME in the "
            "environment of the server",
            None,
            id="the environment",
        ),
        pytest.param(
            "Remove them. Waiting qubits are simulated with: --backend qb-sim-noisy-aer --option t1=100",
            'Remove them. Waiting qubits are simulated with: "backend": "qb-sim-noisy-aer" "options": {"t1": 100}',
            'Remove them. Waiting qubits are simulated with: "deviceQrn": "qb-sim-noisy-aer" "runtimeOptions": '
            '{"t1": 100}',
            id="flags",
        ),
        pytest.param(
            'Give each a value: qc = qc.assign_parameters({"th": 0.5})',
            'Give each a value: const float th = 0.5; in OpenQASM, assign_parameters({"th": 0.5}) in Qiskit',
            None,
            id="a parameter",
        ),
        pytest.param(
            "Give each a value: const float th = 0.5;",
            'Give each a value: const float th = 0.5; in OpenQASM, assign_parameters({"th": 0.5}) in Qiskit',
            None,
            id="a parameter of OpenQASM",
        ),
        pytest.param(
            "Add measurements: measure q -> c;",
            "Add measurements: measure q -> c; in OpenQASM, measure_all() in Qiskit",
            None,
            id="measurements in OpenQASM",
        ),
        pytest.param("Try --shots 1,000.", 'Try "shots": 1000.', None, id="shots"),
        pytest.param(
            "Try again later; %qjob backends shows when it is online. Meanwhile --rehearse runs the circuit here, "
            "for free.",
            "Try again later; GET qjob/api/backends shows when it is online.",
            "Try again later; GET devices shows when it is online.",
            id="what only notebooks can do",
        ),
        pytest.param("Use at most 5 qubits.", "Use at most 5 qubits.", None, id="nothing of it"),
        pytest.param(
            f"job 63fc1a00 and {ID} and 63fc1a00-x",
            f"job {ID} and {ID} and 63fc1a00-x",
            None,
            id="only what is no longer id",
        ),
    ],
)
def test_ways_out_are_ones_that_a_request_has(text, marqov, qbraid):
    assert said(text, MARQOV, [ID]) == marqov
    assert said(text, QBRAID, [ID]) == (qbraid or marqov)


def test_remedies_are_found_wherever_they_are():
    value = {"failure": {"remedy": "Run it again: %qjob retry 63fc1a00"}, "n": [1, "%qjob list", None]}
    assert said_within(value, MARQOV, list(ids_in({"job": ID}))) == {
        "failure": {"remedy": f"Run it again: POST qjob/api/jobs/{ID}/retry"},
        "n": [1, "%qjob list", None],
    }
    assert list(ids_in({"a": [ID, 5], "b": "63fc1a00"})) == [ID]
